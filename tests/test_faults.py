"""What maps say of areas without colour: below the minimum, in pieces, across a bound, opened by hand."""

from dataclasses import replace

import pandas as pd
import pytest

from geo.schema import REFUSED_COLUMNS
from report.faults import cut_off, faults_of, opened
from report.layers import Marks, area_signs, area_styles, community_signs
from report.results import Results
from tests import fakes

RULES = (("minimum", "PMA-001"), ("connection", "PMA-002"), ("upper", "PMA-003"), ("within", "PMA-004"))


@pytest.fixture(scope="module")
def plan() -> Results:
    return fakes.results()


def parted(plan: Results, *, cause: str = "") -> Results:
    """Cut C003 off from C004 and C005, its company in PMA-002; `cause` is why the two are no link."""
    links = plan.links
    taken = links[(links["a"] == "C003") & (links["b"] == "C004")]
    refused = taken.assign(cause=cause)[[*REFUSED_COLUMNS, "geometry"]].astype(REFUSED_COLUMNS)
    faults = fakes.violations(*((rule, area, "1", "2", "") for rule, area in RULES))
    others = plan.refused_links.head(0)
    return replace(
        plan,
        links=links.drop(taken.index),
        refused_links=pd.concat([others, refused]) if cause else others,
        violations=faults,
    )


def test_each_kind_of_fault_has_a_style_and_a_sign_of_its_own(plan):
    found = parted(plan)
    styles, signs = area_styles(found), area_signs(found)
    told = {area: (styles[area], signs[area]) for area in ("PMA-001", "PMA-002", "PMA-003", "PMA-004")}
    assert told == {
        "PMA-001": ("below_minimum", "!"),
        "PMA-002": ("cut_off", "C"),
        "PMA-003": ("broken", "×"),
        "PMA-004": ("crossing", "X"),
    }
    assert (signs.drop(list(told)) == "").all()


def test_pieces_with_a_bound_between_them_also_cross_it(plan):
    assert faults_of(parted(plan, cause="barrier:河流"))["PMA-002"] == ("crossing", "cut_off")
    assert faults_of(parted(plan, cause="not_adjacent"))["PMA-002"] == ("cut_off",)


def test_a_bound_within_one_piece_is_not_crossed(plan):
    found = parted(plan, cause="barrier:河流")
    beside = found.refused_links.assign(a="C004", b="C005").astype(REFUSED_COLUMNS)
    assert faults_of(replace(found, refused_links=beside))["PMA-002"] == ("cut_off",)


def test_the_smaller_piece_is_signed_as_cut_off(plan):
    found = parted(plan)
    assert cut_off(found) == {"C003"}
    assert community_signs(found, Marks(locked=frozenset({"C003"})))["C003"] == "CL"
    assert cut_off(plan) == frozenset()


def test_a_pair_that_must_be_together_holds_an_area_together(plan):
    found = parted(plan)
    tie = pd.DataFrame({"a": ["C003"], "b": ["C005"], "kind": ["together"]}).astype("str")
    assert cut_off(replace(found, pairs=tie)) == frozenset()


def test_what_was_accepted_keeps_the_sign_of_its_fault(plan):
    found = parted(plan)
    accepted = found.violations.assign(accepted="王主任").astype("str")
    told = replace(found, violations=accepted)
    assert area_styles(told)["PMA-002"] == "suffered"
    assert area_signs(told)["PMA-002"] == "C√"


def test_an_area_with_a_bound_opened_by_hand_says_so(plan):
    links = plan.links.assign(kind=plan.links["kind"].mask(plan.links["a"] == "C001", "given").astype("str"))
    sides = plan.communities["committee"].mask(plan.communities.index == "C001", "别的社区").astype("str")
    given = replace(plan, links=links, communities=plan.communities.assign(committee=sides))
    within = {**plan.summary, "within": ["committee"]}
    assert opened(given) == frozenset()  # no rule keeps committees apart
    assert opened(replace(given, summary=within)) == {"PMA-001"}
    assert area_styles(replace(given, summary=within))["PMA-001"] == "opened"
    assert area_signs(replace(given, summary=within))["PMA-001"] == "O"


def test_a_never_bound_crossed_by_a_given_link_is_an_opened_one(plan):
    told = {"kind": "given", "crosses": "支路、铁路"}
    first = plan.links["a"] == "C001"
    links = plan.links.assign(**{k: plan.links[k].mask(first, v).astype("str") for k, v in told.items()})
    barriers = plan.layers["barriers"].assign(never=True, wall=False, barrier_class="铁路")
    layers = {**plan.layers, "barriers": barriers}
    assert opened(replace(plan, links=links, layers=layers)) == {"PMA-001"}
    free = {**plan.layers, "barriers": barriers.assign(never=False)}
    assert opened(replace(plan, links=links, layers=free)) == frozenset()
