"""The card of an area or of a community: where it is and why, what else could be, who is responsible, what is not in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.bounds import SIDES
from geo.clearance import BEFORE, INSIDE
from geo.wording import has, listed, say
from jobs.responsibilities import responsibilities
from optimizer.candidates import COST_PARTS
from report.bounds import bounds_of
from report.dutysheets import missing_words
from report.reasoning import cause_words
from report.responsible import OTHER, parted
from report.results import Results
from store.drafts import Draft
from store.meetings import KeptDispute
from ui.checking import CheckRow
from ui.contents import Row, count_words, outcome_words, place_of, text_of
from ui.disputed import dispute_texts
from ui.selection import called

REFUSED_SHOWN = 4  # neighbours behind a barrier, the nearest first


@dataclass(frozen=True)
class Subject:
    """What a card is made of: `duties` from `known_by_place`; `neighbours`, rows as on the card, of a community."""

    results: Results
    draft: Draft
    checks: Sequence[CheckRow]
    duties: pd.DataFrame
    neighbours: Sequence[Row] = ()
    disputes: Sequence[KeptDispute] = ()


def card(subject: Subject, place: str) -> Row | None:
    """Return the card of an area or community, None where the plan has no such thing."""
    found = place_of(subject.results, place)
    if found is None:
        return None
    return (_area_card if found[0] == "areas" else _community_card)(subject, found[1])


def _area_card(subject: Subject, row: int) -> Row:
    results = subject.results
    area = results.areas.iloc[row]
    area_id = str(results.areas.index[row])
    table = results.communities
    members = table[(table["area_id"] == area_id).to_numpy()]
    links = [
        {"id": f"communities:{table.index.get_loc(one.Index)}", "head": one.name, "number": count_words(one)}
        for one in members.itertuples()
    ]
    lines = [
        _line("household_count", say("report.households", count=area["count"])),
        *_checks(subject, area_id),
        *_disputes(subject, "areas", area_id),
        _line("members", say("desk.members", number=len(members)), links=links),
        _line("center", table["name"].get(area["center_id"], "")),
        _line("bounds", _bounds(results, area_id)),
        _line("cost", _cost(area)),
        *_responsible(subject, area_id),
        _line("duties", listed(parted(subject.duties[OTHER].reindex(members.index)))),
    ]
    return {
        "title": called(subject.draft, area_id),
        "tags": list(_area_tags(subject, area_id, area)),
        "lines": [line for line in lines if line["text"]],
    }


def _community_card(subject: Subject, row: int) -> Row:
    results = subject.results
    one = results.communities.iloc[row]
    community_id = str(results.communities.index[row])
    inside = _inside(subject, text_of(one["area_id"]))
    lines = [
        _counted(one),
        *_cleared(one),
        _line("area_id", " " if inside else "", links=inside),
        *_checks(subject, community_id),
        *_disputes(subject, "communities", community_id),
        _line("reason", one["reason"], mark="reason"),
        _line("repair", one["repair"]),
        _line("neighbours", " " if subject.neighbours else "", links=list(subject.neighbours)),
        _line("refused", "\n".join(_refused(results, community_id))),
        *_decided(subject.draft, community_id),
        _line("address", one["address"]),
        _line("committee", one["committee"]),
        _line("grids", one["grids"]),
        _line("duties", listed(parted(_known(subject, community_id, "street_town", "police", OTHER)))),
        _line("buildings", text_of(one["buildings"])),
        _line("built_year", text_of(one["built_year"])),
        _line("managing_company", str(subject.duties.at[community_id, "company"])),
        _line("community_id", community_id),
        _line("source_rows", one["source_rows"]),
    ]
    tags = [{"text": outcome_words(results, one["outcome"]), "mark": one["outcome"]}]
    if community_id in subject.draft.locked:
        tags.append({"text": say("desk.card.locked"), "mark": "locked"})
    return {"title": one["name"], "tags": tags, "lines": [line for line in lines if line["text"]]}


# --- lines of both ---------------------------------------------------------------------------------


def _line(key: str, text: str, *, links: list[Row] | None = None, mark: str = "") -> Row:
    term = f"desk.card.{key}" if has(f"desk.card.{key}") else f"report.column.{key}"
    return _told(say(term), text, links=links, mark=mark)


def _told(term: str, text: str, *, links: list[Row] | None = None, mark: str = "") -> Row:
    return {"term": term, "text": text, "links": links or [], "mark": mark}


def _checks(subject: Subject, place: str) -> Iterator[Row]:
    """Yield a line for each rule that the place breaks, and one for each that was accepted; remarks on it by themselves."""
    for row in subject.checks:
        if row.mark == "note":
            told = row.violation
            if ":" not in told.rule and place in (told.place, *told.members):
                yield _line("remark", row.text)
            continue
        if row.place == place and row.violation.rule != "left_out":
            yield _line("check", row.text, mark="" if row.accepted else "reason")
        if row.place == place and row.accepted:
            yield _line("accepted", row.accepted)


def _disputes(subject: Subject, table: str, thing_id: str) -> Iterator[Row]:
    """Yield a line for each open dispute."""
    for text in dispute_texts(subject.results, subject.disputes, table, thing_id):
        yield _line("dispute", text, mark="reason")


# --- lines of an area ------------------------------------------------------------------------------


def _area_tags(subject: Subject, area_id: str, area: "pd.Series[Any]") -> Iterator[Row]:
    yield {"text": outcome_words(subject.results, area["kind"]), "mark": area["kind"]}
    if area["near_minimum"]:
        yield {"text": say("report.near_minimum"), "mark": "near"}
    if any(one.area_id == area_id and one.locked for one in subject.draft.plan.areas):
        yield {"text": say("desk.card.locked"), "mark": "locked"}


def _bounds(results: Results, area_id: str) -> str:
    """Return the four bounds in one sentence, sides without a name left out."""
    names = bounds_of(results, [area_id]).loc[area_id]
    sides = [say(f"desk.bound.{side}", name=names[side]) for side in SIDES if names[side]]
    return say("drawings.bound.join").join(sides)


def _cost(area: "pd.Series[Any]") -> str:
    """Return the cost of an area and what it is made of, a line each; walking also as a mean distance."""
    mean_m = area["cost_walk"] / area["count"] if area["count"] else 0.0
    parts = [
        say(f"desk.cost.{part}", cost=f"{area[f'cost_{part}']:,.0f}", mean_m=f"{mean_m:.0f}")
        for part in COST_PARTS
        if area[f"cost_{part}"] > 0
    ]
    return "\n".join([say("desk.cost.total", cost=f"{area['cost']:,.0f}"), *parts])


def _responsible(subject: Subject, area_id: str) -> Iterator[Row]:
    """Yield a line for each role that the area needs somebody in, marked where nobody is known, and how it is managed."""
    (one,) = responsibilities(subject.results, subject.draft, known=subject.duties, only=[area_id])
    for role, held in one.roles.items():
        words = (_grids(subject.results, area_id) if role == "grids" else "") or held.words
        if held.needed is not False or held.names:
            yield _told(say(f"duties.role.{role}"), words, mark="reason" if held.missing else "")
    yield _told(say("duties.role.mode"), one.mode_words)
    way = {"head": missing_words(one), "act": {"id": "page:duties", "label": say("duties.act")}}
    yield _told(say("duties.areas.lacks"), " " if one.missing else "", links=[way])


def _grids(results: Results, area_id: str) -> str:
    if results.area_grid is None:
        return ""
    rows = results.area_grid[results.area_grid["area_id"] == area_id]
    return listed(
        say("desk.part", name=r.grid or say("desk.outside"), count=r.households) for r in rows.itertuples()
    )


# --- lines of a community --------------------------------------------------------------------------


def _counted(one: "pd.Series[Any]") -> Row:
    """Return how many households there are; where nobody has counted them, with the way to say it."""
    status = say(f"report.status.{one['count_status']}")
    words = status if pd.isna(one["count"]) else say("report.counted", count=one["count"], status=status)
    if one["count_status"] == "surveyed":
        return _line("household_count", words)
    way = {"head": words, "act": {"id": "page:survey", "label": say("survey.act")}}
    return _line("household_count", " ", links=[way])


def _cleared(one: "pd.Series[Any]") -> Iterator[Row]:
    """Yield both numbers of a community that a clearance line runs through."""
    before, inside = text_of(one.get(BEFORE)), text_of(one.get(INSIDE))
    if before and inside:
        yield _line("clearance", say("desk.card.cleared", before=before, inside=inside))


def _known(subject: Subject, community_id: str, *columns: str) -> Iterator[str]:
    """Yield who is known for a community in these roles."""
    return (str(subject.duties.at[community_id, column]) for column in columns)


def _inside(subject: Subject, area_id: str) -> list[Row]:
    """Return the row of the area that a community is in."""
    areas = subject.results.areas
    if not area_id:
        return []
    number = say("report.households", count=areas.loc[area_id, "count"])
    place = f"areas:{areas.index.get_loc(area_id)}"
    return [{"id": place, "head": called(subject.draft, area_id), "number": number}]


def _refused(results: Results, community_id: str) -> Iterator[str]:
    """Yield the neighbours that something keeps apart from the community, and what."""
    rows, names = results.refused_links, results.communities["name"]
    mine = rows[(rows["a"] == community_id) | (rows["b"] == community_id)].sort_values(["gap_m", "a", "b"])
    for row in mine.head(REFUSED_SHOWN).itertuples():
        other = row.b if row.a == community_id else row.a
        yield say(
            "desk.card.behind",
            name=names.get(other, other),
            cause=cause_words(str(row.cause)),
            metres=f"{row.gap_m:.0f}",
        )


def _decided(draft: Draft, community_id: str) -> Iterator[Row]:
    """Yield what planners entered about the community."""
    scope = draft.scopes.get(community_id)
    if scope is not None:
        text = say(
            "desk.card.scope_set",
            scope=say(f"report.scope.{scope.scope}"),
            by=scope.by,
            decision=scope.decision,
        )
        yield _line("scope", text.strip())
    consent = draft.consents.get(community_id)
    if consent is not None:
        told = [say(f"verbs.consent.{consent.state}"), consent.date, consent.document]
        if consent.tally is not None:
            told.append(
                say(
                    "desk.card.tally",
                    asked=consent.tally.asked,
                    agreed=consent.tally.agreed,
                    opposed=consent.tally.opposed,
                )
            )
        yield _line("consent", " ".join(part for part in told if part))
