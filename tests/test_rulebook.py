"""The rules of an office: numbers change in their own lines, meaning and source stay, nothing wrong is kept."""

import tomllib
from dataclasses import replace

import pytest

from geo.schema import DataError
from jobs.rulebook import (
    RULES_OF_BARRIERS,
    SECTIONS,
    barrier_entries,
    edited,
    entries,
    keep_rules,
    merged,
    policy_of,
    rules_text,
)
from optimizer.rules import CHONGQING

TEXT = CHONGQING.read_text(encoding="utf-8")


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in after.splitlines() if line not in before.splitlines()]


def test_every_number_of_the_standard_rules_is_there_with_its_meaning():
    told = {one.key: one for one in entries(TEXT)}
    assert told["group.minimum"].value == 100
    assert told["group.minimum"].meaning == "不少于 100 户（原则上）。来源：永川府办发〔2020〕67号 三（七）"
    assert all(one.meaning for one in told.values())
    assert {one.section for one in told.values()} == set(SECTIONS)
    assert [c.rule for c in barrier_entries(TEXT) if c.name in ("围墙", "巷道")] == ["wall", "price"]
    assert {c.rule for c in barrier_entries(TEXT)} == set(RULES_OF_BARRIERS)


def test_a_number_changes_in_its_own_line_and_nothing_else_does():
    after = edited(TEXT, {"group.minimum": 120, "prices.unlike.lift": 0, "group.most_areas": True})
    assert changed_lines(TEXT, after) == [
        "minimum = 120            # 不少于 100 户（原则上）。来源：永川府办发〔2020〕67号 三（七）",
        "most_areas = true       # 勾选（true）：先求区域最多，再求代价最小",
        "lift = 0                    # 有电梯与无电梯：电梯费用另行分摊；相当于 100 户各多走 5 米",
    ]
    rules = policy_of(after).rules
    assert (rules.minimum, rules.prices.unlike["lift"], rules.most_areas) == (120, 0, True)


def test_what_is_not_changed_leaves_the_file_as_it_was():
    assert edited(TEXT, {one.key: one.value for one in entries(TEXT)}, barrier_entries(TEXT)) == TEXT


def test_two_who_change_other_numbers_both_have_theirs():
    seen = {one.key: one.value for one in entries(TEXT)}
    theirs = edited(TEXT, {"group.minimum": 120})
    rules = policy_of(merged(theirs, TEXT, seen | {"prices.unlike.lift": 0.0}, barrier_entries(TEXT))).rules
    assert (rules.minimum, rules.prices.unlike["lift"]) == (120, 0)


def test_two_who_change_the_same_number_are_told_and_nothing_is_written_over():
    seen = {one.key: one.value for one in entries(TEXT)}
    theirs = edited(TEXT, {"group.minimum": 120})
    with pytest.raises(DataError) as refused:
        merged(theirs, TEXT, seen | {"group.minimum": 130, "prices.unlike.lift": 0.0}, barrier_entries(TEXT))
    assert refused.value.code == "rules.changed_meanwhile"
    assert "group.minimum = 130" in str(refused.value)
    assert "prices.unlike.lift = 0" in str(refused.value)
    same = merged(theirs, TEXT, seen | {"group.minimum": 120}, barrier_entries(TEXT))
    assert same == theirs


def test_two_who_change_classes_of_barriers_both_have_theirs_unless_it_is_the_same_one():
    def priced(name, price):
        return [replace(o, rule="price", price=price) if o.name == name else o for o in barrier_entries(TEXT)]

    theirs = edited(TEXT, {}, priced("次干路", 3000.0))
    rules = policy_of(merged(theirs, TEXT, {}, priced("巷道", 7.0))).rules
    assert (rules.prices.crossing["次干路"], rules.prices.crossing["巷道"]) == (3000, 7)
    with pytest.raises(DataError, match="次干路"):
        merged(theirs, TEXT, {}, priced("次干路", 10.0))


def test_a_class_of_barriers_gets_another_rule_and_a_price():
    classes = [
        replace(one, rule="price", price=3000.0) if one.name == "次干路" else one
        for one in barrier_entries(TEXT)
    ]
    rules = policy_of(edited(TEXT, {}, classes)).rules
    assert "次干路" not in rules.never
    assert rules.prices.crossing["次干路"] == 3000
    assert rules.never == tuple(n for n in policy_of(TEXT).rules.never if n != "次干路")


def test_a_price_without_the_rule_to_pay_it_is_not_written():
    classes = [replace(one, price=9.0) if one.rule == "never" else one for one in barrier_entries(TEXT)]
    assert edited(TEXT, {}, classes) == TEXT


def test_a_period_that_is_changed_is_no_longer_confirmed():
    sure = TEXT.replace('consult_days_status = "to_be_confirmed"', 'consult_days_status = "confirmed"')
    told = tomllib.loads(edited(sure, {"procedure.consult_days": 20}))["procedure"]
    assert (told["consult_days"], told["consult_days_status"]) == (20, "to_be_confirmed")
    same = tomllib.loads(edited(sure, {"group.minimum": 90}))["procedure"]
    assert same["consult_days_status"] == "confirmed"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"group.minimum": 600}, "rules.upper"),
        ({"prices.grid": -1}, "rules.price"),
        ({"group.minimum": 0}, "rules.minimum"),
    ],
)
def test_rules_that_make_no_sense_are_refused(values, code):
    with pytest.raises(DataError) as refused:
        edited(TEXT, values)
    assert refused.value.code == code


def test_a_file_laid_out_in_another_way_is_not_guessed_at():
    with pytest.raises(DataError, match=r"找不到“group\.minimum”那一行"):
        edited("group = { minimum = 100 }\n", {"group.minimum": 120})


def test_the_office_keeps_its_rules_and_refuses_wrong_ones(tmp_path):
    file = tmp_path / "out" / "rules.toml"
    assert rules_text(file) == TEXT
    own = edited(TEXT, {"group.minimum": 120})
    keep_rules(file, own)
    assert rules_text(file) == own
    with pytest.raises(DataError, match="不是有效的 TOML"):
        keep_rules(file, "minimum = ")
    with pytest.raises(DataError, match="minimun"):
        keep_rules(file, "[group]\nminimun = 90\n")
    with pytest.raises(DataError, match="nowhere"):
        keep_rules(file, TEXT.replace('profile = "chongqing"', 'profile = "nowhere"'))
    assert rules_text(file) == own
    assert [path.name for path in file.parent.iterdir()] == ["rules.toml"]
