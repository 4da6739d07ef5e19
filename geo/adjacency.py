"""Which communities may share an area: links found on the map or given by hand, and the pairs refused with the cause.

Two communities are linked when their Voronoi cells touch along more than a point within the reach, the gap is at most
the reach, and nothing that is never crossed stands between: neither on the straight way between their nearest points
nor all along the border of their cells. Where it does, a bridge, tunnel or gate may still give a way within the reach.
"""

from dataclasses import dataclass

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from geo.barriers import Barriers, blocking, crossed
from geo.cells import Geometries, Ridges
from geo.crossings import ways_through
from geo.neighbours import (
    LEAST_TOUCH_M,
    Reach,
    Town,
    centre_points,
    of_communities,
    pieces_within,
    touching,
    town_of,
)
from geo.schema import LINK_COLUMNS, REFUSED_COLUMNS, DataError, Finding
from geo.walls import wall_between_m

NODE_TEXTS = ("scope", "name", "committee", "street_town", "grids", "ownership", "lift", "managed")

__all__ = ["Links", "Reach", "adjacency", "beyond", "to_graph"]


@dataclass(frozen=True)
class Links:
    """`links` (LINK_COLUMNS) and `refused` pairs within reach (REFUSED_COLUMNS), each with its way as geometry."""

    links: gpd.GeoDataFrame
    refused: gpd.GeoDataFrame
    findings: tuple[Finding, ...] = ()


def adjacency(
    communities: gpd.GeoDataFrame,
    /,
    *,
    reach: Reach,
    barriers: Barriers | None,
    within: tuple[str, ...] = (),
    given: pd.DataFrame | None = None,
) -> Links:
    """Return the links between communities, and the pairs within reach that are refused.

    `communities`: metric CRS, index community_id; `within`: columns whose different values are never linked;
    `given`: a, b, kind (GIVEN_KINDS), row. "adjacent" overrides every refusal, "together" links where nothing was
    found, both with kind "given" and the straight gap, nan where a community has no place; "not_adjacent" refuses.
    Identical geometries have gap 0 and share their neighbours. Raises DataError for unknown ids and columns.
    """
    communities = communities.sort_index()
    _check(communities, within, given)
    town, findings = town_of(communities, barriers, margin_m=reach.farthest_m())
    pieces = pieces_within(town, reach)
    pairs = _judged(touching(town, pieces, reach), town, pieces, barriers)
    pairs = of_communities(pairs, town, reach)
    pairs = _refused_within(pairs, communities, within)
    pairs = _with_given(pairs, given, town)
    pairs = _measured(pairs, town, reach, barriers)
    pairs["a"], pairs["b"] = town.ids[pairs["a"]], town.ids[pairs["b"]]
    pairs = pairs.sort_values(["a", "b"], ignore_index=True)
    linked = pairs["cause"] == ""
    return Links(
        _layer(pairs[linked].assign(verified=barriers is not None), LINK_COLUMNS, communities.crs),
        _layer(pairs[~linked], REFUSED_COLUMNS, communities.crs),
        findings,
    )


def beyond(
    communities: gpd.GeoDataFrame, links: Links, /, *, limit_m: float, barriers: Barriers | None = None
) -> pd.DataFrame:
    """Return neighbours that only a larger reach would link: a, b, gap_m (≤ `limit_m`), cause.

    Neighbours are those whose cells touch, as for links; `cause` is "barrier:<class>" where the straight way meets a
    *never* bound, else "". Pairs that are linked or refused already are left out.
    """
    communities = communities.sort_index()
    limit = Reach(limit_m, limit_m)
    town, _ = town_of(communities, barriers, margin_m=limit_m)
    pairs = touching(town, pieces_within(town, limit), limit)
    met = blocking(pairs["way"].to_numpy(), barriers) if barriers else np.full(len(pairs), "", dtype=object)
    pairs["cause"] = ["barrier:" + m if m else "" for m in met]
    pairs = of_communities(pairs, town, limit)
    pairs["a"], pairs["b"] = town.ids[pairs["a"]], town.ids[pairs["b"]]
    known = pd.MultiIndex.from_frame(pd.concat([links.links[["a", "b"]], links.refused[["a", "b"]]]))
    pairs = pairs[~pd.MultiIndex.from_frame(pairs[["a", "b"]]).isin(known)]
    return pairs.sort_values(["a", "b"], ignore_index=True)[["a", "b", "gap_m", "cause"]]


