"""Large-neighbourhood search: never dearer, nobody lost, and every ball a ball."""

from collections.abc import Callable
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from optimizer import improving
from optimizer.bounding import Bound, Relaxation
from optimizer.checks import check
from optimizer.choosing import covered
from optimizer.clock import Clock
from optimizer.covering import Groups, no_groups, united
from optimizer.improving import improve
from optimizer.instance import Part
from optimizer.plan import Area, Plan, area_name, center_of, outcomes_of
from optimizer.pricing import Goal, Limit, all_groups, first_groups
from optimizer.rules import Rules
from optimizer.starting import costed, rounded
from optimizer.work import Work
from tests.towns import least_cost, only_part, street_grid

NEVER = Clock(None)
RULES = Rules(upper=200)
SEEDS = pytest.mark.parametrize("seed", range(5))


def bound_of(part: Part, goal: Goal, plan: Groups) -> Bound:
    relaxation = Relaxation(part, RULES, goal, united([plan, first_groups(part, RULES)]), NEVER)
    relaxation.converge()
    return relaxation.bound


def poor_plan(part: Part) -> Groups:
    """What comes of splitting the whole part, with no eye for cost."""
    return rounded(part, RULES, no_groups(), np.zeros(0, np.int64))


def improved(
    part: Part,
    plan: Groups,
    *limits: Limit,
    heard: Callable[[Groups], None] = lambda _: None,
    clock: Clock = NEVER,
    balls: tuple[int, ...] = (4, 8),
    tries: int = 4,
) -> Groups:
    goal = least_cost(part, *limits)
    work = Work(balls=balls, tries=tries)
    return improve(
        part, RULES, goal, bound_of(part, goal, poor_plan(part)), plan, work=work, clock=clock, heard=heard
    )


@SEEDS
def test_a_better_plan_is_lawful_and_keeps_everybody(seed):
    graph = street_grid(6, seed)
    part = only_part(graph, RULES)
    plan = poor_plan(part)
    better = improved(part, plan)
    assert better.cost.sum() < 0.95 * plan.cost.sum()
    assert sorted(better.units.tolist()) == list(range(part.units))
    areas = tuple(
        Area(area_name(k + 1), ids, center_of(graph, ids))
        for k, ids in enumerate(part.communities(better.of(k).tolist()) for k in range(len(better)))
    )
    assert check(Plan(areas, outcomes_of(graph, areas), (), len(areas) + 1), graph, RULES) == []
    again = costed(part, RULES, [better.of(k) for k in range(len(better))])
    assert again.cost == pytest.approx(better.cost)


@SEEDS
def test_a_ball_of_all_areas_finds_the_best_plan(seed):
    part = only_part(street_grid(4, seed), RULES)
    best = covered(part, least_cost(part), all_groups(part, RULES, 100_000)).value
    assert improved(part, poor_plan(part), balls=(100,)).cost.sum() == pytest.approx(best)


@SEEDS
def test_each_plan_heard_of_costs_less_and_the_last_one_is_returned(seed):
    part, told = only_part(street_grid(6, seed), RULES), []
    plan = poor_plan(part)
    better = improved(part, plan, heard=told.append)
    costs = [float(plan.cost.sum()), *(float(groups.cost.sum()) for groups in told)]
    assert all(after < before for before, after in pairwise(costs))
    assert all(sorted(groups.units.tolist()) == list(range(part.units)) for groups in told)
    assert better.cost.sum() == costs[-1]


@SEEDS
def test_with_a_limit_there_are_never_fewer_areas(seed):
    part = only_part(street_grid(6, seed), RULES)
    plan = poor_plan(part)
    limit = Limit(1.0, np.zeros(part.units), least=float(len(plan)))
    better = improved(part, plan, limit)
    assert len(better) >= len(plan)
    assert better.cost.sum() <= plan.cost.sum()


@SEEDS
def test_who_is_single_stays_single(seed):
    part = only_part(street_grid(6, seed), RULES)
    plan = poor_plan(part)
    kept = plan.take(np.arange(1, len(plan)))
    assert sorted(improved(part, kept).units.tolist()) == sorted(kept.units.tolist())


def test_nothing_is_tried_without_tries_time_or_balls():
    part = only_part(street_grid(6, 1), RULES)
    plan = poor_plan(part)
    for options in ({"tries": 0}, {"clock": Clock(0.0)}, {"balls": ()}, {"balls": (1,)}):
        assert improved(part, plan, **options) is plan


def test_more_tries_are_never_worse():
    part = only_part(street_grid(6, 1), RULES)
    plan = poor_plan(part)
    costs = [improved(part, plan, tries=tries).cost.sum() for tries in (0, 1, 2, 4)]
    assert costs == sorted(costs, reverse=True)
    assert costs[1] < costs[0]


def test_the_best_plan_stays():
    part = only_part(street_grid(4, 1), RULES)
    best = covered(part, least_cost(part), all_groups(part, RULES, 100_000)).groups
    assert improved(part, best) is best


# --- balls -------------------------------------------------------------------------------------------


@SEEDS
@pytest.mark.parametrize("areas", [2, 4, 7])
def test_a_ball_is_its_first_area_and_those_nearest_by_links(seed, areas):
    graph = street_grid(6, seed)
    part = only_part(graph, RULES)
    plan = poor_plan(part)
    area_of = np.full(part.units, -1)
    area_of[plan.units] = np.repeat(np.arange(len(plan)), np.diff(plan.start))
    town = nx.Graph()
    town.add_nodes_from(range(len(plan)))
    index = {i: k for k, i in enumerate(part.ids)}
    town.add_edges_from((area_of[index[a]], area_of[index[b]]) for a, b in graph.edges)
    for first in range(len(plan)):
        ball = improving._ball(part, plan, area_of, first, areas).tolist()
        steps = nx.single_source_shortest_path_length(town, first)
        assert first in ball
        assert ball == sorted(set(ball))
        assert len(ball) == min(areas, len(steps))
        farthest = max(steps[k] for k in ball)
        assert {k for k in steps if steps[k] < farthest} <= set(ball)


def test_balls_come_worst_area_first_and_none_is_one_area():
    part = only_part(street_grid(6, 2), RULES)
    plan, goal = poor_plan(part), least_cost(part)
    bound = bound_of(part, goal, plan)
    excess = goal.of(plan) - plan.sums(bound.units)
    balls = list(improving._balls(part, goal, bound, plan, 3))
    assert len(balls) == len(plan)
    names = [plan.of(k).tobytes() for k in range(len(plan))]
    first = {names[k] for k in np.argsort(-excess)[:1]}
    assert first <= set(improving._names(balls[0]))
    alone = plan.take(np.array([0]))
    assert list(improving._balls(part, goal, bound, alone, 3)) == []
