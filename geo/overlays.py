"""Outlines of areas on the screen, and the shares of communities and areas in grids, committees and duty layers."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.barriers import Barriers, ground, standing
from geo.cells import Floats, Geometries, Ints, cells, is_point, mesh, nearest_m, spacing_m
from geo.neighbours import Reach
from geo.schema import DataError

STACK_RADIUS_M = 0.5  # stacked points are set on a circle this wide, so that each has its slice of the cell
LEAST_PART_M2 = 0.01  # smaller parts are the noise of cutting
SEAM_M = 0.001  # cells of one mesh meet only as exactly as floating point lets them
OUTSIDE = ""  # the layer id of what lies in no feature of the layer


# --- outlines --------------------------------------------------------------------------------------


def area_outlines(
    communities: gpd.GeoDataFrame, area_of: "pd.Series[str]", /, *, reach: Reach, barriers: Barriers | None
) -> gpd.GeoDataFrame:
    """Return the outline of each area on the screen, index area_id; a sketch, not the legal outline.

    `area_of`: area_id by community_id. An outline is its members' own outlines and, within half the reach, their
    Voronoi cells, cut at *never* bounds and never over another community. Ground that several outlines claim belongs
    to the smallest of them. Outlines do not overlap; None where no member has a place, or only one in a river.
    """
    communities = communities.sort_index()
    drawn = np.asarray(communities.geometry.array)
    placed = ~(shapely.is_missing(drawn) | shapely.is_empty(drawn))
    ids, shapes = communities.index[placed], _unstacked(shapely.force_2d(drawn[placed]))
    areas = pd.Index(sorted(area_of.dropna().unique()), name="area_id")
    area = areas.get_indexer(area_of.reindex(ids))
    own = _own_ground(shapes)
    grown = _grown(shapes, area, reach, barriers)
    grown = shapely.difference(grown, _foreign(own, area, grown))
    united = np.array(
        [
            shapely.union_all([*own[area == k], *shapely.get_parts(grown[area == k])], grid_size=SEAM_M)
            if (area == k).any()
            else None
            for k in range(len(areas))
        ],
        dtype=object,
    )
    return gpd.GeoDataFrame(geometry=_polygons(_apart(united)), index=areas, crs=communities.crs)


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


def _grown(shapes: Geometries, area: Ints, reach: Reach, barriers: Barriers | None) -> Geometries:
    """Return the cell of each member within half the reach and on its own side of bounds, None for the others."""
    members = area >= 0
    half = reach.of(is_point(shapes)) / 2
    net = mesh(shapes, spacing_m(shapes, nearest_m(shapes)), margin_m=reach.farthest_m())
    out = np.full(len(shapes), None, dtype=object)
    disc = shapely.buffer(shapes[members], half[members])
    out[members] = shapely.intersection(cells(net, len(shapes))[members], disc)
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


def _foreign(own: Geometries, area: Ints, grown: Geometries) -> Geometries:
    """Return for each grown cell the ground of communities of other areas (or none) that it would lie over."""
    mine, theirs = shapely.STRtree(own).query(grown, predicate="intersects")
    other = (area[mine] != area[theirs]) & ~is_point(own[theirs])
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
        known = "、".join(str(c) for c in layer.columns if c != layer.geometry.name)
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


def households_by_feature(
    counts: "pd.Series[int]", area_of: "pd.Series[str]", table: pd.DataFrame, /
) -> pd.DataFrame:
    """Return the households of each area in each feature: area_id, layer_id, count (whole numbers, sums are kept).

    `counts` and `area_of` by community_id, communities without either are left out; `table` from `shares` or
    `household_shares`. Rounding is by largest remainder, first of equals by feature.
    """
    table = table.assign(count=table["community_id"].map(counts), area_id=table["community_id"].map(area_of))
    table = table.dropna(subset=["count", "area_id"]).sort_values(["community_id", "layer_id"])
    parts = [
        whole_parts(int(group["count"].iloc[0]), group["share"].to_numpy(float))
        for _, group in table.groupby("community_id")
    ]
    table = table.assign(count=np.concatenate([np.empty(0, np.int64), *parts]))
    total = table.groupby(["area_id", "layer_id"])["count"].sum().reset_index()
    return pd.DataFrame(total[total["count"] > 0].reset_index(drop=True))


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
