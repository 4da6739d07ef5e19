"""Links between communities, on towns small enough to draw."""

import tomllib
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo.adjacency import Reach, adjacency, beyond, to_graph
from geo.barriers import Barriers, barrier_classes, read_barriers
from geo.schema import LINK_COLUMNS, REFUSED_COLUMNS, DataError, check_columns

CRS = "EPSG:4544"
REACH = Reach(outline_m=30, point_m=150)
RULES = barrier_classes(
    tomllib.loads((Path(__file__).parent.parent / "data/rules/chongqing.toml").read_text(encoding="utf-8"))
)
REALDATA = Path(__file__).parent.parent.parent / "shared" / "realdata"


def town(shapes: dict[str, object], **columns: dict[str, object]) -> gpd.GeoDataFrame:
    index = pd.Index(list(shapes), name="community_id", dtype="str")
    texts = {name: [values.get(i, "") for i in shapes] for name, values in columns.items()}
    return gpd.GeoDataFrame(
        {"name": [f"小区{i}" for i in shapes], **texts}, index=index, geometry=list(shapes.values()), crs=CRS
    )


def bounds(*features: tuple[object, str], **columns: list[object]) -> Barriers:
    table = gpd.GeoDataFrame(
        {"类别": [c for _, c in features], **columns}, geometry=[g for g, _ in features], crs=CRS
    )
    return read_barriers([("界线.gpkg", table)], RULES, crs=CRS)


def pairs(frame: gpd.GeoDataFrame) -> list[str]:
    return [f"{a}{b}" for a, b in zip(frame["a"], frame["b"], strict=True)]


def found(communities: gpd.GeoDataFrame, **options: object) -> list[str]:
    return pairs(adjacency(communities, **{"reach": REACH, "barriers": None, **options}).links)


@pytest.fixture
def two_blocks() -> gpd.GeoDataFrame:
    """a ▢ 20 m ▢ b, both 40 m wide."""
    return town({"a": box(0, 0, 40, 40), "b": box(60, 0, 100, 40)})


@pytest.fixture
def four_points() -> gpd.GeoDataFrame:
    """a b over c d, 100 m apart: the diagonals touch in one point only."""
    return town({"a": Point(0, 100), "b": Point(100, 100), "c": Point(0, 0), "d": Point(100, 0)})


# --- what is a link --------------------------------------------------------------------------------


def test_tables_keep_the_contract(two_blocks):
    links = adjacency(two_blocks, reach=REACH, barriers=None)
    check_columns(links.links, LINK_COLUMNS, "links")
    check_columns(links.refused, REFUSED_COLUMNS, "refused_links")
    assert links.links.crs == links.refused.crs == two_blocks.crs
    row = links.links.iloc[0]
    assert (
        row["a"],
        row["b"],
        row["gap_m"],
        row["crosses"],
        row["wall_m"],
        row["kind"],
        row["verified"],
    ) == (
        "a",
        "b",
        20.0,
        "",
        0.0,
        "found",
        False,
    )
    assert row.geometry.length == 20.0


def test_diagonals_of_a_grid_of_points_are_no_links(four_points):
    assert found(four_points) == ["ab", "ac", "bd", "cd"]


@pytest.mark.parametrize("gap_m", [0, 0.5, 10, 20])
def test_diagonals_of_a_grid_of_blocks_are_no_links(gap_m):
    blocks = {
        f"{r}{c}": box(c * (40 + gap_m), r * (40 + gap_m), c * (40 + gap_m) + 40, r * (40 + gap_m) + 40)
        for r in range(3) for c in range(3)
    }  # fmt: skip
    assert len(found(town(blocks))) == 12


