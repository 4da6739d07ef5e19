"""The checks panel in words: rules, places, sources, what was accepted, and the repair of each row."""

from dataclasses import replace

import pandas as pd
import pytest

from optimizer.checks import RULES as CHECKED
from optimizer.checks import Violation
from optimizer.rules import CHONGQING
from store.drafts import Tally
from store.edits import (
    Accept,
    AcceptGroup,
    Move,
    NewArea,
    Rename,
    SetConsent,
    applied,
)
from tests import fakes
from tests.desks import HOSTILE, on_desk
from ui.checking import badge, check_rows, grid_conflicts, in_order, offered_repair
from ui.selection import Selection
from ui.verbs import offered

RULES_TEXT = CHONGQING.read_text(encoding="utf-8")
PLAN = "《永川区物业管理品质提升实施方案》（永川府办发〔2020〕67号）三（七）"


@pytest.fixture
def small():
    """PMA-001 is too small; y and z are left out together, w alone."""
    return on_desk("a64 . b60 c60 . y30 z20 . w10", "a", "bc")


def rows(desk, **more: object):
    draft, town = desk
    return check_rows(draft, town, rules_text=RULES_TEXT, **more)


def test_a_row_names_rule_place_value_limit_and_source(small):
    first = rows(small)[0]
    assert (first.head, first.place, first.value, first.limit) == ("PMA-001", "PMA-001", "64 户", "100 户")
    assert first.text == "区域 PMA-001 合计 64 户，不足最低 100 户。请并入相邻小区，或按例外说明理由。"
    assert (first.says, first.source) == ("每个区域原则上不少于 100 户。", PLAN)
    assert (first.accepted, first.mark) == ("", "bad")


def test_communities_left_out_are_rows_those_that_hang_together_as_one(small):
    left = [row for row in rows(small) if row.mark == "fair"]
    assert [(row.text, row.value) for row in left] == [
        ("w院暂未组团，合计 10 户。", "10 户"),
        ("y院、z院暂未组团，合计 50 户。", "50 户"),
    ]
    assert badge(rows(small)) == ("bad", "未通过 1 项，另有 2 处待决定")


def test_what_was_accepted_stays_on_the_list_and_is_no_longer_open(small):
    draft, town = small
    for command in (
        Accept("PMA-001", "先行", "王主任"),
        Accept("w", "远", "王主任"),
        AcceptGroup(("y", "z"), HOSTILE, "王主任"),
    ):
        draft = applied(draft, command, town.graph)
    found = rows((draft, town))
    assert {row.accepted for row in found} == {
        "已认可：先行（王主任）",
        "已认可：远（王主任）",
        f"已认可：{HOSTILE}（王主任）",
    }
    assert {row.mark for row in found} == {""}
    assert badge(found) == ("good", "检查通过，3 项经认可")
    assert [offered_repair(row, draft, town) for row in found] == [None] * 3


def test_a_group_is_open_until_each_of_it_is_accepted(small):
    draft, town = small
    draft = applied(draft, Accept("y", "远", "王"), town.graph)
    (group,) = [row for row in rows((draft, town)) if len(row.violation.members) == 2]
    assert (group.place, group.mark) == ("z", "fair")


def test_a_plan_that_is_not_whole_is_never_accepted(small):
    draft, town = small
    accepted = applied(draft, Accept("PMA-001", "先行", "王"), town.graph)
    found = rows((accepted, town), found=[Violation("center", area_id="PMA-001", value="a", limit="b")])
    assert (found[0].mark, found[0].accepted) == ("bad", "")


def test_who_said_no_or_is_on_hold_and_is_grouped_all_the_same_is_a_row():
    draft, town = on_desk("a60 b60 c60", "abc")
    for command in (
        SetConsent(("a",), "against", "2026-03-01", "意见汇总", Tally(60, 5, 40)),
        SetConsent(("b",), "frozen"),
        SetConsent(("c",), "for", "2026-03-01", "意见汇总", Tally(60, 40, 5)),
    ):
        draft = applied(draft, command, town.graph)
    assert [(row.text, row.mark) for row in rows((draft, town))] == [
        ("a院的业主不同意（意见汇总），现与别的小区同区。", "fair"),
        ("b院因改造暂停征求，现与别的小区同区。", "fair"),
    ]


def test_a_clean_draft_passes():
    found = rows(on_desk("a60 b60", "ab"))
    assert (found, badge(found)) == ((), ("good", "检查全部通过"))


def test_remarks_stand_after_what_is_open_and_leave_the_badge_green(small):
    note = replace(rows(small)[0], mark="note", accepted="", head="提示")
    told = in_order([note, *rows(small)])
    assert [row.mark for row in told] == ["bad", "fair", "fair", "note"]
    assert badge(told) == ("bad", "未通过 1 项，另有 2 处待决定")
    assert badge((note,)) == ("good", "检查全部通过，另有 1 条提示")


