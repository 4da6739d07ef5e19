"""What a consultation came to, as plain figures: forms, owners and floor area, per community and in total.

Whoever did not answer is counted as such and as nothing else: silence is never consent. An area that is not known is
left out of the sums and never guessed; each sum says of how many forms it speaks. jobs.tallying makes the figures.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from fractions import Fraction

KINDS = ("delimit", "adjust")  # 划定 (not divided so far), 调整 or 合并 (of areas that exist)
HEAD_COUNTS = ("owner", "unit")  # several units of one owner are one person, or each unit is one
BASES = ("sent", "returned", "valid", "asked")  # what a share may be of
OPINIONS = ("agree", "disagree", "other")


@dataclass(frozen=True)
class Amount:
    """So many forms and, by the head-count rule, owners; `area_m2` of the `area_forms` of them whose area is known."""

    forms: int = 0
    owners: int = 0
    area_m2: float = 0.0
    area_forms: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        """Return both together."""
        return Amount(
            self.forms + other.forms,
            self.owners + other.owners,
            self.area_m2 + other.area_m2,
            self.area_forms + other.area_forms,
        )

    @property
    def area_missing(self) -> int:
        """Return of how many forms the area is not known."""
        return self.forms - self.area_forms

    def by(self, measure: str) -> float:
        """Return the amount by "number" of owners or by "area" in m²."""
        return self.area_m2 if measure == "area" else self.owners


@dataclass(frozen=True)
class Counts:
    """Every form asked for stands in exactly one of the fields; the sums of them are properties.

    `suspected` are contradictory and not decided yet: returned, and counted for nothing.
    """

    not_reached: Amount = Amount()
    unanswered: Amount = Amount()
    suspected: Amount = Amount()
    invalid: Amount = Amount()
    agree: Amount = Amount()
    disagree: Amount = Amount()
    other: Amount = Amount()

    @property
    def valid(self) -> Amount:
        """Return what counts as an opinion."""
        return self.agree + self.disagree + self.other

    @property
    def returned(self) -> Amount:
        """Return what came back."""
        return self.valid + self.invalid + self.suspected

    @property
    def sent(self) -> Amount:
        """Return what was handed out; a form that came back was."""
        return self.returned + self.unanswered

    @property
    def asked(self) -> Amount:
        """Return all that were to be asked."""
        return self.sent + self.not_reached


STATES = tuple(one.name for one in fields(Counts))


@dataclass(frozen=True)
class CommunityTally:
    """The counts of one community; `units` as the plan's ledger has them, None where it does not say."""

    community_id: str
    name: str
    units: int | None
    counts: Counts


@dataclass(frozen=True)
class Share:
    """A part of a whole by "number" or "area": `of` which field of Counts, `base` which of BASES; both told beside it."""

    of: str
    base: str
    by: str
    part: float
    whole: float

    @property
    def percent(self) -> float | None:
        """Return the share in percent, None where the whole is nothing."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Threshold:
    """A share that a procedure asks for: `of` which field of Counts, of which of BASES, `by` number or area.

    `least` is enough, or where `more` is set, more than it. With `each`, every community has to reach it by itself.
    """

    of: str
    base: str
    by: str
    least: Fraction
    more: bool = False
    each: bool = False


@dataclass(frozen=True)
class Procedure:
    """What one kind of procedure asks for: thresholds (none: consult and report), and what no form can say (`also`).

    `source` says where that was found, `status` whether a person has confirmed it ("confirmed", "to_be_confirmed").
    """

    thresholds: tuple[Threshold, ...] = ()
    also: tuple[str, ...] = ()
    source: str = ""
    status: str = "to_be_confirmed"


@dataclass(frozen=True)
class Profile:
    """How a place counts opinions (data/procedures.toml); `shown` holds "number", "area" or both."""

    key: str
    name: str
    shown: tuple[str, ...]
    head_count: str  # one of HEAD_COUNTS
    head_count_source: str
    head_count_status: str
    delimit: Procedure
    adjust: Procedure

    def procedure(self, kind: str) -> Procedure:
        """Return what applies to one of KINDS."""
        return self.adjust if kind == "adjust" else self.delimit


@dataclass(frozen=True)
class Verdict:
    """A threshold beside what there is; `community` names one that has to reach it by itself, "" is the whole area.

    `passed` is None where it cannot be said: `why_open` is then "no_answers", "area" (areas are missing), "suspected" (some are not
    decided) or "forms" (fewer forms than units).
    """

    threshold: Threshold
    share: Share
    passed: bool | None
    why_open: str = ""
    community: str = ""


@dataclass(frozen=True)
class ThemeTally:
    """What several forms say: how many, the reply, and whether it was adopted ("yes", "no", "" not decided) and why."""

    number: int
    text: str
    forms: int
    reply: str = ""
    adopted: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Tally:
    """What the consultation of one area came to, by one profile.

    An owner with units in two communities is one person in each of them and one in total. `copies` are forms that
    were given out a second time for the same unit and are counted with the first. Days are ISO, "" where there is none.
    """

    profile: Profile
    kind: str  # one of KINDS
    total: Counts
    communities: tuple[CommunityTally, ...]
    shares: tuple[Share, ...] = ()
    verdicts: tuple[Verdict, ...] = ()  # none: consult and report
    themes: tuple[ThemeTally, ...] = ()
    copies: int = 0
    first_sent: str = ""
    last_returned: str = field(default="")

    @property
    def procedure(self) -> Procedure:
        """Return what the profile asks for in this kind."""
        return self.profile.procedure(self.kind)

    @property
    def passed(self) -> bool | None:
        """Return whether every threshold is reached; None where one cannot be told, or there is none."""
        told = [one.passed for one in self.verdicts]
        if False in told:
            return False
        return None if None in told or not told else True


def summed(counts: Iterable[Amount]) -> Amount:
    """Return all together."""
    return sum(counts, Amount())
