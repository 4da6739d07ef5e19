"""survey.xlsx, the 户数补录表: written for the held communities, filled in by hand, read back by id."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from geo.intake import admitted
from geo.numbers import BUILDING_UNITS, COUNT_UNITS, LARGEST_COUNT, STOREY_UNITS, read_number
from geo.schema import DataError
from geo.wording import LANGUAGES, say, speaking
from report.results import Results
from report.titles import rules_line
from report.workbooks import Sheet, has_text

KNOWN = ("community_id", "name", "address", "committee")
ALWAYS = ("community_id", "name")
# The units that people write behind each number.
FACTORS = MappingProxyType(
    {
        "buildings": BUILDING_UNITS,
        "entrances": "个?单元|个|门|entrances?",
        "storeys": STOREY_UNITS,
        "per_storey": COUNT_UNITS,
    }
)
FILLED_IN = (*FACTORS, "household_column", "source", "date", "note")
FAULTS_TOLD = 3
SURVEY_COLUMNS = {
    "community_id": "str",
    "count": "int64",
    "count_status": "str",
    "source": "str",
    "date": "str",
}


@dataclass(frozen=True)
class RefusedRow:
    """A filled row that cannot be used: where it stands, which community it names ("" for none), and why, in words."""

    sheet: str
    row: int
    community_id: str
    why: str


@dataclass(frozen=True)
class Filled:
    """What came back: `rows` is a table of SURVEY_COLUMNS in the order of the sheets, `refused` what cannot be used."""

    rows: pd.DataFrame
    refused: tuple[RefusedRow, ...]


def survey_sheet(results: Results) -> Sheet:
    """Return the sheet to fill in, those communities first whose count may change the plan, then by id."""
    held = results.communities[results.communities["outcome"] == "held"]
    held = held.assign(last=~held["changes_plan"]).sort_values("last", kind="stable")
    table = pd.DataFrame(held).rename_axis("community_id").reset_index()
    known = [c for c in KNOWN if c in ALWAYS or has_text(table[c])]
    title = f"{results.title} · {say('report.survey.title')}"
    lines = (
        f"{say('report.survey.order', held=len(held))}{rules_line(results.summary)}",
        say("report.survey.instruction"),
    )
    return to_fill_in(table[known], name=say("report.sheet.survey"), title=title, lines=lines)


def to_fill_in(table: pd.DataFrame, *, name: str, title: str, lines: tuple[str, ...]) -> Sheet:
    """Return a sheet of what is known, each column named as under "report.column.", with blanks for a count beside it."""
    blanks = tuple(say(f"report.column.{column}") for column in FILLED_IN)
    known = table.set_axis([say(f"report.column.{column}") for column in table.columns], axis=1)
    return Sheet(name, title, lines, known.assign(**dict.fromkeys(blanks, "")), fill_in=blanks)


def read_survey(path: Path) -> pd.DataFrame:
    """Return the rows that were filled in, as a table of SURVEY_COLUMNS in the order of the sheets.

    `count` is the number under 户数(实数), "surveyed" ("约80": "estimated"), or else 栋数 × 单元数 × 层数 × 每层户数, "estimated".
    Rows without any of them are left out. Raises DataError naming file, row and column of the cells that cannot be used.
    """
    filled = read_filled(path)
    if filled.refused:
        raise _refused(path, [one.why for one in filled.refused])
    return filled.rows


def read_filled(path: Path) -> Filled:
    """Return what was filled in and, apart, the rows that cannot be used; counts as `read_survey` has them.

    Raises DataError where the workbook is none of ours, or a column of it is lost.
    """
    rows: list[tuple[str, int, str, str, str]] = []
    refused: list[RefusedRow] = []
    seen: set[str] = set()
    papers = _papers(path)
    for paper in papers:
        for line in paper.lines(path):
            if not any(line.cells[c] for c in (*FACTORS, "household_column")):
                continue
            try:
                rows.append((line.identifier(seen), *line.count(), line.cells["source"], line.cells["date"]))
            except _UnusableError as fault:
                why = str(fault)
                if len(papers) > 1:
                    why = say("errors.report.survey.on_sheet", sheet=paper.name, fault=why)
                refused.append(RefusedRow(paper.name, line.number, line.cells["community_id"], why))
            seen.add(line.cells["community_id"])
    return Filled(pd.DataFrame(rows, columns=list(SURVEY_COLUMNS)).astype(SURVEY_COLUMNS), tuple(refused))


def _refused(path: Path, faults: list[str]) -> DataError:
    told = faults[:FAULTS_TOLD]
    if len(faults) > FAULTS_TOLD:
        told.append(say("errors.report.survey.more", number=len(faults) - FAULTS_TOLD))
    words = say("words.semicolon").join(told)
    return DataError("report.survey_rows", file=path.name, number=len(faults), faults=words)


def is_filled(path: Path) -> bool:
    """Say whether anybody wrote into the sheets; one that cannot be read any more counts as filled."""
    try:
        papers = _papers(path)
    except DataError:
        return True
    return any(paper.is_filled() for paper in papers)


class _UnusableError(Exception):
    """A filled row cannot be used; the text says why, without the file."""


class _Line:
    """One filled row of the sheet; `number` is its row as people see it, `headings` what its columns are called."""

    def __init__(self, number: int, cells: Mapping[str, str], headings: Mapping[str, str]) -> None:
        self.number, self.cells, self.headings = number, cells, headings

    def identifier(self, seen: set[str]) -> str:
        community_id = self.cells["community_id"]
        if not community_id:
            raise self._fault("id", "community_id")
        if community_id in seen:
            raise self._fault("repeated", "community_id")
        return community_id

    def count(self) -> tuple[int, str]:
        if self.cells["household_column"]:
            return self._number("household_column", COUNT_UNITS)
        for column in FACTORS:
            if not self.cells[column]:
                raise self._fault("partly", column)
        count = math.prod(self._number(column, units)[0] for column, units in FACTORS.items())
        if count > LARGEST_COUNT:
            raise self._fault("product", given=count)
        return count, "estimated"

    def _number(self, column: str, units: str) -> tuple[int, str]:
        reading = read_number(self.cells[column], units)
        # A fraction in a sheet that asks for whole numbers is a slip of the pen, not an estimate.
        if not reading.value or reading.note == "count_fraction":
            raise self._fault("number", column)
        return reading.value, reading.status

    def _fault(self, code: str, column: str = "", given: object = "") -> _UnusableError:
        heading = self.headings.get(column, "")
        given = given or self.cells.get(column, "")
        return _UnusableError(
            say(f"errors.report.survey.{code}", row=self.number, column=heading, given=given)
        )


@dataclass(frozen=True)
class _Paper:
    """One sheet as text: all its cells, the row of the headings (from 0), and what each column is called on it."""

    name: str
    cells: list[list[str]]
    top: int
    headings: Mapping[str, str]

    def lines(self, path: Path) -> "Iterator[_Line]":
        """Yield the rows below the headings; raises DataError where a column is lost."""
        there = {heading: place for place, heading in enumerate(self.cells[self.top]) if heading}
        for column in ("community_id", *FILLED_IN):
            if self.headings[column] not in there:
                raise DataError("report.survey_column", file=path.name, column=self.headings[column])
        places = {column: there[self.headings[column]] for column in ("community_id", *FILLED_IN)}
        for number, row in enumerate(self.cells[self.top + 1 :], self.top + 2):
            cells = {c: row[p] if p < len(row) else "" for c, p in places.items()}
            yield _Line(number, cells, self.headings)

    def is_filled(self) -> bool:
        blanks = {self.headings[column] for column in FILLED_IN}
        places = [place for place, heading in enumerate(self.cells[self.top]) if heading in blanks]
        below = self.cells[self.top + 1 :]
        return any(row[place] for row in below for place in places if place < len(row))


def _papers(path: Path) -> list[_Paper]:
    """Return the sheets that have our headings; raises DataError where there is none.

    A sheet may have been written in any language, whichever is spoken where it comes back.
    """
    import python_calamine as calamine

    with admitted(path) as file:
        if file.kind not in ("xlsx", "xls"):
            raise DataError("report.survey_kind", file=path.name)
        try:
            book = calamine.CalamineWorkbook.from_path(str(file.path))
            sheets = {
                name: [
                    [_text(v) for v in row]
                    for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                ]
                for name in book.sheet_names
            }
        except calamine.CalamineError as error:
            raise _no_headings(path) from error
    found = [paper for name, cells in sheets.items() if (paper := _paper(name, cells)) is not None]
    if not found:
        raise _no_headings(path)
    return found


def _paper(name: str, cells: list[list[str]]) -> _Paper | None:
    for headings in map(_headings, LANGUAGES):
        for number, row in enumerate(cells):
            if headings["community_id"] in row:
                return _Paper(name, cells, number, headings)
    return None


def _headings(spoken: str) -> dict[str, str]:
    with speaking(spoken):
        return {column: say(f"report.column.{column}") for column in ("community_id", *FILLED_IN)}


def _no_headings(path: Path) -> DataError:
    return DataError("report.survey_column", file=path.name, column=say("report.column.community_id"))


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else str(value).strip()
