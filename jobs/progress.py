"""What a long run says of itself while it works, and how a person stops it."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from geo.wording import say


@dataclass(frozen=True)
class Step:
    """One sign of life: `stage` is a key under "progress." of the catalogue, `detail` words of the moment."""

    stage: str
    detail: str = ""

    def sentence(self) -> str:
        """Return the step in words."""
        return say(f"progress.{self.stage}") + (f" {self.detail}" if self.detail else "")


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
    """Show steps on the error stream: a moving line on a screen, one plain line a stage elsewhere."""
    if not sys.stderr.isatty():
        yield lambda step: print(step.sentence(), file=sys.stderr, flush=True) if not step.detail else None  # noqa: T201
        return
    from rich.console import Console

    with Console(stderr=True).status(say("progress.start")) as status:
        yield lambda step: status.update(step.sentence())
