"""The boundaries of a version's areas as files: GeoPackage, GeoJSON (RFC 7946), shapefile and KML.

Every file says the same, place for place and letter for letter; what a format cannot hold is refused, never cut. The
same table gives the same bytes. Text is a value everywhere: no file of these holds markup, a formula or a template.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from geo.bounds import SIDES, legal_outlines
from geo.coordinates import WGS84
from geo.schema import DataError, check_columns
from geo.texts import clean_text
from geo.wording import say
from report.results import Results
from report.workbooks import Sheet, write_workbook

# boundaries: GeoDataFrame, index `area_id`, sorted, in the plan's metric CRS; the geometry is the legal outline, always a
# multipolygon. An area with a member that is only a point has none, and so no row.
BOUNDARY_COLUMNS = {
    "name": "str",  # as the papers call it
    "communities": "int64",
    "count": "int64",  # the number judged
    **dict.fromkeys(SIDES, "str"),  # the four bounds, "" where nobody knows
    "area_m2": "float64",  # of the outline
    "version": "int64",
    "sha256": "str",  # of the version
}
LAYER = "boundary"
# By column: a shapefile cuts longer names in the middle of a character, and GDAL then fails on its own file.
SHAPE_FIELDS = {
    "area_id": "AREA_ID",
    "name": "NAME",
    "communities": "COMMUNITY",
    "count": "COUNT",
    "east": "EAST",
    "south": "SOUTH",
    "west": "WEST",
    "north": "NORTH",
    "area_m2": "AREA_M2",
    "version": "VERSION",
    "sha256": "SHA256",
}
SHAPE_BYTES = 254  # of a text in a shapefile
SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
DEGREE_DECIMALS = 8  # a millimetre
AREA_DECIMALS = 1
KML = "http://www.opengis.net/kml/2.2"

Encoding = Literal["utf-8", "gbk"]


def boundaries(
    results: Results, names: Mapping[str, str], bounds: pd.DataFrame, *, number: int, sha256: str
) -> gpd.GeoDataFrame:
    """Return the table of BOUNDARY_COLUMNS of a version: its areas that have a legal outline.

    `names` by area id, `bounds` as report.bounds.bounds_of gives them.
    """
    legal = legal_outlines(results.communities)
    legal = legal[legal.notna()]
    shapes = np.array([_whole(shape) for shape in legal], dtype=object)
    told: dict[str, Any] = {
        "name": [clean_text(names[str(area_id)]) for area_id in legal.index],
        "communities": results.areas["communities"].reindex(legal.index),
        "count": results.areas["count"].reindex(legal.index),
        **{side: bounds[side].reindex(legal.index).map(clean_text) for side in SIDES},
        "area_m2": np.round(shapely.area(shapes).astype(float), AREA_DECIMALS),
        "version": number,
        "sha256": sha256,
    }
    table = pd.DataFrame(told, index=legal.index).astype(BOUNDARY_COLUMNS)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=results.communities.crs)


def boundary_files(
    table: gpd.GeoDataFrame, *, on: date, counted: str, encoding: Encoding = "utf-8"
) -> dict[str, bytes]:
    """Return every format by file name; `on` is the day of the version, `counted` the source's heading of the count.

    Raises DataError as `shapefile` does.
    """
    check_columns(table, BOUNDARY_COLUMNS, "boundaries")
    return {
        f"{LAYER}.gpkg": geopackage(table, on=on),
        f"{LAYER}-wgs84.geojson": geojson(table),
        f"{LAYER}-wgs84.kml": kml(table),
        **{f"shapefile/{name}": part for name, part in shapefile(table, on=on, encoding=encoding).items()},
        "shapefile/fields.xlsx": _fields_sheet(counted, on=on),
    }


# --- formats ---------------------------------------------------------------------------------------


def geopackage(table: gpd.GeoDataFrame, *, on: date) -> bytes:
    """Return the boundaries as a GeoPackage in the plan's CRS."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{LAYER}.gpkg"
        pyogrio.write_dataframe(
            table.reset_index(), path, layer=LAYER, driver="GPKG", geometry_type="MultiPolygon"
        )
        clean = path.with_name("clean.gpkg")
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            # GDAL writes the clock into it, and as many transactions as it happens to need.
            file.execute("UPDATE gpkg_contents SET last_change = ?", (f"{on.isoformat()}T00:00:00.000Z",))
            file.execute("VACUUM INTO ?", (str(clean),))
        return clean.read_bytes()


