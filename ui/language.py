"""Which language the desk speaks with whom: chosen on top of every page, kept in the session and in the address."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.wording import LANGUAGES, language, language_of_runs, listen_to, say

_KEY = "language"
_CSS, _JS = (
    (Path(__file__).parent / f"language.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
)
_SWITCH = component("zutuan_language", css=_CSS, js=_JS)


def keep_language() -> None:
    """Speak the language of the address from here on, in every thread that works for this session."""
    listen_to(_chosen)
    if _KEY not in st.session_state:
        asked = st.query_params.get(_KEY, "")
        st.session_state[_KEY] = asked if asked in LANGUAGES else language_of_runs()
    if language() != language_of_runs():
        st.query_params[_KEY] = language()
    elif _KEY in st.query_params:
        del st.query_params[_KEY]


def switch() -> None:
    """Show the way to the other language, named in that language; and tell the browser which one the page is in."""
    words = {name: say(f"desk.language.{name}") for name in ("other", "other_code")}
    _SWITCH(key="switch", data=words | {"language": say("words.language")}, on_switched_change=_switch)


def _switch() -> None:
    st.session_state[_KEY] = next(other for other in LANGUAGES if other != language())


def _chosen() -> str:
    """Return what the person of this session chose, "" in a thread that works for nobody."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ""
    return str(st.session_state.get(_KEY, ""))
