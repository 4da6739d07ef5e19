"""survey.xlsx, the 户数补录表: written for the held communities, filled in by hand, read back by id."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from geo.intake import admitted
from geo.numbers import LARGEST_COUNT
from geo.schema import DataError
from geo.wording import say
from report.results import Results
from report.titles import rules_line
from report.workbooks import Sheet

KNOWN = ("community_id", "name", "address", "committee")
FACTORS = ("buildings", "entrances", "storeys", "per_storey")
FILLED_IN = (*FACTORS, "household_column", "source", "date", "note")
SURVEY_COLUMNS = {
    "community_id": "str",
    "count": "int64",
    "count_status": "str",
    "source": "str",
    "date": "str",
}


def survey_sheet(results: Results) -> Sheet:
    """Return the sheet to fill in, those communities first whose count may change the plan, then by id."""
    held = results.communities[results.communities["outcome"] == "held"]
    held = held.assign(last=~held["changes_plan"]).sort_values("last", kind="stable")
    table = pd.DataFrame(held[["name", "address", "committee"]]).rename_axis("community_id").reset_index()
    for column in FILLED_IN:
        table[column] = ""
    blanks = tuple(say(f"report.column.{column}") for column in FILLED_IN)
    table = table.set_axis([*(say(f"report.column.{column}") for column in KNOWN), *blanks], axis=1)
    title = f"{results.title} · {say('report.survey.title')}"
    lines = (
        f"{say('report.survey.order', held=len(held))}{rules_line(results.summary)}",
        say("report.survey.instruction"),
    )
    return Sheet(say("report.sheet.survey"), title, lines, table, fill_in=blanks)


def read_survey(path: Path) -> pd.DataFrame:
    """Return the rows that were filled in, as a table of SURVEY_COLUMNS in the order of the sheet.

    `count` is the number under 户数(实数), "surveyed", or else 栋数 × 单元数 × 层数 × 每层户数, "estimated". Rows without any of
    them are left out. Raises DataError naming file, row and column of the first cell that cannot be used.
    """
    cells, top = _cells(path)
    headings = {heading: place for place, heading in enumerate(cells[top]) if heading}
    places = {}
    for column in ("community_id", *FILLED_IN):
        heading = say(f"report.column.{column}")
        if heading not in headings:
            raise DataError("report.survey_column", file=path.name, column=heading)
        places[column] = headings[heading]
    rows: list[tuple[str, int, str, str, str]] = []
    for number, row in enumerate(cells[top + 1 :], top + 2):
        line = _Line(path.name, number, {c: row[p] if p < len(row) else "" for c, p in places.items()})
        if any(line.cells[c] for c in (*FACTORS, "household_column")):
            count, status = line.count()
            rows.append(
                (
                    line.identifier({r[0] for r in rows}),
                    count,
                    status,
                    line.cells["source"],
                    line.cells["date"],
                )
            )
    return pd.DataFrame(rows, columns=list(SURVEY_COLUMNS)).astype(SURVEY_COLUMNS)


def is_filled(path: Path) -> bool:
    """Say whether anybody wrote into the sheet; one that cannot be read any more counts as filled."""
    try:
        cells, top = _cells(path)
    except DataError:
        return True
    blanks = {say(f"report.column.{column}") for column in FILLED_IN}
    places = [place for place, heading in enumerate(cells[top]) if heading in blanks]
    return any(row[place] for row in cells[top + 1 :] for place in places if place < len(row))


class _Line:
    """One filled row of the sheet; `number` is its row as people see it."""

    def __init__(self, file: str, number: int, cells: Mapping[str, str]) -> None:
        self.file, self.number, self.cells = file, number, cells

    def identifier(self, seen: set[str]) -> str:
        community_id = self.cells["community_id"]
        if not community_id:
            raise self._fault("survey_id", "community_id")
        if community_id in seen:
            raise self._fault("survey_repeated", "community_id")
        return community_id

    def count(self) -> tuple[int, str]:
        if self.cells["household_column"]:
            return self._number("household_column"), "surveyed"
        for column in FACTORS:
            if not self.cells[column]:
                raise self._fault("survey_partly", column)
        count = math.prod(self._number(column) for column in FACTORS)
        if count > LARGEST_COUNT:
            raise DataError("report.survey_product", file=self.file, row=self.number, given=count)
        return count, "estimated"

    def _number(self, column: str) -> int:
        text = unicodedata.normalize("NFKC", self.cells[column]).replace(",", "").strip()
        found = re.fullmatch(r"(\d{1,6})(?:\.0+)?\s*[户套栋幢层]?", text)
        if not found or not int(found[1]):
            raise self._fault("survey_number", column)
        return int(found[1])

    def _fault(self, code: str, column: str) -> DataError:
        heading = say(f"report.column.{column}")
        return DataError(
            f"report.{code}", file=self.file, row=self.number, column=heading, given=self.cells[column]
        )


def _cells(path: Path) -> tuple[list[list[str]], int]:
    """Return all cells of the first sheet as text, and the row of the headings (from 0)."""
    import python_calamine as calamine

    first = say("report.column.community_id")
    with admitted(path) as file:
        try:
            book = calamine.CalamineWorkbook.from_path(str(file.path))
            cells = [
                [_text(v) for v in row] for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)
            ]
        except calamine.CalamineError as error:
            raise DataError("report.survey_column", file=path.name, column=first) from error
    top = next((number for number, row in enumerate(cells) if first in row), None)
    if top is None:
        raise DataError("report.survey_column", file=path.name, column=first)
    return cells, top


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else str(value).strip()
