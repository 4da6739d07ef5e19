"""The four bounds of an area (四至): what lies to its east, south, west and north, in names a notice can print."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

SIDES = ("east", "south", "west", "north")
LOOKS = 25  # lines of sight from each side, evenly spread
FARTHEST_M = 120.0  # what is farther away bounds nothing
ENOUGH = 0.3  # share of the sights that have to meet a street or a river for it to stand for the side

Shapes = NDArray[np.object_]


def four_bounds(
    outlines: gpd.GeoSeries, streets: gpd.GeoDataFrame, neighbours: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return by area the name of what bounds it to the east, south, west and north, "" where nothing named is near.

    All in one metric CRS. `outlines` has the area id as index; `streets` (roads, rivers, railways) and `neighbours`
    (communities, with their `area_id`) have a `name`. From each side of the area straight sights go out; the side is
    called by the street or river that most of them meet first, else by the neighbour that most of them meet. The area's
    own communities are no bounds of it.
    """
    lines = streets[_named(streets)]
    others = neighbours[_named(neighbours)]
    rows = [_bounds(area_id, shape, lines, others) for area_id, shape in outlines.items()]
    return pd.DataFrame(rows, columns=list(SIDES), index=outlines.index).astype("str")


def _named(table: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    there = table["name"].fillna("").ne("") & table.geometry.notna() & ~table.geometry.is_empty
    return np.asarray(there, dtype=bool)


def _bounds(area_id: Any, shape: Any, lines: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> list[str]:
    if shape is None or shape.is_empty or shape.area == 0:
        return [""] * len(SIDES)
    box = np.array(shape.bounds) + FARTHEST_M * np.array([-1.0, -1.0, 1.0, 1.0])
    near, beside = lines.cx[box[0] : box[2], box[1] : box[3]], others.cx[box[0] : box[2], box[1] : box[3]]
    beside = beside[(beside["area_id"] != area_id).to_numpy()]
    return [_side(_sights(shape, side), near, beside) for side in SIDES]


def _sights(shape: Any, side: str) -> Shapes:
    """Return the lines of sight from the outermost points of a side."""
    west, south, east, north = shape.bounds
    level = side in ("east", "west")
    low, high = (south, north) if level else (west, east)
    at = low + (high - low) * (np.arange(LOOKS) + 0.5) / LOOKS
    first, last = (west - 1.0, east + 1.0) if level else (south - 1.0, north + 1.0)
    across = _straight(np.full(LOOKS, first), np.full(LOOKS, last), at, level=level)
    inside = shapely.bounds(shapely.intersection(across, shape))
    edge = inside[:, {"west": 0, "south": 1, "east": 2, "north": 3}[side]]
    met = ~np.isnan(edge)
    out = FARTHEST_M if side in ("east", "north") else -FARTHEST_M
    return _straight(edge[met], edge[met] + out, at[met], level=level)


def _straight(begin: NDArray[np.float64], end: NDArray[np.float64], at: Any, *, level: bool) -> Shapes:
    """Return lines that run level, or upright, from `begin` to `end`."""
    ends = np.stack([np.column_stack([begin, at]), np.column_stack([end, at])], axis=1)
    return np.asarray(shapely.linestrings(ends if level else ends[:, :, ::-1]))


def _side(sights: Shapes, lines: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> str:
    street, share = _most_met(sights, lines)
    if share >= ENOUGH:
        return street
    neighbour, _ = _most_met(sights, others)
    return neighbour or street


def _most_met(sights: Shapes, table: gpd.GeoDataFrame) -> tuple[str, float]:
    """Return the name that most sights meet first, and the share of sights that do; of equal ones the first by name."""
    if table.empty or not len(sights):
        return "", 0.0
    shapes, names = table.geometry.to_numpy(), table["name"].to_numpy()
    sight, thing = shapely.STRtree(shapes).query(sights, predicate="intersects")
    begins = shapely.get_point(sights, 0)
    away_m = shapely.distance(begins[sight], shapely.intersection(sights[sight], shapes[thing]))
    met = pd.DataFrame({"sight": sight, "name": names[thing], "away_m": away_m})
    firsts = met.sort_values(["sight", "away_m", "name"]).drop_duplicates("sight")
    if firsts.empty:
        return "", 0.0
    counts = firsts["name"].value_counts()
    best = min(str(name) for name, number in counts.items() if number == counts.max())
    return best, float(counts.max()) / len(sights)
