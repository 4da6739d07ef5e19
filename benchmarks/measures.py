"""How a plan is measured, whoever made it: on our own terms and on the peers'."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from optimizer.candidates import area_cost
from optimizer.checks import check
from optimizer.plan import Area, Plan, area_name, center_of, linked_exceptions, outcomes_of
from optimizer.rules import Rules

Floats = NDArray[np.float64]
Groups = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Judged:
    """What a plan is worth: `cost` in household-metres of all areas, `distance` the peers' own measure.

    `torn` counts areas that do not hang together, `short` those below the minimum, `other` all else that
    `optimizer.checks` finds; `smallest` is the count of the smallest area.
    """

    areas: int
    exceptions: int
    cost: float
    distance: float
    smallest: int
    torn: int
    short: int
    other: int


def judge(
    graph: "nx.Graph[str]", rules: Rules, groups: Groups, attributes: Mapping[str, Sequence[float]]
) -> Judged:
    """Return how `groups` fares as a plan of `graph`; communities in none of them are left out."""
    areas = tuple(
        Area(area_name(k + 1), tuple(sorted(members)), center_of(graph, members))
        for k, members in enumerate(groups)
    )
    outcomes = outcomes_of(graph, areas)
    plan = Plan(areas, outcomes, linked_exceptions(graph, outcomes), len(areas) + 1)
    broken = Counter(violation.rule for violation in check(plan, graph, rules))
    counts = [sum(graph.nodes[m]["count"] or 0 for m in area.members) for area in areas]
    torn, short = broken.pop("connection", 0), broken.pop("minimum", 0)
    return Judged(
        areas=len(areas),
        exceptions=sum(outcome == "exception" for outcome in outcomes.values()),
        cost=sum(area_cost(graph, rules, area.members).total for area in areas),
        distance=sum(pairwise([attributes[m] for m in area.members]) for area in areas),
        smallest=min(counts, default=0),
        torn=torn,
        short=short,
        other=sum(broken.values()),
    )


def pairwise(rows: Iterable[Sequence[float]]) -> float:
    """Return the sum of city-block distances over all pairs of rows, each pair once (spopt's objective).

    In a sorted column of n values the k-th (from 0) is k times the larger of a pair and n − 1 − k times the smaller.
    """
    values = np.array(list(rows), dtype=float)
    if len(values) < 2:
        return 0.0  # also where the only one has no place
    weight = 2.0 * np.arange(len(values)) - (len(values) - 1)
    return float((weight[:, None] * np.sort(values, axis=0)).sum())


def groups_of(labels: Sequence[int], ids: Sequence[str]) -> list[list[str]]:
    """Return the groups that labels speak of, in order of label; a label below 0 is none."""
    groups: dict[int, list[str]] = {}
    for label, community in zip(labels, ids, strict=True):
        if label >= 0:
            groups.setdefault(label, []).append(community)
    return [groups[label] for label in sorted(groups)]
