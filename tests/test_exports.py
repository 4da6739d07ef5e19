"""Boundaries as files: what a second program reads back is what the plan says, and no text is read as anything else."""

import io
import json
import sqlite3
import struct
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from defusedxml.ElementTree import fromstring
from openpyxl import load_workbook

from geo.bounds import SIDES, legal_outlines
from geo.dbf import read_dbf
from geo.kml import read_kml
from geo.schema import DataError
from report.bounds import bounds_of
from report.exports import (
    BOUNDARY_COLUMNS,
    SHAPE_FIELDS,
    boundaries,
    boundary_files,
    geojson,
    geopackage,
    kml,
    shapefile,
)
from tests import fakes

DAY = date(2026, 11, 20)
HASH = "8c1f02ab" * 8
CENTIMETRE = 0.01
HOSTILE = (
    '=HYPERLINK("http://x")',
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}",
    "$[name]]]>",
    "a&amp;<b>b</b>",
)
LONG = "重庆市永川区中山路街道玉屏社区第三居民小组机械厂家属院宿舍楼"


@pytest.fixture(scope="module")
def plan():
    return fakes.results()


def named(plan, *first):
    """Return the boundaries of the plan; the first areas are called as given."""
    names = {area_id: f"第{n}片区物业管理区域" for n, area_id in enumerate(plan.areas.index, 1)}
    names |= dict(zip(plan.areas.index, first, strict=False))
    return boundaries(plan, names, bounds_of(plan), number=3, sha256=HASH)


@pytest.fixture(scope="module")
def table(plan):
    return named(plan, *HOSTILE, LONG)


def unpacked(files, folder):
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def assert_same_texts(table, rows):
    """Compare every attribute, as text, with what was read back: rows by column of the table."""
    ours = table.reset_index()[list(SHAPE_FIELDS)]
    for column in SHAPE_FIELDS:
        assert [str(v) for v in rows[column]] == [str(v) for v in ours[column]], column


def assert_same_places(shapes, table, *, degrees):
    """Compare outlines with the table's: none farther than a centimetre from the other, in metres."""
    read = gpd.GeoSeries(shapes, crs="EPSG:4326" if degrees else table.crs).to_crs(table.crs).to_numpy()
    assert (shapely.hausdorff_distance(read, table.geometry.to_numpy()) < CENTIMETRE).all()
    assert np.array_equal(
        shapely.get_num_interior_rings(shapely.get_geometry(read, 0)),
        shapely.get_num_interior_rings(shapely.get_geometry(table.geometry.to_numpy(), 0)),
    )


# --- the table -------------------------------------------------------------------------------------


def test_a_boundary_is_the_legal_outline_and_never_the_cells(plan, table):
    legal = legal_outlines(plan.communities)
    shapes = legal[table.index]
    assert (
        shapely.area(shapely.symmetric_difference(shapes.to_numpy(), table.geometry.to_numpy())) < 1e-6
    ).all()
    assert (table.geometry.area < plan.areas.geometry[table.index].area).all()
    assert table["area_m2"].tolist() == pytest.approx(shapes.area.round(1).tolist())
    assert table["count"].tolist() == plan.areas["count"][table.index].tolist()


def test_an_area_with_a_point_has_no_boundary(plan, table):
    pointed = plan.communities.loc["C015", "area_id"]
    assert pointed not in table.index
    assert len(table) == len(plan.areas) - 1


def test_the_table_does_not_depend_on_the_order_of_rows(plan, table):
    turned = replace(plan, communities=plan.communities.iloc[::-1], areas=plan.areas.iloc[::-1])
    again = named(turned, *[table["name"].get(i, "") for i in plan.areas.index[::-1]])
    again["name"] = table["name"]
    assert boundary_files(again, on=DAY, counted="户数") == boundary_files(table, on=DAY, counted="户数")


# --- read back -------------------------------------------------------------------------------------


def test_the_geopackage_by_sqlite_says_the_same(table, tmp_path):
    path = tmp_path / "boundary.gpkg"
    path.write_bytes(geopackage(table, on=DAY))
    columns = ", ".join(SHAPE_FIELDS)
    with closing(sqlite3.connect(path)) as file:
        rows = pd.DataFrame(file.execute(f"SELECT {columns} FROM boundary ORDER BY area_id").fetchall())  # noqa: S608
        blobs = [blob for (blob,) in file.execute("SELECT geom FROM boundary ORDER BY area_id")]
        (crs,) = file.execute("SELECT srs_id FROM gpkg_geometry_columns").fetchone()
        (kind,) = file.execute("SELECT geometry_type_name FROM gpkg_geometry_columns").fetchone()
        (when,) = file.execute("SELECT last_change FROM gpkg_contents").fetchone()
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (crs, kind, when) == (4544, "MULTIPOLYGON", "2026-11-20T00:00:00.000Z")
    assert_same_texts(table, rows.set_axis(list(SHAPE_FIELDS), axis=1))
    header = 8 + 32  # magic, flags and CRS; an envelope of four numbers
    assert_same_places([shapely.from_wkb(blob[header:]) for blob in blobs], table, degrees=False)


