"""The graph as arrays: who takes part, what is contracted, and the parts that can be solved one by one."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from geo.schema import DataError
from optimizer.plan import center_of
from optimizer.rules import Prices, Rules
from optimizer.traits import trait_prices, values_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Arrays(NamedTuple):
    """One part of the graph for compiled code; ragged lists are a `*_start` array with what it points into.

    A unit is one community or several that must stay together; units are in order of their smallest community,
    communities in order of their id. Households in `count` and `weight`, metres in `x` and `y`
    (nan without a place), household-metres in `link_cost` and `least_link`.
    """

    unit_of: Ints  # community → unit
    households: Floats  # community → households
    x: Floats
    y: Floats
    member_start: Ints  # unit → communities
    member: Ints
    weight: Ints  # unit → households
    hosts: Ints  # unit → number of hosts in it
    bigs: Ints  # unit → communities to group that reach the minimum by themselves
    joins: Ints  # unit → communities (hosts too) that reach the minimum by themselves
    adjacent_start: Ints  # unit → linked units
    adjacent: Ints
    apart_start: Ints  # unit → units it must not share an area with
    apart: Ints
    link_start: Ints  # community → linked communities, with what the link costs
    link: Ints
    link_cost: Floats
    least_link: Floats  # unit → sum over its communities of their cheapest link
    value_start: Ints  # unit → values of priced traits (a committee, a grid, a kind of housing), each once
    value: Ints
    trait_of: Ints  # value → trait
    trait_price: Floats  # trait → price of each further value in a group
    former: Ints  # community → area of the existing plan, -1 without one; empty where change has no price
    anchor: NDArray[np.bool_]  # community → whether it is the centre of its former area
    change_price: float  # per household that leaves its former area
    area_price: float


@dataclass(frozen=True)
class Part:
    """A connected part of the communities that take part; areas never reach from one part into another."""

    ids: tuple[str, ...]  # community id by index
    nodes: Mapping[str, Mapping[str, Any]]  # what the graph says of each, and whether it is an `anchor`
    arrays: Arrays
    out_communities: Ints  # unit → communities that become exceptions when no area takes the unit
    out_households: Ints
    hosts: frozenset[str]
    clean: bool  # nothing (apart, host, hard upper size) can force an exception here

    @property
    def units(self) -> int:
        """Return the number of units."""
        return len(self.arrays.weight)

    def communities(self, units: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of all communities in `units`, sorted."""
        start, member = self.arrays.member_start, self.arrays.member
        return tuple(sorted(self.ids[i] for u in units for i in member[start[u] : start[u + 1]]))


@dataclass(frozen=True)
class Instance:
    """What is decided before the search (held, excluded, fixed, locked) and the parts it searches."""

    held: tuple[str, ...]
    excluded: tuple[str, ...]
    fixed: tuple[str, ...]
    locked: tuple[tuple[str, tuple[str, ...]], ...]  # area id as given, members
    parts: tuple[Part, ...]


def prepare(graph: "nx.Graph[str]", rules: Rules) -> Instance:
    """Split the communities of `graph` by what may happen to them and lay out the rest as arrays.

    Raises DataError `optimizer.together_*` where a 须同区 pair contradicts a lock, a scope or a 不得同区 pair.
    """
    nodes: Mapping[str, Mapping[str, Any]] = {i: graph.nodes[i] for i in sorted(graph.nodes)}
    locked_ids = sorted((d["lock"], i) for i, d in nodes.items() if d.get("lock"))
    locked = tuple(
        (lock, tuple(i for _, i in rows)) for lock, rows in groupby(locked_ids, key=lambda row: row[0])
    )
    rest = {i: d for i, d in nodes.items() if not d.get("lock")}
    excluded = tuple(i for i, d in rest.items() if d["scope"] == "excluded")
    fixed = tuple(i for i, d in rest.items() if d["scope"] == "fixed")
    held = tuple(i for i, d in rest.items() if d["scope"] in ("to_group", "host") and not d["count"])
    anchors = set(former_centers(graph).values())
    free = {
        i: {**d, "anchor": i in anchors}
        for i, d in rest.items()
        if d["scope"] in ("to_group", "host") and d["count"]
    }
    together = _together(graph, nodes, free)
    units = _contract(free, together)
    _check_units(graph, units, free, rules)
    return Instance(held, excluded, fixed, locked, tuple(_parts(graph, rules, free, together, units)))


