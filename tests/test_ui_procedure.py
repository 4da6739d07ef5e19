"""The pages of the procedure: next steps and what is in their way, a second person's step, settings, the register."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import streamlit as st
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from geo.wording import speaking
from jobs.citing import cited
from jobs.district import plan_district
from jobs.sample import sample_request
from report.package import INTERNAL, PUBLIC
from report.results import write_results
from store.edits import Accept, TakeOut
from store.filings import Filing, FollowUp
from store.office import Confirmation, Office
from store.project import open_project
from ui import casework, office_page, procedure_page, register_page, register_tables, session, stepping
from ui.drafting import Taken
from ui.office_page import merged, order_words, typed
from ui.people import WHO
from ui.runs import Packing

TODAY = date.today()  # noqa: DTZ011 - the day of the desk
LATER = (TODAY + timedelta(days=40)).isoformat()
AREA, OTHER = "PMA-001", "PMA-003"
Desk = Callable[..., AppTest]


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("plan") / "plan"
    quarter = (("社区", "石桥社区"),)  # of the sample street: three areas
    sample = sample_request(Path(__file__).parent.parent / "data" / "sample")
    write_results(plan_district(replace(sample, where=quarter, scope=None, links=None)), folder)
    return folder


@pytest.fixture(scope="module")
def untouched(plan: Path, tmp_path_factory) -> Taken:
    found = Taken(plan, tmp_path_factory.mktemp("shelf"))
    found.project.close()
    return found


@pytest.fixture
def taken(untouched: Taken, plan: Path, tmp_path: Path, monkeypatch) -> Iterator[Taken]:
    """A project of its own for each test, where the pages look for it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(sys, "argv", ["app.py", str(plan)])
    monkeypatch.setattr(session, "PLANS", tmp_path / "plans")
    monkeypatch.setattr(session, "page", lambda name: name)
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)
    st.cache_resource.clear()
    found = copy(untouched)
    found._last = {}
    with open_project(shutil.copy(untouched.project.path, tmp_path / "project.gpkg")) as project:
        found.project = project
        monkeypatch.setattr(session, "_taken", lambda *_: found)
        yield found


@pytest.fixture
def desk(taken: Taken) -> Desk:
    """Show one of the pages, with somebody at the desk."""

    def show(name: str) -> AppTest:
        app = AppTest.from_string(
            f"from ui import {name}_page, session\nsession.keep_address()\n{name}_page.{name}()",
            default_timeout=60,
        )
        app.session_state[WHO] = "李科长"
        return app.run()

    return show


def freeze(taken: Taken, *, confirmed: tuple[str, ...] = ()) -> None:
    """Freeze the draft, with a reason for all that breaks a rule."""
    draft, graph = taken.draft(0), taken.town.graph
    places = tuple(sorted({one.place for one in taken.broken(draft)} - set(draft.state.accepted)))
    revision = draft.revision
    for place in places:
        command = Accept(place, "业主不同意", "李科长")
        revision = taken.project.append(draft.draft_id, command, revision, "李科长", graph=graph)
    caveats = [c for c in taken.base.summary["caveats"] if not c.startswith("violations:")]
    taken.project.freeze(
        draft.draft_id,
        "首版",
        revision,
        "李科长",
        graph=graph,
        rules=taken.town.rules,
        caveats=caveats,
        confirmed=[*caveats, *confirmed],
    )


def confirm(taken: Taken) -> None:
    before = taken.project.office()
    needed = [c for c in cited(taken.project.rules_text(), before) if c.needs]
    told = {c.key: Confirmation(c.text, "法制办", TODAY.isoformat()) for c in needed}
    taken.project.set_office(replace(before, confirmed=told), "王主任", expected=before)


def bring(taken: Taken, *states: str, on: str = TODAY.isoformat(), areas: tuple[str, ...] = (AREA,)) -> None:
    for state in states:
        seen = max(row.number for row in taken.project.proceedings())
        taken.project.proceed(1, areas, state, on=on, reason="", who="王主任", expected=seen)


def texts(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.main if element.type == "html")


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def state_of(taken: Taken, area_id: str = AREA) -> str:
    return [row.state for row in taken.project.proceedings() if row.area_id == area_id][-1]


