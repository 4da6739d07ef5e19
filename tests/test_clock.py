"""Stopping: time, a planner who cancels, and native code that hears of neither."""

import threading

import pytest

from optimizer import clock as clock_module
from optimizer.clock import Clock


def test_without_anybody_who_could_cancel_work_is_done_here():
    assert Clock(None).unless_stopped(threading.get_ident) == threading.get_ident()


def test_what_work_gives_is_handed_on():
    clock = Clock(None, lambda: False)
    assert clock.unless_stopped(lambda: 7) == 7
    assert clock.stopped_by is None


def test_nobody_waits_for_work_that_nobody_wants():
    never, cancel = threading.Event(), threading.Event()

    def work():
        cancel.set()
        never.wait()

    clock = Clock(None, cancel.is_set)
    assert clock.unless_stopped(work) is None
    assert clock.stopped_by == "cancel"
    never.set()


def test_nobody_waits_for_work_that_does_not_end_in_time(monkeypatch):
    monkeypatch.setattr(clock_module, "GRACE_SECONDS", 0.0)
    never = threading.Event()
    clock = Clock(0.0)
    assert clock.unless_stopped(never.wait) is None
    assert clock.stopped_by == "clock"
    never.set()


def test_what_goes_wrong_is_raised_here():
    def work():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Clock(None, lambda: False).unless_stopped(work)


def test_a_run_whose_time_is_up_still_waits_for_the_answer():
    """The solver has the same limit of time, and its answer is worth having."""
    clock = Clock(0.0, lambda: False)
    assert clock.over()
    assert clock.unless_stopped(lambda: 7) == 7
    assert clock.stopped_by == "clock"