@pytest.mark.parametrize(
    ("shapes", "linked"),
    [
        ({"a": box(0, 0, 40, 40), "b": box(70, 0, 100, 40)}, ["ab"]),  # exactly the reach
        ({"a": box(0, 0, 40, 40), "b": box(70.1, 0, 100, 40)}, []),  # a little more
        ({"a": Point(0, 0), "b": Point(150, 0)}, ["ab"]),
        ({"a": Point(0, 0), "b": Point(150.1, 0)}, []),
        ({"a": box(0, 0, 40, 40), "b": Point(180, 20)}, ["ab"]),  # either is a point: the reach of points
        ({"a": box(0, 0, 40, 40), "b": box(40, 0, 80, 40)}, ["ab"]),  # a common side
        ({"a": box(0, 0, 40, 40), "b": box(39, 0, 80, 40)}, ["ab"]),  # overlapping
        ({"a": box(0, 0, 40, 40), "b": box(10, 10, 20, 20)}, ["ab"]),  # one within the other
        ({"a": box(0, 0, 40, 40), "b": Point(20, 20)}, ["ab"]),  # a point within an outline
        ({"a": box(0, 0, 40, 40), "b": box(40, 40, 80, 80)}, ["ab"]),  # corner to corner with nothing beside
        ({"a": box(0, 0, 40, 40).difference(box(10, 10, 30, 30)), "b": box(15, 15, 25, 25)}, ["ab"]),  # in a courtyard
        ({"a": MultiPolygon([box(0, 0, 10, 10), box(200, 0, 210, 10)]), "b": box(220, 0, 230, 10)}, ["ab"]),
        ({"a": Point(0, 0), "b": None}, []),  # no place
        ({"a": Point(0, 0), "b": Point()}, []),
        ({"a": Point(0, 0)}, []),
        ({}, []),
        ({"a": Point(0, 0), "b": Point(50, 0), "c": Point(100, 0), "d": Point(150, 0)}, ["ab", "bc", "cd"]),  # in a line
        ({"a": Point(7, 7), "b": Point(7, 7), "c": Point(50, 7)}, ["ab", "ac", "bc"]),  # stacked points
        ({"a": box(0, 0, 9, 9), "b": box(0, 0, 9, 9), "c": box(20, 0, 29, 9)}, ["ab", "ac", "bc"]),  # the same outline
    ],
)  # fmt: skip
def test_links_of_small_towns(shapes, linked):
    assert found(town(shapes)) == linked


def test_overlapping_and_stacked_have_gap_0():
    shapes = {"a": box(0, 0, 40, 40), "b": box(39, 0, 80, 40), "c": Point(20, 20), "d": Point(20, 20)}
    links = adjacency(town(shapes), reach=REACH, barriers=None).links.set_index(["a", "b"])["gap_m"]
    assert links[[("a", "b"), ("a", "c"), ("a", "d"), ("c", "d")]].eq(0).all()


def test_a_community_between_two_others_parts_them():
    row = {"a": box(0, 0, 40, 40), "b": box(45, -5, 55, 45), "c": box(60, 0, 100, 40)}
    assert found(town(row)) == ["ab", "bc"]


def test_a_touching_community_between_parts_them_too():
    """Samples of a and c lie between those of b: without care their cells meet inside it."""
    for shift in np.linspace(0, 4, 9):
        row = {"a": box(0, 0, 40, 37), "b": box(40, -3 - shift, 60, 45), "c": box(60, shift, 100, 41)}
        assert found(town(row)) == ["ab", "bc"]


def test_the_scope_does_not_matter_to_links():
    held_between = town({"a": Point(0, 0), "b": Point(60, 0), "c": Point(120, 0)}, scope={"b": "excluded"})
    assert found(held_between) == ["ab", "bc"]


def test_reach_0_finds_nothing_and_keeps_given_links():
    touching = town({"a": box(0, 0, 40, 40), "b": box(40, 0, 80, 40)})
    none = Reach(0, 0)
    assert found(touching, reach=none) == []
    assert found(touching, reach=none, given=asked("ab adjacent")) == ["ab"]
    assert found(town({"a": Point(0, 0), "b": Point(0, 0)}), reach=none) == []


