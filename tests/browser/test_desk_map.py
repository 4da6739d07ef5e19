"""The map of the desk: made once and kept, fetched layer by layer, and never an empty box."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from report.pictures import WIDE_PX
from report.results import write_results
from tests import fakes
from tests.browser.conftest import QUIET, Desk, Own, guard, serving
from tests.browser.hands import MAP, apply, click_on_map, drag_box, ready, shape, take_verb, undo, view
from tests.test_maps import PAYLOADS, with_texts

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

SMALL = 34  # row of 打铁巷9号院 in the sample
FILES = "/component/ui.map_files.files/"
DRAWN_WITHIN_MS = 10_000
TILE = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def fetched(page: Page) -> list[str]:
    """Return a list that every file of a map goes into, from here on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if FILES in request.url else None)
    return found


def switch(page: Page, layer: str) -> None:
    page.locator(f"{MAP} input[data-layer={layer}]").dispatch_event("click")


def marked(page: Page) -> set[str]:
    """Return what is marked as selected, by place."""
    names = page.locator(f"{MAP} .plan-selected").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('class'))"
    )
    return {name.split("selected-")[1].split()[0] for name in names}


# --- kept --------------------------------------------------------------------------------------------


def test_a_click_fetches_nothing_and_moves_nothing(page: Page):
    ready(page)
    where, found = view(page), fetched(page)
    page.locator(MAP).evaluate("(box) => { box.dataset.sameBox = 'yes'; }")
    click_on_map(page, "communities", 0)
    page.locator(f"{MAP} .selected-communities-0").first.wait_for()
    page.locator(QUIET).wait_for()
    assert found == []
    assert view(page) == where
    assert page.locator(MAP).get_attribute("data-same-box") == "yes"


def test_an_edit_fetches_only_what_changed_and_leaves_view_and_layers(own: Own):
    page = ready(own.page)
    switch(page, "grids")
    page.locator(f"{MAP} .leaflet-control-zoom-in").click()
    expect(page.locator(f"{MAP} .leaflet-control-scale-line")).to_have_text("100 m")
    where, found = view(page), fetched(page)
    click_on_map(page, "communities", SMALL)
    take_verb(page, "调出 1 个小区")
    apply(page)
    expect(page.locator(f"{MAP} .plan-label-areas", has_text="PMA-010")).to_contain_text("104户")
    expect(shape(page, "communities", SMALL)).to_have_attribute("stroke-dasharray", "6 4")
    assert 1 <= len(found) <= 3  # areas, states, and the frame where the legend has a line more
    assert view(page) == where
    assert page.locator(f"{MAP} input[data-layer=grids]").is_checked()
    expect(page.locator(f"{MAP} path.plan-grids")).to_have_count(9)
    undo(page)
    expect(shape(page, "communities", SMALL)).not_to_have_attribute("stroke-dasharray", "6 4")
    assert view(page) == where


# --- selection ---------------------------------------------------------------------------------------


def test_control_adds_and_takes_away_and_a_box_takes_all_inside(page: Page):
    ready(page)
    click_on_map(page, "communities", 0)
    expect(page.locator(f"{MAP} .selected-communities-0")).to_have_count(2)  # a line, and paper around it
    click_on_map(page, "communities", 1, with_key="Control")
    expect(page.locator(f"{MAP} .plan-selected")).to_have_count(4)
    click_on_map(page, "communities", 1, with_key="Control")
    expect(page.locator(f"{MAP} .plan-selected")).to_have_count(2)
    assert marked(page) == {"communities-0"}
    drag_box(page, shape(page, "areas", 4))
    expect(page.locator(f"{MAP} .plan-selected")).not_to_have_count(2)
    members = {f"communities-{row}" for row in range(len(fakes.results().communities))
               if fakes.results().communities["area_id"].iloc[row] == "PMA-005"}  # fmt: skip
    assert members <= marked(page)


def test_the_name_under_the_pointer_is_shown(page: Page):
    ready(page)
    shape(page, "communities", 1).hover(force=True)
    expect(page.locator(f"{MAP} .plan-hover")).to_contain_text(fakes.results().communities["name"].iloc[1])


def test_under_the_pointer_a_refused_link_says_why_it_is_none(own: Own):
    page = ready(own.page)
    switch(page, "refused")
    page.locator(f"{MAP} .plan-refused").first.dispatch_event("mousemove")
    expect(page.locator(f"{MAP} .plan-hover")).to_have_text(re.compile("隔着|不相邻|跨"))


def test_the_map_is_reached_and_moved_by_keyboard(page: Page):
    ready(page)
    where = view(page)
    page.locator(f"{MAP} .leaflet-container").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"{MAP} .leaflet-map-pane")).not_to_have_attribute("style", where[0] or "")


# --- layers ------------------------------------------------------------------------------------------


