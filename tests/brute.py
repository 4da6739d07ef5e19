"""The optimum by trying everything: straight from the sentences of the design, slow, and sharing nothing with the optimizer.

Only for towns of about ten communities. Sets of communities are bit masks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import hypot, isnan

import networkx as nx

from optimizer.rules import Rules


@dataclass(frozen=True)
class Optimum:
    """The best values in the order of goals; `areas` counts those of one best plan unless most areas is a goal."""

    exceptions: int
    exception_households: int
    areas: int
    cost: float


def optimum(graph: nx.Graph, rules: Rules) -> Optimum:
    """Return the best values over all partitions into lawful groups, hosts and fixed alone, and exceptions."""
    town, lawful_from, settled = _laid_out(graph, rules)
    nodes, free = graph.nodes, town.free

    @cache
    def best(left: int) -> tuple[float, ...]:
        if not left:
            return (0, 0, 0, 0.0, 0.0)
        first = (left & -left).bit_length() - 1
        node, rest = nodes[free[first]], left & ~(1 << first)
        ways = [
            _plus(best(left & ~mask), (0, 0, 1, cost, 0.0))
            for mask, cost in lawful_from[first]
            if mask & ~left == 0
        ]
        if node["scope"] == "host":
            ways.append(_plus(best(rest), (0, 0, 1, 0.0, 0.0)))
        elif node["count"] < rules.minimum or town.bound(first):
            price = (rules.exception_price or 0.0) * node["count"]
            ways.append(_plus(best(rest), (1, node["count"], 0, 0.0, price)))
        return min(ways, key=lambda way: _goals(way, rules))

    found = best((1 << len(free)) - 1)
    settled_cost = sum(town.any_cost(members) for members in settled)
    return Optimum(
        int(found[0]), int(found[1]), int(found[2]) + len(settled), found[3] + found[4] + settled_cost
    )


@dataclass(frozen=True)
class Whole:
    """One plan of all there are; `company` is the area of each community, empty without one."""

    exceptions: int
    exception_households: int
    areas: int
    cost: float
    company: dict[str, tuple[str, ...]]


def all_plans(graph: nx.Graph, rules: Rules) -> list[Whole]:
    """Return every partition into lawful groups, hosts and fixed alone, and exceptions."""
    town, lawful_from, settled = _laid_out(graph, rules)
    nodes, free = graph.nodes, town.free
    price = rules.exception_price or 0.0

    def ways(left: int) -> Iterator[tuple[float, list[int], list[str]]]:
        """Yield cost, groups and exceptions of each way to settle what is left."""
        if not left:
            yield 0.0, [], []
            return
        first = (left & -left).bit_length() - 1
        node, rest = nodes[free[first]], left & ~(1 << first)
        for mask, cost in lawful_from[first]:
            if mask & ~left == 0:
                yield from ((cost + c, [mask, *g], out) for c, g, out in ways(left & ~mask))
        if node["scope"] == "host":
            yield from ((c, [1 << first, *g], out) for c, g, out in ways(rest))
        elif node["count"] < rules.minimum or town.bound(first):
            yield from ((c + price * node["count"], g, [free[first], *out]) for c, g, out in ways(rest))

    plans = []
    settled_cost = sum(town.any_cost(members) for members in settled)
    for cost, masks, out in ways((1 << len(free)) - 1):
        areas = [*settled, *([i for k, i in enumerate(free) if mask >> k & 1] for mask in masks)]
        company = dict.fromkeys(nodes, ()) | {i: tuple(sorted(area)) for area in areas for i in area}
        households = sum(nodes[i]["count"] for i in out)
        plans.append(Whole(len(out), households, len(areas), cost + settled_cost, company))
    return plans


def _laid_out(
    graph: nx.Graph, rules: Rules
) -> tuple["_Town", dict[int, list[tuple[int, float]]], list[list[str]]]:
    """Return the town, its lawful groups with their costs by their first community, and the areas settled before."""
    nodes = graph.nodes
    locked: dict[str, list[str]] = {}
    for i in nodes:
        if nodes[i]["lock"]:
            locked.setdefault(nodes[i]["lock"], []).append(i)
    fixed = [i for i in nodes if not nodes[i]["lock"] and nodes[i]["scope"] == "fixed"]
    free = [
        i
        for i in nodes
        if not nodes[i]["lock"] and nodes[i]["scope"] in ("to_group", "host") and nodes[i]["count"]
    ]
    town = _Town(graph, rules, free)
    lawful_from: dict[int, list[tuple[int, float]]] = {k: [] for k in range(len(free))}
    for mask in range(1, 1 << len(free)):
        if town.lawful(mask):
            lawful_from[(mask & -mask).bit_length() - 1].append((mask, town.cost(mask)))
    return town, lawful_from, [*locked.values(), *([i] for i in fixed)]


def _plus(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _goals(way: tuple[float, ...], rules: Rules) -> tuple[float, ...]:
    exceptions, households, areas, cost, price = way
    fewest = () if rules.exception_price is not None else (exceptions, households)
    return (*fewest, *((-areas,) if rules.most_areas else ()), cost + price)


class _Town:
    def __init__(self, graph: nx.Graph, rules: Rules, free: list[str]) -> None:
        self.graph, self.rules, self.free = graph, rules, free
        index = {i: k for k, i in enumerate(free)}
        pairs = {tuple(sorted(p)) for p in graph.graph.get("together", ())}
        self.together = [(index[a], index[b]) for a, b in pairs if a in index and b in index]
        self.apart = [
            (index[a], index[b]) for a, b in graph.graph.get("apart", ()) if a in index and b in index
        ]
        self.near = [0] * len(free)
        for a, b in [*graph.edges, *pairs]:
            if a in index and b in index and a != b:
                self.near[index[a]] |= 1 << index[b]
                self.near[index[b]] |= 1 << index[a]

    def bound(self, k: int) -> bool:
        return any(k in pair for pair in self.together)

    def sum(self, mask: int) -> int:
        return sum(self.graph.nodes[i]["count"] for k, i in enumerate(self.free) if mask >> k & 1)

    def connected(self, mask: int) -> bool:
        seen = wave = mask & -mask
        while wave:
            around = 0
            for k in range(len(self.free)):
                if wave >> k & 1:
                    around |= self.near[k]
            wave = around & mask & ~seen
            seen |= wave
        return seen == mask

    def whole(self, mask: int) -> bool:
        return all((mask >> a & 1) == (mask >> b & 1) for a, b in self.together)

    def splits(self, mask: int) -> bool:
        half = (mask - 1) & mask
        while half:
            other, t = mask & ~half, self.rules.minimum
            if self.sum(half) >= t and self.sum(other) >= t and self.whole(half):  # noqa: SIM102 - the cheap questions first
                if self.connected(half) and self.connected(other):
                    return True
            half = (half - 1) & mask
        return False

    def lawful(self, mask: int) -> bool:
        nodes = [self.graph.nodes[i] for k, i in enumerate(self.free) if mask >> k & 1]
        hosts = [n for n in nodes if n["scope"] == "host"]
        if len(nodes) == 1:
            return not hosts and self.whole(mask) and nodes[0]["count"] >= self.rules.minimum
        if self.sum(mask) < self.rules.minimum or not self.whole(mask) or not self.connected(mask):
            return False
        if any(mask >> a & 1 and mask >> b & 1 for a, b in self.apart):
            return False
        small = all(n["count"] < self.rules.minimum for n in nodes if n["scope"] != "host")
        if len(hosts) > 1 or (hosts and not small):
            return False
        if self.sum(mask) <= self.rules.upper:
            return True
        return not self.rules.upper_hard and not self.splits(mask)

    def cost(self, mask: int) -> float:
        return self.any_cost([i for k, i in enumerate(self.free) if mask >> k & 1])

    def any_cost(self, members: list[str]) -> float:
        nodes, prices = self.graph.nodes, self.rules.prices
        if len(members) == 1 and nodes[members[0]]["scope"] in ("fixed", "host"):
            return 0.0
        walk = min(sum((nodes[i]["count"] or 0) * self._metres(i, c) for i in members) for c in members)
        households = sum(nodes[i]["count"] or 0 for i in members)
        reaches = any(
            (nodes[i]["count"] or 0) >= self.rules.minimum and nodes[i]["scope"] in ("to_group", "host")
            for i in members
        )
        join = prices.join_self_sufficient if reaches and len(members) > 1 else 0.0
        size = prices.upper_per_household * max(0, households - self.rules.upper)
        mixed = self._unlike(members) + prices.change_per_household * self._moved(members)
        return walk + join + size + prices.area + mixed + self._tree(members)

    def _unlike(self, members: list[str]) -> float:
        """Each committee, grid, and known value of housing beyond the first, at its price."""
        prices = self.rules.prices
        known: dict[str, set[object]] = {}
        for i in members:
            node = self.graph.nodes[i]
            known.setdefault("grid", set()).update(node.get("grids") or ())
            for name in ("committee", "ownership", "lift", "managed"):
                known.setdefault(name, set()).update(v for v in (node.get(name) or "").split("、") if v)
            if node.get("built_year"):
                begun = [year for year in self.rules.age_bands if year <= node["built_year"]]
                known.setdefault("age_band", set()).add(max(begun, default=None))
        price_of = {"committee": prices.committee, "grid": prices.grid, **prices.unlike}
        return sum(price_of.get(name, 0.0) * (len(values) - 1) for name, values in known.items() if values)

    def _moved(self, members: list[str]) -> int:
        """Households of `members` whose former area is not the one that this area continues."""
        nodes = self.graph.nodes
        inside: dict[str, int] = {}
        for i in members:
            if nodes[i].get("former"):
                inside[nodes[i]["former"]] = inside.get(nodes[i]["former"], 0) + (nodes[i]["count"] or 0)
        continued = [count for area, count in inside.items() if self._center(area) in members]
        return sum(inside.values()) - max(continued, default=0)

    def _center(self, area: str) -> str:
        """The community of a former area to which its households walk least, the first of several."""
        were = sorted(i for i in self.graph if self.graph.nodes[i].get("former") == area)
        walks = {c: sum((self.graph.nodes[i]["count"] or 0) * self._metres(i, c) for i in were) for c in were}
        return min(were, key=lambda c: round(walks[c], 6))

    def _metres(self, a: str, b: str) -> float:
        one, other = self.graph.nodes[a], self.graph.nodes[b]
        if any(isnan(v) for v in (one["x"], one["y"], other["x"], other["y"])):
            return 0.0
        return hypot(one["x"] - other["x"], one["y"] - other["y"])

    def _tree(self, members: list[str]) -> float:
        """Lightest forest, by growing the set of joined pairs from the cheapest link on."""
        prices = self.rules.prices
        links = []
        for a, b in combinations(sorted(members), 2):
            if self.graph.has_edge(a, b):
                link = self.graph.edges[a, b]
                crossings = sum(prices.crossing.get(c, 0.0) for c in link["crosses"])
                links.append((crossings + prices.wall_per_m * link["wall_m"], a, b))
            elif (a, b) in {tuple(sorted(p)) for p in self.graph.graph.get("together", ())}:
                links.append((0.0, a, b))
        piece = {i: i for i in members}
        total = 0.0
        for price, a, b in sorted(links):
            if piece[a] != piece[b]:
                total += price
                old = piece[b]
                piece = {i: piece[a] if p == old else p for i, p in piece.items()}
        return total