# --- procedure -------------------------------------------------------------------------------------


def test_nothing_frozen_says_where_to_freeze(desk):
    assert "还没有定稿的版本" in texts(desk("procedure"))


def test_unconfirmed_citations_stand_in_the_way_of_every_consultation(taken, desk):
    freeze(taken)
    app = desk("procedure")
    assert "请在“设置”页面逐条核对并确认" in texts(app)
    assert "先确认依据和期限" in texts(app)
    assert button(app, "转为“征求意见”").disabled


def test_all_that_can_take_a_step_take_it_at_once(taken, desk):
    freeze(taken)
    confirm(taken)
    app = desk("procedure")
    button(app, "转为“征求意见”").click()
    app.run()
    assert not app.exception
    assert state_of(taken) == "consulting"
    assert "个区域转为“征求意见”。" in texts(app)
    assert {row.who for row in taken.project.proceedings() if row.state == "consulting"} == {"李科长"}


def test_the_step_of_a_second_person_is_shown_and_not_covered(taken, desk):
    freeze(taken)
    confirm(taken)
    app = desk("procedure")
    bring(taken, "consulting")
    rows = taken.project.proceedings()
    button(app, "转为“征求意见”").click()
    app.run()
    assert taken.project.proceedings() == rows
    assert "王主任刚才已登记" in texts(app).replace(" ", "")


def test_a_step_aside_asks_for_a_reason(taken, desk):
    freeze(taken)
    app = desk("procedure")
    app.selectbox(key=next(b.key for b in app.selectbox if b.label == "要办的一步")).select("shelved").run()
    app.multiselect(key=next(b.key for b in app.multiselect if b.label == "哪些区域")).select(AREA).run()
    assert button(app, "转为“搁置”").disabled
    next(one for one in app.text_input if one.label == "理由（必填）").input("等待改造").run()
    button(app, "转为“搁置”").click()
    app.run()
    assert state_of(taken) == "shelved"


def test_a_day_before_the_last_step_is_told_before_it_is_tried(taken, desk):
    freeze(taken)
    confirm(taken)
    app = desk("procedure")
    next(one for one in app.text_input if one.label.startswith("日期")).input("2020-01-01").run()
    assert "这一步不能更早" in texts(app)
    assert button(app, "转为“征求意见”").disabled


def test_who_could_only_be_taken_back_is_not_among_all_that_can(taken, desk):
    freeze(taken)
    confirm(taken)
    bring(taken, "consulting", "summarised", on=LATER)
    app = desk("procedure")
    assert "可以办的 2 个区域，受阻的 0 个。另有 1 个区域可以退回这一步，须自己选并写明理由。" in texts(app)
    assert any(one.label == "说明（可不填）" for one in app.text_input)
    button(app, "转为“征求意见”").click().run()
    assert "已办理：2 个区域转为“征求意见”。" in texts(app)
    assert state_of(taken) == "summarised"


def test_a_step_that_only_leads_aside_counts_whom_it_can_take(taken):
    freeze(taken)
    work = casework.work_of(opened(taken), casework.docket_of(opened(taken)), 1)
    shelved = next(one for one in stepping.choices(work, TODAY) if one.state == "shelved")
    assert shelved.onward == ()
    assert stepping.counted_words(shelved) == "可以办的 3 个区域，受阻的 0 个。"


def test_what_is_in_the_way_is_told_with_its_areas(taken, desk):
    freeze(taken)
    confirm(taken)
    bring(taken, "consulting")
    told = casework.docket_of(opened(taken))
    work = casework.work_of(opened(taken), told, 1)
    found = {c.state: c for c in stepping.choices(work, TODAY)}
    assert [one.area.area_id for one, _ in found["summarised"].stuck] == [AREA]
    assert {stop.code for _, stops in found["summarised"].stuck for stop in stops} == {
        "consulting_not_over",
        "unasked",
    }
    assert found["withdrawn"].free
    row = procedure_page.area_table(work, TODAY).iloc[0]
    assert (row["状态"], row["下一步"]) == ("征求意见", "意见汇总")
    assert row["还差什么"].count("\n") == 1


