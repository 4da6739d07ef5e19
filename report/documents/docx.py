"""A paper as DOCX, to be edited: plain paragraphs and tables as Word and WPS have them, no controls, no floating shapes.

The empty sheet with its styles is python-docx's; what stands on it is written here as text, as a package holds thousands of papers
and cells: by objects they take seconds. ECMA-376 part 1 says what may follow what. The same paper and imprint give the same bytes.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape, quoteattr

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
from report.documents.stationery import LOOKS, SLOT, Look, blank_sheet, style_id
from report.papers import Imprint, shown

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first day a zip knows
_TWIPS_A_MM = 1440 / 25.4
_POINTS_A_MM = 72 / 25.4
_EMU_A_MM = 36_000
_KEPT = "<w:keepNext/>"  # on the page of what follows
_LABEL_SHARE = 0.2  # of the width of a form, for each column of labels
_NO_SIGNS = {0xFFFE: None, 0xFFFF: None}  # no XML may hold these


@dataclass(frozen=True)
class _Sheet:
    """Where blocks are written: its measures, how wide its lines are, in mm, and the pictures by their relation."""

    look: Look
    wide_mm: float
    pictures: Mapping[str, Picture]


def docx_of(paper: Paper, imprint: Imprint) -> bytes:
    """Return the paper as DOCX: title, number, blocks, with version and page number in the footer of every page."""
    look = LOOKS[paper.style]
    drawn = [block for block in paper.blocks if isinstance(block, Picture)]
    pictures = {f"picture{n}": block for n, block in enumerate(drawn, 1)}
    sheet = _Sheet(look, look.wide_mm(297 if paper.wide else 210), pictures)
    number = _line(paper.number, "number") if paper.number else ""
    blocks = (_WRITERS[type(block)](sheet, block) for block in paper.blocks)
    parts = dict(blank_sheet(paper.style, wide=paper.wide))
    for name, written in (
        ("word/document.xml", "".join((_title(sheet, paper.title), number, *blocks))),
        ("word/header1.xml", _head(imprint)),
        ("word/footer1.xml", _foot(imprint)),
    ):
        parts[name] = parts[name].replace(SLOT, written.encode())
    parts["docProps/core.xml"] = _described(imprint)
    return _packed(_with_pictures(parts, pictures))


# --- the page --------------------------------------------------------------------------------------


def _described(imprint: Imprint) -> bytes:
    """Say whose paper it is and of which day; nothing of the machine that wrote it."""
    title, office = (escape(_sayable(text)[:255]) for text in (imprint.title, imprint.office))
    day = f'xsi:type="dcterms:W3CDTF">{imprint.on.isoformat()}T00:00:00Z'
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{title}</dc:title><dc:creator>{office}</dc:creator><dc:description/><cp:lastModifiedBy/>"
        f"<dcterms:created {day}</dcterms:created><dcterms:modified {day}</dcterms:modified></cp:coreProperties>"
    ).encode()


def _head(imprint: Imprint) -> str:
    """Return the mark of a draft, above every page."""
    return _formed(_run(imprint.mark, bold=True) if imprint.mark else "", "mark")


def _foot(imprint: Imprint) -> str:
    """Return the version and the page number, below every page."""
    before, _, rest = say("papers.page", page="\0", pages="\1").partition("\0")
    between, _, after = rest.partition("\1")
    told = (f"{imprint.source}\u3000\u3000{before}", between, after)
    first, second, third = map(_run, told)
    return _formed(f"{first}{_counted('PAGE')}{second}{_counted('NUMPAGES')}{third}", "page")


def _counted(field: str) -> str:
    """Return a number that the program counts by itself."""
    return f'<w:fldSimple w:instr="{field}">{_run("1")}</w:fldSimple>'


# --- text ------------------------------------------------------------------------------------------


def _title(sheet: _Sheet, title: str) -> str:
    """Return the title; where it takes several lines they are about as long as each other, so that no sign stands alone."""
    letter, room = sheet.look.title, sheet.wide_mm * _POINTS_A_MM
    wide = max(letter * _letters(line) for line in title.split("\n"))
    lines = ceil(wide / room)
    spare = (room - wide / lines) / 2 - letter  # on each side; as much room as the PDF leaves it
    if lines == 1 or spare <= 0:
        return _line(title, "title")
    aside = round(20 * spare)
    return _line(title, "title", more=f'<w:ind w:left="{aside}" w:right="{aside}"/>')


def _letters(text: str) -> float:
    """Return how wide a text is in letters; Latin ones and figures are half as wide."""
    return sum(0.5 if sign.isascii() else 1 for sign in text)


def _line(text: str, style: str, *, more: str = "") -> str:
    return _formed(_run(text), style, more=more)


def _formed(runs: str, style: str, *, more: str = "") -> str:
    """Return a paragraph of a style; `more` is what else its properties say."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style_id(style)}"/>{more}</w:pPr>{runs}</w:p>'


