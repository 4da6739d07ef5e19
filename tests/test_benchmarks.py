"""The benchmarks without the peers: drawn towns, measures, the judge, the proven max-p answers, the tables."""

import json
from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest

from benchmarks import bench, cases, rivals
from benchmarks.bars import BARS, judged_bars
from benchmarks.cases import CASES, chosen, walking_only
from benchmarks.maxp import MaxP, least_cover, solve_maxp
from benchmarks.maxp_large import annealed, distance_bound
from benchmarks.maxp_sets import connected_sets, incidence, masks_of
from benchmarks.measures import groups_of, judge, pairwise
from benchmarks.ours import Moment, moment, solve_timed
from benchmarks.peers import walking_cost
from benchmarks.results import RESULTS
from benchmarks.rivals import instance_of, within_reach_of_peers
from benchmarks.table import ahead_after, case_lines, page
from benchmarks.towns import polygons, street_grid
from optimizer.candidates import area_cost
from optimizer.rules import Prices, Rules
from tests.towns import town

# --- drawn towns -------------------------------------------------------------------------------------


def drawing(graph: nx.Graph) -> tuple[list, list]:
    return sorted(graph.nodes(data=True)), sorted(graph.edges(data=True))


@pytest.mark.parametrize("draw", [street_grid, polygons])
def test_a_town_is_the_same_each_time_and_another_for_another_seed(draw):
    assert drawing(draw(120)) == drawing(draw(120))
    assert drawing(draw(120)) != drawing(draw(120, seed=1))


@pytest.mark.parametrize("units", [1, 2, 100, 997, 1_000])
def test_a_street_grid_is_one_planar_piece_of_as_many_units_as_asked(units):
    grid = street_grid(units)
    assert len(grid) == units
    assert nx.is_connected(grid)
    assert nx.check_planarity(grid)[0]


def test_a_street_grid_is_as_promised():
    grid = street_grid(3_000)
    counts = [count for _, count in grid.nodes(data="count")]
    assert (min(counts), max(counts)) == (10, 400)
    assert 42 <= np.median(counts) <= 48
    assert 3.5 <= 2 * grid.number_of_edges() / len(grid) <= 4.0
    assert 80 <= np.median([gap_m for *_, gap_m in grid.edges(data="gap_m")]) <= 105


def test_closed_streets_are_opened_again_only_where_the_town_would_fall_apart():
    full = 2 * 50 * 50 - 2 * 50
    streets = [e for e in street_grid(2_500).edges if abs(int(e[0]) - int(e[1])) in (1, 50)]
    assert 0.88 <= len(streets) / full <= 0.92


def test_polygons_are_one_planar_piece_with_six_neighbours_and_three_thousand_people():
    drawn = polygons(1_000)
    assert nx.is_connected(drawn)
    assert nx.check_planarity(drawn)[0]
    assert 5.5 <= 2 * drawn.number_of_edges() / len(drawn) <= 6.0
    assert 2_900 <= np.median([count for _, count in drawn.nodes(data="count")]) <= 3_100


# --- measures and judge ------------------------------------------------------------------------------


def test_pairwise_distance_by_hand():
    assert pairwise([(0, 0), (1, 0), (3, 1)]) == 1 + 4 + 3
    assert pairwise([(5, 5)]) == 0
    assert pairwise([(float("nan"), float("nan"))]) == 0
    assert pairwise([]) == 0


STREET = town("a40 b70 c60 | d50 e30")
PLACES = {u: (node["x"], node["y"]) for u, node in STREET.nodes(data=True)}
RULES = walking_only(Rules())


def test_a_lawful_plan_is_judged_lawful_and_measured():
    street = STREET.subgraph("abc").copy()
    judged = judge(street, RULES, [["b", "a", "c"]], PLACES)
    assert judged.areas == 1
    assert judged.cost == 40 * 50 + 60 * 50
    assert judged.distance == 50 + 50 + 100
    assert (judged.smallest, judged.exceptions) == (170, 0)
    assert (judged.torn, judged.short, judged.other) == (0, 0, 0)


def test_areas_torn_or_short_and_communities_left_out_are_counted():
    judged = judge(STREET, RULES, [["a", "c"], ["d", "e"]], PLACES)
    assert (judged.torn, judged.short, judged.smallest, judged.exceptions) == (1, 1, 80, 1)


def test_labels_become_groups_and_below_zero_means_none():
    assert groups_of([2, 0, 2, -1], ["a", "b", "c", "d"]) == [["b"], ["a", "c"]]


def test_walking_only_leaves_no_other_price():
    assert walking_only(Rules()).prices.join_self_sufficient == 0
    priced = walking_only(Rules(), join_self_sufficient=5_000.0).prices
    assert priced == replace(walking_only(Rules()).prices, join_self_sufficient=5_000.0)
    assert Prices().upper_per_household > 0 == priced.upper_per_household


