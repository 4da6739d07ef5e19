"""Compiled: numbers drawn by a generator of our own, the same on every machine.

Imported only while solving.
"""

import numpy as np

from optimizer.instance import Ints
from optimizer.native import compiled

SEED = 88_172_645_463_325_252
FINE = 1 << 53


def first_state() -> Ints:
    """Return the state that every search begins with; each draw changes it."""
    return np.array([SEED], np.int64)


@compiled
def drawn(state: Ints, below: int) -> int:
    """Return the next number below `below` of a generator (Marsaglia's xorshift) whose one word of state is not 0."""
    word = np.uint64(state[0])
    word ^= word << np.uint64(13)
    word ^= word >> np.uint64(7)
    word ^= word << np.uint64(17)
    state[0] = np.int64(word)
    return int(np.int64(word >> np.uint64(11)) % below)
