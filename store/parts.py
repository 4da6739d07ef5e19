"""Which communities a write touches, and whether all of them are in the part of who writes. Within a transaction."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.schema import DataError
from store.access import Member, part_words
from store.drafts import Draft
from store.given import Ids
from store.proceedings import Place, members_by_place
from store.schema import CommunityRow, ProjectRow

GRIDS_JOINED_BY = "、"
_OF_AREAS = ("names", "accepted", "bounds", "modes", "contacts", "responsible")
_OF_COMMUNITIES = ("accepted", "scopes", "reasons", "consents")
_COMMUNITY = CommunityRow.__table__


def keep_to(session: Session, project: ProjectRow, member: Member, touched: Collection[str]) -> None:
    """Raise DataError where a community, as the newest data have it, lies outside the part of who writes."""
    rows: Iterable[Any] = session.execute(
        select(_COMMUNITY.c.community_id, _COMMUNITY.c.name, _COMMUNITY.c.committee, _COMMUNITY.c.grids)
        .where(_COMMUNITY.c.project_id == project.id)
        .order_by(_COMMUNITY.c.community_id)
    )
    refuse_outside(member, touched, rows)


def refuse_outside(member: Member, touched: Collection[str], communities: Iterable[Sequence[str]]) -> None:
    """Raise DataError where what is touched lies outside the part, or is none of `communities`: who knows whose it is.

    Each of those as id, name, committee and grids.
    """
    inside, names = set(), {}
    for community, name, committee, grids in communities:
        names[community] = name
        if member.covers(committee, (grids or "").split(GRIDS_JOINED_BY)):
            inside.add(community)
    outside = sorted(set(touched) - inside)
    if outside:
        raise DataError(
            "access.outside",
            who=member.name,
            part=part_words(member),
            community=names.get(outside[0]) or outside[0],
            number=len(outside),
        )


def keep_to_own(member: Member, maker: Member) -> None:
    """Raise DataError where who is limited to a part would take back, or do again, what somebody else did."""
    if member.limited and maker.name != member.name:
        raise DataError("access.not_own", who=member.name, other=maker.name)


def touched_by(before: Draft, after: Draft) -> frozenset[str]:
    """Return the communities of which two states of a draft say different things: all members of an area that changed."""
    found = set(before.locked ^ after.locked)
    found |= {c for pair in before.checked ^ after.checked for c in pair}
    found |= {c for pair in _changed(before, after, "links") for c in pair}
    for name in _OF_COMMUNITIES:
        found |= {key for key in _changed(before, after, name) if key in before.plan.outcomes}  # not areas
    for area_id in _changed_areas(before, after):
        for draft in (before, after):
            found |= {m for area in draft.plan.areas if area.area_id == area_id for m in area.members}
    return frozenset(found)


def members_in(session: Session, project: ProjectRow, places: Iterable[Place]) -> frozenset[str]:
    """Return the members of areas of versions."""
    wanted = set(places)
    members = members_by_place(session, project, (number for number, _ in wanted))
    return frozenset(m for place, own in members.items() if place in wanted for m in own)


def _changed_areas(before: Draft, after: Draft) -> set[str]:
    areas = {area.area_id for area in set(before.plan.areas) ^ set(after.plan.areas)}
    return areas.union(*(_changed(before, after, name) for name in _OF_AREAS))


def _changed(before: Draft, after: Draft, name: str) -> Ids:
    """Return the keys under which a table of the draft is other."""
    was, now = getattr(before, name), getattr(after, name)
    return tuple(key for key in {**was, **now} if was.get(key) != now.get(key))
