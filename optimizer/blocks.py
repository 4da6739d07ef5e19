"""A plan as blocks (areas, linked exceptions, and those in the way) and the smallest change that completes a group.

`reasons` asks one question again and again: from these exceptions, what is the least that must give way (a rule, a
scope, a refused link) so that a lawful group comes about? This module holds the blocks and answers it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

import networkx as nx
import pandas as pd

from optimizer.plan import Area, Plan
from optimizer.rules import Rules
from optimizer.standing import pairs, standing_of, total, units, with_ties

PASSABLE = ("exception", "area", "host")
RULES_THAT_GIVE = ("apart", "host", "upper")
LOOKS = 2_000  # sets of blocks looked at in one search before it gives up


@dataclass(frozen=True, order=True)
class Waiver:
    """A link that is missing: refused for `cause`, or longer than the reach (cause "reach"); gap in metres.

    `beyond`: it is longer than the reach whatever its cause, so that lifting the cause alone does not make the link.
    """

    a: str
    b: str
    gap_m: float
    cause: str
    beyond: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Block:
    """Communities that go together: linked exceptions, an area, or one that no group may take (`kind` says why)."""

    members: tuple[str, ...]
    kind: str  # exception, area, host; held, fixed, excluded, locked
    weight: int  # households
    hosts: int  # hosts, and what is fixed: it could be opened as a host
    large: int  # other communities that reach the minimum by themselves
    usable: bool  # every count is known, and nothing but `kind` keeps a group from taking the block


@dataclass(frozen=True)
class Change:
    """A lawful group that could come about: its members, and the missing links it needs, in the order of use."""

    members: tuple[str, ...]
    waivers: tuple[Waiver, ...]


class Blocks:
    """All blocks of one plan, with the usable and the missing links between them. Never changed once made."""

    def __init__(self, plan: Plan, graph: "nx.Graph[str]", rules: Rules, missing: Iterable[Waiver]) -> None:
        self.graph = graph
        self.rules = rules
        self.town = with_ties(graph)
        self.blocks = tuple(_blocks(plan, self.town, rules))
        self.block_of = {m: number for number, block in enumerate(self.blocks) for m in block.members}
        self.near: tuple[set[int], ...] = self._neighbours(self.town.edges)
        self._component_of = self._components()
        self.apart_pairs = pairs(graph, "apart")
        self.apart = self._neighbours(self.apart_pairs)
        self.missing: tuple[list[tuple[int, Waiver]], ...] = tuple([] for _ in self.blocks)
        for waiver in sorted(missing):
            a, b = self.block_of[waiver.a], self.block_of[waiver.b]
            if a != b:
                self.missing[a].append((b, waiver))
                self.missing[b].append((a, waiver))

    def members(self, chosen: Iterable[int]) -> tuple[str, ...]:
        """Return all communities of the chosen blocks, sorted."""
        return tuple(sorted(m for number in chosen for m in self.blocks[number].members))

    def weight(self, chosen: Iterable[int]) -> int:
        """Return the households of the chosen blocks."""
        return sum(self.blocks[number].weight for number in chosen)

    def kinds(self, chosen: Iterable[int], kind: str) -> list[int]:
        """Return those of the chosen blocks that are of this kind, sorted."""
        return sorted(number for number in chosen if self.blocks[number].kind == kind)

    def beside(self, inside: Collection[int]) -> set[int]:
        """Return the blocks linked to any block inside, and not inside themselves."""
        return set().union(*(self.near[number] for number in inside)).difference(inside)

    def around(self, start: int) -> frozenset[int]:
        """Return the blocks that hang together with `start` through exceptions, areas and hosts; no rule is asked."""
        return self._component_of.get(start, frozenset([start]))

    def gather(self, start: int, *, opened: Collection[int] = ()) -> frozenset[int]:
        """Return blocks around `start` that can be one group with it under the rules, until they reach the minimum.

        The `opened` ones may join too, and come first, then exceptions, then areas and hosts.
        """
        found: frozenset[int] = frozenset()
        waiting = [(False, False, start)]
        while waiting and self.weight(found) < self.rules.minimum:
            number = heappop(waiting)[-1]
            if number not in found and not self.faults(found, number):
                found |= {number}
                for n in self.near[number] - found:
                    if self._passable(n, opened):
                        heappush(waiting, (n not in opened, self.blocks[n].kind != "exception", n))
        return found

    def smallest_change(
        self,
        start: int,
        *,
        causes: Collection[str] | None = (),
        giving: Collection[str] = (),
        opened: Collection[int] = (),
    ) -> Change | None:
        """Return the smallest change after which `start` is in a lawful group, None where there is none.

        It may use missing links within reach of these causes (None: any missing link), break the rules that are `giving` (RULES_THAT_GIVE)
        and take in the `opened` blocks. Smallest: fewest rules broken, then fewest missing links, then least sum of
        their gaps, then first by ids. Uniform-cost search over sets of blocks: exact unless it gives up at LOOKS sets.
        """
        heap: list[tuple[int, int, float, tuple[int, ...], tuple[Waiver, ...]]] = [(0, 0, 0.0, (start,), ())]
        seen: set[frozenset[int]] = set()
        while heap and len(seen) < LOOKS:
            broken, _, gap_m, numbers, waivers = heappop(heap)
            inside = frozenset(numbers)
            if inside in seen:
                continue
            seen.add(inside)
            if self.weight(inside) >= self.rules.minimum and (
                "upper" in giving or not self._too_large(inside)
            ):
                return Change(self.members(inside), waivers)
            for number, waiver in self._steps(inside, causes, opened):
                faults = self.faults(inside, number)
                if faults.keys() <= set(giving):
                    used = waivers if waiver is None else (*waivers, waiver)
                    gap = gap_m + (waiver.gap_m if waiver else 0.0)
                    grown = tuple(sorted({*inside, number}))
                    heappush(heap, (broken + sum(faults.values()), len(used), gap, grown, used))
        return None

    def _neighbours(self, links: Iterable[tuple[str, str]]) -> tuple[set[int], ...]:
        near: tuple[set[int], ...] = tuple(set() for _ in self.blocks)
        for a, b in ((self.block_of[a], self.block_of[b]) for a, b in links):
            if a != b:
                near[a].add(b)
                near[b].add(a)
        return near

    def _components(self) -> dict[int, frozenset[int]]:
        passable: nx.Graph[int] = nx.Graph()
        passable.add_nodes_from(n for n in range(len(self.blocks)) if self._passable(n, ()))
        passable.add_edges_from((a, b) for a in passable for b in self.near[a] if b in passable)
        whole = (frozenset(component) for component in nx.connected_components(passable))
        return {number: component for component in whole for number in component}

    def _steps(
        self, inside: frozenset[int], causes: Collection[str] | None, opened: Collection[int]
    ) -> Iterator[tuple[int, Waiver | None]]:
        for number in self.beside(inside):
            if self._passable(number, opened):
                yield number, None
        for member in inside:
            for number, waiver in self.missing[member]:
                wanted = causes is None or (waiver.cause in causes and not waiver.beyond)
                if wanted and number not in inside and self._passable(number, opened):
                    yield number, waiver

    def _passable(self, number: int, opened: Collection[int]) -> bool:
        return self.blocks[number].kind in PASSABLE or number in opened

    def _too_large(self, inside: Collection[int]) -> bool:
        group = sum(len(self.blocks[number].members) for number in inside) > 1
        return self.rules.upper_hard and group and self.weight(inside) > self.rules.upper

    def faults(self, inside: frozenset[int], number: int) -> dict[str, int]:
        """Return the rules that break when the block joins those inside, and how often."""
        grown = [self.blocks[n] for n in (*inside, number)]
        hosts = sum(block.hosts for block in grown)
        large = sum(block.large for block in grown)
        faults = {
            "apart": len(self.apart[number] & inside),
            "host": max(0, hosts - 1) + (large if hosts else 0),
            "upper": int(self._too_large((*inside, number))),
        }
        return {rule: times for rule, times in faults.items() if times}


def waivers_of(*tables: pd.DataFrame, beyond: bool = False) -> list[Waiver]:
    """Return the missing links of refused links (with their cause) and of pairs beyond the reach (mostly without one)."""
    return [
        Waiver(str(min(a, b)), str(max(a, b)), float(gap_m), str(cause), beyond)
        for table in tables
        for a, b, gap_m, cause in zip(
            table["a"], table["b"], table["gap_m"], table.get("cause", ["reach"] * len(table)), strict=True
        )
    ]


def _blocks(plan: Plan, town: "nx.Graph[str]", rules: Rules) -> Iterator[Block]:
    stands = standing_of(town)
    covered = plan.area_of()
    left_out = {c for c, standing in stands.items() if standing == "open" and c not in covered}
    tied = _tied_hosts(plan, town, stands, left_out)
    groups = [
        (area.members, _kind_of_area(area, stands)) for area in plan.areas if tied.isdisjoint(area.members)
    ]
    groups += [(members, "exception") for members in _exceptions(town, left_out | tied, rules)]
    groups += [((c,), s) for c, s in stands.items() if c not in covered and s != "open"]
    for members, kind in sorted(groups):
        nodes = [town.nodes[m] for m in members]
        hosts = [node["scope"] in ("host", "fixed") for node in nodes]
        large = sum(
            (node["count"] or 0) >= rules.minimum for node, host in zip(nodes, hosts, strict=True) if not host
        )
        usable = all(node["count"] for node in nodes) and (kind != "locked" or _could_unlock(town, members))
        yield Block(members, kind, total(town, members), sum(hosts), large, usable)


def _could_unlock(town: "nx.Graph[str]", members: tuple[str, ...]) -> bool:
    scopes = {town.nodes[m]["scope"] for m in members}
    return scopes <= {"to_group", "host"} and nx.is_connected(town.subgraph(members))


def _tied_hosts(plan: Plan, town: "nx.Graph[str]", stands: Mapping[str, str], left_out: set[str]) -> set[str]:
    """Return the hosts in areas of their own that must stay together with somebody left out."""
    alone = {m for area in plan.areas if len(area.members) == 1 for m in area.members if stands[m] == "host"}
    ties = units(town, left_out | alone)
    return {m for unit in ties if not left_out.isdisjoint(unit) for m in alone.intersection(unit)}


def _kind_of_area(area: Area, stands: Mapping[str, str]) -> str:
    kinds = {stands[m] for m in area.members}
    if area.locked or "locked" in kinds:
        return "locked"
    if kinds in ({"fixed"}, {"host"}) and len(area.members) == 1:
        return kinds.pop()
    return "area"


def _exceptions(town: "nx.Graph[str]", left_out: Collection[str], rules: Rules) -> Iterator[tuple[str, ...]]:
    """Yield linked exceptions as one block, and unit by unit where they could not or need not be one group."""
    apart = pairs(town, "apart")
    for component in nx.connected_components(town.subgraph(left_out)):
        torn = rules.upper_hard or any(a in component and b in component for a, b in apart)
        torn |= sum(town.nodes[c]["scope"] == "host" for c in component) > 1
        if torn or rules.exception_price is not None or total(town, component) >= rules.minimum:
            yield from units(town, component)
        else:
            yield tuple(sorted(component))
