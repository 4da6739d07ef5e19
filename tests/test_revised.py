"""The results of a draft follow every edit, whatever they are made of."""

import random
from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from geo.overlays import area_outlines
from geo.wording import speaking
from jobs.district import plan_district
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from jobs.revised import revised
from jobs.sample import sample_request
from optimizer.candidates import area_cost
from optimizer.checks import check, near_minimum
from report.reopening import read_results
from report.results import Results, write_results
from store.drafts import Acceptance, Draft, ScopeDecision, dressed
from store.edits import (
    Accept,
    CheckLink,
    Command,
    GiveReason,
    Merge,
    Move,
    NewArea,
    Rename,
    SetLink,
    SetScope,
    TakeOut,
    applied,
)
from tests import fakes

SAMPLE = Path(__file__).parent.parent / "data" / "sample"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "out"
    write_results(plan_district(sample_request(SAMPLE)), folder)
    return read_results(folder)


@pytest.fixture(scope="module")
def town(base):
    return reopened(base)


@pytest.fixture
def start(town):
    return Draft(town.plan)


@pytest.fixture
def edited(base, town, start):
    """Return the draft after commands, and its results."""

    def after(*commands: Command) -> tuple[Draft, Results]:
        draft = start
        for command in commands:
            draft = applied(draft, command, town.graph)
        return draft, revised(base, town, draft)

    return after


def same(one: Results, other: Results, *, but: tuple[str, ...] = ()) -> None:
    """Fail where two results differ in a table, a shape or a word."""
    for name in (field.name for field in fields(Results) if field.name not in but):
        ours, theirs = getattr(one, name), getattr(other, name)
        if isinstance(ours, gpd.GeoDataFrame):
            equal = ours.geometry.geom_equals_exact(theirs.geometry, 0)
            assert (equal | (ours.geometry.isna() & theirs.geometry.isna())).all(), name
            ours, theirs = (pd.DataFrame(t.drop(columns=t.geometry.name)) for t in (ours, theirs))
        if isinstance(ours, pd.DataFrame):
            assert_frame_equal(ours, theirs, obj=name)
        elif not isinstance(ours, dict | gpd.GeoSeries):
            assert ours == theirs, name
    assert "summary" in but or one.summary == other.summary


def moved(results: Results, town) -> tuple[str, str]:
    """Return a community and the area of a neighbour, in another area than its own."""
    areas = town.plan.area_of()
    return next(
        (c, areas[n])
        for c in sorted(areas)
        for n in sorted(town.graph[c])
        if areas.get(n, areas[c]) != areas[c]
        and {town.graph.nodes[m]["scope"] for m in (c, n)} == {"to_group"}
        and results.areas.loc[areas[c], "communities"] > 1
    )


def costs_are_true(results: Results, draft: Draft, town) -> None:
    """Fail where an area does not cost what its members cost under the scopes and links of the draft."""
    graph = dressed(town.graph, draft)
    for area in draft.plan.areas:
        cost = area_cost(graph, town.rules, area.members)
        parts = {f"cost_{part}": value for part, value in cost.parts.items()}
        row = results.areas.loc[area.area_id, list(parts)].to_dict()
        assert row == pytest.approx(parts, abs=1e-3), area.area_id
        assert results.areas.loc[area.area_id, "cost"] == pytest.approx(cost.total, abs=1e-3)


# --- nothing happened --------------------------------------------------------------------------------


def test_a_draft_that_decided_nothing_shows_the_plan_as_it_was(base, town, start):
    same(revised(base, town, start), base)


def test_so_does_one_of_a_plan_drawn_by_hand():
    plan = fakes.results()
    town = reopened(plan)
    same(revised(plan, town, Draft(town.plan)), plan)


def test_a_decision_that_changes_nothing_leaves_every_table_as_it_was(base, town, start):
    community = next(iter(town.graph))
    scope = town.graph.nodes[community]["scope"]
    draft = replace(start, scopes={community: ScopeDecision(scope, "", "")})
    results = revised(base, town, draft)
    same(results, base, but=("summary", "certificate"))
    assert (results.summary["bound"], results.summary["status"]) == (None, "edited")


def test_what_was_made_and_unmade_is_as_it_was_but_for_the_number_used(base, edited):
    exception = base.communities.index[base.communities["outcome"] == "exception"][0]
    _, results = edited(NewArea((exception,)), TakeOut((exception,)))
    same(results, base, but=("summary",))
    assert results.summary == {**base.summary, "next_number": base.summary["next_number"] + 1}


# --- an edit -----------------------------------------------------------------------------------------


