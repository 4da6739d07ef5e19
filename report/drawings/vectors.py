"""Ink as PDF: lines stay lines, and letters stay text, drawn by outlines of the packaged font that lie in the file.

Written here because the drawings of a plan are made by the hundred: what a page shows is few kinds of ink, and the outline of a
letter is worked out once a process. ISO 32000-1 is the reference: 7.5 file, 8.5 paths, 8.7.3 patterns, 9.6.5 fonts of type 3.
"""

import math
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from report.drawings.ink import HATCH_POINTS, POINTS_PER_MM, Letter, Mark, Page
from report.drawings.lettering import glyph

K = TypeVar("K")

CASE = 256  # letters in a font of type 3
TILE = 72  # points across one tile of a hatch
FONT_NAME = "NotoSansCJKsc-Regular"
SYMBOLIC = 4
TAG = 6


def pdf_of(pages: Sequence[Page], *, title: str) -> bytes:
    """Return the pages as one PDF with the letters embedded; the same pages give the same bytes."""
    ink = [one for page in pages for one in page.ink]
    letters = dict.fromkeys(sign for one in ink if isinstance(one, Letter) for sign in one.text)
    alphas = dict.fromkeys(one.alpha if isinstance(one, Letter) else one.look.alpha for one in ink)
    hatches = dict.fromkeys(
        (one.look.hatch, one.look.hatch_ink) for one in ink if isinstance(one, Mark) and one.look.hatch
    )
    names = _Names(_counted(letters), _counted(alphas), _counted(hatches))
    book = _Book()
    resources = book.add(_resources(book, names))
    contents = [book.stream("", "\n".join(_drawn(page, names)).encode()) for page in pages]
    parent = len(book.objects) + 1 + len(pages)
    kids = [
        book.add(
            f"<< /Type /Page /Parent {parent} 0 R /MediaBox [0 0 {page.width * POINTS_PER_MM:.4f} {page.height * POINTS_PER_MM:.4f}]"
            f" /Resources {resources} 0 R /Contents {content} 0 R >>"
        )
        for page, content in zip(pages, contents, strict=True)
    ]
    book.add(f"<< /Type /Pages /Kids [{_references(kids)}] /Count {len(kids)} >>")
    catalog = book.add(f"<< /Type /Catalog /Pages {parent} 0 R >>")
    info = book.add(f"<< /Title <FEFF{_utf16(title)}> >>")
    return book.written(f"/Root {catalog} 0 R /Info {info} 0 R")


# --- the file --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Names:
    """What a page calls by number: letters, degrees of opacity, hatches with their inks."""

    letters: Mapping[str, int]
    alphas: Mapping[float, int]
    hatches: Mapping[tuple[str, str], int]


def _counted(keys: Iterable[K]) -> dict[K, int]:
    return {key: n for n, key in enumerate(keys)}


@dataclass
class _Book:
    """The objects of a file while it is written; they are called by their numbers, from 1."""

    objects: list[bytes] = field(default_factory=list)

    def add(self, content: str | bytes) -> int:
        self.objects.append(content if isinstance(content, bytes) else content.encode("ascii"))
        return len(self.objects)

    def stream(self, head: str, content: bytes) -> int:
        return self.add(_stream(head, content))

    def written(self, trailer: str) -> bytes:
        """Return the file: the objects, and where each begins."""
        parts = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
        parts += [b"%d 0 obj\n%b\nendobj\n" % (n, content) for n, content in enumerate(self.objects, 1)]
        starts = np.cumsum([len(part) for part in parts])
        rows = b"".join(b"%010d 00000 n \n" % start for start in starts[:-1])
        size = len(self.objects) + 1
        table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, rows)
        end = f"trailer\n<< /Size {size} {trailer} >>\nstartxref\n{starts[-1]}\n%%EOF\n"
        return b"".join((*parts, table, end.encode("ascii")))


def _stream(head: str, content: bytes) -> bytes:
    packed = zlib.compress(content)
    told = f"<< {head} /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode("ascii")
    return told + packed + b"\nendstream"


