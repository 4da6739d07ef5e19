"""发放回收台账 as it comes back: every row read or refused with all its faults, none left out.

Only what was typed is judged here; whether a form is known, and what is on it already, is asked where the forms are.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from geo.days import iso_day
from geo.intake import admitted
from geo.numbers import read_areas_m2, squeeze
from geo.personal import holds_personal
from geo.schema import DataError
from geo.texts import cell_text
from geo.wording import LANGUAGES, say, speaking

# The columns of the ledger, in their order; `community` and `building` are only compared.
KNOWN = ("form_no", "community", "building")
PERSONAL = ("room", "signer", "handler", "words")
ANSWER = ("returned_on", "opinion", "valid", "fault")
FILLED_IN = (
    "room",
    "area_m2",
    "units",
    "sent_on",
    "way",
    "handler",
    *ANSWER,
    "signer",
    "holder",
    "themes",
    "words",
)
COLUMNS = (*KNOWN, *FILLED_IN)
NEEDED = ("form_no", *ANSWER)  # without them nothing can be read

# What a cell may say → what it means; the words of the catalogue, and what people write instead.
CODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "opinion": ("agree", "disagree", "other"),
        "way": ("in_person", "letterbox", "posted", "online"),
        "fault": ("unsigned", "not_owner", "no_opinion", "unreadable", "late"),
        "valid": ("yes", "no"),
    }
)
_ALSO: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "opinion": {"赞成": "agree", "反对": "disagree", "其他": "other", "其它": "other", "其它意见": "other"},
        "way": {"上门": "in_person", "入户": "in_person", "投递": "letterbox", "微信": "online", "短信": "online"},
        "fault": {"未签字": "unsigned", "未签": "unsigned", "未填意见": "no_opinion", "多选": "no_opinion"},
        "valid": {"有效": "yes", "无效": "no", "√": "yes", "×": "no"},
    }
)  # fmt: skip
LARGEST_M2 = 100_000.0  # one exclusive unit above this is a slip of the pen
LONGEST = 60  # letters of a theme: what is longer is a letter, and belongs to the words as written
# What no theme may hold, from so many letters on: a room of three digits may be any number.
_NAMES: Mapping[str, int] = MappingProxyType({"signer": 2, "handler": 2, "room": 4})
_NUMBER = re.compile(r"[0-9A-Za-z-]{1,24}")
_BETWEEN = re.compile(r"\s*[;；\n]\s*")


@dataclass(frozen=True)
class Entry:
    """One row that can be used; texts are "" and numbers None where the row says nothing. Days are ISO.

    `community` is as the row names it; `fault` says why the form does not count; room, signer, handler and words are
    personal.
    """

    sheet: str
    row: int
    form_no: str
    community: str = ""
    area_m2: float | None = None
    units: int | None = None
    holder: str = ""
    sent_on: str = ""
    way: str = ""
    returned_on: str = ""
    opinion: str = ""
    fault: str = ""
    themes: tuple[str, ...] = ()
    room: str = field(default="", repr=False)
    signer: str = field(default="", repr=False)
    handler: str = field(default="", repr=False)
    words: str = field(default="", repr=False)

    @property
    def answered(self) -> bool:
        """Tell whether the form came back."""
        return bool(self.opinion or self.fault)


@dataclass(frozen=True)
class RefusedEntry:
    """A row that cannot be used: where it stands, its form ("" for none), and why, a sentence a fault."""

    sheet: str
    row: int
    form_no: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class HandedIn:
    """A ledger that came back: each of its rows is in `entries` or in `refused`."""

    entries: tuple[Entry, ...]
    refused: tuple[RefusedEntry, ...]


def read_ledger(path: Path, *, today: dt.date) -> HandedIn:
    """Return what a ledger says, row by row, in the order of its sheets; no day may lie after `today`.

    Raises DataError where the file is no workbook of ours, or a column is lost that nothing can be read without.
    """
    lines = [line for paper in _papers(path) for line in paper.lines(path)]
    told = {(c, squeeze(line.cells.get(c, ""))) for line in lines for c in _NAMES}
    names = {text for c, text in told if len(text) >= _NAMES[c]}
    entries, refused = [], []
    for line in lines:
        faults: list[str] = []
        entry = _Reader(line, faults, today, names).entry()
        if faults:
            refused.append(RefusedEntry(line.sheet, line.row, entry.form_no, tuple(faults)))
        else:
            entries.append(entry)
    return HandedIn(tuple(entries), tuple(refused))


def word(column: str, code: str) -> str:
    """Return the word for a code of CODES, "" for none."""
    return say(f"opinions.{column}.{code}") if code else ""


# --- one row ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """One row of a sheet as text, by column; `headings` is what the columns are called there."""

    sheet: str
    row: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]


class _Reader:
    """Reads one row; what cannot be read is told in `faults`, and the rest is read all the same.

    `names` are all people the ledger names: where columns have slipped, no fault repeats one.
    """

    def __init__(self, line: _Line, faults: list[str], today: dt.date, names: Collection[str]) -> None:
        self.cells, self.headings, self.faults, self.today = line.cells, line.headings, faults, today
        self.line, self.names = line, names

    def entry(self) -> Entry:
        cells = self.cells
        sent_on, returned_on = self.day("sent_on"), self.day("returned_on")
        if sent_on and returned_on and returned_on < sent_on:
            self.refuse("returned_before_sent", sent=sent_on, returned=returned_on)
        opinion, fault = self.code("opinion"), self.fault(returned_on)
        return Entry(
            self.line.sheet,
            self.line.row,
            self.number("form_no"),
            cells.get("community", ""),
            self.area_m2(),
            self.units(),
            self.number("holder"),
            sent_on,
            self.code("way"),
            returned_on,
            opinion,
            fault,
            self.themes(),
            **{column: cells.get(column, "") for column in PERSONAL},
        )

    def number(self, column: str) -> str:
        """Read the number of a form; what is none is not repeated: it may be somebody's name or telephone."""
        told = self.cells.get(column, "")
        if _NUMBER.fullmatch(told) and not holds_personal(told):
            return told
        if told or column == "form_no":
            self.refuse("bad_number" if told else "no_form", column=column)
        return ""

    def fault(self, returned_on: str) -> str:
        """Read whether the form counts; a form that came back says something, or why it does not count."""
        fault, valid = self.code("fault"), self.code("valid")
        if valid == "no" and not self.cells["fault"]:
            self.refuse("no_reason", column="fault")
        elif valid == "yes" and fault:
            self.refuse("valid_with_reason", column="valid")
        elif (returned_on or valid == "yes") and not (self.cells["opinion"] or self.cells["fault"]):
            self.refuse("no_opinion", column="opinion")
        return fault

    def code(self, column: str) -> str:
        told = self.cells.get(column, "")
        found = _meanings(column).get(squeeze(told), "")
        if told and not found:
            known = tuple(word(column, code) for code in CODES[column])
            self.refuse("unknown_word", column=column, given=told, known=known)
        return found

    def day(self, column: str) -> str:
        told = self.cells.get(column, "")
        found = iso_day(told)
        if told and not found:
            self.refuse("bad_day", column=column, given=told)
        elif found and dt.date.fromisoformat(found) > self.today:
            self.refuse("future", column=column, given=found)
            return ""
        return found

    def area_m2(self) -> float | None:
        told = self.cells.get("area_m2", "")
        if not told:
            return None
        read = read_areas_m2(pd.Series([told], name=self.headings.get("area_m2", "")))["value"].iloc[0]
        if pd.isna(read) or not 0 < read <= LARGEST_M2:
            self.refuse("bad_area", column="area_m2", given=told)
            return None
        return round(float(read), 2)

    def units(self) -> int | None:
        told = squeeze(self.cells.get("units", "")).removesuffix("套")
        if not told:
            return None
        if not (told.isascii() and told.isdigit() and 1 <= int(told) <= 999):
            self.refuse("bad_units", column="units", given=self.cells["units"])
            return None
        return int(told)

    def themes(self) -> tuple[str, ...]:
        """Read what the office calls the opinion; it will be published, so that nobody may be named in it."""
        told = tuple(dict.fromkeys(filter(None, _BETWEEN.split(self.cells.get("themes", "")))))
        for text in told:
            if self.is_private(text):
                self.refuse("private_theme", column="themes")
            elif len(text) > LONGEST:
                self.refuse("long_theme", column="themes", most=LONGEST)
        return told

    def is_private(self, told: str) -> bool:
        return holds_personal(told) or any(name in squeeze(told) for name in self.names)

    def refuse(self, code: str, *, column: str = "form_no", **values: object) -> None:
        if self.is_private(str(values.get("given", ""))):
            values["given"] = say("opinions.withheld")
        told: dict[str, object] = {"row": self.line.row, "column": self.headings.get(column, ""), **values}
        self.faults.append(say(f"opinions.refused.{code}", **told))


