"""All areas of a plan on one still map, in mm: ground, areas in the colours of the desk, communities with their signs."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import shapely

from report.colours import FILLS, neighbour_fills
from report.drawings.ink import Box, Ink, Letter, Look, Mark
from report.drawings.lettering import MIDDLE, printable, width_mm
from report.ground import ground
from report.layers import area_signs, area_styles, community_signs, community_styles, town_of
from report.legend import GROUND, INK, SIGNS, STYLES, Style, sign_words
from report.results import Results

PAPER = "#f0ebdf"
HATCHES = {"fixed": ("#e2ded5", "///"), "held": ("#f3f1ec", "..."), "excluded": ("#ece8df", "\\\\\\")}
_WIDE_PX = 1100.0  # the width on screen that the styles were made for
_MARGIN = 0.03  # of the box
_SIGN = 2.1  # sizes of letters, in hundredths of the width of the box
_NAME, _SMALL = 1.25, 1.0
_DOT = 0.6  # of the radius on screen: a still map is read from nearer
_RING = 1.35  # the same round a sign
_GAP = 0.15  # between two labels, in sizes
_INSIDE = 0.8  # of a label lies within its own area at least

Onto = Callable[[Any], Any]


def overview(results: Results, box: Box) -> list[Ink]:
    """Return the map of a plan within `box`, from bottom to top; a plan without any place is an empty sheet."""
    sheet = Mark(shapely.box(*box), Look(face=PAPER), box)
    town = town_of(results)
    if town is None:
        return [sheet]
    mm_per_m, onto = _scaled(town.bounds, box)
    px_mm = (box[2] - box[0]) / _WIDE_PX
    return [
        sheet,
        *_ground(results, town, box=box, onto=onto, px_mm=px_mm, mm_per_m=mm_per_m),
        *_areas(results, box=box, onto=onto, px_mm=px_mm),
        *_communities(results, box=box, onto=onto, px_mm=px_mm),
        *_labels(results, box=box, onto=onto),
    ]


def _scaled(bounds: tuple[float, float, float, float], box: Box) -> tuple[float, Onto]:
    """Return the scale, and what lays places of the plan onto the page with the town in the middle of the box."""
    west, south, east, north = bounds
    wide, high = box[2] - box[0], box[3] - box[1]
    room = 1 - 2 * _MARGIN
    mm_per_m = min(wide * room / max(east - west, 1.0), high * room / max(north - south, 1.0))
    middle = np.array([(west + east) / 2, (south + north) / 2])
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    return mm_per_m, lambda places: (places - middle) * mm_per_m + centre


def _ground(
    results: Results, town: shapely.Polygon, *, box: Box, onto: Onto, px_mm: float, mm_per_m: float
) -> Iterator[Ink]:
    base = ground(results, town)
    for name in GROUND:
        style = STYLES[name]
        shapes = base.geometry[base["style"] == style.get("of", name)]
        if shapes.empty:
            continue
        width = style["weight"] * px_mm
        if "metres" in style:
            width = max(width, style["metres"] * mm_per_m) + style.get("beyond", 0) * px_mm
        flat = (shapely.get_dimensions(shapes.to_numpy()) == 2) & style.get("fill", True)
        for chosen, face in ((flat, style.get("fillColor", style["color"])), (~flat, "")):
            if chosen.any():
                look = Look(face, style["color"], width, _dashes(style, px_mm))
                yield Mark(shapely.transform(shapes.to_numpy()[chosen], onto), look, box)


def _areas(results: Results, *, box: Box, onto: Onto, px_mm: float) -> Iterator[Ink]:
    fills = neighbour_fills(results.areas)
    styles = area_styles(results)
    for area_id, shape, name in zip(results.areas.index, results.areas.geometry, styles, strict=True):
        if shape is None or shape.is_empty:
            continue
        yield from _drawn(shapely.transform(shape, onto), name, FILLS[fills[area_id]], box=box, px_mm=px_mm)


def _communities(results: Results, *, box: Box, onto: Onto, px_mm: float) -> Iterator[Ink]:
    shapes = results.communities.geometry
    for shape, name in zip(shapes, community_styles(results), strict=True):
        if shape is None or shape.is_empty:
            continue
        placed = shapely.transform(shape, onto)
        point = shapely.get_dimensions(placed) == 0
        if point:
            placed = placed.buffer(STYLES[name].get("radius", 4) * px_mm * (_RING if name in SIGNS else _DOT))
        yield from _drawn(placed, name, "", box=box, px_mm=px_mm, dashed=not point)


def _drawn(shape: Any, name: str, fill: str, *, box: Box, px_mm: float, dashed: bool = True) -> Iterator[Ink]:
    """Yield face and edge of a shape: only the face lets through what lies below; a ring is too small for dashes."""
    style = STYLES[name]
    face, hatch = HATCHES.get(name, (fill or style.get("fillColor", ""), ""))
    if face:
        yield Mark(shape, Look(face, hatch=hatch, hatch_ink="#a8a295", alpha=style["fillOpacity"]), box)
    dashes = _dashes(style, px_mm) if dashed else ()
    yield Mark(shape, Look("", style["color"], style["weight"] * px_mm, dashes), box)


def _dashes(style: Style, px_mm: float) -> tuple[float, ...]:
    return tuple(float(part) * px_mm for part in str(style.get("dashArray", "")).split())


# --- letters ---------------------------------------------------------------------------------------


def _labels(results: Results, *, box: Box, onto: Onto) -> Iterator[Ink]:
    """Yield the signs of communities, then names of areas with their households where there is room, the largest first.

    The signs of an area stand before its name, and where there is no room for that, alone.
    """
    unit = (box[2] - box[0]) / 100
    taken: list[Box] = []
    table = results.communities
    styles = community_styles(results)
    for shape, name, signs in zip(table.geometry, styles, community_signs(results), strict=True):
        if signs and shape is not None and not shape.is_empty:
            place = shapely.transform(shape.representative_point(), onto)
            yield from _line(_written(signs), place.x, place.y, _SIGN * unit, ink=STYLES[name]["color"])
            taken.append(_room(_written(signs), place.x, place.y, _SIGN * unit))
    areas = results.areas.assign(signs=area_signs(results)).sort_values(
        "count", ascending=False, kind="stable"
    )
    for area_id, shape, name, count, signs in zip(
        areas.index, areas.geometry, areas["name"], areas["count"], areas["signs"], strict=True
    ):
        if shape is None or shape.is_empty:
            continue
        place = shapely.transform(shape.representative_point(), onto)
        called = f"{_written(signs)} {printable(name or str(area_id).rpartition('-')[2])}".strip()
        rows = (
            (called, 0.62 * _NAME * unit, _NAME * unit),
            (str(count), -0.55 * _NAME * unit, _SMALL * unit),
        )
        rooms = [_room(text, place.x, place.y + up, size) for text, up, size in rows]
        crowded = any(_overlap(room, other) for room in rooms for other in taken) or not _within(rooms, box)
        if crowded or not _holds(shapely.transform(shape, onto), rooms):
            yield from _line(_written(signs), place.x, place.y, _NAME * unit, ink=INK) if signs else ()
            continue
        taken += rooms
        for text, up, size in rows:
            yield from _line(text, place.x, place.y + up, size, ink=INK)


def _written(signs: str) -> str:
    words = sign_words()
    return "".join(words.get(sign, sign) for sign in signs)


def _line(text: str, x: float, y: float, size: float, *, ink: str) -> Iterator[Ink]:
    yield Letter(text, x - width_mm(text, size) / 2, y - MIDDLE * size, size, ink=ink)


def _room(text: str, x: float, y: float, size: float) -> Box:
    half, high = width_mm(text, size) / 2 + _GAP * size, size * (0.5 + _GAP)
    return x - half, y - high, x + half, y + high


def _holds(shape: Any, rooms: list[Box]) -> bool:
    """Tell whether a shape has room for its label: on a district's map most have not, and stay without."""
    label = shapely.union_all([shapely.box(*room) for room in rooms])
    return bool(label.intersection(shape).area >= _INSIDE * label.area)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _within(rooms: list[Box], box: Box) -> bool:
    return all(box[0] <= r[0] and r[2] <= box[2] and box[1] <= r[1] and r[3] <= box[3] for r in rooms)
