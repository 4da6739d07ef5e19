"""The first minutes of a planner on the desk, step by step (interface.md §5), then what else hands can do."""

import re

import pytest
from playwright.sync_api import Page, expect

from jobs.cli import SAMPLE
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
    try_minimum,
    turn_to,
    undo,
    view,
)

pytestmark = pytest.mark.enable_socket  # the driver and the desk talk over loopback

SMALL = 34  # row of 打铁巷9号院, 28 households: PMA-010 can spare it, PMA-011 can take it
PLANS_WITHIN_MS = 120_000
FOUR = ("ledger.xlsx", "outlines.zip", "scope.csv", "grids.geojson")
TABLES = "[data-testid=stTabs] [role=tab]"


def test_the_first_five_minutes(page: Page, desk: Desk):
    the_sample_opens(page)
    every_number_opens_its_list(page)
    a_small_community_is_moved_and_back(page, desk)
    what_breaks_a_rule_is_mended(page)
    another_minimum_is_tried(page)
    what_is_left_is_accepted_and_frozen(page, desk)
    papers_and_files_are_taken_along(page)
    the_own_files_go_in(page)
    assert desk.outside == []


# 0:00
def the_sample_opens(page: Page) -> None:
    page.get_by_role("link", name="开始", exact=True).click()
    page.get_by_role("button", name="打开样例街道").click()
    ready(page)
    expect(page).to_have_url(re.compile("plan=sample"))
    assert headline(page) == {"areas": 22, "groups": 13, "alone": 4, "fixed": 5, "exceptions": 6, "held": 3}
    expect(badge(page)).to_have_text("6 处待决定")


# 0:20
def every_number_opens_its_list(page: Page) -> None:
    for name, number in headline(page).items():
        page.locator(f"[data-opens={name}]").click()
        expect(page.locator(".rows .row")).to_have_count(number)


# 1:00 a small community on the map, and what each neighbour would mean; 1:40 before and after
def a_small_community_is_moved_and_back(page: Page, desk: Desk) -> None:
    where = view(page)
    click_on_map(page, "communities", SMALL)
    expect(card(page).locator("h3")).to_contain_text("打铁巷9号院")
    offer = card(page).locator(".line", has_text="加入 PMA-011")
    expect(offer).to_contain_text("162 → 190 户")
    expect(offer).to_contain_text("跨支路；相距 21 米；不同网格；同社区")

    # 1:40 before and after; nobody may apply without a name
    offer.get_by_role("button", name="看变化").click()
    expect(strip(page)).to_contain_text("移动 打铁巷9号院 到 PMA-011")
    expect(strip(page).locator("tr", has_text="PMA-010")).to_have_text(
        "PMA-010132 户 · 3 个小区→104 户 · 2 个小区"
    )
    expect(strip(page)).to_contain_text("综合代价 +3,349 户·米")
    expect(page.get_by_role("button", name="应用")).to_be_disabled()
    assert steps(desk.project("sample")) == []
    page.get_by_label("操作人（姓名或岗位，记入操作记录）").fill("李科长")
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
    button = page.get_by_role("button", name="撤销：移动 打铁巷9号院 到 PMA-011")
    button.click()
    expect(row_of(page, "areas", "PMA-010")).to_contain_text("132户")
    expect(page.get_by_role("button", name="重做：移动 打铁巷9号院 到 PMA-011")).to_be_enabled()
    assert steps(desk.project("sample")) == []


def what_breaks_a_rule_is_mended(page: Page) -> None:
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


# 2:30
def another_minimum_is_tried(page: Page) -> None:
    turn_to(page, "方案比选")
    try_minimum(page, 150)
    expect(page.locator(".scenarios tr", has_text="比选：最低户数 150")).to_be_visible(
        timeout=PLANS_WITHIN_MS
    )
    page.get_by_role("button", name="并排对比").click()
    expect(page.locator(".desk-note", has_text="最低户数 100 → 150")).to_be_visible()
    both = page.frame_locator(".st-key-versus iframe")
    expect(both.locator("#map-other .plan-label-areas", has_text="PMA-023")).to_be_visible()
    page.get_by_role("link", name="组团方案", exact=True).click()
    ready(page)


