"""Text tables (.csv and its kin) to cells: which encoding, which delimiter, and no line lost to an open quote."""

import csv
import io
from collections.abc import Iterator
from statistics import mode

from geo.schema import DataError, Finding, finding
from geo.texts import clean_text
from geo.workbooks import Grid

_DELIMITERS = (",", "\t", ";")
_LOOK_ROWS = 50
_UTF16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# Real GBK text read as UTF-8 breaks nearly everywhere; a damaged UTF-8 file breaks in few places.
_BROKEN_SHARE_MAX = 0.05
# An address has a few lines; a cell of more, in a table whose quotes are wrong anyway, is lost rows.
_LINES_IN_CELL_MAX = 5


def read_delimited(data: bytes, /, *, file: str) -> tuple[Grid, tuple[Finding, ...]]:
    """Return the cells of a text table and what was said about it.

    UTF-8 with or without mark, UTF-16 with mark, GB18030; comma, tab or semicolon, whichever makes most columns.
    Raises DataError naming `file` and the line for damaged text, a quote that is never closed, and an endless cell.
    """
    text = _decoded(data, file=file)
    delimiter = max(_DELIMITERS, key=lambda d: _columns(text, d))
    findings: tuple[Finding, ...] = ()
    try:
        rows = list(_cells(text, delimiter, strict=True))
    except csv.Error:
        rows, findings = _loosely(text, delimiter, file=file)
    return Grid([[clean_text(c) for c in row] for row in rows]), findings


def _decoded(data: bytes, *, file: str) -> str:
    if data[:2] in _UTF16:
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
        _refuse_damaged_utf8(data, file=file)
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            at = error.start
    raise DataError("reading.text_encoding", file=file, row=data.count(b"\n", 0, at) + 1)


def _refuse_damaged_utf8(data: bytes, *, file: str) -> None:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        loose = data.decode("utf-8", "replace")
        wide = sum(not c.isascii() for c in loose)
        if loose.count("\ufffd") <= _BROKEN_SHARE_MAX * wide:
            row = data.count(b"\n", 0, error.start) + 1
            raise DataError("reading.text_damaged", file=file, row=row) from error


def _cells(text: str, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def _columns(text: str, delimiter: str) -> int:
    """Return how many columns most of the first lines have under a delimiter."""
    widths = []
    try:
        for row in _cells(text, delimiter, strict=False):
            if row:
                widths.append(len(row))
            if len(widths) == _LOOK_ROWS:
                break
    except csv.Error:
        pass  # an endless cell: the reading itself will say where
    return mode(widths) if widths else 0


def _loosely(text: str, delimiter: str, *, file: str) -> tuple[list[list[str]], tuple[Finding, ...]]:
    """Read a table whose quotes break the rules; refuse one in which a quote may have swallowed the lines after it."""
    good, error = _before_error(text, delimiter, strict=True)
    if "unexpected end of data" in error:
        raise DataError("reading.text_quote", file=file, row=len(good) + 1)
    rows, error = _before_error(text, delimiter, strict=False)
    if error:
        raise DataError("reading.text_endless", file=file, row=len(rows) + 1)
    for i, row in enumerate(rows):
        if any(cell.count("\n") > _LINES_IN_CELL_MAX for cell in row):
            raise DataError("reading.text_quote", file=file, row=i + 1)
    return rows, (finding("reading.loose_quote", file, len(good) + 1),)


def _before_error(text: str, delimiter: str, *, strict: bool) -> tuple[list[list[str]], str]:
    """Return the rows up to the first error, and the words of that error, "" where there was none."""
    rows: list[list[str]] = []
    try:
        rows.extend(_cells(text, delimiter, strict=strict))
    except csv.Error as error:
        return rows, str(error)
    return rows, ""
