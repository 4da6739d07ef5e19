"""Files that a person hands to the desk: kept in a private folder of the session, and made into a request."""

import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from jobs.request import FileLayer, Request

# role → whether several files may be given; the first is needed
ROLES: Mapping[str, bool] = {
    "communities": False,
    "outlines": False,
    "buildings": False,
    "barriers": True,
    "grids": False,
    "committees": False,
    "duties": True,
    "landmarks": True,
    "scope": False,
    "links": False,
    "survey": False,
}
_PLAIN = ("scope", "links", "survey")  # csv or workbook without layers
_UNSAFE = re.compile(r"[^\w.()()【】《》\[\]、+,,· -]")
_LONGEST = 120


class Upload(Protocol):
    """What the browser sent: a name that nobody vouches for, and bytes."""

    name: str

    def getbuffer(self) -> memoryview:
        """Return the bytes."""


class PrivateFolder:
    """A folder only this user can open, which goes with the last one who holds it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="zutuan-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass
class Draft:
    """What has been handed over so far; `layers` are the chosen layers or sheets by path."""

    folder: PrivateFolder = field(default_factory=PrivateFolder)
    files: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    layers: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    def keep(self, role: str, uploads: Sequence[Upload]) -> None:
        """Write the files of one role, in the place of those it had; answers about an old ledger go with it."""
        for path in self.files.get(role, ()):
            self.layers.pop(path, None)
        kept = []
        for number, upload in enumerate(uploads):
            path = self.folder.path / f"{role}-{number}" / safe_name(upload.name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(upload.getbuffer())
            kept.append(path)
        self.files[role] = tuple(kept)
        if role == "communities":
            self.answers.clear()

    def names(self, role: str) -> list[str]:
        """Return the names of the files of one role."""
        return [path.name for path in self.files.get(role, ())]

    def request(self, **options: Any) -> Request:
        """Return the request: all files, the answers, and the options that were given."""
        given: dict[str, Any] = {role: self._layers(role) for role in ROLES}
        single = {role: next(iter(given[role]), None) for role, many in ROLES.items() if not many}
        plain = {role: one.path for role in _PLAIN if (one := single[role]) is not None}
        return Request(**{**given, **single, **dict.fromkeys(_PLAIN), **plain, **self.answers, **options})

    def _layers(self, role: str) -> tuple[FileLayer, ...]:
        return tuple(
            FileLayer(path, layer)
            for path in self.files.get(role, ())
            for layer in self.layers.get(path, (None,))
        )


def safe_name(name: str) -> str:
    """Return a file name as people know it, without what could lead out of its folder or upset a file system."""
    last = re.split(r"[/\\]", name)[-1]
    plain = _UNSAFE.sub("_", last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if not dot:
        return plain[:_LONGEST] or "file"
    return f"{stem[: _LONGEST - len(suffix) - 1] or 'file'}.{suffix[:16]}"
