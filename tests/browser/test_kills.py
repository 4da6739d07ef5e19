"""kill -9 of the server at any moment of an editing session: started again, it has every change that it had shown."""

import json
import random
import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from itertools import count, islice
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PageError

from tests.browser.conftest import Desk, free_port, kill, started, watched
from tests.browser.hands import answer, at_desk, ready, rows_of, steps, take_verb

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

AREAS = 20
MOST_NAMES = 30  # tried in one session: a desk that shows none of them is broken
LONGEST_S = 3.0  # from the last name that is waited for to the blow
IN_A_DEAD_DESK_MS = 4_000


def name_area(page: Page, number: int, shown: list[str]) -> None:
    """Name an area; put the name into `shown` once the desk shows it as saved."""
    name = f"第{number}名"
    rows_of(page, "areas").nth(number % AREAS).click()
    take_verb(page, "命名区域")
    answer(page, "区域名称", name)
    page.get_by_role("button", name="应用").click()
    page.locator(f"header .step.undo[title*='“{name}”']").wait_for()
    shown.append(name)


@pytest.mark.parametrize("kills", [2, pytest.param(100, marks=pytest.mark.thorough)])
def test_a_killed_desk_has_every_change_that_it_had_shown(
    chromium: Browser, sample_plan: Path, tmp_path: Path, kills: int
):
    shutil.copytree(sample_plan, tmp_path / "out" / "demo")
    desk = Desk("", tmp_path, sample_plan)
    project = desk.project("sample")
    draw = random.Random(kills)  # noqa: S311 - moments, not secrets
    port = free_port()
    numbers = count(1)
    shown: list[str] = []
    for round_ in range(kills):
        server, desk.address = started(tmp_path, port=port)
        blow = threading.Timer(draw.uniform(0, LONGEST_S), kill, [server])
        enough = len(shown) + draw.randrange(3)
        with watched(chromium, desk, address=f"{desk.address}/?plan=sample", who="李科长") as page:
            ready(page)
            if shown:
                expect(at_desk(page, "已保存")).to_be_visible()
            page.set_default_timeout(IN_A_DEAD_DESK_MS)
            for number in islice(numbers, MOST_NAMES):
                if len(shown) >= enough and blow.ident is None:
                    blow.start()
                with suppress(
                    PageError
                ):  # of the dead desk, or of one that was slow to answer: then the next
                    name_area(page, number, shown)
                if server.poll() is not None:
                    break
            blow.join()
        with closing(sqlite3.connect(project)) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = [json.loads(step)["name"] for step in steps(project)]
        assert set(shown) <= set(kept)
        assert len(kept) - len(shown) <= round_ + 1, "at most the one that was being written"
        assert len(shown) >= enough
