"""What lists, cards and tables of the desk say, without any browser."""

from dataclasses import replace

import pandas as pd
import pytest

from optimizer.checks import Violation
from report.results import AREA_GRID_COLUMNS
from report.titles import summary_line
from tests import fakes
from ui import contents
from ui.checking import CheckRow


@pytest.fixture(scope="module")
def plan():
    return fakes.results()


def rows(plan, key):
    return next(one["rows"] for one in contents.lists(plan) if one["key"] == key)


@pytest.mark.parametrize(
    "place", ["areas:26", "communities:60", "areas:-1", "areas:1x", "links:0", "", "None:None", "areas:٣"]
)
def test_a_place_that_is_not_in_the_plan_is_none(plan, place):
    assert contents.place_of(plan, place) is None
    assert contents.id_of(plan, place) is None


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
    assert {"C007"} < set(row["find"].split())
    assert row == {
        "id": "communities:6",
        "head": "萱花花园",
        "number": "30户",
        "mark": "exception",
        "sign": "!",
        "choose": True,
        "find": row["find"],
        "texts": ["无相邻小区：最近的小区在 212 米外", "建议：可由相邻小区打包服务，不合并"],
    }


def test_a_check_says_what_is_wrong_by_which_rule_and_offers_to_mend_it(plan):
    broken = CheckRow(
        Violation("minimum", "PMA-002", value=80, limit=100),
        *(
            "PMA-002",
            "PMA-002 胜利路片区",
            "合计 80 户",
            "每个区域不少于 100 户",
            "规则文件",
            "80 户",
            "100 户",
            "",
            "bad",
        ),
    )
    (row,) = contents.checks_list(plan, [broken])["rows"]
    assert row == {
        "id": "areas:1",
        "head": "PMA-002 胜利路片区",
        "number": "80 户 / 100 户",
        "mark": "bad",
        "sign": "✗",
        "texts": ["合计 80 户", "", "每个区域不少于 100 户（规则文件）"],
        "act": {"id": "mend:0", "label": "处理"},
    }


def test_what_was_accepted_offers_nothing_more(plan):
    accepted = CheckRow(
        Violation("left_out", community_id="C007"),
        *("C007", "萱花花园", "暂未组团", "规则", "规则文件", "", "", "认可：单位自管(王科)", ""),
    )
    (row,) = contents.checks_list(plan, [accepted])["rows"]
    assert (row["id"], row["sign"], "act" in row) == ("communities:6", "✓", False)


def test_a_thing_keeps_its_id_when_its_row_changes(plan):
    assert contents.place_at(plan, "areas", "PMA-003") == "areas:2"
    fewer = replace(plan, areas=plan.areas.iloc[1:])
    assert contents.place_at(fewer, "areas", "PMA-003") == "areas:1"
    assert contents.place_at(fewer, "areas", "PMA-001") is None


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ({"status": "optimal", "violations": 0}, ("good", "已核验：现有数据和规则下无更优方案")),
        ({"status": "feasible", "gap": 0.0123}, ("fair", "与理论下限差距 1.23%，尚可能有更优方案")),
        ({"status": "feasible", "gap": None}, ("fair", "尚未核验是否最优")),
        ({"status": "edited", "gap": 0.0123}, ("fair", "人工调整过：比理论下限多 1.23%")),
        ({"status": "edited", "gap": None}, ("fair", "人工调整过：条件已变，与算出的方案不能直接比较")),
    ],
)
def test_the_badge_says_how_far_the_plan_is_proven(plan, summary, expected):
    assert contents.badge(replace(plan, summary=plan.summary | summary)) == expected


def test_what_somebody_accepted_is_no_failed_check_anywhere_on_the_head(plan):
    """Two chips that contradict each other: the badge of the checks is green where all was accepted."""
    rows = [("minimum", area, "90", "100", "") for area in ("PMA-001", "PMA-002")]
    faults = fakes.violations(*rows)
    judged = replace(plan, summary=plan.summary | {"status": "edited", "violations": 2}, violations=faults)
    assert contents.badge(judged) == ("bad", "未通过 2 项检查")
    accepted = replace(judged, violations=faults.assign(accepted="王主任").astype("str"))
    assert contents.badge(accepted) == ("fair", "有 2 项未通过但已认可，与算出的方案不能直接比较")
    assert not any(mark == "bad" for mark, _ in contents.marks(accepted))


def test_a_remark_leads_to_its_page_and_what_is_settled_on_the_map_to_none(plan):
    remark = CheckRow(
        Violation("grid_cut", area_id="PMA-001", value=2, limit=1),
        *("PMA-001", "PMA-001", "分属两个网格", "规则", "规则文件", "2 个网格", "1 个网格", "", "note"),
        page="meeting",
    )
    (row,) = contents.checks_list(plan, [remark])["rows"]
    assert (row["id"], row["sign"], row["number"]) == ("areas:0", "i", "2 个网格 / 1 个网格")
    assert row["act"] == {"id": "page:meeting", "label": "前往"}


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


def test_the_computation_says_what_its_summary_knows():
    told = {"seed": 7, "seconds": {"read": 0.44, "solve": 1.0}, "bound": None, "gap": 0.0, "cost": 182382.351}
    heads, rows = contents.run_table(told)
    assert heads == ["这次计算", "内容"]
    assert rows == [
        ["随机种子", "7"],
        ["用时（秒）", "1.4"],
        ["综合代价（户·米）", "182,382"],
        ["与下限差距", "0.00%"],
    ]
    assert contents.run_table({})[1] == []
