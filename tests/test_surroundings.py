"""What a root can reach: nothing that a group asked for holds is banned, and no loss is overstated."""

import random
from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from optimizer import search, surroundings
from optimizer.instance import Part, prepare
from optimizer.pricing import Goal, all_groups, no_cuts, task
from optimizer.rules import Prices, Rules
from tests.towns import street_grid

RULES = Rules(upper=250, prices=Prices(wall_per_m=20.0))
SEEDS = pytest.mark.parametrize("seed", range(8))


def part_of(seed: int) -> Part:
    """A grid of sixteen communities, some without a place, with walls between some."""
    graph, draw = street_grid(4, seed), random.Random(seed)  # noqa: S311 - a made-up town
    for i in sorted(graph):
        if draw.random() < 0.1:
            graph.nodes[i]["x"] = float("nan")
    nx.set_edge_attributes(graph, {edge: draw.choice([0.0, 0.0, 40.0]) for edge in graph.edges}, "wall_m")
    (part,) = prepare(graph, RULES).parts
    return part


def profits(part: Part, seed: int) -> np.ndarray:
    """Wild prices: some far too high, some below nothing."""
    draw = random.Random(seed)  # noqa: S311 - made-up prices
    return np.array([draw.choice([-2.0, 10.0, 40.0, 120.0]) * draw.random() * w for w in part.arrays.weight])


def looked(
    part: Part, root: int, profit: np.ndarray, budget: float, *, by_center: bool
) -> tuple[set[int], surroundings.Around, float]:
    near = surroundings.around_of(part.units)
    count, gains = again(part, root, profit, budget, near, by_center=by_center)
    return set(near.reached[:count].tolist()), near, gains


def again(
    part: Part, root: int, profit: np.ndarray, budget: float, near: surroundings.Around, *, by_center: bool
) -> tuple[int, float]:
    first = part.arrays.unit_of[root] if by_center else root
    place = surroundings.Root(root, int(first), by_center)
    sight = surroundings.sight_of(part.arrays, profit)
    return surroundings.look_around(part.arrays, place, profit, sight, budget, near)


@SEEDS
@pytest.mark.parametrize("ceiling", [-1e-6, 2_000.0])
def test_every_group_asked_for_lies_in_the_surroundings_of_its_centre(seed, ceiling):
    part = part_of(seed)
    profit = profits(part, seed)
    groups = all_groups(part, RULES, 100_000)
    reduced = groups.cost - groups.sums(profit)
    assert (reduced <= ceiling).any()
    around = {
        c: looked(part, c, profit, ceiling, by_center=True)[0] for c in np.unique(groups.center).tolist()
    }
    for k in np.flatnonzero(reduced <= ceiling):
        assert {*groups.of(k).tolist()} <= around[int(groups.center[k])]
    assert any(len(units) < part.units for units in around.values())


@SEEDS
def test_every_group_asked_for_lies_in_the_surroundings_of_its_smallest_unit(seed):
    """Only profits count there; the ceiling is half of what the best group earns."""
    part = part_of(seed)
    profit = profits(part, seed) - 1_000.0
    groups = all_groups(part, RULES, 100_000)
    reduced = -groups.sums(profit)
    ceiling = 0.5 * reduced.min()
    assert ceiling < 0
    around = [looked(part, u, profit, ceiling, by_center=False)[0] for u in range(part.units)]
    for k in np.flatnonzero(reduced <= ceiling):
        assert {*groups.of(k).tolist()} <= around[groups.of(k)[0]]
    assert any(len(units) < part.units - u for u, units in enumerate(around))


@SEEDS
def test_the_search_finds_what_it_finds_with_nothing_banned(seed):
    """A ceiling without end bans nothing; of what that finds, the same groups are as good as asked for."""
    part = part_of(seed)
    profit = profits(part, seed)
    asked = task(RULES, Goal(1.0, 0.0, np.zeros(part.units)))._replace(
        improving=False, steps=10**7, all_steps=10**8
    )
    roots = np.arange(len(part.ids))

    def found(ceiling: float) -> dict[bytes, float]:
        got = search.groups(part.arrays, asked._replace(ceiling=ceiling), roots, profit, no_cuts(part))
        assert got.complete
        sets = [got.units[a:b] for a, b in zip(got.start, got.start[1:], strict=False)]
        return {s.tobytes(): c - profit[s].sum() for s, c in zip(sets, got.cost, strict=True)}

    everything, few = found(1e15), found(500.0)
    assert few == {group: reduced for group, reduced in everything.items() if reduced <= 500.0}
    assert 0 < len(few) < len(everything)


@SEEDS
def test_from_the_smallest_unit_on_no_smaller_one_is_reached(seed):
    part = part_of(seed)
    for first in range(part.units):
        reached, _, gains = looked(part, first, np.ones(part.units), 1e9, by_center=False)
        assert reached == set(range(first, part.units)) & reached
        assert gains == pytest.approx(len(reached) - 1)


@SEEDS
def test_gains_are_profits_less_the_walk_and_the_cheapest_links(seed):
    part = part_of(seed)
    town, profit = part.arrays, profits(part, seed)
    for root in range(len(part.ids)):
        reached, near, _ = looked(part, root, profit, 1e9, by_center=True)
        first = int(town.unit_of[root])
        for u in reached:
            members = town.member[town.member_start[u] : town.member_start[u + 1]]
            metres = np.nan_to_num(np.hypot(town.x[members] - town.x[root], town.y[members] - town.y[root]))
            link = 0.0 if u == first else town.least_link[u]
            assert near.gain[u] == pytest.approx(profit[u] - town.households[members] @ metres - link)


