"""The page of one grid: one file that a grid worker opens on any phone, from disk or by a link, without any network.

The map, the tasks, what is known of communities and buildings, whom to call, the answers owners ask for, and a message
about a mistake. All of it is there without a script; the script zooms, keeps ticks and makes messages to copy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path

from geo.wording import listed, say
from report.gridpages.cuts import Block, Grid, Place, Share
from report.gridpages.phonemap import PhoneMap, area_colour, ground_style, phone_map, swatch
from report.gridpages.phrases import (
    due_words,
    figures_words,
    here_words,
    legend_lines,
    state_words,
    suggested_words,
)
from report.gridpages.scene import TOLERANCES_M, Backdrop, Scene, scene_of
from report.gridpages.tasks import Task, called, outstanding_words, tasks_of
from report.gridpages.told import Responsible, Told, day_words, impersonal, number_words
from report.layers import outcome_words
from report.mappage import policy
from report.maps import script_json
from report.maptext import map_text

_HERE = Path(__file__).parent
MOST_BYTES = 500_000
SECTIONS = ("map", "tasks", "places", "units", "answers", "mistakes")
MISTAKES = ("count", "missing", "name", "line", "gate", "facility", "other")
# Words the script needs; it has none of its own.
_SCRIPT_WORDS = (
    *("todo", "done", "trouble", "copied", "copy_by_hand", "not_kept", "no_place", "outside", "here"),
    *("report_this", "progress_head", "mistake_head", "mistake_place", "mistake_kind", "mistake_text"),
    *("note", "note_hint", "photo", "photo_at", "private", "comma"),
)


def grid_page(backdrop: Backdrop, grid: Grid, told: Told, scene: Scene) -> str:
    """Return the page, lighter than MOST_BYTES: where `scene` has too many shapes they are drawn more coarsely."""
    page = _page(backdrop, grid, told, scene)
    for tolerance_m in TOLERANCES_M[1:]:
        if len(page.encode()) < MOST_BYTES:
            return page
        scene = scene_of(backdrop, grid, tolerance_m=tolerance_m)
        page = _page(backdrop, grid, told, scene)
    if len(page.encode()) < MOST_BYTES:
        return page
    few = tuple(thing for thing in scene.things if thing.kind != "building_other")
    return _page(backdrop, grid, told, replace(scene, things=few))


def _page(backdrop: Backdrop, grid: Grid, told: Told, scene: Scene) -> str:
    drawn = phone_map(
        scene, crs=backdrop.results.communities.crs, title=say("gridpages.map_of", grid=impersonal(grid.name))
    )
    tasks = tasks_of(grid, told)
    body = (
        _header(backdrop, grid, told),
        _map_section(drawn, scene),
        _tasks_section(tasks, told),
        _places_section(backdrop, grid, told),
        _units_section(told.responsible.get(grid.name, ())),
        _answers_section(told),
        _mistakes_section(grid),
        _footer(told),
        _navigation(),
        f"<div id='sheet' hidden><button type='button' class='close'>{say('gridpages.word.close')}</button><div></div></div>",
    )
    data = {
        **drawn.data,
        "key": grid.file,
        "head": impersonal(grid.name),
        "places": len(grid.places),
        "words": {word: say(f"gridpages.word.{word}") for word in _SCRIPT_WORDS},
    }
    script = f"<script type='application/json' id='data'>{script_json(data)}</script><script>{_own('page.js')}</script>"
    head = f"<style>{_own('page.css')}{ground_style()}</style>"
    page = f"{head}</head><body class='js-off'><main>{''.join(body)}</main>{script}</body></html>"
    guard = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    quiet = '<meta name="format-detection" content="telephone=no"><meta name="robots" content="noindex">'
    title = f"<title>{_safe(grid.name)}</title>"
    return f'<!DOCTYPE html><html lang="{say("words.language")}"><head><meta charset="utf-8">{guard}{view}{quiet}{title}{page}'


# --- the top and the map ---------------------------------------------------------------------------


def _header(backdrop: Backdrop, grid: Grid, told: Told) -> str:
    lead = f"{_safe(backdrop.results.title)} · <span class='whole'>{map_text(day_words(told.day))}</span>"
    notices = [*([] if grid.areas else ["no_area"]), *(["only_listed"] if grid.listed else [])]
    noted = "".join(f"<p class='notice'>{say(f'gridpages.{key}')}</p>" for key in notices)
    return f"<header><h1>{_safe(grid.name)}</h1><p>{lead}</p><p class='figures'>{map_text(figures_words(grid))}</p>{noted}</header>"


def _map_section(drawn: PhoneMap, scene: Scene) -> str:
    wide, high = drawn.data["size"]
    buttons = "".join(
        f"<button type='button' data-map='{what}' aria-label='{say(f'gridpages.map.{what}')}'>{say(f'gridpages.map.{what}_sign')}</button>"
        for what in ("in", "out", "whole", "locate")
    )
    return (
        f"<section id='map-section'><div id='frame' style='aspect-ratio:{wide}/{high}'>{drawn.svg}</div><div id='buttons' class='scripted'>{buttons}</div>"
        f"<p class='hint' id='said' aria-live='polite'>{say('gridpages.map.hint')}</p>"
        f"<details class='legend'><summary><span>{say('gridpages.legend.title')}</span></summary><ul>{''.join(_legend(scene))}</ul>"
        f"<p class='hint'>{say('gridpages.map.sketch')}</p></details></section>"
    )


def _legend(scene: Scene) -> Iterator[str]:
    for kind, words in legend_lines(scene):
        fill = area_colour(0) if kind == "area" else ""
        yield f"<li>{swatch(kind, fill=fill) if kind else ''}{words}</li>"


# --- tasks -----------------------------------------------------------------------------------------


def _tasks_section(tasks: tuple[Task, ...], told: Told) -> str:
    groups = [(kind, list(rows)) for kind, rows in groupby(tasks, key=lambda task: task.kind)]
    lists = "".join(_task_list(kind, rows, number, told.day) for number, (kind, rows) in enumerate(groups, 1))
    none = "" if tasks else f"<p>{say('gridpages.no_tasks')}</p>"
    basis = suggested_words(tasks, told)
    notes = f"<p class='hint'>{map_text(basis)}</p>" if basis else ""
    return _section(
        "tasks",
        f"{notes}{none}{lists}{_message('progress')}<p class='hint scripted'>{say('gridpages.kept')}</p>",
    )


def _task_list(kind: str, rows: list[Task], number: int, today: date) -> str:
    items = "".join(
        f"<li><div><b>{_safe(task.place)}</b>{_small(due_words(task, today))}{_small(task.note)}</div>"
        f"<button type='button' class='note scripted' aria-label='{map_text(say('gridpages.word.note_of', place=impersonal(task.place)))}'>{say('gridpages.word.note')}</button>"
        f"<button type='button' class='state' data-task='{map_text(task.key)}' "
        f"aria-label='{map_text(say('gridpages.word.state', place=impersonal(task.place)))}'>{say('gridpages.word.todo')}</button></li>"
        for task in rows
    )
    head = f"{number}. {say(f'gridpages.task.{kind}')}"
    how = f"<p class='hint'>{say(f'gridpages.how.{kind}')}</p>"
    return (
        f"<details class='tasks' data-kind='{kind}'{' open' if number == 1 else ''}>"
        f"<summary><span>{head}</span> <span class='share'>{len(rows)}</span></summary>{how}<ul>{items}</ul></details>"
    )


# --- communities and buildings ---------------------------------------------------------------------


def _places_section(backdrop: Backdrop, grid: Grid, told: Told) -> str:
    areas = "".join(_area(backdrop, share, grid, told) for share in grid.areas)
    heading = (
        f"<h3>{say('gridpages.areas')}</h3>" if areas else f"<p class='notice'>{say('gridpages.no_area')}</p>"
    )
    first = 1
    cards = []
    words = outcome_words(backdrop.results)
    names = {share.area_id: called(share) for share in grid.areas}
    for number, place in enumerate(grid.places, 1):
        outcome = words[place.facts["outcome"]]
        cards.append(_card(place, number, first, outcome, names))
        first += len(place.blocks)
    none = "" if cards else f"<p>{say('gridpages.no_places')}</p>"
    return _section("places", f"{heading}{areas}<h3>{say('gridpages.places')}</h3>{none}{''.join(cards)}")


def _area(backdrop: Backdrop, share: Share, grid: Grid, told: Told) -> str:
    colour = area_colour(backdrop.fills[share.area_id])
    names = [impersonal(place.facts["name"]) for place in grid.places if place.community_id in share.places]
    lines = [
        ("state", state_words(share, told)),
        ("households", here_words(share.here, share.count, share.elsewhere)),
        ("communities", listed(names)),
        ("mode", impersonal(told.modes.get(share.area_id, ""))),
        ("contact", impersonal(told.contacts.get(share.area_id, ""))),
    ]
    dot = f"<i style='background:{colour}'></i>"
    return f"<article class='area'><h4>{dot}{map_text(called(share))}</h4>{_facts(lines)}</article>"


def _card(place: Place, number: int, first_block: int, outcome: str, areas: dict[str, str]) -> str:
    facts = place.facts
    area_id = facts["area_id"]
    households = here_words(place.here, place.count, place.elsewhere)
    if place.count is not None:
        status = say(f"report.status.{facts['count_status']}")
        households = say("gridpages.with_status", words=households, status=status)
    lines = [
        ("address", impersonal(facts["address"])),
        ("households", households),
        ("blocks", "" if _absent(facts["buildings"]) else say("gridpages.blocks", number=facts["buildings"])),
        ("built", "" if _absent(facts["built_year"]) else say("gridpages.year", year=facts["built_year"])),
        ("committee", impersonal(facts["committee"])),
        ("company", impersonal(facts["managing_company"])),
        ("area", areas.get(area_id, "") if isinstance(area_id, str) else outcome),
        ("forms", outstanding_words(place)),
    ]
    short = here_words(place.count, place.count, ())
    table = _blocks(place.blocks, first_block) if place.blocks else ""
    head = f"<span>{_safe(facts['name'])}</span> <span class='share'>{map_text(short)}</span>"
    return (
        f"<details class='place' id='c{number}' data-name='{_safe(facts['name'])}'><summary>{head}</summary>"
        f"{_facts(lines)}{table}</details>"
    )


def _blocks(blocks: tuple[Block, ...], first: int) -> str:
    forms = any(block.outstanding is not None for block in blocks)
    columns = ("block", "households", "storeys", *(("forms",) if forms else ()))
    heads = "".join(f"<th>{say(f'gridpages.column.{column}')}</th>" for column in columns)
    rows = []
    for number, block in enumerate(blocks, first):
        cells = [
            _safe(block.name),
            _counted(block.count),
            "" if block.storeys is None else str(block.storeys),
        ]
        cells += [_returned(block.outstanding)] if forms else []
        rows.append(
            f"<tr id='b{number}'><th>{cells[0]}</th>{''.join(f'<td>{cell}</td>' for cell in cells[1:])}</tr>"
        )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _counted(number: int | None) -> str:
    return "" if number is None else number_words(number)


def _returned(number: int | None) -> str:
    if number is None:
        return ""
    return say("gridpages.all_back") if number == 0 else number_words(number)


# --- whom to call, answers, mistakes ---------------------------------------------------------------


def _units_section(responsible: tuple[Responsible, ...]) -> str:
    if not responsible:
        return _section("units", f"<p>{say('gridpages.no_units')}</p>")
    phones = any(one.phone for one in responsible)
    hint = say("gridpages.units_hint" if phones else "gridpages.units_no_phones")
    groups = "".join(
        _issue_group(group, list(own), phones=phones)
        for group, own in groupby(responsible, key=lambda one: one.group)
    )
    search = (
        f"<input id='search' class='scripted' type='search' autocomplete='off' placeholder='{say('gridpages.search')}' "
        f"aria-label='{say('gridpages.search')}'><p id='none' hidden>{say('gridpages.not_found')}</p>"
    )
    return _section(
        "units",
        f"<p class='hint'>{hint}</p>{search}<div id='issues'>{groups}</div>",
    )


def _issue_group(group: str, responsible: list[Responsible], *, phones: bool) -> str:
    """Return the issues of a kind, folded; `phones` where the office has given some: only then each that lacks one says so."""
    issues = [(issue, list(units)) for issue, units in groupby(responsible, key=lambda one: one.issue)]
    items = "".join(_issue(issue, units, phones=phones) for issue, units in issues)
    if not group:
        return f"<ul>{items}</ul>"
    head = f"<span>{_safe(group)}</span> <span class='share'>{len(issues)}</span>"
    return f"<details><summary>{head}</summary><ul>{items}</ul></details>"


def _issue(issue: str, units: list[Responsible], *, phones: bool) -> str:
    words = dict.fromkeys(word.lower() for word in (issue, *(w for unit in units for w in unit.words)))
    called = "".join(f"<li>{_safe(unit.unit)} {_phone(unit.phone) if phones else ''}</li>" for unit in units)
    return (
        f"<li class='issue' data-words='{_safe('|'.join(words))}'><b>{_safe(issue)}</b><ol>{called}</ol></li>"
    )


def _phone(number: str) -> str:
    """Return an office line that can be called with a tap; a mobile number is somebody's own and is not printed."""
    shown = impersonal(number)
    if not number:
        return f"<small>{say('gridpages.no_phone')}</small>"
    if shown != number:
        return f"<small>{map_text(shown)}</small>"
    digits = "".join(sign for sign in number if sign in "+0123456789")
    return f"<a class='call' href='tel:{digits}'>{map_text(number)}</a>"


