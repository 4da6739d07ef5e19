"""The peers, each run as its makers mean it to be used. A script for the environment of requirements-bench.lock.

It shares no process with us: `peers.py NAME` reads an instance as JSON from standard input and writes labels, seconds
and peak memory as JSON to standard output. `peers.py mexico` and `peers.py sids2` write the public instances.

An instance: `near` (neighbours of each unit by position), `count`, `minimum`, `upper`, `attributes` (rows of numbers),
`x`, `y`, `seed`, `seconds` (for the peer that would go on for ever), `most_seconds`. All peers get the attributes as they are and measure them by city blocks.
"""

import json
import random
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

Instance = dict[str, Any]
Run = Callable[[], list[int]]  # what is timed: it returns the labels
CONSTRUCTIONS = 99  # what optimizer.md measured them with, and pygeoda's default
TOP_N = 2  # as in spopt's own tests
BURST = 10  # steps of recom before the chain goes back to the best plan
TREES = 20  # random trees drawn to split a pair


def spopt(instance: Instance) -> Run:
    """MaxPHeuristic with 99 constructions; all else by default."""
    import geopandas
    from libpysal.weights import W
    from spopt.region import MaxPHeuristic

    names = [f"a{k}" for k in range(len(instance["attributes"][0]))]
    frame = geopandas.GeoDataFrame(
        np.array(instance["attributes"]),
        columns=names,
        geometry=geopandas.points_from_xy(instance["x"], instance["y"]),
    )
    frame["count"] = instance["count"]
    w = W(dict(enumerate(instance["near"])), silence_warnings=True)

    def run() -> list[int]:
        np.random.seed(instance["seed"])
        model = MaxPHeuristic(
            frame, w, names, "count", instance["minimum"], TOP_N, max_iterations_construction=CONSTRUCTIONS
        )
        model.solve()
        return [int(label) for label in model.labels_]

    return run


