"""From raw tables to communities: ids, counts, sums and notes, merging, options; nothing dropped, nothing guessed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cleaning import Cleaned, CleaningOptions, clean
from geo.headings import Fields
from geo.reading import RawTable, read_ledger
from geo.rows import take_rows
from geo.schema import COMMUNITY_COLUMNS, DataError, check_columns, finding, findings_table
from tests.ledgers import layer, ledger, square

REALDATA = Path(__file__).parents[2] / "shared" / "realdata"


def counts(cleaned: Cleaned) -> dict[str, object]:
    return {i: None if pd.isna(c) else c for i, c in cleaned.communities["count"].items()}


def findings(cleaned: Cleaned) -> list[tuple[int | None, str]]:
    return [(f.row, f.code.partition(".")[2]) for f in cleaned.findings if f.code != "coordinates.no_places"]


def cleaned(text: str, **options: object) -> Cleaned:
    fields = Fields(options.pop("fields", {}))
    return clean(ledger(text), CleaningOptions(fields=fields, **options))


# --- the whole ---------------------------------------------------------------------------------------

STREET = """
序号,所属街道,社区(居委会),小区名称,地址,栋数,总户数,建成年代,建筑面积(万㎡),经纬度,是否老旧小区
1,中山路街道,东门社区,东门院,东门路1号,2栋,86户,1998-2001,1.2,"105.9001,29.3501",是
2,中山路街道,东门社区,粮食局家属院,粮站路3号,1,40,1987,,"105.9011,29.3501",是
3,中山路街道,东门社区,粮食局家属院,北街9号,1,64户,1991年,,"105.9021,29.3501",是
4,中山路街道,北门社区,北门院,北街2号,3,约120,80年代,0.9,,否
,,,小计,,7,310,,,,
5,中山路街道,北门社区,水厂院,水厂路,1,暂无资料,,,"105.9031,29.3501",
,,,,,,,,,,
6,,,,,,,,,,
注:本表户数截至 2020 年 6 月,,,,,,,,,,
"""


def test_a_street_ledger():
    """Names stand in for ids, the sum, the blank, the prepared number and the note are refused, each with its reason."""
    result = cleaned(STREET, crs="EPSG:4490")

    communities = result.communities
    check_columns(communities, COMMUNITY_COLUMNS, "communities")
    assert counts(result) == {
        "东门院": 86,
        "北门院": 120,
        "水厂院": None,
        "粮食局家属院": 64,
        "粮食局家属院·2": 40,
    }
    assert communities["count_status"].tolist() == [
        "surveyed",
        "estimated",
        "unknown",
        "surveyed",
        "surveyed",
    ]
    assert communities.loc["东门院", "built_year"] == 1998
    assert communities.loc["东门院", "floor_area_m2"] == 12_000.0
    assert communities.loc["东门院", ["street_town", "committee", "是否老旧小区"]].tolist() == [
        "中山路街道",
        "东门社区",
        "是",
    ]
    assert communities.loc["水厂院", "source_rows"] == "台账.csv:7"
    assert communities["households"].tolist() == communities["count"].tolist()
    assert communities["dwellings"].isna().all()
    assert communities.crs.to_epsg() == 4544
    assert result.count_heading == "总户数"
    assert (result.rows_in, result.rows_used, result.rows_refused) == (9, 5, 4)
    assert findings(result) == [
        (None, "projected"),
        (2, "year_range"),
        (3, "name_repeated"),
        (4, "name_repeated"),
        (5, "count_approximate"),
        (5, "year_decade"),
        (5, "no_place"),
        (6, "row_sum"),
        (7, "count_missing"),
        (8, "row_blank"),
        (9, "row_nothing"),
        (10, "row_note"),
    ]


def test_every_finding_has_words_for_people():
    table = findings_table(cleaned(STREET, crs="EPSG:4490").findings)

    sum_row = table[table["code"] == "cleaning.row_sum"].iloc[0]
    assert sum_row.tolist() == ["台账.csv", 6, "", "cleaning.row_sum", "合计行“小计”", "没有采用：不是小区"]


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(9)))
def test_the_order_of_rows_changes_nothing(order):
    raw = ledger(STREET)

    straight = clean(raw, CleaningOptions(crs="EPSG:4490"))
    shuffled = clean(take_rows(raw, np.array(order)), CleaningOptions(crs="EPSG:4490"))

    assert_geodataframe_equal(shuffled.communities, straight.communities)
    assert shuffled.findings == straight.findings


def test_numbers_of_repeated_names_outlive_a_corrected_count():
    before = cleaned("小区名称,地址,户数\n甲,一路,40\n甲,二路,64").communities
    after = cleaned("小区名称,地址,户数\n甲,一路,90\n甲,二路,64").communities

    assert before["address"].to_dict() == after["address"].to_dict() == {"甲": "一路", "甲·2": "二路"}


def test_columns_that_are_not_ours_stay_as_text_even_under_our_names():
    communities = cleaned(
        "小区名称,户数,scope_note,outcome,count_status,名称,楼栋号,层数\n甲,86,x,y,已核,z,3,6"
    ).communities

    assert communities.loc["甲", ["scope_note", "outcome", "名称", "楼栋号", "层数"]].tolist() == [
        "x",
        "y",
        "z",
        "3",
        "6",
    ]


def test_text_of_the_source_is_only_ever_text():
    name = '{{7*191}}=cmd|" /C calc"!A0'
    raw = ledger("小区名称,户数\nx,86")
    raw.frame.loc[2, "小区名称"] = name

    assert clean(raw).communities.index.tolist() == [name]


# --- ids ---------------------------------------------------------------------------------------------


def test_an_id_column_makes_the_ids_and_leading_zeros_stay():
    communities = cleaned("小区编号,小区名称,户数\n007,甲,86\n003,乙,12").communities

    assert communities["name"].to_dict() == {"003": "乙", "007": "甲"}


def test_without_names_the_id_stands_in():
    assert cleaned("编号,户数\nA7,86").communities["name"].tolist() == ["A7"]


def test_a_running_number_under_an_honest_heading_is_not_used():
    result = cleaned("编号,小区名称,户数\n2,甲,86\n1,乙,12\n3,丙,33")

    assert result.communities.index.tolist() == ["丙", "乙", "甲"]
    assert findings(result) == [(None, "running_number")]


def test_a_row_without_id_is_named_by_its_name():
    result = cleaned("编号,小区名称,户数\nA7,甲,86\n,乙,12")

    assert result.communities.index.tolist() == ["A7", "乙"]
    assert findings(result) == [(3, "no_id")]


def test_without_id_and_name_address_and_building_stand_in():
    """Singapore's table of blocks: "BEACH RD 1" is what people call the block."""
    result = cleaned("blk_no,street,total_dwelling_units\n1,BEACH RD,142\n2,BEACH RD,100\n,,90", fields={})

    names = result.communities.index.tolist()
    assert names[:2] == ["BEACH RD 1", "BEACH RD 2"]
    assert names[2].startswith("无名-")
    assert findings(result) == [(None, "no_name"), (4, "row_nameless")]


