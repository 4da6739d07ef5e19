"""① 放文件: files are dropped, each says what it was taken for, and a person may say otherwise."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from geo.wording import listed, say
from jobs.roles import UNUSED
from report.maptext import map_text
from report.template import write_template
from ui import reader, session
from ui.look import tell
from ui.uploads import ROLES, Draft


def files(draft: Draft, *, reading: AbstractContextManager[None]) -> None:
    """Take any number of files, and list those there are; `reading` surrounds what takes its time."""
    st.html(f"<h3>{say('intake.drop')}</h3><p class='desk-note'>{say('intake.drop_note')}</p>")
    given: Any = st.file_uploader(
        say("intake.drop"),
        key=f"drop-{draft.turn}",  # a new one after each drop: the list below says what is there
        accept_multiple_files=True,
        label_visibility="collapsed",
    )
    if given:
        with reading, st.spinner(say("intake.reading")):
            new = draft.keep(given)
            draft.add(reader.parts_of(new, ledger_there=draft.has_ledger()))
        session.forget_run()  # its question was about what lay here before
        st.rerun()
    st.download_button(
        say("intake.download_template"),
        data=_template,
        file_name=say("intake.template_file"),
        on_click="ignore",
    )
    with st.expander(say("intake.kinds")):
        lines = (f"<li><b>{role_words(role)}</b> {say(f'desk.file.{role}_note')}</li>" for role in ROLES)
        st.html(f'<ul class="desk-kinds">{"".join(lines)}</ul>')
    with st.container(key="handed"):
        for number, (_, group) in enumerate(
            groupby(range(len(draft.parts)), key=lambda n: draft.parts[n].path)
        ):
            _file(draft, list(group), number)
    for role, number in draft.twice().items():
        tell(say("intake.twice", role=role_words(role), number=number), mark="bad")


def role_words(role: str) -> str:
    """Return what a table is for, in words."""
    return say(f"desk.file.{role}") if role != UNUSED else say("intake.unused")


def _file(draft: Draft, numbers: Sequence[int], place: int) -> None:
    """Show one file: with its only table in the same line, or with a summary of several."""
    first = draft.parts[numbers[0]]
    name, role, away = st.columns([5, 4, 1], vertical_alignment="center")
    with away:
        if st.button("✕", key=f"away-{draft.turn}-{place}", help=say("intake.remove"), type="tertiary"):
            draft.remove(first.path.name)
            st.rerun()
    if len(numbers) == 1:
        with name:
            _said(first.path.name, say("intake.rows", number=first.rows), first.problem)
        with role:
            _use(draft, numbers[0])
        return
    number = Counter(role_words(draft.parts[n].role) for n in numbers)
    roles = listed(say("intake.role_number", role=one, number=times) for one, times in number.items())
    with name:
        _said(first.path.name, say("intake.layers", number=len(numbers), roles=roles), "")
    with role, st.popover(say("intake.change_layers"), width="stretch"):
        for n in numbers:
            part = draft.parts[n]
            _said(part.layer or "", say("intake.rows", number=part.rows), part.problem)
            _use(draft, n)


def _said(name: str, words: str, problem: str) -> None:
    mark = f'<span class="bad">{map_text(problem)}</span>' if problem else map_text(words)
    st.html(f'<p class="desk-file"><b>{map_text(name)}</b><br>{mark}</p>')


def _use(draft: Draft, number: int) -> None:
    """Ask what a table is for."""
    part = draft.parts[number]
    if part.problem:
        return
    roles = [*ROLES, UNUSED]
    key = f"use-{draft.turn}-{number}-{part.path.parent.name}"
    chosen = st.selectbox(
        say("intake.use"),
        roles,
        index=roles.index(part.role),
        format_func=role_words,
        key=key,
        label_visibility="collapsed",
    )
    if chosen != part.role:
        draft.use(number, chosen)
        session.forget_run()
        st.rerun()


def _template() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path)
        return path.read_bytes()
