"""The map on the desk, behind one door: a draft and what is selected go in, what was clicked comes out.

Nothing else of the desk knows how the map is drawn. It is a component of our own, which the browser makes once and keeps:
each layer is a file named by its content, and only layers whose name changed are fetched and drawn again.
"""

import gc
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.components.v2 import component

from geo.wording import language, say
from report.layers import Layer, Marks, link_layers
from report.maps import Base, MapData, base_of, map_data, plain_json, scripts, sheet
from report.pictures import map_picture
from report.responsible import lacking_words
from report.results import Results
from ui.hearing import hear
from ui.look import LEAFLET, tell
from ui.map_files import address_of
from ui.session import Opened

KEY = "map"
TILES = "ZUTUAN_TILES"  # address of tiles on the intranet, http://…/{z}/{x}/{y}.png: drawn in the place of our own ground
_FAILED = "map_failed"
_LAST = "map_last"
_NOTHING: Mapping[int, str] = MappingProxyType({})
_HERE = Path(__file__).parent
_MAP = component(
    "zutuan_map",
    css=(_HERE / "desk_map.css").read_text(encoding="utf-8"),
    js=(_HERE / "desk_map.js").read_text(encoding="utf-8"),
)


What = TypeVar("What")


@dataclass(frozen=True)
class Kept(Generic[What]):
    """What stays while a plan is edited, and the text of each of its layers by identity: writing them takes longest."""

    what: What
    texts: Mapping[int, str]


@dataclass(frozen=True)
class Drawn:
    """A map as the browser gets it; `state` is of which draft, `outlines` the text of each area's by identity."""

    state: tuple[object, ...]
    files: Mapping[str, Any]
    data: MapData
    outlines: Mapping[int, str]


def show_map(
    plan: Opened,
    *,
    selected: Sequence[str],
    look: int | None,
    on_picked: Callable[[str, bool], None],
    on_boxed: Callable[[Sequence[str]], None],
) -> None:
    """Show the map; places are called as in `Results`: "areas:3" is row 3 of its areas.

    `look` is a number that changes whenever the map shall turn to what is selected. `on_picked` hears the place that was
    clicked, and whether it is meant in addition to what is selected; `on_boxed` the communities in a box drawn with Shift.
    """
    drawn = _drawn(plan)
    cause: str | None = st.session_state.get(_FAILED)

    def picked() -> None:
        hear(KEY, "picked", lambda told: on_picked(str(told["place"]), bool(told["add"])))

    def boxed() -> None:
        hear(KEY, "boxed", lambda told: on_boxed([str(place) for place in told["places"]]))

    def failed() -> None:
        hear(KEY, "failed", lambda told: st.session_state.update({_FAILED: str(told["cause"])}))

    def arrived() -> None:
        st.session_state.pop(_FAILED, None)

    _MAP(
        key=KEY,
        data={
            **drawn.files,
            "selected": list(selected),
            "look": look,
            "words": {"loading": say("map.word.loading")},
            "tiles": os.environ.get(TILES, ""),
            "stand_in": cause,
        },
        on_picked_change=picked,
        on_boxed_change=boxed,
        on_failed_change=failed,
        on_arrived_change=arrived,
    )
    if cause is not None:  # beside the map, which may still come
        _show_picture(plan, cause)


# --- what the browser gets -------------------------------------------------------------------------


def _drawn(plan: Opened) -> Drawn:
    """Return the map of the draft as it stands; made once for each state, its colours led by what was shown before."""
    state = (plan.digest, plan.draft.draft_id, plan.draft.revision, language())
    last: Drawn | None = st.session_state.get(_LAST)
    if last is None or last.state != state:
        before = last if last is not None and last.state[0] == plan.digest else None
        base = _base(plan.digest, language(), _results=plan.results)
        links = _links(plan.digest, language(), _decided(plan), _results=plan.results)
        made = partial(
            map_data,
            plan.results,
            base=base.what,
            marks=marks_of(plan),
            last=before.data if before else None,
            links=links.what,
        )
        data = _drawer().submit(copy_context().run, made).result()
        outlines = _outlines(data, before.outlines if before else {})
        written = {**base.texts, **links.texts}
        texts = {layer.key: written.get(id(layer)) or layer_text(layer, outlines) for layer in data.layers}
        last = Drawn(state, _files(data, texts, plan=f"{plan.digest} {language()}"), data, outlines)
        st.session_state[_LAST] = last
    return last


