"""Names of areas: the planner's first, then the main street, then the community in the middle; never the same twice."""

from dataclasses import replace

import pandas as pd
import pytest

from report.documents.naming import area_names
from report.results import Results
from tests import fakes


@pytest.fixture(scope="module")
def plan() -> Results:
    return fakes.results()


def told(plan: Results, *, names: dict[str, str] | None = None, **columns) -> Results:
    """Return the first two areas of the plan (C001, C002 and C003 to C005), with other columns and names given."""
    table = plan.communities.iloc[:5].assign(**columns)
    areas = plan.areas.loc[["PMA-001", "PMA-002"]]
    given = pd.Series(names or {}, dtype="str").reindex(areas.index).fillna("")
    return replace(plan, communities=table, areas=areas.assign(name=given.astype("str")))


def addresses(*streets: str) -> list[str]:
    return [f"{street}{number}号" for number, street in enumerate(streets, 1)]


def test_an_area_is_called_by_the_street_of_most_of_its_households(plan):
    made = told(plan, address=addresses("东街", "东街", "西街", "南路", "南路"))
    assert area_names(made) == {"PMA-001": "东街片区", "PMA-002": "南路片区"}


def test_weight_is_households_not_communities(plan):
    counts = pd.array([10, 90, 300, 20, 20], dtype="Int64")
    made = told(plan, address=addresses("东街", "北巷", "西街", "南路", "南路"), count=counts)
    assert area_names(made) == {"PMA-001": "北巷片区", "PMA-002": "西街片区"}


def test_a_community_without_a_count_weighs_one(plan):
    counts = pd.array([None] * 5, dtype="Int64")
    made = told(plan, address=addresses("南路", "南路", "西街", "西街", "东巷"), count=counts)
    assert area_names(made)["PMA-002"] == "西街片区"


def test_where_two_share_a_street_the_smaller_is_called_by_its_middle(plan):
    made = told(plan, address=addresses(*["东街"] * 5))
    assert plan.areas.loc["PMA-001", "count"] < plan.areas.loc["PMA-002", "count"]
    assert area_names(made) == {"PMA-001": "萱花家属院片区", "PMA-002": "东街片区"}


def test_what_a_planner_calls_it_comes_first_and_nobody_else_gets_it(plan):
    made = told(plan, names={"PMA-001": "东街片区物业管理区域"}, address=addresses(*["东街"] * 5))
    assert area_names(made) == {"PMA-001": "东街片区", "PMA-002": "萱花苑片区"}


def test_two_that_a_planner_calls_alike_are_told_apart(plan):
    made = told(plan, names={"PMA-001": "河东片区", "PMA-002": "河东片区"}, address=[""] * 5)
    assert area_names(made) == {"PMA-001": "河东片区", "PMA-002": "河东2号片区"}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("永川区中山路街道人民路88号", "人民路片区"),
        ("重庆市永川区胜利路小区3栋", "萱花家属院片区"),
        ("市场路5号", "市场路片区"),
        ("人民北路二段12号", "人民北路片区"),
        ("红旗大道9号附2号", "红旗大道片区"),
        ("玉屏社区解放街 5号", "解放街片区"),
        ("", "萱花家属院片区"),
        ("{x}<b>#1号", "萱花家属院片区"),
    ],
)
def test_a_street_is_found_in_an_address(plan, address, name):
    assert area_names(told(plan, address=[address, address, "", "", ""]))["PMA-001"] == name


def test_a_known_street_wins_over_what_an_address_looks_like(plan):
    made = told(plan, address=["城关镇老胜利路8号"] * 2 + [""] * 3)
    assert area_names(replace(made, layers={}))["PMA-001"] == "老胜利路片区"
    assert area_names(made)["PMA-001"] == "胜利路片区"


def test_without_a_street_the_middle_names_it_without_its_ending(plan):
    made = told(plan, address=[""] * 5, name=["甲小区", "甲小区", "乙院", "小区", "丙片区"])
    areas = made.areas.assign(center_id=["C001", "C005"]).astype({"center_id": "str"})
    assert area_names(replace(made, areas=areas)) == {"PMA-001": "甲片区", "PMA-002": "丙片区"}
    areas = made.areas.assign(center_id=["C001", "C004"]).astype({"center_id": "str"})
    assert area_names(replace(made, areas=areas))["PMA-002"] == "小区片区"


def test_areas_whose_middles_have_one_name_are_told_apart(plan):
    table = plan.communities.assign(name="劳动局宿舍", address="", committee="")
    names = area_names(replace(plan, communities=table))
    assert len(set(names.values())) == len(plan.areas) == len(names)
    assert {"劳动局宿舍", "劳动局宿舍片区", "劳动局宿舍2号片区"} < set(names.values())
    assert names["PMA-001"] == "劳动局宿舍片区"


def test_names_do_not_depend_on_the_order_of_rows(plan):
    turned = replace(plan, communities=plan.communities[::-1], areas=plan.areas[::-1])
    assert area_names(turned) == area_names(plan)


def test_a_single_community_keeps_its_own_name(plan):
    areas = plan.areas.loc[["PMA-001"]].assign(communities=1, center_id="C001").astype({"center_id": "str"})
    assert area_names(replace(plan, areas=areas)) == {"PMA-001": "萱花小区"}


def test_no_areas_no_names(plan):
    none = plan.communities.assign(area_id=pd.Series(None, plan.communities.index, dtype="str"))
    assert area_names(replace(plan, communities=none, areas=plan.areas.iloc[:0])) == {}
