"""Reading beside the desk, in a process of its own: an order comes in as a line of JSON, the answer goes out as one.

Whatever a file does to the process leaves the desk standing, as with a run; but reading is short, so the page waits for it.
"""

import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from geo.schema import DataError
from geo.wording import language, speaking
from jobs.previewing import Head, Preview, Reading, Rows, preview
from jobs.request import Request
from jobs.roles import Part, parts_of_files
from jobs.updating import foreseen, taken_in, write_changes
from report.effects import decisions_table, effects_table
from ui.runs import HERE, Refusal
from ui.worker import refusal_of, request_of

READS_WITHIN_S = 120
READER = (sys.executable, "-P", "-m", "ui.reader")
_log = logging.getLogger("zutuan.desk")

Words = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """A preview as it came from the other process, and why it stopped where it did."""

    preview: Preview
    refusal: Refusal | None


@dataclass(frozen=True)
class Foreseen:
    """What an updated ledger would make of a draft at `revision`; tables as headings and rows of text.

    `basis` is the number of the new data in the project where they were to be taken in, 0 where nothing was written.
    """

    lines: Sequence[str]
    effects: tuple[Sequence[str], Sequence[Sequence[str]]]
    decisions: tuple[Sequence[str], Sequence[Sequence[str]]]
    locked: int
    revision: int
    basis: int = 0


# --- on the desk -----------------------------------------------------------------------------------


def parts_of(paths: Sequence[Path], *, ledger_there: bool) -> list[Part]:
    """Return the tables of files, each with the role it is taken for."""
    told = _asked({"work": "parts", "paths": [str(path) for path in paths], "ledger_there": ledger_there})
    return [Part(**{**part, "path": Path(part["path"])}) for part in told["parts"]]


def seen_of(request: Request) -> Seen:
    """Return what a run of this request would read."""
    told = _asked({"work": "preview", "request": asdict(request)})
    refusal = told["refusal"]
    made = told["preview"]
    whole = Preview(
        head=None if made["head"] is None else Head(**made["head"]),
        rows=None if made["rows"] is None else Rows(**made["rows"]),
        findings=made["findings"],
        picture=made["picture"],
        looks=made["looks"],
        readings=[Reading(**one) for one in made["readings"]],
    )
    return Seen(whole, None if refusal is None else Refusal(**refusal))


def foreseen_of(
    project: Path, request: Request, *, draft_id: int, out: Path, replan: bool, who: str = ""
) -> Foreseen | Refusal:
    """Return what the files would make of a draft, with `who` done; `out` becomes the workbook of what changes.

    With `replan` all that nobody settled is grouped again.
    """
    order = {"project": str(project), "draft": draft_id, "out": str(out), "replan": replan, "who": who}
    told = _asked({"work": "update", "request": asdict(request), **order}, failed="intake.update_failed")
    return Refusal(**told["refusal"]) if "refusal" in told else Foreseen(**told)


def _asked(order: Words, *, failed: str = "intake.failed") -> dict[str, Any]:
    """Return the answer of the other process; raises DataError where it gives none: `failed` where it died."""
    words = json.dumps({**order, "language": language()}, default=str, ensure_ascii=False)
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter
            READER,
            input=words,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=HERE,
            env=dict(os.environ, PYTHONUTF8="1"),
            timeout=READS_WITHIN_S,
            check=True,
        )
        told: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise DataError("intake.slow", seconds=READS_WITHIN_S) from error
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        number = secrets.token_hex(3).upper()
        _log.exception("%s %s", number, getattr(error, "stderr", ""))
        raise DataError(failed, number=number) from error
    return told


# --- in the other process --------------------------------------------------------------------------


def main() -> None:
    """Read one order, answer it, and end."""
    # Libraries that print must not speak into the line to the desk.
    line = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    order = json.loads(sys.stdin.readline())
    with speaking(order["language"]):
        told = answered(order)
    line.write(json.dumps(told, ensure_ascii=False, default=str))
    line.close()


def answered(order: Words) -> dict[str, Any]:
    """Return the answer to an order, as words."""
    if order["work"] == "parts":
        paths = [Path(path) for path in order["paths"]]
        return {"parts": [asdict(part) for part in parts_of_files(paths, ledger_there=order["ledger_there"])]}
    request = request_of(order["request"])
    if order["work"] == "preview":
        made = preview(request)
        refusal = None if made.refusal is None else refusal_of(request, made.refusal)
        return {"preview": asdict(replace(made, refusal=None)), "refusal": refusal}
    try:
        return _updated(order, request)
    except DataError as error:
        return {"refusal": refusal_of(request, error)}


def _updated(order: Words, request: Request) -> dict[str, Any]:
    project, draft_id = Path(order["project"]), order["draft"]
    opened, update = foreseen(project, request, draft_id=draft_id, replan=order["replan"])
    write_changes(Path(order["out"]), update)
    made = taken_in(project, opened, update, request, who=order["who"]).basis if order["who"] else 0
    tables = {
        "effects": effects_table(update.effects, update.names),
        "decisions": decisions_table(update.decisions, update.names),
    }
    return {
        "lines": update.lines(),
        **{key: [list(table.columns), table.to_numpy().tolist()] for key, table in tables.items()},
        "locked": sum(area.locked for area in update.draft.plan.areas),
        "revision": opened.revision,
        "basis": made,
    }


if __name__ == "__main__":
    main()
