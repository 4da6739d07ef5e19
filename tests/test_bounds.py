"""The four bounds of an area, on maps that anybody can check by eye."""

import geopandas as gpd
import pytest
from shapely import LineString, Point, Polygon, box

from geo.bounds import FARTHEST_M, four_bounds

CRS = "EPSG:4544"
AREA = box(0, 0, 100, 100)


def areas(**shapes) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapes, crs=CRS)


def streets(**lines) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": list(lines)}, geometry=list(lines.values()), crs=CRS)


def compounds(*rows: tuple[str, str, object]) -> gpd.GeoDataFrame:
    names, ids, shapes = zip(*rows, strict=True) if rows else ((), (), ())
    return gpd.GeoDataFrame({"name": list(names), "area_id": list(ids)}, geometry=list(shapes), crs=CRS)


def told(outlines, lines, neighbours, area="PMA-001") -> tuple[str, ...]:
    return tuple(four_bounds(outlines, lines, neighbours).loc[area, ["east", "south", "west", "north"]])


def test_streets_around_a_block_are_its_bounds():
    around = streets(
        人民路=LineString([(110, -50), (110, 150)]),
        滨河路=LineString([(-50, -10), (150, -10)]),
        桂花大道=LineString([(-12, -50), (-12, 150)]),
        环城北路=LineString([(-50, 115), (150, 115)]),
    )
    assert told(areas(**{"PMA-001": AREA}), around, compounds()) == (
        "人民路",
        "滨河路",
        "桂花大道",
        "环城北路",
    )


def test_the_street_that_is_met_first_counts():
    around = streets(远路=LineString([(140, -50), (140, 150)]), 近路=LineString([(105, -50), (105, 150)]))
    assert told(areas(**{"PMA-001": AREA}), around, compounds())[0] == "近路"


def test_a_street_that_only_touches_a_corner_gives_way_to_the_neighbour():
    corner = streets(小巷=LineString([(110, 90), (110, 150)]))
    beside = compounds(("粮食局家属院", "PMA-002", box(104, 0, 180, 100)))
    assert told(areas(**{"PMA-001": AREA}), corner, beside)[0] == "粮食局家属院"
    assert told(areas(**{"PMA-001": AREA}), corner, compounds())[0] == "小巷"


def test_its_own_communities_and_what_is_far_away_bound_nothing():
    own = compounds(("甲院", "PMA-001", box(100, 0, 120, 100)), ("乙院", "PMA-002", box(300, 0, 400, 100)))
    assert told(areas(**{"PMA-001": AREA}), streets(), own) == ("", "", "", "")
    edge = compounds(("丙院", "", box(100 + FARTHEST_M - 1, 0, 400, 100)))
    assert told(areas(**{"PMA-001": AREA}), streets(), edge)[0] == "丙院"


def test_a_bay_is_looked_out_of_from_its_outer_shore():
    """A U open to the east: its lower arm sees the street, and so does the bay's shore."""
    bay = Polygon([(0, 0), (100, 0), (100, 30), (20, 30), (20, 70), (100, 70), (100, 100), (0, 100)])
    around = streets(人民路=LineString([(110, -50), (110, 150)]))
    assert told(areas(**{"PMA-001": bay}), around, compounds())[0] == "人民路"


@pytest.mark.parametrize("nothing", [None, Point(0, 0), Polygon()])
def test_an_area_without_an_outline_has_no_bounds(nothing):
    around = streets(人民路=LineString([(110, -50), (110, 150)]))
    assert told(areas(**{"PMA-001": nothing}), around, compounds()) == ("", "", "", "")


def test_what_has_no_name_or_no_place_bounds_nothing():
    around = gpd.GeoDataFrame(
        {"name": ["", None, "河"]},
        geometry=[LineString([(105, -50), (105, 150)])] * 2 + [None],
        crs=CRS,
    )
    assert told(areas(**{"PMA-001": AREA}), around, compounds())[0] == ""


def test_no_areas_give_an_empty_table():
    assert four_bounds(areas(), streets(), compounds()).empty
