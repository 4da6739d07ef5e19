"""How far each area of a version is on its way from freezing to filing: what can be done next, and what is in the way.

Pure: all that the project keeps is read once (`docket`); what blocks a step is a code with figures, told as a sentence.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from geo.bounds import legal_outlines
from geo.schema import DataError
from geo.wording import say
from jobs.citing import cited, days_of, period, unconfirmed
from jobs.tallying import suspicions
from optimizer.plan import Area
from report.documents.filing import IF_ANY, MATERIALS
from store.filings import Filing
from store.given import Ids
from store.meetings import Dispute
from store.office import Office
from store.opinions import Form
from store.proceedings import STATES, Course, Place, courses, needs_reason
from store.project import Project
from store.versions import Version

PUBLIC = ("consulting", "notice", "decided")  # steps that the owners are shown a paper about
# Step → the state whose period has to be over before it, and which period of the rules that is.
AFTER = MappingProxyType({"summarised": ("consulting", "consult_days"), "decided": ("notice", "notice_days")})


@dataclass(frozen=True)
class Blocker:
    """One thing in the way of a step: a code under "proceeding.blocked." of the catalogue, and what its sentence names."""

    code: str
    told: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the sentence: what is missing, and what to do."""
        return say(f"proceeding.blocked.{self.code}", **self.told)


@dataclass(frozen=True)
class Offered:
    """A state that an area may come into next: whether that needs a reason, the first day it may have, what is in the way."""

    state: str
    needs_reason: bool
    earliest: date
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True)
class Ground:
    """What data say of communities: names, the counts that were judged, and which of them have no outline."""

    names: Mapping[str, str]
    counts: Mapping[str, int | None]
    sketches: frozenset[str]


@dataclass(frozen=True)
class Docket:
    """All that a project keeps of the procedure.

    `grounds` by number of a basis: each version speaks of communities as the data that it was frozen on did. `names` are
    those of all communities that ever were, as they were called last.
    """

    versions: tuple[Version, ...]
    courses: Mapping[Place, Course]
    office: Office
    filings: Mapping[Place, Filing]
    forms: Mapping[Place, Sequence[Form]]
    disputes: Mapping[int, Dispute]  # the open ones, by number
    names: Mapping[str, str]
    grounds: Mapping[int, Ground]

    def ground(self, number: int) -> Ground:
        """Return what the data of a version say; raises DataError where there is none of this number."""
        return self.grounds[self.version(number).basis]

    def version(self, number: int) -> Version:
        """Return a version; raises DataError where there is none of this number."""
        for version in self.versions:
            if version.number == number:
                return version
        raise DataError("proceeding.no_version", number=number)


@dataclass(frozen=True)
class Matter:
    """One area of a version on its way, with all that decides what may be done next.

    `kept` where the area stays as it is (维持现状) and needs no procedure; `disputes` are numbers of open ones;
    `unasked` names of communities to which no form went out; `doubted` answers that contradict each other; `lacking`
    keys of papers that the filing needs and are not at hand (report.documents.filing.MATERIALS).
    """

    area: Area
    name: str
    course: Course
    kept: bool
    sketch: bool
    disputes: tuple[int, ...]
    unasked: Ids
    doubted: int
    filing: Filing | None
    lacking: Ids

    @property
    def called(self) -> str:
        """Return the id of the area with its name, where it has one."""
        return f"{self.area.area_id} {self.name}".strip()


# --- reading ---------------------------------------------------------------------------------------


def docket(project: Project) -> Docket:
    """Return all that a project keeps of the procedure."""
    versions = project.versions()
    used = {version.basis for version in versions} | {basis.number for basis in project.bases()[-1:]}
    grounds = {number: ground(project.communities(number)) for number in sorted(used)}
    return Docket(
        versions=versions,
        courses=courses(project.proceedings()),
        office=project.office(),
        filings={(one.version, one.area_id): one for one in project.filings()},
        forms=_by_place(project.opinion_forms()),
        disputes={one.number: one.dispute for one in project.disputes() if one.dispute.state == "open"},
        names={c: name for one in grounds.values() for c, name in one.names.items()},
        grounds=grounds,
    )


