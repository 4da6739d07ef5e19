"""Fills of areas: neighbours differ, and an area keeps its colour while its surroundings stay."""

import re
from collections.abc import Mapping
from types import MappingProxyType

import geopandas as gpd
import numpy as np

# Paul Tol's "light" scheme without its grey: tells apart for colour-blind readers and stays legible under dark text.
# Source: https://personal.sron.nl/~pault/ (technical note SRON/EPS/TN/09-002).
FILLS = ("#77aadd", "#eedd88", "#ee8866", "#44bb99", "#ffaabb", "#bbcc33", "#99ddff", "#aaaa00")
NEIGHBOUR_M = 80.0  # areas closer than this look like neighbours


_NOTHING: Mapping[str, int] = MappingProxyType({})


def neighbour_fills(areas: gpd.GeoDataFrame, *, kept: Mapping[str, int] = _NOTHING) -> dict[str, int]:
    """Return the number of a fill for each area.

    An area keeps the fill it has in `kept` where no neighbour with a smaller id keeps the same. The others are taken in
    the order of their ids, each starting from the fill its own number names; it takes the first fill that no coloured
    neighbour has, or, where all are taken, the fill whose nearest neighbour is farthest.
    """
    neighbours = _neighbours(areas)
    fills: dict[str, int] = {}
    for area in sorted(areas.index):
        if area in kept and all(fills.get(other) != kept[area] for other, _ in neighbours.get(area, ())):
            fills[area] = kept[area]
    for area in sorted(set(areas.index) - set(fills)):
        nearest_m = dict.fromkeys(_from(area), np.inf)
        for other, gap_m in neighbours.get(area, ()):
            if other in fills:
                nearest_m[fills[other]] = min(nearest_m[fills[other]], gap_m)
        fills[area] = max(nearest_m, key=lambda fill: nearest_m[fill])
    return {area: fills[area] for area in areas.index}


def _neighbours(areas: gpd.GeoDataFrame) -> dict[str, list[tuple[str, float]]]:
    """Return for each area those that are closer than NEIGHBOUR_M, and how far."""
    outlines = areas.geometry.to_numpy()
    drawn = (areas.geometry.notna() & ~areas.geometry.is_empty).to_numpy()
    found = areas.geometry.sindex.query(outlines[drawn], predicate="dwithin", distance=NEIGHBOUR_M)
    one, other = np.flatnonzero(drawn)[found[0]], found[1]
    one, other = one[one < other], other[one < other]
    gaps_m = areas.geometry.iloc[one].distance(areas.geometry.iloc[other], align=False).tolist()
    ids = areas.index.to_numpy()
    neighbours: dict[str, list[tuple[str, float]]] = {}
    for a, b, gap_m in zip(ids[one].tolist(), ids[other].tolist(), gaps_m, strict=True):
        neighbours.setdefault(a, []).append((b, gap_m))
        neighbours.setdefault(b, []).append((a, gap_m))
    return neighbours


def _from(area_id: str) -> list[int]:
    digits = re.findall(r"\d+", area_id)
    first = int(digits[-1]) if digits else 0
    return [(first + step) % len(FILLS) for step in range(len(FILLS))]
