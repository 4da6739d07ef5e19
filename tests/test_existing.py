"""Starting from the areas in use: a column of the ledger or an earlier plan, kept as they are, compared, taken up as a draft."""

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.district import plan_district
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from jobs.unmerged import draft_as_is, kept_as_is
from report.reopening import read_results
from report.results import Results, write_results
from store.drafts import Draft

# Three in a row, 100 m apart; the first and the last are one area today, which no rule would allow anew.
ROWS = (
    ("A", 60, 106.0000, "甲片"),
    ("B", 60, 106.0010, ""),
    ("C", 60, 106.0020, "甲片"),
    ("D", 150, 106.0300, "乙片"),
)


def ledger(folder: Path, *, heading: str = "现有区域") -> Path:
    path = folder / "台账.csv"
    head = f"小区编号,小区名称,户数,经度,纬度,{heading}"
    lines = [f"{i},{i}院,{count},{lon},29.5,{area}" for i, count, lon, area in ROWS]
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def planned(tmp_path) -> Results:
    """The plan of the ledger with its column, written and read."""
    made = plan_district(Request(communities=FileLayer(ledger(tmp_path)), crs="EPSG:4490"))
    write_results(made, tmp_path / "out")
    return read_results(tmp_path / "out")


def groups(results: Results) -> set[frozenset[str]]:
    areas = results.communities["area_id"].dropna()
    return {frozenset(members) for members in areas.groupby(areas).groups.values()}


def test_a_column_of_the_ledger_says_which_areas_are_in_use(planned):
    assert planned.communities["former"].to_dict() == {"A": "甲片", "B": "", "C": "甲片", "D": "乙片"}
    told = planned.findings[planned.findings["column"] == "现有区域"]
    assert told["found"].tolist() == ["台账的“现有区域”列写明 3 个小区现属 2 个区域"]


def test_to_leave_all_as_it_is_is_a_plan_with_these_areas_and_their_names(planned):
    town = reopened(planned)
    kept = kept_as_is(planned, town)
    assert groups(kept) == {frozenset("AC"), frozenset("D")}
    assert sorted(kept.areas["name"]) == ["乙片", "甲片"]
    assert set(kept.violations["rule"]) >= {"connection"}


def test_a_draft_can_begin_with_what_is_in_use(planned):
    town = reopened(planned)
    assert groups(planned) != {frozenset("AC"), frozenset("D")}
    begun = draft_as_is(town)
    assert {frozenset(area.members) for area in begun.plan.areas} == {frozenset("AC"), frozenset("D")}
    assert sorted(begun.names.values()) == ["乙片", "甲片"]
    assert begun == replace(Draft(begun.plan), names=begun.names)  # nothing else is decided or locked


def test_the_areas_of_an_earlier_plan_are_in_use_in_the_next(planned, tmp_path):
    earlier = tmp_path / "out" / "plan.gpkg"
    bare = ledger(tmp_path, heading="备注")
    made = plan_district(Request(communities=FileLayer(bare), crs="EPSG:4490", existing=earlier))
    assert made.communities["former"].to_dict() == planned.communities["area_id"].fillna("").to_dict()


def test_a_ledger_without_the_column_has_no_areas_in_use(tmp_path):
    made = plan_district(Request(communities=FileLayer(ledger(tmp_path, heading="备注")), crs="EPSG:4490"))
    assert set(made.communities["former"]) == {""}