def link_cost(link: Mapping[str, Any], prices: Prices) -> float:
    """Return what a link costs in household-metres: its crossings and its wall."""
    crossings = sum(prices.crossing.get(barrier, 0.0) for barrier in link["crosses"])
    return float(crossings + prices.wall_per_m * link["wall_m"])


def former_centers(graph: "nx.Graph[str]", areas: Container[str] | None = None) -> dict[str, str]:
    """Return the centre of each area of the existing plan (`former` of the nodes), as far as it is one of `areas`."""
    members: dict[str, list[str]] = {}
    for i, node in graph.nodes(data=True):
        area = node.get("former")
        if area and (areas is None or area in areas):
            members.setdefault(area, []).append(i)
    return {area: center_of(graph, ids) for area, ids in sorted(members.items())}


def distance_m(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """Return the straight distance of two communities; 0 where either has no place."""
    metres = float(np.hypot(a["x"] - b["x"], a["y"] - b["y"]))
    return 0.0 if np.isnan(metres) else metres


def _together(
    graph: "nx.Graph[str]", nodes: Mapping[str, Mapping[str, Any]], free: Mapping[str, object]
) -> list[tuple[str, str]]:
    """Return the pairs that bind the search; pairs with a held or excluded community bind nothing yet."""
    pairs = []
    for a, b in sorted(tuple(sorted(pair)) for pair in graph.graph.get("together", ())):
        locks = nodes[a].get("lock"), nodes[b].get("lock")
        if any(locks):
            if locks[0] != locks[1]:
                raise DataError("optimizer.together_lock", a=a, b=b)
        elif "fixed" in (nodes[a]["scope"], nodes[b]["scope"]):
            raise DataError("optimizer.together_fixed", a=a, b=b)
        elif a in free and b in free:
            pairs.append((a, b))
    return pairs


def _contract(free: Iterable[str], together: Iterable[tuple[str, str]]) -> list[list[str]]:
    bound: nx.Graph[str] = nx.Graph()
    bound.add_nodes_from(free)
    bound.add_edges_from(together)
    return sorted(sorted(unit) for unit in nx.connected_components(bound))


def _check_units(
    graph: "nx.Graph[str]", units: list[list[str]], free: Mapping[str, Mapping[str, Any]], rules: Rules
) -> None:
    unit_of = {i: u for u, unit in enumerate(units) for i in unit}
    for a, b in sorted(tuple(sorted(pair)) for pair in graph.graph.get("apart", ())):
        if a in unit_of and unit_of[a] == unit_of.get(b):
            raise DataError("optimizer.together_apart", a=a, b=b)
    for unit in units:
        hosts = [i for i in unit if free[i]["scope"] == "host"]
        bigs = [i for i in unit if free[i]["scope"] != "host" and free[i]["count"] >= rules.minimum]
        if hosts and len(hosts + bigs) > 1:
            raise DataError(
                "optimizer.together_host", a=(hosts + bigs)[0], b=(hosts + bigs)[1], minimum=rules.minimum
            )


def _parts(
    graph: "nx.Graph[str]",
    rules: Rules,
    free: Mapping[str, Mapping[str, Any]],
    together: list[tuple[str, str]],
    units: list[list[str]],
) -> Iterable[Part]:
    links = dict.fromkeys(together, 0.0)
    for a, b, link in graph.edges(data=True):
        if a in free and b in free and a != b:
            links[min(a, b), max(a, b)] = link_cost(link, rules.prices)
    apart = [(a, b) for a, b in graph.graph.get("apart", ()) if a in free and b in free]
    return _connected(units, free, links, apart, rules)


def _connected(
    units: list[list[str]],
    nodes: Mapping[str, Mapping[str, Any]],
    links: Mapping[tuple[str, str], float],
    apart: Iterable[tuple[str, str]],
    rules: Rules,
) -> Iterable[Part]:
    joined: nx.Graph[str] = nx.Graph()
    joined.add_nodes_from(i for unit in units for i in unit)
    joined.add_edges_from(links)
    part_of = {
        i: p for p, ids in enumerate(sorted(sorted(c) for c in nx.connected_components(joined))) for i in ids
    }
    count = len(set(part_of.values()))
    units_of: list[list[list[str]]] = [[] for _ in range(count)]
    links_of: list[dict[tuple[str, str], float]] = [{} for _ in range(count)]
    apart_of: list[list[tuple[str, str]]] = [[] for _ in range(count)]
    for unit in units:
        units_of[part_of[unit[0]]].append(unit)
    for pair, cost in links.items():
        links_of[part_of[pair[0]]][pair] = cost
    for a, b in apart:
        if part_of[a] == part_of[b]:
            apart_of[part_of[a]].append((a, b))
    for of_units, of_links, of_apart in zip(units_of, links_of, apart_of, strict=True):
        yield lay_out(of_units, nodes, of_links, of_apart, rules)


def lay_out(
    units: list[list[str]],
    nodes: Mapping[str, Mapping[str, Any]],
    links: Mapping[tuple[str, str], float],
    apart: Iterable[tuple[str, str]],
    rules: Rules,
) -> Part:
    """Return one part as arrays; `links` maps a pair to its cost in household-metres."""
    ids = tuple(sorted(i for unit in units for i in unit))
    index = {i: k for k, i in enumerate(ids)}
    unit_of = np.empty(len(ids), np.int64)
    for u, unit in enumerate(units):
        unit_of[[index[i] for i in unit]] = u
    count = np.array([nodes[i]["count"] for i in ids], np.int64)
    host = np.array([nodes[i]["scope"] == "host" for i in ids])
    reaches = count >= rules.minimum

    ends = np.array([(index[a], index[b]) for a, b in links], np.int64).reshape(-1, 2)
    cost = np.array(list(links.values()), np.float64)
    link_start, link, link_cost_ = _ragged(
        np.vstack([ends, ends[:, ::-1]]), len(ids), np.concatenate([cost, cost])
    )
    cheapest = np.array([min(link_cost_[a:b], default=0.0) for a, b in pairwise(link_start)])
    between = unit_of[ends]
    between = between[between[:, 0] != between[:, 1]]
    conflicts = np.array([(unit_of[index[a]], unit_of[index[b]]) for a, b in apart], np.int64).reshape(-1, 2)

    def per_unit(values: NDArray[Any]) -> Ints:
        return np.bincount(unit_of, values, len(units)).astype(np.int64)

    member_start, member, _ = _ragged(np.column_stack([unit_of, np.arange(len(ids))]), len(units))
    adjacent_start, adjacent, _ = _ragged(np.vstack([between, between[:, ::-1]]), len(units))
    apart_start, apart_units, _ = _ragged(np.vstack([conflicts, conflicts[:, ::-1]]), len(units))
    arrays = Arrays(
        unit_of,
        count.astype(np.float64),
        np.array([nodes[i]["x"] for i in ids], np.float64),
        np.array([nodes[i]["y"] for i in ids], np.float64),
        member_start,
        member,
        per_unit(count),
        per_unit(host),
        per_unit(reaches & ~host),
        per_unit(reaches),
        adjacent_start,
        adjacent,
        apart_start,
        apart_units,
        link_start,
        link,
        link_cost_,
        np.bincount(unit_of, cheapest, len(units)).astype(np.float64),
        *_traits([nodes[i] for i in ids], unit_of, len(units), rules),
        *_former([nodes[i] for i in ids], rules),
        float(rules.prices.area),
    )
    clean = not (len(conflicts) or host.any() or rules.upper_hard)
    hosts = frozenset(i for i, is_host in zip(ids, host, strict=True) if is_host)
    own = {i: nodes[i] for i in ids}
    return Part(ids, own, arrays, per_unit(~host), per_unit(np.where(host, 0, count)), hosts, clean)


def _traits(
    nodes: list[Mapping[str, Any]], unit_of: Ints, units: int, rules: Rules
) -> tuple[Ints, Ints, Ints, Floats]:
    """Return `value_start`, `value`, `trait_of` and `trait_price`; a trait with one value can cost nothing here."""
    pairs: list[tuple[int, int]] = []
    trait_of: list[int] = []
    prices: list[float] = []
    for trait, price in trait_prices(rules).items():
        held = [values_of(node, trait, rules) for node in nodes]
        number = {
            value: n for n, value in enumerate(sorted({v for of_one in held for v in of_one}), len(trait_of))
        }
        if len(number) > 1:
            pairs += [(int(unit_of[k]), number[value]) for k, of_one in enumerate(held) for value in of_one]
            trait_of += [len(prices)] * len(number)
            prices.append(price)
    start, value, _ = _ragged(np.array(pairs, np.int64).reshape(-1, 2), units)
    return start, value, np.array(trait_of, np.int64), np.array(prices, np.float64)


def _former(nodes: list[Mapping[str, Any]], rules: Rules) -> tuple[Ints, NDArray[np.bool_], float]:
    """Return `former`, `anchor` and `change_price`."""
    areas = sorted({node["former"] for node in nodes if node.get("former")})
    price = float(rules.prices.change_per_household) if areas else 0.0
    if not price:
        return np.zeros(0, np.int64), np.zeros(0, np.bool_), 0.0
    number = {area: n for n, area in enumerate(areas)}
    former = np.array([number.get(node.get("former"), -1) for node in nodes], np.int64)
    return former, np.array([node.get("anchor", False) for node in nodes], np.bool_), price


def divided(part: Part, keep: NDArray[np.bool_], rules: Rules) -> list[Part]:
    """Return the connected parts that the units of mask `keep` form without the others."""
    a = part.arrays
    kept = [i for k, i in enumerate(part.ids) if keep[a.unit_of[k]]]
    index = {i: k for k, i in enumerate(part.ids)}
    links = {
        (i, part.ids[j]): float(a.link_cost[e])
        for i in kept
        for e, j in enumerate(
            a.link[a.link_start[index[i]] : a.link_start[index[i] + 1]], a.link_start[index[i]]
        )
        if index[i] < j and keep[a.unit_of[j]]
    }
    first = a.member[a.member_start[:-1]]
    apart = [
        (part.ids[first[u]], part.ids[first[v]])
        for u in np.flatnonzero(keep)
        for v in a.apart[a.apart_start[u] : a.apart_start[u + 1]]
        if u < v and keep[v]
    ]
    units = [list(part.communities([u])) for u in np.flatnonzero(keep).tolist()]
    return list(_connected(units, part.nodes, links, apart, rules))


def _ragged(pairs: Ints, rows: int, values: Floats | None = None) -> tuple[Ints, Ints, Floats]:
    """Turn (row, item) pairs into starts and items, sorted, each pair once with its least value."""
    values = np.zeros(len(pairs)) if values is None else values
    order = np.lexsort((values, pairs[:, 1], pairs[:, 0]))
    pairs, values = pairs[order], values[order]
    first = np.ones(len(pairs), bool)
    first[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    pairs, values = pairs[first], values[first]
    start = np.searchsorted(pairs[:, 0], np.arange(rows + 1)).astype(np.int64)
    return start, np.ascontiguousarray(pairs[:, 1]), values
