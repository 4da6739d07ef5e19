"""Streets, river and railway of a town.toml, the blocks between them, and the compounds in the blocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate, scale
from shapely.ops import polygonize, split

HALF_WIDTH_M = {"主干路": 17.0, "次干路": 12.0, "支路": 6.5, "巷道": 3.0}
PAVEMENT_M = 2.5
RAILWAY_M = 13.0
RIVER_BANK_M = 6.0
COMPOUND_M2 = (2600.0, 6000.0)


@dataclass(frozen=True)
class Skeleton:
    """What is there before the blocks; in metres from the origin."""

    streets: gpd.GeoDataFrame  # name, class, lines
    river: Polygon
    river_line: LineString
    railway: LineString
    bound: Polygon


def smooth(points: Any, *, steps: int = 8) -> LineString:
    """Return a Catmull-Rom curve through points."""
    p = np.asarray(points, float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return LineString(np.vstack([*parts, p[-2]]))


def ribbon(line: LineString, widths_m: Any) -> Polygon:
    """Return a line as ground whose width changes along it."""
    xy = np.asarray(line.coords)
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))] / line.length
    half = np.interp(along, np.linspace(0, 1, len(widths_m)), widths_m) / 2
    way = np.gradient(xy, axis=0)
    side = np.column_stack([-way[:, 1], way[:, 0]]) / np.hypot(*way.T)[:, None] * half[:, None]
    return Polygon(np.vstack([xy + side, (xy - side)[::-1]]))


def skeleton(plan: Mapping[str, Any]) -> Skeleton:
    """Return the skeleton of a town.toml."""
    river = smooth(plan["river"]["line"])
    named = pd.DataFrame({key: [s[key] for s in plan["street"]] for key in ("name", "class")})
    streets = table_of(named, [smooth(s["line"]) for s in plan["street"]])
    bound = Polygon(smooth([*plan["bound"], plan["bound"][0]], steps=4).coords)
    return Skeleton(
        streets, ribbon(river, plan["river"]["widths_m"]), river, smooth(plan["railway"]["line"]), bound
    )


def blocks(bones: Skeleton) -> list[Polygon]:
    """Return the ground between streets, river, railway and bound, pavements and banks left out."""
    lines = [*bones.streets.geometry, bones.railway, bones.river_line, bones.bound.exterior]
    half_m = bones.streets["class"].map(HALF_WIDTH_M) + PAVEMENT_M
    taken = [*bones.streets.buffer(half_m), bones.river.buffer(RIVER_BANK_M), bones.railway.buffer(RAILWAY_M)]
    ground = shapely.union_all(taken)
    inside = bones.bound.buffer(-5)
    faces = [
        f for f in polygonize(shapely.union_all(lines)) if bones.bound.contains(f.representative_point())
    ]
    free = [p for f in faces for p in shapely.get_parts(f.intersection(inside).difference(ground))]
    opened = [p.buffer(-6).buffer(6, join_style="mitre", mitre_limit=1.6) for p in free]
    parts = [p for o in opened for p in shapely.get_parts(o) if p.area > 700]
    return sorted(parts, key=lambda p: (round(p.centroid.y, -1), p.centroid.x))


def compounds(block: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Return the compounds of a block: cut across its longer side until they are small, none touching another."""
    if block.area < 1.45 * rng.uniform(*COMPOUND_M2):
        return [block]
    corners = np.asarray(shapely.oriented_envelope(block).exterior.coords)
    sides = [np.hypot(*(b - a)) for a, b in pairwise(corners[:3])]
    a, b, c, d = corners[:4] if sides[0] >= sides[1] else np.roll(corners[:4], -1, axis=0)
    at = rng.uniform(0.4, 0.6)
    cut = scale(rotate(LineString([a + at * (b - a), d + at * (c - d)]), rng.uniform(-9, 9)), 1.6, 1.6)
    half_gap_m = rng.choice([2.2, 3.0, 4.5], p=[0.5, 0.35, 0.15])
    ground = cut.buffer(half_gap_m)
    halves = [
        p for half in shapely.get_parts(split(block, cut)) for p in shapely.get_parts(half.difference(ground))
    ]
    return [c for half in halves if half.area > 350 for c in compounds(half, rng)]


def weathered(shape: Polygon, rng: np.random.Generator) -> Polygon:
    """Return a compound with, at times, a notch at a corner, as plots have that grew over decades."""
    shape = shape.simplify(0.8)
    corners = np.asarray(shape.exterior.coords)[:-1]
    corner = Point(corners[rng.integers(len(corners))])
    notch = corner.buffer(rng.uniform(0.12, 0.3) * np.sqrt(shape.area), cap_style="square")
    notch = rotate(notch, long_side(shape), origin=corner)
    left = shape.difference(notch) if rng.random() < 0.5 else shape
    left = max(shapely.get_parts(left), key=lambda p: p.area)
    return left if left.area > 0.75 * shape.area else shape


def long_side(shape: Polygon) -> float:
    """Return the direction of the longest side of the envelope, in degrees."""
    corners = np.asarray(shapely.oriented_envelope(shape).exterior.coords)[:3]
    sides = np.diff(corners, axis=0)
    longest = sides[np.argmax(np.hypot(*sides.T))]
    return float(np.degrees(np.arctan2(longest[1], longest[0])))


def table_of(frame: pd.DataFrame, shapes: Any) -> gpd.GeoDataFrame:
    """Return a frame with shapes, numbered from 0."""
    return gpd.GeoDataFrame(frame.reset_index(drop=True), geometry=list(shapes))
