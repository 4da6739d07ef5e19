"""What goes to the district for filing: the form (备案表, D9) and the list of what comes with it (备案材料清单, D10)."""

from collections.abc import Callable

from geo.schema import DataError
from geo.wording import listed, say
from report.documents.case import FILING_KINDS, Area, Case, Member
from report.documents.model import Break, Field, Fields, Grid, Heading, Note, Paper, Paragraph
from report.documents.phrases import (
    area_words,
    below_minimum,
    blank,
    bounds_words,
    day,
    number_or,
    number_words,
)

# What the district is handed, in the order of the list → copies, and whether the original is asked for.
MATERIALS = {
    "form": (2, True),
    "decision": (1, True),
    "notice": (1, True),
    "summary": (1, True),
    "publicity": (1, True),
    "drawing": (2, True),
    "members": (1, True),
    "photos": (1, False),
    "minutes": (1, False),
    "extent": (1, False),
}
IF_ANY = frozenset({"extent"})


# --- D9 --------------------------------------------------------------------------------------------


def filing_form(case: Case) -> Paper:
    """Return the form; raises DataError where the area is only a sketch, which nobody can file."""
    if case.area.sketch:
        raise DataError("documents.sketch", area=area_words(case.area))
    return Paper(
        say("documents.filing.form.title"),
        (
            Fields((*_applicant(case), *_facts(case.area), *_decided(case), *_handled(case))),
            Break(),
            Heading(say("documents.filing.form.annex"), level=0),
            _members(case.area),
        ),
        style="form",
    )


def _applicant(case: Case) -> tuple[tuple[Field, ...], ...]:
    area, office = case.area, case.office
    receiver = say("documents.filing.form.receiver_words", district=blank(office.district))
    return (
        (_field("applicant", blank(office.name)), _field("receiver", receiver)),
        (_field("kind", _kinds(case.filing.kind)),),
        (_field("name", area_words(area)), _field("area_id", area.area_id)),
        (
            _field("committees", listed(_distinct(area, lambda one: (one.committee,)))),
            _field("grids", listed(_distinct(area, lambda one: one.grids))),
        ),
        (_field("bounds", bounds_words(case)),),
    )


def _kinds(chosen: str) -> str:
    boxes = {kind: "■" if kind == chosen else "□" for kind in FILING_KINDS}
    return say("documents.filing.form.kinds", **boxes)


def _facts(area: Area) -> tuple[tuple[Field, ...], ...]:
    count = say("documents.filing.form.count", heading=area.count_heading)
    mode = say(f"documents.mode.{area.mode}") if area.mode else ""
    below: tuple[tuple[Field, ...], ...] = ()
    if below_minimum(area):
        label = say("documents.filing.form.below", minimum=area.minimum)
        below = ((Field(label, blank(area.below_reason)),),)
    return (
        (
            _field("communities", str(len(area.members))),
            _field("buildings", _sum(area, lambda one: one.buildings)),
        ),
        (Field(count, str(area.count)), _field("dwellings", _sum(area, lambda one: one.dwellings))),
        (
            _field("owners", _sum(area, lambda one: one.owners)),
            _field("floor_area", _sum(area, lambda one: one.floor_area_m2)),
        ),
        (
            _field("site_area", number_or(area.site_area_m2 and round(area.site_area_m2))),
            _field("mode", mode),
        ),
        (_field("mode_evidence", area.mode_evidence), _field("liaison", area.contact)),
        *below,
        (_field("previous", listed(area.previous) or say("documents.filing.form.no_previous")),),
    )


def _sum(area: Area, told: Callable[[Member], float | None]) -> str:
    """Return the sum over the communities that say it, and of how many it is where some do not; "" where none does."""
    known = [value for value in map(told, area.members) if value is not None]
    if not known or len(known) == len(area.members):
        return number_or(sum(known) if known else None)
    return say("documents.filing.form.partly", sum=number_or(sum(known)), known=len(known))


