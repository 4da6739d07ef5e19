"""Why this grouping, and why not that one."""

import pytest

from geo.schema import DataError
from optimizer.candidates import COST_PARTS, area_cost
from optimizer.plan import Area, Plan, lock, outcomes_of
from optimizer.questions import ask
from optimizer.rules import Prices, Rules
from tests.towns import town

RULES = Rules(prices=Prices(committee=700.0))


def planned(graph, *groups: str) -> Plan:
    areas = tuple(
        Area(f"PMA-{n:03d}", tuple(group), area_cost(graph, RULES, group).center_id)
        for n, group in enumerate(groups, 1)
    )
    return Plan(areas, outcomes_of(graph, areas), next_number=len(areas) + 1)


@pytest.fixture
def row():
    """Two areas, ab and cd, of two committees; e is left out."""
    graph = town("a60 b60 c60 d60 e30", committee={"a": "甲", "b": "甲", "c": "乙", "d": "乙"})
    return graph, planned(graph, "ab", "cd")


def test_the_set_asked_for_comes_first_then_what_is_left_of_the_areas_it_touches(row):
    graph, plan = row
    found = ask(plan, graph, RULES, ["c", "b"])
    assert [(a.area_id, a.members, a.households) for a in found.before] == [
        ("PMA-001", ("a", "b"), 120),
        ("PMA-002", ("c", "d"), 120),
    ]
    assert [a.members for a in found.after] == [("b", "c"), ("a",), ("d",)]
    assert [a.area_id for a in found.after] == [
        "PMA-003",
        "PMA-001",
        "PMA-004",
    ]  # a was a centre, and keeps its id
    assert found.newly == ()


def test_the_difference_is_told_part_by_part(row):
    graph, plan = row
    found = ask(plan, graph, RULES, "bc")
    expected = dict.fromkeys(COST_PARTS, 0.0) | {"walk": 3_000.0 - 6_000.0, "committee": 700.0}
    assert found.difference == pytest.approx(expected)
    assert found.asked.cost == area_cost(graph, RULES, "bc")


def test_what_the_set_and_the_rests_break_is_told_with_each(row):
    graph, plan = row
    found = ask(plan, graph, RULES, "bc")
    assert [[v.rule for v in area.violations] for area in found.after] == [
        ["within"],
        ["minimum"],
        ["minimum"],
    ]
    assert not found.lawful


def test_the_members_of_an_area_are_that_area(row):
    graph, plan = row
    found = ask(plan, graph, RULES, "ab")
    assert found.before == found.after
    assert found.lawful
    assert set(found.difference.values()) == {0.0}


def test_a_locked_area_can_be_asked_about_as_it_is_but_not_changed(row):
    graph, plan = row
    locked = lock(plan, ["PMA-001"])
    assert ask(locked, graph, RULES, "ab").asked.area_id == "PMA-001"
    with pytest.raises(DataError, match="区域 PMA-001 已锁定"):
        ask(locked, graph, RULES, "bc")


def test_who_is_in_no_area_today_is_named(row):
    graph, plan = row
    found = ask(plan, graph, RULES, "cde")
    assert (found.newly, [a.members for a in found.before]) == (("e",), [("c", "d")])
    assert found.lawful
    assert found.difference["walk"] == pytest.approx(30 * 50.0)


def test_a_violation_elsewhere_is_not_told(row):
    graph, _ = row
    plan = planned(graph, "a", "cd")
    assert ask(plan, graph, RULES, "cde").lawful
    assert not ask(plan, graph, RULES, "a").lawful


def test_an_unknown_community_is_refused(row):
    graph, plan = row
    with pytest.raises(DataError, match=r"^没有编号为 z 的小区。请从小区列表中选择。$"):
        ask(plan, graph, RULES, "az")
