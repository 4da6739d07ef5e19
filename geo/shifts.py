"""The shifts of Chinese web maps: WGS-84 to GCJ-02 (高德, 腾讯) to BD-09 (百度), and back."""

from collections.abc import Callable

import numpy as np

Degrees = tuple[np.ndarray, np.ndarray]  # longitudes, latitudes; shape (n,) each
Shift = Callable[[np.ndarray, np.ndarray], Degrees]

# Krasovsky 1940, on which the map shift is defined.
_AXIS_M = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943
_BD_ANGLE = np.pi * 3000.0 / 180.0
_INVERSE_STEPS = 8  # each step gains two to three digits; 1e-9° is reached in four


# The formulas circulate without an official source; the constants are those of github.com/googollee/eviltransform
# and of wandergis/coordtransform. Both leave points outside China alone; here the caller decides what is shifted.


def gcj02_of_wgs84(lon: np.ndarray, lat: np.ndarray) -> Degrees:
    """Return WGS-84 degrees as the shifted GCJ-02 degrees that 高德 and 腾讯 show; arrays of shape (n,), nan stays."""
    x, y = lon - 105.0, lat - 35.0
    ripple = _waves(x, (20.0, 1 / 6), (20.0, 1 / 2))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north = north + ripple + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east = east + ripple + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))
    radians = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_2 * np.sin(radians) ** 2
    meridian = _AXIS_M * (1.0 - _ECCENTRICITY_2) / (magic * np.sqrt(magic))
    parallel = _AXIS_M / np.sqrt(magic) * np.cos(radians)
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def bd09_of_gcj02(lon: np.ndarray, lat: np.ndarray) -> Degrees:
    """Return GCJ-02 degrees as the BD-09 degrees that 百度 shows; arrays of shape (n,), nan stays."""
    radius = np.hypot(lon, lat) + 0.000_02 * np.sin(lat * _BD_ANGLE)
    angle = np.arctan2(lat, lon) + 0.000_003 * np.cos(lon * _BD_ANGLE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def wgs84_of_gcj02(lon: np.ndarray, lat: np.ndarray) -> Degrees:
    """Return GCJ-02 degrees as WGS-84 degrees, exact to 1e-9° (inverse of `gcj02_of_wgs84`)."""
    return _inverse(gcj02_of_wgs84, lon, lat)


def gcj02_of_bd09(lon: np.ndarray, lat: np.ndarray) -> Degrees:
    """Return BD-09 degrees as GCJ-02 degrees, exact to 1e-9° (inverse of `bd09_of_gcj02`)."""
    return _inverse(bd09_of_gcj02, lon, lat)


def wgs84_of_bd09(lon: np.ndarray, lat: np.ndarray) -> Degrees:
    """Return BD-09 degrees as WGS-84 degrees, by way of GCJ-02."""
    return wgs84_of_gcj02(*gcj02_of_bd09(lon, lat))


UNSHIFT: dict[str, Shift] = {"gcj02": wgs84_of_gcj02, "bd09": wgs84_of_bd09}


def _waves(t: np.ndarray, *terms: tuple[float, float]) -> np.ndarray:
    total = np.zeros_like(t)
    for amplitude, slowness in terms:
        total = total + amplitude * np.sin(np.pi * t / slowness) * (2.0 / 3.0)
    return total


def _inverse(forward: Shift, lon: np.ndarray, lat: np.ndarray) -> Degrees:
    guess_lon, guess_lat = lon, lat
    for _ in range(_INVERSE_STEPS):
        there_lon, there_lat = forward(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + lon - there_lon, guess_lat + lat - there_lat
    return guess_lon, guess_lat
