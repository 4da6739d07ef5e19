"""Reasons, repairs and violations in words: ids become names, causes become phrases; and the reasons people enter."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from geo.wording import catalogue, say
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


@cache
def entered_reasons() -> tuple[EnteredReason, ...]:
    """Return the reasons people can enter, in the order of the file."""
    return tuple(EnteredReason(**row) for row in tomllib.loads(ENTERED.read_text(encoding="utf-8"))["reason"])


@cache
def offered_repairs() -> tuple[OfferedRepair, ...]:
    """Return the repairs people can choose, in the order of the file."""
    return tuple(OfferedRepair(**row) for row in tomllib.loads(ENTERED.read_text(encoding="utf-8"))["repair"])


def reason_label(reason: Reason, *, language: str = "zh") -> str:
    """Return the short name of a reason, for a narrow column."""
    return say(f"reasons.short.{reason.code}", language)


def reason_sentence(reason: Reason, names: Mapping[str, str], *, language: str = "zh") -> str:
    """Return a reason in words; a community without a name in `names` is called by its id."""
    case = reason.numbers.get("case")
    key = f"reasons.{reason.code}.{case}" if case else f"reasons.{reason.code}"
    return say(key, language, **_in_words(reason.numbers, names, language))


def repair_sentence(repair: Repair | None, names: Mapping[str, str], *, language: str = "zh") -> str:
    """Return a repair in words, "" where there is none."""
    if repair is None:
        return ""
    return say(f"repairs.{repair.code}", language, **_in_words(repair.numbers, names, language))


def violation_sentence(violation: Violation, names: Mapping[str, str], *, language: str = "zh") -> str:
    """Return a violation in words; a community without a name in `names` is called by its id."""
    case = _case_of(violation)
    key = f"violations.{violation.rule}.{case}" if case else f"violations.{violation.rule}"
    place = violation.area_id or names.get(violation.community_id, violation.community_id)
    values = {"value": violation.value, "limit": violation.limit}
    if violation.rule == "center":
        values = {k: names.get(str(v), str(v)) for k, v in values.items()}
    if violation.rule == "outcome":
        values = {
            k: catalogue(language).get(f"violations.outcome.word.{v}", str(v)) for k, v in values.items()
        }
    if violation.rule == "within":
        values["limit"] = _column(str(violation.limit), language)
    return say(key, language, place=place, members=_listed(violation.members, names), **values)


def _case_of(violation: Violation) -> str:
    if violation.rule == "scope":
        return str(violation.value)
    if violation.rule == "outcome":
        return "wrong" if violation.value else "missing"
    if violation.rule == "cover":
        return "none" if violation.area_id else "unknown" if violation.limit == 0 else "twice"
    return ""


def _in_words(numbers: Mapping[str, object], names: Mapping[str, str], language: str) -> dict[str, object]:
    """Return numbers for the catalogue: `x_id` and `x_ids` become names under `x`, metres are rounded."""
    words: dict[str, object] = {}
    for key, value in numbers.items():
        if key.endswith("_id"):
            words[key.removesuffix("_id")] = names.get(str(value), str(value))
        elif key.endswith("_ids") and isinstance(value, tuple):
            words[key.removesuffix("_ids")] = _listed(value, names)
        elif key == "links" and isinstance(value, tuple):
            words[key] = ";".join(_link(waiver, names, language) for waiver in value)
        elif key == "pairs" and isinstance(value, tuple):
            words[key] = "、".join(f"{names.get(a, a)}与{names.get(b, b)}" for a, b in value)
        elif key == "cause":
            words[key] = _cause(str(value), language)
        elif key == "column":
            words[key] = _column(str(value), language)
        else:
            words[key] = f"{value:.0f}" if isinstance(value, float) else value
    return words


def _listed(ids: Iterable[str], names: Mapping[str, str]) -> str:
    listed = [names.get(i, i) for i in ids]
    if len(listed) <= NAMES_SHOWN:
        return "、".join(listed)
    return f"{'、'.join(listed[:NAMES_SHOWN])}等 {len(listed)} 个小区"


def _link(waiver: Waiver, names: Mapping[str, str], language: str) -> str:
    return say(
        "repairs.link",
        language,
        a=names.get(waiver.a, waiver.a),
        b=names.get(waiver.b, waiver.b),
        gap_m=f"{waiver.gap_m:.0f}",
        cause=_cause(waiver.cause, language),
    )


def _cause(cause: str, language: str) -> str:
    kind, _, name = cause.partition(":")
    return say(f"reasons.cause.{kind}", language, name=_column(name, language) if kind == "within" else name)


def _column(column: str, language: str) -> str:
    return catalogue(language).get(f"reasons.column.{column}", column)
