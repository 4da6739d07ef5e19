"""All partitions of a map into connected areas, as paths through one layered graph; the cheapest by unit prices.

The units are swept one after the other. What the units behind the front mean for those before it is which area each
unit of the front has, which of them hang together already, and which areas are finished: one state. On a long, thin map
the states are few (146,000 for 100 counties and three areas), though the partitions are many (10²¹), and the cheapest
partition at any prices of (unit, area) is one pass over them. Areas have labels: each partition is there once for each
order of its areas.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
State = tuple[
    int, tuple[tuple[int, int], ...]
]  # finished areas as bits; (area, piece) of each unit of the front
MOST_STATES = 1_000_000  # of one layer after the other, before those that lead nowhere are dropped
ROUNDING = 1e-12  # relative, of sums of weights
NEVER = 1e15  # the price of a way that does not exist


@dataclass(frozen=True)
class Sweep:
    """States in layers: `first` state of each layer, and its successors `after` (states, areas).

    The last state of each layer is none: no way leads on from it. `order` is the order of the units.
    """

    order: Ints
    first: Ints
    after: NDArray[np.int32]


def sweep_of(near: Sequence[Sequence[int]], weight: Floats, least: float, areas: int) -> Sweep | None:
    """Return the sweep over all partitions into `areas` connected areas; None where there is none, or too many states.

    Ways on which some area cannot reach `least`, or leaves too little for the others, whatever comes, are left out;
    not on every way that is left are all areas heavy enough.
    """
    order = _order(near)
    layers = _layers(near, order, areas)
    if layers is None:
        return None
    most = float(weight.sum()) - (areas - 1) * least
    kept = _reaching(_reaching(layers, weight[order], least), -weight[order], -most)
    return _numbered(kept, order)


def _order(near: Sequence[Sequence[int]]) -> list[int]:
    """Return the order with the fewest units in front, of those that begin anywhere and go where the front shrinks."""
    found = []
    for begin in range(len(near)):
        done, order, size = {begin}, [begin], 0
        while True:
            front = [u for u in order if any(v not in done for v in near[u])]
            size += 3 ** len(front)
            ahead = dict.fromkeys(v for u in front for v in near[u] if v not in done)
            if not ahead:
                break
            last = {u: left[0] for u in front if len(left := [v for v in near[u] if v not in done]) == 1}
            shrinks = list(last.values())
            step = min(ahead, key=lambda v: any(x not in done and x != v for x in near[v]) - shrinks.count(v))
            done.add(step)
            order.append(step)
        found.append((-len(order), size, order))
    return min(found)[2]


def _layers(near: Sequence[Sequence[int]], order: list[int], areas: int) -> list[NDArray[np.int32]] | None:
    """Return the successors of the states, layer by layer (−1 where there is none); None where they are too many."""
    place = {u: k for k, u in enumerate(order)}
    if len(place) < len(near):
        return None
    until = [max([place[u], *(place[v] for v in near[u])]) for u in range(len(near))]
    states: dict[State, int] = {(0, ()): 0}
    front: list[int] = []
    layers, seen = [], 0
    for k, u in enumerate(order):
        links = [i for i, v in enumerate(front) if v in near[u]]
        front = [*front, u]
        stays = [i for i, v in enumerate(front) if until[v] > k]
        found: dict[State, int] = {}
        after = np.full((len(states), areas), -1, np.int32)
        for state, row in states.items():
            for area in range(areas):
                new = _next(state, area, links, stays)
                if new is not None:
                    after[row, area] = found.setdefault(new, len(found))
        front = [front[i] for i in stays]
        layers.append(after)
        states, seen = found, seen + len(found)
        if seen > MOST_STATES:
            return None
    whole = states.get(((1 << areas) - 1, ()))
    if whole is None:
        return None
    layers[-1] = np.where(layers[-1] == whole, 0, -1).astype(np.int32)
    return layers


def _next(state: State, area: int, links: list[int], stays: list[int]) -> State | None:
    """Return what follows where the next unit, linked to these of the front, has this area; None where it cannot."""
    finished, pieces = state
    if finished >> area & 1:
        return None
    own = len(pieces)
    joined = {pieces[i] for i in links if pieces[i][0] == area}
    row = [(area, own) if piece in joined else piece for piece in pieces]
    row.append((area, own))
    left = [row[i] for i in stays]
    open_ = {a for a, _ in left}
    for a, _ in set(row).difference(left):
        if a in open_ or finished >> a & 1:
            return None
        finished |= 1 << a
    names: dict[tuple[int, int], int] = {}
    return finished, tuple((a, names.setdefault((a, q), len(names))) for a, q in left)


def _reaching(layers: list[NDArray[np.int32]], share: Floats, least: float) -> list[NDArray[np.int32]]:
    """Return the layers without the ways on which some area's sum of `share` (units in order) stays below `least`."""
    areas = layers[0].shape[1]
    own = np.eye(areas) * share[:, None, None]
    most = [np.zeros((1, areas))]
    for k, after in enumerate(layers):
        row, area = np.nonzero(after >= 0)
        reached = np.full((len(layers[k + 1]) if k + 1 < len(layers) else 1, areas), -np.inf)
        np.maximum.at(reached, after[row, area], most[k][row] + own[k][area])
        most.append(reached)
    ahead, kept = np.zeros((1, areas)), list(layers)
    for k in reversed(range(len(layers))):
        row, area = np.nonzero(layers[k] >= 0)
        whole = ahead[layers[k][row, area]] + own[k][area]
        good = (most[k][row] + whole >= least - ROUNDING * abs(least)).all(axis=1)
        ahead = np.full((len(layers[k]), areas), -np.inf)
        np.maximum.at(ahead, row[good], whole[good])
        kept[k] = np.full_like(layers[k], -1)
        kept[k][row[good], area[good]] = layers[k][row[good], area[good]]
    return kept


