"""The sample street: every line of its README is what the product says, and it looks like a town."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.reading import read_table
from jobs.district import plan_district
from jobs.sample import BARRIER_LAYERS, DUTY_LAYERS, sample_request
from report.results import Results, write_results

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
DELIVERED = (
    "base.gpkg", "buildings.geojson", "committees.geojson", "duties.gpkg", "grids.geojson",
    "ledger.xlsx", "links.csv", "outlines.zip", "scope.csv",
)  # fmt: skip
OUTCOMES = {"暂未组团": "exception", "户数待核": "held", "不纳入": "excluded"}
STATUSES = {"已核": "surveyed", "估算": "estimated", "待核": "unknown"}


def readme_table(heading: str) -> list[tuple[str, ...]]:
    """The rows of the table under a heading of the README."""
    part = (SAMPLE / "README.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


FAULTS = readme_table("留下的毛病，和软件应当怎么说")


@pytest.fixture(scope="module")
def plan() -> Results:
    return plan_district(sample_request(SAMPLE))


@pytest.fixture(scope="module")
def said(plan) -> list[tuple[str, str, str, str]]:
    rows = plan.findings.assign(row=plan.findings["row"].astype("str").fillna(""))
    return [(f.file, f.row, f.column, f"{f.found}：{f.done}") for f in rows.itertuples()]


# --- what the README promises ------------------------------------------------------------------------


@pytest.mark.parametrize("line", FAULTS, ids=[f"line{n}" for n in range(len(FAULTS))])
def test_each_planted_fault_is_said(said, line):
    file, row, column, _, words = line
    assert [s for s in said if s[:3] == (file, row, column) and s[3] == words] == [(file, row, column, words)]


def test_nothing_is_said_that_the_readme_does_not_list(said):
    assert sorted(said) == sorted((file, row, column, words) for file, row, column, _, words in FAULTS)


@pytest.mark.parametrize("line", readme_table("不必说、但要读对的"))
def test_each_count_is_read_as_promised(plan, line):
    name, _, read = line
    count, status = re.fullmatch(r"(\d+) 户，(.+)", read).groups()
    (community,) = plan.communities[plan.communities["name"] == name].to_dict("records")
    assert (community["count"], community["count_status"]) == (int(count), STATUSES[status])


def test_areas_are_read_in_the_unit_of_the_heading_or_of_the_cell(plan):
    areas = plan.communities.set_index("name")["floor_area_m2"]
    assert areas["桂花苑"] == pytest.approx(10_000, rel=0.3)
    assert areas["百货公司家属院"] == 4260


def test_each_community_left_out_has_the_promised_reason(plan):
    table = plan.communities
    left = table[table["outcome"].isin(OUTCOMES.values())]
    shown = list(left[["name", "outcome", "reason"]].itertuples(index=False, name=None))
    promised = [
        (n, OUTCOMES[o], "" if "scope.csv" in why else why)
        for n, o, why in readme_table("没有组成团的，和原因")
    ]
    assert sorted(shown) == sorted(promised)


# --- the plan ------------------------------------------------------------------------------------------


def test_the_plan_is_proven_and_breaks_no_rule(plan):
    assert plan.summary["status"] == "optimal"
    assert plan.violations.empty
    assert plan.summary["exceptions"] == plan.summary["exceptions_bound"] == 6


def test_the_plan_has_something_to_show(plan):
    assert set(plan.communities["outcome"]) == {"grouped", "alone", "fixed", "exception", "held", "excluded"}
    main = set(plan.communities["reason_code"]) - {""}
    assert main == {
        "no_place",
        "no_neighbour",
        "other_committee",
        "terrain",
        "neighbour_held",
        "count_unknown",
    }
    assert plan.summary["groups"] == 13
    assert (plan.area_grid.groupby("area_id").size() > 1).sum() == 3  # areas that a grid line cuts
    assert plan.areas["near_minimum"].any()


def test_the_map_names_streets_and_leaves_walls_unnamed(plan):
    barriers = plan.layers["barriers"]
    assert {"人民路", "桂溪河", "桂溪支线", "翠屏路堡坎"} <= set(barriers["name"].dropna())
    assert barriers["name"][barriers["wall"]].isna().all()


def test_the_links_given_by_hand_are_kept(plan):
    given = plan.links[plan.links["kind"] == "given"]
    assert list(zip(given["a"], given["b"], strict=True)) == [("GH320", "GH323")]
    refused = plan.refused_links[plan.refused_links["cause"] == "not_adjacent"]
    assert list(zip(refused["a"], refused["b"], strict=True)) == [("GH402", "GH403")]
    area = plan.communities["area_id"]
    assert area["GH320"] == area["GH323"]


def test_rows_in_are_rows_used_and_refused(plan):
    rows = plan.summary["rows"]
    assert rows == {"in": 76, "used": 67, "refused": 9}
    assert len(plan.communities) == 66


def test_no_person_reaches_any_file(plan, tmp_path):
    write_results(plan, tmp_path / "out")
    texts = {}
    for path in (tmp_path / "out").iterdir():
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                texts[path.name] = b"".join(book.read(name) for name in book.namelist())
        else:
            texts[path.name] = path.read_bytes()
    assert {
        "plan.gpkg",
        "plan.xlsx",
        "survey.xlsx",
        "map.html",
        "findings.csv",
        "summary.json",
    } <= texts.keys()
    assert [n for n, t in texts.items() if "某某".encode() in t or b"1380000" in t] == []
    assert [n for n, t in texts.items() if "胜利路38号院".encode() in t] != []  # what is there would be seen


# --- the town ------------------------------------------------------------------------------------------


def test_the_town_has_the_size_of_a_street_office(plan):
    lived_in = plan.buildings[plan.buildings["community_id"] != ""]
    assert 60 <= len(plan.communities) <= 70
    assert 190 <= len(lived_in) <= 230
    assert lived_in["storeys"].between(2, 18).all()
    small = plan.communities["count"].between(12, 90).sum()
    assert small > 0.6 * len(plan.communities)


def test_no_outline_touches_another_except_where_planted(plan):
    shapes = plan.communities.geometry[plan.communities.geometry.notna()].drop(index="GH307")
    a, b = shapely.STRtree(shapes.array).query(shapes.array, predicate="dwithin", distance=3.0)
    assert (a == b).all()


def test_buildings_stand_inside_their_compound_and_sum_to_its_households(plan):
    known = plan.communities[plan.communities["count_status"] != "unknown"]
    known = known[known.geometry.notna()]
    sums = plan.buildings.groupby("community_id")["count"].sum().reindex(known.index)
    assert (sums == known["count"]).all()
    own = plan.buildings[plan.buildings["community_id"].isin(known.index)]
    compounds = known.geometry.loc[own["community_id"]].reset_index(drop=True)
    outside = own.geometry.reset_index(drop=True).difference(compounds).area
    assert outside.max() < 60  # the compound whose outline crosses itself loses a corner


@pytest.mark.parametrize(("file", "number"), [("grids.geojson", 9), ("committees.geojson", 4)])
def test_grids_and_committees_tile_the_street_office(file, number):
    parts = gpd.read_file(SAMPLE / file).to_crs("EPSG:4544")
    whole = gpd.read_file(SAMPLE / "duties.gpkg", layer="street").geometry.iloc[0]
    assert len(parts) == number
    assert parts.area.sum() == pytest.approx(whole.area, rel=1e-4)
    assert shapely.symmetric_difference(parts.union_all(), whole).area < 1e-4 * whole.area


def test_the_river_is_crossed_by_two_bridges_only():
    river = gpd.read_file(SAMPLE / "base.gpkg", layer="water").geometry.iloc[0]
    streets = gpd.read_file(SAMPLE / "base.gpkg", layer="streets")
    over = streets[streets.intersects(river)]
    assert sorted(over["名称"]) == ["东环路", "桂花大道"]
    assert set(over["桥梁"]) == {"是"}


# --- the delivery ----------------------------------------------------------------------------------------


def test_the_outlines_come_in_gbk_without_a_word_about_it():
    with zipfile.ZipFile(SAMPLE / "outlines.zip") as archive:
        names = archive.namelist()
        table = next(archive.read(n) for n in names if n.endswith(".dbf"))
    assert not any(n.endswith(".cpg") for n in names)
    assert table[29] == 0
    assert "粮食局家属院".encode("gbk") in table
    assert list(read_table(SAMPLE / "outlines.zip").frame.columns) == ["编号", "小区名称", "地址"]


def test_the_request_names_every_layer_that_the_plan_uses():
    layers = set(pyogrio.list_layers(SAMPLE / "base.gpkg")[:, 0])
    assert layers - set(BARRIER_LAYERS) == {"landmarks", "facilities"}
    assert set(pyogrio.list_layers(SAMPLE / "duties.gpkg")[:, 0]) == set(DUTY_LAYERS)
    assert {p.name for p in sample_request(SAMPLE).files()} == set(DELIVERED)


def test_facilities_serve_communities_of_the_ledger(plan):
    facilities = gpd.read_file(SAMPLE / "base.gpkg", layer="facilities")
    outlines = set(read_table(SAMPLE / "outlines.zip").frame["编号"])
    served = facilities["服务小区"].str.split("、").explode()
    assert pd.Series(served).isin(outlines).all()
    assert (facilities["服务小区"].str.count("、") >= 1).all()


def test_the_delivery_is_small():
    assert sum((SAMPLE / name).stat().st_size for name in DELIVERED) < 1_500_000


def test_the_script_writes_the_same_bytes_again(tmp_path):
    subprocess.run([sys.executable, SAMPLE / "make_sample.py", tmp_path], check=True)
    assert {p.name for p in tmp_path.iterdir()} == set(DELIVERED)
    assert [n for n in DELIVERED if (tmp_path / n).read_bytes() != (SAMPLE / n).read_bytes()] == []
