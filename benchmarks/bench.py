"""Runs cases side by side with the peers and writes `results/`: a JSON file a case, one page over all, one picture.

Run: python3 run.py bench [--case NAME]… [--quick]
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np

from benchmarks.bars import judged_bars
from benchmarks.cases import CASES, Case, Goal, Public, chosen, walking_only
from benchmarks.maxp import MaxP
from benchmarks.measures import judge
from benchmarks.ours import apart, maxp_timed, solve_timed
from benchmarks.results import RESULTS, Result, Row, keep, kept, machine, versions
from benchmarks.rivals import HERE, PYTHON, instance_of, public_instance, run_rival, within_reach_of_peers
from benchmarks.table import page
from optimizer.rules import Rules

Say = Callable[[str], None]
WORKERS = os.cpu_count() or 1
PUBLIC_GOAL = "most areas, then distance"


def main(words: Sequence[str]) -> int:
    """Run what was asked for; each case is kept as soon as it is done."""
    asked = _asked(words)
    try:
        cases = chosen(tuple(asked.case), quick=asked.quick)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if not PYTHON.is_file():
        print(
            f"The peers are not installed ({PYTHON.parent.parent.name}): python3 run.py bench installs them."
        )
    began = time.monotonic()
    for k, case in enumerate(cases):
        print(f"[{k + 1}/{len(cases)}] {case.title}", flush=True)
        if isinstance(case, Public) and not PYTHON.is_file():
            print("    left out: the instance comes with the peers", flush=True)
            continue
        keep(run_public(case, _say) if isinstance(case, Public) else run_case(case, _say))
        write_page()
    print(f"{time.monotonic() - began:.0f} s; {RESULTS.relative_to(HERE.parent) / 'bench.md'}")
    return 0


def run_case(case: Case, say: Say) -> Result:
    """Return our runs and the peers' on a drawn or real graph."""
    graph = case.draw()
    attributes = {u: (node["x"], node["y"]) for u, node in graph.nodes(data=True)}
    rules = walking_only(Rules(case.minimum, case.upper))
    rows = [_ours(graph, goal, case, attributes, say) for goal in case.goals]
    usable = within_reach_of_peers(graph, case.minimum)
    instance = instance_of(usable, minimum=case.minimum, upper=case.upper, seconds=case.peer_seconds)
    for name in case.peers:
        found = run_rival(name, instance)
        judged = None if found.groups is None else judge(graph, rules, found.groups, attributes)
        rows.append(_told(Row(name, "", judged, found.seconds, found.memory_mb, note=found.note), say))
    total = sum(node["count"] or 0 for _, node in graph.nodes(data=True))
    return Result(
        case.name,
        case.title,
        len(graph),
        graph.number_of_edges(),
        case.minimum,
        total,
        walking=True,
        rows=tuple(rows),
        machine=machine(),
        versions=versions(),
    )


def run_public(case: Public, say: Say) -> Result:
    """Return the proven answer to a public instance and the peers' beside it."""
    found = public_instance(case.instance)
    weight = np.array(found["weight"] if case.weighted else [1.0] * len(found["near"]))
    maxp = MaxP(found["near"], weight, np.array(found["attributes"]), case.minimum)
    graph, rules, attributes = _as_graph(found, weight, case.minimum)
    ids = sorted(graph)
    done = apart(maxp_timed, maxp)
    answer = done.answer
    groups = [[ids[u] for u in area] for area in answer.areas]
    rows = [
        _told(
            Row(
                f"zutuan, {PUBLIC_GOAL}",
                PUBLIC_GOAL,
                judge(graph, rules, groups, attributes),
                done.seconds,
                done.memory_mb,
                bound=answer.bound,
                gap=answer.gap,
                areas_bound=answer.areas_bound,
                status="optimal" if answer.gap == 0 else "feasible",
                moments=done.moments,
            ),
            say,
        )
    ]
    instance = {key: found[key] for key in ("near", "x", "y", "attributes")}
    instance |= {"count": weight.tolist(), "minimum": case.minimum, "seed": 0, "seconds": 0.0, "ids": ids}
    for name in case.peers:
        rival = run_rival(name, instance, case.longest_seconds)
        judged = None if rival.groups is None else judge(graph, rules, rival.groups, attributes)
        rows.append(_told(Row(name, "", judged, rival.seconds, rival.memory_mb, note=rival.note), say))
    labels = np.full(len(ids), -1)
    for k, area in enumerate(answer.areas):
        labels[list(area)] = k
    return Result(
        case.name,
        case.title,
        len(ids),
        graph.number_of_edges(),
        case.minimum,
        float(weight.sum()),
        walking=False,
        rows=tuple(rows),
        machine=machine(),
        versions=versions(),
        reference={
            "names": found["name"],
            "near": found["near"],
            "weight": weight.tolist(),
            "attribute_names": found["attribute_names"],
            "attributes": found["attributes"],
            "labels": labels.tolist(),
            "distance": answer.distance,
            "bound": answer.bound,
        },
    )


