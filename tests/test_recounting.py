"""A plan with counts that came back: only what must move moves."""

import datetime as dt
import random
from pathlib import Path

import openpyxl
import pytest

from jobs.cli import main
from jobs.projects import basis_of, project_of, read_back, shelved, unpacked
from jobs.recounting import Recount, Recounted, kept
from jobs.reopened import Reopened, reopened
from jobs.surveying import Counted, needs, usable
from report.reopening import read_results
from report.results import Results, write_results
from report.survey import read_filled
from report.surveysheets import survey_sheets
from report.workbooks import write_workbook
from store.drafts import Draft
from store.edits import Accept, LockAreas, SetConsent, TakeOut, applied
from store.proceedings import Course, Proceeding
from store.project import open_project
from tests.compounds import ROW, planned, told

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def street(tmp_path_factory) -> tuple[Results, Reopened]:
    return planned(tmp_path_factory.mktemp("street"), ROW)


def surveyed(there: tuple[Results, Reopened], *counts: Counted, draft: Draft | None = None) -> Recounted:
    base, town = there
    return Recount(base, town, draft or Draft(town.plan), base, counts)()


def groups(found: Recounted) -> set[str]:
    areas = found.update.results.communities["area_id"].dropna()
    return {"".join(sorted(ids)) for ids in areas.groupby(areas).groups.values()}


# --- the plan with these counts --------------------------------------------------------------------


def test_a_count_groups_those_who_waited_and_moves_nobody(street):
    found = surveyed(street, told("c", 70))
    assert groups(found) == {"ab", "cd", "fg"}
    assert found.lines == (
        "1 个小区补上了户数，其中 1 个在区域里。",
        "原来就在区域里的其他小区有 4 个，其中 0 个换了同区的小区。",
        "拟划定区域 2 → 3 个，暂未组团 1 → 0 个；未通过项 0 个。",
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


def test_an_area_in_procedure_stays_as_it_was_consulted_on(street):
    base, town = street
    row = Proceeding(1, "PMA-001", "consulting", "2026-03-01", "", "李科长", "", 1)
    asked = Recount(base, town, Draft(town.plan), base, (told("c", 5),), {("a", "b"): Course((row,))})
    assert groups(asked()) == {"ab", "fg"}


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
    assert found.lines[1] == "原来就在区域里的其他小区有 4 个，其中 4 个换了同区的小区。"
    assert found.update.results.violations.empty


def test_what_is_settled_stays_and_what_was_left_out_by_hand_too(street):
    base, town = street
    draft = applied(Draft(town.plan), LockAreas(("PMA-001",)), town.graph)
    assert groups(surveyed(street, told("c", 5), draft=draft)) == {"ab", "fg"}
    out = applied(Draft(town.plan), TakeOut(("g",)), town.graph)
    asked = applied(out, SetConsent("f", "frozen", document="改造计划"), town.graph)
    for one in (out, asked):
        results = read_back_results(base, town, one)
        found = Recount(base, town, one, results, (told("e", 70),))()
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


def test_an_estimate_becomes_a_verified_count_with_source_and_date(tmp_path):
    there = planned(tmp_path, {"a": "约60", "b": 50})
    assert there[0].communities.at["a", "count_status"] == "estimated"
    table = surveyed(there, told("a", 64)).update.results.communities
    columns = ["count", "count_status", "count_source", "count_date"]
    assert table.loc["a", columns].tolist() == [64, "surveyed", "居委会清点", "2026-11-20"]
    assert table.at["b", "count_status"] == "surveyed"
    assert table.loc["b", columns[2:]].tolist() == ["", ""]


# --- the project -----------------------------------------------------------------------------------


def test_the_draft_goes_on_beside_the_old_one_which_is_left_alone(street, tmp_path):
    base, town = street
    write_results(base, tmp_path / "plan")
    path = project_of(tmp_path / "plan", tmp_path / "projects")
    with open_project(path) as project:
        opened = project.draft(1, town.graph)
    counts = (told("c", 70),)
    update = surveyed(street, *counts).update
    with open_project(path) as project:
        new = kept(update, counts, opened, project, who="王")
        assert [(line.title, line.basis) for line in project.drafts()] == [
            ("草稿一·补录 1 个户数", 2), ("草稿一", 1)
        ]  # fmt: skip
        assert project.draft(1, town.graph) == opened
        results = read_back(project, path.parent)
        there = reopened(results)
        assert results.communities.at["c", "count_source"] == "居委会清点"
        assert new.state.plan.area_of()["c"] == "PMA-003"
        project.undo(new.draft_id, new.revision, "王")
        assert project.draft(new.draft_id, there.graph).state == update.draft
        folders = [unpacked(project, tmp_path / "desk", number) for number in (1, 2)]
        assert [basis_of(project, folder) for folder in folders] == [1, 2]
    assert [one.path for one in shelved(path.parent)] == [path]
    assert [project_of(folder, path.parent) for folder in folders] == [path, path]


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
    assert found.lines[1] == "原来就在区域里的其他小区有 22 个，其中 0 个换了同区的小区。"
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
                paper.cell(row, places["户数（实数）"], counts[str(paper.cell(row, 1).value)])
                paper.cell(row, places["来源"], "居委会清点")
                paper.cell(row, places["日期"], dt.date(2026, 11, 20))
    book.save(path)
    return counts
