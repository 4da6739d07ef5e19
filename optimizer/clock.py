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

    A `whole` hears when the time of its share ended before the work did.
    """

    def __init__(
        self,
        seconds: float | None,
        cancelled: Callable[[], bool] | None = None,
        *,
        whole: "Clock | None" = None,
    ) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._cancelled, self._whole = cancelled, whole
        self._ended_by: Literal["clock", "cancel"] | None = None
        self._hurried = False

    @property
    def stopped_by(self) -> Literal["clock", "cancel"] | None:
        """Return why a run might have given another plan with more time: a planner ended it, or the clock ended it or a part of it."""
        return self._ended_by or ("clock" if self._hurried else None)

    def left(self) -> float | None:
        """Return the seconds left, at least 0; None where there is no limit."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def share(self, fraction: float) -> "Clock":
        """Return a clock for a part of the run that may use this fraction of the time left."""
        left = self.left()
        return Clock(None if left is None else fraction * left, self._cancelled, whole=self)

    def hurry(self) -> None:
        """Keep in mind that something was cut short for want of time, though the run goes on."""
        self._hurried = True
        if self._whole is not None:
            self._whole.hurry()

    def over(self) -> bool:
        """Tell whether the time is up, or somebody cancelled; once so, it stays so."""
        if self._ended_by is None:
            if self._cancelled is not None and self._cancelled():
                self._ended_by = "cancel"
            elif self._end is not None and time.monotonic() >= self._end:
                self._ended_by = "clock"
                self.hurry()
        return self._ended_by is not None

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
                    self._ended_by = self._ended_by or "clock"
                    self.hurry()
                    return None
        self._ended_by = self._ended_by or "cancel"
        return None


def _settle(outcome: "Future[T]", work: Callable[[], T]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the outcome
        outcome.set_exception(error)
