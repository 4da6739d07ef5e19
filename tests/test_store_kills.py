"""kill -9 of a writing process: every acknowledged command is there, and the file is whole."""

import multiprocessing
import random
import sqlite3
from contextlib import closing
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from store.project import open_project
from tests.offices import GRAPH, START, office, rename

KILLS = 20


def write_on(path: Path, acknowledge: Connection, first: int) -> None:
    """Write commands without end; say the number of each once it is acknowledged."""
    with open_project(path) as project:
        revision = project.draft(1, GRAPH).revision
        for number in count(first):
            revision = project.append(1, rename(number), revision, "李科长", graph=GRAPH)
            acknowledge.send(number)


def killed_while_writing(path: Path, after: int, first: int) -> list[int]:
    """What a writer acknowledged that was killed at some moment after so many acknowledgements."""
    # A server that has loaded the modules once, and forks: each writer begins at once, with no thread of ours in it.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    hear, say = context.Pipe(duplex=False)
    writer = context.Process(target=write_on, args=(path, say, first))
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
