"""What each neighbour would mean for a community, in the words of its card; nothing here knows Streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan
from typing import Any

from geo.wording import say
from jobs.reopened import Reopened
from jobs.repairing import way_in
from optimizer.checks import Violation
from optimizer.previews import Offer, offers
from report.reasoning import violation_sentence
from report.results import Results
from store.drafts import Draft, dressed
from store.edits import Command, Move, NewArea
from ui.changes import command_words
from ui.selection import called

SHOWN = 6  # neighbours on one card, the best first
BROKEN_SHOWN = 2  # sentences of one neighbour
ALIKE = 0.5  # household-metres: a smaller difference is none


def neighbour_rows(results: Results, draft: Draft, town: Reopened, community_id: str) -> list[dict[str, Any]]:
    """Return a row for each area or exception a community to be grouped could be together with, the best first.

    `command` of a row makes it so.
    """
    if results.communities["scope"].get(community_id) != "to_group":
        return []
    names = results.communities["name"].to_dict()
    found = offers(draft.plan, dressed(town.graph, draft), town.rules, community_id)
    return [_row(results, draft, community_id, offer, names) for offer in found[:SHOWN]]


def nearest_rows(
    draft: Draft, town: Reopened, community_id: str, *, beside: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return a row with the command that takes an exception into an area best, none where there is none or `beside` has it."""
    command = way_in(draft, town, community_id)
    if command is None or command in [row["command"] for row in beside]:
        return []
    return [
        {
            "id": "",
            "command": command,
            "head": command_words(command, draft, town),
            "texts": [say("desk.offer.nearest")],
        }
    ]


def _row(
    results: Results, draft: Draft, community_id: str, offer: Offer, names: Mapping[str, str]
) -> dict[str, Any]:
    command: Command
    if offer.area_id:
        place, head = f"areas:{results.areas.index.get_loc(offer.area_id)}", called(draft, offer.area_id)
        command = Move((community_id,), offer.area_id)
    else:
        command = NewArea(tuple(sorted((community_id, *offer.members))))
        place = f"communities:{results.communities.index.get_loc(offer.members[0])}"
        head = names[offer.members[0]]
    unknown = _called(results, community_id, offer)
    broken = [_broken(v, unknown, names) for v in offer.preview.broken[:BROKEN_SHOWN]]
    return {
        "id": place,
        "command": command,
        "head": say("desk.offer.join" if offer.area_id else "desk.offer.together", name=head),
        "number": say("desk.offer.households", before=offer.households_before, after=offer.households_after),
        "texts": [say("words.semicolon").join(_facts(offer)), *broken],
        "mark": "bad" if broken else "",
    }


def _called(results: Results, community_id: str, offer: Offer) -> dict[str, str]:
    """Return by id what each area is called that the plan does not know: its centre is another one afterwards.

    The one that takes the community in is the area that was asked for, or a new one; any other is a rest of its area.
    """
    before = results.communities["area_id"]
    return {
        area.area_id: (offer.area_id or say("desk.offer.new_area"))
        if community_id in area.members
        else say("desk.offer.rest", area=before[area.members[0]])
        for area in offer.preview.after
        if area.area_id not in results.areas.index
    }


def _broken(violation: Violation, called: Mapping[str, str], names: Mapping[str, str]) -> str:
    area_id = called.get(violation.area_id, violation.area_id)
    return say("desk.offer.broken", text=violation_sentence(replace(violation, area_id=area_id), names))


def _facts(offer: Offer) -> list[str]:
    facts = []
    if not isnan(offer.gap_m):  # between places nobody knows there is no way to tell of
        facts += [
            say("desk.offer.crosses", classes=list(dict.fromkeys(offer.crosses)))
            if offer.crosses
            else say("desk.offer.no_road"),
            say("desk.offer.gap", metres=f"{offer.gap_m:.0f}"),
        ]
    if offer.wall_m:
        facts.append(say("desk.offer.wall", metres=f"{offer.wall_m:.0f}"))
    for name, same in (("grid", offer.same_grid), ("committee", offer.same_committee)):
        if same is not None:
            facts.append(say(f"desk.offer.{'same' if same else 'other'}_{name}"))
    cost = offer.preview.cost
    change = "same" if abs(cost) < ALIKE else "dearer" if cost > 0 else "cheaper"
    return [*facts, say(f"desk.offer.{change}", cost=f"{abs(cost):,.0f}")]
