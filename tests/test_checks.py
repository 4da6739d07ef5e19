"""Every rule of checks.py: a lawful plan passes, a plan that breaks one rule is named with its numbers."""

from dataclasses import replace
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.wording import catalogue
from optimizer.checks import RULES, Violation, check, near_minimum
from optimizer.plan import Area, Plan, center_of, linked_exceptions, outcomes_of
from optimizer.rules import Rules
from optimizer.splits import can_split
from tests.towns import town

RULE = Rules(never=("river",))


def plan_of(graph, *groups):
    """A plan whose areas are these groups ("ab cd"), with true centres, outcomes and groups of exceptions."""
    areas = tuple(
        Area(f"PMA-{n:03d}", tuple(sorted(group)), center_of(graph, group))
        for n, group in enumerate(groups, start=1)
    )
    outcomes = outcomes_of(graph, areas)
    return Plan(areas, outcomes, linked_exceptions(graph, outcomes), next_number=len(areas) + 1)


def broken(plan, graph, rules=RULE):
    return [v.rule for v in check(plan, graph, rules)]


@pytest.fixture
def street():
    """Two groups, one alone, one held, one excluded, one fixed, and two linked exceptions far off."""
    return town(
        """
        a60 b50 | c60 d70 | e150 f? x40 k300
        ==============================
        .   .     g20 h30
        """,
        scope={"x": "excluded", "k": "fixed"},
    )


def test_a_lawful_plan_breaks_nothing(street):
    plan = plan_of(street, "ab", "cd", "e", "k")
    assert plan.below_min_groups == (("g", "h"),)
    assert check(plan, street, RULE) == []


def test_the_empty_town_is_lawful():
    assert check(Plan((), {}), nx.Graph(), RULE) == []


def test_the_order_of_rows_does_not_matter(street):
    plan = plan_of(street, "abc", "d", "ef")
    turned = nx.Graph(**street.graph)
    turned.add_nodes_from(reversed(list(street.nodes(data=True))))
    turned.add_edges_from((b, a, link) for a, b, link in reversed(list(street.edges(data=True))))
    shuffled = replace(plan, areas=plan.areas[::-1])
    assert check(shuffled, turned, RULE) == check(plan, street, RULE) != []


# --- cover, outcomes, ids --------------------------------------------------------------------------


def test_a_community_in_two_areas(street):
    plan = plan_of(street, "ab", "cd", "e", "k")
    twice = replace(plan, areas=(*plan.areas, Area("PMA-005", ("a", "b"), "a")), next_number=6)
    assert check(twice, street, RULE) == [
        Violation("cover", community_id="a", value=2, limit=1, members=("PMA-001", "PMA-005")),
        Violation("cover", community_id="b", value=2, limit=1, members=("PMA-001", "PMA-005")),
    ]


def test_a_community_nobody_knows_and_an_empty_area(street):
    plan = plan_of(street, "ab", "cd", "e", "k")
    odd = replace(
        plan,
        areas=(*plan.areas, Area("PMA-005", (), "")),
        outcomes={**plan.outcomes, "zz": "held"},
        next_number=6,
    )
    assert check(odd, street, RULE) == [
        Violation("cover", area_id="PMA-005", value=0, limit=1),
        Violation("cover", community_id="zz", value=0, limit=0),
    ]


@pytest.mark.parametrize(
    ("community", "given", "due"),
    [("e", "grouped", "alone"), ("a", "alone", "grouped"), ("f", "exception", "held"), ("x", "held", "excluded"),
     ("k", "alone", "fixed"), ("g", "未达标", "exception"), ("g", "", "exception")],
)  # fmt: skip
def test_a_wrong_outcome(street, community, given, due):
    plan = plan_of(street, "ab", "cd", "e", "k")
    wrong = replace(plan, outcomes={**plan.outcomes, community: given})
    found = [v for v in check(wrong, street, RULE) if v.rule == "outcome"]
    assert found == [Violation("outcome", community_id=community, value=given, limit=due)]


