"""意见汇总: forms → what they come to, by number and by area; which contradict each other; which still speak for an area.

How it is counted, in one place:
- Two forms of one room (`copy_of`) are one form. What came back twice and says the same is one answer.
- Who said nothing is `unanswered`, whoever was not handed a form `not_reached`: neither is ever an opinion.
- Valid answers of one form, one owner or one signature that contradict each other are `suspected`, counted for nothing until decided.
- "owner" (一人一计): the forms of one owner (`holder`) are one person, with all their floor area. "unit": each unit is one.
- An area that is not known adds nothing to a sum by area, and the sum says how many forms it speaks of.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from report.tally import (
    OPINIONS,
    STATES,
    Amount,
    CommunityTally,
    Counts,
    Profile,
    Share,
    Tally,
    ThemeTally,
    Threshold,
    Verdict,
)
from store.opinion_people import DISTINCT
from store.opinions import Answer, Form, Theme
from store.proceedings import Course

# What is told of every consultation: a part of Counts, and of which whole.
SHARES = (
    ("returned", "sent"),
    ("valid", "returned"),
    ("agree", "valid"),
    ("disagree", "valid"),
    ("other", "valid"),
    ("agree", "asked"),
)
# Of several forms of one owner the state that comes first is the owner's.
_BEFORE = ("suspected", *OPINIONS, "invalid", "unanswered", "not_reached")


@dataclass(frozen=True)
class Asked:
    """A community that is asked: `units` as the plan's ledger counts them, None where it does not say."""

    community_id: str
    name: str
    units: int | None = None


@dataclass(frozen=True)
class Suspicion:
    """Answers that contradict each other: `kind` "form", "owner" or "signature"; each with the form it stands on."""

    kind: str
    answers: tuple[tuple[str, Answer], ...]

    @property
    def forms(self) -> tuple[str, ...]:
        """Return the numbers of its forms, the first first."""
        return tuple(dict.fromkeys(form_no for form_no, _ in self.answers))


@dataclass(frozen=True)
class _Slip:
    """The forms of one room as one: what of it counts, and where it belongs."""

    form: Form  # the first of them
    forms: tuple[Form, ...]

    @property
    def live(self) -> tuple[tuple[str, Answer], ...]:
        """Return the answers that were not put aside."""
        return tuple((f.form_no, a) for f in self.forms for a in f.answers if a.standing != "aside")

    @property
    def valid(self) -> tuple[tuple[str, Answer], ...]:
        return tuple((form_no, a) for form_no, a in self.live if not a.fault)

    @property
    def area_m2(self) -> float | None:
        return next((f.area_m2 for f in self.forms if f.area_m2 is not None), None)

    @property
    def holder(self) -> str:
        return next((f.holder for f in self.forms if f.holder), "")

    @property
    def alike(self) -> str:
        return next((f.alike for f in self.forms if f.alike and f.alike != DISTINCT), "")


# --- which forms speak for an area -----------------------------------------------------------------


def forms_of(forms: Iterable[Form], course: Course) -> tuple[Form, ...]:
    """Return the forms that speak for an area: its own, and those of earlier versions in which it was as it is now."""
    places = {course.place, *course.earlier}
    return tuple(form for form in forms if (form.version, form.area_id) in places)


def themes_of(themes: Iterable[Theme], course: Course) -> tuple[Theme, ...]:
    """Return the answers to themes of an area, of the same versions as `forms_of`; the latest answer to a theme counts."""
    places = (*reversed(course.earlier), course.place)
    own = [theme for place in places for theme in themes if (theme.version, theme.area_id) == place]
    return tuple({theme.text: theme for theme in own}.values())


# --- the tally -------------------------------------------------------------------------------------


