"""What a change does, in words and as plain data: the strip between select and apply. Nothing here knows Streamlit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from geo.wording import catalogue, listed, say
from jobs.reconsulting import Reopening, reopening_words
from jobs.reopened import Reopened
from jobs.reviewing import Change
from optimizer.candidates import COST_PARTS
from optimizer.checks import Violation
from optimizer.questions import Judged
from report.reasoning import violation_sentence
from store.drafts import Draft
from store.edits import Command, title
from store.given import Title
from ui.selection import called, name_of

# Fields of a title that hold ids, and never what somebody typed.
OF_IDS = ("area", "place", "community", "a", "b")
NAMING = "store.title.rename"  # calls the area by its id alone: its name is what changes
SHOWN = 6  # sentences of one kind; how many more there are is said
ALIKE = 0.5  # household-metres: a smaller difference is none
TOLD_BY_OUTCOME = ("missed", "alone")  # once these are mended the outcome says it

Row = dict[str, Any]


@dataclass(frozen=True)
class Strip:
    """A change in words: `rows` of areas (head, before, after, mark), and lists of sentences, each with its mark.

    `mark` is "bad" for what the change makes wrong, "good" for what it mends, "" else.
    """

    title: str
    rows: tuple[Row, ...]
    costs: tuple[str, ...]
    told: tuple[Row, ...]

    @property
    def mark(self) -> str:
        """Return the gravest mark of all that is told."""
        marks = {row["mark"] for row in (*self.rows, *self.told)}
        return next((mark for mark in ("bad", "fair", "good") if mark in marks), "")


def strip(change: Change, command: Command, town: Reopened) -> Strip:
    """Return what a change does, in words; a community is called by its name, an area by its id and its name."""
    rows, costs = tuple(_rows(change)), tuple(_costs(change))
    told = (*_told_rules(change, town), *_told_places(change, town))
    if not (rows or costs or told):
        told = ({"text": say("changes.no_number"), "mark": ""},)
    return Strip(command_words(command, change.before, town), rows, costs, told)


def command_words(command: Command, draft: Draft, town: Reopened) -> str:
    """Return the sentence that names a command, with names where its title has ids: 移动 3 个小区到 PMA-007 胜利路片区."""
    return title_words(title(command), draft, town)


def title_words(told: Title, draft: Draft, town: Reopened) -> str:
    """Return the sentence of a step in a log, with names where it has ids that the draft knows."""
    key, values = told
    if values.get("number") == 1 and "community" in values:
        key = f"store.one.{key.removeprefix('store.title.')}"
    areas = {area.area_id for area in draft.plan.areas if key != NAMING}
    names = {
        field: called(draft, str(given)) if given in areas else name_of(town, str(given))
        for field, given in values.items()
        if field in OF_IDS
    }
    return say(key, **{**values, **names})


# --- areas -----------------------------------------------------------------------------------------


def _rows(change: Change) -> Iterator[Row]:
    """Yield a row for each area that changes: the one it was beside the one it becomes."""
    pairs = _paired(change.preview.before, change.preview.after)
    for was, now in pairs:
        if was is not None and now is not None and _same(was, now):
            continue
        yield {
            "head": _head(change, was, now),
            "before": _size(was),
            "after": _size(now),
            "mark": _mark(was, now),
        }


def _paired(before: Sequence[Judged], after: Sequence[Judged]) -> list[tuple[Judged | None, Judged | None]]:
    """Return areas before and after beside each other: of the same id, else where most members went."""
    left, come = list(before), list(after)
    found: list[tuple[Judged | None, Judged | None]] = []
    for shared in (_by_id, _by_members):
        for now in list(come):
            was = max(left, key=lambda area: (shared(area, now), area.area_id), default=None)
            if was is not None and shared(was, now):
                found.append((was, now))
                left.remove(was)
                come.remove(now)
    found += [(was, None) for was in left] + [(None, now) for now in come]
    return sorted(found, key=lambda pair: (pair[0] is None, (pair[0] or pair[1] or before[0]).area_id))


def _by_id(was: Judged, now: Judged) -> int:
    return int(was.area_id == now.area_id)


def _by_members(was: Judged, now: Judged) -> int:
    return len(set(was.members).intersection(now.members))


def _same(was: Judged, now: Judged) -> bool:
    return (was.members, was.households, was.violations) == (now.members, now.households, now.violations)


def _head(change: Change, was: Judged | None, now: Judged | None) -> str:
    if was is None:
        return say("changes.new_area", area=called(change.after, now.area_id)) if now else ""
    head = called(change.before, was.area_id)
    if now is None or now.area_id == was.area_id:
        return head
    return say("changes.renumbered", before=head, after=called(change.after, now.area_id))


def _size(area: Judged | None) -> str:
    if area is None:
        return say("changes.no_area")
    return say("changes.size", households=area.households, communities=len(area.members))


def _mark(was: Judged | None, now: Judged | None) -> str:
    if now is not None and now.violations:
        return "bad"
    return "good" if was is not None and was.violations else ""


# --- cost ------------------------------------------------------------------------------------------


def _costs(change: Change) -> Iterator[str]:
    """Yield what all costs more or less, and by which parts."""
    if abs(change.preview.cost) >= ALIKE:
        yield say("changes.cost.total", cost=f"{change.preview.cost:+,.0f}")
    difference = change.preview.difference
    for part in COST_PARTS:
        if abs(difference[part]) >= ALIKE:
            yield say(f"changes.cost.{part}", cost=f"{difference[part]:+,.0f}")


# --- sentences -------------------------------------------------------------------------------------


def _told_rules(change: Change, town: Reopened) -> Iterator[Row]:
    broken = [say("changes.broken", text=_short(v, change.after, town)) for v in change.preview.broken]
    mended = [
        say("changes.mended", text=_short(v, change.before, town))
        for v in change.preview.mended
        if v.rule not in TOLD_BY_OUTCOME
    ]
    yield from _cut("bad", broken)
    yield from _cut("good", mended)


def _told_places(change: Change, town: Reopened) -> Iterator[Row]:
    yield from _cut("fair", [_reopened(one, change.before, town) for one in change.reopened])
    unasked = [name_of(town, c) for c in change.unasked]
    if unasked:
        yield {"text": say("changes.unasked", names=_listed(unasked)), "mark": "fair"}
    fallen = [
        say("changes.fallen", place=_place(p, change.before, town), reason=change.before.accepted[p].reason)
        for p in change.fallen
    ]
    yield from _cut("fair", fallen)
    yield from _told_outcomes(change, town)


def _told_outcomes(change: Change, town: Reopened) -> Iterator[Row]:
    """Yield a row for each way outcomes change, with who goes it."""
    going: dict[tuple[str, str], list[str]] = {}
    for community, was, now in change.preview.outcomes:
        going.setdefault((was, now), []).append(name_of(town, community))
    for (was, now), names in sorted(going.items()):
        words = {key: say(f"violations.outcome.word.{key}") for key in (was, now)}
        yield {
            "text": say("changes.outcome", names=_listed(names), before=words[was], after=words[now]),
            "mark": "fair" if now == "exception" else "good" if was == "exception" else "",
        }


def _reopened(one: Reopening, draft: Draft, town: Reopened) -> str:
    names = {c: name_of(town, c) for c in one.again}
    return reopening_words(one, {**names, one.area_id: called(draft, one.area_id)})


def _cut(mark: str, sentences: Sequence[str]) -> Iterator[Row]:
    yield from ({"text": text, "mark": mark} for text in sentences[:SHOWN])
    if len(sentences) > SHOWN:
        yield {"text": say("changes.more", number=len(sentences) - SHOWN), "mark": mark}


def _short(violation: Violation, draft: Draft, town: Reopened) -> str:
    """Return a broken rule in few words, without what to do: that is being done."""
    place = called(draft, violation.area_id) if violation.area_id else name_of(town, violation.community_id)
    members = _listed([name_of(town, m) for m in violation.members])
    key = f"changes.rule.{violation.rule}"
    if violation.rule == "scope":
        key += f".{violation.value}"
    if key in catalogue():
        return say(key, place=place, members=members, value=violation.value, limit=violation.limit)
    names = {m: name_of(town, m) for m in (violation.community_id, *violation.members)}
    return violation_sentence(violation, names)


def _place(place: str, draft: Draft, town: Reopened) -> str:
    return name_of(town, place) if place in town.graph else called(draft, place)


def _listed(names: Sequence[str]) -> str:
    if len(names) <= SHOWN:
        return listed(names)
    return say("changes.and_more", names=names[:SHOWN], number=len(names))
