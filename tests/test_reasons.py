"""Every code of reasons.py on a drawn town: the numbers are true, and so is the repair."""

from dataclasses import replace
from itertools import combinations

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.blocks import Waiver
from optimizer.plan import Area, Plan, area_name, center_of, linked_exceptions, outcomes_of
from optimizer.reasons import Reason, Repair, opened, reasons
from optimizer.rules import Rules
from tests.towns import town

RULES = Rules(never=("河流", "堡坎陡坎"), terrain=("堡坎陡坎",))


def plan_of(graph, *groups):
    areas = tuple(
        Area(area_name(n), tuple(sorted(group)), center_of(graph, group))
        for n, group in enumerate(groups, start=1)
    )
    outcomes = outcomes_of(graph, areas)
    return Plan(areas, outcomes, linked_exceptions(graph, outcomes), len(areas) + 1)


def refused(*rows):
    """Rows (a, b, gap_m, cause)."""
    return pd.DataFrame(rows, columns=["a", "b", "gap_m", "cause"])


def why(graph, *groups, rules=RULES, no=(), beyond=()):
    table = pd.DataFrame(list(beyond), columns=["a", "b", "gap_m"])
    return reasons(plan_of(graph, *groups), graph, rules, refused=refused(*no), beyond=table)


def codes(found):
    return [reason.code for reason in found]


# --- no neighbour ----------------------------------------------------------------------------------


def test_nobody_else_at_all():
    assert why(town("a40"))["a"] == (Reason("no_neighbour", {"case": "none"}),)


def test_the_nearest_by_straight_distance_where_no_table_names_one():
    (reason,) = why(town("a40 . b150 c150"), "b", "c")["a"]
    assert reason == Reason(
        "no_neighbour", {"case": "far", "nearest_id": "b", "distance_m": 100.0, "cause": "reach"}
    )


def test_the_nearest_beyond_the_reach_and_the_link_that_would_do():
    (reason,) = why(town("a40 . b150"), "b", beyond=[("a", "b", 71.5)])["a"]
    assert reason.numbers == {"case": "far", "nearest_id": "b", "distance_m": 71.5, "cause": "reach"}
    assert reason.repair == Repair(
        "open_links",
        {
            "links": (Waiver("a", "b", 71.5, "reach"),),
            "group_ids": ("a", "b"),
            "communities": 2,
            "total": 190,
        },
    )


def test_a_step_in_height_far_beyond_the_reach_is_not_the_only_cause():
    graph = town("a40 | b150")
    far = refused(("a", "b", 256.0, "barrier:堡坎陡坎"))
    found = reasons(plan_of(graph, "b"), graph, RULES, refused=refused(), beyond=far)
    assert codes(found["a"]) == ["no_neighbour"]
    assert codes(why(graph, "b", no=[("a", "b", 4.0, "barrier:堡坎陡坎")])["a"])[0] == "terrain"


def test_what_stands_between_is_named():
    (reason,) = why(town("a40 | b150"), "b", no=[("b", "a", 20.0, "barrier:河流")])["a"]
    assert reason.numbers == {
        "case": "between",
        "nearest_id": "b",
        "distance_m": 20.0,
        "cause": "barrier:河流",
    }


def test_without_a_place_nobody_can_tell():
    graph = town("a40 b150", cut=[("a", "b")])
    graph.nodes["a"]["x"] = graph.nodes["a"]["y"] = float("nan")
    assert why(graph, "b")["a"] == (Reason("no_place", {}, Repair("give_place")),)


# --- too few ---------------------------------------------------------------------------------------


def test_too_few_counts_the_whole_component():
    found = why(town("a40 b30 | c20"))
    assert found["a"] == found["b"]
    assert found["a"] == (
        Reason(
            "too_few_within_reach",
            {"total": 70, "minimum": 100, "short": 30, "communities": 2, "community_ids": ("a", "b")},
        ),
    )


def test_the_fewest_links_come_before_the_shortest():
    graph = town("a40 | b30 | c30 | d60")
    near = [("a", "b", 5.0, "barrier:河流"), ("b", "c", 5.0, "barrier:河流")]
    far = [("a", "d", 90.0, "not_adjacent")]
    assert [r.repair.numbers["links"] for r in why(graph, no=near + far)["a"]] == [
        (Waiver("a", "d", 90.0, "not_adjacent"),)
    ]
    two = why(graph, no=near)["a"][0].repair.numbers
    assert (two["total"], [w.a + w.b for w in two["links"]]) == (100, ["ab", "bc"])


