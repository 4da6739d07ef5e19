"""责任: whom to turn to when something happens; who is responsible for each area, who is missing, and where that is entered."""

from collections.abc import Mapping, Sequence

import streamlit as st

from geo.wording import listed, say
from jobs.responsibilities import WORKBOOK, responsibilities, workbook
from report.documents.naming import area_names
from report.duties import Answer, Issue, found, group_name, groups, issues
from report.dutysheets import annex_table, annex_words, requirement_table, work_table
from report.maptext import map_text
from report.reopening import is_plan
from report.responsible import (
    ROLES,
    Held,
    Responsible,
    incomplete_first,
    names_here,
    roles_of_community,
    unit_here,
)
from report.results import Results
from ui import duty_entries, session
from ui.look import tell
from ui.session import Opened, guarded
from ui.tables import ROWS_SHOWN, table_html

ASKED = "duties-asked"
SHOWN_WHOLE = 4  # issues with all that is quoted; more of them by name

Place = tuple[str, str]  # "area" or "community", and its id


def duties() -> None:
    """Show the way from an issue to a unit; with a plan on the desk, also who is responsible where."""
    with guarded():
        there = session.is_open() and is_plan(session.folder())
        opened = session.current() if there else None
        areas = _areas(opened) if opened else ()
        st.html(f'<div class="desk-head"><h1>{say("desk.page.duties")}</h1><p>{say("duties.lead")}</p></div>')
        _find(opened, areas)
        if opened is not None:
            _responsible(opened, areas)
            left, right = st.columns([3, 2], gap="large")
            with left:
                duty_entries.enter(opened, areas)
            with right:
                duty_entries.phones(opened, areas)
        _quoted()


def _areas(opened: Opened) -> tuple[Responsible, ...]:
    return responsibilities(opened.results, opened.draft.state, known=opened.duties, names=_names(opened))


def _names(opened: Opened) -> Mapping[str, str]:
    """Return what papers call the areas: a planner looks for the name of a notice, not for a number."""
    return _called(opened.digest, opened.draft.draft_id, opened.draft.revision, _results=opened.results)


@st.cache_data(max_entries=8, show_spinner=False)
def _called(digest: str, draft_id: int, revision: int, *, _results: Results) -> dict[str, str]:  # noqa: ARG001 - what tells drafts apart
    return area_names(_results)


def _heading(words: str) -> None:
    st.html(f'<h2 class="meet-head">{words}</h2>')


# --- what happened ---------------------------------------------------------------------------------


