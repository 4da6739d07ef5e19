"""A file that is not what it says, or would do harm, is refused in one sentence; nothing of it is left behind."""

import gzip
import io
import os
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from geo import intake
from geo.compound import is_sound
from geo.drivers import DRIVERS
from geo.reading import read_table
from geo.schema import DataError
from geo.wording import FOLDER
from tests.biff import write_xls

VRT = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
TABLE = "小区,户数\n甲,86\n"


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_table(path)
    return str(caught.value)


def archive(*members: tuple[str, bytes | str] | tuple[zipfile.ZipInfo, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def workbook(fill: Callable[["openpyxl.worksheet.worksheet.Worksheet"], None]) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["小区", "户数"])
    book.active.append(["甲", 86])
    fill(book.active)
    book.save(buffer)
    return buffer.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = [(i.filename, source.read(i)) for i in source.infolist()]
    return archive(*((n, change(c) if n == name else c) for n, c in parts))


# --- drivers --------------------------------------------------------------------------------------------


def fresh(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a new interpreter that inherits nothing of what this one told GDAL."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OGR", "GDAL"))}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_gdal_has_no_driver_but_the_allowed_ones():
    run = fresh("import geopandas, geo, pyogrio; print(*pyogrio.list_drivers(), sep='\\n')")
    assert (set(run.stdout.strip().split("\n")), run.stderr) == (DRIVERS, "")


def test_reading_refuses_to_work_with_a_gdal_loaded_before(tmp_path: Path):
    path = put(tmp_path, "a.gpkg", geopackage())
    run = fresh(
        f"import pyogrio; from pathlib import Path; from geo.reading import read_layer; read_layer(Path({str(path)!r}))"
    )
    assert "import geo before pyogrio" in run.stderr


# --- no file, not a file ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/a.csv",
        "https:/x/a.gpkg",
        "/vsicurl/http://x/a.csv",
        "/vsizip/a.zip",
        "s3://b/a.csv",
    ],
)
def test_addresses_are_refused(address: str):
    assert refusal(Path(address)).endswith(
        "是网络地址或虚拟路径。本软件不连接网络，请先把文件下载到本机，再选本机上的文件。"
    )


def test_a_missing_file(tmp_path: Path):
    assert refusal(tmp_path / "无.csv") == f"找不到文件“{tmp_path}/无.csv”。请检查路径和文件名。"


@pytest.mark.parametrize(
    ("name", "end"),
    [("x", "请选择其中的台账或图层文件。"), ("x.gdb", "请把整个文件夹压缩成 .zip 后再选择它。")],
)
def test_a_folder(tmp_path: Path, name: str, end: str):
    (tmp_path / name).mkdir()
    assert refusal(tmp_path / name).endswith(end)


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "a.csv")
    assert "不是普通文件" in refusal(tmp_path / "a.csv")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def denied(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(
        intake.shutil, "copyfile", denied
    )  # who runs the tests may be allowed to read everything
    sentence = "a.csv 打不开。请检查是否有读取权限、是否正被其他程序占用，关闭后再试。"
    assert refusal(put(tmp_path, "a.csv", TABLE)) == sentence


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b""), ("a.xlsx", b""), ("a.csv.gz", gzip.compress(b"", mtime=0))]
)
def test_an_empty_file(tmp_path: Path, name: str, content: bytes):
    assert refusal(put(tmp_path, name, content)) == f"{name} 是空文件（0 字节）。请重新导出或重新下载。"


