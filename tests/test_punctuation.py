"""Sentences of the screen on paper: wide marks beside Chinese, no blanks around figures, names as they are."""

from dataclasses import replace

import pytest

from geo.wording import speaking
from report.documents import PLAN_DOCUMENTS
from report.documents.case import LeftOut
from report.documents.model import Grid
from report.documents.punctuation import widened
from tests import cases


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (
            "相邻的搬运社宿舍户数待核,若不少于 62 户即可组团(现有 38 户,最低 100 户)。",
            "相邻的搬运社宿舍户数待核，若不少于62户即可组团（现有38户，最低100户）。",
        ),
        ("合为 126 户:甲—乙(间距 26 米,隔着铁路)。 补录", "合为126户：甲—乙（间距26米，隔着铁路）。补录"),
        ("与站前街27号院(26 米)之间", "与站前街27号院（26米）之间"),
        ("不能判定:有存疑的表;未处理?", "不能判定：有存疑的表；未处理？"),
        ("“总户数”,按 50% 计", "“总户数”，按50%计"),
        ("12:30, 1,000 (a) x", "12:30, 1,000 (a) x"),
        ("", ""),
    ],
)
def test_marks_beside_chinese_are_wide_and_others_stay(text, printed):
    assert widened(text) == printed


def test_an_english_sentence_keeps_its_marks_beside_a_chinese_name():
    with speaking("en"):
        assert widened("between 甲院, 乙院 (26 m) and 丙路: no") == "between 甲院, 乙院 (26 m) and 丙路: no"


def test_a_name_stays_as_it_is_in_the_midst_of_a_sentence():
    names = ("甲院(一期)", "甲院(一期),东", "x: y")
    assert (
        widened("与甲院(一期),东(26 米)、甲院(一期)、x: y相邻,", names)
        == "与甲院(一期),东（26米）、甲院(一期)、x: y相邻，"
    )


def test_the_explanation_of_a_plan_gives_its_reasons_with_wide_marks():
    name = "甲院(一期)"
    left = LeftOut(
        name, 25, "exception", f"{name}与乙院(26 米)之间隔着铁路。", "补录户数:乙院,不少于 75 户。"
    )
    made = PLAN_DOCUMENTS["D1"].build(replace(cases.plan_case(), left=(left,)))
    (row,) = [row for block in made.blocks if isinstance(block, Grid) for row in block.rows if row[1] == name]
    assert row[-2:] == (f"{name}与乙院（26米）之间隔着铁路。", "补录户数：乙院，不少于75户。")
