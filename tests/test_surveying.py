"""Counts brought back: what is asked for first and why, what is refused, and a plan in which only what must move moves."""

import datetime as dt
import random
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from geo.wording import LANGUAGES, speaking
from jobs.cli import main
from jobs.district import plan_district
from jobs.projects import project_of, read_back, shelved, unpacked
from jobs.reopened import Reopened, reopened
from jobs.request import FileLayer, Request
from jobs.surveying import Counted, Survey, Surveyed, iso_date, kept, needs, usable
from report.reopening import read_results
from report.results import Results, write_results
from report.survey import SURVEY_COLUMNS, read_filled
from report.surveysheets import survey_sheets
from report.workbooks import write_workbook
from store.drafts import Draft
from store.edits import Accept, LockAreas, SetConsent, TakeOut, applied
from store.project import open_project
from tests.ledgers import square

CRS = "EPSG:4544"
TODAY = dt.date(2026, 11, 23)
# A row of compounds 20 m apart, one after the other; a gap where there is none. "?" is not counted, "~" estimated.
ROW = {"a": 60, "b": 50, "c": None, "d": 40, "e": None, "f": 90, "g": 30}


def planned(
    folder: Path, counts: dict[str, int | str | None], *, grids: str = ""
) -> tuple[Results, Reopened]:
    """A street planned and read back: a compound a letter, and an empty place where the letter is a dot."""
    rows = [
        {"编号": c, "小区名称": f"{c}院", "户数": str(n or ""), "网格": grids, "geometry": square(60 * k, 0)}
        for k, (c, n) in enumerate(counts.items())
        if not c.startswith(".")
    ]
    gpd.GeoDataFrame(rows, crs=CRS).to_file(folder / "小区.gpkg")
    write_results(plan_district(Request(FileLayer(folder / "小区.gpkg"))), folder / "plan")
    base = read_results(folder / "plan")
    return base, reopened(base)


@pytest.fixture(scope="module")
def street(tmp_path_factory) -> tuple[Results, Reopened]:
    return planned(tmp_path_factory.mktemp("street"), ROW)


def told(community: str, count: int, status: str = "surveyed") -> Counted:
    return Counted(community, count, status, "居委会清点", "2026-11-20")


def surveyed(there: tuple[Results, Reopened], *counts: Counted, draft: Draft | None = None) -> Surveyed:
    base, town = there
    return Survey(base, town, draft or Draft(town.plan), base, counts)()


def groups(found: Surveyed) -> set[str]:
    areas = found.update.results.communities["area_id"].dropna()
    return {"".join(sorted(ids)) for ids in areas.groupby(areas).groups.values()}


# --- what to survey first --------------------------------------------------------------------------


def test_whom_others_wait_for_comes_first_with_the_households_that_wait(street):
    base, town = street
    assert base.communities["outcome"].to_dict() == {
        "a": "grouped", "b": "grouped", "c": "held", "d": "exception", "e": "held", "f": "grouped", "g": "grouped",
    }  # fmt: skip
    first, second = needs(base, town, Draft(town.plan))
    assert {first.community_id, second.community_id} == {"c", "e"}
    assert (first.households, first.decides, first.count) == (40, True, None)
    assert first.why == "1 个小区共 40 户在等它(d院):不少于 1 户即可一并组团。"


def test_each_case_says_its_own_reason(tmp_path):
    counts = {"a": 70, "b": 40, "c": None, ".1": 0, "d": None, ".2": 0, "e": None, "f": None, ".3": 0}
    base, town = planned(tmp_path, counts)
    assert [(need.community_id, need.why, need.decides) for need in needs(base, town, Draft(town.plan))] == [
        ("c", "补上户数即可并入相邻的区域(PMA-001)。", True),
        ("e", "相邻的f院也待核:合计不少于 100 户即可成一个区域。", False),
        ("f", "相邻的e院也待核:合计不少于 100 户即可成一个区域。", False),
        ("d", "没有可同组的小区:不少于 100 户可单独划定。", False),
    ]


