"""Drawings: what stands on them, true to scale, no name over another, nothing read as code, the same bytes every time."""

import io
import re
from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from PIL import Image
from pypdf import PdfReader

from geo.schema import DataError
from geo.wording import speaking
from report.bounds import bounds_of
from report.drawings.atlas import Atlas, atlas_of, is_sketch, subject_of
from report.drawings.beside import system_words
from report.drawings.corners import corners_of
from report.drawings.drawing import ROOM, draw_area
from report.drawings.ink import Letter, Mark
from report.drawings.labels import along, block, numbered, occupied, place
from report.drawings.lettering import printable, width_mm, wrapped
from report.drawings.names import building_number, corner_names, map_names
from report.drawings.panel import Row, heading, paragraph, poured
from report.drawings.sheet import SCALES, bar_m, fitted, lengthwise, round_scale, upright
from report.drawings.title_block import TitleBlock
from report.font import STAND_IN
from report.results import Results
from tests import fakes

IMPRINT = TitleBlock(
    name="胜利路片区物业管理区域",
    issuer="永川区中山路街道办事处",
    version="V3-8c1f02ab",
    data_date="2026年11月20日",
    drawn_by="社区建设办",
)
LONG = "重庆市永川区中山路街道玉屏社区第三居民小组机械厂家属院宿舍楼"
HOSTILE = (
    "$x^2$",
    r"$\frac{1}{2}$",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "=cmd|'/C calc'!A0",
    "#let x",
    "%n%s",
    LONG,
)
NO_BOXES = np.zeros((0, 4))


@pytest.fixture(scope="module")
def plan() -> Results:
    return fakes.results()


@pytest.fixture(scope="module")
def atlas(plan) -> Atlas:
    return atlas_of(plan)


def regrouped(plan: Results, number: int, **columns) -> Results:
    """Return the plan with one area of the first compounds that have outlines."""
    drawn = plan.communities.index[plan.communities.geom_type == "Polygon"][:number]
    area_id = ["PMA-001" if i in drawn else None for i in plan.communities.index]
    table = plan.communities.assign(
        area_id=pd.Series(area_id, plan.communities.index, dtype="str"), **columns
    )
    return replace(plan, communities=table, areas=plan.areas.loc[["PMA-001"]])


def drawn(atlas: Atlas, area_id: str = "PMA-001", **more) -> PdfReader:
    asked = {"kind": "bounds", "title_block": IMPRINT} | more
    return PdfReader(io.BytesIO(draw_area(atlas, area_id, **asked)))


def told(atlas: Atlas, area_id: str = "PMA-001", **more) -> str:
    """Return the text of all pages without its line ends: letters along a street stand alone in a PDF."""
    return "".join(page.extract_text() for page in drawn(atlas, area_id, **more).pages).replace("\n", "")


# --- what stands on it -----------------------------------------------------------------------------


def test_the_four_bounds_drawing_says_all_that_is_asked_of_it(atlas):
    text = told(atlas)
    for words in (
        "胜利路片区物业管理区域四至图", "萱花小区", "萱花家属院", "文昌小区", "1:1500", "北", "图例", "物业管理区域界线",
        "2000国家大地坐标系（CGCS2000）", "中央子午线105°", "2026年11月20日", "V3-8c1f02ab", "制图", "社区建设办", "校核", "审定",
        "审图号", "永川区中山路街道办事处", "示意图，以现场和备案材料为准。", "共2个小区，3栋，",
    ):  # fmt: skip
        assert words.replace(" ", "") in text.replace(" ", ""), words
    for side in ("东至", "南至", "西至", "北至"):
        assert text.count(side) == 2  # at the edge of the map, and in the sentence


def test_the_board_names_buildings_and_no_bounds(atlas):
    text = told(atlas, kind="board")
    assert "楼栋分布图" in text
    assert "萱花小区1栋、萱花家属院2栋" in text
    assert "“您在此处”、消防通道和应急集合点由社区现场核定后标注。" in text
    assert "东至" not in text


def test_words_are_those_of_the_language(atlas):
    with speaking("en"):
        text = told(atlas, kind="board")
    assert "buildings" in text
    assert "Legend" in text
    assert "图例" not in text


