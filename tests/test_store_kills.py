"""kill -9 of a writing process: every acknowledged command is there, and the file is whole."""

import multiprocessing
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from geo.schema import FINDING_COLUMNS
from report.results import no_rows
from store.bases import Data
from store.onward import Onward
from store.project import open_project
from tests.offices import GRAPH, START, ledger, office, rename

KILLS = 20
KILLS_OF_UPDATES = 8


def write_on(path: Path, acknowledge: Connection, first: int) -> None:
    """Write commands without end; say the number of each once it is acknowledged."""
    with open_project(path) as project:
        revision = project.draft(1, GRAPH).revision
        for number in count(first):
            revision = project.append(1, rename(number), revision, "李科长", graph=GRAPH)
            acknowledge.send(number)


def update_on(path: Path, acknowledge: Connection, first: int) -> None:
    """Take other data in without end, in which a has a number for its name; say each once it is acknowledged."""
    with open_project(path) as project:
        for number in count(first):
            table = ledger()
            table.loc["a", "name"] = str(number)
            data = Data(table, no_rows(FINDING_COLUMNS), "# 规则\n", {"plan.gpkg": bytes(50_000)})
            onward = Onward(str(number), START, GRAPH, (rename(number),))
            project.update(1, 1, data, onward, "李科长")
            acknowledge.send(number)


def killed_while_writing(
    path: Path, after: int, first: int, write: Callable[[Path, Connection, int], None] = write_on
) -> list[int]:
    """What a writer acknowledged that was killed at some moment after so many acknowledgements."""
    # A server that has loaded the modules once, and forks: each writer begins at once, with no thread of ours in it.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    hear, say = context.Pipe(duplex=False)
    writer = context.Process(target=write, args=(path, say, first))
    writer.start()
    say.close()
    heard = [hear.recv() for _ in range(after)]
    writer.kill()
    writer.join()
    try:
        while True:
            heard.append(hear.recv())
    except EOFError:
        return heard
    finally:
        hear.close()


def test_twenty_kills_lose_no_acknowledged_command(tmp_path: Path) -> None:
    path = tmp_path / "office.gpkg"
    with office(path) as project:
        project.add_draft("草稿", START, "李科长")
    draw = random.Random(20)  # noqa: S311 - moments, not secrets
    acknowledged: list[int] = []
    for round_ in range(KILLS):
        acknowledged += killed_while_writing(path, draw.randrange(1, 12), 1_000 * round_)
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with open_project(path) as project:
            steps, opened = project.steps(1), project.draft(1, GRAPH)
            names = [str(step.title[1]["name"]) for step in steps]
            kept = [int(name.strip("第名")) for name in names]
            assert set(acknowledged) <= set(kept)
            assert len(kept) - len(acknowledged) <= round_ + 1, "at most the one that was being written"
            assert kept == sorted(kept)
            assert opened.position == opened.length == len(kept)
            assert opened.state.names == {"PMA-001": names[-1]}
            assert project.broken_audit() is None


def test_a_kill_while_other_data_are_taken_in_leaves_all_of_them_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "office.gpkg"
    with office(path) as project:
        project.add_draft("草稿", START, "李科长")
    draw = random.Random(8)  # noqa: S311 - moments, not secrets
    acknowledged: list[int] = []
    for round_ in range(KILLS_OF_UPDATES):
        acknowledged += killed_while_writing(path, draw.randrange(1, 4), 1_000 * (round_ + 1), update_on)
        with open_project(path) as project:
            drafts = {line.basis: line for line in project.drafts()}
            titles = {basis: drafts[basis].title for basis in sorted(drafts) if basis > 1}
            assert {str(number) for number in acknowledged} <= set(titles.values())
            assert len(titles) - len(acknowledged) <= round_ + 1, "at most the one that was being written"
            assert [basis.number for basis in project.bases()] == [1, *titles]
            assert {n: project.communities(n).at["a", "name"] for n in titles} == titles
            assert all(len(project.communities(n)) == len(GRAPH) for n in (1, *titles))
            assert all(set(project.files(n)) == {"plan.gpkg"} for n in titles)
            assert all(len(project.steps(drafts[n].draft_id)) == 1 for n in titles)
            assert project.broken_audit() is None