def test_rows_in_another_order_give_the_same_links():
    rng = np.random.default_rng(1)
    shapes = {f"{i:02}": Point(x, y) for i, (x, y) in enumerate(rng.integers(0, 8, (40, 2)) * 60)}
    communities = town(shapes)
    links = adjacency(communities, reach=REACH, barriers=None)
    again = adjacency(communities.sample(frac=1, random_state=3), reach=REACH, barriers=None)
    assert len(links.links) > 40
    pd.testing.assert_frame_equal(links.links, again.links)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=3, max_size=14, unique=True))
@settings(max_examples=40, deadline=None)
def test_links_of_points_are_the_voronoi_neighbours_of_the_plane(spots):
    """Against the definition: the points of the plane nearest to both lie on more than half a metre of border."""
    reach = Reach(30, 90)
    links = set(found(town({f"{i:02}": Point(p) for i, p in enumerate(spots)}), reach=reach))
    for i, p in enumerate(spots):
        for j, q in enumerate(spots[i + 1 :], start=i + 1):
            border = common_border_m(np.array(spots, float), i, j, reach.point_m)
            if abs(border - 0.5) > 1e-6:
                assert (f"{i:02}{j:02}" in links) == (border > 0.5 and np.hypot(*np.subtract(p, q)) <= 90)


def common_border_m(spots: np.ndarray, i: int, j: int, reach_m: float) -> float:
    """The part of the perpendicular bisector of i and j that no third point is nearer to, within the reach."""
    middle, across = (spots[i] + spots[j]) / 2, spots[j] - spots[i]
    width = np.hypot(*across)
    if width / 2 >= reach_m:
        return 0.0
    along = np.array([-across[1], across[0]]) / width
    high = np.sqrt(reach_m**2 - (width / 2) ** 2)
    low = -high
    for k in set(range(len(spots))) - {i, j}:
        slope = 2 * (spots[k] - spots[i]) @ along
        limit = (spots[k] @ spots[k] - spots[i] @ spots[i]) - 2 * (spots[k] - spots[i]) @ middle
        if slope > 0:
            high = min(high, limit / slope)
        elif slope < 0:
            low = max(low, limit / slope)
        elif limit < 0:
            return 0.0
    return max(high - low, 0.0)


# --- barriers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["主干路", "次干路", "铁路", "河流", "堡坎陡坎"])
def test_no_link_across_a_bound_that_is_never_crossed(two_blocks, name):
    links = adjacency(two_blocks, reach=REACH, barriers=bounds((LineString([(50, -99), (50, 99)]), name)))
    assert pairs(links.links) == []
    assert links.refused[["a", "b", "gap_m", "cause"]].to_numpy().tolist() == [
        ["a", "b", 20.0, f"barrier:{name}"]
    ]


def test_a_river_bounds_by_its_area(two_blocks):
    links = adjacency(two_blocks, reach=REACH, barriers=bounds((box(45, -99, 55, 99), "河流")))
    assert pairs(links.refused) == ["ab"]


def test_links_are_verified_where_a_layer_was_given(two_blocks):
    nothing = bounds((LineString([(500, 0), (500, 9)]), "主干路"))
    assert adjacency(two_blocks, reach=REACH, barriers=nothing).links["verified"].tolist() == [True]


def test_bounds_beside_and_open_ways_do_not_part(two_blocks):
    beside = bounds(
        (LineString([(-5, -9), (-5, 99)]), "主干路"), (LineString([(50, -9), (50, 99)]), "步行道")
    )
    links = adjacency(two_blocks, reach=REACH, barriers=beside).links
    assert pairs(links) == ["ab"]
    assert links["crosses"].tolist() == [""]


@pytest.mark.parametrize("overshoot_m", [0.0, 0.2, 1.5])
def test_outlines_drawn_up_to_or_over_the_middle_of_a_road_do_not_jump_it(overshoot_m):
    parcels = town({"a": box(0, 0, 50 + overshoot_m, 40), "b": box(50 + overshoot_m, 0, 100, 40)})
    links = adjacency(parcels, reach=REACH, barriers=bounds((LineString([(50, -9), (50, 49)]), "主干路")))
    assert pairs(links.links) == []
    assert links.refused["cause"].tolist() == ["barrier:主干路"]