def test_an_estimate_on_which_a_group_hangs_comes_before_one_that_changes_nothing(tmp_path):
    counts = {"a": "约60", "b": 45, ".1": 0, "c": "约80", ".2": 0, "d": "约400", ".3": 0, "e": "约20"}
    base, town = planned(tmp_path, counts)
    assert [(n.community_id, n.count, n.decides, n.why) for n in needs(base, town, Draft(town.plan))] == [
        ("a", 60, True, "所在的 PMA-001 共 105 户,只比最低 100 户多 5 户:实数少 6 户以上就不足。"),
        ("c", 80, True, "还差 20 户:实数多 20 户以上即可组团。"),
        ("d", 400, False, "所在的 PMA-002 共 400 户,只比最低 100 户多 300 户:实数少 301 户以上就不足。"),
        ("e", 20, False, "现在的分组不取决于它。"),
    ]


def test_nothing_is_asked_for_where_every_count_is_verified(tmp_path):
    base, town = planned(tmp_path, {"a": 60, "b": 50})
    assert needs(base, town, Draft(town.plan)) == ()
    assert list(survey_sheets(base, ())) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_needs_can_be_told_in_any_language(street, language):
    base, town = street
    with speaking(language):
        assert all(need.why for need in needs(base, town, Draft(town.plan)))


# --- what came back --------------------------------------------------------------------------------


def rows(*given: tuple[str, int, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(given, columns=list(SURVEY_COLUMNS)).astype(SURVEY_COLUMNS)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("zz", 5, "surveyed", "甲", "2026-11-1"), "方案中没有这个编号,请照原表抄写。"),
        (("a", 60, "surveyed", "甲", "2026-11-1"), "与已核的户数相同,不必再录。"),
        (("a", 61, "estimated", "甲", "2026-11-1"), "已核为 60 户,估算的数不能代替已核的数。"),
        (("c", 61, "surveyed", "", "2026-11-1"), "没有写来源,请补上或在页面上统一填写。"),
        (("c", 61, "surveyed", "甲", ""), "没有写日期,请补上或在页面上统一填写。"),
        (("c", 61, "surveyed", "甲", "昨天"), "日期“昨天”认不出来,请写成 2026-11-23 这样。"),
        (("c", 61, "surveyed", "甲", "2026-11-24"), "日期 2026-11-24 在今天之后,请核对。"),
    ],
)
def test_a_count_that_cannot_be_taken_over_says_why(street, row, why):
    good, bad = usable(rows(row), street[0].communities, source="", date="", today=TODAY)
    assert (good, [(one.community_id, one.count, one.why) for one in bad]) == ((), [(row[0], row[1], why)])


def test_what_a_row_does_not_say_is_said_for_all_and_an_id_counts_once(street):
    given = rows(
        ("c", 61, "surveyed", "", ""),
        ("e", 5, "estimated", "乙", "2026年3月4日"),
        ("c", 62, "surveyed", "", ""),
    )
    good, bad = usable(given, street[0].communities, source=" 甲 ", date="2026/11/2", today=TODAY)
    assert good == (
        Counted("c", 61, "surveyed", "甲", "2026-11-02"),
        Counted("e", 5, "estimated", "乙", "2026-03-04"),
    )
    assert [one.why for one in bad] == ["交回的表中这个编号出现了两次,请只留一行。"]


@pytest.mark.parametrize(
    ("text", "iso"),
    [("2026-1-2", "2026-01-02"), ("2026.11.30", "2026-11-30"), ("2026-2-30", ""), ("11-30", ""), ("", "")],
)
def test_dates_as_people_write_them(text, iso):
    assert iso_date(text) == iso


# --- the plan with these counts --------------------------------------------------------------------


