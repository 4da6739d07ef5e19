"""The best choice of groups for one goal: from the whole list of them, or by pricing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from optimizer import bounding, pricing
from optimizer.bounding import Bound, Relaxation
from optimizer.clock import Clock
from optimizer.covering import Groups, cover, joined, united
from optimizer.improving import improve
from optimizer.instance import Ints, Part
from optimizer.lagrangian import lagrangian_bound
from optimizer.pricing import SLACK, Goal
from optimizer.relocating import relocated
from optimizer.rules import Rules
from optimizer.starting import rounded
from optimizer.work import Work

SHARES = (0.125, 0.25, 0.5, 1.0)  # of the gap: how far the lists reach, one after the other
STILL_OPEN = 0.95  # of the gap: where rows leave this much of it, further ones are not worth their time
LOOSE = 0.04  # of the value: where the bound stays farther away than that, it leads no search to a good plan
ROUNDS = (200, 3_000)  # in which prices settle, least and most,
FOR_BOUND = 0.25  # and the share of the time left for that
WHOLE = 1.0 - 1e-6  # what the relaxed cover takes to this part it takes whole


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
        return covered(self._part, goal, self._groups)


class Priced:
    """Solves by pricing: a bound over all lawful groups, a plan, and a list of all groups a better plan could hold.

    `plan` is a choice to begin with; `heard` is told of each better one, as soon as there is one.
    """

    method = "priced"

    def __init__(
        self,
        part: Part,
        rules: Rules,
        work: Work,
        clock: Clock,
        plan: Groups,
        heard: Callable[[Goal, Best], None],
    ) -> None:
        self._part, self._rules, self._work, self._clock, self._heard = part, rules, work, clock, heard
        self._plan = plan, np.setdiff1d(np.arange(part.units), plan.units)
        self._pool = united([plan, pricing.first_groups(part, rules)])

    def begin_with(self, plan: Groups) -> None:
        """Go on from this cover of the part."""
        self._plan = plan, np.zeros(0, np.int64)
        self._pool = united([self._pool, plan])

    def best(self, goal: Goal) -> Best | None:
        """Return the best choice within the limits of work."""
        relaxation = Relaxation(self._part, self._rules, goal, self._pool, self._clock)
        if goal.prices and len(self._plan[0]):
            relaxation.lead(self._plan[0])
        relaxation.converge()
        best = self._first(goal, relaxation.bound)
        if best is None:
            return None
        if goal.prices and best.value - best.bound > LOOSE * abs(best.value):
            best = self._relocated(goal, self._bounded(goal, best))
        for _ in range(self._work.tightenings if goal.prices else 0):
            before = best.value - best.bound
            if best.proven or self._clock.over() or not relaxation.tighten():
                break
            relaxation.converge()
            best = self._better(goal, relaxation.bound, best)
            if best.value - best.bound > STILL_OPEN * before:
                break
        bound = relaxation.bound
        if goal.prices and not best.proven:
            best = self._improved(goal, bound, best)
        if not best.proven and not self._clock.over():
            best = self._proven(goal, bound, best)
        self._plan = best.groups, best.single
        self._pool = united([bound.groups, best.groups])
        return best

    def _bounded(self, goal: Goal, best: Best) -> Best:
        """Return `best` with the bound that needs no groups, where that is the better one."""
        if goal.limits or not self._covers_whole(goal):
            return best
        rounds = np.clip(self._work.ascent // self._part.units, *ROUNDS)
        bound = lagrangian_bound(
            self._part, self._rules, best.value, rounds=int(rounds), clock=self._clock.share(FOR_BOUND)
        )
        best = replace(best, bound=max(best.bound, bound))
        self._heard(goal, best)
        return best

    def _relocated(self, goal: Goal, best: Best) -> Best:
        """Return what comes of moving single units over, where every unit must be in a group."""
        if not self._covers_whole(goal):
            return best
        fewest = max((int(limit.least) for limit in goal.limits), default=0)
        steps = self._work.moves * self._part.units
        groups = relocated(
            self._part, self._rules, best.groups, steps=steps, clock=self._clock, fewest=fewest
        )
        best = replace(best, groups=groups, value=goal.value(groups, best.single))
        self._heard(goal, best)
        return best

    def _first(self, goal: Goal, bound: Bound) -> Best | None:
        """Return the best choice at hand: the last plan, or from the groups met; None where neither will do."""
        value = goal.value(*self._plan)
        last = Best(*self._plan, value, bound.value) if np.isfinite(value) else None
        if last is not None and self._covers_whole(goal) and not goal.limits:
            return self._better(goal, bound, last)
        likely = bound.groups
        if len(likely) > self._work.columns and np.isfinite(bound.value):
            kept = np.argsort(bound.reduced(goal, likely), kind="stable")[: self._work.columns]
            likely = likely.take(np.sort(kept))
        found = covered(self._part, goal, likely, nodes=self._work.nodes // 5, clock=self._clock)
        if found is None or (last is not None and last.value <= found.value):
            return last
        return replace(found, bound=bound.value)

    def _better(self, goal: Goal, bound: Bound, best: Best) -> Best:
        """Return `best` with the bound, or what comes of rounding the relaxed cover where that is better."""
        best = replace(best, bound=max(best.bound, bound.value))
        if goal.limits or not self._covers_whole(goal):
            return best
        groups, order = self._pieced(goal, bound)
        plan = rounded(self._part, self._rules, groups, order)
        value = goal.value(plan, best.single)
        if value < best.value - SLACK:
            best = replace(best, groups=plan, value=value)
            self._heard(goal, best)
        return best

    def _covers_whole(self, goal: Goal) -> bool:
        """Tell whether every unit must be in a group and nothing but the minimum is in the way: then leftovers can be put beside."""
        return self._part.clean and bool(np.isinf(goal.single).all())

    def _pieced(self, goal: Goal, bound: Bound) -> tuple[Groups, Ints]:
        """Return groups that do not overlap: those the relaxed cover takes whole, and the best of the rest piece by piece.

        What it takes whole leaves pieces that no group met connects; each is covered by itself as far as that goes.
        """
        units = self._part.units
        whole = np.flatnonzero(bound.taken > WHOLE)
        settled = np.zeros(units, bool)
        settled[bound.groups.take(whole).units] = True
        free = ~np.logical_or.reduceat(settled[bound.groups.units], bound.groups.start[:-1])
        rest = bound.groups.take(free)
        if len(rest) > self._work.columns:
            kept = np.argsort(bound.reduced(goal, rest), kind="stable")[: self._work.columns]
            rest = rest.take(np.sort(kept))
        chosen = [bound.groups.take(whole)]
        for piece, groups in _pieces(units, rest):
            dear = np.full(len(piece), 10.0 * goal.of(groups).max() + 1.0)
            answer = cover(
                len(piece),
                Groups(groups.start, np.searchsorted(piece, groups.units), groups.cost, groups.center),
                goal.of(groups),
                dear,
                nodes=self._work.nodes,
                clock=self._clock,
            )
            if answer is not None:
                chosen.append(groups.take(answer.groups))
        together = joined(chosen)
        return together, np.arange(len(together))

    def _improved(self, goal: Goal, bound: Bound, best: Best) -> Best:
        def heard(plan: Groups) -> None:
            self._heard(goal, Best(plan, best.single, goal.value(plan, best.single), best.bound))

        groups = improve(
            self._part,
            self._rules,
            goal,
            bound,
            best.groups,
            work=self._work,
            clock=self._clock,
            heard=heard,
        )
        return replace(best, groups=groups, value=goal.value(groups, best.single))

    def _proven(self, goal: Goal, bound: Bound, best: Best) -> Best:
        """List the groups that a better choice may hold, the likely ones first, and solve that; proven with the last list.

        A part of the list gives a better choice, and that makes the next list shorter.
        """
        for share in SHARES:
            excess = share * (best.value - bound.value)
            most = max(self._work.listing, self._work.candidates * self._part.units)
            groups = bounding.within(self._part, self._rules, goal, bound, excess=excess, most=most)
            if groups is None or self._clock.over():
                return best
            found = covered(
                self._part,
                goal,
                united([best.groups, groups]),
                nodes=self._work.nodes,
                clock=self._clock,
            )
            if found is None:
                return best
            complete = best.value - bound.value <= excess + SLACK
            lower = max(best.bound, min(found.bound, best.value)) if complete else best.bound
            better = found if found.value < best.value - SLACK else best
            best = replace(better, bound=lower)
            self._heard(goal, best)
            if best.proven:
                return best
        return best


def covered(
    part: Part, goal: Goal, groups: Groups, *, nodes: int | None = None, clock: Clock | None = None
) -> Best | None:
    """Return the best choice from `groups`, with a bound on choices from them; None where none was found."""
    answer = cover(
        part.units, groups, goal.of(groups), goal.single, goal.rows(groups), nodes=nodes, clock=clock
    )
    if answer is None:
        return None
    chosen = groups.take(answer.groups)
    return Best(chosen, answer.single, goal.value(chosen, answer.single), answer.bound)


def _pieces(units: int, groups: Groups) -> list[tuple[Ints, Groups]]:
    """Return the pieces into which `groups` connect units, each with its groups."""
    if len(groups) == 0:
        return []
    first = np.repeat(groups.units[groups.start[:-1]], np.diff(groups.start))
    beside = coo_array((np.ones(len(first)), (first, groups.units)), shape=(units, units))
    _, piece = connected_components(beside, directed=False)
    of_group = piece[groups.units[groups.start[:-1]]]
    return [(np.flatnonzero(piece == p), groups.take(of_group == p)) for p in np.unique(of_group)]
