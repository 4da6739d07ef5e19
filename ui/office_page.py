"""设置: what every paper says of the office, asked once; and which citations and periods a post has confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import streamlit as st

from geo.days import iso_day
from geo.wording import say
from jobs.citing import Cited, cited
from report.documents.boards import QUESTIONS
from report.maptext import map_text
from store.office import SIDES, Confirmation, Office
from ui import casework, consulted, membership, offline, people, session, start_page
from ui.consulted import say_next
from ui.look import tell
from ui.session import Opened, guarded

BASE, TURN = "office-base", "office-turn"
LINES = ("name", "district", "number_pattern", "phone", "post", "address", "supervision_phone")
ORDERS = (SIDES, ("east", "west", "south", "north"))
AREAS = {"posting_places": 3, "remedy": 3}  # fields of several lines, and how many
LINE_PX = 34


@dataclass(frozen=True)
class Merged:
    """What two people entered, put together; `clashes` are the fields in which they differ: there the first one's stands."""

    office: Office
    clashes: tuple[str, ...]


def office() -> None:
    """Ask what papers need of the office; show what they rest on, and take confirmations."""
    with guarded():
        if not session.is_open():
            start_page.doors()
            return
        st.html(f'<div class="desk-head"><h1>{say("desk.page.office")}</h1><p>{say("office.lead")}</p></div>')
        consulted.said()
        people.ask_who("office", "set_office")
        opened = session.current()
        now = opened.taken.project.office()
        left, right = st.columns([1, 1], gap="large")
        with left:
            _form(opened, now)
        with right:
            _confirmations(opened, now)
            membership.membership()
            offline.offline_check()


# --- the office ------------------------------------------------------------------------------------


def _form(opened: Opened, now: Office) -> None:
    st.html(f'<h2 class="meet-head">{say("office.form")}</h2>')
    if empty := [label(key) for key in (*LINES, *AREAS) if not getattr(now, key)]:
        tell(say("office.empty", number=len(empty), fields=tuple(empty)), mark="fair")
    else:
        st.html(f'<p class="desk-note">{say("office.full")}</p>')
    own = f"{opened.digest[:12]}-{st.session_state.get(TURN, 0)}"
    base: Office = st.session_state.setdefault(f"{BASE}-{own}", now)
    with st.form(f"office-{own}", border=False):
        for key in LINES:
            st.text_input(
                label(key),
                value=getattr(base, key),
                placeholder=_example(key),
                help=_example("number_help") if key == "number_pattern" else None,
                max_chars=120,
                key=f"office-{key}-{own}",
            )
        for key, lines in AREAS.items():
            st.text_area(
                label(key),
                value=_lines(getattr(base, key)),
                placeholder=_example(key),
                height=LINE_PX * lines,
                max_chars=1000,
                key=f"office-{key}-{own}",
            )
        orders = list(dict.fromkeys((base.bounds_order, *ORDERS)))
        st.radio(
            label("bounds_order"),
            orders,
            format_func=order_words,
            horizontal=True,
            key=f"office-bounds_order-{own}",
        )
        st.html(f"<h3>{say('office.answers')}</h3><p class='desk-note'>{say('office.answers_note')}</p>")
        for key in QUESTIONS:
            st.text_area(
                say(f"documents.boards.question.{key}"),
                value=base.answers.get(key, ""),
                height=LINE_PX * 2,
                max_chars=400,
                key=f"office-answer-{key}-{own}",
            )
        st.form_submit_button(
            say("office.save"),
            type="primary",
            disabled=not people.ready("set_office"),
            on_click=_saved,
            args=(opened, own),
        )


def label(key: str) -> str:
    """Return what a field is called."""
    return say(f"office.field.{key}")


def _example(key: str) -> str:
    return say(f"office.example.{key}", year="{year}", number="{number}")


def order_words(order: tuple[str, ...]) -> str:
    """Return an order of bounds as a clerk says it: 东南西北."""
    first, second, third, fourth = (say(f"documents.side.{side}") for side in order)
    return say("office.order", first=first, second=second, third=third, fourth=fourth)


def _lines(told: str | tuple[str, ...]) -> str:
    return told if isinstance(told, str) else "\n".join(told)


def _saved(opened: Opened, own: str) -> None:
    """Keep what was typed; what somebody else entered since stays, and where both wrote the same field it is asked again."""
    project, base = opened.taken.project, st.session_state[f"{BASE}-{own}"]
    now = project.office()
    told = merged(base, typed(base, _typed(own)), now)
    if told.clashes:
        st.session_state[f"{BASE}-{own}"] = now
        say_next(say("office.clash", fields=tuple(map(label, told.clashes))), mark="bad")
        return
    if casework.done(
        lambda: project.set_office(told.office, people.who(), expected=now), say("office.saved")
    ):
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def _typed(own: str) -> dict[str, Any]:
    keys = (*LINES, *AREAS, "bounds_order")
    told = {key: st.session_state[f"office-{key}-{own}"] for key in keys}
    return told | {"answers": {key: st.session_state[f"office-answer-{key}-{own}"] for key in QUESTIONS}}


