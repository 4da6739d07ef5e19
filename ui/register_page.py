"""备案登记: every area where its course stands, its filing and the papers for it; what is still to be done after decisions."""

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from geo.days import iso_day
from geo.wording import say
from jobs.proceeding import Docket, filing_of
from jobs.registering import Due, Entry, dues
from jobs.registering import register as registered
from report.documents.filing import MATERIALS
from report.maptext import map_text
from store.filings import FOLLOW_UPS, KINDS, Filing, FollowUp, KeptFollowUp
from store.proceedings import IN_FORCE
from store.records import digest
from ui import casework, consulted, people, register_tables, session, start_page
from ui.look import tell
from ui.register_tables import OPEN, Names
from ui.session import Opened, guarded
from ui.tables import table_html

DAYS = ("submitted_on", "received_on", "filed_on")
FORCE, ALL = "in_force", "all"
NEW = 0  # the follow-up that is not there yet


def register() -> None:
    """Show the register, take in filings and follow-ups."""
    with guarded():
        if not session.is_open():
            start_page.doors()
            return
        st.html(
            f'<div class="desk-head"><h1>{say("desk.page.register")}</h1><p>{say("register.lead")}</p></div>'
        )
        consulted.said()
        opened = session.current()
        told = casework.docket_of(opened)
        if not told.versions:
            casework.no_versions()
            return
        people.ask_who("register", "put_filing", "put_follow_up")
        entries = registered(told)
        names = _names(opened, told, entries)
        due = dues(opened.taken.project.follow_ups(), _today())
        _areas(entries, due, told, names)
        left, right = st.columns([1, 1], gap="large")
        with left:
            _filing(opened, told, entries, names)
        with right:
            _follow_ups(opened, due, entries, names)


def _names(opened: Opened, told: Docket, entries: Sequence[Entry]) -> Names:
    """Return what papers call the areas, each as its version does."""
    numbers = sorted({entry.version for entry in entries})
    called = {number: casework.work_of(opened, told, number).frozen.names for number in numbers}
    return {(e.version, e.area_id): called[e.version][e.area_id] for e in entries}


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the day of the office


# --- the register ----------------------------------------------------------------------------------


def _areas(entries: Sequence[Entry], due: Sequence[Due], told: Docket, names: Names) -> None:
    """Show the areas that are decided or filed, or all; hand out the workbook."""
    force = [entry for entry in entries if entry.state in IN_FORCE]
    filed = sum(entry.state == "filed" for entry in entries)
    late = sum(one.overdue for one in due)
    words = say("register.counted", number=len(entries), decided=len(force) - filed, filed=filed)
    tell(words + (say("register.late", number=late) if late else ""), mark="bad" if late else "plain")
    shown = st.radio(
        say("register.show"),
        (FORCE, ALL),
        index=0 if force else 1,
        format_func=lambda key: say(f"register.shown.{key}"),
        horizontal=True,
        label_visibility="collapsed",
        key="register-shown",
    )
    picked = force if shown == FORCE else list(entries)
    if picked:
        table = register_tables.register_table(picked, told, names)
        st.html(table_html(table.astype("str").replace("<NA>", ""), "register"))
    else:
        st.html(f'<p class="desk-note">{say("register.none")}</p>')
    st.download_button(
        say("register.download"),
        data=lambda: register_tables.register_book(entries, due, told, names, on=_today()),
        file_name=register_tables.WORKBOOK,
        on_click="ignore",
    )


# --- one filing ------------------------------------------------------------------------------------


def _filing(opened: Opened, told: Docket, entries: Sequence[Entry], names: Names) -> None:
    """Ask for what is filed of an area, and which papers are at hand."""
    st.html(f'<h2 class="meet-head">{say("register.filing.title")}</h2>')
    ready = {(e.version, e.area_id): e for e in entries if e.state in OPEN}
    if not ready:
        st.html(f'<p class="desk-note">{say("register.filing.none")}</p>')
        st.page_link(session.page("procedure"), label=say("register.to_procedure"))
        return
    place = st.selectbox(
        say("procedure.area.which"),
        list(ready),
        format_func=lambda p: f"{p[1]} {names[p]}",
        key=f"filing-area-{opened.digest[:12]}",
    )
    known = told.filings.get(place)
    shown = filing_of(told.filings, told.courses[place]) or Filing(place[1], place[0])
    own = digest([opened.digest, place, shown, known])[:16]
    with st.form(f"filing-{own}", border=False):
        st.html(f"<h3>{say('register.filing.papers')}</h3>")
        for key in MATERIALS:
            st.checkbox(
                register_tables.material_words(key), value=key in shown.present, key=f"filing-{key}-{own}"
            )
        st.html(f"<h3>{say('register.filing.facts')}</h3>")
        st.selectbox(
            say("register.filing.kind"),
            KINDS,
            index=KINDS.index(shown.kind),
            format_func=lambda kind: say(f"register.filing.{kind}"),
            key=f"filing-kind-{own}",
        )
        for key in ("handler", *DAYS[:2], "opinion", "filing_no", DAYS[2]):
            st.text_input(
                say(f"register.filing.{key}"),
                value=getattr(shown, key),
                placeholder=_example() if key in DAYS else "",
                max_chars=200 if key == "opinion" else 60,
                key=f"filing-{key}-{own}",
            )
        st.form_submit_button(
            say("register.filing.save"),
            type="primary",
            disabled=not people.ready("put_filing"),
            on_click=_filed,
            args=(opened, place, known, own),
        )
    missing = register_tables.missing_of(ready[place], told)
    names_of = tuple(register_tables.material_words(key) for key in missing)
    tell(
        say("register.filing.lacking", number=len(missing), names=names_of)
        if missing
        else say("register.filing.complete"),
        mark="fair" if missing else "plain",
    )
    st.page_link(session.page("procedure"), label=say("register.to_procedure"))


