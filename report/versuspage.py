"""Two plans side by side as one file: both maps, which move together, what moved, the figures; opens without a network."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from geo.wording import say
from report.layers import MANY_COMMUNITIES
from report.mappage import leaflet, policy
from report.maps import map_data, script_json, scripts, sheet
from report.maptext import map_text
from report.titles import summary_line
from report.versus import (
    SIDES,
    Versus,
    areas_table,
    called,
    conflicts_table,
    figures_table,
    grids_table,
    moved_table,
)

_HERE = Path(__file__).parent


def versus_page(versus: Versus, *, alone: bool = True) -> str:
    """Return the page; one that does not stand alone leaves head and figures to the page that shows it."""
    code, look = leaflet()
    head = f"<style>{look}\n{sheet()}\n{_own('versuspage.css')}</style>"
    told = f"{_heading(versus)}{_table(figures_table(versus), 'figures')}" if alone else ""
    body = f"{told}{_maps(versus)}{_lists(versus)}{_grids(versus) if alone else ''}"
    data = f"const versusData = {script_json(_data(versus))};"
    made = "".join(f"<script>{one}</script>" for one in (code, scripts(), f"{data}\n{_own('versuspage.js')}"))
    page = (
        f"{head}</head><body class='{'alone' if alone else 'within'}'><main>{body}</main>{made}</body></html>"
    )
    guard = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">'
    title = f"<title>{map_text(versus.title)}</title>"
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return f'<!DOCTYPE html><html lang="{say("words.language")}"><head><meta charset="utf-8">{guard}{view}{title}{page}'


# --- maps ------------------------------------------------------------------------------------------


def _data(versus: Versus) -> dict[str, Any]:
    """Return both maps; a layer that is the same in both stands once."""
    one, other = versus.results
    first = map_data(one, cards=True)
    kept = {b: first.fills[a] for a, b in versus.areas[["one", "other"]].itertuples(index=False) if a and b}
    texts: dict[str, int] = {}
    sides = []
    for data in (first, map_data(other, last=replace(first, fills=kept), cards=True)):
        layers = []
        for layer, shown in zip(data.layers, data.frame["layers"], strict=True):
            text = json.dumps({"key": layer.key, "fields": layer.fields, "features": layer.features})
            layers.append({**shown, "at": texts.setdefault(text, len(texts))})
        sides.append({**data.frame, "layers": layers, "states": data.states})
    return {"layers": [json.loads(text) for text in texts], "sides": sides, "moved": _moved_places(versus)}


def _moved_places(versus: Versus) -> list[list[str]]:
    return [[_place(versus, side, "communities", c) for c in versus.moved["community_id"]] for side in SIDES]


def _place(versus: Versus, side: str, table: str, thing_id: str) -> str:
    """Return what the map of a side calls a thing, "" where it does not show it."""
    shown = getattr(versus.results[SIDES.index(side)], table)
    if thing_id not in shown.index:
        return ""
    row = shown.index.get_loc(thing_id)
    if table == "communities" and len(shown) > MANY_COMMUNITIES and shown["outcome"].iloc[row] != "exception":
        return ""
    return f"{table}:{row}"


def _maps(versus: Versus) -> str:
    figures = (
        f"<figure><figcaption><b>{map_text(title)}</b><span>{map_text(summary_line(results.summary))}</span></figcaption>"
        f"<div class='versus-map' id='map-{side}'></div></figure>"
        for side, title, results in zip(SIDES, versus.titles, versus.results, strict=True)
    )
    return f"<section class='maps'>{''.join(figures)}</section>"


# --- words -----------------------------------------------------------------------------------------


def _heading(versus: Versus) -> str:
    lines = "".join(f"<p>{map_text(line)}</p>" for line in versus.lines())
    return f"<header><h1>{map_text(versus.title)}</h1>{lines}</header>"


def _lists(versus: Versus) -> str:
    moved = moved_table(versus)
    people = versus.moved["community_id"]
    told = (
        _line(_places(versus, "communities", c, c), name, _households(count), f"{was} → {now}")
        for c, (_, name, count, was, now) in zip(people, moved.itertuples(index=False), strict=True)
    )
    lists = [
        _list("moved", told, is_open=True, everything=True),
        _list("areas", _area_lines(versus), is_open=False),
    ]
    if len(versus.conflicts):
        lists.append(_list("conflicts", _conflict_lines(versus), is_open=True))
    return f"<aside>{''.join(lists)}</aside>"


def _area_lines(versus: Versus) -> Iterable[str]:
    changed = versus.areas[versus.areas["fate"] != "same"]
    for row in changed.to_dict("records"):
        ids = [str(row[side]) for side in SIDES]
        names = [called(versus, side, area) or "—" for side, area in zip(SIDES, ids, strict=True)]
        counts = [_households(row[f"{side}_count"]) or "—" for side in SIDES]
        went = say("versus.went", names=row["went"]) if row["went"] else ""
        came = say("versus.came", names=row["came"]) if row["came"] else ""
        head = names[0] if names[0] == names[1] else " → ".join(names)
        text = " ".join(filter(None, (say(f"versus.fate.{row['fate']}"), went, came)))
        yield _line(_places(versus, "areas", *ids), head, " → ".join(counts), text)


def _conflict_lines(versus: Versus) -> Iterable[str]:
    words = conflicts_table(versus)
    for place_id, (place, text, decided) in zip(
        versus.conflicts["place_id"], words.itertuples(index=False), strict=True
    ):
        table = "communities" if place_id in versus.results[0].communities.index else "areas"
        yield _line(_places(versus, table, place_id, place_id), place, "", f"{text} · {decided}")


def _places(versus: Versus, table: str, one: str, other: str) -> Sequence[str]:
    return [_place(versus, side, table, i) for side, i in zip(SIDES, (one, other), strict=True)]


def _households(count: object) -> str:
    return "" if pd.isna(count) else say("report.households", count=count)  # type: ignore[call-overload]


def _line(places: Sequence[str], head: object, number: str, text: str) -> str:
    shown = " ".join(f"data-{side}='{place}'" for side, place in zip(SIDES, places, strict=True))
    disabled = "" if any(places) else " disabled"
    return (
        f"<li><button type='button' {shown}{disabled}><b>{map_text(head)}</b><span>{map_text(number)}</span>"
        f"<small>{map_text(text)}</small></button></li>"
    )


def _list(key: str, lines: Iterable[str], *, is_open: bool, everything: bool = False) -> str:
    items = list(lines)
    whole = (
        f"<p><button type='button' id='versus-all'>{say('versus.show_all')}</button></p>"
        if everything
        else ""
    )
    inside = (
        f"{whole}<ul>{''.join(items)}</ul>" if items else f"<p class='note'>{say(f'versus.no_{key}')}</p>"
    )
    head = f"<summary>{say(f'versus.sheet.{key}')} <span>{len(items)}</span></summary>"
    return f"<details{' open' if is_open else ''}>{head}{inside}</details>"


def _grids(versus: Versus) -> str:
    tables = [("areas", areas_table(versus)), ("grids", grids_table(versus))]
    return "".join(
        f"<h2>{say(f'versus.sheet.{key}')}</h2>{_table(table, key)}" for key, table in tables if len(table)
    )


def _table(table: pd.DataFrame, name: str) -> str:
    heads = "".join(f"<th>{map_text(head)}</th>" for head in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{map_text(cell)}</td>' for cell in row)}</tr>"
        for row in table.itertuples(index=False)
    )
    return (
        f"<div class='table {name}'><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
