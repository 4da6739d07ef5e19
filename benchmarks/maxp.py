"""The max-p problem of the peers, proven: most areas, then the least distance within them.

Each area is connected and reaches the minimum. The distance of an area is the sum of the city-block distances of the
attributes over all pairs of its units. Where p areas are wanted none weighs more than W − (p − 1)·T, and that is narrow
enough on the public instances of 32 units to list every area that could be in an answer. Then: the linear program over
all of them, those whose reduced cost exceeds what is between a plan and the bound left out, and the rest solved whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.spatial.distance import pdist, squareform

from benchmarks.maxp_boxes import boxed_bound
from benchmarks.maxp_large import annealed, distance_bound
from benchmarks.maxp_sets import LARGEST, connected_sets, incidence, masks_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Tell = Callable[[int, float], None]  # areas and distance of a plan that is better than those before
STARTING = 2_000  # areas in the first linear program, the cheapest for their size,
EACH = 5  # and for each unit,
ADDED = 500  # added at a time,
PLAN = 250  # and in the whole-number problem that gives the first plan
TOLERANCE = 1e-9
OPEN = 1e-7  # of a unit: less is rounding


@dataclass(frozen=True)
class MaxP:
    """An instance: neighbours of each unit, weight, attributes (units, k); each area reaches `minimum`."""

    near: Sequence[Sequence[int]]
    weight: Floats
    attributes: Floats
    minimum: float

    @property
    def distance(self) -> Floats:
        """Return the city-block distance of all pairs, shape (units, units)."""
        return squareform(pdist(self.attributes, "cityblock"))


@dataclass(frozen=True)
class Answer:
    """Areas as lists of units; their number is proven where it equals `areas_bound`, their distance where it is `bound`."""

    areas: tuple[tuple[int, ...], ...]
    areas_bound: int
    distance: float
    bound: float

    @property
    def gap(self) -> float:
        """Return the relative difference of distance and bound."""
        return 0.0 if self.distance <= self.bound else 1 - self.bound / self.distance


def solve_maxp(instance: MaxP, *, tell: Tell = lambda *_: None) -> Answer:
    """Return the most areas and among those the least distance; raises ValueError where no area exists.

    Both are proven up to 64 units. Above, the number is proven where it is ⌊W/T⌋, and the distance has a bound; `tell`
    hears of each better plan while it is searched for.
    """
    return _listed(instance) if len(instance.near) <= LARGEST else _searched(instance, tell)


def _listed(instance: MaxP) -> Answer:
    near, distance = masks_of([list(row) for row in instance.near]), instance.distance
    total, least = float(instance.weight.sum()), float(instance.minimum)
    for p in range(int(total / least), 0, -1):
        masks, sums = connected_sets(near, instance.weight, distance, least, total - (p - 1) * least, p)
        chosen = least_cover(incidence(masks, len(near)), sums, p) if len(masks) >= p else None
        if chosen is not None:
            members = incidence(masks[chosen], len(near))
            areas = sorted(tuple(np.flatnonzero(row).tolist()) for row in members)
            value = float(sums[chosen].sum())
            return Answer(tuple(areas), p, value, value)
    raise ValueError("no connected set reaches the minimum")


def _searched(instance: MaxP, tell: Tell) -> Answer:
    near, distance = [list(row) for row in instance.near], instance.distance
    most = int(instance.weight.sum() / instance.minimum)
    for p in range(most, 0, -1):
        labels = annealed(
            near, instance.weight, distance, float(instance.minimum), p, better=partial(tell, p)
        )
        if labels is not None:
            areas = sorted(tuple(np.flatnonzero(labels == area).tolist()) for area in range(p))
            value = float(sum(distance[np.ix_(area, area)].sum() for area in areas) / 2)
            bound = distance_bound(distance, p)
            bound = max(bound, boxed_bound(near, instance.weight, distance, float(instance.minimum), labels))
            return Answer(tuple(areas), most, value, min(value, bound))
    raise ValueError("no connected set reaches the minimum")


def least_cover(covers: Bools, cost: Floats, areas: int) -> NDArray[np.int64] | None:
    """Return the rows of `covers` (areas, units) that cover each unit once, `areas` of them, at least cost.

    None where there are none. Both answers are proven over all rows.
    """
    value, reduced = _relaxed(covers, cost, areas)
    if value is None:
        return None
    order = np.argsort(reduced, kind="stable")
    few = PLAN
    while True:
        part = np.sort(order[:few])
        plan = _whole(covers[part], cost[part], areas)
        if plan is not None:
            chosen = part[plan]
            slack = cost[chosen].sum() - value
            if few >= len(order) or reduced[order[few]] > slack + TOLERANCE * max(1.0, value):
                return chosen
            few = int((reduced <= slack + TOLERANCE * max(1.0, value)).sum())
        elif few >= len(order):
            return None
        else:
            few *= 4


def _relaxed(covers: Bools, cost: Floats, areas: int) -> tuple[float | None, Floats]:
    """Return a bound from the linear program over all rows, and their reduced costs; None where it has no answer.

    A unit may stay open at a price. Where one does, the program without costs tells whether it has to; if not, the
    price was too low.
    """
    dear = 1.0 + 2.0 * float(cost.max()) * areas
    used = np.zeros(len(cost), dtype=bool)
    used[np.argsort(cost / covers.sum(axis=1) ** 2, kind="stable")[:STARTING]] = True
    for u in range(covers.shape[1]):
        used[np.flatnonzero(covers[:, u])[:EACH]] = True
    while True:
        value, open_, reduced, used = _generated(covers, cost, areas, dear, used)
        if open_ <= OPEN:
            return value + areas * min(0.0, float(reduced.min())), reduced
        _, open_, _, used = _generated(covers, np.zeros_like(cost), areas, 1.0, used)
        if open_ > OPEN:
            return None, reduced
        dear *= 100


def _generated(
    covers: Bools, cost: Floats, areas: int, dear: float, used: Bools
) -> tuple[float, float, Floats, Bools]:
    """Return value, units left open, reduced costs and the rows it took; `used` are the rows it starts with."""
    units = covers.shape[1]
    matrix = covers.astype(np.float64)
    used = used.copy()
    left = np.eye(units + 1)  # a unit left open; and, last, an area left out
    price_left = np.append(np.full(units, dear), units * dear)
    while True:
        columns = np.flatnonzero(used)
        rows = np.hstack([np.vstack([matrix[columns].T, np.ones(len(columns))]), left])
        answer: Any = linprog(
            np.append(cost[columns], price_left),
            A_eq=rows,
            b_eq=np.append(np.ones(units), areas),
            method="highs",
        )
        duals = np.asarray(answer.eqlin.marginals)
        reduced = cost - matrix @ duals[:-1] - duals[-1]
        new = np.flatnonzero((reduced < -TOLERANCE * dear) & ~used)
        if len(new) == 0:
            return float(answer.fun), float(answer.x[len(columns) :].sum()), reduced, used
        used[new[np.argsort(reduced[new], kind="stable")[:ADDED]]] = True


def _whole(covers: Bools, cost: Floats, areas: int) -> NDArray[np.int64] | None:
    rows = np.vstack([covers.T, np.ones(len(cost))]).astype(np.float64)
    due = np.append(np.ones(covers.shape[1]), areas)
    answer: Any = milp(
        cost,
        integrality=np.ones(len(cost), np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, due, due),
        options={"mip_rel_gap": 0.0},
    )
    return None if answer.x is None else np.flatnonzero(answer.x > 0.5).astype(np.int64)
