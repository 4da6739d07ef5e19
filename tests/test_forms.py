"""The workbooks of a consultation: written, filled in, read back; every row taken or refused with its reason."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from geo.schema import DataError
from geo.wording import say, speaking
from jobs.consulting import new_forms, ruled, slips_of
from jobs.intake import Intake, intake, typed_answer, with_answers
from jobs.procedures import profiles
from jobs.tallying import suspicions
from report.forms import Slip, form_sheets, ledger_sheets, summary_sheets, workbook
from report.handed_in import COLUMNS, HandedIn, read_ledger
from report.papers import Imprint
from report.tally import Tally
from store.opinion_people import DISTINCT, Person
from store.opinions import Answer, Change, Form
from store.proceedings import Course, Proceeding
from tests import fakes
from tests.test_tallying import ASKED, EAST, SENT, counted

TODAY = dt.date(2026, 11, 23)
IMPRINT = Imprint("胜利路片区物业管理区域", "中山路街道办事处", TODAY, "版本 1")
NAMES = {"C1": "东苑", "C2": "西苑"}
HOSTILE = '=HYPERLINK("http://x")'
TOP = 5  # row of the headings
YES, NO = Answer("agree", "2026-11-02"), Answer("disagree", "2026-11-03")
# Made up: nobody has these names and numbers.
SIGNER, HANDLER, PHONE, IDENTITY = "欧阳不存在", "司马无此人", "13800001234", "110101199003070011"


def form(number: int, community: str = EAST, **more: object) -> Form:
    return Form(f"01-001-{number:04d}", 1, "PMA-001", community, "1栋", **more)


FRESH = (form(1), form(2), form(3), form(4, "C2"))


@pytest.fixture(scope="module")
def blank() -> bytes:
    """The ledger of four forms of two communities that nobody filled in yet."""
    return workbook(list(ledger_sheets(IMPRINT, slips_of(FRESH, NAMES))), IMPRINT)


@pytest.fixture
def ledger(blank: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(blank)
    return path


def fill(path: Path, row: int, *, sheet: int = 0, **cells: object) -> Path:
    """Write into a row, 1 the first below the headings; by column."""
    book = openpyxl.load_workbook(path)
    places = {column: place for place, column in enumerate(COLUMNS, 1)}
    for column, value in cells.items():
        book.worksheets[sheet].cell(TOP + row, places[column], value)
    book.save(path)
    return path


def read(path: Path) -> HandedIn:
    return read_ledger(path, today=TODAY)


def why(path: Path) -> list[str]:
    return [reason for row in read(path).refused for reason in row.why]


def taken(path: Path, forms: tuple[Form, ...] = FRESH, **more: str) -> Intake:
    found = intake(read(path), forms, NAMES, **more)
    in_all = found.changed + found.same + sum(one.rows for one in found.differing) + len(found.refused)
    assert found.rows == in_all, "a row is missing"
    return found


def after(found: Intake) -> dict[str, Form]:
    return {change.after.form_no: change.after for change in found.forms_changed}


# --- the ledger, written ---------------------------------------------------------------------------


def test_the_ledger_has_a_sheet_a_community_and_names_nobody(ledger):
    book = openpyxl.load_workbook(ledger)
    assert book.sheetnames == ["东苑", "西苑"]
    heads = [cell.value for cell in book["东苑"][TOP]]
    assert heads == [say(f"opinions.column.{column}") for column in COLUMNS]
    assert [cell.value for cell in book["东苑"][TOP + 1]][:4] == ["01-001-0001", "东苑", "1栋", None]
    assert book["东苑"].page_setup.paperSize == 9  # A4


def test_text_from_data_is_literal(tmp_path):
    slips = (Slip("1", "C1", HOSTILE, HOSTILE),)
    for number, sheets in enumerate((ledger_sheets, form_sheets)):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(workbook(list(sheets(replace(IMPRINT, title=HOSTILE), slips)), IMPRINT))
        cells = [c for sheet in openpyxl.load_workbook(path) for row in sheet for c in row if c.value]
        assert HOSTILE in [cell.value for cell in cells]
        assert {cell.data_type for cell in cells} == {"s"}
        assert not [cell for cell in cells if cell.hyperlink]


def test_the_same_day_makes_the_same_bytes(blank):
    assert workbook(list(ledger_sheets(IMPRINT, slips_of(FRESH, NAMES))), IMPRINT) == blank


def test_what_is_known_is_in_the_ledger_and_reads_as_nothing_new(tmp_path):
    forms = (
        form(
            1, area_m2=85.5, sent_on=SENT, way="in_person", answers=(replace(YES, themes=("车位", "围墙")),)
        ),
        form(2, units=2, holder="01-001-0001", answers=(YES, NO)),
        form(3, answers=(Answer("", "2026-11-04", "unsigned"),)),
    )
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(workbook(list(ledger_sheets(IMPRINT, slips_of(forms, NAMES))), IMPRINT))
    found = taken(path, forms)
    assert (found.rows, found.same, found.changes) == (4, 4, ())


def test_the_forms_are_numbered_and_have_stubs(tmp_path):
    path = tmp_path / "forms.xlsx"
    path.write_bytes(workbook(list(form_sheets(IMPRINT, slips_of(FRESH, NAMES))), IMPRINT))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["业主意见表", "发放存根"]
    told = [cell.value for row in book["业主意见表"] for cell in row if cell.value]
    assert "□ 同意        □ 不同意        □ 其他意见" in told
    assert "本表逐户印发，一套一张；不填或不交回的，只计为未答复，不视为同意。" in told
    stubs = [[cell.value for cell in row[:3]] for row in book["发放存根"].iter_rows(min_row=5)]
    assert stubs == [[f.form_no, NAMES[f.community_id], "1栋"] for f in FRESH]


# --- the ledger, read ------------------------------------------------------------------------------


def test_an_untouched_ledger_reads_as_nothing(ledger):
    found = taken(ledger)
    assert (found.rows, found.same, found.changes, found.refused) == (4, 4, (), ())


def test_a_row_is_read_as_people_fill_it_in(ledger):
    fill(
        ledger, 1, room="501", area_m2="85.50㎡", units="2套", sent_on="2026年11月1日", way="入户",
        returned_on=dt.date(2026, 11, 2), opinion=" 同 意 ", valid="√", signer=SIGNER, themes="车位不够；围墙;",
    )  # fmt: skip
    (change,) = taken(ledger).changes
    assert change.before == FRESH[0]
    assert change.after == form(
        1,
        area_m2=85.5,
        units=2,
        sent_on=SENT,
        way="in_person",
        answers=(replace(YES, themes=("车位不够", "围墙")),),
    )
    assert change.person == Person("501", SIGNER)


def test_a_form_that_does_not_count_says_why(ledger):
    fill(ledger, 1, returned_on="2026-11-02", opinion="同意", valid="否", fault="未签名")
    assert after(taken(ledger))["01-001-0001"].answers == (Answer("agree", "2026-11-02", "unsigned"),)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"form_no": ""}, "第 6 行没有表号，请从原表补上。"),
        ({"form_no": "欧阳"}, "第 6 行“表号”填的不是表号，可能错列，请核对。"),
        ({"form_no": PHONE}, "第 6 行“表号”填的不是表号，可能错列，请核对。"),
        ({"holder": "欧阳"}, "第 6 行“同一业主的第一张表号”填的不是表号，可能错列，请核对。"),
        (
            {"opinion": f" {SIGNER}", "signer": SIGNER},
            "第 6 行“意见”填的是“（不便显示）”，请填以下之一：同意、不同意、其他意见。",
        ),
        ({"sent_on": IDENTITY}, "第 6 行“发放日期”填的是“（不便显示）”，请写成 2026-11-23 这样。"),
        ({"opinion": "大概"}, "第 6 行“意见”填的是“大概”，请填以下之一：同意、不同意、其他意见。"),
        ({"way": "飞鸽"}, "第 6 行“发放方式”填的是“飞鸽”，请填以下之一：当面、信箱、张贴、电子。"),
        ({"sent_on": "11月1日"}, "第 6 行“发放日期”填的是“11月1日”，请写成 2026-11-23 这样。"),
        ({"sent_on": "2026-2-30"}, "第 6 行“发放日期”填的是“2026-2-30”，请写成 2026-11-23 这样。"),
        ({"sent_on": 46000}, "第 6 行“发放日期”填的是“46000”，请写成 2026-11-23 这样。"),
        ({"sent_on": "2026-11-24"}, "第 6 行“发放日期” 2026-11-24 在今天之后，请核对。"),
        (
            {"sent_on": "2026-11-05", "returned_on": "2026-11-04", "opinion": "同意"},
            "第 6 行收回日期 2026-11-04 早于发放日期 2026-11-05，请核对。",
        ),
        (
            {"returned_on": "2026-11-04"},
            "第 6 行收回了但没有填意见，请填“意见”；没有意见的请写明无效原因。",
        ),
        ({"opinion": "同意", "valid": "否"}, "第 6 行标为无效但没有写“无效原因”，请补上。"),
        (
            {"opinion": "同意", "valid": "是", "fault": "未签名"},
            "第 6 行“是否有效”填的是有效，却写了无效原因，请改其中一处。",
        ),
        ({"area_m2": "很大"}, "第 6 行“专有面积（㎡）”填的是“很大”，请填一户的面积（平方米）。"),
        ({"area_m2": -3}, "第 6 行“专有面积（㎡）”填的是“-3”，请填一户的面积（平方米）。"),
        ({"area_m2": "80万㎡"}, "第 6 行“专有面积（㎡）”填的是“80万㎡”，请填一户的面积（平方米）。"),
        ({"units": 0}, "第 6 行“本表代表套数”填的是“0”，请填 1 至 999 的整数。"),
        ({"units": 1.5}, "第 6 行“本表代表套数”填的是“1.5”，请填 1 至 999 的整数。"),
        (
            {"themes": f"请打{PHONE}"},
            "第 6 行“意见要点”里有人名、房号或号码。要点会公示，请改写，原话可写在“意见原话”栏。",
        ),
        (
            {"themes": f"{SIGNER}说不行", "signer": SIGNER},
            "第 6 行“意见要点”里有人名、房号或号码。要点会公示，请改写，原话可写在“意见原话”栏。",
        ),
        (
            {"themes": "3栋501漏水", "room": "3栋501"},
            "第 6 行“意见要点”里有人名、房号或号码。要点会公示，请改写，原话可写在“意见原话”栏。",
        ),
        (
            {"themes": "长" * 61},
            "第 6 行“意见要点”超过 60 个字，请写成简短的要点，原话可写在“意见原话”栏。",
        ),
    ],
)
def test_what_cannot_be_used_is_named_with_row_and_column(ledger, cells, sentence):
    assert why(fill(ledger, 1, **cells)) == [sentence]
    assert len(read(ledger).entries) == 3


def test_all_faults_of_a_row_are_told_at_once(ledger):
    fill(ledger, 2, opinion="大概", sent_on="昨天", area_m2="大")
    (row,) = read(ledger).refused
    assert (row.sheet, row.row, row.form_no, len(row.why)) == ("东苑", 7, "01-001-0002", 3)


def test_another_forms_signature_in_a_theme_is_seen(ledger):
    fill(ledger, 1, signer=SIGNER, opinion="同意", returned_on="2026-11-02")
    fill(ledger, 1, sheet=1, themes=f"同{SIGNER}", opinion="同意", returned_on="2026-11-02")
    assert len(why(ledger)) == 1


def test_a_ledger_is_read_back_whatever_its_language(tmp_path):
    path = tmp_path / "ledger.xlsx"
    with speaking("en"):
        path.write_bytes(workbook(list(ledger_sheets(IMPRINT, slips_of(FRESH, NAMES))), IMPRINT))
    fill(path, 1, returned_on="2026-11-03", opinion="Disagree")
    fill(path, 2, returned_on="2026-11-03", opinion="不同意")
    assert [form.answers for form in after(taken(path)).values()] == [(NO,), (NO,)]


def test_columns_may_be_moved_but_not_lost(ledger):
    book = openpyxl.load_workbook(ledger)
    book.worksheets[0].move_range(f"A{TOP}:A{TOP + 3}", cols=len(COLUMNS) + 1)
    book.save(ledger)
    assert len(read(ledger).entries) == 4
    book.worksheets[1].cell(TOP, COLUMNS.index("fault") + 1, "原因")
    book.save(ledger)
    with pytest.raises(DataError) as refused:
        read(ledger)
    assert str(refused.value) == (
        "ledger.xlsx 的工作表“西苑”缺少“无效原因”列。请从原表补回这一列，不要改动表头。"
    )


def test_what_is_no_ledger_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("表号,意见\n1,同意\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a.csv 不是 Excel 工作簿，或已损坏。"):
        read(tmp_path / "a.csv")
    book = openpyxl.Workbook()
    book.active["A1"] = "表号"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match=r"a.xlsx 里没有“表号”和意见栏。"):
        read(tmp_path / "a.xlsx")


# --- beside what is kept ---------------------------------------------------------------------------


def test_handing_in_again_changes_nothing(ledger):
    fill(ledger, 1, returned_on="2026-11-02", opinion="同意", room="501")
    once = after(taken(ledger))
    forms = tuple(once.get(form.form_no, form) for form in FRESH)
    again = taken(ledger, forms)
    assert (again.changed, again.same, again.forms_changed) == (0, 4, ())


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"form_no": "99"}, "第 6 行的表号 99 不是这个区域的意见表，请核对。"),
        ({"community": "西苑"}, "第 6 行的小区与表号对不上：表 01-001-0001 是东苑的，可能错行，请核对。"),
        ({"holder": "99"}, "第 6 行同一业主的表号 99 不是这个区域的意见表，请核对。"),
        ({"opinion": "同意"}, "第 6 行没有收回日期，请补上或在页面上统一填写。"),
    ],
)
def test_rows_that_do_not_fit_the_forms_are_refused(ledger, cells, sentence):
    found = taken(fill(ledger, 1, **cells))
    assert [row.why for row in found.refused] == [(sentence,)]
    assert (found.changes, found.same) == ((), 3)


def test_a_day_for_all_stands_in(ledger):
    fill(ledger, 1, opinion="同意")
    assert after(taken(ledger, day="2026-11-02"))["01-001-0001"].answers == (YES,)


def test_one_form_on_two_rows(ledger):
    """The same twice is one; two opinions are two answers, in doubt; two floor areas cannot both be."""
    fill(ledger, 1, returned_on="2026-11-05", opinion="同意")
    fill(ledger, 2, form_no="01-001-0001", returned_on="2026-11-02", opinion="同意")
    assert after(taken(ledger))["01-001-0001"].answers == (YES,)
    fill(ledger, 1, returned_on="2026-11-03", opinion="不同意")
    both = after(taken(ledger))["01-001-0001"]
    assert both.answers == (YES, NO)
    assert [one.kind for one in suspicions([both])] == ["form"]
    fill(ledger, 1, area_m2=80)
    fill(ledger, 2, area_m2=90)
    (row,) = taken(ledger).refused
    assert row.why == ("第 7 行与第 6 行是同一张表，面积、套数或发放情况却不一样，请改成一致。",)


def test_another_opinion_than_the_one_kept_waits_for_a_choice(ledger):
    fill(ledger, 1, returned_on="2026-11-03", opinion="不同意")
    forms = (form(1, answers=(YES,)), *FRESH[1:])
    found = taken(ledger, forms)
    assert (found.changes, [(one.form.form_no, one.answers) for one in found.differing]) == (
        (),
        [("01-001-0001", (NO,))],
    )
    assert after(taken(ledger, forms, differs="second"))["01-001-0001"].answers == (YES, NO)
    assert after(taken(ledger, forms, differs="correct"))["01-001-0001"].answers == (NO,)


def test_what_would_be_other_than_it_is_known_is_told(ledger):
    forms = (form(1, area_m2=80.0, sent_on=SENT, way="posted", answers=(YES,)), form(2), *FRESH[2:])
    fill(ledger, 1, area_m2=90, units=2, way="当面", returned_on="2026-11-09", opinion="同意")
    fill(ledger, 2, area_m2=70)
    assert list(taken(ledger, forms).overwritten()) == [
        ("01-001-0001", "area_m2", 80.0, 90.0),
        ("01-001-0001", "way", "posted", "in_person"),
        ("01-001-0001", "returned_on", "2026-11-02", "2026-11-09"),
    ]


def test_one_reason_why_a_form_does_not_count_is_one_whatever_was_ticked():
    unsigned = form(1, answers=(Answer("", "2026-11-02", "unsigned"),))
    assert with_answers(unsigned, (Answer("agree", "2026-11-02", "unsigned"),)) == unsigned


def test_a_second_answer_is_never_lost_by_an_old_ledger():
    both = form(1, answers=(YES, NO))
    for differs in ("", "second", "correct"):
        assert with_answers(both, (YES,), differs=differs) == both
        assert with_answers(both, (), differs=differs) == both


def test_a_decision_outlives_the_next_ledger():
    decided = form(1, answers=(replace(YES, standing="counts"), replace(NO, standing="aside")))
    told = with_answers(decided, (NO, replace(YES, themes=("车位",), returned_on="2026-11-09")))
    assert told is not None
    assert [(a.opinion, a.standing, a.returned_on, a.themes) for a in told.answers] == [
        ("agree", "counts", "2026-11-09", ("车位",)),
        ("disagree", "aside", "2026-11-03", ()),
    ]


def test_a_room_alone_is_kept_and_no_change_of_the_count(ledger):
    found = taken(fill(ledger, 1, room="501", handler=HANDLER))
    assert (found.changed, found.same) == (0, 4)
    assert [change.person for change in found.changes] == [Person("501", handler=HANDLER)]


def test_a_form_is_its_own_holder_only_in_words(ledger):
    assert taken(fill(ledger, 1, holder="01-001-0001")).forms_changed == ()


# --- one by one ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "number", "answer"),
    [
        ("1 1", 1, Answer("agree", "2026-11-02")),
        ("0002  2", 2, Answer("disagree", "2026-11-02")),
        ("01-001-0004 3", 4, Answer("other", "2026-11-02")),
        ("３ ０１", 3, Answer("", "2026-11-02", "unsigned")),
        ("3 05", 3, Answer("", "2026-11-02", "late")),
    ],
)
def test_a_line_is_a_form_and_a_code(line, number, answer):
    assert typed_answer(line, FRESH, day="2026-11-02") == (FRESH[number - 1], answer)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1", "“1”看不懂。请写表号、空格和代码，如 45 1。"),
        ("1 4", "“1 4”看不懂。请写表号、空格和代码，如 45 1。"),
        ("1 1 1", "“1 1 1”看不懂。请写表号、空格和代码，如 45 1。"),
        ("9 1", "没有编号为 9 的意见表。请核对表号。"),
    ],
)
def test_a_line_that_means_nothing_is_refused(line, sentence):
    with pytest.raises(DataError) as refused:
        typed_answer(line, FRESH, day="2026-11-02")
    assert str(refused.value) == sentence


def test_a_number_of_two_forms_is_refused():
    older = replace(FRESH[0], form_no="02-007-0001")
    with pytest.raises(DataError, match=r"有几张尾号为 1 的表。请写完整的表号。"):
        typed_answer("1 1", (*FRESH, older), day="2026-11-02")
    assert typed_answer("02-007-0001 1", (*FRESH, older), day="2026-11-02")[0] == older


# --- decisions -------------------------------------------------------------------------------------


def decided(*forms: Form, stands: str, ruling: str) -> tuple[Form, ...]:
    (one,) = suspicions(forms)
    changes: tuple[Change, ...] = ruled(one, forms, stands=stands, ruling=ruling)
    return tuple(change.after for change in changes)


def test_the_opinion_that_stands_counts_and_the_other_is_put_aside():
    (told,) = decided(form(1, answers=(YES, NO)), stands="disagree", ruling="asked_owner")
    assert [(a.opinion, a.standing, a.ruling) for a in told.answers] == [
        ("agree", "aside", "asked_owner"),
        ("disagree", "counts", "asked_owner"),
    ]
    assert suspicions([told]) == ()


def test_none_may_stand():
    (told,) = decided(form(1, answers=(YES, NO)), stands="", ruling="unsettled")
    assert {a.standing for a in told.answers} == {"aside"}
    assert counted((told,)).total.invalid.forms == 1


def test_one_signature_found_to_be_one_owner_is_one_person_from_then_on():
    first, second = form(1, alike="01-001-0001", answers=(YES,)), form(2, alike="01-001-0001", answers=(NO,))
    told = decided(first, second, stands="agree", ruling="asked_owner")
    assert [one.holder for one in told] == ["", "01-001-0001"]
    total = counted(told).total
    assert (total.agree.owners, total.asked.owners, total.invalid.forms) == (1, 1, 1)
    apart = decided(first, second, stands="", ruling="not_the_same")
    assert [(one.alike, one.answers) for one in apart] == [(DISTINCT, (YES,)), (DISTINCT, (NO,))]


# --- forms to hand out -----------------------------------------------------------------------------


def course(version: int = 1, area_id: str = "PMA-012") -> Course:
    return Course((Proceeding(version, area_id, "frozen", SENT, "", "李", ""),))


def test_there_is_a_form_for_each_unit_by_building():
    results = fakes.results()
    assert results.buildings is not None
    members = [c for c in results.communities.index if results.communities.at[c, "area_id"] == "PMA-001"]
    forms = new_forms(results, course(), members, ())
    wanted = {c: int(results.communities.at[c, "count"]) for c in members}
    told = {c: sum(form.community_id == c for form in forms) for c in members}
    assert all(told[c] >= wanted[c] for c in members)
    assert [form.form_no for form in forms][:2] == ["01-012-0001", "01-012-0002"]
    assert len({form.form_no for form in forms}) == len(forms)
    assert new_forms(results, course(), members, forms) == ()
    bare = replace(results, buildings=None)
    assert {form.building for form in new_forms(bare, course(), members, ())} == {""}
    assert len(new_forms(bare, course(), members, ())) == sum(wanted.values())


def test_a_community_without_a_count_gets_no_forms():
    results = replace(fakes.results(), buildings=None)
    assert new_forms(results, course(), ["C023"], ()) == ()


# --- the summary -----------------------------------------------------------------------------------


def sheets(tally: Tally) -> dict[str, list[list[object]]]:
    return {
        one.name: [list(one.table.columns), *one.table.to_numpy().tolist()]
        for one in summary_sheets(IMPRINT, tally)
    }


def test_the_summary_shows_forms_owners_and_area_with_the_total_last():
    told = sheets(counted())
    assert list(told) == ["份数", "人数", "面积", "比例", "意见要点"]
    assert told["份数"] == [
        ["小区", "套（户）数", "应征询", "未送达", "已发放", "未答复", "收回", "存疑待定", "无效", "有效", "同意", "不同意", "其他意见"],
        ["东苑", 6, 6, 1, 5, 1, 4, 0, 0, 4, 3, 1, 0],
        ["西苑", 4, 4, 0, 4, 0, 4, 1, 1, 2, 1, 0, 1],
        ["合计", 10, 10, 1, 9, 1, 8, 1, 1, 6, 4, 1, 1],
    ]  # fmt: skip
    assert [row[1:] for row in told["人数"][1:]] == [
        [5, 1, 4, 1, 3, 0, 0, 3, 2, 1, 0],
        [4, 0, 4, 0, 4, 1, 1, 2, 1, 0, 1],
        [8, 1, 7, 1, 6, 1, 1, 4, 2, 1, 1],
    ]
    assert told["面积"][-1] == ["合计", 600, 80, 520, 40, 480, 60, 90, 330, 160, 70, 100, "9/10 张"]
    assert told["比例"][1] == ["人数", "收回率", "6 人", "已发放", "7 人", "85.7%"]
    assert told["比例"][9] == ["面积", "同意占有效", "160 ㎡", "有效", "330 ㎡", "48.5%"]


def test_thresholds_stand_in_the_summary_of_a_procedure_that_has_them():
    told = sheets(counted(key="henan", kind="adjust"))["比例要求"]
    assert told[1:] == [
        ["整个区域", "同意人数超过应征询人数的 1/2", "2 人", "8 人", "25.0%", "不能判定：有存疑的表未处理"],
        ["整个区域", "同意面积超过应征询面积的 1/2", "160 ㎡", "600 ㎡", "26.7%", "不能判定：有的表没有面积"],
    ]


def test_the_method_says_where_it_is_from_and_that_silence_is_no_consent():
    shares = next(one for one in summary_sheets(IMPRINT, counted()) if one.name == "比例")
    told = "\n".join(shares.lines)
    assert "统计办法：重庆（划定），仅征求意见，不设比例要求，只报告数字。" in told
    assert "未见比例要求（待核）。" in told
    assert "都不视为同意，也不计入任何意见。" in told
    assert "有 1 张表前后矛盾、尚未处理，不计入任何意见。" in told


def test_a_summary_of_nothing_can_be_written(tmp_path):
    path = tmp_path / "d5.xlsx"
    empty = counted((), communities=(replace(ASKED[0], units=None),))
    path.write_bytes(workbook(list(summary_sheets(IMPRINT, empty)), IMPRINT))
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["份数"][book["份数"].max_row]][:3] == ["合计", None, 0]


def test_by_area_is_left_out_where_the_place_does_not_show_it():
    alone = replace(profiles()["chongqing"], shown=("number",))
    assert list(sheets(counted(profile=alone))) == ["份数", "人数", "比例", "意见要点"]


# --- nobody's name ---------------------------------------------------------------------------------


def test_no_workbook_that_is_written_names_anybody(ledger, tmp_path):
    """What was handed in with names and numbers comes back without, whatever is written of it."""
    secrets = ("9栋501", SIGNER, HANDLER, PHONE, IDENTITY)
    words = f"{SIGNER} {PHONE} {IDENTITY}"
    fill(
        ledger,
        1,
        room="9栋501",
        signer=SIGNER,
        handler=HANDLER,
        words=words,
        opinion="同意",
        returned_on="2026-11-02",
    )
    found = taken(ledger)
    forms = tuple(after(found).get(form.form_no, form) for form in FRESH)
    slips = slips_of(forms, NAMES)
    written = [
        *ledger_sheets(IMPRINT, slips),
        *form_sheets(IMPRINT, slips),
        *summary_sheets(IMPRINT, counted(forms)),
    ]
    told = " ".join(
        str(value) for sheet in written for row in sheet.table.to_numpy().tolist() for value in row
    )
    assert "01-001-0001" in told
    assert not [secret for secret in secrets if secret in told]
    assert not [secret for secret in secrets if secret in repr(read(ledger))]


def test_a_hundred_and_twenty_forms_come_in_at_once(tmp_path):
    forms = tuple(form(n) for n in range(1, 121))
    path = tmp_path / "ledger.xlsx"
    slips = tuple(replace(s, opinion="agree", returned_on="2026-11-02") for s in slips_of(forms, NAMES))
    path.write_bytes(workbook(list(ledger_sheets(IMPRINT, slips)), IMPRINT))
    found = taken(path, forms)
    assert (found.rows, found.changed, len(found.changes)) == (120, 120, 120)
