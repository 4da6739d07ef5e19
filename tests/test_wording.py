"""The catalogue: sentences are found, filled, and every key the code names exists."""

import ast
import string
from pathlib import Path

import pytest

from geo.wording import catalogue, say

HERE = Path(__file__).parent.parent
ROOMS = ("geo", "optimizer", "store", "report", "jobs", "ui")

# called with a literal key → where the catalogue keeps it
PREFIX = {"say": "", "DataError": "errors.", "finding": "findings."}


def literal_keys() -> set[str]:
    """Every key that the code names in full: say("a.b"), DataError("a.b"), finding("a.b")."""
    keys = set()
    for room in ROOMS:
        for path in (HERE / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in PREFIX
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    keys.add(f"{PREFIX[node.func.id]}{node.args[0].value}")
    return keys


def known(key: str) -> bool:
    return (
        (key in catalogue())
        if not key.startswith("findings.")
        else {f"{key}.found", f"{key}.done"} <= set(catalogue())
    )


@pytest.mark.parametrize("key", sorted(literal_keys()))
def test_every_key_the_code_names_is_in_the_catalogue(key):
    assert known(key)


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_every_sentence_can_be_filled(key):
    fields = {name for _, name, _, _ in string.Formatter().parse(catalogue()[key]) if name}
    assert say(key, **dict.fromkeys(fields, "1")) is not None


def test_values_are_never_read_as_templates():
    assert "{file}" in say("errors.rules.unreadable", file="{file}")


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError):
        say("errors.no_such_sentence")
