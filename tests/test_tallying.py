"""The tally beside tables worked out by hand, for every profile; what is in doubt; silence is never consent."""

from dataclasses import replace
from fractions import Fraction

import pytest

from jobs.procedures import profile_of, profiles
from jobs.tallying import Asked, forms_of, same_signature, suspicions, tally, themes_of
from optimizer.rules import CHONGQING
from report import tally as figures
from report.handed_in import CODES
from report.tally import BASES, HEAD_COUNTS, Amount, Counts, Tally
from store import opinions
from store.opinion_people import DISTINCT
from store.opinions import Answer, Form, Theme
from store.proceedings import Course, Proceeding

YES, NO, OTHER = (
    Answer("agree", "2026-11-02"),
    Answer("disagree", "2026-11-03"),
    Answer("other", "2026-11-04"),
)
BAD = Answer("", "2026-11-05", "unsigned")
EAST, WEST = "C1", "C2"
ASKED = (Asked(EAST, "东苑", 6), Asked(WEST, "西苑", 4))
SENT = "2026-11-01"


def form(number: int, community: str = EAST, **more: object) -> Form:
    told = {"area_m2": 50.0, "sent_on": SENT, **more}
    return Form(f"01-001-{number:04d}", 1, "PMA-001", community, **told)


def no(number: int) -> str:
    return f"01-001-{number:04d}"


# The consultation that the tables below were worked out from, on paper.
#
#   no  community  m²     owner     what came back
#    1  东苑        50    (a)       agree
#    2  东苑        60    (a) =1    agree               the same owner as 1
#    3  东苑        70    b         disagree
#    4  东苑        ?     c         agree               floor area unknown
#    5  东苑        40    d         nothing
#    6  东苑        80    e         never handed out
#    7  西苑        90    f         not signed
#    8  西苑       100    g         other
#    9  西苑        50    (a) =1    agree               the same owner, in the other community
#   10  西苑        60    h         agree, and disagree on a second sheet: in doubt
FORMS = (
    form(1, answers=(YES,)),
    form(2, area_m2=60.0, holder=no(1), answers=(YES,)),
    form(3, area_m2=70.0, answers=(NO,)),
    form(4, area_m2=None, answers=(YES,)),
    form(5, area_m2=40.0),
    form(6, area_m2=80.0, sent_on=""),
    form(7, WEST, area_m2=90.0, answers=(BAD,)),
    form(8, WEST, area_m2=100.0, answers=(OTHER,)),
    form(9, WEST, holder=no(1), answers=(YES,)),
    form(10, WEST, area_m2=60.0, answers=(YES, NO)),
)

# forms, owners, m², forms of which the area is known; by one owner, one person
EAST_BY_HAND = Counts(
    not_reached=Amount(1, 1, 80.0, 1),
    unanswered=Amount(1, 1, 40.0, 1),
    suspected=Amount(0, 0, 0.0, 0),
    invalid=Amount(0, 0, 0.0, 0),
    agree=Amount(3, 2, 110.0, 2),
    disagree=Amount(1, 1, 70.0, 1),
    other=Amount(0, 0, 0.0, 0),
)
WEST_BY_HAND = Counts(
    not_reached=Amount(0, 0, 0.0, 0),
    unanswered=Amount(0, 0, 0.0, 0),
    suspected=Amount(1, 1, 60.0, 1),
    invalid=Amount(1, 1, 90.0, 1),
    agree=Amount(1, 1, 50.0, 1),
    disagree=Amount(0, 0, 0.0, 0),
    other=Amount(1, 1, 100.0, 1),
)
TOTAL_BY_HAND = Counts(
    not_reached=Amount(1, 1, 80.0, 1),
    unanswered=Amount(1, 1, 40.0, 1),
    suspected=Amount(1, 1, 60.0, 1),
    invalid=Amount(1, 1, 90.0, 1),
    agree=Amount(4, 2, 160.0, 3),  # the owner of three is one person in both communities together
    disagree=Amount(1, 1, 70.0, 1),
    other=Amount(1, 1, 100.0, 1),
)


