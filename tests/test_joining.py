"""Ledgers joined to outlines, buildings joined to communities: certain pairs only, everything else listed."""

import pandas as pd
import pytest

from geo.cleaning import CleaningOptions, clean
from geo.headings import Fields
from geo.schema import BUILDING_COLUMNS, DataError, check_columns
from tests.ledgers import layer, ledger, square


def joined(text, outlines, **options):
    return clean(ledger(text), CleaningOptions(**options), outlines=outlines)


def with_place(result):
    return result.communities.index[result.communities.geometry.notna()].tolist()


def said(result, code):
    return [(f.row, f.sentence("found")) for f in result.findings if f.code == f"cleaning.{code}"]


# --- outlines ----------------------------------------------------------------------------------------


def test_equal_ids_join_and_two_outlines_of_one_id_are_united():
    outlines = layer("小区编号,名称\nA,别的名字\nB,乙\nB,乙", [square(0, 0), square(100, 0), square(140, 0)])

    result = joined("小区编号,小区名称,户数\nA,甲,86\nB,乙,12\nC,丙,5", outlines)

    assert result.communities.geometry["A"].equals(square(0, 0))
    assert result.communities.geometry["B"].equals(square(100, 0).union(square(140, 0)))
    assert with_place(result) == ["A", "B"]
    assert said(result, "join_nothing") == [(4, "“丙”在 边界.gpkg 中没有边界")]


def test_rows_without_an_id_join_by_name_beside_those_that_have_one():
    outlines = layer(
        "小区编号,名称,地址\nA,甲,一路\nB,乙,二路\nC,丙,三路", [square(x, 0) for x in (0, 100, 200)]
    )

    result = joined("小区编号,小区名称,地址,户数\nA,甲,一路,86\n,乙,二路,12\nD,丙,三路,5", outlines)

    assert with_place(result) == [
        "A",
        "乙",
    ]  # D and C are two numbers: their equal names do not make them one
    assert result.communities.geometry["乙"].equals(square(100, 0))
    assert said(result, "join_doubtful") == [(4, "“丙”与 边界.gpkg 第 3 行同名，但不是一对一")]


def test_names_join_whatever_their_white_space_and_width():
    outlines = layer("小区名称\n东门 院(一期)\n西门院", [square(0, 0), square(100, 0)])

    result = joined("小区名称,户数\n东门院（一期）,86", outlines)

    assert with_place(result) == ["东门院（一期）"]
    assert said(result, "outline_alone") == [(2, "边界“西门院”在台账中没有对应的行")]


def test_address_and_committee_must_agree_where_both_are_given():
    outlines = layer("小区名称,社区\n甲,东\n甲,西", [square(0, 0), square(100, 0)])

    result = joined("小区名称,地址,社区,户数\n甲,一路,东,86\n甲,二路,西,12", outlines)

    assert result.communities.geometry["甲"].equals(square(0, 0))
    assert result.communities.geometry["甲·2"].equals(square(100, 0))


def test_two_rows_of_one_name_and_one_outline_are_never_joined():
    outlines = layer("小区名称\n粮食局家属院", [square(0, 0)])

    result = joined("小区名称,户数\n粮食局家属院,40\n粮食局家属院,64", outlines)

    assert with_place(result) == []
    sentence = "“粮食局家属院”与 边界.gpkg 第 1 行同名，但不是一对一"
    assert said(result, "join_doubtful") == [(2, sentence), (3, sentence)]


def test_like_names_are_listed_and_never_joined():
    outlines = layer("小区名称\n粮食局宿舍\n水厂院", [square(0, 0), square(100, 0)])

    result = joined("小区名称,户数\n粮食局家属宿舍,40", outlines)

    assert with_place(result) == []
    assert said(result, "join_near") == [
        (2, "“粮食局家属宿舍”在 边界.gpkg 中没有同名边界，相近的有：粮食局宿舍（第 1 行）")
    ]


def test_rows_without_an_outline_keep_their_own_point():
    outlines = layer("小区名称\n甲", [square(0, 0)])

    result = joined(
        '小区名称,户数,经纬度\n甲,86,"105.9,29.35"\n乙,12,"105.91,29.35"', outlines, crs="EPSG:4490"
    )

    assert result.communities.geometry["甲"].equals(square(0, 0))
    assert result.communities.geom_type.tolist() == ["Point", "Polygon"]
    assert result.communities.geometry["乙"].distance(square(0, 0)) < 2_000


