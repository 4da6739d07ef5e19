"""Column generation: the relaxed cover over all lawful groups without listing them, and rows that tighten it."""

from dataclasses import dataclass

import numpy as np

from optimizer import pricing
from optimizer.clock import Clock
from optimizer.covering import Groups, Loosened, OutOfTimeError, Relaxed, joined, united
from optimizer.cutting import broken_rows, holding_two
from optimizer.instance import Floats, Ints, Part
from optimizer.pricing import SLACK, STEPS_A_GROUP, STEPS_A_ROOT, Goal, cuts_of
from optimizer.rules import Rules

CUT_PASSES = (3, 30)  # so many passes may be cut before the bound is left as it is, least and most,
CUT_UNITS = 30_000  # and in all of them together so many units,
IDLE_PASSES = 4  # and so many of these in a row may bring the value down by less than IDLE
IDLE = 1e-3
FOR_ONE = 0.25  # of the time left: what takes longer to solve once converges too late
LEEWAY = 1e-4  # of a unit: what may be covered more or less than once while duals are led
ROUNDS = 400
MARK_UP = 3.0
DEAREST = 1e9  # household-metres
ROWS_A_ROUND = 400  # subset rows added at a time, the most broken first,
ROWS_A_UNIT = 4  # and of each unit so many at most
CLOSE = 0.01  # of the value: where bound and value are this close, the duals are asked as they are


@dataclass(frozen=True)
class Bound:
    """A lower bound on a goal over all lawful groups, and what proves it.

    Duals are those of `units`, of the goal's `limits`, and the `penalty` (≥ 0) of each of the subset `rows` (triples of
    units, shape (n, 3)) for a group that holds two or more units of it. `groups` are those met
    on the way, each `taken` to some part in the relaxed cover. `covers` is False where the relaxed problem could not do
    without units left single that must not be.
    """

    value: float
    units: Floats
    limits: Floats
    rows: Ints
    penalty: Floats
    groups: Groups
    taken: Floats
    covers: bool

    def reduced(self, goal: Goal, groups: Groups) -> Floats:
        """Return what each group costs above what it is worth, less what it pays in the rows."""
        worth: Floats = groups.sums(self.units) + goal.bonus_of(self.limits)
        return goal.of(groups) - worth


