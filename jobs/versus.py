"""Two plans of the same communities compared: figures, what moved, areas matched, decisions that the other does not keep."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from geo.wording import say
from jobs.reopened import rules_in_use
from jobs.reviewing import ASKED
from optimizer.rules import Rules
from report.results import Results
from report.versus import (
    AREA_PAIR_COLUMNS,
    CONFLICT_COLUMNS,
    COSTS,
    COUNTED,
    FATES,
    FIGURE_COLUMNS,
    GRID_COLUMNS,
    IDLE_IF_ZERO,
    MOVED_COLUMNS,
    RULE_COLUMNS,
    SIDES,
    Versus,
)
from store.drafts import Draft

PACKAGE = "package"  # column of communities: the service package a community is in, "" in none
NOT_COMPARED = ("terrain",)  # follows from the barriers of the rules

Members = frozenset[str]
Pair = tuple[str, str]  # area of one and of the other plan, "" where there is none


@dataclass(frozen=True)
class Side:
    """A plan to compare: what it is called, and the `draft` with what people decided on it, where anybody did."""

    title: str
    results: Results
    draft: Draft | None = None


def compared(one: Side, other: Side) -> Versus:
    """Return the two plans compared; every figure is that of the plan's own summary and tables.

    Areas are matched by id and centre (an id is kept while its centre stays), the rest by most households, then members,
    in common. A community moved where its areas are no match, or where it is in none of both for different reasons.
    """
    sides = (one, other)
    pairs = _matched(one.results, other.results)
    return Versus(
        titles=(one.title, other.title),
        results=(one.results, other.results),
        figures=_figures(sides),
        moved=_moved(sides, pairs),
        areas=_areas(sides, pairs),
        conflicts=_conflicts(one, other),
        grids=_grids(sides, pairs),
        rules=_rules(one.results, other.results),
    )


# --- figures ---------------------------------------------------------------------------------------


def figures_of(results: Results) -> dict[str, float]:
    """Return COUNTED and COSTS of a plan: households, metres, household-metres; nan where it does not know."""
    summary, table, areas = results.summary, results.communities, results.areas
    counts = table["count"].fillna(0)
    judged = areas[areas["kind"] != "fixed"]["count"]
    grouped = areas[areas["kind"] == "grouped"]
    packages = table[PACKAGE] if PACKAGE in table else pd.Series("", index=table.index)
    own = {
        "total": counts.sum(),
        "exception_households": counts[table["outcome"] == "exception"].sum(),
        "excluded": (table["outcome"] == "excluded").sum(),
        "smallest": judged.min(),
        "largest": judged.max(),
        "near_minimum": areas["near_minimum"].sum(),
        "cut": float("nan") if results.area_grid is None else len(_cut(results)),
        "packages": packages[packages != ""].nunique(),
        "packaged": counts[packages != ""].sum(),
        "violations": len(results.violations),
        "accepted": (table["accepted"] != "").sum() + (results.violations["accepted"] != "").sum(),
        "mean_walk_m": grouped["cost_walk"].sum() / grouped["count"].sum() if len(grouped) else float("nan"),
        "cost": summary.get("cost", areas["cost"].sum()),
        **{cost: areas[cost].sum() for cost in COSTS[1:]},
    }
    return {key: float(own[key] if key in own else summary[key]) for key in (*COUNTED, *COSTS)}


def _figures(sides: tuple[Side, Side]) -> pd.DataFrame:
    one, other = (figures_of(side.results) for side in sides)
    idle = {key for key in IDLE_IF_ZERO if not (one[key] > 0 or other[key] > 0)}
    rows = [(key, one[key], other[key], other[key] - one[key]) for key in one if key not in idle]
    return _table(rows, FIGURE_COLUMNS)


# --- areas and communities -------------------------------------------------------------------------


def _matched(one: Results, other: Results) -> tuple[Pair, ...]:
    """Return every area of both plans once, beside its match or alone."""
    ids_one, ids_other = (areas.index for areas in (one.areas, other.areas))
    same = [
        (a, a)
        for a in ids_one.intersection(ids_other)
        if one.areas.at[a, "center_id"] == other.areas.at[a, "center_id"]
    ]
    taken = {a for a, _ in same}
    shared = _shared(one, other)
    for a, b in sorted(shared, key=lambda pair: (*(-n for n in shared[pair]), pair[0] != pair[1], pair)):
        if a not in taken and b not in {known for _, known in same}:
            same.append((a, b))
            taken.add(a)
    kept = {b for _, b in same}
    gone = [(a, "") for a in ids_one if a not in taken]
    born = [("", b) for b in ids_other if b not in kept]
    return (*sorted(same), *gone, *born)


def _shared(one: Results, other: Results) -> dict[Pair, tuple[int, int]]:
    """Return households and communities that areas of the two plans have in common, for those that have any."""
    table = pd.DataFrame(
        {
            "one": one.communities["area_id"],
            "other": other.communities["area_id"].reindex(one.communities.index),
            "count": one.communities["count"].fillna(0).astype("int64"),
        }
    ).dropna()
    found = table.groupby(["one", "other"])["count"].agg(["sum", "size"])
    return {(str(a), str(b)): (int(c), int(n)) for (a, b), c, n in found.itertuples(name=None)}


def _moved(sides: tuple[Side, Side], pairs: Iterable[Pair]) -> pd.DataFrame:
    one, other = (_places(s.results).add_suffix(f"_{name}") for s, name in zip(sides, SIDES, strict=True))
    table = one.join(other, how="outer").sort_index()
    told = table.drop(columns=["count_one", "count_other"]).astype(object).fillna("").astype("str")
    a, b = told["area_one"], told["area_other"]
    both = (a != "") & (b != "")
    stays = (a.map(dict(pairs)) == b).where(both, (a == b) & (told["outcome_one"] == told["outcome_other"]))
    moved = pd.DataFrame(
        {
            "community_id": table.index,
            "name": told["name_other"].mask(told["name_other"] == "", told["name_one"]),
            "count": table["count_other"].fillna(table["count_one"]),
            "one": a,
            "other": b,
            "one_outcome": told["outcome_one"],
            "other_outcome": told["outcome_other"],
        }
    )
    return moved[~stays].reset_index(drop=True).astype(MOVED_COLUMNS)


def _places(results: Results) -> pd.DataFrame:
    table = results.communities[["name", "count", "area_id", "outcome"]]
    return pd.DataFrame(table).rename(columns={"area_id": "area"})


def _areas(sides: tuple[Side, Side], pairs: Iterable[Pair]) -> pd.DataFrame:
    members = [_members(side.results) for side in sides]
    names = {c: str(n) for side in sides for c, n in side.results.communities["name"].items()}
    rows = []
    for a, b in pairs:
        was, now = members[0].get(a, frozenset()), members[1].get(b, frozenset())
        fate = "born" if not a else "gone" if not b else "same" if was == now else "changed"
        left, right = (_size(side.results, area_id) for side, area_id in zip(sides, (a, b), strict=True))
        rows.append((fate, a, *left, b, *right, _names(was - now, names), _names(now - was, names)))
    rows.sort(key=lambda row: (FATES.index(row[0]), row[1], row[4]))
    return _table(rows, AREA_PAIR_COLUMNS)


def _members(results: Results) -> dict[str, Members]:
    table = results.communities["area_id"].dropna()
    return {str(area): frozenset(map(str, ids)) for area, ids in table.groupby(table).groups.items()}


def _size(results: Results, area_id: str) -> tuple[Any, Any]:
    if not area_id:
        return pd.NA, pd.NA
    return results.areas.at[area_id, "communities"], results.areas.at[area_id, "count"]


def _names(communities: Members, names: Mapping[str, str]) -> str:
    return "、".join(names[c] for c in sorted(communities))


# --- conflicts -------------------------------------------------------------------------------------


def _conflicts(one: Side, other: Side) -> pd.DataFrame:
    """Return what was decided on one plan and is not so in the other; decided on both, it stands once."""
    found = [set(_unkept(one, other)), set(_unkept(other, one))]
    names = {c: str(n) for side in (one, other) for c, n in side.results.communities["name"].items()}
    rows = []
    for kind, place in sorted(found[0] | found[1]):
        decided = [side for side, rows_of in zip(SIDES, found, strict=True) if (kind, place) in rows_of]
        rows.append((kind, place, names.get(place, place), decided[0] if len(decided) == 1 else "both"))
    return _table(rows, CONFLICT_COLUMNS)


def _unkept(decided: Side, on: Side) -> Iterator[tuple[str, str]]:
    """Yield kind and place of what was decided on the one plan and the other does not keep."""
    was, now = _company(decided.results), _company(on.results)
    elsewhere = {c for c in decided.results.communities.index if was.get(c) != now.get(c)}
    given = decided.results.communities["lock"]
    locked = set(given.index[given != ""])
    draft = decided.draft
    if draft is not None:
        locked |= draft.locked | {m for area in draft.plan.areas if area.locked for m in area.members}
        yield from _unaccepted(draft, on.results, set(now.values()))
        yield from (
            (f"consent_{c.state}", i)
            for i, c in draft.consents.items()
            if c.state in ASKED and i in elsewhere
        )
    yield from (("locked", c) for c in locked & elsewhere)


def _unaccepted(draft: Draft, on: Results, areas: set[Members]) -> Iterator[tuple[str, str]]:
    """Yield what was accepted and is not there any more: an area with just these members, an exception."""
    members = {area.area_id: frozenset(area.members) for area in draft.plan.areas}
    outcomes = on.communities["outcome"]
    for place in draft.accepted:
        if members[place] not in areas if place in members else outcomes.get(place) != "exception":
            yield "accepted", place


def _company(results: Results) -> dict[str, Members]:
    return {c: ids for ids in _members(results).values() for c in ids}


# --- grids and rules -------------------------------------------------------------------------------


def _grids(sides: tuple[Side, Side], pairs: Iterable[Pair]) -> pd.DataFrame:
    """Return the areas that several grids cut in one plan or the other, beside each other."""
    cut = [_cut(side.results) for side in sides]
    rows = [
        (a, *cut[0].get(a, (pd.NA, "")), b, *cut[1].get(b, (pd.NA, "")))
        for a, b in pairs
        if a in cut[0] or b in cut[1]
    ]
    return _table(rows, GRID_COLUMNS)


def _cut(results: Results) -> dict[str, tuple[int, str]]:
    """Return by area the grids that cut it, two or more, with the households in each."""
    if results.area_grid is None:
        return {}
    rows = results.area_grid[results.area_grid["households"] > 0]
    rows = rows.sort_values(["area_id", "households", "grid"], ascending=[True, False, True])
    times = Counter(rows["area_id"])
    told = [
        say("versus.part", name=grid or say("versus.outside"), count=households)
        for grid, households in zip(rows["grid"], rows["households"], strict=True)
    ]
    parts = pd.Series(told, index=rows["area_id"], dtype="str").groupby(level=0, sort=False).agg("、".join)
    return {str(a): (times[a], text) for a, text in parts.items() if times[a] > 1}


def _rules(one: Results, other: Results) -> pd.DataFrame:
    first, second = (dict(_rule_values(rules_in_use(results))) for results in (one, other))
    keys = [key for key in {**first, **second} if first.get(key, "") != second.get(key, "")]
    return _table([(key, first.get(key, "—"), second.get(key, "—")) for key in keys], RULE_COLUMNS)


def _rule_values(rules: Rules) -> Iterator[tuple[str, str]]:
    """Yield each rule and price by name, as text; those of a table by "table.key"."""
    own = {f.name: getattr(rules, f.name) for f in fields(rules) if f.name not in ("prices", *NOT_COMPARED)}
    prices = {f.name: getattr(rules.prices, f.name) for f in fields(rules.prices)}
    for name, value in {**own, **prices}.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{key}", _told(price)) for key, price in value.items())
        else:
            yield name, _told(value)


def _told(value: object) -> str:
    if isinstance(value, bool):
        return say("versus.yes") if value else say("versus.no")
    if isinstance(value, tuple):
        return "、".join(map(str, value)) or "—"
    return "—" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


# --- parts -----------------------------------------------------------------------------------------


def _table(rows: Iterable[tuple[Any, ...]], columns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns)).astype(dict(columns))