def _references(numbers: Iterable[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


def _utf16(text: str) -> str:
    return text.encode("utf-16-be").hex()


# --- what the pages share --------------------------------------------------------------------------


def _resources(book: _Book, names: _Names) -> str:
    letters = list(names.letters)
    cases = [letters[first : first + CASE] for first in range(0, len(letters), CASE)]
    fonts = " ".join(f"/F{n} {_font(book, case)} 0 R" for n, case in enumerate(cases))
    alphas = " ".join(f"/A{n} << /CA {alpha:g} /ca {alpha:g} >>" for alpha, n in names.alphas.items())
    tiles = " ".join(f"/H{n} {_tile(book, *hatch)} 0 R" for hatch, n in names.hatches.items())
    return f"<< /Font << {fonts} >> /ExtGState << {alphas} >> /Pattern << {tiles} >> >>"


def _font(book: _Book, case: Sequence[str]) -> int:
    """Add a font of these letters, each by its place, and what stands for which sign, so that text can be searched and copied."""
    drawn = {f"g{ord(sign):x}": book.add(_outlined(sign)) for sign in case}
    signs = "".join(f"<{n:02x}> <{_utf16(sign)}>\n" for n, sign in enumerate(case))
    meant = book.stream("", _MEANT.format(signs=_in_hundreds(signs)).encode("ascii"))
    tag = "".join(chr(ord("A") + byte % 26) for byte in sha256("".join(case).encode()).digest()[:TAG])
    name = f"{tag}+{FONT_NAME}"  # the tag says that the file holds a part of the font, and which
    described = book.add(f"<< /Type /FontDescriptor /FontName /{name} /Flags {SYMBOLIC} /ItalicAngle 0 >>")
    widths = " ".join(f"{1000 * glyph(sign).advance:.0f}" for sign in case)
    procs = " ".join(f"/{name} {number} 0 R" for name, number in drawn.items())
    order = " ".join(f"/{name}" for name in drawn)
    return book.add(
        f"<< /Type /Font /Subtype /Type3 /Name /{name} /BaseFont /{name} /FontMatrix [.001 0 0 .001 0 0] /FontBBox [0 0 0 0]"
        f" /FirstChar 0 /LastChar {len(case) - 1} /Widths [{widths}] /Encoding << /Type /Encoding /Differences [0 {order}] >>"
        f" /CharProcs << {procs} >> /FontDescriptor {described} 0 R /ToUnicode {meant} 0 R /Resources << >> >>"
    )


_MEANT = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<00> <ff>
endcodespacerange
{signs}endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


def _in_hundreds(signs: str) -> str:
    """Return the lines in blocks of a hundred, which is as long as the format lets one be."""
    lines = signs.splitlines(keepends=True)
    blocks = [lines[first : first + 100] for first in range(0, len(lines), 100)]
    return "".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks)


@cache
def _outlined(sign: str) -> bytes:
    """Return the outline of a letter, in thousandths of its size, as the stream that a font draws."""
    one = glyph(sign)
    places = (1000 * one.places).round()
    corners = np.concatenate([places.min(axis=0), places.max(axis=0)]) if len(places) else np.zeros(4)
    box = " ".join(f"{corner:.0f}" for corner in corners)
    drawn = _strokes(places, one.codes, number="%.0f")
    return _stream("", f"{1000 * one.advance:.0f} 0 {box} d1\n{drawn}f".encode("ascii"))


def _tile(book: _Book, signs: str, ink: str) -> int:
    """Add a tile of a hatch, an inch wide, as matplotlib draws it."""
    from matplotlib.path import Path

    hatch = Path.hatch(signs)
    assert hatch is not None
    drawn = _strokes(np.asarray(hatch.vertices) * TILE, np.asarray(hatch.codes))
    head = (
        f"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 {TILE} {TILE}]"
        f" /XStep {TILE} /YStep {TILE} /Resources << >>"
    )
    return book.stream(head, f"{_colour(ink)} rg {_colour(ink)} RG {HATCH_POINTS} w {drawn}B".encode("ascii"))


# --- a page ----------------------------------------------------------------------------------------


def _drawn(page: Page, names: _Names) -> Iterator[str]:
    """Yield what is drawn, one after the other; all numbers are mm."""
    yield f"{POINTS_PER_MM:.6f} 0 0 {POINTS_PER_MM:.6f} 0 0 cm 1 j"
    for ink in page.ink:
        drawn = _mark(ink, names) if isinstance(ink, Mark) else _letter(ink, names)
        alpha = ink.look.alpha if isinstance(ink, Mark) else ink.alpha
        if drawn:
            yield f"q /A{names.alphas[alpha]} gs {drawn} Q"


def _mark(mark: Mark, names: _Names) -> str:
    look, (places, codes) = mark.look, mark.path
    if not len(codes):
        return ""
    outline, parts = _strokes(places, codes), []
    if mark.clip is not None:
        left, bottom, right, top = mark.clip
        parts.append(f"{left:.3f} {bottom:.3f} {right - left:.3f} {top - bottom:.3f} re W n")
    if look.face:
        parts.append(f"{_colour(look.face)} rg {outline}f")
    if look.hatch:
        parts.append(f"/Pattern cs /H{names.hatches[look.hatch, look.hatch_ink]} scn {outline}f")
    if look.edge:
        dashes = " ".join(f"{length:g}" for length in look.dashes)
        parts.append(f"{_colour(look.edge)} RG {look.width:.4f} w [{dashes}] 0 d {outline}S")
    return " ".join(parts)


def _letter(letter: Letter, names: _Names) -> str:
    """Return a line of text: runs of letters that lie in one font, each after the other."""
    turn = math.radians(letter.turn)
    cos, sin = math.cos(turn), math.sin(turn)
    places = [divmod(names.letters[sign], CASE) for sign in letter.text]
    runs = [
        f"/F{font} {letter.size:g} Tf <{bytes(code for _, code in run).hex()}> Tj"
        for font, run in groupby(places, key=itemgetter(0))
    ]
    base = f"{cos:.6f} {sin:.6f} {-sin:.6f} {cos:.6f} {letter.x:.3f} {letter.y:.3f} Tm"
    return f"BT {_colour(letter.ink)} rg {base} {' '.join(runs)} ET" if runs else ""


def _strokes(places: NDArray[np.float64], codes: NDArray[np.uint8], *, number: str = "%.3f") -> str:
    """Return a path, its codes those of matplotlib, as moves, lines, curves of three places and closed rings."""
    from matplotlib.path import Path

    curves = codes == Path.CURVE4
    third = curves & (np.cumsum(curves) % 3 == 0)
    pair = f"{number} {number} "
    forms = np.select(
        [codes == Path.MOVETO, codes == Path.LINETO, third, codes == Path.CLOSEPOLY],
        [f"{pair}m ", f"{pair}l ", f"{pair}c ", "h "],
        pair,
    )
    return "".join(forms.tolist()) % tuple(places[codes != Path.CLOSEPOLY].ravel().tolist())


def _colour(ink: str) -> str:
    """Return #rrggbb as three shares."""
    return " ".join(f"{int(ink[at : at + 2], 16) / 255:.3f}" for at in (1, 3, 5))
