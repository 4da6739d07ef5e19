"""A paper as DOCX, to be edited: plain paragraphs and tables as Word and WPS have them, no controls, no floating shapes.

The same paper and imprint give the same bytes.
"""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from math import ceil
from types import MappingProxyType
from typing import Any

from geo.wording import say
from report.documents.model import (
    SIGNED_ROWS,
    Addressee,
    Block,
    Break,
    Cut,
    Fields,
    Grid,
    Heading,
    Note,
    Paper,
    Paragraph,
    Picture,
    SignOff,
)
from report.documents.stationery import LOOKS, Look, blank_sheet, style_id
from report.papers import Imprint, shown

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first day a zip knows
_TWIPS_A_MM = 1440 / 25.4
_POINTS_A_MM = 72 / 25.4
_LABEL_SHARE = 0.2  # of the width of a form, for each column of labels
_NO_SIGNS = {0xFFFE: None, 0xFFFF: None}  # no XML may hold these


@dataclass(frozen=True)
class _Sheet:
    """The document being written, its measures, and how wide its lines are, in mm."""

    document: Any
    look: Look
    wide_mm: float


def docx_of(paper: Paper, imprint: Imprint) -> bytes:
    """Return the paper as DOCX: title, number, blocks, with version and page number in the footer of every page."""
    from docx import Document

    document = Document(io.BytesIO(blank_sheet(paper.style, wide=paper.wide)))
    look = LOOKS[paper.style]
    sheet = _Sheet(document, look, look.wide_mm(297 if paper.wide else 210))
    _described(document, imprint)
    _every_page(document.sections[0], imprint)
    _title(sheet, paper.title)
    if paper.number:
        _line(sheet, paper.number, "number")
    for block in paper.blocks:
        _WRITERS[type(block)](sheet, block)
    _ended(document)
    return _packed(document)


# --- the page --------------------------------------------------------------------------------------


def _described(document: Any, imprint: Imprint) -> None:
    """Say whose paper it is and of which day; nothing of the machine that wrote it."""
    when = datetime(imprint.on.year, imprint.on.month, imprint.on.day, tzinfo=UTC)
    told = document.core_properties
    told.title, told.author, told.last_modified_by = (
        _sayable(imprint.title)[:255],
        _sayable(imprint.office)[:255],
        "",
    )
    told.created, told.modified, told.comments = when, when, ""


def _every_page(page: Any, imprint: Imprint) -> None:
    """Write the mark of a draft above, the version and the page number below."""
    head, foot = page.header.paragraphs[0], page.footer.paragraphs[0]
    head._p.style, foot._p.style = style_id("mark"), style_id("page")  # noqa: SLF001 - by name python-docx searches all styles
    if imprint.mark:
        head.add_run(_sayable(imprint.mark)).font.bold = True
    foot.add_run(f"{_sayable(imprint.source)}\u3000\u3000")
    before, _, rest = say("papers.page", page="\0", pages="\1").partition("\0")
    between, _, after = rest.partition("\1")
    foot.add_run(before)
    _counted(foot, "PAGE")
    foot.add_run(between)
    _counted(foot, "NUMPAGES")
    foot.add_run(after)


