"""Compiled code, kept on disk for exactly these sources: the only place that knows numba, imported only while solving.

numba does not see that a function calls one of another file that has changed since (its "Notes on caching"): the old
code would go on working. So what it keeps lies in a folder named after the state of all files of this room.
"""

import hashlib
import os
import shutil
from pathlib import Path

from numba import config, njit

_ROOM = Path(__file__).parent
_KEPT = "native-"


def _sources() -> str:
    """Return a name for the state of all sources here, by what numba tells files by too: size and time of change."""
    states = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(_ROOM.glob("*.py"))]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:16]


def _folder() -> Path:
    """Return where compiled code is kept: as NUMBA_CACHE_DIR says, else beside the sources, else in this user's own folder.

    Never in a folder that others can write to: what lies there is run.
    """
    given: str = config.CACHE_DIR  # type: ignore[attr-defined]
    if given:
        return Path(given)
    beside = _ROOM / "__pycache__"
    own = Path.home() / ".cache" / "zutuan"
    return beside if os.access(beside if beside.is_dir() else _ROOM, os.W_OK) else own


FOLDER = _folder() / f"{_KEPT}{_sources()}"
_WHOLE = FOLDER / "whole"
config.CACHE_DIR = str(FOLDER)  # type: ignore[attr-defined]
compiled = njit(cache=True)


def is_whole() -> bool:
    """Tell whether everything a plan needs has been compiled from these sources."""
    return _WHOLE.is_file()


def set_whole() -> None:
    """Keep in mind that everything has been compiled, and remove what older sources left."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    _WHOLE.touch()
    for older in FOLDER.parent.glob(f"{_KEPT}*"):
        if older != FOLDER:
            shutil.rmtree(older, ignore_errors=True)
