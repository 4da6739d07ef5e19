"""Workbooks: what a person opens, and that no cell is code."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from report.plansheets import plan_sheets
from report.results import VIOLATION_COLUMNS, Results
from report.workbooks import NARROWEST, WIDEST, Sheet, column_width, half_widths, write_workbook
from tests import fakes


@pytest.fixture(scope="module")
def plan() -> Results:
    return fakes.results()


@pytest.fixture
def book(plan: Results, tmp_path: Path) -> openpyxl.Workbook:
    write_workbook(tmp_path / "plan.xlsx", list(plan_sheets(plan)))
    return openpyxl.load_workbook(tmp_path / "plan.xlsx")


def test_sheets_in_their_order(book):
    assert book.sheetnames == ["拟划定物业管理区域", "小区", "暂未组团", "网格", "数据核对清单"]


def test_violations_have_a_sheet_only_where_there_are_some(plan):
    one = pd.DataFrame([("minimum", "PMA-003", "87", "100", "不足")], columns=list(VIOLATION_COLUMNS)).astype(
        "str"
    )
    sheets = list(plan_sheets(replace(plan, violations=one, area_grid=None)))
    assert [s.name for s in sheets][-2:] == ["数据核对清单", "未通过项"]
    assert list(sheets[-1].table.columns) == ["规则", "位置", "现值", "限值", "说明"]


def test_title_summary_and_caveats_stand_above_the_table(book):
    paper = book["拟划定物业管理区域"]
    assert paper["A1"].value == "中山路街道老旧小区组团方案(草案) · 拟划定物业管理区域"
    assert paper["A2"].value == (
        "拟划定物业管理区域 26 个(组团 22,单独划定 2,维持现状 2)· 暂未组团 3 · 户数待核 2"
    )
    assert paper["A3"].value == "最低户数 100 · 判定所用列:总户数 · 说明:未核组团范围;部分户数为估算"
    assert [c.value for c in paper[4]][:8] == [
        "区域编号",
        "划定方式",
        "小区数",
        "总户数",
        "临界",
        "所含小区",
        "中心小区",
        "综合代价(户·米)",
    ]
    assert [c.value for c in paper[5]][:6] == ["PMA-001", "组团", 2, 141, None, "萱花小区、萱花家属院"]


def test_every_sheet_is_an_a4_page_across(book):
    for paper in book:
        assert paper.page_setup.paperSize == 9
        assert paper.page_setup.orientation == "landscape"
        assert paper.sheet_properties.pageSetUpPr.fitToPage
        assert paper.page_setup.fitToWidth in {None, 1}  # the default
        assert paper.page_setup.fitToHeight == 0
        assert paper.print_title_rows == "$4:$4"
        assert paper.oddFooter.center.text == "第 &P 页 共 &N 页"


def test_exceptions_are_listed_with_reason_and_repair(book):
    paper = book["暂未组团"]
    rows = [[c.value for c in row] for row in paper.iter_rows(min_row=4)]
    assert rows[0] == ["编号", "小区名称", "地址", "社区", "网格", "总户数", "户数状态", "原因", "处理建议"]
    assert [row[0] for row in rows[1:]] == ["C007", "C038", "C054"]
    assert rows[1][7] == "无相邻小区:最近的小区在 212 米外"


def test_outcomes_are_in_words(book):
    rows = [[c.value for c in row] for row in book["小区"].iter_rows(min_row=4)]
    place = rows[0].index("结果")
    assert {row[place] for row in rows[1:]} == {
        "组团",
        "单独划定",
        "维持现状",
        "暂未组团(不足100户)",
        "户数待核",
    }


def test_an_unknown_count_is_an_empty_cell(book):
    rows = {row[0].value: row for row in book["小区"].iter_rows(min_row=5)}
    assert rows["C023"][5].value is None
    assert rows["C022"][5].value == 79


def test_grids_share_an_area(book):
    rows = [[c.value for c in row][:4] for row in book["网格"].iter_rows(min_row=4)]
    assert rows[0] == ["区域编号", "网格", "户数", "占本区域"]
    shares = [row for row in rows if row[0] == "PMA-004"]
    assert sum(row[2] for row in shares) == 209


def test_no_text_becomes_a_formula_or_a_link(tmp_path):
    cells = ["=1+1", "+1", "-1", "@x", "http://a.b", "internal:x!A1", "{=1}", "\t=1"]
    write_workbook(tmp_path / "a.xlsx", [Sheet("a", "=title", ("=line",), pd.DataFrame({"=head": cells}))])
    paper = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]
    values = [paper.cell(row, 1) for row in range(1, 12)]
    assert [v.value for v in values] == ["=title", "=line", "=head", *cells]
    assert {v.data_type for v in values} == {"s"}
    assert not any(v.hyperlink for v in values)


def test_an_empty_sheet_has_its_headings(tmp_path):
    write_workbook(tmp_path / "a.xlsx", [Sheet("a", "t", (), pd.DataFrame(columns=["一", "二"]))])
    assert [c.value for c in openpyxl.load_workbook(tmp_path / "a.xlsx")["a"][2]][:2] == ["一", "二"]


def test_chinese_characters_are_two_wide():
    assert half_widths("红旗路12号") == 10


@pytest.mark.parametrize(
    ("heading", "values", "width"),
    [
        ("小区名称", ["红旗小区"], 10),
        ("小区名称", [None, ""], 10),
        ("行", [7], NARROWEST),
        ("原因", ["很长" * 40], WIDEST),
        ("原因", ["短"] * 99 + ["三十个字" * 8], 24),
    ],
)
def test_columns_fit_their_usual_cell(heading, values, width):
    assert column_width(heading, pd.Series(values, dtype=object)) == width
