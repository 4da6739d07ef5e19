"""States of areas: only steps that may follow, in order of their days, never over somebody else's; versions go on or take over."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.schema import DataError
from geo.wording import say
from store.drafts import Acceptance, Draft
from store.edits import Command, Move, NewArea, Rename, TakeOut, applied
from store.proceedings import (
    ENDED,
    EXITS,
    NEXT,
    STATES,
    Course,
    Proceeding,
    broken_off,
    courses,
    needs_reason,
)
from store.project import Project, open_project
from tests.offices import GRAPH, RULES, START, office

ALL = ("PMA-001", "PMA-002", "PMA-003")
ACCEPTED = Acceptance("原则上不少于100户", "王主任")
WAY = ("consulting", "summarised", "notice", "decided", "filed")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A project whose rules are RULES, made once: each test has a copy."""
    path = tmp_path_factory.mktemp("made") / "a.gpkg"
    with office(path) as opened:
        opened.set_rules("[group]\nminimum = 100\nwithin = []\n", "李科长")
    return path


@pytest.fixture
def project(made: Path, tmp_path: Path):
    with open_project(Path(shutil.copy(made, tmp_path))) as opened:
        yield opened


def today(days: int = 0) -> str:
    """A day so many days after the freeze, which is dated by the clock."""
    return (datetime.now(UTC).astimezone().date() + timedelta(days=days)).isoformat()


def freeze(project: Project, *commands: Command) -> int:
    draft = START
    for command in commands:
        draft = applied(draft, command, GRAPH)
    accepted = dict.fromkeys((*ALL, "PMA-004", *GRAPH), ACCEPTED)
    draft_id = project.add_draft("草稿", replace(draft, accepted=accepted), "李科长")
    return project.freeze(
        draft_id, "稿", 1, "李科长", graph=GRAPH, rules=RULES, confirmed=("broken_off:1", "broken_off:2")
    ).number


def go(project: Project, version: int, *states: str, areas=("PMA-001",), reason="", on="", who="李科长"):
    for state in states:
        project.proceed(version, areas, state, on=on or today(), reason=reason, who=who, expected=10**6)


def states(project: Project, version: int) -> dict[str, str]:
    found = courses(project.proceedings())
    return {area_id: course.state for (of, area_id), course in found.items() if of == version}


def course(project: Project, version: int, area_id: str) -> Course:
    return courses(project.proceedings())[version, area_id]


# --- the steps -------------------------------------------------------------------------------------


def test_freezing_begins_each_area(project):
    version = freeze(project)
    rows = project.proceedings()
    assert [(r.version, r.area_id, r.state, r.on) for r in rows] == [
        (version, area_id, "frozen", today()) for area_id in ALL
    ]
    assert {r.who for r in rows} == {"李科长"}


def test_the_whole_way_with_who_when_and_why(project):
    version = freeze(project)
    go(project, version, "reviewing", *WAY, who="王主任")
    own = course(project, version, "PMA-001")
    assert [row.state for row in own.rows] == ["frozen", "reviewing", *WAY]
    assert {row.who for row in own.rows[1:]} == {"王主任"}
    assert states(project, version)["PMA-002"] == "frozen"
    assert own.next_states() == ("cancelled",)
    assert project.broken_audit() is None


def test_several_areas_take_a_step_at_once_or_none(project):
    version = freeze(project)
    go(project, version, "consulting", areas=("PMA-002", "PMA-001", "PMA-002"))
    assert states(project, version) == {
        "PMA-001": "consulting",
        "PMA-002": "consulting",
        "PMA-003": "frozen",
    }
    before = project.proceedings()
    with pytest.raises(DataError):
        go(project, version, "summarised", areas=ALL)
    assert project.proceedings() == before


def test_papers_are_numbered_one_after_the_other_and_keep_their_numbers(project):
    version = freeze(project)
    step = {"on": today(), "reason": "", "who": "李科长", "expected": 10**6}
    project.proceed(version, ("PMA-002", "PMA-001"), "consulting", paper=12, **step)
    assert [course(project, version, area).paper("consulting") for area in ("PMA-001", "PMA-002")] == [12, 13]
    assert course(project, version, "PMA-001").paper("notice") is None
    later = freeze(project, Move(("e",), "PMA-002"))
    assert course(project, later, "PMA-001").paper("consulting") == 12


