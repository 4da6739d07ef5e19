"""A rules file as a planner may leave it: every table of the shape that its readers expect, every number usable."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from geo.schema import DataError

# Key of the file → what stands under it: "table", "tables" (a list of them) or "text".
SECTIONS = {
    "name": "text",
    "group": "table",
    "reach": "table",
    "prices": "table",
    "citation": "tables",
    "procedure": "table",
    "barriers": "table",
    "barrier": "tables",
}
BARRIER_KEYS = {
    "name": "text",
    "rule": "text",
    "price": "number",
    "walkable": "flag",
    "crossing": "flag",
    "reason": "text",
    "values": "texts",
    "match": "tables",
}
LARGEST = 1e9  # household-metres, metres, households: more is a slip of the hand, and would not add up safely


def check_rules_file(table: Mapping[str, Any], /, *, file: str) -> None:
    """Raise DataError naming `file` and the first key that is unknown, of the wrong kind or no usable number."""
    _check(table, SECTIONS, file=file, within="")
    for barrier in table.get("barrier", ()):
        _check(barrier, BARRIER_KEYS, file=file, within="barrier.")
        for match in barrier.get("match", ()):
            _check(match, dict.fromkeys(match, "texts"), file=file, within="barrier.match.")
    barriers = table.get("barriers", {})
    _check(barriers, dict.fromkeys(barriers, "texts"), file=file, within="barriers.")
    for key, number in _numbers(table, ""):
        check_number(number, key=key, file=file)


def check_number(number: float, /, *, key: str, file: str = "") -> None:
    """Raise DataError where a number is none (nan), endless or absurdly large; `key` is what people call it."""
    if not (math.isfinite(number) and abs(number) <= LARGEST):
        raise DataError(
            "rules.absurd" if file else "rules.absurd_option", file=file, key=key, given=f"{number:g}"
        )


def _check(table: Mapping[str, Any], kinds: Mapping[str, str], *, file: str, within: str) -> None:
    for key, value in table.items():
        if key not in kinds:
            raise DataError("rules.unknown_key", file=file, key=within + key, known=tuple(kinds))
        if not _is(value, kinds[key]):
            raise DataError("rules.wrong_kind", file=file, key=within + key, given=str(value))


def _is(value: object, kind: str) -> bool:
    match kind:
        case "table":
            return isinstance(value, dict)
        case "tables":
            return isinstance(value, list) and all(isinstance(v, dict) for v in value)
        case "texts":
            return isinstance(value, list) and all(isinstance(v, str) for v in value)
        case "text":
            return isinstance(value, str)
        case "flag":
            return isinstance(value, bool)
        case _:
            return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(value: object, key: str) -> Iterator[tuple[str, float]]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _numbers(inner, f"{key}.{name}".lstrip("."))
        case list():
            for inner in value:
                yield from _numbers(inner, key)
        case int() | float():
            yield key, value
