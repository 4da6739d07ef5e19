"""What the joint meeting has before it, and what it leaves: the plan explained (D1), opinions of units and minutes (D6)."""

from collections.abc import Sequence

from geo.wording import listed, say
from report.documents.case import Area, Decided, Option, PlanCase, UnitOpinion
from report.documents.model import Block, Field, Fields, Grid, Heading, Paper, Paragraph
from report.documents.phrases import (
    area_words,
    basis,
    below_minimum,
    blank,
    day,
    number_or,
    version_words,
)
from report.documents.punctuation import widened

SIGNED_ROWS = 6


# --- D1 --------------------------------------------------------------------------------------------


def explanation(case: PlanCase) -> Paper:
    """Return the explanation of the plan for the joint meeting; it stays inside."""
    office = blank(case.office.name)
    told = say(
        "documents.plan.explained.subtitle",
        office=office,
        version=version_words(case.version),
        day=day(case.version.on),
    )
    opening = say(
        "documents.plan.explained.basis", basis=basis(case.citations), office=office, areas=len(case.areas)
    )
    return Paper(
        say("documents.plan.explained.title"),
        (
            _head("basis"),
            Paragraph(opening),
            _head("method"),
            *_method(case),
            _head("result"),
            *_result(case),
            _head("areas"),
            _areas(case.areas),
            _head("options"),
            *_options(case.options),
            _head("left"),
            *_left(case),
            _head("asked"),
            *_asked(case.asked),
        ),
        number=told,
        style="form",
    )


def _head(key: str) -> Heading:
    return Heading(say(f"documents.plan.explained.head_{key}"))


def _method(case: PlanCase) -> list[Block]:
    lines = [
        say("documents.plan.explained.method", minimum=case.minimum, heading=case.count_heading),
        say("documents.plan.explained.sources", sources=case.sources)
        if case.sources
        else say("documents.plan.explained.no_sources"),
        say("documents.plan.explained.read", findings=case.findings, refused=case.refused_rows),
    ]
    return [Paragraph(line) for line in lines]


def _result(case: PlanCase) -> list[Block]:
    grouped = sum(len(area.members) for area in case.areas)
    told = say(
        "documents.plan.explained.result",
        communities=grouped + len(case.left),
        grouped=grouped,
        areas=len(case.areas),
        count=sum(area.count for area in case.areas),
        left=len(case.left),
    )
    caveats = (
        [
            say(
                "documents.plan.explained.caveats",
                caveats=say("documents.semicolon").join(map(widened, case.caveats)),
            )
        ]
        if case.caveats
        else []
    )
    return [Paragraph(line) for line in (told, *caveats)]


def _areas(areas: Sequence[Area]) -> Grid:
    rows = [
        (
            str(number),
            area_words(area),
            listed(one.name for one in area.members),
            str(len(area.members)),
            str(area.count),
            _note(area),
        )
        for number, area in enumerate(areas, 1)
    ]
    keys = ("number", "area", "members", "communities", "count", "note")
    return _grid(keys, rows, widths=(1.2, 4, 5.9, 1.6, 2, 3.3), left=(1, 2, 5))


def _note(area: Area) -> str:
    told = []
    if below_minimum(area):
        key = "below" if area.below_reason else "below_open"
        reason = widened(area.below_reason, [one.name for one in area.members])
        told.append(say(f"documents.plan.note.{key}", minimum=area.minimum, reason=reason))
    elif len(area.members) == 1:
        told.append(say("documents.plan.note.alone"))
    if area.sketch:
        told.append(say("documents.plan.note.sketch"))
    return say("documents.semicolon").join(told)


