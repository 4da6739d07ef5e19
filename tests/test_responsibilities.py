"""Who is responsible for each area and who is missing: from the data, from what planners entered, and as a workbook."""

from dataclasses import replace
from io import BytesIO

import geopandas as gpd
import openpyxl
import pytest

from geo.schema import DataError
from geo.wording import speaking
from jobs.carrying import Reading, carried_over
from jobs.reopened import reopened
from jobs.responsibilities import Answers, commands_of, responsibilities, said_of, workbook
from report.colourings import colourings
from report.duties import annex, units
from report.layers import duty_kinds
from report.responsible import (
    ROLES,
    Said,
    bodies,
    incomplete_first,
    known_by_place,
    lacking_words,
    responsible,
    roles_of_community,
    unit_here,
)
from store.drafts import Draft
from store.edits import SetContact, SetMode, SetResponsible, TakeOut, applied
from store.office import Office
from store.responsible import office_phone
from tests import fakes
from tests.desks import HOSTILE, on_desk
from tests.offices import office
from tests.towns import town

FULL = Said(contact="玉屏社区物业专干")


@pytest.fixture(scope="module")
def results():
    return fakes.results()


def without(results, column: str, *communities: str):
    """The plan with an empty cell for these communities, for all where none is named."""
    table = results.communities.copy()
    table.loc[list(communities) or table.index, column] = ""
    return replace(results, communities=table)


def members(results, area_id: str) -> list[str]:
    return list(results.communities.index[results.communities["area_id"] == area_id])


def of_area(results, area_id: str, said: Said = FULL):
    (one,) = responsible(results, known_by_place(results), {area_id: said}, only=[area_id])
    return one


# --- from the data ---------------------------------------------------------------------------------


def test_an_area_has_street_committee_police_and_grids_from_ledger_and_layers(results):
    one = of_area(results, "PMA-002")
    assert {role: held.words for role, held in one.roles.items()} == {
        "street_town": "中山路街道",
        "committee": "玉屏社区",
        "police": "中山路派出所",
        "grids": "第4网格、第5网格",
        "company": "待定",
        "contact": "玉屏社区物业专干",
    }
    assert (one.missing, one.households) == ((), int(results.areas.at["PMA-002", "count"]))


def test_the_ledger_speaks_before_the_layer(results):
    names, first = ["康居物业", "某街道"], members(results, "PMA-001")[0]
    shapes = [results.layers["duties"].geometry.iloc[0]] * 2
    layer = gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=fakes.CRS)
    table = results.communities.copy()
    table.loc[first, "managing_company"] = "自有物业"
    known = known_by_place(replace(results, communities=table, layers={"duties": layer}))
    assert (known.at[first, "company"], known.at[first, "street_town"]) == ("自有物业", "中山路街道")
    assert set(known["company"].drop(first)) == {"康居物业"}


def test_without_layers_and_columns_nobody_is_known(results):
    known = known_by_place(without(replace(results, layers={}), "committee"))
    assert set(known["police"]) == set(known["committee"]) == set(known["other"]) == {""}


def test_a_duty_layer_is_told_by_its_names_then_by_its_file(results):
    table = gpd.GeoDataFrame(
        {
            "name": ["桂溪派出所", "后勤服务中心", "某单位", None],
            "source": ["a.gpkg[companies]", "a.gpkg[companies]", "b.gpkg", "派出所.gpkg"],
        },
        geometry=[None] * 4,
    )
    assert duty_kinds(table).tolist() == ["police", "companies", "duties", "police"]
    assert duty_kinds(table.iloc[:0]).tolist() == []


def test_the_order_of_rows_does_not_matter(results):
    table = results.communities
    turned = replace(results, communities=table.iloc[::-1])
    known = known_by_place(results)
    assert (
        responsible(turned, known_by_place(turned), {})[5].roles["police"]
        == (responsible(results, known, {})[5].roles["police"])
    )
    assert known_by_place(turned).sort_index().equals(known)


# --- who is missing --------------------------------------------------------------------------------


def test_an_area_without_a_contact_is_listed_and_disappears_when_it_is_entered(results):
    draft = Draft(reopened(results).plan)
    graph = reopened(results).graph
    assert "PMA-002" in lacking(results, draft)
    named = applied(draft, SetContact("PMA-002", "玉屏社区物业专干"), graph)
    assert "PMA-002" not in lacking(results, named)
    assert "PMA-003" in lacking(results, named)


