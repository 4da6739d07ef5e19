"""Verbs that say what planners decide beside the grouping: names, locks, acceptances, scope, links, reasons, consent."""

from dataclasses import replace
from typing import Any

from geo.schema import SCOPES, DataError
from geo.wording import say
from optimizer.checks import check
from report.reasoning import entered_reasons, offered_repairs
from store.drafts import CONSENTS, Tally, pair_of
from store.edits import (
    Accept,
    AcceptGroup,
    CheckLink,
    Command,
    GiveReason,
    LockAreas,
    LockCommunities,
    Rename,
    SetConsent,
    SetLink,
    SetScope,
    UnlockAreas,
    UnlockCommunities,
    Withdraw,
)
from ui.fields import Answers, Field, Option, choice, text, whole
from ui.grouping import Fields, Way, number_chosen
from ui.selection import Desk

UNGROUPED = ("exception", "held", "excluded")
ASKED = ("for", "against")
TALLY = ("asked", "agreed", "opposed")
ACCEPTING = (Field("reason"), Field("by", required=False))

# --- names and locks -------------------------------------------------------------------------------


def _rename_fields(desk: Desk) -> Fields | None:
    return (Field("name"),) if len(desk.chosen_areas) == 1 and not desk.singles else None


def _areas(desk: Desk, *, locked: bool) -> tuple[str, ...]:
    return tuple(a for a in desk.chosen_areas if desk.area[a].locked is locked)


def _communities(desk: Desk, *, locked: bool) -> tuple[str, ...]:
    return tuple(c for c in desk.singles if (c in desk.draft.locked) is locked)


def _some(desk: Desk, *, locked: bool) -> bool:
    return any(area.locked is locked for area in desk.draft.plan.areas)


def _nothing_asked(wanted: object) -> Fields | None:
    return () if wanted else None


# --- acceptances -----------------------------------------------------------------------------------


def _places(desk: Desk) -> tuple[str, ...]:
    """Return the selected areas that break a rule and the selected exceptions, as far as nobody has accepted them."""
    outcomes = desk.draft.plan.outcomes
    alone = [c for c in desk.singles if outcomes[c] == "exception"]
    areas = [a for a in desk.chosen_areas if _broken(desk, a)]
    return tuple(place for place in [*areas, *alone] if place not in desk.draft.accepted)


def _broken(desk: Desk, area_id: str) -> bool:
    """Tell whether an area, looked at alone, breaks a rule."""
    area, plan = desk.area[area_id], desk.draft.plan
    outcomes = {m: plan.outcomes[m] for m in area.members}
    alone = replace(plan, areas=(area,), outcomes=outcomes, below_min_groups=())
    return bool(check(alone, desk.graph.subgraph(area.members), desk.town.rules))


def _accept_fields(desk: Desk) -> Fields | None:
    places = _places(desk)
    return ACCEPTING if places and len(places) == len(desk.selection) else None


def _accept(desk: Desk, answers: Answers, who: str) -> Command:
    first, *also = _places(desk)
    return Accept(first, text(answers, "reason"), text(answers, "by") or who, tuple(also))


def _group(desk: Desk) -> tuple[str, ...]:
    """Return the linked exceptions of which all that is selected is a part; one without a neighbour is a group too."""
    if desk.chosen_areas or not desk.singles or any(desk.outcome(c) != "exception" for c in desk.singles):
        return ()
    groups = [*desk.draft.plan.below_min_groups, desk.singles[:1]]
    group = next(group for group in groups if desk.singles[0] in group)
    small = desk.households(group) < desk.town.rules.minimum
    return group if small and set(desk.singles) <= set(group) else ()


def _accept_group_fields(desk: Desk) -> Fields | None:
    return ACCEPTING if _group(desk) else None


def _accepted(desk: Desk) -> tuple[str, ...]:
    return tuple(p for p in (*desk.chosen_areas, *desk.singles) if p in desk.draft.accepted)


# --- scope, reasons, consent -----------------------------------------------------------------------


def _scope_fields(desk: Desk) -> Fields | None:
    if not desk.singles or desk.chosen_areas:
        return None
    host = ("scope", ("host",))
    return (
        choice("scope", "report.scope", SCOPES),
        Field("host_by", when=host),
        Field("decision", when=host),
    )


