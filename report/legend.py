"""How each kind of thing is drawn, and the legend that says so and switches layers."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from geo.wording import say
from report.colours import FILLS

Style = Mapping[str, Any]
_INK = "#3d3a35"
_PAPER = "#fffdf8"

# Leaflet path options. No state is told by colour alone: outline, dash or symbol says it too.
STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "grouped": {"color": _INK, "weight": 1.8, "fillOpacity": 0.62},
        "alone": {"color": _INK, "weight": 1.0, "fillOpacity": 0.34},
        "fixed": {
            "color": _INK,
            "weight": 1.4,
            "dashArray": "1 4",
            "fillColor": "#d9d6cf",
            "fillOpacity": 0.75,
        },
        "member": {"color": "#6b665d", "weight": 0.7, "fillColor": _PAPER, "fillOpacity": 0.16, "radius": 4},
        "exception": {
            "color": "#8a1c1c",
            "weight": 2.2,
            "dashArray": "6 4",
            "fillColor": _PAPER,
            "fillOpacity": 0.9,
            "radius": 9,
        },
        "held": {
            "color": "#5a5a5a",
            "weight": 1.8,
            "dashArray": "2 4",
            "fillColor": "#ecebe7",
            "fillOpacity": 0.9,
            "radius": 9,
        },
        "excluded": {
            "color": "#a8a49b",
            "weight": 0.8,
            "fillColor": "#e6e3dc",
            "fillOpacity": 0.6,
            "radius": 4,
        },
        "building": {
            "color": "#6b665d",
            "weight": 0.5,
            "fillColor": "#8f887b",
            "fillOpacity": 0.55,
            "radius": 2.5,
        },
        "link": {"color": "#1f3a5f", "weight": 1.4, "opacity": 0.75},
        "water": {"color": "#8fb3c7", "weight": 2.4, "fillColor": "#cfe0e8", "fillOpacity": 1.0},
        "rail": {"color": "#55514a", "weight": 2.6, "dashArray": "9 6", "fillOpacity": 0.2},
        "road": {"color": "#d8cfbd", "weight": 5.0, "fillColor": "#e9e2d3", "fillOpacity": 0.6},
        "wall": {"color": "#7a5c3e", "weight": 2.2, "dashArray": "1 4", "fillOpacity": 0.1},
        "grids": {"color": "#7b4f9d", "weight": 1.4, "dashArray": "8 3 2 3", "fill": False},
        "committees": {"color": "#a03c28", "weight": 2.0, "dashArray": "12 4", "fill": False},
        "duties": {"color": "#1f5f5b", "weight": 2.4, "dashArray": "3 5", "fill": False},
        "selected": {
            "color": "#111111",
            "weight": 4.0,
            "opacity": 1.0,
            "fill": False,
            "interactive": False,
            "radius": 12,
        },
    }
)
_BARRIER_STYLES = (
    ("water", ("河", "湖", "水", "江", "river", "water", "canal", "lake", "stream")),
    ("rail", ("铁", "轨", "rail")),
    ("wall", ("墙", "坎", "崖", "wall", "cliff", "terrain", "fence")),
)
# The lines of the legend under each layer: style and key of its words.
_SWATCHES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "areas": (("grouped", "grouped_swatch"), ("alone", "alone_swatch"), ("fixed", "fixed_swatch")),
        "communities": (
            ("member", "community_swatch"),
            ("exception", "exception_swatch"),
            ("held", "held_swatch"),
            ("excluded", "excluded_swatch"),
        ),
        "barriers": (
            ("water", "water_swatch"),
            ("rail", "rail_swatch"),
            ("road", "road_swatch"),
            ("wall", "wall_swatch"),
        ),
    }
)
_LINES = ("link", "rail", "road", "wall", "grids", "committees", "duties")
_SINGLE = {"buildings": "building", "links": "link"}
_SYMBOL = {"exception": "!", "held": "?"}


def barrier_style(barrier_class: str) -> str:
    """Return the style of a barrier by its class; classes that are not known are drawn as roads."""
    return next((style for style, words in _BARRIER_STYLES if any(w in barrier_class for w in words)), "road")


def legend_html(layers: Sequence[tuple[str, bool, frozenset[str]]], *, minimum: int) -> str:
    """Return the legend; `layers` are key, shown at first, and the styles it uses. Holds no text from data."""
    return "".join(_entry(key, on=on, used=used, minimum=minimum) for key, on, used in reversed(layers))


def _entry(key: str, *, on: bool, used: frozenset[str], minimum: int) -> str:
    checked = " checked" if on else ""
    swatches = [(style, words) for style, words in _SWATCHES.get(key, ()) if style in used]
    head = "" if swatches else _swatch(_SINGLE.get(key, key))
    name = say(f"report.map.{key}")
    lines = [
        f'<div class="plan-swatch">{_swatch(style)}<span>{say(f"report.map.{words}", minimum=minimum)}</span></div>'
        for style, words in swatches
    ]
    box = f'<label><input type="checkbox" data-layer="{key}"{checked}>{head}<span>{name}</span></label>'
    return f"{box}{''.join(lines)}"


def _swatch(style: str) -> str:
    look = STYLES[style]
    stroke = f'stroke="{look["color"]}" stroke-width="{look["weight"]}" stroke-dasharray="{look.get("dashArray", "none")}"'
    if style in _LINES:
        shape = f'<line x1="2" y1="9" x2="32" y2="9" {stroke}/>'
    elif style in {"grouped", "alone"}:
        width = 30 / 3
        fills = "".join(
            f'<rect x="{2 + n * width}" y="2" width="{width}" height="14" fill="{FILLS[n]}" '
            f'fill-opacity="{look["fillOpacity"]}"/>'
            for n in range(3)
        )
        shape = f'{fills}<rect x="2" y="2" width="30" height="14" fill="none" {stroke}/>'
    else:
        fill = f'fill="{look["fillColor"]}" fill-opacity="{look["fillOpacity"]}"'
        shape = f'<rect x="3" y="2" width="28" height="14" rx="2" {fill} {stroke}/>'
    sign = _SYMBOL.get(style, "")
    mark = (
        f'<text x="17" y="13.5" text-anchor="middle" font-size="12" font-weight="700">{sign}</text>'
        if sign
        else ""
    )
    return f'<svg width="34" height="18" viewBox="0 0 34 18" aria-hidden="true">{shape}{mark}</svg>'
