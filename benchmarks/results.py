"""What a run of a case found, as it is kept in `results/*.json`."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measures import Judged
from benchmarks.ours import Moment
from benchmarks.rivals import versions as peer_versions

RESULTS = Path(__file__).parent / "results"
OUR_PACKAGES = ("zutuan", "ortools", "numba", "numpy", "scipy")
PEER_PACKAGES = ("spopt", "pygeoda", "gerrychain", "libpysal", "numpy")


@dataclass(frozen=True)
class Row:
    """One plan of one case. `ours` names the goal, "" for a peer; what is None was not given or does not apply."""

    who: str
    ours: str = ""
    judged: Judged | None = None
    seconds: float | None = None
    memory_mb: float | None = None
    cpu_seconds: float | None = None
    bound: float | None = None
    gap: float | None = None
    areas_bound: int | None = None
    status: str = ""
    moments: tuple[Moment, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Result:
    """All rows of a case, with what they were measured on; `walking` where cost on our measure means something."""

    name: str
    title: str
    units: int
    links: int
    minimum: float
    total: float
    walking: bool
    rows: tuple[Row, ...]
    machine: dict[str, str | int] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    reference: dict[str, Any] | None = None  # a public instance with its proven labels

    def plain(self) -> dict[str, Any]:
        """Return the result as JSON has it."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found


def machine() -> dict[str, str | int]:
    """Return processor, cores, memory and system; nothing that names this one machine."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_gb": round(_memory_bytes() / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def versions() -> dict[str, dict[str, str]]:
    """Return the versions of what was measured, ours and the peers'."""
    return {"ours": {name: version(name) for name in OUR_PACKAGES}, "peers": peer_versions(PEER_PACKAGES)}


def keep(result: Result) -> None:
    """Write a result into its file; the last line ends it."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(result.plain(), ensure_ascii=False, indent=1)
    (RESULTS / f"{result.name}.json").write_text(text + "\n", encoding="utf-8")


def kept() -> dict[str, dict[str, Any]]:
    """Return all results there are by name."""
    files = sorted(RESULTS.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_bytes() -> int:
    if not hasattr(os, "sysconf"):
        return 0
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
