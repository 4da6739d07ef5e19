"""The audit: one row a change, never altered, each with the hash of the row before, so that a gap shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.schema import DataError
from geo.wording import say
from store.edits import from_record, title
from store.given import Title
from store.records import digest
from store.schema import AuditRow, DraftRow, ProjectRow

_OF_DISPUTES = ("number", "claim", "decision")  # what their sentences name
_OF_OPINIONS = MappingProxyType(
    {
        "opinion_prepare": ("area", "number"),
        "opinion_take": ("number",),
        "opinion_rule": ("number",),
        "opinion_theme": ("area",),
        "opinion_forget": ("area", "number"),
    }
)
HASHED = ("number", "at", "who", "action", "draft_id", "revision", "before", "after", "before_hash")


@dataclass(frozen=True)
class Saved:
    """One change that somebody saved: of which draft and to which revision, what (`action`), and its title in words."""

    revision: int
    who: str
    at: str  # ISO, UTC
    action: str
    title: Title


@dataclass(frozen=True)
class Audited:
    """One row of the audit: who did what, when (ISO, UTC), in words; `draft_id` is None for what is of the project."""

    number: int
    who: str
    at: str
    action: str
    title: Title
    draft_id: int | None


class StaleError(DataError):
    """The draft was changed elsewhere since it was read; `saved` says by whom, when and what, the oldest first.

    Nothing was written. The desk offers: mine (the command again, on what is there now), theirs, or a copy.
    """

    def __init__(self, saved: tuple[Saved, ...], revision: int) -> None:
        self.saved = saved
        self.revision = revision
        last = saved[-1]
        at = datetime.fromisoformat(last.at).astimezone().strftime("%H:%M")
        super().__init__("store.stale", who=last.who, at=at, number=len(saved))


def now() -> str:
    """Return this instant as ISO text in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def record(
    session: Session,
    project: ProjectRow,
    who: str,
    action: str,
    *,
    draft: DraftRow | None = None,
    before: Any = None,
    after: Any = None,
) -> str:
    """Write one row of the audit in the caller's transaction; return its instant. `project` is locked by the caller."""
    session.flush()  # gives the draft its id and its revision
    number = project.audit_rows + 1
    row = AuditRow(
        project_id=project.id,
        number=number,
        at=now(),
        who=who,
        action=action,
        draft_id=draft.id if draft else None,
        revision=draft.revision if draft else None,
        before=before,
        after=after,
        before_hash=project.audit_hash,
    )
    row.hash = _hash(row)
    project.audit_rows, project.audit_hash = number, row.hash
    session.add(row)
    return row.at


def first_broken(session: Session, project: ProjectRow) -> int | None:
    """Return the number of the first row that is missing or not as it was written, None where all are whole."""
    before = ""
    rows = session.scalars(
        select(AuditRow).where(AuditRow.project_id == project.id).order_by(AuditRow.number)
    )
    number = 0
    for number, row in enumerate(rows, start=1):
        if (row.number, row.before_hash, row.hash) != (number, before, _hash(row)):
            return number
        before = row.hash
    # The project knows how many there were: rows cut off at the end leave no gap in the chain.
    whole = (number, before) == (project.audit_rows, project.audit_hash)
    return None if whole else number + 1


def told(session: Session, project: ProjectRow) -> tuple[Audited, ...]:
    """Return the whole audit in words, the first row first."""
    rows = session.scalars(
        select(AuditRow).where(AuditRow.project_id == project.id).order_by(AuditRow.number)
    )
    return tuple(Audited(r.number, r.who, r.at, r.action, _title(r), r.draft_id) for r in rows)


def saved_since(session: Session, draft_id: int, revision: int) -> tuple[Saved, ...]:
    """Return what was saved in a draft after this revision, the oldest first."""
    rows = session.scalars(
        select(AuditRow)
        .where(AuditRow.draft_id == draft_id, AuditRow.revision > revision)
        .order_by(AuditRow.revision)
    )
    return tuple(Saved(row.revision or 0, row.who, row.at, row.action, _title(row)) for row in rows)


def _title(row: AuditRow) -> Title:
    told = row.after if row.action in ("append", "redo") else row.before
    if row.action in ("append", "undo", "redo"):
        return title(from_record(told["command"]))
    if row.action == "dispute":
        return f"store.action.dispute.{row.after['state']}", {key: row.after[key] for key in _OF_DISPUTES}
    if row.action == "decide":
        way = "decide" if row.after["text"] else "undecide"
        return f"store.action.{way}", {key: row.after[key] for key in ("asked", "text")}
    if row.action == "proceed":
        return _step(row.after)
    if row.action in ("filing", "follow_up"):
        return f"store.action.{row.action}", {"area": row.after["area_id"]}
    return f"store.action.{row.action}", {key: row.after[key] for key in _OF_OPINIONS.get(row.action, ())}


def _step(step: Mapping[str, Any]) -> Title:
    """Return the title of a step that areas took: which areas, into which state, and why where that was said."""
    areas, why = step["area_ids"], "_because" if step["reason"] else ""
    told = {
        "version": step["version"],
        "area": areas[0],
        "number": len(areas),
        "state": say(f"proceeding.state.{step['state']}"),
        "reason": step["reason"],
    }
    return f"store.action.proceed.{'one' if len(areas) == 1 else 'some'}{why}", told


def _hash(row: AuditRow) -> str:
    return digest([getattr(row, name) for name in HASHED])
