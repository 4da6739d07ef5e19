"""The office is entered once and kept by every change; a confirmation holds for the very words that were confirmed."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from geo.schema import DataError
from geo.wording import say
from store.office import Confirmation, Office
from tests.offices import office

ARTICLES = "《重庆市物业管理条例》第八条第一款、第九条、第十一条"
TOLD = Office(
    name="重庆市永川区中山路街道办事处",
    district="永川区",
    number_pattern="中山路街办〔{year}〕{number}号",
    phone="023-49800000",
    post="物业科",
    address="永川区中山路1号",
    supervision_phone="023-49800001",
    bounds_order=("east", "west", "south", "north"),
    posting_places=("小区公告栏", "社区居委会"),
    remedy="可以依法申请行政复议。",
    answers={"fund": "分账核算。"},
    confirmed={"division": Confirmation(ARTICLES, "法规科科长", "2026-11-20")},
)


@pytest.fixture
def project(tmp_path):
    with office(tmp_path / "a.gpkg") as opened:
        yield opened


def test_an_office_is_kept_and_changed(project):
    assert project.office() == Office()
    project.set_office(TOLD, "李科长", expected=Office())
    assert project.office() == TOLD
    moved = replace(TOLD, address="永川区红河路2号")
    project.set_office(moved, "王主任", expected=TOLD)
    assert project.office() == moved
    told = [say(row.title[0], **row.title[1]) for row in project.history()]
    assert told == ["建立项目", "修改设置", "修改设置"]
    assert project.broken_audit() is None


def test_texts_are_trimmed_and_empty_ones_left_out(project):
    given = replace(TOLD, name=f" {TOLD.name} ", posting_places=("小区公告栏", " ", "小区公告栏"))
    project.set_office(replace(given, answers={"fund": " ", "walls": "不拆。 "}), "李科长", expected=Office())
    kept = project.office()
    assert (kept.name, kept.posting_places) == (TOLD.name, ("小区公告栏",))
    assert kept.answers == {"walls": "不拆。"}


def test_nobody_writes_over_what_he_has_not_seen(project):
    project.set_office(TOLD, "王主任", expected=Office())
    with pytest.raises(DataError, match=r"设置刚才已被他人修改。请核对现在的内容后再改。"):
        project.set_office(replace(TOLD, post="城管科"), "李科长", expected=Office())
    assert project.office() == TOLD


def test_what_is_as_it_was_is_no_change(project):
    project.set_office(TOLD, "王主任", expected=Office())
    before = project.history()
    project.set_office(TOLD, "李科长", expected=TOLD)
    assert project.history() == before


def test_rows_are_written_once(project):
    project.set_office(TOLD, "王主任", expected=Office())
    with closing(sqlite3.connect(project.path)) as file:
        for change in ("UPDATE office SET record = '{}'", "DELETE FROM office"):
            with pytest.raises(sqlite3.IntegrityError, match="written once"):
                file.execute(change)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"phone": "13800138000"}, "store.private_number"),
        ({"remedy": "请联系 138 0013 8000"}, "store.private_number"),
        ({"answers": {"fund": "打13800138000"}}, "store.private_number"),
        ({"posting_places": ("门卫 13800138000",)}, "store.private_number"),
        ({"number_pattern": "中山路街办〔2026〕{number}号"}, "store.number_pattern"),
        ({"number_pattern": "{year}{number}{number}"}, "store.number_pattern"),
        ({"bounds_order": ("east", "west", "south")}, "store.bounds_order"),
        (
            {"confirmed": {"division": Confirmation(" ", "科长", "2026-11-20")}},
            "store.confirmation_needs_text",
        ),
        (
            {"confirmed": {"division": Confirmation("第八条", "", "2026-11-20")}},
            "store.confirmation_needs_post",
        ),
        ({"confirmed": {"division": Confirmation("第八条", "科长", "昨天")}}, "store.wrong_date"),
        ({"address": "路\x07"}, "store.unreadable_text"),
    ],
)
def test_what_no_paper_can_print_is_refused(project, wrong, code):
    with pytest.raises(DataError) as refused:
        project.set_office(replace(TOLD, **wrong), "李科长", expected=Office())
    assert refused.value.code == code
    assert project.office() == Office()


def test_a_pattern_that_is_none_is_shown_with_what_is_needed(project):
    with pytest.raises(DataError) as refused:
        project.set_office(replace(TOLD, number_pattern="{year}号"), "李科长", expected=Office())
    assert str(refused.value) == (
        "文号格式“{year}号”须恰好各有一处{year}和{number}。请按“××街办〔{year}〕{number}号”的样子填写。"
    )


def test_a_confirmation_holds_for_its_own_words_alone():
    assert TOLD.confirms("division", ARTICLES)
    assert not TOLD.confirms("division", ARTICLES + "第二款")
    assert not TOLD.confirms("plan", ARTICLES)


def test_a_document_number_follows_the_pattern_and_nothing_else():
    assert TOLD.document_number(2026, 3) == "中山路街办〔2026〕3号"
    assert replace(TOLD, number_pattern="{0}{year}-{number}").document_number(2026, 3) == "{0}2026-3"
    assert Office().document_number(2026, 3) == ""
