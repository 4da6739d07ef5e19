"""Exact cover over groups: the relaxed problem and its prices (GLOP), the whole-number problem (HiGHS)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    model_update_pb2,
    parameters_pb2,
    result_pb2,
    sparse_containers_pb2,
)
from ortools.math_opt.core.python import solver
from pybind11_abseil.status import StatusNotOk  # type: ignore[import-untyped]

from optimizer.clock import Clock
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


def joined(lists: Sequence[Groups]) -> Groups:
    """Return all groups of several lists, one list after the other."""
    sizes = np.concatenate([np.diff(g.start) for g in lists])
    return Groups(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([g.units for g in lists]),
        np.concatenate([g.cost for g in lists]),
        np.concatenate([g.center for g in lists]),
    )


def united(lists: Sequence[Groups]) -> Groups:
    """Return all groups of several lists, each set of units once (its first appearance)."""
    every = joined(lists)
    first = {every.of(k).tobytes(): k for k in reversed(range(len(every)))}
    return every.take(np.array(sorted(first.values()), np.int64))


@dataclass(frozen=True)
class Extra:
    """A row beside the cover: least ≤ Σ of what each group and each single counts ≤ most."""

    per_group: Floats
    per_single: Floats
    least: float
    most: float


def _matrix(
    units: int, groups: Groups, singles: Ints, extra: Sequence[Extra]
) -> tuple[list[int], list[int], list[float]]:
    """Return rows, columns and coefficients of the cover and its extra rows, in order of row, then column."""
    n = len(groups)
    row = [groups.units, singles]
    column = [np.repeat(np.arange(n), np.diff(groups.start)), np.arange(n, n + len(singles))]
    value = [np.ones(len(groups.units)), np.ones(len(singles))]
    for k, e in enumerate(extra):
        counts = np.concatenate([e.per_group, e.per_single[singles]])
        some = np.flatnonzero(counts)
        row.append(np.full(len(some), units + k))
        column.append(some)
        value.append(counts[some])
    rows, columns, values = np.concatenate(row), np.concatenate(column), np.concatenate(value)
    order = np.lexsort((columns, rows))
    return rows[order].tolist(), columns[order].tolist(), values[order].tolist()


def _model(
    units: int, groups: Groups, cost: Floats, single: Floats, extra: Sequence[Extra], *, whole: bool
) -> tuple[model_pb2.ModelProto, Ints]:
    """Return the model: a variable for each group, then one for each unit that may be single; and those units.

    Written as protocol buffers: a model built variable by variable takes longer than solving it.
    """
    singles = np.flatnonzero(np.isfinite(single))
    total = len(groups) + len(singles)
    model = model_pb2.ModelProto()
    variables = model.variables
    variables.ids.extend(range(total))
    variables.lower_bounds.extend([0.0] * total)
    variables.upper_bounds.extend([1.0 if whole else np.inf] * total)
    variables.integers.extend([whole] * total)
    constraints = model.linear_constraints
    constraints.ids.extend(range(units + len(extra)))
    constraints.lower_bounds.extend([1.0] * units + [e.least for e in extra])
    constraints.upper_bounds.extend([1.0] * units + [e.most for e in extra])
    objective = np.concatenate([cost, single[singles]])
    used = np.flatnonzero(objective)
    model.objective.linear_coefficients.ids.extend(used.tolist())
    model.objective.linear_coefficients.values.extend(objective[used].tolist())
    rows, columns, values = _matrix(units, groups, singles, extra)
    matrix = model.linear_constraint_matrix
    matrix.row_ids.extend(rows)
    matrix.column_ids.extend(columns)
    matrix.coefficients.extend(values)
    return model, singles


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
    clock: Clock | None = None,
) -> Cover | None:
    """Choose groups so that each unit is in exactly one or left single; None where nothing was found.

    `single` is the price of leaving a unit single, inf where that is not allowed.
    """
    model, singles = _model(units, groups, cost, single, extra, whole=True)
    asked = parameters_pb2.SolveParametersProto(
        relative_gap_tolerance=0.0, absolute_gap_tolerance=1e-7, node_limit=nodes
    )
    clock = clock or Clock(None)
    if (seconds := clock.left()) is not None:
        asked.time_limit.FromTimedelta(timedelta(seconds=max(seconds, 0.01)))
    answer = clock.unless_stopped(partial(_solved, model, asked))
    if answer is None and not clock.over():
        asked.presolve = parameters_pb2.EMPHASIS_OFF
        answer = clock.unless_stopped(partial(_solved, model, asked))
    by_clock = answer is not None and answer.termination.limit == result_pb2.LIMIT_TIME
    if by_clock:
        clock.hurry()
    if answer is None or not answer.solutions or not answer.solutions[0].HasField("primal_solution"):
        return None
    values = answer.solutions[0].primal_solution.variable_values
    ids, amounts = np.array(values.ids, np.int64), np.array(values.values)
    taken = ids[amounts > 0.5]
    n = len(groups)
    chosen = groups.take(taken[taken < n]).units
    if (np.bincount(np.concatenate([chosen, singles[taken[taken >= n] - n]]), minlength=units) != 1).any():
        return None  # a status is not to be trusted blindly (google/or-tools#3842)
    return Cover(
        taken[taken < n],
        singles[taken[taken >= n] - n],
        float(answer.termination.objective_bounds.dual_bound),
        answer.termination.reason == result_pb2.TERMINATION_REASON_OPTIMAL,
        by_clock,
    )


def _solved(
    model: model_pb2.ModelProto, asked: parameters_pb2.SolveParametersProto
) -> result_pb2.SolveResultProto | None:
    """Return the answer of HiGHS, None where it fails: its presolve does so on some models that are in order."""
    try:
        return solver.solve(
            model, parameters_pb2.SOLVER_TYPE_HIGHS, _INIT, asked, _NO_ZEROS, None, _NO_CALLBACK, None, None
        )
    except StatusNotOk:
        return None


_INIT = parameters_pb2.SolverInitializerProto()
_NO_CALLBACK = callback_pb2.CallbackRegistrationProto()
_NO_ZEROS = model_parameters_pb2.ModelSolveParametersProto(
    variable_values_filter=sparse_containers_pb2.SparseVectorFilterProto(skip_zero_values=True)
)


@dataclass(frozen=True)
class Loosened:
    """Answer of the relaxed problem: its value, the dual of each row, what each group and each single is taken for."""

    value: float
    duals: Floats
    groups: Floats
    single: Floats


class OutOfTimeError(Exception):
    """A relaxed problem takes longer than there is time for."""


class Relaxed:
    """The relaxed cover (a linear program) that takes further groups and rows, and starts again from its last basis."""

    def __init__(
        self, units: int, groups: Groups, cost: Floats, single: Floats, extra: Sequence[Extra] = ()
    ) -> None:
        proto, self._singles = _model(units, groups, cost, single, extra, whole=False)
        self._rows, self._columns = units + len(extra), len(groups) + len(self._singles)
        self._units = units
        self._column_of = np.arange(
            len(groups)
        )  # group → column: singles come between the first groups and the rest
        self._first_single = len(groups)
        self._leaning: Ints | None = None
        self._solver = solver.new(parameters_pb2.SOLVER_TYPE_GLOP, proto, _INIT)
        self._asked = parameters_pb2.SolveParametersProto(presolve=parameters_pb2.EMPHASIS_OFF)

    def add(self, groups: Groups, cost: Floats, rows: Ints, columns: Ints, values: Floats) -> None:
        """Add groups; `rows`, `columns` (positions in `groups`) and `values` are what they count beside the cover."""
        n = len(groups)
        ids = np.arange(self._columns, self._columns + n)
        update = model_update_pb2.ModelUpdateProto()
        update.new_variables.ids.extend(ids.tolist())
        update.new_variables.lower_bounds.extend([0.0] * n)
        update.new_variables.upper_bounds.extend([np.inf] * n)
        update.new_variables.integers.extend([False] * n)
        update.objective_updates.linear_coefficients.ids.extend(ids.tolist())
        update.objective_updates.linear_coefficients.values.extend(cost.tolist())
        self._set(
            update,
            np.concatenate([groups.units, rows]),
            ids[np.concatenate([np.repeat(np.arange(n), np.diff(groups.start)), columns])],
            np.concatenate([np.ones(len(groups.units)), values]),
        )
        self._column_of = np.concatenate([self._column_of, ids])
        self._columns += n

    def lean(self, toward: Floats, leeway: float) -> None:
        """Let each unit be covered `leeway` more or less than once for the price `toward`: duals lean that way.

        Of many duals that are as good, those nearest to `toward` are chosen (du Merle et al. 1999); what may be left out
        or held twice is worth little where the leeway is small.
        """
        n = 2 * self._units
        update = model_update_pb2.ModelUpdateProto()
        if self._leaning is None:
            self._leaning = np.arange(self._columns, self._columns + n)
            update.new_variables.ids.extend(self._leaning.tolist())
            update.new_variables.lower_bounds.extend([0.0] * n)
            update.new_variables.upper_bounds.extend([leeway] * n)
            update.new_variables.integers.extend([False] * n)
            self._columns += n
            rows = np.tile(np.arange(self._units), 2)
            self._set(update, rows, self._leaning, np.repeat([1.0, -1.0], self._units))
            update = model_update_pb2.ModelUpdateProto()
        update.variable_updates.upper_bounds.ids.extend(self._leaning.tolist())
        update.variable_updates.upper_bounds.values.extend([leeway] * n)
        update.objective_updates.linear_coefficients.ids.extend(self._leaning.tolist())
        update.objective_updates.linear_coefficients.values.extend([*toward.tolist(), *(-toward).tolist()])
        self._solver.update(update)

    def cut(self, count: int, rows: Ints, columns: Ints) -> None:
        """Add so many rows that allow one group each; `rows` and `columns` (groups as added) say which group counts where."""
        update = model_update_pb2.ModelUpdateProto()
        update.new_linear_constraints.ids.extend(range(self._rows, self._rows + count))
        update.new_linear_constraints.lower_bounds.extend([-np.inf] * count)
        update.new_linear_constraints.upper_bounds.extend([1.0] * count)
        self._set(update, self._rows + rows, self._column_of[columns], np.ones(len(rows)))
        self._rows += count

    def reprice(self, single: Floats) -> None:
        """Change what leaving a unit single costs, where it was allowed at first."""
        update = model_update_pb2.ModelUpdateProto()
        ids = range(self._first_single, self._first_single + len(self._singles))
        update.objective_updates.linear_coefficients.ids.extend(ids)
        update.objective_updates.linear_coefficients.values.extend(single[self._singles].tolist())
        self._solver.update(update)

    def solve(self, seconds: float | None = None) -> Loosened:
        """Solve, and return what each group is taken for in the order they were added (single: 0 where not allowed).

        Raises OutOfTimeError where that takes longer than `seconds`; it goes on from there when asked again.
        """
        self._asked.ClearField("time_limit")
        if seconds is not None:
            self._asked.time_limit.FromTimedelta(timedelta(seconds=seconds))
        answer = self._solver.solve(self._asked, _NO_ZEROS, None, _NO_CALLBACK, None, None)
        if seconds is not None and answer.termination.reason != result_pb2.TERMINATION_REASON_OPTIMAL:
            raise OutOfTimeError
        primal, dual = answer.solutions[0].primal_solution, answer.solutions[0].dual_solution
        taken, duals = np.zeros(self._columns), np.zeros(self._rows)
        taken[list(primal.variable_values.ids)] = primal.variable_values.values
        duals[list(dual.dual_values.ids)] = dual.dual_values.values
        single = np.zeros(self._units)
        single[self._singles] = taken[self._first_single :][: len(self._singles)]
        return Loosened(float(primal.objective_value), duals, taken[self._column_of], single)

    def _set(
        self, update: model_update_pb2.ModelUpdateProto, rows: Ints, columns: Ints, values: Floats
    ) -> None:
        order = np.lexsort((columns, rows))
        matrix = update.linear_constraint_matrix_updates
        matrix.row_ids.extend(rows[order].tolist())
        matrix.column_ids.extend(columns[order].tolist())
        matrix.coefficients.extend(values[order].tolist())
        self._solver.update(update)
