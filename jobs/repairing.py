"""The nearest repair of a broken rule or an exception: one command, tried out among the areas around it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import networkx as nx
import pandas as pd

from geo.schema import DataError
from jobs.reopened import Reopened
from optimizer.blocks import Blocks, Waiver, waivers_of
from optimizer.candidates import area_cost
from optimizer.checks import Violation, check
from optimizer.plan import Area, Plan
from optimizer.rules import Rules
from optimizer.standing import total
from store.drafts import Draft, dressed
from store.edits import Command, Merge, Move, NewArea, Regroup, Split, TakeOut, applied

TRIED = 24  # commands tried for one place: an area with more neighbours than this has a good one among them


@dataclass(frozen=True)
class Around:
    """A place with the areas and linked exceptions beside it: `draft` and `graph` hold nothing else."""

    draft: Draft
    graph: "nx.Graph[str]"
    rules: Rules

    @property
    def area_of(self) -> dict[str, Area]:
        """Return the area of each community that has one."""
        return {m: area for area in self.draft.plan.areas for m in area.members}

    def beside(self, members: tuple[str, ...]) -> list[Area]:
        """Return the areas linked with the members, their own aside."""
        linked = {n for m in members for n in self.graph[m]}
        areas = {self.area_of[n].area_id: self.area_of[n] for n in linked if n in self.area_of}
        return [area for _, area in sorted(areas.items()) if not set(members) <= set(area.members)]

    def exceptions_beside(self, members: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return the exceptions linked with the members, those that hang together as one."""
        linked = {n for m in members for n in self.graph[m]}
        left_out = [c for c in linked if self.draft.plan.outcomes[c] == "exception"]
        return sorted({_linked_exceptions(self.draft.plan, c) for c in left_out})


Tries = Callable[[Around, Violation], Iterator[Command]]


def repair_of(draft: Draft, town: Reopened, violation: Violation) -> Command | None:
    """Return the command that mends a violation best, None where none of those tried does.

    Best: fewest rules broken around it afterwards, then fewest exceptions, then least cost. It is tried on the areas
    around the place alone, which takes milliseconds; what it does to the whole plan the preview tells before anybody
    applies it.
    """
    tries = TRIES.get(violation.rule)
    places = {m for m in (violation.community_id, *violation.members) if m in draft.plan.outcomes}
    members = {m for area in draft.plan.areas if area.area_id == violation.area_id for m in area.members}
    if tries is None or not places | members:
        return None
    return nearest(draft, town, places | members, lambda around: tries(around, violation))


def nearest(
    draft: Draft, town: Reopened, members: set[str], tries: Callable[[Around], Iterator[Command]]
) -> Command | None:
    """Return the best of the commands tried around these communities, None where none makes anything better."""
    around = _around(draft, town, members)
    return _best(around, list(tries(around))[:TRIED])


def way_in(draft: Draft, town: Reopened, community: str) -> Command | None:
    """Return the command that takes an exception, and those linked with it, into an area best; None where none does."""
    return repair_of(draft, town, Violation("missed", community_id=community, members=(community,)))


def link_in(
    draft: Draft, town: Reopened, community: str, *, refused: pd.DataFrame, beyond: pd.DataFrame
) -> Waiver | None:
    """Return the missing link with which an exception could be in a lawful group; None where one link is not enough.

    `refused` has REFUSED_COLUMNS, `beyond` a, b, gap_m and cause of pairs farther apart than the reach.
    """
    graph = dressed(town.graph, draft)
    missing = [*waivers_of(refused), *waivers_of(beyond, beyond=True)]
    blocks = Blocks(
        draft.plan, graph, town.rules, [link for link in missing if link.a in graph and link.b in graph]
    )
    change = blocks.smallest_change(blocks.block_of[community], causes=None)
    return change.waivers[0] if change is not None and len(change.waivers) == 1 else None


# --- trying out ------------------------------------------------------------------------------------


def _around(draft: Draft, town: Reopened, members: set[str]) -> Around:
    graph = dressed(town.graph, draft)
    block_of = {m: group for group in draft.plan.below_min_groups for m in group}
    block_of |= {m: area.members for area in draft.plan.areas for m in area.members}
    own = {m for c in members for m in block_of.get(c, (c,))}
    beside = {n for m in own for n in graph[m]}
    here = {m for c in own | beside for m in block_of.get(c, (c,))}
    inside: nx.Graph[str] = graph.subgraph(here).copy()
    for kind in ("together", "apart"):
        pairs = graph.graph.get(kind, ())
        inside.graph[kind] = tuple((a, b) for a, b in pairs if a in here and b in here)
    plan = replace(
        draft.plan,
        areas=tuple(area for area in draft.plan.areas if here.issuperset(area.members)),
        outcomes={c: outcome for c, outcome in draft.plan.outcomes.items() if c in here},
        below_min_groups=tuple(g for g in draft.plan.below_min_groups if here.issuperset(g)),
    )
    return Around(Draft(plan, locked=draft.locked & here), inside, town.rules)


def _linked_exceptions(plan: Plan, community: str) -> tuple[str, ...]:
    return next((group for group in plan.below_min_groups if community in group), (community,))


