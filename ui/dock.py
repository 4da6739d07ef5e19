"""The strip at the foot of the desk: what is chosen, what to do with it, what that would change, and the button that does it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import streamlit as st

from geo.schema import DataError
from geo.wording import say
from jobs.reconsulting import held_still
from jobs.reviewing import consequence
from jobs.searching import Search
from report.maptext import map_text
from store.audit import Saved
from store.edits import Command
from ui import drafting, hunting, people, session
from ui.changes import Strip, strip, title_words
from ui.checking import CheckRow, broken_of, offered_repair
from ui.fields import Answers, Field
from ui.hunting import Hunt
from ui.look import tell
from ui.selection import Selection, called, done_beside_locked, name_of, offer_without_locked
from ui.session import Opened
from ui.verbs import Verb, command_of, offered

PROPOSAL = "proposal"  # a command that only waits to be applied: from a card, a check, or the optimizer
WANTED = "wanted"  # the verb that is opened on the selection of itself
LEFT = "left"  # how many locked things were left out of the choice
DONE = "done"  # what was done, where something was left out
NAMED = 3  # things that are called by name; the rest is counted
_ROW_MARKS = {"bad": "✗", "good": "✓", "fair": "!", "": "·"}


def dock(opened: Opened) -> None:
    """Show the strip while anything is chosen, proposed or looked for; empty, it keeps the place of what follows."""
    selection = selected()
    hunt = hunting.current()
    said = st.session_state.get(drafting.SAID, "")
    if len(selection):
        st.session_state.pop(DONE, None)
    done = st.session_state.get(DONE, "")
    with st.container(key="dock"):
        if said:
            tell(said, mark="bad")
        if done:
            tell(done)
        if hunt is not None and not hunt.over:
            hunting.follow(hunt)
            return
        if hunt is not None:
            _taken_over(hunt)
        if PROPOSAL in st.session_state:
            _proposed(opened, st.session_state[PROPOSAL])
        elif len(selection):
            _asked(opened, selection)


def propose(command: Command) -> None:
    """Put a command into the strip, to be looked at and applied."""
    st.session_state[PROPOSAL] = command
    st.session_state[drafting.SAID] = ""


def mend(opened: Opened, row: CheckRow) -> None:
    """Put the repair of a check into the strip, or open the verb by which people decide."""
    offer = offered_repair(row, opened.draft.state, opened.taken.town, opened.results)
    if offer is None:
        st.session_state[drafting.SAID] = say("desk.checks.nothing")
    elif offer.command is not None:
        propose(offer.command)
    else:
        st.session_state.pop(PROPOSAL, None)
        things = _things(offer.selection)
        st.session_state[WANTED] = offer.verb, set(things)
        session.choose(things, look=True)


def leave() -> None:
    """Put the proposal away, and let go of what is chosen."""
    st.session_state.pop(PROPOSAL, None)
    for key in (WANTED, LEFT, DONE):
        st.session_state.pop(key, None)
    hunting.forget()
    session.choose(())
    st.session_state[drafting.SAID] = ""


def _things(selection: Selection) -> list[session.Thing]:
    return [*(("areas", a) for a in selection.areas), *(("communities", c) for c in selection.communities)]


def selected() -> Selection:
    """Return what is chosen as a selection."""
    things = session.chosen()
    return Selection(
        tuple(i for table, i in things if table == "communities"),
        tuple(i for table, i in things if table == "areas"),
    )


# --- asking ----------------------------------------------------------------------------------------


def _asked(opened: Opened, selection: Selection) -> None:
    """Ask what to do with the selection, and show what that would change."""
    draft, town = opened.draft.state, opened.taken.town
    verbs = {verb.key: verb for verb in offered(draft, town, selection)}
    verb, things = st.session_state.get(WANTED, ("", set()))
    wanted = verb if things == set(session.chosen()) else ""
    names, choice = st.columns([3, 2], vertical_alignment="center")
    with names:
        st.html(f'<p class="dock-chosen">{map_text(_names(opened, selection))}</p>')
    with choice, st.container(horizontal=True, vertical_alignment="center"):
        picked = st.selectbox(
            say("desk.dock.verb"),
            list(verbs),
            index=list(verbs).index(wanted) if wanted in verbs else None,
            format_func=lambda key: f"{verbs[key].group} · {verbs[key].label}",
            placeholder=say("desk.dock.verb"),
            key=f"verb-{wanted}-{'-'.join(verbs)}",
            label_visibility="collapsed",
        )
        st.button(say("desk.dock.clear"), on_click=leave)
    if picked is None:
        return
    verb = verbs[picked]
    if verb.note:
        st.html(f'<p class="desk-note">{map_text(verb.note)}</p>')
    answers = _answers(verb)
    try:
        found = _found(opened, verb, selection, answers)
        if isinstance(found, Command):
            _strip(opened, found, lambda: _apply_asked(opened, verb, selection, answers))
        else:
            st.button(say("desk.dock.search"), type="primary", on_click=hunting.begin, args=(found,))
    except DataError as error:
        if error.code.startswith("verbs.missing"):
            st.html(f'<p class="desk-note">{map_text(str(error))}</p>')
            return
        tell(str(error), mark="fair")
        _offer_rest(opened, selection)


def _names(opened: Opened, selection: Selection) -> str:
    draft, town = opened.draft.state, opened.taken.town
    names = [*(called(draft, a) for a in selection.areas), *(name_of(town, c) for c in selection.communities)]
    told = say("desk.dock.and").join(names[:NAMED])
    if len(names) > NAMED:
        return say("desk.dock.chosen_more", names=told, number=len(names))
    return say("desk.dock.chosen", names=told)


def _answers(verb: Verb) -> Answers:
    """Ask the fields of a verb, those that depend on another answer only where it is given."""
    answers: dict[str, object] = {}
    shown = st.columns(max(1, min(4, len(verb.fields)))) if verb.fields else []
    for number, field in enumerate(verb.fields):
        if field.asked(answers):
            with shown[number % len(shown)]:
                answers[field.key] = _answer(verb, field)
    return answers


def _answer(verb: Verb, field: Field) -> object:
    key = _key(verb, field)
    if field.options:
        labels = {option.value: option.label for option in field.options}
        return st.selectbox(
            field.label,
            list(labels),
            index=None if len(labels) > 1 else 0,
            format_func=labels.__getitem__,
            placeholder=say("desk.ask.choose"),
            key=key,
        )
    if field.kind == "date":
        return st.date_input(field.label, value=None, format="YYYY-MM-DD", key=key)
    if field.kind == "number":
        return st.number_input(field.label, min_value=0, step=1, value=None, key=key)
    return st.text_input(field.label, max_chars=300, key=key)


def _key(verb: Verb, field: Field) -> str:
    """Return the key of a field, another one when its options change: an answer that is gone must not stay."""
    of_options = "-".join(option.value for option in field.options)
    return f"answer-{verb.key}-{field.key}-{of_options}"


def _found(opened: Opened, verb: Verb, selection: Selection, answers: Answers) -> Command | Search:
    draft, town = opened.draft.state, opened.taken.town
    refused = opened.results.refused_links
    found = command_of(verb.key, selection, answers, draft, town, who=people.who(), refused=refused)
    if isinstance(found, Search):
        return replace(found, draft=held_still(draft, opened.taken.project.under_way()))
    return found


def _apply_asked(opened: Opened, verb: Verb, selection: Selection, shown: Answers) -> None:
    """Apply what the fields say at the click: words typed just before it are not in the strip yet.

    A choice made just before it is: it changes other numbers than those that were looked at, so they are shown first.
    """
    fields = [field for field in verb.fields if field.key in shown]
    answers = {field.key: st.session_state.get(_key(verb, field), shown[field.key]) for field in fields}
    if any(field.options and answers[field.key] != shown[field.key] for field in fields):
        return
    try:
        found = _found(opened, verb, selection, answers)
    except DataError as error:
        st.session_state[drafting.SAID] = str(error)
        return
    if isinstance(found, Command):
        _apply(found)


def _offer_rest(opened: Opened, selection: Selection) -> None:
    """Offer to change all but what is locked."""
    offer = offer_without_locked(opened.draft.state, selection)
    if offer is not None:
        words, rest = offer
        st.button(words, on_click=_choose_rest, args=(rest, len(selection) - len(rest)))


def _choose_rest(rest: Selection, left_out: int) -> None:
    session.choose(_things(rest))
    st.session_state[LEFT] = left_out


# --- what it would change --------------------------------------------------------------------------


def _proposed(opened: Opened, command: Command) -> None:
    try:
        _strip(opened, command, lambda: _apply(command))
    except DataError as error:
        tell(str(error), mark="bad")
        st.button(say("desk.dock.clear"), on_click=leave)


def _strip(opened: Opened, command: Command, on_apply: Callable[[], None]) -> None:
    """Show what a command would change, and the buttons."""
    town = opened.taken.town
    told = strip(
        consequence(
            opened.draft.state,
            command,
            town,
            broken=broken_of(opened.checks),
            under_way=opened.taken.project.under_way(),
        ),
        command,
        town,
    )
    words, buttons = st.columns([5, 1], vertical_alignment="bottom")
    with words:
        st.html(_strip_html(told))
        if outside := drafting.outside(command):
            tell(outside, mark="fair")
    with buttons:
        people.ask_who("here", "append")
        st.button(
            say("desk.dock.apply"),
            type="primary",
            width="stretch",
            on_click=on_apply,
            disabled=not people.ready("append") or bool(outside),
            shortcut="Ctrl+Enter",
        )
        st.button(say("desk.dock.cancel"), width="stretch", on_click=leave, key="cancel-proposal")


def _strip_html(told: Strip) -> str:
    rows = "".join(
        f'<tr class="{row["mark"]}"><th>{map_text(row["head"])}</th><td>{map_text(row["before"])}</td>'
        f"<td>→</td><td>{map_text(row['after'])}</td></tr>"
        for row in told.rows
    )
    said = "".join(
        f'<li class="{row["mark"]}"><i>{_ROW_MARKS[row["mark"]]}</i>{map_text(row["text"])}</li>'
        for row in told.told
    )
    costs = "".join(f"<span>{map_text(text)}</span>" for text in told.costs)
    return (
        f'<div class="dock-strip {told.mark}"><h4>{map_text(told.title)}</h4>'
        f'<div class="dock-cols"><table>{rows}</table><ul>{said}</ul></div><p class="dock-costs">{costs}</p></div>'
    )


def _apply(command: Command) -> None:
    done, left_out = selected(), st.session_state.get(LEFT, 0)
    if drafting.apply(command):
        leave()
        if left_out:
            st.session_state[DONE] = done_beside_locked(done, left_out)


def _taken_over(hunt: Hunt[Command]) -> None:
    """Turn what the optimizer found into a proposal, or say why there is none."""
    hunting.forget()
    if hunt.found is not None:
        propose(hunt.found)
    elif hunt.refusal is not None:
        tell(str(hunt.refusal), mark="fair")
    else:
        tell(say("desk.unexpected", number=hunt.incident), mark="bad")


# --- conflicts -------------------------------------------------------------------------------------


def conflict(opened: Opened, found: drafting.Conflict) -> None:
    """Show what somebody else saved meanwhile, and the ways out: nothing is lost in any of them."""
    saved = "".join(f"<li>{map_text(_saved(opened, one))}</li>" for one in found.error.saved)
    with st.container(key="conflict", border=True):
        st.html(f"<h3>{say('desk.conflict.title')}</h3><ul>{saved}</ul>")
        with st.container(horizontal=True):
            if found.command is not None:
                st.button(
                    say("desk.conflict.mine"), type="primary", on_click=_settled, args=(drafting.keep_mine,)
                )
                st.button(say("desk.conflict.copy"), on_click=_settled, args=(drafting.keep_copy,))
            st.button(say("desk.conflict.theirs"), on_click=_settled, args=(drafting.take_theirs,))


def _settled(way: Callable[[], None]) -> None:
    """Take a way out; what stood in the strip is done or given up in each of them."""
    leave()
    way()


def _saved(opened: Opened, one: Saved) -> str:
    at = datetime.fromisoformat(one.at).astimezone().strftime("%H:%M:%S")
    step = title_words(one.title, opened.draft.state, opened.taken.town)
    return say("desk.conflict.saved", who=one.who, at=at, step=step)
