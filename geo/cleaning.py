"""Raw tables to clean communities: what is used, what is refused and why, what each number means."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Literal

import geopandas as gpd
import pandas as pd

from geo.buildings import buildings_of_rows, join_buildings, with_counts_of
from geo.coordinates import Boundary, system_of_option
from geo.doubts import doubtful_places
from geo.headings import COUNT_FIELDS, RESIDENT_HEADINGS, Fields, find_columns, find_count_columns, normalised
from geo.identity import identify
from geo.joining import Side, join_outlines
from geo.ledger import merge_rows, typed_rows
from geo.numbers import is_missing, read_numbers
from geo.places import Places, places_of, to_metres, without_place
from geo.reading import RawTable
from geo.rows import community_rows, rows_where, take_rows
from geo.schema import COMMUNITY_COLUMNS, DataError, Finding, check_columns, finding


@dataclass(frozen=True)
class CleaningOptions:
    """What the planner says of a ledger.

    `crs` is "auto", "gcj02", "bd09" or "EPSG:n"; `where` pairs of column and value; `unknown` what an unknown count
    becomes: "hold" (it stays unknown), "median" of the known ones, or a number. `boundary` may prove a coordinate
    system. Raises DataError for a crs or an unknown that is none of these.
    """

    fields: Fields = field(default_factory=Fields)
    crs: str = "auto"
    where: tuple[tuple[str, str], ...] = ()
    unknown: Literal["hold", "median"] | int = "hold"
    boundary: Boundary | None = None

    def __post_init__(self) -> None:
        """Refuse what no ledger can satisfy."""
        system_of_option(self.crs)
        if self.unknown not in ("hold", "median") and not (
            isinstance(self.unknown, int) and self.unknown >= 1
        ):
            raise DataError("cleaning.bad_unknown", given=self.unknown)


@dataclass(frozen=True)
class Cleaned:
    """Communities (schema.COMMUNITY_COLUMNS, then what else the source has, as text), buildings, findings of cleaning.

    `rows_in` are the rows that --where left; each is used or refused, and each refused one has a finding. `columns`
    is the source heading by our field.
    """

    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame | None
    findings: tuple[Finding, ...]
    count_heading: str
    rows_in: int
    rows_used: int
    rows_refused: int
    columns: dict[str, str]


def clean(
    raw: RawTable,
    options: CleaningOptions | None = None,
    *,
    buildings: RawTable | None = None,
    outlines: RawTable | None = None,
) -> Cleaned:
    """Return the communities of a ledger or layer, with the outlines and buildings that belong to them.

    Geometry is in metres (coordinates.metric_crs); without any place it has no CRS. Raises DataError where a column,
    an option or the coordinate system is wrong or missing, naming file, row, column and remedy.
    """
    options = options or CleaningOptions()
    columns, counts = _columns(raw, options.fields, buildings)
    chosen, said_where = rows_where(raw, options.where)
    rows, said_rows = community_rows(chosen, columns)
    identity = identify(rows, columns, id_given="id" in options.fields.given)
    used = take_rows(rows, ~rows.frame.index.isin(identity.repeats))
    heading = _count_heading(used, columns, counts, buildings)
    typed, said_cells = typed_rows(used, columns, counts, identity, count_heading=heading)
    places = _places(used, columns, typed, outlines, options)
    building = used.frame[columns["building"]].str.strip() if "building" in columns else None
    communities, said_merged = merge_rows(typed, places.geometry, file=raw.file, building=building)
    first_rows = communities["source_rows"].str.extract(r":(\d+)[^:]*$")[0].astype("int64")
    doubts = doubtful_places(communities.geometry.set_axis(first_rows), file=raw.file)
    table: gpd.GeoDataFrame | None = None
    said_buildings: tuple[Finding, ...] = ()
    if buildings is not None:
        judged = counts.get(heading, "count") if heading else ""
        joined = join_buildings(buildings, communities, fields=options.fields, judged=judged, crs=options.crs)
        table, said_buildings = joined.table, joined.findings
        communities = communities if heading else with_counts_of(communities, joined)
        heading = heading or joined.heading
    elif said_merged and "building" in columns:
        table = buildings_of_rows(used, columns, typed, places.geometry, count_heading=heading)
    communities, said_unknown = unknown_filled(communities, options.unknown, file=raw.file, column=heading)
    check_columns(communities, COMMUNITY_COLUMNS, "communities")
    said = (said_where, said_rows, identity.findings, said_cells, places.findings, said_merged, doubts)
    findings = chain(*said, said_buildings, said_unknown)
    return Cleaned(
        communities=communities,
        buildings=table,
        findings=_in_order(findings, raw, outlines, buildings),
        count_heading=heading,
        rows_in=len(chosen.frame),
        rows_used=len(used.frame),
        rows_refused=len(chosen.frame) - len(used.frame),
        columns=columns,
    )


def unknown_filled(
    communities: gpd.GeoDataFrame, unknown: Literal["hold", "median"] | int, *, file: str, column: str
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return communities with unknown counts filled as asked; a count of 0 was said by the source and stays."""
    blank = communities["count"].isna()
    if unknown == "hold" or not blank.any():
        return communities, ()
    known = communities.loc[communities["count"].gt(0).fillna(False), "count"]
    if unknown == "median" and known.empty:
        raise DataError("cleaning.no_median", file=file, column=column)
    value = int(known.median()) if unknown == "median" else int(unknown)
    filled = communities.assign(
        count=communities["count"].mask(blank, value),
        count_status=communities["count_status"].mask(blank, "estimated"),
    )
    said = finding("cleaning.unknown_filled", file, column=column, number=int(blank.sum()), value=value)
    return filled, (said,)