def counted(
    forms: tuple[Form, ...] = FORMS, *, key: str = "chongqing", kind: str = "delimit", **more
) -> Tally:
    told = {"communities": ASKED, "profile": profiles()[key], "kind": kind, **more}
    return tally(forms, **told)


# --- by hand ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", figures.KINDS)
@pytest.mark.parametrize("key", list(profiles()))
def test_the_figures_are_those_worked_out_by_hand_whatever_the_profile(key, kind):
    told = counted(key=key, kind=kind)
    assert [one.counts for one in told.communities] == [EAST_BY_HAND, WEST_BY_HAND]
    assert told.total == TOTAL_BY_HAND
    assert (told.first_sent, told.last_returned, told.copies) == (SENT, "2026-11-05", 0)


def test_sums_are_made_of_the_parts():
    total = counted().total
    assert total.valid == Amount(6, 4, 330.0, 5)
    assert total.returned == Amount(8, 6, 480.0, 7)
    assert total.sent == Amount(9, 7, 520.0, 8)
    assert total.asked == Amount(10, 8, 600.0, 9)
    assert total.asked.area_missing == 1


def test_shares_are_told_with_what_they_are_of():
    shares = {(s.of, s.base, s.by): (s.part, s.whole) for s in counted().shares}
    assert shares == {
        ("returned", "sent", "number"): (6, 7),
        ("valid", "returned", "number"): (4, 6),
        ("agree", "valid", "number"): (2, 4),
        ("disagree", "valid", "number"): (1, 4),
        ("other", "valid", "number"): (1, 4),
        ("agree", "asked", "number"): (2, 8),
        ("returned", "sent", "area"): (480.0, 520.0),
        ("valid", "returned", "area"): (330.0, 480.0),
        ("agree", "valid", "area"): (160.0, 330.0),
        ("disagree", "valid", "area"): (70.0, 330.0),
        ("other", "valid", "area"): (100.0, 330.0),
        ("agree", "asked", "area"): (160.0, 600.0),
    }


def test_each_unit_is_a_person_where_the_rule_says_so():
    by_unit = replace(profiles()["chongqing"], head_count="unit")
    forms = (*FORMS, form(11, units=3, area_m2=150.0, answers=(NO,)))
    told = counted(forms, profile=by_unit).total
    assert (told.agree.owners, told.disagree.owners, told.asked.owners) == (4, 4, 13)
    assert counted(forms).total.disagree == Amount(2, 2, 220.0, 2)  # one owner of three units, one sheet


def test_the_order_of_the_forms_changes_nothing():
    assert counted(FORMS[::-1]) == counted()


# --- thresholds ------------------------------------------------------------------------------------

# of 10 owners with 100 m² each; agree, disagree, no answer; and what each profile says of it, worked out by hand
PASSES = {
    "chongqing": {"delimit": [None, None, None], "adjust": [None, None, None]},
    "unspecified": {"delimit": [None, None, None], "adjust": [None, None, None]},
    "beijing": {"delimit": [None, None, None], "adjust": [None, None, None]},
    "shanghai": {"delimit": [None, None, None], "adjust": [True, False, False]},
    "hangzhou": {"delimit": [None, None, None], "adjust": [None, None, None]},
    "ningbo": {"delimit": [None, None, None], "adjust": [None, None, None]},
    "henan": {"delimit": [None, None, None], "adjust": [False, True, False]},
    "zhoushan": {"delimit": [None, None, None], "adjust": [False, True, False]},
    "qingdao": {"delimit": [None, None, None], "adjust": [None, None, None]},
    "rizhao": {"delimit": [None, None, None], "adjust": [False, True, False]},
}
SPLITS = ((4, 3, 3), (6, 0, 4), (5, 0, 5))  # 7 of 10 take part; 6 of 10; exactly half agrees


def of_ten(agree: int, disagree: int) -> tuple[Form, ...]:
    answers = [(YES,)] * agree + [(NO,)] * disagree + [()] * (10 - agree - disagree)
    return tuple(form(n, area_m2=100.0, answers=a) for n, a in enumerate(answers, 1))


