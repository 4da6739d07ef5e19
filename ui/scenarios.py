"""Scenarios of the plan on the desk: what is wished, in words; runs of them, and what they made, kept beside the plan."""

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from geo.wording import say
from jobs.reconsulting import held_still
from jobs.versus import Side
from jobs.weighing import Weighing, Wish, adopted
from optimizer.rules import Prices, Rules
from report.reopening import is_plan, read_results
from report.results import Results
from report.versus import rule_words
from store.edits import Regroup
from store.records import plain
from ui import drafting, people, session
from ui.runs import Run, new_token
from ui.session import Opened

RUN = "scenario_run"  # the token of the scenario that is being planned
LIMITS = ("minimum", "upper")
REACHES = ("reach_outline_m", "reach_point_m")
PRICES = ("join_self_sufficient", "upper_per_household", "wall_per_m", "committee", "grid", "area")


@dataclass(frozen=True)
class Kept:
    """A scenario that has been planned, and what it is called."""

    token: str
    label: str
    folder: Path

    def side(self, label: str) -> Side:
        """Return it to be compared."""
        return Side(label, _read(str(self.folder)))


# --- wishes ----------------------------------------------------------------------------------------


def values_of(rules: Rules, results: Results) -> dict[str, float]:
    """Return by name what can be wished otherwise, as it is now: limits, the reach that places have, prices in use."""
    shapes = results.communities.geometry.dropna()
    points = shapes.geom_type.isin(["Point", "MultiPoint"])
    reaches = [name for name, there in zip(REACHES, (not points.all(), points.any()), strict=True) if there]
    limits = {name: float(getattr(rules, name)) for name in (*LIMITS, *reaches)}
    return limits | {name: price_now(rules.prices, name) for name in (*PRICES, *_unlike(rules.prices))}


def price_now(prices: Prices, name: str) -> float:
    """Return the price of this name."""
    table, _, key = name.partition(".")
    return float(getattr(prices, table)[key] if key else getattr(prices, name))


def wish_of(now: Mapping[str, float], given: Mapping[str, float]) -> Wish:
    """Return the wish for what differs from now; an upper size that nobody touched moves with the minimum."""
    changed = {name: value for name, value in given.items() if value != now[name]}
    limits = {name: int(changed.pop(name)) for name in LIMITS if name in changed}
    reaches = {name: changed.pop(name) for name in REACHES if name in changed}
    return Wish(
        minimum=limits.get("minimum"),
        upper=limits.get("upper"),
        reach_outline_m=reaches.get("reach_outline_m"),
        reach_point_m=reaches.get("reach_point_m"),
        prices=changed,
    )


def wish_words(wish: Wish) -> str:
    """Return what is wished in one line, "" where nothing is."""
    told = {name: getattr(wish, name) for name in (*LIMITS, *REACHES)} | dict(wish.prices)
    lines = (
        say("scenario.wish", rule=rule_words(name), value=f"{value:,g}")
        for name, value in told.items()
        if value is not None
    )
    return say("words.semicolon").join(lines)


def _unlike(prices: Prices) -> list[str]:
    return [f"unlike.{key}" for key in prices.unlike]


# --- runs ------------------------------------------------------------------------------------------


def start(opened: Opened, wish: Wish) -> None:
    """Start planning as it is wished, from the draft on the desk, which stays as it is."""
    token = new_token()
    record = plain(held_still(opened.draft.state, opened.taken.project.under_way()))
    weighing = Weighing(opened.folder, record, asdict(wish), wish_words(wish))
    session.start_run(weighing, shelf(opened) / token, key=token)
    st.session_state[RUN] = token


def run() -> Run | None:
    """Return the run that this session has started, None without one."""
    return session.runs().get(st.session_state.get(RUN, ""))


def shelf(opened: Opened) -> Path:
    """Return where scenarios of this plan are kept."""
    return session.PLANS / "scenarios" / opened.digest[:24]


def kept(opened: Opened) -> tuple[Kept, ...]:
    """Return the scenarios of this plan, the first first."""
    folders = [one for one in shelf(opened).glob("*") if is_plan(one) and not one.name.startswith(".")]
    folders.sort(key=lambda folder: ((folder / "summary.json").stat().st_mtime_ns, folder.name))
    return tuple(Kept(folder.name, _label(folder), folder) for folder in folders)


def discard(opened: Opened, scenario: Kept) -> None:
    """Put a scenario away for good: drafts that were made of it stay as they are."""
    people.require("run")
    folder = shelf(opened) / scenario.token
    gone = folder.with_name(f".{folder.name}.{new_token()}")  # in one step: no half of it is ever read
    with suppress(FileNotFoundError):  # another desk was faster
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def adopt(opened: Opened, scenario: Kept) -> bool:
    """Make a draft that groups as the scenario does, and put it on the desk; tell whether it differs from this one.

    Raises DataError where nobody said who works here.
    """
    return adopt_plan(opened, adopted(opened.draft.state, _read(str(scenario.folder))), scenario.label)


def adopt_plan(opened: Opened, command: Regroup, label: str) -> bool:
    """Make a draft of the one on the desk and a command, and put it on the desk; tell whether it differs from this one.

    Raises DataError where nobody said who works here.
    """
    project, draft, graph = opened.taken.project, opened.draft, opened.taken.town.graph
    if not command.communities:
        return False
    title = say("scenario.draft_title", title=label)
    copied = project.copy(draft.draft_id, title, people.who())
    revision = project.draft(copied, graph).revision
    project.append(copied, command, revision, people.who(), graph=graph)
    drafting.open_draft(copied)
    return True


@st.cache_resource(max_entries=16, show_spinner=False)
def _read(folder: str) -> Results:
    return read_results(Path(folder))


def _label(folder: Path) -> str:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    words = str(summary.get("scenario", "")) or say("scenario.same_rules")
    return say("versus.scenario", rules=words)
