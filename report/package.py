"""The package of a version: 公开件 and 内部件 as two zips, each with its contents list, its manifest and the rules in use.

Files are taken in one by one and written at once, so that hundreds of areas need no more memory than one. The zips appear
together and whole, or not at all; the same files in the same order give the same bytes.
"""

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from geo.wording import listed, say
from report.folder import check_folder, replaced
from report.workbooks import Sheet, write_workbook

PUBLIC, INTERNAL = "public.zip", "internal.zip"
CONTENTS, MANIFEST, RULES = "contents.xlsx", "manifest.json", "rules.toml"
OURS = re.compile(r"(public|internal)\.zip")
MADE = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest that a zip can say: when a file was packed is no property of the version
PACKED = frozenset({".pdf", ".png", ".docx", ".xlsx"})  # squeezed already
SAFE = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*"
)  # any system unpacks it as it is
READABLE = 0o644 << 16
UNIX = 3
HASH_SHOWN = 12


@dataclass(frozen=True)
class Label:
    """What both zips say of themselves: whose papers, of which version; `draft` where they are not to be posted or filed."""

    title: str
    office: str
    number: int
    sha256: str
    on: date
    rules_text: str
    draft: bool


@dataclass(frozen=True)
class Piece:
    """A file of the package: its name in the zip, and what the contents list says of it. `area` "" for all areas."""

    name: str
    content: bytes
    document: str
    area: str = ""
    area_id: str = ""
    pages: int | None = None
    public: bool = False


@dataclass(frozen=True)
class Absent:
    """A document that is not there, and why."""

    document: str
    note: str
    area: str = ""
    public: bool = False


Put = Callable[[Piece | Absent], None]


def check_package(folder: Path) -> None:
    """Raise DataError where `folder` may not become the folder of a package; meant for before the work begins."""
    check_folder(folder, ours=OURS)


@contextmanager
def packing(folder: Path, label: Label) -> Iterator[Put]:
    """Hand over what takes a file in, or notes a gap; where the block ends well, `folder` holds the two zips.

    Raises DataError where the folder holds anything else or cannot be written, ValueError where a name is taken or not safe.
    """
    with replaced(folder, ours=OURS) as new, ExitStack() as stack:
        volumes = {
            public: _Volume(stack.enter_context(zipfile.ZipFile(new / name, "x")), label, public=public)
            for public, name in ((True, PUBLIC), (False, INTERNAL))
        }
        yield lambda part: volumes[part.public].put(part)
        for volume in volumes.values():
            volume.finish()


# --- one zip ---------------------------------------------------------------------------------------


@dataclass
class _Line:
    """A line of the contents list: the files of one document of one area, or a gap."""

    document: str
    area: str
    files: list[str] = field(default_factory=list)
    pages: int | None = None
    note: str = ""


class _Volume:
    """One of the two zips while it is written."""

    def __init__(self, sink: zipfile.ZipFile, label: Label, *, public: bool) -> None:
        self._sink, self._label, self._public = sink, label, public
        self._lines: dict[tuple[str, str], _Line] = {}
        self._files: list[dict[str, Any]] = []
        self._gaps: list[dict[str, str]] = []

    def put(self, part: Piece | Absent) -> None:
        line = self._lines.setdefault((part.area, part.document), _Line(part.document, part.area))
        if isinstance(part, Absent):
            line.note = part.note
            self._gaps.append({"document": part.document, "area": part.area, "note": part.note})
            return
        self._write(part.name, part.content, document=part.document, area_id=part.area_id)
        line.files.append(part.name)
        line.pages = part.pages if line.pages is None else line.pages

    def finish(self) -> None:
        """Write what speaks of all the others."""
        self._write(RULES, self._label.rules_text.encode())
        self._write(CONTENTS, self._contents())
        self._store(MANIFEST, (json.dumps(self._manifest(), ensure_ascii=False, indent=1) + "\n").encode())

    def _write(self, name: str, content: bytes, *, document: str = "", area_id: str = "") -> None:
        told = (
            {"document": document, "area_id": area_id}
            if area_id
            else {"document": document}
            if document
            else {}
        )
        self._files.append(
            {"file": name, "sha256": sha256(content).hexdigest(), "bytes": len(content), **told}
        )
        self._store(name, content)

    def _store(self, name: str, content: bytes) -> None:
        if not SAFE.fullmatch(name) or name in self._sink.NameToInfo:
            msg = f"{name}: taken, or no name that every system unpacks"
            raise ValueError(msg)
        entry = zipfile.ZipInfo(name, MADE)
        entry.create_system, entry.external_attr = UNIX, READABLE
        squeezed = Path(name).suffix in PACKED
        entry.compress_type = zipfile.ZIP_STORED if squeezed else zipfile.ZIP_DEFLATED
        self._sink.writestr(entry, content)

    def _manifest(self) -> dict[str, Any]:
        label = self._label
        return {
            "title": label.title,
            "office": label.office,
            "version": label.number,
            "sha256": label.sha256,
            "on": label.on.isoformat(),
            "public": self._public,
            "draft": label.draft,
            "rules_sha256": sha256(label.rules_text.encode()).hexdigest(),
            "files": self._files,
            "absent": self._gaps,
        }

    def _contents(self) -> bytes:
        """Return the contents list (卷内目录) as a workbook."""
        heads = [
            say(f"package.head.{key}") for key in ("number", "area", "document", "pages", "file", "note")
        ]
        rows = [
            (n, line.area, line.document, line.pages, listed(line.files), line.note)
            for n, line in enumerate(self._lines.values(), 1)
        ]
        table = pd.DataFrame(rows, columns=heads)
        table = table.astype({heads[0]: "Int64", heads[3]: "Int64"}).astype(
            dict.fromkeys(heads[1:3] + heads[4:], "str")
        )
        label = self._label
        lines = [
            say(
                "package.of_version",
                number=label.number,
                hash=label.sha256[:HASH_SHOWN],
                office=label.office or say("documents.blank"),
            ),
            *([say("package.draft")] if label.draft else []),
        ]
        kind = "public" if self._public else "internal"
        sheet = Sheet(
            say("package.contents"), say(f"package.title.{kind}", title=label.title), tuple(lines), table
        )
        with TemporaryDirectory() as folder:
            path = Path(folder) / CONTENTS
            write_workbook(path, [sheet], on=label.on)
            return path.read_bytes()
