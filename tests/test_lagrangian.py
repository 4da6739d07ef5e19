"""The bound that needs no groups: never above what a plan costs, and near to it where units are small."""

import random

import networkx as nx
import numpy as np
import pytest

from optimizer import lagrangian
from optimizer.clock import Clock
from optimizer.lagrangian import lagrangian_bound
from optimizer.rules import Prices, Rules
from optimizer.solving import SolveOptions, solve
from optimizer.staging import first_answer
from optimizer.work import Work
from tests.towns import only_part, street_grid

NEVER = Clock(None)
RULES = Rules(prices=Prices(area=500.0, wall_per_m=3.0))


def drawn(seed: int, side: int = 4) -> nx.Graph:
    """A street grid with walls, and two pairs that stay together."""
    graph = street_grid(side, seed)
    draw = random.Random(seed)  # noqa: S311 - a made-up town
    for _, _, link in graph.edges(data=True):
        link["wall_m"] = draw.choice([0.0, 0.0, 40.0, 200.0])
    graph.graph["together"] = (("0000", "0001"), ("0005", "0006"))
    return graph


def small_units(side: int) -> nx.Graph:
    graph = street_grid(side, 3)
    for k, node in enumerate(graph.nodes.values()):
        node["count"] = 5 + 7 * k % 11
    return graph


@pytest.mark.parametrize("seen", [1, 3, 48])
@pytest.mark.parametrize("seed", range(12))
def test_no_plan_costs_less(seed, seen, monkeypatch):
    """However few units a centre looks at one by one."""
    monkeypatch.setattr(lagrangian, "LEAST_SEEN", seen)
    monkeypatch.setattr(lagrangian, "SEEN_MINIMUMS", 0)
    graph = drawn(seed)
    _, certificate = solve(graph, RULES)
    bound = lagrangian_bound(only_part(graph, RULES), RULES, certificate.cost, rounds=400, clock=NEVER)
    assert certificate.status == "optimal"
    assert bound <= certificate.cost + 1e-6
    if seen == 48:
        assert bound > 0.4 * certificate.cost


def test_of_small_units_it_is_near_to_the_least_cost():
    part = only_part(small_units(10), Rules())
    cost = first_answer(part, Rules(), (), NEVER, moves=100_000).cost
    assert 0.8 * cost < lagrangian_bound(part, Rules(), cost, rounds=2_000, clock=NEVER) <= cost


def test_it_says_nothing_where_a_place_is_missing():
    graph = small_units(4)
    graph.nodes["0003"]["x"] = np.nan
    assert lagrangian_bound(only_part(graph, Rules()), Rules(), 1e6, rounds=10, clock=NEVER) == -np.inf


def test_one_look_is_enough_when_time_is_up():
    part = only_part(small_units(6), Rules())
    once = lagrangian_bound(part, Rules(), 1e6, rounds=1, clock=NEVER)
    assert lagrangian_bound(part, Rules(), 1e6, rounds=500, clock=Clock(0.0)) == once > -np.inf


def test_a_plan_without_a_bound_by_pricing_gets_this_one(monkeypatch):
    """Pricing that is cut short everywhere leaves the bound to this."""
    monkeypatch.setattr("optimizer.bounding.STEPS_A_ROOT", 1)
    graph = small_units(10)
    _, certificate = solve(
        graph, Rules(), SolveOptions(work=Work(listed=0, tries=0, listing=0, candidates=0))
    )
    assert certificate.gap < 0.25
