"""What a verb asks a planner for, and how the answers are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from geo.schema import DataError
from geo.wording import say

Kind = Literal["text", "date", "number", "choice", "area", "community"]
Answers = Mapping[str, object]


@dataclass(frozen=True)
class Option:
    """One answer of a choice: its `value`, and how it reads."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One question: `options` of a choice, an area or a community; asked only where another answer is among `when`."""

    key: str
    kind: Kind = "text"
    options: tuple[Option, ...] = ()
    required: bool = True
    when: tuple[str, tuple[str, ...]] = ("", ())

    @property
    def label(self) -> str:
        """Return what it is called."""
        return say(f"verbs.field.{self.key}")

    def asked(self, answers: Answers) -> bool:
        """Tell whether the question is asked, the other answers being these."""
        other, among = self.when
        return not other or text(answers, other) in among


def choice(key: str, words: str, values: tuple[str, ...]) -> Field:
    """Return a choice of values that the catalogue names under `words`."""
    return Field(key, "choice", tuple(Option(value, say(f"{words}.{value}")) for value in values))


def refuse_wrong(fields: tuple[Field, ...], answers: Answers) -> None:
    """Raise DataError for the first answer that is missing or none of its options."""
    for field in fields:
        if not field.asked(answers):
            continue
        given = text(answers, field.key)
        if field.required and not given:
            raise DataError("verbs.missing", field=field.label)
        if given and field.options and given not in {option.value for option in field.options}:
            raise DataError("verbs.no_option", field=field.label, given=given)


def text(answers: Answers, key: str) -> str:
    """Return an answer as text, "" where there is none; a date as 2026-03-01."""
    given = answers.get(key)
    if given is None:
        return ""
    return given.isoformat() if isinstance(given, date) else str(given).strip()


def whole(answers: Answers, field: Field) -> int:
    """Return an answer as a whole number; raises DataError for what is none."""
    given = text(answers, field.key)
    digits = given.removesuffix(".0")  # a number field that knows only fractions
    if not (digits.isascii() and digits.isdigit()):
        raise DataError("verbs.no_number", field=field.label, given=given)
    return int(digits)
