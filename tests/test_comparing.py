"""The table of numbers behind "why not that one", and its lines for a terminal."""

import pytest

from optimizer.questions import ask
from optimizer.rules import Prices, Rules
from report.comparing import aligned, answered, comparison_table, refused
from report.workbooks import half_widths
from tests.test_questions import planned
from tests.towns import town

RULES = Rules(prices=Prices(committee=700.0))
NAMES = {"a": "甲院", "b": "乙院", "c": "丙院", "d": "丁院", "e": "\x1b[31m戊院"}


@pytest.fixture
def row():
    graph = town("a60 b60 c60 d60 e30", committee={"a": "东", "b": "东", "c": "西", "d": "西"})
    return graph, planned(graph, "ab", "cd")


def test_areas_before_and_after_with_the_parts_that_are_not_nought(row):
    table = comparison_table(ask(row[1], row[0], RULES, "bc"), NAMES)
    assert list(table.columns) == ["情形", "区域", "小区数", "户数", "综合代价", "步行", "跨社区", "小区"]
    assert table.astype(object).where(table.notna(), None).to_numpy().tolist() == [
        ["现方案", "PMA-001", 2, 120, 3_000, 3_000, 0, "甲院、乙院"],
        ["现方案", "PMA-002", 2, 120, 3_000, 3_000, 0, "丙院、丁院"],
        ["现方案合计", "", 4, 240, 6_000, 6_000, 0, ""],
        ["所问", "PMA-003", 2, 120, 3_700, 3_000, 700, "乙院、丙院"],
        ["余下", "PMA-001", 1, 60, 0, 0, 0, "甲院"],
        ["余下", "PMA-004", 1, 60, 0, 0, 0, "丁院"],
        ["改后合计", "", 4, 240, 3_700, 3_000, 700, ""],
        ["差额", "", None, None, -2_300, -3_000, 700, ""],
    ]


def test_one_area_needs_no_sum(row):
    table = comparison_table(ask(row[1], row[0], RULES, "ab"), NAMES)
    assert table["情形"].tolist() == ["现方案", "所问", "差额"]


def test_a_set_that_touches_no_area_begins_with_a_sum_of_nothing():
    graph = town("a60 b60 c60")
    table = comparison_table(ask(planned(graph), graph, RULES, "abc"), NAMES)
    assert table["情形"].tolist() == ["现方案合计", "所问", "差额"]
    assert table["综合代价"].tolist() == [0, 6_000, 6_000]


def test_verdict_broken_rules_and_newcomers_in_words(row):
    graph, plan = row
    assert answered(ask(plan, graph, RULES, "ab"), NAMES).sentences == ("符合规则，综合代价与现方案相同。",)
    told = answered(ask(plan, graph, RULES, "cde"), NAMES)
    assert told.title == "若把这些小区组成一个区域：丙院、丁院、\x1b[31m戊院"
    assert told.sentences[0] == "符合规则，综合代价比现方案多 1,500 户·米。"
    assert told.sentences[1] == "其中目前不在任何区域的：\x1b[31m戊院。"
    broken = answered(ask(plan, graph, RULES, "bc"), NAMES).sentences
    assert broken[0] == "不符合规则（见下），综合代价比现方案少 2,300 户·米。"
    assert broken[1].startswith("区域 PMA-003 跨越了")
    assert len(broken) == 4


def test_lines_are_aligned_and_hold_nothing_a_terminal_obeys(row):
    lines = answered(ask(row[1], row[0], RULES, "cde"), NAMES).lines()
    assert not any("\x1b" in line for line in lines)
    heads, *rows = aligned(comparison_table(ask(row[1], row[0], RULES, "bc"), NAMES))
    end = half_widths(heads[: heads.index("综合代价") + 4])
    assert [r[: len(r)] for r in rows if half_widths(r) < end] == []
    assert rows[0] == "现方案      PMA-001       2   120     3,000   3,000       0  甲院、乙院"
    assert rows[-1] == "差额                                 -2,300  -3,000     700"


def test_long_lists_of_names_are_cut():
    ids = [f"c{n}" for n in range(8)]
    assert refused(ids, "不行。", {}).title == "若把这些小区组成一个区域：c0、c1、c2、c3、c4、c5等 8 个"


def test_a_set_that_can_be_no_area_is_answered_with_the_reason():
    assert refused(["a"], "不行。", NAMES).lines() == ["", "若把这些小区组成一个区域：甲院", "不行。"]
