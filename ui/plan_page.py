"""组团方案: the finished plan, its map, and the list behind every number."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from geo.schema import DataError
from geo.wording import say
from report.maptext import map_text
from report.reopening import is_plan
from report.titles import rules_line
from ui import contents, progress, session
from ui.look import tell
from ui.map_view import show_map
from ui.neighbours import neighbour_rows
from ui.panel import headline, panel
from ui.session import Opened, guarded

TITLE = say("desk.page.plan")
DOWNLOADS = ("plan.xlsx", "survey.xlsx", "plan.gpkg", "map.html", "findings.csv")
ROWS_SHOWN = 500  # of a table; the rest is in the workbook
LIST_ROWS = 400  # of a list, drawn at once


def plan() -> None:
    """Show the current plan; the sample street is planned when it is shown for the first time."""
    with guarded():
        run = session.run()
        if run is not None and not run.state.over:
            progress.notice(st.session_state.run)
        elif run is not None and run.state.outcome == "done":
            session.open_plan(st.session_state.run)
        if session.folder() == session.DEMO and not is_plan(session.DEMO):
            _first_use()
            return
        opened = session.current()
        _head(opened)
        _workbench()
        _tables(opened)


def _first_use() -> None:
    run = session.sample_run()
    st.html(f'<div class="desk-head"><h1>{say("desk.first.title")}</h1><p>{say("desk.first.text")}</p></div>')
    if not run.state.over:
        progress.follow(session.SAMPLE_RUN)
        return
    tell(progress.ended(run), mark="fair")
    if st.button(say("desk.first.again"), type="primary"):
        session.start_sample()
        st.rerun()


# --- head ------------------------------------------------------------------------------------------


def _head(opened: Opened) -> None:
    results = opened.results
    left, right = st.columns([5, 1], vertical_alignment="top")
    with left:
        marks = contents.marks(results)
        chips = [f'<span class="chip {mark}">{map_text(words)}</span>' for mark, words in marks]
        rules = f'<span class="rules">{map_text(rules_line(results.summary))}</span>'
        st.html(
            f'<div class="desk-head"><h1>{map_text(results.title)}</h1><p>{"".join(chips)}{rules}</p></div>'
        )
    with right, st.popover(say("desk.download.label"), width="stretch"):
        for name in DOWNLOADS:
            _download(opened.folder / name)


def _download(file: Path) -> None:
    words = say(f"desk.download.{file.stem}_{file.suffix[1:]}")
    st.download_button(words, data=file.read_bytes, file_name=file.name, on_click="ignore", width="stretch")


# --- map and panel ---------------------------------------------------------------------------------


@st.fragment
def _workbench() -> None:
    """Show headline, map and panel: a click runs only this again."""
    with guarded():
        opened = session.current()
        state = st.session_state
        selected = state.get("selected", "")
        headline({"parts": contents.headline_parts(opened.results)}, on_opened=session.show_list)
        left, right = st.columns([2, 1], gap="small")
        with left:
            show_map(opened, selected=selected, look=state.get("look"), on_picked=_picked_on_map)
        with right:
            panel(_panel_data(opened, selected), on_picked=_picked_in_list, on_closed=session.unselect)


def _panel_data(opened: Opened, selected: str) -> dict[str, object]:
    kinds = {kind: say(f"report.outcome.{kind}") for kind in ("grouped", "alone", "fixed")}
    words = {key: say(f"desk.panel.{key}") for key in ("search", "back", "none")}
    return {
        "lists": opened.lists,
        "show": st.session_state.get("show"),
        "last": st.session_state.get("last", ""),
        "card": _card(opened, selected) if selected else None,
        "most": LIST_ROWS,
        "words": {**words, "more": say("desk.panel.more", most=LIST_ROWS), "kinds": kinds},
    }


def _card(opened: Opened, selected: str) -> dict[str, object] | None:
    found = contents.place_of(opened.results, selected)
    rows: list[dict[str, object]] = []
    if found is not None and found[0] == "communities":
        community_id = str(opened.results.communities.index[found[1]])
        try:
            rows = neighbour_rows(opened.results, session.town(), community_id)
        except DataError as error:  # somebody changed rules.toml: the plan itself can still be read
            rows = [{"head": say("desk.offer.unreadable"), "texts": [str(error)]}]
    return contents.card(opened.results, selected, duties=opened.duties, neighbours=rows)


def _picked_on_map(place: str) -> None:
    if contents.place_of(session.current().results, place):
        session.select(place, look=False)


def _picked_in_list(place: str) -> None:
    if contents.place_of(session.current().results, place):
        session.select(place, look=True)


# --- tables below ----------------------------------------------------------------------------------


def _tables(opened: Opened) -> None:
    results = opened.results
    tables = {"findings": contents.findings_table(results)}
    if results.area_grid is not None:
        tables = {"grids": contents.grid_table(results), **tables}
    labels = [f"{say(f'desk.table.{name}')} {len(rows)}" for name, (_, rows) in tables.items()]
    *tabs, last = st.tabs([*labels, say("desk.table.rules")])
    for tab, (name, (heads, rows)) in zip(tabs, tables.items(), strict=True):
        with tab:
            _table(name, heads, rows)
    with last:
        st.html(f'<pre class="desk-rules">{map_text(results.rules_text)}</pre>')


def _table(name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        st.html(f'<p class="desk-note">{say(f"desk.table.no_{name}")}</p>')
        return
    head = "".join(f"<th>{map_text(text)}</th>" for text in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{map_text(text)}</td>' for text in row)}</tr>" for row in rows[:ROWS_SHOWN]
    )
    rest = say("desk.table.rest", shown=ROWS_SHOWN, number=len(rows)) if len(rows) > ROWS_SHOWN else ""
    note = f'<p class="desk-note">{say(f"desk.table.{name}_note")}{rest}</p>'
    st.html(
        f'{note}<div class="desk-table {name}"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )
