"""The audit: who, when, from what to what; a change or a gap behind its back shows."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from store.project import Project
from tests.offices import GRAPH, RULES, START, office, rename


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Seven audit rows: create, begin, append, append, undo, redo, freeze."""
    with office(tmp_path / "office.gpkg") as made:
        draft_id = made.add_draft("草稿", START, "李科长")
        revision = made.append(draft_id, rename(1), 1, "王主任", graph=GRAPH)
        revision = made.append(draft_id, rename(2), revision, "王主任", graph=GRAPH)
        revision = made.undo(draft_id, revision, "李科长")
        revision = made.redo(draft_id, revision, "李科长")
        made.freeze(draft_id, "一稿", revision, "李科长", graph=GRAPH, rules=RULES)
        yield made


def tampered(project: Project, *statements: str) -> int | None:
    """Run statements on the file without the triggers, as another program could; what the audit then says."""
    project.close()
    with closing(sqlite3.connect(project.path, isolation_level=None)) as file:
        file.execute("DROP TRIGGER audit_no_update")
        file.execute("DROP TRIGGER audit_no_delete")
        for statement in statements:
            file.execute(statement)
    return project.broken_audit()


def test_every_change_is_a_row(project: Project) -> None:
    with closing(sqlite3.connect(project.path)) as file:
        rows = file.execute('SELECT number, who, action, revision, "after" FROM audit ORDER BY id').fetchall()
    assert [row[:4] for row in rows] == [
        (1, "李科长", "create", None),
        (2, "李科长", "begin", 1),
        (3, "王主任", "append", 2),
        (4, "王主任", "append", 3),
        (5, "李科长", "undo", 4),
        (6, "李科长", "redo", 5),
        (7, "李科长", "freeze", 5),
    ]
    assert json.loads(rows[2][4])["command"]["name"] == "第1名"
    assert json.loads(rows[6][4])["sha256"] == project.versions()[0].sha256
    assert project.broken_audit() is None


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = '别人'", "DELETE FROM audit WHERE number = 3"])
def test_rows_are_only_added(project: Project, statement: str) -> None:
    with (
        closing(sqlite3.connect(project.path)) as file,
        pytest.raises(sqlite3.IntegrityError, match="written once"),
    ):
        file.execute(statement)


@pytest.mark.parametrize("column", ["at", "who", "action", "revision", "before", "after", "draft_id", "hash"])
def test_a_changed_row_shows(project: Project, column: str) -> None:
    value = {"revision": "9", "draft_id": "NULL", "before": "'{}'", "after": "'{}'"}.get(column, "'别人'")
    assert tampered(project, f'UPDATE audit SET "{column}" = {value} WHERE number = 4') == 4  # noqa: S608


@pytest.mark.parametrize("number", [1, 4, 7])
def test_a_row_that_was_taken_out_shows(project: Project, number: int) -> None:
    assert tampered(project, f"DELETE FROM audit WHERE number = {number}") == number  # noqa: S608


def test_rows_renumbered_after_a_gap_show(project: Project) -> None:
    close_up = "UPDATE audit SET number = number - 1 WHERE number > 4"
    assert tampered(project, "DELETE FROM audit WHERE number = 4", close_up) == 4
