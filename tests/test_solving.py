from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.schema import DataError
from optimizer.candidates import area_cost
from optimizer.checks import check
from optimizer.plan import merge
from optimizer.rules import UNLIKE, Prices, Rules
from optimizer.solving import WHY_NOT_MORE, Progress, SolveOptions, _lawful_areas, solve
from optimizer.work import Work
from tests.brute import optimum
from tests.towns import shuffled, street_grid, town, traits

PRICED = SolveOptions(work=Work(listed=0))
LISTED = SolveOptions()
ENGINES = pytest.mark.parametrize("options", [LISTED, PRICED], ids=["listed", "priced"])


@st.composite
def towns(draw):
    """A town of up to ten communities with links, barriers, walls, scopes, locks and pairs."""
    size = draw(st.integers(1, 10) | st.integers(7, 10))
    ids = [chr(ord("a") + k) for k in range(size)]
    graph = nx.Graph()
    scopes = st.sampled_from(["to_group"] * 8 + ["host", "host", "fixed", "excluded"])
    plain = draw(st.booleans())
    for i in ids:
        graph.add_node(
            i,
            count=draw(
                st.sampled_from([1, 7, 20, 30, 45, 60, 80, 99, 100, 130, 210, 520] + [None] * (not plain))
            ),
            x=draw(st.sampled_from([*range(0, 300, 15)] + [float("nan")] * (not plain))) * 1.0,
            y=draw(st.integers(0, 300)) * 1.0,
            scope="to_group" if plain else draw(scopes),
            lock=None if plain or draw(st.integers(0, 9)) else draw(st.sampled_from(["PMA-002", "老街"])),
            **draw(traits()),
        )
    pairs = [(a, b) for k, a in enumerate(ids) for b in ids[k + 1 :]]
    likely = draw(st.integers(1, 6))
    for a, b in pairs:
        if draw(st.integers(0, 9)) < likely:
            graph.add_edge(
                a,
                b,
                gap_m=10.0,
                crosses=draw(st.sampled_from([(), (), (), ("road",), ("road", "river"), ("river",)])),
                wall_m=draw(st.sampled_from([0.0, 0.0, 12.0])),
            )
    some = st.lists(st.sampled_from(pairs), max_size=2, unique=True) if pairs else st.just([])
    graph.graph["together"] = () if plain else tuple(draw(some))
    graph.graph["apart"] = () if plain else tuple(draw(some))
    return graph


@st.composite
def rule_books(draw):
    """Rules with every switch."""
    return Rules(
        minimum=100,
        upper=draw(st.sampled_from([100, 150, 210, 300, 500])),
        upper_hard=draw(st.sampled_from([False, False, True])),
        exception_price=draw(st.sampled_from([None, None, None, 0.0, 30.0, 300.0])),
        most_areas=draw(st.sampled_from([False, False, True])),
        prices=Prices(
            join_self_sufficient=draw(st.sampled_from([0.0, 5_000.0])),
            upper_per_household=draw(st.sampled_from([0.0, 50.0])),
            wall_per_m=20.0,
            crossing={"road": 2_000.0, "river": 9_000.0},
            committee=draw(st.sampled_from([0.0, 3_000.0])),
            grid=draw(st.sampled_from([0.0, 900.0])),
            unlike=draw(st.sampled_from([{}, {"ownership": 700.0, "lift": 300.0}, dict(UNLIKE)])),
            area=draw(st.sampled_from([0.0, 0.0, 4_000.0])),
            change_per_household=draw(st.sampled_from([0.0, 20.0, 200.0])),
        ),
    )


