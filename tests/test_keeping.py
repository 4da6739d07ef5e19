"""An updated ledger alone: outlines, buildings, layers, given links and scope stay as the plan has them."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from geo.reading import read_table
from jobs.cli import SAMPLE
from jobs.district import plan_district
from jobs.keeping import kept_of
from jobs.projects import project_of
from jobs.request import FileLayer, Request
from jobs.sample import sample_request
from jobs.updating import foreseen
from report.reopening import read_results
from report.results import Results, write_results
from tests import fakes
from tests.ledgers import square

CRS = "EPSG:4544"


@pytest.fixture(scope="module")
def street(tmp_path_factory) -> tuple[Path, Results]:
    """The sample street as a project, and its plan."""
    folder = tmp_path_factory.mktemp("street")
    write_results(plan_district(sample_request(SAMPLE)), folder / "plan")
    return project_of(folder / "plan", folder / "projects"), read_results(folder / "plan")


def test_a_ledger_alone_changes_what_it_says_and_nothing_else(street, tmp_path):
    project, base = street
    book = openpyxl.load_workbook(SAMPLE / "ledger.xlsx")
    (count,) = [cell for row in book["台账"].iter_rows(max_row=4) for cell in row if cell.value == "户数"]
    book["台账"].cell(row=5, column=count.column).value = 87
    book.save(tmp_path / "ledger.xlsx")
    _, update = foreseen(project, Request(FileLayer(tmp_path / "ledger.xlsx")))
    assert [(e.kind, e.place, e.before, e.after) for e in update.effects] == [
        ("count", "GH101", "62", "87"),
        ("total", "PMA-001", "106", "131"),
    ]
    assert sorted(update.base.layers) == sorted(base.layers)
    assert len(update.base.buildings) == len(base.buildings)
    assert update.base.summary["caveats"] == base.summary["caveats"]
    assert update.base.communities["scope"].equals(base.communities["scope"])


def test_what_is_given_replaces_what_the_plan_has(street):
    base = street[1]
    ledger = read_table(SAMPLE / "ledger.xlsx")
    request = Request(
        FileLayer(SAMPLE / "ledger.xlsx"),
        outlines=FileLayer(SAMPLE / "outlines.zip"),
        grids=FileLayer(SAMPLE / "grids.geojson"),
        barriers=(FileLayer(SAMPLE / "base.gpkg", "streets"),),
        links=SAMPLE / "links.csv",
        scope=SAMPLE / "scope.csv",
    )
    kept = kept_of(base, request, ledger)
    assert (kept.outlines, kept.barriers, kept.links, kept.scope) == (None, None, None, None)
    assert sorted(kept.layers) == ["committees", "duties", "landmarks"]


def test_links_given_by_hand_stay_as_long_as_both_their_ends_do(street):
    base = street[1]
    kept = kept_of(base, Request(FileLayer(SAMPLE / "ledger.xlsx")), read_table(SAMPLE / "ledger.xlsx"))
    given = base.links.loc[base.links["kind"] == "given", ["a", "b"]]
    refused = base.refused_links.loc[base.refused_links["cause"] == "not_adjacent", ["a", "b"]]
    assert len(given) == len(refused) == 1
    told = kept.links_among(base.communities.index)
    assert (
        told["kind"].value_counts().to_dict()
        == {"adjacent": 1, "not_adjacent": 1} | base.pairs["kind"].value_counts().to_dict()
    )
    gone = base.communities.index.drop(given["a"].iloc[0])
    assert "adjacent" not in set(kept.links_among(gone)["kind"])


@pytest.mark.parametrize(
    ("columns", "points"), [({}, ["a", "b"]), ({"经度": "105.9", "纬度": "29.35"}, ["b"])]
)
def test_a_point_of_the_plan_stands_in_only_where_the_ledger_has_no_place(tmp_path, columns, points):
    pd.DataFrame({"编号": ["a", "b"], "小区名称": ["甲院", "乙院"], "户数": ["60", "50"], **columns}).to_csv(
        tmp_path / "台账.csv", index=False
    )
    shapes = gpd.GeoSeries([square(0, 0).centroid, square(60, 0)], index=["a", "b"], crs=CRS)
    base = named(shapes)
    kept = kept_of(base, Request(FileLayer(tmp_path / "台账.csv")), read_table(tmp_path / "台账.csv"))
    assert kept.outlines.frame["community_id"].tolist() == points
    assert kept.outlines.file == "当前方案的小区轮廓"


def named(shapes: gpd.GeoSeries) -> Results:
    results = fakes.results()
    table = results.communities.iloc[: len(shapes)].set_index(shapes.index.rename("community_id"))
    table = table.set_geometry(shapes.set_axis(table.index))
    return replace(results, communities=table, areas=results.areas.iloc[:0])
