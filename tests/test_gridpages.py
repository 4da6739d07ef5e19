"""The pages of grid workers: what they say where grids cut areas and communities, whom they never name, how light they are."""

import io
import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from PIL import Image
from pypdf import PdfReader

from geo.schema import DataError
from geo.wording import speaking
from report.drawings.ink import Letter, Mark
from report.gridpages.card import WIDE_DOTS, _areas, grid_card
from report.gridpages.cuts import area_grid_of, grids_of, nowhere
from report.gridpages.files import OURS, file_names
from report.gridpages.index import index_page
from report.gridpages.order import counted
from report.gridpages.page import MOST_BYTES, grid_page
from report.gridpages.phonemap import PER_M, path_of, phone_map
from report.gridpages.phrases import here_words, numbered_words
from report.gridpages.scene import Backdrop, scene_of
from report.gridpages.still import GRID_INK, numbered_names, still_map
from report.gridpages.tasks import outstanding_words, tasks_of
from report.gridpages.told import (
    OUTSTANDING_COLUMNS,
    Dates,
    Responsible,
    Told,
    impersonal,
    near_day,
    number_words,
)
from report.gridpages.worksheet import grid_sheet
from report.gridpages.writing import Press, write_pages
from report.results import COMMUNITY_GRID_COLUMNS
from tests.fakes import CRS
from tests.gridtowns import COUNTS, GRIDS, SOUTH, WEST, changed, frame, strip, town, with_layer
from tests.test_maps import PAYLOADS

DAY = date(2026, 11, 23)
FIRST, SECOND, THIRD, FAR = GRIDS
CONSULTED = Dates(date(2026, 12, 1), date(2026, 12, 16), suggested=True)


def forms(*rows):
    return pd.DataFrame(rows, columns=list(OUTSTANDING_COLUMNS)).astype(OUTSTANDING_COLUMNS)


FORMS = forms(
    ("C001", "1栋", 9), ("C001", "2栋", 2), ("C001", "10栋", 0), ("C004", "甲栋", 1), ("C004", "乙栋", 2)
)
TOLD = Told(
    day=DAY,
    source="方案第3版，校验码8c1f02ab",
    supervision_phone="023-49800001",
    outstanding=FORMS,
    dates={"": CONSULTED},
    states={"PMA-001": "正在征求意见"},
    modes={"PMA-001": "业主自治"},
    contacts={"PMA-001": "石桥社区物业专干"},
    answers=(("不交意见表,算不算同意?", "不算同意，也不算不同意。"),),
    responsible={
        FIRST: (
            Responsible("消防通道被堵", "区消防救援支队", "023-49112233", ("堵路",), "消防安全"),
            Responsible("消防通道被堵", "区公安局(桂溪派出所)", group="消防安全"),
        )
    },
)


