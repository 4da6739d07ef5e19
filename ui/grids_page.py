"""网格员页面: one file a grid for the phone, a picture for the chat group, a sheet for print; made and handed out here."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import streamlit as st

from geo.days import iso_day
from geo.wording import say
from report.gridpages.cuts import grid_names, has_grids
from report.gridpages.files import INDEX, file_names
from ui import packing, people, session, start_page
from ui.look import tell
from ui.runs import Gridding
from ui.session import Opened, guarded

TOPIC = "grids"
FILES = ("html", "png", "pdf")
ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same pages, the same bytes
KINDS = {"html": "text/html", "png": "image/png", "pdf": "application/pdf"}


def grids() -> None:
    """Make the pages of the plan on the desk, follow that, and hand them out: all, or those of one grid."""
    with guarded():
        if not session.is_open():
            start_page.doors()
            return
        st.html(f'<div class="desk-head"><h1>{say("desk.page.grids")}</h1><p>{say("grids.lead")}</p></div>')
        opened = session.current()
        if not has_grids(opened.results):
            tell(say("grids.no_grids"), mark="fair")
            st.page_link(session.page("import"), label=say("grids.to_import"))
            return
        left, right = st.columns([1, 1], gap="large")
        with left:
            _form(opened)
        with right:
            _made(opened)


def _form(opened: Opened) -> None:
    """Ask for the day and, where phones can reach one, the address; make the pages."""
    key, folder = f"grids-{opened.digest}", _folder(opened)
    versions = opened.taken.project.versions()
    of = say("grids.of_version", number=versions[-1].number) if versions else say("grids.of_draft")
    st.html(f'<p class="desk-note">{of}</p>')
    told = st.text_input(say("grids.day"), value=date.today().isoformat(), max_chars=20)  # noqa: DTZ011 - the office's day
    day = iso_day(told)
    if not day:
        tell(say("opinions.day_wrong"), mark="bad")
    address = st.text_input(
        say("grids.address"), placeholder="http://10.0.0.8/grids", help=say("grids.address_help")
    )
    run = session.runs().get(key)
    if run is not None and not run.state.over:
        packing.follow(key, topic=TOPIC)
        return
    if run is not None and run.state.outcome != "done":
        tell(packing.ended(run, topic=TOPIC), mark="plain" if run.state.outcome == "cancelled" else "bad")
    people.say_refused("run")
    order = Gridding(opened.taken.project.path, day, address.strip())
    st.button(
        say("grids.make"),
        type="primary",
        disabled=not day or not people.may("run"),
        on_click=_begin,
        args=(order, folder, key),
    )


def _begin(order: Gridding, folder: Path, key: str) -> None:
    with guarded():
        session.start_run(order, folder, key=key)


def _folder(opened: Opened) -> Path:
    return session.PLANS / "grids" / opened.digest[:12]


# --- what was made ---------------------------------------------------------------------------------


def _made(opened: Opened) -> None:
    """Hand out the pages, where there are any, and say when they were made."""
    folder = _folder(opened)
    if not (folder / INDEX).is_file():
        return
    made = datetime.fromtimestamp((folder / INDEX).stat().st_mtime).astimezone()
    tell(say("grids.made", at=made.strftime("%Y-%m-%d %H:%M")))
    st.download_button(
        say("grids.all"),
        data=lambda: zipped(folder),
        file_name="grids.zip",
        mime="application/zip",
        on_click="ignore",
    )
    files = file_names(grid_names(opened.results))
    known = [name for name in grid_names(opened.results) if (folder / f"{files[name]}.html").is_file()]
    grid = st.selectbox(say("grids.one"), known)
    if grid is None:
        return
    with st.container(horizontal=True):
        for kind in FILES:
            path = folder / f"{files[grid]}.{kind}"
            st.download_button(
                say(f"grids.{kind}"),
                data=path.read_bytes,
                file_name=path.name,
                mime=KINDS[kind],
                on_click="ignore",
            )
    st.image(folder / f"{files[grid]}.png", width="stretch")


def zipped(folder: Path) -> bytes:
    """Return all files of a folder as a zip; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name, ZIP_DATE), path.read_bytes())
    return content.getvalue()
