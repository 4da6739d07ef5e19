"""Bounds over all lawful groups: never above the best plan, whatever rows, limits and leading are in play."""

import random
from dataclasses import dataclass
from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest

from optimizer import bounding
from optimizer.bounding import Bound, Relaxation
from optimizer.choosing import covered
from optimizer.clock import Clock
from optimizer.covering import Groups, OutOfTimeError, Relaxed
from optimizer.instance import Part, prepare
from optimizer.pricing import Goal, Limit, all_groups, first_groups
from optimizer.rules import Prices, Rules
from optimizer.starting import first_plan
from tests.towns import least_cost, street_grid, town

NEVER = Clock(None)
RULES = Rules(upper=200, prices=Prices(committee=0.0))
SEEDS = pytest.mark.parametrize("seed", range(4))


@dataclass(frozen=True)
class Case:
    """A part with every lawful group of it, the goal of least cost, and what the best plan counts."""

    part: Part
    groups: Groups
    goal: Goal
    best: float


def case(seed: int, goal: Goal | None = None) -> Case:
    """A grid of sixteen communities."""
    (part,) = prepare(street_grid(4, seed), RULES).parts
    groups = all_groups(part, RULES, 100_000)
    goal = goal or least_cost(part)
    return Case(part, groups, goal, covered(part, goal, groups).value)


def converged(case: Case, *, led: bool = False, tightened: int = 0) -> Relaxation:
    start = first_plan(case.part, RULES, first_groups(case.part, RULES))
    relaxation = Relaxation(case.part, RULES, case.goal, first_groups(case.part, RULES), NEVER)
    if led:
        relaxation.lead(start)
    relaxation.converge()
    for _ in range(tightened):
        relaxation.tighten()
        relaxation.converge()
    return relaxation


def reduced(case: Case, bound: Bound) -> np.ndarray:
    """What each lawful group costs above its worth, rows paid: written again from the definition."""
    found = []
    for k in range(len(case.groups)):
        units = set(case.groups.of(k).tolist())
        paid = sum(p for row, p in zip(bound.rows, bound.penalty, strict=True) if len({*row} & units) >= 2)
        earned = sum(d * limit.per_group for d, limit in zip(bound.limits, case.goal.limits, strict=True))
        cost = case.goal.prices * case.groups.cost[k] - case.goal.bonus
        found.append(cost - sum(bound.units[u] for u in units) - earned + paid)
    return np.array(found)


def proven(case: Case, bound: Bound) -> float:
    """What the duals prove: a plan holds at most one group of each centre, so at worst the least one of each."""
    above = reduced(case, bound)
    least = [min(0.0, above[case.groups.center == c].min(initial=0.0)) for c in range(len(case.part.ids))]
    worth = sum(limit.worth(d) for d, limit in zip(bound.limits, case.goal.limits, strict=True))
    return float(bound.units.sum() - bound.penalty.sum() + worth + sum(least))


@SEEDS
def test_the_bound_is_the_relaxed_cover_of_the_whole_list(seed):
    """Column generation ends where the list of all groups would have begun."""
    this = case(seed)
    whole = Relaxed(this.part.units, this.groups, this.groups.cost, np.full(this.part.units, 1e6)).solve()
    bound = converged(this).bound
    assert bound.value == pytest.approx(whole.value, rel=1e-6)
    assert bound.value <= this.best + 1e-6
    assert bound.covers


@SEEDS
def test_leading_the_duals_does_not_change_the_bound(seed):
    this = case(seed)
    assert converged(this, led=True).bound.value == pytest.approx(converged(this).bound.value, rel=1e-6)


@SEEDS
def test_rows_raise_the_bound_or_keep_it_and_never_pass_the_best_plan(seed):
    this = case(seed)
    relaxation = converged(this)
    values = [relaxation.bound.value]
    while relaxation.tighten():
        relaxation.converge()
        values.append(relaxation.bound.value)
    assert all(after >= before for before, after in pairwise(values))
    assert values[-1] <= this.best + 1e-6
    bound = relaxation.bound
    assert (bound.penalty >= 0).all()
    assert bound.value <= proven(this, bound) + 1e-3


def test_some_bound_is_raised_by_rows():
    assert any(
        converged(case(seed), tightened=3).bound.value > converged(case(seed)).bound.value + 1.0
        for seed in range(4)
    )


@SEEDS
def test_no_row_forbids_a_whole_cover(seed):
    """Of any three units at most one area holds two, whatever the cover."""
    this = case(seed)
    bound = converged(this, tightened=3).bound
    draw = random.Random(seed)  # noqa: S311 - made-up prices
    for _ in range(5):
        prices = np.array([draw.uniform(1, 100) for _ in range(len(this.groups))])
        goal = Goal(1.0, 0.0, np.full(this.part.units, np.inf))
        groups = Groups(this.groups.start, this.groups.units, prices, this.groups.center)
        chosen = covered(this.part, goal, groups).groups
        for row in bound.rows:
            assert sum(len({*row} & {*chosen.of(k)}) >= 2 for k in range(len(chosen))) <= 1


