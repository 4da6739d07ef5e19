"""What a change of a plan does, told before it is applied; and what each neighbour would mean for a community."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan

import networkx as nx

from geo.schema import DataError
from optimizer.candidates import COST_PARTS
from optimizer.checks import Violation, check
from optimizer.instance import link_cost
from optimizer.plan import Plan, move, new_area
from optimizer.questions import Judged, judged, summed
from optimizer.rules import Rules
from optimizer.standing import total
from optimizer.traits import values_of

# Rules broken between some members of an area.
OF_MEMBERS = frozenset({"barriers", "together", "apart", "scope"})


@dataclass(frozen=True)
class Preview:
    """A change: the areas it touches `before` and `after`, outcomes that change, rules that it breaks and mends.

    `outcomes` holds (community, outcome before, outcome after). A rule is `broken` in a place where it was kept, and
    `mended` where it is kept now; what was broken before and still is stands in the areas alone.
    """

    before: tuple[Judged, ...]
    after: tuple[Judged, ...]
    outcomes: tuple[tuple[str, str, str], ...]
    broken: tuple[Violation, ...]
    mended: tuple[Violation, ...]

    @property
    def difference(self) -> dict[str, float]:
        """Return by part of the cost what the plan costs more afterwards, in household-metres."""
        before, after = summed(self.before), summed(self.after)
        return {part: after[part] - before[part] for part in COST_PARTS}

    @property
    def cost(self) -> float:
        """Return what the plan costs more afterwards, in household-metres."""
        return sum(self.difference.values())


@dataclass(frozen=True)
class Offer:
    """What it would mean for a community to be together with `members`: those of an area, or an exception beside it.

    Households are of `members` and of all together; `gap_m` (nan for a given link where either has no place), `wall_m`
    and `crosses` are of the best link between them (the cheapest, then the shortest). `same_grid` and
    `same_committee` are None where either side does not know.
    """

    area_id: str  # "" for an exception
    members: tuple[str, ...]
    households_before: int
    households_after: int
    gap_m: float
    wall_m: float
    crosses: tuple[str, ...]
    same_grid: bool | None
    same_committee: bool | None
    preview: Preview


def preview(
    before: Plan,
    after: Plan,
    graph: "nx.Graph[str]",
    rules: Rules,
    *,
    graph_after: "nx.Graph[str] | None" = None,
    touched: Collection[str] = (),
    broken: Sequence[Violation] | None = None,
) -> Preview:
    """Return what leads from one plan of the graph to another; `broken` is `check(before, ...)`, where it is known.

    Where the change is of the graph too, `graph_after` is what it becomes, and `touched` the communities of which it
    says something else: their areas are told, the same members or not.
    """
    known = check(before, graph, rules) if broken is None else broken
    turned = graph if graph_after is None else graph_after
    return _preview(_State(before, graph), known, _State(after, turned), rules, touched)


def offers(plan: Plan, graph: "nx.Graph[str]", rules: Rules, community: str) -> tuple[Offer, ...]:
    """Return what each area and each exception linked with a community would mean for it, lawful ones first, then by cost.

    Its own area is none of them, and neither is one that is locked or stays as it is (fixed). Empty where the community
    cannot be in any area, or its own area is locked. Raises DataError `plan.no_such_community`.
    """
    if community not in graph:
        raise DataError("plan.no_such_community", community=community)
    broken = check(plan, graph, rules)
    found = []
    for area_id, members in _beside(plan, graph, community):
        try:
            after = (
                move(plan, graph, [community], area_id)
                if area_id
                else new_area(plan, graph, [community, *members])
            )
        except DataError:  # held, excluded or locked: no offer
            continue
        found.append(
            _offer(
                graph,
                rules,
                community,
                area_id,
                members,
                _preview(_State(plan, graph), broken, _State(after, graph), rules),
            )
        )
    return tuple(sorted(found, key=lambda o: (bool(o.preview.broken), o.preview.cost, o.area_id, o.members)))


@dataclass(frozen=True)
class _State:
    plan: Plan
    graph: "nx.Graph[str]"


def _preview(
    before: _State,
    broken: Sequence[Violation],
    after: _State,
    rules: Rules,
    touched: Collection[str] = (),
) -> Preview:
    was, now = ({(a.area_id, a.members) for a in state.plan.areas} for state in (before, after))
    still = check(after.plan, after.graph, rules)
    places_before, places_after = ({_place(v) for v in found} for found in (broken, still))
    turned = frozenset(touched)
    gone, come = (
        [a for a in state.plan.areas if (a.area_id, a.members) not in other or turned.intersection(a.members)]
        for state, other in ((before, now), (after, was))
    )
    outcomes = before.plan.outcomes, after.plan.outcomes
    return Preview(
        before=judged(gone, before.graph, rules, broken),
        after=judged(come, after.graph, rules, still),
        outcomes=tuple(
            (c, outcomes[0][c], outcomes[1][c])
            for c in sorted(outcomes[0])
            if outcomes[0][c] != outcomes[1][c]
        ),
        broken=tuple(v for v in still if _place(v) not in places_before),
        mended=tuple(v for v in broken if _place(v) not in places_after),
    )


def _place(violation: Violation) -> tuple[object, ...]:
    """Return the rule and the place it is broken in, whatever the numbers; pairs and single members are places too."""
    members = violation.members if violation.rule in OF_MEMBERS else ()
    return violation.rule, violation.area_id, violation.community_id, members


def _beside(plan: Plan, graph: "nx.Graph[str]", community: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the areas linked with a community but its own, then exceptions, each alone (area id "")."""
    area_of = plan.area_of()
    areas = {area.area_id: area.members for area in plan.areas}
    linked = sorted(set(graph[community]) - {community})
    for area_id in sorted({area_of[i] for i in linked if i in area_of} - {area_of.get(community)}):
        if not any(graph.nodes[i]["scope"] == "fixed" for i in areas[area_id]):
            yield area_id, areas[area_id]
    for other in linked:
        if plan.outcomes[other] == "exception":
            yield "", (other,)


def _offer(
    graph: "nx.Graph[str]",
    rules: Rules,
    community: str,
    area_id: str,
    members: tuple[str, ...],
    change: Preview,
) -> Offer:
    link = min(
        (graph.edges[community, i] for i in members if graph.has_edge(community, i)),
        key=lambda link: (link_cost(link, rules.prices), inf if isnan(link["gap_m"]) else link["gap_m"]),
    )
    node, others = graph.nodes[community], [graph.nodes[i] for i in members]
    households = total(graph, members)
    return Offer(
        area_id=area_id,
        members=members,
        households_before=households,
        households_after=households + total(graph, [community]),
        gap_m=float(link["gap_m"]),
        wall_m=float(link["wall_m"]),
        crosses=tuple(link["crosses"]),
        same_grid=_shared(node, others, "grid", rules),
        same_committee=_shared(node, others, "committee", rules),
        preview=change,
    )


def _shared(
    node: Mapping[str, object], others: Sequence[Mapping[str, object]], trait: str, rules: Rules
) -> bool | None:
    """Tell whether a community has a value of the trait in common with others; None where either side knows none."""
    own = set(values_of(node, trait, rules))
    theirs = {value for other in others for value in values_of(other, trait, rules)}
    return bool(own & theirs) if own and theirs else None
