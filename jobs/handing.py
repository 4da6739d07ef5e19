"""What a person who takes over has to know: open tasks, what comes due, disputes, decisions, changed rules, the log; as rows for report.handover."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from geo.wording import listed, say
from jobs.deadlines import Deadline, deadline_words
from jobs.meeting import Question, place_words
from optimizer.rules import CHONGQING
from report.handover import Section
from report.results import Results
from report.titles import caveat_words
from store.meetings import KeptDispute, MeetingDecision

Row = tuple[str, ...]
NAMING = ("key", "name")  # what a table in a list is called by
MEMBERS_TOLD = 3  # of an area that nobody has given a name
JUDGED = "violations:"  # broken rules are shown by the checks, one by one


def handover_sections(
    results: Results,
    asked: Sequence[Question],
    due: Sequence[Deadline],
    disputes: Sequence[KeptDispute],
    decisions: Mapping[str, MeetingDecision],
    log: Sequence[Row],
) -> tuple[Section, ...]:
    """Return the tables; `log` has rows of when, who and what, in words, the first first."""
    return (
        Section("tasks", tuple(_tasks(results, asked, decisions))),
        Section("due", tuple(_due(one) for one in due)),
        Section("disputes", tuple(_dispute(results, one) for one in disputes)),
        Section("decisions", tuple((d.asked, d.text, d.who, time_words(d.at)) for d in decisions.values())),
        Section("rules", tuple(changed_rules(CHONGQING.read_text(encoding="utf-8"), results.rules_text))),
        Section("log", tuple(log)),
    )


def time_words(at: str) -> str:
    """Return an instant (ISO, UTC) as this office's clock showed it."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


def changed_rules(standard: str, here: str) -> Iterator[Row]:
    """Yield each key that two rules files (TOML) set differently, with both values, "—" where one has none."""
    one, other = (dict(_flat("", tomllib.loads(text))) for text in (standard, here))
    for key in sorted(one.keys() | other.keys()):
        if one.get(key) != other.get(key):
            yield key, one.get(key, "—"), other.get(key, "—")


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, own in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else key, own)
    elif isinstance(value, list) and value and all(isinstance(own, Mapping) for own in value):
        for number, own in enumerate(value, 1):
            called = next((own[name] for name in NAMING if name in own), number)
            yield from _flat(f"{prefix}.{called}", own)
    else:
        yield prefix, str(value)


def _tasks(
    results: Results, asked: Sequence[Question], decisions: Mapping[str, MeetingDecision]
) -> Iterator[Row]:
    """Yield what is to be done: counts and places to find, what is not checked, questions without a decision."""
    table = results.communities
    for community, name in table["name"][table["outcome"] == "held"].items():
        yield say("handover.kind.held"), say("handover.held", name=name, community=community)
    nowhere = table.geometry.isna() | table.geometry.is_empty
    for community, name in table["name"][nowhere].items():
        yield say("handover.kind.unplaced"), say("handover.unplaced", name=name, community=community)
    for code in results.summary.get("caveats", ()):
        if not code.startswith(JUDGED):
            yield say("handover.kind.unchecked"), say("handover.unchecked", caveat=caveat_words(code))
    if unverified := int((~results.links["verified"]).sum()):
        yield say("handover.kind.unchecked"), say("handover.unverified_links", number=unverified)
    for one in asked:
        if one.key not in decisions:
            yield say(f"meeting.kind.{one.kind}"), one.text


def _due(one: Deadline) -> Row:
    key = f"handover.due.{one.what}" if one.is_period else f"register.kind.{one.what}"
    what = say("words.semicolon").join(filter(None, [say(key), one.note]))
    few = listed(one.members[:MEMBERS_TOLD])
    rest = len(one.members) > MEMBERS_TOLD
    members = say("survey.more", names=few, number=len(one.members)) if rest else few
    return f"{one.area_id} {one.name or members}".strip(), what, one.on.isoformat(), deadline_words(one)


def _dispute(results: Results, one: KeptDispute) -> Row:
    told = one.dispute
    return (
        str(one.number),
        place_words(results, told),
        told.parties,
        told.claim,
        told.evidence,
        say(f"handover.state.{told.state}"),
        told.decision,
        f"{one.who} {time_words(one.at)}",
    )