@SEEDS
def test_all_marks_but_those_reached_stay_banned_and_the_room_can_be_used_again(seed):
    part = part_of(seed)
    profit = profits(part, seed)
    reached, near, gains = looked(part, 5, profit, 0.0, by_center=True)
    assert {int(u) for u in np.flatnonzero(near.mark != surroundings.BANNED)} == reached
    near.mark[list(reached)] = surroundings.BANNED
    assert again(part, 5, profit, 0.0, near, by_center=True) == (len(reached), gains)


# --- losses ------------------------------------------------------------------------------------------


@SEEDS
def test_the_least_loss_is_that_of_the_fractional_knapsack(seed):
    """Take whole units by loss a household and part of the last: no whole choice of units loses less."""
    part = part_of(seed)
    profit = profits(part, seed)
    reached, near, _ = looked(part, 5, profit, 1e9, by_center=True)
    first = int(part.arrays.unit_of[5])
    losing, open_weight = surroundings.lay_losses(part.arrays, first, len(reached), near)
    weight = part.arrays.weight
    others = sorted(reached - {first})
    assert open_weight == sum(weight[u] for u in others if near.gain[u] > 0)
    units = [u for u in others if near.gain[u] <= 0]
    assert losing == len(units)
    for wanted in (0.0, 1.0, 30.0, 77.5, 200.0):
        least = surroundings.loss_for(wanted, losing, near)
        assert least == pytest.approx(by_hand(wanted, [(weight[u], -near.gain[u]) for u in units]))
        for k in (1, 2, 3):
            for chosen in combinations(units, k):
                if sum(weight[u] for u in chosen) >= wanted:
                    assert least <= sum(-near.gain[u] for u in chosen) + 1e-6


def test_losses_are_laid_out_beside_what_is_reached_and_nothing_lacking_loses_nothing():
    part = part_of(0)
    reached, near, _ = looked(part, 5, profits(part, 0), 1e9, by_center=True)
    before = near.reached[: len(reached)].tolist()
    surroundings.lay_losses(part.arrays, int(part.arrays.unit_of[5]), len(reached), near)
    assert near.reached[: len(reached)].tolist() == before
    assert surroundings.loss_for(0.0, 0, near) == 0.0


def by_hand(wanted: float, units: list[tuple[int, float]]) -> float:
    total = 0.0
    for weight, loss in sorted(units, key=lambda unit: unit[1] / unit[0]):
        if wanted <= 0:
            break
        total += loss * min(1.0, wanted / weight)
        wanted -= weight
    return total if wanted <= 0 else np.inf


def test_more_households_than_there_are_cannot_be_brought():
    part = part_of(0)
    reached, near, _ = looked(part, 5, np.zeros(part.units), 1e9, by_center=True)
    losing, _ = surroundings.lay_losses(part.arrays, int(part.arrays.unit_of[5]), len(reached), near)
    assert surroundings.loss_for(1e6, losing, near) == np.inf
    assert surroundings.loss_for(-3.0, losing, near) == 0.0


def test_a_distance_without_a_place_is_none():
    x, y = np.array([0.0, 3.0, np.nan]), np.array([0.0, 4.0, 0.0])
    assert (surroundings.distance(x, y, 0, 1), surroundings.distance(x, y, 0, 2)) == (5.0, 0.0)


@SEEDS
def test_each_unit_is_either_near_enough_to_be_looked_up_or_far(seed):
    """Those at exactly the usual sight are near; those without a place are far."""
    part = part_of(seed)
    town = part.arrays
    sight = surroundings.sight_of(town, profits(part, seed))
    assert sorted([*sight.near, *sight.far]) == list(range(part.units))
    first = town.member[town.member_start[:-1]]
    seen = np.maximum(profits(part, seed), 0.0) / town.households[first] + 1e-6
    assert (seen[sight.near] <= sight.metres).all()
    assert sight.metres in seen[sight.near]
    assert (np.diff(sight.x) >= 0.0).all()
    assert not np.isnan(sight.x).any()


@SEEDS
def test_a_look_leaves_nothing_behind_for_the_next(seed):
    """The same surroundings are used for all roots of a pass."""
    part = part_of(seed)
    profit = profits(part, seed)
    used = surroundings.around_of(part.units)
    for root in range(len(part.ids)):
        count, gains = again(part, root, profit, 500.0, used, by_center=True)
        units, _, alone = looked(part, root, profit, 500.0, by_center=True)
        assert (set(used.reached[:count].tolist()), gains) == (units, alone)
        own = int(part.arrays.unit_of[root])
        rest = sum(max(0.0, used.gain[u]) for u in units if u != own)
        assert gains == pytest.approx(rest)
        assert np.isinf(used.toll).all()
        banned = np.isin(np.arange(part.units), list(units), invert=True)
        assert (used.mark == np.where(banned, surroundings.BANNED, surroundings.UNSEEN)).all()
        used.mark[:] = surroundings.BANNED  # as a search does when it is done with its root
