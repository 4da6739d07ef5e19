"""What an updated ledger changes in a plan, and what becomes of what people decided: codes and figures, then words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pandas as pd

from geo.schema import DataError
from geo.wording import has, listed, say
from report.reasoning import cause_words
from report.workbooks import Sheet, write_workbook

STATES = ("falls", "look", "stands")


@dataclass(frozen=True)
class Effect:
    """One thing that is not as it was: `kind` is a key under "updating.kind.", of the catalogue, often a column.

    `place` is a community or an area, `other` the second of a pair, or the ids that it was split into or merged from
    joined by "、"; `before` and `after` are figures or codes; `areas` the areas that it touches, those gone included.
    """

    kind: str
    place: str
    other: str = ""
    before: str = ""
    after: str = ""
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decided:
    """What people decided, and what becomes of it: `state` one of STATES, `why` a code, "" where it stands.

    `kind` is the word of the decision, `place` and `other` as in Effect; `value` is a code and `text` what people wrote.
    """

    kind: str
    place: str
    state: str
    why: str = ""
    other: str = ""
    value: str = ""
    text: str = ""


def effects_lines(effects: Sequence[Effect], decisions: Sequence[Decided]) -> list[str]:
    """Return what there is to say in lines for a terminal: how many of each kind, and what falls."""
    if not effects:
        lines = [say("updating.nothing")]
    else:
        kinds = dict.fromkeys(effect.kind for effect in effects)
        number = {kind: sum(effect.kind == kind for effect in effects) for kind in kinds}
        counted = [say("updating.counted", kind=_kind(kind), number=number[kind]) for kind in kinds]
        areas = sorted({area for effect in effects for area in effect.areas})
        lines = [listed(counted), say("updating.touched", number=len(areas))]
    by_state = {state: sum(one.state == state for one in decisions) for state in STATES}
    return [*lines, say("updating.decisions", **by_state)]


def effects_table(effects: Sequence[Effect], names: Mapping[str, str]) -> pd.DataFrame:
    """Return the effects under headings that people read; `names` by community, those that are gone included."""
    rows = [
        {
            "kind": _kind(effect.kind),
            "place": effect.place,
            "name": names.get(effect.place, ""),
            "other": _others(effect, names),
            "before": _value(effect.kind, effect.before),
            "after": _value(effect.kind, effect.after),
            "areas": "、".join(effect.areas),
        }
        for effect in effects
    ]
    return _headed(rows, ("kind", "place", "name", "other", "before", "after", "areas"))


def decisions_table(decisions: Sequence[Decided], names: Mapping[str, str]) -> pd.DataFrame:
    """Return what was decided under headings that people read, what falls first."""
    rows = [
        {
            "state": say(f"updating.state.{one.state}"),
            "decision": say(f"updating.decision.{one.kind}"),
            "place": one.place,
            "name": names.get(one.place, ""),
            "other": " ".join(filter(None, [one.other, names.get(one.other, "")])),
            "text": say("words.semicolon").join(filter(None, [_value(one.kind, one.value), one.text])),
            "why": say(f"updating.why.{one.why}") if one.why else "",
        }
        for one in sorted(decisions, key=lambda one: STATES.index(one.state))
    ]
    return _headed(rows, ("state", "decision", "place", "name", "other", "text", "why"))


def effects_sheets(
    title: str, effects: Sequence[Effect], decisions: Sequence[Decided], names: Mapping[str, str]
) -> tuple[Sheet, ...]:
    """Return the sheets of the workbook that goes with an update."""
    lines = tuple(effects_lines(effects, decisions))
    tables = {"effects": effects_table(effects, names), "decisions": decisions_table(decisions, names)}
    return tuple(
        Sheet(sheet, f"{title} · {sheet}", lines, table)
        for key, table in tables.items()
        for sheet in [say(f"updating.sheet.{key}")]
    )


def write_effects(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write the workbook of an update, whole or not at all; raises DataError where it cannot be written."""
    half = path.with_name(f".{path.name}.{uuid4().hex}.xlsx")
    try:
        write_workbook(half, sheets)
        half.replace(path)
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise DataError("report.not_writable", folder=path, cause=cause) from error
    finally:
        half.unlink(missing_ok=True)


# --- words -----------------------------------------------------------------------------------------


def _kind(kind: str) -> str:
    return say(f"updating.kind.{kind}")


def _value(kind: str, value: str) -> str:
    """Return a code in words; a figure or what people wrote as it is."""
    tables = {
        "scope": "report.scope",
        "count_status": "report.status",
        "outcome": "updating.outcome",
        "pair_gone": "updating.pair",
        "pair_new": "updating.pair",
        "link_gone": "updating.link",
        "link_new": "updating.link",
        "link": "updating.link",
        "broken": "updating.rule",
        "mended": "updating.rule",
        "consent": "updating.consent",
        "mode": "documents.mode",
        "reopened": "proceeding.state",
        "in_force": "proceeding.state",
    }
    key = f"{tables.get(kind, '')}.{value}"
    if kind == "link_gone" and ":" in value:
        return cause_words(value)
    return say(key) if value and has(key) else value


def _others(effect: Effect, names: Mapping[str, str]) -> str:
    ids = [community for community in effect.other.split("、") if community]
    return listed(" ".join(filter(None, [one, names.get(one, "")])) for one in ids)


def _headed(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(columns), dtype="str")
    return table.set_axis([say(f"updating.column.{column}") for column in columns], axis=1)
