"""Papers: text of data stays text, fonts lie in the file, the same day gives the same bytes, nothing becomes a box."""

import io
from datetime import date

import pytest
from pypdf import PdfReader

from report import papers
from report.papers import Imprint, missing_signs, printable, printed

HOSTILE = '#image("x") $x$ =cmd|y <script>alert(1)</script> @ref \\ *b* _i_ //c `d` [e] {{7*7}}'
IMPRINT = Imprint("甲#[1]", "中山路街道办事处", date(2026, 3, 1), "版本 3 · 1a2b3c4d5e6f")


@pytest.fixture(autouse=True)
def own_template(tmp_path, monkeypatch):
    """A template of the tests beside the one that all share."""
    for path in papers.TEMPLATES.glob("*.typ"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    body = '#import "paper.typ": *\n#show: paper\n#data.text\n#grid-table(data.heads, data.rows)\n'
    (tmp_path / "trial.typ").write_text(body, encoding="utf-8")
    monkeypatch.setattr(papers, "TEMPLATES", tmp_path)


def trial(text: str, imprint: Imprint = IMPRINT, rows: int = 1) -> papers.Printed:
    data = {"text": text, "heads": ["名称", "户数"], "rows": [["东苑", "40"]] * rows}
    return printed("trial", imprint, data)


def read(paper: papers.Printed) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)


def test_hostile_text_is_printed_as_it_stands():
    paper = trial(HOSTILE)
    shown = read(paper).replace("\n", "")
    assert all(piece in shown for piece in HOSTILE.split())
    assert paper.missing == ()


def test_fonts_lie_in_the_file():
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for page in PdfReader(io.BytesIO(trial("东苑").content)).pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all("NotoSansCJKsc" in font["/FontName"] and "/FontFile3" in font for font in fonts)


def test_the_same_day_gives_the_same_bytes_and_the_day_is_that_of_the_paper():
    paper = trial("东苑")
    assert paper.content == trial("东苑").content
    info = PdfReader(io.BytesIO(paper.content)).metadata
    assert info is not None
    assert info.creation_date is not None
    assert info.creation_date.date() == date(2026, 3, 1)
    assert (info.title, info.author) == ("甲#[1]", "中山路街道办事处")


def test_a_sign_the_font_lacks_is_returned_and_told_on_the_paper():
    paper = trial("𠮷祥\U0001f600苑")
    assert paper.missing == ("\U0001f600",)
    assert "𠮷祥〓苑" in read(paper)
    assert "字库中没有的字以 〓 代替：U+1F600。" in read(paper).replace("\n", "")


def test_signs_that_nobody_sees_are_left_out():
    assert printable("东\u202e苑\u200b\ufe0f") == "东苑"
    assert printable("东\x07苑\t一\n二") == "东 苑 一\n二"
    assert missing_signs(["东\u202e苑\x07\n\u3000"]) == ()


def test_every_page_is_numbered_and_names_its_version():
    pages = PdfReader(io.BytesIO(trial("东苑", rows=80).content)).pages
    assert len(pages) == 2
    for number, page in enumerate(pages, 1):
        text = page.extract_text()
        assert "版本 3 · 1a2b3c4d5e6f" in text
        assert f"第{number}页共2页" in text.replace(" ", "").replace("\n", "")
        assert "名称" in text  # the head of the table comes again


def test_a_draft_carries_its_mark():
    marked = Imprint("甲", "乙", date(2026, 3, 1), "草稿", mark="征求意见稿")
    assert "征" in read(trial("东苑", marked))
    assert "征" not in read(trial("东苑"))


def test_a_long_run_of_signs_breaks_within_its_cell():
    data = {"text": "甲", "heads": ["名称", "户数"], "rows": [["w" * 400, "40"]]}
    (page,) = PdfReader(io.BytesIO(printed("trial", IMPRINT, data).content)).pages
    lines = [line for line in page.extract_text().splitlines() if set(line) == {"w"}]
    assert len(lines) > 2
    assert "w" * 400 in page.extract_text().replace("\n", "")
