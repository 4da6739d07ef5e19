"""Two plans side by side, and other rules tried beside the draft: what a planner does before the joint meeting."""

import io

import openpyxl
import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Desk, Own
from tests.browser.hands import apply, click_on_map, headline, ready, steps, take_verb

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

SMALL = 34  # row of 打铁巷9号院, which PMA-010 can spare


def turn_to(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.locator("h1", has_text=name)).to_be_visible()


def maps(page: Page) -> FrameLocator:
    """Return the page with both maps, once both are drawn."""
    frame = page.frame_locator(".st-key-versus iframe")
    for side in ("one", "other"):
        frame.locator(f"#map-{side} .plan-label").first.wait_for()
    return frame


def choose(page: Page, side: str, label: str) -> None:
    page.locator(f".st-key-compare-{side} [data-testid=stSelectbox]").click()
    page.get_by_role("option").filter(has_text=label).first.click()


def figure(page: Page, name: str) -> list[str]:
    row = page.locator(".versus-figures tr", has=page.get_by_role("cell", name=name, exact=True))
    return row.locator("td").all_inner_texts()[1:]


def test_nothing_grouped_beside_the_plan(own: Own, desk: Desk):
    page = ready(own.page)
    before = headline(page)
    turn_to(page, "方案对比")
    frame = maps(page)
    expect(page.locator(".desk-note", has_text="45 个小区(1821 户)换了地方。")).to_be_visible()
    assert figure(page, "拟划定区域") == ["11", str(before["areas"]), "+11"]
    assert figure(page, "暂未组团小区") == ["51", str(before["exceptions"]), "−45"]

    # a click on a row marks the community on both maps and turns both to it
    scales = frame.locator(".leaflet-control-scale-line")
    expect(scales.first).to_have_text("300 m")
    frame.get_by_role("button", name="染坊巷12号院").click()
    for side in ("one", "other"):
        expect(frame.locator(f"#map-{side} .plan-selected")).to_have_count(2)
    assert scales.first.inner_text() == scales.last.inner_text() != "300 m"

    # one map leads, the other follows
    frame.locator("#map-other .leaflet-control-zoom-out").click()
    expect(scales.last).not_to_have_text("100 m")
    expect(scales.first).to_have_text(scales.last.inner_text())
    assert desk.outside == []


def test_an_edit_is_what_differs_from_the_computed_plan_and_both_files_say_so(own: Own, chromium, tmp_path):
    page = ready(own.page)
    click_on_map(page, "communities", SMALL)
    take_verb(page, "调出 1 个小区")
    apply(page)
    turn_to(page, "方案对比")
    expect(page.locator(".desk-note", has_text="1 个小区(28 户)换了地方。")).to_be_visible()
    expect(maps(page).locator("aside li").first).to_contain_text("PMA-010 → 暂未组团(不足100户)")

    with page.expect_download() as taken:
        page.get_by_role("button", name="下载对比表").click()
    book = openpyxl.load_workbook(io.BytesIO(taken.value.path().read_bytes()))
    assert book.sheetnames == ["对比", "变化的小区", "区域对照", "网格"]

    with page.expect_download() as taken:
        page.get_by_role("button", name="下载对比页").click()
    taken.value.save_as(tmp_path / "compare.html")
    alone = chromium.new_page(viewport={"width": 390, "height": 800})
    asked = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto((tmp_path / "compare.html").as_uri())
    alone.locator("#map-other .plan-label").first.wait_for()
    assert len(asked) == 1
    assert alone.evaluate("document.documentElement.scrollWidth") <= 390
    alone.close()


def test_packages_are_drawn_and_counted(own: Own):
    page = ready(own.page)
    turn_to(page, "方案对比")
    maps(page)
    choose(page, "one", "打包服务")
    expect(page.locator("figcaption, .desk-note", has_text="每组合签一份物业服务合同")).to_be_visible()
    expect(maps(page).locator("#map-one path.plan-packages").first).to_be_attached()
    assert figure(page, "服务包")[0] == "13"


def test_another_minimum_is_tried_compared_and_taken_over(own: Own):
    page = ready(own.page)
    turn_to(page, "方案比选")
    expect(page.get_by_role("button", name="试算", exact=True)).to_be_disabled()
    page.get_by_label("最低户数", exact=True).fill("150")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="试算", exact=True).click()
    row = page.locator(".scenarios tr", has_text="比选:最低户数 150")
    expect(row).to_be_visible(timeout=60_000)
    assert row.locator("td").all_inner_texts()[2:5] == ["15", "9", "14"]
    assert row.locator("td").last.inner_text() == "17"
    assert steps(own.project) == []  # the draft is as it was

    page.get_by_role("button", name="并排对比").click()
    expect(page.locator(".desk-note", has_text="最低户数 100 → 150")).to_be_visible()
    expect(maps(page).locator("#map-other .plan-label-areas", has_text="PMA-023")).to_be_visible()

    turn_to(page, "方案比选")
    page.get_by_role("button", name="接为新草稿").click()
    ready(page)
    expect(page.locator("[data-opens=areas]")).to_have_text("15")
    assert steps(own.project) == []
    assert len(steps(own.project, draft=2)) == 1


def test_a_cancelled_scenario_leaves_nothing(own: Own):
    page = ready(own.page)
    turn_to(page, "方案比选")
    page.get_by_label("户数上限", exact=True).fill("300")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="试算", exact=True).click()
    page.get_by_role("button", name="取消", exact=True).click()
    expect(page.locator(".desk-says", has_text="已取消。当前方案没有改动。")).to_be_visible()
    expect(page.locator(".scenarios tr", has_text="比选")).to_have_count(0)
    assert steps(own.project) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_screen(own: Own, width: int):
    page = ready(own.page)
    page.set_viewport_size({"width": width, "height": 900})
    for name in ("方案对比", "方案比选"):
        turn_to(page, name)
        page.locator(".desk-table").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
