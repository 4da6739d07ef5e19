"""Grouping again around a place: better or equal there, untouched elsewhere."""

import networkx as nx
import pytest

from geo.schema import DataError
from optimizer.candidates import area_cost
from optimizer.checks import check
from optimizer.plan import Plan, area_name, difference, lock, merge, new_area, split
from optimizer.replanning import improve_around, surroundings
from optimizer.rules import Rules
from optimizer.solving import solve
from tests.towns import street_grid, town

STREET = "a60 b60 c60 d60 e60 f60"  # one row: neighbours are linked


def planned(graph: nx.Graph, *groups: str) -> Plan:
    plan = Plan((), {})
    for group in groups:
        plan = new_area(plan, graph, group)
    return plan


def cost(plan: Plan, graph: nx.Graph) -> float:
    return sum(area_cost(graph, Rules(), area.members).total for area in plan.areas)


def groups(plan: Plan) -> list[str]:
    return sorted("".join(area.members) for area in plan.areas)


def test_a_whole_street_in_one_area_is_split_where_that_is_better():
    graph = town(STREET)
    again, certificate = improve_around(planned(graph, "abcdef"), graph, Rules(), ["PMA-001"])
    assert groups(again) == ["ab", "cd", "ef"]
    assert certificate.status == "optimal"


def test_depth_is_counted_from_area_to_area():
    graph = town(STREET)
    plan = planned(graph, "ab", "cd", "ef")
    reached = ["".join(sorted(surroundings(plan, graph, ["PMA-001"], depth=depth))) for depth in range(3)]
    assert reached == ["ab", "abcd", "abcdef"]


def test_a_community_stands_for_its_area_and_an_exception_for_itself():
    graph = town(STREET)
    plan = planned(graph, "ab", "cd")
    assert surroundings(plan, graph, ["a"], depth=0) == {"a", "b"}
    assert surroundings(plan, graph, ["f"], depth=1) == {"e", "f"}


def test_exceptions_on_the_way_take_part():
    graph = town("a60 b60 c60")
    again, _ = improve_around(planned(graph, "ab"), graph, Rules(), ["PMA-001"])
    assert groups(again) == ["abc"]
    assert set(again.outcomes.values()) == {"grouped"}


def test_a_locked_area_stays_and_stands_in_the_way():
    graph = town(STREET)
    plan = lock(planned(graph, "ab", "cd", "ef"), ["PMA-002"])
    assert surroundings(plan, graph, ["PMA-001"], depth=5) == {"a", "b"}
    assert improve_around(plan, graph, Rules(), ["PMA-002"], depth=0)[0].areas == plan.areas


def test_pairs_that_stay_together_still_do():
    graph = town("a60 b60 c60 d60")
    graph.graph["together"] = (("b", "c"),)
    again, _ = improve_around(planned(graph, "ab", "cd"), graph, Rules(), ["PMA-001"])
    assert groups(again) == ["abcd"]


def test_areas_keep_their_id_where_their_centre_stays():
    graph = street_grid(8, seed=3)
    best, _ = solve(graph, Rules())
    assert improve_around(best, graph, Rules(), [best.areas[0].area_id], depth=3)[0] == best


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_spoilt_plan_gets_better_and_stays_the_same_elsewhere(depth):
    graph = street_grid(8, seed=3)
    best, _ = solve(graph, Rules())
    first = best.areas[0]
    beside = min(n for m in first.members for n in graph[m] if n not in first.members)
    spoilt = merge(best, graph, [first.area_id, best.area_of()[beside]])
    place = spoilt.area_of()[beside]
    here = surroundings(spoilt, graph, [place], depth=depth)
    again, certificate = improve_around(spoilt, graph, Rules(), [place], depth=depth)
    assert check(spoilt, graph, Rules()) == [] == check(again, graph, Rules())
    assert cost(best, graph) <= cost(again, graph) < cost(spoilt, graph)
    assert certificate.exceptions == 0
    assert {c for c, _, _ in difference(spoilt, again).moved} <= here


def test_an_unknown_place_is_refused():
    graph = town("a60 b60")
    with pytest.raises(DataError) as refused:
        improve_around(planned(graph, "ab"), graph, Rules(), ["PMA-009"])
    assert refused.value.code == "plan.no_such_community"


def test_an_area_split_by_hand_is_put_together_again():
    graph = town("a60 b60 c60 d60")
    plan = split(planned(graph, "abcd"), graph, area_name(1), ["a", "bcd"])
    again, _ = improve_around(plan, graph, Rules(), ["a"])
    assert groups(again) == ["ab", "cd"]
