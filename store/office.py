"""The office that issues the papers, and what it has confirmed: rows only added, the last is in use. Within a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.schema import DataError
from store import audit
from store.given import Ids, day_of, needed, public_text
from store.records import plain, typed
from store.responsible import office_phone
from store.schema import OfficeRow, ProjectRow

SIDES = ("east", "south", "west", "north")  # clockwise, as state documents go round
YEAR, NUMBER = "{year}", "{number}"  # places in the pattern of document numbers
_TEXTS = ("name", "district", "number_pattern", "phone", "post", "address", "supervision_phone", "remedy")


@dataclass(frozen=True)
class Confirmation:
    """A citation or a period that a post has confirmed: these very words, and the day (ISO)."""

    text: str
    post: str
    on: str


@dataclass(frozen=True)
class Office:
    """What every paper needs and the office enters once; "" where it has not yet. Phones and posts, never people.

    `number_pattern` holds {year} and {number}; `bounds_order` is an order of SIDES; `answers` are by question of the
    leaflet (明白纸), `phones` of other units by unit (report.duties), `confirmed` by the key of a citation or period of the rules.
    """

    name: str = ""  # in full: 重庆市永川区中山路街道办事处
    district: str = ""
    number_pattern: str = ""
    phone: str = ""
    post: str = ""
    address: str = ""
    supervision_phone: str = ""
    bounds_order: Ids = SIDES
    posting_places: Ids = ()
    remedy: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    phones: Mapping[str, str] = field(default_factory=dict)
    confirmed: Mapping[str, Confirmation] = field(default_factory=dict)

    def confirms(self, key: str, text: str) -> bool:
        """Tell whether these very words were confirmed: a text that was changed since is not."""
        return key in self.confirmed and self.confirmed[key].text == text

    def document_number(self, year: int, number: int) -> str:
        """Return the number of a document: ××街办〔2026〕3号; "" without a pattern."""
        return self.number_pattern.replace(YEAR, str(year)).replace(NUMBER, str(number))


def kept(session: Session, project: ProjectRow) -> Office:
    """Return the office as it was entered last, an empty one before that."""
    row = session.scalar(
        select(OfficeRow).where(OfficeRow.project_id == project.id).order_by(OfficeRow.id.desc()).limit(1)
    )
    return typed(row.record, Office) if row else Office()


def put(session: Session, project: ProjectRow, office: Office, who: str, *, expected: Office) -> None:
    """Enter the office; `expected` is what the caller has seen. Raises DataError where that is no longer so, or it is not whole."""
    told, before = checked(office), kept(session, project)
    if before != expected:
        raise DataError("store.office_changed")
    if told == before:
        return
    session.add(OfficeRow(project_id=project.id, record=plain(told), at=audit.now(), who=who))
    audit.record(session, project, who, "office", before=plain(before), after=plain(told))


def checked(office: Office) -> Office:
    """Return the office with its texts trimmed; raises DataError for what no paper could print."""
    texts: dict[str, Any] = {name: public_text(getattr(office, name)) for name in _TEXTS}
    pattern = texts["number_pattern"]
    if pattern and not all(pattern.count(sign) == 1 for sign in (YEAR, NUMBER)):
        raise DataError("store.number_pattern", given=pattern, year=YEAR, number=NUMBER)
    if sorted(office.bounds_order) != sorted(SIDES):
        raise DataError("store.bounds_order")
    answers = {key: public_text(answer) for key, answer in office.answers.items()}
    phones = {unit: office_phone(phone) for unit, phone in office.phones.items()}
    places = dict.fromkeys(public_text(place) for place in office.posting_places)
    return replace(
        office,
        **texts,
        posting_places=tuple(place for place in places if place),
        answers={key: answer for key, answer in answers.items() if answer},
        phones={unit: phone for unit, phone in phones.items() if phone},
        confirmed={key: _confirmation(one) for key, one in office.confirmed.items()},
    )


def _confirmation(given: Confirmation) -> Confirmation:
    return Confirmation(
        needed(given.text, "store.confirmation_needs_text"),
        needed(public_text(given.post), "store.confirmation_needs_post"),
        day_of(given.on),
    )