def test_area_ids_repeat_or_run_ahead(street):
    plan = plan_of(street, "ab", "cd", "e", "k")
    repeated = replace(plan, areas=(*plan.areas[:3], replace(plan.areas[3], area_id="PMA-001")))
    assert check(repeated, street, RULE) == [Violation("area_id", area_id="PMA-001", value=2, limit=1)]
    ahead = replace(plan, next_number=4)
    assert check(ahead, street, RULE) == [Violation("area_id", area_id="PMA-004", value=4, limit=3)]


# --- one area --------------------------------------------------------------------------------------


def test_an_area_in_two_pieces(street):
    found = check(plan_of(street, "abcd", "e", "k"), street, Rules(upper=250))
    assert found == [Violation("connection", area_id="PMA-001", value=2, limit=1, members=("c", "d"))]


def test_a_together_pair_hangs_together_without_a_link():
    graph = town("a60 | b60", together=[("a", "b")])
    assert broken(plan_of(graph, "ab"), graph) == []


def test_an_area_below_the_minimum(street):
    found = check(plan_of(street, "ab", "cd", "e", "k", "gh"), street, RULE)
    assert found == [Violation("minimum", area_id="PMA-005", value=50, limit=100, members=("g", "h"))]


def test_the_minimum_does_not_judge_what_is_kept_as_it_is():
    graph = town("a40 | b30", scope={"a": "fixed", "b": "host"})
    assert broken(plan_of(graph, "a", "b"), graph) == []


def test_above_upper_only_where_it_cannot_be_split():
    graph = town("a60 b60 c60 d60")
    assert broken(plan_of(graph, "abcd"), graph, Rules(upper=200)) == ["upper"]
    star = town("a60 h400 b60")
    assert broken(plan_of(star, "ahb"), star, Rules(upper=200)) == []
    assert broken(plan_of(star, "ahb"), star, Rules(upper=200, upper_hard=True)) == ["upper"]


def test_together_pairs_are_not_split():
    graph = town("a60 b60 c60 d60", together=[("a", "d"), ("b", "c")])
    assert broken(plan_of(graph, "abcd"), graph, Rules(upper=200)) == ["upper"]
    graph = town("a60 b60 c60 d60", together=[("a", "c"), ("b", "d"), ("a", "b")])
    assert broken(plan_of(graph, "abcd"), graph, Rules(upper=200)) == []


def test_a_bound_is_crossed_over_given_links_only():
    graph = town("a60 b60", committee={"a": "甲", "b": "乙"})
    assert check(plan_of(graph, "ab"), graph, RULE) == [
        Violation("within", area_id="PMA-001", value="乙、甲", limit="committee", members=("a", "b"))
    ]
    opened = town("a60 . b60", links=[("a", "b")], committee={"a": "甲", "b": "乙"})
    assert broken(plan_of(opened, "ab"), opened) == []


def test_a_bound_is_not_crossed_through_a_community_without_value():
    graph = town("a60 b60 c60", committee={"a": "甲", "c": "乙"})
    assert broken(plan_of(graph, "abc"), graph) == ["within"]
    assert broken(plan_of(graph, "ab"), graph, Rules(exception_price=1.0)) == []


def test_a_never_barrier_is_crossed_by_hand_only():
    graph = town("a60 b60", crosses={("a", "b"): ("lane", "river")})
    assert check(plan_of(graph, "ab"), graph, RULE) == [
        Violation("barriers", area_id="PMA-001", value="river", members=("a", "b"))
    ]
    assert check(plan_of(graph, "ab"), graph, Rules(never=("river", "lane", "rail"))) == [
        Violation("barriers", area_id="PMA-001", value="lane、river", members=("a", "b"))
    ]
    given = town("a60 . b60", links=[("a", "b")], crosses={("a", "b"): ("river",)})
    assert broken(plan_of(given, "ab"), given) == []


def test_the_centre_is_where_the_walk_is_least(street):
    plan = plan_of(street, "ab", "cd", "e", "k")
    for wrong in ("b", "zz"):
        moved = replace(plan, areas=(replace(plan.areas[0], center_id=wrong), *plan.areas[1:]))
        assert check(moved, street, RULE) == [Violation("center", area_id="PMA-001", value=wrong, limit="a")]


