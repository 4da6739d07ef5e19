"""Workbooks that people print: plain cells, black on white, A4 across, every cell written as what it is.

Text goes through `write_string` only, so that no cell from data becomes a formula or a link.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xlsxwriter

from geo.wording import say
from report.charts import Chart, insert_chart

WIDEST = 38  # in half-width characters; longer cells wrap
NARROWEST = 6
_CELLS_FOR_WIDTH = 400  # rows looked at for a width
_FONT = "宋体"  # on every office PC; Excel and WPS fall back to their own where it is not
_TITLE_FONT = "黑体"
_POINTS_A_LINE = 15.0
_POINTS_BY_HAND = 27.0  # room for handwriting
_WIDTH_BY_HAND = 9.0
_LEAST_TITLE_WIDTH = 96.0
_DEFAULT_WIDTH = 8.43  # of a column that was given none
_MOST_LINES = 25  # Excel allows 409 points
_PADDING = 0.71  # what a program adds to the width of a column
_INDENT = 1.0  # keeps a number off the text in the column right of it
# A4 across at full size: half-width characters side by side (the widest of the fonts that may stand in for ours) and
# points below each other. Type of 10 points may be printed as small as 8.
ACROSS = 120.0
_DOWN_POINTS = 490.0
SMALLEST = 0.8
_SQUEEZED = 0.6  # the least part of its width that is left to a column
_SPILL = 1 / 3  # a last page filled less than this is saved, where type stays readable

_Figures = npt.NDArray[np.float64]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sheet:
    """One sheet: `table` has the headings people read; `lines` stand between the title and the table.

    Where columns are to be filled in by hand (`fill_in`, their headings), only those have a frame, and rows are taller.
    The last columns stay outside the print area where `spare` names them and the page is too narrow. A `chart` of the
    table stands below it.
    """

    name: str
    title: str
    lines: tuple[str, ...]
    table: pd.DataFrame
    fill_in: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    chart: Chart | None = None


def write_workbook(path: Path, sheets: Sequence[Sheet], *, on: date | None = None) -> None:
    """Write sheets into a new workbook; text as text, numbers as numbers, missing values as empty cells.

    The same sheets made `on` the same day are the same bytes; without a day it says when it was written.
    """
    with _opened(path) as book:
        if on is not None:
            book.set_properties({"created": datetime(on.year, on.month, on.day, tzinfo=UTC)})
        for sheet in sheets:
            _write_sheet(book, sheet)


def has_text(values: "pd.Series[Any]") -> bool:
    """Say whether any cell of a column holds something."""
    return bool((values.astype(object).fillna("") != "").any())


def _write_sheet(book: Any, sheet: Sheet) -> None:
    paper = book.add_worksheet(sheet.name)
    table = sheet.table
    sizes = _sizes(table)
    widths, printed = _page_widths(sheet, sizes)
    last = _last_column(widths[:printed])
    least = _POINTS_BY_HAND if sheet.fill_in else _POINTS_A_LINE
    head = _head_points(sheet, widths, printed)
    rows = np.clip(_POINTS_A_LINE * _lines(sizes, widths), least, _POINTS_A_LINE * _MOST_LINES)
    for row, points in enumerate([*head, *rows.tolist()]):
        paper.set_row(row, points)
    top = _write_head(book, paper, sheet, last=last)
    # By place: the heading of the count is the source's, and may be one of ours.
    for place, ((heading, values), width) in enumerate(zip(table.items(), widths, strict=True)):
        framed = not sheet.fill_in or heading in sheet.fill_in
        cell = book.add_format(_cell(right=pd.api.types.is_numeric_dtype(values), framed=framed))
        paper.set_column(place, place, width)
        _write_column(paper, top + 1, place, values, cell)
    _set_page(paper, top, pages=_pages(head, rows, sum(widths[:printed]) + printed * _PADDING))
    if printed < len(table.columns):
        paper.print_area(0, 0, top + len(table), last)
    if len(table) and not sheet.fill_in:
        paper.autofilter(top, 0, top + len(table), len(table.columns) - 1)
    if sheet.chart is not None:
        insert_chart(book, paper, sheet.chart, sheet=sheet.name, top=top)


def _write_head(book: Any, paper: Any, sheet: Sheet, *, last: int) -> int:
    """Write title, lines and headings, and return the row of the headings (from 0)."""
    title = book.add_format(
        {"font_name": _TITLE_FONT, "font_size": 15, "valign": "vcenter", "text_wrap": True}
    )
    note = book.add_format({"font_name": _FONT, "font_size": 10, "valign": "vcenter", "text_wrap": True})
    head = book.add_format(
        _cell(right=False, framed=True) | {"bold": True, "align": "center", "valign": "vcenter"}
    )
    for row, text in enumerate((sheet.title, *sheet.lines)):
        _write_across(paper, row, last, text, note if row else title)
    top = 1 + len(sheet.lines)
    for place, heading in enumerate(sheet.table.columns):
        paper.write_string(top, place, heading, head)
    return top


# --- what fits on the page -------------------------------------------------------------------------


def _page_widths(sheet: Sheet, sizes: _Figures) -> tuple[list[float], int]:
    """Return the width of each column in half-width characters, and how many of the columns are printed.

    What is printed stays readable: where the page is too narrow, first the spare columns leave it, then cells wrap.
    """
    columns = list(sheet.table.items())
    numbers = np.array([pd.api.types.is_numeric_dtype(v) for _, v in columns], dtype=bool)
    by_hand = np.array([heading in sheet.fill_in for heading, _ in columns], dtype=bool)
    widths = np.array([column_width(str(heading), values) for heading, values in columns]) + numbers * _INDENT
    widths = np.where(by_hand, np.maximum(widths, _WIDTH_BY_HAND), widths)
    printed = len(columns)
    if (widths + _PADDING).sum() > ACROSS / SMALLEST:
        printed -= sum(heading in sheet.spare for heading, _ in columns)
    firm = numbers | by_hand | (np.arange(len(columns)) >= printed)
    shown = sizes[:_CELLS_FOR_WIDTH, :printed]
    widths[:printed] = _squeezed(shown, widths[:printed], firm[:printed])
    return _widened(sizes, widths, firm, printed), printed


def _squeezed(sizes: _Figures, widths: _Figures, firm: _Flags) -> _Figures:
    """Take from the columns, a character at a time, where it adds the fewest lines, until they fit across."""
    least = np.where(firm, widths, np.maximum(widths * _SQUEEZED, NARROWEST))
    steps = np.eye(len(widths))
    while (widths + _PADDING).sum() > ACROSS / SMALLEST and (widths - 1 >= least).any():
        added = [
            (_lines(sizes, widths - step).sum(), -width) if width - 1 >= low else (math.inf, 0.0)
            for step, width, low in zip(steps, widths, least, strict=True)
        ]
        widths = widths - steps[added.index(min(added))]
    return widths


def _widened(sizes: _Figures, widths: _Figures, firm: _Flags, printed: int) -> list[float]:
    """Give the room that is left across to the widest column, as far as its cells need it."""
    room = ACROSS - (widths[:printed] + _PADDING).sum()
    if len(sizes) and room > 0 and not firm.all():
        place = int(np.argmax(np.where(firm, 0.0, widths)))
        widths[place] = max(widths[place], min(widths[place] + room, sizes[:, place].max() + 2))
    return [float(width) for width in widths]


def _head_points(sheet: Sheet, widths: Sequence[float], printed: int) -> list[float]:
    """Return the heights of title, lines and headings."""
    across = max(sum(widths[:printed]), _LEAST_TITLE_WIDTH) - 2
    points = []
    for row, text in enumerate((sheet.title, *sheet.lines)):
        size = 1.0 if row else 1.5
        lines = -(-half_widths(text) * size // across)
        points.append(_POINTS_A_LINE * size * max(lines, 1) + 3)
    tallest = max(
        (-(-half_widths(h) // (w - 1)) for h, w in zip(sheet.table.columns, widths, strict=True)), default=1
    )
    return [*points, _POINTS_A_LINE * tallest + 5]


def _last_column(widths: Sequence[float]) -> int:
    """Return how far the title goes: over empty columns beside a narrow table rather than into three lines."""
    return len(widths) - 1 + math.ceil(max(_LEAST_TITLE_WIDTH - sum(widths), 0.0) / _DEFAULT_WIDTH)


def _pages(head: Sequence[float], rows: _Figures, across: float) -> int:
    """Return the number of pages to shrink the sheet to, so that no few rows spill over; 0 leaves it as it is."""

    def needed(scale: float) -> float:
        return (sum(head[:-1]) + float(rows.sum())) / (_DOWN_POINTS / scale - head[-1])

    full = needed(min(1.0, ACROSS / across))
    fewer = math.ceil(full) - 1
    return fewer if 0 < full - fewer < _SPILL and fewer > 0 and needed(SMALLEST) <= fewer else 0


def _sizes(table: pd.DataFrame) -> _Figures:
    """Return how wide each cell is, shape (rows, columns), in half-width characters."""
    return np.array(
        [[0 if pd.isna(v) else half_widths(str(v)) for v in values] for _, values in table.items()],
        dtype="float64",
    ).T.reshape(table.shape)


def _lines(sizes: _Figures, widths: Sequence[float] | _Figures) -> _Figures:
    """Return how many lines the fullest cell of each row takes: not every program sets heights by itself."""
    lines: _Figures = np.ceil(sizes / np.maximum(np.asarray(widths) - 1.5, 1.0))
    return np.asarray(lines.max(axis=1, initial=1.0))


def column_width(heading: str, values: "pd.Series[Any]") -> float:
    """Return the width of a column in half-width characters: the usual cell fits, the longest wraps."""
    widths = [half_widths(str(v)) for v in values.head(_CELLS_FOR_WIDTH) if not pd.isna(v) and v != ""]
    usual = max(float(np.quantile(widths, 0.95)), min(max(widths), 22)) if widths else 0.0
    return min(max(usual + 2, min(half_widths(heading), 8) + 2, NARROWEST), WIDEST)


def half_widths(text: str) -> int:
    """Return how wide text is: a Chinese character is two, a Latin one is one."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def _opened(path: Path) -> Any:
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": _FONT, "font_size": 10},
    }
    return xlsxwriter.Workbook(str(path), options)


