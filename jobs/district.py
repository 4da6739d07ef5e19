"""One district or street office: from its files to a proven, checked, explained plan."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import networkx as nx
import pandas as pd

from geo.adjacency import Links, adjacency, beyond, to_graph
from geo.overlays import area_outlines, grounds_of
from jobs.answers import Answer, results_of
from jobs.explained import explained
from jobs.keeping import NOTHING, kept_of
from jobs.policy import Policy, read_policy
from jobs.progress import Best, Listener, Step, Stopwatch, silent
from jobs.request import Request
from jobs.sources import Sources, clean_sources, input_sha256, read_sources
from optimizer.instance import prepare
from optimizer.plan import Plan
from optimizer.solving import Certificate, Progress, SolveOptions, solve
from report.results import Results

FARTHEST_REPAIR_M = 1_000.0  # a neighbour farther away than this is no repair a street office would consider


@dataclass(frozen=True)
class District:
    """A district read, cleaned and linked, before anybody groups it; `graph` is what the optimizer sees."""

    policy: Policy
    sources: Sources
    links: Links
    graph: "nx.Graph[str]"


def plan_district(
    request: Request, *, progress: Listener = silent, cancelled: Callable[[], bool] | None = None
) -> Results:
    """Read, clean, link, solve, check and explain; nothing is written.

    `progress` hears each step; `cancelled` is asked while solving: then the best plan so far is kept. Raises DataError
    where the input or an option is wrong.
    """
    watch = Stopwatch(progress)
    district = laid_out(request, watch)
    plan, certificate = _solved(district.graph, district.policy, request, watch, cancelled)
    return results_under(district, plan, certificate, request, watch)


def laid_out(request: Request, watch: Stopwatch, *, base: Results | None = None) -> District:
    """Return the request's district; what it does not name comes from the plan `base` that it updates.

    Raises DataError where the input or an option is wrong.
    """
    policy = read_policy(request)
    with watch("read"):
        raw = read_sources(request)
    with watch("clean"):
        kept = NOTHING if base is None else kept_of(base, request, raw.communities)
        sources = clean_sources(raw, request, policy, kept)
        policy = replace(policy, rules=replace(policy.rules, within=sources.within))
    with watch("links"):
        links = adjacency(
            sources.communities,
            reach=policy.reach,
            barriers=sources.barriers,
            within=sources.within,
            given=sources.links,
        )
        graph = constrained(to_graph(sources.communities, links.links), sources)
    return District(policy, sources, links, graph)


def results_under(
    district: District, plan: Plan, certificate: Certificate, request: Request, watch: Stopwatch
) -> Results:
    """Return what there is to say of the district under a plan, whoever made it: checked and explained."""
    policy, sources, links = district.policy, district.sources, district.links
    with watch("check"):
        far = _beyond(sources, links, policy)
        found = explained(plan, district.graph, policy.rules, refused=links.refused, beyond=far)
        grounds = grounds_of(sources.communities, reach=policy.reach, barriers=sources.barriers)
        outlines = area_outlines(grounds, pd.Series(plan.area_of(), dtype="str"))
    answer = Answer(found, certificate, links, far, grounds, outlines)
    return results_of(
        request, policy, sources, answer, seconds=watch.seconds, input_sha256=input_sha256(request)
    )


def constrained(graph: "nx.Graph[str]", sources: Sources) -> "nx.Graph[str]":
    """Return the graph with locks, former areas and bounds on its communities, and the pairs that must or must not share an area."""
    graph = graph.copy()
    for column in sources.within:
        nx.set_node_attributes(graph, sources.communities[column].to_dict(), column)
    nx.set_node_attributes(graph, {i: sources.locks.get(i) for i in graph}, "lock")
    nx.set_node_attributes(graph, {i: sources.existing.get(i) for i in graph}, "former")
    given = sources.links
    for kind in ("together", "apart"):
        rows = (
            ()
            if given is None
            else given[given["kind"] == kind][["a", "b"]].itertuples(index=False, name=None)
        )
        graph.graph[kind] = tuple(rows)
    return graph


def make_ready(listener: Listener) -> None:
    """Compile the search where the sources have changed since that was done: before any clock runs."""
    from optimizer.compiling import compile_ahead, is_compiled

    if not is_compiled():
        listener(Step("compile"))
        compile_ahead()


def best_of(event: Progress) -> Best:
    """Return the figures of a search that goes on, as people hear them."""
    done = event.communities_done / event.communities if event.communities else 1.0
    return Best(event.areas, event.exceptions, event.cost, event.bound, event.gap, done)


def _solved(
    graph: "nx.Graph[str]",
    policy: Policy,
    request: Request,
    watch: Stopwatch,
    cancelled: Callable[[], bool] | None,
) -> tuple[Plan, Certificate]:
    def heard(event: Progress) -> None:
        watch.listener(Step("solve", best_of(event)))

    options = SolveOptions(seconds=request.seconds, seed=request.seed, workers=request.workers)
    make_ready(watch.listener)
    with watch("candidates"):
        instance = prepare(graph, policy.rules)
    with watch("solve"):
        return solve(graph, policy.rules, options, instance=instance, progress=heard, cancelled=cancelled)


def _beyond(sources: Sources, links: Links, policy: Policy) -> pd.DataFrame:
    limit_m = max(FARTHEST_REPAIR_M, policy.reach.farthest_m())
    pairs = beyond(sources.communities, links, limit_m=limit_m, barriers=sources.barriers)
    return pairs.assign(cause=pairs["cause"].where(pairs["cause"] != "", "reach"))
