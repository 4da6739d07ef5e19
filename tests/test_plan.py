"""The verbs of a plan: what they change, what they keep, what they refuse."""

import re

import pytest

from geo.schema import DataError
from optimizer.plan import (
    Area,
    Plan,
    area_name,
    center_of,
    difference,
    linked_exceptions,
    lock,
    merge,
    move,
    new_area,
    number_of,
    outcomes_of,
    split,
    take_out,
    unlock,
)
from tests.towns import town


@pytest.fixture
def row():
    """Five in a row and one apart; e is small, h is held, x is excluded, f fixed."""
    return town("a60 b50 c60 d70 e20 . f300 . h? x40", scope={"f": "fixed", "x": "excluded"})


@pytest.fixture
def plan(row):
    """Area 1 = a b (centre a), 2 = c d (centre d), 3 = f; e is left out."""
    areas = (
        Area("PMA-001", ("a", "b"), "a"),
        Area("PMA-002", ("c", "d"), "d"),
        Area("PMA-003", ("f",), "f"),
    )
    return Plan(areas, outcomes_of(row, areas), next_number=4)


def shape(plan):
    return {area.area_id: "".join(area.members) for area in plan.areas}


def test_outcomes_follow_from_areas(plan):
    assert plan.outcomes == {
        **dict.fromkeys("abcd", "grouped"),
        "e": "exception",
        "f": "fixed",
        "h": "held",
        "x": "excluded",
    }


def test_center_is_where_all_households_walk_least(row):
    assert center_of(row, "abc") == "b"
    assert center_of(row, "cd") == "d"


def test_center_of_a_tie_is_the_smallest_id():
    assert center_of(town("b40 a40"), ["b", "a"]) == "a"


def test_center_without_a_place_counts_no_distance():
    graph = town("a40 b50 c40")
    graph.nodes["b"]["x"] = graph.nodes["b"]["y"] = float("nan")
    assert center_of(graph, "abc") == "b"


def test_move_keeps_the_id_while_the_centre_stays(plan, row):
    moved = move(plan, row, ["e"], "PMA-002")
    assert shape(moved) == {"PMA-001": "ab", "PMA-002": "cde", "PMA-003": "f"}
    assert moved.outcomes["e"] == "grouped"
    assert moved.next_number == 4
    assert shape(plan)["PMA-002"] == "cd", "the old plan is untouched"


def test_move_gives_a_new_id_where_the_centre_goes(plan, row):
    moved = move(plan, row, ["b"], "PMA-002")
    assert shape(moved) == {"PMA-001": "a", "PMA-003": "f", "PMA-004": "bcd"}
    assert moved.outcomes["a"] == "alone"
    assert moved.next_number == 5


def test_an_area_does_not_take_the_id_of_the_one_it_took_the_centre_from(row):
    areas = (Area("PMA-001", ("a", "b"), "b"), Area("PMA-002", ("c",), "c"))
    moved = move(Plan(areas, outcomes_of(row, areas), next_number=3), row, ["b"], "PMA-002")
    assert shape(moved) == {"PMA-002": "bc", "PMA-003": "a"}


def test_move_into_the_same_area_changes_nothing(plan, row):
    assert move(plan, row, ["a"], "PMA-001") is plan


def test_an_emptied_area_is_gone_and_its_number_is_not_reused(plan, row):
    moved = move(plan, row, ["a", "b"], "PMA-002")
    again = new_area(moved, row, ["a", "b"])
    assert "PMA-001" not in shape(moved)
    assert sorted(shape(again)) == ["PMA-003", "PMA-005", "PMA-006"]
    assert again.next_number == 7


def test_merge_keeps_the_id_of_the_centre(plan, row):
    assert shape(merge(plan, row, ["PMA-002", "PMA-001"])) == {"PMA-003": "f", "PMA-004": "abcd"}
    wide = move(plan, row, ["e"], "PMA-002")
    assert shape(merge(wide, row, ["PMA-002"])) == shape(wide)


def test_split_lets_the_centre_keep_the_id(plan, row):
    whole = move(plan, row, ["e"], "PMA-002")
    assert shape(split(whole, row, "PMA-002", [["c"], ["e", "d"]])) == {
        "PMA-001": "ab",
        "PMA-002": "de",
        "PMA-003": "f",
        "PMA-004": "c",
    }


def test_take_out_leaves_linked_exceptions(plan, row):
    out = take_out(plan, row, ["d"])
    assert out.outcomes["d"] == "exception"
    assert out.below_min_groups == (("d", "e"),)
    assert linked_exceptions(row, out.outcomes) == (("d", "e"),)


def test_a_locked_area_is_changed_by_no_verb(plan, row):
    locked = lock(plan, ["PMA-001"])
    assert [area.locked for area in locked.areas] == [True, False, False]
    message = re.escape("区域 PMA-001 已锁定，不能调入或调出小区。请先解除锁定。")
    for change in (
        lambda: move(locked, row, ["e"], "PMA-001"),
        lambda: move(locked, row, ["b"], "PMA-002"),
        lambda: take_out(locked, row, ["b"]),
        lambda: merge(locked, row, ["PMA-001", "PMA-002"]),
        lambda: split(locked, row, "PMA-001", [["a"], ["b"]]),
        lambda: new_area(locked, row, ["b", "c"]),
    ):
        with pytest.raises(DataError, match=message):
            change()
    assert unlock(locked, ["PMA-001"]) == plan


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p, g: move(p, g, ["a"], "PMA-009"), "方案中没有区域 PMA-009。请从区域列表中选择。"),
        (lambda p, g: move(p, g, ["z"], "PMA-001"), "没有编号为 z 的小区。请从小区列表中选择。"),
        (lambda p, g: move(p, g, [], "PMA-001"), "没有选中任何小区。请先选中要调整的小区。"),
        (lambda p, g: merge(p, g, []), "没有选中任何小区。请先选中要调整的小区。"),
        (lambda p, g: new_area(p, g, ["h"]), "小区 h 户数待核，不能放入区域。请先补录户数。"),
        (
            lambda p, g: move(p, g, ["x"], "PMA-001"),
            "小区 x 不纳入组团范围，不能放入区域。请先修改它的组团范围。",
        ),
        (lambda p, g: split(p, g, "PMA-001", [["a"]]), "区域 PMA-001 的各部分必须正好是它的全部小区"),
        (
            lambda p, g: split(p, g, "PMA-001", [["a", "b"], []]),
            "区域 PMA-001 的各部分必须正好是它的全部小区",
        ),
    ],
)
def test_what_cannot_be_is_refused(plan, row, change, message):
    with pytest.raises(DataError, match=re.escape(message)):
        change(plan, row)


def test_difference_names_what_moved_what_is_born_and_gone(plan, row):
    changed = difference(plan, move(plan, row, ["b"], "PMA-002"))
    assert changed.moved == (
        ("b", "PMA-001", "PMA-004"),
        ("c", "PMA-002", "PMA-004"),
        ("d", "PMA-002", "PMA-004"),
    )
    assert (changed.born, changed.gone) == (("PMA-004",), ("PMA-002",))
    assert difference(plan, plan).moved == ()


@pytest.mark.parametrize(
    ("area_id", "number"), [("PMA-001", 1), ("PMA-1200", 1200), ("PMA-", None), ("东片区", None)]
)
def test_only_our_own_ids_have_a_number(area_id, number):
    assert number_of(area_id) == number
    assert number is None or area_name(number) == area_id
