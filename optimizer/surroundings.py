"""Compiled: what the groups of one root can reach, and what it costs them at least to be large enough.

Imported only while solving.
"""

from typing import NamedTuple

import numpy as np

from optimizer.instance import Arrays, Floats, Ints
from optimizer.native import compiled

UNSEEN, FRONTIER, INSIDE, BANNED = 0, 1, 2, 3


@compiled
def distance(x: Floats, y: Floats, a: int, b: int) -> float:
    """Return the straight distance in metres of two communities; 0 where either has no place."""
    metres = float(np.hypot(x[a] - x[b], y[a] - y[b]))
    return 0.0 if np.isnan(metres) else metres


class Around(NamedTuple):
    """What one root may reach: units no group asked for can hold stay BANNED, with a gain that means nothing."""

    mark: Ints
    gain: Floats  # unit → profit less walking to the root and cheapest links
    toll: Floats
    queue: Ints
    reached: Ints  # the units not banned, in order of discovery
    short: Ints  # of these, the ones that lose; by loss a household, the least first,
    short_weight: Floats  # their weights summed up,
    short_loss: Floats  # and their losses


@compiled
def around_of(units: int) -> Around:
    """Return room for the surroundings of a root, everything banned."""
    whole = np.empty((3, units), np.int64)
    return Around(
        np.full(units, BANNED, np.int64),
        np.empty(units, np.float64),
        np.full(units, np.inf),
        whole[0],
        whole[1],
        whole[2],
        np.empty(units, np.float64),
        np.empty(units, np.float64),
    )


class Root(NamedTuple):
    """Where groups are looked for: a centre (a community), or their smallest unit; and the unit that is."""

    place: int
    first: int
    by_center: bool


@compiled
def _gain_of(town: Arrays, root: Root, unit: int, profit: Floats) -> float:
    """Return the profit of a unit less its walk to the root and its cheapest links."""
    gain = float(profit[unit])
    if root.by_center and gain > -np.inf:
        for e in range(town.member_start[unit], town.member_start[unit + 1]):
            i = town.member[e]
            gain -= town.households[i] * distance(town.x, town.y, i, root.place)
        if unit != root.first:
            gain -= town.least_link[unit]
    return gain


class Sight(NamedTuple):
    """From where a unit may be worth its walk: most of them from within `metres` only."""

    metres: float
    near: Ints  # units from west to east,
    x: Floats  # and where their first communities are
    far: Ints  # the few units worth a longer walk, or without a place


