"""Alternatives: the next best plans that differ from one another, and what is proven of each.

All parts are covered again together, so that the difference falls where it costs least, over the groups that a plan
within so much of the bound can hold: where the answer is within that much, no other group could have made it better.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

import networkx as nx
import numpy as np

from geo.schema import DataError
from optimizer import bounding, pricing
from optimizer.bounding import Bound, Relaxation
from optimizer.candidates import area_cost
from optimizer.clock import Clock
from optimizer.covering import Cover, Extra, Groups, cover, joined, united
from optimizer.instance import Floats, Instance, Ints, Part, prepare
from optimizer.plan import Plan, regroup
from optimizer.pricing import SLACK, Goal, Limit
from optimizer.rules import Rules
from optimizer.solving import PROVEN, Certificate, SolveOptions, solve
from optimizer.staging import pieces
from optimizer.starting import costed, lone_big, lone_host
from optimizer.work import Work

MOST = 5
FIRST_SLACK = 1e-4  # of the cost: how far above the best plan groups are listed at first,
WIDER = 4.0  # times as far while that holds no such plan, or none as good


def alternatives(
    graph: "nx.Graph[str]",
    rules: Rules,
    k: int,
    *,
    different: float,
    options: SolveOptions | None = None,
    instance: Instance | None = None,
    best: tuple[Plan, Certificate] | None = None,
) -> list[tuple[Plan, Certificate]]:
    """Return up to `k` plans, the best first, each the cheapest that differs enough from all before it.

    Two plans differ in a community whose company differs: it shares its area with others than before, or is in one only
    in one of them. At least the share `different` (above 0, at most 1) of the communities that the search may group
    (neither held, excluded, fixed nor locked) must. Every plan leaves out no more communities and households than the
    best one, with `most_areas` it has no fewer areas, both in each connected part. A certificate's `bound` is what any
    plan as different costs at least, over all lawful groups; areas that stay keep their ids. Fewer plans come back where
    there are no more, or none more could be found within the limits of work. Where the best is not proven, one of the
    others may cost less.

    `best` is what `solve` returned for the same graph and rules, where the caller has it already; `options.seconds` are
    for the search of the others, besides. Raises DataError
    `optimizer.alternatives_*` for numbers that make no sense, and as `solve`.
    """
    if not 1 <= k <= MOST:
        raise DataError("optimizer.alternatives_number", given=k, most=MOST)
    if not 0 < different <= 1:
        raise DataError("optimizer.alternatives_share", given=different)
    options = options or SolveOptions()
    instance = instance or prepare(graph, rules)
    plan, certificate = best or solve(graph, rules, options, instance=instance)
    found = [(plan, certificate)]
    clock = Clock(options.seconds)
    if k > 1:
        town = _town(instance, rules, found[0], options.work, clock, different=different)
        for chosen in _others(town, rules, options.work, clock, k - 1):
            other = regroup(plan, graph, town.communities, chosen.groups)
            found.append((other, _certified(graph, rules, found, other, chosen)))
    return found


def regrouped(before: Plan, after: Plan) -> tuple[str, ...]:
    """Return the communities whose company differs between two plans of the same communities, sorted."""
    was, now = ({m: a.members for a in plan.areas for m in a.members} for plan in (before, after))
    return tuple(sorted(i for i in before.outcomes if was.get(i) != now.get(i)))


# --- what alternatives are chosen from -------------------------------------------------------------


@dataclass(frozen=True)
class _Piece:
    """A connected part with its goal, and all groups that it may hold in a plan up to `slack` above the least.

    `bound` is of the relaxed cover, `least` what the piece counts at least in any plan.
    """

    part: Part
    goal: Goal
    bound: Bound
    least: float
    groups: Groups
    slack: float

    def widened(self, rules: Rules, slack: float, work: Work) -> "_Piece":
        """Return the piece with groups up to `slack`, as far as they can be listed."""
        most = max(work.listing, work.candidates * self.part.units)
        if not np.isfinite(self.bound.value):  # the clock was up before there was a bound
            return replace(self, groups=united([self.groups, self.bound.groups]))
        excess = slack + self.least - self.bound.value
        groups = bounding.within(self.part, rules, self.goal, self.bound, excess=excess, most=most)
        if groups is None:  # those met on the way to the bound are better than none
            return replace(self, groups=united([self.groups, self.bound.groups]))
        return replace(self, groups=united([self.groups, groups]), slack=slack)


@dataclass(frozen=True)
class _Town:
    """All pieces; `kept` is how many of their communities may keep their company at most, `first` the best plan's choices."""

    pieces: tuple[_Piece, ...]
    kept: float
    first: tuple["_Choice", ...]

    @property
    def communities(self) -> tuple[str, ...]:
        """Return the communities that are grouped again."""
        return tuple(i for piece in self.pieces for i in piece.part.ids)

    @property
    def least(self) -> float:
        """Return what any plan counts at least."""
        return sum(piece.least for piece in self.pieces)


