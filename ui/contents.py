"""What the lists, cards and tables of the desk say of a plan, as plain data; nothing here knows Streamlit.

Things are called by their place: "areas:3" is row 3 of `Results.areas`, as in the map; text never comes back as a key.
"""

import re
import string
from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.overlays import assign
from geo.wording import catalogue, say
from optimizer.candidates import COST_PARTS
from report.results import Results
from report.titles import caveat_words

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


# --- the line above --------------------------------------------------------------------------------


def headline_parts(results: Results) -> list[Row]:
    """Return the summary sentence in parts: text, and numbers with the list they open."""
    parts: list[Row] = []
    for text, field, _, _ in string.Formatter().parse(catalogue()["report.summary_line"]):
        if text:
            parts.append({"text": text})
        if field is not None:
            parts.append({"text": str(results.summary[field]), "opens": field, "title": say("desk.opens")})
    return parts


def badge(results: Results) -> tuple[str, str]:
    """Return the mark ("good", "fair" or "bad") and the words for how far the plan is proven."""
    summary = results.summary
    if summary.get("violations"):
        return "bad", say("desk.badge.violations", number=summary["violations"])
    if summary.get("status") == "optimal":
        return "good", say("desk.badge.optimal")
    gap = summary.get("gap")
    return "fair", say("desk.badge.open") if gap is None else say("desk.badge.gap", gap=f"{gap:.2%}")


def marks(results: Results) -> list[tuple[str, str]]:
    """Return mark and words of all that stands beside the title: how far the plan is proven, what is not checked."""
    codes = results.summary.get("caveats", ())
    broken = [("bad", caveat_words(code)) for code in codes if code.startswith("violations:")]
    rest = [("fair", caveat_words(code)) for code in codes if not code.startswith("violations:")]
    return [*(broken or [badge(results)]), *rest]


# --- lists -----------------------------------------------------------------------------------------


def lists(results: Results) -> list[Row]:
    """Return the lists of the panel; violations only where there are some."""
    table = results.communities
    found = [
        _list("areas", list(_area_rows(results))),
        _list("exceptions", list(_community_rows(results, table["outcome"] == "exception", why=True))),
        _list("held", list(_community_rows(results, table["outcome"] == "held", why=True))),
        _list("communities", list(_community_rows(results, table["outcome"].notna(), why=False))),
    ]
    if len(results.violations):
        rows = [{"head": v.place, "texts": [v.text]} for v in results.violations.itertuples()]
        found.insert(0, _list("violations", rows))
    return found


def _list(key: str, rows: list[Row]) -> Row:
    return {"key": key, "label": say(f"desk.list.{key}"), "empty": say(f"desk.empty.{key}"), "rows": rows}


def _area_rows(results: Results) -> Iterator[Row]:
    for number, area in enumerate(results.areas.itertuples()):
        tags = [say(f"report.outcome.{area.kind}")] if area.kind != "grouped" else []
        tags += [say("report.near_minimum")] if area.near_minimum else []
        yield {
            "id": f"areas:{number}",
            "kind": area.kind,
            "head": area.Index,
            "number": say("report.households", count=area.count),
            "tags": tags,
            "texts": [area.names],
        }


def _community_rows(results: Results, chosen: "pd.Series[bool]", *, why: bool) -> Iterator[Row]:
    table = results.communities.assign(row=range(len(results.communities)))[chosen.to_numpy()]
    for one in table.itertuples():
        repair = say("desk.repair", repair=one.repair) if one.repair else ""
        yield {
            "id": f"communities:{one.row}",
            "head": one.name,
            "number": _count(one),
            "mark": one.outcome,
            "sign": SIGNS.get(str(one.outcome), ""),
            "texts": [one.reason, repair]
            if why
            else [_text(one.area_id) or _outcome(results, str(one.outcome))],
        }


# --- cards -----------------------------------------------------------------------------------------


def card(
    results: Results, place: str, *, duties: "pd.Series[str]", neighbours: Sequence[Row] = ()
) -> Row | None:
    """Return the card of an area or community, None where the plan has no such thing.

    `duties` comes from `duties_of`, `neighbours` of a community from `neighbour_rows`.
    """
    found = place_of(results, place)
    if found is None:
        return None
    if found[0] == "areas":
        return _area_card(results, found[1], duties)
    return _community_card(results, found[1], duties, neighbours)