@pytest.mark.parametrize(("state", "paper"), [("consulting", 0), ("reviewing", 3)])
def test_a_number_for_which_there_is_no_paper_is_refused(project, state, paper):
    version = freeze(project)
    step = {"on": today(), "reason": "", "who": "李科长", "expected": 10**6}
    with pytest.raises(DataError, match=f"不小于 1 的整数.*现在是 {paper}"):
        project.proceed(version, ALL, state, paper=paper, **step)


@pytest.mark.parametrize("before", ["frozen", *WAY, "shelved", "withdrawn", "cancelled"])
def test_only_the_steps_of_the_table_are_taken(project, before):
    """From each state, every other state is tried."""
    version = freeze(project)
    path = {
        "frozen": (),
        "shelved": ("shelved",),
        "withdrawn": ("withdrawn",),
        "cancelled": (*WAY, "cancelled"),
    }
    go(
        project,
        version,
        *path.get(before, WAY[: WAY.index(before) + 1] if before in WAY else ()),
        reason="改",
    )
    allowed = {*NEXT[before], *(("frozen",) if before == "shelved" else ())}
    assert set(course(project, version, "PMA-001").next_states()) == allowed
    for state in {*STATES, *EXITS} - allowed:
        with pytest.raises(DataError) as refused:
            go(project, version, state, reason="改")
        assert refused.value.code == "store.step_not_allowed"


def test_a_step_that_may_not_follow_names_both_states(project):
    version = freeze(project)
    with pytest.raises(DataError) as refused:
        go(project, version, "notice")
    assert str(refused.value) == (
        "PMA-001现在的状态是“已定稿”，不能直接转为“拟划定公示”。请按办理顺序逐步登记。"
    )


@pytest.mark.parametrize(
    ("before", "state", "needs"),
    [
        ("reviewing", "frozen", True),
        ("summarised", "consulting", True),
        ("notice", "summarised", True),
        ("consulting", "shelved", True),
        ("notice", "withdrawn", True),
        ("filed", "cancelled", True),
        ("frozen", "consulting", False),
        ("notice", "decided", False),
        ("shelved", "notice", False),
    ],
)
def test_going_back_or_aside_needs_a_reason(before, state, needs):
    assert needs_reason(before, state) is needs


def test_a_step_aside_without_reason_is_refused(project):
    version = freeze(project)
    with pytest.raises(DataError, match=r"转为“搁置”须写明理由。请填写理由。"):
        go(project, version, "shelved", reason="  ")
    go(project, version, "shelved", reason=" 等待征收 ")
    assert course(project, version, "PMA-001").rows[-1].reason == "等待征收"


def test_what_was_shelved_goes_on_where_it_stood(project):
    version = freeze(project)
    go(project, version, "consulting", on=today(1))
    go(project, version, "shelved", reason="等待征收", on=today(3))
    assert course(project, version, "PMA-001").next_states() == ("consulting", "withdrawn")
    go(project, version, "consulting", on=today(9))
    assert course(project, version, "PMA-001").on("consulting") == today(9)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"on": "2026-13-01"}, "store.wrong_date"),
        ({"on": "1 March"}, "store.wrong_date"),
        ({"on": today(-1)}, "store.step_too_early"),
        ({"state": "lost"}, "store.unknown_state"),
        ({"areas": ()}, "store.no_area_chosen"),
        ({"areas": ("PMA-009",)}, "store.not_in_procedure"),
        ({"version": 9}, "store.not_in_procedure"),
        ({"who": " "}, "store.who_missing"),
        ({"reason": "墙\x07"}, "store.unreadable_text"),
    ],
)
def test_what_is_no_step_is_refused(project, wrong, code):
    version = freeze(project)
    step = {"version": version, "areas": ("PMA-001",), "state": "consulting", "on": today()}
    step |= {"reason": "", "who": "李科长", **wrong}
    before = project.history()
    with pytest.raises(DataError) as refused:
        project.proceed(
            step["version"],
            step["areas"],
            step["state"],
            on=step["on"],
            reason=step["reason"],
            who=step["who"],
            expected=10**6,
        )
    assert refused.value.code == code
    assert project.history() == before


def test_nobody_steps_over_what_he_has_not_seen(project):
    version = freeze(project)
    seen = course(project, version, "PMA-001").last
    go(project, version, "consulting", who="王主任", areas=("PMA-001",))
    with pytest.raises(DataError, match=r"王主任刚才已登记PMA-001的办理进度。"):
        project.proceed(version, ["PMA-001"], "shelved", on=today(), reason="等", who="李科长", expected=seen)
    # a step of another area is in nobody's way
    project.proceed(version, ["PMA-002"], "consulting", on=today(), reason="", who="李科长", expected=3)


