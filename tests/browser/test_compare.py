"""Two plans side by side, and other rules tried beside the draft: what a planner does before the joint meeting."""

import io
import shutil
import time
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.conftest import QUIET, WHO, Desk, Own, free_port, kill, started, watched
from tests.browser.hands import (
    apply,
    click_on_map,
    headline,
    pick,
    ready,
    steps,
    take_verb,
    try_minimum,
    turn_to,
)

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

SMALL = 34  # row of 打铁巷9号院, which PMA-010 can spare
PHONE, SCREEN = 390, 1440
PLANS_WITHIN_S = 120


def maps(page: Page) -> FrameLocator:
    """Return the page with both maps, once both are drawn."""
    frame = page.frame_locator(".st-key-versus iframe")
    for side in ("one", "other"):
        frame.locator(f"#map-{side} .plan-label").first.wait_for()
    return frame


def choose(page: Page, side: str, label: str) -> None:
    pick(page.locator(f".st-key-compare-{side} [data-testid=stSelectbox] [role=combobox]"), label)


def figure(page: Page, name: str) -> list[str]:
    row = page.locator(".versus-figures tr", has=page.get_by_role("cell", name=name, exact=True))
    return row.locator("td").all_inner_texts()[1:]


def fits(page: Page) -> None:
    """Look at the page on a phone, and go back to the screen."""
    page.set_viewport_size({"width": PHONE, "height": 900})
    page.locator(QUIET).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.set_viewport_size({"width": SCREEN, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREEN


def scenarios(page: Page) -> list[list[str]]:
    """Return the table of all plans without their numbers."""
    page.locator(".scenarios tr").first.wait_for()
    rows = page.locator(".scenarios tbody tr").all()
    return [row.locator("td").all_inner_texts()[1:] for row in rows]


def test_any_two_plans_side_by_side_as_a_page_and_as_files(own: Own, desk: Desk, chromium, tmp_path):
    page = ready(own.page)
    before = headline(page)
    turn_to(page, "方案对比")
    frame = maps(page)
    expect(page.locator(".desk-note", has_text="45 个小区（1821 户）换了地方。")).to_be_visible()
    assert figure(page, "拟划定区域") == ["11", str(before["areas"]), "+11"]
    assert figure(page, "暂未组团小区") == ["51", str(before["exceptions"]), "−45"]

    # a click on a row marks the community on both maps and turns both to it
    scales = frame.locator(".leaflet-control-scale-line")
    expect(scales.first).to_have_text("300 m")
    frame.get_by_role("button", name="染坊巷12号院").click()
    for side in ("one", "other"):
        expect(frame.locator(f"#map-{side} .plan-selected")).to_have_count(2)
    expect(scales.first).not_to_have_text("300 m")
    expect(scales.last).to_have_text(scales.first.inner_text())

    # one map leads, the other follows
    frame.locator("#map-other .leaflet-control-zoom-out").click()
    expect(scales.last).not_to_have_text("100 m")
    expect(scales.first).to_have_text(scales.last.inner_text())

    # a service package is one outline, and is counted
    choose(page, "one", "打包服务")
    expect(page.locator("figcaption, .desk-note", has_text="每组合签一份物业服务合同")).to_be_visible()
    expect(maps(page).locator("#map-one path.plan-packages").first).to_be_attached()
    assert figure(page, "服务包")[0] == "13"
    fits(page)

    # an edit is what differs from the computed plan, which stands among the others only now
    page.get_by_role("link", name="组团方案", exact=True).click()
    ready(page)
    click_on_map(page, "communities", SMALL)
    take_verb(page, "调出 1 个小区")
    apply(page)
    turn_to(page, "方案对比")
    choose(page, "one", "算出的方案")
    expect(page.locator(".desk-note", has_text="1 个小区（28 户）换了地方。")).to_be_visible()
    expect(maps(page).locator("aside li").first).to_contain_text("PMA-010 → 暂未组团（不足100户）")
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载对比表").click()
    book = openpyxl.load_workbook(io.BytesIO(taken.value.path().read_bytes()))
    assert book.sheetnames == ["对比", "变化的小区", "区域对照", "网格"]
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载对比页").click()
    taken.value.save_as(tmp_path / "compare.html")
    alone = chromium.new_page(viewport={"width": PHONE, "height": 800})
    asked = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto((tmp_path / "compare.html").as_uri())
    alone.locator("#map-other .plan-label").first.wait_for()
    assert len(asked) == 1
    assert alone.evaluate("document.documentElement.scrollWidth") <= PHONE
    alone.close()
    assert desk.outside == []


def test_another_minimum_is_cancelled_tried_taken_over_and_put_away(own: Own):
    page = ready(own.page)
    turn_to(page, "方案比选")
    expect(page.get_by_role("button", name="试算", exact=True)).to_be_disabled()
    always = [row[0] for row in scenarios(page)]
    assert always == ["当前草稿：草稿一", "维持现状（不组团）", "打包服务（不合并）"]

    # cancelled half-way, it leaves nothing
    try_minimum(page, 200)
    page.get_by_role("button", name="取消", exact=True).click()
    expect(page.locator(".desk-says", has_text="已取消。当前方案没有改动。")).to_be_visible()
    assert [row[0] for row in scenarios(page)] == always

    # one thing at a time, as a table and a chart
    page.get_by_role("button", name="列出", exact=True).click()
    trial = page.locator(".trial tbody tr")
    expect(trial).to_have_count(4, timeout=PLANS_WITHIN_S * 1_000)
    assert [row.locator("td").all_inner_texts()[:2] for row in trial.all()] == [
        ["100 现用", "22"], ["150", "15"], ["200", "13"], ["300", "8"],
    ]  # fmt: skip
    expect(page.locator("img.desk-chart")).to_be_visible()
    fits(page)

    # tried to the end, it stands in the table with the figures of its own plan
    try_minimum(page, 150)
    row = page.locator(".scenarios tr", has_text="比选：最低户数 150")
    expect(row).to_be_visible(timeout=PLANS_WITHIN_S * 1_000)
    assert row.locator("td").all_inner_texts()[2:5] == ["15", "9", "14"]
    assert row.locator("td").last.inner_text() == "17"

    # taken over it is a draft of its own, and stays when the scenario is put away
    page.get_by_role("button", name="接为新草稿").click()
    ready(page)
    expect(page.locator("[data-opens=areas]")).to_have_text("15")
    assert (steps(own.project), len(steps(own.project, draft=2))) == ([], 1)
    turn_to(page, "方案比选")
    page.get_by_role("button", name="删除", exact=True).click()
    expect(row).to_have_count(0)
    assert any(name.startswith("当前草稿：接自") for name, *_ in scenarios(page))


# --- a tab closed, a server killed -----------------------------------------------------------------


def test_a_closed_tab_and_a_killed_desk_leave_the_plan_as_it_was(
    chromium: Browser, sample_plan: Path, tmp_path: Path
):
    shutil.copytree(sample_plan, tmp_path / "out" / "demo")
    desk = Desk("", tmp_path, sample_plan)
    made = tmp_path / "out" / "desk" / "scenarios"
    port = free_port()
    server, desk.address = started(tmp_path, port=port)
    address = f"{desk.address}/weigh?plan=sample"
    with watched(chromium, desk, address=address, who=WHO) as page:
        before = scenarios(page)
        try_minimum(page, 150)
        page.locator(".desk-run").wait_for()
    done = _made(made, number=1)  # the tab is closed; what was asked for is worked out all the same
    with watched(chromium, desk, address=address, who=WHO) as page:
        after = scenarios(page)
        assert after[0] == before[0]
        assert [row[0] for row in after if row not in before] == ["比选：最低户数 150"]
        try_minimum(page, 300)
        page.locator(".desk-run").wait_for()
        kill(server)
    server, _ = started(tmp_path, port=port)
    try:
        with watched(chromium, desk, address=address, who=WHO) as page:
            whole = _written(made)
            found = scenarios(page)
            assert found[0] == before[0]
            assert all(row in found for row in after)
            assert len(found) - len(after) == len(whole - done)  # whole, or not there at all
    finally:
        server.terminate()
        server.wait()
    assert steps(desk.project("sample")) == []


def _made(folder: Path, *, number: int) -> set[str]:
    """Wait until so many scenarios are written; return their names."""
    end = time.monotonic() + PLANS_WITHIN_S
    while len(found := _written(folder)) < number:
        assert time.monotonic() < end, "no scenario was written"
        time.sleep(0.1)
    return found


def _written(folder: Path) -> set[str]:
    """Return the names of the scenarios that are whole: what is being written lies in a folder named "new" (report.folder)."""
    return {path.parent.name for path in folder.rglob("summary.json")} - {"new"}