def test_a_move_is_seen_in_every_table(base, town, edited):
    community, area = moved(base, town)
    draft, results = edited(Move((community,), area))
    areas = {a.area_id: a for a in draft.plan.areas}
    assert results.communities["area_id"].dropna().to_dict() == draft.plan.area_of()
    assert results.communities["outcome"].to_dict() == draft.plan.outcomes
    assert list(results.areas.index) == sorted(areas)
    costs_are_true(results, draft, town)
    for area_id, row in results.areas.iterrows():
        members = list(areas[area_id].members)
        assert (row["communities"], row["center_id"]) == (len(members), areas[area_id].center_id)
        assert row["count"] == base.communities.loc[members, "count"].sum()
        assert row["names"] == "、".join(base.communities.loc[members, "name"])
    near = near_minimum(draft.plan, town.graph, town.rules)
    assert near
    assert results.areas.index[results.areas["near_minimum"]].to_list() == sorted(near)
    assert set(results.communities["area_id"][results.communities["near_minimum"]]) == set(near)
    found = check(draft.plan, town.graph, town.rules)
    assert list(results.violations["rule"]) == [v.rule for v in found]
    assert list(results.violations["place_id"]) == [v.place for v in found]
    assert results.summary["violations"] == len(found)


def test_figures_count_the_draft(edited, base, town):
    community, _ = moved(base, town)
    draft, results = edited(TakeOut((community,)))
    told = results.summary
    assert (told["areas"], told["exceptions"]) == (
        len(draft.plan.areas),
        list(draft.plan.outcomes.values()).count("exception"),
    )
    assert told["groups"] + told["alone"] + told["fixed"] == told["areas"]
    assert told["cost"] == pytest.approx(results.areas["cost"].sum())
    assert told["next_number"] == draft.plan.next_number
    assert f"violations:{len(results.violations)}" in told["caveats"]


def test_what_the_checks_found_is_said_once(base, town, start):
    community, _ = moved(base, town)
    broken = replace(base, summary={**base.summary, "caveats": ["violations:7", "scope_unknown"]})
    results = revised(broken, town, applied(start, TakeOut((community,)), town.graph))
    assert results.summary["caveats"] == [f"violations:{len(results.violations)}", "scope_unknown"]


def test_who_is_taken_out_is_told_why_and_what_helps(base, town, edited):
    community, _ = moved(base, town)
    _, results = edited(TakeOut((community,)))
    row = results.communities.loc[community]
    assert (row["outcome"], row["reason_code"]) == ("exception", "could_join")
    assert row["reason"].startswith("没有规则阻拦，由人工留出：")
    assert row["repair"]


def test_households_in_grids_follow_and_none_is_lost(base, town, edited):
    community, area = moved(base, town)
    _, results = edited(Move((community,), area))
    table = results.area_grid.groupby("area_id")["households"].sum()
    assert table.to_dict() == results.areas["count"].to_dict()
    assert not results.area_grid.equals(base.area_grid)


def test_outlines_of_changed_areas_are_those_of_a_plan_made_so(base, town, edited):
    community, area = moved(base, town)
    draft, results = edited(Move((community,), area))
    anew = area_outlines(base.grounds, pd.Series(draft.plan.area_of(), dtype="str"))
    assert (results.areas.geometry.geom_equals_exact(anew, 0) | anew.isna()).all()
    assert not results.areas.geometry[area].equals(base.areas.geometry[area])


def test_results_before_save_time_and_change_nothing(base, town, start):
    """A walk of twelve edits: made of the last results or of the first plan, every table is the same."""
    chance = random.Random(4)  # noqa: S311 - a walk, no secret
    draft, last = start, base
    for _ in range(12):
        draft = applied(draft, _anything(chance, town, draft), town.graph)
        last = revised(base, town, draft, last=last)
        broken = check(draft.plan, dressed(town.graph, draft), town.rules)
        same(last, revised(base, town, draft, broken=broken))
        same(last, revised(base, town, draft))
    costs_are_true(last, draft, town)
    assert last.summary["status"] == "edited"


def _anything(chance: random.Random, town, draft: Draft) -> Command:
    movable = [c for c in sorted(town.graph) if town.graph.nodes[c]["count"] and c in draft.plan.area_of()]
    movable = [c for c in movable if town.graph.nodes[c]["scope"] == "to_group"]
    areas = [area.area_id for area in draft.plan.areas]
    some = tuple(sorted(chance.sample(movable, chance.randint(1, 3))))
    other = chance.choice([a for a in areas if a not in {draft.plan.area_of()[c] for c in some}])
    return chance.choice(
        [
            Move(some, other),
            NewArea(some),
            TakeOut(some),
            Merge(tuple(sorted(chance.sample(areas, 2)))),
            SetScope(some[:1], "excluded"),
            SetLink(*chance.sample(movable, 2), decision="given", reason="有便道"),
        ]
    )


