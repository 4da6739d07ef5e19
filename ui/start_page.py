"""开始: who works here, then three doors: the sample street, the office's own data, and the projects that are under way."""

from datetime import datetime

import streamlit as st

from geo.wording import say
from jobs.projects import Shelved, shelved
from report.maptext import map_text
from store.project import open_project
from ui import people, session
from ui.session import guarded

PROJECTS_SHOWN = 12


def start() -> None:
    """Show the doors."""
    with guarded():
        doors()


def doors() -> None:
    """Ask who works here, and show three ways to begin."""
    st.html(f'<div class="desk-head"><h1>{say("desk.start.title")}</h1><p>{say("desk.start.text")}</p></div>')
    people.ask_first()
    shut = people.is_asked_first()
    sample, own, again = st.columns(3, gap="medium")
    with sample:
        _door("sample")
        if st.button(say("desk.start.sample_open"), type="primary", width="stretch", disabled=shut):
            session.open_plan(session.SAMPLE_PLAN)
            st.switch_page(session.page("plan"))
    with own:
        _door("own")
        if st.button(say("desk.start.own_open"), type="primary", width="stretch", disabled=shut):
            st.switch_page(session.page("import"))
    with again:
        _door("again")
        _projects(shelved(session.SHELF)[:PROJECTS_SHOWN], shut=shut)
    with st.container(key="from-start"):
        st.page_link(session.page("duties"), label=say("duties.from_start"))


def _door(name: str) -> None:
    st.html(
        f'<div class="desk-door"><h2>{say(f"desk.start.{name}")}</h2><p>{say(f"desk.start.{name}_text")}</p></div>'
    )


def _projects(found: tuple[Shelved, ...], *, shut: bool) -> None:
    if not found:
        st.html(f'<p class="desk-note">{say("desk.start.no_projects")}</p>')
    for number, one in enumerate(found):
        last = one.last
        when = datetime.fromisoformat(last.at).astimezone().strftime("%Y-%m-%d %H:%M") if last else ""
        words = say(
            "desk.start.project", draft=last.title if last else "", who=last.who if last else "", at=when
        )
        st.html(f'<p class="desk-project"><b>{map_text(one.title)}</b><br>{map_text(words)}</p>')
        if st.button(say("desk.start.project_open"), key=f"project-{number}", width="stretch", disabled=shut):
            with open_project(one.path) as project:
                session.open_basis(project, last.basis if last else 1)
            st.switch_page(session.page("plan"))
