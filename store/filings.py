"""What is filed with the district (备案), and what follows a decision: both can be changed, each change in the audit. Within a transaction."""

from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.schema import DataError
from store import audit
from store.given import Ids, day_of, needed, public_text
from store.records import plain, typed
from store.schema import FilingRow, FollowUpRow, ProjectRow

KINDS = ("new", "adjust", "cancel")
FOLLOW_UPS = ("committee_set_up", "committee_renewal", "committee_cancelled", "contract")
_DAYS = ("submitted_on", "received_on", "filed_on")  # in the order in which they come


@dataclass(frozen=True)
class Filing:
    """The filing of an area of a version: `kind` one of KINDS, days ISO or "", `present` the keys of papers at hand."""

    area_id: str
    version: int
    kind: str = "new"
    handler: str = ""
    submitted_on: str = ""
    received_on: str = ""
    opinion: str = ""
    filing_no: str = ""
    filed_on: str = ""
    present: Ids = ()


@dataclass(frozen=True)
class FollowUp:
    """What is to be done for an area after its decision: `kind` one of FOLLOW_UPS, `due` and `done_on` ISO, "" while open."""

    area_id: str
    kind: str
    due: str
    done_on: str = ""
    note: str = ""


@dataclass(frozen=True)
class KeptFollowUp:
    """A follow-up in the project: its number, and who changed it last, when (ISO, UTC)."""

    number: int
    follow_up: FollowUp
    who: str
    at: str


# --- filings ---------------------------------------------------------------------------------------


def kept(session: Session, project: ProjectRow) -> tuple[Filing, ...]:
    """Return the filings by version and area."""
    rows = session.scalars(
        select(FilingRow)
        .where(FilingRow.project_id == project.id)
        .order_by(FilingRow.version, FilingRow.area_id)
    )
    return tuple(typed(row.record, Filing) for row in rows)


def put(session: Session, project: ProjectRow, filing: Filing, who: str, *, expected: Filing | None) -> None:
    """Write the filing of an area; `expected` is the one that the caller has seen, None for none.

    Raises DataError where somebody else changed it since, and where it is not whole.
    """
    told = checked(filing)
    row = session.scalar(
        select(FilingRow).where(
            FilingRow.project_id == project.id,
            FilingRow.version == told.version,
            FilingRow.area_id == told.area_id,
        )
    )
    before = typed(row.record, Filing) if row else None
    if before != expected:
        raise DataError("store.filing_changed", area=told.area_id, who=row.who if row else who)
    if row is None:
        row = FilingRow(project_id=project.id, version=told.version, area_id=told.area_id)
    row.record, row.who, row.at = plain(told), who, audit.now()
    session.add(row)
    audit.record(session, project, who, "filing", before=plain(before), after=plain(told))


def checked(filing: Filing) -> Filing:
    """Return the filing with its texts trimmed; raises DataError for what cannot be one."""
    if filing.kind not in KINDS:
        raise DataError("store.unknown_filing_kind", given=filing.kind)
    days = [day_of(day) for day in (getattr(filing, name) for name in _DAYS) if day]
    if days != sorted(days):
        raise DataError("store.filing_days", area=filing.area_id)
    texts: dict[str, Any] = {
        name: public_text(getattr(filing, name)) for name in ("handler", "opinion", "filing_no")
    }
    if bool(texts["filing_no"]) != bool(filing.filed_on):
        raise DataError("store.filing_number_and_day", area=filing.area_id)
    return replace(filing, **texts, present=tuple(sorted(set(filing.present))))


# --- follow-ups ------------------------------------------------------------------------------------


def kept_follow_ups(session: Session, project: ProjectRow) -> tuple[KeptFollowUp, ...]:
    """Return all follow-ups, the first first."""
    rows = session.scalars(
        select(FollowUpRow).where(FollowUpRow.project_id == project.id).order_by(FollowUpRow.id)
    )
    return tuple(KeptFollowUp(row.id, _follow_up(row), row.who, row.at) for row in rows)


def put_follow_up(
    session: Session, project: ProjectRow, told: FollowUp, who: str, *, number: int | None, expected: str
) -> int:
    """Write a follow-up, a new one where `number` is None; return its number.

    `expected` is the instant of the state that the caller has seen. Raises DataError where it is not whole, is unknown,
    or was changed since.
    """
    known = checked_follow_up(told)
    row = FollowUpRow(project_id=project.id) if number is None else session.get(FollowUpRow, number)
    if row is None:
        raise DataError("store.no_such_follow_up", number=number)
    if number is not None and row.at != expected:
        raise DataError("store.follow_up_changed", number=number, who=row.who)
    before = None if number is None else plain(_follow_up(row))
    for name, value in plain(known).items():
        setattr(row, name, value)
    row.who, row.at = who, audit.now()
    session.add(row)
    session.flush()
    audit.record(session, project, who, "follow_up", before=before, after={"number": row.id, **plain(known)})
    return row.id


def checked_follow_up(told: FollowUp) -> FollowUp:
    """Return the follow-up with its texts trimmed; raises DataError for what cannot be one."""
    if told.kind not in FOLLOW_UPS:
        raise DataError("store.unknown_follow_up", given=told.kind)
    return FollowUp(
        needed(told.area_id, "store.no_area_chosen"),
        told.kind,
        day_of(told.due),
        day_of(told.done_on) if told.done_on else "",
        public_text(told.note),
    )


def _follow_up(row: FollowUpRow) -> FollowUp:
    return FollowUp(**{field.name: getattr(row, field.name) for field in fields(FollowUp)})
