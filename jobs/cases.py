"""What the papers of a version are made of: its results, its procedure and its opinions, as report.documents.case asks for them.

The only place where values of the store become those of the papers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from geo.bounds import SIDES, legal_outlines
from geo.schema import DataError
from geo.wording import say
from jobs.citing import Cited, cited, period
from jobs.consulting import kind_of, units_of
from jobs.procedures import profile_of
from jobs.proceeding import Docket, docket, filing_of
from jobs.projects import read_back
from jobs.reopened import reopened
from jobs.revised import revised
from jobs.tallying import Asked, tally, themes_of
from report.bounds import bounds_of
from report.documents import case as papers
from report.documents.naming import area_names
from report.documents.phrases import day
from report.results import Results
from report.tally import Tally
from store.drafts import Draft
from store.filings import Filing
from store.office import Office
from store.opinions import Form, Theme
from store.proceedings import IN_FORCE, UNDER_WAY, Course
from store.project import Project
from store.versions import Version

JOIN = "、"
NUMBERED = {"D2": "consulting", "D7": "notice", "D8": "decided"}  # paper → the step that it goes out with


@dataclass(frozen=True)
class Frozen:
    """A version with all that the project keeps around it; `names` and `bounds` (columns SIDES) by area id, as papers say them."""

    version: Version
    results: Results
    names: Mapping[str, str]
    bounds: pd.DataFrame
    docket: Docket
    themes: tuple[Theme, ...]
    read_on: date  # the data of the version

    @cached_property
    def cited(self) -> tuple[Cited, ...]:
        """Return what the papers rest on, by the rules of the version and what the office has confirmed."""
        return cited(self.version.rules_text, self.docket.office)

    @property
    def on(self) -> date:
        """Return the day of the freeze by this office's calendar; it also dates the files."""
        return _day(self.version.at)

    @cached_property
    def called(self) -> dict[str, str]:
        """Return the names of the communities, as the data of the version have them."""
        return {str(c): str(name) for c, name in self.results.communities["name"].items()}

    @property
    def forms(self) -> tuple[Form, ...]:
        """Return the forms of the whole project."""
        return tuple(form for own in self.docket.forms.values() for form in own)

    def forms_of(self, area_id: str) -> tuple[Form, ...]:
        """Return the forms that speak for an area, by number: its own, and those of versions in which it was as it is now."""
        course = self.course(area_id)
        places = (course.place, *course.earlier) if course else ()
        own = (form for place in places for form in self.docket.forms.get(place, ()))
        return tuple(sorted(own, key=lambda form: form.form_no))

    @property
    def members(self) -> dict[str, tuple[str, ...]]:
        """Return the communities of each area."""
        return {area.area_id: area.members for area in self.version.state.plan.areas}

    def course(self, area_id: str) -> Course | None:
        """Return what an area of the version went through, None where it is in no procedure."""
        return self.docket.courses.get((self.version.number, area_id))


def _day(at: str) -> date:
    """Return a moment's day by this office's calendar."""
    return datetime.fromisoformat(at).astimezone().date()


def frozen_version(project: Project, number: int) -> Frozen:
    """Return a version of a project, taken up as results; raises DataError where the project has none of this number."""
    kept = docket(project)
    version = next((one for one in kept.versions if one.number == number), None)
    if version is None:
        known = tuple(one.number for one in kept.versions)
        raise DataError("package.no_version" if known else "package.no_versions", number=number, known=known)
    with TemporaryDirectory() as shelf:
        base = read_back(project, Path(shelf), version.basis)
    results = replace(revised(base, reopened(base), version.state), rules_text=version.rules_text)
    bounds = as_written(bounds_of(results), version.state)
    basis = next(one for one in project.bases() if one.number == version.basis)
    return Frozen(
        version=version,
        results=results,
        names=area_names(results),
        bounds=bounds,
        docket=kept,
        themes=project.opinion_themes(),
        read_on=_day(basis.at),
    )


def as_written(found: pd.DataFrame, state: Draft) -> pd.DataFrame:
    """Return the four bounds (columns SIDES) as they were found, but where a clerk wrote something else."""
    told = {area_id: [getattr(own, side) for side in SIDES] for area_id, own in state.bounds.items()}
    written = pd.DataFrame.from_dict(told, orient="index", columns=list(SIDES), dtype="str")
    written = written.reindex(found.index).fillna("")
    return found.where(written == "", written)


# --- the areas -------------------------------------------------------------------------------------


def cases_of(frozen: Frozen, *, draft: bool) -> tuple[papers.Case, ...]:
    """Return the case of each area of a version, by area id, without pictures."""
    return tuple(_case(frozen, area, frozen.course(area.area_id), draft=draft) for area in areas_of(frozen))


def areas_of(frozen: Frozen) -> tuple[papers.Area, ...]:
    """Return the areas of a version, by area id."""
    table = frozen.results.communities
    legal, before = legal_outlines(table), _taken_over(frozen)
    members = table.groupby("area_id", sort=True)
    return tuple(
        _area(frozen, str(area_id), rows, legal[area_id], before.get(str(area_id), ()))
        for area_id, rows in members
    )


def _area(
    frozen: Frozen, area_id: str, rows: pd.DataFrame, outline: Any, previous: tuple[str, ...]
) -> papers.Area:
    state, course = frozen.version.state, frozen.course(area_id)
    mode, accepted = state.modes.get(area_id), state.accepted.get(area_id)
    return papers.Area(
        area_id=area_id,
        name=frozen.names[area_id],
        members=tuple(_member(row) for row in rows.to_dict("records")),
        bounds={side: str(frozen.bounds.at[area_id, side]) for side in SIDES},
        count_heading=str(frozen.results.summary["count"]),
        minimum=int(frozen.results.summary["minimum"]),
        sketch=outline is None,
        site_area_m2=None if outline is None else float(outline.area),
        below_reason=accepted.reason if accepted else "",
        mode=mode.kind if mode else "",
        mode_evidence=mode.evidence if mode else "",
        contact=state.contacts.get(area_id, ""),
        previous=previous,
        # From the consultation on an area stands still: what changes is another area, and asked again.
        changes="" if course and course.state in UNDER_WAY else None,
    )


