"""Ctrl-C: what the first and the second one do, in this process and in a real one with processes of its own."""

import json
import os
import signal
import subprocess
import sys

import pytest

from jobs.cli import main
from jobs.progress import Best, Step
from jobs.stopping import Stop, stoppable
from tests.slow import write_csv

BEST = Best(areas=3, exceptions=0, cost=10.0, bound=9.0, gap=0.1, done=0.0)
WORDS = ["plan", "a.csv", "--out", "out"]
SOLVING, FIGURES = Step("solve"), Step("solve", BEST)


def stop_at(*steps):
    """What hears of steps, and the list of what it passed on."""
    heard = []
    stop = Stop(heard.append)
    for step in steps:
        stop.hear(step)
    return stop, heard


@pytest.mark.parametrize(
    "steps",
    [[], [Step("read")], [SOLVING], [FIGURES, Step("check")]],
    ids=["start", "read", "solve", "check"],
)
def test_where_no_search_can_be_ended_it_interrupts_at_once(steps):
    stop, heard = stop_at(*steps)
    with pytest.raises(KeyboardInterrupt):
        stop.press()
    assert not stop.wished()
    assert heard == steps


def test_the_first_one_keeps_the_best_plan_and_is_said_once():
    stop, heard = stop_at(FIGURES)
    stop.press()
    assert [stop.wished(), stop.wished()] == [True, True]
    assert heard == [FIGURES, Step("keep")]


@pytest.mark.parametrize("later", [FIGURES, Step("check"), Step("write")])
def test_the_second_one_interrupts(later):
    stop, _ = stop_at(FIGURES)
    stop.press()
    stop.hear(later)
    with pytest.raises(KeyboardInterrupt):
        stop.press()


def test_the_signal_is_taken_for_the_run_only():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with stoppable(lambda _: None) as stop:
            stop.hear(FIGURES)
            signal.raise_signal(signal.SIGINT)
            assert stop.wished()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stoppable(lambda _: None) as stop:
            signal.raise_signal(signal.SIGINT)
        assert not stop.wished()
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_run_without_a_plan_yet_is_interrupted(tmp_path, monkeypatch, capsys):
    def reading(_request, *, progress, cancelled):
        progress(Step("read"))
        signal.raise_signal(signal.SIGINT)
        pytest.fail("went on")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jobs.district.plan_district", reading)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert main(WORDS) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "读取文件 …\n已中断，没有写出任何文件。\n"
    assert not (tmp_path / "out").exists()


def test_an_interruption_before_the_run_says_so_too(tmp_path, monkeypatch, capsys):
    """While the libraries load, typer takes Ctrl-C."""

    def loading(_out):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("report.tables.check_output", loading)
    assert main(WORDS) == 130
    assert capsys.readouterr().err == "已中断，没有写出任何文件。\n"


# --- a real run, whose search two processes share ------------------------------------------------------

# Figures are told at once, and Ctrl-C works although whoever runs the tests may have it ignored.
RUN = """
import signal, sys
import jobs.progress
from jobs.cli import main
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    jobs.progress.SAYS_EVERY_S = 0.0
    sys.exit(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="a terminal's Ctrl-C goes to a group of processes")
@pytest.mark.parametrize(
    ("signs", "code"),
    [([" 差距 "], 0), ([" 区域 ", "已收到"], 130)],  # a gap is told by the other processes
    ids=["keep", "interrupt"],
)
def test_ctrl_c_in_a_terminal(tmp_path, signs, code):
    (tmp_path / "run.py").write_text(RUN, encoding="utf-8")
    ledger, out = write_csv(tmp_path / "town.csv", units=400, pieces=2), tmp_path / "out"
    words = [sys.executable, str(tmp_path / "run.py"), "plan", str(ledger), "--out", str(out)]
    words += ["--crs", "EPSG:4544", "--seconds", "60", "--workers", "2"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        words, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", start_new_session=True
    ) as run:
        waited_for, said = list(signs), []
        for line in run.stderr:
            said.append(line)
            if waited_for and waited_for[0] in line:
                os.killpg(run.pid, signal.SIGINT)
                del waited_for[0]
        summary = run.stdout.read()
    assert run.returncode == code, "".join(said)
    assert "已收到，正在结束求解 …\n" in said
    assert "Traceback" not in "".join(said)  # the processes of the search heard nothing of it
    assert out.exists() == (code == 0)
    if code == 0:
        assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["stopped_by"] == "cancel"
        assert "由人提前结束，仍可能有更优方案" in summary
    else:
        assert said[-1] == "已中断，没有写出任何文件。\n"
