"""Which verbs a selection offers, what they ask for, and the command made of the answers."""

import datetime as dt

import pandas as pd
import pytest

from geo.schema import DataError
from jobs.searching import Search
from store.drafts import Tally
from store.edits import (
    Accept,
    AcceptGroup,
    CheckLink,
    GiveReason,
    LockAreas,
    LockCommunities,
    Merge,
    Move,
    NewArea,
    Rename,
    SetConsent,
    SetLink,
    SetScope,
    Split,
    TakeOut,
    UnlockAreas,
    UnlockCommunities,
    Withdraw,
    applied,
    as_record,
    from_record,
)
from tests.desks import HOSTILE, on_desk
from ui.selection import Selection, done_beside_locked, offer_without_locked, without_locked
from ui.verbs import command_of, offered

# a b | c d | e left out beside d; f stays as it is, h is not counted, y and z are linked and left out.
STREET = """
a64 b50 c60 d70 e20
.
f300 . h? . y30 z20
"""
GROUPS = ("ab", "cd", "f")


@pytest.fixture
def desk():
    return on_desk(STREET, *GROUPS, scope={"f": "fixed"})


def picked(communities: str = "", *areas: str) -> Selection:
    return Selection(tuple(communities), areas)


def keys(desk, selection: Selection) -> list[str]:
    return [verb.key for verb in offered(*desk, selection)]


def verb_of(desk, selection: Selection, key: str):
    return next(verb for verb in offered(*desk, selection) if verb.key == key)


def made(desk, key: str, selection: Selection, refused: pd.DataFrame | None = None, **answers: object):
    draft, town = desk
    return command_of(key, selection, answers, draft, town, who="李科长", refused=refused)


# --- what is offered -------------------------------------------------------------------------------


def test_without_a_selection_only_what_is_about_all(desk):
    assert keys(desk, picked()) == ["lock_all", "replan"]


def test_one_community_of_an_area(desk):
    assert keys(desk, picked("b")) == [
        *("move", "split_out", "split_best", "take_out", "lock_communities", "set_scope"),
        *("set_consent", "lock_all", "improve", "replan"),
    ]


def test_an_exception_can_join_be_an_area_be_accepted_or_explained(desk):
    assert keys(desk, picked("e")) == [
        *("move", "new_area", "lock_communities", "accept", "accept_group", "set_scope", "give_reason"),
        *("set_consent", "lock_all", "improve", "replan"),
    ]


def test_only_linked_exceptions_below_the_minimum_are_accepted_as_one_area(desk):
    assert verb_of(desk, picked("y"), "accept_group").label.startswith("认可 2 个小区成为一个")
    assert "accept_group" not in keys(desk, picked("ey"))
    assert "accept_group" not in keys(desk, picked("ya"))
    assert "accept_group" not in keys(on_desk("a60 b60"), picked("ab"))


def test_two_communities_have_a_link(desk):
    assert {"give_link"} == {k for k in keys(desk, picked("ad")) if k.endswith("_link")}
    assert {"forbid_link", "check_link"} == {k for k in keys(desk, picked("ab")) if k.endswith("_link")}
    assert not any(k.endswith("_link") for k in keys(desk, picked("abc")))


def test_one_area(desk):
    assert keys(desk, picked("", "PMA-001")) == [
        *("merge", "split_best", "take_out", "rename", "lock_areas", "set_consent", "lock_all"),
        *("improve", "replan"),
    ]


def test_several_areas_are_merged_without_a_question(desk):
    assert verb_of(desk, picked("", "PMA-001", "PMA-002"), "merge").fields == ()
    assert verb_of(desk, picked("bc"), "merge").fields == ()
    (field,) = verb_of(desk, picked("", "PMA-001"), "merge").fields
    assert [option.value for option in field.options] == ["PMA-002"]


def test_who_is_fixed_or_not_counted_moves_nowhere(desk):
    for community in "fh":
        assert {"move", "new_area"}.isdisjoint(keys(desk, picked(community)))


def test_what_is_locked_is_unlocked(desk):
    draft, town = desk
    for command in (LockAreas(("PMA-001",)), LockCommunities(("e",))):
        draft = applied(draft, command, town.graph)
    found = keys((draft, town), picked("ed", "PMA-001", "PMA-002"))
    assert [k for k in found if "lock" in k] == [
        *("lock_areas", "unlock_areas", "lock_communities", "unlock_communities"),
        *("lock_all", "unlock_all"),
    ]


def test_what_is_no_longer_there_is_not_selected(desk):
    assert keys(desk, picked("q", "PMA-099")) == keys(desk, picked())


def test_an_area_is_accepted_only_where_it_breaks_a_rule():
    desk = on_desk("a60 b30 . c60 d50", "ab", "cd")
    assert "accept" in keys(desk, picked("", "PMA-001"))
    assert "accept" not in keys(desk, picked("", "PMA-002"))
    assert "accept" not in keys(desk, picked("", "PMA-001", "PMA-002"))


