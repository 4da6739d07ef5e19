"""What is posted: the notice that asks the owners (D2), the notice before the decision (D7), the decision (D8).

None of them says a coordinate, who said what, or a reason that somebody entered about a community.
"""

from collections.abc import Iterator

from geo.wording import listed, say
from report.documents.case import MODES, Area, Case, Office
from report.documents.model import Addressee, Block, Grid, Heading, Note, Paper, Paragraph
from report.documents.phrases import (
    area_words,
    basis,
    below_minimum,
    blank,
    bounds_words,
    day,
    drawing_name,
    facts_words,
    heading_words,
    members_annex,
    members_words,
    number_words,
    numeral,
    period_words,
    sign_off,
)
from report.tally import Tally, ThemeTally

STOPS = "。；;."  # that somebody may have put behind a line, and the paper puts there by itself
FEW = 3  # a public paper shows no number of people below this (domain.md §4)
OWNERS_MODES = tuple(mode for mode in MODES if mode != "package")  # what owners can wish for


# --- D2 --------------------------------------------------------------------------------------------


def consultation(case: Case) -> Paper:
    """Return the notice that asks the owners of an area (征求业主意见公告)."""
    area, office = case.area, case.office
    title = say("documents.notices.consult.title", area=area_words(area))
    opening = say(
        "documents.notices.consult.opening",
        basis=basis(case.citations),
        office=blank(office.name),
        members=members_words(area),
        area=area_words(area),
    )
    members, form = (say(f"documents.notices.annex.{key}") for key in ("members", "form"))
    return Paper(
        title,
        (
            Addressee(say("documents.notices.consult.addressee", members=members_words(area))),
            Paragraph(opening),
            Heading(say("documents.notices.consult.head_scope")),
            *_scope(case),
            Heading(say("documents.notices.consult.head_why")),
            Paragraph(_why(case)),
            Heading(say("documents.notices.consult.head_asked")),
            *_asked(case),
            Heading(say("documents.notices.consult.head_when")),
            Paragraph(period_words("documents.notices.consult.when", case.consult)),
            Heading(say("documents.notices.consult.head_how")),
            *_how(office),
            Heading(say("documents.notices.consult.head_then")),
            Paragraph(say("documents.notices.consult.then_counted")),
            Paragraph(say("documents.notices.consult.then_told")),
            *_contacts(office),
            sign_off(office, case.consult.begins, annexes=(members, drawing_name(area), form)),
            *members_annex(area),
        ),
        number=number_words(office, case.numbers.get("D2", ""), case.consult.begins),
    )


def _scope(case: Case) -> list[Block]:
    key = "sketch" if case.area.sketch else "bounds"
    facts = say(
        "documents.notices.scope.facts", facts=facts_words(case.area), heading=heading_words(case.area)
    )
    return [Paragraph(say(f"documents.notices.scope.{key}", bounds=bounds_words(case))), Paragraph(facts)]


def _why(case: Case) -> str:
    """Return why, from the numbers alone; what somebody entered as a reason stays inside the office."""
    area = case.area
    kind = "below" if below_minimum(area) else "grouped" if len(area.members) > 1 else "alone"
    return say(f"documents.notices.consult.why_{kind}", count=area.count, minimum=area.minimum)


def _asked(case: Case) -> list[Block]:
    kind = "grouped" if len(case.area.members) > 1 else "alone"
    modes = listed(say(f"documents.mode.{mode}") for mode in OWNERS_MODES)
    return [
        Paragraph(say(f"documents.notices.consult.asked_{kind}")),
        Paragraph(say("documents.notices.consult.asked_bounds")),
        Paragraph(say("documents.notices.consult.asked_mode", modes=modes)),
        Paragraph(say("documents.notices.consult.asked_other")),
    ]


def _how(office: Office) -> list[Block]:
    ways = (
        say("documents.notices.consult.how_who"),
        say("documents.notices.consult.how_ways"),
        say("documents.notices.consult.way_hand"),
        say("documents.notices.consult.way_office", address=blank(office.address), post=blank(office.post)),
        say("documents.notices.consult.way_phone", phone=blank(office.phone)),
    )
    return [Paragraph(text) for text in ways]


def _members_and_drawing(area: Area) -> tuple[str, str]:
    return say("documents.notices.annex.members"), drawing_name(area)


def _contacts(office: Office) -> list[Block]:
    lines = [
        say("documents.contact.post", post=blank(office.post)),
        say("documents.contact.phone", phone=blank(office.phone)),
        say("documents.contact.address", address=blank(office.address)),
    ]
    return [Paragraph(line) for line in lines]


# --- D7 --------------------------------------------------------------------------------------------