def _run(text: str, *, bold: bool = False) -> str:
    if not text:
        return ""
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in _sayable(text).split("\n"))
    return f"<w:r>{'<w:rPr><w:b/></w:rPr>' if bold else ''}{'<w:br/>'.join(lines)}</w:r>"


def _sayable(text: str) -> str:
    return shown(text).translate(_NO_SIGNS)


def _addressee(_: _Sheet, block: Addressee) -> str:
    return _line(block.text, "flush")


def _heading(_: _Sheet, block: Heading) -> str:
    return _line(block.text, f"head{block.level}")


def _paragraph(_: _Sheet, block: Paragraph) -> str:
    return _line(block.text, "body" if block.indent else "flush")


def _note(_: _Sheet, block: Note) -> str:
    return _line(block.text, "note")


def _sign_off(sheet: _Sheet, block: SignOff) -> str:
    """Return the annexes and who signs; all but the last line keep with the next, so that a seal never stands alone."""
    aside = f'<w:ind w:right="{int(2 * 20 * sheet.look.size)}"/>'
    above = [_line(text, "body", more=_KEPT) for text in (*block.above, "")]
    *signed, last = block.lines
    kept = [_line(text, "sign", more=f"{_KEPT}{aside}") for text in signed]
    return "".join((*above, *kept, _line(last, "sign", more=aside)))


def _cut(sheet: _Sheet, block: Cut) -> str:
    """Draw the line with signs: what a paragraph's border looks like differs from program to program."""
    dashes = "- " * int(sheet.wide_mm / 8)
    return _line(f"{dashes}{block.text} {dashes.rstrip()}", "cut")


def _break(_: _Sheet, __: Break) -> str:
    return _line("", "gap", more="<w:pageBreakBefore/>")


# --- pictures --------------------------------------------------------------------------------------