def test_rows_are_written_once(project):
    freeze(project)
    with closing(sqlite3.connect(project.path)) as file:
        for change in ("UPDATE proceeding SET state = 'filed'", "DELETE FROM proceeding"):
            with pytest.raises(sqlite3.IntegrityError, match="written once"):
                file.execute(change)


def test_the_history_tells_each_step(project):
    version = freeze(project)
    go(project, version, "consulting", areas=("PMA-001", "PMA-002"))
    go(project, version, "shelved", reason="等待征收", who="王主任")
    told = [(row.who, say(row.title[0], **row.title[1])) for row in project.history()[-2:]]
    assert told == [
        ("李科长", "第1版PMA-001等2个区域：征求意见"),
        ("王主任", "第1版PMA-001：搁置（等待征收）"),
    ]


# --- another version -------------------------------------------------------------------------------


def test_what_a_new_version_leaves_as_it_was_goes_on_there(project):
    first = freeze(project)
    go(project, first, "consulting", areas=("PMA-001", "PMA-002"), on=today(2), who="王主任")
    second = freeze(project, Move(("e",), "PMA-002"))
    was, now = course(project, first, "PMA-001"), course(project, second, "PMA-001")
    assert [(r.state, r.on, r.who, r.at) for r in now.rows] == [
        (r.state, r.on, r.who, r.at) for r in was.rows
    ]
    assert (now.earlier, was.carried_to, now.live, was.live) == (((first, "PMA-001"),), second, True, False)
    assert was.next_states() == ()
    assert states(project, first)["PMA-002"] == "superseded"
    assert states(project, second)["PMA-002"] == "frozen"
    gone = course(project, first, "PMA-002").rows[-1]
    assert (gone.by_version, gone.on) == (second, today(2))  # the step was entered ahead of its day
    with pytest.raises(DataError, match=r"PMA-001在第1版的办理已由第2版延续。请到第2版办理。"):
        go(project, first, "summarised")


def test_breaking_off_a_consultation_has_to_be_confirmed(project):
    first = freeze(project)
    go(project, first, "consulting", areas=("PMA-001", "PMA-002"))
    go(project, first, "reviewing", areas=("PMA-003",))
    moved = applied(START, Move(("e",), "PMA-002"), GRAPH)
    moved = replace(moved, accepted=dict.fromkeys(("PMA-002", *GRAPH), ACCEPTED))
    draft_id = project.add_draft("草稿", moved, "李科长")
    with pytest.raises(DataError, match=r"还有 1 项没有核对、也没有确认，不能定稿。"):
        project.freeze(draft_id, "稿", 1, "李科长", graph=GRAPH, rules=RULES)
    assert states(project, first)["PMA-002"] == "consulting"
    known = ("broken_off:1",)
    project.freeze(draft_id, "稿", 1, "李科长", graph=GRAPH, rules=RULES, confirmed=known)
    assert project.versions()[-1].confirmed == known


def test_nothing_is_broken_off_that_is_decided_or_not_yet_asked(project):
    first = freeze(project)
    go(project, first, *WAY[:4], areas=("PMA-002",))
    go(project, first, "reviewing")
    moved = applied(START, Move(("e",), "PMA-002"), GRAPH)
    assert broken_off(moved.plan.areas, project.under_way()) == ()
    assert broken_off(START.plan.areas, project.under_way()) == ()


def test_an_area_that_is_gone_is_superseded_and_one_with_a_new_id_goes_on(project):
    """Taken apart and put together again, the same communities have another id; the area is the same."""
    first = freeze(project)
    go(project, first, "consulting", areas=ALL[:2])
    again = (TakeOut(("c", "d")), NewArea(("c", "d")))
    second = freeze(project, TakeOut(("a", "b")), *again)
    assert states(project, first)["PMA-001"] == "superseded"
    assert states(project, second) == {"PMA-003": "frozen", "PMA-004": "consulting"}
    assert course(project, second, "PMA-004").earlier == ((first, "PMA-002"),)
    assert course(project, first, "PMA-001").next_states() == ()


def test_an_area_goes_on_through_several_versions(project):
    first = freeze(project)
    go(project, first, "consulting")
    second = freeze(project, Move(("e",), "PMA-002"))
    go(project, second, "summarised")
    third = freeze(project)
    own = course(project, third, "PMA-001")
    assert (own.state, own.earlier) == ("summarised", ((second, "PMA-001"), (first, "PMA-001")))
    assert [row.state for row in course(project, first, "PMA-001").rows] == ["frozen", "consulting"]


