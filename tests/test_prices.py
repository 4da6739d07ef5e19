"""Each price of the rules: what it charges, to the household-metre, and a town where it turns the plan."""

import pytest

from optimizer.candidates import Cost, area_cost
from optimizer.rules import Prices, Rules
from optimizer.solving import SolveOptions, solve
from optimizer.work import Work
from tests.towns import town

NOTHING = {"committee": 0.0, "grid": 0.0, "unlike": {}, "change_per_household": 0.0}
OPTIONS = [SolveOptions(), SolveOptions(work=Work(listed=0))]
LEFT, RIGHT = ("a", "c"), ("b", "d")


def rules(**prices: object) -> Rules:
    """Rules in which nothing but walking, walls and what is given has a price."""
    return Rules(prices=Prices(**{**NOTHING, **prices}))


def square(**columns: dict[str, object]):
    """Four alike; across is 200 cheaper an area than down, where the walls are: rows are grouped, unless paid for."""
    walls = {("a", "c"): 10.0, ("b", "d"): 10.0}
    return town("a60 b60\nc60 d60", walls=walls, **columns)


def sides(left: object, right: object) -> dict[str, object]:
    return {**dict.fromkeys(LEFT, left), **dict.fromkeys(RIGHT, right)}


def grouped(graph, asked: Rules, options: SolveOptions) -> tuple[list[str], float]:
    plan, certificate = solve(graph, asked, options)
    assert certificate.status == "optimal"
    return sorted("".join(area.members) for area in plan.areas), certificate.cost


# column of the graph, its values left and right, the price that looks at it, the part of the cost it shows in
TRAITS = [
    ("committee", "甲", "乙", {"committee": 201.0}, "committee"),
    ("grids", ("1",), ("2",), {"grid": 201.0}, "grid"),
    ("ownership", "公房", "商品房", {"unlike": {"ownership": 201.0}}, "unlike"),
    ("lift", "yes", "no", {"unlike": {"lift": 201.0}}, "unlike"),
    ("managed", "yes", "no", {"unlike": {"managed": 201.0}}, "unlike"),
    ("built_year", 1979, 1980, {"unlike": {"age_band": 201.0}}, "unlike"),
]


@pytest.mark.parametrize("options", OPTIONS, ids=["listed", "priced"])
@pytest.mark.parametrize(("column", "left", "right", "prices", "part"), TRAITS, ids=[t[0] for t in TRAITS])
def test_what_is_alike_is_grouped_where_mixing_costs_more_than_the_wall(
    column, left, right, prices, part, options
):
    graph = square(**{column: sides(left, right)})
    assert grouped(graph, rules(), options) == (["ab", "cd"], 6_000.0)
    assert grouped(graph, rules(**prices), options) == (["ac", "bd"], 6_400.0)
    assert area_cost(graph, rules(**prices), "ab") == Cost("a", walk=3_000.0, **{part: 201.0})


@pytest.mark.parametrize(("column", "left", "right", "prices", "part"), TRAITS, ids=[t[0] for t in TRAITS])
def test_what_is_not_known_is_no_value(column, left, right, prices, part):
    graph = square(**{column: {"a": left}})
    assert area_cost(graph, rules(**prices), "ab") == Cost("a", walk=3_000.0)


def test_each_value_beyond_the_first_is_paid_once():
    graph = town(
        "a60 b60 c60 d60", ownership={"a": "公房", "b": "商品房、公房", "c": "单位自管", "d": "公房"}
    )
    assert area_cost(graph, rules(unlike={"ownership": 10.0}), "abcd").unlike == 20.0


def test_grids_of_a_community_in_several_count_together():
    graph = town("a60 b60", grids={"a": ("1", "2"), "b": ("2", "3")})
    assert area_cost(graph, rules(grid=10.0), "ab").grid == 20.0
    assert area_cost(graph, rules(grid=10.0), "a").grid == 10.0


def test_kinds_of_housing_add_up():
    graph = town("a60 b60", lift={"a": "yes", "b": "no"}, managed={"a": "yes", "b": "no"})
    assert area_cost(graph, rules(unlike={"lift": 10.0, "managed": 7.0}), "ab").unlike == 17.0


@pytest.mark.parametrize(("year", "other", "paid"), [(1980, 1989, 0.0), (1989, 1990, 5.0), (2000, 2024, 0.0)])
def test_a_band_begins_with_its_year(year, other, paid):
    graph = town("a60 b60", built_year={"a": year, "b": other})
    assert area_cost(graph, rules(unlike={"age_band": 5.0}), "ab").unlike == paid


@pytest.mark.parametrize("options", OPTIONS, ids=["listed", "priced"])
def test_areas_that_cost_are_fewer(options):
    graph = town("a60 b60 c60 d60")
    assert grouped(graph, rules(), options) == (["ab", "cd"], 6_000.0)
    # one area: b is the centre, d walks 100 m
    assert grouped(graph, rules(area=6_001.0), options) == (["abcd"], 60 * 50 * 4 + 6_001.0)


def test_an_area_of_its_own_that_exists_already_costs_nothing_whatever_the_prices():
    graph = town("a60", scope={"a": "fixed"}, former={"a": "PMA-001"}, grids={"a": ("1", "2")})
    assert area_cost(graph, rules(area=100.0, grid=10.0, change_per_household=1.0), "a") == Cost("a")


# --- change ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", OPTIONS, ids=["listed", "priced"])
def test_an_existing_plan_stays_where_change_costs_more_than_the_wall(options):
    graph = square(former=sides("PMA-001", "PMA-002"))
    assert grouped(graph, rules(change_per_household=2.0), options) == (["ab", "cd"], 6_000.0 + 2.0 * 180)
    assert grouped(graph, rules(change_per_household=3.0), options) == (["ac", "bd"], 6_400.0)


def moved(graph, members: str) -> float:
    return area_cost(graph, rules(change_per_household=1.0), members).change


def test_an_area_with_a_former_centre_continues_that_area_and_others_move_in():
    # b is the centre of abc, e of de
    graph = town("a10 b20 c30 d40 e50 f60", former=dict(zip("abcde", "11122", strict=True)))
    assert moved(graph, "abc") == 0  # as it was
    assert moved(graph, "ab") == 0  # c pays in its new area, not here
    assert moved(graph, "cd") == 30 + 40  # neither b nor e
    assert moved(graph, "bcd") == 40  # d leaves e
    assert moved(graph, "f") == 0  # was in no area
    assert moved(graph, "ef") == 0


def test_of_several_former_centres_the_area_continues_the_one_with_most_households_in_it():
    graph = town("a10 b20 c30 d40 e50", former=dict(zip("abcde", "11122", strict=True)))
    assert moved(graph, "be") == 20
    assert moved(graph, "abce") == 50  # 60 of the first area, 50 of the second
    assert moved(graph, "abcde") == 60  # 60 and 90


def test_the_centre_of_a_former_area_may_be_out_of_reach():
    graph = town("a60 b60 . c90", former=dict.fromkeys("abc", "1"))
    graph.nodes["c"]["count"] = 900
    assert moved(graph, "ab") == 120
    assert grouped(graph, rules(change_per_household=1.0), OPTIONS[1]) == (
        ["ab", "c"],
        60 * 50 + 120 + 50.0 * 400,
    )
