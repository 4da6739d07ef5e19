"""What a command would do, the nearest repair, and the searches of the optimizer, on towns drawn in text."""

import pickle

import pandas as pd
import pytest

from geo.schema import DataError
from jobs.repairing import TRIES, link_in, repair_of, way_in
from jobs.reviewing import NOTHING, consequence
from jobs.searching import search, settled
from optimizer.checks import RULES, Violation, check
from optimizer.rules import Prices, Rules
from store.drafts import Acceptance, Draft, Tally, dressed
from store.edits import (
    Accept,
    CheckLink,
    Command,
    GiveReason,
    LockAreas,
    LockCommunities,
    Merge,
    Move,
    NewArea,
    Regroup,
    Rename,
    SetConsent,
    SetLink,
    SetScope,
    Split,
    TakeOut,
    applied,
    as_record,
    from_record,
)
from tests.desks import on_desk
from ui.checking import broken_of, check_rows

STREET = "a60 b60 c60 d60 e30"  # one row: neighbours are linked
TALLY = Tally(60, 40, 5)


@pytest.fixture
def desk():
    return on_desk(STREET, "ab", "cd")


def shape(draft: Draft) -> list[str]:
    return sorted("".join(area.members) for area in draft.plan.areas)


# --- what a command would do -----------------------------------------------------------------------


def test_a_change_holds_the_draft_after_and_what_happens_to_areas_and_outcomes(desk):
    draft, town = desk
    change = consequence(draft, Move(("e",), "PMA-002"), town)
    assert (change.before, change.after) == (draft, applied(draft, Move(("e",), "PMA-002"), town.graph))
    assert [(a.members, a.households) for a in change.preview.after] == [(("c", "d", "e"), 150)]
    assert change.preview.outcomes == (("e", "exception", "grouped"),)


@pytest.mark.parametrize(
    "command",
    [
        Rename("PMA-001", "胜利路"),
        LockAreas(),
        LockCommunities(("a",)),
        Accept("e", "远", "王"),
        GiveReason(("e",), "远"),
        SetConsent(("a",), "frozen"),
        CheckLink("a", "b"),
    ],
)
def test_what_moves_nothing_changes_no_number(desk, command):
    draft, town = desk
    change = consequence(draft, command, town)
    assert change.preview == NOTHING
    assert change.after != draft


def test_what_planners_decided_before_is_what_a_change_is_judged_by():
    """Where a host may take small ones in, e beside it is no longer lost."""
    draft, town = on_desk("a300 e30", "a", scope={"a": "fixed"})
    before = consequence(draft, Move(("e",), "PMA-001"), town)
    opened = applied(draft, SetScope(("a",), "host", "李科长", "第1号"), town.graph)
    after = consequence(opened, Move(("e",), "PMA-001"), town)
    assert [v.rule for v in before.preview.broken] == ["scope"]
    assert after.preview.broken == ()


def test_what_a_draft_breaks_need_not_be_found_again():
    draft, town = on_desk("a64 . b60 c60 . w10", "a", "bc")
    rows = check_rows(draft, town, rules_text="")
    assert [row.violation.rule for row in rows] == ["minimum", "left_out"]
    command = TakeOut(("a",))
    known = consequence(draft, command, town, broken=broken_of(rows))
    assert known == consequence(draft, command, town)
    assert [v.rule for v in known.preview.mended] == ["minimum"]
    assert consequence(draft, command, town, broken=()).preview.mended == ()


def test_a_link_that_is_forbidden_breaks_its_area(desk):
    draft, town = desk
    change = consequence(draft, SetLink("a", "b", "forbidden", "高差"), town)
    assert [v.rule for v in change.preview.broken] == ["connection"]
    assert (
        [a.members for a in change.preview.before]
        == [a.members for a in change.preview.after]
        == [("a", "b")]
    )
    back = consequence(change.after, SetLink("a", "b", "given", "有门"), town)
    assert [v.rule for v in back.preview.mended] == ["connection"]


