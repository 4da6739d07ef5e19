"""Compiled search for connected lawful groups: the one place that walks through sets of units.

Imported only while solving: the first import compiles (about a minute on a slow machine), later ones read a cache.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from optimizer.instance import Arrays, Floats, Ints

NO, YES, UNSURE = 0, 1, 2
TRIALS = 500  # subsets looked at before a split of many small units is called unsure
FEW = 12  # units: so many are split by trying all halves as bits
UNSEEN, FRONTIER, INSIDE, BANNED = 0, 1, 2, 3


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
def distance(x: Floats, y: Floats, a: int, b: int) -> float:
    """Return the straight distance in metres of two communities; 0 where either has no place."""
    metres = np.hypot(x[a] - x[b], y[a] - y[b])
    if np.isnan(metres):
        return 0.0
    return metres


@njit(cache=True)
def walking_of(town: Arrays, inside: Ints) -> tuple[float, int]:
    """Return the walking cost of sorted communities `inside` and the centre (the smallest of the best)."""
    best, center = np.inf, -1
    for c in inside:
        total = 0.0
        for i in inside:
            total += town.count[i] * distance(town.x, town.y, i, c)
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


@njit(cache=True)
def _flood(town: Arrays, mark: Ints, start: int, label: int, to: int, queue: Ints) -> int:
    """Relabel the connected units around `start` from `label` to `to`; return how many (they are in `queue`)."""
    mark[start] = to
    queue[0] = start
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
            v = town.adjacent[e]
            if mark[v] == label:
                mark[v] = to
                queue[tail] = v
                tail += 1
    return tail


@njit(cache=True)
def _pieces_without(town: Arrays, group: Ints, label: Ints, without: int, queue: Ints) -> int:
    """Return the weight of the heaviest piece that `group` (label 1) falls into without one of its units."""
    best = 0
    label[without] = 0
    for u in group:
        if label[u] != 1:
            continue
        size = _flood(town, label, u, 1, 2, queue)
        weight = 0
        for k in range(size):
            weight += town.weight[queue[k]]
        best = max(best, weight)
    return best


@njit(cache=True)
def splits(town: Arrays, group: Ints, minimum: int, trials: int) -> tuple[int, int]:
    """Tell whether connected units `group` can be split into two connected groups that each reach the minimum T
    (YES, NO), and how much work that took.

    Let W be the weight. If some unit leaves only pieces below T when taken out, no split exists: the side
    without that unit lies within one piece. Otherwise every unit lies, with what hangs on it, in one biconnected block
    in which each contracted unit weighs below T; the block has an st-numbering, whose prefixes and suffixes are all
    connected, and its least prefix that reaches T weighs at most 2T - 2: with W ≥ 3T - 2 the rest reaches T too.
    Below that weight all connected subsets that hold the first unit are tried, at most `trials` (UNSURE beyond).
    """
    total = 0
    for u in group:
        total += town.weight[u]
    if len(group) < 2 or total < 2 * minimum:
        return NO, len(group)
    label = np.zeros(len(town.weight), np.int64)
    queue = np.empty(len(town.weight), np.int64)
    for heavy in (True, False):
        for u in group:
            if (town.weight[u] >= minimum) != heavy:
                continue
            for v in group:
                label[v] = 1
            best = _pieces_without(town, group, label, u, queue)
            if best < minimum:
                return NO, len(group)
            if total - best >= minimum:
                return YES, len(group)
    if total >= 3 * minimum - 2:
        return YES, len(group)
    if _splits_by_growing(town, group, minimum, total, label, queue):
        return YES, len(group)
    if len(group) <= FEW:
        return (YES if _splits_few(town, group, minimum, total) else NO), len(group) + (1 << len(group)) // 32
    one, tried = _half_by_trying(town, group, minimum, total, trials)
    if len(one) > 0:
        return YES, len(group) + tried
    return (NO if tried <= trials else UNSURE), len(group) + tried


@njit(cache=True)
def _splits_by_growing(town: Arrays, group: Ints, minimum: int, total: int, label: Ints, queue: Ints) -> bool:
    """Grow a half from each unit, nearest first, and see whether the rest holds together: quick, and often enough."""
    for first in group:
        for v in group:
            label[v] = 1
        queue[0] = first
        label[first] = 3
        head, tail, weight = 0, 1, 0
        while weight < minimum:
            u = queue[head]
            head += 1
            label[u] = 0
            weight += town.weight[u]
            for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
                v = town.adjacent[e]
                if label[v] == 1:
                    label[v] = 3
                    queue[tail] = v
                    tail += 1
        if total - weight < minimum:
            continue
        rest = -1
        for v in group:
            if label[v] == 3:
                label[v] = 1
            if label[v] == 1:
                rest = v
        if _flood(town, label, rest, 1, 2, queue) == len(group) - head:
            return True
    return False


@njit(cache=True)
def _splits_few(town: Arrays, group: Ints, minimum: int, total: int) -> bool:
    """Try all halves of few units, as bits of a number; only those that hold the last unit."""
    k = len(group)
    near = np.zeros(k, np.int64)
    for a in range(k):
        for e in range(town.adjacent_start[group[a]], town.adjacent_start[group[a] + 1]):
            for b in range(k):
                if group[b] == town.adjacent[e]:
                    near[a] |= 1 << b
    every = (1 << k) - 1
    for half in range(1 << (k - 1), every):
        weight = 0
        for a in range(k):
            if half >> a & 1:
                weight += town.weight[group[a]]
        if minimum <= weight <= total - minimum and _joined(near, half) and _joined(near, every & ~half):
            return True
    return False


@njit(cache=True)
def _joined(near: Ints, inside: int) -> bool:
    """Tell whether the units in bits `inside` are connected."""
    seen = inside & -inside
    wave = seen
    while wave:
        around = 0
        for a in range(len(near)):
            if wave >> a & 1:
                around |= near[a]
        wave = around & inside & ~seen
        seen |= wave
    return seen == inside


@njit(cache=True)
def _half_by_trying(town: Arrays, group: Ints, minimum: int, total: int, trials: int) -> tuple[Ints, int]:
    """Try connected subsets that hold the first unit; return the first that is half of a split (or nothing), and how
    many were tried: more than `trials` where it gave up."""
    mark = np.full(len(town.weight), BANNED)
    label = np.zeros(len(town.weight), np.int64)
    queue = np.empty(len(town.weight), np.int64)
    for u in group:
        mark[u] = UNSEEN
    frontier = np.empty(len(group), np.int64)
    length = np.zeros(len(group) + 1, np.int64)
    position = np.zeros(len(group) + 1, np.int64)
    chosen = np.empty(len(group) + 1, np.int64)
    weight = np.zeros(len(group) + 1, np.int64)
    depth, tried = 0, 0
    chosen[0], weight[0] = group[0], town.weight[group[0]]
    mark[group[0]] = INSIDE
    entering = True
    while depth >= 0:
        if entering:
            tried += 1
            if tried > trials:
                return chosen[:0], tried
            u = chosen[depth]
            n = length[depth - 1] if depth > 0 else 0
            for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
                v = town.adjacent[e]
                if mark[v] == UNSEEN:
                    mark[v] = FRONTIER
                    frontier[n] = v
                    n += 1
            length[depth] = n
            entering = False
            if weight[depth] >= minimum and weight[depth] <= total - minimum:
                rest = -1
                for v in group:
                    label[v] = 0 if mark[v] == INSIDE else 1
                    if label[v] == 1:
                        rest = v
                size = _flood(town, label, rest, 1, 2, queue)
                if size == len(group) - depth - 1:
                    return chosen[: depth + 1], tried
        if position[depth] < length[depth]:
            v = frontier[position[depth]]
            position[depth] += 1
            if weight[depth] + town.weight[v] > total - minimum:
                continue
            mark[v] = INSIDE
            depth += 1
            chosen[depth] = v
            weight[depth] = weight[depth - 1] + town.weight[v]
            position[depth] = position[depth - 1]
            entering = True
        else:
            before = length[depth - 1] if depth > 0 else 0
            for k in range(before, length[depth]):
                mark[frontier[k]] = UNSEEN
            if depth > 0:
                mark[chosen[depth]] = FRONTIER
            depth -= 1
    return chosen[:0], tried


@njit(cache=True)
def half(town: Arrays, group: Ints, minimum: int) -> Ints:
    """Return one half of a split of connected units `group` into two connected groups that reach the minimum, or nothing.

    Follows the proof in `splits`: a piece that one unit leaves, else a set grown from each unit in turn, always by what
    adds least while the rest stays connected (as an st-numbering would), else every subset.
    """
    total = 0
    for u in group:
        total += town.weight[u]
    if splits(town, group, minimum, TRIALS)[0] == NO:
        return group[:0]
    label = np.zeros(len(town.weight), np.int64)
    queue = np.empty(len(town.weight), np.int64)
    for first in group:
        label[:] = 0
        for v in group:
            label[v] = 1
        grown = 0
        step = first
        while step >= 0 and grown < minimum:
            _take_with_pieces(town, group, label, step, queue)
            grown = 0
            for v in group:
                if label[v] == 0:
                    grown += town.weight[v]
            step = -1
            least = total + 1
            for v in group:
                if label[v] != 1:
                    continue
                near = False
                for e in range(town.adjacent_start[v], town.adjacent_start[v + 1]):
                    w = town.adjacent[e]
                    near = near or (label[w] == 0 and np.any(group == w))
                if not near:
                    continue
                trial = label.copy()
                _take_with_pieces(town, group, trial, v, queue)
                adds = 0
                for w in group:
                    if trial[w] == 0 and label[w] == 1:
                        adds += town.weight[w]
                if adds < least:
                    step, least = v, adds
        if grown >= minimum and total - grown >= minimum:
            taken = np.zeros(len(group), np.bool_)
            for k in range(len(group)):
                taken[k] = label[group[k]] == 0
            return group[taken]
    return _half_by_trying(town, group, minimum, total, 1000 * TRIALS)[0]


@njit(cache=True)
def _take_with_pieces(town: Arrays, group: Ints, label: Ints, taken: int, queue: Ints) -> None:
    """Set label 0 on `taken` and on all but the heaviest of the pieces of label 1 that are left without it."""
    label[taken] = 0
    best, best_start = -1, -1
    for u in group:
        if label[u] == 1:
            size = _flood(town, label, u, 1, 2, queue)
            weight = 0
            for k in range(size):
                weight += town.weight[queue[k]]
            if weight > best:
                best, best_start = weight, u
    if best_start >= 0:
        _flood(town, label, best_start, 2, 1, queue)
    for u in group:
        if label[u] == 2:
            label[u] = 0


@njit(cache=True)
def _within_budget(
    town: Arrays, first: int, gain: Floats, bonus: float, mark: Ints, toll: Floats, queue: Ints
) -> float:
    """Ban every unit too dear to reach from `first`; return the sum of positive gains of the others.

    A group that holds a unit holds a way to it, and loses at least the negative gains on the cheapest way (its toll);
    where all positive gains together cannot make good for that, no group asked for holds the unit. Fewer units
    leave fewer positive gains, so this is repeated while it bans any.
    """
    m = len(gain)
    total = 0.0
    for u in range(m):
        if mark[u] == UNSEEN and gain[u] > 0.0 and u != first:
            total += gain[u]
    while True:
        budget = gain[first] + bonus + total + 1e-6
        toll[:] = np.inf
        toll[first] = 0.0
        queue[0] = first
        mark[first] = FRONTIER
        head, waiting = 0, 1
        while waiting > 0:
            u = queue[head]
            head = (head + 1) % m
            waiting -= 1
            mark[u] = UNSEEN
            for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
                v = town.adjacent[e]
                if mark[v] == BANNED:
                    continue
                there = toll[u] + max(0.0, -gain[v])
                if there < toll[v] and there <= budget:
                    toll[v] = there
                    if mark[v] == UNSEEN:
                        mark[v] = FRONTIER
                        queue[(head + waiting) % m] = v
                        waiting += 1
        left = 0.0
        for u in range(m):
            if u == first or mark[u] == BANNED:
                continue
            if toll[u] == np.inf:
                mark[u] = BANNED
            elif gain[u] > 0.0:
                left += gain[u]
        if left >= total - 1e-9:
            return left
        total = left


@njit(cache=True)
def costs(town: Arrays, task: Task, start: Ints, units: Ints) -> tuple[Floats, Ints]:
    """Return full cost and centre of groups given as `start` into `units`."""
    cost = np.empty(len(start) - 1, np.float64)
    center = np.empty(len(start) - 1, np.int64)
    inside = np.empty(len(town.count), np.int64)
    for k in range(len(cost)):
        n, weight, joins = 0, 0, 0
        for u in units[start[k] : start[k + 1]]:
            weight += town.weight[u]
            joins += town.joins[u]
            for e in range(town.member_start[u], town.member_start[u + 1]):
                inside[n] = town.member[e]
                n += 1
        members = np.sort(inside[:n])
        cost[k], center[k] = walking_of(town, members)
        cost[k] += tree_of(town, members) + task.upper_price * max(0, weight - task.upper)
        if joins > 0 and n > 1:
            cost[k] += task.join_price
    return cost, center


@njit(cache=True)
def _grown(values: Ints, need: int) -> Ints:
    if need <= len(values):
        return values
    larger = np.empty(max(need, 2 * len(values)), values.dtype)
    larger[: len(values)] = values
    return larger


@njit(cache=True)
def groups(town: Arrays, task: Task, roots: Ints, profit: Floats) -> Found:
    """Search the lawful groups of every root (a centre, or the smallest unit) within the limits of `task`.

    Depth-first; each step takes the next unit of the frontier in or leaves it out for good, so no set is met twice
    from one root. A branch ends where its own profit and all positive profits not yet decided stay below what is
    asked: every price is at least 0 and only lowers that. Prices that a larger group cannot lose (join, size, and for
    each further community at least its cheapest link) are charged at once. A group of which it stays unsure whether it
    splits is never returned, but counts in `least`: the bound holds, and a listing that would need it is not complete.
    """
    m = len(town.weight)
    start = np.zeros(1024, np.int64)
    units = np.empty(8192, np.int64)
    cost = np.empty(1024, np.float64)
    center = np.empty(1024, np.int64)
    least = np.zeros(len(roots), np.float64)
    found, complete, all_steps = 0, True, 0

    mark = np.zeros(m, np.int64)
    gain = np.empty(m, np.float64)
    frontier = np.empty(m + 1, np.int64)
    length = np.zeros(m + 1, np.int64)
    position = np.zeros(m + 1, np.int64)
    chosen = np.empty(m + 1, np.int64)
    value = np.zeros(m + 1, np.float64)
    open_gain = np.zeros(m + 1, np.float64)
    linking = np.zeros(m + 1, np.float64)  # cheapest links charged so far
    weight = np.zeros(m + 1, np.int64)
    size = np.zeros(m + 1, np.int64)
    hosts = np.zeros(m + 1, np.int64)
    bigs = np.zeros(m + 1, np.int64)
    joins = np.zeros(m + 1, np.int64)
    unsure = np.zeros(m + 1, np.bool_)
    inside = np.empty(len(town.count), np.int64)
    toll = np.empty(m, np.float64)
    queue = np.empty(m, np.int64)
    priced = town.link_cost.max() > 0.0 if len(town.link_cost) else False

    for k in range(len(roots)):
        root = roots[k]
        first = town.unit_of[root] if task.by_center else root
        ceiling = task.ceiling
        for u in range(m):
            if not task.by_center and u < first:
                mark[u] = BANNED
                gain[u] = 0.0
                continue
            mark[u] = UNSEEN
            gain[u] = profit[u]
            if task.by_center and profit[u] > -np.inf:
                for e in range(town.member_start[u], town.member_start[u + 1]):
                    i = town.member[e]
                    gain[u] -= town.count[i] * distance(town.x, town.y, i, root)
                if u != first:
                    gain[u] -= town.least_link[u]
        open_gain[0] = _within_budget(town, first, gain, task.bonus + ceiling, mark, toll, queue)
        depth = 0
        chosen[0] = first
        mark[first] = INSIDE
        value[0] = gain[first] + task.bonus
        linking[0] = 0.0
        weight[0] = town.weight[first]
        size[0] = town.member_start[first + 1] - town.member_start[first]
        hosts[0], bigs[0], joins[0] = town.hosts[first], town.bigs[first], town.joins[first]
        position[0] = 0
        entering = True
        steps = 0
        while depth >= 0:
            full = 0.0
            if joins[depth] > 0 and size[depth] > 1:
                full += task.join_price
            if weight[depth] > task.upper:
                full += task.upper_price * (weight[depth] - task.upper)
            charge = task.prices * full
            if entering:
                entering = False
                steps += 1
                u = chosen[depth]
                before = length[depth - 1] if depth > 0 else 0
                n = before
                for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
                    v = town.adjacent[e]
                    if mark[v] == UNSEEN:
                        mark[v] = FRONTIER
                        j = n
                        while j > before and gain[frontier[j - 1]] < gain[v]:
                            frontier[j] = frontier[j - 1]
                            j -= 1
                        frontier[j] = v
                        n += 1
                length[depth] = n
                lawful = weight[depth] >= task.minimum
                if size[depth] == 1:
                    lawful = lawful and hosts[depth] == 0
                elif task.upper_hard:
                    lawful = lawful and weight[depth] <= task.upper
                if lawful and charge - value[depth] - linking[depth] <= ceiling:
                    n = 0
                    for d in range(depth + 1):
                        u = chosen[d]
                        for e in range(town.member_start[u], town.member_start[u + 1]):
                            inside[n] = town.member[e]
                            n += 1
                    members = np.sort(inside[:n])
                    tree = tree_of(town, members) if priced else 0.0
                    reduced = charge + task.prices * tree - value[depth] - linking[depth]
                    if reduced <= ceiling:
                        walk, best = walking_of(town, members)
                        if unsure[depth]:
                            complete = complete and task.improving
                        elif best == root or task.improving or not task.by_center:
                            start, units = _grown(start, found + 2), _grown(units, start[found] + depth + 1)
                            if found == len(cost):
                                larger = np.empty(2 * found, np.float64)
                                larger[:found] = cost
                                cost = larger
                            center = _grown(center, found + 1)
                            units[start[found] : start[found] + depth + 1] = np.sort(chosen[: depth + 1])
                            cost[found] = walk + tree + full
                            center[found] = best
                            found += 1
                            start[found] = start[found - 1] + depth + 1
                            if found == task.groups:
                                return Found(
                                    start[: found + 1], units, cost[:found], center[:found], least, False
                                )
                        if reduced < least[k]:
                            least[k] = reduced
                        if task.improving and reduced < ceiling and not unsure[depth]:
                            ceiling = reduced
            cut = False
            if steps >= task.steps or all_steps + steps >= task.all_steps:
                complete = False
                cut = True
                if position[depth] < length[depth]:  # what was not looked at might be as good as this
                    least[k] = min(least[k], charge - value[depth] - open_gain[depth])
            hopeless = value[depth] + open_gain[depth] - charge < -ceiling
            if position[depth] < length[depth] and not hopeless and not cut:
                v = frontier[position[depth]]
                position[depth] += 1
                rest = open_gain[depth]
                if gain[v] > 0.0:
                    rest -= gain[v]
                open_gain[depth] = rest
                if value[depth] + gain[v] + rest - charge < -ceiling:
                    continue
                if hosts[depth] + town.hosts[v] > 1:
                    continue
                if hosts[depth] + town.hosts[v] > 0 and bigs[depth] + town.bigs[v] > 0:
                    continue
                torn = False
                for e in range(town.apart_start[v], town.apart_start[v + 1]):
                    if mark[town.apart[e]] == INSIDE:
                        torn = True
                if torn:
                    continue
                chosen[depth + 1] = v
                if weight[depth] + town.weight[v] > task.upper:
                    if task.upper_hard:
                        continue
                    answer, work = splits(town, chosen[: depth + 2], task.minimum, TRIALS)
                    steps += work // 4
                    if answer == YES:
                        continue
                    unsure[depth + 1] = answer == UNSURE
                else:
                    unsure[depth + 1] = False
                mark[v] = INSIDE
                depth += 1
                value[depth] = value[depth - 1] + gain[v]
                linking[depth] = linking[depth - 1] + town.least_link[v]
                open_gain[depth] = rest
                weight[depth] = weight[depth - 1] + town.weight[v]
                size[depth] = size[depth - 1] + town.member_start[v + 1] - town.member_start[v]
                hosts[depth] = hosts[depth - 1] + town.hosts[v]
                bigs[depth] = bigs[depth - 1] + town.bigs[v]
                joins[depth] = joins[depth - 1] + town.joins[v]
                position[depth] = position[depth - 1]
                entering = True
            else:
                before = length[depth - 1] if depth > 0 else 0
                for j in range(before, length[depth]):
                    mark[frontier[j]] = UNSEEN
                if depth > 0:
                    mark[chosen[depth]] = FRONTIER
                depth -= 1
        all_steps += steps
    return Found(start[: found + 1], units, cost[:found], center[:found], least, complete)
