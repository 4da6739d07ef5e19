"""One part of the graph, goal after goal: exceptions, then (where asked) areas, then cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from optimizer import pricing, search, splitting
from optimizer.clock import Clock
from optimizer.covering import Cover, Groups, cover, no_groups, united
from optimizer.improving import improve
from optimizer.instance import Floats, Ints, Part, divided
from optimizer.pricing import SLACK, Bound, Goal, Limit
from optimizer.rules import Rules
from optimizer.work import Work

SHARES = (0.125, 0.25, 0.5, 1.0)  # of the gap: how far the lists reach, one after the other


@dataclass(frozen=True)
class Best:
    """The best choice found for a goal, what it counts, and a bound on what any choice counts."""

    groups: Groups
    single: Ints
    value: float
    bound: float

    @property
    def proven(self) -> bool:
        """Tell whether nothing can be better."""
        return self.value - self.bound <= SLACK * max(1.0, abs(self.value))


@dataclass(frozen=True)
class Answer:
    """What came out for one part."""

    groups: tuple[tuple[str, ...], ...]
    exceptions: tuple[str, ...]
    hosts: tuple[str, ...]  # hosts that stay alone
    exceptions_bound: int
    areas_bound: int
    cost: float
    bound: float
    optimal: bool
    method: str
    stopped: bool


class Solver(Protocol):
    """Finds the best choice for a goal; None where the goal's single units do not allow any."""

    method: str

    def best(self, goal: Goal) -> Best | None:
        """Return the best choice for `goal`."""


class Listed:
    """Solves from the list of all lawful groups."""

    method = "listed"

    def __init__(self, part: Part, groups: Groups) -> None:
        self._part, self._groups = part, groups

    def best(self, goal: Goal) -> Best | None:
        """Return the best choice, proven."""
        answer = cover(
            self._part.units, self._groups, goal.of(self._groups), goal.single, goal.rows(self._groups)
        )
        return None if answer is None else _best(goal, self._groups, answer, answer.bound)


class Priced:
    """Solves by pricing: a bound over all lawful groups, a plan, and a list of all groups a better plan could hold."""

    method = "priced"

    def __init__(self, part: Part, rules: Rules, work: Work, clock: Clock) -> None:
        self._part, self._rules, self._work, self._clock = part, rules, work, clock
        groups = halved(part, rules) if part.clean else lone(part, rules)
        self._plan = groups, np.setdiff1d(np.arange(part.units), groups.units)
        self._pool = united([groups, pricing.first_groups(part, rules)])

    def best(self, goal: Goal) -> Best | None:
        """Return the best choice within the limits of work."""
        bound = pricing.bound(self._part, self._rules, goal, self._pool, self._clock)
        self._pool = bound.groups
        best = self._chosen(goal, bound)
        if best is None:
            return None
        if goal.prices and not best.proven:
            best = self._improved(goal, bound, best)
        if not best.proven and not self._clock.over():
            best = self._proven(goal, bound, best)
        self._plan = best.groups, best.single
        self._pool = united([self._pool, best.groups])
        return best

    def _chosen(self, goal: Goal, bound: Bound) -> Best | None:
        """Return the best choice from the groups seen so far, or the plan at hand; None where neither will do."""
        pool = self._pool
        if len(pool) > self._work.columns and np.isfinite(bound.value):
            reduced = goal.of(pool) - pool.sums(bound.duals[: self._part.units])
            kept = np.sort(np.argsort(reduced, kind="stable")[: self._work.columns])
            pool = pool.take(kept)
        best = self._covered(goal, pool, self._work.nodes // 5)
        if best is not None:
            return Best(best.groups, best.single, best.value, bound.value)
        value = goal.value(*self._plan)
        return Best(*self._plan, value, bound.value) if np.isfinite(value) else None

    def _improved(self, goal: Goal, bound: Bound, best: Best) -> Best:
        groups = improve(
            self._part,
            self._rules,
            goal,
            bound,
            best.groups,
            balls=self._work.balls,
            tries=self._work.tries,
            clock=self._clock,
        )
        return Best(groups, best.single, goal.value(groups, best.single), best.bound)

    def _proven(self, goal: Goal, bound: Bound, best: Best) -> Best:
        """List the groups that a better choice may hold, the likely ones first, and solve that; proven with the last list.

        A part of the list gives a better choice, and that makes the next list shorter.
        """
        for share in SHARES:
            excess = share * (best.value - bound.value)
            groups = pricing.within(
                self._part,
                self._rules,
                goal,
                bound,
                excess=excess,
                most=self._work.candidates * self._part.units,
            )
            if groups is None or self._clock.over():
                return best
            found = self._covered(goal, united([best.groups, groups]), self._work.nodes)
            if found is None:
                return best
            complete = best.value - bound.value <= excess + SLACK
            lower = max(best.bound, min(found.bound, best.value)) if complete else best.bound
            better = found if found.value < best.value - SLACK else best
            best = Best(better.groups, better.single, better.value, lower)
            if best.proven:
                return best
        return best

    def _covered(self, goal: Goal, groups: Groups, nodes: int) -> Best | None:
        answer = cover(
            self._part.units,
            groups,
            goal.of(groups),
            goal.single,
            goal.rows(groups),
            nodes=nodes,
            seconds=self._clock.left(),
        )
        return None if answer is None else _best(goal, groups, answer, answer.bound)


def _best(goal: Goal, groups: Groups, answer: Cover, bound: float) -> Best:
    chosen = groups.take(answer.groups)
    return Best(chosen, answer.single, goal.value(chosen, answer.single), bound)


def halved(part: Part, rules: Rules) -> Groups:
    """Return a plan made by halving the whole part as long as that is possible: the proof that one exists."""
    units = np.arange(part.units)
    if part.arrays.weight.sum() < rules.minimum:
        return no_groups()
    done: list[Ints] = []
    waiting = [units]
    while waiting:
        group = waiting.pop()
        one = splitting.half(part.arrays, group, rules.minimum)
        if len(one) == 0:
            done.append(np.sort(group))
        else:
            waiting += [one, np.setdiff1d(group, one)]
    return _grouped(part, rules, done)


def lone(part: Part, rules: Rules) -> Groups:
    """Return the communities that reach the minimum by themselves, each as a group."""
    return _grouped(part, rules, [np.array([u]) for u in np.flatnonzero(_lone_big(part))])


def _grouped(part: Part, rules: Rules, groups: Sequence[Ints]) -> Groups:
    start = np.concatenate([[0], np.cumsum([len(g) for g in groups])]).astype(np.int64)
    flat = np.concatenate([*groups, np.zeros(0, np.int64)]).astype(np.int64)
    asked = pricing.task(rules, Goal(1.0, 0.0, np.zeros(part.units)))
    cost, center = search.costs(part.arrays, asked, start, flat)
    return Groups(start, flat, cost, center)


def solve_part(part: Part, rules: Rules, work: Work, clock: Clock) -> list[Answer]:
    """Solve one part; it may fall into several once the units that no lawful group holds are set aside."""
    if rules.exception_price is not None:
        return [_solve_connected(part, rules, work, clock)]
    hopeless = _hopeless(part, rules)
    if not hopeless.any():
        return [_solve_connected(part, rules, work, clock)]
    answers = [_solve_connected(p, rules, work, clock) for p in divided(part, ~hopeless, rules)]
    return [*answers, _left_out(part, np.flatnonzero(hopeless))]


def _hopeless(part: Part, rules: Rules) -> NDArray[np.bool_]:
    """Tell of each unit whether no lawful group holds it (and it is no host, which may stay alone)."""
    alone = _alone(part)
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


def _solve_connected(part: Part, rules: Rules, work: Work, clock: Clock) -> Answer:
    """Reach one goal after the other; each becomes a limit of the next."""
    listed = pricing.all_groups(part, rules, work.listed)
    solver: Solver = Listed(part, listed) if listed is not None else Priced(part, rules, work, clock)
    stage = _exceptions(part, rules, solver)
    if rules.most_areas:
        stage = _most_areas(part, solver, stage)
    best = _certain(solver.best(Goal(1.0, 0.0, stage.single, stage.limits)))
    out, hosts = _outside(part, best.single)
    return Answer(
        groups=tuple(sorted(part.communities(best.groups.of(k).tolist()) for k in range(len(best.groups)))),
        exceptions=out,
        hosts=hosts,
        exceptions_bound=stage.exceptions_bound,
        areas_bound=int(min(stage.areas_bound, most_areas_bound(part, rules))),
        cost=best.value,
        bound=min(best.bound, best.value),
        optimal=stage.proven and best.proven,
        method=solver.method,
        stopped=clock.stopped,
    )


@dataclass(frozen=True)
class Stage:
    """What the goals so far left: the price of single units (inf: not allowed), limits, bounds, whether all is proven."""

    single: Floats
    limits: tuple[Limit, ...] = ()
    exceptions_bound: int = 0
    areas_bound: float = np.inf
    proven: bool = True


def _exceptions(part: Part, rules: Rules, solver: Solver) -> Stage:
    """Settle who may be left out: nobody where that can be, else the fewest; or anybody at a price."""
    none_out = np.where(_alone(part), 0.0, np.inf)
    may_out = np.where(_lone_big(part), np.inf, 0.0)
    if rules.exception_price is not None:
        return Stage(may_out + rules.exception_price * part.out_households)
    if part.clean or solver.best(Goal(1.0, 0.0, none_out)) is not None:
        return Stage(none_out)
    households = int(part.out_households.sum())
    one = households + 1.0  # one community more weighs more than all households
    best = _certain(solver.best(Goal(0.0, 0.0, may_out + part.out_communities * one + part.out_households)))
    limits = tuple(
        Limit(0.0, counted.astype(np.float64), most=float(counted[best.single].sum()))
        for counted in (part.out_communities, part.out_households)
    )
    proven = best.value - best.bound < 0.5
    at_least = np.ceil((max(best.bound, 0.0) - households - 0.5) / one)
    return Stage(may_out, limits, int(limits[0].most if proven else max(0.0, at_least)), proven=proven)


def _most_areas(part: Part, solver: Solver, stage: Stage) -> Stage:
    """Settle how many areas there are; a host left alone is one."""
    hosts = part.arrays.hosts.astype(np.float64)
    single = np.where(np.isinf(stage.single), np.inf, -hosts)
    most = _certain(solver.best(Goal(0.0, 1.0, single, stage.limits)))
    bound = float(np.floor(-most.bound + SLACK))
    return replace(
        stage,
        limits=(*stage.limits, Limit(1.0, hosts, least=-most.value)),
        areas_bound=bound,
        proven=stage.proven and bound <= -most.value + SLACK,
    )


def _alone(part: Part) -> NDArray[np.bool_]:
    """Tell which units are a single host: it may stay alone at no cost."""
    alone: NDArray[np.bool_] = (np.diff(part.arrays.member_start) == 1) & (part.arrays.hosts == 1)
    return alone


def _lone_big(part: Part) -> NDArray[np.bool_]:
    """Tell which units are a single community that reaches the minimum: never an exception."""
    big: NDArray[np.bool_] = (np.diff(part.arrays.member_start) == 1) & (part.arrays.bigs == 1)
    return big


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
    return Answer((), out, hosts, len(out), len(hosts), 0.0, 0.0, True, "none", False)


def _outside(part: Part, units: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
    ids = part.communities(units.tolist())
    return tuple(i for i in ids if i not in part.hosts), tuple(i for i in ids if i in part.hosts)
