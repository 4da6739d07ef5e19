"""Which area of which version the page of opinions is about, and all that is known of its forms: chosen here, read once."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import streamlit as st

from geo.schema import DataError
from geo.wording import listed, say
from jobs.consulting import kind_of, units_of
from jobs.procedures import profile_of
from jobs.tallying import Asked, tally, themes_of
from report.papers import Imprint
from report.results import Results
from report.tally import KINDS, Tally
from store.opinions import Form
from store.proceedings import Course, courses
from store.project import Project
from store.versions import Version
from ui import session
from ui.contents import distinct
from ui.look import tell
from ui.session import Opened

HASH_SHOWN = 12
VERSION, AREA, KIND, SAID = "opinions-version", "opinions-area", "opinions-kind", "opinions-said"


@dataclass(frozen=True)
class Consulted:
    """One area of a frozen version under consultation; `forms` speak for it, those of earlier versions among them."""

    project: Project
    results: Results  # of the communities, by the data of the version
    version: Version
    course: Course
    members: tuple[str, ...]
    names: Mapping[str, str]  # of communities
    forms: tuple[Form, ...]
    tally: Tally
    title: str  # what papers call the area

    @property
    def area_id(self) -> str:
        """Return the area's id."""
        return self.course.place[1]

    @property
    def key(self) -> str:
        """Return what tells its widgets from those of other areas."""
        told = f"{self.project.path.name}-{self.version.number}-{self.area_id}"
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def imprint(self) -> Imprint:
        """Return what stands on every sheet."""
        office = self.project.office().name or listed(distinct(self.results.communities["street_town"]))
        version = self.version
        source = say(
            "meet.of_version", number=version.number, title=version.title, hash=version.sha256[:HASH_SHOWN]
        )
        today = date.today()  # noqa: DTZ011 - the day of the office that prints it
        return Imprint(self.title, office or self.results.title, today, source)


def chosen(
    opened: Opened, called: Callable[[int], Mapping[str, str]], told_by: Callable[[Version], Results]
) -> Consulted | None:
    """Ask for version, area and procedure; say what to do first where there is none.

    `called` gives the names of the areas of a version, by id; `told_by` the results of a version's own data.
    """
    project = opened.taken.project
    known = {version.number: version for version in project.versions()}
    if not known:
        st.html(f'<p class="desk-says">{say("opinions.no_versions")}</p>')
        st.page_link(session.page("plan"), label=say("opinions.to_plan"))
        return None
    own = opened.digest[:12]
    first, second, third = st.columns([2, 3, 2])
    with first:
        number = st.selectbox(
            say("opinions.version"),
            sorted(known, reverse=True),
            format_func=lambda n: say("opinions.version_line", number=n, title=known[n].title),
            key=f"{VERSION}-{own}",
        )
    version = known[number]
    under_way = {
        place[1]: course for place, course in courses(project.proceedings()).items() if place[0] == number
    }
    if not under_way:
        st.html(f'<p class="desk-says">{say("opinions.no_areas", number=number)}</p>')
        return None
    names = called(number)
    with second:
        area_id = st.selectbox(
            say("opinions.area"),
            sorted(under_way),
            format_func=lambda a: say(
                "opinions.area_line",
                area=a,
                name=names[a],
                state=say(f"proceeding.state.{under_way[a].state}"),
            ),
            key=f"{AREA}-{own}-{number}",
        )
    members = next(area.members for area in version.state.plan.areas if area.area_id == area_id)
    with third:
        results = opened.taken.base if version.basis == opened.taken.basis else told_by(version)
        kind = _kind(results, members, f"{KIND}-{own}-{number}-{area_id}")
    asked = _Asked(version, under_way[area_id], tuple(members))
    return _read(project, results, asked, kind=kind, title=names[area_id])


def _kind(results: Results, members: Sequence[str], key: str) -> str:
    found = kind_of(results, members)
    return st.selectbox(
        say("opinions.kind"),
        KINDS,
        index=KINDS.index(found),
        format_func=lambda kind: say(f"forms.kind.{kind}"),
        key=key,
    )


@dataclass(frozen=True)
class _Asked:
    """An area of a version that was chosen."""

    version: Version
    course: Course
    members: tuple[str, ...]


def _read(project: Project, results: Results, asked: _Asked, *, kind: str, title: str) -> Consulted:
    version, course, members = asked.version, asked.course, asked.members
    forms = project.opinion_forms([course.place, *course.earlier])
    names = {c: str(results.communities.at[c, "name"]) for c in members}
    return Consulted(
        project=project,
        results=results,
        version=version,
        course=course,
        members=members,
        names=names,
        forms=forms,
        tally=tally(
            forms,
            communities=[Asked(c, names[c], units_of(results, c)) for c in sorted(members)],
            profile=profile_of(version.rules_text),
            kind=kind,
            themes=themes_of(project.opinion_themes(), course),
        ),
        title=title,
    )


# --- what the page has to say ----------------------------------------------------------------------


def tried(work: Callable[[], object]) -> bool:
    """Do it; what is in the way is said by the page that is shown next, at once."""
    try:
        work()
    except DataError as error:
        say_next(str(error), mark="bad")
        st.rerun()
    return True


def say_next(words: str, *, mark: Literal["plain", "bad"] = "plain") -> None:
    """Keep a sentence for the page that is shown next."""
    st.session_state[SAID] = (words, mark)


def said() -> None:
    """Say what was kept."""
    words, mark = st.session_state.pop(SAID, ("", "plain"))
    if words:
        tell(words, mark=mark)
