"""Unpacking: the only place that opens an archive, and only after its table of contents has been judged."""

import gzip
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo.schema import DataError

UNPACKED_MAX_BYTES = 1 << 30
# Tables and drawings rarely shrink to a hundredth; a bomb shrinks to a thousandth. Small files cannot hurt.
SUSPECT_BYTES = 64 << 20
RATIO_MAX = 200
MEMBERS_MAX = 5_000
CHUNK_BYTES = 1 << 20

_PACKED = {".zip", ".kmz", ".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz"}
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
# All that the standard library was seen to raise over archives with bytes changed at random.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class Member:
    """One file of an archive: its path inside, as its maker wrote it, and its entry in the table of contents."""

    path: PurePosixPath
    entry: zipfile.ZipInfo

    @property
    def suffix(self) -> str:
        """Return the ending of the name in lower case, with its dot."""
        return self.path.suffix.lower()


@contextmanager
def opened(archive: Path, *, file: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive; raises DataError naming `file` where it, or a member read inside the block, is broken."""
    try:
        with zipfile.ZipFile(archive) as handle:
            yield handle
    except DataError:
        raise
    except _BROKEN as error:
        raise DataError("reading.archive_broken", file=file) from error


def contents(handle: zipfile.ZipFile, *, file: str) -> list[Member]:
    """Return the files of an archive in their order, folders and the litter of macOS aside.

    Raises DataError naming `file` (and the member) for an archive too large, too dense or with too many members, and
    for a member that is a link, is encrypted or would land outside the folder it is unpacked to.
    """
    entries = handle.infolist()
    if len(entries) > MEMBERS_MAX:
        raise DataError("reading.archive_members", file=file, given=len(entries), most=MEMBERS_MAX)
    unpacked = sum(e.file_size for e in entries)
    _check_size(unpacked, sum(e.compress_size for e in entries), file=file)
    members = [Member(_path(e), e) for e in entries if not e.is_dir()]
    for member in members:
        _check_member(member, file=file)
    return [m for m in members if "__MACOSX" not in m.path.parts and not m.path.name.startswith(".")]


def refuse_nested(members: list[Member], *, file: str) -> None:
    """Raise DataError naming `file` and the member where an archive holds another archive."""
    for member in members:
        if member.suffix in _PACKED:
            raise DataError("reading.archive_nested", file=file, member=member.path)


def unpack(handle: zipfile.ZipFile, member: Member, target: Path) -> None:
    """Write one member to `target`, a name that the caller made; never more than the table of contents announced."""
    with handle.open(member.entry) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink, CHUNK_BYTES)


def unpack_gzip(source: Path, target: Path, *, file: str) -> None:
    """Write the content of a .gz file to `target`; raises DataError naming `file` where it is broken or too large."""
    packed, unpacked = source.stat().st_size, 0
    try:
        with gzip.open(source) as stream, target.open("wb") as sink:
            while chunk := stream.read(CHUNK_BYTES):
                unpacked += len(chunk)
                _check_size(unpacked, packed, file=file)
                sink.write(chunk)
    except DataError:
        raise
    except _BROKEN as error:
        raise DataError("reading.archive_broken", file=file) from error


def _check_size(unpacked: int, packed: int, *, file: str) -> None:
    dense = unpacked > SUSPECT_BYTES and unpacked > RATIO_MAX * packed
    if dense or unpacked > UNPACKED_MAX_BYTES:
        raise DataError("reading.archive_size", file=file, most_mib=UNPACKED_MAX_BYTES >> 20)


def _check_member(member: Member, *, file: str) -> None:
    entry, path = member.entry, member.path
    outside = path.is_absolute() or ".." in path.parts or any(p.endswith(":") for p in path.parts[:1])
    if outside or stat.S_ISLNK(entry.external_attr >> 16):
        raise DataError("reading.archive_member", file=file, member=path)
    if entry.flag_bits & _ENCRYPTED:
        raise DataError("reading.password", file=file)


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Return the path in an archive; packers of Chinese Windows write names in GBK and say nothing about it."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return PurePosixPath(name.split("\0")[0].replace("\\", "/"))
