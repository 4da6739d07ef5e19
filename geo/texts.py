"""One cell to text: what a reader delivers in a cell becomes what people would have read there."""

import datetime as dt
import json
import math
import re

# C0 and C1 controls, lone surrogates, byte-order marks and non-characters: no paper, XML or database takes them.
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"[\t\r\n\x0b\x0c\x85\u2028\u2029]+")

# From here on a number typed into a spreadsheet has lost digits: it keeps 15.
_LONG_NUMBER = 10**15


def clean_text(text: str) -> str:
    """Return `text` without outer space and control characters; a line break or tab inside becomes one space."""
    text = text.strip()
    if text.isprintable():  # nearly every cell: nothing to take out
        return text
    return _NO_TEXT.sub("", _BREAKS.sub(" ", text)).strip()


def cell_text(value: object) -> str:
    """Return what stands in a cell as text; "" for nothing, NaN and infinities.

    A whole number has no ".0", a date is ISO, a date-time at midnight is a date, true and false are "TRUE" and
    "FALSE" as spreadsheets show them, lists and objects (of GeoJSON) are JSON.
    """
    match value:
        case None:
            text = ""
        case bool():
            text = "TRUE" if value else "FALSE"
        case float():
            text = _float_text(value)
        case dt.datetime():
            text = value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
        case dt.date() | dt.time():
            text = value.isoformat()
        case list() | dict():
            text = json.dumps(value, ensure_ascii=False)
        case _:
            text = str(value)
    return clean_text(text)


def is_long_number(value: object) -> bool:
    """Say whether a number of 16 digits or more was kept as a floating-point number, so that its end is rounded."""
    return isinstance(value, float) and math.isfinite(value) and abs(value) >= _LONG_NUMBER


def _float_text(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return f"{value:.0f}" if value.is_integer() else repr(value)
