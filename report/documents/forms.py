"""What is filled in by hand: the owner's form with its stub (D3), and the ledger of forms (D4)."""

from math import ceil

from geo.wording import say
from report.documents.case import Case, FormRow
from report.documents.model import Cut, Field, Fields, Grid, Heading, Note, Paper
from report.documents.notices import OWNERS_MODES
from report.documents.phrases import area_words, bounds_words, day, members_words

EMPTY_ROWS = 15  # a page of them
OPINION_MM, LEAST_MM = 46.0, 16.0  # of room for what an owner writes; the form stays on one page
LINE_MM = 5.0
FORM_KEYS = ("form_no", "community", "room", "sent_on", "way", "sent_by", "returned_on", "valid", "note")


# --- D3 --------------------------------------------------------------------------------------------


def opinion_form(case: Case) -> Paper:
    """Return the owner's form on one page, to be copied: one for each exclusive unit, with a stub to tear off."""
    area = case.area
    kind = "grouped" if len(area.members) > 1 else "alone"
    told = {"members": members_words(area), "area": area_words(area), "bounds": bounds_words(case)}
    title = _label("title", area=area_words(area))
    about = _label(f"about_{kind}", **told)
    stub_text = _label("stub_text", area=area_words(area))
    modes = [
        say("documents.forms.opinion.mode_option", mode=say(f"documents.mode.{m}")) for m in OWNERS_MODES
    ]
    rows = (
        (_field("form_no", 8), _field("community", 8)),
        (_field("room", 8), _field("floor_area", 8)),
        (Field(_label("who"), _label("who_options"), high_mm=8),),
        (Field(_label("about"), about),),
        (Field(_label("opinion"), _label("opinion_options"), high_mm=12),),
        (_field("text", high_mm=_room_mm(title, about, stub_text)),),
        (Field(_label("mode"), "\u3000".join(modes), high_mm=10),),
        (_field("signature", high_mm=11), _field("phone", high_mm=11)),
        (Field(_label("day"), say("documents.no_day"), high_mm=8),),
    )
    stub = (
        (_field("form_no", 8), _field("community", 8)),
        (_field("room", 8), _field("area_m2", 8)),
        (_field("received_by", high_mm=9), _field("received_at", high_mm=9)),
    )
    return Paper(
        title,
        (
            Fields(rows),
            Note(say("documents.forms.opinion.note", ends=day(case.consult.ends))),
            Cut(_label("cut")),
            Heading(_label("stub"), level=0),
            Note(stub_text),
            Fields(stub),
        ),
        style="form",
    )


def _room_mm(title: str, about: str, stub_text: str) -> float:
    """Return how high the place is where an owner writes: what long names take is taken from it."""
    about_more = max(ceil(len(about) / 37) - 3, 0)  # letters on a line, and lines that short names take too
    more = 2 * (ceil(len(title) / 28) - 1) + about_more + ceil(len(stub_text) / 52) - 1
    return max(OPINION_MM - LINE_MM * more, LEAST_MM)


def _label(key: str, **told: object) -> str:
    return say(f"documents.forms.opinion.{key}", **told)


def _field(key: str, high_mm: float = 0) -> Field:
    return Field(_label(key), high_mm=high_mm)


# --- D4 --------------------------------------------------------------------------------------------


def ledger(case: Case) -> Paper:
    """Return the ledger of forms: those that went out, or empty rows; rooms are written by hand."""
    heads = tuple(say(f"documents.forms.ledger.{key}") for key in FORM_KEYS)
    rows = tuple(_row(form) for form in case.forms) or (("",) * len(FORM_KEYS),) * EMPTY_ROWS
    keys = ("sent", "returned", "valid", "invalid", "not_reached")
    counts = {
        key: getattr(case.tally.total, key).forms if case.tally else say("documents.blank") for key in keys
    }
    return Paper(
        say("documents.forms.ledger.title", area=area_words(case.area)),
        (
            Note(say("documents.forms.ledger.note_text")),
            Grid(heads, rows, widths=(2.4, 3, 3, 2, 1.6, 1.8, 2, 1.6, 2.2), left=(1,), high_mm=5.5),
            Note(say("documents.forms.ledger.totals", **counts)),
        ),
        style="form",
        wide=True,
    )


def _row(form: FormRow) -> tuple[str, ...]:
    valid = "" if form.valid is None else say("documents.yes" if form.valid else "documents.no")
    way = say(f"opinions.way.{form.way}") if form.way else ""
    return (form.form_no, form.community, "", form.sent_on, way, "", form.returned_on, valid, "")
