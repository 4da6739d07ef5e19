"""Runs a peer: our graph in its words, its labels back as groups; the peers live in an environment of their own."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parent / ".venv-bench"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SCRIPT = HERE / "peers.py"
LONGEST_SECONDS = 120.0  # of a peer's run, where the case names no other
STARTING_SECONDS = 30.0  # beside it, for imports and the conversion of the graph


@dataclass(frozen=True)
class Rival:
    """A peer's plan, or None and why there is none."""

    groups: list[list[str]] | None
    seconds: float | None = None
    memory_mb: float | None = None
    note: str = ""


def within_reach_of_peers(graph: "nx.Graph[str]", minimum: int) -> "nx.Graph[str]":
    """Return what a peer can work on: known counts, and components that reach the minimum. The others are out for all."""
    counted = graph.subgraph([u for u, count in graph.nodes(data="count") if count])
    enough = (
        piece
        for piece in nx.connected_components(counted)
        if sum(graph.nodes[u]["count"] for u in piece) >= minimum
    )
    return graph.subgraph(sorted(u for piece in enough for u in piece))


def instance_of(graph: "nx.Graph[str]", *, minimum: int, upper: int, seconds: float) -> dict[str, Any]:
    """Return the graph as peers.py reads it; units in order of id, attributes the two coordinates."""
    ids = sorted(graph)
    at = {community: k for k, community in enumerate(ids)}
    x, y = ([graph.nodes[u][axis] for u in ids] for axis in ("x", "y"))
    return {
        "ids": ids,
        "near": [sorted(at[v] for v in graph[u]) for u in ids],
        "count": [graph.nodes[u]["count"] for u in ids],
        "minimum": minimum,
        "upper": upper,
        "x": x,
        "y": y,
        "attributes": [list(row) for row in zip(x, y, strict=True)],
        "seed": 0,
        "seconds": seconds,
    }


def run_rival(name: str, instance: dict[str, Any], longest_seconds: float = LONGEST_SECONDS) -> Rival:
    """Return the plan of one peer; a peer that is not there, fails or takes too long gives none, and the note says so."""
    from benchmarks.measures import groups_of

    if not PYTHON.is_file():
        return Rival(None, note="not installed: python3 run.py bench installs it")
    try:
        done = _started(
            [name],
            json.dumps({**instance, "most_seconds": longest_seconds}),
            longest_seconds + STARTING_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Rival(None, note=f"no plan within {longest_seconds:.0f} s")
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return Rival(None, note=f"failed: {said[-1][:120]}")
    answer = json.loads(done.stdout)
    stuck = answer["stuck"]
    if answer["stuck_units"] > len(answer["labels"]) / 2:
        return Rival(
            None, note=f"no plan within {longest_seconds:.0f} s, or a failure ({stuck} connected pieces)"
        )
    note = f"no answer on {stuck} of the connected pieces: each one area" if stuck else ""
    return Rival(groups_of(answer["labels"], instance["ids"]), answer["seconds"], answer["memory_mb"], note)


def public_instance(name: str) -> dict[str, Any]:
    """Return a public instance out of libpysal's wheel; raises FileNotFoundError where the peers are not installed."""
    if not PYTHON.is_file():
        raise FileNotFoundError(PYTHON)
    done = _started([name], "", STARTING_SECONDS)
    done.check_returncode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def versions(names: Sequence[str]) -> dict[str, str]:
    """Return the versions of packages in the peers' environment; empty where it is not there."""
    if not PYTHON.is_file():
        return {}
    ask = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    done = subprocess.run([str(PYTHON), "-I", "-c", ask, *names], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _started(words: list[str], sent: str, seconds: float) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(PYTHON), "-I", str(SCRIPT), *words],
        input=sent,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"},
    )
