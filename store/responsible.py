"""The command that says who is responsible for an area where the data name nobody; and the phones of offices."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import ClassVar

import networkx as nx

from geo.personal import holds_personal
from geo.schema import DataError
from store.drafts import Draft
from store.given import Ids, Title, changed_table, members_of, of_areas, public_text, text_of

ROLES = ("street_town", "committee", "police", "company")
_PHONE = re.compile(r"[\d\s()+\-/,;、转分机]+")
_FEWEST_DIGITS, _MOST_DIGITS = 3, 30
_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}")


@dataclass(frozen=True)
class SetResponsible:
    """Say who holds one of ROLES for an area and those of `also`, a body and never a person; an empty name takes it back."""

    kind: ClassVar[str] = "set_responsible"
    area: str
    role: str
    name: str
    also: Ids = ()

    def on(self, draft: Draft, _town: "nx.Graph[str]") -> Draft:
        """Refuse an unknown role and private numbers, and keep."""
        areas = (self.area, *self.also)
        members_of(draft.plan, areas)
        if self.role not in ROLES:
            raise DataError("store.unknown_role", given=self.role)
        name = public_text(self.name) or None
        told = {
            area: changed_table(draft.responsible.get(area, {}), {self.role: name}) or None for area in areas
        }
        return replace(draft, responsible=changed_table(draft.responsible, told))

    def title(self) -> Title:
        """Say of which, and the name."""
        if self.also:
            return of_areas("store.title.responsible_some", self.area, self.also)
        case = self.role if self.name.strip() and self.role in ROLES else "none"
        return f"store.title.responsible.{case}", {"area": self.area, "name": self.name}


def office_phone(given: str) -> str:
    """Return the phone of an office, "" for none; raises DataError for a mobile, which is a person's, and for what is no phone."""
    text = unicodedata.normalize("NFKC", text_of(given))
    digits = [re.sub(r"\D", "", part) for part in re.split(r"[/,;、]", text)]
    if holds_personal(text) or any(_MOBILE.fullmatch(one) for one in digits):
        raise DataError("store.mobile_phone")
    number = sum(map(len, digits))
    if text and not (_PHONE.fullmatch(text) and _FEWEST_DIGITS <= number <= _MOST_DIGITS):
        raise DataError("store.no_phone", given=text)
    return text
