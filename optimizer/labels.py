"""Compiled: areas as a label for each unit; what hangs together there, and who could change places.

Imported only while solving.
"""

from optimizer.chance import drawn
from optimizer.instance import Arrays, Ints
from optimizer.native import compiled

SWAPS = 3  # ways to look for a unit to swap with


@compiled
def _neighbour(town: Arrays, unit: int, state: Ints) -> int:
    start = town.adjacent_start[unit]
    return int(town.adjacent[start + drawn(state, town.adjacent_start[unit + 1] - start)])


@compiled
def partner(town: Arrays, unit: int, a: int, b: int, label: Ints, state: Ints) -> int:
    """Return a unit of area `b` near `unit` of area `a`, -1 where none was met."""
    for _ in range(SWAPS):
        other = _neighbour(town, unit, state)
        if label[other] == b:
            return other
        if label[other] == a:
            further = _neighbour(town, other, state)
            if label[further] == b:
                return further
    return -1


@compiled
def beside(town: Arrays, unit: int, area: int, but: int, label: Ints) -> bool:
    """Tell whether `unit` has a neighbour in `area` other than unit `but`."""
    for e in range(town.adjacent_start[unit], town.adjacent_start[unit + 1]):
        if label[town.adjacent[e]] == area and town.adjacent[e] != but:
            return True
    return False


@compiled
def holds_without(town: Arrays, unit: int, label: Ints, seen: Ints, stamp: int, queue: Ints) -> bool:
    """Tell whether the area of `unit` stays connected without it (or has no other unit)."""
    area, around, first = label[unit], 0, -1
    for e in range(town.adjacent_start[unit], town.adjacent_start[unit + 1]):
        if label[town.adjacent[e]] == area:
            around += 1
            first = town.adjacent[e]
    if around <= 1:
        return True
    seen[unit] = seen[first] = stamp
    queue[0] = first
    head, tail, met = 0, 1, 1
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(town.adjacent_start[u], town.adjacent_start[u + 1]):
            v = town.adjacent[e]
            if label[v] == area and seen[v] != stamp:
                seen[v] = stamp
                queue[tail] = v
                tail += 1
                for f in range(town.adjacent_start[unit], town.adjacent_start[unit + 1]):
                    if town.adjacent[f] == v:
                        met += 1
                        break
                if met == around:
                    return True
    return False
