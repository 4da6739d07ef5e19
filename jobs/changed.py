"""What is not as it was from one reading of a district to the next: communities by id, links, areas, rules broken."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields

import geopandas as gpd
import networkx as nx
import pandas as pd

from geo.schema import COMMUNITY_COLUMNS
from optimizer.checks import Violation
from optimizer.plan import Plan
from optimizer.rules import Rules
from optimizer.standing import total
from report.effects import Effect
from report.results import Results

MOVED_M = 1.0  # an outline that was drawn again differs by less
LIES_IN = 0.5  # share of an outline within another's, above which it is part of it
OTHER_COUNTS = ("dwellings", "households", "owners")

Touched = Callable[..., tuple[str, ...]]  # communities → the areas they were and are in
Violations = Sequence[Violation]


def areas_touched(was: Plan, now: Plan) -> Touched:
    """Return what tells the areas of communities under either plan, sorted."""
    before, after = was.area_of(), now.area_of()

    def touched(*communities: str) -> tuple[str, ...]:
        found = {plan[c] for c in communities for plan in (before, after) if c in plan}
        return tuple(sorted(found))

    return touched


# --- communities -----------------------------------------------------------------------------------


def community_changes(was: gpd.GeoDataFrame, now: gpd.GeoDataFrame, touched: Touched) -> Iterator[Effect]:
    """Yield what changed in the communities, matched by id: gone, new, split, merged, counts, columns, outlines."""
    moved_to = was.to_crs(now.crs)
    gone, new = was.index.difference(now.index), now.index.difference(was.index)
    for community in gone:
        yield Effect("gone", community, before=_text(was.at[community, "count"]), areas=touched(community))
    for community in new:
        yield Effect("new", community, after=_text(now.at[community, "count"]), areas=touched(community))
    yield from _parted(moved_to, now, set(gone), set(new), touched)
    both = was.index.intersection(now.index)
    yield from _columns(was.loc[both], now.loc[both], touched)
    yield from _outlines(moved_to.geometry.loc[both], now.geometry.loc[both], touched)


def _columns(was: gpd.GeoDataFrame, now: gpd.GeoDataFrame, touched: Touched) -> Iterator[Effect]:
    counted = _differ(was["count"], now["count"])
    for column in COMMUNITY_COLUMNS:
        if column == "source_rows":
            yield from _rows(was[column], now[column], touched)
            continue
        differ = _differ(was[column], now[column])
        if column in OTHER_COUNTS:  # the column that is judged is told already
            same = ~_differ(was[column], was["count"]) & ~_differ(now[column], now["count"])
            differ &= ~(counted & same)
        for community in was.index[differ]:
            before, after = (_text(table.at[community, column]) for table in (was, now))
            yield Effect(column, community, before=before, after=after, areas=touched(community))


def _rows(was: "pd.Series[str]", now: "pd.Series[str]", touched: Touched) -> Iterator[Effect]:
    """Yield communities of more or fewer rows than before: rows were merged or parted; which rows is of no interest."""
    before, after = (column.str.rpartition(":")[2].str.count(",") + 1 for column in (was, now))
    for community in was.index[before != after]:
        told = {"before": str(before[community]), "after": str(after[community])}
        yield Effect("rows", community, **told, areas=touched(community))


def _outlines(was: gpd.GeoSeries, now: gpd.GeoSeries, touched: Touched) -> Iterator[Effect]:
    there = was.notna() & now.notna()
    moved_m = was[there].hausdorff_distance(now[there], align=False)
    for community, distance_m in moved_m[moved_m > MOVED_M].items():
        yield Effect("moved", str(community), after=f"{distance_m:.1f}", areas=touched(community))
    for kind, changed in (("placed", was.isna() & now.notna()), ("unplaced", was.notna() & now.isna())):
        yield from (Effect(kind, community, areas=touched(community)) for community in was.index[changed])


def _parted(
    was: gpd.GeoDataFrame, now: gpd.GeoDataFrame, gone: set[str], new: set[str], touched: Touched
) -> Iterator[Effect]:
    """Yield communities on the ground of which others lie now, and those that took in the ground of others."""
    parts = _within(now.geometry.loc[sorted(new)], was.geometry)
    wholes = _within(was.geometry.loc[sorted(gone)], now.geometry)
    one_to_one = {(old, found[0]) for old, found in parts.items() if old in gone and len(found) == 1} | {
        (found[0], young) for young, found in wholes.items() if young in new and len(found) == 1
    }
    for old, young in sorted(one_to_one):
        if len(parts.get(old, [young])) == len(wholes.get(young, [old])) == 1:
            yield Effect("other_id", old, other=young, areas=touched(old, young))
    for old, found in parts.items():
        if old not in gone or len(found) > 1:
            yield Effect("split", old, other="、".join(found), areas=touched(old, *found))
    for young, found in wholes.items():
        if young not in new or len(found) > 1:
            yield Effect("merged", young, other="、".join(found), areas=touched(young, *found))


def _within(parts: gpd.GeoSeries, wholes: gpd.GeoSeries) -> dict[str, list[str]]:
    """Return by community of `wholes` those of `parts` that lie on its ground, each sorted."""
    parts, wholes = parts[parts.notna()], wholes[wholes.notna()]
    part, whole = wholes.sindex.query(parts, predicate="dwithin", distance=MOVED_M)
    ours, theirs = parts.iloc[part], wholes.iloc[whole]
    shared = (
        ours.intersection(theirs, align=False).area.to_numpy()
        / ours.area.mask(ours.area == 0, 1.0).to_numpy()
    )
    near = ours.area.eq(0).to_numpy() & theirs.distance(ours, align=False).le(MOVED_M).to_numpy()
    found: dict[str, list[str]] = {}
    for inner, outer, lies in zip(ours.index, theirs.index, (shared >= LIES_IN) | near, strict=True):
        if lies and inner != outer:
            found.setdefault(str(outer), []).append(str(inner))
    return {outer: sorted(inner) for outer, inner in sorted(found.items())}


# --- links and rules -------------------------------------------------------------------------------


def link_changes(was: Results, now: Results, touched: Touched) -> Iterator[Effect]:
    """Yield links and pairs that are there no more, and new ones; `after` of a link says why it is refused."""
    before, after = _kinds(was.links, "kind"), _kinds(now.links, "kind")
    refused = _kinds(now.refused_links, "cause")
    for pair in sorted(set(before) - set(after)):
        yield Effect("link_gone", *pair, before[pair], refused.get(pair, ""), touched(*pair))
    for pair in sorted(set(after) - set(before)):
        yield Effect("link_new", *pair, "", after[pair], touched(*pair))
    told = [set(results.pairs.itertuples(index=False, name=None)) for results in (was, now)]
    for a, b, kind in sorted(told[0] - told[1]):
        yield Effect("pair_gone", a, b, before=kind, areas=touched(a, b))
    for a, b, kind in sorted(told[1] - told[0]):
        yield Effect("pair_new", a, b, after=kind, areas=touched(a, b))


def rule_changes(was: tuple[Rules, str], now: tuple[Rules, str]) -> Iterator[Effect]:
    """Yield the limits and prices that are others, and another column that is judged; each side rules and heading."""
    for field in fields(Rules):
        before, after = (getattr(rules, field.name) for rules, _ in (was, now))
        if before != after:
            yield Effect("rule", field.name, before=str(before), after=str(after))
    if was[1] != now[1]:
        yield Effect("heading", "", before=was[1], after=now[1])


# --- areas -----------------------------------------------------------------------------------------


def area_changes(
    was: Plan, now: Plan, graphs: tuple["nx.Graph[str]", "nx.Graph[str]"], ids: Mapping[str, str]
) -> Iterator[Effect]:
    """Yield what became of the areas; `ids` is the id now by the id that was, `graphs` before and after."""
    went_on = {area.area_id: area for area in now.areas}
    for area in was.areas:
        after = went_on.pop(ids.get(area.area_id, ""), None)
        if after is None:
            yield Effect("area_gone", area.area_id, before=_listed(area.members), areas=(area.area_id,))
            continue
        touched = tuple(sorted({area.area_id, after.area_id}))
        told = {
            "area_id": (area.area_id, after.area_id),
            "members": (_listed(area.members), _listed(after.members)),
            "total": (str(total(graphs[0], area.members)), str(total(graphs[1], after.members))),
        }
        for kind, (before, later) in told.items():
            if before != later:
                yield Effect(kind, after.area_id, before=before, after=later, areas=touched)
    for area_id, area in sorted(went_on.items()):
        yield Effect("area_new", area_id, after=_listed(area.members), areas=(area_id,))


def outcome_changes(was: Plan, now: Plan, touched: Touched) -> Iterator[Effect]:
    """Yield communities that have another outcome."""
    for community in sorted(was.outcomes.keys() & now.outcomes.keys()):
        before, after = was.outcomes[community], now.outcomes[community]
        if before != after:
            yield Effect("outcome", community, before=before, after=after, areas=touched(community))


def check_changes(
    was: Violations, now: Violations, ids: Mapping[str, str], touched: Touched
) -> Iterator[Effect]:
    """Yield the rules that are broken in a place where they were kept, and those kept where they were broken."""
    before = {(v.rule, ids.get(v.area_id, v.place)): v for v in was}
    after = {(v.rule, v.place): v for v in now}
    for kind, here, there in (("mended", before, after), ("broken", after, before)):
        for key in sorted(here.keys() - there.keys()):
            rule, place = key
            areas = tuple(sorted({*touched(*here[key].members), *([place] if here[key].area_id else [])}))
            told = {"before": rule} if kind == "mended" else {"after": rule}
            yield Effect(kind, place, **told, areas=areas)


# --- parts -----------------------------------------------------------------------------------------


def _kinds(table: pd.DataFrame, column: str) -> dict[tuple[str, str], str]:
    return dict(zip(zip(table["a"], table["b"], strict=True), table[column], strict=True))


def _differ(was: pd.Series, now: pd.Series) -> "pd.Series[bool]":
    """Return where two columns say something else; nothing is equal to nothing."""
    same = (was == now).fillna(False).astype("bool") | (was.isna() & now.isna())
    return ~same


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _listed(members: Iterable[str]) -> str:
    return "、".join(members)
