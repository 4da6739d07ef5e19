"""Geometry as each database keeps it: a GeoPackage blob in SQLite, EWKB in PostGIS. Only bytes: no geometry library."""

import struct
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

SRID_FLAG = 0x20000000  # in the type of EWKB: an SRID follows
POLYGON, MULTIPOLYGON = 3, 6  # types of WKB
HEADER = struct.Struct("<2sBBi")  # magic, version, flags, srs id: GeoPackage 1.3 §2.1.3
FLAGS = 0b1  # little-endian, no envelope, not empty
KIND = struct.Struct("<BI")  # WKB: byte order, type
NUMBER = struct.Struct("<I")


@dataclass(frozen=True)
class Shape:
    """A geometry as plain little-endian WKB, two-dimensional, in the system with this id."""

    wkb: bytes
    srs_id: int

    def to_geopackage(self) -> bytes:
        """Return the GeoPackage blob."""
        return HEADER.pack(b"GP", 0, FLAGS, self.srs_id) + self.wkb

    def to_ewkb(self) -> str:
        """Return hexadecimal EWKB, what PostGIS reads."""
        _, kind = KIND.unpack_from(self.wkb)
        head = KIND.pack(1, kind | SRID_FLAG) + NUMBER.pack(self.srs_id)
        return (head + self.wkb[KIND.size :]).hex()


def from_geopackage(blob: bytes) -> Shape:
    """Return the shape of a blob that `to_geopackage` made; raises ValueError for any other."""
    magic, version, flags, srs_id = HEADER.unpack_from(blob)
    if (magic, version, flags) != (b"GP", 0, FLAGS):
        msg = f"not a blob of ours: {blob[: HEADER.size].hex()}"
        raise ValueError(msg)
    return Shape(blob[HEADER.size :], srs_id)


def from_ewkb(text: str) -> Shape:
    """Return the shape of hexadecimal EWKB with an SRID, as PostGIS answers it."""
    ewkb = bytes.fromhex(text)
    _, kind = KIND.unpack_from(ewkb)
    (srs_id,) = NUMBER.unpack_from(ewkb, KIND.size)
    return Shape(KIND.pack(1, kind & ~SRID_FLAG) + ewkb[KIND.size + NUMBER.size :], srs_id)


def multi(wkb: bytes) -> bytes:
    """Return a polygon as a multipolygon of one, anything else as it is: a layer holds one kind of outline."""
    _, kind = KIND.unpack_from(wkb)
    return KIND.pack(1, MULTIPOLYGON) + NUMBER.pack(1) + wkb if kind == POLYGON else wkb


class _Column(UserDefinedType[Any]):
    """The name of the column's type, as GDAL and PostGIS want to read it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_kw: Any) -> str:
        return self.name


class ShapeType(TypeDecorator[Shape]):
    """A column of shapes, null where a community has no place."""

    impl = _Column("GEOMETRY")
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column: `geometry` of PostGIS takes any SRID."""
        return dialect.type_descriptor(_Column("geometry" if dialect.name == "postgresql" else "GEOMETRY"))

    def process_bind_param(self, value: Shape | None, dialect: Dialect) -> bytes | str | None:
        """Return what the database keeps."""
        if value is None:
            return None
        return value.to_ewkb() if dialect.name == "postgresql" else value.to_geopackage()

    def process_result_value(self, value: Any, dialect: Dialect) -> Shape | None:
        """Return the shape of what the database kept."""
        if value is None:
            return None
        return from_ewkb(value) if dialect.name == "postgresql" else from_geopackage(value)
