"""Drawn towns, the same for the same number and seed: a jittered street grid, and a map of polygons.

Both are graphs of the optimizer (`geo.adjacency.to_graph` names their columns), planar and in one piece.
"""

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Voronoi

BLOCK_M = 90.0  # from the middle of one old compound to the next
JITTER_M = 25.0
MEDIAN_DWELLINGS = 45
SPREAD = 0.75  # of the logarithm: one in seven reaches 100 dwellings by itself
FEWEST, MOST = 10, 400
GAPS = 0.10  # of the streets are closed,
DIAGONALS = 0.10  # of the blocks have a way across
POLYGON_M = 500.0  # the side of a square as large as a polygon
PEOPLE = 3_000
PEOPLE_SPREAD = 0.25

Pairs = NDArray[np.int64]
Places = NDArray[np.float64]


def street_grid(units: int, *, seed: int = 0) -> "nx.Graph[str]":
    """Return compounds in rows, `units` of them: about 90 m apart, 10 to 400 dwellings, median about 45.

    Neighbours in a row and above one another are linked; one street in ten is closed, unless it is the only way, and
    one block in ten has a diagonal.
    """
    rng = np.random.default_rng([seed, units])
    across = int(np.ceil(np.sqrt(units)))
    unit = np.arange(units)
    row, column = np.divmod(unit, across)
    places = np.column_stack([column, -row]) * BLOCK_M + rng.uniform(-JITTER_M, JITTER_M, (units, 2))
    lognormal = MEDIAN_DWELLINGS * np.exp(SPREAD * rng.standard_normal(units))
    dwellings = np.clip(np.round(lognormal), FEWEST, MOST).astype(np.int64)

    right = unit[(column < across - 1) & (unit + 1 < units)]
    below = unit[unit + across < units]
    corner = unit[(column < across - 1) & (unit + across + 1 < units)]
    streets = np.vstack([np.column_stack([right, right + 1]), np.column_stack([below, below + across])])
    closed = rng.random(len(streets)) < GAPS
    ways = corner[rng.random(len(corner)) < DIAGONALS]
    diagonals = np.column_stack([ways, ways + across + 1])
    opened = np.vstack([streets[~closed | _only_ways(streets, closed, units)], diagonals])
    return _graph(places, dwellings, opened)


def polygons(units: int, *, seed: int = 0) -> "nx.Graph[str]":
    """Return a map of polygons, `units` of them, linked where they share a border; about 3,000 people in each.

    The polygons are the cells of points thrown evenly on a square, cut at its edge.
    """
    rng = np.random.default_rng([seed, units, 1])
    side_m = POLYGON_M * np.sqrt(units)
    places = rng.uniform(0, side_m, (units, 2))
    lognormal = PEOPLE * np.exp(PEOPLE_SPREAD * rng.standard_normal(units))
    people = np.round(lognormal).astype(np.int64)
    mirrored = [places]
    for axis in (0, 1):
        for edge in (0.0, side_m):
            beyond = places.copy()
            beyond[:, axis] = 2 * edge - beyond[:, axis]
            mirrored.append(beyond)  # a point and its mirror image meet on the edge, where their cells end
    borders = Voronoi(np.vstack(mirrored)).ridge_points.astype(np.int64)
    inside = borders[(borders < units).all(axis=1)]
    return _graph(places, people, np.sort(inside, axis=1))


def _only_ways(streets: Pairs, closed: NDArray[np.bool_], units: int) -> NDArray[np.bool_]:
    """Mark the closed streets without which the town falls apart: those of a tree that prefers open ones."""
    weight = 1.0 + closed
    tree = minimum_spanning_tree(coo_array((weight, streets.T), shape=(units, units)).tocsr()).tocoo()
    kept = set(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    needed: NDArray[np.bool_] = closed & np.array(
        [(a, b) in kept or (b, a) in kept for a, b in streets.tolist()], dtype=bool
    )
    return needed


def _graph(places: Places, counts: NDArray[np.int64], links: Pairs) -> "nx.Graph[str]":
    ids = [f"{k:05d}" for k in range(len(places))]
    graph: nx.Graph[str] = nx.Graph(together=(), apart=())
    for k, (x, y) in enumerate(places.tolist()):
        graph.add_node(ids[k], count=int(counts[k]), x=x, y=y, scope="to_group", lock=None)
    links = links[np.lexsort((links[:, 1], links[:, 0]))]
    gaps_m = np.hypot(*(places[links[:, 0]] - places[links[:, 1]]).T)
    for (a, b), gap_m in zip(links.tolist(), gaps_m.tolist(), strict=True):
        graph.add_edge(ids[a], ids[b], gap_m=gap_m, crosses=(), wall_m=0.0, kind="found")
    pieces, _ = connected_components(
        coo_array((np.ones(len(links)), links.T), shape=(len(ids), len(ids))), directed=False
    )
    assert pieces == 1
    return graph
