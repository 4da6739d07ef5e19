"""The page of opinions: what it says when there is nothing, what comes in, and that it shows nobody's name to anybody."""

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from jobs.consulting import new_forms, slips_of
from jobs.projects import project_of
from jobs.reopened import reopened
from optimizer.plan import center_of, linked_exceptions, outcomes_of
from report.forms import ledger_sheets, workbook
from report.handed_in import COLUMNS
from report.papers import Imprint
from report.reopening import read_results
from report.results import write_results
from store.drafts import Acceptance
from store.opinion_people import Person
from store.opinions import Answer, Change
from store.proceedings import courses
from store.project import Project, open_project, restored
from store.versions import Version
from tests import fakes
from ui import opinions_page, session

WHO, AREA = "李科长", "PMA-001"
# Made up: nobody has these names and numbers.
ROOM, SIGNER, PHONE = "9栋501", "欧阳不存在", "13800001234"
YES, NO = Answer("agree", "2026-11-02"), Answer("disagree", "2026-11-03")


@pytest.fixture(autouse=True)
def _same_main(monkeypatch):
    """A tried page takes the place of `__main__`; give it back, for what starts other processes."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("opinions") / "plan"
    write_results(fakes.results(), folder)
    return folder


@pytest.fixture(scope="module")
def shelf(plan: Path, tmp_path_factory) -> Path:
    """A folder with the project as it was made, frozen, and with the forms of one area: made once, copied by each test."""
    folder = tmp_path_factory.mktemp("shelf")
    with open_project(project_of(plan, folder)) as project:
        name = project.path.name
        project.backup(folder / "bare")
        version = freeze(project, plan)
        project.backup(folder / "frozen")
        results = read_results(plan)
        first = version.state.plan.areas[0]
        course = courses(project.proceedings())[1, first.area_id]
        project.prepare_forms(new_forms(results, course, first.members, ()), WHO)
        project.backup(folder / "prepared")
    (folder / "name").write_text(name)
    return folder


@contextmanager
def on_desk(state: str, plan: Path, shelf: Path, folder: Path, monkeypatch) -> Iterator[Project]:
    """The project in this state, behind the desk."""
    monkeypatch.setattr(session, "SHELF", folder)
    monkeypatch.setattr(sys, "argv", ["app", str(plan)])
    session._taken.clear()
    session._opened.clear()
    with restored(shelf / state, folder / (shelf / "name").read_text()) as opened:
        yield opened


@pytest.fixture
def bare(plan, shelf, tmp_path, monkeypatch) -> Iterator[Project]:
    """Nothing is frozen yet."""
    with on_desk("bare", plan, shelf, tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def frozen(plan, shelf, tmp_path, monkeypatch) -> Iterator[Project]:
    """There is a version, and no form."""
    with on_desk("frozen", plan, shelf, tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def project(plan, shelf, tmp_path, monkeypatch) -> Iterator[Project]:
    """The forms of one area are there; what papers call the areas is another test's."""
    monkeypatch.setattr(opinions_page, "_names", lambda *_: {f"PMA-{n:03d}": f"片区{n}" for n in range(99)})
    with on_desk("prepared", plan, shelf, tmp_path, monkeypatch) as opened:
        yield opened


def freeze(project: Project, plan: Path) -> Version:
    """Freeze the plan as it is; what it breaks is accepted."""
    town = reopened(read_results(plan))
    state = project.draft(1, town.graph).state
    areas = tuple(replace(a, center_id=center_of(town.graph, a.members)) for a in state.plan.areas)
    outcomes = outcomes_of(town.graph, areas)
    groups = linked_exceptions(town.graph, outcomes)
    state = replace(state, plan=replace(state.plan, areas=areas, outcomes=outcomes, below_min_groups=groups))
    places = [*town.graph, *(area.area_id for area in state.plan.areas)]
    accepted = dict.fromkeys(places, Acceptance("原则上", WHO))
    draft_id = project.add_draft("定稿", replace(state, accepted=accepted), WHO)
    return project.freeze(draft_id, "一稿", 1, WHO, graph=town.graph, rules=town.rules)


