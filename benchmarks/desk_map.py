"""How fast a map on the desk answers: the median time from click to repaint, and what twenty changes of areas leave in memory.

    python benchmarks/desk_map.py [folium|desk ...] [--units 300 2000]

Starts the page of benchmarks/desk_map_page.py and clicks in a Chromium. Needs Playwright and a Chromium.
"""

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page, sync_playwright

HERE = Path(__file__).parent.parent
CHANGES = 20
WARM_UP = 2
# Watches the turn that the map shows and notes when it is painted: two frames after it came.
WATCH = """() => {
  window.painted = {};
  addEventListener("pointerdown", () => { window.pressed = Date.now(); }, true);
  // folium's page sets a number, the desk's map says which files it has drawn.
  let turns = 0, seen = null, host = null;
  const find = (root) => root.querySelector("[data-desk-map]")
    || [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
  const state = () => (host = host || find(document)) ? host.dataset.drawn : window.turn;
  seen = state();
  const look = () => {
    if (state() !== seen) {
      seen = state();
      const now = turns += 1;
      requestAnimationFrame(() => requestAnimationFrame(() => { window.painted[now] = Date.now() - window.pressed; }));
    }
    requestAnimationFrame(look);
  };
  look();
}"""
VIEW = ".leaflet-map-pane"


@contextmanager
def page_of(how: str, units: int) -> Iterator[str]:
    """Serve the page and hand over its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        shutil.copytree(HERE / ".streamlit", Path(home) / ".streamlit")
        command = [sys.executable, "-m", "streamlit", "run", str(HERE / "benchmarks" / "desk_map_page.py")]
        command += ["--server.port", str(port), "--server.headless", "true", "--", how, str(units)]
        server = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def measure(page: Page, address: str, how: str) -> dict[str, Any]:
    """Return milliseconds from click to repaint, memory before and after in MB, and whether the view stayed."""
    _open(page, address)
    frame = _frame(page, how)
    frame.evaluate(WATCH)
    box = page.locator("iframe[title*=folium], [data-desk-map]").first.bounding_box()
    assert box is not None
    places = [(box["x"] + box["width"] * (0.42 + 0.008 * n), box["y"] + box["height"] * (0.3 + 0.02 * (n % 17)))
              for n in range(CHANGES + WARM_UP)]  # fmt: skip
    before_mb, view, times = 0.0, None, []
    for n, (x, y) in enumerate(places):
        if n == WARM_UP:
            before_mb, view = _memory_mb(page), _frame(page, how).locator(VIEW).get_attribute("style")
        took = _click(page, frame, x, y)
        if n >= WARM_UP and took is not None:
            times.append(took)
    frame = _frame(page, how)
    return {
        "how": how,
        "changes": len(times),
        "median_ms": statistics.median(times),
        "worst_ms": max(times),
        "before_mb": before_mb,
        "after_mb": _memory_mb(page),
        "view_stayed": frame.locator(VIEW).get_attribute("style") == view,
    }


def _open(page: Page, address: str) -> None:
    for _ in range(200):
        try:
            page.goto(address)
            break
        except Exception:  # noqa: BLE001 - the server is not up yet
            time.sleep(0.2)
    page.get_by_text("turn 0").wait_for(timeout=120_000)
    page.wait_for_timeout(4_000)


def _frame(page: Page, how: str) -> Frame:
    if how == "desk":
        return page.main_frame
    return next(f for f in page.frames if "folium" in f.url)


def _click(page: Page, frame: Frame, x: float, y: float) -> float | None:
    """Click and wait for the turn to be painted; None where the click met no community."""
    done = len(frame.evaluate("window.painted"))
    page.mouse.click(x, y)
    for _ in range(200):
        page.wait_for_timeout(50)
        painted = frame.evaluate("window.painted")
        if len(painted) > done:
            page.wait_for_timeout(300)
            return float(painted[max(painted, key=int)])
    return None


def _memory_mb(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    size: int = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return size / 1e6


def main() -> None:
    """Measure and print a line for each map and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("how", nargs="*", default=["folium", "desk"])
    parser.add_argument("--units", nargs="*", type=int, default=[300, 2000])
    asked = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    print("| map | communities | changes | median ms | worst ms | memory MB before → after | view stayed |")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for how in asked.how:
            for units in asked.units:
                with page_of(how, units) as address:
                    page = browser.new_page(viewport={"width": 1440, "height": 900})
                    m = measure(page, address, how)
                    page.close()
                print(
                    f"| {how} | {units} | {m['changes']} | {m['median_ms']:.0f} | {m['worst_ms']:.0f} | "
                    f"{m['before_mb']:.0f} → {m['after_mb']:.0f} | {'yes' if m['view_stayed'] else 'no'} |",
                    flush=True,
                )
        browser.close()


if __name__ == "__main__":
    main()
