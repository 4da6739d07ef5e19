"""方案比选: other limits, reaches and prices tried beside the draft, which stays; all plans in one table and one chart."""

from collections.abc import Mapping

import streamlit as st

from geo.schema import DataError
from geo.wording import say
from jobs.reopened import rules_in_use
from jobs.versus import figures_of
from jobs.weighing import Wish, meanings
from report.charts import Chart, svg_page
from report.maptext import map_text
from report.versus import figure_text, figure_words, rule_words
from ui import people, progress, scenarios, session, start_page, trials
from ui.contenders import SCENARIO, Contender, contenders, here, shown
from ui.look import tell
from ui.scenarios import LIMITS, REACHES
from ui.session import Opened, guarded
from ui.tables import rows_html

REACH_STEP_M = 10.0
REACH_MOST_M = 300.0
COLUMNS = (
    "areas",
    "groups",
    "exceptions",
    "exception_households",
    "smallest",
    "mean_walk_m",
    "cost",
    "violations",
)


def weigh() -> None:
    """Let limits, reaches and prices be tried, and show all plans beside each other."""
    with guarded():
        if not session.is_open():
            start_page.doors()
            return
        st.html(
            f'<div class="desk-head"><h1>{say("desk.page.scenario")}</h1><p>{say("scenario.lead")}</p></div>'
        )
        opened = session.current()
        left, right = st.columns([2, 3], gap="large")
        with left:
            wish = _wishes(opened)
            _begin(opened, wish)
        with right:
            _running()
            found = list(contenders(opened).values())
            told = {one.key: figures_of(one.made(one.label).results) for one in found}
            _chart(opened, found, told)
            _each(opened)
        _table(opened, found, told)
        trials.trials(opened)


# --- wishes ----------------------------------------------------------------------------------------


def _wishes(opened: Opened) -> Wish:
    """Ask for each limit, reach and price, with its meaning from the rules file."""
    results = opened.results
    now = scenarios.values_of(rules_in_use(results), results)
    told = meanings(results.rules_text)
    limits = [name for name in now if name in (*LIMITS, *REACHES)]
    given = {name: _asked(name, now[name], told, plan=opened.digest) for name in limits}
    with st.expander(say("scenario.prices")):
        st.html(f'<p class="desk-note">{say("scenario.prices_note")}</p>')
        given |= {
            name: _asked(name, value, told, plan=opened.digest)
            for name, value in now.items()
            if name not in limits
        }
    return scenarios.wish_of(now, given)


def _asked(name: str, now: float, told: Mapping[str, str], *, plan: str) -> float:
    words, key = rule_words(name), f"wish-{plan}-{name}"  # another plan asks anew
    label = words[:1].upper() + words[1:]
    if name in REACHES:
        most = max(REACH_MOST_M, 2 * now)
        value = st.slider(label, 0.0, most, now, REACH_STEP_M, format="%g", key=key, persist_state="session")
    else:
        low, step = (1.0, 10.0) if name in LIMITS else (0.0, max(1.0, now // 5))
        value = st.number_input(
            label, min_value=low, value=now, step=step, format="%g", key=key, persist_state="session"
        )
    meaning = told.get(name.removeprefix("reach_").removeprefix("unlike."), "")
    note = say("scenario.now", value=f"{now:,g}", meaning=meaning).strip()
    st.html(f'<p class="desk-note">{map_text(note)}</p>')
    return value


def _begin(opened: Opened, wish: Wish) -> None:
    words = scenarios.wish_words(wish)
    busy = (run := scenarios.run()) is not None and not run.state.over
    st.html(f'<p class="desk-note">{map_text(words or say("scenario.nothing"))}</p>')
    people.say_refused("run")
    if st.button(
        say("scenario.start"),
        type="primary",
        disabled=busy or not words or not people.may("run"),
        width="stretch",
    ):
        scenarios.start(opened, wish)
        st.rerun()


def _running() -> None:
    """Show how the scenario stands that is being planned; the draft is untouched whatever becomes of it."""
    run = scenarios.run()
    if run is None:
        return
    if not run.state.over:
        progress.follow(st.session_state[scenarios.RUN])
    elif run.state.outcome != "done":
        tell(progress.ended(run), mark="fair")


# --- all plans -------------------------------------------------------------------------------------


def _table(opened: Opened, found: list[Contender], told: Mapping[str, Mapping[str, float]]) -> None:
    """Show a row for each plan with what it comes to, and how many communities are elsewhere than in the draft."""
    drafted = here(opened, found)
    moved = [0 if one.key == drafted.key else len(shown(opened, drafted, one).versus.moved) for one in found]
    heads = [say("scenario.number"), say("scenario.plan"), *map(figure_words, COLUMNS), say("scenario.moved")]
    rows = [
        [str(n), one.label, *(figure_text(key, told[one.key][key]) for key in COLUMNS), str(other)]
        for n, (one, other) in enumerate(zip(found, moved, strict=True), 1)
    ]
    st.html(rows_html(heads, rows, "scenarios") + f'<p class="desk-note">{say("scenario.about")}</p>')


def _chart(opened: Opened, found: list[Contender], told: Mapping[str, Mapping[str, float]]) -> None:
    chart = Chart(
        say("scenario.chart"),
        tuple(str(n) for n in range(1, len(found) + 1)),
        tuple(int(told[one.key]["exceptions"]) for one in found),
        tuple(int(told[one.key]["areas"]) for one in found),
        (0, 0, 0),
        found.index(here(opened, found)),
    )
    with st.container(key="plans-chart"):
        st.image(svg_page("", [chart]))


def _each(opened: Opened) -> None:
    """Offer what can be done with each scenario."""
    made = scenarios.kept(opened)
    if not made:
        st.html(f'<p class="desk-note">{say("scenario.none")}</p>')
        return
    people.ask_who("weigh", "copy")
    for one in made:
        words, compare, take, away = st.columns([4, 1, 1, 1], vertical_alignment="center")
        with words:
            st.html(f'<p class="desk-project"><b>{map_text(one.label)}</b></p>')
        with compare:
            if st.button(say("scenario.compare"), key=f"compare-{one.token}", width="stretch"):
                st.session_state["compare-one"] = f"draft-{opened.draft.draft_id}"
                st.session_state["compare-other"] = f"{SCENARIO}-{one.token}"
                st.switch_page(session.page("compare"))
        with take:
            if st.button(
                say("scenario.adopt"),
                key=f"adopt-{one.token}",
                width="stretch",
                disabled=not people.may("copy"),
            ):
                _adopted(opened, one)
        with away:
            st.button(
                say("scenario.delete"),
                key=f"delete-{one.token}",
                on_click=scenarios.discard,
                args=(opened, one),
                disabled=not people.may("run"),
                width="stretch",
            )


def _adopted(opened: Opened, one: scenarios.Kept) -> None:
    try:
        differs = scenarios.adopt(opened, one)
    except DataError as error:
        tell(str(error), mark="bad")
        return
    if differs:
        st.switch_page(session.page("plan"))
    tell(say("scenario.same"), mark="fair")
