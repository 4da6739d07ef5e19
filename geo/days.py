"""Days as people write them."""

import re
from datetime import date

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def iso_day(told: str) -> str:
    """Return a day as people write it (2026-11-3, 2026年11月3日, 2026/11/3) in ISO, "" where it is none."""
    found = _DAY.fullmatch(told.strip())
    if found is None:
        return ""
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return ""
