"""Coordinate systems: what the numbers of a file mean, and a metric CRS to work in."""

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError

from geo.schema import DataError, Finding, finding
from geo.shifts import UNSHIFT, Degrees
from geo.wording import say

WGS84 = pyproj.CRS.from_epsg(4326)
CGCS2000 = pyproj.CRS.from_epsg(4490)  # equal to WGS-84 within centimetres: not told apart here

# China in degrees, west, south, east, north (domain.md §6); Singapore and Japan lie outside.
CHINA = (73.0, 3.0, 135.1, 54.0)
EARTH_RADIUS_M = 6_371_009.0

# A projected source CRS is kept only where it is true to scale at the data: Web Mercator is 15 % off at 29°N.
LARGEST_SCALE_ERROR = 0.01
WIDEST_BELT_DEGREES = 6.0


@dataclass(frozen=True)
class System:
    """What the numbers of a file mean.

    `crs` is that of the numbers once `shift` ("", "gcj02", "bd09") is undone; `swapped` where the file gives
    latitude or northing first.
    """

    crs: pyproj.CRS
    shift: str = ""
    swapped: bool = False

    @property
    def label(self) -> str:
        """Return the option of --crs that means this system, which is also its name for people."""
        return self.shift or ":".join(self.crs.to_authority() or ("", self.crs.name)).lstrip(":")


@dataclass(frozen=True)
class Boundary:
    """An outline inside which every place must lie, known to be in `system`: proves which system a file is in."""

    outline: shapely.Geometry
    system: System


# --- which system a file is in -----------------------------------------------------------------------


def system_of_option(option: str) -> System | None:
    """Return the system of "gcj02", "bd09" or "EPSG:n", None of "auto"; raises DataError for anything else."""
    word = option.strip().lower()
    if word == "auto":
        return None
    if word in UNSHIFT:
        return System(CGCS2000, shift=word)
    if not word.startswith("epsg:"):
        raise DataError("coordinates.bad_option", given=option)
    try:
        crs = pyproj.CRS.from_user_input(word)
    except CRSError as reason:
        raise DataError("coordinates.unknown_epsg", given=option) from reason
    if not (crs.is_geographic or crs.is_projected):
        raise DataError("coordinates.unknown_epsg", given=option)
    return System(crs)


def recognise(
    xy: np.ndarray,
    *,
    file: str,
    declared: pyproj.CRS | None,
    option: str = "auto",
    boundary: Boundary | None = None,
) -> tuple[System, tuple[Finding, ...]]:
    """Return the system of the numbers `xy`, shape (n, 2), n > 0, one finite point a place, and what to say of it.

    The option goes before what the file declares. Without both, zone-prefixed metres and degrees outside China speak
    for themselves; other numbers are decided by the boundary if all points lie inside it under exactly one system.
    Raises DataError where that proves nothing ("coordinates.ask", "coordinates.ask_belt") and where the numbers do
    not fit the system at all ("coordinates.misfit").
    """
    centre = np.median(xy, axis=0)
    asked = system_of_option(option)
    system = asked or (System(declared) if declared is not None else None)
    if system is None:
        system, findings = _guessed(xy, centre, file=file, boundary=boundary)
    else:
        findings = _shift_suspected(xy, system, file=file, boundary=boundary)
    oriented = _oriented(system, centre)
    if oriented is None:
        raise DataError(
            "coordinates.misfit", file=file, system=system.label, looks=_looks(centre), **_first(centre)
        )
    if oriented.swapped:
        findings += (finding("coordinates.swapped", file=file, **_first(centre)),)
    if oriented.shift:
        name = say(f"findings.coordinates.systems.{oriented.shift}")
        findings += (finding("coordinates.shifted", file=file, system=name),)
    if _old_datum(oriented.crs):
        findings += (finding("coordinates.old_datum", file=file, system=oriented.label),)
    return oriented, findings


def degrees_of(xy: np.ndarray, system: System) -> Degrees:
    """Return WGS-84 longitudes and latitudes of numbers in `system`, shape (n, 2); inf where there is no such place."""
    first, second = (xy[:, 1], xy[:, 0]) if system.swapped else (xy[:, 0], xy[:, 1])
    if system.shift:
        return UNSHIFT[system.shift](first, second)
    if system.crs.is_geographic:
        return first, second
    # Not a Transformer, which takes 50 ms to make: the datums of China differ by less than places here have to.
    lon, lat = pyproj.Proj(system.crs)(first, second, inverse=True)
    return np.asarray(lon), np.asarray(lat)


