"""What a long run says of itself while it works: its stage, and the best plan so far in figures."""

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo.wording import say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SAYS_EVERY_S = 5.0  # where lines stay, as in a log
OUTPUT = 1  # the number that native code knows the standard output by
HINTS_AFTER_S = 2.0  # most runs are over by then
NEARLY = 0.99  # a full bar would stop the seconds, and the plan is still to be checked and written
BAR_WIDTH = 12  # the figures beside it need the rest of 80 columns


@dataclass(frozen=True)
class Best:
    """The best plan so far: its figures as in a Certificate, and the share of communities whose part is finished.

    A `bound` of 0 is none: then `gap` says nothing yet.
    """

    areas: int
    exceptions: int
    cost: float
    bound: float
    gap: float
    done: float

    @property
    def bounded(self) -> bool:
        """Tell whether `gap` says anything."""
        return self.bound > 0 or self.cost == 0

    def sentence(self) -> str:
        """Return the figures in words."""
        figures = say("progress.figures", areas=self.areas, exceptions=self.exceptions)
        return figures + (say("progress.gap", gap=f"{self.gap:.2%}") if self.bounded else "")


@dataclass(frozen=True)
class Step:
    """One sign of life: `stage` is a key under "progress." of the catalogue; `best` where there is a plan already.

    `pieces` are those done and how many there are, where a stage is made of equal pieces.
    """

    stage: str
    best: Best | None = None
    pieces: tuple[int, int] | None = None

    @property
    def share(self) -> float | None:
        """Return which share of the stage is done, None where nobody can say."""
        if self.pieces is not None:
            return self.pieces[0] / max(self.pieces[1], 1)
        return None if self.best is None else self.best.done

    def figures(self) -> str:
        """Return how far the stage is, in words; "" where nobody can say."""
        if self.pieces is not None:
            return say("progress.pieces", done=self.pieces[0], number=self.pieces[1])
        return "" if self.best is None else self.best.sentence()

    def sentence(self) -> str:
        """Return the step in words."""
        return " ".join(filter(None, (say(f"progress.{self.stage}"), self.figures())))


Listener = Callable[[Step], None]


def silent(_step: Step) -> None:
    """Listen to nothing."""


@dataclass
class Stopwatch:
    """Seconds by stage; `with watch("read")` announces the stage and adds what it took."""

    listener: Listener = silent
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time one stage."""
        self.listener(Step(stage))
        started = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started


@contextmanager
def shown() -> Iterator[Listener]:
    """Show steps on the error stream: one moving line on a screen, few plain lines elsewhere."""
    with _hushed():
        if not sys.stderr.isatty():
            yield Lines(lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201 - the shell's own voice
            return
        with _one_line() as bar:
            yield Line(bar)


class Lines:
    """Tells steps in lines that stay: one a stage, and the figures every few seconds; `clock` counts those."""

    def __init__(self, tell: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._clock = tell, clock
        self._told_at = clock()

    def __call__(self, step: Step) -> None:
        """Hear one step."""
        now = self._clock()
        if step.share is None or now - self._told_at >= SAYS_EVERY_S:
            self._told_at = now
            self._tell(step.sentence())


class Line:
    """Tells steps in one line that changes: the stage, a bar of communities, the figures.

    Once a search takes long, a line above it says how to end it.
    """

    def __init__(self, bar: "Progress", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._bar, self._clock = bar, clock
        self._since = clock()
        self._task: TaskID = bar.add_task(say("progress.start"), total=None, figures="")
        self._hinted = False

    def __call__(self, step: Step) -> None:
        """Hear one step."""
        now = self._clock()
        if step.best is None:
            self._since = now
            self._bar.update(self._task, description=say(f"progress.{step.stage}"))
        if step.share is None:
            return
        if step.best is not None and not self._hinted and now - self._since >= HINTS_AFTER_S:
            self._hinted = True
            self._bar.console.print(say("progress.hint"), highlight=False)
        self._bar.update(self._task, figures=step.figures(), total=1.0, completed=min(step.share, NEARLY))


def _one_line() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    whole = Column(no_wrap=True, overflow="ellipsis")
    return Progress(
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False, table_column=whole),
        BarColumn(BAR_WIDTH),
        TextColumn("{task.fields[figures]}", markup=False, table_column=whole),
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=4,
    )


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep from the standard output what native code prints there: HiGHS leaves lines of its own debugging."""
    if sys.stdout is None:  # closed by whoever started the program: the number may be another file's
        yield
        return
    sys.stdout.flush()
    kept = os.dup(OUTPUT)
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
            os.dup2(nowhere.fileno(), OUTPUT)
        yield
    finally:
        if os.name == "posix":
            ctypes.CDLL(None).fflush(None)  # what native code has not written yet
        os.dup2(kept, OUTPUT)
        os.close(kept)
