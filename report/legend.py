"""How each kind of thing is drawn, and the words of the legend that say so."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from geo.wording import say

Style = Mapping[str, Any]
INK = "#3d3a35"
PAPER = "#fffdf8"

# Leaflet path options; `metres` is a width on the ground (`weight` its least in pixels, `beyond` pixels more on top),
# `of` names the kind that is drawn in this style too, `line`, `dot` and `fills` say how the legend shows it, `sign` what is
# written on it. No state is told by colour alone: outline, hatch or sign says it too.
STYLES: Mapping[str, Style] = MappingProxyType(
    {
        # the ground, as a printed town map draws it
        "town": {"color": "#c9b994", "weight": 1.8, "dashArray": "10 3 2 3", "fillColor": "#fbf8f0", "fillOpacity": 1.0},
        "plot": {"color": "#ddd3c0", "weight": 0.8, "fillColor": "#f0e9db", "fillOpacity": 1.0},
        "park": {"color": "#bccfa5", "weight": 0.8, "fillColor": "#d9e7c8", "fillOpacity": 1.0},
        "water": {"color": "#8db8d0", "weight": 1.6, "fillColor": "#c5deea", "fillOpacity": 1.0},
        "wall": {"color": "#9b8b74", "weight": 1.2},
        "cliff": {"color": "#7a5c3e", "weight": 2.6, "dashArray": "2 3"},
        "lane_edge": {"of": "lane", "color": "#cfc5b2", "weight": 1.0, "metres": 4, "beyond": 1.4},
        "branch_edge": {"of": "branch", "color": "#c6bba6", "weight": 1.4, "metres": 9, "beyond": 1.8},
        "road_edge": {"of": "road", "color": "#bba98a", "weight": 2.2, "metres": 17, "beyond": 2.2},
        "main_edge": {"of": "main", "color": "#b3935f", "weight": 2.8, "metres": 26, "beyond": 2.4},
        "lane": {"color": "#ffffff", "weight": 1.0, "metres": 4, "fillOpacity": 1.0},
        "branch": {"color": "#ffffff", "weight": 1.4, "metres": 9, "fillOpacity": 1.0},
        "road": {"color": "#fffbea", "weight": 2.2, "metres": 17, "fillOpacity": 1.0},
        "main": {"color": "#fdeeba", "weight": 2.8, "metres": 26, "fillOpacity": 1.0},
        "rail": {"color": "#4a463f", "weight": 3.6, "fill": False},
        "rail_ties": {"of": "rail", "color": PAPER, "weight": 2.0, "dashArray": "8 8", "lineCap": "butt", "fill": False},
        # the plan
        "grouped": {"color": INK, "weight": 1.9, "fillOpacity": 0.58, "fills": True},
        "alone": {"color": INK, "weight": 1.1, "fillOpacity": 0.32, "fills": True},
        "below_minimum": {
            "color": "#8a1c1c", "weight": 2.8, "dashArray": "9 4", "fillOpacity": 0.4, "fills": True, "sign": "!",
        },
        "cut_off": {
            "color": "#8a1c1c", "weight": 3.6, "dashArray": "1 6", "fillOpacity": 0.4, "fills": True, "sign": "C",
        },
        "crossing": {
            "color": "#8a1c1c", "weight": 3.2, "dashArray": "16 4 2 4 2 4", "fillOpacity": 0.4, "fills": True, "sign": "X",
        },
        "broken": {
            "color": "#8a1c1c", "weight": 2.8, "dashArray": "4 3", "fillOpacity": 0.4, "fills": True, "sign": "×",
        },
        "opened": {
            "color": INK, "weight": 2.4, "dashArray": "16 4 2 4 2 4", "fillOpacity": 0.58, "fills": True, "sign": "O",
        },
        "suffered": {"color": "#8a1c1c", "weight": 2.0, "fillOpacity": 0.5, "fills": True, "sign": "√"},
        "fixed": {"color": INK, "weight": 1.6, "dashArray": "1 4", "fillColor": "url(#plan-fixed)", "fillOpacity": 0.9},
        "member": {"color": "#6b665d", "weight": 0.9, "fillColor": PAPER, "fillOpacity": 0.2, "radius": 4},
        "severed": {"color": "#6b665d", "weight": 0.9, "fillColor": PAPER, "fillOpacity": 0.2, "radius": 4, "sign": "C"},
        "locked": {"color": INK, "weight": 0, "fillOpacity": 0, "sign": "L"},
        "exception": {
            "color": "#8a1c1c", "weight": 2.3, "dashArray": "6 4", "fillColor": PAPER, "fillOpacity": 0.85, "radius": 9,
            "sign": "!",
        },
        "accepted": {
            "color": "#8a1c1c", "weight": 1.6, "fillColor": PAPER, "fillOpacity": 0.85, "radius": 9, "sign": "√",
        },
        "held": {
            "color": "#5a5a5a", "weight": 1.8, "dashArray": "2 4", "fillColor": "url(#plan-held)", "fillOpacity": 0.95,
            "radius": 9, "sign": "?",
        },
        "excluded": {
            "color": "#a8a49b", "weight": 0.9, "fillColor": "url(#plan-excluded)", "fillOpacity": 0.9, "radius": 4,
        },
        "building": {"color": "#6f675a", "weight": 0.4, "fillColor": "#8a8173", "fillOpacity": 0.62},
        # laid over it
        "link": {"color": "#1f3a5f", "weight": 1.6, "opacity": 0.8, "line": True},
        "refused": {"color": "#8a1c1c", "weight": 1.6, "opacity": 0.85, "dashArray": "2 5", "line": True},
        "never": {"color": "#8a1c1c", "weight": 3.2, "opacity": 0.75, "fill": False, "line": True},
        "priced": {"color": "#b98a2e", "weight": 2.4, "opacity": 0.8, "dashArray": "7 4", "fill": False, "line": True},
        "walls": {"color": "#7a5c3e", "weight": 1.8, "dashArray": "1 4", "fill": False, "line": True},
        "gates": {"color": PAPER, "weight": 1.4, "fillColor": "#7a5c3e", "fillOpacity": 1.0, "radius": 4.5, "dot": True},
        "facilities": {"color": PAPER, "weight": 1.4, "fillColor": "#1f5f5b", "fillOpacity": 1.0, "radius": 5.5, "dot": True},
        "packages": {"color": "#1f5f5b", "weight": 2.6, "fillColor": "#1f5f5b", "fillOpacity": 0.1},
        "grids": {"color": "#7b4f9d", "weight": 1.8, "dashArray": "8 3 2 3", "fill": False, "line": True},
        "committees": {"color": "#a03c28", "weight": 2.4, "dashArray": "12 4", "fill": False, "line": True},
        "police": {"color": "#1f3a8f", "weight": 2.6, "dashArray": "3 5", "fill": False, "line": True},
        "street": {"color": "#1d1b18", "weight": 3.0, "dashArray": "14 4 2 4", "fill": False, "line": True},
        "companies": {"color": "#1f5f5b", "weight": 2.4, "fillColor": "#1f5f5b", "fillOpacity": 0.16},
        "duties": {"color": "#1f5f5b", "weight": 2.4, "dashArray": "3 5", "fill": False, "line": True},
        "selected_edge": {"color": PAPER, "weight": 7.5, "opacity": 0.95, "fill": False, "radius": 12},
        "selected": {"color": "#111111", "weight": 4.0, "opacity": 1.0, "fill": False, "radius": 12},
    }
)  # fmt: skip
# What of STYLES draws the ground, from bottom to top.
GROUND = (
    "town", "plot", "park", "water", "wall", "cliff", "lane_edge", "branch_edge", "road_edge", "main_edge",
    "lane", "branch", "road", "main", "rail", "rail_ties",
)  # fmt: skip
PATTERNS: tuple[Style, ...] = (
    {"key": "fixed", "paper": "#e2ded5", "ink": "#a8a295", "step": 7, "turn": 45, "weight": 1.2, "dot": 0},
    {"key": "held", "paper": "#f3f1ec", "ink": "#8b8780", "step": 6, "turn": 0, "weight": 0, "dot": 1.1},
    {
        "key": "excluded",
        "paper": "#ece8df",
        "ink": "#c4beb1",
        "step": 5,
        "turn": -45,
        "weight": 1.0,
        "dot": 0,
    },
)
SIGNS = MappingProxyType({style: look["sign"] for style, look in STYLES.items() if "sign" in look})
LOCKED = "L"  # the sign that is drawn as a padlock
_WORDED = MappingProxyType(
    {"C": "cut_off", "X": "crossing", "O": "crossing", LOCKED: "locked"}
)  # the others are what they look like
_GROUND_STYLES = (
    ("water", ("河", "湖", "水", "江", "溪", "river", "water", "canal", "lake", "stream")),
    ("rail", ("铁", "轨", "rail")),
    ("wall", ("围墙", "wall", "fence")),
    ("cliff", ("坎", "崖", "墙", "护坡", "cliff", "terrain", "retaining", "embankment")),
    ("main", ("主干", "快速", "高速", "国道", "trunk", "primary", "motorway", "main")),
    ("road", ("次干", "省道", "secondary")),
    ("lane", ("巷", "里弄", "步行", "小路", "lane", "alley", "service", "path", "foot")),
)
_CLIFF_FIRST = ("retaining",)  # holds "wall" in English
# The lines of the legend under each layer: style and key of its words; a layer with one line shows it beside its name.
_SWATCHES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "areas": (
            ("grouped", "grouped_swatch"),
            ("alone", "alone_swatch"),
            ("fixed", "fixed_swatch"),
            ("below_minimum", "below_minimum_swatch"),
            ("cut_off", "cut_off_swatch"),
            ("crossing", "crossing_swatch"),
            ("broken", "broken_swatch"),
            ("suffered", "suffered_swatch"),
            ("opened", "opened_swatch"),
            ("locked", "locked_swatch"),
        ),
        "communities": (
            ("member", "community_swatch"),
            ("exception", "exception_swatch"),
            ("accepted", "accepted_swatch"),
            ("held", "held_swatch"),
            ("excluded", "excluded_swatch"),
            ("severed", "severed_swatch"),
            ("locked", "locked_swatch"),
        ),
        "barriers": (("never", "never_swatch"), ("priced", "priced_swatch"), ("walls", "wall_swatch")),
        "buildings": (("building", "buildings"),),
        "links": (("link", "links"),),
    }
)


def ground_style(barrier_class: str) -> str:
    """Return how a bound is drawn on the ground by its class; classes that are not known are drawn as small streets."""
    if any(word in barrier_class for word in _CLIFF_FIRST):
        return "cliff"
    return next(
        (style for style, words in _GROUND_STYLES if any(w in barrier_class for w in words)), "branch"
    )


def layer_name(key: str) -> str:
    """Return what the legend calls a layer, "" for the ground, which is no layer to switch."""
    return "" if key == "ground" else say(f"map.layer.{key}")


def sign_words() -> dict[str, str]:
    """Return what is written for each sign that is no sign by itself."""
    return {sign: say(f"map.sign.{word}") for sign, word in _WORDED.items()}


def told_by(key: str, styles: Iterable[str], signs: Iterable[str]) -> frozenset[str]:
    """Return the styles that the legend of a layer has to explain: those drawn, and those whose sign stands on the map."""
    written = {sign for several in signs for sign in several}
    own = {style for style, _ in _SWATCHES.get(key, ())}
    return frozenset(styles) | {style for style in own if SIGNS.get(style, "") in written}


def swatches(key: str, used: frozenset[str], *, minimum: int) -> list[tuple[str, str]]:
    """Return style and words of each line of the legend that a layer needs for the styles it uses."""
    lines = _SWATCHES.get(key, ((key, ""),) if key in STYLES else ())
    return [
        (style, say(f"map.{words}", minimum=minimum) if words.endswith("_swatch") else "")
        for style, words in lines
        if style in used
    ]
