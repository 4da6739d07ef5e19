"""The connection to a project's file: how it is opened, and what a transaction that reads or writes begins with."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from geo.schema import DataError

_LOG = "log"  # of a connection: the inode of its write-ahead log
PRAGMAS = ("synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000")
CAUSES = MappingProxyType(
    {
        sqlite3.SQLITE_BUSY: "store.busy",
        sqlite3.SQLITE_FULL: "store.disk_full",
        sqlite3.SQLITE_IOERR: "store.disk_fault",
        sqlite3.SQLITE_READONLY: "store.read_only",
        sqlite3.SQLITE_CANTOPEN: "store.read_only",
        sqlite3.SQLITE_NOTADB: "store.not_a_project",
        sqlite3.SQLITE_CORRUPT: "store.not_a_project",
    }
)


def engine_of(path: Path) -> Engine:
    """Return the engine of a file; raises DataError at the first connection where its disk holds no write-ahead log."""
    engine = create_engine(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "checkout", _refuse_swept_away)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Give a session whose changes are all on the disk at the end, or none.

    It holds the one right to write from its beginning on, so that what it read first is still so when it writes.
    Raises DataError where another writer does not end, the disk is full or broken, or the file is no database.
    """
    with _in_words(engine), Session(engine, expire_on_commit=False) as session, session.begin():
        connection = session.connection()
        log = connection.info[_LOG]
        yield session
    if _inode(Path(f"{engine.url.database}-wal")) != log:
        raise DataError("store.swept_away")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that sees the file as it is now, and goes on seeing that while others write."""
    reader = engine.execution_options(reads=True)
    with _in_words(engine), Session(reader) as session, session.begin():
        yield session


def empty_log(engine: Engine) -> None:
    """Take the write-ahead log into the file and cut it to nothing, as far as others who read allow it.

    What was deleted would else be in it until it is written over.
    """
    with _in_words(engine), engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextmanager
def _in_words(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        code = (
            getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        )  # the lowest byte is the kind, the others say more
        if code not in CAUSES:
            raise
        raise DataError(CAUSES[code], file=Path(engine.url.database or "").name) from error


def _prepare(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise DataError("store.no_log_here")
    connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # opens the log
    record.info[_LOG] = _inode(_log_beside(connection))


def _refuse_swept_away(connection: sqlite3.Connection, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Let the pool open another connection where the log of this one was taken away.

    On Unix a program loses its locks on a file when any part of it closes that file. Another SQLite in this process
    (GDAL brings its own) then thinks itself alone and deletes the log: what is written to it after that would be lost.
    """
    if _inode(_log_beside(connection)) != record.info[_LOG]:
        raise DisconnectionError


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _log_beside(connection: sqlite3.Connection) -> Path:
    files = {name: file for _, name, file in connection.execute("PRAGMA database_list")}
    return Path(f"{files['main']}-wal")  # beside it there is "temp" once a column was dropped


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0
