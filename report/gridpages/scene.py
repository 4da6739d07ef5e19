"""What the map of one grid shows, cut to the grid and a margin, in metres of the plan: shapes from bottom to top, and names.

One scene is drawn three times: on the phone's page, as the picture for a chat group, on the sheet of A4.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from report.colours import neighbour_fills
from report.drawings.names import building_number
from report.gridpages.cuts import Grid
from report.gridpages.told import impersonal
from report.ground import ground
from report.layers import town_of
from report.legend import GROUND
from report.results import Results

MARGIN = 0.07  # of the grid's longer side, what is shown around it
LEAST_MARGIN_M = 25.0
TOLERANCES_M = (0.2, 0.5, 1.0, 2.0, 5.0)  # shapes are simplified no further than a page must be light
STRAIGHT_M = 2.5  # a street whose bends are smaller carries its name in one line
SHORTEST_RUN_M = 25.0
MOST_RUNS = 6  # places for the name of one street
_FIRE_LANE = re.compile("消防.{0,4}(?:通道|道路|车道)|fire.?lane", re.IGNORECASE)
# Shared things that a grid worker looks for, by their name or kind; the others are told by their name alone.
_FACILITIES = (
    ("fire", re.compile("消防|消火栓|hydrant|fire", re.IGNORECASE)),
    ("septic", re.compile("化粪池|septic", re.IGNORECASE)),
    ("office", re.compile("物管用房|物业用房|物业服务|property office", re.IGNORECASE)),
    ("power", re.compile("配电|变电|power|transformer", re.IGNORECASE)),
    ("water", re.compile("供水|水泵|泵房|水箱|water|pump", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Thing:
    """One shape: `kind` says how it is drawn, `ref` what is told of it ("c3", "b12", "" for nothing), `fill` the area's colour."""

    kind: str
    shape: Any
    ref: str = ""
    fill: int = -1


