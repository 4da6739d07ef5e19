"""What the lists, cards and tables of the desk say of a plan, as plain data; nothing here knows Streamlit.

Things are called by their place: "areas:3" is row 3 of `Results.areas`, as in the map; text never comes back as a key.
"""

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from geo.wording import say, sentence
from report.results import Results
from report.titles import caveat_words
from ui.checking import CheckRow

CHECK_SIGNS = {"bad": "✗", "fair": "!", "note": "i", "": "✓"}
OPEN = ("bad", "fair")  # marks of what is mended or decided here
SIGNS = {"exception": "!", "held": "?"}
MATRIX_GRIDS = 12  # more columns than this are not read across
_PLACE = re.compile(r"(areas|communities):([0-9]{1,9})")
# number of the headline → the list behind it, and the kind of rows it counts
BEHIND = {
    "areas": ("areas", ""),
    "groups": ("areas", "grouped"),
    "alone": ("areas", "alone"),
    "fixed": ("areas", "fixed"),
    "exceptions": ("exceptions", ""),
    "held": ("held", ""),
}

Row = dict[str, Any]
_OF_COMMUNITY = (
    "row", "name", "count", "outcome", "committee", "grids", "address", "reason", "repair", "area_id",
)  # fmt: skip
# What the summary says of the computation, and how it is shown.
_OF_RUN: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "rules": str,
        "minimum": str,
        "count": str,
        "seed": str,
        "seconds": lambda stages: f"{sum(stages.values()):.1f}",
        "cost": "{:,.0f}".format,
        "bound": "{:,.0f}".format,
        "gap": "{:.2%}".format,
        "exceptions_bound": str,
        "input_sha256": str,
        "version": str,
    }
)


# --- which thing -----------------------------------------------------------------------------------


def place_of(results: Results, place: str) -> tuple[str, int] | None:
    """Return table and row of a place, None where the plan has no such thing."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return None
    key, row = found[1], int(found[2])
    return (key, row) if row < len(getattr(results, key)) else None


def id_of(results: Results, place: str) -> str | None:
    """Return the area_id or community_id at a place, None where the plan has no such thing."""
    found = place_of(results, place)
    return None if found is None else str(getattr(results, found[0]).index[found[1]])


def place_at(results: Results, table: str, thing_id: str) -> str | None:
    """Return the place of an area or a community, None where the plan has no such thing."""
    index = getattr(results, table).index
    return f"{table}:{index.get_loc(thing_id)}" if thing_id in index else None


# --- the line above --------------------------------------------------------------------------------


def headline_parts(results: Results) -> list[Row]:
    """Return the summary sentence in parts: text, and numbers with the list they open."""
    parts: list[Row] = []
    for text, field, _, _ in string.Formatter().parse(sentence("report.summary_line")):
        if text:
            parts.append({"text": text})
        if field is not None:
            parts.append({"text": str(results.summary[field]), "opens": field, "title": say("desk.opens")})
    return parts


def badge(results: Results) -> tuple[str, str]:
    """Return the mark ("good", "fair" or "bad") and the words for how far the plan is proven."""
    summary, broken = results.summary, results.violations["accepted"]
    if left := int((broken == "").sum()):
        return "bad", say("desk.badge.violations", number=left)
    if len(broken):
        return "fair", say("desk.badge.accepted", number=len(broken))
    if summary.get("status") == "optimal":
        return "good", say("desk.badge.optimal")
    gap = summary.get("gap")
    way = "edited" if summary.get("status") == "edited" else "found"
    return "fair", say(
        f"desk.badge.{way}_open" if gap is None else f"desk.badge.{way}_gap", gap=f"{gap or 0:.2%}"
    )


def marks(results: Results) -> list[tuple[str, str]]:
    """Return mark and words of all that stands beside the title: how far the plan is proven, what is not checked."""
    codes = results.summary.get("caveats", ())
    broken = [("bad", caveat_words(code)) for code in codes if code.startswith("violations:")]
    rest = [("fair", caveat_words(code)) for code in codes if not code.startswith("violations:")]
    return [*(broken or [badge(results)]), *rest]


# --- lists -----------------------------------------------------------------------------------------


def lists(results: Results) -> list[Row]:
    """Return the lists of the panel that show things of the plan."""
    table = results.communities
    return [
        _list("areas", list(_area_rows(results))),
        _list("exceptions", list(_community_rows(results, table["outcome"] == "exception", why=True))),
        _list("held", list(_community_rows(results, table["outcome"] == "held", why=True))),
        _list("communities", list(_community_rows(results, table["outcome"].notna(), why=False))),
    ]


def checks_list(results: Results, checks: Sequence[CheckRow]) -> Row:
    """Return the list of the checks: what is open with the way to mend it, then what was accepted."""
    return _list("checks", [_check_row(results, number, row) for number, row in enumerate(checks)])


def _check_row(results: Results, number: int, row: CheckRow) -> Row:
    found = (place_at(results, table, row.place) for table in ("areas", "communities"))
    measured = f"{row.value} / {row.limit}" if row.value and row.limit else row.value
    told: Row = {
        "id": next((place for place in found if place), ""),
        "head": row.head,
        "number": measured,
        "mark": row.mark or "accepted",
        "sign": CHECK_SIGNS[row.mark],
        "texts": [row.text, row.accepted, say("desk.checks.rule", says=row.says, source=row.source)],
    }
    act = {"id": f"mend:{number}", "label": say("desk.checks.mend")}
    if row.mark == "note":
        act = {"id": f"page:{row.page}", "label": say("desk.checks.go")}
    return told | {"act": act} if row.page or row.mark in OPEN else told


def _list(key: str, rows: list[Row]) -> Row:
    return {"key": key, "label": say(f"desk.list.{key}"), "empty": say(f"desk.empty.{key}"), "rows": rows}


def _area_rows(results: Results) -> Iterator[Row]:
    for number, area in enumerate(results.areas.itertuples()):
        tags = [say(f"report.outcome.{area.kind}")] if area.kind != "grouped" else []
        tags += [say("report.near_minimum")] if area.near_minimum else []
        yield {
            "id": f"areas:{number}",
            "choose": True,
            "kind": area.kind,
            "head": f"{area.Index} {area.name}".strip(),
            "number": say("report.households", count=area.count),
            "tags": tags,
            "texts": [area.names],
        }


def _community_rows(results: Results, chosen: "pd.Series[bool]", *, why: bool) -> Iterator[Row]:
    table = results.communities.assign(row=range(len(results.communities)))
    # Only what is shown, as plain values: to take them one by one out of the table's own columns takes ten times as long.
    for one in table.loc[chosen.to_numpy(), list(_OF_COMMUNITY)].astype(object).itertuples():
        repair = say("desk.repair", repair=one.repair) if one.repair else ""
        yield {
            "id": f"communities:{one.row}",
            "choose": True,
            "head": one.name,
            "number": count_words(one),
            "mark": one.outcome,
            "sign": SIGNS.get(str(one.outcome), ""),
            "find": " ".join((str(one.Index), one.committee, one.grids, one.address)),
            "texts": [one.reason, repair]
            if why
            else [text_of(one.area_id) or outcome_words(results, str(one.outcome))],
        }


# --- tables below ----------------------------------------------------------------------------------


def run_table(summary: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return what the plan was computed of, and what is proven of it, as far as the summary says."""
    heads = [say(f"desk.run_of.{key}") for key in ("what", "told")]
    known = {key: shown for key, shown in _OF_RUN.items() if summary.get(key) is not None}
    return heads, [[say(f"desk.run_of.{key}"), shown(summary[key])] for key, shown in known.items()]


