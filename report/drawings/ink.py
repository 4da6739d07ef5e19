"""Ink on paper: shapes, signs and letters in mm from the lower left corner of a page, written as PDF or PNG."""

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from report.font import FACE, FONT

DPI = 300
MM_PER_INCH = 25.4
POINTS_PER_MM = 72.0 / MM_PER_INCH

Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True)
class Look:
    """How a shape is inked: widths and dashes in mm, colours as #rrggbb, "" where there is none."""

    face: str = ""
    edge: str = ""
    width: float = 0.1
    dashes: tuple[float, ...] = ()
    hatch: str = ""  # in matplotlib's signs, drawn in `hatch_ink`
    hatch_ink: str = "#777777"
    alpha: float = 1.0


@dataclass(frozen=True)
class Mark:
    """A shape on the page, cut at `clip`."""

    shape: Any
    look: Look
    clip: Box | None = None


@dataclass(frozen=True)
class Letter:
    """A line of text from its base point, turned counter-clockwise by degrees."""

    text: str
    x: float
    y: float
    size: float
    turn: float = 0.0
    ink: str = "#111111"
    alpha: float = 1.0


Ink = Mark | Letter


@dataclass(frozen=True)
class Page:
    """One page; what comes later lies above."""

    width: float
    height: float
    ink: tuple[Ink, ...]


def pdf_of(pages: Sequence[Page], *, title: str) -> bytes:
    """Return the pages as one PDF, drawn as vectors with the font embedded; the same pages give the same bytes."""
    from matplotlib.backends.backend_pdf import PdfPages

    sink = io.BytesIO()
    said = {"Title": title, "Creator": None, "Producer": None, "CreationDate": None}
    with PdfPages(sink, metadata=said) as book:
        for page in pages:
            book.savefig(_figure(page))
    return sink.getvalue()


def png_of(page: Page, *, dpi: int = DPI) -> bytes:
    """Return the page as a picture of so many dots an inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = _figure(page)
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    return _png(np.asarray(canvas.buffer_rgba())[:, :, :3], dpi)  # type: ignore[no-untyped-call]


def _png(dots: NDArray[np.uint8], dpi: int) -> bytes:
    """Return dots, shape (rows, columns, 3), as PNG; written here because trying filters on flat colours doubles the time."""
    high, wide, _ = dots.shape
    rows = np.zeros((high, 1 + 3 * wide), np.uint8)  # each row begins with the number of its filter: 0, none
    rows[:, 1:] = dots.reshape(high, -1)
    per_metre = round(dpi * 1000 / MM_PER_INCH)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
        (b"IDAT", zlib.compress(rows.data, 1)),
        (b"IEND", b""),
    )
    told = (
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


# --- onto a figure ---------------------------------------------------------------------------------


def _figure(page: Page) -> Any:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2D

    figure = Figure(figsize=(page.width / MM_PER_INCH, page.height / MM_PER_INCH))
    to_page = Affine2D().scale(1 / MM_PER_INCH) + figure.dpi_scale_trans
    for layer, ink in enumerate(page.ink):
        artist = _patch(ink, to_page) if isinstance(ink, Mark) else _lettering()(ink)
        artist.set_zorder(layer)
        figure.add_artist(artist, clip=False)
    return figure


def _patch(mark: Mark, to_page: Any) -> Any:
    from matplotlib.patches import PathPatch
    from matplotlib.transforms import Bbox, TransformedBbox

    look = mark.look
    patch = PathPatch(
        _path(mark.shape),
        transform=to_page,
        facecolor=look.face or "none",
        edgecolor=look.edge or "none",
        linewidth=look.width * POINTS_PER_MM if look.edge else 0.0,
        alpha=look.alpha,
        joinstyle="round",
        capstyle="butt",
    )
    if look.dashes:
        patch.set_linestyle((0, tuple(length / look.width for length in look.dashes)))
    if look.hatch:
        patch.set_hatch(look.hatch)
        patch.set_hatch_linewidth(0.3)
        patch.set_hatchcolor(look.hatch_ink)
    if mark.clip is not None:
        left, bottom, right, top = mark.clip
        box = TransformedBbox(Bbox([[left, bottom], [right, top]]), to_page)
        patch.set_clip_box(box)
    return patch


def _path(shape: Any) -> Any:
    """Return lines and rings of any shape as one path; holes run the other way round."""
    from matplotlib.path import Path

    parts = shapely.get_parts(np.atleast_1d(shape))
    parts = shapely.get_parts(parts)  # collections hold multiples
    flat = shapely.get_dimensions(parts) == 2
    rings = shapely.get_rings(shapely.orient_polygons(parts[flat]))
    lines = parts[shapely.get_dimensions(parts) == 1]
    curves = np.concatenate([rings, lines])
    curves = curves[~shapely.is_empty(curves)]
    places, curve = shapely.get_coordinates(curves, return_index=True)
    codes = np.full(len(places), Path.LINETO, dtype=Path.code_type)
    first = np.flatnonzero(np.diff(curve, prepend=-1))
    codes[first] = Path.MOVETO
    last = np.append(first[1:], len(places)) - 1
    codes[last[: len(rings)]] = Path.CLOSEPOLY
    return Path(places.reshape(-1, 2), codes)


@cache
def _lettering() -> Any:
    """Return the artist that sets a letter; text is never read as mathematics, and nothing is laid out twice."""
    from matplotlib.artist import Artist
    from matplotlib.font_manager import FontPath, FontProperties

    @cache
    def face(size: float) -> Any:
        return FontProperties(fname=FontPath(str(FONT), FACE), size=size * POINTS_PER_MM)

    class Lettering(Artist):
        def __init__(self, letter: Letter) -> None:
            super().__init__()
            self.letter = letter

        def draw(self, renderer: Any) -> None:
            letter = self.letter
            figure = self.get_figure(root=True)
            assert figure is not None
            per_mm = figure.dpi / MM_PER_INCH
            x, y = letter.x * per_mm, letter.y * per_mm
            if renderer.flipy():
                y = renderer.get_canvas_width_height()[1] - y
            pen = renderer.new_gc()
            pen.set_foreground(letter.ink)
            pen.set_alpha(letter.alpha)
            renderer.draw_text(pen, x, y, letter.text, face(letter.size), letter.turn, ismath=False)
            pen.restore()

    return Lettering
