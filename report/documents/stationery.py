"""The empty sheet that a DOCX is written on: its measures, and the styles of its paragraphs as Word and WPS list them.

The fonts are named as GB/T 9704 asks and lie on every office PC; a document carries none.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from report.documents.model import Style

WESTERN = "Times New Roman"
BODY, SONG, HEI, KAI = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"
_KEPT_STYLES = ("Normal", "Default Paragraph Font", "Normal Table", "Table Grid", "No List")
_DROPPED_PARTS = ("/thumbnail", "/stylesWithEffects", "/customXml", "/numbering", "/webSettings")


# --- measures --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """Measures of a style: mm from the edges (top, right, bottom, left), points; `line` is the height of a line."""

    margins: tuple[float, float, float, float]
    title: float
    size: float
    line: float
    table: float

    def wide_mm(self, page_mm: float) -> float:
        """Return how wide the lines are on a page so wide."""
        _, right, _, left = self.margins
        return page_mm - left - right


LOOKS: Mapping[Style, Look] = MappingProxyType(
    {
        "notice": Look((37, 26, 35, 28), title=22, size=16, line=29, table=11),
        "form": Look((20, 18, 18, 20), title=17, size=10.5, line=17, table=10),
        "leaflet": Look((22, 22, 20, 22), title=20, size=12, line=20, table=11),
    }
)


# --- the sheet -------------------------------------------------------------------------------------


@cache
def blank_sheet(style: Style, *, wide: bool) -> bytes:
    """Return an empty document with page and styles of its own; what the library's has beside them only weighs."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Mm

    document = Document()
    for other in [one for one in document.styles if one.name not in _KEPT_STYLES]:
        other.delete()
    for owner in (document.part, document.part.package):
        for key in [key for key, rel in owner.rels.items() if rel.reltype.endswith(_DROPPED_PARTS)]:
            owner.rels.pop(key)
    for words in document.styles.element.iter(qn("w:lang")):
        words.set(qn("w:eastAsia"), "zh-CN")
    look = LOOKS[style]
    for key, kind in _kinds(look).items():
        _add_style(document, key, kind)
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = (Mm(297), Mm(210)) if wide else (Mm(210), Mm(297))
    page.top_margin, page.right_margin, page.bottom_margin, page.left_margin = map(Mm, look.margins)
    page.header_distance, page.footer_distance = Mm(look.margins[0] / 2), Mm(look.margins[2] / 2)
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


# --- styles of paragraphs ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kind:
    """A style of paragraphs: font of Chinese signs, points, height of a line (0: as high as its signs), where it stands."""

    name: str
    font: str
    size: float
    line: float
    align: str = "LEFT"
    indent: int = 0  # of the first line, in letters
    around: float = 0  # points above and below


def _kinds(look: Look) -> dict[str, _Kind]:
    """Return the styles of paragraphs that a document has, by key; their names are those that Word and WPS list."""
    size, line = look.size, look.line
    return {
        "title": _Kind("文书标题", SONG, look.title, 1.3 * look.title, "CENTER", around=6),
        "number": _Kind("发文字号", BODY, size, line, "CENTER"),
        "flush": _Kind("顶格正文", BODY, size, line),
        "body": _Kind("文书正文", BODY, size, line, indent=2),
        "head1": _Kind("一级标题", HEI, size, line, indent=2),
        "head2": _Kind("二级标题", KAI, size, line, indent=2),
        "head0": _Kind("附件标题", SONG, 1.15 * size, 1.5 * line, "CENTER"),
        "sign": _Kind("落款", BODY, size, line, "RIGHT"),
        "note": _Kind("小字", BODY, 9, 13),
        "cut": _Kind("裁切线", BODY, 9, 20, "CENTER"),
        "picture": _Kind("图", BODY, size, 0, "CENTER"),
        "gap": _Kind("间隔", BODY, 1, 4),
        "cell": _Kind("表格居中", BODY, look.table, 0, "CENTER", around=2),
        "text": _Kind("表格文字", BODY, look.table, 0, around=2),
        "head": _Kind("表头", HEI, look.table, 0, "CENTER", around=2),
        "page": _Kind("页脚文字", BODY, 9, 0, "CENTER"),
        "mark": _Kind("稿样", HEI, size, 0, "CENTER"),
    }


def style_id(key: str) -> str:
    """Return the id of a style that a document has by key."""
    return f"zutuan_{key}"


def _add_style(document: Any, key: str, kind: _Kind) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style = document.styles.add_style(kind.name, WD_STYLE_TYPE.PARAGRAPH)
    style.element.styleId = style_id(key)
    style.font.name, style.font.size = WESTERN, Pt(kind.size)
    fonts = style.element.rPr.rFonts
    fonts.set(qn("w:eastAsia"), kind.font)
    fonts.set(qn("w:hint"), "eastAsia")  # quotation marks belong to both scripts: they are Chinese here
    form = style.paragraph_format
    form.alignment = getattr(WD_ALIGN_PARAGRAPH, kind.align)
    form.line_spacing = Pt(kind.line) if kind.line else 1.0
    form.space_before = form.space_after = Pt(kind.around)
    form.first_line_indent = Pt(kind.indent * kind.size) if kind.indent else None
    form.keep_with_next = kind.name.endswith("标题") or None
