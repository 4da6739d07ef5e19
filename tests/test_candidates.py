from dataclasses import replace
from itertools import permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer import charging, search, splitting
from optimizer.candidates import Cost, area_cost
from optimizer.instance import prepare
from optimizer.pricing import Goal, all_groups, no_cuts, task
from optimizer.rules import Prices, Rules
from tests.brute import _Town
from tests.towns import shuffled, street_grid, town, traits

RULES = Rules(minimum=100, upper=200, prices=Prices(5_000.0, 50.0, 20.0, {"road": 2_000.0, "river": 9_000.0}))

NOTHING_MORE = {"committee": 0.0, "grid": 0.0, "unlike": {}, "change_per_household": 0.0}
PRICES = [
    replace(RULES.prices, **NOTHING_MORE),
    replace(RULES.prices, area=700.0),
    replace(RULES.prices, change_per_household=7.0, unlike={"lift": 3.0, "age_band": 11.0}),
]


# --- area_cost -------------------------------------------------------------------------------------


def test_walking_goes_to_the_member_for_which_it_is_least():
    graph = town("a40 b70 c30")
    assert area_cost(graph, RULES, "abc") == Cost("b", walk=40 * 50 + 30 * 50)


def test_of_equal_centres_the_smallest_id_is_centre():
    assert area_cost(town("b60 a60"), RULES, "ab").center_id == "a"


def test_a_group_with_a_self_sufficient_community_pays_for_joining():
    assert area_cost(town("a120 b20"), RULES, "ab").join == 5_000.0
    assert area_cost(town("a120"), RULES, "a").join == 0.0


def test_households_above_upper_are_paid_even_alone():
    assert area_cost(town("a230"), RULES, "a") == Cost("a", size=30 * 50.0)


def test_only_the_lightest_tree_of_links_is_paid():
    graph = town(
        """
        a40 b40
        c40 d40
        """,
        crosses={("a", "b"): ("river",), ("c", "d"): ("road",)},
        walls={("a", "c"): 10.0},
    )
    cost = area_cost(graph, RULES, "abcd")
    assert (cost.cross, cost.wall) == (2_000.0, 200.0)


def test_a_together_pair_without_a_link_crosses_nothing():
    graph = town("a60 | b60", together=[("a", "b")])
    assert area_cost(graph, RULES, "ab") == Cost("a", walk=60 * 50.0)


def test_a_together_pair_is_a_free_link_of_the_tree_where_both_are_inside():
    """Of the ring a b c the tie is free, and one of two lanes is crossed; a tie to x outside makes no way."""
    lanes = replace(RULES, prices=Prices(crossing={"lane": 0.5}))
    crosses = {("a", "b"): ("lane",), ("b", "c"): ("lane",)}
    ring = town("a40 b40 c40", crosses=crosses, together=[("a", "c")])
    assert area_cost(ring, lanes, "abc").cross == 0.5
    outside = town("a40 b40 c40 | x40", crosses=crosses, together=[("a", "x"), ("x", "b"), ("c", "x")])
    assert area_cost(outside, lanes, "abc").cross == 1.0


@pytest.mark.parametrize(
    "together", [[], [("a", "b"), ("c", "d")], [("c", "d"), ("a", "b")], [("b", "a"), ("d", "c")]]
)
@pytest.mark.parametrize("seed", range(5))
def test_of_links_that_weigh_the_same_the_first_by_ids_is_in_the_tree(together, seed):
    """Across the road from a to d, or by the wall from b to c."""
    crosses, walls = {("a", "d"): ("road",)}, {("b", "c"): 100.0}
    graph = town("a40 b40\nd40 c40", together=together, crosses=crosses, walls=walls)
    cost = area_cost(shuffled(graph, seed), RULES, "abcd")
    assert (cost.cross, cost.wall) == (2_000.0, 0.0)


