"""Ctrl-C: the first one while a plan is at hand keeps it, any other interrupts."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from jobs.progress import Listener, Step


class Stop:
    """Listens to a run and to the person: what it hears it passes on to `listener`."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._at_hand = self._wished = self._told = False

    def hear(self, step: Step) -> None:
        """Hear one step: there is a plan to keep where it has figures."""
        self._at_hand = step.best is not None
        self._listener(step)

    def press(self, _number: int = signal.SIGINT, _frame: FrameType | None = None) -> None:
        """Take one Ctrl-C; raises KeyboardInterrupt where there is nothing to keep, or the second time."""
        if self._wished or not self._at_hand:
            raise KeyboardInterrupt
        self._wished = True

    def wished(self) -> bool:
        """Tell whether the best plan so far is to be kept; the run asks while it solves."""
        if self._wished and not self._told:
            self._told = True  # said here, not in `press`: that may come in the middle of another line
            self._listener(Step("keep"))
        return self._wished


@contextmanager
def stoppable(listener: Listener) -> Iterator[Stop]:
    """Take Ctrl-C for the length of a run; left alone where whoever started the program has it ignored (nohup)."""
    stop = Stop(listener)
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        yield stop
        return
    signal.signal(signal.SIGINT, stop.press)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
