"""The task list of a grid worker (domain.md §4): what to do where until when, in the order of the procedure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from geo.wording import say
from report.gridpages.cuts import PROPOSED, Grid, Place, Share
from report.gridpages.told import Dates, Told, impersonal, number_words

KINDS = ("count", "site", "post", "hand_out", "collect", "objection", "inspect")
CONSULTED = ("post", "hand_out", "collect")
VERIFIED = "surveyed"


@dataclass(frozen=True)
class Task:
    """One thing to do at one place; `key` is the same on every edition of the page, so that a phone remembers it."""

    kind: str
    key: str
    place: str
    due: date | None
    suggested: bool
    note: str = ""


def tasks_of(grid: Grid, told: Told) -> tuple[Task, ...]:
    """Return the tasks of a grid by kind and place; an area that is kept as it is has none of the procedure."""
    made = [*_of_places(grid, told), *_of_areas(grid, told)]
    return tuple(sorted(made, key=lambda task: KINDS.index(task.kind)))


def _of_places(grid: Grid, told: Told) -> Iterator[Task]:
    proposed = {share.area_id for share in grid.areas if share.kind in PROPOSED}
    for place in grid.places:
        area_id = place.facts["area_id"]
        area = area_id if isinstance(area_id, str) else ""
        days = told.dates_of(area)
        if place.facts["outcome"] == "excluded":
            continue
        if place.facts["count_status"] != VERIFIED:
            yield _task("count", place, days, days.consult_begins, note=_counted(place))
        yield _task("site", place, days, days.consult_begins)
        if area in proposed:
            yield _task("post", place, days, days.consult_begins)
            yield _task("hand_out", place, days, days.handed_out)
            yield _task("collect", place, days, days.consult_ends, note=outstanding_words(place))


def _of_areas(grid: Grid, told: Told) -> Iterator[Task]:
    for share in grid.areas:
        if share.kind not in PROPOSED:
            continue
        days = told.dates_of(share.area_id)
        last = days.notice_ends or days.consult_ends
        for kind, due in (("objection", last), ("inspect", None)):
            yield Task(kind, f"{kind}:{share.area_id}", called(share), due, days.suggested)


def called(share: Share) -> str:
    """Return what an area is called: its name, or its number where it has none."""
    return impersonal(share.name) or share.area_id


def outstanding_words(place: Place) -> str:
    """Return the forms of a community that are not back, "" where nobody counts them.

    Only numbers that are told for a building are summed; how many buildings have too few to tell stands beside.
    """
    numbers = [block.outstanding for block in place.blocks if block.outstanding is not None]
    numbers += [] if place.outstanding is None else [place.outstanding]
    if not numbers:
        return ""
    told = [number for number in numbers if number_words(number) == str(number)]
    hidden = len(numbers) - len(told)
    if not hidden:
        return say("gridpages.forms", number=sum(told)) if sum(told) else say("gridpages.forms_none")
    few = number_words(1)
    if len(numbers) == 1:
        return say("gridpages.forms", number=few)
    if not sum(told):
        key = "forms_hidden_one" if hidden == 1 else "forms_hidden"
        return say(f"gridpages.{key}", places=hidden, few=few)
    key = "forms_and_one" if hidden == 1 else "forms_and"
    return say(f"gridpages.{key}", number=sum(told), places=hidden, few=few)


def _task(kind: str, place: Place, days: Dates, due: date | None, *, note: str = "") -> Task:
    return Task(
        kind,
        f"{kind}:{place.community_id}",
        impersonal(place.facts["name"]),
        due,
        days.suggested and due is not None,
        note,
    )


def _counted(place: Place) -> str:
    if place.count is None:
        return say("gridpages.count_unknown")
    return say("gridpages.count_estimated", count=number_words(place.count))
