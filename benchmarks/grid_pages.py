"""How long the pages of grid workers take, and how heavy they are: the sample street, and a street of 60 grids.

Run: python -m benchmarks.grid_pages [--every] [--open]

--every: a line for each grid, else the heaviest and the lightest; --open: each page is opened from disk in Chromium with
the network cut, as wide as two phones, and what it asks for, what a finger would miss and what is cut off is counted.
"""

import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from playwright.sync_api import Browser, sync_playwright

from benchmarks.drawn_towns import drawn_town
from jobs.district import plan_district
from jobs.gridding import grid_pages, told_of_plan
from jobs.sample import sample_request
from report.gridpages.page import MOST_BYTES
from report.gridpages.writing import Written
from report.results import Results

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
DAY = date(2026, 11, 23)
COMMUNITIES = 600
ACROSS, DOWN = 6, 10
MOST_SECONDS = 30.0
WORKERS = min(4, os.cpu_count() or 1)
ENDINGS = ("html", "png", "pdf")


WIDTHS = (390, 360)
LEAST_PX = 44
# Targets outside the map that are too small, and whether anything is wider than the screen; everything is unfolded first.
LOOK = """(least) => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const small = Array.from(document.querySelectorAll("button, a, select, input, summary, textarea"))
    .filter((one) => !one.closest("#map") && one.offsetParent).map((one) => one.getBoundingClientRect())
    .filter((box) => box.width < least || box.height < least).length;
  return [small, document.documentElement.scrollWidth > window.innerWidth ? 1 : 0];
}"""


def main(*, every: bool, opened: bool) -> int:
    """Print the tables; return 0 where all bars are met."""
    towns = {"sample": plan_district(sample_request(SAMPLE)), f"{ACROSS * DOWN} grids": street_of_grids()}
    met = [
        printed(name, results, workers, every=every, opened=opened and workers == 1)
        for name, results in towns.items()
        for workers in (1, WORKERS)
    ]
    return 0 if all(met) else 1


def street_of_grids() -> Results:
    """Return a drawn street with a layer of grids whose lines fit neither streets nor communities."""
    town = drawn_town(COMMUNITIES)
    west, south, east, north = town.communities.total_bounds
    x = np.linspace(west - 30, east + 30, ACROSS + 1)
    y = np.linspace(south - 30, north + 30, DOWN + 1)
    cells = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(DOWN) for i in range(ACROSS)]
    names = [f"第{n}网格" for n in range(1, len(cells) + 1)]
    grids = gpd.GeoDataFrame({"name": names}, geometry=cells, crs=town.communities.crs)
    return replace(town, layers={**town.layers, "grids": grids})


def printed(name: str, results: Results, workers: int, *, every: bool, opened: bool) -> bool:
    """Write all pages of a plan and print what they weigh; tell whether the bars are met."""
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        begun, busy = time.perf_counter(), time.process_time()
        written = grid_pages(results, told_of_plan(results, day=DAY), Path(folder) / "out", workers=workers)
        seconds, busy = time.perf_counter() - begun, time.process_time() - busy
        if opened:
            faults = faults_of(Path(folder) / "out")
    heaviest = max(weight for file, weight in written.weights.items() if file.endswith(".html"))
    print(f"\n{name}: {len(written.grids)} grids, {workers} workers, {seconds:.1f} s (bar {MOST_SECONDS:.0f} s; this process worked {busy:.1f} s), "
          f"heaviest page {heaviest / 1000:.0f} KB (bar {MOST_BYTES // 1000} KB)")  # fmt: skip
    if workers == 1:
        _print_table(written, every=every)
    return seconds < MOST_SECONDS and heaviest < MOST_BYTES and not faults


def faults_of(folder: Path) -> int:
    """Open every page on phones without a network, print what is wrong with them, and return how much that is."""
    total = 0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for width in WIDTHS:
            pages, outside, errors, small, wide = _opened(browser, folder, width)
            print(f"{pages} pages opened at {width} px: {outside} requests outside, {errors} errors, "
                  f"{small} targets under {LEAST_PX} px, {wide} pages wider than the screen")  # fmt: skip
            total += outside + errors + small + wide
        browser.close()
    return total


def _opened(browser: Browser, folder: Path, width: int) -> tuple[int, int, int, int, int]:
    """Return how many pages there are, requests beyond the folder, errors, targets too small, and pages too wide."""
    asked: list[str] = []
    errors: list[str] = []
    phone = browser.new_context(
        viewport={"width": width, "height": 780}, offline=True, has_touch=True, is_mobile=True
    )
    page = phone.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    looks = []
    for file in sorted(folder.glob("*.html")):
        page.goto(file.as_uri())
        looks.append(page.evaluate(LOOK, LEAST_PX))
    phone.close()
    outside = len([url for url in asked if not url.startswith(folder.as_uri())])
    return len(looks), outside, len(errors), sum(one[0] for one in looks), sum(one[1] for one in looks)


def _print_table(written: Written, *, every: bool) -> None:
    grids = sorted(written.grids, key=lambda grid: -written.weights[f"{grid.file}.html"])
    shown = grids if every or len(grids) < 8 else [*grids[:4], *grids[-2:]]
    print(
        f"{'grid':24s}{'communities':>12s}{'buildings':>11s}{'areas':>7s}"
        + "".join(f"{e + ' KB':>10s}" for e in ENDINGS)
    )
    for grid in shown:
        weights = "".join(f"{written.weights[f'{grid.file}.{ending}'] / 1000:10.0f}" for ending in ENDINGS)
        print(f"{grid.file:24s}{len(grid.places):12d}{grid.blocks:11d}{len(grid.areas):7d}{weights}")


if __name__ == "__main__":
    sys.exit(main(every="--every" in sys.argv[1:], opened="--open" in sys.argv[1:]))
