"""Rows of a ledger with our columns typed, and rows of one id merged into one community."""

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coordinates import representative_points
from geo.flags import LIFT, MANAGED, managed_by, read_flags
from geo.given import SCOPE_WORDS
from geo.identity import Identity
from geo.numbers import (
    BUILDING_UNITS,
    STOREY_UNITS,
    is_missing,
    read_areas_m2,
    read_numbers,
    read_years,
    squeeze,
)
from geo.reading import RawTable
from geo.rows import row_numbers
from geo.schema import COMMUNITY_COLUMNS, COUNT_STATUSES, SCOPES, DataError, Finding, finding

TEXT_FIELDS = ("address", "street_town", "committee", "grids", "managing_company", "ownership")
PLACE_FIELDS = ("lon", "lat", "lonlat", "wkt")
STATUS_WORDS = {
    "surveyed": "surveyed", "已核": "surveyed", "estimated": "estimated", "估算": "estimated", "unknown": "unknown", "待核": "unknown"
}  # fmt: skip

TINY_COUNT = 2  # a block of two households exists; mostly it is a slip or a placeholder
HUGE_COUNT = 20_000  # the largest compounds of four big cities stay below 12,000

_NOTE_TEXTS = 40  # characters of a cell that a finding shows


def typed_rows(
    raw: RawTable,
    columns: Mapping[str, str],
    counts: Mapping[str, str],
    identity: Identity,
    *,
    count_heading: str,
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return one row a source row: `community_id`, COMMUNITY_COLUMNS without source_rows, and what is left as text.

    `counts` is our count field by source heading; `count_heading` the one that is judged, "" for none.
    Raises DataError for a scope that is not one of the four.
    """
    frame, file = raw.frame, raw.file
    rows = pd.DataFrame({"community_id": identity.community_id, "name": identity.name}, index=frame.index)
    judged = (
        _judged(raw, count_heading, identity.community_id) if count_heading else _unknown_counts(frame.index)
    )
    findings = _count_findings(frame, judged, file=file, heading=count_heading) if count_heading else ()
    rows["count"], rows["count_status"] = judged["value"], _statuses(frame, columns, judged)
    rows["scope"] = _scopes(frame, columns, file)
    for ours in TEXT_FIELDS:
        rows[ours] = (
            frame[columns[ours]].mask(is_missing(frame[columns[ours]]), "") if ours in columns else ""
        )
    heading_of = {ours: h for h, ours in reversed([*counts.items()])} | {
        counts.get(count_heading, ""): count_heading
    }
    for ours in ("dwellings", "households", "owners"):
        heading = heading_of.get(ours, "")
        rows[ours] = (
            read_numbers(frame[heading])["value"]
            if heading
            else pd.array([pd.NA] * len(frame), dtype="Int64")
        )
    rows["buildings"] = _whole_numbers(frame, columns, "buildings", BUILDING_UNITS)
    rows["built_year"], said_years = _with_notes(frame, columns.get("built_year"), read_years, file)
    rows["floor_area_m2"], said_areas = _with_notes(frame, columns.get("floor_area"), read_areas_m2, file)
    rows["lift"], said_lifts = _flags(frame, columns.get("lift"), LIFT, file)
    managed, said_managed = _flags(frame, columns.get("managed"), MANAGED, file)
    company = columns.get("managing_company")
    rows["managed"] = managed.where(managed != "", managed_by(frame[company]) if company else "")
    findings += said_years + said_areas + said_lifts + said_managed
    beside = {
        columns[ours] for ours in ("building", "storeys", "lift", "managed", "existing") if ours in columns
    }
    used = {*columns.values(), *heading_of.values()} - beside
    left = frame[[h for h in frame.columns if h not in used]]
    left = left.rename(
        columns={
            h: f"{h}（原表）" for h in left.columns if h in {*COMMUNITY_COLUMNS, "community_id", "geometry"}
        }
    )
    typed = {c: t for c, t in COMMUNITY_COLUMNS.items() if c != "source_rows"}
    return pd.concat([rows.astype(typed)[["community_id", *typed]], left], axis=1), findings


def storeys_of(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.Series:
    """Return the number of storeys of each row, <NA> where unknown."""
    return _whole_numbers(frame, columns, "storeys", STOREY_UNITS)


def cell_notes(cells: pd.Series, values: pd.Series, notes: pd.Series, file: str) -> tuple[Finding, ...]:
    """Return a finding for each cell with a note, which is a key under findings.cleaning, "" for none."""
    noted = notes[notes != ""]
    return tuple(
        finding(f"cleaning.{note}", file, row, str(cells.name), text=text[:_NOTE_TEXTS], value=value)
        for row, note, text, value in zip(
            noted.index, noted, cells[noted.index], values[noted.index], strict=True
        )
    )


def summed_counts(community_id: pd.Series, counts: pd.DataFrame) -> pd.DataFrame:
    """Return count and count_status of each community from those of its parts.

    The sum is unknown as soon as one part is, and where it is zero; it is estimated as soon as one part is. A part of
    zero, a garage among the blocks, does not make the sum unknown.
    """
    ranks = counts["count_status"].map(COUNT_STATUSES.index).mask(counts["count"].eq(0).fillna(False), 0)
    by_community = counts["count"].groupby(community_id)
    sums = by_community.sum().where(by_community.count() == by_community.size())
    worst = ranks.groupby(community_id).max().map(dict(enumerate(COUNT_STATUSES)))
    status = worst.where(sums.gt(0).fillna(False), "unknown")
    return pd.DataFrame({"count": sums.astype("Int64"), "count_status": status.astype("str")})


def merge_rows(
    rows: pd.DataFrame, geometry: gpd.GeoSeries, *, file: str, building: pd.Series | None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return one row a community, by `community_id`: numbers summed, texts listed, outlines united.

    A count is unknown as soon as one part of it is; of points the one nearest their mean is the place. `building`,
    on the index of `rows`, is the building number of each row: their number is `buildings` where no column says it.
    """
    table = gpd.GeoDataFrame(rows, geometry=geometry.to_numpy(), crs=geometry.crs)
    source = pd.Series(rows.index.astype("str"), index=rows.index)
    table["source_rows"] = (file + ":" + source).astype("str")
    several = rows["community_id"].duplicated(keep=False)
    if not several.any():
        return _in_schema_order(table), ()
    parts = table[several]
    grouped = parts.groupby("community_id", sort=True)
    merged = pd.DataFrame(index=grouped.size().index)
    named = parts[parts["name"] != ""]
    most = named.groupby(["community_id", "name"]).size().rename("times").reset_index()
    most = most.sort_values(["times", "name"], ascending=[False, True], kind="stable").drop_duplicates(
        "community_id"
    )
    merged["name"] = most.set_index("community_id")["name"].reindex(merged.index, fill_value="")
    merged = merged.join(summed_counts(parts["community_id"], parts))
    for column in ("dwellings", "households", "owners", "floor_area_m2", "buildings"):
        merged[column] = grouped[column].sum(min_count=1)
    if building is not None:
        numbers = building[several].where(building[several] != "").groupby(parts["community_id"]).nunique()
        merged["buildings"] = numbers.where(numbers > 0).astype("Int64").fillna(merged["buildings"])
    merged["built_year"] = grouped["built_year"].min()
    taken = {*merged.columns, "geometry", "community_id", "source_rows"}
    for column in (c for c in parts.columns if c not in taken):
        merged[column] = _listed(parts["community_id"], parts[column])
    rows_of = grouped.groups
    for i, scope in merged["scope"].items():
        if scope not in SCOPES:
            raise DataError("cleaning.scopes_differ", file=file, id=i, rows=row_numbers(rows_of[i]))
    merged["source_rows"] = [f"{file}:{','.join(row_numbers(rows_of[i]))}" for i in merged.index]
    shapes = [_united(geometry.loc[rows_of[i]]) for i in merged.index]
    merged = merged.assign(geometry=gpd.GeoSeries(shapes, index=merged.index, crs=geometry.crs)).reset_index()
    findings = tuple(_merge_finding(i, parts.loc[rows_of[i]], file) for i in merged["community_id"])
    types = {c: t for c, t in table.dtypes.items() if c != "geometry"}
    both = pd.concat(
        [table[~several], gpd.GeoDataFrame(merged.astype(types), geometry="geometry", crs=table.crs)]
    )
    return _in_schema_order(both), findings


# --- reading -----------------------------------------------------------------------------------------


def is_merged_cell_count(raw: RawTable, heading: str) -> bool:
    """Return whether the column holds cells merged over several rows: one number for all of them (geo.reading)."""
    return any(f.code == "reading.merged_number" and f.column == heading for f in raw.findings)


def _judged(raw: RawTable, heading: str, community_id: pd.Series) -> pd.DataFrame:
    cells = raw.frame[heading]
    judged = read_numbers(cells)
    if not is_merged_cell_count(raw, heading):
        return judged
    # An empty cell under a merged one is not unknown: the number above speaks for the whole community.
    covered = (cells == "") & judged["value"].notna().groupby(community_id).transform("any")
    return judged.assign(
        value=judged["value"].mask(covered, 0),
        status=judged["status"].mask(covered, "surveyed"),
        note=judged["note"].mask(covered, ""),
    )


def _unknown_counts(index: pd.Index) -> pd.DataFrame:
    nothing = pd.array([pd.NA] * len(index), dtype="Int64")
    return pd.DataFrame({"value": nothing, "status": "unknown", "note": ""}, index=index)


def _count_findings(
    frame: pd.DataFrame, judged: pd.DataFrame, *, file: str, heading: str
) -> tuple[Finding, ...]:
    value, note = judged["value"], judged["note"]
    flags = note.mask((note == "") & value.between(1, TINY_COUNT).fillna(False), "count_tiny")
    flags = flags.mask((value > HUGE_COUNT).fillna(False), "count_huge")
    total = int(value.fillna(0).sum())
    # A sum row without a label equals all the others together; order-free, so wherever it stands.
    sums = (value * 2 == total).fillna(False) & (value > HUGE_COUNT // 1000)
    flags = flags.mask(sums & (value.notna().sum() > 3), "count_is_sum")
    return cell_notes(frame[heading], value, flags, file)


def _statuses(frame: pd.DataFrame, columns: Mapping[str, str], judged: pd.DataFrame) -> pd.Series:
    if "count_status" not in columns:
        return judged["status"]
    said = frame[columns["count_status"]].map(lambda text: STATUS_WORDS.get(squeeze(text), ""))
    return said.where((said != "") & judged["value"].notna(), judged["status"])


def _scopes(frame: pd.DataFrame, columns: Mapping[str, str], file: str) -> pd.Series:
    if "scope" not in columns:
        return pd.Series("to_group", index=frame.index, dtype="str")
    cells = frame[columns["scope"]]
    scopes = cells.map(lambda text: SCOPE_WORDS.get(squeeze(text), "")).mask(is_missing(cells), "to_group")
    for row in sorted(frame.index[scopes == ""])[:1]:
        words = tuple(w for w in SCOPE_WORDS if not w.isascii())
        raise DataError(
            "cleaning.bad_scope", file=file, row=row, column=columns["scope"], given=cells[row], known=words
        )
    return scopes


def _whole_numbers(frame: pd.DataFrame, columns: Mapping[str, str], ours: str, units: str) -> pd.Series:
    if ours not in columns:
        return pd.Series(pd.NA, index=frame.index, dtype="Int64")
    return read_numbers(frame[columns[ours]], units)["value"]


def _with_notes(
    frame: pd.DataFrame, heading: str | None, read: Callable[[pd.Series], pd.DataFrame], file: str
) -> tuple[pd.Series, tuple[Finding, ...]]:
    if heading is None:
        return pd.Series(pd.NA, index=frame.index, dtype="Float64"), ()
    answers = read(frame[heading])
    return answers["value"], cell_notes(frame[heading], answers["value"], answers["note"], file)


def _flags(
    frame: pd.DataFrame, heading: str | None, words: dict[str, set[str]], file: str
) -> tuple["pd.Series[str]", tuple[Finding, ...]]:
    if heading is None:
        return pd.Series("", index=frame.index, dtype="str"), ()
    read = read_flags(frame[heading], words)
    return read["value"], cell_notes(frame[heading], read["value"], read["note"], file)


# --- merging -----------------------------------------------------------------------------------------


def _listed(community_id: pd.Series, cells: pd.Series) -> pd.Series:
    """Return the distinct texts of each community, sorted and joined by "、"."""
    pairs = pd.DataFrame({"id": community_id, "text": cells.astype("str")}).drop_duplicates()
    filled = pairs[pairs["text"] != ""].sort_values(["id", "text"])
    return filled.groupby("id")["text"].agg("、".join).reindex(community_id.unique(), fill_value="")


def _united(geometry: gpd.GeoSeries) -> shapely.Geometry | None:
    there = geometry[geometry.notna()]
    outlines = there[there.geom_type != "Point"]
    if len(outlines):
        return shapely.normalize(shapely.union_all(outlines.to_numpy()))
    if not len(there):
        return None
    xy = representative_points(there)
    xy = xy[np.lexsort(xy.T)]
    nearest = np.argmin(np.hypot(*(xy - xy.mean(axis=0)).T))
    return shapely.Point(xy[nearest])


def _merge_finding(community_id: str, parts: pd.DataFrame, file: str) -> Finding:
    rows = sorted(parts.index)
    names = sorted(set(parts["name"]) - {""})
    code = "cleaning.rows_merged" if len(names) <= 1 else "cleaning.rows_merged_names"
    return finding(
        code,
        file,
        rows[0],
        id=community_id,
        rows=row_numbers(parts.index),
        number=len(rows),
        names=tuple(names),
    )


def _in_schema_order(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    indexed = table.set_index("community_id").sort_index()
    indexed["name"] = indexed["name"].mask(indexed["name"] == "", indexed.index.to_series())
    extra = [c for c in indexed.columns if c not in COMMUNITY_COLUMNS and c != "geometry"]
    return indexed[[*COMMUNITY_COLUMNS, *extra, "geometry"]].astype(COMMUNITY_COLUMNS)
