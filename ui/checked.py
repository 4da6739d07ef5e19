"""② 核对: what became of every row, where the communities lie, which column is which, what is to be mended."""

import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from geo.wording import listed, say, sentence
from jobs.previewing import Preview, Rows
from report.fixlist import JUST_TOLD, KINDS, kind_of, write_fix_list
from report.maptext import map_text
from report.sketches import LOOKS
from ui.matching import matcher
from ui.panel import headline
from ui.tables import rows_html
from ui.uploads import Draft

SHOW = "intake_view"
VIEWS = ("map", "columns", "findings", "held", "unplaced", "refused")
# number of the sentence → the view behind it
BEHIND = {"used": "columns", "refused": "refused", "communities": "map", "held": "held", "unplaced": "unplaced", "findings": "findings"}  # fmt: skip
NAMES_SHOWN = 40  # beside the map
_FINDING = ("file", "row", "column", "value", "found", "done")


def checked(draft: Draft, seen: Preview, *, title: str) -> None:
    """Show what was read; `title` is what the fix list is called by."""
    assert seen.rows is not None
    assert seen.head is not None
    st.html(f"<h3>{say('intake.check')}</h3>")
    headline({"parts": sum_parts(seen)}, on_opened=_opened)
    number = _numbers(seen)
    labels = {
        view: say(f"intake.view.{view}") + (f" {number[view]}" if view in number else "") for view in VIEWS
    }
    if st.session_state.get(SHOW) not in VIEWS:
        st.session_state[SHOW] = "map"
    st.segmented_control(
        say("intake.check"), VIEWS, format_func=labels.__getitem__, key=SHOW, label_visibility="collapsed"
    )
    match st.session_state[SHOW] or "map":
        case "map":
            _map(seen)
        case "columns":
            matcher(draft, seen.head)
        case "findings":
            _findings(seen.findings, title)
        case "held":
            _named("held", seen.rows.held)
        case "unplaced":
            _named("unplaced", seen.rows.unplaced)
        case _:
            _refused(seen)


def sum_parts(seen: Preview) -> list[dict[str, Any]]:
    """Return the sentence that accounts for every row, in parts: text, and numbers with what they open."""
    numbers = _sums(seen)
    parts: list[dict[str, Any]] = []
    for text, name, _, _ in string.Formatter().parse(sentence("intake.sum")):
        if text:
            parts.append({"text": text})
        if name in BEHIND:
            parts.append({"text": str(numbers[name]), "opens": BEHIND[name], "title": say("intake.opens")})
        elif name:
            parts.append({"text": str(numbers[name])})
    return parts


def _sums(seen: Preview) -> dict[str, int]:
    rows = seen.rows
    assert rows is not None
    own = {"rows_in": rows.rows_in, "used": rows.used, "communities": rows.communities}
    return {**own, **_numbers(seen)}


def _numbers(seen: Preview) -> dict[str, int]:
    rows = seen.rows
    assert rows is not None
    return {
        "findings": len(seen.findings),
        "held": len(rows.held),
        "unplaced": len(rows.unplaced),
        "refused": rows.rows_in - rows.used,
    }


def _opened(view: str) -> None:
    st.session_state[SHOW] = view


# --- the views -------------------------------------------------------------------------------------


def _map(seen: Preview) -> None:
    """Show where the communities lie; beside it, those of which something is missing."""
    rows = seen.rows
    assert rows is not None
    left, right = st.columns([3, 2], gap="large")
    with left:
        if seen.picture:
            st.image(seen.picture, width="stretch")
        else:
            st.html(f'<p class="desk-note">{say("intake.map.none")}</p>')
    with right:
        if seen.picture:
            st.html(
                f'<p class="desk-keys">{_keys(seen)}</p><p class="desk-note">{say("intake.map.note")}</p>'
            )
        for view, found in (("held", rows.held), ("unplaced", rows.unplaced)):
            names = listed(list(found.values())[:NAMES_SHOWN])
            more = (
                say("intake.list.more", number=len(found) - NAMES_SHOWN) if len(found) > NAMES_SHOWN else ""
            )
            if found:
                head = f"{say(f'intake.view.{view}')} {len(found)}"
                st.html(f'<h4>{head}</h4><p class="desk-note">{map_text(names)}{more}</p>')


def _keys(seen: Preview) -> str:
    return "".join(
        f'<span><i style="background:{fill};border-color:{edge}"></i>{say(f"intake.look.{look}")}</span>'
        for look, (fill, edge, _) in LOOKS.items()
        if look in seen.looks
    )


def _findings(findings: Sequence[Mapping[str, str]], title: str) -> None:
    """Show the findings kind by kind, those to be mended first, and the list to mend by."""
    if not findings:
        st.html(f'<p class="desk-note">{say("intake.list.none")}</p>')
        return
    st.download_button(
        say("intake.fix.download"),
        data=lambda: _fix_list(findings, title),
        file_name=say("intake.fix.file_name"),
        on_click="ignore",
    )
    for kind in KINDS:
        rows = [row for row in findings if kind_of(row["code"]) == kind]
        if not rows:
            continue
        st.html(f"<h4>{say(f'intake.kind.{kind}')} {len(rows)}</h4>")
        if kind not in JUST_TOLD:
            st.html(f'<p class="desk-note">{say(f"intake.mend.{kind}")}</p>')
        st.html(
            rows_html(
                [say(f"intake.fix.{c}") for c in _FINDING],
                [[row[c] for c in _FINDING] for row in rows],
                f"intake-{kind} intake-finding",
            )
        )


def _named(view: str, found: Mapping[str, str]) -> None:
    note = say(f"intake.list.{view}") if found else say("intake.list.none")
    st.html(f'<p class="desk-note">{note}</p>')
    if found:
        st.html(
            rows_html(
                [say("intake.field.id"), say("intake.field.name")],
                [list(one) for one in found.items()],
                f"intake-{view}",
            )
        )


def _refused(seen: Preview) -> None:
    rows: Rows | None = seen.rows
    assert rows is not None
    kinds = listed(
        say("intake.list.kind_number", kind=say(f"intake.refused.{code.partition('.')[2]}"), number=number)
        for code, number in rows.refused.items()
    )
    number = rows.rows_in - rows.used
    note = say("intake.list.refused", number=number, kinds=kinds) if number else say("intake.list.none")
    st.html(f'<p class="desk-note">{note}</p>')
    told = [row for row in seen.findings if row["code"] in rows.refused]
    if told:
        shown = ("file", "row", "found", "done")
        st.html(
            rows_html(
                [say(f"intake.fix.{c}") for c in shown],
                [[row[c] for c in shown] for row in told],
                "intake-refused",
            )
        )


def _fix_list(findings: Sequence[Mapping[str, str]], title: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fix.xlsx"
        write_fix_list(path, findings, title=title)
        return path.read_bytes()
