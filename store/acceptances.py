"""Commands that let stay what is below the minimum, each with a reason and a name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

import networkx as nx

from geo.schema import DataError
from optimizer import plan as verbs
from optimizer.plan import known
from store.drafts import Acceptance, Draft, replanned
from store.given import Ids, Title, changed_table, needed, of_communities, refuse_locked


@dataclass(frozen=True)
class Accept:
    """Let an area or an exception community stay as it is, and for the same reason those of `also`."""

    kind: ClassVar[str] = "accept"
    place: str
    reason: str
    by: str
    also: Ids = ()

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse what is neither an area nor an exception, and what has no reason or name."""
        areas = {area.area_id for area in draft.plan.areas}
        places = (self.place, *self.also)
        _refuse_grouped(draft, town, [place for place in places if place not in areas])
        return _accepted(draft, places, self.reason, self.by)

    def title(self) -> Title:
        """Say what was accepted."""
        return _of_places("store.title.accept", (self.place, *self.also))


@dataclass(frozen=True)
class AcceptGroup:
    """Make exceptions one area below the minimum, and let it be one."""

    kind: ClassVar[str] = "accept_group"
    communities: Ids
    reason: str
    by: str

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse what is locked, is no exception or does not hang together, and what has no reason or name."""
        chosen = known(town, self.communities)
        refuse_locked(draft, chosen)
        _refuse_grouped(draft, town, chosen)
        if not nx.is_connected(town.subgraph(chosen)):
            raise DataError("store.group_not_linked", number=len(chosen))
        grouped = replanned(draft, verbs.new_area(draft.plan, town, chosen))
        return _accepted(grouped, [grouped.plan.area_of()[min(chosen)]], self.reason, self.by)

    def title(self) -> Title:
        """Say of how many."""
        return of_communities("store.title.accept_group", self.communities)


@dataclass(frozen=True)
class Withdraw:
    """Take acceptances back: of areas, and of exception communities."""

    kind: ClassVar[str] = "withdraw"
    places: Ids

    def on(self, draft: Draft, _town: "nx.Graph[str]") -> Draft:
        """Refuse what nobody accepted."""
        if not self.places:
            raise DataError("plan.nothing_chosen")
        for place in sorted(set(self.places) - set(draft.accepted)):
            raise DataError("store.not_accepted", place=place)
        return replace(draft, accepted=changed_table(draft.accepted, dict.fromkeys(self.places)))

    def title(self) -> Title:
        """Say of what."""
        return _of_places("store.title.withdraw", self.places)


def _of_places(key: str, places: Ids) -> Title:
    if len(places) == 1:
        return f"{key}.one", {"place": places[0]}
    return f"{key}.some", {"number": len(places), "place": places[0]}


def _refuse_grouped(draft: Draft, town: "nx.Graph[str]", communities: Collection[str]) -> None:
    """Raise DataError where one of the communities is unknown, or no exception."""
    for community in sorted(known(town, communities) if communities else ()):
        if draft.plan.outcomes.get(community) != "exception":
            raise DataError("store.not_an_exception", community=community)


def _accepted(draft: Draft, places: Iterable[str], reason: str, by: str) -> Draft:
    acceptance = Acceptance(
        needed(reason, "store.accept_needs_reason"), needed(by, "store.accept_needs_name")
    )
    return replace(draft, accepted={**draft.accepted, **dict.fromkeys(places, acceptance)})
