"""Judges a plan: every rule it breaks, by name, with numbers.

Shares no code with what makes plans: connection, sums, centres and splits are worked out here from the graph.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import dist, isnan
from typing import Any

import networkx as nx

from geo.schema import OUTCOMES
from optimizer.plan import Area, Plan
from optimizer.rules import Rules
from optimizer.splits import can_split
from optimizer.standing import pairs, standing_of, total, units, with_ties

RULES = (  # the order of the report
    "cover",
    "outcome",
    "area_id",
    "connection",
    "minimum",
    "upper",
    "within",
    "barriers",
    "together",
    "apart",
    "locks",
    "scope",
    "alone",
    "missed",
    "below_min_group",
    "center",
)
CENTER_TOLERANCE = 1e-6  # share of the walking sum: two ways to add the same numbers may differ this much


@dataclass(frozen=True)
class Violation:
    """One rule broken in one place: an area, or a community that has none.

    `value` is what was found and `limit` what the rule wants (a number, an outcome, a column's values or a count of
    pieces); `members` are the communities it is about. The sentence of each rule is `violations.<rule>`.
    """

    rule: str
    area_id: str = ""
    community_id: str = ""
    value: int | float | str = ""
    limit: int | float | str = ""
    members: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Return the area or the community where the rule is broken."""
        return self.area_id or self.community_id


def check(plan: Plan, graph: "nx.Graph[str]", rules: Rules) -> list[Violation]:
    """Return every violation of the plan, in the order of RULES, then of the place; empty where the plan is lawful.

    `graph` holds all communities and the usable links, `rules` the limits. What is lawful is defined in design.md §4.
    """
    town = with_ties(graph)
    found = [
        *_cover(plan, graph),
        *_outcome(plan, graph),
        *_area_ids(plan),
        *_together(plan, graph),
        *_apart(plan, graph),
        *_locks(plan, graph),
        *_own_areas(plan, graph),
        *_left_out(plan, town, rules),
        *_below_min_groups(plan, graph, rules),
    ]
    for area in plan.areas:
        inside = _part(town, [m for m in area.members if m in town])
        if len(inside):
            found += [
                *_connection(area, inside),
                *_minimum(area, inside, rules),
                *_upper(area, inside, rules),
                *_within(area, inside, rules),
                *_barriers(area, inside, rules),
                *_scope(area, inside, rules),
                *_center(area, inside),
            ]
    return sorted(found, key=lambda v: (RULES.index(v.rule), v.place, v.members, str(v.value)))


def near_minimum(plan: Plan, graph: "nx.Graph[str]", rules: Rules) -> tuple[str, ...]:
    """Return the ids of the areas whose total is close to the minimum (临界), by `near_minimum_share` on both sides.

    Areas kept as they are (fixed, or a host alone) are not judged by the minimum and never named.
    """
    margin = rules.near_minimum_share * rules.minimum
    return tuple(
        area.area_id
        for area in plan.areas
        if not _kept_as_is(_part(graph, area.members))
        and abs(total(graph, area.members) - rules.minimum) <= margin
    )


# --- cover, outcomes, ids --------------------------------------------------------------------------


def _cover(plan: Plan, graph: "nx.Graph[str]") -> Iterator[Violation]:
    areas_of: dict[str, list[str]] = {}
    for area in plan.areas:
        for member in area.members:
            areas_of.setdefault(member, []).append(area.area_id)
        if not area.members:
            yield Violation("cover", area_id=area.area_id, value=0, limit=1)
    for community in sorted({*areas_of, *plan.outcomes, *graph}):
        areas = areas_of.get(community, [])
        if community not in graph:
            yield Violation("cover", community_id=community, value=len(areas), limit=0, members=tuple(areas))
        elif len(areas) > 1:
            yield Violation("cover", community_id=community, value=len(areas), limit=1, members=tuple(areas))


