"""First plans: lawful, whole, and with the given areas in them."""

import networkx as nx
import numpy as np
import pytest

from optimizer.candidates import area_cost
from optimizer.checks import check
from optimizer.covering import no_groups
from optimizer.instance import Part
from optimizer.plan import Area, Plan, area_name, center_of, linked_exceptions, outcomes_of
from optimizer.pricing import first_groups
from optimizer.rules import Rules
from optimizer.starting import costed, first_plan, lone_big, lone_host, rounded
from tests.towns import only_part, shuffled, street_grid, town

RULES = Rules(upper=200)


def members(part: Part, groups) -> list[str]:
    return ["".join(part.communities(groups.of(k).tolist())) for k in range(len(groups))]


def broken(graph: nx.Graph, part: Part, groups) -> list[str]:
    areas = tuple(
        Area(area_name(k + 1), ids, center_of(graph, ids))
        for k, ids in enumerate(part.communities(groups.of(k).tolist()) for k in range(len(groups)))
    )
    outcomes = outcomes_of(graph, areas)
    plan = Plan(areas, outcomes, linked_exceptions(graph, outcomes), len(areas) + 1)
    return [violation.rule for violation in check(plan, graph, RULES)]


@pytest.mark.parametrize("seed", range(12))
def test_a_first_plan_of_a_clean_part_is_lawful_and_leaves_nobody_out(seed):
    graph = street_grid(6, seed)
    part = only_part(graph, RULES)
    plan = first_plan(part, RULES, no_groups())
    assert sorted(plan.units.tolist()) == list(range(part.units))
    assert broken(graph, part, plan) == []
    again = only_part(shuffled(graph, seed), RULES)
    assert members(again, first_plan(again, RULES, no_groups())) == members(part, plan)


def test_given_areas_come_first():
    graph = street_grid(6, 3)
    part = only_part(graph, RULES)
    plan = first_plan(part, RULES, no_groups())
    other = first_plan(part, RULES, plan.take(np.arange(0, len(plan), 2)))
    assert set(members(part, plan)[::2]) <= set(members(part, other))
    row = only_part(town("a50 b50 c50 d50 e50 f50"), RULES)
    given = costed(row, RULES, [np.array([1, 2])])
    assert members(row, first_plan(row, RULES, given)) == ["abc", "def"]
    assert members(row, first_plan(row, RULES, no_groups())) == ["ab", "cd", "ef"]


def test_what_can_be_split_is_split_whatever_the_upper_size():
    part = only_part(town("a60 b60 c60 d60 e60 f60"), Rules(upper=10_000))
    assert members(part, rounded(part, RULES, no_groups(), np.zeros(0, np.int64))) == ["ab", "cd", "ef"]


def test_a_part_below_the_minimum_has_no_plan():
    part = only_part(town("a60 b39"), RULES)
    assert len(rounded(part, RULES, no_groups(), np.zeros(0, np.int64))) == 0
    part = only_part(town("a60 b40"), RULES)
    assert members(part, rounded(part, RULES, no_groups(), np.zeros(0, np.int64))) == ["ab"]


def test_where_rules_are_in_the_way_only_large_ones_alone_are_sure():
    graph = town("a120 b60 h300 c60 d150", scope={"h": "host"}, together=[("c", "d")])
    part = only_part(graph, RULES)
    assert members(part, first_plan(part, RULES, no_groups())) == ["a"]


def test_who_may_stand_alone():
    graph = town("a120 b60 h300 c60 d150", scope={"h": "host"}, together=[("c", "d")])
    part = only_part(graph, RULES)
    assert ids(part, lone_big(part)) == [("a",)]
    assert ids(part, lone_host(part)) == [("h",)]
    tied = only_part(town("a20 h300", scope={"h": "host"}, together=[("a", "h")]), RULES)
    assert ids(tied, lone_host(tied)) == []


def ids(part: Part, mask: np.ndarray) -> list[tuple[str, ...]]:
    return [part.communities([u]) for u in np.flatnonzero(mask).tolist()]


def test_groups_cost_what_their_areas_cost():
    graph = street_grid(4, 1)
    part = only_part(graph, RULES)
    groups = first_groups(part, RULES)
    again = costed(part, RULES, [groups.of(k) for k in range(len(groups))])
    for k in range(len(groups)):
        area = area_cost(graph, RULES, part.communities(groups.of(k).tolist()))
        assert (again.cost[k], part.ids[again.center[k]]) == (pytest.approx(area.total), area.center_id)
    assert len(costed(part, RULES, [])) == 0
