"""Words that several papers share: days, blanks to write on, citations with their marks, the facts of an area."""

from collections.abc import Sequence
from datetime import date

from geo.wording import listed, say
from report.bounds import side_words
from report.documents.case import Area, Case, Citation, Member, Office, Period, Version
from report.documents.model import Block, Break, Grid, Heading, Paragraph, SignOff

MOST_NAMED, FIRST_NAMED = 5, 3  # of more than the one, the other stand for all
HASH_SHOWN = 12


def blank(text: str) -> str:
    """Return the text, or a line to write it on."""
    return text or say("documents.blank")


def day(on: date | None) -> str:
    """Return a day in words, or the place to write it."""
    if on is None:
        return say("documents.no_day")
    return say("papers.day", year=on.year, month=on.month, day=on.day)


def marked(text: str, *, confirmed: bool) -> str:
    """Return the text, with a mark that it is to be confirmed where nobody did."""
    return text if confirmed else f"{text}{mark(confirmed=False)}"


def mark(*, confirmed: bool) -> str:
    """Return the mark of what is to be confirmed, "" of what is."""
    return "" if confirmed else say("documents.unconfirmed")


def basis(citations: Sequence[Citation]) -> str:
    """Return what a paper rests on, each with its mark."""
    return blank(listed(marked(one.text, confirmed=one.confirmed) for one in citations))


def area_words(area: Area) -> str:
    """Return the name of an area in full."""
    return say("documents.area", name=area.name)


def version_words(version: Version) -> str:
    """Return what the foot of every page says: number and hash of the version."""
    return say("documents.version", number=version.number, sha256=version.sha256[:HASH_SHOWN])


def number_words(office: Office, number: str, on: date | None) -> str:
    """Return the document number by the office's pattern, "" where the office uses none."""
    year = str(on.year) if on else say("documents.blank")
    return office.number_pattern.replace("{year}", year).replace("{number}", blank(number))


def numeral(number: int) -> str:
    """Return the numeral of an item of the first level, 一 for 1."""
    return say("documents.numerals").split()[number - 1]


def period_words(key: str, period: Period) -> str:
    """Return from when to when a period runs and how many days, with its mark; `key` names the sentence."""
    told = {"begins": day(period.begins), "ends": day(period.ends), "days": period.days}
    return say(key, **told, mark=mark(confirmed=period.confirmed))


# --- the area --------------------------------------------------------------------------------------


def members_words(area: Area) -> str:
    """Return the names of an area's communities; of many the first, and how many there are."""
    names = [one.name for one in area.members]
    if len(names) <= MOST_NAMED:
        return listed(names)
    return say("documents.many", names=names[:FIRST_NAMED], number=len(names))


def bounds_words(case: Case) -> str:
    """Return the four bounds in the order of the office; a side without a name is a line to write on."""
    sides = (side_words(side, blank(case.area.bounds.get(side, ""))) for side in case.office.bounds_order)
    return say("documents.bound_join").join(sides)


def facts_words(area: Area) -> str:
    """Return how many communities, buildings (where known of all) and households an area has."""
    held = sum(one.count is None for one in area.members)
    buildings = [one.buildings for one in area.members]
    told = [say("documents.facts.communities", number=len(area.members))]
    if None not in buildings:
        told += [say("documents.facts.buildings", number=sum(filter(None, buildings)))]
    counted = say("documents.facts.count", number=area.count)
    told += [counted + (say("documents.facts.held", number=held) if held else "")]
    return say("documents.facts.line", facts=say("documents.facts.comma").join(told))


def heading_words(area: Area) -> str:
    """Return under which heading of the ledger the households are counted, and how many are estimates."""
    estimated = sum(one.count_status == "estimated" for one in area.members)
    note = say("documents.facts.estimated", number=estimated) if estimated else ""
    return say("documents.facts.heading", heading=area.count_heading, note=note)


def below_minimum(area: Area) -> bool:
    """Say whether an area has fewer households than the rules ask for."""
    return area.count < area.minimum


def number_or(value: float | None, other: str = "") -> str:
    """Return a number as it is read, else `other`: without decimals where it is whole, else with two."""
    if value is None:
        return other
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}"


def members_grid(area: Area) -> Grid:
    """Return the table of an area's communities, with their sum."""
    keys = ("number", "name", "address", "committee", "buildings", "count")
    unknown = say("documents.unknown")
    rows = [
        (str(n), one.name, one.address or unknown, one.committee or unknown, *_figures(one))
        for n, one in enumerate(area.members, 1)
    ]
    known = [one.buildings for one in area.members if one.buildings is not None]
    whole = number_or(sum(known) if len(known) == len(area.members) else None, unknown)
    rows.append(("", say("documents.total"), "", "", whole, str(area.count)))
    heads = tuple(say(f"documents.column.{key}") for key in keys)
    return Grid(heads, tuple(rows), widths=(1.1, 4.8, 3.3, 2.3, 1.6, 1.7), left=(1, 2))


def _figures(one: Member) -> tuple[str, str]:
    unknown = say("documents.unknown")
    return number_or(one.buildings, unknown), number_or(one.count, unknown)


# --- the end of a paper ----------------------------------------------------------------------------


def sign_off(office: Office, on: date | None, *, annexes: Sequence[str]) -> SignOff:
    """Return where a paper is posted and its annexes, then who issues it, with the place for the seal, and its day.

    They stay on one page: a seal without a word of the paper above it is worth nothing.
    """
    first, *others = enumerate(annexes, 1)
    listed_above = (
        say("documents.contact.posted", places=blank(listed(office.posting_places))),
        say("documents.annex_first", number=first[0], name=first[1]),
        *(say("documents.annex_next", number=number, name=name) for number, name in others),
    )
    return SignOff((say("documents.seal", office=blank(office.name)), day(on)), listed_above)


def members_annex(area: Area) -> list[Block]:
    """Return the annex that lists the communities, on a page of its own."""
    return [
        Break(),
        Paragraph(say("documents.annex", number=1), indent=False),
        Heading(say("documents.members_title", area=area_words(area)), level=0),
        members_grid(area),
    ]


def drawing_name(area: Area) -> str:
    """Return what the drawing of an area is called: one that is only a sketch says so."""
    return say("documents.notices.annex.sketch" if area.sketch else "documents.notices.annex.drawing")
