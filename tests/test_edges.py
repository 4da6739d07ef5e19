"""Exactly at a limit, and out of order: where a sign or a sort could be wrong and nothing else would tell."""

from dataclasses import replace

import networkx as nx
import pytest

from geo.schema import DataError
from optimizer.candidates import area_cost
from optimizer.checks import Violation, check, near_minimum
from optimizer.plan import (
    Area,
    Plan,
    center_of,
    difference,
    linked_exceptions,
    lock,
    merge,
    new_area,
    outcomes_of,
    regroup,
    split,
    take_out,
)
from optimizer.questions import ask
from optimizer.rules import Prices, Rules, rules_from
from optimizer.splits import can_split
from optimizer.traits import trait_prices
from tests.test_checks import broken, plan_of
from tests.test_reasons import codes, why
from tests.towns import town

# --- rules -----------------------------------------------------------------------------------------


def test_the_smallest_limits_are_limits():
    assert (Rules(minimum=1).minimum, Rules(minimum=100, upper=100).upper) == (1, 100)
    assert Rules(exception_price=0.0).exception_price == 0.0


@pytest.mark.parametrize("price", [-1.0, float("nan"), float("inf")])
def test_a_price_on_exceptions_is_a_number_not_below_nothing(price):
    with pytest.raises(DataError) as refused:
        Rules(exception_price=price)
    assert (refused.value.code, refused.value.values["name"]) == ("rules.price", "exception_price")


def test_what_is_given_on_top_keeps_what_stands():
    rules = Rules(most_areas=True, minimum=100, upper=500)
    nothing = {"minimum": None, "upper": None, "reach_m": None, "most_areas": False}
    assert rules.override(**nothing) == rules
    assert Rules().override(**{**nothing, "most_areas": True}).most_areas
    assert rules.override(**{**nothing, "minimum": 500}).upper == 500


def test_prices_are_no_limit_of_groups():
    with pytest.raises(DataError) as refused:
        rules_from({"group": {"prices": {}}}, crossing={}, never=())
    assert refused.value.code == "rules.unknown_key"
    assert refused.value.values["known"][:2] == ("minimum", "upper")


def test_traits_that_cost_nothing_stay_away():
    free = Prices(committee=0.0, grid=0.5, unlike={"lift": 0.0, "managed": 1.0})
    assert trait_prices(Rules(prices=free)) == {"grid": 0.5, "managed": 1.0}


# --- checks: exactly the minimum, exactly the upper size ----------------------------------------------


def test_exactly_the_minimum_is_enough():
    graph = town("a60 b40 | c100")
    assert broken(plan_of(graph, "ab", "c"), graph) == []
    assert broken(plan_of(graph, "ab"), graph) == ["alone"]
    assert broken(plan_of(graph, "c"), graph) == ["missed"]


def test_exactly_the_upper_size_is_not_above():
    graph = town("a60 b40 c40 d60")
    assert broken(plan_of(graph, "abcd"), graph, Rules(upper=200)) == []
    assert broken(plan_of(graph, "abcd"), graph, Rules(upper=199)) == ["upper"]
    two = town("a100 b100")
    assert broken(plan_of(two, "ab"), two, Rules(upper=199)) == ["upper"]


def test_exactly_the_minimum_is_large_beside_a_host():
    graph = town("a100 h60", scope={"h": "host"})
    assert broken(plan_of(graph, "ah"), graph) == ["scope"]
    between = town("a20 h60 c100", scope={"h": "host"})
    assert broken(plan_of(between, "h", "c"), between) == []


def test_two_halves_of_exactly_the_minimum_are_a_split():
    ring = nx.cycle_graph([("a",), ("b",), ("c",), ("d",)])
    assert can_split(ring, dict.fromkeys(ring, 30), 60)
    assert not can_split(ring, {**dict.fromkeys(ring, 30), ("a",): 29}, 60)


# --- checks: one word of each rule -------------------------------------------------------------------


def test_a_fixed_one_in_company_is_judged_by_the_minimum():
    graph = town("a40 f30", scope={"f": "fixed"})
    assert broken(plan_of(graph, "af"), graph) == ["minimum", "scope"]
    assert near_minimum(plan_of(graph, "af"), graph, Rules(minimum=70)) == ("PMA-001",)