def _options(options: Sequence[Option]) -> list[Block]:
    if not options:
        return [Paragraph(say("documents.plan.explained.no_options"))]
    rows = [
        (
            widened(one.title),
            str(one.areas),
            str(one.exceptions),
            str(one.exception_households),
            number_or(round(one.cost)),
            widened(one.note),
        )
        for one in options
    ]
    keys = ("option", "areas", "exceptions", "exception_households", "cost", "note")
    grid = _grid(keys, rows, widths=(3.6, 1.5, 2.2, 2.2, 2, 4.5), left=(0, 5))
    return [Paragraph(say("documents.plan.explained.options")), grid]


def _left(case: PlanCase) -> list[Block]:
    if not case.left:
        return [Paragraph(say("documents.plan.explained.no_left"))]
    unknown = say("documents.unknown")
    names = {one.name for area in case.areas for one in area.members} | {one.name for one in case.left}
    rows = [
        (
            str(number),
            one.name,
            number_or(one.count, unknown),
            say(f"documents.plan.outcome.{one.outcome}"),
            widened(one.reason, names),
            widened(one.repair, names),
        )
        for number, one in enumerate(case.left, 1)
    ]
    keys = ("number", "name", "count", "outcome", "reason", "repair")
    return [_grid(keys, rows, widths=(1.2, 3.2, 1.2, 2.1, 5.2, 5.1), left=(1, 4, 5))]


def _asked(asked: Sequence[UnitOpinion]) -> list[Block]:
    if not asked:
        return [Paragraph(say("documents.plan.explained.no_asked"))]
    rows = [
        (widened(one.unit), day(one.asked_on) if one.asked_on else "", one.reply, _adopted(one.adopted))
        for one in asked
    ]
    return [
        _grid(
            ("unit", "asked_on", "reply", "adopted"), rows, widths=(3, 2.9, 7.5, 1.8), left=(0, 2), high_mm=9
        )
    ]


def _adopted(adopted: bool | None) -> str:  # noqa: FBT001 - a value of the table, no option
    if adopted is None:
        return say("documents.to_be_decided")
    return say("documents.yes" if adopted else "documents.no")


def _grid(
    keys: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    *,
    widths: tuple[float, ...],
    left: tuple[int, ...],
    high_mm: float = 0,
) -> Grid:
    return Grid(
        tuple(say(f"documents.plan.column.{key}") for key in keys), tuple(rows), widths, left, high_mm
    )


# --- D6 --------------------------------------------------------------------------------------------


def minutes(case: PlanCase) -> Paper:
    """Return the opinions of the units asked and the minutes of the joint meeting, with room to write and to sign."""
    about = say(
        "documents.plan.minutes.about_words",
        office=blank(case.office.name),
        version=version_words(case.version),
    )
    told = {
        key: say(f"documents.plan.minutes.{key}") for key in ("time", "place", "chair", "recorder", "present")
    }
    field = {key: Field(label) for key, label in told.items()}
    return Paper(
        say("documents.plan.minutes.title"),
        (
            Fields(
                (
                    (field["time"], field["place"]),
                    (field["chair"], field["recorder"]),
                    (Field(told["present"], high_mm=12),),
                    (Field(say("documents.plan.minutes.about"), about),),
                )
            ),
            Heading(say("documents.plan.minutes.head_units")),
            *_asked(case.asked),
            Heading(say("documents.plan.minutes.head_decided")),
            *_decided(case.decided),
            Heading(say("documents.plan.minutes.head_signed")),
            Grid(
                tuple(say(f"documents.plan.minutes.{key}") for key in ("unit", "signed", "day")),
                (("",) * 3,) * SIGNED_ROWS,
                widths=(6, 4, 3),
                high_mm=9,
            ),
        ),
        style="form",
    )


def _decided(decided: Sequence[Decided]) -> list[Block]:
    if not decided:
        return [Paragraph(say("documents.plan.minutes.no_decided"))]
    rows = [
        (str(number), one.asked, one.text, day(one.on) if one.on else "")
        for number, one in enumerate(decided, 1)
    ]
    return [
        _grid(("number", "question", "decision", "decided_on"), rows, widths=(1, 6.6, 5.8, 3), left=(1, 2))
    ]
