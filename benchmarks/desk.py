"""How fast the desk answers: from the click on 应用 to map, panel and bar showing the draft as it is then.

    python benchmarks/desk.py [sample 300 2000]

Fifty communities are moved one by one, each as a planner does it from the list: found by its number, chosen, a neighbour's
area chosen, what would change looked at, applied. Prints a table and writes it to benchmarks/results/desk.md. Needs Playwright and a Chromium.
"""

import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent.parent
sys.path.insert(0, str(HERE))

from benchmarks.edits import planned  # noqa: E402 - this file is started as a script
from jobs.district import plan_district  # noqa: E402
from jobs.sample import sample_request  # noqa: E402
from report.results import Results, write_results  # noqa: E402

RESULTS = HERE / "benchmarks" / "results" / "desk.md"
EDITS = 50
WARM_UP = 3  # the first edits load what later ones find there
BARS_S = {"sample": 1.0, "300": 1.0, "2000": 2.0}
MOST_GROWTH = 0.3
STARTS_WITHIN_S = 60
MOVE = re.compile("移到")
NEAR = re.compile(r"户$")  # an area that is not a neighbour says so at its end
HEADS = ("town", "communities", "edits", "median s", "worst s", "bar s", "heap MB", "growth", "view")
# Notes the moment of a click on the button that applies, and the moment two frames after map and bar said something new.
WATCH = """() => {
  const find = (root, selector) => root.querySelector(selector)
    || [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot, selector)).find(Boolean);
  const map = find(document, "[data-desk-map]"), bar = find(document, "header .saved").closest("header");
  const state = () => [map.dataset.drawn, bar.querySelector(".saved").textContent];
  window.edits = [];
  let begun = null, before = null;
  document.addEventListener("pointerdown", (event) => {
    const button = event.composedPath().find((e) => e.tagName === "BUTTON");
    if (button && button.textContent.includes("应用")) { begun = performance.now(); before = state(); }
  }, true);
  const look = () => {
    if (begun !== null && state().every((one, n) => one !== before[n])) {
      const of = begun;
      begun = null;
      requestAnimationFrame(() => requestAnimationFrame(() => window.edits.push(performance.now() - of)));
    }
    requestAnimationFrame(look);
  };
  look();
}"""


@dataclass(frozen=True)
class Measured:
    """What fifty edits took, in seconds each; the heap in MB before and after; whether the map stayed where it was."""

    town: str
    communities: int
    seconds: tuple[float, ...]
    before_mb: float
    after_mb: float
    stayed: bool

    def row(self) -> list[str]:
        """Return the cells of the table."""
        median, worst = statistics.median(self.seconds), max(self.seconds)
        growth = self.after_mb / self.before_mb - 1
        return [
            self.town,
            str(self.communities),
            str(len(self.seconds)),
            f"{median:.2f}",
            f"{worst:.2f}",
            f"{BARS_S[self.town]:.0f}",
            f"{self.before_mb:.0f} → {self.after_mb:.0f}",
            f"{growth:+.0%} (bar {MOST_GROWTH:+.0%})",
            "unchanged" if self.stayed else "CHANGED",
        ]


def main(towns: list[str]) -> None:
    """Measure each town and print its row."""
    lines = ["| " + " | ".join(HEADS) + " |", "|" + "---|" * len(HEADS)]
    print("\n".join(lines))
    for town in towns:
        with tempfile.TemporaryDirectory() as folder:
            results = _plan(town, Path(folder))
            with _desk(Path(folder)) as address, sync_playwright() as driver:
                chromium = driver.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
                page = chromium.new_page(viewport={"width": 1440, "height": 900})
                row = measured(page, address, town, results).row()
                chromium.close()
        lines.append("| " + " | ".join(row) + " |")
        print(lines[-1], flush=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def measured(page: Page, address: str, town: str, results: Results) -> Measured:
    """Move communities on the desk at this address and return what it took."""
    page.set_default_timeout(60_000)
    page.add_init_script("localStorage.setItem('zutuan-who', '李科长')")
    page.goto(address)
    page.locator(".plan-label").first.wait_for()
    draw = random.Random(0)  # noqa: S311 - places, not secrets
    names = list(results.communities.index[results.communities["outcome"] == "grouped"])
    done, before_mb, where = 0, 0.0, ""
    while done < EDITS + WARM_UP:
        if not _looked_at(page, draw.choice(names)):
            continue
        if done == WARM_UP:
            before_mb, where = _heap_mb(page), _view(page)
            page.evaluate(WATCH)
        _apply(page, done - WARM_UP)
        done += 1
    seconds = tuple(float(ms) / 1_000 for ms in page.evaluate("window.edits"))
    return Measured(town, len(results.communities), seconds, before_mb, _heap_mb(page), _view(page) == where)


# --- what is measured ------------------------------------------------------------------------------


def _looked_at(page: Page, community: str) -> bool:
    """Choose a community in the list, and where to move it; tell whether a neighbour's area was offered."""
    page.locator("[data-list=communities]").click()
    page.get_by_role("searchbox").fill(community)
    page.locator(".rows input.choose").first.check()
    boxes = page.locator(".st-key-dock [data-testid=stSelectbox]")
    boxes.first.click()
    move = page.get_by_role("option", name=MOVE)
    page.get_by_role("option").first.wait_for()
    if move.count():
        move.click()
        boxes.nth(1).click()
        near = page.get_by_role("option", name=NEAR)
        page.get_by_role("option").first.wait_for()
        if near.count():
            near.first.click()
            page.locator(".dock-strip").wait_for()
            return True
    page.keyboard.press("Escape")
    page.get_by_role("button", name="放下").click()
    page.locator(".dock-chosen").wait_for(state="detached")
    return False


def _apply(page: Page, number: int) -> None:
    """Click on 应用 and wait until the desk shows the change; `number` edits were measured before, fewer than none in the warm-up."""
    page.get_by_role("button", name="应用").click()
    if (
        number >= 0
    ):  # first, as it asks for a number only: Playwright walks through the whole page to look for a thing
        page.wait_for_function("number => window.edits.length > number", arg=number)
    page.locator(".dock-strip").wait_for(state="detached")


def _view(page: Page) -> str:
    """Return where the map is and how far it is zoomed in."""
    pane = page.locator("[data-desk-map] .leaflet-map-pane").get_attribute("style")
    return f"{pane} {page.locator('[data-desk-map] .leaflet-control-scale-line').first.inner_text()}"


def _heap_mb(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    size: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return size / 1e6


# --- what it is measured on ------------------------------------------------------------------------


def _plan(town: str, folder: Path) -> Results:
    """Plan a town and write it where the desk looks for its plan."""
    if town != "sample":
        results = planned(int(town), folder)
        shutil.move(folder / "out", folder / "plan")
        return results
    results = plan_district(sample_request(HERE / "data" / "sample"))
    write_results(results, folder / "plan")
    return results


@contextmanager
def _desk(folder: Path) -> Iterator[str]:
    """Start the desk on the plan in a folder and hand over its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copytree(HERE / ".streamlit", folder / ".streamlit")
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "app.py"), "--server.port", str(port)]
    command += ["--server.headless", "true", "--", str(folder / "plan")]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health")
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own desk
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


if __name__ == "__main__":
    main(sys.argv[1:] or list(BARS_S))
