"""The map of a plan: its data for the desk, layer by layer, and one folium map for the exported file.

The only module that makes folium objects. Text enters through `map_text` (in report/layers.py) and never otherwise;
a feature carries a number (`uid`, its row in the table of its layer) by which the server looks it up again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import shapely
import xstatic.pkg.leaflet
from folium.template import Template

from geo.wording import say
from report.colourings import colourings
from report.colours import FILLS, Neighbours, neighbour_fills, neighbours_of
from report.layers import (
    MANY_COMMUNITIES,
    NO_MARKS,
    SHOWN_FIRST,
    Layer,
    Marks,
    area_layer,
    community_layer,
    community_signs,
    community_styles,
    ground_layers,
    in_degrees,
    link_layers,
    town_of,
)
from report.legend import GROUND, PATTERNS, STYLES, layer_name, sign_words, swatches, told_by
from report.results import Results

ASSETS = Path(xstatic.pkg.leaflet.BASE_DIR)  # leaflet.js and leaflet.css, from the locked wheel
ORDER = (
    "ground", "areas", "buildings", "communities", "packages", "companies", "street", "police", "duties", "committees", "grids",
    "barriers", "links", "refused", "gates", "facilities",
)  # fmt: skip
_HERE = Path(__file__).parent
_SCRIPTS = ("map.js", "maplabels.js", "maplegend.js")


# --- data ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Base:
    """What no edit of a plan changes, worth keeping from click to click: the ground, the communities, and where they lie.

    `bounds` is what the map shows at first, `everything` all there is: south-west and north-east, None where nothing lies.
    """

    layers: tuple[Layer, ...]
    bounds: list[list[float]] | None
    everything: list[list[float]] | None


@dataclass(frozen=True)
class MapData:
    """A whole map: `frame` is what the drawing code reads first, `layers` from bottom to top, `states` of the communities.

    `fills` are the colours of the areas, `neighbours` which of them are close to each other.
    """

    frame: Mapping[str, Any]
    layers: tuple[Layer, ...]
    states: Mapping[str, Any]
    fills: Mapping[str, int]
    neighbours: Neighbours


def base_of(results: Results, *, cards: bool = False) -> Base:
    """Return what stays while a plan is edited."""
    layers = (*ground_layers(results), community_layer(results, cards=cards))
    return Base(layers, _view([town_of(results)], results), _view([*results.communities.geometry], results))


def map_data(
    results: Results,
    *,
    base: Base | None = None,
    marks: Marks = NO_MARKS,
    last: MapData | None = None,
    links: Sequence[Layer] | None = None,
    cards: bool = False,
) -> MapData:
    """Return what the map of a plan shows.

    `base` is that of an earlier state of the same plan; `last` the map of one: areas keep its colours where their
    neighbours allow, and outlines that are the same are taken from there; `links` its `link_layers` where no link was
    decided since; `cards` is for a page without a panel of its own: with all that a card says.
    """
    kept = base or base_of(results, cards=cards)
    neighbours = neighbours_of(results.areas, last=last.neighbours if last else None)
    coloured = neighbour_fills(results.areas, kept=last.fills if last else {}, neighbours=neighbours)
    found = {
        layer.key: layer for layer in (*kept.layers, *(link_layers(results) if links is None else links))
    }
    if (
        len(results.communities) > MANY_COMMUNITIES
    ):  # then only those in no area are drawn, others after each edit
        found["communities"] = community_layer(results, cards=cards)
    before = next((layer for layer in last.layers if layer.key == "areas"), None) if last else None
    found["areas"] = area_layer(results, coloured, marks, cards=cards, last=before)
    layers = tuple(found[key] for key in ORDER if key in found and found[key].features)
    styles, signs = community_styles(results).to_list(), community_signs(results, marks).to_list()
    states = {
        "style": styles,
        "signs": signs,
        "colourings": [
            vars(one) for one in colourings(results, consents=marks.consents, lacking=marks.lacking)
        ],
    }
    told = told_by("communities", styles, signs)
    frame = _frame(kept, layers, told, minimum=results.summary["minimum"], cards=cards)
    return MapData(frame, layers, states, coloured, neighbours)


def _frame(
    base: Base, layers: Sequence[Layer], of_communities: frozenset[str], *, minimum: int, cards: bool
) -> dict[str, Any]:
    words = ("legend", "north", "whole", "more", "colour_by", "by_area", "closer", "farther", "hint")
    return {
        "bounds": base.bounds,
        "everything": base.everything,
        "styles": {name: dict(style) for name, style in STYLES.items()},
        "ground": GROUND,
        "patterns": PATTERNS,
        "fills": FILLS,
        "signs": sign_words(),
        "cards": cards,
        "words": {word: say(f"map.word.{word}") for word in words},
        "layers": [
            {
                "key": layer.key,
                "name": layer_name(layer.key),
                "on": layer.key in SHOWN_FIRST,
                "swatches": swatches(
                    layer.key, of_communities if layer.key == "communities" else _used(layer), minimum=minimum
                ),
            }
            for layer in layers
        ],
    }


def _used(layer: Layer) -> frozenset[str]:
    drawn = [feature["properties"] for feature in layer.features]
    return told_by(layer.key, (one["style"] for one in drawn), (one.get("signs", "") for one in drawn))


def _view(shapes: Sequence[Any], results: Results) -> list[list[float]] | None:
    drawn = [s for s in in_degrees(gpd.GeoSeries(shapes, crs=results.communities.crs)) if s is not None]
    if not drawn:
        return None
    west, south, east, north = shapely.total_bounds(drawn).tolist()
    return [[south, west], [north, east]]


# --- into a page -----------------------------------------------------------------------------------


def scripts() -> str:
    """Return the drawing code, which wants Leaflet as `L`."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS)