@ENGINES
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(graph=towns(), rules=rule_books())
def test_equals_brute_force(options: SolveOptions, graph: nx.Graph, rules: Rules) -> None:
    try:
        plan, certificate = solve(graph, rules, options)
    except DataError as refused:
        assert refused.code.startswith("optimizer.together_")  # noqa: PT017 - most towns are not refused
        return
    best = optimum(graph, rules)
    if rules.exception_price is None:
        assert certificate.exceptions == best.exceptions == certificate.exceptions_bound
        assert certificate.exception_households == best.exception_households
    if rules.most_areas:
        assert certificate.areas == best.areas == certificate.areas_bound
    assert certificate.areas <= certificate.areas_bound or not rules.most_areas
    assert certificate.cost == pytest.approx(best.cost, abs=1e-6)
    assert certificate.bound <= certificate.cost
    assert certificate.status == "optimal"
    assert sorted(plan.outcomes) == sorted(graph)
    assert certificate.areas == len(plan.areas)


# --- what a plan is, on drawn towns ----------------------------------------------------------------


def areas(plan) -> list[str]:
    return sorted("".join(area.members) for area in plan.areas)


@ENGINES
def test_small_ones_find_each_other_before_they_join_an_estate(options):
    plan, _ = solve(town("a60 b60 c300"), Rules(), options)
    assert areas(plan) == ["ab", "c"]
    assert plan.outcomes == {"a": "grouped", "b": "grouped", "c": "alone"}


@ENGINES
def test_a_short_component_is_left_out_together(options):
    plan, certificate = solve(town("a40 b50 . c300"), Rules(), options)
    assert plan.outcomes == {"a": "exception", "b": "exception", "c": "alone"}
    assert plan.below_min_groups == (("a", "b"),)
    assert (certificate.exceptions, certificate.exceptions_bound, certificate.exception_households) == (
        2,
        2,
        90,
    )


@ENGINES
def test_held_fixed_and_excluded_stand_between_their_neighbours(options):
    graph = town("a60 b? c60 d90 e60 f60 g60", scope={"d": "fixed", "f": "excluded"})
    plan, _ = solve(graph, Rules(), options)
    outcomes = ["exception", "held", "exception", "fixed", "exception", "excluded", "exception"]
    assert list(plan.outcomes.values()) == outcomes


@ENGINES
def test_a_host_takes_in_small_ones_but_no_other_host_and_no_estate(options):
    hosts = {"h": "host", "k": "host"}
    plan, certificate = solve(town("a30 h200 k200 b300", scope=hosts), Rules(), options)
    assert areas(plan) == ["ah", "b", "k"]
    assert plan.outcomes == {"a": "grouped", "b": "alone", "h": "grouped", "k": "fixed"}
    assert certificate.status == "optimal"


@ENGINES
def test_a_locked_area_is_exactly_its_list_and_keeps_its_id(options):
    graph = town("a60 b60 c60 d60", lock={"b": "PMA-007", "c": "PMA-007"})
    plan, certificate = solve(graph, Rules(), options)
    assert [(a.area_id, a.members, a.locked) for a in plan.areas] == [("PMA-007", ("b", "c"), True)]
    assert plan.outcomes["a"] == plan.outcomes["d"] == "exception"
    assert plan.next_number == 8
    assert certificate.cost == area_cost(graph, Rules(), "bc").total


@ENGINES
def test_with_a_hard_upper_size_who_does_not_fit_is_left_out(options):
    plan, certificate = solve(town("a480 b30 c50"), Rules(upper=500, upper_hard=True), options)
    assert plan.outcomes == {"a": "alone", "b": "exception", "c": "exception"}
    assert certificate.exceptions_bound == 2


@ENGINES
def test_an_exception_price_lets_go_who_is_dearer_to_group(options):
    graph = town("a480 b30", crosses={("a", "b"): ("river",)})
    dear = Rules(exception_price=1.0, prices=Prices(crossing={"river": 9_000.0}))
    plan, certificate = solve(graph, dear, options)
    assert plan.outcomes["b"] == "exception"
    assert certificate.cost == certificate.bound == 30.0
    assert solve(graph, replace(dear, exception_price=1_000.0), options)[0].outcomes["b"] == "grouped"