@pytest.mark.parametrize(("number", "scale"), [(1, 1000), (8, 8000), (40, 10_000)])
def test_one_eight_and_forty_communities_fit(plan, number, scale):
    crowd = atlas_of(regrouped(plan, number))
    assert f"1:{scale}" in told(crowd)
    subject = subject_of(crowd, "PMA-001")
    view = fitted(subject.outline, "A4", beside=ROOM["bounds"][0], above=ROOM["bounds"][1])
    assert shapely.box(*view.sheet.window).contains(view.on_paper(subject.outline))


def test_what_has_no_room_beside_the_map_goes_to_the_next_page(plan):
    crowd = regrouped(plan, 56, name=plan.communities["name"] + LONG)
    reader = drawn(atlas_of(crowd), kind="board")
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    assert len(reader.pages) > 1
    assert "楼栋分布图（续）" in text
    for name in crowd.communities.loc[crowd.communities["area_id"].notna(), "name"]:
        assert name in text


def test_further_pages_say_of_which_version_they_are(plan):
    pages = PdfReader(
        io.BytesIO(draw_area(atlas_of(plan), "PMA-001", kind="bounds", title_block=IMPRINT))
    ).pages
    assert len(pages) > 1
    assert all("V3-8c1f02ab" in page.extract_text() for page in pages)


def test_a_name_of_thirty_letters_is_read_in_full(plan):
    names = plan.communities["name"].where(plan.communities.index != "C001", LONG)
    text = told(
        atlas_of(replace(plan, communities=plan.communities.assign(name=names))),
        title_block=TitleBlock(name=LONG),
    )
    assert text.count(LONG) >= 2  # in the title, and on the map or its list


@pytest.mark.parametrize("kind", ["bounds", "board"])
def test_hostile_names_are_literal(plan, kind):
    names = pd.Series([HOSTILE[n % len(HOSTILE)] for n in range(60)], plan.communities.index, dtype="str")
    barriers = plan.layers["barriers"].assign(name=["$y$_路", "<b>路</b>", "$\\alpha$", "${x}路", "#坎"])
    hostile = replace(regrouped(plan, 8, name=names), layers={**plan.layers, "barriers": barriers})
    asked = TitleBlock(name="$z$", issuer="<i>{{v}}</i>", version=r"\today", watermark="$w$")
    text = told(atlas_of(hostile), kind=kind, title_block=asked).replace(" ", "")
    for name in (*HOSTILE, "$z$", "<i>{{v}}</i>", r"\today", "$w$"):
        assert name.replace(" ", "") in text, name


# --- public, sketch, errors ------------------------------------------------------------------------


def test_the_public_drawing_has_no_coordinates_and_the_other_lists_every_corner(atlas):
    corners = np.vstack(corners_of(subject_of(atlas, "PMA-001")))
    public, internal = drawn(atlas, public=True), drawn(atlas)
    assert (len(public.pages), len(internal.pages)) == (1, 2)
    assert not re.search(r"J\d|\d{6}", public.pages[0].extract_text())
    table = internal.pages[1].extract_text()
    for number, (x, y) in enumerate(corners, 1):
        for words in (f"J{number} ", f"{y:.2f}", f"{x:.2f}"):
            assert words in table


def test_corners_run_clockwise_from_the_north_west_and_skip_what_is_none():
    ring = shapely.Polygon([(0, 0), (50, 0.01), (100, 0), (100, 100), (0, 100)])
    table = gpd.GeoDataFrame({"x": [1]}, geometry=[ring])
    subject = replace(subject_of(atlas_of(fakes.results()), "PMA-001"), outline=ring, members=table)
    (corners,) = corners_of(subject)
    assert corners.tolist() == [[0, 100], [100, 100], [100, 0], [0, 0]]


def test_an_area_with_a_point_is_a_sketch_and_says_so(plan, atlas):
    area_id = plan.communities.loc["C015", "area_id"]
    assert is_sketch(atlas, area_id)
    assert not is_sketch(atlas, "PMA-001")
    reader = drawn(atlas, area_id)
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    assert len(reader.pages) == 1
    assert "点位示意图" in text
    assert "四至图" not in text
    assert "边界待测绘；本图仅供示意，不能作为备案用图。" in text
    assert "大致范围（未测绘）" in text
    assert "物业管理区域界线" not in text


def test_only_points_without_any_layer_are_a_sketch_too(plan):
    points = plan.communities.set_geometry(plan.communities.centroid)
    bare = atlas_of(replace(plan, communities=points, buildings=None, layers={}))
    text = told(bare)
    assert "没有楼栋轮廓资料，图上未绘楼栋。" in text
    assert "没有道路、河流等底图资料。" in text


