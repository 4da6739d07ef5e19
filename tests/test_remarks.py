"""What somebody has to look at although no rule is broken, and the words of the panel for it."""

from dataclasses import replace

import pandas as pd
import pytest
from shapely import MultiPolygon, Polygon, box

from jobs.remarks import remarks
from jobs.reopened import Reopened
from optimizer.plan import Plan
from optimizer.rules import CHONGQING, Rules
from report.responsible import Said, known_by_place, responsible
from report.results import AREA_GRID_COLUMNS, Results
from store.drafts import Draft
from tests import fakes
from tests.towns import town
from ui.remarked import remark_rows

RULES_TEXT = CHONGQING.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def plan() -> Results:
    """The made-up town, everybody responsible, all data there, no grid cut."""
    whole = replace(fakes.results(), area_grid=grids())
    table = whole.communities
    full = table.assign(
        outcome=table["outcome"].replace({"held": "grouped"}).astype("str"),
        geometry=table.geometry.where(table.geometry.notna(), table.geometry.iloc[0].buffer(-1e-9)),
    )
    return replace(whole, communities=full, areas=whole.areas.set_geometry(whole.areas.geometry.convex_hull))


def grids(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(AREA_GRID_COLUMNS)).astype(AREA_GRID_COLUMNS)


def found(results: Results, *, areas: tuple = ()) -> list[tuple[str, str, object, object]]:
    return [(one.rule, one.place, one.value, one.limit) for one in remarks(results, areas)]


def with_cells(results: Results, column: str, *ids: str) -> Results:
    """Return the results with these communities' cells of a column empty."""
    table = results.communities
    there = table[column].where(table[column] != "", "有").astype("str")
    return replace(results, communities=table.assign(**{column: there.mask(table.index.isin(ids), "")}))


def test_a_plan_with_nothing_to_look_at_has_no_remarks(plan):
    assert found(plan) == []


def test_who_is_missing_is_one_row_a_role_with_all_its_areas(plan):
    known = known_by_place(plan).assign(police="")
    areas = responsible(plan, known, {a: Said(contact="物管科") for a in plan.areas.index})
    told = remarks(plan, areas)
    assert [(one.rule, one.place, one.value, one.limit) for one in told] == [
        ("lacking:police", "PMA-001", len(plan.areas), 0)
    ]
    assert told[0].members == tuple(plan.areas.index)


def test_an_area_in_two_grids_is_a_row_the_grid_with_most_households_first(plan):
    cut = grids(
        ("PMA-001", "1", 20),
        ("PMA-001", "2", 121),
        ("PMA-002", "1", 9),
        ("PMA-002", "2", 0),
        ("PMA-003", "", 5),
    )
    (row,) = remarks(replace(plan, area_grid=cut), ())
    assert (row.rule, row.place, row.value, row.limit) == ("grid_cut", "PMA-001", 2, 1)
    assert row.members == ("2", "1")
    assert found(replace(plan, area_grid=None)) == []


def test_what_some_communities_lack_is_a_row_what_all_lack_is_none(plan):
    assert found(with_cells(plan, "committee", "C003", "C002")) == [("gap:committee", "C002", 2, 0)]
    assert found(with_cells(plan, "ownership", *plan.communities.index)) == []
    held = plan.communities.assign(
        outcome=plan.communities["outcome"].mask(plan.communities.index == "C009", "held")
    )
    assert found(replace(plan, communities=held.astype({"outcome": "str"}))) == [("gap:count", "C009", 1, 0)]


def test_a_community_without_a_place_is_a_row_but_not_where_it_takes_no_part(plan):
    lost = plan.communities.copy()
    lost.loc["C007", "geometry"] = None
    assert found(replace(plan, communities=lost)) == [("gap:place", "C007", 1, 0)]
    lost.loc["C007", "outcome"] = "excluded"
    assert found(replace(plan, communities=lost)) == []


def test_outlines_that_lie_over_one_another_are_a_row(plan):
    over = plan.communities.copy()
    over.loc["C001", "geometry"] = box(0, 0, 100, 100)
    over.loc["C002", "geometry"] = box(90, 0, 190, 100)
    assert found(replace(plan, communities=over)) == [("overlap", "C001", 1000, 0)]
    over.loc["C002", "geometry"] = box(99.95, 0, 190, 100)
    assert found(replace(plan, communities=over)) == []


def test_areas_in_parts_and_with_a_hole_are_rows(plan):
    areas = plan.areas.copy()
    areas.loc["PMA-002", "geometry"] = MultiPolygon([box(0, 0, 10, 10), box(20, 0, 30, 10)])
    hole = [(10, 10), (20, 10), (20, 20), (10, 20)]
    areas.loc["PMA-003", "geometry"] = Polygon(box(0, 0, 40, 40).exterior, [hole])
    corner = [(1, 1), (2, 1), (2, 2)]
    areas.loc["PMA-004", "geometry"] = Polygon(box(0, 0, 40, 40).exterior, [corner])
    assert found(replace(plan, areas=areas)) == [("parts", "PMA-002", 2, 1), ("hole", "PMA-003", 100, 0)]
    severed = fakes.violations(("connection", "PMA-002", "2", "1", ""))  # a rule is broken: told there
    assert found(replace(plan, areas=areas, violations=severed)) == [("hole", "PMA-003", 100, 0)]


def test_rows_in_another_order_make_the_same_remarks(plan):
    cut = with_cells(plan, "committee", "C003", "C002")
    grid = grids(("PMA-002", "1", 9), ("PMA-002", "2", 3), ("PMA-001", "1", 9), ("PMA-001", "2", 9))
    one = remarks(replace(cut, area_grid=grid), ())
    assert remarks(replace(cut, area_grid=grid.iloc[::-1].reset_index(drop=True)), ()) == one


# --- in words --------------------------------------------------------------------------------------


def test_a_row_says_what_how_much_and_where_it_is_settled(plan):
    areas = plan.areas.copy()
    areas.loc["PMA-002", "geometry"] = MultiPolygon([box(0, 0, 10, 10), box(20, 0, 30, 10)])
    cut = replace(with_cells(plan, "committee", "a", "C002", "C003", "C004", "C005"), areas=areas)
    cut = replace(cut, area_grid=grids(("PMA-001", "东", 20), ("PMA-001", "西", 121)))
    graph = town("a60")
    rows = remark_rows(
        remarks(cut, ()), Draft(Plan((), {})), Reopened(graph, Rules(), Plan((), {})), rules_text=RULES_TEXT
    )
    assert [(row.head, row.text, row.value, row.limit, row.page, row.mark) for row in rows] == [
        (
            "PMA-001",
            "分属 2 个网格：西、东。西户数最多，可由它牵头；要调整网格的，列入会商。",
            "2 个网格",
            "1 个网格",
            "meeting",
            "note",
        ),
        ("缺社区", "4 个小区没有社区：C002、C003、C004等 4 个。", "4 个小区", "0 个小区", "import", "note"),
        (
            "PMA-002",
            "外轮廓分成 2 块，图上没有连成一片。请确认中间的道路、空地归谁管。",
            "2 块",
            "1 块",
            "duties",
            "note",
        ),
    ]
    assert all(row.says and row.source for row in rows)
