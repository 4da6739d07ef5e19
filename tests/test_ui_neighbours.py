"""What each neighbour would mean, in the words of the card."""

import pytest

from jobs.district import plan_district
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from ui import contents
from ui.neighbours import neighbour_rows

# a–b | c | d–e in a row; c reaches the minimum alone, f is far from all and stays as it is, g is not counted.
STREET = [
    ("a", 60, "甲", "一", 0),
    ("b", 60, "甲", "一", 60),
    ("c", 130, "甲", "二", 120),
    ("d", 70, "甲", "二", 180),
    ("e", 40, "甲", "", 240),
    ("f", 30, "甲", "", 2_000),
    ("g", "", "甲", "", 300),
]


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("street")
    body = "".join(
        f"{name},{name}院,{count},{committee},{grid},{500_000 + x},3250000\n"
        for name, count, committee, grid, x in STREET
    )
    (folder / "street.csv").write_text("编号,名称,户数,社区,网格,东坐标,北坐标\n" + body, encoding="utf-8")
    (folder / "scope.csv").write_text("community_id,scope,reason\nf,fixed,已备案\n", encoding="utf-8")
    return plan_district(
        Request(FileLayer(folder / "street.csv"), crs="EPSG:4544", reach_m=70.0, scope=folder / "scope.csv")
    )


@pytest.fixture(scope="module")
def town(plan):
    return reopened(plan)


def test_the_best_neighbour_comes_first_with_all_it_would_mean(plan, town):
    (row,) = neighbour_rows(plan, town, "b")
    assert row["head"] == "加入 PMA-002"
    assert row["number"] == "130 → 190 户"
    assert contents.id_of(plan, row["id"]) == "PMA-002"
    facts = row["texts"][0].split(";")
    assert facts[:3] == ["不跨道路", "相距 60 米", "不同网格"]
    assert facts[3] == "同社区"
    assert facts[4].startswith("综合代价")


def test_a_rule_it_would_break_is_said_in_a_sentence(plan, town):
    (row,) = neighbour_rows(plan, town, "b")
    assert row["mark"] == "bad"
    assert any(text.startswith("未通过:区域") and "不足最低" in text for text in row["texts"][1:])


def test_what_is_not_known_is_not_said(plan, town):
    """Nobody knows the grid of e."""
    assert not any("网格" in text for row in neighbour_rows(plan, town, "e") for text in row["texts"])


@pytest.mark.parametrize("community", ["f", "g"])
def test_who_stays_as_it_is_or_is_not_counted_has_no_rows(plan, town, community):
    assert neighbour_rows(plan, town, community) == []


def test_the_card_shows_them_as_rows_to_click(plan, town):
    place = f"communities:{plan.communities.index.get_loc('b')}"
    rows = neighbour_rows(plan, town, "b")
    card = contents.card(plan, place, duties=contents.duties_of(plan), neighbours=rows)
    (line,) = [line for line in card["lines"] if line["links"] == rows]
    assert line["term"] == "换组比较"
    assert contents.card(plan, place, duties=contents.duties_of(plan))["lines"] != card["lines"]
