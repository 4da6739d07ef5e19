"""What a map shows: a finished plan as layers of GeoJSON features in WGS-84, all text encoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.wording import say
from report.colours import neighbour_fills
from report.legend import barrier_style
from report.maptext import map_text
from report.results import Results

MANY_COMMUNITIES = 3_000  # above, only areas and exceptions are drawn
WGS84 = "EPSG:4326"
SHOWN_FIRST = frozenset(
    {"barriers", "areas", "communities"}
)  # the other layers are switched on in the legend
TOLERANCE_M = {
    "areas": 0.5,
    "communities": 0.2,
    "barriers": 1.0,
    "grids": 1.0,
    "committees": 1.0,
    "duties": 1.0,
}
SYMBOLS = {"exception": "!", "held": "?"}  # told apart in a black-and-white print too


@dataclass(frozen=True)
class Layer:
    """One layer: `fields` heads the lines of a feature's card, `features` are GeoJSON."""

    key: str
    fields: tuple[str, ...]
    features: tuple[dict[str, Any], ...]


def plan_layers(results: Results) -> list[Layer]:
    """Return the layers of a plan from bottom to top; a layer without features is left out."""
    few = len(results.communities) <= MANY_COMMUNITIES
    layers = [_named(key, results.layers) for key in ("barriers", "duties", "committees", "grids")]
    layers += [_areas(results), _communities(results, few=few)]
    if few:
        layers += [_buildings(results.buildings), _layer("links", results.links, style="link")]
    return [layer for layer in layers if layer.features]


def in_degrees(shapes: gpd.GeoSeries) -> "np.ndarray[Any, np.dtype[np.object_]]":
    """Return geometries as WGS-84 with 6 decimals (0.1 m), None where there is nothing to draw."""
    drawn = shapes.where(~shapes.is_empty, None).to_crs(WGS84)
    return np.asarray(shapely.transform(drawn.to_numpy(), lambda places: places.round(6)))


# --- the layers ------------------------------------------------------------------------------------


def _areas(results: Results) -> Layer:
    areas = results.areas
    counts = areas["count"].map(lambda count: say("report.households", count=count)).astype("str")
    values = {
        "kind": areas["kind"].map(_outcome_words(results)),
        "household_count": counts.where(~areas["near_minimum"], counts + f"({say('report.near_minimum')})"),
        "communities": areas["communities"],
        "center": results.communities["name"].reindex(areas["center_id"]).set_axis(areas.index),
        "names": areas["names"],
    }
    ids = areas.index.to_series()
    marks = {
        "label": ids,
        "short": ids.str.extract(r"([^-]*)$")[0],
        "sub": counts,
        "fill": pd.Series(neighbour_fills(areas), index=areas.index),
    }
    return _layer("areas", areas, style=areas["kind"], values=values, marks=marks)


def _communities(results: Results, *, few: bool) -> Layer:
    table = results.communities
    status = table["count_status"].map(lambda s: say(f"report.status.{s}"))
    counts = [
        word if count is pd.NA else say("report.counted", count=count, status=word)
        for count, word in zip(table["count"], status, strict=True)
    ]
    values = {
        "outcome": table["outcome"].map(_outcome_words(results)),
        "household_count": pd.Series(counts, index=table.index),
        "area_id": table["area_id"],
        "reason": table["reason"],
        "repair": table["repair"],
        "address": table["address"],
    }
    marked = table["outcome"].isin(["exception", "held", "excluded"])
    style = table["outcome"].where(marked, "member")
    marks = {"label": table["name"], "symbol": table["outcome"].map(SYMBOLS)}
    if not few:
        table = table.set_geometry(table.geometry.where(table["outcome"] == "exception", None))
    return _layer("communities", table, style=style, values=values, marks=marks)


def _buildings(buildings: gpd.GeoDataFrame | None) -> Layer:
    if buildings is None:
        return Layer("buildings", (), ())
    values = {"household_count": buildings["count"], "storeys": buildings["storeys"]}
    return _layer("buildings", buildings, style="building", values=values, marks={"title": buildings["name"]})


def _named(key: str, layers: Mapping[str, gpd.GeoDataFrame]) -> Layer:
    if key not in layers:
        return Layer(key, (), ())
    table = layers[key]
    if key != "barriers":
        return _layer(key, table, style=key, marks={"label": table["name"]})
    kinds = table["barrier_class"]
    return _layer(key, table, style=kinds.map(barrier_style), marks={"label": table["name"], "title": kinds})


# --- features --------------------------------------------------------------------------------------


def _layer(
    key: str,
    table: gpd.GeoDataFrame,
    *,
    style: "pd.Series[str] | str",
    values: Mapping[str, "pd.Series[Any]"] | None = None,
    marks: Mapping[str, "pd.Series[Any]"] | None = None,
) -> Layer:
    """Return a layer of the rows that have a place; every text of a map passes here and is encoded here.

    `uid` of a feature is the number of its row in `table`; `values` are the lines of its card; of `marks`, `label` is
    written on the map and heads the card, `title` only heads the card, missing ones are left out.
    """
    places = np.flatnonzero((table.geometry.notna() & ~table.geometry.is_empty).to_numpy())
    shapes = table.geometry.iloc[places]
    given = pd.DataFrame({"style": style, **(marks or {})}, index=table.index).iloc[places]
    lines = pd.DataFrame(dict(values or {}), index=table.index).iloc[places]
    rows = zip(
        places.tolist(),
        in_degrees(shapes.simplify(TOLERANCE_M[key]) if key in TOLERANCE_M else shapes),
        in_degrees(_anchors(shapes)),
        given.itertuples(index=False, name=None),
        lines.itertuples(index=False, name=None),
        strict=True,
    )
    features = []
    for uid, shape, anchor, parts, texts in rows:
        properties: dict[str, Any] = {"uid": uid, "layer": key, "at": [anchor.y, anchor.x]}
        properties |= {
            name: _mark(part) for name, part in zip(given.columns, parts, strict=True) if not pd.isna(part)
        }
        properties["values"] = [map_text(text) for text in texts]
        features.append(
            {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}
        )
    return Layer(key, tuple(say(f"report.column.{name}") for name in lines.columns), tuple(features))


def _mark(part: object) -> int | str:
    return int(part) if isinstance(part, int | np.integer) else map_text(part)


def _anchors(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return where a label stands: the middle of the widest part of an outline, half-way along a line."""
    geometries = shapes.to_numpy()
    anchors = shapely.point_on_surface(geometries)
    outlines = np.isin(shapely.get_type_id(geometries), (3, 6))
    anchors[outlines] = shapely.get_point(
        shapely.maximum_inscribed_circle(geometries[outlines], tolerance=1.0), 0
    )
    lines = shapely.get_type_id(geometries) == 1
    anchors[lines] = shapely.line_interpolate_point(geometries[lines], 0.3, normalized=True)
    return gpd.GeoSeries(anchors, index=shapes.index, crs=shapes.crs)


def _outcome_words(results: Results) -> dict[str, str]:
    outcomes = ("grouped", "alone", "fixed", "exception", "held", "excluded")
    return {o: say(f"report.outcome.{o}", minimum=results.summary["minimum"]) for o in outcomes}
