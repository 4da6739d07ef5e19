"""How long links take on a drawn town: blocks of uneven size, with and without roads, lanes and walls.

Run: python benchmarks/links.py [BLOCKS_A_SIDE]
"""

import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.adjacency import Reach, adjacency
from geo.barriers import Barriers

CRS = "EPSG:4544"
BLOCK_M = np.array([70.0, 55.0])


def town(side: int) -> gpd.GeoDataFrame:
    """Return blocks as communities, `side` of them a side, each smaller than its plot by a chance of its own."""
    rng = np.random.default_rng(0)
    column, row = np.divmod(np.arange(side * side), side)
    middle = np.column_stack([column, row]) * BLOCK_M
    low, high = (middle + sign * BLOCK_M * rng.uniform(0.28, 0.42, (2, len(middle))).T for sign in (-1, 1))
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    ids = pd.Index([f"{k:06d}" for k in range(len(boxes))], name="community_id")
    return gpd.GeoDataFrame({"name": ids}, index=ids, geometry=boxes, crs=CRS)


def bounds(side: int) -> Barriers:
    """Return a lane between any two columns, a main road in place of each tenth, and a wall between every third row."""
    across = [(k, BLOCK_M[0] * (k - 0.5), "main_road" if k % 10 == 0 else "lane") for k in range(1, side)]
    along = [(k, BLOCK_M[1] * (k - 0.5), "wall") for k in range(1, side, 3)]
    length = side * BLOCK_M.max()
    lines = [shapely.LineString([(x, -50), (x, length)]) for _, x, _ in across]
    lines += [shapely.LineString([(-50, y), (length, y)]) for _, y, _ in along]
    classes = np.array([c for _, _, c in across + along], dtype=object)
    features = gpd.GeoDataFrame(
        {"barrier_class": classes, "never": classes == "main_road", "wall": classes == "wall"},
        geometry=lines,
        crs=CRS,
    )
    points = [shapely.Point(x, BLOCK_M[1] * 30) for _, x, c in across if c == "main_road"]
    crossings = gpd.GeoDataFrame(
        {"kind": "point", "barrier_class": ""}, index=range(len(points)), geometry=points, crs=CRS
    )
    return Barriers(features, crossings)


def main(side: int) -> None:
    """Print how long links take without and with barriers."""
    communities = town(side)
    for name, barriers in (("without barriers", None), ("with barriers", bounds(side))):
        start = time.perf_counter()
        found = adjacency(communities, reach=Reach(30, 150), barriers=barriers)
        seconds = time.perf_counter() - start
        print(
            f"{name}: {len(communities)} outlines, {len(found.links)} links, {len(found.refused)} refused, {seconds:.2f} s"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