def tally(
    forms: Sequence[Form],
    *,
    communities: Sequence[Asked],
    profile: Profile,
    kind: str,
    themes: Sequence[Theme] = (),
) -> Tally:
    """Return what the forms of one area come to; `themes` are the answers to what they say, `kind` one of KINDS."""
    slips = _slips(forms)
    doubted = {form_no for one in suspicions(forms) for form_no in one.forms}
    states = {slip.form.form_no: _state(slip, doubted) for slip in slips}
    total = _counts(slips, states, profile.head_count)
    each = tuple(
        CommunityTally(
            one.community_id,
            one.name,
            one.units,
            _counts(_of(slips, one.community_id), states, profile.head_count),
        )
        for one in communities
    )
    days = [a.returned_on for form in forms for a in form.answers if a.returned_on]
    return Tally(
        profile=profile,
        kind=kind,
        total=total,
        communities=each,
        shares=tuple(_share(total, of, base, by) for by in profile.shown for of, base in SHARES),
        verdicts=tuple(_verdicts(profile.procedure(kind).thresholds, total, each)),
        themes=_themes(slips, themes),
        copies=len(forms) - len(slips),
        first_sent=min((form.sent_on for form in forms if form.sent_on), default=""),
        last_returned=max(days, default=""),
    )


def _slips(forms: Iterable[Form]) -> tuple[_Slip, ...]:
    """Return the forms, those of one room as one, in order of their numbers."""
    ordered = sorted(forms, key=lambda f: f.form_no)
    known = {form.form_no for form in ordered}
    rooms: dict[str, list[Form]] = {}
    for form in ordered:
        rooms.setdefault(form.copy_of if form.copy_of in known else form.form_no, []).append(form)
    return tuple(_Slip(own[0], tuple(own)) for _, own in sorted(rooms.items()))


def _of(slips: Iterable[_Slip], community_id: str) -> tuple[_Slip, ...]:
    return tuple(slip for slip in slips if slip.form.community_id == community_id)


def _state(slip: _Slip, doubted: set[str]) -> str:
    """Return the one field of Counts in which a form stands."""
    if slip.valid:
        in_doubt = any(form_no in doubted for form_no, _ in slip.valid)
        return "suspected" if in_doubt else slip.valid[0][1].opinion
    if any(form.answers for form in slip.forms):
        return "invalid"
    return "unanswered" if any(form.sent_on for form in slip.forms) else "not_reached"


def _counts(slips: Sequence[_Slip], states: Mapping[str, str], head_count: str) -> Counts:
    people = _people(slips, states) if head_count == "owner" else _units(slips, states)
    return Counts(**{state: _amount(slips, states, state, people[state]) for state in STATES})


def _amount(slips: Sequence[_Slip], states: Mapping[str, str], state: str, owners: int) -> Amount:
    own = [slip for slip in slips if states[slip.form.form_no] == state]
    areas_m2 = [slip.area_m2 for slip in own if slip.area_m2 is not None]
    return Amount(len(own), owners, round(sum(areas_m2), 2), len(areas_m2))


def _people(slips: Sequence[_Slip], states: Mapping[str, str]) -> Counter[str]:
    """Return by state how many owners there are; the forms of one owner are one."""
    own: dict[str, list[str]] = {}
    for slip in slips:
        own.setdefault(_owner(slip), []).append(states[slip.form.form_no])
    return Counter(min(found, key=_BEFORE.index) for found in own.values())


