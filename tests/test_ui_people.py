"""Who works here and what they may do, as pages know it: a typed name, a proxy's header, a role from a file."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.runtime.context import StreamlitHeaders
from streamlit.testing.v1 import AppTest

from geo.schema import DataError
from store.access import EVERYBODY, NEEDS, ROLES_FILE, Access, Member
from ui import lost_page, membership, people

HERE = Path(__file__).parent.parent
ROLES = """
[[member]]
name = "李科长"
account = "likezhang"
role = "administrator"

[[member]]
name = "赵主任"
role = "approver"

[[member]]
name = "王芳"
account = "王芳"
role = "planner"
committees = ["石桥社区"]
"""
HEADER = 'header = "X-Remote-User"\n'
KNOWN = Access(
    (
        Member("李科长", "administrator", "likezhang"),
        Member("赵主任", "approver"),
        Member("王芳", "planner", committees=("石桥社区",)),
    )
)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch) -> Iterator[None]:
    """Read the file of roles anew, and give `__main__` back, whose place a tried page takes."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.delenv(ROLES_FILE, raising=False)
    people.access.clear()
    yield
    people.access.clear()


@pytest.fixture
def roles(tmp_path, monkeypatch):
    def given(text: str) -> None:
        path = tmp_path / "roles.toml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv(ROLES_FILE, str(path))

    return given


@pytest.fixture
def sent(monkeypatch):
    """Let the browser send these headers."""

    def given(*headers: tuple[str, str]) -> None:
        monkeypatch.setattr(people.st, "context", SimpleNamespace(headers=StreamlitHeaders(headers)))

    return given


def page() -> None:
    from ui import people

    people.show_standing()
    people.ask_who("here", "append", "freeze", "set_office", "update")


def shown(who: str = "") -> AppTest:
    app = AppTest.from_function(page)
    if who:
        app.session_state[people.WHO] = who
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> list[str]:
    return [element.proto.body for element in app.main if element.type == "html"]


# --- one person, no file ---------------------------------------------------------------------------


def test_without_a_file_everybody_may_and_the_page_says_so():
    app = shown()
    (standing,) = texts(app)
    assert standing == (
        '<p class="desk-standing single" title="单人模式：没有登录，姓名由使用人自己填写，每个人都能做每一件事。">单人模式</p>'
    )
    assert people.access() is EVERYBODY
    app.text_input[0].set_value(" 李科长 ").run()
    assert app.session_state[people.WHO] == "李科长"
    assert not app.text_input


def test_nothing_is_ready_without_a_name(monkeypatch):
    monkeypatch.setattr(people, "who", lambda: "")
    assert people.may("freeze")
    assert not people.ready("freeze")


# --- a file, nobody signs in -----------------------------------------------------------------------


def test_a_name_has_its_role_and_is_marked_as_not_proven(roles):
    roles(ROLES)
    standing, *refused = texts(shown("赵主任"))
    assert standing.endswith(">赵主任 · 审批人员 · 姓名未核验</p>")
    assert "任何人都可以填写任何姓名" in standing
    assert [words.split(">")[1] for words in refused] == [
        "您现在是审批人员，在这里不能：改设置。请找管理员：李科长。</p"
    ]


def test_a_planner_of_a_part_is_told_so(roles):
    roles(ROLES)
    standing, *refused = texts(shown("王芳"))
    assert standing.endswith(">王芳 · 规划人员（社区：石桥社区） · 姓名未核验</p>")
    assert [words.split(">")[1].removesuffix("</p") for words in refused] == [
        "您现在是规划人员（社区：石桥社区），只负责一部分，在这里不能：更新台账或户数。请找负责全街道的同事办理。",
        "您现在是规划人员（社区：石桥社区），在这里不能：定稿。请找审批人员：赵主任。",
        "您现在是规划人员（社区：石桥社区），在这里不能：改设置。请找管理员：李科长。",
    ]


def test_nobody_may_only_look_and_is_asked_for_a_name(roles):
    roles(ROLES)
    app = shown()
    assert texts(app)[0].endswith(">未填姓名 · 查看人员 · 姓名未核验</p>")
    assert len(app.text_input) == 1
    assert not people.may("append")


def test_a_hostile_name_is_text(roles):
    roles(ROLES)
    assert "<img" not in "".join(texts(shown("<img src=x onerror=alert(1)>")))


def test_acts_of_one_role_are_told_together():
    assert people.refusals(KNOWN, "路人", ("append", "put_forms")) == [
        "您现在是查看人员，在这里不能：修改方案、录入意见。请找规划人员：王芳。"
    ]
    assert people.refusals(KNOWN, "李科长", ("append", "set_rules")) == []


# --- somebody signs people in ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "name", "may"),
    [
        ("likezhang", "李科长", True),
        ("%E7%8E%8B%E8%8A%B3", "王芳", False),  # percent-encoded
        ("王芳".encode().decode("latin-1"), "王芳", False),  # the bytes of UTF-8
        ("stranger", "stranger", False),
    ],
)
def test_the_header_of_the_proxy_says_who_it_is(roles, sent, header, name, may):
    roles(HEADER + ROLES)
    sent(("x-remote-user", header), ("User-Agent", "x"))
    assert people.who() == name
    assert people.ready("set_office") is may