@pytest.mark.parametrize("kind", figures.KINDS)
@pytest.mark.parametrize("key", list(profiles()))
def test_the_verdict_of_each_profile_is_the_one_worked_out_by_hand(key, kind):
    told = [
        counted(of_ten(agree, disagree), key=key, kind=kind, communities=(Asked(EAST, "东苑", 10),)).passed
        for agree, disagree, _ in SPLITS
    ]
    assert told == PASSES[key][kind]


def test_chongqing_consults_and_reports():
    told = counted()
    assert told.verdicts == ()
    assert told.passed is None
    assert told.procedure.status == "to_be_confirmed"


def test_each_side_has_to_agree_by_itself():
    forms = tuple(
        form(n, EAST if n <= 6 else WEST, answers=(NO,) if n in (7, 8) else (YES,)) for n in range(1, 11)
    )
    told = counted(forms, key="zhoushan", kind="adjust")
    assert [(v.community, v.threshold.by, v.share.part, v.share.whole, v.passed) for v in told.verdicts] == [
        ("东苑", "number", 6, 6, True),
        ("西苑", "number", 2, 4, False),
        ("东苑", "area", 300.0, 300.0, True),
        ("西苑", "area", 100.0, 200.0, False),
    ]
    assert told.passed is False
    assert counted(forms, key="henan", kind="adjust").passed is True


def test_two_thirds_are_enough_and_a_half_is_not_more_than_a_half():
    nine = tuple(form(n, answers=(YES,) if n <= 6 else ()) for n in range(1, 10))
    asked = (Asked(EAST, "东苑", 9),)
    taking_part = counted(nine, key="shanghai", kind="adjust", communities=asked).verdicts[0]
    assert taking_part.threshold.least == Fraction(2, 3)
    assert (taking_part.share.part, taking_part.share.whole, taking_part.passed) == (6, 9, True)
    half = tuple(form(n, answers=(YES,) if n <= 5 else (NO,)) for n in range(1, 11))
    asked = (Asked(EAST, "东苑", 10),)
    assert counted(half, key="henan", kind="adjust", communities=asked).passed is False


def test_a_share_of_floor_area_is_compared_exactly():
    areas_m2 = (0.1, 0.1, 0.1)  # 0.1 + 0.1 is less than two thirds of 0.30000000000000004
    forms = tuple(form(n, area_m2=m2, answers=(YES,) if n < 3 else ()) for n, m2 in enumerate(areas_m2, 1))
    told = counted(forms, key="shanghai", kind="adjust", communities=(Asked(EAST, "东苑", 3),)).verdicts[1]
    assert (told.threshold.by, told.passed) == ("area", True)


@pytest.mark.parametrize(
    ("forms", "why"),
    [
        ((), "forms"),
        (FORMS[:3], "forms"),  # fewer forms than dwellings: the rest was not even asked
        (tuple(form(n, EAST if n < 7 else WEST, area_m2=None, answers=(YES,)) for n in range(1, 11)), "area"),
        (tuple(form(n, EAST if n < 7 else WEST, answers=(YES, NO)) for n in range(1, 11)), "suspected"),
    ],
    ids=["no forms", "few forms", "no areas", "in doubt"],
)
def test_what_cannot_be_told_is_not_told(forms, why):
    told = counted(forms, key="henan", kind="adjust")
    assert told.verdicts[-1].passed is None
    assert told.verdicts[-1].why_open == why
    assert told.passed is None


def test_where_nobody_takes_part_nothing_is_agreed():
    silent = tuple(form(n, EAST if n < 7 else WEST) for n in range(1, 11))
    told = counted(silent, key="shanghai", kind="adjust")
    assert [(v.threshold.of, v.passed, v.why_open) for v in told.verdicts] == [
        ("valid", False, ""),
        ("valid", False, ""),
        ("agree", None, "no_answers"),
        ("agree", None, "no_answers"),
    ]
    assert told.passed is False


# --- edges -----------------------------------------------------------------------------------------


def test_silence_is_never_consent():
    silent = tuple(form(n, sent_on=SENT if n % 2 else "") for n in range(1, 11))
    for key in profiles():
        for kind in figures.KINDS:
            told = counted(silent, key=key, kind=kind)
            assert told.total.agree == told.total.disagree == told.total.other == Amount()
            assert (told.total.unanswered.forms, told.total.not_reached.forms) == (5, 5)
            assert told.passed is not True


