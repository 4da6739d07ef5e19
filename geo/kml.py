"""KML of map programs: read here because the driver that keeps the extended data is the one that does too much else."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import numpy as np
import shapely

from geo.layers import Layer, declared_crs, legible
from geo.schema import DataError
from geo.texts import cell_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def read_kml(path: Path, /, *, file: str) -> Layer:
    """Read all placemarks of a KML file: name, description, folder and extended data.

    KML is WGS-84 by its standard, but map programs write shifted coordinates into it: `declared` is False.
    Raises DataError where the XML is broken or declares a document type.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import parse

    try:
        places = list(_placemarks(parse(path, forbid_dtd=True).getroot(), ""))
        rows = [_attributes(place, folder) for place, folder in places]
        drawn = [_kml_geometry(place) for place, _ in places]
    except DefusedXmlException as error:
        raise DataError("reading.xml_doctype", file=file) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise DataError("reading.layer_broken", file=file) from error
    headings = list(dict.fromkeys(key for row in rows for key in row))
    columns = [[cell_text(row.get(h)) for row in rows] for h in headings]
    shapes = np.array([geometry for geometry, _ in drawn], object)
    outlines, lost = legible(shapes, [exists for _, exists in drawn], file=file)
    return Layer(headings, columns, outlines, declared_crs("EPSG:4326"), declared=False, findings=lost)


def _local(element: "Element") -> str:
    return element.tag.rpartition("}")[2]


def _child(element: "Element", name: str) -> "Element | None":
    return next((e for e in element if _local(e) == name), None)


def _text_of(element: "Element | None") -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def _placemarks(element: "Element | None", folder: str) -> Iterator[tuple["Element", str]]:
    for child in element if element is not None else ():
        match _local(child):
            case "Placemark":
                yield child, folder
            case "Folder" | "Document":
                yield from _placemarks(
                    child, _text_of(_child(child, "name")) if _local(child) == "Folder" else folder
                )


def _attributes(place: "Element", folder: str) -> dict[str, str]:
    row = {h: _text_of(_child(place, h)) for h in ("name", "description")} | {"folder": folder}
    for element in place.iter():
        match _local(element):
            case "Data":
                row[element.get("name", "")] = _text_of(_child(element, "value"))
            case "SimpleData":
                row[element.get("name", "")] = _text_of(element)
    return {h: t for h, t in row.items() if h}


def _kml_geometry(place: "Element") -> tuple[shapely.Geometry | None, bool]:
    """Return the geometry of a placemark, None where it cannot be read, and whether it has one at all."""
    try:
        parts = [g for e in place for g in _shapes(e)]
    except (ValueError, shapely.errors.ShapelyError):
        return None, True
    return (_collected(parts) if parts else None), bool(parts)


def _shapes(element: "Element") -> list[shapely.Geometry]:
    match _local(element):
        case "MultiGeometry":
            return [g for child in element for g in _shapes(child)]
        case "Point":
            return [shapely.Point(_coordinates(element)[0])]
        case "LineString":
            return [shapely.LineString(_coordinates(element))]
        case "Polygon":
            rings = [
                (_local(e), _coordinates(e))
                for e in element
                if _local(e) in ("outerBoundaryIs", "innerBoundaryIs")
            ]
            outer = next((ring for kind, ring in rings if kind == "outerBoundaryIs"), [])
            return [shapely.Polygon(outer, [ring for kind, ring in rings if kind == "innerBoundaryIs"])]
    return []


def _coordinates(element: "Element") -> list[tuple[float, float]]:
    """Return longitude and latitude of all places under an element; raises ValueError where there are none."""
    texts = [_text_of(e) for e in element.iter() if _local(e) == "coordinates"]
    places = [tuple(float(n) for n in place.split(",")[:2]) for place in " ".join(texts).split()]
    if not places or any(len(p) != 2 for p in places):
        raise ValueError
    return [(p[0], p[1]) for p in places]


def _collected(parts: list[shapely.Geometry]) -> shapely.Geometry:
    """Return several shapes as one: as many of a kind where they are of one kind, else a collection."""
    if len(parts) == 1:
        return parts[0]
    kinds = shapely.get_type_id(np.array(parts, object))
    several: dict[int, Any] = {0: shapely.multipoints, 1: shapely.multilinestrings, 3: shapely.multipolygons}
    gather = several.get(int(kinds[0])) if len(set(kinds)) == 1 else None
    whole: shapely.Geometry = (gather or shapely.geometrycollections)(parts)
    return whole
