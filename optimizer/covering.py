"""Exact cover over groups: the relaxed problem and its prices (GLOP), the whole-number problem (HiGHS)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from optimizer.instance import Floats, Ints


@dataclass(frozen=True)
class Groups:
    """Groups of units: `start` points into `units`; cost in household-metres; centre as community index."""

    start: Ints
    units: Ints
    cost: Floats
    center: Ints

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.cost)

    def of(self, k: int) -> Ints:
        """Return the units of group `k`, sorted."""
        return self.units[self.start[k] : self.start[k + 1]]

    def sums(self, profit: Floats) -> Floats:
        """Return the sum of `profit` over the units of each group."""
        return np.add.reduceat(profit[self.units], self.start[:-1]) if len(self) else np.zeros(0)

    def take(self, chosen: NDArray[np.bool_] | Ints) -> "Groups":
        """Return the chosen groups, given as mask or as positions."""
        rows = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        sizes = np.diff(self.start)[rows]
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        places = np.repeat(self.start[:-1][rows] - start[:-1], sizes) + np.arange(start[-1])
        return Groups(start, self.units[places], self.cost[rows], self.center[rows])


def no_groups() -> Groups:
    """Return an empty list of groups."""
    return Groups(np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))


def united(lists: Sequence[Groups]) -> Groups:
    """Return all groups of several lists, each set of units once (its first appearance)."""
    start = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(g.start) for g in lists]))]).astype(
        np.int64
    )
    every = Groups(
        start,
        np.concatenate([g.units for g in lists]),
        np.concatenate([g.cost for g in lists]),
        np.concatenate([g.center for g in lists]),
    )
    first = {every.of(k).tobytes(): k for k in reversed(range(len(every)))}
    return every.take(np.array(sorted(first.values()), np.int64))


@dataclass(frozen=True)
class Extra:
    """A row beside the cover: least ≤ Σ of what each group and each single counts ≤ most."""

    per_group: Floats
    per_single: Floats
    least: float
    most: float


def _model(
    units: int, groups: Groups, cost: Floats, single: Floats, extra: Sequence[Extra], *, whole: bool
) -> tuple[model_pb2.ModelProto, Ints]:
    """Return the model: a variable for each group, then one for each unit that may be single; and those units."""
    n, rows = len(groups), units + len(extra)
    allowed = np.flatnonzero(np.isfinite(single))
    total = n + len(allowed)
    model = model_pb2.ModelProto()
    variables = model.variables
    variables.ids.extend(range(total))
    variables.lower_bounds.extend([0.0] * total)
    variables.upper_bounds.extend([1.0 if whole else np.inf] * total)
    variables.integers.extend([whole] * total)
    constraints = model.linear_constraints
    constraints.ids.extend(range(rows))
    constraints.lower_bounds.extend([1.0] * units + [e.least for e in extra])
    constraints.upper_bounds.extend([1.0] * units + [e.most for e in extra])
    objective = np.concatenate([cost, single[allowed]])
    used = np.flatnonzero(objective)
    model.objective.linear_coefficients.ids.extend(used.tolist())
    model.objective.linear_coefficients.values.extend(objective[used].tolist())
    row = [groups.units, allowed]
    column = [np.repeat(np.arange(n), np.diff(groups.start)), np.arange(n, total)]
    value = [np.ones(len(groups.units)), np.ones(len(allowed))]
    for k, e in enumerate(extra):
        counts = np.concatenate([e.per_group, e.per_single[allowed]])
        some = np.flatnonzero(counts)
        row.append(np.full(len(some), units + k))
        column.append(some)
        value.append(counts[some])
    rows_, columns_, values_ = np.concatenate(row), np.concatenate(column), np.concatenate(value)
    order = np.lexsort((columns_, rows_))
    matrix = model.linear_constraint_matrix
    matrix.row_ids.extend(rows_[order].tolist())
    matrix.column_ids.extend(columns_[order].tolist())
    matrix.coefficients.extend(values_[order].tolist())
    return model, allowed


@dataclass(frozen=True)
class Cover:
    """Answer of the whole-number problem; `groups` are positions, `bound` holds for the problem that was asked."""

    groups: Ints
    single: Ints
    bound: float
    proven: bool
    by_clock: bool


def cover(
    units: int,
    groups: Groups,
    cost: Floats,
    single: Floats,
    extra: Sequence[Extra] = (),
    *,
    nodes: int | None = None,
    seconds: float | None = None,
) -> Cover | None:
    """Choose groups so that each unit is in exactly one or left single; None where nothing was found.

    `single` is the price of leaving a unit single, inf where that is not allowed.
    """
    model, allowed = _model(units, groups, cost, single, extra, whole=True)
    options = mathopt.SolveParameters(
        relative_gap_tolerance=0.0,
        absolute_gap_tolerance=1e-7,
        node_limit=nodes,
        time_limit=None if seconds is None else timedelta(seconds=max(seconds, 0.01)),
    )
    answer = mathopt.solve(mathopt.Model.from_model_proto(model), mathopt.SolverType.HIGHS, params=options)
    if not answer.has_primal_feasible_solution():
        return None
    values = answer.variable_values()
    taken = np.array(sorted(v.id for v, x in values.items() if x > 0.5), np.int64)
    n = len(groups)
    return Cover(
        taken[taken < n],
        allowed[taken[taken >= n] - n],
        float(answer.dual_bound()),
        answer.termination.reason == mathopt.TerminationReason.OPTIMAL,
        answer.termination.limit == mathopt.Limit.TIME,
    )


class Relaxed:
    """The relaxed cover (a linear program) that takes further groups and starts again from its last basis."""

    def __init__(
        self, units: int, groups: Groups, cost: Floats, single: Floats, extra: Sequence[Extra] = ()
    ) -> None:
        proto, self._allowed = _model(units, groups, cost, single, extra, whole=False)
        self._units = units
        self._model = mathopt.Model.from_model_proto(proto)
        self._rows = list(self._model.linear_constraints())
        self._variables = list(self._model.variables())
        self._groups = len(groups)
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)
        self._options = mathopt.SolveParameters(presolve=mathopt.Emphasis.OFF)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._solver.close()

    def add(self, groups: Groups, cost: Floats, per_group: Sequence[Floats] = ()) -> None:
        """Add columns; `per_group` is what they count in each extra row."""
        objective = self._model.objective
        for k in range(len(groups)):
            variable = self._model.add_variable(lb=0.0)
            objective.set_linear_coefficient(variable, float(cost[k]))
            for u in groups.of(k).tolist():
                self._rows[u].set_coefficient(variable, 1.0)
            for e, counts in enumerate(per_group):
                self._rows[self._units + e].set_coefficient(variable, float(counts[k]))

    def reprice(self, single: Floats) -> None:
        """Change what leaving a unit single costs, where it was allowed at first."""
        for k, u in enumerate(self._allowed.tolist()):
            self._model.objective.set_linear_coefficient(self._variables[self._groups + k], float(single[u]))

    def solve(self) -> tuple[float, Floats, Floats]:
        """Return the value, the dual of each row, and how far each unit is left single (0 where not allowed)."""
        answer = self._solver.solve(params=self._options)
        duals = np.array(answer.dual_values(self._rows))
        single = np.zeros(self._units)
        if len(self._allowed):
            single[self._allowed] = answer.variable_values(self._variables[self._groups :])
        return float(answer.objective_value()), duals, single
