"""map.html as a grid worker opens it: from disk, in Chromium, without any network."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from report.mappage import map_page
from report.results import Results
from tests import fakes
from tests.test_maps import PAYLOADS, with_texts

pytestmark = pytest.mark.enable_socket  # the driver talks to the browser; the page itself is watched below


@pytest.fixture(scope="module")
def plan() -> Results:
    return fakes.results()


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path):
    """Open a page and keep every address it asks for and every error it makes."""
    pages: list[Page] = []

    def open_page(html: str, *, width: int = 1440, height: int = 900) -> tuple[Page, list[str]]:
        (tmp_path / "map.html").write_text(html, encoding="utf-8")
        page = chromium.new_page(viewport={"width": width, "height": height})
        pages.append(page)
        seen: list[str] = []
        page.on("request", lambda request: seen.append(request.url))
        page.on("pageerror", lambda error: seen.append(f"error {error}"))
        page.on("console", lambda message: seen.append(f"console {message.text}"))
        page.goto((tmp_path / "map.html").as_uri())
        page.wait_for_selector(".plan-label")
        return page, seen

    yield open_page
    for page in pages:
        page.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_draws_the_plan_and_asks_for_nothing(opened, plan, width):
    page, seen = opened(map_page(plan), width=width)
    assert len(seen) == 1
    assert seen[0].startswith("file:")
    assert page.locator("path.leaflet-interactive").count() >= 86
    assert page.locator("h1").inner_text() == plan.title
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_click_on_a_line_shows_the_reason(opened, plan):
    page, _ = opened(map_page(plan))
    page.get_by_role("button", name="萱花花园").click()
    expect(page.locator(".plan-card").last).to_contain_text("无相邻小区：最近的小区在 212 米外")


def test_a_click_on_the_map_shows_the_card(opened, plan):
    page, _ = opened(map_page(plan))
    page.locator(".plan-symbol-held").first.click(force=True)
    expect(page.locator(".plan-card").last).to_contain_text("户数待核")


def test_an_area_in_pieces_is_signed_above_its_name(opened, plan):
    faults = fakes.violations(("connection", "PMA-002", "2", "1", ""))
    page, _ = opened(map_page(replace(plan, violations=faults)))
    sign, name = page.locator(".plan-symbol-fault"), page.locator(".plan-label-areas", has_text="PMA-002")
    expect(sign).to_have_text("断")
    expect(name).to_have_count(1)
    over, under = sign.bounding_box(), name.bounding_box()
    assert over
    assert under
    assert over["y"] + over["height"] <= under["y"] + 2
    expect(page.locator(".plan-legend .plan-swatch", has_text="断开：各块不相连")).to_have_count(1)


def test_search_finds_a_community(opened, plan):
    page, _ = opened(map_page(plan))
    page.fill("#page-search", "文昌单位")
    expect(page.locator("aside li:visible b")).to_have_text(["PMA-008", "文昌单位宿舍"])
    page.fill("#page-search", "没有这个")
    expect(page.locator("#page-none")).to_be_visible()


def test_layers_are_switched_in_the_legend(opened, plan):
    page, _ = opened(map_page(plan))
    before = page.locator("path").count()
    page.get_by_text("更多图层").click()
    page.check("input[data-layer=links]")
    page.locator("path").nth(before).wait_for(state="attached")
    page.uncheck("input[data-layer=areas]")
    expect(page.locator(".plan-label-areas")).to_have_count(0)
    row = page.locator(".plan-layer", has=page.locator("input[data-layer=areas]"))
    expect(row.locator(".plan-swatch").first).to_be_hidden()


def test_communities_are_coloured_by_what_is_chosen(opened, plan):
    page, _ = opened(map_page(plan))
    shape = page.locator(".at-communities-0")
    plain = shape.get_attribute("fill")
    page.locator(".plan-legend select").select_option(label="着色：建成年代")
    expect(page.locator(".plan-classes .plan-swatch")).to_have_text(["1980 年以前", "1980 年代", "1990 年代"])
    expect(shape).not_to_have_attribute("fill", plain)
    page.locator(".plan-legend select").select_option(label="着色：按物业管理区域")
    expect(shape).to_have_attribute("fill", plain)


def test_what_has_no_colour_of_its_own_has_a_hatch_that_is_there(opened, plan):
    page, _ = opened(map_page(plan))
    held = page.locator("path[fill='url(#plan-held)']")
    assert held.count() >= 1
    assert held.first.evaluate("(path) => path.ownerSVGElement.querySelector('#plan-held') !== null")


def test_labels_never_lie_on_each_other(opened, plan):
    page, _ = opened(map_page(plan))
    overlaps = page.evaluate(
        """() => {
          // Letters, not whole names: a name along a slanting street has a box that is mostly empty.
          const boxes = Array.from(document.querySelectorAll(".plan-labels text"), (letter) => {
            const box = letter.getBoundingClientRect(), spare = 0.2 * box.height;
            return { of: letter.parentNode, left: box.left + 1, right: box.right - 1, top: box.top + spare, bottom: box.bottom - spare };
          });
          return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => a.of !== b.of
            && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
        }"""
    )
    assert overlaps == 0
    assert page.locator(".plan-label-areas").count() > 15


@pytest.mark.parametrize("guarded", [True, False], ids=["with-policy", "without-policy"])
def test_hostile_text_is_shown_literally(opened, plan, guarded):
    html = map_page(with_texts(plan, PAYLOADS))
    page, seen = opened(html if guarded else html.replace("Content-Security-Policy", "x-none"))
    assert page.locator("h1").inner_text() == "".join(PAYLOADS)
    assert set(page.locator("aside li b").all_text_contents()) >= set(PAYLOADS)
    labels = set(page.locator(".plan-label-communities text").all_text_contents())
    assert labels <= set(PAYLOADS)
    assert len(labels) > 3  # the longest find no room
    headings = set()
    for line in page.locator("aside li button:visible").all()[: 3 * len(PAYLOADS)]:
        line.click()
        headings.add(page.locator(".plan-card h3").last.inner_text().rstrip("0123456789"))
    assert headings == set(PAYLOADS)
    for box in page.locator("input[data-layer]").all():
        box.dispatch_event("click")
    assert page.evaluate("window.HIT") is None
    assert page.locator("main img").count() == 0
    assert len(seen) == 1


def test_a_canvas_draws_the_ground_and_the_buildings(opened, plan):
    page, seen = opened(map_page(plan))
    assert len(seen) == 1
    assert page.locator("canvas.leaflet-zoom-animated").count() == 2
    assert page.locator(".plan-communities").count() == plan.communities.geometry.notna().sum()
    inked = "(c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((value) => value > 0)"
    assert all(canvas.evaluate(inked) for canvas in page.locator("canvas").all())


def test_a_street_carries_its_name_letter_by_letter(opened, plan):
    page, _ = opened(map_page(plan))
    street = page.locator(".plan-name-main").first
    assert "".join(street.locator("text").all_text_contents()) == "胜利路"
