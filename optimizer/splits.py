"""Whether a connected group can be split into two connected groups that each reach the minimum.

Written for `checks` alone, so that what judges a plan shares no code with what made it.
"""

from collections.abc import Iterator, Mapping

import networkx as nx

Unit = tuple[str, ...]  # communities that stay together

LIMIT = 100_000  # connected subsets looked at in one block before the search gives up


def can_split(units: "nx.Graph[Unit]", weight: Mapping[Unit, int], minimum: int) -> bool:
    """Return whether two connected parts of `units` can each weigh `minimum` or more.

    Exact, by these steps. At a cut vertex v the part without v lies in one component P of what is left; all else hangs
    together at v and counts as its weight, so only P with v remains to be asked. A block without cut vertices splits
    at a vertex that reaches the minimum alone if the rest does too. Otherwise an st-numbering (Lempel, Even and
    Cederbaum 1967: every prefix and every suffix is connected) has a prefix that reaches the minimum and weighs less
    than the minimum plus the heaviest vertex; the rest suffices where the block weighs twice the minimum plus the
    heaviest less one. What remains is searched; a block with more than LIMIT connected subsets counts as not
    splittable, so that the check never accuses without proof.
    """
    total = sum(weight[u] for u in units)
    if total < 2 * minimum or len(units) < 2:
        return False
    cut = next(iter(nx.articulation_points(units)), None)
    if cut is not None:
        return _splits_at(cut, units, weight, minimum)
    heaviest = max(weight[u] for u in units)
    if heaviest >= minimum:
        return total - heaviest >= minimum
    if total >= 2 * minimum - 1 + heaviest:
        return True
    return any(
        minimum <= sum(weight[u] for u in part) <= total - minimum
        and nx.is_connected(units.subgraph(set(units) - part))
        for part in _connected_parts(units, weight, total - minimum)
    )


def _splits_at(cut: Unit, units: "nx.Graph[Unit]", weight: Mapping[Unit, int], minimum: int) -> bool:
    total = sum(weight[u] for u in units)
    parts = [set(part) for part in nx.connected_components(units.subgraph(set(units) - {cut}))]
    weights = [sum(weight[u] for u in part) for part in parts]
    if any(minimum <= w <= total - minimum for w in weights):
        return True
    return any(
        can_split(units.subgraph({*part, cut}).copy(), {**weight, cut: total - w}, minimum)
        for part, w in zip(parts, weights, strict=True)
    )


def _connected_parts(units: "nx.Graph[Unit]", weight: Mapping[Unit, int], most: int) -> Iterator[set[Unit]]:
    """Yield connected sets around one vertex that weigh at most `most`, each once, LIMIT at most."""
    root = next(iter(units))
    seen = {frozenset([root])}
    waiting = [frozenset([root])]
    while waiting and len(seen) <= LIMIT:
        part = waiting.pop()
        yield set(part)
        inside = sum(weight[u] for u in part)
        for u in {n for member in part for n in units[member]} - part:
            grown = part | {u}
            if grown not in seen and inside + weight[u] <= most:
                seen.add(grown)
                waiting.append(grown)
