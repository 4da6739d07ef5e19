"""The plan cut along the grids: of each grid its areas, communities and buildings, and what of them lies elsewhere.

A grid's line is taken as it is: other departments own it. Where it cuts a community, both sides say so. Where the office
has no lines but says of each community whose grid it is (`lists`), the pages go by that and draw no line.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.overlays import household_parts, household_shares, shares
from geo.schema import DataError
from report.gridpages.files import file_names
from report.gridpages.lists import is_listed, listed_grids, listed_parts
from report.gridpages.order import counted
from report.gridpages.told import OUTSTANDING_COLUMNS
from report.results import AREA_GRID_COLUMNS, COMMUNITY_GRID_COLUMNS, Results

LEAST_SHARE = (
    0.02  # of a community whose households nobody knows: less of it in a grid is how exactly lines are drawn
)
# What is told of a community. Nothing else of its row gets near a page: reasons, locks and remarks may name people.
FACTS = (
    *("name", "address", "committee", "managing_company", "buildings", "built_year"),
    *("count", "count_status", "outcome", "area_id"),
)
PROPOSED = ("grouped", "alone")  # what is to be delimited; an area that is kept as it is has been

Elsewhere = tuple[tuple[str, int | None], ...]  # grid and households, None where nobody knows how many


@dataclass(frozen=True)
class Block:
    """A building of a community; `outstanding` forms are not back yet, None where nobody counts them."""

    row: int  # in the plan's table of buildings
    name: str
    community_id: str
    count: int | None
    storeys: int | None
    outstanding: int | None


@dataclass(frozen=True)
class Place:
    """A community in a grid: of its `count` households `here` lie in it; None where nobody knows."""

    community_id: str
    facts: Mapping[str, Any]  # FACTS
    count: int | None
    here: int | None
    elsewhere: Elsewhere
    blocks: tuple[Block, ...]
    outstanding: int | None  # forms counted for the whole community rather than by building


@dataclass(frozen=True)
class Share:
    """An area in a grid: of its `count` households `here` lie in it, None where no list says how many.

    `places` are the ids of its communities there.
    """

    area_id: str
    name: str
    kind: str
    count: int
    here: int | None
    elsewhere: Elsewhere
    places: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """One grid; `file` is what its files are called, without the ending.

    `shape` is the grid, or where only a list of communities is known (`listed`) what is shown of it.
    """

    name: str
    file: str
    shape: Any
    listed: bool
    areas: tuple[Share, ...]
    places: tuple[Place, ...]

    @property
    def here(self) -> int:
        """Return the households that are known to lie in it."""
        return sum(place.here or 0 for place in self.places)

    @property
    def blocks(self) -> int:
        """Return how many buildings of its communities stand in it."""
        return sum(len(place.blocks) for place in self.places)


def grids_of(results: Results, outstanding: pd.DataFrame | None = None) -> tuple[Grid, ...]:
    """Return the grids of a plan by name; rows of the layer with one name are one grid.

    `outstanding` has told.OUTSTANDING_COLUMNS. Raises DataError where the plan has no grids, not even as a list.
    """
    if not has_grids(results):
        raise DataError("gridpages.no_grids")
    only_listed = is_listed(results)
    layer = listed_grids(results) if only_listed else results.layers["grids"]
    whole = gpd.GeoDataFrame(
        {"name": layer["name"].fillna("").astype("str")},
        geometry=shapely.make_valid(layer.geometry.to_numpy()),
        crs=layer.crs,
    )
    shapes = whole.dissolve("name").geometry
    files = file_names(shapes.index)
    parts = _Parts.of(listed_parts(results) if only_listed else _parts(results, whole))
    areas = _Parts.of(_area_parts(results, parts.table))
    blocks = _blocks(results, parts if only_listed else whole, outstanding)
    loose = _loose(outstanding, blocks)
    return tuple(
        Grid(
            name,
            files[name],
            shapes[name],
            only_listed,
            _shares(results, areas, name, parts),
            _places(results, parts, name, blocks, loose),
        )
        for name in sorted(shapes.index, key=by_name)
    )


def has_grids(results: Results) -> bool:
    """Tell whether a plan has grids: their lines, or of some community whose grid it is."""
    return "grids" in results.layers or is_listed(results)


def grid_names(results: Results) -> tuple[str, ...]:
    """Return the names of the grids of a plan as people count."""
    layer = listed_grids(results) if is_listed(results) else results.layers["grids"]
    return tuple(sorted(set(layer["name"].fillna("").astype("str")), key=by_name))


def area_grid_of(grids: tuple[Grid, ...]) -> pd.DataFrame:
    """Return the table area × grid as the pages tell it: AREA_GRID_COLUMNS, sorted; without what no list says."""
    told = ((share.area_id, grid.name, share.here) for grid in grids for share in grid.areas)
    rows = [row for row in told if row[2] is not None]
    table = pd.DataFrame(rows, columns=list(AREA_GRID_COLUMNS)).astype(AREA_GRID_COLUMNS)
    return table.sort_values(["area_id", "grid"], ignore_index=True)


def nowhere(results: Results, grids: tuple[Grid, ...]) -> tuple[str, ...]:
    """Return the ids of the communities that lie in no grid, or have no place."""
    placed = {place.community_id for grid in grids for place in grid.places}
    return tuple(c for c in results.communities.index if c not in placed)


# --- households ------------------------------------------------------------------------------------


def _parts(results: Results, layer: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the communities of each grid: COMMUNITY_GRID_COLUMNS, households <NA> where nobody counted them."""
    known = results.community_grid
    if known is None:
        known = _counted(results, layer)
    known = known[known["grid"] != ""].astype({"households": "Int64"})
    uncounted = results.communities[~results.communities.index.isin(known["community_id"])]
    drawn = shares(uncounted, layer, id_column="name")
    drawn = drawn[(drawn["layer_id"] != "") & (drawn["share"] >= LEAST_SHARE)]
    rest = pd.DataFrame(
        {"community_id": drawn["community_id"], "grid": drawn["layer_id"], "households": pd.NA}
    ).astype({"community_id": "str", "grid": "str", "households": "Int64"})
    both = pd.concat([known[list(COMMUNITY_GRID_COLUMNS)], rest])
    return both.sort_values(["community_id", "grid"], ignore_index=True)


