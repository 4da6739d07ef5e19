"""Stopping: the wall clock, and a planner who cancels."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Literal, TypeVar

LOOK_SECONDS = 0.1  # how often a long computation is asked about
GRACE_SECONDS = 1.0  # for one that knows when time is up, to hand over what it has

T = TypeVar("T")


class Clock:
    """Tells whether a run should end. `seconds` None means never; `cancelled` is asked at each look.

    `stopped_by` says what ended it: the "clock", or a planner ("cancel").
    """

    def __init__(self, seconds: float | None, cancelled: Callable[[], bool] | None = None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._cancelled = cancelled
        self.stopped_by: Literal["clock", "cancel"] | None = None

    def left(self) -> float | None:
        """Return the seconds left, at least 0; None where there is no limit."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def share(self, fraction: float) -> "Clock":
        """Return a clock for a part of the run that may use this fraction of the time left."""
        left = self.left()
        return Clock(None if left is None else fraction * left, self._cancelled)

    def over(self) -> bool:
        """Tell whether the time is up, or somebody cancelled; once so, it stays so."""
        if self.stopped_by is None:
            if self._cancelled is not None and self._cancelled():
                self.stopped_by = "cancel"
            elif self._end is not None and time.monotonic() >= self._end:
                self.stopped_by = "clock"
        return self.stopped_by is not None

    def unless_stopped(self, work: Callable[[], T]) -> T | None:
        """Return what `work` gives, None as soon as somebody cancels or it has not ended by itself when time is up.

        For native code that knows a time limit, which it may overrun, and no interruption: `work` runs on a thread of
        its own, has to let others run beside it, and touch nothing that is used later. Nobody waits for it any longer.
        """
        if self._cancelled is None and self._end is None:
            return work()
        outcome: Future[T] = Future()
        Thread(target=_settle, args=(outcome, work), daemon=True).start()
        while not (self._cancelled is not None and self._cancelled()):
            try:
                return outcome.result(LOOK_SECONDS)
            except TimeoutError:
                if self._end is not None and time.monotonic() > self._end + GRACE_SECONDS:
                    self.stopped_by = self.stopped_by or "clock"
                    return None
        self.stopped_by = self.stopped_by or "cancel"
        return None


def _settle(outcome: "Future[T]", work: Callable[[], T]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the outcome
        outcome.set_exception(error)
