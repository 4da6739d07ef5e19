"""方案对比: two plans side by side on two maps that move together, what moved between them, their figures, and the file of it."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from geo.wording import say
from report.maptext import map_text
from report.versus import (
    SIDES,
    areas_table,
    conflicts_table,
    figures_table,
    grids_table,
    moved_table,
    write_versus,
)
from report.versuspage import versus_page
from ui import session, start_page
from ui.contenders import AS_IS, PACKAGE, Contender, Shown, contenders, shown, usual
from ui.look import tell
from ui.session import Opened, guarded
from ui.tables import table_html

MAPS_PX = 640
WORKBOOK, PAGE = "compare.xlsx", "compare.html"


def compare() -> None:
    """Show two plans side by side."""
    with guarded():
        if not session.is_open():
            start_page.doors()
            return
        st.html(
            f'<div class="desk-head"><h1>{say("desk.page.compare")}</h1><p>{say("compare.lead")}</p></div>'
        )
        _compared(session.current())


def _compared(opened: Opened) -> None:
    found = contenders(opened)
    one, other = (found[key] for key in _chosen(opened, found))
    if one.key == other.key:
        tell(say("compare.same"), mark="fair")
        return
    with st.spinner(say("compare.working")):
        told = shown(opened, one, other)
    notes = [say(f"versus.{key}_note") for key in (AS_IS, PACKAGE) if key in (one.key, other.key)]
    lines = "".join(f'<p class="desk-note">{map_text(line)}</p>' for line in (*told.versus.lines(), *notes))
    st.html(lines)
    with st.container(key="versus"):
        st.iframe(told.address, height=MAPS_PX)
    _tables(told)
    _files(told)


def _chosen(opened: Opened, found: Mapping[str, Contender]) -> list[str]:
    """Ask what stands left and right."""
    labels = {key: one.label for key, one in found.items()}
    columns = st.columns(2)
    picked = []
    for side, column, first in zip(SIDES, columns, usual(opened), strict=True):
        key = f"compare-{side}"
        if st.session_state.get(key) not in found:  # gone with the plan it belonged to
            st.session_state[key] = first
        with column:
            picked.append(
                st.selectbox(
                    say(f"compare.{side}"),
                    list(found),
                    format_func=labels.__getitem__,
                    key=key,
                    persist_state="session",
                )
            )
    return picked


# --- tables ----------------------------------------------------------------------------------------


def _tables(told: Shown) -> None:
    versus = told.versus
    made = {
        "figures": figures_table(versus),
        "moved": moved_table(versus),
        "areas": areas_table(versus),
        "conflicts": conflicts_table(versus),
        "grids": grids_table(versus),
    }
    labels = [
        say(f"versus.sheet.{name}") + ("" if name == "figures" else f" {len(t)}") for name, t in made.items()
    ]
    for tab, (name, table) in zip(st.tabs(labels), made.items(), strict=True):
        with tab:
            note = "" if name == "figures" else f'<p class="desk-note">{say(f"versus.about.{name}")}</p>'
            st.html(note + table_html(table, f"versus-{name}"))


# --- files -----------------------------------------------------------------------------------------


def _files(told: Shown) -> None:
    versus = told.versus

    def workbook() -> bytes:
        with TemporaryDirectory() as folder:
            path = Path(folder) / WORKBOOK
            write_versus(versus, path)
            return path.read_bytes()

    with st.container(horizontal=True):
        st.download_button(say("compare.workbook"), data=workbook, file_name=WORKBOOK, on_click="ignore")
        st.download_button(
            say("compare.page"), data=lambda: versus_page(versus).encode(), file_name=PAGE, on_click="ignore"
        )
