"""Blocks: what the communities of a plan are to one another when somebody asks why."""

import networkx as nx
import pandas as pd
import pytest

from optimizer.blocks import RULES_THAT_GIVE, Blocks, Waiver, waivers_of
from optimizer.plan import lock
from optimizer.rules import Rules
from tests.test_checks import plan_of
from tests.towns import town

RULES = Rules()
PRICED = Rules(exception_price=1.0)  # exceptions stand one by one


def blocks_of(
    graph: nx.Graph, *groups: str, rules: Rules = RULES, missing: tuple[Waiver, ...] = ()
) -> Blocks:
    return Blocks(plan_of(graph, *groups), graph, rules, missing)


def kinds(blocks: Blocks) -> list[tuple[str, str]]:
    return [("".join(block.members), block.kind) for block in blocks.blocks]


def gathered(blocks: Blocks, start: str, *, opened: str = "") -> str:
    also = {blocks.block_of[m] for m in opened}
    return "".join(blocks.members(blocks.gather(blocks.block_of[start], opened=also)))


def test_every_community_is_in_one_block_in_order_of_ids():
    graph = town(
        "k300 | h50 | g150 | f? | d30 e30 | c100 | a60 b60 | x40",
        scope={"h": "host", "k": "fixed", "x": "excluded"},
    )
    assert kinds(blocks_of(graph, "ab", "c", "g", "h", "k")) == [
        ("ab", "area"),
        ("c", "area"),
        ("de", "exception"),
        ("f", "held"),
        ("g", "area"),
        ("h", "host"),
        ("k", "fixed"),
        ("x", "excluded"),
    ]


# --- exceptions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawing", "rules", "apart", "expected"),
    [
        ("d30 e30", RULES, [], ["de"]),
        ("d30 e30", RULES, [("d", "e")], ["d", "e"]),
        ("d30 e30 | f200", RULES, [("e", "f")], ["de"]),
        ("d30 e30", PRICED, [], ["d", "e"]),
        ("d30 e30", Rules(upper_hard=True), [], ["d", "e"]),
        ("d60 e39", RULES, [], ["de"]),
        ("d60 e40", RULES, [], ["d", "e"]),
    ],
    ids=["linked", "apart", "apart from others", "price", "hard upper", "below", "exactly the minimum"],
)
def test_linked_exceptions_are_one_block_unless_they_could_not_or_need_not_be(
    drawing, rules, apart, expected
):
    graph = town(drawing, apart=apart)
    blocks = blocks_of(graph, *(["f"] if "f" in graph else []), rules=rules)
    assert ["".join(b.members) for b in blocks.blocks if b.kind == "exception"] == expected


def test_a_host_alone_goes_with_the_exception_it_is_tied_to_and_hangs_together_with_its_neighbours():
    graph = town("h20 | a30 b30", scope={"h": "host"}, together=[("a", "h")])
    assert kinds(blocks_of(graph, "h")) == [("abh", "exception")]


def test_exceptions_with_two_hosts_are_no_one_block():
    graph = town("h20 | a20 b30 | k20", scope={"h": "host", "k": "host"}, together=[("a", "h"), ("b", "k")])
    assert kinds(blocks_of(graph, "h", "k")) == [("ah", "exception"), ("bk", "exception")]


def test_a_tied_one_that_is_no_host_alone_stays_where_it_is():
    graph = town("a20 | h60 b60", scope={"h": "host"}, together=[("a", "h")])
    assert kinds(blocks_of(graph, "bh")) == [("a", "exception"), ("bh", "area")]
    graph = town("a20 | c150", together=[("a", "c")])
    assert kinds(blocks_of(graph, "c")) == [("a", "exception"), ("c", "area")]


# --- what a group may take ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "usable"),
    [
        ({}, True),
        ({"scope": {"b": "host"}}, True),
        ({"scope": {"a": "host", "b": "host"}}, True),
        ({"scope": {"b": "fixed"}}, False),
        ({"scope": {"b": "excluded"}}, False),
        ({"cut": [("a", "b")]}, False),
    ],
    ids=["plain", "a host", "hosts", "a fixed one", "an excluded one", "in pieces"],
)
def test_a_locked_block_is_usable_where_nothing_but_the_lock_is_in_the_way(options, usable):
    graph = town("a60 b60", lock={"a": "PMA-009", "b": "PMA-009"}, **options)
    (block,) = blocks_of(graph, "ab").blocks
    assert (block.kind, block.usable) == ("locked", usable)


def test_a_block_of_which_one_count_is_unknown_is_not_usable():
    graph = town("a60 b?", lock={"a": "PMA-009", "b": "PMA-009"})
    assert [block.usable for block in blocks_of(graph, "ab").blocks] == [False]


