"""plan.xlsx: the plan as sheets for the people of a street office, in the words of design.md §2."""

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from geo.wording import say
from report.results import Results
from report.titles import caveats_line, rules_line, summary_line
from report.workbooks import Sheet

_PLACE = ("community_id", "name", "address", "street_town", "committee", "grids")
_COMMUNITY_COLUMNS = (
    *_PLACE,
    "count",
    "count_status",
    "scope",
    "outcome",
    "area_id",
    "reason",
    "source_rows",
)
_EXCEPTION_COLUMNS = (*_PLACE, "count", "count_status", "reason", "repair", "below_min_group")


def plan_sheets(results: Results) -> Iterator[Sheet]:
    """Yield the sheets of plan.xlsx in their order; 网格 and 未通过项 only where there is something to say."""
    yield _sheet(results, "areas", _areas(results))
    yield _sheet(results, "communities", _communities(results, _COMMUNITY_COLUMNS))
    exceptions = _communities(results, _EXCEPTION_COLUMNS)[
        results.communities["outcome"].to_numpy() == "exception"
    ]
    yield _sheet(results, "exceptions", exceptions)
    if results.area_grid is not None:
        yield _sheet(results, "grids", _grids(results.area_grid))
    yield _sheet(results, "findings", _headed(results.findings[["file", "row", "column", "found", "done"]]))
    if len(results.violations):
        yield _sheet(results, "violations", _headed(results.violations))


def _sheet(results: Results, key: str, table: pd.DataFrame) -> Sheet:
    name = say(f"report.sheet.{key}")
    lines = (
        summary_line(results.summary),
        f"{rules_line(results.summary)} · {caveats_line(results.summary)}",
    )
    return Sheet(name, f"{results.title} · {name}", lines, table)


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
            "near_minimum": areas["near_minimum"].map({True: say("report.yes"), False: ""}),
            "names": areas["names"],
            "center": results.communities["name"].reindex(areas["center_id"]).to_numpy(),
            "cost": areas["cost"].round().astype("int64"),
        }
    )
    return _headed(table, count=str(results.summary["count"]))


def _communities(results: Results, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return all communities in words; columns for which the source gave nothing stay away, to keep the print large."""
    communities = results.communities.rename_axis("community_id").reset_index()
    minimum = results.summary["minimum"]
    table = pd.DataFrame(communities[list(columns)])
    for column, words in (("count_status", "status"), ("scope", "scope"), ("outcome", "outcome")):
        if column in columns:
            table[column] = table[column].map(
                lambda code, words=words: say(f"report.{words}.{code}", minimum=minimum)
            )
    empty = [
        c for c in columns if c not in {"name", "count"} and (table[c].astype(object).fillna("") == "").all()
    ]
    if len(set(communities["street_town"])) == 1:
        empty.append("street_town")
    return _headed(table.drop(columns=list(dict.fromkeys(empty))), count=str(results.summary["count"]))


def _grids(area_grid: pd.DataFrame) -> pd.DataFrame:
    table = area_grid.sort_values(["area_id", "grid"])
    total = table.groupby("area_id")["households"].transform("sum")
    share = (table["households"] / total.where(total > 0)).map(
        lambda part: "" if pd.isna(part) else f"{part:.0%}"
    )
    return _headed(table.rename(columns={"households": "household_count"}).assign(area_share=share))


def _headed(table: pd.DataFrame | gpd.GeoDataFrame, *, count: str = "") -> pd.DataFrame:
    """Return the table under the headings people read; `count` is the source heading of the count that is judged."""
    headings = [count if column == "count" else say(f"report.column.{column}") for column in table.columns]
    return pd.DataFrame(table).set_axis(headings, axis=1)
