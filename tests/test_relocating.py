import random
from itertools import combinations, count, pairwise
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest

from optimizer import clock as clock_module
from optimizer import pricing, relocating
from optimizer.candidates import area_cost
from optimizer.checks import check
from optimizer.clock import Clock
from optimizer.covering import Groups, no_groups
from optimizer.drafting import NOBODY, laid_out
from optimizer.instance import Part
from optimizer.plan import Area, Plan, area_name, center_of, linked_exceptions, outcomes_of
from optimizer.pricing import Goal
from optimizer.relocating import relocated
from optimizer.rules import Prices, Rules
from optimizer.starting import costed, first_plan
from tests.brute import optimum
from tests.towns import only_part, shuffled, street_grid, town

NEVER = Clock(None)
KINDS = {
    "walking": Prices(0.0, 0.0, 0.0, committee=0.0, grid=0.0, unlike={}, change_per_household=0.0),
    "all prices": Prices(crossing={"road": 300.0}, area=700.0),
}


def groups_of(part: Part, areas: list[str], rules: Rules) -> Groups:
    """Return areas given as their letters."""
    index = {i: int(part.arrays.unit_of[k]) for k, i in enumerate(part.ids)}
    groups = [np.unique([index[letter] for letter in area]) for area in areas]
    return costed(part, rules, sorted(groups, key=lambda group: int(group[0])))


def letters(part: Part, groups: Groups) -> list[str]:
    return sorted("".join(part.communities(groups.of(k).tolist())) for k in range(len(groups)))


def plan_of(graph: nx.Graph, part: Part, groups: Groups) -> Plan:
    members = [part.communities(groups.of(k).tolist()) for k in range(len(groups))]
    areas = tuple(Area(area_name(k), ids, center_of(graph, ids)) for k, ids in enumerate(members, start=1))
    outcomes = outcomes_of(graph, areas)
    return Plan(areas, outcomes, linked_exceptions(graph, outcomes), len(areas) + 1)


def random_town(seed: int) -> nx.Graph:
    """Up to twenty-six communities of every size in one piece, some bound together, with all that prices look at."""
    draw = random.Random(seed)  # noqa: S311 - a made-up town
    ids = "abcdefghijklmnopqrstuvwxyz"[: draw.randint(8, 26)]
    graph = nx.Graph(apart=())
    for i in ids:
        graph.add_node(
            i,
            count=draw.choice([1, 7, 20, 30, 45, 50, 60, 80, 99, 100, 130, 210, 520]),
            x=draw.choice([draw.uniform(0, 300), float("nan")]) if i == "c" else draw.uniform(0, 300),
            y=draw.uniform(0, 300),
            scope="to_group",
            lock=None,
            committee=draw.choice(["", "甲", "乙"]),
            grids=draw.choice([(), ("1",), ("1", "2")]),
            lift=draw.choice(["", "yes", "no"]),
            former=draw.choice([None, "PMA-001", "PMA-002"]),
        )
    way = draw.sample(ids, len(ids))
    linked = {tuple(sorted(pair)) for pair in pairwise(way)}
    likely = draw.uniform(0.0, 0.3)
    linked |= {pair for pair in combinations(ids, 2) if draw.random() < likely}
    for a, b in sorted(linked):
        graph.add_edge(a, b, gap_m=10.0, crosses=draw.choice([(), (), ("road",)]), wall_m=draw.choice([0, 9]))
    graph.graph["together"] = tuple(sorted(linked))[: draw.choice([0, 0, 2])]
    return graph


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seeds", [range(k, k + 30) for k in range(0, 90, 30)], ids=str)
def test_every_area_stays_lawful_and_costs_what_it_says(kind, seeds):
    better = 0
    for seed in seeds:
        graph = random_town(seed)
        rules = Rules(within=(), upper=(100, 150, 210, 500)[seed % 4], prices=KINDS[kind])
        part = only_part(graph, rules)
        start = first_plan(part, rules, no_groups())
        found = relocated(part, rules, start, steps=3_000, clock=NEVER)
        assert check(plan_of(graph, part, found), graph, rules) == []
        assert np.array_equal(np.sort(found.units), np.arange(part.units))
        expected = [
            area_cost(graph, rules, part.communities(found.of(k).tolist())).total for k in range(len(found))
        ]
        assert found.cost.tolist() == pytest.approx(expected)
        assert found.cost.sum() <= start.cost.sum()
        better += found.cost.sum() < start.cost.sum()
    assert better > 10


@pytest.mark.parametrize("kind", KINDS)
def test_small_towns_come_out_as_good_as_by_brute_force(kind):
    reached = 0
    for seed in range(40):
        graph = random_town(seed)
        graph.remove_nodes_from(sorted(graph)[9:])
        graph = graph.subgraph(max(nx.connected_components(graph), key=len)).copy()
        graph.graph.update(together=(), apart=())
        if sum(count for _, count in graph.nodes(data="count")) < 100:
            continue
        rules = Rules(within=(), prices=KINDS[kind])
        part = only_part(graph, rules)
        found = relocated(part, rules, first_plan(part, rules, no_groups()), steps=20_000, clock=NEVER)
        best = optimum(graph, rules).cost
        assert found.cost.sum() >= best - 1e-6
        reached += found.cost.sum() <= best + 1e-6
    assert reached >= 30


