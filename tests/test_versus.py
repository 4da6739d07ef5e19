"""Two plans compared: figures are those of the plans, areas are matched, decisions that would not hold are named."""

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from geo.wording import speaking
from jobs.reopened import reopened
from jobs.revised import revised
from jobs.versus import Side, compared, figures_of
from report.versus import (
    areas_table,
    conflicts_table,
    figures_table,
    grids_table,
    moved_table,
    write_versus,
)
from store.drafts import Draft, Tally
from store.edits import (
    Accept,
    Command,
    LockAreas,
    LockCommunities,
    Merge,
    Move,
    NewArea,
    Rename,
    SetConsent,
    TakeOut,
    applied,
)
from tests import fakes

BASE = fakes.results()
TOWN = reopened(BASE)


def side(title: str, *commands: Command) -> Side:
    """The plan drawn by hand after these commands."""
    draft = Draft(TOWN.plan)
    for command in commands:
        draft = applied(draft, command, TOWN.graph)
    return Side(title, revised(BASE, TOWN, draft), draft)


def figure(versus, key: str) -> tuple[float, float, float]:
    row = versus.figures.set_index("key").loc[key]
    return row["one"], row["other"], row["difference"]


def rows(table: pd.DataFrame, *columns: str) -> list[tuple]:
    return list(table[list(columns)].itertuples(index=False, name=None))


# --- figures ---------------------------------------------------------------------------------------


def test_every_figure_is_that_of_the_plans_own_summary_and_tables():
    one, other = side("左"), side("右", TakeOut(("C013",)), Merge(("PMA-001", "PMA-002")))
    versus = compared(one, other)
    for place, results in enumerate((one.results, other.results)):
        for key in ("communities", "areas", "groups", "alone", "fixed", "exceptions", "held"):
            assert figure(versus, key)[place] == results.summary[key], key
        table, areas = results.communities, results.areas
        out = table[table["outcome"] == "exception"]
        judged = areas[areas["kind"] != "fixed"]["count"]
        assert figure(versus, "exception_households")[place] == out["count"].sum()
        assert figure(versus, "total")[place] == table["count"].sum()
        assert figure(versus, "smallest")[place] == judged.min()
        assert figure(versus, "largest")[place] == judged.max()
        assert figure(versus, "violations")[place] == len(results.violations)
        assert figure(versus, "cost_walk")[place] == pytest.approx(areas["cost_walk"].sum())
    assert figure(versus, "cost")[1] == other.results.summary["cost"]
    assert figure(versus, "areas") == (26, 25, -1)
    assert figure(versus, "exceptions") == (3, 4, 1)


def test_the_mean_walk_is_by_household_of_groups():
    results = side("右").results
    grouped = results.areas[results.areas["kind"] == "grouped"]
    assert figures_of(results)["mean_walk_m"] == pytest.approx(
        grouped["cost_walk"].sum() / grouped["count"].sum()
    )


def test_what_a_plan_does_not_know_is_a_dash_and_no_difference():
    one, other = side("左"), side("右")
    bare = replace(one.results, area_grid=None, community_grid=None)
    table = figures_table(compared(Side("左", bare), other)).set_index("指标")
    assert table.loc["跨网格区域"].tolist() == ["—", str(int(figures_of(other.results)["cut"])), "—"]


def test_differences_have_their_sign_and_costs_that_nobody_pays_stay_away():
    told = figures_table(compared(side("左"), side("右", TakeOut(("C003",))))).set_index("指标")
    assert told.loc["暂未组团小区"].tolist() == ["3", "4", "+1"]
    assert told.loc["小区"].tolist() == ["60", "60", "0"]
    assert "打通围墙（户·米）" not in told.index


# --- what moved ------------------------------------------------------------------------------------


def test_a_plan_is_no_different_from_itself():
    versus = compared(side("左"), side("右"))
    assert versus.moved.empty
    assert versus.fates() == {"changed": 0, "gone": 0, "born": 0, "same": 26}
    assert (versus.figures["difference"].dropna() == 0).all()
    assert versus.rules.empty
    assert versus.conflicts.empty


def test_who_moved_from_where_to_where():
    versus = compared(side("左"), side("右", Move(("C003",), "PMA-001"), TakeOut(("C006",))))
    assert rows(versus.moved, "community_id", "one", "other", "one_outcome", "other_outcome") == [
        ("C003", "PMA-002", "PMA-001", "grouped", "grouped"),
        ("C006", "PMA-003", "", "alone", "exception"),
    ]
    assert moved_table(versus)[["左", "右"]].to_numpy().tolist() == [
        ["PMA-002", "PMA-001"],
        ["PMA-003", "暂未组团（不足100户）"],
    ]