@ENGINES
def test_most_areas_comes_before_cost(options):
    graph = town("a100 b99 c1")
    cheap = Rules(prices=Prices(join_self_sufficient=0.0))
    assert solve(graph, replace(cheap, most_areas=True), options)[1].areas == 2
    assert solve(graph, replace(cheap, most_areas=True), options)[1].areas_bound == 2


def test_areas_are_numbered_from_north_to_south_then_west_to_east():
    plan, _ = solve(town("b200 | a200\n===\nd200 | c200"), Rules())
    assert [(a.area_id, a.center_id) for a in plan.areas] == [
        ("PMA-001", "b"),
        ("PMA-002", "a"),
        ("PMA-003", "d"),
        ("PMA-004", "c"),
    ]


def test_an_empty_graph_is_an_empty_plan():
    plan, certificate = solve(nx.Graph(), Rules())
    assert (plan.areas, dict(plan.outcomes)) == ((), {})
    assert (certificate.cost, certificate.gap, certificate.status) == (0.0, 0.0, "optimal")


# --- together and apart ----------------------------------------------------------------------------

CONFLICTS = [
    # two areas, each exactly its list
    (
        {"lock": {"a": "PMA-001", "b": "PMA-002"}},
        "须同区的小区“a”和“b”不在同一个锁定组团内；锁定的组团不再增减小区。请修改须同区名单，或调整锁定。",
    ),
    # a fixed area is joined by nobody
    (
        {"scope": {"b": "fixed"}},
        (
            "须同区的小区“a”和“b”中有维持现状的小区，维持现状的小区不与其他小区组团。"
            "请修改须同区名单，或把它的组团范围改为“可吸收相邻小区”。"
        ),
    ),
    # both at once
    ({"apart": [("b", "a")]}, "小区“a”和“b”既须同区又不得同区。请在相邻关系名单中删去其中一条。"),
    # one host in an area
    (
        {"scope": {"a": "host", "b": "host"}},
        (
            "须同区的小区“a”和“b”不能同在一个组团：可吸收相邻小区的只能有一个，且只吸收不足100户的小区。"
            "请修改须同区名单或组团范围。"
        ),
    ),
]


@pytest.mark.parametrize(("given_", "message"), CONFLICTS, ids=["lock", "fixed", "apart", "host"])
def test_contradictions_of_together_are_refused(given_, message):
    with pytest.raises(DataError) as refused:
        solve(town("a60 b60", together=[("a", "b")], **given_), Rules())
    assert str(refused.value) == message


def test_together_with_a_held_community_binds_nothing_yet():
    plan, _ = solve(town("a60 b? \nc60 .", together=[("a", "b")]), Rules())
    assert areas(plan) == ["ac"]


# --- promises --------------------------------------------------------------------------------------


def test_a_hundred_communities_are_proven_and_the_order_of_rows_changes_nothing():
    graph = street_grid(10, seed=3)
    plan, certificate = solve(graph, Rules())
    assert certificate.status == "optimal"
    assert certificate.cost == pytest.approx(
        sum(area_cost(graph, Rules(), a.members).total for a in plan.areas)
    )
    assert solve(shuffled(graph, 5), Rules()) == (plan, certificate)


@pytest.mark.parametrize("seed", range(8))
def test_pricing_proves_what_the_whole_list_proves(seed):
    """Twenty-five communities: far too many for brute force, few enough for the list of all groups under a small upper size."""
    graph, rules = street_grid(5, seed), Rules(minimum=100, upper=170)
    _, listed = solve(graph, rules, SolveOptions(work=Work(listed=50_000)))
    _, priced = solve(graph, rules, SolveOptions(work=Work(listed=0, balls=(), columns=60)))
    assert (listed.parts[0].method, priced.parts[0].method) == ("listed", "priced")
    assert priced.status == listed.status == "optimal"
    assert priced.cost == pytest.approx(listed.cost, abs=1e-6)