def test_the_order_in_which_members_are_named_changes_nothing():
    graph = town("a41 b7 c13 d29", spacing_m=33.3)
    assert len({area_cost(graph, RULES, members) for members in map("".join, permutations("abcd"))}) == 1


def test_an_unknown_count_is_no_household():
    graph = town("a230 h? b20")
    assert area_cost(graph, RULES, "abh") == Cost("a", walk=20 * 100, join=5_000.0, size=50 * 50.0)


@pytest.mark.parametrize(("scope", "join"), [("host", 5_000.0), ("to_group", 5_000.0), ("fixed", 0.0)])
def test_joining_a_large_host_is_paid_joining_a_fixed_one_is_not(scope, join):
    assert area_cost(town("a120 b20", scope={"a": scope}), RULES, "ab").join == join


def test_mixing_is_paid_apart_by_committee_grid_and_kind_of_housing():
    graph = town(
        "a60 b60",
        committee={"a": "甲", "b": "乙"},
        grids={"a": ("1",), "b": ("2",)},
        lift={"a": "yes", "b": "no"},
    )
    rules = replace(RULES, prices=Prices(committee=3.0, grid=5.0, unlike={"lift": 7.0}))
    assert area_cost(graph, rules, "ab") == Cost("a", walk=60 * 50.0, committee=3.0, grid=5.0, unlike=7.0)


@pytest.mark.parametrize("scope", ["fixed", "host"])
def test_an_area_that_exists_already_costs_nothing(scope):
    assert area_cost(town("a900", scope={"a": scope}), RULES, "a") == Cost("a")


def test_a_community_without_a_place_is_no_distance_away():
    graph = town("a60 b60")
    graph.nodes["b"]["x"] = float("nan")
    assert area_cost(graph, RULES, "ab").walk == 0.0


# --- compiled search -------------------------------------------------------------------------------


@st.composite
def connected_towns(draw, most=9):
    """A connected town of to_group communities with priced links."""
    size = draw(st.integers(1, most))
    graph = nx.Graph()
    for k in range(size):
        graph.add_node(
            chr(97 + k),
            count=draw(st.sampled_from([1, 9, 20, 35, 50, 66, 80, 99, 100, 130])),
            x=draw(st.integers(0, 300)) * 1.0,
            y=draw(st.integers(0, 300)) * 1.0,
            scope="to_group",
            lock=None,
            **draw(traits()),
        )
        others = st.sets(st.integers(0, k - 1), min_size=1, max_size=3) if k else st.just(set())
        for other in draw(others):
            crosses = draw(st.sampled_from([(), (), ("road",), ("river",)]))
            graph.add_edge(chr(97 + k), chr(97 + other), gap_m=1.0, crosses=crosses, wall_m=0.0)
    return graph


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    graph=connected_towns(), upper=st.sampled_from([100, 150, 210, 260, 400]), prices=st.sampled_from(PRICES)
)
def test_the_search_lists_exactly_the_lawful_groups_at_their_cost(graph, upper, prices):
    rules = Rules(minimum=100, upper=upper, prices=prices)
    part = prepare(graph, rules).parts[0]
    groups = all_groups(part, rules, 2_000)
    found = {part.communities(groups.of(k).tolist()): groups.cost[k] for k in range(len(groups))}
    brute = _Town(graph, rules, sorted(graph))
    lawful = [mask for mask in range(1, 1 << len(graph)) if brute.lawful(mask)]
    expected = {
        tuple(c for k, c in enumerate(sorted(graph)) if mask >> k & 1): brute.cost(mask) for mask in lawful
    }
    assert found == pytest.approx(expected)
    assert {m: area_cost(graph, rules, m).total for m in found} == pytest.approx(expected)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(graph=connected_towns(), minimum=st.sampled_from([20, 60, 100, 150]))
