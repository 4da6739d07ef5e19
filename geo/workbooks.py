"""Sheets of a workbook (.xlsx, .xls) to cells of text, after a look at its XML that the fast reader does not survive."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from geo import archives
from geo.compound import is_sound
from geo.schema import DataError
from geo.texts import cell_text, is_long_number

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

# The reader sets aside one place for every cell of the rectangle that holds all values, and ends the whole process
# where that is more than the memory: one value in the last corner of a sheet asks for 500 GB.
CELLS_MAX = 10_000_000

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True)
class Grid:
    """Cells of one sheet from its top left corner: `rows[i]` is line i + 1 as people see it.

    `merged` are rectangles (top, left, bottom, right), counted from 0, both ends inside.
    `long_numbers` are places (row, column) of numbers that had lost their last digits before we came.
    """

    rows: Sequence[Sequence[str]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    long_numbers: tuple[tuple[int, int], ...] = ()

    @property
    def blank(self) -> bool:
        """Say whether no cell holds anything."""
        return not any(any(row) for row in self.rows)


def read_workbook(path: Path, /, *, file: str, packed: bool) -> tuple[dict[str, Grid], tuple[str, ...]]:
    """Return the visible sheets of a workbook by name, in its order, and the names of its hidden ones.

    `packed` says that the workbook is an .xlsx. Raises DataError naming `file` where it is broken, protected by a
    password, hostile, or has a value so far from the others that the table could not be held.
    """
    import python_calamine as calamine

    if packed:
        _check_parts(path, file=file)
    elif not is_sound(path.read_bytes()):
        raise DataError("reading.workbook_broken", file=file)
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            sheets = [s for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
            shown = [s.name for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible]
            hidden = tuple(s.name for s in sheets if s.name not in shown)
            return {name: _grid(book, name, file=file) for name in (*shown, *hidden)}, hidden
    except calamine.PasswordError as error:
        raise DataError("reading.password", file=file) from error
    except calamine.CalamineError as error:
        raise DataError("reading.workbook_broken", file=file) from error


def _grid(book: "CalamineWorkbook", name: str, *, file: str) -> Grid:
    sheet = book.get_sheet_by_name(name)
    if sheet.end is None:
        return Grid(())
    bottom, right = sheet.end
    _check_corner(bottom + 1, right + 1, file=f"{file}[{name}]")
    values: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    merged = tuple(
        (t, left, min(b, bottom), min(r, right)) for (t, left), (b, r) in sheet.merged_cell_ranges or ()
    )
    return Grid(
        rows=[[cell_text(v) for v in row] for row in values],
        merged=tuple(m for m in merged if m[2] >= m[0] and m[3] >= m[1]),
        long_numbers=tuple(
            (i, j) for i, row in enumerate(values) for j, v in enumerate(row) if is_long_number(v)
        ),
    )


def _check_corner(bottom: int, right: int, *, file: str) -> None:
    """Raise DataError where the rectangle from the first cell to line `bottom`, column `right` is too large."""
    if bottom * right > CELLS_MAX:
        raise DataError("reading.far_cell", file=file, row=bottom, column=right)


# --- a look at the XML -----------------------------------------------------------------------------


def _check_parts(path: Path, *, file: str) -> None:
    """Read every XML part of an .xlsx once: no document type, no value out of reach, nothing longer than announced."""
    with archives.opened(path, file=file) as handle:
        for member in archives.contents(handle, file=file):
            with handle.open(member.entry) as stream:
                _check_part(stream.read(), file=file, drawing=member.suffix == ".vml")


def _check_part(part: bytes, *, file: str, drawing: bool) -> None:
    if not part.lstrip(b"\xef\xbb\xbf\xff\xfe\0\t\r\n ").startswith(b"<"):
        return  # a picture, a font: no reader of tables takes it for XML
    corner = _Corner(file)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = corner.refuse_document_type
    parser.StartElementHandler = corner.start
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        if not drawing or b"sheetData" in part:  # drawings of old programs are not always well-formed
            raise DataError("reading.workbook_broken", file=file) from error


class _Corner:
    """Follows the cells of one sheet and stops where a value lies too far out."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.row = self.column = 0
        self.bottom = self.right = 0

    def refuse_document_type(self, *_: object) -> None:
        raise DataError("reading.xml_doctype", file=self.file)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                reference = attributes.get("r", "")
                self.row = int(reference) if reference.isdecimal() else self.row + 1
                self.column = 0
            case "c":
                match = _REFERENCE.fullmatch(attributes.get("r", ""))
                if match:
                    self.row, self.column = int(match[2]), _column_number(match[1])
                else:
                    self.column += 1
            case "v" | "is":
                self.bottom, self.right = max(self.bottom, self.row), max(self.right, self.column)
                _check_corner(self.bottom, self.right, file=self.file)


@cache
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
