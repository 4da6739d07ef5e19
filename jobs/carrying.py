"""A draft carried over to another reading of its district: areas with those still there, and every decision looked at again."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import isclose, isnan
from types import MappingProxyType
from typing import Any

import networkx as nx

from optimizer.checks import Violation, check
from optimizer.plan import Area, Plan, area_name, center_of, linked_exceptions, number_of, outcomes_of
from optimizer.rules import Rules
from optimizer.standing import standing_of, total
from report.effects import Decided
from store.drafts import Bounds, Consent, Draft, Mode, dressed, judged_again
from store.given import company

# Kind of what is said of an area → where a draft keeps it.
OF_AREAS: Mapping[str, str] = MappingProxyType(
    {
        "name": "names",
        "bounds": "bounds",
        "mode": "modes",
        "contact": "contacts",
        "responsible": "responsible",
    }
)
SAME_M = 1.0  # a link that is longer or shorter by less is the one that was seen on site


@dataclass(frozen=True)
class Reading:
    """One reading of a district: its graph as the data made it, its rules, and communities that `moved` since the other."""

    graph: "nx.Graph[str]"
    rules: Rules
    moved: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Carried:
    """A draft carried over; `plan` without what was decided by hand, `ids` the area's id now by the id that was.

    `before` and `after` are the graphs with all decisions, `broken` the rules broken before and after.
    """

    plan: Plan
    draft: Draft
    decisions: tuple[Decided, ...]
    ids: Mapping[str, str]
    before: "nx.Graph[str]"
    after: "nx.Graph[str]"
    broken: tuple[tuple[Violation, ...], tuple[Violation, ...]]


def carried_over(draft: Draft, was: Reading, now: Reading, still: Collection[str] = ()) -> Carried:
    """Return the draft on another reading of its district; communities are the same where their ids are.

    Every area keeps those of its members that are there, its name and its lock; its id while its centre stays, as
    everywhere, and always where it is locked, is one of `still` (areas under way) or somebody else gave it. New
    communities are in no area, but for those that are kept as they are, which are one each. What breaks a rule now is
    left for checks to say. A decision falls only where what it was about is no longer there; it is among `decisions`
    with its text, as all others are.
    """
    before = dressed(was.graph, draft)
    about_data = tuple(_about_data(draft, was, now))
    kept = _kept(draft, about_data, now.graph)
    after = dressed(now.graph, kept)
    plan, ids = _plan(draft.plan, now.graph, after, still)
    bare: dict[str, Any] = {"accepted": {}, **{table: {} for table in OF_AREAS.values()}}
    kept = judged_again(replace(kept, plan=plan, **bare), now.graph)
    broken = (
        tuple(check(draft.plan, before, was.rules)),
        tuple(check(kept.plan, after, now.rules)),
    )
    half = Carried(plan, kept, about_data, ids, before, after, broken)
    about_plan = (
        *_locks(draft, half),
        *_of_areas(draft, half, now),
        *_acceptances(draft, half),
        *_consents(draft, half),
    )
    about_plan = tuple(replace(one, other=_elsewhere(one.place, ids)) for one in about_plan)
    standing = {(one.kind, one.place) for one in about_plan if one.state != "falls"}
    said: dict[str, Any] = {
        table: {ids[a]: told for a, told in getattr(draft, table).items() if (kind, a) in standing}
        for kind, table in OF_AREAS.items()
    }
    full = replace(
        kept,
        **said,
        accepted={ids.get(p, p): given for p, given in draft.accepted.items() if ("accept", p) in standing},
    )
    decisions = sorted((*about_data, *about_plan), key=lambda one: (one.kind, one.place, one.other))
    return replace(half, draft=full, decisions=tuple(decisions))


# --- the plan --------------------------------------------------------------------------------------


def _plan(
    plan: Plan, graph: "nx.Graph[str]", town: "nx.Graph[str]", still: Collection[str]
) -> tuple[Plan, dict[str, str]]:
    """Return the plan on the new graph, and the ids of its areas by what they were; `town` knows what was decided."""
    number = plan.next_number
    areas, ids = [], {}
    for area in plan.areas:
        members = tuple(m for m in area.members if m in graph)
        if not members:
            continue
        center = center_of(graph, members)
        stays = area.locked or area.area_id in still or number_of(area.area_id) is None
        keeps = center == area.center_id or stays
        ids[area.area_id] = area.area_id if keeps else area_name(number)
        number += not keeps
        areas.append(replace(area, area_id=ids[area.area_id], members=members, center_id=center))
    grouped = {m for area in areas for m in area.members}
    for community, stands in standing_of(town).items():
        if stands in ("fixed", "host") and community not in grouped:
            areas.append(Area(area_name(number), (community,), community))
            number += 1
    outcomes = outcomes_of(graph, areas)
    ordered = tuple(sorted(areas, key=lambda area: area.area_id))
    return Plan(ordered, outcomes, linked_exceptions(graph, outcomes), number), ids


# --- decisions about the data ----------------------------------------------------------------------


def _about_data(draft: Draft, was: Reading, now: Reading) -> Iterator[Decided]:
    """Yield scopes, locks of communities, reasons, links and ticks, each with its state under the new data."""
    graph = now.graph
    for community in sorted(draft.locked):
        yield _of_community("lock_community", community, graph)
    for community, text in sorted(draft.reasons.items()):
        yield _of_community("reason", community, graph, text=text)
    for community, scope in sorted(draft.scopes.items()):
        text = _joined(scope.by, scope.decision)
        one = _of_community("scope", community, graph, value=scope.scope, text=text)
        if community in graph and graph.nodes[community]["scope"] != was.graph.nodes[community]["scope"]:
            one = replace(one, state="look", why="ledger_scope")
        yield one
    for (a, b), link in sorted(draft.links.items()):
        one = Decided("link", a, "stands", other=b, value=link.kind, text=link.reason)
        if a not in graph or b not in graph:
            one = replace(one, state="falls", why="gone")
        elif not now.moved.isdisjoint((a, b)):
            one = replace(one, state="look", why="moved")
        yield one
    yield from _ticks(draft, was, now)


def _ticks(draft: Draft, was: Reading, now: Reading) -> Iterator[Decided]:
    """Yield links that were seen on site: a tick speaks of the link as it was, and of no other."""
    given = {pair: link for pair, link in draft.links.items() if set(pair) <= set(now.graph)}
    before, after = (
        dressed(was.graph, draft),
        dressed(now.graph, replace(draft, scopes={}, links=given, checked=frozenset())),
    )
    for a, b in sorted(draft.checked):
        one = Decided("check", a, "stands", other=b)
        if a not in after or b not in after:
            one = replace(one, state="falls", why="gone")
        elif not after.has_edge(a, b):
            one = replace(one, state="falls", why="not_linked")
        elif not _same_link(before.get_edge_data(a, b), after.edges[a, b]):
            one = replace(one, state="falls", why="other_link")
        yield one


def _same_link(was: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    if was is None or was["crosses"] != now["crosses"]:
        return False
    gaps_m = [was["gap_m"], now["gap_m"]]
    return all(map(isnan, gaps_m)) or isclose(*gaps_m, abs_tol=SAME_M, rel_tol=0.0)


def _of_community(
    kind: str, community: str, graph: "nx.Graph[str]", *, value: str = "", text: str = ""
) -> Decided:
    there = community in graph
    return Decided(
        kind, community, "stands" if there else "falls", "" if there else "gone", value=value, text=text
    )


def _kept(draft: Draft, decided: Iterable[Decided], graph: "nx.Graph[str]") -> Draft:
    """Return the draft without what falls of its decisions about the data, and without those who are gone."""
    falls = {(one.kind, one.place, one.other) for one in decided if one.state == "falls"}
    return replace(
        draft,
        locked=frozenset(c for c in draft.locked if ("lock_community", c, "") not in falls),
        reasons={c: text for c, text in draft.reasons.items() if ("reason", c, "") not in falls},
        scopes={c: scope for c, scope in draft.scopes.items() if ("scope", c, "") not in falls},
        links={pair: link for pair, link in draft.links.items() if ("link", *pair) not in falls},
        checked=frozenset(pair for pair in draft.checked if ("check", *pair) not in falls),
        consents={c: consent for c, consent in draft.consents.items() if c in graph},
    )


# --- decisions about the plan ----------------------------------------------------------------------


def _locks(draft: Draft, half: Carried) -> Iterator[Decided]:
    after = {area.area_id: area.members for area in half.plan.areas}
    for area in draft.plan.areas:
        if area.locked:
            yield _of_area("lock_area", area, after.get(half.ids.get(area.area_id, "")))


def _of_areas(draft: Draft, half: Carried, now: Reading) -> Iterator[Decided]:
    """Yield what was said of areas: all goes with its area, but bounds are of one outline and no other."""
    was = {area.area_id: area.members for area in draft.plan.areas}
    then = {area.area_id: area.members for area in half.plan.areas}
    for kind, table in OF_AREAS.items():
        for area_id, told in sorted(getattr(draft, table).items()):
            why = "" if area_id in half.ids else "gone"
            if kind == "bounds" and not why:
                if then[half.ids[area_id]] != was[area_id]:
                    why = "members"
                elif not now.moved.isdisjoint(was[area_id]):
                    why = "moved"
            value, text = _told(told)
            yield Decided(kind, area_id, "falls" if why else "stands", why, value=value, text=text)


def _told(given: object) -> tuple[str, str]:
    """Return the code and the words of what was said of an area."""
    if isinstance(given, Mode):
        return given.kind, given.evidence
    if isinstance(given, Bounds):
        return "", _joined(given.east, given.south, given.west, given.north)
    if isinstance(given, Mapping):
        return "", _joined(*given.values())
    return "", str(given)


def _acceptances(draft: Draft, half: Carried) -> Iterator[Decided]:
    """Yield acceptances: one covers what was accepted, hence no fewer households and no rule that was kept then."""
    was = {area.area_id: area.members for area in draft.plan.areas}
    now = {area.area_id: area.members for area in half.plan.areas}
    for place, given in sorted(draft.accepted.items()):
        text, here = _joined(given.reason, given.by), half.ids.get(place, place)
        members = was.get(place, (place,))
        if not any(m in half.after for m in members):
            why = "gone"
        elif place in was and now.get(here) != members:
            why = "members"
        elif place not in was and half.draft.plan.outcomes[place] != "exception":
            why = "no_exception"
        elif total(half.after, members) < total(half.before, members):
            why = "fewer"
        elif _rules(half.broken[1], here) - _rules(half.broken[0], place):
            why = "broken"
        else:
            why = ""
        yield Decided("accept", place, "falls" if why else "stands", why, text=text)


def _consents(draft: Draft, half: Carried) -> Iterator[Decided]:
    """Yield what owners said: it stays on record, and is looked at again where they were asked about something else."""
    was, now = company(draft.plan), company(half.plan)
    for community, consent in sorted(draft.consents.items()):
        why = ""
        if community not in half.after:
            why = "gone"
        elif was.get(community) != now.get(community):
            why = "company"
        elif half.before.nodes[community]["count"] != half.after.nodes[community]["count"]:
            why = "count"
        state = {"": "stands", "gone": "falls"}.get(why, "look")
        yield Decided("consent", community, state, why, value=consent.state, text=_papers(consent))


def _of_area(kind: str, area: Area, members: tuple[str, ...] | None) -> Decided:
    if members is None:
        return Decided(kind, area.area_id, "falls", "gone", text="、".join(area.members))
    same = members == area.members
    return Decided(
        kind,
        area.area_id,
        "stands" if same else "look",
        "" if same else "members",
        text="、".join(area.members),
    )


def _elsewhere(place: str, ids: Mapping[str, str]) -> str:
    """Return the id that an area has now, "" where it kept it."""
    now = ids.get(place, place)
    return "" if now == place else now


def _rules(broken: Iterable[Violation], place: str) -> set[str]:
    return {violation.rule for violation in broken if violation.place == place}


def _papers(consent: Consent) -> str:
    tally = consent.tally
    counted = f"{tally.asked}/{tally.agreed}/{tally.opposed}" if tally else ""
    return _joined(consent.date, consent.document, counted)


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
