"""下载成果: the files of the draft as it stands, made when they are asked for."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from geo.wording import say
from report.results import write_results
from store.drafts import Draft
from ui import people, session
from ui.session import Opened

FILES = ("plan.xlsx", "survey.xlsx", "plan.gpkg", "map.html", "findings.csv")


def menu(opened: Opened) -> None:
    """Offer the files of the draft, and the project itself to be kept elsewhere."""
    with st.popover(say("desk.download.label"), width="stretch"):
        for name in FILES:
            words = say(f"desk.download.{name.replace('.', '_')}")
            _button(words, name, partial(_content, opened, name))
        if people.may("take_project"):  # it holds what owners wrote
            _button(say("desk.download.project"), "project.gpkg", partial(_copied, opened))
        people.say_refused("take_project")


def _button(words: str, name: str, content: Callable[[], bytes]) -> None:
    st.download_button(words, data=content, file_name=name, on_click="ignore", width="stretch")


def _content(opened: Opened, name: str) -> bytes:
    return (_written(opened) / name).read_bytes()


def _written(opened: Opened) -> Path:
    """Return a folder with the files of the draft: those of the run where they are there and nothing was changed."""
    as_planned = opened.draft.state == Draft(opened.taken.town.plan)
    if as_planned and all((opened.folder / name).is_file() for name in FILES):
        return opened.folder
    name = f"{opened.digest[:16]}-{opened.draft.draft_id}-{opened.draft.revision}"
    folder = session.PLANS / "exports" / name
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_results(opened.results, folder)
    return folder


def _copied(opened: Opened) -> bytes:
    people.require("take_project")
    session.SHELF.mkdir(parents=True, exist_ok=True)
    copy = session.SHELF / f".{opened.digest[:16]}.copy"
    try:
        opened.taken.project.backup(copy)
        return copy.read_bytes()
    finally:
        copy.unlink(missing_ok=True)
