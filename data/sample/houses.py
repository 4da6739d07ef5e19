"""What stands in a compound: rows of slabs or towers along its longest side, and a wall with a gate around it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from blocks import Skeleton, long_side, table_of
from shapely import LineString, Polygon
from shapely.affinity import rotate
from shapely.ops import substring

SLAB_DEPTH_M, SLAB_LONGEST_M, SLAB_SHORTEST_M, YARD_M = 10.5, 44.0, 13.0, 9.5
STAIR_M, HOMES_A_LANDING = 14.0, 2
TOWER_M, TOWER_APART_M, HOMES_A_TOWER_STOREY = 19.0, 14.0, 6
MOST_STOREYS = (("1982", 4), ("1996", 6), ("2003", 7), ("9999", 11))  # by the year of building
TOWER_STOREYS = 18
GATE_M = 5.0
ROW_LOOK_M = 8.0
PASSAGE_M = 5.0


@dataclass(frozen=True)
class Kind:
    """How buildings of a kind stand: depth, greatest length and distance from row to row, in metres."""

    depth_m: float
    longest_m: float
    apart_m: float


TOWER = Kind(TOWER_M, TOWER_M, TOWER_APART_M)


def buildings_of(
    communities: gpd.GeoDataFrame, towers: set[str], rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Return the buildings: community (its position), number, storeys, households, which sum to the community's."""
    rows, shapes = [], []
    for position, c in enumerate(communities.itertuples()):
        tall = c.name in towers
        kind = TOWER if tall else Kind(SLAB_DEPTH_M, rng.uniform(26, SLAB_LONGEST_M), YARD_M)
        places = _places(c.geometry, kind)
        homes = [HOMES_A_TOWER_STOREY if tall else _homes(p) for p in places]
        most = TOWER_STOREYS if tall else next(storeys for until, storeys in MOST_STOREYS if c.year < until)
        chosen = _chosen(homes, c.households, most)
        share = _shared(c.households, [homes[i] for i in chosen])
        for number, (i, households) in enumerate(zip(chosen, share, strict=True), 1):
            storeys = max(2, -(-households // homes[i]))
            rows.append((position, f"{number}栋", storeys, households))
            shapes.append(places[i])
    return table_of(pd.DataFrame(rows, columns=["community", "number", "storeys", "households"]), shapes)


def _places(compound: Polygon, kind: Kind) -> list[Polygon]:
    """Return where buildings fit: rows along the longest side, in order from the back."""
    angle, centre = long_side(compound), compound.centroid
    free = rotate(compound, -angle, origin=centre).buffer(-2.5)
    _, y, _, north = free.bounds
    places: list[Polygon] = []
    while y + kind.depth_m <= north:
        tries = np.arange(y, min(y + ROW_LOOK_M, north - kind.depth_m) + 1e-9)
        rows = [_row(free, at, kind) for at in tries]
        best = max(range(len(rows)), key=lambda i: (round(sum(p.area for p in rows[i])), -i))
        places += rows[best]
        y = tries[best] + kind.depth_m + kind.apart_m if rows[best] else tries[-1] + 1.0
    return [rotate(p, angle, origin=centre) for p in places]


def _row(free: Polygon, y: float, kind: Kind) -> list[Polygon]:
    """Return the buildings of the row that begins at height y, between what stands in its way."""
    west, _, east, _ = free.bounds
    blocked = shapely.get_parts(shapely.box(west, y, east, y + kind.depth_m).difference(free))
    row, at = [], west
    for left, right in [*sorted((b[0], b[2]) for b in map(shapely.bounds, blocked)), (east, east)]:
        row += _side_by_side(at, left, y, kind)
        at = max(at, right)
    return row


def _side_by_side(left: float, right: float, y: float, kind: Kind) -> list[Polygon]:
    length = right - left
    if length < max(SLAB_SHORTEST_M, kind.depth_m):
        return []
    if kind == TOWER:
        number, each = int((length + kind.apart_m) // (kind.longest_m + kind.apart_m)), kind.longest_m
    else:
        number = max(int(np.ceil((length + PASSAGE_M) / (kind.longest_m + PASSAGE_M))), 1)
        each = (length - PASSAGE_M * (number - 1)) / number
    apart = (length - number * each) / max(number - 1, 1)
    starts = left + np.arange(number) * (each + apart)
    return [shapely.box(x, y, x + each, y + kind.depth_m) for x in starts]


def _homes(slab: Polygon) -> int:
    length_m = slab.length / 2 - SLAB_DEPTH_M
    return max(1, round(length_m / STAIR_M)) * HOMES_A_LANDING


def _chosen(homes: list[int], households: int, most_storeys: int) -> list[int]:
    """Return positions of the buildings that stand: as many as there is room for, of about four storeys."""
    order = sorted(range(len(homes)), key=lambda i: (-homes[i], i))
    kept: list[int] = []
    for i in order:
        if (
            kept
            and sum(homes[k] for k in kept) * most_storeys >= households
            and households < 3.6 * sum(homes[k] for k in [*kept, i])
        ):
            break
        kept.append(i)
    return sorted(kept)


def _shared(total: int, weights: Iterable[int]) -> list[int]:
    weight = np.asarray(list(weights), float)
    exact = total * weight / weight.sum()
    parts = np.floor(exact).astype(int)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts.tolist()


def walls_of(communities: gpd.GeoDataFrame, bones: Skeleton) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the walls around compounds, open at the gate, which stands in the side nearest to a street."""
    streets = shapely.union_all(bones.streets.geometry.array)
    walls, gates = [], []
    for ring in communities.exterior:
        sides = [LineString(pair) for pair in pairwise(ring.coords)]
        middles = [s.interpolate(0.5, normalized=True) for s in sides if s.length > 8]
        gate = min(middles, key=lambda m: (round(m.distance(streets), 3), m.x, m.y))
        at = ring.project(gate)
        start = LineString(ring.coords)
        there, back = substring(start, 0, at - GATE_M / 2), substring(start, at + GATE_M / 2, start.length)
        walls.append(LineString([*back.coords, *there.coords[1:]]))
        gates.append(gate)
    names = pd.DataFrame({"name": communities["name"].to_numpy() + "大门"})
    return table_of(pd.DataFrame({"name": communities["name"].to_numpy() + "围墙"}), walls), table_of(
        names, gates
    )
