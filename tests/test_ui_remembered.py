"""Columns that were chosen are remembered for the same head, until they are forgotten; a broken file holds nothing."""

import pytest

from ui.remembered import forget, recalled, remember


def test_a_head_is_remembered_until_it_is_forgotten(tmp_path):
    file = tmp_path / "out" / "columns.json"
    assert recalled(file, "户数\t名称") is None
    remember(file, "户数\t名称", {"count": "户数", "lift": ""})
    remember(file, "另一", {"count": "套数"})
    found = recalled(file, "户数\t名称")
    assert (found.columns, len(found.day)) == ({"count": "户数", "lift": ""}, 10)
    forget(file, "户数\t名称")
    assert recalled(file, "户数\t名称") is None
    assert recalled(file, "另一").columns == {"count": "套数"}
    assert [one.name for one in file.parent.iterdir()] == ["columns.json"]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"x": 1}'])
def test_a_broken_file_holds_nothing_and_is_written_anew(tmp_path, text):
    file = tmp_path / "columns.json"
    file.write_text(text, encoding="utf-8")
    assert recalled(file, "a") is None
    remember(file, "a", {"name": "b"})
    assert recalled(file, "a").columns == {"name": "b"}