# --- formats that are never read ----------------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
PASSWORD = OLE + "EncryptedPackage".encode("utf-16-le")
HTML = "<html><table><tr><td>小区</td></tr></table></html>"
DOCX = archive(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>"))
FORMATS = [
    ("台账.et", OLE, "台账.et 是 ET 格式，本软件不读取。请在 WPS 或 Excel 中打开，另存为 .xlsx。"),
    ("台账.ods", "x", "另存为 .xlsx。"),
    ("台账.xls", HTML, "台账.xls 是 HTML 格式，本软件不读取。请在 WPS 或 Excel 中打开，另存为 .xlsx。"),
    ("台账.xls", '<?xml version="1.0"?><Workbook/>', "台账.xls 是 XML WORKBOOK 格式"),
    ("台账.xlsx", DOCX, "台账.xlsx 是 DOCX 文档，其中的表格读不出来。"),
    ("台账.xlsx", PASSWORD, "台账.xlsx 设有密码。"),
    ("台账.doc", OLE, "请把表格复制到 WPS 表格中，另存为 .xlsx。"),
    ("台账.pdf", "%PDF-1.7", "台账.pdf 是 PDF 文档，其中的表格读不出来。请把表格复制到 WPS 表格中，另存为 .xlsx。"),
    ("台账.jpg", b"\xff\xd8\xff\xe0", "台账.jpg 是图片（JPG）"),
    ("台账.xlsx", b"\x89PNG\r\n", "台账.xlsx 是图片（PNG）"),
    ("红线.dwg", b"AC1027\0\0", "红线.dwg 是 CAD 图（DWG），本软件不读取。"),
    ("红线.dxf", "0\nSECTION\n", "请在 CAD 或 GIS 软件中把小区边界导出为 shapefile（打包成 .zip）或 .gpkg，并注明坐标系。"),
    ("小区.rar", b"Rar!\x1a", "小区.rar 是 RAR 压缩包。"),
    ("小区.7z", b"7z\xbc\xaf\x27\x1c", "小区.7z 是 7Z 压缩包。"),
    ("小区.tab", "!table", "请在 GIS 软件中打开，另存为 .gpkg。"),
    ("小区.dat", "x", "小区.dat 的格式“.dat”不认识。"),
    ("小区", "x", "小区 的格式“”不认识。"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "words"), FORMATS, ids=[f"{i}-{n}" for i, (n, _, _) in enumerate(FORMATS)]
)
def test_a_format_that_is_never_read_says_what_to_save(tmp_path: Path, name: str, content: bytes, words: str):
    assert words in refusal(put(tmp_path, name, content))


# --- disguises ------------------------------------------------------------------------------------------------


def geopackage(*, table: str = "gpkg_contents") -> bytes:
    base = sqlite3.connect(":memory:")
    base.execute(f"CREATE TABLE {table} (x)")
    data = base.serialize()
    base.close()
    return data


DISGUISES = [
    ("a.geojson", VRT, "指向其他文件的 GDAL 虚拟图层（VRT）"),
    ("a.json", f'<?xml version="1.0"?>\n<!-- x -->\n{VRT}', "指向其他文件的 GDAL 虚拟图层（VRT）"),
    ("a.geojson", TABLE, "普通文本"),
    ("a.geojson", "%PDF-1.7", "PDF 文档"),
    ("a.geojson", HTML, "网页"),
    ("a.gpkg", VRT, "指向其他文件的 GDAL 虚拟图层（VRT）"),
    ("a.gpkg", geopackage(table="secrets"), "其他 SQLite 数据库"),
    ("a.gpkg", b"SQLite format 3\0", "其他 SQLite 数据库"),
    ("a.shp", "<x/>", "其他 XML"),
    ("a.kml", TABLE, "普通文本"),
    ("a.kml", VRT, "指向其他文件的 GDAL 虚拟图层（VRT）"),
    ("a.zip", "{}", "普通文本"),
    ("a.zip", DOCX, "文字文档（.docx）"),
    ("a.csv", geopackage(), "GeoPackage"),
    ("a.csv", b"\x1f\x8b\x08", "压缩包（.gz）"),
    ("a.csv", b"a,b\n\0\0\0", "不认识的二进制数据"),
    ("a.csv", VRT, "指向其他文件的 GDAL 虚拟图层（VRT）"),
    ("a.xlsx", archive(("a.txt", "x")), "压缩包（.zip）"),
    ("a.xls", OLE, "其他 Office 文件"),
    ("a.geojson.gz", gzip.compress(VRT.encode()), "指向其他文件的 GDAL 虚拟图层（VRT）"),
]


@pytest.mark.parametrize(
    ("name", "content", "looks"), DISGUISES, ids=[f"{i}-{n}" for i, (n, _, _) in enumerate(DISGUISES)]
)
def test_a_disguise_is_seen(tmp_path: Path, name: str, content: bytes, looks: str):
    if name == "a.zip" and content == "{}":
        looks = "JSON"
    suffix = Path(name.removesuffix(".gz")).suffix
    expected = f"{name} 的扩展名是 {suffix}，内容却是{looks}。为安全起见没有打开；请用原来的软件重新导出。"
    assert refusal(put(tmp_path, name, content)) == expected


def test_a_table_whose_first_words_look_like_another_format_is_a_table(tmp_path: Path):
    for start in ("BMW", "AC10", "[序号]", "{编号}"):
        raw = read_table(put(tmp_path, "a.csv", f"{start},户数\n甲,86\n"))
        assert list(raw.frame.columns) == [start, "户数"]


def test_every_kind_has_a_name():
    path = FOLDER / "zh" / "errors.reading.toml"
    named = set(tomllib.loads(path.read_text(encoding="utf-8"))["kinds"])
    kinds = {k for _, k in intake._MAGIC} | set(intake._XML_ROOTS.values())
    kinds |= {"xlsx", "xls", "xlsb", "docx", "pptx", "ods", "doc", "xml", "text", "binary", "gpkg", "geojson"}
    assert kinds - named <= {"password"}


# --- archives -------------------------------------------------------------------------------------------------


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted() -> bytes:
    data = bytearray(archive(("a.geojson", "{}")))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def lying_about_its_size() -> bytes:
    data = bytearray(archive(("a.geojson", "{}" + " " * 100_000)))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(data)


def bomb() -> bytes:
    return archive(("a.geojson", b"0" * (80 << 20)))


OUTSIDE = "指向压缩包以外或名称异常。为安全起见没有解压；请重新打包。"
ARCHIVES = [
    ("climbs", archive(("../../a.geojson", "{}")), f"a.zip 里的“../../a.geojson”{OUTSIDE}"),
    ("climbs by backslash", archive(("..\\a.geojson", "{}")), f"a.zip 里的“../a.geojson”{OUTSIDE}"),
    ("absolute", archive(("/etc/a.geojson", "{}")), f"a.zip 里的“/etc/a.geojson”{OUTSIDE}"),
    ("drive", archive(("C:\\a.geojson", "{}")), f"a.zip 里的“C:/a.geojson”{OUTSIDE}"),
    ("link", archive((link("a.geojson"), "/etc/passwd")), f"a.zip 里的“a.geojson”{OUTSIDE}"),
    ("odd name in geodatabase", archive(("x.gdb/a.gdbtable", "x"), ("x.gdb/甲", "x")), f"a.zip 里的“x.gdb/甲”{OUTSIDE}"),
    ("nested", archive(("b.zip", "x")), "a.zip 里还有压缩包“b.zip”。请先解压，再只打包需要的图层。"),
    ("many", archive(*((f"{i}.txt", "") for i in range(5_001))), "a.zip 里有 5001 个文件，超过 5000 个的上限。"),
    ("password", encrypted(), "a.zip 设有密码。"),
    ("cut", archive(("a.geojson", "{}"))[:-30], "a.zip 已损坏，打不开。请重新导出、重新打包或重新下载。"),
    ("lies", lying_about_its_size(), "a.zip 已损坏，打不开。"),
    ("nothing to read", archive(("说明.txt", "x"), ("a.csv", TABLE)), "a.zip 里没有能读的图层。"),
    ("two", archive(("a.kml", "x"), ("b.geojson", "x")), "a.zip 里有多份图层数据：a.kml、b.geojson。请每个压缩包只放一份。"),
    ("no dbf", archive(("a.shp", b"\0\0\x27\x0a")), "a.zip/a.shp 缺少同名的 .dbf"),
    ("shp that is a vrt", archive(("a.shp", VRT), ("a.dbf", "x")), "a.zip/a.shp 缺少同名的 .dbf，或 .shp 本身不完整。"),
    ("vrt inside", archive(("a.geojson", VRT)), "a.zip/a.geojson 的扩展名是 .geojson，内容却是指向其他文件的 GDAL 虚拟图层（VRT）。"),
    ("empty", archive(), "a.zip 里没有能读的图层。"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "words"), [a[1:] for a in ARCHIVES], ids=[a[0] for a in ARCHIVES])
def test_an_archive_that_is_refused(tmp_path: Path, content: bytes, words: str):
    assert words in refusal(put(tmp_path, "a.zip", content))
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = put(tmp_path, "a.zip", bomb())
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("unpacked"))
    assert refusal(path).startswith("a.zip 解压后过大")