def _outcome(plan: Plan, graph: "nx.Graph[str]") -> Iterator[Violation]:
    size_of = {member: len(area.members) for area in plan.areas for member in area.members}
    for community in sorted(graph):
        given = plan.outcomes.get(community, "")
        due = _due_outcome(graph.nodes[community], size_of.get(community, 0))
        if given not in OUTCOMES or given != due:
            yield Violation("outcome", community_id=community, value=given, limit=due)


def _due_outcome(node: Mapping[str, Any], size: int) -> str:
    if size > 1:
        return "grouped"
    if node["scope"] == "fixed" or (node["scope"] == "host" and (size or node["count"])):
        return "fixed"
    if size == 1:
        return "alone"
    if node["scope"] == "excluded":
        return "excluded"
    return "exception" if node["count"] else "held"


def _area_ids(plan: Plan) -> Iterator[Violation]:
    for area_id, times in Counter(area.area_id for area in plan.areas).items():
        if times > 1:
            yield Violation("area_id", area_id=area_id, value=times, limit=1)
        digits = area_id.removeprefix("PMA-")
        if digits != area_id and digits.isdecimal() and int(digits) >= plan.next_number:
            yield Violation("area_id", area_id=area_id, value=int(digits), limit=plan.next_number - 1)


# --- one area --------------------------------------------------------------------------------------


def _connection(area: Area, inside: "nx.Graph[str]") -> Iterator[Violation]:
    pieces = sorted((sorted(piece) for piece in nx.connected_components(inside)), key=lambda p: (-len(p), p))
    if len(pieces) > 1:
        severed = tuple(member for piece in pieces[1:] for member in piece)
        yield Violation("connection", area_id=area.area_id, value=len(pieces), limit=1, members=severed)


def _minimum(area: Area, inside: "nx.Graph[str]", rules: Rules) -> Iterator[Violation]:
    if not _kept_as_is(inside) and total(inside, inside) < rules.minimum:
        yield Violation(
            "minimum",
            area_id=area.area_id,
            value=total(inside, inside),
            limit=rules.minimum,
            members=area.members,
        )


def _upper(area: Area, inside: "nx.Graph[str]", rules: Rules) -> Iterator[Violation]:
    above = total(inside, inside) > rules.upper and len(inside) > 1
    if above and (rules.upper_hard or _can_split(inside, rules.minimum)):
        yield Violation(
            "upper",
            area_id=area.area_id,
            value=total(inside, inside),
            limit=rules.upper,
            members=area.members,
        )


def _within(area: Area, inside: "nx.Graph[str]", rules: Rules) -> Iterator[Violation]:
    """Find pieces that hang together without given links and still mix values: a bound is crossed by hand only."""
    mixed = [column for column in rules.within if len(_values(inside, inside, column)) > 1]
    if not mixed:
        return
    found_only: nx.Graph[str] = nx.Graph()
    found_only.add_nodes_from(inside)
    found_only.add_edges_from((a, b) for a, b, link in inside.edges(data=True) if link.get("kind") == "found")
    for column in mixed:
        for piece in nx.connected_components(found_only):
            values = _values(inside, piece, column)
            if len(values) > 1:
                members = tuple(sorted(piece))
                yield Violation(
                    "within", area_id=area.area_id, value="、".join(values), limit=column, members=members
                )


def _values(inside: "nx.Graph[str]", members: Iterable[str], column: str) -> list[str]:
    return sorted({str(inside.nodes[m].get(column) or "") for m in members} - {""})


def _barriers(area: Area, inside: "nx.Graph[str]", rules: Rules) -> Iterator[Violation]:
    for a, b, link in inside.edges(data=True):
        crossed = sorted(set(link.get("crosses", ())) & set(rules.never))
        if crossed and link.get("kind") != "given":
            yield Violation(
                "barriers", area_id=area.area_id, value="、".join(crossed), members=tuple(sorted((a, b)))
            )


