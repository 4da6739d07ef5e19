"""Ink as PDF and as a picture: both show the same, text stays text, and what is cut, hollow or empty is."""

import io
import shutil
import subprocess

import numpy as np
import pytest
import shapely
from PIL import Image
from pypdf import PdfReader

from report.drawings.ink import MM_PER_INCH, Letter, Look, Mark, Page
from report.drawings.lettering import width_mm
from report.drawings.palette import png_of_dots
from report.drawings.raster import png_of, pngs_of
from report.drawings.vectors import CASE, pdf_of

WIDE, HIGH, DPI = 60.0, 40.0, 127  # mm, and dots an inch: five in a mm
RED, BLUE = (200, 0, 0), (0, 0, 200)
RING = shapely.box(5, 5, 25, 25).difference(shapely.box(10, 10, 20, 20))
EVERY_KIND = (
    Mark(RING, Look(face="#c80000", edge="#000000", width=0.4)),
    Mark(
        shapely.box(30, 5, 55, 20),
        Look(face="#e8eef4", edge="#0000c8", width=0.6, dashes=(3, 1), hatch="//", hatch_ink="#777777"),
    ),
    Mark(
        shapely.LineString([(0, 0), (60, 40)]),
        Look(edge="#0000c8", width=1.0, alpha=0.5),
        (20.0, 0.0, 40.0, 40.0),
    ),
    Letter("胜利路3号", 5, 30, 5),
    Letter("东至河", 45, 25, 4, turn=90, ink="#c80000", alpha=0.6),
)


def page(*ink) -> Page:
    return Page(WIDE, HIGH, ink)


