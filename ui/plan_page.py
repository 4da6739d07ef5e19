"""组团方案: the draft under the planner's hand, its map, the lists behind every number, and what is done with them."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from geo.schema import DataError
from geo.wording import language, say, speaking
from report.maptext import map_text
from report.reopening import is_plan
from report.titles import rules_line
from store.drafts import Draft
from store.logs import NamedStep
from ui import contents, dock, downloads, drafting, people, progress, session, start_page, versions
from ui.cards import Subject, card
from ui.changes import title_words
from ui.checking import badge, grid_conflicts, rules_table
from ui.disputed import badge_with, with_disputes
from ui.look import tell
from ui.map_view import show_map
from ui.neighbours import nearest_rows, neighbour_rows
from ui.panel import Ways, bar, headline, panel
from ui.session import Opened, guarded

ROWS_SHOWN = 500  # of a table; the rest is in the workbook
GO = "go"  # the page that a button of the panel leads to
LIST_ROWS = 400  # of a list, drawn at once


def plan() -> None:
    """Show the current draft; the sample street is planned when it is shown for the first time."""
    with guarded():
        run = session.run()
        if run is not None and not run.state.over:
            progress.notice(st.session_state.run)
        elif run is not None and run.state.outcome == "done":
            session.open_plan(st.session_state.run)
        if not session.is_open():
            start_page.doors()
            return
        if session.folder() == session.DEMO and not is_plan(session.DEMO):
            _first_use()
            return
        _workbench()


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


@st.fragment
def _workbench() -> None:
    """Show all that follows the draft: a click runs only this again."""
    if name := st.session_state.pop(GO, ""):
        st.switch_page(session.page(name))
    if people.is_other():
        st.rerun()
    with guarded(), speaking(language()):  # asked once: a large plan says some thousand sentences
        opened = session.current()
        _head(opened)
        headline({"parts": contents.headline_parts(opened.results)}, on_opened=session.show_list)
        left, right = st.columns([2, 1], gap="small")
        with left:
            _map(opened)
        with right:
            panel(_panel_data(opened), _ways())
            _to_duties(opened)
        dock.dock(opened)
        _tables(opened)


# --- head ------------------------------------------------------------------------------------------


def _head(opened: Opened) -> None:
    left, right = st.columns([18, 5], vertical_alignment="center")
    with left:
        bar(
            _bar_data(opened),
            on_undo=drafting.undo,
            on_redo=drafting.redo,
            on_checks=lambda: session.show_list("checks"),
            on_who=people.introduce,
        )
    with right, st.container(horizontal=True, key="head-more"):
        versions.menu(opened)
        downloads.menu(opened)
    caveats = "".join(
        f'<span class="chip {mark}">{map_text(words)}</span>'
        for mark, words in contents.marks(opened.results)
    )
    rules = f'<span class="rules">{map_text(rules_line(opened.results.summary))}</span>'
    st.html(f'<div class="desk-head"><p>{caveats}{rules}</p></div>')
    with st.container():  # empty, it keeps the place of what follows
        versions.newer(opened)
        if drafting.CONFLICT in st.session_state:
            dock.conflict(opened, st.session_state[drafting.CONFLICT])


def _bar_data(opened: Opened) -> dict[str, object]:
    draft, steps = opened.draft, opened.taken.project.steps(opened.draft.draft_id)
    done = [step for step in steps if not step.undone]
    undone = [step for step in steps if step.undone]
    mark, text = badge_with(badge(opened.checks), opened.taken.project.disputes())
    return {
        "title": opened.results.title,
        "draft": draft.title,
        "saved": _saved(opened, done[-1].at if done else "", len(done)),
        "badge": {"mark": mark, "text": text},
        "undo": say("desk.bar.undo_step", step=_step(opened, done[-1]))
        if done and people.may("undo")
        else "",
        "redo": say("desk.bar.redo_step", step=_step(opened, undone[0]))
        if undone and people.may("redo")
        else "",
        "who": people.who(),
        "signed_in": people.proven(),
        "words": {key: say(f"desk.bar.{key}") for key in BAR_WORDS} | people.refused_words("undo", "redo"),
    }


def _step(opened: Opened, step: NamedStep) -> str:
    return title_words(step.title, opened.draft.state, opened.taken.town)


BAR_WORDS = ("undo", "redo", "no_undo", "no_redo", "who", "who_example", "post", "who_ask")


def _saved(opened: Opened, at: str, number: int) -> str:
    if not number:
        as_planned = opened.draft.state == Draft(opened.taken.town.plan)
        return say("desk.bar.as_planned" if as_planned else "desk.bar.carried_over")
    time = datetime.fromisoformat(at).astimezone().strftime("%H:%M")
    return say("desk.bar.saved", time=time, number=number)


# --- map and panel ---------------------------------------------------------------------------------


def _map(opened: Opened) -> None:
    places = [contents.place_at(opened.results, *thing) for thing in session.chosen()]
    show_map(
        opened,
        selected=[place for place in places if place],
        look=st.session_state.get("look"),
        on_picked=_picked_on_map,
        on_boxed=session.toggle,
    )


def _picked_on_map(place: str, add: bool) -> None:  # noqa: FBT001 - as the map tells it
    if add:
        session.toggle([place])
    else:
        session.select(place, look=False)


def _ways() -> Ways:
    return Ways(
        picked=lambda place: session.select(place, look=True),
        toggled=lambda place: session.toggle([place]),
        chosen=session.toggle,
        acted=_acted,
        closed=session.unselect,
    )


def _acted(name: str) -> None:
    """Put into the strip what a button of the panel offers."""
    opened = session.shown()
    kind, _, number = name.partition(":")
    if kind == "page":
        st.session_state[GO] = number
    elif kind == "mend":
        dock.mend(opened, opened.checks[int(number)])
    else:
        dock.propose(st.session_state["acts"][name])


def _panel_data(opened: Opened) -> dict[str, object]:
    results, state = opened.results, st.session_state
    kinds = {kind: say(f"report.outcome.{kind}") for kind in ("grouped", "alone", "fixed")}
    words = {key: say(f"desk.panel.{key}") for key in ("search", "back", "none")}
    words["choose_found"] = say("desk.panel.choose_found", number="{number}")
    last = state.get("last")
    return {
        "lists": with_disputes(opened.lists, results, opened.taken.project.disputes()),
        "show": state.get("show"),
        "last": (contents.place_at(results, *last) if last else None) or "",
        "chosen": [contents.place_at(results, *thing) for thing in session.chosen()],
        "card": _card(opened),
        "most": LIST_ROWS,
        "words": {**words, "more": say("desk.panel.more", most=LIST_ROWS), "kinds": kinds},
    }


def _card(opened: Opened) -> dict[str, object] | None:
    thing = st.session_state.get("selected")
    place = contents.place_at(opened.results, *thing) if thing else None
    if thing is None or place is None:
        return None
    table, thing_id = thing
    rows: list[dict[str, object]] = []
    if table == "communities":
        try:
            rows = _offered(opened, thing_id)
        except DataError as error:
            rows = [{"head": say("desk.offer.unreadable"), "texts": [str(error)]}]
    disputes = opened.taken.project.disputes()
    subject = Subject(opened.results, opened.draft.state, opened.checks, opened.duties, rows, disputes)
    return card(subject, place)


def _to_duties(opened: Opened) -> None:
    """Lead to who is responsible: for the area whose card is open, where one is."""
    table, thing = st.session_state.get("selected") or ("", "")
    area = thing if table == "areas" and thing in opened.results.areas.index else ""
    words = say("duties.to_area", area=area) if area else say("duties.to_desk")
    with st.container(key="to-duties"):
        st.page_link(session.page("duties"), label=words)


def _offered(opened: Opened, community_id: str) -> list[dict[str, object]]:
    """Return the nearest way into an area, and what each neighbour would mean; the commands behind them are kept here."""
    draft, town = opened.draft.state, opened.taken.town
    found = neighbour_rows(opened.results, draft, town, community_id)
    if draft.plan.outcomes[community_id] == "exception":
        found = [*nearest_rows(draft, town, community_id, beside=found), *found]
    acts = {f"join:{number}": row.pop("command") for number, row in enumerate(found)}
    st.session_state["acts"] = acts
    label = say("desk.offer.act")
    return [row | {"act": {"id": name, "label": label}} for name, row in zip(acts, found, strict=True)]


# --- tables below ----------------------------------------------------------------------------------


def _tables(opened: Opened) -> None:
    draft = opened.draft
    tables = _written(opened.digest, draft.draft_id, draft.revision, language(), _opened=opened)
    tabs = st.tabs([label for label, _ in tables])
    with tabs[-1]:
        st.page_link(session.page("rules"), label=say("rules.to_page"))
    for tab, (_, written) in zip(tabs, tables, strict=True):
        with tab:
            st.html(written)


@st.cache_resource(max_entries=16, show_spinner=False)
def _written(
    digest: str,  # noqa: ARG001 - another state has other tables
    draft_id: int,  # noqa: ARG001
    revision: int,  # noqa: ARG001
    spoken: str,  # noqa: ARG001
    *,
    _opened: Opened,
) -> list[tuple[str, str]]:
    """Return label and HTML of each tab, the rules last."""
    results = _opened.results
    tables = {"steps": _steps_table(_opened), "findings": contents.findings_table(results)}
    if results.area_grid is not None:
        conflicts = grid_conflicts(results, _opened.draft.state)
        tables = {"conflicts": conflicts, "grids": contents.grid_table(results), **tables}
    run = _table("run", *contents.run_table(_opened.taken.base.summary))
    rules = _table("rules", *rules_table(_opened.taken.town, rules_text=results.rules_text))
    text = f'<pre class="desk-rules">{map_text(results.rules_text)}</pre>'
    return [
        *(
            (f"{say(f'desk.table.{name}')} {len(rows)}", _table(name, heads, rows))
            for name, (heads, rows) in tables.items()
        ),
        (say("desk.table.rules"), run + rules + text),
    ]


def _steps_table(opened: Opened) -> tuple[list[str], list[list[str]]]:
    """Return the log of the draft, the latest step first."""
    heads = [say(f"desk.steps.{key}") for key in ("number", "step", "who", "at", "state")]
    rows = [
        [
            str(step.position),
            _step(opened, step),
            step.who,
            datetime.fromisoformat(step.at).astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            say("desk.steps.undone") if step.undone else "",
        ]
        for step in opened.taken.project.steps(opened.draft.draft_id)
    ]
    return heads, rows[::-1]


def _table(name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return f'<p class="desk-note">{say(f"desk.table.no_{name}")}</p>'
    head = "".join(f"<th>{map_text(text)}</th>" for text in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{map_text(text)}</td>' for text in row)}</tr>" for row in rows[:ROWS_SHOWN]
    )
    rest = say("desk.table.rest", shown=ROWS_SHOWN, number=len(rows)) if len(rows) > ROWS_SHOWN else ""
    note = f'<p class="desk-note">{say(f"desk.table.{name}_note")}{rest}</p>'
    return f'{note}<div class="desk-table {name}"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
