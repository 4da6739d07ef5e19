"""Papers as PDF: a fixed template of `templates/`, filled with JSON by typst; the one way from data to print.

A value stays a value: no text of data becomes part of a template, so `#`, `$` and `@` in a name are printed as they are.
The font lies in each file. The same paper of the same day has the same bytes. To add a paper: a template that begins with
`#import "paper.typ": *` and `#show: paper`, and a module that gives its `data`.
"""

import json
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Literal

from geo.wording import language, say
from report.font import FAMILY, FONT, STAND_IN, letters

TEMPLATES = Path(__file__).parent / "templates"
STANDARD: Literal["a-2u"] = (
    "a-2u"  # PDF/A: a file for the record, with its fonts and the text behind the signs
)
_COUNTRIES = MappingProxyType({"zh": "cn", "en": "gb"})
_NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Imprint:
    """What stands on every page: `source` names the version and its hash, `mark` lies across a draft, "" on none."""

    title: str
    office: str
    on: date
    source: str
    mark: str = ""


@dataclass(frozen=True)
class Printed:
    """A paper: the PDF, and the signs that the font lacks; they are printed as 〓, and the paper says so at its end."""

    content: bytes
    missing: tuple[str, ...]


def printed(
    template: str, imprint: Imprint, data: Any, *, pictures: Mapping[str, bytes] = _NO_PICTURES
) -> Printed:
    """Return the paper that a template (its name without ".typ") makes of `data`, which is what JSON knows.

    `pictures` are files (SVG, PNG, PDF) that the template draws by their names. Raises typst.TypstError where the
    template itself is at fault: a bug, never a matter of the data's text.
    """
    import typst

    told = {"title": imprint.title, "office": imprint.office, "source": imprint.source, "mark": imprint.mark}
    missing = missing_signs([told, data])
    content = {
        "data": printable(data),
        "imprint": printable(told) | {"on": [imprint.on.year, imprint.on.month, imprint.on.day]},
        "words": {"page": say("papers.page", page="{page}", pages="{pages}"), "missing": _missing(missing)},
        "font": FAMILY,
        "language": language(),
        "country": _COUNTRIES[language()],
    }
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for path in TEMPLATES.glob("*.typ"):
            shutil.copy(path, root)
        for name, picture in pictures.items():
            (root / name).write_bytes(picture)
        (root / "told.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        pdf = typst.compile(
            root / f"{template}.typ",
            root=root,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=STANDARD,
            timestamp=datetime(imprint.on.year, imprint.on.month, imprint.on.day, tzinfo=UTC),
        )
    return Printed(pdf, missing)


def missing_signs(data: Any) -> tuple[str, ...]:
    """Return the signs in all texts of `data` that the font cannot draw, each once, in their order."""
    signs = set(shown("".join(set().union(*_texts(data)))))
    return tuple(sorted(sign for sign in signs if ord(sign) not in letters() and sign not in "\n\u3000"))


def printable(data: Any) -> Any:
    """Return `data` with 〓 for every sign that the font lacks, and without those that nobody sees."""
    if isinstance(data, Mapping):
        return {key: printable(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [printable(value) for value in data]
    if isinstance(data, str):
        return "".join(map(_printed, shown(data)))
    return data


def _missing(signs: tuple[str, ...]) -> str:
    if not signs:
        return ""
    return say("papers.missing", stand_in=STAND_IN, signs=[f"U+{ord(sign):04X}" for sign in signs])


def shown(text: str) -> str:
    """Return the text with blanks for control characters, without what only steers how others are drawn."""
    return "".join(map(_shown, text))


@cache
def _shown(sign: str) -> str:
    kind = unicodedata.category(sign)
    varies = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
    if kind in ("Cf", "Cs") or varies:
        return ""
    return " " if kind == "Cc" and sign != "\n" else sign


@cache
def _printed(sign: str) -> str:
    return sign if sign == "\n" or ord(sign) in letters() else STAND_IN


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _texts(value)


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT.parent)]
    )
