"""Buildings of communities: from a file of their own, joined by id or by containment, or from the rows of the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geo.headings import Fields, find_columns, find_count_columns
from geo.joining import centres, owner_by_place
from geo.ledger import cell_notes, is_merged_cell_count, storeys_of, summed_counts
from geo.numbers import read_numbers
from geo.places import places_of
from geo.reading import RawTable
from geo.schema import BUILDING_COLUMNS, DataError, Finding, finding


@dataclass(frozen=True)
class JoinedBuildings:
    """BUILDING_COLUMNS with geometry in the CRS of the communities, and what their counts add up to.

    `counts` has count and count_status by community_id, `heading` the column they came from, "" where there is none.
    """

    table: gpd.GeoDataFrame
    counts: pd.DataFrame
    heading: str
    findings: tuple[Finding, ...]


def join_buildings(
    raw: RawTable, communities: gpd.GeoDataFrame, *, fields: Fields, judged: str, crs: str
) -> JoinedBuildings:
    """Return the buildings of a file of their own, joined to communities.

    A building belongs to the community whose id it names, else to the one outline its centre lies in; one that belongs
    to none keeps community_id "". `judged` is our field of the count that the ledger gives, and the buildings then
    show the same one; "" where it gives none: then `fields` may name the count. `crs` is used where the file declares
    none. Raises DataError where buildings can be joined in neither way, or where the ledger gives no count and the
    buildings give none or several.
    """
    columns = find_columns(list(raw.frame.columns), Fields(), file=raw.file)
    heading = _count_heading(raw, columns, asked=fields.given.get("count", ""), judged=judged)
    places = places_of(raw, columns, crs="auto" if raw.crs_declared else crs)
    if "id" not in columns and places.geometry.isna().all():
        raise DataError("cleaning.buildings_no_key", file=raw.file, headings=tuple(raw.frame.columns))
    both = places.geometry.crs is not None and communities.crs is not None
    geometry = places.geometry.to_crs(communities.crs) if both else places.geometry
    named = raw.frame[columns["id"]].str.strip() if "id" in columns else pd.Series("", index=raw.frame.index)
    owners = named.where(named.isin(communities.index), "")
    if both:
        outlines = communities.geometry[communities.geometry.notna() & (communities.geom_type != "Point")]
        owners = owners.where(owners != "", owner_by_place(centres(geometry), outlines))
    cells = raw.frame[heading] if heading else pd.Series("", index=raw.frame.index, dtype="str")
    read = read_numbers(cells)
    counts = read.rename(columns={"value": "count", "status": "count_status"})
    said = () if judged else cell_notes(cells, read["value"], read["note"], raw.file)
    alone = sorted(owners.index[owners == ""])
    there = owners[owners != ""]
    return JoinedBuildings(
        table=_table(raw, columns, owners, counts["count"], geometry),
        counts=summed_counts(there, counts.loc[there.index]),
        heading=heading,
        findings=(
            *places.findings,
            *said,
            *(finding("cleaning.building_alone", raw.file, row) for row in alone),
        ),
    )


def buildings_of_rows(
    raw: RawTable,
    columns: Mapping[str, str],
    typed: pd.DataFrame,
    geometry: gpd.GeoSeries,
    *,
    count_heading: str,
) -> gpd.GeoDataFrame:
    """Return BUILDING_COLUMNS of a ledger that has one row a building; a count merged over rows is of no one of them."""
    of_many = is_merged_cell_count(raw, count_heading)
    counts = pd.Series(pd.NA, index=typed.index, dtype="Int64") if of_many else typed["count"]
    return _table(raw, columns, typed["community_id"], counts, geometry)


def with_counts_of(communities: gpd.GeoDataFrame, joined: JoinedBuildings) -> gpd.GeoDataFrame:
    """Return communities with what their buildings add up to as count, unknown where there is no building."""
    counts = joined.counts.reindex(communities.index)
    status = counts["count_status"].fillna("unknown").astype("str")
    return communities.assign(count=counts["count"], count_status=status)


def _count_heading(raw: RawTable, columns: Mapping[str, str], *, asked: str, judged: str) -> str:
    counts = find_count_columns(list(raw.frame.columns), taken=set(columns.values()))
    if judged:
        return next((heading for heading, ours in counts.items() if ours == judged), "")
    if asked in raw.frame.columns:
        return asked
    if len(counts) > 1:
        raise DataError(
            "cleaning.several_counts", file=raw.file, headings=tuple(counts), first=next(iter(counts))
        )
    if not counts:
        raise DataError("cleaning.no_count", file=raw.file, headings=tuple(raw.frame.columns))
    return next(iter(counts))


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