def _scope(desk: Desk, answers: Answers, _who: str) -> Command:
    host = text(answers, "scope") == "host"
    by, decision = (text(answers, key) if host else "" for key in ("host_by", "decision"))
    return SetScope(desk.singles, text(answers, "scope"), by, decision)


def _reason_fields(desk: Desk) -> Fields | None:
    if not desk.singles or any(desk.outcome(c) not in UNGROUPED for c in desk.chosen):
        return None
    causes = tuple(Option(reason.code, reason.name) for reason in entered_reasons())
    repairs = tuple(Option(repair.code, repair.name) for repair in offered_repairs())
    repaired = ("repair", tuple(option.value for option in repairs))
    return (
        Field("cause", "choice", causes, required=False),
        Field("evidence", required=False, when=("cause", tuple(option.value for option in causes))),
        Field("words", required=False),
        Field("repair", "choice", repairs, required=False),
        Field("deadline", "date", required=False, when=repaired),
        Field("post", required=False, when=repaired),
    )


def _reason(desk: Desk, answers: Answers, _who: str) -> Command:
    """Put what was entered into sentences, the cause first, then what is to be done."""
    said = [_cause(answers), text(answers, "words"), _repair(answers)]
    if not any(said):
        raise DataError("verbs.no_reason")
    return GiveReason(desk.singles, say("verbs.reason.joint").join(part for part in said if part))


def _cause(answers: Answers) -> str:
    chosen = [reason for reason in entered_reasons() if reason.code == text(answers, "cause")]
    if not chosen:
        return ""
    case = "shown" if text(answers, "evidence") else "bare"
    values = {"cause": chosen[0].name, "decides": chosen[0].decides, "evidence": text(answers, "evidence")}
    return say(f"verbs.reason.{case}", **values)


def _repair(answers: Answers) -> str:
    chosen = [repair.name for repair in offered_repairs() if repair.code == text(answers, "repair")]
    if not chosen:
        return ""
    told = [say("verbs.reason.repair", repair=chosen[0])]
    told += [
        say(f"verbs.reason.{key}", given=text(answers, key))
        for key in ("deadline", "post")
        if text(answers, key)
    ]
    return say("verbs.reason.comma").join(told)


def _consent_fields(desk: Desk) -> Fields | None:
    if not desk.chosen:
        return None
    asked = ("state", ASKED)
    return (
        choice("state", "verbs.consent", CONSENTS),
        Field("date", "date", when=asked),
        Field("document", when=asked),
        *(Field(key, "number", when=asked) for key in TALLY),
        Field("basis", required=False, when=("state", ("frozen",))),
    )


def _consent(desk: Desk, answers: Answers, _who: str) -> Command:
    state = text(answers, "state")
    if state not in ASKED:
        document = text(answers, "basis") if state == "frozen" else ""
        return SetConsent(desk.chosen, state, document=document)
    numbers: Any = (whole(answers, Field(key, "number")) for key in TALLY)
    date, document = text(answers, "date"), text(answers, "document")
    return SetConsent(desk.chosen, state, date, document, Tally(*numbers))


# --- links -----------------------------------------------------------------------------------------


def _pair(desk: Desk) -> tuple[str, str] | None:
    if desk.chosen_areas or len(desk.singles) != 2:
        return None
    return pair_of(*desk.singles)


def _link_fields(desk: Desk, *, linked: bool) -> Fields | None:
    pair = _pair(desk)
    return (Field("link_reason"),) if pair and desk.graph.has_edge(*pair) is linked else None


def _give_link(desk: Desk, answers: Answers, _who: str) -> Command:
    """Give the link with what was measured where the pair was refused, so that what it crosses keeps its price."""
    a, b = pair_of(*desk.singles)
    reason = text(answers, "link_reason")
    rows = desk.refused
    found = [] if rows is None else rows[(rows["a"] == a) & (rows["b"] == b)].to_dict("records")
    if not found:
        return SetLink(a, b, "given", reason)
    crosses = tuple(c for c in str(found[0]["crosses"]).split("、") if c)
    return SetLink(a, b, "given", reason, float(found[0]["gap_m"]), crosses, float(found[0]["wall_m"]))