def _counted(results: Results, layer: gpd.GeoDataFrame) -> pd.DataFrame:
    table = results.communities
    if results.buildings is None:
        split = shares(table, layer, id_column="name")
    else:
        split = household_shares(table, layer, results.buildings, id_column="name")
    counted = household_parts(table["count"].dropna().astype("int64"), split)
    return counted.set_axis(list(COMMUNITY_GRID_COLUMNS), axis=1).astype(COMMUNITY_GRID_COLUMNS)


def _area_parts(results: Results, parts: pd.DataFrame) -> pd.DataFrame:
    """Return area × grid from the communities, so that pages and table cannot disagree.

    Unknown counts add nothing; counts that no list splits make the sum unknown.
    """
    table = results.communities
    counted = (table["count"].fillna(0) > 0) & (table["outcome"] != "held")
    rows = parts.assign(
        area_id=parts["community_id"].map(table["area_id"]),
        unsplit=parts["households"].isna() & parts["community_id"].map(counted),
    ).dropna(subset=["area_id"])
    sums = rows.groupby(["area_id", "grid"]).agg(households=("households", "sum"), unsplit=("unsplit", "any"))
    return (
        sums.assign(households=sums["households"].mask(sums["unsplit"])).drop(columns="unsplit").reset_index()
    )


@dataclass(frozen=True)
class _Parts:
    """Which households of what lie in which grid: `table` has id, grid and households; both ways round as dictionaries."""

    table: pd.DataFrame
    grids: Mapping[str, Mapping[str, int | None]]  # by id, the grids by name
    inside: Mapping[str, tuple[str, ...]]  # ids by grid

    @staticmethod
    def of(table: pd.DataFrame) -> "_Parts":
        grids: dict[str, dict[str, int | None]] = defaultdict(dict)
        inside: dict[str, list[str]] = defaultdict(list)
        for own, grid, households in sorted(
            table.itertuples(index=False, name=None), key=lambda row: (by_name(row[1]), row[0])
        ):
            grids[str(own)][str(grid)] = _number(households)
            inside[str(grid)].append(str(own))
        return _Parts(table, grids, {grid: tuple(own) for grid, own in inside.items()})

    def elsewhere(self, own: str, name: str) -> Elsewhere:
        """Return the other grids that something lies in."""
        return tuple((grid, households) for grid, households in self.grids[own].items() if grid != name)


# --- one grid --------------------------------------------------------------------------------------


