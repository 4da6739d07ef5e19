"""The ledgers of several offices as one: boundary blocks counted once, ids kept apart, what only two 镇街 together can group."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pandas as pd

from geo.cleaning import CleaningOptions, clean
from geo.headings import read_fields
from geo.numbers import squeeze
from geo.reading import read_table
from geo.schema import COMMUNITY_COLUMNS, COUNT_STATUSES, DataError, Finding, finding, findings_table
from jobs.district import plan_district
from jobs.progress import Listener, silent
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from optimizer.reasons import reasons
from report.collected import Across, Collected, Shared, write_communities, written_folder
from report.results import Results

SUFFIXES = (".xlsx", ".xls", ".csv", ".gpkg", ".shp", ".zip", ".geojson", ".kml")
SAME_GROUND = 0.5  # share of the smaller outline that two drawings of one block have in common at least
SAME_POINT_M = 30.0  # two offices point at one block from two sides of it
ACROSS = "within:street_town"


@dataclass(frozen=True)
class _Office:
    """One office's communities; `name` is its file's, without what follows the dot."""

    name: str
    communities: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    rows: tuple[int, int, int]  # in, used, refused


def collect(request: Request, out: Path, *, progress: Listener = silent) -> Collected:
    """Merge the files of the folder that `request` names for its communities, and write what came of it into `out`.

    A block that two offices list, by the same id or in the same place under the same name or address, is counted once,
    with the better known count, and listed as 归属待定; where one of them has no place, name and address have to agree. Equal ids of different blocks are told apart by the office. The
    district is planned once to find who is short only because the neighbours belong to another 镇街. Raises DataError
    where the folder holds no ledger or one of them cannot be read.
    """
    offices = [_read(path, request) for path in _files(request.communities.path)]
    merged, shared, said = merge({office.name: office.communities for office in offices})
    rows = [sum(column) for column in zip(*(office.rows for office in offices), strict=True)]
    findings = findings_table([*(f for office in offices for f in office.findings), *said])
    with written_folder(out) as folder:
        ledger = write_communities(merged, folder)
        asked = replace(
            request, communities=FileLayer(ledger), fields=None, id_column=None, name_column=None,
            count_column="count", where=(), crs="auto", outlines=None,
        )  # fmt: skip
        undecided = frozenset(one.community_id for one in shared)
        across = across_streets(plan_district(asked, progress=progress), undecided=undecided)
        collected = Collected(merged, shared, across, findings, len(offices), (rows[0], rows[1], rows[2]))
        collected.write(folder)
    return collected


def merge(
    offices: Mapping[str, gpd.GeoDataFrame],
) -> tuple[gpd.GeoDataFrame, tuple[Shared, ...], tuple[Finding, ...]]:
    """Return the communities of all offices, each block once, what was shared, and what is to be said.

    A column `office` names where a row comes from; `street_town` is the office where the ledger says none.
    """
    rows = _side_by_side(offices)
    kept, shared, doubtful = [], [], []
    for group in _same(rows):
        if rows["office"].loc[group].duplicated().any():
            doubtful.append(group)
            continue
        best = rows.loc[group].sort_values(["rank", "office"], kind="stable").index[0]
        kept.append((best, [row for row in group if row != best]))
        shared.append(_shared(rows, group, best))
    left_out = {row for _, others in kept for row in others}
    once = rows[~rows.index.isin(left_out)]
    once, said = _own_ids(once)
    said += tuple(_doubt(rows, group) for group in doubtful)
    shared = [
        replace(one, community_id=str(once.at[best, "id"]))
        for one, (best, _) in zip(shared, kept, strict=True)
    ]
    table = once.set_index("id").rename_axis("community_id").sort_index()
    return table[[*COMMUNITY_COLUMNS, "office", "geometry"]], tuple(shared), said


def across_streets(results: Results, *, undecided: frozenset[str] = frozenset()) -> tuple[Across, ...]:
    """Return the groups that only a bound between two 镇街 forbids, each with the links that would have to be opened.

    `undecided` are blocks that two offices claim: they are marked as such.
    """
    town = reopened(results)
    why = reasons(town.plan, town.graph, town.rules, refused=results.refused_links, beyond=results.beyond)
    found: dict[tuple[tuple[str, str], ...], Across] = {}
    for reason in (reason for all_of_one in why.values() for reason in all_of_one):
        waivers = reason.repair.numbers.get("links", ()) if reason.repair else ()
        if reason.code != "other_street" or not isinstance(waivers, tuple):
            continue
        pairs = tuple((waiver.a, waiver.b) for waiver in waivers if waiver.cause == ACROSS)
        members = reason.numbers.get("group_ids", ())
        if pairs and isinstance(members, tuple):
            found[pairs] = Across(
                pairs, members, int(str(reason.numbers["total"])), results.communities, undecided
            )
    return tuple(found[pairs] for pairs in sorted(found))


# --- files -----------------------------------------------------------------------------------------


def _files(folder: Path) -> Sequence[Path]:
    if not folder.is_dir():
        raise DataError("collecting.no_folder", folder=folder.name)
    hidden = (".", "~$")
    found = sorted(
        p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith(hidden)
    )
    if not found:
        raise DataError("collecting.no_ledger", folder=folder.name)
    return found


def _read(path: Path, request: Request) -> _Office:
    fields = read_fields(
        request.fields, id=request.id_column, name=request.name_column, count=request.count_column
    )
    options = CleaningOptions(fields=fields, crs=request.crs, where=request.where)
    drawn = request.outlines
    outlines = None if drawn is None else read_table(drawn.path, layer=drawn.layer)
    cleaned = clean(read_table(path, layer=request.communities.layer), options, outlines=outlines)
    rows = (cleaned.rows_in, cleaned.rows_used, cleaned.rows_refused)
    return _Office(path.name.split(".")[0], cleaned.communities, cleaned.findings, rows)


# --- one block, two ledgers ------------------------------------------------------------------------


def _side_by_side(offices: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return the rows of all offices under a running number, in one CRS: that of the first that has any place."""
    crs = next((t.crs for t in offices.values() if t.crs is not None), None)
    parts = []
    for office, table in sorted(offices.items()):
        placed = table if table.crs is None or crs is None else table.to_crs(crs)
        street = placed["street_town"].where(placed["street_town"] != "", office)
        parts.append(
            pd.DataFrame(placed).assign(office=office, id=placed.index, street_town=street.astype("str"))
        )
    rows = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=crs or "EPSG:4544")
    named = [_is_name(i, name) for i, name in zip(rows["id"], rows["name"], strict=True)]
    return rows.assign(rank=rows["count_status"].map(COUNT_STATUSES.index), named=named)