def test_either_centre_of_a_tie_will_do():
    graph = town("a60 b60")
    plan = plan_of(graph, "ab")
    assert broken(replace(plan, areas=(replace(plan.areas[0], center_id="b"),)), graph) == []


# --- pairs, locks, scope ---------------------------------------------------------------------------


def test_together_and_apart():
    graph = town("a110 b110 c110", together=[("b", "a")], apart=[("b", "c")])
    assert check(plan_of(graph, "a", "bc"), graph, RULE) == [
        Violation("together", community_id="a", value="PMA-001、PMA-002", members=("a", "b")),
        Violation("apart", area_id="PMA-002", members=("b", "c")),
    ]
    assert broken(plan_of(graph, "ab", "c"), graph) == []


def test_together_binds_nothing_where_one_is_held_or_the_host_cannot_help():
    graph = town("a110 h?", together=[("a", "h")])
    assert broken(plan_of(graph, "a"), graph) == []
    graph = town("a20 h30", together=[("a", "h")], scope={"h": "host"})
    assert broken(plan_of(graph, "h"), graph) == []


def test_a_locked_area_is_exactly_its_list():
    graph = town("a60 b60 c60", lock={"a": "PMA-007", "b": "PMA-007"})
    assert check(plan_of(graph, "abc"), graph, RULE) == [
        Violation("locks", area_id="PMA-007", value=2, limit=0, members=("a", "b"))
    ]
    plan = plan_of(graph, "ab")
    kept = replace(plan, areas=(replace(plan.areas[0], area_id="PMA-007"),), next_number=8)
    assert broken(kept, graph) == []
    grown = replace(plan_of(graph, "abc"), areas=(Area("PMA-007", ("a", "b", "c"), "b"),), next_number=8)
    assert check(grown, graph, RULE) == [
        Violation("locks", area_id="PMA-007", value=1, limit=0, members=("c",))
    ]


@pytest.mark.parametrize(
    ("drawing", "scope", "groups", "expected"),
    [
        ("a60 f60", {"f": "fixed"}, ["af"], [("fixed", "own", ("f",))]),
        ("a60 f60", {"f": "excluded"}, ["af"], [("excluded", "none", ("f",))]),
        ("a160 f?", {}, ["af"], [("held", "none", ("f",))]),
        ("a160 f0", {}, ["af"], [("held", "none", ("f",))]),
        ("a160 f60", {"f": "host"}, ["af"], [("large", "small", ("a",))]),
        ("a60 f60 g60", {"f": "host", "g": "host"}, ["afg"], [("hosts", "one", ("f", "g"))]),
        ("a60 f60", {"f": "host"}, ["af"], []),
        ("a160 f60", {"f": "fixed"}, ["a"], [("none", "own", ("f",))]),
        ("a160 f60", {"f": "host"}, ["a"], [("none", "own", ("f",))]),
    ],
)
def test_scope(drawing, scope, groups, expected):
    graph = town(drawing, scope=scope)
    found = [v for v in check(plan_of(graph, *groups), graph, RULE) if v.rule == "scope"]
    assert [(v.value, v.limit, v.members) for v in found] == expected


# --- who was left out --------------------------------------------------------------------------------


def test_a_large_community_is_never_left_out():
    graph = town("a150 | b60 c60")
    assert check(plan_of(graph, "bc"), graph, RULE) == [
        Violation("alone", community_id="a", value=150, limit=100, members=("a",))
    ]


def test_a_component_that_suffices_leaves_nobody_out(street):
    found = check(plan_of(street, "ab", "e", "k"), street, RULE)
    assert found == [Violation("missed", community_id="c", value=130, limit=100, members=("c", "d"))]


