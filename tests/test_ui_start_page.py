"""开始: who works here is asked before the doors, kept for the session, and stands in the log of what is done then."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.runtime.context import StreamlitHeaders
from streamlit.testing.v1 import AppTest

from report.results import write_results
from store.access import ROLES_FILE
from store.decisions import LockCommunities
from store.project import open_project
from tests import fakes
from ui import people, session, start_page

ROLES = '[[member]]\nname = "李科长"\nrole = "administrator"\n'
NAME, POST = "姓名", "岗位"


@pytest.fixture(autouse=True)
def _desk(tmp_path, monkeypatch) -> Iterator[None]:
    """A desk without roles and projects."""
    monkeypatch.delenv(ROLES_FILE, raising=False)
    monkeypatch.setattr(session, "SHELF", tmp_path / "projects")
    monkeypatch.setattr(session, "page", lambda name: name)
    monkeypatch.setattr(start_page.st, "page_link", lambda *_, **__: None)  # the page it leads to is not here
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def page() -> None:
    from ui import start_page

    start_page.start()


def shown(who: str = "") -> AppTest:
    app = AppTest.from_function(page)
    if who:
        app.session_state[people.WHO] = who
    app.run()
    assert not app.exception
    return app


def field(app: AppTest, label: str):
    return next(one for one in app.text_input if one.label == label)


def filled(app: AppTest) -> list[str]:
    return [field(app, label).value for label in (NAME, POST)]


def texts(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.main if element.type == "html")


def shut(app: AppTest) -> set[bool]:
    return {one.disabled for one in app.button}


# --- asked once ------------------------------------------------------------------------------------


def test_name_and_post_are_asked_and_no_door_is_shut_without_roles():
    app = shown()
    assert "谁在操作" in texts(app)
    assert filled(app) == ["", ""]
    assert shut(app) == {False}
    field(app, NAME).set_value(" 李敏 ").run()
    assert app.session_state[people.WHO] == "李敏"
    field(app, POST).set_value("城管科科长").run()
    assert app.session_state[people.WHO] == "李敏(城管科科长)"
    assert "以下操作记在“李敏(城管科科长)”名下。" in texts(app)
    assert filled(app) == [" 李敏 ", "城管科科长"]


def test_a_post_waits_for_its_name():
    app = shown()
    field(app, POST).set_value("科长").run()
    assert app.session_state[people.WHO] == ""
    field(app, NAME).set_value("李敏").run()
    assert app.session_state[people.WHO] == "李敏(科长)"


@pytest.mark.parametrize(
    ("who", "parts"),
    [("李敏", ["李敏", ""]), ("李敏(科长)", ["李敏", "科长"]), ("李敏(二)(科长)", ["李敏(二)", "科长"])],
)
def test_who_is_known_stands_in_the_fields_and_is_not_asked_again(who, parts):
    app = shown(who)
    assert filled(app) == parts
    assert app.session_state[people.WHO] == who
    assert people.named(*parts) == who


def test_a_name_that_the_browser_remembers_takes_its_place_in_the_fields():
    app = shown()
    app.session_state[people.WHO] = "王芳(社区书记)"
    assert filled(app.run()) == ["王芳", "社区书记"]


# --- with roles ------------------------------------------------------------------------------------


@pytest.fixture
def roles(tmp_path, monkeypatch):
    def given(text: str) -> None:
        (tmp_path / "roles.toml").write_text(text, encoding="utf-8")
        monkeypatch.setenv(ROLES_FILE, str(tmp_path / "roles.toml"))

    return given


def test_where_roles_go_by_names_no_door_opens_before_one_is_said(roles):
    roles(ROLES)
    app = shown()
    assert "请先填姓名再往下走" in texts(app)
    assert shut(app) == {True}
    field(app, NAME).set_value("路人").run()
    assert shut(app) == {False}


def test_who_signed_in_is_not_asked(roles, monkeypatch):
    roles('header = "X-Remote-User"\n' + ROLES)
    sent = SimpleNamespace(headers=StreamlitHeaders([("X-Remote-User", "stranger")]))
    monkeypatch.setattr(people.st, "context", sent)
    monkeypatch.setattr(people.st, "get_option", lambda _: "127.0.0.1")
    app = shown("李科长")
    assert not app.text_input
    assert "stranger · 查看人员 · 已登录" in texts(app)
    assert shut(app) == {False}


# --- the log ---------------------------------------------------------------------------------------


def test_what_is_done_afterwards_stands_in_the_log_under_that_name_and_post(tmp_path, monkeypatch):
    write_results(fakes.results(), tmp_path / "plan")
    monkeypatch.setattr(sys, "argv", ["app.py", str(tmp_path / "plan")])
    app = AppTest.from_function(_whole_way, default_timeout=60).run()
    field(app, NAME).set_value("李敏").run()
    field(app, POST).set_value("城管科科长").run()
    app.session_state["command"] = LockCommunities(("C001",))
    app.run()
    (path,) = Path(session.SHELF).glob("*.gpkg")
    with open_project(path) as project:
        assert [step.who for step in project.steps(1)] == ["李敏(城管科科长)"]
        assert project.history()[-1].who == "李敏(城管科科长)"


def _whole_way() -> None:
    import streamlit as st

    from ui import drafting, session, start_page

    start_page.start()
    session.keep_address()
    session.current()
    if command := st.session_state.pop("command", None) if "command" in st.session_state else None:
        drafting.apply(command)
