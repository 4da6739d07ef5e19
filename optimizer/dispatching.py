"""Parts one after the other, the large ones on several processes, with news of the best plan so far."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Event
from typing import Any

from optimizer.clock import Clock
from optimizer.instance import Part
from optimizer.interrupts import uninterrupted
from optimizer.rules import Rules
from optimizer.staging import Answer, Told, first_answer, solve_part, told_of
from optimizer.work import Work

SHARED = 40  # units: parts as large as this have a first plan at once and go to other processes,
WORTH_SHARING = 600  # where there are so many units in them: starting a process costs about two seconds
GENEROUS = 4.0  # times its share of the time a part may use: most do not use it up
LOOK_SECONDS = 0.2  # how often a run that waits for other processes asks whether somebody cancelled


Begun = tuple[tuple[str, ...], ...]  # lawful areas of a part to begin with


@dataclass(frozen=True)
class Task:
    """What every part is solved with; `given` are lawful areas to begin with."""

    rules: Rules
    work: Work
    given: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class News:
    """How far all parts are: those that are done, and the best plan so far with what bounds it."""

    parts_done: int
    communities_done: int
    told: Told


class _Board:
    """What is known of each part so far."""

    def __init__(self, parts: Sequence[Part], heard: Callable[[News], None]) -> None:
        self._parts, self._heard = parts, heard
        self._told: dict[int, Told] = {}
        self._total = Told()
        self._communities_done = 0
        self.answers: dict[int, list[Answer]] = {}

    def tell(self, k: int, told: Told) -> None:
        self._total += told - self._told.get(k, Told())
        self._told[k] = told
        if len(self._told) == len(self._parts):  # before that there is no plan
            self._heard(News(len(self.answers), self._communities_done, self._total))

    def done(self, k: int, answers: list[Answer]) -> None:
        self.answers[k] = answers
        self._communities_done += len(self._parts[k].ids)
        self.tell(k, told_of(answers))


def solve_parts(
    parts: Sequence[Part], task: Task, clock: Clock, *, workers: int, heard: Callable[[News], None]
) -> list[list[Answer]]:
    """Return the answers in the order of `parts`; each gets its share of the time, and what it leaves goes to larger ones."""
    board = _Board(parts, heard)
    order = sorted(range(len(parts)), key=lambda k: (parts[k].units, k))
    large = [k for k in order if parts[k].units >= SHARED]
    begun = dict.fromkeys(order, task.given)
    for k in large:
        moves = max(task.work.least_moves, task.work.first_moves * parts[k].units)
        first = first_answer(parts[k], task.rules, task.given, clock, moves=moves)
        board.tell(k, told_of([first]))
        begun[k] = first.groups
    worth = workers > 1 and len(large) > 1 and sum(parts[k].units for k in large) >= WORTH_SHARING
    shared = large if worth and not clock.over() else []  # nobody waits for processes to start, only to stop
    left = sum(p.units for p in parts)
    for k in order[: len(order) - len(shared)]:
        share = clock.share(min(1.0, GENEROUS * parts[k].units / left))
        board.done(k, _solved(parts[k], task, begun[k], share, partial(board.tell, k)))
        left -= parts[k].units
    if shared:
        _spread(parts, [(k, begun[k]) for k in shared[::-1]], task, clock, workers=workers, board=board)
    return [board.answers[k] for k in range(len(parts))]


def _solved(
    part: Part, task: Task, begun: Begun, clock: Clock, heard: Callable[[Told], None]
) -> list[Answer]:
    return solve_part(part, task.rules, task.work, clock, given=begun, heard=heard)


def _spread(
    parts: Sequence[Part],
    chosen: Sequence[tuple[int, Begun]],
    task: Task,
    clock: Clock,
    *,
    workers: int,
    board: _Board,
) -> None:
    """Solve the chosen parts, each from the areas that come with it, on other processes, the first of them first."""
    context = get_context("spawn")
    stop = context.Event()
    together = sum(parts[k].units for k, _ in chosen) / workers
    waiting = [(k, begun, clock.share(parts[k].units / together).left()) for k, begun in chosen]
    ends = []
    with uninterrupted():
        for _ in range(min(workers, len(chosen))):
            here, there = context.Pipe()
            context.Process(target=_serve, args=(there, stop, task), daemon=True).start()
            there.close()
            ends.append(here)
    try:
        for end in ends:
            _hand_out(end, parts, waiting, clock)
        while len(board.answers) < len(parts):
            if clock.over() and clock.stopped_by == "cancel":  # time they keep themselves
                stop.set()
            heard_from = wait(ends, LOOK_SECONDS)
            for end in (end for end in ends if end in heard_from):
                k, message = _received(end)
                if isinstance(message, Told):
                    board.tell(k, message)
                else:
                    board.done(k, message)
                    _hand_out(end, parts, waiting, clock)
    finally:
        stop.set()
        for end in ends:
            end.close()


def _received(end: Connection) -> Any:
    try:
        return end.recv()
    except EOFError as error:  # which would pass for an interrupt further up
        msg = "a process that solves parts has ended by itself"
        raise RuntimeError(msg) from error


def _hand_out(
    end: Connection, parts: Sequence[Part], waiting: list[tuple[int, Begun, float | None]], clock: Clock
) -> None:
    if waiting:
        k, begun, seconds = waiting.pop(0)
        left = clock.left()
        end.send((k, parts[k], begun, seconds if seconds is None or left is None else min(seconds, left)))


def _serve(end: Connection, stop: Event, task: Task) -> None:
    """Solve what comes through the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            k, part, begun, seconds = end.recv()
        except EOFError:
            return
        clock = Clock(seconds, stop.is_set)
        end.send((k, _solved(part, task, begun, clock, partial(_send, end, k))))


def _send(end: Connection, k: int, told: Told) -> None:
    end.send((k, told))
