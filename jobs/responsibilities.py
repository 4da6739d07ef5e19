"""Who is responsible for each area of a draft, and the workbook that says so."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from report.dutysheets import duty_sheets
from report.responsible import Responsible, Said, known_by_place, responsible
from report.results import Results
from report.workbooks import write_workbook
from store.drafts import Draft, Mode
from store.edits import Command, SetContact, SetMode, SetResponsible

WORKBOOK = "responsibilities.xlsx"
KEEP = "keep"  # the mode that says nothing of the mode


def responsibilities(
    results: Results,
    draft: Draft,
    *,
    known: pd.DataFrame | None = None,
    only: Collection[str] = (),
    names: Mapping[str, str] | None = None,
) -> tuple[Responsible, ...]:
    """Return who holds each role in every area, or in those of `only`, by id.

    `known` is `known_by_place` of the plan, where the caller has it; `names` are what areas are called, by id.
    """
    here = known_by_place(results) if known is None else known
    return responsible(results, here, said_of(draft), only=only, names=names)


def said_of(draft: Draft) -> dict[str, Said]:
    """Return by area id what planners said of it."""
    none = Mode("")
    return {
        area.area_id: Said(
            contact=draft.contacts.get(area.area_id, ""),
            mode=draft.modes.get(area.area_id, none).kind,
            evidence=draft.modes.get(area.area_id, none).evidence,
            entered=draft.responsible.get(area.area_id, {}),
        )
        for area in draft.plan.areas
    }


# --- what is entered -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """What was entered for areas; where it is `whole`, an empty text takes back what was said, else it says nothing."""

    contact: str = ""
    mode: str = KEEP
    evidence: str = ""
    entered: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


def commands_of(areas: Sequence[Responsible], answers: Answers) -> tuple[Command, ...]:
    """Return the commands that change what is said of these areas into what was answered, none where it is so already.

    What several areas get alike is one command, so that it is one step to take back.
    """
    by_area = {one.area_id: tuple(_changes(one.said, answers)) for one in areas}
    alike = dict.fromkeys(change for changes in by_area.values() for change in changes)
    return tuple(
        _command(change, *(area_id for area_id, changes in by_area.items() if change in changes))
        for change in alike
    )


Change = tuple[str, ...]  # what is said of an area, and the words of it


def _changes(said: Said, answers: Answers) -> Iterator[Change]:
    def told(given: str, known: str) -> str:
        return given.strip() if given.strip() or answers.whole else known

    if (contact := told(answers.contact, said.contact)) != said.contact:
        yield "contact", contact
    mode = said.mode if answers.mode == KEEP else answers.mode
    evidence = told(answers.evidence, said.evidence) if mode else ""
    if (mode, evidence) != (said.mode, said.evidence):
        yield "mode", mode, evidence
    for role, given in answers.entered.items():
        known = said.entered.get(role, "")
        if (name := told(given, known)) != known:
            yield "entered", role, name


def _command(change: Change, area_id: str, *also: str) -> Command:
    """Return the command that says it of these areas."""
    match change:
        case ("contact", contact):
            return SetContact(area_id, contact, also)
        case ("mode", mode, evidence):
            return SetMode(area_id, mode, evidence, also)
        case (_, role, name):
            return SetResponsible(area_id, role, name, also)
    raise ValueError(change)


# --- to take along ---------------------------------------------------------------------------------


def workbook(areas: Sequence[Responsible], *, title: str, phones: Mapping[str, str]) -> bytes:
    """Return the table of areas, who is missing, whom to turn to, the annex and the work items as one workbook."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / WORKBOOK
        write_workbook(path, duty_sheets(areas, title=title, phones=phones))
        return path.read_bytes()