def geojson(table: gpd.GeoDataFrame) -> bytes:
    """Return the boundaries as RFC 7946 wants them: longitude and latitude of WGS-84, outer rings counter-clockwise, no crs."""
    shapes = _in_degrees(table)
    rows = table.reset_index()[list(SHAPE_FIELDS)].to_dict("records")
    features = [
        {
            "type": "Feature",
            "id": row["area_id"],
            "properties": row,
            "geometry": {"type": "MultiPolygon", "coordinates": _rings_by_part(shape)},
        }
        for row, shape in zip(rows, shapes, strict=True)
    ]
    told = {"type": "FeatureCollection", "features": features}
    return (json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n").encode()


def kml(table: gpd.GeoDataFrame) -> bytes:
    """Return the boundaries for map programs; no description and no balloon, which would read a text as markup."""
    root = ET.Element("kml", xmlns=KML)
    document = ET.SubElement(root, "Document")
    style = ET.SubElement(document, "Style", id=LAYER)
    ET.SubElement(ET.SubElement(style, "LineStyle"), "width").text = "3"
    ET.SubElement(ET.SubElement(style, "PolyStyle"), "fill").text = "0"
    ET.SubElement(ET.SubElement(style, "BalloonStyle"), "displayMode").text = "hide"
    rows = table.reset_index()[list(SHAPE_FIELDS)].to_dict("records")
    for row, shape in zip(rows, _in_degrees(table), strict=True):
        place = ET.SubElement(document, "Placemark")
        ET.SubElement(place, "name").text = str(row["name"])
        ET.SubElement(place, "styleUrl").text = f"#{LAYER}"
        more = ET.SubElement(place, "ExtendedData")
        for column, value in row.items():
            ET.SubElement(ET.SubElement(more, "Data", name=str(column)), "value").text = str(value)
        parts = ET.SubElement(place, "MultiGeometry")
        for rings in _rings_by_part(shape):
            _kml_polygon(ET.SubElement(parts, "Polygon"), rings)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def shapefile(table: gpd.GeoDataFrame, *, on: date, encoding: Encoding) -> dict[str, bytes]:
    """Return the parts of a shapefile in the plan's CRS by file name, fields named by SHAPE_FIELDS, text announced by a .cpg.

    Raises DataError where a text has a character that the encoding lacks, or is longer than SHAPE_BYTES in it.
    """
    rows = table.reset_index()
    for column in [c for c, kind in {"area_id": "str", **BOUNDARY_COLUMNS}.items() if kind == "str"]:
        _check_texts(rows[column], rows["name"], column, encoding)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{LAYER}.shp"
        pyogrio.write_dataframe(
            rows.rename(columns=SHAPE_FIELDS),
            path,
            driver="ESRI Shapefile",
            encoding=encoding.upper(),
            DBF_DATE_LAST_UPDATE=on.isoformat(),
        )
        return {f"{LAYER}{part}": path.with_suffix(part).read_bytes() for part in SHAPE_PARTS}


# --- parts -----------------------------------------------------------------------------------------


def _whole(shape: Any) -> Any:
    """Return an outline as a multipolygon, also where it is of one part: a column of a table is of one kind."""
    return shapely.multipolygons(shapely.get_parts(shape))


def _in_degrees(table: gpd.GeoDataFrame) -> Any:
    """Return the outlines in WGS-84, outer rings counter-clockwise. CGCS2000 is the same within centimetres, and stays as it is."""
    return shapely.orient_polygons(table.geometry.to_crs(WGS84).to_numpy())


def _rings_by_part(shape: Any) -> list[list[list[list[float]]]]:
    """Return longitude and latitude of each ring of each part, the outer ring first."""
    return [
        [
            np.round(shapely.get_coordinates(ring), DEGREE_DECIMALS).tolist()
            for ring in shapely.get_rings(part)
        ]
        for part in shapely.get_parts(shape)
    ]


def _kml_polygon(polygon: ET.Element, rings: list[list[list[float]]]) -> None:
    for number, ring in enumerate(rings):
        side = ET.SubElement(polygon, "innerBoundaryIs" if number else "outerBoundaryIs")
        places = " ".join(f"{lon:.{DEGREE_DECIMALS}f},{lat:.{DEGREE_DECIMALS}f}" for lon, lat in ring)
        ET.SubElement(ET.SubElement(side, "LinearRing"), "coordinates").text = places


def _check_texts(texts: "pd.Series[str]", names: "pd.Series[str]", column: str, encoding: Encoding) -> None:
    field = SHAPE_FIELDS[column]
    for text, name in zip(texts, names, strict=True):
        lost = sorted({sign for sign in text if not _has(encoding, sign)})
        if lost:
            raise DataError("package.lost", area=name, field=field, signs=lost, encoding=encoding.upper())
        if len(text.encode(encoding)) > SHAPE_BYTES:
            raise DataError("package.too_long", area=name, field=field, signs=len(text), most=SHAPE_BYTES)


def _has(encoding: Encoding, sign: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _fields_sheet(counted: str, *, on: date) -> bytes:
    """Return what each field of the shapefile means, for people."""
    rows = [
        (field, say(f"package.field.{column}", counted=counted)) for column, field in SHAPE_FIELDS.items()
    ]
    heads = [say("package.head.field"), say("package.head.meaning")]
    sheet = Sheet(
        say("package.fields_sheet"),
        say("package.fields_title"),
        (),
        pd.DataFrame(rows, columns=heads, dtype="str"),
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fields.xlsx"
        write_workbook(path, [sheet], on=on)
        return path.read_bytes()
