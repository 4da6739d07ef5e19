"""One part of the graph, goal after goal: exceptions, then (where asked) areas, then cost."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from optimizer import pricing
from optimizer.choosing import Best, Listed, Priced, Solver
from optimizer.clock import Clock
from optimizer.covering import Groups
from optimizer.instance import Floats, Ints, Part, divided
from optimizer.packing import Packing, most
from optimizer.pricing import SLACK, Goal, Limit
from optimizer.relocating import relocated
from optimizer.rules import Rules
from optimizer.starting import costed, first_plan, lone_big, lone_host
from optimizer.work import Work

FOR_AREAS = 0.5  # of the time of a part, where most areas are asked for before least cost


@dataclass(frozen=True)
class Answer:
    """What came out for one part."""

    groups: tuple[tuple[str, ...], ...]
    exceptions: tuple[str, ...]
    hosts: tuple[str, ...]  # hosts that stay alone
    exceptions_bound: int
    areas_bound: int
    why_not_more: str
    cost: float
    bound: float
    optimal: bool
    method: str
    stopped_by: str | None  # None, "clock" or "cancel"


@dataclass(frozen=True)
class Told:
    """How far a part is: its best plan so far, and what bounds any plan."""

    exceptions: int = 0
    areas: int = 0
    cost: float = 0.0
    bound: float = 0.0

    def __add__(self, other: "Told") -> "Told":
        """Return both parts together."""
        return Told(
            self.exceptions + other.exceptions,
            self.areas + other.areas,
            self.cost + other.cost,
            self.bound + other.bound,
        )

    def __sub__(self, other: "Told") -> "Told":
        """Return what is told without a part of it."""
        return self + Told(-other.exceptions, -other.areas, -other.cost, -other.bound)


Listener = Callable[[Told], None]


def told_of(answers: Iterable[Answer]) -> Told:
    """Return what finished answers say together."""
    return sum(
        (
            Told(len(a.exceptions), len(a.groups) + len(a.hosts), a.cost, min(a.bound, a.cost))
            for a in answers
        ),
        Told(),
    )


def first_answer(
    part: Part, rules: Rules, given: Sequence[Sequence[str]], clock: Clock, *, moves: int = 0
) -> Answer:
    """Return a lawful answer at once: the `given` areas first; where rules are in the way, who is not large enough alone is left out.

    So many `moves` make it better, as far as nothing but the minimum is in the way.
    """
    plan = first_plan(part, rules, _given(part, rules, given))
    if moves and part.clean and not rules.most_areas:
        plan = relocated(part, rules, plan, steps=moves, clock=clock)
    single = np.setdiff1d(np.arange(part.units), plan.units)
    out, hosts = _outside(part, single)
    price = rules.exception_price or 0.0
    return Answer(
        groups=_areas(part, plan),
        exceptions=out,
        hosts=hosts,
        exceptions_bound=0 if len(plan) else len(out),
        areas_bound=most_areas_bound(part, rules),
        why_not_more="open" if rules.most_areas else "unasked",
        cost=float(plan.cost.sum() + price * part.out_households[single].sum()),
        bound=0.0,
        optimal=False,
        method="first",
        stopped_by=clock.stopped_by,
    )


def solve_part(
    part: Part,
    rules: Rules,
    work: Work,
    clock: Clock,
    *,
    given: Sequence[Sequence[str]] = (),
    heard: Listener,
) -> list[Answer]:
    """Solve one part; it may fall into several once the units that no lawful group holds are set aside.

    `given` are lawful areas to begin with; `heard` is told of each better plan.
    """
    if clock.over():
        return [first_answer(part, rules, given, clock)]
    out, workable = pieces(part, rules)
    answers = [_left_out(part, out)] if len(out) else []
    for p in workable:
        beside = partial(_tell_beside, told_of(answers), heard)
        answers.append(_solve_connected(p, rules, work, clock, given, beside))
    return answers


def pieces(part: Part, rules: Rules) -> tuple[Ints, list[Part]]:
    """Return the units that no lawful group holds, which stay out, and the connected parts that the others form."""
    hopeless = _hopeless(part, rules) if rules.exception_price is None else np.zeros(part.units, bool)
    if not hopeless.any():
        return np.flatnonzero(hopeless), [part]
    return np.flatnonzero(hopeless), divided(part, ~hopeless, rules)


def _tell_beside(before: Told, heard: Listener, told: Told) -> None:
    heard(before + told)


def _given(part: Part, rules: Rules, given: Sequence[Sequence[str]]) -> Groups:
    """Return those of the given areas that lie in the part and cut no unit, as groups."""
    index = {i: k for k, i in enumerate(part.ids)}
    size = np.diff(part.arrays.member_start)
    groups = []
    for members in given:
        if all(i in index for i in members):
            units = np.unique(part.arrays.unit_of[[index[i] for i in members]])
            if size[units].sum() == len(members):
                groups.append(units)
    return costed(part, rules, groups)


def _hopeless(part: Part, rules: Rules) -> NDArray[np.bool_]:
    """Tell of each unit whether no lawful group holds it (and it is no host, which may stay alone)."""
    alone = lone_host(part)
    if part.arrays.weight.sum() < rules.minimum:
        return ~alone
    if part.clean:
        return np.zeros(part.units, bool)
    asked = pricing.task(rules, Goal(1.0, 0.0, np.zeros(part.units)))._replace(ceiling=np.inf, groups=1)
    first = part.arrays.member[part.arrays.member_start[:-1]]
    hopeless = np.zeros(part.units, bool)
    for u in np.flatnonzero(~alone):
        groups, _, complete = pricing.found(part, asked, np.zeros(part.units), first[u : u + 1])
        hopeless[u] = complete and len(groups) == 0
    return hopeless


def _solve_connected(
    part: Part, rules: Rules, work: Work, clock: Clock, given: Sequence[Sequence[str]], heard: Listener
) -> Answer:
    """Reach one goal after the other; each becomes a limit of the next."""

    def told(goal: Goal, best: Best) -> None:
        out, hosts = _outside(part, best.single)
        bound = best.bound if goal.prices and not goal.limits else 0.0
        cost = goal.value(best.groups, best.single) if goal.prices else float(best.groups.cost.sum())
        heard(Told(len(out), len(best.groups) + len(hosts), cost, max(0.0, min(bound, cost))))

    def packed(groups: Groups, _bound: int) -> None:
        heard(Told(0, len(groups), float(groups.cost.sum()), 0.0))

    listed = pricing.all_groups(part, rules, work.listed)
    solver: Solver = (
        Listed(part, listed)
        if listed is not None
        else Priced(part, rules, work, clock, first_plan(part, rules, _given(part, rules, given)), told)
    )
    stage = _exceptions(part, rules, solver)
    if rules.most_areas:
        start = first_plan(part, rules, _given(part, rules, given))
        effort, share = work.packing, clock.share(FOR_AREAS)
        stage = _most_areas(
            part,
            rules,
            solver,
            stage,
            lambda: most(part, rules, start, clock=share, effort=effort, heard=packed),
        )
    best = stage.best or _certain(solver.best(Goal(1.0, 0.0, stage.single, stage.limits)))
    out, hosts = _outside(part, best.single)
    return Answer(
        groups=_areas(part, best.groups),
        exceptions=out,
        hosts=hosts,
        exceptions_bound=stage.exceptions_bound,
        areas_bound=int(min(stage.areas_bound, most_areas_bound(part, rules))),
        why_not_more=stage.why_not_more,
        cost=best.value,
        bound=min(best.bound, best.value),
        optimal=stage.proven and best.proven,
        method=solver.method,
        stopped_by=clock.stopped_by,
    )


@dataclass(frozen=True)
class Stage:
    """What the goals so far left: the price of single units (inf: not allowed), limits, bounds, whether all is proven."""

    single: Floats
    limits: tuple[Limit, ...] = ()
    exceptions_bound: int = 0
    areas_bound: float = np.inf
    why_not_more: str = "unasked"
    proven: bool = True
    best: Best | None = None  # the least cost, where it is known already


def _exceptions(part: Part, rules: Rules, solver: Solver) -> Stage:
    """Settle who may be left out: nobody where that can be, else the fewest; or anybody at a price."""
    none_out = np.where(lone_host(part), 0.0, np.inf)
    may_out = np.where(lone_big(part), np.inf, 0.0)
    if rules.exception_price is not None:
        return Stage(may_out + rules.exception_price * part.out_households)
    best = None if part.clean else solver.best(Goal(1.0, 0.0, none_out))
    if part.clean or best is not None:
        return Stage(none_out, best=best)
    households = int(part.out_households.sum())
    one = households + 1.0  # one community more weighs more than all households
    fewest = _certain(solver.best(Goal(0.0, 0.0, may_out + part.out_communities * one + part.out_households)))
    limits = tuple(
        Limit(0.0, counted.astype(np.float64), most=float(counted[fewest.single].sum()))
        for counted in (part.out_communities, part.out_households)
    )
    proven = fewest.value - fewest.bound < 0.5
    at_least = np.ceil((max(fewest.bound, 0.0) - households - 0.5) / one)
    return Stage(may_out, limits, int(limits[0].most if proven else max(0.0, at_least)), proven=proven)


def _most_areas(
    part: Part, rules: Rules, solver: Solver, stage: Stage, packed: Callable[[], Packing]
) -> Stage:
    """Settle how many areas there are; a host left alone is one."""
    hosts = part.arrays.hosts.astype(np.float64)
    if isinstance(solver, Priced) and part.clean and rules.exception_price is None:
        packing = packed()
        solver.begin_with(packing.groups)
        areas, bound, why = len(packing.groups), packing.bound, packing.why
    else:
        single = np.where(np.isinf(stage.single), np.inf, -hosts)
        most = _certain(solver.best(Goal(0.0, 1.0, single, stage.limits)))
        areas, bound = round(-most.value), int(np.floor(-most.bound + SLACK))
        why = "open" if areas < bound else "listed" if isinstance(solver, Listed) else "relaxed"
    return replace(
        stage,
        limits=(*stage.limits, Limit(1.0, hosts, least=float(areas))),
        areas_bound=bound,
        why_not_more=why,
        best=None,
        proven=stage.proven and areas >= bound,
    )


def _certain(best: Best | None) -> Best:
    if best is None:
        msg = "a goal that some choice meets must have a best choice"
        raise RuntimeError(msg)
    return best


def most_areas_bound(part: Part, rules: Rules) -> int:
    """Return a bound on the number of areas: one for each heavy unit or host, and ⌊sum / minimum⌋ for each piece between."""
    heavy = (part.arrays.weight >= rules.minimum) | (part.arrays.hosts > 0)
    pieces = divided(part, ~heavy, rules)
    return int(heavy.sum()) + sum(int(p.arrays.weight.sum()) // rules.minimum for p in pieces)


def _left_out(part: Part, units: Ints) -> Answer:
    out, hosts = _outside(part, units)
    return Answer((), out, hosts, len(out), len(hosts), "sum", 0.0, 0.0, True, "none", None)


def _areas(part: Part, groups: Groups) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(part.communities(groups.of(k).tolist()) for k in range(len(groups))))


def _outside(part: Part, units: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
    ids = part.communities(units.tolist())
    return tuple(i for i in ids if i not in part.hosts), tuple(i for i in ids if i in part.hosts)
