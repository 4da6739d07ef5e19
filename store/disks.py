"""On what kind of disk a file lies: a database with a write-ahead log must not lie on a network share."""

import sys
from collections.abc import Callable
from pathlib import Path

from geo.schema import DataError

# Shares of Windows, Unix, Apple and the web as Linux names them.
NETWORK = frozenset(
    {
        "afpfs",
        "afs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
    }
    | {"ncpfs", "nfs", "nfs4", "remote", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs", "webdav"}
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
