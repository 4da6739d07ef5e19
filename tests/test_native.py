"""Compiled code kept on disk: for exactly these sources."""

import os
from pathlib import Path

import pytest

from optimizer import native


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A room with two sources."""
    for name in ("search.py", "splitting.py"):
        (tmp_path / name).write_text("pass\n")
    monkeypatch.setattr(native, "_ROOM", tmp_path)
    return tmp_path


def test_the_same_sources_find_what_was_kept(room):
    assert native._sources() == native._sources()


def test_any_change_of_any_source_asks_for_a_new_compilation(room):
    """Also of one that the changed function only calls: numba would not see that."""
    before = native._sources()
    (room / "splitting.py").write_text("pass  # other\n")
    longer = native._sources()
    state = (room / "search.py").stat()
    os.utime(room / "search.py", ns=(state.st_atime_ns, state.st_mtime_ns + 1_000_000_000))
    assert len({before, longer, native._sources()}) == 3


def test_where_the_sources_lie_out_of_reach_it_is_kept_in_the_own_folder_of_the_user(room, monkeypatch):
    """Never where others may write: what is kept there is run."""
    monkeypatch.setattr(native.config, "CACHE_DIR", "")
    monkeypatch.setattr(native.os, "access", lambda *_: False)
    assert native._folder() == Path.home() / ".cache" / "zutuan"


def test_what_older_sources_left_goes_once_all_is_compiled(tmp_path, monkeypatch):
    monkeypatch.setattr(native, "FOLDER", tmp_path / "native-new")
    monkeypatch.setattr(native, "_WHOLE", tmp_path / "native-new" / "whole")
    (tmp_path / "native-old").mkdir()
    (tmp_path / "search.pyc").touch()
    assert not native.is_whole()
    native.set_whole()
    assert native.is_whole()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["native-new", "search.pyc"]
