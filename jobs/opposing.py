"""Owners who were asked and do not want to be in an area: what is left of it without them, and how it can go on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from geo.schema import DataError
from geo.wording import say
from jobs.reconsulting import UnderWay, asked_again, held_still
from jobs.reopened import Reopened
from jobs.repairing import Around, nearest
from optimizer.checks import check
from optimizer.plan import Area
from optimizer.standing import total
from store.drafts import Draft, dressed
from store.edits import Command, Merge, Move, TakeOut, applied, regrouped
from store.given import Ids, members_of


@dataclass(frozen=True)
class WayOn:
    """One way on: `kind` "join" another area, "take_in" a neighbour, or go on "as_left".

    `command` does all of it at once, the leaving included. What then is `broken`, as the minimum is where too few stay,
    still has to be accepted with a reason and a name (store.edits.Accept).
    `again` are the communities to be asked again, `members` the area in which those who stay are then.
    """

    kind: str
    command: Command
    members: Ids
    households: int
    again: Ids
    broken: Ids  # rules


@dataclass(frozen=True)
class Opposed:
    """An area without who opposes it: `staying` with their households, below the minimum or not, and the ways on."""

    area_id: str
    leaving: Ids
    staying: Ids
    households: int
    minimum: int
    ways: tuple[WayOn, ...]

    @property
    def below(self) -> bool:
        """Tell whether those who stay are fewer than the minimum."""
        return self.households < self.minimum


def opposed(draft: Draft, town: Reopened, area_id: str, leaving: Ids, *, under_way: UnderWay) -> Opposed:
    """Return what is left of an area when communities leave it, and how those who stay can go on.

    No way on touches another area that is under way. "as_left" is always the last of them, and the only one where it
    breaks no rule. Raises DataError where one of `leaving` is not in the area, or all of them leave.
    """
    members = members_of(draft.plan, [area_id])
    staying = tuple(sorted(members.difference(leaving)))
    if not staying or not members.issuperset(leaving) or not leaving:
        raise DataError("proceeding.cannot_leave", area=area_id)
    others = {own: course for own, course in under_way.items() if members.isdisjoint(own)}
    held = held_still(draft, others)
    left = applied(held, TakeOut(tuple(sorted(leaving))), town.graph)
    graph = dressed(town.graph, draft)
    households = total(graph, staying)
    ways = [_way("as_left", draft, left, staying, town)]
    gap = _Gap(_area_of(left, staying[0]), leaving)
    for kind, tries in TRIES.items() if ways[-1].broken else ():
        command = nearest(left, town, set(staying), partial(tries, gap))
        if command is not None:
            ways.insert(-1, _way(kind, draft, applied(left, command, town.graph), staying, town))
    return Opposed(area_id, tuple(sorted(leaving)), staying, households, town.rules.minimum, tuple(ways))


def way_words(way: WayOn, minimum: int, called: Mapping[str, str]) -> str:
    """Return the sentence of a way on; `called` are names of communities."""
    names, again = (tuple(called.get(c, c) for c in ids) for ids in (way.members, way.again))
    told = [say(f"proceeding.way.{way.kind}", names=names, households=way.households)]
    if "minimum" in way.broken:
        told.append(say("proceeding.way.below", minimum=minimum))
    if others := [rule for rule in way.broken if rule != "minimum"]:
        told.append(say("proceeding.way.broken", rules=tuple(say(f"updating.rule.{r}") for r in others)))
    return "".join([*told, say("proceeding.way.again", names=again)])


def _way(kind: str, before: Draft, after: Draft, staying: Ids, town: Reopened) -> WayOn:
    area, graph = _area_of(after, staying[0]), dressed(town.graph, after)
    broken = {v.rule for v in check(after.plan, graph, town.rules) if v.area_id == area.area_id}
    return WayOn(
        kind,
        regrouped(before.plan, after.plan),
        area.members,
        total(graph, area.members),
        asked_again(before.plan, after.plan),
        tuple(sorted(broken)),
    )


def _area_of(draft: Draft, community: str) -> Area:
    return next(area for area in draft.plan.areas if community in area.members)


# --- what is tried ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Gap:
    """What is left of an area, and who left it."""

    area: Area
    leaving: Ids


def _join(gap: _Gap, around: Around) -> Iterator[Command]:
    for other in around.beside(gap.area.members):
        yield Merge((gap.area.area_id, other.area_id))


def _take_in(gap: _Gap, around: Around) -> Iterator[Command]:
    """Try each neighbour alone: who is left out, and who can go from another area without breaking it."""
    beside = {n for m in gap.area.members for n in around.graph[m]}
    for neighbour in sorted(beside.difference(gap.area.members, gap.leaving)):
        yield Move((neighbour,), gap.area.area_id)


TRIES: Mapping[str, Callable[[_Gap, Around], Iterator[Command]]] = MappingProxyType(
    {"join": _join, "take_in": _take_in}
)
