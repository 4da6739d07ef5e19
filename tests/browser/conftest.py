"""One desk and one Chromium for all tests of the browser; a page reaches nothing but this machine.

A test that changes a draft takes a plan of its own: the same plan under another title is another project.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from jobs.district import plan_district
from jobs.projects import project_of
from jobs.sample import sample_request
from report.results import write_results
from tests import fakes

HERE = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = "[data-testid=stApp][data-test-script-state=notRunning]"
SAMPLE = "sample"  # the token of its plan
WHO = "李科长"
STARTS_WITHIN_S = 90
expect.set_options(timeout=60_000)  # only a failure waits so long; a busy machine may


@dataclass
class Desk:
    """A running desk: its address, the folder it works in, the plan it was opened on, and what its pages asked of others."""

    address: str
    home: Path
    plan: Path
    outside: list[str] = field(default_factory=list)

    @property
    def sample(self) -> Path:
        return self.home / "out" / "demo"

    def shelve(self, plan: Path, *, title: str) -> str:
        """Put a copy of a plan under another title into the desk; return its token."""
        token = sha256(title.encode()).hexdigest()[:24]
        folder = self.home / "out" / "desk" / token
        shutil.copytree(plan, folder)
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        (folder / "summary.json").write_text(json.dumps({**summary, "title": title}), encoding="utf-8")
        return token

    def project(self, token: str) -> Path:
        """Return the project file of a plan of the desk."""
        folder = self.sample if token == SAMPLE else self.home / "out" / "desk" / token
        return project_of(folder, self.home / "out" / "projects")


@dataclass
class Own:
    """A plan that only this test changes: its page, its address, its project file."""

    page: Page
    address: str
    token: str
    project: Path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
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
def sample_plan(tmp_path_factory) -> Path:
    """The sample street, planned and written."""
    folder = tmp_path_factory.mktemp("sample") / "plan"
    write_results(plan_district(sample_request(HERE / "data" / "sample")), folder)
    return folder


@pytest.fixture(scope="session")
def desk(tmp_path_factory, sample_plan: Path) -> Iterator[Desk]:
    """The desk, started on a plan drawn by hand; the sample street is planned already."""
    home = tmp_path_factory.mktemp("desk")
    write_results(fakes.results(), home / "plan")
    shutil.copytree(sample_plan, home / "out" / "demo")
    with serving(home, str(home / "plan")) as address:
        yield Desk(address, home, home / "plan")


@pytest.fixture
def fresh_desk(tmp_path) -> Iterator[Desk]:
    """The desk as it is started for the first time, on nothing."""
    with serving(tmp_path) as address:
        yield Desk(address, tmp_path, tmp_path / "out" / "demo")


@contextmanager
def serving(home: Path, *arguments: str, port: int = 0) -> Iterator[str]:
    """Start a desk that works in the folder `home`, and hand over its address."""
    server, address = started(home, *arguments, port=port)
    try:
        yield address
    finally:
        server.terminate()
        server.wait()


def started(home: Path, *arguments: str, port: int = 0) -> tuple[subprocess.Popen[bytes], str]:
    """Start a desk that works in the folder `home`; return it and its address."""
    if not (home / ".streamlit").is_dir():
        shutil.copytree(HERE / ".streamlit", home / ".streamlit")
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "app.py")]
    command += ["--server.port", str(port), "--server.headless", "true", "--", *arguments]
    with (home / "log").open("ab") as log:
        server = subprocess.Popen(command, cwd=home, stdout=log, stderr=log)
    wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, home / "log")
    return server, f"http://127.0.0.1:{port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill(server: subprocess.Popen[bytes]) -> None:
    """Kill a desk as a power cut would."""
    server.send_signal(signal.SIGKILL)
    server.wait()


@pytest.fixture
def page(chromium: Browser, desk: Desk) -> Iterator[Page]:
    """A page of the desk, in a session of its own."""
    with watched(chromium, desk) as opened:
        yield opened


@pytest.fixture
def own(chromium: Browser, desk: Desk, sample_plan: Path, request) -> Iterator[Own]:
    """A page on the sample street that no other test changes, with somebody at the desk."""
    token = desk.shelve(sample_plan, title=f"桂花街道 {request.node.name}")
    address = f"{desk.address}/?plan={token}"
    with watched(chromium, desk, address=address, who=WHO) as opened:
        yield Own(opened, address, token, desk.project(token))


@contextmanager
def watched(chromium: Browser, desk: Desk, *, address: str = "", who: str = "") -> Iterator[Page]:
    """Open a page in which every request to another machine is refused and kept."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    guard(context, desk)
    if who:
        context.add_init_script(f"localStorage.setItem('zutuan-who', {json.dumps(who)})")
    opened = context.new_page()
    opened.goto(address or desk.address)
    yield opened
    context.close()


def guard(context: BrowserContext, desk: Desk, *, broken: Callable[[str], bool] = lambda _: False) -> None:
    """Refuse every request to another machine, and keep it; `broken` are addresses of the desk that fail as well."""

    def judge(route) -> None:
        url = route.request.url
        if not url.startswith((desk.address, "blob:", "data:")):
            desk.outside.append(url)
            route.abort()
        elif broken(url):
            route.abort()
        else:
            route.continue_()

    context.route("**/*", judge)
    context.set_default_timeout(60_000)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the desk answers."""
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(log.read_text(encoding="utf-8"))
