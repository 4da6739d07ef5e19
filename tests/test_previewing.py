"""What is shown before anybody plans: every row accounted for, columns matched, readings of bare degrees, hostile text inert."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from geo.shifts import bd09_of_gcj02, gcj02_of_wgs84
from jobs.cli import SAMPLE
from jobs.previewing import preview
from jobs.request import FileLayer, Request
from report.fixlist import KINDS, fix_sheet, kind_of, write_fix_list

HOSTILE = ("=1+1", "<script>alert(1)</script>", "\u202e]]>&\x0b'\"")
LON, LAT = 105.9271, 29.3562


@pytest.fixture(scope="module")
def sample():
    """The four files of the sample that an office would send first."""
    return preview(
        Request(
            FileLayer(SAMPLE / "ledger.xlsx"),
            outlines=FileLayer(SAMPLE / "outlines.zip"),
            grids=FileLayer(SAMPLE / "grids.geojson"),
            scope=SAMPLE / "scope.csv",
        )
    )


def bare(folder, *, names=("甲院", "乙院", "丙院", "丁院")) -> FileLayer:
    """A ledger in degrees that says nothing of their system; shifted ones are those of 百度."""
    lines = []
    for n, name in enumerate(names):
        lon, lat = LON + 0.004 * n, LAT + 0.003 * n
        lon, lat = (float(v[0]) for v in bd09_of_gcj02(*gcj02_of_wgs84(np.array([lon]), np.array([lat]))))
        quoted = name.replace('"', '""')
        lines.append(f'"{quoted}",60,{lon:.6f},{lat:.6f}')
    path = folder / "台账.csv"
    path.write_text("\n".join(["小区名称,户数,经度,纬度", *lines]) + "\n", encoding="utf-8")
    return FileLayer(path)


# --- rows ------------------------------------------------------------------------------------------


def test_every_row_is_accounted_for(sample):
    rows = sample.rows
    assert (rows.rows_in, rows.used, rows.communities) == (76, 67, 66)
    assert sum(rows.refused.values()) == rows.rows_in - rows.used
    assert list(rows.held) == ["GH312", "GH315", "GH416"]
    assert list(rows.unplaced) == ["供销社家属楼"]


def test_the_head_is_matched_and_shows_values(sample):
    head = sample.head
    assert {ours: head.columns[ours] for ours in ("id", "name", "count")} == {
        "id": "编号",
        "name": "小区名称",
        "count": "户数",
    }
    assert head.samples["编号"] == ("GH101", "GH102", "GH103")
    assert list(head.personal) == ["联系人", "联系电话"]
    assert not set(head.personal) & set(head.headings)


def test_the_order_of_columns_does_not_make_another_head(tmp_path):
    keys = set()
    for text in ("小区名称,户 数\n甲,1\n", "户数,小区名称\n1,甲\n"):
        path = tmp_path / "a.csv"
        path.write_text(text, encoding="utf-8")
        keys.add(preview(Request(FileLayer(path))).head.key)
    assert len(keys) == 1


def test_a_finding_shows_the_cell_it_is_of(sample):
    told = {(row["column"], row["row"]): row["value"] for row in sample.findings}
    assert told["户数", "19"] == "约120"
    assert sample.looks == ("grids", "known", "unknown")
    assert sample.picture.startswith("<svg")


def test_a_question_leaves_the_head_to_answer_it_by(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("小区名称,户数,套数\n甲,60,70\n", encoding="utf-8")
    seen = preview(Request(FileLayer(path)))
    assert seen.refusal.code == "cleaning.several_counts"
    assert (seen.rows, set(seen.head.counts)) == (None, {"户数", "套数"})


def test_an_unreadable_file_has_no_head(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7")
    seen = preview(Request(FileLayer(path)))
    assert (seen.head, seen.rows, seen.refusal.code) == (None, None, "reading.copy_to_xlsx")


# --- readings --------------------------------------------------------------------------------------


def test_bare_degrees_are_drawn_under_each_system(tmp_path):
    seen = preview(Request(bare(tmp_path)))
    assert seen.refusal.code == "coordinates.ask"
    assert [one.system for one in seen.readings] == ["EPSG:4490", "gcj02", "bd09"]
    first, amap, baidu = seen.readings
    assert (first.east_m, first.north_m) == (0, 0)
    assert 300 < abs(amap.east_m) + abs(amap.north_m) < 1_500
    assert abs(baidu.east_m) > abs(amap.east_m)
    assert all("甲院" in one.picture for one in seen.readings)
    assert {one.against for one in seen.readings} == {""}


def test_outlines_tell_which_reading_is_right(tmp_path):
    truth = gpd.GeoSeries([Point(LON + 0.004 * n, LAT + 0.003 * n) for n in range(4)], crs="EPSG:4490")
    outlines = tmp_path / "轮廓.gpkg"
    gpd.GeoDataFrame({"name": list("甲乙丙丁")}, geometry=truth.to_crs("EPSG:4544").buffer(60)).to_file(
        outlines
    )
    seen = preview(Request(bare(tmp_path), outlines=FileLayer(outlines)))
    assert [one.inside for one in seen.readings] == [0, 0, 4]
    assert {(one.places, one.against) for one in seen.readings} == {(4, "轮廓.gpkg")}


# --- text from files -------------------------------------------------------------------------------


def test_hostile_names_stay_text_in_the_picture(tmp_path):
    seen = preview(Request(bare(tmp_path, names=HOSTILE), crs="bd09"))
    assert "<script" not in seen.picture
    assert "&lt;script&gt;" in seen.picture
    assert "\u202e" not in seen.picture


def test_the_fix_list_is_text_and_leaves_room(tmp_path):
    import openpyxl

    path = tmp_path / "fix.xlsx"
    row = {
        "file": "=1+1",
        "row": "3",
        "column": "户数",
        "code": "cleaning.count_missing",
        "found": "=2+2",
        "done": "x",
        "value": "=3+3",
    }
    told = {**row, "code": "reading.lines_above"}
    write_fix_list(path, [row, told], title="台账")
    sheet = openpyxl.load_workbook(path).active
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert {cell.value: cell.data_type for cell in cells if str(cell.value).startswith("=")} == {
        "=1+1": "s",
        "=2+2": "s",
        "=3+3": "s",
    }
    last = [line for line in sheet.iter_rows(values_only=True) if line[0] == "=1+1"]
    assert len(last) == 1  # what needs no mending is not in the list
    assert last[0][-1] is None


def test_the_fix_list_begins_with_what_matters(sample):
    table = fix_sheet(sample.findings, title="台账").table
    order = [list(KINDS).index(kind_of(row["code"])) for row in sample.findings]
    assert table.iloc[0]["列"] == "户数"
    assert len(table) < len(order)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("cleaning.count_range", "count"),
        ("cleaning.row_sum", "refused"),
        ("cleaning.row_nameless", "identity"),
        ("coordinates.no_place", "place"),
        ("coordinates.repaired", "outline"),
        ("reading.personal_column", "personal"),
        ("reading.hidden_sheet", "file"),
    ],
)
def test_findings_are_grouped_by_how_they_are_mended(code, kind):
    assert kind_of(code) == kind