def test_a_link_given_by_hand_changes_the_cost_of_its_area():
    rules = Rules(within=(), prices=Prices(wall_per_m=20.0))
    draft, town = on_desk("a60 b60", "ab", rules=rules, walls={("a", "b"): 10.0})
    change = consequence(draft, SetLink("a", "b", "forbidden", "高差"), town)
    assert change.preview.difference["wall"] == -200.0


def test_a_command_that_cannot_be_done_says_why(desk):
    draft, town = desk
    locked = applied(draft, LockCommunities(("e",)), town.graph)
    with pytest.raises(DataError) as refused:
        consequence(locked, Move(("e",), "PMA-002"), town)
    assert refused.value.code == "store.community_locked"


def test_acceptances_and_consents_that_a_change_overtakes_are_named(desk):
    draft, town = desk
    for command in (
        Accept("PMA-001", "暂缓", "王"),
        SetConsent(("a", "c"), "for", "2026-03-01", "表", TALLY),
        SetConsent(("b",), "frozen"),
    ):
        draft = applied(draft, command, town.graph)
    change = consequence(draft, Merge(("PMA-001", "PMA-002")), town)
    assert (change.fallen, change.unasked) == (("PMA-001",), ("a", "c"))
    other = consequence(draft, Move(("e",), "PMA-002"), town)
    assert (other.fallen, other.unasked) == ((), ("c",))


# --- the nearest repair ----------------------------------------------------------------------------


def mended(draft: Draft, town, rule: str) -> tuple[Command | None, list[str]]:
    """The repair of the first violation of a rule, and what is broken after it."""
    graph = dressed(town.graph, draft)
    violation = next(v for v in check(draft.plan, graph, town.rules) if v.rule == rule)
    command = repair_of(draft, town, violation)
    if command is None:
        return None, [rule]
    after = applied(draft, command, town.graph)
    return command, [v.rule for v in check(after.plan, dressed(town.graph, after), town.rules)]


def test_an_exception_joins_the_area_that_costs_least(desk):
    draft, town = desk
    assert way_in(draft, town, "e") == Move(("e",), "PMA-002")


def test_linked_exceptions_that_suffice_are_one_area():
    draft, town = on_desk("a60 b60 . c60 d60", "cd")
    assert mended(draft, town, "missed") == (NewArea(("a", "b")), [])


def test_linked_exceptions_join_together():
    draft, town = on_desk("a60 b60 c30 d30", "ab")
    assert way_in(draft, town, "d") == Move(("c", "d"), "PMA-001")


def test_an_exception_with_nobody_around_has_no_way_in():
    draft, town = on_desk("a60 b60 . e30", "ab")
    assert way_in(draft, town, "e") is None


def test_a_locked_area_takes_nobody_in(desk):
    draft, town = desk
    locked = applied(draft, LockAreas(("PMA-002",)), town.graph)
    assert way_in(locked, town, "e") is None


def test_who_is_locked_outside_stays_outside(desk):
    draft, town = desk
    assert way_in(applied(draft, LockCommunities(("e",)), town.graph), town, "e") is None


def test_of_linked_exceptions_one_joins_where_not_all_can():
    draft, town = on_desk("a60 b60 c30 d30", "ab", apart=[("a", "d")])
    left = Violation("missed", community_id="c", members=("c", "d"))
    assert repair_of(draft, town, left) == Move(("c",), "PMA-001")
    assert way_in(draft, town, "d") is None


def test_what_mends_nothing_is_no_repair_however_cheap():
    rules = Rules(within=(), upper=250, prices=Prices(area=1_000_000.0))
    draft, town = on_desk("a30 b120 c120", "a", "bc", rules=rules)
    assert mended(draft, town, "minimum") == (None, ["minimum"])


def test_a_small_area_is_merged_with_its_neighbour_or_takes_in_who_is_left_out():
    assert mended(*on_desk("a60 b60 c30", "ab", "c"), "minimum") == (Merge(("PMA-002", "PMA-001")), [])
    assert mended(*on_desk("a60 b60", "a"), "minimum") == (Move(("b",), "PMA-001"), [])


