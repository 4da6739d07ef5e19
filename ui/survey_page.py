"""户数补录: whose count to ask for first, sheets to hand out, what came back, and what it changes before it is applied."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import streamlit as st

from geo.days import iso_day
from geo.schema import DataError
from geo.wording import language, say
from jobs.recounting import Recount, Recounted, kept
from jobs.surveying import Counted, Unusable, needs, usable
from report.effects import decisions_table, effects_table
from report.maptext import map_text
from report.survey import SURVEY_COLUMNS, RefusedRow, read_filled
from report.surveysheets import Need, known_words, places_of, survey_sheets
from report.workbooks import write_workbook
from ui import hunting, people, session, start_page
from ui.hunting import Hunt
from ui.look import tell
from ui.session import Opened, guarded
from ui.tables import table_html
from ui.uploads import safe_name

PENDING, TRY, TRIED, DONE = "survey-pending", "survey-try", "survey-tried", "survey-done"
WORKBOOK = "survey.xlsx"

Tried = tuple[str, int, int, tuple[Counted, ...]]  # plan, draft, revision and counts of what was tried


@dataclass(frozen=True)
class Pending:
    """What came back and is not applied yet: `rows` of SURVEY_COLUMNS, for the plan of this `digest`."""

    digest: str
    rows: pd.DataFrame
    refused: tuple[RefusedRow, ...] = ()


def survey() -> None:
    """Show what to survey, take back what was counted, and put it into the plan."""
    with guarded():
        if not session.is_open():
            start_page.doors()
            return
        st.html(f'<div class="desk-head"><h1>{say("desk.page.survey")}</h1><p>{say("survey.lead")}</p></div>')
        opened = session.current()
        _done(opened)
        wanted = _needs(opened)
        left, right = st.columns([3, 2], gap="large")
        with left:
            _ranked(opened, wanted)
        with right:
            _handed_out(opened, wanted)
            _handed_in(opened)
            _by_hand(opened, wanted)
        _read(opened)


# --- what to survey first --------------------------------------------------------------------------


def _needs(opened: Opened) -> tuple[Need, ...]:
    draft = opened.draft
    return _kept_needs((opened.digest, draft.draft_id, draft.revision, language()), _opened=opened)


@st.cache_resource(max_entries=16, show_spinner=False)
def _kept_needs(state: Any, *, _opened: Opened) -> tuple[Need, ...]:  # noqa: ARG001 - what is kept by
    return needs(_opened.results, _opened.taken.town, _opened.draft.state)


def _ranked(opened: Opened, wanted: Sequence[Need]) -> None:
    unknown = sum(need.count is None for need in wanted)
    numbers = {"unknown": unknown, "guessed": len(wanted) - unknown, "first": sum(n.decides for n in wanted)}
    st.html(f"<h3>{say('survey.page.first')}</h3>")
    if not wanted:
        st.html(f'<p class="desk-note">{say("survey.none")}</p>')
        return
    places = places_of(opened.results)
    columns = {
        "rank": [str(n) for n in range(1, len(wanted) + 1)],
        "name": [need.name for need in wanted],
        "place": [places[need.community_id] for need in wanted],
        "known": [known_words(need) for need in wanted],
        "why": [need.why for need in wanted],
    }
    told = {key: cells for key, cells in columns.items() if any(cells)}
    table = pd.DataFrame(told).set_axis([say(f"survey.column.{key}") for key in told], axis=1)
    st.html(
        f'<p class="desk-note">{say("survey.counted", **numbers)}</p>' + table_html(table, "survey-first")
    )


# --- sheets out and in -----------------------------------------------------------------------------


def _handed_out(opened: Opened, wanted: Sequence[Need]) -> None:
    """Offer the workbook to hand out, a sheet a grid."""

    def workbook() -> bytes:
        with TemporaryDirectory() as folder:
            path = Path(folder) / WORKBOOK
            write_workbook(path, list(survey_sheets(opened.results, wanted)))
            return path.read_bytes()

    st.html(f"<h3>{say('survey.page.out')}</h3><p class='desk-note'>{say('survey.page.out_note')}</p>")
    st.download_button(
        say("survey.page.download"),
        data=workbook,
        file_name=WORKBOOK,
        on_click="ignore",
        disabled=not wanted,
        width="stretch",
    )


def _handed_in(opened: Opened) -> None:
    """Take filled sheets back, one or several."""
    st.html(f"<h3>{say('survey.page.back')}</h3><p class='desk-note'>{say('survey.page.back_note')}</p>")
    given: Any = st.file_uploader(
        say("survey.page.back"),
        type=["xlsx", "xls"],
        accept_multiple_files=True,
        key="survey-upload",
        label_visibility="collapsed",
    )
    ids = [file.file_id for file in given or ()]
    if ids and ids != st.session_state.get("survey-uploaded"):
        st.session_state["survey-uploaded"] = ids
        try:
            st.session_state[PENDING] = _pending(opened, given)
        except DataError as error:
            st.session_state.pop(PENDING, None)
            tell(str(error), mark="bad")
    source, date = st.columns(2)
    with source:
        st.text_input(say("survey.page.source"), key="survey-source", max_chars=80, persist_state="session")
    with date:
        st.text_input(
            say("survey.page.date"),
            key="survey-date",
            max_chars=20,
            placeholder=_today(),
            persist_state="session",
        )


def _pending(opened: Opened, given: Sequence[Any]) -> Pending:
    """Read the files one after the other; raises DataError for one that is no survey workbook of ours."""
    read = []
    with TemporaryDirectory() as folder:
        for number, upload in enumerate(given):
            path = Path(folder) / str(number) / safe_name(upload.name)
            path.parent.mkdir()
            path.write_bytes(upload.getbuffer())
            read.append(read_filled(path))
    rows = pd.concat([one.rows for one in read], ignore_index=True)
    return Pending(opened.digest, rows, tuple(row for one in read for row in one.refused))


def _by_hand(opened: Opened, wanted: Sequence[Need]) -> None:
    """Take a single count that somebody tells; at once of the community whose card led here."""
    table = opened.results.communities
    ids = [need.community_id for need in wanted]
    _, asked = st.session_state.get("selected") or ("", "")
    first = ids.index(asked) if asked in ids else None
    ids += [c for c in table.index if c not in set(ids)]
    names = table["name"]
    with (
        st.expander(say("survey.page.by_hand"), expanded=first is not None),
        st.form("survey-by-hand", clear_on_submit=True, border=False),
    ):
        community = st.selectbox(
            say("survey.column.name"),
            ids,
            index=first,
            placeholder=say("desk.ask.choose"),
            format_func=lambda c: names[c] if names[c] == c else f"{names[c]} {c}",
        )
        count = st.number_input(say("survey.column.count"), min_value=1, step=1, value=None)
        status = st.radio(
            say("survey.column.status"),
            ["surveyed", "estimated"],
            format_func=lambda code: say(f"report.status.{code}"),
            horizontal=True,
        )
        source = st.text_input(say("survey.column.source"), max_chars=80)
        date = st.text_input(say("survey.column.date"), max_chars=20, placeholder=_today())
        if st.form_submit_button(say("survey.page.add"), width="stretch") and community and count:
            row = (community, int(count), status, source, iso_day(date) or date)
            _add(opened, row)


def _add(opened: Opened, row: tuple[str, int, str, str, str]) -> None:
    """Put a count beside what came back already; the later one counts."""
    before = _waiting(opened)
    rows = before.rows[before.rows["community_id"] != row[0]]
    new = pd.DataFrame([row], columns=list(SURVEY_COLUMNS)).astype(SURVEY_COLUMNS)
    both = pd.concat([rows, new], ignore_index=True)
    st.session_state[PENDING] = Pending(opened.digest, both, before.refused)


def _waiting(opened: Opened) -> Pending:
    found: Pending | None = st.session_state.get(PENDING)
    if found is None or found.digest != opened.digest:
        return Pending(opened.digest, pd.DataFrame(columns=list(SURVEY_COLUMNS)).astype(SURVEY_COLUMNS))
    return found


# --- what was read ---------------------------------------------------------------------------------


def _read(opened: Opened) -> None:
    """Show what was read and what was refused; then what the plan would be, once it was tried."""
    waiting = _waiting(opened)
    if waiting.rows.empty and not waiting.refused:
        return
    good, bad = usable(
        waiting.rows,
        opened.results.communities,
        source=str(st.session_state.get("survey-source", "")),
        date=str(st.session_state.get("survey-date", "")),
        today=dt.date.fromisoformat(_today()),
    )
    with st.container(key="survey-read"):
        st.html(
            f"<h3>{say('survey.page.read')}</h3>"
            f'<p class="desk-note">{say("survey.page.read_note", good=len(good), bad=len(bad) + len(waiting.refused))}</p>'
        )
        if bad or waiting.refused:
            st.html(table_html(_refused_table(opened, bad, waiting.refused), "survey-refused"))
        if good:
            st.html(table_html(_good_table(opened, good), "survey-good"))
        _tried(opened, good)


def _good_table(opened: Opened, good: Sequence[Counted]) -> pd.DataFrame:
    now = opened.results.communities.loc[[one.community_id for one in good]]
    before = [
        say("report.status.unknown")
        if pd.isna(count)
        else say("report.counted", count=count, status=say(f"report.status.{status}"))
        for count, status in zip(now["count"], now["count_status"], strict=True)
    ]
    table = {
        "id": [one.community_id for one in good],
        "name": list(now["name"]),
        "before": before,
        "after": [
            say("report.counted", count=one.count, status=say(f"report.status.{one.status}")) for one in good
        ],
        "source": [one.source for one in good],
        "date": [one.date for one in good],
    }
    if table["id"] == table["name"]:
        del table["id"]
    return pd.DataFrame(table).set_axis([say(f"survey.column.{key}") for key in table], axis=1)


def _refused_table(opened: Opened, bad: Sequence[Unusable], refused: Sequence[RefusedRow]) -> pd.DataFrame:
    names = opened.results.communities["name"]
    told = [*((one.community_id, one.why) for one in refused), *((one.community_id, one.why) for one in bad)]
    rows = [(community, names.get(community, ""), why) for community, why in told]
    return pd.DataFrame(rows, columns=[say(f"survey.column.{key}") for key in ("id", "name", "refused")])


def _today() -> str:
    return dt.datetime.now().astimezone().date().isoformat()


# --- what it would change --------------------------------------------------------------------------


def _tried(opened: Opened, good: tuple[Counted, ...]) -> None:
    here: Tried = (opened.digest, opened.draft.draft_id, opened.draft.revision, good)
    hunt = hunting.current(TRY)
    if hunt is not None and st.session_state.get(TRIED) != here:  # other counts, or another draft, since
        hunting.forget(TRY)
        hunt = None
    if hunt is None:
        with st.container(horizontal=True):
            st.button(
                say("survey.page.try"),
                type="primary",
                on_click=_begin,
                args=(opened, good, here),
                disabled=not good,
            )
            st.button(say("survey.page.drop"), on_click=_drop)
    elif not hunt.over:
        hunting.follow(hunt, TRY)
    elif hunt.found is None:
        tell(str(hunt.refusal or say("desk.unexpected", number=hunt.incident)), mark="bad")
        st.button(say("survey.page.drop"), on_click=_drop)
    else:
        st.html(f"<h3>{say('survey.page.changes')}</h3>")
        _changes(hunt.found)
        _apply(opened, hunt, good)


def _begin(opened: Opened, good: tuple[Counted, ...], here: Tried) -> None:
    taken, draft = opened.taken, opened.draft
    st.session_state[TRIED] = here
    question = Recount(taken.base, taken.town, draft.state, opened.results, good, taken.project.under_way())
    hunting.begin(question, TRY)


def _drop() -> None:
    hunting.forget(TRY)
    for key in (PENDING, TRIED):
        st.session_state.pop(key, None)


def _changes(found: Recounted) -> None:
    """Show what the counts change: in lines, then one by one."""
    update, lines = found.update, "<br>".join(map_text(line) for line in found.lines)
    st.html(f'<p class="desk-says survey-lines">{lines}</p>')
    tables = {"effects": effects_table(update.effects, update.names)}
    if update.decisions:
        tables["decisions"] = decisions_table(update.decisions, update.names)
    labels = [f"{say(f'updating.sheet.{key}')} {len(table)}" for key, table in tables.items()]
    for tab, (key, table) in zip(st.tabs(labels), tables.items(), strict=True):
        with tab:
            st.html(table_html(_told(table), f"survey-{key}"))


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the columns that say nothing."""
    return table.loc[:, (table != "").any()]


def _apply(opened: Opened, hunt: Hunt[Recounted], good: tuple[Counted, ...]) -> None:
    st.html(f'<p class="desk-note">{say("survey.page.apply_note")}</p>')
    people.ask_who("survey", "update")
    with st.container(horizontal=True):
        asked = st.button(say("survey.page.apply"), type="primary", disabled=not people.ready("update"))
        st.button(say("survey.page.drop"), on_click=_drop)
    found = hunt.found
    if asked and found is not None:
        people.require("update")
        project = opened.taken.project
        draft = kept(found.update, good, opened.draft, project, who=people.who())
        _drop()
        session.open_basis(project, draft.basis, draft.draft_id)
        st.session_state[DONE] = (session.digest_of(session.folder()), len(good), found)
        st.rerun()


def _done(opened: Opened) -> None:
    """Say what was applied last, as long as its plan is on the desk."""
    digest, number, found = st.session_state.get(DONE, ("", 0, None))
    if digest != opened.digest or found is None:
        return
    tell(say("survey.page.done", number=number))
    _changes(found)
    st.page_link(session.page("plan"), label=say("survey.page.to_plan"))
