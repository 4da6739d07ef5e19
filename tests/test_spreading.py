"""Work on several processes: in order, errors as they are, and nobody left behind."""

import multiprocessing
import os
import pickle
import shutil
from contextlib import closing
from dataclasses import dataclass

import pytest

from geo.schema import DataError
from jobs.spreading import _made, _told, spread

NUMBERS = range(12)


def with_process(number: int) -> tuple[int, int]:
    return number, os.getpid()


def fails_at_seven(number: int) -> int:
    if number == 7:
        raise DataError("package.no_version", number=7, known=(1, 2))
    return number


def breaks_at_seven(number: int) -> int:
    return 1 // (7 - number)


def dies_at_seven(number: int) -> int:
    if number == 7:
        os._exit(1)
    return number


@dataclass(frozen=True)
class Heavy:
    """Work that no pipe holds at once: who writes it waits for a reader."""

    load: bytes = bytes(8_000_000)

    def __call__(self, number: int) -> int:
        return number + len(self.load)


def test_what_comes_back_is_in_order_and_made_elsewhere_and_nobody_is_left():
    with closing(spread(with_process, range(99), workers=2)) as coming:
        made = [next(coming) for _ in NUMBERS]
        processes = multiprocessing.active_children()
        assert len(processes) == 2
    for process in processes:
        process.join(10)
        assert not process.is_alive()
    assert [number for number, _ in made] == list(NUMBERS)
    assert os.getpid() not in {process for _, process in made}
    assert len({process for _, process in made}) == 2


def test_few_pieces_or_one_worker_stay_here():
    for made in (spread(with_process, NUMBERS, workers=1), spread(with_process, NUMBERS[:3], workers=2)):
        assert {process for _, process in made} == {os.getpid()}


def test_a_refusal_is_raised_as_it_is_and_another_error_with_its_text():
    """Both travel between processes as what can be pickled; a DataError itself cannot."""
    arrived = [pickle.loads(pickle.dumps(_made(work, 7))) for work in (fails_at_seven, breaks_at_seven)]
    with pytest.raises(DataError) as told:
        _told(arrived[0])
    assert told.value.code == "package.no_version"
    assert told.value.values == {"number": 7, "known": (1, 2)}
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        _told(arrived[1])
    assert _told(_made(fails_at_seven, 6)) == 6


def test_a_process_that_dies_is_an_error_not_a_wait_for_ever():
    with pytest.raises(RuntimeError, match="ended by itself"):
        list(spread(dies_at_seven, NUMBERS, workers=2))


def test_a_process_that_dies_before_it_reads_its_work_is_an_error_too(monkeypatch):
    false = shutil.which("false")
    if false is None:
        pytest.skip("no program that ends at once is on this machine")
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", os.fsencode(false))
    with pytest.raises(RuntimeError, match="ended by itself"):
        list(spread(Heavy(), NUMBERS, workers=2))


def test_heavy_work_arrives_whole():
    assert list(spread(Heavy(), NUMBERS, workers=2)) == [8_000_000 + n for n in NUMBERS]
