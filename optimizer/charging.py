"""Compiled: what a group costs, for any set of units, and the parts of it that are counted while a group grows.

Imported only while solving; `candidates.area_cost` says the same, readably, for any set of communities.
"""

from typing import NamedTuple

import numpy as np

from optimizer.instance import Arrays, Floats, Ints
from optimizer.native import compiled
from optimizer.splitting import weight_of
from optimizer.surroundings import distance


class Task(NamedTuple):
    """What one search looks for.

    A group counts when its reduced cost (what it costs, less the profits of its units, less `bonus`) is at most
    `ceiling`; `improving` lowers the ceiling of a root to the best group seen from it. With `by_center` the roots are
    communities and each group is found from its centre; otherwise the roots are units, each group is found from its
    smallest unit, and walking is known only when the group is complete: so the ceiling must be infinite, or
    `prices` 0, which leaves cost out of the reduced cost.
    """

    minimum: int
    upper: int
    upper_hard: bool
    join_price: float
    upper_price: float
    prices: float  # 1.0, or 0.0 where only the profits count
    bonus: float  # profit of any group
    by_center: bool
    ceiling: float
    improving: bool
    groups: int  # stop after so many groups
    steps: int  # steps for each root
    all_steps: int  # steps in all


@compiled
def walking_of(town: Arrays, inside: Ints) -> tuple[float, int]:
    """Return the walking cost of sorted communities `inside` and the centre (the smallest of the best)."""
    best, center = np.inf, -1
    for c in inside:
        total = 0.0
        for i in inside:
            total += town.households[i] * distance(town.x, town.y, i, c)
            if total >= best:
                break
        if total < best:
            best, center = total, c
    return best, center


@compiled
def tree_of(town: Arrays, inside: Ints) -> float:
    """Return the cost of the lightest tree of links over communities `inside` (Prim)."""
    k = len(inside)
    nearest = np.full(k, np.inf)
    open_ = np.ones(k, np.bool_)
    total = 0.0
    at = 0
    open_[0] = False
    for _ in range(k - 1):
        i = inside[at]
        for e in range(town.link_start[i], town.link_start[i + 1]):
            j = np.searchsorted(inside, town.link[e])
            if j < k and inside[j] == town.link[e] and town.link_cost[e] < nearest[j]:
                nearest[j] = town.link_cost[e]
        at = -1
        for j in range(k):
            if open_[j] and (at < 0 or nearest[j] < nearest[at]):
                at = j
        open_[at] = False
        total += nearest[at]
    return total


class Tally(NamedTuple):
    """What the group at hand holds; changed unit by unit, and changed back."""

    holders: Ints  # value of a trait → units that have it
    values: Ints  # trait → values held
    stayed: Floats  # former area → households of it


@compiled
def costs(town: Arrays, task: Task, start: Ints, units: Ints) -> tuple[Floats, Ints]:
    """Return full cost and centre of groups given as `start` into `units`."""
    cost = np.empty(len(start) - 1, np.float64)
    center = np.empty(len(start) - 1, np.int64)
    inside = np.empty(len(town.households), np.int64)
    tally = tally_of(town)
    for k in range(len(cost)):
        group = units[start[k] : start[k + 1]]
        members = members_of(town, group, inside)
        walk, center[k] = walking_of(town, members)
        cost[k] = walk + beside_walking(town, task, group, members, tally)
    return cost, center


@compiled
def beside_walking(town: Arrays, task: Task, group: Ints, members: Ints, tally: Tally) -> float:
    """Return all that units `group` cost but walking; `members` are their communities, `tally` is left as it was."""
    mixing = 0.0
    for u in group:
        mixing += mixed(town, tally, u)
        count_former(town, tally, u, 1.0)
    cost = tree_of(town, members) + town.area_price + mixing
    cost += charge_of(task, len(members), town.joins[group].sum(), weight_of(town, group))
    cost += town.change_price * moved(town, tally, members)
    for u in group:
        unmixed(town, tally, u)
        count_former(town, tally, u, -1.0)
    return cost


@compiled
def charge_of(task: Task, size: int, joins: int, weight: int) -> float:
    """Return the prices for joining and for size of `size` communities: a larger group cannot lose them."""
    charge = task.upper_price * max(0, weight - task.upper)
    if joins > 0 and size > 1:
        charge += task.join_price
    return charge


@compiled
def tally_of(town: Arrays) -> Tally:
    """Return the tally of no group."""
    areas = town.former.max() + 1 if len(town.former) else 0
    return Tally(
        np.zeros(len(town.trait_of), np.int64),
        np.zeros(len(town.trait_price), np.int64),
        np.zeros(areas, np.float64),
    )


@compiled
def mixed(town: Arrays, tally: Tally, unit: int) -> float:
    """Take `unit` in; return the price of the values that are new beside others of the same trait.

    The values of a group only become more with its units, so a larger group cannot lose this price.
    """
    price = 0.0
    for e in range(town.value_start[unit], town.value_start[unit + 1]):
        value = town.value[e]
        if tally.holders[value] == 0:
            trait = town.trait_of[value]
            if tally.values[trait] > 0:
                price += town.trait_price[trait]
            tally.values[trait] += 1
        tally.holders[value] += 1
    return price


@compiled
def unmixed(town: Arrays, tally: Tally, unit: int) -> None:
    """Give back what `mixed` counted of `unit`."""
    for e in range(town.value_start[unit], town.value_start[unit + 1]):
        value = town.value[e]
        tally.holders[value] -= 1
        if tally.holders[value] == 0:
            tally.values[town.trait_of[value]] -= 1


@compiled
def count_former(town: Arrays, tally: Tally, unit: int, sign: float) -> float:
    """Count the households of `unit` by former area, or give them back; return how many had one."""
    counted = 0.0
    if town.change_price > 0.0:
        for e in range(town.member_start[unit], town.member_start[unit + 1]):
            i = town.member[e]
            if town.former[i] >= 0:
                tally.stayed[town.former[i]] += sign * town.households[i]
                counted += town.households[i]
    return counted


@compiled
def moved(town: Arrays, tally: Tally, members: Ints) -> float:
    """Return the households of `members` (those of the tally) that leave their former area.

    They stay where the group holds the centre of their former area: of the area with the most households of those.
    """
    leaving, most = 0.0, 0.0
    if town.change_price > 0.0:
        for i in members:
            if town.former[i] >= 0:
                leaving += town.households[i]
                if town.anchor[i]:
                    most = max(most, tally.stayed[town.former[i]])
    return leaving - most


@compiled
def members_of(town: Arrays, group: Ints, buffer: Ints) -> Ints:
    """Return the communities of units `group`, sorted."""
    n = 0
    for u in group:
        for e in range(town.member_start[u], town.member_start[u + 1]):
            buffer[n] = town.member[e]
            n += 1
    return np.sort(buffer[:n])