def geoda(search: str, instance: Instance) -> Run:
    """Return one of pygeoda's three searches, 99 constructions, as many threads as there are processors."""
    import os

    import pygeoda

    near = instance["near"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "links.gal"
        lines = [f"0 {len(near)} instance id"]
        for k, row in enumerate(near):
            lines += [f"{k + 1} {len(row)}", " ".join(str(v + 1) for v in row)]
        file.write_text("\n".join(lines) + "\n", encoding="ascii")
        w = pygeoda.read_gal(str(file), [str(k + 1) for k in range(len(near))])
    assert w.num_obs == len(near)
    assert [sorted(w.get_neighbors(k)) for k in range(len(near))] == [sorted(row) for row in near]

    def run() -> list[int]:
        found = getattr(pygeoda, search)(
            w,
            [list(column) for column in zip(*instance["attributes"])],
            [float(c) for c in instance["count"]],
            float(instance["minimum"]),
            iterations=CONSTRUCTIONS,
            scale_method="raw",
            distance_method="manhattan",
            random_seed=instance["seed"] + 1,
            cpu_threads=os.cpu_count() or 1,
        )
        return [int(label) for label in found["Clusters"]]

    return run


def gerrychain(instance: Instance) -> Run:
    """Short bursts of recom from pygeoda's greedy plan, for least walking cost, until the time is up.

    recom redraws two adjacent areas at a time and keeps their number, so it needs a plan to start from. gerrychain's
    own `recom` wants all areas near one size; ours have a least size only, so each pair is split by its tree
    bipartition with bounds of the pair's own: both sides reach the minimum. A pair that no tree splits stays.
    """
    import networkx as nx
    from gerrychain import Graph, Partition
    from gerrychain.constraints import contiguous
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals.tree_proposals import epsilon_tree_bipartition
    from gerrychain.tree import PopulationBalanceError, ReselectException, bipartition_tree

    seed = geoda("maxp_greedy", instance)()
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from((k, {"count": c}) for k, c in enumerate(instance["count"]))
    graph.add_edges_from((k, v) for k, row in enumerate(instance["near"]) for v in row)
    split = partial(bipartition_tree, max_attempts=TREES, allow_pair_reselection=True)
    cost_of = walking_cost(instance)

    def redraw(plan: Any, *, rng: random.Random) -> Any:
        if not plan["cut_edges"]:
            return plan
        pair = [
            plan.assignment[k] for k in rng.choice(sorted(tuple(sorted(edge)) for edge in plan["cut_edges"]))
        ]
        both = plan.parts[pair[0]] | plan.parts[pair[1]]
        half = sum(instance["count"][k] for k in both) / 2
        if len(both) < 3:
            return plan
        try:
            return plan.flip(
                epsilon_tree_bipartition(
                    plan.graph.subgraph(both),
                    pair,
                    pop_target=half,
                    pop_col="count",
                    epsilon=1 - instance["minimum"] / half,
                    bipartition_tree_fn=split,
                    rng=rng,
                )
            )
        except (PopulationBalanceError, ReselectException):
            return plan

    def run() -> list[int]:
        end = time.perf_counter() + instance["seconds"]
        start = Partition(Graph.from_networkx(graph), dict(enumerate(seed)))
        search = SingleMetricOptimizer(
            redraw,
            [contiguous],
            start,
            lambda plan: sum(cost_of(members) for members in plan.parts.values()),
            maximize=False,
            rng=instance["seed"],
        )
        for _ in search.short_bursts(BURST, 10**9):
            if time.perf_counter() > end:
                break
        labels = search.best_part.assignment
        return [int(labels[k]) for k in range(len(seed))]

    return run


def walking_cost(instance: Instance) -> Callable[[Iterable[int]], float]:
    """Return a function that gives the walking cost of a set of units, each set worked out once."""
    places, count = np.column_stack([instance["x"], instance["y"]]), np.array(instance["count"], float)
    known: dict[frozenset[int], float] = {}

    def cost_of(members: Iterable[int]) -> float:
        key = frozenset(members)
        if key not in known:
            rows = np.array(sorted(key))
            apart = np.hypot(*(places[rows][:, None] - places[rows][None]).transpose(2, 0, 1))
            known[key] = float((apart @ count[rows]).min())
        return known[key]

    return cost_of


PEERS: dict[str, Callable[[Instance], Run]] = {
    "spopt": spopt,
    "pygeoda-greedy": partial(geoda, "maxp_greedy"),
    "pygeoda-sa": partial(geoda, "maxp_sa"),
    "pygeoda-tabu": partial(geoda, "maxp_tabu"),
    "gerrychain": gerrychain,
}
PUBLIC = {
    "mexico": ("mexicojoin.shp", [f"PCGDP{year}" for year in range(1950, 2010, 10)], "HECTARES", "NAME"),
    "sids2": ("sids2.shp", ["SIDR74", "SIDR79"], "BIR74", "NAME"),
}


def public(name: str) -> Instance:
    """Return a public instance of libpysal: queen neighbours, the attributes of spopt's tests (mexico), rates (sids2)."""
    import geopandas
    from libpysal.examples import get_path
    from libpysal.weights import Queen

    file, attributes, weight, title = PUBLIC[name]
    frame = geopandas.read_file(get_path(file))
    near = Queen.from_dataframe(frame, use_index=False).neighbors
    places = frame.representative_point()
    return {
        "name": [str(value) for value in frame[title]],
        "near": [sorted(near[k]) for k in range(len(frame))],
        "x": places.x.tolist(),
        "y": places.y.tolist(),
        "attributes": frame[attributes].to_numpy(float).tolist(),
        "attribute_names": attributes,
        "weight": frame[weight].tolist(),
    }


def measured(name: str, instance: Instance) -> dict[str, Any]:
    """Return labels, wall seconds (imports and conversion aside), peak memory, and pieces without an answer.

    Each connected piece is a run of its own, because not all peers bear isolated units or several pieces; the seconds
    are added up. A piece that two areas do not fit into is one area, and nobody is asked. So is a piece on which the
    peer fails or does not end in its share of the time; these are counted.
    """
    labels = [-1] * len(instance["near"])
    areas, seconds, stuck, stuck_units = 0, 0.0, 0, 0
    for units in pieces(instance["near"]):
        found = [0] * len(units)
        if sum(instance["count"][u] for u in units) >= 2 * instance["minimum"] and len(units) > 1:
            start = time.perf_counter()
            try:
                run = PEERS[name](part_of(instance, units))
                start = time.perf_counter()
                share = instance["most_seconds"] * len(units) / len(labels)
                with at_most(min(max(1.0, share), instance["most_seconds"] - seconds)):
                    found = run()
            except Exception as error:  # noqa: BLE001 - whatever a peer breaks on, the table counts it
                print(f"{len(units)} units: {type(error).__name__}: {error}", file=sys.stderr)
                stuck, stuck_units = stuck + 1, stuck_units + len(units)
            seconds += time.perf_counter() - start
        order = {label: areas + k for k, label in enumerate(sorted(set(found)))}
        areas += len(order)
        for u, label in zip(units, found):
            labels[u] = order[label]
    told = {"labels": labels, "seconds": seconds, "memory_mb": peak_mb()}
    return {**told, "stuck": stuck, "stuck_units": stuck_units}


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeoutError inside when the seconds are over, where the system can; compiled code is not interrupted."""
    if seconds <= 0:
        raise TimeoutError("no time left")
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: object) -> None:
        raise TimeoutError(f"no end after {seconds:.1f} s")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def pieces(near: list[list[int]]) -> list[list[int]]:
    """Return the units of each connected piece, sorted."""
    found, seen = [], set()
    for first in range(len(near)):
        if first not in seen:
            piece, front = {first}, [first]
            while front:
                new = set(near[front.pop()]) - piece
                piece |= new
                front += new
            seen |= piece
            found.append(sorted(piece))
    return found


def part_of(instance: Instance, units: list[int]) -> Instance:
    """Return the instance of some units, with their share of the seconds."""
    at = {u: k for k, u in enumerate(units)}
    rows = {key: [instance[key][u] for u in units] for key in ("count", "x", "y", "attributes")}
    near = [[at[v] for v in instance["near"][u]] for u in units]
    return {
        **instance,
        **rows,
        "near": near,
        "seconds": instance["seconds"] * len(units) / len(instance["near"]),
    }


def peak_mb() -> float:
    """Return the peak memory of this process and of its largest child, if any.

    Linux hands the peak of the parent down to what it starts; there the process's own high-water mark is read instead.
    """
    per_mb = 1024 * 1024 if sys.platform == "darwin" else 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / per_mb
    status = Path("/proc/self/status")
    if status.is_file():
        mark = next(
            line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM")
        )
        return int(mark.split()[1]) / 1024 + children
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mb + children


def main(name: str) -> None:
    """Answer one request; what the libraries print must not get between the JSON."""
    warnings.simplefilter("ignore")
    out, sys.stdout = sys.stdout, sys.stderr
    answer = public(name) if name in PUBLIC else measured(name, json.load(sys.stdin))
    json.dump(answer, out)


if __name__ == "__main__":
    main(sys.argv[1])
