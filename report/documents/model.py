"""The content of a paper, apart from how it is printed: blocks from top to bottom, all text in the words that are read.

Numbers of items and heads stand in the text: what counts by itself in one program counts otherwise in another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

# A public document as GB/T 9704 lays it out, a form with more on a page, a page handed out to read.
Style = Literal["notice", "form", "leaflet"]
SIGNED_ROWS = 3


@dataclass(frozen=True)
class Addressee:
    """Whom a notice speaks to; begins at the edge."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A head of the first level (一、) or the second ((一)); level 0 is the title of an annex, in the middle."""

    text: str
    level: Literal[0, 1, 2] = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text; `indent` by two letters, as body text is."""

    text: str
    indent: bool = True


@dataclass(frozen=True)
class Note:
    """Small print."""

    text: str


@dataclass(frozen=True)
class Field:
    """One field of a form: the label, and what stands there; `high_mm` of room at least."""

    label: str
    value: str = ""
    high_mm: float = 0


@dataclass(frozen=True)
class Fields:
    """A form's fields; a row has one, as wide as the page, or two beside each other."""

    rows: tuple[tuple[Field, ...], ...]


@dataclass(frozen=True)
class Grid:
    """A table whose head comes again on every page; `widths` are shares; `left` are the columns that hold running text.

    `signed` is the line of signatures below it; it never stands on a page without the last SIGNED_ROWS.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    left: tuple[int, ...] = ()
    high_mm: float = 0
    signed: str = ""


@dataclass(frozen=True)
class SignOff:
    """Who issues the paper, with the place for the seal, and when; at the right, on one page with `above`, the annexes."""

    lines: tuple[str, ...]
    above: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cut:
    """The line along which a stub is torn off."""

    text: str


@dataclass(frozen=True)
class Picture:
    """A PNG as wide as the page, at most `high_mm` high."""

    content: bytes
    high_mm: float


@dataclass(frozen=True)
class Break:
    """The next page begins here."""


Block = Addressee | Heading | Paragraph | Note | Fields | Grid | SignOff | Cut | Picture | Break


@dataclass(frozen=True)
class Paper:
    """A whole paper; `number` is the document number under the title, "" where it has none; `wide` lies on its side."""

    title: str
    blocks: tuple[Block, ...]
    number: str = ""
    style: Style = "notice"
    wide: bool = False


def texts_of(paper: Paper) -> tuple[str, ...]:
    """Return every text of a paper from top to bottom, "" left out; both ways of printing show just these."""
    told = [paper.title, paper.number, *(text for block in paper.blocks for text in _texts(block))]
    return tuple(text for text in told if text)


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Fields(rows):
            yield from (text for row in rows for one in row for text in (one.label, one.value))
        case Grid(heads, rows, signed=signed):
            yield from (*heads, *(text for row in rows for text in row), signed)
        case SignOff(lines, above):
            yield from (*above, *lines)
        case Picture() | Break():
            return
        case _:
            yield block.text
