"""A good plan soon: units go over to a neighbouring area, are swapped, or two areas are drawn anew, at falling heat.

Compiled; imported only while solving.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from optimizer import pricing
from optimizer.clock import Clock
from optimizer.covering import Groups
from optimizer.instance import Arrays, Floats, Ints, Part
from optimizer.minimal import drawn
from optimizer.pricing import Goal
from optimizer.rules import Rules
from optimizer.search import Tally, Task, beside_walking, charge_of, members_of, tally_of, walking_of
from optimizer.shifting import FINE, beside, holds_without, partner
from optimizer.splitting import NO, splits
from optimizer.starting import costed
from optimizer.surroundings import distance

NOBODY = -1
LEG = 1 << 16  # steps between two looks at the clock
HOT, COLD = 0.5, 0.01  # heat at first and at last, in what a unit of the plan costs on average
SWAP = 4  # one move in so many is tried as a swap though it need not be one,
REDRAW = 8  # and one in so many draws both areas anew


class Areas(NamedTuple):
    """The areas at hand; an area is a label below the number of units, and has no unit where it is to come."""

    label: Ints  # unit → area
    after: Ints  # unit → the next unit of its area, NOBODY at the end
    before: Ints
    first: Ints  # area → one of its units
    size: Ints  # area → units,
    weight: Ints  # households,
    communities: Ints
    joins: Ints  # and communities that reach the minimum by themselves
    walking: Floats  # area → walking,
    rest: Floats  # and what it costs beside that
    walk_to: Floats  # community → walking of its area, were it the centre


class Room(NamedTuple):
    """Room to work in, and what holds for the whole run."""

    fewest: int  # areas there must be
    plain: bool  # nothing but walking, joins, size and areas has a price
    tally: Tally
    group: Ints
    members: Ints
    seen: Ints
    queue: Ints
    stamp: Ints  # one word: the last mark that was put into `seen`


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
    areas, room = _laid_out(part.arrays, asked, label, fewest)
    state, best = np.array([88_172_645_463_325_252], np.int64), (label, float(plan.cost.sum()))
    heat = HOT * best[1] / part.units
    cooling = (COLD / HOT) ** (1.0 / max(1, steps))
    for leg in range(0, steps, LEG):
        if clock.over():
            break
        count = min(LEG, steps - leg)
        best = _leg(part.arrays, asked, areas, room, state, count, heat, cooling, best[0], best[1])
        heat *= cooling**count
    by_label = np.argsort(best[0], kind="stable")
    groups = np.split(by_label, np.flatnonzero(np.diff(best[0][by_label])) + 1)
    found = costed(part, rules, sorted(groups, key=lambda group: int(group[0])))
    return found if found.cost.sum() < plan.cost.sum() else plan


@njit(cache=True)
def _laid_out(town: Arrays, task: Task, label: Ints, fewest: int) -> tuple[Areas, Room]:
    n = len(town.weight)
    whole = np.zeros((8, n), np.int64)
    real = np.zeros((2, n), np.float64)
    areas = Areas(
        whole[0],
        whole[1],
        whole[2],
        whole[3],
        whole[4],
        whole[5],
        whole[6],
        whole[7],
        real[0],
        real[1],
        np.zeros(len(town.households), np.float64),
    )
    plain = not (len(town.trait_price) or town.change_price > 0.0)
    plain &= len(town.link_cost) == 0 or town.link_cost.max() == 0.0
    room = Room(
        fewest,
        plain,
        tally_of(town),
        np.empty(n, np.int64),
        np.empty(len(town.households), np.int64),
        np.zeros(n, np.int64),
        np.empty(n, np.int64),
        np.zeros(1, np.int64),
    )
    areas.first[:] = NOBODY
    order = np.argsort(label, kind="mergesort")
    start = 0
    for k in range(1, n + 1):
        if k == n or label[order[k]] != label[order[start]]:
            _lay(town, task, areas, room, label[order[start]], order[start:k])
            start = k
    return areas, room


@njit(cache=True)
def _leg(  # noqa: PLR0913, PLR0917 - one loop over plain arrays
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


@njit(cache=True)
def _to_come(areas: Areas, state: Ints) -> int:
    """Return an area that has no unit, NOBODY where none was met."""
    for _ in range(8):
        area = drawn(state, len(areas.size))
        if areas.size[area] == 0:
            return int(area)
    return NOBODY


@njit(cache=True)
def _move(
    town: Arrays, task: Task, areas: Areas, room: Room, u: int, b: int, other: int, allowed: float
) -> None:
    """Put `u` to area `b`, and `other` of `b` (where it is a unit) in its place, if that is lawful and costs at most `allowed` more.

    What gives units away keeps the minimum and does not begin to split; only what takes some may grow too large.
    """
    a = areas.label[u]
    more = town.weight[u] - (town.weight[other] if other != NOBODY else 0)
    if areas.weight[a] - more < task.minimum or areas.weight[b] + more < task.minimum:
        return
    walk_a, walk_b = _walking_after(town, areas, a, u, other), _walking_after(town, areas, b, other, u)
    before = areas.walking[a] + areas.rest[a] + areas.walking[b] + areas.rest[b]
    if walk_a + walk_b - before > allowed:  # prices are at least 0
        return
    rest_a = _rest_after(town, task, areas, room, a, u, other)
    rest_b = _rest_after(town, task, areas, room, b, other, u)
    if walk_a + rest_a + walk_b + rest_b - before > allowed or not _connected(town, areas, room, u, b, other):
        return
    for area, out, into in ((a, u, other), (b, other, u)):
        weight = areas.weight[area] + (more if area == b else -more)
        if (
            into != NOBODY
            and weight > task.upper
            and splits(town, _after(areas, room, area, out, into), task.minimum)[0] != NO
        ):
            return
    _take_out(town, areas, u)
    if other != NOBODY:
        _take_out(town, areas, other)
        _put_in(town, areas, other, a)
    _put_in(town, areas, u, b)
    areas.walking[a], areas.walking[b] = walk_a, walk_b
    areas.rest[a], areas.rest[b] = rest_a, rest_b


@njit(cache=True)
def _connected(town: Arrays, areas: Areas, room: Room, u: int, b: int, other: int) -> bool:
    """Tell whether both areas stay connected when `u` goes to `b` and `other` (where it is a unit) comes for it."""
    label, a = areas.label, areas.label[u]
    if not holds_without(town, u, label, room.seen, _stamp(room), room.queue):
        return False
    if other == NOBODY:
        return True
    label[u] = b
    connected = beside(town, other, a, NOBODY, label) and holds_without(
        town, other, label, room.seen, _stamp(room), room.queue
    )
    label[u] = a
    return bool(connected)


@njit(cache=True)
def _walking_after(town: Arrays, areas: Areas, area: int, out: int, into: int) -> float:
    """Return the walking of `area` without unit `out` and with unit `into` (NOBODY: none)."""
    if out != NOBODY and into == NOBODY and areas.size[area] == 1:
        return 0.0
    least = np.inf
    start, member = town.member_start, town.member
    u = areas.first[area]
    while u != NOBODY:
        if u != out:
            for e in range(start[u], start[u + 1]):
                walk = areas.walk_to[member[e]]
                if out != NOBODY:
                    walk -= _walk(town, out, member[e])
                if into != NOBODY:
                    walk += _walk(town, into, member[e])
                least = min(least, walk)
        u = areas.after[u]
    if into != NOBODY:
        for e in range(start[into], start[into + 1]):
            walk = _walk(town, into, member[e])
            u = areas.first[area]
            while u != NOBODY and walk < least:
                if u != out:
                    walk += _walk(town, u, member[e])
                u = areas.after[u]
            least = min(least, walk)
    return least


@njit(cache=True)
def _walk(town: Arrays, unit: int, center: int) -> float:
    """Return what the households of `unit` walk to community `center`."""
    total = 0.0
    for e in range(town.member_start[unit], town.member_start[unit + 1]):
        i = town.member[e]
        total += town.households[i] * distance(town.x, town.y, i, center)
    return total


@njit(cache=True)
def _rest_after(town: Arrays, task: Task, areas: Areas, room: Room, area: int, out: int, into: int) -> float:
    """Return what `area` costs beside walking without unit `out` and with unit `into` (NOBODY: none)."""
    if out != NOBODY and into == NOBODY and areas.size[area] == 1:
        return 0.0
    if not room.plain:
        group = _after(areas, room, area, out, into)
        return beside_walking(town, task, group, members_of(town, group, room.members), room.tally)
    communities, joins, weight = areas.communities[area], areas.joins[area], areas.weight[area]
    for unit, sign in ((out, -1), (into, 1)):
        if unit != NOBODY:
            communities += sign * (town.member_start[unit + 1] - town.member_start[unit])
            joins += sign * town.joins[unit]
            weight += sign * town.weight[unit]
    return float(town.area_price + charge_of(task, communities, joins, weight))


@njit(cache=True)
def _after(areas: Areas, room: Room, area: int, out: int, into: int) -> Ints:
    """Return the units of `area` without `out` and with `into` (NOBODY: none)."""
    n = 0
    u = areas.first[area]
    while u != NOBODY:
        if u != out:
            room.group[n] = u
            n += 1
        u = areas.after[u]
    if into != NOBODY:
        room.group[n] = into
        n += 1
    return room.group[:n]


@njit(cache=True)
def _take_out(town: Arrays, areas: Areas, u: int) -> None:
    area = areas.label[u]
    _link_out(areas, u)
    _count(town, areas, u, area, -1)


@njit(cache=True)
def _put_in(town: Arrays, areas: Areas, u: int, area: int) -> None:
    _count(town, areas, u, area, 1)
    _link_in(areas, u, area)
    for e in range(town.member_start[u], town.member_start[u + 1]):
        walk = 0.0
        other = areas.first[area]
        while other != NOBODY:
            walk += _walk(town, other, town.member[e])
            other = areas.after[other]
        areas.walk_to[town.member[e]] = walk


@njit(cache=True)
def _count(town: Arrays, areas: Areas, u: int, area: int, sign: int) -> None:
    """Count `u` in (`sign` 1) or out (-1), as far as sums go; `u` is not in the list of `area` now."""
    communities = town.member_start[u + 1] - town.member_start[u]
    areas.size[area] += sign
    areas.weight[area] += sign * town.weight[u]
    areas.communities[area] += sign * communities
    areas.joins[area] += sign * town.joins[u]
    other = areas.first[area]
    while other != NOBODY:
        for e in range(town.member_start[other], town.member_start[other + 1]):
            areas.walk_to[town.member[e]] += sign * _walk(town, u, town.member[e])
        other = areas.after[other]


@njit(cache=True)
def _link_out(areas: Areas, u: int) -> None:
    before, after = areas.before[u], areas.after[u]
    if before == NOBODY:
        areas.first[areas.label[u]] = after
    else:
        areas.after[before] = after
    if after != NOBODY:
        areas.before[after] = before


@njit(cache=True)
def _link_in(areas: Areas, u: int, area: int) -> None:
    first = areas.first[area]
    areas.before[u], areas.after[u] = NOBODY, first
    if first != NOBODY:
        areas.before[first] = u
    areas.first[area], areas.label[u] = u, area


@njit(cache=True)
def _lay(town: Arrays, task: Task, areas: Areas, room: Room, area: int, group: Ints) -> None:
    """Make `group` (none: nothing is left) the units of `area`, whatever it was before."""
    areas.first[area] = NOBODY
    areas.size[area] = areas.weight[area] = areas.communities[area] = areas.joins[area] = 0
    areas.walking[area], areas.rest[area] = 0.0, 0.0
    if len(group) == 0:
        return
    for u in group:
        _put_in(town, areas, u, area)
    least = np.inf
    for u in group:
        for e in range(town.member_start[u], town.member_start[u + 1]):
            least = min(least, areas.walk_to[town.member[e]])
    areas.walking[area] = least
    areas.rest[area] = _rest_after(town, task, areas, room, area, NOBODY, NOBODY)


@njit(cache=True)
def _cost(town: Arrays, task: Task, room: Room, group: Ints) -> float:
    members = members_of(town, group, room.members)
    return float(walking_of(town, members)[0] + beside_walking(town, task, group, members, room.tally))


@njit(cache=True)
def _lawful(town: Arrays, task: Task, group: Ints) -> bool:
    """Tell whether connected units `group` are an area."""
    weight = town.weight[group].sum()
    return bool(weight >= task.minimum) and bool(
        weight <= task.upper or splits(town, group, task.minimum)[0] == NO
    )


@njit(cache=True)
def _merge(town: Arrays, task: Task, areas: Areas, room: Room, a: int, b: int, allowed: float) -> bool:
    """Make one area of two, if that is lawful and costs at most `allowed` more; tell whether it was."""
    group = _both(areas, a, b)
    before = areas.walking[a] + areas.rest[a] + areas.walking[b] + areas.rest[b]
    if not _lawful(town, task, group) or _cost(town, task, room, group) - before > allowed:
        return False
    _lay(town, task, areas, room, b, group[:0])
    _lay(town, task, areas, room, a, group)
    return True


@njit(cache=True)
def _both(areas: Areas, a: int, b: int) -> Ints:
    """Return the units of two areas (one of which may have none)."""
    group = np.empty(areas.size[a] + areas.size[b], np.int64)
    n = 0
    for area in (a, b):
        u = areas.first[area]
        while u != NOBODY:
            group[n] = u
            n += 1
            u = areas.after[u]
    return group


@njit(cache=True)
def _redraw(
    town: Arrays, task: Task, areas: Areas, room: Room, a: int, b: int, state: Ints, allowed: float
) -> bool:
    """Draw two areas anew (or split `a` where `b` has no unit): along a random tree over both, cut where it is cheapest."""
    group, parent = _random_tree(town, room, _both(areas, a, b), state)
    k = len(group)
    below = town.weight[group]
    for i in range(k - 1, 0, -1):
        below[parent[i]] += below[i]
    least = areas.walking[a] + areas.rest[a] + areas.walking[b] + areas.rest[b] + allowed
    cut, inside = NOBODY, np.zeros(k, np.bool_)
    for i in range(1, k):
        if task.minimum <= below[i] <= below[0] - task.minimum:
            _mark_below(parent, i, inside)
            cost = _cost(town, task, room, group[inside])
            if cost < least:
                cost += _cost(town, task, room, group[~inside])
            if cost < least:
                least, cut = cost, i
    if cut == NOBODY:
        return False
    _mark_below(parent, cut, inside)
    one, other = group[inside], group[~inside]
    if not (_lawful(town, task, one) and _lawful(town, task, other)):
        return False
    _lay(town, task, areas, room, a, one)
    _lay(town, task, areas, room, b, other)
    return True


@njit(cache=True)
def _random_tree(town: Arrays, room: Room, group: Ints, state: Ints) -> tuple[Ints, Ints]:
    """Return connected units in the order in which a tree grows along random links, and the place of each one's parent."""
    waiting, stamp = _stamp(room), _stamp(room)
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


@njit(cache=True)
def _stamp(room: Room) -> int:
    """Return a mark that `seen` does not hold yet."""
    room.stamp[0] += 1
    return int(room.stamp[0])


@njit(cache=True)
def _mark_below(parent: Ints, top: int, inside: Ints) -> None:
    """Mark `top` and all that hangs on it; parents come before their children."""
    inside[:top] = False
    inside[top] = True
    for i in range(top + 1, len(parent)):
        inside[i] = inside[parent[i]]