def _find(opened: Opened | None, areas: Sequence[Responsible]) -> None:
    """Ask what happened and where; answer with units, phones and what the plan says."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        _heading(say("duties.find.title"))
        typed = st.text_input(
            say("duties.find.title"),
            key=ASKED,
            max_chars=60,
            placeholder=say("duties.find.example"),
            label_visibility="collapsed",
        )
        roles = _place(opened, areas) if opened else {}
        st.html(f'<p class="desk-note">{say("duties.find.note")}</p>')
    phones = opened.taken.project.office().phones if opened else {}
    with right:
        if roles:
            st.html(_here_html(roles, phones))
        if typed.strip():
            _show(found(typed), roles, phones)
        else:
            _all_issues()


def _show(meant: Sequence[Issue], roles: Mapping[str, Held], phones: Mapping[str, str]) -> None:
    """Show the likeliest issues in full, more of them by name."""
    if not meant:
        tell(say("duties.find.none"), mark="fair")
    for one in meant[:SHOWN_WHOLE]:
        st.html(_issue_html(one, roles, phones))
    if rest := meant[SHOWN_WHOLE:]:
        names = listed(one.name for one in rest)
        st.html(f'<p class="desk-note">{say("duties.find.more", number=len(rest), names=names)}</p>')


def _all_issues() -> None:
    """Offer every issue, kind by kind."""
    names = {one.key: one.name for one in issues()}
    with st.container(key="duties-all", gap="small"):
        for group in groups():
            st.pills(
                group_name(group),
                [one.key for one in issues() if one.group == group],
                format_func=names.__getitem__,
                key=f"duties-{group}",
                on_change=_ask,
                args=(f"duties-{group}",),
                wrap=True,
            )


def _ask(widget: str) -> None:
    """Ask for the issue that was clicked, as if its name had been typed."""
    key = st.session_state.pop(widget, None)
    st.session_state[ASKED] = next((one.name for one in issues() if one.key == key), "")


def _place(opened: Opened, areas: Sequence[Responsible]) -> Mapping[str, Held]:
    """Ask where it happened; return who is responsible there."""
    by_area = {("area", one.area_id): one for one in areas}
    names = opened.results.communities["name"]
    words: dict[Place, str] = {("", ""): say("duties.find.anywhere")}
    words |= {place: one.called for place, one in by_area.items()}
    words |= {("community", str(i)): f"{name} {i}".strip() for i, name in names.items()}
    picked: Place = st.selectbox(
        say("duties.find.place"),
        list(words),
        index=_opened_on(list(words)),
        format_func=words.__getitem__,
        key=f"duties-place-{opened.digest[:12]}-{opened.draft.draft_id}",
    )
    if picked in by_area:
        return by_area[picked].roles
    return roles_of_community(opened.duties, picked[1]) if picked[1] else {}


def _opened_on(places: Sequence[Place]) -> int:
    """Return which of the places is the one whose card is open on the plan page, the first where none is."""
    table, thing = st.session_state.get("selected") or ("", "")
    place = ({"areas": "area", "communities": "community"}.get(table, ""), thing)
    return places.index(place) if place in places else 0


def _here_html(roles: Mapping[str, Held], phones: Mapping[str, str]) -> str:
    """Return who is responsible at the chosen place, each with the phone where one is known."""
    rows = "".join(
        f"<dt>{say(f'duties.role.{role}')}</dt><dd>{map_text(_with_phones(held, phones))}</dd>"
        for role, held in roles.items()
    )
    return f'<dl class="duty-here">{rows}</dl>'


def _with_phones(held: Held, phones: Mapping[str, str]) -> str:
    told = [f"{name} {phones.get(name, '')}".strip() for name in held.names]
    return held.words if held.missing or not told else listed(told)


def _issue_html(issue: Issue, roles: Mapping[str, Held], phones: Mapping[str, str]) -> str:
    """Return the units that answer for an issue with all that is quoted, and in one line those that only help."""
    answers = "".join(_answer_html(one, roles, phones) for one in issue.answers if not one.helps)
    helping = [one for one in issue.answers if one.helps]
    names = listed(
        f"{unit_here(one.unit, roles)} {_phone(one.unit, roles, phones)}".strip() for one in helping
    )
    helps = f"<p>{say('duties.find.helps')}<b>{map_text(names)}</b></p>" if helping else ""
    return f'<section class="duty"><h3>{map_text(issue.name)}</h3>{answers}{helps}</section>'


def _answer_html(answer: Answer, roles: Mapping[str, Held], phones: Mapping[str, str]) -> str:
    phone = _phone(answer.unit, roles, phones)
    words = say("duties.find.phone", phone=phone) if phone else say("duties.find.no_phone")
    quotes = "".join(
        f"<blockquote>{map_text(quote.text)} <cite>{map_text(quote.where)}</cite></blockquote>"
        for quote in answer.quotes
    )
    return (
        f'<div class="duty-unit"><h4>{map_text(unit_here(answer.unit, roles))}'
        f'<span class="{"known" if phone else ""}">{map_text(words)}</span></h4>{quotes}</div>'
    )


def _phone(unit: str, roles: Mapping[str, Held], phones: Mapping[str, str]) -> str:
    """Return the phones of who of a unit is responsible here, else of the unit; "" where none is known."""
    here = [phones[name] for name in names_here(unit, roles) if name in phones]
    return listed(here) or phones.get(unit, "")


# --- who is responsible ----------------------------------------------------------------------------


def _responsible(opened: Opened, areas: Sequence[Responsible]) -> None:
    """Show who holds each role in every area, those first that lack most."""
    _heading(say("duties.areas.title"))
    tell(summary(areas), mark="fair" if any(one.missing for one in areas) else "plain")
    if whole := lacking_everywhere(areas):
        roles = listed(say(f"duties.role.{role}") for role in whole)
        st.html(f'<p class="desk-note">{say("duties.areas.whole", roles=roles)}</p>')
    st.html(areas_html(areas))
    title, office = opened.results.title, opened.taken.project.office()
    st.download_button(
        say("duties.areas.download"),
        data=lambda: workbook(areas, title=title, phones=office.phones),
        file_name=WORKBOOK,
        on_click="ignore",
    )


def summary(areas: Sequence[Responsible]) -> str:
    """Return in a sentence for how many areas somebody is missing, and in which roles."""
    short = [one for one in areas if one.missing]
    if not short:
        return say("duties.areas.complete", number=len(areas))
    counts = {role: sum(role in one.missing for one in short) for role in ROLES}
    told = listed(
        say("duties.areas.missing", role=say(f"duties.role.{role}"), number=number)
        for role, number in counts.items()
        if number
    )
    return say("duties.areas.some", areas=len(areas), number=len(short), told=told)


def lacking_everywhere(areas: Sequence[Responsible]) -> tuple[str, ...]:
    """Return the roles that nobody is known in for any area, the contact aside: the data hold nothing of the kind."""
    return tuple(
        role
        for role in ROLES[:-1]
        if areas and all(one.roles[role].needed and not one.roles[role].names for one in areas)
    )


def areas_html(areas: Sequence[Responsible]) -> str:
    """Return area × role, what is missing marked; on a phone, where no head can be seen, each cell says its own."""
    heads = [say("duties.areas.area"), say("duties.areas.households")]
    heads += [say(f"duties.role.{role}") for role in (*ROLES, "mode")]
    rows = "".join(_row_html(one, heads) for one in incomplete_first(areas)[:ROWS_SHOWN])
    head = "".join(f"<th>{map_text(words)}</th>" for words in heads)
    rest = say("desk.table.rest", shown=ROWS_SHOWN, number=len(areas)) if len(areas) > ROWS_SHOWN else ""
    return (
        f'<div class="desk-table duties"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f'<p class="desk-note">{rest}</p>'
    )


def _row_html(one: Responsible, heads: Sequence[str]) -> str:
    cells = [(one.called, ""), (str(one.households), "number")]
    cells += [(one.roles[role].words, "bad" if role in one.missing else "") for role in ROLES]
    cells += [(one.mode_words, "")]
    return "".join(
        f'<td class="{mark}" data-label="{map_text(head)}">{map_text(words)}</td>'
        for head, (words, mark) in zip(heads, cells, strict=True)
    ).join(("<tr>", "</tr>"))


# --- what the plan says ----------------------------------------------------------------------------


def _quoted() -> None:
    """Show the annex and the work items, all of them."""
    tables = {"annex": annex_table(), "work": work_table(), "requirements": requirement_table()}
    tabs = st.tabs([f"{say(f'duties.{key}.title')} {len(table)}" for key, table in tables.items()])
    for tab, (key, table) in zip(tabs, tables.items(), strict=True):
        with tab:
            st.html(f'<p class="desk-note">{say("duties.find.note")} {map_text(annex_words())}</p>')
            st.html(table_html(table, f"duties-{key}"))