# 3:30 what cannot be mended is accepted, with a reason and a name
def what_is_left_is_accepted_and_frozen(page: Page, desk: Desk) -> None:
    badge(page).click()
    line = page.locator(".rows .line", has_text="供销社家属楼")
    line.get_by_role("button", name="处理").click()
    answer(page, "理由", "没有位置,先测绘")
    answer(page, "认可人", "王主任")
    expect(strip(page)).to_contain_text("认可 供销社家属楼 保持现有安排")
    apply(page)
    expect(badge(page)).to_have_text("5 处待决定")
    badge(page).click()
    expect(row_of(page, "checks", "供销社家属楼")).to_contain_text("已认可：没有位置,先测绘（王主任）")

    # frozen; loaded again, all is there
    freeze(page, "第一稿")
    expect(page.locator(".desk-versions")).to_contain_text("版本 1 第一稿")
    page.reload()
    ready(page)
    expect(badge(page)).to_have_text("5 处待决定")
    expect(at_desk(page, "共 3 步")).to_be_visible()
    assert len(steps(desk.project("sample"))) == 3


# 4:20
def papers_and_files_are_taken_along(page: Page) -> None:
    menu(page, "下载成果")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="方案表").click()
    assert waiting.value.suggested_filename == "plan.xlsx"
    page.keyboard.press("Escape")
    turn_to(page, "文书备案")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载 Word").click()
    assert waiting.value.suggested_filename.endswith(".docx")


# 5:00
def the_own_files_go_in(page: Page) -> None:
    page.get_by_role("link", name="用我的数据").click()
    page.locator("input[type=file]").first.set_input_files([SAMPLE / name for name in FOUR])
    page.get_by_role("button", name="空白台账").wait_for()
    listed = page.locator(".st-key-handed")
    uses = listed.locator("[data-testid=stSelectbox] input")
    for number, (name, use) in enumerate(
        zip(FOUR, ("小区台账", "小区轮廓", "组团范围", "网格"), strict=True)
    ):
        expect(listed.locator(".desk-file", has_text=name)).to_be_visible()
        expect(uses.nth(number)).to_have_value(use)
    said = page.locator("p:has([data-opens])")
    expect(said).to_have_text(
        "台账 76 行 = 采用 67 行 + 没有采用 9 行；采用的合成 66 个小区，其中户数待核 3 个、没有位置 1 个。核对清单 40 条。"
    )
    said.locator("[data-opens=refused]").click()
    expect(page.locator(".desk-table.intake-refused tbody tr")).to_have_count(9)
    said.locator("[data-opens=columns]").click()
    expect(page.locator(".desk-personal")).to_have_text("不读取（个人信息）：联系人、联系电话")
    said.locator("[data-opens=findings]").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载修改清单").click()
    assert waiting.value.suggested_filename == "修改清单.xlsx"
    page.get_by_role("button", name="开始规划").click(timeout=PLANS_WITHIN_MS)
    # the page of files has numbers like those of the plan: the bar has only the plan
    at_desk(page, "与算出的方案一致").wait_for(timeout=PLANS_WITHIN_MS)
    ready(page)
    expect(page.locator("[data-opens=held]")).to_have_text("3")
    assert headline(page)["areas"] > 15


def test_no_version_of_what_nobody_has_confirmed_or_what_breaks_a_rule(own: Own):
    page = ready(own.page)
    menu(page, "草稿与版本")
    page.get_by_label("版本名称").fill("第一稿")
    page.get_by_role("button", name="定稿为新版本").click()
    expect(page.locator(".desk-says.bad")).to_contain_text("还有 1 项没有核对、也没有确认，不能定稿。")
    page.keyboard.press("Escape")

    open_card(page, "communities:63")  # 劳动局宿舍: without it its area has 96 households
    propose(page, "加入 PMA-018")
    expect(strip(page)).to_contain_text("96 户")
    expect(strip(page).locator("li.bad")).to_contain_text("PMA-014")
    apply(page)
    freeze(page, "第一稿")
    refused = "有 1 处未通过核对且未经认可，不能定稿；第一处是 PMA-014。请先处理，或写明理由和认可人。"
    expect(page.locator(".desk-says.bad")).to_have_text(refused)
    expect(page.locator(".desk-versions")).to_have_count(0)
    page.keyboard.press("Escape")

    undo(page)
    menu(page, "草稿与版本")
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


def test_a_name_given_to_an_area_is_its_name_everywhere_until_it_is_taken_back(own: Own):
    """The store keeps as many steps as there are; here the desk shows them all and takes back three."""
    page = ready(own.page)
    names = ("盐店片区", "盐市片区", "老街片区")
    for number, name in enumerate(names):
        row_of(page, "areas", "PMA-010").click() if not number else rows_of(page, "areas").nth(9).click()
        take_verb(page, "命名区域")
        answer(page, "区域名称", name)
        apply(page)
        expect(page.locator(".plan-label-areas", has_text=name)).to_be_visible()
        expect(rows_of(page, "areas").nth(9)).to_contain_text(name)
        expect(page.get_by_role("button", name=f"命名为“{name}”")).to_be_enabled()
    assert len(steps(own.project)) == len(names)
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
