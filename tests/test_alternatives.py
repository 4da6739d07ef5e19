"""The k best different plans: equal to trying everything, different enough, lawful, the same whatever the order."""

from math import ceil

import networkx as nx
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geo.schema import DataError
from optimizer.alternatives import alternatives, regrouped
from optimizer.checks import check
from optimizer.plan import Plan
from optimizer.rules import Prices, Rules
from optimizer.solving import Certificate, SolveOptions, solve
from optimizer.work import Work
from tests.brute import Whole, all_plans
from tests.test_solving import rule_books, towns
from tests.towns import town

STREET = "a60 b60 c60 d60 e60 f60"
BLOCK = """
a60 b50 c40 d70
e30 f60 g80 h20
i40 j90 k10 l55
"""


def company_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    members = {m: area.members for area in plan.areas for m in area.members}
    return {i: members.get(i, ()) for i in plan.outcomes}


def differing(one: dict[str, tuple[str, ...]], other: dict[str, tuple[str, ...]]) -> int:
    return sum(one[i] != other[i] for i in one)


# --- against trying everything ---------------------------------------------------------------------


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    graph=towns(),
    rules=rule_books(),
    different=st.sampled_from([0.01, 0.3, 0.5, 0.8, 1.0]),
)
def test_equals_trying_everything(graph: nx.Graph, rules: Rules, different: float) -> None:
    assume(len(graph) <= 8)
    try:
        found = alternatives(graph, rules, 4, different=different)
    except DataError as refused:
        assert refused.code.startswith("optimizer.together_")  # noqa: PT017 - most towns are not refused
        return
    every = all_plans(graph, rules)
    best = found[0][1]
    assert best == solve(graph, rules)[1]
    enough = ceil(different * free(graph) - 1e-6)
    for k in range(1, 4):
        earlier = [company_of(plan) for plan, _ in found[:k]]
        left = [
            whole.cost
            for whole in every
            if as_good(whole, best, rules)
            and all(differing(seen, whole.company) >= max(1, enough) for seen in earlier)
        ]
        if k >= len(found):
            assert not left
            return
        assert found[k][1].cost == pytest.approx(min(left), abs=1e-5)
        assert found[k][1].status == "optimal"


def free(graph: nx.Graph) -> int:
    return sum(
        not n["lock"] and n["scope"] in ("to_group", "host") and bool(n["count"])
        for n in graph.nodes.values()
    )


def as_good(whole: Whole, best: Certificate, rules: Rules) -> bool:
    """The goals before cost are as good as in the best plan."""
    if rules.exception_price is None and (
        whole.exceptions > best.exceptions or whole.exception_households > best.exception_households
    ):
        return False
    return not rules.most_areas or whole.areas >= best.areas


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(graph=towns(), rules=rule_books(), different=st.sampled_from([0.2, 0.5]))
def test_all_are_lawful_and_different_enough(graph: nx.Graph, rules: Rules, different: float) -> None:
    try:
        found = alternatives(graph, rules, 5, different=different)
    except DataError:
        return
    unlawful = check(found[0][0], graph, rules)  # of what was given: locks and fixed communities
    for number, (plan, certificate) in enumerate(found):
        assert [v.rule for v in check(plan, graph, rules)] == [v.rule for v in unlawful]
        assert certificate.bound <= certificate.cost
        for other, _ in found[:number]:
            assert len(regrouped(other, plan)) >= different * free(graph) - 1e-6


# --- on drawn towns --------------------------------------------------------------------------------


def groups(plan: Plan) -> list[str]:
    return sorted("".join(area.members) for area in plan.areas)


def test_the_second_best_of_a_street():
    """ab cd ef is best; taking e and f apart leaves one pairing with the three in a row."""
    found = alternatives(town(STREET), Rules(), 3, different=0.5)
    assert groups(found[0][0]) == ["ab", "cd", "ef"]
    assert groups(found[1][0]) in (["abc", "def"], ["ab", "cdef"], ["abcd", "ef"])
    costs = [certificate.cost for _, certificate in found]
    assert costs == sorted(costs)


