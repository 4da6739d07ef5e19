"""Compiled: the smallest sets that reach the minimum, and a search for the most of them side by side.

A set is minimal when it is connected, reaches the minimum, and no connected part of it does. Every lawful group of small
units holds one, so the most areas is the most minimal sets that share no unit. Imported only while solving.
"""

from typing import NamedTuple

import numpy as np

from optimizer.chance import drawn
from optimizer.instance import Arrays, Ints
from optimizer.native import compiled
from optimizer.splitting import weight_of
from optimizer.surroundings import BANNED, FRONTIER, INSIDE, UNSEEN

AGES = 9  # swaps looked at in one step: the one that waited longest is made
KICK = 50_000  # one step in so many forces a set in that two others stand in the way of


class Sets(NamedTuple):
    """Minimal sets: `start` into `units`; whether these are all."""

    start: Ints
    units: Ints
    complete: bool


@compiled
def minimal_sets(  # noqa: C901 - one loop over one stack
    town: Arrays, minimum: int, roots: Ints, most: int, steps: int
) -> Sets:
    """List the minimal sets of units `roots` (ascending, a piece without units that reach `minimum` alone).

    Each set is found from its smallest unit, as in `search`; it ends as soon as it reaches the minimum. Ends early at
    `most` sets or after `steps` steps.
    """
    m = len(town.weight)
    mark, frontier = np.full(m, BANNED), np.empty(m + 1, np.int64)
    mark[roots] = UNSEEN
    chosen, weight = np.empty(m + 1, np.int64), np.empty(m + 1, np.int64)
    position, length = np.empty(m + 1, np.int64), np.empty(m + 1, np.int64)
    start, units, found = np.zeros(1024, np.int64), np.empty(8192, np.int64), 0
    for root in roots:
        depth, entering = 0, True
        chosen[0], weight[0], position[0], mark[root] = root, town.weight[root], 0, INSIDE
        while depth >= 0:
            before = length[depth - 1] if depth else 0
            if entering:
                steps -= 1
                length[depth] = before
                if weight[depth] < minimum:
                    length[depth] = _widened(town, chosen[depth], frontier, before, mark)
                else:
                    position[depth] = before  # a larger set would not be minimal
                    if _is_minimal(town, chosen[: depth + 1], minimum):
                        if found == most:
                            return Sets(start[: found + 1], units[: start[found]], False)
                        end = start[found] + depth + 1
                        if found + 2 > len(start):
                            start = np.concatenate((start, np.zeros(len(start), np.int64)))
                        if end > len(units):
                            units = np.concatenate((units, np.empty(len(units), np.int64)))
                        units[start[found] : end] = np.sort(chosen[: depth + 1])
                        found += 1
                        start[found] = end
                if steps <= 0:
                    return Sets(start[: found + 1], units[: start[found]], False)
                entering = False
            if position[depth] < length[depth]:
                unit = frontier[position[depth]]
                position[depth] += 1
                position[depth + 1] = position[depth]
                depth, entering = depth + 1, True
                chosen[depth], weight[depth] = unit, weight[depth - 1] + town.weight[unit]
                mark[unit] = INSIDE
                continue
            for k in range(before, length[depth]):
                mark[frontier[k]] = UNSEEN
            mark[chosen[depth]] = FRONTIER if depth else BANNED
            depth -= 1
    return Sets(start[: found + 1], units[: start[found]], True)


@compiled
def _widened(town: Arrays, unit: int, frontier: Ints, end: int, mark: Ints) -> int:
    """Put the new neighbours of `unit` behind the frontier; return its new end."""
    for e in range(town.adjacent_start[unit], town.adjacent_start[unit + 1]):
        if mark[town.adjacent[e]] == UNSEEN:
            mark[town.adjacent[e]] = FRONTIER
            frontier[end] = town.adjacent[e]
            end += 1
    return end


@compiled
def _is_minimal(town: Arrays, group: Ints, minimum: int) -> bool:
    """Tell whether no piece reaches the minimum whichever unit is taken out of `group`."""
    total, k = weight_of(town, group), len(group)
    seen, queue = np.empty(k, np.bool_), np.empty(k, np.int64)
    for out in range(k):
        if total - town.weight[group[out]] < minimum:
            continue
        seen[:] = False
        seen[out] = True
        for first in range(k):
            if seen[first]:
                continue
            seen[first] = True
            queue[0] = first
            head, tail, weight = 0, 1, 0
            while head < tail:
                u = group[queue[head]]
                head += 1
                weight += town.weight[u]
                for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
                    for other in range(k):
                        if group[other] == town.adjacent[e] and not seen[other]:
                            seen[other] = True
                            queue[tail] = other
                            tail += 1
            if weight >= minimum:
                return False
    return True


