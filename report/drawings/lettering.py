"""Lettering with the packaged font: what of a text can be printed, how wide it is, where its lines break."""

from functools import cache
from typing import Any
from unicodedata import category

from report.font import FACE, FONT, STAND_IN, letters

MIDDLE = 0.38  # of the size: how far the middle of a line stands above its base
_NO_LINE_START = ",。、;:!?)》」”’,.;:!?)"
_EM = 1000.0


@cache
def _face() -> Any:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(FONT), face_index=FACE)
    font.set_size(_EM, 72.0)
    return font


@cache
def _advance(letter: str) -> float:
    """Return the width of a letter, in sizes."""
    from matplotlib.ft2font import LoadFlags

    return float(_face().load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / _EM


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
    return size_mm * sum(map(_advance, text))


def wrapped(text: str, size_mm: float, width: float) -> list[str]:
    """Return a printable text in lines no wider than `width`; words of Latin letters stay whole where they fit."""
    lines, line = [], ""
    for word in _words(text):
        if line and width_mm(line + word, size_mm) > width and word not in _NO_LINE_START:
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
    """Return the pieces a line may break between: each Chinese letter, and each run of others up to a space."""
    pieces: list[str] = []
    for letter in text:
        runs = ord(letter) < 0x2E80 and letter != " "
        if runs and pieces and ord(pieces[-1][-1]) < 0x2E80:
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces
