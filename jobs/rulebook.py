"""The rules of an office: one TOML file, its numbers changed in their own lines: meaning and source stay beside them."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from geo.schema import DataError
from jobs.policy import Given, Policy, policy_from
from jobs.procedures import profile_of
from optimizer.rules import CHONGQING

Value = bool | int | float
FILE = "rules.toml"
SECTIONS = (
    "group",
    "reach",
    "prices",
    "prices.unlike",
    "procedure",
)  # what of a file is numbers and switches
BARRIER, TO_CONFIRM = "barrier", "to_be_confirmed"
RULES_OF_BARRIERS = ("never", "price", "wall", "open")
_LINE = re.compile(
    r"(?P<head>\s*(?P<key>[\w-]+)\s*=\s*)(?P<value>[^#\n]*?)(?P<rest>\s*(?:#\s*(?P<meaning>.*))?)"
)


@dataclass(frozen=True)
class Entry:
    """A number or a switch: `key` as in "prices.grid", `meaning` what the file says beside it, with its source."""

    key: str
    value: Value
    meaning: str

    @property
    def section(self) -> str:
        """Return the section that it stands in."""
        return self.key.rpartition(".")[0]


@dataclass(frozen=True)
class BarrierClass:
    """What a class of barriers does: `rule` one of RULES_OF_BARRIERS, `price` in household-metres for each crossing."""

    name: str
    rule: str
    price: float
    meaning: str


def policy_of(text: str, *, file: str = FILE) -> Policy:
    """Return what a rules file says; raises DataError naming the key that is wrong: the border that a run has too."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError("rules.not_toml", file=file, detail=error) from error
    return policy_from(table, Given(), text=text, file=file)


def entries(text: str) -> tuple[Entry, ...]:
    """Return the numbers and switches of SECTIONS, in the order of the file."""
    table, told = tomllib.loads(text), dict(_meanings(text))
    found = []
    for section in SECTIONS:
        for key, value in _section(table, section).items():
            if isinstance(value, bool | int | float):
                found.append(Entry(f"{section}.{key}", value, told.get(f"{section}.{key}", "")))
    return tuple(found)


def barrier_entries(text: str) -> tuple[BarrierClass, ...]:
    """Return the classes of barriers, in the order in which they are compared."""
    told = dict(_meanings(text))
    return tuple(
        BarrierClass(
            str(row.get("name", "")),
            str(row.get("rule", "")),
            float(row.get("price", 0.0)),
            told.get(f"{BARRIER}.{number}.name", "") or told.get(f"{BARRIER}.{number}.rule", ""),
        )
        for number, row in enumerate(tomllib.loads(text).get(BARRIER, ()))
    )


def edited(
    text: str, values: Mapping[str, Value], barriers: Sequence[BarrierClass] = (), *, file: str = FILE
) -> str:
    """Return the text with these values in their lines, everything else as it stands, checked as a run would check it.

    `barriers` are all classes in their order, () to leave them. Raises DataError where a value makes no sense, or where
    the file is laid out in a way that its line cannot be found.
    """
    changes: dict[str, object] = {
        e.key: values[e.key] for e in entries(text) if e.key in values and values[e.key] != e.value
    }
    for number, (before, after) in enumerate(zip(barrier_entries(text), barriers, strict=bool(barriers))):
        if after.rule != before.rule:
            changes[f"{BARRIER}.{number}.rule"] = after.rule
        if after.rule == "price" and after.price != before.price:
            changes[f"{BARRIER}.{number}.price"] = after.price
    changes |= _unconfirmed(text, changes)
    now = _put(text, changes)
    policy_of(now, file=file)
    for key, value in changes.items():
        if _at(tomllib.loads(now), key) != value:
            raise DataError("rules.line_not_found", file=file, key=key)
    return now