def typed(base: Office, told: Mapping[str, Any]) -> Office:
    """Return the office with what was typed: places one a line, questions without an answer left out."""
    places = tuple(place.strip() for place in told["posting_places"].splitlines() if place.strip())
    answers = {key: answer.strip() for key, answer in told["answers"].items() if answer.strip()}
    lines = {key: told[key].strip() for key in (*LINES, "remedy")}
    return replace(
        base,
        **lines,
        bounds_order=tuple(told["bounds_order"]),
        posting_places=places,
        answers=answers,
    )


def merged(base: Office, mine: Office, theirs: Office) -> Merged:
    """Put together what two people made of the same office; confirmations and phones are entered elsewhere: theirs stand."""
    fields = (*LINES, *AREAS, "bounds_order", "answers")
    changed = [key for key in fields if getattr(mine, key) != getattr(base, key)]
    clashes = tuple(
        key for key in changed if getattr(theirs, key) not in (getattr(base, key), getattr(mine, key))
    )
    return Merged(replace(theirs, **{key: getattr(mine, key) for key in changed}), clashes)


# --- what papers rest on ---------------------------------------------------------------------------


def _confirmations(opened: Opened, now: Office) -> None:
    """Show each citation and period of the rules in use with its source and mark, and take what a post confirms."""
    st.html(f'<h2 class="meet-head">{say("office.cited.title")}</h2>')
    st.html(f'<p class="desk-note">{say("office.cited.note")}</p>')
    versions = opened.taken.project.versions()
    rules_text = versions[-1].rules_text if versions else opened.taken.project.rules_text()
    rows = cited(rules_text, now)
    left = sum(not one.confirmed for one in rows)
    tell(
        say("office.cited.left" if left else "office.cited.whole", number=left),
        mark="fair" if left else "plain",
    )
    for one in rows:
        with st.container(border=True, key=f"cited-{one.key}"):
            _cited(opened, one, now)


def _cited(opened: Opened, one: Cited, now: Office) -> None:
    mark = "confirmed" if one.confirmed else "open"
    source = f"<small>{map_text(say('office.cited.source', source=one.source))}</small>" if one.source else ""
    st.html(
        f'<p class="office-cited {mark}"><b>{map_text(cited_words(one))}</b>'
        f"<i>{say(f'office.cited.{mark}')}</i>{source}</p>"
    )
    for words in told_of(one, now):
        st.html(f'<p class="desk-note">{map_text(words)}</p>')
    if one.by is not None:
        st.button(
            say("office.cited.take_back"),
            disabled=not people.ready("set_office"),
            on_click=_taken_back,
            args=(opened, one),
            key=f"cited-back-{one.key}",
        )
    elif one.needs:
        _confirm(opened, one, now)


def cited_words(one: Cited) -> str:
    """Return a citation as it is printed, a period with its days."""
    return one.text if one.kind == "citation" else say(f"package.period.{one.key}", days=one.text)


def told_of(one: Cited, now: Office) -> tuple[str, ...]:
    """Return who confirmed it and when; where the words were changed since, that it does not hold any more."""
    if one.by is not None:
        return (say("office.cited.by", post=one.by.post, on=one.by.on),)
    before = now.confirmed.get(one.key)
    if before is not None and one.needs:
        return (say("office.cited.fallen", post=before.post, on=before.on, text=before.text),)
    return () if one.needs else (say("office.cited.by_rules"),)


def _confirm(opened: Opened, one: Cited, now: Office) -> None:
    """Ask which post confirms these very words, and on which day."""
    own = f"{opened.digest[:12]}-{one.key}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            say("office.cited.post"),
            value=now.post,
            placeholder=say("office.cited.post_example"),
            max_chars=40,
            key=f"cited-post-{own}",
        )
        st.text_input(
            say("office.cited.on"),
            value=date.today().isoformat(),  # noqa: DTZ011 - the day of the office
            max_chars=20,
            key=f"cited-on-{own}",
        )
        st.button(
            say("office.cited.confirm"),
            disabled=not people.ready("set_office"),
            on_click=_confirmed,
            args=(opened, one, own),
            key=f"cited-confirm-{own}",
        )


def _confirmed(opened: Opened, one: Cited, own: str) -> None:
    post, on = str(st.session_state[f"cited-post-{own}"]), str(st.session_state[f"cited-on-{own}"])
    project = opened.taken.project

    def write() -> None:
        now = project.office()
        told = {**now.confirmed, one.key: Confirmation(one.text, post, iso_day(on) or on)}
        project.set_office(replace(now, confirmed=told), people.who(), expected=now)

    casework.done(write, say("office.cited.done", text=cited_words(one)))


def _taken_back(opened: Opened, one: Cited) -> None:
    project = opened.taken.project

    def write() -> None:
        now = project.office()
        told = {key: by for key, by in now.confirmed.items() if key != one.key}
        project.set_office(replace(now, confirmed=told), people.who(), expected=now)

    casework.done(write, say("office.cited.undone", text=cited_words(one)))
