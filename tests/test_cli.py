"""The command line: help, exit codes, every option once, and the files that scripts rely on (design.md §4)."""

import json
import os
import re
import tempfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import typer.main
from shapely import LineString, Point, box

from jobs import cli
from jobs.cli import app, main
from store.access import ROLES_FILE
from tests.ledgers import square

CRS = "EPSG:4544"
CHINESE = re.compile("[一-龥]")

# Two rows of compounds, a road between them, an estate of its own at the end; C3 has no count.
COUNTS = {
    "A1": 60,
    "A2": 50,
    "A3": 40,
    "A4": 30,
    "B1": 45,
    "B2": 70,
    "B3": 35,
    "B4": 20,
    "C1": 150,
    "C2": 15,
    "C3": None,
}
PLACES = {i: (60.0 * (int(i[1]) - 1), {"A": 0.0, "B": 80.0, "C": 160.0}[i[0]]) for i in COUNTS}
DESIGN = {
    "communities", "areas", "groups", "alone", "fixed", "exceptions", "held", "exceptions_bound", "minimum", "count",
    "total", "cost", "bound", "gap", "status", "stopped_by", "areas_bound", "seconds", "rules", "seed", "version",
    "input_sha256", "crs",
}  # fmt: skip
OURS = {"title", "excluded", "violations", "caveats", "rows", "given", "within", "next_number"}


# --- help --------------------------------------------------------------------------------------------

COMMANDS = typer.main.get_command(app).commands
PARAMETERS = [
    (name, parameter)
    for name, command in COMMANDS.items()
    for parameter in command.params
    if parameter.name not in ("help", "context")
]


def test_the_commands_are_those_of_the_design():
    whole_runs = {"plan", "compare", "update", "collect", "package", "grids"}
    assert set(COMMANDS) == whole_runs | {"demo", "app", "test", "bench"}


@pytest.mark.parametrize(
    "words", [["--help"], [], *([name, "--help"] for name in COMMANDS if name not in ("test", "bench"))]
)
def test_help_is_shown_in_chinese(capsys, words):
    assert main(words) == 0
    captured = capsys.readouterr()
    assert CHINESE.search(captured.out)
    assert captured.err == ""


@pytest.mark.parametrize(("command", "parameter"), PARAMETERS, ids=[f"{c}-{p.name}" for c, p in PARAMETERS])
def test_every_option_is_explained_in_chinese(command, parameter):
    assert CHINESE.search(parameter.help or ""), (command, parameter.name)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_explained_in_chinese(name):
    assert CHINESE.search(COMMANDS[name].help or "")


# --- exit codes --------------------------------------------------------------------------------------


