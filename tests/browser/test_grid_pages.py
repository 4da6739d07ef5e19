"""The page of a grid as a grid worker opens it: from disk, on a phone of 390 and 360 dots, with the network cut."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pyproj
import pytest
from playwright.sync_api import Browser, Page, expect

from report.gridpages.cuts import grids_of
from report.gridpages.page import grid_page
from report.gridpages.scene import Backdrop, scene_of
from tests.fakes import CRS
from tests.gridtowns import SOUTH, WEST, town
from tests.test_gridpages import FIRST, SIGNS, TOLD

pytestmark = pytest.mark.enable_socket  # the driver talks to the browser; the page itself is watched below
LEAST_PX = 44
TARGETS = """(least) => Array.from(document.querySelectorAll("button, a, select, input, summary, textarea"))
  .filter((one) => !one.closest("#map") && one.offsetParent)
  .map((one) => [one.outerHTML.slice(0, 60), one.getBoundingClientRect()])
  .filter(([, box]) => box.width < least || box.height < least).map(([name]) => name)"""
TWICE_AS_LARGE = (  # where fingers are twice as far apart
    "(wide) => Math.abs(document.querySelector('#map').viewBox.baseVal.width / wide - 0.5) < 0.025"
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    """The page of the first grid, the same with scripts for names, and with communities as points and tiny buildings."""
    folder, sign = tmp_path_factory.mktemp("grids"), "".join(SIGNS)
    results = town()
    named = results.communities.assign(name=sign, address=sign)
    hostile = replace(results, communities=named, areas=results.areas.assign(name=sign), title=sign)
    points = results.communities.set_geometry(results.communities.representative_point())
    sheds = results.buildings.set_geometry(results.buildings.centroid.buffer(2))
    tiny = replace(results, communities=points, buildings=sheds)
    written = {}
    for name, plan in (("plain", results), ("hostile", hostile), ("tiny", tiny)):
        grid = next(one for one in grids_of(plan, TOLD.outstanding) if one.name == FIRST)
        written[name] = folder / f"{name}.html"
        backdrop = Backdrop.of(plan)
        written[name].write_text(grid_page(backdrop, grid, TOLD, scene_of(backdrop, grid)), encoding="utf-8")
    return written


def opened(chromium: Browser, path: Path, width: int) -> tuple[Page, list[str]]:
    """Open a file on a phone that has no network; return the page and all that it asked for or complained of."""
    lon, lat = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(WEST + 50, SOUTH + 40)
    phone = chromium.new_context(
        viewport={"width": width, "height": 780},
        has_touch=True,
        is_mobile=True,
        offline=True,
    )
    here = {"coords": {"longitude": lon, "latitude": lat, "accuracy": 12}}
    phone.add_init_script(f"navigator.geolocation.getCurrentPosition = (told) => told({json.dumps(here)})")
    page, seen = phone.new_page(), []
    page.on("request", lambda request: seen.append(request.url))
    page.on("pageerror", lambda error: seen.append(f"error {error}"))
    page.on("console", lambda message: seen.append(f"console {message.text}"))
    page.goto(path.as_uri())
    return page, seen


def view_of(page: Page) -> list[float]:
    return [float(number) for number in page.locator("#map").get_attribute("viewBox").split()]


def spread_fingers(page: Page) -> None:
    """Put two fingers on the middle of the map and draw them apart to twice their distance."""
    page.locator("#frame").scroll_into_view_if_needed()
    box = page.locator("#frame").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    hand = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 30), ("touchMove", 45), ("touchMove", 60)):
        points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def ticks_and_notes_stay_and_become_a_message(page: Page) -> None:
    page.get_by_text("3. 发放意见表").click()  # the browser swallows a tap so soon after a pinch
    tick = page.locator("[data-task='hand_out:C001']")
    tick.tap()
    expect(tick).to_contain_text("已办")
    item = page.locator("li", has=tick)
    item.get_by_role("button", name="甲院：写备注、记照片").tap()
    item.get_by_role("textbox").fill("2栋没找到人,问13912345678")
    item.get_by_role("button", name="已拍照（照片发工作群）").tap()
    expect(item.locator(".noted")).to_contain_text("2栋没找到人")
    page.reload()
    page.get_by_text("3. 发放意见表").tap()
    expect(tick).to_have_text(re.compile("^已办"))
    expect(page.locator("details.tasks[data-kind=hand_out] .share")).to_have_text("1 / 2")
    page.get_by_role("button", name="复制办理情况").tap()
    expect(page.locator("#progress")).to_have_value(re.compile("."))
    lines = page.locator("#progress").input_value().splitlines()
    assert lines[0].startswith("【办理情况】 第1网格 ")
    (line,) = [line for line in lines if line.startswith("· 甲院 已办 ")]
    assert re.search(r" 照片\d\d-\d\d \d\d:\d\d，2栋没找到人,问（个人号码，未复制）$", line)


def found_by_word_and_by_kind(page: Page) -> None:
    expect(page.locator(".issue:visible")).to_have_count(0)
    page.locator("#search").fill("车堵路了")
    expect(page.locator(".issue:visible")).to_have_text([re.compile("^消防通道被堵")])
    page.locator("#search").fill("没有这个")
    expect(page.locator("#none")).to_be_visible()
    page.locator("#search").fill("")
    page.get_by_text("消防安全").tap()
    expect(page.locator(".issue:visible")).to_have_count(1)


@pytest.mark.parametrize("width", [390, 360])
def test_a_grid_worker_finds_taps_ticks_and_reports_without_a_network(chromium, pages, width):
    page, seen = opened(chromium, pages["plain"], width)

    # the map: what is tapped is told of, and stays in sight above what is told
    page.locator("#map a[href='#b2']").tap()
    expect(page.locator("#sheet")).to_contain_text("甲院 2栋")
    expect(page.locator("#sheet")).to_contain_text("少于3")
    picked = page.locator("#map .picked").bounding_box()
    assert picked["y"] + picked["height"] < page.locator("#sheet").bounding_box()["y"]
    page.get_by_role("button", name="这里有错").tap()
    expect(page.locator("#mistake-place")).to_have_value("甲院")
    before = page.locator("#map").get_attribute("viewBox")
    page.locator("[data-map=in]").tap()
    expect(page.locator("#map")).not_to_have_attribute("viewBox", before)
    wide = view_of(page)[2]
    assert wide < float(before.split()[2])
    page.locator("[data-map=locate]").tap()
    expect(page.locator("#said")).to_have_text("蓝点是您的位置，误差约12米。")
    dot, frame = (page.locator(one).bounding_box() for one in ("#me circle:last-child", "#frame"))
    assert dot["x"] + dot["width"] / 2 == pytest.approx(frame["x"] + frame["width"] / 2, abs=2), (
        "in the middle"
    )
    spread_fingers(page)
    page.wait_for_function(TWICE_AS_LARGE, arg=wide)

    ticks_and_notes_stay_and_become_a_message(page)
    found_by_word_and_by_kind(page)

    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate(TARGETS, LEAST_PX) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen == [pages["plain"].as_uri()] * 2, "the file and its reload"
    page.context.close()


def test_a_tap_means_what_is_near_and_large_enough_to_be_meant(chromium, pages):
    page, seen = opened(chromium, pages["tiny"], 360)
    sheet = page.locator("#sheet")
    page.locator("#map a[href='#b1']").tap()
    expect(sheet.locator("h3")).to_have_text("甲院")
    expect(sheet.locator("tbody tr")).to_have_count(3)
    sheet.get_by_role("button", name="关闭").tap()
    dot = page.locator("#map a[href='#c1'] circle").bounding_box()
    assert min(dot["width"], dot["height"]) >= 14, "a point can be seen"
    page.touchscreen.tap(dot["x"] + dot["width"] / 2, dot["y"] - 14)
    expect(sheet.locator("h3")).to_have_text("乙院")
    page.touchscreen.tap(dot["x"] + dot["width"] / 2, dot["y"] - 60)
    expect(sheet).to_be_hidden()
    assert seen == [pages["tiny"].as_uri()]
    page.context.close()


def test_scripts_as_names_do_nothing(chromium, pages):
    page, seen = opened(chromium, pages["hostile"], 360)
    page.locator("#map a[href='#b1']").tap()
    expect(page.locator("#sheet")).to_contain_text("<img src=x onerror=HIT=1>")
    page.get_by_role("button", name="这里有错").tap()
    page.get_by_role("button", name="复制这条报错").tap()
    expect(page.locator("#mistake")).to_have_value(re.compile(re.escape("<img src=x onerror=HIT=1>")))
    assert page.evaluate("window.HIT") is None
    assert page.locator("img").count() == 0
    assert seen == [pages["hostile"].as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.close()
