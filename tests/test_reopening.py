"""A plan read back from its folder is the plan that was written."""

from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from geo.schema import DataError
from report.reopening import read_results
from report.results import write_results
from report.tables import OURS
from tests import fakes


@pytest.fixture(scope="module")
def plan():
    broken = fakes.violations(("minimum", "PMA-001", "80", "100", "PMA-001 只有 80 户"))
    return replace(fakes.results(), violations=broken)


@pytest.fixture(scope="module")
def opened(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan") / "out"
    write_results(plan, folder)
    assert all(OURS.fullmatch(file.name) for file in folder.iterdir())
    return read_results(folder)


@pytest.mark.parametrize("name", ["communities", "areas", "links", "refused_links", "buildings"])
def test_a_drawn_table_comes_back_as_it_was(plan, opened, name):
    before, after = getattr(plan, name), getattr(opened, name)
    plain = before.columns.drop("geometry")
    assert_frame_equal(pd.DataFrame(after[plain]), pd.DataFrame(before[plain]))
    assert after.crs == before.crs
    assert after.geometry.geom_equals(before.geometry).all()


@pytest.mark.parametrize("name", ["findings", "violations", "area_grid", "community_grid", "beyond"])
def test_a_plain_table_comes_back_as_it_was(plan, opened, name):
    assert_frame_equal(getattr(opened, name), getattr(plan, name))


def test_the_grounds_come_back(plan, opened):
    assert opened.grounds.index.equals(plan.grounds.index)
    assert opened.grounds.crs == plan.grounds.crs
    assert opened.grounds.geom_equals_exact(plan.grounds, 0).all()


def test_the_layers_come_back_with_their_names(plan, opened):
    assert set(opened.layers) == set(plan.layers)
    for key, layer in plan.layers.items():
        assert opened.layers[key]["name"].to_list() == layer["name"].to_list()
    assert (
        opened.layers["barriers"]["barrier_class"].to_list()
        == plan.layers["barriers"]["barrier_class"].to_list()
    )


def test_title_rules_and_figures_come_back(plan, opened):
    assert opened.title == plan.title
    assert opened.rules_text == plan.rules_text
    assert opened.summary.items() >= {k: v for k, v in plan.summary.items() if k != "seconds"}.items()


def test_columns_that_a_bare_ledger_lacks_come_back_empty(plan, tmp_path):
    bare = replace(
        plan,
        communities=plan.communities.assign(committee="", grids=""),
        buildings=None,
        area_grid=None,
        layers={},
    )
    write_results(bare, tmp_path / "out")
    opened = read_results(tmp_path / "out")
    assert (opened.communities["committee"] == "").all()
    assert opened.buildings is None
    assert opened.area_grid is None
    assert opened.layers == {}


def test_a_folder_without_a_plan_is_refused(tmp_path):
    with pytest.raises(DataError, match="里没有完整的组团方案"):
        read_results(tmp_path)


def test_a_damaged_plan_is_refused(plan, tmp_path):
    write_results(plan, tmp_path / "out")
    (tmp_path / "out" / "plan.gpkg").write_bytes(b"nothing")
    with pytest.raises(DataError, match="里的方案读不出来"):
        read_results(tmp_path / "out")
