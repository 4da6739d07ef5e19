"""文书包: both zips of a version, made beside the desk, as a draft or as what is posted and filed; and what is still blank."""

import time
from datetime import datetime
from pathlib import Path
from typing import get_args

import streamlit as st

from geo.wording import language, language_of_runs, listed, say
from jobs.citing import unconfirmed
from report.documents.gaps import missing
from report.exports import Encoding
from report.maptext import map_text
from report.package import INTERNAL, PUBLIC
from ui import people, session
from ui.casework import Work
from ui.look import tell
from ui.runs import Packing, Run, sentence

DRAFT, FINAL = "draft", "final"
LOOK_EVERY_S = 0.5


def package_form(work: Work) -> None:
    """Ask which package, make it, follow it, and hand out both zips."""
    st.html(f'<h2 class="meet-head">{say("procedure.package.title")}</h2>')
    st.html(f'<p class="desk-note">{say("procedure.package.note", number=len(work.matters))}</p>')
    kind = st.radio(
        say("procedure.package.kind"),
        (DRAFT, FINAL),
        format_func=lambda key: say(f"procedure.package.{key}"),
        horizontal=True,
        key=f"package-kind-{work.key}",
        persist_state="session",
    )
    encoding = st.radio(
        say("procedure.package.encoding"),
        get_args(Encoding),
        format_func=str.upper,
        horizontal=True,
        key=f"package-encoding-{work.key}",
        persist_state="session",
    )
    _told_before(work)
    key, folder = f"package-{work.key}-{kind}", folder_of(work, kind)
    run = session.runs().get(key)
    if run is not None and not run.state.over:
        follow(key)
        return
    if run is not None and run.state.outcome != "done":
        tell(ended(run), mark="bad" if run.state.outcome != "cancelled" else "plain")
    confirmed = kind == DRAFT or not unconfirmed(work.version.rules_text, work.docket.office)
    if not confirmed:
        tell(say("procedure.package.unconfirmed"), mark="fair")
    order = Packing(work.project.path, work.version.number, kind == DRAFT, encoding)
    st.button(
        say("procedure.package.make"),
        type="primary",
        disabled=not confirmed or not people.may("run"),
        on_click=_begin,
        args=(order, folder, key),
        key=f"package-make-{work.key}",
    )
    _downloads(work, kind, folder)


def _begin(order: Packing, folder: Path, key: str) -> None:
    with session.guarded():
        session.start_run(order, folder, key=key)


def folder_of(work: Work, kind: str) -> Path:
    """Return where the package of a version lies."""
    return session.PLANS / "packages" / f"{work.key}-{kind}"


# --- while it is made ------------------------------------------------------------------------------


@st.fragment(run_every=LOOK_EVERY_S)
def follow(key: str, *, topic: str = "procedure.package") -> None:
    """Show how far it is, in the words of a topic, until it is over; then run the page anew."""
    run = session.runs().get(key)
    if run is None or run.state.over:
        st.rerun()
    state = run.state
    seconds = int(time.monotonic() - state.begun)
    done, number = state.pieces or (0, 1)
    waits = state.outcome == "waiting"
    words = say(f"{topic}.waiting") if waits else _progress_words(run, seconds, topic)
    st.progress(done / max(number, 1), text=words)
    if st.button(say("desk.run.cancel"), key=f"cancel-{key}"):
        run.cancel()


def _progress_words(run: Run, seconds: int, topic: str) -> str:
    if run.state.pieces is None:
        return say(f"{topic}.reading", seconds=seconds)
    done, number = run.state.pieces
    return say(f"{topic}.printing", done=done, number=number, seconds=seconds)


def ended(run: Run, *, topic: str = "procedure.package") -> str:
    """Return in the words of a topic how a run ended that gave nothing."""
    if run.state.refusal is not None:
        return sentence(run.state.refusal)
    if run.state.outcome == "cancelled":
        return say(f"{topic}.cancelled")
    return say("desk.unexpected", number=run.state.incident)


# --- what was made ---------------------------------------------------------------------------------


def _downloads(work: Work, kind: str, folder: Path) -> None:
    """Hand out both zips, with when they were made, and whether anything they tell of was changed since."""
    if not (folder / PUBLIC).is_file() or not (folder / INTERNAL).is_file():
        return
    made = datetime.fromtimestamp((folder / PUBLIC).stat().st_mtime).astimezone()
    old = made < _changed(work)
    told = say(
        "procedure.package.old" if old else "procedure.package.made", at=made.strftime("%Y-%m-%d %H:%M")
    )
    tell(told, mark="fair" if old else "plain")
    with st.container(horizontal=True):
        for key, name in (("public", PUBLIC), ("internal", INTERNAL)):
            st.download_button(
                say(f"procedure.package.{key}"),
                data=(folder / name).read_bytes,
                file_name=f"{key}-{work.version.number:02d}-{kind}.zip",
                on_click="ignore",
                key=f"package-{key}-{work.key}",
            )


def _changed(work: Work) -> datetime:
    """Return when the procedure, the settings or the opinions were last changed; what drafts say is not in a version."""
    rows = [row.at for row in work.project.history() if row.draft_id is None]
    return datetime.fromisoformat(max([*rows, work.version.at]))


# --- before it is made ---------------------------------------------------------------------------------


def _told_before(work: Work) -> None:
    """Say what the papers will not have, and in which language they are where the page is in another."""
    _blanks(work)
    bare = sum(not work.frozen.forms_of(one.area.area_id) for one in work.matters if not one.kept)
    if bare:
        st.html(f'<p class="desk-note">{say("procedure.package.no_workbooks", number=bare)}</p>')
    printed = language_of_runs()
    if language() != printed:
        key = "chinese" if printed == "zh" else "other_language"
        st.html(f'<p class="desk-note">{say(f"procedure.package.{key}")}</p>')


def _blanks(work: Work) -> None:
    """Say what the papers leave blank for all areas alike: asked once, in the settings or by a step."""
    every = [{gap.key: gap.text for gap in missing(case)} for case in work.cases().values()]
    shared = [text for key, text in every[0].items() if all(key in own for own in every)] if every else []
    if not shared:
        return
    with st.expander(say("procedure.package.blank", number=len(shared))):
        st.html(f'<p class="desk-note">{map_text(listed(shared))}</p>')
        st.page_link(session.page("office"), label=say("procedure.to_office"))
