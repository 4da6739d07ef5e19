"""A draft on the desk, of a town drawn in text: what the tests of verbs, changes and checks stand on."""

import networkx as nx

from jobs.reopened import Reopened
from optimizer.plan import Area, Plan, center_of, linked_exceptions, outcomes_of
from optimizer.rules import Rules
from store.drafts import Draft
from store.edits import Command, applied
from tests.towns import town

RULES = Rules(within=())
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}{name}"


def planned(graph: nx.Graph, *groups: str) -> Plan:
    """The plan with these areas, PMA-001 and on; a group is the ids of its members, one letter each."""
    areas = tuple(
        Area(f"PMA-{n:03d}", tuple(group), center_of(graph, group)) for n, group in enumerate(groups, 1)
    )
    outcomes = outcomes_of(graph, areas)
    return Plan(areas, outcomes, linked_exceptions(graph, outcomes), len(areas) + 1)


def on_desk(
    drawing: str, *groups: str, rules: Rules = RULES, done: tuple[Command, ...] = (), **dress: object
) -> tuple[Draft, Reopened]:
    """A draft with these areas, after the commands; a community is called 甲院 where its id is 甲."""
    graph = town(drawing, **dress)
    for community, node in graph.nodes(data=True):
        node["name"] = f"{community}院"
    plan = planned(graph, *groups)
    draft = Draft(plan)
    for command in done:
        draft = applied(draft, command, graph)
    return draft, Reopened(graph, rules, plan)
