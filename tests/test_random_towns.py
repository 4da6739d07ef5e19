"""Random towns: every plan is lawful, every bound holds, and small towns equal brute force, whatever the way there."""

import random
from collections.abc import Sequence
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from geo.schema import DataError
from optimizer import dispatching
from optimizer.checks import check
from optimizer.instance import prepare
from optimizer.plan import Plan
from optimizer.rules import UNLIKE, Prices, Rules
from optimizer.solving import Certificate, SolveOptions, solve
from optimizer.work import Effort, Work
from tests.brute import Optimum, optimum
from tests.towns import shuffled

LISTED = SolveOptions(work=Work(listed=20_000))
PRICED = SolveOptions(work=Work(listed=0, tries=1, nodes=20))
SHIFTED = SolveOptions(work=Work(listed=0, packing=Effort(sets=0, steps_a_unit=(3_000, 10_000))))
TRAITS = {
    "grids": [(), ("1",), ("2",), ("1", "2")],
    "ownership": ["", "房改房", "商品房", "公房、房改房"],
    "lift": ["", "yes", "no"],
    "managed": ["", "yes", "no"],
    "built_year": [None, 1979, 1980, 1995, 2000],
    "former": [None, "PMA-001", "PMA-002", "老街"],
}
COUNTS = {
    "usual": lambda draw: max(5, min(400, int(draw.lognormvariate(3.8, 0.6)))),
    "tiny": lambda draw: draw.randint(1, 30),
    "small": lambda draw: draw.randint(20, 60),
    "near": lambda draw: draw.choice([49, 50, 51, 99, 100, 101]),
    "huge": lambda draw: draw.choice([1, 30, 60, 250, 3_000, 40_000]),
    "unsure": lambda draw: draw.choice([None, 0, 20, 45, 70, 130]),
}


# --- drawing ---------------------------------------------------------------------------------------

# The size and one number decide a town and its rules: no two examples are alike, and a failing one shrinks to fewer communities.
SEEDS = st.integers(0, 2**40)
SMALL, LARGER = st.integers(1, 10), st.integers(11, 40)


def case(size: int, seed: int, uppers: Sequence[int]) -> tuple[nx.Graph, Rules]:
    """Return a town and its rules; pairs that contradict a lock, a scope or each other are refused elsewhere."""
    draw = random.Random(seed)  # noqa: S311 - a made-up town
    rules = rule_book(draw, uppers)
    moods = sorted(
        {*COUNTS} - ({"tiny"} if size > 10 else set())
    )  # of forty tiny ones the groups are too many to list
    density, special = draw.choice([0.1, 0.4, 0.6, 0.8, 1.0, 1.0]), draw.choice([0.0, 0.0, 0.15])
    town = drawn(draw, size, draw.choice(moods), density, special, scattered=draw.random() < 0.5)
    usable = without_never(town, rules)
    try:
        prepare(usable, rules)
    except DataError:
        assume(condition=False)
    return usable, rules


def drawn(
    draw: random.Random, size: int, counts: str, density: float, special: float, *, scattered: bool
) -> nx.Graph:
    """Return a town; a share of `special` communities has a scope, a lock, no place or a partner."""
    graph = nx.Graph(together=(), apart=())
    places, links = _scattered(draw, size) if scattered else _streets(draw, size)
    for k, (x, y) in enumerate(places):
        known = {name: draw.choice(values) for name, values in TRAITS.items()}
        graph.add_node(
            f"{k:02d}",
            count=COUNTS[counts](draw),
            x=x,
            y=y,
            committee=draw.choice("甲乙"),
            lock=None,
            **known,
        )
        usual = draw.random() >= special
        graph.nodes[f"{k:02d}"]["scope"] = (
            "to_group" if usual else draw.choice(["host", "host", "fixed", "excluded"])
        )
        if draw.random() < special / 5:
            graph.nodes[f"{k:02d}"]["x"] = float("nan")
    for a, b in links:
        if draw.random() < density:
            _link(draw, graph, f"{a:02d}", f"{b:02d}")
    if special:
        _lock(draw, graph)
        _pair(draw, graph)
    return graph


