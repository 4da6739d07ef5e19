"""Plan: which community belongs to which area. Frozen: every change returns a new plan.

Verbs are the planner's hand. They keep a plan whole (every community once, centres and outcomes true) but do not judge
it: a draft may break a rule, and `checks` says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import networkx as nx
import numpy as np

from geo.schema import DataError

TIE = 6  # decimals of household-metres: members whose walking sums are equal so far tie, and the smallest id is centre


@dataclass(frozen=True)
class Area:
    """One property-management area; `members` sorted; `center_id` the member for which the walking sum is least."""

    area_id: str
    members: tuple[str, ...]
    center_id: str
    locked: bool = False


@dataclass(frozen=True)
class Plan:
    """Areas in order of their id, and the outcome of every community of the graph (one of OUTCOMES).

    `next_number` is the number the next new area gets: ids are kept while their centre stays, never reused.
    """

    areas: tuple[Area, ...]
    outcomes: Mapping[str, str]
    below_min_groups: tuple[tuple[str, ...], ...] = ()
    next_number: int = 1

    def area_of(self) -> dict[str, str]:
        """Return the area id of every community that has one."""
        return {m: a.area_id for a in self.areas for m in a.members}


@dataclass(frozen=True)
class Difference:
    """What changed from one plan to another; every tuple sorted.

    `moved` holds (community, area before, area after) of each community whose company changed or whose area got
    another id, None where it had or has no area; `born` and `gone` are area ids.
    """

    moved: tuple[tuple[str, str | None, str | None], ...]
    born: tuple[str, ...]
    gone: tuple[str, ...]


# --- what a plan is made of ------------------------------------------------------------------------


def area_name(number: int) -> str:
    """Return the id of the area with this number: PMA-001."""
    return f"PMA-{number:03d}"


def number_of(area_id: str) -> int | None:
    """Return the number in an id of ours, None where the id is a name given by somebody else."""
    digits = area_id.removeprefix("PMA-")
    return int(digits) if digits != area_id and digits.isascii() and digits.isdigit() else None


def known(graph: "nx.Graph[str]", communities: Iterable[str]) -> frozenset[str]:
    """Return the communities; raises DataError where there are none, or one is not in the graph."""
    chosen = frozenset(communities)
    if not chosen:
        raise DataError("plan.nothing_chosen")
    for community in sorted(chosen - set(graph)):
        raise DataError("plan.no_such_community", community=community)
    return chosen


def center_of(graph: "nx.Graph[str]", members: Iterable[str]) -> str:
    """Return the member to which all households of `members` walk least: Σ count × straight distance, in 户·米.

    Where two sums are equal to six decimals the smallest id wins; a community without a place is at distance 0 from all.
    """
    ids = sorted(members)
    nodes = [graph.nodes[m] for m in ids]
    at = np.array([(node["x"], node["y"]) for node in nodes], dtype=float)
    counts = np.array([node["count"] or 0 for node in nodes], dtype=float)
    apart_m = np.nan_to_num(np.hypot(*(at[:, None, :] - at[None, :, :]).transpose(2, 0, 1)), nan=0.0)
    return ids[int(np.argmin(np.round(apart_m @ counts, TIE)))]


def outcomes_of(graph: "nx.Graph[str]", areas: Iterable[Area]) -> dict[str, str]:
    """Return the outcome of every community of the graph under these areas, in the order of its ids."""
    members_of = {m: area.members for area in areas for m in area.members}
    return {c: _outcome(graph.nodes[c], members_of.get(c, ())) for c in sorted(graph)}


def linked_exceptions(graph: "nx.Graph[str]", outcomes: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the exceptions that are linked with one another, two or more at a time: the below_min_groups of a plan."""
    exceptions = graph.subgraph([c for c, outcome in outcomes.items() if outcome == "exception"])
    return tuple(sorted(tuple(sorted(g)) for g in nx.connected_components(exceptions) if len(g) > 1))


def difference(before: Plan, after: Plan) -> Difference:
    """Return what changed between two plans of the same communities."""
    was, now = before.area_of(), after.area_of()
    ids_before, ids_after = {a.area_id for a in before.areas}, {a.area_id for a in after.areas}
    changed = sorted(c for c in {*was, *now} if was.get(c) != now.get(c))
    return Difference(
        moved=tuple((c, was.get(c), now.get(c)) for c in changed),
        born=tuple(sorted(ids_after - ids_before)),
        gone=tuple(sorted(ids_before - ids_after)),
    )


# --- verbs -----------------------------------------------------------------------------------------


def move(plan: Plan, graph: "nx.Graph[str]", communities: Iterable[str], to_area: str) -> Plan:
    """Return the plan with the communities in area `to_area`, wherever they were before.

    Raises DataError, as every verb does, for an unknown area or community, for a locked area that would change, and
    for a community that cannot be in any area (excluded, or its count unknown).
    """
    target = _area(plan, to_area)
    chosen = _groupable(graph, communities) - set(target.members)
    if not chosen:
        return plan
    together = chosen | set(target.members)
    return _regroup(plan, graph, together, [_Group(tuple(sorted(together)), frozenset({to_area}))])


