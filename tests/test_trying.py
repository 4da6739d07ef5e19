"""One thing at a time: each row is the plan that a scenario of its own would be; the next best plans differ and are lawful."""

from dataclasses import replace
from pathlib import Path

import pytest

from geo.wording import LANGUAGES, speaking
from jobs.district import plan_district
from jobs.reopened import reopened
from jobs.sample import sample_request
from jobs.trying import DIFFERENT, Ladder, NextBest
from jobs.weighing import Wish, weighed
from optimizer.alternatives import regrouped
from report.results import Results
from report.tradeoffs import tradeoff_table
from store.drafts import Draft
from store.edits import LockAreas, applied

SAMPLE = Path(__file__).parent.parent / "data" / "sample"


@pytest.fixture(scope="module")
def sample() -> Results:
    return plan_district(sample_request(SAMPLE))


@pytest.fixture(scope="module")
def start(sample) -> Draft:
    return Draft(reopened(sample).plan)


@pytest.mark.parametrize(
    ("name", "value", "wish"),
    [
        ("minimum", "150", Wish(minimum=150)),
        ("upper", "300", Wish(upper=300)),
        ("reach_outline_m", "10", Wish(reach_outline_m=10.0)),
        ("join_self_sufficient", "0", Wish(prices={"join_self_sufficient": 0.0})),
    ],
)
def test_a_row_is_the_plan_of_the_scenario_with_this_value(sample, start, name, value, wish):
    found = Ladder(sample, start, name)()
    (row,) = [case for case in found.cases if case.value == value]
    alone = weighed(sample, start, wish)
    counts = alone.communities["count"][alone.communities["outcome"] == "exception"].sum()
    assert (row.areas, row.exceptions, row.exception_households, row.violations) == (
        alone.summary["areas"],
        alone.summary["exceptions"],
        counts,
        0,
    )
    assert row.cost == pytest.approx(alone.summary["cost"], abs=0.01)
    (used,) = [case for case in found.cases if case.used]
    assert (used.cost, used.moved) == (pytest.approx(sample.summary["cost"], abs=0.01), 0)


def test_what_is_settled_stays_in_every_row(sample, start):
    graph = reopened(sample).graph
    small = [a for a in start.plan.areas if sum(graph.nodes[m]["count"] for m in a.members) < 150]
    draft = applied(start, LockAreas((next(a.area_id for a in small if len(a.members) > 1),)), graph)
    free, bound = (Ladder(sample, one, "minimum")().cases[1] for one in (start, draft))
    assert (free.value, bound.value) == ("150", "150")
    assert bound.cost != free.cost
    assert bound.violations == 1  # the locked area is below this minimum, and the row says so


def test_an_upper_size_below_the_minimum_is_no_row(sample, start):
    rules = sample.rules_text.replace("minimum = 100", "minimum = 400")
    base = replace(sample, rules_text=rules, summary={**sample.summary, "minimum": 400})
    assert Ladder(base, start, "upper").values() == [400, 500, 800, 1200]


def test_a_ladder_that_is_cancelled_keeps_the_rows_it_has(sample, start):
    asked = iter([False, False, True])
    found = Ladder(sample, start, "minimum")(cancelled=lambda: next(asked))
    assert [case.value for case in found.cases] == ["100", "150"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["upper", "unlike.lift"])
def test_a_ladder_can_be_told_in_any_language(sample, start, language, name):
    with speaking(language):
        found = Ladder(sample, start, name)(cancelled=iter([False, True]).__next__)
        assert found.title
        assert found.heading in tradeoff_table(found).columns


def test_the_next_best_plans_differ_keep_the_rules_and_cost_no_less(sample, start):
    found = NextBest(sample, start)()
    plans, costs = [plan for plan, _, _ in found], [told.cost for _, told, _ in found]
    assert len(found) == 3
    assert costs == sorted(costs)
    assert costs[0] == pytest.approx(sample.summary["cost"], abs=0.01)
    least = DIFFERENT * sum(
        outcome in ("grouped", "alone", "exception") for outcome in plans[0].outcomes.values()
    )
    assert all(len(regrouped(a, b)) >= int(least) for k, a in enumerate(plans) for b in plans[:k])
    assert [broken for _, _, broken in found] == [0, 0, 0]


def test_next_best_plans_that_are_cancelled_leave_the_best(sample, start):
    assert len(NextBest(sample, start)(cancelled=lambda: True)) == 1
