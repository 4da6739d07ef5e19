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
HOLE_LEAST_M2 = 50.0  # smaller ones are corners that outlines leave between them
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


def overlaps(there: gpd.GeoSeries, /) -> pd.DataFrame:
    """Return pairs of outlines that lie over one another by more than noise: `a`, `b` (of the index), `shared_m2`, `same`.

    `there` is in metres, without missing or empty shapes; `a` comes before `b` in it; `same` where the two are one outline.
    """
    outlines = there[there.geom_type != "Point"]
    shapes = outlines.to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared_m2 = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    areas_m2 = shapely.area(shapes)
    smaller, larger = np.minimum(areas_m2[a], areas_m2[b]), np.maximum(areas_m2[a], areas_m2[b])
    same = shared_m2 > DUPLICATE_SHARE * larger
    over = same | ((shared_m2 > OVERLAP_LEAST_M2) & (shared_m2 > OVERLAP_LEAST_SHARE * smaller))
    ends = {"a": outlines.index[a], "b": outlines.index[b]}
    pairs = pd.DataFrame({**ends, "shared_m2": shared_m2, "same": same})
    return pairs.iloc[np.flatnonzero(over)]


def torn(there: gpd.GeoSeries, /) -> pd.DataFrame:
    """Return for each outline in how many `parts` it is, and `hole_m2`, the area of all larger holes in it; on its index.

    `there` is in metres, without missing or empty shapes.
    """
    shapes = there.to_numpy()
    parts, row = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    inner = np.flatnonzero(part[1:] == part[:-1]) + 1  # the first ring of a part is its shell
    hole_m2 = np.asarray(shapely.area(shapely.polygons(rings[inner])))
    large = hole_m2 > HOLE_LEAST_M2
    within_m2 = np.bincount(row[part[inner]][large], weights=hole_m2[large], minlength=len(shapes))
    return pd.DataFrame(
        {"parts": shapely.get_num_geometries(shapes), "hole_m2": within_m2}, index=there.index
    )


def _overlapping(there: gpd.GeoSeries, file: str) -> list[Finding]:
    found = overlaps(there)
    ends = found[["a", "b"]].to_numpy(dtype=np.int64)
    rows, others, m2 = ends.max(axis=1).tolist(), ends.min(axis=1).tolist(), found["shared_m2"].tolist()
    same = found["same"].to_numpy(dtype=bool)
    return [
        finding("coordinates.duplicate", file, rows[i], other=others[i]) for i in np.flatnonzero(same)
    ] + [
        finding("coordinates.overlapping", file, rows[i], other=others[i], area_m2=round(m2[i]))
        for i in np.flatnonzero(~same)
    ]
