"""The map of a plan as a still picture, for where no script can draw one."""

from html import escape
from typing import Any

import numpy as np
import shapely

from report.colours import FILLS, neighbour_fills
from report.ground import ground
from report.layers import area_styles, community_styles, town_of
from report.legend import GROUND, PATTERNS, SIGNS, STYLES
from report.results import Results

WIDE_PX = 1400
MARGIN = 0.04  # of its width


def map_picture(results: Results) -> str:
    """Return the plan as SVG: the ground, the areas with their ids and households, the communities with their signs.

    Asks for nothing and runs nothing; text is escaped. A plan without any place is an empty sheet.
    """
    town = town_of(results)
    west, south, east, north = (0.0, 0.0, 1.0, 1.0) if town is None else town.bounds
    edge_m = MARGIN * max(east - west, north - south)
    px = WIDE_PX / (east - west + 2 * edge_m)
    high = (north - south + 2 * edge_m) * px

    def on_sheet(places: Any) -> Any:
        return np.column_stack([(places[:, 0] - west + edge_m) * px, (north + edge_m - places[:, 1]) * px])

    parts = [_defs(), f'<rect width="{WIDE_PX}" height="{high:.0f}" fill="#f0ebdf"/>']
    base = ground(results, town)
    for name in GROUND:
        style = dict(STYLES[name])
        shapes = base.geometry[base["style"] == style.get("of", name)]
        if "metres" in style:
            style["weight"] = max(style["weight"], style["metres"] * px) + style.get("beyond", 0)
        parts += [_shape(shapely.transform(shape, on_sheet), style) for shape in shapes]
    fills = neighbour_fills(results.areas)
    areas = results.areas
    for area_id, shape, kind in zip(areas.index, areas.geometry, area_styles(results), strict=True):
        parts += _drawn(shape, {"fillColor": FILLS[fills[area_id]], **STYLES[kind]}, on_sheet)
    labels = []
    table = results.communities
    for shape, style_name in zip(table.geometry, community_styles(results), strict=True):
        parts += _drawn(shape, STYLES[style_name], on_sheet)
        if style_name in SIGNS and shape is not None and not shape.is_empty:
            labels.append(
                _text(shapely.transform(shape.representative_point(), on_sheet), SIGNS[style_name], size=19)
            )
    for area_id, shape, name, count in zip(
        areas.index, areas.geometry, areas["name"], areas["count"], strict=True
    ):
        if shape is not None and not shape.is_empty:
            point = shapely.transform(shape.representative_point(), on_sheet)
            labels.append(_text(point, f"{name or area_id} {count}", size=16))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE_PX}" height="{high:.0f}" viewBox="0 0 {WIDE_PX} {high:.0f}" '
        f'font-family="sans-serif">{"".join(parts)}{"".join(labels)}</svg>'
    )


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
        f' stroke-width="{style.get("weight", 0):.1f}" stroke-dasharray="{style.get("dashArray", "none")}"'
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


def _text(point: Any, words: str, *, size: int) -> str:
    look = f'font-size="{size}" text-anchor="middle" stroke="#fffdf8" stroke-width="3" paint-order="stroke"'
    return f'<text x="{point.x:.1f}" y="{point.y + size / 3:.1f}" {look}>{escape(words)}</text>'


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
