"""办理: what the pages of the procedure stand on, read once a change: the docket, a frozen version of it, its areas."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import streamlit as st

from geo.schema import DataError
from geo.wording import language_of_runs, say, speaking
from jobs.cases import Frozen, cases_of, frozen_version
from jobs.proceeding import Docket, Matter, docket, matters
from report.bounds import bounds_of
from report.documents.case import Case
from report.drawings.atlas import Atlas, atlas_of
from store.given import Ids
from store.project import Project
from store.versions import Version
from ui import session
from ui.consulted import say_next
from ui.session import Opened

VERSION = "procedure-version"


@dataclass(frozen=True)
class Work:
    """A frozen version of the project on the desk, with how far each of its areas is."""

    opened: Opened
    docket: Docket
    frozen: Frozen
    matters: tuple[Matter, ...]

    @property
    def project(self) -> Project:
        """Return the project."""
        return self.opened.taken.project

    @property
    def version(self) -> Version:
        """Return the version."""
        return self.frozen.version

    @property
    def key(self) -> str:
        """Return what tells its widgets from those of other plans and versions."""
        return f"{self.project.path.stem[:12]}-{self.version.number}"

    @property
    def seen(self) -> int:
        """Return the number of the last step that a page of it shows: what a further step expects."""
        return max((course.last for course in self.docket.courses.values()), default=0)

    def matter(self, area_id: str) -> Matter:
        """Return one of its areas."""
        return next(one for one in self.matters if one.area.area_id == area_id)

    def called(self, area_id: str) -> str:
        """Return the id of an area with the name that papers give it."""
        return f"{area_id} {self.frozen.names[area_id]}"

    def households(self, area_id: str) -> int:
        """Return the sum of the counts that were judged."""
        return int(self.frozen.results.areas.at[area_id, "count"])

    def cases(self, *, draft: bool = True) -> Mapping[str, Case]:
        """Return what the papers of each area are made of."""
        return _cases(
            str(self.project.path), self.version.sha256, self.project.last_change(), draft, _work=self
        )


def docket_of(opened: Opened) -> Docket:
    """Return all that the project keeps of the procedure, as it stands."""
    project = opened.taken.project
    return _docket(str(project.path), project.last_change(), _project=project)


def work(opened: Opened) -> Work | None:
    """Ask for a version, the latest at first; say what to do first where there is none."""
    told = docket_of(opened)
    if not told.versions:
        no_versions()
        return None
    known = {version.number: version for version in told.versions}
    with st.columns([2, 3])[0]:
        number = st.selectbox(
            say("procedure.version"),
            sorted(known, reverse=True),
            format_func=lambda n: say("opinions.version_line", number=n, title=known[n].title),
            key=f"{VERSION}-{opened.digest[:12]}",
        )
    return work_of(opened, told, number)


def work_of(opened: Opened, told: Docket, number: int) -> Work:
    """Return a version of the project with how far each of its areas is."""
    project = opened.taken.project
    with st.spinner(say("desk.opening")):
        kept = _frozen(str(project.path), told.version(number).sha256, number, _project=project)
    frozen = replace(kept, docket=told, themes=project.opinion_themes())
    return Work(opened, told, frozen, matters(told, number))


def no_versions() -> None:
    """Say that nothing is frozen yet, and lead to where that is done."""
    st.html(f'<p class="desk-says">{say("procedure.no_versions")}</p>')
    st.page_link(session.page("plan"), label=say("opinions.to_plan"))


def again_of(told: Docket, number: int) -> Mapping[str, Ids]:
    """Return by area of a version the communities that were asked before, about another area than they are in now.

    That is one of other neighbours, or of another outline: where nothing of it is other, it goes on from the version before.
    """
    before = next((one for one in reversed(told.versions) if one.number < number), None)
    if before is None:
        return {}
    plan = told.version(number).state.plan
    anew = {
        member
        for area in plan.areas
        if not ((course := told.courses.get((number, area.area_id))) and course.earlier)
        for member in area.members
    }
    asked = {
        member
        for area in before.state.plan.areas
        for member in area.members
        if (course := told.courses.get((before.number, area.area_id))) and course.on("consulting")
    }
    return {area.area_id: tuple(m for m in area.members if m in anew & asked) for area in plan.areas}


def done(work: Callable[[], object], words: str) -> bool:
    """Do it; the page that is shown next says that it is done, or what is in the way."""
    try:
        work()
    except DataError as error:
        say_next(str(error), mark="bad")
        return False
    say_next(words)
    return True


# --- kept over reruns ------------------------------------------------------------------------------


@st.cache_resource(max_entries=8, show_spinner=False)
def _docket(path: str, change: int, *, _project: Project) -> Docket:  # noqa: ARG001 - what is kept by
    return docket(_project)


@st.cache_resource(max_entries=8, show_spinner=False)
def _frozen(path: str, sha256: str, number: int, *, _project: Project) -> Frozen:  # noqa: ARG001 - what is kept by
    with speaking(language_of_runs()):
        return frozen_version(_project, number)


@st.cache_resource(max_entries=8, show_spinner=False)
def _cases(path: str, sha256: str, change: int, draft: bool, *, _work: Work) -> Mapping[str, Case]:  # noqa: ARG001, FBT001 - what is kept by
    with speaking(language_of_runs()):
        return {case.area.area_id: case for case in cases_of(_work.frozen, draft=draft)}


@st.cache_resource(max_entries=4, show_spinner=False)
def atlas(sha256: str, *, _work: Work) -> Atlas:  # noqa: ARG001 - what is kept by
    """Return what the drawings of a version are made of."""
    with speaking(language_of_runs()):
        return replace(atlas_of(_work.frozen.results), bounds=_work.frozen.bounds)


@st.cache_resource(max_entries=64, show_spinner=False)
def found_bounds(sha256: str, area_id: str, *, _work: Work) -> Mapping[str, str]:  # noqa: ARG001 - what is kept by
    """Return the four bounds of an area as they are found by themselves, by side."""
    row = bounds_of(_work.frozen.results, [area_id]).loc[area_id]
    return {str(side): str(text) for side, text in row.items()}
