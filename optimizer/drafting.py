"""Compiled: the areas of a plan in the making, as lists of units that change one by one, and what they cost.

Imported only while solving.
"""

from typing import NamedTuple

import numpy as np

from optimizer.charging import Tally, Task, beside_walking, charge_of, members_of, tally_of, walking_of
from optimizer.instance import Arrays, Floats, Ints
from optimizer.native import compiled
from optimizer.splitting import NO, splits
from optimizer.surroundings import distance

NOBODY = -1


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


@compiled
def laid_out(town: Arrays, task: Task, label: Ints, fewest: int) -> tuple[Areas, Room]:
    """Return the areas of a plan given as labels, and the room to change them."""
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
            lay(town, task, areas, room, label[order[start]], order[start:k])
            start = k
    return areas, room


@compiled
def walking_after(town: Arrays, areas: Areas, area: int, out: int, into: int) -> float:
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
        least = min(least, _walking_to(town, areas, area, out, into, least))
    return least


@compiled
def _walking_to(town: Arrays, areas: Areas, area: int, out: int, into: int, enough: float) -> float:
    """Return the walking of `area` without `out` to the best community of unit `into`, or at least `enough`."""
    least = np.inf
    for e in range(town.member_start[into], town.member_start[into + 1]):
        walk = _walk(town, into, town.member[e])
        u = areas.first[area]
        while u != NOBODY and walk < enough:
            if u != out:
                walk += _walk(town, u, town.member[e])
            u = areas.after[u]
        least = min(least, walk)
    return least


@compiled
def _walk(town: Arrays, unit: int, center: int) -> float:
    """Return what the households of `unit` walk to community `center`."""
    total = 0.0
    for e in range(town.member_start[unit], town.member_start[unit + 1]):
        i = town.member[e]
        total += town.households[i] * distance(town.x, town.y, i, center)
    return total


@compiled
def rest_after(  # noqa: PLR0917 - compiled code knows no keywords-only
    town: Arrays, task: Task, areas: Areas, room: Room, area: int, out: int, into: int
) -> float:
    """Return what `area` costs beside walking without unit `out` and with unit `into` (NOBODY: none)."""
    if out != NOBODY and into == NOBODY and areas.size[area] == 1:
        return 0.0
    if not room.plain:
        group = units_after(areas, room, area, out, into)
        return beside_walking(town, task, group, members_of(town, group, room.members), room.tally)
    communities, joins, weight = areas.communities[area], areas.joins[area], areas.weight[area]
    for unit, sign in ((out, -1), (into, 1)):
        if unit != NOBODY:
            communities += sign * (town.member_start[unit + 1] - town.member_start[unit])
            joins += sign * town.joins[unit]
            weight += sign * town.weight[unit]
    return float(town.area_price + charge_of(task, communities, joins, weight))


@compiled
def units_after(areas: Areas, room: Room, area: int, out: int, into: int) -> Ints:
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


@compiled
def take_out(town: Arrays, areas: Areas, u: int) -> None:
    """Take `u` out of its area; its costs are left for the caller."""
    area = areas.label[u]
    _link_out(areas, u)
    _count(town, areas, u, area, -1)


@compiled
def put_in(town: Arrays, areas: Areas, u: int, area: int) -> None:
    """Put `u`, which is in no area, into `area`; its costs are left for the caller."""
    _count(town, areas, u, area, 1)
    _link_in(areas, u, area)
    for e in range(town.member_start[u], town.member_start[u + 1]):
        walk = 0.0
        other = areas.first[area]
        while other != NOBODY:
            walk += _walk(town, other, town.member[e])
            other = areas.after[other]
        areas.walk_to[town.member[e]] = walk


@compiled
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


@compiled
def _link_out(areas: Areas, u: int) -> None:
    before, after = areas.before[u], areas.after[u]
    if before == NOBODY:
        areas.first[areas.label[u]] = after
    else:
        areas.after[before] = after
    if after != NOBODY:
        areas.before[after] = before


@compiled
def _link_in(areas: Areas, u: int, area: int) -> None:
    first = areas.first[area]
    areas.before[u], areas.after[u] = NOBODY, first
    if first != NOBODY:
        areas.before[first] = u
    areas.first[area], areas.label[u] = u, area


@compiled
def lay(town: Arrays, task: Task, areas: Areas, room: Room, area: int, group: Ints) -> None:
    """Make `group` (none: nothing is left) the units of `area`, whatever it was before."""
    areas.first[area] = NOBODY
    areas.size[area] = areas.weight[area] = areas.communities[area] = areas.joins[area] = 0
    areas.walking[area], areas.rest[area] = 0.0, 0.0
    if len(group) == 0:
        return
    for u in group:
        put_in(town, areas, u, area)
    least = np.inf
    for u in group:
        for e in range(town.member_start[u], town.member_start[u + 1]):
            least = min(least, areas.walk_to[town.member[e]])
    areas.walking[area] = least
    areas.rest[area] = rest_after(town, task, areas, room, area, NOBODY, NOBODY)


@compiled
def units_of(areas: Areas, a: int, b: int) -> Ints:
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


@compiled
def cost_of(town: Arrays, task: Task, room: Room, group: Ints) -> float:
    """Return what units `group` would cost as an area."""
    members = members_of(town, group, room.members)
    return float(walking_of(town, members)[0] + beside_walking(town, task, group, members, room.tally))


@compiled
def lawful(town: Arrays, task: Task, group: Ints) -> bool:
    """Tell whether connected units `group` are an area."""
    weight = town.weight[group].sum()
    return bool(weight >= task.minimum) and bool(
        weight <= task.upper or splits(town, group, task.minimum)[0] == NO
    )


@compiled
def new_stamp(room: Room) -> int:
    """Return a mark that `seen` does not hold yet."""
    room.stamp[0] += 1
    return int(room.stamp[0])
