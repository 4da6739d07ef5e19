import random
from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest

from optimizer import fitting, minimal
from optimizer.checks import check
from optimizer.clock import Clock
from optimizer.covering import Cover, Groups, no_groups
from optimizer.instance import Part, prepare
from optimizer.packing import Packing, most
from optimizer.plan import Area, Plan, area_name, center_of, linked_exceptions, outcomes_of
from optimizer.rules import Rules
from optimizer.starting import costed, first_plan
from optimizer.work import Effort
from tests.brute import optimum
from tests.towns import only_part, shuffled, street_grid, town

NEVER = Clock(None)
RULES = Rules(most_areas=True)
LISTED = Effort()
SHIFTED = Effort(sets=0, steps_a_unit=(3_000, 10_000))
ENGINES = pytest.mark.parametrize("effort", [LISTED, SHIFTED], ids=["listed", "shifted"])


def packed(graph: nx.Graph, rules: Rules = RULES, **options) -> Packing:
    options = {"clock": NEVER, "effort": LISTED, **options}
    return most(only_part(graph, rules), rules, no_groups(), **options)


def areas(part: Part, groups: Groups) -> list[tuple[str, ...]]:
    return [part.communities(groups.of(k).tolist()) for k in range(len(groups))]


def random_town(seed: int) -> nx.Graph:
    """Up to ten communities of every size, linked densely or not at all, some bound together."""
    draw = random.Random(seed)  # noqa: S311 - a made-up town
    ids = "abcdefghij"[: draw.randint(1, 10)]
    graph = nx.Graph(apart=())
    for i in ids:
        count = draw.choice([1, 7, 20, 30, 45, 50, 60, 80, 99, 100, 130, 210, 520])
        graph.add_node(
            i, count=count, x=draw.uniform(0, 300), y=draw.uniform(0, 300), scope="to_group", lock=None
        )
    likely = draw.uniform(0.1, 0.6)
    linked = [pair for pair in combinations(ids, 2) if draw.random() < likely]
    graph.add_edges_from(linked, gap_m=10.0, crosses=(), wall_m=0.0)
    graph.graph["together"] = tuple(linked[: draw.choice([0, 0, 1])])
    return graph


def plan_of(graph: nx.Graph, groups: list[tuple[str, ...]]) -> Plan:
    found = tuple(
        Area(area_name(k), members, center_of(graph, members)) for k, members in enumerate(groups, start=1)
    )
    outcomes = outcomes_of(graph, found)
    return Plan(found, outcomes, linked_exceptions(graph, outcomes), len(found) + 1)


@pytest.mark.parametrize("seeds", [range(k, k + 50) for k in range(0, 300, 50)], ids=str)
def test_equals_brute_force_and_every_area_is_lawful(seeds):
    for seed in seeds:
        graph = random_town(seed)
        rules = Rules(most_areas=True, upper=(100, 150, 210, 500)[seed % 4])
        parts = [p for p in prepare(graph, rules).parts if p.arrays.weight.sum() >= rules.minimum]
        answers = [most(part, rules, no_groups(), clock=NEVER, effort=LISTED) for part in parts]
        groups = [g for part, answer in zip(parts, answers, strict=True) for g in areas(part, answer.groups)]
        assert (seed, len(groups)) == (seed, optimum(graph, rules).areas)
        assert len(groups) == sum(answer.bound for answer in answers)
        assert all(answer.why != "open" for answer in answers)
        assert check(plan_of(graph, groups), graph, rules) == []


@pytest.mark.parametrize(("effort", "least"), [(LISTED, 30), (SHIFTED, 29)], ids=["listed", "shifted"])
def test_a_street_grid_is_covered_lawfully_within_the_bound(effort, least):
    graph = street_grid(8, seed=3)
    part, packing = only_part(graph, RULES), packed(graph, effort=effort)
    groups = areas(part, packing.groups)
    assert sorted(i for group in groups for i in group) == sorted(graph)
    assert check(plan_of(graph, groups), graph, RULES) == []
    assert least <= len(groups) <= packing.bound


def test_groups_carry_the_cost_and_the_centre_of_the_search():
    part, packing = only_part(street_grid(6, seed=1), RULES), packed(street_grid(6, seed=1))
    again = costed(part, RULES, [packing.groups.of(k) for k in range(len(packing.groups))])
    assert np.array_equal(again.cost, packing.groups.cost)
    assert np.array_equal(again.center, packing.groups.center)


@ENGINES
def test_the_order_of_rows_changes_nothing(effort):
    graph = street_grid(8, seed=4)
    one, other = packed(graph, effort=effort), packed(shuffled(graph, 5), effort=effort)
    assert areas(only_part(graph, RULES), one.groups) == areas(only_part(graph, RULES), other.groups)
    assert (one.bound, one.why) == (other.bound, other.why)