def test_of_equally_many_links_the_shortest_in_sum():
    graph = town("a40 | b70 | c70")
    found = why(graph, no=[("a", "b", 9.0, "not_adjacent"), ("a", "c", 8.0, "not_adjacent")])["a"]
    assert found[0].repair.numbers["links"] == (Waiver("a", "c", 8.0, "not_adjacent"),)


def test_no_repair_where_no_set_of_links_suffices():
    graph = town("a40 | b30")
    assert why(graph, no=[("a", "b", 9.0, "not_adjacent")])["a"][0].repair is None


def test_a_repair_keeps_the_rules_that_remain():
    graph = town("a40 | b70 | c70", apart=[("a", "c")])
    found = why(graph, no=[("a", "b", 9.0, "not_adjacent"), ("a", "c", 8.0, "not_adjacent")])["a"]
    assert found[0].repair.numbers["links"] == (Waiver("a", "b", 9.0, "not_adjacent"),)


# --- bounds and terrain ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "code", "column"),
    [
        ("within:street_town", "other_street", "street_town"),
        ("within:committee", "other_committee", "committee"),
        ("within:片区", "other_bound", "片区"),
        ("barrier:堡坎陡坎", "terrain", None),
    ],
)
def test_only_one_bound_stands_between(cause, code, column):
    graph = town("a40 b30 | c20 d120")
    rules = replace(RULES, within=("street_town", "committee", "片区"))
    found = why(graph, "cd", rules=rules, no=[("b", "c", 12.0, cause)])["a"]
    assert codes(found) == [code, "too_few_within_reach"]
    assert found[0].numbers["group_ids"] == ("a", "b", "c", "d")
    assert found[0].numbers["total"] == 210
    assert found[0].numbers.get("column") == column
    assert found[0].repair.numbers["links"] == (Waiver("b", "c", 12.0, cause),)


def test_bounds_come_in_order_committee_street_others_by_name_then_steps_in_height():
    graph = town("a40 | c80 | d80 | e80 | f80 | g80")
    causes = ["barrier:堡坎陡坎", "within:b", "within:a", "within:street_town", "within:committee"]
    rules = replace(RULES, within=("b", "street_town", "a", "committee"))
    found = why(graph, rules=rules, no=[("a", b, 5.0, c) for b, c in zip("cdefg", causes, strict=True)])["a"]
    assert [(reason.code, reason.numbers.get("column")) for reason in found[:-1]] == [
        ("other_committee", "committee"),
        ("other_street", "street_town"),
        ("other_bound", "a"),
        ("other_bound", "b"),
        ("terrain", None),
    ]


def test_a_bound_that_does_not_suffice_alone_is_no_reason():
    graph = town("a40 | b30 | c60")
    found = why(graph, no=[("a", "b", 1.0, "within:committee"), ("b", "c", 1.0, "within:street_town")])["a"]
    assert codes(found) == ["no_neighbour"]
    assert [w.cause for w in found[0].repair.numbers["links"]] == ["within:committee", "within:street_town"]


# --- rules -----------------------------------------------------------------------------------------


def test_an_apart_pair_in_the_way():
    found = why(town("a60 b60", apart=[("b", "a")]))
    assert codes(found["a"]) == ["blocked_by_rule"]
    assert found["a"][0].numbers == {
        "case": "apart",
        "pairs": (("a", "b"),),
        "group_ids": ("a", "b"),
        "communities": 2,
        "total": 120,
    }
    assert found["b"][0].repair == Repair("drop_apart", {"pairs": (("a", "b"),)})


def test_all_apart_pairs_that_must_give_are_named():
    found = why(town("a30 b10 c110", apart=[("c", "a"), ("a", "b")]), "bc")["a"]
    assert found[0].numbers["pairs"] == (("a", "b"), ("a", "c"))


@pytest.mark.parametrize(
    ("options", "groups", "case", "repair"),
    [
        ({"scope": {"b": "fixed"}}, ["b"], "fixed", "open_as_host"),
        ({"scope": {"b": "excluded"}}, [], "excluded", "include"),
        ({"lock": {"b": "PMA-009"}}, ["b"], "locked", "unlock"),
    ],
)
def test_a_neighbour_that_no_group_may_take(options, groups, case, repair):
    found = why(town("a60 b110", **options), *groups)["a"]
    assert codes(found) == ["blocked_by_rule", "too_few_within_reach"]
    assert (found[0].numbers["case"], found[0].numbers["neighbour_ids"]) == (case, ("b",))
    assert found[0].numbers["total"] == 170
    assert found[0].repair.code == repair


