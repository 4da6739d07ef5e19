"""Roles: who may write what, a planner limited to a part of the office, and the file that says so."""

import ast
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geo.schema import DataError, findings_table
from geo.wording import LANGUAGES, say, speaking
from store.access import NEEDS, ROLES, WHOLE, Access, Member, act_of, act_words, part_words, read_access
from store.bases import Data
from store.decisions import GiveReason, LockCommunities, SetLink
from store.drafts import Draft
from store.edits import Accept, Command, LockAreas, Rename, TakeOut
from store.filings import Filing, FollowUp
from store.meetings import Dispute
from store.office import Office
from store.onward import Onward
from store.opinions import Answer, Change, Form, Theme
from store.parts import refuse_outside, touched_by
from store.proceedings import EXITS, STATES
from store.project import Project, create, open_project
from tests.offices import GRAPH, RULES, START, ledger

HERE = Path(__file__).parent.parent
BY_ROLE = {"viewer": "看客", "planner": "规划员", "approver": "审批员", "administrator": "管理员"}
EAST, NORTH, BOSS = "东片规划员", "网格规划员", "管理员"
ACCESS = Access(
    (
        *(Member(name, role) for role, name in BY_ROLE.items()),
        Member(EAST, "planner", committees=("东社区",)),
        Member(NORTH, "planner", grids=("03",)),
    )
)
# The communities a and b (PMA-001) are of the east, c and d (PMA-002) of the west; e, in no area, is in two grids.
COMMITTEES = {"a": "东社区", "b": "东社区", "c": "西社区", "d": "西社区"}
GRIDS = {"a": "01", "b": "01", "c": "02", "d": "02", "e": "02、03"}
FORM = Form("01-001-0001", 1, "PMA-001", "a")
WEST_FORM = Form("01-002-0001", 1, "PMA-002", "c")

# What a role may do: x. Every write of a project stands here.
TABLE = """
                viewer planner approver administrator
    append        -       x        x         x
    undo          -       x        x         x
    redo          -       x        x         x
    add_draft     -       x        x         x
    copy          -       x        x         x
    update        -       x        x         x
    proceed       -       x        x         x
    put_dispute   -       x        x         x
    prepare_forms -       x        x         x
    put_forms     -       x        x         x
    put_theme     -       x        x         x
    put_follow_up -       x        x         x
    freeze        -       -        x         x
    settle        -       -        x         x
    decide        -       -        x         x
    put_filing    -       -        x         x
    forget_people -       -        x         x
    set_office    -       -        -         x
    set_rules     -       -        -         x
"""


def table() -> dict[tuple[str, str], bool]:
    heads, *rows = (line.split() for line in TABLE.strip().splitlines())
    return {(row[0], role): mark == "x" for row in rows for role, mark in zip(heads, row[1:], strict=True)}


def append(project: Project, who: str, command: Command) -> int:
    return project.append(1, command, project.draft(1, GRAPH).revision, who, graph=GRAPH)


def proceed(project: Project, who: str, state: str, area: str = "PMA-001") -> None:
    project.proceed(1, [area], state, on="2099-01-04", reason="试", who=who, expected=99)


def revision(project: Project) -> int:
    return project.draft(1, GRAPH).revision


WRITES: dict[str, Callable[[Project, str], object]] = {
    "append": lambda p, who: append(p, who, Rename("PMA-001", "新名")),
    "undo": lambda p, who: p.undo(1, revision(p), who),
    "redo": lambda p, who: p.redo(1, revision(p), who),
    "add_draft": lambda p, who: p.add_draft("又一稿", START, who),
    "copy": lambda p, who: p.copy(1, "副本", who),
    "update": lambda p, who: p.update(1, revision(p), NEWER, Onward("新台账", START, GRAPH), who),
    "proceed": lambda p, who: proceed(p, who, "reviewing"),
    "put_dispute": lambda p, who: p.put_dispute(Dispute("area", ("PMA-001",), "甲乙", "界线"), who),
    "prepare_forms": lambda p, who: p.prepare_forms([Form("01-001-0002", 1, "PMA-001", "b")], who),
    "put_forms": lambda p, who: p.put_forms([answered(FORM)], who),
    "put_theme": lambda p, who: p.put_theme(theme(), who, was="停车"),
    "put_follow_up": lambda p, who: p.put_follow_up(FollowUp("PMA-001", "contract", "2027-03-01"), who),
    "freeze": lambda p, who: p.freeze(1, "二稿", revision(p), who, graph=GRAPH, rules=RULES),
    "settle": lambda p, who: proceed(p, who, "withdrawn"),
    "decide": lambda p, who: p.decide("问题", "同意", who, asked="是否"),
    "put_filing": lambda p, who: p.put_filing(Filing("PMA-001", 1, handler="经办岗"), who, expected=None),
    "forget_people": lambda p, who: p.forget_people(1, "PMA-001", who),
    "set_office": lambda p, who: p.set_office(Office(name="街道办"), who, expected=p.office()),
    "set_rules": lambda p, who: p.set_rules("# 新规则\n", who),
}


