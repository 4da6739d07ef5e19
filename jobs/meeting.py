"""What a joint meeting has to decide: the questions a plan leaves open, and the four opinions asked."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.wording import has, say
from report.results import Results
from store.drafts import Draft
from store.meetings import Dispute, KeptDispute

KINDS = ("dispute", "group", "exception", "committees", "grids", "rule")
UNITS = ("committee", "housing", "planning", "finance")  # who is asked for an opinion (domain.md §3.3, D1)
FOR_THE_MEETING = ("other_committee", "other_street")  # reasons that it can take away by opening a bound
TO_CONFIRM = "to_be_confirmed"
_STATUS = "_status"


@dataclass(frozen=True)
class Question:
    """One question: `key` is the same from meeting to meeting, `kind` one of KINDS, `households` how many it concerns."""

    key: str
    kind: str
    text: str
    households: int = 0


def questions(
    results: Results, draft: Draft, disputes: Sequence[KeptDispute], *, rules_text: str
) -> tuple[Question, ...]:
    """Return what is left to decide, in the order of KINDS, what concerns most households first.

    Exceptions that somebody accepted, and disputes that are no longer open, are decided.
    """
    found = [
        *_disputes(results, disputes),
        *_left_out(results, draft),
        *_cut(results),
        *_unconfirmed(rules_text),
    ]
    return tuple(sorted(found, key=lambda q: (KINDS.index(q.kind), -q.households, q.key)))


def opinion_key(unit: str) -> str:
    """Return the key under which the opinion of one of UNITS is kept."""
    return f"opinion:{unit}"


def opinion_asked(unit: str) -> str:
    """Return what the unit is asked."""
    return say("meeting.opinion_asked", unit=say(f"meeting.unit.{unit}"))


# --- disputes --------------------------------------------------------------------------------------


def place_words(results: Results, dispute: Dispute) -> str:
    """Return what people call the place of a dispute."""
    if dispute.kind == "area":
        return area_words(results, dispute.place[0])
    names = results.communities["name"]
    return say("meeting.between").join(str(names.get(i, "")) or i for i in dispute.place)


def area_words(results: Results, area_id: str) -> str:
    """Return the id of an area with its name, where it has one."""
    name = str(results.areas["name"].get(area_id, ""))
    return f"{area_id} {name}".strip()


def concerns(results: Results, dispute: Dispute, area_id: str) -> bool:
    """Tell whether a dispute is about an area, or about a community in it."""
    if dispute.kind == "area":
        return dispute.place[0] == area_id
    inside = results.communities["area_id"].reindex(list(dispute.place))
    return bool((inside == area_id).any())


def _disputes(results: Results, disputes: Sequence[KeptDispute]) -> Iterator[Question]:
    for one in disputes:
        if one.dispute.state == "open":
            told = {"place": place_words(results, one.dispute), "parties": one.dispute.parties}
            yield Question(
                f"dispute:{one.number}",
                "dispute",
                say("meeting.ask.dispute", claim=one.dispute.claim, **told),
            )


# --- what the plan leaves open ---------------------------------------------------------------------


def _left_out(results: Results, draft: Draft) -> Iterator[Question]:
    """Yield exceptions that nobody accepted: those that hang together as one question."""
    table = results.communities
    left = table[(table["outcome"] == "exception") & ~table.index.isin(list(draft.accepted))]
    minimum = results.summary["minimum"]
    grouped = left[left["below_min_group"].fillna("") != ""]
    for _, rows in grouped.groupby("below_min_group", sort=True):
        households = int(rows["count"].fillna(0).sum())
        told = {"names": tuple(rows["name"]), "households": households, "minimum": minimum}
        across = rows["repair"][rows["reason_code"].isin(FOR_THE_MEETING) & (rows["repair"] != "")]
        key = "group_across" if len(across) else "group"
        text = say(f"meeting.ask.{key}", **told, **({"option": across.iloc[0]} if len(across) else {}))
        yield Question("group:" + "+".join(sorted(map(str, rows.index))), "group", text, households)
    alone = left.drop(index=grouped.index)
    for community, name, count, reason in zip(
        alone.index, alone["name"], alone["count"].fillna(0), alone["reason"], strict=True
    ):
        told = {"name": name, "households": int(count), "reason": str(reason).rstrip("。.")}
        yield Question(
            f"exception:{community}", "exception", say("meeting.ask.exception", **told), int(count)
        )


def _cut(results: Results) -> Iterator[Question]:
    """Yield areas that lie in several committees or grids."""
    table = results.communities[
        results.communities["area_id"].notna() & (results.communities["committee"] != "")
    ]
    yield from _over(results, "committees", table.groupby("area_id", sort=True)["committee"].unique())
    if results.area_grid is not None:
        parts = results.area_grid[(results.area_grid["households"] > 0) & (results.area_grid["grid"] != "")]
        parts = parts.sort_values(["area_id", "households", "grid"], ascending=[True, False, True])
        yield from _over(results, "grids", parts.groupby("area_id", sort=True)["grid"].unique())


def _over(results: Results, kind: str, names: "pd.Series[Any]") -> Iterator[Question]:
    for area_id, among in names.items():
        if len(among) > 1:
            area = str(area_id)
            text = say(f"meeting.ask.{kind}", area=area_words(results, area), names=tuple(among))
            yield Question(f"{kind}:{area}", kind, text, int(results.areas.at[area, "count"]))


def _unconfirmed(rules_text: str) -> Iterator[Question]:
    """Yield citations and periods of the rules file that nobody has confirmed."""
    table = tomllib.loads(rules_text)
    for row in table.get("citation", ()):
        if row.get("status") == TO_CONFIRM:
            yield Question(f"rule:{row['key']}", "rule", say("meeting.ask.citation", text=row["text"]))
    procedure = table.get("procedure", {})
    for key, value in procedure.items():
        if key.endswith(_STATUS) and value == TO_CONFIRM:
            name = key.removesuffix(_STATUS)
            what = say(f"meeting.period.{name}") if has(f"meeting.period.{name}") else name
            told = {"what": what, "days": procedure.get(name, "")}
            yield Question(f"rule:{name}", "rule", say("meeting.ask.period", **told))
