"""plan.xlsx: the plan as sheets for the people of a street office, in the words of design.md §2."""

from collections.abc import Iterator
from itertools import compress

import geopandas as gpd
import pandas as pd

from geo.clearance import BEFORE, INSIDE
from geo.wording import say
from optimizer.candidates import COST_PARTS
from report.results import Results
from report.titles import caveats_line, rules_line, summary_line
from report.workbooks import Sheet, has_text

_PLACE = ("community_id", "name", "address", "street_town", "committee", "grids")
_CLEARED = ("before_clearance", "inside_clearance")  # both numbers of whom a clearance line runs through
_COMMUNITY_COLUMNS = (
    *_PLACE,
    "count",
    "count_status",
    *_CLEARED,
    "scope",
    "outcome",
    "area_id",
    "reason",
    "source_rows",
)
_COST_COLUMNS = tuple(f"cost_{part}" for part in COST_PARTS)
_OFF_PAPER = ("source_rows", *_COST_COLUMNS)  # for tracing on screen; gives way where the page is too narrow
_VIOLATION_COLUMNS = ("rule", "place", "value", "limit", "text")
_EXCEPTION_COLUMNS = (*_PLACE, "count", "count_status", "reason", "repair", "below_min_group")


def plan_sheets(results: Results) -> Iterator[Sheet]:
    """Yield the sheets of plan.xlsx in their order; 网格 and 未通过项 only where there is something to say."""
    yield _sheet(results, "areas", _areas(results))
    yield _sheet(results, "communities", _communities(results, results.communities, _COMMUNITY_COLUMNS))
    exceptions = results.communities[results.communities["outcome"] == "exception"]
    yield _sheet(results, "exceptions", _communities(results, exceptions, _EXCEPTION_COLUMNS))
    if results.area_grid is not None:
        yield _sheet(results, "grids", _grids(results.area_grid, results.layers.get("grids")))
    yield _sheet(results, "findings", _headed(results.findings[["file", "row", "column", "found", "done"]]))
    if len(results.certificate):
        yield _sheet(results, "certificate", _certificate(results))
    if len(results.violations):
        yield _sheet(results, "violations", _headed(results.violations[list(_VIOLATION_COLUMNS)]))


def _sheet(results: Results, key: str, table: pd.DataFrame) -> Sheet:
    name = say(f"report.sheet.{key}")
    lines = (
        summary_line(results.summary),
        f"{rules_line(results.summary)} · {caveats_line(results.summary)}",
    )
    spare = tuple(say(f"report.column.{column}") for column in _OFF_PAPER)
    return Sheet(name, f"{results.title} · {name}", lines, table, spare=spare)


def _areas(results: Results) -> pd.DataFrame:
    areas = results.areas
    table = pd.DataFrame(
        {
            "area_id": areas.index,
            "kind": areas["kind"].map(
                lambda kind: say(f"report.outcome.{kind}", minimum=results.summary["minimum"])
            ),
            "communities": areas["communities"],
            "count": areas["count"],
            "names": areas["names"],
            "center": results.communities["name"].reindex(areas["center_id"]).to_numpy(),
            "note": _notes(results),
            "cost": areas["cost"].round().astype("int64"),
            **{c: areas[c].round().astype("int64") for c in _COST_COLUMNS if (areas[c] != 0).any()},
        }
    )
    return _headed(table, count=str(results.summary["count"]))


def _notes(results: Results) -> list[str]:
    """Return for each area what whoever decides on it must know; the minimum does not judge what is kept as it is."""
    areas = results.areas
    short = (areas["count"] < results.summary["minimum"]) & (areas["kind"] != "fixed")
    told = {
        say("report.remark.violations"): areas.index.isin(results.violations["place"]),
        say("report.remark.below_minimum"): short,
        say("report.near_minimum"): areas["near_minimum"],
        say("report.remark.above_upper"): (areas["cost_size"] > 0) & (areas["kind"] == "grouped"),
        say("report.remark.self_sufficient"): areas["cost_join"] > 0,
    }
    each = zip(*told.values(), strict=True)
    return [say("words.semicolon").join(compress(told, flags)) for flags in each]


def _communities(results: Results, chosen: gpd.GeoDataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return the chosen communities in words; columns that say nothing stay away, to keep the print large."""
    minimum = results.summary["minimum"]
    told = chosen.rename(columns=dict(zip((BEFORE, INSIDE), _CLEARED, strict=True)))
    table = pd.DataFrame(told.rename_axis("community_id").reset_index())
    table = table[[column for column in columns if column in table.columns]]
    for column, words in (("count_status", "status"), ("scope", "scope"), ("outcome", "outcome")):
        if column in columns:
            table[column] = table[column].map(
                lambda code, words=words: say(f"report.{words}.{code}", minimum=minimum)
            )
    return _headed(table.drop(columns=_idle(results.communities, table)), count=str(results.summary["count"]))


def _idle(communities: gpd.GeoDataFrame, table: pd.DataFrame) -> list[str]:
    """Return the columns of `table` that are empty, hold the only street, or repeat the name as the id."""
    idle = {c for c in table.columns.difference(["name", "count"]) if not has_text(table[c])}
    if len(set(communities["street_town"])) == 1:
        idle.add("street_town")
    if (communities.index == communities["name"]).all():
        idle.add("community_id")
    return [c for c in table.columns if c in idle]


def _certificate(results: Results) -> pd.DataFrame:
    """Return what is proven of each connected part, in words."""
    table = results.certificate
    gap = (table["cost"] - table["bound"]) / table["cost"].where(table["cost"] > 0, 1.0)
    sentences = [
        say(f"report.why_not_more.{why}", bound=bound)
        for why, bound in zip(table["why_not_more"], table["areas_bound"], strict=True)
    ]
    return _headed(
        pd.DataFrame(
            {
                "first_community": results.communities["name"].reindex(table["first_id"]).to_numpy(),
                "communities": table["communities"],
                "areas": table["areas"],
                "why_not_more": sentences,
                "exceptions": table["exceptions"],
                "exceptions_bound": table["exceptions_bound"],
                "cost": table["cost"].round().astype("int64"),
                "bound": table["bound"].round().astype("int64"),
                "gap": [f"{share:.2%}" for share in gap],
                "proven": table["optimal"].map(
                    {True: say("report.proven.yes"), False: say("report.proven.no")}
                ),
            }
        )
    )


def _grids(area_grid: pd.DataFrame, layer: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Return what of each area lies in which grid, the grids in the order of their layer."""
    names = [] if layer is None else list(layer["name"])
    order = list(dict.fromkeys([*names, *sorted(area_grid["grid"].unique())]))
    place = area_grid["grid"].map({name: number for number, name in enumerate(order)})
    table = area_grid.assign(place=place).sort_values(["area_id", "place"]).drop(columns="place")
    total = table.groupby("area_id")["households"].transform("sum")
    share = (table["households"] / total.where(total > 0)).map(
        lambda part: "" if pd.isna(part) else f"{part:.0%}"
    )
    return _headed(table.rename(columns={"households": "household_count"}).assign(area_share=share))


def _headed(table: pd.DataFrame | gpd.GeoDataFrame, *, count: str = "") -> pd.DataFrame:
    """Return the table under the headings people read; `count` is the source heading of the count that is judged."""
    headings = [count if column == "count" else say(f"report.column.{column}") for column in table.columns]
    return pd.DataFrame(table).set_axis(headings, axis=1)
