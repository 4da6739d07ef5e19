"""Column generation: the relaxed cover over all lawful groups without listing them, and the groups worth listing."""

from dataclasses import dataclass

import numpy as np

from optimizer import search
from optimizer.clock import Clock
from optimizer.covering import Extra, Groups, Relaxed, united
from optimizer.instance import Floats, Ints, Part
from optimizer.rules import Rules

SLACK = 1e-6  # household-metres: what counts as nothing beside costs of thousands
STEPS_A_ROOT = 20_000  # a pass with wild duals is cut here, and its bound is the weaker for it
STEPS_A_PASS = 1_000_000
CUT_PASSES = 30  # so many passes may be cut before the bound is left as it is
STEPS_A_GROUP = 40  # a listing that takes more steps than this for each group it may hold is given up
ROUNDS = 400
MARK_UP = 3.0


@dataclass(frozen=True)
class Limit:
    """A goal reached earlier, as a row: least ≤ `per_group` × number of groups + Σ `per_single` ≤ most."""

    per_group: float
    per_single: Floats
    least: float = -np.inf
    most: float = np.inf

    def row(self, groups: Groups) -> Extra:
        """Return the row over `groups`."""
        return Extra(np.full(len(groups), self.per_group), self.per_single, self.least, self.most)

    def worth(self, dual: float) -> float:
        """Return what the row adds to the bound at price `dual`."""
        side = self.least if dual > 0 else self.most
        return 0.0 if dual == 0 else dual * side


@dataclass(frozen=True)
class Goal:
    """What a stage minimises: `prices` × cost - `bonus` for each group, `single` for each unit left single.

    `single` is inf where a unit must be in a group. `limits` keep what earlier stages reached.
    """

    prices: float
    bonus: float
    single: Floats
    limits: tuple[Limit, ...] = ()

    def of(self, groups: Groups) -> Floats:
        """Return what each group counts."""
        return self.prices * groups.cost - self.bonus

    def value(self, groups: Groups, single: Ints) -> float:
        """Return what a choice of groups and single units counts."""
        return float(self.of(groups).sum() + self.single[single].sum())

    def bonus_of(self, duals: Floats) -> float:
        """Return what one more group earns in the limits, at the duals of the limits."""
        return float(sum(d * limit.per_group for d, limit in zip(duals, self.limits, strict=True)))

    def worth_of(self, duals: Floats) -> float:
        """Return what the limits add to a bound, at their duals."""
        return float(sum(limit.worth(d) for d, limit in zip(duals, self.limits, strict=True)))

    def suited(self, duals: Floats) -> Floats:
        """Return duals without wrong signs: rounding may give a limit that is open on one side a price there."""
        suited = duals.copy()
        for k, limit in enumerate(self.limits, start=len(self.single)):
            suited[k] = np.clip(
                duals[k],
                -np.inf if np.isfinite(limit.most) else 0.0,
                np.inf if np.isfinite(limit.least) else 0.0,
            )
        return suited

    def shortfall(self, duals: Floats) -> float:
        """Return the sum of the reduced costs below 0 of single units (0 but for rounding)."""
        units = len(self.single)
        paid = duals[:units] + sum(d * k.per_single for d, k in zip(duals[units:], self.limits, strict=True))
        return float(np.minimum(self.single - paid, 0.0).sum())

    def rows(self, groups: Groups) -> list[Extra]:
        """Return the limits as rows over `groups`."""
        return [limit.row(groups) for limit in self.limits]


@dataclass(frozen=True)
class Bound:
    """A lower bound on a goal over all lawful groups, the duals that prove it, and the groups met on the way.

    `covers` is False where the relaxed problem could not do without units left single that must not be.
    """

    value: float
    duals: Floats
    groups: Groups
    covers: bool


def task(rules: Rules, goal: Goal, *, bonus: float = 0.0) -> search.Task:
    """Return the search for the groups of `goal`; without prices each group is found from its smallest unit."""
    return search.Task(
        minimum=rules.minimum,
        upper=rules.upper,
        upper_hard=rules.upper_hard,
        join_price=rules.prices.join_self_sufficient,
        upper_price=rules.prices.upper_per_household,
        prices=goal.prices,
        bonus=goal.bonus + bonus,
        by_center=goal.prices > 0,
        ceiling=-SLACK,
        improving=True,
        groups=200_000,
        steps=STEPS_A_ROOT,
        all_steps=STEPS_A_PASS,
    )


def no_cuts(part: Part) -> search.Cuts:
    """Return no cuts, in the form the search wants."""
    return search.Cuts(np.zeros(part.units + 1, np.int64), np.zeros(0, np.int64), np.zeros(0))


def found(
    part: Part,
    asked: search.Task,
    profit: Floats,
    roots: Ints | None = None,
    cuts: search.Cuts | None = None,
) -> tuple[Groups, float, bool]:
    """Search; return the groups, the sum over the roots of the least reduced cost, and whether nothing was cut."""
    if roots is None:
        roots = np.arange(len(part.ids) if asked.by_center else part.units)
    answer = search.groups(part.arrays, asked, roots, profit, no_cuts(part) if cuts is None else cuts)
    groups = Groups(answer.start, answer.units[: answer.start[-1]], answer.cost, answer.center)
    return groups, float(answer.least.sum()), bool(answer.complete)


