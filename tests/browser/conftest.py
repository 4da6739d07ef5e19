"""A desk on a port of its own, and a Chromium that reaches nothing but this machine."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from report.results import write_results
from tests import fakes

HERE = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = "[data-testid=stApp][data-test-script-state=notRunning]"
STARTS_WITHIN_S = 90
expect.set_options(timeout=30_000)  # a desk that has just been started loads its libraries first


@dataclass
class Desk:
    """A running desk: its address, the folder it was opened on, and what its pages asked of other machines."""

    address: str
    plan: Path
    outside: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for all tests of the desk; where it is missing the tests are skipped, but not where CI promises it."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI has no Chromium")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """The desk on a finished plan."""
    home = tmp_path_factory.mktemp("desk")
    write_results(fakes.results(), home / "plan")
    with serving(home, str(home / "plan")) as address:
        yield Desk(address, home / "plan")


@pytest.fixture
def fresh_desk(tmp_path) -> Iterator[Desk]:
    """The desk as it is started for the first time, on nothing."""
    with serving(tmp_path) as address:
        yield Desk(address, tmp_path / "out" / "demo")


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[str]:
    """Start a desk that works in the folder `home`, and hand over its address."""
    shutil.copytree(HERE / ".streamlit", home / ".streamlit")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "app.py")]
    command += ["--server.port", str(port), "--server.headless", "true", "--", *arguments]
    with (
        (home / "log").open("wb") as log,
        subprocess.Popen(command, cwd=home, stdout=log, stderr=log) as server,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, home / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture
def page(chromium, desk) -> Iterator[Page]:
    """A page of the desk, in a session of its own."""
    with watched(chromium, desk) as opened:
        yield opened


@contextmanager
def watched(chromium, desk: Desk) -> Iterator[Page]:
    """Open a page in which every request to another machine is refused and kept."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})

    def judge(route):
        if route.request.url.startswith((desk.address, "blob:", "data:")):
            route.continue_()
        else:
            desk.outside.append(route.request.url)
            route.abort()

    context.route("**/*", judge)
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(desk.address)
    yield opened
    context.close()


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    """Wait until the desk answers."""
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(log.read_text(encoding="utf-8"))
