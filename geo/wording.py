"""Every sentence a person reads, in one catalogue: data/language/<language>/*.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

LANGUAGES = Path(__file__).parent.parent / "data" / "language"


@cache
def catalogue(language: str = "zh") -> Mapping[str, str]:
    """Return all sentences of one language, keyed "file.key" (nested tables add more dots)."""
    sentences: dict[str, str] = {}
    for path in sorted((LANGUAGES / language).glob("*.toml")):
        _flatten(path.stem, tomllib.loads(path.read_text(encoding="utf-8")), sentences)
    return MappingProxyType(sentences)


def say(key: str, language: str = "zh", /, **values: object) -> str:
    """Return the sentence of `key` with its fields filled; values are never read as templates.

    Raises KeyError where the catalogue has no such key or the sentence needs a value that was not given.
    """
    return catalogue(language)[key].format(**values)


def _flatten(prefix: str, table: Mapping[str, object], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}.{key}", value, into)
        else:
            into[f"{prefix}.{key}"] = str(value)