def test_an_id_made_from_content_outlives_a_corrected_count():
    before, after = (cleaned(f"户数,结构\n{count},砖混\n77,框架") for count in (86, 90))

    assert set(before.communities.index) == set(after.communities.index)
    assert findings(before) == [(None, "no_name_at_all")]


# --- merging -----------------------------------------------------------------------------------------


def test_housing_is_read_and_what_is_unread_is_a_finding():
    result = cleaned(
        "小区名称,户数,产权性质,有无电梯,物业管理方式,物业公司\n"
        "甲,60,房改房,无,专业化物业,\n乙,50,不详,2部,,金科物业\n丙,40,公房,部分有,社区代管,无\n丁,30,,有,,无\n"
    )
    housing = result.communities[["ownership", "lift", "managed"]]
    assert housing.to_numpy().tolist() == [
        ["", "yes", "no"],
        ["公房", "", "no"],
        ["", "yes", "yes"],
        ["房改房", "no", "yes"],
    ]
    assert result.communities.index.tolist() == ["丁", "丙", "乙", "甲"]
    assert result.communities["有无电梯"].tolist() == [
        "有",
        "部分有",
        "2部",
        "无",
    ]  # what the source said stays beside
    assert [(f.row, f.column, f.sentence("found")) for f in result.findings if f.code == "cleaning.flag"] == [
        (4, "有无电梯", "“部分有”看不出有还是无")
    ]


def test_blocks_of_one_community_may_differ():
    result = cleaned("小区编号,楼栋号,户数,产权性质,电梯数\nA,1栋,24,公房,0\nA,2栋,36,房改房,2\n")
    assert result.communities.loc["A", ["ownership", "lift"]].tolist() == ["公房、房改房", "no、yes"]


