"""Makes the pictures of this folder anew: the desk on the sample street, played in Chromium as a planner would.

    python docs/make_pictures.py

Needs Chromium; writes docs/pictures/. Look at each of them before you commit it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from jobs.district import plan_district
from jobs.gridding import pages_of
from jobs.projects import project_of
from jobs.reopened import reopened
from jobs.sample import sample_request
from report.reopening import read_results
from report.results import write_results
from store.drafts import Acceptance
from store.project import open_project
from tests.browser.conftest import CHROMIUM, QUIET, serving

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def make_pictures() -> None:
    """Play the desk from its doors to a checked draft, with a picture at each step."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        home = Path(folder)
        write_results(plan_district(sample_request(HERE.parent / "data" / "sample")), home / "plan")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with serving(home, str(home / "plan")) as address:
            with opened(browser, address, DESK) as page:
                played(page)
            put_on_record(home)
            for size in (DESK, PHONE):
                with opened(browser, address, size) as page:
                    each_page(page, size["width"])
        with opened(browser, (home / "plan" / "map.html").as_uri(), DESK) as page:
            page.locator(".plan-label").first.wait_for()
            page.screenshot(path=PICTURES / "map.png")
        grid_workers(browser, home)
        browser.close()


def played(page: Page) -> None:
    """Go through the first minutes."""
    settled(page)
    page.screenshot(path=PICTURES / "desk.png")
    page.get_by_label("操作人").fill("李科长")
    page.keyboard.press("Enter")
    page.locator("button.tab[data-list=communities]").click()
    page.locator("button.row", has_text="县中教工宿舍").click()
    page.locator("button.act").first.wait_for()
    settled(page)
    page.screenshot(path=PICTURES / "card.png")
    page.locator("button.act").first.click()
    page.locator(".dock-strip").wait_for()
    settled(page)
    page.screenshot(path=PICTURES / "change.png")
    page.get_by_role("button", name="应用").click()
    page.locator(".step.undo:not([disabled])").wait_for()
    page.locator(".badge").click()
    page.locator("button.tab.on[data-list=checks]").wait_for()
    settled(page)
    page.screenshot(path=PICTURES / "checks.png")


def put_on_record(home: Path) -> None:
    """Freeze the sample with every exception accepted, and let some areas be consulted on: pages of the procedure have something to show."""
    with open_project(project_of(home / "plan", home / "out" / "projects")) as project:
        town = reopened(read_results(home / "plan"))
        state = project.draft(1, town.graph).state
        places = [*town.graph, *(area.area_id for area in state.plan.areas)]
        accepted = dict.fromkeys(places, Acceptance("原则上不少于100户，本处四周无可并小区", "王主任"))
        draft_id = project.add_draft("征求意见稿", replace(state, accepted=accepted), "李科长")
        known = ("counts_estimated",)
        told = {"graph": town.graph, "rules": town.rules, "caveats": known, "confirmed": known}
        version = project.freeze(draft_id, "征求意见稿", 1, "李科长", **told)
        areas = [area.area_id for area in version.state.plan.areas[:4]]
        step = {"reason": "", "who": "李科长", "expected": len(town.graph)}
        project.proceed(version.number, areas, "consulting", on=_today(), paper=12, **step)


def _today() -> str:
    return date.today().isoformat()  # noqa: DTZ011 - the day of the office


def grid_workers(browser: Browser, home: Path) -> None:
    """Make the pages of grid workers; one on a phone."""
    written = pages_of(home / "plan", home / "grids", day=date.fromisoformat(_today()))
    for grid in written.grids[1:2]:
        with opened(browser, (home / "grids" / f"{grid.file}.html").as_uri(), PHONE) as page:
            page.locator("svg").first.wait_for()
            page.screenshot(path=PICTURES / "grid-390.png")


def each_page(page: Page, width_px: int) -> None:
    """Open the pages one after the other by the links on top, and those that lie below a link."""
    settled(page)
    for bar, link in (("pages", "page"), ("family", "family")):
        links = page.locator(f".st-key-{bar} a")
        for number in range(links.count()):
            links.nth(number).click()
            page.locator(f".st-key-{bar} [class*=st-key-{link}-here-]").wait_for()
            settled(page)
            name = page.url.partition("?")[0].rpartition("/")[2] or "plan"
            page.screenshot(path=PICTURES / f"page-{name}-{width_px}.png")
        page.locator(".st-key-pages a", has_text="文书备案").click()
        page.locator(".st-key-family").wait_for()


def settled(page: Page) -> None:
    """Wait until the script rests and the map has been drawn."""
    page.locator(QUIET).wait_for()
    page.wait_for_timeout(1_500)  # the map turns, and draws its labels, after the script


def lightened() -> None:
    """Write the pictures with a palette: a third of the bytes, and no eye tells."""
    for path in PICTURES.glob("*.png"):
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(256).save(path, optimize=True)


@contextmanager
def opened(browser: Browser, address: str, size: dict[str, int]) -> Iterator[Page]:
    """Open a page of this size."""
    context = browser.new_context(viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(address)
    yield page
    context.close()


if __name__ == "__main__":
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    make_pictures()
    lightened()
