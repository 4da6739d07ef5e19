"""How the file is opened: what a commit waits for, who may write, and what happens when the log is taken away."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from geo.schema import DataError
from store.audit import StaleError
from store.database import engine_of, reading, writing
from store.project import Project, open_project
from tests.offices import GRAPH, START, office, rename


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with office(tmp_path / "office.gpkg") as project:
        project.add_draft("草稿", START, "李科长")
    return tmp_path / "office.gpkg"


def test_a_commit_waits_for_the_disk_and_keys_are_kept(path: Path) -> None:
    engine = engine_of(path)
    with reading(engine) as session:
        found = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_two_desks_at_once_wait_for_one_another_and_lose_nothing(path: Path) -> None:
    failed: list[BaseException] = []

    def edit(project: Project, who: str) -> None:
        try:
            revision = 1
            for number in range(25):
                while True:
                    try:
                        revision = project.append(1, rename(number), revision, who, graph=GRAPH)
                        break
                    except StaleError as stale:
                        revision = stale.revision
        except BaseException as error:  # noqa: BLE001 - said by the test below
            failed.append(error)

    with open_project(path) as one, open_project(path) as two:
        desks = [threading.Thread(target=edit, args=desk) for desk in ((one, "李"), (two, "王"), (two, "赵"))]
        for desk in desks:
            desk.start()
        for desk in desks:
            desk.join()
        assert failed == []
        steps = one.steps(1)
        for who in "李王赵":
            names = [step.title[1]["name"] for step in steps if step.who == who]
            assert names == [f"第{number}名" for number in range(25)]
        assert one.broken_audit() is None


def test_a_reader_goes_on_seeing_one_state_while_others_write(path: Path) -> None:
    count = text("SELECT count(*) FROM command")
    engine = engine_of(path)
    with reading(engine) as session, open_project(path) as project:
        before = session.execute(count).scalar()
        project.append(1, rename(1), 1, "李科长", graph=GRAPH)
        assert session.execute(count).scalar() == before == 0
    engine.dispose()


def test_a_log_taken_away_while_writing_is_said(path: Path) -> None:
    engine = engine_of(path)

    def write() -> None:
        with writing(engine) as session:
            session.execute(text("UPDATE project SET title = '别处'"))
            path.with_name("office.gpkg-wal").unlink()

    with pytest.raises(DataError, match="不能确定本次操作是否已保存"):
        write()
    engine.dispose()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (sqlite3.SQLITE_BUSY, "项目正被另一个程序写入，等候超时，本次操作没有保存。请稍后再试。"),
        (sqlite3.SQLITE_FULL, "磁盘已满，本次操作没有保存。请清理磁盘后再试。"),
        (sqlite3.SQLITE_IOERR_WRITE, "磁盘读写出错，本次操作没有保存。"),
        (sqlite3.SQLITE_READONLY, "项目文件不能写入，本次操作没有保存。请检查文件权限。"),
    ],
)
def test_what_the_database_says_is_said_in_words(path: Path, code: int, sentence: str) -> None:
    broken = sqlite3.OperationalError("no")
    broken.sqlite_errorcode = code
    engine = engine_of(path)

    with pytest.raises(DataError) as told, writing(engine):
        raise OperationalError("SELECT 1", {}, broken)
    assert str(told.value).startswith(sentence)
    engine.dispose()


def test_a_full_disk_keeps_what_was_there(path: Path) -> None:
    engine = engine_of(path)

    def write() -> None:
        with writing(engine) as session:
            session.execute(text("PRAGMA max_page_count = 1"))
            session.execute(text("UPDATE project SET title = '甲'"))
            session.execute(text("CREATE TABLE more AS SELECT hex(randomblob(99999)) AS x"))

    with pytest.raises(DataError, match="磁盘已满"):
        write()
    engine.dispose()
    with open_project(path) as project:
        assert project.title() == "永川"
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
