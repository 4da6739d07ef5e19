"""A plan explained: what checks and reasons say of it, as the tables that reports and the desk show.

A finished run and every edit of a plan are told by the same functions.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import networkx as nx
import pandas as pd

from optimizer.candidates import COST_PARTS, area_cost
from optimizer.checks import Violation, check, near_minimum
from optimizer.plan import Plan
from optimizer.reasons import Reason, reasons
from optimizer.rules import Rules
from optimizer.standing import total
from report.reasoning import reason_sentence, repair_sentence, violation_sentence
from report.results import AREA_COLUMNS, AREA_GRID_COLUMNS, OUTCOME_COLUMNS, VIOLATION_COLUMNS

COST_DECIMALS = 3
PLAIN_FACTS = ("no_neighbour", "too_few_within_reach")
# Those of OUTCOME_COLUMNS that follow from the plan alone.
PLAN_COLUMNS = (
    *("area_id", "outcome", "reason_code", "reason", "repair"),
    *("below_min_group", "near_minimum", "changes_plan"),
)

Members = tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """A plan judged: `violations` of its rules, `why` the reasons by community, `near` the areas close to the minimum."""

    plan: Plan
    graph: "nx.Graph[str]"
    rules: Rules
    violations: tuple[Violation, ...]
    why: Mapping[str, tuple[Reason, ...]]
    near: frozenset[str]

    def left_out(self) -> int:
        """Return the households of all exceptions."""
        return total(self.graph, (c for c, outcome in self.plan.outcomes.items() if outcome == "exception"))


def explained(
    plan: Plan,
    graph: "nx.Graph[str]",
    rules: Rules,
    *,
    refused: pd.DataFrame,
    beyond: pd.DataFrame,
    broken: Sequence[Violation] | None = None,
) -> Explained:
    """Return the plan judged; `refused` and `beyond` as in report.results, `broken` what it breaks where that is known."""
    return Explained(
        plan,
        graph,
        rules,
        tuple(check(plan, graph, rules) if broken is None else broken),
        reasons(plan, graph, rules, refused=refused, beyond=beyond),
        frozenset(near_minimum(plan, graph, rules)),
    )


def plan_columns(found: Explained, names: Mapping[str, str]) -> pd.DataFrame:
    """Return PLAN_COLUMNS of all communities, sorted by id; `names` by community."""
    ids = sorted(found.plan.outcomes)
    area_of = found.plan.area_of()
    groups = {c: f"B-{n:03d}" for n, group in enumerate(found.plan.below_min_groups, 1) for c in group}
    why = [found.why.get(c, ()) for c in ids]
    table = {
        "area_id": [area_of.get(c) for c in ids],
        "outcome": [found.plan.outcomes[c] for c in ids],
        "reason_code": [because[0].code if because else "" for because in why],
        "reason": [" ".join(reason_sentence(r, names) for r in _told(because)) for because in why],
        "repair": [_repairs(because, names) for because in why],
        "below_min_group": [groups.get(c) for c in ids],
        "near_minimum": [area_of.get(c) in found.near for c in ids],
        "changes_plan": [_changes_plan(because) for because in why],
    }
    kinds = {column: OUTCOME_COLUMNS[column] for column in PLAN_COLUMNS}
    return pd.DataFrame(table, index=pd.Index(ids, name="community_id", dtype="str")).astype(kinds)


def areas_table(
    found: Explained,
    names: Mapping[str, str],
    outlines: gpd.GeoSeries,
    *,
    costs: Mapping[Members, Mapping[str, float]] | None = None,
) -> gpd.GeoDataFrame:
    """Return AREA_COLUMNS with the outlines, sorted by area_id; `costs` are those known already, by members."""
    rows = []
    known = costs or {}
    for area in found.plan.areas:
        cost = known.get(area.members) or _costs(found, area.members)
        rows.append(
            {
                "center_id": area.center_id,
                "communities": len(area.members),
                "count": total(found.graph, area.members),
                **cost,
                "kind": found.plan.outcomes[area.members[0]],
                "near_minimum": area.area_id in found.near,
                "names": "、".join(names[m] for m in area.members),
                "name": "",
            }
        )
    index = pd.Index([a.area_id for a in found.plan.areas], name="area_id", dtype="str")
    table = pd.DataFrame(rows, columns=list(AREA_COLUMNS), index=index).astype(AREA_COLUMNS)
    shapes = outlines.reindex(index).to_numpy()
    return gpd.GeoDataFrame(table, geometry=shapes, crs=outlines.crs).sort_index()


def known_costs(areas: gpd.GeoDataFrame, plan: Plan) -> dict[Members, dict[str, float]]:
    """Return the costs of a table of areas by the members that `plan` gives them, as `areas_table` takes them."""
    rows = areas[["cost", *(f"cost_{part}" for part in COST_PARTS)]].to_dict("index")
    return {area.members: rows[area.area_id] for area in plan.areas}


def violations_table(found: Explained, names: Mapping[str, str]) -> pd.DataFrame:
    """Return VIOLATION_COLUMNS in the order of the checks."""
    rows = [
        {
            "rule": v.rule,
            "place": names.get(v.place, v.place),
            "place_id": v.place,
            "value": str(v.value),
            "limit": str(v.limit),
            "text": violation_sentence(v, names),
            "accepted": "",
        }
        for v in found.violations
    ]
    return pd.DataFrame(rows, columns=list(VIOLATION_COLUMNS)).astype(VIOLATION_COLUMNS)


def area_grid_table(plan: Plan, community_grid: pd.DataFrame) -> pd.DataFrame:
    """Return the households of each area in each grid, of COMMUNITY_GRID_COLUMNS."""
    area_of = pd.Series(plan.area_of(), dtype="str")
    rows = community_grid.assign(area_id=community_grid["community_id"].map(area_of)).dropna(
        subset=["area_id"]
    )
    table = rows.groupby(["area_id", "grid"])["households"].sum().reset_index()
    return table[list(AREA_GRID_COLUMNS)].astype(AREA_GRID_COLUMNS)


def figures(found: Explained) -> dict[str, Any]:
    """Return the part of a summary that counts what is in the plan."""
    outcomes = Counter(found.plan.outcomes.values())
    kinds = Counter(found.plan.outcomes[area.members[0]] for area in found.plan.areas)
    return {
        "areas": len(found.plan.areas),
        "groups": kinds["grouped"],
        "alone": kinds["alone"],
        "fixed": kinds["fixed"],
        "exceptions": outcomes["exception"],
        "held": outcomes["held"],
        "excluded": outcomes["excluded"],
        "violations": len(found.violations),
        "next_number": found.plan.next_number,
    }


# --- parts -----------------------------------------------------------------------------------------


def _costs(found: Explained, members: Members) -> dict[str, float]:
    cost = area_cost(found.graph, found.rules, members)
    parts = {f"cost_{part}": round(value, COST_DECIMALS) for part, value in cost.parts.items()}
    return {"cost": round(cost.total, COST_DECIMALS), **parts}


def _told(why: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Return the reasons worth a sentence: that nobody is near enough says nothing new beside what stands between."""
    return tuple(r for n, r in enumerate(why) if n == 0 or r.code not in PLAIN_FACTS)


def _repairs(why: tuple[Reason, ...], names: Mapping[str, str]) -> str:
    """Return the repairs in words; the same links to open are one repair, whatever reason leads to them."""
    distinct = {
        r.repair.numbers.get("links", repair_sentence(r.repair, names)): r.repair
        for r in why[::-1]
        if r.repair
    }
    return " ".join(repair_sentence(repair, names) for repair in list(distinct.values())[::-1])


def _changes_plan(why: tuple[Reason, ...]) -> bool:
    return any(r.code == "count_unknown" and r.numbers.get("frees", 0) != 0 for r in why)
