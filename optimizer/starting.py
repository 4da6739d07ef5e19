"""Plans to begin with: lawful at once, good later."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer import charging, pricing, rounding, splitting
from optimizer.covering import Groups, joined, no_groups
from optimizer.instance import Ints, Part
from optimizer.pricing import Goal
from optimizer.rules import Rules


def first_plan(part: Part, rules: Rules, given: Groups) -> Groups:
    """Return a plan at once, `given` lawful groups first; of a part that is not clean, only its lone large communities."""
    if not part.clean:
        return costed(part, rules, [np.array([u]) for u in np.flatnonzero(lone_big(part))])
    if len(given.units) == part.units:
        return given
    found = pricing.first_groups(part, rules)
    households = found.sums(part.arrays.weight.astype(np.float64))
    order = np.argsort(found.cost / households, kind="stable") + len(given)
    return rounded(part, rules, joined([given, found]), np.concatenate([np.arange(len(given)), order]))


def rounded(part: Part, rules: Rules, groups: Groups, order: Ints) -> Groups:
    """Return a plan that covers a clean part: `groups` in `order` where they do not overlap, the rest put beside them.

    What can be split is split. A part below the minimum has no plan.
    """
    if part.arrays.weight.sum() < rules.minimum:
        return no_groups()
    label = rounding.labelled(part.arrays, rules.minimum, groups.start, groups.units, groups.center, order)
    by_label = np.argsort(label, kind="stable")
    waiting = np.split(by_label, np.flatnonzero(np.diff(label[by_label])) + 1)
    done: list[Ints] = []
    while waiting:
        group = waiting.pop()
        one = splitting.half(part.arrays, group, rules.minimum)
        if len(one):
            waiting += [one, np.setdiff1d(group, one)]
        else:
            done.append(group)
    return costed(part, rules, sorted(done, key=lambda group: int(group[0])))


def costed(part: Part, rules: Rules, groups: Sequence[Ints]) -> Groups:
    """Return groups given as sorted units, with what they cost and their centres."""
    start = np.concatenate([[0], np.cumsum([len(g) for g in groups])]).astype(np.int64)
    units = np.concatenate([*groups, np.zeros(0, np.int64)]).astype(np.int64)
    asked = pricing.task(rules, Goal(1.0, 0.0, np.zeros(part.units)))
    cost, center = charging.costs(part.arrays, asked, start, units)
    return Groups(start, units, cost, center)


def lone_big(part: Part) -> NDArray[np.bool_]:
    """Tell which units are a single community that reaches the minimum: never an exception."""
    big: NDArray[np.bool_] = (np.diff(part.arrays.member_start) == 1) & (part.arrays.bigs == 1)
    return big


def lone_host(part: Part) -> NDArray[np.bool_]:
    """Tell which units are a single host: it may stay alone at no cost."""
    alone: NDArray[np.bool_] = (np.diff(part.arrays.member_start) == 1) & (part.arrays.hosts == 1)
    return alone