@dataclass(frozen=True)
class Name:
    """A name and the places where it may stand, best first: x, y, turn in degrees, and the room there along the line (0: any)."""

    text: str
    kind: str
    spots: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Scene:
    """The map of a grid; `box` in metres; `names` with the most wanted first; `kinds` says what needs a line of the legend."""

    box: tuple[float, float, float, float]
    things: tuple[Thing, ...]
    names: tuple[Name, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds that are drawn."""
        return frozenset(thing.kind for thing in self.things)


@dataclass(frozen=True)
class Backdrop:
    """What the scenes of one plan have in common, prepared once."""

    results: Results
    ground: gpd.GeoDataFrame
    fills: Mapping[str, int]
    buildings: gpd.GeoDataFrame

    @staticmethod
    def of(results: Results) -> "Backdrop":
        """Prepare the ground of a plan."""
        none = gpd.GeoDataFrame(
            {"community_id": [], "name": []}, geometry=[], crs=results.communities.crs
        ).astype({"community_id": "str", "name": "str"})
        buildings = none if results.buildings is None else results.buildings.reset_index(drop=True)
        return Backdrop(results, ground(results, town_of(results)), neighbour_fills(results.areas), buildings)


def scene_of(backdrop: Backdrop, grid: Grid, *, tolerance_m: float = TOLERANCES_M[0]) -> Scene:
    """Return the map of a grid, its shapes simplified to a tolerance but for the line of the grid."""
    west, south, east, north = grid.shape.bounds
    edge_m = max(MARGIN * max(east - west, north - south), LEAST_MARGIN_M)
    box = (west - edge_m, south - edge_m, east + edge_m, north + edge_m)
    refs = {place.community_id: f"c{number}" for number, place in enumerate(grid.places, 1)}
    blocks = [block for place in grid.places for block in place.blocks]
    rows = {block.row: f"b{number}" for number, block in enumerate(blocks, 1)}
    things = [
        *_ground(backdrop.ground, box),
        *_areas(backdrop, box),
        *_communities(backdrop.results, box, refs),
        *_buildings(backdrop.buildings, box, rows),
        *_bounds(backdrop.results, box),
        Thing("outside", shapely.difference(shapely.box(*box).buffer(edge_m * 40), grid.shape)),
        *(() if grid.listed else (Thing("grid", grid.shape),)),
        *_signs(backdrop.results, box),
    ]
    named = _names(backdrop, grid, box, refs, rows)
    names = (replace(name, text=impersonal(name.text)) for name in named)
    light = (_lighter(thing, tolerance_m) for thing in things)
    return Scene(box, tuple(thing for thing in light if not shapely.is_empty(thing.shape)), tuple(names))


def facility_kind(name: str, kind: str) -> str:
    """Return what sort of shared facility a landmark is, "" where it is none that has a sign of its own."""
    told = f"{kind} {name}"
    return next((sort for sort, word in _FACILITIES if word.search(told)), "")


# --- shapes ----------------------------------------------------------------------------------------


def _ground(table: gpd.GeoDataFrame, box: Any) -> Iterator[Thing]:
    near = table[table.geometry.intersects(shapely.box(*box))]
    shapes = shapely.clip_by_rect(near.geometry.to_numpy(), *shapely.box(*box).buffer(60).bounds)
    styles = near["style"].to_numpy()
    for style in (name for name in GROUND if name not in ("town", "rail_ties")):
        of = style.removesuffix("_edge")
        for shape in shapes[styles == of]:
            yield Thing(style, shape)


def _areas(backdrop: Backdrop, box: Any) -> Iterator[Thing]:
    areas = backdrop.results.areas
    near = _near(areas, box)
    shapes = _cut(near, box)
    for area_id, kind, shape in zip(near.index, near["kind"], shapes, strict=True):
        style = "area_kept" if kind == "fixed" else "area"
        yield Thing(style, shape, fill=backdrop.fills[area_id])


def _communities(results: Results, box: Any, refs: Mapping[str, str]) -> Iterator[Thing]:
    near = _near(results.communities, box)
    for community_id, shape in zip(near.index, _cut(near, box), strict=True):
        point = shapely.get_dimensions(shape) == 0
        kind = ("place" if point else "community") + ("" if community_id in refs else "_other")
        yield Thing(kind, shape, refs.get(str(community_id), ""))


def _buildings(table: gpd.GeoDataFrame, box: Any, rows: Mapping[int, str]) -> Iterator[Thing]:
    near = _near(table, box)
    drawn = near[shapely.get_dimensions(near.geometry.to_numpy()) == 2]
    for row, shape in zip(drawn.index, _cut(drawn, box), strict=True):
        yield Thing("building" if row in rows else "building_other", shape, rows.get(row, ""))


def _bounds(results: Results, box: Any) -> Iterator[Thing]:
    """Yield walls again above the areas: gates and walls are what a grid worker compares with the place."""
    table = results.layers.get("barriers")
    if table is not None and "wall" in table.columns:
        near = _near(table[table["wall"].astype(bool)], box)
        for shape in _cut(near, box):
            yield Thing("fence", shape)


def _signs(results: Results, box: Any) -> Iterator[Thing]:
    for name, kind, shape in _landmarks(results, box):
        if _FIRE_LANE.search(f"{kind} {name}") and shapely.get_dimensions(shape) > 0:
            yield Thing("fire_lane", shape)
        elif shapely.get_dimensions(shape) == 0:
            yield Thing(f"facility_{facility_kind(name, kind) or 'other'}", shape)
    gates = results.layers.get("crossings")
    if gates is not None:
        near = _near(gates, box)
        for shape in near.geometry[shapely.get_dimensions(near.geometry.to_numpy()) == 0]:
            yield Thing("gate", shape)


def _landmarks(results: Results, box: Any) -> Iterator[tuple[str, str, Any]]:
    table = results.layers.get("landmarks")
    if table is None:
        return
    near = _near(table, box)
    kinds = near["kind"] if "kind" in near.columns else pd.Series("", index=near.index)
    for name, kind, shape in zip(near["name"], kinds, _cut(near, box), strict=True):
        yield ("" if pd.isna(name) else str(name)), ("" if pd.isna(kind) else str(kind)), shape


def _near(table: gpd.GeoDataFrame, box: Any) -> gpd.GeoDataFrame:
    """Return the rows in view, sorted by place: no page depends on the order in which they were delivered."""
    found: gpd.GeoDataFrame = table.iloc[table.sindex.query(shapely.box(*box), predicate="intersects")]
    boxes = shapely.bounds(found.geometry.to_numpy())
    return found.iloc[np.lexsort(boxes.T)] if len(found) else found


def _cut(table: gpd.GeoDataFrame, box: Any) -> Any:
    """Return shapes cut so far outside the box that no cut edge is seen."""
    wide = max(box[2] - box[0], box[3] - box[1])
    return shapely.clip_by_rect(table.geometry.to_numpy(), *shapely.box(*box).buffer(wide / 2).bounds)


def _lighter(thing: Thing, tolerance_m: float) -> Thing:
    if shapely.get_dimensions(thing.shape) == 0:
        return thing
    if thing.kind in ("grid", "outside"):  # the line that other departments own is drawn as it is
        tolerance_m = TOLERANCES_M[0]
    return replace(thing, shape=shapely.simplify(thing.shape, tolerance_m))


# --- names -----------------------------------------------------------------------------------------


def _names(
    backdrop: Backdrop, grid: Grid, box: Any, refs: Mapping[str, str], rows: Mapping[int, str]
) -> Iterator[Name]:
    """Yield the names, the most wanted first: communities and areas of the grid, streets, facilities, numbers of buildings, the rest."""
    inside = shapely.intersection(shapely.box(*box), grid.shape)
    table = backdrop.results.communities
    own = table.loc[[c for c in table.index if c in refs]]
    yield from _middles(own["name"], own.geometry, inside, "community")
    areas = backdrop.results.areas.loc[[share.area_id for share in grid.areas]]
    called = areas["name"].where(areas["name"] != "", areas.index.to_series())
    news = ~called.isin(own["name"])  # an area that is called by its one community has its name already
    yield from _middles(called[news], areas.geometry[news], inside, "area")
    yield from _streets(backdrop.ground, box)
    for name, _, shape in _landmarks(backdrop.results, box):
        if name and shapely.get_dimensions(shape) == 0:
            yield Name(name, "facility", ((*_xy(shape), 0.0, 0.0),))
    houses = backdrop.buildings.loc[list(rows)]
    numbers = houses["name"].map(lambda name: building_number(str(name)))
    yield from _middles(numbers, houses.geometry, shapely.box(*box), "number")
    others = _near(table[~table.index.isin(list(refs))], box)
    yield from _middles(others["name"], others.geometry, shapely.box(*box), "other")
    base = backdrop.ground
    flat = _near(base[~base["along"].astype(bool) & (base["label"] != "")], box)
    yield from _middles(flat["label"], flat.geometry, shapely.box(*box), "ground")


def _middles(names: Any, shapes: Any, view: Any, kind: str) -> Iterator[Name]:
    """Yield names in the middle of what is seen of their shapes; `room` is how wide the shape is there, 0 for points."""
    for name, whole in zip(names, shapes, strict=True):
        if whole is None or whole.is_empty or not str(name):
            continue
        seen = shapely.intersection(whole, view)
        seen = whole if seen.is_empty else seen
        parts = shapely.get_parts(seen)
        widest = parts[np.argmax(shapely.area(parts))]
        x, y = _xy(shapely.point_on_surface(widest))
        left, _, right, _ = widest.bounds
        yield Name(str(name), kind, ((x, y, 0.0, float(right - left)),))


def _streets(table: gpd.GeoDataFrame, box: Any) -> Iterator[Name]:
    named = table[table["along"].astype(bool) & (table["label"] != "")]
    near = named[named.geometry.intersects(shapely.box(*box))].sort_values(["rank", "label"], kind="stable")
    for (_, label), rows in near.groupby(["rank", "label"], sort=True):
        lines = shapely.get_parts(shapely.clip_by_rect(rows.geometry.to_numpy(), *box))
        lines = lines[shapely.get_dimensions(lines) == 1]
        spots = sorted((spot for line in lines for spot in _runs(line)), key=lambda spot: (-spot[3], spot))
        if spots:
            water = rows["style"].iloc[0] in ("water", "water_name")
            yield Name(str(label), "water" if water else "street", tuple(spots[:MOST_RUNS]))


def _runs(line: Any) -> Iterator[tuple[float, float, float, float]]:
    """Yield the straight stretches of a line: middle, turn (-90 to 90 degrees), length."""
    places = shapely.get_coordinates(shapely.simplify(line, STRAIGHT_M))
    steps = np.diff(places, axis=0)
    for start, step in zip(places[:-1], steps, strict=True):
        long = float(np.hypot(*step))
        if long >= SHORTEST_RUN_M:
            turn = float(np.degrees(np.arctan2(step[1], step[0])))
            turn = turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn
            x, y = (start + step / 2).tolist()
            yield (x, y, turn, long)


def _xy(point: Any) -> tuple[float, float]:
    x, y = shapely.get_coordinates(point)[0].tolist()
    return x, y


def used_facilities(kinds: Sequence[str] | frozenset[str]) -> tuple[str, ...]:
    """Return the sorts of facilities among the kinds of a scene, in the order of the legend."""
    known = (*(sort for sort, _ in _FACILITIES), "other")
    return tuple(sort for sort in known if f"facility_{sort}" in kinds)
