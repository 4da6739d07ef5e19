"""The graph as arrays: who takes part, every array of a small town by hand, and parts of parts."""

from dataclasses import replace
from itertools import product

import networkx as nx
import numpy as np
import pytest

from geo.schema import DataError
from optimizer.instance import Part, distance_m, divided, former_centers, prepare
from optimizer.rules import Prices, Rules
from tests.towns import only_part, shuffled, town

FREE = Prices(wall_per_m=2.0, crossing={"road": 70.0}, committee=0.0, grid=0.0, unlike={}, area=9.0)
RULES = Rules(prices=FREE)


def arrays(part: Part) -> dict[str, object]:
    return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in part.arrays._asdict().items()}


def everything(part: Part) -> tuple[object, ...]:
    out = part.out_communities.tolist(), part.out_households.tolist()
    return part.ids, arrays(part), *out, part.hosts, part.clean


# --- who takes part ----------------------------------------------------------------------------------


def test_who_takes_part_and_what_is_settled_before():
    graph = town(
        "z0 | a60 b60 | f30 | x20 | n20 m? | l50 | i? | j? | k30 | y?",
        scope={
            "f": "fixed",
            "x": "excluded",
            "k": "host",
            "i": "host",
            "j": "fixed",
            "y": "excluded",
            "l": "fixed",
        },
        lock={"m": "PMA-009", "l": "PMA-002", "n": "PMA-009"},
    )
    found = prepare(graph, RULES)
    assert found.held == ("i", "z")
    assert found.excluded == ("x", "y")
    assert found.fixed == ("f", "j")
    assert found.locked == (("PMA-002", ("l",)), ("PMA-009", ("m", "n")))
    assert [part.ids for part in found.parts] == [("a", "b"), ("k",)]


def test_every_array_of_a_small_town():
    """Units: a with c, then b, then the host h; a wall between a and b, a road between b and c, a wall before h."""
    graph = town(
        "a60 b120 c30\n. h20 .",
        together=[("c", "a")],
        apart=[("h", "b"), ("b", "h"), ("b", "nobody")],
        walls={("a", "b"): 10.0, ("b", "h"): 3.0},
        crosses={("b", "c"): ("road", "lane")},
        scope={"h": "host"},
    )
    part = only_part(graph, RULES)
    assert part.ids == ("a", "b", "c", "h")
    assert arrays(part) == {
        "unit_of": [0, 1, 0, 2],
        "households": [60.0, 120.0, 30.0, 20.0],
        "x": [0.0, 50.0, 100.0, 50.0],
        "y": [0.0, 0.0, 0.0, -50.0],
        "member_start": [0, 2, 3, 4],
        "member": [0, 2, 1, 3],
        "weight": [90, 120, 20],
        "hosts": [0, 0, 1],
        "bigs": [0, 1, 0],
        "joins": [0, 1, 0],
        "adjacent_start": [0, 1, 3, 4],
        "adjacent": [1, 0, 2, 1],
        "apart_start": [0, 0, 1, 2],
        "apart": [2, 1],
        "link_start": [0, 2, 5, 7, 8],
        "link": [1, 2, 0, 2, 3, 0, 1, 1],
        "link_cost": [20.0, 0.0, 20.0, 70.0, 6.0, 0.0, 70.0, 6.0],
        "least_link": [0.0, 6.0, 6.0],
        "value_start": [0, 0, 0, 0],
        "value": [],
        "trait_of": [],
        "trait_price": [],
        "former": [],
        "anchor": [],
        "change_price": 0.0,
        "area_price": 9.0,
    }
    assert part.out_communities.tolist() == [2, 1, 0]
    assert part.out_households.tolist() == [90, 120, 0]
    assert (part.hosts, part.clean, part.units) == (frozenset("h"), False, 3)
    assert part.communities([1, 0]) == ("a", "b", "c")


@pytest.mark.parametrize(("count", "bigs", "joins"), [(99, 0, 0), (100, 1, 1)])
def test_exactly_the_minimum_is_large(count, bigs, joins):
    part = only_part(town(f"a{count}"), RULES)
    assert (part.arrays.bigs.tolist(), part.arrays.joins.tolist()) == ([bigs], [joins])
    host = only_part(town(f"a{count}", scope={"a": "host"}), RULES)
    assert (host.arrays.bigs.tolist(), host.arrays.joins.tolist()) == ([0], [joins])


def test_a_part_is_clean_where_no_rule_can_force_an_exception():
    assert only_part(town("a60 b60"), RULES).clean
    assert not only_part(town("a60 b60"), replace(RULES, upper_hard=True)).clean
    assert not only_part(town("a60 b60", apart=[("a", "b")]), RULES).clean
    assert not only_part(town("a60 b60", scope={"a": "host"}), RULES).clean
    between = prepare(town("a60 b60 | c60", apart=[("a", "c")]), RULES).parts
    assert [part.clean for part in between] == [True, True]


def test_values_of_priced_traits_are_numbered_and_those_all_alike_left_out():
    graph = town(
        "a60 b60 c60",
        committee={"a": "甲", "b": "乙"},
        grids={"a": ("1", "2"), "c": ("2",)},
        ownership=dict.fromkeys("abc", "房改房"),
    )
    prices = replace(FREE, committee=5.0, grid=7.0, unlike={"ownership": 11.0})
    found = arrays(only_part(graph, replace(RULES, prices=prices)))
    assert found["value_start"] == [0, 3, 4, 5]
    assert found["value"] == [1, 2, 3, 0, 3]  # 乙 0, 甲 1; grids 2 and 3
    assert found["trait_of"] == [0, 0, 1, 1]
    assert found["trait_price"] == [5.0, 7.0]


