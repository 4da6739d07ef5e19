"""GeoJSON as it is met: read here, number by number as it was written, and lists and bare outlines too."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.geometry

from geo.layers import Layer, declared_crs, legible
from geo.schema import DataError
from geo.texts import cell_text

_GEOMETRIES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}
# Only names of registers: anything else given to PROJ could be a file name or an address.
_CRS_NAME = re.compile(r"(?:urn:ogc:def:crs:)?(EPSG|OGC):[\w.]*?:?(CRS84|\d{4,6})", re.IGNORECASE)
_DEGREES = "EPSG:4326"


def read_geojson(path: Path, /, *, file: str) -> Layer:
    """Read GeoJSON in any shape met in practice: a collection, one feature, a bare geometry, or a list of features.

    Without a `crs` member the standard (RFC 7946) says WGS-84, and `declared` is False.
    Raises DataError where the text is not JSON or not GeoJSON.
    """
    try:
        data = json.loads(_json_text(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise DataError("reading.json_broken", file=file, row=getattr(error, "lineno", 1)) from error
    features = _features(data)
    if features is None:
        raise DataError("reading.json_kind", file=file)
    properties = [_members(f.get("properties")) for f in features]
    headings = list(dict.fromkeys(key for p in properties for key in p))
    columns = [[cell_text(p.get(h)) for p in properties] for h in headings]
    drawn = [f.get("geometry") for f in features]
    shapes = np.array([None if g is None else _shape(g) for g in drawn], object)
    outlines, lost = legible(shapely.force_2d(shapes), [g is not None for g in drawn], file=file)
    name = _crs_member(data)
    crs = declared_crs(name or _DEGREES)
    return Layer(headings, columns, outlines, crs, declared=bool(name and crs), findings=lost)


def _json_text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError


def _features(data: Any) -> list[dict[str, Any]] | None:
    """Return the features of a GeoJSON document, None where it is none."""
    features: list[Any]
    match data:
        case {"type": "FeatureCollection", "features": list(found)}:
            features = found
        case {"type": "Feature"}:
            features = [data]
        case {"type": str(kind)} if kind in _GEOMETRIES:
            features = [{"geometry": data}]
        case [*found]:
            features = found
        case _:
            return None
    fine = all(isinstance(f, dict) and (f.get("type") == "Feature" or "type" not in f) for f in features)
    return features if fine else None


def _shape(geometry: Any) -> shapely.Geometry | None:
    """Return one geometry, None where it is none; shapely says what is wrong in as many ways as there are mistakes."""
    try:
        return shapely.geometry.shape(geometry)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, shapely.errors.ShapelyError):
        return None


def _members(properties: object) -> dict[str, Any]:
    return properties if isinstance(properties, dict) else {}


def _crs_member(data: object) -> str | None:
    """Return the system that a GeoJSON document names, as a code of a register."""
    match data:
        case {"crs": {"properties": {"name": str(name)}}}:
            found = _CRS_NAME.fullmatch(name.strip())
            if found:
                return _DEGREES if found[2].upper() == "CRS84" else f"{found[1]}:{found[2]}"
    return None
