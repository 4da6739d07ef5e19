"""Large-neighbourhood search: a ball of adjacent areas, grouped again exactly, until no ball gets better."""

from collections.abc import Callable, Iterator

import numpy as np

from optimizer import bounding
from optimizer.bounding import Bound
from optimizer.clock import Clock
from optimizer.covering import Extra, Groups, cover, joined
from optimizer.instance import Ints, Part
from optimizer.pricing import SLACK, Goal
from optimizer.rules import Rules
from optimizer.work import Work

GROUPS_A_BALL = 1_500


def improve(
    part: Part,
    rules: Rules,
    goal: Goal,
    bound: Bound,
    plan: Groups,
    *,
    work: Work,
    clock: Clock,
    heard: Callable[[Groups], None],
) -> Groups:
    """Return a plan that costs no more: balls of so many areas, one after the other, are covered again exactly.

    The areas that cost most above what the bound says they are worth come first. Units that `plan` leaves single stay
    single, and with limits no ball gets fewer areas than it had. `heard` is told of each better plan.
    """
    tries = work.tries * part.units
    for areas in work.balls:
        tried: set[tuple[bytes, ...]] = set()
        better = True
        while better:
            better = False
            kept = set(_names(plan))
            for ball in _balls(part, goal, bound, plan, areas):
                if tries <= 0 or clock.over():
                    return plan
                names = _names(ball)
                if names in tried or not kept.issuperset(names):
                    continue
                tried.add(names)
                tries -= 1
                new = _again(part, rules, goal, bound, ball)
                if new is not None:
                    plan, better = _exchanged(part, plan, ball, new), True
                    kept.difference_update(names)
                    heard(plan)
    return plan


def _names(groups: Groups) -> tuple[bytes, ...]:
    return tuple(groups.of(k).tobytes() for k in range(len(groups)))


def _exchanged(part: Part, plan: Groups, ball: Groups, new: Groups) -> Groups:
    inside = np.zeros(part.units, bool)
    inside[ball.units] = True
    return joined([plan.take(~inside[plan.units[plan.start[:-1]]]), new])


def _balls(part: Part, goal: Goal, bound: Bound, plan: Groups, areas: int) -> Iterator[Groups]:
    """Yield a ball of adjacent areas around each area of `plan`, the worst first."""
    area_of = np.full(part.units, -1)
    area_of[plan.units] = np.repeat(np.arange(len(plan)), np.diff(plan.start))
    excess = goal.of(plan) - plan.sums(bound.units)
    for first in np.lexsort((np.arange(len(plan)), -np.round(excess, 6))):
        ball = plan.take(_ball(part, plan, area_of, int(first), areas))
        if len(ball) > 1:
            yield ball


def _ball(part: Part, plan: Groups, area_of: Ints, first: int, areas: int) -> Ints:
    """Return area `first` and the areas around it, nearest by links, at most `areas`."""
    start, adjacent = part.arrays.adjacent_start, part.arrays.adjacent
    ball = [first]
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
    excess = before - bounding.worth(goal, bound, units, len(ball))
    if excess < SLACK:
        return None
    groups = bounding.within(part, rules, goal, bound, excess=excess, most=GROUPS_A_BALL, units=units)
    if groups is None or len(groups) == 0:
        return None
    local = np.searchsorted(units, groups.units)
    here = Groups(groups.start, local, groups.cost, groups.center)
    rows = [
        Extra(np.ones(len(here)), np.zeros(len(units)), float(len(ball)), np.inf)
        for limit in goal.limits
        if limit.per_group
    ]
    answer = cover(len(units), here, goal.of(here), np.full(len(units), np.inf), rows)
    if answer is None or goal.of(groups.take(answer.groups)).sum() > before - SLACK:
        return None
    return groups.take(answer.groups)
