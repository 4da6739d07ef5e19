"""Buildings of communities: from a file of their own, joined by id or by containment, or from the rows of the ledger."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.headings import Fields, find_columns, find_count_columns
from geo.joining import centres, owner_by_place
from geo.ledger import storeys_of
from geo.numbers import read_numbers
from geo.places import places_of
from geo.reading import RawTable
from geo.schema import BUILDING_COLUMNS, DataError, Finding, finding


def join_buildings(
    raw: RawTable, communities: gpd.GeoDataFrame, *, judged: str, crs: str
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...], str]:
    """Return BUILDING_COLUMNS with geometry in the CRS of `communities`, findings, and the heading of their count.

    A building belongs to the community whose id it names, else to the one outline its centre lies in; one that belongs
    to none keeps community_id "". `judged` is our field of the count that the ledger gives ("" where it gives none);
    the count of the buildings is the same one. `crs` is used where the file declares none. Raises DataError where
    buildings can be joined in neither way, or where the ledger gives no count and the buildings give none or several.
    """
    columns = find_columns(list(raw.frame.columns), Fields(), file=raw.file)
    heading = _count_heading(raw, columns, judged)
    places = places_of(raw, columns, crs="auto" if raw.crs_declared else crs)
    if "id" not in columns and places.geometry.isna().all():
        raise DataError("cleaning.buildings_no_key", file=raw.file, headings="、".join(raw.frame.columns))
    both = places.geometry.crs is not None and communities.crs is not None
    geometry = places.geometry.to_crs(communities.crs) if both else places.geometry
    named = raw.frame[columns["id"]].str.strip() if "id" in columns else pd.Series("", index=raw.frame.index)
    owners = named.where(named.isin(communities.index), "")
    if both:
        outlines = communities.geometry[communities.geometry.notna() & (communities.geom_type != "Point")]
        owners = owners.where(owners != "", owner_by_place(centres(geometry), outlines))
    count = read_numbers(raw.frame[heading])["value"] if heading else pd.Series(pd.NA, index=raw.frame.index)
    alone = sorted(owners.index[owners == ""])
    findings = (*places.findings, *(finding("cleaning.building_alone", raw.file, row) for row in alone))
    return _table(raw, columns, owners, count, geometry), findings, heading


def buildings_of_rows(
    raw: RawTable, columns: Mapping[str, str], typed: pd.DataFrame, geometry: gpd.GeoSeries
) -> gpd.GeoDataFrame:
    """Return BUILDING_COLUMNS of a ledger that has one row a building."""
    return _table(raw, columns, typed["community_id"], typed["count"], geometry)


def with_counts_of(communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return communities with the sum of their buildings as count; unknown where one of these is, or there is none."""
    counts = buildings.groupby("community_id")["count"]
    sums = counts.sum().where(counts.agg(lambda c: c.notna().all())).reindex(communities.index)
    status = np.where(sums.fillna(0) > 0, "surveyed", "unknown")
    return communities.assign(
        count=sums.astype("Int64"), count_status=pd.Series(status, communities.index, dtype="str")
    )


def _count_heading(raw: RawTable, columns: Mapping[str, str], judged: str) -> str:
    counts = find_count_columns(list(raw.frame.columns), taken=set(columns.values()))
    same = [heading for heading, ours in counts.items() if not judged or ours == judged]
    if judged:
        return same[0] if same else ""
    if len(same) > 1:
        raise DataError("cleaning.several_counts", file=raw.file, headings="、".join(same), first=same[0])
    if not same:
        raise DataError("cleaning.no_count", file=raw.file, headings="、".join(raw.frame.columns))
    return same[0]


def _table(
    raw: RawTable, columns: Mapping[str, str], owners: pd.Series, count: pd.Series, geometry: gpd.GeoSeries
) -> gpd.GeoDataFrame:
    name_heading = columns.get("building") or columns.get("name")
    table = pd.DataFrame(
        {
            "community_id": owners,
            "name": raw.frame[name_heading].str.strip() if name_heading else "",
            "count": count,
            "storeys": storeys_of(raw.frame, columns),
        },
        index=raw.frame.index,
    ).astype(BUILDING_COLUMNS)
    placed = gpd.GeoDataFrame(table, geometry=geometry.to_numpy(), crs=geometry.crs)
    return placed.sort_values(["community_id", "name", "count"], kind="stable").reset_index(drop=True)
