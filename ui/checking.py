"""The checks of a draft in words, as plain data: what is open, what was accepted, and one repair for each row."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from geo.wording import say
from jobs.remarks import REMARKS
from jobs.reopened import Reopened
from jobs.repairing import link_in, repair_of
from optimizer.checks import RULES, Violation, check
from optimizer.standing import total
from report.reasoning import violation_sentence
from report.results import Results
from store.drafts import Acceptance, Draft, dressed
from store.edits import Command
from store.versions import NEVER_ACCEPTED
from ui.changes import command_words
from ui.selection import NOTHING, Selection, called, name_of

OF_HOUSEHOLDS = ("minimum", "upper", "alone", "missed", "left_out")
OF_PIECES = ("connection",)
TOLD_ALREADY = ("alone", "missed")  # rules that speak of exceptions
TO_CONFIRM = "to_be_confirmed"
MARKS = ("bad", "fair", "note", "")  # from what is broken to what was accepted


@dataclass(frozen=True)
class CheckRow:
    """One row: what is wrong (`text`) with which place, by which rule (`says`) from where (`source`).

    `place` is an area id or a community, `head` what people call it; `value` and `limit` are in words, "" where the
    rule has no numbers; `accepted` is reason and name, "" while nobody has accepted it. `mark` is "bad" for a broken
    rule, "fair" for what is left to decide, "note" for what hinders nothing but should be seen to, on `page` where one
    is made for it, "" for what was accepted.
    """

    violation: Violation
    place: str
    head: str
    text: str
    says: str
    source: str
    value: str
    limit: str
    accepted: str
    mark: str
    page: str = ""


@dataclass(frozen=True)
class Offer:
    """A repair on a button: a command to preview, or a verb to open on a selection where people must say something first."""

    label: str
    command: Command | None = None
    verb: str = ""
    selection: Selection = NOTHING


# --- rows ------------------------------------------------------------------------------------------


def check_rows(
    draft: Draft,
    town: Reopened,
    *,
    rules_text: str,
    found: Sequence[Violation] | None = None,
) -> tuple[CheckRow, ...]:
    """Return the rows of the panel: broken rules, then communities left out, then owners who object.

    `found` are the violations of the draft, where the caller has them already; `rules_text` is the rules file, whose
    citations say where a rule comes from.
    """
    graph = dressed(town.graph, draft)
    broken = check(draft.plan, graph, town.rules) if found is None else found
    told = {m for v in broken if v.rule in TOLD_ALREADY for m in v.members}
    further = [*_left_out(draft, town, told), *_objecting(draft, town)]
    sources = sources_of(rules_text)
    rows = [_row(v, draft, town, sources) for v in [*broken, *further]]
    return in_order(rows)


def in_order(rows: Iterable[CheckRow]) -> tuple[CheckRow, ...]:
    """Return the rows as the panel shows them: what is broken first, what was accepted last."""
    return tuple(sorted(rows, key=lambda row: MARKS.index(row.mark)))


def rules_table(town: Reopened, *, rules_text: str) -> tuple[list[str], list[list[str]]]:
    """Return heads and rows of all that a plan is judged by: each rule in one sentence, and where it comes from."""
    sources = sources_of(rules_text)
    heads = [say("checks.rules.says"), say("checks.rules.source")]
    rules = (*RULES, "left_out", "consent_against", "consent_frozen", *REMARKS)
    return heads, [[rule_words(rule, town), say(f"checks.source.{rule}", **sources)] for rule in rules]


def rule_words(rule: str, town: Reopened) -> str:
    """Return a rule in one sentence."""
    return say(f"checks.rule.{rule}", minimum=town.rules.minimum, upper=town.rules.upper)


def broken_of(rows: Sequence[CheckRow]) -> tuple[Violation, ...]:
    """Return the violations among the rows: what `consequence` asks for as known."""
    return tuple(row.violation for row in rows if row.violation.rule in RULES)


def badge(rows: Sequence[CheckRow]) -> tuple[str, str]:
    """Return the mark and the words for how the checks stand."""
    broken, left = (sum(row.mark == mark for row in rows) for mark in ("bad", "fair"))
    accepted = sum(bool(row.accepted) for row in rows)
    notes = sum(row.mark == "note" for row in rows)
    if broken:
        return "bad", say("checks.badge.broken", number=broken, left=left)
    if left:
        return "fair", say("checks.badge.left", number=left)
    passed = say("checks.badge.accepted", number=accepted) if accepted else say("checks.badge.good")
    return "good", say("checks.badge.notes", passed=passed, number=notes) if notes else passed


def _left_out(draft: Draft, town: Reopened, told: set[str]) -> Iterator[Violation]:
    """Yield communities that are in no area, those that hang together as one."""
    exceptions = [c for c, outcome in draft.plan.outcomes.items() if outcome == "exception" and c not in told]
    groups = {c: group for group in draft.plan.below_min_groups for c in group}
    for group in sorted({groups.get(c, (c,)) for c in exceptions}):
        households = total(town.graph, group)
        open_ones = tuple(c for c in group if c not in draft.accepted)
        yield Violation(
            "left_out",
            community_id=(open_ones or group)[0],
            value=households,
            limit=town.rules.minimum,
            members=group,
        )


def _objecting(draft: Draft, town: Reopened) -> Iterator[Violation]:
    """Yield communities grouped against what their owners say, or while they are on hold."""
    for community, consent in sorted(draft.consents.items()):
        grouped = draft.plan.outcomes.get(community) == "grouped"
        if grouped and consent.state in ("against", "frozen") and community in town.graph:
            yield Violation(
                f"consent_{consent.state}",
                community_id=community,
                value=consent.date,
                limit=consent.document,
                members=(community,),
            )


def _row(violation: Violation, draft: Draft, town: Reopened, sources: Mapping[str, str]) -> CheckRow:
    accepted = _acceptance(violation, draft)
    own = violation.rule.startswith(("left_out", "consent_"))
    area_id = violation.area_id
    return CheckRow(
        violation=violation,
        place=violation.place,
        head=called(draft, area_id) if area_id else name_of(town, violation.community_id),
        text=_own_text(violation, town) if own else _text(violation, draft, town),
        says=rule_words(violation.rule, town),
        source=say(f"checks.source.{violation.rule}", **sources),
        value=_number(violation, violation.value),
        limit=_number(violation, violation.limit),
        accepted="" if accepted is None else say("checks.accepted", reason=accepted.reason, by=accepted.by),
        mark="" if accepted else "fair" if own else "bad",
    )


def _acceptance(violation: Violation, draft: Draft) -> Acceptance | None:
    """Return the acceptance a row stands under; a group that is left out is accepted when each of it is."""
    if violation.rule in NEVER_ACCEPTED:
        return None
    return draft.accepted.get(violation.place)


def _text(violation: Violation, draft: Draft, town: Reopened) -> str:
    ids = (violation.community_id, *violation.members, str(violation.value), str(violation.limit))
    names = {i: name_of(town, i) for i in ids if i in town.graph}
    area_id = called(draft, violation.area_id) if violation.area_id else ""
    return violation_sentence(replace(violation, area_id=area_id), names)


def _own_text(violation: Violation, town: Reopened) -> str:
    names = [name_of(town, m) for m in violation.members]
    return say(
        f"checks.text.{violation.rule}",
        names=names,
        number=len(names),
        households=violation.value,
        document=violation.limit,
    )


def _number(violation: Violation, value: float | str) -> str:
    if violation.rule in OF_HOUSEHOLDS:
        return say("checks.households", number=value)
    return say("checks.pieces", number=value) if violation.rule in OF_PIECES else ""


def sources_of(rules_text: str) -> dict[str, str]:
    """Return what the rules file cites by key, marked where nobody has confirmed it."""
    table = tomllib.loads(rules_text)
    name = say("checks.rules_file", name=table.get("name", ""))
    cited = {
        str(row["key"]): say("checks.to_confirm", text=row["text"])
        if row.get("status") == TO_CONFIRM
        else str(row["text"])
        for row in table.get("citation", ())
    }
    return {"plan": name, **cited, "file": name}


# --- repairs ---------------------------------------------------------------------------------------


def offered_repair(
    row: CheckRow, draft: Draft, town: Reopened, results: Results | None = None
) -> Offer | None:
    """Return the repair to offer for a row: the nearest command, else a verb by which people decide, None for neither.

    With the `results` of the draft, whose links were measured, a link that would let a community in is offered too.
    """
    if row.accepted:
        return None
    violation = row.violation
    left_out = violation.rule == "left_out"
    command = repair_of(draft, town, replace(violation, rule="missed") if left_out else violation)
    if command is not None:
        return Offer(command_words(command, draft, town), command)
    if left_out and results is not None:
        link = link_in(draft, town, row.place, refused=results.refused_links, beyond=results.beyond)
        if link is not None:
            names = {"a": name_of(town, link.a), "b": name_of(town, link.b)}
            words = say("checks.offer.give_link", **names, metres=f"{link.gap_m:.0f}")
            return Offer(words, verb="give_link", selection=Selection((link.a, link.b)))
    verb = _verb(violation)
    selection = Selection((), (row.place,)) if violation.area_id else Selection(violation.members)
    return Offer(say(f"checks.offer.{verb}"), verb=verb, selection=selection) if verb else None


def _verb(violation: Violation) -> str:
    if violation.rule == "upper":
        return "split_best"
    if violation.rule == "left_out":
        return "accept_group" if len(violation.members) > 1 else "accept"
    return "accept" if violation.rule == "minimum" else ""


# --- grids -----------------------------------------------------------------------------------------


def grid_conflicts(results: Results, draft: Draft) -> tuple[list[str], list[list[str]]]:
    """Return heads and rows of the areas that more than one grid cuts: the parts, and whose grid has most households."""
    heads = [say(f"checks.grids.{key}") for key in ("area", "number", "parts", "lead")]
    if results.area_grid is None:
        return heads, []
    parts = results.area_grid[results.area_grid["households"] > 0]
    cut = parts[parts["area_id"].duplicated(keep=False)]
    ordered = cut.sort_values(["area_id", "households", "grid"], ascending=[True, False, True])
    rows = zip(ordered["area_id"], ordered["grid"], ordered["households"], strict=True)
    return heads, [
        _cut_row(
            called(draft, str(area_id)), [(str(grid), int(households)) for _, grid, households in inside]
        )
        for area_id, inside in groupby(rows, key=itemgetter(0))
    ]


def _cut_row(area: str, ordered: Sequence[tuple[str, int]]) -> list[str]:
    parts = [say("desk.part", name=grid or say("desk.outside"), count=count) for grid, count in ordered]
    lead = next((grid for grid, _ in ordered if grid), "")
    return [area, str(len(parts)), say("checks.grids.listed", parts=parts), lead]
