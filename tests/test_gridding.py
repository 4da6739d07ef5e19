"""Pages for grid workers from a plan's folder, a draft and a frozen version: what they take from where."""

import pickle
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from geo.schema import DataError
from jobs.cases import frozen_version
from jobs.cli import SAMPLE, main
from jobs.district import plan_district
from jobs.gridding import (
    dates_of,
    day_given,
    grid_pages,
    pages_of,
    responsible_of,
    suggested_dates,
    told_of_plan,
    told_of_version,
)
from jobs.projects import project_of
from jobs.reopened import reopened
from jobs.sample import sample_request
from report.documents.naming import area_names
from report.duties import issues
from report.gridpages.cuts import area_grid_of, grids_of
from report.gridpages.scene import Backdrop
from report.gridpages.told import Dates
from report.gridpages.writing import Press
from report.reopening import read_results
from report.results import write_results
from store.drafts import Acceptance
from store.edits import SetContact, SetMode
from store.office import Confirmation, Office
from store.opinions import Answer, Change, Form
from store.project import open_project
from tests import fakes
from tests.gridtowns import town
from tests.test_gridpages import Read

DAY = date(2026, 11, 23)
ASKED = datetime.now(UTC).astimezone().date()  # no step is dated before the freeze, which is of today
RULES = """[group]
minimum = 100
[procedure]
consult_days = 15
consult_days_status = "to_be_confirmed"
notice_days = 7
notice_days_status = "to_be_confirmed"
"""
OFFICE = Office(
    supervision_phone="023-49800001",
    answers={"wall": "不因划定区域拆除围墙。"},
    phones={"fire": "023-49112233", "中山路派出所": "023-49110110"},
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """A written plan of the town drawn by hand."""
    folder = tmp_path_factory.mktemp("grids") / "plan"
    station = fakes.layers()["duties"]
    results = town()
    write_results(replace(results, rules_text=RULES, layers={**results.layers, "duties": station}), folder)
    return folder


@pytest.fixture
def project(plan, tmp_path):
    with open_project(project_of(plan, tmp_path)) as opened:
        yield opened


def words(folder, name):
    pages = {path: Read(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("grid-*.html"))}
    return next(page.words for page in pages.values() if page.words.startswith(name))


# --- of a plan -------------------------------------------------------------------------------------


def test_the_pages_of_a_folder_suggest_days_and_name_units_without_phones(plan, tmp_path):
    written = pages_of(plan, tmp_path / "out", day=DAY)
    assert [grid.name for grid in written.grids] == ["第1网格", "第2网格", "第3网格", "第10网格"]
    told = words(tmp_path / "out", "第1网格")
    assert "12月8日前" in told
    assert "还没有开始征求意见：日期先按11月23日开始推算，以街道公告为准。" in told
    assert "方案草案，还没有定稿" in told
    assert "中山路派出所" in told
    assert "街道还没有填各单位的办公电话，电话请问街道。" in told
    assert "不交意见表，算不算同意？ 不算同意，也不算不同意。" in told


def test_areas_are_called_as_on_the_papers(tmp_path):
    results = plan_district(sample_request(SAMPLE))
    grid_pages(results, told_of_plan(results, day=DAY), tmp_path / "out")
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("grid-*.html")]
    assert "皂角巷片区" in "".join(pages)
    said = "".join(Read(page).words for page in pages)
    assert not [area_id for area_id in area_names(results) if area_id in said]


def test_areas_and_grids_are_those_of_a_run(tmp_path):
    results = plan_district(sample_request(SAMPLE))
    expected = results.area_grid.sort_values(["area_id", "grid"], ignore_index=True)
    assert len(expected) > 20
    pd.testing.assert_frame_equal(area_grid_of(grids_of(results)), expected)


def test_each_grid_is_heard_of(plan, tmp_path):
    heard = []
    results = read_results(plan)
    grid_pages(results, told_of_plan(results, day=DAY), tmp_path / "out", progress=heard.append)
    assert [(step.stage, step.pieces) for step in heard] == [("grids", (n, 4)) for n in range(5)]


def test_another_process_makes_the_same_files(plan):
    results = read_results(plan)
    press = Press(Backdrop.of(results), told_of_plan(results, day=DAY))
    grid = grids_of(results)[0]
    sent, received = pickle.loads(pickle.dumps((press, grid)))
    assert sent(received).files == press(grid).files


def test_rules_without_a_period_suggest_nothing():
    assert suggested_dates("[group]\nminimum = 100\n", DAY).consult_ends is None
    assert suggested_dates(RULES, DAY).consult_ends == date(2026, 12, 8)
    assert suggested_dates(RULES, DAY).suggested


def test_a_grid_without_communities_still_has_units(plan):
    told = responsible_of(town(), {"fire": "023-49112233"})
    assert set(told) == {"第1网格", "第2网格", "第3网格", "第10网格"}
    helped = next(issue for issue in issues() if any(answer.helps for answer in issue.answers))
    leading = [answer.unit for answer in helped.answers if not answer.helps]
    assert len([one for one in told["第10网格"] if one.issue == helped.name]) == len(leading)
    lanes = [one for one in told["第10网格"] if one.issue == "堵塞消防通道"]
    assert [(one.unit, one.phone) for one in lanes[:1]] == [("区消防救援支队", "023-49112233")]


# --- of a project ----------------------------------------------------------------------------------


