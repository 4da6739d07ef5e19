"""Places that are kept but look wrong: far from all others, far too large, stacked, overlapping."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coordinates import System, degrees_of, representative_points
from geo.places import far_away_m
from geo.schema import Finding, finding

COMPANY_WITHIN_M = 5_000.0
COMPANY_LEAST = 3  # other places within that distance make a town
HUGE_OUTLINE_M = 5_000.0
OVERLAP_LEAST_M2 = 10.0
OVERLAP_LEAST_SHARE = 0.01  # of the smaller outline; less is drawing noise
STACKED_SHOWN = 5
DUPLICATE_SHARE = 0.95  # of both outlines


def doubtful_places(geometry: gpd.GeoSeries, *, file: str) -> tuple[Finding, ...]:
    """Return findings on places that are kept but look wrong; `geometry` in metres, its index the row in `file`."""
    if geometry.isna().all():
        return ()
    there = geometry[geometry.notna()]
    return (*_far_away(there, file), *_huge(there, file), *_stacked(there, file), *_overlapping(there, file))


def _far_away(there: gpd.GeoSeries, file: str) -> list[Finding]:
    xy = representative_points(there)
    lon, lat = degrees_of(xy, System(there.crs))
    far, distances_m = far_away_m(lon, lat)
    # A second town of the same ledger is far away too, but it is not alone.
    centres = np.asarray(shapely.points(xy))
    suspects = np.flatnonzero(far)
    near, _ = shapely.STRtree(centres).query(
        centres[suspects], predicate="dwithin", distance=COMPANY_WITHIN_M
    )
    alone = suspects[np.bincount(near, minlength=len(suspects)) <= COMPANY_LEAST]
    return [
        finding(
            "coordinates.far_away", file, int(there.index[i]), distance_km=round(float(distances_m[i]) / 1000)
        )
        for i in alone
    ]


def _huge(there: gpd.GeoSeries, file: str) -> list[Finding]:
    bounds = there.bounds.to_numpy()
    widths_m = np.hypot(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    return [
        finding("coordinates.huge", file, int(there.index[i]), width_km=round(float(widths_m[i]) / 1000))
        for i in np.flatnonzero(widths_m > HUGE_OUTLINE_M)
    ]


def _stacked(there: gpd.GeoSeries, file: str) -> list[Finding]:
    points = there[there.geom_type == "Point"]
    xy = pd.DataFrame({"x": points.x.round(2), "y": points.y.round(2)})
    stacked = xy[xy.duplicated(keep=False)]
    return [
        finding(
            "coordinates.stacked", file, row, rows=tuple(map(str, rows[:STACKED_SHOWN])), number=len(rows)
        )
        for rows in (sorted(group.index) for _, group in stacked.groupby(["x", "y"]))
        for row in rows
    ]


def _overlapping(there: gpd.GeoSeries, file: str) -> list[Finding]:
    outlines = there[there.geom_type != "Point"]
    shapes = outlines.to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared_m2 = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    areas_m2 = shapely.area(shapes)
    smaller, larger = np.minimum(areas_m2[a], areas_m2[b]), np.maximum(areas_m2[a], areas_m2[b])
    rows = outlines.index.tolist()
    same = shared_m2 > DUPLICATE_SHARE * larger
    over = ~same & (shared_m2 > OVERLAP_LEAST_M2) & (shared_m2 > OVERLAP_LEAST_SHARE * smaller)
    return [
        finding("coordinates.duplicate", file, max(rows[i], rows[j]), other=min(rows[i], rows[j]))
        for i, j in zip(a[same], b[same], strict=True)
    ] + [
        finding(
            "coordinates.overlapping",
            file,
            max(rows[i], rows[j]),
            other=min(rows[i], rows[j]),
            area_m2=round(float(m2)),
        )
        for i, j, m2 in zip(a[over], b[over], shared_m2[over], strict=True)
    ]
