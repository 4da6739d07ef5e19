"""Disputes and decisions of meetings: kept whole or not at all, never over somebody else's words, all in the audit."""

from dataclasses import replace

import pytest

from geo.schema import DataError
from geo.wording import say
from store.meetings import Dispute
from tests.offices import office

WALL = Dispute("pair", ("b", "a"), "a小区与b小区", "围墙归谁")


@pytest.fixture
def project(tmp_path):
    with office(tmp_path / "a.gpkg") as opened:
        yield opened


def test_a_dispute_is_kept_and_changed(project):
    number = project.put_dispute(WALL, "李科长(物业科)")
    (first,) = project.disputes()
    assert (first.number, first.who) == (number, "李科长(物业科)")
    assert first.dispute == replace(WALL, place=("a", "b"))
    decided = replace(first.dispute, decision="归a小区", state="decided")
    assert project.put_dispute(decided, "王主任", number=number, expected=first.at) == number
    (second,) = project.disputes()
    assert (second.dispute, second.who) == (decided, "王主任")
    assert project.broken_audit() is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"place": ()}, "store.dispute_needs_place"),
        ({"place": ("a", "a")}, "store.dispute_needs_place"),
        ({"place": ("a", "")}, "store.dispute_needs_place"),
        ({"kind": "street"}, "store.dispute_needs_place"),
        ({"parties": "  "}, "store.dispute_needs_parties"),
        ({"claim": ""}, "store.dispute_needs_claim"),
        ({"state": "decided"}, "store.dispute_needs_decision"),
        ({"state": "gone"}, "store.unknown_dispute_state"),
        ({"claim": "墙\x07"}, "store.unreadable_text"),
    ],
)
def test_a_dispute_that_is_not_whole_is_refused(project, wrong, code):
    with pytest.raises(DataError) as refused:
        project.put_dispute(replace(WALL, **wrong), "李科长")
    assert refused.value.code == code
    assert project.disputes() == ()


def test_nobody_writes_over_what_he_has_not_seen(project):
    number = project.put_dispute(WALL, "李科长")
    (seen,) = project.disputes()
    project.put_dispute(replace(WALL, claim="墙和车位"), "王主任", number=number, expected=seen.at)
    with pytest.raises(DataError, match=r"王主任 刚才改过争议 1。请核对现在的内容后再改。"):
        project.put_dispute(WALL, "李科长", number=number, expected=seen.at)
    assert project.disputes()[0].dispute.claim == "墙和车位"


def test_an_unknown_dispute_is_refused(project):
    with pytest.raises(DataError, match=r"没有编号为 9 的争议"):
        project.put_dispute(WALL, "李科长", number=9, expected="")


def test_a_decision_is_kept_changed_and_taken_back(project):
    project.decide("exception:e", "打包服务", "李科长(物业科)", asked="e小区?")
    kept = project.meeting_decisions()["exception:e"]
    assert (kept.text, kept.asked, kept.who) == ("打包服务", "e小区?", "李科长(物业科)")
    project.decide("exception:e", "维持现状", "王主任", asked="e小区?", expected="打包服务")
    assert project.meeting_decisions()["exception:e"].text == "维持现状"
    project.decide("exception:e", " ", "王主任", asked="e小区?", expected="维持现状")
    assert project.meeting_decisions() == {}


def test_a_decision_of_somebody_else_is_not_lost(project):
    project.decide("exception:e", "打包服务", "王主任", asked="e小区?")
    with pytest.raises(DataError, match=r"王主任 刚才填写了这一项的议定意见。"):
        project.decide("exception:e", "并入", "李科长", asked="e小区?")
    assert project.meeting_decisions()["exception:e"].text == "打包服务"


def test_taking_back_what_is_not_there_changes_nothing(project):
    before = project.history()
    project.decide("exception:e", "", "李科长", asked="e小区?")
    assert project.history() == before


def test_nobody_decides_without_a_name(project):
    with pytest.raises(DataError):
        project.decide("exception:e", "打包", " ", asked="?")
    with pytest.raises(DataError):
        project.put_dispute(WALL, "")
    assert (project.disputes(), project.meeting_decisions()) == ((), {})


def test_the_history_tells_who_did_what(project):
    number = project.put_dispute(WALL, "李科长(物业科)")
    (kept,) = project.disputes()
    decided = replace(kept.dispute, decision="归a小区", state="decided")
    project.put_dispute(decided, "王主任", number=number, expected=kept.at)
    project.decide("exception:e", "打包服务", "王主任", asked="e小区?")
    project.decide("exception:e", "", "王主任", asked="e小区?", expected="打包服务")
    told = [(row.who, say(row.title[0], **row.title[1])) for row in project.history()]
    assert told == [
        ("李科长", "建立项目"),
        ("李科长(物业科)", "登记争议 1：围墙归谁"),
        ("王主任", "争议 1 已议定：围墙归谁——归a小区"),
        ("王主任", "会商议定：e小区?——打包服务"),
        ("王主任", "撤回会商议定：e小区?"),
    ]
