"""What a map shows: a finished plan as layers of GeoJSON features in WGS-84, all text encoded."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.wording import say
from report.faults import OPENED, cut_off, faults_of, opened
from report.ground import ground
from report.legend import LOCKED, SIGNS
from report.maptext import map_text
from report.results import Results

MANY_COMMUNITIES = 3_000  # above, only areas and exceptions are drawn
WGS84 = "EPSG:4326"
SHOWN_FIRST = frozenset(
    {"areas", "communities", "buildings", "packages"}
)  # the other layers are switched on in the legend
TOLERANCE_M = {"areas": 0.5, "communities": 0.2, "buildings": 0.2}
OUTLINE_TOLERANCE_M = 1.0
_DUTIES = (
    ("police", re.compile("派出所|警务|公安|police", re.IGNORECASE)),
    ("companies", re.compile("物业|公司|compan", re.IGNORECASE)),
    ("street", re.compile("街道|镇$|乡$|street|town", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Layer:
    """One layer: `fields` heads the lines of a feature's card, `features` are GeoJSON, `outlines` what they were drawn from, as WKB."""

    key: str
    fields: tuple[str, ...]
    features: tuple[dict[str, Any], ...]
    outlines: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Marks:
    """What planners decided that a plan's tables do not say: ids `locked`, `consents` by community, who is `lacking` by area."""

    locked: frozenset[str] = frozenset()
    consents: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)


NO_MARKS = Marks()


# --- layers that no edit changes -------------------------------------------------------------------


def ground_layers(results: Results) -> list[Layer]:
    """Return what stays as it is under every edit, from bottom to top; a layer without features is left out."""
    few = len(results.communities) <= MANY_COMMUNITIES
    base = ground(results, town_of(results))
    marks = {"label": base["label"], "glyph": base["glyph"], "rank": base["rank"], "along": base["along"]}
    layers = [_layer("ground", base, style=base["style"], marks=marks)]
    layers += [_buildings(results.buildings)] if few else []
    layers += [_outlines(key, results.layers.get(key)) for key in ("committees", "grids", "packages")]
    layers += _duties(results.layers.get("duties"))
    layers += [_barriers(results.layers.get("barriers"))]
    layers += [_gates(results.layers.get("crossings")), _facilities(results.layers.get("landmarks"))]
    return [layer for layer in layers if layer.features]


def community_layer(results: Results, *, cards: bool) -> Layer:
    """Return the outlines or places of communities; their state is in `community_styles`. `cards`: with what is said of each."""
    table = results.communities
    marks = {"label": table["name"], "sub": _counts(table)}
    values = _community_lines(results) if cards else {}
    if len(table) > MANY_COMMUNITIES:
        table = table.set_geometry(table.geometry.where(table["outcome"] == "exception", None))
    return _layer("communities", table, style="member", values=values, marks=marks)


# --- layers that follow the plan -------------------------------------------------------------------


def area_layer(
    results: Results,
    fills: Mapping[str, int],
    marks: Marks = NO_MARKS,
    *,
    cards: bool,
    last: Layer | None = None,
) -> Layer:
    """Return the areas, each with the number of its fill; `cards`: with what is said of each.

    `last` is an earlier layer of areas: outlines that are the same are taken from there.
    """
    areas = results.areas
    ids = areas.index.to_series()
    counts = [
        say("report.households_near" if near else "report.households", count=count)
        for count, near in zip(areas["count"], areas["near_minimum"], strict=True)
    ]
    called = areas["name"].where(areas["name"] != "", ids).astype("str")
    drawn: dict[str, pd.Series[Any]] = {
        "label": called,
        "short": called.where(areas["name"] != "", ids.str.extract(r"([^-]*)$")[0]).astype("str"),
        "sub": areas["count"].map(lambda count: say("map.count", count=count)).astype("str"),
        "fill": pd.Series([fills[area] for area in areas.index], index=areas.index, dtype="int64"),
        "signs": area_signs(results, marks),
    }
    values = {
        "kind": areas["kind"].map(outcome_words(results)),
        "household_count": pd.Series(counts, index=areas.index, dtype="str"),
        "communities": areas["communities"],
        "center": results.communities["name"].reindex(areas["center_id"]).set_axis(areas.index),
        "names": areas["names"],
    }
    return _layer(
        "areas", areas, style=area_styles(results), values=values if cards else {}, marks=drawn, last=last
    )


