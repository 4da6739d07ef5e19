"""What an area may do next and what is in its way; every rule stands alone here, so that each is seen to be missed."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from geo.schema import DataError
from jobs.citing import cited, days_of, period, unconfirmed
from jobs.deadlines import deadline_words, deadlines
from jobs.handing import handover_sections
from jobs.proceeding import (
    Docket,
    Ground,
    Matter,
    blockers,
    docket,
    earliest,
    lacking,
    matters,
    offered,
    proceed,
    sketched,
)
from jobs.reconsulting import held_still, reopening_words, reopenings
from jobs.registering import dues, register
from jobs.reviewing import consequence
from jobs.searching import search, settled
from optimizer.plan import Area
from report.documents.filing import IF_ANY, MATERIALS
from store.drafts import Draft
from store.edits import Merge, Move, Rename, TakeOut, applied
from store.filings import Filing, FollowUp, KeptFollowUp
from store.meetings import Dispute
from store.office import Confirmation, Office
from store.opinions import Answer, Form
from store.proceedings import STATES, Course, Proceeding, courses
from store.versions import Version
from tests import fakes
from tests.desks import on_desk
from tests.offices import GRAPH, RULES, START, ledger, office
from ui.changes import strip

RULES_TEXT = """
[[citation]]
key = "plan"
text = "67号文"
source = "原文"
status = "confirmed"

[[citation]]
key = "division"
text = "第十一条"
source = "转述"
status = "to_be_confirmed"

