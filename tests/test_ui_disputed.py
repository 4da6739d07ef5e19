"""Open disputes where the plan is shown: checks, cards, badge; what is decided is silent."""

import pytest

from store.meetings import Dispute, KeptDispute
from tests import fakes
from ui import contents
from ui.disputed import badge_with, dispute_texts, with_disputes

AT = "2026-03-01T01:00:00+00:00"


def kept(number: int, kind: str, *place: str, state: str = "open") -> KeptDispute:
    return KeptDispute(number, Dispute(kind, place, "甲、乙", "围墙归谁", state=state), "李科长", AT)


@pytest.fixture(scope="module")
def results():
    return fakes.results()


def test_an_open_dispute_heads_the_checks(results):
    lists = [contents.checks_list(results, ()), *contents.lists(results)]
    shown = with_disputes(
        lists, results, (kept(1, "area", "PMA-002"), kept(2, "area", "PMA-001", state="decided"))
    )
    (row,) = shown[0]["rows"]
    assert (row["id"], row["head"]) == ("areas:1", "PMA-002")
    assert row["texts"] == [
        "争议 1（甲、乙）：围墙归谁",
        "不影响征求意见和定稿，议定前不能备案。在“会商”页面议定。",
    ]
    assert shown[1:] == lists[1:]
    assert lists[0]["rows"] == []


def test_a_place_that_the_plan_no_longer_has_is_still_told(results):
    (row,) = with_disputes([contents.checks_list(results, ())], results, (kept(1, "area", "PMA-999"),))[0][
        "rows"
    ]
    assert (row["id"], row["head"]) == ("", "PMA-999")


def test_the_badge_counts_open_disputes():
    one = (kept(1, "area", "PMA-001"),)
    assert badge_with(("good", "全部符合"), one) == ("fair", "全部符合 · 争议 1 件")
    assert badge_with(("bad", "2 项"), one) == ("bad", "2 项 · 争议 1 件")
    assert badge_with(("good", "全部符合"), (kept(1, "area", "PMA-001", state="withdrawn"),)) == (
        "good",
        "全部符合",
    )


def test_cards_tell_of_the_area_and_of_what_lies_in_it(results):
    inside = results.communities.index[results.communities["area_id"] == "PMA-001"][0]
    disputes = (kept(1, "area", "PMA-001"), kept(2, "pair", inside, "C007"))
    assert dispute_texts(results, disputes, "areas", "PMA-001") == [
        "争议 1（甲、乙）：围墙归谁",
        "争议 2（甲、乙）：围墙归谁",
    ]
    assert dispute_texts(results, disputes, "communities", "C007") == ["争议 2（甲、乙）：围墙归谁"]
    assert dispute_texts(results, disputes, "areas", "PMA-003") == []
