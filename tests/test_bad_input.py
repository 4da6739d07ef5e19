"""Bad input through the real entry: one sentence and exit code 2, or a finding and a plan; never a traceback."""

import csv
import errno
import gzip
import io
import json
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import openpyxl
import pytest
from shapely import LineString, Point, Polygon, box

from geo.wording import catalogue
from jobs.cli import main
from report import folder
from tests.ledgers import SURVEY_HEADINGS, square

Content = str | bytes | Callable[[Path], object]

PROGRESS = tuple(text for key, text in catalogue().items() if key.startswith("progress."))
OUTPUT = {"findings.csv", "map.html", "plan.gpkg", "plan.xlsx", "rules.toml", "summary.json", "survey.xlsx"}

HEAD = "编号,小区名称,户数,经度,纬度\n"
GOOD = (
    HEAD
    + """\
A1,玉屏小区,60,105.9000,29.35
A2,粮局院,70,105.9008,29.35
A3,红旗苑,90,105.9016,29.35
A4,文昌里,20,105.9024,29.35
"""
)
METRES = """\
编号,小区名称,户数,X,Y
A1,玉屏小区,60,587000,3248000
A2,粮局院,70,587080,3248000
A3,红旗苑,90,587160,3248000
A4,文昌里,20,587240,3248000
"""
ZONED = METRES.replace(",587", ",35587")
LEDGER = ("a.csv", "--crs", "EPSG:4490")
PLAIN = ("a.csv", "--crs", "EPSG:4544")
SHAPES = (square(0, 0), square(60, 0), square(120, 0))


# --- files -------------------------------------------------------------------------------------------


def layer(
    shapes: Sequence[object] = SHAPES,
    *,
    crs: str | None = "EPSG:4544",
    names: tuple[str, ...] = (),
    **columns: list[str],
) -> Content:
    """A map file whose layers (`names`) all hold these shapes."""
    table = columns or {"name": [f"院{i}" for i in range(len(shapes))], "户数": ["60"] * len(shapes)}

    def write(path: Path) -> None:
        with warnings.catch_warnings(action="ignore"):  # a layer without CRS is what some tests want
            for name in names or (None,):
                gpd.GeoDataFrame(table, geometry=list(shapes), crs=crs).to_file(path, layer=name)

    return write


