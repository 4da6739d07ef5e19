"""Stopping: time, a planner who cancels, and native code that hears of neither."""

import threading
from types import SimpleNamespace

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
    assert (clock.over(), clock.stopped_by) == (True, "clock")
    never.set()


def test_a_share_that_leaves_work_behind_tells_the_run(monkeypatch, now):
    monkeypatch.setattr(clock_module, "GRACE_SECONDS", -1.0)
    never = threading.Event()
    clock = Clock(10.0)
    assert clock.share(0.05).unless_stopped(lambda: never.wait(60.0)) is None
    assert (clock.over(), clock.stopped_by) == (False, "clock")
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


# --- the time ----------------------------------------------------------------------------------------


@pytest.fixture
def now(monkeypatch):
    """The time by the wall clock, in a list, set by hand."""
    now = [100.0]
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_time_runs_down_to_nothing_and_is_up_at_the_end(now):
    clock = Clock(10.0)
    assert (clock.left(), clock.over(), clock.stopped_by) == (10.0, False, None)
    now[0] = 109.75
    assert (clock.left(), clock.over(), clock.stopped_by) == (0.25, False, None)
    now[0] = 110.0
    assert (clock.left(), clock.over(), clock.stopped_by) == (0.0, True, "clock")
    now[0] = 112.0
    assert clock.left() == 0.0


def test_without_a_limit_time_is_never_up(now):
    clock = Clock(None)
    now[0] = 1e9
    assert (clock.left(), clock.over(), clock.share(0.5).left()) == (None, False, None)


def test_a_share_is_of_the_time_left_and_its_end_is_no_end_of_the_run(now):
    clock = Clock(10.0)
    now[0] = 104.0
    part = clock.share(0.25)
    assert part.left() == 1.5
    now[0] = 105.25
    assert (part.over(), clock.stopped_by) == (False, None)
    now[0] = 105.5
    assert (part.over(), clock.over()) == (True, False)


def test_a_run_tells_that_the_clock_ended_a_part_of_it(now):
    """More time might have given another plan: whoever compares two runs has to know."""
    clock = Clock(10.0)
    part = clock.share(0.5).share(0.5)
    now[0] = 102.5
    assert part.over()
    assert (part.stopped_by, clock.stopped_by) == ("clock", "clock")


def test_what_is_cut_short_for_want_of_time_does_not_end_the_run():
    clock = Clock(10.0)
    clock.share(0.5).hurry()
    assert (clock.over(), clock.stopped_by) == (False, "clock")


def test_cancel_is_told_even_where_something_was_cut_short():
    clock = Clock(10.0, lambda: True)
    clock.hurry()
    assert clock.over()
    assert clock.stopped_by == "cancel"


def test_who_cancels_a_run_cancels_its_shares_and_comes_before_the_clock(now):
    assert Clock(None, lambda: True).share(0.5).over()
    clock = Clock(0.0, lambda: True)
    assert (clock.over(), clock.stopped_by) == (True, "cancel")


def test_once_over_a_run_stays_so(now):
    answers = iter([False, True])
    clock = Clock(None, lambda: next(answers))
    assert [clock.over() for _ in range(4)] == [False, True, True, True]


def test_what_stopped_a_run_first_is_what_it_tells(now):
    cancel = threading.Event()
    clock = Clock(0.0, cancel.is_set)
    assert clock.over()
    cancel.set()
    assert clock.unless_stopped(lambda: 7) is None
    assert clock.stopped_by == "clock"


def test_work_has_the_whole_grace_to_hand_over_what_it_has(monkeypatch):
    """Time is looked at twice: at the very end of the grace, which lets the work end, and never after it."""
    done, looks = threading.Event(), iter([100.0, 100.0 + clock_module.GRACE_SECONDS])

    def monotonic() -> float:
        look = next(looks)
        if look > 100.0:
            done.set()
        return look

    monkeypatch.setattr(clock_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(monotonic=monotonic))
    monkeypatch.setattr(clock_module, "Future", _Patient)
    clock = Clock(0.0)
    assert clock.unless_stopped(lambda: done.wait(60.0)) is True
    assert clock.stopped_by is None


class _Patient(clock_module.Future):
    """Gives up once, then waits for the answer."""

    asked = 0

    def result(self, timeout: float | None = None) -> object:
        self.asked += 1
        return super().result(timeout if self.asked == 1 else 60.0)


def test_work_that_nobody_waits_for_does_not_keep_the_program_from_ending():
    assert Clock(None, lambda: False).unless_stopped(lambda: threading.current_thread().daemon)