def test_a_blocked_neighbour_too_small_to_help_is_no_reason():
    assert codes(why(town("a60 b10", scope={"b": "fixed"}), "b")["a"]) == ["too_few_within_reach"]


def test_a_host_takes_in_small_ones_only():
    graph = town("a20 h60 c160", scope={"h": "host"})
    found = why(graph, "h", "c")["a"]
    assert (found[0].code, found[0].numbers["case"]) == ("blocked_by_rule", "host")
    assert found[0].numbers["neighbour_ids"] == ("h",)


def test_a_host_tied_to_an_exception_goes_where_it_goes():
    graph = town("h20 . . | c30 e110", scope={"h": "host"}, together=[("c", "h")])
    found = why(graph, "h", "e")
    assert list(found) == ["c"]
    assert (found["c"][0].code, found["c"][0].numbers["case"]) == ("blocked_by_rule", "host")
    assert found["c"][0].numbers["group_ids"] == ("c", "e", "h")


def test_two_exceptions_tied_to_two_hosts_are_mended_one_by_one():
    graph = town(
        "h10 | a20 b20 | k10 | c80", scope={"h": "host", "k": "host"}, together=[("a", "h"), ("b", "k")]
    )
    found = why(graph, "h", "k", no=[("a", "c", 9.0, "not_adjacent")])
    assert found["a"][0].repair.numbers["group_ids"] == ("a", "c", "h")


def test_several_rules_together():
    graph = town("a20 h60 c160", scope={"h": "host"}, apart=[("a", "h")])
    found = why(graph, "h", "c")["a"]
    assert (found[0].code, found[0].numbers["case"], found[0].numbers["total"]) == (
        "blocked_by_rule",
        "several",
        240,
    )


def test_a_hard_upper_size():
    rules = replace(RULES, upper=120, upper_hard=True)
    found = why(town("a60 b90 c60"), "ab", rules=rules)["c"]
    assert codes(found) == ["upper_size"]
    assert (found[0].numbers["total"], found[0].numbers["upper"]) == (210, 120)
    tied = why(town("a90 b90", together=[("a", "b")]), rules=rules)["a"]
    assert (codes(tied), tied[0].numbers["group_ids"]) == (["upper_size"], ("a", "b"))


def test_traded_off_names_the_cheapest_group_and_its_price():
    """Walking: x to b 70 × 50 m; joining the group a b costs its two others more only if the centre moves."""
    rules = replace(RULES, exception_price=10.0)
    found = why(town("a60 b60 x70 . c150", links=[("x", "c")]), "ab", "c", rules=rules)["x"]
    assert codes(found) == ["traded_off"]
    group = ("a", "b", "x")
    cost_before, cost_after = 60 * 50, 60 * 50 + 70 * 50
    assert found[0].numbers == {
        "group_ids": group,
        "communities": 3,
        "total": 190,
        "price": cost_after - cost_before,
        "exception_price": 700,
        "households": 70,
    }
    assert found[0].repair.code == "join"


def test_traded_off_exceptions_may_make_a_group_of_their_own():
    rules = replace(RULES, exception_price=10.0)
    found = why(town("a60 b60"), rules=rules)
    assert [(r.code, r.numbers["group_ids"], r.numbers["price"]) for r in found["a"]] == [
        ("traded_off", ("a", "b"), 3000)
    ]


def test_left_out_by_hand():
    found = why(town("a60 b60 c60"), "ab")["c"]
    assert codes(found) == ["could_join"]
    assert found[0].numbers == {"group_ids": ("a", "b", "c"), "communities": 3, "total": 180}


# --- held ------------------------------------------------------------------------------------------


def test_a_held_neighbour_may_complete_the_group():
    found = why(town("a60 h?"))
    assert found["a"][0] == Reason(
        "neighbour_held",
        {"neighbour_id": "h", "need": 40, "total": 60, "minimum": 100},
        Repair("survey_counts", {"community_ids": ("h",), "need": 40}),
    )
    assert codes(found["a"]) == ["neighbour_held", "too_few_within_reach"]
    assert found["h"] == (
        Reason(
            "count_unknown",
            {"case": "completes_and_frees", "need": 40, "frees": 1, "freed_ids": ("a",), "minimum": 100},
            Repair("survey_counts", {"community_ids": ("h",), "need": 40}),
        ),
    )


def test_the_held_neighbour_that_needs_least_is_named():
    graph = town("""
        .   g?  c30
        d20 a30 h?
    """)
    graph.remove_edge("h", "c")
    found = why(graph)["a"]
    assert (found[0].numbers["neighbour_id"], found[0].numbers["need"]) == ("g", 20)