def test_rows_of_one_id_are_one_community():
    result = cleaned(
        "小区编号,小区名称,楼栋号,户数,建筑面积,建成年代,结构\nA,甲,1栋,24,100,1999,砖混\nA,甲,2栋,36,200,1997,框架\nB,乙,1栋,12,,,砖混"
    )

    merged = result.communities.loc["A"]
    assert merged[["count", "buildings", "floor_area_m2", "built_year"]].tolist() == [60, 2, 300.0, 1997]
    assert merged[["结构", "source_rows"]].tolist() == ["框架、砖混", "台账.csv:2,3"]
    assert result.buildings is not None
    assert result.buildings[["community_id", "name", "count"]].to_numpy().tolist() == [
        ["A", "1栋", 24],
        ["A", "2栋", 36],
        ["B", "1栋", 12],
    ]
    assert (result.rows_in, result.rows_used) == (3, 3)
    assert findings(result) == [(2, "rows_merged")]


def test_rows_of_one_name_merge_only_as_numbered_buildings():
    result = cleaned(
        "小区名称,社区,楼栋号,户数\n甲,东,1栋,24\n甲,东,2栋,36\n甲,西,1栋,50\n乙,东,1栋,7\n乙,东,1栋,8"
    )

    assert counts(result) == {"乙": 7, "乙·2": 8, "甲": 60, "甲·2": 50}
    assert [code for _, code in findings(result) if code != "name_repeated"] == [
        "rows_merged",
        "building_repeated",
    ]


def test_a_name_alone_never_merges():
    result = cleaned("小区名称,户数\n甲,24\n甲,24")

    assert counts(result) == {"甲": 24, "甲·2": 24}


def test_an_unknown_building_leaves_the_community_unknown():
    result = cleaned("小区编号,楼栋号,户数\nA,1,24\nA,2,不详\nB,1,约30\nB,2,12")

    assert counts(result) == {"A": None, "B": 42}
    assert result.communities["count_status"].tolist() == ["unknown", "estimated"]


def test_a_count_merged_over_building_rows_is_that_of_the_community():
    """Reading leaves a merged number in its first row and says so; a cell that is merely empty stays unknown."""
    raw = ledger("小区编号,楼栋号,户数\nA,1,90\nA,2,\nB,1,20\nB,2,不详")
    merged = replace(raw, findings=(finding("reading.merged_number", raw.file, 2, "户数", cells=1),))

    assert counts(clean(raw)) == {"A": None, "B": None}
    result = clean(merged)
    assert counts(result) == {"A": 90, "B": None}
    assert result.communities.loc["A", ["count_status", "households", "buildings"]].tolist() == [
        "surveyed",
        90,
        2,
    ]
    assert result.buildings["count"].isna().all()
    assert [f for f in findings(result) if f[1] == "count_missing"] == [(5, "count_missing")]


def test_a_row_said_twice_counts_once():
    result = cleaned("序号,小区编号,小区名称,户数\n1,A,甲,24\n2,A,甲,24\n3,B,乙,30")

    assert counts(result) == {"A": 24, "B": 30}
    assert (result.rows_used, result.rows_refused) == (2, 1)
    assert findings(result) == [(3, "row_repeated")]


def test_one_id_with_two_names_is_merged_and_said():
    result = cleaned("小区编号,小区名称,户数\nA,甲,24\nA,乙,30")

    assert counts(result) == {"A": 54}
    assert result.findings[1].sentence("found") == "第 2、3 行编号同为“A”，名称却不同：乙、甲"


def test_the_name_said_most_often_is_kept_and_no_name_is_no_other_name():
    result = cleaned("小区编号,小区名称,户数\nA,,11\nA,甲,20\nB,乙,30\nB,丙,40\nB,丙,50\nC,,7\nC,,8")

    assert result.communities["name"].to_dict() == {"A": "甲", "B": "丙", "C": "C"}
    assert findings(result) == [(2, "rows_merged"), (4, "rows_merged_names"), (7, "rows_merged")]


def test_outlines_of_one_id_are_united_and_points_give_the_middle_one():
    outlines = clean(layer("编号,户数\nA,10\nA,20", [square(0, 0), square(40, 0)])).communities
    points = clean(
        layer("编号,户数\nA,1\nA,2\nA,3", [f"POINT ({587000 + x} 3248000)" for x in (0, 50, 70)])
    ).communities

    assert outlines.geometry["A"].equals(square(0, 0).union(square(40, 0)))
    assert points.geometry["A"].x == 587050


# --- counts ------------------------------------------------------------------------------------------


