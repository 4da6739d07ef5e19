"""The only way in which text from data enters a map."""

import re

import pandas as pd

# Every character with a meaning in HTML, in a JavaScript string or template literal, or in the template
# language that folium runs over its own output. Encoded as numbers they are inert in all three.
_ENCODED = {ord(c): f"&#{ord(c)};" for c in "&<>\"'`${}\\"}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def map_text(value: object) -> str:
    """Return a value as HTML that shows it literally, "" where it is missing.

    Control characters, halves of surrogate pairs and marks that turn the reading direction are left out.
    Source: dependencies.md §3.1, the sinks measured there.
    """
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN differs from itself
        return ""
    return _UNPRINTABLE.sub("", str(value)).translate(_ENCODED)
