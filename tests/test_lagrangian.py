"""The bound that needs no groups: never above what a plan costs, and near to it where units are small."""

import random

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog

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


def looked_at(part, seen: int):
    """What `lagrangian` itself works with: the vicinity, and the first community of each unit."""
    first = part.arrays.member[part.arrays.member_start[:-1]]
    return lagrangian._vicinity(part, first, seen), first


def most_gained(part, around, first, price, minimum: int, centre: int) -> float:
    """The relaxed knapsack of one centre, as a linear program: what it takes of the units seen, and of what is beyond."""
    town, own = part.arrays, part.arrays.unit_of[centre]
    walkers, worth = town.households[first], price - town.least_link
    others = around.unit[centre] != own
    unit, beyond = around.unit[centre][others], around.beyond_m[centre]
    gain = worth[unit] - walkers[unit] * around.metres[centre][others]
    far = np.zeros(0) if np.isinf(beyond) else worth - walkers * beyond
    cheapest = max(0.0, beyond * (walkers / town.weight).min() - (worth / town.weight).max())
    paying = far > 0.0
    lacking = minimum - town.weight[own] - (town.weight[paying].sum() if len(far) else 0)
    loss, holds = np.append(-gain, cheapest), np.append(town.weight[unit], 1.0)
    ends = [*[(0.0, 1.0)] * len(gain), (0.0, 0.0 if np.isinf(cheapest) else None)]
    loss[-1] = 0.0 if np.isinf(cheapest) else cheapest
    found = linprog(loss, A_ub=[-holds], b_ub=[-lacking], bounds=ends)
    assert found.success
    return price[own] - town.area_price + far[paying].sum() - found.fun


@pytest.mark.parametrize("minimum", [100, 350])
@pytest.mark.parametrize("seen", [1, 3, 5, 9, 16])
@pytest.mark.parametrize("seed", range(2))
def test_each_centre_takes_what_the_relaxed_knapsack_takes(seed, seen, minimum):
    """Beyond what is seen it reckons with every unit, as if the nearest that is not seen were all of them."""
    part = only_part(drawn(seed), RULES)
    seen = min(seen, part.units)
    around, first = looked_at(part, seen)
    draw = np.random.default_rng(seed)
    taking = 0
    for scale in (20.0, 60.0, 100.0, 250.0):
        price = scale * part.arrays.weight * draw.uniform(0.2, 1.8, part.units)
        least, _ = lagrangian._least(around, part.arrays, first, price, minimum)
        gains = [most_gained(part, around, first, price, minimum, c) for c in range(len(part.ids))]
        assert least == pytest.approx(-sum(g for g in gains if g > 0.0), rel=1e-9, abs=1e-6)
        taking += int(0 < sum(g > 0.0 for g in gains) < len(gains))
    assert seen < part.units or taking  # some centres pay at some prices, and some do not


@pytest.mark.parametrize("seed", range(6))
def test_how_often_each_unit_is_taken_is_the_slope(seed):
    """Where all is seen: no prices nearby are better than the slope at these says."""
    part = only_part(drawn(seed), RULES)
    around, first = looked_at(part, part.units)
    draw = np.random.default_rng(seed)

    def bound(price):
        least, taken = lagrangian._least(around, part.arrays, first, price, RULES.minimum)
        return price.sum() + least, 1.0 - taken

    for scale in (60.0, 100.0, 250.0):
        price = scale * part.arrays.weight * draw.uniform(0.2, 1.8, part.units)
        here, slope = bound(price)
        for step in (0.01, 1.0, 30.0):
            change = step * part.arrays.weight * draw.normal(size=part.units)
            assert bound(price + change)[0] <= here + slope @ change + 1e-6
        u = int(draw.integers(part.units))
        little = 1e-4 * np.eye(part.units)[u]
        assert bound(price + little)[0] - here == pytest.approx(1e-4 * slope[u], abs=1e-7)


def best_of_its_kind(part) -> float:
    """The most that any prices prove: the linear program whose prices they are."""
    around, first = looked_at(part, part.units)
    town, units, centres = part.arrays, part.units, len(part.ids)
    cost, covers, holds = [], [], []
    for c in range(centres):
        own, metres = town.unit_of[c], np.empty(units)
        metres[around.unit[c]] = around.metres[c]
        walk = town.households[first] * metres + town.least_link
        walk[own] = town.area_price  # taking its own unit is having the area
        cost.append(walk)
        covers.append(np.eye(units))
        holds.append(-np.where(np.arange(units) == own, town.weight - RULES.minimum, town.weight))
    rows = np.kron(np.eye(centres), np.ones((1, units))) * np.concatenate(holds)
    own = np.arange(centres) * units + town.unit_of
    within = np.eye(centres * units) - np.eye(centres * units)[np.repeat(own, units)]
    answer = linprog(
        np.concatenate(cost),
        A_ub=np.vstack([rows, within]),
        b_ub=np.zeros(centres + centres * units),
        A_eq=np.hstack(covers),
        b_eq=np.ones(units),
        bounds=(0.0, 1.0),
    )
    assert answer.success
    return float(answer.fun)


@pytest.mark.parametrize("seed", range(6))
def test_prices_come_near_to_the_best_there_are(seed):
    part = only_part(drawn(seed), RULES)
    best = best_of_its_kind(part)
    bound = lagrangian_bound(part, RULES, 1.02 * best, rounds=500, clock=NEVER)
    assert 0.998 * best < bound <= best + 1e-6
