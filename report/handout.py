"""The handout of a joint meeting (联席会议): two pages of A4, plans side by side, then what is to be decided and by whom."""

import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from geo.wording import say
from report.drawings.ink import Page
from report.drawings.raster import png_of
from report.overview import overview
from report.papers import Imprint, Printed, printed
from report.results import Results
from report.titles import caveat_words, rules_line
from report.versus import figure_text, figure_words
from report.workbooks import half_widths

MOST_PLANS = 3
_DOCX_ROW_MM = 7.0
_DOCX_FONT = "宋体"  # on every office PC; a document carries no fonts
MOST_QUESTIONS = 12
FIGURES = (
    *("communities", "total", "areas", "groups", "alone", "fixed", "exceptions", "exception_households"),
    *("held", "smallest", "largest", "near_minimum", "violations", "mean_walk_m", "cost"),
)
MAP_MM = {1: (118.0, 70.0), 2: (66.0, 64.0), 3: (43.0, 58.0)}  # of one of so many
# What fits into the rows of the template, in half-width characters; more is cut.
_TITLE, _RULES, _KIND, _TEXT, _DECISION, _OPINION, _WHO = {1: 120, 2: 90, 3: 66}, 150, 26, 172, 90, 132, 34


@dataclass(frozen=True)
class Plan:
    """A plan among those compared; `figures` by key as jobs.versus.figures_of gives them."""

    title: str
    results: Results
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Asked:
    """A question of the meeting, and what was decided on it, "" where nothing was."""

    kind: str
    text: str
    decision: str = ""


@dataclass(frozen=True)
class Opinion:
    """What a unit says, "" where it has not said anything yet; `who` entered it when."""

    unit: str
    text: str = ""
    who: str = ""


@dataclass(frozen=True)
class Handout:
    """What the two pages say; `questions` in their order, of which the first of every kind come first."""

    imprint: Imprint
    plans: tuple[Plan, ...]
    questions: tuple[Asked, ...]
    opinions: tuple[Opinion, ...]


def handout_pdf(handout: Handout) -> Printed:
    """Return the handout; one to MOST_PLANS plans are compared, of the questions MOST_QUESTIONS are printed."""
    number = len(handout.plans)
    wide, high = MAP_MM[number]
    maps = {f"map-{n}.png": _map(plan.results, wide, high) for n, plan in enumerate(handout.plans, 1)}
    shown = printed_questions(handout.questions)
    keys = figures_shown(handout.plans)
    data = {
        "title": handout.imprint.title,
        "lead": _lead(handout.imprint),
        "map-mm": high,
        "figures": [figure_words(key) for key in keys],
        "plans": [_plan(plan, f"map-{n}.png", keys, number) for n, plan in enumerate(handout.plans, 1)],
        "questions": [
            {"kind": cut(q.kind, _KIND), "text": cut(q.text, _TEXT), "decision": cut(q.decision, _DECISION)}
            for q in shown
        ],
        "opinions": [
            {"unit": o.unit, "text": cut(o.text, _OPINION), "who": cut(o.who, _WHO)} for o in handout.opinions
        ],
        "words": _words(len(handout.questions), len(shown)),
    }
    return printed("handout", handout.imprint, data, pictures=maps)