def test_no_forms_are_zeros_and_no_percent():
    told = counted(())
    assert told.total == Counts()
    assert {share.percent for share in told.shares} == {None}
    assert [one.counts for one in told.communities] == [Counts(), Counts()]


def test_all_invalid_is_no_opinion():
    told = counted(tuple(form(n, answers=(BAD,)) for n in range(1, 4))).total
    assert (told.invalid, told.valid, told.returned.forms) == (Amount(3, 3, 150.0, 3), Amount(), 3)


def test_areas_that_nobody_knows_are_no_zeros():
    told = counted((form(1, area_m2=None, answers=(YES,)), form(2, answers=(YES,)))).total
    assert told.agree == Amount(2, 2, 50.0, 1)
    assert told.agree.area_missing == 1


def test_a_form_that_came_back_was_handed_out():
    assert counted((form(1, sent_on="", answers=(YES,)),)).total.sent.forms == 1


def test_an_owner_of_several_units_is_asked_once_and_answers_once():
    told = counted(
        (form(1, answers=(YES,)), form(2, holder=no(1)), form(3, holder=no(1), answers=(BAD,)))
    ).total
    assert (told.agree.owners, told.unanswered.owners, told.invalid.owners, told.asked.owners) == (1, 0, 0, 1)
    assert (told.agree.forms, told.unanswered.forms, told.invalid.forms) == (1, 1, 1)


def test_two_forms_of_one_room_are_one():
    twice = (form(1, answers=(YES,)), form(2, copy_of=no(1), area_m2=None, answers=(YES,)))
    told = counted(twice)
    assert (told.total.agree, told.copies) == (Amount(1, 1, 50.0, 1), 1)
    reissued = (form(1), form(2, copy_of=no(1), answers=(NO,)))
    assert counted(reissued).total == Counts(disagree=Amount(1, 1, 50.0, 1))


# --- in doubt --------------------------------------------------------------------------------------


def doubts(*forms: Form) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.kind, one.forms) for one in suspicions(forms)]


def test_what_contradicts_itself_is_in_doubt_by_its_nearest_tie():
    assert doubts(form(1, answers=(YES, NO))) == [("form", (no(1),))]
    assert doubts(form(1, answers=(YES,)), form(2, copy_of=no(1), answers=(NO,))) == [
        ("form", (no(1), no(2)))
    ]
    assert doubts(form(1, answers=(YES,)), form(2, holder=no(1), answers=(OTHER,))) == [
        ("owner", (no(1), no(2)))
    ]
    alike = (form(1, alike=no(1), answers=(YES,)), form(2, alike=no(1), answers=(NO,)))
    assert doubts(*alike) == [("signature", (no(1), no(2)))]
    assert doubts(form(1, alike=no(1), answers=(YES, NO)), replace(alike[1], answers=(YES,))) == [
        ("form", (no(1),))
    ]


def test_one_owner_with_two_contradictory_forms_counts_for_nothing_until_decided():
    forms = (
        form(1, alike=no(1), answers=(YES,)),
        form(2, alike=no(1), answers=(NO,)),
        form(3, answers=(YES,)),
    )
    told = counted(forms).total
    assert (told.suspected.forms, told.agree.forms, told.disagree.forms) == (2, 1, 0)
    aside = replace(NO, standing="aside", ruling="asked_owner")
    counts = replace(YES, standing="counts", ruling="asked_owner")
    decided = (
        replace(forms[0], answers=(counts,)),
        replace(forms[1], answers=(aside,), holder=no(1)),
        forms[2],
    )
    told = counted(decided).total
    assert (told.suspected.forms, told.agree, told.invalid) == (
        0,
        Amount(2, 2, 100.0, 2),
        Amount(1, 0, 50.0, 1),
    )


def test_namesakes_who_were_told_apart_count_each():
    forms = (form(1, alike=DISTINCT, answers=(YES,)), form(2, alike=DISTINCT, answers=(NO,)))
    assert doubts(*forms) == []
    assert (counted(forms).total.agree.forms, counted(forms).total.disagree.forms) == (1, 1)