def _outlines(data: MapData, known: Mapping[int, str]) -> dict[int, str]:
    """Return the text of each area's outline by identity; those `known` from the map before were taken over from there."""
    drawn = (
        feature["geometry"] for layer in data.layers if layer.key == "areas" for feature in layer.features
    )
    return {id(geometry): known.get(id(geometry)) or plain_json(geometry) for geometry in drawn}


def _files(data: MapData, texts: Mapping[str, str], *, plan: str) -> dict[str, Any]:
    """Return where the browser finds the parts of a map; what did not change is found where it was."""
    return {
        "code": {
            "leaflet": f"{LEAFLET}/leaflet.js",
            "drawing": address_of(scripts(), kind="js"),
            "sheets": [f"{LEAFLET}/leaflet.css", address_of(sheet(), kind="css")],
        },
        "plan": plan,
        "frame": address_of(plain_json(data.frame), kind="json"),
        "layers": [[key, address_of(text, kind="json")] for key, text in texts.items()],
        "states": address_of(plain_json(data.states), kind="json"),
    }


def marks_of(plan: Opened) -> Marks:
    """Return what the draft says beside its areas."""
    draft = plan.draft.state
    return Marks(
        locked=draft.locked | {area.area_id for area in draft.plan.areas if area.locked},
        consents={community: consent.state for community, consent in draft.consents.items()},
        lacking=lacking_words(plan.responsible),
    )


@st.cache_resource(show_spinner=False)
def _drawer() -> ThreadPoolExecutor:
    """Return the one thread that makes maps.

    pyproj sets up each transformation once in each thread, and Streamlit starts a thread for each click: there it would
    take as long as the rest of the map.
    """
    return ThreadPoolExecutor(1, "maps")


@st.cache_resource(max_entries=8, show_spinner=False)
def _base(digest: str, spoken: str, *, _results: Results) -> Kept[Base]:  # noqa: ARG001 - names of things are spoken in one language
    base = base_of(_results)
    _settle()
    return Kept(base, _texts(base.layers))


def _settle() -> None:
    """Take what is in memory now out of the search for garbage that Streamlit makes after every run.

    Libraries, the plan and its map stay: to look through them takes longer than most clicks. What was taken out for
    an earlier plan is looked through once more.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@st.cache_resource(max_entries=8, show_spinner=False)
def _links(digest: str, spoken: str, decided: str, *, _results: Results) -> Kept[list[Layer]]:  # noqa: ARG001 - as above
    links = link_layers(_results)
    return Kept(links, _texts(links))


def _decided(plan: Opened) -> str:
    """Return what planners decided about links: the only edit that changes how they are drawn."""
    return repr(sorted((pair, link.kind) for pair, link in plan.draft.state.links.items()))


def _texts(layers: Iterable[Layer]) -> dict[int, str]:
    return {id(layer): layer_text(layer) for layer in layers}


def layer_text(layer: Layer, outlines: Mapping[int, str] = _NOTHING) -> str:
    """Return a layer as the browser reads it, GeoJSON features under their fields; `outlines` are texts by identity."""
    features = ",".join(
        f'{{"type":"Feature","properties":{plain_json(one["properties"])},'
        f'"geometry":{outlines.get(id(one["geometry"])) or plain_json(one["geometry"])}}}'
        for one in layer.features
    )
    return f'{{"key":{plain_json(layer.key)},"fields":{plain_json(layer.fields)},"features":[{features}]}}'


# --- as long as the browser has not drawn -----------------------------------------------------------


def _show_picture(plan: Opened, cause: str) -> None:
    """Show a still picture of the plan, and why."""
    kind, _, detail = cause.partition(":")
    known = kind if kind in ("script", "slow") else "error"
    tell(say(f"map.failed.{known}", detail=detail), mark="fair")
    st.image(map_picture(plan.results, marks_of(plan)), width="stretch")