def test_the_geojson_is_as_rfc_7946_wants_it(table):
    told = json.loads(geojson(table))
    assert set(told) == {"type", "features"}  # no crs
    shapes = [shapely.geometry.shape(one["geometry"]) for one in told["features"]]
    assert {shape.geom_type for shape in shapes} == {"MultiPolygon"}
    for part in (part for shape in shapes for part in shape.geoms):
        assert part.exterior.is_ccw
        assert not any(hole.is_ccw for hole in part.interiors)
    west, south, east, north = shapely.total_bounds(shapes)
    assert 105 < west < east < 107
    assert 29 < south < north < 30
    assert [one["id"] for one in told["features"]] == table.index.tolist()
    assert_same_texts(table, pd.DataFrame([one["properties"] for one in told["features"]]))
    assert_same_places(shapes, table, degrees=True)


def test_the_geojson_by_gdal_says_the_same(table, tmp_path):
    path = tmp_path / "boundary.geojson"
    path.write_bytes(geojson(table))
    read = pyogrio.read_dataframe(path)
    assert read.crs.to_epsg() == 4326
    assert_same_texts(table, read)
    assert_same_places(read.geometry.to_numpy(), table, degrees=True)


def test_the_kml_by_an_xml_parser_says_the_same(table, tmp_path):
    path = tmp_path / "boundary.kml"
    path.write_bytes(kml(table))
    layer = read_kml(path, file="boundary.kml")
    columns = dict(zip(layer.headings, layer.columns, strict=True))
    assert_same_texts(table, columns)
    assert_same_places(layer.geometry, table, degrees=True)


def test_a_balloon_of_a_map_program_shows_no_text_of_ours_as_markup(table):
    root = fromstring(kml(table))
    found = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not found & {"description", "Snippet", "text", "ExtendedDataTemplate"}
    assert [e.text for e in root.iter("{http://www.opengis.net/kml/2.2}displayMode")] == ["hide"]


@pytest.mark.parametrize(("encoding", "announced"), [("utf-8", "utf-8"), ("gbk", "gb18030")])
def test_the_shapefile_says_the_same(table, tmp_path, encoding, announced):
    files = shapefile(table, on=DAY, encoding=encoding)
    folder = unpacked(files, tmp_path)
    read = read_dbf(folder / "boundary.dbf", code_page=files["boundary.cpg"].decode())
    assert read.announced == read.encoding == announced
    assert read.headings == list(SHAPE_FIELDS.values())
    assert tuple(files["boundary.dbf"][1:4]) == (DAY.year - 1900, DAY.month, DAY.day)  # not the clock's
    rows = dict(zip(SHAPE_FIELDS, read.columns, strict=True))
    rows["area_m2"] = [str(float(v)) for v in rows["area_m2"]]
    assert_same_texts(table, rows)
    assert_same_places(polygons_of(files["boundary.shp"]), table, degrees=False)
    by_gdal = pyogrio.read_dataframe(folder / "boundary.shp")
    assert by_gdal["NAME"].tolist() == table["name"].tolist()
    assert by_gdal.crs == table.crs


def polygons_of(content):
    """Return the outlines of a .shp as its bytes say: records of rings, outer ones clockwise."""
    assert struct.unpack(">i", content[:4]) == (9994,)
    at, shapes = 100, []
    while at < len(content):
        (words,) = struct.unpack(">i", content[at + 4 : at + 8])
        record = content[at + 8 : at + 8 + 2 * words]
        kind, parts, points = struct.unpack("<i", record[:4])[0], *struct.unpack("<ii", record[36:44])
        assert kind == 5
        starts = [*struct.unpack(f"<{parts}i", record[44 : 44 + 4 * parts]), points]
        places = np.frombuffer(record, "<f8", 2 * points, 44 + 4 * parts).reshape(-1, 2)
        rings = [shapely.LinearRing(places[a:b]) for a, b in pairwise(starts)]
        holes = [ring for ring in rings if ring.is_ccw]
        outer = [shapely.Polygon(ring) for ring in rings if not ring.is_ccw]
        shapes.append(
            shapely.MultiPolygon(
                [
                    shapely.Polygon(o.exterior, [h for h in holes if o.contains(shapely.Point(h.coords[0]))])
                    for o in outer
                ]
            )
        )
        at += 8 + 2 * words
    return shapes


