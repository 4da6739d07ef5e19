"""The papers: the same words in DOCX and PDF, whole for any area, nothing read as code, nobody pointed at, no law invented."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date

import docx as python_docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.table import Table, _Cell
from PIL import Image
from pypdf import PdfReader

from geo.schema import DataError
from geo.wording import speaking
from jobs.citing import period
from report.documents import (
    DOCUMENTS,
    PLAN_DOCUMENTS,
    documents_of,
    docx_of,
    imprint_of,
    missing,
    name_of,
    pdf_of,
)
from report.documents.case import Area, Citation, FormRow, Office, Period, Step
from report.documents.model import Fields, Grid, Paper, texts_of
from report.documents.notices import FEW, hidden
from report.papers import Imprint, missing_signs
from tests import cases

PUBLIC = tuple(key for key, one in DOCUMENTS.items() if one.public)
ALL = (*DOCUMENTS, *PLAN_DOCUMENTS)
FOOT = re.compile(r"第\d+版方案·8c1f02ab8c1f第\d+页共\d+页")


@pytest.fixture(scope="module")
def final():
    """An area of three communities, decided, with papers that may be posted."""
    return cases.final(cases.case(3, board=png(60, 40)))


@pytest.fixture(scope="module")
def pages(final):
    """Return what each page of the PDF of each of its papers says, on one line."""
    return {key: [bare(page.extract_text()) for page in pdf(key, final).pages] for key in ALL}


def png(width: int, height: int) -> bytes:
    sink = io.BytesIO()
    Image.new("L", (width, height), 128).save(sink, "PNG")
    return sink.getvalue()


def paper(key: str, case) -> Paper:
    if key in PLAN_DOCUMENTS:
        return PLAN_DOCUMENTS[key].build(cases.plan_case())
    return DOCUMENTS[key].build(case)


def words(key: str, case) -> str:
    """Return all that a paper says, on one line."""
    return bare("".join(texts_of(paper(key, case))))


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def stamped(key: str, case) -> Imprint:
    return imprint_of(key, paper(key, case), office=case.office, version=case.version, draft=case.draft)


def pdf(key: str, case) -> PdfReader:
    return PdfReader(io.BytesIO(pdf_of(paper(key, case), stamped(key, case)).content))


def pdf_words(reader: PdfReader) -> str:
    return FOOT.sub("", "".join(bare(page.extract_text()) for page in reader.pages))


def docx(key: str, case):
    return python_docx.Document(io.BytesIO(docx_of(paper(key, case), stamped(key, case))))


def docx_words(document) -> str:
    """Return paragraphs and cells in their order; the line along which a stub is torn off is drawn with signs."""
    parts = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            parts += [cell.text for row in block._tbl.tr_lst for cell in cells_of(row, block)]
        else:
            parts.append(re.sub(r"(- ){3,}-?", "", block.text))
    return bare("".join(parts))


def cells_of(row, table: Table):
    return [_Cell(cell, table) for cell in row.tc_lst]


# --- the same words, twice -------------------------------------------------------------------------


@pytest.mark.parametrize("key", ALL)
def test_docx_and_pdf_say_the_same(key, final, pages):
    said = words(key, final)
    assert FOOT.sub("", "".join(pages[key])) == said
    assert docx_words(docx(key, final)) == said


@pytest.mark.parametrize("key", ALL)
def test_the_same_case_gives_the_same_bytes(key, final):
    made, on = paper(key, final), stamped(key, final)
    assert pdf_of(made, on).content == pdf_of(made, on).content
    assert docx_of(made, on) == docx_of(made, on)


def test_a_document_tells_nothing_of_the_machine_or_the_moment(final):
    packed = zipfile.ZipFile(io.BytesIO(docx_of(paper("D2", final), stamped("D2", final))))
    assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert not [name for name in packed.namelist() if "thumbnail" in name or "customXml" in name]
    told = docx("D2", final).core_properties
    assert (told.author, told.last_modified_by, told.comments) == (cases.OFFICE.name, "", "")
    assert told.created is not None
    assert told.created.date() == cases.VERSION.on


@pytest.mark.parametrize("key", ALL)
def test_every_page_names_version_hash_and_page(key, final, pages):
    for number, page in enumerate(pages[key], 1):
        assert f"第3版方案·8c1f02ab8c1f第{number}页" in page
    foot = docx(key, final).sections[0].footer.paragraphs[0]
    assert "第3版方案 · 8c1f02ab8c1f" in foot.text
    assert re.findall(r'w:instr="(\w+)"', foot._p.xml) == ["PAGE", "NUMPAGES"]


def test_no_page_is_empty_of_text(pages):
    assert [key for key in ALL if not all(FOOT.sub("", page) for page in pages[key])] == []


# --- how it is laid out ----------------------------------------------------------------------------


def test_a_notice_keeps_the_measures_of_the_standard(final):
    document = docx("D2", final)
    page = document.sections[0]
    edges = (page.top_margin, page.right_margin, page.bottom_margin, page.left_margin)
    assert [round(edge.mm) for edge in edges] == [37, 26, 35, 28]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    styles = {text.text: text.style for text in document.paragraphs if text.text}
    body = next(text for text in styles if text.startswith("四至："))
    told = [
        (styles[text].element.rPr.rFonts.get(qn("w:eastAsia")), styles[text].font.size.pt)
        for text in (paper("D2", final).title, "一、拟划定的范围", body)
    ]
    assert told == [("方正小标宋简体", 22), ("黑体", 16), ("仿宋_GB2312", 16)]
    assert styles[body].font.name == "Times New Roman"
    assert (
        styles[body].paragraph_format.line_spacing.pt,
        styles[body].paragraph_format.first_line_indent.pt,
    ) == (29, 32)
    assert 'w:eastAsia="zh-CN"' in document.styles.element.xml


@pytest.mark.parametrize("key", ALL)
def test_word_and_wps_find_nothing_they_trip_over(key, final):
    packed = zipfile.ZipFile(io.BytesIO(docx_of(paper(key, final), stamped(key, final))))
    xml = "".join(
        packed.read(name).decode()
        for name in packed.namelist()
        if re.match(r"word/(doc|head|foot).*xml$", name)
    )
    for trap in ("<w:sdt", "<wp:anchor", "<w:pict", "<v:shape", "w:txbxContent"):
        assert trap not in xml


def test_a_lone_field_runs_over_the_whole_row_and_rows_stay_whole(final):
    table = docx("D3", final).tables[0]
    fields = next(block for block in paper("D3", final).blocks if isinstance(block, Fields))
    spans = [[cell.grid_span for cell in row.tc_lst] for row in table._tbl.tr_lst]
    assert spans == [[1, 3] if len(row) == 1 else [1, 1, 1, 1] for row in fields.rows]
    assert all("w:cantSplit" in row.xml for row in table._tbl.tr_lst)


@pytest.mark.parametrize("key", ALL)
def test_fonts_lie_in_the_pdf(key, final):
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for page in pdf(key, final).pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all("NotoSansCJKsc" in font["/FontName"] and "/FontFile3" in font for font in fonts)


@pytest.mark.parametrize("key", ALL)
def test_no_sign_is_a_box(key):
    assert missing_signs(texts_of(paper(key, cases.case(8)))) == ()


@pytest.mark.parametrize(
    ("number", "pages"),
    [
        (1, {"D2": 4, "D3": 1, "D4": 1, "D5": 2, "D7": 4, "D8": 2, "D9": 2, "D10": 1, "D13": 1, "leaflet": 1}),
        (8, {"D2": 4, "D3": 1, "D4": 1, "D5": 3, "D7": 4, "D8": 3, "D9": 2, "D10": 1, "D13": 1, "leaflet": 1}),
        (40, {"D2": 7, "D3": 1, "D4": 1, "D5": 9, "D7": 7, "D8": 6, "D9": 5, "D10": 1, "D13": 2, "leaflet": 1}),
    ],
)  # fmt: skip
def test_one_eight_and_forty_communities_of_thirty_letters_fit(number, pages):
    names = tuple(f"{cases.LONG[:-2]}{n:02d}" for n in range(number))
    made = replace(cases.case(number, names), draft=False)
    readers = {key: pdf(key, made) for key in DOCUMENTS}
    assert {key: len(reader.pages) for key, reader in readers.items()} == pages
    for key in ("D2", "D5", "D7", "D8", "D9", "D13"):
        text = pdf_words(readers[key])
        assert [name for name in names if name not in text] == []
        rows = [cell.text for table in docx(key, made).tables for cell in table._cells]
        assert [name for name in names if name not in rows] == []


@pytest.mark.parametrize("number", [1, 2, 5, 8])
def test_a_form_to_fill_in_is_one_page_whatever_the_names(number):
    names = tuple(f"{cases.LONG[:-2]}{n:02d}" for n in range(number))
    made = cases.case(number, names, draft=False)
    made = replace(made, area=replace(made.area, name=cases.LONG))
    assert len(pdf("D3", made).pages) == 1


@pytest.mark.parametrize("key", ["D2", "D5", "D8"])
def test_the_head_of_a_table_comes_again_on_every_page(key):
    made = cases.case(40, draft=False)
    heads = [block.heads for block in paper(key, made).blocks if isinstance(block, Grid)]
    with_rows = [
        page
        for page in (bare(page.extract_text()) for page in pdf(key, made).pages)
        if "胜利路3号" in page or "号院" in page
    ]
    assert len(with_rows) > 1
    repeated = [table._tbl.tr_lst[0].xml for table in docx(key, made).tables if len(table._tbl.tr_lst) > 40]
    assert repeated
    assert all("w:tblHeader" in row for row in repeated)
    annex = with_rows[-1] if key != "D5" else with_rows[1]
    assert any("".join(head) in annex for head in heads)


def test_a_seal_never_stands_alone_on_a_page():
    for number in (1, 3, 4, 5, 8):
        for key in ("D2", "D7"):
            pages = [bare(page.extract_text()) for page in pdf(key, cases.case(number)).pages]
            sealed = next(page for page in pages if "（盖章）" in page)
            assert "张贴地点：" in sealed
            assert "附件：1.小区名单" in sealed
    lines = docx("D2", cases.case()).paragraphs
    first, last = (
        next(n for n, line in enumerate(lines) if line.text == text)
        for text in ("附件：1.小区名单", "2026年12月1日")
    )
    assert all(line.paragraph_format.keep_with_next for line in lines[first:last])


@pytest.mark.parametrize("number", range(1, 9))
def test_signatures_never_stand_alone_on_a_page(number):
    made = cases.case(number)
    for case, above in ((cases.bare(number), "意见要点"), (made, grids("D5", made)[-1].rows[-1][1])):
        last = bare(pdf("D5", case).pages[-1].extract_text())
        assert "汇总人" in last
        assert above in last
    kept = docx("D5", made).tables[-1]
    assert all("w:keepNext" in row.xml for row in kept._tbl.tr_lst[-3:])


def test_a_long_title_breaks_into_lines_of_about_one_length():
    made = cases.case(2)
    made = replace(made, area=replace(made.area, name=cases.LONG), draft=False)
    first = [line for line in pdf("D7", made).pages[0].extract_text().splitlines() if line.strip()][:3]
    assert bare("".join(first)).startswith(f"关于拟划定{cases.LONG}物业管理区域的公示")
    assert min(map(len, first)) > max(map(len, first)) / 2


@pytest.mark.parametrize(("name", "lines"), [("三村片区", 1), ("汽车队宿舍片区", 2), (cases.LONG, 3)])
def test_a_title_in_word_leaves_no_sign_alone_on_its_last_line(name, lines):
    made = cases.case(2, draft=False)
    document = docx("D7", replace(made, area=replace(made.area, name=name)))
    title, form = document.paragraphs[0].text, document.paragraphs[0].paragraph_format
    aside = (form.left_indent or 0) + (form.right_indent or 0)
    page = document.sections[0]
    room = page.page_width - page.left_margin - page.right_margin - aside
    on_a_line = int(room / Pt(22))
    assert -(-len(title) // on_a_line) == lines
    assert lines == 1 or (len(title) % on_a_line or on_a_line) > on_a_line / 2


def test_the_board_lies_as_its_drawing_does(final):
    assert pdf("D13", final).pages[0].mediabox.width > 800
    assert pdf("D13", replace(final, board=png(40, 60))).pages[0].mediabox.width < 600
    assert "图件另附" in words("D13", replace(final, board=b""))
    (drawn,) = docx("D13", final).inline_shapes
    assert drawn.height.mm == pytest.approx(120, abs=0.1)


# --- text is never code ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", DOCUMENTS)
def test_hostile_names_are_printed_as_they_stand(key):
    made = cases.final(cases.case(4, cases.HOSTILE))
    made = replace(
        made, office=replace(made.office, name=cases.HOSTILE[0], phone="{phone}", remedy="#panic()")
    )
    said = words(key, made)
    assert docx_words(docx(key, made)) == said
    printed = pdf_words(pdf(key, made))  # where the head of a table may come again
    assert [text for text in map(bare, texts_of(paper(key, made))) if text not in printed] == []
    if key not in ("D4", "D10"):
        assert all(bare(name) in said for name in cases.HOSTILE)


def test_signs_that_a_document_cannot_hold_are_left_out(final):
    made = replace(final, office=replace(final.office, post="社区\x00建设\u202e办"))
    assert "联系人：社区建设办" in docx_words(docx("D2", made))
    assert "联系人：社区建设办" in pdf_words(pdf("D2", made))


def test_the_pattern_of_numbers_is_no_template(final):
    made = replace(
        final, office=replace(final.office, number_pattern="{office.__class__}〔{year}〕{number}号{0}")
    )
    assert paper("D8", made).number == "{office.__class__}〔2027〕3号{0}"


# --- what is not known -----------------------------------------------------------------------------


def test_what_the_office_has_not_filled_in_is_a_line_to_write_on():
    made = cases.bare()
    for key in DOCUMENTS:
        assert "None" not in words(key, made)
    notice = words("D2", made)
    assert "自____年____月____日起至____年____月____日止，起始当日不计，共15日〔待核〕。" in notice
    assert "东至________，南至________，西至________，北至________。" in notice
    assert "联系电话：________" in notice
    assert "________（盖章）" in notice


def test_every_blank_is_on_the_checklist():
    gaps = {gap.key: gap for gap in missing(cases.bare())}
    assert set(gaps) == {
        "name", "district", "phone", "post", "address", "supervision_phone", "posting_places", "remedy", "number_pattern",
        "citation:division", "consult_days", "notice_days", "consult_from", "notice_from", "decided_on", "bound:east",
        "bound:south", "bound:west", "bound:north", "changes", "tally", "mode", "handler", "answer:fund", "answer:fee",
        "answer:parking", "answer:wall", "answer:committee",
    }  # fmt: skip
    assert gaps["consult_days"].text == "征求意见期限待核（15日）"
    assert gaps["bound:east"].papers == ("D2", "D3", "D7", "D8", "D9")


def test_the_checklist_of_a_case_that_is_whole_names_what_is_to_be_confirmed_and_then_nothing():
    made = cases.case()
    assert [gap.key for gap in missing(made)] == ["citation:division", "consult_days", "notice_days"]
    assert missing(cases.final(made)) == ()
    numbered = replace(cases.final(made), numbers={"D2": "12"})
    assert [gap.text for gap in missing(numbered)] == ["拟划定公示的发文字号", "划定决定的发文字号"]


def test_below_the_minimum_a_reason_is_asked_for():
    made = cases.final(cases.case(2))
    assert [gap.text for gap in missing(made)] == ["不足100户的说明"]


def test_what_nobody_answered_says_so_and_is_not_handed_out():
    made = cases.final(cases.case(office=replace(cases.OFFICE, answers={})))
    assert words("leaflet", made).count("待街道办确认") == 5
    assert "leaflet" not in {one.key for one in documents_of(made)}
    assert "leaflet" in {one.key for one in documents_of(replace(made, draft=True))}
    assert "leaflet" in {one.key for one in documents_of(cases.final(cases.case()))}


def test_long_answers_stay_on_one_page():
    made = cases.case(office=replace(cases.OFFICE, answers=dict.fromkeys(cases.OFFICE.answers, "说明" * 60)))
    assert len(pdf("leaflet", made).pages) == 1


# --- law -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", PUBLIC)
def test_a_draft_carries_its_marks_and_a_final_paper_none(key):
    made = cases.case()
    head = docx(key, made).sections[0].header.paragraphs[0]
    mark = "草稿" if key == "D8" else "征求意见稿"
    assert head.text == mark
    assert head.runs[0].font.bold
    assert mark[0] in pdf(key, made).pages[0].extract_text()
    final = cases.final(made)
    assert docx(key, final).sections[0].header.paragraphs[0].text == ""
    assert "〔待核〕" not in words(key, final)


def test_what_is_to_be_confirmed_is_marked_where_it_stands():
    made = cases.case()
    assert "第八条第一款、第九条、第十一条〔待核〕，" in words("D2", made)
    assert "三（七）〔待核〕" not in words("D2", made)
    assert "共15日〔待核〕。" in words("D2", made)
    assert "共7日〔待核〕。" in words("D7", made)


def test_no_citation_and_no_period_is_our_own():
    made = cases.case(citations=(Citation("x", "《某条例》第一条"),), consult=Period(33), notice=Period(44))
    for key in DOCUMENTS:
        said = words(key, made)
        assert "重庆市物业管理条例" not in said
        assert "民法典" not in said
        assert "15日" not in said.replace("12月15日", "")
    assert "共33日" in words("D2", made)
    assert "共44日" in words("D7", made)


@pytest.mark.parametrize("key", DOCUMENTS)
def test_silence_is_never_consent(key):
    said = words(key, cases.case())
    assert not re.search(r"(?<!不)(?:视为同意|视同同意)|默认同意", said)


def test_papers_say_what_becomes_of_no_answer():
    made = cases.case()
    assert "没有提交意见表的，既不算同意，也不算不同意。" in words("D2", made)
    assert "没有交回的，既不算同意，也不算不同意。" in words("D3", made)
    assert "没有交回的、无效的和前后矛盾尚未核清的，不计入任何一方。" in words("D7", made)


# --- nobody is pointed at --------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "told"), [(0, "少于3"), (1, "少于3"), (2, "少于3"), (3, "3"), (40, "40")])
def test_small_numbers_are_hidden(number, told):
    assert FEW == 3
    assert hidden(number) == told


def test_the_public_notice_shows_sums_from_which_no_hidden_number_follows():
    made = cases.case(tally=cases.tally(cases.area(), disagree=2, other=0))
    (grid,) = [b for b in paper("D7", made).blocks if isinstance(b, Grid) and "同意" in b.heads]
    assert grid.rows == (("107", "95", "90", "少于3", "少于3"),)
    assert not {"有效", "无效", "未交回"} & set(grid.heads)
    told = "共发放意见表107份，收回95份。有效的意见表中，同意90份，不同意少于3份，其他意见少于3份。"
    assert told in words("D7", made)


@pytest.mark.parametrize("key", ["D2", "D5"])
def test_the_days_of_a_period_can_be_counted_again(key):
    begins, ends = period(date(2026, 11, 23), 15)
    made = replace(cases.final(cases.case(3)), consult=Period(15, True, begins, ends))
    told = "自2026年11月23日起至2026年12月8日止，起始当日不计，共15日。"
    assert told in words(key, made)


def test_what_only_one_said_is_not_published():
    said = words("D7", cases.case())
    assert "1.希望增设停车位（12份）。采纳。纳入改造计划统一考虑。" in said
    assert "2.担心物业费上涨（7份）。未采纳。收费由业主大会决定；不属于划定事项。" in said
    assert "噪声" not in said
    assert "少数业主提出的其他意见，已逐条研究处理。" in said
    assert "三楼住户反映噪声" in words("D5", cases.case())


@pytest.mark.parametrize("key", PUBLIC)
def test_reasons_that_were_entered_stay_inside(key):
    made = cases.case(2)
    made = replace(made, area=replace(made.area, below_reason="某小区业主长期反对"))
    assert "反对" not in words(key, made)
    assert "某小区业主长期反对" in words("D9", made)


@pytest.mark.parametrize("key", PUBLIC)
def test_titles_and_texts_name_the_place_and_never_a_number_of_ours(key):
    made = cases.case()
    assert "胜利路片区物业管理区域" in bare(paper(key, made).title)
    assert "PMA" not in words(key, made)


# --- each paper ------------------------------------------------------------------------------------


def test_many_communities_are_named_in_the_annex():
    assert bare(paper("D2", cases.case(8)).blocks[0].text) == (
        "萱花小区、萱花家属院、文昌苑等8个小区全体业主："
    )
    assert paper("D2", cases.case(1)).blocks[0].text == "萱花小区全体业主："


def test_the_notice_says_what_the_numbers_say():
    assert "合计135户，达到相邻小区原则上不少于100户组团的要求" in words("D2", cases.case())
    assert "范围内合计83户，少于原则上的100户" in words("D2", cases.case(2))
    single = cases.case(1)
    big = replace(single.area.members[0], count=120)
    assert "该小区120户" in words("D2", replace(single, area=replace(single.area, members=(big,))))


def test_unknown_and_estimated_counts_are_said():
    area = cases.area()
    first, second, third = area.members
    area = replace(
        area,
        members=(
            replace(first, count=None, buildings=None),
            replace(second, count_status="estimated"),
            third,
        ),
    )
    said = words("D2", cases.case(area=area))
    assert "共3个小区、97户（其中1个小区户数待核，未计入）" in said
    assert "户数按现有台账“总户数”一栏统计，其中1个小区为估算数。" in said


def test_bounds_follow_the_order_of_the_office():
    made = cases.case(office=replace(cases.OFFICE, bounds_order=("east", "west", "south", "north")))
    assert "东至红河中路，西至玉屏路，南至小安溪，北至人民小学、胜利路" in words("D2", made)


def grids(key: str, case) -> list[Grid]:
    return [block for block in paper(key, case).blocks if isinstance(block, Grid)]


def test_the_summary_shows_every_number_with_what_it_is_a_part_of():
    forms, owners, area, shares, themes = grids("D5", cases.case())
    assert forms.heads[:5] == ("小区", "套（户）数", "应征询", "未送达", "已发放")
    assert forms.rows[0] == ("萱花小区", "38", "43", "2", "41", "4", "37", "0", "1", "36", "30", "5", "1")
    assert forms.rows[-1] == ("合计", "135", "113", "2", "111", "12", "99", "0", "3", "96", "90", "5", "1")
    assert owners.rows[-1][-3:] == ("90", "5", "1")
    assert area.rows[0][8:] == ("2125", "1750", "312.50", "62.50", "41/43张")
    assert shares.rows[0][:1] + shares.rows[0][2:] == ("人数", "90人", "有效", "96人", "93.8%")
    assert [row[2] for row in themes.rows] == ["12", "7", "1"]


def test_the_summary_says_how_it_was_counted():
    said = words("D5", cases.case())
    assert "没有交回的计为未答复" in said
    assert "都不视为同意" in said
    assert "仅征求意见" in said
    assert "（待核）" in said


def test_forms_that_contradict_each_other_are_named_and_counted_nowhere():
    made = cases.case()
    assert made.tally is not None
    total = replace(made.tally.total, suspected=cases.amount(4))
    said = words("D5", replace(made, tally=replace(made.tally, total=total)))
    assert "有4张表前后矛盾" in said
    assert "前后矛盾" not in words("D5", made)


def test_a_measure_that_the_profile_does_not_show_is_left_out():
    made = cases.case()
    assert made.tally is not None
    by_number = replace(made.tally, profile=replace(made.tally.profile, shown=("number",)))
    assert len(grids("D5", replace(made, tally=by_number))) == len(grids("D5", made)) - 1
    assert "平方米" not in words("D5", replace(made, tally=by_number))


def test_a_threshold_of_the_profile_is_told_with_its_verdict():
    made = cases.case(tally=cases.tally(cases.area(), thresholds=(cases.half(),)))
    (verdict,) = grids("D5", made)[4].rows
    assert verdict[0] == "整个区域"
    assert "同意人数超过有效人数的1/2" in verdict
    assert verdict[-1] == "达到"
    assert len(grids("D5", made)) == len(grids("D5", cases.case())) + 1


def test_a_summary_without_figures_is_a_form_to_fill_in():
    first, second, themes = grids("D5", cases.bare())
    assert [row[0] for row in first.rows] == ["萱花小区", "萱花家属院", "文昌苑", "合计"]
    assert {cell for row in first.rows for cell in row[1:]} == {""}
    assert second == first
    assert len(themes.rows) == 3


def test_changes_since_the_consultation_are_said_or_left_open():
    area = cases.area()
    assert "范围和四至与征求意见时一致，没有变化。" in words("D7", cases.case())
    assert "调出文昌苑。" in words("D7", cases.case(area=replace(area, changes="调出文昌苑。")))
    assert "四、与征求意见时相比的变化________" in words("D7", cases.case(area=replace(area, changes=None)))


@pytest.mark.parametrize(("kind", "title"), [("new", "划定"), ("adjust", "调整"), ("cancel", "注销")])
def test_a_decision_says_what_it_does_and_counts_its_items(kind, title):
    made = cases.case(filing=replace(cases.case().filing, kind=kind))
    assert paper("D8", made).title == f"关于{title}胜利路片区物业管理区域的决定"
    assert "三、本决定自2027年1月5日起施行" in words("D8", made)
    made = replace(made, area=replace(made.area, previous=("文昌苑物业管理区域",)))
    said = words("D8", made)
    assert "三、文昌苑物业管理区域自本决定施行之日起不再作为单独的物业管理区域。" in said
    assert "五、对本决定不服的" in said


def test_the_day_is_that_of_the_last_time_a_state_was_reached():
    made = cases.case(steps=(Step("decided", date(2027, 1, 5)), Step("decided", date(2027, 3, 8))))
    assert made.on("decided") == date(2027, 3, 8)
    assert made.on("filed") is None
    assert "自2027年3月8日起施行" in words("D8", made)


def test_the_filing_form_adds_up_and_says_what_it_does_not_know():
    made = cases.case()
    fields = {
        one.label: one.value
        for block in paper("D9", made).blocks
        if isinstance(block, Fields)
        for row in block.rows
        for one in row
    }
    assert fields["户数（总户数）"] == "135"
    assert fields["住宅套数（套）"] == "141"
    assert fields["业主人数（人）"] == "41（1个小区，其余不详）"
    assert fields["总建筑面积（㎡）"] == "7294.50"
    assert fields["占地面积（㎡）"] == "18345"
    assert fields["备案类型"] == "■新划定    □调整    □注销"
    assert fields["所属社区"] == "红旗社区、玉屏社区"
    assert fields["决定文号"] == "中山路街办〔2027〕3号"
    assert fields["取代的原区域"] == "无"
    (members,) = grids("D9", made)
    assert members.heads[5:] == ("住宅套数", "建筑面积（㎡）", "建成年代", "产权性质", "现管理单位")
    assert members.rows[0] == ("1", "萱花小区", "红旗社区", "1", "38", "40", "2400.50", "1978", "—", "—")
    assert members.rows[-1] == ("", "合计", "", "6", "135", "141", "7294.50", "", "", "")
    first, *others = made.area.members
    partly = replace(made, area=replace(made.area, members=(replace(first, dwellings=None), *others)))
    assert grids("D9", partly)[0].rows[-1][5] == "—"


def test_a_sketch_is_not_filed_and_its_notice_says_that_the_line_follows():
    made = cases.case()
    made = replace(made, area=replace(made.area, sketch=True))
    with pytest.raises(DataError, match="不能出备案表。请先补上这些小区的轮廓，再重新组团。"):
        paper("D9", made)
    assert "D9" not in {one.key for one in documents_of(made)}
    assert "具体界线待测绘后确定" in words("D2", made)
    assert "2.点位示意图" in words("D2", made)


def test_the_list_of_materials_says_what_is_missing():
    assert "必备材料9项，已备6项，尚缺3项。" in words("D10", cases.case())
    whole = replace(cases.case().filing, present=tuple(cases.MATERIALS))
    assert "必备材料9项，全部齐备。" in words("D10", cases.case(filing=whole))


def test_what_is_only_asked_for_if_there_is_any_is_never_missing():
    bare_of = replace(cases.case().filing, present=())
    (grid,) = grids("D10", cases.case(filing=bare_of))
    assert [(row[1], row[4]) for row in grid.rows[-2:]] == [
        ("部门意见和联席会议纪要", "缺"),
        ("用地范围证明", "无"),
    ]


def test_forms_that_went_out_stand_in_the_ledger():
    made = cases.case(
        forms=(
            FormRow("A-001", "萱花小区", "2026-12-01", "in_person", "2026-12-03", valid=True),
            FormRow("A-002", "文昌苑"),
        )
    )
    (grid,) = [block for block in paper("D4", made).blocks if isinstance(block, Grid)]
    assert grid.rows[0] == ("A-001", "萱花小区", "", "2026-12-01", "当面", "", "2026-12-03", "是", "")
    assert grid.rows[1] == ("A-002", "文昌苑", "", "", "", "", "", "", "")


def test_the_explanation_lists_areas_options_and_who_is_left_out():
    said = bare("".join(texts_of(PLAN_DOCUMENTS["D1"].build(cases.plan_case()))))
    assert "共涉及11个小区，其中9个小区划入3个区域，合计412户；暂未划入区域的小区2个。" in said
    assert "不足500户：四周为河流和铁路" in said
    assert "站南路9号院25暂未组团相邻户数合计不足" in said
    assert "维持现状094800各小区照旧" in said
    empty = replace(cases.plan_case(), left=(), options=(), asked=(), caveats=(), sources=())
    said = bare("".join(texts_of(PLAN_DOCUMENTS["D1"].build(empty))))
    assert "没有暂未划入区域的小区。" in said
    assert "尚未征求部门意见。" in said


def test_a_row_higher_than_a_page_is_printed_whole():
    names = tuple(f"{cases.LONG[:-2]}{n:02d}" for n in range(80))
    built = PLAN_DOCUMENTS["D1"].build(replace(cases.plan_case(), areas=(cases.area(80, names),)))
    reader = PdfReader(io.BytesIO(pdf_of(built, stamped_in(built)).content))
    heights = [at for page in reader.pages for at in heights_of(page)]
    assert min(heights) > 0
    assert names[-1] in pdf_words(reader)


def heights_of(page) -> list[float]:
    """Return how high above the foot of the page each piece of its text stands, in points."""
    found: list[float] = []

    def note(text, cm, tm, _font, _size):
        if text.strip():
            found.append(cm[5] + cm[3] * tm[5])

    page.extract_text(visitor_text=note)
    return found


def test_the_explanation_says_of_an_area_what_is_not_as_it_should_be():
    small, alone, drawn = (
        cases.area(2),
        replace(cases.area(1), minimum=30),
        replace(cases.area(), sketch=True),
    )
    (areas, *_) = [
        block
        for block in PLAN_DOCUMENTS["D1"]
        .build(replace(cases.plan_case(), areas=(small, alone, drawn)))
        .blocks
        if isinstance(block, Grid)
    ]
    assert [row[-1] for row in areas.rows] == [
        "不足100户，说明待补", "单独划定", "部分小区只有点位，界线待测绘",
    ]  # fmt: skip


def test_minutes_leave_room_to_sign_and_tell_what_was_decided():
    said = bare("".join(texts_of(PLAN_DOCUMENTS["D6"].build(cases.plan_case()))))
    assert "区住房城乡建委2026年11月10日原则同意。是" in said
    assert "站南路9号院是否单独划定暂不划定，待征收后再议2026年11月12日" in said.replace(",", "，")


# --- in other tongues and programs -----------------------------------------------------------------


@pytest.mark.parametrize("key", ALL)
def test_in_english_all_that_is_ours_is_english(key):
    area = Area(
        "PMA-1",
        "Victory Road",
        (cases.member(1, "East Court"),),
        dict.fromkeys(cases.BOUNDS, "Red River"),
        "households",
        100,
    )
    area = replace(
        area, members=(replace(area.members[0], address="1 Victory Road", committee="Jade", grids=("G1",)),)
    )
    made = cases.bare(
        area=area, citations=(Citation("x", "Ordinance, Article 1"),), office=Office(name="Street office")
    )
    with speaking("en"):
        built = (
            DOCUMENTS[key].build(made)
            if key in DOCUMENTS
            else PLAN_DOCUMENTS[key].build(
                replace(
                    cases.plan_case(),
                    areas=(area,),
                    left=(),
                    options=(),
                    asked=(),
                    decided=(),
                    caveats=(),
                    sources=(),
                    citations=(),
                    office=Office(),
                    count_heading="households",
                )
            )
        )
        said = "".join(texts_of(built))
        assert len(name_of(key)) > 3
        assert PdfReader(io.BytesIO(pdf_of(built, stamped_in(built)).content)).pages
    assert not re.search(r"[\u3400-\u9fff\uff00-\uffef]", said.replace("㎡", ""))


def stamped_in(built: Paper) -> Imprint:
    return Imprint(built.title.replace("\n", " "), "Street office", date(2026, 11, 20), "Version 3")