@pytest.mark.parametrize("headers", [[], [("X-Remote-User", "likezhang"), ("X-Remote-User", "stranger")]])
def test_no_header_or_two_of_them_are_nobody(roles, sent, headers):
    roles(HEADER + ROLES)
    sent(*headers)
    assert people.who() == ""
    assert people.here(people.access(), "") == "没有收到登录姓名。请从单位的登录入口打开工作台。"


def test_who_signed_in_cannot_call_himself_another(roles, sent):
    roles(HEADER + ROLES)
    sent(("X-Remote-User", "stranger"))
    app = shown("李科长")
    assert texts(app)[0].endswith(">stranger · 查看人员 · 已登录</p>")
    assert not app.text_input
    people.introduce("李科长")
    assert people.who() == "stranger"


def test_a_header_is_believed_only_where_nobody_reaches_the_desk_past_the_proxy(roles, monkeypatch):
    roles(HEADER + ROLES)
    monkeypatch.setattr(people.st, "get_option", lambda _: "0.0.0.0")  # noqa: S104 - refused
    with pytest.raises(DataError, match=r"现在是 0\.0\.0\.0。请把 server\.address 改为 127\.0\.0\.1。"):
        people.access()


# --- what is refused -------------------------------------------------------------------------------


def test_a_file_with_faults_lets_nobody_in(roles):
    def entry() -> None:
        import streamlit as st

        from ui import session

        session.admit()
        st.html("inside")

    roles('[[member]]\nname = "甲"\nrole = "boss"')
    told = texts(AppTest.from_function(entry).run())
    assert len(told) == 3
    assert "第 1 个 [[member]]的角色“boss”不认识" in told[1]
    assert "inside" not in told


def test_a_run_needs_a_planner(roles, tmp_path, monkeypatch):
    from ui import session

    roles(ROLES)
    started: list[str] = []
    monkeypatch.setattr(
        session, "runs", lambda: SimpleNamespace(start=lambda *_, key, **__: started.append(key))
    )
    monkeypatch.setattr(people, "who", lambda: "路人")
    with pytest.raises(DataError, match="“路人”是查看人员，不能开始计算"):
        session.start_run(None, tmp_path, key="a")
    monkeypatch.setattr(people, "who", lambda: "王芳")
    session.start_run(None, tmp_path, key="b")
    assert started == ["b"]


# What writes beside the project files: runs, updated projects, what puts scenarios away, a copy of the whole project.
WRITES = {act for act in NEEDS if act not in ("settle", "run", "read_opinions", "take_project")}
BESIDE = {"start", "kept", "foreseen_of", "rmtree", "backup"}


def test_every_write_beside_a_project_checks_the_role():
    found = set()
    for path in sorted((HERE / "ui").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                called = {
                    one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
                    for one in ast.walk(node)
                    if isinstance(one, ast.Call)
                }
                if BESIDE & called and "require" not in called:
                    found.add(f"{path.stem}.{node.name}")
    assert found == {
        "contenders.contenders",  # `kept`: reads the scenarios
        "hunting.__init__",  # a thread
        "reimport._foreseen",  # looks without a name; `_apply` gives one, and checks
        "runs.__init__",  # a thread
        "scenario_page._begin",  # ends in start_run
        "scenario_page._each",  # `kept`: reads the scenarios
        "session.start_sample",
        "worker.main",
    }


def test_a_project_opened_without_roles_is_only_read():
    """What the desk writes, it writes through the project that knows the roles: `drafting.Taken` opens it."""
    opens = set()
    for path in sorted((HERE / "ui").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
                named = {one.func.attr for one in calls if isinstance(one.func, ast.Attribute)}
                for one in calls:
                    if getattr(one.func, "id", "") == "open_project":
                        known = any(given.arg == "access" for given in one.keywords)
                        opens.add((path.stem, known))
                        assert known or not named & WRITES, f"{path.name} {node.name}"
    assert ("drafting", True) in opens


# --- the settings, and an address that leads nowhere -----------------------------------------------


def test_the_settings_show_people_and_roles():
    table = membership.members_table(KNOWN)
    assert table.to_numpy().tolist() == [
        ["李科长", "管理员", "全街道"],
        ["赵主任", "审批人员", "全街道"],
        ["王芳", "规划人员", "社区：石桥社区"],
    ]
    acts = dict(membership.roles_table().itertuples(index=False, name=None))
    assert acts["查看人员"] == "只看，不看逐份意见"
    assert acts["管理员"] == "改设置、改规则"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (None, ""),
        ("http://localhost:8501/", ""),
        ("http://localhost:8501/office?plan=x#y", ""),
        ("http://localhost:8501/nonsense", "nonsense"),
        ("http://localhost:8501/%E6%96%B9%E6%A1%88", "方案"),
        ("http://localhost:8501/a/b", ""),  # Streamlit's own page does not even load there
    ],
)
def test_an_address_that_leads_nowhere_is_known(address, page):
    assert lost_page.asked_for(address, {"", "office"}) == page
