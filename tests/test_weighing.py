"""Planning again by other rules: the links a run would find, what is settled stays, ids go on, the file says the rules."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest

from geo.schema import DataError
from jobs.district import plan_district
from jobs.policy import read_policy
from jobs.reopened import reopened
from jobs.sample import sample_request
from jobs.versus import Side, compared
from jobs.weighing import Weighing, Wish, adopted, meanings, weighed
from optimizer.checks import check
from optimizer.rules import Prices, Rules
from optimizer.solving import SolveOptions, solve
from report.results import Results, write_results
from store.drafts import Draft
from store.edits import Accept, LockAreas, LockCommunities, NewArea, Rename, SetLink, applied
from store.records import plain
from tests import fakes

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
OPTIONS = SolveOptions(seconds=60.0)


@pytest.fixture(scope="module")
def sample() -> Results:
    return plan_district(sample_request(SAMPLE))


@pytest.fixture(scope="module")
def start(sample) -> Draft:
    return Draft(reopened(sample).plan)


def company(results: Results) -> set[tuple[str, ...]]:
    table = results.communities["area_id"].dropna()
    return {tuple(sorted(ids)) for ids in table.groupby(table).groups.values()}


# --- wishes ----------------------------------------------------------------------------------------


def test_a_wish_changes_what_it_names_and_nothing_else():
    rules = Rules(prices=Prices(crossing={"支路": 2000.0}))
    wish = Wish(minimum=150, reach_point_m=80.0, prices={"grid": 7.0, "unlike.lift": 9.0})
    told = wish.rules(rules)
    assert (told.minimum, told.upper, told.reach_point_m, told.reach_outline_m) == (150, 500, 80.0, 30.0)
    assert (told.prices.grid, told.prices.unlike["lift"], told.prices.unlike["managed"]) == (7.0, 9.0, 2000.0)
    assert told.prices.crossing == {"支路": 2000.0}
    assert Wish().rules(rules) == rules


def test_an_upper_size_below_the_minimum_moves_with_it_or_is_refused():
    assert Wish(minimum=600).rules(Rules()).upper == 3000
    with pytest.raises(DataError, match="上限"):
        Wish(minimum=150, upper=120).rules(Rules())


def test_only_another_reach_wants_new_links():
    assert not Wish(minimum=150).links_anew
    assert Wish(reach_outline_m=0.0).links_anew


def test_the_rules_file_says_what_each_rule_means():
    told = meanings(read_policy(sample_request(SAMPLE)).text)
    assert told["minimum"] == "不少于 100 户（原则上）。来源：永川府办发〔2020〕67号 三（七）"
    assert told["lift"].startswith("有电梯与无电梯")
    assert told["point_m"].startswith("只有点位时")
    assert "exception_price" not in told or told["exception_price"]


# --- planning again --------------------------------------------------------------------------------


def test_the_same_rules_give_the_same_plan(sample, start):
    again = weighed(sample, start, Wish(), options=OPTIONS)
    versus = compared(Side("a", sample), Side("b", again))
    assert versus.moved.empty
    assert versus.rules.empty
    for key in ("cost", "bound", "gap", "status", "exceptions_bound", "areas_bound", "areas", "exceptions"):
        assert again.summary[key] == sample.summary[key], key
    assert again.certificate.equals(sample.certificate)


def test_links_found_again_are_those_the_run_found(sample, start):
    now = reopened(sample).rules.reach_outline_m
    again = weighed(sample, start, Wish(reach_outline_m=now), options=OPTIONS)
    for name in ("links", "refused_links", "beyond"):
        ours, theirs = (pd.DataFrame(getattr(r, name)) for r in (sample, again))
        pd.testing.assert_frame_equal(
            ours.drop(columns="geometry", errors="ignore").reset_index(drop=True),
            theirs.drop(columns="geometry", errors="ignore").reset_index(drop=True),
            obj=name,
        )


@pytest.mark.parametrize(
    "wish", [Wish(minimum=150), Wish(reach_outline_m=60.0), Wish(prices={"grid": 9000.0, "unlike.lift": 0.0})]
)
def test_a_plan_by_other_rules_is_lawful_by_them_and_its_file_says_them(sample, start, wish):
    results = weighed(sample, start, wish, options=OPTIONS)
    town = reopened(results)
    assert town.rules == wish.rules(reopened(sample).rules)
    assert results.summary["status"] == "optimal"
    assert check(town.plan, town.graph, town.rules) == []
    assert results.violations.empty
    assert results.summary["minimum"] == town.rules.minimum
    assert results.summary["cost"] == pytest.approx(results.areas["cost"].sum(), abs=0.1)
    assert results.summary["areas"] == len(results.areas)


def test_it_is_the_plan_that_a_run_with_these_options_makes(sample, start):
    run = plan_district(replace(sample_request(SAMPLE), minimum=150))
    weighing = weighed(sample, start, Wish(minimum=150), options=OPTIONS)
    assert company(run) == company(weighing)
    assert run.summary["cost"] == weighing.summary["cost"]


def test_an_area_keeps_its_id_where_its_centre_stays_and_no_number_is_used_again(sample, start):
    results = weighed(sample, start, Wish(minimum=150), options=OPTIONS)
    before = sample.areas["center_id"]
    kept = results.areas.index.intersection(before.index)
    assert (results.areas.loc[kept, "center_id"] == before[kept]).all()
    fresh = results.areas.index.difference(before.index)
    assert all(int(area.removeprefix("PMA-")) >= sample.summary["next_number"] for area in fresh)


# --- what is settled -------------------------------------------------------------------------------


def test_what_people_settled_stays(sample, start):
    graph = reopened(sample).graph
    three = [area for area in start.plan.areas if len(area.members) >= 3][:3]
    draft = applied(start, LockAreas((three[0].area_id,)), graph)
    draft = applied(draft, LockCommunities((three[1].members[0],)), graph)
    draft = applied(draft, Accept(three[2].area_id, "会议纪要", "王主任"), graph)
    results = weighed(sample, draft, Wish(minimum=400), options=OPTIONS)
    assert {area.members for area in three} <= company(results)
    assert not {area.members for area in three} <= company(
        weighed(sample, start, Wish(minimum=400), options=OPTIONS)
    )


def test_links_that_people_gave_are_used(sample, start):
    graph = reopened(sample).graph
    lonely = min(c for c in graph if graph.degree(c) == 0 and start.plan.outcomes[c] == "exception")
    other = start.plan.areas[0].members[0]
    draft = applied(start, SetLink(*sorted((lonely, other)), "given", "有人行道", 120.0), graph)
    results = weighed(sample, draft, Wish(), options=OPTIONS)
    assert results.communities.at[lonely, "outcome"] == "grouped"


def test_pairs_that_must_be_together_stay_linked_however_short_the_reach(sample, start):
    a, b = sample.links.loc[sample.links["kind"] == "found", ["a", "b"]].iloc[0]
    pair = pd.DataFrame({"a": [a], "b": [b], "kind": ["together"]}).astype(sample.pairs.dtypes)
    base = replace(sample, pairs=pd.concat([sample.pairs, pair], ignore_index=True))
    results = weighed(base, start, Wish(reach_outline_m=0.0), options=OPTIONS)
    left = results.links.set_index(["a", "b"])["kind"]
    assert left[a, b] == "given"
    assert len(left) < len(sample.links)


def test_names_follow_their_areas(sample, start):
    area = max(start.plan.areas, key=lambda area: len(area.members))
    draft = applied(start, Rename(area.area_id, "石桥片"), reopened(sample).graph)
    results = weighed(sample, draft, Wish(), options=OPTIONS)
    assert results.areas.at[area.area_id, "name"] == "石桥片"


def test_what_is_adopted_makes_the_draft_the_scenario(sample, start):
    graph = reopened(sample).graph
    results = weighed(sample, start, Wish(minimum=150), options=OPTIONS)
    taken = applied(start, adopted(start, results), graph)
    assert {area.members for area in taken.plan.areas} == company(results)
    assert adopted(taken, results).communities == ()


# --- from another process --------------------------------------------------------------------------


def test_a_question_travels_as_json(tmp_path):
    base = fakes.results()
    write_results(base, tmp_path / "plan")
    town = reopened(base)
    draft = applied(Draft(town.plan), NewArea(("C003",)), town.graph)
    question = Weighing(tmp_path / "plan", plain(draft), asdict(Wish(minimum=120)), "最低户数 120")
    words = json.loads(json.dumps(asdict(question), default=str))
    heard = []
    results = Weighing(**{**words, "folder": Path(words["folder"])})(
        listener=lambda step: heard.append(step.stage)
    )
    assert results.summary["scenario"] == "最低户数 120"
    assert results.summary["minimum"] == 120
    assert heard[0] == "read"
    assert heard[-1] == "check"
    write_results(results, tmp_path / "out")


@pytest.mark.parametrize(("stopped_by", "caveat"), [("cancel", "ended_by_hand"), ("clock", "stopped")])
def test_a_search_that_was_ended_says_so(sample, start, monkeypatch, stopped_by, caveat):
    def cut_short(*given, **more):
        plan, certificate = solve(*given, **more)
        return plan, replace(certificate, stopped_by=stopped_by, status="feasible")

    monkeypatch.setattr("jobs.weighing.solve", cut_short)
    before = replace(sample, summary={**sample.summary, "caveats": ["stopped", "counts_estimated"]})
    results = weighed(before, start, Wish(), options=OPTIONS)
    assert results.summary["caveats"] == ["counts_estimated", caveat]
    assert results.summary["stopped_by"] == stopped_by