@cache
def _meanings(column: str) -> Mapping[str, str]:
    """Return by word, as it compares, what it means: the words of every language, and what people write instead."""
    found = {squeeze(told): code for told, code in _ALSO[column].items()}
    for spoken in LANGUAGES:
        with speaking(spoken):
            found |= {squeeze(word(column, code)): code for code in CODES[column]}
    return MappingProxyType(found)


# --- sheets ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Paper:
    """One sheet as text: all its cells, the row of the headings (from 0), and what each column is called on it."""

    name: str
    cells: Sequence[Sequence[str]]
    top: int
    headings: Mapping[str, str]

    def lines(self, path: Path) -> Iterator[_Line]:
        """Yield the rows below the headings in which any of our columns says something."""
        there = {heading: place for place, heading in enumerate(self.cells[self.top]) if heading}
        for column in NEEDED:
            if self.headings[column] not in there:
                raise DataError(
                    "forms.no_column", file=path.name, sheet=self.name, column=self.headings[column]
                )
        places = {column: there[heading] for column, heading in self.headings.items() if heading in there}
        for number, row in enumerate(self.cells[self.top + 1 :], self.top + 2):
            cells = {column: row[at] if at < len(row) else "" for column, at in places.items()}
            if any(cells.values()):
                yield _Line(self.name, number, cells, self.headings)