def test_what_was_withdrawn_begins_anew(project):
    first = freeze(project)
    go(project, first, "consulting")
    go(project, first, "withdrawn", reason="方案重做")
    second = freeze(project)
    assert course(project, second, "PMA-001").rows[0].follows is None
    assert states(project, second)["PMA-001"] == "frozen"
    assert states(project, first)["PMA-001"] == "withdrawn"


def test_what_is_decided_stays_in_force_until_what_takes_its_place_is_decided(project):
    first = freeze(project)
    go(project, first, *WAY, areas=("PMA-002",))
    second = freeze(project, Move(("e",), "PMA-002"))
    assert states(project, first)["PMA-002"] == "filed"
    go(project, second, *WAY[:3], areas=("PMA-002",))
    assert states(project, first)["PMA-002"] == "filed"
    go(project, second, "decided", areas=("PMA-002",), on=today(5))
    taken = course(project, first, "PMA-002").rows[-1]
    assert (taken.state, taken.by_version, taken.on) == ("superseded", second, today(5))
    assert states(project, second)["PMA-002"] == "decided"


def test_a_decision_takes_nothing_that_it_does_not_touch(project):
    first = freeze(project)
    go(project, first, *WAY[:4], areas=("PMA-001", "PMA-002"))
    second = freeze(project, Move(("e",), "PMA-002"), TakeOut(("b",)))
    go(project, second, *WAY[:4], areas=("PMA-002",))
    assert states(project, second) == {"PMA-001": "frozen", "PMA-002": "decided", "PMA-003": "frozen"}
    assert states(project, first) == {"PMA-001": "decided", "PMA-002": "superseded", "PMA-003": "frozen"}


def test_what_is_under_way_is_known_by_its_members(project):
    first = freeze(project)
    assert project.under_way() == {}
    go(project, first, "reviewing", areas=("PMA-003",))
    go(project, first, "consulting")
    found = project.under_way()
    assert {members: own.place for members, own in found.items()} == {("a", "b"): (first, "PMA-001")}
    second = freeze(project, Rename("PMA-001", "胜利路"))
    assert project.under_way()["a", "b"].place == (second, "PMA-001")
    go(project, second, "shelved", reason="等待征收")
    assert project.under_way() == {}


# --- whatever is done ------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(ALL), st.integers(0, 3), st.integers(0, 3)),
            st.sampled_from(["same", "moved", "apart"]),
        ),
        min_size=6,
        max_size=14,
    )
)
def test_whatever_is_done_every_course_is_well_formed(made, tmp_path_factory, played):
    """Steps that may follow are taken, or the plan is frozen again, as it was or otherwise."""
    path = Path(shutil.copy(made, tmp_path_factory.mktemp("any")))
    changes = {"same": (), "moved": (Move(("e",), "PMA-002"),), "apart": (TakeOut(("c",)),)}
    with open_project(path) as project:
        version, day = freeze(project), 0
        for one in played:
            if isinstance(one, str):
                version = freeze(project, *changes[one])
                continue
            area_id, choice, later = one
            own = courses(project.proceedings()).get((version, area_id))
            if own is None or not (may := own.next_states()):
                continue
            day += later
            state = may[choice % len(may)]
            project.proceed(
                version, [area_id], state, on=today(day), reason="理由", who="李科长", expected=own.last
            )
        rows = project.proceedings()
        check_courses(rows)
        assert project.broken_audit() is None


def check_courses(rows: tuple[Proceeding, ...]) -> None:
    """Every course begins by a freeze, takes steps of the table with days that do not go back, and is live once at most."""
    found = courses(rows)
    for own in found.values():
        assert own.rows[0].state == "frozen"
        for number, (before, after) in enumerate(pairwise(own.rows)):
            resumed = before.state == "shelved" and after.state == own.rows[number - 1].state
            assert resumed or after.state in (*NEXT[before.state], "superseded")
            assert date.fromisoformat(before.on) <= date.fromisoformat(after.on)
        assert all(row.state not in ENDED for row in own.rows[:-1])
        assert own.state != "superseded" or own.rows[-1].by_version
    by_number = {row.number: row for row in rows}
    for row in rows:
        if row.follows is not None:
            told = by_number[row.follows]
            assert (told.state, told.on, told.reason) == (row.state, row.on, row.reason)
            assert told.version < row.version
    followed = [row.follows for row in rows if row.follows is not None]
    assert len(followed) == len(set(followed))


def test_a_draft_knows_nothing_of_states() -> None:
    assert not {"state", "proceedings"} & set(Draft.__dataclass_fields__)