def test_the_plan_does_not_depend_on_workers(monkeypatch):
    monkeypatch.setattr("optimizer.dispatching.SHARED", 20)
    monkeypatch.setattr("optimizer.dispatching.WORTH_SHARING", 20)
    graph = nx.disjoint_union(street_grid(5, seed=1), street_grid(5, seed=2))
    graph = nx.relabel_nodes(graph, {k: f"{k:03d}" for k in graph})
    assert solve(graph, Rules(), SolveOptions(workers=2)) == solve(graph, Rules())


def test_a_run_without_time_still_gives_a_lawful_plan_and_says_that_the_clock_stopped_it():
    plan, certificate = solve(street_grid(8, seed=3), Rules(), SolveOptions(seconds=0.0, work=Work(listed=0)))
    assert (certificate.stopped_by, certificate.status, certificate.exceptions) == ("clock", "feasible", 0)
    assert 0.0 <= certificate.bound < certificate.cost
    assert certificate.gap == pytest.approx(1.0 - certificate.bound / certificate.cost)
    assert set(plan.outcomes.values()) <= {"grouped", "alone"}


@pytest.mark.parametrize(
    "rules", [Rules(upper_hard=True), Rules(most_areas=True), Rules(exception_price=50.0)]
)
def test_a_run_without_time_ends_under_every_rule(rules):
    _, certificate = solve(street_grid(6, seed=3), rules, SolveOptions(seconds=0.0, work=Work(listed=0)))
    assert certificate.exceptions_bound <= certificate.exceptions


def test_progress_tells_of_a_plan_that_only_gets_better():
    seen: list[Progress] = []
    _, certificate = solve(street_grid(10, seed=3), Rules(), progress=seen.append)
    assert (seen[0].parts_done, seen[-1].parts_done, seen[-1].communities_done) == (0, 1, 100)
    costs, bounds = [p.cost for p in seen], [p.bound for p in seen]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)
    assert seen[-1].cost == pytest.approx(certificate.cost)
    assert seen[-1].gap == pytest.approx(0.0, abs=1e-12)
    assert seen[0].gap > 0.0
    assert (seen[0].exceptions, seen[-1].areas) == (0, certificate.areas)


def test_progress_and_certificate_count_locked_areas_in():
    """A locked pair 50 m apart costs 60 × 50, and so does the pair that is found."""
    seen: list[Progress] = []
    graph = town("a60 b60 | l60 m60", lock={"l": "PMA-009", "m": "PMA-009"})
    _, certificate = solve(graph, Rules(), progress=seen.append)
    assert (certificate.cost, certificate.bound, certificate.areas) == (6_000.0, 6_000.0, 2)
    assert [(part.cost, part.bound) for part in certificate.parts] == [(3_000.0, 3_000.0)]
    assert (seen[-1].cost, seen[-1].bound, seen[-1].areas) == (6_000.0, 6_000.0, 2)


def test_the_gap_is_the_share_of_the_cost_that_is_not_proven():
    graph = town("a60 b60 c60 d60 e60 | l60 m60", lock={"l": "PMA-009", "m": "PMA-009"})
    _, certificate = solve(graph, Rules(), SolveOptions(work=Work(listed=0)), cancelled=lambda: True)
    assert 3_000.0 <= certificate.bound < certificate.cost
    assert certificate.gap == pytest.approx(1.0 - certificate.bound / certificate.cost)


def test_a_part_of_which_nothing_is_proven_is_bounded_by_nothing():
    graph = street_grid(6, seed=3)
    _, certificate = solve(graph, Rules(), SolveOptions(work=Work(listed=0)), cancelled=lambda: True)
    assert [part.bound for part in certificate.parts] == [certificate.bound]
    assert 0.0 <= certificate.bound < certificate.cost


def test_a_cancelled_run_keeps_the_best_plan_so_far():
    seen: list[Progress] = []
    plan, certificate = solve(
        street_grid(10, seed=3), Rules(), progress=seen.append, cancelled=lambda: len(seen) > 1
    )
    assert (certificate.stopped_by, certificate.status) == ("cancel", "feasible")
    assert certificate.cost == pytest.approx(seen[-1].cost)
    assert check(plan, street_grid(10, seed=3), Rules()) == []