def test_a_draft_brings_its_contacts_modes_and_the_offices_phones(project, plan, tmp_path):
    town_ = reopened(read_results(plan))
    opened = project.draft(project.drafts()[0].draft_id, town_.graph)
    for number, command in enumerate(
        (SetContact("PMA-001", "玉屏社区物业专干"), SetMode("PMA-001", "self_managed", "业主大会决议"))
    ):
        project.append(opened.draft_id, command, opened.revision + number, "李科长", graph=town_.graph)
    project.set_office(OFFICE, "李科长", expected=Office())
    pages_of(project.path, tmp_path / "out", day=DAY)
    told = words(tmp_path / "out", "第1网格")
    assert "联络专人 玉屏社区物业专干" in told
    assert "管理模式 业主（居民）自治" in told or "管理模式 业主自治" in told
    assert "023-49112233" in told
    assert "023-49110110" in told, "the station that is responsible here has a line of its own"
    assert "不因划定区域拆除围墙。" in told
    assert "监督电话 023-49800001" in told


@pytest.fixture
def frozen_project(project, plan):
    """Version 1 of the plan; PMA-001 is being asked, with four forms of which one was never handed out."""
    town_ = reopened(read_results(plan))
    state = project.draft(project.drafts()[0].draft_id, town_.graph).state
    places = [*town_.graph, *(area.area_id for area in state.plan.areas)]
    accepted = dict.fromkeys(places, Acceptance("样例", "李科长"))
    draft_id = project.add_draft("草稿", replace(state, accepted=accepted), "李科长")
    project.freeze(draft_id, "稿", 1, "李科长", graph=town_.graph, rules=town_.rules)
    project.proceed(
        1, ["PMA-001"], "consulting", on=ASKED.isoformat(), reason="", who="李科长", expected=10**6
    )
    blank = [
        Form(f"01-001-{n:04d}", 1, "PMA-001", community, building)
        for n, (community, building) in enumerate(
            [("C001", "1栋"), ("C001", "1栋"), ("C001", "1栋"), ("C002", ""), ("C002", "")], 1
        )
    ]
    project.prepare_forms(blank, "李科长")
    sent = [replace(form, sent_on=ASKED.isoformat(), way="letterbox") for form in blank]
    back = (Answer("agree", ASKED.isoformat()),)
    after = [sent[0], sent[1], replace(sent[2], answers=back), replace(sent[3], answers=back), blank[4]]
    project.put_forms([Change(b, a) for b, a in zip(blank, after, strict=True)], "李科长")
    return project


def test_a_version_brings_its_procedure_and_its_forms(frozen_project, tmp_path):
    frozen = frozen_version(frozen_project, 1)
    told = told_of_version(frozen, day=DAY)
    assert told.source == f"方案第1版，校验码{frozen.version.sha256[:12]}"
    assert told.states["PMA-001"] == "正在征求意见"
    assert told.states["PMA-002"] == "已定稿，还没有征求意见"
    days = told.dates["PMA-001"]
    assert (days.consult_begins, days.consult_ends, days.suggested) == (
        ASKED,
        ASKED + timedelta(days=15),
        True,
    )
    assert told.dates["PMA-002"] == Dates()
    assert told.outstanding.to_numpy().tolist() == [["C001", "1栋", 2], ["C002", "", 0]]
    pages_of(frozen_project.path, tmp_path / "out", day=DAY)
    assert "1栋 10 6 少于3" in words(tmp_path / "out", "第1网格")
    assert "区域 进度 正在征求意见" not in words(tmp_path / "out", "第1网格")
    assert "进度 正在征求意见" in words(tmp_path / "out", "第1网格")


def test_a_period_that_a_post_has_confirmed_is_not_suggested(frozen_project):
    frozen = frozen_version(frozen_project, 1)
    confirmed = Office(confirmed={"consult_days": Confirmation("15", "法规科", "2026-11-01")})
    assert not dates_of(frozen.course("PMA-001"), frozen.version, confirmed).suggested
    assert dates_of(frozen.course("PMA-001"), frozen.version, Office()).suggested


# --- the command -----------------------------------------------------------------------------------


def test_the_command_writes_the_folder_and_says_so(plan, tmp_path, capsys):
    out = tmp_path / "out"
    given = [
        "grids",
        str(plan),
        "--out",
        str(out),
        "--day",
        "2026-11-23",
        "--address",
        "https://zt.example.cn/w",
    ]
    assert main([*given, "--workers", "1"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"4 个网格的页面已写好，最大的 \d+ KB", said[0])
    assert said[1] == f"已写出：{out}"
    assert "2026年11月23日" in words(out, "第1网格")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--day", "23.11.2026"], "日期“23.11.2026”读不出来。请写成 2026-11-23 这样。"),
        (
            ["--address", "zt.example.cn"],
            "手机访问地址“zt.example.cn”不能用。请写以 http:// 或 https:// 开头的完整地址，例如 https://zt.example.cn/wangge；没有就不写这个选项。",
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(plan, tmp_path, capsys, options, sentence):
    assert main(["grids", str(plan), "--out", str(tmp_path / "out"), *options]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == sentence
    assert not (tmp_path / "out").exists()


def test_what_is_no_plan_is_named(tmp_path):
    with pytest.raises(DataError) as error:
        pages_of(tmp_path / "无", tmp_path / "out", day=DAY)
    assert (
        str(error.value)
        == "无 不是规划结果的文件夹，也不是项目文件（.gpkg）。请给出 --out 写出的文件夹，或项目文件。"
    )


def test_without_a_day_it_is_today():
    assert day_given("") == date.today()  # noqa: DTZ011 - what it is about