def page(*, who: str = WHO) -> AppTest:
    def shown():
        from ui import opinions_page, session

        session.set_pages({})
        session.keep_address()
        opinions_page.opinions()

    app = AppTest.from_function(shown, default_timeout=30)
    app.session_state["who"] = who
    app.session_state["pages"] = {}
    return app.run()


def texts(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.main if element.type == "html")


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def enter(project: Project, number: int, *answers: Answer, person: Person | None = None) -> None:
    form = project.opinion_forms()[number]
    project.put_forms([Change(form, replace(form, answers=answers), person)], WHO)


# --- empty -----------------------------------------------------------------------------------------


def test_without_a_version_the_page_says_what_comes_first(bare, monkeypatch):
    monkeypatch.setattr(session, "page", lambda name: f"{name}.py")
    monkeypatch.setattr("streamlit.page_link", lambda *_args, **_more: None)
    app = page()
    assert not app.exception
    assert "还没有定稿的版本。请先在“组团方案”页面打开“草稿与版本”" in texts(app)
    assert not app.button


def test_before_the_forms_are_prepared_their_number_is_told(frozen):
    app = page()
    assert not app.exception
    assert "还没有编制意见表。按一套一张，本区域共" in texts(app)
    assert "存疑的表" not in texts(app)


def test_all_areas_may_be_prepared_at_once_but_those_that_stay_as_they_are(frozen):
    app = page()
    button(app, "编制全部区域的意见表").click().run()
    assert not app.exception
    (version,) = frozen.versions()
    outcomes = version.state.plan.outcomes
    to_ask = {a.area_id for a in version.state.plan.areas if outcomes[a.members[0]] != "fixed"}
    assert 1 < len(to_ask) < len(version.state.plan.areas)
    assert {form.area_id for form in frozen.opinion_forms()} == to_ask
    assert "已编制" in texts(app)


def test_who_says_no_name_writes_nothing(frozen):
    app = page(who="")
    (prepare,) = [one for one in app.button if one.label.startswith("编制意见表")]
    assert prepare.disabled
    assert button(app, "编制全部区域的意见表").disabled
    assert frozen.opinion_forms() == ()


# --- the way ---------------------------------------------------------------------------------------


def test_forms_of_one_area_are_prepared(frozen):
    app = page()
    button(app, next(one.label for one in app.button if one.label.startswith("编制意见表"))).click().run()
    assert not app.exception
    assert {form.area_id for form in frozen.opinion_forms()} == {AREA}


def test_forms_are_entered_one_by_one(project):
    app = page()
    forms = project.opinion_forms()
    assert f"已编制 {len(forms)} 张，表号 01-001-0001 至" in texts(app)
    line = next(one for one in app.text_input if one.label.startswith("逐张录入"))
    line.set_value("2 2")
    button(app, "录入").click().run()
    assert not app.exception
    (answer,) = project.opinion_forms()[1].answers
    assert (answer.opinion, answer.returned_on) == (
        "disagree",
        dt.datetime.now().astimezone().date().isoformat(),
    )
    assert "已录 01-001-0002：不同意" in texts(app)
    assert "仅征求意见，不设比例要求。" in texts(app)


def test_another_opinion_on_the_same_form_is_asked_about(project):
    app = page()
    enter(project, 0, YES)
    app.run()
    next(one for one in app.text_input if one.label.startswith("逐张录入")).set_value("1 2")
    button(app, "录入").click().run()
    assert "01-001-0001 已经录为“同意”，这次是“不同意”。" in texts(app)
    button(app, "又一份意见表：列入存疑，处理前不计").click().run()
    assert [a.opinion for a in project.opinion_forms()[0].answers] == ["agree", "disagree"]
    assert "同一张表或同一房号收到了不同的意见" in texts(app)


def test_a_doubt_is_decided(project):
    app = page()
    enter(project, 0, YES, NO)
    app.run()
    stands = next(one for one in app.selectbox if one.label == "哪一种意见算数")
    assert stands.options == ["同意", "不同意", "都不算"]
    stands.set_value("agree").run()
    button(app, "处理").click().run()
    assert not app.exception
    assert [a.standing for a in project.opinion_forms()[0].answers] == ["counts", "aside"]
    assert "没有存疑的表。" in texts(app)