# --- why no more ------------------------------------------------------------------------------------

RING = town("a50 b50 c50 d50 e50", links=[("a", "e")])


def test_the_sum_suffices_for_no_more():
    packing = packed(RING)
    assert (len(packing.groups), packing.bound, packing.why) == (2, 2, "sum")


def test_the_piece_between_large_units_counts_alone():
    packing = packed(town("a60 b300 c60\n. d70 ."))
    assert (len(packing.groups), packing.bound, packing.why) == (1, 1, "sum")
    assert [piece.bound for piece in packing.pieces] == [0, 0, 0]


def test_fractions_of_sets_tell_that_no_more_fit():
    star = town(". b90 .\nc90 a90 d90\n. e90 .")
    packing = packed(star)
    assert (len(packing.groups), packing.bound, packing.why) == (1, 1, "relaxed")


def test_what_fractions_leave_open_is_tried():
    """Any two of six triples of seven units meet, and rows of three units do not see it: only trying tells."""
    lines = np.array([[0, 1, 2], [0, 3, 4], [0, 5, 6], [1, 3, 5], [1, 4, 6], [2, 3, 6], [2, 4, 5]])
    sets = Groups(np.arange(0, 22, 3), lines.ravel(), np.zeros(7), np.zeros(7, np.int64))
    fit = fitting.fractions(7, sets, found=1, rounds=9, clock=NEVER)
    assert fit.bound == pytest.approx(7 / 3)
    assert fitting.fitted(fit, 2, nodes=1_000, clock=NEVER) == (None, True)
    chosen, _ = fitting.fitted(fit, 1, nodes=1_000, clock=NEVER)
    assert len(chosen) == 1


def test_rows_bring_the_bound_down_to_what_fits():
    """Three units of which every two are a set: fractions take half of each, a row of the three allows one."""
    pairs = np.array([0, 1, 0, 2, 1, 2])
    sets = Groups(np.arange(0, 7, 2), pairs, np.zeros(3), np.zeros(3, np.int64))
    assert fitting.fractions(3, sets, found=0, rounds=0, clock=NEVER).bound == pytest.approx(1.5)
    assert fitting.fractions(3, sets, found=0, rounds=1, clock=NEVER).bound == pytest.approx(1.0)


def test_prices_prove_a_bound_once_each_set_pays_one():
    """Any two of three units are a set; at a price of a quarter each pays half, so prices count twice."""
    sets = Groups(np.array([0, 2, 4, 6]), np.array([0, 1, 0, 2, 1, 2]), np.zeros(3), np.zeros(3, np.int64))
    relaxation = fitting._Relaxation(3, sets)
    price = np.full(3, 0.25)
    relaxation._keep(price, relaxation._paid(price))
    assert relaxation.best.bound == 1.5


def test_a_search_cut_short_proves_nothing(monkeypatch):
    sets = Groups(np.array([0, 2, 4, 6]), np.array([0, 1, 0, 2, 1, 2]), np.zeros(3), np.zeros(3, np.int64))
    fit = fitting.fractions(3, sets, found=1, rounds=0, clock=NEVER)
    gave_up = Cover(np.array([3]), np.array([3]), 0.0, proven=False, by_clock=True)
    monkeypatch.setattr(fitting, "cover", lambda *_, **__: gave_up)
    assert fitting.fitted(fit, 1, nodes=1, clock=NEVER) == (None, False)


# --- starts, clocks, listeners ------------------------------------------------------------------------


def test_never_fewer_areas_than_the_start():
    graph = street_grid(6, seed=2)
    part = only_part(graph, RULES)
    good = packed(graph).groups
    idle = Effort(sets=0, steps_a_unit=())
    kept = most(part, RULES, good, clock=NEVER, effort=idle)
    assert areas(part, kept.groups) == areas(part, good)
    assert len(first_plan(part, RULES, no_groups())) <= len(good)


@ENGINES
def test_a_run_without_time_still_covers_all(effort):
    graph = street_grid(8, seed=3)
    packing = packed(graph, clock=Clock(0.0), effort=effort)
    assert check(plan_of(graph, areas(only_part(graph, RULES), packing.groups)), graph, RULES) == []
    assert 0 < len(packing.groups) <= packing.bound


def test_listeners_hear_more_areas_and_lower_bounds_only():
    told: list[tuple[int, int]] = []
    packing = packed(street_grid(10, seed=3), heard=lambda groups, bound: told.append((len(groups), bound)))
    assert told[-1] == (len(packing.groups), packing.bound)
    assert all(b[0] >= a[0] and b[1] <= a[1] and a != b for a, b in pairwise(told))