def test_the_only_usable_count_is_taken():
    assert cleaned("小区名称,套数,户数\n甲,,86\n乙,-,12").count_heading == "户数"


def test_the_chosen_count_is_judged_and_the_others_stay_beside_it():
    result = cleaned("小区名称,套数,户数,业主人数\n甲,90,86,80", fields={"count": "套数"})

    assert result.communities.loc["甲", ["count", "dwellings", "households", "owners"]].tolist() == [
        90,
        90,
        86,
        80,
    ]


def test_two_columns_of_one_kind_are_not_mixed():
    result = cleaned("小区名称,总户数,住宅户数\n甲,90,86", fields={"count": "住宅户数"})

    assert result.communities.loc["甲", ["count", "households", "总户数"]].tolist() == [86, 86, "90"]


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [("hold", [None, 0, 40, 61]), ("median", [50, 0, 40, 61]), (7, [7, 0, 40, 61])],
)
def test_unknown_counts_are_held_or_estimated_but_zero_was_said(unknown, expected):
    result = cleaned(
        "小区名称,户数\n一,不详\n二,0\n三,40\n四,61".replace("一", "A")
        .replace("二", "B")
        .replace("三", "C")
        .replace("四", "D"),
        unknown=unknown,
    )

    assert list(counts(result).values()) == expected
    assert result.communities["count_status"].tolist()[:2] == [
        "unknown" if unknown == "hold" else "estimated",
        "unknown",
    ]


def test_a_status_column_is_believed_where_there_is_a_count():
    result = cleaned("小区名称,户数,count_status\nA,86,估算\nB,,已核\nC,50,")

    assert result.communities["count_status"].tolist() == ["estimated", "unknown", "surveyed"]


FLAGGED = [
    # rows, finding, what is said of it
    ("A,1\nB,50", (2, "count_tiny"), "户数只有 1"),
    ("A,2008042\nB,50", (2, "count_huge"), "户数多达 2008042"),
    ("A,0\nB,50", (2, "count_zero"), "户数为 0"),
    ("A,86.5\nB,50", (2, "count_fraction"), "户数不是整数“86.5”"),
    ("A,-5\nB,50", (2, "count_negative"), "户数是负数“-5”"),
    ("A,100-120\nB,50", (2, "count_range"), "户数是一个范围“100-120”"),
    ("A,60+26\nB,50", (2, "count_sum"), "户数写成算式“60+26”"),
    ("A,很多\nB,50", (2, "count_unreadable"), "户数“很多”读不出来"),
    ("A,99999999999999999999\nB,50", (2, "count_impossible"), "户数“99999999999999999999”大得不可能"),
    ("A,40\nB,50\nC,60\nD,150", (5, "count_is_sum"), "户数 150 等于其余各行之和，像是没有标明的合计行"),
    ("A,40\nA,64", (2, "name_repeated"), "名称“A”不止一处"),
    ("合 计,90\nB,50", (2, "row_sum"), "合计行“合 计”"),
    ("东门社区小计,90\nB,50", (2, "row_sum"), "合计行“东门社区小计”"),
    ("填表人:某某,\nB,50", (2, "row_note"), "说明文字“填表人:某某”"),
    ("小区名称,户数\nB,50", (2, "row_head"), "重复的表头“小区名称”"),
]


@pytest.mark.parametrize(("rows", "expected", "sentence"), FLAGGED, ids=[f[1][1] for f in FLAGGED])
def test_odd_rows_are_kept_or_refused_and_said(rows, expected, sentence):
    result = cleaned(f"小区名称,户数\n{rows}")

    assert findings(result)[0] == expected
    assert next(f for f in result.findings if f.row == expected[0]).sentence("found") == sentence
    assert result.rows_in == result.rows_used + result.rows_refused == rows.count("\n") + 1


def test_a_name_that_only_begins_like_a_note_is_a_community():
    assert counts(cleaned("小区名称,户数\n注册局家属院,86\n合计巷小区,50")) == {
        "合计巷小区": 50,
        "注册局家属院": 86,
    }


# --- where -------------------------------------------------------------------------------------------


def test_where_keeps_rows_that_hold_one_of_the_values_in_every_column():
    where = (("镇街", "甲镇"), ("镇街", "乙镇"), ("类型", "住宅"))
    result = cleaned(
        "小区名称,镇街,类型,户数\nA,甲镇,住宅,1\nB,乙镇,住宅,20\nC,丙镇,住宅,30\nD,甲镇,商业,40", where=where
    )

    assert list(counts(result)) == ["A", "B"]
    assert result.rows_in == 2
    assert result.findings[0].sentence("found") == "--where 选出 2 行，共 4 行"