def _units(slips: Sequence[_Slip], states: Mapping[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for slip in slips:
        found[states[slip.form.form_no]] += max(form.units for form in slip.forms)
    return found


def _owner(slip: _Slip) -> str:
    return slip.holder or slip.form.form_no


def _themes(slips: Sequence[_Slip], known: Sequence[Theme]) -> tuple[ThemeTally, ...]:
    """Return what forms that count say, what most of them say first."""
    said = Counter(
        text for slip in slips for text in dict.fromkeys(t for _, a in slip.valid for t in a.themes)
    )
    answered = {theme.text: theme for theme in known}
    every = dict.fromkeys([*said, *answered])
    rows = [(text, said[text], answered.get(text)) for text in every]
    rows = sorted(
        (row for row in rows if row[1] or (row[2] and row[2].reply)), key=lambda row: (-row[1], row[0])
    )
    return tuple(
        ThemeTally(number, text, forms, *((one.reply, one.adopted, one.reason) if one else ()))
        for number, (text, forms, one) in enumerate(rows, start=1)
    )


# --- shares and thresholds -------------------------------------------------------------------------


def _share(counts: Counts, of: str, base: str, by: str) -> Share:
    part, whole = getattr(counts, of), getattr(counts, base)
    return Share(of, base, by, part.by(by), whole.by(by))


def _verdicts(
    thresholds: Iterable[Threshold], total: Counts, communities: Sequence[CommunityTally]
) -> Iterator[Verdict]:
    complete = all(one.units is None or one.counts.asked.forms >= one.units for one in communities)
    for threshold in thresholds:
        if threshold.each:
            for one in communities:
                whole = one.units is None or one.counts.asked.forms >= one.units
                yield _verdict(threshold, one.counts, complete=whole, community=one.name)
        else:
            yield _verdict(threshold, total, complete=complete)


def _verdict(threshold: Threshold, counts: Counts, *, complete: bool, community: str = "") -> Verdict:
    """Judge one threshold; where what is not known could turn it, it stays open."""
    share = _share(counts, threshold.of, threshold.base, threshold.by)
    why = _why_open(threshold, counts, share, complete=complete)
    if why:
        return Verdict(threshold, share, None, why, community)
    part, whole = (Fraction(round(100 * amount), 100) for amount in (share.part, share.whole))  # exact
    least = threshold.least * whole
    passed = part > least if threshold.more else part >= least
    return Verdict(threshold, share, passed, community=community)


def _why_open(threshold: Threshold, counts: Counts, share: Share, *, complete: bool) -> str:
    base = getattr(counts, threshold.base)
    if threshold.base == "asked" and not complete:
        return "forms"
    if threshold.by == "area" and base.area_missing:
        return "area"
    if counts.suspected.forms:
        return "suspected"
    return "" if share.whole else "no_answers"


# --- what contradicts itself -----------------------------------------------------------------------


def suspicions(forms: Iterable[Form]) -> tuple[Suspicion, ...]:
    """Return the answers that contradict each other and are not decided: of one room, one owner, one signature.

    Each answer is told once, by the nearest tie.
    """
    slips = _slips(forms)
    found: list[Suspicion] = []
    told: set[str] = set()
    for kind, tie in _TIES.items():
        for group in _tied(slips, tie):
            left = [slip for slip in group if slip.form.form_no not in told]
            if _contradict(left):
                found.append(Suspicion(kind, tuple(answer for slip in left for answer in slip.valid)))
                told.update(slip.form.form_no for slip in left)
    return tuple(found)


def same_signature(forms: Iterable[Form]) -> tuple[tuple[str, ...], ...]:
    """Return forms that bear one signature, agree, and are not known to be of one owner: one person, or two namesakes."""
    slips = _slips(forms)
    return tuple(
        tuple(slip.form.form_no for slip in group)
        for group in _tied(slips, _TIES["signature"])
        if len({_owner(slip) for slip in group}) > 1 and not _contradict(group)
    )


def _tied(slips: Iterable[_Slip], tie: Callable[[_Slip], str]) -> Iterator[list[_Slip]]:
    groups: dict[str, list[_Slip]] = {}
    for slip in slips:
        if name := tie(slip):
            groups.setdefault(name, []).append(slip)
    return (group for _, group in sorted(groups.items()))


def _contradict(slips: Iterable[_Slip]) -> bool:
    return len({a.opinion for slip in slips for _, a in slip.valid}) > 1


# What ties answers to each other, the nearest first.
_TIES: Mapping[str, Callable[[_Slip], str]] = MappingProxyType(
    {"form": lambda slip: slip.form.form_no, "owner": _owner, "signature": lambda slip: slip.alike}
)
