"""Why a community is in no area, with numbers, and the nearest repair: computed, never guessed.

A cause is named only where lifting it alone completes a lawful group, or where it is a plain fact (no link, too few).
Codes are those of optimizer.md §5; beside them `no_place`, `other_bound` (a column that is neither street nor committee)
and `could_join` (only a hand-made draft leaves out what could be grouped).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isnan

import networkx as nx
import numpy as np
import pandas as pd

from optimizer.blocks import RULES_THAT_GIVE, Blocks, Change, Waiver, waivers_of
from optimizer.plan import Plan
from optimizer.rules import Rules
from optimizer.standing import standing_of, total, with_ties

BOUNDS = {"street_town": "other_street", "committee": "other_committee"}
OPENED_BY = {"locked": "unlock", "fixed": "open_as_host", "excluded": "include"}


@dataclass(frozen=True)
class Repair:
    """What would help: `code` is a key under "repairs."; `numbers` as in Reason, `links` a tuple of Waiver."""

    code: str
    numbers: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """Why a community is in no area: `code` is a key under "reasons.", with `.case` where `numbers` has a case.

    Numbers whose key ends in `_id` or `_ids` hold community ids, `pairs` pairs of them; counts are households, `_m`
    metres.
    """

    code: str
    numbers: Mapping[str, object]
    repair: Repair | None = None


def reasons(
    plan: Plan,
    graph: "nx.Graph[str]",
    rules: Rules,
    *,
    refused: pd.DataFrame,
    beyond: pd.DataFrame | None = None,
) -> dict[str, tuple[Reason, ...]]:
    """Return, for every exception and held community in the order of ids, its reasons, the main one first.

    `refused` has REFUSED_COLUMNS; `beyond` has a, b, gap_m of neighbours farther apart than the reach. Links to
    communities that are not in `graph` are passed over.
    """
    far = [] if beyond is None else waivers_of(beyond, beyond=True)
    missing = [w for w in [*waivers_of(refused), *far] if w.a in graph and w.b in graph]
    blocks = Blocks(plan, graph, rules, missing)
    stands = standing_of(graph)
    found: dict[str, tuple[Reason, ...]] = {}
    for community in sorted(c for c, outcome in plan.outcomes.items() if outcome in ("exception", "held")):
        if community in found:
            continue
        if stands[community] == "held":
            found[community] = (_count_unknown(blocks, community),)
        elif stands[community] != "open":
            found[community] = (Reason("blocked_by_rule", {"case": "itself"}),)
        else:
            number = blocks.block_of[community]
            why = tuple(_why_left_out(blocks, number))
            found |= {m: why for m in blocks.blocks[number].members if plan.outcomes.get(m) == "exception"}
    return dict(sorted(found.items()))


def opened(plan: Plan, graph: "nx.Graph[str]", rules: Rules, refused: pd.DataFrame, cause: str) -> int:
    """Return how many exceptions would surely vanish if all links refused for `cause` were usable.

    Counts the exceptions whose component reaches the minimum with those links and not without them; components with a
    host or an apart pair promise nothing and count as none, and so does any plan with a hard upper size.
    """
    if rules.upper_hard:
        return 0
    stands = standing_of(graph)
    town = with_ties(graph)
    open_ones = {c for c, s in stands.items() if s == "open"}
    before: nx.Graph[str] = nx.Graph(town.subgraph(open_ones))
    after = nx.Graph(before)
    after.add_edges_from(
        (w.a, w.b) for w in waivers_of(refused) if w.cause == cause and w.a in open_ones and w.b in open_ones
    )
    barred = {c for pair in graph.graph.get("apart", ()) for c in pair}
    barred |= {n for host, s in stands.items() if s == "host" for n in town[host]}
    short = {
        c for part in nx.connected_components(before) if total(graph, part) < rules.minimum for c in part
    }
    vanishing = (
        part & short
        for part in nx.connected_components(after)
        if total(graph, part) >= rules.minimum and barred.isdisjoint(part)
    )
    return sum(plan.outcomes[c] == "exception" for part in vanishing for c in part)


# --- why linked exceptions were left out -----------------------------------------------------------


def _why_left_out(blocks: Blocks, start: int) -> Iterator[Reason]:
    """Yield the reasons of one block of exceptions, in the order: rules, held neighbours, bounds, terrain, facts."""
    free = blocks.smallest_change(start)
    if free is not None:
        yield _not_in_the_way(blocks, start, free)
        return
    yield from _rules_in_the_way(blocks, start)
    yield from _blocked_neighbours(blocks, start)
    yield from _held_neighbours(blocks, start)
    yield from _bounds(blocks, start)
    if blocks.weight(blocks.around(start)) < blocks.rules.minimum:
        yield _too_few(blocks, start)


def _not_in_the_way(blocks: Blocks, start: int, free: Change) -> Reason:
    """Say that no rule stood in the way: exceptions have a price and lost, or a hand took the community out."""
    rules = blocks.rules
    if rules.exception_price is None:
        return Reason(
            "could_join", _group(blocks, free.members), Repair("join", _group(blocks, free.members))
        )
    members, price = _cheapest(blocks, start, free)
    households = blocks.blocks[start].weight
    numbers = {
        **_group(blocks, members),
        "price": round(price),
        "exception_price": round(rules.exception_price * households),
        "households": households,
    }
    return Reason("traded_off", numbers, Repair("join", _group(blocks, members)))


def _cheapest(blocks: Blocks, start: int, free: Change) -> tuple[tuple[str, ...], float]:
    """Return the group that takes the block in at the least additional cost, in household-metres, and that cost.

    Groups looked at: the block with each area beside it, and the group found first.
    """
    from optimizer.candidates import area_cost

    def price(members: tuple[str, ...]) -> float:
        areas = blocks.kinds({blocks.block_of[m] for m in members}, "area")
        before = sum(area_cost(blocks.graph, blocks.rules, blocks.blocks[n].members).total for n in areas)
        return area_cost(blocks.graph, blocks.rules, members).total - before

    areas = blocks.kinds(blocks.beside((start,)), "area")
    groups = [blocks.members((start, n)) for n in areas if not blocks.faults(frozenset([start]), n)]
    return min(((members, price(members)) for members in [*groups, free.members]), key=lambda g: (g[1], g[0]))


def _rules_in_the_way(blocks: Blocks, start: int) -> Iterator[Reason]:
    """Yield the rules of which each alone keeps the block out; where only several together do, these."""
    alone = {rule: blocks.smallest_change(start, giving=(rule,)) for rule in RULES_THAT_GIVE}
    sufficient = {rule: change for rule, change in alone.items() if change is not None}
    for rule, change in sufficient.items():
        yield _rule(blocks, rule, change)
    around = blocks.around(start)
    if not sufficient and blocks.weight(around) >= blocks.rules.minimum:
        yield Reason("blocked_by_rule", {"case": "several", **_group(blocks, blocks.members(around))})


def _rule(blocks: Blocks, rule: str, change: Change) -> Reason:
    group = _group(blocks, change.members)
    if rule == "upper":
        upper = {**group, "upper": blocks.rules.upper}
        return Reason("upper_size", upper, Repair("raise_upper", upper))
    if rule == "host":
        hosts = [m for m in change.members if blocks.town.nodes[m]["scope"] == "host"]
        return Reason("blocked_by_rule", {"case": "host", "neighbour_ids": tuple(hosts), **group})
    inside = set(change.members)
    pairs = {"pairs": tuple((a, b) for a, b in blocks.apart_pairs if a in inside and b in inside)}
    return Reason("blocked_by_rule", {"case": "apart", **pairs, **group}, Repair("drop_apart", pairs))


def _blocked_neighbours(blocks: Blocks, start: int) -> Iterator[Reason]:
    """Yield, for each of lock and scope, the first neighbour with which the group would be complete."""
    beside = blocks.beside(blocks.around(start))
    for kind, repair in OPENED_BY.items():
        for number in blocks.kinds(beside, kind):
            change = blocks.smallest_change(start, opened=(number,)) if blocks.blocks[number].usable else None
            if change is not None:
                neighbour = {"neighbour_ids": blocks.blocks[number].members}
                numbers = {"case": kind, **neighbour, **_group(blocks, change.members)}
                yield Reason("blocked_by_rule", numbers, Repair(repair, neighbour))
                break


def _held_neighbours(blocks: Blocks, start: int) -> Iterator[Reason]:
    """Yield the held neighbour that needs the fewest households; the repair looks one held community further."""
    held = blocks.kinds(blocks.beside(blocks.around(start)), "held")
    groups = [(blocks.gather(start, opened=(number,)), number) for number in held]
    helpful = [
        (_need(blocks, group), number, group)
        for group, number in groups
        if number in group and _fits(blocks, group)
    ]
    if not helpful:
        return
    need, number, group = min(helpful, key=lambda h: h[:2])
    numbers = {
        "neighbour_id": blocks.blocks[number].members[0],
        "need": need,
        "total": blocks.weight(blocks.gather(start)),
        "minimum": blocks.rules.minimum,
    }
    wider = blocks.gather(start, opened=(number, *blocks.kinds(blocks.beside(group), "held")))
    if _need(blocks, wider) == need or not _fits(blocks, wider):
        wider = group
    survey = {"community_ids": blocks.members(blocks.kinds(wider, "held")), "need": _need(blocks, wider)}
    yield Reason("neighbour_held", numbers, Repair("survey_counts", survey))


def _bounds(blocks: Blocks, start: int) -> Iterator[Reason]:
    """Yield the bounds, then the steps in height, of which each alone stands between the block and a group."""
    columns = sorted(blocks.rules.within, key=lambda c: (c != "committee", c != "street_town", c))
    causes = [(BOUNDS.get(c, "other_bound"), {"column": c}, [f"within:{c}"], "open_bound") for c in columns]
    steps = [f"barrier:{c}" for c in blocks.rules.terrain]
    for code, numbers, waived, repair in [*causes, ("terrain", {}, steps, "open_links")]:
        change = blocks.smallest_change(start, causes=waived)
        if change is not None:
            group = {**numbers, **_group(blocks, change.members), "links": change.waivers}
            yield Reason(code, group, Repair(repair, group))


def _too_few(blocks: Blocks, start: int) -> Reason:
    """Say that the households within reach do not suffice, and the smallest set of links that would."""
    members = blocks.blocks[start].members
    change = blocks.smallest_change(start, causes=None)
    repair = None
    if change is not None:
        repair = Repair("open_links", {"links": change.waivers, **_group(blocks, change.members)})
    if not any(set(blocks.town[m]) - set(members) for m in members) and len(members) == 1:
        return _no_neighbour(blocks, members[0], repair)
    found = blocks.weight(blocks.around(start))
    minimum = blocks.rules.minimum
    numbers = {"total": found, "minimum": minimum, "short": minimum - found, **_size(blocks, start)}
    return Reason("too_few_within_reach", numbers, repair)


def _size(blocks: Blocks, start: int) -> dict[str, object]:
    members = blocks.members(blocks.around(start))
    return {"communities": len(members), "community_ids": members}


def _no_neighbour(blocks: Blocks, community: str, repair: Repair | None) -> Reason:
    if isnan(blocks.town.nodes[community]["x"]):
        return Reason("no_place", {}, Repair("give_place"))
    mine = [waiver for _, waiver in blocks.missing[blocks.block_of[community]]]
    nearest = min(mine, key=lambda w: (w.gap_m, w), default=None) or _nearest(blocks.town, community)
    if nearest is None:
        return Reason("no_neighbour", {"case": "none"}, repair)
    numbers = {
        "case": "far" if nearest.cause == "reach" else "between",
        "nearest_id": nearest.b if nearest.a == community else nearest.a,
        "distance_m": nearest.gap_m,
        "cause": nearest.cause,
    }
    return Reason("no_neighbour", numbers, repair)


def _nearest(town: "nx.Graph[str]", community: str) -> Waiver | None:
    """Return the nearest other community by straight distance in metres, None where no other has a place."""
    others = [c for c in sorted(town) if c != community and not isnan(town.nodes[c]["x"])]
    if not others:
        return None
    at = town.nodes[community]
    away_m = np.array([np.hypot(town.nodes[c]["x"] - at["x"], town.nodes[c]["y"] - at["y"]) for c in others])
    first = int(np.argmin(away_m))
    return Waiver(community, others[first], float(away_m[first]), "reach")


# --- held ------------------------------------------------------------------------------------------


def _count_unknown(blocks: Blocks, community: str) -> Reason:
    """Say what a count would change: how many households make a group with the neighbours, and whom that frees."""
    start = blocks.block_of[community]
    reachable = blocks.gather(start)
    if not _fits(blocks, reachable):
        reachable = frozenset([start])
    need = _need(blocks, reachable)
    numbers: dict[str, object] = {"need": need, "minimum": blocks.rules.minimum}
    held_too = blocks.members(blocks.kinds(blocks.beside((start,)), "held"))
    left_out = blocks.members(blocks.kinds(reachable, "exception"))
    freed = tuple(m for m in left_out if blocks.town.nodes[m]["scope"] != "host")
    if blocks.town.nodes[community]["scope"] == "host":
        numbers |= {"case": "host", "need": 1, "frees": 0}
    elif len(reachable) > 1:
        case = "joins" if blocks.kinds(reachable, "area") else "completes"
        numbers |= {"case": f"{case}_and_frees" if freed else case, "frees": len(freed), "freed_ids": freed}
    elif held_too:
        numbers |= {"case": "with_held", "frees": 0, "neighbour_ids": held_too}
    else:
        numbers |= {"case": "alone", "frees": 0}
    return Reason(
        "count_unknown", numbers, Repair("survey_counts", {"community_ids": (community,), "need": need})
    )


def _need(blocks: Blocks, chosen: Iterable[int]) -> int:
    return max(1, blocks.rules.minimum - blocks.weight(chosen))


def _fits(blocks: Blocks, chosen: Collection[int]) -> bool:
    """Tell whether a hard upper size leaves room for the households still needed."""
    return not blocks.rules.upper_hard or blocks.weight(chosen) + _need(blocks, chosen) <= blocks.rules.upper


def _group(blocks: Blocks, members: tuple[str, ...]) -> dict[str, object]:
    return {"group_ids": members, "communities": len(members), "total": total(blocks.town, members)}
