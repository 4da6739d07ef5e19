"""What the optimizer looks for while a planner waits: on a thread of its own, followed and cancelled from the desk."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import streamlit as st

from geo.schema import DataError
from geo.wording import language, say, speaking
from jobs.progress import Best, Listener, Step
from ui.look import tell

HUNT = "hunt"
LOOK_EVERY_S = 0.4
_log = logging.getLogger("zutuan.desk")


Found = TypeVar("Found")
Found_co = TypeVar("Found_co", covariant=True)


class Work(Protocol[Found_co]):
    """What takes long: it tells how far it is, and ends with the best so far where it is asked to."""

    def __call__(self, *, listener: Listener, cancelled: Callable[[], bool] | None) -> Found_co:
        """Return what was found; raises DataError where there is nothing."""


class Hunt(Generic[Found]):
    """One search: ends with what it `found`, a `refusal` or the number of an `incident`; cancelled, with the best so far."""

    def __init__(self, search: Work[Found]) -> None:
        self.begun = time.monotonic()
        self.best: Best | None = None
        self.found: Found | None = None
        self.refusal: DataError | None = None
        self.incident = ""
        self._spoken = language()  # a thread of its own would speak the language of runs
        self._search, self._stop = search, threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Tell whether it has ended."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Ask it to end with the best so far."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait for its end, so long at most."""
        self._thread.join(seconds)

    def _work(self) -> None:
        try:
            with speaking(self._spoken):
                self.found = self._search(listener=self._heard, cancelled=self._stop.is_set)
        except DataError as error:
            self.refusal = error
        except Exception:  # noqa: BLE001 - logged in full; a page must never show the inside of an error
            self.incident = secrets.token_hex(3).upper()
            _log.exception("%s", self.incident)

    def _heard(self, step: Step) -> None:
        self.best = step.best or self.best


AT_ONCE_S = 1.5  # most are over by then: no progress need be shown


def begin(search: Work[Any], key: str = HUNT) -> None:
    """Start looking; what is found at once needs no waiting. `key` tells one page's search from another's."""
    hunt = Hunt(search)
    st.session_state[key] = hunt
    hunt.wait(AT_ONCE_S)


def current(key: str = HUNT) -> Hunt[Any] | None:
    """Return the search of this session, None without one."""
    hunt: Hunt[Any] | None = st.session_state.get(key)
    return hunt


def forget(key: str = HUNT) -> None:
    """Put the search away; one that still works is ended."""
    hunt = current(key)
    if hunt is not None:
        hunt.cancel()
        del st.session_state[key]


@st.fragment(run_every=LOOK_EVERY_S)
def follow(hunt: Hunt[Any], key: str = HUNT) -> None:
    """Show the search until it is over, then run the page anew."""
    if hunt.over:
        st.rerun()
    seconds = int(time.monotonic() - hunt.begun)
    best = "" if hunt.best is None else say("desk.run.best", figures=hunt.best.sentence())
    words, buttons = st.columns([5, 1], vertical_alignment="center")
    with words:
        tell(say("desk.dock.searching", seconds=seconds, best=best))
    with buttons:
        if hunt.best is not None:
            st.button(say("desk.run.keep"), on_click=hunt.cancel, width="stretch", key=f"keep-{key}")
        st.button(say("desk.run.cancel"), on_click=forget, args=(key,), width="stretch", key=f"cancel-{key}")
