"""Roles on the desk's own strip: what a role or a part does not allow is refused beforehand, in words, and nothing is written."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from report.results import write_results
from store.access import ROLES_FILE
from store.decisions import GiveReason, LockCommunities
from store.edits import Command
from store.project import open_project
from tests import fakes
from ui import dock, people, session

ROLES = """
[[member]]
name = "李科长"
role = "administrator"

[[member]]
name = "王芳"
role = "planner"
committees = ["玉屏社区"]
"""
INSIDE, OUTSIDE = "C001", "C008"  # of 玉屏社区, of 红旗社区


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("plan") / "plan"
    write_results(fakes.results(), folder)
    return folder


@pytest.fixture
def shelf(plan: Path, tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """A desk with roles on a plan, whose project goes here."""
    (tmp_path / "roles.toml").write_text(ROLES, encoding="utf-8")
    monkeypatch.setenv(ROLES_FILE, str(tmp_path / "roles.toml"))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(sys, "argv", ["app.py", str(plan)])
    monkeypatch.setattr(session, "SHELF", tmp_path / "projects")
    st.cache_resource.clear()
    yield tmp_path / "projects"
    st.cache_resource.clear()


def page() -> None:
    import streamlit as st

    from ui import dock, drafting, session

    session.keep_address()
    dock.dock(session.current())
    if both := st.session_state.get("both"):
        drafting.apply_all(both)


def shown(who: str, command: Command | None = None, *, both: tuple[Command, ...] = ()) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state[people.WHO] = who
    app.session_state["both"] = both
    if command is not None:
        app.session_state[dock.PROPOSAL] = command
    app.run()
    assert not app.exception
    return app


def apply(app: AppTest):
    return next(one for one in app.button if one.label == "应用")


def texts(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.main if element.type == "html")


def steps(shelf: Path) -> int:
    (path,) = shelf.glob("*.gpkg")
    with open_project(path) as project:
        return len(project.steps(1))


def test_a_viewer_sees_what_would_change_and_cannot_apply_it(shelf):
    app = shown("路人", LockCommunities((INSIDE,)))
    assert "您现在是查看人员，在这里不能：修改方案。请找规划人员：王芳。" in texts(app)
    assert apply(app).disabled
    assert steps(shelf) == 0


def test_a_planner_of_a_part_applies_what_is_in_it(shelf):
    app = shown("王芳", LockCommunities((INSIDE,)))
    assert not apply(app).disabled
    apply(app).click().run()
    assert steps(shelf) == 1


def test_a_planner_of_a_part_is_told_what_lies_outside(shelf):
    app = shown("王芳", LockCommunities((INSIDE, OUTSIDE)))
    assert "“王芳”只负责社区：玉屏社区，这一步涉及范围以外的 1 个小区" in texts(app)
    assert apply(app).disabled


def test_several_commands_are_all_within_the_part_or_none_is_done(shelf):
    app = shown("王芳", both=(GiveReason((INSIDE,), "等"), GiveReason((OUTSIDE,), "等")))
    assert "范围以外的 1 个小区" in app.session_state["said"]
    assert steps(shelf) == 0