def test_every_layer_can_be_switched_and_is_explained(own: Own):
    page = ready(own.page)
    boxes = page.locator(f"{MAP} input[data-layer]")
    keys = boxes.evaluate_all("(all) => all.map((one) => one.dataset.layer)")
    assert set(keys) == {
        "areas", "buildings", "communities", "street", "police", "companies", "committees", "grids",
        "barriers", "links", "refused", "gates", "facilities",
    }  # fmt: skip
    assert boxes.evaluate_all("(all) => all.filter((one) => one.checked).length") == 3
    for key in set(keys) - {"areas", "communities", "buildings"}:
        before = page.locator(f"{MAP} path").count()
        switch(page, key)
        page.locator(f"{MAP} path").nth(before).wait_for(state="attached")


def test_every_colouring_has_its_legend(own: Own):
    page = ready(own.page)
    choice = page.locator(f"{MAP} .plan-legend select")
    for name in choice.locator("option").all_text_contents()[1:]:
        choice.select_option(label=name)
        expect(page.locator(f"{MAP} .plan-classes .plan-swatch").nth(1), name).to_be_attached()


# --- never an empty box --------------------------------------------------------------------------------


@pytest.mark.parametrize("blocked", ["leaflet.js", FILES])
def test_a_blocked_file_gives_a_still_picture_and_the_cause(chromium: Browser, desk: Desk, blocked: str):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    guard(context, desk, broken=lambda url: blocked in url)
    page = context.new_page()
    page.goto(desk.address)
    expect(page.locator(".desk-says")).to_contain_text("地图没有画出来：浏览器取不到绘图程序")
    picture = page.locator("[data-testid=stImage] img")
    picture.wait_for()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == WIDE_PX
    page.locator("[data-list=communities]").click()
    page.locator(".rows .row").first.click()  # the lists work on
    page.locator("section.card h3").wait_for()
    context.close()


def test_a_map_that_takes_too_long_gives_way_to_the_picture_until_it_comes(chromium: Browser, desk: Desk):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    guard(context, desk)
    asked: list[Route] = []
    context.route("**/leaflet.js", lambda route: asked.append(route))  # noqa: PLW0108 - it takes no method; not answered yet
    page = context.new_page()
    page.clock.install()
    page.goto(desk.address)
    page.get_by_text("地图正在打开").wait_for()
    page.clock.fast_forward(DRAWN_WITHIN_MS)
    expect(page.locator(".desk-says")).to_contain_text("十秒内没有画出来")
    picture = page.locator("[data-testid=stImage] img")
    expect(picture).to_be_visible()
    asked[0].continue_()
    expect(picture).to_have_count(0)
    ready(page)
    click_on_map(page, "communities", 0)
    page.locator("section.card h3").wait_for()
    context.close()


# --- text --------------------------------------------------------------------------------------------


def test_hostile_names_are_shown_literally(chromium: Browser, tmp_path: Path, monkeypatch):
    monkeypatch.setenv(
        "ZUTUAN_TILES", TILE
    )  # and tiles in the place of our ground, where the setting says so
    write_results(with_texts(fakes.results(), PAYLOADS), tmp_path / "plan")
    with serving(tmp_path, str(tmp_path / "plan")) as address:
        desk = Desk(address, tmp_path, tmp_path / "plan")
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        guard(context, desk)
        page = context.new_page()
        page.goto(address)
        ready(page)
        page.locator(f"{MAP} input[data-layer]:not(:checked)").evaluate_all(
            "(all) => all.forEach((box) => box.click())"
        )
        said = set(page.locator(f"{MAP} .plan-label-communities text").all_text_contents())
        assert said <= set(PAYLOADS)
        assert len(said) > 3
        shape(page, "communities", 1).hover(force=True)
        expect(page.locator(f"{MAP} .plan-hover")).to_contain_text(PAYLOADS[1])
        assert page.evaluate("window.HIT") is None
        expect(page.locator(f"{MAP} .leaflet-tile-pane img").first).to_have_attribute("src", TILE)
        assert page.locator(f"{MAP} img:not(.leaflet-tile), {MAP} .plan-legend script").count() == 0
        assert desk.outside == []
        context.close()


# --- the legend --------------------------------------------------------------------------------------

# How many areas lie under the legend: the map makes room a moment after the click.
UNDER_THE_LEGEND = """async (map) => {
  const under = () => {
    const legend = map.querySelector(".plan-legend").getBoundingClientRect();
    return [...map.querySelectorAll("path.plan-areas")].map((area) => area.getBoundingClientRect()).filter((box) =>
      box.left < legend.right && box.right > legend.left && box.top < legend.bottom && box.bottom > legend.top).length;
  };
  for (let turn = 0; turn < 600 && under(); turn++) await new Promise(requestAnimationFrame);
  return under();
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_an_open_legend_covers_nothing_of_the_plan(page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 844})
    ready(page)
    legend = page.locator(f"{MAP} .plan-legend")
    if width > 640:  # on a phone it is folded to begin with
        page.locator(f"{MAP} .plan-legend > summary").click()
        expect(legend).not_to_have_attribute("open", "")
    for part in (".plan-legend", ".plan-more"):
        page.locator(f"{MAP} {part} > summary").click()
        expect(page.locator(f"{MAP} {part}")).to_have_attribute("open", "")
    assert page.locator(MAP).evaluate(UNDER_THE_LEGEND) == 0
    assert page.locator(f"{MAP} path.plan-areas").count() > 10