def test_an_exception_that_need_not_be_is_told_once():
    found = rows(on_desk("a60 b60"))
    assert [row.violation.rule for row in found] == ["missed"]


@pytest.mark.parametrize("rule", [*CHECKED, "left_out", "consent_against", "consent_frozen"])
def test_every_rule_has_a_sentence_and_a_source(small, rule):
    values = {"scope": "fixed"}
    violation = Violation(rule, community_id="a", value=values.get(rule, 1), limit=1, members=("a", "b"))
    row = rows(small, found=[violation])[0]
    assert row.says
    assert row.source


def test_a_citation_that_nobody_confirmed_says_so(small):
    draft, town = small
    text = RULES_TEXT.replace('status = "confirmed"', 'status = "to_be_confirmed"')
    assert check_rows(draft, town, rules_text=text)[0].source == f"{PLAN}（待核）"
    assert check_rows(draft, town, rules_text='name = "某市"')[0].source == "规则文件（某市）"


def test_names_are_text_whatever_they_hold(small):
    draft, town = small
    town.graph.nodes["w"]["name"] = HOSTILE
    named = applied(draft, Rename("PMA-001", HOSTILE), town.graph)
    found = rows((named, town))
    assert found[0].head == f"PMA-001 {HOSTILE}"
    assert f"PMA-001 {HOSTILE}" in found[0].text
    assert f"{HOSTILE}暂未组团，合计 10 户。" in {row.text for row in found}


# --- repairs ---------------------------------------------------------------------------------------


def test_the_repair_of_a_row_is_a_command_with_its_name():
    desk = on_desk("a60 b60 c30", "ab", done=(Rename("PMA-001", "胜利路"),))
    (row,) = rows(desk)
    offer = offered_repair(row, *desk)
    assert (offer.label, offer.command) == ("移动 c院 到 PMA-001 胜利路", Move(("c",), "PMA-001"))


def test_exceptions_that_suffice_are_offered_an_area():
    desk = on_desk("a60 b60")
    assert offered_repair(rows(desk)[0], *desk).command == NewArea(("a", "b"))


def test_where_no_command_helps_people_are_asked(small):
    draft, town = small
    offers = [offered_repair(row, draft, town) for row in rows(small)]
    assert [(o.verb, o.selection, o.label) for o in offers] == [
        ("accept", Selection((), ("PMA-001",)), "写明理由，予以认可"),
        ("accept", Selection(("w",)), "写明理由，予以认可"),
        ("accept_group", Selection(("y", "z")), "合为一个不足最低户数的区域，写明理由认可"),
    ]
    for offer in offers:
        assert offer.verb in {verb.key for verb in offered(draft, town, offer.selection)}


def test_a_link_that_would_let_a_community_in_is_offered_where_links_were_measured(small):
    draft, town = small
    refused = pd.DataFrame([("c", "w", 40.0, "reach")], columns=["a", "b", "gap_m", "cause"])
    results = replace(fakes.results(), beyond=refused)
    offer = offered_repair(rows(small)[1], draft, town, results)
    assert (offer.verb, offer.selection) == ("give_link", Selection(("c", "w")))
    assert offer.label == "指定 c院 与 w院 相邻（相距 40 米），写明理由"
    assert "give_link" in {verb.key for verb in offered(draft, town, offer.selection)}


def test_a_rule_that_has_no_repair_has_no_button(small):
    violation = Violation("outcome", community_id="a", value="", limit="alone")
    (row, *_) = rows(small, found=[violation])
    assert offered_repair(row, *small) is None


# --- grids -----------------------------------------------------------------------------------------


def test_areas_that_several_grids_cut_are_listed_with_their_parts():
    results = fakes.results()
    draft, _ = on_desk("a60 b60", "ab", done=(Rename("PMA-001", HOSTILE),))
    table = results.area_grid.iloc[:0]
    table.loc[0] = ("PMA-001", "第1网格", 20)
    table.loc[1] = ("PMA-001", "第2网格", 100)
    table.loc[2] = ("PMA-001", "", 5)
    table.loc[3] = ("PMA-002", "第1网格", 100)
    table.loc[4] = ("PMA-002", "第2网格", 0)
    heads, body = grid_conflicts(replace(results, area_grid=table.astype(results.area_grid.dtypes)), draft)
    assert heads == ["区域", "涉及网格数", "各网格内的户数", "户数最多的网格"]
    assert body == [[f"PMA-001 {HOSTILE}", "3", "第2网格 100户、第1网格 20户、网格之外 5户", "第2网格"]]
    assert grid_conflicts(replace(results, area_grid=None), draft) == (heads, [])
