"""A made-up finished plan of a small town: 60 compounds along crooked streets, a river, a railway, grids.

Nothing here comes from the optimizer: the tables are drawn by hand so that report can be tested alone.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import geopandas as gpd
import pandas as pd
from shapely import LineString, MultiPolygon, Point, Polygon, union_all

from geo.schema import COMMUNITY_COLUMNS, FINDING_COLUMNS, LINK_COLUMNS, REFUSED_COLUMNS
from optimizer.candidates import COST_PARTS
from report.results import (
    AREA_COLUMNS,
    AREA_GRID_COLUMNS,
    BEYOND_COLUMNS,
    COMMUNITY_GRID_COLUMNS,
    OUTCOME_COLUMNS,
    VIOLATION_COLUMNS,
    Results,
)

CRS = "EPSG:4544"
EAST_M, NORTH_M = 587_400.0, 3_248_400.0
COLUMNS, ROWS = 10, 6
STREETS = ("人民", "胜利", "玉屏", "红旗", "文昌", "萱花")
KINDS = ("小区", "家属院", "大院", "苑", "新村", "单位宿舍", "花园", "里", "公寓", "楼院")
EXCEPTIONS = {"C007": "no_neighbour", "C038": "too_few_within_reach", "C054": "other_committee"}
HELD = ("C023", "C046")
FIXED = ("C010", "C060")
REASONS = {
    "no_neighbour": ("无相邻小区：最近的小区在 212 米外", "可由相邻小区打包服务，不合并"),
    "too_few_within_reach": (
        "相邻户数合计不足:连同相邻小区共 62 户,还差 38 户",
        "放开与红旗路的分隔可达到 100 户",
    ),
    "other_committee": ("只有跨社区才能组团：与红旗苑分属两个社区", "可提请两社区联席会议商定"),
    "count_unknown": ("台账中没有户数", "请补录户数"),
}


def bend(x: float, y: float) -> tuple[float, float]:
    """Turn the chessboard into a town: streets that bow with the river."""
    return (
        EAST_M + x + 26 * math.sin(y / 190) + 10 * math.sin(x / 83 + y / 61),
        NORTH_M + y + 34 * math.sin(x / 260) + 9 * math.cos(x / 71 - y / 97),
    )


def compound(column: int, row: int) -> Polygon:
    """Return one compound; widths, gaps and corners vary with its place, never by chance."""
    turn = (column * 7 + row * 13) % 11 / 11
    left, bottom = column * 118 + (60 if column >= 5 else 0), row * 96 + (55 if row >= 3 else 0)
    width, height = 78 + 26 * turn, 62 + 20 * (1 - turn)
    corners = [
        (0, 0),
        (width * 0.55, -4 * turn),
        (width, 5 * turn),
        (width - 9 * turn, height),
        (12 * turn, height - 6),
    ]
    if (column + row) % 4 == 0:
        corners.insert(4, (width * 0.5, height * 0.72))
    return Polygon([bend(left + x, bottom + y) for x, y in corners])


def communities_table() -> gpd.GeoDataFrame:
    """Return 60 compounds, C001 in the north-west to C060 in the south-east; two of them only points, one nowhere."""
    rows = []
    for number in range(COLUMNS * ROWS):
        column, row = number % COLUMNS, ROWS - 1 - number // COLUMNS
        community_id = f"C{number + 1:03d}"
        shape: Polygon | Point | None = compound(column, row)
        if community_id in {"C015", "C046"}:
            shape = shape.centroid
        held = community_id in HELD
        rows.append(
            {
                "community_id": community_id,
                "name": f"{STREETS[row]}{KINDS[column]}",
                "count": household_count(number),
                "count_status": "unknown" if held else ("estimated" if number % 9 == 4 else "surveyed"),
                "scope": "fixed" if community_id in FIXED else "to_group",
                "address": f"{STREETS[row]}路{2 * number + 1}号",
                "street_town": "中山路街道",
                "committee": "玉屏社区" if column < 5 else "红旗社区",
                "grids": f"第{1 + column // 4 + 3 * (row // 3)}网格",
                "buildings": 1 + number % 4,
                "dwellings": None,
                "households": household_count(number),
                "owners": None,
                "built_year": 1978 + number % 20,
                "floor_area_m2": None,
                "managing_company": "",
                "ownership": "",
                "lift": "",
                "managed": "",
                "source_rows": f"台账.xlsx:{number + 4}",
                "geometry": shape,
            }
        )
    table = gpd.GeoDataFrame(rows, crs=CRS).set_index("community_id")
    return table.astype(COMMUNITY_COLUMNS)


def area_of() -> dict[str, str]:
    """Group compounds two or three in a row, never across the river; exceptions and held stay out, fixed stand alone."""
    members = []
    for row in range(ROWS):
        for columns in ((0, 1), (2, 3, 4), (5, 6), (7, 8, 9)):
            ids = [f"C{row * COLUMNS + column + 1:03d}" for column in columns]
            free = tuple(i for i in ids if i not in EXCEPTIONS and i not in HELD and i not in FIXED)
            members += [group for group in (free, *((i,) for i in ids if i in FIXED)) if group]
    return {m: f"PMA-{n:03d}" for n, group in enumerate(members, 1) for m in group}


def household_count(number: int) -> int | None:
    """Return a count that fits what becomes of the community: small for exceptions, enough for those that stand alone."""
    community_id = f"C{number + 1:03d}"
    areas = area_of()
    if community_id in HELD:
        return None
    if community_id in EXCEPTIONS:
        return 24 + number % 30
    alone = list(areas.values()).count(areas[community_id]) == 1 and community_id not in FIXED
    return (104 if alone else 52) + (number * 37) % 75


def areas_table(communities: gpd.GeoDataFrame, area_ids: dict[str, str]) -> gpd.GeoDataFrame:
    """Return the areas with outlines 14 m wider than their members."""
    rows = []
    for area_id in sorted(set(area_ids.values())):
        members = communities.loc[[m for m, a in area_ids.items() if a == area_id]]
        count = int(members["count"].sum())
        fixed = members.index[0] in FIXED
        outline = union_all(members.geometry.buffer(19)).buffer(-14)
        rows.append(
            {
                "area_id": area_id,
                "center_id": members.index[len(members) // 2],
                "communities": len(members),
                "count": count,
                "cost": 81.5 * count,
                "cost_walk": 80.0 * count,
                "cost_cross": 1.5 * count,
                **{f"cost_{part}": 0.0 for part in COST_PARTS if part not in ("walk", "cross")},
                "kind": "fixed" if fixed else "grouped" if len(members) > 1 else "alone",
                "near_minimum": 90 <= count <= 110,
                "names": "、".join(members["name"]),
                "name": "",
                "geometry": outline,
            }
        )
    return gpd.GeoDataFrame(rows, crs=CRS).set_index("area_id").astype(AREA_COLUMNS)


def with_outcomes(
    communities: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, area_ids: dict[str, str]
) -> gpd.GeoDataFrame:
    codes = {**EXCEPTIONS, **dict.fromkeys(HELD, "count_unknown")}
    kinds = areas["kind"].to_dict()
    rows = []
    for community_id in communities.index:
        area_id, code = area_ids.get(community_id), codes.get(community_id, "")
        reason, repair = REASONS.get(code, ("", ""))
        outcome = kinds[area_id] if area_id else ("held" if community_id in HELD else "exception")
        told = (area_id, outcome, code, reason, repair, "")
        rows.append((*told, None, False, community_id == HELD[1], "", ""))
    outcomes = pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS), index=communities.index).astype(
        OUTCOME_COLUMNS
    )
    return gpd.GeoDataFrame(communities.join(outcomes), crs=CRS)


def community_grid(communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return all households of each community in its one grid."""
    rows = communities[["grids", "count"]].dropna().reset_index()
    return rows.set_axis(list(COMMUNITY_GRID_COLUMNS), axis=1).astype(COMMUNITY_GRID_COLUMNS)


