"""户数补录 as an office does it: sheets go out, come back filled in, are looked at, and the plan takes the counts in."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUIET, Desk, Own
from tests.browser.hands import card, headline, ready, row_of, steps

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

WAITED_FOR = "搬运社宿舍"  # not counted; 运输公司宿舍 (38) waits for it
NOT_THERE = "查无此院"


def filled(sheets: Path) -> Path:
    """Write what a clerk found: one count, one id that is nobody's, one row without a source."""
    book = openpyxl.load_workbook(sheets)
    rows = {}
    for paper in book:
        head = next(row for row in paper.iter_rows() if row[0].value == "编号")
        places = {cell.value: cell.column for cell in head}
        for row in range(head[0].row + 1, paper.max_row + 1):
            rows[paper.cell(row, places["小区名称"]).value] = (paper, row, places)
    paper, row, places = rows.pop(WAITED_FOR)
    for heading, value in {"户数（实数）": 70, "来源": "居委会", "日期": date(2026, 11, 20)}.items():
        paper.cell(row, places[heading], value)
    for count, (paper, row, places) in zip((31, 64), rows.values(), strict=False):
        paper.cell(row, places["户数（实数）"], count)
    paper.cell(row, places["编号"], NOT_THERE)
    book.save(sheets)
    return sheets


def test_counts_go_out_come_back_and_change_only_what_they_must(own: Own, desk: Desk, tmp_path):
    page = ready(own.page)
    before = headline(page)
    row_of(page, "held", WAITED_FOR).click()
    card(page).get_by_role("button", name="补录户数").click()
    by_hand = page.get_by_role("combobox", name="小区", exact=True)  # to be told by hand, or as follows
    expect(by_hand).to_have_value(f"{WAITED_FOR} GH315")
    first = page.locator(".survey-first tbody tr").first
    expect(first).to_contain_text(f"{WAITED_FOR}")
    expect(first).to_contain_text("1 个小区共 38 户在等它（运输公司宿舍）：不少于 62 户即可一并组团。")
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载补录表").click()
    taken.value.save_as(tmp_path / "交回.xlsx")
    assert len(openpyxl.load_workbook(tmp_path / "交回.xlsx").sheetnames) > 1

    # what came back is looked at before anything is changed
    page.locator("input[type=file]").set_input_files(filled(tmp_path / "交回.xlsx"))
    expect(page.locator(".survey-good tbody tr")).to_have_count(1)
    expect(page.locator(".survey-refused tbody tr")).to_have_count(2)
    expect(page.locator(".survey-refused")).to_contain_text("方案中没有这个编号")
    expect(page.locator(".survey-refused")).to_contain_text("没有写来源")
    page.get_by_label("来源（表中没写时用）").fill("网格员")
    page.keyboard.press("Enter")
    page.get_by_label("日期（表中没写时用）").fill("2026年11月21日")
    page.keyboard.press("Enter")
    expect(page.locator(".survey-good tbody tr")).to_have_count(2)
    expect(page.locator(".survey-good")).to_contain_text("2026-11-21")
    page.get_by_role("button", name="试算有哪些变化").click()
    lines = page.locator(".survey-lines")
    expect(lines).to_contain_text("2 个小区补上了户数", timeout=60_000)
    expect(lines).to_contain_text("其中 0 个换了同区的小区")
    assert steps(own.project) == []
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator(QUIET).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})

    # applied, the draft goes on beside this one, on data of its own
    page.get_by_role("button", name="采用", exact=True).click()
    expect(page.locator(".desk-says", has_text="已采用 2 个户数")).to_be_visible()
    assert f"plan={own.token}" not in page.url
    page.get_by_role("link", name="去看方案").click()
    ready(page)
    after = headline(page)
    assert (after["held"], after["exceptions"]) == (before["held"] - 2, before["exceptions"] - 1)
    expect(page.locator("[data-opens=areas]")).to_have_text(str(before["areas"] + 1))
    assert steps(own.project) == []
    assert desk.outside == []
