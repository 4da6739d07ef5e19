"""The drawings of towns.py give the graphs they promise."""

import pytest

from tests.towns import town


def edges(graph):
    return sorted("".join(sorted(pair)) for pair in graph.edges)


def test_neighbours_in_rows_and_columns_are_linked():
    graph = town("""
        a40 b70
        c30 d20
    """)
    assert edges(graph) == ["ab", "ac", "bd", "cd"]
    assert {n: graph.nodes[n]["count"] for n in graph} == {"a": 40, "b": 70, "c": 30, "d": 20}
    assert (graph.nodes["d"]["x"], graph.nodes["d"]["y"]) == (50.0, -50.0)
    assert graph.nodes["a"]["scope"] == "to_group"
    assert graph.nodes["a"]["lock"] is None
    assert graph.edges["a", "b"] == {"gap_m": 50.0, "crosses": (), "wall_m": 0.0, "kind": "found"}


def test_bars_and_double_lines_cut_links():
    graph = town("""
        a40 b70 | c30
        ===
        d20 e?  . f500
    """)
    assert edges(graph) == ["ab", "be", "de"]
    assert graph.nodes["e"]["count"] is None
    assert graph.nodes["f"]["x"] == 150.0


def test_an_empty_place_links_nobody():
    assert edges(town("a40 . b70")) == []


def test_links_cuts_and_dress():
    graph = town(
        "a40 b70 . c30",
        links=[("b", "c")],
        cut=[("a", "b")],
        crosses={("b", "c"): ("river",)},
        walls={("b", "c"): 12.0},
        scope={"a": "fixed"},
        lock={"b": "PMA-007"},
        together=[("a", "b")],
        apart=[("a", "c")],
        committee={"a": "甲"},
    )
    assert edges(graph) == ["bc"]
    assert graph.edges["b", "c"] == {"gap_m": 100.0, "crosses": ("river",), "wall_m": 12.0, "kind": "given"}
    assert graph.nodes["a"]["scope"] == "fixed"
    assert graph.nodes["b"]["lock"] == "PMA-007"
    assert [graph.nodes[n]["committee"] for n in "abc"] == ["甲", "", ""]
    assert graph.graph == {"together": (("a", "b"),), "apart": (("a", "c"),)}


@pytest.mark.parametrize(
    ("drawing", "options", "message"),
    [
        ("a40 40b", {}, "not a community: '40b'"),
        ("a40 a50", {}, "drawn twice: 'a'"),
        ("a40 b50", {"scope": {"z": "fixed"}}, r"scope: not in the drawing: \['z'\]"),
        ("a40 . b50", {"cut": [("a", "b")]}, r"no such link to cut: \[\('a', 'b'\)\]"),
    ],
)
def test_a_wrong_drawing_is_refused(drawing, options, message):
    with pytest.raises(ValueError, match=message):
        town(drawing, **options)
