"""The cards of areas and communities, as plain data."""

from dataclasses import replace

import pandas as pd
import pytest

from geo.schema import REFUSED_COLUMNS
from jobs.reopened import reopened
from optimizer.checks import Violation
from optimizer.plan import lock
from report.responsible import known_by_place
from store.drafts import Consent, Draft, ScopeDecision, Tally
from tests import fakes
from ui.cards import Subject, card
from ui.checking import CheckRow


@pytest.fixture(scope="module")
def plan():
    return fakes.results()


@pytest.fixture(scope="module")
def duties(plan):
    return known_by_place(plan)


@pytest.fixture(scope="module")
def draft(plan):
    return Draft(reopened(plan).plan)


def lines(card):
    return {line["term"]: line["text"] for line in card["lines"]}


def shown(plan, duties, place, draft=None, checks=(), neighbours=()):
    draft = draft or Draft(reopened(plan).plan)
    return card(Subject(plan, draft, checks, duties, neighbours), place)


@pytest.mark.parametrize("place", ["areas:26", "communities:60", "areas:1x", ""])
def test_what_is_not_in_the_plan_has_no_card(plan, duties, place):
    assert shown(plan, duties, place) is None


def test_the_card_of_an_area_tells_members_cost_in_words_grids_and_duties(plan, duties):
    card = shown(plan, duties, "areas:1")
    assert card["title"] == "PMA-002"
    assert lines(card) == {
        "户数": "339户",
        "所含小区": "3 个小区",
        "中心小区": "萱花苑",
        "四至": "东至临江河，南至文昌苑，西至萱花家属院",
        "综合代价": "27,628 户·米\n到中心小区步行 27,120（平均每户 80 米）\n跨越支路、巷道 508",
        "镇街": "中山路街道",
        "社区（居委会）": "玉屏社区",
        "派出所": "中山路派出所",
        "网格": "第4网格 214户、第5网格 125户",
        "物业企业": "待定",
        "联络专人": "缺",
        "管理模式": "未选",
        "还缺": " ",
    }
    assert [link["id"] for link in card["lines"][1]["links"]] == [
        "communities:2",
        "communities:3",
        "communities:4",
    ]


def test_the_card_of_a_held_community_gives_no_number(plan, duties):
    card = shown(plan, duties, "communities:22")
    assert card["tags"] == [{"text": "户数待核", "mark": "held"}]
    (count,) = [line for line in card["lines"] if line["term"] == "户数"]
    assert count["links"] == [{"head": "待核", "act": {"id": "page:survey", "label": "补录户数"}}]
    assert lines(card)["处理建议"] == "请补录户数"
    assert "所在区域" not in lines(card)


def test_the_card_of_a_member_leads_to_its_area(plan, duties):
    card = shown(plan, duties, "communities:2")
    assert lines(card)["户数"] == "126户（已核）"
    line = next(line for line in card["lines"] if line["term"] == "所在区域")
    assert line["links"] == [{"id": "areas:1", "head": "PMA-002", "number": "339户"}]


def test_what_planners_decided_stands_on_the_card(plan, duties, draft):
    decided = replace(
        draft,
        names={"PMA-002": "胜利路片区"},
        locked=frozenset(["C003"]),
        plan=lock(draft.plan, ["PMA-002"]),
        scopes={"C003": ScopeDecision("host", "王科长", "业主大会决定〔2026〕3号")},
        consents={"C003": Consent("for", "2026-03-01", "征询表", Tally(86, 60, 4))},
    )
    area = shown(plan, duties, "areas:1", decided)
    assert (area["title"], area["tags"][-1]["text"]) == ("PMA-002 胜利路片区", "已锁定")
    community = shown(plan, duties, "communities:2", decided)
    assert community["tags"][-1]["text"] == "已锁定"
    told = lines(community)
    assert told["组团范围"] == "可吸收相邻小区 王科长 业主大会决定〔2026〕3号"
    assert told["征询"] == "同意 2026-03-01 征询表 应征询 86 户，同意 60，不同意 4"


def test_what_is_not_in_order_stands_on_the_card_until_it_is_accepted(plan, duties):
    row = CheckRow(
        Violation("minimum", "PMA-002"),
        "PMA-002",
        "PMA-002",
        "合计 80 户，不足 100 户",
        "",
        "",
        "",
        "",
        "",
        "bad",
    )
    told = lines(shown(plan, duties, "areas:1", checks=[row]))
    assert told["未通过"] == "合计 80 户，不足 100 户"
    accepted = lines(
        shown(plan, duties, "areas:1", checks=[replace(row, accepted="单位自管(王科)", mark="")])
    )
    assert accepted["已认可"] == "单位自管(王科)"
    assert "未通过" not in lines(shown(plan, duties, "areas:2", checks=[row]))


def test_a_neighbour_behind_a_barrier_is_named_with_the_barrier(plan, duties):
    rows = [
        ("C007", "C008", 20.0, "", 0.0, "barrier:主干路"),
        ("C001", "C007", 12.0, "", 0.0, "not_adjacent"),
    ]
    table = plan.refused_links.iloc[:0].reindex(range(2))
    for column, values in zip(REFUSED_COLUMNS, zip(*rows, strict=True), strict=True):
        table[column] = pd.Series(values, dtype=REFUSED_COLUMNS[column])
    told = lines(shown(replace(plan, refused_links=table), duties, "communities:6"))
    names = plan.communities["name"]
    first, second = told["隔开的邻居"].split("\n")
    assert first.startswith(f"{names['C001']}（12 米）：")
    assert second.startswith(f"{names['C008']}（20 米）：")
    assert "主干路" in second


def test_the_card_shows_neighbours_as_rows_to_click(plan, duties):
    rows = [{"id": "areas:1", "head": "加入 PMA-002", "act": {"id": "join:0", "label": "看变化"}}]
    found = shown(plan, duties, "communities:6", neighbours=rows)
    (line,) = [line for line in found["lines"] if line["links"] == rows]
    assert line["term"] == "换组比较"
