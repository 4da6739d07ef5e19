"""Most areas of a clean part: as many sets that reach the minimum as fit side by side, and a bound on how many do.

A unit that reaches the minimum alone is an area of its own. Between these large units the part falls into pieces, and
the areas of a piece are as many as minimal sets fit into it (optimizer.minimal); what they leave over joins a neighbour.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer import cutting, minimal, shifting
from optimizer.clock import Clock
from optimizer.covering import Extra, Groups, Relaxed, cover
from optimizer.instance import Floats, Ints, Part
from optimizer.rules import Rules
from optimizer.starting import costed, rounded

SEED = 88_172_645_463_325_252
HOT, COLD = 0.06, 0.0005  # of an area: how much worse the first and the last shifts may make things
ROUNDING = 1e-6


@dataclass(frozen=True)
class Effort:
    """How much work is spent on one piece, in counts; `*_a_set`, `*_a_unit`: steps for each."""

    sets: int = 60_000  # pieces with more minimal sets are shifted unit by unit
    listing: int = 3_000_000  # steps of listing
    conflicts: int = 40_000_000
    relaxed: int = 30_000  # sets in a relaxed problem
    rows: int = 12  # times that rows are added to it
    steps_a_set: tuple[int, ...] = (100, 1_000, 4_000)
    steps_a_unit: tuple[int, ...] = (3_000, 30_000, 150_000)
    nodes: int = 2_000  # branchings in the search for one more area


@dataclass(frozen=True)
class Piece:
    """A piece of the part between its large units: what is proven about its areas.

    `why` no more: "sum", its households suffice for no more; "relaxed", not even fractions of sets fit; "proven", all
    ways to fit one more were tried; "open" where none of these holds.
    """

    units: Ints
    areas: int
    bound: int
    why: str


@dataclass(frozen=True)
class Packing:
    """Lawful groups that cover a part; no plan of the part has more than `bound`. `why` as in Piece, the weakest there."""

    groups: Groups
    bound: int
    why: str
    pieces: tuple[Piece, ...]


def most(
    part: Part,
    rules: Rules,
    start: Groups,
    *,
    clock: Clock,
    effort: Effort | None = None,
    heard: Callable[[Groups, int], None] | None = None,
) -> Packing:
    """Return as many areas as can be found for a clean part that reaches the minimum, never fewer than `start` has.

    `heard` is told of each plan with more areas, and of each lower bound. Ends with the clock, else by counted work:
    then the plan depends on nothing but `part`, `rules`, `start` and `effort`.
    """
    large = np.flatnonzero(part.arrays.weight >= rules.minimum)
    searches = [Search(part, rules, units, effort or Effort()) for units in _pieces(part, large)]
    bound = len(large) + sum(s.piece.bound for s in searches)
    plan = start
    for _ in _rounds(searches, clock):
        lower = len(large) + sum(s.piece.bound for s in searches)
        found = len(large) + sum(s.piece.areas for s in searches)
        better = found > len(plan)
        if better:
            plan = _completed(part, rules, large, searches)
        if heard is not None and (better or lower < bound):
            heard(plan, lower)
        bound = lower
    pieces = tuple(s.piece for s in searches)
    reasons = [piece.why for piece in pieces] if len(plan) < bound else [p.why for p in pieces if p.why != "open"]
    weakest = max(reasons, key=("sum", "relaxed", "proven", "open").index, default="sum")
    return Packing(plan, bound, weakest, pieces)


def _pieces(part: Part, large: Ints) -> list[Ints]:
    """Return the units of each connected piece that is left without the large ones."""
    start, adjacent = part.arrays.adjacent_start, part.arrays.adjacent
    open_ = np.ones(part.units, bool)
    open_[large] = False
    pieces = []
    for first in range(part.units):
        if not open_[first]:
            continue
        open_[first] = False
        piece = [first]
        for u in piece:
            around = adjacent[start[u] : start[u + 1]]
            new = around[open_[around]]
            open_[new] = False
            piece += new.tolist()
        pieces.append(np.sort(np.array(piece, np.int64)))
    return pieces


def _rounds(searches: Sequence["Search"], clock: Clock) -> Iterator[None]:
    """Let each open piece take its next step in turn, and come up after each round of steps; the first is never left out."""
    steps = {k: search.steps(clock) for k, search in enumerate(searches)}
    while steps:
        for k in list(steps):
            if next(steps[k], None) is None or searches[k].piece.areas >= searches[k].piece.bound:
                del steps[k]
        yield
        if clock.over():
            return


def _completed(part: Part, rules: Rules, large: Ints, searches: Sequence["Search"]) -> Groups:
    """Return the plan of the large units and the sets found, with the rest put beside them."""
    chosen = [large[k : k + 1] for k in range(len(large))] + [group for s in searches for group in s.found]
    groups = costed(part, rules, chosen)
    return rounded(part, rules, groups, np.arange(len(groups)))


class Search:
    """The search for most areas in one piece: what is found and proven so far grows from step to step."""

    def __init__(self, part: Part, rules: Rules, units: Ints, effort: Effort) -> None:
        self._part, self._minimum, self._effort = part, rules.minimum, effort
        self.found: list[Ints] = []
        bound = int(part.arrays.weight[units].sum()) // rules.minimum
        self.piece = Piece(units, 0, bound, "open" if bound else "sum")

    def steps(self, clock: Clock) -> Iterator[bool]:
        """Search a little longer with each step, and prove in between."""
        if self.piece.bound == 0:
            return
        if self.piece.bound == 1:
            self._take([self.piece.units], "sum")
            return
        listed = minimal.minimal_sets(
            self._part.arrays, self._minimum, self.piece.units, self._effort.sets, self._effort.listing
        )
        conflicts = _Sets.of(self.piece.units, listed, self._effort.conflicts) if listed.complete else None
        if conflicts is None:
            yield from self._shift(clock)
        else:
            yield from self._pack(conflicts, clock)

    def _take(self, found: list[Ints], why: str) -> None:
        """Keep what was found where it is more; `why` holds where it is as many as the bound."""
        if len(found) > len(self.found):
            self.found = found
        areas, bound = len(self.found), self.piece.bound
        self.piece = replace(self.piece, areas=areas, why=why if areas >= bound else "open")

    def _lower(self, bound: int) -> None:
        self.piece = replace(self.piece, bound=min(bound, self.piece.bound))

    def _shift(self, clock: Clock) -> Iterator[bool]:
        """Anneal in ever longer rounds, each from the best so far, told to find one more."""
        town, units, n = self._part.arrays, self.piece.units, len(self.piece.units)
        state = np.array([SEED])
        for steps_a_unit in self._effort.steps_a_unit:
            label = np.full(len(town.weight), shifting.NOWHERE)
            label[units] = 0
            total, size = np.zeros(self.piece.bound, np.int64), np.zeros(self.piece.bound, np.int64)
            total[0], size[0] = town.weight[units].sum(), n
            legs = max(1, steps_a_unit * n // 1_000_000)
            steps = steps_a_unit * n // legs
            cooling = (COLD / HOT) ** (1_000 / (steps * legs))
            heat = HOT
            for _ in range(legs):
                best, _ = shifting.shifted(
                    town, self._minimum, units, label, total, size, state, steps, heat, cooling, self.piece.bound
                )
                heat *= cooling ** (steps // 1_000)
                self._take(self._reaching(best), "sum")
                yield True
                if self.piece.areas >= self.piece.bound or clock.over():
                    return

    def _reaching(self, label: Ints) -> list[Ints]:
        """Return the areas of `label` that reach the minimum."""
        units = self.piece.units[np.argsort(label[self.piece.units], kind="stable")]
        areas = np.split(units, np.flatnonzero(np.diff(label[units])) + 1)
        weight = self._part.arrays.weight
        return [np.sort(area) for area in areas if weight[area].sum() >= self._minimum]

    def _pack(self, sets: "_Sets", clock: Clock) -> Iterator[bool]:
        """Search among the listed sets, then bound, then longer, then try whether one more fits at all."""
        chosen, since = np.zeros(len(sets.groups), np.int64), np.zeros(len(sets.groups), np.int64)
        state = np.array([SEED])
        relaxed: _Fractions | None = None
        why = "sum"
        for steps_a_set in self._effort.steps_a_set:
            steps = max(10_000, steps_a_set * len(sets.groups))
            for leg in range(0, steps, 1_000_000):
                best, _ = minimal.most_sets(
                    sets.first, sets.conflict, chosen, since, state, min(1_000_000, steps - leg), self.piece.bound
                )
                self._take(sets.chosen(self.piece.units, best), why)
                yield True
                if self.piece.areas >= self.piece.bound or clock.over():
                    return
            if relaxed is None and len(sets.groups) <= self._effort.relaxed:
                relaxed = _Fractions.of(len(self.piece.units), sets.groups, self.piece.areas, self._effort.rows, clock)
                self._lower(int(relaxed.bound + ROUNDING))
                why = "relaxed"
                self._take([], why)
                yield True
        while relaxed is not None and self.piece.areas < self.piece.bound and not clock.over():
            if not self._one_more(sets, relaxed, clock):
                return
            yield True

    def _one_more(self, sets: "_Sets", relaxed: "_Fractions", clock: Clock) -> bool:
        """Fit one more area than found, or prove that none fits; False where the work did not suffice for either."""
        found, proven = relaxed.fit(len(self.piece.units), sets.groups, self.piece.areas + 1, self._effort.nodes, clock)
        if found is not None:
            self._take(sets.chosen(self.piece.units, found), "relaxed")
        elif proven:
            self._lower(self.piece.areas)
            self._take([], "proven")
        return found is not None or proven


@dataclass(frozen=True)
class _Sets:
    """Minimal sets of a piece (units numbered within it), and which of them share a unit."""

    groups: Groups
    first: Ints
    conflict: Ints

    @classmethod
    def of(cls, units: Ints, listed: minimal.Sets, conflicts: int) -> "_Sets | None":
        """Return the sets; None where too many of them share a unit."""
        local, count = np.searchsorted(units, listed.units), len(listed.start) - 1
        groups = Groups(listed.start, local, np.zeros(count), np.zeros(count, np.int64))
        holder_start, holder = cutting.holders_of(len(units), groups.start, groups.units)
        first, conflict = minimal.conflicts_of(groups.start, groups.units, holder_start, holder, conflicts)
        return cls(groups, first, conflict) if len(first) == count + 1 else None

    def chosen(self, units: Ints, mask: Ints) -> list[Ints]:
        """Return the sets of `mask` as units of the part."""
        return [units[self.groups.of(k)] for k in np.flatnonzero(mask)]


@dataclass(frozen=True)
class _Fractions:
    """How many sets fit when each may be taken in part: the bound, what each set lacks to pay, and the subset rows used."""

    bound: float
    lacking: Floats
    rows: tuple[Extra, ...]

    @classmethod
    def of(cls, units: int, groups: Groups, found: int, rounds: int, clock: Clock) -> "_Fractions":
        """Solve the relaxed problem, with rows added as long as the bound may come down to what was `found`.

        The bound holds for any prices ≥ 0 of units and rows: their sum, and what a set is short of 1 (by rounding only).
        """
        relaxed = Relaxed(units, groups, np.full(len(groups), -1.0), np.zeros(units))
        triples = np.zeros((0, 3), np.int64)
        group = cut = np.zeros(0, np.int64)
        for _ in range(rounds + 1):
            answer = relaxed.solve()
            price = np.maximum(-answer.duals, 0.0)
            paid = groups.sums(price[:units]) + np.bincount(group, price[units:][cut], len(groups))
            bound = float(price.sum() + np.maximum(1.0 - paid, 0.0).sum())
            if bound < found + 1 - ROUNDING or clock.over():
                break
            some = groups.take(answer.groups > ROUNDING)
            new, broken = cutting.broken_rows(units, some.start, some.units, answer.groups[answer.groups > ROUNDING])
            if len(new) == 0:
                break
            new = new[np.lexsort((*new.T[::-1], -np.round(broken, 6)))][:300]
            new_group, new_cut = _holding_two(units, groups, new)
            relaxed.cut(len(new), new_cut, new_group)
            group, cut = np.concatenate([group, new_group]), np.concatenate([cut, len(triples) + new_cut])
            triples = np.vstack([triples, new])
        counts = np.zeros((len(triples), len(groups)))
        counts[cut, group] = 1.0
        binding = price[units:] > ROUNDING
        rows = tuple(Extra(row, np.zeros(units + 1), -np.inf, 1.0) for row in counts[: len(binding)][binding])
        return cls(bound, paid - 1.0, rows)

    def fit(self, units: int, groups: Groups, areas: int, nodes: int, clock: Clock) -> tuple[Ints | None, bool]:
        """Return so many sets as a mask, or None and whether none fit.

        A set that pays too much more than 1 cannot be among so many. One unit is added that stands for giving up, at a price
        of 1: so there always is an answer, and its bound tells.
        """
        kept = np.flatnonzero(self.lacking <= self.bound - areas + ROUNDING)
        few = groups.take(kept)
        asked = Groups(
            np.append(few.start, few.start[-1] + 1),
            np.append(few.units, units),
            np.zeros(len(few) + 1),
            np.zeros(len(few) + 1, np.int64),
        )
        go_on = np.append(np.ones(len(few)), 0.0)
        give_up = np.zeros(units + 1)
        give_up[units] = 1.0
        rows = [replace(row, per_group=np.append(row.per_group[kept], 0.0)) for row in self.rows]
        rows.append(Extra(go_on, areas * give_up, float(areas), np.inf))
        answer = cover(units + 1, asked, asked.cost, give_up, rows, nodes=nodes, seconds=clock.left())
        if answer is None or (units in answer.single and not answer.proven):
            return None, False
        if units in answer.single:
            return None, True
        mask = np.zeros(len(groups), np.int64)
        mask[kept[answer.groups[answer.groups < len(few)]]] = 1
        return mask, False


def _holding_two(units: int, groups: Groups, triples: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(triples, axis=None, kind="stable")
    start = np.searchsorted(triples.ravel()[order], np.arange(units + 1)).astype(np.int64)
    return cutting.holding_two(groups.start, groups.units, start, order // 3, len(triples))