def _shares(results: Results, areas: _Parts, name: str, parts: _Parts) -> tuple[Share, ...]:
    area_of = results.communities["area_id"]
    ids = areas.inside.get(name, ())
    rows = results.areas.loc[list(ids), ["name", "kind", "count"]].to_dict("index")
    return tuple(
        Share(
            area_id=area_id,
            name=str(rows[area_id]["name"]),
            kind=str(rows[area_id]["kind"]),
            count=int(rows[area_id]["count"]),
            here=areas.grids[area_id][name],
            elsewhere=areas.elsewhere(area_id, name),
            places=tuple(c for c in parts.inside[name] if area_of[c] == area_id),
        )
        for area_id in ids
    )


def _places(
    results: Results,
    parts: _Parts,
    name: str,
    blocks: Mapping[tuple[str, str], tuple[Block, ...]],
    loose: Mapping[str, int],
) -> tuple[Place, ...]:
    ids = list(parts.inside.get(name, ()))
    rows = results.communities.loc[ids, list(FACTS)].to_dict("index")
    made = []
    for community_id in ids:
        facts = rows[community_id]
        place = Place(
            community_id=community_id,
            facts=facts,
            # An unknown count may be written as 0; no grid has a share of it then.
            count=None if facts["outcome"] == "held" else _number(facts["count"]),
            here=parts.grids[community_id][name],
            elsewhere=parts.elsewhere(community_id, name),
            blocks=blocks.get((community_id, name), ()),
            outstanding=loose.get(community_id),
        )
        made.append(place)
    return tuple(sorted(made, key=lambda place: (by_name(str(place.facts["name"])), place.community_id)))


def by_name(name: str) -> tuple[Any, str]:
    """Return what sorts names as people count: 第2网格 before 第10网格."""
    return counted(name), name


# --- buildings and forms ---------------------------------------------------------------------------


def _blocks(
    results: Results, layer: "gpd.GeoDataFrame | _Parts", outstanding: pd.DataFrame | None
) -> dict[tuple[str, str], tuple[Block, ...]]:
    """Return the buildings by community and grid: of their representative points, or where their communities are listed."""
    table = results.buildings
    if table is None:
        return {}
    ours = table.reset_index(drop=True)
    ours = ours[ours["community_id"].isin(results.communities.index).to_numpy()]
    ours = ours[~shapely.is_missing(ours.geometry.to_numpy())]
    grids = _standing(ours, layer)
    forms = _forms(outstanding)
    found: dict[tuple[str, str], list[Block]] = defaultdict(list)
    for row, building in ours[["community_id", "name", "count", "storeys"]].to_dict("index").items():
        owner, name = str(building["community_id"]), str(building["name"])
        block = Block(
            row=int(row),
            name=name,
            community_id=owner,
            count=_number(building["count"]),
            storeys=_number(building["storeys"]),
            outstanding=forms.get((owner, name)),
        )
        for grid in grids[int(row)]:
            found[owner, grid].append(block)
    return {
        key: tuple(sorted(blocks, key=lambda b: (by_name(b.name), b.row))) for key, blocks in found.items()
    }


def _standing(buildings: gpd.GeoDataFrame, layer: "gpd.GeoDataFrame | _Parts") -> dict[int, tuple[str, ...]]:
    """Return in which grids each row stands: in one, or in all those that its community is listed under."""
    if isinstance(layer, _Parts):
        owners = zip(buildings.index.tolist(), buildings["community_id"].tolist(), strict=True)
        return {row: tuple(layer.grids.get(owner, ())) for row, owner in owners}
    points = gpd.GeoDataFrame(geometry=buildings.geometry.representative_point(), crs=buildings.crs)
    found = shares(points, layer, id_column="name")
    standing = zip(found["community_id"].tolist(), found["layer_id"].tolist(), strict=True)
    return {row: (name,) for row, name in standing}


def _forms(outstanding: pd.DataFrame | None) -> dict[tuple[str, str], int]:
    if outstanding is None:
        return {}
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for community, building, number in outstanding[list(OUTSTANDING_COLUMNS)].itertuples(
        index=False, name=None
    ):
        sums[str(community), str(building)] += int(number)
    return dict(sums)


def _loose(
    outstanding: pd.DataFrame | None, blocks: Mapping[tuple[str, str], tuple[Block, ...]]
) -> dict[str, int]:
    """Return the forms by community that no building of the plan can be found for: they must not vanish."""
    known = {(block.community_id, block.name) for those in blocks.values() for block in those}
    found: dict[str, int] = defaultdict(int)
    for key, number in _forms(outstanding).items():
        if key not in known:
            found[key[0]] += number
    return dict(found)


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
