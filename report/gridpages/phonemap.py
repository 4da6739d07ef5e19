"""The map of the phone's page: an SVG in decimetres from the north-west corner, which a small script pans and zooms.

It is whole without the script too: what can be tapped is a link to what the page says of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely

from geo.wording import say
from report.colours import FILLS
from report.gridpages.scene import Scene, Thing
from report.layers import WGS84
from report.legend import STYLES
from report.maptext import map_text

PER_M = 10  # decimetres: whole numbers are short, and nobody sees less on a phone
GATE_DM, DOT_DM = 32, 30
FIRST_PX = 360  # how wide the map is before a script knows better


@dataclass(frozen=True)
class PhoneMap:
    """`svg` as HTML; `data` for the script: size of the map, its names, and how degrees become places on it."""

    svg: str
    data: Mapping[str, Any]


def phone_map(scene: Scene, *, crs: Any, title: str) -> PhoneMap:
    """Return the map; every text passes `map_text` or stays a value of `data`."""
    west, south, east, north = scene.box
    wide, high = round((east - west) * PER_M), round((north - south) * PER_M)
    drawn = "".join(_drawn(thing, scene.box) for thing in scene.things)
    svg = (
        f'<svg id="map" viewBox="0 0 {wide} {high}" role="img" aria-label="{map_text(title)}" '
        f'style="--u:{wide / FIRST_PX:.2f}">'
        f'<g id="shapes">{drawn}</g><g id="names">{_first_names(scene, wide)}</g><g id="me"></g></svg>'
    )
    names = [[name.text, name.kind, [_spot(spot, scene.box) for spot in name.spots]] for name in scene.names]
    return PhoneMap(svg, {"size": [wide, high], "names": names, "place": _affine(scene.box, crs)})


def area_colour(fill: int) -> str:
    """Return the colour of an area's fill."""
    return FILLS[fill]


# --- shapes ----------------------------------------------------------------------------------------


def _drawn(thing: Thing, box: Any) -> str:
    if shapely.get_dimensions(thing.shape) == 0:
        return _sign(thing, box)
    style = f' style="fill:{area_colour(thing.fill)}"' if thing.fill >= 0 else ""
    line = " line" if shapely.get_dimensions(thing.shape) == 1 else ""
    path = f'<path class="{thing.kind}{line}"{style} d="{path_of(thing.shape, box)}"/>'
    return f'<a href="#{thing.ref}">{path}</a>' if thing.ref else path


def _sign(thing: Thing, box: Any) -> str:
    (x, y), kind = _dm(thing.shape, box)[0], thing.kind
    if kind == "gate":
        return f'<path class="gate" d="M{x - GATE_DM // 2} {y + GATE_DM // 2}l{GATE_DM // 2} {-GATE_DM}l{GATE_DM // 2} {GATE_DM}z"/>'
    if kind.startswith("facility_"):
        letter = facility_letter(kind.removeprefix("facility_"))
        return f'<g class="sign {kind}" transform="translate({x} {y})"><circle r="1"/><text dy=".36em">{letter}</text></g>'
    dot = f'<circle class="{kind}" cx="{x}" cy="{y}" r="{DOT_DM}"/>'
    return f'<a href="#{thing.ref}">{dot}</a>' if thing.ref else dot


def facility_letter(sort: str) -> str:
    """Return the letter on the sign of a facility."""
    return "" if sort == "other" else say(f"gridpages.letter.{sort}")


def path_of(shape: Any, box: Any) -> str:
    """Return rings and lines of a shape as the data of an SVG path, in steps of whole decimetres."""
    parts = shapely.get_parts(np.atleast_1d(shape))
    parts = shapely.get_parts(parts)
    flat = shapely.get_dimensions(parts) == 2
    rings = [(ring, "z") for ring in shapely.get_rings(parts[flat])]
    lines = [(line, "") for line in parts[shapely.get_dimensions(parts) == 1]]
    return "".join(_steps(_dm(curve, box), end) for curve, end in (*rings, *lines))