def test_an_area_that_got_another_id_is_the_same_area():
    one = side("左")
    other = replace(one.results, areas=one.results.areas.rename(index={"PMA-001": "PMA-901"}))
    renamed = one.results.communities["area_id"].replace("PMA-001", "PMA-901").astype("str")
    other = replace(other, communities=one.results.communities.assign(area_id=renamed))
    versus = compared(one, Side("右", other))
    assert versus.moved.empty
    assert versus.fates()["same"] == 26


def test_areas_with_the_same_id_elsewhere_are_no_match():
    one = side("左")
    swap = {"PMA-001": "PMA-002", "PMA-002": "PMA-001"}
    areas = one.results.areas.rename(index=swap).sort_index()
    ids = one.results.communities["area_id"].replace(swap).astype("str")
    other = replace(one.results, areas=areas, communities=one.results.communities.assign(area_id=ids))
    versus = compared(one, Side("右", other))
    assert versus.moved.empty
    assert ("PMA-001", "PMA-002") in rows(versus.areas, "one", "other")


def test_of_two_matches_as_good_the_one_with_the_same_id_is_taken():
    table = BASE.communities.assign(
        count=BASE.communities["count"].mask(BASE.communities.index.isin(["C001", "C002"]), 60)
    )
    ids = table["area_id"].mask(table.index == "C001", "PMA-000").astype("str")
    parted = BASE.areas.loc[["PMA-001"]].rename(index={"PMA-001": "PMA-000"}).assign(center_id="C001")
    areas = pd.concat([parted.astype({"center_id": "str"}), BASE.areas])
    assert BASE.areas.at["PMA-001", "center_id"] == "C002"
    elsewhere = BASE.areas["center_id"].mask(BASE.areas.index == "PMA-001", "C001").astype("str")
    one = replace(BASE, communities=table, areas=BASE.areas.assign(center_id=elsewhere))
    versus = compared(
        Side("左", one), Side("右", replace(BASE, communities=table.assign(area_id=ids), areas=areas))
    )
    assert ("PMA-001", "PMA-001") in rows(versus.areas, "one", "other")
    assert versus.moved["community_id"].tolist() == ["C001"]


def test_areas_born_and_gone_and_changed():
    versus = compared(side("左"), side("右", Merge(("PMA-001", "PMA-002")), NewArea(("C013",))))
    fates = versus.areas.set_index("fate")
    names = BASE.communities["name"]
    assert versus.fates() == {"changed": 2, "gone": 1, "born": 1, "same": 23}
    assert fates.at["born", "came"] == names["C013"]
    assert fates.at["gone", "other"] == ""
    assert pd.isna(fates.at["gone", "other_count"])
    assert areas_table(versus)["变化"].tolist()[:4] == ["成员有变", "成员有变", "撤销", "新增"]
    assert "区域：成员有变 2 个，撤销 1 个，新增 1 个，完全相同 23 个。" in versus.lines()


def test_a_community_that_only_one_ledger_has_is_told():
    one = side("左")
    fewer = one.results.communities.drop("C007")
    versus = compared(one, Side("右", replace(one.results, communities=fewer)))
    assert rows(versus.moved, "community_id", "one_outcome", "other_outcome") == [("C007", "exception", "")]
    assert moved_table(versus)["右"].tolist() == ["不在此方案的台账"]
    assert versus.moved["count"].tolist() == [BASE.communities.at["C007", "count"]]


def test_rows_in_another_order_compare_alike():
    one, other = side("左"), side("右", Move(("C003",), "PMA-001"))
    turned = replace(other.results, communities=other.results.communities.iloc[::-1])
    told, again = compared(one, other), compared(one, Side("右", turned))
    for name in ("figures", "moved", "areas", "grids"):
        pd.testing.assert_frame_equal(getattr(told, name), getattr(again, name))


# --- conflicts -------------------------------------------------------------------------------------


def test_decisions_that_the_other_plan_does_not_keep():
    asked = SetConsent(("C003",), "for", "2026-03-01", "征询表", Tally(90, 70, 3))
    one = side("左", asked, SetConsent(("C001",), "frozen"), Accept("C007", "无相邻小区", "王主任"))
    versus = compared(one, side("右", Move(("C003",), "PMA-001")))
    assert rows(versus.conflicts, "kind", "place_id", "decided") == [("consent_for", "C003", "one")]
    name = BASE.communities.at["C003", "name"]
    assert conflicts_table(versus).iloc[0].tolist() == [name, "业主已同意，但同区的小区变了", "左"]
    assert "有 1 处与已作的决定不一致，见“决定冲突”。" in versus.lines()


