"""Stopping: the wall clock, and a planner who cancels."""

import time
from collections.abc import Callable


class Cancelled(Exception):  # noqa: N818 - it is no error: somebody asked for it
    """The planner cancelled the run; nothing was changed."""


class Clock:
    """Tells whether a run should end. `seconds` None means never; `cancelled` is asked at each look."""

    def __init__(self, seconds: float | None, cancelled: Callable[[], bool] | None = None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._cancelled = cancelled
        self.stopped = False

    def left(self) -> float | None:
        """Return the seconds left, at least 0; None where there is no limit."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def share(self, fraction: float) -> "Clock":
        """Return a clock for a part of the run that may use this fraction of the time left."""
        left = self.left()
        return Clock(None if left is None else fraction * left, self._cancelled)

    def over(self) -> bool:
        """Tell whether the time is up; raises Cancelled where the planner cancelled."""
        self.look()
        self.stopped = self.stopped or (self._end is not None and time.monotonic() >= self._end)
        return self.stopped

    def look(self) -> None:
        """Raise Cancelled where the planner cancelled."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled
