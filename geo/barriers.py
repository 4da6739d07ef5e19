"""Roads, railways, rivers and walls: which class a feature is of, what a way meets, and where a bound can be crossed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.cells import Bools, Geometries, Ints
from geo.schema import DataError, Finding, finding

RULES = ("never", "price", "wall", "open")
NAME_COLUMNS = ("名称", "道路名称", "路名", "name", "NAME", "Name")
CUT_WIDTH_M = 0.25  # half the width at which a line cuts an outline in two
LEAST_STANDING_SHARE = 0.10  # a smaller piece beyond a bound is a slip of drawing, not a place to stand
SAME_PLACE_M = 1.0


@dataclass(frozen=True)
class BarrierClass:
    """A class of bounds: `rule` is one of RULES, `price` (户·米 a crossing) only counts under "price".

    `walkable`: its bridges and tunnels are ways for people. `crossing`: each of its features is one. `reason`: the code of a reason of its own ("terrain").
    `match`: a feature is of this class where all columns of one of these tables hold one of the values listed.
    """

    name: str
    rule: str
    price: float
    walkable: bool
    crossing: bool
    reason: str
    match: tuple[Mapping[str, frozenset[str]], ...]


@dataclass(frozen=True)
class BarrierRules:
    """All classes in the order in which they are tried, and how bridges, tunnels and gates are told."""

    classes: tuple[BarrierClass, ...]
    class_columns: tuple[str, ...]
    opening_columns: tuple[str, ...]
    no_values: frozenset[str]

    def crossing_prices(self) -> dict[str, float]:
        """Return the price of one crossing by class, for the prices of the rules."""
        return {c.name: c.price for c in self.classes if c.rule == "price"}

    def never(self) -> tuple[str, ...]:
        """Return the classes that no link crosses."""
        return tuple(c.name for c in self.classes if c.rule == "never")


@dataclass(frozen=True)
class Barriers:
    """Bounds and the places where they can be crossed, in the communities' metric CRS.

    `features`: lines and polygons with `name` ("" where not given), `barrier_class`, `never` and `wall` (both False: crossed at a price), in order
    of class, without bridges, tunnels and gates. `crossings`: `kind` "point", "walk" (line walked along) or "opening"
    (line passed across), `barrier_class` ("" for points).
    """

    features: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    findings: tuple[Finding, ...] = ()

    def never(self) -> gpd.GeoDataFrame:
        """Return the features that no link crosses."""
        return self.features[self.features["never"]]

    def walls(self) -> Geometries:
        """Return the walls, which are priced by the metre."""
        return np.asarray(self.features.geometry[self.features["wall"]].array)

    def priced(self) -> gpd.GeoDataFrame:
        """Return the features that are crossed at a price."""
        return self.features[~self.features["never"] & ~self.features["wall"]]


# --- rules -----------------------------------------------------------------------------------------


def barrier_classes(table: Mapping[str, Any], /) -> BarrierRules:
    """Return the barrier part of a rules file: its tables [barriers] and [[barrier]].

    Raises DataError where a class has no name, an unknown rule or a price that makes no sense, or stands there twice.
    """
    common = table.get("barriers", {})
    columns = tuple(str(c) for c in common.get("class_columns", ()))
    classes: list[BarrierClass] = []
    for number, row in enumerate(table.get("barrier", ()), start=1):
        made = _barrier_class(row, number, columns)
        if made.name in {c.name for c in classes}:
            raise DataError("adjacency.class_twice", name=made.name)
        classes.append(made)
    return BarrierRules(
        tuple(classes),
        columns,
        tuple(str(c) for c in common.get("opening_columns", ())),
        frozenset(_word(v) for v in common.get("no_values", ())),
    )


def _barrier_class(row: Mapping[str, Any], number: int, columns: tuple[str, ...]) -> BarrierClass:
    name, rule, price = str(row.get("name", "")).strip(), row.get("rule"), row.get("price", 0)
    if not name:
        raise DataError("adjacency.class_name", number=number)
    if rule not in RULES:
        raise DataError("adjacency.class_rule", name=name, given=rule, known=tuple(RULES))
    if (
        isinstance(price, bool)
        or not isinstance(price, int | float)
        or price < 0
        or (rule == "price") != ("price" in row)
    ):
        raise DataError("adjacency.class_price", name=name, given=row.get("price"))
    values = frozenset({_word(name), *(_word(v) for v in row.get("values", ()))})
    special = [{str(c): frozenset(_word(v) for v in vs) for c, vs in m.items()} for m in row.get("match", ())]
    return BarrierClass(
        name,
        rule,
        float(price),
        bool(row.get("walkable", False)),
        bool(row.get("crossing", False)),
        str(row.get("reason", "")),
        (*special, *({c: values} for c in columns)),
    )


def _word(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip().casefold()  # noqa: PLR0124 - nan


# --- reading ---------------------------------------------------------------------------------------


def read_barriers(
    tables: Iterable[tuple[str, gpd.GeoDataFrame]], rules: BarrierRules, *, crs: Any
) -> Barriers:
    """Return the bounds of the layers (name, raw table), in `crs`.

    A feature is of the first class that matches; a layer without any class column is of the class that its name
    says. Bridges, tunnels and gates do not bound; those of walkable classes and point features without a class are
    crossings, like bridges without a class. Other features are left out, with a finding. Raises DataError for a layer
    without CRS, or where no layer has a feature of a known class.
    """
    tables = list(tables)
    read = [_read_layer(name, table, rules, crs) for name, table in tables]
    unused = [
        name for (name, table), (part, _) in zip(tables, read, strict=True) if len(table) and part.empty
    ]
    if unused and len(unused) == len(tables):  # beside a good layer, one of landmarks is only left out
        known = tuple(c.name for c in rules.classes)
        raise DataError("adjacency.barrier_unknown", file=unused[0], known=known)
    nothing = {"number": np.empty(0, int), "opening": np.empty(0, bool), "name": np.empty(0, object)}
    none = gpd.GeoDataFrame(nothing, geometry=[], crs=crs)
    parts = pd.concat([none, *(part for part, _ in read)], ignore_index=True)
    same = ["number", "opening", "shape"]
    parts = parts.assign(shape=shapely.to_wkb(shapely.normalize(parts.geometry.array)))
    parts = parts.sort_values([*same, "name"], ignore_index=True).drop_duplicates(same, ignore_index=True)
    findings = tuple(f for _, found in read for f in found)
    return Barriers(_features(parts, rules, crs), _crossings(parts, rules, crs), findings)


def _features(parts: gpd.GeoDataFrame, rules: BarrierRules, crs: Any) -> gpd.GeoDataFrame:
    number = parts["number"].to_numpy()
    rule = np.array([*(c.rule for c in rules.classes), "open"], dtype=object)[number]
    barrier_class = np.array([*(c.name for c in rules.classes), ""], dtype=object)[number]
    line = shapely.get_dimensions(parts.geometry.array) > 0
    kept = line & ~parts["opening"].to_numpy() & (rule != "open")
    columns = {
        "name": parts["name"].to_numpy()[kept],
        "barrier_class": barrier_class[kept],
        "never": rule[kept] == "never",
        "wall": rule[kept] == "wall",
    }
    return gpd.GeoDataFrame(columns, geometry=np.asarray(parts.geometry.array)[kept], crs=crs)


def _read_layer(
    name: str, table: gpd.GeoDataFrame, rules: BarrierRules, crs: Any
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    if table.crs is None:
        raise DataError("adjacency.barrier_crs", file=name)
    table = table[~(table.geometry.isna() | table.geometry.is_empty)].to_crs(crs)
    number = _class_numbers(name, table, rules)
    point = shapely.get_dimensions(table.geometry.array) == 0
    by_itself = np.array([*(c.crossing for c in rules.classes), False], dtype=bool)[number]
    opening = _is_opening(table, rules) | by_itself
    used = np.where(point, opening | (number < 0), opening | (number >= 0))
    parts = gpd.GeoDataFrame(
        {"number": number[used], "opening": opening[used], "name": _names(table)[used]},
        geometry=shapely.force_2d(shapely.make_valid(table.geometry.array[used])),
        crs=crs,
    ).explode(ignore_index=True)
    left_out = int((~used).sum())
    return parts, [finding("adjacency.barrier_left_out", file=name, number=left_out)] if left_out else []


def _names(table: gpd.GeoDataFrame) -> Geometries:
    """Return what each feature is called, "" where the layer does not say."""
    column = next((c for c in NAME_COLUMNS if c in table.columns), None)
    texts = (
        [""] * len(table) if column is None else ["" if pd.isna(t) else str(t).strip() for t in table[column]]
    )
    return np.array(texts, dtype=object)


def _class_numbers(name: str, table: gpd.GeoDataFrame, rules: BarrierRules) -> Ints:
    """Return the position of each feature's class, −1 where none matches."""
    wanted = {column for c in rules.classes for m in c.match for column in m}
    words = {c: table[c].map(_word) for c in table.columns if c in wanted}
    numbers = np.full(len(table), -1)
    if not words:
        words = {
            c: pd.Series(_word(name.rpartition(":")[2].split(".")[0]), table.index)
            for c in rules.class_columns
        }
    for position, barrier_class in reversed(list(enumerate(rules.classes))):
        for match in barrier_class.match:
            if match.keys() <= words.keys():
                hit = np.logical_and.reduce([words[c].isin(list(values)) for c, values in match.items()])
                numbers[hit] = position
    return numbers


