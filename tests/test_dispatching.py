"""Parts one after the other: answers in their order, and news that only gets better."""

from itertools import pairwise

import networkx as nx
import pytest

from optimizer import dispatching
from optimizer.clock import Clock
from optimizer.dispatching import News, Task, solve_parts
from optimizer.instance import Part, prepare
from optimizer.rules import Rules
from optimizer.staging import Answer, told_of
from optimizer.work import Work
from tests.towns import street_grid

RULES = Rules()
TASK = Task(RULES, Work())


def parts_of(*sides: int) -> tuple[Part, ...]:
    """Grids beside one another, not linked, in the order of their names."""
    towns = [
        nx.relabel_nodes(grid, {i: f"{k}-{i}" for i in grid})
        for k, grid in enumerate(street_grid(side, seed=side) for side in sides)
    ]
    return prepare(nx.compose_all(towns), RULES).parts


def solved(
    parts: tuple[Part, ...], *, cancelled=None, seconds=None, workers=1, task=TASK
) -> tuple[list[list[Answer]], list[News]]:
    news: list[News] = []
    stop = None if cancelled is None else lambda: cancelled(news)
    return solve_parts(parts, task, Clock(seconds, stop), workers=workers, heard=news.append), news


@pytest.fixture(scope="module")
def parts() -> tuple[Part, ...]:
    """A large part, a small one, and one of middle size."""
    return parts_of(8, 2, 5)


@pytest.fixture(scope="module")
def run(parts) -> tuple[list[list[Answer]], list[News]]:
    return solved(parts)


def test_answers_stand_in_the_order_of_the_parts(parts, run):
    answers, _ = run
    assert [sorted(i for a in of_part for g in a.groups for i in g) for of_part in answers] == [
        sorted(part.ids) for part in parts
    ]
    assert all(a.optimal for of_part in answers for a in of_part)


def test_each_part_is_answered_as_if_it_were_alone(parts, run):
    for part, answers in zip(parts, run[0], strict=True):
        assert solved((part,))[0] == [answers]


def test_news_only_gets_better(run):
    _, news = run
    assert all(after.told.cost <= before.told.cost + 1e-6 for before, after in pairwise(news))
    assert all(after.told.bound >= before.told.bound - 1e-6 for before, after in pairwise(news))
    assert all(0 <= n.told.bound <= n.told.cost + 1e-6 for n in news)


def test_news_counts_parts_and_communities_as_they_are_done(parts, run):
    counts = [(n.parts_done, n.communities_done) for n in run[1]]
    assert counts == sorted(counts)
    assert set(counts) == {
        (1, 4),
        (2, 4 + 25),
        (3, 4 + 25 + 64),
    }  # small ones first; before them there is no plan


def test_the_last_news_is_what_all_answers_say_together(run):
    answers, news = run
    whole = told_of(a for of_part in answers for a in of_part)
    assert news[-1].told.cost == pytest.approx(whole.cost)
    assert news[-1].told.bound == pytest.approx(whole.bound)
    assert (news[-1].told.exceptions, news[-1].told.areas) == (whole.exceptions, whole.areas)
    assert whole.areas == sum(len(a.groups) for of_part in answers for a in of_part)


def test_a_large_part_has_a_plan_before_anything_is_solved(monkeypatch, parts):
    """With every part large there is news of a whole plan while none is done."""
    monkeypatch.setattr(dispatching, "SHARED", 1)
    _, news = solved(parts)
    assert (news[0].parts_done, news[0].communities_done) == (0, 0)
    assert news[0].told.cost >= news[-1].told.cost > 0
    assert news[0].told.bound == 0.0


def test_a_run_cancelled_at_once_has_first_plans_only(parts, run):
    answers, news = solved(parts, cancelled=lambda _: True)
    assert {(a.method, a.stopped_by) for of_part in answers for a in of_part} == {("first", "cancel")}
    assert [sorted(i for a in of_part for g in a.groups for i in g) for of_part in answers] == [
        sorted(part.ids) for part in parts
    ]
    assert news[-1].told.cost >= run[1][-1].told.cost


def test_a_run_cancelled_on_the_way_keeps_what_is_done(parts, run):
    """Cancelled when the small parts are done: their answers stay, the large one's best plan so far is kept."""
    answers, news = solved(parts, cancelled=bool)
    assert answers[1:] == run[0][1:]
    (large,) = answers[0]
    assert (large.stopped_by, large.optimal) == ("cancel", False)
    assert news[-1].told.cost == pytest.approx(told_of(a for of_part in answers for a in of_part).cost)


def test_a_run_without_time_says_that_the_clock_stopped_it(parts):
    answers, _ = solved(parts, seconds=0.0)
    assert {a.stopped_by for of_part in answers for a in of_part} == {"clock"}


def test_given_areas_are_begun_with(parts, run):
    best = tuple(group for of_part in run[0] for a in of_part for group in a.groups)
    answers, _ = solved(parts, cancelled=lambda _: True, task=Task(RULES, Work(), best))
    assert [a.groups for of_part in answers for a in of_part] == [
        a.groups for of_part in run[0] for a in of_part
    ]


def test_other_processes_answer_the_same_and_are_heard(monkeypatch, parts, run):
    monkeypatch.setattr(dispatching, "SHARED", 20)
    monkeypatch.setattr(dispatching, "WORTH_SHARING", 20)
    answers, news = solved(parts, workers=2)
    assert answers == solved(parts)[0]
    assert news[-1].told.cost == pytest.approx(run[1][-1].told.cost)
    assert all(after.told.cost <= before.told.cost + 1e-6 for before, after in pairwise(news))
    assert (news[0].parts_done, news[-1].parts_done) == (1, 3)


def test_no_parts_no_answers():
    assert solved(()) == ([], [])
