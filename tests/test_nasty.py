"""Cases that make offices distrust a program, each through the real pipeline with tiny files: what happens is in the name."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.schema import DataError
from jobs.collecting import collect
from jobs.district import plan_district
from jobs.meeting import questions
from jobs.projects import project_of
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from jobs.revised import revised
from jobs.unmerged import packaged
from jobs.versus import PACKAGE, figures_of
from optimizer.plan import Plan
from report.collected import shared_table
from report.plansheets import plan_sheets
from report.reasoning import offered_repairs
from report.reopening import read_results
from report.responsible import known_by_place
from report.results import Results, write_results
from store.drafts import Draft
from store.edits import CheckLink, GiveReason, SetLink, applied
from store.project import open_project
from tests.ledgers import square
from ui.cards import Subject, card

CRS = "EPSG:4544"
EAST, NORTH = 587_000, 3_248_000  # the corner of the town of tests.ledgers.square


@pytest.fixture
def layer(tmp_path):
    """Write rows as the layer of an office: 编号, 小区名称, 户数 and what else, each with its outline."""

    def written(name: str, *rows: dict[str, object]) -> FileLayer:
        path = tmp_path / name
        gpd.GeoDataFrame(list(rows), crs=CRS).to_file(path)
        return FileLayer(path)

    return written


def block(community_id: str, count: int | None, geometry: shapely.Geometry, **more: str) -> dict[str, object]:
    return {
        "编号": community_id,
        "小区名称": f"{community_id}院",
        "户数": count,
        **more,
        "geometry": geometry,
    }


def pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["a"], table["b"], strict=True))


def said(results: Results, code: str) -> list[str]:
    rows = results.findings[results.findings["code"] == code]
    return [f"{row.found}：{row.done}" for row in rows.itertuples()]


# --- one name, two communities -----------------------------------------------------------------------


@pytest.mark.parametrize("rows", [(40, 64), (64, 40)])
def test_two_of_one_name_with_one_outline_are_never_joined_and_both_listed(layer, tmp_path, rows):
    ledger = tmp_path / "台账.csv"
    lines = [f"粮食局家属院,{count}" for count in rows]
    ledger.write_text("\n".join(["小区名称,户数", *lines, "玉屏小区，70"]) + "\n", encoding="utf-8")
    outlines = layer(
        "轮廓.gpkg",
        {"小区名称": "粮食局家属院", "geometry": square(0, 0)},
        {"小区名称": "玉屏小区", "geometry": square(60, 0)},
    )
    results = plan_district(Request(FileLayer(ledger), outlines=outlines))
    table = results.communities.loc[["粮食局家属院", "粮食局家属院·2"]]
    assert table["count"].tolist() == [40, 64]
    assert table.geometry.isna().all()
    assert table["outcome"].tolist() == ["exception"] * 2
    doubtful = "“粮食局家属院”与 轮廓.gpkg 第 1 行同名，但不是一对一：没有连接；请用编号或地址、社区区分"
    assert said(results, "cleaning.join_doubtful") == [doubtful] * 2
    assert len(said(results, "cleaning.name_repeated")) == 2
    assert results.summary["rows"] == {"in": 3, "used": 3, "refused": 0}


# --- a river that no layer knows ---------------------------------------------------------------------


@pytest.fixture
def over_the_river(layer, tmp_path):
    """62 and 55 with 20 m of unmapped water between them, as a project."""
    rows = (block("A", 62, square(0, 0)), block("B", 55, square(60, 0)))
    write_results(plan_district(Request(layer("小区.gpkg", *rows))), tmp_path / "plan")
    base = read_results(tmp_path / "plan")
    with open_project(project_of(tmp_path / "plan", tmp_path / "projects")) as project:
        yield base, project


def freeze(base: Results, project, *, confirmed=()) -> object:
    there = reopened(base)
    opened = project.draft(1, there.graph)
    results = revised(base, there, opened.state)
    return project.freeze(
        1, "定稿", opened.revision, "李", graph=there.graph, rules=there.rules,
        caveats=results.summary["caveats"], confirmed=confirmed,
    )  # fmt: skip


def test_a_link_over_an_unmapped_river_is_unverified_and_the_plan_says_so(over_the_river):
    base, _ = over_the_river
    assert base.communities["area_id"].tolist() == ["PMA-001"] * 2
    assert base.links["verified"].tolist() == [False]
    assert base.summary["caveats"] == ["scope_unknown", "links_unverified"]


def test_a_plan_over_an_unmapped_river_is_not_frozen_before_somebody_confirms_it(over_the_river):
    base, project = over_the_river
    with pytest.raises(DataError, match=r"^还有 2 项没有核对、也没有确认，不能定稿。"):
        freeze(base, project)
    with pytest.raises(DataError, match=r"^还有 1 项没有核对"):
        freeze(base, project, confirmed=["scope_unknown"])
    assert project.versions() == ()
    version = freeze(base, project, confirmed=["scope_unknown", "links_unverified"])
    assert version.confirmed == ("links_unverified", "scope_unknown")


def test_a_link_seen_on_site_needs_no_confirming_any_more(over_the_river):
    base, project = over_the_river
    project.append(1, CheckLink("A", "B"), 1, "李", graph=reopened(base).graph)
    assert freeze(base, project, confirmed=["scope_unknown"]).confirmed == ("scope_unknown",)


def test_a_link_taken_away_because_of_the_river_leaves_both_short(over_the_river):
    base, _ = over_the_river
    there = reopened(base)
    draft = applied(Draft(there.plan), SetLink("A", "B", "forbidden", "隔着河"), there.graph)
    results = revised(base, there, draft)
    assert results.refused_links["cause"].tolist() == ["not_adjacent"]
    assert set(results.violations["rule"]) == {"connection"}


# --- a block inside an estate ------------------------------------------------------------------------


def test_a_block_inside_a_filed_estate_stays_beside_it_and_a_service_package_can_be_chosen(layer, tmp_path):
    scope = tmp_path / "scope.csv"
    scope.write_text("community_id,scope,reason\nE,fixed,已备案\n", encoding="utf-8")
    estate = square(0, 0, 300).difference(square(90, 90, 60))
    source = layer("小区.gpkg", block("A", 80, square(100, 100)), block("E", 1200, estate))
    results = plan_district(Request(source, scope=scope))
    table = results.communities
    assert table["outcome"].to_dict() == {"A": "exception", "E": "fixed"}
    assert table["count"].to_dict() == {"A": 80, "E": 1200}
    assert table.at["A", "reason"] == "受规则限制：相邻的E院维持现状，否则可合为 1280 户。"
    offer = "由指定人员把E院改为“可吸收相邻小区”；不合并的，可由E院的物业打包服务。"
    assert table.at["A", "repair"] == offer
    assert results.violations.empty
    assert "打包服务（不合并）" in {repair.name for repair in offered_repairs()}
    there = reopened_of(results, tmp_path)
    served = packaged(results, there, there.plan)
    assert served.communities[PACKAGE].to_dict() == {"A": "P-001", "E": "P-001"}
    assert served.communities["outcome"].to_dict() == {"A": "exception", "E": "fixed"}
    assert figures_of(served)["packaged"] == 1280
    draft = applied(
        Draft(there.plan), GiveReason(("A",), "打包服务（不合并），由E院的物业一并服务"), there.graph
    )
    told = revised(results, there, draft).communities.at["A", "reason"]
    assert "打包服务（不合并）" in told
    assert "1280 户" in told


def reopened_of(results: Results, folder: Path):
    write_results(results, folder / "plan")
    return reopened(read_results(folder / "plan"))


# --- short of the minimum but for a bound ------------------------------------------------------------


def test_who_is_short_is_told_the_option_across_the_committees_for_the_joint_meeting(layer):
    rows = (
        block("A", 12, square(0, 0), 社区="玉屏社区"),
        block("B", 30, square(60, 0), 社区="玉屏社区"),
        block("C", 70, square(120, 0), 社区="红旗社区"),
    )
    results = plan_district(Request(layer("小区.gpkg", *rows)))
    table = results.communities
    assert set(table["outcome"]) == {"exception"}
    assert table["below_min_group"].fillna("").tolist() == ["B-001", "B-001", ""]
    assert set(table["reason"]) == {"只因跨社区（党组织）未能组团：A院、B院、C院合在一起有 112 户。"}
    option = "提请联席会议放开界线，即可合为 112 户：B院—C院（间距 20 米，不得跨越社区）。"
    assert set(table["repair"]) == {option}
    assert results.refused_links["cause"].tolist() == ["within:committee"]
    together, alone = (one.text for one in questions(results, Draft(Plan((), {}, ())), (), rules_text=""))
    assert together == (
        f"A院、B院：合计 42 户，不足 100 户。是否作为一个区域（由谁认可、理由）？或者{option}"
    )
    assert alone.startswith("C院（70 户）：只因跨社区（党组织）未能组团：A院、B院、C院合在一起有 112 户。")


# --- a clearance line --------------------------------------------------------------------------------


@pytest.fixture
def partly_cleared(layer):
    """120 households in five blocks of 24, three of them inside the line; 60 next door."""
    ledger = layer("小区.gpkg", block("A", 120, square(0, 0, 100)), block("B", 60, square(120, 0, 100)))
    line = layer("征收红线.gpkg", {"项目": "旧城改造", "geometry": shapely.box(
        EAST - 20, NORTH - 20, EAST + 60, NORTH + 120)})  # fmt: skip
    houses = [
        {"编号": "A", "楼栋号": str(n), "户数": 24, "geometry": square(20 * n, 10, 12)} for n in range(5)
    ]
    return ledger, line, layer("楼栋.gpkg", *houses)


def test_only_who_stays_is_planned_where_a_clearance_line_runs_through_and_both_numbers_are_shown(
    partly_cleared, tmp_path
):
    ledger, line, houses = partly_cleared
    results = plan_district(Request(ledger, clearance=line, buildings=houses))
    table = results.communities
    assert table["count"].to_dict() == {"A": 48, "B": 60}
    assert table.loc["A", ["征收前户数", "征收线内户数", "count_status"]].tolist() == [
        "120",
        "72",
        "surveyed",
    ]
    assert table["area_id"].tolist() == ["PMA-001"] * 2
    assert results.areas["count"].tolist() == [108]
    found = "A院（A）共 120 户，其中 72 户在征收线内：按其余 48 户组团，两个数都保留在小区表中"
    assert said(results, "clearance.part") == [found]
    (sheet,) = (sheet.table for sheet in plan_sheets(results) if sheet.name == "小区")
    columns = ["户数", "征收前户数", "征收线内户数"]
    assert sheet.set_index("编号")[columns].to_numpy().tolist() == [[48, "120", "72"], [60, "", ""]]
    there = reopened_of(results, tmp_path)
    subject = Subject(results, Draft(there.plan), (), known_by_place(results))
    told = [
        {line["term"]: line["text"] for line in card(subject, f"communities:{n}")["lines"]} for n in (0, 1)
    ]
    assert told[0]["征收"] == "征收前 120 户，其中 72 户在征收线内"
    assert "征收" not in told[1]


def test_without_buildings_the_share_of_the_outline_is_an_estimate(partly_cleared):
    ledger, line, _ = partly_cleared
    results = plan_district(Request(ledger, clearance=line))
    assert results.communities.loc["A", ["count", "count_status"]].tolist() == [48, "estimated"]
    assert "counts_estimated" in results.summary["caveats"]


def test_who_is_wholly_inside_the_line_is_excluded_with_the_count_it_had(layer):
    ledger = layer("小区.gpkg", block("A", 120, square(0, 0)), block("B", 60, square(60, 0)))
    line = layer("征收红线.gpkg", {"项目": "旧城改造", "geometry": square(-5, -5, 50)})
    results = plan_district(Request(ledger, clearance=line))
    assert results.communities["outcome"].to_dict() == {"A": "excluded", "B": "exception"}
    assert results.communities.at["A", "count"] == 120
    assert said(results, "clearance.all") == ["A院（A）全部或大部在征收线内：不纳入组团"]


@pytest.mark.parametrize(("side", "outcome"), [(25, "excluded"), (15, "held")])
def test_who_is_not_counted_is_left_out_only_where_the_line_takes_most_of_the_ground(layer, side, outcome):
    ledger = layer("小区.gpkg", block("A", None, square(0, 0)), block("B", 60, square(60, 0)))
    line = layer(
        "征收红线.gpkg", {"项目": "旧城", "geometry": shapely.box(EAST, NORTH, EAST + side, NORTH + 40)}
    )
    results = plan_district(Request(ledger, clearance=line))
    assert results.communities["outcome"].to_dict() == {"A": outcome, "B": "exception"}


def test_a_clearance_line_that_encloses_nothing_is_refused(layer):
    ledger = layer("小区.gpkg", block("A", 120, square(0, 0)))
    line = layer(
        "征收红线.gpkg", {"项目": "旧城", "geometry": shapely.LineString([(EAST, NORTH), (EAST, NORTH + 9)])}
    )
    with pytest.raises(DataError, match=r"^征收红线\.gpkg 中没有围合的面"):
        plan_district(Request(ledger, clearance=line))


# --- a retaining wall --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reaches", "outcome"), [((-10, 50), "exception"), ((14, 26), "grouped")], ids=["between", "short"]
)
def test_a_retaining_wall_between_two_blocks_parts_them_and_is_named_unless_there_is_a_way_round_it(
    layer, reaches, outcome
):
    """Two blocks 15 m apart: a wall 12 m high all along parts them, one 12 m long amid 40 m of open ground does not."""
    low, high = reaches
    wall = shapely.LineString([(EAST + 47.5, NORTH + low), (EAST + 47.5, NORTH + high)])
    source = layer("小区.gpkg", block("A", 62, square(0, 0)), block("B", 55, square(55, 0)))
    walls = layer("堡坎.gpkg", {"类别": "挡墙", "高度": 12, "geometry": wall})
    results = plan_district(Request(source, barriers=(walls,)))
    assert set(results.communities["outcome"]) == {outcome}
    if outcome == "exception":
        assert results.refused_links["cause"].tolist() == ["barrier:堡坎陡坎"]
        assert set(results.communities["reason_code"]) == {"terrain"}
        told = "放开以下相邻关系即可合为 117 户：A院—B院（间距 15 米，隔着堡坎陡坎）。"
        assert set(results.communities["repair"]) == {told}


# --- a block on the boundary -------------------------------------------------------------------------


def test_a_boundary_block_in_two_ledgers_counts_once_and_its_office_is_left_to_be_decided(tmp_path):
    folder = tmp_path / "台账"
    folder.mkdir()
    for name, own, x in (("玉屏街道", "甲院", 0), ("红旗街道", "乙院", 120)):
        rows = [
            {"小区名称": own, "户数": 70, "地址": "", "geometry": square(x, 0)},
            {"小区名称": f"界院{name[0]}", "户数": 86, "地址": "交界路1号", "geometry": square(60, 0)},
        ]
        gpd.GeoDataFrame(rows, crs=CRS).to_file(folder / f"{name}.gpkg")
    collected = collect(Request(FileLayer(folder)), tmp_path / "out")
    assert collected.communities["count"].sum() == 70 + 70 + 86
    table = shared_table(collected)
    assert table["归属"].tolist() == ["归属待定"]
    assert table["各台账户数"].tolist() == ["玉屏街道 86、红旗街道 86"]
