"""A bound on the distance within connected areas of a long, thin map: boxes of profiles, and all partitions behind each.

The distance within an area is ½·x·D·x with x = 1 for its units. D of city blocks has one positive eigenvalue, and few
negative ones matter: what a partition saves is told by the *profile* of its areas, their sums along these few
eigenvectors. A box holds the partitions whose profiles lie between two sets of sums. In it −s² is at least the straight
line between the ends; of the rest of D a semidefinite program takes off what keeps the sum convex (as in
`maxp_large.distance_bound`), and that is exact on whole partitions. So there is a convex function nowhere above the
distance, and its least value over mixtures of *connected* partitions (`maxp_sweep`) is a bound: Frank–Wolfe finds it, each
step the cheapest partition at the prices of the slope. Boxes are cut in two, the lowest first, where the line is farthest
from the curve, or one more eigenvector is taken in. The bound of the whole is that of the lowest box.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.maxp_large import split_distance
from benchmarks.maxp_sweep import Sweep, cheapest, sweep_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DEPTHS = (1, 2, 3, 4, 6, 8)  # eigenvectors a convex part is made for
NARROW = 0.2  # half the width of the box around the plan that each of them is made at
PASSES, FIRST_PASSES = 25, 60  # partitions asked for in a box
BOXES = 2_000  # looked at
PAIRS = 12  # exchanges of weight between known partitions for each new one
KEPT = 60  # partitions a box remembers
NEAR_ENOUGH = 0.04  # of what is left to prove: a box is not looked at any closer
DEEPER = 0.4  # of what is left to prove: where the lines lose less, one more eigenvector is taken in
STIFF = 20.0  # price of leaving a box, for each square of the sum
HEAVY = 10_000.0  # price of a weight that is short, for each square of its share of the least


@dataclass(frozen=True)
class Problem:
    """What stays the same: distances, weights, eigenvectors (units, k) with the size of their negative eigenvalues."""

    sweep: Sweep
    distance: Floats
    weight: Floats
    least: float
    vectors: Floats
    sizes: Floats
    known: float  # distance of the best plan

    @property
    def areas(self) -> int:
        """Return the number of areas."""
        return int(self.sweep.after.shape[1])


@dataclass(frozen=True)
class Box:
    """Bounds of the profiles (k, areas), and what is known inside: bound, mixture, the partitions it is made of."""

    low: Floats
    high: Floats
    depth: int  # position in DEPTHS
    bound: float
    mixture: Floats
    plans: NDArray[np.int8]
    shares: Floats


def boxed_bound(
    near: Sequence[Sequence[int]],
    weight: Floats,
    distance: Floats,
    least: float,
    labels: Ints,
    *,
    boxes: int = BOXES,
) -> float:
    """Return a lower bound on the distance of any partition into as many connected areas of `least` as `labels` has.

    `labels` is a plan, the better the tighter. 0 where the map is too wide to sweep.
    """
    areas = int(labels.max()) + 1
    sweep = sweep_of(near, weight, least, areas)
    if sweep is None:
        return 0.0
    values, vectors = np.linalg.eigh(distance)
    depth = min(DEPTHS[-1], int((values < 0).sum()))
    whole = np.eye(areas)[labels]
    problem = Problem(
        sweep,
        distance,
        weight,
        least,
        np.ascontiguousarray(vectors[:, :depth]),
        -values[:depth],
        float((whole * (distance @ whole)).sum() / 2),
    )
    order = np.argsort(vectors[:, 0] @ whole, kind="stable")
    plan = np.argsort(order)[labels].astype(np.int8)
    parts = [_convex_part(problem, k, plan) for k in DEPTHS if k <= depth]
    return _divided(problem, parts, plan, boxes) if parts else 0.0


def _divided(
    problem: Problem, parts: list[tuple[Floats, float]], plan: NDArray[np.int8], boxes: int
) -> float:
    """Return the bound after so many boxes, cut where it is lowest."""
    low, high = _widest(problem)
    first = Box(low, high, 0, 0.0, np.empty(0), plan[None], np.ones(1))
    first = _bounded(problem, parts, first, FIRST_PASSES)
    queue, number, done = [(first.bound, 0, first)], count(1), problem.known
    for _ in range(boxes // 2):
        if not queue:
            break
        _, _, box = heapq.heappop(queue)
        for half in _halves(problem, box, len(parts)):
            part = _bounded(problem, parts, half, PASSES)
            if part.bound < problem.known:
                heapq.heappush(queue, (part.bound, next(number), part))
    return min([done, *(bound for bound, _, _ in queue)])


def _widest(problem: Problem) -> tuple[Floats, Floats]:
    """Return the box that holds all partitions, their areas in the order of the first sum."""
    sweep, ends = problem.sweep, []
    values, chosen = np.zeros(len(sweep.after)), np.zeros((len(problem.weight), problem.areas))
    for sign in (1.0, -1.0):
        for vector in problem.vectors.T:
            price = np.zeros_like(chosen)
            price[:, 0] = sign * vector
            ends.append(sign * cheapest(sweep.order, sweep.first, sweep.after, price, values, chosen))
    ends_ = np.repeat(np.reshape(ends, (2, -1, 1)), problem.areas, axis=2)
    return ends_[0] - 1e-9, ends_[1] + 1e-9


def _halves(problem: Problem, box: Box, depths: int) -> list[Box]:
    """Return the two halves of a box, cut near the mixture where the line is farthest from the curve."""
    depth, sums = box.depth, problem.vectors.T @ box.mixture
    lost = problem.sizes[:, None] / 2 * np.maximum(sums - box.low, 0) * np.maximum(box.high - sums, 0)
    if depth + 1 < depths and lost[: DEPTHS[depth]].sum() < DEEPER * (problem.known - box.bound):
        depth += 1
    k, area = np.unravel_index(int(lost[: DEPTHS[depth]].argmax()), (DEPTHS[depth], problem.areas))
    low, high = box.low[k, area], box.high[k, area]
    cut = np.clip(
        0.6 * sums[k, area] + 0.2 * (low + high), 0.85 * low + 0.15 * high, 0.15 * low + 0.85 * high
    )
    below, above = box.high.copy(), box.low.copy()
    below[k, area] = above[k, area] = cut
    ends = [_tightened(problem, *pair) for pair in ((box.low, below), (above, box.high))]
    return [replace(box, low=a, high=b, depth=depth) for a, b in ends if (a <= b).all()]


def _tightened(problem: Problem, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the box without what its sums over all areas, or the order of the areas, rule out."""
    total = problem.vectors.sum(axis=0)[:, None]
    for _ in range(2):
        low = np.maximum(low, total - (high.sum(axis=1, keepdims=True) - high) - 1e-9)
        high = np.minimum(high, total - (low.sum(axis=1, keepdims=True) - low) + 1e-9)
        low[0] = np.maximum.accumulate(low[0])
        high[0] = np.minimum.accumulate(high[0][::-1])[::-1]
    return low, high


