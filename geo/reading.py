"""Ledgers and layers as offices deliver them, to raw tables: every cell text, nothing guessed."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from geo.delimited import read_delimited
from geo.geojson import read_geojson
from geo.heads import find_head, frame_of, unique_headings
from geo.intake import Admitted, admitted
from geo.kml import read_kml
from geo.layers import Layer, names_inside, read_inside, read_shapefile
from geo.personal import without_personal
from geo.schema import DataError, Finding, finding
from geo.texts import clean_text
from geo.wording import say
from geo.workbooks import Grid, read_workbook

WORKBOOK_KINDS = frozenset({"xlsx", "xls"})
LEDGER_KINDS = WORKBOOK_KINDS | {"text"}
LAYERED_KINDS = frozenset({"gpkg", "gdb"})


@dataclass(frozen=True)
class RawTable:
    """One table as it lay in the file.

    `file` is what people see: "台账.xlsx[Sheet1]", brackets only where the file holds several sheets or layers.
    `frame` has the headings as columns (unique) and text in every cell, "" where empty; its index "row" is the row
    as the planner's own program shows it (1 = first line of a sheet), for a layer the number of the feature from 1.
    `geometry` has the same index and carries no CRS of its own; None for a ledger.
    `crs` is what the file declares. GeoJSON and KML without a word about it are EPSG:4326 by their standards, but
    Chinese files often hold shifted coordinates all the same: then `crs_declared` is False.
    """

    file: str
    frame: pd.DataFrame
    geometry: gpd.GeoSeries | None
    crs: pyproj.CRS | None
    crs_declared: bool
    findings: tuple[Finding, ...]


def read_table(path: Path, /, *, layer: str | None = None) -> RawTable:
    """Read a ledger or a layer, whichever the content of the file is; `layer` names a sheet or layer of several.

    Raises DataError naming the file and the remedy, as read_ledger and read_layer do.
    """
    with admitted(path) as source:
        return _ledger(source, layer) if source.kind in LEDGER_KINDS else _layer(source, layer)


def read_ledger(path: Path, /, *, sheet: str | None = None) -> RawTable:
    """Read a ledger: csv (UTF-8, GB18030, UTF-16; comma, tab or semicolon; .gz too), xlsx or xls.

    The head may stand below titles, have two levels and merged cells; merged words are repeated in each of their rows.
    Personal columns are left out. Raises DataError where the file is not a ledger or holds several and `sheet` names none.
    """
    with admitted(path) as source:
        if source.kind not in LEDGER_KINDS:
            raise DataError("reading.not_a_ledger", file=source.file)
        return _ledger(source, sheet)


def read_layer(path: Path, /, *, layer: str | None = None) -> RawTable:
    """Read a layer: gpkg, shapefile (zipped or beside its parts), geojson (.gz too), kml or a zipped .gdb.

    Outlines are plane, None where a feature has none. Raises DataError where the file is not a layer or holds several
    and `layer` names none.
    """
    with admitted(path) as source:
        if source.kind in LEDGER_KINDS:
            raise DataError("reading.not_a_layer", file=source.file)
        return _layer(source, layer)


def layer_names(path: Path, /) -> list[str]:
    """Return what `layer` may name: the visible sheets with anything in them, or the layers; one name at least."""
    with admitted(path) as source:
        if source.kind in WORKBOOK_KINDS:
            sheets, hidden = read_workbook(source.path, file=source.file, packed=source.kind == "xlsx")
            return [n for n, grid in sheets.items() if n not in hidden and not grid.blank]
        if source.kind in LAYERED_KINDS:
            return names_inside(source.path, file=source.file)
        return list(source.layers)


# --- ledgers ---------------------------------------------------------------------------------------


def _ledger(source: Admitted, sheet: str | None) -> RawTable:
    if source.kind in WORKBOOK_KINDS:
        file, grid, said = _chosen_sheet(source, sheet)
    else:
        _chosen(list(source.layers), sheet, file=source.file)
        file = source.file
        grid, said = read_delimited(source.path.read_bytes(), file=file)
    frame, repaired = frame_of(grid, file=file)
    frame, left_out = without_personal(frame, file=file)
    return RawTable(file, frame, None, None, crs_declared=False, findings=(*said, *repaired, *left_out))


def _chosen_sheet(source: Admitted, sheet: str | None) -> tuple[str, Grid, tuple[Finding, ...]]:
    """Return the sheet asked for, or the only one that holds a table, with the name people know it by."""
    sheets, hidden = read_workbook(source.path, file=source.file, packed=source.kind == "xlsx")
    filled = [n for n, grid in sheets.items() if not grid.blank]
    if sheet is not None:
        name = _chosen(list(sheets), sheet, file=source.file)
    else:
        shown = [n for n in filled if n not in hidden]
        if not shown:
            raise DataError("reading.blank", file=source.file)
        tables = [n for n in shown if _holds_table(sheets[n])]
        name = _chosen(tables if len(tables) == 1 else shown, None, file=source.file)
    file = f"{source.file}[{name}]" if len(sheets) > 1 else source.file
    unread = [n for n in filled if n in hidden and n != name]
    return file, sheets[name], tuple(finding("reading.hidden_sheet", f"{source.file}[{n}]") for n in unread)


def _holds_table(grid: Grid) -> bool:
    head = find_head(grid)
    return head is not None and any(any(row) for row in grid.rows[head.bottom + 1 :])


def _chosen(names: list[str], wanted: str | None, *, file: str) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted in names:
        return wanted
    code = "reading.layer_several" if wanted is None else "reading.layer_missing"
    raise DataError(code, file=file, given=wanted, layers=tuple(names))


# --- layers ----------------------------------------------------------------------------------------


def _layer(source: Admitted, wanted: str | None) -> RawTable:
    names = (
        names_inside(source.path, file=source.file) if source.kind in LAYERED_KINDS else list(source.layers)
    )
    if not names:
        raise DataError("reading.no_rows", file=source.file, row=0)
    name = _chosen(names, wanted, file=source.file)
    file = f"{source.file}[{name}]" if len(names) > 1 else source.file
    layer = _read_one(source, name, file=file)
    rows = len(layer.columns[0]) if layer.geometry is None and layer.columns else 0
    index = pd.RangeIndex(1, 1 + (rows if layer.geometry is None else len(layer.geometry)), name="row")
    if index.empty:
        raise DataError("reading.no_features", file=file)
    headings = unique_headings(
        [clean_text(h) or say("errors.reading.unnamed", column=j + 1) for j, h in enumerate(layer.headings)]
    )
    columns = {h: pd.Series(c, index, dtype="str") for h, c in zip(headings, layer.columns, strict=True)}
    frame, left_out = without_personal(pd.DataFrame(columns, index), file=file)
    outlines = None if layer.geometry is None else gpd.GeoSeries(layer.geometry, index)
    return RawTable(file, frame, outlines, layer.crs, layer.declared, (*layer.findings, *left_out))


def _read_one(source: Admitted, name: str, *, file: str) -> Layer:
    match source.kind:
        case "shp":
            return read_shapefile(source.layers[name], file=file)
        case "geojson":
            return read_geojson(source.path, file=file)
        case "kml":
            return read_kml(source.path, file=file)
        case _:
            return read_inside(source.path, layer=name, file=file)
