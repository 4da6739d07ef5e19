"""The panel beside the map and the line above it: components of our own, which show plain data as text only."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

_HERE = Path(__file__).parent


def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_PANEL = component("zutuan_panel", css=_own("panel.css"), js=_own("panel.js"))
_HEADLINE = component("zutuan_headline", css=_own("headline.css"), js=_own("headline.js"))

_IN_VIEW = component("zutuan_in_view", js=_own("in_view.js"))


def panel(
    data: Mapping[str, Any], *, on_picked: Callable[[str], None], on_closed: Callable[[], None]
) -> None:
    """Show the lists, and the card where one is open; `on_picked` hears the id of what was clicked."""
    _PANEL(
        key="panel",
        data=dict(data),
        on_picked_change=lambda: on_picked(_told("panel", "picked")),
        on_closed_change=on_closed,
    )


def headline(data: Mapping[str, Any], *, on_opened: Callable[[str], None]) -> None:
    """Show the sentence whose numbers open lists; `on_opened` hears the name of the number."""
    _HEADLINE(
        key="headline", data=dict(data), on_opened_change=lambda: on_opened(_told("headline", "opened"))
    )


def in_view(key: str, *, turn: str) -> None:
    """Turn the page to the container with this key whenever `turn` is another than before."""
    _IN_VIEW(key=f"in-view-{key}", data={"key": key, "turn": turn})


def _told(key: str, name: str) -> str:
    return str(st.session_state[key][name])
