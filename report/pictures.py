"""The map of a plan as a still picture, for where no script can draw one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Self

import numpy as np
import shapely

from report.colours import FILLS, neighbour_fills
from report.ground import ground
from report.layers import (
    NO_MARKS,
    Marks,
    area_signs,
    area_styles,
    community_signs,
    community_styles,
    town_of,
)
from report.legend import GROUND, INK, PATTERNS, STYLES, sign_words, swatches, told_by
from report.results import Results

WIDE_PX = 1400
MARGIN = 0.04  # of its width
LETTER_PX, SWATCH_PX, GAP_PX = 16, 34, 16
WIDE_FROM = 0x2E80  # signs from here on are as wide as they are high


def map_picture(results: Results, marks: Marks = NO_MARKS) -> str:
    """Return the plan as SVG: the ground, areas with ids and households, all signs, and a legend of what outlines and signs say.

    Asks for nothing and runs nothing; text is escaped. A plan without any place is an empty sheet.
    """
    town = town_of(results)
    west, south, east, north = (0.0, 0.0, 1.0, 1.0) if town is None else town.bounds
    edge_m = MARGIN * max(east - west, north - south)
    px = WIDE_PX / (east - west + 2 * edge_m)
    high = (north - south + 2 * edge_m) * px

    def on_sheet(places: Any) -> Any:
        return np.column_stack([(places[:, 0] - west + edge_m) * px, (north + edge_m - places[:, 1]) * px])

    states = States.of(results, marks)
    legend, foot = _legend(results, states, top=high) if town is not None else ([], 0.0)
    parts = [_defs(), f'<rect width="{WIDE_PX}" height="{high:.0f}" fill="#f0ebdf"/>']
    parts += _ground(results, town, on_sheet, px)
    parts += _areas(results, states, on_sheet)
    for shape, style in zip(results.communities.geometry, states.styles, strict=True):
        parts += _drawn(shape, STYLES[style], on_sheet)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE_PX}" height="{high + foot:.0f}" '
        f'viewBox="0 0 {WIDE_PX} {high + foot:.0f}" font-family="sans-serif">'
        f"{''.join(parts)}{''.join(_labels(results, states, on_sheet))}{''.join(legend)}</svg>"
    )


@dataclass(frozen=True)
class States:
    """How areas and communities are drawn, and the signs they bear, row by row."""

    styles: Sequence[str]
    signs: Sequence[str]
    area_styles: Sequence[str]
    area_signs: Sequence[str]

    @classmethod
    def of(cls, results: Results, marks: Marks) -> Self:
        """Return those of a plan."""
        return cls(
            community_styles(results).to_list(),
            community_signs(results, marks).to_list(),
            area_styles(results).to_list(),
            area_signs(results, marks).to_list(),
        )


def _ground(results: Results, town: Any, on_sheet: Any, px: float) -> Iterator[str]:
    base = ground(results, town)
    for name in GROUND:
        style = dict(STYLES[name])
        shapes = base.geometry[base["style"] == style.get("of", name)]
        if "metres" in style:
            style["weight"] = max(style["weight"], style["metres"] * px) + style.get("beyond", 0)
        yield from (_shape(shapely.transform(shape, on_sheet), style) for shape in shapes)


def _areas(results: Results, states: States, on_sheet: Any) -> Iterator[str]:
    fills = neighbour_fills(results.areas)
    for area_id, shape, kind in zip(
        results.areas.index, results.areas.geometry, states.area_styles, strict=True
    ):
        yield from _drawn(shape, {"fillColor": FILLS[fills[area_id]], **STYLES[kind]}, on_sheet)


def _labels(results: Results, states: States, on_sheet: Any) -> Iterator[str]:
    """Yield the signs of communities, then what areas are called, with their signs above."""
    for shape, signs in zip(results.communities.geometry, states.signs, strict=True):
        if signs and shape is not None and not shape.is_empty:
            yield from _signs(shapely.transform(shape.representative_point(), on_sheet), signs)
    areas = results.areas
    rows = zip(areas.index, areas.geometry, areas["name"], areas["count"], states.area_signs, strict=True)
    for area_id, shape, name, count, signs in rows:
        if shape is not None and not shape.is_empty:
            point = shapely.transform(shape.representative_point(), on_sheet)
            yield _text(point.x, point.y, f"{name or area_id} {count}", size=LETTER_PX)
            yield from _signs(shapely.Point(point.x, point.y - 1.6 * LETTER_PX), signs)


# --- legend ----------------------------------------------------------------------------------------


def _legend(results: Results, states: States, *, top: float) -> tuple[list[str], float]:
    """Return what outlines and signs mean, in rows below the map, and how high the rows are."""
    shown = {"areas": (states.area_styles, states.area_signs), "communities": (states.styles, states.signs)}
    lines = {
        style: words
        for key, told in shown.items()
        for style, words in swatches(key, told_by(key, *told), minimum=results.summary["minimum"])
    }
    parts: list[str] = []
    x, y = float(GAP_PX), top + GAP_PX
    for style, words in lines.items():
        wide = SWATCH_PX + GAP_PX + LETTER_PX * sum(1.0 if ord(sign) > WIDE_FROM else 0.6 for sign in words)
        if x + wide > WIDE_PX:
            x, y = float(GAP_PX), y + 2 * LETTER_PX
        parts += _swatch(style, x, y)
        parts.append(
            _text(x + SWATCH_PX + GAP_PX / 2, y + 0.6 * LETTER_PX, words, size=LETTER_PX, at="start")
        )
        x += wide + GAP_PX
    foot = y + 2 * LETTER_PX - top
    paper = f'<rect y="{top:.0f}" width="{WIDE_PX}" height="{foot:.0f}" fill="#fffdf8"/>'
    return [paper, *parts], foot


def _swatch(style: str, x: float, y: float) -> Iterator[str]:
    look = STYLES[style]
    if not look["weight"]:
        yield from _signs(shapely.Point(x + SWATCH_PX / 2, y + 0.6 * LETTER_PX), look["sign"])
        return
    face = FILLS[0] if look.get("fills") else look.get("fillColor", "none")
    yield _shape(shapely.box(x, y, x + SWATCH_PX, y + 1.2 * LETTER_PX), {**look, "fillColor": face})
    if "sign" in look:
        yield from _signs(shapely.Point(x + SWATCH_PX / 2, y + 0.6 * LETTER_PX), look["sign"])


# --- shapes and letters ----------------------------------------------------------------------------


def _drawn(shape: Any, style: Any, on_sheet: Any) -> list[str]:
    return [] if shape is None or shape.is_empty else [_shape(shapely.transform(shape, on_sheet), style)]


def _shape(shape: Any, style: Any) -> str:
    fill = (
        style.get("fillColor", "none")
        if shapely.get_dimensions(shape) != 1 and style.get("fill", True)
        else "none"
    )
    edge = style["color"] if style.get("stroke", True) else "none"
    look = f'fill="{fill}" fill-opacity="{style.get("fillOpacity", 0.2)}" stroke="{edge}"'
    look += (
        f' stroke-width="{style.get("weight", 0):.1f}" stroke-dasharray="{style.get("dashArray", "none")}" '
        f'stroke-linecap="{style.get("lineCap", "round")}"'
    )
    if shape.geom_type == "Point":
        return f'<circle cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{style.get("radius", 4)}" {look}/>'
    path = "".join(
        f"M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in shapely.get_coordinates(ring))}" for ring in _rings(shape)
    )
    return f'<path d="{path}" fill-rule="evenodd" {look}/>'


def _rings(shape: Any) -> list[Any]:
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_dimensions(parts) == 2]
    return [*shapely.get_rings(polygons), *parts[shapely.get_dimensions(parts) == 1]]


def _signs(point: Any, signs: str) -> Iterator[str]:
    """Yield signs beside one another around a point, each dark on a plate: they are read without colour too."""
    words = sign_words()
    for number, sign in enumerate(signs):
        x = point.x + (number + (1 - len(signs)) / 2) * 1.35 * LETTER_PX
        left, side = x - 0.6 * LETTER_PX, 1.2 * LETTER_PX
        yield (
            f'<rect x="{left:.1f}" y="{point.y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}" rx="3" '
            f'fill="{INK}" stroke="#fffdf8"/>'
        )
        yield _text(x, point.y, words.get(sign, sign), size=LETTER_PX - 1, ink="#fffdf8", halo=INK)


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    at: str = "middle",
    ink: str = "#000000",
    halo: str = "#fffdf8",
) -> str:
    look = f'font-size="{size}" text-anchor="{at}" fill="{ink}" stroke="{halo}" stroke-width="3" paint-order="stroke"'
    return f'<text x="{x:.1f}" y="{y + size / 3:.1f}" {look}>{escape(words)}</text>'


def _defs() -> str:
    made = []
    for one in PATTERNS:
        step, middle = one["step"], one["step"] / 2
        dot = f'<circle cx="{middle}" cy="{middle}" r="{one["dot"]}" fill="{one["ink"]}"/>'
        line = f'<path d="M0 0V{step}" stroke="{one["ink"]}" stroke-width="{one["weight"]}"/>'
        made.append(
            f'<pattern id="plan-{one["key"]}" width="{step}" height="{step}" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({one["turn"]})"><rect width="{step}" height="{step}" fill="{one["paper"]}"/>'
            f"{dot if one['dot'] else line}</pattern>"
        )
    return f"<defs>{''.join(made)}</defs>"