def test_two_units_are_swapped_where_neither_may_go_alone():
    rules = Rules(prices=KINDS["walking"])
    part = only_part(town("a50 c50 b50 d50", links=[("a", "b"), ("c", "d")]), rules)
    start = groups_of(part, ["ab", "cd"], rules)
    assert letters(part, relocated(part, rules, start, steps=500, clock=NEVER)) == ["ac", "bd"]

    town_, asked = part.arrays, pricing.task(rules, Goal(1.0, 0.0, np.zeros(part.units)))
    a, b, c, d = range(4)
    areas, room = laid_out(town_, asked, np.array([0, 0, 1, 1]), 0)
    relocating._move(town_, asked, areas, room, b, 1, NOBODY, np.inf)  # would leave a alone
    assert areas.label.tolist() == [0, 0, 1, 1]
    relocating._move(town_, asked, areas, room, b, 1, c, -5_001.0)  # saves 5,000 only
    assert areas.label.tolist() == [0, 0, 1, 1]
    relocating._move(town_, asked, areas, room, b, 1, c, -5_000.0)
    assert areas.label[[a, c]].tolist() == [0, 0]
    assert areas.label[[b, d]].tolist() == [1, 1]
    assert areas.walking[:2].tolist() == [2_500.0, 2_500.0]
    assert areas.walk_to.tolist() == [2_500.0] * 4


def test_an_area_is_split_where_it_became_large_enough():
    rules = Rules(prices=KINDS["walking"])
    part = only_part(town("a60 b50 c60 d50 e70 f60"), rules)
    start = groups_of(part, ["abcd", "ef"], rules)
    assert letters(part, relocated(part, rules, start, steps=2_000, clock=NEVER)) == ["ab", "cd", "ef"]


def test_two_areas_become_one_where_areas_have_a_price_unless_there_must_be_so_many():
    rules = Rules(prices=Prices(area=1e6))
    part = only_part(town("a60 b50 c60 d50"), rules)
    start = groups_of(part, ["ab", "cd"], rules)
    assert letters(part, relocated(part, rules, start, steps=2_000, clock=NEVER)) == ["abcd"]
    kept = relocated(part, rules, start, steps=2_000, clock=NEVER, fewest=2)
    assert letters(part, kept) == ["ab", "cd"]


def test_nothing_is_made_of_a_single_area_or_of_none():
    rules = Rules()
    part = only_part(town("a60 b50"), rules)
    one = groups_of(part, ["ab"], rules)
    assert relocated(part, rules, one, steps=100, clock=NEVER) is one
    assert relocated(part, rules, no_groups(), steps=100, clock=NEVER) is not None


def test_the_order_of_rows_changes_nothing_and_neither_does_a_second_time():
    graph, rules = street_grid(9, seed=2), Rules()
    answers = []
    for again in (graph, graph, shuffled(graph, 3)):
        part = only_part(again, rules)
        found = relocated(part, rules, first_plan(part, rules, no_groups()), steps=5_000, clock=NEVER)
        answers.append((letters(part, found), found.cost.sum()))
    assert answers[0] == answers[1] == answers[2]


def test_the_clock_ends_it():
    graph, rules = street_grid(9, seed=2), Rules()
    part = only_part(graph, rules)
    start = first_plan(part, rules, no_groups())
    assert relocated(part, rules, start, steps=10**9, clock=Clock(0.0)) is start


def test_with_time_to_spare_it_is_the_same_as_without_a_clock():
    """What the machine's speed cannot change: nothing is led by the time before it runs short."""
    part, rules = only_part(street_grid(9, seed=2), Rules()), Rules()
    start, clock = first_plan(part, rules, no_groups()), Clock(3_600.0)
    free = relocated(part, rules, start, steps=200_000, clock=NEVER)
    timed = relocated(part, rules, start, steps=200_000, clock=clock)
    assert (letters(part, timed), timed.cost.sum(), clock.stopped_by) == (
        letters(part, free),
        free.cost.sum(),
        None,
    )


def test_where_time_runs_short_it_cools_with_the_time_and_says_so(monkeypatch):
    """As if every look at the time came a fortieth of it later: what is left of a thousand legs ends cold all the same."""
    part, rules = only_part(street_grid(9, seed=2), Rules()), Rules()
    start, heats, times = first_plan(part, rules, no_groups()), [], count()
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(monotonic=lambda: next(times) / 4.0))
    monkeypatch.setattr(relocating, "_leg", lambda *given: heats.append(given[6]) or given[8:])
    clock = Clock(10.0)
    relocated(part, rules, start, steps=1_000 * relocating.LEG, clock=clock)
    coldest = heats[0] * relocating.COLD / relocating.HOT
    assert coldest < heats[-1] < 2 * coldest
    assert clock.stopped_by == "clock"
