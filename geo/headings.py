"""Which source column is which of our fields: given by the planner, otherwise found by synonyms."""

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from geo.schema import DataError

SYNONYMS = Path(__file__).parent.parent / "data" / "fields" / "synonyms.toml"

COUNT_FIELDS = ("count", "dwellings", "households", "owners")
RUNNING_NUMBER_HEADINGS = frozenset({"序号", "序", "no", "no.", "行号", "编次", "index", "fid", "objectid"})
# 常住户数 counts who lives there today; the minimum speaks of the houses (design.md §2).
RESIDENT_HEADINGS = frozenset(
    {"常住户数", "常住户", "常住人口户数", "户籍户数", "人口", "常住人口", "户籍人口"}
)

_UNIT_IN_BRACKETS = re.compile(
    r"[\(\[](?:万?m2|万?平方?米|万?平|亩|公顷|ha|户|套|栋|幢|座|个|年|人|层|米|m|度|°|\d+)[\)\]]"
)


@dataclass(frozen=True)
class Fields:
    """Source columns that the planner named: heading by our field; `absent` are fields that no column stands for.

    Raises DataError for a field that is not ours.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse fields that we do not have."""
        for ours in (*self.given, *self.absent):
            if ours not in synonyms():
                raise DataError("cleaning.unknown_field", given=ours, known=tuple(synonyms()))


def read_fields(path: Path | None = None, /, **named: str | None) -> Fields:
    """Return the fields of a file (TOML `ours = "theirs"`, or csv lines `ours,theirs`), `named` ones before it.

    An empty heading in the file says that no column is this field, whatever its heading. Raises DataError where the
    file cannot be read or names a field that is not ours.
    """
    told = {**(_fields_of(path) if path else {}), **{ours: h for ours, h in named.items() if h}}
    return Fields({ours: h for ours, h in told.items() if h}, frozenset(o for o, h in told.items() if not h))


@cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """Return, by our field, the normalised headings under which it is commonly met."""
    table = tomllib.loads(SYNONYMS.read_text(encoding="utf-8"))
    return MappingProxyType({ours: tuple(map(normalised, words)) for ours, words in table.items()})


def normalised(heading: str) -> str:
    """Return a heading as it is compared: "建筑面积（㎡）" → "建筑面积", "Total_Dwelling Units" → "totaldwellingunits"."""
    plain = "".join(unicodedata.normalize("NFKC", heading).split()).lower().strip("*:")
    return _UNIT_IN_BRACKETS.sub("", plain).replace("_", "")


def find_columns(headings: list[str], fields: Fields, *, file: str) -> dict[str, str]:
    """Return the source heading of each of our fields that the table has; of the counts only the given one.

    Raises DataError where a given heading is not in the table, or a running number is given as id.
    """
    by_words: dict[str, str] = {}
    for heading in headings:
        for words in (normalised(heading), normalised(heading.rpartition("/")[2])):
            by_words.setdefault(words, heading)
    columns = {ours: _given(ours, theirs, by_words, headings, file) for ours, theirs in fields.given.items()}
    taken = set(columns.values())
    for ours, known in synonyms().items():
        if ours in columns or ours in COUNT_FIELDS or ours in fields.absent:
            continue
        found = next((by_words[w] for w in known if w in by_words and by_words[w] not in taken), None)
        if found is not None:
            columns[ours] = found
            taken.add(found)
    if normalised(columns.get("id", "")) in RUNNING_NUMBER_HEADINGS:
        raise DataError("cleaning.running_number", file=file, column=columns["id"])
    return columns


def find_count_columns(headings: list[str], *, taken: set[str]) -> dict[str, str]:
    """Return our count field by source heading, for every heading that is one of its synonyms and not `taken`."""
    field_of_words = {w: ours for ours in COUNT_FIELDS for w in synonyms()[ours]}
    found = {}
    for heading in headings:
        whole, last = normalised(heading), normalised(heading.rpartition("/")[2])
        ours = field_of_words.get(whole) or field_of_words.get(last)
        if ours and heading not in taken:
            found[heading] = ours
    return found


def _given(ours: str, theirs: str, by_words: Mapping[str, str], headings: list[str], file: str) -> str:
    found = theirs if theirs in headings else by_words.get(normalised(theirs))
    if found is None:
        raise DataError("cleaning.no_column", file=file, column=theirs, field=ours, headings=tuple(headings))
    return found


def _fields_of(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as reason:
        raise DataError("cleaning.fields_unreadable", file=path.name) from reason
    if path.suffix.lower() != ".toml":
        rows = [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
        if any(len(row) < 2 for row in rows):
            raise DataError("cleaning.fields_unreadable", file=path.name)
        pairs = {row[0].strip(): row[1].strip() for row in rows}
        return {ours: theirs for ours, theirs in pairs.items() if (ours, theirs) != ("ours", "theirs")}
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise DataError("cleaning.fields_unreadable", file=path.name) from reason
    if not all(isinstance(theirs, str) for theirs in table.values()):
        raise DataError("cleaning.fields_unreadable", file=path.name)
    return dict(table)
