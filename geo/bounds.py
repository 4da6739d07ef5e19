"""The legal outline of an area, and its four bounds (四至): what lies to its east, south, west and north, by name."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

SIDES = ("east", "south", "west", "north")  # clockwise, as state documents name them
LOOKS = 25  # lines of sight from each side, evenly spread
FARTHEST_M = 120.0  # what is farther away bounds nothing
NEIGHBOUR_M = 60.0  # a neighbour farther away than this does not adjoin
INSIDE_M = 3.0  # sights start this far inside: outlines are often drawn to the middle of the street
ENOUGH = 0.3  # share of the sights that have to end at a thing for it to stand for the side
LEAST = 0.1  # share below which a sight is a chance, not a bound
TURNED_FITS = 1.1  # an area is looked out of along its own axes where its turned box is this much the tighter
JOIN = "、"

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


def legal_outlines(communities: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the union of the members' own outlines, index area_id, sorted; None where some member has no outline.

    `communities` has the column `area_id`, null outside areas.
    """
    members = communities[communities["area_id"].notna()]
    flat = shapely.get_dimensions(members.geometry.to_numpy()) == 2
    areas = pd.Index(sorted(members["area_id"].unique()), name="area_id", dtype="str")
    rows = pd.Series(np.arange(len(members))).groupby(members["area_id"].to_numpy()).indices
    shapes = members.geometry.to_numpy()
    made = [shapely.union_all(shapes[rows[area]]) if flat[rows[area]].all() else None for area in areas]
    return gpd.GeoSeries(made, index=areas, crs=communities.crs)