class Read(HTMLParser):
    """A page as a browser takes it apart: its texts, elements and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        if not {"script", "style"} & set(self._open):
            self.texts.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def data(self, page: str) -> dict:
        return json.loads(re.search(r"id='data'>(.*?)</script>", page, re.DOTALL)[1])


@pytest.fixture(scope="module")
def results():
    return town()


@pytest.fixture(scope="module")
def backdrop(results):
    return Backdrop.of(results)


def grid_of(results, name, outstanding=None):
    return next(grid for grid in grids_of(results, outstanding) if grid.name == name)


def page_of(results, name, told=TOLD):
    return made(grid_page, results, name, told)


def made(make, results, name, told=TOLD):
    """What one of the functions that make a file makes of a grid."""
    backdrop, grid = Backdrop.of(results), grid_of(results, name, told.outstanding)
    return make(backdrop, grid, told, scene_of(backdrop, grid))


def words_of(results, name, told=TOLD):
    return Read(page_of(results, name, told)).words


def pdf_text(content):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


# --- what is cut -----------------------------------------------------------------------------------


def test_a_community_half_in_each_of_two_grids_is_told_of_in_both(results):
    halves = {
        name: [(p.community_id, p.here, p.count, p.elsewhere) for p in grid_of(results, name).places]
        for name in (FIRST, SECOND)
    }
    assert halves == {
        FIRST: [("C002", 30, 60, ((SECOND, 30),)), ("C001", 40, 40, ())],
        SECOND: [("C003", 40, 80, ((THIRD, 40),)), ("C002", 30, 60, ((FIRST, 30),))],
    }
    assert "本网格30户，共60户；其余在第2网格（30户）（已核）" in words_of(results, FIRST)
    assert "本网格30户，共60户；其余在第1网格（30户）（已核）" in words_of(results, SECOND)


def test_an_area_in_three_grids_is_told_of_in_all_three(results):
    shares = {
        name: [
            (s.area_id, s.here, s.count, s.elsewhere)
            for s in grid_of(results, name).areas
            if s.area_id == "PMA-001"
        ]
        for name in (FIRST, SECOND, THIRD)
    }
    assert shares == {
        FIRST: [("PMA-001", 70, 180, ((SECOND, 70), (THIRD, 40)))],
        SECOND: [("PMA-001", 70, 180, ((FIRST, 70), (THIRD, 40)))],
        THIRD: [("PMA-001", 40, 180, ((FIRST, 70), (SECOND, 70)))],
    }
    assert "本网格40户，共180户；其余在第1网格（70户）、第2网格（70户）" in words_of(results, THIRD)


def test_a_grid_that_cuts_two_areas_has_both(results):
    grid = grid_of(results, THIRD)
    assert [(share.area_id, share.here) for share in grid.areas] == [("PMA-001", 40), ("PMA-002", 120)]
    assert [share.places for share in grid.areas] == [("C003",), ("C004",)]
    assert "2个小区，2栋楼，160户；涉及2个物业管理区域" in words_of(results, THIRD)


def test_a_grid_without_an_area_says_so_and_still_shows_its_communities(results):
    words = words_of(results, FAR)
    assert "本网格内没有拟划定的物业管理区域。" in words
    assert "戊院 30户" in words
    assert "暂未组团（不足100户）" in words
    assert "张贴公告" not in words
    assert "本网格内没有拟划定的物业管理区域。" not in words_of(results, THIRD)


def test_pages_and_the_table_of_areas_and_grids_say_the_same(results):
    table = area_grid_of(grids_of(results))
    assert table.to_numpy().tolist() == [
        ["PMA-001", FIRST, 70],
        ["PMA-001", SECOND, 70],
        ["PMA-001", THIRD, 40],
        ["PMA-002", THIRD, 120],
    ]
    index = Read(index_page(results, grids_of(results), TOLD)).words
    assert "PMA-001 3 第1网格 70户、第2网格 70户、第3网格 40户 PMA-002 1 第3网格 120户" in index
    assert "没有区域的网格：第10网格" in index
    assert "每个小区都在网格内。" in index


def test_shares_that_a_run_has_found_are_taken_as_they_are(results):
    rows = [
        ("C001", FIRST, 40),
        ("C002", FIRST, 59),
        ("C002", SECOND, 1),
        ("C003", SECOND, 80),
        ("C004", THIRD, 120),
    ]
    known = pd.DataFrame(rows, columns=list(COMMUNITY_GRID_COLUMNS)).astype(COMMUNITY_GRID_COLUMNS)
    grids = grids_of(replace(results, community_grid=known))
    assert area_grid_of(grids)["households"].tolist() == [99, 81, 120]
    assert [p.community_id for p in grids[3].places] == ["C007"], "counted nowhere: by its place"


def test_a_held_community_is_there_by_its_place_and_adds_nothing(results):
    held = changed(results, "C002", outcome="held", area_id=None, count=pd.NA, count_status="unknown")
    grid = grid_of(held, SECOND)
    assert [(p.community_id, p.count, p.here) for p in grid.places] == [
        ("C003", 80, 40),
        ("C002", None, None),
    ]
    assert grid.here == 40
    assert "乙院 户数待核" in words_of(held, SECOND)
    zero = changed(results, "C002", outcome="held", area_id=None, count=0, count_status="surveyed")
    assert [(p.count, p.here) for p in grid_of(zero, SECOND).places] == [(80, 40), (None, None)]


def test_a_community_without_a_place_is_named_in_the_list_of_grids(results):
    lost = replace(
        results,
        communities=results.communities.set_geometry(
            results.communities.geometry.mask(results.communities.index == "C007"), crs=CRS
        ),
    )
    grids = grids_of(lost)
    assert nowhere(lost, grids) == ("C007",)
    assert "不在任何网格内的小区：戊院" in Read(index_page(lost, grids, TOLD)).words


def test_rows_of_one_name_are_one_grid(results):
    layer = results.layers["grids"]
    parts = pd.concat([layer, frame([(FAR, strip(800, 850))], "name")], ignore_index=True)
    grids = grids_of(with_layer(results, grids=gpd.GeoDataFrame(parts, crs=CRS)))
    assert [grid.name for grid in grids] == list(GRIDS)
    assert grids[3].shape.geom_type == "MultiPolygon"


def test_the_order_of_rows_changes_nothing(results):
    told = replace(TOLD, outstanding=FORMS.iloc[::-1])
    turned = replace(
        results,
        communities=results.communities,
        buildings=results.buildings.iloc[::-1],
        layers={key: table.iloc[::-1] for key, table in results.layers.items()},
    )
    for name in (FIRST, THIRD):
        assert page_of(turned, name, told) == page_of(results, name)


def test_without_grids_there_are_no_pages(results):
    with pytest.raises(DataError) as error:
        grids_of(replace(results, layers={}))
    assert str(error.value) == (
        "方案里没有网格图层，台账也没有“所属网格”一列，做不出网格员页面。"
        "请在规划时用 --grids 给出网格图层，或在台账里写明各小区的所属网格，再重做。"
    )


# --- few, and nobody -------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (1, "少于3"), (2, "少于3"), (3, "3")])
def test_numbers_below_three_are_not_told(number, words):
    assert number_words(number) == words


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((9, 2, 0), "未收回9份，另有1栋少于3份"),
        ((9, 2, 1), "未收回9份，另有2栋各少于3份"),
        ((1, 2, 0), "未收回：2栋各少于3份"),
        ((2, 0, 0), "未收回：1栋少于3份"),
        ((0, 0, 0), "意见表已收齐"),
        ((3, 4, 5), "未收回12份"),
    ],
)
def test_a_sum_never_gives_away_a_number_that_is_not_told(results, numbers, words):
    rows = forms(*(("C001", name, n) for name, n in zip(("1栋", "2栋", "10栋"), numbers, strict=True)))
    place = next(p for p in grid_of(results, FIRST, rows).places if p.community_id == "C001")
    assert outstanding_words(place) == words


def test_forms_not_returned_are_told_by_building(results):
    page = Read(page_of(results, FIRST))
    assert "楼栋 户数 层数 未收回 1栋 10 6 9 2栋 少于3 6 少于3 10栋 28 6 已收齐" in page.words
    assert "未收回：2栋各少于3份" in words_of(results, THIRD)


def test_forms_of_a_building_nobody_knows_are_not_lost(results):
    rows = forms(("C001", "", 4), ("C001", "附1栋", 5), ("C001", "1栋", 3))
    assert outstanding_words(grid_of(results, FIRST, rows).places[1]) == "未收回12份"


def test_without_forms_nothing_is_said_of_them(results):
    words = words_of(results, FIRST, replace(TOLD, outstanding=None))
    assert "未收回" not in words
    assert "意见表已收齐" not in words


@pytest.mark.parametrize(
    ("here", "elsewhere", "words"),
    [
        (30, ((SECOND, 30),), "本网格30户，共60户；其余在第2网格（30户）"),
        (2, ((SECOND, 58),), "本网格少于3户，共60户；其余在第2网格"),
        (58, ((SECOND, 2),), "共60户，分在本网格和第2网格"),
        (50, ((SECOND, 8), (THIRD, 2)), "共60户，分在本网格和第2网格、第3网格"),
        (0, ((SECOND, 60),), "本网格0户，共60户；其余在第2网格（60户）"),
        (60, (), "60户"),
    ],
)
def test_a_part_that_is_not_told_cannot_be_reckoned_from_the_others(here, elsewhere, words):
    assert here_words(here, 60, elsewhere) == words


SEEDED = ("张三丰", "李四光", "13912345678", "138-1234-5678", "500118199001011237", "50011819900101123X")


def test_nobody_is_named_on_any_page(results):
    table = results.communities.assign(
        联系人="张三丰 13912345678",
        reason="李四光说不同意",
        repair="找张三丰 138-1234-5678",
        accepted="李四光(同意)",
        lock="张三丰家不并",
        former="张三丰",
        source_rows="台账.xlsx:5 李四光",
        address="人民路1号 13912345678",
        managing_company="金牛物业 138-1234-5678",
        备注="身份证500118199001011237",
    ).astype(dict.fromkeys(("reason", "repair", "accepted", "lock", "former", "source_rows"), "str"))
    table = table.assign(name=table["name"] + "13912345678").astype({"name": "str"})
    layers = {
        key: layer.assign(name=layer["name"] + "138-1234-5678").astype({"name": "str"})
        if key != "crossings"
        else layer
        for key, layer in results.layers.items()
    }
    houses = results.buildings.assign(name=results.buildings["name"] + "13912345678").astype({"name": "str"})
    areas = results.areas.assign(name="13912345678", names="13912345678").astype(
        {"name": "str", "names": "str"}
    )
    seeded = replace(
        results, communities=table, areas=areas, layers=layers, buildings=houses, title="13912345678"
    )
    told = replace(
        TOLD,
        contacts={"PMA-001": "社区干事 13912345678"},
        answers=(("找谁?", "500118199001011237"),),
        responsible={f"{FIRST}138-1234-5678": (Responsible("漏水", "住建委 138-1234-5678", "13912345678"),)},
        supervision_phone="13912345678",
        source="500118199001011237",
    )
    press = Press(Backdrop.of(seeded), told)
    grids = grids_of(seeded, told.outstanding)
    texts = [index_page(seeded, grids, told)]
    for grid in grids:
        files = press(grid).files
        texts += [files[f"{grid.file}.html"].decode(), pdf_text(files[f"{grid.file}.pdf"])]
    assert len(texts) == 9
    for text in (*texts, *(grid.file for grid in grids)):
        assert [seed for seed in SEEDED if seed in text] == []
    assert "（含个人号码，未印）" in texts[1]


@pytest.mark.parametrize(
    "text", ["13912345678", "139 1234 5678", "１３９１２３４５６７８", "电话：13912345678。"]
)
def test_a_text_with_a_private_number_is_left_out(text):
    assert impersonal(text) == "（含个人号码，未印）"


def test_office_lines_are_called_with_a_tap(results):
    page = page_of(results, FIRST)
    links = [
        attrs["href"] for tag, attrs in Read(page).elements if tag == "a" and attrs.get("class") == "call"
    ]
    assert links == ["tel:02349112233", "tel:02349800001"]
    assert "区消防救援支队 023-49112233 区公安局(桂溪派出所) 电话请问街道" in Read(page).words


def test_issues_are_folded_by_kind_and_found_by_their_words(results):
    told = replace(
        TOLD,
        responsible={
            FIRST: (
                Responsible("消防通道被堵", "区消防救援支队", "", ("堵路", "Fire lane"), "消防安全"),
                Responsible("消防通道被堵", "桂溪派出所", "", ("堵路",), "消防安全"),
                Responsible("飞线充电", "桂溪派出所", "", ("飞线",), "消防安全"),
                Responsible("养狗", "桂溪派出所", "", ("狗",), "停车、噪声、养狗"),
            )
        },
    )
    read = Read(page_of(results, FIRST, told))
    assert (
        "消防安全 2 消防通道被堵 区消防救援支队 桂溪派出所 飞线充电 桂溪派出所 停车、噪声、养狗 1 养狗"
        in read.words
    )
    words = [attrs["data-words"] for _, attrs in read.elements if attrs.get("class") == "issue"]
    assert words == ["消防通道被堵|堵路|fire lane", "飞线充电|飞线", "养狗|狗"]
    assert "街道还没有填各单位的办公电话，电话请问街道。" in read.words
    assert "电话请问街道 " not in read.words.replace("电话请问街道。", ""), "said once, not with each unit"
    text = "".join(pdf_text(made(grid_sheet, results, FIRST, told).content).split())
    assert "消防安全消防通道被堵区消防救援支队、桂溪派出所飞线充电桂溪派出所" in text


def test_each_task_has_a_status_and_room_for_a_note(results):
    read = Read(page_of(results, FIRST))
    classes = [attrs.get("class") for _, attrs in read.elements]
    assert (
        classes.count("state")
        == classes.count("note scripted")
        == len(tasks_of(grid_of(results, FIRST), TOLD))
    )


def test_the_script_asks_no_more_than_a_phone_of_2019_can():
    script = (Path(__file__).parent.parent / "report" / "gridpages" / "page.js").read_text(encoding="utf-8")
    too_new = (
        r"replaceChildren|replaceAll|\?\.[a-zA-Z(\[]|\?\?|\.at\(|\(\?<|structuredClone|#[a-z]+\s*=|\|\|="
    )
    assert re.findall(too_new, script) == []


def test_no_costs_no_checks_no_switches(results):
    for name in GRIDS:
        page = page_of(results, name)
        assert not re.search("代价|户·米|未通过|检查|影响权重|下限|最优", Read(page).words)
        assert not [tag for tag, attrs in Read(page).elements if attrs.get("type") == "checkbox"]


# --- text is never code ----------------------------------------------------------------------------

SIGNS = ("</script><img src=x onerror=HIT=1>", "\u2028]]>${HIT=1}", *PAYLOADS)


def test_scripts_as_names_stay_letters(results):
    sign = "".join(SIGNS)
    named = results.communities.assign(name=sign, address=sign, committee=sign)
    areas = results.areas.assign(name=sign, names=sign)
    layer = results.layers["grids"].assign(name=lambda t: t["name"] + sign)
    hostile = with_layer(replace(results, communities=named, areas=areas, title=sign), grids=layer)
    told = replace(
        TOLD,
        source=sign,
        states={"PMA-001": sign},
        modes={"PMA-001": sign},
        contacts={"PMA-001": sign},
        answers=((sign, sign),),
        responsible={FIRST + sign: (Responsible(sign, sign, "023-1<b>", (sign,)),)},
    )
    grid = grids_of(hostile)[0]
    plain = Read(page_of(results, FIRST))
    page = page_of(hostile, grid.name, told)
    read = Read(page)
    kinds = {tag for tag, _ in plain.elements}
    assert {tag for tag, _ in read.elements} <= kinds | {"dt"}
    assert [tag for tag, _ in read.elements].count("script") == 2
    assert not [name for _, attrs in read.elements for name in attrs if name.startswith("on")]
    assert "<img src=x onerror=HIT=1>" in read.words
    assert read.data(page)["head"] == FIRST + sign
    assert {tag for tag, _ in Read(index_page(hostile, grids_of(hostile), told)).elements} <= kinds | {
        "tr",
        "th",
        "td",
        "table",
        "thead",
        "tbody",
        "small",
        "input",
    }
    assert len(made(grid_sheet, hostile, grid.name, told).content) > 1000
    assert made(grid_card, hostile, grid.name, told).startswith(b"\x89PNG")


def test_the_policy_lets_only_the_pages_own_script_run(results):
    page = page_of(results, FIRST)
    policy = next(
        a["content"]
        for t, a in Read(page).elements
        if t == "meta" and "Security" in (a.get("http-equiv") or "")
    )
    assert policy.startswith(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-"
    )
    assert not re.search(r"""(?:src|href)=["'](?!#|tel:|data:)""", page)
    assert "http" not in re.sub(r"http-equiv|http://www.w3.org/2000/svg", "", page)


