"""Commands that say what planners decide beside the grouping: names, locks, scope, links, reasons, consent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import ClassVar

import networkx as nx

from geo.schema import SCOPES, DataError
from optimizer import plan as verbs
from optimizer.plan import Plan, known
from store.drafts import (
    CONSENTS,
    LINK_DECISIONS,
    Consent,
    Draft,
    LinkDecision,
    ScopeDecision,
    Tally,
    judged_again,
    pair_of,
)
from store.given import (
    Ids,
    Title,
    changed_table,
    day_of,
    known_pair,
    members_of,
    needed,
    of_communities,
    text_of,
)

# --- names, locks, decisions -----------------------------------------------------------------------


@dataclass(frozen=True)
class Rename:
    """Give an area a name of its own."""

    kind: ClassVar[str] = "rename"
    area: str
    name: str

    def on(self, draft: Draft, _town: "nx.Graph[str]") -> Draft:
        """Refuse an empty name, and name."""
        members_of(draft.plan, [self.area])
        return replace(draft, names={**draft.names, self.area: needed(self.name, "store.name_missing")})

    def refuse_taken(self, draft: Draft) -> None:
        """Raise DataError where another area is called so: papers and the register tell areas apart by their names."""
        plain = _plain(self.name)
        for area, name in sorted(draft.names.items()):
            if area != self.area and _plain(name) == plain:
                raise DataError("store.name_taken", name=plain, other=area)

    def title(self) -> Title:
        """Say which and its name."""
        return "store.title.rename", {"area": self.area, "name": self.name}


def _plain(name: str) -> str:
    """Return a name as papers print it before 物业管理区域, which they add by themselves."""
    return name.strip().removesuffix("物业管理区域").strip()


@dataclass(frozen=True)
class LockAreas:
    """Lock areas, all where None are named: nothing enters, nothing leaves."""

    kind: ClassVar[str] = "lock_areas"
    areas: Ids | None = None

    def on(self, draft: Draft, _town: "nx.Graph[str]") -> Draft:
        """Lock."""
        return replace(draft, plan=verbs.lock(draft.plan, _all_or(draft.plan, self.areas)))

    def title(self) -> Title:
        """Say which, or that all are locked."""
        return _of_areas("store.title.lock_areas", self.areas)


@dataclass(frozen=True)
class UnlockAreas:
    """Open areas to change again, all where None are named."""

    kind: ClassVar[str] = "unlock_areas"
    areas: Ids | None = None

    def on(self, draft: Draft, _town: "nx.Graph[str]") -> Draft:
        """Unlock."""
        return replace(draft, plan=verbs.unlock(draft.plan, _all_or(draft.plan, self.areas)))

    def title(self) -> Title:
        """Say which, or that all are open."""
        return _of_areas("store.title.unlock_areas", self.areas)


@dataclass(frozen=True)
class LockCommunities:
    """Keep communities where they are, in or outside an area; others may join or leave them."""

    kind: ClassVar[str] = "lock_communities"
    communities: Ids

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Lock."""
        return replace(draft, locked=draft.locked | known(town, self.communities))

    def title(self) -> Title:
        """Say how many."""
        return of_communities("store.title.lock_communities", self.communities)


@dataclass(frozen=True)
class UnlockCommunities:
    """Let communities move again."""

    kind: ClassVar[str] = "unlock_communities"
    communities: Ids

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Unlock."""
        return replace(draft, locked=draft.locked - known(town, self.communities))

    def title(self) -> Title:
        """Say how many."""
        return of_communities("store.title.unlock_communities", self.communities)


@dataclass(frozen=True)
class SetScope:
    """Set the scope of communities; `host` only with a name and the decision of the owners' assembly."""

    kind: ClassVar[str] = "set_scope"
    communities: Ids
    scope: str
    by: str = ""
    decision: str = ""

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse an unknown scope and a host without its papers; the areas stay as they are, and checks judge them."""
        if self.scope not in SCOPES:
            raise DataError("store.unknown_scope", given=self.scope)
        by, decision = text_of(self.by), text_of(self.decision)
        if self.scope == "host":
            needed(by, "store.host_needs_name")
            needed(decision, "store.host_needs_decision")
        chosen = known(town, self.communities)
        scopes = changed_table(
            draft.scopes, dict.fromkeys(sorted(chosen), ScopeDecision(self.scope, by, decision))
        )
        return judged_again(replace(draft, scopes=scopes), town)

    def title(self) -> Title:
        """Say how many, and the scope."""
        return of_communities(f"store.title.scope.{self.scope}", self.communities)


# --- links, reasons, consent -----------------------------------------------------------------------


@dataclass(frozen=True)
class SetLink:
    """Give or forbid the link of two communities, with a reason.

    Where the data have no such link, `gap_m`, `crosses` and `wall_m` are what was measured for the refused pair, so
    that the cost of crossing stays true.
    """

    kind: ClassVar[str] = "set_link"
    a: str
    b: str
    decision: str  # one of LINK_DECISIONS
    reason: str
    gap_m: float | None = None
    crosses: Ids = ()
    wall_m: float = 0.0

    def __post_init__(self) -> None:
        """Take a gap that is no number, as where a community has no place, for one that was not measured."""
        if self.gap_m is not None and not isfinite(self.gap_m):
            object.__setattr__(self, "gap_m", None)

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse a pair that is none, and a decision without reason."""
        if self.decision not in LINK_DECISIONS:
            raise DataError("store.unknown_link", given=self.decision)
        known_pair(town, self.a, self.b)
        reason = needed(self.reason, "store.link_needs_reason")
        link = LinkDecision(self.decision, reason, self.gap_m, self.crosses, self.wall_m)
        links = changed_table(draft.links, {pair_of(self.a, self.b): link})
        return judged_again(replace(draft, links=links), town)

    def title(self) -> Title:
        """Say which pair, and what of it."""
        return f"store.title.link.{self.decision}", {"a": self.a, "b": self.b}


