"""Trade-offs of one district: what other prices, minimums, reaches and bounds lead to, and the next best plans."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import networkx as nx

from geo.wording import listed, say
from jobs.answers import place_of
from jobs.district import make_ready
from jobs.policy import read_policy
from jobs.progress import Listener, Stopwatch, silent
from jobs.request import Request
from jobs.scenarios import OPENED, OPENED_PRICE, Question, Scenario, Town, linked, price_of, questions
from jobs.sources import clean_sources, read_sources
from optimizer.alternatives import alternatives, regrouped
from optimizer.checks import check
from optimizer.instance import link_cost
from optimizer.plan import Plan
from optimizer.sharing import NOTHING_KNOWN, Known, solve_sharing
from optimizer.solving import Certificate, SolveOptions
from report.tradeoffs import Case, Comparison, TradeOff

SHOWN = 12  # pairs, and names, in one sentence


@dataclass(frozen=True)
class Asked:
    """What is compared: `prices` by name ("committee", "crossing.支路"), so many `plans`, each so `different` (a share)."""

    prices: tuple[str, ...] = ("join_self_sufficient",)
    plans: int = 3
    different: float = 0.05


@dataclass(frozen=True)
class Solved:
    """A scenario's plan, as `solve` returns it, on the scenario's graph."""

    scenario: Scenario
    graph: "nx.Graph[str]"
    plan: Plan
    certificate: Certificate
    seconds: float


def compare_district(request: Request, asked: Asked, *, progress: Listener = silent) -> Comparison:
    """Read and clean once, then solve every case; parts that are the same in two cases are solved once.

    Each case is the plan that `plan_district` makes of it. Nothing is written. Raises DataError where the input, an
    option or the name of a price is wrong.
    """
    watch = Stopwatch(progress)
    policy = read_policy(request)
    for name in asked.prices:
        price_of(policy.rules.prices, name)
    with watch("read"):
        raw = read_sources(request)
    with watch("clean"):
        sources = clean_sources(raw, request, policy)
    with watch("links"):
        rules = replace(policy.rules, within=sources.within)
        town = Town(sources, rules, policy.reach, linked(sources, policy.reach, sources.within))
    options = SolveOptions(seconds=request.seconds, seed=request.seed, workers=request.workers)
    make_ready(progress)
    with watch("solve"):
        plan, certificate, known = solve_sharing(town.graph, rules, options)
    with watch("alternatives"):
        plans = alternatives(
            town.graph,
            rules,
            asked.plans,
            different=asked.different,
            options=options,
            best=(plan, certificate),
        )
    tables: list[TradeOff] = []
    with watch("compare"):
        for question in questions(town, asked.prices):
            cases, known = _solved(question.scenarios, options, known)
            tables.append(_table(question, len(tables) + 1, cases, plan, town))
    return Comparison(
        title=say("tradeoffs.title", place=place_of(sources, request)),
        tradeoffs=tuple(tables),
        plans=tuple((other, told, len(check(other, town.graph, rules))) for other, told in plans),
        names=sources.communities["name"].to_dict(),
        counts=sources.communities["count"].dropna().astype(int).to_dict(),
        different=asked.different,
    )


def _solved(
    scenarios: Iterable[Scenario], options: SolveOptions, known: Known = NOTHING_KNOWN
) -> tuple[list[Solved], Known]:
    """Solve one scenario after the other; what one has solved, the next need not."""
    solved = []
    for scenario in scenarios:
        started = time.perf_counter()
        graph = scenario.graph()
        plan, certificate, known = solve_sharing(graph, scenario.rules, options, known)
        solved.append(Solved(scenario, graph, plan, certificate, time.perf_counter() - started))
    return solved, known


def _table(question: Question, number: int, cases: list[Solved], used: Plan, town: Town) -> TradeOff:
    return TradeOff(
        say(f"tradeoffs.sheet.{question.kind}", number=number),
        question.title,
        say(f"tradeoffs.heading.{question.kind}"),
        tuple(_case(solved, used) for solved in cases),
        opened_lines(cases, town.sources.communities["name"].to_dict()) if question.kind == "bound" else (),
    )


def _case(solved: Solved, used: Plan) -> Case:
    plan, certificate = solved.plan, solved.certificate
    opening = OPENED_PRICE * len(opened_pairs(solved))  # no price that anybody pays
    return Case(
        value=solved.scenario.value,
        used=solved.scenario.used,
        areas=certificate.areas,
        groups=sum(plan.outcomes[area.members[0]] == "grouped" for area in plan.areas),
        exceptions=certificate.exceptions,
        exception_households=certificate.exception_households,
        cost=certificate.cost - opening,
        bound=certificate.bound - opening,
        moved=len(regrouped(used, plan)),
        violations=len(check(plan, solved.graph, solved.scenario.rules)),
        seconds=solved.seconds,
    )


# --- opened bounds ---------------------------------------------------------------------------------


def opened_pairs(solved: Solved) -> list[tuple[str, str]]:
    """Return the links that only opened bounds allow and that hold its areas together, as few as can be, sorted.

    Of several that would do, the cheapest and nearest.
    """
    pairs: list[tuple[str, str]] = []
    for area in solved.plan.areas:
        inside = solved.graph.subgraph(area.members)
        if any(OPENED in link["crosses"] for _, _, link in inside.edges(data=True)):
            pairs += _opened_inside(inside, solved)
    return sorted(pairs)


def _opened_inside(inside: "nx.Graph[str]", solved: Solved) -> list[tuple[str, str]]:
    tied = {(min(pair), max(pair)) for pair in solved.graph.graph["together"] if set(pair) <= set(inside)}
    links = {(min(pair), max(pair)): inside.edges[pair] for pair in inside.edges}
    opened = {pair for pair, link in links.items() if OPENED in link["crosses"]} - tied
    prices = solved.scenario.rules.prices

    def dearness(pair: tuple[str, str]) -> tuple[float, float, tuple[str, str]]:
        return link_cost(links[pair], prices), links[pair]["gap_m"] if pair in opened else 0.0, pair

    ways: nx.Graph[str] = nx.Graph()
    order = [*sorted(tied), *sorted(set(links) - tied, key=dearness)]
    ways.add_edges_from((*pair, {"weight": rank}) for rank, pair in enumerate(order))
    tree = nx.minimum_spanning_edges(ways, data=False)
    return [pair for a, b in tree if (pair := (min(a, b), max(a, b))) in opened]


def opened_lines(cases: list[Solved], names: dict[str, str]) -> tuple[str, ...]:
    """Return a sentence for each opened bound after the first case: what exceptions it saves, and by which pairs."""
    closed, *others = cases
    return tuple(_opened_line(solved, _exceptions(closed.plan), names) for solved in others)


def _opened_line(solved: Solved, before: set[str], names: dict[str, str]) -> str:
    bound, after = solved.scenario.value, _exceptions(solved.plan)
    if len(after) >= len(before):
        return say("tradeoffs.bound.same", bound=bound)
    pairs = opened_pairs(solved)
    return say(
        "tradeoffs.bound.fewer",
        bound=bound,
        number=len(before) - len(after),
        pairs=len(pairs),
        list=_listed([say("tradeoffs.bound.pair", a=names[a], b=names[b]) for a, b in pairs]),
        names=_listed([names[i] for i in sorted(before - after)]),
    )


def _exceptions(plan: Plan) -> set[str]:
    return {i for i, outcome in plan.outcomes.items() if outcome == "exception"}


def _listed(words: list[str]) -> str:
    text = listed(words[:SHOWN])
    return text if len(words) <= SHOWN else say("tradeoffs.bound.list_more", list=text)
