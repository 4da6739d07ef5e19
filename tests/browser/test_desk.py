"""The desk as a planner uses it: in Chromium, with the network cut."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import QUIET, Desk, watched
from tests.browser.hands import MAP, click_on_map, ready, rows_of, view
from tests.slow import geojson

pytestmark = (
    pytest.mark.enable_socket
)  # the driver and the desk talk over loopback; pages are watched in conftest

HOSTILE = ("{{7*191}}", "<img src=x onerror=window.HIT=1>", "![图](http://example.com/x.png) **粗** :red[红]")
PLANS_WITHIN_MS = 300_000  # a solver that is loaded for the first time compiles itself
# Words that are no words of Streamlit: names of formats and of our own files.
NOT_ENGLISH = re.compile(r"PMA|[A-Z]\d{3}|\.?\w+\.(xlsx|gpkg|html|csv)|xlsx?|csv|gpkg|geojson|kml|zip|shapefile|MB|CGCS2000|scope|"
                         r"community_id|reason|to_group|fixed|host|excluded|kind|adjacent|not_adjacent|together|apart|\ba\b|\bb\b")  # fmt: skip


def ledger(names: tuple[str, ...] = HOSTILE) -> dict[str, object]:
    """Return a small ledger with bare degrees, as a browser uploads it."""
    rows = [f'"{name}",60,{106.1 + n * 0.0006:.4f},29.3500' for n, name in enumerate(names)]
    text = "\n".join(["小区名称,户数,经度,纬度", *rows]) + "\n"
    return {"name": "台账 <b>.csv", "mimeType": "text/csv", "buffer": text.encode()}


def drop(page: Page, file: dict[str, object]) -> None:
    """Put a ledger on the import page."""
    page.get_by_role("link", name="用我的数据").click()
    page.locator("input[type=file]").first.set_input_files(files=[file])


def from_baidu(page: Page) -> None:
    """Say of the ledger's coordinates that the third map is right."""
    page.locator(".st-key-question").get_by_role("button", name="这张对").nth(2).click()


def start(page: Page) -> None:
    """Plan what was handed over."""
    start = page.get_by_role("button", name="开始规划")
    expect(start).to_be_enabled(timeout=PLANS_WITHIN_MS)  # files are read in a process of their own
    start.click()


def test_opens_on_the_finished_plan(page: Page, desk: Desk):
    ready(page)
    summary = json.loads((desk.plan / "summary.json").read_text(encoding="utf-8"))
    said = {b.get_attribute("data-opens"): b.inner_text() for b in page.locator("[data-opens]").all()}
    assert said == {k: str(summary[k]) for k in ("areas", "groups", "alone", "fixed", "exceptions", "held")}
    assert page.locator(f"{MAP} path.leaflet-interactive").count() >= summary["areas"] + 50
    assert page.locator("h1").inner_text() == summary["title"]
    expect(page.get_by_text("未核组团范围")).to_be_visible()


def test_first_use_plans_the_sample_street(chromium, fresh_desk: Desk):
    with watched(chromium, fresh_desk) as page:
        expect(page.locator(".desk-door")).to_have_count(3)
        expect(page.get_by_text("还没有项目")).to_be_visible()
        page.get_by_role("button", name="打开样例街道").click()
        expect(page.locator("h1")).to_have_text("正在规划样例街道")
        expect(page.locator(".desk-run li").first).to_be_visible()
        expect(page.locator("h1")).to_contain_text("桂花街道", timeout=PLANS_WITHIN_MS)
        ready(page)
        summary = json.loads((fresh_desk.plan / "summary.json").read_text(encoding="utf-8"))
        assert page.locator("[data-opens=areas]").inner_text() == str(summary["areas"])
        assert page.locator(f"{MAP} path.leaflet-interactive").count() > summary["communities"]
        page.locator(f"{MAP} summary", has_text="更多图层").click()
        for layer in ("grids", "committees", "links", "refused", "barriers"):
            before = page.locator(f"{MAP} path").count()
            page.locator(f"{MAP} input[data-layer={layer}]").check()
            page.locator(f"{MAP} path").nth(before).wait_for(state="attached")
    assert fresh_desk.outside == []