@pytest.mark.parametrize(
    ("graph", "groups"),
    [
        (town("a60 b60", apart=[("a", "b")]), []),
        (town("a60 b60 c60", lock={"b": "L", "c": "L"}), ["bc"]),
        (town("a60 f60", scope={"f": "fixed"}), ["f"]),
        (town("a60 h60 c160", scope={"h": "host"}, apart=[("a", "h")]), ["h", "c"]),
        (town("a20 h60 c160", scope={"h": "host"}), ["h", "c"]),
        (town("a20 h30 c160", scope={"h": "host"}, together=[("a", "h")]), ["h", "c"]),
        (town("a60 h30 k30", scope={"h": "host", "k": "host"}), ["h", "k"]),
    ],
    ids=["apart", "lock", "fixed", "apart from the host", "host in between", "tied to a host", "two hosts"],
)
def test_a_rule_in_the_way_excuses_an_exception(graph, groups):
    assert broken(plan_of(graph, *groups), graph) == []


def test_one_host_with_small_ones_around_it_leaves_nobody_out():
    graph = town("a40 h30 c40", scope={"h": "host"})
    assert broken(plan_of(graph, "h"), graph) == ["missed"]
    assert broken(plan_of(graph, "ach"), graph) == []


def test_a_price_or_a_hard_upper_size_may_leave_communities_out(street):
    plan = plan_of(street, "ab", "k")
    assert broken(plan, street, Rules(exception_price=10.0)) == []
    assert broken(plan, street, Rules(upper_hard=True)) == ["alone"]
    assert broken(plan_of(street, "ab", "e", "k"), street, Rules(upper_hard=True)) == []


def test_one_community_above_a_hard_upper_size_is_lawful_alone():
    graph = town("a600")
    assert broken(plan_of(graph, "a"), graph, Rules(upper_hard=True)) == []


def test_groups_below_the_minimum_are_the_linked_exceptions(street):
    plan = plan_of(street, "ab", "cd", "e", "k")
    assert check(replace(plan, below_min_groups=()), street, RULE) == [
        Violation("below_min_group", community_id="g", value=50, limit=100, members=("g", "h"))
    ]


# --- 临界, splitting ----------------------------------------------------------------------------------


def test_totals_near_the_minimum_are_named():
    graph = town("a110 | b111 | c90 | d89 | e100 | f100", scope={"e": "fixed", "f": "host"})
    assert near_minimum(plan_of(graph, *"abcdef"), graph, RULE) == ("PMA-001", "PMA-003")


def split_by_trying(units, weight, minimum):
    """Straight from the definition: try every set."""
    everyone = set(units)
    return any(
        sum(weight[u] for u in part) >= minimum
        and sum(weight[u] for u in everyone - set(part)) >= minimum
        and nx.is_connected(units.subgraph(part))
        and nx.is_connected(units.subgraph(everyone - set(part)))
        for size in range(1, len(everyone))
        for part in combinations(sorted(everyone), size)
    )


@st.composite
def weighted_graphs(draw):
    size = draw(st.integers(1, 9))
    nodes = [(str(n),) for n in range(size)]
    weight = {n: draw(st.sampled_from([1, 5, 20, 30, 60, 90, 120])) for n in nodes}
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from((nodes[n], nodes[draw(st.integers(0, n - 1))]) for n in range(1, size))
    extra = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=8))
    graph.add_edges_from((nodes[a], nodes[b]) for a, b in extra if a != b)
    return graph, weight


@settings(derandomize=True, max_examples=400, deadline=None)
@given(weighted_graphs(), st.sampled_from([60, 100, 130]))
def test_splitting_equals_trying_every_set(drawn, minimum):
    graph, weight = drawn
    assert can_split(graph, weight, minimum) == split_by_trying(graph, weight, minimum)


def test_a_large_star_is_judged_at_once():
    graph = nx.star_graph([(f"{n:02d}",) for n in range(40)])
    weight = dict.fromkeys(graph, 20)
    assert not can_split(graph, weight, 100)
    assert can_split(graph, {**weight, ("01",): 100}, 100)


def test_every_rule_has_a_sentence():
    spoken = {key.split(".")[1] for key in catalogue() if key.startswith("violations.")}
    assert spoken == set(RULES)
