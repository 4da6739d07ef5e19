"""草稿与版本: the drafts of the project, and the versions that were frozen from them."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from geo.schema import DataError
from geo.wording import say
from jobs.unmerged import draft_as_is
from report.maptext import map_text
from report.titles import caveat_words
from store.audit import StaleError
from store.proceedings import broken_off
from ui import drafting, people, session
from ui.look import tell
from ui.session import Opened

JUDGED = "violations:"  # broken rules are judged by the store, one by one
HASH_SHOWN = 12  # signs of a hash: enough to compare with a paper by eye


def menu(opened: Opened) -> None:
    """Show drafts and versions; freeze the draft on the desk, copy it, or turn to another."""
    with st.popover(say("desk.versions.label"), width="stretch"):
        _drafts(opened)
        _as_things_are(opened)
        _frozen(opened)
        _freeze(opened)
        people.say_refused("add_draft", "copy", "freeze")


def newer(opened: Opened) -> None:
    """Say that a draft stands on data that were updated since, and lead to the draft that goes on."""
    lines = opened.taken.project.drafts()
    latest = max(lines, key=lambda line: (line.basis, line.at))
    if latest.basis <= opened.draft.basis:
        return
    tell(say("desk.versions.older_data", title=latest.title), mark="fair")
    if st.button(say("desk.versions.to_newer")):
        session.open_basis(opened.taken.project, latest.basis, latest.draft_id)
        st.rerun()


def _drafts(opened: Opened) -> None:
    lines = {line.draft_id: line for line in opened.taken.project.drafts()}
    here = opened.draft.draft_id
    order = sorted(lines)
    picked = st.selectbox(
        say("desk.versions.draft"),
        order,
        index=order.index(here),
        format_func=lambda i: say(
            "desk.versions.draft_line", title=lines[i].title, who=lines[i].who, at=_time(lines[i].at)
        ),
        key=f"draft-of-{opened.digest[:12]}-{here}",
    )
    if picked != here and lines[picked].basis == opened.draft.basis:
        drafting.open_draft(picked)
        st.rerun(scope="fragment")
    elif picked != here:
        session.open_basis(opened.taken.project, lines[picked].basis, picked)
        st.rerun()
    if st.button(say("desk.versions.copy"), width="stretch", disabled=not people.may("copy")):
        title = say("desk.draft.copy_title", title=opened.draft.title, who=people.who())
        _tried(opened, lambda: drafting.open_draft(opened.taken.project.copy(here, title, people.who())))


def _as_things_are(opened: Opened) -> None:
    """Begin a draft with the areas that are in use now, for whoever starts from these."""
    if st.button(say("desk.versions.as_is"), width="stretch", disabled=not people.may("add_draft")):
        taken, begun = opened.taken, draft_as_is(opened.taken.town)
        title = say("desk.versions.as_is_title")
        _tried(
            opened,
            lambda: drafting.open_draft(
                taken.project.add_draft(title, begun, people.who(), basis=taken.basis)
            ),
        )


def _frozen(opened: Opened) -> None:
    found = opened.taken.project.versions()
    rows = "".join(
        f"<li><b>{map_text(say('desk.versions.version', number=v.number, title=v.title))}</b> "
        f"{map_text(say('desk.versions.of', who=v.who, at=_time(v.at), hash=v.sha256[:HASH_SHOWN]))}</li>"
        for v in found
    )
    empty = f'<p class="desk-note">{say("desk.versions.none")}</p>'
    st.html(f'<ul class="desk-versions">{rows}</ul>' if rows else empty)
    if found:
        st.page_link(session.page("opinions"), label=say("opinions.to_page"))


def _freeze(opened: Opened) -> None:
    told = opened.results.summary.get("caveats", ())
    caveats = [code for code in told if not code.startswith(JUDGED)]
    project, areas = opened.taken.project, opened.draft.state.plan.areas
    caveats += broken_off(areas, project.under_way(), project.redrawn(opened.draft.basis))
    with st.form("freeze", border=False):
        title = st.text_input(say("desk.versions.title"), max_chars=60)
        known = [code for number, code in enumerate(caveats, start=1) if _confirmed(number, code)]
        asked = st.form_submit_button(
            say("desk.versions.freeze"),
            type="primary",
            width="stretch",
            disabled=not people.may("freeze"),
        )
    st.html(f'<p class="desk-note">{say("desk.versions.freeze_note")}</p>')
    if asked:
        taken, draft = opened.taken, opened.draft
        _tried(
            opened,
            lambda: taken.project.freeze(
                draft.draft_id,
                title,
                draft.revision,
                people.who(),
                graph=taken.town.graph,
                rules=taken.town.rules,
                caveats=caveats,
                confirmed=known,
            ),
        )


def _confirmed(number: int, code: str) -> bool:
    """Say what is not checked, and ask whether that is known."""
    st.html(f'<p class="desk-note">{number}. {map_text(caveat_words(code))}</p>')
    return st.checkbox(say("desk.versions.confirm", number=number), key=f"confirm-{number}")


def _tried(opened: Opened, work: Callable[[], object]) -> None:
    """Do it and show the page again; say what is in the way."""
    try:
        work()
    except StaleError as error:
        st.session_state[drafting.CONFLICT] = drafting.Conflict(None, error, opened.draft)
        st.rerun(scope="fragment")
    except DataError as error:
        tell(str(error), mark="bad")
    else:
        st.rerun(scope="fragment")


def _time(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M") if at else ""
