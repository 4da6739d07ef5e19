"""What one person's desk has open: kept in the session, and in the address, so that a page loaded again finds it."""

import hashlib
import logging
import re
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from geo.schema import DataError
from geo.wording import language, say, speaking
from jobs.projects import unpacked
from jobs.remarks import remarks
from jobs.responsibilities import responsibilities
from jobs.sample import sample_request
from optimizer.checks import Violation
from report.reopening import is_plan
from report.responsible import Responsible, known_by_place
from report.results import Results
from store.project import OpenDraft, Project
from ui import contents, drafting, people
from ui.checking import CheckRow, check_rows, in_order
from ui.drafting import Taken
from ui.look import tell
from ui.remarked import remark_rows
from ui.runs import Run, Runs, Work

HERE = Path(__file__).parent.parent
SAMPLE = HERE / "data" / "sample"
DEMO = Path.cwd() / "out" / "demo"  # beside what the command line writes
PLANS = Path.cwd() / "out" / "desk"  # what was planned on the desk: a folder each, named by its token
RULES = Path.cwd() / "out" / "rules.toml"  # of the office, for the plans to come; absent: the standard ones
SHELF = Path.cwd() / "out" / "projects"  # a project file each
SAMPLE_RUN = "sample"
SAMPLE_PLAN = "sample"  # the token of the sample's plan
_TOKEN = re.compile(rf"[0-9a-f]{{24}}|{SAMPLE_PLAN}")
_ADDRESS = ("plan", "run")
_log = logging.getLogger("zutuan.desk")


@dataclass(frozen=True)
class Opened:
    """A draft on the desk; `lists` and `responsible` are what every click shows again, `duties` what no edit changes."""

    folder: Path
    digest: str  # of the plan it began with
    taken: Taken
    draft: OpenDraft
    results: Results
    checks: tuple[CheckRow, ...]
    lists: list[dict[str, Any]]
    duties: Any
    responsible: tuple[Responsible, ...]


# --- pages -----------------------------------------------------------------------------------------


def admit() -> None:
    """Go on only where it is clear who may do what: a file of roles with faults lets nobody in, and says each of them."""
    try:
        people.access()
    except DataError as error:
        for line in str(error).splitlines():
            tell(line, mark="bad")
        st.stop()


def set_pages(pages: Mapping[str, StreamlitPage]) -> None:
    """Keep the pages of this run of the script, for whoever leads from one to another."""
    st.session_state["pages"] = dict(pages)


def page(name: str) -> StreamlitPage:
    """Return a page by its name."""
    found: StreamlitPage = st.session_state["pages"][name]
    return found


# --- which plan ------------------------------------------------------------------------------------


def keep_address() -> None:
    """Take plan and run from the address when the session begins, and keep them in it on every page."""
    for key in _ADDRESS:
        if key not in st.session_state:
            token = st.query_params.get(key, "")
            st.session_state[key] = token if _TOKEN.fullmatch(token) else ""
        _put_address(key, st.session_state[key])


def folder() -> Path:
    """Return the folder of the current plan: one opened here, else the one the desk was started on, else the sample's."""
    token: str = st.session_state.plan
    if token and token != SAMPLE_PLAN and is_plan(PLANS / token):
        return PLANS / token
    return Path(sys.argv[1]).resolve() if len(sys.argv) > 1 and token != SAMPLE_PLAN else DEMO


def office_rules() -> Path | None:
    """Return the rules file that the office keeps for the plans to come, None where the standard rules hold."""
    return RULES if RULES.is_file() else None


def is_open() -> bool:
    """Tell whether anything was opened: here, in the address, or when the desk was started."""
    return bool(st.session_state.plan) or len(sys.argv) > 1


def current() -> Opened:
    """Return the draft on the desk as it stands in its project; raises DataError where the folder holds no plan."""
    where = folder()
    digest = digest_of(where)
    with st.spinner(say("desk.opening")):
        taken = _taken(str(where), digest)
    draft = taken.draft(st.session_state.get(drafting.DRAFT, 0))
    opened = _opened(str(where), digest, draft.draft_id, draft.revision, language(), _draft=draft)
    st.session_state[drafting.DRAFT] = draft.draft_id
    st.session_state[drafting.SHOWN] = opened
    return opened


def shown() -> Opened:
    """Return what the page showed last: what a click means."""
    opened: Opened = st.session_state[drafting.SHOWN]
    return opened


def open_plan(token: str) -> None:
    """Make the plan with this token the current one."""
    st.session_state.update(plan=token, run="", selected=None, chosen=(), show=None, **{drafting.DRAFT: 0})
    for key in _ADDRESS:
        _put_address(key, st.session_state[key])


def open_basis(project: Project, basis: int, draft_id: int = 0) -> None:
    """Make a plan of a project the current one, with this draft of it, 0 for the one that was changed last."""
    open_plan(unpacked(project, PLANS, basis).name)
    st.session_state[drafting.DRAFT] = draft_id