# --- files -----------------------------------------------------------------------------------------


def test_files_have_plain_names_that_never_collide():
    names = ["第3网格", "A/B", "A\\B", "a-b", "A-b", "..", "CON", "第3网格 ", "x" * 300, "网" * 300]
    files = file_names(names)
    assert len(set(files.values())) == len(names)
    assert len({file.lower() for file in files.values()}) == len(names)
    assert all(OURS.fullmatch(f"{file}.html") and len(file) < 50 for file in files.values())
    assert files["A/B"] == "grid-a-b-" + files["A/B"][-8:]
    assert file_names(["第3网格"])["第3网格"] == files["第3网格"], "other grids come and go"


@pytest.mark.parametrize(
    "names",
    [
        ("第一网格", "第二网格", "第三网格", "第十网格", "第十一网格", "第二十网格"),
        ("1栋", "2栋", "10栋", "10栋附1", "甲栋"),
        ("第2网格", "第１０网格", "第11网格"),
    ],
)
def test_names_are_sorted_as_people_count(names):
    assert tuple(sorted(names, key=counted)) == names


def test_the_folder_holds_three_files_a_grid_and_the_list(results, tmp_path):
    written = write_pages(results, TOLD, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    files = [grid.file for grid in written.grids]
    assert names == {"index.html", *(f"{file}.{end}" for file in files for end in ("html", "png", "pdf"))}
    assert written.weights == {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()}
    heaviest = max(weight for name, weight in written.weights.items() if name in {f"{f}.html" for f in files})
    assert written.lines() == [f"4 个网格的页面已写好，最大的 {-(-heaviest // 1000)} KB"]
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    links = [attrs["href"] for tag, attrs in Read(index).elements if tag == "a"]
    assert links == [f"{file}.{end}" for file in files for end in ("html", "png", "pdf")]


def test_a_folder_with_something_else_in_it_is_left_alone(results, tmp_path):
    (tmp_path / "信.docx").write_bytes(b"x")
    with pytest.raises(DataError) as error:
        write_pages(results, TOLD, tmp_path)
    assert error.value.code == "report.foreign_folder"
    assert [path.name for path in tmp_path.iterdir()] == ["信.docx"]


def test_the_same_plan_and_day_give_the_same_bytes(results):
    one, other = (Press(Backdrop.of(results), TOLD)(grid_of(results, FIRST, FORMS)) for _ in range(2))
    assert one.files == other.files


def test_signs_that_the_font_lacks_are_reported(results):
    lacking = changed(results, "C001", name="甲院\U00020bb8")
    assert made(grid_sheet, lacking, FIRST).missing == ("\U00020bb8",)


# --- the map ---------------------------------------------------------------------------------------


def test_the_map_shows_what_a_grid_worker_looks_for(backdrop, results):
    scene = scene_of(backdrop, grid_of(results, FIRST))
    assert {
        "grid",
        "area",
        "community",
        "building",
        "gate",
        "fence",
        "fire_lane",
        "facility_fire",
        "main",
    } <= scene.kinds
    assert [thing.ref for thing in scene.things if thing.kind == "building"] == ["b1", "b2", "b3"]
    far = scene_of(backdrop, grid_of(results, FAR))
    assert not {"area", "fire_lane", "gate"} & far.kinds
    words = words_of(results, FAR)
    assert "图上没有消防通道资料" in words
    assert "围墙" in words
    assert "化粪池" not in words


def test_every_link_of_the_map_leads_to_what_the_page_says(results):
    read = Read(page_of(results, THIRD))
    ids = {attrs["id"] for _, attrs in read.elements if "id" in attrs}
    links = {
        attrs["href"][1:] for tag, attrs in read.elements if tag == "a" and attrs["href"].startswith("#")
    }
    assert {"c1", "c2", "b1", "b2"} <= links <= ids


def test_degrees_of_a_phone_become_places_on_the_map(backdrop, results):
    scene = scene_of(backdrop, grid_of(results, FIRST))
    to_map = phone_map(scene, crs=CRS, title="").data["place"]
    spots = np.array([(WEST + 50.0, SOUTH + 40.0), (WEST + 160.0, SOUTH - 20.0)])
    lon, lat = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(*spots.T)
    found = [[a + b * x + c * y for a, b, c in to_map] for x, y in zip(lon, lat, strict=True)]
    wanted = np.column_stack([spots[:, 0] - scene.box[0], scene.box[3] - spots[:, 1]]) * PER_M
    assert np.abs(np.array(found) - wanted).max() < 2, "decimetres"


def test_paths_are_short_and_close():
    square = shapely.box(0, 0, 10, 20)
    assert path_of(square, (0, 0, 100, 100)) == "M100,800l0,200 -100,0 0,-200z".replace(
        "100,800", "100,1000"
    ).replace("0,200 -100,0 0,-200", "0-200 -100,0 0,200")
    line = shapely.LineString([(0, 100), (5, 95), (5, 95.01)])
    assert path_of(line, (0, 0, 100, 100)) == "M0,0l50,50"


def test_a_grid_with_very_many_buildings_stays_light_and_keeps_its_line(results):
    corners = shapely.get_coordinates(shapely.Point(0, 0).buffer(3, quad_segs=24))
    spots = np.array([(WEST + 2 * (n % 50), SOUTH + n // 50) for n in range(2_600)])
    shapes = shapely.polygons(corners[None] + spots[:, None])
    table = gpd.GeoDataFrame(
        {"community_id": "C001", "name": [f"{n}栋" for n in range(len(shapes))], "count": 8, "storeys": 6},
        geometry=shapes,
        crs=CRS,
    ).astype({"community_id": "str", "name": "str", "count": "Int64", "storeys": "Int64"})
    bent = shapely.segmentize(strip(*GRIDS[FIRST], south=-20, north=100), 10)
    bent = shapely.transform(bent, lambda xy: xy + np.column_stack([np.sin(xy[:, 1]), np.sin(xy[:, 0])]))
    results = with_layer(results, grids=frame([(FIRST, bent)], "name"))
    dense = replace(results, buildings=table)
    page = page_of(dense, FIRST, replace(TOLD, outstanding=None))
    assert 300_000 < len(page.encode()) < MOST_BYTES
    line = re.search(r'class="grid" d="([^"]+)"', page)[1]
    assert line == re.search(r'class="grid" d="([^"]+)"', page_of(results, FIRST))[1]
    assert page.count('<a href="#b') == 2_600


# --- tasks -----------------------------------------------------------------------------------------


def test_tasks_follow_the_procedure(results):
    told = [(t.kind, t.place, t.due, t.note) for t in tasks_of(grid_of(results, FIRST, FORMS), TOLD)]
    begins, out, ends = date(2026, 12, 1), date(2026, 12, 6), date(2026, 12, 16)
    assert told == [
        ("site", "乙院", begins, ""),
        ("site", "甲院", begins, ""),
        ("post", "乙院", begins, ""),
        ("post", "甲院", begins, ""),
        ("hand_out", "乙院", out, ""),
        ("hand_out", "甲院", out, ""),
        ("collect", "乙院", ends, ""),
        ("collect", "甲院", ends, "未收回9份，另有1栋少于3份"),
        ("objection", "PMA-001", ends, ""),
        ("inspect", "PMA-001", None, ""),
    ]


def test_an_area_that_is_kept_has_no_procedure(results):
    kept = replace(results, areas=results.areas.assign(kind="fixed").astype({"kind": "str"}))
    assert {task.kind for task in tasks_of(grid_of(kept, THIRD), TOLD)} == {"site"}
    assert "维持现状，不调整" in words_of(kept, THIRD, replace(TOLD, states={}))


@pytest.mark.parametrize(
    ("status", "outcome", "note"),
    [("estimated", "grouped", "现登记60户，是估算数"), ("unknown", "held", "户数待核")],
)
def test_counts_that_are_not_verified_are_to_be_checked(results, status, outcome, note):
    open_ = changed(results, "C002", count_status=status, outcome=outcome)
    tasks = tasks_of(grid_of(open_, FIRST), TOLD)
    assert [(t.place, t.note) for t in tasks if t.kind == "count"] == [("乙院", note)]


def test_an_excluded_community_has_no_tasks(results):
    out = changed(results, "C007", outcome="excluded")
    assert tasks_of(grid_of(out, FAR), TOLD) == ()
    assert "本网格眼下没有任务。" in words_of(out, FAR)


def test_each_area_has_its_own_days(results):
    own = Dates(date(2026, 12, 20), date(2027, 1, 4), date(2027, 1, 10), date(2027, 1, 17))
    told = replace(TOLD, dates={"PMA-002": own})
    tasks = {(t.kind, t.place): (t.due, t.suggested) for t in tasks_of(grid_of(results, THIRD), told)}
    assert tasks["collect", "丁院"] == (date(2027, 1, 4), False)
    assert tasks["objection", "PMA-002"] == (date(2027, 1, 17), False)
    assert tasks["collect", "丙院"] == (None, False)
    words = words_of(results, THIRD, told)
    assert "2027年1月17日前" in words
    assert "日期由街道定" in words
    assert "划定决定公布以后" in words
    assert "日期按建议期限推算" not in words
    assert "日期按建议期限推算，以街道公告为准。" in words_of(results, THIRD)


# --- pictures and papers ---------------------------------------------------------------------------


def test_the_picture_is_as_wide_as_a_phone_wants(results):
    with Image.open(io.BytesIO(made(grid_card, results, FIRST))) as picture:
        assert picture.width == WIDE_DOTS
        assert picture.height > WIDE_DOTS
        plain = picture.height
        colours = {colour for _, colour in picture.convert("RGB").getcolors(picture.width * picture.height)}
    assert {"#c8102e", "#8d8578", "#111111", GRID_INK} <= {f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colours}
    linked = replace(TOLD, address="https://zt.example.cn/wangge/")
    with Image.open(io.BytesIO(made(grid_card, results, FIRST, linked))) as picture:
        assert picture.height > plain + 200, "room for the code"


def test_the_sheet_has_every_task_to_tick_and_the_units(results):
    text = "".join(pdf_text(made(grid_sheet, results, FIRST).content).split())
    assert "第1网格工作单" in text
    assert text.count("□") == 10
    assert "□未收回9份，另有1栋少于3份" in text
    assert "区消防救援支队023-49112233、区公安局(桂溪派出所)" in text
    assert "石桥社区物业专干" in text
    assert "扫码打开手机页面" not in text
    linked = replace(TOLD, address="https://zt.example.cn/wangge")
    assert "扫码打开手机页面" in pdf_text(made(grid_sheet, results, FIRST, linked).content)


def test_days_are_told_with_the_year_only_where_it_is_another(results):
    assert near_day(date(2026, 12, 16), DAY) == "12月16日"
    assert near_day(date(2027, 1, 4), DAY) == "2027年1月4日"
    assert "12月16日前" in words_of(results, THIRD)
    assert "2026年12月16日" not in words_of(results, THIRD)
    text = "".join(pdf_text(made(grid_sheet, results, THIRD).content).split())
    assert "收回意见表12月16日前" in text


def test_suggested_days_say_what_they_rest_on(results):
    begun = words_of(results, THIRD)
    assert "日期按建议期限推算，以街道公告为准。" in begun
    before = words_of(results, THIRD, replace(TOLD, states={}))
    assert "还没有开始征求意见：日期先按12月1日开始推算，以街道公告为准。" in before


def test_a_community_whose_name_finds_no_room_has_a_number_and_stands_in_a_list(results):
    long = "永川区人民路与胜利路交叉口原机械厂第二生活区职工宿舍{}号院"
    narrow = results.communities.assign(
        name=[long.format(number) for number in range(len(results.communities))]
    ).astype({"name": "str"})
    crowded = replace(results, communities=narrow)
    scene = scene_of(Backdrop.of(crowded), grid_of(crowded, FIRST))
    box = (0.0, 0.0, 26.0, 20.0)
    ink, numbered = still_map(scene, box), numbered_names(scene, box)
    assert sorted(numbered) == [long.format(0), long.format(1)]
    assert {"1", "2"} <= {one.text for one in ink if isinstance(one, Letter)}
    assert numbered_words(numbered) == f"图上数字：1 {numbered[0]}、2 {numbered[1]}"
    assert numbered_words(()) == ""


def test_an_area_in_other_grids_is_told_in_as_many_lines_as_it_needs(results):
    with Image.open(io.BytesIO(made(grid_card, results, FAR))) as picture:
        plain = picture.height
    with Image.open(io.BytesIO(made(grid_card, results, FIRST))) as picture:
        assert picture.height > plain + 100
    assert "…" not in "".join(item[2] for item in _areas(Backdrop.of(results), grid_of(results, FIRST)))


def test_an_area_called_by_its_one_community_has_its_name_on_the_map_once(results):
    grid = grid_of(results, FIRST)
    first = grid.areas[0].area_id
    for called in ("新村片区", grid.places[0].facts["name"]):
        areas = results.areas.assign(name=results.areas["name"].where(results.areas.index != first, called))
        names = scene_of(Backdrop.of(replace(results, areas=areas)), grid).names
        assert [name.text for name in names if name.kind in ("area", "community")].count(called) == 1


def test_the_still_map_draws_every_shape_of_the_scene(backdrop, results):
    scene = scene_of(backdrop, grid_of(results, FIRST))
    box = (0.0, 0.0, 80.0, 60.0)
    ink = still_map(scene, box)
    assert numbered_names(scene, box) == ()
    edges = [one.look.edge for one in ink if isinstance(one, Mark)]
    assert edges.count(GRID_INK) == 1
    assert edges.count("#c8102e") == 1, "the fire lane"
    assert edges.count("#7a5c3e") == len([thing for thing in scene.things if thing.kind == "fence"])
    grid = next(one.shape for one in ink if isinstance(one, Mark) and one.look.edge == GRID_INK)
    assert shapely.box(*box).contains(grid)
    assert {"甲院", "乙院"} <= {one.text for one in ink if isinstance(one, Letter)}


@pytest.mark.parametrize(
    "given", ["zt.example.cn", "javascript:alert(1)", "http://a b", 'https://x"y', "file:///x"]
)
def test_an_address_that_no_phone_opens_is_refused(given):
    with pytest.raises(DataError) as error:
        replace(TOLD, address=given)
    assert error.value.code == "gridpages.address"
    assert given in str(error.value)


def test_pages_speak_the_language_that_is_spoken(results):
    with speaking("en"):
        told = Told(DAY, dates={"": CONSULTED})
        words = words_of(results, THIRD, told)
        assert "40 of 180 households in this grid; the others in 第1网格 (70), 第2网格 (70)" in words
        assert not re.search("任务|未收回|户数|区域|找谁|图例", words.replace(results.title, ""))


def test_counts_of_the_town_add_up(results):
    assert sum(grid.here for grid in grids_of(results)) == sum(COUNTS.values())
