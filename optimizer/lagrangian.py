"""A bound where pricing does not converge: each centre takes what pays, connected or not, and prices settle.

Compiled in part; imported only while solving.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from optimizer.clock import Clock
from optimizer.instance import Arrays, Floats, Ints, Part
from optimizer.native import compiled
from optimizer.pricing import metres_around
from optimizer.rules import Rules

MEAN_WALK = 2 / 3  # of the radius, in a disc where households live evenly
LEAST_SEEN = 48  # units around each place that are looked at one by one,
SEEN_MINIMUMS = 4  # or as many as hold so many times the minimum
IDLE_ROUNDS = 10  # without a better bound steps become SHORTER,
SHORTER = 0.7
SHORTEST = 1e-3  # and as short as this they are no longer worth their time
BETTER = 1e-4  # of the bound: what counts as better here
MOMENTUM = 0.6  # how much of its last direction a step keeps


class Vicinity(NamedTuple):
    """What each community sees around it, by the first community of each unit; shapes (communities, seen)."""

    unit: Ints
    metres: Floats
    beyond_m: Floats  # of each community: no other unit is nearer than this (inf: there is none)


def lagrangian_bound(part: Part, rules: Rules, value: float, *, rounds: int, clock: Clock) -> float:
    """Return a bound on the cost of any plan that covers the part; -inf where a place is missing.

    Each unit has a price for being in an area. A centre takes every unit that is worth its walk, then by least loss a
    household what is lacking to the minimum (the relaxed knapsack of Dantzig 1957), connected or not: that counts at
    most what any group with this centre does. Prices follow the subgradient (Held and Karp 1971; steps of Polyak 1969
    towards `value`, what a plan costs), bent by the last direction (Camerini, Fratta and Maffioli 1975).
    """
    town = part.arrays
    first, weight = town.member[town.member_start[:-1]], town.weight.astype(np.float64)
    if np.isnan(town.x).any() or np.isnan(town.y).any():
        return -np.inf
    seen = SEEN_MINIMUMS * rules.minimum * part.units // town.weight.sum()
    around = _vicinity(part, first, min(part.units, max(LEAST_SEEN, int(seen))))
    price = MEAN_WALK * weight * metres_around(part, rules.minimum) + town.least_link
    best, best_price, best_taken = -np.inf, price, np.ones(part.units)
    trust, idle, direction = 1.0, 0, np.zeros(part.units)
    for _ in range(rounds):
        least, taken = _least(around, town, first, price, rules.minimum)
        here = float(price.sum()) + least
        idle = 0 if here > best + BETTER * abs(best) or best == -np.inf else idle + 1
        if here > best:
            best, best_price, best_taken = here, price, taken
        if clock.over() or best >= value:
            break
        if idle > IDLE_ROUNDS or best - here > value - best:  # that was too far
            trust, idle, price, here, taken = SHORTER * trust, 0, best_price, best, best_taken
            direction = np.zeros(part.units)
        direction = 1.0 - taken + MOMENTUM * direction
        length = float(direction @ direction)
        if trust < SHORTEST or length == 0.0:
            break
        price = price + trust * (value - here) / length * direction
    return best


def _vicinity(part: Part, first: Ints, seen: int) -> Vicinity:
    town = part.arrays
    places = np.column_stack([town.x, town.y])
    found = cKDTree(places[first]).query(places, seen)
    metres, unit = np.reshape(found[0], (-1, seen)), np.reshape(found[1], (-1, seen)).astype(np.int64)
    beyond = metres[:, -1].copy() if seen < part.units else np.full(len(places), np.inf)
    return Vicinity(unit, metres, beyond)


class Losers(NamedTuple):
    """Units that are not worth their walk, and what each loses a household."""

    unit: Ints
    loss: Floats


@compiled
def _looked_at(
    around: Vicinity, c: int, town: Arrays, first: Ints, worth: Floats, losers: Losers
) -> tuple[float, int, int]:
    """Return what the units seen gain that are worth their walk, their weight, and how many are not (`losers` says which)."""
    gains, weight, losing = 0.0, 0, 0
    for k in range(around.unit.shape[1]):
        u = around.unit[c, k]
        if u == town.unit_of[c]:
            continue
        here = worth[u] - town.households[first[u]] * around.metres[c, k]
        if here > 0.0:
            gains += here
            weight += town.weight[u]
        else:
            losers.unit[losing], losers.loss[losing] = u, -here / town.weight[u]
            losing += 1
    return gains, weight, losing


@compiled
def _least(around: Vicinity, town: Arrays, first: Ints, price: Floats, minimum: int) -> tuple[float, Floats]:
    """Return the sum over all centres of the least reduced cost, at most 0 each, and how often each unit is taken.

    Of units that are not seen it is known only that they are `beyond_m` away: they count with what they could be worth.
    """
    taken, walkers = np.zeros(len(price)), town.households[first]
    worth = price - town.least_link  # but for the unit of the centre
    order = np.argsort(-worth / walkers)
    falling = (-worth / walkers)[order]
    far_worth, far_walkers = np.cumsum(worth[order]), np.cumsum(walkers[order])
    dearest, fewest = (worth / town.weight).max(), (walkers / town.weight).min()
    losers = Losers(np.empty(around.unit.shape[1], np.int64), np.empty(around.unit.shape[1]))
    total = 0.0
    for c in range(len(town.unit_of)):
        own, beyond = town.unit_of[c], around.beyond_m[c]
        gains, weight, losing = _looked_at(around, c, town, first, worth, losers)
        gain = price[own] - town.area_price + gains
        lacking = float(minimum - town.weight[own] - weight)
        unseen = np.searchsorted(falling, -beyond)  # so many units could be worth the walk from there
        if unseen:
            gain += far_worth[unseen - 1] - beyond * far_walkers[unseen - 1]
        # What a household from there loses at least: nothing where any unit pays for the walk.
        cheapest = max(0.0, beyond * fewest - dearest)
        by_loss = np.argsort(losers.loss[:losing]) if lacking > 0.0 else losers.unit[:0]
        filled, left = 0, lacking
        while left > 0.0 and filled < len(by_loss) and losers.loss[by_loss[filled]] <= cheapest:
            some = min(left, town.weight[losers.unit[by_loss[filled]]])
            gain -= some * losers.loss[by_loss[filled]]
            left -= some
            filled += 1
        if left > 0.0:
            gain -= left * cheapest
        if gain <= 0.0:
            continue
        total -= gain
        taken[own] += 1.0
        for k in range(around.unit.shape[1]):
            u = around.unit[c, k]
            if u != own and worth[u] > walkers[u] * around.metres[c, k]:
                taken[u] += 1.0
        for k in range(filled):
            u = losers.unit[by_loss[k]]
            taken[u] += min(1.0, lacking / town.weight[u])
            lacking -= town.weight[u]
    return total, taken
