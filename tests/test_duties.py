"""The plan's duties as data: row by row as the plan has them, and each of them found by somebody who has a question."""

import re
import unicodedata
from pathlib import Path

import pytest

from geo.wording import LANGUAGES, has, speaking
from report.duties import annex, annex_source, found, issues, requirements, sections, unit_name, units

HERE = Path(__file__).parent.parent
SOURCES = sorted((HERE.parent / "shared" / "source").glob("*.txt"))
COUNTS = {
    "street": 10,
    "committee": 3,
    "pricing": 1,
    "housing": 7,
    "market": 5,
    "planning": 2,
    "police": 6,
    "civil": 1,
    "ecology": 3,
    "city": 9,
    "energy": 2,
    "fire": 1,
}
NAMED = re.compile(r"(?:常务)?副区长(?!……|兼)[^任，、]{2,3}[任，、]")  # a post with somebody's name behind it


def bare(text: str) -> str:
    """The text without blanks, and with marks of one width: all that may differ from the source."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


@pytest.fixture(scope="module")
def source() -> str:
    if not SOURCES:
        pytest.skip("the plan itself is not beside this checkout")
    return SOURCES[0].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def table(source: str) -> list[tuple[str, list[str]]]:
    """Each row of the annex: the unit, and its duties."""
    cells = [cell.strip() for cell in source[source.index("物业管理品质提升责任分解表") :].split("\t")[1:]]
    cells = [cell for cell in cells if cell and not cell.isdigit()][3:]  # without the heads
    return [(unit, duties_in(text)) for text, unit in zip(cells[::2], cells[1::2], strict=True)]


def duties_in(cell: str) -> list[str]:
    parts = re.split(r"(?:^|(?<=[；;。\n]))\s*(\d+)\.", cell)
    numbers = [int(number) for number in parts[1::2]]
    assert numbers == list(range(1, len(numbers) + 1))
    return parts[2::2] or parts


def items() -> list:
    return [item for section in sections() for item in section.items]


# --- as the plan has them --------------------------------------------------------------------------


def test_there_are_twelve_units_with_fifty_duties():
    assert {unit: sum(duty.unit == unit for duty in annex()) for unit in units()} == COUNTS
    assert (len(units()), len(annex())) == (12, 50)
    assert annex_source() == "永川府办发〔2020〕67号 附件《物业管理品质提升责任分解表》"


def test_every_row_of_the_annex_is_as_in_the_plan(table):
    ours = [
        (bare(unit_name(unit)), [bare(duty.text) for duty in annex() if duty.unit == unit])
        for unit in units()
    ]
    assert ours == [(bare(unit), [bare(duty) for duty in duties]) for unit, duties in table]


def test_each_duty_says_where_it_stands():
    where = {duty.ref: duty.where for duty in annex()}
    assert where["city.4"] == "责任分解表第10行第4项"
    assert where["fire.1"] == "责任分解表第12行"  # the source gives a single duty no number


def test_there_are_twenty_two_items_and_three_requirements():
    assert [len(section.items) for section in sections()] == [6, 3, 3, 3, 1, 3, 1, 1, 1]
    assert [item.cite for item in items()][-4:] == ["三（六）3", "三（七）", "三（八）", "三（九）"]
    assert [one.cite for one in requirements()] == ["四（一）", "四（二）", "四（三）"]
    assert len(requirements()[0].members) == 18


def test_every_item_is_as_in_the_plan(source):
    text = bare(source)
    for section in sections():
        assert bare(section.text) in text
        for item in section.items:
            lead, support = ([bare(unit_name(unit)) for unit in who] for who in (item.lead, item.support))
            tail = re.match(
                r"\(责任单位:([^);]*?)(?:[;,]配合单位:([^)]*))?\)", text.partition(bare(item.text))[2]
            )
            assert tail, item.ref
            told = [re.split("[、,]", group) if group else [] for group in tail.groups()]
            assert told == [[STREETS.get(u, u) for u in lead], [STREETS.get(u, u) for u in support]], item.ref


STREETS = {"街道办事处(镇人民政府)": "各镇街"}


def test_every_requirement_is_as_in_the_plan_but_for_names(source):
    text = bare(source)
    for one in requirements():
        at = 0
        for part in bare(one.text).split(bare("……")):
            at = text.index(part, at) + len(part)
        assert bare(one.title) in text


def test_posts_are_kept_without_the_names_of_those_who_hold_them(source):
    assert NAMED.search(source)
    for path in sorted((HERE / "data" / "duties").iterdir()):
        assert not NAMED.search(path.read_text(encoding="utf-8")), path.name


def test_targets_are_numbers():
    told = {section.cite: [(t.year, t.number) for t in section.targets] for section in sections()}
    assert {cite: targets for cite, targets in told.items() if targets} == {
        "三（一）": [(2020, 130), (2021, None)],
        "三（二）": [(2020, 200), (2021, None)],
        "三（七）": [(2020, 310), (2021, None)],
        "三（九）": [(2020, 20), (2021, None)],
    }
    assert [section.total for section in sections() if section.total] == [254]


# --- from what happened to a unit ------------------------------------------------------------------


def test_every_duty_item_and_unit_is_found_by_some_issue():
    assert {duty for issue in issues() for duty in issue.duties} == set(annex())
    assert {item for issue in issues() for item in issue.items} == set(items())
    assert {answer.unit for issue in issues() for answer in issue.answers if not answer.helps} >= set(units())


def test_no_issue_leads_nowhere():
    assert all(issue.answers for issue in issues())
    assert len({issue.key for issue in issues()}) == len(issues())


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_issue_is_found_by_its_name_and_by_each_of_its_words(spoken):
    with speaking(spoken):
        for issue in issues():
            assert found(issue.name) == (issue,)
            assert all(issue in found(word) for word in issue.words), issue.key


@pytest.mark.parametrize(
    ("typed", "issue", "unit"),
    [
        ("漏水", "roof_leak", "housing"),
        ("楼上卫生间漏水到我家", "wet_room", "housing"),
        ("停车", "parking", "city"),
        ("养狗", "dogs", "police"),
        ("遛狗不拴绳", "dogs", "police"),
        ("油烟", "fumes", "ecology"),
        ("楼下烧烤太臭", "fumes", "ecology"),
        ("消防通道", "fire_lane", "fire"),
        ("飞线", "charging", "police"),
        ("电动车 上楼", "charging", "police"),
        ("电梯困人了", "lift", "market"),
        ("乱收费", "fees", "market"),
        ("违建", "illegal_building", "street"),
        ("二次供水", "secondary_water", "city"),
        ("燃气", "power_gas", "energy"),
        ("广场舞", "living_noise", "police"),
        ("灵棚", "funeral", "civil"),
        ("指导价", "guide_price", "pricing"),
        ("物业用房", "rooms", "planning"),
        ("组团", "division", "street"),
        ("业委会", "committee_election", "street"),
        ("没有业委会", "committee_missing", "committee"),
        ("垃圾没人收", "sanitation", "street"),
        ("一户一表", "secondary_water", "city"),
        ("垃圾日产日清", "sanitation", "street"),
        ("ＤＯＧ", "dogs", "police"),
        ("barking dogs", "dogs", "police"),
        ("Fire lane!", "fire_lane", "fire"),
    ],
)
def test_what_planners_type_leads_to_the_unit(typed, issue, unit):
    first = found(typed)[0]
    assert (first.key, first.answers[0].unit) == (issue, unit)


def test_a_word_of_several_issues_leads_to_all_of_them():
    assert {"roof_leak", "wet_room", "water_pipe", "fund_emergency"} <= {one.key for one in found("漏水")}
    assert {"parking", "traffic", "fire_lane"} <= {one.key for one in found("停车")}


def test_quoted_texts_are_looked_through_only_where_no_word_fits():
    assert [one.key for one in found("高音喇叭")] == ["living_noise"]
    assert [one.key for one in found("分户终端计量")] == ["secondary_water", "water_pipe", "power_gas"]
    assert "committee_election" not in {one.key for one in found("业主信息")}


def test_latin_words_are_found_from_their_beginning_only():
    assert found("ree") == ()
    assert [one.key for one in found("tree")] == ["green"]


@pytest.mark.parametrize("typed", ["", "  ", "?!"])
def test_who_types_nothing_finds_every_issue(typed):
    assert found(typed) == issues()


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "量子力学", "{{7*7}}", "x"])
def test_what_means_nothing_finds_nothing(typed):
    assert found(typed) == ()


def test_units_that_lead_come_before_those_that_help():
    (issue,) = [one for one in issues() if one.key == "fund_emergency"]
    assert [(one.unit, one.helps) for one in issue.answers] == [
        ("street", False),
        ("housing", False),
        ("market", False),
        ("station", True),
    ]
    assert [quote.where for quote in issue.answers[0].quotes] == ["责任分解表第1行第10项", "方案三（六）2"]


def test_every_unit_and_issue_has_a_name():
    named = {unit for item in items() for unit in (*item.lead, *item.support)} | set(units())
    named |= set(requirements()[0].members)
    assert all(has(f"duties.unit.{unit}") for unit in named)
    assert all(has(f"duties.issue.{issue.key}") for issue in issues())
