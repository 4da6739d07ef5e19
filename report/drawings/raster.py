"""Ink as a picture: drawn dot by dot, its letters from their outlines, so that it shows what the PDF shows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from report.drawings.ink import (
    DPI,
    HATCH_POINTS,
    MM_PER_INCH,
    POINTS_PER_MM,
    Box,
    Letter,
    Look,
    Mark,
    Page,
)
from report.drawings.lettering import glyph
from report.drawings.palette import png_of_dots

PAPER = Look(face="#ffffff")


def png_of(page: Page, *, dpi: int = DPI) -> bytes:
    """Return the page as a picture of so many dots an inch; the same page gives the same bytes."""
    return png_of_dots(_dots(page, dpi), dpi)


def pngs_of(page: Page, boxes: Sequence[Box], *, dpi: int = DPI) -> tuple[bytes, ...]:
    """Return what lies in each box of a page as a picture; the page is drawn once, which is the dearest part."""
    dots, per_mm = _dots(page, dpi), dpi / MM_PER_INCH
    high = len(dots)
    edges = [[round(side * per_mm) for side in box] for box in boxes]
    return tuple(
        png_of_dots(dots[max(high - top, 0) : high - bottom, left:right], dpi)
        for left, bottom, right, top in edges
    )


def _dots(page: Page, dpi: int) -> NDArray[np.uint8]:
    """Return the dots of a page, shape (rows from the top, columns, 4)."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.transforms import Affine2D

    per_mm = dpi / MM_PER_INCH
    canvas = RendererAgg(page.width * per_mm, page.height * per_mm, dpi)  # type: ignore[no-untyped-call]
    to_dots = Affine2D().scale(per_mm)
    for ink in (Mark(shapely.box(0, 0, page.width, page.height), PAPER), *page.ink):
        if isinstance(ink, Mark):
            _mark(canvas, ink, to_dots)
        else:
            _letter(canvas, ink, to_dots)
    return np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]


# --- ink to dots -----------------------------------------------------------------------------------


def _mark(canvas: Any, mark: Mark, to_dots: Any) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.path import Path
    from matplotlib.transforms import Bbox

    look, pen = mark.look, canvas.new_gc()
    pen.set_alpha(look.alpha)
    pen.set_linewidth(look.width * POINTS_PER_MM if look.edge else 0.0)
    pen.set_foreground(look.edge or look.face or "#000000")
    pen.set_joinstyle("round")
    if look.dashes:
        pen.set_dashes(0, [length * POINTS_PER_MM for length in look.dashes])
    if look.hatch:
        pen.set_hatch(look.hatch)
        pen.set_hatch_linewidth(HATCH_POINTS)
        pen.set_hatch_color(look.hatch_ink)
    if mark.clip is not None:
        left, bottom, right, top = mark.clip
        pen.set_clip_rectangle(Bbox([[left, bottom], [right, top]]).transformed(to_dots))
    canvas.draw_path(pen, Path(*mark.path), to_dots, to_rgb(look.face) if look.face else None)
    pen.restore()


def _letter(canvas: Any, letter: Letter, to_dots: Any) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.path import Path

    signs = [glyph(sign) for sign in letter.text]
    if not sum(len(sign.codes) for sign in signs):
        return
    starts = np.cumsum([0.0, *(sign.advance for sign in signs[:-1])])
    places = np.concatenate([sign.places for sign in signs])
    places = places + np.repeat(
        np.column_stack([starts, np.zeros(len(signs))]), [len(sign.places) for sign in signs], axis=0
    )
    turn = np.radians(letter.turn)
    turned = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    path = Path(
        letter.size * places @ turned + (letter.x, letter.y), np.concatenate([sign.codes for sign in signs])
    )
    pen = canvas.new_gc()
    pen.set_alpha(letter.alpha)
    pen.set_linewidth(0.0)
    pen.set_snap(False)
    canvas.draw_path(pen, path, to_dots, to_rgb(letter.ink))
    pen.restore()