# --- what is still proven ----------------------------------------------------------------------------


def test_an_edited_plan_claims_no_proof_and_no_least_cost_of_another_question(base, town, edited):
    community, _ = moved(base, town)
    _, results = edited(TakeOut((community,)))
    assert (results.summary["status"], results.summary["bound"], results.summary["gap"]) == (
        "edited",
        None,
        None,
    )
    assert results.summary["exceptions_bound"] == base.summary["exceptions_bound"]
    assert results.certificate.empty
    _, excluded = edited(SetScope((community,), "excluded"))
    assert (excluded.summary["exceptions_bound"], excluded.summary["areas_bound"]) == (None, None)


def test_the_bound_still_speaks_of_a_lawful_plan_with_as_few_exceptions(base, town, edited, start):
    """Of all merges of two areas, those that break no rule cost more than the least, and the gap says how much."""
    gaps = []
    for one, two in _linked_areas(town):
        _, results = edited(Merge((one, two)))
        told = results.summary
        if results.violations.empty:
            assert told["bound"] == base.summary["bound"]
            gaps.append(told["gap"])
            assert told["gap"] == pytest.approx((told["cost"] - told["bound"]) / told["cost"])
        else:
            assert told["gap"] is None
    assert gaps
    assert min(gaps) > 0


def _lawful_merge(base, town, start) -> Draft:
    """Return the plan with two areas made one that break no rule together."""
    merges = (applied(start, Merge(pair), town.graph) for pair in _linked_areas(town))
    return next(draft for draft in merges if not check(draft.plan, town.graph, town.rules))


def test_where_most_areas_come_first_the_bound_is_of_plans_with_as_many(base, town, start):
    most = replace(town, rules=replace(town.rules, most_areas=True))
    merged = _lawful_merge(base, town, start)
    assert revised(base, town, merged).summary["bound"] == base.summary["bound"]
    assert revised(base, most, merged).summary["bound"] is None


def test_the_bound_is_of_plans_that_leave_out_as_many_communities_and_households(base, town, start):
    merged = _lawful_merge(base, town, start)
    exceptions = base.communities["outcome"] == "exception"
    counts = base.communities["count"].mask(exceptions, base.communities["count"] + 1)
    fewer = replace(base, communities=base.communities.assign(count=counts))
    assert revised(fewer, town, merged).summary["bound"] is None
    more = replace(base, summary={**base.summary, "exceptions": base.summary["exceptions"] + 1})
    assert revised(more, town, merged).summary["bound"] is None


def test_where_exceptions_have_a_price_they_cost_it_and_the_bound_holds_for_any_lawful_plan(
    base, town, start
):
    priced = replace(town, rules=replace(town.rules, exception_price=7.0))
    exceptions = base.communities["outcome"] == "exception"
    households = base.communities["count"][exceptions].sum()
    assert households > 0
    merged = _lawful_merge(base, town, start)
    told = revised(base, priced, merged).summary
    assert told["cost"] - revised(base, town, merged).summary["cost"] == pytest.approx(7.0 * households)
    assert told["bound"] == base.summary["bound"]
    unproven = replace(base, summary={**base.summary, "exceptions_bound": 0})
    assert revised(unproven, town, merged).summary["bound"] is None
    assert revised(unproven, priced, merged).summary["bound"] == base.summary["bound"]


def _linked_areas(town) -> list[tuple[str, str]]:
    areas = town.plan.area_of()
    pairs = {tuple(sorted((areas[a], areas[b]))) for a, b in town.graph.edges if a in areas and b in areas}
    return sorted((one, two) for one, two in pairs if one != two)


# --- decisions ---------------------------------------------------------------------------------------


def test_a_scope_is_shown_and_has_its_consequence(base, town, edited):
    community, _ = moved(base, town)
    _, results = edited(TakeOut((community,)), SetScope((community,), "excluded"))
    row = results.communities.loc[community]
    assert (row["scope"], row["outcome"], row["reason"]) == ("excluded", "excluded", "")


