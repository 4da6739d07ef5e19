"""The two zips: what is in them, whole or not at all, the same bytes every time."""

import io
import json
import multiprocessing
import zipfile
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from openpyxl import load_workbook

from geo.schema import DataError
from geo.wording import speaking
from report.package import Absent, Label, Piece, check_package, packing

LABEL = Label(
    "中山路街道组团方案",
    "永川区中山路街道办事处",
    3,
    "8c1f02ab" * 8,
    date(2026, 11, 20),
    "[group]\nminimum = 100\n",
    draft=False,
)
NOTICE = Piece(
    "a01/D2.pdf", b"%PDF notice", "征求业主意见公告", "胜利路片区", "PMA-001", pages=2, public=True
)
EDITABLE = replace(NOTICE, name="a01/D2.docx", content=b"docx", pages=None)
SUMMARY = Piece("a01/D5.pdf", b"%PDF summary" * 99, "意见汇总表", "胜利路片区", "PMA-001", pages=1)
DATA = Piece("boundary/boundary.geojson", b"{}" * 999, "界线数据")
MISSING = Absent("物业管理区域备案表", "边界待测绘", "=1+1")
PARTS = (NOTICE, EDITABLE, SUMMARY, DATA, MISSING)


def pack(folder, *parts, label=LABEL):
    with packing(folder, label) as put:
        for part in parts:
            put(part)
    return folder


@pytest.fixture
def package(tmp_path):
    return pack(tmp_path / "out", *PARTS)


def members(folder, name):
    with zipfile.ZipFile(folder / name) as file:
        assert file.testzip() is None
        return {entry.filename: file.read(entry) for entry in file.infolist()}


def lines(content):
    """Return the rows of a contents list below its headings."""
    rows = [list(row[:6]) for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]
    head = next(n for n, row in enumerate(rows) if row[0] == "序号")
    return rows[head + 1 :]


def test_public_and_internal_papers_lie_in_their_own_zip(package):
    always = {"contents.xlsx", "manifest.json", "rules.toml"}
    assert sorted(path.name for path in package.iterdir()) == ["internal.zip", "public.zip"]
    assert set(members(package, "public.zip")) == {"a01/D2.pdf", "a01/D2.docx"} | always
    assert set(members(package, "internal.zip")) == {"a01/D5.pdf", "boundary/boundary.geojson"} | always
    assert members(package, "public.zip")["a01/D2.pdf"] == NOTICE.content
    assert members(package, "internal.zip")["rules.toml"].decode() == LABEL.rules_text


def test_the_contents_list_names_each_document_with_its_files_and_what_is_missing(package):
    public, internal = (members(package, name)["contents.xlsx"] for name in ("public.zip", "internal.zip"))
    assert lines(public) == [[1, "胜利路片区", "征求业主意见公告", 2, "a01/D2.pdf、a01/D2.docx", None]]
    assert lines(internal) == [
        [1, "胜利路片区", "意见汇总表", 1, "a01/D5.pdf", None],
        [2, None, "界线数据", None, "boundary/boundary.geojson", None],
        [3, "=1+1", "物业管理区域备案表", None, None, "边界待测绘"],
    ]
    told = [cell for row in load_workbook(io.BytesIO(internal)).active.iter_rows() for cell in row]
    assert {cell.data_type for cell in told if cell.value == "=1+1"} == {"s"}
    texts = [cell.value for cell in told]
    assert "中山路街道组团方案 内部件卷内目录" in texts
    assert "编制单位：永川区中山路街道办事处；方案版本：第 3 版，校验码 8c1f02ab8c1f" in texts
    assert not any("征求意见稿" in str(text) for text in texts)


def test_a_draft_says_so_in_both(tmp_path):
    folder = pack(tmp_path / "out", *PARTS, label=replace(LABEL, draft=True))
    for name in ("public.zip", "internal.zip"):
        held = members(folder, name)
        sheet = load_workbook(io.BytesIO(held["contents.xlsx"])).active
        words = [row[0] for row in sheet.iter_rows(values_only=True)]
        assert "征求意见稿：尚有依据或期限未核定，不得张贴、不得报送。" in words
        assert json.loads(held["manifest.json"])["draft"] is True