def link_layers(results: Results) -> list[Layer]:
    """Return the links and those that were refused, with the cause; none of a plan too large to show them."""
    if len(results.communities) > MANY_COMMUNITIES:
        return []
    causes = results.refused_links["cause"].map(cause_words).astype("str")
    layers = [
        _layer("links", results.links, style="link"),
        _layer(
            "refused",
            results.refused_links,
            style="refused",
            values={"reason": causes},
            marks={"title": causes},
        ),
    ]
    return [layer for layer in layers if layer.features]


def area_styles(results: Results) -> "pd.Series[str]":
    """Return the style of each area: its kind, else the first fault that nobody has accepted, or that somebody has."""
    faults, accepted = faults_of(results), _accepted(results)
    styles: pd.Series[str] = results.areas["kind"].mask(
        results.areas.index.isin(list(opened(results))), OPENED
    )
    worst = {area_id: "suffered" if area_id in accepted else kinds[0] for area_id, kinds in faults.items()}
    return styles.mask(styles.index.isin(list(worst)), styles.index.to_series().map(worst))


def area_signs(results: Results, marks: Marks = NO_MARKS) -> "pd.Series[str]":
    """Return the signs of each area, "" mostly: each fault, whether it was accepted, a bound opened by hand, a padlock."""
    faults, accepted, across = faults_of(results), _accepted(results), opened(results)
    locked = marks.locked.union(results.communities["lock"])

    def of(area_id: str) -> str:
        kinds = [SIGNS[kind] for kind in faults.get(area_id, ())]
        told = (
            *kinds,
            SIGNS["suffered"] if area_id in accepted else "",
            SIGNS[OPENED] if area_id in across else "",
        )
        return "".join((*told, LOCKED if area_id in locked else ""))

    ids = results.areas.index
    return pd.Series([of(str(area_id)) for area_id in ids], index=ids, dtype="str")


def _accepted(results: Results) -> frozenset[str]:
    """Return the areas of which each fault was accepted."""
    found = results.violations
    return frozenset(found["place_id"][found["accepted"] != ""]) - set(
        found["place_id"][found["accepted"] == ""]
    )


def community_styles(results: Results) -> "pd.Series[str]":
    """Return the style of each community: what outline and hatch say of it."""
    outcome = results.communities["outcome"]
    styles: pd.Series[str] = outcome.where(outcome.isin(["exception", "held", "excluded"]), "member")
    return styles.mask((styles == "exception") & (results.communities["accepted"] != ""), "accepted")


def community_signs(results: Results, marks: Marks = NO_MARKS) -> "pd.Series[str]":
    """Return the signs of each community, "" mostly: why it is in no area, cut off from the rest of its own, and a padlock."""
    table = results.communities
    locked = (table["lock"] != "") | table.index.isin(list(marks.locked))
    signs: pd.Series[str] = locked.map({True: LOCKED, False: ""}).astype("str")
    severed = table.index.isin(list(cut_off(results)))
    signs = signs.mask(severed, SIGNS["severed"] + signs)
    return signs.radd(community_styles(results).map(SIGNS).fillna(""))


# --- words -----------------------------------------------------------------------------------------


def outcome_words(results: Results) -> dict[str, str]:
    """Return what each outcome is called."""
    outcomes = ("grouped", "alone", "fixed", "exception", "held", "excluded")
    return {o: say(f"report.outcome.{o}", minimum=results.summary["minimum"]) for o in outcomes}


def cause_words(cause: str) -> str:
    """Return why a link was refused, in words."""
    kind, _, name = cause.partition(":")
    if kind == "within":
        return say(
            "map.cause.within",
            name=say(f"report.column.{name}") if name in ("committee", "street_town") else name,
        )
    return say("map.cause.barrier", name=name) if kind == "barrier" else say("map.cause.not_adjacent")


def _counts(table: pd.DataFrame) -> "pd.Series[str]":
    counts = table["count"]
    known = counts.fillna(0).map(lambda count: say("map.count", count=count)).astype("str")
    return known.where(counts.notna(), say("report.status.unknown"))