def links_table(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Link compounds beside each other in a row."""
    ids = list(communities.index)
    pairs = [(a, b) for a, b in pairwise(ids) if int(a[1:]) % COLUMNS not in {0, 5}]
    places = communities.geometry.representative_point()
    rows = [
        (
            a,
            b,
            float(communities.geometry[a].distance(communities.geometry[b])),
            "",
            0.0,
            "found",
            True,
            LineString([places[a], places[b]]),
        )
        for a, b in pairs
    ]
    table = gpd.GeoDataFrame(rows, columns=[*LINK_COLUMNS, "geometry"], crs=CRS)
    return table.astype(LINK_COLUMNS)


def refused_table(links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    table = (
        links.head(2).drop(columns=["kind", "verified"]).assign(cause=["within:committee", "barrier:河流"])
    )
    return table[[*REFUSED_COLUMNS, "geometry"]].astype(REFUSED_COLUMNS)


def strip(start: tuple[float, float], end: tuple[float, float], steps: int = 40) -> list[tuple[float, float]]:
    return [
        bend(start[0] + (end[0] - start[0]) * n / steps, start[1] + (end[1] - start[1]) * n / steps)
        for n in range(steps + 1)
    ]


def layers() -> dict[str, gpd.GeoDataFrame]:
    """Return river, railway, two roads, nine grids, two committees and one police bound."""
    barriers = [
        ("临江河", "river", LineString(strip((555, -120), (575, 700))).buffer(16)),
        ("成渝铁路", "railway", LineString(strip((-80, -70), (1300, -40)))),
        ("胜利路", "main_road", LineString(strip((-80, 310), (1300, 310)))),
        ("玉屏路", "branch_road", LineString(strip((345, -120), (345, 700)))),
        ("堡坎", "retaining_wall", LineString(strip((820, 480), (1000, 470)))),
    ]

    def block(x0: float, y0: float, x1: float, y1: float) -> Polygon:
        return Polygon(
            [
                *strip((x0, y0), (x1, y0), 12),
                *strip((x1, y0), (x1, y1), 12),
                *strip((x1, y1), (x0, y1), 12),
                *strip((x0, y1), (x0, y0), 12),
            ]
        )

    xs, ys = (-40, 345, 570, 1290), (-30, 310, 660)
    grids = [
        (f"第{1 + i + 3 * j}网格", block(xs[i], ys[j], xs[i + 1], ys[j + 1]))
        for j in range(2)
        for i in range(3)
    ]
    committees = [("玉屏社区", block(-40, -30, 570, 660)), ("红旗社区", block(570, -30, 1290, 660))]
    duties = [("中山路派出所", block(-40, -30, 1290, 660))]
    return {
        "barriers": gpd.GeoDataFrame(barriers, columns=["name", "barrier_class", "geometry"], crs=CRS),
        "grids": gpd.GeoDataFrame(grids, columns=["name", "geometry"], crs=CRS),
        "committees": gpd.GeoDataFrame(committees, columns=["name", "geometry"], crs=CRS),
        "duties": gpd.GeoDataFrame(duties, columns=["name", "geometry"], crs=CRS),
    }


def buildings_table(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return slabs inside each drawn compound."""
    rows = []
    for community_id, row in communities.iterrows():
        if not isinstance(row.geometry, Polygon):
            continue
        west, south, east, north = row.geometry.bounds
        inner = row.geometry.buffer(-6)
        for slab in range(int(row["buildings"])):
            y = south + (slab + 0.6) * (north - south) / (int(row["buildings"]) + 0.4)
            shape = Polygon([(west, y), (east, y + 4), (east, y + 13), (west, y + 9)]).intersection(inner)
            if not shape.is_empty:
                rows.append((community_id, f"{slab + 1}栋", 20, 6, shape))
    table = gpd.GeoDataFrame(rows, columns=["community_id", "name", "count", "storeys", "geometry"], crs=CRS)
    return table.astype({"community_id": "str", "name": "str", "count": "Int64", "storeys": "Int64"})


def findings() -> pd.DataFrame:
    rows = [
        ("台账.xlsx[Sheet1]", 7, "总户数", "reading.count_text", "“86户”是文字", "按 86 读"),
        ("台账.xlsx[Sheet1]", None, "联系人", "reading.personal", "像是个人信息的列", "整列不读入"),
        ("=cmd|x", 9, "@名称", "reading.formula", "=1+1", "+按文字保留"),
    ]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS)).astype(FINDING_COLUMNS)


