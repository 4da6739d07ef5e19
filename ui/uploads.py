"""Files that a person hands to the desk: kept in a private folder of the session, and made into a request."""

import csv
import hashlib
import io
import re
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from jobs.request import FileLayer, Request
from jobs.roles import LEDGER, Part

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
    "clearance": False,
    "boundary": False,
    "survey": False,
    "existing": False,
}
_PLAIN = ("scope", "links", "survey", "existing")  # csv or workbook without layers
_BESIDE = (".shp", ".dbf", ".shx", ".prj", ".cpg")  # one layer in several files
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
    """What has been handed over so far, table by table, and what was said of it.

    `answers` are fields of Request; `matched` the heading by our field where a person chose one, "" where no column is it.
    `turn` counts the drops, so that what is shown of an old one is not taken for the new; `recalled` is the head of which
    remembered columns were taken.
    """

    folder: PrivateFolder = field(default_factory=PrivateFolder)
    parts: list[Part] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    matched: dict[str, str] = field(default_factory=dict)
    turn: int = 0
    recalled: str = ""

    def keep(self, uploads: Sequence[Upload]) -> list[Path]:
        """Write the files of one drop; return those to be read. A file takes the place of one of the same name."""
        self.turn += 1
        kept: list[Path] = []
        folders: dict[str, int] = {}
        for number, upload in enumerate(uploads):
            name = safe_name(upload.name)
            path = Path(name)
            beside = path.suffix.lower() in _BESIDE
            place = folders.setdefault(path.stem.lower() if beside else str(number), number)
            path = self.folder.path / f"{self.turn}-{place}" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(upload.getbuffer())
            self.remove(name)
            kept.append(path)
        shapes = {path.with_suffix("") for path in kept if path.suffix.lower() == ".shp"}
        return [p for p in kept if p.suffix.lower() not in _BESIDE[1:] or p.with_suffix("") not in shapes]

    def add(self, parts: Sequence[Part]) -> None:
        """Take in what the files turned out to be; answers about an old ledger go with it."""
        if any(part.role == LEDGER for part in parts):
            self.forget_answers()
        self.parts += parts

    def use(self, number: int, role: str) -> None:
        """Say what a table is for."""
        if LEDGER in (role, self.parts[number].role):
            self.forget_answers()
        self.parts[number] = replace(self.parts[number], role=role)

    def remove(self, name: str) -> None:
        """Take a file away."""
        if any(part.role == LEDGER for part in self.parts if part.path.name == name):
            self.forget_answers()
        self.parts = [part for part in self.parts if part.path.name != name]

    def match(self, ours: str, heading: str) -> None:
        """Say which column is our field, "" for none."""
        self.answers.pop(f"{ours}_column", None)
        self.matched[ours] = heading

    def forget_answers(self) -> None:
        """Forget what was said of the ledger."""
        self.answers.clear()
        self.matched.clear()

    def has_ledger(self) -> bool:
        """Tell whether there is a ledger."""
        return any(part.role == LEDGER for part in self.parts)

    def twice(self) -> dict[str, int]:
        """Return how many tables a role has that may have one only."""
        number = Counter(part.role for part in self.parts)
        return {role: number[role] for role, many in ROLES.items() if not many and number[role] > 1}

    def columns_said(self) -> dict[str, str]:
        """Return the heading by our field as far as a person said it, in the matcher or in answer to a question."""
        asked = {ours: self.answers.get(f"{ours}_column", "") for ours in ("id", "name", "count")}
        return {**self.matched, **{ours: heading for ours, heading in asked.items() if heading}}

    def request(self, **options: Any) -> Request:
        """Return the request: all files, the answers, and the options that were given."""
        given: dict[str, Any] = {
            role: tuple(FileLayer(part.path, part.layer) for part in self.parts if part.role == role)
            for role in ROLES
        }
        single = {role: next(iter(given[role]), None) for role, many in ROLES.items() if not many}
        plain = {role: one.path for role in _PLAIN if (one := single[role]) is not None}
        fields = {"fields": self._fields_file()} if self.matched else {}
        return Request(
            **{**given, **single, **dict.fromkeys(_PLAIN), **plain, **fields, **self.answers, **options}
        )

    def _fields_file(self) -> Path:
        """Write what was matched where reading takes it from, under a name that tells one from another."""
        text = io.StringIO()
        csv.writer(text).writerows(sorted(self.matched.items()))
        written = text.getvalue().encode()
        path = self.folder.path / f"fields-{hashlib.sha256(written).hexdigest()[:12]}.csv"
        path.write_bytes(written)
        return path


def safe_name(name: str) -> str:
    """Return a file name as people know it, without what could lead out of its folder or upset a file system."""
    last = re.split(r"[/\\]", name)[-1]
    plain = _UNSAFE.sub("_", last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if not dot:
        return plain[:_LONGEST] or "file"
    return f"{stem[: _LONGEST - len(suffix) - 1] or 'file'}.{suffix[:16]}"
