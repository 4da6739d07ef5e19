"""Every sentence a person reads, in one catalogue: data/language/<language>/*.toml.

Which language is spoken, the nearest first: `speaking` around the call; the person at the screen, where a program asks
`listen_to` to find out; the environment's ZUTUAN_LANGUAGE; Chinese.
"""

import os
import string
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent.parent / "data" / "language"
LANGUAGES = ("zh", "en")  # the first where nobody chose
ENVIRONMENT = "ZUTUAN_LANGUAGE"

_spoken: ContextVar[str] = ContextVar("zutuan_language", default="")
_person: Callable[[], str] | None = None


# --- which language --------------------------------------------------------------------------------


def language() -> str:
    """Return the language that sentences are said in, here and now."""
    chosen = _spoken.get() or (_person() if _person else "")
    return chosen if chosen in LANGUAGES else language_of_runs()


def language_of_runs() -> str:
    """Return the language of what runs write, whoever looks on: the environment's, else Chinese."""
    chosen = os.environ.get(ENVIRONMENT, "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say sentences in `language` within this block and this thread."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def listen_to(person: Callable[[], str]) -> None:
    """Let `person` say the language wherever no block of `speaking` does; it returns "" where there is nobody to ask.

    A program says this once: callbacks and fragments of a desk run in threads of their own, which no block reaches.
    """
    global _person  # noqa: PLW0603 - one question for all threads; its answer differs from session to session
    _person = person


# --- sentences -------------------------------------------------------------------------------------


@cache
def catalogue(language: str = LANGUAGES[0]) -> Mapping[str, str]:
    """Return all sentences of one language, keyed "file.key" (nested tables add more dots)."""
    sentences: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        _flatten(path.stem, tomllib.loads(path.read_text(encoding="utf-8")), sentences)
    return MappingProxyType(sentences)


def sentence(key: str) -> str:
    """Return the sentence of `key` with its fields unfilled; raises KeyError where the catalogue has no such key."""
    return catalogue(language())[key]


def has(key: str) -> bool:
    """Say whether the catalogue has a sentence of this key."""
    return key in catalogue(LANGUAGES[0])


def say(key: str, /, **values: object) -> str:
    """Return the sentence of `key` with its fields filled; values are never read as templates.

    A list is told with commas; "{number:area|areas}" is the first word where `number` is 1, else the second.
    Raises KeyError where the catalogue has no such key or the sentence needs a value that was not given.
    """
    pieces = _pieces(sentence(key))
    return "".join(text + (_filled(values[field], spec) if field else "") for text, field, spec in pieces)


def listed(parts: Iterable[object]) -> str:
    """Return the parts in one line, with the commas of the language."""
    return sentence("words.comma").join(map(str, parts))


@cache
def _pieces(sentence: str) -> tuple[tuple[str, str, str], ...]:
    """Return text, the field after it ("" at the end) and how the field is written, piece by piece."""
    parsed = string.Formatter().parse(sentence)
    return tuple((text, field or "", spec or "") for text, field, spec, _ in parsed)


def _filled(value: object, spec: str) -> str:
    one, choice, many = spec.partition("|")
    if choice:
        return one if str(value) == "1" else many
    return listed(value) if isinstance(value, list | tuple) else str(value)


def _flatten(prefix: str, table: Mapping[str, object], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}.{key}", value, into)
        else:
            into[f"{prefix}.{key}"] = str(value)
