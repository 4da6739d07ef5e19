"""What the papers are made of: plain values of one area (Case), or of the whole plan (PlanCase); whoever knows the store fills them.

A day that is not fixed yet is None and a text that the office has not given is "": the papers print a line to write on.
No name, room or phone of an owner has a place here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from geo.bounds import SIDES
from report.tally import Tally

MODES = ("professional", "self_managed", "neighborhood_run", "package")
FILING_KINDS = ("new", "adjust", "cancel")

# --- who issues, what it rests on ------------------------------------------------------------------


@dataclass(frozen=True)
class Office:
    """The street office or town, as its settings say; phones and posts of the office, never private ones.

    `number_pattern` holds {year} and {number}; `bounds_order` is an order of geo.bounds.SIDES; `answers` are by key of
    leaflet.QUESTIONS; `remedy` says where a decision can be contested.
    """

    name: str = ""  # in full: 重庆市永川区中山路街道办事处
    district: str = ""  # 永川区
    number_pattern: str = ""
    phone: str = ""
    post: str = ""  # whom to ask for, by post
    address: str = ""
    supervision_phone: str = ""
    bounds_order: tuple[str, ...] = SIDES
    posting_places: tuple[str, ...] = ()
    remedy: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Version:
    """The frozen version that a paper belongs to; `on` is the day of the freeze, which also dates the files."""

    number: int
    sha256: str
    title: str
    on: date
    data_date: str = ""


@dataclass(frozen=True)
class Citation:
    """What a paper rests on, as the rules file says it; not `confirmed` is printed beside it."""

    key: str
    text: str
    confirmed: bool = False


@dataclass(frozen=True)
class Period:
    """A number of days from the rules file, and from when to when they run, both days included."""

    days: int
    confirmed: bool = False
    begins: date | None = None
    ends: date | None = None


# --- the area --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """One community of an area; numbers that nobody knows are None, texts ""."""

    name: str
    address: str = ""
    committee: str = ""
    grids: tuple[str, ...] = ()
    buildings: int | None = None
    count: int | None = None  # the number judged, under the heading Area.count_heading
    count_status: str = "surveyed"
    dwellings: int | None = None
    owners: int | None = None
    floor_area_m2: float | None = None
    built_year: int | None = None
    ownership: str = ""
    managing_company: str = ""


@dataclass(frozen=True)
class Area:
    """One area. `name` is 胜利路片区, without 物业管理区域; `bounds` are by side, "" where nothing named is near.

    `sketch`: some member is only a point, so that nothing can be filed. `below_reason` says why fewer than `minimum`
    may stand; `previous` are areas that this one takes the place of. `changes` since the consultation: None where
    nobody said, "" where there are none.
    """

    area_id: str
    name: str
    members: tuple[Member, ...]
    bounds: Mapping[str, str]
    count_heading: str
    minimum: int
    sketch: bool = False
    site_area_m2: float | None = None
    below_reason: str = ""
    mode: str = ""  # one of MODES
    mode_evidence: str = ""
    contact: str = ""  # 联络专人, by post
    previous: tuple[str, ...] = ()
    changes: str | None = None

    @property
    def count(self) -> int:
        """Return the sum of the known counts."""
        return sum(one.count or 0 for one in self.members)


# --- what was handed out, what was decided ----------------------------------------------------------


@dataclass(frozen=True)
class FormRow:
    """One form as it went out and came back: days ISO or "", `way` a key of "opinions.way", `valid` None while it is not back."""

    form_no: str
    community: str
    sent_on: str = ""
    way: str = ""
    returned_on: str = ""
    valid: bool | None = None


@dataclass(frozen=True)
class Step:
    """A state the area came into, one of store.proceedings.STATES, and the day from which it holds."""

    state: str
    on: date


@dataclass(frozen=True)
class Filing:
    """What is filed with the district; `present` are keys of filing.MATERIALS that are at hand."""

    kind: str = "new"  # one of FILING_KINDS
    handler: str = ""
    submitted_on: date | None = None
    received_on: date | None = None
    opinion: str = ""
    filing_no: str = ""
    filed_on: date | None = None
    present: tuple[str, ...] = ()


# --- the case --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """All that the papers of one area are made of.

    `numbers` are the running numbers of papers, by document key; `board` is the drawing of the buildings as PNG, empty
    where there is none.
    """

    office: Office
    version: Version
    area: Area
    citations: tuple[Citation, ...]
    consult: Period
    notice: Period
    draft: bool = True
    tally: Tally | None = None
    steps: tuple[Step, ...] = ()
    filing: Filing = field(default_factory=Filing)
    forms: tuple[FormRow, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    board: bytes = b""

    def on(self, state: str) -> date | None:
        """Return the day from which a state holds, the last time it was reached."""
        return next((step.on for step in reversed(self.steps) if step.state == state), None)


# --- the whole plan --------------------------------------------------------------------------------


@dataclass(frozen=True)
class LeftOut:
    """A community without an area; `outcome` is one of geo.schema.OUTCOMES."""

    name: str
    count: int | None
    outcome: str
    reason: str = ""
    repair: str = ""


@dataclass(frozen=True)
class Option:
    """A plan among those compared (keep-as-is is one): areas, communities without one, their households, the cost."""

    title: str
    areas: int
    exceptions: int
    exception_households: int
    cost: float
    note: str = ""


@dataclass(frozen=True)
class UnitOpinion:
    """What a unit was asked and said; `adopted` None where that is not decided."""

    unit: str
    asked_on: date | None = None
    reply: str = ""
    adopted: bool | None = None


@dataclass(frozen=True)
class Decided:
    """One question of the joint meeting and what was decided on it."""

    asked: str
    text: str
    on: date | None = None


@dataclass(frozen=True)
class PlanCase:
    """All that the papers of the whole plan are made of; `caveats` are sentences, `sources` files with their dates."""

    office: Office
    version: Version
    areas: tuple[Area, ...]
    citations: tuple[Citation, ...]
    count_heading: str
    minimum: int
    draft: bool = True
    left: tuple[LeftOut, ...] = ()
    options: tuple[Option, ...] = ()
    caveats: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    findings: int = 0
    refused_rows: int = 0
    asked: tuple[UnitOpinion, ...] = ()
    decided: tuple[Decided, ...] = ()
