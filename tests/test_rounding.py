"""A lawful plan at once: groups that do not overlap, and everybody else put beside them."""

import random
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from optimizer import rounding
from optimizer.instance import Part
from optimizer.rules import Rules
from tests.towns import only_part, street_grid, town

RULES = Rules()


def labelled(part: Part, *groups: str, center: str | None = None) -> list[str]:
    """The groups that come of these ("ab cd"), in order of their labels."""
    index = {i: k for k, i in enumerate(part.ids)}
    start = np.cumsum([0, *map(len, groups)])
    units = np.array([index[i] for group in groups for i in group], np.int64)
    middle = np.array([index[i] for i in center or [group[0] for group in groups]], np.int64)
    label = rounding.labelled(part.arrays, 100, start, units, middle, np.arange(len(groups)))
    assert (label >= 0).all()
    return ["".join(part.ids[u] for u in np.flatnonzero(label == k)) for k in range(label.max() + 1)]


STREET = only_part(town("a60 b60 c20 d20 e60 f60"), RULES)


def test_groups_are_taken_in_order_as_far_as_they_do_not_overlap():
    assert labelled(STREET, "ab", "bc", "ef")[:2] == ["abc", "def"]
    assert labelled(STREET, "bc", "ab", "ef")[0].startswith("abc")


def test_who_is_left_over_joins_the_group_to_whose_centre_the_walk_is_least():
    assert labelled(STREET, "ab", "ef") == ["abc", "def"]
    part = only_part(town("a60 b60 c20 d60 e60"), RULES)
    assert labelled(part, "ab", "de", center="ad") == ["ab", "cde"]
    assert labelled(part, "ab", "de", center="be") == ["abc", "de"]


def test_left_over_units_that_reach_the_minimum_together_are_a_group_of_their_own():
    assert labelled(STREET, "ab") == ["ab", "cdef"]
    assert labelled(only_part(town("a60 b60 c50 d49"), RULES), "ab") == ["abcd"]
    assert labelled(only_part(town("a60 b60 c50 d50"), RULES), "ab") == ["ab", "cd"]


def test_without_any_group_the_part_is_one():
    assert labelled(STREET) == ["abcdef"]


def test_waves_reach_who_is_far_from_every_group():
    assert labelled(only_part(town("a200 b9 c9 d9 e9"), RULES), "a") == ["abcde"]


def test_a_place_that_is_unknown_is_no_walk():
    graph = town("a60 b60 c20 d60 e60")
    graph.nodes["e"]["x"] = float("nan")
    assert labelled(only_part(graph, RULES), "ab", "de", center="be") == ["ab", "cde"]


@pytest.mark.parametrize("seed", range(20))
def test_any_groups_in_any_order_come_to_connected_groups_that_reach_the_minimum(seed):
    draw = random.Random(seed)  # noqa: S311 - made-up groups
    graph = street_grid(7, seed)
    part = only_part(graph, RULES)
    groups = []
    for first in draw.sample(sorted(graph), 15):
        group = [first]
        while sum(graph.nodes[i]["count"] for i in group) < 100:
            group.append(draw.choice(sorted({v for u in group for v in graph[u]} - {*group})))
        groups.append(sorted(group))
    index = {i: k for k, i in enumerate(part.ids)}
    start = np.cumsum([0, *map(len, groups)])
    units = np.array([index[i] for group in groups for i in group], np.int64)
    order = np.array(draw.sample(range(15), 15), np.int64)
    label = rounding.labelled(part.arrays, 100, start, units, units[start[:-1]], order)
    for k in range(label.max() + 1):
        members = [part.ids[u] for u in np.flatnonzero(label == k)]
        assert nx.is_connected(graph.subgraph(members))
        assert sum(graph.nodes[i]["count"] for i in members) >= 100
    free: set[int] = set(range(part.units))
    for k in order:
        group = set(units[start[k] : start[k + 1]].tolist())
        if group <= free:
            assert len({int(label[u]) for u in group}) == 1
            free -= group
    assert label.min() == 0
    assert all(b - a <= 1 for a, b in pairwise(sorted(label)))