def sheet() -> str:
    """Return the style sheet of the drawing."""
    return (_HERE / "map.css").read_text(encoding="utf-8")


class OfflineMap(folium.Map):
    """A folium map without tiles that loads Leaflet, and nothing else, from `assets`, relative to the page."""

    def __init__(self, *, assets: str) -> None:
        super().__init__(location=(0.0, 0.0), tiles=None)
        self.default_js = [("leaflet", f"{assets}/leaflet.js")]
        self.default_css = [("leaflet_css", f"{assets}/leaflet.css")]
        self.options |= {"max_zoom": 21, "min_zoom": 3, "zoom_snap": 0.25, "attribution_control": False}


class Drawing(folium.MacroElement):
    """Layers, labels, legend and scale, drawn by our own scripts."""

    _template = Template(
        """
        {% macro header(this, kwargs) %}<style>{{ this.look }}</style>{% endmacro %}
        {% macro script(this, kwargs) %}
        {{ this.code }}
        var planMap = drawPlan({{ this._parent.get_name() }}, {{ this.data }});
        {% endmacro %}
        """
    )

    def __init__(self, data: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Drawing"
        self.look = sheet()
        self.code = scripts()
        self.data = data


def build_map(results: Results, *, assets: str = ".") -> OfflineMap:
    """Return the folium map of a plan; `assets` is the address under which its page finds the files of ASSETS."""
    data = map_data(results, cards=True)
    given = {layer.key: {"fields": layer.fields, "features": layer.features} for layer in data.layers}
    frame = dict(data.frame)
    frame["layers"] = [layer | given[layer["key"]] for layer in data.frame["layers"]]
    made = OfflineMap(assets=assets)
    Drawing(script_json({**frame, "states": data.states})).add_to(made)
    return made


def plain_json(data: object) -> str:
    """Return JSON as short as it can be, the letters of every language as they are."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def script_json(data: object) -> str:
    """Return JSON that may stand inside a script element."""
    text = plain_json(data)
    for sign in "<>&'":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