NEWER = Data(ledger(), findings_table([]), "")


def answered(form: Form) -> Change:
    after = Form(form.form_no, 1, form.area_id, form.community_id, answers=(Answer("agree", "2026-11-02"),))
    return Change(form, after)


def theme(area: str = "PMA-001") -> Theme:
    return Theme(1, area, "停车", "已答复", "yes")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A project with a version, a form of each side, a step that can be undone and one that can be done again."""
    path = tmp_path_factory.mktemp("access") / "a.gpkg"
    communities = ledger()
    for name, told in (("committee", COMMITTEES), ("grids", GRIDS)):
        communities[name] = [told.get(c, "") for c in communities.index]
    with create(
        path, title="永川", communities=communities, findings=findings_table([]), rules_text="", who=BOSS
    ) as project:
        project.add_draft("草稿一", START, BOSS)
        project.freeze(1, "一稿", 1, BOSS, graph=GRAPH, rules=RULES)
        project.prepare_forms([FORM, WEST_FORM], BOSS)
        append(project, BOSS, Rename("PMA-002", "甲"))
        project.undo(1, append(project, BOSS, Rename("PMA-002", "乙")), BOSS)
    return path


@pytest.fixture
def fresh(made: Path, tmp_path: Path) -> Iterator[Callable[[], Project]]:
    """Open as many copies of the project as are wanted, with the roles."""
    opened: list[Project] = []

    def one() -> Project:
        copy = shutil.copy(made, tmp_path / f"{len(opened)}.gpkg")
        opened.append(open_project(Path(copy), access=ACCESS))
        return opened[-1]

    yield one
    for project in opened:
        project.close()


# --- role by write ---------------------------------------------------------------------------------


@pytest.mark.parametrize("act", WRITES)
def test_a_role_writes_what_the_table_says_and_nothing_else(act, fresh):
    refused = fresh()
    before = refused.last_change()
    for role, who in BY_ROLE.items():
        if table()[act, role]:
            project = fresh()
            WRITES[act](project, who)
            assert act == "forget_people" or project.last_change() == before + 1
        else:
            with pytest.raises(DataError) as error:
                WRITES[act](refused, who)
            assert error.value.code == "access.role"
    assert refused.last_change() == before


def test_who_is_not_in_the_file_may_only_look(fresh):
    with pytest.raises(DataError) as error:
        WRITES["append"](fresh(), "路人")
    told = "“路人”是查看人员，不能修改方案。请找规划人员：规划员、东片规划员、网格规划员。"
    assert str(error.value) == told


def test_a_post_written_behind_the_name_changes_nobody(fresh):
    WRITES["freeze"](fresh(), "审批员(规划科)")
    with pytest.raises(DataError, match="是规划人员，不能定稿。请找审批人员：审批员。"):
        WRITES["freeze"](fresh(), "规划员(审批员)")


def test_without_a_file_everybody_may_do_everything(made, tmp_path):
    with open_project(Path(shutil.copy(made, tmp_path / "a.gpkg"))) as project:
        for act, write in WRITES.items():
            if act not in ("settle", "redo"):  # the area is on its way, and what was undone gone
                write(project, "谁都行")


# --- no write without a role -----------------------------------------------------------------------


def body(path: str) -> ast.Module:
    return ast.parse((HERE / path).read_text(encoding="utf-8"))


def calls(node: ast.AST) -> set[str]:
    """The names of all that is called within, without the object it is called on."""
    found = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    return {
        f.attr if isinstance(f, ast.Attribute) else f.id
        for f in found
        if isinstance(f, ast.Attribute | ast.Name)
    }


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_write_of_a_project_is_in_the_table():
    (project,) = (
        n for n in body("store/project.py").body if isinstance(n, ast.ClassDef) and n.name == "Project"
    )
    writing = {f.name for f in functions(project) if "_change" in calls(f)}
    assert writing | {"settle"} == set(WRITES) == {act for act, _ in table()}
    assert {f.name for f in functions(project) if "writing" in calls(f)} == {"_change"}


def test_nobody_else_writes_into_a_project_file():
    """A write that does not pass Project._change would pass no role: only making and opening a file do."""
    found = {
        (path.name, function.name)
        for room in ("store", "jobs", "ui", "report")
        for path in (HERE / room).rglob("*.py")
        for function in functions(ast.parse(path.read_text(encoding="utf-8")))
        if "writing" in calls(function)
    }
    assert found == {
        ("project.py", "create"),
        ("project.py", "open_project"),
        ("project.py", "_change"),
    }


def test_every_state_is_settled_or_on_the_way():
    settled = {state for state in (*STATES, *EXITS) if act_of(state) == "settle"}
    assert settled == {"decided", "filed", "withdrawn", "cancelled"}


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_act_and_role_has_its_words(spoken):
    with speaking(spoken):
        assert all(act_words(act) for act in NEEDS)
        assert all(say(f"access.role.{role}") for role in ROLES)
    assert set(NEEDS) >= WHOLE


# --- a part of the office --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        Rename("PMA-001", "东苑"),
        LockAreas(("PMA-001",)),
        TakeOut(("b",)),
        LockCommunities(("a",)),
        GiveReason(("b",), "等"),
        SetLink("a", "b", "forbidden", "有墙"),
    ],
)
def test_a_planner_of_a_part_changes_what_is_in_it(fresh, command):
    project = fresh()
    append(project, EAST, command)
    assert project.draft(1, GRAPH).state != START


@pytest.mark.parametrize(
    ("command", "community", "number"),
    [
        (Rename("PMA-002", "西苑"), "c", 2),
        (LockAreas(None), "c", 3),  # all areas: c, d and f
        (TakeOut(("c",)), "c", 2),
        (LockCommunities(("a", "d")), "d", 1),
        (GiveReason(("e",), "等"), "e", 1),
        (SetLink("b", "c", "forbidden", "有墙"), "c", 1),  # half of it is theirs
        (Accept("e", "等", "李科长"), "e", 1),
    ],
)
def test_a_planner_of_a_part_changes_nothing_outside_it(fresh, command, community, number):
    project = fresh()
    before = project.last_change()
    with pytest.raises(DataError) as error:
        append(project, EAST, command)
    assert project.last_change() == before
    assert str(error.value) == (
        f"“东片规划员”只负责社区：东社区，这一步涉及范围以外的 {number} 个小区，"
        f"第一个是 {community}小区{{{{7*7}}}}。请找负责那里的同事办理。"
    )


def test_a_part_can_be_grids(fresh):
    append(fresh(), NORTH, GiveReason(("e",), "等"))
    with pytest.raises(DataError, match="只负责网格：03，这一步涉及范围以外的 1 个小区"):
        append(fresh(), NORTH, GiveReason(("d",), "等"))


def test_a_planner_of_a_part_takes_back_only_what_is_their_own(fresh):
    project = fresh()
    with pytest.raises(DataError, match="这一步是管理员做的。请找管理员办理。"):
        project.undo(1, revision(project), EAST)
    with pytest.raises(DataError, match="只能撤销或重做自己的操作"):
        project.redo(1, revision(project), EAST)
    append(project, f"{EAST}（规划科）", Rename("PMA-001", "东苑"))
    project.undo(1, revision(project), EAST)
    project.redo(1, revision(project), EAST)
    assert project.draft(1, GRAPH).state.names["PMA-001"] == "东苑"


def test_a_planner_of_a_part_works_on_its_areas_and_forms(fresh):
    project = fresh()
    proceed(project, EAST, "reviewing")
    project.prepare_forms([Form("01-001-0002", 1, "PMA-001", "b")], EAST)
    project.put_forms([answered(FORM)], EAST)
    project.put_theme(theme(), EAST, was="停车")
    outside: list[Callable[[], object]] = [
        lambda: proceed(project, EAST, "reviewing", "PMA-002"),
        lambda: project.prepare_forms([Form("01-002-0002", 1, "PMA-002", "d")], EAST),
        lambda: project.put_forms([answered(WEST_FORM)], EAST),
        lambda: project.put_theme(theme("PMA-002"), EAST, was="停车"),
    ]
    before = project.last_change()
    for write in outside:
        with pytest.raises(DataError) as error:
            write()
        assert error.value.code == "access.outside"
    assert project.last_change() == before


@pytest.mark.parametrize("act", sorted(WHOLE & WRITES.keys()))
def test_what_concerns_the_whole_office_is_not_for_a_planner_of_a_part(fresh, act):
    with pytest.raises(DataError) as error:
        WRITES[act](fresh(), EAST)
    told = f"“东片规划员”只负责一部分（社区：东社区），不能{act_words(act)}。请找负责全街道的同事办理。"
    assert str(error.value) == told


def test_a_community_that_the_data_do_not_know_is_nobodys():
    member = Member(EAST, "planner", committees=("东社区",))
    rows = [("a", "甲院", "东社区", ""), ("c", "丙院", "西社区", "")]
    refuse_outside(member, {"a"}, rows)
    with pytest.raises(DataError, match="范围以外的 2 个小区，第一个是 丙院"):
        refuse_outside(member, {"a", "c", "z"}, rows)
    with pytest.raises(DataError, match="第一个是 z"):
        refuse_outside(member, {"z"}, rows)


def test_both_parts_are_told():
    both = Member("甲", "planner", committees=("东社区", "西社区"), grids=("03",))
    assert part_words(both) == "社区：东社区、西社区；网格：03"


# --- the file --------------------------------------------------------------------------------------

GOOD = """
header = "X-Remote-User"

