"""Subset rows, against counting every triple of units."""

import random
from itertools import combinations, pairwise

import numpy as np
import pytest

from optimizer import cutting
from optimizer.covering import Groups

UNITS = 9


def drawn(seed: int) -> tuple[list[tuple[int, ...]], np.ndarray]:
    """Groups of up to five units, each taken so far that no unit is taken more than once in all."""
    draw = random.Random(seed)  # noqa: S311 - made-up groups
    groups = [
        tuple(sorted(draw.sample(range(UNITS), draw.randint(1, 5)))) for _ in range(draw.randint(1, 16))
    ]
    share = np.array([draw.random() for _ in groups])
    load = max(sum(s for s, group in zip(share, groups, strict=True) if u in group) for u in range(UNITS))
    return groups, share / load


def flat(groups: list[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    return np.cumsum([0, *map(len, groups)]), np.array([u for group in groups for u in group], np.int64)


@pytest.mark.parametrize("seed", range(60))
def test_broken_rows_are_all_triples_of_which_groups_hold_two_too_often(seed):
    groups, taken = drawn(seed)
    triples, broken = cutting.broken_rows(UNITS, *flat(groups), taken)
    sums = {
        triple: sum(t for t, group in zip(taken, groups, strict=True) if len({*triple} & {*group}) >= 2)
        for triple in combinations(range(UNITS), 3)
    }
    expected = {triple: total - 1 for triple, total in sums.items() if total > 1 + cutting.BROKEN}
    assert dict(zip(map(tuple, triples.tolist()), broken.tolist(), strict=True)) == pytest.approx(expected)


def test_some_of_these_rows_are_broken():
    assert sum(len(cutting.broken_rows(UNITS, *flat(drawn(s)[0]), drawn(s)[1])[1]) for s in range(60)) > 20


def test_more_rows_than_there_is_room_for_at_first_are_all_told():
    """Of 25 units every two are a group, each taken to two fifths: any three units are held two by two for six fifths."""
    pairs = list(combinations(range(25), 2))
    count = len(list(combinations(range(25), 3)))
    taken = np.full(len(pairs), 0.4)
    triples, broken = cutting.broken_rows(25, *flat(pairs), taken)
    assert len(triples) == count > 1024
    assert broken == pytest.approx(np.full(count, 3 * 0.4 - 1))


@pytest.mark.parametrize("seed", range(20))
def test_holding_two_names_each_group_with_each_row_it_holds_two_of(seed):
    draw = random.Random(seed)  # noqa: S311 - made-up rows
    groups, _ = drawn(seed)
    rows = [tuple(sorted(draw.sample(range(UNITS), 3))) for _ in range(12)]
    start, units = flat(groups)
    some = Groups(start, units, np.zeros(len(groups)), np.zeros(len(groups), np.int64))
    found = cutting.holding_two(UNITS, some, np.array(rows))
    expected = [
        (k, r) for k, group in enumerate(groups) for r, row in enumerate(rows) if len({*row} & {*group}) >= 2
    ]
    assert sorted(zip(*(a.tolist() for a in found), strict=True)) == expected


def test_holders_are_the_groups_of_each_unit():
    start, holder = cutting.holders_of(4, *flat([(0, 2), (2,), (0, 1, 2)]))
    assert [holder[a:b].tolist() for a, b in pairwise(start)] == [[0, 2], [2], [0, 1, 2], []]
