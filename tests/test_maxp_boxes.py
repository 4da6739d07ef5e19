"""The sweep over all partitions of a map, and the bound by boxes, against trying all partitions of small maps."""

from dataclasses import replace
from itertools import product

import networkx as nx
import numpy as np
import pytest

from benchmarks import maxp_sweep
from benchmarks.maxp import MaxP
from benchmarks.maxp_boxes import boxed_bound
from benchmarks.maxp_large import distance_bound, split_distance
from benchmarks.maxp_sweep import Sweep, cheapest, sweep_of


def strip(seed: int, columns: int = 3) -> MaxP:
    """Two rows of units, each linked along and across, and one unit that hangs on by a single link."""
    rng = np.random.default_rng(seed)
    links = {(u, u + 2) for u in range(2 * columns - 2)} | {(u, u + 1) for u in range(0, 2 * columns, 2)}
    links |= {(0, 2 * columns)}
    near = [
        [v for v in range(2 * columns + 1) if (u, v) in links or (v, u) in links]
        for u in range(2 * columns + 1)
    ]
    weight = rng.integers(2, 5, len(near)).astype(float)
    return MaxP(near, weight, rng.integers(0, 9, (len(near), 2)).astype(float), 4.0)


def plans(instance: MaxP, areas: int) -> list[np.ndarray]:
    """Labels of every partition into connected areas that reach the minimum, in every order of the areas."""
    graph = nx.Graph((u, v) for u, row in enumerate(instance.near) for v in row)
    found = []
    for labels in map(np.array, product(range(areas), repeat=len(instance.near))):
        held = np.bincount(labels, instance.weight, minlength=areas)
        members = [np.flatnonzero(labels == area).tolist() for area in range(areas)]
        if (
            (held >= instance.minimum).all()
            and all(members)
            and all(nx.is_connected(graph.subgraph(m)) for m in members)
        ):
            found.append(labels)
    return found


def distance_of(instance: MaxP, labels: np.ndarray) -> float:
    same = labels[:, None] == labels
    return float(instance.distance[same].sum() / 2)


def chosen_by(sweep: Sweep, price: np.ndarray) -> tuple[float, np.ndarray]:
    chosen = np.zeros_like(price)
    total = cheapest(sweep.order, sweep.first, sweep.after, price, np.zeros(len(sweep.after)), chosen)
    return total, chosen.argmax(axis=1)


@pytest.mark.parametrize("areas", [2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_the_sweep_finds_the_cheapest_connected_partition_at_any_prices(areas, seed):
    instance = replace(strip(seed), minimum=0.0)
    sweep = sweep_of(instance.near, instance.weight, 0.0, areas)
    known = plans(instance, areas)
    for prices in np.random.default_rng(seed).normal(size=(10, len(instance.near), areas)):
        total, labels = chosen_by(sweep, prices)
        least = min(prices[np.arange(len(labels)), plan].sum() for plan in known)
        assert total == pytest.approx(least)
        assert prices[np.arange(len(labels)), labels].sum() == pytest.approx(least)


@pytest.mark.parametrize("seed", range(3))
def test_ways_that_leave_an_area_short_are_dropped_and_no_plan_with_them(seed):
    instance = strip(seed)
    all_ways = sweep_of(instance.near, instance.weight, 0.0, 3)
    fewer = sweep_of(instance.near, instance.weight, instance.minimum, 3)
    assert len(fewer.after) < len(all_ways.after)
    for plan in plans(instance, 3):
        price = 1.0 - np.eye(3)[plan]
        assert chosen_by(fewer, price) == (0.0, pytest.approx(plan))


@pytest.mark.parametrize(
    ("near", "least", "areas"),
    [
        ([[1], [0], [3], [2]], 0.0, 2),  # two pieces
        ([[1], [0, 2], [1]], 0.0, 4),  # fewer units than areas
        ([[1], [0, 2], [1]], 2.0, 2),  # three units of 1, two areas of 2
    ],
)
def test_there_is_no_sweep_where_there_is_no_plan(near, least, areas):
    assert sweep_of(near, np.ones(len(near)), least, areas) is None


def test_a_map_too_wide_to_sweep_has_no_bound(monkeypatch):
    instance = strip(0)
    labels = plans(instance, 3)[0]
    monkeypatch.setattr(maxp_sweep, "MOST_STATES", 50)
    assert boxed_bound(instance.near, instance.weight, instance.distance, instance.minimum, labels) == 0.0


@pytest.mark.parametrize("areas", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_the_bound_is_never_above_the_best_plan_and_closes_in_on_it(areas, seed):
    instance = strip(seed)
    known = plans(instance, areas)
    best = min(known, key=lambda labels: distance_of(instance, labels))
    least = distance_of(instance, best)
    bounds = [
        boxed_bound(instance.near, instance.weight, instance.distance, instance.minimum, labels, boxes=boxes)
        for labels, boxes in ((known[-1], 20), (best, 20), (best, 200))
    ]
    assert max(bounds) <= least + 1e-9
    assert bounds[1] <= bounds[2]
    assert bounds[2] >= 0.8 * least


def test_the_bound_sees_contiguity():
    near = [[1], [0, 2], [1, 3], [2, 4], [3, 5], [4]]
    attributes = np.array([[0.0], [9.0], [0.0], [9.0], [0.0], [9.0]])
    instance = MaxP(near, np.ones(6), attributes, 3.0)
    labels = np.array([0, 0, 0, 1, 1, 1])
    assert distance_bound(instance.distance, 2) <= 0.0
    assert boxed_bound(near, instance.weight, instance.distance, 3.0, labels, boxes=50) == pytest.approx(36.0)


@pytest.mark.parametrize("seed", range(3))
def test_the_convex_part_is_convex_and_nowhere_above_the_distance(seed):
    distance = strip(seed).distance
    convex, constant = split_distance(distance, np.full_like(distance, 1 / 3))
    assert np.linalg.eigvalsh(convex).min() >= -1e-12
    for labels in np.random.default_rng(seed).integers(0, 3, (50, len(distance))):
        whole = np.eye(3)[labels]
        assert (whole * (convex @ whole)).sum() / 2 + constant <= distance_of(strip(seed), labels) + 1e-9