[[member]]
name = "李科长"
account = "likezhang"
role = "administrator"

[[member]]
name = "王芳"
role = "planner"
committees = ["石桥社区"]
grids = ["01", "02"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "roles.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_who_may_do_what(tmp_path):
    found = read_access(written(tmp_path, "\ufeff" + GOOD))
    assert found == Access(
        (
            Member("李科长", "administrator", "likezhang"),
            Member("王芳", "planner", committees=("石桥社区",), grids=("01", "02")),
        ),
        "X-Remote-User",
    )
    assert (found.named("likezhang"), found.named("nobody")) == ("李科长", "nobody")


def test_the_proxys_account_is_no_name_by_itself(tmp_path):
    """Who writes an account into the field of the name is a stranger."""
    found = read_access(written(tmp_path, GOOD))
    assert not found.allows("likezhang", "set_office")
    assert found.allows("李科长", "set_office")


BAD = """
heading = "X"
header = 3
[[member]]
name = "甲"
role = "boss"
[[member]]
name = "甲"
role = "approver"
committees = ["石桥社区"]
[[member]]
role = "planner"
grids = "01"
account = 7
phone = "1"
"""


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    with pytest.raises(DataError) as error:
        read_access(written(tmp_path, BAD))
    assert str(error.value).splitlines() == [
        "角色文件 roles.toml 有 10 处要改：",
        "“heading”不认识，可用的是：header、member。",
        "“header”的值 3 应是文字，请加引号。",
        "第 1 个 [[member]]的角色“boss”不认识，可用的是：viewer、planner、approver、administrator。",
        "第 2 个 [[member]]写了 committees，但只有规划人员（planner）可以限定范围。请删去，或改角色。",
        "“第 3 个 [[member]] phone”不认识，可用的是：name、account、role、committees、grids。",
        "“第 3 个 [[member]] account”的值 7 应是文字，请加引号。",
        "第 3 个 [[member]]没有姓名。请写 name。",
        '“第 3 个 [[member]] grids”的值 01 应是一列文字，如 ["石桥社区"]。',
        '没有管理员，设置就没有人能改。请至少给一个人写 role = "administrator"。',
        "name = “甲”写了两次。请每人只写一段，姓名和账号互不相同。",
    ]


@pytest.mark.parametrize("text", ["", "member = 1", "[[member.x]]", "[member]\nname='甲'"])
def test_a_file_without_anybody_is_refused(tmp_path, text):
    with pytest.raises(DataError, match="没有写任何人"):
        read_access(written(tmp_path, text))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(DataError, match="打不开"):
        read_access(tmp_path / "none.toml")
    with pytest.raises(DataError, match=r"roles\.toml 不是有效的 TOML"):
        read_access(written(tmp_path, "[["))
    (tmp_path / "roles.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="打不开"):
        read_access(tmp_path / "roles.toml")


def test_a_draft_that_says_the_same_touches_nothing():
    assert touched_by(START, Draft(START.plan)) == frozenset()
