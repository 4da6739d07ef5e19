"""Compiled search for connected lawful groups: the one place that walks through sets of units.

Imported only while solving: the first search compiles (15 to 30 seconds), later ones read a cache.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from optimizer.instance import Arrays, Floats, Ints
from optimizer.splitting import NO, UNSURE, YES, splits, weight_of
from optimizer.surroundings import (
    BANNED,
    FRONTIER,
    INSIDE,
    UNSEEN,
    Root,
    around_of,
    distance,
    lay_losses,
    look_around,
    loss_for,
    sight_of,
)


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


class Found(NamedTuple):
    """Groups found: `start` into `units`, full cost, centre; a bound on the reduced costs of each root; cut short or not.

    `least` is at most 0; where the search was cut short it is what the branches not taken might have given.
    """

    start: Ints
    units: Ints
    cost: Floats
    center: Ints
    least: Floats
    complete: bool


@njit(cache=True)
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


@njit(cache=True)
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


class Cuts(NamedTuple):
    """Subset rows: a group that holds two or more units of a cut pays its penalty (≥ 0), once."""

    start: Ints  # unit → cuts it is in
    cut: Ints
    penalty: Floats  # of each cut


@njit(cache=True)
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


@njit(cache=True)
def beside_walking(town: Arrays, task: Task, group: Ints, members: Ints, tally: "Tally") -> float:
    """Return all that units `group` cost but walking; `members` are their communities, `tally` is left as it was."""
    mixing = 0.0
    for u in group:
        mixing += _mixed(town, tally, u)
        _count_former(town, tally, u, 1.0)
    cost = tree_of(town, members) + town.area_price + mixing
    cost += charge_of(task, len(members), town.joins[group].sum(), weight_of(town, group))
    cost += town.change_price * _moved(town, tally, members)
    for u in group:
        _unmixed(town, tally, u)
        _count_former(town, tally, u, -1.0)
    return cost


@njit(cache=True)
def charge_of(task: Task, size: int, joins: int, weight: int) -> float:
    """Return the prices for joining and for size of `size` communities: a larger group cannot lose them."""
    charge = task.upper_price * max(0, weight - task.upper)
    if joins > 0 and size > 1:
        charge += task.join_price
    return charge


class Tally(NamedTuple):
    """What the group at hand holds; changed unit by unit, and changed back."""

    holders: Ints  # value of a trait → units that have it
    values: Ints  # trait → values held
    stayed: Floats  # former area → households of it


@njit(cache=True)
def tally_of(town: Arrays) -> Tally:
    """Return the tally of no group."""
    areas = town.former.max() + 1 if len(town.former) else 0
    return Tally(
        np.zeros(len(town.trait_of), np.int64),
        np.zeros(len(town.trait_price), np.int64),
        np.zeros(areas, np.float64),
    )


@njit(cache=True)
def _mixed(town: Arrays, tally: Tally, unit: int) -> float:
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


@njit(cache=True)
def _unmixed(town: Arrays, tally: Tally, unit: int) -> None:
    """Give back what `_mixed` counted of `unit`."""
    for e in range(town.value_start[unit], town.value_start[unit + 1]):
        value = town.value[e]
        tally.holders[value] -= 1
        if tally.holders[value] == 0:
            tally.values[town.trait_of[value]] -= 1


@njit(cache=True)
def _count_former(town: Arrays, tally: Tally, unit: int, sign: float) -> float:
    """Count the households of `unit` by former area, or give them back; return how many had one."""
    counted = 0.0
    if town.change_price > 0.0:
        for e in range(town.member_start[unit], town.member_start[unit + 1]):
            i = town.member[e]
            if town.former[i] >= 0:
                tally.stayed[town.former[i]] += sign * town.households[i]
                counted += town.households[i]
    return counted


@njit(cache=True)
def _moved(town: Arrays, tally: Tally, members: Ints) -> float:
    """Return the households of `members` (those of the tally) that leave their former area.

    They stay where the group holds the centre of their former area: of the area with the most households of those.
    """
    moved, most = 0.0, 0.0
    if town.change_price > 0.0:
        for i in members:
            if town.former[i] >= 0:
                moved += town.households[i]
                if town.anchor[i]:
                    most = max(most, tally.stayed[town.former[i]])
    return moved - most


@njit(cache=True)
def _surely_moved(town: Arrays, tally: Tally, branch: "Branch", depth: int) -> float:
    """Return how many households of the branch leave their former area at least, in it and in any larger group.

    Whichever former area a group continues, all households of the others move; each community more adds its
    households to those that had an area, and at most as many to the largest of them.
    """
    unit, before = branch.chosen[depth], depth - 1
    branch.former[depth] = _count_former(town, tally, unit, 1.0) + (branch.former[before] if depth else 0.0)
    most = branch.most[before] if depth else 0.0
    for e in range(town.member_start[unit], town.member_start[unit + 1]):
        area = town.former[town.member[e]]
        if area >= 0:
            most = max(most, tally.stayed[area])
    branch.most[depth] = most
    return float(branch.former[depth] - most)


@njit(cache=True)
def members_of(town: Arrays, group: Ints, buffer: Ints) -> Ints:
    """Return the communities of units `group`, sorted."""
    n = 0
    for u in group:
        for e in range(town.member_start[u], town.member_start[u + 1]):
            buffer[n] = town.member[e]
            n += 1
    return np.sort(buffer[:n])


@njit(cache=True)
def _grown(values: Any, need: int) -> Any:
    """Return `values` with room for at least `need`."""
    if need <= len(values):
        return values
    larger = np.empty(max(need, 2 * len(values)), values.dtype)
    larger[: len(values)] = values
    return larger


class Branch(NamedTuple):
    """The branch being searched: what holds at each depth, after so many units were taken in."""

    chosen: Ints  # the unit taken in
    position: Ints  # next place of the frontier to look at
    length: Ints  # end of the frontier
    value: Floats  # profits less walking and cheapest links, and the bonus
    open_gain: Floats  # positive gains not yet decided,
    open_weight: Ints  # and the households there
    cutting: Floats  # penalties of cuts
    linking: Floats  # cheapest links charged so far
    mixing: Floats  # price of further values of traits
    moving: Floats  # price of the households that surely leave their former area
    former: Floats  # households that had a former area
    most: Floats  # most households of one former area
    weight: Ints
    size: Ints  # communities
    hosts: Ints
    bigs: Ints
    joins: Ints
    unsure: Ints  # 1 where it is unsure whether the group splits


@njit(cache=True)
def _set(town: Arrays, branch: Branch, depth: int, unit: int) -> None:
    """Take `unit` in at `depth`, as far as sums go."""
    before = depth - 1
    branch.chosen[depth] = unit
    branch.weight[depth] = town.weight[unit] + (branch.weight[before] if depth else 0)
    branch.size[depth] = (
        town.member_start[unit + 1] - town.member_start[unit] + (branch.size[before] if depth else 0)
    )
    branch.hosts[depth] = town.hosts[unit] + (branch.hosts[before] if depth else 0)
    branch.bigs[depth] = town.bigs[unit] + (branch.bigs[before] if depth else 0)
    branch.joins[depth] = town.joins[unit] + (branch.joins[before] if depth else 0)
    branch.position[depth] = branch.position[before] if depth else 0
    branch.linking[depth] = town.least_link[unit] + branch.linking[before] if depth else 0.0


@njit(cache=True)
def _count_in(town: Arrays, branch: Branch, tally: Tally, depth: int) -> None:
    """Take the unit at `depth` in, as far as mixing and change go; only called where these have a price."""
    mixed = _mixed(town, tally, branch.chosen[depth])
    branch.mixing[depth] = mixed + (branch.mixing[depth - 1] if depth else 0.0)
    if town.change_price > 0.0:
        branch.moving[depth] = town.change_price * _surely_moved(town, tally, branch, depth)


@njit(cache=True)
def _count_out(town: Arrays, tally: Tally, unit: int) -> None:
    """Give back what `_count_in` counted of `unit`."""
    _unmixed(town, tally, unit)
    _count_former(town, tally, unit, -1.0)


@njit(cache=True)
def _widen(town: Arrays, branch: Branch, depth: int, gain: Floats, frontier: Ints, mark: Ints) -> None:
    """Put the new neighbours of the unit just taken in behind the frontier, best first."""
    before = branch.length[depth - 1] if depth else 0
    n = before
    u = branch.chosen[depth]
    for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
        v = town.adjacent[e]
        if mark[v] == UNSEEN:
            mark[v] = FRONTIER
            place = n
            while place > before and gain[frontier[place - 1]] < gain[v]:
                frontier[place] = frontier[place - 1]
                place -= 1
            frontier[place] = v
            n += 1
    branch.length[depth] = n


@njit(cache=True)
def _step_back(branch: Branch, depth: int, frontier: Ints, mark: Ints) -> None:
    """Give back what the unit at `depth` brought; the unit itself stays decided until its neighbour goes."""
    for k in range(branch.length[depth - 1] if depth else 0, branch.length[depth]):
        mark[frontier[k]] = UNSEEN
    if depth:
        mark[branch.chosen[depth]] = FRONTIER


@njit(cache=True)
def _lawful(task: Task, branch: Branch, depth: int) -> bool:
    """Tell whether the group is lawful; what no larger group could mend was refused when its units were taken in."""
    if branch.size[depth] == 1:
        return bool(branch.weight[depth] >= task.minimum and branch.hosts[depth] == 0)
    return branch.weight[depth] >= task.minimum and (
        branch.weight[depth] <= task.upper or not task.upper_hard
    )


@njit(cache=True)
def _may_join(town: Arrays, task: Task, branch: Branch, depth: int, unit: int, mark: Ints) -> tuple[int, int]:
    """Tell whether a lawful group may hold the branch and `unit` (NO, YES, UNSURE), and how much work it was to see."""
    hosts, bigs = branch.hosts[depth] + town.hosts[unit], branch.bigs[depth] + town.bigs[unit]
    if hosts > 1 or (hosts > 0 and bigs > 0):
        return NO, 0
    for e in range(town.apart_start[unit], town.apart_start[unit + 1]):
        if mark[town.apart[e]] == INSIDE:
            return NO, 0
    if branch.weight[depth] + town.weight[unit] <= task.upper:
        return YES, 0
    if task.upper_hard:
        return NO, 0
    branch.chosen[depth + 1] = unit
    answer, work = splits(town, branch.chosen[: depth + 2], task.minimum)
    return (NO if answer == YES else YES if answer == NO else UNSURE), work // 4


@njit(cache=True)
def _enter(cuts: Cuts, unit: int, held: Ints, branch: Branch, depth: int) -> None:
    """Count the unit in its cuts; the second unit of a cut brings its penalty."""
    total = branch.cutting[depth - 1] if depth else 0.0
    for e in range(cuts.start[unit], cuts.start[unit + 1]):
        held[cuts.cut[e]] += 1
        if held[cuts.cut[e]] == 2:
            total += cuts.penalty[cuts.cut[e]]
    branch.cutting[depth] = total


@njit(cache=True)
def groups(  # noqa: C901, PLR0912, PLR0915 - one loop over one stack; what can be named is named above
    town: Arrays, task: Task, roots: Ints, profit: Floats, cuts: Cuts
) -> Found:
    """Search the lawful groups of every root (a centre, or the smallest unit) within the limits of `task`.

    Depth-first; each step takes the next unit of the frontier in or leaves it out for good, so no set is met twice
    from one root. A branch ends where its own profit and all positive profits not yet decided stay below what is
    asked. That is a bound because every price is at least 0, and what is charged at once (join, size, mixing, an area,
    households that move whatever the group continues, and for each further community at least its cheapest link) is
    never less in a larger group; the rest (its tree of links, what moves beside that) is charged when it is complete. A group of which it stays unsure whether it
    splits is never returned, but counts in `least`: the bound holds, and a listing that would need it is not complete.
    """
    m = len(town.weight)
    start, units = np.zeros(1024, np.int64), np.empty(8192, np.int64)
    cost, center = np.empty(1024, np.float64), np.empty(1024, np.int64)
    least = np.zeros(len(roots), np.float64)
    found, complete, all_steps = 0, True, 0
    near, frontier, held = around_of(m), np.empty(m + 1, np.int64), np.zeros(len(cuts.penalty), np.int64)
    mark, gain = near.mark, near.gain
    whole, real = np.zeros((10, m + 1), np.int64), np.zeros((8, m + 1), np.float64)
    branch = Branch(
        whole[0],
        whole[1],
        whole[2],
        real[0],
        real[1],
        whole[3],
        real[2],
        real[3],
        real[4],
        real[5],
        real[6],
        real[7],
        whole[4],
        whole[5],
        whole[6],
        whole[7],
        whole[8],
        whole[9],
    )
    buffer = np.empty(len(town.households), np.int64)
    tally = tally_of(town)
    counting = len(town.trait_price) > 0 or town.change_price > 0.0
    priced = len(town.link_cost) > 0 and town.link_cost.max() > 0.0
    sight = sight_of(town, profit)

    for k in range(len(roots)):
        ceiling = task.ceiling
        first = town.unit_of[roots[k]] if task.by_center else roots[k]
        root = Root(roots[k], first, task.by_center)
        count, open_gain = look_around(town, root, profit, sight, task.bonus + ceiling, near)
        losing, open_weight = lay_losses(town, first, count, near)
        branch.open_gain[0], branch.open_weight[0] = open_gain, open_weight
        branch.value[0] = gain[first] + task.bonus
        _set(town, branch, 0, first)
        if counting:
            _count_in(town, branch, tally, 0)
        _enter(cuts, first, held, branch, 0)
        mark[first] = INSIDE
        depth, steps, entering = 0, 0, True
        while depth >= 0:
            full = charge_of(task, branch.size[depth], branch.joins[depth], branch.weight[depth])
            full += town.area_price
            if counting:
                full += branch.mixing[depth] + branch.moving[depth]
            charge = task.prices * full + branch.cutting[depth]
            reduced = charge - branch.value[depth] - branch.linking[depth]
            if entering:
                steps += 1
                _widen(town, branch, depth, gain, frontier, mark)
                if _lawful(task, branch, depth) and reduced <= ceiling:
                    members = members_of(town, branch.chosen[: depth + 1], buffer)
                    late = tree_of(town, members) if priced else 0.0
                    if town.change_price > 0.0:
                        late += town.change_price * _moved(town, tally, members) - branch.moving[depth]
                    reduced += task.prices * late
                    if reduced <= ceiling:
                        least[k] = min(least[k], reduced)
                        walk, best = walking_of(town, members)
                        if branch.unsure[depth]:
                            complete = complete and task.improving and task.ceiling < np.inf
                        elif best == roots[k] or task.improving or not task.by_center:
                            end = start[found] + depth + 1
                            start, units = _grown(start, found + 2), _grown(units, end)
                            cost, center = _grown(cost, found + 1), _grown(center, found + 1)
                            units[start[found] : end] = np.sort(branch.chosen[: depth + 1])
                            cost[found], center[found] = walk + late + full, best
                            found += 1
                            start[found] = end
                            if found == task.groups:
                                return Found(
                                    start[: found + 1], units, cost[:found], center[:found], least, False
                                )
                        if task.improving and not branch.unsure[depth]:
                            ceiling = min(ceiling, reduced)
                entering = False
            more = branch.position[depth] < branch.length[depth]
            top = branch.value[depth] + branch.open_gain[depth] - charge
            lacking = task.minimum - branch.weight[depth] - branch.open_weight[depth]
            reachable = top - (loss_for(lacking, losing, near) if more else 0.0)
            if more and (steps >= task.steps or all_steps + steps >= task.all_steps):
                least[k] = min(least[k], -reachable)  # what is not looked at might be as good as this
                complete, more = False, False
            if not more or reachable < -ceiling:
                if counting:
                    _count_out(town, tally, branch.chosen[depth])
                _step_back(branch, depth, frontier, mark)
                for e in range(cuts.start[branch.chosen[depth]], cuts.start[branch.chosen[depth] + 1]):
                    held[cuts.cut[e]] -= 1
                depth -= 1
                continue
            unit = frontier[branch.position[depth]]
            branch.position[depth] += 1
            if gain[unit] > 0.0:
                branch.open_gain[depth] -= gain[unit]
                branch.open_weight[depth] -= town.weight[unit]
            if top + min(0.0, gain[unit]) < -ceiling:
                continue
            answer, work = _may_join(town, task, branch, depth, unit, mark)
            steps += work
            if answer == NO:
                continue
            depth += 1
            _set(town, branch, depth, unit)
            if counting:
                _count_in(town, branch, tally, depth)
            branch.value[depth] = branch.value[depth - 1] + gain[unit]
            branch.open_gain[depth] = branch.open_gain[depth - 1]
            branch.open_weight[depth] = branch.open_weight[depth - 1]
            branch.unsure[depth] = answer == UNSURE
            mark[unit] = INSIDE
            _enter(cuts, unit, held, branch, depth)
            entering = True
        mark[near.reached[:count]] = BANNED
        all_steps += steps
    return Found(start[: found + 1], units, cost[:found], center[:found], least, complete)
