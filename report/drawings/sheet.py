"""The sheet: paper, frame, the window of the map and the columns beside it, and the round scale that fits."""

import math
from dataclasses import dataclass
from typing import Any

import shapely

from report.drawings.ink import Box

PAPERS = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
BINDING = 22.0
EDGE = 9.0
TITLE = 15.0
COLUMN = 58.0
BAND = 70.0  # high, below the map of an upright sheet
GAP = 2.5
SCALES = (
    500,
    1_000,
    1_500,
    2_000,
    2_500,
    3_000,
    4_000,
    5_000,
    6_000,
    8_000,
    10_000,
    15_000,
    20_000,
    25_000,
    50_000,
)
LEAST_M = 60.0  # a single point is shown with this much around it


@dataclass(frozen=True)
class Sheet:
    """Boxes on a page, in mm; `columns` hold text, in reading order."""

    width: float
    height: float
    frame: Box
    window: Box
    columns: tuple[Box, ...]


@dataclass(frozen=True)
class View:
    """What of the ground the window shows: one mm is `scale` / 1,000 m, and the middle of the window shows x, y."""

    sheet: Sheet
    scale: int
    x_m: float
    y_m: float

    @property
    def ground(self) -> Box:
        """The window on the ground, in metres."""
        left, bottom, right, top = self.sheet.window
        half_x, half_y = (right - left) * self.scale / 2000, (top - bottom) * self.scale / 2000
        return (self.x_m - half_x, self.y_m - half_y, self.x_m + half_x, self.y_m + half_y)

    def on_paper(self, shapes: Any) -> Any:
        """Return shapes in mm on the page."""
        left, bottom, right, top = self.sheet.window
        middle = ((left + right) / 2, (bottom + top) / 2)
        return shapely.transform(
            shapes, lambda xy: (xy - (self.x_m, self.y_m)) * (1000 / self.scale) + middle
        )


def upright(paper: str) -> Sheet:
    """Return the sheet on end: the columns lie in a band below the map."""
    width, height = PAPERS[paper]
    frame = (BINDING, EDGE, width - EDGE, height - EDGE)
    window = (frame[0], frame[1] + BAND, frame[2], frame[3] - TITLE)
    number = int((frame[2] - frame[0]) // COLUMN)
    wide = (frame[2] - frame[0]) / number
    return Sheet(width, height, frame, window, tuple(
        (frame[0] + n * wide + GAP, frame[1], frame[0] + (n + 1) * wide - GAP, window[1] - GAP) for n in range(number)
    ))  # fmt: skip


def lengthwise(paper: str) -> Sheet:
    """Return the sheet on its side: one column stands to the right of the map."""
    height, width = PAPERS[paper]
    frame = (BINDING, EDGE, width - EDGE, height - EDGE)
    window = (frame[0], frame[1], frame[2] - COLUMN - GAP, frame[3] - TITLE)
    return Sheet(
        width, height, frame, window, ((window[2] + GAP, frame[1], frame[2] - GAP, window[3] - GAP),)
    )


def fitted(outline: Any, paper: str, *, beside: float, above: float) -> View:
    """Return the view of an outline (metres) at the largest round scale that leaves so much room around it."""
    left, bottom, right, top = outline.bounds
    wide, high = max(right - left, LEAST_M), max(top - bottom, LEAST_M)
    views = []
    for sheet in (upright(paper), lengthwise(paper)):
        room = (sheet.window[2] - sheet.window[0] - 2 * beside, sheet.window[3] - sheet.window[1] - 2 * above)
        needed = 1000 * max(wide / room[0], high / room[1])
        views.append(View(sheet, round_scale(needed), (left + right) / 2, (bottom + top) / 2))
    return min(views, key=lambda view: (view.scale, (view.sheet.width > view.sheet.height) != (wide > high)))


def round_scale(needed: float) -> int:
    """Return the least round scale number that is not below the one needed."""
    return next((scale for scale in SCALES if scale >= needed), 50_000 * math.ceil(needed / 50_000))


def bar_m(scale: int) -> int:
    """Return the length of the scale bar on the ground: the longest of 1, 2 or 5 tens that is at most 50 mm on paper."""
    longest = 50 * scale / 1000
    tens = 10 ** math.floor(math.log10(longest))
    return int(max(step * tens for step in (1, 2, 5) if step * tens <= longest))