def test_a_community_on_both_sides_of_a_railway_is_reported_and_linked_on_both():
    communities = town({"a": box(0, 0, 100, 40), "b": box(110, 0, 140, 40), "c": box(-40, 0, -10, 40)})
    links = adjacency(communities, reach=REACH, barriers=bounds((LineString([(50, -9), (50, 49)]), "铁路")))
    assert pairs(links.links) == ["ab", "ac"]
    assert [f.sentence("found") for f in links.findings] == ["小区“小区a”（a）的范围被不可跨越的界线分成几块"]


def test_a_point_in_a_river_is_reported():
    links = adjacency(town({"a": Point(0, 0)}), reach=REACH, barriers=bounds((box(-9, -9, 9, 9), "河流")))
    assert [f.sentence("found") for f in links.findings] == [
        "小区“小区a”（a）落在不可跨越的界线范围内（河流）"
    ]


def test_cells_that_meet_only_beyond_a_road_are_no_neighbours():
    """b stands between a and c at their nearest; round b they meet, but there a road runs."""
    left = Polygon([(0, 0), (20, 0), (20, 50), (10, 100), (0, 100)])
    right = shapely.affinity.scale(left, -1, origin=(22.5, 0))
    shapes = {"a": left, "b": box(21, -20, 24, 60), "c": right}
    road = bounds((LineString([(22.5, 60.1), (22.5, 300)]), "主干路"))
    assert found(town(shapes)) == ["ab", "ac", "bc"]
    links = adjacency(town(shapes), reach=REACH, barriers=road)
    assert pairs(links.links) == ["ab", "bc"]
    assert pairs(links.refused) == ["ac"]


def test_lanes_are_crossed_at_a_price_each_time(two_blocks):
    lanes = bounds(
        (LineString([(46, -9), (46, 99)]), "支路"),
        (LineString([(46, -20), (46, 70)]), "支路"),  # the same road again, from the next tile
        (LineString([(50, -9), (50, 99)]), "巷道"),
        (LineString([(55, -9), (55, 99)]), "支路"),
    )
    assert adjacency(two_blocks, reach=REACH, barriers=lanes).links["crosses"].tolist() == [
        "支路、巷道、支路"
    ]


def test_wall_between_outlines_is_measured_by_the_metre(two_blocks):
    wall = bounds((LineString([(50, -99), (50, 25)]), "围墙"), (LineString([(-20, 0), (-20, 40)]), "围墙"))
    (wall_m,) = adjacency(two_blocks, reach=REACH, barriers=wall).links["wall_m"]
    assert wall_m == pytest.approx(26, abs=1.5)


def test_wall_drawn_on_the_outline_counts(two_blocks):
    wall = bounds((LineString([(40.3, 0), (40.3, 40)]), "围墙"))
    (wall_m,) = adjacency(two_blocks, reach=REACH, barriers=wall).links["wall_m"]
    assert wall_m == pytest.approx(40, abs=1.5)


def test_wall_between_points_is_what_both_see_of_their_border():
    communities = town({"a": Point(0, 0), "b": Point(100, 0)})
    wall = bounds((LineString([(50, -20), (50, 30)]), "围墙"), (LineString([(-9, -9), (-9, 9)]), "围墙"))
    (wall_m,) = adjacency(communities, reach=REACH, barriers=wall).links["wall_m"]
    assert wall_m == pytest.approx(50)


def test_a_gate_opens_the_wall(two_blocks):
    wall = bounds((LineString([(50, -99), (50, 99)]), "围墙"), (Point(50.5, 10), ""))
    assert adjacency(two_blocks, reach=REACH, barriers=wall).links["wall_m"].tolist() == [0.0]


# --- crossings -------------------------------------------------------------------------------------

ROAD = (LineString([(50, -200), (50, 200)]), "主干路")


def test_a_crossing_point_gives_a_bent_link(two_blocks):
    links = adjacency(two_blocks, reach=REACH, barriers=bounds(ROAD, (Point(50, 50), "")))
    assert pairs(links.refused) == []
    (row,) = links.links.to_dict("records")
    assert row["gap_m"] == pytest.approx(2 * np.hypot(10, 10))
    assert row["geometry"].coords[1] == (50, 50)


