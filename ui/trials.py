"""One limit, reach or price value by value, and the next best plans, as a table and a chart below the scenarios."""

import base64
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from geo.schema import DataError
from geo.wording import language, say
from jobs.reconsulting import held_still
from jobs.reopened import rules_in_use
from jobs.trying import DIFFERENT, Ladder, NextBest
from optimizer.plan import Plan
from optimizer.solving import Certificate
from report.charts import svg_page
from report.tradeoffs import TradeOff, chart_of, plan_name, plans_table, tradeoff_table
from report.versus import rule_words
from store.edits import regrouped
from ui import hunting, people, scenarios, session
from ui.look import tell
from ui.session import Opened
from ui.tables import table_html

TRIAL, ASKED, PLANS = "trial", "trial-asked", "plans"

Asked = tuple[object, ...]  # plan, draft, revision, what is looked at, and the language it is told in


def trials(opened: Opened) -> None:
    """Ask what to look at, and show what its values lead to."""
    with st.container(key="trials"):
        st.html(
            f"<h3>{say('scenario.trial.title')}</h3><p class='desk-note'>{say('scenario.trial.note')}</p>"
        )
        labels = _labels(opened)
        asked, begin = st.columns([3, 1], vertical_alignment="bottom")
        with asked:
            name = st.selectbox(
                say("scenario.trial.what"), list(labels), format_func=labels.__getitem__, key="trial-name"
            )
        here: Asked = (opened.digest, opened.draft.draft_id, opened.draft.revision, name, language())
        hunt = hunting.current(TRIAL)
        if hunt is not None and st.session_state.get(ASKED) != here:
            hunting.forget(TRIAL)
            hunt = None
        with begin:
            st.button(
                say("scenario.trial.start"),
                on_click=_begin,
                args=(opened, name, here),
                disabled=hunt is not None,
                width="stretch",
            )
        if hunt is None:
            return
        if not hunt.over:
            hunting.follow(hunt, TRIAL)
        elif hunt.found is None:
            tell(str(hunt.refusal or say("desk.unexpected", number=hunt.incident)), mark="fair")
        elif isinstance(hunt.found, TradeOff):
            _ladder(hunt.found)
        else:
            _plans(opened, hunt.found)


def _labels(opened: Opened) -> Mapping[str, str]:
    """Return what can be looked at: limits, the reach that places have, prices in use, the next best plans."""
    now = scenarios.values_of(rules_in_use(opened.taken.base), opened.taken.base)
    names = [name for name, value in now.items() if value or name in scenarios.LIMITS]
    return {name: rule_words(name) for name in names} | {PLANS: say("scenario.trial.plans")}


def _begin(opened: Opened, name: str, here: Asked) -> None:
    st.session_state[ASKED] = here
    base, draft = opened.taken.base, held_still(opened.draft.state, opened.taken.project.under_way())
    hunting.begin(NextBest(base, draft) if name == PLANS else Ladder(base, draft, name), TRIAL)


def _ladder(found: TradeOff) -> None:
    picture, rows = st.columns([2, 3], gap="large")
    with picture:
        chart = base64.b64encode(svg_page("", [chart_of(found)]).encode()).decode()
        st.html(
            f'<img class="desk-chart" alt="{say("scenario.chart")}" src="data:image/svg+xml;base64,{chart}">'
        )
    with rows:
        st.html(
            table_html(_cases_table(found), "trial")
            + f'<p class="desk-note">{say("scenario.trial.table_note")}</p>'
        )


def _cases_table(found: TradeOff) -> pd.DataFrame:
    """Return the cases as they are read on a page: the one in use marked at its value, no seconds."""
    table = tradeoff_table(found)
    marked = [f"{case.value} {say('tradeoffs.used')}" if case.used else case.value for case in found.cases]
    rest = table.drop(columns=[say("tradeoffs.column.used"), say("tradeoffs.column.seconds"), found.heading])
    return _in_words(rest).assign(**{found.heading: marked})[[found.heading, *rest.columns]]


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    return table.map(lambda cell: f"{cell:,}" if isinstance(cell, int) else cell)


def _plans(opened: Opened, found: tuple[tuple[Plan, Certificate, int], ...]) -> None:
    note = say("scenario.trial.plans_note", share=f"{DIFFERENT:.0%}")
    st.html(table_html(_in_words(plans_table(found)), "trial") + f'<p class="desk-note">{note}</p>')
    with st.container(horizontal=True):
        for number, (plan, _, _) in enumerate(found):
            name = plan_name(number)
            if st.button(
                say("scenario.trial.adopt", name=name),
                key=f"adopt-plan-{number}",
                disabled=not people.may("copy"),
            ):
                _adopted(opened, plan, name)


def _adopted(opened: Opened, plan: Plan, name: str) -> None:
    if not people.who():
        tell(say("errors.store.who_missing"), mark="fair")
        return
    try:
        differs = scenarios.adopt_plan(opened, regrouped(opened.draft.state.plan, plan), name)
    except DataError as error:
        tell(str(error), mark="bad")
        return
    if differs:
        st.switch_page(session.page("plan"))
    tell(say("scenario.same"), mark="fair")
