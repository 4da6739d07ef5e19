"""The results of a draft: what people see after each edit, told by the functions that tell of a finished run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import networkx as nx
import pandas as pd

from geo.overlays import Drawn, area_outlines
from geo.schema import LINK_COLUMNS, REFUSED_COLUMNS
from geo.wording import language_of_runs, say, speaking
from jobs.explained import (
    COST_DECIMALS,
    PLAN_COLUMNS,
    Explained,
    Members,
    area_grid_table,
    areas_table,
    explained,
    figures,
    known_costs,
    plan_columns,
    violations_table,
)
from jobs.reopened import Reopened
from optimizer.checks import Violation
from report.results import CERTIFICATE_COLUMNS, Results, no_rows
from store.drafts import Acceptance, Draft, Pair, dressed
from store.versions import NEVER_ACCEPTED

EDITED = "edited"  # the status of a plan that no longer is what the optimizer found
NOT_GROUPED = ("exception", "held")


def revised(
    base: Results,
    town: Reopened,
    draft: Draft,
    *,
    last: Results | None = None,
    broken: Sequence[Violation] | None = None,
) -> Results:
    """Return the results of a draft that began with the plan `base`, taken up again as `town`.

    `last` is any earlier results of a draft of the same plan: outlines that are the same are taken from there; `broken`
    is what `check` finds in the draft, where the caller has it. Both save time and change nothing. Sentences are in the
    language of runs, whoever looks on.
    """
    with speaking(language_of_runs()):
        judged = (
            base
            if _is_as_it_was(town, draft)
            else _judged_again(base, town, draft, last=last or base, broken=broken)
        )
        return _with_decisions(judged, draft)


def _is_as_it_was(town: Reopened, draft: Draft) -> bool:
    was, now = ([(a.area_id, a.members) for a in plan.areas] for plan in (town.plan, draft.plan))
    return was == now and town.plan.outcomes == draft.plan.outcomes and not draft.scopes and not draft.links


def _judged_again(
    base: Results, town: Reopened, draft: Draft, *, last: Results, broken: Sequence[Violation] | None
) -> Results:
    graph = dressed(town.graph, draft)
    names = base.communities["name"].to_dict()
    links, refused = _links(base, draft, graph)
    found = explained(draft.plan, graph, town.rules, refused=refused, beyond=base.beyond, broken=broken)
    areas = areas_table(found, names, _outlines(base, draft, last), costs=_costs(base, town, draft))
    grids = base.community_grid
    return replace(
        base,
        communities=_communities(base, draft, found, names),
        areas=areas,
        links=links,
        refused_links=refused,
        violations=violations_table(found, names),
        certificate=no_rows(CERTIFICATE_COLUMNS),
        area_grid=None if grids is None else area_grid_table(draft.plan, grids),
        summary=_summary(base, draft, found, float(areas["cost"].sum())),
    )


# --- communities and areas -------------------------------------------------------------------------


def _communities(base: Results, draft: Draft, found: Explained, names: Mapping[str, str]) -> gpd.GeoDataFrame:
    columns = plan_columns(found, names)
    scope = {c: decided.scope for c, decided in draft.scopes.items()}
    told = {column: columns[column] for column in PLAN_COLUMNS}
    return base.communities.assign(**told, scope=_replaced(base.communities["scope"], scope))


def _outlines(base: Results, draft: Draft, last: Results) -> gpd.GeoSeries:
    """Return the outlines of the draft's areas."""
    drawn = Drawn(last.communities["area_id"], last.areas.geometry)
    return area_outlines(grounds_in_use(base), pd.Series(draft.plan.area_of(), dtype="str"), drawn=drawn)


def grounds_in_use(base: Results) -> gpd.GeoSeries:
    """Return the grounds that outlines are made of; a plan that was written without has those of its communities."""
    return base.communities.geometry if base.grounds is None else base.grounds


def _costs(base: Results, town: Reopened, draft: Draft) -> dict[Members, dict[str, float]]:
    """Return what the areas of the base cost, as far as no decision on a scope or a link can have changed it."""
    decided = {*draft.scopes, *(c for pair in draft.links for c in pair)}
    known = known_costs(base.areas, town.plan)
    return {members: cost for members, cost in known.items() if decided.isdisjoint(members)}


# --- links -----------------------------------------------------------------------------------------