def _scattered(draw: random.Random, size: int) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    places = [(draw.uniform(0, 60 * size**0.5), draw.uniform(0, 60 * size**0.5)) for _ in range(size)]
    if size < 4:
        return places, [(a, b) for a in range(size) for b in range(a)]
    corners = Delaunay(np.array(places)).simplices
    sides = {tuple(sorted((int(t[k]), int(t[k - 1])))) for t in corners for k in range(3)}
    return places, sorted(sides)


def _streets(draw: random.Random, size: int) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    side = int((1.25 * size) ** 0.5) + 1
    kept = sorted(draw.sample(range(side * side), size))
    index = {at: k for k, at in enumerate(kept)}
    places = [(at % side * 60 + draw.uniform(-20, 20), at // side * 60.0) for at in kept]
    ends = [(at, other) for at in kept for other in ([at + 1] if (at + 1) % side else []) + [at + side]]
    return places, [(index[a], index[b]) for a, b in ends if b in index]


def _link(draw: random.Random, graph: nx.Graph, a: str, b: str) -> None:
    """Link two communities, with barriers; between two committees only by hand."""
    kind = "found"
    if graph.nodes[a]["committee"] != graph.nodes[b]["committee"]:
        if draw.random() < 0.5:
            return
        kind = "given"
    crosses = draw.choice([(), (), (), ("road",), ("road", "river")])
    graph.add_edge(a, b, gap_m=10.0, crosses=crosses, wall_m=draw.choice([0.0, 0.0, 12.0]), kind=kind)


def _lock(draw: random.Random, graph: nx.Graph) -> None:
    """Lock a community with some of its neighbours."""
    first = draw.choice(sorted(graph))
    name = draw.choice(["PMA-002", "老街"])
    for i in [first, *sorted(graph[first])[: draw.randint(0, 2)]]:
        graph.nodes[i]["lock"] = name


def _pair(draw: random.Random, graph: nx.Graph) -> None:
    """Bind some pairs, linked or not, and keep others apart."""
    ids = sorted(graph)
    if len(ids) > 1:
        pairs = [tuple(draw.sample(ids, 2)) for _ in range(4)] + [*graph.edges][:4]
        chosen = draw.sample(pairs, min(3, len(pairs)))
        graph.graph["together"], graph.graph["apart"] = (chosen[0],), tuple(chosen[1:])


def rule_book(draw: random.Random, uppers: Sequence[int]) -> Rules:
    """Return rules with every switch, each price nothing or something."""
    either = draw.choice
    return Rules(
        minimum=either([40, 100, 100]),
        upper=either(uppers),
        upper_hard=either([False, False, True]),
        exception_price=either([None, None, None, 0.0, 30.0, 300.0]),
        most_areas=either([False, True]),
        within=("committee",),
        never=either([(), ("river",)]),
        prices=Prices(
            join_self_sufficient=either([0.0, 5_000.0]),
            upper_per_household=either([0.0, 50.0]),
            wall_per_m=either([0.0, 20.0]),
            crossing=either([{}, {"road": 2_000.0, "river": 9_000.0}]),
            committee=either([0.0, 3_000.0]),
            grid=either([0.0, 900.0]),
            unlike=either([{}, {"lift": 300.0}, dict(UNLIKE)]),
            area=either([0.0, 4_000.0]),
            change_per_household=either([0.0, 20.0]),
        ),
    )


def without_never(graph: nx.Graph, rules: Rules) -> nx.Graph:
    """Return the town without the found links that no area may cross, as `geo.adjacency` gives it."""
    usable = graph.copy()
    usable.remove_edges_from(
        [
            (a, b)
            for a, b, link in graph.edges(data=True)
            if link["kind"] == "found" and set(link["crosses"]) & set(rules.never)
        ]
    )
    return usable


# --- what every plan keeps -------------------------------------------------------------------------


def solved(graph: nx.Graph, rules: Rules, options: SolveOptions) -> tuple[Plan, Certificate]:
    """Solve, and hold the plan and its certificate against each other."""
    plan, certificate = solve(graph, rules, options)
    locked = {area.area_id for area in plan.areas if area.locked}
    assert [v for v in check(plan, graph, rules) if v.place not in locked] == []
    assert certificate.exceptions_bound <= certificate.exceptions
    assert certificate.bound <= certificate.cost
    assert certificate.areas <= certificate.areas_bound
    assert certificate.exceptions == list(plan.outcomes.values()).count("exception")
    return plan, certificate


def goals(reached: Certificate | Optimum, rules: Rules) -> tuple[float, ...]:
    """Return what a plan reached, in the order of goals."""
    fewest = () if rules.exception_price is not None else (reached.exceptions, reached.exception_households)
    return (*fewest, *((reached.areas,) if rules.most_areas else ()), reached.cost)


def equals_brute_force(size: int, seed: int) -> None:
    graph, rules = case(size, seed, [100, 150, 260, 500])
    best = optimum(graph, rules)
    for options in (LISTED, PRICED):
        _, certificate = solved(graph, rules, options)
        assert goals(certificate, rules) == pytest.approx(goals(best, rules), abs=1e-6)
        assert certificate.status == "optimal"
    _, shifted = solved(graph, rules, SHIFTED)  # finds areas unit by unit, and proves by sums only
    assert shifted.status == "feasible" or goals(shifted, rules) == pytest.approx(
        goals(best, rules), abs=1e-6
    )
    assert not rules.most_areas or shifted.areas <= best.areas <= shifted.areas_bound


def pricing_equals_the_list(size: int, seed: int) -> None:
    graph, rules = case(size, seed, [100, 150, 200])
    plan, priced = solved(graph, rules, PRICED)
    assert solve(shuffled(graph, 7), rules, PRICED) == (plan, priced)
    _, listed = solved(graph, rules, LISTED)
    if all(part.method != "priced" for part in listed.parts):  # else the groups are too many to list
        assert listed.status == "optimal"
        assert priced.bound <= listed.cost + 1e-6 or priced.areas < listed.areas
        assert goals(priced, rules) == pytest.approx(goals(listed, rules), abs=1e-6)


def towns(count: int, sizes: st.SearchStrategy[int]):
    """Run a test on so many towns, the same ones each time."""
    quiet = settings(
        max_examples=count, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    return lambda test: quiet(given(size=sizes, seed=SEEDS)(test))


@towns(120, SMALL)
def test_small_towns_equal_brute_force(size, seed):
    equals_brute_force(size, seed)


@towns(80, LARGER)
def test_pricing_equals_the_list_in_larger_towns(size, seed):
    pricing_equals_the_list(size, seed)


@pytest.mark.thorough
@towns(1_200, SMALL)
def test_many_small_towns_equal_brute_force(size, seed):
    equals_brute_force(size, seed)


@pytest.mark.thorough
@towns(800, LARGER)
def test_pricing_equals_the_list_in_many_larger_towns(size, seed):
    pricing_equals_the_list(size, seed)


def test_two_processes_find_what_one_finds(monkeypatch):
    monkeypatch.setattr(dispatching, "SHARED", 15)
    monkeypatch.setattr(dispatching, "WORTH_SHARING", 10)
    graph = drawn(random.Random(15), 60, "usual", 0.6, 0.0, scattered=True)  # noqa: S311 - a made-up town
    rules = Rules(most_areas=True, within=())
    assert sum(part.units >= 15 for part in prepare(graph, rules).parts) == 2
    assert solve(graph, rules, replace(PRICED, workers=2)) == solve(graph, rules, PRICED)