def test_a_theme_is_answered(project):
    app = page()
    enter(project, 0, replace(YES, themes=("车位不够",)))
    app.run()
    next(one for one in app.text_area if one.label == "答复").set_value("已列入改造")
    next(one for one in app.radio if one.label == "是否采纳").set_value("yes")
    button(app, "保存答复").click().run()
    assert [(t.text, t.reply, t.adopted) for t in project.opinion_themes()] == [
        ("车位不够", "已列入改造", "yes")
    ]


# --- a ledger --------------------------------------------------------------------------------------


def filled(project: Project, *rows: dict[str, object]) -> bytes:
    """The ledger of the area with its first rows filled in."""
    names = fakes.communities_table()["name"].to_dict()
    imprint = Imprint("片区", "街道", dt.date(2026, 11, 1), "版本 1")
    content = workbook(list(ledger_sheets(imprint, slips_of(project.opinion_forms(), names))), imprint)
    path = project.path.with_name("ledger.xlsx")
    path.write_bytes(content)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    top = next(row for row in range(1, 9) if sheet.cell(row, 1).value == "表号")
    for number, cells in enumerate(rows, start=top + 1):
        for column, value in cells.items():
            sheet.cell(number, COLUMNS.index(column) + 1, value)
    book.save(path)
    return path.read_bytes()


def hand_in(app: AppTest, content: bytes) -> AppTest:
    app.file_uploader[0].upload("台账.xlsx", content, "application/octet-stream")
    return app.run()


def test_a_ledger_is_looked_at_before_it_is_taken_in(project):
    app = page()
    rows = (
        {"opinion": "同意", "returned_on": "2026-11-02", "room": ROOM, "signer": SIGNER, "words": PHONE},
        {"opinion": "大概", "returned_on": "2026-11-02"},
    )
    hand_in(app, filled(project, *rows))
    assert not app.exception
    assert "要录入 1 行" in texts(app)
    assert "填的是“大概”" in texts(app)
    assert project.opinion_forms()[0].answers == ()
    button(app, "录入 1 张").click().run()
    assert project.opinion_forms()[0].answers == (YES,)
    assert "已录入 1 张。" in texts(app)


# --- nobody's name ---------------------------------------------------------------------------------


def everything(app: AppTest) -> str:
    widgets = [*app.text_input, *app.text_area, *app.selectbox, *app.radio, *app.button, *app.checkbox]
    return texts(app) + " ".join(f"{one.label} {getattr(one, 'value', '')} {one.proto}" for one in widgets)


@pytest.mark.parametrize("who", [WHO, ""])
def test_no_page_shows_a_room_or_a_signature(project, who):
    person = Person(ROOM, SIGNER, SIGNER, f"{SIGNER} {PHONE}")
    enter(project, 0, YES, NO, person=person)
    enter(project, 1, NO, person=replace(person, room="8栋"))
    app = page(who=who)
    assert "01-001-0001" in texts(app)
    assert "本区域有 2 张表存有房号、签名或意见原话，单独存放。" in texts(app)
    assert not [secret for secret in (ROOM, SIGNER, PHONE) if secret in everything(app)]


def test_what_is_personal_goes_only_when_the_case_is_closed(project):
    app = page()
    enter(project, 0, YES, person=Person(ROOM, SIGNER))
    app.run()
    assert "办结（备案、撤回或注销）之后才能删除。" in texts(app)
    today = dt.datetime.now().astimezone().date().isoformat()
    project.proceed(1, [AREA], "withdrawn", on=today, reason="业主反对", who=WHO, expected=10**6)
    app.run()
    delete = button(app, "删除本区域的个人信息")
    assert delete.disabled
    app.checkbox[0].check().run()
    button(app, "删除本区域的个人信息").click().run()
    assert not app.exception
    assert "已删除 1 张表上的个人信息。" in texts(app)
    assert project.people_kept() == {}
    assert project.opinion_forms()[0].answers == (YES,)
