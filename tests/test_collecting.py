"""The ledgers of several offices as one: what two of them list counts once, and nothing else is merged."""

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.schema import DataError
from jobs.cli import main
from jobs.collecting import collect
from jobs.district import plan_district
from jobs.request import FileLayer, Request
from report.collected import across_table, shared_table
from report.reopening import read_results
from tests.ledgers import square

CRS = "EPSG:4544"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "台账").mkdir()
    return tmp_path / "台账"


@pytest.fixture
def office(folder):
    """Write an office's layer: 编号, 小区名称, 户数, 地址 and where each lies."""

    def written(name: str, *rows: tuple[str, str, object, object], **more: str) -> None:
        table = [
            {"编号": i, "小区名称": n, "户数": count, **more, "geometry": shape}
            for i, n, count, shape in rows
        ]
        gpd.GeoDataFrame(table, crs=CRS).to_file(folder / f"{name}.gpkg")

    return written


def collected(folder, tmp_path, **options):
    return collect(Request(FileLayer(folder), **options), tmp_path / "out")


def test_a_boundary_block_in_two_ledgers_counts_once_as_it_is_better_known(office, folder, tmp_path):
    office("玉屏街道", ("Y1", "甲院", "60", square(0, 0)), ("Y2", "界院", "约86", square(60, 0)))
    office("红旗街道", ("H7", "界 院", "90", square(61, 2)), ("H8", "乙院", "70", square(120, 0)))
    found = collected(folder, tmp_path)
    assert found.communities["count"].to_dict() == {"H7": 90, "H8": 70, "Y1": 60}
    assert found.communities.at["H7", "count_status"] == "surveyed"
    (shared,) = found.shared
    assert (shared.offices, shared.counts, shared.kept, shared.why) == (
        ("玉屏街道", "红旗街道"), (86, 90), "红旗街道", "place"
    )  # fmt: skip
    assert found.rows == (4, 4, 0)
    assert len(found.communities) == 4 - sum(len(one.offices) - 1 for one in found.shared)


def test_one_id_of_one_name_is_one_block_wherever_it_is_drawn(office, folder, tmp_path):
    office("玉屏街道", ("500118-1", "界院", "60", square(0, 0)))
    office("红旗街道", ("500118-1", "界院", "60", square(400, 0)))
    found = collected(folder, tmp_path)
    assert (len(found.communities), found.shared[0].why) == (1, "id")


def test_one_id_for_two_blocks_keeps_both_apart_by_the_office_and_says_so(office, folder, tmp_path):
    office("玉屏街道", ("1", "甲院", "60", square(0, 0)))
    office("红旗街道", ("1", "乙院", "70", square(400, 0)))
    found = collected(folder, tmp_path)
    assert found.communities["name"].to_dict() == {"1·玉屏街道": "甲院", "1·红旗街道": "乙院"}
    assert found.shared == ()
    assert set(found.findings["code"]) == {"collecting.id_twice"}


@pytest.mark.parametrize(
    ("name", "shape"),
    [("界院", square(400, 0)), ("别院", square(62, 0)), ("界院", square(85, 0))],
    ids=["same name elsewhere", "another name there", "same name beside it"],
)
def test_a_name_or_a_place_alone_merges_nothing(office, folder, tmp_path, name, shape):
    office("玉屏街道", ("Y2", "界院", "86", square(60, 0)))
    office("红旗街道", ("H7", name, "90", shape))
    found = collected(folder, tmp_path)
    assert (len(found.communities), found.shared) == (2, ())


@pytest.fixture
def ledger(folder):
    """Write an office's ledger as a table: 小区名称, 户数, 地址; no id, no place."""

    def written(name: str, *rows: tuple[str, int, str]) -> None:
        text = "\n".join(["小区名称,户数,地址", *(",".join(map(str, row)) for row in rows)])
        (folder / f"{name}.csv").write_text(text + "\n", encoding="utf-8")

    return written


def test_a_name_that_stands_in_for_an_id_merges_nothing(office, folder, tmp_path):
    office("玉屏街道", ("", "粮食局家属院", "40", square(0, 0)), ("", "甲院", "60", square(60, 0)))
    office("红旗街道", ("", "粮食局家属院", "64", square(4_000, 0)))
    found = collected(folder, tmp_path)
    assert found.communities["count"].to_dict() == {
        "甲院": 60, "粮食局家属院·玉屏街道": 40, "粮食局家属院·红旗街道": 64
    }  # fmt: skip
    assert found.shared == ()
    said = found.findings[found.findings["code"] == "collecting.name_twice"]["found"]
    assert list(said) == ["“粮食局家属院”在另一份台账里有同名小区，看不出是不是同一个"] * 2


def test_ledgers_without_places_share_a_block_where_name_and_address_agree(ledger, folder, tmp_path):
    ledger("玉屏街道", ("甲院", 60, "东路1号"), ("界院", 86, "交界路1号"))
    ledger("红旗街道", ("界院", 90, "交界路 1 号"), ("甲院", 70, "西路9号"))
    found = collected(folder, tmp_path)
    (shared,) = found.shared
    assert (shared.name, shared.counts, shared.why) == ("界院", (86, 90), "words")
    assert sorted(found.communities["count"]) == [60, 70, 86]
    assert shared_table(found)["认定依据"].tolist() == ["名称和地址都相同，缺位置"]