def test_a_locked_area_of_the_plan_is_locked():
    graph = town("a60 b60")
    plan = lock(plan_of(graph, "ab"), ["PMA-001"])
    assert [block.kind for block in Blocks(plan, graph, RULES, ()).blocks] == ["locked"]


def test_exactly_the_minimum_is_large_and_hosts_are_not():
    graph = town("a100 | b99 | h200", scope={"h": "host"})
    large = [(block.large, block.hosts) for block in blocks_of(graph, "a", "h").blocks]
    assert large == [(1, 0), (0, 0), (0, 1)]


def test_what_is_fixed_could_be_a_host_and_what_is_unknown_is_not_large():
    blocks = blocks_of(town("k200 | h?", scope={"k": "fixed"}), "k", rules=Rules(minimum=1))
    assert [(block.kind, block.large, block.hosts) for block in blocks.blocks] == [
        ("held", 0, 0),
        ("fixed", 0, 1),
    ]


def test_blocks_are_gathered_until_they_reach_exactly_the_minimum():
    assert gathered(blocks_of(town("a60 b40 c10"), rules=PRICED), "a") == "ab"
    assert gathered(blocks_of(town("a60 b39 c10"), rules=PRICED), "a") == "abc"


def test_exceptions_are_gathered_before_areas_and_the_opened_before_both():
    graph = town("b150 a30 d80\n. h? .")
    blocks = blocks_of(graph, "b", rules=PRICED)
    assert gathered(blocks, "a") == "ad"
    assert gathered(blocks, "a", opened="h") == "adh"
    assert gathered(blocks, "d", opened="h") == "ad"
    locked = town("b80 a30 l80", lock={"l": "PMA-009"})
    assert gathered(blocks_of(locked, "l", rules=PRICED), "a") == "ab"
    assert gathered(blocks_of(locked, "l", rules=PRICED), "a", opened="l") == "al"


def test_what_hangs_together_ends_at_a_held_or_fixed_one():
    graph = town("a30 h? b30 | c30 f200 d30 | e30", scope={"f": "fixed"})
    blocks = blocks_of(graph, "f")
    for alone in "abcde":
        assert blocks.members(blocks.around(blocks.block_of[alone])) == (alone,)
    held = blocks.block_of["h"]
    assert blocks.around(held) == {held}


def test_blocks_of_a_kind_are_those_and_no_others():
    blocks = blocks_of(town("a150 b30 | h? | c150"), "a", "c")
    everything = range(len(blocks.blocks))
    assert [blocks.members([n]) for n in blocks.kinds(everything, "area")] == [("a",), ("c",)]
    assert blocks.kinds([blocks.block_of["b"]], "area") == []
    assert blocks.kinds([*everything][::-1], "area") == blocks.kinds(everything, "area")


def test_members_of_blocks_are_sorted_whatever_block_they_are_in():
    blocks = blocks_of(town("a30 d40 | b60 c60"), "bc")
    assert blocks.members(range(len(blocks.blocks))) == ("a", "b", "c", "d")


def test_what_a_rule_keeps_apart_is_not_gathered():
    assert gathered(blocks_of(town("a60 b60 c60", apart=[("a", "b")])), "a") == "a"


def test_areas_and_hosts_are_on_the_way():
    blocks = blocks_of(town("a30 c150"), "c")
    assert blocks.smallest_change(blocks.block_of["a"]).members == ("a", "c")
    blocks = blocks_of(town("a30 h80", scope={"h": "host"}), "h")
    assert blocks.smallest_change(blocks.block_of["a"]).members == ("a", "h")


def test_every_rule_that_may_give_is_a_fault_by_that_name():
    graph = town("a20 h100 c160", scope={"h": "host"}, apart=[("h", "c")])
    blocks = blocks_of(graph, "h", "c", rules=Rules(upper=250, upper_hard=True))
    assert set(blocks.faults(frozenset({blocks.block_of["h"]}), blocks.block_of["c"])) == {*RULES_THAT_GIVE}


def test_faults_are_counted():
    graph = town("a20 h60 k60 c160 d160", scope={"h": "host", "k": "host"}, apart=[("a", "c"), ("d", "a")])
    blocks = blocks_of(graph, "h", "k", "c", "d")
    number = blocks.block_of
    assert blocks.faults(frozenset({number["a"]}), number["h"]) == {}
    assert blocks.faults(frozenset({number["h"]}), number["c"]) == {"host": 1}
    assert blocks.faults(frozenset({number["h"], number["c"]}), number["d"]) == {"host": 2}
    assert blocks.faults(frozenset({number["h"], number["c"]}), number["k"]) == {"host": 2}
    assert blocks.faults(frozenset({number["c"], number["d"]}), number["a"]) == {"apart": 2}


