"""Where a project's file may lie: never on a network share, which a write-ahead log does not bear; never over another file."""

import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from geo.schema import DataError

# Shares of Windows, Unix, Apple, the web and the host of a virtual machine as Linux names them, letter by letter.
NETWORK = frozenset(
    {"9p", "afpfs", "afs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "prl_fs"}
    | {"remote", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs", "webdav"}
    | {f"fuse.{name}" for name in ("davfs2", "glusterfs", "gvfsd-fuse", "rclone", "sshfs", "vmhgfs-fuse")}
)
DRIVE_REMOTE = 4  # GetDriveTypeW of Windows
MOUNTS = Path("/proc/self/mountinfo")

DiskOf = Callable[[Path], str]


def disk_of(path: Path) -> str:
    """Return the kind of file system that `path` lies on, "remote" for a drive of another machine, "" where unknown."""
    where = path.resolve()
    if sys.platform == "win32":
        import ctypes

        remote = (
            str(where).startswith("\\\\")
            or ctypes.windll.kernel32.GetDriveTypeW(where.anchor) == DRIVE_REMOTE
        )
        return "remote" if remote else ""
    return kind_in(MOUNTS.read_text(encoding="utf-8"), where) if MOUNTS.exists() else ""


def kind_in(mounts: str, where: Path) -> str:
    """Return the kind of the deepest mount above `where`, as the lines of mountinfo say it; the last of equals counts."""
    kinds: dict[Path, str] = {}
    for line in mounts.splitlines():
        place, _, source = line.partition(" - ")
        point = place.split()[4].encode("ascii", "backslashreplace").decode("unicode_escape")
        kinds[Path(point)] = source.split()[0]
    return next((kinds[above] for above in (where, *where.parents) if above in kinds), "")


def refuse_share(path: Path, disk: DiskOf = disk_of) -> None:
    """Raise DataError where the file would lie on a network share."""
    if disk(path) in NETWORK:
        raise DataError("store.network_share", file=path.name)


def half_of(path: Path) -> Path:
    """Return a name beside `path` that nobody else has: there it is written until it is whole."""
    return path.with_name(f".{path.name}.{uuid4().hex}")


def give_name(half: Path, path: Path) -> None:
    """Give a whole file its name; raises DataError where anything has that name, even since a moment."""
    try:
        _take_name(half, path)
    except FileExistsError as error:
        raise DataError("store.file_exists", file=path.name) from error
    half.unlink(missing_ok=True)


def _take_name(half: Path, path: Path) -> None:
    try:
        path.hardlink_to(half)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links (FAT): the name is taken first, and empty for an instant
        path.touch(exist_ok=False)
        half.replace(path)
