"""A row of five communities under four grids that fit nothing: what the tests of grid pages stand on.

A 40   B 60   C 80   D 120        X 30     one area of A, B and C (180), one of D, an exception far off
|——第1——|———第2———|————第3————|  |——第10——|  the grids cut B and C in halves
"""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point, box

from report.results import Results
from tests import fakes

WEST, SOUTH = fakes.EAST_M, fakes.NORTH_M
PLACES = {"C001": (0, 100), "C002": (110, 210), "C003": (220, 320), "C004": (330, 430), "C007": (600, 700)}
NAMES = {"C001": "甲院", "C002": "乙院", "C003": "丙院", "C004": "丁院", "C007": "戊院"}
COUNTS = {"C001": 40, "C002": 60, "C003": 80, "C004": 120, "C007": 30}
AREA_OF = {"C001": "PMA-001", "C002": "PMA-001", "C003": "PMA-001", "C004": "PMA-002"}
GRIDS = {"第1网格": (-10, 160), "第2网格": (160, 270), "第3网格": (270, 450), "第10网格": (590, 710)}
BLOCKS = {"C001": (("1栋", 10), ("2栋", 2), ("10栋", 28)), "C004": (("甲栋", 60), ("乙栋", 60))}


def strip(west: float, east: float, *, south: float = 0, north: float = 80):
    return box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


def communities() -> gpd.GeoDataFrame:
    table = fakes.communities_table().loc[list(PLACES)]
    table = table.assign(name=pd.Series(NAMES, dtype="str"), count=pd.Series(COUNTS, dtype="Int64"))
    table = table.assign(count_status="surveyed", grids="", buildings=pd.array([3] * 5, dtype="Int64"))
    table = table.set_geometry([strip(*PLACES[c]) for c in table.index], crs=fakes.CRS)
    return table.astype({"grids": "str", "count_status": "str"})


def buildings() -> gpd.GeoDataFrame:
    """Slabs of A in a row and two of D, all within one grid each."""
    rows = []
    for community, blocks in BLOCKS.items():
        west = PLACES[community][0]
        for number, (name, count) in enumerate(blocks):
            shape = strip(west + 10 + 30 * number, west + 30 + 30 * number, south=20, north=60)
            rows.append((community, name, count, 6, shape))
    table = gpd.GeoDataFrame(
        rows, columns=["community_id", "name", "count", "storeys", "geometry"], crs=fakes.CRS
    )
    return table.astype({"community_id": "str", "name": "str", "count": "Int64", "storeys": "Int64"})


def layers() -> dict[str, gpd.GeoDataFrame]:
    """The grids; a street, walls, a gate; a fire lane, a hydrant and a septic tank."""
    grids = [(name, strip(*bounds, south=-20, north=100)) for name, bounds in GRIDS.items()]
    street = LineString([(WEST - 50, SOUTH - 10), (WEST + 800, SOUTH - 10)])
    walls = [strip(*bounds).exterior for bounds in PLACES.values()]
    barriers = [("人民路", "主干路", True, False, street)]
    barriers += [("", "围墙", False, True, wall) for wall in walls]
    landmarks = [
        ("甲院消防通道", "", LineString([(WEST + 5, SOUTH + 5), (WEST + 95, SOUTH + 5)])),
        ("甲院消火栓", "", Point(WEST + 50, SOUTH + 70)),
        ("丁院化粪池", "化粪池", Point(WEST + 400, SOUTH + 10)),
    ]
    return {
        "grids": frame(grids, "name"),
        "barriers": frame(barriers, "name", "barrier_class", "never", "wall"),
        "landmarks": frame(landmarks, "name", "kind"),
        "crossings": frame([("", "point", "", Point(WEST + 50, SOUTH))], "name", "kind", "barrier_class"),
    }


def frame(rows, *columns: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, columns=[*columns, "geometry"], crs=fakes.CRS)


def town() -> Results:
    """The plan of the row."""
    bare = communities()
    areas = fakes.areas_table(bare, AREA_OF)
    found = fakes.with_outcomes(bare, areas, AREA_OF)
    links = fakes.links_table(bare)
    return replace(
        fakes.results(),
        communities=found,
        areas=areas,
        links=links,
        refused_links=fakes.refused_table(links),
        buildings=buildings(),
        area_grid=None,
        community_grid=None,
        grounds=None,
        layers=layers(),
        title="桂花街道 物业管理区域组团方案",
    )


def changed(results: Results, community: str, **values: object) -> Results:
    """The plan with other facts of one community."""
    table = results.communities.copy()
    for column, value in values.items():
        table.loc[community, column] = value
    return replace(results, communities=table)


def with_layer(results: Results, **tables: gpd.GeoDataFrame) -> Results:
    return replace(results, layers={**results.layers, **tables})
