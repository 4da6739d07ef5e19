"""A written plan taken up again: the graph, the rules and the plan that its folder's tables were made from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx

from geo.adjacency import to_graph
from geo.schema import DataError
from jobs.policy import Given, policy_from
from optimizer.plan import Area, Plan, linked_exceptions, number_of
from optimizer.rules import Rules
from report.results import Results

RULES_FILE = "rules.toml"


@dataclass(frozen=True)
class Reopened:
    """What the optimizer saw: everything an edit of the plan is judged by."""

    graph: "nx.Graph[str]"
    rules: Rules
    plan: Plan


def reopened(results: Results) -> Reopened:
    """Return the optimizer's view of a plan that was read back; raises DataError where its rules cannot be read."""
    graph = _graph(results)
    return Reopened(graph, rules_in_use(results), _plan(results, graph))


def _graph(results: Results) -> "nx.Graph[str]":
    graph = to_graph(results.communities, results.links)
    within = results.summary.get("within", ())
    for column in (c for c in within if c in results.communities):
        nx.set_node_attributes(graph, results.communities[column].fillna("").to_dict(), column)
    for name in ("lock", "former"):
        nx.set_node_attributes(graph, {i: v or None for i, v in results.communities[name].items()}, name)
    for kind in ("together", "apart"):
        rows = results.pairs[results.pairs["kind"] == kind]
        graph.graph[kind] = tuple(rows[["a", "b"]].itertuples(index=False, name=None))
    return graph


def rules_in_use(results: Results) -> Rules:
    """Return the rules that a plan was made by; raises DataError where they cannot be read."""
    summary: Mapping[str, Any] = results.summary
    try:
        table = tomllib.loads(results.rules_text)
    except tomllib.TOMLDecodeError as error:
        raise DataError("rules.not_toml", file=RULES_FILE, detail=error) from error
    given = Given(**summary["given"]) if "given" in summary else Given(minimum=int(summary["minimum"]))
    rules = policy_from(table, given, text=results.rules_text, file=RULES_FILE).rules
    return replace(rules, within=tuple(summary.get("within", rules.within)))


def _plan(results: Results, graph: "nx.Graph[str]") -> Plan:
    table = results.communities
    members = table.index.to_series().groupby(table["area_id"]).agg(lambda ids: tuple(sorted(ids)))
    locked = set(table["area_id"][table["lock"] != ""].dropna())
    areas = tuple(
        Area(area_id, members[area_id], center, locked=area_id in locked)
        for area_id, center in results.areas["center_id"].sort_index().items()
    )
    outcomes = {str(i): str(outcome) for i, outcome in table["outcome"].sort_index().items()}
    numbers = [number_of(area.area_id) or 0 for area in areas]
    following = int(results.summary.get("next_number", max(numbers, default=0) + 1))
    return Plan(areas, outcomes, linked_exceptions(graph, outcomes), following)
