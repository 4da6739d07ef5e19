"""A made-up town drawn from its skeleton: streets, river, railway, blocks between them, compounds in the blocks."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate
from shapely.ops import polygonize, split

HALF_WIDTH_M = {"主干路": 17.0, "次干路": 12.0, "支路": 6.5, "巷道": 3.0}
RAIL_HALF_WIDTH_M = 9.0
PAVEMENT_M = 2.5


@dataclass(frozen=True)
class Skeleton:
    """What is there before the blocks; lines and polygons in metres from the origin."""

    streets: tuple[tuple[str, str, LineString], ...]
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


def ribbon(line: LineString, widths: Any) -> Polygon:
    """Return a line as ground whose width changes along it."""
    at = np.linspace(0, 1, len(widths))
    xy = np.asarray(line.coords)
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))] / line.length
    half = np.interp(along, at, widths) / 2
    way = np.gradient(xy, axis=0)
    side = np.column_stack([-way[:, 1], way[:, 0]]) / np.hypot(*way.T)[:, None] * half[:, None]
    return Polygon(np.vstack([xy + side, (xy - side)[::-1]]))


def skeleton(plan: dict[str, Any]) -> Skeleton:
    """Return the skeleton of a town.toml."""
    river = smooth(plan["river"]["line"])
    streets = tuple((s["name"], s["class"], smooth(s["line"])) for s in plan["street"])
    bound = Polygon(smooth([*plan["bound"], plan["bound"][0]], steps=4).coords)
    return Skeleton(streets, ribbon(river, plan["river"]["widths_m"]), river, smooth(plan["railway"]["line"]), bound)


def blocks(bones: Skeleton) -> list[Polygon]:
    """Return the ground between streets, river, railway and bound, pavements left out."""
    lines = [line for _, _, line in bones.streets] + [bones.railway, bones.river_line, bones.bound.exterior]
    taken = [line.buffer(HALF_WIDTH_M[kind] + PAVEMENT_M) for _, kind, line in bones.streets]
    taken += [bones.river.buffer(6), bones.railway.buffer(RAIL_HALF_WIDTH_M + 4)]
    ground = shapely.union_all(taken)
    faces = [f for f in polygonize(shapely.union_all(lines)) if bones.bound.contains(f.representative_point())]
    free = [p for f in faces for p in shapely.get_parts(f.intersection(bones.bound.buffer(-5)).difference(ground))]
    free = [p.buffer(-6).buffer(6, join_style="mitre", mitre_limit=1.6) for p in free]
    free = [q for p in free for q in shapely.get_parts(p) if q.area > 700]
    return sorted(free, key=lambda p: (round(p.centroid.y, -1), p.centroid.x))


def compounds(block: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Return the compounds of a block: cut across its longer side until they are small, none touching another."""
    wanted = rng.uniform(2600, 6000)
    if block.area < 1.45 * wanted:
        return [block]
    box = shapely.oriented_envelope(block)
    corners = np.asarray(box.exterior.coords)
    sides = [np.hypot(*(b - a)) for a, b in pairwise(corners[:3])]
    a, b, c, d = corners[:4] if sides[0] >= sides[1] else np.roll(corners[:4], -1, axis=0)
    f = rng.uniform(0.4, 0.6)
    cut = rotate(LineString([a + f * (b - a), d + f * (c - d)]), rng.uniform(-9, 9))
    cut = shapely.affinity.scale(cut, 1.6, 1.6)
    pieces = shapely.get_parts(split(block, cut))
    gap = rng.choice([2.2, 3.0, 4.5], p=[0.5, 0.35, 0.15])
    pieces = [q for p in pieces for q in shapely.get_parts(p.difference(cut.buffer(gap))) if q.area > 350]
    return [c for p in pieces for c in compounds(p, rng)]


def weathered(shape: Polygon, rng: np.random.Generator) -> Polygon:
    """Return a compound with a cut corner or a notch, as plots have that grew over decades."""
    shape = shape.simplify(0.8)
    corners = np.asarray(shape.exterior.coords)[:-1]
    corner = Point(corners[rng.integers(len(corners))])
    reach = rng.uniform(0.12, 0.3) * np.sqrt(shape.area)
    box = shapely.oriented_envelope(shape)
    angle = np.degrees(np.arctan2(*(np.diff(np.asarray(box.exterior.coords)[:2], axis=0)[0][::-1])))
    notch = rotate(corner.buffer(reach, cap_style="square"), angle, origin=corner)
    left = shape.difference(notch) if rng.random() < 0.5 else shape
    left = max(shapely.get_parts(left), key=lambda p: p.area)
    return left if left.area > 0.75 * shape.area else shape