@compiled
def sight_of(town: Arrays, profit: Floats) -> Sight:
    """Return how far each unit is seen: its first community walks no farther than its profit pays for."""
    first = town.member[town.member_start[:-1]]
    metres = np.maximum(profit, 0.0) / town.households[first] + 1e-6
    placed = ~(np.isnan(town.x[first]) | np.isnan(town.y[first]))
    ranked = np.sort(metres[placed])
    usual = ranked[len(ranked) - 1 - len(ranked) // 64] if len(ranked) else 0.0
    near = np.flatnonzero(placed & (metres <= usual))
    near = near[np.argsort(town.x[first[near]])]
    return Sight(usual, near, town.x[first[near]], np.flatnonzero(~(placed & (metres <= usual))))


@compiled
def _hoped_for(town: Arrays, root: Root, profit: Floats, sight: Sight) -> float:
    """Return the sum of the positive gains of all units but the first."""
    total = 0.0
    if not root.by_center:
        for u in range(root.first + 1, len(profit)):
            total += max(0.0, profit[u])
        return total
    for u in sight.far:
        if u != root.first:
            total += max(0.0, _gain_of(town, root, u, profit))
    west, east = 0, len(sight.near)
    x, y = town.x[root.place], town.y[root.place]
    if not np.isnan(x + y):
        west = np.searchsorted(sight.x, x - sight.metres)
        east = np.searchsorted(sight.x, x + sight.metres)
    for u in sight.near[west:east]:
        too_far = abs(town.y[town.member[town.member_start[u]]] - y) > sight.metres
        if not too_far and u != root.first:
            total += max(0.0, _gain_of(town, root, u, profit))
    return total


@compiled
def look_around(
    town: Arrays, root: Root, profit: Floats, sight: Sight, budget: float, near: Around
) -> tuple[int, float]:
    """Find the units a group of this root may hold; return how many, and the sum of the positive gains but the first's.

    A group that holds a unit holds a way to it, and loses at least the negative gains on the cheapest way (its toll);
    where all positive gains together cannot make good for that, no group asked for holds the unit. Fewer units
    leave fewer positive gains, so this is repeated while it bans any.
    """
    total = _hoped_for(town, root, profit, sight)
    near.gain[root.first] = _gain_of(town, root, root.first, profit)
    while True:
        count = _tolls(town, root, profit, near.gain[root.first] + budget + total + 1e-6, near)
        left = 0.0
        for k in range(1, count):
            left += max(0.0, near.gain[near.reached[k]])
            near.toll[near.reached[k]] = np.inf
        near.toll[root.first] = np.inf
        if left >= total - 1e-9:
            break
        total = left
    near.mark[near.reached[:count]] = UNSEEN
    return count, left


@compiled
def _tolls(town: Arrays, root: Root, profit: Floats, budget: float, near: Around) -> int:
    """Find the units whose toll is within `budget`; return how many; all marks stay BANNED."""
    m = len(near.queue)
    near.toll[root.first] = 0.0
    near.queue[0] = root.first
    near.reached[0] = root.first
    head, waiting, count = 0, 1, 1
    while waiting > 0:
        u = near.queue[head]
        head = (head + 1) % m
        waiting -= 1
        near.mark[u] = BANNED
        for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
            v = town.adjacent[e]
            if not root.by_center and v < root.first:
                continue
            new = near.toll[v] == np.inf
            if new:
                near.gain[v] = _gain_of(town, root, v, profit)
            there = near.toll[u] + max(0.0, -near.gain[v])
            if there < near.toll[v] and there <= budget:
                near.toll[v] = there
                if new:
                    near.reached[count] = v
                    count += 1
                if near.mark[v] == BANNED:
                    near.mark[v] = FRONTIER
                    near.queue[(head + waiting) % m] = v
                    waiting += 1
    return count


@compiled
def lay_losses(town: Arrays, first: int, count: int, near: Around) -> tuple[int, int]:
    """Lay out the units that lose by loss a household; return how many, and the weight of those that gain."""
    losing, open_weight = 0, 0
    for k in range(count):
        u = near.reached[k]
        if u == first:
            continue
        if near.gain[u] > 0.0:
            open_weight += town.weight[u]
        else:
            near.short[losing] = u
            losing += 1
    units = near.short[:losing].copy()
    order = np.argsort(-near.gain[units] / town.weight[units])
    weight, loss = 0.0, 0.0
    for k in range(losing):
        u = units[order[k]]
        weight += town.weight[u]
        loss -= near.gain[u]
        near.short_weight[k], near.short_loss[k] = weight, loss
    return losing, open_weight


@compiled
def loss_for(weight: float, losing: int, near: Around) -> float:
    """Return the least loss with which units that lose bring `weight` households; inf where they cannot.

    The relaxed knapsack (Dantzig 1957): whole units by loss a household, and a fraction of the last one.
    """
    if weight <= 0.0:
        return 0.0
    k = np.searchsorted(near.short_weight[:losing], weight)
    if k == losing:
        return np.inf
    before_weight = near.short_weight[k - 1] if k else 0.0
    before_loss = near.short_loss[k - 1] if k else 0.0
    share = (weight - before_weight) / (near.short_weight[k] - before_weight)
    return float(before_loss + share * (near.short_loss[k] - before_loss))
