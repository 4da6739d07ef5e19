"""A rules file that says what a run went by: what the planner gave beside it, put into its own lines."""

import json
import re
import tomllib

from geo.schema import DataError
from optimizer.rules import Rules
from store.versions import rules_of

GIVEN = "本次运行另行给出"


def stated(text: str, rules: Rules) -> str:
    """Return the text with the limits of these rules where it says others; every other line stays as it is.

    A file that is not laid out in sections stays as it was: no version can then be made before its rules are mended.
    """
    told = rules_of(text)
    now = text
    for section, key, field in (
        ("group", "minimum", "minimum"),
        ("group", "upper", "upper"),
        ("group", "most_areas", "most_areas"),
        ("group", "within", "within"),
        ("reach", "outline_m", "reach_outline_m"),
        ("reach", "point_m", "reach_point_m"),
    ):
        if getattr(told, field) != getattr(rules, field):
            value = json.dumps(getattr(rules, field), ensure_ascii=False)
            now = _put(now, section, key, f"{key} = {value}  # {GIVEN}")
    try:
        rules_of(now)
    except DataError:
        return text
    return now


def _put(text: str, section: str, key: str, line: str) -> str:
    """Return the text with this line for a key of a section, after the section's head where the key is not there."""
    lines = text.splitlines()
    head = _first(lines, rf"\[\s*{section}\s*\]", 0, len(lines))
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
