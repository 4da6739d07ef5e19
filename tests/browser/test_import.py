"""用我的数据 with an updated ledger: looked at, then taken in. A first ledger goes in with the first five minutes (test_review)."""

import openpyxl
import pytest
from playwright.sync_api import expect

from jobs.cli import SAMPLE
from store.project import open_project
from tests.browser.conftest import Own
from tests.browser.hands import at_desk, ready

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

PLANS_WITHIN_MS = 120_000


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
    page.get_by_role("button", name="看看有什么变化").click(timeout=PLANS_WITHIN_MS)
    effects = page.locator(".desk-table.update-effects tr", has_text="GH101").filter(has_text="户数改变")
    expect(effects).to_contain_text("87", timeout=PLANS_WITHIN_MS)
    before = list(own.project.parent.glob("*.gpkg"))
    page.get_by_role("button", name="应用，打开更新后的方案").click()
    expect(at_desk(page, "与算出的方案一致")).to_be_visible(timeout=PLANS_WITHIN_MS)
    expect(page.get_by_text("按 ledger.xlsx 更新")).to_be_visible()
    assert list(own.project.parent.glob("*.gpkg")) == before  # one project: the procedure goes on in it
    with open_project(own.project) as project:
        new, old = project.drafts()
    assert new.title.startswith("按 ledger.xlsx 更新")
    assert (new.basis, old.title, old.basis) == (2, "草稿一", 1)
