"""Many cases of one town: a part that is the same in two of them is solved once."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

import networkx as nx

from optimizer.clock import Clock
from optimizer.dispatching import Task, solve_parts
from optimizer.instance import Part, prepare
from optimizer.plan import Plan
from optimizer.rules import Rules
from optimizer.solving import Certificate, SolveOptions, concluded
from optimizer.staging import Answer

Known = Mapping[str, list[Answer]]
NOTHING_KNOWN: Known = MappingProxyType({})


def solve_sharing(
    graph: "nx.Graph[str]", rules: Rules, options: SolveOptions, known: Known = NOTHING_KNOWN
) -> tuple[Plan, Certificate, Known]:
    """Return what `solve` returns, and all answers known after it; parts with an answer in `known` are not solved again.

    `known` comes from earlier calls with the same `options.work`, for whatever graphs and rules. Answers that the clock
    cut short are not kept. Raises DataError as `solve`.
    """
    instance = prepare(graph, rules)
    keys = [part_key(part, rules) for part in instance.parts]
    new = [k for k, key in enumerate(keys) if key not in known]
    solved = solve_parts(
        [instance.parts[k] for k in new],
        Task(rules, options.work),
        Clock(options.seconds),
        workers=options.workers,
        heard=lambda _: None,
    )
    answer_of = {**known, **{keys[k]: answers for k, answers in zip(new, solved, strict=True)}}
    plan, certificate = concluded(graph, rules, instance, [answer_of[key] for key in keys])
    whole = {key: answers for key, answers in answer_of.items() if all(a.stopped_by is None for a in answers)}
    return plan, certificate, whole


def part_key(part: Part, rules: Rules) -> str:
    """Return a name for all that the answer of a part depends on: what it is made of, and the rules that matter there.

    Most prices are in its arrays already, where they can matter; a price on what the part does not hold is left away.
    """
    arrays, prices = part.arrays, rules.prices
    heavy = int(arrays.weight.sum()) > rules.upper
    matters = (
        rules.minimum,
        None
        if rules.exception_price is None
        else float(rules.exception_price),  # 5000 and 5000.0 are one price
        rules.most_areas,
        float(prices.join_self_sufficient) if arrays.joins.any() else None,
        (rules.upper, rules.upper_hard, float(prices.upper_per_household)) if heavy else None,
    )
    digest = hashlib.sha256(repr((part.ids, sorted(part.hosts), part.clean, matters)).encode())
    for name, values in arrays._asdict().items():
        digest.update(name.encode())
        digest.update(values.tobytes() if hasattr(values, "tobytes") else repr(values).encode())
    digest.update(part.out_communities.tobytes() + part.out_households.tobytes())
    return digest.hexdigest()