def test_a_run_cancelled_at_once_still_has_a_lawful_plan():
    graph = town("a60 b60 c30 | d300")
    plan, certificate = solve(graph, Rules(), cancelled=lambda: True)
    assert (certificate.stopped_by, certificate.exceptions) == ("cancel", 0)
    assert check(plan, graph, Rules()) == []


def test_areas_keep_the_id_that_their_centre_had_and_no_number_is_used_again():
    graph = town("a60 b60 c60 d60 e60 f60")
    for community, area in zip("abcdef", ["PMA-007"] * 2 + ["PMA-003"] * 2 + ["老区"] * 2, strict=True):
        graph.nodes[community]["former"] = area
    plan, _ = solve(graph, Rules())
    assert {a.area_id: "".join(a.members) for a in plan.areas} == {
        "PMA-001": "ef",
        "PMA-003": "cd",
        "PMA-007": "ab",
    }
    assert plan.next_number == 8


def test_a_new_area_gets_the_first_number_that_no_area_has_or_had():
    graph = town("a60 b60 c60 d60 e60 f60")
    for community, area in zip("cdef", ["PMA-001"] * 2 + ["PMA-002"] * 2, strict=True):
        graph.nodes[community]["former"] = area
    plan, _ = solve(graph, Rules())
    assert {a.area_id: "".join(a.members) for a in plan.areas} == {
        "PMA-001": "cd",
        "PMA-002": "ef",
        "PMA-003": "ab",
    }
    assert plan.next_number == 4


@pytest.mark.parametrize("seed", range(3))
def test_the_areas_that_a_run_begins_with_do_not_depend_on_the_order_of_rows(seed):
    graph = town("a60 b60 c60 d60", former=dict.fromkeys("abcd", "PMA-001"))
    assert _lawful_areas(None, shuffled(graph, seed), Rules()) == (("a", "b", "c", "d"),)


def test_a_dear_change_keeps_the_existing_plan():
    graph = town("a60 b60 c60 d60 e60 f60")
    for community, area in zip("abcdef", ["PMA-001"] * 3 + ["PMA-002"] * 3, strict=True):
        graph.nodes[community]["former"] = area
    free = Rules(prices=Prices(change_per_household=0.0))
    assert areas(solve(graph, free)[0]) == ["ab", "cd", "ef"]
    plan, certificate = solve(graph, Rules(prices=Prices(change_per_household=500.0)))
    assert (areas(plan), certificate.status) == (["abc", "def"], "optimal")


@pytest.mark.parametrize(
    ("street", "rules", "why"),
    [
        ("a60 b60 | c60 d60", Rules(most_areas=True), "listed"),
        ("a60 b60 c60", Rules(), "sum"),  # 180 households are no two areas of 100
        ("a60 b60 c60 d60", Rules(prices=Prices(area=1e6)), "unasked"),
        ("a60", Rules(most_areas=True), "sum"),
    ],
)
def test_each_part_says_why_it_has_no_more_areas(street, rules, why):
    _, certificate = solve(town(street), rules)
    assert {part.why_not_more for part in certificate.parts} == {why}
    assert why in WHY_NOT_MORE


def test_a_run_begins_with_the_lawful_areas_of_a_given_plan():
    graph = street_grid(10, seed=3)
    best, certificate = solve(graph, Rules())
    again, stopped = solve(graph, Rules(), start=best, cancelled=lambda: True)
    assert (again, stopped.cost) == (best, certificate.cost)
    wild = merge(best, graph, [best.areas[0].area_id, best.areas[-1].area_id])
    lawful, other = solve(graph, Rules(), start=wild, cancelled=lambda: True)
    assert check(wild, graph, Rules()) != []
    assert check(lawful, graph, Rules()) == []
    assert other.cost < solve(graph, Rules(), cancelled=lambda: True)[1].cost
