"""Ways through bridges, tunnels and gates, where the straight way meets a bound that is never crossed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from geo.barriers import Barriers
from geo.cells import Bools, Floats, Geometries, Ints

CROSSING_TOLERANCE_M = 3.0  # how far a surveyed bridge end or gate lies off the bound it crosses
ROADSIDE_M = 1.0  # people walk along a bridge of a road on its side, so that they do not change sides unseen
OPENING_EVERY_M = 10.0


@dataclass(frozen=True)
class _Walks:
    """Ways over or under bounds: from `start` along `line` (a point where nothing is walked) to `end`.

    `spanned`: pairs (walk, feature) of the *never* features that the crossing itself leads over.
    """

    line: Geometries
    start: Geometries
    end: Geometries
    spanned: frozenset[tuple[int, int]]


def ways_through(a: Geometries, b: Geometries, reach_m: Floats, barriers: Barriers) -> Geometries:
    """Return the shortest way outline – crossing – outline of each pair, None where no crossing gives one.

    Its legs are straight and meet no *never* bound, except the one that is crossed, within 3 m of the crossing; it is
    at most `reach_m` long. A bridge or tunnel is walked along its side.
    """
    best = np.full(len(a), None, dtype=object)
    walks = _walks(barriers)
    if not len(a) or not len(walks.line):
        return best
    pair, walk = shapely.STRtree(walks.start).query(a, predicate="dwithin", distance=reach_m)
    first = shapely.shortest_line(a[pair], walks.start[walk])
    last = shapely.shortest_line(b[pair], walks.end[walk])
    length = shapely.length(first) + shapely.length(walks.line[walk]) + shapely.length(last)
    kept = np.flatnonzero(length <= reach_m[pair])
    kept = kept[~(_leg_blocked(first[kept], walk[kept], walks, barriers))]
    kept = kept[~(_leg_blocked(last[kept], walk[kept], walks, barriers))]
    kept = kept[np.lexsort([walk[kept], length[kept], pair[kept]])]
    _, where = np.unique(pair[kept], return_index=True)
    for k in kept[where]:
        xy = np.concatenate(
            [shapely.get_coordinates(g) for g in (first[k], walks.line[walk[k]], last[k].reverse())]
        )
        new = np.r_[True, (np.diff(xy, axis=0) != 0).any(axis=1)]
        best[pair[k]] = shapely.linestrings(xy[new] if new.sum() > 1 else xy[:2])
    return best


def _walks(barriers: Barriers) -> _Walks:
    never = np.asarray(barriers.never().geometry.array)
    tree = shapely.STRtree(never)
    lines: list[Any] = []
    spanned: set[tuple[int, int]] = set()
    sided = set(barriers.never()["barrier_class"])
    for row in barriers.crossings.itertuples():
        made, over = _walks_of(row.kind, row.geometry, tree, sided=row.barrier_class in sided)
        spanned.update((len(lines) + k, feature) for k in range(len(made)) for feature in over)
        lines += made
    line = np.array(lines, dtype=object)
    points = shapely.get_dimensions(line) == 0
    ends = (
        [np.where(points, line, shapely.get_point(line, k)) for k in (0, -1)] if len(line) else [line, line]
    )
    return _Walks(line, ends[0], ends[1], frozenset(spanned))


def _walks_of(kind: str, shape: Any, tree: shapely.STRtree, *, sided: bool) -> tuple[list[Any], list[int]]:
    if kind == "point":
        return [shape], tree.query(shape, predicate="dwithin", distance=CROSSING_TOLERANCE_M).tolist()
    if kind == "opening":
        steps = max(int(np.ceil(shape.length / OPENING_EVERY_M)), 1)
        return [shape.interpolate((k + 0.5) / steps, normalized=True) for k in range(steps)], []
    sides = (
        [shape.offset_curve(d, join_style="mitre") for d in (ROADSIDE_M, -ROADSIDE_M)] if sided else [shape]
    )
    sides = [s if s.geom_type == "LineString" and not s.is_empty else shape for s in sides]
    end = min(ROADSIDE_M, shape.length / 4)
    over = tree.query(substring(shape, end, shape.length - end), predicate="intersects").tolist()
    return [way for side in sides for way in (side, side.reverse())], over


def _leg_blocked(legs: Geometries, walk: Ints, walks: _Walks, barriers: Barriers) -> Bools:
    """Return which legs (outline → crossing) meet a *never* bound other than the crossed one at the crossing."""
    never = np.asarray(barriers.never().geometry.array)
    leg, bound = shapely.STRtree(never).query(legs, predicate="intersects")
    over = np.array([(w, f) in walks.spanned for w, f in zip(walk[leg], bound, strict=True)], dtype=bool)
    ways = legs[leg[over]]
    rest = np.maximum(shapely.length(ways) - CROSSING_TOLERANCE_M, 0)
    ends = [shapely.get_point(ways, 0), shapely.line_interpolate_point(ways, rest)]
    before = shapely.linestrings(np.stack([shapely.get_coordinates(e) for e in ends], axis=1))
    met = np.ones(len(leg), dtype=bool)
    met[over] = (rest > 0) & shapely.intersects(before, never[bound[over]])
    blocked = np.zeros(len(legs), dtype=bool)
    blocked[leg[met]] = True
    return blocked
