"""The optimizer's parts hold together: what solving makes passes the checks, and what reasons promise comes true."""

from collections.abc import Iterator

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.checks import check
from optimizer.reasons import Reason, opened, reasons
from optimizer.rules import Rules
from optimizer.solving import solve
from tests.towns import town

CAUSES = ("within:committee", "not_adjacent")
COUNTS = (None, 10, 20, 30, 40, 60, 90, 110, 160)
SCOPES = ("to_group",) * 6 + ("fixed", "host", "excluded")


@st.composite
def towns(draw):
    """A town of up to nine communities, some links refused, with the rules that can keep communities out."""
    ids = "abcdefghi"[: draw(st.integers(2, 9))]
    width = draw(st.integers(2, 4))
    tokens = [f"{i}{'?' if (c := draw(st.sampled_from(COUNTS))) is None else c}" for i in ids]
    rows = [" ".join(tokens[n : n + width]) for n in range(0, len(tokens), width)]
    apart = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=2))
    graph = town(
        "\n".join(rows),
        scope={i: draw(st.sampled_from(SCOPES)) for i in ids},
        apart=[(a, b) for a, b in apart if a != b],
    )
    fates = {edge: draw(st.sampled_from(("", "", "", *CAUSES))) for edge in sorted(graph.edges)}
    no = pd.DataFrame(
        [(*e, 5.0, why) for e, why in fates.items() if why], columns=["a", "b", "gap_m", "cause"]
    )
    graph.remove_edges_from([edge for edge, why in fates.items() if why])
    return graph, no, Rules(upper=draw(st.sampled_from([120, 500])), upper_hard=draw(st.booleans()))


def linked(graph, pairs):
    mended = graph.copy()
    mended.add_edges_from(pairs, gap_m=5.0, crosses=(), wall_m=0.0, kind="given")
    return mended


def counted(graph, ids, households):
    """The graph with these held communities surveyed, and `households` in all of them together."""
    surveyed = graph.copy()
    for community in ids:
        surveyed.nodes[community]["count"] = 1
    surveyed.nodes[ids[0]]["count"] = max(1, households - len(ids) + 1)
    return surveyed


def mended(graph, reason: Reason) -> Iterator:
    """Yield the graph after each change that the reason says would help."""
    numbers, repair = reason.numbers, reason.repair
    if repair is not None and "links" in repair.numbers:
        yield linked(graph, [(w.a, w.b) for w in repair.numbers["links"]])
    if reason.code == "neighbour_held":
        yield counted(graph, [numbers["neighbour_id"]], numbers["need"])
        yield counted(graph, list(repair.numbers["community_ids"]), repair.numbers["need"])
    if numbers.get("case") == "apart":
        changed = graph.copy()
        changed.graph["apart"] = [p for p in graph.graph["apart"] if tuple(sorted(p)) not in numbers["pairs"]]
        yield changed
    if numbers.get("case") in ("fixed", "excluded"):
        changed = graph.copy()
        (neighbour,) = numbers["neighbour_ids"]
        changed.nodes[neighbour]["scope"] = "host" if numbers["case"] == "fixed" else "to_group"
        yield changed


def exceptions(plan):
    return sum(outcome == "exception" for outcome in plan.outcomes.values())


@settings(derandomize=True, max_examples=60, deadline=None)
@given(towns())
def test_solved_plans_are_lawful_and_reasons_come_true(drawn):
    graph, no, rules = drawn
    plan, _ = solve(graph, rules)
    assert check(plan, graph, rules) == []
    for community, its in reasons(plan, graph, rules, refused=no).items():
        for reason in its:
            assert reason.code != "could_join"
            for changed in mended(graph, reason):
                assert exceptions(solve(changed, rules)[0]) < exceptions(plan)
            if reason.code == "count_unknown":
                surveyed, _ = solve(counted(graph, [community], reason.numbers["need"]), rules)
                assert surveyed.outcomes[community] in ("grouped", "alone", "fixed")
    for cause in CAUSES:
        pairs = no.loc[no["cause"] == cause, ["a", "b"]].itertuples(index=False, name=None)
        fewer = exceptions(plan) - exceptions(solve(linked(graph, pairs), rules)[0])
        assert fewer >= opened(plan, graph, rules, no, cause)