def handout_docx(handout: Handout) -> bytes:
    """Return the same to be edited: tables of plain cells, every question, no maps; fonts as every office PC has them."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    paper = Document()
    page = paper.sections[0]
    page.orientation = WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin, page.right_margin, page.top_margin, page.bottom_margin = Mm(18), Mm(15), Mm(14), Mm(14)
    style = paper.styles["Normal"]
    style.font.size, style.font.name = Pt(10), "Times New Roman"
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _DOCX_FONT)
    when = datetime(handout.imprint.on.year, handout.imprint.on.month, handout.imprint.on.day, tzinfo=UTC)
    told = paper.core_properties
    told.title, told.author, told.created, told.modified = (
        handout.imprint.title,
        handout.imprint.office,
        when,
        when,
    )
    head = paper.add_paragraph(_plain(handout.imprint.title)).runs[0]
    head.font.size, head.bold = Pt(17), True
    paper.add_paragraph(_plain(_lead(handout.imprint)))
    keys = figures_shown(handout.plans)
    figures = [
        [figure_words(key), *(figure_text(key, p.figures[key]) for p in handout.plans)] for key in keys
    ]
    words = _words(len(handout.questions), len(handout.questions))
    asked = [[str(n), q.kind, q.text, q.decision] for n, q in enumerate(handout.questions, 1)]
    said = [[o.unit, o.text, o.who] for o in handout.opinions]
    each_mm = 117 / len(handout.plans)
    plans = [60.0, *(each_mm for _ in handout.plans)]
    _docx_table(
        paper, words["compare"], ["", *(plan.title for plan in handout.plans)], figures, wide_mm=plans
    )
    _docx_table(paper, words["questions"], words["heads"], asked, wide_mm=(10, 22, 85, 60))
    _docx_table(paper, words["opinions"], words["opinion-heads"], said, wide_mm=(42, 95, 40))
    paper.add_paragraph(words["signed"])
    sink = io.BytesIO()
    paper.save(sink)
    return sink.getvalue()


def _docx_table(
    paper: Any, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, wide_mm: Sequence[float]
) -> None:
    """Add a table below its title: heads in bold, said again on every page; no row is torn in two or too low to write in."""
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    above = paper.add_paragraph()
    above.add_run(title).bold = True
    above.paragraph_format.keep_with_next = True
    above.paragraph_format.space_before, above.paragraph_format.space_after = Pt(10), Pt(4)
    table = paper.add_table(rows=0, cols=len(heads), style="Table Grid")
    table.autofit = False
    for number, texts in enumerate((heads, *rows)):
        row = table.add_row()
        row.height = Mm(_DOCX_ROW_MM)
        told = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no word for what follows
        told.append(OxmlElement("w:cantSplit"))
        if number == 0:
            told.append(OxmlElement("w:tblHeader"))
        for cell, text, wide in zip(row.cells, texts, wide_mm, strict=True):
            cell.width = Mm(wide)
            cell.paragraphs[0].add_run(_plain(text)).bold = number == 0
    for column, wide in zip(table.columns, wide_mm, strict=True):
        column.width = Mm(wide)


def _plain(text: str) -> str:
    """Return the text without control characters, which a document cannot hold."""
    return "".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text)


def figures_shown(plans: Sequence[Plan]) -> list[str]:
    """Return the keys of the figures that any of the plans has other than 0."""
    always = FIGURES[:8]
    return [key for key in FIGURES if key in always or any(plan.figures[key] > 0 for plan in plans)]


def printed_questions(questions: Sequence[Asked]) -> list[Asked]:
    """Return the questions there is room for, in their order: of every kind the first, then the second and so on."""
    turns: dict[str, int] = {}
    ranked = []
    for place, one in enumerate(questions):
        turns[one.kind] = turns.get(one.kind, 0) + 1
        ranked.append((turns[one.kind], place))
    return [questions[place] for place in sorted(place for _, place in sorted(ranked)[:MOST_QUESTIONS])]


def cut(text: str, widths: int) -> str:
    """Return the text on one line, and at most so many half-width characters of it, with … where there was more."""
    line = " ".join(text.split())
    if half_widths(line) <= widths:
        return line
    kept, room = "", widths - 2
    for sign in line:
        room -= half_widths(sign)
        if room < 0:
            break
        kept += sign
    return f"{kept}…"


def day_words(imprint: Imprint) -> str:
    """Return the day of a paper in words."""
    return say("papers.day", year=imprint.on.year, month=imprint.on.month, day=imprint.on.day)


def _map(results: Results, wide: float, high: float) -> bytes:
    return png_of(Page(wide, high, tuple(overview(results, (0.0, 0.0, wide, high)))))


def _lead(imprint: Imprint) -> str:
    return say("handout.lead", office=imprint.office, day=day_words(imprint), source=imprint.source)


def _plan(plan: Plan, picture: str, keys: Sequence[str], number: int) -> dict[str, Any]:
    return {
        "title": cut(plan.title, _TITLE[number]),
        "map": picture,
        "figures": [figure_text(key, plan.figures[key]) for key in keys],
        "rules": cut(rules_line(plan.results.summary), _RULES * 3 // (2 * number)),
        "caveats": cut(_unchecked(plan.results), _RULES * 4 // (2 * number)),
    }


def _unchecked(results: Results) -> str:
    told = [caveat_words(code) for code in results.summary.get("caveats", ())]
    return say("words.semicolon").join(told) or say("report.none")


def _words(number: int, shown: int) -> dict[str, Any]:
    rest = say("handout.rest", shown=shown, number=number) if shown < number else ""
    plain = ("compare", "map", "rules", "caveats", "compare-note", "questions", "opinions", "signed")
    return {
        **{key: say(f"handout.{key.replace('-', '_')}") for key in plain},
        "rest": rest or ("" if number else say("handout.no_questions")),
        "heads": [say(f"handout.head.{key}") for key in ("number", "kind", "question", "decision")],
        "opinion-heads": [say(f"handout.head.{key}") for key in ("unit", "opinion", "entered")],
    }
