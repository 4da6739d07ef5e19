"""A written plan taken up again is what the optimizer saw when it was made."""

import json
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest

from geo.schema import DataError
from jobs.district import plan_district
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from jobs.sample import sample_request
from optimizer.candidates import area_cost
from optimizer.checks import check
from report.reopening import read_results
from report.results import write_results

SAMPLE = Path(__file__).parent.parent / "data" / "sample"

LEDGER = "编号,名称,户数,社区,东坐标,北坐标\n" + "".join(
    f"{name},{name}院,{count},{committee},{500_000 + 60 * k},3250000\n"
    for k, (name, count, committee) in enumerate(
        [
            ("a", 60, "甲"),
            ("b", 60, "甲"),
            ("c", 130, "乙"),
            ("d", 40, "乙"),
            ("e", 70, "乙"),
            ("f", "", "乙"),
        ]
    )
)
LINKS = "a,b,kind,reason\nc,d,apart,权属不同\nd,e,together,同一大院\n"
LOCKS = "community_id,area_id\na,老街一区\nb,老街一区\n"


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    """A street with pairs, a lock, a former plan and a minimum of its own, planned and read back."""
    folder = tmp_path_factory.mktemp("street")
    for name, text in (("street.csv", LEDGER), ("links.csv", LINKS), ("locks.csv", LOCKS)):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "former.csv").write_text("community_id,area_id\nc,PMA-009\ne,PMA-009\n", encoding="utf-8")
    request = Request(
        FileLayer(folder / "street.csv"),
        crs="EPSG:4544",
        links=folder / "links.csv",
        locks=folder / "locks.csv",
        existing=folder / "former.csv",
        minimum=110,
        reach_m=70.0,
    )
    results = plan_district(request)
    write_results(results, folder / "out")
    return read_results(folder / "out")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "out"
    write_results(plan_district(sample_request(SAMPLE)), folder)
    return read_results(folder)


@pytest.mark.parametrize("name", ["street", "sample"])
def test_areas_cost_what_they_cost_when_they_were_written(name, request):
    results = request.getfixturevalue(name)
    again = reopened(results)
    for area in again.plan.areas:
        cost = area_cost(again.graph, again.rules, area.members)
        told = results.areas.loc[area.area_id]
        assert {f"cost_{part}": value for part, value in cost.parts.items()} == pytest.approx(
            told[[f"cost_{part}" for part in cost.parts]].to_dict(), abs=1e-3
        )
        assert cost.center_id == told["center_id"] == area.center_id


@pytest.mark.parametrize("name", ["street", "sample"])
def test_the_checks_find_what_they_found(name, request):
    results = request.getfixturevalue(name)
    again = reopened(results)
    assert [v.rule for v in check(again.plan, again.graph, again.rules)] == list(results.violations["rule"])
    assert again.plan.next_number > len(again.plan.areas) - 1


def test_what_the_planner_gave_by_hand_is_there_again(street):
    again = reopened(street)
    assert again.graph.graph["together"] == (("d", "e"),)
    assert again.graph.graph["apart"] == (("c", "d"),)
    assert dict(again.graph.nodes(data="lock"))["a"] == "老街一区"
    assert dict(again.graph.nodes(data="former"))["e"] == "PMA-009"
    assert (again.rules.minimum, again.rules.upper) == (110, 500)
    assert again.rules.reach_point_m == again.rules.reach_outline_m == 70.0
    assert {a.members for a in again.plan.areas if a.locked} == {("a", "b")}


def test_no_link_is_more_or_less(street):
    again = reopened(street)
    assert sorted(tuple(sorted(e)) for e in again.graph.edges) == sorted(
        map(tuple, street.links[["a", "b"]].to_numpy().tolist())
    )
    assert nx.number_of_nodes(again.graph) == 6


def test_the_columns_no_area_may_mix_are_those_of_the_run(street):
    assert reopened(street).rules.within == tuple(street.summary["within"]) == ("committee",)


def test_a_value_nobody_gave_stays_unknown(tmp_path):
    """a–b–c, b between them of no 片区: one area, lawful before it is written and after it is read."""
    rows = "".join(
        f"{name},{name}院,40,{side},{500_000 + 60 * k},3250000\n"
        for k, (name, side) in enumerate([("a", "东"), ("b", ""), ("c", "东")])
    )
    ledger = tmp_path / "row.csv"
    ledger.write_text("编号,名称,户数,片区,东坐标,北坐标\n" + rows, encoding="utf-8")
    made = plan_district(Request(FileLayer(ledger), crs="EPSG:4544", reach_m=70.0, within=("片区",)))
    write_results(made, tmp_path / "out")
    read = read_results(tmp_path / "out")
    nulls = read.communities.assign(
        片区=read.communities["片区"].replace("", None)
    )  # as other programs save it
    for results in (made, read, replace(read, communities=nulls)):
        again = reopened(results)
        assert again.rules.within == ("片区",)
        assert dict(again.graph.nodes(data="片区")) == {"a": "东", "b": "", "c": "东"}
        assert [area.members for area in again.plan.areas] == [("a", "b", "c")]
        assert check(again.plan, again.graph, again.rules) == []


def test_a_plan_of_an_older_version_opens_with_the_minimum_it_was_made_with(street):
    older = {k: v for k, v in street.summary.items() if k not in ("given", "within", "next_number")}
    again = reopened(replace(street, summary=json.loads(json.dumps(older))))
    assert again.rules.minimum == 110
    assert again.plan.areas == reopened(street).plan.areas


def test_rules_that_somebody_broke_by_hand_are_named(street):
    with pytest.raises(DataError, match=r"rules\.toml"):
        reopened(replace(street, rules_text="minimum = "))
