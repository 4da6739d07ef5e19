"""T21: no page asks another machine for anything; a file of the desk that does not come costs the map, never the plan."""

import pytest
from playwright.sync_api import Browser, expect

from geo.wording import catalogue
from tests.browser.conftest import WHO, Desk, guard, watched
from tests.browser.hands import apply, at_desk, open_card, propose, ready, row_of, show_every_layer

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback


@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_no_page_asks_another_machine(chromium: Browser, desk: Desk, spoken: str):
    words = catalogue(spoken)
    with watched(chromium, desk, address=f"{desk.address}/?plan=sample&language={spoken}") as page:
        ready(page)
        show_every_layer(page)
        page.locator("[data-list=communities]").click()
        page.locator(".rows .row").first.click()
        page.locator("section.card h3").wait_for()
        for name in ("desk.versions.label", "desk.download.label"):
            page.get_by_role("button", name=words[name]).click()
            page.locator("[data-testid=stPopoverBody]").wait_for()
            page.keyboard.press("Escape")
        for tab in page.locator("[data-testid=stTabs] [role=tab]").all():
            tab.click()
        for name in ("start", "import"):
            page.get_by_role("link", name=words[f"desk.page.{name}"], exact=True).click()
            page.locator("h1, [data-testid=stFileUploader]").first.wait_for()
    assert desk.outside == []


@pytest.mark.parametrize("blocked", ["leaflet.js", "map_files"])
def test_a_blocked_file_gives_the_picture_and_the_desk_goes_on(
    chromium: Browser, desk: Desk, sample_plan, blocked: str
):
    token = desk.shelve(sample_plan, title=f"没有 {blocked}")
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    guard(context, desk, broken=lambda url: blocked in url)
    context.add_init_script(f"localStorage.setItem('zutuan-who', '{WHO}')")
    page = context.new_page()
    page.goto(f"{desk.address}/?plan={token}")
    picture = page.locator("[data-testid=stImage] img, [data-testid=stImageContainer] img").first
    picture.wait_for()
    assert picture.evaluate("one => one.naturalWidth") > 400
    expect(page.locator(".desk-says.fair")).to_contain_text("地图")
    before = picture.get_attribute("src")
    open_card(page, "communities:34")
    propose(page, "加入 PMA-011")
    apply(page)
    expect(at_desk(page, "共 1 步")).to_be_visible()
    expect(row_of(page, "areas", "PMA-011")).to_contain_text("190户")
    expect(picture).not_to_have_attribute("src", before or "")
    context.close()
