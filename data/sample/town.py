"""A made-up town drawn from its skeleton (town.toml): streets, blocks between them, compounds, buildings, walls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate, scale, translate
from shapely.ops import nearest_points, polygonize, split, substring

CRS = "EPSG:4544"
HALF_WIDTH_M = {"主干路": 17.0, "次干路": 12.0, "支路": 6.5, "巷道": 3.0}
PAVEMENT_M = 2.5
RAILWAY_M = 13.0
RIVER_BANK_M = 6.0
COMPOUND_M2 = (2600.0, 6000.0)

SLAB_DEPTH_M, SLAB_LONGEST_M, SLAB_SHORTEST_M, YARD_M = 10.5, 44.0, 13.0, 9.5
STAIR_M, HOMES_A_LANDING = 14.0, 2
TOWER_M, TOWER_APART_M, HOMES_A_TOWER_STOREY = 19.0, 14.0, 6
MOST_STOREYS = (("1982", 4), ("1996", 6), ("2003", 7), ("9999", 11))  # by the year of building
GATE_M = 5.0
ROW_LOOK_M = 8.0
PASSAGE_M = 5.0


@dataclass(frozen=True)
class Skeleton:
    """What is there before the blocks; in metres from the origin."""

    streets: gpd.GeoDataFrame  # name, class, lines
    river: Polygon
    river_line: LineString
    railway: LineString
    bound: Polygon


@dataclass(frozen=True)
class Town:
    """Everything that is drawn, each as a table with `name` and what else is known of it; in metres from the origin."""

    skeleton: Skeleton
    communities: gpd.GeoDataFrame  # id, name, address, households, year, committee
    buildings: gpd.GeoDataFrame  # community (position), number, storeys, households
    grids: gpd.GeoDataFrame  # name, committee, police
    landmarks: gpd.GeoDataFrame
    walls: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    retaining_walls: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame  # name, kind, serves (ids)


def build_town(plan: Mapping[str, Any], rng: np.random.Generator) -> Town:
    """Return the town of a town.toml; raises ValueError where a point of it lies in no compound, or two in one."""
    bones = skeleton(plan)
    plots = [weathered(c, rng) for block in blocks(bones) for c in compounds(block, rng)]
    grids = _grids(plan, bones)
    communities = _communities(plan, plots, grids)
    buildings = _buildings(communities, set(plan["towers"]), rng)
    walls, gates = _walls(communities[~communities["name"].isin(plan["open_yards"])], bones)
    landmarks = pd.DataFrame(plan["landmark"], columns=["x", "y", "name"])
    return Town(
        skeleton=bones,
        communities=communities,
        buildings=buildings,
        grids=grids,
        landmarks=_table(landmarks[["name"]], [plots[i] for i in _plot_of(landmarks, plots)]),
        walls=walls,
        gates=gates,
        retaining_walls=_table(
            pd.DataFrame({"name": [w["name"] for w in plan["retaining_wall"]]}),
            [smooth(w["line"]) for w in plan["retaining_wall"]],
        ),
        facilities=_facilities(plan, communities),
    )


# --- streets and blocks ----------------------------------------------------------------------------


def smooth(points: Any, *, steps: int = 8) -> LineString:
    """Return a Catmull-Rom curve through points."""
    p = np.asarray(points, float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return LineString(np.vstack([*parts, p[-2]]))


def ribbon(line: LineString, widths_m: Any) -> Polygon:
    """Return a line as ground whose width changes along it."""
    xy = np.asarray(line.coords)
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))] / line.length
    half = np.interp(along, np.linspace(0, 1, len(widths_m)), widths_m) / 2
    way = np.gradient(xy, axis=0)
    side = np.column_stack([-way[:, 1], way[:, 0]]) / np.hypot(*way.T)[:, None] * half[:, None]
    return Polygon(np.vstack([xy + side, (xy - side)[::-1]]))


def skeleton(plan: Mapping[str, Any]) -> Skeleton:
    """Return the skeleton of a town.toml."""
    river = smooth(plan["river"]["line"])
    named = pd.DataFrame({key: [s[key] for s in plan["street"]] for key in ("name", "class")})
    streets = _table(named, [smooth(s["line"]) for s in plan["street"]])
    bound = Polygon(smooth([*plan["bound"], plan["bound"][0]], steps=4).coords)
    return Skeleton(
        streets, ribbon(river, plan["river"]["widths_m"]), river, smooth(plan["railway"]["line"]), bound
    )


def blocks(bones: Skeleton) -> list[Polygon]:
    """Return the ground between streets, river, railway and bound, pavements and banks left out."""
    lines = [*bones.streets.geometry, bones.railway, bones.river_line, bones.bound.exterior]
    half_m = bones.streets["class"].map(HALF_WIDTH_M) + PAVEMENT_M
    taken = [*bones.streets.buffer(half_m), bones.river.buffer(RIVER_BANK_M), bones.railway.buffer(RAILWAY_M)]
    ground = shapely.union_all(taken)
    inside = bones.bound.buffer(-5)
    faces = [f for f in polygonize(shapely.union_all(lines)) if bones.bound.contains(f.representative_point())]
    free = [p for f in faces for p in shapely.get_parts(f.intersection(inside).difference(ground))]
    opened = [p.buffer(-6).buffer(6, join_style="mitre", mitre_limit=1.6) for p in free]
    parts = [p for o in opened for p in shapely.get_parts(o) if p.area > 700]
    return sorted(parts, key=lambda p: (round(p.centroid.y, -1), p.centroid.x))


def compounds(block: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Return the compounds of a block: cut across its longer side until they are small, none touching another."""
    if block.area < 1.45 * rng.uniform(*COMPOUND_M2):
        return [block]
    corners = np.asarray(shapely.oriented_envelope(block).exterior.coords)
    sides = [np.hypot(*(b - a)) for a, b in pairwise(corners[:3])]
    a, b, c, d = corners[:4] if sides[0] >= sides[1] else np.roll(corners[:4], -1, axis=0)
    at = rng.uniform(0.4, 0.6)
    cut = scale(rotate(LineString([a + at * (b - a), d + at * (c - d)]), rng.uniform(-9, 9)), 1.6, 1.6)
    half_gap_m = rng.choice([2.2, 3.0, 4.5], p=[0.5, 0.35, 0.15])
    ground = cut.buffer(half_gap_m)
    halves = [p for half in shapely.get_parts(split(block, cut)) for p in shapely.get_parts(half.difference(ground))]
    return [c for half in halves if half.area > 350 for c in compounds(half, rng)]


def weathered(shape: Polygon, rng: np.random.Generator) -> Polygon:
    """Return a compound with, at times, a notch at a corner, as plots have that grew over decades."""
    shape = shape.simplify(0.8)
    corners = np.asarray(shape.exterior.coords)[:-1]
    corner = Point(corners[rng.integers(len(corners))])
    notch = corner.buffer(rng.uniform(0.12, 0.3) * np.sqrt(shape.area), cap_style="square")
    notch = rotate(notch, _angle(shape), origin=corner)
    left = shape.difference(notch) if rng.random() < 0.5 else shape
    left = max(shapely.get_parts(left), key=lambda p: p.area)
    return left if left.area > 0.75 * shape.area else shape


def _angle(shape: Polygon) -> float:
    """Return the direction of the longest side of the envelope, in degrees."""
    corners = np.asarray(shapely.oriented_envelope(shape).exterior.coords)[:3]
    sides = np.diff(corners, axis=0)
    longest = sides[np.argmax(np.hypot(*sides.T))]
    return float(np.degrees(np.arctan2(longest[1], longest[0])))


# --- who owns what ---------------------------------------------------------------------------------


def _communities(plan: Mapping[str, Any], plots: list[Polygon], grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = ["x", "y", "name", "address", "households", "year"]
    table = pd.DataFrame(plan["community"], columns=columns)
    shapes = np.array([plots[i] for i in _plot_of(table, plots)], object)
    _, grid = shapely.STRtree(grids.geometry.array).query(shapely.point_on_surface(shapes), predicate="within")
    table["committee"] = grids["committee"].to_numpy()[grid]
    table["order"] = table["committee"].map(list(dict.fromkeys(grids["committee"])).index)
    table["shape"] = shapes
    table = table.sort_values(["order", "y"], ascending=[True, False], ignore_index=True)
    number = table.groupby("order").cumcount() + 1
    table["id"] = [f"GH{o + 1}{n:02d}" for o, n in zip(table["order"], number, strict=True)]
    return _table(table.drop(columns=["x", "y", "order", "shape"]), table["shape"])


def _plot_of(table: pd.DataFrame, plots: list[Polygon]) -> list[int]:
    which, plot = shapely.STRtree(plots).query(shapely.points(table["x"], table["y"]), predicate="within")
    lost = table.index.difference(which)
    if len(lost) or len(set(plot)) < len(plot):
        msg = f"in no plot: {table['name'][lost].tolist()}; two in one: {table['name'][which[pd.Series(plot).duplicated()]].tolist()}"
        raise ValueError(msg)
    return [int(p) for p in plot]


def _grids(plan: Mapping[str, Any], bones: Skeleton) -> gpd.GeoDataFrame:
    """Return the grids: faces between their bound streets, the river and the railway; they tile the street office."""
    streets = bones.streets.geometry[bones.streets["name"].isin(plan["bound_streets"])]
    lines = [*map(_longer, streets), bones.river_line, bones.railway, *map(LineString, plan["cuts"])]
    lines.append(bones.bound.exterior)
    faces = [f for f in polygonize(shapely.union_all(lines)) if bones.bound.contains(f.representative_point())]
    grid_of: dict[int, int] = {}
    for g, grid in enumerate(plan["grid"]):
        for at in grid["at"]:
            grid_of |= {i: g for i, f in enumerate(faces) if f.contains(Point(at))}
    while len(grid_of) < len(faces):
        borders = [
            (faces[i].intersection(faces[k]).length, i, g)
            for i in range(len(faces)) if i not in grid_of for k, g in grid_of.items()
        ]  # fmt: skip
        _, face, g = max(borders)
        grid_of[face] = g
    shapes = [
        shapely.union_all([faces[i] for i, g in sorted(grid_of.items()) if g == number])
        for number in range(len(plan["grid"]))
    ]
    named = {key: [g[key] for g in plan["grid"]] for key in ("name", "committee", "police")}
    return _table(pd.DataFrame(named), shapes)


def _longer(line: LineString, by_m: float = 10.0) -> LineString:
    """Return a line carried on straight at both ends, so that it surely meets what it was drawn up to."""
    xy = np.asarray(line.coords)
    ends = [a + (a - b) / np.hypot(*(a - b)) * by_m for a, b in ((xy[0], xy[1]), (xy[-1], xy[-2]))]
    return LineString([ends[0], *xy, ends[1]])


def _facilities(plan: Mapping[str, Any], communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = plan["facility"]
    served = [communities[communities["name"].isin(f["serves"])] for f in rows]
    places = [nearest_points(s.geometry.iloc[0], s.geometry.iloc[-1])[0] for s in served]
    table = pd.DataFrame({key: [f[key] for f in rows] for key in ("name", "kind")})
    return _table(table.assign(serves=["、".join(s["id"]) for s in served]), places)


# --- what stands in a compound ---------------------------------------------------------------------


def _buildings(communities: gpd.GeoDataFrame, towers: set[str], rng: np.random.Generator) -> gpd.GeoDataFrame:
    rows, shapes = [], []
    for position, c in enumerate(communities.itertuples()):
        tall = c.name in towers
        places = _places(c.geometry, depth_m=TOWER_M, longest_m=TOWER_M, apart_m=TOWER_APART_M) if tall else (
            _places(c.geometry, depth_m=SLAB_DEPTH_M, longest_m=rng.uniform(26, SLAB_LONGEST_M), apart_m=YARD_M)
        )  # fmt: skip
        homes = [HOMES_A_TOWER_STOREY if tall else _homes(p) for p in places]
        most = 18 if tall else next(storeys for until, storeys in MOST_STOREYS if c.year < until)
        chosen = _chosen(homes, c.households, most)
        share = _shared(c.households, [homes[i] for i in chosen])
        for number, (i, households) in enumerate(zip(chosen, share, strict=True), 1):
            storeys = max(2, -(-households // homes[i]))
            rows.append((position, f"{number}栋", storeys, households))
            shapes.append(places[i])
    return _table(pd.DataFrame(rows, columns=["community", "number", "storeys", "households"]), shapes)


def _places(compound: Polygon, *, depth_m: float, longest_m: float, apart_m: float) -> list[Polygon]:
    """Return where buildings fit: rows along the longest side, in order from the back."""
    angle, centre = _angle(compound), compound.centroid
    free = rotate(compound, -angle, origin=centre).buffer(-2.5)
    west, south, east, north = free.bounds
    places: list[Polygon] = []
    y = south
    while y + depth_m <= north:
        tries = np.arange(y, min(y + ROW_LOOK_M, north - depth_m) + 1e-9)
        rows = [_row(free, west, east, at, depth_m, longest_m, apart_m) for at in tries]
        best = max(range(len(rows)), key=lambda i: (round(sum(p.area for p in rows[i])), -i))
        places += rows[best]
        y = tries[best] + depth_m + apart_m if rows[best] else tries[-1] + 1.0
    return [rotate(p, angle, origin=centre) for p in places]


def _row(
    free: Polygon, west: float, east: float, y: float, depth_m: float, longest_m: float, apart_m: float
) -> list[Polygon]:
    """Return the buildings of the row that begins at height y, between what stands in its way."""
    blocked = shapely.get_parts(shapely.box(west, y, east, y + depth_m).difference(free))
    row, at = [], west
    for left, right in [*sorted((b[0], b[2]) for b in map(shapely.bounds, blocked)), (east, east)]:
        row += _side_by_side(at, left, y, depth_m, longest_m, apart_m)
        at = max(at, right)
    return row


def _side_by_side(
    left: float, right: float, y: float, depth_m: float, longest_m: float, apart_m: float
) -> list[Polygon]:
    length = right - left
    if length < max(SLAB_SHORTEST_M, depth_m):
        return []
    if longest_m == depth_m:
        number, each = int((length + apart_m) // (longest_m + apart_m)), longest_m
    else:
        number = max(int(np.ceil((length + PASSAGE_M) / (longest_m + PASSAGE_M))), 1)
        each = (length - PASSAGE_M * (number - 1)) / number
    apart = (length - number * each) / max(number - 1, 1)
    return [shapely.box(x, y, x + each, y + depth_m) for x in left + np.arange(number) * (each + apart)]


def _homes(slab: Polygon) -> int:
    length_m = slab.length / 2 - SLAB_DEPTH_M
    return max(1, round(length_m / STAIR_M)) * HOMES_A_LANDING


def _chosen(homes: list[int], households: int, most_storeys: int) -> list[int]:
    """Return positions of the buildings that stand: as many as there is room for, of about four storeys."""
    order = sorted(range(len(homes)), key=lambda i: (-homes[i], i))
    kept: list[int] = []
    for i in order:
        if kept and sum(homes[k] for k in kept) * most_storeys >= households and households < 3.6 * sum(
            homes[k] for k in [*kept, i]
        ):
            break
        kept.append(i)
    return sorted(kept)


def _shared(total: int, weights: Iterable[int]) -> list[int]:
    weight = np.asarray(list(weights), float)
    exact = total * weight / weight.sum()
    parts = np.floor(exact).astype(int)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts.tolist()


def _walls(communities: gpd.GeoDataFrame, bones: Skeleton) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the walls around compounds, open at the gate, which stands in the side nearest to a street."""
    streets = shapely.union_all(bones.streets.geometry.array)
    walls, gates = [], []
    for ring in communities.exterior:
        sides = [LineString(pair) for pair in pairwise(ring.coords)]
        middles = [s.interpolate(0.5, normalized=True) for s in sides if s.length > 8]
        gate = min(middles, key=lambda m: (round(m.distance(streets), 3), m.x, m.y))
        at = ring.project(gate)
        start = LineString(ring.coords)
        there, back = substring(start, 0, at - GATE_M / 2), substring(start, at + GATE_M / 2, start.length)
        walls.append(LineString([*back.coords, *there.coords[1:]]))
        gates.append(gate)
    names = pd.DataFrame({"name": communities["name"].to_numpy() + "大门"})
    return _table(pd.DataFrame({"name": communities["name"].to_numpy() + "围墙"}), walls), _table(names, gates)


def _table(frame: pd.DataFrame, shapes: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame.reset_index(drop=True), geometry=list(shapes))


def moved(table: gpd.GeoDataFrame, origin: tuple[float, float]) -> gpd.GeoDataFrame:
    """Return a table in the coordinate system of the land, to the centimetre."""
    shapes = [shapely.transform(translate(s, *origin), lambda xy: xy.round(2)) for s in table.geometry]
    return table.set_geometry(gpd.GeoSeries(shapes, crs=CRS))