def write_page() -> None:
    """Write the page over all results there are, in the order of the cases, and the picture where it can be drawn."""
    there = kept()
    ordered = [there[case.name] for case in CASES if case.name in there]
    bars = judged_bars({result["name"]: result for result in ordered})
    (RESULTS / "bench.md").write_text(page(ordered, bars), encoding="utf-8")
    if PYTHON.is_file():
        subprocess.run([str(PYTHON), "-I", str(HERE / "picture.py"), str(RESULTS)], check=True)


def _ours(
    graph: "nx.Graph[str]", goal: Goal, case: Case, attributes: Mapping[str, Sequence[float]], say: Say
) -> Row:
    rules = goal.rules(case.minimum, case.upper)
    solved = apart(solve_timed, graph, rules, goal.seconds, WORKERS)
    told: dict[str, Any] = solved.certificate
    return _told(
        Row(
            f"zutuan, {goal.name}",
            goal.name,
            judge(graph, rules, solved.groups, attributes),
            solved.seconds,
            solved.memory_mb,
            solved.cpu_seconds,
            told["bound"],
            told["gap"],
            told["areas_bound"],
            told["status"],
            solved.moments,
        ),
        say,
    )


def _as_graph(
    found: dict[str, Any], weight: "np.ndarray[Any, np.dtype[np.float64]]", minimum: float
) -> tuple["nx.Graph[str]", Rules, dict[str, Sequence[float]]]:
    """Return a public instance as a graph of ours, so that the same judge can speak; weights as they are."""
    ids = [f"{k:03d}" for k in range(len(weight))]
    graph: nx.Graph[str] = nx.Graph(together=(), apart=())
    for k, community in enumerate(ids):
        x, y = found["x"][k], found["y"][k]
        graph.add_node(community, count=float(weight[k]), x=x, y=y, scope="to_group", lock=None)
    for k, row in enumerate(found["near"]):
        graph.add_edges_from(
            (ids[k], ids[v], {"gap_m": 0.0, "crosses": (), "wall_m": 0.0, "kind": "found"}) for v in row
        )
    rules = walking_only(Rules(int(minimum), upper=int(weight.sum()) + 1))
    return graph, rules, dict(zip(ids, found["attributes"], strict=True))


def _told(row: Row, say: Say) -> Row:
    if row.judged is None or row.seconds is None:
        say(f"{row.who}: {row.note}")
    else:
        gap = "" if row.gap is None else f", gap {row.gap:.2%}"
        worth = f"cost {row.judged.cost:,.0f}, peers' measure {row.judged.distance:,.0f}"
        say(f"{row.who}: {row.judged.areas} areas, {worth}{gap}, {row.seconds:.2f} s")
    return row


def _say(line: str) -> None:
    print(f"    {line}", flush=True)


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="run.py bench", description="The side-by-side table of benchmarks/."
    )
    parser.add_argument(
        "--case", action="append", default=[], metavar="NAME", help=", ".join(c.name for c in CASES)
    )
    parser.add_argument("--quick", action="store_true", help="only cases that take seconds")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
