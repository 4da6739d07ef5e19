"""Fills of areas: neighbours differ, and an area keeps its colour while its surroundings stay."""

import re

import geopandas as gpd
import numpy as np

# Paul Tol's "light" scheme without its grey: tells apart for colour-blind readers and stays legible under dark text.
# Source: https://personal.sron.nl/~pault/ (technical note SRON/EPS/TN/09-002).
FILLS = ("#77aadd", "#eedd88", "#ee8866", "#44bb99", "#ffaabb", "#bbcc33", "#99ddff", "#aaaa00")
NEIGHBOUR_M = 80.0  # areas closer than this look like neighbours


def neighbour_fills(areas: gpd.GeoDataFrame) -> list[int]:
    """Return the number of a fill for each area, in the order of `areas`.

    Areas are taken in the order of their ids, each starting from the fill its own number names; it takes the first fill
    that no coloured neighbour has, or, where all are taken, the fill whose nearest neighbour is farthest.
    """
    outlines = areas.geometry.to_numpy()
    drawn = areas.geometry.notna() & ~areas.geometry.is_empty
    found = areas.geometry.sindex.query(outlines[drawn], predicate="dwithin", distance=NEIGHBOUR_M)
    one, other = np.flatnonzero(drawn)[found[0]], found[1]
    gaps_m = areas.geometry.iloc[one].distance(areas.geometry.iloc[other], align=False).to_numpy()
    neighbours: dict[int, list[tuple[int, float]]] = {}
    for a, b, gap_m in zip(one.tolist(), other.tolist(), gaps_m.tolist(), strict=True):
        neighbours.setdefault(a, []).append((b, gap_m))
    fills: dict[int, int] = {}
    for place in np.argsort(areas.index.to_numpy().astype(str), kind="stable").tolist():
        nearest_m = dict.fromkeys(_from(areas.index[place]), np.inf)
        for other_place, gap_m in neighbours.get(place, []):
            if other_place in fills:
                taken = fills[other_place]
                nearest_m[taken] = min(nearest_m[taken], gap_m)
        fills[place] = max(nearest_m, key=lambda fill: nearest_m[fill])
    return [fills[place] for place in range(len(areas))]


def _from(area_id: str) -> list[int]:
    digits = re.findall(r"\d+", area_id)
    first = int(digits[-1]) if digits else 0
    return [(first + step) % len(FILLS) for step in range(len(FILLS))]
