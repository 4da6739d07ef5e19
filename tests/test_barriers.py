"""Classes of bounds and the reading of their layers; what they do to links is in test_adjacency."""

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString, Point, box

from geo.barriers import barrier_classes, blocking, crossed, read_barriers, standing
from geo.schema import DataError

CRS = "EPSG:4544"
CHONGQING = tomllib.loads(
    (Path(__file__).parent.parent / "data/rules/chongqing.toml").read_text(encoding="utf-8")
)
RULES = barrier_classes(CHONGQING)
LINE = LineString([(0, 0), (0, 100)])


def layer(*shapes: object, **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def classes(table: gpd.GeoDataFrame, name: str = "道路.gpkg") -> list[str]:
    return read_barriers([(name, table)], RULES, crs=CRS).features["barrier_class"].tolist()


def test_the_rules_of_chongqing():
    assert RULES.never() == ("次干路", "主干路", "铁路", "河流", "堡坎陡坎")
    assert RULES.crossing_prices() == {"巷道": 500.0, "支路": 2000.0}
    assert {c.name: c.reason for c in RULES.classes if c.reason} == {"堡坎陡坎": "terrain"}


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"类别": "主干路"}, "主干路"),
        ({"道路等级": " 快速路 "}, "主干路"),
        ({"类型": "次干道"}, "次干路"),
        ({"等级": "支路"}, "支路"),
        ({"类别": "堡坎"}, "堡坎陡坎"),
        ({"highway": "primary"}, "主干路"),
        ({"highway": "Secondary_Link"}, "次干路"),
        ({"highway": "residential"}, "支路"),
        ({"highway": "service"}, "巷道"),
        ({"kind": "major_road", "kind_detail": "secondary"}, "次干路"),
        ({"kind": "major_road", "kind_detail": "tertiary"}, "主干路"),
        ({"kind": "minor_road", "kind_detail": "service"}, "巷道"),
        ({"kind": "minor_road", "kind_detail": None}, "支路"),
        ({"kind": "rail", "kind_detail": "subway"}, "铁路"),
        ({"fclass": "river"}, "河流"),
        ({"barrier": "wall"}, "围墙"),
        ({"highway": float("nan"), "railway": "rail"}, "铁路"),
    ],
)
def test_chinese_and_openstreetmap_values_are_known(columns, name):
    assert classes(layer(LINE, **{k: [v] for k, v in columns.items()})) == [name]


def test_open_ways_are_no_bounds_and_unknown_features_are_reported():
    read = read_barriers(
        [("r.gpkg", layer(LINE, LINE, LINE, highway=["footway", "river of gold", "trunk"]))], RULES, crs=CRS
    )
    assert read.features["barrier_class"].tolist() == ["主干路"]
    assert [f.sentence("found") for f in read.findings] == ["图层中有 1 个要素不属于规则里的任何分隔界线类别"]
    assert [f.file for f in read.findings] == ["r.gpkg"]


@pytest.mark.parametrize("name", ["河流.shp", "基础.gpkg:河流", "water.geojson"])
def test_a_layer_without_class_columns_is_what_its_name_says(name):
    assert classes(layer(box(0, 0, 9, 9), 名称=["临江河"]), name) == ["河流"]


def test_repeats_and_parts():
    table = layer(
        LINE,
        LINE,
        MultiLineString([[(5, 0), (5, 9)], [(7, 0), (7, 9)]]),
        None,
        LineString(),
        类别=["铁路"] * 5,
    )
    assert classes(table) == ["铁路"] * 3


@pytest.mark.parametrize("value", ["否", "F", "no", "0", "", None, float("nan"), False])
def test_values_that_say_no_bridge(value):
    read = read_barriers([("r", layer(LINE, 类别=["主干路"], bridge=[value]))], RULES, crs=CRS)
    assert (len(read.features), len(read.crossings)) == (1, 0)


def test_kinds_of_crossings():
    table = layer(
        LINE, LINE, LINE, LINE, Point(1, 1), Point(2, 2), Point(3, 3),
        类别=["主干路", "铁路", "支路", "人行天桥", "", "河流", "主干路"],
        bridge=["是", "是", "是", "", "", "", "是"],
    )  # fmt: skip
    crossings = read_barriers([("r", table)], RULES, crs=CRS).crossings
    assert sorted(zip(crossings["kind"], crossings["barrier_class"], strict=True)) == [
        ("opening", "主干路"),
        ("opening", "铁路"),
        ("point", ""),  # without a class
        ("point", ""),  # a main road's, marked as a bridge; the river's is a label
        ("walk", "主干路"),
        ("walk", "人行通道"),
        ("walk", "支路"),
    ]


