"""Improve around here: some areas of a plan and their neighbours are grouped again, all others stay as they are."""

from collections.abc import Iterable

import networkx as nx

from geo.schema import DataError
from optimizer.plan import Plan, regroup
from optimizer.rules import Rules
from optimizer.solving import Certificate, SolveOptions, solve
from optimizer.standing import pairs, standing_of


def improve_around(
    plan: Plan,
    graph: "nx.Graph[str]",
    rules: Rules,
    places: Iterable[str],
    *,
    depth: int = 1,
    options: SolveOptions | None = None,
) -> tuple[Plan, Certificate]:
    """Return the plan with what lies around `places` grouped again, and what is proven about that part of it.

    `places` are area ids and communities; `depth` says how many links, from area to area, the change may reach. Locked
    areas and those of a fixed community stay; exceptions on the way take part. Never worse than `plan` there, where the
    areas that lie there keep the rules. Raises DataError for a place that is neither.
    """
    here = surroundings(plan, graph, places, depth=depth)
    town = graph.subgraph(here).copy()
    for kind in ("together", "apart"):
        town.graph[kind] = tuple((a, b) for a, b in pairs(graph, kind) if a in here and b in here)
    again, certificate = solve(town, rules, options, start=_within(plan, here))
    groups = [area.members for area in again.areas]
    return regroup(plan, graph, here, groups) if here else plan, certificate


def surroundings(plan: Plan, graph: "nx.Graph[str]", places: Iterable[str], *, depth: int) -> frozenset[str]:
    """Return the communities that a change around `places` may regroup, `depth` links from area to area away."""
    stands = standing_of(graph)
    locked = {m for area in plan.areas if area.locked for m in area.members}
    free = {c for c, standing in stands.items() if standing in ("open", "host") and c not in locked}
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


def _within(plan: Plan, here: frozenset[str]) -> Plan:
    areas = tuple(area for area in plan.areas if here.issuperset(area.members))
    outcomes = {c: outcome for c, outcome in plan.outcomes.items() if c in here}
    groups = tuple(group for group in plan.below_min_groups if here.issuperset(group))
    return Plan(areas, outcomes, groups, plan.next_number)
