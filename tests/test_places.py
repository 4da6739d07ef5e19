"""Where rows are: every way of writing a place, repairs, refusals, and places that look wrong."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.coordinates import Boundary, System, representative_points
from geo.doubts import doubtful_places
from geo.headings import Fields, find_columns
from geo.places import far_away_m, places_of, to_metres, without_place
from geo.schema import DataError
from tests.ledgers import METRES, WGS84, layer, ledger, square


def places(table, crs="auto"):
    return places_of(table, find_columns(list(table.frame.columns), Fields(), file=table.file), crs=crs)


def said(found):
    return [(f.row, f.code.removeprefix("coordinates."), f.sentence("found")) for f in found.findings]


@pytest.mark.parametrize(
    "text",
    [
        "经纬度\n'105.9,29.35'",
        "经纬度\n'105.9，29.35'",
        "经纬度\n(105.9 29.35)",
        "坐标\n105.9;29.35",
        "坐标\nE105.9° N29.35°",
        "坐标\n'29.35,105.9'",
        "经度,纬度\n105.9,29.35",
        "经度,纬度\n１０５.９,东经29.35°",
        "lng,lat\n29.35,105.9",
        "x,y\n105.9,29.35",
        "wkt\nPOINT (105.9 29.35)",
    ],
)
def test_every_way_of_writing_a_place(text):
    found = places(ledger(text.replace("'", '"')), crs="EPSG:4490")

    assert representative_points(found.geometry).tolist() == [[105.9, 29.35]]


def test_the_geometry_of_a_layer_goes_before_its_columns():
    found = places(layer("经度,纬度\n1,2", [square(0, 0)]))

    assert found.geometry.crs == METRES
    assert found.geometry.iloc[0].equals(square(0, 0))


def test_empty_columns_give_way_to_the_next():
    found = places(ledger('经度,纬度,坐标\n,,"105.9,29.35"'), crs="EPSG:4490")

    assert representative_points(found.geometry).tolist() == [[105.9, 29.35]]


def test_a_single_row_with_its_axes_the_other_way_round():
    found = places(ledger("经度,纬度\n105.9,29.3\n29.4,105.8\n105.7,29.5"), crs="EPSG:4490")

    assert representative_points(found.geometry).tolist() == [[105.9, 29.3], [105.8, 29.4], [105.7, 29.5]]
    assert said(found) == [(3, "swapped_row", "本行坐标两轴颠倒：29.4, 105.8")]


BAD_PLACES = [
    # cell of a row between good ones, code, sentence
    ("POINT EMPTY", "empty", "图形是空的"),
    ("POINT (1e300 29)", "impossible", "坐标不是地球上的位置：1e+300, 29"),
    ("POINT (105.9 291)", "impossible", "坐标不是地球上的位置：105.9, 291"),
    ("POINT (0 0)", "nowhere", "坐标为 0, 0"),
    ("重庆永川", "unreadable", "坐标“重庆永川”读不出来"),
    ("POLYGON ((105.9 29.3", "unreadable", "坐标“POLYGON ((105.9 29.3”读不出来"),
    ("LINESTRING (105.9 29.3, 105.91 29.3)", "not_an_outline", "图形是线，不是一个点，也不是面"),
    ("GEOMETRYCOLLECTION (POINT (105.9 29.3))", "not_an_outline", "图形是点线面混合，不是一个点，也不是面"),
    ("POLYGON ((105.9 29.3, 105.91 29.3, 105.9 29.3))", "no_area", "边界没有面积"),
]


@pytest.mark.parametrize(("cell", "code", "sentence"), BAD_PLACES, ids=[c[0][:20] for c in BAD_PLACES])
def test_a_place_that_cannot_be_used_is_none_and_said(cell, code, sentence):
    found = places(ledger(f'wkt\nPOINT (105.9 29.3)\n"{cell}"\nPOINT (105.8 29.4)'), crs="EPSG:4490")

    assert found.geometry.isna().tolist() == [False, True, False]
    assert said(found) == [(3, code, sentence)]


def test_a_bow_tie_is_repaired():
    found = places(
        layer(
            "名称\n甲",
            ["POLYGON ((587000 3248000, 587040 3248040, 587040 3248000, 587000 3248040, 587000 3248000))"],
        )
    )

    assert found.geometry.is_valid.all()
    assert found.geometry.geom_type.tolist() == ["MultiPolygon"]
    assert said(found) == [(1, "repaired", "边界自相交或不合规")]


def test_heights_are_dropped_and_single_multipoints_are_points():
    found = places(layer("名称\n甲\n乙", ["POINT Z (587000 3248000 300)", "MULTIPOINT ((587100 3248000))"]))

    assert found.geometry.to_wkt().tolist() == ["POINT (587000 3248000)", "POINT (587100 3248000)"]


def test_rows_without_a_place_are_said_once_each():
    found = places(ledger("wkt\nPOINT (105.9 29.3)\n\nPOINT (0 0)"), crs="EPSG:4490")

    assert [f.row for f in without_place(found.geometry, found.findings, "台账.csv")] == [3]


def test_no_place_at_all_is_said_of_the_file():
    found = places(ledger("小区名称\n甲\n乙"))

    assert found.geometry.crs is None
    assert [(f.row, f.code) for f in without_place(found.geometry, (), "台账.csv")] == [
        (None, "coordinates.no_places")
    ]


def test_web_mercator_is_never_kept():
    found = to_metres(
        places(layer("名称\n甲", ["POINT (11788734 3420000)"], crs=WGS84.from_epsg(3857))), file="a"
    )

    assert found.geometry.crs.to_epsg() == 4544
    assert found.findings[-1].sentence("found") == "坐标系 EPSG:3857 不宜量距离"


def test_one_place_far_away_does_not_widen_the_projection():
    far = "小区名称,经纬度\n" + "\n".join(f'甲{i},"105.9{i},29.35"' for i in range(6)) + '\n乙,"121.5,31.2"'

    assert to_metres(places(ledger(far), crs="EPSG:4490"), file="a").geometry.crs.to_epsg() == 4544


def test_few_places_have_none_far_away():
    assert far_away_m(np.array([105.9, 121.5]), np.array([29.3, 31.2]))[0].tolist() == [False, False]


# --- doubts ------------------------------------------------------------------------------------------


def doubts(shapes):
    geometry = gpd.GeoSeries(shapes, index=range(1, len(shapes) + 1), crs=METRES)
    return [
        (f.row, f.code.removeprefix("coordinates."), f.sentence("found"))
        for f in doubtful_places(geometry, file="a")
    ]


def test_one_place_far_from_all_others():
    near = [square(100 * i, 0).centroid for i in range(5)]

    assert doubts([*near, square(60_000, 0).centroid]) == [
        (6, "far_away", "位置离其他各处太远：距中心约 60 千米")
    ]


def test_a_second_town_is_not_alone():
    near = [square(100 * i, 0).centroid for i in range(9)]

    assert doubts([*near, *(square(60_000 + 100 * i, 0).centroid for i in range(4))]) == []


def test_an_outline_far_too_large():
    assert doubts([square(0, 0, side=9_000)]) == [(1, "huge", "边界跨度约 13 千米，不像一个小区")]


def test_stacked_points():
    here, there = square(0, 0).centroid, square(500, 0).centroid

    assert doubts([here, there, here]) == [
        (1, "stacked", "2 行的位置完全相同：第 1、3 行等"),
        (3, "stacked", "2 行的位置完全相同：第 1、3 行等"),
    ]


def test_outlines_that_overlap_or_repeat_and_those_that_only_touch():
    assert doubts([square(0, 0), square(40, 0), square(70, 0), square(70, 0.1)]) == [
        (4, "duplicate", "与第 3 行的边界几乎相同"),
        (3, "overlapping", "与第 2 行的边界重叠 400 平方米"),
        (4, "overlapping", "与第 2 行的边界重叠 399 平方米"),
    ]


def test_nothing_is_doubtful_without_a_place():
    assert doubts([None, None]) == []


def test_a_format_whose_standard_is_wgs84_is_taken_at_its_word_and_said(raw_geojson):
    placed = places_of(raw_geojson, {})
    assert placed.geometry.crs.to_epsg() == 4326
    assert [f.code for f in placed.findings] == ["coordinates.by_standard"]


def test_an_option_goes_before_the_standard(raw_geojson):
    placed = places_of(raw_geojson, {}, crs="gcj02")
    assert [f.code for f in placed.findings] == ["coordinates.shifted"]


def test_a_boundary_is_asked_before_the_standard(raw_geojson):
    around = Boundary(shapely.box(105.0, 29.0, 106.0, 30.0), System(WGS84))
    with pytest.raises(DataError, match="不能在有偏移的坐标系之间猜"):
        places_of(raw_geojson, {}, boundary=around)


@pytest.fixture
def raw_geojson():
    """One square near 永川 as a GeoJSON without a crs member gives it."""
    return layer("name\n甲", [shapely.box(105.9, 29.35, 105.901, 29.351)], WGS84, declared=False)
