"""What lists, cards and tables of the desk say, without any browser."""

from dataclasses import replace

import pandas as pd
import pytest

from report.results import AREA_GRID_COLUMNS, VIOLATION_COLUMNS
from report.titles import summary_line
from tests import fakes
from ui import contents


@pytest.fixture(scope="module")
def plan():
    return fakes.results()


@pytest.fixture(scope="module")
def duties(plan):
    return contents.duties_of(plan)


def lines(card):
    return {line["term"]: line["text"] for line in card["lines"]}


def rows(plan, key):
    return next(one["rows"] for one in contents.lists(plan) if one["key"] == key)


@pytest.mark.parametrize(
    "place", ["areas:26", "communities:60", "areas:-1", "areas:1x", "links:0", "", "None:None", "areas:٣"]
)
def test_a_place_that_is_not_in_the_plan_is_none(plan, duties, place):
    assert contents.place_of(plan, place) is None
    assert contents.id_of(plan, place) is None
    assert contents.card(plan, place, duties=duties) is None


def test_a_place_is_a_row_of_its_table(plan):
    assert contents.id_of(plan, "areas:2") == "PMA-003"
    assert contents.id_of(plan, "communities:6") == "C007"


def test_the_headline_is_the_summary_line_with_numbers_that_open_lists(plan):
    parts = contents.headline_parts(plan)
    assert "".join(part["text"] for part in parts) == summary_line(plan.summary)
    assert [part["opens"] for part in parts if "opens" in part] == list(contents.BEHIND)


def test_each_number_is_as_long_as_the_list_behind_it(plan):
    for name, (key, kind) in contents.BEHIND.items():
        behind = [row for row in rows(plan, key) if not kind or row["kind"] == kind]
        assert len(behind) == plan.summary[name]


def test_an_exception_says_why_and_what_helps(plan):
    row = rows(plan, "exceptions")[0]
    assert row == {
        "id": "communities:6",
        "head": "萱花花园",
        "number": "30户",
        "mark": "exception",
        "sign": "!",
        "texts": ["无相邻小区:最近的小区在 212 米外", "建议:可由相邻小区打包服务,不合并"],
    }


def test_violations_come_first_and_only_where_there_are_some(plan):
    assert "violations" not in [one["key"] for one in contents.lists(plan)]
    table = pd.DataFrame([("minimum", "PMA-001", "80", "100", "只有 80 户")], columns=list(VIOLATION_COLUMNS))
    broken = replace(plan, violations=table.astype(VIOLATION_COLUMNS))
    assert contents.lists(broken)[0]["rows"] == [{"head": "PMA-001", "texts": ["只有 80 户"]}]


def test_the_card_of_an_area_tells_members_cost_in_words_grids_and_duties(plan, duties):
    card = contents.card(plan, "areas:1", duties=duties)
    assert card["title"] == "PMA-002"
    assert lines(card) == {
        "户数": "339户",
        "所含小区": "3 个小区",
        "中心小区": "萱花苑",
        "综合代价": "27,628 户·米\n到中心小区步行 27,120(平均每户 80 米)\n跨越支路、巷道 508",
        "社区": "玉屏社区",
        "网格": "第4网格 214户、第5网格 125户",
        "责任单位": "中山路派出所",
    }
    assert [link["id"] for link in card["lines"][1]["links"]] == [
        "communities:2",
        "communities:3",
        "communities:4",
    ]


def test_the_card_of_a_held_community_gives_no_number(plan, duties):
    card = contents.card(plan, "communities:22", duties=duties)
    assert card["tags"] == [{"text": "户数待核", "mark": "held"}]
    assert lines(card)["户数"] == "待核"
    assert lines(card)["处理建议"] == "请补录户数"
    assert "所在区域" not in lines(card)


def test_the_card_of_a_member_leads_to_its_area(plan, duties):
    card = contents.card(plan, "communities:2", duties=duties)
    line = next(line for line in card["lines"] if line["term"] == "所在区域")
    assert line["links"] == [{"id": "areas:1", "head": "PMA-002", "number": "339户"}]


def test_without_duty_layers_nobody_is_named(plan):
    assert set(contents.duties_of(replace(plan, layers={}))) == {""}


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ({"status": "optimal", "violations": 0}, ("good", "已核验:现有数据和规则下无更优方案")),
        ({"status": "feasible", "gap": 0.0123}, ("fair", "与理论下限差距 1.23%,尚可能有更优方案")),
        ({"status": "feasible", "gap": None}, ("fair", "尚未核验是否最优")),
        ({"status": "optimal", "violations": 2}, ("bad", "未通过 2 项检查")),
    ],
)
def test_the_badge_says_how_far_the_plan_is_proven(plan, summary, expected):
    assert contents.badge(replace(plan, summary=plan.summary | summary)) == expected


def test_few_grids_stand_across_and_every_household_once(plan):
    heads, body = contents.grid_table(plan)
    assert heads == ["区域编号", *(f"第{n}网格" for n in range(1, 7)), "涉及网格数"]
    assert body[1] == ["PMA-002", "", "", "", "214", "125", "", "2"]
    assert sum(int(cell) for row in body for cell in row[1:-1] if cell) == plan.area_grid["households"].sum()


def test_many_grids_stand_below_each_other(plan):
    table = pd.DataFrame([("PMA-001", f"{n}格", 5) for n in range(13)], columns=list(AREA_GRID_COLUMNS))
    heads, body = contents.grid_table(replace(plan, area_grid=table.astype(AREA_GRID_COLUMNS)))
    assert heads == ["区域编号", "网格", "户数"]
    assert body[0] == ["PMA-001", "0格", "5"]


def test_without_grids_the_table_is_empty(plan):
    assert contents.grid_table(replace(plan, area_grid=None))[1] == []


def test_findings_have_no_number_where_the_file_as_a_whole_is_meant(plan):
    heads, body = contents.findings_table(plan)
    assert heads == ["文件", "行", "列", "发现", "处理"]
    assert body[0] == ["台账.xlsx[Sheet1]", "7", "总户数", "“86户”是文字", "按 86 读"]
    assert body[1][1] == ""
