"""征求意见: the forms of an area to hand out, decisions on what contradicts itself, and when what is personal may go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from jobs.tallying import Suspicion, forms_of, suspicions
from report.forms import Slip
from report.results import Results
from store.opinion_people import DISTINCT
from store.opinions import Answer, Change, Form
from store.proceedings import Course, courses
from store.project import Project
from store.versions import Version

CLOSED = ("filed", "withdrawn", "superseded", "cancelled")  # the case is over: what is personal may go


# --- forms to hand out -----------------------------------------------------------------------------


def new_forms(
    results: Results, course: Course, members: Sequence[str], kept: Sequence[Form]
) -> tuple[Form, ...]:
    """Return the forms of an area that are not there yet: one for each unit of its communities, by building where known.

    `kept` are the forms that speak for the area already; a community that has some is not asked again.
    """
    version, area_id = course.place
    asked = {form.community_id for form in kept}
    forms: list[Form] = []
    for community_id in sorted(members):
        places = _places(results, community_id)
        numbers = range(len(forms) + 1, len(forms) + len(places) + 1)
        forms += [
            Form(_form_no(version, area_id, number), version, area_id, community_id, building)
            for number, building in zip(numbers, places, strict=True)
        ]
    return tuple(form for form in forms if form.community_id not in asked)


def new_forms_of(project: Project, results: Results, version: Version) -> Iterator[tuple[Form, ...]]:
    """Yield, area by area, the forms of a version that are not there yet; what is kept as it is is not consulted."""
    known = project.opinion_forms()
    under_way = courses(project.proceedings())
    for area in version.state.plan.areas:
        course = under_way.get((version.number, area.area_id))
        kept_as_is = all(version.state.plan.outcomes[member] == "fixed" for member in area.members)
        if course is not None and course.live and not kept_as_is:
            forms = new_forms(results, course, area.members, forms_of(known, course))
            if forms:
                yield forms


def units_of(results: Results, community_id: str) -> int | None:
    """Return how many units a community has: its dwellings, else the number the plan judged; None where neither is known."""
    row = results.communities.loc[community_id]
    found = row["dwellings"] if pd.notna(row["dwellings"]) else row["count"]
    return None if pd.isna(found) else int(found)


def _places(results: Results, community_id: str) -> list[str]:
    """Return the building of each unit, "" where it is not known; buildings may hold more units than the ledger says."""
    known: list[str] = []
    if results.buildings is not None:
        own = results.buildings[results.buildings["community_id"] == community_id]
        for name, count in zip(own["name"], own["count"], strict=True):
            known += [] if pd.isna(count) else [str(name)] * int(count)
    return known + [""] * max((units_of(results, community_id) or 0) - len(known), 0)


def _form_no(version: int, area_id: str, number: int) -> str:
    return f"{version:02d}-{area_id.rpartition('-')[2]}-{number:04d}"


def slips_of(forms: Sequence[Form], names: Mapping[str, str]) -> tuple[Slip, ...]:
    """Return the forms as the ledger shows them: a row for each answer, one where there is none. Nothing personal."""

    def rows(form: Form) -> Iterator[Slip]:
        own = Slip(
            form.form_no,
            form.community_id,
            names.get(form.community_id, form.community_id),
            form.building,
            form.area_m2,
            form.units,
            form.holder,
            form.sent_on,
            form.way,
        )
        for a in form.answers or (Answer(""),):
            yield replace(own, returned_on=a.returned_on, opinion=a.opinion, fault=a.fault, themes=a.themes)

    return tuple(row for form in forms for row in rows(form))


# --- what contradicts itself -----------------------------------------------------------------------


def ruled(suspicion: Suspicion, forms: Sequence[Form], *, stands: str, ruling: str) -> tuple[Change, ...]:
    """Return what a decision on contradictory answers changes: `stands` is the opinion that counts, "" for none of them.

    With the ruling "not_the_same", each of the forms counts by itself. Where forms with one signature are found to be of
    one owner, they are counted as one from then on.
    """
    known = {form.form_no: form for form in forms}
    doubted = {form_no: {a for f, a in suspicion.answers if f == form_no} for form_no in suspicion.forms}
    first = suspicion.forms[0]
    changes = []
    for form_no, answers in doubted.items():
        form = known[form_no]
        if ruling == "not_the_same":
            after = replace(form, alike=DISTINCT)
        else:
            decided = tuple(
                replace(a, standing="counts" if a.opinion == stands else "aside", ruling=ruling)
                if a in answers
                else a
                for a in form.answers
            )
            one_owner = suspicion.kind == "signature" and stands and form_no != first and not form.holder
            after = replace(
                form, answers=decided, holder=(known[first].holder or first) if one_owner else form.holder
            )
        changes.append(Change(form, after))
    return tuple(changes)


def why_not_forget(course: Course, forms: Sequence[Form], kept: int) -> str:
    """Return why what is personal cannot be deleted yet: "nothing", "open" or "suspected"; "" where it can."""
    if not kept:
        return "nothing"
    if course.state not in CLOSED:
        return "open"
    return "suspected" if suspicions(forms) else ""


# --- what it came to -------------------------------------------------------------------------------


def kind_of(results: Results, members: Sequence[str]) -> str:
    """Return which of report.tally.KINDS an area is: one that takes in an area that exists already is an adjustment."""
    scopes = results.communities.loc[list(members), "scope"]
    return "adjust" if len(members) > 1 and bool(scopes.isin(["fixed", "host"]).any()) else "delimit"
