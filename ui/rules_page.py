"""规则: all numbers that plans and papers go by, with meaning and source, in one place; kept for the runs to come."""

import tomllib
from typing import Any

import streamlit as st

from geo.schema import DataError
from geo.wording import say
from jobs.handing import changed_rules
from jobs.procedures import profile_of
from jobs.rulebook import (
    FILE,
    RULES_OF_BARRIERS,
    SECTIONS,
    BarrierClass,
    Entry,
    Value,
    barrier_entries,
    entries,
    keep_rules,
    merged,
    policy_of,
    rules_text,
)
from optimizer.rules import CHONGQING
from report.maptext import map_text
from report.versus import rule_words
from ui import casework, consulted, people, session
from ui.look import tell
from ui.session import guarded
from ui.tables import rows_html

TURN = "rules-turn"  # another one after each change: fields begin anew with what is kept
SEEN = "rules-seen"  # the turn and the text that its fields began with
LEAST = {
    "group.minimum": 1.0,
    "group.upper": 1.0,
    "procedure.consult_days": 1.0,
    "procedure.notice_days": 1.0,
}
SHARES = ("group.near_minimum_share",)


def rules() -> None:
    """Show the rules of the office; let an administrator change and keep them, or take a file of their own."""
    with guarded():
        st.html(f'<div class="desk-head"><h1>{say("desk.page.rules")}</h1><p>{say("rules.lead")}</p></div>')
        consulted.said()
        people.ask_who("rules", "set_rules")
        text = rules_text(session.RULES)
        if _cannot_be_used(text):
            return
        _standing(text)
        left, right = st.columns([3, 2], gap="large")
        with left:
            _form(text, _seen(text))
        with right:
            _file(text)
            _of_plan(text)
            _opinions(text)


def _cannot_be_used(text: str) -> bool:
    """Tell whether what the office keeps is no rules file any more; then say why, and offer the way back."""
    try:
        policy_of(text)
        profile_of(text)
    except DataError as error:
        tell(str(error), mark="bad")
        _back_to_standard()
        return True
    return False


def _standing(text: str) -> None:
    """Say what the rules are called, and what of them is not as in the standard ones."""
    differs = list(changed_rules(_standard(), text))
    name = str(tomllib.loads(text).get("name", ""))
    words = say("rules.own" if differs else "rules.standard", name=name, number=len(differs))
    st.html(f'<p class="desk-note">{map_text(words)}</p>')
    if differs:
        st.html(
            rows_html(
                [say(f"rules.head.{key}") for key in ("key", "usual", "here")], differs, "rules-changed"
            )
        )


def _standard() -> str:
    return CHONGQING.read_text(encoding="utf-8-sig")


# --- numbers ---------------------------------------------------------------------------------------


def _seen(text: str) -> str:
    """Return the text that the fields show: what is kept now, but where they are just being handed in."""
    turn = st.session_state.get(TURN, 0)
    begun, seen = st.session_state.get(SEEN, (None, text))
    if begun == turn and (seen == text or st.session_state.get(f"rules-save-{turn}")):
        return str(seen)
    if begun == turn:
        turn = st.session_state[TURN] = turn + 1
    st.session_state[SEEN] = (turn, text)
    return text


def _form(text: str, seen: str) -> None:
    """Ask for every number, section by section, with what the file says beside it."""
    own = str(st.session_state.get(TURN, 0))
    told = entries(seen)
    with st.form(f"rules-{own}", border=False):
        given: dict[str, Value] = {}
        for section in SECTIONS:
            if rows := [one for one in told if one.section == section]:
                name = section.replace(".", "_")
                st.html(f'<h2 class="meet-head">{say(f"rules.section.{name}")}</h2>')
                given |= {one.key: _asked(one, own) for one in rows}
                if section == "group":
                    _within(seen)
        st.html(f'<h2 class="meet-head">{say("rules.section.barrier")}</h2>')
        st.html(f'<p class="desk-note">{say("rules.barriers_note")}</p>')
        classes = [_barrier(one, number, own) for number, one in enumerate(barrier_entries(seen))]
        if st.form_submit_button(
            say("rules.save"),
            type="primary",
            key=f"rules-save-{own}",
            disabled=not people.ready("set_rules"),
        ):
            _keep(lambda: merged(text, seen, given, classes), typed=True)


def _asked(one: Entry, own: str) -> Value:
    key = f"rules-{own}-{one.key}"
    value: Value
    if isinstance(one.value, bool):
        value = st.checkbox(label(one.key), value=one.value, key=key)
    elif isinstance(one.value, int):
        low = int(LEAST.get(one.key, 0))
        value = int(st.number_input(label(one.key), min_value=low, value=max(low, one.value), key=key))
    else:
        step = 0.01 if one.key in SHARES else 1.0
        value = float(
            st.number_input(label(one.key), min_value=0.0, value=one.value, step=step, format="%g", key=key)
        )
    if one.meaning:
        st.html(f'<p class="desk-note">{map_text(one.meaning)}</p>')
    return value


