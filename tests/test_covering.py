"""The cover and its relaxed problem: what is chosen, what is refused, and what growing step by step changes (nothing)."""

import random
from itertools import combinations

import numpy as np
import pytest

from optimizer import covering
from optimizer.clock import Clock
from optimizer.covering import Extra, Groups, Relaxed, cover, joined, no_groups, united

UNITS = 7


def groups_of(*sets: tuple[int, ...], cost: list[float] | None = None) -> Groups:
    start = np.cumsum([0, *map(len, sets)])
    units = np.array([u for group in sets for u in group], np.int64)
    costs = np.array(cost if cost is not None else [float(k) for k in range(len(sets))])
    return Groups(start, units, costs, np.arange(len(sets)))


def drawn(seed: int) -> tuple[Groups, np.ndarray]:
    """Sets of up to three of seven units, at a price; two units may be left single."""
    draw = random.Random(seed)  # noqa: S311 - made-up groups
    every = [set_ for k in (1, 2, 3) for set_ in combinations(range(UNITS), k)]
    sets = draw.sample(every, 20)
    single = np.full(UNITS, np.inf)
    single[draw.sample(range(UNITS), 2)] = draw.uniform(5, 30)
    return groups_of(*sets, cost=[draw.uniform(1, 20) * len(s) ** 0.5 for s in sets]), single


def least_by_trying(groups: Groups, single: np.ndarray, least: int = 0) -> float:
    """The least cost of any choice that covers each unit once, with so many groups at least; inf where there is none."""

    def best(left: frozenset[int], count: int) -> float:
        if not left:
            return 0.0 if count >= least else np.inf
        first = min(left)
        ways = [single[first] + best(left - {first}, count)] if np.isfinite(single[first]) else []
        for k in range(len(groups)):
            units = frozenset(groups.of(k).tolist())
            if first in units and units <= left:
                ways.append(groups.cost[k] + best(left - units, count + 1))
        return min(ways, default=np.inf)

    return best(frozenset(range(UNITS)), 0)


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("least", [0, 4])
def test_the_cover_is_the_cheapest_of_all(seed, least):
    groups, single = drawn(seed)
    rows = [Extra(np.ones(len(groups)), np.zeros(UNITS), float(least), np.inf)] if least else []
    answer = cover(UNITS, groups, groups.cost, single, rows)
    expected = least_by_trying(groups, single, least)
    if answer is None:
        assert np.isinf(expected)
        return
    value = groups.cost[answer.groups].sum() + single[answer.single].sum()
    assert value == pytest.approx(expected)
    assert answer.bound == pytest.approx(expected)
    assert (answer.proven, answer.by_clock) == (True, False)


def test_a_row_may_count_singles_too():
    groups = groups_of((0,), (1,), (2,), cost=[5.0, 5.0, 5.0])
    at_most_one = Extra(np.zeros(3), np.ones(3), -np.inf, 1.0)
    answer = cover(3, groups, groups.cost, np.array([1.0, 2.0, 3.0]), [at_most_one])
    assert (answer.groups.tolist(), answer.single.tolist()) == ([1, 2], [0])


def test_where_no_choice_covers_all_there_is_no_answer():
    assert cover(3, groups_of((0, 1), (1, 2)), np.ones(2), np.full(3, np.inf)) is None


def test_an_answer_that_is_no_cover_is_refused(monkeypatch):
    """As if HiGHS had said: take the first and the last group, which share a unit."""
    groups, solved = groups_of((0, 1), (2,), (1, 2)), covering._solved
    assert cover(3, groups, groups.cost, np.full(3, np.inf)) is not None

    def wrong(model, asked):
        answer = solved(model, asked)
        del answer.solutions[0].primal_solution.variable_values.ids[:]
        answer.solutions[0].primal_solution.variable_values.ids.extend([0, 2])
        return answer

    monkeypatch.setattr(covering, "_solved", wrong)
    assert cover(3, groups, groups.cost, np.full(3, np.inf)) is None


def test_where_presolve_fails_it_is_left_out(monkeypatch):
    solved, ways = covering._solved, []

    def failing(model, asked):
        ways.append(asked.presolve)
        return solved(model, asked) if len(ways) > 1 else None

    monkeypatch.setattr(covering, "_solved", failing)
    answer = cover(2, groups_of((0, 1)), np.ones(1), np.full(2, np.inf))
    assert (answer.groups.tolist(), len(ways)) == ([0], 2)
    assert ways[0] != ways[1]


def test_an_answer_cut_short_by_time_is_told_to_the_clock(monkeypatch):
    """HiGHS ends a moment before the clock is asked again."""
    solved, clock = covering._solved, Clock(3_600.0)

    def cut_short(model, asked):
        answer = solved(model, asked)
        answer.termination.limit = covering.result_pb2.LIMIT_TIME
        return answer

    monkeypatch.setattr(covering, "_solved", cut_short)
    answer = cover(2, groups_of((0, 1)), np.ones(1), np.full(2, np.inf), clock=clock)
    assert (answer.by_clock, clock.over(), clock.stopped_by) == (True, False, "clock")


