"""One drawing of one area: the four-bounds drawing (四至图) or the board of its buildings (楼栋分布图)."""

from dataclasses import dataclass

import numpy as np
import shapely

from geo.schema import DataError
from geo.wording import say
from report.drawings import looks
from report.drawings.atlas import Atlas, Subject, subject_of
from report.drawings.beside import Told, rows_beside, told_of
from report.drawings.corners import corner_dots, corner_rows, corners_of
from report.drawings.furniture import frames, furniture, watermark
from report.drawings.ink import DPI, Box, Ink, Mark, Page
from report.drawings.labels import Floats, centred
from report.drawings.lettering import printable, wrapped
from report.drawings.names import Names, corner_names, map_names
from report.drawings.panel import Row, legend_page, poured, signed
from report.drawings.raster import png_of, pngs_of
from report.drawings.shapes import map_shapes
from report.drawings.sheet import PAPERS, View, fitted, upright
from report.drawings.title_block import Form, Kind, TitleBlock
from report.drawings.vectors import pdf_of

SIGNS = ("place", "other_place", "gate", "facility")  # no name stands on these
ROOM = {"bounds": (27.0, 13.0), "board": (9.0, 9.0)}  # mm kept beside and above the area
CONTINUED_SIZE = 4.0
CONTINUED_TOP = 18.0
VERSION_SIZE = 2.4
INSET = 3.0
RIM = 0.4  # mm: half the line of a frame, and a little paper


@dataclass(frozen=True)
class Plate:
    """The map of an area on its sheet, with all that does not depend on who will see it: the dearest part of a drawing."""

    atlas: Atlas
    subject: Subject
    kind: Kind
    paper: str
    view: View
    shapes: tuple[tuple[str, Mark], ...]  # with their keys in the legend
    around: tuple[Ink, ...]
    names: Names


@dataclass(frozen=True)
class _Order:
    """A plate and what is said on it; `corners` are rings of places in metres, none on a public drawing."""

    plate: Plate
    public: bool
    title_block: TitleBlock
    corners: tuple[Floats, ...]

    @property
    def title(self) -> str:
        key = "sketch" if self.plate.subject.sketch else self.plate.kind
        return printable(say(f"drawings.title.{key}", name=self.title_block.name))


@dataclass(frozen=True)
class Drawing:
    """A drawing laid out, to be written in any form: `page` has the map, `rest` are rows there was no room for beside it.

    `told` is all that stands beside the map, in words.
    """

    order: _Order
    told: Told
    page: Page
    rest: tuple[Row, ...]

    @property
    def title(self) -> str:
        """Return its title."""
        return self.order.title

    def pdf(self) -> bytes:
        """Return it as vectors, with its further pages."""
        return pdf_of((self.page, *_further_pages(self.order, self.rest)), title=self.order.title)

    def png(self, dpi: int = DPI) -> bytes:
        """Return its first page as a picture."""
        return png_of(self.page, dpi=dpi)

    def untitled_png(self, dpi: int = DPI) -> bytes:
        """Return its first page below the title as a picture, for a paper that prints the same title itself."""
        sheet = self.order.plate.view.sheet
        left, bottom, right, _ = sheet.frame
        return pngs_of(self.page, (_rimmed((left, bottom, right, sheet.window[3])),), dpi=dpi)[0]

    def png_and_map(self) -> tuple[bytes, bytes]:
        """Return its first page as a picture, and the map alone."""
        whole = (0.0, 0.0, self.page.width, self.page.height)
        first, alone = pngs_of(self.page, (whole, _rimmed(self.order.plate.view.sheet.window)))
        return first, alone

    def legend_png(self, width: float, dpi: int = DPI) -> bytes:
        """Return the signs of the map with their words as a picture so wide, in mm."""
        return png_of(legend_page(self.told.legend, width), dpi=dpi)


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
    """Return the drawing of an area as PDF (vectors) or PNG (300 dpi, first page); see `plate_of` and `laid_out`."""
    drawing = laid_out(
        plate_of(atlas, area_id, kind=kind, paper=paper), title_block=title_block, public=public
    )
    return drawing.png() if form == "png" else drawing.pdf()


