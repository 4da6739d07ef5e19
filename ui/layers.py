"""Which layers of a file are meant, where a file holds several: what the other process finds out for the question."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from geo.barriers import BarrierRules, read_barriers
from geo.drawn import drawn_layer, named_layer
from geo.reading import layer_names, read_table
from geo.schema import DataError
from jobs.policy import read_policy
from jobs.request import FileLayer, Request
from jobs.sources import LAYER_FIELDS

SINGLE = ("communities", "outlines", "buildings", "boundary", "grids", "committees")
SEVERAL = ("barriers", "duties", "landmarks")


def undecided(request: Request, file: str) -> tuple[str, Path] | None:
    """Return role and path of the file of this name whose layer nobody has chosen, None where there is none."""
    given = (
        (role, source)
        for role in (*SINGLE, *SEVERAL)
        for source in _sources(request, role)
        if not source.layer
    )
    return next(
        (
            (role, source.path)
            for role, source in given
            if source.path.name == file and len(layer_names(source.path)) > 1
        ),
        None,
    )


def usual(request: Request, role: str, path: Path) -> list[str]:
    """Return the layers that can serve in this role, in the order of the file; all of them where none can."""
    names = layer_names(path)
    return [name for name in names if _serves(request, role, path, name)] or names


def _sources(request: Request, role: str) -> Iterator[FileLayer]:
    given = getattr(request, role)
    yield from given if role in SEVERAL else () if given is None else (given,)


def _serves(request: Request, role: str, path: Path, name: str) -> bool:
    try:
        raw = read_table(path, layer=name)
        drawn, _ = drawn_layer(raw, crs=None, option=request.crs)
        if role in LAYER_FIELDS:
            named_layer(drawn, file=raw.file, fields=LAYER_FIELDS[role])
        elif role == "barriers":
            rules = read_policy(request).barriers
            read_barriers([(raw.file, drawn)], rules, crs=drawn.crs)
            return not _of_other_classes(drawn.astype("str"), rules)
    except DataError:
        return False
    return True


def _of_other_classes(table: pd.DataFrame, rules: BarrierRules) -> bool:
    """Say whether a layer names classes of which the rules know none: its points are no gates."""
    words = {c: set(table[c].str.strip().str.casefold()) - {""} for c in rules.class_columns if c in table}
    known = {
        word for one in rules.classes for match in one.match for values in match.values() for word in values
    }
    return any(words.values()) and not any(found & known for found in words.values())
