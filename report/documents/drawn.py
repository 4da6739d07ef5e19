"""The four-bounds drawing (D11) as a paper to be edited: the map and its signs as pictures, all words as words."""

from collections.abc import Iterator

from geo.wording import listed, say
from report.documents.model import Block, Field, Fields, Note, Paper, Picture
from report.drawings.beside import Told
from report.drawings.drawing import Drawing

LINES_MM = 172.0  # how wide the lines of a form are
MAP_MM = 142.0  # high at most: with all that is said of it, it stays on one page
SIGN_MM = 8.0


def drawn_paper(drawing: Drawing, map_png: bytes) -> Paper:
    """Return the drawing, its map as a PNG, with its title, its four bounds, its legend, and the fields to sign."""
    told = drawing.told
    return Paper(
        drawing.title,
        (
            Picture(map_png, MAP_MM),
            Picture(drawing.legend_png(LINES_MM), MAP_MM),
            Fields((*_said(told), *_signed(told))),
            *_notes(told),
        ),
        style="form",
    )


def _said(told: Told) -> Iterator[tuple[Field, ...]]:
    """Yield what the drawing is of, and the names there was no room for on the map."""
    numbered = listed(say("drawings.numbered", number=n, text=name) for n, name in enumerate(told.names, 1))
    rows = {
        "area": told.facts,
        "bounds": told.bounds,
        "names": numbered,
        "unnumbered": "\n".join(told.unnumbered),
    }
    for key, text in rows.items():
        if text:
            yield (Field(say(f"drawings.head.{key}"), text),)


def _signed(told: Told) -> Iterator[tuple[Field, ...]]:
    for keys in (("system",), ("data_date", "version"), ("issuer",)):
        yield tuple(Field(told.fields[key].head, told.fields[key].text) for key in keys)
    for keys in (("drawn_by", "checked_by"), ("approved_by", "review_number")):
        yield tuple(Field(told.fields[key].head, told.fields[key].text, SIGN_MM) for key in keys)


def _notes(told: Told) -> Iterator[Block]:
    """Yield the notes; the number of the scale is true on the sheet that was drawn, not on the smaller picture."""
    yield from (Note(text) for text in told.notes)
    scaled = say("documents.boards.board.scaled")
    yield Note(say("drawings.numbered", number=len(told.notes) + 1, text=scaled))
