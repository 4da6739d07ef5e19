"""What frames a map: border, title, north arrow, scale bar, watermark."""

import math
from typing import Any

import shapely

from geo.wording import say
from report.drawings import looks
from report.drawings.ink import Box, Ink, Letter, Look, Mark
from report.drawings.labels import Floats, centred, occupied
from report.drawings.lettering import MIDDLE, width_mm, wrapped
from report.drawings.sheet import Sheet, View, bar_m

TITLE_SIZE = 6.0
TITLE_LEAST = 3.6
ARROW_WIDE, ARROW_HIGH = 9.0, 17.0
BAR_HIGH, BAR_BESIDE = 10.0, 20.0
WATERMARK = 26.0


def furniture(view: View, area: Any) -> tuple[tuple[Ink, ...], Floats]:
    """Return the north arrow and the scale bar in corners clear of the area, and the room they take."""
    left, bottom, right, top = view.sheet.window
    outline = view.on_paper(area)
    wide, high = ARROW_WIDE, ARROW_HIGH
    corners = [(right - wide - 2, top - high - 2), (left + 2, top - high - 2)]
    arrow = _clear([(x, y, x + wide, y + high) for x, y in corners], outline)
    long, tall = bar_m(view.scale) * 1000 / view.scale + BAR_BESIDE, BAR_HIGH
    spots = [(left + 2, bottom + 2), (right - long - 2, bottom + 2)]
    bar = _clear([(x, y, x + long, y + tall) for x, y in spots], outline)
    return (*_north(arrow), *_bar(bar, view.scale)), occupied([arrow, bar])


def _clear(boxes: list[Box], outline: Any) -> Box:
    return next((box for box in boxes if not shapely.box(*box).intersects(outline)), boxes[0])


def _north(box: Box) -> tuple[Ink, ...]:
    left, bottom, right, top = box
    x = (left + right) / 2
    tip, foot, notch = (x, top - 4.5), bottom + 1.0, (x, bottom + 4.0)
    dark = shapely.Polygon([tip, (x - 3.2, foot), notch])
    light = shapely.Polygon([tip, (x + 3.2, foot), notch])
    return (
        Mark(dark, Look(face=looks.BLACK, edge=looks.BLACK, width=0.15)),
        Mark(light, Look(face="#ffffff", edge=looks.BLACK, width=0.15)),
        *centred([say("drawings.north")], (x, top - 2.2), size=3.6, ink=looks.BLACK),
    )


def _bar(box: Box, scale: int) -> tuple[Ink, ...]:
    """Return a bar of four fields, its length on the ground, and the scale."""
    left, bottom, _, _ = box
    long_m = bar_m(scale)
    step = long_m * 1000 / scale / 4
    x, y = left + 4.0, bottom + 3.2
    fields = [
        Mark(
            shapely.box(x + n * step, y, x + (n + 1) * step, y + 1.3),
            Look(face="#ffffff" if n % 2 else looks.BLACK, edge=looks.BLACK, width=0.13),
        )
        for n in range(4)
    ]
    numbers = [
        letter
        for n in (0, 2, 4)
        for letter in centred([f"{long_m * n / 4:g}"], (x + n * step, y + 3.0), size=2.3, ink=looks.BLACK)
    ]
    words = say("drawings.scale", scale=scale)
    return (
        Mark(shapely.box(*box), looks.BOUND_BOX),
        *fields,
        *numbers,
        Letter(say("drawings.metres"), x + 4 * step + 4.0, y + 3.0 - MIDDLE * 2.3, 2.3),
        *centred([words], (x + 2 * step, y - 1.6), size=2.5, ink=looks.BLACK),
    )


def frames(sheet: Sheet, title: str) -> tuple[Ink, ...]:
    """Return the border of the sheet and of the map, and the title, as large as it fits."""
    left, _, right, top = sheet.frame
    size = TITLE_SIZE
    while size > TITLE_LEAST and width_mm(title, size) > right - left - 6:
        size -= 0.2
    lines = wrapped(title, size, right - left - 6)[:2]
    middle = ((left + right) / 2, (sheet.window[3] + top) / 2)
    return (
        Mark(shapely.box(*sheet.frame), looks.FRAME),
        Mark(shapely.box(*sheet.window), Look(edge=looks.BLACK, width=0.3)),
        *centred(lines, middle, size=size, ink=looks.BLACK),
    )


def watermark(text: str, window: Box) -> tuple[Ink, ...]:
    """Return large pale letters from corner to corner of the map."""
    if not text:
        return ()
    left, bottom, right, top = window
    long = math.hypot(right - left, top - bottom) * 0.62
    size = min(WATERMARK, long / width_mm(text, 1.0))
    turn = math.atan2(top - bottom, right - left)
    half = width_mm(text, size) / 2
    x = (left + right) / 2 - half * math.cos(turn) + MIDDLE * size * math.sin(turn)
    y = (bottom + top) / 2 - half * math.sin(turn) - MIDDLE * size * math.cos(turn)
    return (Letter(text, x, y, size, math.degrees(turn), ink="#777777", alpha=0.2),)
