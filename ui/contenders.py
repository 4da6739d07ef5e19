"""What can be compared on the desk: the plan as computed, drafts, versions, scenarios, and what is always among them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from geo.wording import language, say
from jobs.projects import read_back
from jobs.reopened import reopened
from jobs.revised import revised
from jobs.unmerged import kept_as_is, packaged
from jobs.versus import Side, compared
from report.results import Results
from report.versus import Versus
from report.versuspage import versus_page
from store.drafts import Draft
from store.versions import Version
from ui.map_files import address_of
from ui.scenarios import kept
from ui.session import Opened

COMPUTED, AS_IS, PACKAGE, SCENARIO = "computed", "as_is", "package", "scenario"
_Key = tuple[object, ...]


@dataclass(frozen=True)
class Contender:
    """A plan that can be compared: `state` names it as it stands, `made` gives it when it is wanted."""

    key: str
    label: str
    state: _Key
    made: Callable[[str], Side]  # by the label it gets


@dataclass(frozen=True)
class Shown:
    """Two plans compared, and the address of the page with both maps, from the root of the server."""

    versus: Versus
    address: str


def contenders(opened: Opened) -> dict[str, Contender]:
    """Return what can be compared on this desk, by key: the computed plan where the draft is another, then the draft."""
    drafts = {line.draft_id: line.title for line in opened.taken.drafts()}
    here = opened.draft.draft_id
    order = [here, *sorted(i for i in drafts if i != here)]
    found = [
        *_computed(opened),
        *(_draft(opened, i, drafts[i]) for i in order),
        *(_version(opened, version) for version in opened.taken.project.versions()),
        *(_contender(f"{SCENARIO}-{one.token}", one.label, (), one.side) for one in kept(opened)),
        _contender(
            AS_IS, say("versus.as_is"), (), lambda label: Side(label, _as_is(opened.digest, _opened=opened))
        ),
        _contender(
            PACKAGE, say("versus.package"), _state(opened), lambda label: Side(label, _packaged(opened))
        ),
    ]
    return {one.key: one for one in _distinct(found)}


def here(opened: Opened, found: Iterable[Contender]) -> Contender:
    """Return the draft on the desk among what can be compared."""
    key = f"draft-{opened.draft.draft_id}"
    return next(one for one in found if one.key == key)


def usual(opened: Opened) -> tuple[str, str]:
    """Return what stands left and right at first: the computed plan and the draft; before any edit, nothing grouped."""
    return AS_IS if _as_computed(opened) else COMPUTED, f"draft-{opened.draft.draft_id}"


def shown(opened: Opened, one: Contender, other: Contender) -> Shown:
    """Return two of them compared; kept until one of them changes."""
    states = (opened.digest, one.state, other.state, one.label, other.label)
    return _shown(states, language(), _one=one, _other=other)


@st.cache_resource(max_entries=24, show_spinner=False)
def _shown(states: Any, spoken: str, *, _one: Contender, _other: Contender) -> Shown:  # noqa: ARG001 - what is kept by
    versus = compared(_one.made(_one.label), _other.made(_other.label))
    root = st.get_option("server.baseUrlPath").strip("/")
    address = address_of(versus_page(versus, alone=False), kind="html")
    return Shown(versus, "/".join(["", root, address] if root else ["", address]))


# --- each of them ----------------------------------------------------------------------------------


def _contender(key: str, label: str, state: _Key, made: Callable[[str], Side]) -> Contender:
    return Contender(key, label, (key, *state), made)


def _computed(opened: Opened) -> list[Contender]:
    """Return the plan as computed, unless the draft still is that plan: the same would stand there twice."""
    if _as_computed(opened):
        return []
    base = opened.taken.base
    return [_contender(COMPUTED, say("compare.computed"), (), lambda label: Side(label, base))]


def _as_computed(opened: Opened) -> bool:
    return opened.draft.state == Draft(opened.taken.town.plan)


def _draft(opened: Opened, draft_id: int, title: str) -> Contender:
    here = draft_id == opened.draft.draft_id
    label = say("compare.draft_here" if here else "compare.draft", title=title)
    draft = opened.draft if here else opened.taken.draft(draft_id)

    def made(label: str) -> Side:
        return Side(label, opened.taken.results(draft), draft.state)

    return _contender(f"draft-{draft_id}", label, (draft.revision,), made)


def _version(opened: Opened, version: Version) -> Contender:
    label = say("desk.versions.version", number=version.number, title=version.title)

    def made(label: str) -> Side:
        return Side(
            label, _frozen(opened.digest, version.sha256, _opened=opened, _version=version), version.state
        )

    return _contender(f"version-{version.number}", label, (version.sha256,), made)


def _distinct(found: list[Contender]) -> list[Contender]:
    """Return them with labels that differ: two drafts may have the same title."""
    labels = [one.label for one in found]
    return [
        one if labels.count(one.label) == 1 else Contender(one.key, f"{one.label} ({n})", one.state, one.made)
        for n, one in enumerate(found, 1)
    ]


def _state(opened: Opened) -> _Key:
    return opened.draft.draft_id, opened.draft.revision


@st.cache_resource(max_entries=8, show_spinner=False)
def _as_is(digest: str, *, _opened: Opened) -> Results:  # noqa: ARG001 - of which plan
    return kept_as_is(_opened.taken.base, _opened.taken.town)


@st.cache_resource(max_entries=16, show_spinner=False)
def _frozen(digest: str, sha256: str, *, _opened: Opened, _version: Version) -> Results:  # noqa: ARG001 - of which version
    taken = _opened.taken
    if _version.basis == taken.basis:
        return revised(taken.base, taken.town, _version.state)
    with TemporaryDirectory() as shelf:
        base = read_back(taken.project, Path(shelf), _version.basis)
    return revised(base, reopened(base), _version.state)


def _packaged(opened: Opened) -> Results:
    return packaged(opened.taken.base, opened.taken.town, opened.draft.state.plan)