# --- what peers are given ----------------------------------------------------------------------------


def test_peers_are_given_what_can_be_grouped():
    district = town("a40 b70 | c? d60 | e500 | f60 g40")
    assert sorted(within_reach_of_peers(district, 100)) == ["a", "b", "e", "f", "g"]


def test_an_instance_speaks_of_units_by_position_in_order_of_id():
    instance = instance_of(town("b40 a70 c60"), minimum=100, upper=500, seconds=1.0)
    assert instance["ids"] == ["a", "b", "c"]
    assert instance["near"] == [[1, 2], [0], [0]]
    assert instance["count"] == [70, 40, 60]
    assert instance["attributes"][0] == [50.0, 0]


def test_the_chain_of_the_peer_lowers_the_cost_that_the_table_shows():
    grid = street_grid(30)
    members = sorted(grid)[3:9]
    instance = instance_of(grid, minimum=100, upper=500, seconds=1.0)
    positions = [instance["ids"].index(u) for u in members]
    assert walking_cost(instance)(positions) == pytest.approx(area_cost(grid, RULES, members).walk)


# --- the max-p problem -------------------------------------------------------------------------------


def small_map(seed: int, units: int = 8) -> MaxP:
    """A connected map of few units with uneven weights: a ring with chords."""
    rng = np.random.default_rng(seed)
    links = {(u, (u + 1) % units) for u in range(units)} | {
        tuple(rng.choice(units, 2, False)) for _ in range(4)
    }
    near = [[v for v in range(units) if (u, v) in links or (v, u) in links] for u in range(units)]
    return MaxP(
        near, rng.integers(1, 5, units).astype(float), rng.integers(0, 9, (units, 2)).astype(float), 4.0
    )


def graph_of(instance: MaxP) -> nx.Graph:
    return nx.Graph((u, v) for u, row in enumerate(instance.near) for v in row)


def partitions(units: list[int]):
    """Every partition of the units into sets."""
    if not units:
        yield []
        return
    first, rest = units[0], units[1:]
    for size in range(len(rest) + 1):
        for others in combinations(rest, size):
            left = [u for u in rest if u not in others]
            for parts in partitions(left):
                yield [(first, *others), *parts]


def best_by_trying_all(instance: MaxP) -> tuple[int, float]:
    graph, distance = graph_of(instance), instance.distance
    plans = [
        (-len(parts), sum(distance[np.ix_(p, p)].sum() / 2 for p in map(list, parts)))
        for parts in partitions(list(range(len(instance.near))))
        if all(instance.weight[list(p)].sum() >= instance.minimum for p in parts)
        and all(nx.is_connected(graph.subgraph(p)) for p in parts)
    ]
    areas, least = min(plans)
    return -areas, least


@pytest.mark.parametrize("seed", range(6))
def test_max_p_is_what_trying_all_plans_finds(seed):
    instance = small_map(seed)
    answer = solve_maxp(instance)
    assert (len(answer.areas), answer.distance) == pytest.approx(best_by_trying_all(instance))
    assert (answer.gap, answer.areas_bound) == (0.0, len(answer.areas))
    assert sorted(u for area in answer.areas for u in area) == list(range(8))


@pytest.mark.parametrize(("least", "most"), [(1.0, 99.0), (4.0, 8.0)])
def test_all_connected_sets_of_a_weight_are_listed_once_with_their_distance(least, most):
    instance = small_map(1)
    graph, distance = graph_of(instance), instance.distance
    masks, sums = connected_sets(masks_of(instance.near), instance.weight, distance, least, most, 1)
    found = {tuple(np.flatnonzero(row)): s for row, s in zip(incidence(masks, 8), sums, strict=True)}

    def holds(members: tuple[int, ...]) -> bool:
        pieces = nx.connected_components(graph.subgraph(set(range(8)) - set(members)))
        return all(instance.weight[list(piece)].sum() >= least for piece in pieces)

    due = {
        members: distance[np.ix_(members, members)].sum() / 2
        for size in range(1, 9)
        for members in combinations(range(8), size)
        if nx.is_connected(graph.subgraph(members))
        and least <= instance.weight[list(members)].sum() <= most
        and holds(members)
    }
    assert len(masks) == len(found)
    assert found == pytest.approx(due)


def test_sets_are_left_out_where_the_rest_could_not_be_areas():
    path = MaxP([[1], [0, 2], [1, 3], [2]], np.ones(4), np.zeros((4, 1)), 2.0)
    masks, _ = connected_sets(masks_of(path.near), path.weight, path.distance, 2.0, 2.0, 2)
    assert sorted(masks.tolist()) == [0b0011, 0b1100]


