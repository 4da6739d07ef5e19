"""Voronoi cells of outlines and points: which cells touch, where, and the cells themselves.

Outlines are sampled along their rings, the samples are triangulated (Delaunay), and a *ridge* is the piece of a cell
border between two samples of different owners. Samples lie closer together than twice the gap to the nearest
neighbour, so that no cell pokes through another outline; where outlines touch, ridges inside outlines are dropped.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Geometries = npt.NDArray[Any]

LEAST_SPACING_M = 4.0
SPACING_PER_GAP = 1.5  # below 2 no cell reaches through the rim of its neighbour
INSET_M = 0.05  # samples lie this far inside, so that outlines with a common border keep their own
SIMPLIFY_M = 0.25
SAME_CORNER_M = 1e-3
SITE_DIGITS = 3  # samples are kept to the millimetre: closer ones make circumcentres that are noise


@dataclass(frozen=True)
class Mesh:
    """Delaunay triangulation of the samples.

    `xy` (n, 2) metres; `owner` (n,) position of the sampled geometry, −1 for the frame far outside; `triangles` and
    `neighbours` (m, 3), neighbour k lying opposite corner k, −1 outside; `centres` (m, 2) of the circumcircles.
    """

    xy: Floats
    owner: Ints
    triangles: Ints
    neighbours: Ints
    centres: Floats


@dataclass(frozen=True)
class Ridges:
    """Pieces of cell borders between two owners a < b.

    `p` and `q` (n, 2) are the samples of a and b on either side, `start` and `end` (n, 2) the ends of the piece.
    """

    a: Ints
    b: Ints
    p: Floats
    q: Floats
    start: Floats
    end: Floats

    def take(self, keep: Bools | Ints) -> "Ridges":
        """Return some of the ridges."""
        return Ridges(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))

    def lengths(self) -> Floats:
        """Return the length of each piece in metres."""
        return np.asarray(np.hypot(*(self.end - self.start).T))

    def sights(self) -> Geometries:
        """Return the ways sample – middle of the piece – sample as LineStrings."""
        return np.asarray(
            shapely.linestrings(np.stack([self.p, (self.start + self.end) / 2, self.q], axis=1))
        )


def is_point(geometries: Geometries) -> Bools:
    """Return which geometries have no outline (points)."""
    return np.asarray(shapely.get_dimensions(geometries) == 0)


def nearest_m(geometries: Geometries) -> Floats:
    """Return the distance from each geometry to the nearest other one, inf where there is none."""
    distances = np.full(len(geometries), np.inf)
    if len(geometries) > 1:
        tree = shapely.STRtree(geometries)
        (ours, _), found = tree.query_nearest(
            geometries, exclusive=True, return_distance=True, all_matches=False
        )
        distances[ours] = found
    return distances


def spacing_m(geometries: Geometries, nearest: Floats) -> Floats:
    """Return how far apart the samples of each outline may lie, from the gap to its neighbour and its thickness."""
    thickness = 2 * shapely.area(geometries) / np.maximum(shapely.length(geometries), 1e-9)
    return np.maximum(np.minimum(SPACING_PER_GAP * nearest, thickness), LEAST_SPACING_M)


def mesh(geometries: Geometries, spacing: Floats, *, margin_m: float) -> Mesh:
    """Return the triangulation of points and sampled outlines; `margin_m` is the farthest a cell is looked at."""
    xy, owner = _samples(geometries, spacing)
    origin = xy.mean(axis=0) if len(xy) else np.zeros(2)  # large eastings cost digits in the circumcentres
    near, first = np.unique((xy - origin).round(SITE_DIGITS), axis=0, return_index=True)
    framed = np.vstack([near, _frame(near, margin_m)])
    delaunay = Delaunay(framed)
    triangles = delaunay.simplices.astype(np.int64)
    return Mesh(
        xy=framed + origin,
        owner=np.concatenate([owner[first], np.full(len(framed) - len(near), -1)]),
        triangles=triangles,
        neighbours=delaunay.neighbors.astype(np.int64),
        centres=_circumcentres(framed[triangles]) + origin,
    )


def ridges(net: Mesh) -> Ridges:
    """Return all pieces of cell borders between different owners."""
    corner = net.owner[net.triangles]
    found = []
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        once = np.arange(len(corner)) < net.neighbours[:, k]
        here = np.flatnonzero(
            once & (corner[:, i] != corner[:, j]) & (corner[:, i] >= 0) & (corner[:, j] >= 0)
        )
        found.append(
            np.stack([net.triangles[here, i], net.triangles[here, j], here, net.neighbours[here, k]])
        )
    first, second, left, right = np.concatenate(found, axis=1)
    swap = net.owner[first] > net.owner[second]
    p, q = np.where(swap, second, first), np.where(swap, first, second)
    made = Ridges(net.owner[p], net.owner[q], net.xy[p], net.xy[q], net.centres[left], net.centres[right])
    return made.take(np.asarray(np.isfinite(made.start).all(axis=1) & np.isfinite(made.end).all(axis=1)))


def clipped(pieces: Ridges, reach_m: Floats) -> Ridges:
    """Return the parts of the pieces at most `reach_m` (one figure a piece) away from their two samples."""
    middle, across = (pieces.p + pieces.q) / 2, pieces.q - pieces.p
    width = np.hypot(*across.T)
    along = np.column_stack([-across[:, 1], across[:, 0]]) / width[:, None]
    farthest = np.sqrt(np.maximum(reach_m**2 - (width / 2) ** 2, 0))
    ends = np.sort(
        [((pieces.start - middle) * along).sum(axis=1), ((pieces.end - middle) * along).sum(axis=1)], axis=0
    )
    low, high = np.clip(ends, -farthest, farthest)
    cut = replace(pieces, start=middle + low[:, None] * along, end=middle + high[:, None] * along)
    return cut.take((width <= 2 * reach_m) & (high > low))


def strips(net: Mesh, reach_m: float) -> tuple[Ints, Ints, Geometries]:
    """Return the ground between two owners: owners a < b and triangles whose corners are samples of these two alone.

    Triangles with a side longer than twice the reach are left out: they span open land, not a gap.
    """
    corner = np.sort(net.owner[net.triangles], axis=1)
    xy = net.xy[net.triangles]
    longest = np.hypot(*np.moveaxis(xy - np.roll(xy, 1, axis=1), 2, 0)).max(axis=1)
    two = (corner[:, 0] >= 0) & (corner[:, 0] != corner[:, 2]) & (longest <= 2 * reach_m)
    two &= (corner[:, 1] == corner[:, 0]) | (corner[:, 1] == corner[:, 2])
    return corner[two, 0], corner[two, 2], shapely.polygons(xy[two])


def cells(net: Mesh, owners: int) -> Geometries:
    """Return the cell of each owner 0…owners−1 as a polygon, None where it has no sample; they tile the plane."""
    site = net.triangles.ravel()
    centre = np.repeat(np.arange(len(net.triangles)), 3)
    ours = (net.owner[site] >= 0) & np.isfinite(net.centres[centre]).all(axis=1)
    site, centre = site[ours], centre[ours]
    away = net.centres[centre] - net.xy[site]
    order = np.lexsort([np.arctan2(away[:, 1], away[:, 0]), site])
    site, corners = site[order], _corners(net)[centre[order]]
    sites, first, ring = np.unique(site, return_index=True, return_inverse=True)
    closed = np.concatenate([corners, corners[first]])
    ring = np.concatenate([ring, np.arange(len(sites))])
    order = np.argsort(ring, kind="stable")
    rings = (
        shapely.linearrings(closed[order], indices=ring[order]) if len(sites) else np.empty(0, dtype=object)
    )
    return dissolved(np.asarray(shapely.polygons(rings)), net.owner[sites], owners)


def dissolved(tiles: Geometries, owner: Ints, owners: int) -> Geometries:
    """Return the union of the tiles of each owner, None where it has none; tiles must not overlap."""
    out = np.full(owners, None, dtype=object)
    order = np.argsort(owner, kind="stable")
    present, first = np.unique(owner[order], return_index=True)
    for number, group in zip(present, np.split(tiles[order], first[1:]), strict=False):
        out[number] = _union(group)
    return out


def _union(tiles: Geometries) -> Any:
    try:
        return shapely.coverage_union_all(tiles)
    except (
        shapely.GEOSException
    ):  # corners that differ in the last digit; slower, and right to the millimetre
        return shapely.union_all(tiles, grid_size=SAME_CORNER_M)


def _samples(geometries: Geometries, spacing: Floats) -> tuple[Floats, Ints]:
    points = is_point(geometries)
    outlines = np.flatnonzero(~points)
    solid = shapely.orient_polygons(
        shapely.simplify(geometries[outlines], np.minimum(SIMPLIFY_M, spacing[outlines] / 16))
    )
    parts, part_of = shapely.get_parts(solid, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    ring_xy, of_ring = shapely.get_coordinates(rings, return_index=True)
    rim_xy, of_corner = _along(ring_xy, of_ring, spacing[outlines][part_of][ring_of])
    rim_owner = outlines[part_of][ring_of][of_ring[of_corner]]
    point_xy, of_point = shapely.get_coordinates(geometries[points], return_index=True)
    return np.vstack([rim_xy, point_xy]), np.concatenate([rim_owner, np.flatnonzero(points)[of_point]])


def _along(xy: Floats, ring: Ints, spacing: Floats) -> tuple[Floats, Ints]:
    """Return samples along closed rings (interior on the left), a little inside, and the corner each one follows."""
    start = np.flatnonzero(ring[:-1] == ring[1:])
    side = xy[start + 1] - xy[start]
    length = np.hypot(*side.T)
    start, side, length = start[length > 0], side[length > 0], length[length > 0]
    inward = np.column_stack([-side[:, 1], side[:, 0]]) / length[:, None]
    before = np.roll(np.arange(len(start)), 1)
    first = np.flatnonzero(np.r_[True, np.diff(ring[start]) != 0]) if len(start) else start
    before[first] = np.r_[first[1:], len(start)] - 1 if len(start) else first
    bisector = inward + inward[before]
    size = np.hypot(*bisector.T)
    bisector = np.where(size[:, None] > 1e-6, bisector / np.maximum(size, 1e-6)[:, None], inward)
    steps = np.maximum(np.ceil(length / spacing[ring[start]] - 1e-9), 1).astype(np.int64)
    corner = np.repeat(np.arange(len(start)), steps)
    step = np.arange(len(corner)) - np.repeat(np.cumsum(steps) - steps, steps)
    moved = np.where((step == 0)[:, None], bisector[corner], inward[corner]) * INSET_M
    return xy[start[corner]] + side[corner] * (step / steps[corner])[:, None] + moved, start[corner]


def _corners(net: Mesh) -> Floats:
    """Return the centres, those of one corner of cells (four samples on a circle) made equal to the last digit."""
    here, k = np.nonzero(net.neighbours >= 0)
    there = net.neighbours[here, k]
    with np.errstate(invalid="ignore"):
        same = np.hypot(*(net.centres[here] - net.centres[there]).T) < SAME_CORNER_M
    size = len(net.triangles)
    pairs = coo_array((np.ones(same.sum(), dtype=bool), (here[same], there[same])), shape=(size, size))
    _, label = connected_components(pairs, directed=False)
    _, first = np.unique(label, return_index=True)
    return np.asarray(net.centres[first[label]])


def _frame(xy: Floats, margin_m: float) -> Floats:
    """Return eight points so far outside that no cell within the margin meets theirs."""
    half = (np.abs(xy).max() if len(xy) else 0.0) * 2 + 4 * margin_m + 1
    return half * np.array(
        [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0)], dtype=np.float64
    )


def _circumcentres(corners: Floats) -> Floats:
    """Return the circumcentres of triangles (m, 3, 2); nan or inf where the corners lie on one line."""
    base = corners[:, 0]
    u, v = corners[:, 1] - base, corners[:, 2] - base
    twice = 2 * (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])
    uu, vv = (u**2).sum(axis=1), (v**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = (v[:, 1] * uu - u[:, 1] * vv) / twice
        y = (u[:, 0] * vv - v[:, 0] * uu) / twice
    return np.asarray(base + np.column_stack([x, y]))
