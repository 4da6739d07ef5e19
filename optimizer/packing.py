"""Most areas of a clean part: as many sets that reach the minimum as fit side by side, and a bound on how many do.

A unit that reaches the minimum alone is an area of its own. Between these large units the part falls into pieces, and
the areas of a piece are as many as minimal sets fit into it (optimizer.minimal); what they leave over joins a neighbour.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from optimizer import cutting, fitting, minimal, shifting
from optimizer.chance import first_state
from optimizer.clock import Clock
from optimizer.covering import Groups
from optimizer.fitting import Fit
from optimizer.instance import Ints, Part
from optimizer.pricing import SLACK
from optimizer.rules import Rules
from optimizer.starting import costed, rounded
from optimizer.work import Effort

HOT, COLD = 0.06, 0.0005  # of an area: how much worse the first and the last shifts may make things
LEG = 1_000_000  # steps between two looks at the clock
ENDED = object()


@dataclass(frozen=True)
class Piece:
    """A piece of the part between its large units: how many areas were found in it, and that it has no more than `bound`.

    `why`: "sum", its households suffice for no more; "relaxed", no more fit even where sets may be taken in part;
    "proven", all ways to fit one more were tried.
    """

    units: Ints
    areas: int
    bound: int
    why: str


@dataclass(frozen=True)
class Packing:
    """Lawful groups that cover a part; no plan of the part has more than `bound`.

    `why` is "open" where there are fewer than that, else the furthest that any piece had to go: "sum", "relaxed", "proven".
    """

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
    effort: Effort,
    heard: Callable[[Groups, int], None] | None = None,
) -> Packing:
    """Return as many areas as can be found for a clean part that reaches the minimum, never fewer than `start` has.

    `heard` is told of each plan with more areas, and of each lower bound. Ends with the clock, else by counted work:
    then the plan depends on nothing but `part`, `rules`, `start` and `effort`.
    """
    large = np.flatnonzero(part.arrays.weight >= rules.minimum)
    searches = [Search(part, rules, units, effort) for units in _pieces(part, large)]
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
        if len(plan) >= bound:
            break
    pieces = tuple(s.piece for s in searches)
    furthest = max((piece.why for piece in pieces), key=("sum", "relaxed", "proven").index, default="sum")
    return Packing(plan, bound, furthest if len(plan) >= bound else "open", pieces)


def _pieces(part: Part, large: Ints) -> list[Ints]:
    """Return the units of each connected piece that is left without the large ones."""
    small = np.ones(part.units, bool)
    small[large] = False
    near = part.arrays.adjacent
    here = np.repeat(np.arange(part.units), np.diff(part.arrays.adjacent_start))
    inside = small[here] & small[near]
    links = coo_array((np.ones(inside.sum()), (here[inside], near[inside])), shape=(part.units, part.units))
    _, piece = connected_components(links, directed=False)
    return [np.flatnonzero(piece == number) for number in np.unique(piece[small])]


def _rounds(searches: Sequence["Search"], clock: Clock) -> Iterator[None]:
    """Let each open piece take its next step in turn, and come up after each round; the first round is never left out."""
    waiting = [(search, search.steps(clock)) for search in searches]
    while True:
        waiting = [(s, steps) for s, steps in waiting if next(steps, ENDED) is not ENDED and not s.settled]
        yield
        if not waiting or clock.over():
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
        self.piece = Piece(units, 0, bound, "sum")

    @property
    def settled(self) -> bool:
        """Tell whether no more areas are possible."""
        return self.piece.areas >= self.piece.bound

    def steps(self, clock: Clock) -> Iterator[None]:
        """Search a little longer with each step, and prove in between."""
        if self.piece.bound == 1:
            self._take([self.piece.units])
        if self.piece.bound <= 1:
            return
        sets = self._listed()
        fit = None
        for _ in self._shift() if sets is None else self._search(sets):
            yield
            if fit is None and sets is not None:
                fit = self._relax(sets, clock)
                yield
        while fit is not None and not self.settled and self._one_more(fit, clock):
            yield

    def _take(self, found: list[Ints]) -> None:
        """Keep what was found where it is more."""
        if len(found) > len(self.found):
            self.found = found
            self.piece = replace(self.piece, areas=len(found))

    def _lower(self, bound: int, why: str) -> None:
        """Keep a bound where it is lower."""
        if bound < self.piece.bound:
            self.piece = replace(self.piece, bound=bound, why=why)

    def _listed(self) -> Groups | None:
        """Return all minimal sets, units numbered within the piece; None where they are too many."""
        town, units = self._part.arrays, self.piece.units
        listed = minimal.minimal_sets(town, self._minimum, units, self._effort.sets, self._effort.listing)
        count = len(listed.start) - 1
        local = np.searchsorted(units, listed.units)
        return (
            Groups(listed.start, local, np.zeros(count), np.zeros(count, np.int64))
            if listed.complete
            else None
        )

    def _search(self, sets: Groups) -> Iterator[None]:
        """Search among the listed sets, or unit by unit where too many of them share units."""
        holder_start, holder = cutting.holders_of(len(self.piece.units), sets.start, sets.units)
        first, conflict = minimal.conflicts_of(
            sets.start, sets.units, holder_start, holder, self._effort.conflicts
        )
        if len(first) <= len(sets):
            yield from self._shift()
            return
        chosen, since, state = np.zeros(len(sets), np.int64), np.zeros(len(sets), np.int64), first_state()
        for steps_a_set in self._effort.steps_a_set:
            for steps in _legs(max(10_000, steps_a_set * len(sets))):
                best, _ = minimal.most_sets(first, conflict, chosen, since, state, steps, self.piece.bound)
                self._take([self.piece.units[sets.of(k)] for k in np.flatnonzero(best).tolist()])
                yield

    def _shift(self) -> Iterator[None]:
        """Anneal unit by unit in ever longer rounds, each from one single area on."""
        town, units, state = self._part.arrays, self.piece.units, first_state()
        for steps_a_unit in self._effort.steps_a_unit:
            label = np.full(len(town.weight), shifting.NOWHERE)
            label[units] = 0
            total, size = np.zeros((2, self.piece.bound), np.int64)
            total[0], size[0] = town.weight[units].sum(), len(units)
            heat, cooling = HOT, (COLD / HOT) ** (1 / (steps_a_unit * len(units)))
            for steps in _legs(steps_a_unit * len(units)):
                best, _ = shifting.shifted(
                    town,
                    self._minimum,
                    units,
                    label,
                    total,
                    size,
                    state,
                    steps,
                    heat,
                    cooling,
                    self.piece.bound,
                )
                heat *= cooling**steps
                self._take(self._reaching(best))
                yield

    def _reaching(self, label: Ints) -> list[Ints]:
        """Return the areas of `label` that reach the minimum."""
        units = self.piece.units[np.argsort(label[self.piece.units], kind="stable")]
        areas = np.split(units, np.flatnonzero(np.diff(label[units])) + 1)
        return [area for area in areas if self._part.arrays.weight[area].sum() >= self._minimum]

    def _relax(self, sets: Groups, clock: Clock) -> Fit:
        """Bound the areas by fractions of sets."""
        fit = fitting.fractions(
            len(self.piece.units), sets, found=self.piece.areas, rounds=self._effort.rounds, clock=clock
        )
        self._lower(int(fit.bound + SLACK), "relaxed")
        return fit

    def _one_more(self, fit: Fit, clock: Clock) -> bool:
        """Fit one more area than found, or prove that none fits; False where the work did not suffice for either."""
        chosen, none = fitting.fitted(fit, self.piece.areas + 1, nodes=self._effort.nodes, clock=clock)
        if chosen is not None:
            self._take([self.piece.units[fit.sets.of(k)] for k in chosen.tolist()])
        elif none:
            self._lower(self.piece.areas, "proven")
        return chosen is not None or none


def _legs(steps: int) -> list[int]:
    """Return `steps` in legs of no more than LEG."""
    return [min(LEG, steps - done) for done in range(0, steps, LEG)]