[procedure]
consult_days = 15
consult_days_status = "to_be_confirmed"
notice_days = 7
"""
CONFIRMED = Office(
    confirmed={
        "division": Confirmation("第十一条", "法规科", "2026-02-01"),
        "consult_days": Confirmation("15", "法规科", "2026-02-01"),
    }
)
FIRST = date(2026, 3, 1)
ALL_PAPERS = tuple(key for key in MATERIALS if key not in IF_ANY)
FILED = Filing("PMA-001", 1, filing_no="7", filed_on="2026-04-20", present=ALL_PAPERS)


def course(*states: str, area_id: str = "PMA-001", version: int = 1) -> Course:
    """An area that came into these states, thirty days apart, the last on the first of March."""
    days = [FIRST - timedelta(days=30 * n) for n in reversed(range(len(states)))]
    rows = [
        Proceeding(version, area_id, state, on.isoformat(), "", "李科长", "", number)
        for number, (state, on) in enumerate(zip(states, days, strict=True), 1)
    ]
    return Course(tuple(rows))


def matter(*states: str, **other: object) -> Matter:
    """An area with nothing in its way, but what `other` says."""
    own = Matter(
        area=Area("PMA-001", ("a", "b"), "a"),
        name="胜利路片区",
        course=course(*states),
        kept=False,
        sketch=False,
        disputes=(),
        unasked=(),
        doubted=0,
        filing=FILED,
        lacking=(),
    )
    return replace(own, **other)  # type: ignore[arg-type]


def codes(own: Matter, state: str, on: date = FIRST + timedelta(days=99), **told: object) -> list[str]:
    asked = {"rules_text": RULES_TEXT, "office": CONFIRMED, **told}
    return [one.code for one in blockers(own, state, on, **asked)]  # type: ignore[arg-type]


WAY = ("frozen", "consulting", "summarised", "notice", "decided", "filed")


# --- citations and periods -------------------------------------------------------------------------


def test_what_is_cited_is_confirmed_or_not():
    told = [(c.key, c.kind, c.text, c.confirmed) for c in cited(RULES_TEXT, Office())]
    assert told == [
        ("plan", "citation", "67号文", True),
        ("division", "citation", "第十一条", False),
        ("consult_days", "period", "15", False),
        ("notice_days", "period", "7", True),
    ]
    assert [c.source for c in cited(RULES_TEXT, Office())][:2] == ["原文", "转述"]
    assert unconfirmed(RULES_TEXT, CONFIRMED) == ()


def test_a_confirmation_falls_when_the_words_change():
    for was, now, key in (("第十一条", "第十二条", "division"), ("_days = 15", "_days = 10", "consult_days")):
        assert [c.key for c in unconfirmed(RULES_TEXT.replace(was, now), CONFIRMED)] == [key]


def test_the_day_of_posting_is_not_counted():
    assert period(date(2026, 2, 25), 7) == (date(2026, 2, 25), date(2026, 3, 4))
    assert days_of(RULES_TEXT, "notice_days") == 7


@pytest.mark.parametrize("text", ["", "[procedure]\nnotice_days = 'seven'", "[procedure]\nnotice_days = -1"])
def test_a_period_that_the_rules_do_not_say_is_an_error(text):
    with pytest.raises(DataError) as refused:
        days_of(text, "notice_days")
    assert str(refused.value) == (
        "规则文件中没有[procedure] notice_days这一期限，或不是不小于0的整数天数。请在规则文件中写明。"
    )


# --- what is in the way ----------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "state"), list(pairwise(WAY)))
def test_where_nothing_is_in_the_way_every_step_can_be_taken(before, state):
    assert codes(matter("frozen", before) if before != "frozen" else matter("frozen"), state) == []


@pytest.mark.parametrize(
    ("before", "state", "other", "told", "found"),
    [
        ("frozen", "consulting", {}, {"office": Office()}, ["unconfirmed"]),
        ("frozen", "reviewing", {}, {"office": Office()}, []),
        ("summarised", "notice", {}, {"office": Office()}, ["unconfirmed"]),
        ("notice", "decided", {}, {"office": Office()}, ["unconfirmed"]),
        ("consulting", "summarised", {}, {"office": Office()}, []),
        ("frozen", "consulting", {}, {"rules_text": "[procedure]\nconsult_days = 1"}, ["no_citation"]),
        ("consulting", "summarised", {}, {"on": FIRST + timedelta(days=15)}, ["consulting_not_over"]),
        ("consulting", "summarised", {}, {"on": FIRST + timedelta(days=16)}, []),
        ("notice", "decided", {}, {"on": FIRST + timedelta(days=7)}, ["notice_not_over"]),
        ("notice", "decided", {}, {"on": FIRST + timedelta(days=8)}, []),
        ("consulting", "summarised", {"unasked": ("甲院",)}, {}, ["unasked"]),
        ("consulting", "summarised", {"doubted": 2}, {}, ["doubted"]),
        ("summarised", "notice", {"unasked": ("甲院",), "doubted": 1}, {}, []),
        ("frozen", "consulting", {"disputes": (4,)}, {}, []),
        ("notice", "decided", {"disputes": (4,), "sketch": True, "lacking": ("form",)}, {}, []),
        ("decided", "filed", {"disputes": (4,)}, {}, ["disputes"]),
        ("decided", "filed", {"sketch": True}, {}, ["sketch"]),
        ("decided", "filed", {"lacking": ("form",)}, {}, ["lacking"]),
        ("decided", "filed", {"filing": None}, {}, ["no_filing_number"]),
        ("decided", "filed", {"filing": Filing("PMA-001", 1)}, {}, ["no_filing_number"]),
        ("frozen", "consulting", {"kept": True}, {}, ["kept"]),
        ("frozen", "shelved", {"kept": True}, {}, []),
        ("notice", "summarised", {"unasked": ("甲院",)}, {}, []),
        ("frozen", "filed", {"sketch": True}, {}, []),  # no step of the table: the store refuses it
    ],
)
def test_each_thing_in_the_way_is_in_the_way_of_its_own_step(before, state, other, told, found):
    states = STATES[: STATES.index(before) + 1]
    assert codes(matter(*states, **other), state, **told) == found


def test_what_is_in_the_way_is_told_in_words():
    own = matter("frozen", "consulting", unasked=("甲院", "乙院"), doubted=1)
    told = [b.text for b in blockers(own, "summarised", FIRST, rules_text=RULES_TEXT, office=CONFIRMED)]
    assert told == [
        "征求意见自 2026-03-01 起 15 天，到 2026-03-16 才满（起始当日不计）。请在期满次日以后汇总，或核对日期。",
        "甲院、乙院还没有发放意见表。请先发放并登记，再汇总。",
        "还有 1 处互相矛盾的意见没有处理。请先逐处认定，再汇总。",
    ]
    filing = matter("decided", disputes=(4, 6), lacking=("form", "photos"))
    told = [b.text for b in blockers(filing, "filed", FIRST, rules_text=RULES_TEXT, office=CONFIRMED)]
    assert told[0] == "这个区域还有 2 件争议没有议定，第一件是争议4。请先议定或撤回，再备案。"
    assert (
        told[1]
        == "备案材料还缺 2 项：物业管理区域备案表；公告、公示、决定的张贴照片。请补齐后在备案材料清单中勾选。"
    )


def test_a_period_runs_from_the_last_time_it_began():
    own = matter("frozen", "consulting", "summarised", "consulting")
    assert own.course.on("consulting") == FIRST.isoformat()
    assert codes(own, "summarised", FIRST + timedelta(days=3)) == ["consulting_not_over"]


def test_the_steps_that_are_offered_say_all_that_a_person_has_to_know():
    found = offered(matter("frozen", "consulting"), FIRST, rules_text=RULES_TEXT, office=Office())
    told = [(one.state, one.needs_reason, one.earliest, [b.code for b in one.blockers]) for one in found]
    assert told == [
        ("summarised", False, FIRST + timedelta(days=16), ["consulting_not_over"]),
        ("shelved", True, FIRST, []),
        ("withdrawn", True, FIRST, []),
    ]


@pytest.mark.parametrize(
    ("states", "state", "days"),
    [(("frozen", "consulting"), "summarised", 16), (("notice",), "decided", 8), (("decided",), "filed", 0)],
)
def test_the_earliest_day_is_the_first_that_nothing_is_in_the_way(states, state, days):
    own = matter(*states)
    day = earliest(own, state, rules_text=RULES_TEXT)
    assert (day, codes(own, state, day)) == (FIRST + timedelta(days=days), [])
    assert not days or codes(own, state, day - timedelta(days=1)) != []


# --- what a project keeps --------------------------------------------------------------------------


def version(number: int, state: Draft) -> Version:
    return Version(number, "稿", 1, state, RULES_TEXT, "0" * 64, "李科长", "2026-03-01T00:00:00+00:00")


COUNTS = {"a": 60, "b": 50, "c": 60, "d": 70, "f": None}


def told(*own: Course, **other: object) -> Docket:
    """A docket of one version of the row: PMA-001 = a b, PMA-002 = c d, PMA-003 = f, which stays as it is."""
    bare = Docket(
        versions=(version(1, START),),
        courses={one.place: one for one in own},
        office=CONFIRMED,
        filings={},
        forms={},
        disputes={},
        names={c: f"{c}院" for c in GRAPH},
        grounds={1: Ground({c: f"{c}院" for c in GRAPH}, COUNTS, frozenset())},
    )
    return replace(bare, **other)  # type: ignore[arg-type]


def test_a_matter_knows_what_decides_about_it():
    forms = [Form("1", 1, "PMA-001", "a", sent_on="2026-03-01"), Form("2", 1, "PMA-001", "b")]
    kept = told(
        course("frozen"),
        course("frozen", area_id="PMA-003"),
        forms={(1, "PMA-001"): forms},
        disputes={
            3: Dispute("area", ("PMA-001",), "甲", "界线"),
            4: Dispute("pair", ("b", "c"), "甲", "围墙"),
            5: Dispute("community", ("d",), "甲", "车位"),
        },
        grounds={1: Ground({c: f"{c}院" for c in GRAPH}, COUNTS, frozenset("f"))},
        filings={(1, "PMA-001"): replace(FILED, present=("form",))},
    )
    one, stays = matters(kept, 1)
    assert (one.disputes, one.unasked, one.kept, one.sketch) == ((3, 4), ("b院",), False, False)
    assert one.lacking == tuple(key for key in ALL_PAPERS if key != "form")
    assert (stays.area.area_id, stays.kept, stays.sketch) == ("PMA-003", True, True)


def test_a_name_that_a_planner_gave_is_told():
    named = applied(START, Rename("PMA-001", "胜利路片区"), GRAPH)
    (one,) = matters(told(course("frozen"), versions=(version(1, named),)), 1)
    assert (one.called, one.name) == ("PMA-001 胜利路片区", "胜利路片区")


def test_contradictions_are_counted():
    answers = (Answer("agree", "2026-03-02"), Answer("disagree", "2026-03-03"))
    form = Form("1", 1, "PMA-001", "a", sent_on="2026-03-01", answers=answers)
    (one,) = matters(told(course("frozen"), forms={(1, "PMA-001"): [form]}), 1)
    assert one.doubted == 1


def test_what_was_entered_before_an_area_was_carried_on_is_its_own_still():
    was, now = course("frozen", "consulting"), course("frozen", "consulting", version=2)
    carried = replace(now, earlier=((1, "PMA-001"),))
    forms = [Form("1", 1, "PMA-001", c, sent_on="2026-03-01") for c in "ab"]
    kept = told(
        replace(was, carried_to=2),
        carried,
        versions=(version(1, START), version(2, START)),
        forms={(1, "PMA-001"): forms},
        filings={(1, "PMA-001"): FILED},
    )
    (one,) = matters(kept, 2)
    assert (one.unasked, one.filing) == ((), FILED)


def test_an_unknown_version_is_refused():
    with pytest.raises(DataError, match=r"没有编号为9的定稿版本。请从版本列表中选择。"):
        matters(told(), 9)


def test_papers_that_are_only_asked_for_if_there_are_any_are_not_lacking():
    assert lacking(None) == ALL_PAPERS
    assert lacking(replace(FILED, present=())) == ALL_PAPERS
    assert lacking(FILED) == ()
    assert set(IF_ANY).isdisjoint(ALL_PAPERS)


def test_points_and_who_has_no_place_make_a_sketch():
    assert sketched(ledger()) == {"x", "y"}


@pytest.fixture
def project(tmp_path):
    with office(tmp_path / "a.gpkg") as opened:
        opened.set_rules("[group]\nminimum = 100\nwithin = []\n" + RULES_TEXT, "李科长")
        draft = opened.add_draft("草稿", replace(START, accepted={}), "李科长")
        opened.freeze(draft, "一稿", 1, "李科长", graph=GRAPH, rules=RULES)
        yield opened


def take(project, state: str, on: str, area_ids=("PMA-001",)) -> None:
    proceed(project, 1, area_ids, state, on=on, reason="", who="李科长", expected=10**6)


def test_a_step_is_taken_where_nothing_is_in_the_way(project):
    day = courses(project.proceedings())[1, "PMA-001"].on("frozen")
    with pytest.raises(DataError) as refused:
        take(project, "consulting", day)
    assert str(refused.value) == (
        "PMA-001还不能办这一步（共1项）：还有 2 条依据或期限未经确认，第一条是“第十一条”。"
        "请在“设置”页面逐条核对并确认。"
    )
    assert docket(project).courses[1, "PMA-001"].state == "frozen"
    project.set_office(CONFIRMED, "李科长", expected=Office())
    with pytest.raises(DataError, match="PMA-003"):
        take(project, "consulting", day, ("PMA-001", "PMA-003"))
    take(project, "consulting", day)
    assert docket(project).courses[1, "PMA-001"].state == "consulting"
    with pytest.raises(DataError, match=r"共2项"):
        take(project, "summarised", day)
    with pytest.raises(DataError, match=r"日期“三月”无法识别"):
        take(project, "summarised", "三月")


def test_a_dispute_that_was_decided_is_in_nobodys_way(project):
    for state, decision in (("open", ""), ("decided", "归a小区")):
        project.put_dispute(Dispute("community", ("a",), "甲", "围墙", "", decision, state), "李科长")
    one, *_ = matters(docket(project), 1)
    assert one.disputes == (1,)


def test_an_open_dispute_stops_the_filing_and_nothing_before_it(project):
    claim = Dispute("community", ("a",), "甲、乙", "围墙归谁")
    project.put_dispute(claim, "李科长")
    project.set_office(CONFIRMED, "李科长", expected=Office())
    day = courses(project.proceedings())[1, "PMA-001"].on("frozen")
    take(project, "consulting", day)
    for state in ("summarised", "notice", "decided"):  # what else these ask for is not looked at here
        project.proceed(1, ["PMA-001"], state, on=day, reason="", who="李科长", expected=10**6)
    open_yet = "还有 1 件争议没有议定，第一件是争议1"
    with pytest.raises(DataError, match=open_yet):
        take(project, "filed", day)
    (kept,) = project.disputes()
    settled = replace(claim, state="decided", decision="归甲")
    project.put_dispute(settled, "李科长", number=kept.number, expected=kept.at)
    with pytest.raises(DataError) as refused:  # other papers are still to be made
        take(project, "filed", day)
    assert "争议" not in str(refused.value)
    assert docket(project).courses[1, "PMA-001"].state == "decided"


# --- what is under way -----------------------------------------------------------------------------


@pytest.fixture
def desk():
    """Two areas, ab consulted on; e beside them is in none."""
    return on_desk("a60 b60 c60 d60 e30", "ab", "cd")


UNDER_WAY = {("a", "b"): course("frozen", "consulting")}


def test_an_edit_of_an_area_under_way_says_that_it_opens_a_new_version(desk):
    draft, town = desk
    change = consequence(draft, Move(("c",), "PMA-001"), town, under_way=UNDER_WAY)
    (one,) = change.reopened
    assert (one.area_id, one.state, one.again) == ("PMA-001", "consulting", ("a", "b", "c"))
    sentence = "PMA-001现在是“征求意见”，边界已定。这样改须另行定稿为新版本，并重新征求这些小区的意见：a院、b院、c院。"
    assert reopening_words(one, {c: f"{c}院" for c in "abc"}) == sentence
    rows = strip(change, Move(("c",), "PMA-001"), town).told
    assert {"text": sentence, "mark": "fair"} in rows


def test_an_edit_beside_it_says_nothing(desk):
    draft, town = desk
    assert consequence(draft, Move(("e",), "PMA-002"), town, under_way=UNDER_WAY).reopened == ()
    assert consequence(draft, Rename("PMA-001", "胜利路"), town, under_way=UNDER_WAY).reopened == ()
    assert consequence(draft, Move(("c",), "PMA-001"), town).reopened == ()


def test_where_all_leave_nobody_is_asked_again(desk):
    draft, town = desk
    after = applied(draft, TakeOut(("a", "b")), town.graph)
    (one,) = reopenings(draft.plan, after.plan, UNDER_WAY)
    assert one.again == ()
    assert reopening_words(one, {}).endswith("原有小区都不再属于任何区域，无须重新征求意见。")


def test_many_who_are_asked_again_are_counted(desk):
    draft, town = desk
    after = applied(draft, Merge(("PMA-001", "PMA-002")), town.graph)
    (one,) = reopenings(draft.plan, after.plan, UNDER_WAY)
    many = replace(one, again=tuple("abcdefg"))
    assert reopening_words(many, {}).endswith("重新征求 7 个小区的意见：a、b、c、d、e、f等。")


def test_what_is_under_way_is_locked_against_the_optimizer(desk):
    draft, town = desk
    held = held_still(draft, UNDER_WAY)
    assert held.locked == {"a", "b"}
    assert settled(held) == {"a", "b"}
    assert held_still(draft, {}) is draft
    for kind in ("split", "improve"):
        with pytest.raises(DataError) as refused:
            search(kind, held, town, ("PMA-001",))()
        assert refused.value.code == "searching.all_settled"


def test_an_area_that_a_planner_has_changed_is_no_longer_held(desk):
    draft, town = desk
    changed = applied(draft, Move(("c",), "PMA-001"), town.graph)
    assert held_still(changed, UNDER_WAY).locked == frozenset()


# --- the register ----------------------------------------------------------------------------------


def test_the_register_tells_each_area_once_the_furthest_first():
    filed = course(*WAY, area_id="PMA-002")
    gone = replace(course("frozen", "consulting"), carried_to=2)
    on = replace(course("frozen", "consulting", version=2), earlier=((1, "PMA-001"),))
    withdrawn = course("frozen", "consulting", "withdrawn", area_id="PMA-003")
    never_asked = course("frozen", "superseded", version=2, area_id="PMA-002")
    kept = told(
        gone,
        on,
        never_asked,
        filed,
        withdrawn,
        versions=(version(1, START), version(2, START)),
        filings={(1, "PMA-002"): replace(FILED, area_id="PMA-002")},
    )
    rows = register(kept)
    assert [(r.version, r.area_id, r.state) for r in rows] == [
        (1, "PMA-002", "filed"),
        (2, "PMA-001", "consulting"),
        (1, "PMA-003", "withdrawn"),
    ]
    assert (rows[0].filing_no, rows[0].filed_on, rows[0].decided_on) == ("7", "2026-04-20", "2026-01-30")
    assert (rows[0].households, rows[0].members, rows[2].households) == (130, ("c院", "d院"), 0)
    assert [row.kept for row in rows] == [False, False, True]
    assert (rows[1].filing_no, rows[1].decided_on, rows[1].on) == ("", "", "2026-03-01")


def test_what_comes_due_is_told_with_its_day_the_nearest_first():
    """Consulted on from the first for 15 days; a notice of 7; a follow-up that is late, one that is done."""
    kept = told(
        course("frozen", "consulting"),
        course("frozen", "consulting", "summarised", "notice", area_id="PMA-002"),
        course("frozen", "consulting", "withdrawn", area_id="PMA-003"),
        versions=(version(1, applied(START, Rename("PMA-001", "胜利路片区"), GRAPH)),),
    )
    late = FollowUp("PMA-002", "contract", "2026-02-27", note="已约谈")
    done = FollowUp("PMA-001", "contract", "2026-02-01", done_on="2026-02-01")
    gone = FollowUp("PMA-009", "committee_set_up", "2026-03-02")
    follow_ups = [KeptFollowUp(n, one, "李科长", "") for n, one in enumerate((late, done, gone), 1)]
    found = deadlines(kept, follow_ups, FIRST + timedelta(days=1))
    assert [(one.area_id, one.what, one.on.isoformat(), deadline_words(one)) for one in found] == [
        ("PMA-002", "contract", "2026-02-27", "过期 3 天"),
        ("PMA-009", "committee_set_up", "2026-03-02", "今天到期"),
        ("PMA-002", "notice", "2026-03-08", "还有 6 天"),
        ("PMA-001", "consulting", "2026-03-16", "还有 14 天"),
    ]
    over = deadlines(kept, (), FIRST + timedelta(days=17))
    assert [deadline_words(one) for one in over] == ["已满 10 天", "已满 2 天"]
    section = next(s for s in handover_sections(fakes.results(), (), found, (), {}, ()) if s.key == "due")
    assert section.rows[0] == ("PMA-002 c院、d院", "签订物业服务合同；已约谈", "2026-02-27", "过期 3 天")
    assert section.rows[3][:2] == ("PMA-001 胜利路片区", "征求意见期满，之后汇总意见")


def test_follow_ups_are_overdue_from_the_day_after():
    def one(number: int, due: str, done_on: str = "") -> KeptFollowUp:
        return KeptFollowUp(number, FollowUp("PMA-001", "contract", due, done_on), "李科长", "")

    rows = [
        one(1, "2026-03-10"),
        one(2, "2026-03-01"),
        one(3, "2026-02-28"),
        one(4, "2026-01-01", "2026-02-01"),
        one(5, "2026-03-02", "2026-03-05"),  # done later than the day that is asked about
    ]
    found = dues(rows, FIRST)
    assert [(due.kept.number, due.days, due.overdue) for due in found] == [
        (3, -1, True),
        (2, 0, False),
        (5, 1, False),
        (1, 9, False),
        (4, None, False),
    ]
