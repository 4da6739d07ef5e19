"""Which rows of a ledger are communities: the chosen ones, without sums, notes, repeated heads and numbered blanks."""

import re
from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.headings import COUNT_FIELDS, RUNNING_NUMBER_HEADINGS, find_count_columns, normalised
from geo.numbers import is_missing, squeeze
from geo.reading import RawTable
from geo.schema import DataError, Finding, finding

_SUM = re.compile(r".{0,12}?(合计|小计|总计|共计|累计):?[\d,.]*(户|套|栋|个)?|(sub)?total")
_NOTE = re.compile(
    r"[\(※*]*(注|备注|说明|填表|填报|制表|制单|审核|统计|数据来源|联系|单位负责)[^:]{0,8}:.*|[\(※]*注\d*[.、].*"
)
_PLACE_FIELDS = ("lon", "lat", "lonlat", "wkt")


def take_rows(raw: RawTable, rows: np.ndarray) -> RawTable:
    """Return the table with only these rows, given as a mask or as positions."""
    geometry = (
        None
        if raw.geometry is None
        else gpd.GeoSeries(raw.geometry.to_numpy()[rows], index=raw.frame.index[rows])
    )
    return replace(raw, frame=raw.frame.iloc[rows], geometry=geometry)


def row_texts(frame: pd.DataFrame) -> pd.Series:
    """Return all cells of each row as one text, to compare or to sort rows by."""
    cells = zip(*(frame[heading].to_list() for heading in frame.columns), strict=True)
    return pd.Series(
        ["\x1f".join(row) for row in cells] if frame.shape[1] else "", index=frame.index, dtype="str"
    )


def rows_where(raw: RawTable, where: tuple[tuple[str, str], ...]) -> tuple[RawTable, tuple[Finding, ...]]:
    """Return the rows that hold one of the values asked for in every column asked for.

    Raises DataError where a column is not in the table or no row is left.
    """
    if not where:
        return raw, ()
    wanted: dict[str, list[str]] = {}
    for column, value in where:
        if column not in raw.frame.columns:
            raise DataError(
                "cleaning.where_column", file=raw.file, column=column, headings=tuple(raw.frame.columns)
            )
        wanted.setdefault(column, []).append(value.strip())
    keep = np.ones(len(raw.frame), dtype=bool)
    for column, values in wanted.items():
        cells = raw.frame[column].str.strip()
        if not cells.isin(values).any():
            seen = tuple(sorted(cells.unique())[:10])
            raise DataError(
                "cleaning.where_value", file=raw.file, column=column, value=tuple(values), seen=seen
            )
        keep &= cells.isin(values).to_numpy()
    if not keep.any():
        raise DataError("cleaning.where_nothing", file=raw.file, columns=tuple(wanted))
    if keep.all():
        return raw, ()
    said = finding("cleaning.where", raw.file, column="、".join(wanted), kept=int(keep.sum()), rows=len(keep))
    return take_rows(raw, keep), (said,)


def community_rows(raw: RawTable, columns: Mapping[str, str]) -> tuple[RawTable, tuple[Finding, ...]]:
    """Return the rows that are communities, in an order that depends on their content alone, and a finding for each other.

    The rest are labelled sums, notes, repeated heads, and rows in which nothing identifies a community. Raises
    DataError where no row is left.
    """
    refused = _refusals(raw, columns)
    kept = take_rows(raw, (refused == "").to_numpy())
    if kept.frame.empty:
        raise DataError("cleaning.no_rows", file=raw.file)
    others = raw.frame[refused != ""]
    findings = tuple(
        finding(f"cleaning.{code}", raw.file, row, text=next((t for t in cells if t.strip()), "")[:40])
        for row, code, cells in zip(others.index, refused[others.index], others.to_numpy(), strict=True)
    )
    return _in_order_of_content(kept, columns), findings


def _refusals(raw: RawTable, columns: Mapping[str, str]) -> pd.Series:
    """Return, by row, the code of the finding with which it is refused, "" where it is a community."""
    frame = raw.frame
    empty = pd.DataFrame({heading: is_missing(frame[heading]) for heading in frame.columns})
    first_filled = (~empty).to_numpy().argmax(axis=1)
    first = pd.Series(frame.to_numpy(dtype=object)[np.arange(len(frame)), first_filled], index=frame.index)
    labels = [columns[c] for c in ("id", "name", "street_town", "committee") if c in columns]
    label_cells = [first, *(frame[h] for h in labels)]
    counts = list(find_count_columns(list(frame.columns), taken=set())) + [
        columns[c] for c in COUNT_FIELDS if c in columns
    ]
    telling = labels[: len([c for c in ("id", "name") if c in columns])] + counts
    telling += [columns[c] for c in (*_PLACE_FIELDS, "address", "building") if c in columns]
    shapes = np.full(len(frame), None) if raw.geometry is None else raw.geometry.to_numpy()
    has_shape = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))

    is_sum = pd.concat([c.map(lambda t: bool(_SUM.fullmatch(squeeze(t)))) for c in label_cells], axis=1).any(
        axis=1
    )
    is_note = first.map(lambda t: bool(_NOTE.fullmatch(squeeze(t)))) & ((~empty).sum(axis=1) <= 2)
    is_head = (frame == pd.Series(frame.columns, index=frame.columns)).sum(axis=1) >= 2
    blank = empty.all(axis=1) & ~has_shape
    # A single cell outside the telling columns is a remark below the table or a number prepared for a row to come.
    nothing = (empty[telling].all(axis=1) if telling else blank) & ~has_shape
    codes = {
        "row_blank": blank,
        "row_sum": is_sum,
        "row_note": is_note,
        "row_head": is_head,
        "row_nothing": nothing,
    }
    refused = pd.Series("", index=frame.index, dtype="str")
    for code, mask in codes.items():
        refused = refused.mask((refused == "") & mask, code)
    return refused


def _in_order_of_content(raw: RawTable, columns: Mapping[str, str]) -> RawTable:
    # Everything after this is blind to the order of rows in the file: the same content gives the same result.
    # Counts and running numbers come last, so that repeated names keep their numbers when a count is corrected.
    frame = raw.frame
    counts = set(find_count_columns(list(frame.columns), taken=set())) | {
        columns[c] for c in COUNT_FIELDS if c in columns
    }
    first = [
        columns[c]
        for c in ("id", "name", "address", "street_town", "committee", "building", *_PLACE_FIELDS)
        if c in columns
    ]
    running = [h for h in frame.columns if normalised(h) in RUNNING_NUMBER_HEADINGS]
    rest = [h for h in frame.columns if h not in {*first, *counts, *running}]
    order = [*dict.fromkeys(first), *rest, *sorted(counts - set(first)), *running]
    keys = row_texts(frame[order])
    if raw.geometry is not None:
        keys = keys + "\x1f" + raw.geometry.to_wkb(hex=True).fillna("").astype("str")
    return take_rows(raw, np.argsort(keys.to_numpy(dtype=object), kind="stable"))


def row_numbers(rows: pd.Index) -> tuple[str, ...]:
    """Return the numbers of rows as they are told, the first first."""
    return tuple(str(row) for row in sorted(rows))