def _area_card(results: Results, row: int, duties: "pd.Series[str]") -> Row:
    area = results.areas.iloc[row]
    area_id = str(results.areas.index[row])
    table = results.communities
    members = table[(table["area_id"] == area_id).to_numpy()]
    tags = [{"text": _outcome(results, area["kind"]), "mark": area["kind"]}]
    if area["near_minimum"]:
        tags.append({"text": say("report.near_minimum"), "mark": "near"})
    links = [
        {"id": f"communities:{table.index.get_loc(one.Index)}", "head": one.name, "number": _count(one)}
        for one in members.itertuples()
    ]
    lines = [
        _line("household_count", say("report.households", count=area["count"])),
        _line("members", say("desk.members", number=len(members)), links=links),
        _line("center", table["name"].get(area["center_id"], "")),
        _line("cost", _cost(area)),
        _line("committee", _distinct(members["committee"])),
        _line("grids", _grids(results, area_id) or _distinct(members["grids"])),
        _line("duties", _distinct(duties.reindex(members.index))),
    ]
    return {"title": area_id, "tags": tags, "lines": [line for line in lines if line["text"]]}


def _community_card(results: Results, row: int, duties: "pd.Series[str]", neighbours: Sequence[Row]) -> Row:
    one = results.communities.iloc[row]
    community_id = str(results.communities.index[row])
    status = say(f"report.status.{one['count_status']}")
    counted = status if pd.isna(one["count"]) else say("report.counted", count=one["count"], status=status)
    area_id = _text(one["area_id"])
    inside = []
    if area_id:
        area = results.areas.loc[area_id]
        number = say("report.households", count=area["count"])
        inside = [{"id": f"areas:{results.areas.index.get_loc(area_id)}", "head": area_id, "number": number}]
    lines = [
        _line("household_count", counted),
        _line("area_id", " " if inside else "", links=inside),
        _line("reason", one["reason"], mark="reason"),
        _line("repair", one["repair"]),
        _line("neighbours", " " if neighbours else "", links=list(neighbours)),
        _line("address", one["address"]),
        _line("committee", one["committee"]),
        _line("grids", one["grids"]),
        _line("duties", str(duties.get(community_id, ""))),
        _line("buildings", _text(one["buildings"])),
        _line("built_year", _text(one["built_year"])),
        _line("managing_company", one["managing_company"]),
        _line("community_id", community_id),
        _line("source_rows", one["source_rows"]),
    ]
    tags = [{"text": _outcome(results, one["outcome"]), "mark": one["outcome"]}]
    return {"title": one["name"], "tags": tags, "lines": [line for line in lines if line["text"]]}


def _line(key: str, text: str, *, links: list[Row] | None = None, mark: str = "") -> Row:
    words = catalogue()
    term = words[f"desk.card.{key}"] if f"desk.card.{key}" in words else words[f"report.column.{key}"]
    return {"term": term, "text": text, "links": links or [], "mark": mark}


def _cost(area: "pd.Series[Any]") -> str:
    """Return the cost of an area and what it is made of, a line each; walking also as a mean distance."""
    mean_m = area["cost_walk"] / area["count"] if area["count"] else 0.0
    parts = [
        say(f"desk.cost.{part}", cost=f"{area[f'cost_{part}']:,.0f}", mean_m=f"{mean_m:.0f}")
        for part in COST_PARTS
        if area[f"cost_{part}"] > 0
    ]
    return "\n".join([say("desk.cost.total", cost=f"{area['cost']:,.0f}"), *parts])


def _grids(results: Results, area_id: str) -> str:
    if results.area_grid is None:
        return ""
    rows = results.area_grid[results.area_grid["area_id"] == area_id]
    return "、".join(
        say("desk.part", name=r.grid or say("desk.outside"), count=r.households) for r in rows.itertuples()
    )


def duties_of(results: Results) -> "pd.Series[str]":
    """Return whose duty each community is, by every duty layer it lies in, joined by "、"."""
    ids = results.communities.index
    if "duties" not in results.layers:
        return pd.Series("", index=ids, dtype="str")
    layer = results.layers["duties"]
    sources = layer["source"] if "source" in layer.columns else pd.Series("", index=layer.index)
    found = [
        assign(results.communities, gpd.GeoDataFrame(part), column="name")
        for _, part in layer.groupby(sources)
    ]
    table = pd.concat(found, axis=1).reindex(ids)
    return table.apply(_distinct, axis=1).astype("str")


# --- tables below ----------------------------------------------------------------------------------


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


def _outcome(results: Results, outcome: str) -> str:
    return say(f"report.outcome.{outcome}", minimum=results.summary["minimum"])


def _count(one: Any) -> str:
    return "" if pd.isna(one.count) else say("report.households", count=one.count)


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _distinct(values: "pd.Series[str]") -> str:
    parts = [part for value in values.dropna() for part in str(value).split("、") if part]
    return "、".join(dict.fromkeys(parts))