def test_a_torn_area_is_split_where_both_parts_suffice_else_its_rest_goes_elsewhere():
    whole = on_desk("a60 b60 . c60 d60", "abcd")
    assert mended(*whole, "connection") == (Split("PMA-001", (("a", "b"), ("c", "d"))), [])
    part = on_desk("a60 b60 . c30 d60 e60", "abc", "de")
    assert mended(*part, "connection") == (Move(("c",), "PMA-002"), [])


def test_a_large_area_is_cut_in_two():
    rules = Rules(within=(), upper=250)
    command, after = mended(*on_desk("a90 b90 c90 d90", "abcd", rules=rules), "upper")
    assert command == Split("PMA-001", (("c", "d"), ("a", "b")))
    assert after == []


def test_an_area_over_a_bound_is_split_along_it():
    rules = Rules(within=("committee",))
    desk = on_desk(
        "a60 b60 c60 d60", "abcd", rules=rules, committee={"a": "甲", "b": "甲", "c": "乙", "d": "乙"}
    )
    assert mended(*desk, "within") == (Split("PMA-001", (("c", "d"), ("a", "b"))), [])


def test_pairs_are_put_together_and_apart():
    together = on_desk("a60 b60 c60 d60 e60 f60", "ab", "cd", "ef", together=[("b", "c")])
    assert mended(*together, "together")[0] is None, "either way the area that loses one is too small"
    larger = on_desk("a60 b60 c60 d60 e60", "ab", "cde", together=[("b", "c")])
    assert mended(*larger, "together") == (Move(("c",), "PMA-001"), [])
    apart = on_desk("a60 b60 c60 d60 e60", "abc", "de", apart=[("b", "c")])
    assert mended(*apart, "apart") == (Move(("c",), "PMA-002"), [])


def test_who_stays_as_it_is_gets_its_own_area_back():
    draft, town = on_desk("a60 b60 f300", "abf", scope={"f": "fixed"})
    assert mended(draft, town, "scope") == (NewArea(("f",)), [])


def test_a_list_of_locks_is_made_true_again():
    lock = {"a": "PMA-001", "b": "PMA-001"}
    assert mended(*on_desk("a60 b60 c120", "abc", lock=lock), "locks") == (NewArea(("a", "b")), [])
    small = on_desk("a60 b60 c60", "abc", lock=lock)
    assert mended(*small, "locks") == (Regroup(("a", "b", "c"), (("a", "b"),)), [])


def test_who_suffices_alone_is_an_area():
    assert mended(*on_desk("a160 . b60 c60", "bc"), "alone") == (NewArea(("a",)), [])


@pytest.mark.parametrize("rule", sorted(set(RULES) - set(TRIES)))
def test_what_no_hand_can_cause_has_no_repair(desk, rule):
    assert repair_of(*desk, Violation(rule, area_id="PMA-001", members=("a",))) is None


def test_a_place_that_is_gone_has_no_repair(desk):
    assert repair_of(*desk, Violation("minimum", area_id="PMA-099", members=("q",))) is None


def missing(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["a", "b", "gap_m", "cause"])


def test_the_one_link_that_lets_an_exception_in_is_found():
    desk = on_desk("a60 b60 . e30 . f20", "ab")
    refused = missing(("b", "e", 40.0, "barrier:河流"), ("b", "q", 1.0, "reach"))
    far = missing(("a", "e", 90.0, "reach"), ("e", "f", 50.0, "reach"))
    link = link_in(*desk, "e", refused=refused, beyond=far)
    assert (link.a, link.b, link.cause) == ("b", "e", "barrier:河流")
    assert link_in(*desk, "f", refused=refused, beyond=far) is None, "it would take two"
    assert link_in(*desk, "f", refused=missing(), beyond=missing()) is None


# --- searches --------------------------------------------------------------------------------------


def found(desk, kind, *places: str) -> Command:
    command = search(kind, *desk, places)()
    assert from_record(as_record(command)) == command
    return command


