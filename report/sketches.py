"""Small still maps of what was read, before anybody plans: where the communities lie, and what lies around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

WIDE_PX = 900
MOST_NAMES = 400  # of a district whose names would all cover each other
NAME_PX = 12
NAME_SHARE = 0.08  # of the width of a sketch: half a name at its edge
LARGE_PX = 28  # for sketches that are shown at less than half their width
_PAPER = "#f0ebdf"
# kind of layer → fill, edge, width of its edge in pixels, from bottom to top
LOOKS = {
    "committees": ("#f7f2e4", "#b9b0a0", 1.6),
    "grids": ("none", "#c9c0ae", 1.2),
    "duties": ("none", "#c9c0ae", 1.0),
    "landmarks": ("#e3e8d5", "#c4cdae", 0.8),
    "barriers": ("#c3d7e2", "#8f8a80", 1.6),
    "outlines": ("#fffdf8", "#a08a5c", 1.4),
    "known": ("#8ea6c2", "#1f3a5f", 1.2),
    "unknown": ("#fbf4e4", "#b06a00", 1.8),
    "cleared": ("#d3a1a1", "#8a1c1c", 1.4),
}
_RADIUS_PX = {"known": 5.0, "unknown": 6.0, "landmarks": 2.0, "barriers": 2.0}


@dataclass(frozen=True)
class Drawn:
    """Shapes of one look (a key of LOOKS), all in the CRS of the sketch, in metres; `names` by place, "" for none."""

    look: str
    shapes: gpd.GeoSeries
    names: Sequence[str] = ()


def sketch(
    layers: Sequence[Drawn], *, window: tuple[float, float, float, float], name_px: int = NAME_PX
) -> str:
    """Return the layers within the window (west, south, east, north in metres) as SVG of WIDE_PX, bottom first.

    Asks for nothing and runs nothing; text is escaped, in letters of `name_px`.
    """
    west, south, east, north = window
    px = WIDE_PX / (east - west)
    high = round((north - south) * px)

    def on_sheet(places: Any) -> Any:
        return np.column_stack([(places[:, 0] - west) * px, (north - places[:, 1]) * px])

    sheet = shapely.box(west, south, east, north)
    parts, names = [f'<rect width="{WIDE_PX}" height="{high}" fill="{_PAPER}"/>'], []
    for layer in layers:
        shapes = layer.shapes.to_numpy()
        seen = np.flatnonzero(shapely.intersects(shapes, sheet)).tolist()
        parts += [_shape(shapely.transform(shapes[n], on_sheet), layer.look) for n in seen]
        if layer.names:
            names += [(shapes[n], layer.names[n]) for n in seen if layer.names[n]]
    places = [(shapely.transform(shape.representative_point(), on_sheet), name) for shape, name in names]
    parts += [_name(point, name, name_px) for point, name in _apart(places, name_px)]
    parts += _scale(east - west, px, high, name_px)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE_PX}" height="{high}" viewBox="0 0 {WIDE_PX} {high}" '
        f'font-family="sans-serif">{"".join(parts)}</svg>'
    )


def window_around(shapes: gpd.GeoSeries, *, margin_m: float = 150.0) -> tuple[float, float, float, float]:
    """Return the rectangle around shapes with room for names at its edges, no flatter or steeper than two to three.

    None of them may be far off; `margin_m` is the least there is around them.
    """
    west, south, east, north = (float(edge) for edge in shapes.total_bounds)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    margin = max(margin_m, NAME_SHARE * max(east - west, north - south))
    wide = max(east - west + 2 * margin, 1.1 * (north - south + 2 * margin))
    high = max(north - south + 2 * margin, wide / 1.8)
    return middle_x - wide / 2, middle_y - high / 2, middle_x + wide / 2, middle_y + high / 2


# --- marks -----------------------------------------------------------------------------------------


def _shape(shape: Any, look: str) -> str:
    fill, edge, width = LOOKS[look]
    if shape.geom_type in ("Point", "MultiPoint"):
        dots = shapely.get_coordinates(shape)
        radius = _RADIUS_PX.get(look, 4.0)
        return "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}" stroke="{edge}" stroke-width="{width}"/>'
            for x, y in dots
        )
    parts = shapely.get_parts(shape)
    flat = parts[shapely.get_dimensions(parts) == 2]
    lines = [*shapely.get_rings(flat), *parts[shapely.get_dimensions(parts) == 1]]
    path = "".join(
        f"M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in shapely.get_coordinates(line))}" for line in lines
    )
    dashes = ' stroke-dasharray="5 4"' if look in ("grids", "unknown") else ""
    return (
        f'<path d="{path}" fill="{fill if len(flat) else "none"}" fill-rule="evenodd" stroke="{edge}" '
        f'stroke-width="{width}"{dashes}/>'
    )


def _apart(places: Sequence[tuple[Any, str]], size: int) -> list[tuple[Any, str]]:
    """Return the names that do not cover one that stands before them."""
    kept: list[tuple[Any, str]] = []
    boxes: list[tuple[float, float, float]] = []
    for point, name in places[:MOST_NAMES]:
        half = sum(1.0 if sign > "\u2e7f" else 0.6 for sign in name) * size / 2
        if all(abs(point.x - x) > half + other or abs(point.y - y) > size for x, y, other in boxes):
            kept.append((point, name))
            boxes.append((point.x, point.y, half))
    return kept


def _name(point: Any, name: str, size: int) -> str:
    look = f'font-size="{size}" text-anchor="middle" fill="#2b2925" stroke="#fffdf8" stroke-width="3" paint-order="stroke"'
    return f'<text x="{point.x:.1f}" y="{point.y - 7:.1f}" {look}>{escape(_printable(name))}</text>'


def _printable(text: str) -> str:
    """Return text that XML can hold: without control characters and halves of pairs."""
    return "".join(sign for sign in text if sign.isprintable())


def _scale(across_m: float, px: float, high: float, size: int) -> list[str]:
    """Return a bar of a round length, about a sixth of the width."""
    length_m = next(
        m for m in (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 0) if m <= across_m / 5
    )
    words = f"{length_m} m" if length_m < 1_000 else f"{length_m // 1_000} km"
    y = high - 18
    bar = f'<path d="M20 {y - 6}V{y}H{20 + length_m * px:.1f}V{y - 6}" fill="none" stroke="#2b2925" stroke-width="1.5"/>'
    return [bar, f'<text x="26" y="{y - 6}" font-size="{size}" fill="#2b2925">{words}</text>']