def _columns(
    raw: RawTable, fields: Fields, buildings: RawTable | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the source heading by our field, and our count field by source heading."""
    headings, given = list(raw.frame.columns), dict(fields.given)
    asked = given.get("count", "")
    if normalised(asked) in RESIDENT_HEADINGS:
        raise DataError("cleaning.resident_count", file=raw.file, column=asked)
    if buildings is not None and asked not in headings and asked in buildings.frame.columns:
        del given["count"]  # the count is that of the buildings
    columns = find_columns(headings, replace(fields, given=given), file=raw.file)
    others = {heading for ours, heading in columns.items() if ours not in COUNT_FIELDS}
    counts = find_count_columns(headings, taken=others)
    return columns, {**counts, **{columns[ours]: ours for ours in COUNT_FIELDS[1:] if ours in columns}}


def _count_heading(
    raw: RawTable, columns: dict[str, str], counts: dict[str, str], buildings: RawTable | None
) -> str:
    """Return the heading of the count that is judged; "" where the buildings have to give it."""
    if "count" in columns:
        return _refused_text(raw, columns["count"])
    known = [h for h in counts if read_numbers(raw.frame[h])["value"].gt(0).any()]
    candidates = known or list(counts)
    if len(candidates) > 1:
        raise DataError(
            "cleaning.several_counts", file=raw.file, headings=tuple(candidates), first=candidates[0]
        )
    if not known and buildings is not None:
        return ""
    if not candidates:
        raise DataError("cleaning.no_count", file=raw.file, headings=tuple(raw.frame.columns))
    return candidates[0]


def _refused_text(raw: RawTable, heading: str) -> str:
    """Return the heading the planner chose; a column of words alone was chosen by mistake."""
    filled = raw.frame[heading][~is_missing(raw.frame[heading])]
    if len(filled) and not filled.str.contains(r"\d").any():
        raise DataError(
            "cleaning.count_of_words",
            file=raw.file,
            row=filled.index.min(),
            column=heading,
            text=filled[filled.index.min()][:40],
        )
    return heading


def _places(
    raw: RawTable,
    columns: dict[str, str],
    typed: pd.DataFrame,
    outlines: RawTable | None,
    options: CleaningOptions,
) -> Places:
    """Return where the rows are, in metres: their outline where one is joined, else their own place."""
    own = places_of(raw, columns, crs=options.crs, boundary=options.boundary)
    geometry, findings = own.geometry, own.findings
    if outlines is not None:
        outline_columns = find_columns(list(outlines.frame.columns), Fields(), file=outlines.file)
        crs = "auto" if outlines.crs_declared else options.crs
        drawn = places_of(outlines, outline_columns, crs=crs, boundary=options.boundary)
        ledger, layer = Side(raw, columns), Side(outlines, outline_columns)
        joined, said = join_outlines(ledger, layer, ids=typed["community_id"], geometry=drawn.geometry)
        if joined.crs is not None:  # else the layer has no outline that can be used, and no CRS
            points = geometry if geometry.crs is None else geometry.to_crs(joined.crs)
            geometry = joined.where(joined.notna(), points)
        findings = (*findings, *drawn.findings, *said)
    metric = to_metres(Places(geometry, findings), file=raw.file)
    return replace(metric, findings=(*metric.findings, *without_place(metric.geometry, findings, raw.file)))


def _in_order(findings: Iterable[Finding], *tables: RawTable | None) -> tuple[Finding, ...]:
    """Return findings by table in the order given, then by row: the same whatever the order of rows in the file."""
    position = {table.file: i for i, table in enumerate(tables) if table is not None}
    return tuple(sorted(findings, key=lambda f: (position[f.file], f.row or 0, f.code, f.column)))
