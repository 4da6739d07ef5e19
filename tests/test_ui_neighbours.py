"""What each neighbour would mean, in the words of the card."""

import pytest

from jobs.district import plan_district
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from store.drafts import Draft
from store.edits import applied
from ui import contents
from ui.neighbours import neighbour_rows

# a–b | c | d–e in a row; c reaches the minimum alone, f is far from all and stays as it is, g is not counted.
STREET = [
    ("a", 60, "甲", "一", 0),
    ("b", 60, "甲", "一", 60),
    ("c", 130, "甲", "二", 120),
    ("d", 70, "甲", "二", 180),
    ("e", 40, "甲", "", 240),
    ("f", 30, "甲", "", 2_000),
    ("g", "", "甲", "", 300),
]

# p–q | r in a row, r the centre of any area it joins; far from them x–y, below the minimum even together; z without a
# place, and two ways of p and r to it that somebody gave.
FAR = [
    ("p", 60, "甲", "", 0),
    ("q", 60, "甲", "", 60),
    ("r", 130, "甲", "", 120),
    ("x", 20, "甲", "", 3_000),
    ("y", 30, "甲", "", 3_060),
    ("z", 110, "甲", "", None),
]


def planned(folder, rows, **options):
    body = "".join(
        f"{name},{name}院,{count},{committee},{grid}," + (",\n" if x is None else f"{500_000 + x},3250000\n")
        for name, count, committee, grid, x in rows
    )
    (folder / "street.csv").write_text("编号,名称,户数,社区,网格,东坐标,北坐标\n" + body, encoding="utf-8")
    return plan_district(Request(FileLayer(folder / "street.csv"), crs="EPSG:4544", reach_m=70.0, **options))


def rows_of(plan, town, community):
    """The rows of a community in a draft that is as the plan was."""
    return neighbour_rows(plan, Draft(town.plan), town, community)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("street")
    (folder / "scope.csv").write_text("community_id,scope,reason\nf,fixed,已备案\n", encoding="utf-8")
    return planned(folder, STREET, scope=folder / "scope.csv")


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    folder = tmp_path_factory.mktemp("far")
    (folder / "links.csv").write_text("a,b,kind,reason\nr,z,adjacent,同一大院\n", encoding="utf-8")
    return planned(folder, FAR, upper=200, links=folder / "links.csv")


@pytest.fixture(scope="module")
def town(plan):
    return reopened(plan)


def test_the_best_neighbour_comes_first_with_all_it_would_mean(plan, town):
    (row,) = rows_of(plan, town, "b")
    assert row["head"] == "加入 PMA-002"
    assert row["number"] == "130 → 190 户"
    assert contents.id_of(plan, row["id"]) == "PMA-002"
    facts = row["texts"][0].split("；")
    assert facts[:3] == ["不跨道路", "相距 60 米", "不同网格"]
    assert facts[3] == "同社区"
    assert facts[4].startswith("综合代价")


def test_a_rule_it_would_break_is_said_in_a_sentence(plan, town):
    (row,) = rows_of(plan, town, "b")
    assert row["mark"] == "bad"
    assert (
        row["texts"][1]
        == "未通过：区域 PMA-001 合计 60 户，不足最低 100 户。请并入相邻小区，或按例外说明理由。"
    )


def test_an_area_that_gets_another_centre_is_called_as_it_was_asked_for(far):
    """With r its centre is r, and its id another one; p, its first member, was in it before."""
    asked = far.communities["area_id"]["p"]
    rows = {row["head"]: row for row in rows_of(far, reopened(far), "r")}
    assert (
        rows[f"加入 {asked}"]["texts"][1]
        == f"未通过：区域 {asked} 合计 250 户，超过上限 200 户且应当拆开。请拆分。"
    )


def test_an_area_that_is_founded_is_called_new(far):
    (row,) = rows_of(far, reopened(far), "x")
    assert row["head"] == "与y院组成一区"
    assert (
        row["texts"][1]
        == "未通过：区域 新区域 合计 50 户，不足最低 100 户。请并入相邻小区，或按例外说明理由。"
    )


def test_what_is_left_of_an_area_is_called_its_rest(far):
    """Without p, its centre, the area of p and q is q alone."""
    asked = far.communities["area_id"]["p"]
    town = reopened(far)
    town.graph.add_edge("p", "r", gap_m=60.0, crosses=(), wall_m=0.0, kind="found")
    (row,) = rows_of(far, town, "p")
    assert row["texts"][1].startswith(f"未通过：区域 {asked} 余下部分 合计 60 户")


def test_between_places_nobody_knows_no_way_is_told(far):
    """The link of r and z was given: how far it is, and across what, nobody can say."""
    (row,) = rows_of(far, reopened(far), "z")
    assert row["texts"][0].startswith("同社区；综合代价")


def test_what_is_not_known_is_not_said(plan, town):
    """Nobody knows the grid of e."""
    assert not any("网格" in text for row in rows_of(plan, town, "e") for text in row["texts"])


@pytest.mark.parametrize("community", ["f", "g"])
def test_who_stays_as_it_is_or_is_not_counted_has_no_rows(plan, town, community):
    assert rows_of(plan, town, community) == []


def test_each_row_holds_the_command_that_makes_it_so(plan, town):
    (row,) = rows_of(plan, town, "b")
    assert applied(Draft(town.plan), row["command"], town.graph).plan.area_of()["b"] == row[
        "head"
    ].removeprefix("加入 ")


def test_two_exceptions_make_an_area_of_their_own(far):
    town = reopened(far)
    (row,) = rows_of(far, town, "x")
    assert applied(Draft(town.plan), row["command"], town.graph).plan.area_of()["x"]
