"""Dots as a PNG of at most 256 colours: what is drawn here has few, and a file of numbers is a third of one of colours.

A drawing has some flat colours and, where they meet, many that lie between them; of those that look alike one stands for all.
"""

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from report.drawings.ink import MM_PER_INCH

MOST = 256  # colours that a number of eight bits can tell
ALIKE = 4  # bits of red, green and blue in which colours agree that look alike
KINDS = 1 << 3 * ALIKE
LONGEST = (1 << 16) - 1  # runs are put in order by this many at most: short numbers are sorted at once
SQUEEZED = 3  # of zlib: on dots of few colours as quick as 1, and smaller

Numbers = NDArray[np.intp]


@dataclass(frozen=True)
class _Runs:
    """Dots from left to right and row to row as runs of one colour: how long each is, its colour, and what it looks like."""

    lengths: Numbers
    colours: NDArray[np.uint32]
    kinds: Numbers


def png_of_dots(dots: NDArray[np.uint8], dpi: int) -> bytes:
    """Return dots, shape (rows, columns, 4), as PNG without their alpha; the same dots give the same bytes."""
    high, wide, _ = dots.shape
    runs = _runs_of(dots)
    palette, number = _numbered(runs)
    rows = np.zeros((high, 1 + wide), np.uint8)  # each row begins with the number of its filter: 0, none
    rows[:, 1:] = np.repeat(number[runs.kinds], runs.lengths).reshape(high, wide)
    per_metre = round(dpi * 1000 / MM_PER_INCH)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.data, SQUEEZED)),
        (b"IEND", b""),
    )
    told = (
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


def _runs_of(dots: NDArray[np.uint8]) -> _Runs:
    flat = np.ascontiguousarray(dots).view("<u4").ravel()
    starts = np.concatenate([[0], 1 + np.flatnonzero(flat[1:] != flat[:-1])])
    colours = flat[starts]
    parts = (
        (colours >> shift & 0xFF) >> (8 - ALIKE) << place * ALIKE for place, shift in enumerate((0, 8, 16))
    )
    return _Runs(np.diff(starts, append=flat.size), colours, sum(parts).astype(np.intp))


def _numbered(runs: _Runs) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the palette, shape (colours, 3), and the number in it of each kind of colour.

    A kind is shown by the colour of its longest run, which is a flat one if the kind has any. Where there are more kinds than
    numbers, those of the fewest dots are shown by the kept one that is nearest.
    """
    order = np.argsort(np.minimum(runs.lengths, LONGEST).astype(np.uint16), kind="stable")
    shown = np.zeros(KINDS, np.uint32)
    shown[runs.kinds[order]] = runs.colours[order]  # of several the last is kept: the longest
    palette = shown.view(np.uint8).reshape(KINDS, 4)[:, :3]
    dots = np.bincount(runs.kinds, runs.lengths, minlength=KINDS)
    used = np.argsort(-dots, kind="stable")[: np.count_nonzero(dots)]
    kept, others = used[:MOST], used[MOST:]
    number = np.zeros(KINDS, np.uint8)
    number[kept] = np.arange(len(kept))
    if len(others):
        apart = palette[others].astype(int)[:, None] - palette[kept].astype(int)[None]
        number[others] = np.square(apart).sum(axis=2).argmin(axis=1)
    return palette[kept], number