def _community_lines(results: Results) -> dict[str, "pd.Series[Any]"]:
    table = results.communities
    status = table["count_status"].map(lambda s: say(f"report.status.{s}"))
    counts = [
        word if count is pd.NA else say("report.counted", count=count, status=word)
        for count, word in zip(table["count"], status, strict=True)
    ]
    return {
        "outcome": table["outcome"].map(outcome_words(results)),
        "household_count": pd.Series(counts, index=table.index),
        "area_id": table["area_id"],
        "reason": table["reason"],
        "repair": table["repair"],
        "address": table["address"],
    }


# --- the given layers ------------------------------------------------------------------------------


def _buildings(buildings: gpd.GeoDataFrame | None) -> Layer:
    if buildings is None:
        return Layer("buildings", (), ())
    return _layer("buildings", buildings, style="building", marks={"label": buildings["name"]})


def _outlines(key: str, table: gpd.GeoDataFrame | None) -> Layer:
    return (
        Layer(key, (), ()) if table is None else _layer(key, table, style=key, marks={"label": table["name"]})
    )


def _gates(table: gpd.GeoDataFrame | None) -> Layer:
    """Return the crossings that are points: bridges and underpasses are part of the ground."""
    if table is None:
        return Layer("gates", (), ())
    return _layer("gates", table[shapely.get_dimensions(table.geometry.to_numpy()) == 0], style="gates")


def _facilities(table: gpd.GeoDataFrame | None) -> Layer:
    """Return the landmarks that are given as points: what communities share; outlines are part of the ground."""
    if table is None:
        return Layer("facilities", (), ())
    points = table[shapely.get_dimensions(table.geometry.to_numpy()) == 0]
    return _layer("facilities", points, style="facilities", marks={"label": points["name"]})


def _duties(table: gpd.GeoDataFrame | None) -> Iterator[Layer]:
    """Return a layer for each kind of duty, told by the names of what is responsible."""
    if table is None:
        return
    kinds = duty_kinds(table)
    for kind in ("street", "police", "companies", "duties"):
        part = table[kinds == kind]
        yield _layer(kind, part, style=kind, marks={"label": part["name"]})