def _convex_part(problem: Problem, depth: int, plan: NDArray[np.int8]) -> tuple[Floats, float]:
    """Return a convex matrix and a constant that together are nowhere above the distance without `depth` eigenvectors.

    They are made for a narrow box around the plan, where they decide most.
    """
    vectors, sizes = problem.vectors[:, :depth], problem.sizes[:depth]
    rest = problem.distance + (vectors * sizes) @ vectors.T
    shift = float(-np.linalg.eigvalsh(rest)[0])
    plain = rest + shift * np.eye(len(rest)), -shift * len(rest) / 2
    sums = problem.vectors.T @ np.eye(problem.areas)[plan]
    box = Box(sums - NARROW, sums + NARROW, 0, 0.0, np.empty(0), plan[None], np.ones(1))
    plainly = _relaxed(problem, plain, box, depth, FIRST_PASSES)
    part = split_distance(rest, plainly.mixture @ plainly.mixture.T)
    better = _relaxed(problem, part, replace(plainly, bound=0.0), depth, FIRST_PASSES)
    mixture = (plainly.mixture + better.mixture) / 2
    return split_distance(rest, mixture @ mixture.T)


def _bounded(problem: Problem, parts: list[tuple[Floats, float]], box: Box, passes: int) -> Box:
    return _relaxed(problem, parts[box.depth], box, DEPTHS[box.depth], passes)


def _relaxed(problem: Problem, part: tuple[Floats, float], box: Box, depth: int, passes: int) -> Box:
    """Return the box with its bound, and the mixture where the convex function is least."""
    sweep = problem.sweep
    bound, mixture, plans, shares = _least(
        (sweep.order, sweep.first, sweep.after),
        *part,
        np.ascontiguousarray(problem.vectors[:, :depth]),
        problem.sizes[:depth],
        np.ascontiguousarray(box.low[:depth]),
        np.ascontiguousarray(box.high[:depth]),
        problem.weight / problem.least,
        box.plans,
        box.shares / box.shares.sum(),
        passes,
        problem.known,
    )
    used = shares > 1e-9
    bound -= 1e-9 * (abs(bound) + problem.known)  # rounding
    return replace(box, bound=max(box.bound, bound), mixture=mixture, plans=plans[used], shares=shares[used])