def test_a_hard_upper_size_is_no_fault_of_one_community():
    graph = town("a600 b30")
    blocks = blocks_of(graph, "a", rules=Rules(upper_hard=True))
    assert blocks.faults(frozenset(), blocks.block_of["a"]) == {}
    assert blocks.faults(frozenset({blocks.block_of["b"]}), blocks.block_of["a"]) == {"upper": 1}
    full = blocks_of(town("a470 b30"), "a", rules=Rules(upper_hard=True))
    assert full.faults(frozenset({full.block_of["b"]}), full.block_of["a"]) == {}


# --- the smallest change -----------------------------------------------------------------------------


def test_of_changes_the_fewest_links_come_first_then_the_least_gap():
    graph = town("a40 | b30 | c60 | d30 | e30")
    missing = (
        Waiver("a", "b", 1.0, "reach"),
        Waiver("a", "d", 1.0, "reach"),
        Waiver("b", "e", 1.0, "reach"),
        Waiver("a", "c", 90.0, "reach"),
    )
    blocks = blocks_of(graph, missing=missing)
    change = blocks.smallest_change(blocks.block_of["a"], causes=None)
    assert (change.members, change.waivers) == (("a", "c"), (missing[3],))
    blocks = blocks_of(graph, missing=missing[:3])
    change = blocks.smallest_change(blocks.block_of["a"], causes=None)
    assert (change.members, change.waivers) == (("a", "b", "d"), missing[:2])
    assert blocks.smallest_change(blocks.block_of["a"], causes=["wall"]) is None


def test_a_link_beyond_the_reach_is_used_only_where_any_link_is():
    graph = town("a40 | b60")
    far = Waiver("a", "b", 400.0, "reach", beyond=True)
    blocks = blocks_of(graph, missing=(far,))
    assert blocks.smallest_change(blocks.block_of["a"], causes=["reach"]) is None
    assert blocks.smallest_change(blocks.block_of["a"], causes=None).waivers == (far,)
    assert not Waiver("a", "b", 1.0, "reach").beyond


def test_a_set_met_again_is_passed_over_not_the_end():
    """All sets of a b c come first, and a b c from two sides; only then the missing link to d."""
    far = Waiver("a", "d", 9.0, "reach")
    blocks = blocks_of(town("a10 b10\nc10 . | d80"), rules=PRICED, missing=(far,))
    change = blocks.smallest_change(blocks.block_of["a"], causes=None)
    assert (change.members, change.waivers) == (("a", "b", "c", "d"), (far,))


def test_of_changes_the_fewest_broken_rules_come_first():
    """b and then c would break two pairs, d only one; by ids b comes before d."""
    graph = town("d60 a40 b30 c30", apart=[("a", "b"), ("a", "c"), ("a", "d")])
    blocks = blocks_of(graph, rules=PRICED)
    assert blocks.smallest_change(blocks.block_of["a"]) is None
    assert blocks.smallest_change(blocks.block_of["a"], giving=("apart",)).members == ("a", "d")


def test_of_one_link_each_the_least_gap_comes_first():
    missing = (Waiver("a", "b", 9.0, "reach"), Waiver("a", "c", 5.0, "reach"))
    blocks = blocks_of(town("a40 | b60 | c60"), missing=missing)
    assert blocks.smallest_change(blocks.block_of["a"], causes=None).waivers == (missing[1],)


def test_of_equal_changes_the_first_by_ids_wins_beyond_eight_blocks_too():
    """Sets of small numbers hide it: 8 comes before 1 in a set, 9 after it."""
    graph = town("a1 | b60 | c1 | d1 | e1 | f1 | g1 | h1 | i40 | j40", links=[("b", "j"), ("b", "i")])
    blocks = blocks_of(graph, rules=PRICED)
    assert blocks.smallest_change(blocks.block_of["b"]).members == ("b", "i")


def test_a_hard_upper_size_may_give():
    graph, rules = town("a60 b90"), Rules(upper=120, upper_hard=True)
    blocks = blocks_of(graph, rules=rules)
    start = blocks.block_of["a"]
    assert blocks.smallest_change(start) is None
    assert blocks.smallest_change(start, giving=("apart", "host")) is None
    assert blocks.smallest_change(start, giving=("upper",)).members == ("a", "b")


# --- missing links -----------------------------------------------------------------------------------


def test_missing_links_are_read_in_order_of_ids_with_their_cause():
    refused = pd.DataFrame([("b", "a", 3, "within:committee")], columns=["a", "b", "gap_m", "cause"])
    assert waivers_of(refused) == [Waiver("a", "b", 3.0, "within:committee")]
    assert not waivers_of(refused)[0].beyond
    far = waivers_of(refused[["a", "b", "gap_m"]], beyond=True)
    assert far == [Waiver("a", "b", 3.0, "reach")]
    assert far[0].beyond
