"""The folder of the grid pages: written whole or not at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.wording import say
from report.folder import check_folder, replaced
from report.gridpages.card import grid_card
from report.gridpages.cuts import Grid, grids_of
from report.gridpages.files import INDEX, OURS
from report.gridpages.index import index_page
from report.gridpages.page import grid_page
from report.gridpages.scene import Backdrop, scene_of
from report.gridpages.told import Told
from report.gridpages.worksheet import grid_sheet
from report.results import Results


@dataclass(frozen=True)
class Made:
    """The files of one grid by their names, and the signs that its sheet could not print."""

    files: Mapping[str, bytes]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Press:
    """Makes the files of a grid; it travels to other processes."""

    backdrop: Backdrop
    told: Told

    def __call__(self, grid: Grid) -> Made:
        """Return the files of a grid."""
        scene = scene_of(self.backdrop, grid)
        given = (self.backdrop, grid, self.told, scene)
        sheet = grid_sheet(*given)
        files = {
            f"{grid.file}.html": grid_page(*given).encode(),
            f"{grid.file}.png": grid_card(*given),
            f"{grid.file}.pdf": sheet.content,
        }
        return Made(files, sheet.missing)


@dataclass(frozen=True)
class Written:
    """What was written: the weight of each file in bytes by its name, and the signs that no sheet could print."""

    grids: tuple[Grid, ...]
    weights: Mapping[str, int]
    missing: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return what there is to say, in lines for a terminal."""
        heaviest = max(weight for name, weight in self.weights.items() if name.endswith(".html"))
        told = [say("gridpages.written", number=len(self.grids), heaviest=-(-heaviest // 1000))]
        signs = [f"U+{ord(sign):04X}" for sign in self.missing]
        return [*told, *([say("gridpages.missing", signs=signs)] if signs else [])]


Each = Callable[[Press, Sequence[Grid]], Iterable[Made]]


def check_pages(folder: Path) -> None:
    """Raise DataError where `folder` holds what no run wrote; meant for before the work begins."""
    check_folder(folder, ours=OURS)


def write_pages(results: Results, told: Told, folder: Path, *, each: Each = map) -> Written:
    """Write page, picture and sheet of every grid, and the list of them, into `folder`; what an earlier run wrote goes.

    `each` yields what the press makes of each grid, in their order. Raises DataError where the plan has no grids, or the
    folder holds anything else or cannot be written.
    """
    grids = grids_of(results, told.outstanding)
    weights: dict[str, int] = {}
    missing: set[str] = set()
    with replaced(folder, ours=OURS) as new:
        for made in each(Press(Backdrop.of(results), told), grids):
            for name, content in made.files.items():
                (new / name).write_bytes(content)
                weights[name] = len(content)
            missing |= set(made.missing)
        index = index_page(results, grids, told).encode()
        (new / INDEX).write_bytes(index)
    return Written(grids, weights | {INDEX: len(index)}, tuple(sorted(missing)))