def _within(text: str) -> None:
    """Say which columns no area mixes: a list, changed in the file."""
    columns = policy_of(text).rules.within
    names = [say(f"report.column.{c}") if c in ("street_town", "committee") else c for c in columns]
    words = say("rules.within", names=names) if names else say("rules.within_none")
    st.html(f'<p class="desk-field">{map_text(words)}</p>')


def label(key: str) -> str:
    """Return what a number is called; one of the procedure by its own name."""
    section, _, name = key.rpartition(".")
    if section == "procedure":
        return say(f"rules.period.{name}") if name in ("consult_days", "notice_days") else name
    words = rule_words({"reach": f"reach_{name}", "prices.unlike": f"unlike.{name}"}.get(section, name))
    return words[:1].upper() + words[1:]


def _barrier(one: BarrierClass, number: int, own: str) -> BarrierClass:
    """Ask what a class of barriers does."""
    name, rule, price = st.columns([3, 2, 2], vertical_alignment="center")
    with name:
        meaning = f"<br><small>{map_text(one.meaning)}</small>" if one.meaning else ""
        st.html(f'<p class="desk-field">{map_text(one.name)}{meaning}</p>')
    with rule:
        chosen = st.selectbox(
            one.name,
            RULES_OF_BARRIERS,
            index=RULES_OF_BARRIERS.index(one.rule),
            format_func=lambda rule: say(f"rules.barrier.{rule}"),
            key=f"rules-{own}-barrier-{number}",
            label_visibility="collapsed",
        )
    with price:
        cost = st.number_input(
            say("rules.price_of", name=one.name),
            min_value=0.0,
            value=one.price,
            step=100.0,
            format="%g",
            key=f"rules-{own}-price-{number}",
            label_visibility="collapsed",
        )
    return BarrierClass(one.name, chosen, float(cost), one.meaning)


def _keep(make: Any, *, typed: bool = False) -> None:
    """Keep the rules that `make` returns, and show the page anew; what was typed stays where it was refused."""

    def write() -> None:
        people.require("set_rules")
        keep_rules(session.RULES, make())

    kept = casework.done(write, say("rules.saved"))
    if kept or not typed:
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    st.rerun()


# --- file ------------------------------------------------------------------------------------------


def _file(text: str) -> None:
    """Offer the file, take another one, or go back to the standard rules."""
    st.html(
        f'<h2 class="meet-head">{say("rules.file.title")}</h2><p class="desk-note">{say("rules.file.note")}</p>'
    )
    st.download_button(
        say("rules.file.download"),
        data=text.encode(),
        file_name=FILE,
        mime="application/toml",
        on_click="ignore",
        width="stretch",
    )
    own = st.session_state.get(TURN, 0)
    given: Any = st.file_uploader(say("rules.file.upload"), type=["toml"], key=f"rules-file-{own}")
    if given is not None and people.ready("set_rules"):
        _keep(lambda: _decoded(given))
    _back_to_standard()


def _back_to_standard() -> None:
    if session.RULES.is_file():
        st.button(
            say("rules.file.standard"),
            on_click=_put_away,
            disabled=not people.ready("set_rules"),
            width="stretch",
        )


def _decoded(given: Any) -> str:
    try:
        return bytes(given.getbuffer()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError("rules.not_toml", file=given.name, detail=error) from error


def _put_away() -> None:
    people.require("set_rules")
    session.RULES.unlink(missing_ok=True)
    consulted.say_next(say("rules.saved"))
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


# --- the open plan, and opinions -------------------------------------------------------------------


def _of_plan(text: str) -> None:
    """Say where the open plan was made by other rules: it keeps its own."""
    if not session.is_open():
        return
    st.html(f'<h2 class="meet-head">{say("rules.plan.title")}</h2>')
    differs = list(changed_rules(text, session.current().results.rules_text))
    st.html(f'<p class="desk-note">{say("rules.plan.other" if differs else "rules.plan.same")}</p>')
    if differs:
        st.html(
            rows_html([say(f"rules.head.{key}") for key in ("key", "here", "plan")], differs, "rules-of-plan")
        )


def _opinions(text: str) -> None:
    """Show how opinions are counted, with source and mark: the profile that these rules ask for."""
    profile = profile_of(text)
    st.html(f'<h2 class="meet-head">{say("rules.opinions.title")}</h2>')
    rows = [(say("rules.opinions.profile"), profile.name, "")]
    rows.append(
        (
            say("rules.opinions.head_count"),
            say(f"rules.opinions.{profile.head_count}"),
            _source(profile.head_count_source, profile.head_count_status),
        )
    )
    for kind, one in (("delimit", profile.delimit), ("adjust", profile.adjust)):
        asked = (
            say("rules.opinions.number", number=len(one.thresholds))
            if one.thresholds
            else say("rules.opinions.none")
        )
        rows.append((say(f"rules.opinions.{kind}"), asked, _source(one.source, one.status)))
    st.html(
        rows_html([say(f"rules.opinions.{key}") for key in ("what", "how", "source")], rows, "rules-opinions")
    )
    st.html(f'<p class="desk-note">{say("rules.opinions.silence")}</p>')


def _source(source: str, status: str) -> str:
    return source if status == "confirmed" else say("checks.to_confirm", text=source)
