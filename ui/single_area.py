"""单个区域: what it went through, its papers one by one, its name and four bounds, and how it goes on where somebody is against."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import streamlit as st

from geo.bounds import SIDES
from geo.schema import DataError
from geo.wording import language_of_runs, say, speaking
from jobs.handing import time_words
from jobs.issuing import BOARD, BOARD_DPI, DRAWING, drawing_docx, title_block_of
from jobs.opposing import opposed, way_words
from jobs.proceeding import Matter
from optimizer.plan import Area
from report.documents import DOCUMENTS, documents_of, docx_of, imprint_of, missing, name_of, pdf_of
from report.documents.case import Case
from report.drawings.drawing import Drawing, laid_out, plate_of
from report.drawings.title_block import Kind
from report.maptext import map_text
from store.drafts import Bounds
from store.edits import Command, Rename, SetBounds
from store.proceedings import Proceeding
from ui import casework, drafting, people, session
from ui.casework import Work
from ui.consulted import say_next
from ui.look import tell
from ui.stepping import paper_words
from ui.tables import rows_html

PREVIEW_DPI = 110


def area(work: Work) -> None:
    """Ask which area, and show all that concerns it alone."""
    st.html(f'<h2 class="meet-head">{say("procedure.area.title")}</h2>')
    known = {matter.area.area_id: matter for matter in work.matters}
    if not known:
        return
    picked = st.selectbox(
        say("procedure.area.which"), list(known), format_func=work.called, key=f"area-{work.key}"
    )
    matter = known[picked]
    left, right = st.columns([1, 1], gap="large")
    with left:
        _course(work, matter)
        _papers(work, matter)
    with right:
        now = _in_draft(work, matter)
        if now is None:
            st.html(f"<h3>{say('procedure.area.words')}</h3>")
            tell(say("procedure.area.other_in_draft"), mark="fair")
            st.page_link(session.page("plan"), label=say("survey.page.to_plan"))
        else:
            _words(work, matter, now)
            _against(work, matter, now)


def _in_draft(work: Work, matter: Matter) -> Area | None:
    """Return the area of the draft on the desk that has the same communities, None where it is another by now."""
    areas = work.opened.draft.state.plan.areas
    return next((one for one in areas if one.members == matter.area.members), None)


# --- what it went through --------------------------------------------------------------------------


def _course(work: Work, matter: Matter) -> None:
    st.html(f"<h3>{say('procedure.area.course')}</h3>")
    heads = [say(f"procedure.course.{key}") for key in ("state", "on", "reason", "who")]
    rows = [
        (
            say(f"proceeding.state.{row.state}"),
            row.on,
            _remark(work, row),
            f"{row.who} {time_words(row.at)}",
        )
        for row in matter.course.rows
    ]
    st.html(rows_html(heads, rows, "procedure-course"))
    if matter.course.earlier:
        tell(say("procedure.course.earlier", number=matter.course.earlier[0][0]))
    if matter.course.carried_to is not None:
        tell(say("opinions.goes_on", version=matter.course.carried_to), mark="fair")
    st.page_link(session.page("opinions"), label=say("procedure.area.to_opinions"))


def _remark(work: Work, row: Proceeding) -> str:
    """Return why a step was taken, which version took the place, and the number of the paper that went out."""
    told = [say("procedure.course.taken", number=row.by_version)] if row.by_version else []
    told += [row.reason] if row.reason else []
    if row.paper is not None:
        told.append(paper_words(work, row.paper, date.fromisoformat(row.on)))
    return " ".join(told)


# --- papers ----------------------------------------------------------------------------------------


def _papers(work: Work, matter: Matter) -> None:
    """Hand out one paper after the other, and say what is blank in it."""
    st.html(f"<h3>{say('procedure.area.papers')}</h3>")
    case = work.cases()[matter.area.area_id]
    keys = [document.key for document in documents_of(case)] + [DRAWING]
    own = f"{matter.area.area_id}-{work.key}"
    key = st.selectbox(
        say("procedure.area.paper"),
        keys,
        format_func=name_of,
        key=f"paper-{own}",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True):
        _file(say("procedure.area.pdf"), f"{key}.pdf", lambda: _pdf(work, case, key), own)
        if key in (DRAWING, BOARD):
            _drawing_files(work, case, key, own)
        _file(say("procedure.area.docx"), f"{key}.docx", lambda: _docx(work, case, key), own)
    blank = [gap.text for gap in missing(case) if key in gap.papers]
    if blank:
        st.html(f'<p class="desk-note">{map_text(say("procedure.area.blank", blanks=tuple(blank)))}</p>')
    if key == DRAWING and st.toggle(say("procedure.area.look"), key=f"look-{own}"):
        st.image(_drawn(work, case, "bounds").png(dpi=PREVIEW_DPI))


def _drawing_files(work: Work, case: Case, key: str, own: str) -> None:
    """Hand out a drawing on both sizes of paper, as lines and as a picture; the board's is a paper with its drawing in it."""
    kind: Kind = "bounds" if key == DRAWING else "board"
    name = key if key == DRAWING else f"{key}-drawing"
    if key == BOARD:
        _file(say("procedure.area.drawing"), f"{name}.pdf", lambda: _drawn(work, case, kind).pdf(), own)
    _file(say("procedure.area.a3"), f"{name}-A3.pdf", lambda: _drawn(work, case, kind, "A3").pdf(), own)
    _file(say("procedure.area.png"), f"{name}.png", lambda: _drawn(work, case, kind).png(), own)
    _file(say("procedure.area.png_a3"), f"{name}-A3.png", lambda: _drawn(work, case, kind, "A3").png(), own)


