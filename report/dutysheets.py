"""Responsibilities as sheets of a workbook: areas and roles, who is missing, whom to turn to, the annex, the work items."""

from collections.abc import Mapping, Sequence

import pandas as pd

from geo.wording import listed, say
from report.duties import (
    Section,
    Target,
    annex,
    annex_source,
    issues,
    requirements,
    sections,
    unit_name,
    units,
)
from report.responsible import ROLES, Responsible, incomplete_first
from report.workbooks import Sheet


def duty_sheets(areas: Sequence[Responsible], *, title: str, phones: Mapping[str, str]) -> tuple[Sheet, ...]:
    """Return the sheets in the order of use; `phones` by unit."""
    tables = {
        "areas": (area_table(areas), ()),
        "missing": (missing_table(areas), ()),
        "issues": (issue_table(phones), (say("duties.find.note"),)),
        "annex": (annex_table(), (annex_words(),)),
        "work": (work_table(), ()),
        "requirements": (requirement_table(), ()),
    }
    return tuple(
        Sheet(
            say(f"duties.sheet.{key}"),
            say("duties.sheet.title", title=title, sheet=say(f"duties.sheet.{key}")),
            lines,
            table,
        )
        for key, (table, lines) in tables.items()
    )


def area_table(areas: Sequence[Responsible]) -> pd.DataFrame:
    """Return area × role, those first that lack most."""
    rows = [
        {
            say("duties.areas.area"): one.called,
            say("duties.areas.households"): one.households,
            **{say(f"duties.role.{role}"): one.roles[role].words for role in ROLES},
            say("duties.role.mode"): one.mode_words,
            say("duties.areas.lacks"): missing_words(one),
        }
        for one in incomplete_first(areas)
    ]
    heads = [say("duties.areas.area"), say("duties.areas.households")]
    heads += [say(f"duties.role.{role}") for role in (*ROLES, "mode")] + [say("duties.areas.lacks")]
    return pd.DataFrame(rows, columns=heads)


def missing_words(one: Responsible) -> str:
    """Return the roles that nobody holds, in words."""
    return listed(say(f"duties.role.{role}") for role in one.missing)


def missing_table(areas: Sequence[Responsible]) -> pd.DataFrame:
    """Return a row for each role of an area that somebody is missing in, role by role."""
    rows = [
        (say(f"duties.role.{role}"), one.called, one.roles[role].words)
        for role in ROLES
        for one in areas
        if role in one.missing
    ]
    heads = [say("duties.areas.lacks"), say("duties.areas.area"), say("duties.sheet.state")]
    return pd.DataFrame(rows, columns=heads, dtype="str")


def issue_table(phones: Mapping[str, str]) -> pd.DataFrame:
    """Return every issue with the units to turn to, where the plan says so, and who helps; the texts are on the next sheets."""
    rows = [
        (
            issue.name,
            unit_name(answer.unit),
            phones.get(answer.unit, ""),
            listed(quote.where for quote in answer.quotes),
            listed(unit_name(one.unit) for one in issue.answers if one.helps),
        )
        for issue in issues()
        for answer in issue.answers
        if not answer.helps
    ]
    heads = [
        say(f"duties.{key}")
        for key in ("sheet.issue", "annex.unit", "sheet.phone", "work.cite", "work.support")
    ]
    return pd.DataFrame(rows, columns=heads, dtype="str")


def annex_table() -> pd.DataFrame:
    """Return the annex, a row each duty."""
    rows = [(duty.row, duty.number or "", unit_name(duty.unit), duty.text) for duty in annex()]
    heads = [say(f"duties.annex.{key}") for key in ("row", "number", "unit", "duty")]
    return pd.DataFrame(rows, columns=heads).astype("str")


def annex_words() -> str:
    """Return where the annex is from, and how much it says."""
    return say("duties.annex.source", source=annex_source(), units=len(units()), duties=len(annex()))


def work_table() -> pd.DataFrame:
    """Return the work items with the units that lead and those that help, and the numbers of their section."""
    rows = [
        (
            item.cite,
            item.title,
            listed(map(unit_name, item.lead)),
            listed(map(unit_name, item.support)),
            _targets(section),
            item.text,
        )
        for section in sections()
        for item in section.items
    ]
    heads = [say(f"duties.work.{key}") for key in ("cite", "item", "lead", "support", "target")]
    return pd.DataFrame(rows, columns=[*heads, say("duties.sheet.text")], dtype="str")


def requirement_table() -> pd.DataFrame:
    """Return the requirements on how the work is led."""
    rows = [(r.cite, r.title, r.text, listed(map(unit_name, r.members))) for r in requirements()]
    heads = [
        say("duties.work.cite"),
        say("duties.requirements.item"),
        say("duties.sheet.text"),
        say("duties.requirements.members"),
    ]
    return pd.DataFrame(rows, columns=heads, dtype="str")


def _targets(section: Section) -> str:
    total = [say("duties.work.total", number=section.total)] if section.total else []
    return listed([*total, *map(_target, section.targets)])


def _target(target: Target) -> str:
    case = "by_all" if target.number is None else "by_number"
    return say(f"duties.work.{case}", year=target.year, number=target.number)
