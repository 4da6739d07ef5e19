"""A run as people see it: its stages, the best plan so far, how long it has taken, and the buttons that end it."""

import time

import streamlit as st

from geo.wording import say
from ui import session
from ui.look import tell
from ui.runs import STAGES, Run, State, sentence


@st.fragment(run_every=0.5)
def follow(token: str) -> None:
    """Show the run with this token until it is over, then run the page anew."""
    run = session.runs().get(token)
    if run is None or run.state.over:
        st.rerun()
    st.html(stages_html(run.state))
    with st.container(horizontal=True):
        if run.state.best is not None and st.button(
            say("desk.run.keep"), key=f"keep-{token}", type="primary", disabled=not run.state.can_keep
        ):
            run.keep_best()
        if st.button(say("desk.run.cancel"), key=f"cancel-{token}"):
            run.cancel()


@st.fragment(run_every=1.0)
def notice(token: str) -> None:
    """Say on another page that a run is under way."""
    run = session.runs().get(token)
    if run is None or run.state.over:
        st.rerun()
    tell(_moment(run.state))


def ended(run: Run) -> str:
    """Return in words how a run ended that did not give a plan."""
    if run.state.refusal is not None:
        return sentence(run.state.refusal)
    if run.state.outcome == "cancelled":
        return say("desk.run.cancelled")
    return say("desk.unexpected", number=run.state.incident)


def stages_html(state: State) -> str:
    """Return the stages as a list, those behind ticked, and the best plan so far in figures."""
    stage = _stage(state)
    at = STAGES.index(stage) if stage else -1
    lines = []
    for number, name in enumerate(STAGES):
        mark = "done" if number < at else "now" if number == at else "next"
        lines.append(f'<li class="{mark}">{say(f"desk.stage.{name}")}</li>')
    seconds = int(time.monotonic() - state.begun)
    head = say("desk.run.waiting") if state.outcome == "waiting" else say("desk.run.running", seconds=seconds)
    if state.keeping and stage == "solve":
        head = say("desk.run.keeping", seconds=seconds)
    return f'<div class="desk-run"><h4>{head}</h4><ol>{"".join(lines)}</ol>{_best_html(state)}</div>'


def _best_html(state: State) -> str:
    best = state.best
    if best is None:
        return ""
    figures = {
        "areas": str(best.areas),
        "exceptions": str(best.exceptions),
        "gap": f"{best.gap:.2%}" if best.bounded else say("desk.run.no_gap"),
    }
    rows = "".join(
        f'<div class="{key}"><dt>{say(f"desk.run.{key}")}</dt><dd>{value}</dd></div>'
        for key, value in figures.items()
    )
    return f"<dl>{rows}</dl>{_trail_html(state.trail)}"


def _trail_html(trail: tuple[tuple[float, float], ...]) -> str:
    """Return the line of the gap over time: one polygon, cut out of a box by the style sheet's own means."""
    first, last = (trail[0], trail[-1]) if trail else ((0.0, 0.0), (0.0, 0.0))
    highest = max((gap for _, gap in trail), default=0.0)
    if highest == 0 or last[0] == first[0]:
        return ""
    words = say("desk.run.trail", first=f"{first[1]:.2%}", last=f"{last[1]:.2%}")
    points = [
        f"{100 * (seconds - first[0]) / (last[0] - first[0]):.1f}% {100 * (1 - gap / highest):.1f}%"
        for seconds, gap in trail
    ]
    cut = ", ".join(["0% 100%", *points, "100% 100%"])
    return f'<figure><div style="clip-path: polygon({cut})"></div><figcaption>{words}</figcaption></figure>'


def _moment(state: State) -> str:
    if state.outcome == "waiting":
        return say("desk.run.waiting")
    stage = _stage(state)
    words = say(f"desk.stage.{stage}") if stage else ""
    best = "" if state.best is None else say("desk.run.best", figures=state.best.sentence())
    seconds = int(time.monotonic() - state.begun)
    return say("desk.run.elsewhere", stage=words, seconds=seconds, best=best)


def _stage(state: State) -> str:
    """Return the stage as the list has it, "" before the first."""
    if state.stage in ("candidates", "compile"):  # too short, or too seldom, for a line of its own
        return "solve"
    return state.stage if state.stage in STAGES else ""
