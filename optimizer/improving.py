"""Large-neighbourhood search: a ball of adjacent areas, grouped again exactly, until no ball gets better."""

from collections.abc import Iterable, Sequence

import numpy as np

from optimizer import pricing
from optimizer.clock import Clock
from optimizer.covering import Extra, Groups, cover, united
from optimizer.instance import Ints, Part
from optimizer.pricing import SLACK, Bound, Goal
from optimizer.rules import Rules

GROUPS_A_BALL = 1_500


def improve(
    part: Part,
    rules: Rules,
    goal: Goal,
    bound: Bound,
    plan: Groups,
    *,
    balls: Sequence[int],
    tries: int,
    clock: Clock,
) -> Groups:
    """Return a plan that costs no more: balls of so many areas, one after the other, are covered again exactly.

    Units that `plan` leaves single stay single, and with limits no ball gets fewer areas than it had.
    """
    for areas in balls:
        tried: set[tuple[bytes, ...]] = set()
        better = True
        while better and tries > 0 and not clock.over():
            better = False
            for first in range(part.units):
                ball = _ball(part, plan, first, areas)
                key = tuple(plan.of(k).tobytes() for k in ball)
                if len(ball) < 2 or key in tried or clock.over() or tries <= 0:
                    continue
                tried.add(key)
                tries -= 1
                new = _again(part, rules, goal, bound, plan.take(ball))
                if new is not None:
                    kept = np.setdiff1d(np.arange(len(plan)), ball)
                    plan, better = united([plan.take(kept), new]), True
    return plan


def _ball(part: Part, plan: Groups, first: int, areas: int) -> Ints:
    """Return the area of unit `first` and the areas around it, nearest by links, at most `areas`."""
    area_of = np.full(part.units, -1)
    area_of[plan.units] = np.repeat(np.arange(len(plan)), np.diff(plan.start))
    if area_of[first] < 0 or plan.of(area_of[first])[0] != first:
        return np.zeros(0, np.int64)
    start, adjacent = part.arrays.adjacent_start, part.arrays.adjacent
    ball = [int(area_of[first])]
    for k in ball:
        if len(ball) >= areas:
            break
        around = np.concatenate([adjacent[start[u] : start[u + 1]] for u in plan.of(k)])
        ball += [int(a) for a in np.unique(area_of[around]) if a >= 0 and a not in ball]
    return np.sort(np.array(ball[:areas], np.int64))


def _again(part: Part, rules: Rules, goal: Goal, bound: Bound, ball: Groups) -> Groups | None:
    """Return a cheaper cover of the units in `ball`, None where there is none (or too many groups to look at)."""
    before = float(goal.of(ball).sum())
    units = np.sort(ball.units)
    excess = before - pricing.worth(goal, bound.duals, units, len(ball))
    if excess < SLACK:
        return None
    groups = pricing.within(part, rules, goal, bound, excess=excess, most=GROUPS_A_BALL, units=units)
    if groups is None or len(groups) == 0:
        return None
    local = np.searchsorted(units, groups.units)
    here = Groups(groups.start, local, groups.cost, groups.center)
    rows: Iterable[Extra] = [
        Extra(np.ones(len(here)), np.zeros(len(units)), float(len(ball)), np.inf)
        for limit in goal.limits
        if limit.per_group
    ]
    answer = cover(len(units), here, goal.of(here), np.full(len(units), np.inf), list(rows))
    if answer is None or goal.of(groups.take(answer.groups)).sum() > before - SLACK:
        return None
    return groups.take(answer.groups)