def test_what_is_left_single_counts_in_what_comes_next():
    """Where an exception has a price the next best leaves c single, then a, and only the last all three."""
    found = alternatives(town("a60 b50 c60"), Rules(upper=120, exception_price=3000.0), 4, different=0.3)
    assert [groups(plan) for plan, _ in found] == [["abc"], ["ab"], ["bc"], []]
    assert [certificate.cost for _, certificate in found] == pytest.approx([8_500, 182_500, 182_500, 510_000])


def test_an_area_that_stays_keeps_its_id():
    (first, _), (second, _) = alternatives(town(BLOCK), Rules(), 2, different=0.1)
    ids = {area.members: area.area_id for area in first.areas}
    stayed = [area for area in second.areas if area.members in ids]
    assert stayed
    assert all(area.area_id == ids[area.members] for area in stayed)


def test_where_there_is_no_other_plan_only_the_best_comes_back():
    found = alternatives(town("a60 b60"), Rules(), 5, different=0.1)
    assert [groups(plan) for plan, _ in found] == [["ab"]]


def test_a_town_without_communities_has_its_one_empty_plan():
    found = alternatives(nx.Graph(), Rules(), 3, different=0.1)
    assert [plan.areas for plan, _ in found] == [()]


def test_locked_and_fixed_areas_stay_in_every_alternative():
    graph = town(BLOCK, lock={"a": "PMA-009", "b": "PMA-009"}, scope={"l": "fixed"})
    for plan, _ in alternatives(graph, Rules(), 4, different=0.2):
        members = {area.area_id: area.members for area in plan.areas}
        assert members["PMA-009"] == ("a", "b")
        assert ("l",) in members.values()


def test_exceptions_are_as_few_as_in_the_best_plan():
    graph = town("a60 b60 c60 d60 f60 | e40", apart=[("a", "b")])
    best, *others = alternatives(graph, Rules(), 4, different=0.1)
    assert others
    assert {certificate.exceptions for _, certificate in others} == {best[1].exceptions}


def test_with_most_areas_an_alternative_has_no_fewer():
    assert len(alternatives(town(STREET), Rules(), 3, different=0.2)) == 3
    assert len(alternatives(town(STREET), Rules(most_areas=True), 3, different=0.2)) == 1


def test_the_order_of_rows_changes_nothing():
    graph = town(BLOCK)
    turned = nx.Graph(together=(), apart=())
    turned.add_nodes_from(reversed(list(graph.nodes(data=True))))
    turned.add_edges_from((b, a, d) for a, b, d in reversed(list(graph.edges(data=True))))
    one = alternatives(graph, Rules(), 5, different=0.3)
    other = alternatives(turned, Rules(), 5, different=0.3)
    assert [(p, c.cost) for p, c in one] == [(p, c.cost) for p, c in other]


def test_a_bound_holds_where_lists_are_cut():
    """With hardly any list alternatives are found too, and the bound says how far from proven they are."""
    graph, rough = town(BLOCK), SolveOptions(work=Work(listing=1, candidates=0))
    exact = alternatives(graph, Rules(), 2, different=0.6)[1][1]
    cut = alternatives(graph, Rules(), 2, different=0.6, options=rough)[1][1]
    assert cut.bound <= exact.cost < cut.cost
    assert cut.status == "feasible"


def test_the_plan_of_a_caller_is_not_solved_again():
    graph, rules = town(BLOCK), Rules(prices=Prices(join_self_sufficient=0.0))
    best = solve(graph, rules)
    assert alternatives(graph, rules, 1, different=0.5, best=best) == [best]
    assert alternatives(graph, rules, 3, different=0.5, best=best) == alternatives(
        graph, rules, 3, different=0.5
    )


@pytest.mark.parametrize("k", [0, 6])
def test_a_number_of_plans_that_makes_no_sense_is_refused(k):
    with pytest.raises(DataError, match=f"^备选方案的个数应在 1 到 5 之间，现在是 {k}。"):
        alternatives(town("a60 b60"), Rules(), k, different=0.1)


@pytest.mark.parametrize("different", [0.0, -0.1, 1.5, float("nan")])
def test_a_share_that_makes_no_sense_is_refused(different):
    with pytest.raises(DataError, match=r"^备选方案之间的差别应大于 0、不超过 1"):
        alternatives(town("a60 b60"), Rules(), 2, different=different)