def _file(label: str, name: str, content: Callable[[], bytes], own: str) -> None:
    st.download_button(label, data=content, file_name=name, on_click="ignore", key=f"{name}-{own}")


def _pdf(work: Work, case: Case, key: str) -> bytes:
    with speaking(language_of_runs()):
        if key == DRAWING:
            return _drawn(work, case, "bounds").pdf()
        whole = _with_board(work, case) if key == BOARD else case
        paper = DOCUMENTS[key].build(whole)
        imprint = imprint_of(key, paper, office=case.office, version=case.version, draft=case.draft)
        return pdf_of(paper, imprint).content


def _docx(work: Work, case: Case, key: str) -> bytes:
    with speaking(language_of_runs()):
        if key == DRAWING:
            drawing = _drawn(work, case, "bounds")
            return drawing_docx(case, drawing, drawing.png_and_map()[1])
        paper = DOCUMENTS[key].build(_with_board(work, case) if key == BOARD else case)
        imprint = imprint_of(key, paper, office=case.office, version=case.version, draft=case.draft)
        return docx_of(paper, imprint)


def _with_board(work: Work, case: Case) -> Case:
    return replace(case, board=_drawn(work, case, "board").untitled_png(dpi=BOARD_DPI))


def _drawn(work: Work, case: Case, kind: Kind, paper: str = "A4") -> Drawing:
    with speaking(language_of_runs()):
        atlas = casework.atlas(work.version.sha256, _work=work)
        plate = plate_of(atlas, case.area.area_id, kind=kind, paper=paper)
        return laid_out(plate, title_block=title_block_of(case), public=True)


# --- name and bounds -------------------------------------------------------------------------------


