"""Projects on the shelf: made of a written plan, opened again without it."""

import shutil

import pytest

from geo.schema import DataError
from jobs import projects
from jobs.projects import plan_hash, project_of, read_back, shelved, unpacked
from jobs.reopened import reopened
from report.reopening import read_results
from report.results import write_results
from store.edits import LockAreas
from store.project import open_project
from tests import fakes


@pytest.fixture
def plan(tmp_path):
    """The folder of a written plan."""
    write_results(fakes.results(), tmp_path / "plan")
    return tmp_path / "plan"


@pytest.fixture
def shelf(tmp_path):
    """The folder where projects lie."""
    return tmp_path / "projects"


def test_a_plan_becomes_a_project_whose_draft_begins_where_the_plan_ends(plan, shelf):
    town = reopened(read_results(plan))
    path = project_of(plan, shelf)
    with open_project(path) as project:
        (line,) = project.drafts()
        draft = project.draft(line.draft_id, town.graph)
        assert (draft.title, draft.position, draft.state.plan) == ("草稿一", 0, town.plan)
        assert project.title() == "中山路街道老旧小区组团方案(草案)"
        assert "area_id" not in project.communities().columns
    assert path.stem == plan_hash(plan)[:24]


def test_the_same_plan_has_one_project_and_another_plan_another(plan, shelf):
    first = project_of(plan, shelf)
    with open_project(first) as project:
        project.append(1, LockAreas(("PMA-001",)), 1, "李", graph=reopened(read_results(plan)).graph)
    assert project_of(plan, shelf) == first
    with open_project(first) as project:
        assert len(project.steps(1)) == 1
    (plan / "findings.csv").write_text(
        (plan / "findings.csv").read_text(encoding="utf-8-sig"), encoding="utf-8"
    )
    assert project_of(plan, shelf) != first


def test_a_project_opens_without_the_plan_it_was_made_of(plan, shelf):
    before = read_results(plan)
    path = project_of(plan, shelf)
    shutil.rmtree(plan)
    with open_project(path) as project:
        folder = unpacked(project, shelf)
        assert unpacked(project, shelf) == folder
        again = read_back(project, shelf)
    assert again.communities.equals(before.communities)
    assert again.summary == before.summary
    assert folder.name == path.stem  # so that the folder leads to the same project
    assert project_of(folder, shelf) == path


def test_a_program_that_ends_before_the_first_draft_leaves_no_project(plan, shelf, monkeypatch):
    def ended(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(projects, "_begin", ended)
    with pytest.raises(KeyboardInterrupt):
        project_of(plan, shelf)
    assert list(shelf.glob("*.gpkg")) == []
    monkeypatch.undo()
    with open_project(project_of(plan, shelf)) as project:
        assert [line.title for line in project.drafts()] == ["草稿一"]


def test_two_desks_that_make_the_project_at_once_share_it_and_its_one_draft(plan, shelf, monkeypatch):
    """The other desk comes between the look and the making."""
    begin = projects._begin

    def beaten(project, town):
        monkeypatch.undo()
        project_of(plan, shelf)
        begin(project, town)

    monkeypatch.setattr(projects, "_begin", beaten)
    with open_project(project_of(plan, shelf)) as project:
        assert len(project.drafts()) == 1
    assert [p.name for p in shelf.iterdir() if p.name.startswith(".")] == []


def test_two_desks_that_unpack_at_once_share_the_folder(plan, shelf, monkeypatch):
    with open_project(project_of(plan, shelf)) as project:
        target = shelf / plan_hash(plan)[:24]
        monkeypatch.setattr(projects.Path, "is_dir", lambda path: path != target and path.exists())
        unpacked(project, shelf)
        assert unpacked(project, shelf) == target
    assert [p.name for p in shelf.iterdir() if p.name.startswith(".")] == []


def test_the_shelf_names_what_opens_and_was_changed_last_first(plan, shelf, tmp_path):
    assert shelved(shelf) == ()
    project_of(plan, shelf)
    write_results(fakes.results(), tmp_path / "other")
    (tmp_path / "other" / "rules.toml").write_text(
        "# 另一份\n" + (plan / "rules.toml").read_text("utf-8"), "utf-8"
    )
    later = project_of(tmp_path / "other", shelf)
    (shelf / "broken.gpkg").write_bytes(b"no project")
    found = shelved(shelf)
    assert found[0].path == later
    assert [(one.title, one.last.title) for one in found] == [
        ("中山路街道老旧小区组团方案(草案)", "草稿一")
    ] * 2


def test_a_folder_without_a_plan_is_refused(tmp_path, shelf):
    with pytest.raises(DataError):
        project_of(tmp_path, shelf)
    assert list(shelf.iterdir()) == []
