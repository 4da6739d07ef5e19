"""The panel beside the map and the line above it: components of our own, which show plain data as text only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from ui.hearing import hear

_HERE = Path(__file__).parent


def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_PANEL = component("zutuan_panel", css=_own("panel.css"), js=_own("panel.js"))
_HEADLINE = component("zutuan_headline", css=_own("headline.css"), js=_own("headline.js"))

_BAR = component("zutuan_bar", css=_own("bar.css"), js=_own("bar.js"))
_IN_VIEW = component("zutuan_in_view", js=_own("in_view.js"))


@dataclass(frozen=True)
class Ways:
    """What a person can do in the panel: open a thing, choose or leave it, choose all found, take an offer, go back."""

    picked: Callable[[str], None]
    toggled: Callable[[str], None]
    chosen: Callable[[Sequence[str]], None]
    acted: Callable[[str], None]
    closed: Callable[[], None]


def panel(data: Mapping[str, Any], ways: Ways) -> None:
    """Show the lists, and the card where one is open; `ways` hear the place or the offer that was clicked."""
    _PANEL(
        key="panel",
        data=dict(data),
        on_picked_change=lambda: hear("panel", "picked", lambda told: ways.picked(str(told))),
        on_toggled_change=lambda: hear("panel", "toggled", lambda told: ways.toggled(str(told))),
        on_all_change=lambda: hear("panel", "all", lambda told: ways.chosen([str(one) for one in told])),
        on_acted_change=lambda: hear("panel", "acted", lambda told: ways.acted(str(told))),
        on_closed_change=ways.closed,
    )


def bar(
    data: Mapping[str, Any],
    *,
    on_undo: Callable[[], None],
    on_redo: Callable[[], None],
    on_checks: Callable[[], None],
    on_who: Callable[[str], None],
) -> None:
    """Show the line of the draft; `on_who` hears the name of who works here."""
    _BAR(
        key="bar",
        data=dict(data),
        on_undo_change=on_undo,
        on_redo_change=on_redo,
        on_checks_change=on_checks,
        on_who_change=lambda: hear("bar", "who", lambda told: on_who(str(told))),
    )


def headline(data: Mapping[str, Any], *, on_opened: Callable[[str], None]) -> None:
    """Show the sentence whose numbers open lists; `on_opened` hears the name of the number."""
    _HEADLINE(
        key="headline",
        data=dict(data),
        on_opened_change=lambda: hear("headline", "opened", lambda told: on_opened(str(told))),
    )


def in_view(key: str, *, turn: str) -> None:
    """Turn the page to the container with this key whenever `turn` is another than before."""
    _IN_VIEW(key=f"in-view-{key}", data={"key": key, "turn": turn})