def archive(*members: tuple[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return buffer.getvalue()


def survey(*cells: object) -> Content:
    """A survey sheet with one line filled in: id, then buildings, entrances, storeys, per storey, households."""
    head = list(SURVEY_HEADINGS)

    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(head)
        book.active.append([cells[0], "", "", "", *cells[1:]])
        book.save(path)

    return write


def put(folder: Path, files: Mapping[str, Content]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)


# --- runs --------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder to work in, with a private temp folder, so that no sentence has a reason to name another path."""
    for name in ("here", "temp"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def run(words: Sequence[str]) -> int:
    return main(["plan", *words, *(() if "--out" in words else ("--out", "out"))])


def sentences(text: str) -> list[str]:
    """What stands on the error stream beside the steps announced."""
    return [line for line in text.splitlines() if not line.startswith(PROGRESS)]


def refusal(desk: Path, capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> str:
    """The one sentence of a run that is refused and leaves everything as it was."""
    before = sorted(desk.rglob("*"))
    assert run(words) == 2
    captured = capsys.readouterr()
    (sentence,) = sentences(captured.err)
    assert captured.out == ""
    assert "Traceback" not in sentence
    assert str(desk.parent) not in sentence
    assert sorted(desk.rglob("*")) == before
    assert list((desk.parent / "temp").iterdir()) == []
    return sentence


def findings(desk: Path, capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> list[dict[str, str]]:
    """The findings of a run that ends in a plan."""
    assert run(words) == 0
    assert sentences(capsys.readouterr().err) == []
    assert {p.name for p in (desk / "out").iterdir()} == OUTPUT
    with (desk / "out" / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def summary(desk: Path) -> dict[str, object]:
    return json.loads((desk / "out" / "summary.json").read_text(encoding="utf-8"))


def table(rows):
    return pytest.mark.parametrize(
        ("words", "files", "expected"), [pytest.param(*r[1:], id=r[0]) for r in rows]
    )


# --- refused -----------------------------------------------------------------------------------------


def led(text: str, *options: str) -> tuple[tuple[str, ...], dict[str, Content]]:
    """A ledger in degrees, and options."""
    return (*LEDGER, *options), {"a.csv": text}


def beside(
    option: str, name: str, content: Content, *options: str
) -> tuple[tuple[str, ...], dict[str, Content]]:
    """A good ledger in metres, and another file behind an option."""
    return (*PLAIN, option, name, *options), {"a.csv": METRES, name.split(":", maxsplit=1)[0]: content}


VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
KML = '<!DOCTYPE kml [<!ENTITY e SYSTEM "file:///etc/passwd">]><kml><Placemark><name>&e;</name></Placemark></kml>'
DISGUISED = "为安全起见没有打开；请用原来的软件重新导出。"
BIG = "9" * 30
LINKS = "a,b,kind,reason\n"

REFUSED = [
    # the file itself
    ("absent", ("no.csv",), {}, ["找不到文件“no.csv”", "请检查路径和文件名"]),
    ("a folder", ("d",), {"d/a.csv": GOOD}, ["“d”是文件夹", "请选择其中的台账"]),
    ("a geodatabase folder", ("d.gdb",), {"d.gdb/a": "x"}, ["“d.gdb”是 .gdb 文件夹", "压缩成 .zip"]),
    ("an address", ("https://x/a.csv",), {}, ["“https:/x/a.csv”是网络地址", "先把文件下载到本机"]),
    ("a name too long", ("a" * 300,), {}, ["找不到文件", "请检查路径和文件名"]),
    ("empty", *led(""), ["a.csv 是空文件", "请重新导出"]),
    ("blank lines", *led("\n\n"), ["a.csv 里没有内容", "请检查"]),
    ("head only", *led(HEAD), ["a.csv 第 1 行是表头，下面没有数据行"]),
    ("numbers without a head", *led("1,2,3\n4,5,6\n"), ["a.csv 里找不到表头", "请在数据上方加一行列名"]),
    ("only sums", *led(f"{HEAD}合计,,240,,\n小计,,9,,\n"), ["a.csv 表头之下没有小区行", "请核对"]),
    ("binary", *led("a,b\n\0\0,1\n"), ["a.csv 的扩展名是 .csv", DISGUISED]),
    ("an open quote", *led(f'{GOOD}A5,"戊,1,105.9,29\n'), ["a.csv 第 6 行有一个英文引号没有配对", "请改正"]),
    # columns
    ("no count", *led("编号,小区名称,经度,纬度\nA1,甲,105.9,29.35\n"), ["a.csv 没有找到户数列", "表头是：编号、小区名称、经度、纬度", "--count"]),
    ("several counts", *led("编号,户数,房屋套数\nA1,60,70\n"), ["a.csv 有几列都可以作户数：户数、房屋套数", "--count 户数"]),
    ("no such count", *led(GOOD, "--count", "套数"), ["a.csv 没有列“套数”", "表头是", "请改正列名"]),
    ("no such id", *led(GOOD, "--id", "代码"), ["a.csv 没有列“代码”", "请改正列名"]),
    ("no such name", *led(GOOD, "--name", "院名"), ["a.csv 没有列“院名”", "请改正列名"]),
    ("words as count", *led(GOOD, "--count", "小区名称"), ["a.csv 的“小区名称”列没有一个数", "第 2 行", "--count"]),
    ("residents as count", *led(GOOD.replace("户数", "常住户数"), "--count", "常住户数"), ["a.csv 的“常住户数”列", "--count"]),
    ("running number by name", *led(GOOD.replace("编号", "序号"), "--id", "序号"), ["a.csv 的“序号”列是流水号", "请用 --id"]),
    ("running number by content", *led(GOOD.replace("A", ""), "--id", "编号"), ["a.csv 的“编号”列是流水号", "请用 --id"]),
    ("ids ruined", *led(GOOD.replace("A3", "4.22E+15")), ["a.csv 第 4 行“编号”列的编号“4.22E+15”", "设为文本格式"]),
    ("scope word", *led("编号,组团范围,户数\nA1,随意,60\n"), ["a.csv 第 2 行“组团范围”列", "可填"]),
    ("fields unknown", (*LEDGER, "--fields", "f.toml"), {"a.csv": GOOD, "f.toml": "foo='x'"}, ["“foo”不认识", "可用的字段是"]),
    ("fields nested", (*LEDGER, "--fields", "f.toml"), {"a.csv": GOOD, "f.toml": "[name]\nx=1"}, ["字段对照文件 f.toml 读不出来", "请用 UTF-8"]),
    # where things are
    ("degrees without a system", ("a.csv",), {"a.csv": GOOD}, ["a.csv：坐标是经纬度", "请指明：--crs EPSG:4490", "--crs bd09"]),
    ("metres without a system", ("a.csv",), {"a.csv": METRES}, ["a.csv：坐标以米为单位", "请指明，例如 --crs EPSG:4544"]),
    ("layer without a system", ("a.gpkg",), {"a.gpkg": layer(crs=None)}, ["a.gpkg：坐标以米为单位", "请指明"]),
    ("shapefile without prj", ("a.shp",), {"a.shp": layer(crs=None)}, ["a.shp：坐标以米为单位", "请指明"]),
    ("metres said of degrees", ("a.csv", "--crs", "EPSG:4544"), {"a.csv": GOOD}, ["a.csv：坐标", "不可能是 EPSG:4544", "用 --crs"]),
    ("web mercator said of degrees", ("a.csv", "--crs", "EPSG:3857"), {"a.csv": GOOD}, ["不可能是 EPSG:3857", "看起来像经纬度"]),
    ("metres declared over degrees", ("a.gpkg",), {"a.gpkg": layer([box(105.9, 29.35, 105.901, 29.351)] * 2)}, ["a.gpkg：坐标", "不可能是 EPSG:4544"]),
    ("degrees said of metres", *led(METRES), ["a.csv：坐标", "不可能是 EPSG:4490", "没有带号的平面坐标"]),
    ("gcj02 said of metres", ("a.csv", "--crs", "gcj02"), {"a.csv": METRES}, ["a.csv：坐标", "不可能是 gcj02"]),
    ("belt without its prefix", PLAIN, {"a.csv": ZONED}, ["看起来像带号 35 的 3°带平面坐标（EPSG:4523）"]),
    ("no such system", ("a.csv", "--crs", "EPSG:999999"), {"a.csv": GOOD}, ["--crs EPSG:999999 不是可用的", "请核对 EPSG 编号"]),
    ("no system at all", ("a.csv", "--crs", "foo"), {"a.csv": GOOD}, ["--crs foo 不认识", "可用：auto"]),
    ("geocentric system", ("a.csv", "--crs", "EPSG:4978"), {"a.csv": GOOD}, ["--crs EPSG:4978 不是可用的"]),
    # not what it says
    ("vrt as geojson", ("a.geojson",), {"a.geojson": VRT}, ["a.geojson 的扩展名是 .geojson", "VRT", DISGUISED]),
    ("vrt as csv.gz", ("a.csv.gz",), {"a.csv.gz": gzip.compress(VRT.encode())}, ["a.csv.gz 的扩展名是 .csv", "VRT", DISGUISED]),
    ("vrt as gpkg", ("a.gpkg",), {"a.gpkg": VRT}, ["a.gpkg 的扩展名是 .gpkg", DISGUISED]),
    ("zip as xlsx", ("a.xlsx",), {"a.xlsx": archive(("b.txt", "x"))}, ["a.xlsx 的扩展名是 .xlsx", "压缩包（.zip）", DISGUISED]),
    ("workbook cut short", ("a.xlsx",), {"a.xlsx": archive(("b.txt", "x"))[:40]}, ["a.xlsx 已损坏", "请重新导出"]),
    ("zip bomb", ("a.zip",), {"a.zip": archive(("a.geojson", b"0" * (70 << 20)))}, ["a.zip 解压后过大", "请只打包需要的图层"]),
    ("gzip bomb", ("a.csv.gz",), {"a.csv.gz": gzip.compress(b"0" * (70 << 20), 1)}, ["a.csv.gz 解压后过大"]),
    ("zip that climbs out", ("a.zip",), {"a.zip": archive(("../b.geojson", "{}"))}, ["a.zip 里的“../b.geojson”", "请重新打包"]),
    ("zip in a zip", ("a.zip",), {"a.zip": archive(("b.zip", "x"))}, ["a.zip 里还有压缩包“b.zip”", "请先解压"]),
    ("doctype in kml", ("a.kml",), {"a.kml": KML}, ["a.kml 的内部含有文档类型声明", "重新导出"]),
    ("broken kml", ("a.kml",), {"a.kml": "<kml><Placemark>"}, ["a.kml 已损坏", "另存为 .gpkg"]),
    ("broken geojson", ("a.geojson",), {"a.geojson": '{"type":\n"x'}, ["a.geojson 第 2 行起不是有效的 JSON", "请重新导出"]),
    ("json of another kind", ("a.geojson",), {"a.geojson": '{"a": 1}'}, ["a.geojson 是 JSON，但不是 GeoJSON", "导出为"]),
    (".et", ("a.et",), {"a.et": "x"}, ["a.et 是 ET 格式", "另存为 .xlsx"]),
    (".dwg", ("a.dwg",), {"a.dwg": b"AC1027\0"}, ["a.dwg 是 CAD 图", "导出为 shapefile"]),
    (".pdf", ("a.pdf",), {"a.pdf": "%PDF-1.7"}, ["a.pdf 是 PDF 文档", "另存为 .xlsx"]),
    (".jpg", ("a.jpg",), {"a.jpg": b"\xff\xd8\xff"}, ["a.jpg 是图片", "存为 .xlsx"]),
    # layers and choices
    ("several layers", ("a.gpkg",), {"a.gpkg": layer(names=("东", "西"))}, ["a.gpkg 里有多张表或多个图层：东、西", "--layer"]),
    ("no such layer", ("a.gpkg", "--layer", "南"), {"a.gpkg": layer(names=("东", "西"))}, ["a.gpkg 里没有“南”", "现有：东、西", "--layer"]),
    ("several layers of grids", *beside("--grids", "g.gpkg", layer(names=("东", "西"))), ["g.gpkg 里有多张表", "例如 g.gpkg：图层名"]),
    ("no such layer of grids", *beside("--grids", "g.gpkg:南", layer(names=("东", "西"))), ["g.gpkg 里没有“南”", "冒号后面的图层名"]),
    ("where without match", *led(GOOD, "--where", "小区名称=无"), ["a.csv 的“小区名称”列没有值“无”", "玉屏小区"]),
    ("where on no column", *led(GOOD, "--where", "街道=无"), ["a.csv 没有列“街道”", "表头是"]),
    ("where without a sign", *led(GOOD, "--where", "街道"), ["--where 的写法是“列名=值”，现在是“街道”"]),
    ("within no column", *led(GOOD, "--within", "街道"), ["--within 的列“街道”", "可用的列"]),
    ("within the geometry", *led(GOOD, "--within", "geometry"), ["--within 的列“geometry”", "可用的列"]),
    ("within a number", *led(GOOD, "--within", "count"), ["--within 的列“count”", "不是文字列"]),
    # rules
    ("rules absent", *led(GOOD, "--rules", "r.toml"), ["规则文件 r.toml 打不开", "去掉 --rules"]),
    ("rules syntax", *beside("--rules", "r.toml", "[group\n"), ["规则文件 r.toml 不是有效的 TOML", "line 1"]),
    ("rules unknown key", *beside("--rules", "r.toml", "[group]\nminimun=3"), ["r.toml 中的“minimun”不认识", "可用的是：minimum"]),
    ("rules unknown table", *beside("--rules", "r.toml", "[gruop]\nminimum=3"), ["r.toml 中的“gruop”不认识", "可用的是：name、group"]),
    ("rules number for a table", *beside("--rules", "r.toml", "reach=3"), ["r.toml 中“reach”的值 3 类型不对"]),
    ("rules word for a list", *beside("--rules", "r.toml", "[[barrier]]\nname='a'\nrule='never'\nvalues='路'"), ["r.toml 中“barrier.values”的值 路 类型不对"]),
    ("rules match without list", *beside("--rules", "r.toml", "[[barrier]]\nname='a'\nrule='never'\nmatch=[{a=3}]"), ["“barrier.match.a”的值 3"]),
    ("rules class of unknown rule", *beside("--rules", "r.toml", "[[barrier]]\nname='a'\nrule='nver'"), ["“a”的 rule = nver 不认识", "可填"]),
    ("rules negative price", *beside("--rules", "r.toml", "[prices]\nwall_per_m=-3"), ["影响权重 wall_per_m 必须是 0 或更大的数，现在是 -3"]),
    ("rules price that is no number", *beside("--rules", "r.toml", "[prices]\nwall_per_m=nan"), ["r.toml 中“prices.wall_per_m”的值 nan 不能用"]),
    ("rules endless reach", *beside("--rules", "r.toml", "[reach]\npoint_m=inf"), ["r.toml 中“reach.point_m”的值 inf 不能用"]),
    ("minimum 0", *led(GOOD, "--minimum", "0"), ["最低户数必须是 1 或更大的整数，现在是 0", "请改 --minimum"]),
    ("upper below minimum", *led(GOOD, "--minimum", "200", "--upper", "100"), ["上限 100 小于最低户数 200", "--upper"]),
    ("absurd upper", *led(GOOD, "--upper", BIG), ["--upper 1e+30 不能用", "不超过 10 亿"]),
    ("negative reach", *led(GOOD, "--reach-m", "-5"), ["相邻距离上限必须是 0 或更大的数，现在是 -5.0 米", "--reach-m"]),
    ("reach that is no number", *led(GOOD, "--reach-m", "nan"), ["--reach-m nan 不能用"]),
    ("endless reach", *led(GOOD, "--reach-m", "inf"), ["--reach-m inf 不能用"]),
    # what is given by hand
    ("links with an unknown id", *beside("--links", "l.csv", f"{LINKS}A1,ZZ,adjacent,x"), ["l.csv 第 2 行“b”列的编号“ZZ”", "请核对编号"]),
    ("links of an unknown kind", *beside("--links", "l.csv", f"{LINKS}A1,A2,near,x"), ["l.csv 第 2 行“kind”列的“near”", "可填：adjacent"]),
    ("links that contradict", *beside("--links", "l.csv", f"{LINKS}A1,A2,adjacent,x\nA2,A1,not_adjacent,y"), ["l.csv 第 3 行", "互相矛盾", "请只保留一种"]),
    ("links with itself", *beside("--links", "l.csv", f"{LINKS}A1,A1,adjacent,x"), ["l.csv 第 2 行把小区“A1”与它自己", "请改正"]),
    ("links without a column", *beside("--links", "l.csv", "a,b\nA1,A2"), ["l.csv", "缺少列“kind”", "需要的表头是"]),
    ("together and apart by others", *beside("--links", "l.csv", f"{LINKS}A1,A2,together,\nA2,A3,together,\nA1,A3,apart,"), ["既须同区又不得同区", "请在相邻关系名单中删去"]),
    ("scope of an unknown word", *beside("--scope", "s.csv", "community_id,scope\nA1,foo"), ["s.csv 第 2 行“scope”列的“foo”", "可填"]),
    ("scope twice", *beside("--scope", "s.csv", "community_id,scope\nA1,fixed\nA1,host"), ["s.csv 第 3 行", "请只保留一行"]),
    ("lock of an unknown id", *beside("--locks", "k.csv", "community_id,area_id\nZZ,X"), ["k.csv 第 2 行“community_id”列的编号“ZZ”"]),
    ("lock without an area", *beside("--locks", "k.csv", "community_id,area_id\nA1,"), ["k.csv 第 2 行“area_id”列是空的", "请填写"]),
    ("links that are a layer", *beside("--links", "l.gpkg", layer()), ["l.gpkg 是地图图层", "请选择 .xlsx"]),
    ("survey with an unknown id", *beside("--survey", "s.xlsx", survey("ZZ", "", "", "", "", 80)), ["s.xlsx", "编号“ZZ”", "请确认"]),
    ("survey with a word", *beside("--survey", "s.xlsx", survey("A1", "", "", "", "", "八十")), ["s.xlsx", "第 2 行", "“户数（实数）”填的是“八十”", "请填"]),
    ("survey half filled", *beside("--survey", "s.xlsx", survey("A1", 2, 3)), ["s.xlsx", "第 2 行", "“层数”未填", "请补上"]),
    ("survey of a giant", *beside("--survey", "s.xlsx", survey("A1", 999999, 999999, 999999, 999999)), ["s.xlsx", "第 2 行", "大得不可能", "请核对"]),
    ("survey that is a ledger", *beside("--survey", "s.csv", GOOD), ["s.csv 不是工作簿", "请使用"]),
    ("unknown beyond measure", *led(GOOD, "--unknown", BIG), ["--unknown 只能是", BIG]),
    ("median of nothing", *led(f"{HEAD}A1,甲,,105.9,29.35\n", "--unknown", "median"), ["a.csv 的“户数”列没有一个已知户数", "--unknown hold"]),
    ("median of nothing after a survey", ("a.csv", "--survey", "s.xlsx", "--unknown", "median"), {"a.csv": "编号,户数\nA1,\nA2,\n", "s.xlsx": survey("")}, ["a.csv 的“户数”列没有一个已知户数"]),
    # what is laid over
    ("barriers of no class", *beside("--barriers", "b.gpkg", layer([LineString([(587040, 3247000), (587040, 3249000)])])), ["b.gpkg", "没有一个要素属于规则里的类别", "请给图层加一列“类别”"]),
    ("barriers without a system", ("a.gpkg", "--barriers", "b.gpkg"), {"a.gpkg": layer(), "b.gpkg": layer(crs=None)}, ["b.gpkg：坐标以米为单位", "请指明"]),
    ("grids without a name", *beside("--grids", "g.gpkg", layer(foo=["1", "2", "3"])), ["g.gpkg 里没有名称或编号列", "请增加“名称”列", "foo"]),
    ("points as grids", *beside("--grids", "g.gpkg", layer([Point(587000, 3248000)])), ["g.gpkg 里没有面状图形", "请提供范围面"]),
    ("a ledger as grids", *beside("--grids", "g.csv", "名称,户数\n甲,1\n"), ["g.csv 里没有图形", "写进台账的“所属网格”一列"]),
    ("grids off the earth", *beside("--grids", "g.gpkg", layer([box(-1800, -900, 1800, 900)], crs="EPSG:4326")), ["g.gpkg 里的图形都不在地球上", "请核对坐标"]),
    ("boundary without a system", *beside("--boundary", "b.gpkg", layer(crs=None)), ["b.gpkg 没有坐标系", "--boundary-crs"]),
    ("buildings without a key", *beside("--buildings", "b.csv", "楼号,户数\n1,2\n"), ["b.csv 既没有小区编号列，也没有位置", "请补"]),
    # where the results go
    ("out is a file", ("a.csv", "--crs", "EPSG:4490", "--out", "a.csv"), {"a.csv": GOOD}, ["a.csv 不是文件夹", "--out"]),
    ("out below a file", ("a.csv", "--crs", "EPSG:4490", "--out", "a.csv/b"), {"a.csv": GOOD}, ["a.csv/b 不是文件夹", "--out"]),
    ("out holds others' files", (*LEDGER, "--out", "d"), {"a.csv": GOOD, "d/letter.docx": "x"}, ["文件夹 d 里有别的文件（letter.docx）", "--out"]),
    ("out is where the ledger lies", (*LEDGER, "--out", "."), {"a.csv": GOOD}, ["里有别的文件（a.csv）", "--out"]),
    ("out of a name too long", (*LEDGER, "--out", "x" * 300), {"a.csv": GOOD}, ["无法写入（名称过长）", "--out"]),
    # words of the command
    ("no worker", *led(GOOD, "--workers", "0"), ["选项 --workers 的值“0”不能用", "不小于 1 的数"]),
    ("negative seconds", *led(GOOD, "--seconds", "-1"), ["选项 --seconds 的值“-1”不能用"]),
    ("a word for a number", *led(GOOD, "--minimum", "多"), ["选项 --minimum 的值“多”不能用", "一个整数"]),
    ("unknown option", *led(GOOD, "--minimun", "3"), ["没有选项 --minimun", "--minimum", "--help"]),
    ("missing value", *led(GOOD, "--out", "out", "--minimum"), ["选项 --minimum", "要值的选项后面写一个值"]),
    ("missing ledger", (), {}, ["缺少 COMMUNITIES"]),
    ("two ledgers", *led(GOOD, "b.csv"), ["命令的写法不对", "--help"]),
]  # fmt: skip


@table(REFUSED)
def test_refused_in_one_sentence(desk, capsys, words, files, expected):
    put(desk, files)
    sentence = refusal(desk, capsys, words)
    assert [word for word in expected if word not in sentence] == []


def test_a_file_that_may_not_be_read(desk, capsys, monkeypatch):
    def denied(*_: object) -> None:
        raise PermissionError

    put(desk, {"a.csv": GOOD})
    monkeypatch.setattr(shutil, "copyfile", denied)  # who runs the tests may be allowed to read everything
    assert refusal(desk, capsys, LEDGER).startswith("a.csv 打不开。请检查是否有读取权限")


def test_out_that_cannot_be_made(desk, capsys, monkeypatch):
    def denied(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    put(desk, {"a.csv": GOOD})
    monkeypatch.setattr(folder, "tempfile", SimpleNamespace(TemporaryDirectory=denied))
    assert refusal(desk, capsys, LEDGER).startswith("文件夹 out 无法写入（没有写入权限）；")


# --- found -------------------------------------------------------------------------------------------


def on_map(*shapes: object) -> tuple[tuple[str, ...], dict[str, Content]]:
    """A layer of these shapes beside good ones."""
    return ("a.gpkg",), {"a.gpkg": layer([*shapes, *SHAPES[1:]])}


CROSSED = Polygon([(587000, 3248000), (587050, 3248050), (587050, 3248000), (587000, 3248050)])
NAN_WKT = 'A6,己,5,"POLYGON((587000 3248000,nan 3248000,587050 3248050,587000 3248000))"\n'
FOUND = [
    # counts
    ("words in a count", *led(GOOD.replace(",70,", ",七十多，")), [("cleaning.count_unreadable", "3", "户数")]),
    ("negative", *led(GOOD.replace(",70,", ",-5,")), [("cleaning.count_negative", "3", "户数")]),
    ("fraction", *led(GOOD.replace(",70,", ",12.5,")), [("cleaning.count_fraction", "3", "户数")]),
    ("zero", *led(GOOD.replace(",70,", ",0,")), [("cleaning.count_zero", "3", "户数")]),
    ("two million", *led(GOOD.replace(",70,", ",2008042,")), [("cleaning.count_huge", "3", "户数")]),
    ("1e30", *led(GOOD.replace(",70,", ",1e30,")), [("cleaning.count_impossible", "3", "户数")]),
    ("infinite", *led(GOOD.replace(",70,", ",inf,")), [("cleaning.count_unreadable", "3", "户数")]),
    ("none", *led(GOOD.replace(",70,", ",,")), [("cleaning.count_missing", "3", "户数")]),
    # rows
    ("sum row", *led(f"{GOOD}合计,,240,,\n"), [("cleaning.row_sum", "6", "")]),
    ("unlabelled sum row", *led(f"{GOOD}A9,总部,240,105.9032,29.35\n"), [("cleaning.count_is_sum", "6", "户数")]),
    ("row twice", *led(f"{GOOD}A4,文昌里,20,105.9024,29.35\n"), [("cleaning.row_repeated", "6", "")]),
    ("id twice, rows differ", *led(f"{GOOD}A4,文昌里二期,30,105.9030,29.35\n"), [("cleaning.rows_merged_names", "5", "")]),
    ("name twice", *led(GOOD.replace("文昌里", "玉屏小区").replace("A", "").replace("编号", "序号")), [("cleaning.name_repeated", "5", "")]),
    ("no id in a row", *led(GOOD.replace("A3", "")), [("cleaning.no_id", "4", "编号")]),
    # places
    ("axes swapped", *led("编号,户数,经度,纬度\nA1,60,29.35,105.9\nA2,70,29.35,105.9008\n"), [("coordinates.swapped", "", "")]),
    ("one row swapped", *led(f"{GOOD}A5,戊,50,29.35,105.9032\n"), [("coordinates.swapped_row", "6", "经度、纬度")]),
    ("prefixed eastings", ("a.csv",), {"a.csv": ZONED}, [("coordinates.zone_prefix", "", "")]),
    ("not a number", *led(f"{GOOD}A5,戊,50,nan,29.35\n"), [("coordinates.unreadable", "6", "经度、纬度")]),
    ("infinite place", *led(f"{GOOD}A5,戊,50,inf,29.35\n"), [("coordinates.impossible", "6", "经度、纬度")]),
    ("1e300", *led(f"{GOOD}A5,戊,50,1e300,29.35\n"), [("coordinates.impossible", "6", "经度、纬度")]),
    ("0, 0", *led(f"{GOOD}A5,戊,50,0,0\n"), [("coordinates.nowhere", "6", "经度、纬度")]),
    ("metres off the earth", PLAIN, {"a.csv": f"{METRES}A5,戊,50,99999999,-99999999\n"}, [("coordinates.impossible", "6", "X、Y")]),
    ("the other side of the earth", *led(f"{GOOD}A5,戊,50,-74.1,-29.35\n"), [("coordinates.far_away", "6", "")]),
    ("all in one place", *led(GOOD.replace("08,", "00,").replace("16,", "00,").replace("24,", "00,")), [("coordinates.stacked", "2", "")]),
    ("no place at all", ("a.csv",), {"a.csv": "编号,户数\nA1,60\nA2,70\n"}, [("coordinates.no_places", "", "")]),
    ("a column of another meaning called geom", *led("geom,编号,户数,经度,纬度\nx,A1,60,105.9,29.35\n"), [("coordinates.unreadable", "2", "geom"), ("coordinates.projected", "", "")]),
    ("corner that is no number", PLAIN, {"a.csv": f"编号,名称,户数,wkt\nA1,甲,60,POINT(587000 3248000)\n{NAN_WKT}"}, [("coordinates.impossible", "3", "wkt")]),
    # outlines
    ("crosses itself", *on_map(CROSSED), [("coordinates.repaired", "1", "")]),
    ("empty outline", *on_map(Polygon()), [("coordinates.empty", "1", "")]),
    ("no outline", *on_map(None), [("coordinates.no_place", "1", "")]),
    ("line as outline", *on_map(LineString([(587000, 3248000), (587050, 3248000)])), [("coordinates.not_an_outline", "1", "")]),
    ("outline without area", *on_map(Polygon([(587000, 3248000), (587050, 3248000), (587100, 3248000)])), [("coordinates.no_area", "1", "")]),
    ("outline with an infinite corner", *on_map(Polygon([(587000, 3248000), (float("inf"), 3248000), (587000, 3248050)])), [("reading.outline_broken", "1", "")]),
    ("outline with a corner at 1e300", *on_map(Polygon([(587000, 3248000), (1e300, 3248000), (587000, 3248050)])), [("coordinates.impossible", "1", "")]),
    ("outline across the world, metres", *on_map(box(-1e7, -1e7, 1e7, 1e7)), [("coordinates.endless", "1", "")]),
    ("outline across the world, degrees", ("a.gpkg",), {"a.gpkg": layer([box(-180, -90, 180, 90), box(105.9, 29.35, 105.9004, 29.3504), box(105.901, 29.35, 105.9014, 29.3504)], crs="EPSG:4326")}, [("coordinates.endless", "1", "")]),
    ("same outline twice", *on_map(SHAPES[1]), [("coordinates.duplicate", "2", "")]),
    ("outlines none of which is one", *beside("--outlines", "o.gpkg", layer([LineString([(587000, 3248000), (587050, 3248000)])])), [("coordinates.not_an_outline", "1", ""), ("cleaning.outline_alone", "1", "")]),
    ("grids partly off the earth", *beside("--grids", "g.gpkg", layer([box(-1800, -900, 1800, 900), box(105, 29, 107, 30)], crs="EPSG:4326")), [("drawn.off_earth", "", "")]),
    ("grids with a broken feature", *beside("--grids", "g.gpkg", layer([Polygon([(0, 0), (float("inf"), 1), (1, 1)]), square(-100, -100, 400)])), [("reading.outline_broken", "1", ""), ("drawn.empty", "", "")]),
    # people
    ("telephones", *led(GOOD.replace("户数", "联系电话,户数", 1).replace("小区,", "小区,13800138000,")), [("reading.personal_column", "", "联系电话")]),
]  # fmt: skip


@table(FOUND)
def test_found_and_planned_all_the_same(desk, capsys, words, files, expected):
    put(desk, files)
    found = {(f["code"], f["row"], f["column"]) for f in findings(desk, capsys, words)}
    assert set(expected) - found == set()
    rows = summary(desk)["rows"]
    assert rows["in"] == rows["used"] + rows["refused"]


# --- a plan that breaks a rule says so -----------------------------------------------------------------

HELD = GOOD.replace(",90,", ",,")
KEYS = "community_id,area_id\n"
BROKEN = [
    (
        "lock of a held community",
        (*LEDGER, "--locks", "k.csv"),
        {"a.csv": HELD, "k.csv": f"{KEYS}A2,X\nA3,X"},
        ["A2", "A3"],
    ),
    (
        "lock of far apart communities",
        (*LEDGER, "--locks", "k.csv"),
        {"a.csv": GOOD, "k.csv": f"{KEYS}A1,X\nA4,X"},
        ["A1", "A4"],
    ),
    (
        "lock below the minimum",
        (*LEDGER, "--locks", "k.csv"),
        {"a.csv": GOOD, "k.csv": f"{KEYS}A4,X"},
        ["A4"],
    ),
    (
        "lock of what must not share an area",
        (*LEDGER, "--locks", "k.csv", "--links", "l.csv"),
        {"a.csv": GOOD, "k.csv": f"{KEYS}A1,X\nA2,X", "l.csv": f"{LINKS}A1,A2,apart,x"},
        ["A1", "A2"],
    ),
    (
        "lock of an excluded community",
        (*LEDGER, "--locks", "k.csv", "--scope", "s.csv"),
        {"a.csv": GOOD, "k.csv": f"{KEYS}A1,X\nA2,X", "s.csv": "community_id,scope\nA1,excluded"},
        ["A1", "A2"],
    ),
]


@table(BROKEN)
def test_a_lock_that_breaks_a_rule_gives_a_plan_that_says_so(desk, capsys, words, files, expected):
    put(desk, files)
    findings(desk, capsys, words)
    assert summary(desk)["violations"] > 0
    assert "未通过项" in openpyxl.load_workbook(desk / "out" / "plan.xlsx").sheetnames
    plan = gpd.read_file(desk / "out" / "plan.gpkg", layer="communities").set_index("area_id")
    (area,) = plan.index[plan["community_id"].isin(expected)].unique()
    assert plan.loc[[area], "community_id"].tolist() == expected


def test_no_seconds_give_a_plan_all_the_same(desk, capsys):
    put(desk, {"a.csv": GOOD})
    findings(desk, capsys, [*LEDGER, "--seconds", "0"])
    assert summary(desk)["status"] in ("optimal", "feasible")
    assert summary(desk)["violations"] == 0


# --- text from data is never code ---------------------------------------------------------------------

PRODUCT = 7919 * 7907
HOSTILE = """\
编号,小区名称,=户数,经度,纬度
A1,=1+1,60,105.9000,29.35
A2,@SUM(A1),,105.9008,29.35
A3,{{7919*7907}},90,105.9016,29.35
A4,<script>alert(7919)</script>,20,105.9024,29.35
A5,${7919*7907}{0}{file}%s,20,105.9032,29.35
A6,=1+1,20,105.9040,29.35
"""


@pytest.fixture
def hostile(desk, capsys):
    put(desk, {"a.csv": HOSTILE})
    findings(desk, capsys, [*LEDGER, "--count", "=户数"])
    return desk / "out"


def test_a_formula_in_a_name_stays_text_in_every_workbook(hostile):
    texts = set()
    for name in ("plan.xlsx", "survey.xlsx"):
        for sheet in openpyxl.load_workbook(hostile / name):
            cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
            assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
            texts |= {str(cell.value) for cell in cells}
    assert {"=1+1", "@SUM(A1)", "{{7919*7907}}", "=户数"} <= texts


def test_no_cell_of_findings_begins_like_a_formula(hostile):
    with (hostile / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert "'=户数" in cells


def test_a_template_in_a_name_is_inert_in_the_map(hostile):
    page = (hostile / "map.html").read_text(encoding="utf-8")
    assert "7919*7907" in page
    assert [bad for bad in (str(PRODUCT), "{{7919", "${7919", "<script>alert(7919") if bad in page] == []


def test_names_come_out_of_the_layers_as_they_went_in(hostile):
    names = gpd.read_file(hostile / "plan.gpkg", layer="communities")["name"].tolist()
    assert names == [line.split(",")[1] for line in HOSTILE.splitlines()[1:]]
