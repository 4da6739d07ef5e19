"""How long the papers of a version take: a drawn town of some areas, frozen, and packed into its two zips.

Run: python -m benchmarks.package [AREAS ...]   (300 where nothing is given)
"""

import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.drawn_towns import drawn_town
from jobs.packaging import package
from jobs.projects import begun
from jobs.reopened import Reopened, reopened
from optimizer.checks import check
from optimizer.plan import Area, Plan, center_of, linked_exceptions, outcomes_of
from optimizer.rules import CHONGQING
from report.package import INTERNAL, PUBLIC
from report.reopening import read_results
from report.results import write_results
from store.drafts import Acceptance, Draft
from store.project import Project, open_project

EACH = 3  # communities in an area of a drawn town
WHO = "benchmark"
WORKERS = min(2, os.cpu_count() or 1)


def main(sizes: list[int]) -> None:
    """Print a row for each number of areas: seconds by the clock and of all processes, sizes, memory.

    On a machine with other work beside it the seconds of the processes, shared by the workers, say what it takes alone.
    """
    print("areas  workers      s   s of processes   public MB   internal MB   memory MB (own, largest other)")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            path = frozen_town(size, folder)
            begun, busy = time.perf_counter(), _busy()
            with open_project(path) as project:
                areas = package(project, 1, folder / "out", draft=True, workers=WORKERS).areas
            seconds, busy = time.perf_counter() - begun, _busy() - busy
            public, internal = (
                (folder / "out" / zipped).stat().st_size / 1e6 for zipped in (PUBLIC, INTERNAL)
            )
        own, other = (
            resource.getrusage(who).ru_maxrss / 1024
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        print(
            f"{areas:5d}{WORKERS:9d}{seconds:7.0f}{busy:17.0f}{public:12.0f}{internal:14.0f}{own:12.0f}{other:8.0f}"
        )


def _busy() -> float:
    """Return the seconds of work so far, of this process and of those that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def frozen_town(areas: int, folder: Path) -> Path:
    """Return the project of a drawn town, its plan frozen as version 1; what its checks find is accepted."""
    town = drawn_town(EACH * areas)
    write_results(replace(town, rules_text=CHONGQING.read_text(encoding="utf-8")), folder / "plan")
    path = begun(folder / "plan", folder / "shelf", begin=_begin)
    found = reopened(read_results(folder / "plan"))
    with open_project(path) as project:
        project.freeze(1, "1", 1, WHO, graph=found.graph, rules=found.rules)
    return path


def _begin(project: Project, town: Reopened) -> None:
    """Begin with the drawn areas as the program would keep them; they are not linked, which is accepted."""
    graph = town.graph
    groups = [area.members for area in town.plan.areas]
    areas = tuple(Area(f"PMA-{n:03d}", group, center_of(graph, group)) for n, group in enumerate(groups, 1))
    outcomes = outcomes_of(graph, areas)
    draft = Draft(Plan(areas, outcomes, linked_exceptions(graph, outcomes), len(areas) + 1))
    places = {one.place for one in check(draft.plan, graph, town.rules)}
    accepted = {place: Acceptance("drawn", WHO) for place in places}
    project.add_draft("1", replace(draft, accepted=accepted), WHO)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [300])
