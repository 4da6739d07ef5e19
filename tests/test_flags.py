"""Cells that say yes or no."""

import pandas as pd
import pytest

from geo.flags import LIFT, MANAGED, managed_by, read_flags


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ("有", "yes", ""), ("是", "yes", ""), ("√", "yes", ""), ("有电梯", "yes", ""), ("已加装", "yes", ""),
        ("2", "yes", ""), ("2部", "yes", ""), ("２ 台", "yes", ""), ("1.0", "yes", ""),
        ("无", "no", ""), ("否", "no", ""), ("0", "no", ""), ("0部", "no", ""), ("楼梯房", "no", ""),
        ("", "", ""), ("不详", "", ""), ("-", "", ""), ("nan", "", ""),
        ("部分有", "", "flag"), ("见备注", "", "flag"), ("1.5", "", "flag"),
    ],
)  # fmt: skip
def test_a_cell_on_lifts(text, value, note):
    read = read_flags(pd.Series([text], dtype="str"), LIFT)
    assert read.iloc[0].tolist() == [value, note]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("专业化物业", "yes"), ("有物业管理", "yes"), ("准物业", "yes"),
        ("无物业", "no"), ("弃管", "no"), ("业主自治", "no"), ("社区代管", "no"), ("待核", ""),
    ],
)  # fmt: skip
def test_a_cell_on_who_manages(text, value):
    assert read_flags(pd.Series([text], dtype="str"), MANAGED)["value"].tolist() == [value]


def test_a_company_manages_unless_the_cell_says_that_there_is_none():
    cells = pd.Series(["金科物业", "无", "无物业", "自管", "", "/", "不详", "暂无"], dtype="str")
    assert managed_by(cells).tolist() == ["yes", "no", "no", "no", "", "", "", ""]


def test_no_rows_are_no_flags():
    assert read_flags(pd.Series([], dtype="str"), LIFT).shape == (0, 2)
