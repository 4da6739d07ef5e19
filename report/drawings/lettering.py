"""Lettering with the packaged font: what of a text can be printed, how wide it is, where its lines break, how letters look."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from report.font import FACE, FONT, STAND_IN, letters

MIDDLE = 0.38  # of the size: how far the middle of a line stands above its base
_CLOSING = "，。、；：！？）》〉」』】〕”’"  # no line begins with these, and none ends with those that open
_OPENING = "（《〈「『【〔“‘"
_LATIN_CLOSING = ",.;:!?)"
_STEPS = 64.0  # matplotlib takes the units of a font for 64ths


@dataclass(frozen=True)
class Glyph:
    """A letter of size 1: how wide it is, and its outline as places, shape (n, 2), with their codes in a matplotlib path."""

    advance: float
    places: NDArray[np.float64]
    codes: NDArray[np.uint8]


@cache
def glyph(letter: str) -> Glyph:
    """Return a letter as the font has it, without hinting; read once, as each drawing needs the same few hundred."""
    from matplotlib.ft2font import LoadFlags

    font = _face()
    found = font.load_char(ord(letter), flags=LoadFlags.NO_SCALE)
    places, codes = font.get_path()
    return Glyph(found.horiAdvance / font.units_per_EM, places * _STEPS / font.units_per_EM, codes)


@cache
def _face() -> Any:
    from matplotlib.ft2font import FT2Font

    return FT2Font(str(FONT), face_index=FACE)


@cache
def _printed(letter: str) -> str:
    kind = category(letter)
    if kind in ("Cf", "Cs", "Mn", "Me"):
        return ""
    if kind.startswith(("C", "Z")):
        return " "
    return letter if ord(letter) in letters() else STAND_IN


def printable(text: str) -> str:
    """Return the text on one line, with spaces for control characters and a sign for each letter the font lacks."""
    return " ".join("".join(map(_printed, text)).split())


def width_mm(text: str, size_mm: float) -> float:
    """Return how wide a printable text is in a line."""
    return size_mm * sum(glyph(letter).advance for letter in text)


def wrapped(text: str, size_mm: float, width: float) -> list[str]:
    """Return a printable text in lines no wider than `width`; words of Latin letters stay whole where they fit."""
    lines, line = [], ""
    for word in _words(text):
        blank = size_mm / 2 if word[-1] in _CLOSING else 0.0  # the right half of such a sign
        if line and width_mm(line + word, size_mm) - blank > width and word not in _LATIN_CLOSING:
            lines.append(line.rstrip())
            line = ""
        line += word if line else word.lstrip()
        while width_mm(line, size_mm) > width + size_mm and len(line) > 1:
            cut = next(n for n in range(len(line), 0, -1) if n == 1 or width_mm(line[:n], size_mm) <= width)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line] if line else lines


def balanced(text: str, size_mm: float, lines: int) -> list[str]:
    """Return a printable text in at most so many lines of about equal width."""
    whole = width_mm(text, size_mm)
    widths = [whole / lines + step * size_mm / 2 for step in range(2 * len(text) + 1)]
    return next(broken for width in widths if len(broken := wrapped(text, size_mm, width + 0.01)) <= lines)


def _words(text: str) -> list[str]:
    """Return the pieces a line may break between: each Chinese letter with its marks, and each run of others up to a space."""
    pieces: list[str] = []
    for letter in text:
        runs = ord(letter) < 0x2E80 and letter != " "
        if pieces and (
            letter in _CLOSING or pieces[-1][-1] in _OPENING or (runs and ord(pieces[-1][-1]) < 0x2E80)
        ):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces
