"""A plan weighed: the same communities planned again by other rules, all that people settled left as it is."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import pandas as pd

from geo.adjacency import Links, Reach, adjacency, beyond
from geo.barriers import Barriers
from jobs.answers import certificate_table
from jobs.district import FARTHEST_REPAIR_M, best_of, make_ready
from jobs.explained import COST_DECIMALS
from jobs.policy import Given
from jobs.progress import Listener, Step, silent
from jobs.reopened import Reopened, reopened
from jobs.revised import revised
from jobs.scenarios import with_price
from jobs.searching import settled
from jobs.stated import stated
from optimizer.plan import Plan, regroup
from optimizer.rules import Rules
from optimizer.solving import Certificate, Progress, SolveOptions, solve
from report.reopening import read_results
from report.results import BEYOND_COLUMNS, Results
from store.drafts import Draft, dressed, replanned
from store.edits import Regroup, regrouped
from store.records import typed

SECONDS = 60.0
_PRICE_LINE = re.compile(r"\s*(\w+)\s*=\s*[^#]*#\s*(.+)")
_ENDED = ("stopped", "ended_by_hand")


@dataclass(frozen=True)
class Wish:
    """What is to be otherwise; None and what is not in `prices` (names as in jobs.scenarios) stay as they are."""

    minimum: int | None = None
    upper: int | None = None
    reach_outline_m: float | None = None
    reach_point_m: float | None = None
    prices: Mapping[str, float] = field(default_factory=dict)

    def rules(self, rules: Rules) -> Rules:
        """Return the rules with what is wished; raises DataError where they contradict each other."""
        prices = rules.prices
        for name, price in self.prices.items():
            prices = with_price(prices, name, price)
        outline_m = rules.reach_outline_m if self.reach_outline_m is None else self.reach_outline_m
        point_m = rules.reach_point_m if self.reach_point_m is None else self.reach_point_m
        return replace(rules, prices=prices, reach_outline_m=outline_m, reach_point_m=point_m).override(
            minimum=self.minimum, upper=self.upper, reach_m=None, most_areas=False
        )

    @property
    def links_anew(self) -> bool:
        """Tell whether links are to be found again."""
        return self.reach_outline_m is not None or self.reach_point_m is not None


@dataclass(frozen=True)
class Weighing:
    """A question that travels to another process as JSON: the plan's folder, the draft as a record, what is wished."""

    folder: Path
    draft: Mapping[str, Any]
    wish: Mapping[str, Any]
    title: str

    def __call__(
        self, *, listener: Listener = silent, cancelled: Callable[[], bool] | None = None
    ) -> Results:
        """Return the results of the plan that is wished for; raises DataError where the wish contradicts itself."""
        listener(Step("read"))
        base = read_results(self.folder)
        wish, draft = Wish(**self.wish), typed(self.draft, Draft)
        results = weighed(base, draft, wish, listener=listener, cancelled=cancelled)
        return replace(results, summary={**results.summary, "scenario": self.title})


def weighed(
    base: Results,
    draft: Draft,
    wish: Wish,
    *,
    options: SolveOptions | None = None,
    listener: Listener = silent,
    cancelled: Callable[[], bool] | None = None,
) -> Results:
    """Return the results of planning again what the draft leaves free, by the rules of `base` and the wish.

    Links are found anew where the reach is another. Settled (jobs.searching.settled) areas stay; the others keep their
    ids where their centre stays. Where `cancelled` says so, the best plan so far.
    """

    def heard(event: Progress) -> None:
        listener(Step("solve", best_of(event)))

    if wish.links_anew:
        listener(Step("links"))
    given = wished(base, wish)
    town = reopened(given)
    make_ready(listener)
    listener(Step("solve"))
    graph = as_settled(town, draft)
    asked = options or SolveOptions(seconds=SECONDS)
    found, certificate = solve(graph, town.rules, asked, progress=heard, cancelled=cancelled)
    listener(Step("check"))
    plan = _continued(draft.plan, town.graph, found)
    # No plan to begin with: what its areas cost was told by the prices before.
    fresh = Reopened(town.graph, town.rules, Plan((), {}))
    results = revised(given, fresh, replanned(draft, plan))
    return _proven(results, certificate)


def adopted(draft: Draft, results: Results) -> Regroup:
    """Return the command that groups the communities of a draft as these results do."""
    return regrouped(draft.plan, reopened(results).plan)


def meanings(rules_text: str) -> dict[str, str]:
    """Return by key what the rules file says beside it: the meaning of a limit or a price, in its own language."""
    found = (_PRICE_LINE.fullmatch(line) for line in rules_text.splitlines())
    return {match[1]: match[2].strip() for match in found if match}


