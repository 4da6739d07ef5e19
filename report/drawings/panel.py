"""What stands beside the map: facts, legend, notes, the list of names, and the block of fields to sign."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import shapely

from report.drawings import looks
from report.drawings.ink import Box, Ink, Letter, Look, Mark, Page
from report.drawings.labels import MARKER, centred, marker
from report.drawings.lettering import MIDDLE, width_mm, wrapped

SIZE = 2.55
LINE = 3.75
HEAD_SIZE = 2.9
HEAD_LINE = 5.4
SWATCH = 9.0
FIELD = 5.6
FIELD_HEAD = 15.0


@dataclass(frozen=True)
class Row:
    """A row of a column; `ink` draws it from its upper left corner. A heading keeps with what follows."""

    height: float
    ink: Callable[[float, float], tuple[Ink, ...]]
    heading: bool = False


@dataclass(frozen=True)
class Field:
    """A field of the block to sign: its heading and what it says, "" to be filled in by hand."""

    head: str
    text: str


def heading(text: str) -> Row:
    """Return a heading with a rule under it."""

    def drawn(x: float, top: float) -> tuple[Ink, ...]:
        rule = shapely.LineString(
            [(x, top - HEAD_LINE + 1.0), (x + width_mm(text, HEAD_SIZE), top - HEAD_LINE + 1.0)]
        )
        return (Letter(text, x, top - 3.4, HEAD_SIZE), Mark(rule, looks.THIN))

    return Row(HEAD_LINE, drawn, heading=True)


def paragraph(text: str, width: float, *, size: float = SIZE) -> list[Row]:
    """Return a printable text as rows no wider than `width`."""
    return [_text_row(line, size) for line in wrapped(text, size, width)]


def listed_rows(names: Sequence[str], width: float) -> list[Row]:
    """Return names by number, each with the number that stands on the map."""
    rows = []
    for number, name in enumerate(names, 1):
        first, *more = wrapped(name, SIZE, width - MARKER - 1.0)
        rows.append(_numbered_row(str(number), first))
        rows += [_text_row(line, SIZE, indent=MARKER + 1.0) for line in more]
    return rows


def table_row(cells: Sequence[str], width: float) -> Row:
    """Return cells side by side, each to the right of its share of the width."""
    share = width / len(cells)

    def drawn(x: float, top: float) -> tuple[Ink, ...]:
        return tuple(
            Letter(cell, x + (n + 1) * share - width_mm(cell, SIZE) - 1.0, top - 2.8, SIZE)
            for n, cell in enumerate(cells)
        )

    return Row(LINE, drawn)


def legend_rows(lines: Sequence[tuple[str, str]], width: float) -> list[Row]:
    """Return keys and words of the legend, two in a row where both are short enough."""
    rows: list[Row] = []
    half = width / 2
    waiting: tuple[str, str] | None = None
    for key, words in lines:
        short = SWATCH + 1.2 + width_mm(words, SIZE) <= half - 0.5
        if waiting is not None and short:
            rows.append(_legend_row([(waiting, 0.0), ((key, words), half)]))
            waiting = None
            continue
        if waiting is not None:
            rows.append(_legend_row([(waiting, 0.0)]))
        waiting = (key, words) if short else None
        if not short:
            rows.append(_legend_row([((key, words), 0.0)]))
    return [*rows, _legend_row([(waiting, 0.0)])] if waiting is not None else rows


def legend_page(lines: Sequence[tuple[str, str]], width: float) -> Page:
    """Return a page so wide that holds the legend alone, its rows in two columns of about the same height."""
    rows = legend_rows(lines, width / 2)
    high = sum(row.height for row in rows[: (len(rows) + 1) // 2])
    columns = [(n * width / 2, -LINE / 2, (n + 1) * width / 2, high) for n in range(2)]
    return Page(width, high, poured(rows, columns)[0])


def poured(rows: Sequence[Row], columns: Sequence[Box]) -> tuple[tuple[Ink, ...], tuple[Row, ...]]:
    """Return the rows in the columns, from top to bottom, and those there is no room for."""
    ink: list[Ink] = []
    waiting = list(rows)
    for left, bottom, _, top in columns:
        at = top
        while waiting and at - _needed(waiting) >= bottom:
            row = waiting.pop(0)
            ink += row.ink(left, at)
            at -= row.height
    return tuple(ink), tuple(waiting)


def signed(fields: Sequence[Field], column: Box) -> tuple[tuple[Ink, ...], Box]:
    """Return the block of fields at the foot of a column, and the column above it."""
    left, bottom, right, top = column
    ink: list[Ink] = []
    at = bottom + 1.5
    for field in reversed(fields):
        lines = wrapped(field.text, SIZE, right - left - FIELD_HEAD - 2.0) or [""]
        high = max(FIELD, len(lines) * LINE * 0.95 + 1.6)
        ink += [
            Mark(shapely.box(left, at, left + FIELD_HEAD, at + high), looks.THIN),
            Mark(shapely.box(left + FIELD_HEAD, at, right, at + high), looks.THIN),
            *centred([field.head], (left + FIELD_HEAD / 2, at + high / 2), size=SIZE, ink=looks.BLACK),
        ]
        middle = at + high / 2 + (len(lines) - 1) * LINE * 0.475
        ink += [
            Letter(line, left + FIELD_HEAD + 1.2, middle - n * LINE * 0.95 - MIDDLE * SIZE, SIZE)
            for n, line in enumerate(lines)
        ]
        at += high
    return tuple(ink), (left, at + 2.0, right, top)


# --- rows ------------------------------------------------------------------------------------------


def _needed(waiting: Sequence[Row]) -> float:
    """Return how much room the next row takes, with what it must not be parted from."""
    high = waiting[0].height
    return high + waiting[1].height if waiting[0].heading and len(waiting) > 1 else high


def _text_row(text: str, size: float, *, indent: float = 0.0) -> Row:
    return Row(LINE * size / SIZE, lambda x, top: (Letter(text, x + indent, top - 2.8 * size / SIZE, size),))


def _numbered_row(number: str, name: str) -> Row:
    def drawn(x: float, top: float) -> tuple[Ink, ...]:
        sign = marker(number, (x + MARKER / 2, top - LINE / 2))
        return (*sign, Letter(name, x + MARKER + 1.0, top - 2.8, SIZE))

    return Row(LINE, drawn)


def _legend_row(lines: Sequence[tuple[tuple[str, str], float]]) -> Row:
    def drawn(x: float, top: float) -> tuple[Ink, ...]:
        ink: list[Ink] = []
        for (key, words), aside in lines:
            ink += _swatch(key, (x + aside, top - LINE + 0.5, x + aside + SWATCH, top - 0.5))
            ink.append(Letter(words, x + aside + SWATCH + 1.2, top - 2.8, SIZE))
        return tuple(ink)

    return Row(LINE + 0.35, drawn)


_FILLED = {
    "building": looks.BUILDING,
    "other_building": looks.OTHER_BUILDING,
    "member": Look(looks.AREA.face, looks.MEMBER.edge, looks.MEMBER.width),
    "neighbour": looks.NEIGHBOUR,
    "plot": looks.GROUND["plot"],
    "park": looks.GROUND["park"],
    "water": looks.GROUND["water"],
}
_LINED = {
    "boundary": looks.BOUNDARY,
    "sketch": looks.SKETCH,
    "grid": looks.GRID,
    "wall": looks.GROUND["wall"],
    "cliff": looks.GROUND["cliff"],
    "town": looks.GROUND["town"],
}
_STREETS = {"street": ("branch_edge", "branch", 2.2), "lane": ("lane_edge", "lane", 1.1)}


def _swatch(key: str, box: Box) -> list[Mark]:
    left, bottom, right, top = box
    middle = shapely.LineString([(left, (bottom + top) / 2), (right, (bottom + top) / 2)])
    centre = shapely.Point((left + right) / 2, (bottom + top) / 2)
    x, y = centre.x, centre.y
    triangle = shapely.Polygon([(x - 0.75, y - 0.6), (x + 0.75, y - 0.6), (x, y + 0.9)])
    signs = {
        "rail": [Mark(middle, looks.GROUND["rail"]), Mark(middle, looks.GROUND["rail_ties"])],
        "gate": [Mark(triangle, looks.GATE)],
        "facility": [Mark(centre.buffer(1.1, quad_segs=1), looks.FACILITY)],
        "place": [Mark(centre.buffer(0.9), looks.PLACE)],
        "other_place": [Mark(centre.buffer(0.9), looks.OTHER_PLACE)],
    }
    if key in _STREETS:
        edge, inner, width = _STREETS[key]
        rim = Look(edge=looks.GROUND[edge].edge, width=width + 0.36)
        return [Mark(middle, rim), Mark(middle, Look(edge=looks.GROUND[inner].edge, width=width))]
    if key in signs:
        return signs[key]
    return [Mark(shapely.box(*box), _FILLED[key]) if key in _FILLED else Mark(middle, _LINED[key])]
