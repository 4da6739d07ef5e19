"""One part of the graph, goal after goal: exceptions, then (where asked) areas, then cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

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

    def __init__(self, part: Part, groups: Groups, clock: Clock) -> None:
        self._part, self._groups, self._clock = part, groups, clock

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
            groups = pricing.within(self._part, self._rules, goal, bound, excess, self._work.candidates)
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
    sizes = np.diff(part.arrays.member_start)
    alone = np.flatnonzero((sizes == 1) & (part.arrays.bigs == 1))
    return _grouped(part, rules, [np.array([u]) for u in alone])


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


def _hopeless(part: Part, rules: Rules) -> np.ndarray:
    """Tell of each unit whether no lawful group holds it (and it is no host, which may stay alone)."""
    alone = np.array([part.host_alone(u) for u in range(part.units)])
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
    groups = pricing.all_groups(part, rules, work.listed)
    solver: Solver = Listed(part, groups, clock) if groups is not None else Priced(part, rules, work, clock)
    arrays = part.arrays
    alone = np.array([part.host_alone(u) for u in range(part.units)])
    lone_big = (np.diff(arrays.member_start) == 1) & (arrays.bigs == 1)
    none_out = np.where(alone, 0.0, np.inf)
    may_out = np.where(lone_big, np.inf, 0.0)
    kept: tuple[Limit, ...] = ()
    exceptions_bound, proven = 0, True

    if rules.exception_price is not None:
        single = may_out + rules.exception_price * part.out_households
    else:
        single = none_out
        best = None if part.clean else solver.best(Goal(1.0, 0.0, single))
        if best is None and not part.clean:
            single = may_out
            exceptions_bound, proven, kept = _fewest_exceptions(part, solver, may_out)
    areas_bound = most_areas_bound(part, rules)
    if rules.most_areas:
        goal = Goal(0.0, 1.0, single=np.where(np.isinf(single), np.inf, -1.0 * arrays.hosts), limits=kept)
        most = solver.best(goal)
        assert most is not None
        areas = round(-most.value)
        areas_bound = int(min(np.floor(-most.bound + 1e-6), areas_bound))
        proven = proven and areas == areas_bound
        kept = (*kept, Limit(1.0, arrays.hosts.astype(np.float64), least=float(areas)))
    best = solver.best(Goal(1.0, 0.0, single, kept))
    assert best is not None
    return _answer(part, best, solver.method, exceptions_bound, areas_bound, proven, clock)


def _fewest_exceptions(part: Part, solver: Solver, may_out: Floats) -> tuple[int, bool, tuple[Limit, ...]]:
    """Return the bound on exceptions, whether the choice found is proven, and the limits that keep it."""
    households = int(part.out_households.sum())
    worth = part.out_communities * (households + 1.0) + part.out_households
    best = solver.best(Goal(0.0, 0.0, may_out + worth))
    assert best is not None
    out = Limit(
        0.0, part.out_communities.astype(np.float64), most=float(part.out_communities[best.single].sum())
    )
    out_households = Limit(
        0.0, part.out_households.astype(np.float64), most=float(part.out_households[best.single].sum())
    )
    proven = best.value - best.bound < 0.5
    bound = (
        int(out.most)
        if proven
        else max(0, int(np.ceil((max(best.bound, 0.0) - households - 0.5) / (households + 1))))
    )
    return bound, proven, (out, out_households)


def most_areas_bound(part: Part, rules: Rules) -> int:
    """Return a bound on the number of areas: one for each heavy unit or host, and ⌊sum / minimum⌋ for each piece between."""
    heavy = (part.arrays.weight >= rules.minimum) | (part.arrays.hosts > 0)
    pieces = divided(part, ~heavy, rules)
    return int(heavy.sum()) + sum(int(p.arrays.weight.sum()) // rules.minimum for p in pieces)


def _answer(
    part: Part, best: Best, method: str, exceptions_bound: int, areas_bound: int, proven: bool, clock: Clock
) -> Answer:
    groups = tuple(sorted(part.communities(best.groups.of(k).tolist()) for k in range(len(best.groups))))
    out, hosts = _outside(part, best.single)
    return Answer(
        groups,
        out,
        hosts,
        exceptions_bound,
        areas_bound,
        best.value,
        min(best.bound, best.value),
        proven and best.proven,
        method,
        clock.stopped,
    )


def _left_out(part: Part, units: Ints) -> Answer:
    out, hosts = _outside(part, units)
    return Answer((), out, hosts, len(out), len(hosts), 0.0, 0.0, True, "none", False)


def _outside(part: Part, units: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
    ids = part.communities(units.tolist())
    return tuple(i for i in ids if i not in part.hosts), tuple(i for i in ids if i in part.hosts)
