"""The picture of a grid for a chat group: 1080 dots wide, readable on a phone, with name, day and legend."""

from datetime import date

import shapely

from geo.wording import say
from report.drawings.ink import DPI, MM_PER_INCH, Box, Ink, Letter, Look, Mark, Page
from report.drawings.lettering import MIDDLE, printable, width_mm, wrapped
from report.drawings.raster import png_of
from report.gridpages.codes import code_ink
from report.gridpages.cuts import Grid, Share
from report.gridpages.phonemap import area_colour
from report.gridpages.phrases import due_words, figures_words, here_words, legend_lines, numbered_words
from report.gridpages.scene import Backdrop, Scene
from report.gridpages.still import GRID_INK, numbered_names, still_map, swatch_ink
from report.gridpages.tasks import Task, called, tasks_of
from report.gridpages.told import Told, day_words, impersonal

WIDE_DOTS = 1080
WIDE = WIDE_DOTS / DPI * MM_PER_INCH  # mm
EDGE = 4.0
TITLE, TEXT, SMALL = 6.0, 3.3, 2.8
LEADING = 1.4
MAP_LEAST, MAP_MOST = 60.0, 105.0  # how high, in mm
CODE = 24.0
MOST_AREAS = 8
NOTHING = ("", 0.0, "")  # a gap between two lists
SWATCH = 9.0  # mm: where words stand beside a line of the legend
BESIDE = 4.2  # mm: where words stand beside a colour
_INK, _SOFT = "#22201c", "#5c564b"


def grid_card(backdrop: Backdrop, grid: Grid, told: Told, scene: Scene) -> bytes:
    """Return the picture as PNG; the same plan and day give the same bytes."""
    high_m, wide_m = scene.box[3] - scene.box[1], scene.box[2] - scene.box[0]
    map_high = min(max((WIDE - 2 * EDGE) * high_m / wide_m, MAP_LEAST), MAP_MOST)
    lead = f"{impersonal(backdrop.results.title)} {day_words(told.day)}"
    lines = [
        *_lines(impersonal(grid.name), TITLE),
        *_lines(lead, SMALL, _SOFT),
        *(_lines(say("gridpages.only_listed"), SMALL) if grid.listed else []),
        ("map", map_high, ""),
        *_lines(figures_words(grid), TEXT),
    ]
    numbered = numbered_names(scene, (EDGE, 0.0, WIDE - EDGE, map_high))
    lines[-1:-1] = _lines(numbered_words(numbered), SMALL)
    areas, due = _areas(backdrop, grid), _due(tasks_of(grid, told), told.day)
    below = [*areas, *([NOTHING] if areas and due else []), *due]
    return png_of(_page(scene, lines, below, told.link(f"{grid.file}.html")))


Line = tuple[str, float, str]  # text, size and ink; ("map", height, "") leaves room for the map
Item = tuple[str, float, str]  # a colour or "", how far the words stand in, and the words