def test_reasons_look_through_a_chain_of_held_ones():
    found = why(town("a20 g? h? b70"))["a"]
    assert (found[0].numbers["neighbour_id"], found[0].numbers["need"]) == ("g", 80)
    assert found[0].repair.numbers == {"community_ids": ("g", "h"), "need": 10}


def test_a_held_one_beside_an_area_joins_with_any_count():
    found = why(town("a150 h? b20"), "a")
    assert found["h"][0].numbers == {
        "case": "joins_and_frees",
        "need": 1,
        "frees": 1,
        "freed_ids": ("b",),
        "minimum": 100,
    }
    assert found["b"][0].numbers["need"] == 1


def test_a_held_one_alone_and_a_count_of_zero():
    for drawing in ("h?", "h0"):
        (reason,) = why(town(drawing))["h"]
        assert reason.numbers == {"case": "alone", "need": 100, "frees": 0, "minimum": 100}


def test_a_held_neighbour_that_a_rule_keeps_out_is_no_reason():
    graph = town("a60 b60 h?", apart=[("a", "b")])
    assert codes(why(graph)["a"]) == ["blocked_by_rule"]
    assert codes(why(graph)["b"]) == ["blocked_by_rule", "neighbour_held"]


def test_a_locked_area_with_an_unknown_count_promises_nothing():
    graph = town("a60 h? b60", lock={"h": "PMA-009"})
    assert codes(why(graph, "h")["a"]) == ["too_few_within_reach"]


def test_a_hard_upper_size_leaves_no_room_for_a_count():
    rules = replace(RULES, upper=120, upper_hard=True)
    found = why(town("a60 h? b60"), rules=rules)
    assert "neighbour_held" not in codes(found["b"])
    assert found["h"][0].numbers["need"] == 100


@pytest.mark.parametrize(("upper", "case"), [(101, "joins"), (100, "alone")])
def test_a_hard_upper_size_leaves_room_up_to_itself(upper, case):
    rules = replace(RULES, upper=upper, upper_hard=True)
    assert why(town("a100 h?"), "a", rules=rules)["h"][0].numbers["case"] == case


def test_a_held_host_waits_for_its_count_only():
    numbers = why(town("h? a20", scope={"h": "host"}))["h"][0].numbers
    assert numbers == {"case": "host", "need": 1, "frees": 0, "minimum": 100}


def test_held_ones_among_themselves():
    assert why(town("g? h?"))["h"][0].numbers == {
        "case": "with_held",
        "need": 100,
        "frees": 0,
        "neighbour_ids": ("g",),
        "minimum": 100,
    }


# --- opening a bound -------------------------------------------------------------------------------


def test_opened_counts_the_exceptions_that_vanish():
    graph = town("a40 b30 | c20 | d150 | e90")
    plan = plan_of(graph, "d")
    table = refused(
        ("b", "c", 9.0, "within:committee"),
        ("c", "d", 9.0, "within:committee"),
        ("d", "e", 9.0, "not_adjacent"),
    )
    assert opened(plan, graph, RULES, table, "within:committee") == 3
    assert opened(plan, graph, RULES, table, "not_adjacent") == 1
    assert opened(plan, graph, RULES, table, "within:street_town") == 0
    assert opened(plan, graph, replace(RULES, upper_hard=True), table, "not_adjacent") == 0


def test_opened_promises_nothing_where_a_rule_is_in_the_way():
    graph = town("a40 | b80", apart=[("a", "b")])
    assert opened(plan_of(graph), graph, RULES, refused(("a", "b", 9.0, "not_adjacent")), "not_adjacent") == 0


# --- every exception and every held one -----------------------------------------------------------


@st.composite
def towns(draw, *, hosts=True):
    """A grid of up to nine communities of every scope with every kind of refused link, and exceptions by component."""
    counts = draw(st.lists(st.sampled_from([None, 0, 10, 30, 60, 90, 140]), min_size=1, max_size=9))
    ids = "abcdefghi"[: len(counts)]
    tokens = [f"{i}{'?' if c is None else c}" for i, c in zip(ids, counts, strict=True)]
    rows = [" ".join(tokens[n : n + 3]) for n in range(0, len(tokens), 3)]
    words = ["to_group"] * 5 + ["fixed", "excluded"] + ["host"] * hosts
    scopes = draw(st.lists(st.sampled_from(words), min_size=9, max_size=9))
    graph = town("\n".join(rows), scope=dict(zip(ids, scopes, strict=False)))
    edges = sorted(graph.edges)
    fate = draw(
        st.lists(
            st.sampled_from(["", "", "within:committee", "barrier:堡坎陡坎", "not_adjacent"]), min_size=12
        )
    )
    no = [
        (a, b, 3.0 + n % 4, cause)
        for n, ((a, b), cause) in enumerate(zip(edges, fate, strict=False))
        if cause
    ]
    graph.remove_edges_from((a, b) for a, b, _, _ in no)
    graph.graph["apart"] = tuple(draw(st.lists(st.sampled_from(edges), max_size=2))) if edges else ()
    return graph, no