def test_a_count_groups_those_who_waited_and_moves_nobody(street):
    found = surveyed(street, told("c", 70))
    assert groups(found) == {"ab", "cd", "fg"}
    assert found.lines == (
        "1 个小区补上了户数,其中 1 个在区域里。",
        "原来就在区域里的其他小区有 4 个,其中 0 个换了同区的小区。",
        "拟划定区域 2 → 3 个,暂未组团 1 → 0 个;未通过项 0 个。",
    )
    row = found.update.results.communities.loc["c"]
    assert row[["count", "count_status", "count_source", "count_date"]].tolist() == [
        70, "surveyed", "居委会清点", "2026-11-20",
    ]  # fmt: skip
    assert {e.place for e in found.update.effects if e.kind == "regrouped"} == {"c", "d"}
    assert not [e for e in found.update.effects if e.kind == "broken"]


def test_a_small_count_joins_and_the_area_it_joins_keeps_its_members(street):
    found = surveyed(street, told("c", 5))
    assert groups(found) == {"abcd", "fg"}


def test_nobody_moves_to_make_the_new_group_cheaper(tmp_path):
    """b and c would be the cheaper group, beside a by itself; but b has an area, and nothing forces it out."""
    there = planned(tmp_path, {"a": 100, "b": 20, "c": None})
    assert groups(surveyed(there, told("c", 90))) == {"abc"}


def test_whoever_was_asked_stays_in_the_company_that_was_asked(street):
    _, town = street
    asked = applied(Draft(town.plan), SetConsent("b", "frozen", document="改造计划"), town.graph)
    assert groups(surveyed(street, told("c", 5), draft=asked)) == {"ab", "fg"}


def test_what_was_proven_of_other_counts_is_not_claimed_of_these(street):
    base, _ = street
    assert base.summary["status"] == "optimal"
    found = surveyed(street, told("a", 61))
    assert groups(found) == {"ab", "fg"}
    names = ("status", "bound", "gap", "exceptions_bound", "areas_bound")
    assert [found.update.base.summary[name] for name in names] == ["edited", None, None, None, None]
    assert [found.update.results.summary[name] for name in names] == ["edited", None, None, None, None]


def test_a_group_that_falls_short_is_mended_by_as_few_as_can_be(tmp_path):
    """a's estimate was too high: c leaves the area beside it, which can spare it, and nobody else moves."""
    there = planned(tmp_path, {"a": "约60", "b": 45, "c": 45, "d": 60, "e": 50})
    assert set(there[0].areas["names"]) == {"a院、b院", "c院、d院、e院"}
    found = surveyed(there, told("a", 50))
    assert groups(found) == {"abc", "de"}
    assert found.lines[1] == "原来就在区域里的其他小区有 4 个,其中 4 个换了同区的小区。"
    assert found.update.results.violations.empty


def test_what_is_settled_stays_and_what_was_left_out_by_hand_too(street):
    base, town = street
    draft = applied(Draft(town.plan), LockAreas(("PMA-001",)), town.graph)
    assert groups(surveyed(street, told("c", 5), draft=draft)) == {"ab", "fg"}
    out = applied(Draft(town.plan), TakeOut(("g",)), town.graph)
    asked = applied(out, SetConsent("f", "frozen", document="改造计划"), town.graph)
    for one in (out, asked):
        results = read_back_results(base, town, one)
        found = Survey(base, town, one, results, (told("e", 70),))()
        assert found.update.results.communities.at["g", "outcome"] == "exception"


def read_back_results(base: Results, town: Reopened, draft: Draft) -> Results:
    from jobs.revised import revised

    return revised(base, town, draft)


def test_an_acceptance_that_speaks_of_fewer_households_falls_and_is_told(street):
    _, town = street
    draft = applied(Draft(town.plan), Accept("d", "孤立地块", "李科长"), town.graph)
    found = surveyed(street, told("d", 30), draft=draft)
    assert [(one.kind, one.state, one.why) for one in found.update.decisions] == [
        ("accept", "falls", "fewer")
    ]


def test_the_summary_speaks_of_the_new_counts(street):
    summary = surveyed(street, told("c", 80, "estimated")).update.results.summary
    assert summary["total"] == street[0].summary["total"] + 80
    assert "counts_estimated" in summary["caveats"]
    assert (summary["held"], summary["status"], summary["bound"]) == (1, "edited", None)
    again = surveyed(street, told("c", 80)).update.results.summary
    assert "counts_estimated" not in again["caveats"]


