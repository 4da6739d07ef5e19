"""map.html: the map with its lists as one file that opens from disk, on a desk or a phone, without any network."""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.wording import say
from report.layers import MANY_COMMUNITIES
from report.maps import ASSETS, build_map
from report.maptext import map_text
from report.results import Results
from report.titles import caveats_line, summary_line

_HERE = Path(__file__).parent
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def map_page(results: Results) -> str:
    """Return the page: title and summary, map, search, and the lists of exceptions, held communities and areas."""
    figure: Any = build_map(results).get_root()
    figure.render()  # fills header, html and script
    head = _inlined(figure.header.render())
    body = f"{_heading(results)}<div class='page-map'>{figure.html.render()}</div>{_panel(results)}"
    scripts = f"<script>{figure.script.render()}\n{_own('mappage.js')}</script>"
    title = map_text(results.title)
    page = f"<style>{_own('mappage.css')}</style></head><body><main>{body}</main>{scripts}</body></html>"
    guard = f'<meta http-equiv="Content-Security-Policy" content="{policy(head + page)}">'
    return f'<!DOCTYPE html><html lang="{say("words.language")}"><head><meta charset="utf-8">{guard}<title>{title}</title>{head}{page}'


def _heading(results: Results) -> str:
    notes = [
        say("report.map.sketch"),
        *([caveats_line(results.summary)] if results.summary.get("caveats") else []),
    ]
    if len(results.communities) > MANY_COMMUNITIES:
        notes.append(say("report.map.only_areas", limit=MANY_COMMUNITIES))
    lines = "".join(f"<p class='page-note'>{map_text(note)}</p>" for note in notes)
    summary = map_text(summary_line(results.summary))
    return f"<header><h1>{map_text(results.title)}</h1><p class='page-summary'>{summary}</p>{lines}</header>"


def _panel(results: Results) -> str:
    communities, areas = results.communities, results.areas
    few = len(communities) <= MANY_COMMUNITIES
    rows = pd.Series(range(len(communities)), index=communities.index)
    exceptions = communities[communities["outcome"] == "exception"]
    held = communities[communities["outcome"] == "held"]
    search = (
        f"<input id='page-search' type='search' autocomplete='off' placeholder='{say('report.map.search')}' "
        f"aria-label='{say('report.map.search')}'>"
        f"<p id='page-none' hidden>{say('report.map.not_found')}</p>"
    )
    lists = [
        _list("exceptions", "exception", _people(exceptions, rows, drawn=True), is_open=True),
        _list("held", "held", _people(held, rows, drawn=few), is_open=True),
        _list("areas", "area", _area_rows(areas), is_open=len(exceptions) + len(held) < 12),
    ]
    if few:
        rest = communities[~communities["outcome"].isin(["exception", "held"])]
        lists.append(_list("communities", "community", _people(rest, rows, drawn=True), is_open=False))
    return f"<aside><p class='page-note'>{say('report.map.hint')}</p>{search}{''.join(lists)}</aside>"


def _people(table: gpd.GeoDataFrame, rows: "pd.Series[int]", *, drawn: bool) -> Iterable[str]:
    """Return a line for each community: name, households, and either its reason or its area."""
    for (community_id, name, count, area_id, reason), shape in zip(
        table[["name", "count", "area_id", "reason"]].itertuples(name=None), table.geometry, strict=True
    ):
        key = (
            f"communities:{rows[community_id]}" if drawn and shape is not None and not shape.is_empty else ""
        )
        number = "" if count is pd.NA else say("report.households", count=count)
        yield _line(key, name, number, reason or area_id)


def _area_rows(areas: gpd.GeoDataFrame) -> Iterable[str]:
    near = areas["near_minimum"].map({True: f" · {say('report.near_minimum')}", False: ""})
    for uid, (area_id, count, names, mark) in enumerate(
        zip(areas.index, areas["count"], areas["names"], near, strict=True)
    ):
        yield _line(f"areas:{uid}", area_id, say("report.households", count=count) + mark, names)


def _line(key: str, name: str, number: str, text: object) -> str:
    more = f"<small>{map_text(text)}</small>" if map_text(text) else ""
    disabled = "" if key else " disabled"
    return (
        f"<li><button type='button' data-show='{key}'{disabled}><b>{map_text(name)}</b>"
        f"<span>{map_text(number)}</span>{more}</button></li>"
    )


def _list(key: str, mark: str, lines: Iterable[str], *, is_open: bool) -> str:
    items = list(lines)
    inside = (
        f"<ul>{''.join(items)}</ul>" if items else f"<p class='page-note'>{say('report.map.nothing')}</p>"
    )
    head = f"<summary class='page-{mark}'>{say(f'report.map.{key}')} <span>{len(items)}</span></summary>"
    return f"<details{' open' if is_open else ''}>{head}{inside}</details>"


def leaflet() -> tuple[str, str]:
    """Return Leaflet's script and style sheet; its pictures belong to markers that are not used."""
    code = (ASSETS / "leaflet.js").read_text(encoding="utf-8").split("//# sourceMappingURL")[0]
    return code, re.sub(r"url\(images/[^)]*\)", "none", (ASSETS / "leaflet.css").read_text(encoding="utf-8"))


def _inlined(header: str) -> str:
    """Put Leaflet itself in the place of the links to it."""
    code, look = leaflet()
    header = re.sub(r'<script src="./leaflet.js"></script>', lambda _: f"<script>{code}</script>", header)
    return re.sub(
        r'<link rel="stylesheet" href="./leaflet.css"/>', lambda _: f"<style>{look}</style>", header
    )


def policy(html: str) -> str:
    """Return a policy under which only the scripts of this page run and nothing is fetched from anywhere."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(html))
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {hashes}"


def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
