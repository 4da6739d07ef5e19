"""A project file: drafts, their logs, two desks on one draft, versions."""

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from geo.schema import COMMUNITY_COLUMNS, DataError, findings_table
from geo.wording import say
from jobs.policy import read_policy
from jobs.request import FileLayer, Request
from optimizer.rules import CHONGQING
from store import edits, frames
from store.audit import StaleError
from store.drafts import CONSENTS, Tally
from store.edits import Accept, Command, NewArea, TakeOut, applied
from store.project import Project, create, open_project, restored
from store.versions import rules_of
from tests.offices import GRAPH, RULES, START, ledger, office, rename, row_town


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with office(tmp_path / "office.gpkg") as made:
        yield made


@pytest.fixture
def draft_id(project: Project) -> int:
    return project.add_draft("草稿一", START, "李科长")


# --- what is in the file ---------------------------------------------------------------------------


def test_communities_come_back_as_they_were(project: Project) -> None:
    before, after = ledger(), project.communities()
    plain = before.columns.drop("geometry")
    assert_frame_equal(pd.DataFrame(after[plain]), pd.DataFrame(before[plain]))
    assert after.crs == before.crs
    placed = before.geometry.notna()
    assert after.geometry.notna().equals(placed)
    assert after.geometry[placed].geom_equals(before.geometry[placed]).all()
    assert set(after.geometry[placed].geom_type) == {"MultiPolygon", "Point"}


def test_findings_rules_and_title_come_back(project: Project) -> None:
    assert project.title() == "永川"
    assert project.findings()[["file", "row", "column", "code"]].to_dict("records") == [
        {"file": "台账.xlsx", "row": 7, "column": "户数", "code": "cleaning.no_count"}
    ]
    assert project.rules_text() == "# 规则\n"
    project.set_rules("# 新规则\n", "李科长")
    project.set_rules("# 规则\n", "李科长")
    assert project.rules_text() == "# 规则\n"


def test_an_empty_ledger_makes_a_project(tmp_path: Path) -> None:
    nobody = ledger().iloc[:0]
    path = tmp_path / "empty.gpkg"
    with create(
        path, title="空", communities=nobody, findings=findings_table([]), rules_text="", who="李"
    ) as made:
        assert made.communities().empty
        assert list(made.communities().columns[: len(COMMUNITY_COLUMNS)]) == list(COMMUNITY_COLUMNS)
        assert made.findings().empty


def test_a_file_that_is_there_is_not_written_over(project: Project) -> None:
    with pytest.raises(DataError, match=r"office.gpkg 已存在，为免覆盖不写入。请换一个文件名。"):
        office(project.path)