# --- refusals ----------------------------------------------------------------------------------------

REFUSED = [
    # reason, text, options, sentence
    ("no count", "小区名称,地址\n甲,一路", {}, "台账.csv 没有找到户数列（户数、套数、业主人数）。表头是：小区名称、地址。请用 --count 指明列名。"),
    ("residents only", "小区名称,常住户数\n甲,86", {}, "台账.csv 没有找到户数列（户数、套数、业主人数）。表头是：小区名称、常住户数。请用 --count 指明列名。"),
    ("residents given", "小区名称,常住户数\n甲,86", {"fields": {"count": "常住户数"}}, "台账.csv 的“常住户数”列是常住（户籍）数，不能代替房屋套数、户数或业主人数。请用 --count 指明其中一列。"),
    ("two counts", "小区名称,套数,户数\n甲,90,86", {}, "台账.csv 有几列都可以作户数：套数、户数。请用 --count 指明以哪一列判断，例如 --count 套数。"),
    ("two counts of one kind", "小区名称,总户数,住宅户数\n甲,90,86", {}, "台账.csv 有几列都可以作户数：总户数、住宅户数。请用 --count 指明以哪一列判断，例如 --count 总户数。"),
    ("missing count column", "小区名称,户数\n甲,86", {"fields": {"count": "总户"}}, "台账.csv 没有列“总户”（用作 count）。表头是：小区名称、户数。请改正列名。"),
    ("missing id column", "小区名称,户数\n甲,86", {"fields": {"id": "编号"}}, "台账.csv 没有列“编号”（用作 id）。表头是：小区名称、户数。请改正列名。"),
    ("序号 as id", "序号,小区名称,户数\n1,甲,86", {"fields": {"id": "序号"}}, "台账.csv 的“序号”列是流水号，不能作编号：换一次排序就变了。请用 --id 指明固定的小区编号；没有编号时不给 --id，由小区名称代替。"),
    ("1 to n as id", "代号,小区名称,户数\n3,甲,86\n1,乙,5\n2,丙,5", {"fields": {"id": "代号"}}, "台账.csv 的“代号”列是流水号，不能作编号：换一次排序就变了。请用 --id 指明固定的小区编号；没有编号时不给 --id，由小区名称代替。"),
    ("ids ruined by a spreadsheet", "小区编号,户数\nA,1\n4.22E+15,86", {}, "台账.csv 第 3 行“小区编号”列的编号“4.22E+15”已被电子表格改成科学计数，尾数丢失。请把该列设为文本格式，从原始资料重新填写。"),
    ("head without rows", "小区名称,户数", {}, "台账.csv 表头之下没有小区行。请核对工作表（--layer）和表头所在的行。"),
    ("sums and blanks only", "小区名称,户数\n合计,86\n,", {}, "台账.csv 表头之下没有小区行。请核对工作表（--layer）和表头所在的行。"),
    ("where: no column", "小区名称,户数\n甲,86", {"where": (("镇街", "甲"),)}, "台账.csv 没有列“镇街”，--where 用不了。表头是：小区名称、户数。"),
    ("where: no value", "小区名称,户数\n甲,86", {"where": (("户数", "8"),)}, "台账.csv 的“户数”列没有值“8”，--where 选不出任何行。列中的值有：86。"),
    ("where: nothing left", "小区名称,户数\n甲,86\n乙,12", {"where": (("户数", "86"), ("小区名称", "乙"))}, "台账.csv 没有一行同时满足 --where 的全部条件（户数、小区名称）。请放宽条件。"),
    ("no median", "小区名称,户数\n甲,\n乙,0", {"unknown": "median"}, "台账.csv 的“户数”列没有一个已知户数，算不出中位数。请改用 --unknown hold 或 --unknown 正整数。"),
    ("unknown 0", "小区名称,户数\n甲,86", {"unknown": 0}, "--unknown 0 不认识。可用：hold（保留待核）、median（中位数）或一个正整数。"),
    ("unknown in words", "小区名称,户数\n甲,86", {"unknown": "mean"}, "--unknown mean 不认识。可用：hold（保留待核）、median（中位数）或一个正整数。"),
    ("crs in words", "小区名称,户数\n甲,86", {"crs": "百度"}, "--crs 百度 不认识。可用：auto、gcj02（高德、腾讯）、bd09（百度）、EPSG：编号（如 EPSG:4490）。"),
    ("no crs", '小区名称,户数,经纬度\n甲,86,"105.9,29.35"', {}, "台账.csv：坐标是经纬度（中间一处为 105.9, 29.35），但文件没有说明坐标系，不能在有偏移的坐标系之间猜。请指明：--crs EPSG:4490（CGCS2000、WGS-84，未偏移）、--crs gcj02（高德、腾讯）或 --crs bd09（百度）。"),
    ("wrong crs", '小区名称,户数,经纬度\n甲,86,"105.9,29.35"', {"crs": "EPSG:4544"}, "台账.csv：坐标（中间一处为 105.9, 29.35）不可能是 EPSG:4544，看起来像经纬度（度）。请核对数据，或用 --crs 指明正确的坐标系。"),
    ("no belt", "小区名称,户数,x,y\n甲,86,587399,3248399", {}, "台账.csv：坐标以米为单位（中间一处为 587399, 3248399），但文件没有说明坐标系，也没有带号，不知道是哪一带。请指明，例如 --crs EPSG:4544（CGCS2000 3°带，中央经线 105°）。"),
    ("scope in other words", "小区名称,户数,组团范围\n甲,86,也许", {}, "台账.csv 第 2 行“组团范围”列的组团范围“也许”不认识。可填：待组团、维持现状、可吸收相邻小区、不纳入。"),
    ("scopes of one id differ", "小区编号,楼栋号,户数,组团范围\nA,1,86,维持现状\nA,2,86,", {}, "台账.csv 第 2、3 行同属小区“A”，组团范围却不一致。请改成同一种。"),
    ("a field that is not ours", "小区名称,户数\n甲,86", {"fields": {"户": "户数"}}, None),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "text", "options", "sentence"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_cannot_be_used_is_refused_in_one_sentence(reason, text, options, sentence):
    with pytest.raises(DataError) as error:
        cleaned(text, **options)
    if sentence is None:
        sentence = str(error.value)
        assert sentence.startswith("字段对照中的“户”不认识。可用的字段是：id、name、address")
    assert str(error.value) == sentence, reason


def test_scope_of_the_ledger():
    result = cleaned("小区名称,户数,组团范围\nA,86,维持现状\nB,5,\nC,5,不纳入")

    assert result.communities["scope"].tolist() == ["fixed", "to_group", "excluded"]


# --- real input --------------------------------------------------------------------------------------


@pytest.fixture
def real():
    if not REALDATA.exists():
        pytest.skip("the folder of real input is not beside the checkout")

    def read(name: str) -> RawTable:
        return read_ledger(REALDATA / name)

    return read


@pytest.mark.realdata
def test_fuling(real):
    result = clean(
        real("chongqing/district_fuling_beike.csv"),
        CleaningOptions(fields=Fields({"count": "房屋总数", "name": "plot_name"}), crs="bd09"),
    )

    communities = result.communities
    assert (len(communities), communities["count"].sum(), (communities["count"] < 100).sum()) == (
        408,
        195_228,
        117,
    )
    assert communities.crs.to_epsg() == 4545
    assert (communities.geom_type == "Point").all()
    assert {f.code for f in result.findings} == {
        "coordinates.shifted",
        "coordinates.projected",
        "cleaning.count_tiny",
    }


@pytest.mark.realdata
def test_yongchuan_mostly_unknown(real):
    result = clean(real("chongqing/yongchuan_sofang.csv"), CleaningOptions(crs="bd09"))

    assert result.communities["count"].isna().sum() == 126
    assert sum(f.code == "cleaning.count_missing" for f in result.findings) == 126
    assert sum(f.code == "coordinates.far_away" for f in result.findings) >= 15


@pytest.mark.realdata
def test_harbin_without_places(real):
    result = clean(real("harbin_xiaoqu_ledger/harbin_xiaoqu.csv"))

    assert len(result.communities) == 689
    assert result.communities.crs is None
    assert result.communities.index[0] == "42000000000054"
    assert result.count_heading == "door_count"


@pytest.mark.realdata
def test_singapore_residential(real):
    options = CleaningOptions(
        fields=Fields({"count": "total_dwelling_units"}), crs="EPSG:4326", where=(("residential", "Y"),)
    )

    result = clean(real("singapore_hdb/hdb_blocks_geocoded.csv"), options)

    assert len(result.communities) == 10_127
    assert result.communities.geometry.notna().sum() == 9_669
    assert result.communities.crs.to_epsg() == 32648
    assert "BEACH RD 1" in result.communities.index