def test_of_two_crossings_the_nearer_is_taken(two_blocks):
    links = adjacency(
        two_blocks, reach=REACH, barriers=bounds(ROAD, (Point(50, 50), ""), (Point(50, 42), ""))
    )
    assert links.links["gap_m"].tolist() == [pytest.approx(2 * np.hypot(10, 2))]


def test_a_crossing_too_far_off_gives_no_link(two_blocks):
    links = adjacency(two_blocks, reach=REACH, barriers=bounds(ROAD, (Point(50, 52), "")))
    assert pairs(links.links) == []
    assert links.refused["gap_m"].tolist() == [20.0]


def test_a_crossing_of_one_road_does_not_lead_over_the_next(two_blocks):
    other = (LineString([(56, -200), (56, 200)]), "铁路")
    assert (
        pairs(adjacency(two_blocks, reach=REACH, barriers=bounds(ROAD, other, (Point(50, 20), ""))).links)
        == []
    )


@pytest.mark.parametrize("value", ["是", "T", "True", "yes", "1", "bridge", "viaduct"])
def test_bridge_pieces_do_not_bound_what_passes_below(two_blocks, value):
    pieces = [(LineString([(50, -99), (50, -5)]), "铁路"), (LineString([(50, -5), (50, 45)]), "铁路"), (LineString([(50, 45), (50, 99)]), "铁路")]  # fmt: skip
    links = adjacency(two_blocks, reach=REACH, barriers=bounds(*pieces, 桥梁=["否", value, None]))
    assert pairs(links.links) == ["ab"]
    assert len(links.links.geometry.iloc[0].coords) == 2


def test_an_opening_beside_the_straight_way_is_used(two_blocks):
    pieces = [(LineString([(50, -99), (50, 44)]), "铁路"), (LineString([(50, 44), (50, 50)]), "铁路")]
    links = adjacency(two_blocks, reach=REACH, barriers=bounds(*pieces, is_bridge=["", "T"])).links
    assert links["gap_m"].tolist() == [pytest.approx(2 * np.hypot(10, 7))]


def test_a_bridge_is_walked_along_its_length():
    """a and b on either bank; the bridge starts 5 m from each."""
    communities = town({"a": box(0, 0, 40, 40), "b": box(60, 0, 100, 40)})
    river = (box(46, -99, 54, 99), "河流")
    bridge = (LineString([(45, 20), (55, 20)]), "步行道")
    links = adjacency(communities, reach=REACH, barriers=bounds(river, bridge, bridge=[None, "yes"]))
    assert links.links["gap_m"].tolist() == [20.0]
    assert (
        pairs(adjacency(communities, reach=REACH, barriers=bounds(river, bridge, bridge=[None, "no"])).links)
        == []
    )


def test_who_leaves_the_bridge_of_a_road_stays_on_its_side():
    """A main road bridges the river; a is on its left, b on its right: over the bridge they do not meet."""
    road = [(LineString([(-99, 50), (42, 50)]), "主干路"), (LineString([(42, 50), (58, 50)]), "主干路"), (LineString([(58, 50), (199, 50)]), "主干路")]  # fmt: skip
    layer = bounds((box(44, -99, 56, 199), "河流"), *road, bridge=["", "", "yes", ""])
    left, right = box(20, 52, 40, 90), box(60, 10, 80, 48)
    assert pairs(adjacency(town({"a": left, "b": right}), reach=REACH, barriers=layer).links) == []
    same_side = adjacency(town({"a": left, "b": box(60, 52, 80, 90)}), reach=REACH, barriers=layer).links
    assert pairs(same_side) == ["ab"]
    assert same_side.geometry.iloc[0].bounds[1] == 51  # a metre beside the middle of the road


def test_trains_have_tunnels_that_nobody_walks(two_blocks):
    subway = (LineString([(44, 20), (56, 20)]), "地铁")
    assert (
        pairs(adjacency(two_blocks, reach=REACH, barriers=bounds(ROAD, subway, tunnel=["", "是"])).links)
        == []
    )


