"""What each neighbour would mean for a community, in the words of its card; nothing here knows Streamlit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from geo.wording import say
from jobs.reopened import Reopened
from optimizer.checks import Violation
from optimizer.previews import Offer, offers
from report.reasoning import violation_sentence
from report.results import Results

SHOWN = 6  # neighbours on one card, the best first
BROKEN_SHOWN = 2  # sentences of one neighbour
ALIKE = 0.5  # household-metres: a smaller difference is none


def neighbour_rows(results: Results, town: Reopened, community_id: str) -> list[dict[str, Any]]:
    """Return a row for each area or exception a community to be grouped could be together with, the best first."""
    if results.communities["scope"].get(community_id) != "to_group":
        return []
    names = results.communities["name"].to_dict()
    found = offers(town.plan, town.graph, town.rules, community_id)
    return [_row(results, offer, names) for offer in found[:SHOWN]]


def _row(results: Results, offer: Offer, names: Mapping[str, str]) -> dict[str, Any]:
    if offer.area_id:
        place, head = f"areas:{results.areas.index.get_loc(offer.area_id)}", offer.area_id
    else:
        place = f"communities:{results.communities.index.get_loc(offer.members[0])}"
        head = names[offer.members[0]]
    broken = [_broken(results, v, names) for v in offer.preview.broken[:BROKEN_SHOWN]]
    return {
        "id": place,
        "head": say("desk.offer.join" if offer.area_id else "desk.offer.together", name=head),
        "number": say("desk.offer.households", before=offer.households_before, after=offer.households_after),
        "texts": [";".join(_facts(offer)), *broken],
        "mark": "bad" if broken else "",
    }


def _broken(results: Results, violation: Violation, names: Mapping[str, str]) -> str:
    """Return a violation in words; an area that has lost its centre is called by what it is the rest of."""
    if violation.area_id and violation.area_id not in results.areas.index and violation.members:
        before = results.communities["area_id"].get(violation.members[0])
        violation = replace(violation, area_id=say("desk.offer.rest", area=before))
    return say("desk.offer.broken", text=violation_sentence(violation, names))


def _facts(offer: Offer) -> list[str]:
    facts = [
        say("desk.offer.crosses", classes="、".join(dict.fromkeys(offer.crosses)))
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
