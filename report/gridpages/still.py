"""The map of a grid as a still picture, in mm: for the chat group and for the sheet of A4."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely

from geo.wording import say
from report.drawings.ink import Box, Ink, Letter, Look, Mark
from report.drawings.labels import Floats, Label, Placed, along, block, centred, numbered, occupied, place
from report.drawings.lettering import MIDDLE, printable, width_mm
from report.gridpages.phonemap import area_colour, facility_letter
from report.gridpages.scene import Name, Scene, Thing
from report.legend import STYLES

GRID_INK = "#6a3d91"
PAPER = "#efe9dc"
_PX = 0.16  # mm: how wide a pixel of the styles of screens is here
_SIGN, _GATE, _DOT = 1.9, 1.3, 0.8  # mm
_DARK = "#3d3a35"
_LOOKS = MappingProxyType(
    {
        "community": (Look("#fffdf8", alpha=0.35), Look(edge="#5c564b", width=0.18)),
        "community_other": (Look(edge="#aaa294", width=0.12),),
        "building": (Look("#8d8578", _DARK, 0.1),),
        "building_other": (Look("#c9c2b4", "#a9a294", 0.06),),
        "fence": (Look(edge="#7a5c3e", width=0.18, dashes=(1.1, 0.35, 0.25, 0.35)),),
        "fire_lane": (Look(edge="#c8102e", width=0.7, dashes=(1.6, 0.7)),),
        "outside": (Look("#fffdf8", alpha=0.6),),
        "grid": (Look(edge=GRID_INK, width=0.75, dashes=(3.0, 0.9, 0.75, 0.9)),),
    }
)
# size in mm, ink and whether a paper lies under it
_LETTERS = MappingProxyType(
    {
        "community": (2.7, "#111111"),
        "area": (2.3, GRID_INK),
        "street": (2.2, "#5d4f35"),
        "water": (2.3, "#2f6a8a"),
        "facility": (2.0, "#174b48"),
        "number": (1.9, "#111111"),
        "other": (1.9, "#6d6353"),
        "ground": (1.9, "#6d6353"),
    }
)
_UNDER = Look(face="#fffdf8", alpha=0.72)
# How far from the middle the name of a community or area may stand, in sizes, the nearest first.
_SHIFTS = np.array(
    [
        (0, 0),
        (0, 1),
        (0, -1),
        (1.5, 0),
        (-1.5, 0),
        (0, 2),
        (0, -2),
        (2, 1.5),
        (-2, 1.5),
        (2, -1.5),
        (-2, -1.5),
        (0, 3),
        (0, -3),
    ]
)
_NONE: Floats = np.zeros((0, 4))

Onto = Callable[[Any], Any]


def still_map(scene: Scene, box: Box) -> list[Ink]:
    """Return the map of a grid within `box`, from bottom to top, north up."""
    mm_per_m, onto = _scaled(scene.box, box)
    ink: list[Ink] = [Mark(shapely.box(*box), Look(face=PAPER), box)]
    for thing in scene.things:
        ink += _inked(thing, onto(thing.shape), mm_per_m, box)
    own, numbers, _ = _own_names(scene, box)
    others = [n for n in scene.names if n.kind != "community"]
    rest = place([label for n in others for label in _label(n, onto, mm_per_m)], box, numbers.taken)
    frame = Mark(shapely.box(*box), Look(edge=_DARK, width=0.25))
    return [*ink, *_north(box), *rest.ink, *own.ink, *numbers.ink, frame]


def numbered_names(scene: Scene, box: Box) -> tuple[str, ...]:
    """Return the communities whose names find no room on the map within `box`; the first has the number 1 there."""
    return _own_names(scene, box)[2]


def swatch_ink(kind: str, box: Box, fill: str = "") -> list[Ink]:
    """Return a line of the legend: what a kind looks like, within a small box."""
    left, bottom, right, top = box
    middle = shapely.Point((left + right) / 2, (bottom + top) / 2)
    if kind in ("gate", "place") or kind.startswith("facility_"):
        return list(_sign(kind, middle, None))
    if kind in ("fence", "fire_lane"):
        shape: Any = shapely.LineString([(left, middle.y), (right, middle.y)])
    else:
        shape = shapely.box(*box)
    if kind in ("area", "area_kept"):
        return list(_area(kind, shape, fill or area_colour(0), None))
    return [Mark(shape, look) for look in _LOOKS[kind]]


def _scaled(bounds: Box, box: Box) -> tuple[float, Onto]:
    west, south, east, north = bounds
    mm_per_m = min((box[2] - box[0]) / (east - west), (box[3] - box[1]) / (north - south))
    middle = np.array([(west + east) / 2, (south + north) / 2])
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    return mm_per_m, lambda shape: shapely.transform(shape, lambda xy: (xy - middle) * mm_per_m + centre)


# --- shapes ----------------------------------------------------------------------------------------


def _inked(thing: Thing, shape: Any, mm_per_m: float, box: Box) -> Iterator[Ink]:
    if shapely.get_dimensions(shape) == 0:
        if shapely.intersects(shapely.box(*box), shape):
            yield from _sign(thing.kind, shape, box)
    elif thing.kind in ("area", "area_kept"):
        yield from _area(thing.kind, shape, area_colour(thing.fill), box)
    elif thing.kind in _LOOKS:
        for look in _LOOKS[thing.kind]:
            yield Mark(shape, look, box)
    else:
        yield Mark(shape, _ground_look(thing.kind, shape, mm_per_m), box)


def _area(kind: str, shape: Any, fill: str, clip: Box | None) -> Iterator[Ink]:
    kept = kind == "area_kept"
    yield Mark(shape, Look(fill, alpha=0.25 if kept else 0.5), clip)
    yield Mark(shape, Look(edge=_DARK, width=0.28 if kept else 0.42, dashes=(0.4, 0.8) if kept else ()), clip)


def _ground_look(kind: str, shape: Any, mm_per_m: float) -> Look:
    style = STYLES[kind]
    width = style["weight"] * _PX
    if "metres" in style:
        width = max(style["metres"] * mm_per_m, 0.5) + style.get("beyond", 0) * _PX
    flat = shapely.get_dimensions(shape) == 2 and style.get("fill", True)
    dashes = tuple(float(part) * _PX for part in str(style.get("dashArray", "")).split())
    return Look(style.get("fillColor", style["color"]) if flat else "", style["color"], width, dashes)


def _sign(kind: str, at: Any, clip: Box | None) -> Iterator[Ink]:
    (x, y), *_ = shapely.get_coordinates(at).tolist()
    if kind == "gate":
        half = _GATE / 2
        yield Mark(
            shapely.Polygon([(x - half, y - half), (x + half, y - half), (x, y + half)]),
            Look("#111111", "#ffffff", 0.1),
            clip,
        )
    elif kind.startswith("facility_"):
        sort = kind.removeprefix("facility_")
        yield Mark(
            shapely.buffer(at, _SIGN), Look("#c8102e" if sort == "fire" else "#1f5f5b", "#ffffff", 0.2), clip
        )
        letter = facility_letter(sort)
        yield Letter(letter, x - width_mm(letter, 2.4) / 2, y - MIDDLE * 2.4, 2.4, ink="#ffffff")
    else:
        face = "#777777" if kind.endswith("_other") else "#8a1c1c"
        yield Mark(shapely.buffer(at, _DOT), Look(face, "#ffffff", 0.15), clip)


def _north(box: Box) -> Iterator[Ink]:
    x, top = box[2] - 4.5, box[3] - 1.5
    yield from centred([say("gridpages.sheet.north")], (x, top - 1.2), size=2.6, ink="#111111")
    yield Mark(
        shapely.Polygon([(x, top - 2.8), (x + 2.0, top - 9.0), (x, top - 7.4), (x - 2.0, top - 9.0)]),
        Look("#111111"),
    )


# --- names -----------------------------------------------------------------------------------------


def _own_names(scene: Scene, box: Box) -> tuple[Placed, Placed, tuple[str, ...]]:
    """Return the names of the grid's communities, numbers for those that find no room, and those by number.

    They come before all other names, so that what stands at a place does not depend on how high the page is.
    """
    mm_per_m, onto = _scaled(scene.box, box)
    signs = [onto(thing.shape) for thing in scene.things if shapely.get_dimensions(thing.shape) == 0]
    taken = [shapely.buffer(sign, _SIGN).bounds for sign in signs]
    taken.append((box[2] - 9, box[3] - 11, box[2], box[3]))  # the arrow to the north
    names = [name for name in scene.names if name.kind == "community"]
    labels = [label for name in names for label in _label(name, onto, mm_per_m)]
    own = place(labels, box, occupied(taken))
    return own, *numbered(own.dropped, box, own.taken)


def _label(name: Name, onto: Onto, mm_per_m: float) -> Iterator[Label]:
    text = printable(name.text)
    size, ink = _LETTERS[name.kind]
    if not text:
        return
    if name.kind in ("street", "water"):
        yield along(text, [_run(spot, onto) for spot in name.spots], size=size, ink=ink)
        return
    x, y, *_ = name.spots[0]
    spot = shapely.get_coordinates(onto(shapely.Point(x, y)))
    if name.kind == "facility":
        spot = spot - [0, _SIGN + size * 0.7]
    elif _too_narrow(name, text, size, mm_per_m):
        return
    centres = spot + (_SHIFTS * size if name.kind in ("community", "area") else _SHIFTS[:1])
    paper = _UNDER if name.kind in ("community", "facility") else None
    yield block(text, centres, size=size, ink=ink, shun=_NONE, paper=paper, most_lines=2)


def _too_narrow(name: Name, text: str, size: float, mm_per_m: float) -> bool:
    """Tell whether a name is far wider than what it names; a community is told in any case, by a number at least."""
    room = name.spots[0][3] * mm_per_m
    needed = 1.0 if name.kind == "number" else 0.55
    return name.kind != "community" and room > 0 and width_mm(text, size) * needed > room


def _run(spot: tuple[float, float, float, float], onto: Onto) -> Any:
    x, y, turn, room = spot
    half = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))]) * room / 2
    return onto(shapely.LineString([np.array([x, y]) - half, np.array([x, y]) + half]))
