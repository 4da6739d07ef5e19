"""Planning beside the desk: each run in a process of its own, which can be stopped at any moment.

A run is known by a token nobody can guess; whoever has it may look at it, so that a page that is loaded again finds
its run.
"""

import json
import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from geo.wording import has, say
from jobs.progress import Best
from jobs.request import Request
from jobs.weighing import Weighing
from report.exports import Encoding

AT_ONCE = 2  # further runs wait: an office PC has few cores
TRAIL_EVERY_S = 0.3  # one point of the line that shows how the gap falls
TRAIL_POINTS = 200
KEEP = "keep"  # said to the process of a run: end the search, go on with the best plan so far
STAGES = ("read", "clean", "links", "solve", "check", "write")
HERE = Path(__file__).parent.parent
WORKER = (sys.executable, "-P", "-m", "ui.worker")
_log = logging.getLogger("zutuan.desk")

Outcome = Literal["waiting", "running", "done", "refused", "failed", "cancelled"]


@dataclass(frozen=True)
class Packing:
    """The wish for the package of a version of a project file."""

    project: Path
    number: int
    draft: bool
    encoding: Encoding = "utf-8"


@dataclass(frozen=True)
class Gridding:
    """The wish for the grid workers' pages of a project file; `day` ISO, `address` where phones reach them, "" nowhere."""

    project: Path
    day: str
    address: str = ""


Work = Request | Weighing | Packing | Gridding
_KINDS: Mapping[type[Work], str] = MappingProxyType(
    {Request: "request", Weighing: "weighing", Packing: "packing", Gridding: "gridding"}
)


@dataclass(frozen=True)
class Refusal:
    """Why a run did not accept its input: the code and values of a DataError, and the ledger's headings."""

    code: str
    values: Mapping[str, str | Sequence[str]]
    headings: Sequence[str] = ()


@dataclass(frozen=True)
class State:
    """How a run stands; `begun` is of time.monotonic, `incident` what to quote to whoever runs the desk.

    `best` is the best plan so far in figures, `trail` how its gap fell: seconds since `begun`, gap; `keeping` once a
    person has asked for that plan; `pieces` are those done and how many there are, of a stage made of equal ones.
    """

    outcome: Outcome = "waiting"
    stage: str = ""
    best: Best | None = None
    trail: tuple[tuple[float, float], ...] = ()
    keeping: bool = False
    pieces: tuple[int, int] | None = None
    refusal: Refusal | None = None
    incident: str = ""
    begun: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> bool:
        """Say whether nothing more will happen."""
        return self.outcome not in ("waiting", "running")

    @property
    def can_keep(self) -> bool:
        """Say whether the search may be ended with the best plan so far."""
        return self.stage == "solve" and self.best is not None and not (self.keeping or self.over)


class Run:
    """One run: starts when there is room, hears its process, and keeps its latest state.

    `kept` is whatever must live as long as the run does (the folder of uploads).
    """

    def __init__(self, work: Work, folder: Path, room: threading.Semaphore, *, kept: object = None) -> None:
        self.state = State()
        order = json.loads(json.dumps(asdict(work), default=str))
        self._order = {_KINDS[type(work)]: order, "folder": str(folder)}
        self._room, self._kept = room, kept
        self._stop = threading.Event()
        self._changing = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        threading.Thread(target=self._work, daemon=True).start()

    def cancel(self) -> None:
        """Stop the run; nothing it has done so far remains."""
        self._stop.set()
        if self._process is not None:
            self._process.terminate()

    def keep_best(self) -> None:
        """End the search and go on with the best plan so far; without one nothing happens."""
        with self._changing:
            process = self._process
            if process is None or process.stdin is None or not self.state.can_keep:
                return
            self.state = replace(self.state, keeping=True)
        with suppress(OSError, ValueError):  # it has just ended by itself
            process.stdin.write(KEEP + "\n")
            process.stdin.flush()

    def _work(self) -> None:
        while not self._room.acquire(timeout=0.2):
            if self._stop.is_set():
                self.state = replace(self.state, outcome="cancelled")
                return
        try:
            self._listen()
        except OSError:
            self.state = replace(self.state, outcome="failed", incident=_incident("no process"))
        finally:
            self._room.release()
            self._kept = None

    def _listen(self) -> None:
        """Start the process and follow what it says until its end."""
        pipe = subprocess.PIPE
        environment = dict(os.environ, PYTHONUTF8="1")
        with subprocess.Popen(  # noqa: S603 - our own interpreter
            WORKER, stdin=pipe, stdout=pipe, text=True, encoding="utf-8", cwd=HERE, env=environment
        ) as process:
            self._process = process
            self.state = replace(self.state, outcome="running", begun=time.monotonic())
            if self._stop.is_set():
                process.terminate()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(self._order) + "\n")
            process.stdin.flush()  # and left open: its end would tell the process that the desk is gone
            for line in process.stdout:
                self._hear(json.loads(line))
        if self._stop.is_set() and self.state.outcome != "done":
            self.state = replace(self.state, outcome="cancelled")
        elif not self.state.over:
            self.state = replace(
                self.state, outcome="failed", incident=_incident(f"exit {process.returncode}")
            )

    def _hear(self, news: Mapping[str, Any]) -> None:
        read = dict(news)
        if "refusal" in read:
            read["refusal"] = Refusal(**read["refusal"])
        with self._changing:
            if read.get("pieces") is not None:
                done, number = read["pieces"]
                read["pieces"] = (done, number)
            if read.get("best") is not None:
                read["best"] = best = Best(**read["best"])
                read["trail"] = longer(self.state.trail, time.monotonic() - self.state.begun, best)
            self.state = replace(self.state, **read)


class Runs:
    """The runs of this server by their keys: tokens, and the name of the sample's."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()

    def start(self, work: Work, folder: Path, *, key: str, kept: object = None) -> Run:
        """Start a run under this key, or return the one that is under way."""
        with self._lock:
            run = self._runs.get(key)
            if run is None or run.state.over:
                run = self._runs[key] = Run(work, folder, self._room, kept=kept)
            return run

    def get(self, key: str) -> Run | None:
        """Return the run with this key."""
        return self._runs.get(key)


def longer(
    trail: tuple[tuple[float, float], ...], seconds: float, best: Best
) -> tuple[tuple[float, float], ...]:
    """Return the trail with the gap of now: a point where the last is some time ago, else in its place."""
    if not best.bounded:
        return trail
    if len(trail) > 1 and seconds - trail[-2][0] < TRAIL_EVERY_S:
        trail = trail[:-1]
    elif len(trail) >= TRAIL_POINTS:
        trail = trail[::2]
    return (*trail, (seconds, best.gap))


def new_token() -> str:
    """Return a token nobody can guess."""
    return secrets.token_hex(12)


def sentence(refusal: Refusal) -> str:
    """Return a refusal in words: those of the desk where it has its own, which name no option of the command line."""
    own = f"errors.desk.{refusal.code}"
    return say(own if has(own) else f"errors.{refusal.code}", **refusal.values)


def _incident(what: str) -> str:
    """Log the error at hand under a short number, and return the number."""
    number = secrets.token_hex(3).upper()
    _log.error("%s %s", number, what)
    return number