def all_groups(part: Part, rules: Rules, most: int) -> Groups | None:
    """Return every lawful group of a part; None where there are more than `most` or the search takes too long."""
    goal = Goal(1.0, 0.0, np.zeros(part.units))
    asked = task(rules, goal)._replace(
        by_center=False,
        ceiling=np.inf,
        improving=False,
        groups=most + 1,
        steps=STEPS_A_GROUP * most,
        all_steps=STEPS_A_GROUP * most,
    )
    groups, _, complete = found(part, asked, np.zeros(part.units))
    return groups if complete else None


def within(
    part: Part, rules: Rules, goal: Goal, bound: Bound, *, excess: float, most: int, units: Ints | None = None
) -> Groups | None:
    """Return every group with a reduced cost of at most `excess`, inside `units`; None where there are more than `most`.

    A plan's groups each have a reduced cost of at least 0 (up to what the bound allows for), and together they make up
    what the plan counts above the bound: a plan within `excess` of the bound holds no other groups.
    """
    profit, roots = bound.duals[: part.units], None
    if units is not None:
        profit = np.full(part.units, -np.inf)
        profit[units] = bound.duals[units]
        start, member = part.arrays.member_start, part.arrays.member
        roots = np.concatenate([member[start[u] : start[u + 1]] for u in units])
    asked = task(rules, goal, bonus=goal.bonus_of(bound.duals[part.units :]))._replace(
        ceiling=excess + SLACK,
        improving=False,
        groups=most + 1,
        steps=STEPS_A_GROUP * most,
        all_steps=STEPS_A_GROUP * most,
    )
    groups, _, complete = found(part, asked, profit, roots)
    return groups if complete else None


def worth(goal: Goal, duals: Floats, units: Ints, groups: int) -> float:
    """Return what `units` in that many groups are worth at `duals`."""
    return float(duals[units].sum()) + groups * goal.bonus_of(duals[len(goal.single) :])


def first_groups(part: Part, rules: Rules) -> Groups:
    """Return groups to begin with: the best ones where each household up to the minimum is worth 40 metres."""
    goal = Goal(1.0, 0.0, np.zeros(part.units))
    profit = 40.0 * np.minimum(part.arrays.weight, rules.minimum)
    return united([found(part, task(rules, goal)._replace(steps=2_000), profit)[0]])


def bound(part: Part, rules: Rules, goal: Goal, groups: Groups, clock: Clock) -> Bound:
    """Minimise the relaxed `goal` over all lawful groups, beginning with `groups`.

    Every group has one root (its centre, or its smallest unit) and a plan holds at most one group from a root. So for any
    duals that suit the single units, their sum + the least reduced cost of each root (where below 0) is a bound: no
    repair of duals is needed, and a run that the clock stops still has one. The duals asked are a mean of the last ones
    and the best so far (Wentges), which tames the first passes.
    """
    units = part.units
    must = np.isinf(goal.single)
    scale = 100.0 * part.arrays.weight + 2_000.0 if goal.prices else np.ones(units)
    single = np.where(must, scale, goal.single)
    best, best_duals, trust = -np.inf, np.zeros(units + len(goal.limits)), 0.5
    lists, known = [groups], {groups.of(k).tobytes() for k in range(len(groups))}
    covers = False
    steps, cut_passes = STEPS_A_ROOT, 0
    relaxed = Relaxed(units, groups, goal.of(groups), single, goal.rows(groups))
    if True:
        for _ in range(ROUNDS):
            loosened = relaxed.solve()
            value, duals, left = loosened.value, goal.suited(loosened.duals), loosened.single
            lacking = must & (left > 1e-7)
            covers = not lacking.any()
            if not covers:
                if single[lacking].max() > 1e9:
                    break
                single = np.where(lacking, MARK_UP * single, single)
                relaxed.reprice(single)
            asked_duals = trust * best_duals + (1 - trust) * duals if best > -np.inf else duals
            rest = asked_duals[units:]
            asked = task(rules, goal, bonus=goal.bonus_of(rest))._replace(steps=steps)
            new, least, complete = found(part, asked, asked_duals[:units])
            here = (
                float(asked_duals[:units].sum()) + goal.worth_of(rest) + least + goal.shortfall(asked_duals)
            )
            if here > best:
                best, best_duals = here, asked_duals
            cut_passes += not complete
            if (
                (covers and value - best <= SLACK * max(1.0, abs(value)) * 0.01)
                or clock.over()
                or cut_passes > CUT_PASSES
            ):
                break
            fresh = [k for k in range(len(new)) if new.of(k).tobytes() not in known]
            new = new.take(np.array(fresh, np.int64))
            reduced = goal.of(new) - new.sums(duals[:units]) - goal.bonus_of(duals[units:])
            new = united([new.take(reduced < -SLACK * 0.1)])
            if len(new):
                relaxed.add(new, goal.of(new), [row.per_group for row in goal.rows(new)])
                lists.append(new)
                known.update(new.of(k).tobytes() for k in range(len(new)))
                trust = 0.5
            elif trust:
                trust = 0.0
            elif not complete and steps == STEPS_A_ROOT:
                steps *= 10
            elif covers:
                break
    return Bound(best, best_duals, united(lists), covers)
