"""Rules from a TOML file: what is read, what overrides it, what is refused by name."""

import pickle

import pytest

from geo.schema import DataError
from optimizer.rules import CHONGQING, Prices, Rules, read_rules_file, rules_from


def rules_of(table, *, crossing=None, never=()):
    return rules_from(table, crossing=crossing or {}, never=never, file="rules.toml")


def override(rules, **given):
    return rules.override(**{"minimum": None, "upper": None, "reach_m": None, "most_areas": False} | given)


def test_the_file_of_chongqing_says_what_the_code_has_as_defaults():
    assert rules_of(read_rules_file(CHONGQING)) == Rules()


def test_a_table_sets_limits_reach_and_prices():
    rules = rules_of(
        {"group": {"minimum": 80, "within": []}, "reach": {"point_m": 200}, "prices": {"wall_per_m": 5}}
    )
    assert (rules.minimum, rules.within, rules.reach_point_m, rules.prices.wall_per_m) == (80, (), 200, 5)


def test_kinds_of_housing_that_a_file_leaves_out_cost_nothing():
    prices = rules_of({"prices": {"unlike": {"lift": 5}}}).prices
    assert prices.unlike == {"lift": 5}
    assert rules_of({"prices": {"wall_per_m": 5}}).prices.unlike == Prices().unlike


def test_prices_cannot_be_changed_in_place():
    with pytest.raises(TypeError):
        Rules().prices.unlike["lift"] = 0.0


def test_reach_overrides_both_kinds_of_gap():
    rules = override(Rules(), reach_m=0.0)
    assert (rules.reach_outline_m, rules.reach_point_m) == (0.0, 0.0)


def test_a_minimum_above_the_upper_size_moves_the_upper_size():
    assert override(Rules(), minimum=300).upper == 500
    assert override(Rules(), minimum=800).upper == 4_000
    assert override(Rules(), minimum=800, upper=900).upper == 900


def test_rules_travel_to_another_process():
    rules = Rules(prices=Prices(crossing={"支路": 2_000.0}, unlike={"lift": 3.0}, area=7.0))
    assert pickle.loads(pickle.dumps(rules)) == rules


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"group": {"minimum": 0}}, "最低户数必须是 1 或更大的整数，现在是 0"),  # nobody
        ({"group": {"minimum": 600}}, "上限 500 小于最低户数 600"),  # contradiction
        ({"reach": {"point_m": -1}}, "相邻距离上限必须是 0 或更大的数，现在是 -1 米"),  # no such distance
        (
            {"prices": {"join_self_sufficient": -5}},
            "影响权重 join_self_sufficient 必须是 0 或更大的数",
        ),  # breaks the proof
        ({"prices": {"area": -1}}, "影响权重 area 必须是 0 或更大的数，现在是 -1"),
        ({"prices": {"unlike": {"lift": -5}}}, "影响权重 lift 必须是 0 或更大的数，现在是 -5"),
        (
            {"prices": {"unlike": {"colour": 5}}},
            "[prices.unlike] 中的“colour”不认识。可用的是：ownership、lift",
        ),
        ({"prices": {"unlike": {"lift": "5"}}}, "“prices.unlike.lift”的值 5 类型不对"),  # text
        ({"prices": {"unlike": 500}}, "“unlike”的值 500 类型不对"),  # which kind of housing?
        ({"prices": {"crossing": {"支路": 5}}}, "“crossing”不认识"),  # set by the classes of barriers
        ({"group": {"age_bands": [2000, 1990]}}, "建成年份分段 2000、1990 必须从小到大"),
        ({"group": {"age_bands": [1990, 1990]}}, "建成年份分段 1990、1990 必须从小到大"),
        ({"group": {"age_bands": ["1990"]}}, "“age_bands”的值 ['1990'] 类型不对"),
        ({"reach": {"outline_m": float("nan")}}, "现在是 nan 米"),  # TOML can say nan
        ({"reach": {"point_m": float("inf")}}, "现在是 inf 米"),
        (
            {"group": {"minimun": 100}},
            "rules.toml 中的“minimun”不认识。可用的是：minimum",
        ),  # a slip of the pen
        ({"group": {"minimum": "100"}}, "“minimum”的值 100 类型不对"),  # text
        ({"group": {"minimum": True}}, "“minimum”的值 True 类型不对"),  # yes is no number
        ({"group": {"within": "镇街"}}, "“within”的值 镇街 类型不对"),  # one word, no list
        ({"group": {"never": ["x"]}}, "“never”不认识"),  # set by the classes of barriers
    ],
)
def test_a_wrong_table_is_refused_by_name(table, sentence):
    with pytest.raises(DataError) as refused:
        rules_of(table)
    assert sentence in str(refused.value)


def test_a_file_that_is_no_toml_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("minimum := 100", encoding="utf-8")
    with pytest.raises(DataError, match=r"规则文件 mine\.toml 不是有效的 TOML"):
        read_rules_file(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"规则文件 none\.toml 打不开"):
        read_rules_file(tmp_path / "none.toml")