def _papers(path: Path) -> list[_Paper]:
    """Return the sheets that have our headings, whichever language they were written in."""
    import python_calamine as calamine

    with admitted(path) as file:
        if file.kind not in ("xlsx", "xls"):
            raise DataError("forms.no_workbook", file=path.name)
        try:
            book = calamine.CalamineWorkbook.from_path(str(file.path))
            sheets = {name: _cells(book, name) for name in book.sheet_names}
        except calamine.CalamineError as error:
            raise DataError("forms.no_workbook", file=path.name) from error
    found = [paper for name, cells in sheets.items() if (paper := _paper(name, cells)) is not None]
    if not found:
        raise DataError("forms.no_ledger", file=path.name, column=say("opinions.column.form_no"))
    return found


def _cells(book: Any, name: str) -> list[list[str]]:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [[cell_text(value) for value in row] for row in rows]


def _paper(name: str, cells: Sequence[Sequence[str]]) -> _Paper | None:
    """Return the sheet as a ledger of ours, None where it is none: other sheets of ours name forms too."""
    for headings in map(_headings, LANGUAGES):
        for number, row in enumerate(cells):
            if headings["form_no"] in row and headings["opinion"] in row:
                return _Paper(name, cells, number, headings)
    return None


def _headings(spoken: str) -> dict[str, str]:
    with speaking(spoken):
        return {column: say(f"opinions.column.{column}") for column in COLUMNS}
