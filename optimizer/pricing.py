"""What is asked of the search: a goal with its limits, and the groups that pay at given prices."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from optimizer import charging, search
from optimizer.covering import Extra, Groups, united
from optimizer.cutting import rows_by_unit
from optimizer.instance import Floats, Ints, Part
from optimizer.rules import Rules

SLACK = 1e-6  # household-metres: what counts as nothing beside costs of thousands
STEPS_A_ROOT = 20_000  # a pass with wild duals is cut here, and its bound is the weaker for it
STEPS_A_PASS = 1_000_000
FIRST_GROUPS = 4  # with the same centre; later ones are better
NEAREST = 64
UNPLACED_M = 40.0
STEPS_A_GROUP = 40  # a listing that takes more steps than this for each group it may hold is given up


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


def task(rules: Rules, goal: Goal, *, bonus: float = 0.0) -> charging.Task:
    """Return the search for the groups of `goal`; without prices each group is found from its smallest unit."""
    return charging.Task(
        minimum=rules.minimum,
        upper=rules.upper,
        upper_hard=rules.upper_hard,
        join_price=float(rules.prices.join_self_sufficient),  # a whole number would be compiled anew
        upper_price=float(rules.prices.upper_per_household),
        prices=goal.prices,
        bonus=goal.bonus + bonus,
        by_center=goal.prices > 0,
        ceiling=-SLACK,
        improving=True,
        groups=200_000,
        steps=STEPS_A_ROOT,
        all_steps=STEPS_A_PASS,
    )


def cuts_of(part: Part, rows: Ints, penalty: Floats) -> search.Cuts:
    """Return subset rows (triples of units, shape (n, 3)) with their penalties in the form the search wants."""
    return search.Cuts(*rows_by_unit(part.units, rows), penalty)


def no_cuts(part: Part) -> search.Cuts:
    """Return no cuts, in the form the search wants."""
    return cuts_of(part, np.zeros((0, 3), np.int64), np.zeros(0))


def found(
    part: Part,
    asked: charging.Task,
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


def first_groups(part: Part, rules: Rules) -> Groups:
    """Return groups to begin with: the best ones where a household is worth as far a walk as the minimum of them lives away."""
    goal = Goal(1.0, 0.0, np.zeros(part.units))
    households = np.minimum(part.arrays.weight, rules.minimum)
    profit = households * metres_around(part, rules.minimum) + part.arrays.least_link
    steps = np.clip(STEPS_A_PASS // part.units, 100, 2_000)
    asked = task(rules, goal)._replace(steps=int(steps), all_steps=2 * STEPS_A_PASS)
    groups, _, _ = found(part, asked, profit)
    return united([groups.take(_last_of_each(groups.center, FIRST_GROUPS))])


def _last_of_each(values: Ints, most: int) -> Ints:
    """Return where the last occurrences of each value are, so many of each at most."""
    order = np.argsort(values, kind="stable")
    end = np.searchsorted(values[order], values[order], side="right")
    last: Ints = np.sort(order[end - np.arange(len(order)) <= most])
    return last


def metres_around(part: Part, minimum: int) -> Floats:
    """Return how far around each unit so many households live (as far as seen: among its NEAREST units)."""
    first = part.arrays.member[part.arrays.member_start[:-1]]
    places = np.column_stack([part.arrays.x[first], part.arrays.y[first]])
    placed = ~np.isnan(places).any(axis=1)
    metres = np.full(part.units, UNPLACED_M)
    if placed.sum() > 1:
        seen = min(NEAREST, int(placed.sum()))
        found_near = cKDTree(places[placed]).query(places[placed], seen)
        away, who = np.reshape(found_near[0], (-1, seen)), np.reshape(found_near[1], (-1, seen))
        within = part.arrays.weight[placed][who].cumsum(axis=1)
        last = np.minimum((within < minimum).sum(axis=1), seen - 1)
        metres[placed] = np.maximum(np.take_along_axis(away, last[:, None], 1)[:, 0], UNPLACED_M)
    return metres
