"""The list of all grids for the office: links to their files, and which area lies in which grid."""

from functools import cache
from pathlib import Path

from geo.wording import listed, say
from report.gridpages.codes import code_svg
from report.gridpages.cuts import Grid, nowhere
from report.gridpages.files import INDEX
from report.gridpages.phrases import figures_words
from report.gridpages.tasks import called, tasks_of
from report.gridpages.told import Told, day_words, impersonal, number_words
from report.mappage import policy
from report.maptext import map_text
from report.results import Results

_HERE = Path(__file__).parent
_COLUMNS = ("grid", "communities", "households", "areas", "tasks", "page", "picture", "sheet")
_FILES = (("page", "html"), ("picture", "png"), ("sheet", "pdf"))


def index_page(results: Results, grids: tuple[Grid, ...], told: Told) -> str:
    """Return the list; it asks for nothing but the files beside it."""
    title = say("gridpages.index.title")
    code = f"<div class='code'>{code_svg(told.link(INDEX))}</div>" if told.address else ""
    lead = (
        f"<p>{_safe(results.title)} · {map_text(day_words(told.day))}</p><p>{say('gridpages.index.lead')}</p>"
    )
    body = (
        f"<header><div><h1>{title}</h1>{lead}</div>{code}</header>",
        _list(grids, told),
        _across(grids),
        _without(results, grids),
        f"<p class='hint'>{say('gridpages.two_grids')}</p>",
        f"<p class='hint'>{_safe(told.source)}</p>" if told.source else "",
    )
    script = f"<script>{_own('index.js')}</script>"
    page = (
        f"<style>{_own('index.css')}</style></head><body><main>{''.join(body)}</main>{script}</body></html>"
    )
    guard = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
    return f'<!DOCTYPE html><html lang="{say("words.language")}"><head><meta charset="utf-8">{guard}{view}<title>{title}</title>{page}'


def _list(grids: tuple[Grid, ...], told: Told) -> str:
    heads = "".join(f"<th>{say(f'gridpages.index.{column}')}</th>" for column in _COLUMNS)
    rows = "".join(_row(grid, told) for grid in grids)
    search = (
        f"<input id='search' type='search' autocomplete='off' placeholder='{say('gridpages.index.search')}' "
        f"aria-label='{say('gridpages.index.search')}'><p id='none' hidden>{say('gridpages.not_found')}</p>"
    )
    return f"{search}<div class='table'><table id='grids'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"


def _row(grid: Grid, told: Told) -> str:
    numbers = (len(grid.places), number_words(grid.here), len(grid.areas), len(tasks_of(grid, told)))
    cells = "".join(f"<td class='n'>{map_text(number)}</td>" for number in numbers)
    links = "".join(
        f"<td><a href='{grid.file}.{ending}'>{say(f'gridpages.index.{key}')}</a></td>"
        for key, ending in _FILES
    )
    words = [
        grid.name,
        *(place.facts["name"] for place in grid.places),
        *(called(share) for share in grid.areas),
    ]
    head = f"<th>{_safe(grid.name)}<small>{map_text(figures_words(grid))}</small></th>"
    return f"<tr data-words='{_safe(' '.join(map(impersonal, words)).lower())}'>{head}{cells}{links}</tr>"


def _across(grids: tuple[Grid, ...]) -> str:
    """Return each area with its households in every grid it lies in, those first that lie in most."""
    names = {share.area_id: called(share) for grid in grids for share in grid.areas}
    parts: dict[str, list[str]] = {area_id: [] for area_id in names}
    for grid in grids:
        for share in grid.areas:
            known = "" if share.here is None else say("gridpages.households", number=number_words(share.here))
            parts[share.area_id].append(f"{impersonal(grid.name)} {known}".strip())
    if not parts:
        return ""
    rows = []
    for area_id in sorted(parts, key=lambda area_id: (-len(parts[area_id]), area_id)):
        own = parts[area_id]
        told = listed(own)
        cut = " class=cut" if len(own) > 1 else ""
        rows.append(
            f"<tr{cut}><th>{_safe(names[area_id])}</th><td>{len(own)}</td><td>{map_text(told)}</td></tr>"
        )
    heads = "".join(f"<th>{say(f'gridpages.index.{key}')}</th>" for key in ("area", "number", "parts"))
    return (
        f"<h2>{say('gridpages.index.across')}</h2>"
        f"<div class='table'><table id='across'><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _without(results: Results, grids: tuple[Grid, ...]) -> str:
    empty = [impersonal(grid.name) for grid in grids if not grid.areas]
    out = [impersonal(results.communities["name"][c]) for c in nowhere(results, grids)]
    lines = [
        *([say("gridpages.index.no_areas", grids=listed(empty))] if empty else []),
        say("gridpages.index.no_grid", communities=listed(out)) if out else say("gridpages.index.all_placed"),
    ]
    return "".join(f"<p>{map_text(line)}</p>" for line in lines)


def _safe(value: object) -> str:
    return map_text(impersonal(value))


@cache
def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
