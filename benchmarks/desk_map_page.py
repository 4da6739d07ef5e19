"""One page with one map, drawn by folium or by the desk's own component: a click on a community puts it into another area.

    streamlit run benchmarks/desk_map_page.py -- folium|desk UNITS

The page of benchmarks/desk_map.py. The folium map is built as well as that library allows: the ground and the communities
never change, areas and selection come in `feature_group_to_add`, only numbers come back.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import folium
import geopandas as gpd
import streamlit as st
from folium.template import Template
from streamlit_folium import st_folium

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.drawn_towns import drawn_town, moved
from report.colours import FILLS, neighbour_fills
from report.maps import OfflineMap
from ui.look import LEAFLET
from ui.map_view import show_map

HOW, UNITS = sys.argv[1], int(sys.argv[2])


class Turn(folium.MacroElement):
    """Tells the measuring script that this turn is on the map."""

    _template = Template("{% macro script(this, kwargs) %}window.turn = {{ this.turn }};{% endmacro %}")

    def __init__(self, turn: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.turn = turn


@st.cache_resource
def _town() -> Any:
    return drawn_town(UNITS)


def _json(table: gpd.GeoDataFrame) -> dict[str, Any]:
    shapes = table.geometry.simplify(0.5).to_crs("EPSG:4326")
    plain = gpd.GeoDataFrame(
        {"uid": range(len(table)), **_fills(table)},
        geometry=shapes.set_precision(1e-6).to_numpy(),
        crs=shapes.crs,
    )
    return json.loads(plain.to_json())  # type: ignore[no-any-return]


def _fills(table: gpd.GeoDataFrame) -> dict[str, Any]:
    return {"fill": list(neighbour_fills(table).values())} if "center_id" in table.columns else {}


@st.cache_resource
def _ground() -> dict[str, dict[str, Any]]:
    plan = _town()
    return {"barriers": _json(plan.layers["barriers"]), "buildings": _json(plan.buildings),
            "communities": _json(plan.communities)}  # fmt: skip


def _folium(plan: Any, turn: int) -> None:
    made = OfflineMap(assets=f"../{LEAFLET.partition('/')[2]}")
    made.options |= {"prefer_canvas": UNITS > 1_000}
    west, south, east, north = plan.communities.to_crs("EPSG:4326").total_bounds
    made.fit_bounds([[south, west], [north, east]])
    ground = _ground()
    for key in ("barriers", "buildings"):
        style = {"color": "#8f887b", "weight": 1}
        folium.GeoJson(ground[key], style_function=lambda _, s=style: s, interactive=False).add_to(made)
    folium.GeoJson(ground["communities"], style_function=lambda _: {"color": "#333", "weight": 1}).add_to(
        made
    )
    group = folium.FeatureGroup()
    areas = folium.GeoJson(
        _json(plan.areas),
        style_function=lambda f: {
            "fillColor": FILLS[f["properties"]["fill"]],
            "weight": 2,
            "fillOpacity": 0.4,
        },
        interactive=False,
    )
    areas.add_to(group)
    Turn(turn).add_to(group)
    st_folium(
        made,
        key="map",
        height=640,
        use_container_width=True,
        feature_group_to_add=group,
        returned_objects=["last_active_drawing", "last_object_clicked_count"],
        on_change=lambda: _clicked(
            ((st.session_state.map or {}).get("last_active_drawing") or {})
            .get("properties", {})
            .get("uid", -1)
        ),
    )


def _desk(plan: Any, turn: int) -> None:
    state = SimpleNamespace(locked=frozenset(), consents={}, plan=SimpleNamespace(areas=()))
    draft = SimpleNamespace(draft_id=1, revision=turn, state=state)
    show_map(
        SimpleNamespace(digest="town", draft=draft, results=plan),  # type: ignore[arg-type]
        selected=[],
        look=None,
        on_picked=lambda place, _: _clicked(int(place.partition(":")[2])),
        on_boxed=lambda _: None,
    )


def _clicked(community: int) -> None:
    """Put the community into the next area of the list."""
    plan = st.session_state.plan
    if 0 <= community < UNITS:
        home = plan.areas.index.get_loc(plan.communities["area_id"].iloc[community])
        st.session_state.plan = moved(plan, community=community, area=(home + 1) % len(plan.areas))
        st.session_state.turn += 1


@st.fragment
def _page() -> None:
    if "plan" not in st.session_state:
        st.session_state.update(plan=_town(), turn=0)
    (_folium if HOW == "folium" else _desk)(st.session_state.plan, st.session_state.turn)
    st.write(f"turn {st.session_state.turn}")


_page()