@compiled
def conflicts_of(start: Ints, unit: Ints, holder_start: Ints, holder: Ints, most: int) -> tuple[Ints, Ints]:
    """Return for each set the sets that share a unit with it, as `start` into sets; nothing where there are more than `most`.

    `holder_start` points from units into `holder`, the sets that hold the unit.
    """
    n = len(start) - 1
    first, seen = np.zeros(n + 1, np.int64), np.full(n, -1, np.int64)
    for k in range(n):
        seen[k] = k
        first[k + 1] = first[k]
        for u in unit[start[k] : start[k + 1]]:
            for other in holder[holder_start[u] : holder_start[u + 1]]:
                if seen[other] != k:
                    seen[other] = k
                    first[k + 1] += 1
        if first[k + 1] > most:
            return np.zeros(1, np.int64), np.zeros(0, np.int64)
    conflict = np.empty(first[n], np.int64)
    seen[:] = -1
    for k in range(n):
        seen[k] = k
        at = first[k]
        for u in unit[start[k] : start[k + 1]]:
            for other in holder[holder_start[u] : holder_start[u + 1]]:
                if seen[other] != k:
                    seen[other] = k
                    conflict[at] = other
                    at += 1
    return first, conflict


@compiled
def _put(pile: Ints, place: Ints, k: int) -> None:
    """Put set `k` on a pile, whose last word is how many it holds."""
    pile[pile[-1]], place[k] = k, pile[-1]
    pile[-1] += 1


@compiled
def _drop(pile: Ints, place: Ints, k: int) -> None:
    pile[-1] -= 1
    last = pile[pile[-1]]
    pile[place[k]], place[last] = last, place[k]


@compiled
def _candidate(chosen: Ints, against: Ints, free: Ints, swaps: Ints, since: Ints, state: Ints) -> int:
    """Return the set to take in next: a free one; else the swap that waited longest of a few; seldom a kick; -1 for none."""
    if free[-1] > 0:
        return int(free[drawn(state, free[-1])])
    if swaps[-1] > 0 and drawn(state, KICK) > 0:
        best = swaps[drawn(state, swaps[-1])]
        for _ in range(AGES - 1):
            other = swaps[drawn(state, swaps[-1])]
            if since[other] < since[best]:
                best = other
        return int(best)
    kick = drawn(state, len(chosen))
    return -1 if chosen[kick] or against[kick] > 2 else kick


@compiled
def most_sets(  # noqa: C901, PLR0912, PLR0917 - one loop over plain arrays
    first: Ints, conflict: Ints, chosen: Ints, since: Ints, state: Ints, steps: int, goal: int
) -> tuple[Ints, int]:
    """Return the most sets without conflict that were met (1 for each such set), and how many; goes on from `chosen`.

    A local search on the conflict graph (a largest independent set): take in what is free, else put one set in the
    place of another, the longest unmoved first. `chosen`, `since` (step of the last move) and the generator's `state`
    are left as they are at the end, for a further call. Ends at `goal` sets.
    """
    n = len(chosen)
    against, place = np.zeros(n, np.int64), np.empty(n, np.int64)
    free, swaps = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    for k in range(n):
        against[k] = chosen[conflict[first[k] : first[k + 1]]].sum()
        if not chosen[k] and against[k] == 0:
            _put(free, place, k)
        elif against[k] == 1:
            _put(swaps, place, k)
    size, begun = chosen.sum(), since.max()
    best, best_size = chosen.copy(), size
    for step in range(begun + 1, begun + 1 + steps):
        if best_size >= goal:
            break
        k = _candidate(chosen, against, free, swaps, since, state)
        if k < 0:
            continue
        if against[k] > 0:
            for out in conflict[first[k] : first[k + 1]]:
                if chosen[out]:
                    chosen[out], since[out] = 0, step
                    size -= 1
                    _put(free, place, out)
                    for other in conflict[first[out] : first[out + 1]]:
                        against[other] -= 1
                        if against[other] == 0:
                            _drop(swaps, place, other)
                            _put(free, place, other)
                        elif against[other] == 1:
                            _put(swaps, place, other)
        _drop(free, place, k)
        chosen[k], since[k] = 1, step
        size += 1
        for other in conflict[first[k] : first[k + 1]]:
            against[other] += 1
            if against[other] == 1:
                _drop(free, place, other)
                _put(swaps, place, other)
            elif against[other] == 2:
                _drop(swaps, place, other)
        if size > best_size:
            best, best_size = chosen.copy(), size
    return best, best_size
