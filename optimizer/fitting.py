"""How many of listed sets fit side by side: a bound from fractions of sets, and the proof that one more fits or not."""

from dataclasses import dataclass, replace

import numpy as np

from optimizer import cutting
from optimizer.clock import Clock
from optimizer.covering import Extra, Groups, Relaxed, cover
from optimizer.instance import Floats, Ints
from optimizer.pricing import SLACK

SETS_A_UNIT = 3  # sets taken into the relaxed problem at a time, the most wanted first
ROWS_A_ROUND = 300  # subset rows added at a time, the most broken first


@dataclass(frozen=True)
class Fit:
    """What is proven about how many `sets` fit into a piece of so many `units` (the sets number them from 0).

    Each unit and each of the subset `rows` (triples of units) has a price of at least 0, and each set pays 1 at least:
    so no more than `bound`, the sum of prices, fit. `lacking` is what each set pays above 1: a set that pays too
    much is in no choice of that many sets. Of `rows` only those with a price are kept.
    """

    units: int
    sets: Groups
    bound: float
    lacking: Floats
    rows: Ints


def fractions(units: int, sets: Groups, *, found: int, rounds: int, clock: Clock) -> Fit:
    """Return the bound when sets may be taken in part, with subset rows as long as it may come down to what was `found`.

    The relaxed problem takes in sets as they are wanted. Prices of any state of it, made larger until each set pays 1,
    prove a bound: so a run that the clock stops has one too.
    """
    relaxation = _Relaxation(units, sets)
    before = np.inf
    for left in reversed(range(rounds + 1)):
        relaxation.converge(clock)
        bound = relaxation.best.bound
        too_far = bound - left * (before - bound) >= found + 1  # no round lowers it more than the one before
        if bound < found + 1 - SLACK or too_far or clock.over() or not relaxation.tighten():
            break
        before = bound
    return relaxation.best


class _Relaxation:
    def __init__(self, units: int, sets: Groups) -> None:
        self._units, self._sets = units, sets
        self._rows = np.zeros((0, 3), np.int64)
        self._row_start, self._in_rows = np.zeros(len(sets) + 1, np.int64), np.zeros(0, np.int64)
        sizes = np.diff(sets.start)
        self._order = np.sort(np.argsort(sizes, kind="stable")[: SETS_A_UNIT * units])  # as in the problem
        self._inside = np.zeros(len(sets), bool)
        self._inside[self._order] = True
        first = sets.take(self._order)
        self._relaxed = Relaxed(units, first, np.full(len(first), -1.0), np.zeros(units))
        self.best = Fit(units, sets, np.inf, np.zeros(len(sets)), self._rows)
        self._taken = np.zeros(0)

    def converge(self, clock: Clock) -> None:
        """Take in sets that pay less than 1 until there are none."""
        while not clock.over() or np.isinf(self.best.bound):
            answer = self._relaxed.solve()
            self._taken = answer.groups
            price = np.maximum(-answer.duals, 0.0)
            paid = self._paid(price)
            self._keep(price, paid)
            wanted = np.flatnonzero((paid < 1.0 - SLACK) & ~self._inside)
            if len(wanted) == 0:
                return
            best = np.lexsort((wanted, np.round(paid[wanted], 6)))[: SETS_A_UNIT * self._units]
            self._add(np.sort(wanted[best]))

    def tighten(self) -> bool:
        """Add the subset rows that the fractions break; tell whether there were any."""
        some = np.flatnonzero(self._taken > SLACK)
        sets = self._sets.take(self._order[some])
        new, broken = cutting.broken_rows(self._units, sets.start, sets.units, self._taken[some])
        if len(new) == 0:
            return False
        new = new[np.lexsort((*new.T[::-1], -np.round(broken, 6)))][:ROWS_A_ROUND]
        position = np.full(len(self._sets), -1)
        position[self._order] = np.arange(len(self._order))
        holding, row = cutting.holding_two(self._units, self._sets, new)
        known = position[holding] >= 0
        self._relaxed.cut(len(new), row[known], position[holding[known]])
        self._rows = np.vstack([self._rows, new])
        holding, self._in_rows = cutting.holding_two(self._units, self._sets, self._rows)
        self._row_start = np.searchsorted(holding, np.arange(len(self._sets) + 1)).astype(np.int64)
        return True

    def _paid(self, price: Floats) -> Floats:
        """Return what each set pays at the prices of units and rows."""
        holding = np.repeat(np.arange(len(self._sets)), np.diff(self._row_start))
        of_rows = np.bincount(holding, price[self._units :][self._in_rows], len(self._sets))
        paid: Floats = self._sets.sums(price[: self._units]) + of_rows
        return paid

    def _keep(self, price: Floats, paid: Floats) -> None:
        """Keep the bound that the prices prove, where it is the best so far."""
        least = float(paid.min())
        bound = float(price.sum()) / least if least > 0 else np.inf
        if bound < self.best.bound:
            rows = self._rows[price[self._units :] > SLACK]
            self.best = Fit(self._units, self._sets, bound, paid / least - 1.0, rows)

    def _add(self, wanted: Ints) -> None:
        self._inside[wanted] = True
        self._order = np.concatenate([self._order, wanted])
        new = self._sets.take(wanted)
        column, row = cutting.holding_two(self._units, new, self._rows)
        self._relaxed.add(new, np.full(len(new), -1.0), self._units + row, column, np.ones(len(row)))


def fitted(fit: Fit, count: int, *, nodes: int, clock: Clock) -> tuple[Ints | None, bool]:
    """Return `count` sets that fit side by side (their positions); or None, and whether it is proven that none do.

    One more unit stands for giving up, at a price of 1: so there always is an answer, and its bound is the proof.
    """
    kept = np.flatnonzero(fit.lacking <= fit.bound - count + SLACK)
    few = fit.sets.take(kept)
    going_on = Groups(
        np.append(few.start, few.start[-1] + 1),
        np.append(few.units, fit.units),
        np.zeros(len(few) + 1),
        np.zeros(len(few) + 1, np.int64),
    )
    giving_up = np.zeros(fit.units + 1)
    giving_up[fit.units] = 1.0
    enough = Extra(np.append(np.ones(len(few)), 0.0), count * giving_up, float(count), np.inf)
    holding, row = cutting.holding_two(fit.units, few, fit.rows)
    counts = np.zeros((len(fit.rows), len(few) + 1))
    counts[row, holding] = 1.0
    none = np.zeros(fit.units + 1)
    rows = [replace(enough, per_group=of_row, per_single=none, least=-np.inf, most=1.0) for of_row in counts]
    answer = cover(
        fit.units + 1, going_on, going_on.cost, giving_up, [enough, *rows], nodes=nodes, clock=clock
    )
    if answer is None:
        return None, False
    if fit.units in answer.single:
        return None, answer.proven
    return kept[answer.groups[answer.groups < len(few)]], False
