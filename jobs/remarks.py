"""What somebody has to look at although no rule is broken: who is missing, cut grids, gaps in the data, faults of outlines."""

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.doubts import overlaps, torn
from optimizer.checks import Violation
from report.responsible import ROLES, Responsible
from report.results import Results

LACKING, GAP = "lacking", "gap"  # with what is lacking after the colon: "lacking:police"
GRID_CUT, OVERLAP, PARTS, HOLE = "grid_cut", "overlap", "parts", "hole"
REMARKS = (LACKING, GRID_CUT, GAP, OVERLAP, PARTS, HOLE)  # the order of the panel
# What a community may lack: columns that rules, prices and papers go by, "place" aside, which is its geometry.
GAPS = ("count", "place", "street_town", "committee", "grids", "built_year", "ownership", "lift", "managed")
NEEDED = ("count", "place")  # also where no community has it: without these it is in no area


def remarks(results: Results, areas: Sequence[Responsible]) -> tuple[Violation, ...]:
    """Return a row for each thing to look at, in the order of REMARKS; `areas` say who is responsible.

    `value` and `limit` are numbers: of areas without somebody, of grids, of communities, of pieces, or square metres.
    """
    return (
        *_lacking(areas),
        *_cut_grids(results),
        *_gaps(results.communities),
        *_overlaps(results.communities),
        *_outlines(results),
    )


def _lacking(areas: Sequence[Responsible]) -> Iterator[Violation]:
    """Yield a row for each role that nobody holds somewhere, the areas in which nobody does as its members."""
    missing = [(one.area_id, one.missing) for one in areas]
    for role in ROLES:
        without = tuple(area_id for area_id, roles in missing if role in roles)
        if without:
            yield Violation(
                f"{LACKING}:{role}", area_id=without[0], value=len(without), limit=0, members=without
            )


def _cut_grids(results: Results) -> Iterator[Violation]:
    """Yield the areas with households in more than one grid, the grid with most of them first among the members."""
    if results.area_grid is None:
        return
    parts = results.area_grid[(results.area_grid["households"] > 0) & (results.area_grid["grid"] != "")]
    cut = parts[parts["area_id"].duplicated(keep=False)]
    ordered = cut.sort_values(["area_id", "households", "grid"], ascending=[True, False, True])
    grids_of: dict[str, list[str]] = {}
    for area_id, grid in zip(ordered["area_id"], ordered["grid"], strict=True):
        grids_of.setdefault(str(area_id), []).append(str(grid))
    for area_id, grids in grids_of.items():
        yield Violation(GRID_CUT, area_id=area_id, value=len(grids), limit=1, members=tuple(grids))


def _gaps(communities: gpd.GeoDataFrame) -> Iterator[Violation]:
    """Yield a row for each column that some communities lack; one that the whole ledger lacks was never promised."""
    taking_part = communities[communities["outcome"] != "excluded"]
    for column in GAPS:
        lacking = _lacks(taking_part, column)
        some = lacking.any() and (column in NEEDED or not lacking.all())
        if some:
            ids = tuple(map(str, taking_part.index[lacking]))
            yield Violation(f"{GAP}:{column}", community_id=ids[0], value=len(ids), limit=0, members=ids)


def _lacks(communities: gpd.GeoDataFrame, column: str) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    if column == "place":
        shapes = communities.geometry
        return np.asarray(shapes.isna() | shapes.is_empty)
    if column == "count":
        return np.asarray(communities["outcome"] == "held")
    values = communities[column]
    return np.asarray(values.isna() if pd.api.types.is_numeric_dtype(values) else values == "")


def _overlaps(communities: gpd.GeoDataFrame) -> Iterator[Violation]:
    shapes = communities.geometry
    found = overlaps(shapes[shapes.notna() & ~shapes.is_empty])
    for a, b, shared_m2 in zip(found["a"], found["b"], found["shared_m2"], strict=True):
        pair = tuple(sorted((str(a), str(b))))
        yield Violation(OVERLAP, community_id=pair[0], value=round(float(shared_m2)), limit=0, members=pair)


def _outlines(results: Results) -> Iterator[Violation]:
    """Yield the areas whose outline is in several parts, then those that enclose ground of nobody's.

    Parts that do not hang together by links either break a rule, and are told there.
    """
    shapes, judged = results.areas.geometry, results.violations
    broken = set(judged["place_id"][judged["rule"] == "connection"])
    found = torn(shapes[shapes.notna() & ~shapes.is_empty])
    for area_id, parts in found["parts"][found["parts"] > 1].items():
        if area_id not in broken:
            yield Violation(PARTS, area_id=str(area_id), value=int(parts), limit=1)
    for area_id, hole_m2 in found["hole_m2"][found["hole_m2"] > 0].items():
        yield Violation(HOLE, area_id=str(area_id), value=round(float(hole_m2)), limit=0)