# --- rules and links -------------------------------------------------------------------------------


def wished(base: Results, wish: Wish) -> Results:
    """Return the plan's tables as if it had been read by the rules wished for, its links found anew where they ask it."""
    given = _with_rules(base, wish)
    return _linked(given, reopened(given).rules) if wish.links_anew else given


def as_settled(town: Reopened, draft: Draft) -> "nx.Graph[str]":
    """Return the graph as the draft sees it, with the areas of settled communities locked."""
    return _bound(dressed(town.graph, draft), draft)


def _with_rules(base: Results, wish: Wish) -> Results:
    """Return the plan as if it had been made by the rules wished for; its file says them all."""
    rules = wish.rules(reopened(base).rules)
    told = {"minimum": rules.minimum, "given": asdict(Given())}
    return replace(base, rules_text=stated(base.rules_text, rules), summary={**base.summary, **told})


def _linked(base: Results, rules: Rules) -> Results:
    """Return the plan with the links of another reach, found as a run finds them."""
    barriers, within = _barriers(base), tuple(base.summary.get("within", ()))
    reach = Reach(rules.reach_outline_m, rules.reach_point_m)
    links = adjacency(base.communities, reach=reach, barriers=barriers, within=within, given=_given(base))
    limit_m = max(FARTHEST_REPAIR_M, reach.farthest_m())
    far = beyond(base.communities, links, limit_m=limit_m, barriers=barriers)
    far = far.assign(cause=far["cause"].where(far["cause"] != "", "reach"))
    return _with_links(base, links, far)


def _with_links(base: Results, links: Links, far: pd.DataFrame) -> Results:
    table = far[list(BEYOND_COLUMNS)].astype(BEYOND_COLUMNS)
    return replace(base, links=links.links, refused_links=links.refused, beyond=table)


def _barriers(base: Results) -> Barriers | None:
    """Return the bounds as they were read, but for the names of some, which no link asks for."""
    if "barriers" not in base.layers:
        return None
    features = base.layers["barriers"]
    crossings = base.layers.get("crossings")
    if crossings is None:
        crossings = gpd.GeoDataFrame({"kind": [], "barrier_class": []}, geometry=[], crs=features.crs)
    return Barriers(features, crossings.fillna({"barrier_class": ""}))


def _given(base: Results) -> pd.DataFrame:
    """Return what was given of pairs, as the run was told it."""
    ends = ["a", "b"]
    links, refused = base.links, base.refused_links
    adjacent = links.loc[links["kind"] == "given", ends].assign(kind="adjacent")
    apart = refused.loc[refused["cause"] == "not_adjacent", ends].assign(kind="not_adjacent")
    return pd.DataFrame(pd.concat([adjacent, apart, base.pairs], ignore_index=True))


# --- plan ------------------------------------------------------------------------------------------


def _bound(graph: "nx.Graph[str]", draft: Draft) -> "nx.Graph[str]":
    """Return the graph on which the areas of settled communities are locked."""
    kept = settled(draft)
    locks = {
        member: area.area_id
        for area in draft.plan.areas
        if area.locked or not kept.isdisjoint(area.members)
        for member in area.members
    }
    bound = graph.copy()
    nx.set_node_attributes(bound, locks, "lock")
    return bound


def _continued(before: Plan, graph: "nx.Graph[str]", found: Plan) -> Plan:
    """Return the plan found with the ids of `before` where a centre stays, and no number used again."""
    start = replace(before, areas=tuple(replace(area, locked=False) for area in before.areas))
    chosen = {m for plan in (before, found) for area in plan.areas for m in area.members}
    return regroup(start, graph, chosen, [area.members for area in found.areas]) if chosen else start


def _proven(results: Results, certificate: Certificate) -> Results:
    """Return the results with what is proven of the plan."""
    ended = {"clock": ["stopped"], "cancel": ["ended_by_hand"]}.get(certificate.stopped_by or "", [])
    caveats = [code for code in results.summary.get("caveats", ()) if code not in _ENDED]
    names = ("gap", "status", "stopped_by", "exceptions_bound", "areas_bound")
    proven = {name: getattr(certificate, name) for name in names}
    proven |= {name: round(getattr(certificate, name), COST_DECIMALS) for name in ("cost", "bound")}
    return replace(
        results,
        certificate=certificate_table(certificate),
        summary={**results.summary, **proven, "caveats": [*caveats, *ended]},
    )
