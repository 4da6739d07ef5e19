"""The names on a drawing, in the order in which they take their places."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.bounds import SIDES
from report.bounds import side_words
from report.drawings import looks
from report.drawings.atlas import Atlas, Subject
from report.drawings.ink import Ink, Look, Mark
from report.drawings.labels import (
    LEADING,
    PAPER,
    Floats,
    Label,
    along,
    block,
    centred,
    numbered,
    place,
    places_around,
    places_in,
)
from report.drawings.lettering import balanced, printable, width_mm
from report.drawings.sheet import View

MEMBER_SIZE, NEIGHBOUR_SIZE, PLACE_SIZE, BOUND_SIZE, CORNER_SIZE = 2.9, 2.3, 2.1, 3.0, 1.7
NUMBER_SIZES = (2.6, 2.1, 1.8)
NUMBER_WIDE = 9.0  # mm: what is longer is listed beside the map
BOUND_WIDE = 21.0  # mm: longer names of bounds are broken
LINE_STEP = 2.0  # mm between the boxes that keep names off the boundary
NEAR_M = 60.0  # names of what lies farther from the area are left out where there is no place for them
LEAST_MM2 = 20.0  # what is cut to less by the window goes unnamed
_SIGN = "[-0-9A-Za-z一二三四五六七八九十甲乙丙丁]"
_NUMBER = re.compile(rf"(?<!{_SIGN})({_SIGN}{{1,5}})\s*(?:栋|幢|座|号楼|#)?$")


@dataclass(frozen=True)
class Names:
    """The lettering of a map; `listed` are names by number, `unnumbered` buildings (community, number) without a place.

    `taken` is what has no room for more: boxes, shape (n, 4), with those of the letters.
    """

    ink: tuple[Ink, ...]
    listed: tuple[str, ...]
    unnumbered: tuple[tuple[str, str], ...]
    taken: Floats


def map_names(atlas: Atlas, subject: Subject, view: View, *, taken: Floats, bounds: bool) -> Names:
    """Return the lettering of a map clear of all that is `taken`."""
    box = shapely.box(*view.ground)
    window = view.sheet.window
    sides = place(_sides(atlas, subject, view) if bounds else (), window, taken)
    houses = list(_numbers(subject, view))
    numbers = place([label for _, label in houses], window, sides.taken)
    owner = {id(label): community for community, label in houses}
    shun = np.concatenate(
        [_boxes(view.on_paper(subject.buildings.geometry.to_numpy())), _line_boxes(subject, view)]
    )
    near = shapely.buffer(subject.outline, NEAR_M)
    wishes = [
        *_members(subject, view, shun),
        *_streets(atlas, view, box, near),
        *_neighbours(atlas, subject, view, box, near),
        *_places(atlas, view, box, near),
    ]
    names = place(wishes, window, numbers.taken)
    markers, listed = numbered(names.dropped, window, names.taken)
    ink = (*sides.ink, *numbers.ink, *names.ink, *markers.ink)
    unnumbered = tuple((owner[id(label)], label.name) for label in numbers.dropped)
    return Names(ink, listed, unnumbered, markers.taken)


def corner_names(corners: Floats, subject: Subject, view: View, *, taken: Floats) -> tuple[Ink, ...]:
    """Return the numbers J1, J2, … of the corners of a boundary, shape (n, 2) in mm, where there is room for them."""
    labels = _corners(corners, view.on_paper(subject.outline), _line_boxes(subject, view))
    return place(labels, view.sheet.window, taken).ink


def building_number(name: str) -> str:
    """Return how a building is called on a drawing: its number alone where its name ends in one."""
    found = _NUMBER.search(name.strip())
    return found.group(1) if found else printable(name)


# --- the area --------------------------------------------------------------------------------------


def _sides(atlas: Atlas, subject: Subject, view: View) -> Iterator[Label]:
    """Yield the four bounds in frames at the edges of the window, each across from the middle of the area."""
    left, bottom, right, top = view.sheet.window
    x, y = shapely.get_coordinates(view.on_paper(shapely.centroid(subject.outline)))[0]
    slides = np.array([0.0, 9.0, -9.0, 18.0, -18.0, 27.0, -27.0, 40.0, -40.0])
    for side in SIDES:
        text = printable(side_words(side, str(atlas.bounds.loc[subject.area_id, side])))
        level = side in ("north", "south")
        lines = balanced(text, BOUND_SIZE, 1 if level else math.ceil(width_mm(text, BOUND_SIZE) / BOUND_WIDE))
        if level and width_mm(text, BOUND_SIZE) > (right - left) * 0.6:
            lines = balanced(text, BOUND_SIZE, 2)
        half_w = max(width_mm(line, BOUND_SIZE) for line in lines) / 2 + 1.2
        half_h = len(lines) * BOUND_SIZE * LEADING / 2 + 0.8
        edge = {
            "east": right - half_w,
            "west": left + half_w,
            "south": bottom + half_h,
            "north": top - half_h,
        }
        inwards = 1.2 if side in ("west", "south") else -1.2
        fixed = np.full(len(slides), edge[side] + inwards)
        spots = np.column_stack([x + slides, fixed] if level else [fixed, y + slides])
        yield _framed(lines, spots, half_w, half_h)


def _framed(lines: list[str], spots: Floats, half_w: float, half_h: float) -> Label:
    reach = np.array([half_w, half_h])
    boxes = np.hstack([spots - reach, spots + reach])

    def drawn(spot: int) -> tuple[Ink, ...]:
        frame = Mark(shapely.box(*boxes[spot]), looks.BOUND_BOX)
        return (frame, *centred(lines, spots[spot], size=BOUND_SIZE, ink=looks.BLACK))

    return Label("".join(lines), (float(spots[0][0]), float(spots[0][1])), boxes[:, None, :], drawn)


def _numbers(subject: Subject, view: View) -> Iterator[tuple[str, Label]]:
    """Yield the number of each building of the area, in the building or beside it, with its community."""
    called = subject.members["name"]
    table = subject.buildings.sort_values(["community_id", "name"], kind="stable")
    shapes = view.on_paper(table.geometry.to_numpy())
    for shape, name, owner in zip(shapes, table["name"], table["community_id"], strict=True):
        number = building_number(str(name))
        if number:
            yield printable(str(called[owner])), _number(number, shape)


def _number(number: str, shape: Any) -> Label:
    if width_mm(number, NUMBER_SIZES[-1]) > NUMBER_WIDE:
        return Label(number, shape.bounds[:2], np.zeros((0, 1, 4)), lambda _: ())
    left, bottom, right, top = shape.bounds
    spots: list[Floats] = []
    sizes: list[float] = []
    for size in NUMBER_SIZES:
        wide, high = width_mm(number, size), size * 0.8
        fits = right - left >= wide and top - bottom >= high
        around = places_around(shape, max(wide, high) / 2 + 0.3)[:4]
        spots += [shapely.get_coordinates(shapely.centroid(shape))[0]] if fits else list(around)
        sizes += [size] * (len(spots) - len(sizes))
    middles, letters = np.array(spots), np.array(sizes)
    reach = np.column_stack([[width_mm(number, size) / 2 for size in sizes], letters * 0.42]) + 0.1
    boxes = np.hstack([middles - reach, middles + reach])[:, None, :]

    def drawn(spot: int) -> tuple[Ink, ...]:
        return centred([number], middles[spot], size=float(letters[spot]), ink=looks.BLACK)

    return Label(number, (float(middles[0][0]), float(middles[0][1])), boxes, drawn)


def _members(subject: Subject, view: View, shun: Floats) -> Iterator[Label]:
    table = subject.members
    there = table[table.geometry.notna() & ~table.geometry.is_empty]
    shapes = view.on_paper(there.geometry.to_numpy())
    for name, shape in zip(there["name"], shapes, strict=True):
        text = printable(str(name))
        if text:
            around = places_around(shape, MEMBER_SIZE)
            centres = np.vstack([places_in(shape), around])
            yield block(
                text,
                centres,
                size=MEMBER_SIZE,
                ink=looks.BLACK,
                shun=shun,
                paper=looks.ON_AREA,
                strayed=len(around),
            )


def _corners(corners: Floats, outline: Any, shun: Floats) -> Iterator[Label]:
    """Yield the number of each corner of the boundary, outside of it where there is room."""
    shapely.prepare(outline)
    for number, corner in enumerate(corners, 1):
        spots = places_around(shapely.Point(corner), 2.0)
        inside = shapely.contains_xy(outline, spots[:, 0], spots[:, 1])
        yield block(
            f"J{number}",
            spots[np.argsort(inside, kind="stable")],
            size=CORNER_SIZE,
            ink=looks.BOUNDARY.edge,
            shun=shun,
            most_lines=1,
            paper=None,
        )


# --- what lies around it ---------------------------------------------------------------------------


def _streets(atlas: Atlas, view: View, box: Any, near: Any) -> Iterator[Label]:
    """Yield the names along streets, rivers and railways, the largest and nearest first."""
    table = atlas.ground.within(box)
    table = table[(table["along"] & (table["label"] != "")).to_numpy(bool)]
    nearest = table.geometry.distance(near).round(1)
    order = np.lexsort([table["label"], nearest, table["rank"]])
    for (style, label), rows in table.iloc[order].groupby(["style", "label"], sort=False):
        text = printable(str(label))
        clipped = shapely.get_parts(shapely.clip_by_rect(rows.geometry.to_numpy(), *box.bounds))
        lines = view.on_paper(clipped[shapely.length(clipped) > 0])
        if not text or not len(lines):
            continue
        size = looks.ALONG_SIZE.get(style, looks.STREET_SIZE)
        if style != "water_name":
            lines = _clear_of(lines, looks.on_paper_width(str(style), view.scale), size)
        lines = lines[np.argsort(-shapely.length(lines).round(3), kind="stable")]
        ink = looks.ALONG_INK.get(style, looks.NAME_INK["street"])
        yield _near_only(along(text, lines, size=size, ink=ink), near=bool(nearest[rows.index].min() == 0))


def _neighbours(atlas: Atlas, subject: Subject, view: View, box: Any, near: Any) -> Iterator[Label]:
    table = atlas.communities.within(box)
    table = table[~table.index.isin(subject.members.index)]
    yield from _blocks(
        table, view, box, near, size=NEIGHBOUR_SIZE, ink=looks.NAME_INK["neighbour"], paper=looks.ON_NEIGHBOUR
    )


def _places(atlas: Atlas, view: View, box: Any, near: Any) -> Iterator[Label]:
    """Yield the names of shared facilities, landmarks and water; those without a place are left out."""
    table = atlas.ground.within(box).rename(columns={"label": "name"})
    flat = table[(~table["along"] & (table["name"] != "")).to_numpy(bool)]
    for part in (atlas.facilities.within(box), flat):
        for label in _blocks(
            part, view, box, near, size=PLACE_SIZE, ink=looks.NAME_INK["place"], paper=PAPER
        ):
            yield _near_only(label, near=False)


def _blocks(
    table: gpd.GeoDataFrame, view: View, box: Any, near: Any, *, size: float, ink: str, paper: Look
) -> Iterator[Label]:
    """Yield the names of outlines and points in view; of outlines that reach out of it, on what is seen of them."""
    for name, whole in zip(table["name"], table.geometry, strict=True):
        seen = whole if shapely.contains_properly(box, whole) else shapely.intersection(whole, box)
        text = printable(str(name))
        if not text or seen.is_empty:
            continue
        close = bool(shapely.intersects(near, seen))
        parts = shapely.get_parts(view.on_paper(seen))
        shape = parts[np.argmax(shapely.area(parts))]
        if shapely.get_dimensions(shape) == 2 and shape.area < LEAST_MM2 and not close:
            continue
        yield _near_only(
            block(text, places_in(shape), size=size, ink=ink, shun=np.zeros((0, 4)), paper=paper), near=close
        )


def _clear_of(lines: Any, width: float, size: float) -> Any:
    """Return where names of a size stand along lines of a width: on them where they are wide enough, else on either side."""
    if width >= size * 0.8:
        return lines
    aside = width / 2 + size * 0.62
    both = np.concatenate([shapely.offset_curve(lines, aside), shapely.offset_curve(lines, -aside)])
    parts = shapely.get_parts(both[~shapely.is_empty(both)])
    return parts if len(parts) else lines


def _near_only(label: Label, *, near: bool) -> Label:
    return label if near else Label("", label.anchor, label.boxes, label.ink)


def _line_boxes(subject: Subject, view: View) -> Floats:
    """Return small boxes along the boundary."""
    line = view.on_paper(shapely.boundary(subject.outline))
    dense = shapely.get_coordinates(shapely.segmentize(line, LINE_STEP))
    return np.hstack([dense - LINE_STEP / 3, dense + LINE_STEP / 3])


def _boxes(shapes: Any) -> Floats:
    return np.asarray(shapely.bounds(shapes)).reshape(-1, 4)
