"""Households inside a clearance line (征收红线): they leave, and the rest of their community is planned."""

import geopandas as gpd
import pandas as pd
import shapely

from geo.overlays import OUTSIDE, household_parts, household_shares, shares
from geo.schema import DataError, Finding, finding

INSIDE, BEFORE = "征收线内户数", "征收前户数"  # headings of what is told beside the count that is planned
MOSTLY = 0.5  # of its outline: whose count is unknown and who lies inside with more is not worth a survey
WHOLLY = 1 - 1e-6


def without_cleared(
    communities: gpd.GeoDataFrame,
    lines: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None,
    /,
    *,
    file: str,
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return communities whose `count` leaves out the households inside the lines, with both numbers beside it.

    By the counts of the buildings where a community has any, else by the share of its outline, which makes the count
    an estimate unless all of it lies inside. A community with nobody left becomes `excluded` and keeps its count; so
    does one of unknown count that lies mostly inside. All in one metric CRS. Raises DataError where no line encloses
    anything.
    """
    ground = lines[shapely.get_dimensions(lines.geometry.to_numpy()) == 2]
    if ground.empty:
        raise DataError("clearance.no_polygon", file=file)
    layer = gpd.GeoDataFrame({"name": ["inside"]}, geometry=[ground.union_all()], crs=ground.crs)
    share = _inside(shares(communities, layer, id_column="name"), "share", communities.index)
    inside = _households_inside(communities, layer, buildings)
    before = communities["count"]
    unknown = before.isna() & (share > MOSTLY)
    empty = unknown | ((inside > 0) & (inside == before).fillna(False).astype("bool"))
    part = (inside > 0) & ~empty
    guessed = part & (share < WHOLLY) & ~communities.index.isin(_counted(buildings))
    told = {BEFORE: before, INSIDE: inside.astype("Int64")}
    planned = communities.assign(
        count=before.mask(part, before - inside),
        count_status=communities["count_status"].mask(guessed, "estimated"),
        scope=communities["scope"].mask(empty, "excluded"),
        **{
            heading: numbers.astype("str").where(part | empty, "").fillna("")
            for heading, numbers in told.items()
        },
    )
    said = tuple(_said(planned, c, whole=bool(empty[c]), file=file) for c in planned.index[part | empty])
    return planned, said


def _households_inside(
    communities: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None
) -> "pd.Series[int]":
    split = (
        shares(communities, layer, id_column="name")
        if buildings is None
        else household_shares(communities, layer, buildings, id_column="name")
    )
    return _inside(household_parts(communities["count"], split), "count", communities.index).astype("int64")


def _inside(table: pd.DataFrame, column: str, ids: pd.Index) -> "pd.Series[float]":
    """Return by community what lies in the layer, 0 where nothing does."""
    return table[table["layer_id"] != OUTSIDE].set_index("community_id")[column].reindex(ids).fillna(0)


def _counted(buildings: gpd.GeoDataFrame | None) -> "pd.Series[str]":
    """Return the communities whose buildings say how many live where."""
    if buildings is None:
        return pd.Series([], dtype="str")
    known: pd.Series[str] = buildings["community_id"][buildings["count"].gt(0).fillna(False).astype("bool")]
    return known


def _said(planned: gpd.GeoDataFrame, community: str, *, whole: bool, file: str) -> Finding:
    row = planned.loc[community]
    told = {"name": row["name"], "id": community, "count": row[BEFORE], "inside": row[INSIDE]}
    return finding("clearance.all" if whole else "clearance.part", file, **told, rest=row["count"])
