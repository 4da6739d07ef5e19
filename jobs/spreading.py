"""Work of many equal pieces on several processes: in order, bounded in memory, and gone when whoever asked for it is."""

import signal
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from geo.schema import DataError
from optimizer.interrupts import uninterrupted

A = TypeVar("A")
B = TypeVar("B")

WORTH_SHARING = 8  # pieces: starting a process costs as much as a few of them
AHEAD = 4  # pieces a process may be ahead of the one that is waited for


@dataclass(frozen=True)
class _Refused:
    """A DataError on its way between processes."""

    code: str
    values: dict[str, object]


@dataclass(frozen=True)
class _Failed:
    """Any other error, with what was to be seen of it where it happened."""

    text: str


def spread(work: Callable[[A], B], pieces: Sequence[A], *, workers: int) -> Generator[B, None, None]:
    """Yield what `work` makes of each piece, in their order; `work` and pieces travel to other processes.

    Raises what `work` raises: a DataError as it is, another error as RuntimeError with its text. Whoever stops listening
    closes the generator, and the processes end; they also end by themselves where this process is killed.
    """
    if workers < 2 or len(pieces) < WORTH_SHARING:
        yield from map(work, pieces)
        return
    processes, ends = _started(min(workers, len(pieces)))
    made: dict[int, Any] = {}
    given = following = 0
    idle = list(ends)
    try:
        for end in ends:
            _hand(end, work)
        while following < len(pieces):
            while idle and given < min(len(pieces), following + AHEAD * len(ends)):
                _hand(idle.pop(), (given, pieces[given]))
                given += 1
            ready = wait(ends) if following not in made else ()
            for end in (end for end in ends if end in ready):
                number, result = _received(end)
                made[number] = result
                idle.append(end)
            while following in made:
                yield _told(made.pop(following))
                following += 1
    finally:
        for process in processes:
            process.terminate()
            process.join()
        for end in ends:
            end.close()


def _started(number: int) -> tuple[list[SpawnProcess], list[Connection]]:
    """Start processes, each with the end of a pipe that leads to it.

    The work comes through that pipe, as the pieces do: what is given to a process to start with is written to one that this
    process holds open at both ends, so that it would wait for ever for a process that has died and reads nothing.
    """
    context = get_context("spawn")
    processes, ends = [], []
    with uninterrupted():
        for _ in range(number):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(there,), daemon=True)
            process.start()
            there.close()
            processes.append(process)
            ends.append(here)
    return processes, ends


def _serve(end: Connection) -> None:
    """Take the work, then pieces, until the other end of the pipe is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        work = end.recv()
        while True:
            number, piece = end.recv()
            end.send((number, _made(work, piece)))
    except (EOFError, OSError):
        return


def _made(work: Callable[[Any], Any], piece: Any) -> Any:
    try:
        return work(piece)
    except DataError as error:
        return _Refused(error.code, error.values)
    except Exception:  # noqa: BLE001 - the border of the process: it is raised again at the other end
        return _Failed(traceback.format_exc())


def _hand(end: Connection, content: object) -> None:
    with _told_if_ended():
        end.send(content)


def _received(end: Connection) -> tuple[int, Any]:
    with _told_if_ended():
        number, result = end.recv()
    return number, result


@contextmanager
def _told_if_ended() -> Iterator[None]:
    """Raise RuntimeError where the process at the other end is gone; EOFError would pass for an interrupt further up."""
    try:
        yield
    except (EOFError, OSError) as error:
        msg = "a process that shared the work has ended by itself"
        raise RuntimeError(msg) from error


def _told(result: Any) -> Any:
    match result:
        case _Refused(code, values):
            raise DataError(code, **values)
        case _Failed(text):
            raise RuntimeError(text)
        case _:
            return result
