"""Walls between neighbours, which are priced by the metre."""

import numpy as np
import pandas as pd
import shapely

from geo.barriers import Barriers
from geo.cells import Floats, Geometries, Ints, strips
from geo.neighbours import Reach, Town, pieces_within

WALL_OFF_M = 1.0  # walls are drawn on an outline, a little to either side of it
GATE_AT_WALL_M = 3.0


def wall_between_m(pairs: pd.DataFrame, town: Town, reach: Reach, barriers: Barriers) -> Floats:
    """Return the metres of wall on the ground between each pair, 0 where a gate opens it.

    The ground between two outlines is the strip of triangles between their samples, a metre wider; where either is a
    point, the ground from which both see the border of their cells.
    """
    walls = barriers.walls()
    out = np.zeros(len(pairs))
    if not len(walls):
        return out
    a, b, tiles = _between(town, reach)
    tile, _ = shapely.STRtree(walls).query(tiles, predicate="dwithin", distance=WALL_OFF_M)
    near = np.unique(tile)
    place = np.sort(np.column_stack([town.place[pairs["a"]], town.place[pairs["b"]]]), axis=1)
    wanted = pd.Series(np.arange(len(pairs))).groupby([place[:, 0], place[:, 1]]).indices
    gates = barriers.crossings.geometry.array
    gates = gates[shapely.STRtree(walls).query(gates, predicate="dwithin", distance=GATE_AT_WALL_M)[0]]
    tree, gate_tree = shapely.STRtree(walls), shapely.STRtree(gates)
    for pair, group in pd.Series(near).groupby([a[near], b[near]]):
        if pair in wanted:
            strip = shapely.buffer(shapely.union_all(tiles[group]), WALL_OFF_M, join_style="mitre")
            if not len(gate_tree.query(strip, predicate="intersects")):
                met = shapely.union_all(walls[tree.query(strip, predicate="intersects")])
                out[wanted[pair]] = shapely.intersection(met, strip).length
    return out


def _between(town: Town, reach: Reach) -> tuple[Ints, Ints, Geometries]:
    a, b, tiles = strips(town.net, reach.outline_m)
    outlines = ~(town.point[a] | town.point[b])
    pieces = pieces_within(town, reach)
    pieces = pieces.take(town.point[pieces.a] | town.point[pieces.b])
    kites = np.asarray(shapely.polygons(np.stack([pieces.p, pieces.start, pieces.q, pieces.end], axis=1)))
    return (
        np.append(a[outlines], pieces.a),
        np.append(b[outlines], pieces.b),
        np.append(tiles[outlines], kites),
    )
