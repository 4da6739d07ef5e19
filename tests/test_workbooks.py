"""Workbooks: what a person opens, and that no cell is code."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from report.plansheets import plan_sheets
from report.results import Results
from report.workbooks import (
    ACROSS,
    NARROWEST,
    SMALLEST,
    WIDEST,
    Sheet,
    column_width,
    half_widths,
    write_workbook,
)
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
    one = fakes.violations(("minimum", "PMA-003", "87", "100", "不足"))
    sheets = list(plan_sheets(replace(plan, violations=one, area_grid=None)))
    assert [s.name for s in sheets][-2:] == ["数据核对清单", "未通过项"]
    assert list(sheets[-1].table.columns) == ["规则", "位置", "现值", "限值", "说明"]


def test_title_summary_and_caveats_stand_above_the_table(book):
    paper = book["拟划定物业管理区域"]
    assert paper["A1"].value == "中山路街道老旧小区组团方案(草案) · 拟划定物业管理区域"
    assert paper["A2"].value == (
        "拟划定物业管理区域 26 个（组团 22，单独划定 2，维持现状 2）· 暂未组团 3 · 户数待核 2"
    )
    assert paper["A3"].value == "最低户数 100 · 判定所用列：总户数 · 说明：未核组团范围；部分户数为估算"
    assert [c.value for c in paper[4]][:8] == [
        "区域编号",
        "划定方式",
        "小区数",
        "总户数",
        "所含小区",
        "中心小区",
        "备注",
        "综合代价（户·米）",
    ]
    assert [c.value for c in paper[4]][8:] == [
        "步行（户·米）",
        "跨越支路、巷道（户·米）",
    ]  # the parts that are not nought
    assert [c.value for c in paper[5]][:5] == ["PMA-001", "组团", 2, 141, "萱花小区、萱花家属院"]


def test_every_sheet_is_an_a4_page_across(book):
    for paper in book:
        assert paper.page_setup.paperSize == 9
        assert paper.page_setup.orientation == "landscape"
        assert paper.sheet_properties.pageSetUpPr.fitToPage
        assert paper.page_setup.fitToWidth in {None, 1}  # the default
        assert paper.print_title_rows == "$4:$4"
        assert paper.oddFooter.center.text == "第 &P 页 共 &N 页"


def test_exceptions_are_listed_with_reason_and_repair(book):
    paper = book["暂未组团"]
    rows = [[c.value for c in row] for row in paper.iter_rows(min_row=4)]
    assert rows[0] == ["编号", "小区名称", "地址", "社区", "网格", "总户数", "户数状态", "原因", "处理建议"]
    assert [row[0] for row in rows[1:]] == ["C007", "C038", "C054"]
    assert rows[1][7] == "无相邻小区：最近的小区在 212 米外"


def test_outcomes_are_in_words(book):
    rows = [[c.value for c in row] for row in book["小区"].iter_rows(min_row=4)]
    place = rows[0].index("结果")
    assert {row[place] for row in rows[1:]} == {
        "组团",
        "单独划定",
        "维持现状",
        "暂未组团（不足100户）",
        "户数待核",
    }


def test_an_unknown_count_is_an_empty_cell(book):
    rows = {row[0].value: row for row in book["小区"].iter_rows(min_row=5)}
    assert rows["C023"][5].value is None
    assert rows["C022"][5].value == 79


def remarks(plan: Results, **columns: object) -> str:
    """What the sheet says of the first area once its columns are changed."""
    areas = plan.areas.copy()
    for column, value in columns.items():
        areas.loc[areas.index[0], column] = value
    return str(next(plan_sheets(replace(plan, areas=areas))).table["备注"].iloc[0])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"near_minimum": True, "count": 104}, "临界"),
        ({"near_minimum": True, "count": 96}, "低于最低户数；临界"),
        ({"count": 60}, "低于最低户数"),
        ({"count": 60, "kind": "fixed"}, ""),
        ({"count": 600, "cost_size": 5000.0}, "超过户数上限"),
        ({"count": 300, "cost_join": 5000.0}, "含本身已达最低户数的小区（并入须征求其意见）"),
    ],
)
def test_areas_have_remarks(plan, columns, words):
    plain = {"near_minimum": False, "count": 141, "cost_size": 0.0, "cost_join": 0.0}
    assert remarks(plan, **plain | columns) == words


def test_an_area_that_a_check_names_is_marked(plan):
    broken = replace(plan, violations=fakes.violations(("minimum", "PMA-001", "87", "100", "不足")))
    assert remarks(broken, count=87, near_minimum=False, cost_size=0.0, cost_join=0.0) == (
        "未通过检查；低于最低户数"
    )


def test_columns_without_a_word_stay_away(plan):
    bare = replace(plan, communities=plan.communities.assign(address="", committee="", grids=""))
    sheets = {s.name: list(s.table.columns) for s in plan_sheets(bare)}
    assert sheets["小区"] == [
        *("编号", "小区名称", "总户数", "户数状态", "组团范围", "结果", "区域编号", "原因", "台账行")
    ]
    assert sheets["暂未组团"] == ["编号", "小区名称", "总户数", "户数状态", "原因", "处理建议"]


def test_an_id_that_is_only_the_name_stays_away(plan):
    named = replace(plan, communities=plan.communities.assign(name=plan.communities.index.astype("str")))
    sheets = {s.name: s.table for s in plan_sheets(named)}
    assert "编号" not in sheets["小区"]
    assert "编号" not in sheets["暂未组团"]
    assert sheets["小区"]["小区名称"].iloc[0] == "C001"


def test_grids_stand_in_the_order_of_their_layer(plan):
    grids = pd.DataFrame(
        [("PMA-001", grid, 10) for grid in ("第10网格", "第1网格", "第2网格", "未登记网格")],
        columns=["area_id", "grid", "households"],
    ).astype({"area_id": "str", "grid": "str"})
    layer = plan.layers["grids"].iloc[:3].assign(name=["第1网格", "第2网格", "第10网格"])
    sheets = {s.name: s.table for s in plan_sheets(replace(plan, area_grid=grids, layers={"grids": layer}))}
    assert sheets["网格"]["网格"].to_list() == ["第1网格", "第2网格", "第10网格", "未登记网格"]


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


# --- the page --------------------------------------------------------------------------------------


def paper_of(tmp_path: Path, table: pd.DataFrame, **options: tuple[str, ...]) -> Any:
    write_workbook(tmp_path / "a.xlsx", [Sheet("a", "t", (), table, **options)])
    return openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]


def across(paper: Any, columns: int) -> float:
    """The width of the first columns; openpyxl joins neighbours of one width."""
    groups = paper.column_dimensions.values()
    return sum(g.width * len(range(g.min, min(g.max, columns) + 1)) for g in groups if g.min <= columns)


WIDE = {f"第{n}列": ["十个字十个字十个字二" * 2] * 3 for n in range(1, 7)}


def test_what_is_printed_stays_readable(tmp_path):
    paper = paper_of(tmp_path, pd.DataFrame(WIDE))
    assert across(paper, 6) == pytest.approx(ACROSS / SMALLEST, abs=1)
    assert not paper.print_area
    assert paper.row_dimensions[3].height == 30.0  # two lines


def test_a_spare_column_leaves_a_page_that_is_too_narrow(tmp_path):
    table = pd.DataFrame(WIDE | {"台账行": ["ledger.xlsx:7"] * 3})
    paper = paper_of(tmp_path, table, spare=("台账行",))
    assert paper.print_area == "'a'!$A$1:$F$5"
    assert paper["G3"].value == "ledger.xlsx:7"
    assert across(paper, 6) <= ACROSS / SMALLEST


def test_a_spare_column_is_printed_where_there_is_room(tmp_path):
    paper = paper_of(tmp_path, pd.DataFrame({"一": ["甲"], "台账行": ["a.csv:2"]}), spare=("台账行",))
    assert not paper.print_area


def test_room_that_is_left_goes_to_the_widest_column(tmp_path):
    paper = paper_of(tmp_path, pd.DataFrame({"行": [1], "原因": ["很长" * 20]}))
    assert paper.row_dimensions[3].height is None  # one line, as by default
    assert paper.column_dimensions["B"].width == pytest.approx(82, abs=1)


def test_a_number_is_never_squeezed_and_keeps_off_its_neighbour(tmp_path):
    paper = paper_of(tmp_path, pd.DataFrame(WIDE | {"户": [123456789] * 3, "末": ["甲"] * 3}))
    assert (paper["G3"].alignment.horizontal, paper["G3"].alignment.indent) == ("right", 1)
    assert paper.column_dimensions["G"].width > 12


@pytest.mark.parametrize(("rows", "pages"), [(28, 0), (32, 1), (60, 0), (66, 2), (77, 0)])
def test_a_few_rows_do_not_spill_onto_a_page_of_their_own(tmp_path, rows, pages):
    high = paper_of(tmp_path, pd.DataFrame({"一": ["甲"] * rows})).page_setup.fitToHeight
    assert (1 if high is None else high) == pages  # a file does not say 1


def test_type_is_not_made_too_small_to_save_a_page(tmp_path):
    table = pd.DataFrame({heading: cells[:1] * 22 for heading, cells in WIDE.items()})
    assert paper_of(tmp_path, table).page_setup.fitToHeight == 0


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
