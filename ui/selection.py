"""What is selected on the desk, and all that a verb asks about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import networkx as nx
import pandas as pd

from geo.wording import say
from jobs.reopened import Reopened
from optimizer.plan import Area
from optimizer.standing import standing, total
from store.drafts import Draft, dressed
from store.given import Ids


@dataclass(frozen=True)
class Selection:
    """Communities, each for itself, and areas as a whole."""

    communities: Ids = ()
    areas: Ids = ()

    def __len__(self) -> int:
        """Return how many things are selected."""
        return len(self.communities) + len(self.areas)


NOTHING = Selection()


@dataclass(frozen=True)
class Desk:
    """A draft, the town it is of, and what is selected in it; what is no longer there is not selected."""

    draft: Draft
    town: Reopened
    selection: Selection = NOTHING
    refused: pd.DataFrame | None = None  # links that were measured and refused

    @cached_property
    def graph(self) -> "nx.Graph[str]":
        """The graph as the draft sees it."""
        return dressed(self.town.graph, self.draft)

    @cached_property
    def area(self) -> dict[str, Area]:
        """Areas by id."""
        return {area.area_id: area for area in self.draft.plan.areas}

    @cached_property
    def area_of(self) -> dict[str, str]:
        """The area id of each community that has one."""
        return self.draft.plan.area_of()

    @cached_property
    def chosen_areas(self) -> Ids:
        """The areas selected as a whole."""
        return tuple(sorted(set(self.selection.areas).intersection(self.area)))

    @cached_property
    def chosen(self) -> Ids:
        """The communities selected, those of selected areas among them."""
        inside = {m for area_id in self.chosen_areas for m in self.area[area_id].members}
        return tuple(sorted(inside | set(self.selection.communities).intersection(self.town.graph)))

    @cached_property
    def singles(self) -> Ids:
        """The communities selected for themselves."""
        return tuple(sorted(set(self.selection.communities).intersection(self.town.graph)))

    @cached_property
    def areas_touched(self) -> Ids:
        """The areas that hold something selected."""
        return tuple(sorted({self.area_of[c] for c in self.chosen if c in self.area_of}))

    @cached_property
    def free(self) -> Ids:
        """The selected communities that can be in an area with others."""
        nodes = self.graph.nodes
        return tuple(c for c in self.chosen if standing({**nodes[c], "lock": None}) in ("open", "host"))

    def households(self, communities: Iterable[str]) -> int:
        """Return the households of communities, unknown ones as none."""
        return total(self.graph, communities)

    def outcome(self, community: str) -> str:
        """Return the outcome of a community."""
        return self.draft.plan.outcomes[community]

    def community_name(self, community: str) -> str:
        """Return what people call a community."""
        return name_of(self.town, community)

    def area_name(self, area_id: str) -> str:
        """Return the id of an area, with the name that a planner gave it."""
        return called(self.draft, area_id)


def name_of(town: Reopened, community: str) -> str:
    """Return what people call a community: its name, its id where it has none."""
    node: dict[str, Any] = town.graph.nodes[community] if community in town.graph else {}
    return str(node.get("name") or community)


def called(draft: Draft, area_id: str) -> str:
    """Return the id of an area, with the name that a planner gave it: PMA-007 胜利路片区."""
    given = draft.names.get(area_id, "")
    return f"{area_id} {given}" if given else area_id


# --- locks -----------------------------------------------------------------------------------------


def without_locked(draft: Draft, selection: Selection) -> tuple[Selection, int]:
    """Return what of a selection no lock keeps in its place, and how many things were left out.

    A locked area keeps its communities, a locked community keeps its whole area from verbs that change areas.
    """
    areas = {area.area_id: area for area in draft.plan.areas}
    fast = {m for area in draft.plan.areas if area.locked for m in area.members} | draft.locked
    rest = Selection(
        tuple(c for c in selection.communities if c not in fast),
        tuple(a for a in selection.areas if a not in areas or fast.isdisjoint(areas[a].members)),
    )
    return rest, len(selection) - len(rest)


def done_beside_locked(done: Selection, left_out: int) -> str:
    """Return what to say after a change of which locks kept a part from happening."""
    return say("verbs.locked.done", number=len(done), left=left_out)


def offer_without_locked(draft: Draft, selection: Selection) -> tuple[str, Selection] | None:
    """Return the words of the offer to change all but what is locked, and that selection; None where nothing is locked or all is."""
    rest, left_out = without_locked(draft, selection)
    if not left_out or not len(rest):
        return None
    return say("verbs.locked.offer", number=len(rest), left=left_out), rest
