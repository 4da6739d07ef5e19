"""Runs beside the desk: what a process says becomes a state; it can be stopped or ended early; only two work at a time."""

import io
import json
import signal
import sys
import threading
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from geo.schema import DataError
from geo.wording import catalogue
from jobs.progress import Best, Step
from jobs.request import FileLayer, Request
from tests.offices import office
from tests.slow import write_csv
from ui import runs, worker
from ui.runs import Packing, Refusal, Runs, State, longer, sentence

WAIT_S = 60
BEST = Best(areas=460, exceptions=3, cost=1_000.0, bound=957.0, gap=0.043, done=0.25)
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
    return until(run, lambda state: state.over)


def until(run, so):
    """Wait until the state is so, and return it."""
    for _ in range(WAIT_S * 20):
        state = run.state
        if so(state):
            return state
        assert not state.over, state
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
    figures = json.dumps({"stage": "solve", "best": asdict(BEST)})
    process(
        f"print({figures!r}); print({figures!r}); "
        'print(\'{"stage": "check"}\'); print(\'{"outcome": "done"}\')'
    )
    state = ended(Runs().start(REQUEST, tmp_path, key="a"))
    assert (state.outcome, state.stage, state.best) == ("done", "check", BEST)
    assert [gap for _, gap in state.trail] == [0.043, 0.043]


def test_the_process_gets_the_request_and_the_folder(process, tmp_path):
    process(
        "import sys, json; o = json.loads(sys.stdin.readline()); print(json.dumps({'incident': o['folder'] + o['request']['crs'], 'outcome': 'done'}))"
    )
    assert ended(Runs().start(REQUEST, tmp_path, key="a")).incident == f"{tmp_path}bd09"


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


SEARCH = f"""
import sys
sys.stdin.readline()
print({json.dumps({"stage": "solve", "best": asdict(BEST)})!r}, flush=True)
wish = sys.stdin.readline().strip()
print('{{"stage": "check", "incident": "' + wish + '"}}')
print('{{"outcome": "done"}}')
"""


def test_a_search_is_ended_with_the_best_plan(process, tmp_path):
    process(SEARCH)
    run = Runs().start(REQUEST, tmp_path, key="a")
    assert not until(run, lambda state: state.best).keeping
    run.keep_best()
    run.keep_best()  # a second click says nothing more
    state = ended(run)
    assert (state.outcome, state.incident, state.keeping) == ("done", "keep", True)


def test_without_a_plan_there_is_none_to_keep(process, tmp_path):
    process(SEARCH.replace('"best"', '"trail"').replace(json.dumps(asdict(BEST)), "[]"))
    run = Runs().start(REQUEST, tmp_path, key="a")
    until(run, lambda state: state.stage == "solve")
    run.keep_best()
    assert not run.state.keeping
    run.cancel()
    assert ended(run).outcome == "cancelled"


@pytest.mark.parametrize(
    ("state", "can"),
    [
        (State("running", "solve", BEST), True),
        (State("running", "solve"), False),
        (State("running", "check", BEST), False),
        (State("running", "solve", BEST, keeping=True), False),
        (State("cancelled", "solve", BEST), False),
    ],
)
def test_only_a_search_that_has_a_plan_can_be_ended_with_it(state, can):
    assert state.can_keep == can


def test_the_real_process_writes_the_best_plan_so_far(tmp_path):
    ledger = write_csv(tmp_path / "town.csv", units=700, pieces=1)
    run = Runs().start(Request(FileLayer(ledger), crs="EPSG:4544", seconds=60.0), tmp_path / "out", key="a")
    until(run, lambda state: state.can_keep)
    run.keep_best()
    state = ended(run)
    assert state.outcome == "done"
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["stopped_by"], summary["status"], summary["violations"]) == ("cancel", "feasible", 0)
    assert "ended_by_hand" in summary["caveats"]
    assert "stopped" not in summary["caveats"]
    assert summary["areas"] == state.best.areas


def test_the_trail_keeps_a_point_where_the_last_is_some_time_ago():
    trail = ()
    for seconds, gap in [(1.0, 0.5), (1.1, 0.4), (1.2, 0.3), (2.0, 0.2)]:
        trail = longer(trail, seconds, replace(BEST, gap=gap))
    assert trail == ((1.0, 0.5), (1.2, 0.3), (2.0, 0.2))


def test_the_trail_leaves_out_what_is_not_known_and_stays_short():
    assert longer((), 1.0, replace(BEST, bound=0.0, gap=1.0)) == ()
    trail = ()
    for seconds in range(5_000):
        trail = longer(trail, float(seconds), BEST)
    assert len(trail) <= runs.TRAIL_POINTS + 1
    assert (trail[0][0], trail[-1][0]) == (0.0, 4_999.0)


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
    assert sentence(refusal) == "台账.csv 有几列都可以作户数：套数、总户数。以哪一列判断是否达到最低户数？"
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


@pytest.mark.parametrize(("words", "wished"), [("", False), ("keep\n", True), ("other\n", False)])
def test_the_process_hears_the_wish_and_ends_with_the_desk(monkeypatch, words, wished):
    left, kept = [], threading.Event()
    monkeypatch.setattr(worker.os, "_exit", left.append)
    worker._obey(io.StringIO(words), kept)
    assert (left, kept.is_set()) == ([1], wished)


def test_a_package_tells_how_many_areas_are_printed_and_leaves_by_the_door(monkeypatch, tmp_path):
    def fake(project, number, folder, *, progress, **options):
        assert (project.title(), number, folder, options["draft"]) == ("永川", 1, tmp_path / "out", True)
        progress(Step("papers", pieces=(1, 3)))

    left, news = [], []
    monkeypatch.setattr("jobs.packaging.package", fake)
    monkeypatch.setattr(worker.signal, "signal", lambda *told: left.append(told[0]))
    office(tmp_path / "p.gpkg").close()
    order = json.loads(json.dumps(asdict(Packing(tmp_path / "p.gpkg", 1, draft=True)), default=str))
    worker.pack(worker.packing_of(order), tmp_path / "out", news.append)
    assert news == [{"stage": "papers", "pieces": (1, 3)}, {"outcome": "done"}]
    assert left == [signal.SIGTERM]


def test_a_package_of_a_version_that_is_not_there_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)
    office(tmp_path / "p.gpkg").close()
    news = []
    worker.pack(Packing(tmp_path / "p.gpkg", 7, draft=True), tmp_path / "out", news.append)
    assert news[-1]["outcome"] == "refused"
    assert news[-1]["refusal"]["code"] == "package.no_versions"
    assert list(tmp_path.iterdir()) == [tmp_path / "p.gpkg"]


def test_a_run_knows_how_many_pieces_are_done(process, tmp_path):
    process('print(\'{"stage": "papers", "pieces": [2, 6]}\'); print(\'{"outcome": "done"}\')')
    state = ended(Runs().start(Packing(tmp_path / "p.gpkg", 1, draft=False), tmp_path, key="package"))
    assert (state.pieces, state.outcome) == ((2, 6), "done")


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