def test_of_two_who_make_the_same_file_at_once_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen that nothing is there, and are half done, when the first is whole."""
    path, both = tmp_path / "office.gpkg", threading.Barrier(2)
    written = frames.write_findings

    def together(session: Session, project_id: int, table: pd.DataFrame) -> None:
        written(session, project_id, table)
        both.wait(timeout=30)

    monkeypatch.setattr(frames, "write_findings", together)

    def click(_: int) -> str:
        try:
            with office(path) as made:
                return made.title()
        except DataError as error:
            return error.code

    with ThreadPoolExecutor(2) as desks:
        assert sorted(desks.map(click, range(2))) == ["store.file_exists", "永川"]
    assert [p.name for p in tmp_path.iterdir()] == ["office.gpkg"]


def test_a_project_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    broken = ledger().assign(备注=object())
    with pytest.raises(StatementError, match="not JSON serializable"):
        create(
            tmp_path / "a.gpkg",
            title="永川",
            communities=broken,
            findings=findings_table([]),
            rules_text="",
            who="李",
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 99], ids=["empty", "text"])
def test_what_is_no_project_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"x.gpkg 不是项目文件，或已损坏。"):
        open_project(path)
    with pytest.raises(DataError, match=r"找不到文件 y.gpkg"):
        open_project(tmp_path / "y.gpkg")


# --- the log ---------------------------------------------------------------------------------------


def test_a_draft_begins_as_it_was_given(project: Project, draft_id: int) -> None:
    opened = project.draft(draft_id, GRAPH)
    assert (opened.title, opened.revision, opened.position, opened.length) == ("草稿一", 1, 0, 0)
    assert opened.state == START
    assert [(line.draft_id, line.title, line.who) for line in project.drafts()] == [
        (draft_id, "草稿一", "李科长")
    ]


def test_sixty_steps_are_named_and_can_be_undone_and_done_again(project: Project, draft_id: int) -> None:
    revision, live = 1, [START]
    for number in range(1, 61):
        revision = project.append(draft_id, rename(number), revision, "李科长", graph=GRAPH)
        live.append(applied(live[-1], rename(number), GRAPH))
    names = [say(step.title[0], **step.title[1]) for step in project.steps(draft_id)]
    assert names == [f"把 PMA-001 命名为“第{number}名”" for number in range(1, 61)]
    for number in reversed(range(60)):
        revision = project.undo(draft_id, revision, "李科长")
        assert project.draft(draft_id, GRAPH).state == live[number]
    assert all(step.undone for step in project.steps(draft_id))
    with pytest.raises(DataError, match=r"没有可撤销的操作。"):
        project.undo(draft_id, revision, "李科长")
    for number in range(60):
        revision = project.redo(draft_id, revision, "李科长")
        assert project.draft(draft_id, GRAPH).state == live[number + 1]
    with pytest.raises(DataError, match=r"没有可重做的操作。"):
        project.redo(draft_id, revision, "李科长")


def test_a_new_command_takes_the_place_of_what_was_undone(project: Project, draft_id: int) -> None:
    revision = 1
    for number in range(1, 22):  # past a snapshot
        revision = project.append(draft_id, rename(number), revision, "李科长", graph=GRAPH)
    for _ in range(3):
        revision = project.undo(draft_id, revision, "李科长")
    revision = project.append(draft_id, edits.Rename("PMA-002", "新"), revision, "王主任", graph=GRAPH)
    opened = project.draft(draft_id, GRAPH)
    assert (opened.position, opened.length) == (19, 19)
    assert opened.state.names == {"PMA-001": "第18名", "PMA-002": "新"}
    for number in (1, 2):  # onto the place of the old snapshot, and past it
        revision = project.append(draft_id, rename(number), revision, "李科长", graph=GRAPH)
    with open_project(project.path) as again:
        assert again.draft(draft_id, GRAPH).state.names == {"PMA-001": "第2名", "PMA-002": "新"}
    with closing(sqlite3.connect(project.path)) as file:
        (kept,) = file.execute("SELECT \"before\" FROM audit WHERE who = '王主任'").fetchone()
    assert all(f"第{number}名" in kept for number in (19, 20, 21))


def test_no_command_is_played_twice_over_a_snapshot(project: Project, draft_id: int) -> None:
    revision, live = 1, START
    for number in range(1, 44):  # each new area takes a number: once too often would show
        command = TakeOut(("e",)) if number % 2 else NewArea(("e",))
        revision = project.append(draft_id, command, revision, "李科长", graph=GRAPH)
        live = applied(live, command, GRAPH)
        with open_project(project.path) as again:
            assert again.draft(draft_id, GRAPH).state == live


@pytest.mark.parametrize("name", ["第1名", " 第1名 ", "第1名物业管理区域"])
def test_two_areas_never_get_one_name(project: Project, draft_id: int, name: str) -> None:
    revision = project.append(draft_id, rename(1), 1, "李科长", graph=GRAPH)
    sentence = "区域 PMA-001 已经叫“第1名”，两个区域不能同名。请另起一个名称。"
    with pytest.raises(DataError) as refused:
        project.append(draft_id, edits.Rename("PMA-002", name), revision, "李科长", graph=GRAPH)
    assert str(refused.value) == sentence
    assert len(project.steps(draft_id)) == 1
    revision = project.append(draft_id, edits.Rename("PMA-001", name), revision, "李科长", graph=GRAPH)
    revision = project.append(draft_id, rename(2), revision, "李科长", graph=GRAPH)
    project.append(draft_id, edits.Rename("PMA-002", name), revision, "李科长", graph=GRAPH)


def test_a_log_from_before_may_name_two_areas_alike() -> None:
    alike = applied(applied(START, rename(1), GRAPH), edits.Rename("PMA-002", "第1名"), GRAPH)
    assert alike.names == {"PMA-001": "第1名", "PMA-002": "第1名"}


def test_a_refused_command_is_not_in_the_log(project: Project, draft_id: int) -> None:
    with pytest.raises(DataError, match="方案中没有区域 PMA-009"):
        project.append(draft_id, edits.Move(("e",), "PMA-009"), 1, "李科长", graph=GRAPH)
    with pytest.raises(DataError, match="没有写明操作人"):
        project.append(draft_id, rename(1), 1, " ", graph=GRAPH)
    assert project.draft(draft_id, GRAPH).revision == 1
    assert project.steps(draft_id) == ()


def test_a_draft_follows_the_graph_it_is_opened_on(project: Project, draft_id: int) -> None:
    project.append(draft_id, NewArea(("e", "y")), 1, "李科长", graph=GRAPH)
    assert project.draft(draft_id, GRAPH).state.plan.areas[-1].center_id == "y"
    surveyed = row_town()
    surveyed.nodes["e"]["count"] = 200
    assert project.draft(draft_id, surveyed).state.plan.areas[-1].center_id == "e"


def test_a_copy_has_the_whole_log_and_goes_its_own_way(project: Project, draft_id: int) -> None:
    revision = 1
    for number in range(1, 23):
        revision = project.append(draft_id, rename(number), revision, "李科长", graph=GRAPH)
    revision = project.undo(draft_id, revision, "李科长")
    twin = project.copy(draft_id, "方案二", "王主任")
    assert project.steps(twin) == project.steps(draft_id)
    back = project.undo(twin, project.draft(twin, GRAPH).revision, "王主任")
    project.redo(draft_id, revision, "李科长")
    assert project.draft(draft_id, GRAPH).state.names == {"PMA-001": "第22名"}
    assert project.draft(twin, GRAPH).state.names == {"PMA-001": "第20名"}
    assert project.redo(twin, back, "王主任")


# --- any commands ----------------------------------------------------------------------------------

communities = st.lists(st.sampled_from("abcdeyfhx"), min_size=1, max_size=4, unique=True).map(tuple)
area = st.sampled_from([f"PMA-{number:03d}" for number in range(1, 9)])
areas = st.none() | st.lists(area, min_size=1, max_size=3, unique=True).map(tuple)
one = st.sampled_from("abcdeyfhx")
words = st.text(max_size=6)
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(edits.Move, communities, area),
    st.builds(edits.NewArea, communities),
    st.builds(edits.Merge, st.lists(area, min_size=2, max_size=3, unique=True).map(tuple)),
    st.builds(lambda a, c: edits.Split(a, ((c[0],), c[1:])), area, communities.filter(lambda c: len(c) > 1)),
    st.builds(edits.TakeOut, communities),
    st.builds(
        lambda c, at: edits.Regroup(c, tuple(g for g in (c[:at], c[at:]) if g)),
        communities,
        st.integers(0, 4),
    ),
    st.builds(edits.Rename, area, words),
    st.builds(edits.LockAreas, areas),
    st.builds(edits.UnlockAreas, areas),
    st.builds(edits.LockCommunities, communities),
    st.builds(edits.UnlockCommunities, communities),
    st.builds(edits.Accept, area | one, words, words),
    st.builds(
        edits.SetScope, communities, st.sampled_from(["to_group", "fixed", "host", "excluded"]), words, words
    ),
    st.builds(
        edits.SetLink, one, one, st.sampled_from(["given", "forbidden"]), words, st.none() | st.floats(0, 900)
    ),
    st.builds(edits.CheckLink, one, one, st.booleans()),
    st.builds(edits.GiveReason, communities, words),
    st.builds(
        edits.SetConsent,
        communities,
        st.sampled_from(CONSENTS),
        st.dates().map(str),
        words,
        st.none() | st.builds(Tally, st.integers(5, 9), st.integers(0, 2), st.integers(0, 2)),
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(commands, max_size=45))
def test_any_commands_replay_as_they_were_and_undo_wholly(asked: list[Command]) -> None:
    with tempfile.TemporaryDirectory() as folder, office(Path(folder) / "a.gpkg") as project:
        draft_id, revision, live = project.add_draft("草稿", START, "李"), 1, START
        for command in asked:
            try:
                revision = project.append(draft_id, command, revision, "李", graph=GRAPH)
            except DataError:
                assert project.draft(draft_id, GRAPH).state == live, "a refusal changes nothing"
                continue
            live = applied(live, command, GRAPH)
        with open_project(project.path) as replayed:
            opened = replayed.draft(draft_id, GRAPH)
        assert opened.state == live
        for _ in range(opened.length):
            revision = project.undo(draft_id, revision, "李")
        assert project.draft(draft_id, GRAPH).state == START
        for _ in range(opened.length):
            revision = project.redo(draft_id, revision, "李")
        assert project.draft(draft_id, GRAPH).state == live
        assert project.broken_audit() is None


# --- two desks -------------------------------------------------------------------------------------


def test_who_has_not_seen_the_last_change_is_told_who_made_it(project: Project, draft_id: int) -> None:
    with open_project(project.path) as other:
        other.append(draft_id, rename(1), 1, "王主任", graph=GRAPH)
        other.undo(draft_id, 2, "王主任")
        for change in (
            lambda: project.append(draft_id, rename(2), 1, "李科长", graph=GRAPH),
            lambda: project.undo(draft_id, 1, "李科长"),
            lambda: project.redo(draft_id, 1, "李科长"),
            lambda: project.freeze(draft_id, "一稿", 1, "李科长", graph=GRAPH, rules=RULES),
        ):
            with pytest.raises(
                StaleError, match=r"^王主任 已在 \d\d:\d\d 保存了这份草稿的修改（共 2 处）。"
            ) as stale:
                change()
            assert stale.value.revision == 3
            assert [(s.revision, s.who, s.action) for s in stale.value.saved] == [
                (2, "王主任", "append"),
                (3, "王主任", "undo"),
            ]
            code, values = stale.value.saved[0].title
            assert say(code, **values) == "把 PMA-001 命名为“第1名”"
    assert project.append(draft_id, rename(2), 3, "李科长", graph=GRAPH) == 4, "mine, on what is there now"


def test_the_same_place_in_another_history_is_stale_too(project: Project, draft_id: int) -> None:
    seen = project.append(draft_id, rename(1), 1, "李科长", graph=GRAPH)
    with open_project(project.path) as other:
        other.append(draft_id, rename(2), other.undo(draft_id, seen, "王主任"), "王主任", graph=GRAPH)
    with pytest.raises(StaleError):
        project.undo(draft_id, seen, "李科长")


def test_a_version_made_meanwhile_is_told_too(project: Project, draft_id: int) -> None:
    with open_project(project.path) as other:
        revision = other.append(draft_id, rename(1), 1, "王主任", graph=GRAPH)
        other.freeze(draft_id, "一稿", revision, "赵处长", graph=GRAPH, rules=RULES)
    with pytest.raises(StaleError) as stale:
        project.undo(draft_id, 1, "李科长")
    told = [(saved.who, say(saved.title[0], **saved.title[1])) for saved in stale.value.saved]
    assert told == [("王主任", "把 PMA-001 命名为“第1名”"), ("赵处长", "定稿")]


def test_a_revision_that_never_was_is_refused(project: Project, draft_id: int) -> None:
    with pytest.raises(DataError, match=r"草稿 1 没有第 9 次修改。请重新打开草稿。"):
        project.undo(draft_id, 9, "李科长")
    with pytest.raises(DataError, match=r"没有编号为 7 的草稿。请从草稿列表中选择。"):
        project.draft(7, GRAPH)


def test_fifty_interleaved_edits_of_two_desks_lose_nothing(project: Project, draft_id: int) -> None:
    with open_project(project.path) as other:
        desks = {"李科长": project, "王主任": other}
        seen, told, order = dict.fromkeys(desks, 1), 0, []
        for number in range(50):
            who = "李科长" if number * 7 % 5 < 3 else "王主任"
            try:
                seen[who] = desks[who].append(draft_id, rename(number), seen[who], who, graph=GRAPH)
            except StaleError as stale:
                told += 1
                seen[who] = desks[who].append(draft_id, rename(number), stale.revision, who, graph=GRAPH)
            order.append((who, number))
        assert told > 10
        expected = [(who, f"第{number}名") for who, number in order]
        assert [(step.who, step.title[1]["name"]) for step in other.steps(draft_id)] == expected
        assert project.draft(draft_id, GRAPH) == other.draft(draft_id, GRAPH)


# --- versions --------------------------------------------------------------------------------------


def test_a_version_is_frozen_with_its_hash(project: Project, draft_id: int) -> None:
    first = project.freeze(draft_id, "一稿", 1, "李科长", graph=GRAPH, rules=RULES)
    revision = project.append(draft_id, rename(1), 1, "李科长", graph=GRAPH)
    second = project.freeze(draft_id, "一稿", revision, "李科长", graph=GRAPH, rules=RULES)
    assert project.versions() == (first, second)
    assert (first.number, second.number, first.state) == (1, 2, START)
    assert first.rules_text == "# 规则\n"
    assert len({first.sha256, second.sha256}) == 2
    assert project.draft(draft_id, GRAPH).revision == revision, "the draft goes on"


def test_a_broken_rule_is_frozen_only_with_a_reason_and_a_name(project: Project, draft_id: int) -> None:
    revision = project.append(draft_id, NewArea(("e", "y")), 1, "李科长", graph=GRAPH)
    with pytest.raises(DataError) as refused:
        project.freeze(draft_id, "一稿", revision, "李科长", graph=GRAPH, rules=RULES)
    assert str(refused.value) == (
        "有 1 处未通过核对且未经认可，不能定稿；第一处是 PMA-004。请先处理，或写明理由和认可人。"
    )
    accept = Accept("PMA-004", "四周无相邻", "王主任")
    revision = project.append(draft_id, accept, revision, "李科长", graph=GRAPH)
    version = project.freeze(draft_id, "一稿", revision, "李科长", graph=GRAPH, rules=RULES)
    assert version.state.accepted["PMA-004"].by == "王主任"


def test_a_version_is_judged_by_the_rules_it_is_kept_with(project: Project, draft_id: int) -> None:
    project.set_rules("[group]\nminimum = 90\n", "王主任")  # while another desk still shows the rules before
    with pytest.raises(DataError) as refused:
        project.freeze(draft_id, "一稿", 1, "李科长", graph=GRAPH, rules=RULES)
    assert str(refused.value) == (
        "核对方案用的规则与项目中保存的规则不一致，不能定稿。请按项目中的规则重新核对，或先把现用的规则存入项目。"
    )
    assert project.versions() == ()
    now = replace(RULES, minimum=90)
    assert project.freeze(draft_id, "一稿", 1, "李科长", graph=GRAPH, rules=now).number == 1


@pytest.mark.parametrize(
    ("within", "same"),
    [
        (("committee", "street_town"), True),
        (("committee",), True),
        ((), False),
        (("committee", "片区"), False),
    ],
)
def test_columns_without_any_value_make_no_other_rules(
    project: Project, draft_id: int, within: tuple[str, ...], *, same: bool
) -> None:
    """A run names no column that nobody has filled; 片区 and 社区 are filled, and 片区 is not in the text."""
    graph = row_town()
    for node in graph:
        graph.nodes[node].update(committee="甲", street_town="", 片区="东")
    with nullcontext() if same else pytest.raises(DataError, match="规则不一致"):
        project.freeze(draft_id, "一稿", 1, "李科长", graph=graph, rules=replace(RULES, within=within))


def test_the_rules_of_a_run_are_those_of_their_file() -> None:
    told = rules_of(CHONGQING.read_text(encoding="utf-8"))
    assert told == read_policy(Request(FileLayer(Path("any.csv")))).rules
    assert told.never
    assert told.terrain
    assert told.prices.crossing


def test_a_text_that_is_no_rules_file_freezes_nothing(project: Project, draft_id: int) -> None:
    project.set_rules("minimum = ", "李科长")
    with pytest.raises(DataError, match=r"规则文件 rules.toml 不是有效的 TOML"):
        project.freeze(draft_id, "一稿", 1, "李科长", graph=GRAPH, rules=RULES)


def test_a_plan_that_is_not_whole_is_never_frozen(project: Project) -> None:
    moved = replace(START.plan.areas[0], center_id="b")
    wrong = replace(START, plan=replace(START.plan, areas=(moved, *START.plan.areas[1:])))
    draft_id = project.add_draft("坏", wrong, "李科长")
    revision = project.append(draft_id, Accept("PMA-001", "理由", "王主任"), 1, "李科长", graph=GRAPH)
    with pytest.raises(DataError, match=r"第一处是 PMA-001"):
        project.freeze(draft_id, "一稿", revision, "李科长", graph=GRAPH, rules=RULES)


def test_a_version_changed_behind_its_back_shows(project: Project, draft_id: int) -> None:
    project.freeze(draft_id, "一稿", 1, "李科长", graph=GRAPH, rules=RULES)
    project.close()
    with closing(sqlite3.connect(project.path, isolation_level=None)) as file:
        with pytest.raises(sqlite3.IntegrityError, match="written once"):
            file.execute("UPDATE version SET title = '二稿'")
        file.execute("DROP TRIGGER version_no_update")
        file.execute("UPDATE version SET title = '二稿'")
    with pytest.raises(DataError, match=r"版本 1 与定稿时不一致"):
        project.versions()


def test_what_is_not_checked_has_to_be_confirmed_point_by_point(project: Project, draft_id: int) -> None:
    caveats = ("links_unverified", "counts_estimated")
    with pytest.raises(DataError, match=r"还有 1 项没有核对、也没有确认，不能定稿。"):
        project.freeze(
            draft_id,
            "一稿",
            1,
            "李",
            graph=GRAPH,
            rules=RULES,
            caveats=caveats,
            confirmed=("links_unverified",),
        )
    assert project.versions() == ()


@pytest.mark.parametrize("written", ["[]", '["scope_unknown"]'])
def test_a_version_says_what_was_confirmed_and_its_hash_covers_it(
    project: Project, draft_id: int, written: str
) -> None:
    told = {"caveats": ("links_unverified",), "confirmed": ("links_unverified", "scope_unknown")}
    version = project.freeze(draft_id, "一稿", 1, "李", graph=GRAPH, rules=RULES, **told)
    assert version.confirmed == ("links_unverified",)
    assert project.versions() == (version,)
    project.close()
    with closing(sqlite3.connect(project.path, isolation_level=None)) as file:
        file.execute("DROP TRIGGER version_no_update")
        file.execute("UPDATE version SET confirmed = ?", [written])
    with pytest.raises(DataError, match=r"版本 1 与定稿时不一致"):
        project.versions()


def test_the_files_of_a_project_come_back_byte_by_byte(tmp_path: Path) -> None:
    files = {"summary.json": b"{}", "plan.gpkg": bytes(range(256))}
    path = tmp_path / "with.gpkg"
    made = create(
        path,
        title="永川",
        communities=ledger(),
        findings=findings_table([]),
        rules_text="",
        who="李",
        files=files,
    )
    with made:
        assert made.files() == files
        made.backup(tmp_path / "copy")
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        with pytest.raises(sqlite3.IntegrityError, match="written once"):
            file.execute("UPDATE file SET content = x''")
        file.execute("DROP TRIGGER file_no_update")
        file.execute("UPDATE file SET content = x'00' WHERE name = 'plan.gpkg'")
    with open_project(path) as broken, pytest.raises(DataError, match=r"plan.gpkg 与建立时不一致"):
        broken.files()
    with restored(tmp_path / "copy", tmp_path / "again.gpkg") as again:
        assert again.files() == files
