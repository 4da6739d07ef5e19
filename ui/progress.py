"""A run as people see it: its stages, how long it has taken, and the button that stops it."""

import time

import streamlit as st

from geo.wording import say
from report.maptext import map_text
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
    """Return the stages as a list, those behind ticked, the present one with what it says of itself."""
    at = STAGES.index(state.stage) if state.stage in STAGES else -1
    lines = []
    for number, stage in enumerate(STAGES):
        mark = "done" if number < at else "now" if number == at else "next"
        detail = f" <span>{map_text(state.detail)}</span>" if mark == "now" and state.detail else ""
        lines.append(f'<li class="{mark}">{say(f"desk.stage.{stage}")}{detail}</li>')
    seconds = int(time.monotonic() - state.begun)
    head = say("desk.run.waiting") if state.outcome == "waiting" else say("desk.run.running", seconds=seconds)
    return f'<div class="desk-run"><h4>{head}</h4><ol>{"".join(lines)}</ol></div>'


def _moment(state: State) -> str:
    if state.outcome == "waiting":
        return say("desk.run.waiting")
    stage = say(f"desk.stage.{state.stage}") if state.stage in STAGES else ""
    return say("desk.run.elsewhere", stage=stage, seconds=int(time.monotonic() - state.begun))
