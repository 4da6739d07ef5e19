"""Layers that are laid over the communities: bounds, grids, committees, duties, in the communities' own CRS."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.coordinates import Boundary, System, recognise, system_of_option, true_geometry
from geo.headings import Fields, find_columns, normalised, synonyms
from geo.places import declared_crs, places_of
from geo.reading import RawTable
from geo.schema import DataError, Finding, finding

KIND_WORDS = tuple(map(normalised, ("类别", "类型", "种类", "kind", "type", "class")))
NAME_WORDS = tuple(map(normalised, ("名称", "name", "全称", "标题", "编号", "编码", "code", "id")))


def drawn_layer(
    raw: RawTable, /, *, crs: pyproj.CRS | None, option: str = "auto"
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return the rows of a layer that have a shape (points, lines or polygons), in `crs` where one is given.

    Cells stay text. `option` is the coordinate system where the file declares none. A table of points (columns of
    coordinates) counts as a layer. Raises DataError where nothing is drawn or the system is not known.
    """
    if raw.geometry is None:
        columns = find_columns(list(raw.frame.columns), Fields(), file=raw.file)
        placed = places_of(raw, columns, crs=option)
        geometry, findings = placed.geometry, placed.findings
    else:
        geometry, findings = _true(raw, "auto" if raw.crs_declared or _by_standard(raw, option) else option)
    shapes = geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not there.any():
        raise DataError("drawn.nothing", file=raw.file)
    table = gpd.GeoDataFrame(raw.frame[there], geometry=geometry[there], crs=geometry.crs)
    table = table if crs is None else table.to_crs(crs)
    near = np.isfinite(table.bounds.to_numpy()).all(axis=1)  # the others could not be projected
    for code, number in (("empty", int((~there).sum())), ("off_earth", int((~near).sum()))):
        if number:
            findings += (finding(f"drawn.{code}", file=raw.file, number=number),)
    if not near.any():
        raise DataError("drawn.off_earth", file=raw.file)
    return table[near], findings


def named_layer(layer: gpd.GeoDataFrame, /, *, file: str, fields: Sequence[str]) -> gpd.GeoDataFrame:
    """Return polygons with a `name` column: the first heading that is one of `fields` (ours) or says name or code.

    Raises DataError where no heading does, or nothing is a polygon.
    """
    words = [*(w for ours in fields for w in synonyms()[ours]), *NAME_WORDS]
    heading, headings = _heading(layer, words)
    if heading is None:
        raise DataError("drawn.no_name", file=file, headings=headings)
    flat = layer[shapely.get_dimensions(layer.geometry.to_numpy()) == 2]
    if flat.empty:
        raise DataError("drawn.no_polygon", file=file)
    sound = shapely.make_valid(flat.geometry.to_numpy(), method="structure")
    return gpd.GeoDataFrame({"name": flat[heading].astype("str")}, geometry=sound, crs=layer.crs)


def named_places(layer: gpd.GeoDataFrame, /, *, file: str) -> gpd.GeoDataFrame:
    """Return landmarks and shared facilities, outlines or points, with the columns `name` and `kind`, "" where not given.

    Raises DataError where no heading says name or code.
    """
    heading, headings = _heading(layer, NAME_WORDS)
    if heading is None:
        raise DataError("drawn.no_name", file=file, headings=headings)
    kind, _ = _heading(layer, KIND_WORDS)
    texts = {"name": layer[heading], "kind": layer[kind] if kind is not None else ""}
    shapes = shapely.make_valid(layer.geometry.to_numpy(), method="structure")
    table = gpd.GeoDataFrame(texts, index=layer.index, geometry=shapes, crs=layer.crs)
    return table.astype({"name": "str", "kind": "str"}).fillna({"name": "", "kind": ""})


def _heading(layer: gpd.GeoDataFrame, words: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return the heading that is the first of these words, None without one, and all headings."""
    headings = {normalised(str(h)): str(h) for h in layer.columns if h != layer.geometry.name}
    return next((headings[w] for w in words if w in headings), None), tuple(headings.values())


def boundary_of(raw: RawTable, /, *, option: str = "auto") -> Boundary:
    """Return the union of a layer's polygons as a boundary, in the system that `option` or the file gives."""
    if raw.geometry is None:
        raise DataError("drawn.no_polygon", file=raw.file)
    shapes = raw.geometry.to_numpy()
    flat = shapes[~shapely.is_missing(shapes) & (shapely.get_dimensions(shapes) == 2)]
    if not len(flat):
        raise DataError("drawn.no_polygon", file=raw.file)
    system = system_of_option(option) or (System(raw.crs) if raw.crs is not None else None)
    if system is None:
        raise DataError("drawn.boundary_crs", file=raw.file)
    return Boundary(shapely.union_all(shapely.make_valid(flat)), system)


def _by_standard(raw: RawTable, option: str) -> bool:
    """Tell whether the option, given for a ledger in metres, cannot be meant for a layer in degrees by its standard."""
    asked = system_of_option(option)
    if raw.crs is None or not raw.crs.is_geographic or asked is None or asked.crs.is_geographic:
        return False
    xy = shapely.get_coordinates(raw.geometry.to_numpy() if raw.geometry is not None else [])
    return bool((np.abs(xy) <= (180.0, 90.0)).all())


def _true(raw: RawTable, option: str) -> tuple[gpd.GeoSeries, tuple[Finding, ...]]:
    assert raw.geometry is not None
    geometry = gpd.GeoSeries(shapely.force_2d(raw.geometry.to_numpy()), index=raw.frame.index)
    there = ~(geometry.isna() | geometry.is_empty)
    corner = shapely.get_coordinates(shapely.point_on_surface(geometry[there].to_numpy()))
    xy = corner[np.isfinite(corner).all(axis=1)]
    if not len(xy):
        return geometry, ()
    declared, said = declared_crs(raw, option=option, proof=False)
    system, findings = recognise(xy, file=raw.file, declared=declared, option=option)
    return true_geometry(geometry, system), (*said, *findings)
