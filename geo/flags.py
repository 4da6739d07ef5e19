"""Cells that say yes or no ("有", "无电梯", "2部"): whether there is a lift, whether anybody manages the community."""

import re

import pandas as pd

from geo.numbers import MISSING, squeeze

_YES = frozenset({"有", "是", "√", "✓", "对", "y", "yes", "t", "true"})
_NO = frozenset({"无", "否", "没有", "没", "×", "✗", "n", "no", "f", "false", "0"})
YES, NO = "yes", "no"

# Beside those above: how ledgers speak of lifts and of who manages.
LIFT = {
    YES: {"有电梯", "电梯", "电梯房", "已加装", "已安装"},
    NO: {"无电梯", "没有电梯", "未加装", "未安装", "步梯", "步梯房", "楼梯房"},
}
MANAGED = {
    YES: {
        *{"有物业", "有物业管理", "专业物业", "专业化物业", "专业物业管理", "专业化物业管理", "物业公司", "物业公司管理"},
        *{"物业服务企业", "市场化物业", "物业管理", "前期物业", "准物业", "准物业管理"},
    },
    NO: {
        *{"无物业", "没有物业", "无物业管理", "无人管理", "无管理", "弃管", "失管", "三无", "三无小区", "散居楼院"},
        *{"自治", "自管", "业主自治", "业主自管", "居民自治", "居民自管", "单位自管", "自主管理"},
        *{"社区代管", "社区托管", "社区管理", "代管", "托管"},
    },
}  # fmt: skip
# A cell of 物业公司 with one of these names no company.
_NO_COMPANY = frozenset({*_NO, *MANAGED[NO]})
_NAMES = re.compile(r"[^\W\d_]{2}")  # two letters: "/", "-" and "?" name nobody
_NUMBER = re.compile(r"(?P<number>\d+)(?:\.0+)?[部台个]?")


def read_flags(cells: "pd.Series[str]", words: dict[str, set[str]]) -> pd.DataFrame:
    """Return `value` ("yes", "no", "" where it is not known) and `note` ("flag" where the cell says something else).

    A whole number, with or without a unit (台, 部, 个), means yes above 0.
    """
    read = {text: _flag(squeeze(text), words) for text in cells.unique()}
    pairs = [read[text] for text in cells]
    return pd.DataFrame(pairs, columns=["value", "note"], index=cells.index, dtype="str")


def managed_by(companies: "pd.Series[str]") -> "pd.Series[str]":
    """Return whether a column of managing companies names one ("yes"), says there is none ("no"), or nothing ("")."""

    def of(text: str) -> str:
        word = squeeze(text)
        if word in _NO_COMPANY:
            return NO
        return YES if _NAMES.search(word) and word not in MISSING else ""

    return companies.map({text: of(text) for text in companies.unique()}).astype("str")


def _flag(word: str, words: dict[str, set[str]]) -> tuple[str, str]:
    number = _NUMBER.fullmatch(word)
    if number:
        return (YES if int(number["number"]) else NO), ""
    if word in _YES or word in words[YES]:
        return YES, ""
    if word in _NO or word in words[NO]:
        return NO, ""
    return "", "" if word in MISSING else "flag"
