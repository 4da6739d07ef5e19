"""Compiled subset rows: of any three units no more than one area holds two (Jepsen et al. 2008, for the set partition).

Every plan keeps these rows, the relaxed problem often does not: adding the broken ones raises its bound. Imported only
while solving.
"""

import numpy as np
from numba import njit

from optimizer.instance import Floats, Ints

BROKEN = 1e-3  # by how much a row must be broken to be worth adding


@njit(cache=True)
def holders_of(units: int, start: Ints, unit: Ints) -> tuple[Ints, Ints]:
    """Return for each unit the groups that hold it, as `start` into groups."""
    first = np.zeros(units + 1, np.int64)
    for u in unit:
        first[u + 1] += 1
    first = np.cumsum(first)
    place = first[:-1].copy()
    holder = np.empty(len(unit), np.int64)
    for k in range(len(start) - 1):
        for u in unit[start[k] : start[k + 1]]:
            holder[place[u]] = k
            place[u] += 1
    return first, holder


@njit(cache=True)
def broken_rows(units: int, start: Ints, unit: Ints, taken: Floats) -> tuple[Ints, Floats]:
    """Return the triples of units (shape (n, 3), ascending) whose row is broken, and by how much.

    Groups are given as `start` into `unit`, each `taken` to some part. Only triples of which every two are held by some
    group together can be broken: a unit is in groups of which 1 is taken in all.
    """
    first, holder = holders_of(units, start, unit)
    triples, broken = np.empty((1024, 3), np.int64), np.empty(1024, np.float64)
    count = 0
    with_a, with_b = np.full(len(taken), -1, np.int64), np.full(len(taken), -1, np.int64)
    beside_a, beside_b = np.full(units, -1, np.int64), np.full(units, -1, np.int64)
    for a in range(units):
        company = np.zeros(0, np.int64)
        for e in range(first[a], first[a + 1]):
            with_a[holder[e]] = a
            group = unit[start[holder[e]] : start[holder[e] + 1]]
            for u in group:
                if u > a and beside_a[u] != a:
                    beside_a[u] = a
                    company = np.append(company, u)
        company = np.sort(company)
        for b in company:
            code = a * units + b
            both = 0.0
            for e in range(first[b], first[b + 1]):
                k = holder[e]
                with_b[k] = code
                if with_a[k] == a:
                    both += taken[k]
                for u in unit[start[k] : start[k + 1]]:
                    beside_b[u] = code
            for c in company:
                if c <= b or beside_b[c] != code:
                    continue
                total = both
                for e in range(first[c], first[c + 1]):
                    k = holder[e]
                    if (with_a[k] == a) != (with_b[k] == code):
                        total += taken[k]
                if total > 1.0 + BROKEN:
                    if count == len(broken):
                        triples = np.concatenate((triples, np.empty_like(triples)))
                        broken = np.concatenate((broken, np.empty_like(broken)))
                    triples[count, 0], triples[count, 1], triples[count, 2] = a, b, c
                    broken[count] = total - 1.0
                    count += 1
    return triples[:count], broken[:count]


@njit(cache=True)
def holding_two(start: Ints, unit: Ints, cut_start: Ints, cut_of: Ints, cuts: int) -> tuple[Ints, Ints]:
    """Return (group, cut) of each group that holds two or more units of a cut; `cut_start` points from units into `cut_of`."""
    held = np.zeros(cuts, np.int64)
    groups, cut = np.empty(1024, np.int64), np.empty(1024, np.int64)
    count = 0
    for k in range(len(start) - 1):
        group = unit[start[k] : start[k + 1]]
        for u in group:
            for e in range(cut_start[u], cut_start[u + 1]):
                held[cut_of[e]] += 1
                if held[cut_of[e]] == 2:
                    if count == len(cut):
                        groups = np.concatenate((groups, np.empty_like(groups)))
                        cut = np.concatenate((cut, np.empty_like(cut)))
                    groups[count], cut[count] = k, cut_of[e]
                    count += 1
        for u in group:
            for e in range(cut_start[u], cut_start[u + 1]):
                held[cut_of[e]] = 0
    return groups[:count], cut[:count]
