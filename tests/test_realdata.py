"""Whole runs on real input that nobody cleaned; skipped, with the reason, where that folder is absent."""

import json
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from jobs.cli import main

REALDATA = Path(__file__).parent.parent.parent / "shared" / "realdata"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REALDATA.is_dir(), reason="../shared/realdata is not here"),
]


class Written:
    """The files that one run wrote, read by other programs' means."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        self.communities = self.layer("communities").set_index("community_id")
        self.areas = self.layer("areas").set_index("area_id")
        self.links = self.layer("links")

    def layer(self, name: str) -> gpd.GeoDataFrame:
        return pyogrio.read_dataframe(self.folder / "plan.gpkg", layer=name)

    def graph(self) -> nx.Graph:
        graph = nx.Graph()
        graph.add_nodes_from(self.communities.index)
        graph.add_edges_from(self.links[["a", "b"]].itertuples(index=False, name=None))
        return graph


def run(folder: Path, source: Path, *options: str) -> Written:
    assert main(["plan", str(source), "--out", str(folder), *options]) == 0
    return Written(folder)


def beike(city: str, reach_m: str) -> list[str]:
    source = str(REALDATA / "chongqing" / f"district_{city}_beike.csv")
    return [source, "--crs", "bd09", "--count", "房屋总数", "--name", "plot_name", "--reach-m", reach_m]


@pytest.fixture(scope="module")
def fuling(tmp_path_factory):
    """涪陵区, 408 compounds, 150 m."""
    source, *options = beike("fuling", "150")
    return run(tmp_path_factory.mktemp("fuling") / "out", Path(source), *options)


def short_components(written: Written) -> set[str]:
    """Every community whose component of written links sums below the minimum."""
    counts = written.communities["count"]
    short = [
        c
        for c in nx.connected_components(written.graph())
        if counts[list(c)].sum() < written.summary["minimum"]
    ]
    return set().union(*short)


def test_fuling_is_proven(fuling):
    assert fuling.summary["communities"] == 408
    assert fuling.summary["status"] == "optimal"
    assert fuling.summary["gap"] == 0
    assert fuling.summary["violations"] == 0


def test_each_area_of_fuling_reaches_the_minimum_and_hangs_together(fuling):
    graph = fuling.graph()
    for area_id, members in fuling.communities.groupby("area_id"):
        assert members["count"].sum() >= 100
        assert members["count"].sum() == fuling.areas.loc[area_id, "count"]
        assert nx.is_connected(graph.subgraph(members.index))


def test_the_exceptions_of_fuling_are_the_short_components_each_with_a_reason(fuling):
    exceptions = fuling.communities[fuling.communities["outcome"] == "exception"]
    assert set(exceptions.index) == short_components(fuling)
    assert (exceptions["reason_code"] != "").all()
    lonely = [c for c in exceptions.index if fuling.graph().degree(c) == 0]
    assert set(exceptions.loc[lonely, "reason_code"]) == {"no_neighbour"}


def test_the_cost_of_fuling_is_the_sum_of_its_areas(fuling):
    parts = [c for c in fuling.areas.columns if c.startswith("cost_")]
    assert fuling.areas["cost"].sum() == pytest.approx(fuling.summary["cost"], abs=0.1)
    assert fuling.areas[parts].sum(axis=1).to_numpy() == pytest.approx(
        fuling.areas["cost"].to_numpy(), abs=0.01
    )


def test_rows_in_another_order_give_the_same_plan_of_fuling(fuling, tmp_path):
    source, *options = beike("fuling", "150")
    lines = Path(source).read_text(encoding="utf-8").splitlines()
    turned = tmp_path / "district_fuling_beike.csv"
    turned.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n", encoding="utf-8")
    other = run(tmp_path / "out", turned, *options, "--workers", "2")
    for name, apart in (("communities", ["source_rows"]), ("areas", [])):
        ours, theirs = (w.layer(name).drop(columns=apart) for w in (fuling, other))
        pd.testing.assert_frame_equal(pd.DataFrame(ours.to_wkb()), pd.DataFrame(theirs.to_wkb()))


def test_wanzhou_leaves_only_short_components(tmp_path):
    source, *options = beike("wanzhou", "300")
    written = run(tmp_path / "out", Path(source), *options)
    assert written.summary["status"] == "optimal"
    assert set(written.communities.index[written.communities["outcome"] == "exception"]) == short_components(
        written
    )


def test_unknown_counts_of_yongchuan_are_held_surveyed_and_read_back(tmp_path):
    source = REALDATA / "chongqing" / "yongchuan_sofang.csv"
    options = ["--crs", "bd09", "--name", "plot_name", "--reach-m", "300"]
    first = run(tmp_path / "first", source, *options)
    assert (first.summary["communities"], first.summary["held"]) == (148, 126)
    held = first.communities[first.communities["outcome"] == "held"]
    assert held["area_id"].isna().all()
    assert (held["count_status"] == "unknown").all()

    filled = fill_survey(first.folder / "survey.xlsx", tmp_path / "filled.xlsx", count=60)
    second = run(tmp_path / "second", source, *options, "--survey", str(filled))
    assert second.summary["held"] == 0
    assert (second.communities.loc[held.index, "count"] == 60).all()
    assert second.summary["groups"] > 0


def fill_survey(blank: Path, filled: Path, *, count: int) -> Path:
    """Write one count into every line of a survey sheet, as a clerk would."""
    book = openpyxl.load_workbook(blank)
    paper = book.active
    head = next(row for row in paper.iter_rows() if any(str(cell.value).startswith("编号") for cell in row))
    column = next(cell.column for cell in head if str(cell.value).startswith("户数"))
    first = head[0].row + 1
    lines = [r for r in range(first, paper.max_row + 1) if paper.cell(r, 1).value]
    assert len(lines) == 126
    for row in lines:
        paper.cell(row, column, count)
    book.save(filled)
    return filled


def test_a_ledger_without_any_place_is_planned(tmp_path):
    written = run(tmp_path / "out", REALDATA / "harbin_xiaoqu_ledger" / "harbin_xiaoqu.csv")
    assert written.summary["communities"] == 689
    assert written.communities.geometry.isna().all()
    assert set(written.communities["reason_code"]) <= {"", "no_place"}


@pytest.fixture(scope="module")
def shanghai(tmp_path_factory):
    """Buildings of central Shanghai as communities (a dwelling for each 80 m²), roads and water as barriers."""
    folder = tmp_path_factory.mktemp("shanghai")
    tiles = REALDATA / "shanghai_osm_tiles" / "shanghai_center_osm_wgs84.gpkg"
    buildings = pyogrio.read_dataframe(tiles, layer="buildings").to_crs("EPSG:32651")
    buildings = buildings[(buildings.geom_type == "Polygon") & (buildings["kind"] == "building")]
    buildings = buildings.drop_duplicates("osm_id")
    count = np.maximum(1, buildings["area"].astype(float).fillna(buildings.area) // 80).astype(int)
    table = gpd.GeoDataFrame(
        {"community_id": buildings["osm_id"].astype(str), "count": count},
        geometry=buildings.geometry,
        crs=buildings.crs,
    )
    source = folder / "buildings.gpkg"
    table.to_file(source)
    options = [
        "--count",
        "count",
        "--seconds",
        "10",
        "--workers",
        "1",
        "--barriers",
        f"{tiles}:roads",
        "--barriers",
        f"{tiles}:water",
    ]
    return run(folder / "out", source, *options)


def test_no_link_of_shanghai_crosses_water_railway_or_a_major_road_but_at_a_bridge(shanghai):
    tiles = REALDATA / "shanghai_osm_tiles" / "shanghai_center_osm_wgs84.gpkg"
    crs = shanghai.links.crs
    roads = pyogrio.read_dataframe(tiles, layer="roads").to_crs(crs)
    water = pyogrio.read_dataframe(tiles, layer="water").to_crs(crs)
    ground = (roads["is_bridge"] != "True") & (roads["is_tunnel"] != "True")
    bridges = shapely.union_all(roads.geometry[~ground].buffer(5.0).to_numpy())
    lines = roads.geometry[roads["kind"].isin(["major_road", "rail"]) & ground]
    river = water.geometry[
        water.geom_type.isin(["Polygon", "MultiPolygon"]) & water["kind"].isin(["water", "river"])
    ]
    tree = shapely.STRtree([*lines, *river.buffer(-2.0)])
    ways = shanghai.links.geometry.to_numpy()
    met, _ = tree.query(ways, predicate="crosses")
    assert len(ways) > 500
    wrong = [i for i in set(met) if not shapely.intersects(ways[i], bridges)]
    assert wrong == []
    assert shanghai.summary["violations"] == 0
