"""The work sheet of a grid (网格员工作单, D12): the same as the page on A4, with room to tick by hand."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby

from geo.wording import listed, say
from report.drawings.ink import Page
from report.gridpages.codes import code_svg
from report.gridpages.cuts import Grid, Share
from report.gridpages.phrases import (
    due_words,
    figures_words,
    here_words,
    legend_lines,
    numbered_words,
    state_words,
    suggested_words,
    unit_words,
)
from report.gridpages.scene import Backdrop, Scene
from report.gridpages.still import numbered_names, still_map, swatch_ink
from report.gridpages.tasks import KINDS, Task, called, tasks_of
from report.gridpages.told import Responsible, Told, day_words, impersonal
from report.gridpages.vectors import svg_of
from report.papers import Imprint, Printed, printed

OF_PLACES = ("count", "site", "post", "hand_out", "collect")
OF_AREAS = ("objection", "inspect")
TICK = "□"
MAP_WIDE, MAP_LEAST, MAP_MOST = 177.0, 80.0, 165.0  # mm
AREA_ROW = 7.0  # mm of the first page that each area takes from the map


def grid_sheet(backdrop: Backdrop, grid: Grid, told: Told, scene: Scene) -> Printed:
    """Return the sheet as a paper of A4; the same plan and day give the same bytes."""
    tasks = tasks_of(grid, told)
    west, south, east, north = scene.box
    most = MAP_MOST - AREA_ROW * len(grid.areas)
    high = max(min(MAP_WIDE * (north - south) / (east - west), most), MAP_LEAST)
    box = (0.0, 0.0, MAP_WIDE, high)
    drawn = Page(MAP_WIDE, high, tuple(still_map(scene, box)))
    title = say("gridpages.sheet.title", grid=impersonal(grid.name))
    link = told.link(f"{grid.file}.html")
    legend = [(kind, words) for kind, words in legend_lines(scene) if kind]
    pictures = {"map.svg": svg_of(drawn)}
    pictures |= {
        f"{kind}.svg": svg_of(Page(8.0, 4.0, tuple(swatch_ink(kind, (0.5, 0.4, 7.5, 3.6)))))
        for kind, _ in legend
    }
    pictures |= {"code.svg": code_svg(link).encode()} if link else {}
    data = {
        "title": title,
        "lead": f"{impersonal(backdrop.results.title)} · {day_words(told.day)}",
        "figures": figures_words(grid),
        "code": "code.svg" if link else "",
        "legend": [{"picture": f"{kind}.svg", "words": words} for kind, words in legend],
        "numbered": numbered_words(numbered_names(scene, box)),
        "sketch": " ".join(
            [*([say("gridpages.only_listed")] if grid.listed else []), say("gridpages.map.sketch")]
        ),
        "no_area": say("gridpages.no_area"),
        "areas": [_area(share, told) for share in grid.areas],
        "tasks": _tables(tasks, told.day),
        "how": [f"{say(f'gridpages.task.{kind}')}:{say(f'gridpages.how.{kind}')}" for kind in _kinds(tasks)],
        "suggested": suggested_words(tasks, told),
        "units": _units(told.responsible.get(grid.name, ())),
        "two_grids": say("gridpages.two_grids"),
        "words": {key: say(f"gridpages.sheet.{key}") for key in ("areas", "tasks", "units", "scan")},
        "heads": {
            "areas": [say(f"gridpages.sheet.{key}") for key in ("area", "households", "state", "contact")],
        },
    }
    imprint = Imprint(title, impersonal(backdrop.results.title), told.day, impersonal(told.source))
    return printed("gridsheet", imprint, data, pictures=pictures)


def _area(share: Share, told: Told) -> list[str]:
    return [
        called(share),
        here_words(share.here, share.count, share.elsewhere),
        state_words(share, told),
        impersonal(told.contacts.get(share.area_id, "")),
    ]


def _units(responsible: tuple[Responsible, ...]) -> list[dict[str, object]]:
    """Return the kinds of issues, a row an issue: whom to call, the first one first, with the office line where it is known."""
    return [
        {
            "name": impersonal(group),
            "rows": [
                [impersonal(issue), listed(map(unit_words, units))]
                for issue, units in groupby(own, key=lambda one: one.issue)
            ],
        }
        for group, own in groupby(responsible, key=lambda one: one.group)
    ]


def _tables(tasks: tuple[Task, ...], today: date) -> list[dict[str, object]]:
    """Return a table for what is done at communities and one for areas: a row a place, a column a kind of task."""
    tables = []
    for own in (OF_PLACES, OF_AREAS):
        kinds = [kind for kind in own if any(task.kind == kind for task in tasks)]
        if kinds:
            columns = {kind: {_owner(task): task for task in tasks if task.kind == kind} for kind in kinds}
            places = {_owner(task): task.place for task in tasks if task.kind in own}
            rows = [
                [place, *(_box(columns[kind].get(owner), columns[kind], today) for kind in kinds)]
                for owner, place in places.items()
            ]
            first = say(f"gridpages.sheet.{'place' if own is OF_PLACES else 'area'}")
            heads = [first, *(_head(kind, columns[kind], today) for kind in kinds)]
            tables.append({"heads": heads, "rows": sorted(rows)})
    return tables


def _kinds(tasks: tuple[Task, ...]) -> list[str]:
    return [kind for kind in KINDS if any(task.kind == kind for task in tasks)]


def _owner(task: Task) -> str:
    return task.key.partition(":")[2]


def _one_day(column: Mapping[str, Task]) -> bool:
    return len({task.due for task in column.values()}) == 1


def _head(kind: str, column: Mapping[str, Task], today: date) -> str:
    """Return what is to be done and, where it is one day for all, until when."""
    words = say(f"gridpages.task.{kind}")
    return f"{words}\n{due_words(next(iter(column.values())), today)}" if _one_day(column) else words


def _box(task: Task | None, column: Mapping[str, Task], today: date) -> str:
    if task is None:
        return "—"
    due = "" if _one_day(column) else due_words(task, today)
    return " ".join(filter(None, (TICK, due, task.note)))
