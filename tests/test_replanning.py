"""Grouping again around a place: better or equal there, untouched elsewhere."""

import networkx as nx
import pytest

from geo.schema import DataError
from optimizer.candidates import area_cost
from optimizer.checks import check
from optimizer.plan import Plan, area_name, difference, lock, merge, new_area, split
from optimizer.replanning import (
    Following,
    free_of,
    improve_around,
    replan_rest,
    split_best,
    surroundings,
)
from optimizer.rules import Prices, Rules
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


# --- what is kept, the rest, and one area ----------------------------------------------------------


def test_a_kept_community_keeps_its_area_and_a_kept_exception_stays_one():
    graph = town("a60 b60 c60 d60 e60 f60 g30")
    plan = planned(graph, "abc", "def")
    assert free_of(plan, graph, kept=["d", "g"]) == {"a", "b", "c"}
    assert surroundings(plan, graph, ["PMA-001"], depth=3, kept=["d"]) == {"a", "b", "c"}
    again, _ = improve_around(plan, graph, Rules(), ["PMA-001"], depth=3, kept=["d"])
    assert (groups(again), again.outcomes["g"]) == (["abc", "def"], "exception")


def test_the_rest_is_grouped_again_around_what_is_locked():
    graph = town("a60 b60 c60 d60 e60 f60 g60")
    plan = lock(planned(graph, "abc", "defg"), ["PMA-001"])
    again, certificate = replan_rest(plan, graph, Rules())
    assert groups(again) == ["abc", "de", "fg"]
    assert again.areas[0] == plan.areas[0]
    assert certificate.status == "optimal"
    assert groups(replan_rest(plan, graph, Rules(), kept=["g"])[0]) == ["abc", "defg"]


def test_an_area_is_split_at_least_cost_and_where_cost_says_no_into_as_many_as_there_can_be():
    graph = town("a60 b60 c60 d60 e60 f60")
    plan = planned(graph, "abcdef")
    dear = Rules(prices=Prices(area=1_000_000.0))
    assert groups(split_best(plan, graph, Rules(), "PMA-001")[0]) == ["ab", "cd", "ef"]
    assert groups(improve_around(plan, graph, dear, ["PMA-001"])[0]) == ["abcdef"]
    assert groups(split_best(plan, graph, dear, "PMA-001")[0]) == ["ab", "cd", "ef"]


def test_an_area_that_cannot_be_split_stays():
    graph = town("a60 b60 c60 . d60 e60")
    plan = planned(graph, "abc", "de")
    assert split_best(plan, graph, Rules(), "PMA-001")[0] == plan
    torn = planned(graph, "abcde")
    assert groups(split_best(torn, graph, Rules(), "PMA-001")[0]) == ["abc", "de"]


def test_a_split_leaves_nobody_out():
    graph = town("a60 b60 . c60 d60 . e30")
    plan = planned(graph, "abcde")
    assert split_best(plan, graph, Rules(), "PMA-001")[0] == plan


def test_a_search_is_followed_and_cancelled():
    graph, heard = street_grid(8, seed=3), []
    plan = planned(graph, list(graph))
    following = Following(heard=heard.append, cancelled=lambda: True)
    _, certificate = replan_rest(plan, graph, Rules(), following=following)
    assert heard
    assert certificate.stopped_by in ("cancel", None)
