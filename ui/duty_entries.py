"""What a planner enters on the page of responsibilities: who answers for an area and how it is managed, and office phones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from geo.schema import DataError
from geo.wording import say
from jobs.responsibilities import KEEP, Answers, commands_of
from report.duties import unit_name, units
from report.maptext import map_text
from report.responsible import ENTERED, Responsible, bodies, incomplete_first
from store.drafts import MODES
from store.edits import Command
from store.records import digest
from ui import dock, drafting, people, session
from ui.changes import title_words
from ui.look import tell
from ui.session import Opened

AREAS, SAID = "duties-areas", "duties-said"
REFUSED, KEPT = "duties-phones-refused", "duties-phones-kept"


# --- areas -----------------------------------------------------------------------------------------


def enter(opened: Opened, areas: Sequence[Responsible]) -> None:
    """Ask for contact, mode and who else is missing, for one area or several at once."""
    st.html(f'<h2 class="meet-head">{say("duties.enter.title")}</h2>')
    if drafting.CONFLICT in st.session_state:
        dock.conflict(opened, st.session_state[drafting.CONFLICT])
    _say()
    people.ask_who("duties", "append", "set_office")
    known = {one.area_id: one for one in areas}
    chosen = [known[area_id] for area_id in _chosen(opened, areas)]
    commands = commands_of(chosen, _answers(opened, chosen))
    with st.container(horizontal=True):
        st.button(
            say("duties.enter.save", number=len(chosen)),
            type="primary",
            on_click=_save,
            args=(opened, commands, len(chosen)),
            disabled=not (people.ready("append") and commands),
        )
        _undo(opened)


def _say() -> None:
    """Say what the last change came to."""
    if refused := st.session_state.pop(drafting.SAID, ""):
        tell(refused, mark="bad")
    if done := st.session_state.pop(SAID, ""):
        tell(done)


def _chosen(opened: Opened, areas: Sequence[Responsible]) -> list[str]:
    """Ask for areas by name, those first that lack most; the one whose card is open is chosen to begin with."""
    words = {one.area_id: one.called for one in incomplete_first(areas)}
    short = [one.area_id for one in incomplete_first(areas) if one.missing]
    key = _chosen_key(opened)
    table, thing = st.session_state.get("selected") or ("", "")
    before = st.session_state.get(key, [thing] if table == "areas" else [])
    st.session_state[key] = [area_id for area_id in before if area_id in words]
    picked: list[str] = st.multiselect(
        say("duties.enter.areas"),
        list(words),
        format_func=words.__getitem__,
        placeholder=say("duties.enter.areas_hint"),
        key=key,
    )
    if short and set(short) != set(picked):
        every = partial(st.session_state.update, {key: short})
        st.button(say("duties.enter.every", number=len(short)), on_click=every)
    return picked


def _chosen_key(opened: Opened) -> str:
    return f"{AREAS}-{opened.digest[:12]}-{opened.draft.draft_id}"


def _answers(opened: Opened, chosen: Sequence[Responsible]) -> Answers:
    """Ask; of a single area the fields begin with what is known, of several an empty one leaves all as it is."""
    alone = chosen[0].said if len(chosen) == 1 else None
    own = digest([opened.draft.revision, [one.area_id for one in chosen]])[:12]

    def typed(name: str, known: str, label: str, hint: str = "") -> str:
        return st.text_input(label, value=known, max_chars=120, placeholder=hint, key=f"duties-{name}-{own}")

    labels = {name: say(f"duties.enter.{name}") for name in ("contact", "evidence")}
    hints = {name: say(f"duties.enter.{name}_hint") for name in labels}
    contact = typed("contact", alone.contact if alone else "", labels["contact"], hints["contact"])
    left, right = st.columns([2, 3])
    with left:
        mode = _mode(alone.mode if alone else None, own)
    with right:
        evidence = typed("evidence", alone.evidence if alone else "", labels["evidence"], hints["evidence"])
    entered = {
        role: typed(
            role,
            alone.entered.get(role, "") if alone else "",
            say("duties.enter.entered", role=say(f"duties.role.{role}")),
        )
        for role in ENTERED
        if any(role in one.missing or role in one.said.entered for one in chosen)
    }
    return Answers(contact, mode, evidence, entered, whole=alone is not None)


def _mode(known: str | None, own: str) -> str:
    """Ask for the management mode; of several areas it may stay as it is."""
    words = {"": say("duties.cell.not_chosen")} | {mode: say(f"duties.mode.{mode}") for mode in MODES}
    if known is None:
        words = {KEEP: say("duties.enter.keep")} | words
    chosen: str = st.selectbox(
        say("duties.enter.mode"),
        list(words),
        index=list(words).index(known or next(iter(words))),
        format_func=words.__getitem__,
        key=f"duties-mode-{own}",
    )
    return chosen


def _save(opened: Opened, commands: Sequence[Command], number: int) -> None:
    """Write, and leave the areas: the next answer is for others."""
    if drafting.apply_all(commands):
        st.session_state[_chosen_key(opened)] = []
        st.session_state[SAID] = say("duties.enter.saved", number=number)


def _undo(opened: Opened) -> None:
    """Offer to take back the last step of the draft, and say which it is."""
    done = [step for step in opened.taken.project.steps(opened.draft.draft_id) if not step.undone]
    if done:
        st.button(say("duties.enter.undo"), on_click=drafting.undo, disabled=not people.ready("undo"))
        words = title_words(done[-1].title, opened.draft.state, opened.taken.town)
        st.html(f'<p class="desk-note">{map_text(words)}</p>')


# --- phones ----------------------------------------------------------------------------------------


def phones(opened: Opened, areas: Sequence[Responsible]) -> None:
    """Ask for the office phones of units, and of who is responsible here."""
    refused = st.session_state.pop(REFUSED, "")
    kept = st.session_state.pop(KEPT, False)
    with st.expander(say("duties.phones.title"), expanded=kept or bool(refused)):
        if refused or kept:
            tell(refused or say("duties.phones.saved"), mark="bad" if refused else "plain")
        _phones(opened, areas)


def _phones(opened: Opened, areas: Sequence[Responsible]) -> None:
    kept = opened.taken.project.office().phones
    here = {unit: unit_name(unit) for unit in units()} | {name: name for name in bodies(areas)}
    own = digest(dict(kept))[:12]
    with st.form("duties-phones", border=False):
        st.html(f'<p class="desk-note">{say("duties.phones.note")}</p>')
        keys = {name: f"duties-phone-{own}-{name}" for name in here}
        for name, words in here.items():
            _phone(words, kept.get(name, ""), keys[name])
        st.form_submit_button(
            say("duties.phones.save"), on_click=_keep, args=(keys,), disabled=not people.ready("set_office")
        )


def _phone(words: str, known: str, key: str) -> None:
    """Ask for one phone; the name beside the field is text from data, which no label may be."""
    name, field = st.columns([3, 2], vertical_alignment="center")
    with name:
        st.html(f'<p class="desk-field">{map_text(words)}</p>')
    with field:
        st.text_input(
            say("duties.sheet.phone"), value=known, max_chars=40, key=key, label_visibility="collapsed"
        )


def _keep(keys: Mapping[str, str]) -> None:
    """Keep all phones, or none where one of them is none."""
    project = session.shown().taken.project
    before = project.office()
    given = {name: str(st.session_state.get(key, "")) for name, key in keys.items()}
    try:
        project.set_office(replace(before, phones={**before.phones, **given}), people.who(), expected=before)
    except DataError as error:
        st.session_state[REFUSED] = str(error)
    else:
        st.session_state[KEPT] = True
