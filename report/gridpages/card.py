"""The picture of a grid for a chat group: 1080 dots wide, readable on a phone, with name, day and legend."""

import shapely

from geo.wording import say
from report.drawings.ink import DPI, MM_PER_INCH, Box, Ink, Letter, Look, Mark, Page, png_of
from report.drawings.lettering import MIDDLE, printable, width_mm, wrapped
from report.gridpages.codes import code_ink
from report.gridpages.cuts import Grid, Share
from report.gridpages.phonemap import area_colour
from report.gridpages.phrases import due_words, figures_words, here_words, legend_lines
from report.gridpages.scene import Backdrop, Scene
from report.gridpages.still import GRID_INK, still_map, swatch_ink
from report.gridpages.tasks import Task, called, tasks_of
from report.gridpages.told import Told, day_words, impersonal

WIDE_DOTS = 1080
WIDE = WIDE_DOTS / DPI * MM_PER_INCH  # mm
EDGE = 4.0
TITLE, TEXT, SMALL = 6.0, 3.3, 2.8
LEADING = 1.4
MAP_LEAST, MAP_MOST = 60.0, 105.0  # how high, in mm
CODE = 24.0
MOST_LINES = 8
NOTHING = ("", "")  # a gap between two lists
_INK, _SOFT = "#22201c", "#5c564b"


def grid_card(backdrop: Backdrop, grid: Grid, told: Told, scene: Scene) -> bytes:
    """Return the picture as PNG; the same plan and day give the same bytes."""
    high_m, wide_m = scene.box[3] - scene.box[1], scene.box[2] - scene.box[0]
    map_high = min(max((WIDE - 2 * EDGE) * high_m / wide_m, MAP_LEAST), MAP_MOST)
    lead = f"{impersonal(backdrop.results.title)} {day_words(told.day)}"
    lines = [
        *_lines(impersonal(grid.name), TITLE),
        *_lines(lead, SMALL, _SOFT),
        ("map", map_high, ""),
        *_lines(figures_words(grid), TEXT),
    ]
    areas, due = _areas(backdrop, grid), _due(tasks_of(grid, told))
    below = [*areas, *([NOTHING] if areas and due else []), *due]
    return png_of(_page(scene, lines, below, told.link(f"{grid.file}.html")))


Line = tuple[str, float, str]  # text, size and ink; ("map", height, "") leaves room for the map


def _page(scene: Scene, lines: list[Line], below: list[tuple[str, str]], link: str) -> Page:
    """Return the page, laid out from the top: it is as high as what stands on it."""
    legend = [(kind, words) for kind, words in legend_lines(scene) if kind]
    rows = (len(legend) + 1) // 2
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
    for colour, text in below:
        y -= TEXT * LEADING
        if colour:
            made.append(Mark(shapely.box(EDGE, y + 0.5, EDGE + 3, y + 3.5), Look(colour, _INK, 0.15)))
        made.append(Letter(text, EDGE + (4.2 if colour else 0.0), y + TEXT * 0.3, TEXT, ink=_INK))
    y -= EDGE / 2
    made += _legend(legend, y)
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


def _areas(backdrop: Backdrop, grid: Grid) -> list[tuple[str, str]]:
    """Return colour and words of each area; those there is no room for are counted."""
    shown = [
        (area_colour(backdrop.fills[share.area_id]), _cut(_area_words(share), 4.2))
        for share in grid.areas[:MOST_LINES]
    ]
    rest = len(grid.areas) - len(shown)
    return [*shown, *([("", say("gridpages.more_areas", number=rest))] if rest else [])]


def _area_words(share: Share) -> str:
    return printable(f"{called(share)} {here_words(share.here, share.count, share.elsewhere)}")


def _due(tasks: tuple[Task, ...]) -> list[tuple[str, str]]:
    """Return a line for each kind of task that has a day."""
    first: dict[str, Task] = {}
    for task in tasks:
        if task.due is not None and (task.kind not in first or task.due < (first[task.kind].due or task.due)):
            first[task.kind] = task
    return [
        ("", _cut(f"{say(f'gridpages.task.{kind}')} {due_words(task)}", 0.0)) for kind, task in first.items()
    ]


def _cut(text: str, used: float) -> str:
    """Return as much of a text as fits on a line, with … where there was more."""
    room = WIDE - 2 * EDGE - used
    if width_mm(text, TEXT) <= room:
        return text
    kept = text
    while kept and width_mm(f"{kept}…", TEXT) > room:
        kept = kept[:-1]
    return f"{kept}…"


def _legend(lines: list[tuple[str, str]], top: float) -> list[Ink]:
    made: list[Ink] = []
    wide = (WIDE - 2 * EDGE) / 2
    for number, (kind, words) in enumerate(lines):
        x, y = EDGE + number % 2 * wide, top - (number // 2 + 1) * 5.4
        box: Box = (x, y + 1.0, x + 7.0, y + 4.4)
        made += swatch_ink(kind, box)
        made.append(Letter(printable(words), x + 9.0, y + 2.7 - MIDDLE * SMALL, SMALL, ink=_INK))
    return made
