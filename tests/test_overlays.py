"""Outlines of areas, and shares of communities in layers."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.spatial
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from geo.barriers import Barriers
from geo.neighbours import Reach
from geo.overlays import (
    Drawn,
    area_outlines,
    assign,
    grounds_of,
    household_parts,
    household_shares,
    shares,
    whole_parts,
)
from geo.schema import DataError

CRS = "EPSG:4544"
REACH = Reach(outline_m=30, point_m=150)


def town(shapes: dict[str, object]) -> gpd.GeoDataFrame:
    index = pd.Index(list(shapes), name="community_id", dtype="str")
    return gpd.GeoDataFrame({"name": ""}, index=index, geometry=list(shapes.values()), crs=CRS)


def road(line: object) -> Barriers:
    columns = {"barrier_class": ["主干路"], "never": [True], "wall": [False]}
    features = gpd.GeoDataFrame(columns, geometry=[line], crs=CRS)
    return Barriers(features, gpd.GeoDataFrame({"kind": [], "barrier_class": []}, geometry=[], crs=CRS))


def outlines(shapes: dict[str, object], areas: dict[str, str], barriers: Barriers | None = None) -> pd.Series:
    grounds = grounds_of(town(shapes), reach=REACH, barriers=barriers)
    made = area_outlines(grounds, pd.Series(areas, dtype="str"))
    assert (made.index.name, made.crs) == ("area_id", town(shapes).crs)
    return made


def total_overlap_m2(made: pd.Series) -> float:
    return made.area.sum() - shapely.union_all(made.array).area


# --- outlines --------------------------------------------------------------------------------------


def test_an_outline_joins_its_members_and_half_the_reach_around():
    shapes = {"a": box(0, 0, 40, 40), "b": box(60, 0, 100, 40)}
    (one,) = outlines(shapes, {"a": "P1", "b": "P1"})
    assert len(one.geoms) == 1
    assert one.bounds == pytest.approx((-15, -15, 115, 55), abs=0.1)
    assert shapely.covers(one.buffer(1e-6), shapely.union_all(list(shapes.values())))


def test_areas_meet_in_the_middle_and_stay_off_other_communities():
    shapes = {"a": box(0, 0, 40, 40), "b": box(50, 0, 90, 40), "c": box(100, 0, 140, 40)}
    made = outlines(shapes, {"a": "P1", "c": "P2"})
    assert made.index.tolist() == ["P1", "P2"]
    assert made["P1"].bounds[2] == pytest.approx(45, abs=1)
    assert shapely.area(shapely.intersection(made.array, shapes["b"])).max() == pytest.approx(0)


def test_outlines_end_at_a_road():
    shapes = {"a": box(0, 0, 40, 40), "b": box(60, 0, 100, 40)}
    made = outlines(shapes, {"a": "P1", "b": "P2"}, road(LineString([(43, -99), (43, 99)])))
    assert made["P1"].bounds[2] == pytest.approx(42.75)
    assert made["P2"].bounds[0] == pytest.approx(50, abs=1)


def test_points_get_half_the_reach_too():
    made = outlines(
        {"a": Point(0, 0), "b": Point(100, 0), "c": Point(1000, 0)}, {"a": "P1", "b": "P2", "c": "P3"}
    )
    assert made["P1"].bounds == pytest.approx((-75, -75, 50, 75), abs=0.5)
    assert made["P3"].area == pytest.approx(np.pi * 75**2, rel=0.01)


def test_cells_of_one_area_leave_no_seam():
    spots = np.random.default_rng(3).uniform(0, 1_500, (200, 2)) + np.array([441_000, 3_287_000])
    nearest = scipy.spatial.KDTree(spots).query(spots, k=2)[1][:, 1]
    pairs = [(i, j) for i, j in enumerate(nearest) if nearest[j] == i and i < j]
    shapes = {f"c{k:03d}": Point(*spot) for k, spot in enumerate(spots)}
    made = outlines(shapes, {f"c{k:03d}": f"P{pair[0]}" for pair in pairs for k in pair})
    assert len(pairs) > 50
    assert made.map(lambda outline: len(outline.geoms)).max() == 1


def test_stacked_points_of_two_areas_each_get_a_slice():
    made = outlines({"a": Point(0, 0), "b": Point(0, 0)}, {"a": "P1", "b": "P2"})
    assert made.area.to_numpy() == pytest.approx([np.pi * 75**2 / 2] * 2, rel=0.05)
    assert total_overlap_m2(made) == pytest.approx(0, abs=1e-3)


def test_ground_that_two_outlines_claim_goes_to_the_smaller():
    shapes = {"a": box(0, 0, 100, 100), "b": box(90, 40, 120, 60), "c": box(10, 10, 20, 20)}
    made = outlines(shapes, {"a": "P1", "b": "P2", "c": "P3"})
    assert total_overlap_m2(made) == pytest.approx(0, abs=1e-3)
    assert shapely.covers(made["P2"].buffer(1e-6), shapes["b"])
    assert shapely.covers(made["P3"].buffer(1e-6), shapes["c"])


def test_a_point_on_the_road_keeps_one_side_and_one_in_the_river_none():
    middle = road(LineString([(0, -99), (0, 99)]))
    assert outlines({"a": Point(0, 0)}, {"a": "P1"}, middle)["P1"].area == pytest.approx(
        np.pi * 75**2 / 2, rel=0.02
    )
    assert outlines({"a": Point(0, 0)}, {"a": "P1"}, road(box(-99, -99, 99, 99)))["P1"] is None


def test_areas_without_a_place_have_no_outline():
    made = outlines({"a": Point(0, 0), "b": None}, {"a": "P1", "b": "P2"})
    assert made["P2"] is None
    assert outlines({}, {}).empty
    assert outlines({"a": Point(0, 0)}, {}).empty


block = st.tuples(
    st.integers(0, 20), st.integers(0, 20), st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)
)


@given(st.lists(block, min_size=1, max_size=9), st.integers(0, 200))
@settings(max_examples=25, deadline=None)
def test_outlines_of_one_plan_never_overlap(blocks, road_x):
    """Blocks and points anywhere, overlapping or stacked, in up to three areas or none, with a road through them."""
    shapes, areas = {}, {}
    for number, (x, y, wide, high, area) in enumerate(blocks):
        corner = (10 * x, 10 * y)
        shapes[f"{number}"] = (
            Point(corner) if wide * high == 0 else box(*corner, 10 * (x + wide), 10 * (y + high))
        )
        if area:
            areas[f"{number}"] = f"P{area}"
    made = outlines(shapes, areas, road(LineString([(road_x, -500), (road_x, 500)])))
    present = made[~shapely.is_missing(made.array)]
    assert present.is_valid.all()
    assert total_overlap_m2(present) == pytest.approx(0, abs=1e-2)
    others = [g for k, g in shapes.items() if k not in areas and g.area > 0]
    mine = shapely.union_all([g for k, g in shapes.items() if k in areas])
    stray = shapely.union_all(others).difference(mine.buffer(1e-6))
    assert shapely.area(shapely.intersection(present.array, stray)).sum() == pytest.approx(0, abs=1e-2)


marks = st.lists(st.sampled_from(["", "P1", "P2", "P3", "P4"]), min_size=9, max_size=9)


@given(st.lists(block, min_size=1, max_size=9), marks, marks)
@settings(max_examples=40, deadline=None)
def test_outlines_drawn_again_are_those_drawn_at_once(blocks, before, after):
    """Whatever moved between areas, areas came or went: what was kept of the outlines before is what would be drawn."""
    places = [((10 * x, 10 * y), wide, high) for x, y, wide, high, _ in blocks]
    shapes = {
        f"{k}": Point(at) if wide * high == 0 else box(*at, at[0] + 10 * wide, at[1] + 10 * high)
        for k, (at, wide, high) in enumerate(places)
    }
    grounds = grounds_of(town(shapes), reach=REACH, barriers=None)
    was, now = (
        pd.Series({f"{k}": area for k, area in enumerate(areas) if area and k < len(blocks)}, dtype="str")
        for areas in (before, after)
    )
    kept = area_outlines(grounds, now, drawn=Drawn(was, area_outlines(grounds, was)))
    anew = area_outlines(grounds, now)
    assert kept.index.equals(anew.index)
    assert (kept.geom_equals_exact(anew, 0) | (kept.isna() & anew.isna())).all()


@pytest.mark.parametrize("seed", range(3))
def test_seams_are_cut_as_they_would_be_at_once(seed):
    """Cells of scattered points meet only to the last digit: whoever comes first keeps the sliver, also later on."""
    chance = np.random.default_rng(seed)
    spots = chance.uniform(0, 900, (120, 2)) + np.array([441_000, 3_287_000])
    ids = [f"c{k:03d}" for k in range(len(spots))]
    grounds = grounds_of(town(dict(zip(ids, map(Point, spots), strict=True))), reach=REACH, barriers=None)
    now = pd.Series([f"P{k % 40:02d}" for k in range(len(ids))], index=ids, dtype="str")
    kept = area_outlines(grounds, now)
    for _ in range(4):
        was = now
        some = chance.choice(ids, 3, replace=False)
        now = now.mask(now.index.isin(some[1:]), f"P{chance.integers(40):02d}").drop(some[0], errors="ignore")
        kept = area_outlines(grounds, now, drawn=Drawn(was, kept))
        assert kept.geom_equals_exact(area_outlines(grounds, now), 0).all()


def test_an_outline_far_from_a_change_is_not_drawn_again():
    shapes = {"a": box(0, 0, 40, 40), "b": box(50, 0, 90, 40), "c": box(900, 0, 940, 40)}
    grounds = grounds_of(town(shapes), reach=REACH, barriers=None)
    was = pd.Series({"a": "P1", "c": "P2"}, dtype="str")
    marked = area_outlines(grounds, was)
    marked["P2"] = Point(900, 0)
    kept = area_outlines(
        grounds, pd.Series({"a": "P1", "b": "P1", "c": "P2"}, dtype="str"), drawn=Drawn(was, marked)
    )
    assert kept["P2"] == Point(900, 0)
    assert kept["P1"].bounds == pytest.approx((-15, -15, 105, 55), abs=0.1)


# --- shares ----------------------------------------------------------------------------------------


@pytest.fixture
def grids() -> gpd.GeoDataFrame:
    """g1 | g2, each 50 m wide; g2 in two rows."""
    shapes = [box(50, 0, 100, 50), box(0, 0, 50, 100), box(50, 50, 100, 100)]
    return gpd.GeoDataFrame({"网格": ["g2", "g1", "g2"]}, geometry=shapes, crs=CRS)


@pytest.fixture
def communities() -> gpd.GeoDataFrame:
    return town(
        {
            "whole": box(0, 0, 10, 10),
            "split": box(40, 0, 80, 10),
            "half out": box(90, 0, 110, 10),
            "point": Point(70, 50),  # on the line between two rows of g2
            "edge": Point(50, 20),  # on the line between g1 and g2
            "out": Point(500, 500),
            "nowhere": None,
        }
    )


def test_shares_by_area_containment_and_outside(communities, grids):
    table = shares(communities, grids, id_column="网格")
    assert table.to_numpy().tolist() == [
        ["edge", "g1", 1.0],
        ["half out", "", 0.5],
        ["half out", "g2", 0.5],
        ["nowhere", "", 0.0],
        ["out", "", 1.0],
        ["point", "g2", 1.0],
        ["split", "g1", 0.25],
        ["split", "g2", 0.75],
        ["whole", "g1", 1.0],
    ]


def test_assign_takes_the_main_value_and_keeps_the_order(communities, grids):
    assert assign(communities, grids, column="网格").to_dict() == {
        "whole": "g1", "split": "g2", "half out": "g2", "point": "g2", "edge": "g1", "out": "", "nowhere": "",
    }  # fmt: skip
    assert assign(communities.iloc[:0], grids, column="网格").empty


def test_an_invalid_or_empty_layer_is_no_obstacle(communities):
    bow_tie = shapely.Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
    layer = gpd.GeoDataFrame({"网格": ["g"]}, geometry=[bow_tie], crs=CRS)
    assert assign(communities, layer, column="网格")["whole"] == "g"
    assert assign(communities, layer.iloc[:0], column="网格").eq("").all()


def test_a_missing_column_is_named(communities, grids):
    with pytest.raises(DataError, match=r"^叠加图层中没有列“编号”。请核对列名，可用的列有：网格。$"):
        shares(communities, grids, id_column="编号")


def test_households_of_communities_in_grids_keep_their_sum(communities, grids):
    counts = pd.Series(
        {"whole": 10, "split": 101, "half out": 7, "nowhere": 5, "point": pd.NA, "edge": 0}, dtype="Int64"
    )
    table = household_parts(counts, shares(communities, grids, id_column="网格"))
    assert table.to_numpy().tolist() == [
        ["half out", "", 4],
        ["half out", "g2", 3],
        ["nowhere", "", 5],
        ["split", "g1", 25],
        ["split", "g2", 76],
        ["whole", "g1", 10],
    ]


def test_buildings_with_counts_split_better_than_area(communities, grids):
    buildings = gpd.GeoDataFrame(
        {"community_id": ["split", "split", "split", "gone"], "count": pd.array([30, 10, None, 9], dtype="Int64")},
        geometry=[box(41, 0, 45, 5), box(60, 0, 70, 5), box(70, 0, 80, 5), Point(1, 1)], crs=CRS,
    )  # fmt: skip
    table = household_shares(communities, grids, buildings, id_column="网格").set_index(
        ["community_id", "layer_id"]
    )["share"]
    assert table["split"].to_dict() == {"g1": 0.75, "g2": 0.25}
    assert table["half out"].to_dict() == {"": 0.5, "g2": 0.5}


@given(st.integers(0, 5000), st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_whole_parts_sum_to_the_total_and_stay_within_one(total, weights):
    parts = whole_parts(total, np.array(weights))
    assert parts.sum() == total
    weight = np.array(weights) if sum(weights) > 0 else np.ones(len(weights))
    assert np.abs(parts - total * weight / weight.sum()).max() < 1 + 1e-6
    assert (parts >= 0).all()


def test_whole_parts_give_the_odd_one_to_the_first():
    assert whole_parts(3, np.array([1.0, 1.0])).tolist() == [2, 1]
    assert whole_parts(5, np.array([0.0, 0.0])).tolist() == [3, 2]
