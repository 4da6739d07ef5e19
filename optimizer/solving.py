"""Solving: communities and links to a plan and its certificate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import networkx as nx

from optimizer.candidates import area_cost
from optimizer.checks import check
from optimizer.clock import Clock
from optimizer.instance import Instance, former_centers, prepare
from optimizer.plan import Area, Plan, area_name, center_of, linked_exceptions, number_of, outcomes_of
from optimizer.rules import Rules
from optimizer.work import Work

if TYPE_CHECKING:
    from optimizer.dispatching import News
    from optimizer.staging import Answer

PROVEN = 1e-6  # of the cost: what counts as no gap
WHY_NOT_MORE = {
    "sum": "the households suffice for no more, piece by piece between the large communities",
    "relaxed": "no more fit even where groups may be taken in part",
    "proven": "all ways to fit one more were tried",
    "listed": "all lawful groups are at hand, and no choice of them has more",
    "open": "there may be more",
    "unasked": "least cost came first",
}


@dataclass(frozen=True)
class SolveOptions:
    """How long and how hard to search. `seconds` is a guard by the clock; `work` counts, and decides otherwise.

    The search draws no random numbers: `seed` is kept with the plan, and changes nothing. `workers` processes share the
    large parts of the graph; the plan does not depend on them.
    """

    seconds: float | None = None
    seed: int = 0
    workers: int = 1
    work: Work = field(default_factory=Work)


@dataclass(frozen=True)
class Progress:
    """How far a run is: parts solved of all parts, communities in them, and the best plan so far.

    `exceptions` and `areas` of that plan; its `cost` and what any plan costs at least (`bound`), in household-metres.
    """

    parts_done: int
    parts: int
    communities_done: int
    communities: int
    exceptions: int
    areas: int
    cost: float
    bound: float

    @property
    def gap(self) -> float:
        """Return how far cost may be above the least, as a share of it."""
        return (self.cost - self.bound) / self.cost if self.cost > 0 else 0.0


@dataclass(frozen=True)
class PartCertificate:
    """What is proven about one connected part; `first_id` is its smallest community. Fields as in Certificate."""

    first_id: str
    communities: int
    method: str  # "listed": all lawful groups at hand, "priced": by pricing, "first": no search, "none": no lawful group
    exceptions: int
    exceptions_bound: int
    areas: int
    areas_bound: int
    why_not_more: str  # of areas, where most are asked for: one of WHY_NOT_MORE
    cost: float
    bound: float
    optimal: bool


@dataclass(frozen=True)
class Certificate:
    """What is proven about a plan, over all lawful groups.

    `cost`, `bound` in household-metres (with an exception price: areas and what is left out), `gap` their relative
    difference; `areas_bound` bounds the number of areas of any plan. `optimal` where every part is proven in all its
    goals; `stopped_by` is "clock" where the time limit cut the search short, "cancel" where a planner did.
    """

    exceptions: int
    exceptions_bound: int
    exception_households: int
    cost: float
    bound: float
    gap: float
    areas: int
    areas_bound: int
    status: str
    stopped_by: str | None
    parts: tuple[PartCertificate, ...] = ()


def solve(
    graph: "nx.Graph[str]",
    rules: Rules,
    options: SolveOptions | None = None,
    *,
    instance: Instance | None = None,
    start: Plan | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Plan, Certificate]:
    """Return the best plan found and what is proven about it (design.md §4).

    Nodes of `graph` carry count, x and y (m; nan without a place), scope, lock; links carry crosses and wall_m; pairs
    that stay together or apart are in `graph.graph`. Held, excluded and fixed communities and locked areas are
    settled before; a fixed community is an area of its own, a locked area is exactly its list. A host is an area of its
    own at no cost unless a group takes it in: then it is the only host there, beside communities that each are below
    the minimum. The plan depends on nothing but the arguments, unless the clock or a planner stops the run.

    `instance` is `prepare(graph, rules)`, where the caller has it already; `start` any plan to begin with (else the
    existing one, which nodes carry as `former`): those of its areas that keep the rules. There is a lawful plan from the first `progress` on; where `cancelled` says so, the best so
    far is returned. Raises DataError `optimizer.together_*` where 须同区 pairs contradict others.
    """
    from optimizer.dispatching import Task, solve_parts

    options = options or SolveOptions()
    clock = Clock(options.seconds, cancelled)
    instance = instance or prepare(graph, rules)
    task = Task(rules, options.work, _lawful_areas(start, graph, rules))
    settled = [members for _, members in instance.locked] + [(i,) for i in instance.fixed]
    settled_cost = sum(area_cost(graph, rules, members).total for members in settled)
    communities = sum(len(p.ids) for p in instance.parts)

    def heard(news: "News") -> None:
        if progress is not None:
            told = news.told
            best = (
                told.exceptions,
                told.areas + len(settled),
                told.cost + settled_cost,
                told.bound + settled_cost,
            )
            progress(
                Progress(news.parts_done, len(instance.parts), news.communities_done, communities, *best)
            )

    answers = solve_parts(instance.parts, task, clock, workers=options.workers, heard=heard)
    return concluded(graph, rules, instance, answers)


def concluded(
    graph: "nx.Graph[str]", rules: Rules, instance: Instance, answers: Sequence[Sequence["Answer"]]
) -> tuple[Plan, Certificate]:
    """Return the plan that the answers of all parts make, and what is proven about it."""
    plan = _plan(graph, instance, [answer for of_part in answers for answer in of_part])
    return plan, _certificate(graph, rules, instance, plan, answers)


def _lawful_areas(start: Plan | None, graph: "nx.Graph[str]", rules: Rules) -> tuple[tuple[str, ...], ...]:
    """Return the areas of a plan (the existing one, where none is given) that keep every rule of today."""
    start = start or _former_plan(graph)
    faulty = {
        place
        for violation in check(start, graph, rules)
        for place in (violation.area_id, violation.community_id, *violation.members)
    }
    return tuple(
        area.members for area in start.areas if area.area_id not in faulty and faulty.isdisjoint(area.members)
    )


def _former_plan(graph: "nx.Graph[str]") -> Plan:
    """Return the existing plan that the nodes carry as `former`."""
    members: dict[str, list[str]] = {}
    for community in sorted(graph):
        if area := graph.nodes[community].get("former"):
            members.setdefault(area, []).append(community)
    areas = tuple(Area(area, tuple(m), center_of(graph, m)) for area, m in sorted(members.items()))
    numbers = [number for area in areas if (number := number_of(area.area_id)) is not None]
    return Plan(areas, outcomes_of(graph, areas), next_number=max(numbers, default=0) + 1)


def _plan(graph: "nx.Graph[str]", instance: Instance, answers: Sequence["Answer"]) -> Plan:
    """Return the plan with its areas named; a new area is numbered from north to south, then west to east.

    A locked area keeps its id where it is one of ours, an area whose centre was one in the existing plan keeps that one's;
    no number of either is used again.
    """
    groups = [group for answer in answers for group in answer.groups]
    groups += [(host,) for answer in answers for host in answer.hosts]
    groups += [(community,) for community in instance.fixed]
    unnamed = [(center_of(graph, m), m, False) for m in groups]
    unnamed += [(center_of(graph, m), m, True) for lock, m in instance.locked if number_of(lock) is None]
    areas = [
        Area(lock, m, center_of(graph, m), locked=True) for lock, m in instance.locked if number_of(lock)
    ]
    former = former_centers(graph)
    old = {
        c: area for area, c in former.items() if number_of(area) and area not in {a.area_id for a in areas}
    }
    taken = {number_of(area) for area in (*former, *(area.area_id for area in areas))}
    number = 0
    for center, members, locked in sorted(unnamed, key=lambda row: _north_west(graph, row[0])):
        if center not in old:
            number = next(n for n in count(number + 1) if n not in taken)
        areas.append(Area(old.get(center) or area_name(number), members, center, locked=locked))
    areas.sort(key=lambda area: (number_of(area.area_id) or 0, area.area_id))
    outcomes = outcomes_of(graph, areas)
    largest = max([number, *(n for n in taken if n is not None)], default=0)
    return Plan(tuple(areas), outcomes, linked_exceptions(graph, outcomes), largest + 1)


def _north_west(graph: "nx.Graph[str]", community: str) -> tuple[float, float, str]:
    node = graph.nodes[community]
    placeless = node["x"] != node["x"] or node["y"] != node["y"]
    return (float("inf"), 0.0, community) if placeless else (-round(node["y"]), node["x"], community)


def _certificate(
    graph: "nx.Graph[str]",
    rules: Rules,
    instance: Instance,
    plan: Plan,
    answers: Sequence[Sequence["Answer"]],
) -> Certificate:
    costs = {area.members: area_cost(graph, rules, area.members).total for area in plan.areas}
    rows = [_row(graph, rules, answer, costs) for of_part in answers for answer in of_part]
    settled_cost = sum(costs[members] for _, members in instance.locked)
    settled = len(instance.locked) + len(instance.fixed)
    out = [c for c, outcome in plan.outcomes.items() if outcome == "exception"]
    cost = settled_cost + sum(row.cost for row in rows)
    bound = min(cost, settled_cost + sum(row.bound for row in rows))
    optimal = all(row.optimal for row in rows)
    stopped = {answer.stopped_by for of_part in answers for answer in of_part} - {None}
    return Certificate(
        exceptions=len(out),
        exceptions_bound=sum(row.exceptions_bound for row in rows),
        exception_households=sum(graph.nodes[c]["count"] for c in out),
        cost=cost,
        bound=cost if optimal else bound,
        gap=0.0 if optimal or cost == 0 else (cost - bound) / cost,
        areas=len(plan.areas),
        areas_bound=settled + sum(row.areas_bound for row in rows),
        status="optimal" if optimal else "feasible",
        stopped_by=None if optimal or not stopped else "cancel" if "cancel" in stopped else "clock",
        parts=tuple(rows),
    )


def _row(
    graph: "nx.Graph[str]", rules: Rules, answer: "Answer", costs: dict[tuple[str, ...], float]
) -> PartCertificate:
    """Return the row of one answer, its cost computed again from the areas themselves."""
    ids = sorted([*answer.exceptions, *answer.hosts, *(i for group in answer.groups for i in group)])
    cost = sum(costs[group] for group in answer.groups)
    if rules.exception_price is not None:
        cost += rules.exception_price * sum(graph.nodes[i]["count"] for i in answer.exceptions)
    gap = cost - answer.bound
    areas = len(answer.groups) + len(answer.hosts)
    suffices = answer.why_not_more in ("unasked", "open") and areas >= answer.areas_bound
    return PartCertificate(
        first_id=ids[0],
        communities=len(ids),
        method=answer.method,
        exceptions=len(answer.exceptions),
        exceptions_bound=answer.exceptions_bound,
        areas=areas,
        areas_bound=answer.areas_bound,
        why_not_more="sum" if suffices else answer.why_not_more,
        cost=cost,
        bound=min(cost, max(0.0, answer.bound)),
        optimal=answer.optimal and gap <= PROVEN * max(1.0, cost),
    )
