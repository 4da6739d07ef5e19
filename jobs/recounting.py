"""The plan with counts that came back from a survey: only what must move moves."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

import networkx as nx
import pandas as pd

from geo.overlays import household_parts, household_shares, shares
from geo.wording import language_of_runs, say, speaking
from jobs.carrying import Carried, Reading, carried_over
from jobs.changed import (
    area_changes,
    areas_touched,
    check_changes,
    community_changes,
    outcome_changes,
)
from jobs.district import best_of, make_ready
from jobs.progress import Listener, Step, silent
from jobs.reconsulting import UnderWay
from jobs.reopened import Reopened, reopened
from jobs.revised import revised
from jobs.scenarios import with_price
from jobs.searching import settled
from jobs.surveying import Counted
from jobs.updating import Update, held, still_in, unsolved, went_on, with_regroup
from jobs.weighing import SECONDS
from optimizer.checks import check
from optimizer.plan import Plan
from optimizer.replanning import Following, improve_around, surroundings
from optimizer.solving import Progress, SolveOptions
from report.effects import Effect
from report.results import COMMUNITY_GRID_COLUMNS, Results
from store.drafts import Draft, dressed
from store.edits import applied, regrouped
from store.given import company
from store.project import OpenDraft, Project

STAY_PRICE = 1e5  # household-metres: more than any walk could save a household, so that only who must moves
WHEN = ("before", "after")
SOURCE, DATE = (
    "count_source",
    "count_date",
)  # columns of communities: who says a count, and of which day it is


@dataclass(frozen=True)
class Recounted:
    """What counts make of a draft: the update, and in `lines` what it comes to."""

    update: Update
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Recount:
    """Counts to be put into a plan: `base` and `town` what the draft began with, `results` as it stands.

    What is `under_way` in the procedure stays together, whatever was counted.
    """

    base: Results
    town: Reopened
    draft: Draft
    results: Results
    counts: tuple[Counted, ...]
    under_way: UnderWay = field(default_factory=dict)

    def __call__(
        self, *, listener: Listener = silent, cancelled: Callable[[], bool] | None = None
    ) -> Recounted:
        """Return what the counts make of the draft, grouped again where they leave something to group."""
        make_ready(listener)
        listener(Step("check"))
        update, carried = self._carried()
        listener(Step("solve"))
        update = regrouped_where_counted(update, self, listener=listener, cancelled=cancelled)
        draft = update.draft
        if update.regroup is not None:
            draft = applied(draft, update.regroup, update.town.graph)
        effects = (*update.effects, *self._effects(update, carried, draft))
        return Recounted(replace(update, effects=effects), tuple(self._lines(update, draft)))

    def _carried(self) -> tuple[Update, Carried]:
        """Return the draft with these counts, areas and decisions as they are; and how it was carried over."""
        told = _with_counts(self.base, self.counts)
        graph, rules = reopened(told).graph, self.town.rules
        still = still_in(self.draft, self.under_way)  # nobody is gone, so all of them are there still
        carried = carried_over(self.draft, Reading(self.town.graph, rules), Reading(graph, rules), still)
        bare = Reopened(
            graph, rules, Plan((), {})
        )  # what areas cost is worked out from these counts, not known before
        fresh = unsolved(revised(told, bare, Draft(carried.plan)))
        there = Reopened(graph, rules, carried.plan)
        update = Update(
            effects=(),
            decisions=carried.decisions,
            base=fresh,
            town=there,
            draft=carried.draft,
            results=revised(fresh, there, carried.draft),
            names={**fresh.communities["name"].to_dict(), **self.draft.names, **carried.draft.names},
            still=still,
        )
        return update, carried

    def _effects(self, update: Update, carried: Carried, now: Draft) -> Iterator[Effect]:
        """Yield what is other than before, in the end: what was broken on the way and is mended is no news."""
        touched = areas_touched(self.draft.plan, now.plan)
        after = check(now.plan, dressed(update.town.graph, now), update.town.rules)
        yield from community_changes(self.base.communities, update.base.communities, touched)
        yield from area_changes(self.draft.plan, now.plan, (carried.before, carried.after), carried.ids)
        yield from outcome_changes(self.draft.plan, now.plan, touched)
        yield from check_changes(carried.broken[0], after, carried.ids, touched)

    def _lines(self, update: Update, now: Draft) -> Iterator[str]:
        counted = {one.community_id for one in self.counts}
        was, then = company(self.draft.plan), company(now.plan)
        others = sorted(c for c in was if c not in counted)
        moved = [c for c in others if set(was[c]) - counted != set(then.get(c, ())) - counted]
        before, after = self.results.summary, update.results.summary
        yield say("survey.line.counted", number=len(counted), grouped=len(counted & set(then)))
        yield say("survey.line.others", others=len(others), moved=len(moved))
        figures = {
            "areas": (before["areas"], after["areas"]),
            "left": (before["exceptions"], after["exceptions"]),
        }
        numbers = {
            f"{key}_{when}": n for key, two in figures.items() for when, n in zip(WHEN, two, strict=True)
        }
        yield say("survey.line.figures", **numbers, violations=after["violations"])


def regrouped_where_counted(
    update: Update,
    recount: Recount,
    *,
    listener: Listener = silent,
    cancelled: Callable[[], bool] | None = None,
) -> Update:
    """Return the update with that part grouped again which the counts touch; as few households move as can be.

    What is settled stays, and what a planner left out by hand. Fewest exceptions come first, as always; of the plans
    that have them, the one in which the fewest households leave their area.
    """

    def heard(event: Progress) -> None:
        listener(Step("solve", best_of(event)))

    draft, town = update.draft, update.town
    places = sorted({one.community_id for one in recount.counts})
    kept = settled(held(update)) | (_left_out_by_hand(recount.results) - set(places))
    graph = dressed(town.graph, draft).copy()
    areas = draft.plan.area_of()
    nx.set_node_attributes(graph, {c: areas.get(c) for c in graph}, "former")
    if not surroundings(draft.plan, graph, places, depth=0, kept=kept):
        return update
    prices = with_price(town.rules.prices, "change_per_household", STAY_PRICE)
    plan, _ = improve_around(
        draft.plan,
        graph,
        replace(town.rules, prices=prices),
        places,
        depth=len(graph),
        kept=kept,
        options=SolveOptions(seconds=SECONDS),
        following=Following(heard, cancelled),
    )
    command = regrouped(draft.plan, plan)
    return with_regroup(update, command) if command.communities else update


def _left_out_by_hand(results: Results) -> set[str]:
    reasons_now = results.communities["reason_code"]
    return set(reasons_now.index[reasons_now == "could_join"])


# --- the tables with these counts ------------------------------------------------------------------


def _with_counts(base: Results, counts: Iterable[Counted]) -> Results:
    """Return the plan's tables with other counts: communities, households by grid, and what the summary says of them."""
    by_id = {one.community_id: one for one in counts}
    table = base.communities
    told = {
        column: table.get(column, pd.Series("", index=table.index)).fillna("") for column in (SOURCE, DATE)
    }
    columns = {
        "count": table["count"].to_dict() | {c: one.count for c, one in by_id.items()},
        "count_status": table["count_status"].to_dict() | {c: one.status for c, one in by_id.items()},
        SOURCE: told[SOURCE].to_dict() | {c: one.source for c, one in by_id.items()},
        DATE: told[DATE].to_dict() | {c: one.date for c, one in by_id.items()},
    }
    kinds = {"count": "Int64", "count_status": "str", SOURCE: "str", DATE: "str"}
    new = {
        name: pd.Series(values, dtype=kinds[name]).reindex(table.index) for name, values in columns.items()
    }
    communities = table.assign(**new)
    guessed = bool((communities["count_status"] == "estimated").any())
    caveats = [code for code in base.summary.get("caveats", ()) if code != "counts_estimated"]
    summary = {
        **base.summary,
        "total": int(communities["count"].fillna(0).sum()),
        "caveats": [*caveats, *(["counts_estimated"] if guessed else [])],
    }
    told_base = replace(base, communities=communities, summary=summary)
    return replace(told_base, community_grid=_grid_parts(told_base, sorted(by_id)))


