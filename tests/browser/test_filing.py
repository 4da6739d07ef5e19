"""From the freeze to the filing on the sample street, as an office walks it; then one area changes, and only it is asked again."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as BrowserError
from pypdf import PdfReader

from jobs.district import plan_district
from jobs.sample import sample_request
from report.results import write_results
from store.edits import Move
from store.project import Project, open_project
from tests.browser.conftest import HERE, QUIET, WHO, Desk, Own, watched
from tests.browser.hands import freeze, pick, ready
from ui.drafting import Taken

QUARTER = (("社区", "老街社区"),)  # a quarter of the sample street: six areas
AREA, TO, MOVED = "PMA-001", "PMA-006", "GH318"
RETURNED = 120
TODAY = date.today()  # noqa: DTZ011 - the day of the desk
CONFIRMED = 3  # citations and periods of the sample's rules that a post has to confirm


@pytest.fixture
def quarter(chromium: Browser, desk: Desk, tmp_path: Path) -> Iterator[Own]:
    """A page on a quarter of the sample street, with somebody at the desk."""
    request = replace(sample_request(HERE / "data" / "sample"), where=QUARTER, scope=None, links=None)
    write_results(plan_district(request), tmp_path / "plan")
    token = desk.shelve(tmp_path / "plan", title="老街社区")
    address = f"{desk.address}/?plan={token}"
    with watched(chromium, desk, address=address, who=WHO) as opened:
        yield Own(opened, address, token, desk.project(token))


def go_to(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", name=name if name != "办理进度" else "文书备案", level=1).wait_for()
    page.locator(QUIET).wait_for()


def choose(page: Page, label: str, option: str) -> None:
    pick(page.get_by_role("combobox", name=re.compile(f"(^|[^另]){label}")).first, option)


def final_is_chosen(page: Page) -> None:
    """Wait until it is; while the page is drawn anew the choice that was there stands beside the new one."""
    page.get_by_role("radio", name="正式稿", checked=True).first.wait_for()
    page.locator(QUIET).wait_for()


def order_final(page: Page) -> None:
    """Order the papers that may be posted; a press on a page that is still being drawn is done once more."""
    page.get_by_text("正式稿", exact=True).click()
    final_is_chosen(page)
    order, under_way = page.get_by_role("button", name="生成文书包"), page.get_by_role("button", name="取消")
    order.click()
    try:
        under_way.wait_for(timeout=5_000)
    except BrowserError:
        order.click()
        under_way.wait_for()


def take(page: Page, state: str, *, days: int) -> None:
    """Bring the area into a state, so many days from now."""
    on = (TODAY + timedelta(days=days)).isoformat()
    choose(page, "要办的一步", state)
    page.get_by_role("button", name=f"转为“{state}”").wait_for()
    if not page.locator("[data-testid=stMultiSelect]").first.get_by_text(AREA).count():
        choose(page, "哪些区域", AREA)
        page.keyboard.press("Escape")
    field = page.get_by_label("日期（自这一天起）")
    field.fill(on)
    field.press("Enter")
    expect(page.get_by_text(f"将把 1 个区域转为“{state}”，自 {on} 起。")).to_be_visible()
    page.get_by_role("button", name=f"转为“{state}”").click()
    expect(page.get_by_text(f"已办理：1 个区域转为“{state}”。")).to_be_visible()


def filled(ledger: bytes) -> bytes:
    """The ledger as it comes back: so many forms answered, every tenth against it."""
    book = load_workbook(io.BytesIO(ledger))
    left = RETURNED
    for sheet in book.worksheets:
        rows = list(sheet.iter_rows())
        head = next((row for row in rows if "表号" in [cell.value for cell in row]), None)
        if head is None:
            continue
        at = {cell.value: cell.column - 1 for cell in head}
        for row in rows[head[0].row :]:
            if left and re.fullmatch(r"\d\d-\d+-\d{4}", str(row[at["表号"]].value)):
                row[at["收回日期"]].value = TODAY.isoformat()
                row[at["意见"]].value = "不同意" if left % 10 == 0 else "同意"
                row[at["是否有效"]].value = "有效"
                left -= 1
    assert left == 0
    told = io.BytesIO()
    book.save(told)
    return told.getvalue()


def confirm_all(page: Page) -> None:
    for number in range(CONFIRMED, 0, -1):
        expect(page.get_by_role("button", name="确认无误", exact=True)).to_have_count(number)
        post = page.get_by_label("核实岗位").first
        post.fill("法制办")
        post.press("Tab")
        page.get_by_role("button", name="确认无误", exact=True).first.click()
    expect(page.get_by_text("全部已核实。")).to_be_visible()


def take_in(page: Page, tmp_path: Path) -> None:
    choose(page, "区域", AREA)
    page.get_by_role("button", name="编制意见表（132 张）").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载发放回收台账（Excel）").click()
    back = tmp_path / "台账.xlsx"
    back.write_bytes(filled(download.value.path().read_bytes()))
    page.locator("input[type=file]").set_input_files(back)
    page.get_by_role("button", name=f"录入 {RETURNED} 张").click()
    expect(page.get_by_text(f"已录入 {RETURNED} 张。")).to_be_visible()


def posted(page: Page, tmp_path: Path) -> None:
    """The public papers are those of the state that was reached when they were ordered, and bear no mark of a draft."""
    with page.expect_download() as download:
        page.get_by_role("button", name="下载公开件").click()
    assert re.fullmatch(r"public-01-final\.zip", download.value.suggested_filename)
    download.value.save_as(tmp_path / "public.zip")
    with zipfile.ZipFile(tmp_path / "public.zip") as public:
        assert json.loads(public.read("manifest.json"))["draft"] is False
        papers = {name.rpartition("/")[2] for name in public.namelist()}
        assert papers >= {"D2.pdf", "D3.docx", "D11.pdf", "D11.png"}
        notice = PdfReader(io.BytesIO(public.read("area-1/D2.pdf")))
    words = "".join(sheet.extract_text() for sheet in notice.pages)
    assert "业主" in words
    assert "征求意见稿" not in words
    assert "待核" not in words


def filed(page: Page) -> None:
    """Tick every paper, and enter number and day."""
    for box in page.locator("[data-testid=stForm] [data-testid=stCheckbox]").all():
        box.click()
    page.get_by_label("备案号", exact=True).fill("永物备〔2026〕7号")
    page.get_by_label("备案日期", exact=True).fill((TODAY + timedelta(days=30)).isoformat())
    page.get_by_role("button", name="保存备案情况").click()
    expect(page.get_by_text("材料已经齐备。")).to_be_visible()


def change(own: Own) -> None:
    """Move a community from one area to another and freeze again, as the plan page does it."""
    taken = Taken(own.project.parent.parent / "desk" / own.token, own.project.parent)
    with taken.project as project:
        draft = taken.draft(0)
        command = Move((MOVED,), TO)
        revision = project.append(draft.draft_id, command, draft.revision, WHO, graph=taken.town.graph)
        _frozen(project, taken, draft.draft_id, revision)


def _frozen(project: Project, taken: Taken, draft_id: int, revision: int) -> None:
    caveats = [c for c in taken.base.summary["caveats"] if not c.startswith("violations:")]
    project.freeze(
        draft_id,
        "调整后",
        revision,
        WHO,
        graph=taken.town.graph,
        rules=taken.town.rules,
        caveats=caveats,
        confirmed=[*caveats, "broken_off:2"],
    )


def row(page: Page, area_id: str) -> Locator:
    return page.locator(".desk-table.procedure tr", has_text=area_id)


def test_an_area_goes_from_the_freeze_to_the_filing(quarter: Own, tmp_path: Path):
    page = ready(quarter.page)
    freeze(page, "征求意见版")
    expect(page.get_by_text("版本 1 征求意见版")).to_be_visible()
    go_to(page, "文书备案")
    expect(row(page, AREA)).to_contain_text("先确认依据和期限")
    page.get_by_role("link", name="去设置").first.click()
    confirm_all(page)

    go_to(page, "办理进度")
    expect(row(page, AREA)).to_contain_text("可以办理")
    page.get_by_role("button", name="转为“征求意见”").click()
    expect(page.get_by_text("已办理：6 个区域转为“征求意见”。")).to_be_visible()
    order_final(page)  # all is confirmed; it goes on while the forms come back

    go_to(page, "征求意见")
    take_in(page, tmp_path)

    go_to(page, "办理进度")
    offered = page.get_by_role("combobox", name="要办的一步")  # the next one, not the one that was taken
    expect(offered).to_have_value("意见汇总")
    take(page, "意见汇总", days=16)
    take(page, "拟划定公示", days=17)
    take(page, "已划定", days=25)
    final_is_chosen(page)
    posted(page, tmp_path)

    go_to(page, "备案登记")
    filed(page)
    go_to(page, "办理进度")
    take(page, "已备案", days=30)

    change(quarter)
    page.reload()
    expect(row(page, AREA)).to_contain_text("已备案")
    with open_project(quarter.project) as project:
        before, after = (version.state.plan for version in project.versions())
        names = project.communities()["name"]
    known = {area.members for area in before.areas}
    changed = [area for area in after.areas if area.members not in known]
    for area in changed:
        expect(row(page, area.area_id)).to_contain_text("已定稿")
        expect(row(page, area.area_id)).to_contain_text("、".join(names[m] for m in area.members))
    asked = [cell for cell in page.locator(".desk-table.procedure td:nth-child(7)").all_inner_texts() if cell]
    assert len(asked) == len(changed) == 2
