"""The other process of a run: a request comes in as a line of JSON, what happens goes out as lines of JSON.

A process of its own can be stopped at any moment, and whatever a file does to it leaves the desk standing.
"""

import json
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from geo.reading import read_table
from geo.schema import DataError
from jobs.district import plan_district
from jobs.progress import Listener, Step
from jobs.request import FileLayer, Request
from jobs.weighing import Weighing
from report.results import Results, write_results
from store.project import open_project
from ui.runs import KEEP, Gridding, Packing

SINGLE = ("communities", "outlines", "buildings", "boundary", "grids", "committees")
SEVERAL = ("barriers", "duties", "landmarks")
LEAVES_WITHIN_S = 10.0
_FILES = ("fields", "rules", "links", "scope", "locks", "existing", "survey")
_log = logging.getLogger("zutuan.desk")

Tell = Callable[[Mapping[str, Any]], None]


def main() -> None:
    """Read one line, run, and end; end at once where the desk is gone."""
    # Libraries that print must not speak into the line to the desk.
    line = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    order = json.loads(sys.stdin.readline())
    kept = threading.Event()
    threading.Thread(target=_obey, args=(sys.stdin, kept), daemon=True).start()

    def tell(news: Mapping[str, Any]) -> None:
        if news.get("stage") == "write":
            _leave_by_the_door()
        line.write(json.dumps(news, ensure_ascii=False) + "\n")
        line.flush()

    folder = Path(order["folder"])
    if "packing" in order:
        pack(packing_of(order["packing"]), folder, tell)
    elif "gridding" in order:
        lay_out_grids(gridding_of(order["gridding"]), folder, tell)
    elif "weighing" in order:
        weigh(weighing_of(order["weighing"]), folder, tell, cancelled=kept.is_set)
    else:
        run(request_of(order["request"]), folder, tell, cancelled=kept.is_set)


def run(request: Request, folder: Path, tell: Tell, *, cancelled: Callable[[], bool] | None = None) -> None:
    """Plan and write the folder; tells each change of a run's state. Where `cancelled` says so, the best plan so far."""

    def work(hear: Listener) -> Results:
        return plan_district(request, progress=hear, cancelled=cancelled)

    _done(work, folder, tell, lambda error: refusal_of(request, error))


def weigh(
    weighing: Weighing, folder: Path, tell: Tell, *, cancelled: Callable[[], bool] | None = None
) -> None:
    """Plan again as it is wished and write the folder; tells as `run`."""

    def work(hear: Listener) -> Results:
        return weighing(listener=hear, cancelled=cancelled)

    _done(work, folder, tell, _told)


def pack(packing: Packing, folder: Path, tell: Tell) -> None:
    """Write the package of a version into the folder; tells as `run`."""
    from jobs.packaging import package  # what prints papers would keep every plan waiting

    _leave_by_the_door()

    def work(hear: Listener) -> None:
        with open_project(packing.project) as project:
            package(
                project,
                packing.number,
                folder,
                draft=packing.draft,
                encoding=packing.encoding,
                workers=os.cpu_count() or 1,
                progress=hear,
            )

    _ended(work, tell, _told)


def lay_out_grids(gridding: Gridding, folder: Path, tell: Tell) -> None:
    """Write the pages of every grid into the folder; tells as `run`."""
    from jobs.gridding import pages_of  # what draws pages would keep every plan waiting

    _leave_by_the_door()

    def work(hear: Listener) -> None:
        day, workers = date.fromisoformat(gridding.day), os.cpu_count() or 1
        pages_of(gridding.project, folder, day=day, address=gridding.address, workers=workers, progress=hear)

    _ended(work, tell, _told)


def _leave_by_the_door() -> None:
    """From here on being stopped means leaving by the door, so that no half-written folder stays behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def _done(
    work: Callable[[Listener], Results],
    folder: Path,
    tell: Tell,
    refused: Callable[[DataError], dict[str, Any]],
) -> None:
    def written(hear: Listener) -> None:
        results = work(hear)
        hear(Step("write"))
        write_results(results, folder)

    _ended(written, tell, refused)


def _ended(
    work: Callable[[Listener], None], tell: Tell, refused: Callable[[DataError], dict[str, Any]]
) -> None:
    """Do the work, and tell its stages and how it ends."""

    def hear(step: Step) -> None:
        best = {} if step.best is None else {"best": asdict(step.best)}
        pieces = {} if step.pieces is None else {"pieces": step.pieces}
        tell({"stage": step.stage, **best, **pieces})

    try:
        work(hear)
        tell({"outcome": "done"})
    except DataError as error:
        tell({"outcome": "refused", "refusal": refused(error)})
    except Exception:  # noqa: BLE001 - the border of the process: whatever it is, the person is told and can go on
        number = secrets.token_hex(3).upper()
        _log.exception("%s", number)
        tell({"outcome": "failed", "incident": number})


def request_of(words: Mapping[str, Any]) -> Request:
    """Return the request that came as words: `dataclasses.asdict` of it, paths as text."""
    layers = {key: _layer(words[key]) for key in SINGLE}
    several = {key: tuple(_layer(one) for one in words[key]) for key in SEVERAL}
    files = {key: None if words[key] is None else Path(words[key]) for key in _FILES}
    lists = {"where": tuple((c, v) for c, v in words["where"]), "within": tuple(words["within"])}
    lists["ask"] = tuple(tuple(asked) for asked in words["ask"])
    return Request(**{**words, **layers, **several, **files, **lists})


def weighing_of(words: Mapping[str, Any]) -> Weighing:
    """Return the question that came as words: `dataclasses.asdict` of it, the path as text."""
    return Weighing(**{**words, "folder": Path(words["folder"])})


def packing_of(words: Mapping[str, Any]) -> Packing:
    """Return the wish that came as words: `dataclasses.asdict` of it, the path as text."""
    return Packing(**{**words, "project": Path(words["project"])})


def gridding_of(words: Mapping[str, Any]) -> Gridding:
    """Return the wish that came as words: `dataclasses.asdict` of it, the path as text."""
    return Gridding(**{**words, "project": Path(words["project"])})


def _layer(words: Mapping[str, Any] | None) -> FileLayer | None:
    return None if words is None else FileLayer(Path(words["path"]), words["layer"])


def refusal_of(request: Request, error: DataError) -> dict[str, Any]:
    """Return what `Refusal` takes: why, and what a question about it offers."""
    return {**_told(error), "headings": _headings(request)}


def _told(error: DataError) -> dict[str, Any]:
    values = {
        key: [str(one) for one in value] if isinstance(value, tuple) else str(value)
        for key, value in error.values.items()
    }
    return {"code": error.code, "values": values}


def _headings(request: Request) -> list[str]:
    """Return the headings of the ledger, for a question about its columns."""
    source = request.communities
    try:
        return [str(c) for c in read_table(source.path, layer=source.layer).frame.columns]
    except DataError:
        return []


def _obey(desk: TextIO, kept: threading.Event) -> None:
    """Take the wishes of the desk, and end with it."""
    for line in desk:
        if line.strip() == KEEP:
            kept.set()
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:  # something half-written may be about
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LEAVES_WITHIN_S)
    os._exit(1)


if __name__ == "__main__":
    main()