def four_bounds(
    outlines: gpd.GeoSeries,
    streets: gpd.GeoDataFrame,
    neighbours: gpd.GeoDataFrame,
    *,
    otherwise: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Return by area the name of what bounds it to the east, south, west and north, "" where nothing named is near.

    All in one metric CRS. `outlines` has the area id as index; `streets` (roads, rivers, railways) and `neighbours`
    (communities and landmarks, with their `area_id`) have a `name`; `otherwise` (walls) is asked where neither is met.
    From each side of the area straight sights go out, each to the first thing it meets. A side is named by what enough
    of them end at, two names at most, joined clockwise; else by what most of them end at, neighbours before streets.
    The area's own communities are no bounds of it. An area that stands askew is looked out of along its own axes.
    """
    things = _things(
        streets.assign(area_id="", street=True),
        neighbours.assign(area_id=neighbours["area_id"].fillna(""), street=False),
    )
    walls = None if otherwise is None else _things(otherwise.assign(area_id="", street=True))
    rows = [_bounds(area_id, shape, things, walls) for area_id, shape in outlines.items()]
    return pd.DataFrame(rows, columns=list(SIDES), index=outlines.index).astype("str")


@dataclass(frozen=True)
class _Things:
    """What has a name and a place: columns as arrays, and the tree of the shapes."""

    name: Shapes
    area_id: Shapes
    street: NDArray[np.bool_]
    tree: shapely.STRtree


def _things(*tables: gpd.GeoDataFrame) -> _Things:
    columns = ["name", "area_id", "street"]
    table = pd.concat([pd.DataFrame(one)[columns] for one in tables], ignore_index=True)
    shapes = np.concatenate([one.geometry.to_numpy() for one in tables])
    named = table["name"].fillna("").ne("").to_numpy(bool)
    there = named & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    name, area_id = (table.loc[there, column].to_numpy(object) for column in ("name", "area_id"))
    return _Things(name, area_id, table.loc[there, "street"].to_numpy(bool), shapely.STRtree(shapes[there]))


def _bounds(area_id: Any, shape: Any, things: _Things, walls: _Things | None) -> list[str]:
    if shape is None or shape.is_empty or shape.area == 0:
        return [""] * len(SIDES)
    turn = _askew(shape)
    names = []
    for side in SIDES:
        sights = _sights(shape, side, turn)
        name = _side(_first_met(sights, things, area_id), len(sights))
        if not name and walls is not None:
            name = _side(_first_met(sights, walls, area_id), len(sights))
        names.append(name)
    return names


# --- sights ----------------------------------------------------------------------------------------


def _askew(shape: Any) -> float:
    """Return by how many radians, up to a quarter of a right angle either way, the area's own axes are turned; 0 where that shows little."""
    tight = shapely.minimum_rotated_rectangle(shape)
    if tight.area * TURNED_FITS > shapely.box(*shape.bounds).area:
        return 0.0
    corners = shapely.get_coordinates(tight)
    along = corners[1] - corners[0]
    turn = float(np.arctan2(along[1], along[0])) % (np.pi / 2)
    return turn - np.pi / 2 if turn > np.pi / 4 + 1e-9 else turn


def _sights(shape: Any, side: str, turn: float) -> Shapes:
    """Return the lines of sight from the outermost points of a side, clockwise along it."""
    middle = np.array([shape.centroid.x, shape.centroid.y])
    shape = shapely.transform(shape, lambda xy: _turned(xy, -turn, middle))
    west, south, east, north = shape.bounds
    level = side in ("east", "west")
    low, high = (south, north) if level else (west, east)
    at = low + (high - low) * (np.arange(LOOKS) + 0.5) / LOOKS
    at = at[::-1] if side in ("east", "south") else at
    first, last = (west - 1.0, east + 1.0) if level else (south - 1.0, north + 1.0)
    across = _straight(np.full(LOOKS, first), np.full(LOOKS, last), at, level=level)
    inside = shapely.bounds(shapely.intersection(across, shape))
    edge = inside[:, {"west": 0, "south": 1, "east": 2, "north": 3}[side]]
    met = ~np.isnan(edge)
    out = 1.0 if side in ("east", "north") else -1.0
    sights = _straight(edge[met] - out * INSIDE_M, edge[met] + out * FARTHEST_M, at[met], level=level)
    return np.asarray(shapely.transform(sights, lambda xy: _turned(xy, turn, middle)))


def _turned(xy: Floats, turn: float, middle: Floats) -> Floats:
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray((xy - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle)


def _straight(begin: Floats, end: Floats, at: Floats, *, level: bool) -> Shapes:
    """Return lines that run level, or upright, from `begin` to `end`."""
    ends = np.stack([np.column_stack([begin, at]), np.column_stack([end, at])], axis=1)
    return np.asarray(shapely.linestrings(ends if level else ends[:, :, ::-1]))


def _first_met(sights: Shapes, things: _Things, area_id: Any) -> list[tuple[int, str, bool]]:
    """Return the number of each sight that meets something, the name of what it meets first, and if that is a street."""
    sight, thing = things.tree.query(sights, predicate="intersects")
    others = things.area_id[thing] != area_id
    sight, thing = sight[others], thing[others]
    begins = shapely.get_point(sights[sight], 0)
    met = shapely.intersection(sights[sight], things.tree.geometries[thing])
    away_m = np.round(shapely.distance(begins, met) - INSIDE_M, 3)
    street = things.street[thing]
    rows = zip(sight.tolist(), away_m.tolist(), (~street).tolist(), things.name[thing].tolist(), strict=True)
    near = sorted(row for row, on in zip(rows, street | (away_m <= NEIGHBOUR_M), strict=True) if on)
    first = {number: (number, name, not neighbour) for number, _, neighbour, name in reversed(near)}
    return [first[number] for number in sorted(first)]


def _side(met: list[tuple[int, str, bool]], sights: int) -> str:
    """Return what stands for a side: the names met often enough, else the one met most, neighbours before streets."""
    seen: dict[str, list[int]] = {}
    for number, name, _ in met:
        seen.setdefault(name, []).append(number)
    streets = {name for _, name, street in met if street}
    order = sorted(
        (name for name in seen if len(seen[name]) >= LEAST * sights),
        key=lambda name: (-len(seen[name]), name),
    )
    enough = [name for name in order if len(seen[name]) >= ENOUGH * sights][:2]
    if enough:
        return JOIN.join(sorted(enough, key=lambda name: float(np.mean(seen[name]))))
    return min(order, key=lambda name: (name in streets, order.index(name)), default="")
