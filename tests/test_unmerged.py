"""What every plan is compared with: nothing grouped, and packages instead of areas."""

from dataclasses import replace

import pandas as pd
import pytest

from jobs.reopened import reopened
from jobs.unmerged import PACKAGE, kept_as_is, packaged
from jobs.versus import Side, compared, figures_of
from report.reopening import read_results
from report.results import Results, write_results
from tests import fakes

BASE = fakes.results()


def with_former(*groups: tuple[str, ...]) -> Results:
    """The plan where these groups are areas in use already, called 旧1 and on."""
    former = {c: f"旧{n}" for n, group in enumerate(groups, 1) for c in group}
    column = [former.get(c, "") for c in BASE.communities.index]
    return replace(BASE, communities=BASE.communities.assign(former=pd.array(column, dtype="str")))


def members(results: Results) -> list[tuple[str, ...]]:
    table = results.communities["area_id"].dropna()
    return sorted(tuple(sorted(ids)) for ids in table.groupby(table).groups.values())


@pytest.fixture(scope="module")
def as_is() -> Results:
    return kept_as_is(BASE, reopened(BASE))


def test_nothing_is_grouped_and_who_reaches_the_minimum_stands_alone(as_is):
    table = as_is.communities
    counts = table["count"].fillna(0)
    assert as_is.summary["groups"] == 0
    assert set(table["outcome"][counts.between(1, 99) & (table["scope"] != "fixed")]) == {"exception"}
    assert set(table["outcome"][(counts >= 100) & (table["scope"] != "fixed")]) == {"alone"}
    assert set(table["outcome"][table["scope"] == "fixed"]) == {"fixed"}
    assert set(table.loc[list(fakes.HELD), "outcome"]) == {"held"}
    assert (as_is.areas["communities"] == 1).all()


def test_areas_that_stay_keep_their_ids(as_is):
    alone = BASE.areas[BASE.areas["kind"] != "grouped"]
    assert set(alone.index) <= set(as_is.areas.index)
    assert (as_is.areas.loc[alone.index, "center_id"] == alone["center_id"]).all()


def test_areas_in_use_stay_whole_under_their_names():
    base = with_former(("C001", "C002"), ("C003", "C008"))
    results = kept_as_is(base, reopened(base))
    named = results.areas[results.areas["name"] != ""].set_index("name")
    assert {("C001", "C002"), ("C003", "C008")} <= set(members(results))
    assert named.loc["旧1", "communities"] == 2
    assert "connection" in set(results.violations["rule"])  # 旧2 lies in two places, and says so


def test_a_small_one_that_is_an_area_in_use_by_itself_stays_below_the_minimum():
    small = BASE.communities["count"][BASE.communities["count"] < 100].index[0]
    base = with_former((small,))
    assert kept_as_is(base, reopened(base)).communities.at[small, "outcome"] == "exception"


def test_locks_do_not_stand_in_the_way():
    given = BASE.communities["lock"].mask(BASE.communities["area_id"] == "PMA-001", "PMA-001").astype("str")
    base = replace(BASE, communities=BASE.communities.assign(lock=given))
    assert kept_as_is(base, reopened(base)).summary["groups"] == 0


def test_packages_are_the_groups_and_the_areas_stay_unmerged(as_is):
    town = reopened(BASE)
    results = packaged(BASE, town, town.plan)
    column = results.communities[PACKAGE]
    served = sorted(tuple(sorted(ids)) for name, ids in column.groupby(column).groups.items() if name)
    groups = [m for m in members(BASE) if len(m) > 1]
    assert served == sorted([*groups, *town.plan.below_min_groups])
    assert members(results) == members(as_is)
    assert {k: v for k, v in results.summary.items() if k != "caveats"} == {
        k: v for k, v in as_is.summary.items() if k != "caveats"
    }
    told = figures_of(results)
    assert told["packages"] == len(groups)
    assert told["packaged"] == BASE.areas["count"][BASE.areas["kind"] == "grouped"].sum()
    assert results.layers["packages"]["name"].tolist()[0] == "服务包 P-001"
    assert results.layers["packages"].geometry.is_valid.all()


def test_those_below_the_minimum_that_are_linked_share_a_package_too():
    town = reopened(BASE)
    pair = ("C007", "C038")
    results = packaged(BASE, town, replace(town.plan, below_min_groups=(pair,)))
    names = set(results.communities.loc[list(pair), PACKAGE])
    assert len(names) == 1
    assert names != {""}


def test_who_is_left_out_beside_a_filed_area_is_served_with_it(as_is):
    town = reopened(as_is)
    column = packaged(as_is, town, replace(town.plan, below_min_groups=())).communities[PACKAGE]
    assert column[column != ""].to_dict() == {"C059": "P-001", "C060": "P-001"}
    assert as_is.communities.loc[["C059", "C060"], "outcome"].tolist() == ["exception", "fixed"]
    assert town.graph.has_edge("C059", "C060")


def test_a_plan_without_areas_has_no_packages(as_is):
    town = reopened(as_is)
    results = packaged(as_is, town, replace(town.plan, areas=(), below_min_groups=()))
    assert (results.communities[PACKAGE] == "").all()
    assert "packages" not in results.layers


def test_packages_stand_among_the_figures_only_where_there_are_any(as_is):
    town = reopened(BASE)
    both = compared(Side("a", BASE), Side("b", packaged(BASE, town, town.plan))).figures["key"]
    neither = compared(Side("a", BASE), Side("b", as_is)).figures["key"]
    assert "packages" in set(both)
    assert "packages" not in set(neither)


def test_packages_are_written_and_read_back(tmp_path):
    town = reopened(BASE)
    results = packaged(BASE, town, town.plan)
    write_results(results, tmp_path / "out")
    back = read_results(tmp_path / "out")
    assert back.communities[PACKAGE].fillna("").tolist() == results.communities[PACKAGE].tolist()
    assert back.layers["packages"]["name"].tolist() == results.layers["packages"]["name"].tolist()