def _numbered(layers: list[NDArray[np.int32]], order: list[int]) -> Sweep | None:
    """Return the states that can be reached, numbered through; None where the end cannot."""
    reached, rows = np.zeros(1, np.int64), []
    for after in layers:
        rows.append(reached)
        reached = np.unique(after[reached][after[reached] >= 0])
    if len(reached) == 0:
        return None
    rows.append(reached)
    first = np.cumsum([0, *(len(row) + 1 for row in rows)]).astype(np.int64)
    after = np.empty((first[-1], layers[0].shape[1]), np.int32)
    for k, row in enumerate(rows):
        following = first[min(k + 2, len(rows))] - 1  # none, of the next layer
        after[first[k] : first[k + 1]] = following
        if k < len(layers):
            old = layers[k][row]
            new = first[k + 1] + np.searchsorted(rows[k + 1], old)
            after[first[k] : first[k + 1] - 1] = np.where(old >= 0, new, following)
    return Sweep(np.array(order, np.int64), first, after)


@njit(cache=True)
def cheapest(order, first, after, price, values, chosen):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - compiled
    """Put the cheapest partition at these prices (units, areas) into `chosen` as ones; return its price.

    `values` is room for one number a state. Ties go to the area that comes first.
    """
    units, areas = price.shape
    values[first[units] : first[units + 1]] = 0.0
    values[first[units + 1] - 1] = NEVER
    for k in range(units - 1, -1, -1):
        u = order[k]
        for state in range(first[k], first[k + 1] - 1):
            best = values[after[state, 0]] + price[u, 0]
            for area in range(1, areas):
                best = min(best, values[after[state, area]] + price[u, area])
            values[state] = best
        values[first[k + 1] - 1] = NEVER
    state, total = first[0], 0.0
    for k in range(units):
        u, taken = order[k], 0
        for area in range(1, areas):
            if values[after[state, area]] + price[u, area] < values[after[state, taken]] + price[u, taken]:
                taken = area
        chosen[u] = 0.0
        chosen[u, taken] = 1.0
        total += price[u, taken]
        state = after[state, taken]
    return total
