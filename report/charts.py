"""Small charts of trade-offs: exceptions as columns, areas as a line; drawn by Excel, and as one SVG page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geo.wording import say
from report.colours import FILLS
from report.maptext import map_text

_WIDTH, _HEIGHT = 460, 270  # of one panel, in pixels
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 46, 52, 46
_ACROSS = 2  # panels beside one another
_COLUMN, _LINE = FILLS[2], "#2b5c8a"
_INK, _FAINT = "#222222", "#dddddd"
_TICKS = 4
_BROADEST = 56.0  # of a column


@dataclass(frozen=True)
class Chart:
    """What to draw: a category for each value, `exceptions` and `areas` in the same order; `used` is the value in use.

    `places` are the columns of value, exceptions and areas in the table that it is drawn from.
    """

    title: str
    values: tuple[str, ...]
    exceptions: tuple[int, ...]
    areas: tuple[int, ...]
    places: tuple[int, int, int]
    used: int | None = None


def insert_chart(book: Any, paper: Any, chart: Chart, *, sheet: str, top: int) -> None:
    """Put an Excel chart below the table whose headings are in row `top` of `sheet`."""
    last = top + len(chart.values)
    value, exceptions, areas = chart.places

    def series(place: int, name: str, extra: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": say(f"tradeoffs.chart.{name}"),
            "categories": [sheet, top + 1, value, last, value],
            "values": [sheet, top + 1, place, last, place],
            **extra,
        }

    columns = book.add_chart({"type": "column"})
    columns.add_series(
        series(
            exceptions,
            "exceptions",
            {"fill": {"color": _COLUMN}, "data_labels": {"value": True, "position": "inside_base"}},
        )
    )
    line = book.add_chart({"type": "line"})
    look = {
        "line": {"color": _LINE, "width": 2},
        "marker": {"type": "circle"},
        "y2_axis": True,
        "data_labels": {"value": True, "position": "above"},
    }
    line.add_series(series(areas, "areas", look))
    columns.combine(line)
    columns.set_title({"name": chart.title, "name_font": {"size": 12}, "overlay": False})
    columns.set_y_axis(
        {"name": say("tradeoffs.chart.exceptions"), "min": 0, "major_gridlines": {"visible": False}}
    )
    line.set_y2_axis({"name": say("tradeoffs.chart.areas"), "min": 0})
    columns.set_legend({"position": "bottom"})
    paper.insert_chart(last + 2, 0, columns)


def svg_page(title: str, charts: Sequence[Chart]) -> str:
    """Return all charts as one SVG text, two beside one another; text of data is escaped."""
    across = min(_ACROSS, len(charts))
    rows = -(-len(charts) // _ACROSS)
    width, height = across * _WIDTH, 40 + rows * _HEIGHT
    panels = "".join(
        f'<g transform="translate({k % _ACROSS * _WIDTH} {40 + k // _ACROSS * _HEIGHT})">{_panel(chart)}</g>'
        for k, chart in enumerate(charts)
    )
    head = _text(_LEFT, 26, title, size=17, anchor="start", weight="bold")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="Noto Sans CJK SC, Microsoft YaHei, SimSun, sans-serif">'
        f'<rect width="100%" height="100%" fill="white"/>{head}{panels}</svg>\n'
    )


def _panel(chart: Chart) -> str:
    inner = _WIDTH - _LEFT - _RIGHT
    step = inner / max(len(chart.values), 1)
    middle = [_LEFT + step * (k + 0.5) for k in range(len(chart.values))]
    exceptions, areas = _scale(chart.exceptions), _scale(chart.areas)
    base, broad = _HEIGHT - _BOTTOM, min(step * 0.56, _BROADEST)
    marks = [_axes(exceptions, areas)]
    for k, (x, value, number) in enumerate(zip(middle, chart.values, chart.exceptions, strict=True)):
        y = _height(number, exceptions)
        marks.append(
            f'<rect x="{x - broad / 2:.1f}" y="{y:.1f}" width="{broad:.1f}" height="{base - y:.1f}" fill="{_COLUMN}"/>'
        )
        marks.append(_text(x, base - 4, str(number), size=11))  # at the foot, out of the way of the line
        marks.append(_text(x, base + 16, value, size=11, weight="bold" if k == chart.used else "normal"))
        if k == chart.used:
            marks.append(_text(x, base + 31, say("tradeoffs.chart.used"), size=10))
    points = [(x, _height(n, areas)) for x, n in zip(middle, chart.areas, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks.append(f'<polyline points="{path}" fill="none" stroke="{_LINE}" stroke-width="2"/>')
    for (x, y), number in zip(points, chart.areas, strict=True):
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{_LINE}"/>')
        marks.append(_text(x, y - 8, str(number), size=11, colour=_LINE))
    return "".join([_text(_WIDTH / 2, 18, chart.title, size=13, weight="bold"), _legend(), *marks])


def _axes(exceptions: int, areas: int) -> str:
    """Return the lines of the scale with the exceptions at the left and the areas at the right."""
    marks = []
    for tick in range(_TICKS + 1):
        y = _height(tick, _TICKS)
        marks.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{_FAINT}"/>')
        marks.append(_text(_LEFT - 6, y + 4, str(exceptions * tick // _TICKS), size=10, anchor="end"))
        right = str(areas * tick // _TICKS)
        marks.append(_text(_WIDTH - _RIGHT + 6, y + 4, right, size=10, anchor="start", colour=_LINE))
    return "".join(marks)


def _legend() -> str:
    x, y = _LEFT + 40, 34
    columns = f'<rect x="{x}" y="{y - 8}" width="12" height="9" fill="{_COLUMN}"/>'
    line = f'<path d="M{x + 150} {y - 4}h18" stroke="{_LINE}" stroke-width="2"/>'
    words = _text(x + 17, y, say("tradeoffs.chart.exceptions_left"), size=11, anchor="start")
    others = _text(x + 173, y, say("tradeoffs.chart.areas_right"), size=11, anchor="start", colour=_LINE)
    return columns + words + line + others


def _scale(numbers: Sequence[int]) -> int:
    """Return a round top of the axis, a multiple of the ticks that leaves room for a number above."""
    top = max([*numbers, 1]) * 1.1
    unit = _TICKS
    while unit * 10 < top:
        unit *= 10
    return int(-(-top // unit)) * unit


def _height(number: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * number / top


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int,
    anchor: str = "middle",
    weight: str = "normal",
    colour: str = _INK,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{colour}">{map_text(text)}</text>'
    )
