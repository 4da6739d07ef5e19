"""Ink as SVG: how a still map gets into a paper that typst sets, as lines and letters rather than dots."""

from html import escape

import shapely

from report.drawings.ink import Box, Letter, Mark, Page
from report.font import FAMILY
from report.gridpages.phonemap import path_of

FINE = 10.0  # `path_of` keeps whole tenths: with this, hundredths of a mm
UNITS = 100  # of a path in a mm


def svg_of(page: Page) -> bytes:
    """Return a page of ink as SVG of its size in mm; hatches are left out, text is escaped and stays text."""
    box = (0.0, 0.0, page.width, page.height)
    drawn = "".join(_path(ink, box) if isinstance(ink, Mark) else _text(ink, page.height) for ink in page.ink)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{page.width}mm" height="{page.height}mm" viewBox="0 0 {page.width} {page.height}">'
    clip = f'<clipPath id="page"><path d="M0 0h{page.width}v{page.height}h-{page.width}z"/></clipPath>'
    return f'{head}{clip}<g clip-path="url(#page)">{drawn}</g></svg>'.encode()


def _path(mark: Mark, box: Box) -> str:
    look = mark.look
    shape = shapely.transform(mark.shape, lambda places: places * FINE)
    path = path_of(shape, (0.0, 0.0, box[2] * FINE, box[3] * FINE))
    if not path:
        return ""
    stroke = f'stroke="{look.edge}" stroke-width="{look.width * UNITS:g}"' if look.edge else 'stroke="none"'
    lengths = " ".join(f"{length * UNITS:g}" for length in look.dashes)
    dashed = f' stroke-dasharray="{lengths}"' if lengths else ""
    face = f'fill="{look.face}" fill-opacity="{look.alpha:g}"' if look.face else 'fill="none"'
    return f'<path transform="scale({1 / UNITS})" d="{path}" {face} {stroke}{dashed} stroke-linejoin="round" fill-rule="evenodd"/>'


def _text(letter: Letter, high: float) -> str:
    turn = (
        f' transform="rotate({-letter.turn:g} {letter.x:.2f} {high - letter.y:.2f})"' if letter.turn else ""
    )
    return (
        f'<text x="{letter.x:.2f}" y="{high - letter.y:.2f}"{turn} font-family="{FAMILY}" font-size="{letter.size:g}" '
        f'fill="{letter.ink}" fill-opacity="{letter.alpha:g}">{escape(letter.text)}</text>'
    )
