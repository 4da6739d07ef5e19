"""Backup of a project while it is in use, and its way back, compared row by row with what the original held."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from geo.schema import DataError
from store.disks import give_name, half_of
from store.records import digest

_MANIFEST = "backup_row"
_MADE = f"CREATE TABLE {_MANIFEST} (of_table TEXT NOT NULL, row INTEGER NOT NULL, sha256 TEXT NOT NULL)"
Row = tuple[str, int, str]  # table, row id, hash


@dataclass(frozen=True)
class Backup:
    """A backup that was made: the file, and how many rows of each table it holds."""

    path: Path
    rows: Mapping[str, int]


def back_up(source: sqlite3.Connection, beside: Path, path: Path) -> Backup:
    """Write what `source` holds at this instant to `path`, whole or not at all, others may go on writing.

    The hash of every row is taken from the original and kept in the backup. It is made in the folder of `beside`, a
    local disk, and then copied: `path` may lie on a share.
    """
    half = half_of(beside.with_name(path.name))
    try:
        with closing(sqlite3.connect(half, isolation_level=None)) as copy:
            source.execute("BEGIN")  # what is hashed and what is copied is one state of the file
            try:
                manifest = list(_rows(source))
                source.backup(copy)
            finally:
                source.execute("COMMIT")
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            copy.execute("BEGIN")
            copy.execute(_MADE)
            copy.executemany(f"INSERT INTO {_MANIFEST} VALUES (?, ?, ?)", manifest)  # noqa: S608 - our own name
            copy.execute("COMMIT")
            _compare(copy, path.name)
        _put(half, path)
    finally:
        half.unlink(missing_ok=True)
    tables = [table for table, _, _ in manifest]
    return Backup(path, {table: tables.count(table) for table in sorted(set(tables))})


def bring_back(backup: Path, path: Path) -> None:
    """Write the project of a backup to `path`, where nothing is yet, whole or not at all.

    Raises DataError where the backup is none, is damaged, or differs in any row from what the original held.
    """
    half = half_of(path)
    try:
        shutil.copyfile(backup, half)
        with closing(sqlite3.connect(half, isolation_level=None)) as copy:
            _compare(copy, backup.name)
            copy.execute(f"DROP TABLE {_MANIFEST}")
        give_name(half, path)
    except OSError as error:
        raise DataError("store.no_file", file=backup.name) from error
    finally:
        half.unlink(missing_ok=True)


def _compare(copy: sqlite3.Connection, file: str) -> None:
    """Raise DataError where the copy is damaged, or a row is not the one whose hash was kept."""
    try:
        if copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise DataError("store.backup_damaged", file=file)
        if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_MANIFEST,)).fetchone():
            raise DataError("store.not_a_backup", file=file)
        kept = set(copy.execute(f"SELECT of_table, row, sha256 FROM {_MANIFEST}"))  # noqa: S608 - our own name
        there = set(_rows(copy))
    except sqlite3.DatabaseError as error:
        raise DataError("store.backup_damaged", file=file) from error
    if different := sorted(kept ^ there):
        table, row, _ = different[0]
        raise DataError("store.backup_differs", file=file, table=table, row=row)


def _rows(connection: sqlite3.Connection) -> Iterator[Row]:
    """Walk through the rows of every table, with the hash of what each holds."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> ? ORDER BY name",
        (_MANIFEST,),
    )
    for (table,) in names.fetchall():
        for row, *values in connection.execute(f'SELECT rowid, * FROM "{table}" ORDER BY rowid'):  # noqa: S608 - a name of the schema
            yield table, row, digest([v.hex() if isinstance(v, bytes) else v for v in values])


def _put(half: Path, path: Path) -> None:
    there = half_of(path)
    try:
        with half.open("rb") as source, there.open("wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        there.replace(path)
    finally:
        there.unlink(missing_ok=True)