def test_outlines_that_declare_nothing_take_the_option():
    outline = layer(
        "小区名称\n甲",
        ["POLYGON ((105.9 29.35, 105.901 29.35, 105.901 29.351, 105.9 29.35))"],
        None,
        declared=False,
    )

    assert joined("小区名称,户数\n甲,86", outline, crs="EPSG:4490").communities.crs.to_epsg() == 4544
    with pytest.raises(DataError, match=r"^边界.gpkg：坐标是经纬度"):
        joined("小区名称,户数\n甲,86", outline)


def test_an_outline_that_cannot_be_used_joins_nothing():
    outlines = layer("小区名称\n甲\n乙", ["LINESTRING (587000 3248000, 587040 3248000)", square(0, 0)])

    result = joined("小区名称,户数\n甲,86\n乙,12", outlines)

    assert with_place(result) == ["乙"]


# --- buildings ---------------------------------------------------------------------------------------

TWO = layer("小区编号,户数\nA,86\nB,12", [square(0, 0), square(100, 0)], file="小区.gpkg")


def test_buildings_join_by_id_then_by_containment():
    blocks = layer(
        "小区编号,楼栋号,层数,户数\nB,1栋,6层,24\n,2栋,7,36\n,3栋,,5",
        [square(10, 10, 5), square(110, 10, 5), square(60, 0, 5)],
        file="楼栋.gpkg",
    )

    result = clean(TWO, buildings=blocks)

    check_columns(result.buildings, BUILDING_COLUMNS, "buildings")
    rows = result.buildings[["community_id", "name", "count", "storeys"]].astype(object)
    assert rows.where(rows.notna(), None).to_numpy().tolist() == [
        ["", "3栋", 5, None],
        ["B", "1栋", 24, 6],
        ["B", "2栋", 36, 7],
    ]
    assert [(f.file, f.row) for f in result.findings if f.code == "cleaning.building_alone"] == [
        ("楼栋.gpkg", 3)
    ]
    assert result.communities["count"].tolist() == [86, 12]


def test_counts_come_from_buildings_where_the_ledger_has_none():
    towns = layer("小区编号\nA\nB\nC", [square(0, 0), square(100, 0), square(200, 0)], file="小区.gpkg")
    blocks = ledger("小区编号,楼栋号,住宅套数\nA,1,24\nA,2,36\nB,1,不详", file="楼栋.csv")

    result = clean(towns, buildings=blocks)

    assert result.count_heading == "住宅套数"
    assert result.communities["count"].fillna(-1).tolist() == [60, -1, -1]
    assert result.communities["count_status"].tolist() == ["surveyed", "unknown", "unknown"]


def test_the_count_of_the_buildings_may_be_the_one_chosen():
    towns = layer("小区编号\nA", [square(0, 0)], file="小区.gpkg")
    blocks = ledger("小区编号,套数,户数\nA,24,20", file="楼栋.csv")

    with pytest.raises(DataError, match=r"^楼栋\.csv 有几列都可以作户数：套数、户数。"):
        clean(towns, buildings=blocks)
    assert clean(towns, CleaningOptions(fields=Fields({"count": "户数"})), buildings=blocks).communities[
        "count"
    ].tolist() == [20]


def test_estimated_buildings_make_an_estimated_community():
    towns = layer("小区编号\nA", [square(0, 0)], file="小区.gpkg")

    result = clean(towns, buildings=ledger("小区编号,户数\nA,约24\nA,36", file="楼栋.csv"))

    assert result.communities[["count", "count_status"]].to_numpy().tolist() == [[60, "estimated"]]
    assert [f.code for f in result.findings] == ["cleaning.count_approximate"]


def test_buildings_that_name_no_community_and_have_no_place():
    with pytest.raises(DataError) as error:
        clean(TWO, buildings=ledger("楼栋号,户数\n1,24", file="楼栋.csv"))
    assert (
        str(error.value)
        == "楼栋.csv 既没有小区编号列，也没有位置，楼栋不知道归到哪个小区。请补“小区编号”列或图形。表头是：楼栋号、户数。"
    )


def test_no_buildings_no_table():
    assert clean(TWO).buildings is None


def test_order_of_buildings_changes_nothing():
    blocks = ledger("小区编号,楼栋号,户数\nA,1,24\nA,2,36\nB,1,5", file="楼栋.csv")
    turned = ledger("小区编号,楼栋号,户数\nB,1,5\nA,2,36\nA,1,24", file="楼栋.csv")

    pd.testing.assert_frame_equal(
        clean(TWO, buildings=blocks).buildings, clean(TWO, buildings=turned).buildings
    )