# --- what planners give ----------------------------------------------------------------------------


def asked(*rows: str) -> pd.DataFrame:
    table = pd.DataFrame([r.split() for r in rows], columns=["pair", "kind"])
    return table.assign(
        a=table["pair"].str[0], b=table["pair"].str[1], reason="", row=range(2, len(rows) + 2)
    )


def test_values_of_a_within_column_part(two_blocks):
    communities = two_blocks.assign(committee=["东社区", "西社区"], street_town=["", "中山路街道"])
    links = adjacency(communities, reach=REACH, barriers=None, within=("street_town", "committee"))
    assert links.refused["cause"].tolist() == ["within:committee"]  # an empty value parts nobody
    both = communities.assign(street_town=["南大街街道", "中山路街道"])
    links = adjacency(both, reach=REACH, barriers=None, within=("street_town", "committee"))
    assert links.refused["cause"].tolist() == ["within:street_town"]  # the first column that parts them
    opened = adjacency(
        communities, reach=REACH, barriers=None, within=("committee",), given=asked("ba adjacent")
    )
    assert opened.links["kind"].tolist() == ["given"]


@pytest.mark.parametrize(
    ("row", "linked", "cause"),
    [
        ("ab adjacent", ["given"], []),
        ("ab together", ["given"], []),
        ("ab apart", [], ["within:committee"]),
        ("ab not_adjacent", [], ["not_adjacent"]),
    ],
)
def test_given_kinds_over_a_refused_pair(two_blocks, row, linked, cause):
    communities = two_blocks.assign(committee=["东社区", "西社区"])
    links = adjacency(
        communities, reach=REACH, barriers=bounds(ROAD), within=("committee",), given=asked(row)
    )
    assert links.links["kind"].tolist() == linked
    assert links.refused["cause"].tolist() == cause
    assert [*links.links["gap_m"], *links.refused["gap_m"]] == [20.0]


@pytest.mark.parametrize(
    ("row", "kind"), [("ab adjacent", ["given"]), ("ab together", ["found"]), ("ab apart", ["found"]), ("ab not_adjacent", [])]
)  # fmt: skip
def test_given_kinds_over_a_found_link(two_blocks, row, kind):
    assert adjacency(two_blocks, reach=REACH, barriers=None, given=asked(row)).links["kind"].tolist() == kind


def test_a_given_link_may_lead_to_a_community_without_a_place():
    links = adjacency(
        town({"a": Point(0, 0), "b": None}), reach=REACH, barriers=None, given=asked("ab adjacent")
    ).links
    assert pairs(links) == ["ab"]
    assert links["gap_m"].isna().all()
    assert links.geometry.isna().all()


def test_unknown_ids_and_columns_are_refused(two_blocks):
    with pytest.raises(
        DataError, match=r"^相邻关系第 2 行的编号“z”不在小区清单中。请核对编号（community_id）后改正。$"
    ):
        adjacency(two_blocks, reach=REACH, barriers=None, given=asked("az adjacent"))
    with pytest.raises(
        DataError, match=r"^--within 的列“镇街”不在小区清单中。请核对列名，可用的列有：name。$"
    ):
        adjacency(two_blocks, reach=REACH, barriers=None, within=("镇街",))
    with pytest.raises(ValueError, match="adjacency needs communities in metres, given EPSG:4326"):
        adjacency(two_blocks.to_crs(4326), reach=REACH, barriers=None)


# --- beyond and the graph --------------------------------------------------------------------------


def test_beyond_lists_neighbours_that_a_larger_reach_would_link():
    communities = town({"a": Point(0, 0), "b": Point(100, 0), "c": Point(300, 0), "d": Point(600, 0)})
    links = adjacency(communities, reach=REACH, barriers=None)
    road = bounds((LineString([(200, -99), (200, 99)]), "主干路"))
    assert beyond(communities, links, limit_m=250).to_numpy().tolist() == [["b", "c", 200.0, ""]]
    assert beyond(communities, links, limit_m=300, barriers=road).to_numpy().tolist() == [
        ["b", "c", 200.0, "barrier:主干路"],
        ["c", "d", 300.0, ""],
    ]


