"""Layers of map files to attributes, outlines and the coordinate system they declare: what GDAL reads for us."""

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from geo.dbf import DbfEncodingError, DbfError, read_dbf
from geo.drivers import check_drivers
from geo.schema import DataError, Finding, finding
from geo.texts import cell_text, is_long_number

_STYLES = "layer_styles"  # where QGIS keeps colours inside a GeoPackage


# pyogrio's own errors are of the first two; it stumbles into the third where the name of a system is not UTF-8.
_BROKEN = (RuntimeError, ValueError, UnboundLocalError)


@dataclass(frozen=True)
class Layer:
    """Attributes as columns of text and outlines (None where a feature has none), feature by feature.

    `geometry` is None for a table without outlines. `crs` is what the file declares; `declared` is False where only the
    standard of the format says it.
    """

    headings: Sequence[str]
    columns: Sequence[Sequence[str]]
    geometry: npt.NDArray[np.object_] | None
    crs: pyproj.CRS | None
    declared: bool
    findings: tuple[Finding, ...] = ()


# --- through GDAL: geopackages, geodatabases and the outlines of shapefiles ---------------------------


def names_inside(path: Path, /, *, file: str) -> list[str]:
    """Return the layers of a GeoPackage or geodatabase, without the table of styles; raises DataError if broken."""
    import pyogrio

    check_drivers()
    try:
        with warnings.catch_warnings(action="ignore"):  # reading will say it again
            found = pyogrio.list_layers(path)
    except _BROKEN as error:
        raise DataError("reading.layer_broken", file=file) from error
    return [str(name) for name in found[:, 0] if name != _STYLES]


def read_inside(path: Path, /, *, layer: str, file: str) -> Layer:
    """Read one layer of a GeoPackage or geodatabase; raises DataError where it is broken."""
    meta, geometry, columns, said = _gdal(path, layer=layer, file=file)
    texts, findings = [], list(said)
    for heading, values in zip(meta["fields"], columns, strict=True):
        cells = values.tolist() if values.dtype.kind in "biuf" else list(values)
        texts.append([_gdal_text(v) for v in cells])
        rounded = [i for i, v in enumerate(cells, 1) if is_long_number(v)]
        if rounded:
            findings.append(
                finding("reading.long_number", file, rounded[0], str(heading), cells=len(rounded))
            )
    outlines, broken = (None, ()) if geometry is None else _outlines(geometry, file=file)
    crs = declared_crs(meta["crs"])
    return Layer(
        [str(h) for h in meta["fields"]], texts, outlines, crs, crs is not None, (*findings, *broken)
    )


def read_shapefile(path: Path, /, *, file: str) -> Layer:
    """Read a shapefile that stands beside its parts; raises DataError where it is broken or its text is unreadable."""
    page = path.with_suffix(".cpg")
    table_path = path.with_suffix(".dbf")
    try:
        table = read_dbf(table_path, code_page=page.read_text("ascii", "ignore") if page.exists() else "")
    except DbfError as error:
        raise DataError("reading.layer_broken", file=file) from error
    except DbfEncodingError as error:
        raise DataError("reading.shape_encoding", file=file) from error
    if _is_cut_short(path):
        raise DataError("reading.layer_broken", file=file)
    table_path.unlink()  # the private copy: GDAL shall see the outlines alone, deleted records among them
    _make_readable(path.with_suffix(".prj"))
    meta, geometry, _, said = _gdal(path, layer=None, file=file)
    if geometry is None or len(geometry) != table.records:
        raise DataError("reading.layer_broken", file=file)
    outlines, broken = _outlines(geometry[table.kept], file=file)
    crs = declared_crs(meta["crs"])
    findings = [*said, *broken]
    if table.encoding != (table.announced or "utf-8"):
        findings.append(finding("reading.shape_encoding", file, encoding=table.encoding.upper()))
    return Layer(table.headings, table.columns, outlines, crs, crs is not None, tuple(findings))


def _make_readable(projection: Path) -> None:
    """Rewrite the private copy of a .prj in UTF-8: Chinese names of systems come in GBK, and GDAL takes nothing else."""
    if projection.exists():
        data = projection.read_bytes()
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            projection.write_text(data.decode("gb18030", "replace"), encoding="utf-8")


def _is_cut_short(path: Path) -> bool:
    """Say whether a .shp ends before the length its head announces (in words of two bytes); GDAL would shrug."""
    with path.open("rb") as stream:
        head = stream.read(28)
    return path.stat().st_size < 2 * int.from_bytes(head[24:28], "big")


def _gdal(
    path: Path, *, layer: str | None, file: str
) -> tuple[Mapping[str, Any], npt.NDArray[np.object_] | None, Sequence[npt.NDArray[Any]], list[Finding]]:
    from pyogrio.raw import read

    check_drivers()
    try:
        with warnings.catch_warnings(record=True, action="always") as caught:
            meta, _, geometry, columns = read(path, layer=layer, force_2d=True, datetime_as_string=True)
    except _BROKEN as error:
        raise DataError("reading.layer_broken", file=file) from error
    said = dict.fromkeys(str(w.message) for w in caught)
    return meta, geometry, columns, [finding("reading.gdal_said", file, said=text) for text in said]


def _outlines(
    wkb: npt.NDArray[np.object_], *, file: str
) -> tuple[npt.NDArray[np.object_], tuple[Finding, ...]]:
    """Return geometries; one that cannot be read is None, and said. Rings left open are closed."""
    with np.errstate(invalid="ignore"):
        outlines = shapely.from_wkb(wkb, on_invalid="fix")
    return legible(outlines, [w is not None for w in wkb], file=file)


def legible(
    outlines: npt.NDArray[np.object_], drawn: Sequence[bool], *, file: str
) -> tuple[npt.NDArray[np.object_], tuple[Finding, ...]]:
    """Return geometries with None for those with a corner that is no number, which GEOS does not survive.

    A finding for each feature that was drawn but whose outline could not be read.
    """
    corners, owner = shapely.get_coordinates(outlines, return_index=True)
    outlines = outlines.copy()
    outlines[owner[~np.isfinite(corners).all(axis=1)]] = None
    lost = np.flatnonzero(shapely.is_missing(outlines) & np.asarray(drawn, bool))
    return outlines, tuple(finding("reading.outline_broken", file, int(i) + 1) for i in lost)


def _gdal_text(value: object) -> str:
    """Return a cell of GDAL as text; date-times come as ISO text, a date's midnight is dropped."""
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else str(value.astype("datetime64[D]"))
    text = cell_text(value)
    return re.sub(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d).*", r"\1 \2", text).removesuffix(" 00:00:00")


def declared_crs(text: str | None) -> pyproj.CRS | None:
    """Return a coordinate system from its name or definition, None where there is none or PROJ does not know it."""
    if not text:
        return None
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return None
