"""A made-up town drawn from its skeleton (town.toml): who lives in which compound, who answers for which ground."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from blocks import Skeleton, blocks, compounds, skeleton, smooth, table_of, weathered
from houses import buildings_of, walls_of
from shapely import LineString, Point, Polygon
from shapely.affinity import translate
from shapely.ops import nearest_points, polygonize

CRS = "EPSG:4544"


@dataclass(frozen=True)
class Town:
    """Everything that is drawn, each as a table with `name` and what else is known of it; in metres from the origin."""

    skeleton: Skeleton
    communities: gpd.GeoDataFrame  # id, name, address, households, year, committee
    buildings: gpd.GeoDataFrame  # community (position), number, storeys, households
    grids: gpd.GeoDataFrame  # name, committee, police
    landmarks: gpd.GeoDataFrame
    walls: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    retaining_walls: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame  # name, kind, serves (ids)


def build_town(plan: Mapping[str, Any], rng: np.random.Generator) -> Town:
    """Return the town of a town.toml; raises ValueError where a point of it lies in no compound, or two in one."""
    bones = skeleton(plan)
    plots = [weathered(c, rng) for block in blocks(bones) for c in compounds(block, rng)]
    grids = _grids(plan, bones)
    communities = _communities(plan, plots, grids)
    buildings = buildings_of(communities, set(plan["towers"]), rng)
    walls, gates = walls_of(communities[~communities["name"].isin(plan["open_yards"])], bones)
    landmarks = pd.DataFrame(plan["landmark"], columns=["x", "y", "name"])
    return Town(
        skeleton=bones,
        communities=communities,
        buildings=buildings,
        grids=grids,
        landmarks=table_of(landmarks[["name"]], [plots[i] for i in _plot_of(landmarks, plots)]),
        walls=walls,
        gates=gates,
        retaining_walls=table_of(
            pd.DataFrame({"name": [w["name"] for w in plan["retaining_wall"]]}),
            [smooth(w["line"]) for w in plan["retaining_wall"]],
        ),
        facilities=_facilities(plan, communities),
    )


# --- who owns what ---------------------------------------------------------------------------------


def _communities(plan: Mapping[str, Any], plots: list[Polygon], grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = ["x", "y", "name", "address", "households", "year"]
    table = pd.DataFrame(plan["community"], columns=columns)
    shapes = np.array([plots[i] for i in _plot_of(table, plots)], object)
    _, grid = shapely.STRtree(grids.geometry.array).query(
        shapely.point_on_surface(shapes), predicate="within"
    )
    table["committee"] = grids["committee"].to_numpy()[grid]
    table["order"] = table["committee"].map(list(dict.fromkeys(grids["committee"])).index)
    table["shape"] = shapes
    table = table.sort_values(["order", "y"], ascending=[True, False], ignore_index=True)
    number = table.groupby("order").cumcount() + 1
    table["id"] = [f"GH{o + 1}{n:02d}" for o, n in zip(table["order"], number, strict=True)]
    return table_of(table.drop(columns=["x", "y", "order", "shape"]), table["shape"])


def _plot_of(table: pd.DataFrame, plots: list[Polygon]) -> list[int]:
    which, plot = shapely.STRtree(plots).query(shapely.points(table["x"], table["y"]), predicate="within")
    lost = table.index.difference(which)
    if len(lost) or len(set(plot)) < len(plot):
        msg = f"in no plot: {table['name'][lost].tolist()}; two in one: {table['name'][which[pd.Series(plot).duplicated()]].tolist()}"
        raise ValueError(msg)
    return [int(p) for p in plot]


def _grids(plan: Mapping[str, Any], bones: Skeleton) -> gpd.GeoDataFrame:
    """Return the grids: faces between their bound streets, the river and the railway; they tile the street office."""
    streets = bones.streets.geometry[bones.streets["name"].isin(plan["bound_streets"])]
    lines = [*map(_longer, streets), bones.river_line, bones.railway, *map(LineString, plan["cuts"])]
    lines.append(bones.bound.exterior)
    faces = [
        f for f in polygonize(shapely.union_all(lines)) if bones.bound.contains(f.representative_point())
    ]
    grid_of: dict[int, int] = {}
    for g, grid in enumerate(plan["grid"]):
        for at in grid["at"]:
            grid_of |= {i: g for i, f in enumerate(faces) if f.contains(Point(at))}
    while len(grid_of) < len(faces):
        borders = [
            (faces[i].intersection(faces[k]).length, i, g)
            for i in range(len(faces)) if i not in grid_of for k, g in grid_of.items()
        ]  # fmt: skip
        _, face, g = max(borders)
        grid_of[face] = g
    shapes = [
        shapely.union_all([faces[i] for i, g in sorted(grid_of.items()) if g == number])
        for number in range(len(plan["grid"]))
    ]
    named = {key: [g[key] for g in plan["grid"]] for key in ("name", "committee", "police")}
    return table_of(pd.DataFrame(named), shapes)


def _longer(line: LineString, by_m: float = 10.0) -> LineString:
    """Return a line carried on straight at both ends, so that it surely meets what it was drawn up to."""
    xy = np.asarray(line.coords)
    ends = [a + (a - b) / np.hypot(*(a - b)) * by_m for a, b in ((xy[0], xy[1]), (xy[-1], xy[-2]))]
    return LineString([ends[0], *xy, ends[1]])


def _facilities(plan: Mapping[str, Any], communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = plan["facility"]
    served = [communities[communities["name"].isin(f["serves"])] for f in rows]
    places = [nearest_points(s.geometry.iloc[0], s.geometry.iloc[-1])[0] for s in served]
    table = pd.DataFrame({key: [f[key] for f in rows] for key in ("name", "kind")})
    return table_of(table.assign(serves=["、".join(s["id"]) for s in served]), places)


def moved(table: gpd.GeoDataFrame, origin: tuple[float, float]) -> gpd.GeoDataFrame:
    """Return a table in the coordinate system of the land, to the centimetre."""
    shapes = [shapely.transform(translate(s, *origin), lambda xy: xy.round(2)) for s in table.geometry]
    return table.set_geometry(gpd.GeoSeries(shapes, crs=CRS))
