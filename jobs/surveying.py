"""户数补录: what to survey first and why, and which of the counts that came back can be taken over."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import pandas as pd

from geo.days import iso_day
from geo.wording import listed, say
from jobs.reopened import Reopened
from optimizer.reasons import Reason, reasons
from optimizer.standing import total
from report.results import Results
from report.surveysheets import Need
from store.drafts import Draft, dressed

CLOSE = 0.3  # share of an estimate by which the real count may well differ
NAMES_TOLD = 3


@dataclass(frozen=True)
class Counted:
    """A count that was brought back: `status` "surveyed" or "estimated", `date` ISO."""

    community_id: str
    count: int
    status: str
    source: str
    date: str


@dataclass(frozen=True)
class Unusable:
    """A count that cannot be taken over, and why, in words."""

    community_id: str
    count: int
    why: str


# --- what to survey first --------------------------------------------------------------------------


def needs(results: Results, town: Reopened, draft: Draft) -> tuple[Need, ...]:
    """Return the communities whose count is unknown or estimated, those first whose count helps most.

    First the unknown ones that others wait for, by the households that wait; then estimates on which it hangs whether a
    group reaches the minimum; then the other unknown ones, and the estimates that change nothing.
    """
    graph = dressed(town.graph, draft)
    why = reasons(draft.plan, graph, town.rules, refused=results.refused_links, beyond=results.beyond)
    table = results.communities
    areas = draft.plan.area_of()
    told = [
        _unknown(c, why[c][0], graph, table["name"], sorted({areas[n] for n in graph[c] if n in areas}))
        for c in table.index[table["outcome"] == "held"]
    ]
    guessed = (table["count_status"] == "estimated") & table["outcome"].isin(
        ["grouped", "alone", "exception"]
    )
    told += [_estimated(c, results, why.get(c, ()), town.rules.minimum) for c in table.index[guessed]]
    return tuple(need for _, need in sorted(told, key=lambda one: (one[0], one[1].community_id)))


Rank = tuple[float, ...]


def _unknown(
    community: str,
    reason: Reason,
    graph: "nx.Graph[str]",
    names: Mapping[str, str],
    areas: Sequence[str],  # beside it
) -> tuple[Rank, Need]:
    numbers = reason.numbers
    freed: tuple[str, ...] = numbers.get("freed_ids", ())  # type: ignore[assignment]
    case, need = str(numbers["case"]).removesuffix("_and_frees"), int(str(numbers["need"]))
    waiting = total(graph, freed)
    beside: tuple[str, ...] = numbers.get("neighbour_ids", ())  # type: ignore[assignment]
    if freed:
        words = say(
            "survey.why.frees",
            communities=len(freed),
            households=waiting,
            names=_called(freed, names),
            need=need,
        )
    else:
        told = {"neighbours": _called(beside, names), "areas": listed(areas[:NAMES_TOLD])}
        words = say(f"survey.why.{case}", need=need, **told)
    step = 0 if freed else {"joins": 2, "completes": 2, "host": 2, "with_held": 3}.get(case, 5)
    decides = step < 3
    return (step, -waiting, -len(beside), need), Need(
        community, names[community], None, waiting, decides, words
    )


def _estimated(community: str, results: Results, why: Sequence[Reason], minimum: int) -> tuple[Rank, Need]:
    """Say by how much an estimate may be wrong before the grouping is another."""
    row = results.communities.loc[community]
    count, area = int(row["count"]), row["area_id"]
    short = next((r.numbers["short"] for r in why if "short" in r.numbers), None)
    households = 0
    if isinstance(area, str):
        whole = int(results.areas.at[area, "count"])
        margin = whole - minimum
        words = say(
            "survey.why.carries", area=area, total=whole, minimum=minimum, room=margin, most=margin + 1
        )
        households = whole - count
    else:
        margin = minimum - count if short is None else int(str(short))
        words = say("survey.why.lacks", short=margin)
    if not 0 <= margin < count:
        return (6, -count), Need(community, row["name"], count, 0, False, say("survey.why.idle"))
    decides = margin <= CLOSE * count
    return (1 if decides else 4, margin / count), Need(
        community, row["name"], count, households, decides, words
    )


def _called(ids: Sequence[str], names: Mapping[str, str]) -> str:
    told = listed(names[c] for c in ids[:NAMES_TOLD])
    return told if len(ids) <= NAMES_TOLD else say("survey.more", names=told, number=len(ids))


# --- what came back --------------------------------------------------------------------------------


def usable(
    rows: pd.DataFrame, communities: pd.DataFrame, *, source: str, date: str, today: dt.date
) -> tuple[tuple[Counted, ...], tuple[Unusable, ...]]:
    """Return the rows (report.survey.SURVEY_COLUMNS) that can be taken over, and those that cannot, with the reason.

    `source` and `date` stand in where a row says none.
    """
    good: list[Counted] = []
    bad: list[Unusable] = []
    seen: set[str] = set()
    for community, count, status, said, day in rows.itertuples(index=False, name=None):
        told = Counted(community, int(count), status, said or source.strip(), iso_day(day or date))
        fault = _fault(told, day or date, communities, today)
        if community in seen:
            fault = say("survey.refused.repeated")
        seen.add(community)
        if fault:
            bad.append(Unusable(community, int(count), fault))
        else:
            good.append(told)
    return tuple(good), tuple(bad)


def _fault(told: Counted, day: str, communities: pd.DataFrame, today: dt.date) -> str:
    if told.community_id not in communities.index:
        return say("survey.refused.unknown_id")
    row = communities.loc[told.community_id]
    if row["count_status"] == "surveyed":
        if told.status == "estimated":
            return say("survey.refused.worse", count=row["count"])
        if told.count == row["count"]:
            return say("survey.refused.same")
    if not told.source:
        return say("survey.refused.no_source")
    return _date_fault(told.date, day, today)


def _date_fault(date: str, day: str, today: dt.date) -> str:
    if not date:
        return say("survey.refused.bad_date", given=day) if day else say("survey.refused.no_date")
    return say("survey.refused.future", given=date) if dt.date.fromisoformat(date) > today else ""
