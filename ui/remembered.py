"""Which columns were chosen for a head of a ledger, remembered on this machine for the next file with the same head."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import uuid4

_one_at_a_time = Lock()  # desks of one server share the file


@dataclass(frozen=True)
class Remembered:
    """The heading by our field, "" where no column was it, and the day on which it was chosen."""

    columns: Mapping[str, str]
    day: str


def recalled(file: Path, head: str) -> Remembered | None:
    """Return what was chosen for this head, None where nothing was; a file that cannot be read holds nothing."""
    found = _read(file).get(_key(head))
    if not isinstance(found, dict) or not isinstance(found.get("columns"), dict):
        return None
    return Remembered({str(o): str(h) for o, h in found["columns"].items()}, str(found.get("day", "")))


def remember(file: Path, head: str, columns: Mapping[str, str]) -> None:
    """Keep what was chosen for this head."""
    day = dt.datetime.now(tz=dt.UTC).astimezone().date().isoformat()
    with _one_at_a_time:
        _write(file, {**_read(file), _key(head): {"columns": dict(columns), "day": day}})


def forget(file: Path, head: str) -> None:
    """Forget what was chosen for this head."""
    with _one_at_a_time:
        _write(file, {key: one for key, one in _read(file).items() if key != _key(head)})


def _key(head: str) -> str:
    return hashlib.sha256(head.encode()).hexdigest()[:24]


def _read(file: Path) -> dict[str, object]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _write(file: Path, told: Mapping[str, object]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.{uuid4().hex}")
    half.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    half.replace(file)
