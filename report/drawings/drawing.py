"""One drawing of one area: the four-bounds drawing (四至图) or the board of its buildings (楼栋分布图)."""

from dataclasses import dataclass

import numpy as np
import shapely

from geo.schema import DataError
from geo.wording import say
from report.drawings import looks
from report.drawings.atlas import Atlas, Subject, subject_of
from report.drawings.beside import fields, rows_beside
from report.drawings.corners import corner_dots, corner_rows, corners_of
from report.drawings.furniture import frames, furniture, watermark
from report.drawings.ink import DPI, Mark, Page, pdf_of, png_of
from report.drawings.labels import Floats, centred
from report.drawings.lettering import printable, wrapped
from report.drawings.names import map_names
from report.drawings.panel import Row, poured, signed
from report.drawings.shapes import map_shapes
from report.drawings.sheet import PAPERS, View, fitted, upright
from report.drawings.title_block import Form, Kind, TitleBlock

SIGNS = ("place", "other_place", "gate", "facility")  # no name stands on these
ROOM = {"bounds": (27.0, 13.0), "board": (9.0, 9.0)}  # mm kept beside and above the area
CONTINUED_SIZE = 4.0
CONTINUED_TOP = 18.0
INSET = 3.0


@dataclass(frozen=True)
class _Order:
    """All that a page is made of; `corners` are rings of places in metres, none on a public drawing."""

    atlas: Atlas
    subject: Subject
    view: View
    kind: Kind
    public: bool
    title_block: TitleBlock
    corners: tuple[Floats, ...]
    paper: str

    @property
    def title(self) -> str:
        key = "sketch" if self.subject.sketch else self.kind
        return printable(say(f"drawings.title.{key}", name=self.title_block.name))


@dataclass(frozen=True)
class Drawing:
    """A drawing laid out, to be written in any form: `page` has the map, `rest` are rows there was no room for beside it."""

    order: _Order
    page: Page
    rest: tuple[Row, ...]

    def pdf(self) -> bytes:
        """Return it as vectors, with its further pages."""
        return pdf_of((self.page, *_further_pages(self.order, self.rest)), title=self.order.title)

    def png(self, dpi: int = DPI) -> bytes:
        """Return its first page as a picture."""
        return png_of(self.page, dpi=dpi)


def draw_area(
    atlas: Atlas,
    area_id: str,
    *,
    kind: Kind,
    title_block: TitleBlock,
    paper: str = "A4",
    public: bool = False,
    form: Form = "pdf",
) -> bytes:
    """Return the drawing of an area as PDF (vectors) or PNG (300 dpi, first page); see `laid_out`."""
    drawing = laid_out(atlas, area_id, kind=kind, title_block=title_block, paper=paper, public=public)
    return drawing.png() if form == "png" else drawing.pdf()


def laid_out(
    atlas: Atlas,
    area_id: str,
    *,
    kind: Kind,
    title_block: TitleBlock,
    paper: str = "A4",
    public: bool = False,
) -> Drawing:
    """Return the drawing of an area.

    A public one has no coordinates; else the four-bounds drawing numbers the corners of the boundary and lists them on
    further pages of the PDF. An area with a member that is only a point is drawn as a sketch and says so. The same plan
    and title_block give the same bytes. Raises DataError where the plan has no such area, the area has no place, or the
    paper is not known.
    """
    if paper not in PAPERS:
        raise DataError("drawings.paper", given=paper, known=tuple(PAPERS))
    subject = subject_of(atlas, area_id)
    beside, above = ROOM[kind]
    view = fitted(subject.outline, paper, beside=beside, above=above)
    numbered = kind == "bounds" and not public and not subject.sketch
    corners = corners_of(subject) if numbered else ()
    order = _Order(atlas, subject, view, kind, public, title_block, corners, paper)
    return Drawing(order, *_first_page(order))


def _first_page(order: _Order) -> tuple[Page, tuple[Row, ...]]:
    """Return the page with the map, and the rows there was no room for beside it."""
    atlas, subject, view, sheet = order.atlas, order.subject, order.view, order.view.sheet
    bounds = order.kind == "bounds"
    shapes = map_shapes(atlas, subject, view, grids=bounds)
    around, taken = furniture(view, subject.outline)
    signs = [shapely.bounds(mark.shape) for key, mark in shapes if key in SIGNS]
    taken = np.concatenate([taken, *signs])
    dots = view.on_paper(shapely.points(np.vstack([np.zeros((0, 2)), *order.corners])))
    spots = shapely.get_coordinates(dots)
    names = map_names(atlas, subject, view, taken=taken, bounds=bounds, corners=spots)
    sign, last = signed(fields(atlas, view, order.title_block), sheet.columns[-1])
    used = {key for key, _ in shapes if key}
    rows = rows_beside(atlas, subject, order.kind, used, names, last[2] - last[0], public=order.public)
    panel, rest = poured(rows, (*sheet.columns[:-1], last))
    mark = order.title_block.watermark or (say("drawings.watermark.sketch") if subject.sketch else "")
    ink = (
        *(shape for _, shape in shapes),
        *corner_dots(spots),
        *watermark(printable(mark), sheet.window),
        *names.ink,
        *around,
        *frames(sheet, order.title),
        *panel,
        *sign,
    )
    return Page(sheet.width, sheet.height, ink), rest


def _further_pages(order: _Order, rest: tuple[Row, ...]) -> list[Page]:
    """Return pages with the rows that had no room beside the map, and the table of corners."""
    sheet = upright(order.paper)
    left, bottom, right, top = sheet.frame
    number = len(sheet.columns)
    wide = (right - left) / number
    edges = [left + n * wide for n in range(number)]
    columns = [(x + INSET, bottom + INSET, x + wide - INSET, top - CONTINUED_TOP) for x in edges]
    rows: tuple[Row, ...] = (*rest, *corner_rows(order.corners, wide - 2 * INSET))
    words = wrapped(say("drawings.continued", title=order.title), CONTINUED_SIZE, right - left - 2 * INSET)
    middle = ((left + right) / 2, top - CONTINUED_TOP / 2)
    head = centred(words[:2], middle, size=CONTINUED_SIZE, ink=looks.BLACK)
    frame = Mark(shapely.box(*sheet.frame), looks.FRAME)
    pages = []
    while rows:
        ink, rows = poured(rows, columns)
        pages.append(Page(sheet.width, sheet.height, (frame, *head, *ink)))
    return pages