def ground(communities: gpd.GeoDataFrame) -> Ground:
    """Return what a table of communities, as geo.schema has it, says of them."""
    counts = communities["count"].items()
    return Ground(
        names=communities["name"].to_dict(),
        counts={str(c): None if pd.isna(count) else int(count) for c, count in counts},
        sketches=sketched(communities),
    )


def _by_place(forms: Iterable[Form]) -> dict[Place, list[Form]]:
    found: dict[Place, list[Form]] = {}
    for form in forms:
        found.setdefault((form.version, form.area_id), []).append(form)
    return found


def sketched(communities: gpd.GeoDataFrame) -> frozenset[str]:
    """Return the communities without an outline: an area that holds one is a sketch, and cannot be filed."""
    each = communities.assign(area_id=communities.index)
    return frozenset(legal_outlines(each).isna().pipe(lambda none: none.index[none]))


def matters(told: Docket, number: int) -> tuple[Matter, ...]:
    """Return the areas of a version that are in the procedure, by area id; raises DataError for an unknown version."""
    version, data = told.version(number), told.ground(number)
    areas = {area.area_id: area for area in version.state.plan.areas}
    found = (
        _matter(told, version, data, areas[area_id], course)
        for (of, area_id), course in told.courses.items()
        if of == number
    )
    return tuple(sorted(found, key=lambda matter: matter.area.area_id))


def _matter(told: Docket, version: Version, data: Ground, area: Area, course: Course) -> Matter:
    places = (course.place, *course.earlier)
    forms = [form for place in places for form in told.forms.get(place, ())]
    sent = {form.community_id for form in forms if form.sent_on or form.answers}
    filing = filing_of(told.filings, course)
    outcomes = version.state.plan.outcomes
    return Matter(
        area=area,
        name=version.state.names.get(area.area_id, ""),
        course=course,
        kept=outcomes[area.members[0]] == "fixed",
        sketch=not data.sketches.isdisjoint(area.members),
        disputes=tuple(number for number, one in told.disputes.items() if _is_about(one, area)),
        unasked=tuple(data.names.get(m, m) for m in area.members if m not in sent),
        doubted=len(suspicions(forms)),
        filing=filing,
        lacking=lacking(filing),
    )


def filing_of(filings: Mapping[Place, Filing], course: Course) -> Filing | None:
    """Return the filing of an area: its own, or that of the version which it goes on from."""
    return next((filings[place] for place in (course.place, *course.earlier) if place in filings), None)


def lacking(filing: Filing | None) -> Ids:
    """Return the keys of papers that a filing needs and that are not at hand, in the order of the list (D10)."""
    present: Collection[str] = () if filing is None else filing.present
    return tuple(key for key in MATERIALS if key not in IF_ANY and key not in present)


def _is_about(dispute: Dispute, area: Area) -> bool:
    places = (area.area_id,) if dispute.kind == "area" else area.members
    return not set(places).isdisjoint(dispute.place)


# --- what is in the way ----------------------------------------------------------------------------


def blockers(matter: Matter, state: str, on: date, *, rules_text: str, office: Office) -> tuple[Blocker, ...]:
    """Return what is in the way of bringing an area into a state on a day; empty where nothing is.

    Steps aside and back are never blocked: that they need a reason the store sees to. Disputes block the filing alone:
    they are what a consultation is for.
    """
    if state in matter.course.next_states() and _is_onward(matter.course.state, state):
        return tuple(_blockers(matter, state, on, rules_text, office))
    return ()


def offered(matter: Matter, on: date, *, rules_text: str, office: Office) -> tuple[Offered, ...]:
    """Return the states that an area may come into next, with what is in the way on this day."""
    before = matter.course.state
    return tuple(
        Offered(
            state,
            needs_reason(before, state),
            earliest(matter, state, rules_text=rules_text),
            blockers(matter, state, on, rules_text=rules_text, office=office),
        )
        for state in matter.course.next_states()
    )


