"""用我的数据: files are handed over, questions answered, and a plan made beside the one that is open."""

from typing import Any

import streamlit as st

from geo.wording import listed, say
from report.maptext import map_text
from ui import progress, questions, session
from ui.look import tell
from ui.panel import in_view
from ui.runs import Run, new_token
from ui.session import guarded
from ui.uploads import ROLES, Draft

MORE = [role for role in ROLES if role != "communities"]


def own_data() -> None:
    """Take files, ask what is not clear, plan, and open the result on the first page."""
    with guarded():
        st.html(
            f'<div class="desk-head"><h1>{say("desk.page.import")}</h1><p>{say("desk.import.lead")}</p></div>'
        )
        draft = _draft()
        run = session.run()
        if run is not None and run.state.outcome == "done":
            session.open_plan(st.session_state.run)
            st.switch_page(session.page("plan"))
        busy = run is not None and not run.state.over
        left, right = st.columns([3, 2], gap="large")
        with left:
            _files(draft)
        with right:
            options = _options()
            ready = bool(draft.files.get("communities"))
            if st.button(
                say("desk.import.start"), type="primary", disabled=busy or not ready, width="stretch"
            ):
                st.session_state.options = options
                _start(draft)
            if run is None:
                st.html(
                    f'<p class="desk-note">{say("desk.import.ready" if ready else "desk.import.not_ready")}</p>'
                )
            elif _standing(run, draft):
                _start(draft)


def _draft() -> Draft:
    if "draft" not in st.session_state:
        st.session_state.draft = Draft()
    draft: Draft = st.session_state.draft
    return draft


def _standing(run: Run, draft: Draft) -> bool:
    """Show at the button how the run stands, and turn the page to it; return True where its question is answered."""
    answered = False
    with st.container(key="standing"):
        if not run.state.over:
            progress.follow(st.session_state.run)
        else:
            with st.container(border=True, key="question"):
                if run.state.refusal is not None:
                    answered = questions.ask(run.state.refusal, draft)
                else:
                    tell(progress.ended(run), mark="fair")
        in_view("standing", turn=f"{st.session_state.run} {run.state.over}")
    return answered


def _start(draft: Draft) -> None:
    token = new_token()
    request = draft.request(**st.session_state.get("options", {}))
    session.runs().start(request, session.PLANS / token, key=token, kept=draft.folder)
    st.session_state.run = token
    st.rerun()


# --- files -----------------------------------------------------------------------------------------


def _files(draft: Draft) -> None:
    st.html(f"<h3>{say('desk.import.ledger')}</h3>")
    _file(draft, "communities")
    st.html(f"<h3>{say('desk.import.more')}</h3><p class='desk-note'>{say('desk.import.more_note')}</p>")
    for role in MORE:
        number = len(draft.names(role))
        given = say("desk.file.given", number=number) if number else ""
        with st.expander(say(f"desk.file.{role}") + given, key=f"more-{role}"):
            _file(draft, role)


def _file(draft: Draft, role: str) -> None:
    st.html(f'<p class="desk-note">{say(f"desk.file.{role}_note")}</p>')
    given: Any = st.file_uploader(
        say(f"desk.file.{role}"),
        key=f"upload-{role}",
        accept_multiple_files=ROLES[role],
        label_visibility="collapsed",
    )
    files = given if isinstance(given, list) else [given] if given is not None else []
    ids = [file.file_id for file in files]
    if files and ids != st.session_state.get(f"kept-{role}"):
        draft.keep(role, files)
        st.session_state[f"kept-{role}"] = ids
        session.forget_run()  # its question was about what lay here before
        st.rerun()
    if draft.names(role) and not files:
        names = map_text(listed(draft.names(role)))
        st.html(f'<p class="desk-note">{say("desk.file.kept", names=names)}</p>')


# --- options ---------------------------------------------------------------------------------------


def _options() -> dict[str, Any]:
    st.html(f"<h3>{say('desk.import.rules')}</h3><p class='desk-note'>{say('desk.import.rules_note')}</p>")
    minimum = _number("minimum", low=1)
    reach_m = _number("reach_m", low=0)
    upper = _number("upper", low=1)
    unknown = st.radio(
        say("desk.option.unknown"),
        ["hold", "median"],
        format_func=lambda choice: say(f"desk.option.unknown_{choice}"),
        key="option-unknown",
        persist_state="session",
    )
    return {"minimum": minimum, "reach_m": reach_m, "upper": upper, "unknown": unknown}


def _number(name: str, *, low: int) -> int | None:
    value = st.number_input(
        say(f"desk.option.{name}"),
        min_value=low,
        value=None,
        step=1,
        placeholder=say(f"desk.option.{name}_usual"),
        key=f"option-{name}",
        persist_state="session",
    )
    return None if value is None else int(value)