def opened(taken: Taken):
    """What a page has open: as much of it as the procedure looks at."""
    draft = taken.draft(0)
    return session.Opened(Path(), "0" * 24, taken, draft, taken.results(draft), (), [], None, ())


def test_only_communities_whose_company_changed_are_asked_again(taken):
    freeze(taken)
    areas = {a.area_id: a for a in taken.draft(0).state.plan.areas}
    bring(taken, "consulting", areas=(AREA, OTHER))
    draft = taken.draft(0)
    leaving = areas[OTHER].members[-1]
    taken.project.append(
        draft.draft_id, TakeOut((leaving,)), draft.revision, "李科长", graph=taken.town.graph
    )
    freeze(taken, confirmed=("broken_off:1",))
    told = casework.docket_of(opened(taken))
    again = {area_id: asked for area_id, asked in casework.again_of(told, 2).items() if asked}
    assert set(sum(again.values(), ())) == set(areas[OTHER].members) - {leaving}
    assert casework.again_of(told, 1) == {}


def test_name_and_bounds_go_into_the_draft_and_leave_the_version(taken, desk):
    freeze(taken)
    app = desk("procedure")
    next(one for one in app.text_input if one.label.startswith("名称")).input("桂花大道片区")
    next(one for one in app.text_input if one.label == "东至").input("桂花大道 ")
    button(app, "记入草稿").click()
    app.run()
    state = taken.draft(0).state
    assert (state.names[AREA], state.bounds[AREA].east) == ("桂花大道片区", "桂花大道")
    assert taken.project.versions()[0].state.names == {}
    assert "第 1 版不变" in texts(app)
    assert "另行定稿为新版本后才会印进文书" in texts(app)


def test_who_is_against_shows_what_is_left_and_the_ways_on(taken, desk):
    freeze(taken)
    app = desk("procedure")
    next(one for one in app.multiselect if one.label == "不愿意的小区").select("GH101").run()
    assert "余下 1 个小区共 44 户，不足 100 户。" in texts(app)
    assert "须重新征求意见的小区：蚕种场家属院。" in texts(app)
    button(app, "按办法 1 记入草稿").click()
    app.run()
    assert "GH101" not in taken.draft(0).state.plan.area_of()
    assert "这个区域的小区在当前草稿里已经不同" in texts(app)


class Beside:
    """Runs that never begin: what a page orders."""

    def __init__(self) -> None:
        self.ordered: list[tuple[object, Path, str]] = []

    def get(self, _key: str) -> None:
        return None

    def start(self, order: object, folder: Path, *, key: str, kept: object = None) -> None:  # noqa: ARG002 - as Runs has it
        self.ordered.append((order, folder, key))


def test_a_package_is_ordered_for_the_version_on_the_page(taken, desk, monkeypatch):
    beside = Beside()
    monkeypatch.setattr(session, "runs", lambda: beside)
    freeze(taken)
    app = desk("procedure")
    button(app, "生成文书包").click()
    app.run()
    own = f"{taken.project.path.stem[:12]}-1"
    folder = session.PLANS / "packages" / f"{own}-draft"
    assert beside.ordered == [(Packing(taken.project.path, 1, draft=True), folder, f"package-{own}-draft")]
    next(one for one in app.radio if one.label == "编印").set_value("final").run()
    assert button(app, "生成文书包").disabled
    assert "只能编印征求意见稿" in texts(app)


def test_the_drawing_of_an_area_is_handed_out_on_both_sizes_of_paper_and_as_a_picture(taken, desk):
    freeze(taken)
    app = desk("procedure")
    next(one for one in app.selectbox if one.label == "文书").set_value("D11").run()
    told = {one.proto.label for one in app.get("download_button")}
    every = {"打开 PDF", "打开 A3 版 PDF", "下载图片（300 dpi）", "下载 A3 图片（300 dpi）", "下载 Word"}
    assert every <= told
    next(one for one in app.selectbox if one.label == "文书").set_value("D13").run()
    assert every | {"打开图件 PDF"} <= {one.proto.label for one in app.get("download_button")}


def test_where_no_forms_were_made_the_page_says_which_workbooks_are_not_there(taken, desk):
    freeze(taken)
    told = "3 个区域还没有编制意见表：业主意见表、发放回收台账、意见汇总表有 PDF 和 Word，没有 Excel 表格。"
    assert told in texts(desk("procedure"))