@njit(cache=True)
def _mixed(shares, plans, curved, sums, weights):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled, like all below
    """Return the mixture of the plans, and with it what is linear in it."""
    x, h = np.zeros_like(plans[0]), np.zeros_like(plans[0])
    s, w = np.zeros_like(sums[0]), np.zeros_like(weights[0])
    for k in range(len(shares)):
        if shares[k] > 0:
            x += shares[k] * plans[k]
            h += shares[k] * curved[k]
            s += shares[k] * sums[k]
            w += shares[k] * weights[k]
    return x, h, s, w


@njit(cache=True)
def _outside(s, low, high):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return how far sums are above their box, below it as negative."""
    return np.maximum(s - high, 0.0) - np.maximum(low - s, 0.0)


@njit(cache=True)
def _step(first, curve, s, ds, w, dw, low, high, longest):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return how far to go along a line, at most `longest`: where the slope is 0."""
    short, far = 0.0, longest
    for k in range(25):
        t = far if k == 0 else (short + far) / 2
        slope = first + t * curve + STIFF * (_outside(s + t * ds, low, high) * ds).sum()
        slope -= HEAVY * (np.maximum(1.0 - w - t * dw, 0.0) * dw).sum()
        if slope > 0:
            far = t
        else:
            short = t
            if k == 0:
                break
    return short


@njit(cache=True)
def _least(ways, convex, constant, vectors, sizes, low, high, weight, known, given, passes, best):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, C901, PLR0915 - one loop, compiled
    """Return a bound on the convex function over mixtures in the box, the mixture, its partitions and their shares.

    Each pass: weight goes from the worst known partition to the best, some times; then the cheapest of all at the
    slope gives a bound, and joins them.
    """
    order, first, after = ways
    units, areas = len(order), after.shape[1]
    plans, curved = np.zeros((KEPT, units, areas)), np.zeros((KEPT, units, areas))
    sums, weights = np.zeros((KEPT, vectors.shape[1], areas)), np.zeros((KEPT, areas))
    shares, values, chosen = np.zeros(KEPT), np.empty(len(after)), np.zeros((units, areas))
    across = np.ascontiguousarray(vectors.T)
    line = -0.5 * sizes.reshape(-1, 1) * (low + high)
    fixed = constant + 0.5 * (sizes.reshape(-1, 1) * low * high).sum()
    held, bound = 0, -np.inf
    for k in range(min(len(given), KEPT)):
        for u in range(units):
            plans[k, u, known[k, u]] = 1.0
        curved[k], sums[k], weights[k] = convex @ plans[k], across @ plans[k], weight @ plans[k]
        shares[k] = given[k]
        held += 1
    shares /= shares.sum()
    x, h, s, w = _mixed(shares, plans, curved, sums, weights)
    for _ in range(passes):
        for _ in range(PAIRS):
            along, light = line + STIFF * _outside(s, low, high), -HEAVY * np.maximum(1.0 - w, 0.0)
            worst, top, good, bottom = -1, -np.inf, -1, np.inf
            for k in range(held):
                slope = (h * plans[k]).sum() + (along * sums[k]).sum() + (light * weights[k]).sum()
                if slope < bottom:
                    bottom, good = slope, k
                if shares[k] > 0 and slope > top:
                    top, worst = slope, k
            if top - bottom < 1e-5 * best:
                break
            dx, dh = plans[good] - plans[worst], curved[good] - curved[worst]
            ds, dw = sums[good] - sums[worst], weights[good] - weights[worst]
            start = (dx * h).sum() + (line * ds).sum()
            t = _step(start, (dx * dh).sum(), s, ds, w, dw, low, high, shares[worst])
            shares[worst] -= t
            shares[good] += t
            x, h, s, w = x + t * dx, h + t * dh, s + t * ds, w + t * dw
        x, h, s, w = _mixed(shares, plans, curved, sums, weights)
        out, short = _outside(s, low, high), np.maximum(1.0 - w, 0.0)
        value = fixed + 0.5 * (h * x).sum() + (line * s).sum()
        value += 0.5 * STIFF * (out**2).sum() + 0.5 * HEAVY * (short**2).sum()
        along, light = line + STIFF * out, -HEAVY * short
        price = h + vectors @ along + weight.reshape(-1, 1) * light
        missing = (price * x).sum() - cheapest(order, first, after, price, values, chosen)
        bound = max(bound, value - missing)
        if bound >= best or missing < NEAR_ENOUGH * (best - bound):
            break
        new = held if held < KEPT else int(np.argmin(shares))
        if held == KEPT:
            shares[new] = 0.0
            shares /= shares.sum()
            x, h, s, w = _mixed(shares, plans, curved, sums, weights)
        held = max(held, new + 1)
        plans[new] = chosen
        curved[new], sums[new], weights[new] = convex @ chosen, across @ chosen, weight @ chosen
    found = np.zeros((held, units), np.int8)
    for k in range(held):
        for u in range(units):
            found[k, u] = np.argmax(plans[k, u])
    return bound, x, found, shares[:held]
