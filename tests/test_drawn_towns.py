"""The towns on which the desk's map is measured."""

from benchmarks.drawn_towns import drawn_town, moved
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