def in_china(lon: npt.ArrayLike, lat: npt.ArrayLike) -> np.ndarray:
    """Return which degrees lie in the rectangle around China."""
    west, south, east, north = CHINA
    x, y = np.asarray(lon), np.asarray(lat)
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def true_geometry(geometry: gpd.GeoSeries, system: System) -> gpd.GeoSeries:
    """Return geometry with its axes in order and its shift undone, in `system.crs`; None stays None."""

    def true(coordinates: np.ndarray) -> np.ndarray:
        xy = coordinates[:, ::-1] if system.swapped else coordinates
        return np.column_stack(UNSHIFT[system.shift](xy[:, 0], xy[:, 1])) if system.shift else xy

    moved = (
        shapely.transform(geometry.to_numpy(), true)
        if system.swapped or system.shift
        else geometry.to_numpy()
    )
    return gpd.GeoSeries(moved, index=geometry.index, crs=system.crs)


def _guessed(
    xy: np.ndarray, centre: np.ndarray, *, file: str, boundary: Boundary | None
) -> tuple[System, tuple[Finding, ...]]:
    zone = _zone_prefix(centre)
    if zone is not None:
        system = System(_belt_with_prefix(zone))
        return system, (finding("coordinates.zone_prefix", file=file, zone=zone, system=system.label),)
    if not _are_degrees(centre):
        candidates = [System(_belt(meridian)) for meridian in range(75, 136, 3)]
        code = "coordinates.ask_belt"
    elif in_china(*centre) or in_china(*centre[::-1]):
        candidates = [System(CGCS2000), System(CGCS2000, shift="gcj02"), System(CGCS2000, shift="bd09")]
        code = "coordinates.ask"
    else:
        return System(WGS84), (finding("coordinates.abroad", file=file, **_first(centre)),)
    proven = _all_inside(xy, candidates, boundary)
    if len(proven) != 1:
        raise DataError(code, file=file, tried=_tried(proven, boundary), **_first(centre))
    return proven[0], (finding("coordinates.proven", file=file, system=proven[0].label, places=len(xy)),)


def _all_inside(xy: np.ndarray, candidates: list[System], boundary: Boundary | None) -> list[System]:
    if boundary is None:
        return []
    outline = shapely.transform(
        boundary.outline, lambda corners: np.column_stack(degrees_of(corners, boundary.system))
    )
    shapely.prepare(outline)
    centre = np.median(xy, axis=0)
    oriented = [(c, _oriented(c, centre)) for c in candidates]
    return [
        c
        for c, o in oriented
        if o is not None and bool(shapely.contains_xy(outline, *degrees_of(xy, o)).all())
    ]


def _tried(proven: list[System], boundary: Boundary | None) -> str:
    if boundary is None:
        return say("errors.coordinates.tried_nothing")
    if not proven:
        return say("errors.coordinates.tried_none")
    return say("errors.coordinates.tried_several", systems=tuple(system.label for system in proven))


def _shift_suspected(
    xy: np.ndarray, system: System, *, file: str, boundary: Boundary | None
) -> tuple[Finding, ...]:
    if system.shift or not system.crs.is_geographic or _all_inside(xy, [system], boundary):
        return ()
    others = _all_inside(xy, [System(CGCS2000, shift=shift) for shift in UNSHIFT], boundary)
    return tuple(
        finding("coordinates.suspected", file=file, system=system.label, other=o.label) for o in others[:1]
    )


def _oriented(system: System, centre: np.ndarray) -> System | None:
    """Return the system with the axis order under which the centre is a likely place; None where neither is."""
    orders = [system, replace(system, swapped=True)]
    likely = [o for o in orders if _fits(o, centre)]
    if system.crs.is_geographic and len(likely) == 2 and not in_china(*centre) and in_china(*centre[::-1]):
        return orders[1]  # nobody plans communities at 29°E 84°N
    return likely[0] if likely else None


def _fits(system: System, centre: np.ndarray) -> bool:
    lon, lat = (float(d[0]) for d in degrees_of(centre[np.newaxis], system))
    if not (abs(lon) <= 180.0 and abs(lat) <= 84.0):
        return False
    if system.shift:
        return bool(in_china(lon, lat))
    if system.crs.is_projected and _are_degrees(centre):
        return False  # within 180 m of a false origin: somebody declared metres over degrees
    use, margin = system.crs.area_of_use, WIDEST_BELT_DEGREES / 2
    if use is None or use.west > use.east:  # unknown, or across the date line
        return True
    return bool(
        use.west - margin <= lon <= use.east + margin and use.south - margin <= lat <= use.north + margin
    )