def test_a_forbidden_link_is_refused_and_a_given_one_is_a_link(base, town, edited):
    a, b = base.links.loc[0, ["a", "b"]]
    refused = base.refused_links.loc[0]
    draft, results = edited(
        SetLink(a, b, "forbidden", "围墙不拆"),
        SetLink(
            refused["a"],
            refused["b"],
            "given",
            "有便道",
            gap_m=refused["gap_m"],
            crosses=("支路",),
            wall_m=3.0,
        ),
    )
    graph = dressed(town.graph, draft)
    pairs = [tuple(pair) for pair in results.links[["a", "b"]].to_numpy()]
    assert pairs == sorted(tuple(sorted(edge)) for edge in graph.edges)
    new = results.links.set_index(["a", "b"]).loc[(refused["a"], refused["b"])]
    assert (new["kind"], new["crosses"], new["wall_m"], new["verified"]) == ("given", "支路", 3.0, False)
    assert new["gap_m"] == refused["gap_m"]
    assert new.geometry.length == pytest.approx(
        base.communities.geometry[refused["a"]].distance(base.communities.geometry[refused["b"]])
    )
    barred = results.refused_links.set_index(["a", "b"])["cause"]
    assert barred[(a, b)] == "not_adjacent"
    assert (refused["a"], refused["b"]) not in barred.index
    assert len(barred) == len(base.refused_links)


def test_links_decided_inside_an_area_change_its_cost(base, town, edited):
    areas = town.plan.area_of()
    inside = [
        (a, b)
        for a, b in base.links[["a", "b"]].itertuples(index=False, name=None)
        if areas.get(a, "a") == areas.get(b, "b")
    ]
    draft, results = edited(*(SetLink(a, b, "forbidden", "围墙") for a, b in inside))
    costs_are_true(results, draft, town)
    assert not (results.areas["cost"] == base.areas["cost"]).all()
    assert "connection" in set(results.violations["rule"])


def test_a_link_that_the_data_have_and_a_hand_gives_is_given(base, edited):
    a, b = base.links.loc[0, ["a", "b"]]
    _, results = edited(SetLink(a, b, "given", "已开门"))
    assert results.links.loc[0, "kind"] == "given"
    assert len(results.links) == len(base.links)


def test_a_refused_pair_that_is_forbidden_is_refused_for_that(base, edited):
    a, b = base.refused_links.loc[0, ["a", "b"]]
    _, results = edited(SetLink(a, b, "forbidden", "有堡坎"))
    assert results.refused_links.loc[0, "cause"] == "not_adjacent"
    assert len(results.links) == len(base.links)


def test_links_seen_on_site_are_verified_and_the_last_one_takes_the_caveat_away(base, town, start):
    unseen = replace(
        base,
        links=base.links.assign(verified=False),
        summary={**base.summary, "caveats": ["links_unverified", "scope_unknown"]},
    )
    draft = start
    for a, b in base.links[["a", "b"]].itertuples(index=False):
        before = revised(unseen, town, draft)
        draft = applied(draft, CheckLink(a, b), town.graph)
    assert before.links["verified"].sum() == len(base.links) - 1
    assert before.summary["caveats"] == ["links_unverified", "scope_unknown"]
    after = revised(unseen, town, draft)
    assert after.links["verified"].all()
    assert after.summary["caveats"] == ["scope_unknown"]


def test_an_area_has_the_name_that_planners_gave_it(base, edited):
    _, results = edited(Rename("PMA-002", "{{7*7}}片区"))
    assert results.areas["name"].to_dict() == {
        area: "{{7*7}}片区" if area == "PMA-002" else "" for area in base.areas.index
    }


def test_what_is_accepted_is_told_from_what_is_open(base, town, edited):
    community, _ = moved(base, town)
    _, broken = edited(TakeOut((community,)))
    open_places = set(broken.violations["place_id"])
    assert open_places
    assert set(broken.violations["accepted"]) == {""}
    place = next(iter(sorted(open_places)))
    _, results = edited(TakeOut((community,)), Accept(place, "居民同意", "王主任"))
    told = results.violations.set_index("place_id")["accepted"]
    assert set(told[[place]]) == {"居民同意（王主任）"}
    assert set(told.drop(place)) <= {""}


def test_no_acceptance_mends_a_plan_that_is_not_whole(base, town, start):
    one, other = ("center", "PMA-001", "甲", "乙", "中心"), ("minimum", "PMA-001", "80", "100", "80 户")
    broken = replace(base, violations=fakes.violations(one, other))
    draft = replace(start, accepted={"PMA-001": Acceptance("居民同意", "王主任")})
    half = revised(broken, town, draft)
    assert list(half.violations["accepted"]) == ["", "居民同意（王主任）"]
    assert [code for code in half.summary["caveats"] if code.startswith("violations:")] == ["violations:1"]