def _is_opening(table: gpd.GeoDataFrame, rules: BarrierRules) -> Bools:
    opening = np.zeros(len(table), dtype=bool)
    for column in (c for c in rules.opening_columns if c in table.columns):
        opening |= ~table[column].map(_word).isin(["", *rules.no_values]).to_numpy(bool)
    return opening


def _crossings(parts: gpd.GeoDataFrame, rules: BarrierRules, crs: Any) -> gpd.GeoDataFrame:
    dims = shapely.get_dimensions(parts.geometry.array)
    points = parts.geometry.array[dims == 0]
    rows = [("point", "", p) for p in points]
    pieces = parts[(dims == 1) & parts["opening"]]
    for number, group in pieces.groupby("number"):
        one = rules.classes[number] if number >= 0 else None
        merged = shapely.get_parts(shapely.line_merge(shapely.union_all(group.geometry.array)))
        rows += [("opening", one.name, line) for line in merged if one and one.rule == "never"]
        rows += [("walk", one.name if one else "", line) for line in merged if one is None or one.walkable]
    frame = pd.DataFrame(rows, columns=["kind", "barrier_class", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)


# --- what a way meets ------------------------------------------------------------------------------


def standing(geometries: Geometries, barriers: Barriers) -> tuple[Geometries, Bools, Bools]:
    """Return the outlines without what lies beyond a *never* bound, and which are cut in several or lie inside one.

    A piece under a tenth of the outline's area is left out; an outline or point inside a bound stays as it is.
    """
    never = np.asarray(barriers.never().geometry.array)
    ours, bounds = shapely.STRtree(never).query(geometries, predicate="intersects")
    out = geometries.copy()
    cut, inside = np.zeros((2, len(geometries)), dtype=bool)
    for i in np.unique(ours):
        whole = geometries[i]
        pieces = shapely.get_parts(shapely.difference(whole, ground(never[bounds[ours == i]])))
        pieces = pieces[shapely.area(pieces) >= LEAST_STANDING_SHARE * shapely.area(whole)]
        inside[i] = len(pieces) == 0 or shapely.get_dimensions(whole) == 0
        cut[i] = len(pieces) > 1
        if not inside[i]:
            out[i] = shapely.multipolygons(pieces) if cut[i] else pieces[0]
    return out, cut, inside


def ground(bounds: Geometries) -> Any:
    """Return the ground that bounds take: polygons as they are, lines as thin strips."""
    lines = shapely.get_dimensions(bounds) == 1
    return shapely.union_all([*shapely.buffer(bounds[lines], CUT_WIDTH_M, cap_style="flat"), *bounds[~lines]])


def blocking(ways: Geometries, barriers: Barriers) -> Geometries:
    """Return the first class of *never* bounds that each way meets, "" where it meets none."""
    never = barriers.never()
    way, bound = shapely.STRtree(never.geometry.array).query(ways, predicate="intersects")
    first = np.full(len(ways), len(never))
    np.minimum.at(first, way, bound)
    classes: Geometries = np.asarray([*never["barrier_class"], ""], dtype=object)
    return np.asarray(classes[first])


def crossed(ways: Geometries, barriers: Barriers) -> list[tuple[str, ...]]:
    """Return the classes that each way crosses at a price, in the order of the way; twice where it crosses twice.

    Crossings of one class within a metre are one: layers repeat features at the edges of tiles.
    """
    priced = barriers.priced()
    way, bound = shapely.STRtree(priced.geometry.array).query(ways, predicate="intersects")
    met = shapely.intersection(ways[way], np.asarray(priced.geometry.array)[bound])
    parts, of = shapely.get_parts(met, return_index=True)
    table = pd.DataFrame(
        {
            "way": way[of],
            "barrier_class": priced["barrier_class"].to_numpy(object)[bound[of]],
            "along_m": shapely.line_locate_point(ways[way[of]], shapely.centroid(parts)),
        }
    ).sort_values(["way", "barrier_class", "along_m"])
    far = table.groupby(["way", "barrier_class"])["along_m"].diff().fillna(np.inf) > SAME_PLACE_M
    out: list[tuple[str, ...]] = [()] * len(ways)
    met_in_turn = table[far].sort_values(["way", "along_m", "barrier_class"])
    for number, name in met_in_turn[["way", "barrier_class"]].to_numpy(object):
        out[number] = (*out[number], name)
    return out