class Relaxation:
    """The relaxed cover in the making: it grows by groups and by rows, and starts again where it ended.

    Every group has one root (its centre, or its smallest unit) and a plan holds at most one group from a root. So for any
    duals that suit the single units, their sum + the least reduced cost of each root (where below 0) is a bound: no
    repair of duals is needed, and a run that the clock stops still has one. The duals asked are a mean of the last ones
    and the best so far (Wentges 1997), which tames the first passes.
    """

    def __init__(self, part: Part, rules: Rules, goal: Goal, groups: Groups, clock: Clock) -> None:
        self._part, self._rules, self._goal, self._clock = part, rules, goal, clock
        self._must = np.isinf(goal.single)
        scale = 100.0 * part.arrays.weight + 2_000.0 if goal.prices else np.ones(part.units)
        self._single = np.where(self._must, scale, goal.single)
        self._relaxed = Relaxed(part.units, groups, goal.of(groups), self._single, goal.rows(groups))
        self._groups = groups
        self._known = {groups.of(k).tobytes() for k in range(len(groups))}
        self._rows = np.zeros((0, 3), np.int64)
        self._best, self._duals = -np.inf, np.zeros(part.units + len(goal.limits))
        self._loosened: Loosened | None = None
        self._covers = False
        self._passes_cut = 0
        self._late = False  # the relaxed problem itself takes too long

    @property
    def bound(self) -> Bound:
        """Return what is proven so far."""
        taken = np.zeros(len(self._groups))
        if self._loosened is not None:
            taken[: len(self._loosened.groups)] = self._loosened.groups
        units, limits, penalty = self._split(self._duals)
        return Bound(self._best, units, limits, self._rows, penalty, self._groups, taken, self._covers)

    def lead(self, plan: Groups) -> None:
        """Converge with duals led towards those of a plan: each household of an area worth the same.

        Many duals are as good as one another for the groups at hand; those near to a plan's ask for fewer wrong groups.
        """
        households = self._part.arrays.weight.astype(np.float64)
        worth = np.zeros(self._part.units)
        rate = self._goal.of(plan) / plan.sums(households)
        worth[plan.units] = np.repeat(rate, np.diff(plan.start)) * households[plan.units]
        self._relaxed.lean(worth, LEEWAY)
        self.converge()
        self._relaxed.lean(worth, 0.0)

    def converge(self) -> None:
        """Take in groups until none is missing, the clock ends it, or no pass can be searched to its end."""
        trust, steps, least, idle = 0.5, STEPS_A_ROOT, np.inf, 0
        cut = np.clip(CUT_UNITS // self._part.units, *CUT_PASSES)
        for _ in range(0 if self._late else ROUNDS):
            try:
                value, duals = self._solved()
            except OutOfTimeError:
                self._late = True
                self._clock.hurry()
                break
            if not self._covers and not self._mark_up():
                break
            close = value - self._best <= CLOSE * abs(value)
            share = 0.0 if close or self._best == -np.inf else trust
            asked = share * self._duals + (1 - share) * duals
            new, complete = self._priced(asked, steps)
            if self._covers and value - self._best <= SLACK * max(1.0, abs(value)) * 0.01:
                break
            idle = 0 if complete or value < least - IDLE * abs(value) else idle + 1
            least = min(least, value)
            if self._clock.over() or self._passes_cut > cut or idle > IDLE_PASSES:
                break
            new = new.take(self._reduced(new, duals) < -SLACK * 0.1)
            if len(new):
                self._add(new)
                trust = 0.5
            elif share:
                trust = 0.0
            elif not complete and steps == STEPS_A_ROOT:
                steps *= 10
            elif self._covers:
                break

    def tighten(self) -> bool:
        """Add the subset rows that the relaxed cover breaks; tell whether there were any. Then it wants to converge again."""
        if self._loosened is None or not self._covers:
            return False
        some = self._groups.take(self._loosened.groups > SLACK)
        taken = self._loosened.groups[self._loosened.groups > SLACK]
        triples, broken = broken_rows(self._part.units, some.start, some.units, taken)
        chosen: list[int] = []
        used = np.zeros(self._part.units, np.int64)
        for k in np.lexsort((*triples.T[::-1], -np.round(broken, 6))).tolist():
            if len(chosen) < ROWS_A_ROUND and (used[triples[k]] < ROWS_A_UNIT).all():
                chosen.append(k)
                used[triples[k]] += 1
        if not chosen:
            return False
        new = triples[chosen]
        group, cut = holding_two(self._part.units, self._groups, new)
        self._relaxed.cut(len(new), cut, group)
        self._rows = np.vstack([self._rows, new])
        self._duals = np.concatenate([self._duals, np.zeros(len(new))])
        return True

    def _solved(self) -> tuple[float, Floats]:
        """Solve the relaxed problem; return its value, and duals without the wrong signs that rounding may give."""
        left = self._clock.left()
        self._loosened = self._relaxed.solve(None if left is None else FOR_ONE * left)
        duals = self._goal.suited(self._loosened.duals)
        first_row = self._part.units + len(self._goal.limits)
        duals[first_row:] = np.minimum(duals[first_row:], 0.0)
        self._covers = not (self._must & (self._loosened.single > 1e-7)).any()
        return self._loosened.value, duals

    def _mark_up(self) -> bool:
        """Make it dearer to leave units single that are and must not be; False where no price will do."""
        assert self._loosened is not None
        lacking = self._must & (self._loosened.single > 1e-7)
        if self._single[lacking].max() > DEAREST:
            return False
        self._single = np.where(lacking, MARK_UP * self._single, self._single)
        self._relaxed.reprice(self._single)
        return True

    def _priced(self, duals: Floats, steps: int) -> tuple[Groups, bool]:
        """Search the groups that pay at `duals`, and keep the bound these prove; tell whether nothing was cut short."""
        units, limits, penalty = self._split(duals)
        asked = pricing.task(self._rules, self._goal, bonus=self._goal.bonus_of(limits))._replace(steps=steps)
        cuts = cuts_of(self._part, self._rows, penalty)
        new, least, complete = pricing.found(self._part, asked, units, cuts=cuts)
        here = float(units.sum() - penalty.sum()) + self._goal.worth_of(limits) + least
        here += self._goal.shortfall(duals[: len(units) + len(limits)])
        if here > self._best:
            self._best, self._duals = here, duals
        self._passes_cut += not complete
        fresh = [k for k in range(len(new)) if new.of(k).tobytes() not in self._known]
        return united([new.take(np.array(fresh, np.int64))]), complete

    def _add(self, new: Groups) -> None:
        first_row = self._part.units + len(self._goal.limits)
        group, cut = holding_two(self._part.units, new, self._rows)
        rows = [np.repeat(np.arange(self._part.units, first_row), len(new)), first_row + cut]
        counts = [e.per_group for e in self._goal.rows(new)]
        values = np.concatenate([*counts, np.ones(len(cut))])
        columns = np.concatenate([np.tile(np.arange(len(new)), len(counts)), group])
        self._relaxed.add(new, self._goal.of(new), np.concatenate(rows), columns, values)
        self._groups = joined([self._groups, new])
        self._known.update(new.of(k).tobytes() for k in range(len(new)))

    def _reduced(self, groups: Groups, duals: Floats) -> Floats:
        units, limits, penalty = self._split(duals)
        group, cut = holding_two(self._part.units, groups, self._rows)
        paid = np.bincount(group, penalty[cut], len(groups))
        reduced: Floats = self._goal.of(groups) - groups.sums(units) - self._goal.bonus_of(limits) + paid
        return reduced

    def _split(self, duals: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the duals of units and of limits, and the penalties of the rows."""
        units, rest = self._part.units, self._part.units + len(self._goal.limits)
        return duals[:units], duals[units:rest], -duals[rest:]


def within(
    part: Part, rules: Rules, goal: Goal, bound: Bound, *, excess: float, most: int, units: Ints | None = None
) -> Groups | None:
    """Return every group with a reduced cost of at most `excess`, inside `units`; None where there are more than `most`.

    The bound charges once for each root what its groups may have below 0. So the reduced costs of a plan's groups,
    however they fall, lie below what it counts above the bound: a plan within `excess` of that holds no other groups.
    """
    profit, roots = bound.units, None
    if units is not None:
        profit = np.full(part.units, -np.inf)
        profit[units] = bound.units[units]
        start, member = part.arrays.member_start, part.arrays.member
        roots = np.concatenate([member[start[u] : start[u + 1]] for u in units])
    asked = pricing.task(rules, goal, bonus=goal.bonus_of(bound.limits))._replace(
        ceiling=excess + SLACK,
        improving=False,
        groups=most + 1,
        steps=STEPS_A_GROUP * most,
        all_steps=STEPS_A_GROUP * most,
    )
    cuts = cuts_of(part, bound.rows, bound.penalty)
    groups, _, complete = pricing.found(part, asked, profit, roots, cuts)
    return groups if complete else None


def worth(goal: Goal, bound: Bound, units: Ints, groups: int) -> float:
    """Return what `units` in that many groups count at least, were no reduced cost below 0.

    Each row's penalty is paid once, if they hold two of it. Good enough to see where a plan could be better, no proof.
    """
    inside = np.zeros(len(bound.units), bool)
    inside[units] = True
    paid = bound.penalty[inside[bound.rows].sum(axis=1) >= 2].sum()
    return float(bound.units[units].sum() - paid) + groups * goal.bonus_of(bound.limits)
