"""The register of areas: what is decided and filed, by number and day, and what is still to be done after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from jobs.proceeding import Docket, filing_of
from store.filings import KeptFollowUp
from store.given import Ids
from store.proceedings import EXITS, STATES, UNDER_WAY, Course

ORDER = (*STATES, *EXITS)


@dataclass(frozen=True)
class Entry:
    """One area of the register, where its course stands; days ISO, "" while it is not there yet.

    `members` are names of communities, `households` the sum of the counts that were judged; `kept` where the area stays
    as it is (维持现状): it is in force already, and goes through no procedure here.
    """

    version: int
    area_id: str
    name: str
    state: str
    on: str
    members: Ids
    households: int
    decided_on: str
    filing_no: str
    filed_on: str
    kept: bool


@dataclass(frozen=True)
class Due:
    """A follow-up with its standing on a day: `days` until it is due, negative where it is overdue, None where it is done."""

    kept: KeptFollowUp
    days: int | None

    @property
    def overdue(self) -> bool:
        """Tell whether its day is over and nobody has done it."""
        return self.days is not None and self.days < 0


def register(told: Docket) -> tuple[Entry, ...]:
    """Return every area where its course stands, one line each, the furthest first.

    An area that a later version goes on with is told once, there. One that ended stays, where owners were asked about it.
    """
    here = [course for course in told.courses.values() if course.live or _was_public(course)]
    entries = [_entry(told, course) for course in here]
    return tuple(sorted(entries, key=lambda e: (-_rank(e.state), e.version, e.area_id)))


def _was_public(course: Course) -> bool:
    return course.carried_to is None and any(row.state in UNDER_WAY for row in course.rows)


def _rank(state: str) -> int:
    return STATES.index(state) if state in STATES else -1 - EXITS.index(state)


def _entry(told: Docket, course: Course) -> Entry:
    number, area_id = course.place
    version, data = told.version(number), told.ground(number)
    members = next(area.members for area in version.state.plan.areas if area.area_id == area_id)
    filing = filing_of(told.filings, course)
    return Entry(
        version=number,
        area_id=area_id,
        name=version.state.names.get(area_id, ""),
        state=course.state,
        on=course.rows[-1].on,
        members=tuple(data.names.get(m, m) for m in members),
        households=sum(data.counts.get(m) or 0 for m in members),
        decided_on=course.on("decided"),
        filing_no=filing.filing_no if filing else "",
        filed_on=filing.filed_on if filing else "",
        kept=version.state.plan.outcomes[members[0]] == "fixed",
    )


def dues(follow_ups: Iterable[KeptFollowUp], today: date) -> tuple[Due, ...]:
    """Return the follow-ups as they stand on a day: overdue first, then by the day they are due, those done last."""
    found = [Due(one, _days(one, today)) for one in follow_ups]
    return tuple(sorted(found, key=lambda due: (due.days is None, due.kept.follow_up.due, due.kept.number)))


def _days(one: KeptFollowUp, today: date) -> int | None:
    if one.follow_up.done_on and date.fromisoformat(one.follow_up.done_on) <= today:
        return None
    return (date.fromisoformat(one.follow_up.due) - today).days
