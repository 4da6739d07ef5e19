"""Numbers as people type them into ledgers ("86户", "约120", "1.2万㎡") to numbers with a note on what was read."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd

# fmt: off
MISSING = frozenset({
    "", "-", "--", "---", "—", "——", "–", "/", "\\", "?", "*", "无", "空", "无资料", "无数据",
    "无信息", "未知", "不详", "不清", "不明", "暂无", "暂无资料", "暂无信息", "暂无数据", "暂缺", "缺",
    "待核", "待查", "待补", "待定", "未统计", "未登记", "nan", "none", "null", "nil", "na", "n/a",
    "#n/a", "\\n",
})
# fmt: on
COUNT_UNITS = r"户|套|人|位|名|个|units?|households?"
BUILDING_UNITS = r"栋楼?|幢楼?|座|个|楼|buildings?"
STOREY_UNITS = r"层|楼|f|storeys?|floors?"

# One compound of a million households does not exist; a thousand of them still add up safely in int64.
LARGEST_COUNT = 10**9

M2_BY_UNIT = {
    **dict.fromkeys(("m2", "平方米", "平米", "平方", "平", "方"), 1.0),
    **dict.fromkeys(("万m2", "万平方米", "万平米", "万平方", "万平", "万方", "万"), 10_000.0),
    **dict.fromkeys(("公顷", "ha", "hm2"), 10_000.0),
    "亩": 10_000.0 / 15,  # 1 公顷 = 15 亩
}

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e\+?\d{1,3})?"
_ABOUT = r"约|大约|大概|近|将近|估计|预计|估|about|~|≈"
_OVER = r"余|多|\+|来"
_ROUGHLY = r"左右|上下|以上|约|余|多|\+"
_AREA = re.compile(rf"(?:{_ABOUT})?(?P<number>{_NUMBER})(?P<unit>[a-z]*2?|[一-龥]*)")
_YEAR = re.compile(r"(?<!\d)((?:18|19|20)\d{2})(?:(?!\d)|(?=[01]\d[0-3]\d(?!\d)))")
_DECADE = re.compile(r"(?<!\d)([5-9]0)年代")


@dataclass(frozen=True)
class Reading:
    """One cell read as a whole number.

    `value` is None where there is none; `status` is one of schema.COUNT_STATUSES; `note` says what was unusual, as a
    key under findings.cleaning, "" where nothing was.
    """

    value: int | None
    status: str
    note: str = ""


def squeeze(text: str) -> str:
    """Return text without white space, full-width forms made plain, in lower case: "８６ 户" → "86户"."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def is_missing(cells: pd.Series) -> pd.Series:
    """Return where a cell is empty or says in words that nothing is known ("暂无资料", "-")."""
    return _by_distinct(cells, lambda text: squeeze(text) in MISSING, "bool")


def read_number(text: str, units: str = COUNT_UNITS) -> Reading:
    """Return the whole number that a cell means.

    "约120", "120余户", "86户(含商铺)" and sums "60+26" are estimated, as is a fraction, which is rounded down. Ranges,
    negative numbers and anything that is not one number stay unknown, with a note. Zero is kept and unknown.
    """
    cell = squeeze(text)
    if cell in MISSING:
        return Reading(None, "unknown", "count_missing")
    unit = rf"(?:{units})?"
    whole = re.fullmatch(
        rf"(?P<about>{_ABOUT})?(?P<number>{_NUMBER})(?P<ten_thousand>万)?(?P<over>{_OVER})?{unit}"
        rf"(?P<roughly>{_ROUGHLY})?(?P<remark>\(.*\))?",
        cell,
    )
    if whole:
        amount = Decimal(whole["number"].replace(",", "")) * (10_000 if whole["ten_thousand"] else 1)
        about = bool(whole["about"] or whole["over"] or whole["roughly"])
        return _rounded(amount, "count_approximate" if about else "count_remark" if whole["remark"] else "")
    if re.fullmatch(rf"{_NUMBER}{unit}(?:\+{_NUMBER}{unit})+", cell):
        parts = re.findall(_NUMBER, cell)
        return _rounded(sum((Decimal(p.replace(",", "")) for p in parts), Decimal(0)), "count_sum")
    if re.fullmatch(rf"(?:{_ABOUT})?{_NUMBER}{unit}(?:-|~|至|到|—|–){{1,2}}{_NUMBER}{unit}", cell):
        return Reading(None, "unknown", "count_range")
    if re.fullmatch(rf"[-−]{_NUMBER}{unit}", cell):
        return Reading(None, "unknown", "count_negative")
    return Reading(None, "unknown", "count_unreadable")