def test_no_cover_is_proven_where_the_relaxed_one_would_be_half_areas():
    triangle = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], dtype=bool)
    assert least_cover(triangle, np.ones(3), 2) is None
    assert least_cover(triangle, np.ones(3), 1) is None


def test_a_map_that_never_reaches_the_minimum_is_refused():
    with pytest.raises(ValueError, match="no connected set reaches the minimum"):
        solve_maxp(replace(small_map(0), minimum=1_000.0))


@pytest.mark.parametrize("seed", range(4))
def test_annealing_finds_the_proven_answer_of_a_small_map_and_no_bound_is_above_it(seed):
    instance = small_map(seed)
    answer, distance = solve_maxp(instance), instance.distance
    p = len(answer.areas)
    told: list[float] = []
    labels = annealed(
        instance.near,
        instance.weight,
        distance,
        instance.minimum,
        p,
        runs=4,
        steps=20_000,
        better=told.append,
    )
    found = sum(distance[np.ix_(labels == k, labels == k)].sum() / 2 for k in range(p))
    assert found == pytest.approx(answer.distance) == told[-1]
    assert told == sorted(set(told), reverse=True)
    assert distance_bound(distance, p) <= answer.distance


def test_the_bound_on_distance_is_reached_where_groups_are_plain():
    distance = np.array([[0, 0, 9, 9], [0, 0, 9, 9], [9, 9, 0, 1], [9, 9, 1, 0]], float)
    assert 0.9 <= distance_bound(distance, 2) <= 1.0


@pytest.mark.parametrize("file", sorted(RESULTS.glob("*.json")), ids=lambda file: file.stem)
def test_the_kept_reference_is_a_lawful_plan_of_the_distance_it_says(file):
    kept = json.loads(file.read_text(encoding="utf-8"))["reference"]
    if kept is None:
        return
    result = json.loads(file.read_text(encoding="utf-8"))
    instance = MaxP(
        kept["near"], np.array(kept["weight"]), np.array(kept["attributes"], float), result["minimum"]
    )
    labels, graph, total = np.array(kept["labels"]), graph_of(instance), 0.0
    for area in sorted(set(kept["labels"])):
        members = np.flatnonzero(labels == area)
        assert nx.is_connected(graph.subgraph(members.tolist()))
        assert instance.weight[members].sum() >= instance.minimum
        total += instance.distance[np.ix_(members, members)].sum() / 2
    assert total == pytest.approx(kept["distance"])
    assert kept["bound"] <= kept["distance"]


# --- runs and tables ---------------------------------------------------------------------------------


def test_our_run_is_timed_and_says_what_it_proved():
    solved = solve_timed(street_grid(40), RULES, 10.0, 1)
    assert solved.certificate["status"] == "optimal"
    assert judge(street_grid(40), RULES, solved.groups, dict.fromkeys(street_grid(40), (0.0,))).cost == (
        pytest.approx(solved.certificate["cost"])
    )
    assert solved.seconds > 0 < solved.memory_mb


def test_progress_that_says_nothing_of_the_plan_is_heard_as_nothing():
    assert moment(SimpleNamespace(parts_done=1), 0.5) == Moment(0.5)
    assert moment(SimpleNamespace(cost=3.0, areas=2), 0.5) == Moment(0.5, 3.0, None, 2)


def row(who="peer", ours="", *, areas=10, cost=100.0, seconds=1.0, moments=(), **given) -> dict:
    judged = {"areas": areas, "exceptions": 0, "cost": cost, "distance": cost, "smallest": 100}
    return {
        "who": who, "ours": ours, "judged": {**judged, "torn": 0, "short": 0, "other": 0}, "seconds": seconds,
        "memory_mb": 50.0, "bound": None, "gap": None, "areas_bound": None, "status": "", "note": "",
        "moments": [{"seconds": s, "cost": c, "areas": a, "bound": None} for s, c, a in moments], **given,
    }  # fmt: skip


def case(*rows: dict, walking: bool = True) -> dict:
    return {
        "name": "grid-9", "title": "nine", "units": 9, "links": 12, "minimum": 100, "total": 950, "rows": list(rows),
        "walking": walking, "machine": {}, "versions": {},
    }  # fmt: skip


OURS = row("zutuan", "least cost", cost=80.0, seconds=5.0, moments=[(0.5, 120.0, 12), (2.0, 90.0, 9)])


def test_ahead_from_the_first_moment_that_is_better_than_the_peers_last_plan():
    assert ahead_after(OURS, row(), walking=True) == (2.0, False)
    assert ahead_after({**OURS, "ours": "most areas"}, row(), walking=True) == (0.5, False)


def test_ahead_at_the_end_where_no_moment_told_and_never_where_it_was_not():
    assert ahead_after({**OURS, "moments": []}, row(), walking=True) == (5.0, True)
    assert ahead_after(OURS, row(cost=80.0), walking=True) is None
    assert ahead_after(OURS, row(cost=90.0), walking=True) == (5.0, True)
    assert ahead_after({**OURS, "moments": []}, row(areas=10, cost=90.0), walking=False) == (5.0, True)


