"""A version packed: which papers when, nothing personal in any file, no name read as anything else, the same bytes every time."""

import io
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime

import geopandas as gpd
import numpy as np
import pytest
import shapely
from docx import Document
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader
from typer.testing import CliRunner

from geo.schema import DataError
from geo.wording import say, speaking
from jobs import cli
from jobs.cases import cases_of, frozen_version
from jobs.citing import unconfirmed
from jobs.consulting import new_forms
from jobs.district import plan_district
from jobs.issuing import Job, Press, is_due, pages_of
from jobs.packaging import package, refuse_unconfirmed, shared_work
from jobs.projects import project_of
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from report.documents import DOCUMENTS
from report.package import Piece
from report.reopening import read_results
from report.results import write_results
from store.edits import Rename, SetBounds
from store.office import Confirmation
from store.opinions import Answer, Change, Person, Theme
from store.proceedings import STATES, courses
from store.project import open_project
from tests.ledgers import square

CRS = "EPSG:4544"
FORMULA, SCRIPT, TEMPLATE = '=HYPERLINK("x")', "<b>甲</b><script>alert(1)</script>", "{{7*7}}#let x = 1;$y$"
NAME, PHONE, IDENTITY = "欧阳测试", "13800138000", "11010519491231002X"
SECRETS = (NAME, PHONE, IDENTITY)
WHO = "李科长"
TODAY = datetime.now().astimezone().date().isoformat()  # a version is frozen by the clock
"""Three areas: two compounds of which one name is a formula, a point beside an outline, and one by itself."""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A project whose ledger and opinions are full of people, its plan frozen, the first area consulted on."""
    folder = tmp_path_factory.mktemp("office")
    rows = [
        ("甲", FORMULA, 60, square(0, 0)),
        ("乙", SCRIPT, 55, square(60, 0)),
        ("丙", TEMPLATE, 70, square(1000, 0)),
        ("丁", "点位院", 65, shapely.Point(587_100 + 1000, 3_248_020)),
        ("戊", "独院", 150, square(2000, 0)),
    ]
    table = gpd.GeoDataFrame(
        [
            {"编号": i, "小区名称": name, "户数": str(n), "联系人": NAME, "电话": PHONE, "身份证": IDENTITY,
             "备注": f"联系 {PHONE}" if i == "甲" else "", "geometry": shape}
            for i, name, n, shape in rows
        ],
        crs=CRS,
    )  # fmt: skip
    table.to_file(folder / "小区.gpkg")
    write_results(plan_district(Request(FileLayer(folder / "小区.gpkg"))), folder / "plan")
    path = project_of(folder / "plan", folder / "shelf")
    with open_project(path) as project:
        town = reopened(read_results(folder / "plan"))
        graph, rules = town.graph, town.rules
        revision = project.append(1, Rename("PMA-001", "胜利路片区"), 1, WHO, graph=graph)
        revision = project.append(1, SetBounds("PMA-001", east="东门外大街"), revision, WHO, graph=graph)
        caveats = read_results(folder / "plan").summary["caveats"]
        project.freeze(
            1, "第一版", revision, WHO, graph=graph, rules=rules, caveats=caveats, confirmed=caveats
        )
        consult(project, read_results(folder / "plan"))
    return path


def consult(project, results):
    """Confirm all there is to confirm, ask the owners of the first area, and take two answers."""
    office = project.office()
    left = unconfirmed(project.versions()[0].rules_text, office)
    confirmed = {one.key: Confirmation(one.text, "法制科", "2026-11-01") for one in left}
    project.set_office(
        replace(
            office,
            name="永川区中山路街道办事处",
            number_pattern="中街办〔{year}〕{number}号",
            confirmed=confirmed,
        ),
        WHO,
        expected=office,
    )
    known = courses(project.proceedings())
    course = known[1, "PMA-001"]
    told = {"on": TODAY, "reason": "", "who": WHO, "expected": course.last, "paper": 17}
    project.proceed(1, ["PMA-001"], "consulting", **told)
    made = new_forms(results, course, ("甲", "乙"), ())
    forms = (made[0], made[1], made[-1])  # two of 乙, one of 甲
    project.prepare_forms(forms, WHO)
    told = f"我叫{NAME},身份证{IDENTITY}"
    people = [Person(room=f"{n}-1 {PHONE}", signer=f"{NAME}{n}", handler=NAME, words=told) for n in range(2)]
    answer = Answer("disagree", TODAY, themes=("费用",))
    answered = [replace(form, sent_on=TODAY, answers=(answer,)) for form in forms[:2]]
    project.put_forms([Change(*one) for one in zip(forms, answered, people, strict=False)], WHO)
    project.put_theme(Theme(1, "PMA-001", "费用", "按面积分摊"), WHO, was="费用")


@pytest.fixture(scope="module")
def draft(shelf, tmp_path_factory):
    """The package as a draft, and what was said on the way."""
    folder, steps = tmp_path_factory.mktemp("draft") / "out", []
    with open_project(shelf) as project:
        packed = package(project, 1, folder, draft=True, progress=steps.append)
    return folder, packed, steps


def members(folder, name):
    with zipfile.ZipFile(folder / name) as file:
        return {entry: file.read(entry) for entry in file.namelist()}


@pytest.fixture(scope="module")
def drafted(draft):
    """Every file of both zips of the draft."""
    return members(draft[0], "public.zip"), members(draft[0], "internal.zip")


def text_of(name, content):
    """Return all that a file says to whoever opens it, and all it holds in its parts."""
    if name.endswith((".xlsx", ".docx")):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            held = "\n".join(parts.read(part).decode("utf-8", "replace") for part in parts.namelist())
        return held + "\n" + re.sub(r"<[^>]+>", "", held)
    if name.endswith(".pdf"):
        reader = PdfReader(io.BytesIO(content))
        told = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
        return told + str(reader.metadata)
    if name.endswith(".png"):
        return content.decode("latin-1")
    return content.decode("utf-8", "replace") + content.decode("gb18030", "replace")


# --- which files -----------------------------------------------------------------------------------


def test_a_draft_has_every_paper_and_the_public_ones_lie_apart(drafted):
    public, internal = drafted
    both = {
        f"{paper}.{ending}" for paper in ("D2", "D3", "D7", "D8", "leaflet") for ending in ("pdf", "docx")
    }
    here = {name.partition("/")[2] for name in public if name.startswith("area-1/")}
    assert here == both | {"D11.pdf", "D11.docx", "D11.png", "D11-A3.pdf", "D11-A3.png"}
    inside = {name.partition("/")[2] for name in internal if name.startswith("area-1/")}
    papers = {f"{paper}.{ending}" for paper in ("D4", "D5", "D9", "D10", "D13") for ending in ("pdf", "docx")}
    drawings = {f"{name}{size}.pdf" for name in ("D11-corners", "D13-drawing") for size in ("", "-A3")}
    drawings |= {"D13-drawing.png"}
    assert inside == papers | drawings | {"D3.xlsx", "D4.xlsx", "D5.xlsx"}
    assert {"plan/D1.pdf", "plan/D1.docx", "plan/D6.pdf", "plan/D6.docx"} <= set(internal)
    assert {"boundary/boundary.gpkg", "boundary/shapefile/boundary.shp"} <= set(internal)
    assert not any(name.startswith("boundary") for name in public)


def test_drawings_are_there_on_both_sizes_of_paper_and_as_a_picture_of_300_dots_an_inch(drafted):
    public, internal = drafted
    for held, name in ((public, "D11"), (internal, "D11-corners"), (internal, "D13-drawing")):
        boxes = [
            PdfReader(io.BytesIO(held[f"area-1/{name}{size}.pdf"])).pages[0].mediabox for size in ("", "-A3")
        ]
        sides = [sorted(round(float(side) * 25.4 / 72) for side in (box.width, box.height)) for box in boxes]
        assert sides == [[210, 297], [297, 420]]
    for size, dots in (("", [2480, 3507]), ("-A3", [3507, 4960])):
        picture = Image.open(io.BytesIO(public[f"area-1/D11{size}.png"]))
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert sorted(picture.size) == dots


def test_the_four_bounds_drawing_is_there_to_be_edited_with_its_words_as_words(drafted):
    document = Document(io.BytesIO(drafted[0]["area-1/D11.docx"]))
    assert document.paragraphs[0].text == "胜利路片区物业管理区域四至图"
    told = {
        cell.text: row.cells[n + 1].text
        for row in document.tables[0].rows
        for n, cell in enumerate(row.cells[:-1])
    }
    assert told["四至"].startswith("东至东门外大街，南至")
    assert told["坐标系"] == "2000国家大地坐标系（CGCS2000），高斯-克吕格3°带，中央子午线105°"
    assert {"制图", "校核", "审定", "审图号"} <= set(told)
    notes = [line.text for line in document.paragraphs if line.text[:1].isdigit()]
    assert notes[0] == "1. 示意图，以现场和备案材料为准。"
    assert notes[-1].endswith("图为缩印，量距以图上的线段比例尺为准。")
    shown = [(shape.width.mm, shape.height.mm) for shape in document.inline_shapes]
    sizes = [Image.open(io.BytesIO(part.blob)).size for part in document.part.package.image_parts]
    assert len(sizes) == len(shown) == 2
    for (wide, _), (dots, _) in zip(shown, sizes, strict=True):
        assert dots / wide * 25.4 >= 299


def test_an_area_with_a_point_is_a_sketch_without_filing(drafted):
    public, internal = drafted
    names = {"pdf", "docx", "png"}
    assert {f"area-2/sketch.{ending}" for ending in names} | {
        "area-2/sketch-A3.pdf",
        "area-2/sketch-A3.png",
    } <= set(public)
    assert not {name for name in (*public, *internal) if re.search(r"area-2/(D9|D11)", name)}
    told = json.loads(internal["boundary/boundary-wgs84.geojson"])
    assert [one["id"] for one in told["features"]] == ["PMA-001", "PMA-003"]
    rows = lines(internal["contents.xlsx"])
    notes = {row[2]: row[5] for row in rows if row[5]}
    assert (
        notes["四至图"] == notes["物业管理区域备案表"] == "有小区只有点位、没有轮廓，边界待测绘，不出此件。"
    )
    assert notes["界线数据"].startswith("1 个区域只有点位、边界待测绘，不在其中：")


def test_an_area_without_any_place_has_its_papers_and_no_drawing(shelf):
    with open_project(shelf) as project:
        frozen = frozen_version(project, 1)
    table = frozen.results.communities
    nowhere = table.set_geometry(table.geometry.where(table.index != "戊", None), crs=table.crs)
    lost = replace(frozen, results=replace(frozen.results, communities=nowhere))
    press, jobs = shared_work(lost, cases_of(lost, draft=True))
    parts = press(jobs[2])
    made = {part.name.partition("/")[2] for part in parts if isinstance(part, Piece)}
    assert {"D2.pdf", "D13.docx"} <= made
    assert not {name for name in made if name.startswith(("D11", "D9", "sketch", "D13-"))}
    notes = {part.document: part.note for part in parts if not isinstance(part, Piece)}
    assert notes["四至图"] == "小区都没有位置，不能出图；请补上轮廓或坐标。"


def test_where_no_forms_were_made_the_list_says_how_to_get_the_workbooks(drafted):
    notes = {(row[1], row[2]): row[5] for row in lines(drafted[1]["contents.xlsx"])}
    for paper in ("业主意见表", "意见表发放回收台账", "业主意见汇总表"):
        told = {
            note for (area, own), note in notes.items() if own == paper and area != "胜利路片区物业管理区域"
        }
        assert told == {"还没有编制意见表，此件只有 PDF 和 Word，没有 Excel 表格；请先在“征求意见”页编制。"}
        assert notes["胜利路片区物业管理区域", paper] is None
    gaps = json.loads(drafted[1]["manifest.json"])["absent"]
    assert {gap["document"] for gap in gaps if "意见表，此件只有" in gap["note"]} == {
        "业主意见表",
        "意见表发放回收台账",
        "业主意见汇总表",
    }


def lines(content):
    rows = [list(row[:6]) for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]
    return rows[next(n for n, row in enumerate(rows) if row[0] == "序号") + 1 :]


def test_the_contents_lists_name_every_file_and_its_pages(drafted):
    for held in drafted:
        listed = [name for row in lines(held["contents.xlsx"]) for name in (row[4] or "").split("、") if name]
        assert sorted([*listed, "contents.xlsx", "manifest.json", "rules.toml"]) == sorted(held)
        pages = {row[4].split("、")[0]: row[3] for row in lines(held["contents.xlsx"]) if row[3]}
        for name, number in pages.items():
            assert len(PdfReader(io.BytesIO(held[name])).pages) == number
    assert pages_of(b"PK") is None


def test_titles_carry_the_name_of_the_place_and_never_its_number(drafted):
    public, _ = drafted
    for name in (n for n in public if n.endswith(".pdf") and n.startswith("area-1/")):
        text = text_of(name, public[name])
        assert "PMA-" not in text, name
        if name.endswith("D2.pdf"):
            assert f"中街办〔{TODAY[:4]}〕17号" in text
        if "leaflet" not in name and "D3" not in name:
            assert "胜利路片区物业管理区域" in text, name


def test_a_draft_is_marked_on_every_page_and_what_is_left_blank_is_told(draft, drafted):
    public, _ = drafted
    for page in PdfReader(io.BytesIO(public["area-1/D2.pdf"])).pages:
        assert "征求意见稿" in page.extract_text()
    packed = draft[1]
    assert (packed.areas, packed.draft) == (3, True)
    assert packed.lines()[0] == "已编印 3 个区域的征求意见稿，不得张贴、不得报送。"
    assert "联系电话" in packed.lines()[1]
    assert "街道办事处（镇政府）全称" not in packed.lines()[1]


def test_what_a_clerk_wrote_as_a_bound_stands_in_papers_drawings_and_data(drafted):
    public, internal = drafted
    for name in ("D2.pdf", "D2.docx", "D11.pdf"):
        assert "东门外大街" in text_of(name, public[f"area-1/{name}"]), name
    told = json.loads(internal["boundary/boundary-wgs84.geojson"])["features"][0]["properties"]
    assert told["east"] == "东门外大街"
    assert told["name"] == "胜利路片区物业管理区域"


def test_a_drawing_says_of_which_version_it_is_and_when_its_data_were_read(shelf, drafted):
    with open_project(shelf) as project:
        read = datetime.fromisoformat(project.bases()[0].at).astimezone()
        version = project.versions()[0]
    for name, held in (("D11.pdf", drafted[0]), ("D11-corners-A3.pdf", drafted[1])):
        text = bare(text_of(name, held[f"area-1/{name}"]))
        assert f"数据日期{read.year}年{read.month}月{read.day}日读入" in text
        assert f"方案版本第1版-{version.sha256[:8]}" in text
        assert all(field in text for field in ("制图", "校核", "审定", "审图号", "2000国家大地坐标系"))


def test_progress_counts_the_areas(draft):
    told = [step.pieces for step in draft[2] if step.stage == "papers"]
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert [step.stage for step in draft[2] if step.stage != "papers"] == ["read", "write"]


def test_the_same_version_gives_the_same_bytes_whoever_makes_an_area_and_when(shelf, drafted):
    """Another process gets press and job as these do: through pickle."""
    with open_project(shelf) as project:
        frozen = frozen_version(project, 1)
    press, jobs = pickle.loads(pickle.dumps(shared_work(frozen, cases_of(frozen, draft=True))))
    assert press.names["甲"] == FORMULA
    made = {part.name: part.content for part in press(jobs[1]) if isinstance(part, Piece)}
    public, internal = drafted
    assert made == {name: held for name, held in (public | internal).items() if name.startswith("area-2/")}


def test_papers_are_in_chinese_whatever_language_the_desk_speaks(shelf, drafted, tmp_path):
    with open_project(shelf) as project, speaking("en"):
        package(project, 1, tmp_path / "out", draft=True)
    for name, held in zip(("public.zip", "internal.zip"), drafted, strict=True):
        assert members(tmp_path / "out", name) == held


# --- names and people ------------------------------------------------------------------------------


def test_nothing_personal_is_in_any_file(drafted):
    for held in drafted:
        for name, content in held.items():
            text = text_of(name, content)
            assert not [secret for secret in SECRETS if secret in text], name


def test_no_public_file_has_a_coordinate(drafted):
    public, internal = drafted
    place = re.compile(r"\d{6,8}\.\d{2}|10[56]\.\d{4}")
    assert place.search(text_of(".pdf", internal["area-1/D11-corners.pdf"]))
    for name, content in public.items():
        if not name.endswith((".png", ".json")):
            assert not place.search(text_of(name, content)), name


def test_names_of_communities_are_literal_in_every_file(drafted):
    public, internal = drafted
    for ending in ("pdf", "docx"):
        for hostile in (FORMULA, SCRIPT):
            text = text_of(f".{ending}", public[f"area-1/D2.{ending}"])
            assert bare(hostile) in bare(text), (hostile, ending)
        assert bare(TEMPLATE) in bare(text_of(f".{ending}", public[f"area-2/D2.{ending}"]))
    book = load_workbook(io.BytesIO(internal["area-1/D4.xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if str(cell.value).startswith("=")} == {"s"}
    assert SCRIPT in json.loads(json.dumps([cell.value for cell in cells]))


def bare(text):
    """Return text without blanks and breaks, with the signs that XML writes otherwise as they are read."""
    for coded, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(coded, sign)
    return re.sub(r"\s", "", text)


# --- when they may leave the office ----------------------------------------------------------------


def test_public_papers_are_refused_until_everything_is_confirmed(shelf, tmp_path):
    with open_project(shelf) as project:
        office = project.office()
        project.set_office(replace(office, confirmed={}), WHO, expected=office)
        try:
            with pytest.raises(
                DataError,
                match=r"^以下 3 项依据和期限还没有核定，不能出公开文书：《重庆市物业管理条例》第八条第一款、第九条、第十一条；"
                r"征求意见期限 15 天；公示期限 7 天。请在工作台“设置”页由有关岗位逐项确认，或加 --draft 出征求意见稿。$",
            ):
                package(project, 1, tmp_path / "out")
        finally:
            project.set_office(office, WHO, expected=project.office())
    assert list(tmp_path.iterdir()) == []


def test_final_papers_are_those_that_are_due_and_the_rest_is_noted(shelf):
    with open_project(shelf) as project:
        frozen = frozen_version(project, 1)
    refuse_unconfirmed(frozen)  # all is confirmed
    press, jobs = shared_work(frozen, cases_of(frozen, draft=False))
    consulted = press(jobs[0])
    made = {part.name.partition("/")[2]: part for part in consulted if isinstance(part, Piece)}
    assert {"D2.pdf", "D5.pdf", "D11.pdf"} <= set(made)  # consulted on: what came of it is next
    assert not {f"{key}.pdf" for key in ("D7", "D8", "D9", "D13", "leaflet")} & set(made)
    notes = {part.document: part.note for part in consulted if not isinstance(part, Piece)}
    assert notes["拟划定公示"] == "该区域现为“征求意见”，尚未到出此件的步骤。"
    assert notes["业主明白纸"] == "还有问题待街道办答复，不对外发放。"
    for name in ("D2.pdf", "D11.pdf"):
        assert "征求意见稿" not in text_of(name, made[name].content)


@pytest.mark.parametrize(
    ("kept", "state", "note"),
    [
        (True, "frozen", "维持现状，不需办理。"),
        (False, "shelved", "该区域现为“搁置”，不出文书。"),
        (False, "superseded", "该区域现为“已调整”，不出文书。"),
    ],
)
def test_an_area_that_is_not_under_way_has_no_papers_and_both_lists_say_why(shelf, kept, state, note):
    with open_project(shelf) as project:
        frozen = frozen_version(project, 1)
    case = cases_of(frozen, draft=True)[0]
    told = Press(None, {})(Job(case, (), "area-1", state, kept=kept))
    assert [(part.public, part.note) for part in told] == [(True, note), (False, note)]


@pytest.mark.parametrize(
    ("state", "due"),
    [
        ("frozen", {"D2", "D3", "D4", "leaflet"}),
        ("consulting", {"D2", "D3", "D4", "leaflet", "D5"}),
        ("notice", {"D2", "D3", "D4", "leaflet", "D5", "D7", "D8", "D13"}),
        ("filed", set(DOCUMENTS)),
    ],
)
def test_a_paper_is_due_one_step_before_it_is_needed(state, due):
    assert {key for key, document in DOCUMENTS.items() if is_due(document, state)} == due
    assert state in STATES


# --- what the papers are made of -------------------------------------------------------------------


def test_a_case_gathers_what_the_project_keeps(shelf):
    with open_project(shelf) as project:
        frozen = frozen_version(project, 1)
    one, two, three = cases_of(frozen, draft=False)
    assert [case.area.name for case in (one, three)] == ["胜利路片区", frozen.names["PMA-003"]]
    assert [member.name for member in one.area.members] == [SCRIPT, FORMULA]
    assert (one.area.count, one.area.minimum, one.area.sketch, two.area.sketch) == (115, 100, False, True)
    assert one.area.site_area_m2 == pytest.approx(3200)
    assert two.area.site_area_m2 is None
    assert one.consult.begins == date.fromisoformat(TODAY)
    assert three.consult.begins is None
    assert (one.area.changes, three.area.changes) == ("", None)
    assert (one.numbers, three.numbers) == ({"D2": "17"}, {})
    assert one.tally.total.disagree.forms == 2
    assert [theme.reply for theme in one.tally.themes] == ["按面积分摊"]
    assert three.tally is None
    assert sorted((row.form_no[-4:], row.returned_on) for row in one.forms) == [
        ("0001", TODAY), ("0002", TODAY), ("0115", ""),
    ]  # fmt: skip
    assert one.version.sha256 == frozen.version.sha256
    assert all(citation.confirmed for citation in one.citations)


def test_the_data_of_a_package_are_in_places_as_the_plan_has_them(drafted):
    told = json.loads(drafted[1]["boundary/boundary-wgs84.geojson"])["features"][0]
    shape = gpd.GeoSeries([shapely.geometry.shape(told["geometry"])], crs="EPSG:4326").to_crs(CRS).iloc[0]
    assert np.allclose(shape.area, 3200, atol=0.1)


# --- killed ----------------------------------------------------------------------------------------

DESK = """
import os, signal, sys, threading
from pathlib import Path
from ui.runs import Packing, Run, Runs

