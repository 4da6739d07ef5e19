"""Files of maps that browsers fetch from this server: named by their content, so that none is fetched twice or stale.

Whoever can open the desk can fetch a file whose name they know, and a name is told only on the page that shows the map.
"""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from streamlit.components.v1 import declare_component

MOST_FILES = 600  # some forty maps of fifteen layers; older ones are written anew when they are shown again
_FOLDER = TemporaryDirectory(prefix="zutuan-map-")
_NAME = "files"
declare_component(_NAME, path=_FOLDER.name)


def address_of(content: str, *, kind: str) -> str:
    """Return the address of a file with this content, relative to any page of the desk; `kind` is its ending."""
    name = f"{hashlib.sha256(content.encode()).hexdigest()[:40]}.{kind}"
    path = Path(_FOLDER.name) / name
    if path.exists():
        path.touch()  # among the newest again
    else:
        _make_room()
        part = path.with_suffix(f".{uuid4().hex}")  # another session may be writing the same
        part.write_text(content, encoding="utf-8")
        part.replace(path)
    return f"component/{__name__}.{_NAME}/{name}"


def _make_room() -> None:
    files = sorted(Path(_FOLDER.name).glob("*.*"), key=_age)
    for old in files[: len(files) - MOST_FILES + 1]:
        old.unlink(missing_ok=True)


def _age(path: Path) -> float:
    """Return when a file was last asked for; one that is gone since is the oldest."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