def _forbid_link(desk: Desk, answers: Answers, _who: str) -> Command:
    return SetLink(*pair_of(*desk.singles), "forbidden", text(answers, "link_reason"))


def _tick_fields(desk: Desk, *, ticked: bool) -> Fields | None:
    pair = _pair(desk)
    there = pair is not None and (ticked or desk.graph.has_edge(*pair))
    return () if there and (pair in desk.draft.checked) is ticked else None


def _tick(desk: Desk, *, ticked: bool) -> Command:
    return CheckLink(*pair_of(*desk.singles), checked=ticked)


# --- in the order a planner expects ----------------------------------------------------------------

DECIDING: tuple[Way, ...] = (
    Way(
        "rename",
        "decisions",
        _rename_fields,
        lambda desk, answers, _who: Rename(desk.chosen_areas[0], text(answers, "name")),
    ),
    Way(
        "lock_areas",
        "locks",
        lambda desk: _nothing_asked(_areas(desk, locked=False)),
        lambda desk, _answers, _who: LockAreas(_areas(desk, locked=False)),
        lambda desk: {"number": len(_areas(desk, locked=False))},
    ),
    Way(
        "unlock_areas",
        "locks",
        lambda desk: _nothing_asked(_areas(desk, locked=True)),
        lambda desk, _answers, _who: UnlockAreas(_areas(desk, locked=True)),
        lambda desk: {"number": len(_areas(desk, locked=True))},
    ),
    Way(
        "lock_communities",
        "locks",
        lambda desk: _nothing_asked(_communities(desk, locked=False)),
        lambda desk, _answers, _who: LockCommunities(_communities(desk, locked=False)),
        lambda desk: {"number": len(_communities(desk, locked=False))},
    ),
    Way(
        "unlock_communities",
        "locks",
        lambda desk: _nothing_asked(_communities(desk, locked=True)),
        lambda desk, _answers, _who: UnlockCommunities(_communities(desk, locked=True)),
        lambda desk: {"number": len(_communities(desk, locked=True))},
    ),
    Way("accept", "decisions", _accept_fields, _accept, lambda desk: {"number": len(_places(desk))}),
    Way(
        "accept_group",
        "decisions",
        _accept_group_fields,
        lambda desk, answers, who: AcceptGroup(
            _group(desk), text(answers, "reason"), text(answers, "by") or who
        ),
        lambda desk: {"number": len(_group(desk)), "count": desk.households(_group(desk))},
    ),
    Way(
        "withdraw",
        "decisions",
        lambda desk: _nothing_asked(_accepted(desk)),
        lambda desk, _answers, _who: Withdraw(_accepted(desk)),
        lambda desk: {"number": len(_accepted(desk))},
    ),
    Way("set_scope", "decisions", _scope_fields, _scope, number_chosen),
    Way("give_link", "links", lambda desk: _link_fields(desk, linked=False), _give_link),
    Way("forbid_link", "links", lambda desk: _link_fields(desk, linked=True), _forbid_link),
    Way(
        "check_link",
        "links",
        lambda desk: _tick_fields(desk, ticked=False),
        lambda desk, _answers, _who: _tick(desk, ticked=True),
    ),
    Way(
        "uncheck_link",
        "links",
        lambda desk: _tick_fields(desk, ticked=True),
        lambda desk, _answers, _who: _tick(desk, ticked=False),
    ),
    Way("give_reason", "decisions", _reason_fields, _reason, number_chosen),
    Way(
        "clear_reason",
        "decisions",
        lambda desk: _nothing_asked(set(desk.singles).intersection(desk.draft.reasons)),
        lambda desk, _answers, _who: GiveReason(
            tuple(sorted(set(desk.singles).intersection(desk.draft.reasons))), ""
        ),
        lambda desk: {"number": len(set(desk.singles).intersection(desk.draft.reasons))},
    ),
    Way("set_consent", "decisions", _consent_fields, _consent, number_chosen),
    Way(
        "lock_all",
        "locks",
        lambda desk: _nothing_asked(_some(desk, locked=False)),
        lambda _desk, _answers, _who: LockAreas(),
    ),
    Way(
        "unlock_all",
        "locks",
        lambda desk: _nothing_asked(_some(desk, locked=True)),
        lambda _desk, _answers, _who: UnlockAreas(),
    ),
)
