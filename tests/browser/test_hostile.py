"""T1: text from files and from people is text, wherever it is shown: never code, never Markdown, never a request."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect
from shapely import box

from jobs.district import plan_district
from jobs.request import FileLayer, Request
from report.results import write_results
from tests.browser.conftest import Desk, watched
from tests.browser.hands import (
    MAP,
    answer,
    apply,
    at_desk,
    badge,
    freeze,
    menu,
    ready,
    rows_of,
    show_every_layer,
    strip,
    take_verb,
    undo,
)

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

PAYLOADS = (
    "<img src=x onerror=window.HIT=1>",
    "{{7*191}}${7*191}{% raw %}",
    "</script><script>window.HIT=1</script>",
    "![图](http://example.com/x.png)",
    "[按](javascript:window.HIT=1)",
    "`${window.HIT=1}` **粗** :red[红] $x^2$",
    "javascript:window.HIT=1",
    "=cmd|' /C calc'!A0",
    "\u202e倒写\u202c \u2067右\u2069",
    "'\"><svg onload=window.HIT=1>",
    "\\u003cimg src=x onerror=window.HIT=1\\u003e",
    ":material/home: <b>粗</b>",
)
SHORT = "<img src=x onerror=window.HIT=1>"  # fits every field
MARKDOWN = "![图](http://example.com/y.png)<b>{{7*191}}"
ALL_TEXT = """() => {
  const told = (node) => node.nodeType === Node.TEXT_NODE ? node.data
    : ["SCRIPT", "STYLE"].includes(node.tagName) ? ""
    : [...(node.shadowRoot ? [node.shadowRoot] : []), ...node.childNodes].map(told).join(" ");
  return told(document.body);
}"""
ACROSS = 4
PITCH_M = 70.0


@pytest.fixture(scope="module")
def hostile_plan(tmp_path_factory) -> Path:
    """A plan of twelve compounds whose files, columns' values and layers carry the payloads in every text."""
    folder = tmp_path_factory.mktemp("hostile")
    number = range(len(PAYLOADS))
    shapes = [
        box(x, y, x + 60, y + 60)
        for x, y in ((500_000 + n % ACROSS * PITCH_M, 3_250_000 + n // ACROSS * PITCH_M) for n in number)
    ]
    ledger = gpd.GeoDataFrame(
        {"编号": [f"{n}{PAYLOADS[n]}" for n in number], "小区名称": PAYLOADS, "户数": [30 + n for n in number],
         "地址": PAYLOADS[::-1], "社区": SHORT, "物业企业": PAYLOADS[3], "产权": PAYLOADS[4]},
        geometry=shapes, crs="EPSG:4544")  # fmt: skip
    whole = box(499_900, 3_249_900, 500_400, 3_250_400)
    half = box(499_900, 3_249_900, 500_130, 3_250_400)
    grids = gpd.GeoDataFrame(
        {"名称": [MARKDOWN, PAYLOADS[0]]}, geometry=[half, whole.difference(half)], crs="EPSG:4544"
    )
    duties = gpd.GeoDataFrame({"名称": [PAYLOADS[2]]}, geometry=[whole], crs="EPSG:4544")
    files = {}
    for name, layer in (("台账 <b>{{7*191}}", ledger), ("grids", grids), ("duties", duties)):
        files[name] = folder / f"{name}.geojson"
        layer.to_crs("EPSG:4490").to_file(files[name], driver="GeoJSON")
    ledger_file, grids_file, duties_file = files.values()
    plan = plan_district(
        Request(FileLayer(ledger_file), grids=FileLayer(grids_file), duties=(FileLayer(duties_file),))
    )
    assert plan.summary["communities"] == len(PAYLOADS)
    assert pd.notna(plan.communities["area_id"]).sum() > ACROSS
    write_results(plan, folder / "out")
    return folder / "out"


def inert(page: Page, desk: Desk) -> str:
    """Assert that nothing of the payloads came alive; return the text of the page."""
    assert page.evaluate("window.HIT") is None
    assert (
        page.locator("img[src*='example.com'], img[src='x'], svg[onload], a[href^='javascript']").count() == 0
    )
    assert (
        page.get_by_text("粗", exact=True).count() == 0
    )  # a word that only Markdown or HTML would set apart
    text = str(page.evaluate(ALL_TEXT))
    assert "1337" not in text
    assert desk.outside == []
    return text


def test_t1_names_from_files_are_text_in_lists_cards_map_and_tables(
    chromium: Browser, desk: Desk, hostile_plan: Path
):
    token = desk.shelve(hostile_plan, title="".join(PAYLOADS[:4]))
    with watched(chromium, desk, address=f"{desk.address}/?plan={token}", who=SHORT) as page:
        ready(page)
        assert page.locator("h1").inner_text() == "".join(PAYLOADS[:4])
        heads = rows_of(page, "communities").locator("b").all_inner_texts()
        assert set(heads) == set(PAYLOADS)
        show_every_layer(page)
        page.locator(f"{MAP} .plan-label").first.wait_for()
        inert(page, desk)
        for row, head in enumerate(heads):
            rows_of(page, "communities").nth(row).click()
            expect(page.locator("section.card h3")).to_contain_text(head)
            if row % 4 == 0:
                assert SHORT in inert(page, desk)
        page.mouse.move(500, 500)
        for tab in page.locator("[data-testid=stTabs] [role=tab]").all():
            tab.click()
            inert(page, desk)
        for name in page.locator("[data-opens]").all():
            name.click()
        inert(page, desk)
        page.get_by_role("button", name="English", exact=True).click()
        expect(page.get_by_role("button", name="中文", exact=True)).to_be_visible()
        inert(page, desk)


def test_t1_what_people_type_is_text_in_strip_boxes_bar_log_versions_and_conflicts(
    chromium: Browser, desk: Desk, hostile_plan: Path
):
    token = desk.shelve(hostile_plan, title=MARKDOWN)
    address = f"{desk.address}/?plan={token}"
    with (
        watched(chromium, desk, address=address, who=SHORT) as page,
        watched(chromium, desk, address=address, who=PAYLOADS[4]) as other,
    ):
        for one in (page, other):
            ready(one)
        for one, name in ((page, PAYLOADS[0] + PAYLOADS[1]), (other, PAYLOADS[3])):
            rows_of(one, "areas").first.click()
            take_verb(one, "命名区域")
            answer(one, "区域名称", name)
            expect(strip(one)).to_contain_text(name)
        apply(page)
        inert(page, desk)
        other.get_by_role("button", name="应用").click()
        told = other.locator(".st-key-conflict")
        expect(told).to_contain_text(SHORT)
        inert(other, desk)
        told.get_by_role("button", name="把我的另存为副本").click()
        expect(other.locator("header .state b")).to_contain_text(PAYLOADS[4])
        menu(other, "草稿与版本")
        other.locator("[data-testid=stPopoverBody] [data-testid=stSelectbox]").first.click()
        expect(other.get_by_role("option")).to_have_count(2)
        inert(other, desk)

        # names in the boxes of the strip
        row = rows_of(page, "communities").first
        row.click()
        page.locator(".st-key-dock [data-testid=stSelectbox]").first.click()
        page.get_by_role("option").first.wait_for()
        inert(page, desk)
        page.keyboard.press("Escape")
        take_verb(page, "登记")
        page.locator(".st-key-dock [data-testid=stSelectbox]").nth(1).click()
        page.get_by_role("option", name="因改造暂停").click()
        answer(page, "改造项目或批复", PAYLOADS[3])
        apply(page)
        expect(at_desk(page, "共 2 步")).to_be_visible()
        undo(page)
        expect(at_desk(page, "共 1 步")).to_be_visible()
        freeze(page, MARKDOWN)
        expect(page.locator(".desk-versions")).to_contain_text(MARKDOWN)
        inert(page, desk)
        page.keyboard.press("Escape")
        page.get_by_role("tab", name="操作记录").click()
        expect(page.locator(".desk-table.steps")).to_contain_text(SHORT)
        inert(page, desk)
        page.get_by_role("link", name="开始", exact=True).click()
        expect(page.locator(".desk-project").filter(has_text=MARKDOWN)).to_be_visible()
        inert(page, desk)
        expect(badge(page)).to_have_count(0)