def _are_degrees(centre: np.ndarray) -> bool:
    return bool((np.abs(centre) <= 180.0).all())


def _zone_prefix(centre: np.ndarray) -> int | None:
    """Return the number of the 3° belt (25 to 45) that an easting of eight digits begins with."""
    zone = int(np.abs(centre).max() // 1_000_000)
    return zone if 25 <= zone <= 45 and np.abs(centre).min() < 1e7 else None


def _belt_with_prefix(zone: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(4513 + zone - 25)


def _belt(meridian: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(4534 + (meridian - 75) // 3)


def _looks(centre: np.ndarray) -> str:
    zone = _zone_prefix(centre)
    if zone is not None:
        return say("errors.coordinates.looks_prefixed", zone=zone, system=f"EPSG:{4513 + zone - 25}")
    return say(
        "errors.coordinates.looks_degrees" if _are_degrees(centre) else "errors.coordinates.looks_metres"
    )


def _first(centre: np.ndarray) -> dict[str, Any]:
    form = ".6g" if _are_degrees(centre) else ".0f"
    return {"x": format(centre[0], form), "y": format(centre[1], form)}


def _old_datum(crs: pyproj.CRS) -> bool:
    datum = crs.datum.name if crs.datum else ""
    return "Xian" in datum or "Beijing" in datum


# --- metres ------------------------------------------------------------------------------------------


def metric_crs(source: pyproj.CRS, lon: np.ndarray, lat: np.ndarray) -> pyproj.CRS:
    """Return the CRS to work in, in metres, for places at these WGS-84 degrees, shape (n,), n > 0.

    A projected source that is true to scale there is kept; else the CGCS2000 3° belt (central-meridian form) of the
    median longitude in China, UTM elsewhere. Wider than 6° no belt holds: an equal-area projection over all of it.
    """
    middle_lon, middle_lat = float(np.median(lon)), float(np.median(lat))
    if source.is_projected and _true_to_scale(source, middle_lon, middle_lat):
        return source
    chinese = bool(in_china(middle_lon, middle_lat))
    if float(np.ptp(lon)) > WIDEST_BELT_DEGREES:
        return _equal_area(middle_lon, middle_lat, chinese=chinese)
    if chinese:
        return _belt(int(np.clip(3 * round(middle_lon / 3), 75, 135)))
    zone = int(np.clip((middle_lon + 180.0) // 6, 0, 59)) + 1
    return pyproj.CRS.from_epsg((32600 if middle_lat >= 0 else 32700) + zone)


def _true_to_scale(crs: pyproj.CRS, lon: float, lat: float) -> bool:
    if any(axis.unit_name != "metre" for axis in crs.axis_info):
        return False
    factors = pyproj.Proj(crs).get_factors(lon, lat)
    scales = np.array([factors.meridional_scale, factors.parallel_scale])
    return bool((np.abs(scales - 1.0) <= LARGEST_SCALE_ERROR).all())


def _equal_area(lon: float, lat: float, *, chinese: bool) -> pyproj.CRS:
    if chinese:  # the parallels of the national maps
        return pyproj.CRS.from_proj4(
            "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80 +units=m"
        )
    return pyproj.CRS.from_proj4(f"+proj=laea +lat_0={round(lat)} +lon_0={round(lon)} +datum=WGS84 +units=m")


# --- points ------------------------------------------------------------------------------------------


def representative_points(geometry: gpd.GeoSeries) -> np.ndarray:
    """Return x, y of a point inside the largest part of each geometry, shape (n, 2), in its CRS; nan without a place."""
    points = np.full((len(geometry), 2), np.nan)
    parts, owners = shapely.get_parts(geometry.to_numpy(), return_index=True)
    there = ~shapely.is_empty(parts)
    parts, owners = parts[there], owners[there]
    if not len(parts):
        return points
    by_size = np.lexsort((shapely.area(parts), owners))
    largest = by_size[np.append(np.diff(owners[by_size]) > 0, [True])]
    inside = shapely.point_on_surface(parts[largest])
    points[owners[largest]] = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
    return points
