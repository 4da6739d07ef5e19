"""The meeting: a dispute entered, a question decided live, both kept, shown with the plan and printed."""

import io
import re

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from store.project import open_project
from tests.browser.conftest import QUIET
from tests.browser.hands import pick, ready

CLAIM = "=cmd|围墙归谁 $x$"


def go_to(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    page.locator(QUIET).wait_for()


def choose(page: Page, label: str, name: str) -> None:
    """Choose a community by its name."""
    pick(page.get_by_role("combobox", name=re.compile(f"(^|[^另]){label}")), name)


def printed(page: Page, button: str) -> str:
    page.locator(QUIET).wait_for()  # a button of the page before would print what was known before
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    pages = PdfReader(io.BytesIO(download.value.path().read_bytes())).pages
    return re.sub(r"\s", "", "".join(one.extract_text() for one in pages))


def test_what_the_meeting_decides_is_kept_shown_and_printed(own):
    page = own.page
    go_to(page, "开始")  # whom the browser remembers is asked for the post alone
    expect(page.get_by_label("姓名", exact=True)).to_have_value("李科长")
    post = page.get_by_label("岗位", exact=True)
    post.fill("物业科")
    post.press("Enter")
    expect(page.get_by_text("以下操作记在“李科长(物业科)”名下。")).to_be_visible()
    go_to(page, "组团方案")
    expect(ready(page).get_by_label("岗位", exact=True)).to_have_value("物业科")
    go_to(page, "会商")
    page.get_by_text("两个小区之间", exact=True).click()
    choose(page, "一方小区", "河湾小区")
    choose(page, "另一方小区", "教师新村")
    page.get_by_label("各方").fill("两个小区 <script>alert(1)</script>")
    page.get_by_label("主张").fill(CLAIM)
    page.get_by_role("button", name="登记争议").click()
    expect(page.get_by_text("争议 1 件，未议定 1 件")).to_be_visible()
    field = page.get_by_label("议定意见", exact=True).first
    field.fill("维持现状,由社区打包服务")
    field.press("Enter")
    expect(page.get_by_text("李科长(物业科)").first).to_be_visible()
    expect(page.get_by_text(re.compile("已议定 1 项"))).to_be_visible()

    handout = printed(page, "会议材料（PDF，两页）")
    assert "维持现状,由社区打包服务" in handout
    assert "<script>alert(1)</script>" in handout
    log = printed(page, "交接单（PDF）")
    assert "李科长(物业科)登记争议1：=cmd|围墙归谁$x$" in log

    go_to(page, "组团方案")
    expect(ready(page).get_by_text(re.compile("· 争议 1 件$"))).to_be_visible()
    with open_project(own.project) as project:
        (kept,) = project.disputes()
        assert (kept.dispute.claim, kept.who) == (CLAIM, "李科长(物业科)")
        (decision,) = project.meeting_decisions().values()
        assert decision.who == "李科长(物业科)"
