"""Workbooks that people print: plain cells, black on white, A4 across, every cell written as what it is.

Text goes through `write_string` only, so that no cell from data becomes a formula or a link.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from geo.wording import say

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


@dataclass(frozen=True)
class Sheet:
    """One sheet: `table` has the headings people read; `lines` stand between the title and the table.

    Where columns are to be filled in by hand (`fill_in`, their headings), only those have a frame, and rows are taller.
    """

    name: str
    title: str
    lines: tuple[str, ...]
    table: pd.DataFrame
    fill_in: tuple[str, ...] = ()


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write sheets into a new workbook; text as text, numbers as numbers, missing values as empty cells."""
    with _opened(path) as book:
        for sheet in sheets:
            _write_sheet(book, sheet)


def _write_sheet(book: Any, sheet: Sheet) -> None:
    paper = book.add_worksheet(sheet.name)
    table = sheet.table
    columns = list(table.items())  # by place: the heading of the count is the source's, and may be one of ours
    widths = [column_width(str(heading), values) for heading, values in columns]
    top = _write_head(book, paper, sheet, widths=widths)
    for place, ((heading, values), width) in enumerate(zip(columns, widths, strict=True)):
        framed = not sheet.fill_in or heading in sheet.fill_in
        cell = book.add_format(_cell(right=pd.api.types.is_numeric_dtype(values), framed=framed))
        paper.set_column(place, place, max(width, _WIDTH_BY_HAND) if heading in sheet.fill_in else width)
        _write_column(paper, top + 1, place, values, cell)
    _set_heights(paper, top + 1, table, widths, least=_POINTS_BY_HAND if sheet.fill_in else _POINTS_A_LINE)
    if sheet.fill_in:
        return
    if len(table):
        paper.autofilter(top, 0, top + len(table), len(table.columns) - 1)


def _write_head(book: Any, paper: Any, sheet: Sheet, *, widths: Sequence[float]) -> int:
    """Write title, lines and headings, set up the page, and return the row of the headings (from 0)."""
    # A title over a narrow table runs on over empty columns rather than being squeezed into three lines.
    spare = max(_LEAST_TITLE_WIDTH - sum(widths), 0.0)
    last = len(sheet.table.columns) - 1 + math.ceil(spare / _DEFAULT_WIDTH)
    title = book.add_format(
        {"font_name": _TITLE_FONT, "font_size": 15, "valign": "vcenter", "text_wrap": True}
    )
    note = book.add_format({"font_name": _FONT, "font_size": 10, "valign": "vcenter", "text_wrap": True})
    head = book.add_format(
        _cell(right=False, framed=True) | {"bold": True, "align": "center", "valign": "vcenter"}
    )
    for row, text in enumerate((sheet.title, *sheet.lines)):
        form, size = (title, 1.5) if row == 0 else (note, 1.0)
        _write_across(paper, row, last, text, form)
        lines = -(-half_widths(text) * size // (sum(widths) + spare - 2))
        paper.set_row(row, _POINTS_A_LINE * size * max(lines, 1) + 3)
    top = 1 + len(sheet.lines)
    for place, heading in enumerate(sheet.table.columns):
        paper.write_string(top, place, heading, head)
    tallest = max(
        (-(-half_widths(h) // (w - 1)) for h, w in zip(sheet.table.columns, widths, strict=True)), default=1
    )
    paper.set_row(top, _POINTS_A_LINE * tallest + 5)
    _set_page(paper, top)
    return top


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


def _set_heights(paper: Any, top: int, table: pd.DataFrame, widths: Sequence[float], *, least: float) -> None:
    """Give each row the height its longest cell needs: not every program does so by itself."""
    lines = np.ones(len(table))
    for (_, values), width in zip(table.items(), widths, strict=True):
        sizes = [0 if pd.isna(value) else half_widths(str(value)) for value in values]
        lines = np.maximum(lines, np.ceil(np.array(sizes) / max(width - 1.5, 1.0)))
    for row, count in enumerate(lines.tolist(), top):
        paper.set_row(row, max(_POINTS_A_LINE * min(count, _MOST_LINES), least))


def _cell(*, right: bool, framed: bool) -> dict[str, Any]:
    align = "right" if right else "left"
    look = {"font_name": _FONT, "font_size": 10, "text_wrap": True, "valign": "vcenter", "align": align}
    return look | ({"border": 1} if framed else {"bottom": 7})


def _set_page(paper: Any, top: int) -> None:
    paper.set_paper(9)  # A4
    paper.set_landscape()
    paper.fit_to_pages(1, 0)
    paper.set_margins(left=0.5, right=0.5, top=0.55, bottom=0.65)
    paper.repeat_rows(top)
    paper.freeze_panes(top + 1, 0)
    paper.set_footer(f"&C&9{say('report.page')}")
