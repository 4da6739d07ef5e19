"""Outlines of areas on the screen, and the shares of communities and areas in grids, committees and duty layers."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.barriers import Barriers, ground, standing
from geo.cells import Bools, Floats, Geometries, Ints, cells, is_point, mesh, nearest_m, spacing_m
from geo.neighbours import Reach
from geo.schema import DataError

STACK_RADIUS_M = 0.5  # stacked points are set on a circle this wide, so that each has its slice of the cell
LEAST_PART_M2 = 0.01  # smaller parts are the noise of cutting
SEAM_M = 0.001  # cells of one mesh meet only as exactly as floating point lets them
OUTSIDE = ""  # the layer id of what lies in no feature of the layer


# --- outlines --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """Outlines (index area_id) that `area_outlines` made of the same grounds, and the area_id by community_id they are of."""

    area_of: "pd.Series[str]"
    outlines: gpd.GeoSeries


def grounds_of(communities: gpd.GeoDataFrame, /, *, reach: Reach, barriers: Barriers | None) -> gpd.GeoSeries:
    """Return the ground that each community with a place brings into its area's outline, index community_id, sorted.

    It is its own outline and, within half the reach, its Voronoi cell, cut at *never* bounds and never over another
    community. Ground that several outlines claim belongs to the smallest of them. None where only a point in a river.
    """
    communities = communities.sort_index()
    drawn = np.asarray(communities.geometry.array)
    placed = ~(shapely.is_missing(drawn) | shapely.is_empty(drawn))
    shapes = _unstacked(shapely.force_2d(drawn[placed]))
    own = _own_ground(shapes)
    grown = _grown(shapes, reach, barriers)
    grown = shapely.difference(grown, _foreign(own, grown))
    both = [
        shapely.union_all([outline, *shapely.get_parts(cell)])
        for outline, cell in zip(own, grown, strict=True)
    ]
    made = _polygons(np.array(both, dtype=object))
    return gpd.GeoSeries(made, index=communities.index[placed], crs=communities.crs)


def area_outlines(
    grounds: gpd.GeoSeries, area_of: "pd.Series[str]", /, *, drawn: Drawn | None = None
) -> gpd.GeoSeries:
    """Return the outline of each area on the screen, index area_id, sorted; a sketch, not the legal outline.

    `grounds` comes from `grounds_of`, `area_of` is area_id by community_id. Outlines do not overlap; None where no
    member has a ground. Of what was `drawn` before only changed areas and those beside them are drawn again; the
    outlines are the same either way.
    """
    areas = pd.Index(sorted(area_of.dropna().unique()), name="area_id", dtype="str")
    area = area_of.reindex(grounds.index).to_numpy(dtype=object, na_value="")
    if drawn is None:
        return gpd.GeoSeries(_united(grounds, area, areas), index=areas, crs=grounds.crs)
    tree = shapely.STRtree(np.asarray(grounds.array))
    changed = _changed(area, drawn.area_of.reindex(grounds.index).to_numpy(dtype=object, na_value=""))
    again = areas.intersection(_with_neighbours(tree, changed, area))
    around = areas.intersection(_with_neighbours(tree, np.isin(area, again), area))
    fresh = gpd.GeoSeries(_united(grounds, area, around), index=around, crs=grounds.crs)
    outlines = drawn.outlines.reindex(areas)
    outlines[again] = fresh[again]
    return outlines


def _changed(area: Geometries, before: Geometries) -> Bools:
    """Return the communities whose area has or had other members."""
    differs = area != before
    stale = {*area[differs], *before[differs]} - {""}
    return np.isin(area, list(stale)) | np.isin(before, list(stale))


def _with_neighbours(tree: shapely.STRtree, chosen: Bools, area: Geometries) -> list[str]:
    """Return the areas of the chosen grounds, and of all that may share a seam with them."""
    shapes = tree.geometries[chosen]
    _, near = tree.query(shapes, predicate="dwithin", distance=3 * SEAM_M)
    return sorted({*area[chosen], *area[near]} - {""})


def _united(grounds: gpd.GeoSeries, area: Geometries, areas: pd.Index) -> Geometries:
    """Return the outlines of these areas, cut at those of them that come earlier."""
    shapes = np.asarray(grounds.array)
    members = pd.Series(area).groupby(area).indices
    united = [shapely.union_all(shapes[members.get(a, [])], grid_size=SEAM_M) for a in areas]
    return _polygons(_apart(np.array(united, dtype=object)))


def _unstacked(shapes: Geometries) -> Geometries:
    """Return the shapes with points of one place set on a small circle around it, in order."""
    points = np.flatnonzero(is_point(shapes))
    xy = shapely.get_coordinates(shapely.centroid(shapes[points]))
    _, place, size = np.unique(xy.round(3), axis=0, return_inverse=True, return_counts=True)
    rank = pd.Series(points).groupby(place).cumcount().to_numpy()
    angle = 2 * np.pi * rank / size[place]
    radius = np.where(size[place] > 1, STACK_RADIUS_M, 0.0)
    out = shapes.copy()
    out[points] = shapely.points(xy + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))
    return out


def _own_ground(shapes: Geometries) -> Geometries:
    """Return each outline without the smaller outlines that overlap it (first of equals keeps the ground)."""
    size = shapely.area(shapes)
    order = np.lexsort([np.arange(len(shapes)), size])
    rank = np.argsort(order)
    ours, theirs = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    loses = (rank[theirs] < rank[ours]) & (size[theirs] > 0)
    ours, theirs = ours[loses], theirs[loses]
    out = shapes.copy()
    for i in np.unique(ours):
        out[i] = shapely.difference(shapes[i], shapely.union_all(shapes[theirs[ours == i]]))
    return out


def _grown(shapes: Geometries, reach: Reach, barriers: Barriers | None) -> Geometries:
    """Return the cell of each community within half the reach and on its own side of bounds."""
    half = reach.of(is_point(shapes)) / 2
    net = mesh(shapes, spacing_m(shapes, nearest_m(shapes)), margin_m=reach.farthest_m())
    out = shapely.intersection(cells(net, len(shapes)), shapely.buffer(shapes, half))
    return out if barriers is None else _on_own_side(out, shapes, barriers)


def _on_own_side(grown: Geometries, shapes: Geometries, barriers: Barriers) -> Geometries:
    """Return the pieces that *never* bounds leave, of those the ones that the community stands on, else the nearest."""
    never = np.asarray(barriers.never().geometry.array)
    ours, bounds = shapely.STRtree(never).query(grown, predicate="intersects")
    out = grown.copy()
    cut = np.unique(ours)
    stood, _, _ = standing(shapes[cut], barriers)
    for i, stands in zip(cut, stood, strict=True):
        pieces = shapely.get_parts(shapely.difference(grown[i], ground(never[bounds[ours == i]])))
        away = shapely.distance(pieces, stands)
        out[i] = shapely.union_all(pieces[away == 0] if (away == 0).any() else pieces[np.argsort(away)[:1]])
    return out


def _foreign(own: Geometries, grown: Geometries) -> Geometries:
    """Return for each grown cell the ground of other communities that it would lie over."""
    mine, theirs = shapely.STRtree(own).query(grown, predicate="intersects")
    other = (mine != theirs) & ~is_point(own[theirs])
    mine, theirs = mine[other], theirs[other]
    out = np.full(len(grown), shapely.Polygon(), dtype=object)
    for i in np.unique(mine):
        out[i] = shapely.union_all(own[theirs[mine == i]])
    return out


def _apart(outlines: Geometries) -> Geometries:
    """Return the outlines without the slivers, a seam wide, in which later ones overlap earlier ones."""
    earlier, later = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    earlier, later = earlier[earlier < later], later[earlier < later]
    out = outlines.copy()
    for k in np.unique(later):
        out[k] = shapely.difference(outlines[k], shapely.union_all(outlines[earlier[later == k]]))
    return out


def _polygons(shapes: Geometries) -> Geometries:
    """Return the shapes as multipolygons, without lines and points; None stays None."""
    out = np.full(len(shapes), None, dtype=object)
    for i in np.flatnonzero(~shapely.is_missing(shapes)):
        parts = shapely.get_parts(shapes[i])
        parts = parts[(shapely.get_dimensions(parts) == 2) & (shapely.area(parts) > LEAST_PART_M2)]
        out[i] = shapely.multipolygons(parts) if len(parts) else None
    return out


# --- shares ----------------------------------------------------------------------------------------


def shares(communities: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, /, *, id_column: str) -> pd.DataFrame:
    """Return how much of each community lies in which feature: community_id, layer_id, share (0…1).

    By area for outlines, by containment for points (the first id where several contain it). What lies in no feature
    has layer_id ""; a community without a place has one such row with share 0. Both in the same metric CRS. Raises
    DataError where the layer lacks the column.
    """
    if id_column not in layer.columns:
        known = tuple(str(c) for c in layer.columns if c != layer.geometry.name)
        raise DataError("overlays.column", column=id_column, known=known)
    communities = communities.sort_index()
    shapes = np.asarray(communities.geometry.array)
    whole_layer = layer.set_geometry(shapely.make_valid(layer.geometry.array), crs=layer.crs)
    features = whole_layer[[id_column, whole_layer.geometry.name]].dissolve(id_column).sort_index()
    grounds = np.asarray(features.geometry.array)
    i, k = shapely.STRtree(grounds).query(shapes, predicate="intersects")
    whole = shapely.area(shapes[i])
    part = shapely.area(shapely.intersection(shapes[i], grounds[k]))
    share = np.where(whole > 0, part / np.where(whole > 0, whole, 1), 1.0)
    table = pd.DataFrame(
        {"community_id": communities.index[i], "layer_id": features.index[k], "share": share}
    )
    table = table[table["share"] > 1e-9].sort_values(["community_id", "layer_id"])
    point = pd.Series(shapely.get_dimensions(shapes) == 0, communities.index)
    table = table[~(table["community_id"].map(point).to_numpy(bool) & table["community_id"].duplicated())]
    return _with_rest(table, communities.index, pd.Series(shapely.is_missing(shapes), communities.index))


def _with_rest(table: pd.DataFrame, ids: pd.Index, placeless: "pd.Series[bool]") -> pd.DataFrame:
    rest = 1 - table.groupby("community_id")["share"].sum().reindex(ids, fill_value=0.0)
    rest = rest.where(~placeless, 0.0)[(rest > 1e-6) | placeless]
    rows = pd.DataFrame({"community_id": rest.index, "layer_id": OUTSIDE, "share": rest.to_numpy()})
    both: pd.DataFrame = pd.concat([table, rows])
    return both.sort_values(["community_id", "layer_id"], ignore_index=True)


def assign(communities: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, /, *, column: str) -> "pd.Series[str]":
    """Return the value of `column` in which most of each community lies, "" outside; first of equals by value."""
    table = shares(communities, layer, id_column=column)
    inside = table[table["layer_id"] != OUTSIDE].sort_values(["share", "layer_id"], ascending=[False, True])
    main = inside.drop_duplicates("community_id").set_index("community_id")["layer_id"]
    return main.reindex(communities.index).fillna(OUTSIDE).astype("str").rename(column)


def household_shares(
    communities: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, /, *, id_column: str
) -> pd.DataFrame:
    """Return `shares`, but split by the counts of its buildings for each community that has some.

    `buildings`: BUILDING_COLUMNS and geometry, in the same CRS; each stands in one feature, by its representative
    point. Buildings without a count or a place are left out.
    """
    by_area = shares(communities, layer, id_column=id_column)
    counted = buildings[(buildings["count"].fillna(0) > 0) & ~shapely.is_missing(buildings.geometry.array)]
    counted = counted[counted["community_id"].isin(communities.index)].reset_index(drop=True)
    spots = gpd.GeoDataFrame(geometry=counted.geometry.representative_point(), crs=buildings.crs)
    inside = shares(spots, layer, id_column=id_column).set_index("community_id")["layer_id"]
    rows = counted[["community_id"]].assign(
        layer_id=inside.reindex(counted.index), share=counted["count"].astype(float)
    )
    rows = rows.groupby(["community_id", "layer_id"])["share"].sum().reset_index()
    rows["share"] /= rows.groupby("community_id")["share"].transform("sum")
    rest = by_area[~by_area["community_id"].isin(rows["community_id"])]
    both: pd.DataFrame = pd.concat([rest, rows])
    return both.sort_values(["community_id", "layer_id"], ignore_index=True)


def household_parts(counts: "pd.Series[int]", table: pd.DataFrame, /) -> pd.DataFrame:
    """Return the households of each community in each feature: community_id, layer_id, count (whole numbers, none 0).

    `counts` by community_id, communities without are left out; `table` from `shares` or `household_shares`. Rounding is
    by largest remainder, first of equals by feature, so that the parts of a community sum to its count.
    """
    table = table.assign(count=table["community_id"].map(counts)).dropna(subset=["count"])
    table = table.sort_values(["community_id", "layer_id"])
    parts = [
        whole_parts(int(group["count"].iloc[0]), group["share"].to_numpy(float))
        for _, group in table.groupby("community_id")
    ]
    table = table.assign(count=np.concatenate([np.empty(0, np.int64), *parts]))
    return table.loc[table["count"] > 0, ["community_id", "layer_id", "count"]].reset_index(drop=True)


def whole_parts(total: int, weights: Floats, /) -> Ints:
    """Return `total` split in proportion to the weights, in whole numbers that sum to it (largest remainder).

    Equal parts where all weights are 0; the first of equal remainders gets the odd one.
    """
    weights = weights if weights.sum() > 0 else np.ones(len(weights))
    exact = total * weights / weights.sum()
    parts: Ints = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(-(exact - parts).round(9), kind="stable")
    parts[order[: total - parts.sum()]] += 1
    return parts