def earliest(matter: Matter, state: str, *, rules_text: str) -> date:
    """Return the first day that a step may be dated: not before the last one, and a period it waits for is over."""
    if state in AFTER and _is_onward(matter.course.state, state):
        return _ran(matter, state, rules_text)[1] + timedelta(days=1)
    return date.fromisoformat(matter.course.rows[-1].on)


def _is_onward(before: str, state: str) -> bool:
    return before in STATES and state in STATES and STATES.index(before) < STATES.index(state)


def _blockers(matter: Matter, state: str, on: date, rules_text: str, office: Office) -> Iterator[Blocker]:
    if matter.kept:
        yield Blocker("kept")
    if state in PUBLIC:
        yield from _unconfirmed(rules_text, office)
    if state in AFTER:
        yield from _too_early(matter, state, on, rules_text)
    if state == "summarised":
        yield from _opinions(matter)
    if state == "filed":
        yield from _filing(matter)


def _unconfirmed(rules_text: str, office: Office) -> Iterator[Blocker]:
    if not any(one.kind == "citation" for one in cited(rules_text, office)):
        yield Blocker("no_citation")
    left = unconfirmed(rules_text, office)
    if left:
        yield Blocker("unconfirmed", {"number": len(left), "first": left[0].text})


def _too_early(matter: Matter, state: str, on: date, rules_text: str) -> Iterator[Blocker]:
    begins, ends = _ran(matter, state, rules_text)
    if on <= ends:
        before, key = AFTER[state]
        told = {"begins": begins.isoformat(), "ends": ends.isoformat(), "days": days_of(rules_text, key)}
        yield Blocker(f"{before}_not_over", told)


def _ran(matter: Matter, state: str, rules_text: str) -> tuple[date, date]:
    """Return the first and the last day of the period that a step waits for."""
    before, key = AFTER[state]
    return period(date.fromisoformat(matter.course.on(before)), days_of(rules_text, key))


def _opinions(matter: Matter) -> Iterator[Blocker]:
    if matter.unasked:
        yield Blocker("unasked", {"names": matter.unasked, "number": len(matter.unasked)})
    if matter.doubted:
        yield Blocker("doubted", {"number": matter.doubted})


def _filing(matter: Matter) -> Iterator[Blocker]:
    if matter.disputes:
        yield Blocker("disputes", {"number": len(matter.disputes), "first": matter.disputes[0]})
    if matter.sketch:
        yield Blocker("sketch")
    if matter.lacking:
        # Some of the names hold a comma of their own.
        names = (say(f"documents.filing.material.{key}") for key in matter.lacking)
        told = say("words.semicolon").join(names)
        yield Blocker("lacking", {"number": len(matter.lacking), "names": told})
    if matter.filing is None or not matter.filing.filing_no:
        yield Blocker("no_filing_number")


# --- taking a step ---------------------------------------------------------------------------------


def proceed(  # noqa: PLR0913 - what a step is made of
    project: Project,
    version: int,
    area_ids: Iterable[str],
    state: str,
    *,
    on: str,
    reason: str,
    who: str,
    expected: int,
    paper: int | None = None,
) -> None:
    """Bring areas of a version into a state where nothing is in the way; `expected`, `paper` as `Project.proceed` has them.

    Raises DataError with the first thing in the way, of the first area that has one, and as `Project.proceed`: neither
    writes anything.
    """
    told = docket(project)
    chosen, rules_text = set(area_ids), told.version(version).rules_text
    for matter in matters(told, version):
        if matter.area.area_id in chosen:
            found = blockers(matter, state, _day(on), rules_text=rules_text, office=told.office)
            refuse_blocked(matter, found)
    project.proceed(
        version, sorted(chosen), state, on=on, reason=reason, who=who, expected=expected, paper=paper
    )


def refuse_blocked(matter: Matter, found: Sequence[Blocker]) -> None:
    """Raise DataError with what is in the way, where something is."""
    if found:
        told = {"area": matter.called, "number": len(found), "text": found[0].text}
        raise DataError("proceeding.blocked", **told)


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise DataError("store.wrong_date", given=given) from error
