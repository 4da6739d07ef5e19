"""Trade-offs: each row is the plan of a run of its own, bounds are opened by as few pairs as can be, files say what they hold."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import openpyxl
import pytest
from shapely import Point

from geo.adjacency import Reach, adjacency
from geo.schema import DataError
from jobs.cli import main
from jobs.district import plan_district
from jobs.request import FileLayer, Request
from jobs.scenarios import FACTORS, price_of, with_price
from jobs.tradeoffs import Asked, compare_district
from optimizer import sharing
from optimizer.rules import CHONGQING, Prices, Rules
from optimizer.sharing import part_key, solve_sharing
from optimizer.solving import SolveOptions, solve
from report.tradeoffs import Comparison, TradeOff, changes_table, write_comparison
from tests.test_adjacency import town as drawn
from tests.towns import town

CRS = "EPSG:4544"
HEAD = "编号,名称,户数,社区,东坐标,北坐标\n"
# 甲社区 north of 乙社区; c and d are too few by themselves. a–c, a–d and b–c would do, and b–c is the nearest.
BOUND = HEAD + (
    "a,北一,60,甲社区,500000,3250000\nb,北二,60,甲社区,500100,3250000\n"
    "c,南二,30,乙社区,500100,3249900\nd,南一,30,乙社区,500000,3249890\n"
)


def crooked_street() -> str:
    """Forty points in five rows, counts and gaps of every size."""
    rows = []
    for number in range(40):
        column, row = number % 8, number // 8
        count = (number * 37 + 11) % 130 + 8
        x, y = 500_000 + 95 * column + 17 * (number * number % 5), 3_250_000 + 110 * row + 13 * (number % 4)
        rows.append(f"c{number:02d},院{number:02d},{count},,{x},{y}")
    return HEAD + "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def street(tmp_path_factory) -> Request:
    return request(tmp_path_factory.mktemp("street"), crooked_street())


def request(folder, text: str) -> Request:
    path = folder / "street.csv"
    path.write_text(text, encoding="utf-8")
    return Request(FileLayer(path), crs=CRS)


@pytest.fixture(scope="module")
def comparison(street) -> Comparison:
    return compare_district(street, Asked(("join_self_sufficient",), plans=3, different=0.1))


def table(comparison: Comparison, name: str) -> TradeOff:
    return next(t for t in comparison.tradeoffs if t.name.startswith(name))


# --- rows ------------------------------------------------------------------------------------------


def figures(run: Request) -> tuple[object, ...]:
    said = plan_district(run).summary
    return tuple(said[key] for key in ("areas", "groups", "exceptions", "cost"))


def test_rows_are_the_plans_of_runs_of_their_own(street, comparison, tmp_path):
    runs = {"最低户数": "minimum", "相邻距离（点位）": "reach_m"}
    for name, option in runs.items():
        for case in table(comparison, name).cases:
            alone = replace(street, **{option: int(case.value)})
            assert (case.areas, case.groups, case.exceptions, round(case.cost, 3)) == figures(alone), case
    rules = CHONGQING.read_text(encoding="utf-8")
    for case in table(comparison, "影响权重").cases:
        changed = tmp_path / "rules.toml"
        changed.write_text(
            rules.replace("join_self_sufficient = 5000", f"join_self_sufficient = {case.value}")
        )
        alone = replace(street, rules=changed)
        assert (case.areas, case.groups, case.exceptions, round(case.cost, 3)) == figures(alone), case


def test_values_differ_enough_to_be_told_apart(comparison):
    """A comparison of a town where nothing changes would prove little."""
    for tradeoff in comparison.tradeoffs:
        assert len({round(case.cost) for case in tradeoff.cases}) > 2
        assert max(case.moved for case in tradeoff.cases) > 0


def test_the_row_in_use_moves_nobody(comparison):
    for tradeoff in comparison.tradeoffs:
        (used,) = (case for case in tradeoff.cases if case.used)
        assert used.moved == 0
        assert used.violations == 0
    assert [case.value for case in table(comparison, "影响权重").cases] == [
        "0",
        "2500",
        "5000",
        "10000",
        "20000",
    ]


def test_a_value_of_its_own_stands_among_the_usual_ones(street):
    tradeoffs = compare_district(replace(street, minimum=120, reach_m=90.0), Asked(plans=1)).tradeoffs
    marked = [[c.value + "*" * c.used for c in t.cases] for t in tradeoffs[1:]]
    assert marked == [["100", "120*", "150", "200", "300"], ["50", "80", "90*", "100", "150", "200"]]


def test_links_of_a_larger_reach_cut_down_by_their_gap_are_too_many():
    """a and b are 100 m apart, but c keeps their cells from touching nearer than 72 m beyond it."""
    places = {"a": Point(0, 0), "b": Point(100, 0), "c": Point(50, -6)}
    found = {
        reach_m: adjacency(drawn(places), reach=Reach(0, reach_m), barriers=None).links
        for reach_m in (101.0, 1_000.0)
    }
    cut = found[1_000.0][found[1_000.0]["gap_m"] <= 101.0]
    assert ("a", "b") in set(zip(cut["a"], cut["b"], strict=True))
    assert ("a", "b") not in set(zip(found[101.0]["a"], found[101.0]["b"], strict=True))


# --- bounds ----------------------------------------------------------------------------------------


def test_one_opened_pair_removes_two_exceptions(tmp_path):
    comparison = compare_district(request(tmp_path, BOUND), Asked(plans=1))
    opened = table(comparison, "放开界线")
    assert [(c.value, c.exceptions, c.areas) for c in opened.cases] == [
        ("都不放开", 2, 1),
        ("放开社区界线", 0, 1),
    ]
    assert opened.lines == (
        "放开社区界线可减少 2 处暂未组团，至少需放开 1 对小区：北二—南二。不再是暂未组团的：南二、南一。",
    )
    alone, together = opened.cases
    assert 0 < together.cost - alone.cost < 60_000  # the price that keeps pairs few is not paid by anybody


def test_a_bound_that_saves_nobody_says_so(tmp_path):
    far = BOUND.replace("3249900", "3249000").replace("3249890", "3249000")
    comparison = compare_district(request(tmp_path, far), Asked(plans=1))
    assert table(comparison, "放开界线").lines == ("放开社区界线不能减少暂未组团。",)


def test_without_several_committees_there_is_no_such_table(comparison):
    assert [t.name for t in comparison.tradeoffs] == ["影响权重1", "最低户数", "相邻距离（点位）"]


# --- prices by name --------------------------------------------------------------------------------


def test_prices_are_found_and_changed_by_name():
    prices = Prices(crossing={"支路": 2_000.0})
    for name, price in (("committee", 5_000.0), ("crossing.支路", 2_000.0), ("unlike.lift", 500.0)):
        assert price_of(prices, name) == price
        changed = with_price(prices, name, 7.0)
        assert price_of(changed, name) == 7.0
        assert with_price(changed, name, price) == prices
    assert FACTORS[2] == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("commitee", "--price 的“commitee”不是规则里的影响权重。可用的有：join_self_sufficient、"),
        ("crossing", "--price 的“crossing”不是规则里的影响权重。"),
        ("area", "--price 的“area”在规则里是 0，没有倍数可比。请先在规则文件中给它一个大于 0 的值。"),
    ],
)
def test_a_price_that_cannot_be_compared_is_refused(street, name, sentence):
    with pytest.raises(DataError) as refused:
        compare_district(street, Asked((name,)))
    assert str(refused.value).startswith(sentence)


# --- shared work -----------------------------------------------------------------------------------

TWO_PARTS = "a60 b50 c70 | d40 e300 f60"


def test_a_part_that_a_price_cannot_touch_is_not_solved_again(monkeypatch):
    graph, asked = town(TWO_PARTS), []
    honest = sharing.solve_parts

    def counted(parts, *rest, **named):
        asked.append([part.ids for part in parts])
        return honest(parts, *rest, **named)

    monkeypatch.setattr(sharing, "solve_parts", counted)
    dear = Rules(prices=Prices(join_self_sufficient=9_000.0))
    _, _, known = solve_sharing(graph, Rules(), SolveOptions())
    plan, certificate, known = solve_sharing(graph, dear, SolveOptions(), known)
    assert asked == [[("a", "b", "c"), ("d", "e", "f")], [("d", "e", "f")]]
    assert (plan, certificate) == solve(graph, dear)
    assert solve_sharing(graph, Rules(), SolveOptions(), known)[:2] == solve(graph, Rules())
    assert asked[2] == []


def test_what_the_clock_cut_short_is_not_kept():
    _, certificate, known = solve_sharing(town(TWO_PARTS), Rules(), SolveOptions(seconds=0.0))
    assert certificate.stopped_by == "clock"
    assert known == {}


def test_the_key_of_a_part_knows_what_matters():
    def keys(rules: Rules, **drawn: object) -> list[str]:
        return [part_key(part, rules) for part in sharing.prepare(town(TWO_PARTS, **drawn), rules).parts]

    here = keys(Rules())
    assert keys(Rules(prices=Prices(join_self_sufficient=5_000))) == here  # an int is the same price
    assert keys(Rules(upper=600)) == here  # nothing here reaches it
    for other in (
        keys(Rules(minimum=90)),
        keys(Rules(upper=150)),
        keys(Rules(most_areas=True)),
        keys(Rules(exception_price=10.0)),
        keys(Rules(), spacing_m=60.0),
        keys(Rules(), walls={("a", "b"): 10.0, ("d", "e"): 10.0}),
        keys(Rules(), committee={"a": "甲", "b": "乙", "d": "甲", "e": "乙"}),
        keys(Rules(), scope={"b": "host", "f": "host"}),
        keys(Rules(), apart=[("a", "b"), ("d", "f")]),
    ):
        assert not set(other) & set(here)


# --- files -----------------------------------------------------------------------------------------


def test_the_files_open_again_and_hold_what_they_say(comparison, tmp_path):
    write_comparison(comparison, tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "alternatives.xlsx",
        "tradeoffs.svg",
        "tradeoffs.xlsx",
    ]
    book = openpyxl.load_workbook(tmp_path / "out" / "tradeoffs.xlsx")
    assert book.sheetnames == [t.name for t in comparison.tradeoffs]
    for tradeoff in comparison.tradeoffs:
        paper = book[tradeoff.name]
        head, *rows = [r for r in paper.iter_rows(values_only=True) if r[1] is not None or r[2] is not None]
        assert head[:5] == (tradeoff.heading, "采用", "拟划定区域", "其中组团", "暂未组团")
        assert [(r[0], r[2], r[4]) for r in rows] == [
            (c.value, c.areas, c.exceptions) for c in tradeoff.cases
        ]
        assert len(paper._charts) == 1
    drawing = ET.parse(tmp_path / "out" / "tradeoffs.svg")  # noqa: S314 - we wrote it
    words = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {comparison.title, *(t.title for t in comparison.tradeoffs), "现用"} <= set(words)


def test_alternatives_tell_who_changes_company(comparison, tmp_path):
    write_comparison(comparison, tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "alternatives.xlsx")
    assert book.sheetnames == ["备选方案", "变动小区"]
    changes = changes_table(comparison)
    assert list(changes.columns) == ["编号", "小区名称", "户数", "现用方案", "备选1", "备选2"]
    assert len(changes) >= 4  # a tenth of forty
    used, *others = (plan.area_of() for plan, _, _ in comparison.plans)
    members = [{a.area_id: set(a.members) for a in plan.areas} for plan, _, _ in comparison.plans]
    for row in changes.itertuples(index=False):
        for number, area_of in enumerate(others, 1):
            before, after = members[0].get(used.get(row[0])), members[number].get(area_of.get(row[0]))
            assert (row[3 + number] == "") == (before == after)
            assert row[3 + number] == "" or row[3 + number].startswith(area_of.get(row[0], "不在任何区域"))


def test_text_from_data_is_never_code(tmp_path):
    hostile = BOUND.replace("北一", "=1+1").replace("南一", "<script>").replace("甲社区", "&<b>")
    comparison = replace(
        compare_district(request(tmp_path, hostile), Asked(plans=1)), title="<img src=x onerror=1> & ${x}"
    )
    write_comparison(comparison, tmp_path / "out")
    text = (tmp_path / "out" / "tradeoffs.svg").read_text(encoding="utf-8")
    assert "<img" not in text
    assert ET.fromstring(text) is not None  # noqa: S314 - we wrote it
    for file in ("tradeoffs.xlsx", "alternatives.xlsx"):
        for paper in openpyxl.load_workbook(tmp_path / "out" / file):
            assert all(cell.data_type != "f" for row in paper.iter_rows() for cell in row)


# --- the command -----------------------------------------------------------------------------------


def test_the_command_prints_the_tables_and_writes_the_folder(tmp_path, capsys):
    source, out = request(tmp_path, BOUND).communities.path, tmp_path / "out"
    words = ["compare", str(source), "--out", str(out), "--crs", CRS, "--price", "committee", "--plans", "2"]
    assert main(words) == 0
    said = capsys.readouterr().out.splitlines()
    assert "影响权重：每多一个社区" in said
    assert said[-1] == f"已写出：{out}"
    assert (out / "tradeoffs.xlsx").is_file()
    assert main(words) == 0  # what an earlier comparison wrote is replaced


def test_a_folder_of_somebody_else_is_refused_before_the_work_begins(tmp_path, capsys):
    (tmp_path / "plan.gpkg").touch()
    assert main(["compare", str(tmp_path / "none.csv"), "--out", str(tmp_path)]) == 2
    assert "plan.gpkg" in capsys.readouterr().err


def test_a_question_has_no_place_in_a_comparison(tmp_path, capsys):
    assert main(["compare", "a.csv", "--out", str(tmp_path / "out"), "--ask", "a,b"]) == 2
    assert capsys.readouterr().err.startswith("没有选项 --ask。")