def plate_of(atlas: Atlas, area_id: str, *, kind: Kind, paper: str = "A4") -> Plate:
    """Return the map of an area, of which its drawings are made.

    An area with a member that is only a point is drawn as a sketch. Raises DataError where the plan has no such area, the
    area has no place, or the paper is not known.
    """
    if paper not in PAPERS:
        raise DataError("drawings.paper", given=paper, known=tuple(PAPERS))
    subject = subject_of(atlas, area_id)
    beside, above = ROOM[kind]
    view = fitted(subject.outline, paper, beside=beside, above=above)
    bounds = kind == "bounds"
    shapes = tuple(map_shapes(atlas, subject, view, grids=bounds))
    around, taken = furniture(view, subject.outline)
    signs = [shapely.bounds(mark.shape) for key, mark in shapes if key in SIGNS]
    names = map_names(atlas, subject, view, taken=np.concatenate([taken, *signs]), bounds=bounds)
    return Plate(atlas, subject, kind, paper, view, shapes, around, names)


def laid_out(plate: Plate, *, title_block: TitleBlock, public: bool = False) -> Drawing:
    """Return a drawing made of a plate.

    A public one has no coordinates; else the four-bounds drawing numbers the corners of the boundary and lists them on
    further pages of the PDF. A sketch says that it is one. The same plan and title_block give the same bytes.
    """
    numbered = plate.kind == "bounds" and not public and not plate.subject.sketch
    order = _Order(plate, public, title_block, corners_of(plate.subject) if numbered else ())
    told = _told(order)
    return Drawing(order, told, *_first_page(order, told))


def _told(order: _Order) -> Told:
    plate = order.plate
    return told_of(
        plate.atlas,
        plate.subject,
        plate.view,
        order.title_block,
        kind=plate.kind,
        used={key for key, _ in plate.shapes if key},
        names=plate.names,
        public=order.public,
    )


def _first_page(order: _Order, told: Told) -> tuple[Page, tuple[Row, ...]]:
    """Return the page with the map, and the rows there was no room for beside it."""
    plate, view, sheet = order.plate, order.plate.view, order.plate.view.sheet
    dots = view.on_paper(shapely.points(np.vstack([np.zeros((0, 2)), *order.corners])))
    spots = shapely.get_coordinates(dots)
    sign, last = signed(tuple(told.fields.values()), sheet.columns[-1])
    rows = rows_beside(told, last[2] - last[0])
    panel, rest = poured(rows, (*sheet.columns[:-1], last))
    words = order.title_block.watermark or (say("drawings.watermark.sketch") if plate.subject.sketch else "")
    ink = (
        *(shape for _, shape in plate.shapes),
        *corner_dots(spots),
        *watermark(printable(words), sheet.window),
        *plate.names.ink,
        *corner_names(spots, plate.subject, view, taken=plate.names.taken),
        *plate.around,
        *frames(sheet, order.title),
        *panel,
        *sign,
    )
    return Page(sheet.width, sheet.height, ink), rest


def _rimmed(box: Box) -> Box:
    """Return a box with the line around it."""
    left, bottom, right, top = box
    return (left - RIM, bottom - RIM, right + RIM, top + RIM)


def _further_pages(order: _Order, rest: tuple[Row, ...]) -> list[Page]:
    """Return pages with the rows that had no room beside the map, and the table of corners."""
    sheet = upright(order.plate.paper)
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
    version = [printable(order.title_block.version)]
    at = ((left + right) / 2, top - CONTINUED_TOP + VERSION_SIZE)
    head += centred(version, at, size=VERSION_SIZE, ink=looks.BLACK)
    pages = []
    while rows:
        ink, rows = poured(rows, columns)
        pages.append(Page(sheet.width, sheet.height, (frame, *head, *ink)))
    return pages