def test_a_fixed_one_of_unknown_count_is_an_area_of_its_own():
    graph = town("f?", scope={"f": "fixed"})
    assert broken(plan_of(graph, "f"), graph) == []


def test_a_host_has_an_area_even_by_itself():
    graph = town("h50", scope={"h": "host"})
    assert [(v.rule, v.value, v.limit) for v in check(plan_of(graph), graph, Rules())] == [
        ("outcome", "exception", "fixed"),
        ("scope", "none", "own"),
    ]
    assert broken(plan_of(graph, "h"), graph) == []


def test_a_pair_with_an_excluded_one_binds_nothing():
    graph = town("a110 x30", together=[("a", "x")], scope={"x": "excluded"})
    assert broken(plan_of(graph, "a"), graph) == []


def test_a_large_one_tied_to_another_is_missed_with_it_not_by_itself():
    graph = town("a110 b10", together=[("a", "b")])
    assert check(plan_of(graph), graph, Rules()) == [
        Violation("missed", community_id="a", value=120, limit=100, members=("a", "b"))
    ]


def test_who_is_tied_to_one_of_two_hosts_is_excused_with_who_needs_it():
    graph = town("k30 h30 a60 b60", scope={"h": "host", "k": "host"}, together=[("a", "h")])
    assert broken(plan_of(graph, "h", "k"), graph) == []


def test_a_pair_apart_excuses_only_where_both_are():
    graph = town("a60 b60 | c300", apart=[("b", "c")])
    assert broken(plan_of(graph, "c"), graph) == ["missed"]


def test_the_smaller_pieces_are_the_severed_ones():
    graph = town("a60 | b60 c60")
    (severed,) = check(plan_of(graph, "abc"), graph, Rules(upper=120))
    assert (severed.rule, severed.members) == ("connection", ("a",))


def test_a_place_is_the_area_or_else_the_community():
    assert (Violation("minimum", area_id="PMA-001").place, Violation("cover", community_id="a").place) == (
        "PMA-001",
        "a",
    )


def test_classes_and_members_are_told_in_order():
    graph = town("b60 a60", crosses={("b", "a"): ("river", "rail")})
    (barred,) = check(plan_of(graph, "ab"), graph, Rules(never=("rail", "river")))
    assert (barred.value, barred.members) == ("rail、river", ("a", "b"))
    hosts = town("g60 f60", scope={"f": "host", "g": "host"})
    (two,) = check(plan_of(hosts, "fg"), hosts, Rules())
    assert (two.value, two.members) == ("hosts", ("f", "g"))


# --- centres -----------------------------------------------------------------------------------------


def test_a_centre_worse_by_the_rounding_of_sums_will_do():
    """Three at the corners of a triangle, one corner off by a hundredth of a millimetre."""
    graph = town("a60 b60\nc60")
    for i, x, y in (("a", 0.0, 0.0), ("b", 100.0, 0.0), ("c", 50.0, 86.602540378443862 + 1e-5)):
        graph.nodes[i].update(x=x, y=y)
    plan = plan_of(graph, "abc")
    assert plan.areas[0].center_id != "c"
    assert broken(replace(plan, areas=(replace(plan.areas[0], center_id="c"),)), graph) == []


def test_who_has_no_place_walks_nowhere():
    graph = town("b20 a90 c10", spacing_m=0.5)
    graph.nodes["c"]["x"] = float("nan")
    assert center_of(graph, "abc") == "c"  # from where nobody walks, as far as anybody knows
    graph.nodes["c"]["x"] = 1.0
    assert center_of(graph, "abc") == "a"


def test_an_unknown_place_does_not_hide_a_wrong_centre():
    graph = town("a90 b20 c10")
    graph.nodes["c"]["x"] = float("nan")
    plan = plan_of(graph, "abc")
    wrong = replace(plan, areas=(replace(plan.areas[0], center_id="b"),))
    assert broken(wrong, graph) == ["center"]


def test_unknown_counts_do_not_pull_the_centre():
    graph = town("a1 g? f? h? k?")
    graph.nodes["a"]["count"] = 110
    assert center_of(graph, "afghk") == "a"
    graph.nodes["a"]["count"] = 1
    assert center_of(graph, "afghk") == "a"
    assert "center" not in broken(plan_of(graph, "afghk"), graph)


# --- plans: nothing depends on an order ---------------------------------------------------------------

MANY = town(" ".join(f"{i}60" for i in "hgfedcba"))


