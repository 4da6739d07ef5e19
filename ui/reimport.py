"""更新台账: what an updated ledger would make of the draft on the desk, looked at before it is done; the old plan stays."""

from pathlib import Path

import streamlit as st

from geo.wording import say
from jobs.request import Request
from report.maptext import map_text
from ui import people, reader, session
from ui.look import tell
from ui.reader import Foreseen
from ui.runs import Refusal, sentence
from ui.session import Opened
from ui.tables import rows_html

REPLAN = "intake_update_replan"
LAST = "intake_update"  # what was foreseen last: of which files, and what it would change


def update(request: Request, opened: Opened, *, ready: bool) -> None:
    """Offer to look at the changes, show them, and apply them once they were seen."""
    lead = say("intake.update.lead", title=opened.results.title, draft=opened.draft.title)
    layers = say("intake.update.layers")
    st.html(f'<p class="desk-note">{map_text(lead)}</p><p class="desk-note">{layers}</p>')
    st.checkbox(say("intake.update.replan"), key=REPLAN, help=say("intake.update.replan_help"))
    if st.button(say("intake.update.look"), type="primary", disabled=not ready, width="stretch"):
        with st.spinner(say("intake.update.working")):
            st.session_state[LAST] = (_subject(request, opened), _foreseen(request, opened))


def changes(request: Request, opened: Opened) -> None:
    """Show what would change, where that was looked at, and take it on a click."""
    seen, told = st.session_state.get(LAST, (None, None))
    if told is None or seen != _subject(request, opened):
        return
    if isinstance(told, Refusal):
        tell(sentence(told), mark="bad")
        return
    st.html(f"<h3>{say('updating.title')}</h3>")
    locks = [say("intake.update.locks", number=told.locked)] if told.locked else []
    lines = "<br>".join(map_text(line) for line in (*told.lines, *locks))
    st.html(f'<p class="desk-says">{lines}</p>')
    for name in ("effects", "decisions"):
        heads, rows = getattr(told, name)
        none = f'<p class="desk-note">{say("intake.update.none")}</p>'
        table = rows_html(heads, rows, f"update-{name}") if rows else none
        st.html(f"<h4>{say(f'updating.sheet.{name}')} {len(rows)}</h4>{table}")
    people.ask_who("update", "update")
    with st.container(horizontal=True):
        asked = st.button(
            say("intake.update.apply"),
            type="primary",
            key="update-apply",
            disabled=not people.ready("update"),
        )
        if (workbook := _workbook(opened)).is_file():
            st.download_button(
                say("intake.update.workbook"), workbook.read_bytes(), say("intake.update.workbook_file")
            )
    if asked:
        _apply(request, opened, told)


def _subject(request: Request, opened: Opened) -> tuple[str, bool, str, int]:
    """Return what a look at changes is about: the files, how they are taken, the plan and the draft."""
    return str(request), _replan(), opened.digest, opened.draft.draft_id


def _replan() -> bool:
    return bool(st.session_state.get(REPLAN, False))


def _workbook(opened: Opened) -> Path:
    return opened.taken.project.path.with_suffix(".update.xlsx")


def _foreseen(request: Request, opened: Opened, who: str = "") -> Foreseen | Refusal:
    return reader.foreseen_of(
        opened.taken.project.path,
        request,
        draft_id=opened.draft.draft_id,
        out=_workbook(opened),
        replan=_replan(),
        who=who,
    )


def _apply(request: Request, opened: Opened, told: Foreseen) -> None:
    """Make the updated plan and open it; a draft that has moved on is looked at again first."""
    if opened.draft.revision != told.revision:
        st.session_state.pop(LAST)
        tell(say("intake.update.moved_on"), mark="fair")
        return
    people.require("update")
    with st.spinner(say("intake.update.working")):
        done = _foreseen(request, opened, who=people.who())
    if isinstance(done, Refusal):
        tell(sentence(done), mark="bad")
        return
    st.session_state.pop(LAST)
    session.open_basis(opened.taken.project, done.basis)
    st.switch_page(session.page("plan"))