def _picture(sheet: _Sheet, block: Picture) -> str:
    relation = next(key for key, one in sheet.pictures.items() if one is block)
    wide, high = struct.unpack(">II", block.content[16:24])  # of a PNG, in its first chunk
    wide_mm = min(sheet.wide_mm, block.high_mm * wide / high)
    size = f'cx="{int(wide_mm * _EMU_A_MM)}" cy="{int(wide_mm * _EMU_A_MM * high / wide)}"'
    number, name = relation.removeprefix("picture"), quoteattr(f"{relation}.png")
    a, pic = (f"http://schemas.openxmlformats.org/drawingml/2006/{key}" for key in ("main", "picture"))
    drawn = (
        f'<w:r><w:drawing><wp:inline xmlns:a="{a}" xmlns:pic="{pic}"><wp:extent {size}/>'
        f'<wp:docPr id="{number}" name={name}/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        f'<a:graphic><a:graphicData uri="{pic}"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" name={name}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    return _formed(drawn, "picture")


def _with_pictures(parts: dict[str, bytes], pictures: Mapping[str, Picture]) -> dict[str, bytes]:
    """Return the parts of a file with its pictures, and with what says that they belong to it."""
    if not pictures:
        return parts
    of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    relations = "".join(
        f'<Relationship Id="{key}" Type="{of}" Target="media/{key}.png"/>' for key in pictures
    )
    kinds, related = "[Content_Types].xml", "word/_rels/document.xml.rels"
    return {
        **parts,
        kinds: _before_end(parts[kinds], '<Default Extension="png" ContentType="image/png"/>', "</Types>"),
        related: _before_end(parts[related], relations, "</Relationships>"),
        **{f"word/media/{key}.png": one.content for key, one in pictures.items()},
    }


def _before_end(part: bytes, more: str, end: str) -> bytes:
    return part.replace(end.encode(), (more + end).encode())


# --- tables ----------------------------------------------------------------------------------------


def _fields(sheet: _Sheet, block: Fields) -> str:
    """Return a form: four columns, label and value twice; a field that stands alone runs over three."""
    widths = _widths(sheet, (_LABEL_SHARE, 0.5 - _LABEL_SHARE, _LABEL_SHARE, 0.5 - _LABEL_SHARE))
    rows = []
    for fields in block.rows:
        spans = (1, 3) if len(fields) == 1 else (1, 1, 1, 1)
        texts = [text for one in fields for text in (one.label, one.value)]
        styles = ("cell", "text") * len(fields)
        wide = (widths[0], sum(widths[1:])) if len(fields) == 1 else widths
        cells = map(_cell, texts, styles, wide, spans)
        rows.append(_row(cells, high_mm=max(one.high_mm for one in fields)))
    return _table(widths, rows)


def _grid(sheet: _Sheet, block: Grid) -> str:
    total = sum(block.widths)
    widths = _widths(sheet, [width / total for width in block.widths])
    styles = ["text" if column in block.left else "cell" for column in range(len(widths))]
    head = _row(map(_cell, block.heads, ["head"] * len(widths), widths), more="<w:tblHeader/>")
    first_kept = len(block.rows) - (SIGNED_ROWS if block.signed else 0)
    rows = (
        _row(
            (
                _cell(text, style, width, kept=n >= first_kept)
                for text, style, width in zip(row, styles, widths, strict=True)
            ),
            high_mm=block.high_mm,
        )
        for n, row in enumerate(block.rows)
    )
    if not block.signed:
        return _table(widths, (head, *rows))
    return _table(widths, (head, *rows), kept=True) + _line(block.signed, "flush")


def _widths(sheet: _Sheet, shares: Sequence[float]) -> tuple[int, ...]:
    return tuple(int(share * sheet.wide_mm * _TWIPS_A_MM) for share in shares)


def _table(widths: Sequence[int], rows: Iterable[str], *, kept: bool = False) -> str:
    """Return a ruled table as wide as the page; a paragraph after it keeps it apart from the next, or `kept` with it."""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/><w:tblLayout w:type="fixed"/>'
        f"</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
        f"{_line('', 'gap', more=_KEPT if kept else '')}"
    )


def _row(cells: Iterable[str], *, high_mm: float = 0, more: str = "") -> str:
    """Return a row that no page parts, at least so high."""
    high = f'<w:trHeight w:val="{round(high_mm * _TWIPS_A_MM)}" w:hRule="atLeast"/>' if high_mm else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{high}{more}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(text: str, style: str, width: int, span: int = 1, *, kept: bool = False) -> str:
    over = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{over}<w:vAlign w:val="center"/></w:tcPr>'
        f"{_line(text, style, more=_KEPT if kept else '')}</w:tc>"
    )


_WRITERS: Mapping[type[Block], Callable[[_Sheet, Any], str]] = MappingProxyType(
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


def _packed(parts: Mapping[str, bytes]) -> bytes:
    """Return the file with the days of its parts set to one that says nothing."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as packed:
        for name, content in parts.items():
            squeezed = name.endswith(".png")
            kind = zipfile.ZIP_STORED if squeezed else zipfile.ZIP_DEFLATED
            packed.writestr(zipfile.ZipInfo(name, LONG_AGO), content, kind)
    return sink.getvalue()
