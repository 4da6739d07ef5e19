"""The procedure lives on over an updated ledger: what is frozen is as it was, opinions stay with their area, only who is touched is asked again."""

import shutil
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pytest
from streamlit.testing.v1 import AppTest

from geo.wording import say
from jobs.cases import cases_of, frozen_version
from jobs.consulting import new_forms
from jobs.district import plan_district
from jobs.packaging import package
from jobs.proceeding import docket
from jobs.projects import project_of, read_back, shelved, unpacked
from jobs.recounting import Recount, kept
from jobs.registering import register
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from jobs.revised import revised
from jobs.surveying import Counted
from jobs.updating import foreseen, taken_in
from jobs.versus import Side, compared
from optimizer.checks import check
from report.reopening import read_results
from report.results import write_results
from store.drafts import dressed
from store.edits import Accept, Rename
from store.filings import Filing, FollowUp
from store.opinions import Answer, Change, Person
from store.proceedings import courses
from store.project import Project, open_project
from tests.ledgers import square
from ui import session
from ui.casework import again_of

WHO, NAME = "李科长", "欧阳测试"
DAY = datetime.now().astimezone().date().isoformat()  # a version is frozen by the clock
OPINIONS = ("agree", "agree", "disagree")
"""What the owners of the first area say; two of the second agree."""


def ledger(**changed: object) -> gpd.GeoDataFrame:
    """Two pairs of compounds and one by itself, each pair an area; `changed` counts by id, None for gone."""
    rows = {
        "甲": ("甲院", 60, square(0, 0)),
        "乙": ("乙院", 55, square(60, 0)),
        "丙": ("丙院", 70, square(1000, 0)),
        "丁": ("丁院", 65, square(1060, 0)),
        "戊": ("独院", 150, square(2000, 0)),
    }
    table = [
        {"编号": i, "小区名称": name, "户数": changed.get(i, n), "geometry": shape}
        for i, (name, n, shape) in rows.items()
        if changed.get(i, n) is not None
    ]
    return gpd.GeoDataFrame(table, crs="EPSG:4544")


def layer(table: gpd.GeoDataFrame, path: Path) -> Request:
    table.to_file(path)
    return Request(FileLayer(path))


def frozen_from(project: Project, draft_id: int, basis: int, *confirmed: str) -> int:
    """Freeze a draft with all that it breaks accepted; return the number of the version."""
    results = read_back(project, project.path.parent, basis)
    town = reopened(results)
    draft = project.draft(draft_id, town.graph)
    revision = draft.revision
    state = draft.state
    for place in sorted(
        {broken.place for broken in check(state.plan, dressed(town.graph, state), town.rules)}
    ):
        accepted = Accept(place, "原则上不少于100户", "王主任")
        revision = project.append(draft_id, accepted, revision, WHO, graph=town.graph)
    caveats = results.summary["caveats"]
    told = {"graph": town.graph, "rules": town.rules, "caveats": caveats, "confirmed": (*caveats, *confirmed)}
    return project.freeze(draft_id, "稿", revision, WHO, **told).number


