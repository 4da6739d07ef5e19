"""Entering what came back: a filled ledger, looked at before it is taken in; or one form after the other by keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import streamlit as st

from geo.days import iso_day
from geo.schema import DataError
from geo.wording import listed, say
from jobs.intake import DIFFERS, TYPED, Intake, intake, typed_answer, with_answers
from report.handed_in import HandedIn, read_ledger, word
from report.maptext import map_text
from store.opinions import Answer, Change, Form
from ui.consulted import Consulted, say_next, tried
from ui.look import tell
from ui.people import ready, who
from ui.tables import table_html
from ui.uploads import safe_name

PENDING, UPLOADED, ASKED, DONE = "opinions-pending", "opinions-uploaded", "opinions-typed", "opinions-done"
DONE_SHOWN = 5


@dataclass(frozen=True)
class Pending:
    """Ledgers that were read for an area and are not taken in yet."""

    key: str
    handed: HandedIn


def entry(found: Consulted) -> None:
    """Show both ways in."""
    st.html(f"<h3>{say('opinions.enter_head')}</h3>")
    day = _day()
    _ledger(found, day)
    _typed(found, day)


def _day() -> str:
    """Ask for the day of return that stands in where none is written; "" where it is none."""
    today = datetime.now().astimezone().date().isoformat()
    told = st.text_input(
        say("opinions.day"), value=today, max_chars=20, key="opinions-day", persist_state="session"
    )
    day = iso_day(told)
    if told.strip() and not day:
        tell(say("opinions.day_wrong"), mark="bad")
    return day


# --- ledgers ---------------------------------------------------------------------------------------


def _ledger(found: Consulted, day: str) -> None:
    given: Any = st.file_uploader(
        say("opinions.upload"),
        type=["xlsx", "xls"],
        accept_multiple_files=True,
        key=f"opinions-upload-{st.session_state.get('opinions-turn', 0)}",
        disabled=not ready("put_forms"),
    )
    st.html(f'<p class="desk-note">{say("opinions.upload_note")}</p>')
    ids = [found.key, *(file.file_id for file in given or ())]
    if given and ids != st.session_state.get(UPLOADED):
        st.session_state[UPLOADED] = ids
        try:
            st.session_state[PENDING] = Pending(found.key, _read(given))
        except DataError as error:
            st.session_state.pop(PENDING, None)
            tell(str(error), mark="bad")
    pending: Pending | None = st.session_state.get(PENDING)
    if pending is not None and pending.key == found.key:
        _preview(found, pending, day)


def _read(given: Sequence[Any]) -> HandedIn:
    """Read the files one after the other; raises DataError for one that is no ledger of ours."""
    read = []
    with TemporaryDirectory() as folder:
        for number, upload in enumerate(given):
            path = Path(folder) / str(number) / safe_name(upload.name)
            path.parent.mkdir()
            path.write_bytes(upload.getbuffer())
            read.append(read_ledger(path, today=date.today()))  # noqa: DTZ011 - the day of the office
    return HandedIn(
        tuple(row for one in read for row in one.entries), tuple(row for one in read for row in one.refused)
    )


def _preview(found: Consulted, pending: Pending, day: str) -> None:
    """Show what would be entered and what cannot be; take it in."""
    differs = st.session_state.get(f"opinions-differs-{found.key}", "") or ""
    open_yet = intake(pending.handed, found.forms, found.names, day=day)
    told = intake(pending.handed, found.forms, found.names, day=day, differs=differs)
    counts = {"rows": open_yet.rows, "changed": open_yet.changed, "same": open_yet.same}
    counts |= {"differing": sum(one.rows for one in open_yet.differing), "refused": len(open_yet.refused)}
    with st.container(key="opinions-read"):
        tell(say("opinions.read", **counts))
        if told.refused:
            st.html(
                f"<h4>{say('opinions.refused_head')}</h4>"
                + table_html(_refused_table(told), "opinion-refused")
            )
        if other := list(told.overwritten()):
            st.html(
                f"<h4>{say('opinions.overwritten_head')}</h4>"
                + table_html(_overwritten(other), "opinion-other")
            )
        if open_yet.differing:
            st.html(
                f"<h4>{say('opinions.differing_head')}</h4>"
                + table_html(_differing(open_yet), "opinion-differing")
            )
            st.radio(
                say("opinions.differing_ask"),
                DIFFERS,
                index=None,
                format_func=lambda way: say(f"opinions.differs.{way}"),
                key=f"opinions-differs-{found.key}",
            )
        _take(found, told)


def _take(found: Consulted, told: Intake) -> None:
    number = len(told.forms_changed)
    if not told.changes and not told.differing:
        st.html(f'<p class="desk-note">{say("opinions.nothing")}</p>')
    with st.container(horizontal=True):
        asked = st.button(
            say("opinions.take", number=number),
            type="primary",
            disabled=not ready("put_forms") or not told.changes or bool(told.differing),
            key=f"take-{found.key}",
        )
        st.button(say("opinions.drop"), on_click=_drop, key=f"drop-{found.key}")
    if asked:
        tried(lambda: found.project.put_forms(told.changes, who()))
        _drop()
        say_next(say("opinions.taken", number=number))
        st.rerun()


def _drop() -> None:
    """Forget what was read: it may name people."""
    st.session_state["opinions-turn"] = st.session_state.get("opinions-turn", 0) + 1
    for key in [PENDING, UPLOADED, *(k for k in st.session_state if str(k).startswith("opinions-differs-"))]:
        st.session_state.pop(key, None)


def _refused_table(told: Intake) -> pd.DataFrame:
    rows = [(one.form_no, one.sheet, why) for one in told.refused for why in one.why]
    return pd.DataFrame(rows, columns=[say(f"opinions.column.{key}") for key in ("form_no", "row", "why")])


def _overwritten(rows: Sequence[tuple[str, str, object, object]]) -> pd.DataFrame:
    told = [
        (n, say(f"opinions.column.{key}"), _cell(key, before), _cell(key, now))
        for n, key, before, now in rows
    ]
    heads = [say(f"opinions.column.{key}") for key in ("form_no", "what", "before", "after")]
    return pd.DataFrame(told, columns=heads)


def _cell(key: str, value: object) -> str:
    return word(key, str(value)) if key == "way" else str(value)


def _differing(told: Intake) -> pd.DataFrame:
    rows = [
        (one.form.form_no, _answers_words(one.form.answers), _answers_words(one.answers))
        for one in told.differing
    ]
    return pd.DataFrame(rows, columns=[say(f"opinions.column.{key}") for key in ("form_no", "kept", "told")])


def answer_words(answer: Answer) -> str:
    """Return what an answer says: its opinion, or why it does not count."""
    return word("fault", answer.fault) or word("opinion", answer.opinion)


def _answers_words(answers: Sequence[Answer]) -> str:
    return listed(answer_words(one) for one in answers)


# --- by keyboard -----------------------------------------------------------------------------------


def _typed(found: Consulted, day: str) -> None:
    """Take one form after the other; what differs from what is kept waits for a choice."""
    key = f"opinions-line-{found.key}"
    with st.form(f"opinions-typed-{found.key}", clear_on_submit=True, border=False):
        line = st.text_input(
            say("opinions.typed"),
            max_chars=40,
            key=key,
            placeholder=say("opinions.typed_example"),
            disabled=not ready("put_forms") or not day,
        )
        asked = st.form_submit_button(say("opinions.enter"), disabled=not ready("put_forms") or not day)
    codes = [
        say("opinions.typed_code", code=c, words=answer_words(Answer(o, "", f)))
        for c, (o, f) in TYPED.items()
    ]
    st.html(f'<p class="desk-note">{say("opinions.typed_codes", codes=tuple(codes))}</p>')
    if asked and line.strip() and day:
        _entered(found, line, day)
    _asked(found)
    for words in st.session_state.get(f"{DONE}-{found.key}", ()):
        st.html(f'<p class="desk-note opinion-done">{map_text(words)}</p>')


def _entered(found: Consulted, line: str, day: str) -> None:
    try:
        form, answer = typed_answer(line, found.forms, day=day)
    except DataError as error:
        tell(str(error), mark="bad")
        return
    after = with_answers(form, (answer,))
    if after is None:
        st.session_state[ASKED] = (found.key, form, answer)
        return
    _write(found, form, after, answer)


def _asked(found: Consulted) -> None:
    """Ask what a form is that is kept with another opinion."""
    key, form, answer = st.session_state.get(ASKED, ("", None, None))
    if key != found.key or form is None:
        return
    told = {"form": form.form_no, "kept": _answers_words(form.answers), "told": answer_words(answer)}
    tell(say("opinions.typed_differs", **told), mark="fair")
    with st.container(horizontal=True):
        for way in DIFFERS:
            if st.button(say(f"opinions.differs.{way}"), key=f"typed-{way}-{found.key}"):
                after = with_answers(form, (answer,), differs=way)
                assert after is not None
                _write(found, form, after, answer)
        if st.button(say("opinions.drop"), key=f"typed-drop-{found.key}"):
            st.session_state.pop(ASKED)
            st.rerun()


def _write(found: Consulted, form: Form, after: Form, answer: Answer) -> None:
    st.session_state.pop(ASKED, None)
    tried(lambda: found.project.put_forms([Change(form, after)], who()))
    key = f"{DONE}-{found.key}"
    words = say("opinions.typed_done", form=form.form_no, words=answer_words(answer))
    st.session_state[key] = (words, *st.session_state.get(key, ()))[:DONE_SHOWN]
    st.rerun()
