"""Compiled subset rows: of any three units no more than one area holds two (Jepsen et al. 2008, for the set partition).

Every plan keeps these rows, the relaxed problem often does not: adding the broken ones raises its bound. Imported only
while solving.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.covering import Groups
from optimizer.instance import Floats, Ints
from optimizer.native import compiled

BROKEN = 1e-3  # by how much a row must be broken to be worth adding


@compiled
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


class Holders(NamedTuple):
    """Groups as `start` into `unit`, each `taken` to some part; and for each unit its groups, as `first` into `holder`."""

    start: Ints
    unit: Ints
    taken: Floats
    first: Ints
    holder: Ints


@compiled
def broken_rows(units: int, start: Ints, unit: Ints, taken: Floats) -> tuple[Ints, Floats]:
    """Return the triples of units (shape (n, 3), ascending) whose row is broken, and by how much.

    Groups are given as `start` into `unit`, each `taken` to some part. Only triples of which every two are held by some
    group together can be broken: a unit is in groups of which 1 is taken in all.
    """
    first, holder = holders_of(units, start, unit)
    holders = Holders(start, unit, taken, first, holder)
    triples, broken = np.empty((1024, 3), np.int64), np.empty(1024, np.float64)
    count = 0
    with_a, with_b = np.zeros(len(taken), np.bool_), np.zeros(len(taken), np.bool_)
    for a in range(units):
        beside_a = _beside(holders, a, with_a)
        for b in beside_a:
            beside_b = _beside(holders, b, with_b)
            both = taken[holder[first[a] : first[a + 1]]][with_b[holder[first[a] : first[a + 1]]]].sum()
            for c in beside_b:
                if not _held(beside_a, c):
                    continue
                total = both + _more_with(holders, c, with_a, with_b)
                if total > 1.0 + BROKEN:
                    if count == len(broken):
                        triples = np.concatenate((triples, np.empty_like(triples)))
                        broken = np.concatenate((broken, np.empty_like(broken)))
                    triples[count, 0], triples[count, 1], triples[count, 2] = a, b, c
                    broken[count] = total - 1.0
                    count += 1
            with_b[holder[first[b] : first[b + 1]]] = False
        with_a[holder[first[a] : first[a + 1]]] = False
    return triples[:count], broken[:count]


@compiled
def _beside(holders: Holders, a: int, with_a: NDArray[np.bool_]) -> Ints:
    """Mark the groups that hold `a`; return the larger units they hold, ascending."""
    company = np.empty(0, np.int64)
    for k in holders.holder[holders.first[a] : holders.first[a + 1]]:
        with_a[k] = True
        company = np.concatenate((company, holders.unit[holders.start[k] : holders.start[k + 1]]))
    company = np.unique(company)
    return company[company > a]


@compiled
def _held(ascending: Ints, value: int) -> bool:
    place = np.searchsorted(ascending, value)
    return bool(place < len(ascending) and ascending[place] == value)


@compiled
def _more_with(holders: Holders, c: int, with_a: NDArray[np.bool_], with_b: NDArray[np.bool_]) -> float:
    """Return how far groups are taken that hold `c` and one of two other units."""
    total = 0.0
    for k in holders.holder[holders.first[c] : holders.first[c + 1]]:
        if with_a[k] != with_b[k]:
            total += holders.taken[k]
    return total


def rows_by_unit(units: int, rows: Ints) -> tuple[Ints, Ints]:
    """Return for each unit the rows (triples of units, shape (n, 3)) that it is in, as `start` into rows."""
    order = np.argsort(rows, axis=None, kind="stable")
    return np.searchsorted(rows.ravel()[order], np.arange(units + 1)).astype(np.int64), order // 3


def holding_two(units: int, groups: Groups, rows: Ints) -> tuple[Ints, Ints]:
    """Return (group, row) of each group that holds two or more units of a row, in order of the groups."""
    row_start, row = rows_by_unit(units, rows)
    return _holding_two(groups.start, groups.units, row_start, row, len(rows))


@compiled
def _holding_two(start: Ints, unit: Ints, cut_start: Ints, cut_of: Ints, cuts: int) -> tuple[Ints, Ints]:
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
