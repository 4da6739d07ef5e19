"""45 + 38 + 33 households were asked, the 33 do not want to: 83 are left, and there are three ways on."""

import pytest

from geo.schema import DataError
from jobs.opposing import opposed, way_words
from jobs.reconsulting import asked_again
from optimizer.checks import check
from store.drafts import Draft, dressed
from store.edits import Merge, Move, NewArea, Regroup, applied
from store.proceedings import Course, Proceeding
from tests.desks import on_desk

# c, who opposes, beside a and b; behind them d and e, an area of their own, and f, who is in none.
ROW = "c33 a45 b38 d60 e110 f20"


def asked(*members: tuple[str, ...]) -> dict[tuple[str, ...], Course]:
    """These areas under way."""
    row = Proceeding(1, "PMA-001", "consulting", "2026-03-01", "", "李科长", "2026-03-01T00:00:00", 1)
    return {own: Course((row,)) for own in members}


@pytest.fixture
def desk():
    return on_desk(ROW, "abc", "de")


def test_without_the_33_households_83_are_left(desk):
    found = opposed(*desk, "PMA-001", ("c",), under_way=asked(("a", "b", "c")))
    assert (found.staying, found.households, found.minimum, found.below) == (("a", "b"), 83, 100, True)


def test_three_ways_on_and_only_who_is_touched_is_asked_again(desk):
    found = opposed(*desk, "PMA-001", ("c",), under_way=asked(("a", "b", "c")))
    told = [(way.kind, "".join(way.members), way.households, "".join(way.again)) for way in found.ways]
    assert told == [
        ("join", "abde", 253, "abde"),
        ("take_in", "abd", 143, "abde"),
        ("as_left", "ab", 83, "ab"),
    ]


def test_the_ways_are_told_by_name(desk):
    draft, town = desk
    called = {c: f"{c}院" for c in town.graph}
    told = [way_words(w, 100, called) for w in opposed(draft, town, "PMA-001", ("c",), under_way={}).ways]
    assert told == [
        "并入相邻区域：a院、b院、d院、e院，共 253 户。须重新征求意见的小区：a院、b院、d院、e院。",
        "吸收相邻小区：a院、b院、d院，共 143 户。须重新征求意见的小区：a院、b院、d院、e院。",
        "余下的继续作为一个区域：a院、b院，共 83 户。不足 100 户，须写明理由和认可人。须重新征求意见的小区：a院、b院。",
    ]


def test_each_way_is_one_command_that_does_what_it_says(desk):
    draft, town = desk
    for way in opposed(draft, town, "PMA-001", ("c",), under_way={}).ways:
        assert isinstance(way.command, Regroup)
        after = applied(draft, way.command, town.graph)
        assert way.members in {area.members for area in after.plan.areas}
        assert after.plan.outcomes["c"] == "exception"
        assert asked_again(draft.plan, after.plan) == way.again
        if way.kind != "as_left":
            broken = check(after.plan, dressed(town.graph, after), town.rules)
            assert {v.rule for v in broken if v.area_id} == set()


def test_what_was_asked_about_itself_is_not_broken_up_for_others(desk):
    """The area behind is under way too: no way on may change it."""
    found = opposed(*desk, "PMA-001", ("c",), under_way=asked(("a", "b", "c"), ("d", "e")))
    assert [way.kind for way in found.ways] == ["as_left"]


def test_locked_communities_stay(desk):
    draft, town = desk
    bound = Draft(draft.plan, locked=frozenset("de"))
    found = opposed(bound, town, "PMA-001", ("c",), under_way={})
    assert [way.kind for way in found.ways] == ["as_left"]


def test_where_enough_stay_nothing_has_to_be_mended():
    found = opposed(*on_desk("a60 b50 c33 d60 e110", "abc", "de"), "PMA-001", ("c",), under_way={})
    assert (found.households, found.below) == (110, False)
    assert [(way.kind, way.again) for way in found.ways] == [("as_left", ("a", "b"))]


def test_those_who_stay_may_be_parted_by_who_leaves():
    """b between a and c leaves: both are 150 households, but no longer one piece, until the row below joins them."""
    drawing = """
        a60 b50 c90
        d20 e20 f20
    """
    draft, town = on_desk(drawing, "abc", "def")
    found = opposed(draft, town, "PMA-001", ("b",), under_way={})
    assert (found.households, found.below) == (150, False)
    assert [(way.kind, "".join(way.members), way.broken) for way in found.ways] == [
        ("join", "acdef", ()),
        ("as_left", "ac", ("connection",)),
    ]
    assert "还有未通过的规则：区域内相互连通。" in way_words(found.ways[-1], 100, {})


def test_who_is_left_out_beside_them_comes_in_and_who_opposes_does_not():
    draft, town = on_desk("c33 a45 b38 d30", "abc")
    found = opposed(draft, town, "PMA-001", ("c",), under_way={})
    assert [(way.kind, way.members) for way in found.ways] == [
        ("take_in", ("a", "b", "d")),
        ("as_left", ("a", "b")),
    ]


@pytest.mark.parametrize("leaving", [(), ("d",), ("a", "b", "c"), ("a", "d")])
def test_who_cannot_leave_is_refused(desk, leaving):
    with pytest.raises(DataError, match=r"PMA-001不能这样调出：请选择这个区域里的一部分小区，不能全部调出。"):
        opposed(*desk, "PMA-001", leaving, under_way={})


@pytest.mark.parametrize(
    ("command", "again"),
    [
        (Move(("d",), "PMA-001"), "abcde"),
        (NewArea(("c",)), "abc"),
        (NewArea(("f",)), "f"),
        (Merge(("PMA-001", "PMA-002")), "abcde"),
        (NewArea(("a", "b", "c")), ""),
    ],
)
def test_asked_again_are_those_whose_area_is_another(desk, command, again):
    draft, town = desk
    after = applied(draft, command, town.graph)
    assert "".join(asked_again(draft.plan, after.plan)) == again