def merged(
    text: str,
    seen: str,
    values: Mapping[str, Value],
    barriers: Sequence[BarrierClass] = (),
    *,
    file: str = FILE,
) -> str:
    """Return `edited`, with only what differs from what was `seen`: what others changed since stays theirs.

    Raises DataError naming the keys that both changed, and all that was given, so that it can be entered again.
    """
    if text == seen:
        return edited(text, values, barriers, file=file)
    before, now = ({e.key: e.value for e in entries(one)} for one in (seen, text))
    mine = {key: value for key, value in values.items() if before.get(key) != value}
    both = [key for key, value in mine.items() if now.get(key) not in (before.get(key), value)]
    classes, others = barrier_entries(seen), barrier_entries(text)
    if [one.name for one in classes] != [one.name for one in others]:
        both.append(BARRIER)
    else:
        ours = [after != was for was, after in zip(classes, barriers, strict=bool(barriers))]
        both += [
            theirs.name
            for was, theirs, after, own in zip(classes, others, barriers, ours, strict=False)
            if own and theirs not in (was, after)
        ]
        barriers = [
            after if own else theirs for theirs, after, own in zip(others, barriers, ours, strict=False)
        ]
    if both:
        raise DataError(
            "rules.changed_meanwhile", keys=both, given=[f"{key} = {value:g}" for key, value in mine.items()]
        )
    return edited(text, mine, barriers, file=file)


def _unconfirmed(text: str, changes: Mapping[str, object]) -> dict[str, object]:
    """Return the marks to take back: a period that is changed is one that nobody has confirmed."""
    told = _section(tomllib.loads(text), "procedure")
    marks = {f"{key}_status" for key in told if f"procedure.{key}" in changes}
    return {f"procedure.{mark}": TO_CONFIRM for mark in marks if told.get(mark, TO_CONFIRM) != TO_CONFIRM}


# --- the file of an office -------------------------------------------------------------------------


def rules_text(file: Path) -> str:
    """Return the rules that the office keeps, the standard ones where it keeps none."""
    kept = file if file.is_file() else CHONGQING
    return kept.read_text(encoding="utf-8-sig")


def keep_rules(file: Path, text: str) -> None:
    """Keep these rules for the runs to come, in one step; raises DataError where a run would refuse them."""
    policy_of(text)
    profile_of(text)
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.{uuid4().hex}")
    half.write_text(text, encoding="utf-8")
    half.replace(file)


# --- lines -----------------------------------------------------------------------------------------


def _places(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield number and content of each line with the section it stands in; of a list of tables with its number."""
    section, numbers = "", dict[str, int]()
    for number, line in enumerate(text.splitlines()):
        if head := re.fullmatch(r"\s*\[\[\s*([\w.-]+)\s*\]\]\s*(?:#.*)?", line):
            numbers[head[1]] = numbers.get(head[1], -1) + 1
            section = f"{head[1]}.{numbers[head[1]]}"
        elif head := re.fullmatch(r"\s*\[\s*([\w.-]+)\s*\]\s*(?:#.*)?", line):
            section = head[1]
        yield number, section, line


def _meanings(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is said beside each line, by its key."""
    for _, section, line in _places(text):
        if (found := _LINE.fullmatch(line)) and found["meaning"]:
            yield f"{section}.{found['key']}", found["meaning"].strip()


def _put(text: str, changes: Mapping[str, object]) -> str:
    """Return the text with the changes: in the line of each, else in a line of its own below the first of its section."""
    lines, left = text.splitlines(), dict(changes)
    for number, section, line in _places(text):
        found = _LINE.fullmatch(line)
        key = f"{section}.{found['key']}" if found else ""
        if found and key in left:
            lines[number] = f"{found['head']}{_written(left.pop(key))}{found['rest']}"
    heads = {section: number for number, section, line in reversed([*_places(text)]) if section}
    for key, value in sorted(left.items(), key=lambda one: -heads.get(one[0].rpartition(".")[0], -1)):
        section, _, name = key.rpartition(".")
        if section in heads:
            lines.insert(heads[section] + 1, f"{name} = {_written(value)}")
    return "\n".join([*lines, ""])


def _written(value: object) -> str:
    """Return a value as TOML writes it; a whole number without a fraction."""
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole and isinstance(value, float) else value, ensure_ascii=False)


def _section(table: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    found: Any = table
    for name in section.split("."):
        found = found.get(name, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _at(table: Mapping[str, Any], key: str) -> object:
    section, _, name = key.rpartition(".")
    if section.startswith(f"{BARRIER}."):
        return table[BARRIER][int(section.removeprefix(f"{BARRIER}."))].get(name)
    return _section(table, section).get(name)
