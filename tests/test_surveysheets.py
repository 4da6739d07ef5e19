"""The workbook to hand out: a sheet a grid, named as Excel takes it, read back whole."""

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from report.results import Results
from report.survey import read_filled
from report.surveysheets import Need, known_words, places_of, survey_sheets
from report.workbooks import write_workbook
from tests import fakes

BASE = fakes.results()


def with_column(results: Results, column: str, values: dict[str, str]) -> Results:
    told = pd.Series(results.communities[column].to_dict() | values, dtype="str")
    return replace(results, communities=results.communities.assign(**{column: told}))


def need(community: str, count: int | None = None, *, decides: bool = False) -> Need:
    return Need(community, f"{community}院", count, 0, decides, "")


def test_each_grid_has_its_sheet_and_a_community_in_two_stands_on_the_first():
    results = with_column(BASE, "grids", {"C001": "第2网格、第1网格", "C002": "第1网格", "C003": ""})
    sheets = list(survey_sheets(results, [need("C001", decides=True), need("C002", 80), need("C003")]))
    assert [sheet.name for sheet in sheets] == ["第1网格", "第2网格", "未分网格"]
    assert [list(sheet.table["编号"]) for sheet in sheets] == [["C002"], ["C001"], ["C003"]]
    assert [list(sheet.table["现有户数"]) for sheet in sheets] == [["约 80（估算）"], ["待核"], ["待核"]]
    assert sheets[1].title.endswith("户数补录表 · 第2网格")
    assert sheets[1].lines[0].startswith("共 1 个小区待补，其中排在最前的 1 个一补上就能定下怎样组团。")


def test_without_grids_the_committees_take_their_place_and_without_both_there_is_one_sheet():
    none = BASE.communities.assign(grids="", committee="", street_town="")
    bare = replace(BASE, communities=none)
    assert [sheet.name for sheet in survey_sheets(bare, [need("C001"), need("C002")])] == ["户数补录表"]
    some = with_column(bare, "committee", {"C001": "玉屏社区"})
    assert [sheet.name for sheet in survey_sheets(some, [need("C001"), need("C002")])] == [
        "玉屏社区",
        "未分网格",
    ]
    assert places_of(bare)["C001"] == ""


@pytest.mark.parametrize(
    "names",
    [
        ("a/b", "a\\b", "A_B"),
        ("'网格'", "网格", "[网格]"),
        ("长" * 40, "长" * 45, "长" * 31),
        ("=cmd|x", "<script>", "{{7*7}}"),
    ],
)
def test_a_sheet_has_a_name_that_excel_takes_whatever_the_grid_is_called(tmp_path, names):
    results = with_column(BASE, "grids", dict(zip(("C001", "C002", "C003"), names, strict=True)))
    write_workbook(
        tmp_path / "s.xlsx", list(survey_sheets(results, [need(c) for c in ("C001", "C002", "C003")]))
    )
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    assert len({name.lower() for name in book.sheetnames}) == 3
    assert all(0 < len(name) <= 31 for name in book.sheetnames)
    assert read_filled(tmp_path / "s.xlsx").rows.empty


def test_what_is_known_of_a_count_in_words():
    assert (known_words(need("a")), known_words(need("a", 64))) == ("待核", "约 64（估算）")
