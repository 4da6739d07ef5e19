"""The files of one area: its papers as PDF, DOCX and XLSX, its drawings; what its state allows, and why the rest is not there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from geo.wording import language_of_runs, say, speaking
from jobs.consulting import slips_of
from report.documents.case import Case, PlanCase
from report.documents.docx import docx_of
from report.documents.drawn import drawn_paper
from report.documents.model import Paper
from report.documents.pdf import pdf_of
from report.documents.phrases import area_words
from report.documents.register import DOCUMENTS, PLAN_DOCUMENTS, Document, documents_of, imprint_of, name_of
from report.drawings.atlas import Atlas
from report.drawings.drawing import Drawing, Plate, laid_out, plate_of
from report.drawings.title_block import Kind, TitleBlock
from report.forms import form_sheets, ledger_sheets, summary_sheets, workbook
from report.package import Absent, Piece
from report.papers import Imprint
from report.workbooks import Sheet
from store.opinions import Form
from store.proceedings import STATES

Part = Piece | Absent
DRAWING, BOARD, FILING = "D11", "D13", "D9"
FORM, LEDGER, SUMMARY = BOOKS = ("D3", "D4", "D5")  # workbooks too, of forms with numbers
PLAN = "plan"
HASH_SHOWN = 8
SIZES = MappingProxyType({"": "A4", "-A3": "A3"})  # of drawings: what the names of their files end in
BOARD_DPI = 216  # a board is printed smaller than it was drawn: on paper these are 300
_PAGE = re.compile(rb"/Type\s*/Page(?!s)\b")


@dataclass(frozen=True)
class Job:
    """One area to be issued: its case, the forms that speak for it, and the folder of its files.

    `state` is where it stands in the procedure; `kept` where it stays as it is (维持现状) and needs none.
    """

    case: Case
    forms: tuple[Form, ...]
    folder: str
    state: str = STATES[0]
    kept: bool = False


@dataclass(frozen=True)
class Press:
    """Makes the files of one area after the other, and travels to the processes that share the work; `names` of communities."""

    atlas: Atlas
    names: Mapping[str, str]

    def __call__(self, job: Job) -> tuple[Part, ...]:
        """Return the files of an area, and what is not among them."""
        with speaking(language_of_runs()):
            if job.kept or job.state not in STATES:
                why, state = "kept" if job.kept else "ended", say(f"proceeding.state.{job.state}")
                every = say("package.every_paper")
                return tuple(_absent(job, every, why, public=public, state=state) for public in (True, False))
            return tuple(self._parts(job))

    def _parts(self, job: Job) -> Iterator[Part]:
        """Yield files and gaps in the order of the papers' numbers."""
        there = {document.key for document in documents_of(job.case)}
        for key, document in DOCUMENTS.items():
            due = job.case.draft or is_due(document, job.state)
            if key == BOARD:
                yield from self._drawings(job)
            if key not in there:
                why = "sketch" if key == FILING else "unanswered"
                yield _absent(job, name_of(key), why, public=document.public)
            elif not due:
                state = say(f"proceeding.state.{job.state}")
                yield _absent(job, name_of(key), "not_due", public=document.public, state=state)
            elif key == BOARD:
                yield from self._board(job)
            else:
                yield from self._issued(job, document)

    # --- drawings

    def _drawings(self, job: Job) -> Iterator[Part]:
        """Yield the public drawing, and what is filed: with the coordinates of the corners."""
        case, sketch = job.case, job.case.area.sketch
        if not self._is_placed(case):
            yield _absent(job, name_of(DRAWING), "unplaced", public=True)
            return
        name, called = ("sketch", say("package.sketch")) if sketch else (DRAWING, name_of(DRAWING))
        for size, plate in self._plates(case, "bounds"):
            public = laid_out(plate, title_block=title_block_of(case), public=True)
            yield _piece(job, f"{name}{size}.pdf", public.pdf(), called, public=True)
            if size:
                yield _piece(job, f"{name}{size}.png", public.png(), called, public=True)
            else:
                whole, alone = public.png_and_map()
                yield _piece(job, f"{name}.png", whole, called, public=True)
                yield _piece(job, f"{name}.docx", drawing_docx(case, public, alone), called, public=True)
            if not sketch:
                filed = laid_out(plate, title_block=title_block_of(case)).pdf()
                yield _piece(job, f"{DRAWING}-corners{size}.pdf", filed, say("package.corners"))
        if sketch:
            yield _absent(job, name_of(DRAWING), "sketch")

    def _board(self, job: Job) -> Iterator[Part]:
        """Yield the layout of the buildings as a drawing, and as the board that shows it smaller."""
        if self._is_placed(job.case):
            for size, plate in self._plates(job.case, "board"):
                drawn = laid_out(plate, title_block=title_block_of(job.case))
                yield _piece(job, f"{BOARD}-drawing{size}.pdf", drawn.pdf(), say("package.board"))
                if not size:
                    yield _piece(job, f"{BOARD}-drawing.png", drawn.png(), say("package.board"))
                    job = replace(job, case=replace(job.case, board=drawn.untitled_png(dpi=BOARD_DPI)))
        yield from self._issued(job, DOCUMENTS[BOARD])

    def _is_placed(self, case: Case) -> bool:
        """Tell whether any community of an area has a place: without, nothing can be drawn."""
        return case.area.area_id in self.atlas.sketches.index

    def _plates(self, case: Case, kind: Kind) -> Iterator[tuple[str, Plate]]:
        """Yield the map of an area on each size of paper, with what the names of its files end in."""
        for ending, paper in SIZES.items():
            yield ending, plate_of(self.atlas, case.area.area_id, kind=kind, paper=paper)

    # --- papers

    def _issued(self, job: Job, document: Document) -> Iterator[Part]:
        paper, called = document.build(job.case), name_of(document.key)
        imprint = imprint_of(
            document.key, paper, office=job.case.office, version=job.case.version, draft=job.case.draft
        )
        for ending, content in printed_both(paper, imprint).items():
            yield _piece(job, f"{document.key}.{ending}", content, called, public=document.public)
        book = self._workbook(document.key, job, imprint)
        if book:
            yield _piece(job, f"{document.key}.xlsx", book, called)
        elif document.key in BOOKS:
            yield _absent(job, called, "unnumbered")

    def _workbook(self, key: str, job: Job, imprint: Imprint) -> bytes:
        """Return the workbook of a paper that has one, b"" where it has none or nothing to show."""
        slips, tally = slips_of(job.forms, self.names), job.case.tally
        sheets: tuple[Sheet, ...] = ()
        if key == FORM and slips:
            sheets = tuple(form_sheets(imprint, slips))
        elif key == LEDGER:
            sheets = tuple(ledger_sheets(imprint, slips))
        elif key == SUMMARY and tally is not None:
            sheets = tuple(summary_sheets(imprint, tally))
        return workbook(sheets, imprint) if sheets else b""