def _is_name(community_id: str, name: str) -> bool:
    """Tell whether the name stands in for an id, alone or with a number behind it: it tells two blocks apart, never makes them one."""
    return bool(name) and (community_id == name or community_id.startswith(f"{name}·"))


def _same(rows: gpd.GeoDataFrame) -> Iterator[list[int]]:
    """Yield the rows that are one block, two or more at a time, of different offices."""
    names, addresses = rows["name"].map(squeeze), rows["address"].map(squeeze)
    nowhere = rows.geometry.isna()
    ground = _same_ground(rows)
    by_id = _alike(rows["id"][~rows["named"]])
    by_words = _alike((names + "\n" + addresses)[(names != "") & (addresses != "")])
    one: nx.Graph[int] = nx.Graph()
    for a, b in by_id | by_words | ground:
        same_name = names[a] == names[b] != ""
        same_address = addresses[a] == addresses[b] != ""
        same_id, same_place = (a, b) in by_id, (a, b) in ground
        agree = (
            (same_id and (same_name or same_place))
            or (same_place and (same_name or same_address))
            or (same_name and same_address and (nowhere[a] or nowhere[b]))
        )
        if agree and rows.at[a, "office"] != rows.at[b, "office"]:
            one.add_edge(a, b)
    yield from sorted(sorted(group) for group in nx.connected_components(one))


def _alike(keys: "pd.Series[str]") -> set[tuple[int, int]]:
    """Return the pairs of rows that have the same key."""
    return {(a, b) for group in keys.groupby(keys).groups.values() for a in group for b in group if a < b}


def _same_ground(rows: gpd.GeoDataFrame) -> set[tuple[int, int]]:
    """Return pairs of rows that are drawn in one place: outlines that cover each other, points near each other."""
    shapes = rows.geometry[rows.geometry.notna()]
    a, b = shapes.sindex.query(shapes, predicate="dwithin", distance=SAME_POINT_M)
    ours, theirs = shapes.iloc[a[a < b]], shapes.iloc[b[a < b]]
    smaller = ours.area.to_numpy().clip(max=theirs.area.to_numpy())
    shared = ours.intersection(theirs, align=False).area.to_numpy()
    over = (smaller > 0) & (shared >= SAME_GROUND * smaller)
    same = over | (smaller == 0)  # a point has no outline to compare: near is all there is to know
    return set(zip(ours.index[same], theirs.index[same], strict=True))


def _shared(rows: gpd.GeoDataFrame, group: Sequence[int], best: int) -> Shared:
    told = rows.loc[group].sort_values("office")
    by_id = bool((told["id"] == told["id"].iloc[0]).all()) and not told["named"].any()
    why = "id" if by_id else "words" if told.geometry.isna().any() else "place"
    return Shared(
        community_id=str(rows.at[best, "id"]),
        name=str(rows.at[best, "name"]),
        offices=tuple(told["office"]),
        streets=tuple(told["street_town"]),
        counts=tuple(None if pd.isna(n) else int(n) for n in told["count"]),
        kept=str(rows.at[best, "office"]),
        why=why,
        sources=tuple(told["source_rows"]),
    )


def _own_ids(rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return the rows with ids that differ: where two offices gave one id to two blocks, each carries its office."""
    twice = rows["id"].duplicated(keep=False)
    ids = rows["id"].mask(twice, rows["id"] + "·" + rows["office"]).astype("str")
    said = tuple(
        finding(
            "collecting.name_twice" if rows.at[row, "named"] else "collecting.id_twice",
            str(rows.at[row, "source_rows"]),
            id=rows.at[row, "id"],
            now=ids[row],
        )
        for row in rows.index[twice]
    )
    return rows.assign(id=ids), said


def _doubt(rows: gpd.GeoDataFrame, group: Sequence[int]) -> Finding:
    names = tuple(f"{rows.at[row, 'name']}（{rows.at[row, 'office']}）" for row in group)
    return finding("collecting.doubtful", str(rows.at[group[0], "source_rows"]), names=names)
