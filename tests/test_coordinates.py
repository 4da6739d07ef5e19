"""Coordinate systems: shifts there and back, what numbers mean, and the metres to work in."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.coordinates import (
    CGCS2000,
    WGS84,
    Boundary,
    System,
    degrees_of,
    metric_crs,
    recognise,
    representative_points,
    system_of_option,
    true_geometry,
)
from geo.schema import DataError
from geo.shifts import bd09_of_gcj02, gcj02_of_bd09, gcj02_of_wgs84, wgs84_of_bd09, wgs84_of_gcj02

YONGCHUAN = np.array([[105.90, 29.35], [105.91, 29.36], [105.92, 29.35]])
SINGAPORE = np.array([[103.85, 1.29], [103.86, 1.30]])
CHINA_LON, CHINA_LAT = st.floats(74, 134), st.floats(18, 53)


def epsg(code):
    return pyproj.CRS.from_epsg(code)


def projected(degrees, code):
    x, y = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform(degrees[:, 0], degrees[:, 1])
    return np.column_stack([x, y])


def codes(findings):
    return [f.code for f in findings]


# --- shifts ------------------------------------------------------------------------------------------


@given(lon=CHINA_LON, lat=CHINA_LAT)
def test_a_shift_and_its_undoing_meet_within_a_billionth_of_a_degree(lon, lat):
    there = np.array([lon]), np.array([lat])

    gcj02 = gcj02_of_wgs84(*there)
    bd09 = bd09_of_gcj02(*gcj02)

    np.testing.assert_allclose(wgs84_of_gcj02(*gcj02), there, rtol=0, atol=1e-9)
    np.testing.assert_allclose(gcj02_of_bd09(*bd09), gcj02, rtol=0, atol=1e-9)
    np.testing.assert_allclose(wgs84_of_bd09(*bd09), there, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        # the worked examples in the README of github.com/wandergis/coordtransform
        (gcj02_of_wgs84, (116.41024449916938, 39.91640428150164)),
        (bd09_of_gcj02, (116.41036949371029, 39.92133699351021)),
    ],
)
def test_shifts_agree_with_published_numbers(shift, expected):
    lon, lat = shift(np.array([116.404]), np.array([39.915]))

    assert (lon[0], lat[0]) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(("shift", "metres", "bearing"), [("gcj02", 474, 135), ("bd09", 1020, 73)])
def test_shifts_at_yongchuan(shift, metres, bearing):
    """Figures of domain.md §6: GCJ-02 474 m to the south-east, BD-09 1,020 m to the east-north-east."""
    lon, lat = gcj02_of_wgs84(np.array([105.9]), np.array([29.35]))
    if shift == "bd09":
        lon, lat = bd09_of_gcj02(lon, lat)

    azimuth, _, distance_m = pyproj.Geod(ellps="WGS84").inv(105.9, 29.35, lon[0], lat[0])

    assert distance_m == pytest.approx(metres, abs=1)
    assert azimuth == pytest.approx(bearing, abs=1)


def test_nan_stays_nan():
    assert np.isnan(wgs84_of_bd09(np.array([np.nan]), np.array([29.0]))).all()


# --- options -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            "wgs",
            "--crs wgs 不认识。可用：auto、gcj02（高德、腾讯）、bd09（百度）、EPSG：编号（如 EPSG:4490）。",
        ),
        ("EPSG:99999", "--crs EPSG:99999 不是可用的平面或经纬度坐标系。"),
        ("EPSG:abc", "--crs EPSG:abc 不是可用的平面或经纬度坐标系。"),
        ("EPSG:5773", "--crs EPSG:5773 不是可用的平面或经纬度坐标系。"),  # heights only
    ],
)
def test_options_that_mean_nothing(option, message):
    with pytest.raises(DataError) as error:
        system_of_option(option)
    assert str(error.value).startswith(message)


def test_options():
    assert system_of_option("auto") is None
    assert system_of_option("BD09") == System(CGCS2000, shift="bd09")
    assert system_of_option("epsg:4544") == System(epsg(4544))


# --- recognised --------------------------------------------------------------------------------------


def test_bare_degrees_in_china_are_not_guessed():
    with pytest.raises(DataError) as error:
        recognise(YONGCHUAN, file="a.csv", declared=None)
    assert str(error.value) == (
        "a.csv：坐标是经纬度（中间一处为 105.91, 29.35），但文件没有说明坐标系，不能在有偏移的坐标系之间猜。"
        "请指明：--crs EPSG:4490（CGCS2000、WGS-84，未偏移）、--crs gcj02（高德、腾讯）或 --crs bd09（百度）。"
    )


def test_what_the_file_declares_is_used():
    assert recognise(YONGCHUAN, file="a.gpkg", declared=WGS84) == (System(WGS84), ())


def test_the_option_goes_before_what_the_file_declares():
    system, findings = recognise(YONGCHUAN, file="a.gpkg", declared=WGS84, option="gcj02")

    assert system.shift == "gcj02"
    assert codes(findings) == ["coordinates.shifted"]


def test_bare_degrees_abroad_are_wgs84_and_said():
    system, findings = recognise(SINGAPORE, file="a.csv", declared=None)

    assert system == System(WGS84)
    assert (
        findings[0].sentence("found")
        == "坐标是中国以外的经纬度（中间一处为 103.855, 1.295），文件没有说明坐标系"
    )


@pytest.mark.parametrize(
    "places", [YONGCHUAN, SINGAPORE, np.array([[87.6, 43.8]]), np.array([[75.98, 39.47]])]
)
def test_latitude_first_is_recognised(places):
    system, findings = recognise(places[:, ::-1], file="a.csv", declared=None, option="EPSG:4326")

    assert system.swapped
    assert codes(findings) == ["coordinates.swapped"]
    np.testing.assert_array_equal(np.column_stack(degrees_of(places[:, ::-1], system)), places)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_zone_prefix_names_its_belt(swapped):
    """domain.md §6: 105.9E 29.35N is 35,587,399.8 / 3,248,399.3 in EPSG:4523."""
    metres = np.array([[35_587_399.8, 3_248_399.3]])

    system, findings = recognise(metres[:, ::-1] if swapped else metres, file="a.csv", declared=None)

    assert system == System(epsg(4523), swapped=swapped)
    assert codes(findings) == ["coordinates.zone_prefix"] + ["coordinates.swapped"] * swapped
    lon, lat = degrees_of(metres, System(epsg(4523)))
    assert (lon[0], lat[0]) == pytest.approx((105.9, 29.35), abs=1e-6)


def test_metres_without_a_prefix_are_not_guessed():
    with pytest.raises(DataError, match=r"没有带号，不知道是哪一带。请指明，例如 --crs EPSG:4544"):
        recognise(projected(YONGCHUAN, 4544), file="a.csv", declared=None)


def test_northing_first_is_recognised_where_the_belt_is_given():
    system, findings = recognise(
        projected(YONGCHUAN, 4544)[:, ::-1], file="a.csv", declared=None, option="EPSG:4544"
    )

    assert system.swapped
    assert codes(findings) == ["coordinates.swapped"]


@pytest.mark.parametrize(
    ("numbers", "option", "looks"),
    [
        (YONGCHUAN, "EPSG:4544", "经纬度（度）"),
        (projected(YONGCHUAN, 4544), "EPSG:4490", "没有带号的平面坐标（米）"),
        (projected(YONGCHUAN, 4544), "bd09", "没有带号的平面坐标（米）"),
        (projected(YONGCHUAN, 4523), "EPSG:4544", "带号 35 的 3°带平面坐标（EPSG:4523）"),
        (SINGAPORE, "gcj02", "经纬度（度）"),
        (SINGAPORE, "EPSG:4490", "经纬度（度）"),
    ],
)
def test_numbers_that_cannot_be_in_the_system_given(numbers, option, looks):
    with pytest.raises(DataError) as error:
        recognise(numbers, file="a.csv", declared=None, option=option)
    assert error.value.code == "coordinates.misfit"
    assert f"看起来像{looks}" in str(error.value)


def test_a_declared_system_that_cannot_be():
    with pytest.raises(DataError, match="不可能是 EPSG:4326"):
        recognise(projected(YONGCHUAN, 4544), file="a.shp", declared=WGS84)


def test_an_old_datum_is_said():
    _, findings = recognise(projected(YONGCHUAN, 2359), file="a.shp", declared=epsg(2359))

    assert codes(findings) == ["coordinates.old_datum"]


# --- proven by a boundary ----------------------------------------------------------------------------


def tight(degrees):
    """A boundary that clears the places by about 100 m, less than any shift."""
    return Boundary(shapely.box(*degrees.min(axis=0) - 1e-3, *degrees.max(axis=0) + 1e-3), System(WGS84))


@pytest.mark.parametrize("shift", ["", "gcj02", "bd09"])
def test_a_boundary_proves_the_one_system_that_fits(shift):
    lon, lat = YONGCHUAN.T
    if shift:
        lon, lat = gcj02_of_wgs84(lon, lat)
    if shift == "bd09":
        lon, lat = bd09_of_gcj02(lon, lat)

    system, findings = recognise(
        np.column_stack([lon, lat]), file="a.csv", declared=None, boundary=tight(YONGCHUAN)
    )

    assert system == System(CGCS2000, shift=shift)
    assert codes(findings)[0] == "coordinates.proven"


def test_a_boundary_proves_the_belt():
    system, _ = recognise(projected(YONGCHUAN, 4544), file="a.csv", declared=None, boundary=tight(YONGCHUAN))

    assert system == System(epsg(4544))


def test_a_boundary_may_itself_be_shifted():
    lon, lat = gcj02_of_wgs84(*YONGCHUAN.T)
    shifted = np.column_stack([lon, lat])
    boundary = Boundary(tight(shifted).outline, System(CGCS2000, shift="gcj02"))

    assert recognise(YONGCHUAN, file="a.csv", declared=None, boundary=boundary)[0] == System(CGCS2000)


@pytest.mark.parametrize(
    ("outline", "why"),
    [
        (
            shapely.box(100, 20, 110, 40),
            "按 EPSG:4490、gcj02、bd09 换算，所有点都落在给定边界之内，分不出是哪一种。",
        ),
        (shapely.box(100, 20, 101, 21), "按每种坐标系换算，都有点落在给定边界之外。"),
    ],
)
def test_a_boundary_that_proves_nothing(outline, why):
    with pytest.raises(DataError) as error:
        recognise(YONGCHUAN, file="a.csv", declared=None, boundary=Boundary(outline, System(WGS84)))
    assert why in str(error.value)


def test_a_declared_system_against_the_boundary_is_kept_and_said():
    lon, lat = gcj02_of_wgs84(*YONGCHUAN.T)

    system, findings = recognise(
        np.column_stack([lon, lat]), file="a.gpkg", declared=WGS84, boundary=tight(YONGCHUAN)
    )

    assert system == System(WGS84)
    assert findings[0].sentence("done") == "仍按 EPSG:4326 使用；请核对是否应改用 --crs gcj02"


# --- metres ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "places", "target"),
    [
        (4490, YONGCHUAN, 4544),
        (4490, np.array([[107.4, 29.7]]), 4545),
        (4326, SINGAPORE, 32648),
        (4326, np.array([[151.2, -33.9]]), 32756),
        (4544, YONGCHUAN, 4544),
        (4523, YONGCHUAN, 4523),
        (32648, YONGCHUAN, 32648),
        (3857, YONGCHUAN, 4544),
        (4554, YONGCHUAN, 4544),  # true to scale only in its own belt
        (2227, np.array([[-122.4, 37.8]]), 32610),  # feet
    ],
)
def test_the_metres_to_work_in(source, places, target):
    assert metric_crs(epsg(source), places[:, 0], places[:, 1]).to_epsg() == target


@pytest.mark.parametrize(
    ("places", "method"),
    [([[87.6, 43.8], [121.5, 31.2]], "Albers"), ([[0.0, 48.0], [10.0, 48.0]], "Lambert")],
)
def test_wider_than_a_belt_is_equal_area(places, method):
    places = np.array(places)

    crs = metric_crs(WGS84, places[:, 0], places[:, 1])

    assert method in crs.coordinate_operation.method_name
    assert crs.axis_info[0].unit_name == "metre"


def test_true_geometry_turns_axes_round_and_keeps_none():
    geometry = gpd.GeoSeries([shapely.Point(29.35, 105.9), None])

    true = true_geometry(geometry, System(WGS84, swapped=True))

    assert true.crs == WGS84
    assert true[0].equals(shapely.Point(105.9, 29.35))
    assert true[1] is None


# --- points ------------------------------------------------------------------------------------------


def test_representative_points():
    """A point is itself, a crescent's point lies inside it, of two parts the larger counts, no place is nan."""
    crescent = shapely.Point(0, 0).buffer(10).difference(shapely.Point(3, 0).buffer(10))
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(100, 0, 110, 10)])
    shapes = gpd.GeoSeries([shapely.Point(1, 2), crescent, two, None, shapely.Polygon()])

    points = representative_points(shapes)

    assert points[0].tolist() == [1.0, 2.0]
    assert crescent.contains(shapely.Point(points[1]))
    assert points[2].tolist() == [105.0, 5.0]
    assert np.isnan(points[3:]).all()


def test_no_geometry_has_no_points():
    assert representative_points(gpd.GeoSeries([])).shape == (0, 2)
