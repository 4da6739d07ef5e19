"""Fills of areas: neighbours differ, and an area keeps its colour while its surroundings stay."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import shapely

# Paul Tol's "light" scheme without its grey: tells apart for colour-blind readers and stays legible under dark text.
# Source: https://personal.sron.nl/~pault/ (technical note SRON/EPS/TN/09-002).
FILLS = ("#77aadd", "#eedd88", "#ee8866", "#44bb99", "#ffaabb", "#bbcc33", "#99ddff", "#aaaa00")
NEIGHBOUR_M = 80.0  # areas closer than this look like neighbours


_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Neighbours:
    """Which areas are closer than NEIGHBOUR_M, and how far; by the `outlines` they have by id, as WKB."""

    outlines: Mapping[str, bytes]
    gaps_m: Mapping[tuple[str, str], float]


def neighbour_fills(
    areas: gpd.GeoDataFrame,
    *,
    kept: Mapping[str, int] = _NOTHING,
    neighbours: Neighbours | None = None,
) -> dict[str, int]:
    """Return the number of a fill for each area; `neighbours` are those of the areas, where the caller has them.

    An area keeps the fill it has in `kept` where no neighbour with a smaller id keeps the same. The others are taken in
    the order of their ids, each starting from the fill its own number names; it takes the first fill that no coloured
    neighbour has, or, where all are taken, the fill whose nearest neighbour is farthest.
    """
    beside: dict[str, list[tuple[str, float]]] = {}
    for (a, b), gap_m in (neighbours or neighbours_of(areas)).gaps_m.items():
        beside.setdefault(a, []).append((b, gap_m))
        beside.setdefault(b, []).append((a, gap_m))
    fills: dict[str, int] = {}
    for area in sorted(areas.index):
        if area in kept and all(fills.get(other) != kept[area] for other, _ in beside.get(area, ())):
            fills[area] = kept[area]
    for area in sorted(set(areas.index) - set(fills)):
        nearest_m = dict.fromkeys(_from(area), np.inf)
        for other, gap_m in beside.get(area, ()):
            if other in fills:
                nearest_m[fills[other]] = min(nearest_m[fills[other]], gap_m)
        fills[area] = max(nearest_m, key=lambda fill: nearest_m[fill])
    return {area: fills[area] for area in areas.index}


def neighbours_of(areas: gpd.GeoDataFrame, *, last: Neighbours | None = None) -> Neighbours:
    """Return which areas are close to each other; only outlines that `last` has not are measured, the result is the same."""
    drawn = areas.geometry[areas.geometry.notna() & ~areas.geometry.is_empty]
    shapes, ids = drawn.to_numpy(), drawn.index.to_numpy(dtype=object)
    outlines = dict(zip(ids.tolist(), shapely.to_wkb(shapes).tolist(), strict=True))
    known = last or Neighbours({}, {})
    same = {area for area, outline in outlines.items() if known.outlines.get(area) == outline}
    new = np.flatnonzero([area not in same for area in ids])
    found = shapely.STRtree(shapes).query(shapes[new], predicate="dwithin", distance=NEIGHBOUR_M)
    one, other = np.sort([new[found[0]], found[1]], axis=0)
    one, other = np.unique([one[one < other], other[one < other]], axis=1)
    measured_m = shapely.distance(shapes[one], shapes[other]).tolist()
    gaps_m = {pair: gap_m for pair, gap_m in known.gaps_m.items() if same.issuperset(pair)}
    gaps_m |= zip(zip(ids[one].tolist(), ids[other].tolist(), strict=True), measured_m, strict=True)
    return Neighbours(outlines, gaps_m)


def _from(area_id: str) -> list[int]:
    digits = re.findall(r"\d+", area_id)
    first = int(digits[-1]) if digits else 0
    return [(first + step) % len(FILLS) for step in range(len(FILLS))]
