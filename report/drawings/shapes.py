"""The shapes of a drawing, from bottom to top: the ground, the neighbours, the area with its buildings, its boundary."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from report.drawings import looks
from report.drawings.atlas import GATE_M, Atlas, Subject
from report.drawings.ink import Look, Mark
from report.drawings.sheet import View

GATE_MM = 1.5
SPOT_MM = 0.9


def map_shapes(atlas: Atlas, subject: Subject, view: View, *, grids: bool) -> list[tuple[str, Mark]]:
    """Return every shape in view with its key in the legend, "" where it has no line there."""
    box = shapely.box(*view.ground)
    drawn = [*_ground(atlas, view, box), *_neighbours(atlas, subject, box), *_area(subject)]
    drawn += _buildings(atlas, subject, box)
    if grids:
        drawn += _all("grid", atlas.grids.within(box).geometry.to_numpy(), looks.GRID)
    drawn += _boundary(subject)
    drawn += _signs(atlas, subject, view, box)
    return [
        (key, Mark(view.on_paper(shape), look, view.sheet.window))
        for key, shape, look in drawn
        if not np.all(shapely.is_empty(shape))
    ]


Item = tuple[str, Any, Look]


def _all(key: str, shapes: Any, look: Look) -> Iterator[Item]:
    if len(shapes):
        yield key, shapes, look


def _ground(atlas: Atlas, view: View, box: Any) -> Iterator[Item]:
    table = atlas.ground.within(box)
    clip = shapely.buffer(box, 60).bounds  # so that the ends of cut streets stay out of sight
    shapes = shapely.clip_by_rect(table.geometry.to_numpy(), *clip)
    styles = table["style"].to_numpy()
    for name, look in looks.GROUND.items():
        style = {"rail_ties": "rail"}.get(name, name.removesuffix("_edge"))
        part = shapes[(styles == style) & ~shapely.is_empty(shapes)]
        if name == "town":
            part = shapely.boundary(part)
        width = look.width
        if style in looks.WIDTH_M:
            width = looks.on_paper_width(style, view.scale) + (2 * look.width if name != style else 0.0)
        key = {"main": "street", "road": "street", "branch": "street", "rail_ties": ""}.get(name, name)
        yield from _all(
            "" if name.endswith("_edge") else key,
            part,
            replace(look, width=width),
        )


def _neighbours(atlas: Atlas, subject: Subject, box: Any) -> Iterator[Item]:
    table = atlas.communities.within(box)
    shapes = table.geometry[~table.index.isin(subject.members.index)].to_numpy()
    yield from _all("neighbour", shapes[shapely.get_dimensions(shapes) == 2], looks.NEIGHBOUR)


def _area(subject: Subject) -> Iterator[Item]:
    shapes = subject.members.geometry.to_numpy()
    flat = shapes[shapely.get_dimensions(shapes) == 2]
    yield "", subject.outline, looks.AREA
    if not (len(flat) == 1 and not subject.sketch):
        yield from _all("member", flat, looks.MEMBER)


def _boundary(subject: Subject) -> Iterator[Item]:
    key, look = ("sketch", looks.SKETCH) if subject.sketch else ("boundary", looks.BOUNDARY)
    yield key, subject.outline, look


def _buildings(atlas: Atlas, subject: Subject, box: Any) -> Iterator[Item]:
    table = atlas.buildings.within(box)
    own = table["community_id"].isin(subject.members.index).to_numpy(bool)
    flat = shapely.get_dimensions(table.geometry.to_numpy()) == 2
    shapes = table.geometry.to_numpy()
    yield from _all("other_building", shapes[flat & ~own], looks.OTHER_BUILDING)
    yield from _all("building", shapes[flat & own], looks.BUILDING)


def _signs(atlas: Atlas, subject: Subject, view: View, box: Any) -> Iterator[Item]:
    """Yield what is drawn in one size at every scale: communities and buildings that are points, gates, shared facilities."""
    m = view.scale / 1000
    table = atlas.communities.within(box)
    points = shapely.get_dimensions(table.geometry.to_numpy()) == 0
    own = table.index.isin(subject.members.index)
    spots = shapely.centroid(table.geometry.to_numpy())
    yield from _all("other_place", shapely.buffer(spots[points & ~own], SPOT_MM * m), looks.OTHER_PLACE)
    yield from _all("place", shapely.buffer(spots[points & own], SPOT_MM * m), looks.PLACE)
    houses = subject.buildings.geometry.to_numpy()
    houses = houses[shapely.get_dimensions(houses) == 0]
    corners = shapely.get_coordinates(shapely.centroid(houses))
    squares = shapely.box(*(corners - SPOT_MM * m).T, *(corners + SPOT_MM * m).T) if len(corners) else corners
    yield from _all("building", squares, looks.BUILDING)
    gates = atlas.gates.within(shapely.buffer(subject.outline, GATE_M)).geometry.to_numpy()
    near = gates[shapely.distance(gates, shapely.boundary(subject.outline)) <= GATE_M]
    yield from _all("gate", _triangles(near, GATE_MM * m), looks.GATE)
    shared = atlas.facilities.within(box).geometry.to_numpy()
    yield from _all("facility", shapely.buffer(shared, 1.1 * m, quad_segs=1), looks.FACILITY)


def _triangles(points: Any, side_m: float) -> Any:
    middles = shapely.get_coordinates(points)[:, None, :]
    corners = np.array([(-0.5, -0.4), (0.5, -0.4), (0.0, 0.6)]) * side_m
    return shapely.polygons(middles + corners) if len(middles) else middles