@pytest.mark.parametrize(("role", "column"), [("committee", "committee"), ("street_town", "street_town")])
def test_an_area_without_it_is_listed_and_disappears_when_the_ledger_or_a_planner_says(results, role, column):
    bare = without(results, column)
    one = of_area(bare, "PMA-002")
    assert (one.missing, one.roles[role].words) == ((role,), "缺")
    assert of_area(results, "PMA-002").missing == ()
    entered = of_area(bare, "PMA-002", replace(FULL, entered={role: "某某社区"}))
    assert (entered.missing, entered.roles[role].words) == ((), "某某社区")


def test_an_area_without_police_is_listed_and_disappears_with_the_layer_or_when_it_is_entered(results):
    bare = replace(results, layers={})
    assert of_area(bare, "PMA-002").missing == ("police",)
    assert of_area(results, "PMA-002").missing == ()
    assert of_area(bare, "PMA-002", replace(FULL, entered={"police": "中山路派出所"})).missing == ()


def test_an_area_of_which_a_part_has_nobody_says_which(results):
    first, *_ = members(results, "PMA-002")
    half = without(results, "committee", first)
    one = of_area(half, "PMA-002")
    name = results.communities.at[first, "name"]
    assert one.missing == ("committee",)
    assert one.roles["committee"].words == f"玉屏社区（缺：{name}）"
    filled = of_area(half, "PMA-002", replace(FULL, entered={"committee": "红旗社区"}))
    assert filled.roles["committee"].names == ("玉屏社区", "红旗社区")


def test_what_the_data_say_is_not_overruled(results):
    one = of_area(results, "PMA-002", replace(FULL, entered={"police": "别的派出所"}))
    assert one.roles["police"].names == ("中山路派出所",)


@pytest.mark.parametrize(
    ("mode", "missing", "words"),
    [
        ("", (), "待定"),
        ("professional", ("company",), "缺"),
        ("package", ("company",), "缺"),
        ("self_managed", (), "不需要"),
        ("neighborhood_run", (), "不需要"),
    ],
)
def test_a_company_is_missing_only_where_the_mode_needs_one(results, mode, missing, words):
    one = of_area(results, "PMA-002", replace(FULL, mode=mode))
    assert (one.missing, one.roles["company"].words) == (missing, words)


def test_the_mode_is_told_with_the_wish_of_the_owners(results):
    said = replace(FULL, mode="self_managed")
    assert of_area(results, "PMA-002").mode_words == "未选"
    assert of_area(results, "PMA-002", said).mode_words == "业主自治，缺业主意愿依据"
    told = replace(said, evidence="征询表汇总 2026-03")
    assert of_area(results, "PMA-002", told).mode_words == "业主自治（征询表汇总 2026-03）"


def test_areas_that_lack_most_come_first(results):
    bare = without(results, "committee", *members(results, "PMA-007"))
    found = incomplete_first(responsible(bare, known_by_place(bare), {"PMA-001": FULL}))
    assert found[0].area_id == "PMA-007"
    assert found[-1].area_id == "PMA-001"


def lacking(results, draft) -> dict[str, tuple[str, ...]]:
    return {one.area_id: one.missing for one in responsibilities(results, draft) if one.missing}


# --- at a place ------------------------------------------------------------------------------------


def test_a_unit_is_called_with_who_of_it_is_responsible_here(results):
    roles = of_area(results, "PMA-002").roles
    assert unit_here("police", roles) == "区公安局：中山路派出所"
    assert unit_here("street", roles) == "街道办事处（镇人民政府）：中山路街道"
    assert unit_here("city", roles) == "区城市管理局"
    assert unit_here("police", {}) == "区公安局"


def test_a_community_has_its_own(results):
    roles = roles_of_community(known_by_place(results), "C007")  # in no area
    assert roles["committee"].names == ("红旗社区",)
    assert "contact" not in roles


def test_bodies_are_all_that_may_have_a_phone(results):
    assert bodies(responsibilities(results, Draft(reopened(results).plan))) == (
        "中山路街道",
        "玉屏社区",
        "红旗社区",
        "中山路派出所",
    )


# --- what is entered -------------------------------------------------------------------------------