# --- the project -----------------------------------------------------------------------------------


def test_the_draft_goes_on_in_a_project_of_its_own_and_the_old_one_is_left_alone(street, tmp_path):
    base, town = street
    write_results(base, tmp_path / "plan")
    path = project_of(tmp_path / "plan", tmp_path / "projects")
    with open_project(path) as project:
        opened = project.draft(1, town.graph)
    before = path.read_bytes()
    counts = (told("c", 70),)
    update = surveyed(street, *counts).update
    new = kept(update, counts, opened, path, who="王")
    assert path.read_bytes() == before
    assert {one.path for one in shelved(path.parent)} == {path, new}
    with open_project(new) as project:
        assert project.drafts()[0].title == "草稿一·补录 1 个户数"
        results = read_back(project, new.parent)
        there = reopened(results)
        assert results.communities.at["c", "count_source"] == "居委会清点"
        assert project.draft(1, there.graph).state.plan.area_of()["c"] == "PMA-003"
        project.undo(1, 2, "王")
        assert project.draft(1, there.graph).state == update.draft
        folder = unpacked(project, tmp_path / "desk")
    assert project_of(folder, path.parent) == new


# --- a whole town ----------------------------------------------------------------------------------

YONGCHUAN = Path(__file__).parent.parent.parent / "shared" / "realdata" / "chongqing" / "yongchuan_sofang.csv"


@pytest.mark.realdata
@pytest.mark.skipif(not YONGCHUAN.is_file(), reason="../shared/realdata is not here")
def test_40_of_126_unknown_counts_come_back_and_nothing_moves_that_need_not(tmp_path):
    words = ["--crs", "bd09", "--name", "plot_name", "--reach-m", "300"]
    assert main(["plan", str(YONGCHUAN), "--out", str(tmp_path / "plan"), *words]) == 0
    base = read_results(tmp_path / "plan")
    there = base, reopened(base)
    asked = needs(*there, Draft(there[1].plan))
    assert (len(asked), {need.count for need in asked}) == (126, {None})
    counts = filled_in(base, asked, tmp_path / "filled.xlsx", number=40)
    good, bad = usable(
        read_filled(tmp_path / "filled.xlsx").rows, base.communities, source="", date="", today=TODAY
    )
    assert ({one.community_id: one.count for one in good}, bad) == (counts, ())
    found = surveyed(there, *good)
    results = found.update.results
    assert {e.place: e.after for e in found.update.effects if e.kind == "count"} == {
        c: str(n) for c, n in counts.items()
    }
    assert (results.summary["held"], results.summary["violations"]) == (86, 0)
    was, now = base.communities["area_id"].dropna(), results.communities["area_id"]
    assert now[was.index].tolist() == was.tolist()
    assert found.lines[1] == "原来就在区域里的其他小区有 22 个,其中 0 个换了同区的小区。"
    assert {e.place for e in found.update.effects if e.kind == "regrouped"} <= set(counts)


def filled_in(base: Results, asked, path: Path, *, number: int) -> dict[str, int]:
    """Write counts into the first lines of the workbook that is handed out, as a clerk would."""
    draw = random.Random(4)  # noqa: S311 - made-up counts
    write_workbook(path, list(survey_sheets(base, asked)))
    book = openpyxl.load_workbook(path)
    counts: dict[str, int] = {}
    for paper in book:
        head = next(row for row in paper.iter_rows() if row[0].value == "编号")
        places = {cell.value: cell.column for cell in head}
        for row in range(head[0].row + 1, paper.max_row + 1):
            if len(counts) < number:
                counts[str(paper.cell(row, 1).value)] = draw.randint(12, 260)
                paper.cell(row, places["户数(实数)"], counts[str(paper.cell(row, 1).value)])
                paper.cell(row, places["来源"], "居委会清点")
                paper.cell(row, places["日期"], dt.date(2026, 11, 20))
    book.save(path)
    return counts