def test_areas_to_move_to_stand_with_households_before_and_after_the_neighbours_first():
    desk = on_desk("a64 . b57 c60 d60", "a", "cd", done=(Rename("PMA-002", HOSTILE),))
    (field,) = verb_of(desk, picked("b"), "move").fields
    assert [(option.value, option.label) for option in field.options] == [
        ("PMA-002", f"PMA-002 {HOSTILE} 120 → 177 户"),
        ("PMA-001", "PMA-001 64 → 121 户（不相邻）"),
    ]


def test_a_locked_area_and_its_own_are_no_places_to_move_to(desk):
    draft, town = desk
    locked = applied(draft, LockAreas(("PMA-001",)), town.graph)
    assert "move" not in keys((locked, town), picked("c"))


def test_buttons_say_what_they_do(desk):
    assert verb_of(desk, picked("ab"), "move").label == "把 2 个小区移到…"
    assert (
        verb_of(desk, picked("e"), "accept_group").label == "认可 1 个小区成为一个不足最低户数的区域（20 户）"
    )
    improve = verb_of(desk, picked("e"), "improve")
    assert (improve.group, improve.long, improve.note[:4]) == ("自动优化", True, "所选区域")


# --- the commands ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "selection", "answers", "command"),
    [
        ("move", picked("e"), {"to_area": "PMA-002"}, Move(("e",), "PMA-002")),
        ("new_area", picked("yz"), {}, NewArea(("y", "z"))),
        ("split_out", picked("a"), {}, Split("PMA-001", (("a",), ("b",)))),
        ("merge", picked("bc"), {}, Merge(("PMA-001", "PMA-002"))),
        ("merge", picked("", "PMA-001"), {"with_area": "PMA-002"}, Merge(("PMA-001", "PMA-002"))),
        ("take_out", picked("be"), {}, TakeOut(("b",))),
        ("take_out", picked("", "PMA-001"), {}, TakeOut(("a", "b"))),
        ("rename", picked("", "PMA-001"), {"name": HOSTILE}, Rename("PMA-001", HOSTILE)),
        ("lock_areas", picked("", "PMA-001"), {}, LockAreas(("PMA-001",))),
        ("lock_communities", picked("ab"), {}, LockCommunities(("a", "b"))),
        ("lock_all", picked(), {}, LockAreas()),
        ("accept", picked("e"), {"reason": "无相邻"}, Accept("e", "无相邻", "李科长")),
        ("accept", picked("ez"), {"reason": "远", "by": "王"}, Accept("e", "远", "王", ("z",))),
        ("accept_group", picked("y"), {"reason": "远"}, AcceptGroup(("y", "z"), "远", "李科长")),
        ("set_scope", picked("ab"), {"scope": "excluded"}, SetScope(("a", "b"), "excluded")),
        (
            "set_scope",
            picked("d"),
            {"scope": "host", "host_by": "李科长", "decision": "第1号"},
            SetScope(("d",), "host", "李科长", "第1号"),
        ),
        ("forbid_link", picked("ba"), {"link_reason": "高差"}, SetLink("a", "b", "forbidden", "高差")),
        ("give_link", picked("ca"), {"link_reason": "有门"}, SetLink("a", "c", "given", "有门")),
        ("check_link", picked("ab"), {}, CheckLink("a", "b")),
        ("set_consent", picked("a"), {"state": "not_asked"}, SetConsent(("a",), "not_asked")),
        (
            "set_consent",
            picked("a"),
            {"state": "frozen", "basis": "改造批复", "document": "旧的"},
            SetConsent(("a",), "frozen", document="改造批复"),
        ),
        (
            "set_consent",
            picked("", "PMA-001"),
            {
                "state": "for",
                "date": dt.date(2026, 3, 1),
                "document": "汇总表",
                "asked": 60,
                "agreed": "40",
                "opposed": 5.0,
            },
            SetConsent(("a", "b"), "for", "2026-03-01", "汇总表", Tally(60, 40, 5)),
        ),
    ],
)
def test_answers_become_a_command_that_can_be_done_and_kept(desk, key, selection, answers, command):
    assert made(desk, key, selection, **answers) == command
    assert from_record(as_record(command)) == command
    applied(desk[0], command, desk[1].graph)


def test_what_was_done_is_undone_by_its_verb(desk):
    draft, town = desk
    for command in (
        LockAreas(("PMA-001",)),
        LockCommunities(("e",)),
        Accept("e", "远", "王"),
        CheckLink("a", "b"),
        GiveReason(("y",), "产权单位不同意"),
    ):
        draft = applied(draft, command, town.graph)
    now = (draft, town)
    assert made(now, "unlock_areas", picked("", "PMA-001")) == UnlockAreas(("PMA-001",))
    assert made(now, "unlock_all", picked()) == UnlockAreas()
    assert made(now, "unlock_communities", picked("e")) == UnlockCommunities(("e",))
    assert made(now, "withdraw", picked("e")) == Withdraw(("e",))
    assert "accept" not in keys(now, picked("e"))
    assert made(now, "uncheck_link", picked("ab")) == CheckLink("a", "b", checked=False)
    assert made(now, "clear_reason", picked("yz")) == GiveReason(("y",), "")


