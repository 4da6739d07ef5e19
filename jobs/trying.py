"""What one limit, reach or price does, value by value, and the next best plans: a draft weighed without its source files."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo.wording import say
from jobs.district import make_ready
from jobs.progress import Listener, Step, silent
from jobs.reopened import reopened, rules_in_use
from jobs.scenarios import FACTORS, MINIMUMS, REACHES_M, price_of, price_words
from jobs.weighing import SECONDS, Wish, as_settled, wished
from optimizer.alternatives import alternatives, regrouped
from optimizer.checks import check
from optimizer.plan import Plan
from optimizer.sharing import NOTHING_KNOWN, Known, solve_sharing
from optimizer.solving import Certificate, SolveOptions, solve
from report.results import Results
from report.tradeoffs import Case, TradeOff
from store.drafts import Draft

UPPERS = (300, 400, 500, 800, 1200)
LADDERS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "minimum": MINIMUMS,
        "upper": UPPERS,
        "reach_point_m": REACHES_M["point"],
        "reach_outline_m": REACHES_M["outline"],
    }
)
PLANS, DIFFERENT = 3, 0.05  # of the next best: how many, and the share of communities in which any two differ


@dataclass(frozen=True)
class Ladder:
    """A question: what each value of `name` (a limit, a reach, or a price as in jobs.scenarios) makes of the draft."""

    base: Results
    draft: Draft
    name: str

    def __call__(
        self, *, listener: Listener = silent, cancelled: Callable[[], bool] | None = None
    ) -> TradeOff:
        """Return a case for each value, the one in use among them; those worked out so far where `cancelled` says so.

        A value that the rules contradict, an upper size below the minimum, is left out.
        """
        make_ready(listener)
        known: Known = NOTHING_KNOWN
        cases = []
        for value in self.values():
            if cancelled is not None and cancelled():
                break
            listener(Step("solve"))
            case, known = self._case(value, known)
            cases.append(case)
        kind = self._kind()
        title = say(f"tradeoffs.table.{kind}", name=price_words(self.name)) if kind == "price" else ""
        return TradeOff(
            name=self.name,
            title=title or say(f"tradeoffs.table.{kind}"),
            heading=say(f"tradeoffs.heading.{kind}"),
            cases=tuple(cases),
        )

    def values(self) -> list[float]:
        """Return the values that are tried, the one in use among them, in order."""
        rules = rules_in_use(self.base)
        if self.name not in LADDERS:
            now = price_of(rules.prices, self.name)
            return [factor * now for factor in FACTORS]
        least = rules.minimum if self.name == "upper" else 0
        return sorted({*(v for v in LADDERS[self.name] if v >= least), self._now()})

    def _now(self) -> float:
        rules = rules_in_use(self.base)
        return float(getattr(rules, self.name)) if self.name in LADDERS else price_of(rules.prices, self.name)

    def _kind(self) -> str:
        return self.name.removesuffix("_m") if self.name in LADDERS else "price"

    def _wish(self, value: float) -> Wish:
        if value == self._now():
            return Wish()
        if self.name not in LADDERS:
            return Wish(prices={self.name: value})
        return Wish(**{self.name: value if self.name.startswith("reach") else int(value)})  # type: ignore[arg-type]

    def _case(self, value: float, known: Known) -> tuple[Case, Known]:
        begun = time.perf_counter()
        town = reopened(wished(self.base, self._wish(value)))
        graph = as_settled(town, self.draft)
        plan, certificate, known = solve_sharing(graph, town.rules, SolveOptions(seconds=SECONDS), known)
        case = Case(
            value=f"{value:g}",
            used=value == self._now(),
            areas=certificate.areas,
            groups=sum(plan.outcomes[area.members[0]] == "grouped" for area in plan.areas),
            exceptions=certificate.exceptions,
            exception_households=certificate.exception_households,
            cost=certificate.cost,
            bound=certificate.bound,
            moved=len(regrouped(self.draft.plan, plan)),
            violations=len(check(plan, graph, town.rules)),
            seconds=time.perf_counter() - begun,
        )
        return case, known


@dataclass(frozen=True)
class NextBest:
    """A question: the best plan that the draft leaves free, and the next best ones that differ enough."""

    base: Results
    draft: Draft

    def __call__(
        self, *, listener: Listener = silent, cancelled: Callable[[], bool] | None = None
    ) -> tuple[tuple[Plan, Certificate, int], ...]:
        """Return the plans, the best first, each with what is proven of it and how many rules it breaks."""
        make_ready(listener)
        listener(Step("solve"))
        town = reopened(self.base)
        graph, options = as_settled(town, self.draft), SolveOptions(seconds=SECONDS)
        best = solve(graph, town.rules, options, cancelled=cancelled)
        if cancelled is not None and cancelled():
            found = [best]
        else:
            listener(Step("alternatives"))
            found = alternatives(graph, town.rules, PLANS, different=DIFFERENT, options=options, best=best)
        return tuple((plan, told, len(check(plan, graph, town.rules))) for plan, told in found)