@dataclass(frozen=True)
class _Choice:
    """What a plan chose in a piece: its groups as bytes of their units, and the units it left single."""

    groups: frozenset[bytes]
    single: frozenset[int]


@dataclass(frozen=True)
class _Chosen:
    """A plan of all pieces: the areas, and how far its cost and the least of any such plan lie above the town's least."""

    groups: tuple[tuple[str, ...], ...]
    above: float
    bound: float
    stopped_by: str | None


def _town(
    instance: Instance,
    rules: Rules,
    best: tuple[Plan, Certificate],
    work: Work,
    clock: Clock,
    *,
    different: float,
) -> _Town:
    plan, certificate = best
    bound_of = {row.first_id: row.bound for row in certificate.parts}
    split = [pieces(part, rules) for part in instance.parts]
    parts = [part for _, workable in split for part in workable]
    areas = {area.members[0]: area.members for area in plan.areas}
    chosen = [_choice(part, areas) for part in parts]
    made = [
        _piece(part, rules, choice, bound_of[part.ids[0]], work, clock)
        for part, choice in zip(parts, chosen, strict=True)
    ]
    communities = sum(len(part.ids) for part in instance.parts)
    within = sum(len(part.ids) for part in parts)
    changed = max(1, ceil(different * communities - SLACK))
    return _Town(tuple(made), float(within - changed), tuple(chosen))


def _choice(part: Part, areas: dict[str, tuple[str, ...]]) -> _Choice:
    """Return what a plan, given as its areas by their first members, chose in a part."""
    index = {i: k for k, i in enumerate(part.ids)}
    groups = []
    for i in part.ids:
        members = areas.get(i, ())
        if members and not (len(members) == 1 and i in part.hosts):
            groups.append(np.unique(part.arrays.unit_of[[index[m] for m in members]]))
    covered = np.concatenate([*groups, np.zeros(0, np.int64)])
    single = np.setdiff1d(np.arange(part.units), covered)
    return _Choice(frozenset(g.tobytes() for g in groups), frozenset(single.tolist()))


def _piece(part: Part, rules: Rules, choice: _Choice, least: float, work: Work, clock: Clock) -> _Piece:
    """Return a piece with the groups of the best plan, and its bound made as tight as `work` allows."""
    goal = _goal(part, rules, choice)
    start = costed(part, rules, sorted((np.frombuffer(g, np.int64) for g in choice.groups), key=tuple))
    relaxation = Relaxation(part, rules, goal, united([start, pricing.first_groups(part, rules)]), clock)
    relaxation.converge()
    for _ in range(work.tightenings):
        if least - relaxation.bound.value <= SLACK or clock.over() or not relaxation.tighten():
            break
        relaxation.converge()
    bound = relaxation.bound
    return _Piece(part, goal, bound, max(least, bound.value), start, -np.inf)


