"""Backup while others write, and the way back: what is not row for row the original is refused."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from geo.schema import DataError
from store.project import Project, open_project, restored
from tests.offices import GRAPH, RULES, START, office, rename


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with office(tmp_path / "office.gpkg") as made:
        draft_id = made.add_draft("草稿", START, "李科长")
        revision = made.append(draft_id, rename(1), 1, "李科长", graph=GRAPH)
        made.freeze(draft_id, "一稿", revision, "李科长", graph=GRAPH, rules=RULES)
        yield made


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as file:
        names = file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
        return {name: file.execute(f"SELECT rowid, * FROM {name}").fetchall() for (name,) in names.fetchall()}  # noqa: S608


def test_a_backup_comes_back_row_for_row(project: Project, tmp_path: Path) -> None:
    made = project.backup(tmp_path / "backup.gpkg")
    assert made.rows["command"] == 1
    assert made.rows["community"] == len(GRAPH)
    with restored(made.path, tmp_path / "back.gpkg") as back:
        assert back.draft(1, GRAPH) == project.draft(1, GRAPH)
        assert back.versions() == project.versions()
        assert back.broken_audit() is None
        assert_frame_equal(
            back.communities().drop(columns="geometry"), project.communities().drop(columns="geometry")
        )
    assert content(tmp_path / "back.gpkg") == content(project.path)
    assert {p.name for p in tmp_path.iterdir() if not p.name.startswith("office")} == {
        "backup.gpkg",
        "back.gpkg",
    }


def test_a_backup_is_one_state_while_another_desk_writes(project: Project, tmp_path: Path) -> None:
    enough = threading.Event()
    acknowledged = []

    def write() -> None:
        with open_project(project.path) as other:
            revision = other.draft(1, GRAPH).revision
            while not enough.is_set():
                revision = other.append(1, rename(revision), revision, "王主任", graph=GRAPH)
                acknowledged.append(revision)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        states = []
        for number in range(8):
            before = len(acknowledged)
            made = project.backup(tmp_path / "backup.gpkg")
            with restored(made.path, tmp_path / f"back{number}.gpkg") as back:
                assert back.broken_audit() is None
                states.append(back.draft(1, GRAPH))
            assert states[-1].position >= before
    finally:
        enough.set()
        writer.join()
    assert len(acknowledged) == project.draft(1, GRAPH).position - 1
    assert [s.position for s in states] == sorted(s.position for s in states)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE community SET count = 61 WHERE fid = 2", "表 community 第 2 行"),
        ("DELETE FROM command", "表 command 第 1 行"),
        ("INSERT INTO snapshot VALUES (1, 99, '{}')", "表 snapshot 第 2 行"),
    ],
)
def test_a_backup_that_differs_is_refused(
    project: Project, tmp_path: Path, statement: str, place: str
) -> None:
    made = project.backup(tmp_path / "backup.gpkg")
    with closing(sqlite3.connect(made.path, isolation_level=None)) as file:
        file.execute(statement)
    with pytest.raises(DataError) as refused:
        restored(made.path, tmp_path / "back.gpkg")
    assert str(refused.value) == f"备份 backup.gpkg 与原项目不一致（{place}），不能恢复。请选择另一份备份。"
    assert not (tmp_path / "back.gpkg").exists()


def test_what_is_no_whole_backup_is_refused(project: Project, tmp_path: Path) -> None:
    made = project.backup(tmp_path / "backup.gpkg")
    whole = made.path.read_bytes()
    half, text, copy = tmp_path / "half.gpkg", tmp_path / "text.gpkg", tmp_path / "copy.gpkg"
    half.write_bytes(whole[: len(whole) // 2])
    text.write_text("not a backup\n" * 99, encoding="utf-8")
    with restored(made.path, copy):
        pass
    for path, sentence in (
        (half, "已损坏"),
        (text, "已损坏"),
        (copy, "不是本程序做的备份"),
        (tmp_path / "no", "找不到文件 no"),
    ):
        with pytest.raises(DataError, match=sentence):
            restored(path, tmp_path / "back.gpkg")
    with pytest.raises(DataError, match="已存在"):
        restored(made.path, project.path)
    assert not list(tmp_path.glob(".*"))


def test_a_backup_that_cannot_be_written_leaves_nothing(project: Project, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        project.backup(tmp_path / "no such folder" / "backup.gpkg")
    assert not list(tmp_path.glob(".*"))
    assert project.append(1, rename(2), 2, "李科长", graph=GRAPH) == 3
