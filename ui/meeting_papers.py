"""The papers of a meeting, made of what the desk has open: handout, briefing sheet, handover sheet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from geo.wording import say
from jobs.deadlines import deadlines
from jobs.handing import handover_sections, time_words
from jobs.meeting import UNITS, Question, opinion_key
from jobs.versus import figures_of
from report.briefing import Briefing, briefing_pdf, briefing_png
from report.handout import Asked, Handout, Opinion, Plan, handout_docx, handout_pdf
from report.handover import Section, handover_pdf, handover_xlsx
from report.papers import Imprint, missing_signs
from store.audit import Audited
from store.meetings import KeptDispute, MeetingDecision
from store.records import digest
from ui import casework
from ui.changes import title_words
from ui.contenders import Contender
from ui.session import Opened

HASH_SHOWN = 12
_TAKEN_BACK = ("undo", "redo")


@dataclass(frozen=True)
class Meeting:
    """What the papers are made of: the plans to compare, what is asked and decided, who issues them and when."""

    opened: Opened
    plans: tuple[Contender, ...]
    asked: tuple[Question, ...]
    disputes: tuple[KeptDispute, ...]
    decisions: Mapping[str, MeetingDecision]
    office: str
    on: date


def source_words(opened: Opened) -> str:
    """Return which state of which draft a paper shows: its title and hash, and the version where it is one."""
    draft = opened.draft
    for version in opened.taken.project.versions():
        if (version.state, version.basis) == (draft.state, draft.basis):
            return say(
                "meet.of_version",
                number=version.number,
                title=version.title,
                hash=version.sha256[:HASH_SHOWN],
            )
    return say("meet.of_draft", title=draft.title, hash=digest(draft.state)[:HASH_SHOWN])


def missing(meeting: Meeting) -> tuple[str, ...]:
    """Return the signs of names that no paper can print."""
    return missing_signs([*meeting.opened.results.communities["name"], *(q.text for q in meeting.asked)])


def _imprint(meeting: Meeting, title: str) -> Imprint:
    return Imprint(title, meeting.office, meeting.on, source_words(meeting.opened))


def _handout(meeting: Meeting) -> Handout:
    sides = [one.made(one.label) for one in meeting.plans]
    decided = {key: one.text for key, one in meeting.decisions.items()}
    return Handout(
        _imprint(meeting, say("handout.title", title=meeting.opened.results.title)),
        tuple(Plan(side.title, side.results, figures_of(side.results)) for side in sides),
        tuple(Asked(say(f"meeting.kind.{q.kind}"), q.text, decided.get(q.key, "")) for q in meeting.asked),
        tuple(_opinion(unit, meeting.decisions) for unit in UNITS),
    )


def _opinion(unit: str, decisions: Mapping[str, MeetingDecision]) -> Opinion:
    known = decisions.get(opinion_key(unit))
    name = say(f"meeting.unit.{unit}")
    return Opinion(name, known.text, f"{known.who} {time_words(known.at)}") if known else Opinion(name)


def _briefing(meeting: Meeting) -> Briefing:
    opened = meeting.opened
    source = say("meet.briefing_source", office=meeting.office, source=source_words(opened))
    return Briefing(opened.results.title, source, meeting.on, opened.results)


def _handover(meeting: Meeting) -> tuple[Imprint, tuple[Section, ...]]:
    opened = meeting.opened
    log = [(time_words(row.at), row.who, _step(opened, row)) for row in opened.taken.project.history()]
    due = deadlines(casework.docket_of(opened), opened.taken.project.follow_ups(), meeting.on)
    sections = handover_sections(opened.results, meeting.asked, due, meeting.disputes, meeting.decisions, log)
    return _imprint(meeting, say("handover.title")), sections


def _step(opened: Opened, row: Audited) -> str:
    words = title_words(row.title, opened.draft.state, opened.taken.town)
    return say(f"desk.bar.{row.action}_step", step=words) if row.action in _TAKEN_BACK else words


FILES: Mapping[str, Callable[[Meeting], bytes]] = MappingProxyType(
    {
        "handout.pdf": lambda meeting: handout_pdf(_handout(meeting)).content,
        "handout.docx": lambda meeting: handout_docx(_handout(meeting)),
        "briefing.png": lambda meeting: briefing_png(_briefing(meeting)),
        "briefing.pdf": lambda meeting: briefing_pdf(_briefing(meeting)),
        "handover.pdf": lambda meeting: handover_pdf(*_handover(meeting)).content,
        "handover.xlsx": lambda meeting: handover_xlsx(*_handover(meeting)),
    }
)