def test_the_graph_holds_every_community_in_order():
    communities = town(
        {"b": Point(9, 0), "a": MultiPolygon([box(0, 0, 1, 1), box(5, 5, 9, 9)]), "c": None},
        scope={"a": "to_group", "b": "host", "c": "excluded"}, committee={"a": "东社区"}, street_town={}, grids={"a": "g1、g2"},
        ownership={"a": "公房、房改房"}, lift={"b": "no"}, managed={"a": "yes"},
    ).assign(count=pd.array([40, None, 7], dtype="Int64"), built_year=pd.array([None, 1987, 1999], dtype="Int64"))  # fmt: skip
    links = adjacency(communities, reach=REACH, barriers=bounds((LineString([(9.5, -9), (9.5, 3)]), "支路")))
    graph = to_graph(communities, links.links)
    assert list(graph) == ["a", "b", "c"]
    assert graph.nodes["a"] == {
        "count": None, "x": 7.0, "y": 7.0, "lock": None, "grids": ("g1", "g2"),
        "scope": "to_group", "name": "小区a", "committee": "东社区", "street_town": "",
        "former": None, "built_year": 1987, "ownership": "公房、房改房", "lift": "", "managed": "yes",
    }  # fmt: skip
    assert graph.nodes["b"]["count"] == 40
    assert (graph.nodes["b"]["built_year"], graph.nodes["b"]["lift"]) == (None, "no")
    assert type(graph.nodes["b"]["count"]) is int
    assert np.isnan([graph.nodes["c"]["x"], graph.nodes["c"]["y"]]).all()
    assert list(graph.edges(data=True)) == [
        ("a", "b", {"gap_m": 5.0, "crosses": (), "wall_m": 0.0, "kind": "found"})
    ]


# --- real towns ------------------------------------------------------------------------------------


@pytest.mark.realdata
@pytest.mark.skipif(not REALDATA.exists(), reason="no ../shared/realdata beside the project")
def test_shanghai_is_not_linked_across_the_huangpu_or_a_major_road():
    path = REALDATA / "shanghai_osm_tiles" / "shanghai_center_osm_wgs84.gpkg"
    layers = {
        name: gpd.read_file(path, layer=name).to_crs("EPSG:32651") for name in ("buildings", "roads", "water")
    }
    buildings = layers["buildings"][layers["buildings"].geom_type == "Polygon"].drop_duplicates("osm_id")
    buildings.index = pd.Index(buildings["osm_id"].astype("int64").astype("str"), name="community_id")
    barriers = read_barriers([(n, layers[n]) for n in ("roads", "water")], RULES, crs=buildings.crs)
    links = adjacency(buildings, reach=REACH, barriers=barriers).links
    assert len(links) > 3000
    roads = layers["roads"]
    grounded = roads["is_bridge"].isna() & roads["is_tunnel"].isna()
    never = [*roads[grounded & roads["kind"].isin(["major_road", "rail"])].geometry]
    huangpu = layers["water"][layers["water"]["name"].eq("黄浦江") & (layers["water"].geom_type != "Point")]
    hit, _ = shapely.STRtree([*never, *huangpu.geometry]).query(links.geometry.array, predicate="intersects")
    assert len(set(hit)) == 0


def test_links_make_no_community_its_own_neighbour(four_points):
    graph = nx.Graph()
    links = adjacency(four_points, reach=REACH, barriers=None).links
    graph.add_edges_from(zip(links["a"], links["b"], strict=True))
    assert nx.number_of_selfloops(graph) == 0
    assert (links["a"] < links["b"]).all()


def test_self_crossing_and_thin_outlines_do_not_stop_the_run():
    shapes = {
        "a": Polygon([(0, 0), (30, 0), (30, 0.01), (0, 0.01)]),
        "b": box(0, 5, 30, 25),
        "c": Point(1e5, 0),
    }
    assert found(town(shapes)) == ["ab"]
