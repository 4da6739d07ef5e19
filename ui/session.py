"""What one person's desk has open: kept in the session, and in the address, so that a page loaded again finds it."""

import hashlib
import logging
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from geo.schema import DataError
from geo.wording import say
from jobs.reopened import Reopened, reopened
from jobs.sample import sample_request
from report.maps import MapData, map_data
from report.reopening import is_plan, read_results
from report.results import Results
from ui import contents
from ui.look import tell
from ui.runs import Run, Runs

HERE = Path(__file__).parent.parent
SAMPLE = HERE / "data" / "sample"
DEMO = Path.cwd() / "out" / "demo"  # beside what the command line writes
PLANS = Path.cwd() / "out" / "desk"  # what was planned on the desk: a folder each, named by its token
SAMPLE_RUN = "sample"
_TOKEN = re.compile(r"[0-9a-f]{24}")
_ADDRESS = ("plan", "run")
_log = logging.getLogger("zutuan.desk")


@dataclass(frozen=True)
class Opened:
    """A plan on the desk; `digest` is of its content, `lists` and `duties` are what every click shows again."""

    folder: Path
    digest: str
    results: Results
    map: MapData
    lists: list[dict[str, Any]]
    duties: Any


# --- which plan ------------------------------------------------------------------------------------


def keep_address() -> None:
    """Take plan and run from the address when the session begins, and keep them in it on every page."""
    for key in _ADDRESS:
        if key not in st.session_state:
            token = st.query_params.get(key, "")
            st.session_state[key] = token if _TOKEN.fullmatch(token) else ""
        _put_address(key, st.session_state[key])


def folder() -> Path:
    """Return the folder of the current plan: one planned here, else the one the desk was started on, else the sample's."""
    token: str = st.session_state.plan
    if token and is_plan(PLANS / token):
        return PLANS / token
    return Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else DEMO


def current() -> Opened:
    """Return the current plan; raises DataError where its folder holds none."""
    where = folder()
    return _opened(str(where), digest_of(where))


def open_plan(token: str) -> None:
    """Make the plan with this token the current one."""
    st.session_state.update(plan=token, run="", selected="", show=None)
    for key in _ADDRESS:
        _put_address(key, st.session_state[key])


def digest_of(where: Path) -> str:
    """Return the hash of what a plan's folder says, "" where it holds no plan."""
    if not is_plan(where):
        return ""
    digest = hashlib.sha256()
    for name in ("summary.json", "plan.gpkg", "findings.csv"):
        digest.update((where / name).read_bytes())
    return digest.hexdigest()


def town() -> Reopened:
    """Return what the optimizer saw of the current plan; raises DataError where its rules cannot be read."""
    where = folder()
    return _town(str(where), digest_of(where))


@st.cache_resource(max_entries=8, show_spinner=False)
def _town(where: str, digest: str) -> Reopened:
    return reopened(_opened(where, digest).results)


@st.cache_resource(max_entries=8, show_spinner=say("desk.opening"))
def _opened(where: str, digest: str) -> Opened:
    results = read_results(Path(where))
    return Opened(
        folder=Path(where),
        digest=digest,
        results=results,
        map=map_data(results),
        lists=contents.lists(results),
        duties=contents.duties_of(results),
    )


def _put_address(key: str, token: str) -> None:
    if token and st.query_params.get(key) != token:
        st.query_params[key] = token
    elif not token and key in st.query_params:
        del st.query_params[key]


# --- what is selected ------------------------------------------------------------------------------


def select(place: str, *, look: bool) -> None:
    """Select a thing by its place; `look` turns the map to it."""
    turn = st.session_state.get("turn", 0) + 1
    st.session_state.update(selected=place, last=place, turn=turn, look=turn if look else None)


def unselect() -> None:
    """Close the card; the list remembers what was open."""
    st.session_state.update(selected="", look=None)


def show_list(name: str) -> None:
    """Show the list behind a number of the headline."""
    key, kind = contents.BEHIND[name]
    turn = st.session_state.get("turn", 0) + 1
    st.session_state.update(selected="", look=None, turn=turn, show={"key": key, "kind": kind, "turn": turn})


# --- runs ------------------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def runs() -> Runs:
    """Return the runs of this server; each is reached by its token alone."""
    return Runs()


def run() -> Run | None:
    """Return the run this session has started, None without one."""
    return runs().get(st.session_state.run) if st.session_state.run else None


def forget_run() -> None:
    """Put away a run that is over."""
    st.session_state.run = ""
    _put_address("run", "")


def sample_run() -> Run:
    """Return the run that plans the sample street, started where there is no plan of it and none on its way."""
    run = runs().get(SAMPLE_RUN)
    return start_sample() if run is None or run.state.outcome == "done" else run


def start_sample() -> Run:
    """Start planning the sample street."""
    return runs().start(sample_request(SAMPLE), DEMO, key=SAMPLE_RUN)


# --- errors ----------------------------------------------------------------------------------------


@contextmanager
def guarded() -> Iterator[None]:
    """Show an error as its sentence; one nobody foresaw as a number that the log knows, and nothing of its inside."""
    try:
        yield
    except DataError as error:
        tell(str(error), mark="bad")
    except Exception:  # noqa: BLE001 - logged in full; a page must never show the inside of an error
        number = secrets.token_hex(3).upper()
        _log.exception("%s", number)
        tell(say("desk.unexpected", number=number), mark="bad")