def _answers_section(told: Told) -> str:
    items = "".join(
        f"<details class='answer'><summary><span>{_safe(question)}</span></summary><p>{_safe(answer)}</p></details>"
        for question, answer in told.answers
    )
    return _section("answers", items or f"<p>{say('gridpages.no_answers')}</p>")


def _mistakes_section(grid: Grid) -> str:
    places = [impersonal(place.facts["name"]) for place in grid.places]
    options = [say("gridpages.whole_grid"), *places]
    kinds = [say(f"gridpages.mistake.{kind}") for kind in MISTAKES]
    fields = (
        f"<label>{say('gridpages.word.mistake_place')}<select id='mistake-place'>{_options(options)}</select></label>"
        f"<label>{say('gridpages.word.mistake_kind')}<select id='mistake-kind'>{_options(kinds)}</select></label>"
        f"<label>{say('gridpages.word.mistake_text')}<textarea id='mistake-text' rows='3' placeholder='{say('gridpages.mistake_example')}'></textarea></label>"
    )
    return _section(
        "mistakes",
        f"<p class='hint'>{say('gridpages.mistake_hint')}</p><div class='scripted'>{fields}</div>{_message('mistake')}",
    )


def _options(words: Iterable[str]) -> str:
    return "".join(f"<option>{map_text(word)}</option>" for word in words)