def _goal(part: Part, rules: Rules, choice: _Choice) -> Goal:
    """Return the goal of least cost where the goals before it are as good as in the best plan."""
    single = np.fromiter(choice.single, np.int64)
    hosts = part.arrays.hosts.astype(np.float64)
    limits: list[Limit] = []
    if rules.exception_price is not None:
        prices = np.where(lone_big(part), np.inf, rules.exception_price * part.out_households)
    elif part.out_communities[single].any():
        prices = np.where(lone_big(part), np.inf, 0.0)
        limits += [
            Limit(0.0, counted.astype(np.float64), most=float(counted[single].sum()))
            for counted in (part.out_communities, part.out_households)
        ]
    else:
        prices = np.where(lone_host(part), 0.0, np.inf)
    if rules.most_areas:
        limits.append(Limit(1.0, hosts, least=float(len(choice.groups) + hosts[single].sum())))
    return Goal(1.0, 0.0, prices, tuple(limits))


# --- one after the other ---------------------------------------------------------------------------


def _others(town: _Town, rules: Rules, work: Work, clock: Clock, number: int) -> Iterator[_Chosen]:
    """Yield so many plans, each unlike the best one and all before; the lists of groups grow as they must."""
    if not town.pieces:
        return
    earlier = [town.first]
    scale = max(1.0, abs(town.least))
    slack = FIRST_SLACK * scale
    town = _widened(town, rules, slack, work)
    for _ in range(number):
        answer = _covered(town, earlier, clock)
        while not clock.over():
            wanted = _value(town, answer) if answer else np.inf
            if wanted <= slack + SLACK:
                break  # what is not listed could only be in a plan that counts more; or everything is listed
            slack = min(wanted, WIDER * slack) if slack < scale else wanted
            town = _widened(town, rules, slack, work)
            answer = _covered(town, earlier, clock)
        if answer is None:
            return
        earlier.append(_choices(town, answer))
        yield _chosen(town, answer)


def _widened(town: _Town, rules: Rules, slack: float, work: Work) -> _Town:
    return replace(
        town, pieces=tuple(p.widened(rules, slack, work) if p.slack < slack else p for p in town.pieces)
    )


def _covered(town: _Town, earlier: Sequence[Sequence[_Choice]], clock: Clock) -> Cover | None:
    """Cover all pieces at once; what counts is the cost above the duals, so that the numbers stay small."""
    offset, groups = _together(town)
    units = int(offset[-1])
    duals = np.concatenate([piece.bound.units for piece in town.pieces])
    single = np.concatenate([piece.goal.single for piece in town.pieces]) - duals
    return cover(
        units,
        groups,
        groups.cost - groups.sums(duals),
        single,
        [*_limits(town, offset), *(_kept(town, offset, choices) for choices in earlier)],
        clock=clock,
    )


def _together(town: _Town) -> tuple[Ints, Groups]:
    """Return the first unit of each piece (and the number of all), and all groups in units of the town."""
    offset = np.concatenate([[0], np.cumsum([piece.part.units for piece in town.pieces])]).astype(np.int64)
    lists = [
        replace(piece.groups, units=piece.groups.units + first)
        for piece, first in zip(town.pieces, offset[:-1], strict=True)
    ]
    return offset, joined(lists)


def _limits(town: _Town, offset: Ints) -> Iterator[Extra]:
    """Yield the limits of each piece as rows over the whole town."""
    sizes = [len(piece.groups) for piece in town.pieces]
    of_piece = np.repeat(np.arange(len(sizes)), sizes)
    for number, piece in enumerate(town.pieces):
        for limit in piece.goal.limits:
            per_single = np.zeros(offset[-1])
            per_single[offset[number] : offset[number + 1]] = limit.per_single
            yield Extra(limit.per_group * (of_piece == number), per_single, limit.least, limit.most)