def test_an_english_desk_says_that_papers_are_in_chinese(taken, desk):
    freeze(taken)
    assert "一律用中文编印" not in texts(desk("procedure"))
    app = AppTest.from_string(
        "from geo.wording import speaking\nfrom ui import procedure_page, session\nsession.keep_address()\n"
        "with speaking('en'):\n    procedure_page.procedure()",
        default_timeout=60,
    )
    assert "printed in Chinese, whatever language the desk is shown in" in texts(app.run())


def test_both_zips_are_handed_out_until_something_changes(taken, desk):
    freeze(taken)
    folder = session.PLANS / "packages" / f"{taken.project.path.stem[:12]}-1-draft"
    folder.mkdir(parents=True)
    for name in (PUBLIC, INTERNAL):
        (folder / name).write_bytes(b"PK")
    os.utime(folder / PUBLIC, (4e9, 4e9))
    app = desk("procedure")
    assert "此后办理情况没有变化" in texts(app)
    assert {"下载公开件", "下载内部件"} <= {one.proto.label for one in app.get("download_button")}
    os.utime(folder / PUBLIC, (0, 0))
    assert "请重新生成" in texts(app.run())


# --- settings --------------------------------------------------------------------------------------


def test_settings_are_kept_and_what_is_empty_is_named(taken, desk):
    app = desk("office")
    assert "还有 9 项没有填" in texts(app)
    next(one for one in app.text_input if one.label == "全称").input(" 桂花街道办事处 ")
    next(one for one in app.text_area if one.label.startswith("张贴")).input("公示栏\n\n居委会 ")
    button(app, "保存设置").click()
    app.run()
    office = taken.project.office()
    assert (office.name, office.posting_places) == ("桂花街道办事处", ("公示栏", "居委会"))
    assert "还有 7 项没有填" in texts(app)


def test_a_citation_is_confirmed_and_falls_when_its_words_change(taken, desk):
    freeze(taken)
    app = desk("office")
    assert "还有 3 条待核" in texts(app)
    next(one for one in app.text_input if one.label == "核实岗位").input("法制办")
    button(app, "确认无误").click()
    app.run()
    ((key, by),) = taken.project.office().confirmed.items()
    assert (by.post, by.on) == ("法制办", TODAY.isoformat())
    (one,) = [c for c in cited(taken.project.rules_text(), taken.project.office()) if c.key == key]
    changed = replace(one, text=one.text + "(修订)", by=None)
    (words,) = office_page.told_of(changed, taken.project.office())
    assert words.startswith(f"原先由 法制办 于 {by.on} 核实的是“{by.text}”。")


def test_two_people_in_the_settings_lose_nothing():
    base = Office(name="旧", phone="1", confirmed={"a": Confirmation("x", "y", "2026-01-01")})
    mine, theirs = replace(base, name="我的"), replace(base, phone="2", confirmed={})
    together = merged(base, mine, theirs)
    assert (together.office, together.clashes) == (replace(theirs, name="我的"), ())
    clash = merged(base, mine, replace(base, name="他的"))
    assert (clash.office.name, clash.clashes) == ("我的", ("name",))
    same = merged(base, mine, mine)
    assert (same.office, same.clashes) == (mine, ())


def test_what_two_people_wrote_differently_is_asked_again(taken, desk):
    app = desk("office")
    before = taken.project.office()
    taken.project.set_office(replace(before, name="他的"), "王主任", expected=before)
    next(one for one in app.text_input if one.label == "全称").input("我的")
    button(app, "保存设置").click()
    app.run()
    assert taken.project.office().name == "他的"
    assert "有人也改了这几项：全称" in texts(app)
    button(app, "保存设置").click()
    app.run()
    assert taken.project.office().name == "我的"


def test_bounds_are_ordered_as_the_office_says():
    told = typed(Office(), dict.fromkeys((*office_page.LINES, "remedy", "posting_places"), "") | {
        "answers": {"fund": " 分账 ", "fee": ""}, "bounds_order": ["east", "west", "south", "north"],
    })  # fmt: skip
    assert order_words(told.bounds_order) == "东西南北"
    with speaking("en"):
        assert order_words(told.bounds_order) == "east, west, south, north"
    assert told.answers == {"fund": "分账"}


