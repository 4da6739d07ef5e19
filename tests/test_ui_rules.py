"""The page of rules: shown with meaning and source, changed by who may, kept for the runs to come."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from jobs.rulebook import policy_of
from optimizer.rules import CHONGQING
from report.versus import rule_words
from store.access import ROLES_FILE
from ui import people, session
from ui.rules_page import label

ROLES = '[[member]]\nname = "李科长"\nrole = "administrator"\n[[member]]\nname = "王芳"\nrole = "planner"\n'


def page() -> None:
    from ui import rules_page

    rules_page.rules()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """Where the office keeps its rules; no plan is open."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(sys, "argv", ["app.py"])
    monkeypatch.setattr(session, "RULES", tmp_path / "out" / "rules.toml")
    st.cache_resource.clear()
    yield tmp_path / "out" / "rules.toml"
    st.cache_resource.clear()


def shown(who: str) -> AppTest:
    test = AppTest.from_function(page, default_timeout=60)
    test.session_state["plan"] = ""
    test.session_state[people.WHO] = who
    return test.run()


def html_of(test: AppTest) -> str:
    return " ".join(one.proto.body for one in test.get("html"))


def save(test: AppTest) -> AppTest:
    return next(one for one in test.button if one.label.startswith("保存")).click().run()


def test_numbers_stand_beside_what_they_mean_and_where_they_come_from(kept):
    test = shown("李科长")
    assert {one.label: one.value for one in test.number_input}["最低户数"] == 100
    told = html_of(test)
    assert "不少于 100 户（原则上）。来源：永川府办发〔2020〕67号 三（七）" in told
    assert "现用：自带的标准规则（重庆）。" in told
    assert "区域不得跨越：镇街、社区。" in told
    assert "不答复只计为“未答复”" in told
    assert not kept.exists()
    assert session.office_rules() is None


def test_a_change_is_kept_for_the_runs_to_come_and_shown_as_one(kept):
    test = shown("李科长")
    next(one for one in test.number_input if one.label == "最低户数").set_value(120)
    test = save(test)
    assert policy_of(kept.read_text(encoding="utf-8")).rules.minimum == 120
    assert session.office_rules() == kept
    told = html_of(test)
    assert "规则已保存" in told
    assert "与自带的标准规则有 1 处不同" in told
    assert "<td data-label='项目'>group.minimum</td>".replace("'", '"') in told
    back = next(one for one in test.button if one.label == "恢复标准规则").click().run()
    assert not kept.exists()
    assert "现用：自带的标准规则" in html_of(back)


def test_rules_that_contradict_each_other_are_refused_and_the_old_ones_stay(kept):
    test = shown("李科长")
    next(one for one in test.number_input if one.label == "最低户数").set_value(900)
    told = html_of(save(test))
    assert not kept.exists()
    assert "规则已保存" not in told
    assert "900" in told


def test_what_was_typed_stays_where_it_was_refused(kept):
    test = shown("李科长")
    next(one for one in test.number_input if one.label == "最低户数").set_value(900)
    test = save(test)
    assert next(one for one in test.number_input if one.label == "最低户数").value == 900


def test_two_who_have_the_page_open_do_not_write_over_each_other(kept):
    mine, theirs = shown("李科长"), shown("赵科长")
    next(one for one in theirs.number_input if one.label == "最低户数").set_value(120)
    save(theirs)
    next(one for one in mine.number_input if one.label == label("prices.unlike.lift")).set_value(7.0)
    mine = save(mine)
    rules = policy_of(kept.read_text(encoding="utf-8")).rules
    assert (rules.minimum, rules.prices.unlike["lift"]) == (120, 7)
    assert next(one for one in mine.number_input if one.label == "最低户数").value == 120
    next(one for one in theirs.number_input if one.label == label("prices.unlike.lift")).set_value(9.0)
    theirs = save(theirs)
    assert "刚才别人也改了规则" in html_of(theirs)
    assert next(one for one in theirs.number_input if one.label == label("prices.unlike.lift")).value == 7
    assert policy_of(kept.read_text(encoding="utf-8")).rules.prices.unlike["lift"] == 7


def test_a_kept_file_that_somebody_broke_says_so_and_leaves_a_way_back(kept):
    kept.parent.mkdir()
    kept.write_text("[group]\nminimum = \n", encoding="utf-8")
    test = shown("李科长")
    assert "rules.toml 不是有效的 TOML" in html_of(test)
    next(one for one in test.button if one.label == "恢复标准规则").click().run()
    assert not kept.exists()


def test_who_is_no_administrator_sees_the_rules_and_cannot_change_them(kept, tmp_path, monkeypatch):
    (tmp_path / "roles.toml").write_text(ROLES, encoding="utf-8")
    monkeypatch.setenv(ROLES_FILE, str(tmp_path / "roles.toml"))
    st.cache_resource.clear()
    test = shown("王芳")
    assert next(one for one in test.button if one.label.startswith("保存")).disabled
    assert "改规则" in html_of(test)


def test_every_number_of_the_standard_rules_has_a_name_of_its_own():
    from jobs.rulebook import entries

    names = [label(one.key) for one in entries(CHONGQING.read_text(encoding="utf-8"))]
    assert len(set(names)) == len(names)
    assert label("reach.outline_m") == rule_words("reach_outline_m")
