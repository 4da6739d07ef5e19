"""Two people on one draft: nothing that either saved is lost, and neither sees what the other has in hand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk, Own, watched
from tests.browser.hands import answer, apply, at_desk, chosen, ready, rows_of, steps, strip, take_verb

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

OTHER = "王主任"


@dataclass
class Two:
    """Two pages on one draft, each with a name of its own at the desk."""

    own: Own
    first: Page
    other: Page


@pytest.fixture
def two(own: Own, chromium: Browser, desk: Desk) -> Iterator[Two]:
    with watched(chromium, desk, address=own.address, who=OTHER) as other:
        yield Two(own, ready(own.page), ready(other))


def name_area(page: Page, row: int, name: str) -> None:
    """Put the naming of an area into the strip."""
    rows_of(page, "areas").nth(row).click()
    take_verb(page, "命名区域")
    answer(page, "区域名称", name)
    expect(strip(page)).to_contain_text(name)


def names_given(own: Own, draft: int = 1) -> list[str]:
    return [json.loads(step)["name"] for step in steps(own.project, draft)]


def collide(two: Two, number: int) -> None:
    """Let both name an area, the first faster than the other."""
    name_area(two.first, number, f"先{number}")
    name_area(two.other, number + 1, f"后{number}")
    apply(two.first)
    two.other.get_by_role("button", name="应用").click()
    told = two.other.locator(".st-key-conflict")
    expect(told).to_contain_text("您刚才的操作还没有保存")
    expect(told.locator("li")).to_contain_text("李科长")
    expect(told.locator("li")).to_contain_text(f"先{number}")


def test_who_comes_second_is_asked_and_loses_nothing_whatever_the_answer(two: Two):
    conflict = two.other.locator(".st-key-conflict")

    collide(two, 0)
    conflict.get_by_role("button", name="在新的草稿上再做一次").click()
    expect(at_desk(two.other, "共 2 步")).to_be_visible()
    expect(conflict).to_have_count(0)
    expect(strip(two.other)).to_have_count(0)
    assert names_given(two.own) == ["先0", "后0"]

    collide(two, 2)
    conflict.get_by_role("button", name="放弃我的操作").click()
    expect(conflict).to_have_count(0)
    expect(at_desk(two.other, "共 3 步")).to_be_visible()
    expect(strip(two.other)).to_have_count(0)
    assert names_given(two.own) == ["先0", "后0", "先2"]

    collide(two, 4)
    conflict.get_by_role("button", name="把我的另存为副本").click()
    expect(two.other.locator("header .state b")).to_contain_text(f"草稿一（{OTHER}的副本）")
    expect(rows_of(two.other, "areas").nth(5)).to_contain_text("后4")
    expect(rows_of(two.other, "areas").nth(4)).not_to_contain_text("先4")
    assert names_given(two.own) == ["先0", "后0", "先2", "先4"]


def test_neither_sees_what_the_other_has_in_hand(two: Two):
    rows_of(two.first, "held").first.click()
    expect(chosen(two.first)).to_be_visible()
    rows_of(two.other, "areas")
    expect(chosen(two.other)).to_have_count(0)
    expect(two.other.get_by_label("操作人", exact=True)).to_have_value(OTHER)
    expect(two.other.locator("section.card")).to_have_count(0)


@pytest.mark.parametrize("edits", [4, pytest.param(50, marks=pytest.mark.thorough)])
def test_interleaved_edits_are_all_there_each_by_who_made_it(two: Two, edits: int):
    for number in range(0, edits, 2):
        name_area(two.first, number % 20, f"先{number}")
        name_area(two.other, number % 20 + 1, f"后{number}")
        apply(two.first)
        two.other.get_by_role("button", name="应用").click()
        two.other.get_by_role("button", name="在新的草稿上再做一次").click()
        expect(at_desk(two.other, f"共 {number + 2} 步")).to_be_visible()
    expected = [f"{who}{number}" for number in range(0, edits, 2) for who in ("先", "后")]
    assert names_given(two.own) == expected
    two.first.get_by_role("tab", name="操作记录").click()
    rows = two.first.locator(".desk-table.steps tbody tr")
    two.first.reload()
    ready(two.first)
    two.first.get_by_role("tab", name="操作记录").click()
    expect(rows).to_have_count(edits)
    told = [row.locator("td").nth(2).inner_text() for row in rows.all()]
    assert told == [OTHER, "李科长"] * (edits // 2)