def test_an_outline_of_several_parts_with_a_hole_goes_through_every_format(plan, tmp_path):
    ring = shapely.box(0, 0, 60, 60).difference(shapely.box(20, 20, 40, 40))
    apart = shapely.union_all([ring, shapely.box(100, 0, 130, 30)])
    there = shapely.transform(apart, lambda xy: xy + np.array([fakes.EAST_M, fakes.NORTH_M]))
    table = plan.communities.loc[["C001"]].set_geometry([there], crs=fakes.CRS)
    one = named(replace(plan, communities=table, areas=plan.areas.loc[["PMA-001"]]))
    files = boundary_files(one, on=DAY, counted="户数")
    (tmp_path / "a.gpkg").write_bytes(files["boundary.gpkg"])
    read = {
        "gpkg": pyogrio.read_dataframe(tmp_path / "a.gpkg").geometry.to_numpy(),
        "shp": polygons_of(files["shapefile/boundary.shp"]),
    }
    (tmp_path / "a.kml").write_bytes(files["boundary-wgs84.kml"])
    degrees = {
        "kml": read_kml(tmp_path / "a.kml", file="a.kml").geometry,
        "geojson": [
            shapely.geometry.shape(json.loads(files["boundary-wgs84.geojson"])["features"][0]["geometry"])
        ],
    }
    for shapes in read.values():
        assert_same_places(shapes, one, degrees=False)
    for shapes in degrees.values():
        assert_same_places(shapes, one, degrees=True)
    assert {len(shapely.get_parts(shapes[0])) for shapes in (*read.values(), *degrees.values())} == {2}


# --- what a shapefile cannot hold -------------------------------------------------------------------


def test_fields_of_a_shapefile_are_short_and_plain():
    assert set(SHAPE_FIELDS) == {"area_id", *BOUNDARY_COLUMNS}
    assert all(field.isascii() and len(field) <= 10 for field in SHAPE_FIELDS.values())
    assert len(set(SHAPE_FIELDS.values())) == len(SHAPE_FIELDS)


def test_a_character_that_gbk_lacks_is_refused_and_utf8_keeps_it(plan):
    table = named(plan, "㛃路𬭚片区物业管理区域")
    with pytest.raises(
        DataError,
        match=r"^“㛃路𬭚片区物业管理区域”的字段 NAME 有 GBK 编码容不下的字：㛃、𬭚。"
        r"请改用 UTF-8 写 shapefile\(--shapefile utf-8\)，或改掉这些字。$",
    ):
        shapefile(table, on=DAY, encoding="gbk")
    assert "㛃路𬭚片区物业管理区域".encode() in shapefile(table, on=DAY, encoding="utf-8")["boundary.dbf"]


def test_a_text_too_long_for_a_shapefile_is_refused_never_cut(plan):
    name = "长" * 85
    table = named(plan, name)
    with pytest.raises(
        DataError,
        match=rf"^“{name}”的字段 NAME 有 85 个字，超过 shapefile 每格 254 字节的上限。请在工作台把这一项改短",
    ):
        shapefile(table, on=DAY, encoding="utf-8")
    assert name.encode("gbk") in shapefile(table, on=DAY, encoding="gbk")["boundary.dbf"]


def test_signs_that_two_tables_of_gbk_tell_apart_come_back(plan, tmp_path):
    name = "“和平·新村”—一期~·"
    files = shapefile(named(plan, name), on=DAY, encoding="gbk")
    folder = unpacked(files, tmp_path)
    assert pyogrio.read_dataframe(folder / "boundary.shp")["NAME"].iloc[0] == name
    assert read_dbf(folder / "boundary.dbf", code_page="GBK").columns[1][0] == name


def test_the_sheet_of_fields_explains_each_of_them(table):
    files = boundary_files(table, on=DAY, counted="总户数")
    book = load_workbook(io.BytesIO(files["shapefile/fields.xlsx"]))
    assert book.properties.created == datetime(2026, 11, 20)  # noqa: DTZ001 - as the file has it; not the clock's
    sheet = book.active
    rows = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0] in SHAPE_FIELDS.values()}
    assert set(rows) == set(SHAPE_FIELDS.values())
    assert rows["COUNT"] == "户数（据台账“总户数”）"


# --- the same bytes --------------------------------------------------------------------------------


def test_the_same_version_gives_the_same_bytes_whatever_the_clock(table, monkeypatch):
    first = boundary_files(table, on=DAY, counted="户数")
    monkeypatch.setenv("OGR_CURRENT_DATE", "2001-01-01T00:00:00Z")
    assert boundary_files(table, on=DAY, counted="户数") == first
    assert set(first) == {
        "boundary.gpkg", "boundary-wgs84.geojson", "boundary-wgs84.kml", "shapefile/fields.xlsx",
        *(f"shapefile/boundary{part}" for part in (".shp", ".shx", ".dbf", ".prj", ".cpg")),
    }  # fmt: skip


def test_control_characters_never_reach_a_file(plan):
    table = named(plan, "第一\x00片\x0b区\n物业")
    assert table["name"].iloc[0] == "第一片 区 物业"
    fromstring(kml(table))


def test_four_bounds_are_those_of_the_drawings(plan, table):
    bounds = bounds_of(plan)
    assert table[list(SIDES)].equals(bounds.loc[table.index, list(SIDES)].astype("str"))