def duty_kinds(table: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Return of which kind each feature of the duty layer is: "police", "companies", "street", else "duties".

    Its name speaks first, then what its file and layer are called.
    """
    told = pd.DataFrame({c: table[c] for c in ("name", "source") if c in table.columns}, index=table.index)
    rows = told.fillna("").astype("str").itertuples(index=False)
    return pd.Series([_duty_kind(row) for row in rows], index=table.index, dtype="str")


def _duty_kind(texts: Iterable[str]) -> str:
    found = (kind for text in texts for kind, word in _DUTIES if word.search(text))
    return next(found, "duties")


def _barriers(table: gpd.GeoDataFrame | None) -> Layer:
    """Return what parts communities, by what the rules make of it; nothing where the plan does not say that."""
    if table is None or "never" not in table.columns:
        return Layer("barriers", (), ())
    style = np.where(table["never"], "never", np.where(table["wall"], "walls", "priced"))
    return _layer(
        "barriers",
        table,
        style=pd.Series(style, index=table.index).astype("str"),
        marks={"title": table["barrier_class"]},
    )


# --- features --------------------------------------------------------------------------------------


def _layer(
    key: str,
    table: gpd.GeoDataFrame,
    *,
    style: "pd.Series[str] | str",
    values: Mapping[str, "pd.Series[Any]"] | None = None,
    marks: Mapping[str, "pd.Series[Any]"] | None = None,
    last: Layer | None = None,
) -> Layer:
    """Return a layer of the rows that have a place; every text of a map passes here and is encoded here.

    `uid` of a feature is the number of its row in `table`; `values` are the lines of its card; of `marks`, `label` is
    written on the map and heads the card, `title` only heads the card; missing, empty and untrue ones are left out.
    Outlines that `last` has are taken from there.
    """
    places = np.flatnonzero((table.geometry.notna() & ~table.geometry.is_empty).to_numpy())
    shapes = table.geometry.iloc[places]
    given = pd.DataFrame({"style": style, **(marks or {})}, index=table.index).iloc[places]
    lines = pd.DataFrame(dict(values or {}), index=table.index).iloc[places]
    outlines: list[bytes] = shapely.to_wkb(shapes.to_numpy()).tolist()
    drawn = _drawn(key, shapes, outlines, last)
    rows = zip(
        places.tolist(),
        outlines,
        given.itertuples(index=False, name=None),
        lines.itertuples(index=False, name=None),
        strict=True,
    )
    features = []
    for uid, outline, parts, texts in rows:
        at, geometry = drawn[outline]
        properties: dict[str, Any] = {"uid": uid, "layer": key, "at": at}
        named = zip(given.columns, parts, strict=True)
        properties |= {
            name: _mark(part) for name, part in named if not (pd.isna(part) or part is False or part == "")
        }
        if values:
            properties["values"] = [map_text(text) for text in texts]
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    fields = tuple(say(f"report.column.{name}") for name in lines.columns)
    return Layer(key, fields, tuple(features), tuple(outlines))


Place = tuple[list[float], dict[str, Any]]  # where its label stands, latitude first, and its GeoJSON geometry


def _drawn(
    key: str, shapes: gpd.GeoSeries, outlines: Sequence[bytes], last: Layer | None
) -> dict[bytes, Place]:
    """Return by outline how it is drawn."""
    known: dict[bytes, Place] = {}
    if last is not None:
        of_last = ((one["properties"]["at"], one["geometry"]) for one in last.features)
        known = dict(zip(last.outlines, of_last, strict=True))
    new = np.flatnonzero([outline not in known for outline in outlines])
    fresh = shapes.iloc[new]
    drawn = in_degrees(fresh.simplify(TOLERANCE_M.get(key, OUTLINE_TOLERANCE_M)))
    anchors = in_degrees(_anchors(fresh))
    for row, shape, anchor in zip(new.tolist(), drawn, anchors, strict=True):
        known[outlines[row]] = [anchor.y, anchor.x], shapely.geometry.mapping(shape)
    return known


def _mark(part: object) -> int | str:
    return int(part) if isinstance(part, int | np.integer) else map_text(part)


def _anchors(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return where a label stands: the middle of the widest part of an outline, half-way along a line."""
    geometries = shapes.to_numpy()
    anchors = shapely.point_on_surface(geometries)
    outlines = np.isin(shapely.get_type_id(geometries), (3, 6))
    # To a tenth of its width: nobody sees the rest, and a finer search costs most of the time that a map takes.
    coarse_m = np.maximum(1.0, np.sqrt(shapely.area(geometries[outlines])) / 10)
    anchors[outlines] = shapely.get_point(
        shapely.maximum_inscribed_circle(geometries[outlines], tolerance=coarse_m), 0
    )
    lines = shapely.get_type_id(geometries) == 1
    anchors[lines] = shapely.line_interpolate_point(geometries[lines], 0.3, normalized=True)
    return gpd.GeoSeries(anchors, index=shapes.index, crs=shapes.crs)


# --- places ----------------------------------------------------------------------------------------


def in_degrees(shapes: gpd.GeoSeries) -> "np.ndarray[Any, np.dtype[np.object_]]":
    """Return geometries as WGS-84 with 6 decimals (0.1 m), None where there is nothing to draw."""
    drawn = shapes.where(~shapes.is_empty, None).to_crs(WGS84)
    return np.asarray(shapely.transform(drawn.to_numpy(), lambda places: places.round(6)))


def town_of(results: Results) -> shapely.Polygon | None:
    """Return the box to look at first: a settlement far off, or a wrong coordinate, must not shrink the town to a dot."""
    shapes = results.communities.geometry
    shapes = shapes[shapes.notna() & ~shapes.is_empty]
    if shapes.empty:
        return None
    places = shapely.get_coordinates(shapely.centroid(shapes.to_numpy()))
    off_m = np.abs(places - np.median(places, axis=0)).max(axis=1)
    near = shapes[off_m <= 4 * np.median(off_m) + 500.0]
    outlines = results.areas.geometry[results.areas["center_id"].isin(near.index)]
    return shapely.box(*shapely.total_bounds([*near, *outlines]))