def test_a_bomb_of_gzip_is_stopped_on_the_way(tmp_path: Path):
    path = put(tmp_path, "a.csv.gz", gzip.compress(b"0" * (80 << 20), 1))
    assert refusal(path).startswith("a.csv.gz 解压后过大")


def test_a_broken_gzip(tmp_path: Path):
    assert refusal(put(tmp_path, "a.csv.gz", TABLE)).startswith("a.csv.gz 已损坏")
    assert refusal(put(tmp_path, "b.csv.gz", gzip.compress(TABLE.encode())[:-9])).startswith(
        "b.csv.gz 已损坏"
    )


def test_litter_of_other_systems_is_ignored(tmp_path: Path):
    text = '{"type": "Point", "coordinates": [1, 2]}'
    members = [
        ("__MACOSX/._a.geojson", b"\0"),
        (".DS_Store", b"\0"),
        ("x/说明.docx", "x"),
        ("x/a.geojson", text),
    ]
    assert len(read_table(put(tmp_path, "a.zip", archive(*members))).geometry) == 1


@pytest.mark.parametrize("content", [TABLE, ""], ids=["read", "refused"])
def test_the_private_folder_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "private"))
    (tmp_path / "private").mkdir()
    path = put(tmp_path, "a.csv.gz", gzip.compress(content.encode()))
    if content:
        read_table(path)
    else:
        refusal(path)
    assert list((tmp_path / "private").iterdir()) == []


