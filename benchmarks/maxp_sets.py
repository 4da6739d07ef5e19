"""Connected sets as bit masks: all of them within a range of weight, each with its pairwise distance."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

ONE = np.uint64(1)
NONE = np.uint64(0)
LARGEST = 64  # units in a mask


@njit(cache=True)
def _lowest(mask):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled, like all below
    """Return the position of the lowest bit."""
    low = mask & (~mask + ONE)
    position = 0
    for step in (32, 16, 8, 4, 2, 1):
        if low >> np.uint64(step) != NONE:
            low >>= np.uint64(step)
            position += step
    return position


@njit(cache=True)
def _rest_holds(rest, near, weight, least, areas):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Tell whether `areas` areas of `least` or more could cover `rest`, as far as the weight of its pieces says."""
    possible = 0
    while rest != NONE:
        piece = rest & (~rest + ONE)
        front = piece
        total = 0.0
        while front != NONE:
            u = _lowest(front)
            front &= front - ONE
            total += weight[u]
            new = near[u] & rest & ~piece
            piece |= new
            front |= new
        held = int(total / least)
        if held == 0:
            return False
        possible += held
        rest &= ~piece
    return possible >= areas


@njit(cache=True)
def connected_sets(near, weight, distance, least, most, areas):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return masks and pairwise distances of all connected sets of a weight in [least, most], in a fixed order.

    `near` are the neighbours of each unit as masks. A set is left out where the units outside it could not be
    `areas` − 1 areas. Depth first from the smallest unit of the set: the lowest neighbour is taken in, or kept out.
    """
    units = len(near)
    every = NONE
    for u in range(units):
        every |= ONE << np.uint64(u)
    masks = [NONE for _ in range(0)]
    sums = [0.0 for _ in range(0)]
    inside = np.empty(2 * units + 2, np.uint64)
    outside = np.empty(2 * units + 2, np.uint64)
    around = np.empty(2 * units + 2, np.uint64)
    weights = np.empty(2 * units + 2)
    costs = np.empty(2 * units + 2)
    for root in range(units):
        bit = ONE << np.uint64(root)
        if weight[root] > most:
            continue
        if weight[root] >= least and _rest_holds(every & ~bit, near, weight, least, areas - 1):
            masks.append(bit)
            sums.append(0.0)
        inside[0], outside[0], around[0] = bit, bit - ONE, near[root]
        weights[0], costs[0] = weight[root], 0.0
        depth = 0
        while depth >= 0:
            now, out, ring = inside[depth], outside[depth], around[depth]
            heavy, cost = weights[depth], costs[depth]
            open_ = ring & ~now & ~out
            if open_ == NONE:
                depth -= 1
                continue
            v = _lowest(open_)
            bit_v = ONE << np.uint64(v)
            outside[depth] = out | bit_v
            if heavy + weight[v] > most:
                continue
            depth += 1
            members = now
            while members != NONE:
                cost += distance[v, _lowest(members)]
                members &= members - ONE
            inside[depth], outside[depth], around[depth] = now | bit_v, out, ring | near[v]
            weights[depth], costs[depth] = heavy + weight[v], cost
            if weights[depth] >= least and _rest_holds(
                every & ~inside[depth], near, weight, least, areas - 1
            ):
                masks.append(inside[depth])
                sums.append(cost)
    return np.array(masks), np.array(sums)


def masks_of(near: list[list[int]]) -> NDArray[np.uint64]:
    """Return the neighbours of each unit as bit masks."""
    return np.array([sum(1 << v for v in row) for row in near], np.uint64)


def incidence(masks: NDArray[np.uint64], units: int) -> NDArray[np.bool_]:
    """Return the units of each mask, shape (masks, units)."""
    inside: NDArray[np.bool_] = (masks[:, None] >> np.arange(units, dtype=np.uint64)) & ONE != NONE
    return inside