def publicity(case: Case) -> Paper:
    """Return the notice before the decision (拟划定公示), with the opinions as numbers of which none is below FEW."""
    area, office = case.area, case.office
    opening = say(
        "documents.notices.notice.opening",
        basis=basis(case.citations),
        office=blank(office.name),
        area=area_words(area),
        begins=day(case.consult.begins),
        ends=day(case.consult.ends),
    )
    how = say(
        "documents.notices.notice.how",
        address=blank(office.address),
        post=blank(office.post),
        phone=blank(office.supervision_phone),
    )
    return Paper(
        say("documents.notices.notice.title", area=area_words(area)),
        (
            Paragraph(opening),
            Heading(say("documents.notices.notice.head_scope")),
            Paragraph(say("documents.notices.notice.scope", members=members_words(area))),
            *_scope(case),
            Heading(say("documents.notices.notice.head_opinions")),
            *_opinions(case.tally),
            Heading(say("documents.notices.notice.head_themes")),
            *_themes(case.tally),
            Heading(say("documents.notices.notice.head_changes")),
            Paragraph(_changes(area.changes)),
            Heading(say("documents.notices.notice.head_when")),
            Paragraph(period_words("documents.notices.notice.when", case.notice)),
            Heading(say("documents.notices.notice.head_how")),
            Paragraph(how),
            *_contacts(office),
            sign_off(office, case.notice.begins, annexes=_members_and_drawing(area)),
            *members_annex(area),
        ),
        number=number_words(office, case.numbers.get("D7", ""), case.notice.begins),
    )


def hidden(number: int) -> str:
    """Return a number of people as a public paper shows it: "少于3" for all below, none of them told apart."""
    return say("documents.notices.notice.few", few=FEW) if number < FEW else str(number)


def _opinions(tally: Tally | None) -> list[Block]:
    """Return the counts of all together; by community, or with what is invalid, those hidden could be worked out."""
    if tally is None:
        return [Paragraph(say("documents.notices.notice.no_tally", blank=say("documents.blank")))]
    keys = ("sent", "returned", "agree", "disagree", "other")
    counts = {key: getattr(tally.total, key).forms for key in keys}
    told = {key: hidden(number) for key, number in counts.items()}
    heads = tuple(say(f"forms.figure.{key}") for key in keys)
    grid = Grid(heads, (tuple(told.values()),), widths=(1,) * len(keys))
    few = say("documents.notices.notice.few", few=FEW)
    note = say("documents.notices.notice.few_note", few=FEW, words=few)
    some_hidden = any(number < FEW for number in counts.values())
    told_note = [Note(note)] if some_hidden else []
    return [Paragraph(say("documents.notices.notice.opinions", **told)), grid, *told_note]


def _themes(tally: Tally | None) -> list[Block]:
    """Return what several said; what only one or two said would point at them."""
    if tally is None:
        return [Paragraph(say("documents.blank"))]
    shown = [theme for theme in tally.themes if theme.forms >= FEW]
    lines = [_theme(number, theme) for number, theme in enumerate(shown, 1)]
    if len(shown) < len(tally.themes):
        lines.append(say("documents.notices.notice.themes_few"))
    return [Paragraph(line) for line in lines or [say("documents.notices.notice.no_themes")]]


def _theme(number: int, theme: ThemeTally) -> str:
    adopted = say(f"documents.notices.notice.adopted_{theme.adopted or 'open'}")
    replies = (reply.rstrip(STOPS) for reply in (theme.reply, theme.reason))
    reply = say("documents.semicolon").join(filter(None, replies))
    told = {"text": theme.text.rstrip(STOPS), "forms": theme.forms, "adopted": adopted}
    key = "replied" if reply else "theme"
    return say(f"documents.notices.notice.{key}", number=number, reply=reply, **told)


def _changes(changes: str | None) -> str:
    if changes is None:
        return say("documents.blank")
    return changes or say("documents.notices.notice.changes_none")


# --- D8 --------------------------------------------------------------------------------------------


def decision(case: Case) -> Paper:
    """Return the decision (划定、调整或注销决定); what the office says of remedies stands as it was entered."""
    area, office, kind = case.area, case.office, case.filing.kind
    decided = case.on("decided")
    opening = say(
        "documents.notices.decision.opening", basis=basis(case.citations), office=blank(office.name)
    )
    items = (
        Paragraph(say("documents.notices.decision.item", number=numeral(number), text=text))
        for number, text in enumerate(_decided(case), 1)
    )
    return Paper(
        say(f"documents.notices.decision.title_{kind}", area=area_words(area)),
        (
            Paragraph(opening),
            *items,
            sign_off(office, decided, annexes=_members_and_drawing(area)),
            *members_annex(area),
        ),
        number=number_words(office, case.numbers.get("D8", ""), decided),
    )


def _decided(case: Case) -> Iterator[str]:
    area, office = case.area, case.office
    told = {"members": members_words(area), "area": area_words(area), "facts": facts_words(area)}
    yield say(f"documents.notices.decision.group_{case.filing.kind}", **told, heading=heading_words(area))
    yield say("documents.notices.decision.bounds", bounds=bounds_words(case))
    if area.previous:
        yield say("documents.notices.decision.previous", previous=area.previous)
    issuer = {"office": blank(office.name), "district": blank(office.district)}
    yield say("documents.notices.decision.effective", day=day(case.on("decided")), **issuer)
    yield blank(office.remedy)
