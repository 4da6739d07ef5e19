"""What dropped files are taken for: by headings, by shapes, by name; one ledger at most."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, Point, box

from jobs.cli import SAMPLE
from jobs.roles import UNUSED, parts_of_files
from report.results import write_results
from report.survey import survey_sheet
from report.template import write_template
from report.workbooks import write_workbook
from tests import fakes

SQUARE, LINE, DOT = box(0, 0, 10, 10), LineString([(0, 0), (9, 9)]), Point(1, 1)


def table(folder: Path, name: str, *headings: str) -> Path:
    path = folder / name
    path.write_text(f"{','.join(headings)}\n{','.join(['1'] * len(headings))}\n", encoding="utf-8")
    return path


def layer(folder: Path, file: str, shape, columns: dict[str, str]) -> Path:
    path = folder / file
    gpd.GeoDataFrame({c: [v] for c, v in columns.items()}, geometry=[shape], crs="EPSG:4544").to_file(path)
    return path


def role(path: Path) -> str:
    (part,) = parts_of_files([path], ledger_there=False)
    assert part.problem == ""
    return part.role


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (("小区名称", "户数"), "communities"),
        (("随便", "什么"), "communities"),  # asked about later, not refused here
        (("a", "b", "kind", "reason"), "links"),
        (("编号甲", "编号乙", "关系"), "links"),
        (("community_id", "scope", "reason"), "scope"),
        (("编号", "名称", "地址", "户数", "组团范围"), "communities"),  # a ledger that says the scope too
        (("小区编号", "楼栋号", "层数", "户数"), "buildings"),
        (("小区名称", "楼栋号", "户数"), "communities"),  # a ledger building by building
    ],
)
def test_a_table_is_known_by_its_headings(tmp_path, headings, expected):
    assert role(table(tmp_path, "表.csv", *headings)) == expected


@pytest.mark.parametrize(
    ("name", "shape", "columns", "expected"),
    [
        ("网格.gpkg", SQUARE, {"name": "1"}, "grids"),
        ("社区界线.gpkg", SQUARE, {"name": "石桥"}, "committees"),
        ("派出所.gpkg", SQUARE, {"name": "甲所"}, "duties"),
        ("征收红线.gpkg", SQUARE, {"name": "一期"}, "clearance"),
        ("辖区范围.gpkg", SQUARE, {"name": "桂花街道"}, "boundary"),
        ("水系.gpkg", SQUARE, {"name": "溪"}, "barriers"),
        ("道路.gpkg", LINE, {"name": "路"}, "barriers"),
        ("网格.gpkg", LINE, {"name": "1"}, "barriers"),  # a line bounds, whatever it is called
        ("小区边界.gpkg", SQUARE, {"name": "甲院"}, "outlines"),
        ("小区边界.gpkg", SQUARE, {"name": "甲院", "户数": "60"}, "communities"),
        ("x.gpkg", SQUARE, {"层数": "6"}, "buildings"),
        ("x.gpkg", SQUARE, {"所属网格": "1"}, "grids"),
        ("x.gpkg", SQUARE, {"fid2": "1"}, "outlines"),
        ("x.gpkg", DOT, {"name": "甲院", "户数": "60"}, "communities"),
        ("大门.gpkg", DOT, {"name": "东门"}, "barriers"),
        ("x.gpkg", DOT, {"name": "厕所"}, "landmarks"),
        # a street office or a road in the name is no street
        ("中山路街道.gpkg", SQUARE, {"name": "甲院"}, "outlines"),
        ("中山路街道小区.gpkg", SQUARE, {"name": "甲院"}, "outlines"),
        ("和平路片区小区轮廓.gpkg", SQUARE, {"name": "甲院"}, "outlines"),
        ("中山路街道小区.gpkg", DOT, {"name": "甲院", "户数": "60"}, "communities"),
        ("中山路街道办事处水系.gpkg", SQUARE, {"name": "溪"}, "barriers"),
        ("中山路街道网格.gpkg", SQUARE, {"name": "1"}, "grids"),
    ],
)
def test_a_layer_is_known_by_shapes_name_and_headings(tmp_path, name, shape, columns, expected):
    assert role(layer(tmp_path, name, shape, columns)) == expected


def test_a_survey_sheet_comes_back_as_one(tmp_path):
    path = tmp_path / "补录.xlsx"
    sheet = survey_sheet(fakes.results())
    filled = sheet.table.copy()
    write_workbook(path, [type(sheet)(sheet.name, sheet.title, sheet.lines, filled, fill_in=sheet.fill_in)])
    assert role(path) == "survey"


def test_layers_of_one_file_have_roles_of_their_own():
    parts = parts_of_files([SAMPLE / "base.gpkg"], ledger_there=False)
    assert {part.layer: part.role for part in parts if part.role != "barriers"} == dict.fromkeys(
        ("landmarks", "facilities"), "landmarks"
    )
    assert parts[0].label == "base.gpkg[streets]"
    assert all(part.rows for part in parts)


def test_only_one_table_is_taken_for_the_ledger(tmp_path):
    paths = [table(tmp_path, name, "小区名称", "户数") for name in ("1.csv", "2.csv")]
    assert [p.role for p in parts_of_files(paths, ledger_there=False)] == ["communities", UNUSED]
    assert [p.role for p in parts_of_files(paths, ledger_there=True)] == [UNUSED, UNUSED]


def test_a_file_that_cannot_be_read_says_why_and_hinders_no_other(tmp_path):
    bad = tmp_path / "批复.pdf"
    bad.write_bytes(b"%PDF-1.7 x")
    first, second = parts_of_files([bad, table(tmp_path, "台账.csv", "小区名称", "户数")], ledger_there=False)
    assert (first.role, second.role) == (UNUSED, "communities")
    assert first.problem.startswith("批复.pdf")


def test_the_empty_ledger_is_a_ledger_once_it_is_filled_in(tmp_path):
    import openpyxl

    path = tmp_path / "空白台账.xlsx"
    write_template(path)
    book = openpyxl.load_workbook(path)
    sheet = book["小区台账"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "小区编号")
    for cell, value in zip(sheet[head[0].row + 1], ("A1", "甲院", "一路1号"), strict=False):
        cell.value = value
    book.save(path)
    (part,) = parts_of_files([path], ledger_there=False)
    assert (part.role, part.layer, part.rows, part.problem) == ("communities", None, 1, "")


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    """The written plan of a made-up town."""
    folder = tmp_path_factory.mktemp("plan") / "out"
    write_results(fakes.results(), folder)
    return folder / "plan.gpkg"


def test_a_plan_beside_a_ledger_is_the_one_in_use(plan, tmp_path):
    ledger = table(tmp_path, "台账.csv", "小区名称", "户数")
    for paths in ([plan, ledger], [ledger, plan]):
        used = [(part.label, part.role) for part in parts_of_files(paths, ledger_there=False) if part.role]
        assert sorted(used) == [("plan.gpkg[communities]", "existing"), ("台账.csv", "communities")]
    later = [part for part in parts_of_files([plan], ledger_there=True) if part.role]
    assert [(part.label, part.role) for part in later] == [("plan.gpkg[communities]", "existing")]


def test_a_plan_alone_is_planned_again_from_its_own_communities(plan):
    used = [(part.layer, part.role) for part in parts_of_files([plan], ledger_there=False) if part.role]
    assert used == [("communities", "communities")]


def test_a_table_of_communities_and_areas_is_a_plan_in_use(tmp_path):
    assert role(table(tmp_path, "现状.csv", "小区编号", "现有区域")) == "existing"
    assert (
        role(table(tmp_path, "台账.csv", "小区编号", "小区名称", "地址", "现有区域", "户数")) == "communities"
    )