def _links(base: Results, draft: Draft, graph: "nx.Graph[str]") -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return links and refused links as the draft decides: what is given is a link, what is forbidden is refused."""
    given, forbidden = _decided(draft, "given"), _decided(draft, "forbidden")
    links, refused = base.links, base.refused_links
    if not draft.links:
        return links, refused
    kept = links[~_among(links, forbidden)]
    kept = kept.assign(kind=kept["kind"].mask(_among(kept, given), "given"))
    new = given.difference(_pairs(links))
    barred = refused[~_among(refused, given)]
    barred = barred.assign(cause=barred["cause"].mask(_among(barred, forbidden), "not_adjacent"))
    taken = links[_among(links, forbidden)].assign(cause="not_adjacent")
    return (
        _joined(kept, _new_links(base, new, graph), LINK_COLUMNS),
        _joined(barred, taken, REFUSED_COLUMNS),
    )


def _new_links(base: Results, pairs: pd.MultiIndex, graph: "nx.Graph[str]") -> gpd.GeoDataFrame:
    """Return links where the data have none: the straight way between the two, with what was measured for them."""
    edges = [graph.edges[pair] for pair in pairs]
    table = pd.DataFrame(
        {
            "a": pairs.get_level_values("a"),
            "b": pairs.get_level_values("b"),
            "gap_m": [edge["gap_m"] for edge in edges],
            "crosses": ["、".join(edge["crosses"]) for edge in edges],
            "wall_m": [edge["wall_m"] for edge in edges],
            "kind": "given",
            "verified": False,
        }
    )
    shapes = base.communities.geometry
    ways = shapes.reindex(table["a"]).shortest_line(shapes.reindex(table["b"]), align=False)
    return gpd.GeoDataFrame(table, geometry=ways.to_numpy(), crs=shapes.crs)


def _joined(table: gpd.GeoDataFrame, more: gpd.GeoDataFrame, columns: dict[str, str]) -> gpd.GeoDataFrame:
    if len(more):
        table = gpd.GeoDataFrame(pd.concat([table, more[[*columns, "geometry"]]]), crs=table.crs)
    return table.astype(columns).sort_values(["a", "b"], ignore_index=True)


def _decided(draft: Draft, kind: str) -> pd.MultiIndex:
    return _index(pair for pair, link in draft.links.items() if link.kind == kind)


def _index(pairs: Iterable[Pair]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(pd.DataFrame(sorted(pairs), columns=["a", "b"], dtype="str"))


def _pairs(table: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(table[["a", "b"]])


def _among(table: pd.DataFrame, pairs: pd.MultiIndex) -> Any:
    return _pairs(table).isin(pairs)


# --- figures ---------------------------------------------------------------------------------------


def _summary(base: Results, draft: Draft, found: Explained, walked: float) -> dict[str, Any]:
    """Return the summary of an edited plan: it claims of the run's proof only what the edit leaves true."""
    price = found.rules.exception_price
    cost = round(walked + (price or 0.0) * found.left_out(), COST_DECIMALS)
    same_question = not draft.scopes and not draft.links
    bound = base.summary.get("bound") if same_question and _is_comparable(base, found) else None
    broken = [f"violations:{len(found.violations)}"] if found.violations else []
    rest = [code for code in base.summary.get("caveats", ()) if not code.startswith("violations:")]
    asked_again = {} if same_question else {"exceptions_bound": None, "areas_bound": None}
    return {
        **base.summary,
        **figures(found),
        **asked_again,
        "cost": cost,
        "bound": bound,
        "gap": None if bound is None or not cost else max(0.0, (cost - bound) / cost),
        "status": EDITED,
        "caveats": [*broken, *rest],
    }


def _is_comparable(base: Results, found: Explained) -> bool:
    """Tell whether the bound on cost speaks of this plan: of lawful ones that do as well in the goals before cost."""
    if found.violations:
        return False
    if found.rules.exception_price is not None:
        return True
    told = figures(found)
    left_out = base.communities["count"][base.communities["outcome"] == "exception"].sum()
    goals = [
        (told["exceptions"], base.summary["exceptions"]),
        (told["exceptions"], base.summary.get("exceptions_bound")),
        (found.left_out(), left_out),
    ]
    if found.rules.most_areas:
        goals.append((told["areas"], base.summary["areas"]))
    return all(ours == theirs for ours, theirs in goals)


# --- decisions beside the plan ---------------------------------------------------------------------


def _with_decisions(results: Results, draft: Draft) -> Results:
    """Return the results with what people said: names, acceptances, reasons, links seen on site."""
    accepted = {place: _words(acceptance) for place, acceptance in draft.accepted.items()}
    links = results.links.assign(
        verified=results.links["verified"] | _among(results.links, _index(draft.checked))
    )
    violations = _with_acceptances(results.violations, accepted)
    return replace(
        results,
        communities=_told(results.communities, draft, accepted),
        areas=results.areas.assign(name=_replaced(results.areas["name"], draft.names)),
        links=links,
        violations=violations,
        summary={
            **results.summary,
            "next_number": draft.plan.next_number,  # also of a plan made and unmade: no number is used again
            "caveats": _caveats(results, draft, links, left=int((violations["accepted"] == "").sum())),
        },
    )


def _told(communities: gpd.GeoDataFrame, draft: Draft, accepted: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Return the communities with the reasons that people entered first, for those that are in no area."""
    out = communities["outcome"].isin(NOT_GROUPED)
    entered = {
        c: " ".join(filter(None, [say("revised.entered", text=text), str(communities["reason"].get(c, ""))]))
        for c, text in draft.reasons.items()
        if out.get(c, False)
    }
    return communities.assign(
        reason=_replaced(communities["reason"], entered),
        accepted=_replaced(communities["accepted"], accepted),
    )


def _with_acceptances(violations: pd.DataFrame, accepted: Mapping[str, str]) -> pd.DataFrame:
    rows = zip(violations["rule"], violations["place_id"], strict=True)
    words = ["" if rule in NEVER_ACCEPTED else accepted.get(place, "") for rule, place in rows]
    return violations.assign(accepted=pd.Series(words, index=violations.index, dtype="str"))


def _caveats(results: Results, draft: Draft, links: gpd.GeoDataFrame, *, left: int) -> list[str]:
    """Return the caveats; what somebody accepted breaks no rule, and links that people have seen on site are verified.

    `left` are the broken rules that nobody accepted.
    """
    seen = {"links_unverified"} if draft.checked and links["verified"].all() else set()
    broken = [f"violations:{left}"] if left else []
    rest = (code for code in results.summary.get("caveats", ()) if not code.startswith("violations:"))
    return [*broken, *(code for code in rest if code not in seen)]


def _words(acceptance: Acceptance) -> str:
    return say("revised.accepted", reason=acceptance.reason, by=acceptance.by)


def _replaced(column: "pd.Series[str]", changed: Mapping[str, str]) -> "pd.Series[str]":
    """Return the column with other values where its index is named; names that it does not have are passed over."""
    new = column.index.map(lambda key: changed.get(key, ""))
    return column.mask(new != "", pd.Series(new, index=column.index, dtype="str"))