# --- the register ----------------------------------------------------------------------------------


def decided(taken: Taken) -> None:
    freeze(taken)
    bring(taken, "consulting", "summarised", "notice", "decided")


def test_a_filing_is_kept_with_the_papers_at_hand(taken, desk):
    decided(taken)
    app = desk("register")
    assert "已划定待备案 1 个，已备案 0 个" in texts(app)
    for box in app.checkbox:
        box.check()
    next(one for one in app.text_input if one.label == "备案号").input("永物备7号")
    next(one for one in app.text_input if one.label == "备案日期").input(LATER)
    button(app, "保存备案情况").click()
    app.run()
    (filing,) = taken.project.filings()
    assert (filing.area_id, filing.filing_no, filing.filed_on) == (AREA, "永物备7号", LATER)
    assert "材料已经齐备" in texts(app)
    assert "永物备7号" in texts(app)


def test_a_filing_that_somebody_changed_meanwhile_is_not_covered(taken, desk):
    decided(taken)
    app = desk("register")
    theirs = Filing(AREA, 1, handler="物业科")
    taken.project.put_filing(theirs, "王主任", expected=None)
    button(app, "保存备案情况").click()
    app.run()
    assert taken.project.filings() == (theirs,)
    assert "刚才改过" in texts(app)


def test_a_filing_is_changed_where_it_is_kept(taken, desk):
    decided(taken)
    taken.project.put_filing(Filing(AREA, 1, handler="物业科"), "王主任", expected=None)
    app = desk("register")
    next(one for one in app.text_input if one.label.startswith("经办人")).input("城管科")
    button(app, "保存备案情况").click()
    app.run()
    assert [one.handler for one in taken.project.filings()] == ["城管科"]


def test_a_day_that_is_none_is_refused_with_its_sentence(taken, desk):
    decided(taken)
    app = desk("register")
    next(one for one in app.text_input if one.label == "报送日期").input("下周")
    button(app, "保存备案情况").click()
    app.run()
    assert taken.project.filings() == ()
    assert "下周" in texts(app)


def test_follow_ups_come_overdue_first_and_can_be_closed(taken, desk):
    decided(taken)
    past = (TODAY - timedelta(days=3)).isoformat()
    taken.project.put_follow_up(FollowUp(AREA, "contract", LATER), "王主任")
    taken.project.put_follow_up(FollowUp(AREA, "committee_set_up", past), "王主任")
    app = desk("register")
    shown = texts(app)
    assert '<td data-label="情况" class="bad">过期 3 天</td>' in shown
    assert shown.index("过期 3 天") < shown.index("还有 40 天")
    app.selectbox(key=next(b.key for b in app.selectbox if b.label == "登记或修改")).select(2).run()
    next(one for one in app.text_input if one.label.startswith("办结日期")).input(TODAY.isoformat())
    button(app, "保存修改").click()
    app.run()
    assert [one.follow_up.done_on for one in taken.project.follow_ups()] == ["", TODAY.isoformat()]
    assert 'class="bad"' not in texts(app)


def test_the_workbook_names_the_papers_that_are_missing(taken, tmp_path):
    decided(taken)
    told = casework.docket_of(opened(taken))
    entries = register_page.registered(told)
    names = {(e.version, e.area_id): "胜利路片区" for e in entries}
    (tmp_path / "r.xlsx").write_bytes(
        register_tables.register_book(entries, (), told, names, on=date(2026, 3, 1))
    )
    rows = list(load_workbook(tmp_path / "r.xlsx").worksheets[0].iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[0] == "编号")
    first = dict(zip(rows[head], rows[head + 1], strict=True))
    assert (first["编号"], first["状态"], first["划定日期"]) == (AREA, "已划定", TODAY.isoformat())
    assert str(first["备案材料"]).startswith("还缺 9 项：物业管理区域备案表、")
    stays = [row for row in rows[head + 1 :] if row[4] == "维持现状"]
    kept = [a for a, o in taken.town.plan.outcomes.items() if o == "fixed"]
    assert bool(stays) == bool(kept)
