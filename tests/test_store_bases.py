"""A project takes in other data: what stood on the old ones stands there still, the draft goes on, all of it at once or not."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyogrio
import pytest
import shapely

from geo.schema import FINDING_COLUMNS, DataError
from report.results import no_rows
from store import bases
from store.acceptances import Acceptance
from store.audit import StaleError
from store.bases import Data
from store.database import reading
from store.digests import hash_of
from store.edits import LockAreas, NewArea, Rename
from store.onward import Onward
from store.opinions import Answer, Change, Form, Person
from store.proceedings import broken_off, courses
from store.project import Project, open_project
from store.schema import ProjectRow
from tests.offices import GRAPH, RULES, START, ledger, office

RULES_TEXT = "[group]\nminimum = 100\nwithin = []\n"
ACCEPTED = dict.fromkeys((*GRAPH, "PMA-001", "PMA-002", "PMA-003"), Acceptance("原则上", "王主任"))
DRAFT = replace(START, accepted=ACCEPTED)
WHO, NAME = "李科长", "欧阳测试"


@pytest.fixture
def project(tmp_path: Path):
    """A project with one draft, of which nothing is frozen yet."""
    with office(tmp_path / "a.gpkg") as opened:
        opened.set_rules(RULES_TEXT, WHO)
        opened.add_draft("草稿一", DRAFT, WHO)
        yield opened


def other(name: str = "甲小区", *, moved_m: float = 0.0) -> Data:
    """The communities with another name for a, and its outline elsewhere."""
    table = ledger()
    table.loc["a", "name"] = name
    table.loc[["a"], "geometry"] = shapely.affinity.translate(table.geometry["a"], moved_m)
    return Data(
        table, no_rows(FINDING_COLUMNS), RULES_TEXT, {"plan.gpkg": name.encode()}, {"update.json": b"{}"}
    )


def take(project: Project, data: Data | None = None, *, draft: int = 1, redrawn=(), commands=()):
    """Take other data in; the draft goes on as it stands."""
    line = next(one for one in project.drafts() if one.draft_id == draft)
    onward = Onward("更新后", project.draft(draft, GRAPH).state, GRAPH, tuple(commands), tuple(redrawn))
    return project.update(draft, line.revision, data or other(), onward, WHO)


def freeze(project: Project, draft_id: int, *confirmed: str):
    revision = next(one.revision for one in project.drafts() if one.draft_id == draft_id)
    return project.freeze(draft_id, "稿", revision, WHO, graph=GRAPH, rules=RULES, confirmed=confirmed)


def step(project: Project, version: int, state: str, *areas: str) -> None:
    day = project.proceedings()[0].on
    project.proceed(version, areas, state, on=day, reason="", who=WHO, expected=10**6)


def raw(project: Project) -> bytes:
    """All bytes that the file and its log hold."""
    return b"".join(path.read_bytes() for path in project.path.parent.iterdir())


# --- the data --------------------------------------------------------------------------------------


def test_the_data_before_stay_what_they_were(project):
    before, files = project.communities(), project.files()
    version = freeze(project, 1)
    draft = take(project)
    assert (draft.basis, draft.title, [one.number for one in project.bases()]) == (2, "更新后", [1, 2])
    assert [one.before for one in project.bases()] == [None, 1]
    assert project.communities(1).equals(before)
    assert project.files(1) == files
    assert project.versions() == (version,)
    assert version.basis == 1
    with reading(project._engine) as session:
        (row,) = session.query(ProjectRow)
        frozen = session.connection().exec_driver_sql("SELECT communities_sha256 FROM version").scalar()
        assert bases.hash_of_communities(session, row, 1) == frozen
        assert bases.hash_of_communities(session, row, 2) != frozen


def test_the_new_data_are_those_of_the_project(project):
    take(project, other("甲院"))
    assert project.communities().at["a", "name"] == project.communities(2).at["a", "name"] == "甲院"
    assert project.findings().empty
    assert project.files() == {"plan.gpkg": "甲院".encode(), "update.json": b"{}"}
    assert project.bases()[1].sha256 == hash_of({"plan.gpkg": "甲院".encode()})


def test_rules_are_those_of_each_basis(project):
    take(project)
    project.set_rules("[group]\nminimum = 90\nwithin = []\n", WHO)
    assert (project.rules_text(1), project.rules_text()) == (RULES_TEXT, project.rules_text(2))
    assert "90" in project.rules_text()
    assert freeze(project, 1).rules_text == RULES_TEXT
    with pytest.raises(DataError, match="规则"):
        freeze(project, 2)


def test_an_unknown_basis_is_refused(project):
    with pytest.raises(DataError) as refused:
        project.communities(7)
    assert str(refused.value) == "项目里没有编号为 7 的资料。请重新打开方案。"


def test_gdal_shows_the_newest_data_alone(project, tmp_path):
    data = other("甲院")
    take(project, replace(data, communities=data.communities.to_crs("EPSG:4490")))
    copy = project.backup(tmp_path / "copy.gpkg").path
    assert {name for name, _ in pyogrio.list_layers(copy)} == {"community", "finding"}
    shown = pyogrio.read_dataframe(copy, layer="community")
    assert (len(shown), shown.crs.to_epsg()) == (len(GRAPH), 4490)
    assert "甲院" in set(shown["name"])
    assert project.communities(1).crs.to_epsg() == 4544


def test_data_that_were_laid_aside_cannot_be_changed(project):
    take(project)
    path = project.path
    project.close()
    with closing(sqlite3.connect(path)) as file:
        for statement in ("UPDATE earlier_community SET name = ''", "DELETE FROM earlier_community"):
            with pytest.raises(sqlite3.IntegrityError, match="written once"):
                file.execute(statement)


# --- the draft -------------------------------------------------------------------------------------


def test_the_old_draft_keeps_its_data_and_its_log(project):
    project.append(1, Rename("PMA-001", "和平片区"), 1, WHO, graph=GRAPH)
    draft = take(project, commands=[LockAreas(("PMA-001",))])
    assert (draft.state.names, [a.locked for a in draft.state.plan.areas]) == (
        {"PMA-001": "和平片区"},
        [True, False, False],
    )
    assert {line.draft_id: line.basis for line in project.drafts()} == {1: 1, 2: 2}
    assert project.undo(1, 2, WHO) == 3
    assert project.redo(1, 3, WHO) == 4
    assert project.undo(2, draft.revision, WHO) == draft.revision + 1
    assert not project.draft(2, GRAPH).state.plan.areas[0].locked
    project.copy(1, "另存", WHO)
    project.add_draft("新", DRAFT, WHO)
    assert {line.title: line.basis for line in project.drafts()} == {
        "草稿一": 1,
        "更新后": 2,
        "另存": 1,
        "新": 2,
    }
    assert project.broken_audit() is None
    update = next(row for row in project.history() if row.action == "update")
    assert (update.draft_id, update.title[0]) == (2, "store.action.update")


def test_a_draft_that_moved_on_is_not_taken_over(project):
    onward = Onward("更新后", DRAFT, GRAPH)
    project.append(1, Rename("PMA-001", "和平片区"), 1, "王", graph=GRAPH)
    with pytest.raises(StaleError):
        project.update(1, 1, other(), onward, WHO)
    assert len(project.bases()) == len(project.drafts()) == 1


def test_what_cannot_be_done_leaves_the_project_as_it_was(project):
    before, rows = project.communities(), project.last_change()
    with pytest.raises(DataError):
        take(project, commands=[LockAreas(("PMA-001",)), NewArea(("nobody",))])
    with pytest.raises(DataError):
        project.update(1, 1, other(), Onward(" ", DRAFT, GRAPH), WHO)
    assert (project.last_change(), len(project.bases()), len(project.drafts())) == (rows, 1, 1)
    assert project.communities().equals(before)


# --- the procedure ---------------------------------------------------------------------------------


def test_what_is_under_way_goes_on_over_two_updates(project):
    """Areas 1 and 2 are consulted on; the second update draws a, of area 1, anew."""
    first = freeze(project, 1)
    step(project, 1, "consulting", "PMA-001", "PMA-002")
    project.prepare_forms([Form("1", 1, "PMA-002", "c", sent_on="2026-03-01")], WHO)
    later = take(project, other("甲一"))
    assert {own: one.state for own, one in project.under_way().items()} == {
        ("a", "b"): "consulting",
        ("c", "d"): "consulting",
    }
    second = freeze(project, later.draft_id)
    known = courses(project.proceedings())
    assert [known[2, f"PMA-00{n}"].earlier for n in (1, 2, 3)] == [((1, f"PMA-00{n}"),) for n in (1, 2, 3)]
    last = take(project, other("甲二", moved_m=30), draft=later.draft_id, redrawn=["a"])
    assert project.redrawn(last.basis) == {("a", "b")}
    assert project.redrawn(later.basis) == frozenset()
    told = broken_off(DRAFT.plan.areas, project.under_way(), project.redrawn(last.basis))
    assert told == ("broken_off:1",)
    with pytest.raises(DataError):
        freeze(project, last.draft_id)
    third = freeze(project, last.draft_id, "broken_off:1")
    assert (first.basis, second.basis, third.basis) == (1, 2, 3)
    known = courses(project.proceedings())
    assert [known[2, "PMA-001"].state, known[3, "PMA-001"].state] == ["superseded", "frozen"]
    assert known[3, "PMA-001"].earlier == ()
    assert (known[3, "PMA-002"].state, known[3, "PMA-002"].earlier) == (
        "consulting",
        ((2, "PMA-002"), (1, "PMA-002")),
    )
    assert project.opinion_forms()[0].area_id == "PMA-002"
    assert project.broken_audit() is None


def test_going_back_to_the_data_before_draws_anew_what_was_drawn_anew(project):
    """Two updates of the first data, each of which moves another outline: between them both lie."""
    one = take(project, other("甲一"), redrawn=["a"])
    two = take(project, other("甲二"), redrawn=["c"])
    freeze(project, one.draft_id)
    step(project, 1, "consulting", "PMA-001", "PMA-002", "PMA-003")
    assert project.redrawn(two.basis) == {("a", "b"), ("c", "d")}
    assert project.redrawn(1) == {("a", "b")}
    assert project.redrawn(one.basis) == frozenset()


def test_what_is_decided_stays_in_force_where_its_outline_is_another(project):
    freeze(project, 1)
    for state in ("consulting", "summarised", "notice", "decided"):
        step(project, 1, state, "PMA-001")
    later = take(project, redrawn=["a"])
    freeze(project, later.draft_id)
    known = courses(project.proceedings())
    assert (known[1, "PMA-001"].state, known[2, "PMA-001"].state) == ("decided", "frozen")
    for state in ("consulting", "summarised", "notice", "decided"):
        step(project, 2, state, "PMA-001")
    assert courses(project.proceedings())[1, "PMA-001"].state == "superseded"


def test_what_is_personal_is_in_one_place_and_goes_from_it(project):
    freeze(project, 1)
    step(project, 1, "consulting", "PMA-001")
    form = Form("1", 1, "PMA-001", "a", sent_on="2026-03-01")
    project.prepare_forms([form], WHO)
    answered = replace(form, answers=(Answer("agree", "2026-03-02"),))
    project.put_forms([Change(form, answered, Person(signer=NAME))], WHO)
    take(project)
    assert project.people_kept() == {(1, "PMA-001"): 1}
    assert raw(project).count(NAME.encode()) >= 1
    assert project.forget_people(1, "PMA-001", WHO) == 1
    assert NAME.encode() not in raw(project)


def test_a_project_opens_again_with_all_of_it(project, tmp_path):
    freeze(project, 1)
    take(project)
    project.backup(tmp_path / "copy.gpkg")
    project.close()
    with open_project(project.path) as again:
        assert [(line.title, line.basis) for line in again.drafts()] == [("更新后", 2), ("草稿一", 1)]
        assert [version.basis for version in again.versions()] == [1]