def digest_of(where: Path) -> str:
    """Return the hash of what a plan's folder says, "" where it holds no plan."""
    if not is_plan(where):
        return ""
    files = [where / name for name in ("summary.json", "plan.gpkg", "findings.csv")]
    return _digest(*((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files))


@lru_cache(maxsize=64)
def _digest(*files: tuple[str, int, int]) -> str:
    """Return the hash of files told by path, time of change and size: every click asks, few find another plan."""
    digest = hashlib.sha256()
    for path, _, _ in files:
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


@st.cache_resource(max_entries=8, show_spinner=False)
def _taken(where: str, digest: str) -> Taken:  # noqa: ARG001 - the digest makes a changed folder another one
    return Taken(Path(where), SHELF)


@st.cache_resource(max_entries=16, show_spinner=False)
def _opened(
    where: str,
    digest: str,
    draft_id: int,  # noqa: ARG001 - each draft, as it stood, is another one
    revision: int,  # noqa: ARG001
    spoken: str,
    *,
    _draft: OpenDraft,
) -> Opened:
    taken = _taken(where, digest)
    broken = taken.broken(_draft)
    results = taken.results(_draft, broken=broken)
    with speaking(spoken):
        duties = _duties(where, digest, _results=taken.base)
        held = responsibilities(results, _draft.state, known=duties)
        checks = _checks(taken, _draft, results, broken, held)
        return Opened(
            folder=Path(where),
            digest=digest,
            taken=taken,
            draft=_draft,
            results=results,
            checks=checks,
            lists=[contents.checks_list(results, checks), *contents.lists(results)],
            duties=duties,
            responsible=held,
        )


def _checks(
    taken: Taken,
    draft: OpenDraft,
    results: Results,
    broken: Sequence[Violation],
    held: Sequence[Responsible],
) -> tuple[CheckRow, ...]:
    """Return the rows of the checks: what breaks a rule or is left to decide, and what somebody should see to."""
    told = {"rules_text": results.rules_text}
    judged = check_rows(draft.state, taken.town, found=broken, **told)
    found = remarks(results, held)
    return in_order([*judged, *remark_rows(found, draft.state, taken.town, **told)])


@st.cache_resource(max_entries=8, show_spinner=False)
def _duties(where: str, digest: str, *, _results: Results) -> Any:  # noqa: ARG001 - no edit changes where a community lies
    return known_by_place(_results)


def _put_address(key: str, token: str) -> None:
    if token and st.query_params.get(key) != token:
        st.query_params[key] = token
    elif not token and key in st.query_params:
        del st.query_params[key]


# --- what is selected ------------------------------------------------------------------------------

Thing = tuple[str, str]  # table and id: rows of areas change from edit to edit, ids do not


def thing_at(place: str) -> Thing | None:
    """Return the thing at a place of what the page showed, None where there is none."""
    found = contents.place_of(shown().results, place)
    return None if found is None else (found[0], str(contents.id_of(shown().results, place)))


def select(place: str, *, look: bool) -> None:
    """Open the card of the thing at a place, and choose nothing but it; `look` turns the map to it."""
    thing = thing_at(place)
    if thing is None:
        return
    turn = st.session_state.get("turn", 0) + 1
    st.session_state.update(
        selected=thing, last=thing, chosen=(thing,), turn=turn, look=turn if look else None
    )


def toggle(places: Iterable[str]) -> None:
    """Take the things at these places into the choice; one that is chosen already, and comes alone, leaves it."""
    things = [thing for thing in map(thing_at, places) if thing is not None]
    before: tuple[Thing, ...] = st.session_state.get("chosen", ())
    if len(things) == 1 and things[0] in before:
        after = tuple(thing for thing in before if thing != things[0])
    else:
        after = (*before, *(thing for thing in things if thing not in before))
    st.session_state.update(chosen=after, look=None)


def choose(things: Iterable[Thing], *, look: bool = False) -> None:
    """Choose these things and no others; `look` turns the map to them."""
    turn = st.session_state.get("turn", 0) + 1
    st.session_state.update(chosen=tuple(dict.fromkeys(things)), turn=turn, look=turn if look else None)


def chosen() -> tuple[Thing, ...]:
    """Return what is chosen, as far as the plan still has it."""
    results = shown().results
    return tuple(t for t in st.session_state.get("chosen", ()) if t[1] in getattr(results, t[0]).index)


def unselect() -> None:
    """Close the card; the list remembers what was open."""
    st.session_state.update(selected=None, look=None)


def show_list(name: str) -> None:
    """Show the list of this name, or the one behind this number of the headline."""
    key, kind = contents.BEHIND.get(name, (name, ""))
    turn = st.session_state.get("turn", 0) + 1
    st.session_state.update(
        selected=None, look=None, turn=turn, show={"key": key, "kind": kind, "turn": turn}
    )


# --- runs ------------------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def runs() -> Runs:
    """Return the runs of this server; each is reached by its token alone."""
    return Runs()


def start_run(work: Work, folder: Path, *, key: str, kept: object = None) -> Run:
    """Start a run under this key; raises DataError where the role of who works here does not allow it."""
    people.require("run")
    return runs().start(work, folder, key=key, kept=kept)


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
