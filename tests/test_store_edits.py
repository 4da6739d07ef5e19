"""Every command: what it makes of a draft, its record, its title, and what it refuses."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import networkx as nx
import pytest

from geo.schema import DataError
from geo.wording import catalogue, say
from store.drafts import Acceptance, Consent, Draft, LinkDecision, ScopeDecision, Tally, dressed
from store.edits import (
    COMMANDS,
    Accept,
    AcceptGroup,
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
    SetBounds,
    SetConsent,
    SetContact,
    SetLink,
    SetMode,
    SetResponsible,
    SetScope,
    Split,
    TakeOut,
    UnlockAreas,
    UnlockCommunities,
    Withdraw,
    applied,
    as_record,
    from_record,
    regrouped,
    title,
)
from store.records import plain, typed
from tests.offices import row_plan, row_town

TALLY = Tally(asked=60, agreed=40, opposed=5)
FOR = SetConsent(("a",), "for", "2026-03-01", "征求意见表汇总", TALLY)
HOST = SetScope(("f",), "host", "李科长", "业主大会2026年第1号决定")

# One of each kind, and its name in the undo list.
EACH: list[tuple[Command, str]] = [
    (Move(("e",), "PMA-002"), "移动 1 个小区到 PMA-002"),
    (NewArea(("d", "e")), "用 2 个小区新建区域"),
    (Merge(("PMA-001", "PMA-002")), "合并 PMA-001 等 2 个区域"),
    (Split("PMA-001", (("a",), ("b",))), "把 PMA-001 拆成 2 个区域"),
    (TakeOut(("a",)), "调出 1 个小区"),
    (Regroup(("a", "b", "c"), (("b", "c"),)), "重新组合 3 个小区，成 1 个区域"),
    (Rename("PMA-001", "胜利路{片区}"), "把 PMA-001 命名为“胜利路{片区}”"),
    (LockAreas(), "锁定全部区域"),
    (LockAreas(("PMA-001",)), "锁定 PMA-001 等 1 个区域"),
    (UnlockAreas(), "解除全部区域的锁定"),
    (UnlockAreas(("PMA-001",)), "解除 PMA-001 等 1 个区域的锁定"),
    (LockCommunities(("a", "e")), "锁定 2 个小区"),
    (UnlockCommunities(("a",)), "解除 1 个小区的锁定"),
    (Accept("e", "四周无相邻小区", "王主任"), "认可 e 保持现有安排"),
    (Accept("e", "四周无相邻小区", "王主任", also=("y",)), "认可 e 等 2 处保持现有安排"),
    (AcceptGroup(("e", "y"), "四周无相邻小区", "王主任"), "认可 2 个小区成为一个不足最低户数的区域"),
    (Withdraw(("e",)), "撤回对 e 的认可"),
    (Withdraw(("e", "PMA-001")), "撤回对 e 等 2 处的认可"),
    (SetScope(("a",), "to_group"), "把 1 个小区设为待组团"),
    (SetScope(("a",), "fixed"), "把 1 个小区设为维持现状"),
    (HOST, "把 1 个小区设为可吸收相邻小区"),
    (SetScope(("a",), "excluded"), "把 1 个小区设为不纳入"),
    (SetLink("a", "c", "given", "现有通道", 12.5, ("主干路",), 3.0), "指定 a 与 c 相邻"),
    (SetLink("a", "b", "forbidden", "高差"), "取消 a 与 b 的相邻关系"),
    (CheckLink("a", "b"), "a 与 b 的相邻关系现场已核"),
    (CheckLink("a", "b", checked=False), "撤回 a 与 b 的现场核对"),
    (GiveReason(("e",), "产权单位不同意"), "填写 1 个小区的原因"),
    (SetConsent(("a",), "not_asked"), "把 1 个小区的意见标为未征求"),
    (FOR, "把 1 个小区的意见标为同意"),
    (replace(FOR, state="against"), "把 1 个小区的意见标为不同意"),
    (SetConsent(("a",), "frozen"), "把 1 个小区标为因改造暂停征求"),
    (SetBounds("PMA-001", east="东至红河中路"), "填写PMA-001的四至"),
    (SetMode("PMA-001", "professional"), "PMA-001的管理模式定为专业化物业"),
    (SetMode("PMA-001", "self_managed", "业主大会决定"), "PMA-001的管理模式定为业主（居民）自治"),
    (SetMode("PMA-001", "neighborhood_run"), "PMA-001的管理模式定为社区代管"),
    (SetMode("PMA-001", "package"), "PMA-001的管理模式定为打包服务（不合并）"),
    (SetMode("PMA-001", ""), "撤回PMA-001的管理模式"),
    (SetContact("PMA-001", "物业科科长"), "PMA-001的联络专人定为物业科科长"),
    (SetContact("PMA-001", " "), "撤回PMA-001的联络专人"),
    (SetContact("PMA-001", "物业科科长", ("PMA-002",)), "填写PMA-001等2个区域的联络专人"),
    (SetMode("PMA-001", "package", also=("PMA-002",)), "填写PMA-001等2个区域的管理模式"),
    (SetResponsible("PMA-001", "street_town", "桂花街道"), "PMA-001的镇街填为桂花街道"),
    (SetResponsible("PMA-001", "committee", "老街社区"), "PMA-001的社区填为老街社区"),
    (SetResponsible("PMA-001", "police", "站前派出所"), "PMA-001的派出所填为站前派出所"),
    (SetResponsible("PMA-001", "company", "某某物业"), "PMA-001的物业企业填为某某物业"),
    (SetResponsible("PMA-001", "police", ""), "撤回PMA-001填写的责任单位"),
    (SetResponsible("PMA-001", "police", "站前派出所", ("PMA-002",)), "填写PMA-001等2个区域的责任单位"),
]


@pytest.fixture
def graph() -> "nx.Graph[str]":
    return row_town()


@pytest.fixture
def start(graph: "nx.Graph[str]") -> Draft:
    return Draft(row_plan(graph))


def shape(draft: Draft) -> dict[str, str]:
    return {area.area_id: "".join(area.members) for area in draft.plan.areas}


# --- every command ---------------------------------------------------------------------------------


def test_one_of_each_kind_is_tried() -> None:
    assert {type(command) for command, _ in EACH} == set(get_args(Command)) == set(COMMANDS.values())


@pytest.mark.parametrize(("command", "sentence"), EACH)
def test_a_command_comes_back_from_its_record(command: Command, sentence: str) -> None:
    record = json.loads(json.dumps(as_record(command)))
    assert (record["kind"], record["version"]) == (command.kind, 1)
    assert from_record(record) == command
    assert sentence


@pytest.mark.parametrize(("command", "sentence"), EACH)
def test_a_command_has_a_name_for_undo(command: Command, sentence: str) -> None:
    code, values = title(command)
    assert say(code, **values) == sentence


@pytest.mark.parametrize(("command", "sentence"), EACH)
def test_a_command_never_changes_what_it_was_given(
    command: Command, sentence: str, graph: "nx.Graph[str]", start: Draft
) -> None:
    start = replace(start, accepted=dict.fromkeys(("e", "PMA-001"), Acceptance("暂缓", "王主任")))
    before, nodes, edges = plain(start), str(graph.nodes(data=True)), str(graph.edges(data=True))
    after = applied(start, command, graph)
    assert plain(start) == before
    assert (str(graph.nodes(data=True)), str(graph.edges(data=True))) == (nodes, edges)
    assert typed(json.loads(json.dumps(plain(after))), Draft) == after
    assert sentence


def test_a_set_has_one_record_whatever_its_order(start: Draft) -> None:
    locked = replace(start, locked=frozenset("zyxwvuabcdefg"), checked=frozenset({("b", "c"), ("a", "b")}))
    assert plain(locked)["locked"] == sorted("zyxwvuabcdefg")
    assert plain(locked)["checked"] == [["a", "b"], ["b", "c"]]


def test_every_sentence_of_the_store_is_in_the_catalogue_and_none_is_idle() -> None:
    folder = Path(__file__).parent.parent / "store"
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    named = {f"errors.{key}" for key in re.findall(r'"(store\.[a-z_]+)"', source)}
    assert named == {key for key in catalogue() if key.startswith("errors.store.")}


def test_a_record_of_another_kind_or_version_is_refused() -> None:
    record = as_record(Move(("a",), "PMA-001"))
    for wrong in ({**record, "kind": "fly"}, {**record, "version": 2}, {}):
        with pytest.raises(DataError, match="本程序不认识的操作"):
            from_record(wrong)


@pytest.mark.parametrize(
    "broken",
    [
        {"communities": ["a"]},
        {"communities": "a", "to_area": "PMA-001"},
        {"communities": [1], "to_area": "PMA-001"},
        {"communities": ["a"], "to_area": None},
        {"communities": ["a"], "to_area": "PMA-001", "more": 1},
    ],
    ids=["missing", "no list", "no text", "null", "unknown"],
)
def test_a_broken_record_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(DataError, match=r"操作记录中的一步（move）内容不完整。请从备份恢复项目。"):
        from_record({"kind": "move", "version": 1, **broken})


# --- grouping --------------------------------------------------------------------------------------


def test_the_verbs_change_areas(graph: "nx.Graph[str]", start: Draft) -> None:
    def after(command: Command) -> dict[str, str]:
        return shape(applied(start, command, graph))

    assert after(Move(("e",), "PMA-002")) == {"PMA-001": "ab", "PMA-002": "cde", "PMA-003": "f"}
    assert after(NewArea(("e", "y")))["PMA-004"] == "ey"
    assert after(Merge(("PMA-001", "PMA-002"))) == {"PMA-003": "f", "PMA-004": "abcd"}
    assert after(Split("PMA-002", (("c",), ("d",)))) == {
        "PMA-001": "ab",
        "PMA-002": "d",
        "PMA-003": "f",
        "PMA-004": "c",
    }
    assert after(TakeOut(("b",))) == {"PMA-001": "a", "PMA-002": "cd", "PMA-003": "f"}
    assert after(Regroup(("a", "b", "c", "d"), (("b", "c"),))) == {"PMA-003": "f", "PMA-004": "bc"}


def test_an_answer_of_the_optimizer_becomes_a_command(graph: "nx.Graph[str]", start: Draft) -> None:
    for command in (Merge(("PMA-001", "PMA-002")), Regroup(("c", "d", "e", "y"), (("d", "e", "y"),))):
        after = applied(start, command, graph).plan
        assert applied(start, regrouped(start.plan, after), graph).plan == after


def test_a_name_stays_with_its_area_and_follows_most_of_its_members(
    graph: "nx.Graph[str]", start: Draft
) -> None:
    named = applied(applied(start, Rename("PMA-002", " 胜利路 "), graph), Rename("PMA-001", "人民路"), graph)
    assert named.names == {"PMA-002": "胜利路", "PMA-001": "人民路"}
    assert applied(named, Move(("e",), "PMA-002"), graph).names == named.names
    merged = applied(named, Merge(("PMA-001", "PMA-002")), graph)
    assert merged.names == {"PMA-004": "人民路"}, "both wholly in it: the first id"
    assert applied(named, TakeOut(("a", "b")), graph).names == {"PMA-002": "胜利路"}


def test_an_acceptance_falls_with_what_was_accepted(graph: "nx.Graph[str]", start: Draft) -> None:
    accepted = applied(start, Accept("e", "无相邻", "王主任"), graph)
    accepted = applied(accepted, Accept("PMA-001", "暂缓", "王主任"), graph)
    assert accepted.accepted == {"e": Acceptance("无相邻", "王主任"), "PMA-001": Acceptance("暂缓", "王主任")}
    assert set(applied(accepted, TakeOut(("c",)), graph).accepted) == {"e", "PMA-001"}
    assert set(applied(accepted, Move(("e",), "PMA-002"), graph).accepted) == {"PMA-001"}
    assert set(applied(accepted, TakeOut(("b",)), graph).accepted) == {"e"}
    assert set(applied(accepted, Move(("e",), "PMA-001"), graph).accepted) == set()
    assert set(applied(accepted, SetScope(("e",), "excluded"), graph).accepted) == {"PMA-001"}


# --- locks -----------------------------------------------------------------------------------------


def test_several_are_accepted_for_one_reason_and_taken_back_again(
    graph: "nx.Graph[str]", start: Draft
) -> None:
    accepted = applied(start, Accept("PMA-001", "暂缓", "王主任", also=("e", "y")), graph)
    assert accepted.accepted == dict.fromkeys(("PMA-001", "e", "y"), Acceptance("暂缓", "王主任"))
    assert set(applied(accepted, Withdraw(("e", "PMA-001")), graph).accepted) == {"y"}


def test_exceptions_become_one_area_below_the_minimum(graph: "nx.Graph[str]", start: Draft) -> None:
    after = applied(start, AcceptGroup(("e", "y"), " 暂缓 ", "王主任"), graph)
    assert shape(after)["PMA-004"] == "ey"
    assert after.accepted == {"PMA-004": Acceptance("暂缓", "王主任")}
    assert applied(after, TakeOut(("y",)), graph).accepted == {}


def test_a_locked_community_does_not_move(graph: "nx.Graph[str]", start: Draft) -> None:
    locked = applied(start, LockCommunities(("a", "e")), graph)
    assert locked.locked == {"a", "e"}
    for command in (
        Move(("a", "e"), "PMA-002"),
        NewArea(("b", "e")),
        TakeOut(("a",)),
        Merge(("PMA-001", "PMA-002")),
        Split("PMA-001", (("a",), ("b",))),
        Regroup(("a", "b", "c"), (("a", "b", "c"),)),
        Regroup(("e", "y"), (("e", "y"),)),
    ):
        with pytest.raises(DataError, match="已锁定"):
            applied(locked, command, graph)
    assert applied(applied(locked, UnlockCommunities(("a",)), graph), TakeOut(("a",)), graph)


def test_others_may_join_and_leave_a_locked_community(graph: "nx.Graph[str]", start: Draft) -> None:
    locked = applied(start, LockCommunities(("a",)), graph)
    assert shape(applied(locked, Move(("a", "c"), "PMA-001"), graph))["PMA-004"] == "abc"
    assert shape(applied(locked, TakeOut(("b",)), graph))["PMA-001"] == "a"
    assert shape(applied(locked, Regroup(("a", "b", "c"), (("a", "b"), ("c",))), graph))["PMA-001"] == "ab"


def test_a_locked_area_does_not_change_until_it_is_unlocked(graph: "nx.Graph[str]", start: Draft) -> None:
    locked = applied(start, LockAreas(), graph)
    assert all(area.locked for area in locked.plan.areas)
    with pytest.raises(DataError, match="区域 PMA-001 已锁定"):
        applied(locked, TakeOut(("a",)), graph)
    one = applied(locked, UnlockAreas(("PMA-001",)), graph)
    assert [area.locked for area in one.plan.areas] == [False, True, True]
    assert applied(one, UnlockAreas(), graph).plan == start.plan


# --- scope, links, reasons, consent ----------------------------------------------------------------


def test_a_scope_changes_what_follows_from_it(graph: "nx.Graph[str]", start: Draft) -> None:
    opened = applied(start, HOST, graph)
    assert opened.scopes == {"f": ScopeDecision("host", "李科长", "业主大会2026年第1号决定")}
    assert dressed(graph, opened).nodes["f"]["scope"] == "host"
    left = applied(start, SetScope(("e",), "excluded"), graph)
    assert (left.plan.outcomes["e"], left.plan.below_min_groups) == ("excluded", ())
    assert start.plan.below_min_groups == (("e", "y"),)
    with pytest.raises(DataError, match="不纳入组团范围"):
        applied(left, Move(("e",), "PMA-002"), graph)
    taken_in = applied(start, SetScope(("x",), "to_group"), graph)
    assert shape(applied(taken_in, NewArea(("x",)), graph))["PMA-004"] == "x"


def test_a_link_is_given_with_what_was_measured(graph: "nx.Graph[str]", start: Draft) -> None:
    given = applied(start, SetLink("y", "f", "given", "有通道", 12.5, ("主干路",), 3.0), graph)
    assert given.links == {("f", "y"): LinkDecision("given", "有通道", 12.5, ("主干路",), 3.0)}
    assert dressed(graph, given).edges["f", "y"] == {
        "gap_m": 12.5,
        "crosses": ("主干路",),
        "wall_m": 3.0,
        "kind": "given",
        "verified": False,
    }
    straight = applied(start, SetLink("e", "x", "given", "有通道", float("nan")), graph)
    assert dressed(graph, straight).edges["e", "x"]["gap_m"] == 200.0
    kept = dressed(graph, applied(start, SetLink("b", "a", "given", "属实", 1.0), graph)).edges["a", "b"]
    assert kept == {**graph.edges["a", "b"], "kind": "given"}


def test_a_link_is_forbidden_and_given_again(graph: "nx.Graph[str]", start: Draft) -> None:
    cut = applied(start, SetLink("y", "e", "forbidden", "围墙"), graph)
    assert not dressed(graph, cut).has_edge("e", "y")
    assert cut.plan.below_min_groups == ()
    back = applied(cut, SetLink("e", "y", "given", "已拆墙"), graph)
    assert dressed(graph, back).edges["e", "y"]["gap_m"] == 50.0
    assert back.plan.below_min_groups == (("e", "y"),)


def test_a_link_is_ticked_and_unticked(graph: "nx.Graph[str]", start: Draft) -> None:
    ticked = applied(start, CheckLink("b", "a"), graph)
    assert ticked.checked == {("a", "b")}
    assert dressed(graph, ticked).edges["a", "b"]["verified"] is True
    assert applied(ticked, CheckLink("a", "b", checked=False), graph) == start


def test_a_reason_is_entered_and_taken_back(graph: "nx.Graph[str]", start: Draft) -> None:
    told = applied(start, GiveReason(("e", "y"), " 边界争议\n待协调 "), graph)
    assert told.reasons == {"e": "边界争议\n待协调", "y": "边界争议\n待协调"}
    assert applied(told, GiveReason(("e",), " "), graph).reasons == {"y": "边界争议\n待协调"}


def test_consent_is_marked_and_taken_back(graph: "nx.Graph[str]", start: Draft) -> None:
    marked = applied(start, FOR, graph)
    assert marked.consents == {"a": Consent("for", "2026-03-01", "征求意见表汇总", TALLY)}
    assert applied(marked, SetConsent(("a",), "not_asked"), graph) == start


def test_a_locked_exception_becomes_no_area(graph: "nx.Graph[str]", start: Draft) -> None:
    locked = applied(start, LockCommunities(("y",)), graph)
    with pytest.raises(DataError, match="小区 y 已锁定"):
        applied(locked, AcceptGroup(("e", "y"), "暂缓", "王主任"), graph)


def test_exceptions_far_from_each_other_are_no_area(graph: "nx.Graph[str]", start: Draft) -> None:
    apart = applied(start, SetLink("e", "y", "forbidden", "高差"), graph)
    with pytest.raises(DataError) as refused:
        applied(apart, AcceptGroup(("e", "y"), "暂缓", "王主任"), graph)
    assert (
        str(refused.value)
        == "所选的 2 个小区没有连成一片，不能成为一个区域。请只选相连的小区，或先指定相邻关系。"
    )


# --- refusals --------------------------------------------------------------------------------------

REFUSED: list[tuple[Command, str]] = [
    (Move(("a",), "PMA-009"), "方案中没有区域 PMA-009。请从区域列表中选择。"),
    (Merge(("PMA-001", "PMA-001")), "合并至少要选两个区域。请再选一个。"),
    (Merge(("PMA-001", "PMA-009")), "方案中没有区域 PMA-009。请从区域列表中选择。"),
    (TakeOut(()), "没有选中任何小区。请先选中要调整的小区。"),
    (Regroup(("a",), (("a", "b"),)), "重新组合的结果里有未选中的小区 b。请重新计算。"),
    (Regroup(("a", "b"), (("a", "b"), ("b",))), "重新组合的结果里有小区出现了两次。请重新计算。"),
    (Rename("PMA-001", " \n"), "区域名称不能为空。请填写名称。"),
    (Rename("PMA-001", "a\x00b"), "填写的文字里有无法显示的字符。请删去后重新填写。"),
    (Rename("PMA-001", "\ud800"), "填写的文字里有无法显示的字符。请删去后重新填写。"),
    (Rename("PMA-009", "胜利路"), "方案中没有区域 PMA-009。请从区域列表中选择。"),
    (LockAreas(()), "没有选中任何区域。请先选中区域。"),
    (LockCommunities(("z",)), "没有编号为 z 的小区。请从小区列表中选择。"),
    (
        Accept("a", "理由", "王主任"),
        "小区 a 不是暂未组团的小区，不需要认可。请选择暂未组团的小区或区域。",
    ),
    (Accept("z", "理由", "王主任"), "没有编号为 z 的小区。请从小区列表中选择。"),
    (
        Accept("e", "理由", "王主任", also=("a",)),
        "小区 a 不是暂未组团的小区，不需要认可。请选择暂未组团的小区或区域。",
    ),
    (AcceptGroup((), "理由", "王主任"), "没有选中任何小区。请先选中要调整的小区。"),
    (
        AcceptGroup(("a", "e"), "理由", "王主任"),
        "小区 a 不是暂未组团的小区，不需要认可。请选择暂未组团的小区或区域。",
    ),
    (
        Withdraw(("e",)),
        "e 没有认可记录，无从撤回。请选择已认可的区域或小区。",
    ),
    (Withdraw(()), "没有选中任何小区。请先选中要调整的小区。"),
    (Accept("e", "", "王主任"), "认可例外须写明理由。请填写理由。"),
    (Accept("e", "理由", " "), "认可例外须写明认可人。请填写姓名或岗位。"),
    (SetScope(("a",), "open"), "没有“open”这种组团范围。请从列表中选择。"),
    (replace(HOST, by=""), "设为“可吸收相邻小区”须写明由谁决定。请填写姓名或岗位。"),
    (replace(HOST, decision=" "), "设为“可吸收相邻小区”须有业主大会的决定。请填写决定的名称或文号。"),
    (SetLink("a", "b", "maybe", "理由"), "没有“maybe”这种相邻关系。请从列表中选择。"),
    (SetLink("a", "b", "given", ""), "指定或取消相邻关系须写明理由。请填写理由。"),
    (SetLink("a", "a", "given", "理由"), "小区 a 不能与自己相邻。请选择两个不同的小区。"),
    (CheckLink("a", "c"), "a 与 c 没有相邻关系，无从核对。请先指定相邻关系。"),
    (SetConsent(("a",), "maybe"), "没有“maybe”这种意见。请从列表中选择。"),
    (replace(FOR, date=""), "标为同意或不同意须填写日期。请填写日期。"),
    (replace(FOR, document=""), "标为同意或不同意须有依据文件。请填写文件名称或文号。"),
    (replace(FOR, tally=None), "标为同意或不同意须填写票数。请填写征求户数、同意户数和不同意户数。"),
    (replace(FOR, date="20260301"), "日期“20260301”无法识别。请按 2026-03-01 的格式填写。"),
    (
        replace(FOR, tally=Tally(10, 8, 3)),
        "票数有误：征求 10 户，同意 8 户，不同意 3 户。请核对，两者之和不能超过征求户数，也不能为负。",
    ),
    (
        replace(FOR, tally=Tally(10, -1, 3)),
        "票数有误：征求 10 户，同意 -1 户，不同意 3 户。请核对，两者之和不能超过征求户数，也不能为负。",
    ),
]


@pytest.mark.parametrize(("command", "sentence"), REFUSED)
def test_what_cannot_be_done_is_refused_in_words(
    command: Command, sentence: str, graph: "nx.Graph[str]", start: Draft
) -> None:
    with pytest.raises(DataError) as refused:
        applied(start, command, graph)
    assert str(refused.value) == sentence