def test_what_cannot_be_drawn_is_refused(plan, atlas):
    with pytest.raises(DataError, match=r"^方案中没有区域 PMA-999，不能出图。请从方案的区域清单中选一个。$"):
        draw_area(atlas, "PMA-999", kind="bounds", title_block=IMPRINT)
    with pytest.raises(DataError, match=r"^不认识图幅 B5。请选 A4、A3 中的一种。$"):
        draw_area(atlas, "PMA-001", kind="bounds", title_block=IMPRINT, paper="B5")
    nowhere = plan.communities.set_geometry(plan.communities.geometry.map(lambda _: None), crs=fakes.CRS)
    with pytest.raises(
        DataError, match=r"^区域 PMA-001 的小区都没有位置，不能出图。请先为这些小区提供轮廓或坐标。$"
    ):
        draw_area(atlas_of(replace(plan, communities=nowhere)), "PMA-001", kind="bounds", title_block=IMPRINT)


def test_a_draft_carries_its_watermark(atlas):
    assert "征求意见稿" in told(atlas, title_block=replace(IMPRINT, watermark="征求意见稿"))


# --- the same bytes, on true paper -----------------------------------------------------------------


@pytest.mark.parametrize("form", ["pdf", "png"])
def test_the_same_plan_in_any_order_gives_the_same_bytes(plan, form):
    turned = replace(
        plan,
        buildings=plan.buildings.iloc[::-1],
        layers={key: table.iloc[::-1] for key, table in plan.layers.items()},
    )
    one, two = (
        draw_area(atlas_of(p), "PMA-001", kind="bounds", title_block=IMPRINT, form=form)
        for p in (plan, turned)
    )
    assert one == two


def test_nothing_tells_when_or_with_what_it_was_made(atlas):
    reader = drawn(atlas)
    assert dict(reader.metadata) == {"/Title": "胜利路片区物业管理区域四至图"}


def test_letters_are_drawn_with_the_packaged_font(atlas):
    fonts = [
        font.get_object()
        for page in drawn(atlas).pages
        for font in page["/Resources"]["/Font"].get_object().values()
    ]
    assert fonts
    for font in fonts:
        assert "NotoSansCJKsc" in str(font["/FontDescriptor"]["/FontName"])
        assert font["/Subtype"] == "/Type3"  # its letters are drawings within the file
        assert len(font["/CharProcs"])


@pytest.mark.parametrize(("paper", "short", "long"), [("A4", 210, 297), ("A3", 297, 420)])
def test_paper_has_its_size(atlas, paper, short, long):
    box = drawn(atlas, paper=paper).pages[0].mediabox
    sides = sorted(float(side) * 25.4 / 72 for side in (box.width, box.height))
    assert sides == pytest.approx([short, long], abs=0.01)


def test_the_picture_has_300_dots_an_inch_and_its_scale_bar_is_true(atlas):
    picture = Image.open(
        io.BytesIO(draw_area(atlas, "PMA-001", kind="board", title_block=IMPRINT, form="png"))
    )
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert sorted(picture.size) == [2480, 3507]
    view = fitted(subject_of(atlas, "PMA-001").outline, "A4", beside=ROOM["board"][0], above=ROOM["board"][1])
    left, bottom = view.sheet.window[:2]
    dots = 300 / 25.4
    rows = np.asarray(picture.convert("L"))[picture.height - round((bottom + 2 + 3.2 + 0.65) * dots)]
    long = bar_m(view.scale) * 1000 / view.scale
    bar = np.flatnonzero(rows[round((left + 5) * dots) : round((left + 6 + long + 1) * dots)] < 100)
    assert (bar[-1] - bar[0]) / dots == pytest.approx(long, abs=0.25)  # its rim is 0.13 mm wide


@pytest.mark.parametrize(
    ("needed", "scale"),
    [(1, 500), (500, 500), (500.1, 1000), (2600, 3000), (50_001, 100_000), (120_000, 150_000)],
)
def test_scales_are_round(needed, scale):
    assert round_scale(needed) == scale


def test_a_metre_is_a_metre_on_every_sheet():
    for paper in ("A4", "A3"):
        view = fitted(shapely.box(0, 0, 300, 120), paper, beside=10, above=10)
        ends = view.on_paper(shapely.points([(0, 0), (100, 0)]))
        assert shapely.distance(*ends) == pytest.approx(100_000 / view.scale)
        assert view.scale in SCALES