def _counted(line: Any, field: str) -> None:
    """Add a number that the program counts by itself."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    counted = OxmlElement("w:fldSimple")
    counted.set(qn("w:instr"), field)
    counted.append(line.add_run("1")._r)  # noqa: SLF001 - python-docx knows no fields
    line._p.append(counted)  # noqa: SLF001 - as above


def _ended(document: Any) -> None:
    """Let the line that has to come after a last table take no room: it would stand on a page of its own where that one is full."""
    from docx.shared import Pt

    last = document.paragraphs[-1]
    if last._p.style == style_id("gap"):  # noqa: SLF001 - by name python-docx searches all styles
        last.paragraph_format.line_spacing = Pt(1)


# --- text ------------------------------------------------------------------------------------------


def _title(sheet: _Sheet, title: str) -> None:
    """Write the title; where it takes several lines they are about as long as each other, so that no sign stands alone."""
    from docx.shared import Pt

    line = _line(sheet, title, "title")
    letter, room = sheet.look.title, sheet.wide_mm * _POINTS_A_MM
    wide = max(letter * _letters(part) for part in title.split("\n"))
    lines = ceil(wide / room)
    aside = (room - wide / lines) / 2 - letter  # as much room as the PDF leaves it
    if lines > 1 and aside > 0:
        line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(aside)


def _letters(text: str) -> float:
    """Return how wide a text is in letters; Latin ones and figures are half as wide."""
    return sum(0.5 if sign.isascii() else 1 for sign in text)


def _line(sheet: _Sheet, text: str, style: str) -> Any:
    line = sheet.document.add_paragraph(_sayable(text))
    line._p.style = style_id(style)  # noqa: SLF001 - by name python-docx searches all styles, each time
    return line


def _sayable(text: str) -> str:
    return shown(text).translate(_NO_SIGNS)


def _addressee(sheet: _Sheet, block: Addressee) -> None:
    _line(sheet, block.text, "flush")


def _heading(sheet: _Sheet, block: Heading) -> None:
    _line(sheet, block.text, f"head{block.level}")


def _paragraph(sheet: _Sheet, block: Paragraph) -> None:
    _line(sheet, block.text, "body" if block.indent else "flush")


def _note(sheet: _Sheet, block: Note) -> None:
    _line(sheet, block.text, "note")


def _sign_off(sheet: _Sheet, block: SignOff) -> None:
    """Write the annexes and who signs; all but the last line keep with the next, so that a seal never stands alone."""
    from docx.shared import Pt

    above = [_line(sheet, text, "body") for text in (*block.above, "")]
    signed = [_line(sheet, text, "sign") for text in block.lines]
    for line in signed:
        line.paragraph_format.right_indent = Pt(2 * sheet.look.size)
    for line in (*above, *signed[:-1]):
        line.paragraph_format.keep_with_next = True


def _cut(sheet: _Sheet, block: Cut) -> None:
    """Draw the line with signs: what a paragraph's border looks like differs from program to program."""
    dashes = "- " * int(sheet.wide_mm / 8)
    _line(sheet, f"{dashes}{block.text} {dashes.rstrip()}", "cut")


def _picture(sheet: _Sheet, block: Picture) -> None:
    from docx.shared import Mm

    run = _line(sheet, "", "picture").add_run()
    drawn = run.add_picture(io.BytesIO(block.content), width=Mm(sheet.wide_mm))
    if drawn.height > Mm(block.high_mm):
        drawn.width = int(drawn.width * Mm(block.high_mm) / drawn.height)
        drawn.height = Mm(block.high_mm)


def _break(sheet: _Sheet, _: Break) -> None:
    _line(sheet, "", "gap").paragraph_format.page_break_before = True


# --- tables ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cell:
    """A cell of a table: its text, the style of it, and how many columns it takes."""

    text: str
    style: str
    span: int = 1


@dataclass(frozen=True)
class _Row:
    """A row of a table, at least so high; `head` where it comes again on each page."""

    cells: tuple[_Cell, ...]
    high_mm: float = 0.0
    head: bool = False


def _fields(sheet: _Sheet, block: Fields) -> None:
    """Write a form: four columns, label and value twice; a field that stands alone runs over three."""
    shares = (_LABEL_SHARE, 0.5 - _LABEL_SHARE, _LABEL_SHARE, 0.5 - _LABEL_SHARE)
    rows = []
    for fields in block.rows:
        span = 3 if len(fields) == 1 else 1
        cells = [
            cell for one in fields for cell in (_Cell(one.label, "cell"), _Cell(one.value, "text", span))
        ]
        rows.append(_Row(tuple(cells), max(one.high_mm for one in fields)))
    _table(sheet, rows, shares)


def _grid(sheet: _Sheet, block: Grid) -> None:
    total = sum(block.widths)
    heads = _Row(tuple(_Cell(text, "head") for text in block.heads), head=True)
    styles = ["text" if column in block.left else "cell" for column in range(len(block.heads))]
    rows = [_Row(tuple(map(_Cell, texts, styles)), block.high_mm) for texts in block.rows]
    table = _table(sheet, (heads, *rows), tuple(width / total for width in block.widths))
    if block.signed:
        _signed(sheet, table.tr_lst[-SIGNED_ROWS:], block.signed)