def test_a_plan_begins_with_number_one():
    assert Plan((), {}).next_number == 1


def test_outcomes_and_linked_exceptions_are_in_order():
    assert list(outcomes_of(MANY, [])) == list("abcdefgh")
    apart = town("d40 c40 | b40 a40 | f40 e40")
    outcomes = outcomes_of(apart, [])
    assert linked_exceptions(apart, outcomes) == (("a", "b"), ("c", "d"), ("e", "f"))


def test_differences_are_in_order():
    before, after = plan_of(MANY, "ab", "cd", "ef", "gh"), plan_of(MANY, "ha", "bc", "de", "fg")
    renamed = replace(after, areas=tuple(replace(a, area_id=f"N{a.area_id}") for a in after.areas))
    told = difference(before, renamed)
    assert [c for c, _, _ in told.moved] == list("abcdefgh")
    assert told.born == ("NPMA-001", "NPMA-002", "NPMA-003", "NPMA-004")
    assert told.gone == ("PMA-001", "PMA-002", "PMA-003", "PMA-004")


def test_members_are_in_order_however_they_are_given():
    plan = plan_of(MANY, "abcdefgh")
    assert {a.members for a in new_area(plan, MANY, "gcea").areas} == {tuple("aceg"), tuple("bdfh")}
    assert {a.members for a in regroup(plan, MANY, "abcdefgh", ["hgfe", "dcba"]).areas} == {
        tuple("abcd"),
        tuple("efgh"),
    }
    assert {a.members for a in split(plan, MANY, "PMA-001", ["hgfe", "dcba"]).areas} == {
        tuple("abcd"),
        tuple("efgh"),
    }


def test_of_several_wrong_ones_the_first_is_named():
    plan = plan_of(MANY, "abcd")
    with pytest.raises(DataError) as refused:
        take_out(plan, MANY, ["zz", "zy", "zx", "zw", "zv"])
    assert refused.value.values["community"] == "zv"
    held = town("e? d? c? b? a60")
    with pytest.raises(DataError) as refused:
        new_area(plan_of(held), held, "edcba")
    assert refused.value.values["community"] == "b"
    with pytest.raises(DataError) as refused:
        merge(plan, MANY, [f"PMA-{n:03d}" for n in range(60, 5, -1)])
    assert refused.value.values["area"] == "PMA-006"


def test_a_locked_area_elsewhere_is_in_nobodys_way():
    plan = lock(plan_of(MANY, "ab", "cd", "ef"), ["PMA-003"])
    assert {a.members for a in new_area(plan, MANY, "bc").areas} == {("a",), ("b", "c"), ("d",), ("e", "f")}
    kept = regroup(plan, MANY, "abcd", ["abc", "d"])
    assert Area("PMA-003", ("e", "f"), plan.areas[2].center_id, locked=True) in kept.areas


def test_a_regrouped_area_keeps_the_id_of_the_centre_it_keeps():
    plan = plan_of(MANY, "abc", "def")
    ids = {a.members: a.area_id for a in regroup(plan, MANY, "abcdef", ["ab", "cdef"]).areas}
    centres = {a.center_id: a.area_id for a in plan.areas}
    for members, area_id in ids.items():
        center = center_of(MANY, members)
        assert area_id == centres.get(center, area_id)
        assert (area_id in {"PMA-001", "PMA-002"}) == (center in centres)


def test_one_faulty_area_is_enough_to_say_so():
    graph = town("a60 b60 c60 d60 e30")
    plan = plan_of(graph, "ab", "cd")
    asked = ask(plan, graph, Rules(), "abc")
    assert [bool(area.violations) for area in asked.after] == [False, True]


# --- costs and reasons -------------------------------------------------------------------------------


def test_a_tie_to_somebody_outside_is_no_way_around_a_wall():
    graph = town("a60 b60\nx10 .", together=[("a", "x"), ("b", "x")], walls={("a", "b"): 10.0})
    assert area_cost(graph, Rules(prices=Prices(wall_per_m=20.0)), "ab").wall == 200.0


def test_households_that_make_exactly_the_minimum_are_not_too_few():
    assert codes(why(town("a60 b40", apart=[("a", "b")]))["a"]) == ["blocked_by_rule"]
    assert codes(why(town("a60 b39", apart=[("a", "b")]))["a"]) == ["too_few_within_reach"]
