"""How long the desk's machine works on an office's own ledger: from the drop to the plan, the coordinate question answered on the map.

    python benchmarks/import_desk.py [FOLDER]

FOLDER holds the ledgers of realdata/chongqing. Each is dropped on the import page in Chromium, read, asked about (both lie in
BD-09), its rows accounted for, planned and opened. Prints the seconds the machine took, waiting for a person not counted.
Needs Playwright and a Chromium.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent.parent
sys.path.insert(0, str(HERE))

from benchmarks.desk import _chromium, _desk  # noqa: E402 - this file is started as a script
from jobs.district import plan_district  # noqa: E402
from jobs.sample import sample_request  # noqa: E402
from report.results import write_results  # noqa: E402

REALDATA = HERE.parent / "shared" / "realdata" / "chongqing"
LEDGERS = ("district_fuling_beike.csv", "yongchuan_sofang.csv")
BAR_S = 120.0
HEADS = ("ledger", "recognised s", "read again s", "planned s", "in all s", "bar s", "rows", "areas")


def main(folder: Path) -> None:
    """Measure each ledger and print its row."""
    print("| " + " | ".join(HEADS) + " |\n|" + "---|" * len(HEADS))
    with tempfile.TemporaryDirectory() as home:
        write_results(plan_district(sample_request(HERE / "data" / "sample")), Path(home) / "plan")
        with _desk(Path(home)) as address, sync_playwright() as driver:
            chromium = driver.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
            for name in LEDGERS:
                page = chromium.new_page(viewport={"width": 1440, "height": 900})
                print("| " + " | ".join(measured(page, address, folder / name)) + " |", flush=True)
                page.close()
            chromium.close()


def measured(page: Page, address: str, ledger: Path) -> list[str]:
    """Hand a ledger over and plan it; return the cells of its row."""
    page.set_default_timeout(BAR_S * 1_000)
    page.goto(f"{address}/own_data")
    field = page.locator("input[type=file]").first
    field.wait_for(state="attached")
    question = page.locator(".st-key-question")
    start = page.get_by_role("button", name="开始规划")
    right = question.get_by_role("button", name="这张对").nth(2)
    recognised = _timed(lambda: field.set_input_files(ledger), right.wait_for)
    said = page.locator("p:has([data-opens])")
    again = _timed(right.click, said.wait_for)
    rows = said.inner_text().partition("=")[0].strip()
    planned = _timed(start.click, page.locator("header .saved").wait_for)
    whole = recognised + again + planned
    areas = page.locator("[data-opens=areas]").inner_text()
    times = [f"{seconds:.1f}" for seconds in (recognised, again, planned, whole)]
    return [ledger.name, *times, f"{BAR_S:.0f}", rows, areas]


def _timed(do: Callable[[], object], seen: Callable[[], object]) -> float:
    begun = time.monotonic()
    do()
    seen()
    return time.monotonic() - begun


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REALDATA)