def _words(work: Work, matter: Matter, now: Area) -> None:
    """Ask what the area is called and bounded by; it goes into the draft, and into papers with the next version."""
    state, area_id = work.opened.draft.state, now.area_id
    st.html(f"<h3>{say('procedure.area.words')}</h3>")
    st.html(f'<p class="desk-note">{say("procedure.area.words_note", number=work.version.number)}</p>')
    if _waiting(work, matter, now):
        tell(say("procedure.area.waiting", title=work.opened.draft.title), mark="fair")
        st.page_link(session.page("plan"), label=say("opinions.to_plan"))
    found = casework.found_bounds(work.version.sha256, matter.area.area_id, _work=work)
    written = state.bounds.get(area_id, Bounds())
    own = f"{area_id}-{work.key}-{work.opened.draft.draft_id}-{work.opened.draft.revision}"
    with st.form(f"words-{own}", border=False):
        name = st.text_input(
            say("procedure.area.name"),
            value=state.names.get(area_id, ""),
            placeholder=work.frozen.names[matter.area.area_id],
            max_chars=40,
            key=f"name-{own}",
        )
        sides = {
            side: st.text_input(
                say("procedure.area.side", side=say(f"documents.side.{side}")),
                value=getattr(written, side),
                placeholder=found[side] or say("procedure.area.no_bound"),
                max_chars=60,
                key=f"{side}-{own}",
            )
            for side in SIDES
        }
        asked = st.form_submit_button(say("procedure.area.keep"), disabled=not people.ready("append"))
    if asked:
        _kept(work, now, name.strip(), Bounds(**{side: text.strip() for side, text in sides.items()}))


def _waiting(work: Work, matter: Matter, now: Area) -> bool:
    """Tell whether the draft says something else of the area than the version."""
    state, frozen, old = work.opened.draft.state, work.version.state, matter.area.area_id
    here = (state.names.get(now.area_id), state.bounds.get(now.area_id))
    return here != (frozen.names.get(old), frozen.bounds.get(old))


def _kept(work: Work, now: Area, name: str, bounds: Bounds) -> None:
    state = work.opened.draft.state
    commands: list[Command] = []
    if name != state.names.get(now.area_id, ""):
        commands.append(Rename(now.area_id, name))
    if bounds != state.bounds.get(now.area_id, Bounds()):
        commands.append(SetBounds(now.area_id, *(getattr(bounds, side) for side in SIDES)))
    if commands:
        _into_draft(commands, say("procedure.area.kept", number=work.version.number))


def _into_draft(commands: list[Command], words: str) -> None:
    """Put commands into the draft; the page that is shown next says that it is done, or what is in the way."""
    ok = drafting.apply(commands[0]) if len(commands) == 1 else drafting.apply_all(commands)
    conflict: drafting.Conflict | None = st.session_state.pop(drafting.CONFLICT, None)
    refused = str(conflict.error) if conflict else st.session_state.pop(drafting.SAID, "")
    say_next(words if ok else refused, mark="plain" if ok else "bad")
    st.rerun()


# --- who is against --------------------------------------------------------------------------------


def _against(work: Work, matter: Matter, now: Area) -> None:
    """Ask which communities are against, and show how those who stay can go on."""
    if matter.kept or len(now.members) < 2:
        return
    opened, names = work.opened, work.docket.names
    st.html(f"<h3>{say('procedure.against.title')}</h3>")
    st.html(f'<p class="desk-note">{say("procedure.against.note")}</p>')
    own = f"{now.area_id}-{work.key}-{opened.draft.revision}"
    leaving = st.multiselect(
        say("procedure.against.which"),
        list(now.members),
        format_func=lambda c: names[c],
        placeholder=say("desk.ask.choose"),
        key=f"against-{own}",
    )
    if not leaving:
        return
    try:
        found = opposed(
            opened.draft.state,
            opened.taken.town,
            now.area_id,
            tuple(leaving),
            under_way=work.project.under_way(),
        )
    except DataError as error:
        tell(str(error), mark="bad")
        return
    key = "below" if found.below else "enough"
    told = {"number": len(found.staying), "households": found.households, "minimum": found.minimum}
    tell(say(f"procedure.against.{key}", **told), mark="fair" if found.below else "plain")
    for number, way in enumerate(found.ways, 1):
        st.html(f'<p class="meet-ask">{number}. {map_text(way_words(way, found.minimum, names))}</p>')
        if st.button(
            say("procedure.against.take", number=number),
            disabled=not people.ready("append"),
            key=f"way-{number}-{own}",
        ):
            _into_draft([way.command], say("procedure.against.taken"))
