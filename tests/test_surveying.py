"""Counts asked for, first those that help most, and why one that came back is refused."""

import datetime as dt

import pandas as pd
import pytest

from geo.wording import LANGUAGES, speaking
from jobs.reopened import Reopened
from jobs.surveying import Counted, needs, usable
from report.results import Results
from report.survey import SURVEY_COLUMNS
from report.surveysheets import survey_sheets
from store.drafts import Draft
from tests.compounds import ROW, planned

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def street(tmp_path_factory) -> tuple[Results, Reopened]:
    return planned(tmp_path_factory.mktemp("street"), ROW)


# --- what to survey first --------------------------------------------------------------------------


def test_whom_others_wait_for_comes_first_with_the_households_that_wait(street):
    base, town = street
    assert base.communities["outcome"].to_dict() == {
        "a": "grouped", "b": "grouped", "c": "held", "d": "exception", "e": "held", "f": "grouped", "g": "grouped",
    }  # fmt: skip
    first, second = needs(base, town, Draft(town.plan))
    assert {first.community_id, second.community_id} == {"c", "e"}
    assert (first.households, first.decides, first.count) == (40, True, None)
    assert first.why == "1 个小区共 40 户在等它（d院）：不少于 1 户即可一并组团。"


def test_each_case_says_its_own_reason(tmp_path):
    counts = {"a": 70, "b": 40, "c": None, ".1": 0, "d": None, ".2": 0, "e": None, "f": None, ".3": 0}
    base, town = planned(tmp_path, counts)
    assert [(need.community_id, need.why, need.decides) for need in needs(base, town, Draft(town.plan))] == [
        ("c", "补上户数即可并入相邻的区域（PMA-001）。", True),
        ("e", "相邻的f院也待核：合计不少于 100 户即可成一个区域。", False),
        ("f", "相邻的e院也待核：合计不少于 100 户即可成一个区域。", False),
        ("d", "没有可同组的小区：不少于 100 户可单独划定。", False),
    ]


def test_an_estimate_on_which_a_group_hangs_comes_before_one_that_changes_nothing(tmp_path):
    counts = {"a": "约60", "b": 45, ".1": 0, "c": "约80", ".2": 0, "d": "约400", ".3": 0, "e": "约20"}
    base, town = planned(tmp_path, counts)
    assert [(n.community_id, n.count, n.decides, n.why) for n in needs(base, town, Draft(town.plan))] == [
        ("a", 60, True, "所在的 PMA-001 共 105 户，只比最低 100 户多 5 户：实数少 6 户以上就不足。"),
        ("c", 80, True, "还差 20 户：实数多 20 户以上即可组团。"),
        ("d", 400, False, "所在的 PMA-002 共 400 户，只比最低 100 户多 300 户：实数少 301 户以上就不足。"),
        ("e", 20, False, "现在的分组不取决于它。"),
    ]


def test_nothing_is_asked_for_where_every_count_is_verified(tmp_path):
    base, town = planned(tmp_path, {"a": 60, "b": 50})
    assert needs(base, town, Draft(town.plan)) == ()
    assert list(survey_sheets(base, ())) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_needs_can_be_told_in_any_language(street, language):
    base, town = street
    with speaking(language):
        assert all(need.why for need in needs(base, town, Draft(town.plan)))


# --- what came back --------------------------------------------------------------------------------


def rows(*given: tuple[str, int, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(given, columns=list(SURVEY_COLUMNS)).astype(SURVEY_COLUMNS)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("zz", 5, "surveyed", "甲", "2026-11-1"), "方案中没有这个编号，请照原表抄写。"),
        (("a", 60, "surveyed", "甲", "2026-11-1"), "与已核的户数相同，不必再录。"),
        (("a", 61, "estimated", "甲", "2026-11-1"), "已核为 60 户，估算的数不能代替已核的数。"),
        (("c", 61, "surveyed", "", "2026-11-1"), "没有写来源，请补上或在页面上统一填写。"),
        (("c", 61, "surveyed", "甲", ""), "没有写日期，请补上或在页面上统一填写。"),
        (("c", 61, "surveyed", "甲", "昨天"), "日期“昨天”认不出来，请写成 2026-11-23 这样。"),
        (("c", 61, "surveyed", "甲", "2026-11-24"), "日期 2026-11-24 在今天之后，请核对。"),
    ],
)
def test_a_count_that_cannot_be_taken_over_says_why(street, row, why):
    good, bad = usable(rows(row), street[0].communities, source="", date="", today=TODAY)
    assert (good, [(one.community_id, one.count, one.why) for one in bad]) == ((), [(row[0], row[1], why)])


def test_what_a_row_does_not_say_is_said_for_all_and_an_id_counts_once(street):
    given = rows(
        ("c", 61, "surveyed", "", ""),
        ("e", 5, "estimated", "乙", "2026年3月4日"),
        ("c", 62, "surveyed", "", ""),
    )
    good, bad = usable(given, street[0].communities, source=" 甲 ", date="2026/11/2", today=TODAY)
    assert good == (
        Counted("c", 61, "surveyed", "甲", "2026-11-02"),
        Counted("e", 5, "estimated", "乙", "2026-03-04"),
    )
    assert [one.why for one in bad] == ["交回的表中这个编号出现了两次，请只留一行。"]