def _scope(area: Area, inside: "nx.Graph[str]", rules: Rules) -> Iterator[Violation]:
    """Find fixed ones in company, hosts with another host or a large one, excluded and held ones in any area."""
    hosts = [m for m in inside if inside.nodes[m]["scope"] == "host"]
    for member in sorted(inside):
        node = inside.nodes[member]
        if node["scope"] == "excluded" or (node["scope"] != "fixed" and not node["count"]):
            value = "excluded" if node["scope"] == "excluded" else "held"
            yield Violation("scope", area_id=area.area_id, value=value, limit="none", members=(member,))
        elif node["scope"] == "fixed" and len(inside) > 1:
            yield Violation("scope", area_id=area.area_id, value="fixed", limit="own", members=(member,))
        elif node["scope"] == "to_group" and hosts and node["count"] >= rules.minimum:
            yield Violation("scope", area_id=area.area_id, value="large", limit="small", members=(member,))
    if len(hosts) > 1:
        yield Violation(
            "scope", area_id=area.area_id, value="hosts", limit="one", members=tuple(sorted(hosts))
        )


def _center(area: Area, inside: "nx.Graph[str]") -> Iterator[Violation]:
    walking = {m: _walking(m, inside) for m in inside}
    best = min(sorted(walking), key=lambda m: walking[m])
    given = walking.get(area.center_id)
    if given is None or given - walking[best] > CENTER_TOLERANCE * max(1.0, walking[best]):
        yield Violation("center", area_id=area.area_id, value=area.center_id, limit=best)


def _walking(center: str, inside: "nx.Graph[str]") -> float:
    at = inside.nodes[center]
    legs = (
        (node["count"] or 0) * dist((at["x"], at["y"]), (node["x"], node["y"]))
        for _, node in inside.nodes(data=True)
    )
    return sum(leg for leg in legs if not isnan(leg))


# --- pairs, locks, scope ---------------------------------------------------------------------------


def _together(plan: Plan, graph: "nx.Graph[str]") -> Iterator[Violation]:
    """Find pairs of which one is in an area without the other; a host by itself is no company to be in."""
    stands = standing_of(graph)
    area_of = plan.area_of()
    for area in plan.areas:
        if len(area.members) == 1 and stands.get(area.members[0]) == "host":
            del area_of[area.members[0]]
    for a, b in pairs(graph, "together"):
        free = {stands[a], stands[b]}.isdisjoint({"held", "excluded"})
        if free and area_of.get(a) != area_of.get(b):
            places = sorted({area_of.get(a, ""), area_of.get(b, "")} - {""})
            yield Violation("together", community_id=a, value="、".join(places), members=(a, b))


def _apart(plan: Plan, graph: "nx.Graph[str]") -> Iterator[Violation]:
    area_of = plan.area_of()
    for a, b in pairs(graph, "apart"):
        if a in area_of and area_of[a] == area_of.get(b):
            yield Violation("apart", area_id=area_of[a], members=(a, b))


def _locks(plan: Plan, graph: "nx.Graph[str]") -> Iterator[Violation]:
    listed: dict[str, set[str]] = {}
    for community, node in graph.nodes(data=True):
        if node["lock"]:
            listed.setdefault(node["lock"], set()).add(community)
    lists_of_plan = {frozenset(area.members) for area in plan.areas}
    members_of = {area.area_id: set(area.members) for area in plan.areas}
    for area_id, members in listed.items():
        if frozenset(members) not in lists_of_plan:
            strayed = members ^ members_of.get(area_id, set())
            yield Violation(
                "locks", area_id=area_id, value=len(strayed), limit=0, members=tuple(sorted(strayed))
            )


def _own_areas(plan: Plan, graph: "nx.Graph[str]") -> Iterator[Violation]:
    area_of = plan.area_of()
    for community, stands in standing_of(graph).items():
        if stands in ("fixed", "host") and community not in area_of:
            yield Violation("scope", community_id=community, value="none", limit="own", members=(community,))


# --- who was left out --------------------------------------------------------------------------------