def to_graph(communities: gpd.GeoDataFrame, links: gpd.GeoDataFrame, /) -> "nx.Graph[str]":
    """Return the graph of all communities, nodes and edges in order of id.

    Nodes: count (int or None), x, y (metres; of the largest part's representative point, nan without a place), scope,
    lock and former (None: no area given), name, committee, street_town, grids (tuple), built_year (int or None),
    ownership, lift, managed ("" where unknown). Edges: gap_m, crosses (tuple of classes), wall_m, kind.
    """
    communities = communities.sort_index()
    places = centre_points(np.asarray(communities.geometry.array))
    graph: nx.Graph[str] = nx.Graph()
    texts = communities[list(NODE_TEXTS)]
    rows = zip(
        communities["count"],
        communities["built_year"],
        shapely.get_x(places),
        shapely.get_y(places),
        texts.to_dict("records"),
        strict=True,
    )
    for community_id, (count, year, x, y, text) in zip(communities.index, rows, strict=True):
        grids = tuple(g for g in text.pop("grids").split("、") if g)
        number, built = (None if pd.isna(value) else int(value) for value in (count, year))
        place = {"x": float(x), "y": float(y)}
        given = {"lock": None, "former": None}
        graph.add_node(community_id, count=number, **place, **given, grids=grids, built_year=built, **text)
    for row in links.sort_values(["a", "b"]).itertuples():
        crosses = tuple(c for c in row.crosses.split("、") if c)
        graph.add_edge(row.a, row.b, gap_m=row.gap_m, crosses=crosses, wall_m=row.wall_m, kind=row.kind)
    return graph


# --- steps of adjacency ----------------------------------------------------------------------------


def _check(communities: gpd.GeoDataFrame, within: tuple[str, ...], given: pd.DataFrame | None) -> None:
    if communities.crs is None or communities.crs.is_geographic:
        msg = f"adjacency needs communities in metres, given {communities.crs}"
        raise ValueError(msg)
    for column in within:
        if column not in communities.columns:
            known = tuple(str(c) for c in communities.columns if c != communities.geometry.name)
            raise DataError("adjacency.within_column", column=column, known=known)
    for row in [] if given is None else given.to_dict("records"):
        for end in ("a", "b"):
            if row[end] not in communities.index:
                raise DataError("adjacency.unknown_id", community_id=row[end], row=row.get("row", ""))


def _judged(pairs: pd.DataFrame, town: Town, pieces: Ridges, barriers: Barriers | None) -> pd.DataFrame:
    """Return the pairs with `cause` ("" or "barrier:<class>") and, through a crossing, with a bent way and its gap."""
    if barriers is None:
        return pairs.assign(cause="")
    met = blocking(pairs["way"].to_numpy(), barriers)
    hidden = _out_of_sight(pairs, town, pieces, barriers)
    met = np.where((met == "") & (pairs["gap_m"].to_numpy() > 0), hidden, met)
    barred = np.flatnonzero(met != "")
    ends = pairs.iloc[barred]
    ways = ways_through(town.shapes[ends["a"]], town.shapes[ends["b"]], ends["reach_m"].to_numpy(), barriers)
    bent = barred[~shapely.is_missing(ways)]
    met[bent] = ""
    way, gap_m = pairs["way"].to_numpy(copy=True), pairs["gap_m"].to_numpy(copy=True)
    way[bent] = ways[~shapely.is_missing(ways)]
    gap_m[bent] = shapely.length(way[bent])
    return pairs.assign(way=way, gap_m=gap_m, cause=["barrier:" + m if m else "" for m in met])


