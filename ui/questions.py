"""Questions that reading asks: the sentence says what is not known, the control below it takes the answer."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from geo.headings import normalised, synonyms
from geo.wording import say
from ui.look import tell
from ui.runs import Refusal, sentence
from ui.uploads import Draft

BELTS = {f"EPSG:{4534 + n}": 75 + 3 * n for n in range(21)}  # CGCS2000, belts of 3° by their central meridian
USUAL_BELT = 10  # 105°, that of 永川
SYSTEMS = ("EPSG:4490", "gcj02", "bd09")

Answers = dict[str, str]


def ask(refusal: Refusal, draft: Draft) -> bool:
    """Show why reading stopped and take the answer into `draft`; return True once the person wants to go on."""
    control = CONTROLS.get(refusal.code)
    if control is None:
        tell(sentence(refusal), mark="bad")
        return False
    tell(sentence(refusal))
    answers = control(refusal)
    if not st.button(say("desk.ask.go_on"), type="primary", key="ask-go-on"):
        return False
    draft.answers |= answers
    return True


def _system(_refusal: Refusal) -> Answers:
    chosen = st.radio(
        say("desk.ask.choose"),
        SYSTEMS,
        format_func=lambda system: say(f"desk.ask.{system.replace(':', '_')}"),
        label_visibility="collapsed",
        key="ask-system",
    )
    return {"crs": str(chosen)}


def _belt(_refusal: Refusal) -> Answers:
    chosen = st.selectbox(
        say("desk.ask.choose"),
        list(BELTS),
        index=USUAL_BELT,
        format_func=lambda epsg: say("desk.ask.belt", epsg=epsg, meridian=BELTS[epsg]),
        key="ask-belt",
    )
    return {"crs": str(chosen)}


def _count(refusal: Refusal) -> Answers:
    """Ask for the counts, and for the names too where no heading tells them: one question instead of two."""
    offered = refusal.values.get("headings", ())
    likely = [h for h in refusal.headings if h in offered]
    answers = {"count_column": _heading(likely or refusal.headings, "count")}
    if not any(normalised(heading) in synonyms()["name"] for heading in refusal.headings):
        nothing = say("desk.ask.no_name")
        name = st.selectbox(say("desk.ask.name"), [nothing, *refusal.headings], key="ask-name")
        answers |= {} if name == nothing else {"name_column": str(name)}
    return answers


def _column(refusal: Refusal) -> Answers:
    return {f"{refusal.values['field']}_column": _heading(refusal.headings, "column")}


def _id(refusal: Refusal) -> Answers:
    others = [h for h in refusal.headings if h != refusal.values.get("column")]
    return {"id_column": _heading(others, "id")}


def _heading(headings: Sequence[str], what: str) -> str:
    return str(st.selectbox(say("desk.ask.choose"), headings, key=f"ask-{what}"))


# code of a DataError → the control that answers it
CONTROLS: Mapping[str, Callable[[Refusal], Answers]] = {
    "coordinates.ask": _system,
    "coordinates.misfit": _system,
    "coordinates.ask_belt": _belt,
    "cleaning.several_counts": _count,
    "cleaning.no_count": _count,
    "cleaning.resident_count": _count,
    "cleaning.no_column": _column,
    "cleaning.running_number": _id,
}
