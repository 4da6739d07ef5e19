"""Request: everything a planner can ask of one run, as the command line and the desk give it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from geo.numbers import LARGEST_COUNT
from geo.schema import DataError


@dataclass(frozen=True)
class FileLayer:
    """A file, and the layer or sheet of it where it has several."""

    path: Path
    layer: str | None = None

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Read FILE[:LAYER]; the colon of a Windows drive and of an existing file name is not a layer's."""
        if text is None:
            return None
        file, colon, layer = text.rpartition(":")
        if not colon or len(file) < 2 or Path(text).exists():
            return cls(Path(text))
        return cls(Path(file), layer)

    @classmethod
    def parse_all(cls, texts: Sequence[str] | None) -> tuple[Self, ...]:
        """Read a repeatable option."""
        return tuple(layer for text in texts or () if (layer := cls.parse(text)) is not None)


@dataclass(frozen=True)
class Request:
    """The input files and options of one run; paths are local, None and () mean not given."""

    communities: FileLayer
    fields: Path | None = None
    id_column: str | None = None
    name_column: str | None = None
    count_column: str | None = None
    where: tuple[tuple[str, str], ...] = ()
    crs: str = "auto"
    buildings: FileLayer | None = None
    outlines: FileLayer | None = None
    boundary: FileLayer | None = None
    boundary_crs: str = "auto"
    rules: Path | None = None
    minimum: int | None = None
    upper: int | None = None
    reach_m: float | None = None
    within: tuple[str, ...] = ()
    barriers: tuple[FileLayer, ...] = ()
    committees: FileLayer | None = None
    grids: FileLayer | None = None
    duties: tuple[FileLayer, ...] = ()
    landmarks: tuple[FileLayer, ...] = ()
    links: Path | None = None
    scope: Path | None = None
    locks: Path | None = None
    existing: Path | None = None
    clearance: FileLayer | None = None
    survey: Path | None = None
    unknown: Literal["hold", "median"] | int = "hold"
    most_areas: bool = False
    seconds: float | None = None
    seed: int = 0
    workers: int = 1
    ask: tuple[tuple[str, ...], ...] = ()  # sets of communities: why not that one

    def files(self) -> tuple[Path, ...]:
        """Every file the run reads, in a fixed order."""
        layers = (self.communities, self.buildings, self.outlines, self.boundary, *self.barriers)
        layers += (self.committees, self.grids, *self.duties, *self.landmarks, self.clearance)
        plain = (self.fields, self.rules, self.links, self.scope, self.locks, self.existing, self.survey)
        return (*(x.path for x in layers if x is not None), *(p for p in plain if p is not None))


def parse_where(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Read COLUMN=VALUE, repeated; raises DataError where the sign is missing."""
    pairs = []
    for text in texts:
        column, sign, value = text.partition("=")
        if not sign or not column.strip():
            raise DataError("request.where", given=text)
        pairs.append((column.strip(), value.strip()))
    return tuple(pairs)


def parse_ask(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Read ID,ID[,…], repeated: sorted sets of ids; raises DataError where a set is empty."""
    sets = []
    for text in texts:
        ids = {part.strip() for part in text.replace("，", ",").split(",")} - {""}
        if not ids:
            raise DataError("request.ask", given=text)
        sets.append(tuple(sorted(ids)))
    return tuple(sets)


def parse_unknown(text: str) -> Literal["hold", "median"] | int:
    """Read --unknown; raises DataError where it is neither hold, median nor a whole number above 0 that a count can be."""
    if text == "hold":
        return "hold"
    if text == "median":
        return "median"
    if text.isdecimal() and 0 < int(text) < LARGEST_COUNT:
        return int(text)
    raise DataError("request.unknown", given=text)
