"""What owners answered: forms by number, without anybody's name; and apart from them, in a table of its own, who and where.

Within a transaction. Rooms and signatures are store.opinion_people's; what the counting needs to know of them is kept here as
plain links between the numbers of forms (`copy_of`, `alike`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from math import isfinite
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from geo.schema import DataError
from store import audit, opinion_people
from store.given import needed
from store.opinion_people import Person
from store.records import plain, typed
from store.schema import OpinionFormRow, ProjectRow, VersionRow

OPINIONS = ("agree", "disagree", "other")
WAYS = ("in_person", "letterbox", "posted", "online")  # how a form was handed out
FAULTS = ("unsigned", "not_owner", "no_opinion", "unreadable", "late")  # why a form does not count
STANDINGS = ("", "counts", "aside")  # of an answer: nothing was to be decided, it counts, it does not
RULINGS = (
    "asked_owner",
    "later_counts",
    "no_authority",
    "not_the_same",
    "unsettled",
)  # why it was decided so
ADOPTED = ("", "yes", "no")
Place = tuple[int, str]  # number of the version, area id
ACTIONS = ("opinion_take", "opinion_rule")


@dataclass(frozen=True)
class Answer:
    """One sheet that came back: on which day (ISO), with which of OPINIONS ("" for none), and why it does not count.

    `fault` is one of FAULTS, "" where it counts; `standing` and `ruling` say what was decided where answers contradict.
    """

    opinion: str
    returned_on: str = ""
    fault: str = ""
    themes: tuple[str, ...] = ()
    standing: str = ""  # one of STANDINGS
    ruling: str = ""  # one of RULINGS


@dataclass(frozen=True)
class Form:
    """One form, made for one exclusive unit (or `units` of one owner) of a community of an area of a version.

    `area_m2` is None where it is not known. `holder` is the first form of the same owner, `copy_of` the first form of
    the same room, `alike` the first form with the same signature, each "" where there is none. `sent_on` is ISO.
    """

    form_no: str
    version: int
    area_id: str
    community_id: str
    building: str = ""
    area_m2: float | None = None
    units: int = 1
    holder: str = ""
    copy_of: str = ""
    alike: str = ""
    sent_on: str = ""
    way: str = ""  # one of WAYS
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Change:
    """A form as it was seen and as it is to be; `person` is kept beside it, None leaves what is there."""

    before: Form
    after: Form
    person: Person | None = None


@dataclass(frozen=True)
class Theme:
    """What several forms of an area say, in the words of the office, and the answer to it; `at` is its last change."""

    version: int
    area_id: str
    text: str
    reply: str = ""
    adopted: str = ""  # one of ADOPTED
    reason: str = ""
    at: str = ""


_LINKS = ("copy_of", "alike")
PLACE = tuple_(OpinionFormRow.version, OpinionFormRow.area_id)


# --- forms -----------------------------------------------------------------------------------------


def kept_forms(
    session: Session, project: ProjectRow, places: Collection[Place] | None = None
) -> tuple[Form, ...]:
    """Return the forms of these areas of versions, or all, in order of their numbers."""
    among = () if places is None else (PLACE.in_(sorted(places)),)
    return tuple(form_of(row) for row in rows_of(session, project, *among))


def prepare(session: Session, project: ProjectRow, forms: Sequence[Form], who: str) -> int:
    """Write forms that are not there yet, all of one area of one version; return how many.

    Raises DataError where the version is unknown or a form cannot be one.
    """
    there = _by_number(session, project, [form.form_no for form in forms])
    new = [checked(form) for form in forms if form.form_no not in there]
    if not new:
        return 0
    for number in {form.version for form in new}:
        known = select(VersionRow.id).where(VersionRow.project_id == project.id, VersionRow.number == number)
        if session.scalar(known) is None:
            raise DataError("opinions.no_such_version", number=number)
    for form in new:
        session.add(_written(OpinionFormRow(project_id=project.id), form))
    told = {"version": new[0].version, "area": new[0].area_id, "number": len(new)}
    audit.record(session, project, who, "opinion_prepare", after=told)
    return len(new)


def put_forms(
    session: Session, project: ProjectRow, changes: Sequence[Change], who: str, *, action: str = ACTIONS[0]
) -> int:
    """Write changes, all of them or none; return how many forms are now other than they were.

    Raises DataError where a form is unknown, cannot be one, or is no longer as it was seen.
    """
    rows = _by_number(session, project, [change.before.form_no for change in changes])
    for change in changes:
        row = rows.get(change.before.form_no)
        if row is None:
            raise DataError("opinions.no_such_form", form=change.before.form_no)
        if form_of(row) != change.before:
            raise DataError("opinions.form_changed", form=row.form_no)
    other = [change for change in changes if change.after != change.before]
    for change in other:
        _written(rows[change.before.form_no], checked(change.after))
    told = {c.before.form_no: c.person for c in changes if c.person is not None}
    people = opinion_people.put(session, project, told)
    if not other and not people:
        return 0
    places = {(c.before.version, c.before.community_id) for c in changes if c.before.form_no in people}
    opinion_people.tie(session, project, places)
    number = len({*people, *(c.after.form_no for c in other)})
    audit.record(
        session,
        project,
        who,
        action,
        before={"forms": [_told(c.before) for c in other]},
        after={"number": number, "forms": [_told(c.after) for c in other]},
    )
    return number


def checked(form: Form) -> Form:
    """Return the form; raises DataError for what cannot be one."""
    needed(form.form_no, "opinions.form_no_missing")
    wrong = [
        *(() if form.way in ("", *WAYS) else (form.way,)),
        *(() if form.units >= 1 else (form.units,)),
        *(() if form.area_m2 is None or (isfinite(form.area_m2) and form.area_m2 > 0) else (form.area_m2,)),
        *(day for day in (form.sent_on, *(a.returned_on for a in form.answers)) if day and not _is_day(day)),
        *(value for answer in form.answers for value in _wrong_in(answer)),
    ]
    if wrong:
        raise DataError("opinions.wrong_value", form=form.form_no, given=wrong[0])
    return form


def _wrong_in(answer: Answer) -> Iterable[str]:
    """Yield what an answer says that no answer can; without an opinion it has to have a fault."""
    pairs = (
        (answer.opinion, ("", *OPINIONS) if answer.fault else OPINIONS),
        (answer.fault, ("", *FAULTS)),
        (answer.standing, STANDINGS),
        (answer.ruling, ("", *RULINGS)),
    )
    return (value for value, among in pairs if value not in among)


def _is_day(given: str) -> bool:
    try:
        return date.fromisoformat(given).isoformat() == given
    except ValueError:
        return False


def _told(form: Form) -> dict[str, Any]:
    """Return what the audit keeps of a form: what is counted, no text that anybody typed."""
    record = {key: value for key, value in plain(form).items() if key not in _LINKS}
    record["answers"] = [{k: v for k, v in answer.items() if k != "themes"} for answer in record["answers"]]
    return record


def rows_of(session: Session, project: ProjectRow, *among: ColumnElement[bool]) -> Sequence[OpinionFormRow]:
    """Return the rows of forms for which these conditions hold, in order of their numbers."""
    found = select(OpinionFormRow).where(OpinionFormRow.project_id == project.id, *among)
    return session.scalars(found.order_by(OpinionFormRow.form_no)).all()


def _by_number(session: Session, project: ProjectRow, numbers: Collection[str]) -> dict[str, OpinionFormRow]:
    rows = rows_of(session, project, OpinionFormRow.form_no.in_(sorted(numbers)))
    return {row.form_no: row for row in rows}


def form_of(row: OpinionFormRow) -> Form:
    """Return the form that a row keeps."""
    told = {field.name: getattr(row, field.name) for field in fields(Form)}
    return Form(**told | {"answers": typed(row.answers, tuple[Answer, ...])})


def _written(row: OpinionFormRow, form: Form) -> OpinionFormRow:
    for field in fields(Form):
        setattr(row, field.name, getattr(form, field.name))
    row.answers = plain(form.answers)
    return row
