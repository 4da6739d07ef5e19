"""Compiled test whether a group can be split into two connected groups that each reach the minimum.

That decides which groups above the upper size are lawful (design.md §4). Imported only while solving.
"""

import numpy as np

from optimizer.instance import Arrays, Ints
from optimizer.native import compiled

NO, YES, UNSURE = 0, 1, 2
FEW = 14  # units: so many are split by trying all halves as bits of a number


@compiled
def weight_of(town: Arrays, units: Ints) -> int:
    """Return the households in `units`."""
    total = 0
    for u in units:
        total += town.weight[u]
    return total


@compiled
def splits(town: Arrays, group: Ints, minimum: int) -> tuple[int, int]:
    """Tell whether connected units `group` split (NO, YES, UNSURE), and how much work it was to see.

    Let T be the minimum and W the weight. If some unit leaves only pieces below T when taken out, no split exists: the
    side without that unit lies within one piece. Otherwise every unit lies, with what hangs on it, in one biconnected
    block in which each contracted unit weighs below T; the block has an st-numbering, whose prefixes and suffixes are
    all connected, and its least prefix that reaches T weighs at most 2T - 2: with W ≥ 3T - 2 the rest reaches T too.
    Below that weight (which an upper size above three times the minimum never asks for) halves are grown, then tried:
    all of them up to FEW units; beyond, the answer may be UNSURE.
    """
    total, k = weight_of(town, group), len(group)
    if k < 2 or total < 2 * minimum:
        return NO, k
    label = np.zeros(len(town.weight), np.int64)
    queue = np.empty(len(town.weight), np.int64)
    answer = _by_one_unit(town, group, minimum, total, label, queue)
    if answer != UNSURE:
        return answer, k
    if total >= 3 * minimum - 2 or _by_growing(town, group, minimum, total, label, queue):
        return YES, k
    if k > FEW:
        return UNSURE, k
    return (YES if _half_of_few(town, group, minimum, total) else NO), k + (1 << k) // 32


@compiled
def half(town: Arrays, group: Ints, minimum: int) -> Ints:
    """Return one half of a split of connected units `group`, or nothing where there is none.

    A half is grown from each unit in turn, always by what adds least while the rest stays connected (as an st-numbering
    would); few units are tried in all ways. Where `splits` is unsure and this finds nothing, nothing is returned.
    """
    total = weight_of(town, group)
    if splits(town, group, minimum)[0] == NO:
        return group[:0]
    label = np.full(len(town.weight), -1)
    queue = np.empty(len(town.weight), np.int64)
    for first in group:
        label[group] = 1
        step, grown = first, 0
        while step >= 0 and grown < minimum:
            _take_with_pieces(town, group, label, step, queue)
            grown = weight_of(town, group[label[group] == 0])
            step = _least_step(town, group, label, queue)
        if minimum <= grown <= total - minimum:
            one: Ints = group[label[group] == 0]
            return one
    if len(group) > FEW:
        return group[:0]
    bits = _half_of_few(town, group, minimum, total)
    few: Ints = group[(bits >> np.arange(len(group))) & 1 == 1]
    return few


@compiled
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


@compiled
def _pieces_without(town: Arrays, group: Ints, label: Ints, without: int, queue: Ints) -> int:
    """Return the weight of the heaviest piece that `group` (label 1) falls into without one of its units."""
    best = 0
    label[without] = 0
    for u in group:
        if label[u] != 1:
            continue
        size = _flood(town, label, u, 1, 2, queue)
        best = max(best, weight_of(town, queue[:size]))
    return best


@compiled
def _by_one_unit(town: Arrays, group: Ints, minimum: int, total: int, label: Ints, queue: Ints) -> int:
    """Settle the question by the pieces that one unit leaves, heavy units first, where they settle it."""
    for heavy in (True, False):
        for u in group:
            if (town.weight[u] >= minimum) != heavy:
                continue
            label[group] = 1
            best = _pieces_without(town, group, label, u, queue)
            if best < minimum:
                return NO
            if total - best >= minimum:
                return YES
    return UNSURE


@compiled
def _by_growing(town: Arrays, group: Ints, minimum: int, total: int, label: Ints, queue: Ints) -> bool:
    """Grow a half from each unit, nearest first, and see whether the rest holds together: quick, and often enough."""
    for first in group:
        label[group] = 1
        size = _flood(town, label, first, 1, 2, queue)
        taken, weight = 0, 0
        while weight < minimum:
            weight += town.weight[queue[taken]]
            taken += 1
        if total - weight < minimum:
            continue
        label[queue[:taken]] = 0
        if _flood(town, label, queue[taken], 2, 3, queue) == size - taken:
            return True
    return False


@compiled
def _half_of_few(town: Arrays, group: Ints, minimum: int, total: int) -> int:
    """Try all halves that hold the last unit; return the first that will do as bits, 0 for none."""
    k = len(group)
    near = np.zeros(k, np.int64)
    for a in range(k):
        for e in range(town.adjacent_start[group[a]], town.adjacent_start[group[a] + 1]):
            for b in range(k):
                if group[b] == town.adjacent[e]:
                    near[a] |= 1 << b
    every = (1 << k) - 1
    for bits in range(1 << (k - 1), every):
        weight = 0
        for a in range(k):
            if bits >> a & 1:
                weight += town.weight[group[a]]
        if minimum <= weight <= total - minimum and _joined(near, bits) and _joined(near, every & ~bits):
            return bits
    return 0


@compiled
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


@compiled
def _least_step(town: Arrays, group: Ints, label: Ints, queue: Ints) -> int:
    """Return the unit of label 1 beside label 0 that brings the least weight with it, -1 for none."""
    step, least, before = -1, 0, label[group]
    for v in group:
        near = False
        for e in range(town.adjacent_start[v], town.adjacent_start[v + 1]):
            near |= label[town.adjacent[e]] == 0
        if label[v] != 1 or not near:
            continue
        _take_with_pieces(town, group, label, v, queue)
        weight = weight_of(town, group[label[group] == 0])
        label[group] = before
        if step < 0 or weight < least:
            step, least = v, weight
    return step


@compiled
def _take_with_pieces(town: Arrays, group: Ints, label: Ints, taken: int, queue: Ints) -> None:
    """Set label 0 on `taken` and on all but the heaviest of the pieces of label 1 that are left without it."""
    label[taken] = 0
    best, best_start = -1, -1
    for u in group:
        if label[u] == 1:
            size = _flood(town, label, u, 1, 2, queue)
            weight = weight_of(town, queue[:size])
            if weight > best:
                best, best_start = weight, u
    if best_start >= 0:
        _flood(town, label, best_start, 2, 1, queue)
    for u in group:
        if label[u] == 2:
            label[u] = 0
