"""Commands that say of an area what its papers need beside the grouping: four bounds, management mode, contact."""

from dataclasses import dataclass, fields, replace
from typing import ClassVar

import networkx as nx

from geo.schema import DataError
from store.drafts import MODES, Bounds, Draft, Mode
from store.given import Ids, Title, changed_table, members_of, of_areas, public_text


@dataclass(frozen=True)
class SetBounds:
    """Write the four bounds (四至) of an area; where a side is empty, the text found by itself stands."""

    kind: ClassVar[str] = "set_bounds"
    area: str
    east: str = ""
    south: str = ""
    west: str = ""
    north: str = ""

    def on(self, draft: Draft, _town: "nx.Graph[str]") -> Draft:
        """Keep the texts; four empty ones take them back."""
        members_of(draft.plan, [self.area])
        told = Bounds(**{side.name: public_text(getattr(self, side.name)) for side in fields(Bounds)})
        kept = None if told == Bounds() else told
        return replace(draft, bounds=changed_table(draft.bounds, {self.area: kept}))

    def title(self) -> Title:
        """Say of which."""
        return "store.title.bounds", {"area": self.area}


@dataclass(frozen=True)
class SetMode:
    """Say how an area, and those of `also`, is to be managed, and what that rests on; an empty mode takes it back."""

    kind: ClassVar[str] = "set_mode"
    area: str
    mode: str  # one of MODES
    evidence: str = ""
    also: Ids = ()

    def on(self, draft: Draft, _town: "nx.Graph[str]") -> Draft:
        """Refuse an unknown mode and private numbers, and keep."""
        areas = (self.area, *self.also)
        members_of(draft.plan, areas)
        if self.mode and self.mode not in MODES:
            raise DataError("store.unknown_mode", given=self.mode)
        evidence = public_text(self.evidence)
        told = Mode(self.mode, evidence) if self.mode else None
        return replace(draft, modes=changed_table(draft.modes, dict.fromkeys(areas, told)))

    def title(self) -> Title:
        """Say of which, and the mode."""
        if self.also:
            return of_areas("store.title.mode_some", self.area, self.also)
        return f"store.title.mode.{self.mode or 'none'}", {"area": self.area}


@dataclass(frozen=True)
class SetContact:
    """Say which post answers for an area (联络专人), and for those of `also`; an empty text takes it back."""

    kind: ClassVar[str] = "set_contact"
    area: str
    contact: str
    also: Ids = ()

    def on(self, draft: Draft, _town: "nx.Graph[str]") -> Draft:
        """Refuse private numbers, and keep."""
        areas = (self.area, *self.also)
        members_of(draft.plan, areas)
        told = public_text(self.contact) or None
        return replace(draft, contacts=changed_table(draft.contacts, dict.fromkeys(areas, told)))

    def title(self) -> Title:
        """Say of which, and the post."""
        if self.also:
            return of_areas("store.title.contact_some", self.area, self.also)
        return f"store.title.contact.{'set' if self.contact.strip() else 'none'}", {
            "area": self.area,
            "contact": self.contact,
        }
