"""用我的数据: files are handed over, what was read is looked at and mended, then it is planned, or carried into the open plan."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo.schema import DataError
from geo.wording import language, say
from jobs.request import Request
from ui import handed, matching, people, progress, questions, reader, readings, reimport, session
from ui.checked import checked
from ui.look import tell
from ui.panel import in_view
from ui.reader import Seen
from ui.runs import Run, new_token, sentence
from ui.session import guarded
from ui.uploads import Draft

SEEN = "intake_seen"  # what was read last, and of what
SAID = "intake_said"  # what stands beside the button: a key of the catalogue
NEW, OLD = "new", "old"


def own_data() -> None:
    """Take files, show what was read, ask what is not clear, plan, and open the result on the first page."""
    with guarded():
        st.html(
            f'<div class="desk-head"><h1>{say("desk.page.import")}</h1><p>{say("desk.import.lead")}</p></div>'
        )
        draft = _draft()
        run = session.run()
        if run is not None and run.state.outcome == "done":
            session.open_plan(st.session_state.run)
            st.switch_page(session.page("plan"))
        left, right = st.columns([3, 2], gap="large")
        with right:
            asked, going, said, standing = st.container(), st.container(), st.empty(), st.container()
        if SAID in st.session_state:  # else it would flicker
            _say(said, st.session_state[SAID])
        with left:
            handed.files(draft, reading=_reading(said))
        with asked:
            mode = _mode()
            options = _options(mode)
        request = _request(draft, options)
        seen = None if request is None else _seen(request, reading=_reading(said))
        if seen is not None and seen.preview.head is not None and matching.recall(draft, seen.preview.head):
            st.rerun()
        with going:
            _go_on(draft, request, seen, mode=mode, run=run)
        _say(said, _how_it_stands(draft, seen, mode=mode, run=run))
        if mode == NEW and run is not None:
            with standing:
                _standing(run)
        if mode == OLD and request is not None and seen is not None:
            reimport.changes(request, session.current())
        if seen is not None:
            _looked_at(draft, seen)


def _draft() -> Draft:
    if "draft" not in st.session_state:
        st.session_state.draft = Draft()
    draft: Draft = st.session_state.draft
    return draft


# --- what was read ---------------------------------------------------------------------------------


def _request(draft: Draft, options: dict[str, Any]) -> Request | None:
    """Return what would be planned, None as long as files are missing or doubled."""
    return draft.request(**options) if draft.has_ledger() and not draft.twice() else None


def _seen(request: Request, *, reading: AbstractContextManager[None]) -> Seen:
    """Return what a run of this request would read; read again only where something is other."""
    state = (str(request), language())
    last: tuple[object, Seen] | None = st.session_state.get(SEEN)
    if last is None or last[0] != state:
        with reading, st.spinner(say("intake.reading")):
            last = (state, reader.seen_of(request))
        st.session_state[SEEN] = last
    return last[1]


def _looked_at(draft: Draft, seen: Seen) -> None:
    """Show what was read, or the question that stands in the way."""
    if seen.refusal is None:
        name = next(part.path.stem for part in draft.parts if part.role == "communities")
        checked(draft, seen.preview, title=name)
        return
    with st.container(border=True, key="question"):
        if seen.preview.readings:
            tell(sentence(seen.refusal))
            system = readings.chosen(seen.preview.readings)
            if not system:
                return
            draft.answers["crs"] = system
        elif not questions.ask(seen.refusal, draft):
            return
    st.rerun()


# --- going on --------------------------------------------------------------------------------------


def _go_on(draft: Draft, request: Request | None, seen: Seen | None, *, mode: str, run: Run | None) -> None:
    """Show the button that plans, or those that update."""
    ready = seen is not None and seen.refusal is None
    if mode == OLD:
        if request is not None:
            reimport.update(request, session.current(), ready=ready)
        return
    people.say_refused("run")
    busy = run is not None and not run.state.over
    if st.button(
        say("desk.import.start"),
        type="primary",
        disabled=busy or not ready or not people.may("run"),
        width="stretch",
    ):
        assert request is not None
        _start(draft, request, seen)


def _how_it_stands(draft: Draft, seen: Seen | None, *, mode: str, run: Run | None) -> str:
    """Return what there is to say at the button: what is missing, or that nothing is; "" where a run says it."""
    if mode == NEW and run is not None:
        return ""
    if seen is None:
        return "intake.mend_first" if draft.twice() else "intake.no_ledger"
    if mode == OLD:
        return ""
    return "intake.ready" if seen.refusal is None else "intake.answer_first"


def _say(place: DeltaGenerator, key: str) -> None:
    """Show one sentence in this place, and keep it: the page begins with it when it runs again."""
    st.session_state[SAID] = key
    if key:
        place.html(f'<p class="desk-note">{say(key)}</p>')
    else:
        place.empty()


@contextmanager
def _reading(place: DeltaGenerator) -> Iterator[None]:
    """Say in this place that files are being read, instead of what was missing before."""
    _say(place, "intake.reading")
    try:
        yield
    except DataError:
        _say(place, "")
        raise


def _start(draft: Draft, request: Request, seen: Seen | None) -> None:
    if seen is not None and seen.preview.head is not None:
        matching.keep(draft, seen.preview.head)
    token = new_token()
    session.start_run(request, session.PLANS / token, key=token, kept=draft.folder)
    st.session_state.run = token
    st.rerun()


def _standing(run: Run) -> None:
    """Show at the button how the run stands, and turn the page to it."""
    with st.container(key="standing"):
        if not run.state.over:
            progress.follow(st.session_state.run)
        else:
            tell(progress.ended(run), mark="fair")
        in_view("standing", turn=f"{st.session_state.run} {run.state.over}")


# --- options ---------------------------------------------------------------------------------------


def _mode() -> str:
    """Ask whether the files make a new plan or update the open one, where one is open."""
    if not session.is_open():
        return NEW
    return str(
        st.radio(
            say("intake.update.mode"),
            [NEW, OLD],
            format_func=lambda mode: say(f"intake.update.{mode}"),
            key="intake-mode",
            horizontal=True,
        )
    )


def _options(mode: str) -> dict[str, Any]:
    """Ask for the rules; those of an open plan stay as they are."""
    told: dict[str, Any] = {}
    if mode == NEW:
        st.html(
            f"<h3>{say('desk.import.rules')}</h3><p class='desk-note'>{say('desk.import.rules_note')}</p>"
        )
        st.page_link(session.page("rules"), label=say("rules.to_page"))
        for name, low in (("minimum", 1), ("reach_m", 0), ("upper", 1)):
            told[name] = _number(name, low=low)
        told["rules"] = session.office_rules()
    told["unknown"] = st.radio(
        say("desk.option.unknown"),
        ["hold", "median"],
        format_func=lambda choice: say(f"desk.option.unknown_{choice}"),
        key="option-unknown",
        persist_state="session",
    )
    return told


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
