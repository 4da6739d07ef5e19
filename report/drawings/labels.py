"""Labels that never collide: each has places where it may stand, best first, and takes the first that is free."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from report.drawings.ink import Box, Ink, Letter, Look, Mark
from report.drawings.lettering import MIDDLE, balanced, width_mm

Floats = NDArray[np.float64]

LEADING = 1.22  # of the size, from line to line
PAD = 0.35  # mm kept free around a label
PAPER = Look(face="#ffffff", alpha=0.75)
SHARPEST = 22.0  # degrees from letter to letter along a street
STEEP = 50.0  # degrees from which a street's name is written downwards
MARKER = 3.3  # mm across
WIDEST = 30.0  # mm: longer names are broken
SHORTEST = 3.0  # letters: a name is not broken into lines shorter than this
BROKEN_MM2 = 3.0  # so much of what is to be shunned is covered rather than a line broken
STRAYED_MM2 = 15.0  # so much of it is covered rather than a name set outside of what it names
_ACROSS = 9  # places tried across an outline, each way
_STARTS = 11  # places tried along a street


@dataclass(frozen=True)
class Label:
    """Places for one label: `boxes` has shape (places, boxes, 4), `ink` draws it at the place of that number.

    `name` goes on the list beside the map, with a number at `anchor`, where no place is free; "" is left out then.
    """

    name: str
    anchor: tuple[float, float]
    boxes: Floats
    ink: Callable[[int], tuple[Ink, ...]]


@dataclass(frozen=True)
class Placed:
    """What was drawn, what found no place, and what is taken now, shape (n, 4)."""

    ink: tuple[Ink, ...]
    dropped: tuple[Label, ...]
    taken: Floats


def place(labels: Iterable[Label], window: Box, taken: Floats) -> Placed:
    """Return each label at its first place that lies inside the window and free of all that is taken before it."""
    ink: list[Ink] = []
    dropped = []
    for label in labels:
        spot = _first_free(label.boxes, window, taken)
        if spot is None:
            dropped.append(label)
            continue
        ink += label.ink(spot)
        taken = np.concatenate([taken, label.boxes[spot]])
    return Placed(tuple(ink), tuple(dropped), taken)


def _first_free(boxes: Floats, window: Box, taken: Floats) -> int | None:
    if not len(boxes):
        return None
    inside = (boxes[:, :, :2] >= window[:2]).all(axis=(1, 2)) & (boxes[:, :, 2:] <= window[2:]).all(
        axis=(1, 2)
    )
    spots = np.flatnonzero(inside)
    each = boxes[spots]
    apart = (
        (each[:, :, None, 0] >= taken[:, 2])
        | (each[:, :, None, 2] <= taken[:, 0])
        | (each[:, :, None, 1] >= taken[:, 3])
        | (each[:, :, None, 3] <= taken[:, 1])
    )
    free = np.flatnonzero(apart.all(axis=(1, 2)))
    return int(spots[free[0]]) if len(free) else None


def occupied(boxes: Sequence[Box]) -> Floats:
    """Return boxes as what is taken from the start, shape (n, 4)."""
    return np.array(boxes, dtype=float).reshape(-1, 4)


# --- blocks of level lines -------------------------------------------------------------------------


def block(
    name: str,
    centres: Floats,
    *,
    size: float,
    ink: str,
    shun: Floats,
    most_lines: int = 3,
    paper: Look | None = PAPER,
    strayed: int = 0,
) -> Label:
    """Return a label of level lines around one of `centres`, shape (n, 2), best first.

    It stands on boxes of `shun` only where it must, and at the last `strayed` centres rather than on much of them.
    """
    long = width_mm(name, size)
    least = math.ceil(long / WIDEST)
    most = max(least, min(most_lines, int(long / size / SHORTEST)))
    variants = list(dict.fromkeys(tuple(balanced(name, size, lines)) for lines in range(least, most + 1)))
    halves = np.array(
        [(max(width_mm(t, size) for t in v) / 2 + PAD, len(v) * size * LEADING / 2 + PAD) for v in variants]
    )
    spots = np.repeat(centres, len(variants), axis=0)
    reach = np.tile(halves, (len(centres), 1))
    boxes = np.hstack([spots - reach, spots + reach])
    broken = np.tile([BROKEN_MM2 * len(v) for v in variants], len(centres))
    far = np.repeat(np.arange(len(centres)) >= len(centres) - strayed, len(variants)) * STRAYED_MM2
    order = np.argsort((_covered(boxes, shun) + broken + far).round(), kind="stable")
    boxes, spots = boxes[order], spots[order]

    def drawn(spot: int) -> tuple[Ink, ...]:
        lines = variants[int(order[spot]) % len(variants)]
        under = (Mark(shapely.box(*boxes[spot]), paper),) if paper is not None else ()
        return (*under, *centred(lines, spots[spot], size=size, ink=ink))

    anchor = (float(centres[0][0]), float(centres[0][1]))
    return Label(name, anchor, boxes[:, None, :], drawn)


def centred(lines: Sequence[str], centre: Any, *, size: float, ink: str) -> tuple[Letter, ...]:
    """Return lines of text around a centre."""
    top = centre[1] + (len(lines) - 1) * size * LEADING / 2 - MIDDLE * size
    return tuple(
        Letter(text, centre[0] - width_mm(text, size) / 2, top - n * size * LEADING, size, ink=ink)
        for n, text in enumerate(lines)
    )


def _covered(boxes: Floats, shun: Floats) -> Floats:
    """Return in how much of `shun` each box stands, in square mm."""
    if not len(shun):
        return np.zeros(len(boxes))
    wide = np.minimum(boxes[:, None, 2], shun[:, 2]) - np.maximum(boxes[:, None, 0], shun[:, 0])
    high = np.minimum(boxes[:, None, 3], shun[:, 3]) - np.maximum(boxes[:, None, 1], shun[:, 1])
    both = np.where((wide > 0) & (high > 0), wide * high, 0.0)
    return np.asarray(both.sum(axis=1))


def places_in(outline: Any) -> Floats:
    """Return places inside an outline, those in its middle first; at least one, shape (n, 2)."""
    middle = shapely.get_coordinates(shapely.point_on_surface(outline))
    left, bottom, right, top = outline.bounds
    steps = (np.arange(_ACROSS) + 0.5) / _ACROSS
    x, y = np.meshgrid(left + (right - left) * steps, bottom + (top - bottom) * steps)
    grid = np.column_stack([x.ravel(), y.ravel()])
    if shapely.get_dimensions(outline) == 2:
        shapely.prepare(outline)
        grid = grid[shapely.contains_xy(outline, grid[:, 0], grid[:, 1])]
    else:
        grid = middle + np.array([(0, 3.2), (0, -3.2), (9, 0), (-9, 0), (0, 6), (0, -6)])
    centre = shapely.get_coordinates(shapely.centroid(outline))
    nearest = np.argsort(np.hypot(*(grid - centre).T).round(3), kind="stable")
    return np.vstack([grid[nearest], middle]) if len(grid) else middle


def places_around(outline: Any, aside: float) -> Floats:
    """Return places just outside the box of an outline, shape (8, 2)."""
    left, bottom, right, top = outline.bounds
    x, y = (left + right) / 2, (bottom + top) / 2
    above, below = top + aside, bottom - aside
    spots = [(x, above), (x, below), (right + aside, y), (left - aside, y)]
    return np.array([*spots, (left, above), (right, above), (left, below), (right, below)])


# --- names along streets ---------------------------------------------------------------------------


def along(name: str, lines: Sequence[Any], *, size: float, ink: str) -> Label:
    """Return a label whose letters follow one of the lines, the earlier the better; steep ones are written downwards."""
    steps = np.array([width_mm(letter, size) for letter in name]) + size * 0.18
    middles = np.cumsum(steps) - steps / 2
    long = float(steps.sum())
    runs = [_runs(line, middles, long, size, downwards=ord(max(name)) >= 0x2E80) for line in lines]
    spots = np.concatenate([np.zeros((0, len(name), 3)), *runs])
    half = 0.56 * size
    boxes = np.concatenate([spots[:, :, :2] - half, spots[:, :, :2] + half], axis=2)

    def drawn(spot: int) -> tuple[Ink, ...]:
        turns = spots[spot, :, 2]
        if (
            np.ptp(turns) < 3.0
            and abs(turns[0]) < STEEP
            and np.ptp(spots[spot, :, 1]) < np.ptp(spots[spot, :, 0])
        ):
            middle = (spots[spot, 0, :2] + spots[spot, -1, :2]) / 2
            return (_turned(name, middle, float(turns.mean()), size, ink),)
        return tuple(
            _turned(letter, place[:2], float(place[2]), size, ink)
            for letter, place in zip(name, spots[spot], strict=True)
            if letter != " "
        )

    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines[0], 0.5, normalized=True))[0]
    return Label(name, (float(middle[0]), float(middle[1])), boxes, drawn)


def _runs(line: Any, middles: Floats, long: float, size: float, *, downwards: bool) -> Floats:
    """Return x, y and turn of each letter for several starts along a line, the middle one first: shape (runs, letters, 3)."""
    none = np.zeros((0, len(middles), 3))
    if line.length < long:
        return none
    starts = np.linspace(0, line.length - long, _STARTS)
    starts = starts[np.argsort(np.abs(starts - starts.mean()).round(6), kind="stable")]
    found = []
    for back in (False, True):
        offsets = long - middles if back else middles
        at = starts[:, None] + offsets
        ahead, behind = (_points(line, at + sign * size * 0.5) for sign in (1, -1))
        course = (behind - ahead) if back else (ahead - behind)
        turn = np.degrees(np.arctan2(course[:, :, 1], course[:, :, 0]))
        places = _points(line, at)
        whole = places[:, -1] - places[:, 0] if len(middles) > 1 else course[:, 0]
        slope = np.degrees(np.arctan2(whole[:, 1], whole[:, 0]))
        down = downwards & (slope < -STEEP) & (slope > -180 + STEEP)
        level = (np.abs(slope) <= 90) & ~(downwards & (np.abs(slope) > STEEP))
        turn = np.where(down[:, None], turn + 90, turn)
        fits = down | level
        smooth = (np.abs(np.diff(turn, axis=1)) < SHARPEST).all(axis=1)
        found.append((np.dstack([places, turn]), fits & smooth))
    both = np.stack([spots for spots, _ in found], axis=1).reshape(-1, len(middles), 3)
    usable = np.stack([usable for _, usable in found], axis=1).ravel()
    return np.asarray(both[usable])


def _points(line: Any, at: Floats) -> Floats:
    spots = shapely.line_interpolate_point(line, np.clip(at, 0, line.length).ravel())
    return shapely.get_coordinates(spots).reshape(*at.shape, 2)


def _turned(text: str, middle: Any, turn: float, size: float, ink: str) -> Letter:
    """Return a text turned around its middle."""
    angle = np.radians(turn)
    back = np.array([-width_mm(text, size) / 2, -MIDDLE * size])
    x = middle[0] + back[0] * np.cos(angle) - back[1] * np.sin(angle)
    y = middle[1] + back[0] * np.sin(angle) + back[1] * np.cos(angle)
    return Letter(text, float(x), float(y), size, turn, ink)


# --- numbers for what found no place ---------------------------------------------------------------


def numbered(dropped: Sequence[Label], window: Box, taken: Floats) -> tuple[Placed, tuple[str, ...]]:
    """Return numbers on the map for labels that found no place, and the names by number; labels without a name are left out."""
    named = [label for label in dropped if label.name]
    names = tuple(dict.fromkeys(label.name for label in named))
    markers = [_marker(str(names.index(label.name) + 1), label) for label in named]
    return place(markers, window, taken), names


def _marker(number: str, label: Label) -> Label:
    rings = [(0.0, 1), (4.0, 8), (7.0, 12), (11.0, 16)]
    turns = [(r, 2 * np.pi * n / count) for r, count in rings for n in range(count)]
    spots = np.array(label.anchor) + np.array([(r * np.cos(t), r * np.sin(t)) for r, t in turns])
    half = MARKER / 2
    boxes = np.hstack([spots - half, spots + half])[:, None, :]

    def drawn(spot: int) -> tuple[Ink, ...]:
        leader = shapely.LineString([label.anchor, spots[spot]])
        thin = (Mark(leader, Look(edge="#333333", width=0.12)),) if spot else ()
        return (*thin, *marker(number, spots[spot]))

    return Label(label.name, label.anchor, boxes, drawn)


def marker(number: str, middle: Any) -> tuple[Ink, ...]:
    """Return a number in a circle."""
    circle = shapely.Point(middle).buffer(MARKER / 2 - 0.15)
    size = 2.0 if len(number) < 3 else 1.5
    ringed = Mark(circle, Look(face="#ffffff", edge="#111111", width=0.15))
    return (ringed, *centred([number], middle, size=size, ink="#111111"))
