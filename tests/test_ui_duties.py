"""The page of responsibilities: what somebody types, chooses and enters on it, and what it shows then."""

import shutil
import sys
from dataclasses import replace
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from report.responsible import known_by_place, responsible
from report.results import write_results
from tests import fakes
from tests.desks import HOSTILE
from ui import session
from ui.duties_page import areas_html, lacking_everywhere, summary


@pytest.fixture(autouse=True)
def _same_main(monkeypatch):
    """A tried page takes the place of `__main__`; give it back, for what starts other processes."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="module")
def plan():
    """The town, its first area called by a name that is a script, and nobody known to be the police."""
    results = fakes.results()
    areas = results.areas.copy()
    areas.loc["PMA-001", "name"] = HOSTILE
    return replace(results, areas=areas, layers={})


@pytest.fixture(scope="module")
def folder(plan, tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "plan"
    write_results(plan, path)
    return path


def page():
    import streamlit as st

    from ui import duties_page, session

    session.keep_address()
    st.session_state.setdefault("who", "李科长")
    duties_page.duties()


@pytest.fixture
def app(folder, tmp_path, monkeypatch) -> AppTest:
    """The page on a folder, and so a project, of its own."""
    shutil.copytree(folder, tmp_path / "plan")
    monkeypatch.setattr(session, "SHELF", tmp_path / "projects")
    monkeypatch.setattr(sys, "argv", ["app.py", str(tmp_path / "plan")])
    return AppTest.from_function(page, default_timeout=30).run()


def texts(app: AppTest) -> str:
    return unescape("".join(e.proto.body for e in [*app.main] if e.type == "html"))


def raw(app: AppTest) -> str:
    return "".join(e.proto.body for e in [*app.main] if e.type == "html")


def widget(widgets, key: str):
    (found,) = [one for one in widgets if str(one.key).startswith(key)]
    return found


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [one for one in app.button if one.label == label]
    return button.click().run()


# --- what happened ---------------------------------------------------------------------------------


def test_without_a_plan_it_still_says_whom_to_turn_to(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app.py"])
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    assert not app.multiselect
    found = texts(app.text_input(key="duties-asked").input("二次供水").run())
    assert "区城市管理局" in found
    assert "负责二次供水的行政管理工作；" in found
    assert "责任分解表第10行第4项" in found
    assert "电话未填" in found


def test_where_it_happened_names_who_is_responsible_there(app):
    app.text_input(key="duties-asked").input("没有业委会").run()
    assert "村（居）民委员会：玉屏社区" not in texts(app)
    widget(app.selectbox, "duties-place").select(("area", "PMA-002")).run()
    assert "村（居）民委员会：玉屏社区" in texts(app)
    widget(app.selectbox, "duties-place").select(("community", "C007")).run()
    assert "村（居）民委员会：红旗社区" in texts(app)


def test_what_nothing_fits_says_what_to_do(app):
    found = texts(app.text_input(key="duties-asked").input("量子力学").run())
    assert "没有找到。换个说法试试，或在全部事项中选；都不合适的，先找镇街。" in found


# --- who is missing --------------------------------------------------------------------------------


def test_what_is_entered_for_all_that_lack_it_is_one_step_and_can_be_undone(app, plan):
    number = len(plan.areas)
    assert (
        f"{number} 个区域中 {number} 个还缺人：缺派出所的 {number} 个、缺联络专人的 {number} 个。"
        in texts(app)
    )
    assert "全部区域都缺派出所：" in texts(app)
    press(app, f"选中还缺人的 {number} 个")
    widget(app.text_input, "duties-contact").input("物业科值班岗")
    widget(app.text_input, "duties-police").input("中山路派出所")
    app.run()
    press(app, f"写入 {number} 个区域")
    assert f"已写入 {number} 个区域。可以撤销。" in texts(app)
    assert f"{number} 个区域都已落实。" in texts(app)
    press(app, "撤销上一步")
    assert f"缺派出所的 {number} 个" in texts(app)
    assert f"缺联络专人的 {number} 个" not in texts(app)


def test_of_one_area_the_fields_begin_with_what_is_known(app):
    widget(app.multiselect, "duties-areas").select("PMA-002").run()
    widget(app.selectbox, "duties-mode").select("professional")
    widget(app.text_input, "duties-evidence").input("征询表汇总")
    app.run()
    press(app, "写入 1 个区域")
    assert "专业化物业（征询表汇总）" in texts(app)
    assert "缺物业企业的 1 个" in texts(app)
    widget(app.multiselect, "duties-areas").select("PMA-002").run()
    assert widget(app.selectbox, "duties-mode").value == "professional"
    assert widget(app.text_input, "duties-evidence").value == "征询表汇总"


def test_a_private_number_is_refused_and_nothing_is_written(app):
    """Not even the contact, which comes first and could be."""
    widget(app.multiselect, "duties-areas").select("PMA-002").run()
    widget(app.text_input, "duties-contact").input("物业科值班岗")
    widget(app.text_input, "duties-police").input("老王 13812345678")
    app.run()
    press(app, "写入 1 个区域")
    assert "已写入" not in texts(app)
    assert "13812345678" not in texts(app)
    assert not [one for one in app.button if one.label == "撤销上一步"]


def test_nobody_writes_without_a_name(app):
    app.session_state["who"] = ""
    app.run()
    widget(app.multiselect, "duties-areas").select("PMA-002").run()
    widget(app.text_input, "duties-contact").input("物业科值班岗").run()
    (button,) = [one for one in app.button if one.label == "写入 1 个区域"]
    assert button.disabled


# --- phones ----------------------------------------------------------------------------------------


def phone(app: AppTest, name: str):
    (found,) = [one for one in app.text_input if str(one.key).endswith(f"-{name}") and "phone" in one.key]
    return found


def test_office_phones_are_kept_and_shown_with_the_answer(app):
    phone(app, "police").input("023-49800001")
    phone(app, "红旗社区").input("023-49800002")
    press(app, "保存电话")
    assert "电话已保存。" in texts(app)
    assert "电话：023-49800001" in texts(app.text_input(key="duties-asked").input("养狗").run())
    widget(app.selectbox, "duties-place").select(("community", "C007")).run()
    assert "电话：023-49800002" in texts(app.text_input(key="duties-asked").input("没有业委会").run())


def test_a_mobile_is_refused_and_no_phone_is_kept(app):
    phone(app, "police").input("13812345678")
    phone(app, "city").input("023-49800003")
    press(app, "保存电话")
    assert "这里只填办公电话，不填个人手机或证件号码。请改填单位的座机或热线。" in texts(app)
    found = texts(app.text_input(key="duties-asked").input("二次供水").run())
    assert "023-49800003" not in found


# --- what it shows ---------------------------------------------------------------------------------


def test_a_script_as_a_name_is_inert(app):
    assert HOSTILE in texts(app)
    assert HOSTILE not in raw(app)
    assert HOSTILE not in "".join(one.label for one in [*app.button, *app.text_input])


def test_missing_cells_are_marked_and_areas_that_lack_most_stand_first(plan):
    areas = responsible(plan, known_by_place(plan), {})
    assert areas_html(areas).count('<td class="bad" data-label="派出所">缺</td>') == len(areas)
    assert areas_html(areas).count('class="bad"') == 2 * len(areas)
    assert lacking_everywhere(areas) == ("police",)
    assert lacking_everywhere(()) == ()


def test_a_plan_without_areas_lacks_nobody():
    assert summary(()) == "0 个区域都已落实。"
