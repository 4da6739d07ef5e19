"""What an office has still to fill in before the papers of an area are whole: each gap is a line to write on in print."""

from collections.abc import Iterator
from dataclasses import dataclass

from geo.bounds import SIDES
from geo.wording import say
from report.documents.boards import QUESTIONS
from report.documents.case import Case, Office
from report.documents.phrases import below_minimum

_SETTINGS = ("name", "district", "phone", "post", "address", "supervision_phone", "posting_places", "remedy")


@dataclass(frozen=True)
class Gap:
    """One thing that is missing, in words; `papers` are the keys of those that have a blank for it."""

    key: str
    text: str
    papers: tuple[str, ...]


_PAPERS = {
    "name": ("D2", "D7", "D8", "D9", "leaflet"),
    "district": ("D8", "D9"),
    "phone": ("D2", "D7", "D9", "D13", "leaflet"),
    "post": ("D2", "D7", "D9", "leaflet"),
    "address": ("D2", "D7", "leaflet"),
    "supervision_phone": ("D7",),
    "posting_places": ("D2", "D7", "D8"),
    "remedy": ("D8",),
}


def missing(case: Case) -> tuple[Gap, ...]:
    """Return the gaps, first what the settings ask for once, then what each step brings."""
    return (*_settings(case.office), *_legal(case), *_days(case), *_facts(case), *_answers(case))


def _settings(office: Office) -> Iterator[Gap]:
    for key in _SETTINGS:
        if not getattr(office, key):
            yield Gap(key, say(f"documents.missing.{'office' if key == 'name' else key}"), _PAPERS[key])
    if not office.number_pattern:
        yield Gap("number_pattern", say("documents.missing.number_pattern"), ("D8",))


def _legal(case: Case) -> Iterator[Gap]:
    """Yield what is printed with a mark until a post confirms it."""
    public = ("D2", "D7", "D8")
    for one in case.citations:
        if not one.confirmed:
            yield Gap(f"citation:{one.key}", say("documents.missing.citation", text=one.text), public)
    for key, period, papers in (
        ("consult_days", case.consult, ("D2", "D5")),
        ("notice_days", case.notice, ("D7",)),
    ):
        if not period.confirmed:
            yield Gap(key, say(f"documents.missing.{key}", days=period.days), papers)


def _days(case: Case) -> Iterator[Gap]:
    consult = case.consult.begins and case.consult.ends
    notice = case.notice.begins and case.notice.ends
    for key, known, papers in (
        ("consult_from", consult, ("D2", "D3", "D5", "D7")),
        ("notice_from", notice, ("D7",)),
        ("decided_on", case.on("decided"), ("D8", "D9")),
    ):
        if not known:
            yield Gap(key, say(f"documents.missing.{key}"), papers)
    if case.office.number_pattern:
        for key in ("D2", "D7", "D8"):
            if not case.numbers.get(key):
                document = say(f"documents.name.{key}")
                yield Gap(f"number:{key}", say("documents.missing.number", document=document), (key,))


def _facts(case: Case) -> Iterator[Gap]:
    area = case.area
    for side in SIDES:
        if not area.bounds.get(side):
            words = say("documents.missing.bound", side=say(f"documents.side.{side}"))
            yield Gap(f"bound:{side}", words, ("D2", "D3", "D7", "D8", "D9"))
    if area.changes is None:
        yield Gap("changes", say("documents.missing.changes"), ("D7",))
    if case.tally is None:
        yield Gap("tally", say("documents.missing.tally"), ("D4", "D5", "D7"))
    if below_minimum(area) and not area.below_reason:
        text = say("documents.missing.below_reason", minimum=area.minimum)
        yield Gap("below_reason", text, ("D1", "D9"))
    if not area.mode:
        yield Gap("mode", say("documents.missing.mode"), ("D9",))
    if not case.filing.handler:
        yield Gap("handler", say("documents.missing.handler"), ("D9",))


def _answers(case: Case) -> Iterator[Gap]:
    for key in QUESTIONS:
        if not case.office.answers.get(key):
            question = say(f"documents.boards.question.{key}")
            yield Gap(f"answer:{key}", say("documents.missing.answer", question=question), ("leaflet",))
