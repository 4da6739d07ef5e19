"""Who is next to whom: the places of communities, the borders of their cells, and the pairs whose cells touch."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.barriers import Barriers, blocking, standing
from geo.cells import (
    LEAST_SPACING_M,
    Bools,
    Floats,
    Geometries,
    Ints,
    Mesh,
    Ridges,
    clipped,
    is_point,
    mesh,
    nearest_m,
    ridges,
    spacing_m,
)
from geo.schema import Finding, finding

SAME_PLACE_M = 1e-3
LEAST_TOUCH_M = 0.5  # shorter common borders are the corner of a crossing, drawn a little askew


@dataclass(frozen=True)
class Reach:
    """The largest gap that still counts: between two outlines, and where either is a point. 0: none is found."""

    outline_m: float
    point_m: float

    def of(self, point: Bools) -> Floats:
        """Return the reach of pairs, by whether either is a point."""
        return np.where(point, self.point_m, self.outline_m)

    def farthest_m(self) -> float:
        """Return the larger of the two."""
        return max(self.outline_m, self.point_m)


@dataclass(frozen=True)
class Town:
    """The communities that have a place, each place once: communities of identical geometry are one stack.

    `ids` are sorted; `place` (n,) tells the position of each in `shapes` (its standing geometry), −1 without a place.
    """

    ids: pd.Index
    place: Ints
    shapes: Geometries
    point: Bools
    nearest: Floats
    net: Mesh


def town_of(
    communities: gpd.GeoDataFrame, barriers: Barriers | None, *, margin_m: float
) -> tuple[Town, tuple[Finding, ...]]:
    """Return the places of sorted communities, cut at *never* bounds, and findings of those that bounds cut or cover.

    `margin_m` is the farthest that cells are looked at.
    """
    drawn = np.asarray(communities.geometry.array)
    placed = np.flatnonzero(~(shapely.is_missing(drawn) | shapely.is_empty(drawn)))
    drawn = shapely.force_2d(drawn[placed])
    same = shapely.normalize(drawn)
    same[is_point(drawn)] = shapely.set_precision(drawn[is_point(drawn)], SAME_PLACE_M)
    keys = shapely.to_wkb(same)
    _, first, stack = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.full(len(communities), -1)
    place[placed] = np.argsort(order)[stack]
    shapes = drawn[first[order]]
    findings: tuple[Finding, ...] = ()
    if barriers is not None:
        shapes, findings = _stood(shapes, barriers, communities["name"].iloc[placed[first[order]]])
    nearest = nearest_m(shapes)
    net = mesh(shapes, spacing_m(shapes, nearest), margin_m=margin_m)
    return Town(communities.index, place, shapes, is_point(shapes), nearest, net), findings


def _stood(
    shapes: Geometries, barriers: Barriers, names: "pd.Series[str]"
) -> tuple[Geometries, tuple[Finding, ...]]:
    stood, cut, inside = standing(shapes, barriers)
    met = blocking(shapes, barriers)
    ids = names.index.to_numpy()
    return stood, tuple(
        finding(
            "adjacency.inside" if inside[i] else "adjacency.cut",
            community_id=ids[i],
            name=names.iloc[i],
            barrier_class=met[i],
        )
        for i in np.flatnonzero(cut | inside)
    )


def pieces_within(town: Town, reach: Reach) -> Ridges:
    """Return the borders between cells within reach, without those that run inside a third outline.

    Only where outlines (nearly) touch can a cell reach through another, as samples lie closer than twice the gap.
    """
    pieces = ridges(town.net)
    pieces = clipped(pieces, reach.of(town.point[pieces.a] | town.point[pieces.b]))
    close = np.minimum(town.nearest[pieces.a], town.nearest[pieces.b]) < LEAST_SPACING_M / 2
    doubtful = np.flatnonzero(close)
    middle = shapely.points((pieces.start[doubtful] + pieces.end[doubtful]) / 2)
    hit, _ = shapely.STRtree(town.shapes).query(middle, predicate="within")
    keep = np.ones(len(pieces.a), dtype=bool)
    keep[doubtful[hit]] = False
    return pieces.take(keep)


def touching(town: Town, pieces: Ridges, reach: Reach) -> pd.DataFrame:
    """Return the pairs of places whose cells touch within reach: a, b, gap_m, reach_m, way."""
    size = len(town.shapes)
    key, piece = np.unique(pieces.a * size + pieces.b, return_inverse=True)
    key = key[np.bincount(piece, pieces.lengths(), minlength=len(key)) > LEAST_TOUCH_M]
    a, b = np.divmod(np.union1d(key, _overlapping(town)).astype(np.int64), max(size, 1))
    pairs = pd.DataFrame(
        {
            "a": a,
            "b": b,
            "gap_m": shapely.distance(town.shapes[a], town.shapes[b]),
            "reach_m": reach.of(town.point[a] | town.point[b]),
        }
    )
    pairs = pairs[(pairs["gap_m"] <= pairs["reach_m"]) & (pairs["reach_m"] > 0)].reset_index(drop=True)
    return pairs.assign(way=_objects(shapely.shortest_line(town.shapes[pairs["a"]], town.shapes[pairs["b"]])))


def _objects(geometries: object) -> Geometries:
    return np.asarray(geometries, dtype=object)


def of_communities(pairs: pd.DataFrame, town: Town, reach: Reach) -> pd.DataFrame:
    """Return pairs of communities from pairs of places: all of a stack have its neighbours, and each other."""
    member = pd.DataFrame({"place": town.place, "community": np.arange(len(town.place))})
    member = member[member["place"] >= 0]
    pairs = pairs.merge(member.rename(columns={"place": "a", "community": "i"}), on="a")
    pairs = pairs.merge(member.rename(columns={"place": "b", "community": "j"}), on="b")
    same = member.merge(member, on="place").rename(columns={"community_x": "i", "community_y": "j"})
    same = same[(same["i"] < same["j"]) & (reach.of(town.point[same["place"]]) > 0)]
    spot = shapely.get_coordinates(centre_points(town.shapes[same["place"]]))
    same = same.assign(gap_m=0.0, cause="", way=_objects(shapely.linestrings(np.stack([spot, spot], axis=1))))
    columns = ["i", "j", "gap_m", "cause", "way"]
    both = pd.concat([pairs[columns], same[columns]], ignore_index=True) if len(same) else pairs[columns]
    ends = np.sort(both[["i", "j"]].to_numpy(np.int64), axis=1)
    return both.assign(a=ends[:, 0], b=ends[:, 1], kind="found")[["a", "b", "gap_m", "way", "cause", "kind"]]


def centre_points(geometries: Geometries) -> Geometries:
    """Return the representative point of each geometry's largest part, None where there is no geometry."""
    out = np.full(len(geometries), None, dtype=object)
    parts, of = shapely.get_parts(geometries, return_index=True)
    order = np.lexsort([-shapely.area(parts), of])
    present, first = np.unique(of[order], return_index=True)
    out[present] = shapely.point_on_surface(parts[order][first])
    return out


def _overlapping(town: Town) -> Ints:
    """Return the keys of pairs that overlap or touch along more than a point; a point touches where it lies."""
    a, b = shapely.STRtree(town.shapes).query(town.shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    common = shapely.length(shapely.intersection(town.shapes[a], town.shapes[b])) > LEAST_TOUCH_M
    keep = common | town.point[a] | town.point[b]
    return np.asarray(a[keep] * len(town.shapes) + b[keep], dtype=np.int64)
