"""Which column is which: synonyms, what the planner names, and what is refused."""

import pytest

from geo.headings import Fields, find_columns, find_count_columns, normalised, read_fields
from geo.schema import DataError


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("建筑面积（㎡）", "建筑面积"),
        ("户 数(户)", "户数"),
        ("Total_Dwelling Units", "totaldwellingunits"),
        ("社区（居委会）", "社区(居委会)"),
        ("户数(常住)", "户数(常住)"),
        ("*小区名称:", "小区名称"),
    ],
)
def test_headings_as_they_are_compared(heading, words):
    assert normalised(heading) == words


def test_a_chinese_ledger_is_understood():
    headings = [
        "序号",
        "所属街道",
        "社区（居委会）",
        "小区名称",
        "地 址",
        "规模/栋数",
        "规模/户数",
        "建成年代",
        "建筑面积(万㎡)",
        "备注",
    ]

    assert find_columns(headings, Fields(), file="台账.xlsx") == {
        "name": "小区名称",
        "address": "地 址",
        "street_town": "所属街道",
        "committee": "社区（居委会）",
        "buildings": "规模/栋数",
        "built_year": "建成年代",
        "floor_area": "建筑面积(万㎡)",
    }
    assert find_count_columns(headings, taken=set()) == {"规模/户数": "households"}


def test_residents_are_not_a_count():
    assert find_count_columns(["常住户数", "户数(常住)", "人口"], taken=set()) == {}


def test_the_first_synonym_wins_and_the_other_column_is_left():
    assert find_columns(["名称", "小区名称"], Fields(), file="a.csv") == {"name": "小区名称"}


def test_given_fields_go_before_synonyms():
    columns = find_columns(["小区名称", "别名"], Fields({"name": "别名"}), file="a.csv")

    assert columns == {"name": "别名"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "小区"}, "a.csv 没有列“小区”（用作 name）。表头是：序号、名称。请改正列名。"),
        (
            {"id": "序号"},
            "a.csv 的“序号”列是流水号，不能作编号：换一次排序就变了。请用 --id 指明固定的小区编号；没有编号时不给 --id，由小区名称代替。",
        ),
    ],
    ids=["a column that is not there", "a running number as id"],
)
def test_given_columns_that_cannot_be(fields, message):
    with pytest.raises(DataError) as error:
        find_columns(["序号", "名称"], Fields(fields), file="a.csv")
    assert str(error.value) == message


def test_a_field_that_is_not_ours():
    with pytest.raises(DataError, match="字段对照中的“小区”不认识"):
        Fields({"小区": "名称"})


@pytest.mark.parametrize(
    ("file", "text"),
    [("fields.toml", 'name = "甲"\ncount = "乙"\n'), ("fields.csv", "ours,theirs\nname,甲\n\ncount, 乙\n")],
)
def test_fields_from_a_file_and_options_before_them(tmp_path, file, text):
    path = tmp_path / file
    path.write_text(text, encoding="utf-8")

    assert read_fields(path, count="丙", id=None).given == {"name": "甲", "count": "丙"}


@pytest.mark.parametrize(
    ("file", "content"),
    [("f.toml", b"name ="), ("f.csv", b"name"), ("f.toml", "name = '户'".encode("gbk")), ("no.toml", None)],
)
def test_a_fields_file_that_cannot_be_read(tmp_path, file, content):
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(DataError) as error:
        read_fields(tmp_path / file)
    assert (
        str(error.value)
        == f'字段对照文件 {file} 读不出来。请用 UTF-8 编码的 TOML（name = "小区名称"）或 csv（每行 ours,theirs）。'
    )


def test_a_field_that_is_said_to_be_absent_is_not_found(tmp_path):
    path = tmp_path / "fields.csv"
    path.write_text("lift,\nname,楼院\n", encoding="utf-8")
    fields = read_fields(path)
    found = find_columns(["名称", "楼院", "电梯"], fields, file="a.csv")
    assert (found, fields.absent) == ({"name": "楼院"}, {"lift"})
    assert "lift" in find_columns(["名称", "电梯"], Fields(), file="a.csv")
