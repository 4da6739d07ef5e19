"""会商: what a joint meeting has to decide, decided live; disputes; the opinions asked; the papers of the meeting."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import groupby

import streamlit as st

from geo.schema import DataError
from geo.wording import listed, say
from jobs.handing import time_words
from jobs.meeting import UNITS, Question, opinion_asked, opinion_key, place_words, questions
from report.font import STAND_IN
from report.handout import MOST_PLANS
from report.maptext import map_text
from store.meetings import KINDS, STATES, Dispute, KeptDispute, MeetingDecision
from store.records import digest
from ui import meeting_papers, people, session, start_page
from ui.contenders import contenders
from ui.contents import distinct
from ui.look import tell
from ui.meeting_papers import Meeting
from ui.selection import called
from ui.session import Opened, guarded

SAID, EDITED = "meet-said", "dispute-edited"
QUESTIONS_SHOWN = 40  # of a kind; the rest is in the handover sheet
NEW = 0  # the dispute that is not there yet
_PLACES = {"area": ("area",), "community": ("community",), "pair": ("one", "other")}  # what is asked for each
_FIELDS = ("parties", "claim", "evidence", "decision")


def meet() -> None:
    """Show what is to be decided, and keep what is."""
    with guarded():
        if not session.is_open():
            start_page.doors()
            return
        st.html(f'<div class="desk-head"><h1>{say("desk.page.meeting")}</h1><p>{say("meet.lead")}</p></div>')
        _meeting(session.current())


def _meeting(opened: Opened) -> None:
    project = opened.taken.project
    disputes, decisions = project.disputes(), project.meeting_decisions()
    results = opened.results
    asked = questions(results, opened.draft.state, disputes, rules_text=results.rules_text)
    if said := st.session_state.pop(SAID, ""):
        tell(said, mark="bad")
    people.ask_who("meet", "put_dispute", "decide")
    left, right = st.columns([3, 2], gap="large")
    with left:
        _questions(opened, asked, decisions)
        _opinions(opened, decisions)
    with right:
        _papers(opened, asked, disputes, decisions)
        _disputes(opened, disputes)


def _heading(words: str) -> None:
    st.html(f'<h2 class="meet-head">{words}</h2>')


# --- questions -------------------------------------------------------------------------------------


def _questions(opened: Opened, asked: Sequence[Question], decisions: Mapping[str, MeetingDecision]) -> None:
    """Show each question beside the field for its decision, kind by kind."""
    done = sum(q.key in decisions for q in asked)
    _heading(say("meet.questions", number=len(asked), done=done))
    if not asked:
        st.html(f'<p class="desk-note">{say("handout.no_questions")}</p>')
    for kind, group in groupby(asked, key=lambda q: q.kind):
        found = list(group)
        st.html(f'<h3 class="meet-kind">{say(f"meeting.kind.{kind}")} {len(found)}</h3>')
        for one in found[:QUESTIONS_SHOWN]:
            if kind == "dispute":  # decided where it is kept
                st.html(f'<p class="meet-ask">{map_text(one.text)}</p>')
            else:
                _decision(opened, one.key, one.text, decisions.get(one.key), label=say("meet.decision"))
        if len(found) > QUESTIONS_SHOWN:
            st.html(f'<p class="desk-note">{say("meet.more", number=len(found) - QUESTIONS_SHOWN)}</p>')


def _opinions(opened: Opened, decisions: Mapping[str, MeetingDecision]) -> None:
    _heading(say("meet.opinions"))
    for unit in UNITS:
        key = opinion_key(unit)
        _decision(opened, key, opinion_asked(unit), decisions.get(key), label=say("meet.opinion"))


def _decision(opened: Opened, key: str, asked: str, known: MeetingDecision | None, *, label: str) -> None:
    """Ask for one decision; what is typed is kept as soon as the field is left."""
    words, field = st.columns([3, 2], vertical_alignment="center")
    before = known.text if known else ""
    by = say("meet.by", who=known.who, at=time_words(known.at)) if known else ""
    with words:
        st.html(f'<p class="meet-ask">{map_text(asked)}<small>{map_text(by)}</small></p>')
    widget = f"decide-{opened.digest[:12]}-{key}-{digest([before, known.at if known else ''])[:12]}"
    with field:
        st.text_input(
            label,
            value=before,
            max_chars=300,
            key=widget,
            placeholder=label,
            label_visibility="collapsed",
            disabled=not people.ready("decide"),
            on_change=_decided,
            args=(widget, key, asked, before),
        )


def _decided(widget: str, key: str, asked: str, before: str) -> None:
    text = str(st.session_state[widget])
    project = session.shown().taken.project
    _tried(lambda: project.decide(key, text, people.who(), asked=asked, expected=before))


def _tried(work: Callable[[], object]) -> bool:
    """Do it; keep what is in the way for the page to say."""
    try:
        work()
    except DataError as error:
        st.session_state[SAID] = str(error)
        return False
    return True


# --- disputes --------------------------------------------------------------------------------------


def _disputes(opened: Opened, disputes: Sequence[KeptDispute]) -> None:
    """Show the disputes, and the form for one of them or a new one."""
    still = sum(one.dispute.state == "open" for one in disputes)
    _heading(say("meet.disputes", number=len(disputes), open=still))
    st.html(f'<p class="desk-note">{say("meet.disputes_note")}</p>')
    for one in disputes:
        st.html(_dispute_html(opened, one))
    numbers = {one.number: one for one in disputes}
    with st.container(key="dispute", border=True):
        picked = st.selectbox(
            say("meet.which"),
            [NEW, *numbers],
            format_func=lambda n: (
                say("meet.numbered", number=n, claim=numbers[n].dispute.claim) if n else say("meet.new")
            ),
            key=EDITED,
        )
        _form(opened, numbers.get(picked))


def _dispute_html(opened: Opened, one: KeptDispute) -> str:
    told = one.dispute
    lines = [
        (say("handover.column.parties"), told.parties),
        (say("handover.column.claim"), told.claim),
        (say("handover.column.evidence"), told.evidence),
        (say("handover.column.decision"), told.decision),
    ]
    rows = "".join(f"<dt>{head}</dt><dd>{map_text(text)}</dd>" for head, text in lines if text)
    head = say("meet.head", number=one.number, place=place_words(opened.results, told))
    by = say("meet.by", who=one.who, at=time_words(one.at))
    return (
        f'<section class="meet-dispute {told.state}"><h3>{map_text(head)}<i>{say(f"handover.state.{told.state}")}</i></h3>'
        f"<dl>{rows}</dl><small>{map_text(by)}</small></section>"
    )


def _form(opened: Opened, known: KeptDispute | None) -> None:
    """Ask for a dispute; each field begins with what is known."""
    told = known.dispute if known else Dispute("area", (), "", "")
    own = f"{opened.digest[:12]}-{known.number}-{known.at}" if known else f"{opened.digest[:12]}-new"
    own += f"-{st.session_state.get('dispute-turn', 0)}"
    kinds = list(KINDS)
    kind = st.radio(
        say("meet.kind"),
        kinds,
        index=kinds.index(told.kind),
        format_func=lambda k: say(f"meet.of.{k}"),
        horizontal=True,
        key=f"kind-{own}",
    )
    place = _place(opened, kind, told, own)
    typed = {
        name: st.text_area(
            say(f"handover.column.{name}"),
            value=getattr(told, name),
            max_chars=500,
            height=68,
            key=f"{name}-{own}",
            placeholder=say(f"meet.example.{name}"),
        )
        for name in _FIELDS
    }
    state = st.selectbox(
        say("handover.column.state"),
        STATES,
        index=STATES.index(told.state),
        format_func=lambda s: say(f"handover.state.{s}"),
        key=f"state-{own}",
    )
    if st.button(
        say("meet.save" if known else "meet.enter"),
        type="primary",
        width="stretch",
        disabled=not people.ready("put_dispute"),
        key=f"save-{own}",
    ):
        dispute = Dispute(kind, place, **typed, state=state)
        number, expected = (known.number, known.at) if known else (None, "")
        project = opened.taken.project
        if _tried(lambda: project.put_dispute(dispute, people.who(), number=number, expected=expected)):
            st.session_state["dispute-turn"] = st.session_state.get("dispute-turn", 0) + 1
        st.rerun()


def _place(opened: Opened, kind: str, told: Dispute, own: str) -> tuple[str, ...]:
    """Ask for the place by name: an area, a community, or two."""
    results = opened.results
    if kind == "area":
        words = {str(i): called(opened.draft.state, str(i)) for i in results.areas.index}
    else:
        names = results.communities["name"]
        words = {str(i): say("meet.community", name=n, community=i) for i, n in names.items()}
    known = told.place if kind == told.kind else ()
    asked = [
        st.selectbox(
            say(f"meet.place.{name}"),
            list(words),
            index=list(words).index(known[n]) if len(known) > n and known[n] in words else None,
            format_func=words.__getitem__,
            placeholder=say("desk.ask.choose"),
            key=f"place-{kind}-{n}-{own}",
        )
        for n, name in enumerate(_PLACES[kind])
    ]
    return tuple(one or "" for one in asked)


# --- papers ----------------------------------------------------------------------------------------


def _papers(
    opened: Opened,
    asked: Sequence[Question],
    disputes: Sequence[KeptDispute],
    decisions: Mapping[str, MeetingDecision],
) -> None:
    """Offer the papers of the meeting, made when they are asked for."""
    _heading(say("meet.papers"))
    found = contenders(opened)
    labels = {key: one.label for key, one in found.items()}
    here = f"draft-{opened.draft.draft_id}"
    picked = st.multiselect(
        say("meet.plans", most=MOST_PLANS),
        list(found),
        default=[here],
        max_selections=MOST_PLANS,
        format_func=labels.__getitem__,
        placeholder=say("desk.ask.choose"),
        key=f"meet-plans-{opened.digest[:12]}",
    )
    street = listed(distinct(opened.results.communities["street_town"]))
    office = st.text_input(
        say("meet.office"), value=street, max_chars=60, key=f"meet-office-{opened.digest[:12]}"
    )
    meeting = Meeting(
        opened,
        tuple(found[key] for key in picked or [here]),
        tuple(asked),
        tuple(disputes),
        decisions,
        office.strip() or opened.results.title,
        date.today(),  # noqa: DTZ011 - the day of the office that prints it
    )
    missing = meeting_papers.missing(meeting)
    if missing:
        tell(say("meet.missing", stand_in=STAND_IN, signs=missing), mark="fair")
    with st.container(horizontal=True):
        for name, make in meeting_papers.FILES.items():
            st.download_button(
                say(f"meet.file.{name.replace('.', '_')}"),
                data=partial(make, meeting),
                file_name=name,
                on_click="ignore",
                key=f"file-{name}",
            )