def test_a_wide_area_lies_on_its_side_and_a_high_one_stands():
    wide = fitted(shapely.box(0, 0, 300, 100), "A4", beside=10, above=10).sheet
    high = fitted(shapely.box(0, 0, 100, 300), "A4", beside=10, above=10).sheet
    assert (wide, high) == (lengthwise("A4"), upright("A4"))


@pytest.mark.parametrize(("scale", "long_m"), [(500, 20), (1000, 50), (1500, 50), (2000, 100), (5000, 200)])
def test_scale_bars_are_round(scale, long_m):
    assert bar_m(scale) == long_m


# --- names -----------------------------------------------------------------------------------------


def letter_boxes(ink) -> list[shapely.Polygon]:
    """Return the box of each line of text, turned as it stands."""
    found = []
    for letter in ink:
        if isinstance(letter, Letter):
            flat = shapely.box(0.05, 0, width_mm(letter.text, letter.size) - 0.05, letter.size * 0.72)
            turned = shapely.affinity.rotate(flat, letter.turn, origin=(0, 0))
            found.append(shapely.affinity.translate(turned, letter.x, letter.y))
    return found


@pytest.mark.parametrize("number", [2, 8, 40])
def test_no_name_stands_on_another_or_outside_the_map(plan, number):
    crowd = atlas_of(regrouped(plan, number))
    subject = subject_of(crowd, "PMA-001")
    view = fitted(subject.outline, "A4", beside=ROOM["bounds"][0], above=ROOM["bounds"][1])
    corners = shapely.get_coordinates(view.on_paper(shapely.points(np.vstack(corners_of(subject)))))
    names = map_names(crowd, subject, view, taken=NO_BOXES, bounds=True)
    boxes = letter_boxes((*names.ink, *corner_names(corners, subject, view, taken=names.taken)))
    assert len(boxes) > 20
    window = shapely.box(*view.sheet.window)
    assert all(window.contains(box) for box in boxes)
    hits = [(a, b) for a, b in combinations(boxes, 2) if a.intersection(b).area > 0.05]
    assert hits == []


def test_what_has_no_place_gets_a_number_and_stands_on_the_list(plan):
    crowd = atlas_of(regrouped(plan, 40))
    subject = subject_of(crowd, "PMA-001")
    view = fitted(subject.outline, "A4", beside=60.0, above=60.0)
    names = map_names(crowd, subject, view, taken=NO_BOXES, bounds=True)
    lettered = {letter.text for letter in names.ink if isinstance(letter, Letter)}
    text = "".join(letter.text for letter in names.ink if isinstance(letter, Letter))
    assert names.listed
    for name in subject.members["name"]:
        assert name in text or name in names.listed
    assert names.unnumbered
    assert {str(n) for n in range(1, 3)} <= lettered


def test_a_label_takes_its_best_free_place():
    label = block("甲院", np.array([(50.0, 50.0), (80.0, 50.0)]), size=3.0, ink="#000000", shun=NO_BOXES)
    window = (0.0, 0.0, 100.0, 100.0)
    free = place([label], window, NO_BOXES)
    assert [i.y for i in free.ink if isinstance(i, Letter)] == pytest.approx([50 - 0.38 * 3])
    moved = place([label], window, occupied([(45.0, 45.0, 55.0, 55.0)]))
    assert [round(i.x + 3) for i in moved.ink if isinstance(i, Letter)] == [80]
    none = place([label], window, occupied([window]))
    assert (none.ink, none.dropped) == ((), (label,))


def test_a_label_shuns_buildings_only_where_it_can():
    centres = np.array([(20.0, 20.0), (60.0, 20.0)])
    shunning = block("甲院", centres, size=3.0, ink="#000000", shun=occupied([(10.0, 10.0, 30.0, 30.0)]))
    assert shunning.boxes[0, 0, 0] > 50


def test_a_name_leaves_what_it_names_only_for_much_room():
    centres = np.array([(20.0, 20.0), (60.0, 20.0)])
    asked = {"size": 3.0, "ink": "#000000", "strayed": 1}
    little = block("甲院", centres, shun=occupied([(18.0, 19.0, 21.0, 22.0)]), **asked)
    much = block("甲院", centres, shun=occupied([(10.0, 10.0, 30.0, 30.0)]), **asked)
    assert little.boxes[0, 0, 0] < 20
    assert much.boxes[0, 0, 0] > 50


