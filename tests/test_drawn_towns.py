"""The towns on which the desk's map is measured."""

from dataclasses import replace

from benchmarks.drawn_towns import drawn_town, moved
from report.colours import neighbours_of
from report.maps import base_of, map_data


def test_a_town_is_the_same_each_time():
    one, other = drawn_town(60), drawn_town(60)
    assert one.communities.equals(other.communities)
    assert one.areas.equals(other.areas)
    assert (len(one.communities), len(one.areas)) == (60, 23)


def test_a_move_changes_two_areas_and_nothing_else():
    before = drawn_town(60)
    after = moved(before, community=0, area=1)
    changed = [a for a in before.areas.index if before.areas["count"][a] != after.areas["count"][a]]
    assert changed == list(before.areas.index[:2])
    rest = before.areas.index[2:]
    assert before.areas.loc[rest].equals(after.areas.loc[rest])
    assert after.communities["area_id"].iloc[0] == before.areas.index[1]


def test_a_move_leaves_every_layer_of_the_map_but_the_areas():
    before = drawn_town(60)
    base = base_of(before)
    first, second = map_data(before, base=base), map_data(moved(before, community=0, area=1), base=base)
    assert [a.key for a, b in zip(first.layers, second.layers, strict=True) if a != b] == ["areas"]


def test_a_map_made_after_another_is_the_map():
    before = drawn_town(60)
    after = moved(before, community=0, area=1)
    last = map_data(before)
    made = map_data(after, last=last)
    alone = map_data(after, last=replace(last, layers=(), neighbours=neighbours_of(after.areas)))
    assert (made.layers, made.fills) == (alone.layers, alone.fills)


def test_an_outline_that_is_the_same_is_taken_from_the_map_before():
    before = drawn_town(60)
    first = map_data(before)
    second = map_data(moved(before, community=0, area=1), last=first)
    drawn = [
        [feature["geometry"] for layer in data.layers if layer.key == "areas" for feature in layer.features]
        for data in (first, second)
    ]
    assert [a is b for a, b in zip(*drawn, strict=True)] == [False, False, *[True] * 21]


def test_neighbours_measured_after_an_edit_are_those_measured_at_once():
    before = drawn_town(60)
    after = moved(before, community=0, area=1)
    fewer = after.areas.drop(index=after.areas.index[5])
    last = neighbours_of(before.areas)
    for areas in (before.areas, after.areas, fewer):
        assert neighbours_of(areas, last=last) == neighbours_of(areas)
    assert len(neighbours_of(fewer).gaps_m) < len(last.gaps_m)