def _best(around: Around, commands: list[Command]) -> Command | None:
    now = _standing(around, around.draft)
    found = []
    for number, command in enumerate(commands):
        try:
            then = _standing(around, applied(around.draft, command, around.graph))
        except DataError:  # a lock is in its way
            continue
        if then[:2] < now[:2]:
            found.append((*then, number))
    return commands[min(found)[-1]] if found else None


def _standing(around: Around, draft: Draft) -> tuple[int, int, float]:
    """Return how many rules are broken, how many communities are exceptions, and what all costs."""
    broken = check(draft.plan, around.graph, around.rules)
    exceptions = sum(outcome == "exception" for outcome in draft.plan.outcomes.values())
    cost = sum(area_cost(around.graph, around.rules, area.members).total for area in draft.plan.areas)
    return len(broken), exceptions, round(cost, 6)


# --- what is tried for each rule -------------------------------------------------------------------


def _join(around: Around, members: tuple[str, ...]) -> Iterator[Command]:
    """Try each area beside the members, and those that are left out beside them."""
    for area in around.beside(members):
        yield Move(members, area.area_id)
    for group in around.exceptions_beside(members):
        yield NewArea(tuple(sorted({*members, *group})))


def _left_out(around: Around, violation: Violation) -> Iterator[Command]:
    for member in violation.members:
        group = _linked_exceptions(around.draft.plan, member)
        if total(around.graph, group) >= around.rules.minimum:
            yield NewArea(group)
        yield from _join(around, group)
        if len(group) > 1:
            yield from _join(around, (member,))


def _alone(_around: Around, violation: Violation) -> Iterator[Command]:
    yield NewArea((violation.community_id,))


def _small(around: Around, violation: Violation) -> Iterator[Command]:
    own = _area(around, violation)
    for area in around.beside(own.members):
        yield Merge((own.area_id, area.area_id))
    for group in around.exceptions_beside(own.members):
        yield Move(group, own.area_id)


def _large(around: Around, violation: Violation) -> Iterator[Command]:
    """Try to cut the area at each link of a few spanning trees, where both parts reach the minimum."""
    own = _area(around, violation)
    inside = around.graph.subgraph(own.members)
    for root in dict.fromkeys((own.center_id, own.members[0], own.members[-1])):
        tree = nx.bfs_tree(inside, root)
        for _, below in sorted(tree.edges):
            part = tuple(sorted({below, *nx.descendants(tree, below)}))
            rest = tuple(sorted(set(own.members).difference(part)))
            if min(total(around.graph, p) for p in (part, rest)) >= around.rules.minimum:
                yield Split(own.area_id, (part, rest))


def _severed(around: Around, violation: Violation) -> Iterator[Command]:
    """Try the pieces as areas of their own, then each smaller piece elsewhere."""
    own = _area(around, violation)
    inside = around.graph.subgraph(own.members)
    pieces = sorted((tuple(sorted(p)) for p in nx.connected_components(inside)), key=lambda p: (-len(p), p))
    yield Split(own.area_id, tuple(pieces))
    for piece in pieces[1:]:
        yield from _join(around, piece)
    yield TakeOut(tuple(sorted(m for piece in pieces[1:] for m in piece)))


def _mixed(around: Around, violation: Violation) -> Iterator[Command]:
    """Try the members of each value of the column as areas of their own, then each of them elsewhere."""
    own, column = _area(around, violation), str(violation.limit)
    values = {m: str(around.graph.nodes[m].get(column) or "") for m in own.members}
    parts = [tuple(m for m in own.members if values[m] == value) for value in sorted({*values.values()})]
    if len(parts) > 1:
        yield Split(own.area_id, tuple(parts))
    for part in parts:
        yield from _join(around, part)
        yield TakeOut(part)


def _one_side(around: Around, violation: Violation) -> Iterator[Command]:
    for member in violation.members:
        yield from _join(around, (member,))
        yield NewArea((member,))
        yield TakeOut((member,))


def _both(around: Around, violation: Violation) -> Iterator[Command]:
    area_of = around.area_of
    for member, other in (violation.members, violation.members[::-1]):
        if other in area_of:
            yield Move((member,), area_of[other].area_id)
    yield NewArea(tuple(sorted(violation.members)))


def _list_again(around: Around, violation: Violation) -> Iterator[Command]:
    listed = tuple(c for c in sorted(around.graph) if around.graph.nodes[c]["lock"] == violation.area_id)
    if listed:
        touched = {m for c in listed if c in around.area_of for m in around.area_of[c].members}
        yield NewArea(listed)
        yield Regroup(tuple(sorted({*listed, *touched})), (listed,))


def _area(around: Around, violation: Violation) -> Area:
    return next(area for area in around.draft.plan.areas if area.area_id == violation.area_id)


TRIES: Mapping[str, Tries] = MappingProxyType(
    {
        "connection": _severed,
        "minimum": _small,
        "upper": _large,
        "within": _mixed,
        "barriers": _one_side,
        "together": _both,
        "apart": _one_side,
        "locks": _list_again,
        "scope": _one_side,
        "alone": _alone,
        "missed": _left_out,
    }
)
