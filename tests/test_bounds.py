"""The four bounds of an area: twelve drawn cases with the sentence a clerk would write, and what is at the edges of them."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate

from geo.bounds import NEIGHBOUR_M, SIDES, four_bounds, legal_outlines
from geo.wording import speaking
from report.bounds import bounds_sentence

CRS = "EPSG:4544"
AREA = box(0, 0, 100, 100)
EAST, SOUTH, WEST, NORTH = (
    LineString([(112, -60), (112, 160)]),
    LineString([(-60, -12), (160, -12)]),
    LineString([(-12, -60), (-12, 160)]),
    LineString([(-60, 112), (160, 112)]),
)


def areas(**shapes) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapes, crs=CRS)


def streets(**lines) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": list(lines)}, geometry=list(lines.values()), crs=CRS)


def compounds(*rows: tuple[str, str, object]) -> gpd.GeoDataFrame:
    names, ids, shapes = zip(*rows, strict=True) if rows else ((), (), ())
    return gpd.GeoDataFrame({"name": list(names), "area_id": list(ids)}, geometry=list(shapes), crs=CRS)


def told(outlines, lines, neighbours, area="PMA-001", **more) -> tuple[str, ...]:
    return tuple(four_bounds(outlines, lines, neighbours, **more).loc[area, list(SIDES)])


def sentence(lines, neighbours=(), area=AREA, walls=None) -> str:
    table = four_bounds(areas(**{"PMA-001": area}), lines, compounds(*neighbours), otherwise=walls)
    return bounds_sentence(table.loc["PMA-001"].to_dict())


# --- twelve drawn cases ----------------------------------------------------------------------------


def test_1_a_road_on_each_side():
    around = streets(红河中路=EAST, 滨河路=SOUTH, 桂花大道=WEST, 环城北路=NORTH)
    assert sentence(around) == "东至红河中路，南至滨河路，西至桂花大道，北至环城北路"


def test_2_a_river_drawn_as_an_outline():
    around = streets(红河中路=EAST, 小安溪=box(-80, -60, 180, -8), 桂花大道=WEST, 环城北路=NORTH)
    assert sentence(around) == "东至红河中路，南至小安溪，西至桂花大道，北至环城北路"


def test_3_a_railway_and_a_retaining_wall():
    around = streets(成渝铁路=EAST, 滨河路=SOUTH, 翠屏山堡坎=WEST, 环城北路=NORTH)
    assert sentence(around) == "东至成渝铁路，南至滨河路，西至翠屏山堡坎，北至环城北路"


def test_4_the_corner_of_two_streets_with_neighbours_on_the_other_sides():
    beside = [("粮食局家属院", "PMA-002", box(-90, 0, -4, 100)), ("滨河小区", "", box(0, -90, 100, -4))]
    around = streets(红河中路=EAST, 环城北路=NORTH)
    assert sentence(around, beside) == "东至红河中路，南至滨河小区，西至粮食局家属院，北至环城北路"


def test_5_a_landmark_before_the_street():
    school = ("石桥小学", "", box(3, 104, 97, 150))
    around = streets(
        红河中路=EAST, 滨河路=SOUTH, 桂花大道=WEST, 环城北路=LineString([(-60, 160), (160, 160)])
    )
    assert sentence(around, [school]) == "东至红河中路，南至滨河路，西至桂花大道，北至石桥小学"


def test_6_two_streets_along_one_side_are_named_clockwise():
    upper, lower = LineString([(112, 52), (112, 160)]), LineString([(112, -60), (112, 48)])
    around = streets(上街=upper, 下街=lower, 滨河路=SOUTH, 桂花大道=WEST, 环城北路=NORTH)
    assert sentence(around) == "东至上街、下街，南至滨河路，西至桂花大道，北至环城北路"
    around = streets(
        红河中路=EAST, 滨河路=SOUTH, 上街=rotate(upper, 180, (50, 50)), 下街=rotate(lower, 180, (50, 50))
    )
    assert sentence(around).split("，")[2] == "西至上街、下街"


def test_7_half_a_street_and_half_a_neighbour():
    beside = [("粮食局家属院", "PMA-002", box(104, 0, 180, 50))]
    around = streets(红河中路=EAST, 滨河路=SOUTH, 桂花大道=WEST, 环城北路=NORTH)
    assert sentence(around, beside).split("，")[0] == "东至红河中路、粮食局家属院"


def test_8_nothing_named_but_a_wall():
    walls = gpd.GeoDataFrame({"name": ["围墙"]}, geometry=[AREA.exterior], crs=CRS)
    around = streets(红河中路=EAST, 滨河路=SOUTH)
    assert sentence(around, walls=walls) == "东至红河中路，南至滨河路，西至围墙，北至围墙"


def test_9_nothing_at_all_is_left_to_be_confirmed():
    assert sentence(streets(红河中路=EAST, 滨河路=SOUTH)) == (
        "东至红河中路，南至滨河路，西至（待现场核定），北至（待现场核定）"
    )


def test_10_an_area_askew_is_looked_out_of_along_its_own_axes():
    """Turned by 30°: looked out of due east it would see the northern street as often as the eastern one."""
    names = {"红河中路": EAST, "滨河路": SOUTH, "桂花大道": WEST, "环城北路": NORTH}
    turned = streets(**{name: rotate(line, 30, (50, 50)) for name, line in names.items()})
    assert sentence(turned, area=rotate(AREA, 30)) == "东至红河中路，南至滨河路，西至桂花大道，北至环城北路"
    turned = streets(**{name: rotate(line, -30, (50, 50)) for name, line in names.items()})
    assert sentence(turned, area=rotate(AREA, -30)) == "东至红河中路，南至滨河路，西至桂花大道，北至环城北路"


def test_11_a_lane_between_the_two_parts_of_an_area_is_no_bound():
    parts = MultiPolygon([box(0, 0, 47, 100), box(53, 0, 100, 100)])
    around = streets(
        红河中路=EAST, 滨河路=SOUTH, 桂花大道=WEST, 环城北路=NORTH, 打铁巷=LineString([(50, -60), (50, 160)])
    )
    assert sentence(around, area=parts) == "东至红河中路，南至滨河路，西至桂花大道，北至环城北路"


def test_12_an_outline_drawn_over_the_middle_of_the_street():
    over = LineString([(98.5, -60), (98.5, 160)])
    around = streets(
        红河中路=over, 后街=LineString([(150, -60), (150, 160)]), 滨河路=SOUTH, 桂花大道=WEST, 环城北路=NORTH
    )
    assert sentence(around).split("，")[0] == "东至红河中路"


# --- at the edges ----------------------------------------------------------------------------------


def test_the_order_of_the_sides_is_the_offices():
    names = {"east": "甲路", "south": "乙路", "west": "", "north": "丁河"}
    asked = ("east", "west", "south", "north")
    assert bounds_sentence(names, asked) == "东至甲路，西至（待现场核定），南至乙路，北至丁河"
    with speaking("en"):
        assert (
            bounds_sentence(names)
            == "east to 甲路, south to 乙路, west to (to be confirmed on site), north to 丁河"
        )


def test_the_street_that_is_met_first_counts():
    around = streets(远路=LineString([(140, -50), (140, 150)]), 近路=LineString([(105, -50), (105, 150)]))
    assert told(areas(**{"PMA-001": AREA}), around, compounds())[0] == "近路"


def test_a_street_that_only_touches_a_corner_gives_way_to_the_neighbour():
    corner = streets(小巷=LineString([(110, 90), (110, 150)]))
    beside = compounds(("粮食局家属院", "PMA-002", box(104, 0, 180, 100)))
    assert told(areas(**{"PMA-001": AREA}), corner, beside)[0] == "粮食局家属院"
    assert told(areas(**{"PMA-001": AREA}), corner, compounds())[0] == "小巷"


def test_its_own_communities_and_neighbours_far_away_bound_nothing():
    own = compounds(("甲院", "PMA-001", box(100, 0, 120, 100)), ("乙院", "PMA-002", box(300, 0, 400, 100)))
    assert told(areas(**{"PMA-001": AREA}), streets(), own) == ("", "", "", "")
    edge = compounds(("丙院", "", box(100 + NEIGHBOUR_M - 1, 0, 400, 100)))
    assert told(areas(**{"PMA-001": AREA}), streets(), edge)[0] == "丙院"
    beyond = compounds(("丙院", "", box(100 + NEIGHBOUR_M + 1, 0, 400, 100)))
    assert told(areas(**{"PMA-001": AREA}), streets(), beyond)[0] == ""


def test_a_bay_is_looked_out_of_from_its_outer_shore():
    """A U open to the east: its lower arm sees the street, and so does the bay's shore."""
    bay = Polygon([(0, 0), (100, 0), (100, 30), (20, 30), (20, 70), (100, 70), (100, 100), (0, 100)])
    around = streets(人民路=LineString([(110, -50), (110, 150)]))
    assert told(areas(**{"PMA-001": bay}), around, compounds())[0] == "人民路"


