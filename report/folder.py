"""An output folder that is the old one or the new one, whole, at every moment."""

import ctypes
import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

from geo.schema import DataError
from geo.wording import say

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_HELD = "zutuan-is-writing"


@contextmanager
def replaced(folder: Path, *, ours: re.Pattern[str]) -> Iterator[Path]:
    """Hand over an empty folder beside `folder`; where the block ends well it takes the place of `folder`.

    What a run that was killed has left there is removed first. Raises DataError where `folder` is no folder, holds a file whose name `ours` does not match, or cannot be written.
    """
    check_folder(folder, ours=ours)
    given, folder = folder, folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _beside(folder) as place:
            new = place / "new"
            new.mkdir()
            yield new
            check_folder(folder, ours=ours)  # somebody may have put something there meanwhile
            _put(new, folder, aside=place / "old")
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


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Hand over a hidden folder beside `folder`, held while it is in use and gone afterwards."""
    prefix = f".{folder.name}-"
    for left in folder.parent.glob(f"{escape(prefix)}*"):
        if _abandoned(left):
            shutil.rmtree(left, ignore_errors=True)
    temporary = tempfile.TemporaryDirectory(prefix=prefix, dir=folder.parent, ignore_cleanup_errors=True)
    with temporary as name, _held(Path(name)):
        yield Path(name)


@contextmanager
def _held(place: Path) -> Iterator[None]:
    """Hold a folder for as long as this process lives: the system lets go of it even where the process is killed."""
    if sys.platform == "win32":  # nobody can remove a file that is open
        with (place / _HELD).open("xb"):
            yield
        return
    import fcntl

    with (place / "held").open("xb") as file:
        with suppress(OSError):  # of a disk without locks: then nobody may think that it was left behind
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (place / "held").rename(place / _HELD)  # never there without its lock
        yield


def _abandoned(place: Path) -> bool:
    """Say whether a folder is one of ours that nobody holds any more."""
    with suppress(OSError):
        if sys.platform == "win32":
            (place / _HELD).unlink()
            return True
        import fcntl

        with (place / _HELD).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


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
