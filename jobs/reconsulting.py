"""What a change means for areas that are on their way: which of them it takes up again, and who has to be asked again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from geo.wording import listed, say
from optimizer.plan import Plan
from store.drafts import Draft
from store.given import Ids, company
from store.proceedings import Course

UnderWay = Mapping[Ids, Course]  # by members, as Project.under_way returns it
NOTHING: UnderWay = {}
NAMED = 6  # communities that a sentence names; how many more there are is said


@dataclass(frozen=True)
class Reopening:
    """An area on its way that a change breaks up or adds to: it needs a new version, and `again` are asked again."""

    area_id: str
    state: str
    again: Ids


def asked_again(before: Plan, after: Plan, redrawn: Collection[str] = ()) -> Ids:
    """Return the communities whose area is another than it was: their owners were asked about other neighbours.

    Or about another boundary: where one of the members is `redrawn`. Who is in no area afterwards has nothing to be asked.
    """
    was, now = company(before), company(after)
    drawn = frozenset(redrawn)
    return tuple(sorted(c for c, own in now.items() if was.get(c) != own or not drawn.isdisjoint(own)))


def reopenings(
    before: Plan, after: Plan, under_way: UnderWay, redrawn: Collection[str] = ()
) -> tuple[Reopening, ...]:
    """Return the areas on their way that a change leaves no longer as they are, by area id.

    Other members make an area another one, and so do those whose outline is `redrawn`.
    """
    drawn = frozenset(redrawn)
    now = {area.members for area in after.areas if drawn.isdisjoint(area.members)}
    again = frozenset(asked_again(before, after, redrawn))
    members = {area.area_id: area.members for area in after.areas}
    area_of = after.area_of()
    found = []
    for area in before.areas:
        if area.members in under_way and area.members not in now:
            touched = {area_of[m] for m in area.members if m in area_of}
            asked = {m for area_id in touched for m in members[area_id]} & again
            found.append(Reopening(area.area_id, under_way[area.members].state, tuple(sorted(asked))))
    return tuple(sorted(found, key=lambda one: one.area_id))


def reopening_words(one: Reopening, called: Mapping[str, str]) -> str:
    """Return the sentence that warns of a reopening; `called` are names by area and community."""
    names = [called.get(c, c) for c in one.again]
    told = {
        "area": called.get(one.area_id, one.area_id),
        "state": say(f"proceeding.state.{one.state}"),
        "number": len(names),
    }
    if not names:
        return say("proceeding.reopened.nobody", **told)
    key = "some" if len(names) > NAMED else "all"
    return say(f"proceeding.reopened.{key}", names=listed(names[:NAMED]), **told)


def held_still(draft: Draft, under_way: UnderWay) -> Draft:
    """Return the draft as the optimizer may see it: what is on its way is locked, as far as the draft still has it so."""
    still = {m for area in draft.plan.areas if area.members in under_way for m in area.members}
    return replace(draft, locked=draft.locked | still) if still else draft