def test_a_decision_on_both_plans_stands_once():
    asked = SetConsent(("C003",), "against", "2026-03-01", "征询表", Tally(90, 20, 50))
    versus = compared(side("左", asked), side("右", asked, Move(("C003",), "PMA-001")))
    assert rows(versus.conflicts, "kind", "decided") == [("consent_against", "both")]
    assert conflicts_table(versus)["决定作于"].tolist() == ["两个方案都有"]


def test_locked_ones_in_other_company_and_acceptances_that_fell():
    taken = TakeOut(("C003",))
    one = side(
        "左", taken, Accept("C003", "须先修路", "王主任"), LockAreas(("PMA-001",)), LockCommunities(("C011",))
    )
    other = side("右", Move(("C001",), "PMA-002"))
    found = rows(compared(one, other).conflicts, "kind", "place_id")
    assert ("accepted", "C003") in found
    assert {("locked", "C001"), ("locked", "C002")} <= set(found)
    assert ("locked", "C011") not in found
    assert "decided" in compared(other, one).conflicts.columns
    assert compared(other, one).conflicts["decided"].unique().tolist() == ["other"]


def test_a_community_that_is_locked_alone_counts():
    one = side("左", LockCommunities(("C003",)))
    versus = compared(one, side("右", Move(("C003",), "PMA-001")))
    assert rows(versus.conflicts, "kind", "place_id", "decided") == [("locked", "C003", "one")]


def test_locks_that_were_given_with_the_ledger_count_too():
    given = BASE.communities["lock"].where(BASE.communities.index != "C003", "PMA-002").astype("str")
    one = Side("左", replace(BASE, communities=BASE.communities.assign(lock=given)))
    versus = compared(one, side("右", Move(("C003",), "PMA-001")))
    assert rows(versus.conflicts, "kind", "place_id") == [("locked", "C003")]


# --- grids and rules -------------------------------------------------------------------------------


def test_grids_cut_before_and_after():
    versus = compared(side("左"), side("右", Merge(("PMA-002", "PMA-003"))))
    wide = versus.grids[versus.grids["other_parts"] != versus.grids["one_parts"]]
    assert len(versus.grids) == figure(versus, "cut")[1]
    assert wide["other_number"].tolist() == [2]
    assert "、" in grids_table(versus).iloc[0].tolist()[-1]


def test_a_grid_without_households_cuts_nothing():
    row = pd.DataFrame({"area_id": ["PMA-001"], "grid": ["空网格"], "households": [0]})
    grown = replace(BASE, area_grid=pd.concat([BASE.area_grid, row.astype(BASE.area_grid.dtypes)]))
    assert figures_of(grown)["cut"] == figures_of(BASE)["cut"]


def test_rules_that_differ_are_said():
    text = BASE.rules_text.replace("minimum = 100", "minimum = 150") + "\n[prices]\ngrid = 2000\n"
    stricter = replace(BASE, rules_text=text, summary={**BASE.summary, "given": {"minimum": 150}})
    versus = compared(side("左"), Side("右", stricter))
    assert rows(versus.rules, "key", "one", "other") == [("minimum", "100", "150"), ("grid", "1000", "2000")]
    assert versus.lines()[-1] == (
        "两个方案所用规则不同，代价不能直接相比：最低户数 100 → 150；每多一个网格 1000 → 2000。"
    )


# --- the file --------------------------------------------------------------------------------------


def test_the_workbook_has_all_sheets_and_no_formula(tmp_path):
    hostile = "=cmd|x"
    versus = compared(
        side(hostile), side("右", Move(("C003",), "PMA-001"), Rename("PMA-001", hostile), TakeOut(("C006",)))
    )
    write_versus(versus, tmp_path / "compare.xlsx")
    book = openpyxl.load_workbook(tmp_path / "compare.xlsx")
    assert book.sheetnames == ["对比", "变化的小区", "区域对照", "网格"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert any(cell.value == hostile for cell in cells)
    figures = {row[0].value: [cell.value for cell in row[1:4]] for row in book["对比"].iter_rows()}
    assert figures["暂未组团小区"] == [3, 4, 1]
    moved = [[cell.value for cell in row[:5]] for row in book["变化的小区"].iter_rows(min_row=4)]
    assert moved[0][-2:] == ["PMA-002", f"PMA-001 {hostile}"]


def test_in_english():
    with speaking("en"):
        versus = compared(side("one"), side("two", TakeOut(("C003",))))
        assert versus.lines()[0].startswith("1 community (")
        assert figures_table(versus).columns.tolist() == ["Figure", "one", "two", "Difference"]
