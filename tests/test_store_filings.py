"""Filings and follow-ups: kept whole or not at all, never over somebody else's words, all in the audit."""

from dataclasses import replace

import pytest

from geo.schema import DataError
from geo.wording import say
from store.filings import Filing, FollowUp
from tests.offices import office

SENT = Filing(
    "PMA-001", 1, "new", "物业科", submitted_on="2026-03-01", present=("notice", "decision", "notice")
)
FILED = replace(SENT, received_on="2026-03-02", filing_no="永建备2026-7", filed_on="2026-03-09")
RENEWAL = FollowUp("PMA-001", "committee_renewal", "2027-03-01", note="届满前三个月")


@pytest.fixture
def project(tmp_path):
    with office(tmp_path / "a.gpkg") as opened:
        yield opened


def test_a_filing_is_kept_and_changed(project):
    project.put_filing(SENT, "李科长", expected=None)
    (kept,) = project.filings()
    assert kept == replace(SENT, present=("decision", "notice"))
    project.put_filing(FILED, "王主任", expected=kept)
    assert [one.filing_no for one in project.filings()] == ["永建备2026-7"]
    assert project.broken_audit() is None


def test_each_area_of_each_version_has_its_own(project):
    for area_id, version in (("PMA-002", 1), ("PMA-001", 2), ("PMA-001", 1)):
        project.put_filing(replace(SENT, area_id=area_id, version=version), "李科长", expected=None)
    assert [(one.version, one.area_id) for one in project.filings()] == [
        (1, "PMA-001"),
        (1, "PMA-002"),
        (2, "PMA-001"),
    ]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "other"}, "store.unknown_filing_kind"),
        ({"submitted_on": "3月1日"}, "store.wrong_date"),
        ({"received_on": "2026-02-28"}, "store.filing_days"),
        ({"filed_on": "2026-03-09"}, "store.filing_number_and_day"),
        ({"filing_no": "7"}, "store.filing_number_and_day"),
        ({"handler": "张三13800138000"}, "store.private_number"),
        ({"opinion": "同意\x07"}, "store.unreadable_text"),
    ],
)
def test_a_filing_that_cannot_be_is_refused(project, wrong, code):
    with pytest.raises(DataError) as refused:
        project.put_filing(replace(SENT, **wrong), "李科长", expected=None)
    assert refused.value.code == code
    assert project.filings() == ()


def test_nobody_writes_over_a_filing_that_he_has_not_seen(project):
    project.put_filing(SENT, "王主任", expected=None)
    with pytest.raises(DataError, match=r"王主任刚才改过PMA-001的备案情况。"):
        project.put_filing(FILED, "李科长", expected=None)
    with pytest.raises(DataError):
        project.put_filing(FILED, "李科长", expected=SENT)  # its papers are in another order now
    assert project.filings()[0].filing_no == ""


def test_a_follow_up_is_kept_and_done(project):
    number = project.put_follow_up(replace(RENEWAL, note=" 届满前三个月 "), "李科长")
    (kept,) = project.follow_ups()
    assert (kept.number, kept.follow_up, kept.who) == (number, RENEWAL, "李科长")
    done = replace(RENEWAL, done_on="2027-02-10")
    assert project.put_follow_up(done, "王主任", number=number, expected=kept.at) == number
    assert [one.follow_up for one in project.follow_ups()] == [done]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "party"}, "store.unknown_follow_up"),
        ({"area_id": " "}, "store.no_area_chosen"),
        ({"due": ""}, "store.wrong_date"),
        ({"done_on": "去年"}, "store.wrong_date"),
        ({"note": "找13800138000"}, "store.private_number"),
    ],
)
def test_a_follow_up_that_cannot_be_is_refused(project, wrong, code):
    with pytest.raises(DataError) as refused:
        project.put_follow_up(replace(RENEWAL, **wrong), "李科长")
    assert refused.value.code == code
    assert project.follow_ups() == ()


def test_nobody_writes_over_a_follow_up_that_he_has_not_seen(project):
    number = project.put_follow_up(RENEWAL, "李科长")
    (seen,) = project.follow_ups()
    project.put_follow_up(replace(RENEWAL, note="提前"), "王主任", number=number, expected=seen.at)
    with pytest.raises(DataError, match=r"王主任刚才改过后续事项1。请核对现在的内容后再改。"):
        project.put_follow_up(RENEWAL, "李科长", number=number, expected=seen.at)
    with pytest.raises(DataError, match=r"没有编号为9的后续事项。"):
        project.put_follow_up(RENEWAL, "李科长", number=9, expected=seen.at)
    assert project.follow_ups()[0].follow_up.note == "提前"


def test_the_history_names_the_area(project):
    project.put_filing(SENT, "李科长", expected=None)
    project.put_follow_up(RENEWAL, "王主任")
    told = [say(row.title[0], **row.title[1]) for row in project.history()[1:]]
    assert told == ["填写PMA-001的备案情况", "登记PMA-001的后续事项"]