def new_area(plan: Plan, graph: "nx.Graph[str]", communities: Iterable[str]) -> Plan:
    """Return the plan with the communities in an area of their own; raises DataError as `move`."""
    chosen = _groupable(graph, communities)
    return _regroup(plan, graph, chosen, [_Group(tuple(sorted(chosen)))])


def take_out(plan: Plan, graph: "nx.Graph[str]", communities: Iterable[str]) -> Plan:
    """Return the plan with the communities in no area; raises DataError as `move`."""
    return _regroup(plan, graph, known(graph, communities), [])


def merge(plan: Plan, graph: "nx.Graph[str]", area_ids: Iterable[str]) -> Plan:
    """Return the plan with these areas made one; raises DataError as `move`."""
    merged = [_area(plan, area_id) for area_id in sorted(set(area_ids))]
    members = known(graph, (m for area in merged for m in area.members))
    group = _Group(tuple(sorted(members)), frozenset(area.area_id for area in merged))
    return _regroup(plan, graph, members, [group])


def split(plan: Plan, graph: "nx.Graph[str]", area_id: str, parts: Sequence[Iterable[str]]) -> Plan:
    """Return the plan with the area in these parts; raises DataError where they are not its members, each once."""
    members = _area(plan, area_id).members
    groups = [tuple(sorted(part)) for part in parts]
    if sorted(m for group in groups for m in group) != list(members) or not all(groups):
        raise DataError("plan.parts", area=area_id)
    return _regroup(
        plan, graph, frozenset(members), [_Group(group, frozenset({area_id})) for group in groups]
    )


def regroup(
    plan: Plan, graph: "nx.Graph[str]", communities: Iterable[str], groups: Iterable[Iterable[str]]
) -> Plan:
    """Return the plan with the communities out of their areas and in these groups of them, the others in no area.

    A group keeps the id of an area whose centre it keeps. Raises DataError as `move`.
    """
    chosen = _groupable(graph, communities)
    touched = frozenset(area.area_id for area in plan.areas if not chosen.isdisjoint(area.members))
    return _regroup(plan, graph, chosen, [_Group(tuple(sorted(group)), touched) for group in groups])


def lock(plan: Plan, area_ids: Iterable[str]) -> Plan:
    """Return the plan with these areas locked: no verb changes them until they are unlocked."""
    return _set_locked(plan, area_ids, locked=True)


def unlock(plan: Plan, area_ids: Iterable[str]) -> Plan:
    """Return the plan with these areas open to change again."""
    return _set_locked(plan, area_ids, locked=False)


# --- parts -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """Members of an area to be, sorted, and the areas it continues: it keeps the id of the one whose centre it keeps."""

    members: tuple[str, ...]
    continues: frozenset[str] = frozenset()


def _regroup(plan: Plan, graph: "nx.Graph[str]", chosen: frozenset[str], groups: Sequence[_Group]) -> Plan:
    """Take `chosen` out of their areas, make `groups` of them, and bring ids, centres and outcomes up to date."""
    touched = [area for area in plan.areas if not chosen.isdisjoint(area.members)]
    for area in touched:
        if area.locked:
            raise DataError("plan.locked", area=area.area_id)
    rests = [_Group(tuple(m for m in a.members if m not in chosen), frozenset({a.area_id})) for a in touched]
    areas = [area for area in plan.areas if chosen.isdisjoint(area.members)]
    number = plan.next_number
    for group in sorted(
        [*(rest for rest in rests if rest.members), *groups], key=lambda group: group.members
    ):
        center = center_of(graph, group.members)
        kept = [a.area_id for a in touched if a.center_id == center and a.area_id in group.continues]
        areas.append(Area(kept[0] if kept else area_name(number), group.members, center))
        number += not kept
    outcomes = outcomes_of(graph, areas)
    return Plan(
        areas=tuple(sorted(areas, key=lambda area: area.area_id)),
        outcomes=outcomes,
        below_min_groups=linked_exceptions(graph, outcomes),
        next_number=number,
    )


def _outcome(node: Mapping[str, object], members: Sequence[str]) -> str:
    if len(members) > 1:
        return "grouped"
    if members:
        return "fixed" if node["scope"] in ("fixed", "host") else "alone"
    if node["scope"] == "excluded":
        return "excluded"
    return "exception" if node["count"] else "held"


def _set_locked(plan: Plan, area_ids: Iterable[str], *, locked: bool) -> Plan:
    chosen = {_area(plan, area_id).area_id for area_id in area_ids}
    return replace(
        plan, areas=tuple(replace(a, locked=locked) if a.area_id in chosen else a for a in plan.areas)
    )


def _area(plan: Plan, area_id: str) -> Area:
    for area in plan.areas:
        if area.area_id == area_id:
            return area
    raise DataError("plan.no_such_area", area=area_id)


def _groupable(graph: "nx.Graph[str]", communities: Iterable[str]) -> frozenset[str]:
    chosen = known(graph, communities)
    for community in sorted(chosen):
        node = graph.nodes[community]
        if node["scope"] == "excluded":
            raise DataError("plan.excluded", community=community)
        if node["scope"] == "to_group" and not node["count"]:
            raise DataError("plan.held", community=community)
    return chosen
