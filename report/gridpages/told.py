"""What the pages of grid workers say beside the plan; all of it may be missing, and no name of a person has a place in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd

from geo.personal import holds_personal
from geo.schema import DataError, check_columns
from geo.wording import say

FEW = 3  # smaller numbers are not told: they could be read as single households (domain.md §4)
# Forms that are not back yet, one row a building; `building` "" where the forms are counted by community.
OUTSTANDING_COLUMNS = {"community_id": "str", "building": "str", "outstanding": "int64"}
HANDED_OUT = (
    1 / 3
)  # of the consultation: a working date of ours, so that owners keep two thirds of it to answer
EVERYWHERE = ""  # the key of dates that hold for places without dates of their own
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\\]+")


@dataclass(frozen=True)
class Responsible:
    """Whom to call about an issue: a unit and its office line; of several units the first comes first.

    `words` are searched; `group` is the kind of issue in words, "" for none.
    """

    issue: str
    unit: str
    phone: str = ""
    words: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Dates:
    """The days of an area's procedure, None where not fixed; `suggested` where they only follow from suggested periods."""

    consult_begins: date | None = None
    consult_ends: date | None = None
    notice_begins: date | None = None
    notice_ends: date | None = None
    decided_on: date | None = None
    suggested: bool = False

    @property
    def handed_out(self) -> date | None:
        """The day by which every form should be with its owner."""
        if self.consult_begins is None or self.consult_ends is None:
            return None
        days = (self.consult_ends - self.consult_begins).days
        return self.consult_begins + timedelta(days=round(days * HANDED_OUT))


@dataclass(frozen=True)
class Told:
    """Everything beside the plan.

    `source` names the version and its hash; `address` is where phones reach the folder of the pages, "" where they do
    not: only then there are QR codes. `outstanding` has OUTSTANDING_COLUMNS. By area id: `dates` (EVERYWHERE for the
    others), `states`, `modes` and `contacts` (posts), all in words. `answers` are questions with their answers,
    `responsible` is by grid: one issue after the other.
    Raises DataError where the address is none that a phone can open, ValueError where the table is not as described.
    """

    day: date
    source: str = ""
    address: str = ""
    supervision_phone: str = ""
    outstanding: pd.DataFrame | None = None
    dates: Mapping[str, Dates] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[tuple[str, str], ...] = ()
    responsible: Mapping[str, tuple[Responsible, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what comes from outside."""
        if self.address and not _ADDRESS.fullmatch(self.address):
            raise DataError("gridpages.address", given=self.address)
        if self.outstanding is not None:
            check_columns(self.outstanding, OUTSTANDING_COLUMNS, "outstanding")

    def link(self, file: str) -> str:
        """Return where a phone finds a file of the folder, "" without an address."""
        return f"{self.address.rstrip('/')}/{file}" if self.address else ""

    def dates_of(self, area_id: str) -> Dates:
        """Return the days of an area, or of a place without one ("")."""
        return self.dates.get(area_id) or self.dates.get(EVERYWHERE) or Dates()


def impersonal(text: object) -> str:
    """Return a text as it may stand on a page: one that holds a mobile or identity number only says that it was left out."""
    if text is None or text is pd.NA or text != text:  # noqa: PLR0124 - NaN differs from itself
        return ""
    words = str(text)
    return say("gridpages.left_out") if holds_personal(words) else words


def number_words(number: int) -> str:
    """Return a number of households or forms; one that is too small to be told is "fewer than FEW"."""
    return say("gridpages.few", few=FEW) if 0 < number < FEW else str(number)


def day_words(day: date | None) -> str:
    """Return a day in words, "" for none."""
    return "" if day is None else say("papers.day", year=day.year, month=day.month, day=day.day)


def near_day(day: date, today: date) -> str:
    """Return a day in words as people say it: the year only where it is another one."""
    if day.year != today.year:
        return day_words(day)
    return say("gridpages.day", month=day.month, day=day.day)