@dataclass(frozen=True)
class CheckLink:
    """Tick a link as checked on site (现场已核), or take the tick back."""

    kind: ClassVar[str] = "check_link"
    a: str
    b: str
    checked: bool = True

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse a pair that is not linked, and tick."""
        known_pair(town, self.a, self.b)
        pair = pair_of(self.a, self.b)
        if self.checked and not town.has_edge(*pair):
            raise DataError("store.not_linked", a=pair[0], b=pair[1])
        return replace(draft, checked=draft.checked | {pair} if self.checked else draft.checked - {pair})

    def title(self) -> Title:
        """Say which pair, and whether it is ticked."""
        return f"store.title.check.{'yes' if self.checked else 'no'}", {"a": self.a, "b": self.b}


@dataclass(frozen=True)
class GiveReason:
    """Enter why communities are not grouped; an empty text takes the reason back."""

    kind: ClassVar[str] = "give_reason"
    communities: Ids
    text: str

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Keep the text by community."""
        text = text_of(self.text)
        given = dict.fromkeys(known(town, self.communities), text or None)
        return replace(draft, reasons=changed_table(draft.reasons, given))

    def title(self) -> Title:
        """Say of how many."""
        return of_communities("store.title.reason", self.communities)


@dataclass(frozen=True)
class SetConsent:
    """Mark what the owners of communities say; for and against only with date, document and tally."""

    kind: ClassVar[str] = "set_consent"
    communities: Ids
    state: str
    date: str = ""
    document: str = ""
    tally: Tally | None = None

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse consent without its papers and a tally that cannot be; `not_asked` takes the mark back."""
        if self.state not in CONSENTS:
            raise DataError("store.unknown_consent", given=self.state)
        document = text_of(self.document)
        if self.state in ("for", "against"):
            needed(self.date, "store.consent_needs_date")
            needed(document, "store.consent_needs_document")
            if self.tally is None:
                raise DataError("store.consent_needs_tally")
        if self.date:
            day_of(self.date)
        _check_tally(self.tally)
        consent = Consent(self.state, self.date, document, self.tally)
        chosen = sorted(known(town, self.communities))
        marked = dict.fromkeys(chosen, None if self.state == "not_asked" else consent)
        return replace(draft, consents=changed_table(draft.consents, marked))

    def title(self) -> Title:
        """Say of how many, and what."""
        return of_communities(f"store.title.consent.{self.state}", self.communities)


# --- parts -----------------------------------------------------------------------------------------


def _all_or(plan: Plan, areas: Ids | None) -> Sequence[str]:
    if areas is None:
        return [area.area_id for area in plan.areas]
    if not areas:
        raise DataError("store.no_area_chosen")
    return areas


def _of_areas(key: str, areas: Ids | None) -> Title:
    return (f"{key}.all", {}) if areas is None else (f"{key}.some", {"number": len(areas), "area": areas[0]})


def _check_tally(tally: Tally | None) -> None:
    if tally and not (
        tally.agreed >= 0 and tally.opposed >= 0 and tally.agreed + tally.opposed <= tally.asked
    ):
        raise DataError("store.wrong_tally", asked=tally.asked, agreed=tally.agreed, opposed=tally.opposed)
