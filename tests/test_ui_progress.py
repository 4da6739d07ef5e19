"""A run as the desk shows it: stages, figures, and the line of the gap."""

import re
from dataclasses import replace

import pytest

from jobs.progress import Best
from ui import progress
from ui.runs import STAGES, State

BEST = Best(areas=460, exceptions=3, cost=1_000.0, bound=957.0, gap=0.043, done=0.25)
SEARCH = State("running", "solve", BEST, trail=((2.0, 0.08), (3.0, 0.06), (6.0, 0.02)))


def marks(html):
    return re.findall(r'<li class="(\w+)">', html)


def test_stages_behind_are_ticked():
    assert marks(progress.stages_html(SEARCH)) == ["done"] * 3 + ["now"] + ["next"] * 2


def test_getting_ready_belongs_to_the_search():
    html = progress.stages_html(State("running", "candidates"))
    assert marks(html)[STAGES.index("solve")] == "now"


def test_the_best_plan_stands_in_figures():
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", progress.stages_html(SEARCH)) == [
        ("区域", "460"),
        ("暂未组团", "3"),
        ("与理论下限差距", "4.30%"),
    ]


def test_a_gap_without_a_bound_is_still_to_come():
    html = progress.stages_html(replace(SEARCH, best=replace(BEST, bound=0.0, gap=1.0), trail=()))
    assert "<dd>待算</dd>" in html
    assert "<figure>" not in html


def test_without_a_plan_there_are_no_figures():
    assert "<dl>" not in progress.stages_html(State("running", "links"))


def test_the_line_falls_from_the_highest_gap_to_the_last():
    html = progress.stages_html(SEARCH)
    assert "polygon(0% 100%, 0.0% 0.0%, 25.0% 25.0%, 100.0% 75.0%, 100% 100%)" in html
    assert "差距从 8.00% 降到 2.00%" in html


@pytest.mark.parametrize(
    "trail", [(), ((2.0, 0.08),), ((2.0, 0.0), (3.0, 0.0))], ids=["none", "one", "nothing"]
)
def test_no_line_where_there_is_none(trail):
    assert "<figure>" not in progress.stages_html(replace(SEARCH, trail=trail))


def test_a_person_who_has_asked_for_the_plan_reads_so():
    assert "<h4>正在结束求解，用现在的最好方案（已用" in progress.stages_html(replace(SEARCH, keeping=True))
    assert "正在结束求解" not in progress.stages_html(replace(SEARCH, keeping=True, stage="check"))


def test_another_page_says_the_same_in_a_sentence():
    assert re.fullmatch(
        r"新方案正在计算：寻找并核验最优方案（已用 \d+ 秒，区域 460 · 暂未组团 3 · 差距 4.30%）。算好后会自动打开。",
        progress._moment(SEARCH),
    )
    assert re.fullmatch(
        r"新方案正在计算：读取文件（已用 \d+ 秒）。算好后会自动打开。",
        progress._moment(State("running", "read")),
    )