def test_ahead_on_a_public_instance_by_areas_first_and_distance_then():
    told = [(0.2, 12, 30.0), (0.4, 9, 50.0), (0.9, 9, 40.0)]
    moments = [{"seconds": s, "areas": areas, "distance": distance} for s, areas, distance in told]
    ours, peer = {**OURS, "moments": moments}, row(areas=9)
    peer["judged"]["distance"] = 45.0
    assert ahead_after(ours, peer, walking=False) == (0.2, False)
    assert ahead_after({**ours, "moments": moments[1:]}, peer, walking=False) == (0.9, False)


def test_a_case_is_two_tables():
    mine = {**OURS, "bound": 80.0, "gap": 0.0, "areas_bound": 11, "status": "optimal"}
    torn = row("torn peer", areas=5)
    torn["judged"]["torn"] = 2
    lines = case_lines(case(mine, torn, row("late peer", judged=None, note="no plan within 120 s")))
    assert lines[2] == ("`grid-9`: 9 units, 12 links, minimum 100, 950 in all (at most ⌊W/T⌋ = 9 areas).")
    assert "| **zutuan** | 10 ≤ 11 | 0 | 80 | 80.00 | 100 | yes | 80.00 | proven | 5.00 | 50 |" in lines
    assert "| torn peer | 5 | 0 | 100 | 100.00 | 100 | 2 not connected | – | – | 1.00 | 50 |" in lines
    assert "| late peer | no plan within 120 s | – | – | – | – | – | – | – | – | – |" in lines
    assert lines[-1] == "| zutuan : torn peer | × 2 | × 0.8 | × 0.8 | × 5 | × 1 | 2.00 s |"


def test_fewer_areas_than_the_bound_are_never_called_proven():
    claimed = row("zutuan", "most areas", areas=10, gap=0.0, areas_bound=11, status="optimal")
    assert (
        "| 10 ≤ 11 | 0 | 100 | 100.00 | 100 | yes | – | areas open, 0.00% |" in case_lines(case(claimed))[-1]
    )


def test_bars_are_judged_by_what_was_run():
    mine = row("zutuan", "least cost", cost=70.0, gap=0.02, status="feasible", areas_bound=11)
    areas = row("zutuan", "most areas", areas=11, gap=0.02, areas_bound=11)
    rows = judged_bars({"grid-300": case(mine, areas, row()), "grid-10000": case(mine)})
    assert rows == [
        ("grid-300", "least cost proven within 4 s", "gap 2.00%, 1.00 s", "**no**"),
        ("grid-300", "25 % less cost than the best peer, no fewer areas", "30.0% less than peer", "yes"),
        ("grid-300", "least cost: ahead of each peer within max(1 s, its time)", "after 1.00 s", "yes"),
        ("grid-300", "most areas: ahead of each peer within max(1 s, its time)", "after 1.00 s", "yes"),
        ("grid-300", "most areas: at most 3 % below the bound in 60 s", "11 of 11, 0.00% short", "yes"),
        ("grid-300", "raised: least cost proven within 1 s", "gap 2.00%, 1.00 s", "**no**"),
        ("grid-10000", "raised: gap at most 0.5 % in 60 s", "2.00%, 1.0 s", "**no**"),
        ("grid-300", "raised: most areas proven", "11 of 11, 0.00% short", "yes"),
        ("up to 10,000 units", "under 1.5 GB", "50 MB (grid-300)", "yes"),
    ]
    assert "| grid-300 | least cost proven within 4 s | gap 2.00%, 1.00 s | **no** |" in page([], rows)


def test_each_bar_speaks_of_a_case_there_is():
    assert {bar.case for bar in BARS} <= {case.name for case in CASES}


def test_cases_are_chosen_by_name_and_quick_ones_are_few(monkeypatch, tmp_path):
    assert [c.name for c in chosen(("grid-100", "mexico-4"), quick=False)] == ["grid-100", "mexico-4"]
    assert all(c.quick for c in chosen((), quick=True))
    monkeypatch.setattr(cases, "REALDATA", tmp_path / "absent")
    assert not any(getattr(c, "real", False) for c in chosen((), quick=False))


def test_a_case_that_is_not_there_is_named(capsys):
    assert bench.main(["--case", "grid-7"]) == 2
    assert "no such case: grid-7; there are grid-100, grid-300" in capsys.readouterr().err


def test_without_peers_the_table_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(rivals, "PYTHON", tmp_path / "python")
    found = rivals.run_rival("spopt", {})
    assert (found.groups, found.note) == (None, "not installed: python3 run.py bench installs it")
