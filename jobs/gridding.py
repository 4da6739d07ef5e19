"""Pages for grid workers: of a written plan, of a draft, or of a frozen version with its procedure, forms and offices."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from geo.schema import DataError
from geo.wording import language_of_runs, listed, say, speaking
from jobs.cases import Frozen, frozen_version
from jobs.citing import cited, days_of, period
from jobs.progress import Listener, Step, silent
from jobs.projects import read_back
from jobs.reopened import reopened
from jobs.revised import revised
from jobs.spreading import spread
from jobs.tallying import forms_of
from report.documents.boards import QUESTIONS
from report.documents.naming import area_names
from report.duties import Issue, group_name, groups, issues, unit_name
from report.gridpages.cuts import Grid, grids_of, has_grids
from report.gridpages.told import EVERYWHERE, OUTSTANDING_COLUMNS, Dates, Responsible, Told
from report.gridpages.writing import Made, Press, Written, check_pages, write_pages
from report.reopening import is_plan, read_results
from report.responsible import Held, known_by_place, names_here, parted
from report.results import Results
from store.drafts import Draft
from store.office import Office
from store.opinions import Form
from store.proceedings import Course
from store.project import Project, open_project
from store.versions import Version

HASH_SHOWN = 12  # letters of a version's hash: what papers print


def grid_pages(
    results: Results, told: Told, folder: Path, *, workers: int = 1, progress: Listener = silent
) -> Written:
    """Write the pages of every grid into `folder`, all or none; the files do not depend on `workers`.

    They are in the language of runs, whoever asked for them. Raises DataError where the plan has no grids, or the folder
    holds anything else or cannot be written.
    """

    def each(press: Press, grids: Sequence[Grid]) -> Iterator[Made]:
        progress(Step("grids", pieces=(0, len(grids))))
        with closing(spread(press, grids, workers=workers)) as made:
            for done, files in enumerate(made, 1):
                progress(Step("grids", pieces=(done, len(grids))))
                yield files

    check_pages(folder)
    with speaking(language_of_runs()):
        return write_pages(_named(results), told, folder, each=each)


def _named(results: Results) -> Results:
    """Return the results with areas called as on the papers: who posts a notice has to find its name on the map."""
    names = pd.Series(area_names(results), dtype="str").reindex(results.areas.index)
    return replace(results, areas=results.areas.assign(name=names))


def pages_of(
    source: Path, folder: Path, *, day: date, address: str = "", workers: int = 1, progress: Listener = silent
) -> Written:
    """Write the pages of a plan's folder, or of a project file: of its last version, else of the draft changed last.

    Raises DataError as `grid_pages`, and where `source` is neither.
    """
    check_pages(folder)
    progress(Step("read"))
    with speaking(language_of_runs()):
        results, told = _read(source, day)
    told = replace(told, address=address)
    return grid_pages(results, told, folder, workers=workers, progress=progress)


def day_given(text: str) -> date:
    """Return the day of an option, today where none was given; raises DataError where it cannot be read."""
    try:
        return date.fromisoformat(text) if text else date.today()  # noqa: DTZ011 - the day of the office's own calendar
    except ValueError as error:
        raise DataError("gridpages.day", given=text) from error


# --- what the pages say ----------------------------------------------------------------------------


def told_of_plan(
    results: Results, *, day: date, office: Office | None = None, draft: Draft | None = None
) -> Told:
    """Return what the pages of a plan that nobody has frozen yet say: days as if the consultation began on `day`."""
    kept = office or Office()
    return Told(
        day=day,
        source=say("gridpages.source_draft"),
        supervision_phone=kept.supervision_phone,
        dates={EVERYWHERE: suggested_dates(results.rules_text, day)},
        modes=_modes(draft),
        contacts=draft.contacts if draft else {},
        answers=answers_of(kept),
        responsible=responsible_of(results, kept.phones),
    )


def told_of_version(frozen: Frozen, *, day: date) -> Told:
    """Return what the pages of a frozen version say: days and states of each area as they were entered, forms as they came back."""
    version, office = frozen.version, frozen.docket.office
    courses = {area_id: course for area_id in frozen.members if (course := frozen.course(area_id))}
    return Told(
        day=day,
        source=say("gridpages.source_version", number=version.number, hash=version.sha256[:HASH_SHOWN]),
        supervision_phone=office.supervision_phone,
        outstanding=outstanding(frozen, courses),
        dates={area_id: dates_of(course, version, office) for area_id, course in courses.items()}
        | {EVERYWHERE: suggested_dates(version.rules_text, day)},
        states={area_id: say(f"gridpages.state.{course.state}") for area_id, course in courses.items()},
        modes=_modes(version.state),
        contacts=version.state.contacts,
        answers=answers_of(office),
        responsible=responsible_of(frozen.results, office.phones),
    )


def suggested_dates(rules_text: str, begins: date) -> Dates:
    """Return the days of a consultation that begins on a day, by the period of the rules; none where the rules have none."""
    try:
        days = days_of(rules_text, "consult_days")
    except DataError:
        return Dates()
    first, last = period(begins, days)
    return Dates(consult_begins=first, consult_ends=last, suggested=True)


def dates_of(course: Course, version: Version, office: Office) -> Dates:
    """Return the days of an area's procedure as far as they are entered; a period that no post has confirmed is suggested."""
    confirmed = {one.key: one.confirmed for one in cited(version.rules_text, office)}
    found: dict[str, date] = {}
    suggested = False
    for state, key, name in (("consulting", "consult_days", "consult"), ("notice", "notice_days", "notice")):
        if on := course.on(state):
            first, last = period(date.fromisoformat(on), days_of(version.rules_text, key))
            found |= {f"{name}_begins": first, f"{name}_ends": last}
            suggested = suggested or not confirmed.get(key, False)
    if on := course.on("decided"):
        found["decided_on"] = date.fromisoformat(on)
    return Dates(**found, suggested=suggested)