def _grid_parts(results: Results, changed: Sequence[str]) -> pd.DataFrame | None:
    """Return the households in each grid, those of the changed communities parted anew."""
    known, grids = results.community_grid, results.layers.get("grids")
    if known is None or grids is None:
        return known
    rows = results.communities.loc[list(changed)]
    if results.buildings is None:
        parts = shares(rows, grids, id_column="name")
    else:
        parts = household_shares(rows, grids, results.buildings, id_column="name")
    new = household_parts(rows["count"], parts).set_axis(list(COMMUNITY_GRID_COLUMNS), axis=1)
    both = pd.concat([known[~known["community_id"].isin(changed)], new])
    return both.sort_values(["community_id", "grid"], ignore_index=True).astype(COMMUNITY_GRID_COLUMNS)


# --- the project -----------------------------------------------------------------------------------


def kept(
    update: Update, counts: Sequence[Counted], opened: OpenDraft, project: Project, *, who: str
) -> OpenDraft:
    """Return the draft of the project in which the opened one goes on with these counts, as with every update.

    Raises as jobs.updating.taken_in.
    """
    record = {"counts": [asdict(one) for one in counts]}
    with speaking(language_of_runs()):
        title = say("survey.draft", number=len(counts), file=opened.title)
    return went_on(project, opened, update, record, title=title, who=who)
