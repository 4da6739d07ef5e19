"""The sentences that page, picture, sheet and list have in common, so that they cannot differ."""

from collections.abc import Iterable, Iterator
from datetime import date

from geo.wording import listed, say
from report.gridpages.cuts import PROPOSED, Elsewhere, Grid, Share
from report.gridpages.scene import Scene, used_facilities
from report.gridpages.tasks import Task
from report.gridpages.told import EVERYWHERE, FEW, Responsible, Told, impersonal, near_day, number_words


def figures_words(grid: Grid) -> str:
    """Return what lies in a grid, counted."""
    return say(
        "gridpages.figures",
        communities=len(grid.places),
        blocks=grid.blocks,
        households=number_words(grid.here),
        areas=len(grid.areas),
    )


def here_words(here: int | None, count: int | None, elsewhere: Elsewhere) -> str:
    """Return the households in this grid, of how many, and where the others are.

    Where one of the parts is too small to be told, no other is told either: it could be reckoned from them.
    """
    if count is None or (here is None and not elsewhere):
        return say("gridpages.unknown")
    if not elsewhere:
        return say("gridpages.households", number=number_words(here or 0))
    hidden = any(0 < (number or 0) < FEW for number in (here, *(number for _, number in elsewhere)))
    others = [
        impersonal(name)
        if number is None or hidden
        else say("gridpages.in_grid", grid=impersonal(name), number=number)
        for name, number in elsewhere
    ]
    if hidden and (here or 0) >= FEW:
        return say("gridpages.households_shared", count=number_words(count), others=others)
    if here is None:
        return say("gridpages.households_unsplit", count=number_words(count), others=others)
    return say("gridpages.households_part", here=number_words(here), count=number_words(count), others=others)


def state_words(share: Share, told: Told) -> str:
    """Return how far an area is, in words: what it was told, else whether it is only proposed."""
    kept = share.kind not in PROPOSED
    known = say("gridpages.state_kept" if kept else "gridpages.state_proposed")
    return impersonal(told.states.get(share.area_id) or known)


def due_words(task: Task, today: date) -> str:
    """Return until when a task is to be done, in words."""
    if task.due is not None:
        return say("gridpages.due", day=near_day(task.due, today))
    return say("gridpages.due_after" if task.kind == "inspect" else "gridpages.due_open")


def suggested_words(tasks: tuple[Task, ...], told: Told) -> str:
    """Return what the days of the tasks rest on, "" where every one of them is fixed."""
    if not any(task.suggested for task in tasks):
        return ""
    begins = told.dates_of(EVERYWHERE).consult_begins
    if told.states or begins is None:  # somebody began the procedure: only its periods are suggested
        return say("gridpages.suggested")
    return say("gridpages.suggested_from", day=near_day(begins, told.day))


def numbered_words(names: Iterable[str]) -> str:
    """Return what the numbers on a still map stand for, "" where there are none."""
    told = [say("gridpages.map.number", number=n, name=name) for n, name in enumerate(names, 1)]
    return say("gridpages.map.numbers", names=listed(told)) if told else ""


def unit_words(unit: Responsible) -> str:
    """Return a unit with its office line, where that is known and may be printed."""
    return " ".join(filter(None, (impersonal(unit.unit), impersonal(unit.phone))))


def legend_lines(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield kind and words of each line of the legend that a scene needs."""
    kinds = scene.kinds
    for kind in ("grid", "area", "area_kept", "community", "place", "building", "gate", "fence", "fire_lane"):
        if kind in kinds:
            yield kind, say(f"gridpages.legend.{kind}")
    for sort in used_facilities(kinds):
        yield f"facility_{sort}", say(f"gridpages.legend.{sort}")
    if "fire_lane" not in kinds:
        yield "", say("gridpages.legend.no_fire_lane")
