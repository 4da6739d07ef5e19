"""The log of a draft: commands one after the other, a cursor for undo, a snapshot now and then. Within a transaction."""

from dataclasses import dataclass

import networkx as nx
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geo.schema import DataError
from store import audit
from store.drafts import Draft
from store.edits import Command, applied, as_record, from_record, title
from store.given import Title
from store.records import plain, typed
from store.schema import CommandRow, DraftRow, ProjectRow, SnapshotRow

SNAPSHOT_EVERY = 20  # commands: opening a draft plays fewer than this


@dataclass(frozen=True)
class NamedStep:
    """One command of a log, 1 the first; `undone` where it lies behind the cursor and redo would do it again."""

    position: int
    title: Title
    who: str
    at: str
    undone: bool


def begin(
    session: Session, project: ProjectRow, title: str, start: Draft, who: str, *, basis: int
) -> DraftRow:
    """Begin a draft on this basis, with an empty log."""
    draft = DraftRow(project_id=project.id, title=title, at=audit.now(), who=who, basis=basis)
    draft.position = draft.length = 0
    session.add(draft)
    session.flush()
    session.add(SnapshotRow(draft_id=draft.id, position=0, record=plain(start)))
    return draft


def copied(session: Session, project: ProjectRow, draft: DraftRow, title: str, who: str) -> DraftRow:
    """Begin a draft with the log of another, cursor, names and instants included."""
    twin = DraftRow(project_id=project.id, title=title, at=audit.now(), who=who, basis=draft.basis)
    twin.position, twin.length = draft.position, draft.length
    session.add(twin)
    session.flush()
    for row in _commands(session, draft):
        twin_row = CommandRow(
            draft_id=twin.id, position=row.position, record=row.record, at=row.at, who=row.who
        )
        session.add(twin_row)
    for shot in session.scalars(select(SnapshotRow).where(SnapshotRow.draft_id == draft.id)):
        session.add(SnapshotRow(draft_id=twin.id, position=shot.position, record=shot.record))
    return twin


def current(session: Session, draft_id: int, revision: int | None = None) -> DraftRow:
    """Return the draft, locked; raises StaleError where it is no longer at this revision."""
    draft = session.get(DraftRow, draft_id, with_for_update=True)
    if draft is None:
        raise DataError("store.no_such_draft", draft=draft_id)
    if revision is not None and draft.revision != revision:
        saved = audit.saved_since(session, draft_id, revision)
        if not saved:
            raise DataError("store.no_such_revision", draft=draft_id, revision=revision)
        raise audit.StaleError(saved, draft.revision)
    return draft


def command_at(session: Session, draft: DraftRow, position: int) -> CommandRow | None:
    """Return the command at this position, None at 0 and behind the end."""
    return session.scalar(
        select(CommandRow).where(CommandRow.draft_id == draft.id, CommandRow.position == position)
    )


def played(session: Session, draft: DraftRow, graph: "nx.Graph[str]") -> Draft:
    """Return the draft at its cursor: the last snapshot before it, and every command since."""
    shot = session.scalars(
        select(SnapshotRow)
        .where(SnapshotRow.draft_id == draft.id, SnapshotRow.position <= draft.position)
        .order_by(SnapshotRow.position.desc())
        .limit(1)
    ).one()
    state = typed(shot.record, Draft)
    for row in _commands(session, draft):
        if shot.position < row.position <= draft.position:
            state = applied(state, from_record(row.record), graph)
    return state


def append(
    session: Session, project: ProjectRow, draft: DraftRow, command: Command, after: Draft, who: str
) -> CommandRow:
    """Put a command at the cursor, `after` being what it makes of the draft; what was undone is no longer there."""
    before = draft.position
    undone = [row.record for row in _commands(session, draft) if row.position > before]
    for table in (CommandRow, SnapshotRow):
        session.execute(delete(table).where(table.draft_id == draft.id, table.position > before))
    row = CommandRow(draft_id=draft.id, position=before + 1, record=as_record(command), who=who)
    _move_to(draft, before + 1, who)
    draft.length = draft.position
    if draft.position % SNAPSHOT_EVERY == 0:
        session.add(SnapshotRow(draft_id=draft.id, position=draft.position, record=plain(after)))
    row.at = audit.record(
        session,
        project,
        who,
        "append",
        draft=draft,
        before={"position": before, "undone": undone},
        after={"position": draft.position, "command": row.record},
    )
    session.add(row)
    session.flush()
    return row


def undo(session: Session, project: ProjectRow, draft: DraftRow, who: str) -> None:
    """Put the cursor one command back; raises DataError at the beginning."""
    row = command_at(session, draft, draft.position)
    if row is None:
        raise DataError("store.nothing_to_undo")
    before = {"position": draft.position, "command": row.record}
    _move_to(draft, draft.position - 1, who)
    audit.record(
        session, project, who, "undo", draft=draft, before=before, after={"position": draft.position}
    )


def redo(session: Session, project: ProjectRow, draft: DraftRow, who: str) -> None:
    """Put the cursor one command on; raises DataError at the end."""
    row = command_at(session, draft, draft.position + 1)
    if row is None:
        raise DataError("store.nothing_to_redo")
    before = {"position": draft.position}
    _move_to(draft, draft.position + 1, who)
    after = {"position": draft.position, "command": row.record}
    audit.record(session, project, who, "redo", draft=draft, before=before, after=after)


def steps(session: Session, draft: DraftRow) -> tuple[NamedStep, ...]:
    """Return the log by name, the oldest first, what was undone at its end."""
    return tuple(
        NamedStep(
            row.position, title(from_record(row.record)), row.who, row.at, row.position > draft.position
        )
        for row in _commands(session, draft)
    )


def _commands(session: Session, draft: DraftRow) -> list[CommandRow]:
    rows = select(CommandRow).where(CommandRow.draft_id == draft.id).order_by(CommandRow.position)
    return list(session.scalars(rows))


def _move_to(draft: DraftRow, position: int, who: str) -> None:
    draft.position, draft.who, draft.at = position, who, audit.now()
