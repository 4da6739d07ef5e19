"""Who works here: said once on any page, kept by the browser, and written beside every change."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

from geo.wording import say

WHO = "who"
_REMEMBERED = component("zutuan_people", js=(Path(__file__).parent / "people.js").read_text(encoding="utf-8"))


def who() -> str:
    """Return who works here, "" where nobody said."""
    return str(st.session_state.get(WHO, ""))


def remember() -> None:
    """Let the browser keep who works here, and say so again in a session that does not know; shows nothing."""
    _REMEMBERED(key="people", data={"who": who()}, on_who_change=_recalled)


def ask_who(place: str) -> None:
    """Show the field as long as nobody is known; `place` tells it from those of other pages."""
    if not who():
        key = f"who-{place}"
        st.text_input(say("desk.dock.who"), key=key, max_chars=40, on_change=_introduced, args=(key,))


def _introduced(key: str) -> None:
    st.session_state[WHO] = str(st.session_state.get(key, "")).strip()


def _recalled() -> None:
    st.session_state[WHO] = str(st.session_state["people"]["who"] or "").strip()