def violations(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    """Return violations of areas from rule, area, value, limit and text; nobody accepted them."""
    told = pd.DataFrame(rows, columns=["rule", "place", "value", "limit", "text"])
    return told.assign(place_id=told["place"], accepted="")[list(VIOLATION_COLUMNS)].astype(VIOLATION_COLUMNS)


def beyond() -> pd.DataFrame:
    """Return the way across the river, which is too wide, and one that is just too long."""
    rows = [("C005", "C006", 85.0, "barrier:river"), ("C007", "C017", 212.0, "reach")]
    return pd.DataFrame(rows, columns=list(BEYOND_COLUMNS)).astype(BEYOND_COLUMNS)


def results(change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame] | None = None) -> Results:
    """Return the whole plan; `change` may alter the communities before areas are drawn."""
    bare = communities_table()
    if change is not None:
        bare = change(bare)
    area_ids = area_of()
    areas = areas_table(bare, area_ids)
    communities = with_outcomes(bare, areas, area_ids)
    kinds = areas["kind"].value_counts()
    grid_rows = (
        communities.dropna(subset=["area_id"])
        .groupby(["area_id", "grids"])["count"]
        .sum()
        .astype("int64")
        .reset_index()
    )
    area_grid = grid_rows.set_axis(list(AREA_GRID_COLUMNS), axis=1).astype(AREA_GRID_COLUMNS)
    links = links_table(bare)
    return Results(
        communities=communities,
        areas=areas,
        links=links,
        refused_links=refused_table(links),
        buildings=buildings_table(bare),
        findings=findings(),
        violations=violations(),
        area_grid=area_grid,
        community_grid=community_grid(communities),
        grounds=bare.geometry[bare.geom_type.isin(["Polygon", "MultiPolygon"])],
        beyond=beyond(),
        layers=layers(),
        summary={
            "communities": len(communities),
            "areas": len(areas),
            "groups": int(kinds.get("grouped", 0)),
            "alone": int(kinds.get("alone", 0)),
            "fixed": int(kinds.get("fixed", 0)),
            "exceptions": len(EXCEPTIONS),
            "held": len(HELD),
            "minimum": 100,
            "count": "总户数",
            "next_number": len(areas) + 1,
            "caveats": ["scope_unknown", "counts_estimated"],
            "seconds": {"read": 0.1, "solve": 0.4},
        },
        rules_text="[group]\nminimum = 100\n",
        title="中山路街道老旧小区组团方案(草案)",
    )


def many(number: int) -> gpd.GeoDataFrame:
    """Return that many point communities, for the large-plan branch."""
    first = communities_table().iloc[[0]]
    table = pd.concat([first] * number)
    table.index = pd.Index([f"C{n:05d}" for n in range(number)], name="community_id")
    places = [Point(EAST_M + 30 * (n % 70), NORTH_M + 30 * (n // 70)) for n in range(number)]
    return gpd.GeoDataFrame(table, geometry=places, crs=CRS)


def islands() -> MultiPolygon:
    return MultiPolygon([compound(0, 0), compound(2, 2)])


def tiles(number: int) -> gpd.GeoDataFrame:
    """Return that many grids, to pass the number of shapes above which a canvas draws."""
    shapes = [compound(n % 40, n // 40) for n in range(number)]
    return gpd.GeoDataFrame({"name": [f"第{n}格" for n in range(number)]}, geometry=shapes, crs=CRS)
