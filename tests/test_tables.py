"""The output folder: its files, their contents, and that it is whole at every moment."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from geo.schema import DataError
from report import folder as folder_module
from report import tables
from report.results import Results, write_results
from report.tables import check_output
from report.titles import caveat_words, caveats_line
from tests import fakes

FILES = ["findings.csv", "map.html", "plan.gpkg", "plan.xlsx", "rules.toml", "summary.json", "survey.xlsx"]


@pytest.fixture(scope="module")
def plan() -> Results:
    return fakes.results()


@pytest.fixture(scope="module")
def small(plan: Results) -> Results:
    """One area and one held community: what matters here is the folder."""
    communities = plan.communities.loc[["C001", "C002", "C023"]]
    areas, links = plan.areas.head(1), plan.links.head(1)
    return replace(
        plan, communities=communities, areas=areas, links=links, buildings=None, area_grid=None, layers={}
    )


@pytest.fixture(scope="module")
def written(plan: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "deep" / "out"
    write_results(plan, out)
    return out


def names(path: Path) -> list[str]:
    return sorted(p.name for p in path.iterdir())


def layer(path: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(path / "plan.gpkg", layer=name)


# --- contents --------------------------------------------------------------------------------------


def test_the_folder_holds_the_promised_files_and_nothing_beside_it(written):
    assert names(written) == FILES
    assert names(written.parent) == ["out"]


def test_layers_of_the_geopackage(written):
    assert [name for name, _ in pyogrio.list_layers(written / "plan.gpkg")] == [
        "communities",
        "areas",
        "links",
        "refused_links",
        "buildings",
        "grounds",
        "barriers",
        "committees",
        "duties",
        "grids",
        "area_grid",
        "community_grid",
        "beyond",
    ]


def test_communities_are_all_there_with_the_columns_scripts_rely_on(written, plan):
    table = layer(written, "communities")
    assert table["community_id"].to_list() == list(plan.communities.index)
    assert list(table.columns)[:15] == [
        *("community_id", "name", "count", "count_status", "scope", "dwellings", "households", "owners"),
        *("area_id", "outcome", "reason_code", "reason", "below_min_group", "committee", "grids"),
    ]
    assert table.crs == "EPSG:4544"
    assert set(table.geom_type) == {"Polygon", "Point"}
    assert table["area_id"].isna().sum() == 5


def test_columns_the_source_left_empty_stay_away(plan, tmp_path):
    bare = plan.communities.assign(committee="", grids="")
    write_results(replace(plan, communities=bare), tmp_path / "out")
    assert not {"committee", "grids"} & set(layer(tmp_path / "out", "communities").columns)


def test_source_columns_that_a_geopackage_cannot_hold_get_a_number(plan, tmp_path):
    own = plan.communities.assign(FID="7", NAME="甲", geom="x")
    write_results(replace(plan, communities=own), tmp_path / "out")
    table = layer(tmp_path / "out", "communities")
    assert table.loc[0, ["name", "NAME_2", "FID_2", "geom_2"]].to_list() == ["萱花小区", "甲", "7", "x"]


def test_a_row_without_place_is_kept(plan, tmp_path):
    communities = plan.communities.copy()
    communities.loc["C007", "geometry"] = None
    write_results(replace(plan, communities=communities), tmp_path / "out")
    table = layer(tmp_path / "out", "communities").set_index("community_id")
    assert table.loc["C007", "geometry"] is None
    assert len(table) == 60


def test_areas_have_their_costs(written):
    areas = layer(written, "areas")
    assert list(areas.columns)[:15] == [
        *("area_id", "center_id", "communities", "count", "cost"),
        *("cost_walk", "cost_join", "cost_cross", "cost_wall", "cost_committee", "cost_grid", "cost_unlike"),
        *("cost_size", "cost_fixed", "cost_change"),
    ]
    assert areas["area_id"].is_monotonic_increasing


def test_layers_do_not_depend_on_the_order_of_rows(written, plan, tmp_path):
    mixed = replace(
        plan,
        communities=plan.communities.sample(frac=1, random_state=1),
        areas=plan.areas.sample(frac=1, random_state=2),
        links=plan.links.sample(frac=1, random_state=3),
    )
    write_results(mixed, tmp_path / "out")
    for name in ("communities", "areas", "links"):
        one, other = layer(written, name), layer(tmp_path / "out", name)
        assert one.drop(columns="geometry").to_csv() == other.drop(columns="geometry").to_csv()
        assert (one.geometry.to_wkb() == other.geometry.to_wkb()).all()


def test_a_plan_of_nothing_can_be_written(plan, tmp_path):
    empty = replace(
        plan,
        communities=plan.communities.head(0),
        areas=plan.areas.head(0),
        links=plan.links.head(0),
        refused_links=plan.refused_links.head(0),
        findings=plan.findings.head(0),
        buildings=None,
        area_grid=None,
        layers={},
    )
    write_results(empty, tmp_path / "out")
    assert names(tmp_path / "out") == FILES
    assert len(layer(tmp_path / "out", "communities")) == 0


def test_findings_are_never_formulas(written):
    raw = (written / "findings.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0] == ["file", "row", "column", "code", "found", "done"]
    assert rows[2] == [
        "台账.xlsx[Sheet1]",
        "",
        "联系人",
        "reading.personal",
        "像是个人信息的列",
        "整列不读入",
    ]
    assert rows[3] == ["'=cmd|x", "9", "'@名称", "reading.formula", "'=1+1", "'+按文字保留"]


def test_summary_says_how_long_writing_took(written, plan):
    summary = json.loads((written / "summary.json").read_text(encoding="utf-8"))
    assert summary.pop("seconds").keys() == {"read", "solve", "write"}
    assert summary.pop("title") == plan.title
    assert summary == {k: v for k, v in plan.summary.items() if k != "seconds"}


def test_rules_are_copied(written):
    assert (written / "rules.toml").read_text(encoding="utf-8") == "[group]\nminimum = 100\n"


def test_lines_for_a_terminal(plan):
    assert plan.lines() == [
        "中山路街道老旧小区组团方案(草案)",
        "拟划定物业管理区域 26 个（组团 22，单独划定 2，维持现状 2）· 暂未组团 3 · 户数待核 2",
        "最低户数 100 · 判定所用列：总户数",
        "说明：未核组团范围；部分户数为估算",
    ]


def test_a_caveat_may_have_a_detail():
    assert caveat_words("scope_unknown") == "未核组团范围"
    assert caveat_words("stopped") == "计算到时间上限即停，尚可能有更优方案"
    assert caveat_words("ended_by_hand") == "由人提前结束，仍可能有更优方案"
    assert caveat_words("violations:3") == "未通过 3 项检查，不能定稿"
    assert caveat_words("barriers_partial:铁路:甲、河流") == "分隔界线资料中没有：铁路:甲、河流"
    assert caveats_line({"caveats": ["violations:1", "points_only"]}) == (
        "说明：未通过 1 项检查，不能定稿；点位示意，边界待测绘"
    )
    assert caveats_line({}) == "说明：无"


def test_a_table_that_is_not_as_agreed_is_refused(plan):
    with pytest.raises(
        ValueError, match=re.escape("table areas: missing cost; count: expected int64, given float64")
    ):
        replace(plan, areas=plan.areas.drop(columns="cost").astype({"count": "float64"}))


# --- whole or not at all ---------------------------------------------------------------------------


def test_an_earlier_run_is_replaced(small, tmp_path):
    write_results(small, tmp_path / "out")
    write_results(replace(small, rules_text="minimum = 200\n"), tmp_path / "out")
    assert (tmp_path / "out" / "rules.toml").read_text(encoding="utf-8") == "minimum = 200\n"
    assert names(tmp_path) == ["out"]


def test_an_empty_folder_is_used(small, tmp_path):
    (tmp_path / "out").mkdir()
    write_results(small, tmp_path / "out")
    assert names(tmp_path / "out") == FILES


def test_a_folder_with_other_files_is_refused_and_left_alone(small, tmp_path):
    (tmp_path / "论文.docx").write_text("x", encoding="utf-8")
    with pytest.raises(DataError) as error:
        write_results(small, tmp_path)
    assert str(error.value) == (
        f"文件夹 {tmp_path} 里有别的文件（论文.docx），为免误删不写入；请用 --out 另给一个空文件夹。"
    )
    assert names(tmp_path) == ["论文.docx"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(DataError) as error:
        check_output(tmp_path / "out")
    assert str(error.value) == f"{tmp_path / 'out'} 不是文件夹，结果无法写入；请用 --out 另给一个文件夹。"


def test_a_failure_half_way_leaves_the_old_folder(small, tmp_path, monkeypatch):
    write_results(small, tmp_path / "out")
    monkeypatch.setattr(tables, "map_page", lambda _: (_ for _ in ()).throw(RuntimeError("停电")))
    with pytest.raises(RuntimeError, match="停电"):
        write_results(replace(small, rules_text="new"), tmp_path / "out")
    assert names(tmp_path / "out") == FILES
    assert (tmp_path / "out" / "rules.toml").read_text(encoding="utf-8") == "[group]\nminimum = 100\n"
    assert names(tmp_path) == ["out"]


def test_a_failure_of_the_disk_is_one_sentence(small, tmp_path, monkeypatch):
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables, "map_page", full)
    with pytest.raises(DataError, match="无法写入"):
        write_results(small, tmp_path / "out")
    assert names(tmp_path) == []


def test_where_folders_cannot_be_swapped_they_are_moved(small, tmp_path, monkeypatch):
    monkeypatch.setattr(folder_module, "_exchange", lambda *_: False)
    for text in ("1", "2"):
        write_results(replace(small, rules_text=text), tmp_path / "out")
    assert (tmp_path / "out" / "rules.toml").read_text(encoding="utf-8") == "2"
    assert names(tmp_path) == ["out"]


def test_a_survey_that_was_filled_in_is_never_lost(small, tmp_path):
    out = tmp_path / "out"
    write_results(small, out)
    book = openpyxl.load_workbook(out / "survey.xlsx")
    book.active["I5"] = 86
    book.save(out / "survey.xlsx")
    filled = (out / "survey.xlsx").read_bytes()
    for _ in range(2):
        write_results(small, out)
        assert names(out) == sorted([*FILES, "survey-filled.xlsx"])
        assert (out / "survey-filled.xlsx").read_bytes() == filled


def test_columns_that_differ_only_in_case():
    assert tables._distinct(["a", "A", "fid", "A_2"]) == ["a", "A_2", "fid_2", "A_2_2"]