def consulted(project: Project, area_id: str, opinions: tuple[str, ...]) -> None:
    """Let an area be consulted on, and take what its owners say."""
    course = courses(project.proceedings())[1, area_id]
    step = {"on": DAY, "reason": "", "who": WHO, "expected": 10**6, "paper": 17}
    project.proceed(1, [area_id], "consulting", **step)
    members = next(a.members for a in project.versions()[0].state.plan.areas if a.area_id == area_id)
    forms = new_forms(read_back(project, project.path.parent, 1), course, members, ())
    forms = tuple(
        form for c in members for form in [one for one in forms if one.community_id == c][: len(opinions)]
    )
    project.prepare_forms(forms, WHO)
    changes = [
        Change(
            form,
            replace(form, sent_on=DAY, answers=(Answer(told, DAY),)),
            Person(room=f"{n}-1", signer=f"{NAME}{n}"),
        )
        for n, (form, told) in enumerate(zip(forms, opinions, strict=False))
    ]
    project.put_forms(changes, WHO)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A project under way: a version frozen, two areas consulted on with five opinions, a follow-up and papers for the filing."""
    folder = tmp_path_factory.mktemp("office")
    write_results(plan_district(layer(ledger(), folder / "台账.gpkg")), folder / "plan")
    path = project_of(folder / "plan", folder / "shelf")
    with open_project(path) as project:
        graph = reopened(read_results(folder / "plan")).graph
        project.append(1, Rename("PMA-001", "胜利路片区"), 1, WHO, graph=graph)
        assert frozen_from(project, 1, 1) == 1
        consulted(project, "PMA-001", OPINIONS)
        consulted(project, "PMA-002", ("agree", "agree"))
        project.put_follow_up(FollowUp("PMA-001", "contract", "2027-01-01"), WHO)
        project.put_filing(Filing("PMA-001", 1, handler="王主任"), WHO, expected=None)
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """A copy of it alone on its shelf."""
    return Path(shutil.copy(made, tmp_path))


def handed_in(path: Path) -> Path:
    """Where an office hands in its next ledger: not on the shelf of projects."""
    folder = path.parent / "handed in"
    folder.mkdir(exist_ok=True)
    return folder / f"台账{len(list(folder.iterdir()))}.gpkg"


def update(path: Path, **changed: object):
    """Take in the ledger with these counts; return what was foreseen and the draft that goes on."""
    request = layer(ledger(**changed), handed_in(path))
    opened, told = foreseen(path, request)
    return told, taken_in(path, opened, told, request, who=WHO)


def on_record(project: Project) -> list[tuple[object, ...]]:
    """What the register shows."""
    return [(e.version, e.area_id, e.state, e.households, e.members) for e in register(docket(project))]


BEFORE = [
    (1, "PMA-001", "consulting", 115, ("乙院", "甲院")),
    (1, "PMA-002", "consulting", 135, ("丁院", "丙院")),
    (1, "PMA-003", "frozen", 150, ("独院",)),
]


def answered(project: Project, version: int, area_id: str) -> list[str]:
    frozen = frozen_version(project, version)
    return sorted(a.opinion for form in frozen.forms_of(area_id) for a in form.answers)


# --- after the update ------------------------------------------------------------------------------


def test_nothing_of_the_procedure_is_lost(path):
    with open_project(path) as project:
        before = (project.proceedings(), project.opinion_forms(), project.follow_ups(), project.filings())
        people, versions, office = project.people_kept(), project.versions(), project.office()
    told, draft = update(path, 乙=90, 丁=None)  # 乙 is the centre then
    with open_project(path) as project:
        assert on_record(project) == BEFORE
        assert answered(project, 1, "PMA-001") == ["agree", "agree", "disagree"]
        assert answered(project, 1, "PMA-002") == ["agree", "agree"]
        assert before == (
            project.proceedings(),
            project.opinion_forms(),
            project.follow_ups(),
            project.filings(),
        )
        assert (people, versions, office) == (project.people_kept(), project.versions(), project.office())
        assert project.broken_audit() is None
    areas = {area.area_id: (area.members, area.locked) for area in draft.state.plan.areas}
    assert areas == {
        "PMA-001": (("乙", "甲"), True),
        "PMA-002": (("丙",), True),
        "PMA-003": (("戊",), False),
    }
    assert [one.path for one in shelved(path.parent)] == [path]
    assert told.lines()[-1] == (
        "PMA-002现在是“征求意见”，边界已定。这样改须另行定稿为新版本，并重新征求这些小区的意见：丙院。"
    )
    first = told.effects[0]
    assert (first.kind, first.place, first.other, first.before) == (
        "reopened", "PMA-002", "丙", "consulting"
    )  # fmt: skip


def test_the_papers_of_a_version_are_made_of_the_data_it_was_frozen_on(path, tmp_path):
    with open_project(path) as project:
        package(project, 1, tmp_path / "before", draft=True)
    update(path, 甲=66, 丁=None)
    update(path, 甲=70, 丁=None, 戊=160)
    with open_project(path) as project:
        package(project, 1, tmp_path / "after", draft=True)
    for name in ("public.zip", "internal.zip"):
        assert (tmp_path / "after" / name).read_bytes() == (tmp_path / "before" / name).read_bytes()


def test_a_new_version_asks_only_who_is_touched(path):
    _, draft = update(path, 甲=66, 丁=None)
    with open_project(path) as project:
        assert frozen_from(project, draft.draft_id, 2, "broken_off:1") == 2
        told = docket(project)
        assert {area: again for area, again in again_of(told, 2).items() if again} == {"PMA-002": ("丙",)}
        assert on_record(project) == [
            (2, "PMA-001", "consulting", 121, ("乙院", "甲院")),
            (2, "PMA-002", "frozen", 70, ("丙院",)),
            (2, "PMA-003", "frozen", 150, ("独院",)),
            (1, "PMA-002", "superseded", 135, ("丁院", "丙院")),
        ]
        assert answered(project, 2, "PMA-001") == ["agree", "agree", "disagree"]
        assert answered(project, 2, "PMA-002") == []
        assert answered(project, 1, "PMA-002") == ["agree", "agree"]
        one, two = (cases_of(frozen_version(project, number), draft=True) for number in (1, 2))
        assert [sum(m.count for m in case.area.members) for case in (one[0], two[0])] == [115, 121]
        assert one[1].area.members[0].name == "丁院"
        assert {case.version.sha256 for case in one}.isdisjoint(case.version.sha256 for case in two)
        assert [one.follow_up.area_id for one in project.follow_ups()] == ["PMA-001"]


def test_two_updates_after_another_leave_the_register_as_it_was(path):
    """The second makes 乙 the centre of its area: under way, it keeps its id all the same."""
    update(path, 甲=66)
    _, draft = update(path, 乙=90)
    with open_project(path) as project:
        assert on_record(project) == BEFORE
        assert [(one.number, one.before) for one in project.bases()] == [(1, None), (2, 1), (3, 2)]
        assert draft.basis == 3
        assert frozen_from(project, draft.draft_id, 3) == 2
        assert [row[:4] for row in on_record(project)[:2]] == [
            (2, "PMA-001", "consulting", 150),
            (2, "PMA-002", "consulting", 135),
        ]
        assert again_of(docket(project), 2) == {"PMA-001": (), "PMA-002": (), "PMA-003": ()}


def test_a_boundary_drawn_anew_is_asked_about_anew_and_one_drawn_at_last_is_not(path):
    table = ledger()
    table.loc[table["编号"] == "甲", "geometry"] = [square(0, 0, side=45)]
    request = layer(table, handed_in(path))
    opened, told = foreseen(path, request)
    assert (told.redrawn, [one.area_id for one in told.reopened]) == (("甲",), ["PMA-001"])
    assert told.reopened[0].again == ("乙", "甲")
    draft = taken_in(path, opened, told, request, who=WHO)
    with open_project(path) as project:
        frozen_from(project, draft.draft_id, 2, "broken_off:1")
        assert {row[1]: row[2] for row in on_record(project) if row[0] == 2} == {
            "PMA-001": "frozen",
            "PMA-002": "consulting",
            "PMA-003": "frozen",
        }
        assert again_of(docket(project), 2)["PMA-001"] == ("乙", "甲")


def test_a_decided_area_that_loses_a_community_is_named_and_stays_in_force(path):
    with open_project(path) as project:
        for state in ("summarised", "notice", "decided"):
            step = {"on": DAY, "reason": "", "who": WHO, "expected": 10**6}
            project.proceed(1, ["PMA-002"], state, **step)
    told, draft = update(path, 丁=None)
    assert (told.effects[0].kind, told.effects[0].place) == ("in_force", "PMA-002")
    assert say("updating.kind.in_force") == "已决定的区域变了，新版本决定前原决定仍然有效"
    with open_project(path) as project:
        frozen_from(project, draft.draft_id, 2)
        kept_on = {(row[0], row[1]): row[2] for row in on_record(project)}
        assert (kept_on[1, "PMA-002"], kept_on[2, "PMA-002"]) == ("decided", "frozen")


def test_counts_from_the_survey_leave_the_procedure_where_it_was(path):
    with open_project(path) as project:
        base = read_back(project, path.parent, 1)
        town = reopened(base)
        opened = project.draft(1, town.graph)
        counts = (Counted("甲", 61, "surveyed", "居委会", DAY),)
        found = Recount(base, town, opened.state, base, counts, project.under_way())()
        draft = kept(found.update, counts, opened, project, who=WHO)
        assert on_record(project) == BEFORE
        assert frozen_from(project, draft.draft_id, 2) == 2
        assert on_record(project)[0] == (2, "PMA-001", "consulting", 116, ("乙院", "甲院"))


def test_what_is_personal_is_in_no_other_file(path):
    update(path, 甲=66)
    named = [one for one in path.parent.rglob("*") if one.is_file() and NAME.encode() in one.read_bytes()]
    assert named == [path]
    with open_project(path) as project:
        for area_id in ("PMA-001", "PMA-002"):
            project.forget_people(1, area_id, WHO)
    assert not any(NAME.encode() in one.read_bytes() for one in path.parent.rglob("*") if one.is_file())


# --- on the desk -----------------------------------------------------------------------------------


def test_a_version_is_compared_with_a_draft_on_newer_data(path):
    """Who is gone is told as moved out of its area, and who stays where it was is not told."""
    _, draft = update(path, 甲=66, 丁=None)
    with open_project(path) as project:
        base = read_back(project, path.parent, draft.basis)
        results = revised(base, reopened(base), draft.state)
        frozen = frozen_version(project, 1)
    found = compared(Side("一稿", frozen.results, frozen.version.state), Side("更新后", results, draft.state))
    assert list(found.moved["community_id"]) == ["丁"]
    total = found.figures.set_index("key").loc["total"]
    assert (total["one"], total["other"]) == (400, 341)


def test_an_old_draft_says_that_its_data_were_updated_and_leads_on(path, tmp_path, monkeypatch):
    def shown():
        from ui import session, versions

        session.keep_address()
        versions.newer(session.current())

    with open_project(path) as project:
        old = unpacked(project, tmp_path / "desk")
    monkeypatch.setattr(session, "SHELF", path.parent)
    monkeypatch.setattr(session, "PLANS", tmp_path / "desk")
    monkeypatch.setattr(sys, "argv", ["app", str(old)])
    session._taken.clear()
    assert not AppTest.from_function(shown, default_timeout=30).run().button
    _, draft = update(path, 甲=66)
    app = AppTest.from_function(shown, default_timeout=30).run()
    assert "台账后来更新过，现在接着编辑的是草稿《按 台账0.gpkg 更新" in app.html[0].value
    app.button[0].click().run()
    assert (app.session_state["plan"] == old.name, app.session_state["draft_id"]) == (False, draft.draft_id)
    assert not app.button
    session._taken.clear()
