"""The best choice for a goal: both ways to it, with limits, prices and too little work."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer import choosing
from optimizer.choosing import Best, Listed, Priced, covered
from optimizer.clock import Clock
from optimizer.covering import Groups, no_groups
from optimizer.instance import Part
from optimizer.pricing import Goal, Limit, all_groups
from optimizer.rules import Rules
from optimizer.starting import first_plan
from optimizer.work import Work
from tests.towns import least_cost, only_part, street_grid, town

NEVER = Clock(None)
RULES = Rules(upper=200)
SEEDS = pytest.mark.parametrize("seed", range(4))


def priced(part: Part, work: Work | None = None, heard=lambda *_: None) -> Priced:
    plan = first_plan(part, RULES, no_groups())
    return Priced(part, RULES, work or Work(listed=0), NEVER, plan, heard)


def listed(part: Part) -> Listed:
    return Listed(part, all_groups(part, RULES, 100_000))


def groups_of(*sets: tuple[int, ...]) -> Groups:
    start = np.cumsum([0, *map(len, sets)])
    return Groups(
        start, np.array([u for s in sets for u in s]), np.arange(1.0, len(sets) + 1), np.zeros(len(sets), int)
    )


# --- pieces ------------------------------------------------------------------------------------------


def test_pieces_are_the_units_that_groups_connect_each_with_its_groups():
    pieces = choosing._pieces(9, groups_of((0, 1), (4,), (1, 2), (7, 8), (0, 2)))
    assert [(units.tolist(), [g.of(k).tolist() for k in range(len(g))]) for units, g in pieces] == [
        ([0, 1, 2], [[0, 1], [1, 2], [0, 2]]),
        ([4], [[4]]),
        ([7, 8], [[7, 8]]),
    ]
    assert pieces[0][1].cost.tolist() == [1.0, 3.0, 5.0]


def test_no_groups_leave_no_pieces():
    assert choosing._pieces(5, no_groups()) == []


# --- the best choice ---------------------------------------------------------------------------------


@SEEDS
def test_both_ways_find_the_same_least_cost(seed):
    part = only_part(street_grid(5, seed), RULES)
    one, other = listed(part).best(least_cost(part)), priced(part).best(least_cost(part))
    assert (one.proven, other.proven) == (True, True)
    assert other.value == pytest.approx(one.value)
    assert other.value == pytest.approx(other.groups.cost.sum())
    assert sorted(other.groups.units.tolist()) == list(range(part.units))


@SEEDS
def test_both_ways_keep_the_areas_of_an_earlier_goal(seed):
    part = only_part(street_grid(5, seed), RULES)
    one, other = listed(part), priced(part)
    most = one.best(Goal(0.0, 1.0, np.full(part.units, np.inf))).groups
    other.begin_with(most)
    limit = Limit(1.0, np.zeros(part.units), least=float(len(most)))
    kept = other.best(least_cost(part, limit))
    assert len(kept.groups) == len(most)
    assert kept.value == pytest.approx(one.best(least_cost(part, limit)).value)
    assert kept.proven


@SEEDS
def test_both_ways_leave_single_who_is_cheaper_to_leave(seed):
    part = only_part(street_grid(5, seed), RULES)
    goal = Goal(1.0, 0.0, np.where(np.arange(part.units) % 3 == 0, 300.0, np.inf))
    one, other = listed(part).best(goal), priced(part).best(goal)
    assert other.value == pytest.approx(one.value)
    assert other.value == pytest.approx(other.groups.cost.sum() + 300.0 * len(other.single))
    assert len(other.single) > 0
    assert sorted([*other.groups.units, *other.single]) == list(range(part.units))


@SEEDS
def test_one_goal_after_the_other_is_reached_from_one_solver(seed):
    """Most areas, then least cost among those, then least cost again without the limit."""
    part = only_part(street_grid(5, seed), RULES)
    for way in (listed(part), priced(part)):
        most = way.best(Goal(0.0, 1.0, np.full(part.units, np.inf)))
        limit = Limit(1.0, np.zeros(part.units), least=float(len(most.groups)))
        kept = way.best(least_cost(part, limit))
        assert -most.value == len(most.groups) == len(kept.groups)
        assert way.best(least_cost(part)).value <= kept.value + 1e-6


def test_where_nothing_covers_all_neither_way_gives_a_choice():
    graph = town("a60 b60 c40", apart=[("b", "c"), ("a", "c")])
    part = only_part(graph, RULES)
    assert listed(part).best(least_cost(part)) is None
    assert priced(part).best(least_cost(part)) is None


@SEEDS
def test_with_hardly_any_work_the_choice_is_whole_and_the_bound_holds(seed):
    part = only_part(street_grid(6, seed), RULES)
    best = listed(part).best(least_cost(part)).value
    for work in (
        Work(listed=0, tightenings=0, balls=(), listing=1, candidates=0),
        Work(listed=0, tightenings=0, tries=0, nodes=1, columns=1),
    ):
        found = priced(part, work).best(least_cost(part))
        assert sorted(found.groups.units.tolist()) == list(range(part.units))
        assert found.bound <= best + 1e-6 <= found.value + 2e-6


@SEEDS
def test_what_is_heard_only_gets_better_and_ends_with_the_best(seed):
    part, heard = only_part(street_grid(6, seed), RULES), []
    best = priced(part, heard=lambda _, told: heard.append(told)).best(least_cost(part))
    values = [told.value for told in heard]
    assert values == sorted(values, reverse=True)
    assert best.value <= values[-1]
    assert all(told.bound <= best.value + 1e-6 for told in heard)


def test_going_on_from_a_given_cover_is_never_dearer():
    part = only_part(street_grid(5, 1), RULES)
    best = listed(part).best(least_cost(part))
    idle = priced(part, Work(listed=0, tightenings=0, balls=(), listing=1, candidates=0, nodes=1))
    idle.begin_with(best.groups)
    assert idle.best(least_cost(part)).value == pytest.approx(best.value)


def test_a_choice_is_proven_where_nothing_is_left_between_it_and_its_bound():
    best = Best(no_groups(), np.zeros(0, np.int64), 2_000_000.0, 2_000_000.0 - 1.0)
    assert best.proven
    assert not replace(best, bound=best.value - 3.0).proven
    assert not replace(best, value=0.5, bound=0.4).proven


def test_a_choice_from_a_list_has_the_bound_of_that_list():
    part = only_part(town("a60 b60 c60 d60"), RULES)
    every = all_groups(part, RULES, 1_000)
    best = covered(part, least_cost(part), every)
    assert best.bound == pytest.approx(best.value)
    assert covered(part, least_cost(part), every.take(np.array([0]))) is None
