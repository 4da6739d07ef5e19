"""Who has to do what by the plan: the annex row by row, the work items, and the way from what happened to a unit.

Texts are quoted from the plan, never said in other words (data/duties/); what happened is told in the words of who looks.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from geo.wording import say

FOLDER = Path(__file__).parent.parent / "data" / "duties"
# Units with territories; the work items name the police station beside the police.
STREET, COMMITTEE, POLICE, STATION = "street", "committee", "police", "station"
_LIKELY = 0.5  # so many of the pairs of signs that were typed have to be found, where no word is


# --- what the plan says ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Duty:
    """One duty of the annex: `row` of the table (1 = first), `number` within it (0 where the source has none)."""

    ref: str  # "city.4"
    unit: str
    row: int
    number: int
    text: str

    @property
    def where(self) -> str:
        """Return where it stands."""
        case = "numbered" if self.number else "single"
        return say(f"duties.where.{case}", row=self.row, number=self.number)


@dataclass(frozen=True)
class Target:
    """So many communities in a year, all of them where `number` is None."""

    year: int
    number: int | None


@dataclass(frozen=True)
class WorkItem:
    """One work item of the plan, with the units that lead it and those that help."""

    ref: str  # "6.2"
    cite: str  # "三（六）2"
    title: str
    text: str
    lead: tuple[str, ...]
    support: tuple[str, ...]

    @property
    def where(self) -> str:
        """Return where it stands."""
        return say("duties.where.item", cite=self.cite)


@dataclass(frozen=True)
class Section:
    """One section of the work: its items, and its numbers where it has some; `total` communities in all, 0 unsaid."""

    cite: str
    title: str
    text: str
    total: int
    targets: tuple[Target, ...]
    items: tuple[WorkItem, ...]


@dataclass(frozen=True)
class Requirement:
    """One requirement on how the work is led; `members` are the units of the leading group."""

    cite: str
    title: str
    text: str
    members: tuple[str, ...]


@cache
def annex() -> tuple[Duty, ...]:
    """Return every duty, in the order of the table."""
    return tuple(
        Duty(f"{row['key']}.{number}", row["key"], place, number if len(row["duties"]) > 1 else 0, text)
        for place, row in enumerate(_read("annex")["unit"], 1)
        for number, text in enumerate(row["duties"], 1)
    )


def annex_source() -> str:
    """Return which paper the annex is of."""
    return str(_read("annex")["source"])


def units() -> tuple[str, ...]:
    """Return the units of the annex, in the order of the table."""
    return tuple(dict.fromkeys(duty.unit for duty in annex()))


@cache
def sections() -> tuple[Section, ...]:
    """Return the work of the plan, section by section."""
    return tuple(_section(place, told) for place, told in enumerate(_read("programme")["section"], 1))


@cache
def requirements() -> tuple[Requirement, ...]:
    """Return the requirements of the plan."""
    told = _read("programme")
    return tuple(
        Requirement(
            f"{told['requirements_part']}（{one['numeral']}）",
            one["title"],
            one["text"],
            tuple(one.get("members", ())),
        )
        for one in told["requirement"]
    )


def unit_name(unit: str) -> str:
    """Return what a unit is called, on the plan and beyond it."""
    return say(f"duties.unit.{unit}")


def _section(place: int, told: dict[str, Any]) -> Section:
    cite = f"{_read('programme')['work_part']}（{told['numeral']}）"
    alone = len(told["item"]) == 1
    items = (
        WorkItem(
            ref=f"{place}.{number}",
            cite=cite if alone else f"{cite}{number}",
            title=item.get("title", told["title"]),
            text=item["text"],
            lead=tuple(item["lead"]),
            support=tuple(item.get("support", ())),
        )
        for number, item in enumerate(told["item"], 1)
    )
    targets = tuple(Target(t["year"], t.get("number")) for t in told.get("targets", ()))
    return Section(cite, told["title"], told.get("text", ""), told.get("total", 0), targets, tuple(items))


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


# --- from what happened to a unit ------------------------------------------------------------------


@dataclass(frozen=True)
class Quote:
    """What the plan says of a unit: the text as it stands there, and where."""

    text: str
    where: str


@dataclass(frozen=True)
class Answer:
    """A unit to turn to, and all that the plan has it do in this matter; `helps` where it only supports others."""

    unit: str
    quotes: tuple[Quote, ...]
    helps: bool = False


@dataclass(frozen=True)
class Issue:
    """Something that happens, with the words that people have for it; `group` is one of `groups()`."""

    key: str
    group: str
    words: tuple[str, ...]
    duties: tuple[Duty, ...]
    items: tuple[WorkItem, ...]

    @property
    def name(self) -> str:
        """Return what it is called."""
        return say(f"duties.issue.{self.key}")

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Return the units to turn to, the first first, then those that only help."""
        leading = [(d.unit, Quote(d.text, d.where)) for d in self.duties]
        leading += [(unit, Quote(i.text, i.where)) for i in self.items for unit in i.lead]
        firm = {unit for unit, _ in leading}
        helping = [(unit, Quote(i.text, i.where)) for i in self.items for unit in i.support]
        return (*_grouped(leading), *_grouped(((u, q) for u, q in helping if u not in firm), helps=True))