def read_numbers(cells: pd.Series, units: str = COUNT_UNITS) -> pd.DataFrame:
    """Return columns value (Int64), status and note of `read_number` for every cell, on the same index."""
    readings = {text: read_number(text, units) for text in cells.unique()}
    each = [readings[text] for text in cells]
    return pd.DataFrame(
        {
            "value": pd.array([r.value for r in each], dtype="Int64"),
            "status": pd.array([r.status for r in each], dtype="str"),
            "note": pd.array([r.note for r in each], dtype="str"),
        },
        index=cells.index,
    )


def area_unit(heading: str) -> str:
    """Return the unit of area that a heading states in brackets or at its end, "" where it states none."""
    squeezed = squeeze(heading)
    units = sorted(M2_BY_UNIT, key=len, reverse=True)
    stated = re.search(rf"[\(\[/]({'|'.join(units)})[\)\]]?$", squeezed)
    return stated[1] if stated else ""


def read_areas_m2(cells: pd.Series) -> pd.DataFrame:
    """Return columns value (Float64, m²) and note of areas; a unit in the cell goes before the unit in the heading.

    The heading is the name of the series; where neither states a unit it is m².
    """
    assumed = area_unit(str(cells.name)) or "m2"

    def read(text: str) -> tuple[float | None, str]:
        cell = squeeze(text)
        if cell in MISSING:
            return None, ""
        found = _AREA.fullmatch(cell)
        unit = found["unit"] or assumed if found else ""
        if found is None or unit not in M2_BY_UNIT:
            return None, "area_unreadable"
        return float(Decimal(found["number"].replace(",", ""))) * M2_BY_UNIT[unit], ""

    return _value_and_note(cells, {text: read(text) for text in cells.unique()}, "Float64")


def read_years(cells: pd.Series) -> pd.DataFrame:
    """Return columns value (Int64) and note of years; of "1998-2001" the earlier one, of "80年代" 1980."""

    def read(text: str) -> tuple[int | None, str]:
        cell = squeeze(text)
        if cell in MISSING:
            return None, ""
        years = sorted({int(year) for year in _YEAR.findall(cell)})
        if years:
            return years[0], "year_range" if len(years) > 1 else ""
        decade = _DECADE.search(cell)
        return (1900 + int(decade[1]), "year_decade") if decade else (None, "year_unreadable")

    return _value_and_note(cells, {text: read(text) for text in cells.unique()}, "Int64")


def read_coordinates(cells: pd.Series) -> np.ndarray:
    """Return numbers of one axis ("107.41", "东经107.41°"), shape (n,); nan where a cell holds no single number."""
    bare = _by_distinct(
        cells, lambda text: re.sub(r"^(东经|北纬|[exn])|[°度en米m]+$", "", squeeze(text)), "object"
    )
    return pd.to_numeric(bare, errors="coerce").to_numpy(dtype="float64")


def _rounded(amount: Decimal, note: str) -> Reading:
    if amount > LARGEST_COUNT:
        return Reading(None, "unknown", "count_impossible")
    value = int(amount)
    if amount != value:
        note = "count_fraction"
    if value == 0:
        return Reading(0, "unknown", "count_zero")
    return Reading(value, "estimated" if note else "surveyed", note)


def _value_and_note(
    cells: pd.Series, read: Mapping[str, tuple[float | None, str]], dtype: Literal["Int64", "Float64"]
) -> pd.DataFrame:
    each = [read[text] for text in cells]
    values = pd.Series([value for value, _ in each], dtype="Float64").astype(dtype)
    notes = pd.array([note for _, note in each], dtype="str")
    return pd.DataFrame({"value": values.array, "note": notes}, index=cells.index)


def _by_distinct(cells: pd.Series, read: Callable[[str], object], dtype: str) -> pd.Series:
    # Ledger columns repeat their values, so each distinct text is read once.
    answers = {text: read(text) for text in cells.unique()}
    return pd.Series([answers[text] for text in cells], index=cells.index, dtype=dtype)
