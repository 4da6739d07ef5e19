"""What a meeting leaves behind: disputes (争议), and decisions on the questions of a plan. Within a transaction.

Neither is undone with a draft: they are of the project. Every change stands in the audit with who and when.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.schema import DataError
from store import audit
from store.given import Ids, needed, text_of
from store.schema import DecisionRow, DisputeRow, ProjectRow

KINDS: Mapping[str, int] = MappingProxyType(
    {"area": 1, "community": 1, "pair": 2}
)  # of how many ids a place is made
STATES = ("open", "decided", "withdrawn")


@dataclass(frozen=True)
class Dispute:
    """Who claims what about a place, on which evidence, and what was decided.

    `kind` is one of KINDS, `place` its ids: an area, a community, or two communities. `evidence` may be "", `decision`
    only while the dispute is open.
    """

    kind: str
    place: Ids
    parties: str
    claim: str
    evidence: str = ""
    decision: str = ""
    state: str = "open"


@dataclass(frozen=True)
class KeptDispute:
    """A dispute in the project: its number, and who changed it last, when (ISO, UTC)."""

    number: int
    dispute: Dispute
    who: str
    at: str


@dataclass(frozen=True)
class MeetingDecision:
    """What was decided on a question: `question` is its key, `asked` its words at the time, `text` the decision."""

    question: str
    asked: str
    text: str
    who: str
    at: str


# --- disputes --------------------------------------------------------------------------------------


def kept_disputes(session: Session, project: ProjectRow) -> tuple[KeptDispute, ...]:
    """Return all disputes, the first first."""
    rows = session.scalars(
        select(DisputeRow).where(DisputeRow.project_id == project.id).order_by(DisputeRow.id)
    )
    return tuple(KeptDispute(row.id, _dispute(row), row.who, row.at) for row in rows)


def put_dispute(
    session: Session, project: ProjectRow, dispute: Dispute, who: str, *, number: int | None, expected: str
) -> int:
    """Write a dispute, a new one where `number` is None; return its number.

    `expected` is the instant of the state that the caller has seen. Raises DataError where the dispute is not whole, is
    unknown, or was changed since.
    """
    told = checked(dispute)
    row = DisputeRow(project_id=project.id) if number is None else session.get(DisputeRow, number)
    if row is None:
        raise DataError("store.no_such_dispute", number=number)
    if number is not None and row.at != expected:
        raise DataError("store.dispute_changed", number=number, who=row.who)
    before = None if number is None else _record(_dispute(row))
    for name, value in _record(told).items():
        setattr(row, name, value)
    row.who, row.at = who, audit.now()
    session.add(row)
    session.flush()
    audit.record(session, project, who, "dispute", before=before, after={"number": row.id, **_record(told)})
    return row.id


def checked(dispute: Dispute) -> Dispute:
    """Return the dispute with its texts trimmed; raises DataError for what cannot be one."""
    if dispute.kind not in KINDS or len(set(dispute.place)) != KINDS[dispute.kind] or not all(dispute.place):
        raise DataError("store.dispute_needs_place")
    if dispute.state not in STATES:
        raise DataError("store.unknown_dispute_state", given=dispute.state)
    decision = text_of(dispute.decision)
    if dispute.state == "decided":
        needed(decision, "store.dispute_needs_decision")
    return Dispute(
        dispute.kind,
        tuple(sorted(dispute.place)),
        needed(dispute.parties, "store.dispute_needs_parties"),
        needed(dispute.claim, "store.dispute_needs_claim"),
        text_of(dispute.evidence),
        decision,
        dispute.state,
    )


def _record(dispute: Dispute) -> dict[str, object]:
    told = {field.name: getattr(dispute, field.name) for field in fields(Dispute)}
    return told | {"place": list(dispute.place)}


def _dispute(row: DisputeRow) -> Dispute:
    told = {field.name: getattr(row, field.name) for field in fields(Dispute)}
    return Dispute(**told | {"place": tuple(row.place)})


# --- decisions -------------------------------------------------------------------------------------


def kept_decisions(session: Session, project: ProjectRow) -> dict[str, MeetingDecision]:
    """Return by question what was decided."""
    rows = session.scalars(
        select(DecisionRow).where(DecisionRow.project_id == project.id).order_by(DecisionRow.question)
    )
    return {r.question: MeetingDecision(r.question, r.asked, r.text, r.who, r.at) for r in rows}


def decide(
    session: Session, project: ProjectRow, who: str, *, question: str, asked: str, text: str, expected: str
) -> None:
    """Write what was decided on a question; an empty text takes a decision back.

    `expected` is the decision that the caller has seen, "" for none. Raises DataError where somebody else decided since.
    """
    known = text_of(text)
    row = session.scalar(
        select(DecisionRow).where(DecisionRow.project_id == project.id, DecisionRow.question == question)
    )
    if (row.text if row else "") != text_of(expected):
        raise DataError("store.decision_changed", who=row.who if row else who)
    before = None if row is None else {"question": question, "text": row.text}
    if not known:
        if row is None:
            return
        session.delete(row)
    else:
        row = row or DecisionRow(project_id=project.id, question=question)
        row.asked, row.text, row.who, row.at = asked, known, who, audit.now()
        session.add(row)
    audit.record(
        session,
        project,
        who,
        "decide",
        before=before,
        after={"question": question, "asked": asked, "text": known},
    )
