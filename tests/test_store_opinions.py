"""Forms and what came back: kept whole or not at all, tied without a name, and what is personal in one table alone."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from geo.schema import DataError
from geo.wording import say
from store.opinion_people import DISTINCT, Person, room_key
from store.opinions import Answer, Change, Form, Theme
from store.project import Project, open_project
from tests.offices import GRAPH, RULES, START, office

WHO = "李科长"
YES, NO = Answer("agree", "2026-11-02"), Answer("disagree", "2026-11-03")
# Made up: nobody has these names and numbers.
ROOM, SIGNER, HANDLER = "3栋2单元501室", "欧阳不存在", "司马无此人"
PHONE, IDENTITY = "13800001234", "110101199003070011"
WORDS = f"我是{SIGNER}，电话{PHONE},身份证{IDENTITY}"
SECRETS = (ROOM, SIGNER, HANDLER, PHONE, IDENTITY)


def form(number: int, community: str = "a", **more: object) -> Form:
    return Form(f"01-001-{number:04d}", 1, "PMA-001", community, **more)


FORMS = (form(1), form(2), form(3), form(4, "b"))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A project with one version and four forms of an area."""
    path = tmp_path_factory.mktemp("opinions") / "a.gpkg"
    with office(path) as project:
        draft_id = project.add_draft("草稿一", START, WHO)
        project.freeze(draft_id, "一稿", 1, WHO, graph=GRAPH, rules=RULES)
        assert project.prepare_forms(FORMS, WHO) == 4
    return path


@pytest.fixture
def project(made: Path, tmp_path: Path):
    path = shutil.copy(made, tmp_path / "a.gpkg")
    with open_project(Path(path)) as opened:
        yield opened


def kept(project: Project, number: int) -> Form:
    return {one.form_no: one for one in project.opinion_forms()}[f"01-001-{number:04d}"]


def enter(
    project: Project, number: int, *answers: Answer, person: Person | None = None, **more: object
) -> int:
    before = kept(project, number)
    return project.put_forms([Change(before, replace(before, answers=answers, **more), person)], WHO)


def told(project: Project) -> list[str]:
    return [say(row.title[0], **row.title[1]) for row in project.history()]


# --- forms -----------------------------------------------------------------------------------------


def test_forms_are_prepared_once(project):
    assert project.opinion_forms() == FORMS
    before = project.history()
    assert project.prepare_forms(FORMS, "王主任") == 0
    assert project.history() == before
    assert told(project)[-1] == "编制 PMA-001 的意见表 4 张"


def test_there_is_no_form_without_a_version(project):
    with pytest.raises(DataError, match=r"没有版本 7。请先定稿，再编制意见表。"):
        project.prepare_forms([replace(form(9), version=7)], WHO)


def test_what_came_back_is_kept_and_told(project):
    answer = Answer("other", "2026-11-02", themes=("车位不够", "围墙"))
    assert enter(project, 1, answer, area_m2=85.5, units=2, sent_on="2026-11-01", way="in_person") == 1
    assert kept(project, 1) == form(
        1, area_m2=85.5, units=2, sent_on="2026-11-01", way="in_person", answers=(answer,)
    )
    assert told(project)[-1] == "录入意见表 1 张"
    assert project.broken_audit() is None


def test_what_is_there_already_changes_nothing(project):
    enter(project, 1, YES, person=Person(ROOM, SIGNER))
    before = project.history()
    assert enter(project, 1, YES, person=Person(ROOM, SIGNER)) == 0
    assert enter(project, 1, YES, person=Person("", SIGNER)) == 0  # an empty cell takes nothing away
    assert project.history() == before


@pytest.mark.parametrize(
    ("wrong", "given"),
    [
        ({"way": "pigeon"}, "pigeon"),
        ({"units": 0}, "0"),
        ({"area_m2": -1.0}, "-1.0"),
        ({"area_m2": float("nan")}, "nan"),
        ({"sent_on": "2026-2-30"}, "2026-2-30"),
        ({"answers": (Answer("agree", "20261102"),)}, "20261102"),
        ({"answers": (Answer("maybe"),)}, "maybe"),
        ({"answers": (Answer(""),)}, ""),
        ({"answers": (Answer("agree", fault="ugly"),)}, "ugly"),
        ({"answers": (Answer("agree", standing="lies"),)}, "lies"),
        ({"answers": (Answer("agree", ruling="dice"),)}, "dice"),
    ],
)
def test_what_no_form_can_say_is_refused(project, wrong, given):
    with pytest.raises(DataError) as refused:
        project.put_forms([Change(form(1), replace(form(1), **wrong))], WHO)
    assert str(refused.value) == f"“01-001-0001”中的“{given}”不能用。请按说明填写。"
    assert kept(project, 1) == form(1)