def _signed(sheet: _Sheet, rows: Sequence[Any], text: str) -> None:
    """Write the line of signatures below a table, and keep it on a page with these last rows."""
    kept = [line for row in rows for cell in row.tc_lst for line in cell.p_lst]
    spacer = sheet.document.paragraphs[-1]._p  # noqa: SLF001 - as a cell's, which are XML here
    for line in (*kept, spacer):
        line.get_or_add_pPr().get_or_add_keepNext()
    _line(sheet, text, "flush")


def _table(sheet: _Sheet, rows: Sequence[_Row], shares: Sequence[float]) -> Any:
    """Add a ruled table as wide as the page; a paragraph after it keeps it apart from the next.

    It is made as XML, element by element: by its own cells python-docx takes seconds for a long one.
    """
    from docx.oxml.table import CT_Tbl
    from docx.shared import Mm

    widths = [int(share * sheet.wide_mm * _TWIPS_A_MM) for share in shares]
    table: Any = CT_Tbl.new_tbl(0, len(shares), Mm(sheet.wide_mm))
    table.tblStyle_val = "TableGrid"
    table.tblPr.autofit = False
    for column, width in zip(table.tblGrid.gridCol_lst, widths, strict=True):
        column.set(_w("w"), str(width))
    for row in rows:
        _add_row(table, row, widths)
    spacer = _line(sheet, "", "gap")
    spacer._p.addprevious(table)  # noqa: SLF001 - put into place as XML, as above
    return table


def _add_row(table: Any, row: _Row, widths: Sequence[int]) -> None:
    tr = _added(table, "tr")
    told = _added(tr, "trPr")
    _added(told, "cantSplit")
    if row.high_mm:
        _added(told, "trHeight", val=str(round(row.high_mm * _TWIPS_A_MM)), hRule="atLeast")
    if row.head:
        _added(told, "tblHeader")
    column = 0
    for cell in row.cells:
        _add_cell(tr, cell, sum(widths[column : column + cell.span]))
        column += cell.span


def _add_cell(tr: Any, cell: _Cell, width: int) -> None:
    tc = _added(tr, "tc")
    told = _added(tc, "tcPr")
    _added(told, "tcW", type="dxa", w=str(width))
    if cell.span > 1:
        _added(told, "gridSpan", val=str(cell.span))
    _added(told, "vAlign", val="center")
    line = _added(tc, "p")
    _added(_added(line, "pPr"), "pStyle", val=style_id(cell.style))
    if cell.text:
        _added(line, "r").text = _sayable(cell.text)  # python-docx makes elements of the line breaks in it


def _added(parent: Any, name: str, **attributes: str) -> Any:
    one = parent.makeelement(_w(name), {_w(key): value for key, value in attributes.items()})
    parent.append(one)
    return one


@cache
def _w(name: str) -> str:
    """Return the name of an element or attribute of WordprocessingML."""
    from docx.oxml.ns import qn

    return qn(f"w:{name}")


_WRITERS: Mapping[type[Block], Callable[[_Sheet, Any], None]] = MappingProxyType(
    {
        Addressee: _addressee,
        Heading: _heading,
        Paragraph: _paragraph,
        Note: _note,
        Fields: _fields,
        Grid: _grid,
        SignOff: _sign_off,
        Cut: _cut,
        Picture: _picture,
        Break: _break,
    }
)


# --- the file --------------------------------------------------------------------------------------


def _packed(document: Any) -> bytes:
    """Return the file with the days of its parts set to one that says nothing."""
    saved, sink = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(sink, "w") as packed:
        for name in parts.namelist():
            info = zipfile.ZipInfo(name, LONG_AGO)
            squeezed = name.endswith(".png")
            packed.writestr(info, parts.read(name), zipfile.ZIP_STORED if squeezed else zipfile.ZIP_DEFLATED)
    return sink.getvalue()
