"""What the papers rest on: citations and periods of the rules file, each confirmed by a post of the office or still to be."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from geo.schema import DataError
from jobs.meeting import TO_CONFIRM
from store.office import Confirmation, Office

PERIODS = ("consult_days", "notice_days")
_STATUS = "_status"


@dataclass(frozen=True)
class Cited:
    """One citation or period: `text` is what is confirmed, word for word; of a period the number of its days.

    `by` is the confirmation that holds for this very text. A rules file may say that a text needs none.
    """

    key: str
    kind: str  # citation, period
    text: str
    source: str
    needs: bool
    by: Confirmation | None

    @property
    def confirmed(self) -> bool:
        """Tell whether a public paper may rest on it."""
        return not self.needs or self.by is not None


def cited(rules_text: str, office: Office) -> tuple[Cited, ...]:
    """Return the citations of a rules file, then its periods, in the order of the file."""
    table = _table(rules_text)
    return (*_citations(table, office), *_periods(table, office))


def unconfirmed(rules_text: str, office: Office) -> tuple[Cited, ...]:
    """Return what has to be confirmed in the settings before a public paper may rest on it."""
    return tuple(one for one in cited(rules_text, office) if not one.confirmed)


def days_of(rules_text: str, period: str) -> int:
    """Return the days of one of PERIODS; raises DataError where the rules file has no such number."""
    days = _table(rules_text).get("procedure", {}).get(period)
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        raise DataError("proceeding.no_period", key=period)
    return days


def period(begins: date, days: int) -> tuple[date, date]:
    """Return the first and the last day of a period; nothing that ends it may be dated before the day after.

    The day on which it is posted is not counted among the days: who reads the notice that evening has them all.
    """
    return begins, begins + timedelta(days=days)


@lru_cache(maxsize=8)
def _table(rules_text: str) -> Mapping[str, Any]:
    """Return what a rules file says; a page asks it for every area and every step."""
    return MappingProxyType(tomllib.loads(rules_text))


def _citations(table: Mapping[str, Any], office: Office) -> Iterator[Cited]:
    for row in table.get("citation", ()):
        text = str(row["text"])
        yield _cited(str(row["key"]), "citation", text, str(row.get("source", "")), row.get("status"), office)


def _periods(table: Mapping[str, Any], office: Office) -> Iterator[Cited]:
    procedure = table.get("procedure", {})
    for key in PERIODS:
        if key in procedure:
            status = procedure.get(f"{key}{_STATUS}")
            yield _cited(key, "period", str(procedure[key]), "", status, office)


def _cited(key: str, kind: str, text: str, source: str, status: object, office: Office) -> Cited:
    by = office.confirmed[key] if office.confirms(key, text) else None
    return Cited(key, kind, text, source, needs=status == TO_CONFIRM, by=by)
