"""What makes a project's SQLite file a GeoPackage that GDAL and QGIS open: marks in its header, three tables."""

from collections.abc import Sequence

import pyproj
from sqlalchemy import Connection, text

APPLICATION_ID = 0x47504B47  # "GPKG"
FORMAT = 10_300  # GeoPackage 1.3
OWN_SRS_ID = 100_000  # of a system that no authority has numbered

_TABLES = (
    """CREATE TABLE gpkg_spatial_ref_sys (
        srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
        organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)""",
    """CREATE TABLE gpkg_contents (
        table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
        description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
        min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
        CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (
        table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
        srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
        CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
        CONSTRAINT uk_gc_table_name UNIQUE (table_name),
        CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
        CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
)
_SRS = text(
    "INSERT OR REPLACE INTO gpkg_spatial_ref_sys VALUES (:name, :id, :organization, :code, :definition, NULL)"
)
_LAYER = text(
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, min_x, min_y, max_x, max_y, srs_id) "
    "VALUES (:table, :kind, :table, :min_x, :min_y, :max_x, :max_y, :srs_id)"
)
_GEOMETRY = text("INSERT INTO gpkg_geometry_columns VALUES (:table, 'geom', 'GEOMETRY', :srs_id, 0, 0)")


def srs_id_of(crs: pyproj.CRS) -> int:
    """Return the id that geometry of this system carries: the EPSG code, else OWN_SRS_ID."""
    authority = crs.to_authority()
    return int(authority[1]) if authority and authority[0] == "EPSG" else OWN_SRS_ID


def write_metadata(connection: Connection) -> None:
    """Mark the file as a GeoPackage, and make its tables with the systems that every GeoPackage names."""
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
    for table in _TABLES:
        connection.exec_driver_sql(table)
    _write_srs(connection, "WGS 84", 4326, "EPSG", 4326, pyproj.CRS.from_epsg(4326).to_wkt("WKT1_GDAL"))
    _write_srs(connection, "Undefined Cartesian SRS", -1, "NONE", -1, "undefined")
    _write_srs(connection, "Undefined geographic SRS", 0, "NONE", 0, "undefined")


def write_layer(
    connection: Connection,
    table: str,
    crs: pyproj.CRS,
    bounds: Sequence[float | None],
) -> None:
    """Register a table with a column `geom` as a layer, anew where it is one; `bounds` in the CRS: least x and y, greatest x and y."""
    for own in ("gpkg_geometry_columns", "gpkg_contents"):
        connection.execute(text(f"DELETE FROM {own} WHERE table_name = :table"), {"table": table})  # noqa: S608 - our own names
    srs_id = srs_id_of(crs)
    if srs_id != 4326:
        organization = "NONE" if srs_id == OWN_SRS_ID else "EPSG"
        _write_srs(connection, crs.name, srs_id, organization, srs_id, crs.to_wkt("WKT1_GDAL"))
    box = dict(zip(("min_x", "min_y", "max_x", "max_y"), bounds, strict=True))
    connection.execute(_LAYER, {"table": table, "kind": "features", "srs_id": srs_id, **box})
    connection.execute(_GEOMETRY, {"table": table, "srs_id": srs_id})


def write_plain_table(connection: Connection, table: str) -> None:
    """Register a table without geometry, so that GDAL shows it, and none of those that are not registered."""
    box = dict.fromkeys(("min_x", "min_y", "max_x", "max_y"))
    connection.execute(_LAYER, {"table": table, "kind": "attributes", "srs_id": None, **box})


def _write_srs(
    connection: Connection, name: str, srs_id: int, organization: str, code: int, definition: str
) -> None:
    values = {
        "name": name,
        "id": srs_id,
        "organization": organization,
        "code": code,
        "definition": definition,
    }
    connection.execute(_SRS, values)
