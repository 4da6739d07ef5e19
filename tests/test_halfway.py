"""What is broken off half-way: the plan it began with is as it was, and what was being made is whole or is not there."""

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from jobs.projects import project_of
from jobs.recounting import Recount, kept
from jobs.reopened import Reopened
from jobs.searching import search
from jobs.trying import Ladder, NextBest
from jobs.updating import Update
from report.results import Results
from store.drafts import Draft
from store.project import OpenDraft, open_project
from tests.compounds import ROW, planned, told
from ui.hunting import Hunt, Work

COUNTS = (told("c", 70),)
MOMENTS = 4  # at which a making is broken off, from its first statement to its last
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


# --- a program that is killed while it puts counts in ----------------------------------------------


def put_in(living: Living, path: Path, moment: int) -> int:
    """Put the counts into the project at `path`, killed before the `moment`th thing said to its database; return how many."""
    said = 0

    def hear(*_: object) -> None:
        nonlocal said
        said += 1
        if said == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", hear)
    event.listen(Engine, "commit", hear)
    with open_project(path) as project:
        kept(living.update, COUNTS, living.opened, project, who="王")
    return said


def put_in_again_and_again(living: Living, line: Connection) -> None:
    """Put them in for each project and moment that come in, in a child; say how the child ended."""
    while order := line.recv():
        child = os.fork()
        if child == 0:
            os._exit(put_in(living, *order))
        line.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


@pytest.fixture
def killed(living: Living) -> Iterator[Callable[[Path, int], int]]:
    """Let the counts be put into a project by a process that is killed at a moment; the answer is how it ended."""
    # A process that has loaded the modules once, with no thread of ours in it: its children begin at once.
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=put_in_again_and_again, args=(living, its))
    process.start()
    its.close()  # so that a process that is gone is heard of

    def one(path: Path, moment: int) -> int:
        ours.send((path, moment))
        return int(ours.recv())

    yield one
    ours.send(None)
    process.join()
    ours.close()


def test_a_kill_while_counts_are_put_in_leaves_the_draft_and_no_half_of_the_new_one(
    living: Living, killed, tmp_path
):
    path = tmp_path / "office.gpkg"

    def found_after(moment: int) -> tuple[int, int]:
        """Return how the process ended, and how many drafts there are; the one it began with is as it was."""
        path.write_bytes(living.path.read_bytes())
        ended = killed(path, moment)
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with open_project(path) as project:
            assert project.draft(1, living.town.graph).state == living.draft
            assert project.broken_audit() is None
            return ended, len(project.drafts())

    said, drafts = found_after(NEVER)
    assert drafts == 2
    assert said > MOMENTS
    after = [found_after(moment) for moment in range(1, said + 1, said // MOMENTS)]
    assert after == [(-signal.SIGKILL, 1)] * len(after)


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