def _members(area: Area) -> Grid:
    """Return the table of the communities with all that is known of them, and their sums."""
    keys = (
        *("number", "name", "committee", "buildings", "count", "dwellings"),
        *("floor_area", "built_year", "ownership", "manager"),
    )
    rows = [
        (str(number), one.name, one.committee, *_numbers(one), one.ownership, one.managing_company)
        for number, one in enumerate(area.members, 1)
    ]
    sums = (
        _whole(area, lambda one: one.buildings),
        str(area.count),
        _whole(area, lambda one: one.dwellings),
        _whole(area, lambda one: one.floor_area_m2),
    )
    rows.append(("", say("documents.total"), "", *sums, "", "", ""))
    unknown = say("documents.unknown")
    return Grid(
        tuple(say(f"documents.column.{key}") for key in keys),
        (*(tuple(text or unknown for text in row) for row in rows[:-1]), rows[-1]),
        widths=(1, 3.9, 2.1, 1.3, 1.3, 1.3, 1.9, 1.8, 1.8, 2.2),
        left=(1,),
    )


def _numbers(one: Member) -> tuple[str, ...]:
    known = (one.buildings, one.count, one.dwellings, one.floor_area_m2, one.built_year)
    return tuple(number_or(number) for number in known)


def _whole(area: Area, told: Callable[[Member], float | None]) -> str:
    """Return the sum over the communities, a dash where some do not say it."""
    known = [value for value in map(told, area.members) if value is not None]
    return number_or(sum(known) if len(known) == len(area.members) else None, say("documents.unknown"))


def _distinct(area: Area, told: Callable[[Member], tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys(text for one in area.members for text in told(one) if text))


def _decided(case: Case) -> tuple[tuple[Field, ...], ...]:
    decided, office = case.on("decided"), case.office
    return (
        (
            _field("decision", number_words(office, case.numbers.get("D8", ""), decided)),
            _field("decided_on", day(decided)),
        ),
        (_field("contact", blank(office.post)), _field("phone", blank(office.phone))),
        (_field("materials", say("documents.filing.form.materials_words")),),
    )


def _handled(case: Case) -> tuple[tuple[Field, ...], ...]:
    filing = case.filing
    submitted = say("documents.filing.form.sealed", day=day(filing.submitted_on))
    stamped = say("documents.filing.form.sealed", day=day(filing.filed_on))
    return (
        (_field("applicant_opinion", submitted, high_mm=20),),
        (_field("handler", filing.handler), _field("received_on", day(filing.received_on))),
        (_field("opinion", f"{filing.opinion}\n{stamped}".lstrip("\n"), high_mm=24),),
        (_field("filing_no", filing.filing_no), _field("filed_on", day(filing.filed_on))),
    )


def _field(key: str, value: str = "", high_mm: float = 0) -> Field:
    return Field(say(f"documents.filing.form.{key}"), value, high_mm)


# --- D10 -------------------------------------------------------------------------------------------


def materials_list(case: Case) -> Paper:
    """Return the list of materials: which are there, and which are still missing."""
    rows = [_material(number, key, case) for number, key in enumerate(MATERIALS, 1)]
    asked = [key for key in MATERIALS if key not in IF_ANY]
    missing = sum(key not in case.filing.present for key in asked)
    key = "summary" if missing else "summary_full"
    told = say(
        f"documents.filing.list.{key}", number=len(asked), present=len(asked) - missing, missing=missing
    )
    heads = ("number", "material", "copies", "kind", "present", "note")
    grid = Grid(
        tuple(say(f"documents.filing.list.{head}") for head in heads),
        tuple(rows),
        widths=(1, 5.5, 1.2, 2.2, 1.8, 3),
        left=(1,),
        high_mm=8,
    )
    title = say("documents.filing.list.title", area=area_words(case.area))
    return Paper(
        title, (grid, Note(told), Paragraph(say("documents.filing.list.signed"), indent=False)), style="form"
    )


def _material(number: int, key: str, case: Case) -> tuple[str, ...]:
    copies, original = MATERIALS[key]
    lacking = "none" if key in IF_ANY else "missing"
    return (
        str(number),
        say(f"documents.filing.material.{key}"),
        str(copies),
        say("documents.filing.list.original" if original else "documents.filing.list.copy"),
        say(f"documents.filing.list.{'there' if key in case.filing.present else lacking}"),
        say("documents.filing.list.if_any") if key in IF_ANY else "",
    )
