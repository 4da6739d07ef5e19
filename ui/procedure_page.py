"""文书备案: how far each area of a version is, the next step, its papers, and what each area is called and bounded by."""

from collections import Counter
from datetime import date

import pandas as pd
import streamlit as st

from geo.wording import listed, say
from jobs.proceeding import Matter
from store.proceedings import EXITS, STATES
from ui import casework, consulted, packing, people, session, single_area, start_page, stepping
from ui.casework import Work
from ui.look import tell
from ui.session import guarded
from ui.stepping import OF_THE_OFFICE
from ui.tables import table_html

COLUMNS = ("area", "households", "state", "on", "next", "stops", "again")


def procedure() -> None:
    """Show a version on its way from freezing to filing, and take the next step."""
    with guarded():
        if not session.is_open():
            start_page.doors()
            return
        st.html(
            f'<div class="desk-head"><h1>{say("desk.page.procedure")}</h1><p>{say("procedure.lead")}</p></div>'
        )
        consulted.said()
        work = casework.work(session.current())
        if work is None:
            return
        people.ask_who("procedure", "proceed", "settle", "run")
        _line(work)
        _table(work)
        left, right = st.columns([1, 1], gap="large")
        with left:
            stepping.step_form(work)
        with right:
            packing.package_form(work)
        single_area.area(work)


def _line(work: Work) -> None:
    """Show the states one after the other with how many areas are in each."""
    counts = Counter(matter.course.state for matter in work.matters if not matter.kept)
    steps = "".join(
        f'<li class="{"some" if counts[state] else ""}"><b>{counts[state]}</b>{say(f"proceeding.state.{state}")}</li>'
        for state in STATES
    )
    st.html(f'<ol class="procedure-line">{steps}</ol>')
    told = [
        say("procedure.exit", state=say(f"proceeding.state.{state}"), number=counts[state])
        for state in EXITS
        if counts[state]
    ]
    kept = sum(matter.kept for matter in work.matters)
    told += [say("procedure.kept", number=kept)] if kept else []
    later = {matter.course.carried_to for matter in work.matters} - {None}
    told += [say("procedure.carried", later=max(number for number in later if number))] if later else []
    if told:
        st.html(f'<p class="desk-note">{"".join(told)}</p>')
    for stop in stepping.office_ways(work, _today()).values():
        tell(stop.text, mark="fair")
        st.page_link(session.page("office"), label=say("procedure.to_office"))


def _table(work: Work) -> None:
    """Show each area that is in the procedure: where it stands, what comes next, what is in the way."""
    st.html(table_html(area_table(work, _today()), "procedure"))


def area_table(work: Work, on: date) -> pd.DataFrame:
    """Return the areas as a table: those that stay as they are last; columns that say nothing are left out."""
    again = casework.again_of(work.docket, work.version.number)
    order = sorted(work.matters, key=lambda matter: (matter.kept, matter.area.area_id))
    rows = [_row(work, matter, again.get(matter.area.area_id, ()), on) for matter in order]
    table = pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")
    told = table.drop(columns=[] if table["again"].any() else ["again"])
    return told.set_axis([say(f"procedure.column.{key}") for key in told.columns], axis=1)


def _row(work: Work, matter: Matter, again: tuple[str, ...], on: date) -> tuple[str, ...]:
    area_id, course, step = matter.area.area_id, matter.course, stepping.main_step(matter)
    state = say("procedure.stays") if matter.kept else say(f"proceeding.state.{course.state}")
    open_yet = course.state in STATES[: STATES.index("summarised")]
    return (
        work.called(area_id),
        str(work.households(area_id)),
        state,
        course.rows[-1].on,
        say(f"proceeding.state.{step}") if step else "",
        _stops(work, matter, step, on),
        listed(work.docket.names[c] for c in again) if open_yet else "",
    )


def _stops(work: Work, matter: Matter, step: str, on: date) -> str:
    """Return what is in the way of the next step; what concerns every area alike stands above the table."""
    if not step:
        return ""
    stops = stepping.in_the_way(work, matter, step, on)
    own = [stop.text for stop in stops if stop.code not in OF_THE_OFFICE]
    if not stops:
        return say("procedure.free")
    return "\n".join(own) or say("procedure.office_first")


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the day of the office