def plan_pieces(case: PlanCase) -> Iterator[Piece]:
    """Yield the papers of the whole plan."""
    for key, document in PLAN_DOCUMENTS.items():
        paper = document.build(case)
        imprint = imprint_of(key, paper, office=case.office, version=case.version, draft=case.draft)
        for ending, content in printed_both(paper, imprint).items():
            yield Piece(f"{PLAN}/{key}.{ending}", content, name_of(key), pages=pages_of(content))


def drawing_docx(case: Case, drawing: Drawing, map_png: bytes) -> bytes:
    """Return a four-bounds drawing as DOCX, its map as a PNG."""
    paper = drawn_paper(drawing, map_png)
    return docx_of(
        paper, imprint_of(DRAWING, paper, office=case.office, version=case.version, draft=case.draft)
    )


def is_due(document: Document, state: str) -> bool:
    """Tell whether an area is far enough for a paper: it stands in the state that the paper leads to, or in the one before."""
    asks = 0 if document.state == "consulting" else STATES.index(document.state) - 1
    return STATES.index(state) >= asks


def printed_both(paper: Paper, imprint: Imprint) -> dict[str, bytes]:
    """Return a paper for the record and to be edited, by the ending of the file."""
    return {"pdf": pdf_of(paper, imprint).content, "docx": docx_of(paper, imprint)}


def pages_of(content: bytes) -> int | None:
    """Return the number of pages of a PDF of ours, None of another file."""
    return len(_PAGE.findall(content)) if content.startswith(b"%PDF") else None


def _piece(job: Job, name: str, content: bytes, document: str, *, public: bool = False) -> Piece:
    area = job.case.area
    return Piece(
        name=f"{job.folder}/{name}",
        content=content,
        document=document,
        area=area_words(area),
        area_id=area.area_id,
        pages=pages_of(content),
        public=public,
    )


def _absent(job: Job, document: str, why: str, *, public: bool = False, **told: object) -> Absent:
    return Absent(document, say(f"package.absent.{why}", **told), area_words(job.case.area), public=public)


def title_block_of(case: Case) -> TitleBlock:
    """Return what is printed on the drawings of an area."""
    version = case.version
    return TitleBlock(
        name=area_words(case.area),
        issuer=case.office.name,
        version=say("package.drawing_version", number=version.number, hash=version.sha256[:HASH_SHOWN]),
        data_date=version.data_date,
        watermark=say("documents.mark.consult") if case.draft else "",
    )
