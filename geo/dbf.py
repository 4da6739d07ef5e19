"""Attributes of a shapefile: read here because GDAL fails on Chinese headings cut in the middle of a character."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.texts import clean_text

# Encodings a .cpg or the language byte may name, by how people write them; Western ones are what programs put there
# when they did not know, so they count as no word at all.
_CODE_PAGES = {
    "65001": "utf-8", "utf8": "utf-8", "unicode": "utf-8",
    "936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030", "54936": "gb18030", "cp936": "gb18030",
    "950": "big5", "big5": "big5",
}  # fmt: skip
_LANGUAGE_BYTES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
_HEAD_BYTES, _FIELD_BYTES, _NAME_BYTES = 32, 32, 11


class DbfError(ValueError):
    """The file is not a dBase table, or is cut short."""


class DbfEncodingError(ValueError):
    """The text of the table is in no encoding we know."""


@dataclass(frozen=True)
class Dbf:
    """A dBase table: text by heading, the encoding it was read in and whether the file had announced another or none.

    `kept` are the numbers, from 0, of the records that are not marked as deleted, in their order.
    """

    headings: Sequence[str]
    columns: Sequence[Sequence[str]]
    kept: npt.NDArray[np.intp]
    records: int
    encoding: str
    announced: str


@dataclass(frozen=True)
class _Field:
    name: bytes
    kind: str
    start: int
    width: int


def read_dbf(path: Path, /, *, code_page: str = "") -> Dbf:
    """Read a .dbf as it lies: numbers digit by digit, dates as ISO; `code_page` is the text of the .cpg, if any.

    The encoding is the announced one where it fits strictly, else UTF-8 where that fits strictly, else GB18030.
    Raises DbfError where the file is no table, DbfEncodingError where its text fits none of them.
    """
    data = path.read_bytes()
    fields, cells, kept, records = _layout(data)
    texts = [[bytes(c).strip(b" \0") for c in cells[:, f.start : f.start + f.width]] for f in fields]
    wide = [(f, column) for f, column in zip(fields, texts, strict=True) if f.kind == "C"]
    announced = _announced(code_page, data[29])
    samples = [(f.name, _NAME_BYTES - 1) for f in fields] + [
        (c, f.width) for f, column in wide for c in column
    ]
    encoding = _fitting([s for s in samples if not s[0].isascii()], announced)
    headings = [clean_text(f.name.decode(encoding, "ignore")) for f in fields]
    columns = [[_text(c, f.kind, encoding) for c in column] for f, column in zip(fields, texts, strict=True)]
    return Dbf(headings, columns, kept, records, encoding, announced)


def _layout(data: bytes) -> tuple[list[_Field], npt.NDArray[np.uint8], npt.NDArray[np.intp], int]:
    """Return the fields, the records not deleted as rows of bytes, their numbers, and how many there were."""
    if len(data) <= _HEAD_BYTES:
        raise DbfError
    records = int.from_bytes(data[4:8], "little")
    first, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    fields, start = [], 1  # the first byte of a record marks it as deleted
    for at in range(_HEAD_BYTES, first - _FIELD_BYTES, _FIELD_BYTES):
        entry = data[at : at + _FIELD_BYTES]
        if len(entry) < _FIELD_BYTES or entry[0] == 0x0D:
            break
        name = entry[:_NAME_BYTES].split(b"\0")[0].strip()
        fields.append(_Field(name, chr(entry[11]), start, entry[16]))
        start += entry[16]
    if not fields or start > width or len(data) < first + records * width:
        raise DbfError
    table = np.frombuffer(data, np.uint8, records * width, first).reshape(records, width)
    kept = np.flatnonzero(table[:, 0] != ord("*"))
    return fields, table[kept], kept, records


def _announced(code_page: str, language_byte: int) -> str:
    plain = (
        code_page.strip().lower().replace("-", "").replace("_", "").removeprefix("ansi ").removeprefix("oem ")
    )
    return _CODE_PAGES.get(plain, _LANGUAGE_BYTES.get(language_byte, ""))


def _fitting(samples: Sequence[tuple[bytes, int]], announced: str) -> str:
    for encoding in dict.fromkeys(e for e in (announced, "utf-8", "gb18030") if e):
        if all(_decodes(text, width, encoding) for text, width in samples):
            return encoding
    raise DbfEncodingError


def _decodes(text: bytes, width: int, encoding: str) -> bool:
    """Say whether bytes are text in an encoding; where a full field was cut inside a character, its tail is forgiven."""
    try:
        text.decode(encoding)
    except UnicodeDecodeError as error:
        return len(text) == width and error.start >= width - 3 and error.reason in _CUT_SHORT
    return True


_CUT_SHORT = ("unexpected end of data", "incomplete multibyte sequence")


def _text(cell: bytes, kind: str, encoding: str) -> str:
    if kind == "C":
        return clean_text(cell.decode(encoding, "ignore"))
    text = cell.decode("ascii", "ignore").strip()
    match kind:
        case "N" | "F":
            return _number(text)
        case "D":
            return (
                f"{text[:4]}-{text[4:6]}-{text[6:]}"
                if len(text) == 8 and text.isdecimal() and int(text)
                else ""
            )
        case "L":
            return {"T": "TRUE", "Y": "TRUE", "F": "FALSE", "N": "FALSE"}.get(text.upper(), "")
        case _:
            return ""  # memos and binary fields: no shapefile carries the file they point into


def _number(text: str) -> str:
    """Return a number without the zeros and exponents that fill its field; "" for the asterisks of an overflow."""
    if text.removeprefix("-").isdecimal():
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return ""
    return f"{number.normalize():f}" if number.is_finite() and abs(number.adjusted()) < 40 else ""