def _filed(opened: Opened, place: tuple[int, str], known: Filing | None, own: str) -> None:
    def typed(key: str) -> str:
        return str(st.session_state[f"filing-{key}-{own}"]).strip()

    filing = Filing(
        area_id=place[1],
        version=place[0],
        kind=typed("kind"),
        handler=typed("handler"),
        opinion=typed("opinion"),
        filing_no=typed("filing_no"),
        present=tuple(key for key in MATERIALS if st.session_state[f"filing-{key}-{own}"]),
        **{key: _day(typed(key)) for key in DAYS},
    )
    casework.done(
        lambda: opened.taken.project.put_filing(filing, people.who(), expected=known),
        say("register.filing.saved", area=place[1]),
    )


def _example() -> str:
    return say("register.day_example", on=_today().isoformat())


def _day(told: str) -> str:
    """Return a day as ISO where it is written in another way, else the words as they are: the store refuses them."""
    return iso_day(told) or told


# --- follow-ups ------------------------------------------------------------------------------------


def _follow_ups(opened: Opened, due: Sequence[Due], entries: Sequence[Entry], names: Names) -> None:
    """Show what is to be done, overdue first; take in a new one, or that one is done."""
    st.html(f'<h2 class="meet-head">{say("register.due.title")}</h2>')
    st.html(f'<p class="desk-note">{say("register.due.explain")}</p>')
    by_id = {e.area_id: f"{e.area_id} {names[e.version, e.area_id]}" for e in reversed(entries)}
    if due:
        table = register_tables.dues_table(due, by_id)
        marked = table_html(table, "register-due")
        for one in due:
            if one.overdue:
                words = map_text(register_tables.due_words(one))
                marked = marked.replace(f">{words}</td>", f' class="bad">{words}</td>')
        st.html(marked)
    numbers = {one.kept.number: one.kept for one in due}
    turn = st.session_state.get("due-turn", 0)
    picked = st.selectbox(
        say("register.due.which"),
        [NEW, *numbers],
        format_func=lambda n: _due_line(numbers[n], by_id) if n else say("register.due.new"),
        key=f"due-picked-{turn}",
    )
    _due_form(opened, numbers.get(picked), by_id, turn)


def _due_line(one: KeptFollowUp, names: Mapping[str, str]) -> str:
    told = one.follow_up
    area = names.get(told.area_id, told.area_id)
    return say("register.due.line", number=one.number, area=area, kind=say(f"register.kind.{told.kind}"))


def _due_form(opened: Opened, known: KeptFollowUp | None, names: Mapping[str, str], turn: int) -> None:
    told = known.follow_up if known else FollowUp("", FOLLOW_UPS[0], "")
    own = f"{opened.digest[:12]}-{known.number if known else NEW}-{known.at if known else turn}"
    with st.form(f"due-{own}", border=False):
        areas = list(names)
        st.selectbox(
            say("register.due.area"),
            areas,
            index=areas.index(told.area_id) if told.area_id in names else None,
            format_func=names.__getitem__,
            placeholder=say("desk.ask.choose"),
            key=f"due-area-{own}",
        )
        st.selectbox(
            say("register.due.kind"),
            FOLLOW_UPS,
            index=FOLLOW_UPS.index(told.kind),
            format_func=lambda kind: say(f"register.kind.{kind}"),
            key=f"due-kind-{own}",
        )
        for key in ("due", "done_on", "note"):
            st.text_input(
                say(f"register.due.{key}"),
                value=getattr(told, key),
                placeholder="" if key == "note" else _example(),
                max_chars=200,
                key=f"due-{key}-{own}",
            )
        st.form_submit_button(
            say("register.due.save" if known else "register.due.enter"),
            disabled=not people.ready("put_follow_up"),
            on_click=_due_kept,
            args=(opened, known, own),
        )


def _due_kept(opened: Opened, known: KeptFollowUp | None, own: str) -> None:
    typed = {key: str(st.session_state[f"due-{key}-{own}"] or "").strip() for key in ("area", "kind", "note")}
    days = {key: _day(str(st.session_state[f"due-{key}-{own}"]).strip()) for key in ("due", "done_on")}
    told = FollowUp(typed["area"], typed["kind"], days["due"], days["done_on"], typed["note"])
    number, expected = (known.number, known.at) if known else (None, "")
    project = opened.taken.project
    if casework.done(
        lambda: project.put_follow_up(told, people.who(), number=number, expected=expected),
        say("register.due.saved"),
    ):
        st.session_state["due-turn"] = st.session_state.get("due-turn", 0) + 1