def test_former_areas_and_their_centres():
    graph = town("a60 b60 c60 d60", former={"a": "PMA-002", "b": "PMA-002", "c": "PMA-001"})
    found = arrays(only_part(graph, RULES))
    assert (found["former"], found["change_price"]) == ([1, 1, 0, -1], 50.0)
    assert found["anchor"] == [True, False, True, False]
    free = arrays(only_part(graph, replace(RULES, prices=replace(FREE, change_per_household=0.0))))
    assert (free["former"], free["anchor"], free["change_price"]) == ([], [], 0.0)


def test_centres_of_former_areas_as_far_as_asked_for():
    graph = town("a60 b60 c60", former={"a": "P", "b": "P", "c": "Q"})
    assert former_centers(graph) == {"P": "a", "Q": "c"}
    assert former_centers(graph, {"Q"}) == {"Q": "c"}


def test_the_order_of_rows_changes_no_array():
    graph = town(
        "a60 b120 c30\nd20 h20 e10",
        together=[("c", "a"), ("d", "h")],
        apart=[("h", "b"), ("e", "a")],
        walls={("a", "b"): 10.0},
        scope={"h": "host"},
        committee={"a": "甲", "b": "乙"},
        former={"a": "PMA-002", "e": "PMA-001"},
    )
    one = [everything(part) for part in prepare(graph, Rules()).parts]
    for seed in range(5):
        assert [everything(part) for part in prepare(shuffled(graph, seed), Rules()).parts] == one


def test_a_distance_is_straight_and_none_without_a_place():
    here, there, nowhere = {"x": 0.0, "y": 0.0}, {"x": 3.0, "y": -4.0}, {"x": np.nan, "y": 0.0}
    assert (distance_m(here, there), distance_m(here, nowhere)) == (5.0, 0.0)


# --- contradictions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code", "values"),
    [
        ({"lock": {"a": "P", "b": "Q"}}, "together_lock", {"a": "a", "b": "b"}),
        ({"lock": {"b": "Q"}}, "together_lock", {"a": "a", "b": "b"}),
        ({"scope": {"a": "fixed"}}, "together_fixed", {"a": "a", "b": "b"}),
        ({"apart": [("b", "a")]}, "together_apart", {"a": "a", "b": "b"}),
        ({"scope": {"b": "host"}}, "together_host", {"a": "b", "b": "a", "minimum": 100}),
    ],
)
def test_a_pair_that_contradicts_is_refused(options, code, values):
    with pytest.raises(DataError) as refused:
        prepare(town("a100 b20", together=[("b", "a")], **options), RULES)
    assert (refused.value.code, refused.value.values) == (f"optimizer.{code}", values)


def test_three_that_stay_together_with_two_hosts_are_refused():
    graph = town("a20 b20 c20", together=[("a", "b"), ("b", "c")], scope={"a": "host", "c": "host"})
    with pytest.raises(DataError) as refused:
        prepare(graph, RULES)
    assert refused.value.values == {"a": "a", "b": "c", "minimum": 100}


@pytest.mark.parametrize(
    ("drawing", "options", "units"),
    [
        ("a99 b20", {"scope": {"b": "host"}}, ["ab"]),
        ("a20 b200", {"scope": {"b": "host"}}, ["ab"]),
        ("a200 b200", {}, ["ab"]),
        ("a20 b?", {}, ["a"]),
        ("a20 b30", {"scope": {"b": "excluded"}}, ["a"]),
        ("a20 b30", {"lock": {"a": "P", "b": "P"}}, []),
        ("a20 | b30", {}, ["ab"]),
    ],
    ids=["host", "large host", "large", "held", "excluded", "one lock", "no link"],
)
def test_a_pair_that_contradicts_nothing_binds_those_that_take_part(drawing, options, units):
    parts = prepare(town(drawing, together=[("a", "b")], **options), RULES).parts
    assert ["".join(part.communities([u])) for part in parts for u in range(part.units)] == units


# --- parts of parts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", list(product([False, True], repeat=5)), ids=str)
def test_what_a_part_is_divided_into_is_what_the_rest_of_the_town_is(keep):
    graph = town(
        "a60 b120 c30\nd20 h20 e10",
        together=[("b", "c")],
        apart=[("h", "b"), ("e", "a"), ("h", "e")],
        walls={("a", "b"): 10.0, ("d", "h"): 4.0},
        crosses={("c", "e"): ("road",)},
        scope={"h": "host"},
        committee={"a": "甲", "b": "乙", "e": "乙"},
    )
    rules = replace(RULES, prices=replace(FREE, committee=5.0))
    part = only_part(graph, rules)
    kept = part.communities(np.flatnonzero(keep).tolist())
    rest: nx.Graph[str] = nx.Graph(graph.subgraph(kept))
    rest.graph = {"apart": graph.graph["apart"], "together": [("b", "c")] if "b" in kept else []}
    expected = [everything(p) for p in prepare(rest, rules).parts]
    assert [everything(p) for p in divided(part, np.array(keep), rules)] == expected
