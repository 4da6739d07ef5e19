"""The first minutes of a planner on the desk, step by step (interface.md §5), then what else hands can do."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, Own
from tests.browser.hands import (
    answer,
    apply,
    at_desk,
    badge,
    card,
    chosen,
    click_on_map,
    drag_box,
    freeze,
    headline,
    menu,
    open_card,
    propose,
    ready,
    row_of,
    rows_of,
    shape,
    steps,
    strip,
    tab_to,
    take_verb,
    undo,
    view,
)

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

SMALL = 34  # row of 打铁巷9号院, 28 households: PMA-010 can spare it, PMA-011 can take it
TABLES = "[data-testid=stTabs] [role=tab]"


def test_the_first_three_minutes(page: Page, desk: Desk):  # noqa: PLR0915 - one story, told without a break
    # 0:00 three doors
    page.get_by_role("link", name="开始", exact=True).click()
    page.get_by_role("button", name="打开样例街道").click()
    ready(page)
    expect(page).to_have_url(re.compile("plan=sample"))
    assert headline(page) == {"areas": 22, "groups": 13, "alone": 4, "fixed": 5, "exceptions": 6, "held": 3}
    expect(badge(page)).to_have_text("6 处待决定")

    # 0:20 every number opens its list
    for name, number in headline(page).items():
        page.locator(f"[data-opens={name}]").click()
        expect(page.locator(".rows .row")).to_have_count(number)

    # 1:00 a small community on the map, and what each neighbour would mean
    where = view(page)
    click_on_map(page, "communities", SMALL)
    expect(card(page).locator("h3")).to_contain_text("打铁巷9号院")
    offer = card(page).locator(".line", has_text="加入 PMA-011")
    expect(offer).to_contain_text("162 → 190 户")
    expect(offer).to_contain_text("跨支路;相距 21 米;不同网格;同社区")

    # 1:40 before and after; nobody may apply without a name
    offer.get_by_role("button", name="看变化").click()
    expect(strip(page)).to_contain_text("移动 打铁巷9号院 到 PMA-011")
    expect(strip(page).locator("tr", has_text="PMA-010")).to_have_text(
        "PMA-010132 户 · 3 个小区→104 户 · 2 个小区"
    )
    expect(strip(page)).to_contain_text("综合代价 +3,349 户·米")
    expect(page.get_by_role("button", name="应用")).to_be_disabled()
    assert steps(desk.project("sample")) == []
    page.get_by_label("操作人(姓名或岗位,记入操作记录)").fill("李科长")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="应用")).to_be_enabled()
    apply(page)

    # figures, map, table and badge follow, and the map stays where it is
    expect(at_desk(page, "共 1 步")).to_be_visible()
    expect(page.locator(".plan-label-areas", has_text="PMA-011")).to_contain_text("190户")
    expect(page.locator(TABLES, has_text="操作记录")).to_contain_text("1")
    expect(row_of(page, "areas", "PMA-010")).to_contain_text("104户")
    assert view(page) == where

    # undo says what it will undo
    button = page.get_by_role("button", name="撤销:移动 打铁巷9号院 到 PMA-011")
    button.click()
    expect(row_of(page, "areas", "PMA-010")).to_contain_text("132户")
    expect(page.get_by_role("button", name="重做:移动 打铁巷9号院 到 PMA-011")).to_be_enabled()
    assert steps(desk.project("sample")) == []

    # taken out: a rule is broken, the badge and the list of checks say so
    click_on_map(page, "communities", SMALL)
    expect(card(page).locator("h3")).to_contain_text("打铁巷9号院")
    take_verb(page, "调出 1 个小区")
    expect(strip(page)).to_contain_text("打铁巷9号院")
    apply(page)
    expect(page.locator("[data-opens=exceptions]")).to_have_text("7")
    expect(badge(page)).to_contain_text("未通过 1 项")

    # 3:30 the list of checks offers the repair
    badge(page).click()
    wrong = page.locator(".rows .line", has=page.locator(".sign-bad"))
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("打铁巷9号院")
    wrong.get_by_role("button", name="处理").click()
    expect(strip(page)).to_contain_text("移动 打铁巷9号院 到 PMA-010")
    apply(page)
    expect(page.locator("[data-opens=exceptions]")).to_have_text("6")
    expect(badge(page)).to_have_text("6 处待决定")

    # what cannot be mended is accepted, with a reason and a name
    line = page.locator(".rows .line", has_text="供销社家属楼")
    line.get_by_role("button", name="处理").click()
    answer(page, "理由", "没有位置,先测绘")
    answer(page, "认可人", "王主任")
    expect(strip(page)).to_contain_text("认可 供销社家属楼 保持现有安排")
    apply(page)
    expect(badge(page)).to_have_text("5 处待决定")
    badge(page).click()
    expect(page.locator(".rows .row", has_text="供销社家属楼")).to_contain_text(
        "已认可:没有位置,先测绘(王主任)"
    )

    # frozen; loaded again, all is there
    freeze(page, "第一稿")
    expect(page.locator(".desk-versions")).to_contain_text("版本 1 第一稿")
    page.reload()
    ready(page)
    expect(badge(page)).to_have_text("5 处待决定")
    expect(at_desk(page, "共 3 步")).to_be_visible()
    assert len(steps(desk.project("sample"))) == 3


def test_a_broken_rule_is_no_version_until_it_is_mended(own: Own):
    page = ready(own.page)
    open_card(page, "communities:63")  # 劳动局宿舍: without it its area has 96 households
    propose(page, "加入 PMA-018")
    expect(strip(page)).to_contain_text("96 户")
    expect(strip(page).locator("li.bad")).to_contain_text("PMA-014")
    apply(page)
    freeze(page, "不行")
    refused = "有 1 处未通过核对且未经认可,不能定稿;第一处是 PMA-014。请先处理,或写明理由和认可人。"
    expect(page.locator(".desk-says.bad")).to_have_text(refused)
    expect(page.locator(".desk-versions")).to_have_count(0)
    page.keyboard.press("Escape")
    undo(page)
    menu(page, "草稿与版本")
    page.get_by_role("button", name="定稿为新版本").click()
    expect(page.locator(".desk-versions")).to_contain_text("版本 1 不行")


def test_what_is_not_checked_must_be_known_before_a_version(own: Own):
    page = ready(own.page)
    menu(page, "草稿与版本")
    page.get_by_label("版本名称").fill("第一稿")
    page.get_by_role("button", name="定稿为新版本").click()
    expect(page.locator(".desk-says.bad")).to_contain_text("还有 1 项没有核对、也没有确认,不能定稿。")
    page.get_by_text("已知悉第 1 项,仍然定稿").click()
    page.get_by_role("button", name="定稿为新版本").click()
    expect(page.locator(".desk-versions")).to_contain_text("版本 1 第一稿")


def test_the_same_edit_by_keyboard_alone(own: Own):
    page = ready(own.page)
    tab_to(page, "[data-list=communities]")
    page.keyboard.press("Enter")
    tab_to(page, "input[type=search]")
    page.keyboard.type("打铁巷")
    tab_to(page, f"[data-choose='communities:{SMALL}']")
    page.keyboard.press("Space")
    expect(chosen(page)).to_have_text("已选 打铁巷9号院")
    expect(page.locator(f"[data-choose='communities:{SMALL}']")).to_be_focused()  # drawn anew, and still held
    tab_to(page, ".st-key-dock [role=combobox]")
    page.keyboard.type("移到")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="移到哪个区域")).to_be_visible()
    tab_to(page, "[role=combobox][aria-label*='移到哪个区域']")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="PMA-011")).to_be_visible()
    page.keyboard.press("Enter")
    expect(strip(page)).to_contain_text("190 户")
    page.keyboard.press("Control+Enter")
    expect(strip(page)).to_have_count(0)
    expect(at_desk(page, "共 1 步")).to_be_visible()
    assert len(steps(own.project)) == 1
    page.keyboard.press("Control+z")
    expect(at_desk(page, "与算出的方案一致")).to_be_visible()
    page.keyboard.press("Control+y")
    expect(at_desk(page, "共 1 步")).to_be_visible()


def test_shift_click_and_a_box_choose_several(own: Own):
    page = ready(own.page)
    click_on_map(page, "communities", SMALL)
    expect(chosen(page)).to_have_text("已选 打铁巷9号院")
    click_on_map(page, "communities", 30, with_key="Shift")
    expect(chosen(page)).to_have_text("已选 打铁巷9号院、盐市街31号院")
    click_on_map(page, "communities", 30, with_key="Shift")
    expect(chosen(page)).to_have_text("已选 打铁巷9号院")
    page.get_by_role("button", name="放下").click()
    expect(chosen(page)).to_have_count(0)
    where = view(page)
    drag_box(page, shape(page, "areas", 9))  # PMA-010, three communities
    expect(chosen(page)).to_contain_text("百货公司家属院")
    page.locator(".plan-selected").nth(2 * 3 - 1).wait_for(state="attached")
    assert view(page) == where


def test_all_of_a_grid_are_chosen_by_the_search(own: Own):
    page = ready(own.page)
    rows_of(page, "communities")
    page.get_by_role("searchbox").fill("老街第三网格")
    found = page.locator(".rows .row")
    number = found.count()
    assert 1 < number < 20
    page.get_by_role("button", name=f"选中找到的 {number} 个").click()
    expect(chosen(page)).to_contain_text(f"等 {number} 个")
    expect(page.locator(".rows input:checked")).to_have_count(number)


def test_a_name_given_to_an_area_is_its_name_everywhere(own: Own):
    page = ready(own.page)
    row_of(page, "areas", "PMA-010").click()
    take_verb(page, "命名区域")
    answer(page, "区域名称", "盐店片区")
    apply(page)
    expect(page.locator(".plan-label-areas", has_text="盐店片区")).to_be_visible()
    expect(rows_of(page, "areas").nth(9)).to_contain_text("盐店片区")
    expect(page.get_by_role("button", name="撤销:把 PMA-010 命名为“盐店片区”")).to_be_enabled()


def test_the_optimizer_looks_around_a_place_and_proposes(own: Own):
    page = ready(own.page)
    open_card(page, "communities:63")
    propose(page, "加入 PMA-018")
    apply(page)
    row_of(page, "areas", "PMA-014").click()
    take_verb(page, "优化这一带")
    page.get_by_role("button", name="开始寻找").click()
    expect(strip(page)).to_contain_text("重新组合")
    apply(page)
    expect(badge(page)).to_have_text("6 处待决定")


def test_fifty_steps_are_undone_one_by_one(own: Own):
    """The store keeps as many as there are; here the desk shows them all and takes back three."""
    page = ready(own.page)
    for number in range(3):
        row_of(page, "areas", "PMA-010").click() if not number else rows_of(page, "areas").nth(9).click()
        take_verb(page, "命名区域")
        answer(page, "区域名称", f"第{number}名")
        apply(page)
    assert len(steps(own.project)) == 3
    for left in (2, 1, 0):
        undo(page)
        expect(at_desk(page, f"共 {left} 步" if left else "与算出的方案一致")).to_be_visible()
    assert steps(own.project) == []


def test_words_typed_just_before_the_click_are_applied(own: Own):
    page = ready(own.page)
    row_of(page, "exceptions", "供销社家属楼").click()
    take_verb(page, "认可 1 处")
    answer(page, "理由", "没有位置")
    expect(strip(page)).to_be_visible()
    page.locator(".st-key-dock").get_by_label("认可人").fill("王主任")
    apply(page)
    assert "王主任" in steps(own.project)[-1]
