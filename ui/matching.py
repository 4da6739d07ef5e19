"""列的对应: each field that is needed beside the column it was found in, with its first values; what was chosen is remembered."""

from pathlib import Path

import streamlit as st

from geo.wording import listed, say
from jobs.previewing import Head
from report.maptext import map_text
from ui.remembered import Remembered, forget, recalled, remember
from ui.uploads import Draft

FIELDS = ("id", "name", "count", "address", "street_town", "committee")
PLACE = ("lonlat", "lon", "lat")
MORE = ("grids", "buildings", "building", "count_status", "built_year", "floor_area", "managing_company", "ownership",
        "lift", "managed", "scope", "existing")  # fmt: skip
FILE = Path.cwd() / "out" / "columns.json"


def recall(draft: Draft, head: Head) -> bool:
    """Take what was chosen for this head before, where nobody has chosen yet; tell whether that changes anything."""
    found = recalled(FILE, head.key)
    if found is None or draft.columns_said() or draft.recalled == head.key:
        return False
    draft.recalled = head.key
    draft.matched = {ours: h for ours, h in found.columns.items() if not h or h in head.headings}
    return bool(draft.matched)


def keep(draft: Draft, head: Head) -> None:
    """Remember what was chosen for this head."""
    if draft.columns_said():
        remember(FILE, head.key, draft.columns_said())


def matcher(draft: Draft, head: Head) -> None:
    """Show the fields and their columns, and take what is changed."""
    st.html(f'<p class="desk-note">{say("intake.match.lead")}</p>')
    shown = [*FIELDS, *(ours for ours in PLACE if ours in head.columns)]
    for ours in shown:
        _field(draft, head, ours)
    with st.expander(say("intake.match.more")):
        for ours in (*(ours for ours in PLACE if ours not in shown), *MORE):
            _field(draft, head, ours)
    if head.personal:
        words = say("intake.match.personal", headings=listed(head.personal))
        st.html(f'<p class="desk-note desk-personal">{map_text(words)}</p>')
    _memory(draft, head, recalled(FILE, head.key))


def _field(draft: Draft, head: Head, ours: str) -> None:
    label, column, samples = st.columns([2, 3, 5], vertical_alignment="center")
    found = head.columns.get(ours, "")
    options = ["", *head.headings]
    with label:
        st.html(f'<p class="desk-field">{say(f"intake.field.{ours}")}</p>')
    with column:
        chosen = st.selectbox(
            say(f"intake.field.{ours}"),
            options,
            index=options.index(found) if found in options else 0,
            format_func=lambda heading: heading or say("intake.match.none"),
            key=f"match-{draft.turn}-{ours}-{found}",
            label_visibility="collapsed",
        )
    with samples:
        st.html(_samples(head, found))
    if chosen != found:
        draft.match(ours, chosen)
        st.rerun()


def _samples(head: Head, heading: str) -> str:
    if not heading:
        return '<p class="desk-samples"></p>'
    values = head.samples.get(heading, ())
    told = "".join(f"<span>{map_text(value)}</span>" for value in values)
    return f'<p class="desk-samples">{told or say("intake.match.no_samples")}</p>'


def _memory(draft: Draft, head: Head, found: Remembered | None) -> None:
    """Say what is remembered of this head, and let a person end it."""
    if found is None:
        if draft.columns_said():
            st.html(f'<p class="desk-note">{say("intake.match.remember")}</p>')
        return
    st.html(f'<p class="desk-note">{map_text(say("intake.match.remembered", date=found.day))}</p>')
    if st.button(say("intake.match.forget"), key="match-forget"):
        forget(FILE, head.key)
        draft.forget_answers()
        draft.turn += 1
        st.rerun()
