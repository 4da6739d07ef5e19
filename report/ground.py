"""The ground of a map: streets, water, railways and landmarks of the given layers, merged and cut to the town."""

import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from report.legend import ground_style
from report.results import Results

LONG = 40.0  # perimeter² / area: a square has 16, a river three times as long as wide 21, a strip ten times as long 48
MIDDLE_POINTS = 24
MARGIN_M = 400.0  # how far beyond the communities the ground is drawn
RANKS = {"main": 2, "road": 2, "rail": 3, "water": 2, "branch": 4, "park": 3, "plot": 4, "lane": 5}
_ALONG = ("main", "road", "branch", "lane", "rail")
_PARK = re.compile("公园|绿地|广场|陵园|苗圃|园林|菜地|park|garden", re.IGNORECASE)
_GLYPHS = (
    ("文", re.compile("学校?$|中学|小学|大学|学院|幼儿园|进修校|school", re.IGNORECASE)),
    ("医", re.compile("医院|卫生院|卫生站|诊所|疗养|hospital|clinic", re.IGNORECASE)),
    ("政", re.compile("政府|办事处|党群|居委会|便民|政务", re.IGNORECASE)),
    ("警", re.compile("派出所|公安|警", re.IGNORECASE)),
    ("车", re.compile("车站|客运|停车场|公交|station", re.IGNORECASE)),
    ("市", re.compile("市场|商场|百货|超市|market", re.IGNORECASE)),
    ("园", _PARK),
)


def ground(results: Results, town: shapely.Polygon | None) -> gpd.GeoDataFrame:
    """Return the ground within MARGIN_M of `town` as one table: `style`, `label`, `glyph`, `rank`, `along`.

    Pieces of one street are merged into lines as long as they go, so that a name can stand along them.
    """
    parts = [_limit(results), _bounds(results), _landmarks(results)]
    table = gpd.GeoDataFrame(
        pd.concat(parts, ignore_index=True), geometry="geometry", crs=results.communities.crs
    )
    if town is None or table.empty:
        return table
    near = table[table.geometry.intersects(town.buffer(MARGIN_M))]
    cut = near.geometry.intersection(shapely.box(*town.buffer(3 * MARGIN_M).bounds))
    return _rivers_named(near.set_geometry(cut)[~cut.is_empty].reset_index(drop=True))


def _rivers_named(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with the names of rivers moved from their outlines to lines along their middle, which nobody draws."""
    river = (
        (table["style"] == "water") & (table["label"] != "") & (shapely.get_dimensions(table.geometry) == 2)
    )
    lines = table[river].set_geometry(table.geometry[river].map(middle_line))
    lines = lines[lines.geometry.notna()].assign(style="water_name", along=True)
    rest = table.assign(label=table["label"].mask(table.index.isin(lines.index), ""))
    return gpd.GeoDataFrame(pd.concat([rest, lines], ignore_index=True), crs=table.crs)


def middle_line(outline: Any) -> shapely.LineString | None:
    """Return a line half-way between the two banks of a long outline, short of its ends; None where it is not long."""
    widest = max(shapely.get_parts(outline), key=shapely.area)
    ring = shapely.get_exterior_ring(widest)
    if widest.area == 0 or ring.length**2 / widest.area < LONG:
        return None
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(widest))[:4]
    sides_m = np.hypot(*np.diff(corners[:3], axis=0).T)
    ends = corners if sides_m[0] < sides_m[1] else np.roll(corners, 1, axis=0)
    tips = shapely.points([(ends[0] + ends[1]) / 2, (ends[2] + ends[3]) / 2])
    first, last = sorted(shapely.line_locate_point(ring, tips).tolist())
    one = _joined(substring(ring, first, last))
    bank = _joined(substring(ring, last, ring.length), substring(ring, 0, first))
    here = shapely.line_interpolate_point(one, np.linspace(0.08, 0.92, MIDDLE_POINTS), normalized=True)
    across = shapely.line_interpolate_point(bank, shapely.line_locate_point(bank, here))
    return shapely.LineString((shapely.get_coordinates(here) + shapely.get_coordinates(across)) / 2)


def _joined(*lines: Any) -> shapely.LineString:
    return shapely.LineString([xy for line in lines for xy in shapely.get_coordinates(line)])


def _limit(results: Results) -> gpd.GeoDataFrame:
    """Return the ground that the office answers for, as far as a layer that covers it says so."""
    table = next((results.layers[key] for key in ("committees", "grids") if key in results.layers), None)
    if table is None or table.empty:
        return _none(results)
    whole = shapely.union_all(table.geometry.to_numpy(), grid_size=0.01)
    made = {"style": ["town"], "label": [""], "glyph": [""], "rank": [0], "along": [False]}
    return gpd.GeoDataFrame(made, geometry=[whole], crs=table.crs)


def _bounds(results: Results) -> gpd.GeoDataFrame:
    table = _with_bridges(results.layers.get("barriers"), results.layers.get("crossings"))
    if table is None or table.empty:
        return _none(results)
    styles = table["barrier_class"].map({c: ground_style(str(c)) for c in table["barrier_class"].unique()})
    names = table["name"].fillna("").astype("str")
    lines = shapely.get_dimensions(table.geometry.to_numpy()) == 1
    streets = table.geometry[lines].groupby([styles[lines], names[lines]])
    rows = [(*key, shapely.line_merge(shapely.union_all(part.to_numpy()))) for key, part in streets]
    rows += list(zip(styles[~lines], names[~lines], table.geometry[~lines], strict=True))
    made = pd.DataFrame(rows, columns=["style", "label", "geometry"])
    unnamed = made["style"].isin(["wall", "cliff"])
    made["label"] = made["label"].mask(unnamed, "")
    made["along"] = made["style"].isin(_ALONG) & (shapely.get_dimensions(made["geometry"].to_numpy()) == 1)
    made["rank"] = made["style"].map(RANKS).fillna(6).astype("int64")
    made["glyph"] = ""
    return gpd.GeoDataFrame(made, crs=table.crs)


def _with_bridges(
    bounds: gpd.GeoDataFrame | None, crossings: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    """Return bounds with the pieces that lead over or under others: a street goes on across the river."""
    if bounds is None or crossings is None:
        return bounds
    lines = crossings[
        (shapely.get_dimensions(crossings.geometry.to_numpy()) == 1) & (crossings["barrier_class"] != "")
    ]
    columns = ["name", "barrier_class"]
    both = pd.concat([bounds[columns], lines[columns]], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry=[*bounds.geometry, *lines.geometry], crs=bounds.crs)


def _landmarks(results: Results) -> gpd.GeoDataFrame:
    table = results.layers.get("landmarks")
    if table is None or table.empty:
        return _none(results)
    table = table[shapely.get_dimensions(table.geometry.to_numpy()) == 2]
    names = table["name"].fillna("").astype("str")
    style = np.where(names.str.contains(_PARK), "park", "plot")
    glyphs = [next((sign for sign, word in _GLYPHS if word.search(name)), "") for name in names]
    made = {
        "style": style,
        "label": names,
        "glyph": glyphs,
        "rank": pd.Series(style).map(RANKS).to_numpy(),
        "along": False,
    }
    return gpd.GeoDataFrame(made, geometry=table.geometry.to_numpy(), crs=table.crs)


def _none(results: Results) -> gpd.GeoDataFrame:
    columns: dict[str, Any] = {
        "style": "str",
        "label": "str",
        "glyph": "str",
        "rank": "int64",
        "along": "bool",
    }
    empty = pd.DataFrame(columns=list(columns)).astype(columns)
    return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=results.communities.crs))