def test_the_manifest_has_the_hash_of_every_other_file(package):
    for name, public in (("public.zip", True), ("internal.zip", False)):
        held = members(package, name)
        told = json.loads(held.pop("manifest.json"))
        assert {one["file"]: one["sha256"] for one in told["files"]} == {
            file: sha256(content).hexdigest() for file, content in held.items()
        }
        assert {one["file"]: one["bytes"] for one in told["files"]} == {f: len(c) for f, c in held.items()}
        assert (told["version"], told["sha256"], told["public"]) == (3, LABEL.sha256, public)
        assert told["rules_sha256"] == sha256(held["rules.toml"]).hexdigest()
    assert next(one for one in told["files"] if one["file"] == "a01/D5.pdf")["area_id"] == "PMA-001"


def test_the_same_parts_give_the_same_bytes(package, tmp_path):
    again = pack(tmp_path / "again", *PARTS)
    for name in ("public.zip", "internal.zip"):
        assert (again / name).read_bytes() == (package / name).read_bytes()
        with zipfile.ZipFile(io.BytesIO(members(package, name)["contents.xlsx"])) as book:
            assert b"2026-11-20T00:00:00Z" in book.read("docProps/core.xml")  # not the clock's


def test_names_and_times_are_those_any_system_unpacks(package):
    for name in ("public.zip", "internal.zip"):
        with zipfile.ZipFile(package / name) as file:
            for entry in file.infolist():
                assert entry.filename.isascii()
                assert entry.date_time == (1980, 1, 1, 0, 0, 0)
                assert entry.external_attr >> 16 == 0o644


@pytest.mark.parametrize(
    "name",
    [
        "../up.pdf",
        "/root.pdf",
        "a\\b.pdf",
        "胜利.pdf",
        "a b.pdf",
        "",
        "a//b.pdf",
        ".hidden",
        "a/",
        "a01/D5.pdf",
    ],
)
def test_a_name_that_is_taken_or_unsafe_is_a_bug_of_ours(tmp_path, name):
    with pytest.raises(ValueError, match="taken, or no name that every system unpacks"):
        pack(tmp_path / "out", SUMMARY, replace(SUMMARY, name=name))
    assert list(tmp_path.iterdir()) == []


def test_an_error_on_the_way_leaves_the_package_of_before(package):
    before = {path.name: path.read_bytes() for path in package.iterdir()}
    with pytest.raises(ValueError, match="taken"):
        pack(package, NOTICE, NOTICE)
    assert {path.name: path.read_bytes() for path in package.iterdir()} == before
    assert [path.name for path in package.parent.iterdir()] == ["out"]


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("x")
    with pytest.raises(DataError, match=r"letter\.txt"):
        check_package(tmp_path)
    with pytest.raises(DataError, match=r"letter\.txt"):
        pack(tmp_path, NOTICE)


def test_in_english(tmp_path):
    with speaking("en"):
        folder = pack(tmp_path / "out", *PARTS)
    sheet = load_workbook(io.BytesIO(members(folder, "public.zip")["contents.xlsx"])).active
    assert [row[0] for row in sheet.iter_rows(values_only=True)][:2] == [
        "中山路街道组团方案: public papers, contents",
        "Issued by: 永川区中山路街道办事处; version 3 of the plan, checksum 8c1f02ab8c1f",
    ]


# --- a kill ----------------------------------------------------------------------------------------


def pack_without_end(folder, told):
    with packing(Path(folder), LABEL) as put:
        put(NOTICE)
        put(SUMMARY)
        told.send("half-way")
        told.recv()  # for ever


def test_a_kill_half_way_leaves_nothing_that_looks_whole(tmp_path):
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe()
    writer = context.Process(target=pack_without_end, args=(str(tmp_path / "out"), there))
    writer.start()
    assert here.recv() == "half-way"
    writer.kill()
    writer.join()
    assert not (tmp_path / "out").exists()
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left  # it was killed in the middle
    assert all(any(part.startswith(".") for part in path.relative_to(tmp_path).parts) for path in left)
    assert not any(zipfile.is_zipfile(path) for path in left)
    pack(tmp_path / "out", *PARTS)  # and nothing is in the way of the next, which clears it away
    assert members(tmp_path / "out", "public.zip")["a01/D2.pdf"] == NOTICE.content
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_somebody_else_is_writing_is_left_to_him(tmp_path):
    (tmp_path / ".out-mine").mkdir()  # of whoever: it does not say that it is ours
    with packing(tmp_path / "out", LABEL) as put:
        put(NOTICE)
        pack(tmp_path / "out", *PARTS)
        put(SUMMARY)
    assert members(tmp_path / "out", "internal.zip")["a01/D5.pdf"] == SUMMARY.content
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out-mine", "out"]