def _message(key: str) -> str:
    """Return a button that makes a message, and the message, which can be copied by hand where a phone copies nothing."""
    return (
        f"<button type='button' class='copy scripted' data-copy='{key}'>{say(f'gridpages.copy.{key}')}</button>"
        f"<textarea class='message' id='{key}' rows='6' readonly hidden aria-label='{say(f'gridpages.copy.{key}')}'></textarea>"
    )


# --- frame -----------------------------------------------------------------------------------------


def _navigation() -> str:
    links = "".join(f"<a href='#{key}-section'>{say(f'gridpages.nav.{key}')}</a>" for key in SECTIONS)
    return f"<nav>{links}</nav>"


def _footer(told: Told) -> str:
    phone = (
        f"<p>{say('gridpages.supervision')} {_phone(told.supervision_phone)}</p>"
        if told.supervision_phone
        else ""
    )
    source = f"<p class='hint'>{_safe(told.source)}</p>" if told.source else ""
    return f"<footer>{phone}<p class='hint'>{say('gridpages.two_grids')}</p>{source}</footer>"


def _section(key: str, inside: str) -> str:
    return f"<section id='{key}-section'><h2>{say(f'gridpages.section.{key}')}</h2>{inside}</section>"


def _facts(lines: Iterable[tuple[str, str]]) -> str:
    shown = "".join(
        f"<dt>{say(f'gridpages.fact.{key}')}</dt><dd>{map_text(words)}</dd>" for key, words in lines if words
    )
    return f"<dl>{shown}</dl>"


def _small(words: str) -> str:
    return f"<small>{map_text(words)}</small>" if words else ""


def _safe(value: object) -> str:
    return map_text(impersonal(value))


def _absent(value: object) -> bool:
    return not isinstance(value, int) or value <= 0


@cache
def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
