"""Ctrl-C in a terminal goes to every process of its group: what keeps it from those that are started."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: they hear of the end from who started them."""
    if sys.platform == "win32":  # no masks there: the process has to ignore the signal itself
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
