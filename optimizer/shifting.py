"""Compiled: areas that grow and shrink unit by unit until surplus piles up, where the sets are too many to list.

Imported only while solving.
"""

import numpy as np

from optimizer.chance import FINE, drawn
from optimizer.instance import Arrays, Ints
from optimizer.labels import beside, holds_without, partner
from optimizer.native import compiled

NOWHERE = -1  # label of a unit that takes no part
NEW_AREA = 64  # one inner pair in so many begins a new area


@compiled
def shifted(  # noqa: C901, PLR0913, PLR0917 - one loop over plain arrays: what can be named is named below
    town: Arrays,
    minimum: int,
    units: Ints,
    label: Ints,
    total: Ints,
    size: Ints,
    state: Ints,
    steps: int,
    heat: float,
    cooling: float,
    goal: int,
) -> tuple[Ints, int]:
    """Return the labels with most areas that reach the minimum, and how many; goes on from `label` and leaves it at the end.

    Simulated annealing over labels of `units`: a unit goes over to a neighbouring area, or two are swapped, as long as
    what they leave stays connected. An area short of the minimum counts 1 - (weight / minimum)³: that many small
    shortages are worse than one large one, so shortages gather, while areas that reach the minimum may keep or give
    away their surplus at will. `total` (households) and `size` (units) are by label; a label with no unit is an area to
    come. `heat` falls by factor `cooling` with each step.
    """
    seen, queue = np.zeros(len(label), np.int64), np.empty(len(label), np.int64)
    reached = (total >= minimum).sum()
    best, best_reached, stamp = label.copy(), reached, 0
    for _ in range(steps):
        if best_reached >= goal:
            break
        heat *= cooling
        u = units[drawn(state, len(units))]
        degree = town.adjacent_start[u + 1] - town.adjacent_start[u]
        if degree == 0:
            continue
        v = town.adjacent[town.adjacent_start[u] + drawn(state, degree)]
        a, b = label[u], label[v]
        if a == b and size[a] > 1 and drawn(state, NEW_AREA) == 0:
            b = _empty_label(size, state)
        if b in (NOWHERE, a):
            continue
        allowed = -heat * np.log((drawn(state, FINE) + 1) / FINE)
        other, more = -1, town.weight[u]
        if _worse(total[a], total[b], more, minimum) > allowed:
            other = partner(town, u, a, b, label, state) if size[a] > 1 and size[b] > 1 else -1
            more -= town.weight[other] if other >= 0 else 0
            if other < 0 or _worse(total[a], total[b], more, minimum) > allowed:
                continue
        stamp += 2
        if not holds_without(town, u, label, seen, stamp, queue):
            continue
        label[u] = b
        if other >= 0:
            if not (
                beside(town, other, a, -1, label)
                and beside(town, u, b, other, label)
                and holds_without(town, other, label, seen, stamp + 1, queue)
            ):
                label[u] = a
                continue
            label[other] = a
        else:
            size[a] -= 1
            size[b] += 1
        reached -= (total[a] >= minimum) + (total[b] >= minimum)
        total[a] -= more
        total[b] += more
        reached += (total[a] >= minimum) + (total[b] >= minimum)
        if reached > best_reached:
            best, best_reached = label.copy(), reached
    return best, best_reached


@compiled
def _short(weight: int, minimum: int) -> float:
    """Return what an area of so many households counts."""
    share = min(1.0, weight / minimum)
    return 1.0 - share * share * share


@compiled
def _worse(giving: int, taking: int, more: int, minimum: int) -> float:
    """Return how much worse it is when one area gives `more` households to another."""
    after = _short(giving - more, minimum) + _short(taking + more, minimum)
    return after - _short(giving, minimum) - _short(taking, minimum)


@compiled
def _empty_label(size: Ints, state: Ints) -> int:
    for _ in range(8):
        label = drawn(state, len(size))
        if size[label] == 0:
            return label
    return NOWHERE