def _page(scene: Scene, lines: list[Line], below: list[Item], link: str) -> Page:
    """Return the page, laid out from the top: it is as high as what stands on it."""
    legend = [(kind, words) for kind, words in legend_lines(scene) if kind]
    across = _across(legend)
    rows = -(-len(legend) // across)
    foot = wrapped(say("gridpages.map.sketch"), SMALL, WIDE - 2 * EDGE)
    high = EDGE + sum(size + EDGE if ink == "" else size * LEADING for _, size, ink in lines)
    high += len(below) * TEXT * LEADING + EDGE + rows * 5.4 + len(foot) * SMALL * LEADING + EDGE
    high += CODE + 2 * EDGE + SMALL if link else 0.0
    made: list[Ink] = [Mark(shapely.box(0, 0, WIDE, high), Look(face="#fffdf8"))]
    made.append(Mark(shapely.box(0, high - 1.6, WIDE, high), Look(face=GRID_INK)))
    y = high - EDGE
    for text, size, ink in lines:
        if ink == "":
            y -= size + EDGE / 2
            made += still_map(scene, (EDGE, y, WIDE - EDGE, y + size))
            y -= EDGE / 2
        else:
            y -= size * LEADING
            made.append(Letter(text, EDGE, y + size * 0.3, size, ink=ink))
    for colour, inset, text in below:
        y -= TEXT * LEADING
        if colour:
            made.append(Mark(shapely.box(EDGE, y + 0.5, EDGE + 3, y + 3.5), Look(colour, _INK, 0.15)))
        made.append(Letter(text, EDGE + inset, y + TEXT * 0.3, TEXT, ink=_INK))
    y -= EDGE / 2
    made += _legend(legend, y, across)
    y -= rows * 5.4 + EDGE / 2
    for text in foot:
        y -= SMALL * LEADING
        made.append(Letter(text, EDGE, y + SMALL * 0.3, SMALL, ink=_SOFT))
    if link:
        y -= EDGE + CODE
        made += code_ink(link, (WIDE / 2 - CODE / 2, y, WIDE / 2 + CODE / 2, y + CODE))
        words = say("gridpages.sheet.scan")
        made.append(Letter(words, WIDE / 2 - width_mm(words, SMALL) / 2, y - SMALL * 1.3, SMALL, ink=_SOFT))
    return Page(WIDE, high, tuple(made))


def _lines(text: str, size: float, ink: str = _INK) -> list[Line]:
    return [(line, size, ink) for line in wrapped(printable(text), size, WIDE - 2 * EDGE)]


def _areas(backdrop: Backdrop, grid: Grid) -> list[Item]:
    """Return colour and words of each area, in as many lines as they need; those there is no room for are counted."""
    items: list[Item] = []
    for share in grid.areas[:MOST_AREAS]:
        first, *more = wrapped(_area_words(share), TEXT, WIDE - 2 * EDGE - BESIDE)
        items.append((area_colour(backdrop.fills[share.area_id]), BESIDE, first))
        items += [("", BESIDE, line) for line in more]
    rest = len(grid.areas) - MOST_AREAS
    return [*items, *([("", 0.0, say("gridpages.more_areas", number=rest))] if rest > 0 else [])]


def _area_words(share: Share) -> str:
    return printable(f"{called(share)} {here_words(share.here, share.count, share.elsewhere)}")


def _due(tasks: tuple[Task, ...], today: date) -> list[Item]:
    """Return a line for each kind of task that has a day."""
    first: dict[str, Task] = {}
    for task in tasks:
        if task.due is not None and (task.kind not in first or task.due < (first[task.kind].due or task.due)):
            first[task.kind] = task
    return [
        ("", 0.0, line)
        for kind, task in first.items()
        for line in wrapped(_task_words(kind, task, today), TEXT, WIDE - 2 * EDGE)
    ]


def _task_words(kind: str, task: Task, today: date) -> str:
    return say("gridpages.task_due", task=say(f"gridpages.task.{kind}"), due=due_words(task, today))


def _across(lines: list[tuple[str, str]]) -> int:
    """Return how many lines of the legend stand side by side: two where each has room."""
    room = (WIDE - 2 * EDGE) / 2 - SWATCH
    return 2 if all(width_mm(printable(words), SMALL) <= room for _, words in lines) else 1


def _legend(lines: list[tuple[str, str]], top: float, across: int) -> list[Ink]:
    made: list[Ink] = []
    wide = (WIDE - 2 * EDGE) / across
    for number, (kind, words) in enumerate(lines):
        x, y = EDGE + number % across * wide, top - (number // across + 1) * 5.4
        box: Box = (x, y + 1.0, x + 7.0, y + 4.4)
        made += swatch_ink(kind, box)
        made.append(Letter(printable(words), x + SWATCH, y + 2.7 - MIDDLE * SMALL, SMALL, ink=_INK))
    return made