def _steps(places: Any, end: str) -> str:
    places = places[:-1] if end else places
    steps = np.diff(places, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    (x, y), rest = places[0], "".join(f"{dx},{dy} " if dy >= 0 else f"{dx}{dy} " for dx, dy in steps.tolist())
    return f"M{x},{y}l{rest.strip()}{end}" if rest else ""


def _dm(shape: Any, box: Any) -> Any:
    places = shapely.get_coordinates(shape)
    return (
        np.column_stack([places[:, 0] - box[0], box[3] - places[:, 1]])
        .__mul__(PER_M)
        .round()
        .astype(np.int64)
    )


# --- names -----------------------------------------------------------------------------------------


def _spot(spot: tuple[float, float, float, float], box: Any) -> list[int]:
    x, y, turn, room = spot
    return [round((x - box[0]) * PER_M), round((box[3] - y) * PER_M), round(-turn), round(room * PER_M)]


def _first_names(scene: Scene, wide: int) -> str:
    """Return the names of the grid's communities that do not touch, for a phone that runs no script."""
    unit = wide / FIRST_PX
    taken: list[tuple[float, float, float]] = []
    made = []
    for name in (name for name in scene.names if name.kind == "community"):
        x, y, *_ = _spot(name.spots[0], scene.box)
        half = len(name.text) * 6.5 * unit
        if all(
            abs(y - other_y) > 18 * unit or abs(x - other_x) > half + other
            for other_x, other_y, other in taken
        ):
            taken.append((x, y, half))
            made.append(f'<text class="n-community" x="{x}" y="{y}">{map_text(name.text)}</text>')
    return "".join(made)


# --- where a phone is ------------------------------------------------------------------------------


def _affine(box: Any, crs: Any) -> list[list[float]]:
    """Return what turns longitude and latitude (WGS-84) into places on the map: for x and y [constant, by lon, by lat].

    Over the few hundred metres of a grid the projection is straight to a decimetre.
    """
    west, south, east, north = box
    x, y = np.meshgrid(np.linspace(west, east, 3), np.linspace(south, north, 3))
    lon, lat = _to_degrees(pyproj.CRS(crs).to_wkt()).transform(x.ravel(), y.ravel())
    known = np.column_stack([np.ones(x.size), lon, lat])
    wanted = np.column_stack([(x.ravel() - west) * PER_M, (north - y.ravel()) * PER_M])
    found, *_ = np.linalg.lstsq(known - [0, lon.mean(), lat.mean()], wanted, rcond=None)
    constant = found[0] - found[1] * lon.mean() - found[2] * lat.mean()
    return [[float(f"{value:.10g}") for value in (constant[i], found[1, i], found[2, i])] for i in (0, 1)]


@cache
def _to_degrees(wkt: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(wkt, WGS84, always_xy=True)


def swatch(kind: str, *, fill: str = "") -> str:
    """Return a line or shape of the legend as SVG; `fill` of an area."""
    if kind == "gate":
        return '<svg viewBox="0 0 34 20"><path class="gate" d="M11 15l6-11l6 11z"/></svg>'
    if kind.startswith("facility_"):
        letter = facility_letter(kind.removeprefix("facility_"))
        return f'<svg viewBox="0 0 34 20" class="own"><g class="sign {kind}" transform="translate(17 10)"><circle r="1"/><text dy=".36em">{letter}</text></g></svg>'
    if kind == "place":
        return '<svg viewBox="0 0 34 20" class="own"><circle class="place" cx="17" cy="10" r="7"/></svg>'
    if kind in ("fence", "fire_lane"):
        return f'<svg viewBox="0 0 34 20"><path class="{kind}" d="M2 10h30"/></svg>'
    style = f' style="fill:{fill}"' if fill else ""
    return f'<svg viewBox="0 0 34 20"><path class="{kind}"{style} d="M3 3h28v14h-28z"/></svg>'


def ground_style() -> str:
    """Return the style sheet of the ground, from the styles that all maps share; streets are as wide as on the ground."""
    rules = []
    for name, style in STYLES.items():
        of = str(style.get("of", name))
        if "metres" in style:
            wide = style["metres"] * PER_M
            grown = f"calc({wide}px + {style.get('beyond', 0)}px * var(--u))"
            rules.append(
                f"#map .{name}{{fill:none;stroke:{style['color']};stroke-width:{grown};stroke-linecap:round}}"
            )
        elif of in ("plot", "park", "water", "wall", "cliff", "rail"):
            fill = style.get("fillColor", "none") if style.get("fill", True) else "none"
            dash = f";stroke-dasharray:{style['dashArray']}" if "dashArray" in style else ""
            rules.append(
                f"#map .{name}{{fill:{fill};stroke:{style['color']};stroke-width:{style['weight']};"
                f"vector-effect:non-scaling-stroke{dash}}}"
            )
    return "\n".join(rules)
