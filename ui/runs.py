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
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from geo.wording import catalogue, say
from jobs.request import Request

AT_ONCE = 2  # further runs wait: an office PC has few cores
STAGES = ("read", "clean", "links", "solve", "check", "write")
HERE = Path(__file__).parent.parent
WORKER = (sys.executable, "-P", "-m", "ui.worker")
_log = logging.getLogger("zutuan.desk")

Outcome = Literal["waiting", "running", "done", "refused", "failed", "cancelled"]


@dataclass(frozen=True)
class Refusal:
    """Why a run did not accept its input: the code and values of a DataError, and the ledger's headings.

    Where a file has several layers: its `path` and `role`, and those of its layers that are `usual` in this role.
    """

    code: str
    values: Mapping[str, str]
    headings: Sequence[str] = ()
    role: str = ""
    path: str = ""
    usual: Sequence[str] = ()


@dataclass(frozen=True)
class State:
    """How a run stands; `begun` is of time.monotonic, `incident` what to quote to whoever runs the desk."""

    outcome: Outcome = "waiting"
    stage: str = ""
    detail: str = ""
    refusal: Refusal | None = None
    incident: str = ""
    begun: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> bool:
        """Say whether nothing more will happen."""
        return self.outcome not in ("waiting", "running")


class Run:
    """One run: starts when there is room, hears its process, and keeps its latest state.

    `kept` is whatever must live as long as the run does (the folder of uploads).
    """

    def __init__(
        self, request: Request, folder: Path, room: threading.Semaphore, *, kept: object = None
    ) -> None:
        self.state = State()
        self._order = {"request": json.loads(json.dumps(asdict(request), default=str)), "folder": str(folder)}
        self._room, self._kept = room, kept
        self._stop = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        threading.Thread(target=self._work, daemon=True).start()

    def cancel(self) -> None:
        """Stop the run; nothing it has done so far remains."""
        self._stop.set()
        if self._process is not None:
            self._process.terminate()

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
        refusal = {"refusal": Refusal(**news["refusal"])} if "refusal" in news else {}
        self.state = replace(self.state, **{**news, **refusal})


class Runs:
    """The runs of this server by their keys: tokens, and the name of the sample's."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()

    def start(self, request: Request, folder: Path, *, key: str, kept: object = None) -> Run:
        """Start a run under this key, or return the one that is under way."""
        with self._lock:
            run = self._runs.get(key)
            if run is None or run.state.over:
                run = self._runs[key] = Run(request, folder, self._room, kept=kept)
            return run

    def get(self, key: str) -> Run | None:
        """Return the run with this key."""
        return self._runs.get(key)


def new_token() -> str:
    """Return a token nobody can guess."""
    return secrets.token_hex(12)


def sentence(refusal: Refusal) -> str:
    """Return a refusal in words: those of the desk where it has its own, which name no option of the command line."""
    own = f"errors.desk.{refusal.code}"
    return say(own if own in catalogue() else f"errors.{refusal.code}", **refusal.values)


def _incident(what: str) -> str:
    """Log the error at hand under a short number, and return the number."""
    number = secrets.token_hex(3).upper()
    _log.error("%s %s", number, what)
    return number
