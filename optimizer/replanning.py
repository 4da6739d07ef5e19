"""A part of a plan grouped again by the optimizer, all else left as it is: around a place, within an area, the rest."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

import networkx as nx

from geo.schema import DataError
from optimizer.plan import Plan, regroup
from optimizer.rules import Rules
from optimizer.solving import Certificate, Progress, SolveOptions, solve
from optimizer.standing import pairs, standing_of


@dataclass(frozen=True)
class Following:
    """Who follows a search: `heard` is told how far it is, `cancelled` asked whether the best so far will do."""

    heard: Callable[[Progress], None] | None = None
    cancelled: Callable[[], bool] | None = None


def improve_around(
    plan: Plan,
    graph: "nx.Graph[str]",
    rules: Rules,
    places: Iterable[str],
    *,
    depth: int = 1,
    kept: Collection[str] = (),
    options: SolveOptions | None = None,
    following: Following | None = None,
) -> tuple[Plan, Certificate]:
    """Return the plan with what lies around `places` grouped again, and what is proven about that part of it.

    `places` are area ids and communities; `depth` says how many links, from area to area, the change may reach. Locked
    areas, those of a fixed or a `kept` community and kept exceptions stay; other exceptions on the way take part. Never
    worse than `plan` there, where the areas that lie there keep the rules. Raises DataError for a place that is neither.
    """
    here = surroundings(plan, graph, places, depth=depth, kept=kept)
    return _again(plan, graph, rules, here, options, following)


def replan_rest(
    plan: Plan,
    graph: "nx.Graph[str]",
    rules: Rules,
    *,
    kept: Collection[str] = (),
    options: SolveOptions | None = None,
    following: Following | None = None,
) -> tuple[Plan, Certificate]:
    """Return the plan with all grouped again that neither is locked nor has a `kept` community in its area."""
    return _again(plan, graph, rules, free_of(plan, graph, kept=kept), options, following)


def split_best(
    plan: Plan,
    graph: "nx.Graph[str]",
    rules: Rules,
    area_id: str,
    *,
    options: SolveOptions | None = None,
    following: Following | None = None,
) -> tuple[Plan, Certificate]:
    """Return the plan with the area in two or more: those that cost least, else as many as there can be.

    The plan as it was where the area cannot be split into lawful ones. Raises DataError for an unknown area.
    """
    here = surroundings(plan, graph, [area_id], depth=0)
    alone = replace(rules, most_areas=False)
    again, certificate = _again(plan, graph, alone, here, options, following)
    if len(again.areas) <= len(plan.areas):
        most = replace(rules, most_areas=True)
        again, certificate = _again(plan, graph, most, here, options, following)
    held_together = len(again.areas) <= len(plan.areas)
    lost = any(again.outcomes[c] == "exception" != plan.outcomes[c] for c in here)
    return (plan if held_together or lost else again), certificate


def surroundings(
    plan: Plan, graph: "nx.Graph[str]", places: Iterable[str], *, depth: int, kept: Collection[str] = ()
) -> frozenset[str]:
    """Return the communities that a change around `places` may regroup, `depth` links from area to area away."""
    free = free_of(plan, graph, kept=kept)
    members_of = {area.area_id: area.members for area in plan.areas}
    area_of = plan.area_of()
    block_of = {c: frozenset(members_of[area_of[c]]) if c in area_of else frozenset([c]) for c in graph}
    found: set[str] = set()
    for place in places:
        if place not in members_of and place not in block_of:
            raise DataError("plan.no_such_community", community=place)
        found |= set(members_of.get(place, ())) or block_of[place]
    wave = found & free
    found = set(wave)
    for _ in range(depth):
        beside = {n for c in wave for n in graph[c] if n in free} - found
        wave = {m for c in beside for m in block_of[c]} & free
        found |= wave
    return frozenset(found)


def free_of(plan: Plan, graph: "nx.Graph[str]", *, kept: Collection[str] = ()) -> frozenset[str]:
    """Return the communities that may be grouped again: neither locked nor fixed, nor kept, nor in one area with a kept one."""
    stays = frozenset(kept)
    stays |= {m for a in plan.areas if a.locked or not stays.isdisjoint(a.members) for m in a.members}
    return frozenset(
        c for c, standing in standing_of(graph).items() if standing in ("open", "host") and c not in stays
    )


def _again(
    plan: Plan,
    graph: "nx.Graph[str]",
    rules: Rules,
    here: frozenset[str],
    options: SolveOptions | None,
    following: Following | None,
) -> tuple[Plan, Certificate]:
    """Return the plan with the communities `here` grouped again among themselves."""
    town = graph.subgraph(here).copy()
    for kind in ("together", "apart"):
        town.graph[kind] = tuple((a, b) for a, b in pairs(graph, kind) if a in here and b in here)
    followed = following or Following()
    again, certificate = solve(
        town,
        rules,
        options,
        start=_within(plan, here),
        progress=followed.heard,
        cancelled=followed.cancelled,
    )
    groups = [area.members for area in again.areas]
    return regroup(plan, graph, here, groups) if here else plan, certificate


def _within(plan: Plan, here: frozenset[str]) -> Plan:
    areas = tuple(area for area in plan.areas if here.issuperset(area.members))
    outcomes = {c: outcome for c, outcome in plan.outcomes.items() if c in here}
    groups = tuple(group for group in plan.below_min_groups if here.issuperset(group))
    return Plan(areas, outcomes, groups, plan.next_number)