def test_an_accepted_exception_says_so(base, town, edited):
    exception = base.communities.index[base.communities["outcome"] == "exception"][0]
    _, results = edited(Accept(exception, "独栋公房", "王主任"))
    accepted = results.communities["accepted"]
    assert accepted[accepted != ""].to_dict() == {exception: "独栋公房（王主任）"}
    assert results.summary["status"] == base.summary["status"]


def test_a_reason_that_people_entered_comes_first_and_only_where_there_is_no_area(base, town, edited):
    exception = base.communities.index[base.communities["outcome"] == "exception"][0]
    grouped = base.communities.index[base.communities["outcome"] == "grouped"][0]
    _, results = edited(GiveReason((exception, grouped), "产权单位不同意"))
    computed = base.communities.loc[exception, "reason"]
    assert results.communities.loc[exception, "reason"] == f"产权单位不同意（人工填写）。 {computed}"
    assert results.communities.loc[grouped, "reason"] == ""


def test_sentences_stay_in_the_language_of_the_run(base, town, start):
    community, _ = moved(base, town)
    draft = applied(start, TakeOut((community,)), town.graph)
    with speaking("en"):
        results = revised(base, town, draft)
    assert results.communities.loc[community, "reason"].startswith("没有规则阻拦")


# --- odd plans ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def row(tmp_path_factory):
    """Three in a row that are one area, a fourth without a place that a link ties to them, and one nobody counted."""
    folder = tmp_path_factory.mktemp("row")
    rows = [("a", 40, 0), ("b", 40, 60), ("c", 40, 120), ("d", 40, None), ("e", "", 180)]
    places = {name: "," if x is None else f"{500_000 + x},3250000" for name, _, x in rows}
    ledger = "编号,名称,户数,东坐标,北坐标\n" + "".join(f"{i},{i}院,{n},{places[i]}\n" for i, n, _ in rows)
    (folder / "row.csv").write_text(ledger, encoding="utf-8")
    (folder / "links.csv").write_text("a,b,kind,reason\nc,d,adjacent,一墙之隔\n", encoding="utf-8")
    request = Request(
        FileLayer(folder / "row.csv"), crs="EPSG:4544", reach_m=70.0, links=folder / "links.csv"
    )
    write_results(plan_district(request), folder / "out")
    return read_results(folder / "out")


def test_a_plan_without_any_area_is_told(row):
    town = reopened(row)
    draft = applied(Draft(town.plan), TakeOut(("a", "b", "c", "d")), town.graph)
    results = revised(row, town, draft)
    assert (len(results.areas), results.summary["areas"], results.summary["exceptions"]) == (0, 0, 4)
    assert results.areas.crs == row.areas.crs
    assert (results.summary["cost"], results.summary["gap"]) == (0.0, None)
    again = applied(draft, NewArea(("a", "b", "c")), town.graph)
    same(revised(row, town, again, last=results), revised(row, town, again))


def test_an_area_of_one_without_a_place_has_no_outline(row):
    town = reopened(row)
    draft = applied(Draft(town.plan), NewArea(("d",)), town.graph)
    results = revised(row, town, draft)
    alone = draft.plan.area_of()["d"]
    assert results.areas.geometry[alone] is None
    assert results.areas.loc[alone, "count"] == 40


def test_a_link_given_to_one_without_a_place_has_no_way(row):
    town = reopened(row)
    draft = applied(Draft(town.plan), SetLink("a", "d", "given", "有门相通"), town.graph)
    link = revised(row, town, draft).links.set_index(["a", "b"]).loc[("a", "d")]
    assert link["kind"] == "given"
    assert pd.isna(link["gap_m"])
    assert link.geometry is None


def test_an_area_drawn_only_from_points_grows_and_shrinks(row):
    town = reopened(row)
    draft = applied(Draft(town.plan), TakeOut(("a",)), town.graph)
    results = revised(row, town, draft)
    (area,) = results.areas.index
    assert results.areas.geometry[area].area < row.areas.geometry.iloc[0].area


# --- plans written before ----------------------------------------------------------------------------


def test_a_plan_written_without_grounds_has_the_outlines_of_its_communities(base, town, start):
    older = replace(base, grounds=None, community_grid=None, beyond=base.beyond.iloc[:0])
    community, area = moved(base, town)
    draft = applied(start, Move((community,), area), town.graph)
    results = revised(older, town, draft)
    members = [m for m, of in draft.plan.area_of().items() if of == area]
    plain = base.communities.geometry[members].union_all()
    assert results.areas.geometry[area].symmetric_difference(plain).area < 0.1
    assert results.area_grid is None
