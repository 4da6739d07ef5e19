"""Numbers as people type them: every way of writing has one stated meaning."""

import pandas as pd
import pytest

from geo.numbers import (
    Reading,
    area_unit,
    is_missing,
    read_areas_m2,
    read_coordinates,
    read_number,
    read_numbers,
    read_years,
)

COUNTS = [
    # cell, value, status, note
    ("86", 86, "surveyed", ""),
    ("86户", 86, "surveyed", ""),
    ("697 户", 697, "surveyed", ""),
    ("86套", 86, "surveyed", ""),
    ("８６户", 86, "surveyed", ""),
    ("1,280", 1280, "surveyed", ""),
    ("1，280户", 1280, "surveyed", ""),
    ("86.0", 86, "surveyed", ""),
    ("1.28e3", 1280, "surveyed", ""),
    ("1.2万户", 12000, "surveyed", ""),
    ("2008042", 2008042, "surveyed", ""),
    ("约120", 120, "estimated", "count_approximate"),
    ("about 120 households", 120, "estimated", "count_approximate"),
    ("~120", 120, "estimated", "count_approximate"),
    ("≈ 120", 120, "estimated", "count_approximate"),
    ("120余", 120, "estimated", "count_approximate"),
    ("120多户", 120, "estimated", "count_approximate"),
    ("120户左右", 120, "estimated", "count_approximate"),
    ("120+", 120, "estimated", "count_approximate"),
    ("86户（含商铺6间）", 86, "estimated", "count_remark"),
    ("60+26", 86, "estimated", "count_sum"),
    ("60户+26户", 86, "estimated", "count_sum"),
    ("86.7", 86, "estimated", "count_fraction"),
    ("0.4", 0, "unknown", "count_zero"),
    ("0户", 0, "unknown", "count_zero"),
    ("100-120", None, "unknown", "count_range"),
    ("100户至120户", None, "unknown", "count_range"),
    ("-5", None, "unknown", "count_negative"),
    ("", None, "unknown", "count_missing"),
    (" — ", None, "unknown", "count_missing"),
    ("暂无资料", None, "unknown", "count_missing"),
    ("不详", None, "unknown", "count_missing"),
    ("很多", None, "unknown", "count_unreadable"),
    ("12,34", None, "unknown", "count_unreadable"),
    ("2栋", None, "unknown", "count_unreadable"),
    ("=SUM(A1:A3)", None, "unknown", "count_unreadable"),
    ("inf", None, "unknown", "count_unreadable"),
    ("9" * 30, None, "unknown", "count_impossible"),
    ("9" * 5000, None, "unknown", "count_impossible"),
    ("9e999", None, "unknown", "count_impossible"),
]


@pytest.mark.parametrize(("cell", "value", "status", "note"), COUNTS, ids=[repr(c[0][:12]) for c in COUNTS])
def test_a_count_as_text(cell, value, status, note):
    assert read_number(cell) == Reading(value, status, note)


def test_a_column_of_counts_keeps_its_index_and_types():
    answers = read_numbers(pd.Series(["86户", "暂无资料"], index=[7, 9]))

    assert answers.index.tolist() == [7, 9]
    assert answers.dtypes.astype("str").to_dict() == {"value": "Int64", "status": "str", "note": "str"}


def test_no_cells_are_no_counts():
    assert read_numbers(pd.Series([], dtype="str")).empty


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("建筑面积（㎡）", "m2"),
        ("建筑面积（万㎡）", "万m2"),
        ("占地[亩]", "亩"),
        ("建筑面积/万平方米", "万平方米"),
        ("建筑面积", ""),
    ],
)
def test_the_unit_that_a_heading_states(heading, unit):
    assert area_unit(heading) == unit


@pytest.mark.parametrize(
    ("heading", "cell", "area_m2"),
    [
        ("建筑面积", "365000 平方米", 365_000.0),
        ("建筑面积(万㎡)", "1.2", 12_000.0),
        ("建筑面积(万㎡)", "12000㎡", 12_000.0),  # the unit in the cell goes first
        ("建筑面积", "3万平", 30_000.0),
        ("占地面积(亩)", "15", 10_000.0),
        ("占地面积", "2公顷", 20_000.0),
        ("建筑面积", "1,280", 1280.0),
    ],
)
def test_areas_are_square_metres(heading, cell, area_m2):
    assert read_areas_m2(pd.Series([cell], name=heading))["value"].tolist() == pytest.approx([area_m2])


def test_an_area_in_an_unknown_unit_is_not_guessed():
    answers = read_areas_m2(pd.Series(["3间", "暂无资料"], name="建筑面积"))

    assert answers["value"].isna().all()
    assert answers["note"].tolist() == ["area_unreadable", ""]


@pytest.mark.parametrize(
    ("cell", "year", "note"),
    [
        ("2004年", 2004, ""),
        ("1998-05-01", 1998, ""),
        ("19980501", 1998, ""),
        ("1998-2001", 1998, "year_range"),
        ("80年代", 1980, "year_decade"),
        ("暂无数据", None, ""),
        ("很早", None, "year_unreadable"),
        ("12345", None, "year_unreadable"),
    ],
)
def test_years(cell, year, note):
    answers = read_years(pd.Series([cell]))

    assert answers["note"].tolist() == [note]
    assert answers["value"].isna().all() if year is None else answers["value"].tolist() == [year]


def test_coordinates_of_one_axis():
    read = read_coordinates(pd.Series(["107.41", "东经107.41°", "３２４８３９９", "暂无", "107°24'"]))

    assert read.tolist()[:3] == [107.41, 107.41, 3248399.0]
    assert pd.isna(read[3:]).all()


def test_missing_in_words():
    assert is_missing(pd.Series(["", " 无 ", "N/A", "0", "无名小区"])).tolist() == [
        True,
        True,
        True,
        False,
        False,
    ]
