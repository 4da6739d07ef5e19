"""QR codes: what is printed is read back by a reader that shares no code with what made it."""

import io
import re
from dataclasses import replace
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from report.drawings.ink import DPI, MM_PER_INCH
from report.gridpages.card import CODE, WIDE, grid_card
from report.gridpages.codes import QUIET, code_ink, code_svg
from tests.gridtowns import town
from tests.qrreading import text_of
from tests.test_gridpages import FIRST, TOLD, grid_of, made

ADDRESS = "https://zt.example.cn/wangge/"
LINK = f"{ADDRESS}grid-1.html"


def modules_of(svg: str) -> list[list[bool]]:
    """The modules that an SVG draws, without its margin."""
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1]) - 2 * QUIET
    dark = {(int(y) - QUIET, int(x) - QUIET) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg)}
    assert all(0 <= n < size for place in dark for n in place), "the margin is white"
    return [[(y, x) in dark for x in range(size)] for y in range(size)]


def test_a_link_is_where_a_phone_finds_the_file():
    assert replace(TOLD, address=ADDRESS).link("grid-1.html") == LINK
    assert TOLD.link("grid-1.html") == ""


@pytest.mark.parametrize(
    "more", ["", "wangge/", "yongchuan/guihua/wangge/2026/di-san-ban/zuotuan/", "a?b=c&d=%20#e"]
)
def test_a_code_is_read_back(more):
    link = f"{ADDRESS}{more}grid-4435ab98.html"
    assert text_of(modules_of(code_svg(link))) == link


def test_a_chinese_address_is_written_in_plain_letters():
    told = text_of(modules_of(code_svg("http://桂花.example.cn/网格/grid-1.html")))
    assert told == "http://xn--6xv710d.example.cn/%E7%BD%91%E6%A0%BC/grid-1.html"
    assert unquote(told).endswith("/网格/grid-1.html")


def test_a_code_with_one_wrong_module_is_not_read():
    modules = modules_of(code_svg(LINK))
    modules[-1][-1] = not modules[-1][-1]
    with pytest.raises(ValueError, match="its correction finds a mistake"):
        text_of(modules)


def test_the_code_on_the_picture_is_read_back():
    results = town()
    told = replace(TOLD, address=ADDRESS)
    link = told.link(f"{grid_of(results, FIRST).file}.html")
    size = len(modules_of(code_svg(link)))
    with Image.open(io.BytesIO(made(grid_card, results, FIRST, told))) as picture:
        dots = np.asarray(picture.convert("L")).astype(int)
    side = CODE / MM_PER_INCH * DPI
    left = (WIDE - CODE) / 2 / MM_PER_INCH * DPI
    black = np.flatnonzero((dots[:, round(left) : round(left + side)] == 0).any(axis=1))
    step = side / (size + 2 * QUIET)
    top = black[-1] + 1 - step * size  # nothing below the code is as black
    at = (np.arange(size) + 0.5) * step
    seen = dots[np.ix_((top + at).astype(int), (left + QUIET * step + at).astype(int))] < 128
    assert text_of(seen.tolist()) == link


def test_the_ink_of_a_code_fills_its_box():
    size = len(modules_of(code_svg(LINK)))
    white, black = (mark.shape for mark in code_ink(LINK, (10, 10, 51, 51)))
    step = 41 / (size + 2 * QUIET)
    edge = QUIET * step
    assert white.bounds == (10, 10, 51, 51)
    assert black.bounds == pytest.approx((10 + edge, 10 + edge, 51 - edge, 51 - edge))
    assert black.area == pytest.approx(code_svg(LINK).count("h1v1h-1z") * step**2)
