"""Every format offices deliver gives the same table; what was repaired or left out is said."""

import datetime as dt
import gzip
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyproj
import pytest
import shapely

from geo.reading import RawTable, layer_names, read_layer, read_ledger, read_table
from geo.schema import DataError
from tests.biff import write_xls

HEADINGS = ["编号", "小区名称", "户数"]
ROWS = [["007", "玉屏小区", "86"], ["008", "粮食局家属院", "约120"], ["009", "𠮷祥苑㶲楼", ""]]
GBK_ROWS = [*ROWS[:2], ["009", "吉祥苑", ""]]
OUTLINES = [shapely.box(i * 200.0, 0, i * 200.0 + 100, 80) for i in range(3)]
CGCS = "EPSG:4544"


def codes(raw: RawTable) -> list[str]:
    return [f.code for f in raw.findings]


def said(raw: RawTable, code: str) -> tuple[int | None, str, str]:
    (found,) = [f for f in raw.findings if f.code == code]
    return found.row, found.column, found.sentence("found")


def refusal(path: Path, **options: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read_table(path, **options)
    return caught.value


def csv_text(rows: list[list[str]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\r\n" for row in [HEADINGS, *rows])


def csv_file(folder: Path, text: str, *, name: str = "台账.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


Fill = Callable[["openpyxl.worksheet.worksheet.Worksheet"], None]


def book(folder: Path, fill: Fill, *, name: str = "台账.xlsx") -> Path:
    """A workbook of one sheet, filled by a function."""
    workbook = openpyxl.Workbook()
    fill(workbook.active)
    workbook.save(folder / name)
    return folder / name


# --- ledgers: the same table in every format ---------------------------------------------------------


def as_bytes(name: str, encoding: str, delimiter: str = ",", rows: list[list[str]] = ROWS):
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(csv_text(rows, delimiter).encode(encoding))
        return folder / name

    return write


def as_gzip(folder: Path) -> Path:
    (folder / "台账.csv.gz").write_bytes(gzip.compress(csv_text(ROWS).encode()))
    return folder / "台账.csv.gz"


def as_xlsx(folder: Path, name: str = "台账.xlsx") -> Path:
    def fill(sheet):
        for row in [HEADINGS, *ROWS]:
            sheet.append([int(c) if c == "86" else c or None for c in row])

    return book(folder, fill, name=name)


def as_xls(folder: Path) -> Path:
    write_xls(folder / "台账.xls", [HEADINGS, *([a, b, float(c) if c == "86" else c] for a, b, c in ROWS)])
    return folder / "台账.xls"


LEDGERS = {
    "utf8": as_bytes("台账.csv", "utf-8"),
    "utf8-sig": as_bytes("台账.csv", "utf-8-sig"),
    "gb18030": as_bytes("台账.csv", "gb18030"),
    "utf16": as_bytes("台账.csv", "utf-16"),
    "tabs": as_bytes("台账.txt", "utf-16", "\t"),
    "semicolons": as_bytes("台账.csv", "utf-8", ";"),
    "csv-named-xls": as_bytes("台账.xls", "gb18030", "\t"),
    "gzip": as_gzip,
    "xlsx": as_xlsx,
    "xlsx-named-xls": lambda folder: as_xlsx(folder, "台账.xls"),
    "xls": as_xls,
}


@pytest.fixture(params=LEDGERS.values(), ids=LEDGERS.keys())
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return request.param(tmp_path)


def test_every_ledger_format_gives_the_same_table(ledger: Path):
    raw = read_ledger(ledger)
    expected = pd.DataFrame(ROWS, index=pd.Index([2, 3, 4], name="row"), columns=HEADINGS, dtype="str")
    pd.testing.assert_frame_equal(raw.frame, expected)
    assert (raw.file, raw.geometry, raw.crs, raw.crs_declared, raw.findings) == (
        ledger.name,
        None,
        None,
        False,
        (),
    )


def test_a_ledger_is_found_by_its_content_and_has_one_table(ledger: Path):
    pd.testing.assert_frame_equal(read_table(ledger).frame, read_ledger(ledger).frame)
    assert len(layer_names(ledger)) == 1
    assert refusal(ledger, layer="附表").code == "reading.layer_missing"


def test_a_ledger_is_no_layer(ledger: Path):
    with pytest.raises(DataError, match="是台账表格，这里需要地图图层"):
        read_layer(ledger)


def test_reading_leaves_the_folder_as_it_was(ledger: Path):
    before = {p.name: p.read_bytes() for p in ledger.parent.iterdir()}
    read_ledger(ledger)
    assert {p.name: p.read_bytes() for p in ledger.parent.iterdir()} == before


# --- ledgers: what stands in a cell ------------------------------------------------------------------


def test_cells_are_read_as_people_see_them(tmp_path: Path):
    def fill(sheet):
        sheet.append(["编号", "面积", "日期", "时刻", "封闭", "地址", "空"])
        values = [
            "0086",
            1234.50,
            dt.date(2001, 5, 6),
            pd.Timestamp(2001, 5, 6, 7, 8),
            True,
            " 人民路\n1号\x7f ",
            None,
        ]
        sheet.append(values)

    raw = read_ledger(book(tmp_path, fill))
    cells = ["0086", "1234.5", "2001-05-06", "2001-05-06 07:08:00", "TRUE", "人民路 1号", ""]
    assert raw.frame.iloc[0].tolist() == cells


def test_a_number_too_long_for_a_spreadsheet_is_said(tmp_path: Path):
    def fill(sheet):
        sheet.append(["代码", "名称"])
        sheet.append([500118001001123456, "甲"])
        sheet.append([500118001001, "乙"])

    raw = read_ledger(book(tmp_path, fill))
    assert said(raw, "reading.long_number")[:2] == (2, "代码")
    assert raw.frame["代码"].iloc[1] == "500118001001"


def test_control_characters_and_marks_are_taken_out(tmp_path: Path):
    raw = read_ledger(csv_file(tmp_path, "\ufeff\ufeff名称,户数\n\u3000甲\x01小\ufeff区\xa0, 86 \n"))
    assert list(raw.frame.columns) == ["名称", "户数"]
    assert raw.frame.iloc[0].tolist() == ["甲小区", "86"]


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "{{7*191}}", "<script>alert(1)</script>", "${7*191}", "%s{0}{file}"]
)
def test_hostile_names_stay_text(tmp_path: Path, name: str):
    raw = read_ledger(csv_file(tmp_path, f"名称,户数\n{name},86\n"))
    assert raw.frame["名称"].tolist() == [name]


# --- ledgers: heads -----------------------------------------------------------------------------------


def two_level_ledger(sheet) -> None:
    """As offices make them: title over all, two-level head, committee merged down, a count merged down, sum and note."""
    sheet["A1"] = "××街道老旧小区台账"
    sheet.merge_cells("A1:G1")
    sheet["A2"], sheet["E2"] = "填报单位：××街道", "填报日期:2024年3月"
    for cell, text in {
        "A3": "社区",
        "B3": "小区名称",
        "C3": "楼栋号",
        "D3": "规模",
        "F3": "车位",
        "G3": "备注",
    }.items():
        sheet[cell] = text
    for cell, text in {"D4": "单元数", "E4": "户数", "F4": "户数"}.items():
        sheet[cell] = text
    for area in ("A3:A4", "B3:B4", "C3:C4", "D3:E3", "G3:G4"):
        sheet.merge_cells(area)
    rows = [
        ("东社区", "甲小区", "1", 2, 86, 3, ""),
        ("", "", "2", 2, "", 4, ""),
        ("", "乙小区", "1", 3, 40, 5, ""),
        ("合计", "", "", 7, 126, 12, ""),
    ]
    for i, row in enumerate(rows, 5):
        for j, value in enumerate(row, 1):
            if value != "":
                sheet.cell(i, j, value)
    for area in ("A5:A7", "B5:B6", "E5:E6", "A8:C8", "A10:G11"):
        sheet.merge_cells(area)
    sheet["A10"], sheet["A12"] = "注:户数以产权登记为准", "2024年"


def test_title_two_level_head_and_merged_cells(tmp_path: Path):
    raw = read_ledger(book(tmp_path, two_level_ledger))
    assert list(raw.frame.columns) == [
        "社区",
        "小区名称",
        "楼栋号",
        "单元数",
        "规模/户数",
        "车位/户数",
        "备注",
    ]
    assert raw.frame.index.tolist() == [5, 6, 7, 8, 10, 12]
    assert raw.frame["社区"].tolist() == [
        "东社区",
        "东社区",
        "东社区",
        "合计",
        "注:户数以产权登记为准",
        "2024年",
    ]
    assert raw.frame["小区名称"].tolist() == ["甲小区", "甲小区", "乙小区", "", "", ""]
    assert raw.frame["规模/户数"].tolist() == ["86", "", "40", "126", "", ""]
    assert said(raw, "reading.lines_above") == (3, "", "表头上方有 2 行标题或说明")
    assert said(raw, "reading.merged_number")[:2] == (5, "规模/户数")
    assert {(f.row, f.column) for f in raw.findings if f.code == "reading.merged_down"} == {
        (5, "社区"),
        (5, "小区名称"),
    }


def test_two_level_head_of_a_csv_whose_cells_were_once_merged(tmp_path: Path):
    text = "老旧小区台账,,,,\n序号,小区名称,规模,,备注\n,,栋数,户数,\n1,甲,2,86,\n2,乙,1,40,\n"
    raw = read_ledger(csv_file(tmp_path, text))
    assert list(raw.frame.columns) == ["序号", "小区名称", "栋数", "户数", "备注"]
    assert raw.frame.index.tolist() == [4, 5]


def test_a_merged_range_far_wider_than_the_table_does_not_hide_the_head(tmp_path: Path):
    def fill(sheet):
        sheet["A1"] = "台账"
        sheet.merge_cells("A1:Z1")
        for row in (["小区", "户数"], ["甲", 86]):
            sheet.append(row)

    assert list(read_ledger(book(tmp_path, fill)).frame.columns) == ["小区", "户数"]


def test_blank_lines_are_no_rows_and_a_repeated_head_is_left_out(tmp_path: Path):
    raw = read_ledger(csv_file(tmp_path, "\n小区,户数\n甲,86\n,\n小区,户数\n乙,40\n"))
    assert raw.frame.index.tolist() == [3, 6]
    assert said(raw, "reading.repeated_head")[0] == 5


def test_headings_without_name_or_twice(tmp_path: Path):
    raw = read_ledger(csv_file(tmp_path, "小区,户数,户数,,户数 (2)\n甲,86,87,x,1\n乙,1,2,,1\n"))
    assert list(raw.frame.columns) == ["小区", "户数", "户数 (3)", "第4列（无列名）", "户数 (2)"]
    assert said(raw, "reading.same_heading") == (1, "户数", "表头中有 2 列同名")
    assert said(raw, "reading.unnamed")[:2] == (2, "第4列（无列名）")


def test_cells_beyond_the_head_are_kept_and_said(tmp_path: Path):
    raw = read_ledger(csv_file(tmp_path, "小区,地址\n甲,人民路1号\n乙,人民路2号,3号\n"))
    assert raw.frame["第3列（无列名）"].tolist() == ["", "3号"]
    assert said(raw, "reading.unnamed")[0] == 3


def test_a_table_of_one_column(tmp_path: Path):
    assert read_ledger(csv_file(tmp_path, "小区\n甲\n乙\n")).frame["小区"].tolist() == ["甲", "乙"]


def test_a_hidden_column_of_blanks_without_heading_is_no_column(tmp_path: Path):
    assert list(read_ledger(csv_file(tmp_path, "小区,户数,,\n甲,86,,\n")).frame.columns) == ["小区", "户数"]


def test_line_breaks_inside_quotes_are_one_row(tmp_path: Path):
    raw = read_ledger(csv_file(tmp_path, '小区,地址\n甲,"人民路\n1号"\n乙,2号\n'))
    assert raw.frame["地址"].to_dict() == {2: "人民路 1号", 3: "2号"}


def test_quotes_out_of_order_are_read_and_said(tmp_path: Path):
    raw = read_ledger(csv_file(tmp_path, '小区,户数\n"甲"东院,86\n乙,40\n'))
    assert raw.frame["小区"].tolist() == ["甲东院", "乙"]
    assert said(raw, "reading.loose_quote")[0] == 2


# --- ledgers: sheets ----------------------------------------------------------------------------------


def sheets(folder: Path, tables: dict[str, list[list[object]]], *, hidden: tuple[str, ...] = ()) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in tables.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    workbook.save(folder / "台账.xlsx")
    return folder / "台账.xlsx"


TABLE = [["小区", "户数"], ["甲", 86]]


@pytest.mark.parametrize("other", [[], [["填表说明"]]], ids=["empty", "words"])
def test_the_only_sheet_with_a_table_is_taken(tmp_path: Path, other: list[list[object]]):
    raw = read_ledger(sheets(tmp_path, {"说明": other, "小区": TABLE}))
    assert (raw.file, raw.frame["户数"].tolist()) == ("台账.xlsx[小区]", ["86"])


def test_of_several_sheets_one_must_be_named(tmp_path: Path):
    path = sheets(tmp_path, {"东": TABLE, "西": TABLE, "空": []})
    assert str(refusal(path)) == "台账.xlsx 里有多张表或多个图层：东、西。请用 --layer 指定其中一个。"
    assert layer_names(path) == ["东", "西"]
    assert read_table(path, layer="西").file == "台账.xlsx[西]"
    assert str(refusal(path, layer="南")) == "台账.xlsx 里没有“南”。现有：东、西、空。请改正 --layer。"


def test_a_hidden_sheet_is_not_read_unless_named_and_this_is_said(tmp_path: Path):
    path = sheets(tmp_path, {"旧": TABLE, "新": TABLE}, hidden=("旧",))
    raw = read_ledger(path)
    assert raw.file == "台账.xlsx[新]"
    assert [(f.code, f.file) for f in raw.findings] == [("reading.hidden_sheet", "台账.xlsx[旧]")]
    assert codes(read_ledger(path, sheet="旧")) == []


# --- personal -----------------------------------------------------------------------------------------

IDENTITY = "11010519491231002X"  # the example of GB 11643-1999


@pytest.mark.parametrize(
    "heading",
    ["联系人", "联系电话", "物业 电话", "手机号码", "户主姓名", "网格员", "网格长（姓名）", "负责人", "身份证号", "楼栋长", "业主",
     "社区书记", "QQ", "contactPhone", "mobile", "tel", "Email"],
)  # fmt: skip
def test_personal_columns_are_left_out_and_said_without_their_content(tmp_path: Path, heading: str):
    raw = read_ledger(csv_file(tmp_path, f"小区,{heading},户数\n甲,张三丰,86\n乙,,40\n"))
    assert list(raw.frame.columns) == ["小区", "户数"]
    assert said(raw, "reading.personal_column") == (None, heading, "按列名，这一列是个人信息，共 1 格")
    assert "张三丰" not in repr(raw)


@pytest.mark.parametrize(
    "heading",
    ["联系地址", "业主人数", "业主大会", "物业公司", "物业服务人", "产权单位", "网格员数", "户数", "网格编号", "法人单位", "hotel",
     "bldg_contract_town", "total_dwelling_units", "主任办公面积", "楼栋号"],
)  # fmt: skip
def test_columns_that_only_sound_personal_stay(tmp_path: Path, heading: str):
    assert heading in read_ledger(csv_file(tmp_path, f"小区,{heading}\n甲,x\n")).frame.columns


@pytest.mark.parametrize(
    "content",
    [
        "找王某13800138000",
        "138-0013-8000",
        "+86 13800138000",
        "１３８００１３８０００",
        f"证{IDENTITY}",
        IDENTITY.lower(),
    ],
)
def test_cells_with_a_mobile_or_identity_number_are_emptied(tmp_path: Path, content: str):
    raw = read_ledger(csv_file(tmp_path, f"小区,备注\n甲,临街\n乙,无围墙\n丙,{content}\n"))
    assert raw.frame["备注"].tolist() == ["临街", "无围墙", ""]
    assert said(raw, "reading.personal_cells") == (4, "备注", "有 1 格含手机号或身份证号（这一行是第一处）")
    assert content not in repr(raw)


@pytest.mark.parametrize(
    "content",
    [
        "106.13800138000",
        "4220013800138000",
        "500118001001123456",
        "110105194912310021",
        "023-49851234",
        "11010519491331002X",
    ],
    ids=["fraction", "long id", "18-digit id", "wrong check digit", "landline", "no such date"],
)
def test_other_long_numbers_stay(tmp_path: Path, content: str):
    assert read_ledger(csv_file(tmp_path, f"小区,备注\n甲,{content}\n")).frame["备注"].tolist() == [content]


def test_a_column_of_mobile_numbers_under_a_plain_heading_goes_whole(tmp_path: Path):
    raw = read_ledger(csv_file(tmp_path, "小区,其他\n甲,13800138000\n乙,13800138001\n丙,李四\n"))
    assert list(raw.frame.columns) == ["小区"]
    assert codes(raw) == ["reading.personal_content"]


def test_personal_columns_of_layers_are_left_out_too(tmp_path: Path):
    frame = gpd.GeoDataFrame({"name": ["甲"], "电话": ["13800138000"]}, geometry=OUTLINES[:1], crs=CGCS)
    frame.to_file(tmp_path / "a.gpkg")
    raw = read_layer(tmp_path / "a.gpkg")
    assert (list(raw.frame.columns), codes(raw)) == (["name"], ["reading.personal_column"])


# --- layers: the same features in every format --------------------------------------------------------


def layer_frame(rows: list[list[str]] = ROWS) -> gpd.GeoDataFrame:
    columns = dict(zip(HEADINGS, zip(*rows, strict=True), strict=True))
    return gpd.GeoDataFrame({h: list(c) for h, c in columns.items()}, geometry=OUTLINES, crs=CGCS)


def shapefile(folder: Path, *, encoding: str, rows: list[list[str]], cpg: bool, upper: bool = False) -> Path:
    """A shapefile beside its parts; without .cpg its language byte says nothing either."""
    folder.mkdir(exist_ok=True)
    layer_frame(rows).rename(columns={"小区名称": "名称"}).to_file(folder / "小区.shp", encoding=encoding)
    if not cpg:
        (folder / "小区.cpg").unlink()
        table = bytearray((folder / "小区.dbf").read_bytes())
        table[29] = 0
        (folder / "小区.dbf").write_bytes(table)
    if upper:
        for part in list(folder.iterdir()):
            part.rename(part.with_suffix(part.suffix.upper()))
    return folder / ("小区.SHP" if upper else "小区.shp")


def zipped(path: Path, members: list[Path], *, root: Path, gbk_names: bool = False) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            name = str(member.relative_to(root))
            archive.writestr((GbkInfo if gbk_names else zipfile.ZipInfo)(name), member.read_bytes())
    return path


class GbkInfo(zipfile.ZipInfo):
    """An entry as packers of Chinese Windows write it: a GBK name and no word about it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name zipfile looks for
        return self.filename.encode("gbk"), 0


def as_gbk_zip(folder: Path) -> Path:
    shapefile(folder / "x", encoding="GBK", rows=GBK_ROWS, cpg=False)
    return zipped(folder / "小区.zip", sorted((folder / "x").iterdir()), root=folder / "x", gbk_names=True)


def as_gdb_zip(folder: Path) -> Path:
    layer_frame().to_file(folder / "x.gdb", driver="OpenFileGDB", layer="小区")
    return zipped(folder / "小区.zip", sorted((folder / "x.gdb").iterdir()), root=folder)


def as_gpkg(folder: Path) -> Path:
    layer_frame().to_file(folder / "小区.gpkg", layer="小区")
    return folder / "小区.gpkg"


def geojson_text(*, crs: str | None = "urn:ogc:def:crs:EPSG::4544") -> str:
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(HEADINGS, row, strict=True)),
            "geometry": shapely.geometry.mapping(o),
        }
        for row, o in zip(ROWS, OUTLINES, strict=True)
    ]
    member = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    return json.dumps({"type": "FeatureCollection", **member, "features": features}, ensure_ascii=False)


def as_geojson(folder: Path) -> Path:
    return csv_file(folder, geojson_text(), name="小区.geojson")


def as_geojson_gz(folder: Path) -> Path:
    (folder / "小区.json.gz").write_bytes(gzip.compress(geojson_text().encode()))
    return folder / "小区.json.gz"


def as_geojson_zip(folder: Path) -> Path:
    return zipped(folder / "小区.zip", [as_geojson(folder)], root=folder)


LAYERS = {
    "gpkg": as_gpkg,
    "shp-utf8": lambda f: shapefile(f / "x", encoding="UTF-8", rows=ROWS, cpg=True),
    "shp-utf8-without-cpg": lambda f: shapefile(f / "x", encoding="UTF-8", rows=ROWS, cpg=False),
    "shp-gbk": lambda f: shapefile(f / "x", encoding="GBK", rows=GBK_ROWS, cpg=True),
    "shp-upper-case": lambda f: shapefile(f / "x", encoding="GBK", rows=GBK_ROWS, cpg=True, upper=True),
    "shp-gbk-zip-without-cpg": as_gbk_zip,
    "gdb-zip": as_gdb_zip,
    "geojson": as_geojson,
    "geojson-gz": as_geojson_gz,
    "geojson-zip": as_geojson_zip,
}


@pytest.fixture(params=LAYERS.values(), ids=LAYERS.keys())
def layer(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return request.param(tmp_path)


def test_every_layer_format_gives_the_same_features(layer: Path):
    raw = read_layer(layer)
    frame = raw.frame.rename(columns={"名称": "小区名称"})
    rows = ROWS if frame["小区名称"].iloc[2] == ROWS[2][1] else GBK_ROWS
    expected = pd.DataFrame(rows, index=pd.RangeIndex(1, 4, name="row"), columns=HEADINGS, dtype="str")
    pd.testing.assert_frame_equal(frame[HEADINGS], expected)
    assert shapely.equals(raw.geometry.to_numpy(), OUTLINES).all()
    assert raw.geometry.index.equals(raw.frame.index)
    assert (raw.geometry.crs, raw.crs.to_epsg(), raw.crs_declared) == (None, 4544, True)
    assert raw.file == layer.name


def test_a_layer_is_found_by_its_content_and_has_one_layer(layer: Path):
    assert read_table(layer).geometry is not None
    assert layer_names(layer) in (["小区"], ["小区.json"])


def test_a_layer_is_no_ledger(layer: Path):
    with pytest.raises(DataError, match="是地图图层，这里需要台账表格"):
        read_ledger(layer)


def test_text_without_announced_encoding_is_said_only_where_it_was_guessed(tmp_path: Path):
    assert said(read_layer(as_gbk_zip(tmp_path)), "reading.shape_encoding")[2].startswith(
        "属性表没有注明文字编码"
    )
    assert codes(read_layer(shapefile(tmp_path / "y", encoding="UTF-8", rows=ROWS, cpg=True))) == []


def test_a_cpg_that_lies_is_overruled(tmp_path: Path):
    path = shapefile(tmp_path / "x", encoding="GBK", rows=GBK_ROWS, cpg=True)
    path.with_suffix(".cpg").write_text("UTF-8")
    raw = read_layer(path)
    assert raw.frame["名称"].tolist() == ["玉屏小区", "粮食局家属院", "吉祥苑"]
    assert codes(raw) == ["reading.shape_encoding"]


def test_a_heading_cut_inside_a_character_is_read(tmp_path: Path):
    frame = layer_frame().rename(columns={"小区名称": "小区名"})
    frame.to_file(tmp_path / "a.shp", encoding="UTF-8")
    table = bytearray((tmp_path / "a.dbf").read_bytes())
    at = table.index("小区名".encode())
    table[at : at + 11] = "小区名称".encode()[:10] + b"\0"
    (tmp_path / "a.dbf").write_bytes(table)
    assert "小区名" in read_layer(tmp_path / "a.shp").frame.columns


def test_numbers_dates_and_truth_in_layers(tmp_path: Path):
    values = {
        "whole": [86, 7, 0],
        "holes": [86.0, None, 1.5],
        "long": [5001180010011234567, 1, 2],
        "day": pd.to_datetime(["2001-05-06", None, "2002-01-01"]),
        "yes": [True, False, True],
    }
    gpd.GeoDataFrame(values, geometry=OUTLINES, crs=CGCS).to_file(tmp_path / "a.gpkg")
    frame = read_layer(tmp_path / "a.gpkg").frame
    assert frame["whole"].tolist() == ["86", "7", "0"]
    assert frame["holes"].tolist() == ["86", "", "1.5"]
    assert frame["long"].tolist() == ["5001180010011234567", "1", "2"]
    assert frame["day"].tolist() == ["2001-05-06", "", "2002-01-01"]
    assert frame["yes"].tolist() == ["TRUE", "FALSE", "TRUE"]


def test_features_without_outline_stay(tmp_path: Path):
    layer_frame().set_geometry([OUTLINES[0], None, shapely.Polygon()], crs=CGCS).to_file(tmp_path / "a.gpkg")
    geometry = read_layer(tmp_path / "a.gpkg").geometry
    assert geometry.isna().tolist()[:2] == [False, True]
    assert len(geometry) == 3


def test_a_shapefile_without_prj_declares_nothing(tmp_path: Path):
    path = shapefile(tmp_path / "x", encoding="UTF-8", rows=ROWS, cpg=True)
    path.with_suffix(".prj").unlink()
    raw = read_layer(path)
    assert (raw.crs, raw.crs_declared) == (None, False)


def test_a_prj_in_gbk_with_a_chinese_name_is_understood(tmp_path: Path):
    path = shapefile(tmp_path / "x", encoding="UTF-8", rows=ROWS, cpg=True)
    text = path.with_suffix(".prj").read_text().replace('PROJCS["', 'PROJCS["国家', 1)
    path.with_suffix(".prj").write_bytes(text.encode("gbk"))
    raw = read_layer(path)
    assert (raw.crs.is_projected, raw.crs_declared) == (True, True)


def test_deleted_records_of_a_shapefile_are_no_features(tmp_path: Path):
    path = shapefile(tmp_path / "x", encoding="UTF-8", rows=ROWS, cpg=True)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    first, width = int.from_bytes(table[8:10], "little"), int.from_bytes(table[10:12], "little")
    table[first + width] = ord("*")
    path.with_suffix(".dbf").write_bytes(table)
    raw = read_layer(path)
    assert raw.frame["编号"].tolist() == ["007", "009"]
    assert shapely.equals(raw.geometry.to_numpy(), [OUTLINES[0], OUTLINES[2]]).all()


def test_of_several_layers_one_must_be_named(tmp_path: Path):
    for name in ("小区", "网格"):
        layer_frame().to_file(tmp_path / "a.gpkg", layer=name)
    pd.DataFrame({"style": ["red"]}).pipe(gpd.GeoDataFrame).to_file(tmp_path / "a.gpkg", layer="layer_styles")
    assert layer_names(tmp_path / "a.gpkg") == ["小区", "网格"]
    assert (
        str(refusal(tmp_path / "a.gpkg"))
        == "a.gpkg 里有多张表或多个图层：小区、网格。请用 --layer 指定其中一个。"
    )
    assert read_layer(tmp_path / "a.gpkg", layer="网格").file == "a.gpkg[网格]"


def test_several_shapefiles_in_one_archive_are_layers(tmp_path: Path):
    for name in ("东", "西"):
        layer_frame().rename(columns={"小区名称": "名称"}).to_file(tmp_path / f"{name}.shp", encoding="UTF-8")
    path = zipped(tmp_path / "全部.zip", sorted(tmp_path.iterdir()), root=tmp_path)
    assert layer_names(path) == ["东", "西"]
    assert read_layer(path, layer="西").file == "全部.zip[西]"


def test_a_table_without_outlines_in_a_geopackage(tmp_path: Path):
    gpd.GeoDataFrame(pd.DataFrame(ROWS, columns=HEADINGS)).to_file(tmp_path / "a.gpkg")
    raw = read_layer(tmp_path / "a.gpkg")
    assert raw.geometry is None
    assert raw.frame["编号"].tolist() == ["007", "008", "009"]


def test_what_an_open_program_saved_in_a_geopackage_is_read(tmp_path: Path):
    gpd.GeoDataFrame(pd.DataFrame(ROWS, columns=HEADINGS)).to_file(tmp_path / "a.gpkg", layer="t")
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as program:
        program.execute("PRAGMA journal_mode = WAL")
        program.execute("UPDATE t SET 户数 = '99'")
        program.commit()
        assert read_layer(tmp_path / "a.gpkg").frame["户数"].tolist() == ["99"] * 3


# --- GeoJSON and KML ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ('{"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}', 1),
        ('{"type": "Feature", "properties": null, "geometry": null}', 1),
        (
            '[{"type": "Feature", "properties": {"n": 1}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]',
            1,
        ),
        (geojson_text(crs=None), 3),
    ],
    ids=["bare geometry", "one feature", "list of features", "collection"],
)
def test_geojson_in_every_shape_is_degrees_not_declared(tmp_path: Path, text: str, features: int):
    raw = read_layer(csv_file(tmp_path, text, name="a.geojson"))
    assert len(raw.geometry) == features
    assert (raw.crs, raw.crs_declared) == (pyproj.CRS(4326), False)


@pytest.mark.parametrize(
    ("name", "epsg", "declared"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326, True),
        ("urn:ogc:def:crs:EPSG::4490", 4490, True),
        ("EPSG:4544", 4544, True),
        ("/etc/passwd", 4326, False),
        ("+init=epsg:4544", 4326, False),
        ("EPSG:999999", None, False),
    ],
)
def test_the_crs_member_of_geojson(tmp_path: Path, name: str, epsg: int | None, *, declared: bool):
    raw = read_layer(csv_file(tmp_path, geojson_text(crs=name), name="a.geojson"))
    assert (raw.crs and raw.crs.to_epsg(), raw.crs_declared) == (epsg, declared)


def test_geojson_values_of_every_kind(tmp_path: Path):
    properties = {"n": 86, "x": 0.5, "b": True, "z": None, "l": [1, "甲"], "i": 50011800100112345678}
    text = json.dumps({"type": "Feature", "properties": properties, "geometry": None})
    raw = read_layer(csv_file(tmp_path, text, name="a.geojson"))
    assert raw.frame.iloc[0].tolist() == ["86", "0.5", "TRUE", "", '[1, "甲"]', "50011800100112345678"]


def test_an_outline_that_cannot_be_read_is_said(tmp_path: Path):
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2, 3]}},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": "x"}},
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    raw = read_layer(csv_file(tmp_path, text, name="a.geojson"))
    assert raw.geometry.tolist() == [shapely.Point(1, 2), None]
    assert not shapely.has_z(raw.geometry[1])
    assert said(raw, "reading.outline_broken")[0] == 2


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>东片</name>
<Placemark><name>甲</name><ExtendedData><Data name="户数"><value>86</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>105,29,0 105.1,29,0 105.1,29.1,0 105,29,0</coordinates></LinearRing></outerBoundaryIs>
</Polygon></Placemark></Folder><Placemark><name>乙</name><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="户数">40</SimpleData>
</SchemaData></ExtendedData><MultiGeometry><Point><coordinates>105.2,29.2</coordinates></Point>
<Point><coordinates>105.3,29.2</coordinates></Point></MultiGeometry></Placemark>
<Placemark><name>丙</name></Placemark><Placemark><name>丁</name><Point><coordinates>x</coordinates></Point></Placemark>
</Document></kml>"""


def as_kmz(folder: Path) -> Path:
    return zipped(folder / "a.kmz", [csv_file(folder, KML, name="doc.kml")], root=folder)


@pytest.mark.parametrize("write", [lambda f: csv_file(f, KML, name="a.kml"), as_kmz], ids=["kml", "kmz"])
def test_kml_keeps_names_folders_and_extended_data(tmp_path: Path, write: Callable[[Path], Path]):
    raw = read_layer(write(tmp_path))
    assert raw.frame[["name", "folder", "户数"]].to_numpy().tolist() == [
        ["甲", "东片", "86"], ["乙", "", "40"], ["丙", "", ""], ["丁", "", ""]
    ]  # fmt: skip
    assert [g and g.geom_type for g in raw.geometry] == ["Polygon", "MultiPoint", None, None]
    assert said(raw, "reading.outline_broken")[0] == 4
    assert (raw.crs.to_epsg(), raw.crs_declared) == (4326, False)


# --- what cannot be read --------------------------------------------------------------------------------

BAD_LEDGERS = {
    "blank lines only": ("\n\n,,\n", "台账.csv 里没有内容。请检查是否存错了工作表。"),
    "head without rows": ("小区,户数\n", "台账.csv 第 1 行是表头，下面没有数据行。请检查是否导出完整。"),
    "no head": (
        "1,2,3\n4,5,6\n",
        "台账.csv 里找不到表头。请在数据上方加一行列名（如：小区名称、户数、地址）。",
    ),
    "open quote": (
        '小区,户数\n甲,1\n"乙,2\n丙,3\n',
        "台账.csv 第 3 行有一个英文引号没有配对，后面的行会被吞掉。请改正这个引号。",
    ),
    "endless cell": (
        f"小区,户数\n甲,{'x' * 140_000}\n",
        "台账.csv 第 2 行有一个格子超过 13 万字。请检查引号是否配对，或删去过长的内容。",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), BAD_LEDGERS.values(), ids=BAD_LEDGERS.keys())
def test_a_ledger_that_cannot_be_read_says_why(tmp_path: Path, text: str, sentence: str):
    assert str(refusal(csv_file(tmp_path, text))) == sentence


def test_damaged_utf8_is_not_taken_for_gbk(tmp_path: Path):
    text = csv_text([["1", "永川区玉屏小区", "86"]] * 30).encode()
    (tmp_path / "a.csv").write_bytes(text[:-40] + b"\xb0" + text[-40:])
    assert refusal(tmp_path / "a.csv").code == "reading.text_damaged"


def test_text_in_no_encoding_we_know(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("小区,户数\n甲,1\n".encode("gb18030") + b"\xff\xff\xff\n")
    assert str(refusal(tmp_path / "a.csv")).startswith("a.csv 第 3 行起的文字编码不认识。")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "FeatureCollection", "features": [', "json_broken"),
        ("[" * 100_000, "json_broken"),
        ('{"type": "Topology", "objects": {}}', "json_kind"),
        ('{"geometryType": "esriGeometryPolygon", "features": []}', "json_kind"),
        ('{"type": "FeatureCollection", "features": [1]}', "json_kind"),
        ('{"type": "FeatureCollection", "features": []}', "no_features"),
    ],
)
def test_json_that_is_no_geojson(tmp_path: Path, text: str, code: str):
    assert refusal(csv_file(tmp_path, text, name="a.geojson")).code == f"reading.{code}"


def test_text_of_a_shapefile_in_no_encoding_we_know(tmp_path: Path):
    path = shapefile(tmp_path / "x", encoding="UTF-8", rows=ROWS, cpg=True)
    table = path.with_suffix(".dbf").read_bytes().replace("玉屏".encode(), b"\xff\xff\xff\xff\xff\xff")
    path.with_suffix(".dbf").write_bytes(table)
    assert str(refusal(path)).startswith("小区.shp 的文字既不是 UTF-8 也不是 GBK。")


@pytest.mark.parametrize("cut", [40, 400])
@pytest.mark.parametrize("part", [".shp", ".dbf"])
def test_a_shapefile_cut_short(tmp_path: Path, part: str, cut: int):
    path = shapefile(tmp_path / "x", encoding="UTF-8", rows=ROWS, cpg=True)
    broken = path.with_suffix(part)
    broken.write_bytes(broken.read_bytes()[:cut])
    assert refusal(path).code in ("reading.layer_broken", "reading.no_features")
