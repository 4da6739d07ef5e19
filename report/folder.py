"""An output folder that is the old one or the new one, whole, at every moment."""

import ctypes
import errno
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.schema import DataError
from geo.wording import say

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def replaced(folder: Path, *, ours: re.Pattern[str]) -> Iterator[Path]:
    """Hand over an empty folder beside `folder`; where the block ends well it takes the place of `folder`.

    Raises DataError where `folder` is no folder, holds a file whose name `ours` does not match, or cannot be written.
    """
    check_folder(folder, ours=ours)
    given, folder = folder, folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True
        ) as name:
            new = Path(name) / "new"
            new.mkdir()
            yield new
            check_folder(folder, ours=ours)  # somebody may have put something there meanwhile
            _put(new, folder, aside=Path(name) / "old")
    except OSError as error:
        raise DataError("report.not_writable", folder=given, cause=_cause(error)) from error


def check_folder(folder: Path, *, ours: re.Pattern[str]) -> None:
    """Raise DataError where `folder` may not be replaced by a new run."""
    try:
        lowest = next((f for f in (folder, *folder.absolute().parents) if f.exists()), folder)
        if not lowest.is_dir():
            raise DataError("report.not_a_folder", folder=folder)
        if lowest != folder:
            return
        foreign = sorted(
            entry.name for entry in folder.iterdir() if not (entry.is_file() and ours.fullmatch(entry.name))
        )
    except OSError as error:
        raise DataError("report.not_writable", folder=folder, cause=_cause(error)) from error
    if foreign:
        raise DataError("report.foreign_folder", folder=folder, found=foreign[0])


def _cause(error: OSError) -> str:
    known = {
        errno.ENOSPC: "full",
        errno.EDQUOT: "full",
        errno.EACCES: "denied",
        errno.EPERM: "denied",
        errno.EROFS: "denied",
        errno.ENAMETOOLONG: "long_name",
    }
    if error.errno in known:
        return say(f"errors.report.causes.{known[error.errno]}")
    return error.strerror or type(error).__name__


def _put(new: Path, folder: Path, *, aside: Path) -> None:
    for file in new.iterdir():
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())
    if not folder.exists():
        new.rename(folder)
    elif not _exchange(new, folder):
        # Between these two lines only the old folder exists, under its hidden name: no other system has one step for it.
        folder.rename(aside)
        new.rename(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can (Linux); say whether it did."""
    if sys.platform != "linux":
        return False
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    return (
        swap is not None
        and swap(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0
    )
