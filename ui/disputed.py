"""Open disputes where the plan is shown: among the checks, on the cards, in the badge. They hinder filing alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo.wording import say
from jobs.meeting import concerns, place_words
from report.results import Results
from store.meetings import KeptDispute
from ui.contents import CHECK_SIGNS, place_at

Row = dict[str, Any]


def still_open(disputes: Sequence[KeptDispute]) -> tuple[KeptDispute, ...]:
    """Return those that nobody has decided or withdrawn."""
    return tuple(one for one in disputes if one.dispute.state == "open")


def with_disputes(lists: Sequence[Row], results: Results, disputes: Sequence[KeptDispute]) -> list[Row]:
    """Return the lists of the panel with open disputes at the head of the checks."""
    rows = [_row(results, one) for one in still_open(disputes)]
    return [one | {"rows": [*rows, *one["rows"]]} if one["key"] == "checks" else one for one in lists]


def badge_with(badge: tuple[str, str], disputes: Sequence[KeptDispute]) -> tuple[str, str]:
    """Return the badge of the checks with the number of open disputes, where there are any."""
    mark, words = badge
    number = len(still_open(disputes))
    if not number:
        return badge
    return ("fair" if mark == "good" else mark), say("meeting.badge", checks=words, number=number)


def dispute_texts(results: Results, disputes: Sequence[KeptDispute], table: str, thing_id: str) -> list[str]:
    """Return what the card of an area or community says of open disputes about it, or about what lies in it."""

    def about(one: KeptDispute) -> bool:
        if table == "areas":
            return concerns(results, one.dispute, thing_id)
        return one.dispute.kind != "area" and thing_id in one.dispute.place

    return [_text(one) for one in still_open(disputes) if about(one)]


def _text(one: KeptDispute) -> str:
    told = one.dispute
    return say("meeting.dispute_line", number=one.number, parties=told.parties, claim=told.claim)


def _row(results: Results, one: KeptDispute) -> Mapping[str, Any]:
    table = "areas" if one.dispute.kind == "area" else "communities"
    return {
        "id": place_at(results, table, one.dispute.place[0]) or "",
        "head": place_words(results, one.dispute),
        "number": say("meeting.kind.dispute"),
        "mark": "fair",
        "sign": CHECK_SIGNS["fair"],
        "texts": [_text(one), say("meeting.hinders")],
    }