@pytest.fixture
def temp(tmp_path, monkeypatch):
    """A private temp folder."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def raising(error):
    def run(*_: object, **__: object) -> None:
        raise error

    return run


WORDS = ["plan", "a.csv", "--out", "out"]


def test_an_error_nobody_foresaw_is_one_sentence_and_a_log(temp, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jobs.district.plan_district", raising(ZeroDivisionError("nobody saw it coming")))
    assert main(WORDS) == 1
    (log,) = temp.iterdir()
    expected = (
        f"程序出错，没有写出任何文件，数据未受影响。详情已记入 {log}，请把它连同所用的命令交给维护人员。\n"
    )
    assert capsys.readouterr().err == expected
    assert log.suffix == ".log"
    assert "ZeroDivisionError: nobody saw it coming" in log.read_text(encoding="utf-8")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_may_not_be_replaced_is_refused_before_the_work_begins(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.docx").touch()
    monkeypatch.setattr("jobs.district.plan_district", raising(AssertionError("worked all the same")))
    assert main(WORDS) == 2
    assert "letter.docx" in capsys.readouterr().err


def test_without_a_place_for_the_log_the_sentence_stands_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jobs.district.plan_district", raising(ZeroDivisionError()))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    assert main(WORDS) == 1
    sentence = (
        "程序出错（ZeroDivisionError），没有写出任何文件，详情也无法记入临时文件夹。请检查磁盘空间后再试。\n"
    )
    assert capsys.readouterr().err == sentence


def test_an_interrupted_run_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jobs.district.plan_district", raising(KeyboardInterrupt()))
    assert main(WORDS) == 130
    assert capsys.readouterr().err == "已中断，没有写出任何文件。\n"


def test_an_unknown_command_is_an_option_that_is_wrong(capsys):
    assert main(["paln"]) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("命令的写法不对（No such command 'paln'")
    assert sentence.endswith("加 --help 查看用法。")


@pytest.mark.parametrize(
    ("words", "expected"), [(["app", "x"], ["--", "x"]), (["app"], [])], ids=["folder", "empty"]
)
def test_app_becomes_the_desk_on_the_folder(tmp_path, monkeypatch, words, expected):
    monkeypatch.chdir(tmp_path)  # and back again at the end
    started: list[list[str]] = []
    monkeypatch.setattr(cli.os, "execv", lambda _, command: started.append(command))
    monkeypatch.setattr(cli.subprocess, "call", lambda *_, **__: 7)  # what a system without execv does
    assert main([*words, "--port", "8600"]) == 7
    (command,) = started
    assert command[command.index("--server.port") + 1] == "8600"
    folder = command[command.index("8600") + 1 :]
    assert [word.removeprefix(f"{tmp_path}/") for word in folder] == expected


def test_app_takes_a_file_of_roles_to_the_desk_and_none_with_faults(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ROLES_FILE, "")  # so that what the command sets is gone again at the end
    monkeypatch.delenv(ROLES_FILE)
    started: list[str] = []
    monkeypatch.setattr(cli.os, "execv", lambda *_: started.append(os.environ[ROLES_FILE]))
    monkeypatch.setattr(cli.subprocess, "call", lambda *_, **__: 0)
    Path("bad.toml").write_text('[[member]]\nname = "甲"\nrole = "boss"\n', encoding="utf-8")
    assert main(["app", "--roles", "bad.toml"]) == 2
    assert "角色文件 bad.toml 有 2 处要改：" in capsys.readouterr().err
    assert started == []
    Path("good.toml").write_text('[[member]]\nname = "甲"\nrole = "administrator"\n', encoding="utf-8")
    assert main(["app", "--roles", "good.toml"]) == 0
    assert started == [str(tmp_path / "good.toml")]


def test_test_hands_its_words_to_pytest(monkeypatch):
    started = []
    monkeypatch.setattr(cli.subprocess, "call", lambda command, **_: started.append(command) or 0)
    assert main(["test", "-k", "links"]) == 0
    assert started[0][1:3] == ["-m", "pytest"]
    assert started[0][-2:] == ["-k", "links"]


def test_bench_hands_its_words_to_the_benchmarks(monkeypatch):
    started = []
    monkeypatch.setattr(cli.subprocess, "call", lambda command, **_: started.append(command) or 0)
    assert main(["bench", "--case", "grid-100", "--help"]) == 0
    assert started[0][-5:] == ["-m", "benchmarks.bench", "--case", "grid-100", "--help"]


# --- a town, every option once -----------------------------------------------------------------------


def layer(path: Path, shapes: list[object], **columns: list[str]) -> None:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(path)


def ground(x: float, y: float, width: float, height: float):
    return box(587_000 + x, 3_248_000 + y, 587_000 + x + width, 3_248_000 + y + height)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The files of a tiny street office: a ledger with centres, and all that can be laid beside it."""
    folder = tmp_path_factory.mktemp("town")
    lines = [
        f"{i},{i}小区,{'' if COUNTS[i] is None else COUNTS[i]},{587_020 + x},{3_248_020 + y},{'东街' if x < 200 else '西街'},x"
        for i, (x, y) in PLACES.items()
    ]
    lines.append("Z9,别处,500,587900,3248900,东街,y")
    (folder / "ledger.csv").write_text(
        "\n".join(["代码,院名,户数量,X,Y,片区,批次", *lines]) + "\n", encoding="utf-8"
    )
    (folder / "fields.csv").write_text("name,院名\n", encoding="utf-8")
    (folder / "links.csv").write_text(
        "a,b,kind,reason\nA4,B4,adjacent,新开的门\nA1,A2,together,\nA2,A3,apart,\nA3,B3,not_adjacent,\n",
        encoding="utf-8",
    )
    (folder / "scope.csv").write_text(
        "community_id,scope,reason\nC1,fixed,已备案\nC2,excluded,拆迁\n", encoding="utf-8"
    )
    (folder / "locks.csv").write_text("community_id,area_id\nB1,PMA-007\nB2,PMA-007\n", encoding="utf-8")
    layer(
        folder / "grids.gpkg",
        [ground(-10, -10, 120, 300), ground(110, -10, 300, 300)],
        name=["一网格", "二网格"],
    )
    layer(folder / "committees.gpkg", [ground(-10, -10, 500, 400)], name=["东社区"])
    layer(folder / "police.gpkg", [ground(-10, -10, 500, 400)], name=["中山路派出所"])
    layer(folder / "firms.gpkg", [ground(-10, -10, 100, 100)], name=["某物业公司"])
    road = LineString([(586_900, 3_248_070), (587_500, 3_248_070)])
    layer(folder / "roads.gpkg", [road], 类别=["主干路"])
    layer(folder / "bridges.gpkg", [Point(587_200, 3_248_070)], name=["桥"])
    layer(folder / "outlines.gpkg", [square(*PLACES[i]) for i in COUNTS], 编号=list(COUNTS))
    blocks = [square(x + 5, y + 5, 10) for x, y in PLACES.values()]
    layer(folder / "blocks.gpkg", blocks, 小区编号=list(COUNTS), 楼号=["1"] * len(COUNTS))
    return folder