def _member(row: Mapping[Any, Any]) -> papers.Member:
    floor = row["floor_area_m2"]
    return papers.Member(
        name=row["name"],
        address=row["address"],
        committee=row["committee"],
        grids=tuple(filter(None, row["grids"].split(JOIN))),
        buildings=_number(row["buildings"]),
        count=_number(row["count"]),
        count_status=row["count_status"],
        dwellings=_number(row["dwellings"]),
        owners=_number(row["owners"]),
        floor_area_m2=None if pd.isna(floor) else float(floor),
        built_year=_number(row["built_year"]),
        ownership=row["ownership"],
        managing_company=row["managing_company"],
    )


def _taken_over(frozen: Frozen) -> dict[str, tuple[str, ...]]:
    """Return by area the names of those decided in earlier versions whose communities it takes."""
    found: dict[str, list[str]] = {}
    area_of = frozen.version.state.plan.area_of()
    for (number, old_id), course in frozen.docket.courses.items():
        if number >= frozen.version.number or course.state not in IN_FORCE or course.carried_to is not None:
            continue
        state, data = frozen.docket.version(number).state, frozen.docket.ground(number)
        members = {area.area_id: area.members for area in state.plan.areas}[old_id]
        called = state.names.get(old_id) or JOIN.join(data.names[m] for m in members)
        for area_id in sorted({area_of[m] for m in members if m in area_of}):
            found.setdefault(area_id, []).append(called)
    return {area_id: tuple(called) for area_id, called in found.items()}


# --- the case --------------------------------------------------------------------------------------


def _case(frozen: Frozen, area: papers.Area, course: Course | None, *, draft: bool) -> papers.Case:
    told = papers.Case(
        office=office_of(frozen.docket.office),
        version=version_of(frozen),
        area=area,
        citations=citations_of(frozen),
        consult=_period("consult_days", frozen, course, "consulting"),
        notice=_period("notice_days", frozen, course, "notice"),
        draft=draft,
    )
    if course is None:
        return told
    forms, filing = frozen.forms_of(area.area_id), filing_of(frozen.docket.filings, course)
    return replace(
        told,
        tally=_tally(frozen, area.area_id, forms, course) if forms else None,
        steps=tuple(papers.Step(row.state, date.fromisoformat(row.on)) for row in course.rows),
        filing=_filing(filing) if filing else papers.Filing(),
        forms=tuple(_form_row(form, frozen.called) for form in forms),
        numbers={
            key: str(own) for key, state in NUMBERED.items() if (own := course.paper(state)) is not None
        },
    )


def office_of(office: Office) -> papers.Office:
    """Return the office as papers print it."""
    return papers.Office(**{key: getattr(office, key) for key in papers.Office.__dataclass_fields__})


def version_of(frozen: Frozen) -> papers.Version:
    """Return what every page says of the version."""
    version = frozen.version
    data_date = say("package.read_on", day=day(frozen.read_on))
    return papers.Version(version.number, version.sha256, version.title, frozen.on, data_date)


def citations_of(frozen: Frozen) -> tuple[papers.Citation, ...]:
    """Return what the papers rest on, as the rules file says it."""
    rows = (one for one in frozen.cited if one.kind == "citation")
    return tuple(papers.Citation(one.key, one.text, one.confirmed) for one in rows)


def _period(key: str, frozen: Frozen, course: Course | None, state: str) -> papers.Period:
    """Return a period of the rules; it runs from the day on which the area came into the state."""
    told = next((one for one in frozen.cited if one.key == key and one.kind == "period"), None)
    if told is None:
        raise DataError("proceeding.no_period", key=key)
    days, on = int(told.text), course.on(state) if course else ""
    return papers.Period(days, told.confirmed, *(period(date.fromisoformat(on), days) if on else ()))


def _tally(frozen: Frozen, area_id: str, forms: Sequence[Form], course: Course) -> Tally:
    results = frozen.results
    members = frozen.members[area_id]
    names = frozen.called
    return tally(
        forms,
        communities=[Asked(c, names[c], units_of(results, c)) for c in members],
        profile=profile_of(frozen.version.rules_text),
        kind=kind_of(results, members),
        themes=themes_of(frozen.themes, course),
    )


def _filing(told: Filing) -> papers.Filing:
    days = (
        date.fromisoformat(day) if day else None
        for day in (told.submitted_on, told.received_on, told.filed_on)
    )
    submitted_on, received_on, filed_on = days
    return papers.Filing(
        kind=told.kind,
        handler=told.handler,
        submitted_on=submitted_on,
        received_on=received_on,
        opinion=told.opinion,
        filing_no=told.filing_no,
        filed_on=filed_on,
        present=told.present,
    )


def _form_row(form: Form, names: Mapping[str, str]) -> papers.FormRow:
    """Return a form as the ledger of forms lists it: back since its first answer, valid where any of them counts."""
    days = sorted(answer.returned_on for answer in form.answers if answer.returned_on)
    counts = [not answer.fault and answer.standing != "aside" for answer in form.answers]
    return papers.FormRow(
        form_no=form.form_no,
        community=names.get(form.community_id, ""),
        sent_on=form.sent_on,
        way=form.way,
        returned_on=days[0] if days else "",
        valid=any(counts) if counts else None,
    )


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
