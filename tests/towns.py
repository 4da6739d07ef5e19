"""Tiny towns drawn in text, as graphs of the optimizer: what the tests of `optimizer` stand on."""

import random
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import dist

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from optimizer.instance import Part, prepare
from optimizer.pricing import Goal, Limit
from optimizer.rules import Rules

Pair = tuple[str, str]
TOKEN = re.compile(r"(?P<id>[^\W\d_]+)(?P<count>\d+|\?)|(?P<nothing>\.)|(?P<cut>\|)")


@st.composite
def traits(draw: st.DrawFn) -> dict[str, object]:
    """What mixing and moving is judged by, often unknown."""
    return {
        "committee": draw(st.sampled_from(["", "甲", "乙"])),
        "grids": draw(st.sampled_from([(), ("1",), ("2",), ("1", "2"), ("3",)])),
        "ownership": draw(st.sampled_from(["", "房改房", "商品房", "公房、房改房"])),
        "lift": draw(st.sampled_from(["", "yes", "no"])),
        "managed": draw(st.sampled_from(["", "yes", "no"])),
        "built_year": draw(st.sampled_from([None, 1979, 1980, 1995, 2000])),
        "former": draw(st.sampled_from([None, "PMA-001", "PMA-002", "老街"])),
    }


def street_grid(side: int, seed: int) -> nx.Graph:
    """A jittered grid of streets, median 45 households a community."""
    draw = random.Random(seed)  # noqa: S311 - a made-up town
    graph = nx.Graph()
    for k in range(side * side):
        count = int(max(5, min(400, draw.lognormvariate(3.8, 0.6))))
        x, y = k % side * 80 + draw.uniform(-25, 25), k // side * 80 + draw.uniform(-25, 25)
        graph.add_node(f"{k:04d}", count=count, x=x, y=y, scope="to_group", lock=None)
    for k in range(side * side):
        for other in ([k + 1] if (k + 1) % side else []) + ([k + side] if k + side < side * side else []):
            graph.add_edge(f"{k:04d}", f"{other:04d}", gap_m=20.0, crosses=(), wall_m=0.0)
    return graph


def shuffled(graph: nx.Graph, seed: int) -> nx.Graph:
    draw = random.Random(seed)  # noqa: S311 - a made-up order
    nodes, edges = list(graph.nodes(data=True)), [(b, a, d) for a, b, d in graph.edges(data=True)]
    draw.shuffle(nodes)
    draw.shuffle(edges)
    again = nx.Graph(**graph.graph)
    again.add_nodes_from(nodes)
    again.add_edges_from(edges)
    return again


def only_part(graph: nx.Graph, rules: Rules) -> Part:
    """The one connected part of a town."""
    (part,) = prepare(graph, rules).parts
    return part


def least_cost(part: Part, *limits: Limit) -> Goal:
    """Least cost with every unit in a group."""
    return Goal(1.0, 0.0, np.full(part.units, np.inf), limits)


def town(
    drawing: str,
    *,
    spacing_m: float = 50.0,
    links: Sequence[Pair] = (),
    cut: Sequence[Pair] = (),
    crosses: Mapping[Pair, tuple[str, ...]] | None = None,
    walls: Mapping[Pair, float] | None = None,
    scope: Mapping[str, str] | None = None,
    lock: Mapping[str, str] | None = None,
    together: Sequence[Pair] = (),
    apart: Sequence[Pair] = (),
    **node_attrs: Mapping[str, object],
) -> nx.Graph:
    """Return the town of `drawing`, north up, one grid step = `spacing_m`.

    Tokens stand apart by blanks: `a40` is community a with 40 households, `b?` one whose count is unknown, `.` an
    empty place. Neighbours in a row, and above one another, are linked. `|` between two tokens cuts that link; a line
    of `=` and blanks cuts the links across it, wherever a `=` stands under a character of the upper token:

        a40 b70 | c30
        ===
        d20 e?  . f500      d is cut from a; e is held; f stands alone in the fourth column

    `links` adds pairs by hand (kind "given"), `cut` removes pairs, `crosses` and `walls` dress links, and
    `committee={"a": "甲"}` sets any other attribute of the communities ("" where a community is not named).
    """
    graph = nx.Graph(together=tuple(together), apart=tuple(apart))
    _draw_communities(graph, drawing, spacing_m)
    for a, b in links:
        graph.add_edge(a, b, gap_m=_straight_m(graph, a, b), crosses=(), wall_m=0.0, kind="given")
    graph.remove_edges_from(_known(graph, cut))
    for pair, classes in (crosses or {}).items():
        graph.edges[pair]["crosses"] = classes
    for pair, wall_m in (walls or {}).items():
        graph.edges[pair]["wall_m"] = wall_m
    for name, default, given in (("scope", "to_group", scope), ("lock", None, lock)):
        _dress(graph, name, default, given or {})
    for name, given in node_attrs.items():
        _dress(graph, name, "", given)
    return graph


def _draw_communities(graph: nx.Graph, drawing: str, spacing_m: float) -> None:
    above: dict[int, tuple[str, range]] = {}  # column -> community and the characters it covers
    cuts: set[int] = set()
    row = 0
    for line in drawing.expandtabs().splitlines():
        if not line.strip():
            continue
        if set(line) <= {"=", " "}:
            cuts |= {at for at, mark in enumerate(line) if mark == "="}
            continue
        here = _draw_row(graph, line, row, spacing_m)
        for column, (upper, width) in above.items():
            if column in here and cuts.isdisjoint(width):
                graph.add_edge(upper, here[column][0], gap_m=spacing_m, crosses=(), wall_m=0.0, kind="found")
        above, cuts, row = here, set(), row + 1


def _draw_row(graph: nx.Graph, line: str, row: int, spacing_m: float) -> dict[int, tuple[str, range]]:
    here: dict[int, tuple[str, range]] = {}
    cut_before: set[int] = set()
    column = 0
    for word in re.finditer(r"\S+", line):
        token = TOKEN.fullmatch(word[0])
        if token is None:
            msg = f"not a community: {word[0]!r}"
            raise ValueError(msg)
        if token["cut"]:
            cut_before.add(column)
            continue
        if token["id"]:
            if token["id"] in graph:
                msg = f"drawn twice: {token['id']!r}"
                raise ValueError(msg)
            count = None if token["count"] == "?" else int(token["count"])
            graph.add_node(token["id"], count=count, x=column * spacing_m, y=-row * spacing_m)
            here[column] = (token["id"], range(*word.span()))
        column += 1
    for left, right in pairwise(range(column)):
        if left in here and right in here and right not in cut_before:
            graph.add_edge(
                here[left][0], here[right][0], gap_m=spacing_m, crosses=(), wall_m=0.0, kind="found"
            )
    return here


def _dress(graph: nx.Graph, name: str, default: object, given: Mapping[str, object]) -> None:
    unknown = sorted(set(given) - set(graph))
    if unknown:
        msg = f"{name}: not in the drawing: {unknown}"
        raise ValueError(msg)
    nx.set_node_attributes(graph, {node: given.get(node, default) for node in graph}, name)


def _known(graph: nx.Graph, pairs: Sequence[Pair]) -> Sequence[Pair]:
    missing = [pair for pair in pairs if not graph.has_edge(*pair)]
    if missing:
        msg = f"no such link to cut: {missing}"
        raise ValueError(msg)
    return pairs


def _straight_m(graph: nx.Graph, a: str, b: str) -> float:
    return dist((graph.nodes[a]["x"], graph.nodes[a]["y"]), (graph.nodes[b]["x"], graph.nodes[b]["y"]))
