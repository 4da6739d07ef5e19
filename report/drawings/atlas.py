"""What the drawings of one plan have in common, prepared once; and what one of them is of."""

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.bounds import legal_outlines
from geo.schema import DataError
from report.bounds import bounds_of, sketched
from report.ground import ground
from report.layers import town_of
from report.results import Results

GATE_M = 4.0  # a gate within this of an outline belongs to it


@dataclass(frozen=True)
class Sheaf:
    """A table with the tree of its shapes; rows without a place are left out."""

    table: gpd.GeoDataFrame
    tree: shapely.STRtree

    def within(self, box: Any) -> gpd.GeoDataFrame:
        """Return the rows that meet a box, in their order."""
        return self.table.iloc[np.sort(self.tree.query(box, predicate="intersects"))]


@dataclass(frozen=True)
class Atlas:
    """The layers of a plan in its metric CRS, ready to be looked up by place; `legal` and `bounds` are by area_id."""

    results: Results
    legal: gpd.GeoSeries
    sketches: gpd.GeoSeries
    bounds: pd.DataFrame
    ground: Sheaf
    communities: Sheaf
    buildings: Sheaf
    grids: Sheaf
    gates: Sheaf
    facilities: Sheaf


@dataclass(frozen=True)
class Subject:
    """One area: `outline` is the legal one, or a rough one where `sketch`."""

    area_id: str
    outline: Any
    sketch: bool
    members: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame


def atlas_of(results: Results) -> Atlas:
    """Prepare the drawings of a plan."""
    layers = {key: _in_order(table) for key, table in results.layers.items()}
    results = replace(results, layers=layers)
    none = gpd.GeoDataFrame({"name": pd.Series(dtype="str")}, geometry=[], crs=results.communities.crs)
    buildings = none.assign(community_id="") if results.buildings is None else _in_order(results.buildings)
    return Atlas(
        results=results,
        legal=legal_outlines(results.communities),
        sketches=sketched(results.communities),
        bounds=bounds_of(results),
        ground=_sheaf(ground(results, town_of(results)), "style", "rank", "label", "along"),
        communities=_sheaf(results.communities, "name"),
        buildings=_sheaf(buildings[~buildings.geometry.duplicated()], "community_id", "name"),
        grids=_sheaf(layers.get("grids", none)),
        gates=_sheaf(_points(layers.get("crossings", none))),
        facilities=_sheaf(_points(layers.get("landmarks", none)), "name"),
    )


def is_sketch(atlas: Atlas, area_id: str) -> bool:
    """Say whether some member of an area has no outline, so that no drawing of it can be filed."""
    return atlas.legal.get(area_id) is None


def subject_of(atlas: Atlas, area_id: str) -> Subject:
    """Return what a drawing of an area is of; raises DataError where the plan has no such area or it has no place."""
    if area_id not in atlas.results.areas.index:
        raise DataError("drawings.no_area", area=area_id)
    sketch = is_sketch(atlas, area_id)
    outline = atlas.sketches.get(area_id) if sketch else atlas.legal[area_id]
    if outline is None or outline.is_empty:
        raise DataError("drawings.no_place", area=area_id)
    table, houses = atlas.results.communities, atlas.buildings.table
    members = table[(table["area_id"] == area_id).to_numpy(bool, na_value=False)]
    return Subject(area_id, outline, sketch, members, houses[houses["community_id"].isin(members.index)])


def _sheaf(table: gpd.GeoDataFrame, *columns: str) -> Sheaf:
    """Return the rows that have a place, with these columns alone: rows of many columns are slow to pick."""
    there = table.loc[table.geometry.notna() & ~table.geometry.is_empty, [*columns, table.geometry.name]]
    return Sheaf(there, shapely.STRtree(there.geometry.to_numpy()))


def _in_order(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows by place and name, so that no drawing depends on the order in which they were delivered."""
    boxes = shapely.bounds(table.geometry.to_numpy())
    names = table["name"].fillna("").astype("str").to_numpy()
    return table.iloc[np.lexsort([names, *boxes.T])]


def _points(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return table[shapely.get_dimensions(table.geometry.to_numpy()) == 0]
