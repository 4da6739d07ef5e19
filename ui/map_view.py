"""The map on the desk, behind one door: a plan and what is selected go in, the place that was clicked comes out.

Nothing else of the desk knows how the map is drawn, so that it can be drawn otherwise one day.
"""

from collections.abc import Callable

import streamlit as st
from streamlit_folium import st_folium

from report.maps import draw_map, selection
from ui.contents import id_of
from ui.look import FRAME, LEAFLET
from ui.session import Opened

HEIGHT_PX = 640  # where the style sheet does not say otherwise


def show_map(plan: Opened, *, selected: str, look: int | None, on_picked: Callable[[str], None]) -> None:
    """Draw the plan; the base map stays as it is from click to click, only the mark of what is selected changes.

    `look` is a number that changes whenever the map shall turn to what is selected.
    """
    key = f"map-{plan.digest[:16]}"

    def clicked() -> None:
        # The browser sends the feature back; only its numbers are used.
        feature = (st.session_state.get(key) or {}).get("last_active_drawing") or {}
        told = feature.get("properties", {})
        on_picked(f"{told.get('layer')}:{told.get('uid')}")

    made = draw_map(plan.map, assets=LEAFLET)
    made.default_css = [*made.default_css, ("frame", f"{FRAME}/frame.css")]
    chosen = id_of(plan.results, selected)
    st_folium(
        made,
        key=key,
        height=HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_active_drawing", "last_object_clicked_count"],
        feature_group_to_add=selection(plan.results, chosen, look=look) if chosen else None,
        on_change=clicked,
    )