def test_splitting_is_exact_and_a_half_is_a_half(graph, minimum):
    rules = Rules(minimum=minimum, upper=10_000)
    part = prepare(graph, rules).parts[0]
    brute = _Town(graph, rules, sorted(graph))
    everything = (1 << len(graph)) - 1
    group = np.arange(part.units)
    splits = splitting.splits(part.arrays, group, minimum)[0] == splitting.YES
    assert splits == brute.splits(everything)
    half = splitting.half(part.arrays, group, minimum)
    assert (len(half) > 0) == splits
    if splits:
        mask = sum(1 << int(u) for u in half)
        assert brute.connected(mask)
        assert brute.connected(everything & ~mask)
        assert minimum <= brute.sum(mask) <= brute.sum(everything) - minimum


# A ring with a chord, units of unlike weight; what splits it depends on the minimum.
CHORD = "a30 b20 c25 d30\ne25 f20 g30 h20"


@pytest.mark.parametrize(
    ("minimum", "splits"), [(40, True), (90, True), (95, True), (100, True), (101, False), (120, False)]
)
def test_few_units_are_split_by_all_ways_where_growing_finds_none(minimum, splits):
    """The halves by bits alone, which growing mostly makes needless."""
    part = prepare(town(CHORD), Rules(minimum=minimum, upper=10_000)).parts[0]
    group = np.arange(part.units)
    total = splitting.weight_of(part.arrays, group)
    bits = splitting._half_of_few(part.arrays, group, minimum, total)
    brute = _Town(town(CHORD), Rules(minimum=minimum, upper=10_000), list("abcdefgh"))
    everything = (1 << part.units) - 1
    assert (bits > 0) == splits == brute.splits(everything)
    if bits:
        assert brute.connected(bits)
        assert brute.connected(everything & ~bits)
        assert minimum <= brute.sum(bits) <= total - minimum


@pytest.mark.parametrize(
    ("inside", "joined"),
    [("a", True), ("ab", True), ("abc", True), ("ac", False), ("abd", False), ("abcd", True)],
)
def test_units_as_bits_are_joined_where_a_way_leads_through_them(inside, joined):
    near = np.array([0b0010, 0b0101, 0b1010, 0b0100])  # a-b-c-d
    assert splitting._joined(near, sum(1 << "abcd".index(i) for i in inside)) == joined


def test_from_three_minimums_less_two_on_a_ring_splits_without_being_tried(monkeypatch):
    """Ten in a ring sum to 3 × 34 - 2: the st-numbering says yes; one less and halves are tried."""
    tried: list[int] = []
    monkeypatch.setattr(splitting, "_by_growing", lambda *_: tried.append(1) or True)
    for last, times in ((10, 0), (9, 1)):
        ring = town(" ".join([*(f"{c}10" for c in "abcdefghi"), f"j{last}"]), links=[("a", "j")])
        arrays = prepare(ring, Rules(minimum=34, upper=10_000)).parts[0].arrays
        plain = getattr(splitting.splits, "py_func", splitting.splits)
        assert plain(arrays, np.arange(10), 34)[0] == splitting.YES
        assert len(tried) == times


@pytest.mark.parametrize(
    ("drawing", "links", "minimum", "answer"),
    [
        ("a20 b20 c20 d50 e40", [("a", "e")], 75, splitting.NO),
        ("a40 b30 c10\nd40 e30 f50\ng40 h10 i30", [], 135, splitting.YES),
    ],
    ids=["ring", "square"],
)
def test_what_neither_one_unit_nor_growing_settles_is_tried(drawing, links, minimum, answer):
    part = prepare(town(drawing, links=links), Rules(minimum=minimum, upper=10_000)).parts[0]
    everything = np.arange(part.units)
    assert splitting.splits(part.arrays, everything, minimum)[0] == answer
    assert (len(splitting.half(part.arrays, everything, minimum)) > 0) == (answer == splitting.YES)


