"""Commands that the optimizer finds: improve around here, split an area, group the rest again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import networkx as nx

from geo.schema import DataError
from jobs.district import best_of, make_ready
from jobs.progress import Listener, Step, silent
from jobs.reopened import Reopened
from optimizer.plan import Plan
from optimizer.replanning import Following, free_of, improve_around, replan_rest, split_best, surroundings
from optimizer.rules import Rules
from optimizer.solving import Progress
from store.drafts import Draft, dressed
from store.edits import Command, Split, regrouped
from store.given import company, members_of

Kind = Literal["improve", "split", "replan"]


@dataclass(frozen=True)
class Search:
    """A question to the optimizer, which may take long; it travels to another process (pickle).

    `places` are area ids and communities for "improve", one area id for "split", none for "replan"; `graph` is as the
    draft sees it.
    """

    kind: Kind
    draft: Draft
    graph: "nx.Graph[str]"
    rules: Rules
    places: tuple[str, ...] = ()

    def __call__(
        self, *, listener: Listener = silent, cancelled: Callable[[], bool] | None = None
    ) -> Command:
        """Return the command that makes the better plan; where `cancelled` says so, the best so far.

        What planners settled stays: locked areas and communities, accepted ones, those whose owners have been asked or
        that are on hold. Raises DataError where nothing is free, or nothing better was found.
        """

        def heard(event: Progress) -> None:
            listener(Step("solve", best_of(event)))

        self._refuse_settled()
        make_ready(listener)
        listener(Step("solve"))
        command = self._command(self._searched(Following(heard, cancelled)))
        if command is None:
            raise DataError(f"searching.nothing_{self.kind}", minimum=self.rules.minimum)
        return command

    def _searched(self, following: Following) -> Plan:
        plan, graph, rules = self.draft.plan, self.graph, self.rules
        kept = settled(self.draft)
        if self.kind == "split":
            return split_best(plan, graph, rules, self.places[0], following=following)[0]
        if self.kind == "improve":
            return improve_around(plan, graph, rules, self.places, kept=kept, following=following)[0]
        return replan_rest(plan, graph, rules, kept=kept, following=following)[0]

    def _command(self, found: Plan) -> Command | None:
        if company(found) == company(self.draft.plan):
            return None
        if self.kind == "split":
            inside = members_of(self.draft.plan, self.places)
            parts = sorted(area.members for area in found.areas if inside.issuperset(area.members))
            return Split(self.places[0], tuple(parts))
        return regrouped(self.draft.plan, found)

    def _refuse_settled(self) -> None:
        plan, kept = self.draft.plan, settled(self.draft)
        if self.kind == "improve":
            free = surroundings(plan, self.graph, self.places, depth=0, kept=kept)
        elif self.kind == "split":
            inside = members_of(plan, self.places)
            free = frozenset() if inside & self.draft.locked else free_of(plan, self.graph) & inside
        else:
            free = free_of(plan, self.graph, kept=kept)
        if not free:
            raise DataError("searching.all_settled")


def search(kind: Kind, draft: Draft, town: Reopened, places: tuple[str, ...] = ()) -> Search:
    """Return the question to the optimizer."""
    return Search(kind, draft, dressed(town.graph, draft), town.rules, places)


def settled(draft: Draft) -> frozenset[str]:
    """Return the communities that no search may move: locked, accepted, asked for their consent, or on hold."""
    accepted = {m for area in draft.plan.areas if area.area_id in draft.accepted for m in area.members}
    alone = {place for place in draft.accepted if place in draft.plan.outcomes}
    return draft.locked | accepted | alone | frozenset(draft.consents)