def _kept(town: _Town, offset: Ints, choices: Sequence[_Choice]) -> Extra:
    """Return the row that counts the communities whose company is that of an earlier plan."""
    per_group: list[Floats] = []
    per_single = np.zeros(offset[-1])
    for piece, first, choice in zip(town.pieces, offset[:-1], choices, strict=True):
        size = np.diff(piece.part.arrays.member_start).astype(np.float64)
        same = np.array([piece.groups.of(g).tobytes() in choice.groups for g in range(len(piece.groups))])
        per_group.append(np.where(same, piece.groups.sums(size), 0.0))
        single = np.fromiter(choice.single, np.int64)
        per_single[first + single] = size[single]
    return Extra(np.concatenate(per_group), per_single, -np.inf, town.kept)


def _value(town: _Town, answer: Cover) -> float:
    """Return how far a choice lies above the least of the town."""
    _, groups = _together(town)
    single = np.concatenate([piece.goal.single for piece in town.pieces])
    return float(groups.cost[answer.groups].sum() + single[answer.single].sum()) - town.least


def _choices(town: _Town, answer: Cover) -> tuple[_Choice, ...]:
    first_unit, first_group = 0, 0
    choices = []
    for piece in town.pieces:
        group = answer.groups - first_group
        single = answer.single - first_unit
        mine = group[(group >= 0) & (group < len(piece.groups))]
        left = single[(single >= 0) & (single < piece.part.units)]
        choices.append(
            _Choice(frozenset(piece.groups.of(g).tobytes() for g in mine), frozenset(left.tolist()))
        )
        first_unit, first_group = first_unit + piece.part.units, first_group + len(piece.groups)
    return tuple(choices)


def _chosen(town: _Town, answer: Cover) -> _Chosen:
    """Return the plan of an answer: its areas, hosts that stay alone too, and what is proven.

    A plan that counts less than the slack above the least holds groups of the lists only: so the answer's bound, or the
    slack where that is less, bounds all.
    """
    areas: list[tuple[str, ...]] = []
    for piece, choice in zip(town.pieces, _choices(town, answer), strict=True):
        areas += [piece.part.communities(np.frombuffer(g, np.int64).tolist()) for g in choice.groups]
        areas += [(i,) for i in piece.part.communities(choice.single) if i in piece.part.hosts]
    worth = sum(float(piece.bound.units.sum()) for piece in town.pieces)
    slack = min(piece.slack for piece in town.pieces)
    bound = min(answer.bound + worth - town.least, slack)
    return _Chosen(tuple(sorted(areas)), _value(town, answer), bound, "clock" if answer.by_clock else None)


def _certified(
    graph: "nx.Graph[str]",
    rules: Rules,
    found: Sequence[tuple[Plan, Certificate]],
    other: Plan,
    chosen: _Chosen,
) -> Certificate:
    """Return what is proven about an alternative; its cost is computed again from its areas."""
    (first, best), (_, last) = found[0], found[-1]
    gone, new = ({area.members for area in plan.areas} for plan in (first, other))
    out = [i for i, outcome in other.outcomes.items() if outcome == "exception"]
    households = sum(graph.nodes[i]["count"] for i in out)
    cost = best.cost + (rules.exception_price or 0.0) * (households - best.exception_households)
    cost += sum(area_cost(graph, rules, members).total for members in sorted(new - gone))
    cost -= sum(area_cost(graph, rules, members).total for members in sorted(gone - new))
    bound = min(cost, max(last.bound, cost - chosen.above + chosen.bound))
    optimal = cost - bound <= PROVEN * max(1.0, cost)
    return replace(
        best,
        exceptions=len(out),
        exception_households=households,
        cost=cost,
        bound=cost if optimal else bound,
        gap=0.0 if optimal else (cost - bound) / cost,
        areas=len(other.areas),
        status="optimal" if optimal else "feasible",
        stopped_by=None if optimal else chosen.stopped_by,
        parts=(),
    )
