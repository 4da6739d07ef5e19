"""The sentences that page, picture, sheet and list have in common, so that they cannot differ."""

from collections.abc import Iterator

from geo.wording import say
from report.gridpages.cuts import PROPOSED, Elsewhere, Grid, Share
from report.gridpages.scene import Scene, used_facilities
from report.gridpages.tasks import Task
from report.gridpages.told import Told, day_words, impersonal, number_words


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
    """Return the households in this grid, of how many, and where the others are."""
    if count is None or here is None:
        return say("gridpages.unknown")
    if not elsewhere:
        return say("gridpages.households", number=number_words(here))
    others = [
        say("gridpages.in_grid", grid=impersonal(name), number=number_words(number))
        for name, number in elsewhere
    ]
    return say("gridpages.households_part", here=number_words(here), count=number_words(count), others=others)


def state_words(share: Share, told: Told) -> str:
    """Return how far an area is, in words: what it was told, else whether it is only proposed."""
    kept = share.kind not in PROPOSED
    known = say("gridpages.state_kept" if kept else "gridpages.state_proposed")
    return impersonal(told.states.get(share.area_id) or known)


def due_words(task: Task) -> str:
    """Return until when a task is to be done, in words."""
    if task.due is not None:
        return say("gridpages.due", day=day_words(task.due))
    return say("gridpages.due_after" if task.kind == "inspect" else "gridpages.due_open")


def legend_lines(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield kind and words of each line of the legend that a scene needs."""
    kinds = scene.kinds
    for kind in ("grid", "area", "area_kept", "community", "building", "gate", "fence", "fire_lane"):
        if kind in kinds:
            yield kind, say(f"gridpages.legend.{kind}")
    for sort in used_facilities(kinds):
        yield f"facility_{sort}", say(f"gridpages.legend.{sort}")
    if "fire_lane" not in kinds:
        yield "", say("gridpages.legend.no_fire_lane")
