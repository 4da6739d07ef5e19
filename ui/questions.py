"""Questions that reading asks: the sentence says what is not known, the control below it takes the answer."""

import re
from collections.abc import Sequence

import streamlit as st

from geo.headings import normalised, synonyms
from geo.wording import say
from ui.look import tell
from ui.runs import Refusal, sentence
from ui.uploads import Draft

BELTS = {f"EPSG:{4534 + n}": 75 + 3 * n for n in range(21)}  # CGCS2000, belts of 3° by their central meridian
CHINESE_BELTS = 10  # 105°, offered first
SYSTEMS = ("EPSG:4490", "gcj02", "bd09")
_SYSTEM = ("coordinates.ask", "coordinates.misfit", "coordinates.bad_option", "coordinates.unknown_epsg")
_COUNT = ("cleaning.several_counts", "cleaning.no_count", "cleaning.resident_count")
_ID = ("cleaning.running_number", "cleaning.id_ruined")


def ask(refusal: Refusal, draft: Draft) -> bool:
    """Show why reading stopped and take the answer into `draft`; return True once the person wants to go on."""
    answer, given = _control(refusal)
    if answer is None:
        tell(sentence(refusal), mark="bad")
        return False
    if st.button(say("desk.ask.go_on"), type="primary", key="ask-go-on"):
        if answer == "sheet":
            draft.sheets[_file(refusal)] = given
        else:
            draft.answers |= given if isinstance(given, dict) else {answer: given}
        return True
    return False


def _control(refusal: Refusal) -> tuple[str | None, object]:
    code = refusal.code
    if code in _SYSTEM:
        return "crs", _choice(refusal, SYSTEMS, {s: say(f"desk.ask.{s.replace(':', '_')}") for s in SYSTEMS})
    if code == "coordinates.ask_belt":
        words = {epsg: say("desk.ask.belt", epsg=epsg, meridian=meridian) for epsg, meridian in BELTS.items()}
        return "crs", _pick(refusal, list(BELTS), words=words, index=CHINESE_BELTS)
    if code in _COUNT and refusal.headings:
        offered = refusal.values.get("headings", "").split("、") if code == "cleaning.several_counts" else []
        first = [h for h in refusal.headings if h in offered]
        columns = first or list(refusal.headings)
        return "columns", {"count_column": _pick(refusal, columns), **_name(refusal.headings)}
    if code == "cleaning.no_column" and refusal.headings:
        return f"{refusal.values['field']}_column", _pick(refusal, list(refusal.headings))
    if code in _ID and refusal.headings:
        return "id_column", _pick(refusal, [h for h in refusal.headings if h != refusal.values.get("column")])
    if code == "reading.layer_several":
        return "sheet", _pick(refusal, refusal.values["layers"].split("、"))
    return None, None


def _choice(refusal: Refusal, options: Sequence[str], words: dict[str, str]) -> str:
    _say(refusal)
    return str(
        st.radio(
            say("desk.ask.choose"),
            options,
            format_func=lambda option: words.get(option, option),
            label_visibility="collapsed",
            key=f"ask-{refusal.code}",
        )
    )


def _pick(refusal: Refusal, options: Sequence[str], *, words: dict[str, str] | None = None, index: int = 0) -> str:
    _say(refusal)
    return str(
        st.selectbox(
            say("desk.ask.choose"),
            options,
            index=index,
            format_func=lambda option: (words or {}).get(option, option),
            key=f"ask-{refusal.code}",
        )
    )


def _name(headings: Sequence[str]) -> dict[str, str]:
    """Ask for the column of names too where none is known by its heading: one question instead of two."""
    if any(normalised(heading) in synonyms()["name"] for heading in headings):
        return {}
    nothing = say("desk.ask.no_name")
    chosen = st.selectbox(say("desk.ask.name"), [nothing, *headings], key="ask-name")
    return {} if chosen == nothing else {"name_column": str(chosen)}


def _say(refusal: Refusal) -> None:
    tell(sentence(refusal))


def _file(refusal: Refusal) -> str:
    return re.sub(r"\[.*\]$", "", refusal.values.get("file", ""))