def hear(self, news):
    if (news.get("pieces") or (0,))[0]:
        os.kill(os.getpid(), signal.SIGKILL)

Run._hear = hear
Runs().start(Packing(Path(sys.argv[1]), 1, draft=True), Path(sys.argv[2]), key="package")
threading.Event().wait()
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of other systems")
def test_a_desk_killed_while_it_packs_leaves_nothing_behind(shelf, tmp_path):
    """The process that packs ends with the desk: it has the same stderr, and that is read to its end."""
    folder = tmp_path / "packages" / "1-draft"
    ended = subprocess.run(
        [sys.executable, "-c", DESK, str(shelf), str(folder)],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (-signal.SIGKILL, "")
    assert list(folder.parent.iterdir()) == []


# --- the command line ------------------------------------------------------------------------------


def test_the_command_says_what_is_wrong_in_one_sentence(shelf, tmp_path, capsys):
    words = ["package", str(shelf), "--version", "4", "--out", str(tmp_path / "out")]
    assert cli.main(words) == 2
    assert "项目中没有第 4 版，已定稿的有：1。请用 --version 另给一个版本号。" in capsys.readouterr().err
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("x")
    assert cli.main([*words[:3], "1", *words[4:], "--draft"]) == 2
    assert "letter.txt" in capsys.readouterr().err


def test_the_command_is_documented():
    assert say("cli.package.draft") in re.sub(
        r"\s+", "", CliRunner().invoke(cli.app, ["package", "--help"]).output
    )
