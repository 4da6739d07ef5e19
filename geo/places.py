"""Where the rows of a table are: points and outlines from its geometry or its columns, repaired, checked, in a true CRS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.coordinates import (
    EARTH_RADIUS_M,
    Boundary,
    System,
    degrees_of,
    in_china,
    metric_crs,
    recognise,
    representative_points,
    true_geometry,
)
from geo.numbers import is_missing, read_coordinates
from geo.reading import RawTable
from geo.schema import Finding, finding
from geo.wording import say

LARGEST_NUMBER = 1e8  # no coordinate of any system used in China is larger, zone prefix included
WIDEST_OUTLINE_M = 100_000.0  # no community is as wide, and links are sampled along all of its rim
FAR_AT_LEAST_M = 20_000.0
FAR_TIMES_MEDIAN = 8.0

# Two numbers in one cell, whatever stands around and between them: "107.41,29.69", "(107.41 29.69)", "E107.4° N29.6°".
_PAIR = r"^[^\d.+-]*([+-]?\d+(?:\.\d+)?)[^\d.+-]+([+-]?\d+(?:\.\d+)?)[^\d.]*$"

_KINDS_USED = (shapely.GeometryType.POINT, shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True)
class Places:
    """Geometry of every row in a true CRS (None where a row has no place; no CRS where no row has one)."""

    geometry: gpd.GeoSeries
    findings: tuple[Finding, ...]


def places_of(
    raw: RawTable, columns: Mapping[str, str], *, crs: str = "auto", boundary: Boundary | None = None
) -> Places:
    """Return where the rows are, from the geometry, a WKT column, two columns or one column "lon,lat", in this order.

    Raises DataError where the coordinate system is neither declared nor given nor proven (coordinates.recognise).
    """
    geometry, column, findings = _read_geometry(raw, columns)
    geometry, repairs = _sound(geometry, file=raw.file, column=column)
    findings += repairs
    if geometry.isna().all():
        return Places(geometry, findings)
    xy = representative_points(geometry)
    there = np.isfinite(xy).all(axis=1)
    declared, said_standard = declared_crs(raw, option=crs, proof=boundary is not None)
    system, said = recognise(xy[there], file=raw.file, declared=declared, option=crs, boundary=boundary)
    geometry = true_geometry(geometry, system)
    if system.crs.is_geographic:
        geometry, repairs = _rows_in_order(geometry, file=raw.file, column=column)
        findings += repairs
    else:
        geometry, lost = _on_earth(geometry, file=raw.file, column=column)
        findings += lost
    geometry, refused = _not_endless(geometry, file=raw.file, column=column)
    findings += refused
    return Places(geometry, (*findings, *said_standard, *said))


def declared_crs(raw: RawTable, *, option: str, proof: bool) -> tuple[pyproj.CRS | None, tuple[Finding, ...]]:
    """Return the CRS that holds for a file unless an option says otherwise, and what to say of it.

    GeoJSON and KML are WGS-84 by their standards (RFC 7946; OGC 12-007r2) though many Chinese files are not: their
    silence counts as a declaration, said aloud, unless a boundary is there to prove it.
    """
    if raw.crs_declared or raw.crs is None or option != "auto":
        return raw.crs, ()
    return (None, ()) if proof else (raw.crs, (finding("coordinates.by_standard", raw.file),))


def to_metres(places: Places, *, file: str) -> Places:
    """Return the places in a metric CRS chosen for them (coordinates.metric_crs), saying so where it is another."""
    geometry = places.geometry
    if geometry.isna().all():
        return Places(gpd.GeoSeries(geometry.to_numpy(), index=geometry.index), places.findings)
    xy = representative_points(geometry)
    lon, lat = degrees_of(xy[np.isfinite(xy).all(axis=1)], System(geometry.crs))
    near = ~far_away_m(lon, lat)[0]
    target = metric_crs(geometry.crs, lon[near], lat[near])
    if target == geometry.crs:
        return places
    target_label = System(target).label
    width = float(np.ptp(lon[near]))
    if target.to_epsg() is None:
        said = finding("coordinates.projected_wide", file, width_degrees=f"{width:.0f}", target=target_label)
    else:
        said = finding("coordinates.projected", file, source=System(geometry.crs).label, target=target_label)
    return Places(geometry.to_crs(target), (*places.findings, said))


def far_away_m(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which places lie far from all the rest, and the distance of each to the median place in metres, shape (n,).

    Far is more than 20 km and more than eight times the median distance; of fewer than four places none is.
    """
    if len(lon) < 4:
        return np.zeros(len(lon), dtype=bool), np.zeros(len(lon))
    middle_lon, middle_lat = np.median(lon), np.median(lat)
    east = np.radians(lon - middle_lon) * np.cos(np.radians(middle_lat))
    distances_m = EARTH_RADIUS_M * np.hypot(east, np.radians(lat - middle_lat))
    limit_m = max(FAR_AT_LEAST_M, FAR_TIMES_MEDIAN * float(np.median(distances_m)))
    return distances_m > limit_m, distances_m


