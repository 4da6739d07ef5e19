import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.schema import DataError
from optimizer.rules import Prices, Rules
from optimizer.solving import SolveOptions, solve
from optimizer.work import Work
from tests.brute import optimum

PRICED = SolveOptions(work=Work(listed=0))
LISTED = SolveOptions()
ENGINES = pytest.mark.parametrize("options", [LISTED, PRICED], ids=["listed", "priced"])


@st.composite
def towns(draw):
    """A town of up to ten communities with links, barriers, walls, scopes, locks and pairs."""
    size = draw(st.integers(1, 10))
    ids = [chr(ord("a") + k) for k in range(size)]
    graph = nx.Graph()
    scopes = st.sampled_from(["to_group"] * 8 + ["host", "host", "fixed", "excluded"])
    plain = draw(st.booleans())
    for i in ids:
        place = draw(st.integers(0, 30).filter(bool) | st.just(30))
        graph.add_node(
            i,
            count=draw(
                st.sampled_from([1, 7, 20, 30, 45, 60, 80, 99, 100, 130, 210, 520] + [None] * (not plain))
            ),
            x=float("nan") if place == 1 and not plain else draw(st.integers(0, 300)) * 1.0,
            y=draw(st.integers(0, 300)) * 1.0,
            scope="to_group" if plain else draw(scopes),
            lock=None if plain or draw(st.integers(0, 9)) else draw(st.sampled_from(["PMA-002", "老街"])),
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