@pytest.mark.parametrize("minimum", [60, 150, 300, 400])
def test_a_half_of_many_units_in_the_midst_of_a_town_is_connected_and_so_is_the_rest(minimum):
    """Twenty units, more than are tried in all ways, with others around them that are no part of it."""
    graph = street_grid(6, seed=2)
    part = prepare(graph, Rules(minimum=minimum, upper=10_000)).parts[0]
    group = np.array([6 * row + column for row in range(1, 6) for column in range(1, 5)])
    weight = part.arrays.weight
    assert splitting.splits(part.arrays, group, minimum)[0] == splitting.YES
    one = splitting.half(part.arrays, group, minimum)
    other = np.setdiff1d(group, one)
    assert len(one) + len(other) == len(group)
    for side in (one, other):
        assert weight[side].sum() >= minimum
        assert nx.is_connected(graph.subgraph(part.communities(side.tolist())))


def test_many_small_units_in_the_narrow_window_are_unsure_not_wrong():
    ring = town(" ".join(f"{c}26" for c in "abcdefghijklmnop"), links=[("a", "p")])
    part = prepare(ring, Rules(minimum=208, upper=10_000)).parts[0]
    assert splitting.splits(part.arrays, np.arange(16), 208)[0] == splitting.YES
    part = prepare(ring, Rules(minimum=206, upper=10_000)).parts[0]
    assert splitting.splits(part.arrays, np.arange(16), 206)[0] == splitting.YES
    rows = "a26 b26 c26 d26 e26 f26 g26 h26\ni26 j26 k26 l26 m26 n26 o26 p25"
    part = prepare(town(rows), Rules(minimum=207, upper=10_000)).parts[0]
    assert splitting.splits(part.arrays, np.arange(16), 207)[0] != splitting.NO


def test_a_search_that_is_cut_short_says_so_and_its_bound_still_holds():
    graph = town("a40 b40 c40 d40\ne40 f40 g40 h40\ni40 j40 k40 l40")
    rules = Rules(minimum=100)
    part = prepare(graph, rules).parts[0]
    asked = task(rules, Goal(1.0, 0.0, np.zeros(part.units)))
    roots, profit = np.arange(12), np.full(12, 3_000.0)
    whole = search.groups(part.arrays, asked, roots, profit, no_cuts(part))
    cut = search.groups(part.arrays, asked._replace(steps=3), roots, profit, no_cuts(part))
    assert whole.complete
    assert not cut.complete
    assert (cut.least <= whole.least).all()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(graph=connected_towns(), prices=st.sampled_from(PRICES), profit=st.integers(0, 200))
def test_the_least_reduced_cost_is_found_and_bounds_every_centre(graph, prices, profit):
    rules = Rules(minimum=100, upper=210, prices=prices)
    part = prepare(graph, rules).parts[0]
    profits = 1.0 * profit * part.arrays.weight
    asked = task(rules, Goal(1.0, 0.0, np.zeros(part.units)))._replace(ceiling=0.0)
    least = search.groups(part.arrays, asked, np.arange(part.units), profits, no_cuts(part)).least
    groups = all_groups(part, rules, 2_000)
    reduced = groups.cost - groups.sums(profits)
    assert least.min() == pytest.approx(min([0.0, *reduced]))
    assert all(least[c] <= r + 1e-6 for c, r in zip(groups.center, reduced, strict=True))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(graph=connected_towns(), prices=st.sampled_from(PRICES))
def test_costs_of_given_groups_are_those_of_the_areas(graph, prices):
    rules = Rules(minimum=100, upper=210, prices=prices)
    part = prepare(graph, rules).parts[0]
    sizes = [1] * part.units + [part.units]
    start, units = np.concatenate([[0], np.cumsum(sizes)]), np.tile(np.arange(part.units), 2)
    cost, center = charging.costs(
        part.arrays, task(rules, Goal(1.0, 0.0, np.zeros(part.units))), start, units
    )
    groups = [*([i] for i in sorted(graph)), sorted(graph)]
    areas = [area_cost(graph, rules, group) for group in groups]
    assert cost == pytest.approx([area.total for area in areas])
    assert [part.ids[c] for c in center] == [area.center_id for area in areas]
