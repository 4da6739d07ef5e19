"""What is at fault with the areas of a plan, in the few kinds that a map tells apart without colour."""

from collections.abc import Iterable, Mapping

import networkx as nx
import pandas as pd

from report.results import Results

BELOW_MINIMUM, CUT_OFF, CROSSING, BROKEN, OPENED = "below_minimum", "cut_off", "crossing", "broken", "opened"
KINDS = (CROSSING, CUT_OFF, BELOW_MINIMUM, BROKEN)  # the one that a planner must see first, first
_KIND_OF_RULE: Mapping[str, str] = {
    "minimum": BELOW_MINIMUM,
    "connection": CUT_OFF,
    "barriers": CROSSING,
    "within": CROSSING,
}
_STANDS_BETWEEN = ("barrier", "within")  # causes of refused links


def faults_of(results: Results) -> dict[str, tuple[str, ...]]:
    """Return by area which KINDS of faults the checks found, in that order, whether accepted or not.

    An area in pieces also crosses a bound where one lies between two of its pieces.
    """
    areas = results.areas.index
    found = results.violations[results.violations["place_id"].isin(areas)]
    kinds: dict[str, set[str]] = {}
    for area_id, rule in zip(found["place_id"], found["rule"], strict=True):
        kinds.setdefault(str(area_id), set()).add(_KIND_OF_RULE.get(str(rule), BROKEN))
    for area_id in _parted_by_bounds(results, [a for a, own in kinds.items() if CUT_OFF in own]):
        kinds[area_id].add(CROSSING)
    return {area_id: tuple(kind for kind in KINDS if kind in own) for area_id, own in kinds.items()}


def cut_off(results: Results) -> frozenset[str]:
    """Return the communities that hang together with less of their area than others do, where it lies in pieces."""
    broken = results.violations["place_id"][results.violations["rule"] == "connection"]
    pieces = _pieces(results, broken).values()
    return frozenset(community for found in pieces for piece in found[1:] for community in piece)


def opened(results: Results) -> frozenset[str]:
    """Return the areas in which somebody opened a bound: members of both sides, by links given by hand."""
    area_of = results.communities["area_id"]
    links = results.links[results.links["kind"] == "given"]
    if links.empty:
        return frozenset()
    inside = links[area_of.reindex(links["a"]).to_numpy() == area_of.reindex(links["b"]).to_numpy()]
    never = _never(results)
    across = (
        inside["crosses"].map(lambda classes: not never.isdisjoint(str(classes).split("、"))).astype(bool)
    )
    for column in results.summary.get("within", ()):
        if column in results.communities.columns:
            sides = results.communities[column].fillna("").astype("str")
            one, other = (sides.reindex(inside[end]).to_numpy() for end in ("a", "b"))
            across |= (one != other) & (one != "") & (other != "")
    return frozenset(area_of.reindex(inside["a"][across.astype(bool)]).dropna())


def _never(results: Results) -> set[str]:
    """Return the barrier classes that no area crosses, as far as the plan holds such barriers."""
    barriers = results.layers.get("barriers")
    if barriers is None or "never" not in barriers.columns:
        return set()
    return set(barriers["barrier_class"][barriers["never"].astype(bool)].astype("str"))


def _parted_by_bounds(results: Results, areas: Iterable[str]) -> list[str]:
    """Return those of the areas between whose pieces a bound was the cause that a link was refused."""
    refused = results.refused_links
    causes = refused["cause"].str.partition(":")[0] if len(refused) else pd.Series([], dtype="str")
    bounds = refused[causes.isin(_STANDS_BETWEEN).to_numpy()]
    found = []
    for area_id, pieces in _pieces(results, areas).items():
        piece_of = {c: n for n, piece in enumerate(pieces) for c in piece}
        ends = zip(bounds["a"].map(piece_of), bounds["b"].map(piece_of), strict=True)
        if any(pd.notna(a) and pd.notna(b) and a != b for a, b in ends):
            found.append(area_id)
    return found


def _pieces(results: Results, areas: Iterable[str]) -> dict[str, list[list[str]]]:
    """Return the pieces of each of these areas, those with most communities first."""
    area_of = results.communities["area_id"]
    area_of = area_of[area_of.isin(list(areas))]
    town: nx.Graph[str] = nx.Graph()
    town.add_nodes_from(area_of.index)
    for table in (results.links, results.pairs[results.pairs["kind"] == "together"]):
        inside = table[(table["a"].map(area_of) == table["b"].map(area_of)).to_numpy(dtype=bool)]
        town.add_edges_from(zip(inside["a"], inside["b"], strict=True))
    pieces: dict[str, list[list[str]]] = {}
    for piece in sorted((sorted(p) for p in nx.connected_components(town)), key=lambda p: (-len(p), p)):
        pieces.setdefault(str(area_of[piece[0]]), []).append(piece)
    return pieces
