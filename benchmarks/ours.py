"""Our own runs, each in a process of its own: timed after a warm-up solve, with peak memory and what it told while running."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import TypeVar

import networkx as nx
import numpy as np

from benchmarks.maxp import Answer, MaxP, solve_maxp
from benchmarks.maxp_boxes import boxed_bound
from benchmarks.maxp_large import annealed
from benchmarks.maxp_sets import LARGEST
from benchmarks.peers import peak_mb
from benchmarks.towns import street_grid
from optimizer.rules import Rules
from optimizer.solving import Progress, SolveOptions, solve

WARM_UP_UNITS = 60
WARM_UP_ROW = 6
TOLD = ("cost", "bound", "areas")  # what a Progress may say of the best plan so far
Result = TypeVar("Result")


@dataclass(frozen=True)
class Moment:
    """What was known after `seconds`: None where the optimizer did not tell."""

    seconds: float
    cost: float | None = None
    bound: float | None = None
    areas: int | None = None
    distance: float | None = None  # of a public instance, by the peers' measure


@dataclass(frozen=True)
class Solved:
    """A plan of ours, its certificate in plain numbers, and how it came about."""

    groups: tuple[tuple[str, ...], ...]
    certificate: dict[str, float | int | str | None]
    moments: tuple[Moment, ...]
    seconds: float
    cpu_seconds: float
    memory_mb: float


@dataclass(frozen=True)
class Proven:
    """A public instance solved: as Solved, with the answer in place of plan and certificate."""

    answer: Answer
    moments: tuple[Moment, ...]
    seconds: float
    memory_mb: float


def apart(run: Callable[..., Result], /, *given: object) -> Result:
    """Return what `run` returns in a process of its own, so that memory is measured from nothing."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(run, *given).result()


def solve_timed(graph: "nx.Graph[str]", rules: Rules, seconds: float, workers: int) -> Solved:
    """Solve once for warmth and once by the clock."""
    solve(street_grid(WARM_UP_UNITS), rules_for_warmth(rules), SolveOptions(seconds=10))
    moments: list[Moment] = []
    start, cpu = time.perf_counter(), cpu_seconds()
    plan, certificate = solve(
        graph,
        rules,
        SolveOptions(seconds=seconds, workers=workers),
        progress=lambda event: moments.append(moment(event, time.perf_counter() - start)),
    )
    took, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    plain = asdict(certificate)
    return Solved(
        tuple(area.members for area in plan.areas),
        {k: v for k, v in plain.items() if isinstance(v, int | float | str | None)},
        tuple(m for m in moments if m.cost is not None or m.areas is not None),
        took,
        cpu,
        peak_mb(),
    )


def rules_for_warmth(rules: Rules) -> Rules:
    """Return the rules that make the same code run on a small street grid."""
    return Rules(most_areas=rules.most_areas, prices=rules.prices)


def maxp_timed(instance: MaxP) -> Proven:
    """Solve a public instance, after a small one for warmth."""
    row = [[k for k in (u - 1, u + 1) if 0 <= k < WARM_UP_ROW] for u in range(WARM_UP_ROW)]
    small = MaxP(row, np.ones(WARM_UP_ROW), instance.attributes[:WARM_UP_ROW], 2.0)
    solve_maxp(small)
    if len(instance.near) > LARGEST:
        annealed(row, small.weight, small.distance, 2.0, 3, runs=1, steps=1_000)
        boxed_bound(row, small.weight, small.distance, 2.0, np.repeat(np.arange(3), 2), boxes=2)
    moments: list[Moment] = []
    start = time.perf_counter()
    answer = solve_maxp(
        instance,
        tell=lambda areas, distance: moments.append(
            Moment(time.perf_counter() - start, areas=areas, distance=distance)
        ),
    )
    return Proven(answer, tuple(moments), time.perf_counter() - start, peak_mb())


def cpu_seconds() -> float:
    """Return the processor seconds of this process and of those it started and saw end."""
    return sum(os.times()[:4])


def moment(event: Progress, seconds: float) -> Moment:
    """Return what an event tells of the best plan so far; events say more in some versions than in others."""
    return Moment(seconds, **{name: getattr(event, name, None) for name in TOLD})
