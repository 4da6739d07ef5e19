"""What a planner weighs: plans under other prices, minimums, reaches and bounds, and the next best plans, as tables."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.wording import listed, say
from optimizer.alternatives import regrouped
from optimizer.plan import Plan
from optimizer.solving import Certificate
from report.charts import Chart, svg_page
from report.comparing import aligned, plain
from report.folder import check_folder, replaced
from report.workbooks import Sheet, write_workbook

OURS = re.compile(r"tradeoffs\.xlsx|tradeoffs\.svg|alternatives\.xlsx|\.~lock\..*#|~\$.*\.xlsx")
COMPANY_SHOWN = 6  # names of a company in one cell
_VALUE, _AREAS, _EXCEPTIONS = 0, 2, 4  # columns that are drawn


@dataclass(frozen=True)
class Case:
    """One value of a trade-off and the plan it leads to; `moved` communities have another company than in the plan in use.

    `cost` and `bound` in household-metres under the rules of this case; `violations` is what the checks found, under
    them too; `seconds` what linking and solving took.
    """

    value: str
    used: bool
    areas: int
    groups: int
    exceptions: int
    exception_households: int
    cost: float
    bound: float
    moved: int
    violations: int
    seconds: float

    @property
    def gap(self) -> float:
        """Return how far cost may be above the least, as a share of it."""
        return (self.cost - self.bound) / self.cost if self.cost > 0 else 0.0


@dataclass(frozen=True)
class TradeOff:
    """One table: `name` is its sheet's, `heading` that of the values, `lines` what there is to say beside it."""

    name: str
    title: str
    heading: str
    cases: tuple[Case, ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Everything a comparison says; the first of `plans` is the one in use, each with what the checks found.

    `names` and `counts` by community; `different` is the share in which any two plans differ.
    """

    title: str
    tradeoffs: tuple[TradeOff, ...]
    plans: tuple[tuple[Plan, Certificate, int], ...]
    names: Mapping[str, str]
    counts: Mapping[str, int]
    different: float

    def lines(self) -> list[str]:
        """Return the tables as lines for a terminal."""
        lines = [self.title]
        for tradeoff in self.tradeoffs:
            lines += ["", tradeoff.title, *aligned(tradeoff_table(tradeoff)), *tradeoff.lines]
        lines += ["", self.about_plans(), *aligned(plans_table(self.plans))]
        return [plain(line) for line in lines]

    def about_plans(self) -> str:
        """Return what the plans are, in one sentence."""
        return say("tradeoffs.plans.about", number=len(self.plans), share=f"{self.different:.0%}")


def check_comparison(folder: Path) -> None:
    """Raise DataError where `folder` holds what no comparison wrote; meant for before the work begins."""
    check_folder(folder, ours=OURS)


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write tradeoffs.xlsx, tradeoffs.svg and alternatives.xlsx into `folder`, all or none.

    Raises DataError where the folder holds anything else or cannot be written.
    """
    charts = [chart_of(tradeoff) for tradeoff in comparison.tradeoffs]
    with replaced(folder, ours=OURS) as new:
        write_workbook(new / "tradeoffs.xlsx", [_sheet(comparison, t) for t in comparison.tradeoffs])
        (new / "tradeoffs.svg").write_text(svg_page(comparison.title, charts), encoding="utf-8")
        write_workbook(new / "alternatives.xlsx", list(_plan_sheets(comparison)))


# --- tables ----------------------------------------------------------------------------------------


def tradeoff_table(tradeoff: TradeOff) -> pd.DataFrame:
    """Return the cases under Chinese headings: cost in whole household-metres, gap in per cent."""
    rows = [
        {
            "used": say("tradeoffs.used") if case.used else "",
            "areas": case.areas,
            "groups": case.groups,
            "exceptions": case.exceptions,
            "exception_households": case.exception_households,
            "cost": round(case.cost),
            "gap": percent(case.gap),
            "moved": case.moved,
            "violations": case.violations,
            "seconds": round(case.seconds, 2),
        }
        for case in tradeoff.cases
    ]
    table = pd.DataFrame(rows)
    headed = table.set_axis([say(f"tradeoffs.column.{column}") for column in table.columns], axis=1)
    headed.insert(0, tradeoff.heading, [case.value for case in tradeoff.cases])
    return headed


def plans_table(plans: Sequence[tuple[Plan, Certificate, int]]) -> pd.DataFrame:
    """Return a row a plan: what it comes to, what is proven, and how many communities differ from the first."""
    (first, best, _), *_ = plans
    rows = [
        {
            "plan": plan_name(number),
            "cost": round(certificate.cost),
            "dearer": round(certificate.cost - best.cost),
            "gap": percent(certificate.gap),
            "areas": certificate.areas,
            "exceptions": certificate.exceptions,
            "exception_households": certificate.exception_households,
            "moved": len(regrouped(first, plan)),
            "violations": violations,
        }
        for number, (plan, certificate, violations) in enumerate(plans)
    ]
    table = pd.DataFrame(rows)
    return table.set_axis([say(f"tradeoffs.column.{column}") for column in table.columns], axis=1)


def changes_table(comparison: Comparison) -> pd.DataFrame:
    """Return a row for each community whose company differs in any plan from the first: its company there, else nothing."""
    first, *others = (plan for plan, _, _ in comparison.plans)
    changed = [set(regrouped(first, plan)) for plan in others]
    ids = sorted(set().union(*changed))
    table = {
        "community_id": ids,
        "name": [comparison.names.get(i, i) for i in ids],
        "count": pd.array([comparison.counts.get(i) for i in ids], dtype="Int64"),
        plan_name(0): [_company(comparison, first, i) for i in ids],
    }
    for number, (plan, moved) in enumerate(zip(others, changed, strict=True), 1):
        table[plan_name(number)] = [_company(comparison, plan, i) if i in moved else "" for i in ids]
    words = {key: say(f"tradeoffs.column.{key}") for key in ("community_id", "name", "count")}
    return pd.DataFrame(table).rename(columns=words)


def plan_name(number: int) -> str:
    """Return what a plan is called: the one in use, or an alternative by its number."""
    return say("tradeoffs.plans.used") if number == 0 else say("tradeoffs.plans.other", number=number)


def percent(share: float) -> str:
    """Return a share in per cent; what is proven says so."""
    return say("tradeoffs.proven") if share == 0 else f"{share:.2%}"


def chart_of(tradeoff: TradeOff) -> Chart:
    """Return the chart of a table."""
    cases = tradeoff.cases
    used = next((k for k, case in enumerate(cases) if case.used), None)
    return Chart(
        tradeoff.title,
        tuple(case.value for case in cases),
        tuple(case.exceptions for case in cases),
        tuple(case.areas for case in cases),
        (_VALUE, _EXCEPTIONS, _AREAS),
        used,
    )


def _company(comparison: Comparison, plan: Plan, community: str) -> str:
    """Return the area of a community in a plan and the names of the others there."""
    area = next((a for a in plan.areas if community in a.members), None)
    if area is None:
        return say("tradeoffs.company.none")
    others = [comparison.names.get(m, m) for m in area.members if m != community]
    if not others:
        return say("tradeoffs.company.alone", area=area.area_id)
    shown = listed(others[:COMPANY_SHOWN])
    more = "" if len(others) <= COMPANY_SHOWN else say("tradeoffs.company.more", number=len(others))
    return say("tradeoffs.company.with", area=area.area_id, names=shown, more=more)


# --- sheets ----------------------------------------------------------------------------------------


def _sheet(comparison: Comparison, tradeoff: TradeOff) -> Sheet:
    return Sheet(
        tradeoff.name,
        f"{comparison.title} · {tradeoff.title}",
        (say("tradeoffs.about"), *tradeoff.lines),
        tradeoff_table(tradeoff),
        chart=chart_of(tradeoff),
    )


def _plan_sheets(comparison: Comparison) -> Iterator[Sheet]:
    lines = (comparison.about_plans(), say("tradeoffs.plans.meaning"))
    for key, table in (("plans", plans_table(comparison.plans)), ("changes", changes_table(comparison))):
        name = say(f"tradeoffs.sheet.{key}")
        yield Sheet(name, f"{comparison.title} · {name}", lines, table)
