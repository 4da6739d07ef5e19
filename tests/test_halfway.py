"""What is broken off half-way: the plan it began with is as it was, and what was being made is whole or is not there."""

import json
import multiprocessing
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import geopandas as gpd
import pytest
from sqlalchemy import Engine, event

from geo.schema import DataError
from jobs.projects import project_of
from jobs.recounting import Recount, kept
from jobs.reopened import Reopened
from jobs.request import FileLayer, Request
from jobs.searching import search
from jobs.trying import Ladder, NextBest
from jobs.updating import Update
from report.results import Results
from store.drafts import Draft
from store.project import OpenDraft, open_project
from tests.compounds import CRS, ROW, planned, told
from tests.ledgers import square
from ui import reader
from ui.hunting import Hunt, Work

COUNTS = (told("c", 70),)
MOMENTS = 3  # at which a making is broken off before its last statement, and once at that
NEVER = -1
WAIT_S = 60


@dataclass(frozen=True)
class Living:
    """A street, its project with one draft, and what a count makes of it."""

    base: Results
    town: Reopened
    path: Path
    opened: OpenDraft
    update: Update

    @property
    def draft(self) -> Draft:
        return self.opened.state


@pytest.fixture(scope="module")
def living(tmp_path_factory) -> Living:
    folder = tmp_path_factory.mktemp("living")
    base, town = planned(folder, ROW)
    path = project_of(folder / "plan", folder / "projects")
    with open_project(path) as project:
        opened = project.draft(1, town.graph)
    return Living(base, town, path, opened, Recount(base, town, opened.state, base, COUNTS)().update)


def left(living: Living) -> dict[Path, bytes]:
    """Return every project on the shelf, byte by byte."""
    return {path: path.read_bytes() for path in living.path.parent.glob("*.gpkg")}


# --- a program that is killed while it writes ------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """What a process is to write into the project at `path`: the counts, or the ledger `request` is of where there is one."""

    path: Path
    request: Request | None = None


def killed_at(moment: int) -> list[object]:
    """Let this process be killed before the `moment`th thing it says to a database; return what it has said so far."""
    said: list[object] = []

    def hear(*_: object) -> None:
        said.append(None)
        if len(said) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", hear)
    event.listen(Engine, "commit", hear)
    return said


def written(living: Living, order: Order, moment: int) -> int:
    """Write what is ordered, killed at the moment; return how much was said to the database."""
    said = killed_at(moment)
    if order.request is not None:
        told = reader.answered(update_words(order.path, order.request))
        assert told["basis"] == 2
    else:
        with open_project(order.path) as project:
            kept(living.update, COUNTS, living.opened, project, who="王")
    return len(said)


def update_words(path: Path, request: Request) -> dict[str, object]:
    """Return what the desk says to its reader when an updated ledger is taken in."""
    out = path.with_suffix(".update.xlsx")
    return {
        "work": "update",
        "request": json.loads(json.dumps(asdict(request), default=str)),
        "project": str(path),
        "draft": 1,
        "out": str(out),
        "replan": False,
        "who": "王",
    }


def written_again_and_again(living: Living, line: Connection) -> None:
    """Write for each order and moment that come in, in a child; say how the child ended."""
    while told := line.recv():
        child = os.fork()
        if child == 0:
            os._exit(written(living, *told))
        line.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


@pytest.fixture(scope="module")
def killed(living: Living) -> Iterator[Callable[[Order, int], int]]:
    """Let something be written by a process that is killed at a moment; the answer is how it ended."""
    # A process that has loaded the modules once, with no thread of ours in it: its children begin at once.
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=written_again_and_again, args=(living, its))
    process.start()
    its.close()  # so that a process that is gone is heard of

    def one(order: Order, moment: int) -> int:
        ours.send((order, moment))
        return int(ours.recv())

    yield one
    ours.send(None)
    process.join()
    ours.close()


@pytest.fixture
def updated(tmp_path) -> Request:
    """The ledger of the street again, a recount in it."""
    rows = [
        {"编号": c, "小区名称": f"{c}院", "户数": n, "geometry": square(60 * k, 0)}
        for k, (c, n) in enumerate({**ROW, "c": 70, "f": 95}.items())
    ]
    gpd.GeoDataFrame(rows, crs=CRS).to_file(tmp_path / "台账.gpkg")
    return Request(FileLayer(tmp_path / "台账.gpkg"))


def stands(living: Living, path: Path) -> tuple[int, int]:
    """Return how many drafts and bases a project has; the draft that was there is as it was."""
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with open_project(path) as project:
        assert project.draft(1, living.town.graph).state == living.draft
        assert project.broken_audit() is None
        return len(project.drafts()), len(project.bases())


@pytest.mark.parametrize("what", ["counts", "ledger"])
def test_a_kill_while_new_data_are_put_in_leaves_the_draft_and_no_half_of_the_new_one(
    living: Living, killed, updated, tmp_path, what: str
):
    order = Order(tmp_path / "office.gpkg", updated if what == "ledger" else None)

    def found_after(moment: int) -> tuple[int, tuple[int, int]]:
        order.path.write_bytes(living.path.read_bytes())
        return killed(order, moment), stands(living, order.path)

    said, found = found_after(NEVER)
    assert found == (2, 2)
    assert said > MOMENTS
    moments = [*range(1, said, said // MOMENTS), said]
    assert [found_after(moment) for moment in moments] == [(-signal.SIGKILL, (1, 1))] * len(moments)


def test_a_desk_whose_reader_is_killed_says_so_and_takes_the_ledger_in_when_asked_again(
    living: Living, updated, tmp_path, monkeypatch
):
    path, out = tmp_path / "office.gpkg", tmp_path / "变动.xlsx"
    path.write_bytes(living.path.read_bytes())
    update = partial(reader.foreseen_of, path, updated, draft_id=1, out=out, replan=False, who="王")
    words = "from tests.test_halfway import killed_at; killed_at(54); from ui.reader import main; main()"
    monkeypatch.setenv("PYTHONPATH", str(reader.HERE))
    with monkeypatch.context() as here:
        here.setattr(reader, "READER", (sys.executable, "-c", words))
        with pytest.raises(DataError, match=r"^没有更新成（编号 [0-9A-F]{6}）。当前方案没有改动。"):
            update()
    assert stands(living, path) == (1, 1)
    done = update()
    assert isinstance(done, reader.Foreseen)
    assert (done.basis, stands(living, path)) == (2, (2, 2))


# --- a search that is cancelled --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["replan", "improve", "ladder", "next best", "count"])
def test_a_search_that_is_cancelled_leaves_the_project_alone(living: Living, name: str):
    questions: dict[str, Work[object]] = {
        "replan": search("replan", living.draft, living.town),
        "improve": search("improve", living.draft, living.town, ("a",)),
        "ladder": Ladder(living.base, living.draft, "minimum"),
        "next best": NextBest(living.base, living.draft),
        "count": Recount(living.base, living.town, living.draft, living.base, COUNTS),
    }
    before = left(living)
    hunt = Hunt(questions[name])
    hunt.cancel()
    hunt.wait(WAIT_S)
    assert hunt.over
    assert not hunt.incident
    assert left(living) == before
    with open_project(living.path) as project:
        assert project.steps(1) == ()
