"""Voronoi cells of outlines and points."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, box

from geo.cells import cells, clipped, dissolved, mesh, nearest_m, ridges, spacing_m, strips


def array(*shapes: object) -> np.ndarray:
    return np.array([*shapes, None], dtype=object)[:-1]


def net_of(shapes: np.ndarray, margin_m: float = 100.0):
    return mesh(shapes, spacing_m(shapes, nearest_m(shapes)), margin_m=margin_m)


@pytest.fixture
def grid() -> np.ndarray:
    """Nine points, 100 m apart."""
    return shapely.points([(x, y) for y in (0, 100, 200) for x in (0, 100, 200)])


def test_ridges_of_a_grid_of_points_are_its_twelve_sides(grid):
    pieces = ridges(net_of(grid))
    long = pieces.take(pieces.lengths() > 1e-6)
    assert sorted(zip(long.a.tolist(), long.b.tolist(), strict=True)) == [
        (0, 1), (0, 3), (1, 2), (1, 4), (2, 5), (3, 4), (3, 6), (4, 5), (4, 7), (5, 8), (6, 7), (7, 8),
    ]  # fmt: skip
    inner = long.take((long.a == 3) & (long.b == 4))
    assert inner.lengths() == pytest.approx([100])
    assert (inner.p.tolist(), inner.q.tolist()) == ([[0, 100]], [[100, 100]])


def test_ridges_are_clipped_to_the_reach():
    pieces = ridges(net_of(shapely.points([(0, 0), (60, 0)])))
    cut = clipped(pieces, np.full(len(pieces.a), 50.0))
    assert cut.lengths() == pytest.approx([80])  # 30-40-50
    assert len(clipped(pieces, np.full(len(pieces.a), 30.0)).a) == 0
    assert len(clipped(pieces, np.full(len(pieces.a), 29.0)).a) == 0


def test_cells_of_outlines_share_the_middle_line():
    shapes = array(box(0, 0, 40, 40), box(60, 0, 100, 40))
    left, _ = cells(net_of(shapes), 2)
    border = shapely.intersection(left, box(-50, 1, 150, 39)).bounds[2]
    assert border == pytest.approx(50, abs=0.5)


def test_outlines_with_a_common_side_keep_their_own_ground():
    shapes = array(box(0, 0, 40, 40), box(40, 0, 80, 40))
    made = cells(net_of(shapes), 2)
    assert shapely.area(shapely.intersection(made, shapes)) == pytest.approx([1600, 1600], abs=1)


def test_cells_cover_everything_once(grid):
    made = cells(net_of(grid), 9)
    assert shapely.is_valid(made).all()
    assert shapely.area(made).sum() == pytest.approx(shapely.area(shapely.union_all(made)))
    assert shapely.area(made[4]) == pytest.approx(10_000)


@pytest.mark.parametrize(
    "shapes",
    [
        array(),
        array(Point(5, 5)),
        array(Point(0, 0), Point(1, 0)),
        array(Point(0, 0), Point(1, 1), Point(2, 2), Point(9, 9)),
        array(box(0, 0, 1, 1), box(1, 0, 2, 1), box(0.5, 0.5, 3, 3)),
        array(box(0, 0, 90, 90).difference(box(20, 20, 70, 70)), box(30, 30, 60, 60), Point(25, 25)),
        array(MultiPolygon([box(0, 0, 1, 1), box(50, 0, 51, 1)]), box(20, 0, 30, 1)),
        array(box(3_400_000, 35_600_000, 3_400_040, 35_600_040), Point(3_400_100, 35_600_000)),
    ],
    ids=["none", "one", "two", "in a line", "overlapping", "courtyard", "parts", "large eastings"],
)
def test_every_shape_gets_a_valid_cell_that_holds_a_part_of_it(shapes):
    made = cells(net_of(shapes), len(shapes))
    assert len(made) == len(shapes)
    assert shapely.is_valid(made).all()
    assert shapely.intersects(made, shapes).all()


@given(
    st.lists(st.tuples(*[st.integers(0, 60)] * 2), min_size=1, max_size=12, unique=True), st.integers(1, 4)
)
@settings(max_examples=40, deadline=None)
def test_cells_never_overlap_and_hold_their_own_block(corners, size):
    """Blocks on a grid of 5 m: apart, or touching along sides and corners."""
    shapes = shapely.box(*(5.0 * np.array(corners)).T, *(5.0 * np.array(corners) + size + 1).T)
    made = cells(net_of(shapes), len(shapes))
    assert shapely.area(made).sum() == pytest.approx(shapely.area(shapely.union_all(made)), abs=1e-3)
    held = shapely.area(shapely.intersection(made, shapes)) / shapely.area(shapes)
    assert held.min() > 0.9


def test_strips_are_the_ground_between_two_outlines():
    shapes = array(box(0, 0, 40, 40), box(60, 0, 100, 40), Point(50, 500))
    a, b, tiles = strips(net_of(shapes), 30)
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == {(0, 1)}
    between = shapely.union_all(tiles)
    assert between.area == pytest.approx(20 * 40, rel=0.02)


def test_samples_lie_closer_where_outlines_are_close():
    shapes = array(box(0, 0, 40, 40), box(50, 0, 90, 40), box(300, 0, 340, 40))
    assert spacing_m(shapes, nearest_m(shapes)).tolist() == [15, 15, 20]  # 1.5 × gap; else the thickness
    assert nearest_m(shapes[:1]).tolist() == [np.inf]


def test_tiles_that_do_not_fit_to_the_last_digit_are_joined_all_the_same():
    tiles = array(box(0, 0, 1, 1), box(1, 0, 2, 0.5), box(1 + 1e-9, 0.5, 2, 1), box(0.5, 0.5, 1.5, 1.5))
    (joined,) = dissolved(tiles, np.zeros(4, int), 1)
    assert joined.area == pytest.approx(2.5, abs=0.01)