def test_a_number_opens_its_list_and_a_row_its_card(page: Page):
    ready(page)
    page.locator("[data-opens=exceptions]").click()
    row = page.get_by_role("button", name="萱花花园")
    expect(row).to_contain_text("无相邻小区：最近的小区在 212 米外")
    row.click()
    expect(page.locator("section.card h3")).to_have_text(re.compile("^萱花花园"))
    expect(page.locator("section.card")).to_contain_text("建议")
    # the mark of what is selected, drawn around it on the map
    page.locator(f"{MAP} path.plan-selected").first.wait_for()
    page.get_by_role("button", name="返回名单").click()
    expect(page.locator(".row.chosen")).to_contain_text("萱花花园")


def test_a_number_of_one_kind_shows_only_that_kind(page: Page):
    ready(page)
    page.locator("[data-opens=fixed]").click()
    expect(page.locator(".rows .row")).to_have_count(2)
    page.locator(".only").click()
    expect(page.locator(".rows .row")).to_have_count(26)


def test_a_click_on_the_map_opens_the_card_and_the_card_leads_on(page: Page):
    ready(page)
    before = view(page)
    click_on_map(page, "communities", 6)
    title = page.locator("section.card h3")
    expect(title).to_contain_text("暂未组团")
    assert view(page) == before  # the map stays where it is
    rows_of(page, "areas").first.click()  # by the way back to the lists
    expect(title).to_contain_text("PMA-001")
    expect(page.locator("section.card")).to_contain_text("到中心小区步行")
    page.locator("section.card .row").first.click()
    expect(title).not_to_contain_text("PMA")


def test_the_card_of_a_community_says_what_each_neighbour_would_mean(page: Page):
    ready(page)
    page.locator("[data-list=communities]").click()
    for row in range(6):
        page.locator(".rows .row").nth(row).click()
        page.locator("section.card h3").wait_for()
        if page.locator("section.card .row", has_text="加入 PMA-").count():
            break
        page.get_by_role("button", name="返回名单").click()
    offer = page.locator("section.card .row", has_text="加入 PMA-").first
    expect(offer).to_contain_text("→")
    area = offer.locator("b").inner_text().removeprefix("加入 ")
    offer.click()
    expect(page.locator("section.card h3")).to_contain_text(area)


def test_grids_and_findings_are_tables_of_text(page: Page):
    ready(page)
    page.get_by_role("tab", name="网格对照").click()
    table = page.locator(".desk-table.grids")
    table.scroll_into_view_if_needed()
    expect(table.locator("th").first).to_have_text("区域编号")
    expect(table.locator("tbody tr")).to_have_count(26)
    page.get_by_role("tab", name="数据核对清单").click()
    expect(page.locator(".desk-table.findings")).to_contain_text("=1+1")


def test_downloads_are_the_files_of_the_plan(page: Page, desk: Desk):
    ready(page)
    page.get_by_role("button", name="下载成果").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="方案表").click()
    assert waiting.value.suggested_filename == "plan.xlsx"
    assert waiting.value.path().read_bytes() == (desk.plan / "plan.xlsx").read_bytes()


def test_an_upload_is_asked_planned_shown_as_text_and_kept_on_reload(page: Page):
    ready(page)
    drop(page, ledger())
    question = page.locator(".st-key-question")
    expect(question).to_contain_text("这些坐标是从哪里来的")
    expect(question).to_contain_text("台账")
    expect(page.get_by_role("button", name="开始规划")).to_be_disabled()
    from_baidu(page)
    start(page)
    expect(page.locator("[data-opens=areas]")).to_have_text("1", timeout=PLANS_WITHIN_MS)
    ready(page)
    page.locator("[data-list=communities]").click()
    expect(page.locator(".row b")).to_have_count(len(HOSTILE))
    assert {b.inner_text() for b in page.locator(".row b").all()} == set(HOSTILE)
    assert page.evaluate("window.HIT") is None
    page.reload()
    ready(page)
    expect(page.locator("[data-opens=areas]")).to_have_text("1")


