"""What hangs on a wall or is handed to owners: the board of the buildings (D13), and the page of their questions (明白纸)."""

import struct

from geo.wording import say
from report.documents.case import Case
from report.documents.model import Block, Grid, Heading, Note, Paper, Paragraph, Picture
from report.documents.phrases import area_words, blank, facts_words, members_words, number_or

QUESTIONS = ("fund", "fee", "parking", "wall", "committee")  # whose answers the office gives, by key
BOARD_MM = {True: 120.0, False: 190.0}  # on a page that lies on its side, and on one that stands


# --- D13 -------------------------------------------------------------------------------------------


def board(case: Case) -> Paper:
    """Return the board of the buildings with its drawing, where the case has one."""
    wide = bool(case.board) and _lies(case.board)
    no_picture = Note(say("documents.boards.board.no_picture"))
    # The number on the drawing is true on the drawing alone.
    scaled = Note(say("documents.boards.board.scaled"))
    picture: tuple[Block, ...] = (
        (Picture(case.board, BOARD_MM[wide]), scaled) if case.board else (no_picture,)
    )
    unknown = say("documents.unknown")
    rows = [
        (one.name, number_or(one.buildings, unknown), one.address or unknown) for one in case.area.members
    ]
    heads = tuple(say(f"documents.boards.board.{key}") for key in ("name", "buildings", "address"))
    return Paper(
        say("documents.boards.board.title", area=area_words(case.area)),
        (
            *picture,
            Grid(heads, tuple(rows), widths=(5, 1.5, 5), left=(0, 2)),
            Note(say("documents.boards.board.note")),
            Note(say("documents.boards.board.contact", phone=blank(case.office.phone))),
        ),
        style="form",
        wide=wide,
    )


def _lies(png: bytes) -> bool:
    """Say whether a PNG is wider than high, from its first chunk."""
    width, height = struct.unpack(">II", png[16:24])
    return bool(width > height)


# --- 明白纸 ----------------------------------------------------------------------------------------


def leaflet(case: Case) -> Paper:
    """Return one page of what owners ask, with the answers of the office; what it has not answered says so."""
    area, office = case.area, case.office
    kind = "group" if len(area.members) > 1 else "alone"
    what = say(
        f"documents.boards.leaflet.what_answer_{kind}", members=members_words(area), facts=facts_words(area)
    )
    told = [
        (say("documents.boards.leaflet.what"), what),
        (say("documents.boards.leaflet.silent"), say("documents.boards.leaflet.silent_answer")),
        *((say(f"documents.boards.question.{key}"), answer(case, key)) for key in QUESTIONS),
    ]
    lead = say("documents.boards.leaflet.lead", office=blank(office.name), area=area_words(area))
    more = say(
        "documents.boards.leaflet.more",
        post=blank(office.post),
        phone=blank(office.phone),
        address=blank(office.address),
    )
    asked = [
        block for number, (question, words) in enumerate(told, 1) for block in _asked(number, question, words)
    ]
    return Paper(
        say("documents.boards.leaflet.title", area=area_words(area)),
        (Paragraph(lead), *asked, Paragraph(more)),
        style="leaflet",
    )


def answer(case: Case, key: str) -> str:
    """Return what the office answers to one of QUESTIONS, or that it has not yet."""
    return case.office.answers.get(key) or say("documents.boards.leaflet.open")


def answered(case: Case) -> bool:
    """Say whether the office has answered every question, without which the page is not handed out."""
    return all(case.office.answers.get(key) for key in QUESTIONS)


def _asked(number: int, question: str, words: str) -> list[Block]:
    head = say("documents.boards.leaflet.question", number=number, text=question)
    return [Heading(head), Paragraph(words)]