def pixels(png: bytes) -> np.ndarray:
    """Return the dots of a picture, its rows from the bottom, shape (rows, columns, 3)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[::-1].astype(int)


def dots(*ink) -> np.ndarray:
    """Return the dots of some ink."""
    return pixels(png_of(page(*ink), dpi=DPI))


def at(picture: np.ndarray, x_mm: float, y_mm: float) -> tuple[int, ...]:
    return tuple(picture[int(y_mm * DPI / MM_PER_INCH), int(x_mm * DPI / MM_PER_INCH)].tolist())


def read(*ink, title: str = "") -> PdfReader:
    return PdfReader(io.BytesIO(pdf_of([page(*ink)], title=title)))


# --- a picture -------------------------------------------------------------------------------------


def test_a_face_leaves_its_hole_and_what_is_cut_away():
    picture = dots(Mark(RING, Look(face="#c80000"), (0.0, 0.0, 15.0, 40.0)))
    told = [at(picture, *place) for place in ((7, 7), (15, 15), (22, 22))]
    assert told == [RED, (255, 255, 255), (255, 255, 255)]


def test_a_letter_stands_on_its_base_and_turns_about_it():
    for turn, (wide, high) in ((0, (8, 4)), (90, (4, 8))):
        ink = np.argwhere(dots(Letter("路路", 20, 10, 4, turn=turn)).sum(axis=2) < 400) * MM_PER_INCH / DPI
        spread = ink.max(axis=0) - ink.min(axis=0)
        assert spread == pytest.approx((high, wide), abs=0.9)
    level = np.argwhere(dots(Letter("一", 20, 10, 4)).sum(axis=2) < 400) * MM_PER_INCH / DPI
    assert level.mean(axis=0) == pytest.approx((10 + 4 * 0.38, 20 + 2), abs=0.3)


def test_half_of_what_lies_below_shines_through():
    whole, half = (Mark(shapely.box(0, 0, 9, 9), Look(face="#0000c8", alpha=a)) for a in (1.0, 0.5))
    assert at(dots(whole), 4, 4) == BLUE
    assert at(dots(half), 4, 4) == pytest.approx((128, 128, 228), abs=1)


def test_a_part_of_a_page_is_cut_out_of_it_as_it_is():
    left, bottom, right, top = 4.0, 8.0, 34.0, 33.0
    whole = dots(*EVERY_KIND)
    part = pixels(pngs_of(page(*EVERY_KIND), [(left, bottom, right, top)], dpi=DPI)[0])
    per_mm = DPI / MM_PER_INCH
    assert part.shape == (25 * per_mm, 30 * per_mm, 3)
    same = whole[int(bottom * per_mm) : int(top * per_mm), int(left * per_mm) : int(right * per_mm)]
    assert abs(part - same).max() <= 16


# --- its colours ------------------------------------------------------------------------------------


def of_dots(colours: np.ndarray) -> np.ndarray:
    """Return what a picture shows of dots, shape (rows, columns, 3), and that it is one of few colours."""
    rgba = np.dstack([colours, np.full(colours.shape[:2], 255)]).astype(np.uint8)
    png = png_of_dots(rgba, DPI)
    picture = Image.open(io.BytesIO(png))
    assert picture.mode == "P"
    assert picture.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
    return pixels(png)[::-1]


def test_a_flat_colour_is_shown_as_it_is_and_what_looks_like_it_by_the_same():
    colours = np.zeros((9, 12, 3), int)
    colours[:, :6], colours[:, 6:] = (241, 239, 233), RED
    colours[4, 5] = (245, 234, 225)  # agrees with the first in four bits of each part
    shown = of_dots(colours)
    assert (shown[4, 5] == (241, 239, 233)).all()
    colours[4, 5] = (241, 239, 233)
    assert (shown == colours).all()


def test_of_more_colours_than_a_number_tells_the_rare_ones_are_shown_by_the_nearest():
    steps = np.arange(0, 256, 32)
    every = np.array([(r, g, b) for r in steps for g in steps for b in steps])  # 512, each a row of its own
    colours = np.repeat(every[:, None], 9, axis=1)
    colours[::2, 5:] = RED  # so every second one has fewer dots
    shown = of_dots(colours)
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 256
    assert (shown[1::2][:-1] == colours[1::2][:-1]).all()
    assert abs(shown - colours).max() <= 32


# --- a PDF -----------------------------------------------------------------------------------------


def test_more_letters_than_a_font_can_hold_are_read_in_their_order():
    lines = ["".join(chr(0x4E00 + 20 * row + n) for n in range(20)) for row in range(15)]
    reader = read(*(Letter(line, 2, 38 - 2 * n, 2) for n, line in enumerate(lines)))
    assert reader.pages[0].extract_text().split() == lines
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    assert [len(font["/CharProcs"]) for font in fonts] == [CASE, 300 - CASE]
    assert len({font["/FontDescriptor"]["/FontName"] for font in fonts}) == 2


def test_a_line_is_as_wide_as_it_was_measured():
    text = "胜利路 12-3号 Abc"
    font = read(Letter(text, 2, 2, 3)).pages[0]["/Resources"]["/Font"]["/F0"]
    widths = dict(zip(dict.fromkeys(text), font["/Widths"], strict=True))
    assert sum(widths[sign] for sign in text) * 3 / 1000 == pytest.approx(width_mm(text, 3), abs=0.01)


@pytest.mark.parametrize("title", ["a)b(c\\", "<>&#47;$x$", "𠀀路", ""])
def test_a_title_is_literal(title):
    assert read(title=title).metadata.get("/Title", "") == title


def test_nothing_is_drawn_of_what_is_empty():
    empty = (Mark(shapely.Polygon(), Look(face="#000000")), Letter("", 1, 1, 2), Letter(" ", 1, 1, 2))
    assert (dots(*empty) == 255).all()
    assert read(*empty).pages[0].extract_text().strip() == ""


def test_the_same_ink_gives_the_same_bytes_and_each_page_its_size():
    pages = [page(*EVERY_KIND), Page(20.0, 30.0, ())]
    one = pdf_of(pages, title="图")
    assert one == pdf_of(pages, title="图")
    boxes = [each.mediabox[2:] for each in PdfReader(io.BytesIO(one)).pages]
    sizes = [tuple(float(side) * MM_PER_INCH / 72 for side in box) for box in boxes]
    assert np.array(sizes) == pytest.approx(np.array([(WIDE, HIGH), (20, 30)]), abs=0.01)


def test_a_second_program_draws_the_pdf_as_the_picture_shows_it(tmp_path):
    poppler = shutil.which("pdftoppm")
    if poppler is None:
        pytest.skip("pdftoppm is not installed here")
    for n, ink in enumerate(EVERY_KIND):
        path = tmp_path / f"{n}.pdf"
        path.write_bytes(pdf_of([page(ink)], title=""))
        command = [poppler, "-r", str(DPI), "-png", "-singlefile", str(path), str(tmp_path / str(n))]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        assert told.stderr == ""
        there, here = np.asarray(Image.open(tmp_path / f"{n}.png").convert("RGB"))[::-1], dots(ink)
        assert here.min() < 200, "something is drawn"
        # programs put lines and letters on dots each in its way: within 2 mm it evens out
        assert abs(coarse(there) - coarse(here)).max() < 40, n


def coarse(picture: np.ndarray) -> np.ndarray:
    """Return the mean colour of each square of 2 mm."""
    side = 2 * 5
    rows, columns = int(HIGH) // 2, int(WIDE) // 2
    squares = picture[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
    return squares.mean(axis=(1, 3))
