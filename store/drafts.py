"""Draft: a plan under the planner's hand, and all that was decided beside it. Frozen: an edit returns a new one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import dist
from typing import TypeVar

import networkx as nx

from optimizer.plan import Plan, linked_exceptions, outcomes_of

Pair = tuple[str, str]  # two communities, the smaller id first
V = TypeVar("V")

LINK_DECISIONS = ("given", "forbidden")
CONSENTS = ("not_asked", "for", "against", "frozen")
MODES = ("professional", "self_managed", "neighborhood_run", "package")


@dataclass(frozen=True)
class Acceptance:
    """Why an area below the minimum, or an exception, may stay as it is, and who says so."""

    reason: str
    by: str


@dataclass(frozen=True)
class ScopeDecision:
    """A scope that a planner set: one of geo.schema.SCOPES, who set it, and the decision it rests on."""

    scope: str
    by: str
    decision: str


@dataclass(frozen=True)
class LinkDecision:
    """A link given or forbidden by hand; `gap_m` None where not measured, `crosses` the barrier classes on the way."""

    kind: str  # one of LINK_DECISIONS
    reason: str
    gap_m: float | None = None
    crosses: tuple[str, ...] = ()
    wall_m: float = 0.0


@dataclass(frozen=True)
class Tally:
    """Owners asked, and how many of them said yes and no; who said nothing is counted as neither."""

    asked: int
    agreed: int
    opposed: int


@dataclass(frozen=True)
class Consent:
    """What a community's owners say: one of CONSENTS, with date (ISO), document and tally."""

    state: str
    date: str = ""
    document: str = ""
    tally: Tally | None = None


@dataclass(frozen=True)
class Bounds:
    """The four bounds (四至) of an area as a clerk wrote them; where one is "", the text found by itself stands."""

    east: str = ""
    south: str = ""
    west: str = ""
    north: str = ""


@dataclass(frozen=True)
class Mode:
    """How an area is to be managed: one of MODES, and the document or vote that says so ("" where none does yet)."""

    kind: str
    evidence: str = ""


@dataclass(frozen=True)
class Draft:
    """The plan, and by area id or community what planners decided; links by pair.

    `accepted` is by area id, or by community where it is an exception. It stands only for what was accepted: it falls
    when the area's members change, or the community gets an area. `bounds` by area id fall as it does: they are of
    that outline and no other. `names`, `modes`, `contacts` (联络专人, a post and never a person) and
    `responsible` (by role, who holds it where the data name nobody) go with their area.
    """

    plan: Plan
    names: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    accepted: Mapping[str, Acceptance] = field(default_factory=dict)
    scopes: Mapping[str, ScopeDecision] = field(default_factory=dict)
    links: Mapping[Pair, LinkDecision] = field(default_factory=dict)
    checked: frozenset[Pair] = frozenset()
    reasons: Mapping[str, str] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    modes: Mapping[str, Mode] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    responsible: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def pair_of(a: str, b: str) -> Pair:
    """Return the two as a pair."""
    return (a, b) if a < b else (b, a)


def dressed(graph: "nx.Graph[str]", draft: Draft) -> "nx.Graph[str]":
    """Return the graph as the draft sees it: with its scopes, its links and what was checked on site.

    A copy wherever the draft says anything; `graph` itself stays as the data made it.
    """
    if not (draft.scopes or draft.links or draft.checked):
        return graph
    town = graph.copy()
    for community, decided in draft.scopes.items():
        town.nodes[community]["scope"] = decided.scope
    for (a, b), link in draft.links.items():
        if link.kind == "given":
            found = graph.get_edge_data(a, b) or _measured(graph, a, b, link)
            town.add_edge(a, b, **{**found, "kind": "given"})
        elif town.has_edge(a, b):
            town.remove_edge(a, b)
    for a, b in draft.checked:
        if town.has_edge(a, b):
            town.edges[a, b]["verified"] = True
    return town


def replanned(draft: Draft, plan: Plan) -> Draft:
    """Return the draft with another plan: what was said of an area goes with it, or falls where it speaks of another.

    Names, modes and contacts follow their areas; acceptances and bounds fall where what they spoke of changed.
    """
    was = {area.area_id: area.members for area in draft.plan.areas}
    now = {area.area_id: area.members for area in plan.areas}
    stands = {
        place: acceptance
        for place, acceptance in draft.accepted.items()
        if (now.get(place) == was[place] if place in was else plan.outcomes.get(place) == "exception")
    }
    return replace(
        draft,
        plan=plan,
        names=_followed(draft.names, draft.plan, plan),
        modes=_followed(draft.modes, draft.plan, plan),
        contacts=_followed(draft.contacts, draft.plan, plan),
        responsible=_followed(draft.responsible, draft.plan, plan),
        bounds={
            area_id: told
            for area_id, told in draft.bounds.items()
            if area_id in was and now.get(area_id) == was[area_id]
        },
        accepted=stands,
    )


def judged_again(draft: Draft, graph: "nx.Graph[str]") -> Draft:
    """Return the draft with the outcomes that follow from its scopes and links; the areas stay."""
    town = dressed(graph, draft)
    outcomes = outcomes_of(town, draft.plan.areas)
    groups = linked_exceptions(town, outcomes)
    return replanned(draft, replace(draft.plan, outcomes=outcomes, below_min_groups=groups))


def _measured(
    graph: "nx.Graph[str]", a: str, b: str, link: LinkDecision
) -> dict[str, float | tuple[str, ...] | bool]:
    ends = [(graph.nodes[c]["x"], graph.nodes[c]["y"]) for c in (a, b)]
    gap_m = dist(*ends) if link.gap_m is None else link.gap_m
    return {"gap_m": gap_m, "crosses": link.crosses, "wall_m": link.wall_m, "verified": False}


def _followed(told: Mapping[str, V], before: Plan, plan: Plan) -> dict[str, V]:
    """Keep what is told of areas with them; where a change of centre gave an area a new id, it goes with most of its members."""
    now = {area.area_id for area in plan.areas}
    was = {area.area_id for area in before.areas}
    kept = {area_id: one for area_id, one in told.items() if area_id in now}
    went = plan.area_of()
    orphans = [a for a in before.areas if a.area_id in told and a.area_id not in now]
    for area in sorted(orphans, key=lambda area: (-len(area.members), area.area_id)):
        heirs = Counter(went[m] for m in area.members if m in went and went[m] not in was)
        heir, members = max(heirs.items(), key=lambda own: (own[1], own[0]), default=("", 0))
        if 2 * members > len(area.members) and heir not in kept:
            kept[heir] = told[area.area_id]
    return kept
