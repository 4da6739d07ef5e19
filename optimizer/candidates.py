"""Candidate areas: what a group of communities costs, readable and for any set."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

import networkx as nx

from optimizer.instance import distance_m, former_centers, link_cost
from optimizer.plan import center_of
from optimizer.rules import Rules
from optimizer.traits import trait_prices, values_of


@dataclass(frozen=True)
class Cost:
    """What an area costs, in household-metres (户·米), and the centre from which walking is least."""

    center_id: str
    walk: float = 0.0
    join: float = 0.0
    cross: float = 0.0
    wall: float = 0.0
    committee: float = 0.0
    grid: float = 0.0
    unlike: float = 0.0
    size: float = 0.0
    fixed: float = 0.0
    change: float = 0.0

    @property
    def parts(self) -> dict[str, float]:
        """Return what the total is made of, by the names of COST_PARTS."""
        return {part: getattr(self, part) for part in COST_PARTS}

    @property
    def total(self) -> float:
        """Return the sum of all parts."""
        return sum(self.parts.values())


COST_PARTS = tuple(f.name for f in fields(Cost) if f.name != "center_id")


def area_cost(graph: "nx.Graph[str]", rules: Rules, members: Iterable[str]) -> Cost:
    """Return the cost of `members` as one area (design.md §4), whatever rules it breaks.

    An area of one `fixed` or `host` community exists already and costs nothing. Crossings and walls are those of the
    lightest tree of links; a 须同区 pair without a link counts as a link without either; pieces that no link joins
    cost what their own trees cost. A community whose count is unknown counts 0 households, a trait that is unknown costs
    nothing. Where nodes carry `former`, the id of their area in an existing plan, whoever leaves it pays: an area
    continues the former area whose centre it holds, of several the one with the most households in it, and every other
    household that was in a former area has moved.
    """
    ids = sorted(members)
    nodes = graph.nodes
    center = center_of(graph, ids)
    if len(ids) == 1 and nodes[center]["scope"] in ("fixed", "host"):
        return Cost(center)
    households = sum(nodes[i]["count"] or 0 for i in ids)
    reaches = any(
        (nodes[i]["count"] or 0) >= rules.minimum and nodes[i]["scope"] in ("to_group", "host") for i in ids
    )
    cross, wall = _crossed(graph, rules, ids)
    mixing = _mixing(graph, rules, ids)
    return Cost(
        center_id=center,
        walk=sum((nodes[i]["count"] or 0) * distance_m(nodes[i], nodes[center]) for i in ids),
        join=rules.prices.join_self_sufficient if reaches and len(ids) > 1 else 0.0,
        cross=cross,
        wall=wall,
        committee=mixing.pop("committee", 0.0),
        grid=mixing.pop("grid", 0.0),
        unlike=sum(mixing.values()),
        size=rules.prices.upper_per_household * max(0, households - rules.upper),
        fixed=rules.prices.area,
        change=rules.prices.change_per_household * _moved(graph, ids)
        if rules.prices.change_per_household
        else 0.0,
    )


def _mixing(graph: "nx.Graph[str]", rules: Rules, ids: list[str]) -> dict[str, float]:
    """Return by trait what its further values in the area cost."""
    costs = {}
    for trait, price in trait_prices(rules).items():
        values = {value for i in ids for value in values_of(graph.nodes[i], trait, rules)}
        costs[trait] = price * max(0, len(values) - 1)
    return costs


def _moved(graph: "nx.Graph[str]", ids: list[str]) -> int:
    """Return the households of `ids` that leave their former area."""
    stayed: Counter[str] = Counter()
    for i in ids:
        if graph.nodes[i].get("former"):
            stayed[graph.nodes[i]["former"]] += graph.nodes[i]["count"] or 0
    if not stayed:
        return 0
    held = [stayed[area] for area, center in former_centers(graph, stayed).items() if center in ids]
    return sum(stayed.values()) - max(held, default=0)


def _crossed(graph: "nx.Graph[str]", rules: Rules, ids: list[str]) -> tuple[float, float]:
    """Return crossing and wall prices of the lightest tree of links over `ids`."""
    inside = set(ids)
    ways: nx.Graph[str] = nx.Graph()
    pairs = (tuple(sorted(pair)) for pair in graph.graph.get("together", ()))
    ways.add_edges_from(
        sorted((a, b) for a, b in pairs if a in inside and b in inside), cross=0.0, wall=0.0, weight=0.0
    )
    for a, b in sorted(tuple(sorted(pair)) for pair in graph.subgraph(ids).edges):
        link = graph.edges[a, b]
        total, wall = link_cost(link, rules.prices), rules.prices.wall_per_m * link["wall_m"]
        ways.add_edge(a, b, cross=total - wall, wall=wall, weight=total)
    tree = list(nx.minimum_spanning_edges(ways, data=True))
    return sum(way["cross"] for _, _, way in tree), sum(way["wall"] for _, _, way in tree)
