"""Commands that say which community is where: move, new area, merge, split, take out, regroup."""

from dataclasses import dataclass
from typing import ClassVar

import networkx as nx

from geo.schema import DataError
from optimizer import plan as verbs
from optimizer.plan import Plan
from store.drafts import Draft, replanned
from store.given import Ids, Title, company, members_of, of_communities, refuse_locked


@dataclass(frozen=True)
class Move:
    """Put communities into an area."""

    kind: ClassVar[str] = "move"
    communities: Ids
    to_area: str

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse what is locked, and move."""
        here = {m for area in draft.plan.areas if area.area_id == self.to_area for m in area.members}
        refuse_locked(draft, set(self.communities) - here)
        return replanned(draft, verbs.move(draft.plan, town, self.communities, self.to_area))

    def title(self) -> Title:
        """Say how many went where."""
        return of_communities("store.title.move", self.communities, area=self.to_area)


@dataclass(frozen=True)
class NewArea:
    """Give communities an area of their own."""

    kind: ClassVar[str] = "new_area"
    communities: Ids

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse what is locked, and make the area."""
        refuse_locked(draft, self.communities)
        return replanned(draft, verbs.new_area(draft.plan, town, self.communities))

    def title(self) -> Title:
        """Say of how many."""
        return of_communities("store.title.new_area", self.communities)


@dataclass(frozen=True)
class Merge:
    """Make areas one."""

    kind: ClassVar[str] = "merge"
    areas: Ids

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse one area alone and what is locked, and merge."""
        if len(set(self.areas)) < 2:
            raise DataError("store.merge_needs_two")
        refuse_locked(draft, members_of(draft.plan, self.areas))
        return replanned(draft, verbs.merge(draft.plan, town, self.areas))

    def title(self) -> Title:
        """Say how many and the first."""
        return "store.title.merge", {"number": len(self.areas), "area": self.areas[0]}


@dataclass(frozen=True)
class Split:
    """Part an area: each part a list of its members."""

    kind: ClassVar[str] = "split"
    area: str
    parts: tuple[Ids, ...]

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse what is locked, and split."""
        refuse_locked(draft, members_of(draft.plan, [self.area]))
        return replanned(draft, verbs.split(draft.plan, town, self.area, self.parts))

    def title(self) -> Title:
        """Say which and into how many."""
        return "store.title.split", {"area": self.area, "number": len(self.parts)}


@dataclass(frozen=True)
class TakeOut:
    """Leave communities in no area."""

    kind: ClassVar[str] = "take_out"
    communities: Ids

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Refuse what is locked, and take out."""
        refuse_locked(draft, self.communities)
        return replanned(draft, verbs.take_out(draft.plan, town, self.communities))

    def title(self) -> Title:
        """Say how many."""
        return of_communities("store.title.take_out", self.communities)


@dataclass(frozen=True)
class Regroup:
    """Take communities out of their areas and put them into these groups: what improve and re-plan answer."""

    kind: ClassVar[str] = "regroup"
    communities: Ids
    groups: tuple[Ids, ...]

    def on(self, draft: Draft, town: "nx.Graph[str]") -> Draft:
        """Regroup, and refuse where that changes the company of a locked community."""
        if strangers := {m for group in self.groups for m in group} - set(self.communities):
            raise DataError("store.regroup_stranger", community=min(strangers))
        if sum(map(len, self.groups)) != len({m for group in self.groups for m in group}):
            raise DataError("store.regroup_twice")
        plan = verbs.regroup(draft.plan, town, self.communities, self.groups)
        was, now = company(draft.plan), company(plan)
        refuse_locked(draft, (c for c in draft.locked if was.get(c) != now.get(c)))
        return replanned(draft, plan)

    def title(self) -> Title:
        """Say how many communities and areas."""
        return "store.title.regroup", {"number": len(self.communities), "areas": len(self.groups)}


def regrouped(before: Plan, after: Plan) -> Regroup:
    """Return the command that makes `after` of `before`, as improve_around or a new run answers it."""
    was, now = company(before), company(after)
    changed = {c for c in {*was, *now} if was.get(c) != now.get(c)}
    groups = {now[c] for c in changed if c in now}
    return Regroup(tuple(sorted(changed)), tuple(sorted(groups)))