# --- XML ------------------------------------------------------------------------------------------------------

DOCTYPE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
KML = b'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&e;</name></Placemark></kml>'


@pytest.mark.parametrize("start", [DOCTYPE, b"<!DOCTYPE kml>", b'<!DOCTYPE kml SYSTEM "http://x/y.dtd">'])
def test_a_document_type_in_kml_is_refused(tmp_path: Path, start: bytes):
    assert "DOCTYPE" in refusal(put(tmp_path, "a.kml", start + KML))


def test_broken_and_endlessly_nested_kml_is_refused(tmp_path: Path):
    broken = "a.kml 已损坏，或不是完整的图层文件。请在 GIS 软件中打开后另存为 .gpkg。"
    assert refusal(put(tmp_path, "a.kml", b"<kml><Placemark>")) == broken
    nested = b"<kml>" + b"<Folder>" * 3_000 + b"</Folder>" * 3_000 + b"</kml>"
    assert refusal(put(tmp_path, "a.kml", nested)) == broken


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"]
)
def test_entities_in_a_workbook_are_refused(tmp_path: Path, part: str):
    data = with_part(workbook(lambda _: None), part, lambda xml: xml.replace(b"?>", b"?>" + DOCTYPE, 1) if b"?>" in xml else DOCTYPE + xml)  # fmt: skip
    assert "DOCTYPE" in refusal(put(tmp_path, "a.xlsx", data))


def far_away(sheet) -> None:
    sheet["XFD1048576"] = "x"


def in_disguise(xml: bytes) -> bytes:
    return xml.replace(b'r="XFD1048576"', b"r\n=\n'&#88;FD1048576'")