def without_place(geometry: gpd.GeoSeries, findings: tuple[Finding, ...], file: str) -> tuple[Finding, ...]:
    """Return a finding for each row without a place of which `findings` do not yet speak; one if no row has any."""
    missing = geometry.index[geometry.isna()]
    if len(missing) == len(geometry):
        return (finding("coordinates.no_places", file),)
    spoken = {f.row for f in findings if f.file == file and f.code.startswith("coordinates.")}
    return tuple(finding("coordinates.no_place", file, row) for row in sorted(set(missing) - spoken))


# --- reading -----------------------------------------------------------------------------------------


def _read_geometry(
    raw: RawTable, columns: Mapping[str, str]
) -> tuple[gpd.GeoSeries, str, tuple[Finding, ...]]:
    """Return geometry in the numbers of the file, the heading it came from, and cells that could not be read."""
    frame = raw.frame
    if raw.geometry is not None:
        return gpd.GeoSeries(raw.geometry.to_numpy(), index=frame.index), "", ()
    used = [
        (read, [columns[c] for c in ours])
        for ours, read in ((("wkt",), _read_wkt), (("lon", "lat"), _read_axes), (("lonlat",), _read_pairs))
        if all(c in columns for c in ours)
    ]
    findings: tuple[Finding, ...] = ()
    for read, headings in used:
        filled = ~pd.concat([is_missing(frame[h]) for h in headings], axis=1).all(axis=1)
        column = "、".join(headings)
        geometry = gpd.GeoSeries(read(frame[headings]), index=frame.index)
        bad = frame.index[filled & geometry.isna()]
        texts = frame.loc[bad, headings].agg("、".join, axis=1) if len(bad) else []
        findings += tuple(
            finding("coordinates.unreadable", raw.file, row, column, text=text[:40])
            for row, text in zip(bad, texts, strict=True)
        )
        # A column of another meaning under this heading must not hide the others.
        if not shapely.is_missing(geometry.to_numpy()).all():
            return geometry, column, findings
    return gpd.GeoSeries([None] * len(frame), index=frame.index, dtype="geometry"), "", findings


def _read_wkt(cells: pd.DataFrame) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # corners that are no numbers: _sound refuses them
        return shapely.from_wkt(cells.iloc[:, 0].to_numpy(dtype=object), on_invalid="ignore")


def _read_axes(cells: pd.DataFrame) -> np.ndarray:
    return _points(read_coordinates(cells.iloc[:, 0]), read_coordinates(cells.iloc[:, 1]))


def _read_pairs(cells: pd.DataFrame) -> np.ndarray:
    # NFKC would be enough for the numbers, but white space may be all that separates them.
    plain = cells.iloc[:, 0].str.normalize("NFKC")
    pairs = plain.str.extract(_PAIR).astype("float64")
    return _points(pairs[0].to_numpy(), pairs[1].to_numpy())


