"""map.html as a grid worker opens it: from disk, in Chromium, without any network."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

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
    assert "无相邻小区:最近的小区在 212 米外" in page.locator(".plan-card").last.inner_text()


def test_a_click_on_the_map_shows_the_card(opened, plan):
    page, _ = opened(map_page(plan))
    page.locator(".plan-symbol-held").first.click(force=True)
    assert "户数待核" in page.locator(".plan-card").last.inner_text()


def test_search_finds_a_community(opened, plan):
    page, _ = opened(map_page(plan))
    page.fill("#page-search", "文昌单位")
    assert page.locator("aside li:visible b").all_inner_texts() == ["PMA-008", "文昌单位宿舍"]
    page.fill("#page-search", "没有这个")
    assert page.locator("#page-none").is_visible()


def test_layers_are_switched_in_the_legend(opened, plan):
    page, _ = opened(map_page(plan))
    before = page.locator("path").count()
    page.check("input[data-layer=links]")
    assert page.locator("path").count() > before
    page.uncheck("input[data-layer=areas]")
    assert page.locator(".plan-label-areas").count() == 0


def test_labels_never_lie_on_each_other(opened, plan):
    page, _ = opened(map_page(plan))
    overlaps = page.evaluate(
        """() => {
          const boxes = Array.from(document.querySelectorAll(".plan-label, .plan-symbol"), (e) => e.getBoundingClientRect());
          return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) =>
            a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length;
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
    labels = set(page.locator(".plan-label-communities").all_inner_texts())
    assert labels <= set(PAYLOADS)
    assert len(labels) > 3  # the longest find no room
    headings = set()
    for line in page.locator("aside li button:visible").all()[: 3 * len(PAYLOADS)]:
        line.click()
        headings.add(page.locator(".plan-card h3").last.inner_text().rstrip("0123456789"))
    assert headings == set(PAYLOADS)
    for key in ("grids", "committees", "duties", "buildings", "links"):
        page.check(f"input[data-layer={key}]")
    assert page.evaluate("window.HIT") is None
    assert page.locator("main img").count() == 0
    assert len(seen) == 1


def test_a_canvas_draws_a_big_plan(opened, plan):
    many = replace(plan, layers={**plan.layers, "grids": fakes.tiles(1600)})
    page, seen = opened(map_page(many))
    assert len(seen) == 1
    assert page.locator("canvas.leaflet-zoom-animated").count() == 1