def rows_without_references(xml: bytes) -> bytes:
    return xml.replace(b'<c r="XFD1048576"', b"<c/>" * 16_383 + b"<c")


@pytest.mark.parametrize(
    "change", [bytes, in_disguise, rows_without_references], ids=["plain", "disguised", "counted"]
)
def test_a_value_in_the_last_corner_does_not_end_the_process(
    tmp_path: Path, change: Callable[[bytes], bytes]
):
    data = with_part(workbook(far_away), "xl/worksheets/sheet1.xml", change)
    sentence = "a.xlsx 第 1048576 行、第 16384 列还有内容，表格范围过大。请删去远处多余的格子后另存。"
    assert refusal(put(tmp_path, "a.xlsx", data)) == sentence


def test_a_far_cell_without_value_harms_nobody(tmp_path: Path):
    def fill(sheet) -> None:
        sheet["XFD1048576"].font = openpyxl.styles.Font(bold=True)

    assert read_table(put(tmp_path, "a.xlsx", workbook(fill))).frame["户数"].tolist() == ["86"]


@pytest.mark.parametrize("cut", [100, 2_000])
def test_a_workbook_cut_short(tmp_path: Path, cut: int):
    expected = "a.xlsx 已损坏，打不开。请重新导出、重新打包或重新下载。"
    assert refusal(put(tmp_path, "a.xlsx", workbook(lambda _: None)[:cut])) == expected


def old_workbook(folder: Path, *, at: int = 0, value: int | None = None) -> bytes:
    """An .xls, one entry of its allocation table changed where `value` is given."""
    write_xls(folder / "a.xls", [["小区", "户数"], ["甲", 86.0]])
    data = bytearray((folder / "a.xls").read_bytes())
    if value is not None:
        data[512 + 4 * at : 516 + 4 * at] = struct.pack("<I", value)
    return bytes(data)


@pytest.mark.parametrize(
    ("at", "value"),
    [(1, 1), (3, 3), (9, 2), (4, 70_000)],
    ids=["directory in a circle", "stream in a circle", "stream back to its start", "out of the file"],
)
def test_an_old_workbook_whose_sectors_do_not_end_well(tmp_path: Path, at: int, value: int):
    assert is_sound(old_workbook(tmp_path))
    data = old_workbook(tmp_path, at=at, value=value)
    assert not is_sound(data)
    sentence = "a.xls 已损坏，或不是完整的工作簿。请在 WPS 或 Excel 中打开后另存为 .xlsx。"
    assert refusal(put(tmp_path, "a.xls", data)) == sentence


ENDLESS = {68: 0, 512 + 508: 0}  # the list of tables goes on in sector 0, which goes on in sector 0


@pytest.mark.parametrize(
    "changes",
    [ENDLESS, {76: 70_000}, {30: 8}, {60: 2}],
    ids=["endless list", "torn list", "sector size", "small streams"],
)
def test_an_old_workbook_whose_header_is_wrong(tmp_path: Path, changes: dict[int, int]):
    data = bytearray(old_workbook(tmp_path))
    for place, value in changes.items():
        data[place : place + 4] = struct.pack("<I", value)
    assert not is_sound(bytes(data))
    assert not is_sound(b"")


def test_a_workbook_whose_sheet_is_broken(tmp_path: Path):
    data = with_part(workbook(lambda _: None), "xl/worksheets/sheet1.xml", lambda xml: xml[:-20])
    expected = "a.xlsx 已损坏，或不是完整的工作簿。请在 WPS 或 Excel 中打开后另存为 .xlsx。"
    assert refusal(put(tmp_path, "a.xlsx", data)) == expected


def test_a_bomb_in_a_workbook(tmp_path: Path):
    data = with_part(workbook(lambda _: None), "docProps/app.xml", lambda _: b" " * (80 << 20))
    assert refusal(put(tmp_path, "a.xlsx", data)).startswith("a.xlsx 解压后过大")
