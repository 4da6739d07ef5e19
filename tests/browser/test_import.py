"""用我的数据 as an office walks it: its files dropped together, looked at, mended, planned; and an updated ledger taken in."""

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from jobs.cli import SAMPLE
from tests.browser.conftest import Desk, Own
from tests.browser.hands import at_desk, headline, ready

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

PLANS_WITHIN_MS = 120_000
FOUR = ("ledger.xlsx", "outlines.zip", "scope.csv", "grids.geojson")


def drop(page: Page, *files: str) -> None:
    """Put files of the sample on the import page, all at once."""
    page.locator("input[type=file]").first.set_input_files([SAMPLE / name for name in files])


def test_the_files_of_an_office_are_recognised_checked_and_planned(page: Page, desk: Desk):
    page.get_by_role("link", name="用我的数据").click()
    drop(page, *FOUR)
    page.get_by_role("button", name="空白台账").wait_for()
    listed = page.locator(".st-key-handed")
    uses = listed.locator("[data-testid=stSelectbox] input")
    for number, (name, use) in enumerate(
        zip(FOUR, ("小区台账", "小区轮廓", "组团范围", "网格"), strict=True)
    ):
        expect(listed.locator(".desk-file", has_text=name)).to_be_visible()
        expect(uses.nth(number)).to_have_value(use)
    said = page.locator("p:has([data-opens])")
    expect(said).to_have_text(
        "台账 76 行 = 采用 67 行 + 没有采用 9 行;采用的合成 66 个小区,其中户数待核 3 个、没有位置 1 个。核对清单 40 条。"
    )
    said.locator("[data-opens=refused]").click()
    expect(page.locator(".desk-table.intake-refused tbody tr")).to_have_count(9)
    said.locator("[data-opens=columns]").click()
    expect(page.locator(".desk-personal")).to_have_text("不读取(个人信息):联系人、联系电话")
    said.locator("[data-opens=findings]").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载修改清单").click()
    assert waiting.value.suggested_filename == "修改清单.xlsx"
    page.get_by_role("button", name="开始规划").click()
    expect(page.locator("[data-opens=held]")).to_have_text("3", timeout=PLANS_WITHIN_MS)
    ready(page)
    assert headline(page)["areas"] > 15
    assert desk.outside == []


def test_an_updated_ledger_is_looked_at_before_it_is_taken_in(own: Own, tmp_path):
    page = ready(own.page)
    book = openpyxl.load_workbook(SAMPLE / "ledger.xlsx")
    (count,) = [cell for row in book["台账"].iter_rows(max_row=4) for cell in row if cell.value == "户数"]
    book["台账"].cell(row=5, column=count.column).value = 62 + 25
    updated = tmp_path / "ledger.xlsx"
    book.save(updated)
    page.get_by_role("link", name="用我的数据").click()
    page.get_by_text("更新当前方案").click()
    page.locator("input[type=file]").first.set_input_files(updated)
    page.get_by_role("button", name="看看有什么变化").click()
    effects = page.locator(".desk-table.update-effects tr", has_text="GH101").filter(has_text="户数改变")
    expect(effects).to_contain_text("87", timeout=PLANS_WITHIN_MS)
    before = list(own.project.parent.glob("*.gpkg"))
    page.get_by_role("button", name="应用,打开更新后的方案").click()
    expect(at_desk(page, "与算出的方案一致")).to_be_visible(timeout=PLANS_WITHIN_MS)
    expect(page.get_by_text("按 ledger.xlsx 更新")).to_be_visible()
    assert own.project in before  # the old plan is still there, beside the new one
    assert len(list(own.project.parent.glob("*.gpkg"))) == len(before) + 1