def plan(town: Path, out: Path, *options: str) -> int:
    ledger = str(town / "ledger.csv")
    columns = ["--id", "代码", "--count", "户数量", "--fields", str(town / "fields.csv")]
    return main(["plan", ledger, "--out", str(out), "--crs", CRS, *columns, "--where", "批次=x", *options])


def beside(town: Path, *pairs: str) -> list[str]:
    """Options whose values are files of the town."""
    return [word if word.startswith("--") else str(town / word) for word in pairs]


def summary(out: Path) -> dict[str, object]:
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


def table(out: Path, name: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(out / "plan.gpkg", layer=name)


@pytest.fixture(scope="module")
def full(town, tmp_path_factory):
    """The folder written by one run with every kind of option."""
    out = tmp_path_factory.mktemp("full") / "out"
    files = beside(
        town, "--links", "links.csv", "--scope", "scope.csv", "--locks", "locks.csv", "--grids", "grids.gpkg",
        "--committees", "committees.gpkg", "--duties", "police.gpkg", "--duties", "firms.gpkg", "--barriers", "roads.gpkg",
        "--barriers", "bridges.gpkg", "--outlines", "outlines.gpkg", "--buildings", "blocks.gpkg", "--boundary",
        "committees.gpkg",
    )  # fmt: skip
    numbers = [
        "--minimum",
        "90",
        "--upper",
        "300",
        "--reach-m",
        "50",
        "--seconds",
        "60",
        "--seed",
        "3",
        "--workers",
        "2",
    ]
    assert plan(town, out, *files, *numbers, "--within", "片区", "--most-areas") == 0
    return out


def test_the_folder_holds_the_files_of_the_design(full):
    names = {
        "plan.gpkg",
        "plan.xlsx",
        "survey.xlsx",
        "findings.csv",
        "map.html",
        "summary.json",
        "rules.toml",
    }
    assert {p.name for p in full.iterdir()} == names


def test_the_summary_holds_the_fields_of_the_design_and_ours(full):
    said = summary(full)
    assert set(said) == DESIGN | OURS
    assert set(said["seconds"]) == {"read", "clean", "links", "candidates", "solve", "check", "write"}
    assert (said["minimum"], said["seed"], said["count"], said["crs"]) == (90, 3, "户数量", CRS)
    assert (said["communities"], said["held"], said["fixed"], said["excluded"]) == (11, 1, 1, 1)
    assert said["rows"] == {"in": 11, "used": 11, "refused": 0}
    assert said["violations"] == 0


def test_the_geopackage_holds_the_layers_of_the_design(full):
    names = {
        "communities",
        "areas",
        "links",
        "refused_links",
        "buildings",
        "barriers",
        "grids",
        "committees",
        "crossings",
        "duties",
    }
    assert {name for name, _ in pyogrio.list_layers(full / "plan.gpkg")} == {
        *names,
        "grounds",
        "area_grid",
        "community_grid",
        "certificate",
        "pairs",
    }


COLUMNS = {
    "communities": {"community_id", "name", "count", "count_status", "scope", "area_id", "outcome", "reason_code", "reason",
                    "below_min_group", "committee", "grids", "dwellings", "households", "owners"},
    "areas": {"area_id", "center_id", "communities", "count", "cost", "cost_walk", "cost_join", "cost_cross"},
    "links": {"a", "b", "gap_m", "crosses", "wall_m", "kind", "verified"},
    "refused_links": {"a", "b", "gap_m", "cause"},
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_a_layer_holds_the_columns_of_the_design(full, name):
    assert COLUMNS[name] - set(table(full, name).columns) == set()


def test_areas_sum_up_their_communities(full):
    communities, areas = table(full, "communities"), table(full, "areas").set_index("area_id")
    members = communities.dropna(subset="area_id").groupby("area_id")
    assert members["count"].sum().to_dict() == areas["count"].to_dict()
    assert members.size().to_dict() == areas["communities"].to_dict()
    assert areas.index.str.fullmatch(r"PMA-\d{3}").all()
    parts = [c for c in areas.columns if c.startswith("cost_")]
    assert areas[parts].sum(axis=1).to_numpy() == pytest.approx(areas["cost"].to_numpy(), abs=0.01)


def test_every_option_was_heard(full):
    rows = table(full, "communities").set_index("community_id")
    area = rows["area_id"]
    assert "Z9" not in rows.index  # --where
    assert rows.loc["C1", "outcome"] == "fixed"  # --scope
    assert rows.loc["C2", "outcome"] == "excluded"
    assert rows.loc["C3", "outcome"] == "held"  # --unknown hold
    assert set(area.index[area == area["B1"]]) == {"B1", "B2"}  # --locks
    assert area["A1"] == area["A2"]  # together
    assert area["A2"] != area["A3"]  # apart
    assert rows["committee"].unique().tolist() == ["东社区"]
    assert rows.loc["A1", "grids"] == "一网格"
    assert set(rows.geometry.geom_type) <= {"Polygon", "MultiPolygon"}  # --outlines
    links = table(full, "links").set_index(["a", "b"])
    assert links["verified"].all()
    assert links.loc[("A4", "B4"), "kind"] == "given"
    causes = table(full, "refused_links").set_index(["a", "b"])["cause"]
    assert causes["A1", "B1"] == "barrier:主干路"
    assert causes["A3", "B3"] == "not_adjacent"
    assert len(table(full, "duties")) == 2


def test_the_sheets_for_people(full):
    sheets = openpyxl.load_workbook(full / "plan.xlsx").sheetnames
    assert sheets == ["拟划定物业管理区域", "小区", "暂未组团", "网格", "数据核对清单", "计算核验说明"]
    assert "--minimum 90" in (full / "rules.toml").read_text(encoding="utf-8")


def test_areas_do_not_cross_the_column_named(town, tmp_path):
    assert plan(town, tmp_path / "out", "--within", "片区", "--reach-m", "90") == 0
    rows = table(tmp_path / "out", "communities").dropna(subset="area_id")
    assert (rows.groupby("area_id")["片区"].nunique() == 1).all()


def test_only_given_links_where_the_reach_is_nothing(town, tmp_path):
    assert plan(town, tmp_path / "out", "--reach-m", "0", *beside(town, "--links", "links.csv")) == 0
    # Communities that must share an area are linked by being asked to.
    assert table(tmp_path / "out", "links")[["a", "b"]].to_numpy().tolist() == [["A1", "A2"], ["A4", "B4"]]


def test_unknown_counts_are_estimated_where_asked(town, tmp_path):
    for word, count in (("median", 42), ("77", 77)):
        assert plan(town, tmp_path / word, "--unknown", word) == 0
        row = table(tmp_path / word, "communities").set_index("community_id").loc["C3"]
        assert (row["count"], row["count_status"]) == (count, "estimated")


def test_most_areas_never_makes_fewer(town, tmp_path):
    assert plan(town, tmp_path / "least") == 0
    assert plan(town, tmp_path / "most", "--most-areas") == 0
    least, most = summary(tmp_path / "least"), summary(tmp_path / "most")
    assert most["exceptions"] == least["exceptions"]
    assert most["areas"] >= least["areas"]


def test_an_existing_plan_is_kept_where_change_is_dear(town, tmp_path, capsys):
    """B2 would find B1; where it is in an area with A2 already, it stays with A2."""
    given = beside(town, "--scope", "scope.csv")
    assert plan(town, tmp_path / "first", "--minimum", "90", *given) == 0
    before = table(tmp_path / "first", "communities").set_index("community_id")["area_id"]
    assert (
        plan(
            town,
            tmp_path / "same",
            "--minimum",
            "90",
            *given,
            "--existing",
            str(tmp_path / "first" / "plan.gpkg"),
        )
        == 0
    )
    assert table(tmp_path / "same", "areas")["cost_change"].sum() == 0
    old = tmp_path / "old.csv"
    old.write_text("community_id,area_id\nA2,PMA-001\nB2,PMA-001\nA1,PMA-002\nB1,PMA-002\n", encoding="utf-8")
    assert before["A2"] != before["B2"]
    rules = tmp_path / "dear.toml"
    text = cli.HERE.joinpath("data", "rules", "chongqing.toml").read_text(encoding="utf-8")
    rules.write_text(
        text.replace("change_per_household = 50 ", "change_per_household = 500 "), encoding="utf-8"
    )
    options = ["--minimum", "90", *given, "--existing", str(old), "--rules", str(rules)]
    assert plan(town, tmp_path / "kept", *options) == 0
    after = table(tmp_path / "kept", "communities").set_index("community_id")["area_id"]
    assert after["A2"] == after["B2"] != after["A1"] == after["B1"]
    capsys.readouterr()


def test_why_not_that_one_is_answered_after_the_summary(town, tmp_path, capsys):
    asked = ["--ask", "A1,A2", "--ask", "A1,C3"]
    assert plan(town, tmp_path / "out", "--minimum", "90", *asked) == 0
    said = capsys.readouterr().out
    summary_at, first, second = (
        said.index(t) for t in ("拟划定物业管理区域", "A1小区、A2小区", "A1小区、C3小区")
    )
    assert summary_at < first < second
    assert re.search(r"^情形 +区域 +小区数 +户数 +综合代价 ", said, re.MULTILINE)
    assert re.search(r"^所问 +PMA-\d{3} +2 +110 ", said, re.MULTILINE)
    assert re.search(r"^差额 ", said, re.MULTILINE)
    assert "小区 C3 户数待核，不能放入区域。请先补录户数。" in said[second:]


def test_a_question_about_an_unknown_community_is_refused_before_the_work(town, tmp_path, capsys):
    assert plan(town, tmp_path / "out", "--ask", "A1,Q7") == 2
    expected = "--ask 中的编号“Q7”不在小区清单里。请核对编号（见 plan.xlsx 的小区表）后改正。\n"
    assert capsys.readouterr().err.endswith(expected)
    assert not (tmp_path / "out").exists()


def test_a_survey_is_filled_in_and_read_back(town, tmp_path):
    assert plan(town, tmp_path / "first") == 0
    book = openpyxl.load_workbook(tmp_path / "first" / "survey.xlsx")
    head = next(r for r in book.active.iter_rows() if r[0].value == "编号")
    column = next(cell.column for cell in head if cell.value == "户数（实数）")
    assert book.active.cell(head[0].row + 1, 1).value == "C3"
    book.active.cell(head[0].row + 1, column, 55)
    book.save(tmp_path / "filled.xlsx")
    assert plan(town, tmp_path / "second", "--survey", str(tmp_path / "filled.xlsx")) == 0
    row = table(tmp_path / "second", "communities").set_index("community_id").loc["C3"]
    assert (row["count"], row["count_status"], row["outcome"] == "held") == (55, "surveyed", False)
    assert summary(tmp_path / "second")["held"] == 0


# --- written whole or not at all ---------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_a_second_run_takes_the_place_of_the_first(town, tmp_path):
    assert plan(town, tmp_path / "out") == 0
    assert plan(town, tmp_path / "out", "--minimum", "90") == 0
    assert summary(tmp_path / "out")["minimum"] == 90
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("error", "code"),
    [(RuntimeError("full"), 1), (OSError(28, "No space left on device"), 2), (KeyboardInterrupt(), 130)],
)
def test_a_run_that_fails_while_writing_leaves_the_first(town, tmp_path, temp, monkeypatch, error, code):
    out = tmp_path / "out"
    assert plan(town, out) == 0
    before = contents(out)
    monkeypatch.setattr("report.tables.map_page", raising(error))
    assert plan(town, out, "--minimum", "90") == code
    assert contents(out) == before
    assert {p.name for p in tmp_path.iterdir()} == {"out", temp.name}


def test_a_run_that_is_refused_leaves_the_first(town, tmp_path):
    out = tmp_path / "out"
    assert plan(town, out) == 0
    before = contents(out)
    assert plan(town, out, "--minimum", "0") == 2
    assert contents(out) == before