def test_lists_are_joined_in_order_and_united_by_their_first_appearance():
    one, other = groups_of((0,), (1, 2), cost=[1.0, 2.0]), groups_of((1, 2), (0, 1), cost=[7.0, 8.0])
    assert joined([one, other]).cost.tolist() == [1.0, 2.0, 7.0, 8.0]
    both = united([one, other])
    assert [both.of(k).tolist() for k in range(len(both))] == [[0], [1, 2], [0, 1]]
    assert (both.cost.tolist(), both.center.tolist()) == ([1.0, 2.0, 8.0], [0, 1, 1])
    assert len(united([no_groups(), no_groups()])) == 0


def test_groups_are_taken_by_mask_or_position_and_summed():
    groups = groups_of((0, 3), (1,), (0, 1, 2))
    for chosen in (np.array([True, False, True]), np.array([0, 2])):
        taken = groups.take(chosen)
        assert [taken.of(k).tolist() for k in range(2)] == [[0, 3], [0, 1, 2]]
        assert taken.sums(np.array([1.0, 10.0, 100.0, 1_000.0])).tolist() == [1_001.0, 111.0]
    assert no_groups().sums(np.ones(4)).tolist() == []


# --- the relaxed problem -----------------------------------------------------------------------------


def halves(groups: Groups) -> tuple[Groups, Groups]:
    return groups.take(np.arange(0, 10)), groups.take(np.arange(10, 20))


def priced(single: np.ndarray) -> np.ndarray:
    """Every unit may be left single, most at a high price: then there is always an answer."""
    return np.where(np.isinf(single), 100.0, single)


def rows_over(groups: Groups, triples: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray]:
    held = [
        (r, k)
        for r, row in enumerate(triples)
        for k in range(len(groups))
        if len({*row} & {*groups.of(k).tolist()}) >= 2
    ]
    return np.array([r for r, _ in held], np.int64), np.array([k for _, k in held], np.int64)


@pytest.mark.parametrize("seed", range(15))
def test_rows_and_groups_added_in_turns_give_the_value_of_all_at_once(seed):
    groups, single = drawn(seed)
    first, later = halves(groups)
    triples = [(0, 1, 2), (2, 3, 4), (1, 5, 6)]
    counted = Extra(np.ones(10), np.zeros(UNITS), 2.0, np.inf)
    grown = Relaxed(UNITS, first, first.cost, priced(single), [counted])
    grown.solve()
    grown.cut(3, *rows_over(first, triples))
    row, column = rows_over(later, triples)
    rows = np.concatenate([np.full(10, UNITS), UNITS + 1 + row])
    columns = np.concatenate([np.arange(10), column])
    grown.add(later, later.cost, rows, columns, np.ones(len(rows)))
    at_once = [Extra(np.ones(20), np.zeros(UNITS), 2.0, np.inf)]
    for r in range(3):
        per_group = np.zeros(20)
        held, of = rows_over(groups, triples)
        per_group[of[held == r]] = 1.0
        at_once.append(Extra(per_group, np.zeros(UNITS), -np.inf, 1.0))
    whole = Relaxed(UNITS, groups, groups.cost, priced(single), at_once).solve()
    answer = grown.solve()
    assert answer.value == pytest.approx(whole.value)
    assert groups.cost @ answer.groups + priced(single) @ answer.single == pytest.approx(answer.value)
    covered = answer.single + np.bincount(
        groups.units, np.repeat(answer.groups, np.diff(groups.start)), UNITS
    )
    assert covered == pytest.approx(np.ones(UNITS))


@pytest.mark.parametrize("seed", range(5))
def test_the_relaxed_problem_bounds_the_whole_one_and_its_duals_prove_it(seed):
    groups, single = drawn(seed)
    relaxed = Relaxed(UNITS, groups, groups.cost, priced(single)).solve()
    assert relaxed.value <= least_by_trying(groups, priced(single)) + 1e-9
    assert relaxed.duals.sum() == pytest.approx(relaxed.value)
    assert (groups.cost - groups.sums(relaxed.duals)).min() >= -1e-6
    assert (priced(single) - relaxed.duals).min() >= -1e-6


def test_a_new_price_of_leaving_single_is_that_of_a_new_problem():
    groups, single = drawn(3)
    relaxed = Relaxed(UNITS, groups, groups.cost, priced(single))
    dear = relaxed.solve().value
    relaxed.reprice(np.full(UNITS, 0.5))
    assert relaxed.solve().value == pytest.approx(0.5 * UNITS) != dear


def test_duals_lean_where_they_are_free_to_and_stand_up_again():
    """One group of two units at 10: any two duals that sum to 10 will do."""
    relaxed = Relaxed(2, groups_of((0, 1), cost=[10.0]), np.array([10.0]), np.full(2, np.inf))
    for toward in ([7.0, 3.0], [2.0, 8.0]):
        relaxed.lean(np.array(toward), 1e-4)
        assert relaxed.solve().duals == pytest.approx(toward)
    relaxed.lean(np.zeros(2), 0.0)
    assert relaxed.solve().value == pytest.approx(10.0)
    relaxed.add(groups_of((0,), (1,)), np.array([3.0, 4.0]), *np.zeros((2, 0), np.int64), np.zeros(0))
    answer = relaxed.solve()
    assert (answer.value, answer.groups.tolist()) == (pytest.approx(7.0), [0.0, 1.0, 1.0])
