"""What the papers of the whole plan are made of: the areas, who is left out and why, plans compared, what units said."""

from collections.abc import Iterator
from datetime import date, datetime

import pandas as pd

from geo.wording import say
from jobs.cases import Frozen, areas_of, citations_of, office_of, version_of
from jobs.meeting import UNITS, opinion_key
from report.documents.case import Decided, LeftOut, Option, PlanCase, UnitOpinion
from report.results import Results
from report.titles import caveat_words
from store.meetings import MeetingDecision
from store.project import Project

REFUSED = "cleaning.row_"  # how the codes of findings on refused rows begin
OPINION = opinion_key("")


def plan_case(project: Project, frozen: Frozen, *, draft: bool) -> PlanCase:
    """Return the case of a whole version."""
    results = frozen.results
    decisions = project.meeting_decisions()
    codes = results.findings["code"].astype("str")
    return PlanCase(
        office=office_of(frozen.docket.office),
        version=version_of(frozen),
        areas=areas_of(frozen),
        citations=citations_of(frozen),
        count_heading=str(results.summary["count"]),
        minimum=int(results.summary["minimum"]),
        draft=draft,
        left=tuple(_left(results)),
        options=(_as_planned(results), _as_is(results)),
        caveats=tuple(caveat_words(code) for code in results.summary.get("caveats", ())),
        sources=tuple(_sources(results)),
        findings=len(results.findings),
        refused_rows=int(codes.str.startswith(REFUSED).sum()),
        asked=tuple(_opinion(unit, decisions.get(opinion_key(unit))) for unit in UNITS),
        decided=tuple(
            Decided(one.asked, one.text, _day(one.at))
            for key, one in decisions.items()
            if not key.startswith(OPINION)
        ),
    )


def _left(results: Results) -> Iterator[LeftOut]:
    table = results.communities[results.communities["area_id"].isna()]
    for row in table[["name", "count", "outcome", "reason", "repair"]].to_dict("records"):
        count = None if pd.isna(row["count"]) else int(row["count"])
        yield LeftOut(row["name"], count, row["outcome"], row["reason"], row["repair"])


def _as_planned(results: Results) -> Option:
    out = results.communities["outcome"] == "exception"
    return Option(
        say("package.option.planned"),
        len(results.areas),
        int(out.sum()),
        int(results.communities["count"][out].fillna(0).sum()),
        float(results.areas["cost"].sum()),
    )


def _as_is(results: Results) -> Option:
    """Return what becomes of everybody where nothing is grouped: who reaches the minimum alone is an area, nobody walks."""
    table = results.communities[
        results.communities["outcome"].isin(["grouped", "alone", "exception", "fixed"])
    ]
    large = (table["count"] >= int(results.summary["minimum"])).fillna(value=False) | (
        table["outcome"] == "fixed"
    )
    return Option(
        say("package.option.as_is"),
        int(large.sum()),
        int((~large).sum()),
        int(table["count"][~large].fillna(0).sum()),
        0.0,
        say("package.option.as_is_note"),
    )


def _sources(results: Results) -> Iterator[str]:
    """Yield the files that the communities were read from, the first first."""
    told = results.communities["source_rows"].astype("str").str.partition(":")[0]
    yield from sorted(name for name in told.unique() if name)


def _opinion(unit: str, known: MeetingDecision | None) -> UnitOpinion:
    name = say(f"meeting.unit.{unit}")
    return UnitOpinion(name, _day(known.at), known.text) if known else UnitOpinion(name)


def _day(at: str) -> date:
    return datetime.fromisoformat(at).astimezone().date()
