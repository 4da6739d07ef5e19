"""What a change does, in words."""

import pytest

from jobs.reviewing import consequence
from optimizer.rules import Prices, Rules
from store.drafts import Tally
from store.edits import (
    Accept,
    AcceptGroup,
    LockAreas,
    Merge,
    Move,
    NewArea,
    Rename,
    SetConsent,
    SetLink,
    SetScope,
    Split,
    TakeOut,
    applied,
)
from tests.desks import HOSTILE, on_desk
from ui.changes import SHOWN, command_words, strip

STREET = "a64 b50 c60 d70 e20"


@pytest.fixture
def desk():
    return on_desk(STREET, "ab", "cd", done=(Rename("PMA-002", "胜利路片区"),))


def told(desk, command):
    draft, town = desk
    return strip(consequence(draft, command, town), command, town)


def test_a_move_is_told_area_by_area_with_cost_and_outcomes(desk):
    found = told(desk, Move(("e",), "PMA-002"))
    assert found.title == "移动 e院 到 PMA-002 胜利路片区"
    assert found.rows == (
        {
            "head": "PMA-002 胜利路片区",
            "before": "130 户 · 2 个小区",
            "after": "150 户 · 3 个小区",
            "mark": "",
        },
    )
    assert found.costs == ("综合代价 +1,000 户·米", "步行 +1,000 户·米")
    assert found.told == ({"text": "e院：暂未组团 → 组团", "mark": "good"},)
    assert found.mark == "good"


def test_a_rule_that_breaks_is_told_and_marked(desk):
    found = told(desk, Move(("b",), "PMA-002"))
    assert [(row["head"], row["after"], row["mark"]) for row in found.rows] == [
        ("PMA-001", "64 户 · 1 个小区", "bad"),
        ("PMA-002 胜利路片区 → PMA-003 胜利路片区", "180 户 · 3 个小区", ""),
    ]
    assert found.told == (
        {"text": "将不符合：PMA-001 合计 64 户，不足 100 户", "mark": "bad"},
        {"text": "a院：组团 → 单独划定", "mark": ""},
    )
    assert found.mark == "bad"


def test_a_rule_that_is_kept_again_is_told_and_marked():
    desk = on_desk("a64 b50 c60", "a", "bc")
    found = told(desk, Merge(("PMA-001", "PMA-002")))
    assert [(row["before"], row["after"], row["mark"]) for row in found.rows] == [
        ("64 户 · 1 个小区", "—", "good"),
        ("110 户 · 2 个小区", "174 户 · 3 个小区", ""),
    ]
    assert found.told == (
        {"text": "已解决：PMA-001 合计 64 户，不足 100 户", "mark": "good"},
        {"text": "a院：单独划定 → 组团", "mark": ""},
    )


def test_new_areas_and_those_that_end_have_rows(desk):
    split = told(desk, Split("PMA-001", (("a",), ("b",))))
    assert [(row["head"], row["before"], row["after"]) for row in split.rows] == [
        ("PMA-001", "114 户 · 2 个小区", "64 户 · 1 个小区"),
        ("新区域 PMA-003", "—", "50 户 · 1 个小区"),
    ]
    out = told(desk, TakeOut(("a", "b")))
    assert out.costs == ("综合代价 -2,500 户·米", "步行 -2,500 户·米")
    assert [(row["head"], row["before"], row["after"]) for row in out.rows] == [
        ("PMA-001", "114 户 · 2 个小区", "—")
    ]


def test_what_changes_no_number_says_so(desk):
    found = told(desk, LockAreas())
    assert (found.title, found.rows, found.costs) == ("锁定全部区域", (), ())
    assert found.told == ({"text": "分组和各项数字不变。", "mark": ""},)


def test_a_link_that_leads_nowhere_changes_no_number(desk):
    found = told(desk, SetLink("a", "e", "given", "有门"))
    assert (found.title, found.rows, found.costs) == ("指定 a院 与 e院 相邻", (), ())
    assert [row["text"] for row in found.told] == ["分组和各项数字不变。"]


def test_an_area_whose_cost_alone_changes_has_no_row():
    rules = Rules(within=(), prices=Prices(wall_per_m=20.0))
    desk = on_desk("a60 b60\nc60 d60", "abcd", rules=rules, walls={("a", "b"): 10.0, ("a", "c"): 4.0})
    found = told(desk, SetLink("a", "c", "forbidden", "高差"))
    assert (found.rows, found.costs) == ((), ("综合代价 +120 户·米", "打通围墙 +120 户·米"))


def test_owners_who_were_asked_and_acceptances_that_fall_are_told(desk):
    draft, town = desk
    tally = Tally(60, 40, 5)
    for command in (
        Accept("PMA-001", "暂缓", "王"),
        SetConsent(("a",), "for", "2026-03-01", "表", tally),
    ):
        draft = applied(draft, command, town.graph)
    texts = [row["text"] for row in told((draft, town), Merge(("PMA-001", "PMA-002"))).told]
    assert "a院已按原来的分组征求过意见，分组变了须重新征求。" in texts
    assert "PMA-001 的认可随之失效（理由：暂缓）。" in texts


def test_long_lists_are_cut_and_say_how_many_there_are():
    letters = "bcdefghi"
    desk = on_desk("a100 " + " ".join(f"{c}10" for c in letters), "a")
    found = told(desk, Move(tuple(letters), "PMA-001"))
    assert [row["text"] for row in found.told] == [
        "a院：单独划定 → 组团",
        "b院、c院、d院、e院、f院、g院等 8 个小区：暂未组团 → 组团",
    ]
    parts = tuple((c,) for c in ("a", *letters))
    apart = told(
        (applied(desk[0], Move(tuple(letters), "PMA-001"), desk[1].graph), desk[1]), Split("PMA-001", parts)
    )
    bad = [row["text"] for row in apart.told if row["mark"] == "bad"]
    assert (len(bad), bad[-1]) == (SHOWN + 1, "余下 2 项")


def test_names_are_text_whatever_they_hold(desk):
    draft, town = desk
    town.graph.nodes["e"]["name"] = HOSTILE
    named = applied(draft, Rename("PMA-002", HOSTILE), town.graph)
    found = told((named, town), Move(("e",), "PMA-002"))
    assert found.rows[0]["head"] == f"PMA-002 {HOSTILE}"
    assert found.told[0]["text"] == f"{HOSTILE}：暂未组团 → 组团"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (SetLink("a", "c", "given", "有门"), "指定 a院 与 c院 相邻"),
        (Accept("e", "远", "王"), "认可 e院 保持现有安排"),
        (AcceptGroup(("e",), "远", "王"), "认可 e院 单独成为一个不足最低户数的区域"),
        (Rename("PMA-002", "PMA-001"), "把 PMA-002 命名为“PMA-001”"),
        (NewArea(("e",)), "用 e院 新建区域"),
        (NewArea(("d", "e")), "用 2 个小区新建区域"),
        (SetScope(("e",), "excluded"), "把 e院 设为不纳入"),
        (SetConsent(("e",), "frozen"), "把 e院 标为因改造暂停征求"),
    ],
)
def test_a_command_is_called_by_names_and_never_by_what_was_typed(desk, command, sentence):
    assert command_words(command, *desk) == sentence
