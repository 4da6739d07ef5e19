"""A rules file that says what a run went by: what the planner gave beside it, put into its own lines."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields

from geo.schema import DataError
from optimizer.rules import Prices, Rules
from store.versions import rules_of

GIVEN = "本次运行另行给出"


def stated(text: str, rules: Rules) -> str:
    """Return the text with the limits of these rules where it says others; every other line stays as it is.

    A file that is not laid out in sections stays as it was: no version can then be made before its rules are mended.
    """
    told = rules_of(text)
    now = text
    for section, key, before, after in _lines(text, told, rules):
        if before != after:
            value = json.dumps(after, ensure_ascii=False)
            now = _put(now, section, key, f"{key} = {value}  # {GIVEN}")
    try:
        rules_of(now)
    except DataError:
        return text
    return now


def _lines(text: str, told: Rules, rules: Rules) -> Iterator[tuple[str, str, object, object]]:
    """Yield section and key of what may be given beside a rules file, as the file has it and as the rules have it."""
    for key in ("minimum", "upper", "most_areas", "within"):
        yield "group", key, getattr(told, key), getattr(rules, key)
    for key in ("outline_m", "point_m"):
        yield "reach", key, getattr(told, f"reach_{key}"), getattr(rules, f"reach_{key}")
    for field in fields(Prices):
        before, after = getattr(told.prices, field.name), getattr(rules.prices, field.name)
        if (
            field.name == "unlike" and before != after
        ):  # a table that is begun is said whole: what it lacks costs nothing
            own = tomllib.loads(text).get("prices", {}).get("unlike", {})
            yield from (("prices.unlike", key, own.get(key), price) for key, price in after.items())
        elif not isinstance(after, Mapping):  # those of crossings stand with their barriers
            yield "prices", field.name, before, after


def _put(text: str, section: str, key: str, line: str) -> str:
    """Return the text with this line for a key of a section, after the section's head where the key is not there."""
    lines = text.splitlines()
    head = _first(lines, rf"\[\s*{re.escape(section)}\s*\]", 0, len(lines))
    if head == len(lines):
        return "\n".join([*lines, "", f"[{section}]", line, ""])
    end = _first(lines, r"\[", head + 1, len(lines))
    there = _first(lines, rf"{key}\s*=", head + 1, end)
    if there == end:
        return "\n".join([*lines[: head + 1], line, *lines[head + 1 :], ""])
    return "\n".join([*lines[:there], line, *lines[_ends(lines, there) :], ""])


def _first(lines: list[str], pattern: str, start: int, end: int) -> int:
    return next((k for k in range(start, end) if re.match(rf"\s*{pattern}", lines[k])), end)


def _ends(lines: list[str], start: int) -> int:
    """Return where the statement that begins here ends: a list may go over several lines."""
    for end in range(start + 1, len(lines) + 1):
        try:
            tomllib.loads("\n".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
        return end
    return start + 1
