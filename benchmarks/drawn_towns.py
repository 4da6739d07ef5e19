"""Drawn towns as finished plans: compounds between streets, with houses, a river and a railway, grouped three by three."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, box

from geo.schema import BUILDING_COLUMNS, COMMUNITY_COLUMNS, FINDING_COLUMNS, LINK_COLUMNS, REFUSED_COLUMNS
from report.results import AREA_COLUMNS, OUTCOME_COLUMNS, VIOLATION_COLUMNS, Results, no_rows

CRS = "EPSG:4544"
EAST_M, NORTH_M = 587_000.0, 3_248_000.0
COMPOUND_M = (70.0, 55.0)
STREET_M = 18.0
BLOCK = 3  # compounds between two streets, each way
OUTLINE_M = 8.0  # how far an area's outline goes beyond its members


def drawn_town(units: int, *, seed: int = 0) -> Results:
    """Return a plan of `units` communities, the same for the same number and seed."""
    rng = np.random.default_rng([seed, units])
    across = int(np.ceil(np.sqrt(units)))
    row, column = np.divmod(np.arange(units), across)
    communities = _communities(rng, row, column)
    groups = pd.Series([f"PMA-{1 + r * across + c // BLOCK:04d}" for r, c in zip(row, column, strict=True)])
    communities = communities.assign(area_id=groups.to_numpy()).astype({"area_id": "str"})
    areas = areas_of(communities)
    return Results(
        communities=communities,
        areas=areas,
        links=_lines(LINK_COLUMNS),
        refused_links=_lines(REFUSED_COLUMNS),
        findings=no_rows(FINDING_COLUMNS),
        violations=no_rows(VIOLATION_COLUMNS),
        summary={"communities": units, "areas": len(areas), "groups": len(areas), "alone": 0, "fixed": 0,
                 "exceptions": 0, "held": 0, "minimum": 100, "count": "户数", "caveats": [], "seconds": {}},
        rules_text="",
        title=f"{units} 个小区的镇街",
        buildings=_buildings(communities),
        layers={"barriers": _barriers(row.max() + 1, across)},
    )  # fmt: skip


def moved(plan: Results, *, community: int, area: int) -> Results:
    """Return the plan with one community in another area; only the outlines of the two areas are drawn again."""
    table = plan.communities
    left = str(table["area_id"].iloc[community])
    entered = str(plan.areas.index[area])
    ids = table["area_id"].to_numpy(dtype=object).copy()
    ids[community] = entered
    changed = gpd.GeoDataFrame(table.assign(area_id=ids).astype({"area_id": "str"}), crs=table.crs)
    fresh = areas_of(changed[changed["area_id"].isin([left, entered])])
    kept = plan.areas.drop(index=[left, entered])
    return replace(plan, communities=changed, areas=gpd.GeoDataFrame(pd.concat([kept, fresh]).sort_index()))


def areas_of(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the areas that the column `area_id` says."""
    groups = communities.groupby("area_id")
    rows: dict[str, Any] = {column: "" if kind == "str" else 0.0 for column, kind in AREA_COLUMNS.items()}
    counts = groups["count"].sum()
    table = pd.DataFrame(rows, index=counts.index).assign(
        center_id=groups["count"].agg(lambda part: part.index[0]),
        communities=groups.size(),
        count=counts,
        kind="grouped",
        near_minimum=False,
        names=groups["name"].agg("、".join),
    )
    outlines = groups["geometry"].agg(
        lambda part: shapely.union_all(part.buffer(OUTLINE_M + 7)).buffer(-7).simplify(0.5)
    )
    return gpd.GeoDataFrame(table.astype(AREA_COLUMNS), geometry=outlines.to_numpy(), crs=CRS).sort_index()


def _communities(rng: np.random.Generator, row: Any, column: Any) -> gpd.GeoDataFrame:
    wide, high = COMPOUND_M
    west = EAST_M + column * (wide + 8) + column // BLOCK * STREET_M
    south = NORTH_M - row * (high + 8) - row // BLOCK * STREET_M
    plot = np.array([[0, 0], [wide, 0], [wide, high], [0.4 * wide, 1.05 * high], [0, high]])
    corners = plot + rng.uniform(-5, 5, (len(row), *plot.shape)) + np.stack([west, south], axis=1)[:, None]
    table: dict[str, Any] = {
        name: ("" if kind == "str" else None) for name, kind in COMMUNITY_COLUMNS.items()
    }
    outcome: dict[str, Any] = {
        name: ("" if kind == "str" else False) for name, kind in OUTCOME_COLUMNS.items()
    }
    index = pd.Index([f"C{n:05d}" for n in range(len(row))], name="community_id", dtype="str")
    given = {
        "name": [
            f"{'胜利和平人民解放新民'[n % 5 * 2 : n % 5 * 2 + 2]}路{n + 1}号院" for n in range(len(row))
        ],
        "count": rng.integers(20, 90, len(row)),
        "count_status": "surveyed",
        "scope": "to_group",
        "outcome": "grouped",
        "built_year": rng.integers(1975, 2005, len(row)),
    }
    frame = pd.DataFrame(table | outcome | given, index=index)
    return gpd.GeoDataFrame(
        frame.astype(COMMUNITY_COLUMNS | OUTCOME_COLUMNS), geometry=shapely.polygons(corners), crs=CRS
    )


def _buildings(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = []
    for community_id, shape in communities.geometry.items():
        west, south, east, north = shape.buffer(-7).bounds
        for slab in range(3):
            y = south + slab * (north - south) / 3
            rows.append((community_id, f"{slab + 1}栋", 20, 6, box(west, y, east, y + 9)))
    table = gpd.GeoDataFrame(rows, columns=[*BUILDING_COLUMNS, "geometry"], crs=CRS)
    return table.astype(BUILDING_COLUMNS)


def _barriers(rows: int, columns: int) -> gpd.GeoDataFrame:
    wide, high = COMPOUND_M
    step_x, step_y = BLOCK * (wide + 8) + STREET_M, BLOCK * (high + 8) + STREET_M
    east = EAST_M + columns / BLOCK * step_x
    south = NORTH_M - rows / BLOCK * step_y
    found: list[tuple[str, str, Any]] = []
    for n in range(columns // BLOCK + 1):
        x = EAST_M + n * step_x - STREET_M / 2 - 4
        kind = "主干路" if n % 4 == 0 else "支路"
        found.append((f"第{n + 1}路", kind, LineString([(x, south), (x, NORTH_M + high)])))
    for n in range(rows // BLOCK + 1):
        y = NORTH_M - n * step_y + high + STREET_M / 2 + 4
        found.append(
            (f"第{n + 1}街", "次干路" if n % 3 == 0 else "支路", LineString([(EAST_M, y), (east, y)]))
        )
    bank = LineString([(EAST_M - 60, south - 100), (EAST_M - 120, NORTH_M + 200)])
    found.append(("临江河", "河流", bank.buffer(40)))
    found.append(("成渝铁路", "铁路", LineString([(EAST_M - 200, south - 60), (east + 200, south - 90)])))
    return gpd.GeoDataFrame(found, columns=["name", "barrier_class", "geometry"], crs=CRS)


def _lines(columns: dict[str, str]) -> gpd.GeoDataFrame:
    empty = pd.DataFrame(columns=list(columns)).astype(columns)
    return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=CRS))
