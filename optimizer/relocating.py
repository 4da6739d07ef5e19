"""A good plan soon: units go over to a neighbouring area, are swapped, or two areas are drawn anew, at falling heat.

Compiled; imported only while solving.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer import pricing
from optimizer.chance import FINE, drawn, first_state
from optimizer.charging import Task
from optimizer.clock import Clock
from optimizer.covering import Groups
from optimizer.drafting import (
    NOBODY,
    Areas,
    Room,
    cost_of,
    laid_out,
    lawful,
    lay,
    new_stamp,
    put_in,
    rest_after,
    take_out,
    units_after,
    units_of,
    walking_after,
)
from optimizer.instance import Arrays, Ints, Part
from optimizer.labels import beside, holds_without, partner
from optimizer.native import compiled
from optimizer.pricing import Goal
from optimizer.rules import Rules
from optimizer.splitting import NO, splits
from optimizer.starting import costed

LEG = 1 << 16  # steps between two looks at the clock
HOT, COLD = 1.0, 0.03  # heat at first and at last, in what a unit of the plan costs on average
LATE = 0.05  # so far ahead of the steps the time may be before it leads
SWAP = 4  # one move in so many is tried as a swap though it need not be one,
REDRAW = 8  # and one in so many draws both areas anew


def relocated(part: Part, rules: Rules, plan: Groups, *, steps: int, clock: Clock, fewest: int = 0) -> Groups:
    """Return a plan of a clean part that costs no more, with at least `fewest` areas; `plan` covers the part.

    Simulated annealing (Kirkpatrick et al. 1983) over lawful plans in `steps` counted moves, always the same ones; redrawing two areas
    along a random tree is the recombination of DeFord, Duchin and Solomon (2021).
    """
    if len(plan) < 2:
        return plan
    label = np.empty(part.units, np.int64)
    label[plan.units] = np.repeat(np.arange(len(plan)), np.diff(plan.start))
    asked = pricing.task(rules, Goal(1.0, 0.0, np.zeros(part.units)))
    areas, room = laid_out(part.arrays, asked, label, fewest)
    state, best = first_state(), (label, float(plan.cost.sum()))
    hottest, cooling = HOT * best[1] / part.units, (COLD / HOT) ** (1.0 / max(1, steps))
    seconds, late = clock.left(), False
    for leg in range(0, steps, LEG):
        if clock.over():
            break
        gone, spent = leg / steps, _spent(seconds, clock)
        if late := late or spent > gone + LATE:
            # it cools with the time then: what is cut off hot is no better than at first
            gone = max(gone, spent)
            clock.hurry()
        heat, count = hottest * (COLD / HOT) ** gone, min(LEG, steps - leg)
        best = _leg(part.arrays, asked, areas, room, state, count, heat, cooling, best[0], best[1])
    by_label = np.argsort(best[0], kind="stable")
    groups = np.split(by_label, np.flatnonzero(np.diff(best[0][by_label])) + 1)
    found = costed(part, rules, sorted(groups, key=lambda group: int(group[0])))
    return found if found.cost.sum() < plan.cost.sum() else plan


def _spent(seconds: float | None, clock: Clock) -> float:
    """Return which part of the seconds is gone."""
    left = clock.left()
    return 0.0 if not seconds or left is None else 1.0 - left / seconds


@compiled
def _leg(  # noqa: C901, PLR0913, PLR0917 - one loop over plain arrays: what can be named is named below
    town: Arrays,
    task: Task,
    areas: Areas,
    room: Room,
    state: Ints,
    steps: int,
    heat: float,
    cooling: float,
    best: Ints,
    best_cost: float,
) -> tuple[Ints, float]:
    """Make `steps` moves; return the best labels met (looked at once for each unit of the part) and their cost."""
    n = len(areas.label)
    count = (areas.size > 0).sum()
    for step in range(1, steps + 1):
        heat *= cooling
        u = drawn(state, n)
        degree = town.adjacent_start[u + 1] - town.adjacent_start[u]
        v = town.adjacent[town.adjacent_start[u] + drawn(state, degree)]
        a, b = areas.label[u], areas.label[v]
        allowed = -heat * np.log((drawn(state, FINE) + 1) / FINE)
        if a == b:
            if areas.weight[a] >= 2 * task.minimum and drawn(state, REDRAW) == 0:
                b = _to_come(areas, state)
                if b != NOBODY:
                    count += _redraw(town, task, areas, room, a, b, state, allowed)
        elif drawn(state, REDRAW) == 0:
            if count > room.fewest and drawn(state, REDRAW) == 0:
                count -= _merge(town, task, areas, room, a, b, allowed)
            else:
                _redraw(town, task, areas, room, a, b, state, allowed)
        elif areas.weight[a] - town.weight[u] < task.minimum or drawn(state, SWAP) == 0:
            other = partner(town, u, a, b, areas.label, state)
            if other != NOBODY and areas.size[a] > 1:
                _move(town, task, areas, room, u, b, other, allowed)
        else:
            _move(town, task, areas, room, u, b, NOBODY, allowed)
        if step % n == 0 or step == steps:
            cost = areas.walking.sum() + areas.rest.sum()
            if cost < best_cost - pricing.SLACK:
                best, best_cost = areas.label.copy(), cost
    return best, best_cost


@compiled
def _to_come(areas: Areas, state: Ints) -> int:
    """Return an area that has no unit, NOBODY where none was met."""
    for _ in range(8):
        area = drawn(state, len(areas.size))
        if areas.size[area] == 0:
            return int(area)
    return NOBODY


@compiled
def _move(  # noqa: PLR0917 - compiled code knows no keywords-only
    town: Arrays, task: Task, areas: Areas, room: Room, u: int, b: int, other: int, allowed: float
) -> None:
    """Put `u` to area `b`, and `other` of `b` (where it is a unit) in its place, if that is lawful and costs at most `allowed` more.

    What gives units away keeps the minimum and does not begin to split; only what takes some may grow too large.
    """
    a = areas.label[u]
    more = town.weight[u] - (town.weight[other] if other != NOBODY else 0)
    if areas.weight[a] - more < task.minimum or areas.weight[b] + more < task.minimum:
        return
    walk_a, walk_b = walking_after(town, areas, a, u, other), walking_after(town, areas, b, other, u)
    before = areas.walking[a] + areas.rest[a] + areas.walking[b] + areas.rest[b]
    if walk_a + walk_b - before > allowed:  # prices are at least 0
        return
    rest_a = rest_after(town, task, areas, room, a, u, other)
    rest_b = rest_after(town, task, areas, room, b, other, u)
    if walk_a + rest_a + walk_b + rest_b - before > allowed or not _connected(town, areas, room, u, b, other):
        return
    for area, out, into in ((a, u, other), (b, other, u)):
        weight = areas.weight[area] + (more if area == b else -more)
        if (
            into != NOBODY
            and weight > task.upper
            and splits(town, units_after(areas, room, area, out, into), task.minimum)[0] != NO
        ):
            return
    take_out(town, areas, u)
    if other != NOBODY:
        take_out(town, areas, other)
        put_in(town, areas, other, a)
    put_in(town, areas, u, b)
    areas.walking[a], areas.walking[b] = walk_a, walk_b
    areas.rest[a], areas.rest[b] = rest_a, rest_b


@compiled
def _connected(town: Arrays, areas: Areas, room: Room, u: int, b: int, other: int) -> bool:
    """Tell whether both areas stay connected when `u` goes to `b` and `other` (where it is a unit) comes for it."""
    label, a = areas.label, areas.label[u]
    if not holds_without(town, u, label, room.seen, new_stamp(room), room.queue):
        return False
    if other == NOBODY:
        return True
    label[u] = b
    connected = beside(town, other, a, NOBODY, label) and holds_without(
        town, other, label, room.seen, new_stamp(room), room.queue
    )
    label[u] = a
    return bool(connected)


@compiled
def _merge(  # noqa: PLR0917 - as above
    town: Arrays, task: Task, areas: Areas, room: Room, a: int, b: int, allowed: float
) -> bool:
    """Make one area of two, if that is lawful and costs at most `allowed` more; tell whether it was."""
    group = units_of(areas, a, b)
    before = areas.walking[a] + areas.rest[a] + areas.walking[b] + areas.rest[b]
    if not lawful(town, task, group) or cost_of(town, task, room, group) - before > allowed:
        return False
    lay(town, task, areas, room, b, group[:0])
    lay(town, task, areas, room, a, group)
    return True


@compiled
def _redraw(  # noqa: PLR0917 - as above
    town: Arrays, task: Task, areas: Areas, room: Room, a: int, b: int, state: Ints, allowed: float
) -> bool:
    """Draw two areas anew (or split `a` where `b` has no unit): along a random tree over both, cut where it is cheapest."""
    group, parent = _random_tree(town, room, units_of(areas, a, b), state)
    k = len(group)
    below = town.weight[group]
    for i in range(k - 1, 0, -1):
        below[parent[i]] += below[i]
    least = areas.walking[a] + areas.rest[a] + areas.walking[b] + areas.rest[b] + allowed
    cut, inside = NOBODY, np.zeros(k, np.bool_)
    for i in range(1, k):
        if task.minimum <= below[i] <= below[0] - task.minimum:
            _mark_below(parent, i, inside)
            cost = cost_of(town, task, room, group[inside])
            if cost < least:
                cost += cost_of(town, task, room, group[~inside])
            if cost < least:
                least, cut = cost, i
    if cut == NOBODY:
        return False
    _mark_below(parent, cut, inside)
    one, other = group[inside], group[~inside]
    if not (lawful(town, task, one) and lawful(town, task, other)):
        return False
    lay(town, task, areas, room, a, one)
    lay(town, task, areas, room, b, other)
    return True


@compiled
def _random_tree(town: Arrays, room: Room, group: Ints, state: Ints) -> tuple[Ints, Ints]:
    """Return connected units in the order in which a tree grows along random links, and the place of each one's parent."""
    waiting, stamp = new_stamp(room), new_stamp(room)
    ends, places = 1, 1
    for u in group:
        room.seen[u] = waiting
        ends += town.adjacent_start[u + 1] - town.adjacent_start[u]
    end, near = (
        np.empty(ends, np.int64),
        np.empty(ends, np.int64),
    )  # links that wait: where to, and from which place
    order, parent = np.empty(len(group), np.int64), np.empty(len(group), np.int64)
    end[0], near[0], ends, places = group[drawn(state, len(group))], 0, 1, 0
    while ends:
        k = drawn(state, ends)
        u, from_ = end[k], near[k]
        ends -= 1
        end[k], near[k] = end[ends], near[ends]
        if room.seen[u] != waiting:
            continue
        room.seen[u] = stamp
        order[places], parent[places] = u, from_
        for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
            if room.seen[town.adjacent[e]] == waiting:
                end[ends], near[ends] = town.adjacent[e], places
                ends += 1
        places += 1
    return order, parent


@compiled
def _mark_below(parent: Ints, top: int, inside: NDArray[np.bool_]) -> None:
    """Mark `top` and all that hangs on it; parents come before their children."""
    inside[:top] = False
    inside[top] = True
    for i in range(top + 1, len(parent)):
        inside[i] = inside[parent[i]]