def _left_out(plan: Plan, town: "nx.Graph[str]", rules: Rules) -> Iterator[Violation]:
    """Find exceptions that need not be: large enough alone, or in a component that suffices with no rule in its way.

    A price on exceptions excuses them all, a hard upper size those that are not large enough alone.
    """
    if rules.exception_price is not None:
        return
    area_of = plan.area_of()
    left_out = {c for c, stands in standing_of(town).items() if stands == "open" and c not in area_of}
    untied = {unit[0] for unit in units(town, left_out) if len(unit) == 1}
    large = {c for c in untied if town.nodes[c]["count"] >= rules.minimum}
    for community in sorted(large):
        count = town.nodes[community]["count"]
        yield Violation(
            "alone", community_id=community, value=count, limit=rules.minimum, members=(community,)
        )
    for component in [] if rules.upper_hard else _components_that_suffice(town, rules):
        missed = tuple(sorted((left_out - large) & component))
        if missed:
            value = total(town, component)
            yield Violation(
                "missed", community_id=missed[0], value=value, limit=rules.minimum, members=missed
            )


def _components_that_suffice(town: "nx.Graph[str]", rules: Rules) -> Iterator[set[str]]:
    """Yield components, without apart pairs, in which every community can be in a lawful group.

    That holds for communities to be grouped that are linked without help of a host, and for one host with small ones
    around it, which are one lawful group all together.
    """
    stands = standing_of(town)
    hosts = {c for c in stands if stands[c] == "host"}
    open_ones = {c for c in stands if stands[c] == "open"}
    tied_to_host = {c for unit in units(town, hosts | open_ones) for c in unit if not hosts.isdisjoint(unit)}
    small = {c for c in open_ones if town.nodes[c]["count"] < rules.minimum}
    without_host = nx.connected_components(_part(town, open_ones - tied_to_host))
    with_hosts = nx.connected_components(_part(town, open_ones | hosts))
    around_one_host = (c for c in with_hosts if len(c & hosts) == 1 and c - hosts <= small)
    apart = pairs(town, "apart")
    for component in [*without_host, *around_one_host]:
        free = not any(a in component and b in component for a, b in apart)
        if free and total(town, component) >= rules.minimum:
            yield component


def _below_min_groups(plan: Plan, graph: "nx.Graph[str]", rules: Rules) -> Iterator[Violation]:
    """Find differences between the plan's groups below the minimum and the sets of linked exceptions, two or more."""
    exceptions = [c for c in graph if plan.outcomes.get(c) == "exception"]
    linked = {frozenset(g) for g in nx.connected_components(_part(graph, exceptions)) if len(g) > 1}
    for group in sorted({frozenset(g) for g in plan.below_min_groups} ^ linked, key=sorted):
        members = tuple(sorted(group))
        value = total(graph, group & set(graph))
        yield Violation(
            "below_min_group", community_id=members[0], value=value, limit=rules.minimum, members=members
        )


def _part(graph: "nx.Graph[str]", members: Collection[str]) -> "nx.Graph[str]":
    """Return these members and the links among them as a graph of their own: a view of a large graph is slow to read."""
    part: nx.Graph[str] = nx.Graph()
    part.add_nodes_from((member, graph.nodes[member]) for member in members)
    part.add_edges_from((a, b, link) for a, b, link in graph.edges(members, data=True) if b in part)
    return part


def _kept_as_is(inside: "nx.Graph[str]") -> bool:
    return len(inside) == 1 and all(node["scope"] in ("fixed", "host") for _, node in inside.nodes(data=True))


def _can_split(inside: "nx.Graph[str]", minimum: int) -> bool:
    if not nx.is_connected(inside):
        return False
    whole = units(inside, inside)
    unit_of = {member: unit for unit in whole for member in unit}
    contracted: nx.Graph[tuple[str, ...]] = nx.Graph()
    contracted.add_nodes_from(whole)
    contracted.add_edges_from((unit_of[a], unit_of[b]) for a, b in inside.edges if unit_of[a] != unit_of[b])
    return can_split(contracted, {unit: total(inside, unit) for unit in whole}, minimum)