def groups() -> tuple[str, ...]:
    """Return the kinds of issues, those first that a grid worker meets every day."""
    return tuple(_read("issues")["groups"])


def group_name(group: str) -> str:
    """Return what a kind of issues is called."""
    return say(f"duties.group.{group}")


@cache
def issues() -> tuple[Issue, ...]:
    """Return every kind of issue, in the order of the file."""
    duty = {one.ref: one for one in annex()}
    item = {one.ref: one for section in sections() for one in section.items}
    return tuple(
        Issue(
            told["key"],
            told["group"],
            tuple(told["words"]),
            tuple(duty[ref] for ref in told.get("duties", ())),
            tuple(item[ref] for ref in told.get("items", ())),
        )
        for told in _read("issues")["issue"]
    )


def found(typed: str) -> tuple[Issue, ...]:
    """Return the issues that somebody means, the likeliest first: all of them where nothing was typed.

    What was typed is a name, a word, holds one or is part of one. Only where nothing is, the quoted texts are looked
    through, and then half of its pairs of signs have to be among the words.
    """
    asked = _plain(typed)
    if not asked:
        return issues()
    ranked = sorted(
        ((rank, issue) for issue in issues() if (rank := _rank(issue, asked))),
        key=lambda own: own[0],
        reverse=True,
    )
    best = max((rank[0] for rank, _ in ranked), default=0)
    least = NAMED if best == NAMED else min(best, PART)
    return tuple(issue for rank, issue in ranked if rank[0] >= least)


Rank = tuple[int, int, int]  # how it fits, how much of it, how near the word stands to the first
NAMED, WORD, HOLDS, PART, QUOTED, PAIRS = 6, 5, 4, 3, 2, 1


def _rank(issue: Issue, asked: str) -> Rank | None:
    words, name = [_plain(word) for word in issue.words], _plain(issue.name)
    if asked == name:
        return NAMED, 0, 0
    if asked in words:
        return WORD, int(_holds(name, asked)), -words.index(asked)
    if held := [word for word in words if _holds(asked, word)]:
        return HOLDS, max(map(len, held)), len(held)
    if within := [place for place, word in enumerate([name, *words]) if _holds(word, asked)]:
        return PART, 0, -within[0]
    if len(asked) > 1 and _holds(_quoted(issue), asked):
        return QUOTED, 0, 0
    pairs = set() if asked.isascii() else {asked[n : n + 2] for n in range(len(asked) - 1)}
    known = sum(any(pair in word for word in (name, *words)) for pair in pairs)
    return (PAIRS, known, 0) if pairs and known >= _LIKELY * len(pairs) else None


def _quoted(issue: Issue) -> str:
    return _plain("".join(quote.text for answer in issue.answers for quote in answer.quotes))


def _grouped(quotes: Iterable[tuple[str, Quote]], *, helps: bool = False) -> tuple[Answer, ...]:
    by_unit: dict[str, list[Quote]] = {}
    for unit, quote in quotes:
        by_unit.setdefault(unit, []).append(quote)
    return tuple(Answer(unit, tuple(own), helps) for unit, own in by_unit.items())


@lru_cache(maxsize=4096)  # the words of all issues, in every language
def _plain(text: str) -> str:
    """Return text for comparing: width, case and marks do not matter, blanks only between Latin words."""
    letters = re.sub(r"[^\w\s]", " ", unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"(?<![a-z0-9])\s+|\s+(?![a-z0-9])", "", letters)


def _holds(text: str, part: str) -> bool:
    """Tell whether the text holds the part; Latin letters only from the beginning of a word."""
    return f" {part}" in f" {text}" if part.isascii() else part in text
