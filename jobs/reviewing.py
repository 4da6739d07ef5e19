"""What a command would do to a draft, before anybody applies it."""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx

from jobs.reconsulting import NOTHING as NONE_UNDER_WAY
from jobs.reconsulting import Reopening, UnderWay, reopenings
from jobs.reopened import Reopened
from optimizer.checks import Violation
from optimizer.plan import Plan
from optimizer.previews import Preview, preview
from store.drafts import Draft, dressed
from store.edits import Command, applied
from store.given import company

ASKED = ("for", "against")  # consents that were given to a certain company
NOTHING = Preview(before=(), after=(), outcomes=(), broken=(), mended=())


@dataclass(frozen=True)
class Change:
    """A draft `before` and `after` a command, and what happens to areas, outcomes, cost and rules on the way.

    `reopened` are the areas in procedure that it takes up again.
    """

    before: Draft
    after: Draft
    preview: Preview
    reopened: tuple[Reopening, ...] = ()

    @property
    def fallen(self) -> tuple[str, ...]:
        """Return the areas and communities of which the acceptance no longer stands."""
        return tuple(sorted(set(self.before.accepted) - set(self.after.accepted)))

    @property
    def unasked(self) -> tuple[str, ...]:
        """Return the communities whose owners were asked about another company than the one they get."""
        was, now = company(self.before.plan), company(self.after.plan)
        asked = (c for c, consent in self.before.consents.items() if consent.state in ASKED)
        return tuple(sorted(c for c in asked if was.get(c) != now.get(c)))


def consequence(
    draft: Draft,
    command: Command,
    town: Reopened,
    *,
    broken: Sequence[Violation] | None = None,
    under_way: UnderWay = NONE_UNDER_WAY,
) -> Change:
    """Return what the command makes of the draft, judged by the rules of the town with all that planners decided.

    `broken` is what the draft breaks as it is, where the caller knows: half of the time goes into finding out;
    `under_way` what is in procedure. Raises DataError, in words for the planner, where the command cannot be done.
    """
    after = applied(draft, command, town.graph)
    touched = _touched(draft, after)
    if not touched and _shape(draft.plan) == _shape(after.plan):
        return Change(draft, after, NOTHING)
    before_graph, after_graph = _graphs(draft, after, town)
    told = preview(
        draft.plan,
        after.plan,
        before_graph,
        town.rules,
        graph_after=after_graph,
        touched=touched,
        broken=broken,
    )
    return Change(draft, after, told, reopenings(draft.plan, after.plan, under_way))


def _touched(before: Draft, after: Draft) -> frozenset[str]:
    """Return the communities of whose scope or links the two say something else."""
    scopes = {*before.scopes.items()} ^ {*after.scopes.items()}
    links = {*before.links.items()} ^ {*after.links.items()}
    return frozenset({c for c, _ in scopes} | {c for pair, _ in links for c in pair})


def _shape(plan: Plan) -> tuple[object, ...]:
    """Return what a plan is beside its locks."""
    return tuple((area.area_id, area.members) for area in plan.areas), dict(plan.outcomes)


def _graphs(before: Draft, after: Draft, town: Reopened) -> tuple["nx.Graph[str]", "nx.Graph[str]"]:
    graph = dressed(town.graph, before)
    same = (before.scopes, before.links, before.checked) == (after.scopes, after.links, after.checked)
    return graph, graph if same else dressed(town.graph, after)
