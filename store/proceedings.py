"""The states an area of a version goes through (domain.md §3.5): rows only added, each with its day, who and why. Within a transaction.

A row is written once. An area that a later version leaves as it was, in members and outline, goes on there with all its rows;
what the later version changes is superseded: at once, or, where it is decided already, when what takes its place is decided.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.schema import DataError
from geo.wording import say
from optimizer.plan import Area
from store import audit, bases
from store.given import Ids, day_of, text_of
from store.records import plain
from store.schema import ProceedingRow, ProjectRow, VersionRow

STATES = ("frozen", "reviewing", "consulting", "summarised", "notice", "decided", "filed")
EXITS = ("shelved", "withdrawn", "superseded", "cancelled")
UNDER_WAY = STATES[2:]  # the boundary stands still from the consultation on
IN_FORCE = ("decided", "filed")
ENDED = ("withdrawn", "superseded", "cancelled")
WITH_PAPER = ("consulting", "notice", "decided")  # a numbered paper goes out: D2, D7, D8

# State → the states that a person may enter next. `superseded` is entered by the version that takes the place alone.
NEXT: Mapping[str, Ids] = MappingProxyType(
    {
        "frozen": ("reviewing", "consulting", "shelved", "withdrawn"),
        "reviewing": ("consulting", "frozen", "shelved", "withdrawn"),
        "consulting": ("summarised", "shelved", "withdrawn"),
        "summarised": ("notice", "consulting", "shelved", "withdrawn"),
        "notice": ("decided", "summarised", "shelved", "withdrawn"),
        "decided": ("filed", "cancelled"),
        "filed": ("cancelled",),
        "shelved": ("withdrawn",),  # and back to the state before: next_states
        "withdrawn": (),
        "superseded": (),
        "cancelled": (),
    }
)
# Columns of the table, in the order of the fields of Proceeding.
_COLUMNS = (
    "version",
    "area_id",
    "state",
    "day",
    "reason",
    "who",
    "at",
    "id",
    "follows",
    "by_version",
    "paper",
)
Place = tuple[int, str]  # number of the version, area id


@dataclass(frozen=True)
class Proceeding:
    """One row: an area of a version came into a state, which holds from the day `on` (ISO); entered at an instant by `who`.

    `number` grows with every row of the project; `follows` is the row of an earlier version that this one repeats;
    `by_version` took the place of what is superseded; `paper` is the running number of the paper that goes out with it.
    """

    version: int
    area_id: str
    state: str
    on: str
    reason: str
    who: str
    at: str
    number: int = 0
    follows: int | None = None
    by_version: int | None = None
    paper: int | None = None


@dataclass(frozen=True)
class Course:
    """All rows of one area of a version, the first first, at least one.

    `earlier` is where the same area went through them in versions before, the last first: what was entered of it there
    (opinions, a filing) is of this one too. `carried_to` is the version that goes on with it.
    """

    rows: tuple[Proceeding, ...]
    earlier: tuple[Place, ...] = ()
    carried_to: int | None = None

    @property
    def place(self) -> Place:
        """Return version and area."""
        return self.rows[-1].version, self.rows[-1].area_id

    @property
    def state(self) -> str:
        """Return the state it is in."""
        return self.rows[-1].state

    @property
    def last(self) -> int:
        """Return the number of its last row: what `proceed` expects of who has seen it."""
        return self.rows[-1].number

    @property
    def live(self) -> bool:
        """Tell whether it can go on, here: it has not ended, and no later version goes on with it."""
        return self.state not in ENDED and self.carried_to is None

    def on(self, state: str) -> str:
        """Return the day from which it was last in a state, "" where it never was."""
        return next((row.on for row in reversed(self.rows) if row.state == state), "")

    def paper(self, state: str) -> int | None:
        """Return the running number of the paper that went out when it came into a state last, None without one."""
        return next((row.paper for row in reversed(self.rows) if row.state == state), None)

    def next_states(self) -> Ids:
        """Return the states that a person may enter next."""
        if self.carried_to is not None:
            return ()
        before = (self.rows[-2].state,) if self.state == "shelved" else ()
        return (*before, *NEXT[self.state])


@dataclass(frozen=True)
class Step:
    """Areas of a version come into a state, which holds from the day `on` (ISO).

    `paper` is the running number of the paper of the first area, by id; those of the others follow it.
    """

    version: int
    area_ids: Ids
    state: str
    on: str
    reason: str = ""
    paper: int | None = None


def courses(proceedings: Iterable[Proceeding]) -> dict[Place, Course]:
    """Return the course of each area of each version, the earlier versions first."""
    rows: dict[Place, list[Proceeding]] = {}
    by_number = {one.number: one for one in proceedings}
    for _, one in sorted(by_number.items()):
        rows.setdefault((one.version, one.area_id), []).append(one)
    followed = {one.follows: one.version for one in by_number.values() if one.follows is not None}
    found: dict[Place, Course] = {}
    for place, own in rows.items():
        earlier: tuple[Place, ...] = ()
        if own[0].follows is not None:
            first = by_number[own[0].follows]
            earlier = ((first.version, first.area_id), *found[first.version, first.area_id].earlier)
        found[place] = Course(tuple(own), earlier, followed.get(own[-1].number))
    return found


def needs_reason(before: str, state: str) -> bool:
    """Tell whether a step goes aside or back, which has to be explained."""
    if state in EXITS:
        return True
    return before in STATES and STATES.index(state) < STATES.index(before)


# --- reading and writing ---------------------------------------------------------------------------


def kept(session: Session, project: ProjectRow) -> tuple[Proceeding, ...]:
    """Return all rows, the first first."""
    columns: list[Any] = [getattr(ProceedingRow, name) for name in _COLUMNS]
    rows = session.execute(
        select(*columns).where(ProceedingRow.project_id == project.id).order_by(ProceedingRow.id)
    )
    return tuple(Proceeding(*own) for own in rows)


def under_way(session: Session, project: ProjectRow) -> dict[Ids, Course]:
    """Return by members the areas whose boundary stands still: consulted on, or further."""
    live = [course for course in courses(kept(session, project)).values() if course.live]
    still = [course for course in live if course.state in UNDER_WAY]
    members = members_by_place(session, project, [course.place[0] for course in still])
    return {members[course.place]: course for course in still}


def redrawn(session: Session, project: ProjectRow, still: Mapping[Ids, Course], basis: int) -> frozenset[Ids]:
    """Return the members of those areas, `still` as `under_way` returns them, whose outline is another on this basis."""
    drawn = _redrawn_since(session, project, basis)
    return frozenset(
        members for members, course in still.items() if not drawn[course.place[0]].isdisjoint(members)
    )


def broken_off(
    areas: Iterable[Area], still: Mapping[Ids, Course], other: Collection[Ids] = frozenset()
) -> tuple[str, ...]:
    """Return what freezing these areas would break off, as the code of a caveat that has to be confirmed.

    Areas that are consulted on, as `under_way` returns them, and are no longer there, or whose outline is `other` (as
    `redrawn` returns them); what is decided stays in force.
    """
    there = {area.members for area in areas}.difference(other)
    gone = [own for members, own in still.items() if members not in there and own.state not in IN_FORCE]
    return (f"broken_off:{len(gone)}",) if gone else ()


def proceed(session: Session, project: ProjectRow, step: Step, who: str, *, expected: int) -> None:
    """Take a step; `expected` is the largest row number that the caller has seen.

    Raises DataError, and writes nothing, where an area is not in the procedure or goes on in a later version, somebody
    else entered a step since, the step is not allowed, its day is none or lies before the last, or a reason is missing.
    """
    step = _checked(step)
    known = courses(kept(session, project))
    for area_id in step.area_ids:
        _refuse(known.get((step.version, area_id)), area_id, step, expected)
    for number, area_id in enumerate(step.area_ids):
        row = _row(project, (step.version, area_id), step.state, step.on, who, reason=step.reason)
        row.paper = None if step.paper is None else step.paper + number
        session.add(row)
    session.flush()
    if step.state == "decided":
        _supersede_taken(session, project, step, who)
    audit.record(session, project, who, "proceed", after=plain(step))


def begin(
    session: Session,
    project: ProjectRow,
    version: int,
    at: str,
    areas: Sequence[Area],
    *,
    who: str,
    basis: int,
) -> None:
    """Enter the areas of a version that was just frozen on a basis: those that were as they are now go on, others begin.

    What was on its way before and is no longer there, or is otherwise, is superseded; what is decided stays in force.
    """
    before = [course for course in courses(kept(session, project)).values() if course.live]
    members = members_by_place(session, project, [course.place[0] for course in before])
    drawn = _redrawn_since(session, project, basis)
    same = {
        own: course for course in before if drawn[course.place[0]].isdisjoint(own := members[course.place])
    }
    day = datetime.fromisoformat(at).astimezone().date().isoformat()
    carried = set()
    for area in areas:
        course = same.get(area.members)
        if course is None:
            session.add(_row(project, (version, area.area_id), "frozen", day, who))
        else:
            carried.add(course.place)
            session.add_all(_repeated(project, (version, area.area_id), course))
    for course in before:
        if course.place not in carried and course.state not in IN_FORCE:
            session.add(_superseded(project, course, day, who, by_version=version))
    session.flush()


# --- parts -----------------------------------------------------------------------------------------


def _checked(step: Step) -> Step:
    if not step.area_ids:
        raise DataError("store.no_area_chosen")
    if step.state not in (*STATES, *EXITS):
        raise DataError("store.unknown_state", given=step.state)
    if step.paper is not None and (step.paper < 1 or step.state not in WITH_PAPER):
        raise DataError("store.no_paper_number", given=step.paper)
    chosen = tuple(sorted(set(step.area_ids)))
    return replace(step, area_ids=chosen, on=day_of(step.on), reason=text_of(step.reason))


def _refuse(course: Course | None, area_id: str, step: Step, expected: int) -> None:
    if course is None:
        raise DataError("store.not_in_procedure", area=area_id, version=step.version)
    if course.last > expected:
        raise DataError("store.proceeding_changed", area=area_id, who=course.rows[-1].who)
    if course.carried_to is not None:
        raise DataError("store.carried_on", area=area_id, version=step.version, later=course.carried_to)
    was, to = say(f"proceeding.state.{course.state}"), say(f"proceeding.state.{step.state}")
    if step.state not in course.next_states():
        raise DataError("store.step_not_allowed", area=area_id, was=was, to=to)
    if not step.reason and needs_reason(course.state, step.state):
        raise DataError("store.step_needs_reason", to=to)
    if step.on < course.rows[-1].on:
        raise DataError("store.step_too_early", area=area_id, on=step.on, last=course.rows[-1].on)


def _redrawn_since(session: Session, project: ProjectRow, basis: int) -> dict[int, frozenset[str]]:
    """Return by version the communities whose outline is another on this basis than on that of the version."""
    frozen_on = bases.of_versions(session, project)
    drawn = {one: bases.redrawn_between(session, project, one, basis) for one in set(frozen_on.values())}
    return {version: drawn[one] for version, one in frozen_on.items()}


def _supersede_taken(session: Session, project: ProjectRow, step: Step, who: str) -> None:
    """Supersede what earlier versions decided, where an area that is decided now takes a community of it."""
    live = [course for course in courses(kept(session, project)).values() if course.live]
    older = [course for course in live if course.state in IN_FORCE and course.place[0] < step.version]
    members = members_by_place(session, project, [step.version, *(course.place[0] for course in older)])
    taken = {m for area_id in step.area_ids for m in members[step.version, area_id]}
    for course in older:
        if not taken.isdisjoint(members[course.place]):
            session.add(_superseded(project, course, step.on, who, by_version=step.version))
    session.flush()


def members_by_place(session: Session, project: ProjectRow, versions: Iterable[int]) -> dict[Place, Ids]:
    """Return the members of every area of these versions."""
    rows = session.execute(
        select(VersionRow.number, VersionRow.record).where(
            VersionRow.project_id == project.id, VersionRow.number.in_(sorted(set(versions)))
        )
    )
    return {
        (number, area["area_id"]): tuple(area["members"])
        for number, record in rows
        for area in record["plan"]["areas"]
    }


def _row(
    project: ProjectRow, place: Place, state: str, on: str, who: str, *, reason: str = ""
) -> ProceedingRow:
    version, area_id = place
    return ProceedingRow(
        project_id=project.id,
        version=version,
        area_id=area_id,
        state=state,
        day=on,
        reason=reason,
        at=audit.now(),
        who=who,
    )


def _superseded(project: ProjectRow, course: Course, on: str, who: str, *, by_version: int) -> ProceedingRow:
    """Return the last row of what a version takes the place of; a step may have been entered ahead of its day."""
    row = _row(project, course.place, "superseded", max(on, course.rows[-1].on), who)
    row.by_version = by_version
    return row


def _repeated(project: ProjectRow, place: Place, course: Course) -> Iterator[ProceedingRow]:
    """Yield the rows of a course again, as they were entered, for the version that goes on with it."""
    for one in course.rows:
        row = _row(project, place, one.state, one.on, one.who, reason=one.reason)
        row.at, row.follows, row.paper = one.at, one.number, one.paper
        yield row
