"""What comes due: consultations and notices that end, follow-ups of decisions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from geo.wording import say
from jobs.citing import days_of, period
from jobs.proceeding import AFTER, Docket
from jobs.registering import dues
from store.filings import KeptFollowUp
from store.given import Ids

PERIODS = MappingProxyType(dict(AFTER.values()))  # state → its period


@dataclass(frozen=True)
class Deadline:
    """One day to keep: `what` is a state whose period ends, or the kind of a follow-up; `days` until it, negative once over.

    `members` are names of communities, for who does not know the area by its id and its name.
    """

    area_id: str
    name: str
    members: Ids
    what: str
    on: date
    days: int
    note: str = ""

    @property
    def is_period(self) -> bool:
        """Tell whether a period ends: what follows it may be done from the day after."""
        return self.what in PERIODS


def deadlines(told: Docket, follow_ups: Iterable[KeptFollowUp], today: date) -> tuple[Deadline, ...]:
    """Return what is open, the nearest day first."""
    found = [*_periods(told, today), *_follow_ups(told, follow_ups, today)]
    return tuple(sorted(found, key=lambda one: (one.on, one.area_id, one.what)))


def deadline_words(one: Deadline) -> str:
    """Return how it stands on the day it was asked for."""
    if not one.days:
        return say("handover.due.today")
    if one.days > 0:
        return say("handover.due.in", number=one.days)
    return say("handover.due.over" if one.is_period else "register.overdue", number=-one.days)


def _periods(told: Docket, today: date) -> Iterator[Deadline]:
    """Yield the consultations and notices that nobody has ended yet."""
    for (number, area_id), course in told.courses.items():
        if not course.live or course.state not in PERIODS:
            continue
        days = days_of(told.version(number).rules_text, PERIODS[course.state])
        _, ends = period(date.fromisoformat(course.on(course.state)), days)
        yield Deadline(*_called(told, number, area_id), course.state, ends, (ends - today).days)


def _follow_ups(told: Docket, follow_ups: Iterable[KeptFollowUp], today: date) -> Iterator[Deadline]:
    """Yield what is to be done after decisions; an area is called as its last version calls it."""
    version_of = {area_id: number for number, area_id in sorted(told.courses)}
    for due in dues(follow_ups, today):
        one = due.kept.follow_up
        if due.days is None:
            continue
        number = version_of.get(one.area_id)
        called = (one.area_id, "", ()) if number is None else _called(told, number, one.area_id)
        yield Deadline(*called, one.kind, date.fromisoformat(one.due), due.days, one.note)


def _called(told: Docket, number: int, area_id: str) -> tuple[str, str, Ids]:
    state, names = told.version(number).state, told.ground(number).names
    members = next(area.members for area in state.plan.areas if area.area_id == area_id)
    return area_id, state.names.get(area_id, ""), tuple(names.get(m, m) for m in members)