@pytest.fixture
def two(results):
    known = {"PMA-001": Said("甲岗", "package", "决议"), "PMA-002": Said()}
    return responsible(results, known_by_place(results), known, only=list(known))


def test_what_several_areas_get_alike_is_one_step(two):
    answers = Answers(" 乙岗 ", "professional", "", {"police": "中山路派出所"})
    assert commands_of(two, answers) == (
        SetContact("PMA-001", "乙岗", ("PMA-002",)),
        SetMode("PMA-001", "professional", "决议"),
        SetResponsible("PMA-001", "police", "中山路派出所", ("PMA-002",)),
        SetMode("PMA-002", "professional", ""),
    )


def test_of_several_areas_an_empty_field_changes_nothing(two):
    assert commands_of(two, Answers()) == ()
    assert commands_of(two, Answers(evidence="征询表")) == (SetMode("PMA-001", "package", "征询表"),)


def test_of_one_area_an_empty_field_takes_back(two):
    assert commands_of(two[:1], Answers("甲岗", "package", "决议", whole=True)) == ()
    assert commands_of(two[:1], Answers("", "", "决议", whole=True)) == (
        SetContact("PMA-001", ""),
        SetMode("PMA-001", "", ""),
    )


def test_who_is_entered_is_kept_goes_with_the_area_and_is_taken_back():
    draft, there = on_desk("甲60 乙50 丙140", "甲乙", "丙")
    done = applied(draft, SetResponsible("PMA-001", "police", " 站前派出所 ", ("PMA-002",)), there.graph)
    assert done.responsible == {a: {"police": "站前派出所"} for a in ("PMA-001", "PMA-002")}
    assert said_of(done)["PMA-002"].entered == {"police": "站前派出所"}
    both = applied(done, SetResponsible("PMA-001", "committee", "老街社区"), there.graph)
    assert both.responsible["PMA-001"] == {"police": "站前派出所", "committee": "老街社区"}
    bare = applied(done, SetResponsible("PMA-001", "police", ""), there.graph)
    assert bare.responsible == {"PMA-002": {"police": "站前派出所"}}
    gone = applied(done, TakeOut(("丙",)), there.graph)
    assert gone.responsible == {"PMA-001": {"police": "站前派出所"}}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (SetResponsible("PMA-009", "police", "甲"), "plan.no_such_area"),
        (SetResponsible("PMA-001", "police", "甲", ("PMA-009",)), "plan.no_such_area"),
        (SetResponsible("PMA-001", "grids", "第1网格"), "store.unknown_role"),
        (SetResponsible("PMA-001", "police", "张某 13800138000"), "store.private_number"),
        (SetContact("PMA-001", "专干", ("PMA-009",)), "plan.no_such_area"),
        (SetMode("PMA-001", "package", "联系 13800138000"), "store.private_number"),
    ],
)
def test_what_cannot_be_entered_is_refused(command, code):
    draft, there = on_desk("甲60 乙50", "甲乙")
    with pytest.raises(DataError) as caught:
        applied(draft, command, there.graph)
    assert caught.value.code == code


# --- phones ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        (" 023-49800001 ", "023-49800001"),
        ("０２３—49800001".replace("—", "-"), "023-49800001"),
        ("(023)49800001转8012", "(023)49800001转8012"),
        ("12345", "12345"),
        ("110", "110"),
        ("96119", "96119"),
        ("023-49800001、49800002", "023-49800001、49800002"),
        ("400-810-1234", "400-810-1234"),
    ],
)
def test_an_office_phone_is_kept(given, kept):
    assert office_phone(given) == kept


@pytest.mark.parametrize(
    "given",
    ["13812345678", "138 1234 5678", "1 3 8 1 2 3 4 5 6 7 8", "+86 138-1234-5678", "023-49800001/13812345678", "１３８12345678"],
)  # fmt: skip
def test_a_mobile_is_refused(given):
    with pytest.raises(DataError) as caught:
        office_phone(given)
    assert str(caught.value) == "这里只填办公电话，不填个人手机或证件号码。请改填单位的座机或热线。"


@pytest.mark.parametrize("given", ["值班室", "12", "<b>110</b>", "110 找老王", "0" * 31])
def test_what_is_no_phone_is_refused(given):
    with pytest.raises(DataError) as caught:
        office_phone(given)
    assert caught.value.code == "store.no_phone"


