"""Runs beside the desk: what a process says becomes a state; it can be stopped; only two work at a time."""

import io
import json
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from geo.schema import DataError
from geo.wording import catalogue
from jobs.request import FileLayer, Request
from ui import runs, worker
from ui.runs import Refusal, Runs, sentence

WAIT_S = 20
REQUEST = Request(
    FileLayer(Path("/a/台账.xlsx"), "表1"),
    fields=Path("/a/f.toml"),
    outlines=FileLayer(Path("/a/o.zip")),
    barriers=(FileLayer(Path("/a/b.gpkg"), "路"), FileLayer(Path("/a/c.shp"))),
    scope=Path("/a/scope.csv"),
    where=(("街道", "桂花"),),
    within=("网格",),
    unknown=40,
    minimum=80,
    reach_m=25.5,
    crs="bd09",
)


def ended(run):
    """Wait for the end of a run, without a clock of its own."""
    for _ in range(WAIT_S * 20):
        if run.state.over:
            return run.state
        threading.Event().wait(0.05)
    pytest.fail(f"still {run.state}")


@pytest.fixture
def process(monkeypatch):
    """Let runs start a process that runs this Python source instead of planning."""

    def says(source):
        monkeypatch.setattr(runs, "WORKER", (sys.executable, "-c", source))

    return says


def test_a_request_goes_through_words_unchanged():
    assert worker.request_of(json.loads(json.dumps(asdict(REQUEST), default=str))) == REQUEST


def test_what_the_process_says_becomes_the_state(process, tmp_path):
    process('print(\'{"stage": "links", "detail": "3 / 9"}\'); print(\'{"outcome": "done"}\')')
    state = ended(Runs().start(REQUEST, tmp_path, key="a"))
    assert (state.outcome, state.stage, state.detail) == ("done", "links", "3 / 9")


def test_the_process_gets_the_request_and_the_folder(process, tmp_path):
    process(
        "import sys, json; o = json.loads(sys.stdin.readline()); print(json.dumps({'detail': o['folder'] + o['request']['crs'], 'outcome': 'done'}))"
    )
    assert ended(Runs().start(REQUEST, tmp_path, key="a")).detail == f"{tmp_path}bd09"


def test_a_process_that_dies_is_a_failure_with_a_number(process, tmp_path):
    process("raise SystemExit(9)")
    state = ended(Runs().start(REQUEST, tmp_path, key="a"))
    assert state.outcome == "failed"
    assert len(state.incident) == 6


def test_a_run_is_cancelled_in_the_middle(process, tmp_path):
    process('import sys; print(\'{"stage": "solve"}\', flush=True); sys.stdin.read()')
    run = Runs().start(REQUEST, tmp_path, key="a")
    while run.state.stage != "solve":
        threading.Event().wait(0.02)
    run.cancel()
    assert ended(run).outcome == "cancelled"


def test_a_third_run_waits_and_can_be_cancelled_while_it_waits(process, tmp_path):
    process("import sys; sys.stdin.readline(); sys.stdin.read()")
    desk = Runs()
    first, second, third = (desk.start(REQUEST, tmp_path, key=token) for token in "abc")
    for run in (first, second):
        while run.state.outcome != "running":
            threading.Event().wait(0.02)
    assert third.state.outcome == "waiting"
    third.cancel()
    assert ended(third).outcome == "cancelled"
    for run in (first, second):
        run.cancel()
        ended(run)


def test_the_same_token_finds_the_run_that_is_under_way(process, tmp_path):
    process("import sys; sys.stdin.readline(); sys.stdin.read()")
    desk = Runs()
    run = desk.start(REQUEST, tmp_path, key="a")
    assert desk.start(REQUEST, tmp_path, key="a") is run
    assert desk.get("a") is run
    assert desk.get("b") is None
    run.cancel()
    ended(run)


# --- the other process -----------------------------------------------------------------------------


def test_a_refusal_is_told_with_its_values_and_headings(tmp_path):
    ledger = tmp_path / "台账.csv"
    ledger.write_text("小区名称,套数,总户数\n甲,60,58\n乙,70,66\n", encoding="utf-8")
    news = []
    worker.run(Request(FileLayer(ledger)), tmp_path / "out", news.append)
    refusal = Refusal(**news[-1]["refusal"])
    assert refusal.code == "cleaning.several_counts"
    assert list(refusal.headings) == ["小区名称", "套数", "总户数"]
    assert sentence(refusal) == "台账.csv 有几列都可以作户数:套数、总户数。以哪一列判断是否达到最低户数?"
    assert not (tmp_path / "out").exists()


def test_what_nobody_foresaw_is_told_as_a_number_only(monkeypatch, tmp_path, caplog):
    def fail(*_, **__):
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(worker, "plan_district", fail)
    news = []
    worker.run(REQUEST, tmp_path, news.append)
    assert news[-1].keys() == {"outcome", "incident"}
    assert news[-1]["outcome"] == "failed"
    assert news[-1]["incident"] in caplog.text


def test_the_process_ends_with_the_desk(monkeypatch):
    left = []
    monkeypatch.setattr(worker.os, "_exit", left.append)
    worker._end_with_desk(io.StringIO(""))
    assert left == [1]


# --- words -----------------------------------------------------------------------------------------


def test_the_desks_own_sentences_take_the_same_values_and_name_no_option():
    own = {k.removeprefix("errors.desk."): v for k, v in catalogue().items() if k.startswith("errors.desk.")}
    assert "coordinates.ask" in own
    for code, text in own.items():
        assert "--" not in text
        if "." in code:
            assert f"errors.{code}" in catalogue()


def test_a_refusal_without_words_of_its_own_keeps_the_usual_ones():
    error = DataError("reading.empty", file="a.csv")
    assert sentence(Refusal("reading.empty", {"file": "a.csv"})) == str(error)
