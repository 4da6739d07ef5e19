"""汇报图: a plan on one sheet for a leader's slide: map, four figures, date; PNG of 1920 × 1080, PDF of A3 across."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import shapely

from geo.wording import say
from report.drawings.ink import DPI, MM_PER_INCH, Box, Ink, Letter, Look, Mark, Page
from report.drawings.lettering import MIDDLE, printable, width_mm, wrapped
from report.drawings.raster import png_of
from report.drawings.vectors import pdf_of
from report.faults import KINDS, OPENED
from report.layers import area_styles
from report.legend import STYLES
from report.overview import HATCHES, PAPER, overview
from report.results import Results
from report.titles import rules_line

SLIDE_PX = (1920, 1080)
A3_MM = (420.0, 297.0)
INK, FAINT, SEAL = "#222222", "#6b665d", "#8a1c1c"
_SHEET = "#fffdf8"
_SIGNS = ("grouped", "alone", "fixed", "exception", "held", "excluded")
_FAULTS = (*KINDS, "suffered", OPENED)


@dataclass(frozen=True)
class Figure:
    """A figure to be seen from the last row: what it counts, the figure, its unit, and one line of what it means."""

    name: str
    value: str
    unit: str
    note: str


@dataclass(frozen=True)
class Briefing:
    """What the sheet says: `source` names office and version, `on` is its day."""

    title: str
    source: str
    on: date
    results: Results


def briefing_png(briefing: Briefing) -> bytes:
    """Return the sheet as a picture of SLIDE_PX."""
    wide, high = (px / DPI * MM_PER_INCH for px in SLIDE_PX)
    return png_of(_page(briefing, wide, high))


def briefing_pdf(briefing: Briefing) -> bytes:
    """Return the sheet as a page of A3 across, drawn as vectors with its font embedded."""
    return pdf_of([_page(briefing, *A3_MM)], title=printable(briefing.title))


def four_figures(results: Results) -> tuple[Figure, ...]:
    """Return what a leader asks: areas, households in them, what is left out, and how many units there are to manage."""
    table, summary = results.communities, results.summary
    counts = table["count"].fillna(0).astype("int64")
    inside, left = table["area_id"].notna(), table["outcome"] == "exception"
    known, covered = int(counts.sum()), int(counts[inside].sum())
    before = int((table["outcome"] != "excluded").sum())
    after = int(summary["areas"]) + int(summary["exceptions"]) + int(summary["held"])
    parts = {key: summary[key] for key in ("groups", "alone", "fixed")}
    return (
        _figure("areas", summary["areas"], **parts),
        _figure("households", covered, share=_percent(covered, known), held=summary["held"]),
        _figure(
            "left", summary["exceptions"], households=int(counts[left].sum()), minimum=summary["minimum"]
        ),
        _figure("units", f"{before} → {after}", share=_percent(before - after, before)),
    )


def _figure(key: str, value: object, **more: object) -> Figure:
    shown = f"{value:,}" if isinstance(value, int) else str(value)
    return Figure(
        say(f"briefing.{key}.name"),
        shown,
        say(f"briefing.{key}.unit"),
        say(f"briefing.{key}.note", **more),
    )


def _percent(part: int, whole: int) -> str:
    """Return a share, cut and not rounded: 100 % means all of them."""
    return f"{1000 * part // whole / 10:g}%" if whole else "0%"


# --- the sheet -------------------------------------------------------------------------------------


def _page(briefing: Briefing, wide: float, high: float) -> Page:
    """Lay out the sheet: title above, map on the left, figures and legend on the right, source below."""
    u = min(wide / 160, high / 90)  # all sizes in this unit: a sheet of 16:9 is 160 × 90 of them
    edge, foot, top = 4 * u, 6 * u, 13 * u
    side = 42 * u
    map_box = (edge, foot, wide - side - 2 * edge, high - top)
    right = wide - side - edge
    ink = [
        Mark(shapely.box(0, 0, wide, high), Look(face=_SHEET)),
        *_head(briefing, (edge, high - top, wide - edge, high), u),
        *overview(briefing.results, map_box),
        Mark(shapely.box(*map_box), Look(edge="#b9b0a0", width=0.15 * u)),
        *_figures(four_figures(briefing.results), (right, foot + 17 * u, wide - edge, high - top), u),
        *_legend(briefing.results, (right, foot, wide - edge, foot + 15 * u), u),
        *_foot(briefing, wide, u),
    ]
    return Page(wide, high, tuple(ink))


def _head(briefing: Briefing, box: Box, u: float) -> Iterator[Ink]:
    """Yield the title, as large as it fits on one line, and the line below it."""
    left, bottom, right, top = box
    title = printable(briefing.title)
    size = min(5.2 * u, 5.2 * u * (right - left) / max(width_mm(title, 5.2 * u), 1.0))
    yield Letter(title, left, top - 4.2 * u - size * MIDDLE, size, ink=INK)
    yield from _left(
        say("briefing.lead", rules=rules_line(briefing.results.summary)),
        left,
        bottom + 2.6 * u,
        2.1 * u,
        right - left,
    )


def _figures(figures: tuple[Figure, ...], box: Box, u: float) -> Iterator[Ink]:
    left, bottom, right, top = box
    step = (top - bottom) / len(figures)
    for number, one in enumerate(figures):
        high = top - number * step
        yield Mark(shapely.LineString([(left, high), (right, high)]), Look(edge="#b9b0a0", width=0.12 * u))
        yield from _left(one.name, left, high - 2.4 * u, 2.3 * u, right - left, ink=FAINT)
        room = right - left - width_mm(printable(one.unit), 2.6 * u) - u
        value = printable(one.value)
        size = min(6.6 * u, 6.6 * u * room / max(width_mm(value, 6.6 * u), 1.0))
        base = high - 9.2 * u
        yield Letter(value, left, base, size, ink=SEAL)
        yield Letter(printable(one.unit), left + width_mm(value, size) + 0.8 * u, base, 2.6 * u, ink=INK)
        for row, line in enumerate(wrapped(printable(one.note), 1.75 * u, right - left)[:2]):
            yield Letter(line, left, base - (2.7 + 2.3 * row) * u, 1.75 * u, ink=FAINT)


def _legend(results: Results, box: Box, u: float) -> Iterator[Ink]:
    """Yield a line for each state that the plan has, two beside one another."""
    left, _, right, top = box
    drawn = set(area_styles(results))
    there = set(results.areas["kind"]) | set(results.communities["outcome"]) | drawn
    shown = [kind for kind in (*_SIGNS, *_FAULTS) if kind in there]
    for number, kind in enumerate(shown):
        x, y = left + (number % 2) * (right - left) / 2, top - (1.4 + 3.2 * (number // 2)) * u
        style = STYLES[kind]
        face, hatch = HATCHES.get(kind, (style.get("fillColor", PAPER if kind == "alone" else "#eedd88"), ""))
        dashes = tuple(float(part) * 0.13 * u for part in str(style.get("dashArray", "")).split())
        box_here = shapely.box(x, y - 0.9 * u, x + 2.8 * u, y + 0.9 * u)
        yield Mark(box_here, Look(face, hatch=hatch, hatch_ink="#a8a295", alpha=style["fillOpacity"]))
        yield Mark(box_here, Look(edge=style["color"], width=style["weight"] * 0.13 * u, dashes=dashes))
        known = f"report.outcome.{kind}" if kind in _SIGNS else f"map.{kind}_swatch"
        words = say(known, minimum=results.summary["minimum"])
        yield from _left(words, x + 3.5 * u, y, 1.55 * u, (right - left) / 2 - 4 * u)


def _foot(briefing: Briefing, wide: float, u: float) -> Iterator[Ink]:
    """Yield the source on the left, and on the right the day and that it is a sketch."""
    day = say("papers.day", year=briefing.on.year, month=briefing.on.month, day=briefing.on.day)
    note = printable(say("briefing.sketch", day=day))
    size = 1.75 * u
    right = wide - 4 * u - width_mm(note, size)
    yield Letter(note, right, 2.2 * u, size, ink=FAINT)
    yield from _left(briefing.source, 4 * u, 2.2 * u + MIDDLE * size, size, right - 6 * u, ink=FAINT)


def _left(text: str, x: float, middle: float, size: float, room: float, *, ink: str = INK) -> Iterator[Ink]:
    """Yield a line that begins at `x`, smaller where it is too long for its room."""
    shown = printable(text)
    fitting = min(size, size * room / max(width_mm(shown, size), 0.001))
    yield Letter(shown, x, middle - MIDDLE * fitting, fitting, ink=ink)