def test_phones_are_kept_with_the_office(tmp_path):
    project = office(tmp_path / "a.gpkg")
    told = Office(phones={"city": " 023-1234567 ", "玉屏社区": ""})
    project.set_office(told, "李科长", expected=project.office())
    assert project.office().phones == {"city": "023-1234567"}
    with pytest.raises(DataError):
        project.set_office(Office(phones={"city": "13812345678"}), "李科长", expected=project.office())


# --- to take along ---------------------------------------------------------------------------------


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = openpyxl.load_workbook(BytesIO(content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def test_the_workbook_has_areas_who_is_missing_issues_annex_and_work(results):
    areas = responsible(results, known_by_place(results), {"PMA-001": FULL})
    told = sheets(workbook(areas, title="中山路街道", phones={"city": "023-1"}))
    assert list(told) == [
        "责任对照",
        "还缺谁",
        "遇事找谁",
        "责任分解表",
        "重点工作",
        "工作要求",
    ]
    assert len(told["责任对照"]) == 2 + len(areas)
    assert [row[:3] for row in told["还缺谁"][2:]] == [
        ["联络专人", one.called, "缺"] for one in areas if one.area_id != "PMA-001"
    ]
    assert len(told["责任分解表"]) == 3 + len(annex())
    assert len(told["重点工作"]) == 2 + 22
    assert told["重点工作"][2][4] == "共254个小区、2020年130个、2021年全部"
    assert len(told["工作要求"]) == 2 + 3
    phones = {row[1]: row[2] for row in told["遇事找谁"][3:]}
    assert phones["区城市管理局"] == "023-1"
    assert {row[1] for row in told["遇事找谁"][3:]} >= {row[2] for row in told["责任分解表"][3:]}


def test_a_hostile_name_is_text_in_the_workbook(results):
    areas = responsible(results, known_by_place(results), {"PMA-001": Said(contact=f"={HOSTILE}")})
    book = openpyxl.load_workbook(BytesIO(workbook(areas, title="甲", phones={})))
    cells = [cell for row in book["责任对照"].iter_rows() for cell in row if HOSTILE in str(cell.value)]
    assert [cell.data_type for cell in cells] == ["s"]


def test_the_workbook_speaks_english(results):
    with speaking("en"):
        areas = responsible(results, known_by_place(results), {})
        told = sheets(workbook(areas, title="Zhongshan", phones={}))
    assert list(told) == ["Responsible", "Missing", "Whom to ask", "Duties", "Work items", "Requirements"]


# --- on the map ------------------------------------------------------------------------------------


def test_areas_are_coloured_by_who_is_missing(results):
    areas = responsible(results, known_by_place(results), {"PMA-001": FULL})
    lacking = lacking_words(areas)
    assert (lacking["PMA-001"], lacking["PMA-002"]) == ("", "缺联络专人")
    (one,) = [c for c in colourings(results, consents={}, lacking=lacking) if c.key == "lacking"]
    assert (one.name, [words for words, _ in one.classes]) == (
        "由谁负责",
        ["缺联络专人", "都已落实", "不在区域内"],
    )
    assert "lacking" not in {c.key for c in colourings(results, consents={})}


def test_roles_have_words_in_every_language():
    for spoken in ("zh", "en"):
        with speaking(spoken):
            assert len({unit_here(unit, {}) for unit in units()}) == 12
            assert len(set(lacking_words([]))) == 0
    assert ROLES == ("street_town", "committee", "police", "grids", "company", "contact")


# --- with an updated ledger ------------------------------------------------------------------------


def test_who_was_entered_goes_with_its_area_into_an_updated_plan():
    done = (SetResponsible("PMA-001", "police", "站前派出所", ("PMA-002",)),)
    draft, there = on_desk("甲60 乙50 . 丙140", "甲乙", "丙", done=done)
    now = town("甲40 乙90")
    result = carried_over(draft, Reading(there.graph, there.rules), Reading(now, there.rules))
    assert result.draft.responsible == {result.ids["PMA-001"]: {"police": "站前派出所"}}
    told = {one.place: (one.state, one.text) for one in result.decisions if one.kind == "responsible"}
    assert told == {"PMA-001": ("stands", "站前派出所"), "PMA-002": ("falls", "站前派出所")}
