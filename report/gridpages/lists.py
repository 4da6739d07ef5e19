"""Grids of which the office has no lines, only the list of the communities of each: the ledger's own column of grids."""

import geopandas as gpd
import pandas as pd
import shapely

from report.results import COMMUNITY_GRID_COLUMNS, Results

_BETWEEN = r"\s*[、,，;；]\s*"  # names in one cell
AROUND_M = 6.0  # shown around the outlines of a grid's communities
AROUND_POINT_M = 40.0


def is_listed(results: Results) -> bool:
    """Tell whether a plan has no lines of grids, but says of some community whose grid it is."""
    layer = results.layers.get("grids")
    return (layer is None or layer.empty) and bool(len(_members(results)))


def listed_grids(results: Results) -> gpd.GeoDataFrame:
    """Return name and what is shown of each grid: its communities and a little around them, no line of a grid.

    A grid whose communities have no place is shown as the whole plan.
    """
    table = results.communities
    shapes = table.geometry
    around = shapely.buffer(
        shapes.to_numpy(),
        [AROUND_M if part == 2 else AROUND_POINT_M for part in shapely.get_dimensions(shapes)],
    )
    near = pd.Series(around, index=table.index)
    members = _members(results)
    whole = shapely.box(*table.total_bounds)
    rows = []
    for name, ids in members.groupby("grid")["community_id"]:
        shape = shapely.union_all(near.loc[ids].dropna().to_numpy())
        rows.append((str(name), whole if shape.is_empty else shape))
    return gpd.GeoDataFrame(rows, columns=["name", "geometry"], geometry="geometry", crs=table.crs)


def listed_parts(results: Results) -> pd.DataFrame:
    """Return the communities of each grid: COMMUNITY_GRID_COLUMNS, sorted.

    Households are <NA> where nobody counted them, and where a community is listed under several grids: no list says how
    many of them live in which.
    """
    members = _members(results)
    counts = members["community_id"].map(results.communities["count"]).astype("Int64")
    alone = ~members["community_id"].duplicated(keep=False)
    parts = members.assign(households=counts.where(alone))
    return parts[list(COMMUNITY_GRID_COLUMNS)].sort_values(["community_id", "grid"], ignore_index=True)


def _members(results: Results) -> pd.DataFrame:
    """Return community_id and grid, a row for each grid that a community is listed under."""
    names = (
        results.communities["grids"]
        .fillna("")
        .astype("str")
        .str.split(_BETWEEN, regex=True)
        .explode()
        .str.strip()
    )
    names = names[names != ""]
    table = pd.DataFrame({"community_id": names.index.astype("str"), "grid": names.to_numpy()})
    return table.drop_duplicates(ignore_index=True)