def areas_by_component(graph):
    """A lawful plan: each component of communities to be grouped that suffices and holds no apart pair is one area."""
    nodes = graph.nodes
    free = [c for c in graph if nodes[c]["scope"] == "to_group" and nodes[c]["count"]]
    parts = [sorted(part) for part in nx.connected_components(graph.subgraph(free))]
    whole = [p for p in parts if sum(nodes[c]["count"] for c in p) >= 100]
    whole = [p for p in whole if not any(a in p and b in p for a, b in graph.graph["apart"])]
    return [*whole, *([c] for c in graph if nodes[c]["scope"] == "fixed")]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(towns())
def test_everybody_left_out_has_a_reason_whose_numbers_hold(drawn):
    graph, no = drawn
    groups = areas_by_component(graph)
    plan = plan_of(graph, *groups)
    found = why(graph, *groups, no=no)
    assert set(found) == {c for c, outcome in plan.outcomes.items() if outcome in ("exception", "held")}
    for community, its in found.items():
        assert its
        for reason in its:
            numbers = reason.numbers
            if reason.code == "too_few_within_reach":
                assert numbers["short"] == 100 - numbers["total"] > 0
                assert numbers["total"] == sum(graph.nodes[c]["count"] for c in numbers["community_ids"])
            if "group_ids" in numbers and numbers.get("case") != "several":
                assert community in numbers["group_ids"]
                assert numbers["total"] >= 100
            for waiver in reason.repair.numbers.get("links", ()) if reason.repair else ():
                assert (waiver.a, waiver.b, waiver.gap_m, waiver.cause) in no
            if reason.repair and "links" in reason.repair.numbers:
                mended = nx.Graph(graph)
                mended.add_edges_from((w.a, w.b) for w in reason.repair.numbers["links"])
                group = reason.repair.numbers["group_ids"]
                assert nx.is_connected(mended.subgraph(group))
                assert not any(a in group and b in group for a, b in graph.graph["apart"])


def least_by_trying(graph, no, community):
    """The least (number, summed gap) of refused links with which the community's component reaches the minimum."""
    free = {c for c in graph if graph.nodes[c]["scope"] == "to_group" and graph.nodes[c]["count"]}
    usable = [row for row in no if row[0] in free and row[1] in free]
    for size in range(len(usable) + 1):
        sums = []
        for chosen in combinations(usable, size):
            mended = nx.Graph(graph.subgraph(free))
            mended.add_edges_from((a, b) for a, b, _, _ in chosen)
            if sum(graph.nodes[c]["count"] for c in nx.node_connected_component(mended, community)) >= 100:
                sums.append(sum(row[2] for row in chosen))
        if sums:
            return size, min(sums)
    return None


@settings(derandomize=True, max_examples=100, deadline=None)
@given(towns(hosts=False))
def test_the_smallest_set_of_links_equals_trying_every_set(drawn):
    graph, no = drawn
    graph.graph["apart"] = ()
    found = why(graph, *areas_by_component(graph), no=no)
    for community, its in found.items():
        for reason in its:
            if reason.code in ("no_neighbour", "too_few_within_reach"):
                links = reason.repair.numbers["links"] if reason.repair else None
                least = None if links is None else (len(links), sum(w.gap_m for w in links))
                assert least == least_by_trying(graph, no, community)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(towns(), st.randoms(use_true_random=False))
def test_reasons_do_not_depend_on_the_order_of_rows(drawn, random):
    graph, no = drawn
    nodes, edges, rows = list(graph.nodes(data=True)), list(graph.edges(data=True)), [*no]
    for things in (nodes, edges, rows):
        random.shuffle(things)
    turned = nx.Graph(**graph.graph)
    turned.add_nodes_from(nodes)
    turned.add_edges_from((b, a, link) for a, b, link in edges)
    groups = areas_by_component(graph)
    assert why(turned, *groups, no=[(b, a, g, c) for a, b, g, c in rows]) == why(graph, *groups, no=no)
