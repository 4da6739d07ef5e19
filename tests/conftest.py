"""The allow-list of drivers must stand before anything loads GDAL: geo comes first, as it does in the product."""

import sys

import pytest

import geo  # noqa: F401

MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def _main_of_its_own(monkeypatch):
    """A page under test leaves its script as `__main__`, and a process that is started would run it."""
    monkeypatch.setitem(sys.modules, "__main__", MAIN)
