"""What other programs read in our papers and workbooks is what we wrote: poppler in the PDF, LibreOffice in Word and Excel files."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from jobs.consulting import slips_of
from report.documents import DOCUMENTS, PLAN_DOCUMENTS, docx_of, pdf_of
from report.documents.model import Cut, Paper, texts_of
from report.forms import form_sheets, ledger_sheets, summary_sheets, workbook
from tests import cases
from tests.test_documents import FOOT, bare, paper, stamped
from tests.test_forms import FRESH, IMPRINT, NAMES
from tests.test_tallying import counted

FORMULA, SCRIPT, TEMPLATE = '=HYPERLINK("x")', "<b>甲</b><script>alert(1)</script>", "{{7*7}}#let x = 1;$y$"
ALL = (*DOCUMENTS, *PLAN_DOCUMENTS)
ALL_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
Converted = Callable[[dict[str, bytes], str], Path]


@pytest.fixture(scope="module")
def case():
    """An area of three communities whose names are a formula, a script and a template."""
    made = cases.final(cases.case(3))
    hostile = zip(made.area.members, (FORMULA, SCRIPT, TEMPLATE), strict=True)
    return replace(
        made, area=replace(made.area, members=tuple(replace(one, name=name) for one, name in hostile))
    )


@pytest.fixture
def converted(tmp_path: Path) -> Converted:
    """Let LibreOffice read files and write them as something else; say where that lies."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not on this machine")

    def read(files: dict[str, bytes], kind: str) -> Path:
        probe = f"probe.{kind[:3]}"  # what needs the program for these files, and nothing of ours
        for name, content in {probe: b"1\n", **files}.items():
            (tmp_path / name).write_bytes(content)
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        subprocess.run(
            [
                office,
                "--headless",
                profile,
                "--convert-to",
                kind,
                "--outdir",
                tmp_path / "read",
                probe,
                *files,
            ],
            cwd=tmp_path,
            check=False,
            capture_output=True,
            timeout=240,
        )
        if not list((tmp_path / "read").glob("probe*")):
            pytest.skip("LibreOffice is here without the program for these files")
        return tmp_path / "read"

    return read


def said(made: Paper) -> str:
    return bare("".join(texts_of(made)))


def test_poppler_reads_in_every_pdf_what_the_paper_says(case, tmp_path):
    poppler = shutil.which("pdftotext")
    if poppler is None:
        pytest.skip("poppler is not on this machine")
    for key in ALL:
        made = paper(key, case)
        (tmp_path / f"{key}.pdf").write_bytes(pdf_of(made, stamped(key, case)).content)
        subprocess.run([poppler, "-raw", f"{key}.pdf", f"{key}.txt"], cwd=tmp_path, check=True, timeout=60)
        pages = (tmp_path / f"{key}.txt").read_text("utf-8").split("\f")
        assert FOOT.sub("", "".join(map(bare, pages))) == said(made), key


def test_libreoffice_reads_in_every_word_file_what_the_paper_says(case, converted):
    made = {key: paper(key, case) for key in ALL}
    files = {f"{key}.docx": docx_of(one, stamped(key, case)) for key, one in made.items()}
    folder = converted(files, "txt:Text (encoded):UTF8")
    for key, one in made.items():
        text = (folder / f"{key}.txt").read_text("utf-8-sig")
        cut = "".join(block.text for block in one.blocks if isinstance(block, Cut))
        assert bare(re.sub(rf"(- )+{cut}( -)+", cut, text) if cut else text) == said(one), key


def test_libreoffice_reads_in_every_workbook_the_cells_that_we_wrote(converted):
    hostile = dict(zip(NAMES, (FORMULA, SCRIPT), strict=True))
    books = {
        "D3.xlsx": workbook(list(form_sheets(IMPRINT, slips_of(FRESH, hostile))), IMPRINT),
        "D4.xlsx": workbook(list(ledger_sheets(IMPRINT, slips_of(FRESH, hostile))), IMPRINT),
        "D5.xlsx": workbook(list(summary_sheets(IMPRINT, counted())), IMPRINT),
    }
    folder = converted(books, ALL_SHEETS)
    for name, content in books.items():
        for sheet in load_workbook(io.BytesIO(content)):
            with (folder / f"{name.removesuffix('.xlsx')}-{sheet.title}.csv").open(encoding="utf-8") as file:
                read = [[cell for cell in row if cell] for row in csv.reader(file)]
            ours = [[as_text(cell) for cell in row if cell not in {None, ""}] for row in sheet.values]
            assert [row for row in read if row] == [row for row in ours if row], (name, sheet.title)


def as_text(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)