def _write_across(paper: Any, row: int, last: int, text: str, form: Any) -> None:
    if last > 0:
        paper.merge_range(row, 0, row, last, "", form)
    paper.write_string(row, 0, text, form)


def _write_column(paper: Any, top: int, place: int, values: "pd.Series[Any]", cell: Any) -> None:
    numbers = pd.api.types.is_numeric_dtype(values)
    for row, value in enumerate(values.tolist(), top):
        if pd.isna(value) or value == "":
            paper.write_blank(row, place, None, cell)
        elif numbers:
            paper.write_number(row, place, value, cell)
        else:
            paper.write_string(row, place, str(value), cell)


def _cell(*, right: bool, framed: bool) -> dict[str, Any]:
    look = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
    look |= {"align": "right", "indent": 1} if right else {"align": "left", "text_wrap": True}
    return look | ({"border": 1} if framed else {"bottom": 7})


def _set_page(paper: Any, top: int, *, pages: int) -> None:
    paper.set_paper(9)  # A4
    paper.set_landscape()
    paper.fit_to_pages(1, pages)
    paper.set_margins(left=0.5, right=0.5, top=0.55, bottom=0.65)
    paper.repeat_rows(top)
    paper.freeze_panes(top + 1, 0)
    paper.set_footer(f"&C&9{say('report.page')}")