def test_a_reason_is_put_into_sentences(desk):
    command = made(
        desk,
        "give_reason",
        picked("yz"),
        cause="owner_unit_refuses",
        evidence="会议记录",
        words="下半年再议",
        repair="service_bundle",
        deadline=dt.date(2026, 12, 1),
        post="物业科",
    )
    assert command == GiveReason(
        ("y", "z"),
        "产权单位不同意（依据：会议记录；由产权单位认定）。下半年再议。处理：打包服务（不合并），期限 2026-12-01，由物业科负责",
    )
    assert made(desk, "give_reason", picked("y"), cause="clearance").text == "拟征收（由区征收部门认定）"


def test_a_refused_link_is_given_with_what_was_measured_of_it(desk):
    refused = pd.DataFrame(
        [("a", "c", 12.5, "支路、巷道", 3.0, "within:committee"), ("b", "c", 1.0, "", 0.0, "barrier:河流")],
        columns=["a", "b", "gap_m", "crosses", "wall_m", "cause"],
    )
    command = made(desk, "give_link", picked("ca"), refused, link_reason="有门")
    assert command == SetLink("a", "c", "given", "有门", 12.5, ("支路", "巷道"), 3.0)


@pytest.mark.parametrize(
    ("key", "selection", "kind", "places"),
    [
        ("improve", picked("e", "PMA-001"), "improve", ("PMA-001", "e")),
        ("split_best", picked("b"), "split", ("PMA-001",)),
        ("replan", picked(), "replan", ()),
    ],
)
def test_what_takes_long_is_a_search(desk, key, selection, kind, places):
    found = made(desk, key, selection)
    assert isinstance(found, Search)
    assert (found.kind, found.places, found.draft) == (kind, places, desk[0])


@pytest.mark.parametrize(
    ("key", "selection", "answers", "sentence"),
    [
        ("move", picked("e"), {}, "还没有填写“移到哪个区域”。请填写后再试。"),
        (
            "move",
            picked("e"),
            {"to_area": "PMA-003"},
            "“移到哪个区域”里没有“PMA-003”这一项。请从列表中选择。",
        ),
        ("rename", picked("", "PMA-001"), {"name": "  "}, "还没有填写“区域名称”。请填写后再试。"),
        ("accept", picked("e"), {}, "还没有填写“理由”。请填写后再试。"),
        (
            "set_scope",
            picked("a"),
            {"scope": "host", "host_by": "李"},
            "还没有填写“业主大会决定的名称或文号”。请填写后再试。",
        ),
        (
            "set_consent",
            picked("a"),
            {
                "state": "for",
                "date": "2026-03-01",
                "document": "表",
                "asked": "六十",
                "agreed": 1,
                "opposed": 1,
            },
            "“征求户数”须是整数，不小于 0；现在是“六十”。请改正。",
        ),
        ("give_reason", picked("e"), {"evidence": "表"}, "没有写明原因。请选择一个原因，或填写补充说明。"),
        ("rename", picked("e"), {"name": "甲"}, "所选内容已有变化，这一步不再适用。请重新选择。"),
        ("fly", picked("e"), {}, "所选内容已有变化，这一步不再适用。请重新选择。"),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_words(desk, key, selection, answers, sentence):
    with pytest.raises(DataError) as refused:
        made(desk, key, selection, **answers)
    assert str(refused.value) == sentence


# --- locks in a selection --------------------------------------------------------------------------


def test_the_rest_of_a_selection_can_be_changed_where_locks_hold_a_part(desk):
    draft, town = desk
    for command in (LockAreas(("PMA-001",)), LockCommunities(("e",))):
        draft = applied(draft, command, town.graph)
    everything = picked("abcdeyz", "PMA-001", "PMA-002")
    assert without_locked(draft, everything) == (picked("cdyz", "PMA-002"), 4)
    assert offer_without_locked(draft, everything) == (
        "其余 5 项照改，4 项因锁定不动",
        picked("cdyz", "PMA-002"),
    )
    assert done_beside_locked(picked("cdyz", "PMA-002"), 4) == "已改 5 项，4 项因锁定未改"
    assert offer_without_locked(draft, picked("ab")) is None
    assert offer_without_locked(draft, picked("cd")) is None


def test_a_locked_community_keeps_its_area_from_verbs_on_areas(desk):
    draft, town = desk
    draft = applied(draft, LockCommunities(("c",)), town.graph)
    assert without_locked(draft, picked("d", "PMA-001", "PMA-002")) == (picked("d", "PMA-001"), 1)
