"""What a map can be coloured by: only what the plan has data for, each with its legend."""

import pandas as pd
import pytest

from report.colourings import KINDS, STEPS, UNKNOWN, colourings
from tests import fakes


@pytest.fixture(scope="module")
def plan():
    return fakes.results()


def of(plan, consents=(), **columns) -> dict:
    """Return the colourings of the plan with these columns: a value for every community, or a list from the first on."""
    table = plan.communities.copy()
    for name, values in columns.items():
        column = list(values) + [values[-1]] * (len(table) - len(values))
        table[name] = pd.Series(column, index=table.index).astype(
            table[name].dtype if name in table else "str"
        )
    changed = plan.__class__(**{**vars(plan), "communities": table})
    return {one.key: one for one in colourings(changed, consents=dict(consents))}


def said(one) -> list[str]:
    """Return the words of the class of each community."""
    return [one.classes[row][0] for row in one.rows]


def test_only_what_is_known_can_be_chosen(plan):
    assert set(of(plan)) == {"count", "built_year", "count_status", "scope"}


def test_years_fall_into_decades_the_oldest_darkest(plan):
    one = of(plan, built_year=[1979, 1980, 1989, 1990, 2005, 2010, None])["built_year"]
    assert said(one)[:7] == [
        "1980 年以前",
        "1980 年代",
        "1980 年代",
        "1990 年代",
        "2000 年代",
        "2010 年以后",
        "未知",
    ]
    assert one.classes[0][1] == STEPS[-1]
    assert one.classes[-1] == ("未知", UNKNOWN)


def test_counts_fall_into_classes_of_about_as_many(plan):
    one = of(plan, count=[*range(11, 110, 2), 110])["count"]
    words = [text for text, _ in one.classes]
    assert words == ["不足 30", "30–59", "60–79", "80–109", "110 及以上"]
    assert said(one)[:2] == ["不足 30", "不足 30"]


def test_the_rarest_kinds_share_a_class(plan):
    names = [f"产权{n:02d}" for n in range(9)]
    one = of(plan, ownership=[*names, *names[:7], ""])["ownership"]
    assert [text for text, _ in one.classes] == [*names[:6], "其他", "未知"]
    assert len({fill for _, fill in one.classes}) == len(KINDS) + 1


def test_managed_in_part_is_a_class_of_its_own(plan):
    one = of(plan, managed=["yes", "no", "yes、no", ""])["managed"]
    assert said(one)[:4] == ["有", "没有", "部分有", "未知"]


def test_consent_comes_from_the_draft(plan):
    one = of(plan, consents={"C001": "for", "C002": "against"})["consent"]
    assert said(one)[:3] == ["同意", "不同意", "未征询"]


def test_a_column_of_renovation_batches_is_found_by_its_heading(plan):
    assert said(of(plan, 改造批次=["2024年第一批", "2025年第二批"])["batch"])[:2] == [
        "2024年第一批",
        "2025年第二批",
    ]


def test_names_from_data_are_encoded(plan):
    one = of(plan, managing_company=["<b>", "{{7*7}}"])["managing_company"]
    assert {text for text, _ in one.classes} == {"&#60;b&#62;", "&#123;&#123;7*7&#125;&#125;"}