def test_one_address_in_two_places_is_two_blocks(office, folder, tmp_path):
    for street, x in (("玉屏街道", 0), ("红旗街道", 900)):
        rows = [{"小区名称": "界院", "户数": 60, "地址": "交界路1号", "geometry": square(x, 0)}]
        gpd.GeoDataFrame(rows, crs=CRS).to_file(folder / f"{street}.gpkg")
    assert collected(folder, tmp_path).shared == ()


def test_two_of_one_office_against_one_of_another_are_a_doubt_and_stay(office, folder, tmp_path):
    office("玉屏街道", ("Y1", "粮食局家属院", "40", square(0, 0)), ("Y2", "粮食局家属院", "64", square(5, 0)))
    office("红旗街道", ("H1", "粮食局家属院", "40", square(3, 0)))
    found = collected(folder, tmp_path)
    assert (len(found.communities), found.shared) == (3, ())
    assert "collecting.doubtful" in set(found.findings["code"])


def test_points_of_one_name_within_a_lane_are_one_block(office, folder, tmp_path):
    at = shapely.Point(587_000, 3_248_000)
    office("玉屏街道", ("Y1", "界院", "60", at))
    office("红旗街道", ("H1", "界院", "60", shapely.affinity.translate(at, 29)), ("H2", "界院", "9", shapely.affinity.translate(at, 80)))  # fmt: skip
    found = collected(folder, tmp_path)
    assert sorted(found.communities.index) == ["H2", "Y1"]


def test_who_is_short_only_because_of_the_bound_between_streets_is_for_the_district(office, folder, tmp_path):
    office("玉屏街道", ("Y1", "甲院", "40", square(0, 0)), ("Y2", "丁院", "150", square(0, 500)))
    office("红旗街道", ("H1", "乙院", "70", square(60, 0)), ("H2", "丙院", "30", square(900, 900)))
    found = collected(folder, tmp_path)
    (across,) = found.across
    assert (across.pairs, across.members, across.total) == ((("H1", "Y1"),), ("H1", "Y1"), 110)
    book = openpyxl.load_workbook(tmp_path / "out" / "collected.xlsx")
    assert book.sheetnames == ["归属待定", "区级协调清单", "数据核对清单"]
    cells = [cell.value for row in book["区级协调清单"].iter_rows() for cell in row]
    assert "乙院（红旗街道，70 户）—甲院（玉屏街道，40 户）" in cells


def test_a_block_that_two_offices_claim_is_marked_where_the_district_has_to_settle_its_links(
    office, folder, tmp_path
):
    office("玉屏街道", ("Y1", "甲院", "40", square(0, 0)), ("Y2", "界院", "约60", square(60, 0)))
    office("红旗街道", ("Y2", "界院", "70", square(60, 0)), ("H1", "丁院", "200", square(900, 900)))
    found = collected(folder, tmp_path)
    (across,) = found.across
    told = across_table(found)["可合为一个区域的小区"].tolist()
    assert told == ["甲院（玉屏街道，40 户）、界院（归属待定，70 户）"]
    assert across.total == 110


def test_the_order_of_rows_and_the_names_of_files_read_first_change_nothing(office, folder, tmp_path):
    rows = [("Y1", "甲院", "60", square(0, 0)), ("Y2", "界院", "86", square(60, 0))]
    office("玉屏街道", *rows)
    office("红旗街道", ("H7", "界院", "90", square(61, 2)))
    one = collect(Request(FileLayer(folder)), tmp_path / "one")
    office("玉屏街道", *rows[::-1])
    other = collect(Request(FileLayer(folder)), tmp_path / "other")
    columns = ["name", "count", "street_town", "office"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.communities[columns]), pd.DataFrame(other.communities[columns])
    )


def test_what_was_collected_can_be_planned_and_estimates_stay_estimates(office, folder, tmp_path, capsys):
    office("玉屏街道", ("Y1", "甲院", "约60", square(0, 0)), 社区="玉屏社区")
    office("红旗街道", ("H1", "乙院", "70", square(60, 0)), 社区="玉屏社区")
    assert main(["collect", str(folder), "--out", str(tmp_path / "out")]) == 0
    assert "区级协调清单 1 项。" in capsys.readouterr().out
    layer = FileLayer(tmp_path / "out" / "collected.gpkg")
    table = plan_district(Request(layer, count_column="count")).communities
    assert table["count_status"].to_dict() == {"H1": "surveyed", "Y1": "estimated"}
    assert table["street_town"].to_dict() == {"H1": "红旗街道", "Y1": "玉屏街道"}
    assert main(["plan", str(layer.path), "--count", "count", "--out", str(tmp_path / "plan")]) == 0
    assert read_results(tmp_path / "plan").communities["outcome"].tolist() == ["exception"] * 2


def test_a_folder_without_ledgers_and_a_file_are_refused(folder, tmp_path):
    with pytest.raises(DataError, match=r"^文件夹 台账 里没有台账"):
        collected(folder, tmp_path)
    (tmp_path / "a.csv").write_text("小区名称,户数\n甲,3\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"^a\.csv 不是文件夹。"):
        collected(tmp_path / "a.csv", tmp_path)
