"""What every plan is compared with: nothing grouped, and one service package for each group that stays unmerged."""

from collections import defaultdict
from dataclasses import replace

import geopandas as gpd
import networkx as nx
import pandas as pd

from geo.overlays import area_outlines
from geo.wording import say
from jobs.reopened import Reopened
from jobs.revised import grounds_in_use, revised
from jobs.versus import PACKAGE
from optimizer.plan import Plan, regroup
from report.results import Results
from store.drafts import Draft

Groups = tuple[tuple[str, ...], ...]


def kept_as_is(base: Results, town: Reopened) -> Results:
    """Return the results of `draft_as_is`."""
    return revised(base, town, draft_as_is(town))


def draft_as_is(town: Reopened) -> Draft:
    """Return the draft that leaves all as it is: the existing division where one is known, else each for itself.

    Nothing is locked or decided but the names of areas in use. A community that is in no existing area is one of its own where it reaches the minimum by itself or is kept as it is;
    the others stay below the minimum, and the checks say which of them need not. Ids are those of `town`'s plan where the
    centre is the same.
    """
    graph, minimum = town.graph, town.rules.minimum
    placed = [c for c in graph if _has_place(graph, c)]
    groups = [
        group for group in _existing(graph, placed) if len(group) > 1 or _stands(graph, group[0], minimum)
    ]
    known = {c for group in _existing(graph, placed) for c in group}
    groups += [(c,) for c in placed if c not in known and _stands(graph, c, minimum)]
    start = replace(town.plan, areas=tuple(replace(area, locked=False) for area in town.plan.areas))
    plan = regroup(start, graph, placed, sorted(groups)) if placed else start
    return Draft(plan, names=_names(graph, plan))


def packaged(base: Results, town: Reopened, plan: Plan) -> Results:
    """Return the results of `kept_as_is` where each group of `plan` is served as one package, its areas unmerged.

    `communities` gets a column PACKAGE with the number of the package, "" outside: groups of two or more, those below
    the minimum, and who is left out alone with the filed area beside it, which nobody may join: no law keeps them from
    one contract.
    """
    unmerged = kept_as_is(base, town)
    packages = _packages(town.graph, plan)
    numbers = pd.Series(
        {c: f"P-{n:03d}" for n, package in enumerate(packages, 1) for c in package}, dtype="str"
    )
    column = numbers.reindex(unmerged.communities.index).fillna("").astype("str")
    layers = {**unmerged.layers, "packages": _outlines(base, numbers)} if len(numbers) else unmerged.layers
    return replace(unmerged, communities=unmerged.communities.assign(**{PACKAGE: column}), layers=layers)


def _packages(graph: "nx.Graph[str]", plan: Plan) -> list[tuple[str, ...]]:
    """Return the members of each package, those of areas first."""
    joined: dict[str, list[str]] = defaultdict(list)
    areas, grouped = plan.area_of(), {c for group in plan.below_min_groups for c in group}
    for community, outcome in plan.outcomes.items():
        beside = [n for n in graph[community] if n in areas and plan.outcomes[n] == "fixed"]
        if outcome == "exception" and community not in grouped and beside:
            nearest = min(beside, key=lambda n: (graph.edges[community, n]["gap_m"], n))
            joined[areas[nearest]].append(community)
    served = [tuple(sorted((*area.members, *joined[area.area_id]))) for area in plan.areas]
    return [*(package for package in served if len(package) > 1), *plan.below_min_groups]


def _outlines(base: Results, numbers: "pd.Series[str]") -> gpd.GeoDataFrame:
    """Return the outlines of packages as a layer, one row each."""
    shapes = area_outlines(grounds_in_use(base), numbers)
    names = [say("versus.package_name", number=number) for number in shapes.index]
    return gpd.GeoDataFrame({"name": names}, geometry=shapes.to_numpy(), crs=base.communities.crs)


def _existing(graph: "nx.Graph[str]", placed: list[str]) -> Groups:
    """Return the members of each area in use that can be in an area."""
    members: dict[str, list[str]] = defaultdict(list)
    for community in placed:
        if graph.nodes[community].get("former"):
            members[graph.nodes[community]["former"]].append(community)
    return tuple(tuple(sorted(group)) for group in members.values())


def _names(graph: "nx.Graph[str]", plan: Plan) -> dict[str, str]:
    """Return the names of areas that are in use already."""
    return {
        area.area_id: graph.nodes[area.center_id]["former"]
        for area in plan.areas
        if len({graph.nodes[m].get("former") for m in area.members} - {None}) == 1
    }


def _has_place(graph: "nx.Graph[str]", community: str) -> bool:
    node = graph.nodes[community]
    return node["scope"] != "excluded" and (node["scope"] != "to_group" or bool(node["count"]))


def _stands(graph: "nx.Graph[str]", community: str, minimum: int) -> bool:
    node = graph.nodes[community]
    return node["scope"] in ("fixed", "host") or (node["count"] or 0) >= minimum
