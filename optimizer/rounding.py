"""A lawful plan at once: groups taken in a given order, and what they leave over put where the walk is shortest.

Compiled; imported only while solving.
"""

import numpy as np

from optimizer.instance import Arrays, Ints
from optimizer.native import compiled

NOBODY = -1


@compiled
def labelled(town: Arrays, minimum: int, start: Ints, units: Ints, center: Ints, order: Ints) -> Ints:
    """Return for each unit the number of its group: those of `order` that do not overlap, and new ones.

    Groups are given as `start` into `units`, with the community at their `center`. Units left over that are connected
    and reach the minimum together are a group of their own; the others join the group beside them to whose centre they
    walk least. A part that reaches the minimum is covered whole; groups may be too large, and then can be split.
    """
    label = np.full(len(town.weight), NOBODY, np.int64)
    middle = np.full(len(town.weight), NOBODY, np.int64)  # of each group
    count = 0
    for k in order:
        group = units[start[k] : start[k + 1]]
        if (label[group] == NOBODY).all():
            label[group] = count
            middle[count] = center[k]
            count += 1
    count = _left_over(town, minimum, label, middle, count)
    _join(town, label, middle)
    return label


@compiled
def _left_over(town: Arrays, minimum: int, label: Ints, middle: Ints, count: int) -> int:
    """Make a group of each connected piece without label that reaches the minimum; return how many groups there are."""
    queue = np.empty(len(label), np.int64)
    seen = label != NOBODY
    for first in range(len(label)):
        if seen[first]:
            continue
        seen[first] = True
        queue[0] = first
        head, tail, weight = 0, 1, 0
        while head < tail:
            u = queue[head]
            head += 1
            weight += town.weight[u]
            for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
                v = town.adjacent[e]
                if not seen[v]:
                    seen[v] = True
                    queue[tail] = v
                    tail += 1
        if weight >= minimum:
            label[queue[:tail]] = count
            middle[count] = town.member[town.member_start[queue[tail // 2]]]
            count += 1
    return count


@compiled
def _join(town: Arrays, label: Ints, middle: Ints) -> None:
    """Put each unit without label to a group beside it, wave after wave from the groups outwards."""
    waiting = np.flatnonzero(label == NOBODY)
    while len(waiting):
        best = np.full(len(waiting), NOBODY, np.int64)
        for k, u in enumerate(waiting):
            least = np.inf
            i = town.member[town.member_start[u]]
            for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
                there = label[town.adjacent[e]]
                if there == NOBODY:
                    continue
                c = middle[there]
                metres = np.hypot(town.x[i] - town.x[c], town.y[i] - town.y[c])
                metres = 0.0 if np.isnan(metres) else metres
                if metres < least:
                    least, best[k] = metres, there
        if (best == NOBODY).all():
            return
        label[waiting] = best
        waiting = waiting[best == NOBODY]
