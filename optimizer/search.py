"""Compiled search for connected lawful groups: the one place that walks through sets of units.

Imported only while solving: the first search compiles (15 to 30 seconds), later ones read a cache.
"""

from typing import Any, NamedTuple

import numpy as np

from optimizer.charging import (
    Tally,
    Task,
    charge_of,
    count_former,
    members_of,
    mixed,
    moved,
    tally_of,
    tree_of,
    unmixed,
    walking_of,
)
from optimizer.instance import Arrays, Floats, Ints
from optimizer.native import compiled
from optimizer.splitting import NO, UNSURE, YES, splits
from optimizer.surroundings import (
    BANNED,
    FRONTIER,
    INSIDE,
    UNSEEN,
    Root,
    around_of,
    lay_losses,
    look_around,
    loss_for,
    sight_of,
)


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


class Cuts(NamedTuple):
    """Subset rows: a group that holds two or more units of a cut pays its penalty (≥ 0), once."""

    start: Ints  # unit → cuts it is in
    cut: Ints
    penalty: Floats  # of each cut


@compiled
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


@compiled
def _surely_moved(town: Arrays, tally: Tally, branch: Branch, depth: int) -> float:
    """Return how many households of the branch leave their former area at least, in it and in any larger group.

    Whichever former area a group continues, all households of the others move; each community more adds its
    households to those that had an area, and at most as many to the largest of them.
    """
    unit, before = branch.chosen[depth], depth - 1
    branch.former[depth] = count_former(town, tally, unit, 1.0) + (branch.former[before] if depth else 0.0)
    most = branch.most[before] if depth else 0.0
    for e in range(town.member_start[unit], town.member_start[unit + 1]):
        area = town.former[town.member[e]]
        if area >= 0:
            most = max(most, tally.stayed[area])
    branch.most[depth] = most
    return float(branch.former[depth] - most)


@compiled
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


@compiled
def _count_in(town: Arrays, branch: Branch, tally: Tally, depth: int) -> None:
    """Take the unit at `depth` in, as far as mixing and change go; only called where these have a price."""
    price = mixed(town, tally, branch.chosen[depth])
    branch.mixing[depth] = price + (branch.mixing[depth - 1] if depth else 0.0)
    if town.change_price > 0.0:
        branch.moving[depth] = town.change_price * _surely_moved(town, tally, branch, depth)


@compiled
def _count_out(town: Arrays, tally: Tally, unit: int) -> None:
    """Give back what `_count_in` counted of `unit`."""
    unmixed(town, tally, unit)
    count_former(town, tally, unit, -1.0)


@compiled
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


@compiled
def _step_back(branch: Branch, depth: int, frontier: Ints, mark: Ints) -> None:
    """Give back what the unit at `depth` brought; the unit itself stays decided until its neighbour goes."""
    for k in range(branch.length[depth - 1] if depth else 0, branch.length[depth]):
        mark[frontier[k]] = UNSEEN
    if depth:
        mark[branch.chosen[depth]] = FRONTIER


@compiled
def _lawful(task: Task, branch: Branch, depth: int) -> bool:
    """Tell whether the group is lawful; what no larger group could mend was refused when its units were taken in."""
    if branch.size[depth] == 1:
        return bool(branch.weight[depth] >= task.minimum and branch.hosts[depth] == 0)
    return branch.weight[depth] >= task.minimum and (
        branch.weight[depth] <= task.upper or not task.upper_hard
    )


@compiled
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


@compiled
def _enter(cuts: Cuts, unit: int, held: Ints, branch: Branch, depth: int) -> None:
    """Count the unit in its cuts; the second unit of a cut brings its penalty."""
    total = branch.cutting[depth - 1] if depth else 0.0
    for e in range(cuts.start[unit], cuts.start[unit + 1]):
        held[cuts.cut[e]] += 1
        if held[cuts.cut[e]] == 2:
            total += cuts.penalty[cuts.cut[e]]
    branch.cutting[depth] = total


@compiled
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
                        late += town.change_price * moved(town, tally, members) - branch.moving[depth]
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
                if not task.improving:  # a list that is not whole is of no use
                    break
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
        if not (complete or task.improving):
            break
        mark[near.reached[:count]] = BANNED
        all_steps += steps
    return Found(start[: found + 1], units, cost[:found], center[:found], least, complete)