def test_cancel_stops_the_run_and_keeps_the_plan(page: Page):
    ready(page)
    drop(page, ledger())
    from_baidu(page)
    start(page)
    page.get_by_role("button", name="取消").click()
    expect(page.locator(".st-key-standing")).to_contain_text("已取消")
    page.get_by_role("link", name="组团方案").click()
    ready(page)
    expect(page.locator("[data-opens=areas]")).to_have_text("26")


def test_a_search_is_watched_and_ended_with_the_best_plan(page: Page):
    ready(page)
    drop(page, {"name": "大镇.geojson", "mimeType": "application/geo+json", "buffer": geojson(units=1_000)})
    start(page)
    keep = page.get_by_role("button", name="用现在的最好方案")
    keep.wait_for(timeout=PLANS_WITHIN_MS)
    figures = page.locator(".desk-run dd")
    areas = int(figures.first.inner_text())
    expect(figures.last).to_contain_text("%", timeout=PLANS_WITHIN_MS)
    page.get_by_role("link", name="组团方案").click()
    expect(page.locator(".desk-says")).to_contain_text("寻找并核验最优方案")
    expect(page.locator(".desk-says")).to_contain_text("差距")
    page.get_by_role("link", name="用我的数据").click()
    keep.click()
    expect(page.get_by_text("由人提前结束，仍可能有更优方案")).to_be_visible(timeout=PLANS_WITHIN_MS)
    assert int(page.locator("[data-opens=areas]").inner_text()) > 0.9 * areas


def test_a_file_of_the_wrong_kind_gets_its_sentence(page: Page):
    ready(page)
    drop(page, {"name": "批复.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"})
    expect(page.locator(".desk-file .bad")).to_contain_text("批复.pdf")
    expect(page.get_by_role("button", name="开始规划")).to_be_disabled()
    assert "Traceback" not in page.content()


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_screen_or_speaks_english(page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 844})
    ready(page)
    page.add_style_tag(
        content="[data-testid=stIconMaterial] { display: none !important }"
    )  # icons are ligatures of words
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    texts = [page.locator("[data-testid=stMain]").inner_text()]
    page.goto(page.url.split("?")[0] + "own_data")
    page.get_by_role("button", name="开始规划").wait_for()
    page.locator(QUIET).wait_for()
    page.add_style_tag(content="[data-testid=stIconMaterial] { display: none !important }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for expander in page.locator("[data-testid=stExpander] summary").all():
        expander.click()
    texts.append(page.locator("[data-testid=stMain]").inner_text())
    assert re.findall(r"[A-Za-z]{2,}", NOT_ENGLISH.sub("", "\n".join(texts))) == []


def test_a_wrong_address_is_answered_in_our_words(page: Page, desk: Desk):
    page.goto(f"{desk.address}/没有")
    expect(page.locator("h1")).to_have_text("没有这一页")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="组团方案").nth(1).click()  # below the sentence; the first is on the bar
    ready(page)
    expect(page.get_by_text("没有这一页")).to_have_count(0)


def test_two_people_do_not_see_each_other(page: Page, chromium, desk: Desk):
    ready(page)
    page.locator("[data-opens=held]").click()
    other = chromium.new_page()
    other.goto(desk.address)
    ready(other)
    expect(other.locator(".tab.on")).to_contain_text("核对")
    expect(page.locator(".tab.on")).to_contain_text("户数待核")
    other.close()


def test_nothing_was_asked_of_another_machine(page: Page, desk: Desk):
    """Last of its file: counts what all pages before it asked."""
    ready(page)
    assert desk.outside == []
