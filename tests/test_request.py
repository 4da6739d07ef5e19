"""Options as text, to a request."""

from pathlib import Path

import pytest

from geo.schema import DataError
from jobs.request import FileLayer, Request, parse_ask, parse_unknown, parse_where


@pytest.mark.parametrize(
    ("text", "path", "layer"),
    [
        ("base.gpkg", "base.gpkg", None),
        ("base.gpkg:streets", "base.gpkg", "streets"),
        ("C:\\map\\base.gpkg", "C:\\map\\base.gpkg", None),  # the colon of a drive
        ("C:\\map\\base.gpkg:streets", "C:\\map\\base.gpkg", "streets"),
        ("底图.gpkg:道路", "底图.gpkg", "道路"),
    ],
)
def test_a_layer_follows_the_last_colon(text, path, layer):
    assert FileLayer.parse(text) == FileLayer(Path(path), layer)


def test_a_file_whose_name_has_a_colon_is_a_file(tmp_path):
    path = tmp_path / "a:b.gpkg"
    path.touch()
    assert FileLayer.parse(str(path)) == FileLayer(path)


def test_where_splits_at_the_first_sign():
    assert parse_where(["街道=胜利路", "备注=a=b"]) == (("街道", "胜利路"), ("备注", "a=b"))


@pytest.mark.parametrize("text", ["街道", "=x", ""])
def test_where_without_a_column_is_refused(text):
    with pytest.raises(DataError, match="--where 的写法是“列名=值”"):
        parse_where([text])


@pytest.mark.parametrize(("text", "value"), [("hold", "hold"), ("median", "median"), ("60", 60)])
def test_unknown_is_a_word_or_a_number(text, value):
    assert parse_unknown(text) == value


@pytest.mark.parametrize("text", ["0", "-3", "mean", "1.5", ""])
def test_another_unknown_is_refused(text):
    with pytest.raises(DataError, match="--unknown 只能是"):
        parse_unknown(text)


def test_a_question_is_a_set_of_ids():
    assert parse_ask(["12, 13,，12", "a，b"]) == (("12", "13"), ("a", "b"))


@pytest.mark.parametrize("text", ["", " , "])
def test_a_question_about_nothing_is_refused(text):
    with pytest.raises(DataError, match="--ask 后面写一个或几个小区编号"):
        parse_ask([text])


def test_files_lists_each_input_in_a_fixed_order():
    request = Request(
        FileLayer(Path("a.csv")),
        grids=FileLayer(Path("g.gpkg")),
        links=Path("l.csv"),
        existing=Path("old.gpkg"),
        barriers=(FileLayer(Path("b.shp")),),
    )
    assert [str(p) for p in request.files()] == ["a.csv", "b.shp", "g.gpkg", "l.csv", "old.gpkg"]
