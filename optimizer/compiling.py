"""Compiles the search ahead of the first plan, so that set-up waits for it and no run's clock does."""

import networkx as nx
import numpy as np

from optimizer import native
from optimizer.clock import Clock
from optimizer.instance import prepare
from optimizer.lagrangian import lagrangian_bound
from optimizer.rules import Rules
from optimizer.solving import SolveOptions, solve
from optimizer.work import Effort, Work


def is_compiled() -> bool:
    """Tell whether that has been done for the sources as they are."""
    return native.is_whole()


def compile_ahead() -> None:
    """Solve a small town in all ways, from the whole list and by pricing; numba keeps what it compiled on disk."""
    streets: nx.Graph[str] = nx.Graph()
    for x, y in np.ndindex(6, 7):
        count = 20 + 7 * ((3 * x + 5 * y) % 9)
        streets.add_node(f"{x}{y}", count=count, x=50.0 * x, y=50.0 * y, scope="to_group", lock=None)
        streets.add_edges_from(
            (f"{x}{y}", other) for other in (f"{x - 1}{y}", f"{x}{y - 1}") if other in streets
        )
    nx.set_edge_attributes(
        streets, {edge: {"gap_m": 10.0, "crosses": (), "wall_m": 0.0} for edge in streets.edges}
    )
    for work in (Work(), Work(listed=0), Work(listed=0, packing=Effort(sets=0))):
        for most_areas in (False, True):
            solve(streets, Rules(most_areas=most_areas), SolveOptions(work=work))
    part = prepare(streets, Rules()).parts[0]
    lagrangian_bound(part, Rules(), 1e6, rounds=1, clock=Clock(None))  # a small town needs no such bound
    native.set_whole()


if __name__ == "__main__":
    compile_ahead()
