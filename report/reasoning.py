"""Reasons, repairs and violations in words: ids become names, causes become phrases; and the reasons people enter."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from geo.wording import has, listed, say
from optimizer.blocks import Waiver
from optimizer.checks import Violation
from optimizer.reasons import Reason, Repair

ENTERED = Path(__file__).parent.parent / "data" / "reasons" / "entered.toml"
NAMES_SHOWN = 6  # a sentence with more names is not read to its end


@dataclass(frozen=True)
class EnteredReason:
    """A reason that people enter: its name, what evidence goes with it, and who decides."""

    code: str
    name: str
    evidence: str
    decides: str


@dataclass(frozen=True)
class OfferedRepair:
    """A repair that people choose; each use of it has a `deadline` (ISO date) and a `post`, empty until filled in."""

    code: str
    name: str
    deadline: str = field(default="")
    post: str = field(default="")


def entered_reasons() -> tuple[EnteredReason, ...]:
    """Return the reasons people can enter, in the order of the file."""
    parts = ("name", "evidence", "decides")
    return tuple(
        EnteredReason(code, *(say(f"entered.reason.{code}.{part}") for part in parts))
        for code in _offered()["reasons"]
    )


def offered_repairs() -> tuple[OfferedRepair, ...]:
    """Return the repairs people can choose, in the order of the file."""
    return tuple(OfferedRepair(code, say(f"entered.repair.{code}")) for code in _offered()["repairs"])


@cache
def _offered() -> dict[str, list[str]]:
    return tomllib.loads(ENTERED.read_text(encoding="utf-8"))


def reason_label(reason: Reason) -> str:
    """Return the short name of a reason, for a narrow column."""
    return say(f"reasons.short.{reason.code}")


def reason_sentence(reason: Reason, names: Mapping[str, str]) -> str:
    """Return a reason in words; a community without a name in `names` is called by its id."""
    case = reason.numbers.get("case")
    key = f"reasons.{reason.code}.{case}" if case else f"reasons.{reason.code}"
    return say(key, **_in_words(reason.numbers, names))


def repair_sentence(repair: Repair | None, names: Mapping[str, str]) -> str:
    """Return a repair in words, "" where there is none."""
    if repair is None:
        return ""
    return say(f"repairs.{repair.code}", **_in_words(repair.numbers, names))


def violation_sentence(violation: Violation, names: Mapping[str, str]) -> str:
    """Return a violation in words; a community without a name in `names` is called by its id."""
    case = _case_of(violation)
    key = f"violations.{violation.rule}.{case}" if case else f"violations.{violation.rule}"
    place = violation.area_id or names.get(violation.community_id, violation.community_id)
    values = {"value": violation.value, "limit": violation.limit}
    if violation.rule == "center":
        values = {k: names.get(str(v), str(v)) for k, v in values.items()}
    if violation.rule == "outcome":
        values = {k: _worded("violations.outcome.word", str(v)) for k, v in values.items()}
    if violation.rule in {"within", "barriers"}:
        values["value"] = listed(str(violation.value).split("、"))
    if violation.rule == "within":
        values["limit"] = _column(str(violation.limit))
    return say(key, place=place, members=_listed(violation.members, names), **values)


def _case_of(violation: Violation) -> str:
    if violation.rule == "scope":
        return str(violation.value)
    if violation.rule == "outcome":
        return "wrong" if violation.value else "missing"
    if violation.rule == "cover":
        return "none" if violation.area_id else "unknown" if violation.limit == 0 else "twice"
    return ""


def _in_words(numbers: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """Return numbers for the catalogue: `x_id` and `x_ids` become names under `x`, metres are rounded."""
    words: dict[str, object] = {}
    for key, value in numbers.items():
        if key.endswith("_id"):
            words[key.removesuffix("_id")] = names.get(str(value), str(value))
        elif key.endswith("_ids") and isinstance(value, tuple):
            words[key.removesuffix("_ids")] = _listed(value, names)
        elif key == "links" and isinstance(value, tuple):
            words[key] = say("words.semicolon").join(_link(waiver, names) for waiver in value)
        elif key == "pairs" and isinstance(value, tuple):
            words[key] = listed(say("reasons.pair", a=names.get(a, a), b=names.get(b, b)) for a, b in value)
        elif key == "cause":
            words[key] = cause_words(str(value))
        elif key == "column":
            words[key] = _column(str(value))
        else:
            words[key] = f"{value:.0f}" if isinstance(value, float) else value
    return words


def _listed(ids: Iterable[str], names: Mapping[str, str]) -> str:
    called = [names.get(i, i) for i in ids]
    if len(called) <= NAMES_SHOWN:
        return listed(called)
    return say("reasons.more", names=called[:NAMES_SHOWN], number=len(called))


def _link(waiver: Waiver, names: Mapping[str, str]) -> str:
    return say(
        "repairs.link",
        a=names.get(waiver.a, waiver.a),
        b=names.get(waiver.b, waiver.b),
        gap_m=f"{waiver.gap_m:.0f}",
        cause=cause_words(waiver.cause),
    )


def cause_words(cause: str) -> str:
    """Return in words what stands between two neighbours: a `cause` of REFUSED_COLUMNS."""
    kind, _, name = cause.partition(":")
    return say(f"reasons.cause.{kind}", name=_column(name) if kind == "within" else name)


def _column(column: str) -> str:
    return _worded("reasons.column", column)


def _worded(table: str, key: str) -> str:
    """Return the word of the catalogue, the key itself where there is none."""
    return say(f"{table}.{key}") if has(f"{table}.{key}") else key