def test_equal_names_share_a_number_and_nameless_ones_have_none():
    label = block("甲院", np.array([(50.0, 50.0)]), size=3.0, ink="#000000", shun=NO_BOXES)
    other = replace(label, anchor=(20.0, 20.0))
    placed, names = numbered([label, other, replace(label, name="")], (0.0, 0.0, 100.0, 100.0), NO_BOXES)
    assert names == ("甲院",)
    assert [i.text for i in placed.ink if isinstance(i, Letter)] == ["1", "1"]


def test_a_steep_street_is_written_downwards_and_a_level_one_from_the_left():
    steep = along("人民路", [shapely.LineString([(50, 0), (52, 90)])], size=3.0, ink="#000000")
    ys = [letter.y for letter in steep.ink(0)]
    assert [letter.text for letter in steep.ink(0)] == list("人民路")
    assert ys == sorted(ys, reverse=True)
    assert all(abs(letter.turn) < 5 for letter in steep.ink(0))
    (level,) = along("人民路", [shapely.LineString([(90, 10), (0, 10)])], size=3.0, ink="#000000").ink(0)
    assert (level.text, round(level.turn)) == ("人民路", 0)


def test_a_street_shorter_than_its_name_has_no_place_for_it():
    assert not len(along("人民路", [shapely.LineString([(0, 0), (5, 0)])], size=3.0, ink="#000000").boxes)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("3栋", "3"), ("12幢", "12"), ("A座", "A"), ("盐市街31号院4栋", "4"), ("3-2栋", "3-2"), ("甲栋", "甲"), ("7#", "7"),
        ("5", "5"), ("七号楼", "七"), ("综合楼", "综合楼"), ("Long Name Building", "Long Name Building"), ("", ""),
    ],
)  # fmt: skip
def test_a_building_is_called_by_its_number(name, number):
    assert building_number(name) == number


# --- lettering -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("甲\n乙\t丙", "甲 乙 丙"),
        ("a\x00b", "a b"),
        ("甲\u202e乙\u200b丙", "甲乙丙"),
        ("𠮷田㛃", "𠮷田㛃"),
        ("院\U0001f3e0", f"院{STAND_IN}"),
        ("  ", ""),
    ],
)
def test_only_what_the_font_has_is_printed(text, printed):
    assert printable(text) == printed


def test_lines_keep_every_letter_and_their_width():
    text = printable(f"{LONG},南至 Long-Name Street 12,西至（待现场核定）。")
    lines = wrapped(text, 2.5, 40.0)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert (
        max(width_mm(line, 2.5) for line in lines) <= 42.6
    )  # a mark may hang over, so that none begins a line
    assert not any(line.startswith((",", "。", ")")) for line in lines)
    assert wrapped("", 2.5, 40.0) == []


def test_a_heading_stays_with_what_follows():
    rows = [*paragraph("一", 50), heading("图例"), *paragraph("二", 50)]
    high = rows[0].height + rows[1].height + 1
    ink, rest = poured(rows, [(0, 0, 50, high), (60, 0, 110, 50)])
    at = {letter.text: letter.x for letter in ink if isinstance(letter, Letter)}
    assert (at["一"], at["图例"], at["二"]) == (0, 60, 60)
    assert rest == ()
    _, rest = poured([Row(10, lambda _x, _y: ())] * 3, [(0, 0, 50, 25)])
    assert len(rest) == 1


def test_systems_are_named():
    shapes = gpd.GeoSeries([shapely.Point(0, 0)])
    assert system_words(shapes.set_crs("EPSG:4544").crs).endswith("高斯-克吕格3°带，中央子午线105°")
    assert system_words(shapes.set_crs("EPSG:32648").crs) == "WGS 84 / UTM zone 48N"


def test_bounds_of_a_plan_come_from_streets_rivers_and_neighbours(plan):
    found = bounds_of(plan)
    assert list(found.index) == list(plan.areas.index)
    assert found.loc["PMA-001", "east"] == "萱花大院"
    assert "临江河" in set(found["east"]) & set(found["west"])


def test_marks_are_cut_at_the_window(atlas):
    subject = subject_of(atlas, "PMA-001")
    view = fitted(subject.outline, "A4", beside=27, above=13)
    from report.drawings.shapes import map_shapes

    shapes = map_shapes(atlas, subject, view, grids=True)
    assert shapes
    assert all(isinstance(mark, Mark) and mark.clip == view.sheet.window for _, mark in shapes)