@SEEDS
def test_the_bound_holds_under_limits(seed):
    """At least one area more than the cheapest plan has, and at most that many."""
    this = case(seed)
    areas = len(covered(this.part, this.goal, this.groups).groups)
    for limit in (
        Limit(1.0, np.zeros(this.part.units), least=areas + 1.0),
        Limit(1.0, np.zeros(this.part.units), most=areas - 1.0),
    ):
        goal = least_cost(this.part, limit)
        best = covered(this.part, goal, this.groups)
        if best is None:
            continue
        limited = Case(this.part, this.groups, goal, best.value)
        bound = converged(limited, tightened=2).bound
        assert converged(this).bound.value - 1e-6 <= bound.value <= best.value + 1e-6
        assert bound.value <= proven(limited, bound) + 1e-3


@SEEDS
def test_what_groups_cost_above_their_worth_is_told_as_defined(seed):
    this = case(seed)
    bound = converged(this, tightened=2).bound
    rows = np.array(
        [len({*row} & {*this.groups.of(k)}) >= 2 for k in range(len(this.groups)) for row in bound.rows]
    )
    paid = rows.reshape(len(this.groups), len(bound.rows)) @ bound.penalty if len(bound.rows) else 0.0
    assert bound.reduced(this.goal, this.groups) + paid == pytest.approx(reduced(this, bound), abs=1e-6)


@SEEDS
def test_every_group_within_an_excess_is_listed(seed):
    this = case(seed)
    bound = converged(this, tightened=2).bound
    gap = this.best - bound.value
    for excess in (0.0, gap, 3_000.0):
        listed = bounding.within(this.part, RULES, this.goal, bound, excess=excess, most=100_000)
        found = {listed.of(k).tobytes() for k in range(len(listed))}
        above = reduced(this, bound)
        for k in range(len(this.groups)):
            if abs(above[k] - excess) > 1e-4:
                assert (this.groups.of(k).tobytes() in found) == (above[k] < excess)


def test_a_list_inside_some_units_holds_no_other_units():
    this = case(1)
    bound = converged(this).bound
    units = np.array([0, 1, 4, 5, 8, 9])
    listed = bounding.within(this.part, RULES, this.goal, bound, excess=1e6, most=100_000, units=units)
    inside = {
        this.groups.of(k).tobytes() for k in range(len(this.groups)) if set(this.groups.of(k)) <= set(units)
    }
    assert {listed.of(k).tobytes() for k in range(len(listed))} == inside
    assert len(inside) > 5


def test_a_list_longer_than_asked_for_is_none():
    this = case(1)
    bound = converged(this).bound
    assert bounding.within(this.part, RULES, this.goal, bound, excess=1e6, most=3) is None


@SEEDS
def test_groups_side_by_side_count_at_least_what_their_units_are_worth(seed):
    """Up to the least reduced cost of their centres, which the bound has paid for already."""
    this = case(seed)
    bound = converged(this, tightened=2).bound
    above = reduced(this, bound)
    least = [min(0.0, above[this.groups.center == c].min(initial=0.0)) for c in this.groups.center]
    for k, j in combinations(range(0, len(this.groups), 5), 2):
        one, other = this.groups.of(k), this.groups.of(j)
        if not set(one) & set(other) and this.groups.center[k] != this.groups.center[j]:
            worth = bounding.worth(this.goal, bound, np.sort(np.concatenate([one, other])), 2)
            assert worth + least[k] + least[j] <= this.groups.cost[k] + this.groups.cost[j] + 1e-2


def test_what_cannot_be_covered_is_said():
    """Nobody may be left single, and c reaches nobody."""
    graph = town("a60 b60 c40", apart=[("b", "c"), ("a", "c")])
    (part,) = prepare(graph, Rules()).parts
    relaxation = Relaxation(part, Rules(), least_cost(part), first_groups(part, Rules()), NEVER)
    relaxation.converge()
    assert not relaxation.bound.covers
    assert not relaxation.tighten()


def test_a_run_that_the_clock_stops_at_once_has_a_bound_that_holds():
    this = case(2)
    relaxation = Relaxation(this.part, RULES, this.goal, first_groups(this.part, RULES), Clock(0.0))
    relaxation.converge()
    assert relaxation.bound.value <= converged(this).bound.value + 1e-6


def test_a_relaxed_problem_that_takes_too_long_is_left_and_the_clock_told(monkeypatch):
    """More time might give another plan, though the run itself goes on."""
    this, clock = case(2), Clock(3_600.0)

    def endless(_self, _seconds=None):
        raise OutOfTimeError

    monkeypatch.setattr(Relaxed, "solve", endless)
    relaxation = Relaxation(this.part, RULES, this.goal, first_groups(this.part, RULES), clock)
    relaxation.converge()
    assert (relaxation.bound.value, clock.over(), clock.stopped_by) == (-np.inf, False, "clock")


def test_single_units_at_a_price_bound_too():
    """With a price on leaving out, the best plan leaves the far community single."""
    graph = nx.Graph(town("a60 b60 c300"))
    graph.nodes["c"]["x"] = 5_000.0
    (part,) = prepare(graph, RULES).parts
    goal = Goal(1.0, 0.0, np.array([np.inf, np.inf, 70.0]))
    best = covered(part, goal, all_groups(part, RULES, 100))
    relaxation = Relaxation(part, RULES, goal, first_groups(part, RULES), NEVER)
    relaxation.converge()
    assert relaxation.bound.value == pytest.approx(best.value)