def test_the_order_of_the_rows_changes_nothing():
    beside = compounds(("乙院", "", box(104, 0, 180, 50)), ("甲院", "", box(104, 50, 180, 100)))
    turned = beside.iloc[::-1]
    around, area = streets(滨河路=SOUTH, 桂花大道=WEST), areas(**{"PMA-001": AREA})
    assert (
        told(area, around, beside)
        == told(area, around.iloc[::-1], turned)
        == ("甲院、乙院", "滨河路", "桂花大道", "")
    )


@pytest.mark.parametrize("nothing", [None, Point(0, 0), Polygon()])
def test_an_area_without_an_outline_has_no_bounds(nothing):
    around = streets(人民路=EAST)
    assert told(areas(**{"PMA-001": nothing}), around, compounds()) == ("", "", "", "")


def test_what_has_no_name_or_no_place_bounds_nothing():
    around = gpd.GeoDataFrame({"name": ["", None, "河"]}, geometry=[EAST, EAST, None], crs=CRS)
    assert told(areas(**{"PMA-001": AREA}), around, compounds())[0] == ""


def test_no_areas_give_an_empty_table():
    assert four_bounds(areas(), streets(), compounds()).empty


# --- legal outlines --------------------------------------------------------------------------------


def test_the_legal_outline_is_the_members_own_and_none_where_one_is_a_point():
    table = gpd.GeoDataFrame(
        {"area_id": ["PMA-002", "PMA-001", "PMA-001", "PMA-002", None]},
        geometry=[
            box(0, 0, 10, 10),
            box(20, 0, 30, 10),
            box(33, 0, 40, 10),
            Point(5, 50),
            box(90, 90, 95, 95),
        ],
        crs=CRS,
    )
    found = legal_outlines(table)
    assert list(found.index) == ["PMA-001", "PMA-002"]
    assert found["PMA-001"].area == pytest.approx(170)
    assert found["PMA-002"] is None


def test_without_areas_there_are_no_legal_outlines():
    table = gpd.GeoDataFrame({"area_id": pd.Series([None], dtype="str")}, geometry=[AREA], crs=CRS)
    assert legal_outlines(table).empty