def outstanding(frozen: Frozen, courses: Mapping[str, Course]) -> pd.DataFrame | None:
    """Return how many forms of each building are out and not back, OUTSTANDING_COLUMNS; None where no form went out."""
    forms = [form for course in courses.values() for form in forms_of(frozen.forms, course)]
    out = [form for form in forms if form.sent_on and not form.copy_of]
    if not out:
        return None
    rows = [(form.community_id, form.building, int(_is_out(form))) for form in out]
    table = pd.DataFrame(rows, columns=list(OUTSTANDING_COLUMNS)).astype(OUTSTANDING_COLUMNS)
    return (
        table.groupby(["community_id", "building"])["outstanding"]
        .sum()
        .reset_index()
        .astype(OUTSTANDING_COLUMNS)
    )


def answers_of(office: Office) -> tuple[tuple[str, str], ...]:
    """Return what owners ask: that silence is no consent, then the questions that the office has answered."""
    silent_one = (say("documents.boards.leaflet.silent"), say("documents.boards.leaflet.silent_answer"))
    told = ((say(f"documents.boards.question.{key}"), office.answers.get(key, "")) for key in QUESTIONS)
    return (silent_one, *((question, answer) for question, answer in told if answer))


def responsible_of(results: Results, phones: Mapping[str, str]) -> dict[str, tuple[Responsible, ...]]:
    """Return by grid whom to call about each issue; `phones` of offices by unit, or by the name of who is responsible there.

    A unit is called as who of it is responsible here, where that is known. Units that only help others are left out: a
    grid worker calls who has to act.
    """
    if not has_grids(results):  # said where the pages are written
        return {}
    known = known_by_place(results)
    found = {}
    for grid in grids_of(results):
        members = known.loc[[place.community_id for place in grid.places]]
        roles = {role: Held(parted(members[role])) for role in ("street_town", "committee", "police")}
        found[grid.name] = tuple(
            _responsible(issue, answer.unit, names_here(answer.unit, roles), phones)
            for issue in sorted(issues(), key=lambda issue: groups().index(issue.group))
            for answer in issue.answers
            if not answer.helps
        )
    return found


# --- parts -----------------------------------------------------------------------------------------


def _responsible(issue: Issue, unit: str, here: tuple[str, ...], phones: Mapping[str, str]) -> Responsible:
    called = listed(here) if here else unit_name(unit)
    own = next((phones[name] for name in here if phones.get(name)), "")
    return Responsible(issue.name, called, own or phones.get(unit, ""), issue.words, group_name(issue.group))


def _modes(draft: Draft | None) -> dict[str, str]:
    return (
        {area_id: say(f"duties.mode.{mode.kind}") for area_id, mode in draft.modes.items()} if draft else {}
    )


def _is_out(form: Form) -> bool:
    return not any(answer.returned_on or answer.opinion for answer in form.answers)


def _read(source: Path, day: date) -> tuple[Results, Told]:
    if is_plan(source):
        results = read_results(source)
        return results, told_of_plan(results, day=day)
    if not source.is_file():
        raise DataError("gridpages.no_plan", file=source.name)
    with open_project(source) as project:
        versions = project.versions()
        if versions:
            frozen = frozen_version(project, versions[-1].number)
            return frozen.results, told_of_version(frozen, day=day)
        return _of_draft(project, day)


def _of_draft(project: Project, day: date) -> tuple[Results, Told]:
    """Return the draft that was changed last."""
    line = project.drafts()[0]
    with tempfile.TemporaryDirectory() as shelf:
        base = read_back(project, Path(shelf), line.basis)
    town = reopened(base)
    draft = project.draft(line.draft_id, town.graph).state
    results = revised(base, town, draft)
    return results, told_of_plan(results, day=day, office=project.office(), draft=draft)
