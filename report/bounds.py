"""The four bounds of a plan's areas, as the papers print them."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.bounds import SIDES, four_bounds, legal_outlines
from geo.wording import say
from report.legend import ground_style
from report.results import Results

AROUND_POINT_M = 15.0  # half a small compound: how far the ground of a community goes that is only a point


def bounds_of(results: Results, area_ids: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the four bounds of these areas (all without) by name, index area_id, columns SIDES, "" where nothing is met.

    They come from the legal outlines. Where some member is only a point, there is none: then they are a suggestion from
    where its members are (`sketched`), which somebody has to confirm on the spot.
    """
    table = results.communities
    asked = table if area_ids is None else table[table["area_id"].isin(area_ids)]
    legal = legal_outlines(asked)
    sketch = sketched(asked).reindex(legal.index)
    outlines = legal.where(legal.notna(), sketch)
    barriers = results.layers.get("barriers")
    if barriers is None:
        barriers = gpd.GeoDataFrame(
            {"name": [], "barrier_class": []}, geometry=[], crs=results.communities.crs
        )
    classes = barriers["barrier_class"].astype("str")
    named = barriers.assign(name=barriers["name"].where(barriers["name"].fillna("") != "", classes))
    walls = (classes.map(ground_style) == "wall").to_numpy(bool)
    return four_bounds(outlines, named[~walls], _neighbours(results), otherwise=named[walls])


def sketched(communities: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return a rough shape of each area around its members' outlines and points, index area_id, sorted; only of areas with a place."""
    shapes = communities.geometry.to_numpy()
    there = (
        ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & communities["area_id"].notna().to_numpy()
    )
    rows = (
        communities["area_id"][there].reset_index(drop=True).groupby(communities["area_id"][there].to_numpy())
    )
    made = {area_id: _rough(shapes[there][part]) for area_id, part in sorted(rows.indices.items())}
    return gpd.GeoSeries(made, crs=communities.crs)


def bounds_sentence(names: Mapping[str, str], order: Sequence[str] = SIDES) -> str:
    """Return the four bounds in one sentence, in this order; a side without a name is left to be confirmed."""
    return say("drawings.bound.join").join(side_words(side, names[side]) for side in order)


def side_words(side: str, name: str) -> str:
    """Return one of the four bounds in words."""
    return say(f"drawings.bound.{side}", name=name or say("drawings.bound.unknown"))


def _rough(shapes: Any) -> Any:
    places = shapely.multipoints(shapely.get_coordinates(shapes))
    return shapely.buffer(shapely.convex_hull(places), AROUND_POINT_M)


def _neighbours(results: Results) -> gpd.GeoDataFrame:
    """Return all communities, points with some ground around them, and the landmarks that have an outline."""
    table = results.communities[["name", "area_id", "geometry"]]
    shapes = table.geometry.to_numpy()
    points = shapely.get_dimensions(shapes) == 0
    grown = np.where(points, shapely.buffer(shapes, AROUND_POINT_M), shapes)
    tables = [table.set_geometry(grown, crs=table.crs)]
    landmarks = results.layers.get("landmarks")
    if landmarks is not None:
        flat = shapely.get_dimensions(landmarks.geometry.to_numpy()) == 2
        tables.append(landmarks.loc[flat, ["name", "geometry"]].assign(area_id=None))
    both = pd.concat([pd.DataFrame(table) for table in tables], ignore_index=True)
    area_id = both["area_id"].astype("object").where(both["area_id"].notna(), None)
    return gpd.GeoDataFrame(both.assign(area_id=area_id), geometry="geometry", crs=results.communities.crs)
