"""Ink on paper: shapes, signs and letters in mm from the lower left corner of a page; `vectors` writes it as PDF, `raster` as PNG."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

DPI = 300
MM_PER_INCH = 25.4
POINTS_PER_MM = 72.0 / MM_PER_INCH
HATCH_POINTS = 0.3  # wide are the lines of a hatch

Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True)
class Look:
    """How a shape is inked: widths and dashes in mm, colours as #rrggbb, "" where there is none."""

    face: str = ""
    edge: str = ""
    width: float = 0.1
    dashes: tuple[float, ...] = ()
    hatch: str = ""  # in matplotlib's signs, drawn in `hatch_ink`
    hatch_ink: str = "#777777"
    alpha: float = 1.0


@dataclass(frozen=True)
class Mark:
    """A shape on the page, cut at `clip`."""

    shape: Any
    look: Look
    clip: Box | None = None

    @cached_property
    def path(self) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Return `path_of` its shape, worked out once: a mark stands in several files."""
        return path_of(self.shape)


@dataclass(frozen=True)
class Letter:
    """A line of text from its base point, turned counter-clockwise by degrees."""

    text: str
    x: float
    y: float
    size: float
    turn: float = 0.0
    ink: str = "#111111"
    alpha: float = 1.0


Ink = Mark | Letter


@dataclass(frozen=True)
class Page:
    """One page; what comes later lies above."""

    width: float
    height: float
    ink: tuple[Ink, ...]


def path_of(shape: Any) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return lines and rings of any shape as one path: places, shape (n, 2), and matplotlib's codes; holes run the other way round."""
    from matplotlib.path import Path

    parts = shapely.get_parts(np.atleast_1d(shape))
    parts = shapely.get_parts(parts)  # collections hold multiples
    flat = shapely.get_dimensions(parts) == 2
    rings = shapely.get_rings(shapely.orient_polygons(parts[flat]))
    lines = parts[shapely.get_dimensions(parts) == 1]
    curves = np.concatenate([rings, lines])
    curves = curves[~shapely.is_empty(curves)]
    places, curve = shapely.get_coordinates(curves, return_index=True)
    codes = np.full(len(places), Path.LINETO, dtype=Path.code_type)
    first = np.flatnonzero(np.diff(curve, prepend=-1))
    codes[first] = Path.MOVETO
    last = np.append(first[1:], len(places)) - 1
    codes[last[: len(rings)]] = Path.CLOSEPOLY
    return places.reshape(-1, 2), codes