def test_all_of_a_batch_is_written_or_nothing(project):
    good = Change(form(1), form(1, answers=(YES,)), Person(ROOM))
    with pytest.raises(DataError, match=r"没有编号为 01-001-0099 的意见表"):
        project.put_forms([good, Change(form(99), form(99))], WHO)
    assert project.opinion_forms() == FORMS
    assert project.people_kept() == {}


def test_nobody_writes_over_what_he_has_not_seen(project):
    enter(project, 1, YES)
    with pytest.raises(DataError, match=r"意见表 01-001-0001 刚被别人改过，这次没有写入。请重新核对后再录。"):
        project.put_forms([Change(form(1), form(1, answers=(NO,)))], "王主任")
    assert kept(project, 1).answers == (YES,)


# --- ties ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "room",
    ["3栋2单元501室", "3-2-501", "３－２－５０１", "3幢 2单元 501", "3号楼2单元501房", " 3栋-2单元-501 "],
)
def test_one_room_is_known_however_it_is_written(room):
    assert room_key("", room) == "3-2-501"


def test_a_room_is_of_its_building():
    assert room_key("3栋", "501") == room_key("", "3-501") == room_key("3幢", "3栋501") == "3-501"
    assert room_key("4栋", "501") == "4-501"
    assert room_key("3栋", "3单元501") == "3-3-501"
    assert room_key("3栋", "3-501") == "3-3-501"  # the first number may be the entrance
    assert room_key("3栋", "3-2-501") == room_key("3栋", "2单元501") == "3-2-501"
    assert room_key("3栋", "") == room_key("3栋", "室") == ""


def test_two_forms_of_one_room_are_tied(project):
    enter(project, 1, YES, person=Person(room="3栋501"))
    enter(project, 2, NO, person=Person(room="3-501"))
    enter(project, 4, NO, person=Person(room="3-501"))  # of another community
    assert [one.copy_of for one in project.opinion_forms()] == ["", "01-001-0001", "", ""]
    enter(project, 2, NO, person=Person(room="3-502"))  # set right
    assert [one.copy_of for one in project.opinion_forms()] == [""] * 4


def test_forms_with_one_signature_are_tied(project):
    first = "01-001-0001"
    enter(project, 2, YES, person=Person(signer=SIGNER))
    enter(project, 1, NO, person=Person(signer=f" {SIGNER} "))
    enter(project, 4, NO, person=Person(signer=SIGNER))
    assert [one.alike for one in project.opinion_forms()] == [first, first, "", ""]


def test_who_was_told_apart_stays_apart(project):
    enter(project, 1, YES, person=Person(signer=SIGNER))
    enter(project, 2, NO, person=Person(signer=SIGNER))
    both = [Change(kept(project, n), replace(kept(project, n), alike=DISTINCT)) for n in (1, 2)]
    assert project.put_forms(both, WHO, action="opinion_rule") == 2
    assert told(project)[-1] == "处理存疑的意见表 2 张"
    enter(project, 3, YES, person=Person(signer=SIGNER))
    assert [one.alike for one in project.opinion_forms()] == [DISTINCT, DISTINCT, "", ""]


# --- themes ----------------------------------------------------------------------------------------


def test_a_theme_is_answered_and_its_words_are_changed_on_the_forms(project):
    enter(project, 1, replace(YES, themes=("停车", "围墙")))
    project.put_theme(Theme(1, "PMA-001", "停车", "已列入改造", "yes"), WHO, was="停车")
    (first,) = project.opinion_themes()
    assert (first.text, first.reply, first.adopted) == ("停车", "已列入改造", "yes")
    project.put_theme(replace(first, text="车位不够"), WHO, was="停车")
    assert [theme.text for theme in project.opinion_themes()] == ["车位不够"]
    assert kept(project, 1).answers[0].themes == ("车位不够", "围墙")


def test_two_themes_become_one(project):
    enter(project, 1, replace(YES, themes=("停车", "车位")))
    project.put_theme(Theme(1, "PMA-001", "停车", "早"), WHO, was="停车")
    project.put_theme(Theme(1, "PMA-001", "车位", "晚"), WHO, was="车位")
    parking = next(theme for theme in project.opinion_themes() if theme.text == "停车")
    project.put_theme(replace(parking, text="车位", reply="合"), WHO, was="停车")
    assert [(theme.text, theme.reply) for theme in project.opinion_themes()] == [("车位", "合")]
    assert kept(project, 1).answers[0].themes == ("车位",)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": " "}, "opinions.theme_empty"),
        ({"adopted": "no"}, "opinions.theme_needs_reason"),
        ({"adopted": "perhaps"}, "opinions.wrong_value"),
        ({"reply": f"请打{PHONE}"}, "store.private_number"),
        ({"text": f"{IDENTITY}不同意"}, "store.private_number"),
    ],
)
def test_an_answer_that_is_not_whole_or_names_somebody_is_refused(project, wrong, code):
    with pytest.raises(DataError) as refused:
        project.put_theme(replace(Theme(1, "PMA-001", "停车"), **wrong), WHO, was="停车")
    assert refused.value.code == code
    assert project.opinion_themes() == ()


