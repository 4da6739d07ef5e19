"""Solving: communities and links to a plan and its certificate."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING

import networkx as nx

from optimizer.candidates import area_cost
from optimizer.clock import Clock
from optimizer.instance import Instance, Part, prepare
from optimizer.plan import Area, Plan, area_name, center_of, linked_exceptions, number_of, outcomes_of
from optimizer.rules import Rules
from optimizer.work import Work

if TYPE_CHECKING:
    from optimizer.staging import Answer

SHARED = 40  # units: parts as large as this go to other processes,
WORTH_SHARING = 600  # where there are so many units in them: starting a process costs about two seconds
PROVEN = 1e-6  # of the cost: what counts as no gap


@dataclass(frozen=True)
class SolveOptions:
    """How long and how hard to search. `seconds` is a guard by the clock; `work` counts, and decides otherwise.

    The search draws no random numbers: `seed` is kept with the plan, and changes nothing. `workers` processes share the
    large parts of the graph; the plan does not depend on them.
    """

    seconds: float | None = None
    seed: int = 0
    workers: int = 1
    work: Work = field(default_factory=Work)


@dataclass(frozen=True)
class Progress:
    """How far a run is: parts solved of all parts, and communities in them."""

    parts_done: int
    parts: int
    communities_done: int
    communities: int


@dataclass(frozen=True)
class PartCertificate:
    """What is proven about one connected part; `first_id` is its smallest community. Fields as in Certificate."""

    first_id: str
    communities: int
    method: str  # "listed": all lawful groups at hand, "priced": by pricing, "none": no lawful group
    exceptions: int
    exceptions_bound: int
    areas: int
    areas_bound: int
    cost: float
    bound: float
    optimal: bool


@dataclass(frozen=True)
class Certificate:
    """What is proven about a plan, over all lawful groups.

    `cost`, `bound` in household-metres (with an exception price: areas and what is left out), `gap` their relative
    difference; `areas_bound` bounds the number of areas of any plan. `optimal` where every part is proven in all its
    goals; `stopped_by` is "clock" where the time limit cut the search short.
    """

    exceptions: int
    exceptions_bound: int
    exception_households: int
    cost: float
    bound: float
    gap: float
    areas: int
    areas_bound: int
    status: str
    stopped_by: str | None
    parts: tuple[PartCertificate, ...] = ()


def solve(
    graph: "nx.Graph[str]",
    rules: Rules,
    options: SolveOptions | None = None,
    *,
    instance: Instance | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Plan, Certificate]:
    """Return the best plan found and what is proven about it (design.md §4).

    Nodes of `graph` carry count, x and y (m; nan without a place), scope, lock; links carry crosses and wall_m; pairs
    that stay together or apart are in `graph.graph`. Held, excluded and fixed communities and locked areas are
    settled before; a fixed community is an area of its own, a locked area is exactly its list. A host is an area of its
    own at no cost unless a group takes it in: then it is the only host there, beside communities that each are below
    the minimum. The plan depends on nothing but the arguments, unless the clock stops the run.

    `instance` is `prepare(graph, rules)`, where the caller has it already. Raises Cancelled where `cancelled` says so, DataError `optimizer.together_*` where 须同区 pairs contradict others.
    """
    options = options or SolveOptions()
    clock = Clock(options.seconds, cancelled)
    instance = instance or prepare(graph, rules)
    answers = _solve_parts(instance.parts, rules, options, clock, progress)
    plan = _plan(graph, instance, [answer for of_part in answers for answer in of_part])
    return plan, _certificate(graph, rules, instance, plan, answers)


def _solve_parts(
    parts: Sequence[Part],
    rules: Rules,
    options: SolveOptions,
    clock: Clock,
    progress: Callable[[Progress], None] | None,
) -> list[list["Answer"]]:
    """Return the answers in the order of `parts`; each gets its share of the time, and what it leaves goes to larger ones."""
    from optimizer.staging import solve_part

    answers: dict[int, list[Answer]] = {}
    total = sum(len(p.ids) for p in parts)

    def done(k: int, answer: list["Answer"]) -> None:
        answers[k] = answer
        if progress is not None:
            progress(Progress(len(answers), len(parts), sum(len(parts[j].ids) for j in answers), total))

    order = sorted(range(len(parts)), key=lambda k: (parts[k].units, k))
    large = [k for k in order if parts[k].units >= SHARED]
    worth = options.workers > 1 and len(large) > 1 and sum(parts[k].units for k in large) >= WORTH_SHARING
    shared = large if worth else []
    for k in order:
        if k not in shared:
            clock.look()
            share = clock.share(
                parts[k].units / sum(p.units for j, p in enumerate(parts) if j not in answers)
            )
            done(k, solve_part(parts[k], rules, options.work, share))
    if shared:
        with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
            together = sum(parts[k].units for k in shared) / options.workers
            jobs = {
                k: pool.submit(
                    _solve_apart, parts[k], rules, options.work, clock.share(parts[k].units / together).left()
                )
                for k in reversed(shared)
            }
            for k, job in jobs.items():
                while not wait([job], timeout=1.0).done:
                    clock.look()
                done(k, job.result())
    return [answers[k] for k in range(len(parts))]


def _solve_apart(part: Part, rules: Rules, work: Work, seconds: float | None) -> list["Answer"]:
    from optimizer.staging import solve_part

    return solve_part(part, rules, work, Clock(seconds))


def _plan(graph: "nx.Graph[str]", instance: Instance, answers: Sequence["Answer"]) -> Plan:
    """Return the plan: areas numbered from north to south, then west to east; a locked area keeps its id where it is one of ours."""
    groups = [group for answer in answers for group in answer.groups]
    groups += [(host,) for answer in answers for host in answer.hosts]
    groups += [(community,) for community in instance.fixed]
    unlocked = [(center_of(graph, members), members) for members in groups]
    kept = {lock: members for lock, members in instance.locked if number_of(lock) is not None}
    unlocked_like = [(center_of(graph, m), m, True) for lock, m in instance.locked if lock not in kept]
    named = sorted(
        [(c, m, False) for c, m in unlocked] + unlocked_like, key=lambda row: _north_west(graph, row[0])
    )
    taken = {number_of(lock) for lock in kept}
    number = 0
    areas = [Area(lock, members, center_of(graph, members), locked=True) for lock, members in kept.items()]
    for center, members, locked in named:
        number += 1
        while number in taken:
            number += 1
        areas.append(Area(area_name(number), members, center, locked=locked))
    areas.sort(key=lambda area: (number_of(area.area_id) or 0, area.area_id))
    outcomes = outcomes_of(graph, areas)
    largest = max([number, *(n for n in taken if n is not None)], default=0)
    return Plan(tuple(areas), outcomes, linked_exceptions(graph, outcomes), largest + 1)


def _north_west(graph: "nx.Graph[str]", community: str) -> tuple[float, float, str]:
    node = graph.nodes[community]
    placeless = node["x"] != node["x"] or node["y"] != node["y"]
    return (float("inf"), 0.0, community) if placeless else (-round(node["y"]), node["x"], community)


def _certificate(
    graph: "nx.Graph[str]",
    rules: Rules,
    instance: Instance,
    plan: Plan,
    answers: Sequence[Sequence["Answer"]],
) -> Certificate:
    costs = {area.members: area_cost(graph, rules, area.members).total for area in plan.areas}
    rows = [_row(graph, rules, answer, costs) for of_part in answers for answer in of_part]
    settled_cost = sum(costs[members] for _, members in instance.locked)
    settled = len(instance.locked) + len(instance.fixed)
    out = [c for c, outcome in plan.outcomes.items() if outcome == "exception"]
    cost = settled_cost + sum(row.cost for row in rows)
    bound = min(cost, settled_cost + sum(row.bound for row in rows))
    optimal = all(row.optimal for row in rows)
    stopped = any(answer.stopped for of_part in answers for answer in of_part)
    return Certificate(
        exceptions=len(out),
        exceptions_bound=sum(row.exceptions_bound for row in rows),
        exception_households=sum(graph.nodes[c]["count"] for c in out),
        cost=cost,
        bound=cost if optimal else bound,
        gap=0.0 if optimal or cost == 0 else (cost - bound) / cost,
        areas=len(plan.areas),
        areas_bound=settled + sum(row.areas_bound for row in rows),
        status="optimal" if optimal else "feasible",
        stopped_by="clock" if stopped and not optimal else None,
        parts=tuple(rows),
    )


def _row(
    graph: "nx.Graph[str]", rules: Rules, answer: "Answer", costs: dict[tuple[str, ...], float]
) -> PartCertificate:
    """Return the row of one answer, its cost computed again from the areas themselves."""
    ids = sorted([*answer.exceptions, *answer.hosts, *(i for group in answer.groups for i in group)])
    cost = sum(costs[group] for group in answer.groups)
    if rules.exception_price is not None:
        cost += rules.exception_price * sum(graph.nodes[i]["count"] for i in answer.exceptions)
    gap = cost - answer.bound
    return PartCertificate(
        first_id=ids[0],
        communities=len(ids),
        method=answer.method,
        exceptions=len(answer.exceptions),
        exceptions_bound=answer.exceptions_bound,
        areas=len(answer.groups) + len(answer.hosts),
        areas_bound=answer.areas_bound,
        cost=cost,
        bound=min(cost, max(0.0, answer.bound)),
        optimal=answer.optimal and gap <= PROVEN * max(1.0, cost),
    )