def test_around_a_place_the_grouping_gets_better():
    desk = on_desk("a60 b60 c60 d60 e60 f60", "abcdef")
    draft, town = desk
    after = applied(draft, found(desk, "improve", "PMA-001"), town.graph)
    assert shape(after) == ["ab", "cd", "ef"]


def test_an_area_is_split_by_the_optimizer():
    """By cost the area stays whole where each one costs much; asked to split it, the optimizer does."""
    rules = Rules(within=(), prices=Prices(area=1_000_000.0))
    desk = on_desk("a60 b60 c60 d60", "abcd", rules=rules)
    assert found(desk, "split", "PMA-001") == Split("PMA-001", (("a", "b"), ("c", "d")))


def test_the_rest_is_grouped_again_and_what_is_settled_stays():
    draft, town = on_desk("a60 b60 c60 d60 e60 f60 . g60 h60", "abc", "def")
    for command in (LockCommunities(("d",)), Accept("g", "远", "王")):
        draft = applied(draft, command, town.graph)
    desk = (draft, town)
    assert settled(draft) == {"d", "g"}
    with pytest.raises(DataError, match="没有更好的组合：方案维持原样。"):
        found(desk, "replan")
    free = applied(applied(draft, TakeOut(("c",)), town.graph), NewArea(("c",)), town.graph)
    after = applied(free, found((free, town), "replan"), town.graph)
    assert shape(after) == ["abc", "def"]
    assert after.accepted == {"g": Acceptance("远", "王")}


def test_an_area_that_was_accepted_stays():
    draft, town = on_desk("a60 b60 c60 d60", "abcd")
    accepted = applied(draft, Accept("PMA-001", "先行", "王"), town.graph)
    assert settled(accepted) == {"a", "b", "c", "d"}


def test_an_area_with_a_locked_community_is_not_split():
    draft, town = on_desk("a60 b60 c60 d60", "abcd")
    with pytest.raises(DataError, match="没有可以重新组合的小区"):
        found((applied(draft, LockCommunities(("a",)), town.graph), town), "split", "PMA-001")


def test_who_was_asked_or_is_on_hold_keeps_its_company():
    draft, town = on_desk("a60 b60 c60 d60", "abcd")
    asked = applied(draft, SetConsent(("a",), "against", "2026-03-01", "表", TALLY), town.graph)
    with pytest.raises(DataError, match="没有可以重新组合的小区"):
        found((asked, town), "replan")
    assert shape(applied(draft, found((draft, town), "replan"), town.graph)) == ["ab", "cd"]


@pytest.mark.parametrize(
    ("kind", "places", "sentence"),
    [
        ("improve", ("PMA-001",), "没有更好的组合：这一带维持原样。"),
        ("replan", (), "没有更好的组合：方案维持原样。"),
        ("split", ("PMA-001",), "拆不开：没有办法分成各自不少于 100 户、内部相连的区域。区域维持原样。"),
    ],
)
def test_where_nothing_is_better_it_is_said(kind, places, sentence):
    with pytest.raises(DataError) as refused:
        found(on_desk("a60 b60 c60", "abc"), kind, *places)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(("kind", "places"), [("improve", ("a",)), ("split", ("PMA-001",)), ("replan", ())])
def test_where_all_is_locked_it_is_said(kind, places):
    draft, town = on_desk("a60 b60 c60 d60", "abcd")
    locked = applied(draft, LockAreas(), town.graph)
    with pytest.raises(DataError) as refused:
        found((locked, town), kind, *places)
    assert refused.value.code == "searching.all_settled"


def test_a_search_is_heard_can_be_stopped_and_travels():
    question = search("replan", *on_desk("a60 b60 c60 d60", "abcd"))
    steps = []
    command = pickle.loads(pickle.dumps(question))(listener=steps.append, cancelled=lambda: False)
    assert command == question()
    assert steps[-1].stage == "solve"
    assert steps[-1].best.areas == 2