@pytest.mark.parametrize(
    "answers", [(YES, YES), (YES, BAD), (YES, replace(NO, standing="aside")), (BAD,), ()]
)
def test_what_does_not_contradict_is_in_no_doubt(answers):
    assert doubts(form(1, answers=answers)) == []


def test_a_later_answer_against_what_was_decided_is_in_doubt_again():
    assert doubts(form(1, answers=(replace(YES, standing="counts"), NO))) == [("form", (no(1),))]


def test_signatures_that_agree_are_told_and_no_doubt():
    alike = (form(1, alike=no(1), answers=(YES,)), form(2, alike=no(1), answers=(YES,)))
    assert same_signature(alike) == ((no(1), no(2)),)
    assert same_signature((alike[0], replace(alike[1], holder=no(1)))) == ()
    assert counted(alike).total.agree.owners == 2


# --- themes ----------------------------------------------------------------------------------------


def test_themes_are_counted_by_forms_that_count():
    said = replace(YES, themes=("车位", "围墙"))
    forms = (
        form(1, answers=(said,)),
        form(2, answers=(replace(NO, themes=("车位",)),)),
        form(3, answers=(replace(BAD, themes=("车位",)),)),
        form(4, answers=(replace(YES, themes=("树",), standing="aside"),)),
    )
    reply = Theme(1, "PMA-001", "车位", "已列入改造", "yes", "", "x")
    gone = Theme(1, "PMA-001", "门卫", "另行研究", "no", "超出范围", "x")
    told = counted(forms, themes=(reply, gone)).themes
    assert [(t.number, t.text, t.forms, t.reply, t.adopted) for t in told] == [
        (1, "车位", 2, "已列入改造", "yes"),
        (2, "围墙", 1, "", ""),
        (3, "门卫", 0, "另行研究", "no"),
    ]


# --- which forms -----------------------------------------------------------------------------------


def course(version: int, area: str, *earlier: tuple[int, str]) -> Course:
    return Course((Proceeding(version, area, "consulting", SENT, "", "李", "", 9),), earlier)


def test_forms_of_an_earlier_version_speak_on_where_the_area_stayed_as_it_was():
    old, new = form(1), replace(form(2), version=2, area_id="PMA-004", form_no="02-004-0001")
    assert forms_of((old, new), course(2, "PMA-004")) == (new,)
    assert forms_of((old, new), course(2, "PMA-004", (1, "PMA-001"))) == (old, new)


def test_the_latest_answer_to_a_theme_counts():
    old, new = Theme(1, "PMA-001", "车位", "早"), Theme(2, "PMA-004", "车位", "晚")
    assert themes_of((old, new), course(2, "PMA-004", (1, "PMA-001"))) == (new,)


# --- profiles --------------------------------------------------------------------------------------


def test_every_profile_says_where_it_is_from_and_whether_that_is_confirmed():
    for profile in profiles().values():
        assert set(profile.shown) <= {"number", "area"}
        assert profile.head_count in HEAD_COUNTS
        for one in (profile.delimit, profile.adjust):
            assert one.source
            assert one.status in ("confirmed", "to_be_confirmed")
            for threshold in one.thresholds:
                assert hasattr(Counts(), threshold.of)
                assert threshold.base in BASES
                assert threshold.by in ("number", "area")
                assert 0 < threshold.least < 1


def test_the_rules_file_chooses_the_profile():
    text = CHONGQING.read_text(encoding="utf-8")
    assert profile_of(text).key == "chongqing"
    assert profile_of(text.replace('profile = "chongqing"', 'profile = "henan"')).key == "henan"
    assert profile_of("# nothing").key == "unspecified"
    with pytest.raises(ValueError, match=r"统计办法“mars”没有收录。.*chongqing、unspecified、beijing"):
        profile_of(text.replace('profile = "chongqing"', 'profile = "mars"'))


def test_the_codes_are_the_same_in_every_room():
    assert (CODES["opinion"], CODES["way"], CODES["fault"]) == (
        opinions.OPINIONS,
        opinions.WAYS,
        opinions.FAULTS,
    )
    assert figures.OPINIONS == opinions.OPINIONS
