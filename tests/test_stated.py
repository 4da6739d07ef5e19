"""A rules file says what a run went by, so that a version is kept with the rules it was judged by."""

from dataclasses import asdict, replace

import pytest

from geo.schema import DataError
from jobs.policy import Given
from jobs.projects import project_of
from jobs.reopened import reopened
from jobs.stated import stated
from optimizer.rules import CHONGQING, Rules
from report.reopening import read_results
from report.results import write_results
from store.project import open_project
from store.versions import rules_of
from tests import fakes

TEXT = CHONGQING.read_text(encoding="utf-8")


def test_what_is_said_already_changes_nothing():
    assert stated(TEXT, rules_of(TEXT)) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "",
        "# 规则\n",
        "[reach]\npoint_m = 90",
        "[group]\nwithin = [  # 两项\n  'street_town',\n  'committee',\n]\nupper_hard = true\n\n[prices]\ngrid = 7\n",
    ],
)
def test_the_text_says_what_was_given(text):
    told = rules_of(text)
    given = replace(
        told.override(minimum=600, upper=None, reach_m=42.5, most_areas=True), within=("committee", "片区")
    )
    assert given.upper == 3_000
    assert rules_of(stated(text, given)) == given
    assert rules_of(stated(stated(text, given), told)) == told


def test_other_lines_stay_as_they_are():
    given = replace(rules_of(TEXT), minimum=110)
    before, after = TEXT.splitlines(), stated(TEXT, given).splitlines()
    changed = [(was, now) for was, now in zip(before, after, strict=True) if was != now]
    assert [(was.split("#")[0].strip(), now) for was, now in changed] == [
        ("minimum = 100", "minimum = 110  # 本次运行另行给出")
    ]


def test_a_file_without_sections_stays_as_it_is():
    text = "group.minimum = 90\n"
    assert stated(text, Rules(minimum=110)) == text


def test_a_plan_with_a_minimum_of_its_own_can_be_frozen(tmp_path):
    results = fakes.results()
    made = replace(results, summary={**results.summary, "given": asdict(Given(minimum=110, reach_m=70.0))})
    write_results(made, tmp_path / "plan")
    town = reopened(read_results(tmp_path / "plan"))
    with open_project(project_of(tmp_path / "plan", tmp_path / "projects")) as project:
        assert rules_of(project.rules_text()) == replace(town.rules, within=Rules().within)
        with pytest.raises(DataError) as refused:  # what is made up breaks rules; its rules are the project's
            project.freeze(1, "一稿", 1, "李", graph=town.graph, rules=town.rules)
    assert refused.value.code == "store.not_lawful"


@pytest.mark.parametrize("text", [TEXT, "", "[prices.unlike]\nlift = 3\n"])
def test_prices_are_said_too_and_those_of_barriers_stay(text):
    told = rules_of(text)
    prices = replace(told.prices, grid=9_000.0, wall_per_m=0.5, unlike={**told.prices.unlike, "lift": 4.0})
    given = replace(told, prices=prices)
    assert rules_of(stated(text, given)) == given
    assert rules_of(stated(stated(text, given), told)) == told
