"""The questions of a meeting: what the plan leaves open, in words; and what blocks filing."""

from dataclasses import replace

import pytest

from geo.wording import has
from jobs.handing import changed_rules, handover_sections
from jobs.meeting import KINDS, UNITS, concerns, opinion_key, place_words, questions
from optimizer.plan import Plan
from optimizer.rules import CHONGQING
from store.drafts import Acceptance, Draft
from store.meetings import Dispute, KeptDispute, MeetingDecision
from tests import fakes

NONE = Draft(Plan((), {}, ()))
AT = "2026-03-01T01:00:00+00:00"


@pytest.fixture(scope="module")
def results():
    return fakes.results()


def kept(number: int, kind: str, *place: str, state: str = "open") -> KeptDispute:
    return KeptDispute(number, Dispute(kind, place, "甲、乙", "围墙归谁", state=state), "李科长", AT)


def asked(results, draft=NONE, disputes=(), rules_text="") -> dict[str, str]:
    return {q.key: q.text for q in questions(results, draft, disputes, rules_text=rules_text)}


def test_an_exception_is_asked_with_its_reason(results):
    found = asked(results)
    name, count = results.communities.loc["C007", ["name", "count"]]
    assert found["exception:C007"] == (
        f"{name}（{count} 户）：无相邻小区：最近的小区在 212 米外。是否维持、打包服务或另行调整？"
    )
    assert [key for key in found if key.startswith("exception:")] == sorted(
        (f"exception:{c}" for c in fakes.EXCEPTIONS),
        key=lambda key: -int(results.communities.at[key[10:], "count"]),
    )


def test_an_accepted_exception_is_decided(results):
    draft = replace(NONE, accepted={"C007": Acceptance("孤立", "王主任")})
    assert "exception:C007" not in asked(results, draft)
    assert "exception:C038" in asked(results, draft)


def test_exceptions_that_hang_together_are_one_question(results):
    table = results.communities.copy()
    table.loc[["C007", "C038"], "below_min_group"] = "B-001"
    found = asked(replace(results, communities=table))
    households = int(table.loc[["C007", "C038"], "count"].sum())
    names = "、".join(table.loc[["C007", "C038"], "name"])
    assert found["group:C007+C038"] == (
        f"{names}：合计 {households} 户，不足 100 户。是否作为一个区域？由谁认可、理由？"
    )
    assert "exception:C007" not in found


def test_areas_over_committees_and_grids_are_asked(results):
    table = results.communities.copy()
    first = table.index[table["area_id"] == "PMA-001"]
    table.loc[first[0], "committee"] = "红旗社区"
    grid = results.area_grid.copy()
    extra = grid[grid["area_id"] == "PMA-001"].assign(grid="第9网格", households=1)
    grid = type(grid)([*grid.to_dict("records"), *extra.to_dict("records")]).astype(grid.dtypes.to_dict())
    found = asked(replace(results, communities=table, area_grid=grid))
    assert found["committees:PMA-001"] == "PMA-001 含红旗社区、玉屏社区。以哪个社区为主？"
    assert found["grids:PMA-001"].endswith("、第9网格。由哪个网格牵头，或调整网格？")


def test_what_the_rules_leave_unconfirmed_is_asked(results):
    text = CHONGQING.read_text(encoding="utf-8")
    found = asked(results, rules_text=text)
    assert found["rule:consult_days"] == "征求意见期限 15 天：是否采用？"
    assert found["rule:division"] == (
        "《重庆市物业管理条例》第八条第一款、第九条、第十一条：条款原文是否核对无误？"
    )
    confirmed = asked(results, rules_text=text.replace("to_be_confirmed", "confirmed"))
    assert not any(key.startswith("rule:") for key in confirmed)


def test_questions_come_by_kind_disputes_first(results):
    text = CHONGQING.read_text(encoding="utf-8")
    found = questions(results, NONE, (kept(1, "area", "PMA-001"),), rules_text=text)
    kinds = [KINDS.index(q.kind) for q in found]
    assert found[0].key == "dispute:1"
    assert kinds == sorted(kinds)


def test_every_kind_and_unit_has_its_word():
    assert all(has(f"meeting.kind.{kind}") for kind in KINDS)
    assert all(has(f"meeting.unit.{unit}") for unit in UNITS)


def test_a_dispute_concerns_the_areas_its_place_lies_in(results):
    inside = results.communities.index[results.communities["area_id"] == "PMA-002"][0]
    of_area, of_pair = Dispute("area", ("PMA-001",), "", ""), Dispute("pair", ("C007", inside), "", "")
    assert [concerns(results, of_area, area) for area in ("PMA-001", "PMA-002")] == [True, False]
    assert [concerns(results, of_pair, area) for area in ("PMA-001", "PMA-002")] == [False, True]
    assert (
        place_words(results, of_pair)
        == f"{results.communities.at['C007', 'name']} 与 {results.communities.at[inside, 'name']}"
    )


@pytest.mark.parametrize("state", ["decided", "withdrawn"])
def test_a_dispute_that_is_no_longer_open_is_no_question(results, state):
    disputes = (kept(1, "area", "PMA-001", state=state),)
    assert "dispute:1" not in asked(results, disputes=disputes)


def test_the_handover_leaves_out_what_is_decided(results):
    found = questions(results, NONE, (), rules_text="")
    decisions = {"exception:C007": MeetingDecision("exception:C007", "问", "打包服务", "李科长", AT)}
    tasks, _, _, decided, _, log = handover_sections(
        results, found, (), (), decisions, [("1", "甲", "建立项目")]
    )
    texts = [text for _, text in tasks.rows]
    assert not any("无相邻小区：最近" in text for text in texts)
    name = results.communities.at["C023", "name"]
    assert f"户数待核：{name}（C023），请补录户数。" in texts
    assert "未核组团范围。" in texts
    assert decided.rows[0][:3] == ("问", "打包服务", "李科长")
    assert log.rows == (("1", "甲", "建立项目"),)


def test_changed_rules_are_told_key_by_key():
    standard = CHONGQING.read_text(encoding="utf-8")
    here = standard.replace("minimum = 100 ", "minimum = 80 ").replace('name = "围墙"', 'name = "院墙"')
    found = {key: (one, other) for key, one, other in changed_rules(standard, here)}
    assert found["group.minimum"] == ("100", "80")
    assert found["barrier.围墙.rule"] == ("wall", "—")
    assert found["barrier.院墙.rule"] == ("—", "wall")
    assert list(changed_rules(standard, standard)) == []


def test_opinions_have_keys_of_their_own():
    assert opinion_key("housing") == "opinion:housing"
