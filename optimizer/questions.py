"""Why this grouping, and why not that one: any set of communities as an area, beside the areas it touches today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx

from optimizer.candidates import COST_PARTS, Cost, area_cost
from optimizer.checks import Violation, check
from optimizer.plan import Area, Plan, new_area
from optimizer.rules import Rules
from optimizer.standing import total


@dataclass(frozen=True)
class Judged:
    """One area of a comparison: what it costs, and the rules that it breaks."""

    area_id: str
    members: tuple[str, ...]
    households: int
    cost: Cost
    violations: tuple[Violation, ...]


@dataclass(frozen=True)
class Comparison:
    """A set of communities as an area: the areas it touches `before`, and `after` what they are beside it.

    `after` begins with the area asked for; the rests of touched areas follow, as they are left, not grouped again.
    `newly` are the communities of the set that are in no area today.
    """

    before: tuple[Judged, ...]
    after: tuple[Judged, ...]
    newly: tuple[str, ...]

    @property
    def asked(self) -> Judged:
        """Return the area asked for."""
        return self.after[0]

    @property
    def lawful(self) -> bool:
        """Tell whether no area afterwards breaks a rule."""
        return not any(area.violations for area in self.after)

    @property
    def difference(self) -> dict[str, float]:
        """Return by part of the cost what the areas cost more afterwards, in household-metres."""
        before, after = summed(self.before), summed(self.after)
        return {part: after[part] - before[part] for part in COST_PARTS}


def summed(areas: Iterable[Judged]) -> dict[str, float]:
    """Return the parts of the cost, summed over areas."""
    costs = [area.cost for area in areas]
    return {part: sum(cost.parts[part] for cost in costs) for part in COST_PARTS}


def ask(plan: Plan, graph: "nx.Graph[str]", rules: Rules, members: Iterable[str]) -> Comparison:
    """Return what `members` would be as one area; for the members of an area of the plan, what that area is.

    Raises DataError `plan.*` for an unknown community, and where the set can be no area at all: one of it is held or
    excluded, or a locked area would change.
    """
    ids = tuple(sorted(set(members)))
    there = any(area.members == ids for area in plan.areas)
    changed = plan if there else new_area(plan, graph, ids)
    touched = [area for area in plan.areas if not set(ids).isdisjoint(area.members)]
    around = {*ids, *(member for area in touched for member in area.members)}
    left = [area for area in changed.areas if not around.isdisjoint(area.members)]
    in_area = plan.area_of()
    return Comparison(
        before=judged(touched, graph, rules, check(plan, graph, rules)),
        after=judged(
            sorted(left, key=lambda area: area.members != ids), graph, rules, check(changed, graph, rules)
        ),
        newly=tuple(i for i in ids if i not in in_area),
    )


def judged(
    areas: Iterable[Area], graph: "nx.Graph[str]", rules: Rules, violations: Sequence[Violation]
) -> tuple[Judged, ...]:
    """Return areas with what they cost, and those of the plan's `violations` that speak of them."""
    return tuple(
        Judged(
            area.area_id,
            area.members,
            total(graph, area.members),
            area_cost(graph, rules, area.members),
            tuple(v for v in violations if _speaks_of(v, area)),
        )
        for area in areas
    )


def _speaks_of(violation: Violation, area: Area) -> bool:
    """Tell whether a violation is of this area, or of a community in it."""
    if violation.area_id:
        return violation.area_id == area.area_id
    return not {violation.community_id, *violation.members}.isdisjoint(area.members)
