"""The max-p problem where areas are too many to list: a plan by annealing, and a bound that holds without contiguity.

What contiguity adds to the bound is in `maxp_boxes`.
"""

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RUNS = 16
STEPS = 6_000_000
HOT, COLD = 0.2, 0.003  # of the distance of an average unit to all others: temperatures at both ends
SHORT_PRICE = 80.0  # average units a minimum that is missing altogether costs
ROUNDS = 200  # of the alternating projections; the bound holds after any number


def annealed(
    near: list[list[int]],
    weight: Floats,
    distance: Floats,
    least: float,
    areas: int,
    *,
    runs: int = RUNS,
    steps: int = STEPS,
    better: Callable[[float], None] = lambda _: None,
) -> Ints | None:
    """Return labels of the best plan over all runs, connected and each area `least` or more; None where none was met.

    `better` is told the distance of each plan that beats those of the runs before.
    """
    start = np.cumsum([0, *map(len, near)]).astype(np.int64)
    ends = np.array([v for row in near for v in row], np.int64)
    unit = distance.sum() / len(near)
    best, value = None, np.inf
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        labels = _grown(near, areas, rng)
        price = SHORT_PRICE * unit / least
        found, cost = _anneal(
            start, ends, weight, distance, least, areas, labels, steps, HOT * unit, COLD * unit, price, seed
        )
        if cost < value:
            best, value = found, cost
            better(float(cost))
    return best


def distance_bound(distance: Floats, areas: int) -> float:
    """Return a lower bound on the distance within `areas` groups, whatever they are.

    With Y = 1 where two units share a group, Y − 1/k is positive semidefinite (k groups at most).
    """
    least = np.full_like(distance, 1 / areas)
    convex, constant = split_distance(distance, least)
    return float((convex * least).sum() / 2 + constant)


def split_distance(distance: Floats, least: Floats) -> tuple[Floats, float]:
    """Return a convex matrix and a constant: ½·x·convex·x summed over groups, and it, are never above the distance.

    For any positive semidefinite Z the sum over pairs of a group is ⟨Z, Y⟩ plus the least of ⟨C − Z, Y⟩ over
    0 ≤ Y ≤ 1 with ones on the diagonal (C half the distances). Alternating projections give the Z that makes this large
    where Y − `least` is positive semidefinite: there, Z has its least sum at `least`.
    """
    units, cost = len(distance), distance / 2
    rho = cost.mean() * units / np.trace(least)
    x, dual = np.zeros_like(cost), np.zeros_like(cost)
    z = x
    for _ in range(ROUNDS):
        y = np.clip(x + least - dual - cost / rho, 0, 1)
        np.fill_diagonal(y, 1)
        both = y - least + dual
        values, vectors = np.linalg.eigh(both)
        x = (vectors * np.maximum(values, 0)) @ vectors.T
        dual = both - x
        z = rho * (vectors * np.maximum(-values, 0)) @ vectors.T
    # What is below zero in Z by rounding is at most this much for each eigenvalue.
    z += 1e-12 * units * float(np.abs(z).max()) * np.eye(units)
    left = cost - z
    off = left - np.diag(np.diag(left))
    return 2 * z, float(np.trace(left) + np.minimum(off, 0).sum())


def _grown(near: list[list[int]], areas: int, rng: np.random.Generator) -> Ints:
    """Return labels of areas grown at random from as many units until all are taken."""
    labels = np.full(len(near), -1, np.int64)
    labels[rng.choice(len(near), areas, replace=False)] = np.arange(areas)
    while (labels < 0).any():
        u = int(rng.integers(len(near)))
        taken = [int(labels[v]) for v in near[u] if labels[v] >= 0]
        if labels[u] < 0 and taken:
            labels[u] = rng.choice(taken)
    return labels


@njit(cache=True)
def _stays_connected(start, ends, labels, unit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Tell whether the area of `unit` is one piece, and not empty, without it."""
    area, size, first = labels[unit], 0, -1
    for u in range(len(labels)):
        if labels[u] == area and u != unit:
            size += 1
            first = u
    if size == 0:
        return False
    seen = np.zeros(len(labels), np.bool_)
    stack = np.empty(size, np.int64)
    stack[0], depth, met = first, 1, 1
    seen[first] = True
    while depth > 0:
        depth -= 1
        u = stack[depth]
        for v in ends[start[u] : start[u + 1]]:
            if labels[v] == area and v != unit and not seen[v]:
                seen[v] = True
                stack[depth] = v
                depth += 1
                met += 1
    return met == size


@njit(cache=True)
def _anneal(start, ends, weight, distance, least, areas, labels, steps, hot, cold, price, seed):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, C901 - one loop, compiled
    """Move units over borders, cooling; return the best labels met without a short area, and their distance."""
    np.random.seed(seed)  # noqa: NPY002 - what numba offers
    units = len(labels)
    to_area = np.zeros((units, areas))
    held = np.zeros(areas)
    for u in range(units):
        held[labels[u]] += weight[u]
        for v in range(units):
            to_area[u, labels[v]] += distance[u, v]
    cost = 0.0
    for u in range(units):
        cost += to_area[u, labels[u]] / 2
    best, best_cost = labels.copy(), np.inf
    for step in range(steps):
        heat = hot * (cold / hot) ** (step / steps)
        u = np.random.randint(units)  # noqa: NPY002
        from_, to = labels[u], labels[ends[np.random.randint(start[u], start[u + 1])]]  # noqa: NPY002
        if from_ == to:
            continue
        shorter = 0.0
        for area, change in ((from_, -weight[u]), (to, weight[u])):
            shorter += max(0.0, least - held[area] - change) - max(0.0, least - held[area])
        change = to_area[u, to] - to_area[u, from_]
        worse = change + price * shorter
        if worse > 0 and np.random.random() > np.exp(-worse / heat):  # noqa: NPY002
            continue
        if not _stays_connected(start, ends, labels, u):
            continue
        labels[u] = to
        held[from_] -= weight[u]
        held[to] += weight[u]
        for v in range(units):
            to_area[v, from_] -= distance[u, v]
            to_area[v, to] += distance[u, v]
        cost += change
        if cost < best_cost and held.min() >= least:
            best, best_cost = labels.copy(), cost
    return best, best_cost