# --- minimal sets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_minimal_sets_are_the_connected_sets_of_which_no_smaller_one_suffices(seed):
    graph = street_grid(3, seed)
    nx.set_node_attributes(graph, {i: min(99, d["count"]) for i, d in graph.nodes(data=True)}, "count")
    ids, count = sorted(graph), nx.get_node_attributes(graph, "count")
    reaching = [
        frozenset(group)
        for k in range(1, 10)
        for group in combinations(ids, k)
        if sum(count[i] for i in group) >= 100 and nx.is_connected(graph.subgraph(group))
    ]
    expected = {group for group in reaching if not any(other < group for other in reaching)}
    part = only_part(graph, RULES)
    listed = minimal.minimal_sets(part.arrays, 100, np.arange(9), 10_000, 100_000)
    found = [
        frozenset(part.communities(listed.units[a:b].tolist())) for a, b in pairwise(listed.start.tolist())
    ]
    assert listed.complete
    assert set(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize("limits", [(3, 100_000), (10_000, 5)], ids=["sets", "steps"])
def test_a_listing_that_takes_too_much_says_so(limits):
    part = only_part(street_grid(3, 1), RULES)
    assert not minimal.minimal_sets(part.arrays, 100, np.arange(9), *limits).complete


# --- sets side by side --------------------------------------------------------------------------------

# Six sets in a path, each sharing a unit with the next: the most without conflict are three, 0 2 4 or 0 2 5 or 0 3 5 ...
PATH = np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6])


def in_a_path(most=100):
    start = np.arange(0, 13, 2)
    holders = [[k for k in range(6) if u in PATH[2 * k : 2 * k + 2]] for u in range(7)]
    holder_start = np.concatenate([[0], np.cumsum([len(h) for h in holders])])
    first, conflict = minimal.conflicts_of(start, PATH, holder_start, np.concatenate(holders), most)
    return first.tolist(), conflict.tolist()


def test_sets_that_share_a_unit_are_in_conflict():
    assert in_a_path() == ([0, 1, 3, 5, 7, 9, 10], [1, 0, 2, 1, 3, 2, 4, 3, 5, 4])


@pytest.mark.parametrize(("most", "listed"), [(10, True), (9, False)])
def test_more_conflicts_than_asked_for_are_none_at_all(most, listed):
    assert in_a_path(most) == (in_a_path() if listed else ([0], []))


@pytest.mark.parametrize("begin", ["010010", "000000", "100000", "010100"])
def test_from_any_sets_without_conflict_the_most_are_found_and_counted(begin):
    first, conflict = map(np.array, in_a_path())
    chosen, since = np.array([int(k) for k in begin]), np.zeros(6, np.int64)
    best, size = minimal.most_sets(first, conflict, chosen, since, np.array([7]), 2_000, 3)
    assert size == best.sum() == 3
    assert not any(best[k] and best[k + 1] for k in range(5))


def test_steps_without_a_better_choice_leave_as_many_sets_as_are_chosen_then():
    """No more than three fit: it swaps on until its steps are done, and what it holds stays free of conflicts."""
    first, conflict = map(np.array, in_a_path())
    chosen, since = np.zeros(6, np.int64), np.zeros(6, np.int64)
    best, size = minimal.most_sets(first, conflict, chosen, since, np.array([7]), 300, 6)
    assert (size, best.sum()) == (3, 3)
    assert not any(chosen[k] and chosen[k + 1] for k in range(5))
    assert 0 < since.max() <= 300


def test_a_choice_falls_on_what_is_free_then_on_the_swap_that_waited_longest():
    def chosen_from(free, swaps):
        piles = (np.array([*pile, *[0] * (6 - len(pile)), len(pile)]) for pile in (free, swaps))
        against, since = np.ones(6, np.int64), np.array([9, 8, 7, 1, 5, 4])
        nothing = np.zeros(6, np.int64)
        return minimal._candidate(nothing, against, *piles, since, np.array([7]))

    assert chosen_from([5], [3]) == 5
    assert chosen_from([], [3]) == 3
    assert {chosen_from([], [2, 3]), chosen_from([], [3, 2])} == {3}


@pytest.mark.parametrize(("chosen", "against", "kicked"), [(0, 2, 0), (0, 3, -1), (1, 0, -1)])
def test_a_kick_takes_in_what_two_at_most_stand_in_the_way_of(chosen, against, kicked):
    empty = np.zeros(2, np.int64)
    one = np.array([chosen]), np.array([against])
    assert minimal._candidate(*one, empty, empty.copy(), np.zeros(1, np.int64), np.array([7])) == kicked