def test_nobody_answers_over_an_answer_he_has_not_seen(project):
    project.put_theme(Theme(1, "PMA-001", "停车", "早"), "王主任", was="停车")
    with pytest.raises(DataError, match=r"王主任 刚才改过这条意见要点的答复"):
        project.put_theme(Theme(1, "PMA-001", "停车", "晚"), WHO, was="停车")


# --- what is personal ------------------------------------------------------------------------------


def personal(project: Project) -> None:
    for number in (1, 2):
        enter(project, number, YES, person=Person(f"{ROOM}{number}", SIGNER, HANDLER, WORDS))


def tables_with(path: Path, secrets: tuple[str, ...]) -> set[str]:
    """The tables of a file in which any cell holds one of the texts."""
    found = set()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in file.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name of the schema
                if any(secret in str(cell) for cell in row for secret in secrets):
                    found.add(table)
    return found


def test_what_is_personal_stands_in_one_table_alone(project, tmp_path):
    personal(project)
    project.backup(tmp_path / "copy.gpkg")
    assert tables_with(tmp_path / "copy.gpkg", SECRETS) == {"opinion_person"}
    said = f"{project.opinion_forms()}{project.history()}{told(project)}{project.opinion_themes()}"
    assert not [secret for secret in SECRETS if secret in said]
    assert project.people_kept() == {(1, "PMA-001"): 2}


def test_what_is_personal_is_deleted_and_every_count_stays(project, tmp_path):
    personal(project)
    before = project.opinion_forms()
    assert project.forget_people(1, "PMA-001", "王主任") == 2
    assert project.people_kept() == {}
    assert project.opinion_forms() == before
    assert told(project)[-1] == "删除 PMA-001 意见表上的个人信息 2 张"
    assert project.forget_people(1, "PMA-001", "王主任") == 0
    project.backup(tmp_path / "copy.gpkg")
    assert tables_with(tmp_path / "copy.gpkg", SECRETS) == set()
    assert project.broken_audit() is None


def test_nothing_of_it_stays_on_the_disk(project):
    personal(project)
    enter(project, 1, YES, person=Person(signer="诸葛另一人"))  # what is written over goes as well
    there = b"".join(path.read_bytes() for path in project.path.parent.iterdir())
    assert SIGNER.encode() in there
    project.forget_people(1, "PMA-001", WHO)
    there = b"".join(path.read_bytes() for path in project.path.parent.iterdir())
    assert not [secret for secret in (*SECRETS, "诸葛另一人") if secret.encode() in there]


def test_another_area_is_not_forgotten(project):
    other = Form("01-002-0001", 1, "PMA-002", "c")
    project.prepare_forms([other], WHO)
    personal(project)
    project.put_forms([Change(other, other, Person(ROOM))], WHO)
    assert project.forget_people(1, "PMA-001", WHO) == 2
    assert project.people_kept() == {(1, "PMA-002"): 1}


def test_ties_stay_when_the_names_are_gone(project):
    personal(project)
    ties = [(one.copy_of, one.alike) for one in project.opinion_forms()]
    project.forget_people(1, "PMA-001", WHO)
    enter(project, 4, NO, person=Person(signer="诸葛另一人"))
    assert [(one.copy_of, one.alike) for one in project.opinion_forms()] == ties


def test_what_is_deleted_is_written_over_on_every_build_of_sqlite(project):
    """Most builds do not by themselves; the connection says so where it writes or deletes names."""
    with project._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
    personal(project)
    project.forget_people(1, "PMA-001", WHO)
    with project._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


def test_the_audit_keeps_what_is_counted_and_no_text_that_anybody_typed(project):
    enter(project, 1, replace(YES, themes=("车位不够",)), person=Person(signer=SIGNER), area_m2=85.5)
    with closing(sqlite3.connect(f"file:{project.path}?mode=ro", uri=True)) as file:
        (after,) = file.execute("SELECT after FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    answer = {"fault": "", "opinion": "agree", "returned_on": "2026-11-02", "ruling": "", "standing": ""}
    assert json.loads(after) == {
        "number": 1,
        "forms": [
            {
                "answers": [answer],
                "area_id": "PMA-001",
                "area_m2": 85.5,
                "building": "",
                "community_id": "a",
                "form_no": "01-001-0001",
                "holder": "",
                "sent_on": "",
                "units": 1,
                "version": 1,
                "way": "",
            }
        ],
    }