def _out_of_sight(pairs: pd.DataFrame, town: Town, pieces: Ridges, barriers: Barriers) -> Geometries:
    """Return for each pair the *never* class that hides the whole border of its cells, "" where part is open."""
    size = len(town.shapes)
    order = pd.Index(pairs["a"].to_numpy() * size + pairs["b"].to_numpy())
    pair = order.get_indexer(pieces.a * size + pieces.b)
    pieces, pair = pieces.take(pair >= 0), pair[pair >= 0]
    met = blocking(pieces.sights(), barriers)
    open_m = np.bincount(pair, np.where(met == "", pieces.lengths(), 0), minlength=len(pairs))
    out = np.full(len(pairs), "", dtype=object)
    out[pair[met != ""]] = met[met != ""]
    out[open_m > LEAST_TOUCH_M] = ""
    return out


def _refused_within(
    pairs: pd.DataFrame, communities: gpd.GeoDataFrame, within: tuple[str, ...]
) -> pd.DataFrame:
    cause = pairs["cause"].to_numpy(object, copy=True)
    for column in reversed(within):
        values = communities[column].fillna("").astype(str).to_numpy(object)
        a, b = values[pairs["a"]], values[pairs["b"]]
        cause[(a != b) & (a != "") & (b != "")] = f"within:{column}"
    return pairs.assign(cause=cause)


def _with_given(pairs: pd.DataFrame, given: pd.DataFrame | None, town: Town) -> pd.DataFrame:
    if given is None or given.empty:
        return pairs
    ends = np.sort(
        np.column_stack(
            [town.ids.get_indexer(pd.Index(given["a"])), town.ids.get_indexer(pd.Index(given["b"]))]
        ),
        axis=1,
    )
    asked = pd.DataFrame({"a": ends[:, 0], "b": ends[:, 1], "kind": given["kind"].to_numpy()})
    key = pd.MultiIndex.from_frame(pairs[["a", "b"]])
    of_kind = {
        k: pd.MultiIndex.from_frame(asked.loc[asked["kind"] == k, ["a", "b"]]).unique() for k in asked["kind"]
    }
    none = pd.MultiIndex.from_arrays([[], []])
    refused = key.isin(of_kind.get("not_adjacent", none))
    pairs = pairs.assign(cause=pairs["cause"].mask(refused, "not_adjacent"))
    together = of_kind.get("together", none).difference(key[pairs["cause"] == ""])
    added = of_kind.get("adjacent", none).union(together)
    return pd.concat([pairs[~key.isin(added)], _straight(added, town)], ignore_index=True)


def _straight(added: pd.MultiIndex, town: Town) -> pd.DataFrame:
    """Return given pairs with the straight way between them, None and nan where one has no place."""
    a = added.get_level_values(0).to_numpy(np.int64)
    b = added.get_level_values(1).to_numpy(np.int64)
    shapes = np.append(town.shapes, np.array([None]))
    left, right = shapes[town.place[a]], shapes[town.place[b]]
    way, gap_m = shapely.shortest_line(left, right), shapely.distance(left, right)
    return pd.DataFrame({"a": a, "b": b, "gap_m": gap_m, "way": way, "cause": "", "kind": "given"})


def _measured(pairs: pd.DataFrame, town: Town, reach: Reach, barriers: Barriers | None) -> pd.DataFrame:
    """Return the pairs with what the way `crosses` and the wall between them."""
    if barriers is None:
        return pairs.assign(crosses="", wall_m=0.0)
    crosses = ["、".join(c) for c in crossed(pairs["way"].to_numpy(object), barriers)]
    return pairs.assign(crosses=crosses, wall_m=wall_between_m(pairs, town, reach, barriers))


def _layer(pairs: pd.DataFrame, columns: dict[str, str], crs: object) -> gpd.GeoDataFrame:
    table = pairs[list(columns)].reset_index(drop=True).astype(columns)
    return gpd.GeoDataFrame(table, geometry=pairs["way"].to_numpy(object), crs=crs)