def grid_table(results: Results) -> tuple[list[str], list[list[str]]]:
    """Return area × grid with households: across where the grids are few, else a row for each pair."""
    rows = (
        results.area_grid
        if results.area_grid is not None
        else pd.DataFrame({"area_id": [], "grid": [], "households": []})
    )
    rows = rows.assign(grid=rows["grid"].replace("", say("desk.outside"))).sort_values(["area_id", "grid"])
    if rows["grid"].nunique() > MATRIX_GRIDS:
        heads = [say(f"report.column.{c}") for c in ("area_id", "grid", "household_count")]
        return heads, rows.astype(str).to_numpy().tolist()
    wide = rows.pivot_table(index="area_id", columns="grid", values="households", aggfunc="sum")
    cut = wide.notna().sum(axis=1)
    body = [
        [str(area_id), *("" if pd.isna(v) else f"{v:.0f}" for v in wide.loc[area_id]), str(cut[area_id])]
        for area_id in wide.index
    ]
    return [say("report.column.area_id"), *map(str, wide.columns), say("desk.grids_cut")], body


def findings_table(results: Results) -> tuple[list[str], list[list[str]]]:
    """Return the findings in the words of the screen."""
    columns = ["file", "row", "column", "found", "done"]
    table = results.findings[columns].astype(object).fillna("")
    return [say(f"report.column.{c}") for c in columns], table.astype(str).to_numpy().tolist()


# --- words -----------------------------------------------------------------------------------------


def outcome_words(results: Results, outcome: str) -> str:
    """Return the outcome of a community in words."""
    return say(f"report.outcome.{outcome}", minimum=results.summary["minimum"])


def count_words(one: Any) -> str:
    """Return the households of a row of communities, "" where nobody knows."""
    return "" if pd.isna(one.count) else say("report.households", count=one.count)


def text_of(value: object) -> str:
    """Return a cell as text, "" where it is empty."""
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def distinct(values: "pd.Series[str]") -> list[str]:
    """Return the names in cells that hold one or several joined by "、", as tables keep them."""
    return list(dict.fromkeys(part for value in values.dropna() for part in str(value).split("、") if part))
