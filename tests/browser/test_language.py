"""The switch of language: the whole desk changes its words, each session for itself."""

import re

import pytest
from playwright.sync_api import expect

from geo.wording import catalogue
from tests.browser.conftest import QUIET, watched

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def words(page, key: str, *, spoken: str = "en"):
    """A sentence of the catalogue on the page."""
    return page.get_by_text(catalogue(spoken)[key], exact=True).first


def areas_tab(page, *, spoken: str = "en"):
    """The list of areas in the panel."""
    return page.get_by_role("button", name=re.compile(f"^{catalogue(spoken)['desk.list.areas']} ?[0-9]"))


def open_area(page, area_id: str, *, spoken: str = "en") -> None:
    """Click an area in its list."""
    areas_tab(page, spoken=spoken).click()
    page.get_by_role("button", name=re.compile(f"^{area_id}")).click()


@pytest.fixture
def english(chromium, desk):
    """A page of the desk that was opened by an English address."""
    with watched(chromium, desk) as opened:
        opened.goto(f"{desk.address}/?language=en")
        opened.wait_for_selector(QUIET)
        yield opened


def test_the_switch_changes_the_page_and_its_address(page):
    expect(areas_tab(page, spoken="zh")).to_be_visible()
    page.get_by_role("button", name="English", exact=True).click()
    expect(areas_tab(page)).to_be_visible()
    expect(page).to_have_url(re.compile("language=en"))
    expect(page).to_have_title(catalogue("en")["desk.title"])
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_role("button", name="中文", exact=True).click()
    expect(areas_tab(page, spoken="zh")).to_be_visible()
    expect(page).not_to_have_url(re.compile("language="))


def test_an_english_page_stays_english_from_click_to_click_and_page_to_page(english):
    open_area(english, "PMA-001")
    expect(words(english, "desk.card.center")).to_be_visible()
    english.get_by_role("link", name=catalogue("en")["desk.page.import"]).click()
    expect(words(english, "intake.drop")).to_be_visible()
    expect(english).to_have_url(re.compile("language=en"))
    english.reload()
    expect(words(english, "intake.drop")).to_be_visible()


def test_two_sessions_speak_two_languages_at_once(english, page):
    for area_id in ("PMA-001", "PMA-002"):
        for one, spoken in ((english, "en"), (page, "zh")):
            open_area(one, area_id, spoken=spoken)
        for one, spoken in ((english, "en"), (page, "zh")):
            expect(words(one, "desk.card.center", spoken=spoken)).to_be_visible()
            one.get_by_role("button", name=catalogue(spoken)["desk.panel.back"]).click()


def test_the_import_page_has_no_chinese_but_the_switch(english, desk):
    english.goto(f"{desk.address}/own_data?language=en")
    expect(words(english, "intake.drop")).to_be_visible()
    english.wait_for_selector(QUIET)
    lines = english.locator("[data-testid=stMain]").inner_text().splitlines()
    assert [line for line in lines if CHINESE.search(line)] in ([], ["中文"])
