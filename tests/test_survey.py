"""户数补录表: written, filled in by hand, read back."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from geo.schema import DataError
from geo.wording import speaking
from report.results import Results
from report.survey import is_filled, read_filled, read_survey, survey_sheet
from report.surveysheets import Need, survey_sheets
from report.workbooks import write_workbook
from tests import fakes
from tests.ledgers import SURVEY_HEADINGS as HEADINGS

TOP = 4  # row of the headings
COLUMNS = {heading: place for place, heading in enumerate(HEADINGS, 1)}


@pytest.fixture(scope="module")
def plan() -> Results:
    return fakes.results()


@pytest.fixture
def sheet(plan: Results, tmp_path: Path) -> Path:
    write_workbook(tmp_path / "survey.xlsx", [survey_sheet(plan)])
    return tmp_path / "survey.xlsx"


def fill(path: Path, row: int, **cells: object) -> Path:
    book = openpyxl.load_workbook(path)
    for heading, value in cells.items():
        book.active.cell(row, COLUMNS[heading.replace("实数", "户数（实数）")], value)
    book.save(path)
    return path


def test_held_communities_that_may_change_the_plan_come_first(plan):
    table = survey_sheet(plan).table
    assert table["编号"].to_list() == ["C046", "C023"]
    assert list(table.columns) == list(COLUMNS)


def test_only_cells_to_fill_in_are_framed(sheet):
    paper = openpyxl.load_workbook(sheet).active
    framed = [c.border.left.style == "thin" for c in paper[TOP + 1]]
    assert framed == [False] * 4 + [True] * 8


def test_an_untouched_sheet_reads_as_nothing(sheet):
    table = read_survey(sheet)
    assert table.empty
    assert list(table.columns) == ["community_id", "count", "count_status", "source", "date"]
    assert not is_filled(sheet)


def test_a_sheet_is_read_back_whatever_its_language(plan, tmp_path):
    with speaking("en"):
        write_workbook(tmp_path / "survey.xlsx", [survey_sheet(plan)])
    assert not is_filled(tmp_path / "survey.xlsx")
    filled = fill(tmp_path / "survey.xlsx", TOP + 1, 实数=86)
    assert is_filled(filled)
    assert read_survey(filled)[["community_id", "count"]].to_numpy().tolist() == [["C046", 86]]
    fill(filled, TOP + 2, 实数="x")
    with pytest.raises(DataError, match="第 6 行“Households \\(counted\\)”填的是“x”"):
        read_survey(filled)


def test_a_counted_number_is_surveyed(sheet):
    fill(sheet, TOP + 1, 实数=86, 来源="居委会清点", 日期=dt.date(2024, 5, 6))
    assert read_survey(sheet).to_dict("records") == [
        {
            "community_id": "C046",
            "count": 86,
            "count_status": "surveyed",
            "source": "居委会清点",
            "date": "2024-05-06",
        }
    ]
    assert is_filled(sheet)


def test_a_product_is_estimated(sheet):
    fill(sheet, TOP + 2, 栋数=3, 单元数="2", 层数="6层", 每层户数="２")
    row = read_survey(sheet).iloc[0]
    assert (row["community_id"], row["count"], row["count_status"]) == ("C023", 72, "estimated")


def test_a_counted_number_goes_before_the_product(sheet):
    fill(sheet, TOP + 1, 栋数=3, 实数="1,086户")
    assert read_survey(sheet)["count"].to_list() == [1086]


@pytest.mark.parametrize(
    ("cell", "count", "status"),
    [
        ("约80户", 80, "estimated"),
        ("80余户", 80, "estimated"),
        ("80户", 80, "surveyed"),
        ("８０", 80, "surveyed"),
        (" 1，086 户", 1086, "surveyed"),
    ],
)
def test_counts_are_read_as_people_write_them(sheet, cell, count, status):
    fill(sheet, TOP + 1, 实数=cell)
    assert read_survey(sheet)[["count", "count_status"]].to_numpy().tolist() == [[count, status]]


def test_units_behind_the_factors_are_read(sheet):
    fill(sheet, TOP + 1, 栋数="3栋", 单元数="2个单元", 层数="7层", 每层户数="2户")
    assert read_survey(sheet)["count"].to_list() == [84]


def test_known_columns_without_a_word_stay_away(plan, tmp_path):
    bare = replace(plan, communities=plan.communities.assign(committee="", address=""))
    sheet = survey_sheet(bare)
    assert list(sheet.table.columns) == ["编号", "小区名称", *HEADINGS[4:]]
    write_workbook(tmp_path / "survey.xlsx", [sheet])
    assert read_survey(tmp_path / "survey.xlsx").empty


def test_rows_in_another_order_keep_their_ids(sheet):
    fill(sheet, TOP + 1, 编号="C023", 实数=30)
    fill(sheet, TOP + 2, 编号="C046", 实数=50)
    assert dict(read_survey(sheet)[["community_id", "count"]].itertuples(index=False)) == {
        "C023": 30,
        "C046": 50,
    }


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"实数": "很多"}, "第 5 行“户数（实数）”填的是“很多”，请填大于 0 的整数"),
        ({"实数": 0}, "第 5 行“户数（实数）”填的是“0”，请填大于 0 的整数"),
        ({"实数": -3}, "第 5 行“户数（实数）”填的是“-3”，请填大于 0 的整数"),
        ({"实数": 8.5}, "第 5 行“户数（实数）”填的是“8.5”，请填大于 0 的整数"),
        ({"实数": "80-90"}, "第 5 行“户数（实数）”填的是“80-90”，请填大于 0 的整数"),
        ({"栋数": 3, "层数": 6}, "第 5 行“单元数”未填，请补上，或直接填户数"),
        (
            {"栋数": 9999, "单元数": 9999, "层数": 9999, "每层户数": 1},
            "第 5 行栋数×单元数×层数×每层户数得 999700029999，大得不可能，请核对这四格，或直接填户数",
        ),
        ({"编号": "", "实数": 5}, "第 5 行“编号”为空但填了户数，请从原表补上编号"),
    ],
)
def test_what_cannot_be_used_is_named(sheet, cells, sentence):
    fill(sheet, TOP + 1, **cells)
    with pytest.raises(DataError) as error:
        read_survey(sheet)
    assert str(error.value) == f"survey.xlsx 有 1 行不能用：{sentence}。请改正后重新读入。"


def test_a_repeated_id_is_named(sheet):
    fill(sheet, TOP + 1, 实数=5)
    fill(sheet, TOP + 2, 编号="C046", 实数=5)
    with pytest.raises(DataError) as error:
        read_survey(sheet)
    assert str(error.value) == (
        "survey.xlsx 有 1 行不能用：第 6 行“编号”C046 与前面的行重复，请每个小区只留一行。请改正后重新读入。"
    )


def test_all_rows_that_cannot_be_used_are_counted_and_the_first_named(sheet):
    for row in range(5):
        fill(sheet, TOP + 1 + row, 编号=f"C10{row}", 实数="多" if row != 1 else 30)
    with pytest.raises(DataError) as error:
        read_survey(sheet)
    assert str(error.value) == (
        "survey.xlsx 有 4 行不能用：第 5 行“户数（实数）”填的是“多”，请填大于 0 的整数；"
        "第 7 行“户数（实数）”填的是“多”，请填大于 0 的整数；第 8 行“户数（实数）”填的是“多”，请填大于 0 的整数；"
        "另有 1 行。请改正后重新读入。"
    )


def test_a_lost_column_is_named(sheet):
    fill(sheet, TOP, 层数="高度")
    with pytest.raises(DataError) as error:
        read_survey(sheet)
    assert str(error.value) == "survey.xlsx：缺少“层数”列；请使用本程序写出的户数补录表，不要改动表头。"


def test_another_workbook_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "什么都没有"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match="缺少“编号”列"):
        read_survey(tmp_path / "a.xlsx")
    assert is_filled(tmp_path / "a.xlsx")


# --- several sheets --------------------------------------------------------------------------------


@pytest.fixture
def two_sheets(plan: Results, tmp_path: Path) -> Path:
    """A sheet for each of two grids, and a page of notes that somebody put between them."""
    needs = [Need(c, c, None, 0, True, "") for c in ("C001", "C010")]
    write_workbook(tmp_path / "网格.xlsx", list(survey_sheets(plan, needs)))
    book = openpyxl.load_workbook(tmp_path / "网格.xlsx")
    book.create_sheet("说明", 1)["A1"] = "请于周五前交回"
    book.save(tmp_path / "网格.xlsx")
    return tmp_path / "网格.xlsx"


def write_into(path: Path, paper: int, **cells: object) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[paper]
    places = {cell.value: cell.column for cell in sheet[TOP]}
    for heading, value in cells.items():
        sheet.cell(TOP + 1, places[heading.replace("实数", "户数（实数）")], value)
    book.save(path)


def test_every_sheet_of_a_workbook_is_read_and_others_are_passed_over(two_sheets):
    assert not is_filled(two_sheets)
    write_into(two_sheets, 0, 实数=30)
    write_into(two_sheets, 2, 实数="约50", 来源="网格员")
    assert is_filled(two_sheets)
    assert read_survey(two_sheets)[["count", "count_status", "source"]].to_numpy().tolist() == [
        [30, "surveyed", ""],
        [50, "estimated", "网格员"],
    ]


def test_a_row_that_cannot_be_used_is_put_apart_and_names_its_sheet(two_sheets):
    name = openpyxl.load_workbook(two_sheets).sheetnames[2]
    write_into(two_sheets, 0, 实数=30)
    write_into(two_sheets, 2, 实数="很多")
    filled = read_filled(two_sheets)
    assert filled.rows["count"].tolist() == [30]
    (refused,) = filled.refused
    assert (refused.sheet, refused.row, refused.community_id) == (name, TOP + 1, "C010")
    assert refused.why == f"“{name}”第 5 行“户数（实数）”填的是“很多”，请填大于 0 的整数"
    with pytest.raises(DataError, match=r"^网格\.xlsx 有 1 行不能用：“"):
        read_survey(two_sheets)


def test_one_community_on_two_sheets_counts_once(two_sheets):
    write_into(two_sheets, 0, 实数=30)
    write_into(two_sheets, 2, 编号="C001", 实数=31)
    filled = read_filled(two_sheets)
    assert (len(filled.rows), len(filled.refused)) == (1, 1)
    assert "与前面的行重复" in filled.refused[0].why
