"""The map on screen: a finished plan as one folium map that asks nothing of any network.

The only module that makes folium objects. Text enters through `map_text` (in report/layers.py) and never otherwise;
a feature carries a number (`uid`, its row in the table of its layer) by which the server looks it up again.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import shapely
import xstatic.pkg.leaflet
from folium.template import Template

from geo.wording import say
from report.colours import FILLS
from report.layers import SHOWN_FIRST, Layer, in_degrees, plan_layers
from report.legend import STYLES, legend_html
from report.results import Results

MANY_SHAPES = 1_500  # above, a canvas draws faster than SVG (interface.md §4.4)
ASSETS = Path(xstatic.pkg.leaflet.BASE_DIR)  # leaflet.js and leaflet.css, from the locked wheel
_HERE = Path(__file__).parent


class OfflineMap(folium.Map):
    """A folium map without tiles that loads Leaflet, and nothing else, from `assets`, relative to the page."""

    def __init__(self, *, assets: str, prefer_canvas: bool) -> None:
        super().__init__(location=(0.0, 0.0), tiles=None, prefer_canvas=prefer_canvas)
        self.default_js = [("leaflet", f"{assets}/leaflet.js")]
        self.default_css = [("leaflet_css", f"{assets}/leaflet.css")]
        self.options |= {"max_zoom": 21, "min_zoom": 3, "zoom_snap": 0.25, "attribution_control": False}


class Drawing(folium.MacroElement):
    """Layers, labels, legend and scale, drawn by report/map.js."""

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
        self.look = (_HERE / "map.css").read_text(encoding="utf-8")
        self.code = (_HERE / "map.js").read_text(encoding="utf-8")
        self.data = data


class Look(folium.MacroElement):
    """Turns the map to a place each time it is laid over it anew; `turn` tells one time from the next."""

    _template = Template(
        "{% macro script(this, kwargs) %}planMap.look({{ this.bounds }}, {{ this.turn }});{% endmacro %}"
    )

    def __init__(self, bounds: list[list[float]], turn: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Look"
        self.bounds, self.turn = bounds, turn


@dataclass(frozen=True)
class MapData:
    """All that a map shows, ready for its page: worth keeping, because it takes longer than the map around it."""

    script: str
    shapes: int


def build_map(
    results: Results, *, selected: str | None = None, assets: str = ".", cards: bool = False
) -> OfflineMap:
    """Return the map of a plan.

    `selected` is an area or community to open on; `assets` the address under which the page finds the files of ASSETS;
    `cards` opens a card on click, for a page without a panel of its own. Raises KeyError where `selected` is unknown.
    """
    made = draw_map(map_data(results, selected=selected, cards=cards), assets=assets)
    if selected is not None:
        selection(results, selected).add_to(made)
    return made


def draw_map(data: MapData, *, assets: str) -> OfflineMap:
    """Return a new map that shows `data`; folium changes a map while it renders, so that none can be kept."""
    made = OfflineMap(assets=assets, prefer_canvas=data.shapes > MANY_SHAPES)
    Drawing(data.script).add_to(made)
    return made


def map_data(results: Results, *, selected: str | None = None, cards: bool = False) -> MapData:
    """Return what the map of a plan shows; raises KeyError where `selected` is unknown."""
    layers = plan_layers(results)
    view = _places(results) if selected is None else _shape(results, selected)
    script = _script_json(
        {
            "bounds": _view(view),
            "everything": _view(results.communities.geometry),
            "whole": say("report.map.whole"),
            "layers": [vars(layer) | {"on": layer.key in SHOWN_FIRST} for layer in layers],
            "styles": {name: dict(style) for name, style in STYLES.items()},
            "fills": FILLS,
            "legend": legend_html([_used(layer) for layer in layers], minimum=results.summary["minimum"]),
            "legendTitle": say("report.map.legend"),
            "north": say("report.map.north"),
            "cards": cards,
        }
    )
    return MapData(script, sum(len(layer.features) for layer in layers))


def selection(results: Results, selected: str, *, look: int | None = None) -> folium.FeatureGroup:
    """Return the mark around an area or a community, to be laid over a map that stays as it is.

    The map turns to it whenever `look` is another number than before. Raises KeyError where the plan has no such id.
    """
    group = folium.FeatureGroup(control=False)
    style = dict(STYLES["selected"])
    for shape in in_degrees(_shape(results, selected)):
        if shape is not None:
            # A point needs a marker of its own: Leaflet's is a picture, which is not served.
            mark = folium.CircleMarker(**style)
            folium.GeoJson(
                shapely.geometry.mapping(shape), style_function=lambda _: style, marker=mark
            ).add_to(group)
    bounds = _view(_shape(results, selected))
    if look is not None and bounds is not None:
        Look(bounds, look).add_to(group)
    return group


# --- where to look ---------------------------------------------------------------------------------


def _shape(results: Results, selected: str) -> gpd.GeoSeries:
    table = results.areas if selected in results.areas.index else results.communities
    return table.geometry.loc[[selected]]


def _places(results: Results) -> gpd.GeoSeries:
    """Return the town for a first look: a settlement far off, or a wrong coordinate, must not shrink it to a dot."""
    shapes = results.communities.geometry
    shapes = shapes[shapes.notna() & ~shapes.is_empty]
    if shapes.empty:
        return shapes
    places = shapely.get_coordinates(shapely.centroid(shapes.to_numpy()))
    middle = np.median(places, axis=0)
    off_m = np.abs(places - middle).max(axis=1)
    near = shapes[off_m <= 4 * np.median(off_m) + 500.0]
    outlines = results.areas.geometry[results.areas["center_id"].isin(near.index)]
    return gpd.GeoSeries([*near, *outlines], crs=shapes.crs)


def _view(shapes: gpd.GeoSeries) -> list[list[float]] | None:
    drawn = [shape for shape in in_degrees(shapes) if shape is not None]
    if not drawn:
        return None
    west, south, east, north = shapely.total_bounds(drawn).tolist()
    return [[south, west], [north, east]]


# --- into the page ---------------------------------------------------------------------------------


def _used(layer: Layer) -> tuple[str, bool, frozenset[str]]:
    return (
        layer.key,
        layer.key in SHOWN_FIRST,
        frozenset(feature["properties"]["style"] for feature in layer.features),
    )


def _script_json(data: object) -> str:
    """Return JSON that may stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&'":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
