"""What a change does before it is applied, and what each neighbour would mean."""

from math import nan

import pytest

from geo.schema import DataError
from optimizer.candidates import area_cost
from optimizer.plan import Area, Plan, linked_exceptions, lock, merge, move, outcomes_of, take_out
from optimizer.previews import offers, preview
from optimizer.rules import Prices, Rules
from tests.towns import shuffled, town

RULES = Rules(prices=Prices(committee=700.0, crossing={"支路": 900.0}))


def planned(graph, *groups: str) -> Plan:
    areas = tuple(
        Area(f"PMA-{n:03d}", tuple(group), area_cost(graph, RULES, group).center_id)
        for n, group in enumerate(groups, 1)
    )
    outcomes = outcomes_of(graph, areas)
    return Plan(areas, outcomes, linked_exceptions(graph, outcomes), len(areas) + 1)


@pytest.fixture
def street():
    """a–b | c–d–e in a row, e left out; c and d of another committee, a grid known of b and c alone."""
    graph = town(
        "a60 b60 c60 d60 e30",
        committee={"a": "甲", "b": "甲", "c": "乙", "d": "乙"},
        crosses={("b", "c"): ("支路",)},
        walls={("d", "e"): 12.0},
    )
    graph.nodes["b"]["grids"], graph.nodes["c"]["grids"] = ("1", "2"), ("2",)
    return graph, planned(graph, "ab", "cd")


def test_a_change_names_the_areas_it_touches_and_no_others(street):
    graph, plan = street
    told = preview(plan, move(plan, graph, "e", "PMA-002"), graph, RULES)
    assert [(a.area_id, a.members, a.households) for a in told.before] == [("PMA-002", ("c", "d"), 120)]
    assert [(a.members, a.households) for a in told.after] == [(("c", "d", "e"), 150)]
    assert told.outcomes == (("e", "exception", "grouped"),)


def test_the_cost_is_told_part_by_part(street):
    graph, plan = street
    told = preview(plan, merge(plan, graph, ["PMA-001", "PMA-002"]), graph, RULES)
    assert told.difference["cross"] == 900.0
    assert told.difference["committee"] == 700.0
    assert told.cost == pytest.approx(
        area_cost(graph, RULES, "abcd").total
        - area_cost(graph, RULES, "ab").total
        - area_cost(graph, RULES, "cd").total
    )


def test_a_rule_that_breaks_is_told_with_its_place(street):
    graph, plan = street
    told = preview(plan, take_out(plan, graph, "d"), graph, RULES)
    assert ("minimum", 60, 100) in [(v.rule, v.value, v.limit) for v in told.broken]
    back = preview(take_out(plan, graph, "d"), plan, graph, RULES)
    assert [v.rule for v in back.mended] == [v.rule for v in told.broken]
    assert back.broken == told.mended


def test_what_was_broken_before_and_still_is_is_no_news(street):
    """PMA-002 lacks households before and after; other numbers in the same place are no new fault."""
    graph, _ = street
    plan = planned(graph, "ab", "d")
    told = preview(plan, move(plan, graph, "e", "PMA-002"), graph, RULES)
    assert [v.rule for area in told.after for v in area.violations] == ["minimum"]
    assert "minimum" not in {v.rule for v in told.broken + told.mended}


def test_a_change_of_the_graph_is_told_of_the_areas_it_touches(street):
    graph, plan = street
    after = graph.copy()
    after.remove_edge("c", "d")
    told = preview(plan, plan, graph, RULES, graph_after=after, touched=["c", "d"])
    assert [a.members for a in told.before] == [a.members for a in told.after] == [("c", "d")]
    assert [v.rule for v in told.broken] == ["connection"]
    assert preview(plan, plan, graph, RULES, graph_after=after, touched=["e"]).before == ()


def test_nothing_changes_by_the_same_plan(street):
    graph, plan = street
    told = preview(plan, plan, graph, RULES)
    assert (told.before, told.after, told.outcomes, told.broken, told.mended) == ((), (), (), (), ())
    assert told.cost == 0.0


def test_a_neighbour_is_offered_with_what_it_would_mean(street):
    graph, plan = street
    (offer,) = offers(plan, graph, RULES, "b")
    assert (offer.area_id, offer.members) == ("PMA-002", ("c", "d"))
    assert (offer.households_before, offer.households_after) == (120, 180)
    assert offer.crosses == ("支路",)
    assert (offer.same_grid, offer.same_committee) == (True, False)
    assert "minimum" in {v.rule for v in offer.preview.broken}  # a alone stays behind


def test_an_exception_may_join_the_area_beside_it(street):
    graph, plan = street
    (offer,) = offers(plan, graph, RULES, "e")
    assert (offer.area_id, offer.households_after, offer.wall_m) == ("PMA-002", 150, 12.0)
    assert (offer.same_grid, offer.same_committee) == (None, None)
    assert offer.preview.outcomes == (("e", "exception", "grouped"),)
    assert offer.preview.broken == ()


def test_of_links_that_cost_the_same_the_one_with_a_length_is_told():
    """A given link of a community without a place has none; it stands before the other in the order of ids."""
    graph = town("a60 b60 c150", links=[("a", "c")])
    graph.edges["a", "c"]["gap_m"] = nan
    for links in (graph, shuffled(graph, 1)):
        (offer,) = offers(planned(links, "ab", "c"), links, RULES, "c")
        assert offer.gap_m == 50.0


def test_two_exceptions_may_find_each_other():
    graph = town("a60 b60 c150")
    plan = planned(graph, "c")
    assert [(o.area_id, o.members, o.households_after) for o in offers(plan, graph, RULES, "b")] == [
        ("", ("a",), 120),
        ("PMA-001", ("c",), 210),
    ]


def test_lawful_offers_come_first_however_dear():
    """Of two neighbours the nearer one is left below the minimum by nobody: b joins c, not a."""
    graph = town("a60 b30 c150", apart=(("a", "b"),), walls={("b", "c"): 500.0})
    plan = planned(graph, "a", "c")
    assert [(o.area_id, bool(o.preview.broken)) for o in offers(plan, graph, RULES, "b")] == [
        ("PMA-002", False),
        ("PMA-001", True),
    ]


def test_locked_areas_are_no_offer_and_a_locked_community_has_none(street):
    graph, plan = street
    locked = lock(plan, ["PMA-002"])
    assert offers(locked, graph, RULES, "b") == ()
    assert offers(locked, graph, RULES, "c") == ()


def test_who_stays_as_it_is_takes_nobody_in():
    graph = town("a60 b60 c150", scope={"c": "fixed"})
    assert offers(planned(graph, "ab", "c"), graph, RULES, "b") == ()


def test_a_community_nobody_has_counted_has_no_offer():
    graph = town("a60 b? c150")
    assert offers(planned(graph, "c"), graph, RULES, "b") == ()


def test_an_unknown_community_is_refused(street):
    graph, plan = street
    with pytest.raises(DataError, match="x"):
        offers(plan, graph, RULES, "x")
