"""Handout, briefing sheet and handover sheet: pages, figures equal to the plans' own, hostile names as they stand."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from PIL import Image
from pypdf import PdfReader

from jobs.versus import figures_of
from report.briefing import SLIDE_PX, Briefing, briefing_pdf, briefing_png, four_figures
from report.handout import (
    MOST_QUESTIONS,
    Asked,
    Handout,
    Opinion,
    Plan,
    cut,
    figures_shown,
    handout_docx,
    handout_pdf,
    printed_questions,
)
from report.handover import Section, handover_pdf, handover_xlsx
from report.papers import Imprint
from report.versus import figure_text
from tests import fakes

LONG = "一二三四五六七八九十" * 3  # thirty characters
HOSTILE = '#image("x") $x$ =cmd|y <script>'
IMPRINT = Imprint(f"{LONG}联席会议材料", LONG, date(2026, 3, 1), "版本 3 · 1a2b3c4d5e6f")


@pytest.fixture(scope="module")
def results():
    return fakes.results(lambda table: table.assign(name=[f"{HOSTILE}{LONG}"] * len(table)))


def handout(results, plans: int, questions: int) -> Handout:
    figures = figures_of(results)
    asked = [Asked("暂未组团", f"{n}:{HOSTILE}" + LONG * 4, LONG * 3) for n in range(questions)]
    return Handout(
        IMPRINT,
        tuple(Plan(f"{n}{LONG}", results, figures) for n in range(plans)),
        (*asked, Asked("依据待核", "期限?")) if questions else (),
        tuple(Opinion(LONG, LONG * 4, "李科长(物业科) 2026-03-01 10:00") for _ in range(4)),
    )


def text_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def joined(text: str) -> str:
    return re.sub(r"\s", "", text)


# --- handout ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("plans", "questions"), [(1, 0), (2, 3), (3, 60)])
def test_the_handout_has_two_pages_whatever_the_names(results, plans, questions):
    pages = text_of(handout_pdf(handout(results, plans, questions)).content)
    assert len(pages) == 2
    assert "方案比较" in joined(pages[0])
    assert "征求各单位意见" in joined(pages[1])
    assert all("1a2b3c4d5e6f" in page for page in pages)
    assert ('#image("x")$x$=cmd|y<script>' in joined(pages[1])) == bool(questions)


def test_every_figure_of_the_handout_is_that_of_the_plan(results):
    sheet = handout(results, 3, 1)
    shown = joined(text_of(handout_pdf(sheet).content)[0])
    figures = figures_of(results)
    assert figures["areas"] == results.summary["areas"]
    for key in figures_shown(sheet.plans):
        assert shown.count(joined(figure_text(key, figures[key]))) >= 3, key


def test_the_first_question_of_every_kind_is_printed(results):
    sheet = handout(results, 1, 60)
    shown = printed_questions(sheet.questions)
    assert len(shown) == MOST_QUESTIONS
    assert shown[-1].text == "期限?"
    pages = text_of(handout_pdf(sheet).content)
    assert f"共61项，本页列出{MOST_QUESTIONS}项" in joined(pages[1])


def test_decisions_stand_in_the_handout(results):
    sheet = Handout(
        IMPRINT,
        (Plan("甲", results, figures_of(results)),),
        (Asked("暂未组团", "东苑?", "打包服务"),),
        (Opinion("区财政局", "同意", "李科长"),),
    )
    assert "打包服务" in joined(text_of(handout_pdf(sheet).content)[1])
    with zipfile.ZipFile(io.BytesIO(handout_docx(sheet))) as parts:
        words = parts.read("word/document.xml").decode()
    assert "打包服务" in words
    assert "区财政局" in words


def test_the_document_to_be_edited_holds_every_question_as_text(results):
    with zipfile.ZipFile(io.BytesIO(handout_docx(handout(results, 3, 60)))) as parts:
        words = parts.read("word/document.xml").decode()
    assert words.count("&lt;script&gt;") == 60
    assert "<script" not in words


def test_a_long_text_is_cut_with_a_sign():
    assert cut("一二三四五", 10) == "一二三四五"
    assert cut("一二三四五六", 10) == "一二三四…"
    assert cut("a\nb  c", 10) == "a b c"


# --- briefing --------------------------------------------------------------------------------------


def test_the_four_figures_are_those_of_the_plan():
    plan = fakes.results()
    areas, households, left, units = four_figures(plan)
    table = plan.communities
    assert areas.value == str(plan.summary["areas"])
    assert households.value == f"{int(table['count'][table['area_id'].notna()].sum()):,}"
    assert left.value == "3"
    assert f"共 {int(table['count'][table['outcome'] == 'exception'].sum())} 户" in left.note
    assert units.value == f"60 → {plan.summary['areas'] + 3 + 2}"


def test_a_share_is_cut_so_that_all_means_all():
    plan = fakes.results(
        lambda table: table.assign(count=table["count"] * 100 + (table["count"] > 50) * 10**6)
    )
    share = re.search(r"占已知户数的 ([\d.]+)%", four_figures(plan)[1].note)
    assert share is not None
    assert 99 < float(share[1]) < 100


def test_the_slide_has_its_size_and_the_sheet_is_a3(results):
    briefing = Briefing(HOSTILE + LONG, f"{LONG} · 版本 3", date(2026, 3, 1), results)
    picture = Image.open(io.BytesIO(briefing_png(briefing)))
    assert picture.size == SLIDE_PX
    assert SLIDE_PX[0] * 9 == SLIDE_PX[1] * 16
    content = briefing_pdf(briefing)
    (page,) = PdfReader(io.BytesIO(content)).pages
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [420, 297]
    shown = joined(page.extract_text())
    four = [piece for figure in four_figures(results) for piece in (figure.name, figure.value, figure.note)]
    assert len(four) == 4 * 3
    for piece in (joined(HOSTILE + LONG), "2026年3月1日", "示意图", *map(joined, four)):
        assert piece in shown
    assert content == briefing_pdf(briefing)


def test_a_plan_without_any_place_has_a_sheet_as_well():
    plan = fakes.results()
    nowhere = [
        table.set_geometry([None] * len(table), crs=fakes.CRS) for table in (plan.communities, plan.areas)
    ]
    bare = replace(plan, communities=nowhere[0], areas=nowhere[1])
    assert briefing_pdf(Briefing("甲", "乙", date(2026, 3, 1), bare)).startswith(b"%PDF")


# --- handover --------------------------------------------------------------------------------------

ROWS = (
    Section("tasks", (("户数待核", HOSTILE), ("争议", "=1+1"))),
    Section("decisions", ((HOSTILE, "打包服务", "李科长(物业科)", "2026-03-01 10:00"),)),
    Section("rules", ()),
)


def test_the_handover_sheet_says_all_as_it_stands():
    shown = joined("".join(text_of(handover_pdf(IMPRINT, ROWS).content)))
    assert shown.count('#image("x")$x$=cmd|y<script>') == 2
    assert "李科长(物业科)" in shown
    assert "改过的规则与随程序提供的重庆市规则文件不同之处。没有。" in shown


def test_no_cell_of_the_workbook_is_a_formula():
    book = openpyxl.load_workbook(io.BytesIO(handover_xlsx(IMPRINT, ROWS)))
    assert book.sheetnames == ["未办事项", "会商议定", "改过的规则"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type == "s" for cell in cells)
    assert {HOSTILE, "=1+1"} <= {cell.value for cell in cells}
