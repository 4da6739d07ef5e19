"""Files of maps: one for each content, the oldest gone first."""

import os
from pathlib import Path

import pytest

from ui import map_files
from ui.map_files import address_of


@pytest.fixture
def folder(monkeypatch, tmp_path):
    class Folder:
        name = str(tmp_path)

    monkeypatch.setattr(map_files, "_FOLDER", Folder)
    return tmp_path


def name_of(address: str) -> str:
    return address.rpartition("/")[2]


def test_the_same_content_has_the_same_address_and_another_another(folder: Path):
    assert address_of("一", kind="json") == address_of("一", kind="json")
    assert address_of("一", kind="json") != address_of("二", kind="json")
    assert (folder / name_of(address_of("一", kind="json"))).read_text(encoding="utf-8") == "一"
    assert len(list(folder.iterdir())) == 2


def test_the_address_leads_to_the_folder_that_is_served():
    assert address_of("x", kind="js").startswith("component/ui.map_files.files/")


def test_what_was_asked_for_last_stays(folder: Path, monkeypatch):
    monkeypatch.setattr(map_files, "MOST_FILES", 3)
    names = [name_of(address_of(text, kind="json")) for text in "abc"]
    for age, name in enumerate(names):
        os.utime(folder / name, (1_000 + age, 1_000 + age))
    address_of("a", kind="json")
    address_of("d", kind="json")
    assert {path.name for path in folder.iterdir()} == {
        names[0],
        names[2],
        name_of(address_of("d", kind="json")),
    }


def test_two_sessions_that_write_the_same_file_at_once_share_it(folder: Path, monkeypatch):
    """The other session comes when the file is written and has no name yet."""
    write = Path.write_text

    def late(path: Path, *told, **how) -> int:
        monkeypatch.setattr(Path, "write_text", write)
        number = write(path, *told, **how)
        address_of("一", kind="json")
        return number

    monkeypatch.setattr(Path, "write_text", late)
    name = name_of(address_of("一", kind="json"))
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text(encoding="utf-8") == "一"


def test_a_file_that_goes_while_room_is_made_is_no_error(folder: Path, monkeypatch):
    address_of("一", kind="json")
    gone = folder / "gone.json"
    monkeypatch.setattr(Path, "glob", lambda *_: iter([*folder.iterdir(), gone]))
    assert (folder / name_of(address_of("二", kind="json"))).is_file()