def test_bridge_pieces_cut_at_tile_edges_are_one():
    table = layer(
        LineString([(0, 0), (0, 6)]), LineString([(0, 4), (0, 9)]), 类别=["步行道"] * 2, bridge=["T"] * 2
    )
    assert read_barriers([("r", table)], RULES, crs=CRS).crossings.geometry.length.tolist() == [9]


def test_layers_are_brought_into_the_crs_and_order_does_not_matter():
    table = layer(LINE, box(5, 5, 9, 9), Point(3, 3), 类别=["铁路", "河流", ""]).set_geometry(
        [shapely.affinity.translate(g, 500_000, 3_200_000) for g in (LINE, box(5, 5, 9, 9), Point(3, 3))],
        crs=CRS,
    )
    read = read_barriers([("r", table)], RULES, crs=CRS)
    away = read_barriers([("r", table.to_crs(4326).iloc[::-1])], RULES, crs=CRS)
    assert (
        away.features["barrier_class"].tolist() == read.features["barrier_class"].tolist() == ["铁路", "河流"]
    )
    assert shapely.hausdorff_distance(away.features.geometry.array, read.features.geometry.array).max() < 1e-3


def test_no_layers_no_bounds():
    nothing = read_barriers([], RULES, crs=CRS)
    assert (len(nothing.features), len(nothing.crossings)) == (0, 0)
    ways = np.array([LINE], dtype=object)
    assert blocking(ways, nothing).tolist() == [""]
    assert crossed(ways, nothing) == [()]
    assert standing(ways, nothing)[0].tolist() == [LINE]


def test_faults_of_layers():
    with pytest.raises(DataError, match=r"^分隔界线图层 r\.shp 没有坐标系。请在原软件中定义坐标系"):
        read_barriers(
            [("r.shp", layer(LINE, 类别=["铁路"]).set_crs(None, allow_override=True))], RULES, crs=CRS
        )
    with pytest.raises(
        DataError, match=r"^分隔界线图层 r\.shp 中没有一个要素属于规则里的类别（人行通道、次干路、"
    ):
        read_barriers([("r.shp", layer(LINE, 类别=["航线"]))], RULES, crs=CRS)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"rule": "never"}, '规则文件的第 1 个 [[barrier]] 没有 name。请写上分隔界线的类别名，例如 name = "河流"。'),
        ({"name": "河", "rule": "ever"}, "规则文件 [[barrier]]“河”的 rule = ever 不认识。可填：never、price、wall、open。"),
        ({"name": "路", "rule": "price"}, "规则文件 [[barrier]]“路”的 price = None 不对。"),
        ({"name": "路", "rule": "price", "price": -1}, "规则文件 [[barrier]]“路”的 price = -1 不对。"),
        ({"name": "路", "rule": "price", "price": "贵"}, "规则文件 [[barrier]]“路”的 price = 贵 不对。"),
        ({"name": "路", "rule": "never", "price": 9}, "规则文件 [[barrier]]“路”的 price = 9 不对。"),
    ],
)  # fmt: skip
def test_faults_of_rules(row, message):
    with pytest.raises(DataError) as caught:
        barrier_classes({"barrier": [row]})
    assert str(caught.value).startswith(message)


def test_a_class_stands_in_the_rules_once():
    with pytest.raises(DataError, match=r"^规则文件里 \[\[barrier\]\]“河”写了两次。请合并为一个。$"):
        barrier_classes({"barrier": [{"name": "河", "rule": "never"}] * 2})


def test_rules_without_barriers_are_allowed():
    assert barrier_classes({}).classes == ()


def test_standing_keeps_what_is_on_the_own_side():
    barriers = read_barriers(
        [("r", layer(LINE, box(50, -9, 60, 99), 类别=["主干路", "河流"]))], RULES, crs=CRS
    )
    shapes = np.array(
        [box(-1, 10, 30, 20), box(-30, 10, 30, 20), box(51, 0, 52, 1), box(10, 0, 55, 9)], dtype=object
    )
    stood, cut, inside = standing(shapes, barriers)
    assert stood[0].bounds == (0.25, 10, 30, 20)
    assert len(stood[1].geoms) == 2
    assert stood[2].equals(shapes[2])
    assert stood[3].bounds == (10, 0, 50, 9)
    assert (cut.tolist(), inside.tolist()) == ([False, True, False, False], [False, False, True, False])
