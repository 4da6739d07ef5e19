"""The draft on the desk: which one, as it stands, and every change on its way into the project file.

Nothing is kept here that is not in the file: a page loaded again, another desk and a server started again show the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import streamlit as st

from geo.schema import DataError
from geo.wording import say
from jobs.projects import basis_of, project_of
from jobs.reopened import Reopened, reopened
from jobs.revised import revised
from optimizer.checks import Violation, check
from report.reopening import read_results
from report.results import Results
from store.audit import StaleError
from store.drafts import Draft, dressed
from store.edits import Command, entered
from store.parts import refuse_outside, touched_by
from store.project import DraftLine, OpenDraft, Project, open_project
from ui.people import access, who

DRAFT = "draft_id"
SHOWN = "shown"  # what the page showed last: a click means that
CONFLICT = "conflict"
SAID = "said"  # what the last change has to say

Write = Callable[[int], int]  # expected revision → revision after it


@dataclass(frozen=True)
class Conflict:
    """A command that met a draft which somebody else had changed: it is not done, and nothing is lost.

    `shown` is the draft as the page showed it at the click; the page itself goes on to what was saved meanwhile.
    """

    command: Command | None
    error: StaleError
    shown: OpenDraft


class Taken:
    """A project that is open on this server, on one of its plans; desks share it.

    `basis` is the number of the data that this plan made: drafts on other data are opened with theirs.
    """

    def __init__(self, folder: Path, shelf: Path) -> None:
        self.project: Project = open_project(project_of(folder, shelf), access=access())
        self.basis: int = basis_of(self.project, folder)
        self.base: Results = read_results(folder)
        self.town: Reopened = reopened(self.base)
        self._last: dict[int, tuple[int, Results]] = {}
        self._lock = Lock()

    def draft(self, draft_id: int) -> OpenDraft:
        """Return a draft as it stands in the file, the one that was changed last where none on these data has this number."""
        drafts = {line.draft_id: line for line in self.drafts()}
        chosen = draft_id if draft_id in drafts else next(iter(drafts))
        return self.project.draft(chosen, self.town.graph)

    def drafts(self) -> tuple[DraftLine, ...]:
        """Return the drafts on these data, the one that was changed last first."""
        return tuple(line for line in self.project.drafts() if line.basis == self.basis)

    def broken(self, draft: OpenDraft) -> tuple[Violation, ...]:
        """Return the rules that the draft breaks."""
        state = draft.state
        return tuple(check(state.plan, dressed(self.town.graph, state), self.town.rules))

    def results(self, draft: OpenDraft, *, broken: Sequence[Violation] | None = None) -> Results:
        """Return what the draft says, made of what it said last; `broken` as above, where the caller has it."""
        with self._lock:
            revision, last = self._last.get(draft.draft_id, (0, None))
            if last is None or revision != draft.revision:
                last = revised(self.base, self.town, draft.state, last=last, broken=broken)
                self._last[draft.draft_id] = (draft.revision, last)
            return last


# --- changes ---------------------------------------------------------------------------------------


def apply(command: Command) -> bool:
    """Put a command into the log of the draft that the page shows; tell whether it is done."""
    taken, draft = _here()
    return _written(
        lambda revision: taken.project.append(
            draft.draft_id, command, revision, who(), graph=taken.town.graph
        ),
        command,
    )


def outside(command: Command) -> str:
    """Return why who works here may not do this, where it touches what is not in their part of the office; else ""."""
    taken, draft = _here()
    if not access().member(who()).limited:
        return ""
    try:
        _keep_to_part(draft.state, entered(draft.state, command, taken.town.graph))
    except DataError as error:
        return str(error)
    return ""


def _keep_to_part(before: Draft, after: Draft) -> None:
    """Raise DataError where the way from one state to the other leaves the part of who works here, as the store would."""
    member = access().member(who())
    if member.limited:
        table = _here()[0].base.communities
        rows = zip(table.index, table["name"], table["committee"], table["grids"], strict=True)
        refuse_outside(member, touched_by(before, after), rows)


def apply_all(commands: Sequence[Command]) -> bool:
    """Put several commands into the log, one after the other, or none where one of them cannot be done."""
    taken, draft = _here()

    def write(revision: int) -> int:
        state = draft.state
        for command in commands:
            state = entered(state, command, taken.town.graph)
        _keep_to_part(draft.state, state)
        for command in commands:
            revision = taken.project.append(draft.draft_id, command, revision, who(), graph=taken.town.graph)
        return revision

    return _written(write)


def undo() -> None:
    """Take the last command back."""
    taken, draft = _here()
    _written(lambda revision: taken.project.undo(draft.draft_id, revision, who()))


def redo() -> None:
    """Do again what was taken back last."""
    taken, draft = _here()
    _written(lambda revision: taken.project.redo(draft.draft_id, revision, who()))


def _here() -> tuple[Taken, OpenDraft]:
    shown = st.session_state[SHOWN]
    return shown.taken, shown.draft


def _written(write: Write, command: Command | None = None) -> bool:
    """Write on what the page shows; a draft that moved on leaves a conflict, a refusal its sentence."""
    _, draft = _here()
    st.session_state[SAID] = ""
    try:
        write(draft.revision)
    except StaleError as error:
        st.session_state[CONFLICT] = Conflict(command, error, draft)
        return False
    except DataError as error:
        st.session_state[SAID] = str(error)
        return False
    return True


# --- conflicts -------------------------------------------------------------------------------------


def keep_mine() -> None:
    """Do the command again, on what is there now."""
    conflict: Conflict = st.session_state.pop(CONFLICT)
    taken, draft = _here()
    if conflict.command is None:
        return
    now = taken.draft(draft.draft_id)
    command = conflict.command
    try:
        taken.project.append(draft.draft_id, command, now.revision, who(), graph=taken.town.graph)
    except StaleError as error:
        st.session_state[CONFLICT] = Conflict(command, error, conflict.shown)
    except DataError as error:
        st.session_state[SAID] = str(error)


def take_theirs() -> None:
    """Leave it at what is there now."""
    st.session_state.pop(CONFLICT)


def keep_copy() -> None:
    """Keep what the page showed, with the command, as a draft of its own, and go on there."""
    conflict: Conflict = st.session_state.pop(CONFLICT)
    taken, _ = _here()
    draft = conflict.shown
    state = draft.state
    try:
        if conflict.command is not None:
            state = entered(state, conflict.command, taken.town.graph)
        title = say("desk.draft.copy_title", title=draft.title, who=who())
        open_draft(taken.project.add_draft(title, state, who(), basis=taken.basis))
    except DataError as error:
        st.session_state[SAID] = str(error)


def open_draft(draft_id: int) -> None:
    """Make another draft of the project the one on the desk."""
    st.session_state[DRAFT] = draft_id