def _points(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    points = np.full(len(x), None, dtype=object)
    there = ~(np.isnan(x) | np.isnan(y))
    points[there] = shapely.points(x[there], y[there])
    return points


# --- repairing ---------------------------------------------------------------------------------------


def _sound(geometry: gpd.GeoSeries, *, file: str, column: str) -> tuple[gpd.GeoSeries, tuple[Finding, ...]]:
    """Return points, polygons and multipolygons that are valid and on earth; None for the rest, with a finding each."""
    shapes = shapely.force_2d(geometry.to_numpy().astype(object))
    rows = geometry.index
    findings: list[Finding] = []

    def refuse(mask: np.ndarray, code: str, **values: np.ndarray) -> None:
        for i in np.flatnonzero(mask):
            said: dict[str, Any] = {key: each[i] for key, each in values.items()}
            findings.append(finding(f"coordinates.{code}", file, int(rows[i]), column, **said))
        shapes[mask] = None

    refuse(~shapely.is_missing(shapes) & shapely.is_empty(shapes), "empty")
    bounds = shapely.bounds(shapes)
    there = ~shapely.is_missing(shapes)
    corners, owner = shapely.get_coordinates(shapes, return_index=True)
    wrong = ~(np.isfinite(bounds) & (np.abs(bounds) <= LARGEST_NUMBER))
    wrong[owner[np.isnan(corners).any(axis=1)]] = True  # bounds pass over corners that are no numbers
    shown = np.where(wrong[:, :2], bounds[:, :2], bounds[:, 2:])
    refuse(there & wrong.any(axis=1), "impossible", x=_short(shown[:, 0]), y=_short(shown[:, 1]))
    refuse(~shapely.is_missing(shapes) & (bounds == 0).all(axis=1), "nowhere")

    kinds = shapely.get_type_id(shapes)
    single = (kinds == shapely.GeometryType.MULTIPOINT) & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)
    shapes[broken] = [_polygons_of(shape) for shape in shapely.make_valid(shapes[broken])]
    flat = broken & shapely.is_empty(shapes)
    findings.extend(finding("coordinates.repaired", file, row, column) for row in rows[broken & ~flat])
    refuse(flat, "no_area")

    kinds = shapely.get_type_id(shapes)
    words = np.array([say(f"findings.coordinates.kinds.{shapely.GeometryType(k).name}") for k in kinds])
    refuse(~shapely.is_missing(shapes) & ~np.isin(kinds, _KINDS_USED), "not_an_outline", kind=words)
    return gpd.GeoSeries(shapes, index=rows), tuple(findings)


def _short(numbers: np.ndarray) -> np.ndarray:
    return np.array([f"{number:.6g}" for number in numbers])


def _polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of what make_valid left, which may hold stray lines and points; empty where there are none."""
    parts = shapely.get_parts(shapely.get_parts(shape))  # of collections of multipolygons
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _rows_in_order(
    geometry: gpd.GeoSeries, *, file: str, column: str
) -> tuple[gpd.GeoSeries, tuple[Finding, ...]]:
    """Return degrees with single rows that give latitude first turned round, and rows off the earth without a place."""
    xy = representative_points(geometry)
    lon, lat = xy[:, 0], xy[:, 1]
    swapped = in_china(lat, lon) & ~in_china(lon, lat)
    shapes = geometry.to_numpy().copy()
    shapes[swapped] = shapely.transform(shapes[swapped], lambda c: c[:, ::-1])
    bounds = np.abs(shapely.bounds(shapes))
    off = (bounds > [180.0, 90.0, 180.0, 90.0]).any(axis=1)
    shapes[off] = None
    findings = [
        finding(
            f"coordinates.{code}", file, int(geometry.index[i]), column, x=f"{lon[i]:.6g}", y=f"{lat[i]:.6g}"
        )
        for code, mask in (("swapped_row", swapped), ("impossible", off))
        for i in np.flatnonzero(mask)
    ]
    return gpd.GeoSeries(shapes, index=geometry.index, crs=geometry.crs), tuple(findings)


def _on_earth(
    geometry: gpd.GeoSeries, *, file: str, column: str
) -> tuple[gpd.GeoSeries, tuple[Finding, ...]]:
    """Return metres without the rows for which the projection knows no place on earth."""
    xy = representative_points(geometry)
    degrees = np.column_stack(degrees_of(xy, System(geometry.crs)))
    lost = np.isfinite(xy).all(axis=1) & ~np.isfinite(degrees).all(axis=1)
    findings = tuple(
        finding(
            "coordinates.impossible",
            file,
            int(geometry.index[i]),
            column,
            x=f"{xy[i, 0]:.6g}",
            y=f"{xy[i, 1]:.6g}",
        )
        for i in np.flatnonzero(lost)
    )
    return gpd.GeoSeries(geometry.mask(lost, None), index=geometry.index, crs=geometry.crs), findings


def _not_endless(
    geometry: gpd.GeoSeries, *, file: str, column: str
) -> tuple[gpd.GeoSeries, tuple[Finding, ...]]:
    """Return geometry without the outlines that no community can have, in the CRS of the places."""
    west, south, east, north = shapely.bounds(geometry.to_numpy()).T
    metre = np.radians(1.0) * EARTH_RADIUS_M if geometry.crs.is_geographic else 1.0
    widths_m = np.fmax(east - west, north - south) * metre
    endless = widths_m > WIDEST_OUTLINE_M
    findings = tuple(
        finding(
            "coordinates.endless", file, int(geometry.index[i]), column, width_km=f"{widths_m[i] / 1000:.0f}"
        )
        for i in np.flatnonzero(endless)
    )
    return gpd.GeoSeries(geometry.mask(endless, None), index=geometry.index, crs=geometry.crs), findings
