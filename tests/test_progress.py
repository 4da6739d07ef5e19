"""What a run says while it works: figures, few lines in a log, one line on a screen."""

import ctypes
import io
import os
from dataclasses import replace

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from jobs.progress import Best, Line, Lines, Step, shown

BEST = Best(areas=460, exceptions=3, cost=1_000.0, bound=957.0, gap=0.043, done=0.25)
STAGES = ("read", "clean", "links", "candidates", "solve")


class Hand:
    """A clock that goes on when it is told to."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Hand()


def test_the_figures_in_words():
    assert BEST.sentence() == "区域 460 · 暂未组团 3 · 差距 4.30%"


def test_a_gap_without_a_bound_is_not_said():
    assert replace(BEST, bound=0.0, gap=1.0).sentence() == "区域 460 · 暂未组团 3"


def test_nothing_to_pay_is_no_gap():
    assert replace(BEST, cost=0.0, bound=0.0, gap=0.0).sentence().endswith("差距 0.00%")


def test_a_log_gets_one_line_a_stage_and_figures_every_five_seconds(clock):
    said = []
    tell = Lines(said.append, clock=clock)
    for stage in STAGES:
        tell(Step(stage))
    for _ in range(120):
        clock.seconds += 0.1
        tell(Step("solve", BEST))
    tell(Step("check"))
    figures = "寻找并核验最优方案 … 区域 460 · 暂未组团 3 · 差距 4.30%"
    assert said[5:] == [figures, figures, "独立核对方案、查找原因 …"]
    assert said[:2] == ["读取文件 …", "核对和清理数据 …"]


def test_a_short_run_gets_no_figures(clock):
    said = []
    tell = Lines(said.append, clock=clock)
    tell(Step("solve"))
    tell(Step("solve", BEST))
    assert said == ["寻找并核验最优方案 …"]


def test_elsewhere_than_on_a_screen_lines_go_to_the_error_stream(capsys):
    with shown() as tell:
        tell(Step("read"))
    assert capsys.readouterr() == ("", "读取文件 …\n")


@pytest.mark.skipif(os.name != "posix", reason="native printing is called by its posix name")
def test_what_native_code_prints_stays_away_from_the_output(capfd):
    os.write(1, b"before\n")
    with shown():
        ctypes.CDLL(None).printf(b"HighsMipSolverData\n")
    ctypes.CDLL(None).fflush(None)
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "before\nafter\n"


@pytest.fixture
def bar():
    return Progress(
        TextColumn("{task.description}|{task.percentage:.0f}|{task.fields[figures]}"),
        console=Console(file=io.StringIO(), width=100),
    )


def drawn(bar):
    console = Console(file=io.StringIO(), width=100)
    console.print(bar.get_renderable())
    return console.file.getvalue().strip()


def test_a_screen_gets_one_line_with_stage_bar_and_figures(bar, clock):
    tell = Line(bar, clock=clock)
    tell(Step("solve"))
    tell(Step("solve", BEST))
    assert drawn(bar) == "寻找并核验最优方案 …|25|区域 460 · 暂未组团 3 · 差距 4.30%"
    tell(Step("check"))
    assert drawn(bar).startswith("独立核对方案、查找原因 …|25|区域 460")


def test_the_seconds_go_on_when_the_search_is_over(bar, clock):
    tell = Line(bar, clock=clock)
    tell(Step("solve", replace(BEST, done=1.0)))
    assert not bar.finished


def test_how_to_end_a_search_is_said_once_and_only_where_it_takes_long(bar, clock):
    tell = Line(bar, clock=clock)
    tell(Step("solve"))
    clock.seconds = 1.9
    tell(Step("solve", BEST))
    assert bar.console.file.getvalue() == ""
    for clock.seconds in (2.0, 3.0):
        tell(Step("solve", BEST))
    assert bar.console.file.getvalue() == "按 Ctrl+C 即用现在的最好方案，再按一次则中断。\n"


# --- equal pieces ----------------------------------------------------------------------------------


def test_a_stage_of_equal_pieces_counts_them_in_a_log(clock):
    said = []
    tell = Lines(said.append, clock=clock)
    tell(Step("papers"))
    for done in range(61):
        tell(Step("papers", pieces=(done, 60)))
        clock.seconds += 0.25
    assert said == ["编印文书 …", *(f"编印文书 … {done}/60" for done in (20, 40, 60))]


def test_a_screen_fills_the_bar_with_pieces_and_speaks_of_no_search(bar, clock):
    tell = Line(bar, clock=clock)
    tell(Step("papers", pieces=(0, 60)))
    clock.seconds = 9.0
    tell(Step("papers", pieces=(45, 60)))
    assert drawn(bar) == "编印文书 …|75|45/60"
    assert bar.console.file.getvalue() == ""


def test_of_no_pieces_none_is_done():
    assert Step("papers", pieces=(0, 0)).share == 0
    assert Step("papers").share is None
