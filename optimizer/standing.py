"""How communities stand in the graph, read for `checks` and `reasons`; solving reads the graph by itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import networkx as nx


def standing(node: Mapping[str, Any]) -> str:
    """Return why the optimizer may not group a community (locked, excluded, fixed, held), else host or open."""
    if node["lock"]:
        return "locked"
    if node["scope"] in ("excluded", "fixed"):
        return str(node["scope"])
    if not node["count"]:
        return "held"
    return "host" if node["scope"] == "host" else "open"


def standing_of(graph: "nx.Graph[str]") -> dict[str, str]:
    """Return the standing of every community, in the order of ids."""
    return {community: standing(graph.nodes[community]) for community in sorted(graph)}


def pairs(graph: "nx.Graph[str]", name: str) -> Sequence[tuple[str, str]]:
    """Return the "together" or "apart" pairs of known communities, each once, sorted."""
    return sorted({(min(a, b), max(a, b)) for a, b in graph.graph.get(name, ()) if a in graph and b in graph})


def with_ties(graph: "nx.Graph[str]") -> "nx.Graph[str]":
    """Return the graph with together pairs that hang together, linked or not; their links carry `tied`."""
    tied = pairs(graph, "together")
    if not tied:
        return graph
    town: nx.Graph[str] = nx.Graph(graph)
    for a, b in tied:
        town.add_edge(a, b, **{"kind": "given", **town.get_edge_data(a, b, {}), "tied": True})
    return town


def units(town: "nx.Graph[str]", members: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the members contracted along ties, each unit and the list sorted; `town` comes from `with_ties`."""
    known = set(members)
    tied: nx.Graph[str] = nx.Graph()
    tied.add_nodes_from(known)
    tied.add_edges_from((a, b) for a in known for b, link in town[a].items() if b in known and "tied" in link)
    return sorted(tuple(sorted(unit)) for unit in nx.connected_components(tied))


def total(graph: "nx.Graph[str]", members: Iterable[str]) -> int:
    """Return the households of the members, unknown ones as none."""
    return sum(graph.nodes[m]["count"] or 0 for m in members)
