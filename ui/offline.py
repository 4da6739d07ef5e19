"""外部请求检查: what this page fetched in this browser, and whether any of it came from another machine."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

from geo.wording import say

_CHECK = component("zutuan_offline", js=(Path(__file__).parent / "offline.js").read_text(encoding="utf-8"))
_FILLED = ("number", "outside", "hosts", "host")  # by the browser, which alone knows


def offline_check() -> None:
    """Show what the browser counted since the page was loaded."""
    st.html(f'<h2 class="meet-head">{say("access.offline.title")}</h2>')
    st.html(f'<p class="desk-note">{say("access.offline.note")}</p>')
    blank = {name: f"{{{name}}}" for name in _FILLED}
    words = {key: say(f"access.offline.{key}", **blank) for key in ("none", "some")}
    _CHECK(key="offline", data={"words": words})
